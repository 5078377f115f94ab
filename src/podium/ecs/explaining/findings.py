"""What was found, how bad it is, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """A problem keeps something from running, a warning soon may, and a note is good to know."""

    PROBLEM = "problem"
    WARNING = "warning"
    NOTE = "note"


WORST_FIRST = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Finding:
    """`about` names what it is of: a container, a setting, the service."""

    severity: Severity
    about: str
    sentence: str
    advice: str


def problem(about: str, sentence: str, advice: str) -> Finding:
    return Finding(Severity.PROBLEM, about, sentence, advice)


def warning(about: str, sentence: str, advice: str) -> Finding:
    return Finding(Severity.WARNING, about, sentence, advice)


def note(about: str, sentence: str, advice: str) -> Finding:
    return Finding(Severity.NOTE, about, sentence, advice)


def in_order(found: list[Finding]) -> list[Finding]:
    """Each once, the worst first."""
    return sorted(dict.fromkeys(found), key=lambda finding: WORST_FIRST.index(finding.severity))
