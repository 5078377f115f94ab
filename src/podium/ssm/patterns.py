"""Whether a value is what an AllowedPattern allows."""

from podium.kernel.regexes import NotARegex, Regex
from podium.ssm.errors import InvalidPattern, PatternMismatch


def check(pattern: str, value: str) -> None:
    """Raises InvalidPattern, PatternMismatch."""
    try:
        allowed = Regex(pattern)
    except NotARegex as error:
        raise InvalidPattern from error
    if not allowed.is_all_of(value):
        raise PatternMismatch(pattern)
