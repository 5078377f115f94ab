"""What is written is what there is, whatever of it was written before."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from amounts import examples
from podium_proxy.keeping import Texts

MAPPINGS = st.dictionaries(st.sampled_from("abcd"), st.lists(st.integers(0, 2), max_size=2))


@settings(max_examples=examples(50))
@given(st.lists(MAPPINGS, min_size=1, max_size=5))
def test_texts_hold_the_mapping_that_was_given_last(mappings):
    texts, held = Texts(), {}
    for mapping in mappings:
        held = {key: held[key] if held.get(key) == value else value for key, value in mapping.items()}
        assert dict(json.loads(texts.pairs(held))) == held
