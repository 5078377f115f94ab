"""Every member that AWS's documentation shows in an answer is in Podium's, but for those that are told here."""

import pytest

from parity.documented import Example, examples, members
from parity.tour import answers
from podium.server.front import SERVICES

ANSWERED = sorted(name for name in SERVICES["ecs"].operations if examples(name))
LEAST_EXAMPLES = 41  # those of awscli 1.46; fewer would mean that the pages are no longer understood

NOT_YET = {
    "network interfaces of a task's own": ("networkInterfaces.",),
    "Amazon EBS volumes of a task that was placed": ("tasks.attachments",),
    "a slip of the documentation": ("taskkDefinition",),
}
WORDS = tuple(word for words in NOT_YET.values() for word in words)


@pytest.fixture(scope="module")
def shown() -> dict[str, set[str]]:
    return answers()


def cases() -> list[tuple[str, Example]]:
    return [(name, example) for name in ANSWERED for example in examples(name)]


def test_the_documentation_is_understood() -> None:
    assert len(cases()) >= LEAST_EXAMPLES


@pytest.mark.parametrize(("operation", "example"), cases(), ids=lambda value: getattr(value, "command", value)[:60])
def test_documented_members_are_there(shown: dict[str, set[str]], operation: str, example: Example) -> None:
    missing = members(example.answer) - shown[operation]
    assert sorted(path for path in missing if not any(word in path for word in WORDS)) == []


def test_what_is_said_to_be_missing_is_missing(shown: dict[str, set[str]]) -> None:
    """So that the table above shrinks as Podium grows."""
    documented = {path for name, example in cases() for path in members(example.answer) - shown[name]}
    assert [word for word in WORDS if not any(word in path for path in documented)] == []
