"""Words that are on no list of the model."""

from typing import Any

import pytest

from podium.wire import words
from podium.wire.model import operation_model


def told(request: dict[str, Any]) -> str | None:
    return words.complaint(operation_model("elbv2", "CreateListener").input_shape, request)


def test_words_on_the_lists_are_passed_over() -> None:
    assert told({"LoadBalancerArn": "x", "Protocol": "HTTP", "DefaultActions": [{"Type": "forward"}]}) is None
    assert words.complaint(None, {}) is None


def test_every_other_one_is_named_with_its_place() -> None:
    sentence = told({"Protocol": "http", "DefaultActions": [{"Type": "forward"}, {"Type": "sideways"}]})
    assert sentence is not None
    assert sentence.startswith(
        "2 validation errors detected: Value 'http' at 'protocol' failed to satisfy constraint: "
    )
    assert "Value 'sideways' at 'defaultActions.2.member.type' failed" in sentence


@pytest.mark.parametrize("word", ["", "HTTPS "])
def test_words_are_taken_literally(word: str) -> None:
    assert told({"Protocol": word}) is not None
