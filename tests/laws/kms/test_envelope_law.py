"""A cipher text opens with the key, the context and the bytes that it was made with, and with nothing else."""

import uuid

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from podium.kms import envelope
from podium.kms.errors import InvalidCiphertext

arns = st.uuids().map(lambda identity: f"arn:aws:kms:us-east-1:123456789012:key/{identity}")
materials = st.binary(min_size=32, max_size=32)
contexts = st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3)


@given(materials, arns, st.binary(max_size=200), contexts)
def test_what_was_sealed_comes_back_and_says_its_key(
    material: bytes, arn: str, plain: bytes, context: dict[str, str]
) -> None:
    blob = envelope.sealed(material, arn, plain, context)
    assert envelope.opened(material, arn, blob, dict(reversed(context.items()))) == plain
    assert arn.endswith(envelope.key_id(blob))
    assert blob != envelope.sealed(material, arn, plain, context)


@given(materials, arns, contexts, contexts, arns, st.data())
def test_nothing_opens_that_is_not_just_what_was_sealed(
    material: bytes, arn: str, context: dict[str, str], other: dict[str, str], another: str, data: st.DataObject
) -> None:
    blob = envelope.sealed(material, arn, b"plain", context)
    assume(other != context)
    assume(another != arn)
    at = data.draw(st.integers(17, len(blob) - 1))
    damaged = blob[:at] + bytes([blob[at] ^ data.draw(st.integers(1, 255))]) + blob[at + 1 :]
    wrong = bytes(byte ^ 1 for byte in material)
    for attempt in (
        (material, arn, blob, other),
        (material, another, blob, context),
        (material, arn, damaged, context),
        (wrong, arn, blob, context),
        (material, arn, blob[:-1], context),
    ):
        with pytest.raises(InvalidCiphertext):
            envelope.opened(*attempt)


@given(st.binary(max_size=40))
def test_junk_names_a_key_or_is_refused(blob: bytes) -> None:
    try:
        uuid.UUID(envelope.key_id(blob))
    except InvalidCiphertext:
        assert len(blob) <= 29 or blob[:1] != envelope.FORMAT
