"""Regular expressions in patterns and queries."""

from podium.kernel import regexes
from podium.logs.errors import Invalid


class Regex(regexes.Regex):
    """Raises Invalid for what is none."""

    def __init__(self, text: str) -> None:
        try:
            super().__init__(text)
        except regexes.NotARegex as error:
            raise Invalid(f"Invalid regular expression: {error}") from error
