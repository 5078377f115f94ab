"""The key outside the database, and what is sealed with it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.kernel.sealing import Unsealable
from podium.server import keyring
from podium.server.config import ConfigError
from podium.server.keyring import Keyring

RING = Keyring({"1": bytes(32), "2": bytes(range(32))})


@given(st.text(), st.text())
def test_what_was_sealed_is_opened_for_the_same_record_alone(text: str, about: str) -> None:
    sealed = RING.seal(text, about)
    assert RING.unseal(sealed, about) == text
    assert sealed != RING.seal(text, about)
    with pytest.raises(Unsealable):
        RING.unseal(sealed, about + "x")


def test_an_older_key_still_opens_and_the_newest_seals() -> None:
    old = Keyring({"1": bytes(32)}).seal("secret", "arn")
    assert RING.unseal(old, "arn") == "secret"
    assert RING.seal("secret", "arn").startswith("2:")
    with pytest.raises(Unsealable, match="sealed with key 2"):
        Keyring({"1": bytes(32)}).unseal(RING.seal("secret", "arn"), "arn")


def test_proofs_differ_by_purpose_and_by_installation() -> None:
    other = Keyring({"1": bytes([7] * 32)})
    assert len({RING.mac("a", b"x"), RING.mac("b", b"x"), RING.mac("a", b"y"), other.mac("a", b"x")}) == 4


def test_it_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    sealed = keyring.opened(tmp_path).seal("secret", "arn")
    assert keyring.opened(tmp_path).unseal(sealed, "arn") == "secret"
    assert (tmp_path / keyring.FILE).stat().st_mode & 0o077 == 0


def test_a_damaged_keyring_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / keyring.FILE).write_text("{")
    with pytest.raises(ConfigError, match="Restore it from a backup"):
        keyring.opened(tmp_path)
    assert (tmp_path / keyring.FILE).read_text() == "{"
