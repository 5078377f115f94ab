"""Regular expressions in patterns, between percent signs: a small part of the usual syntax, without groups."""

import re

from podium.logs.patterns.matching import InvalidPattern
from podium.logs.regexes import Regex

_ALLOWED = re.compile(r"[A-Za-z0-9 :_#=@/;,\-^$?\[\]{}|\\*+.]+")


def regex(text: str) -> Regex:
    """Raises InvalidPattern for what the syntax does not know, Invalid for what it cannot say."""
    if _ALLOWED.fullmatch(text) is None:
        raise InvalidPattern(f"the regular expression %{text}% has characters that are not supported")
    return Regex(text)
