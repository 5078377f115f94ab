"""Filter patterns: which log events are wanted.

Terms in any text, `{ ... }` in JSON, `[ ... ]` in lines of columns.
Source: Amazon CloudWatch Logs User Guide, "Filter pattern syntax for metric filters, subscription filters, filter log
events, and Live Tail".
"""

from podium.logs.patterns import columns, objects, terms
from podium.logs.patterns.matching import Matcher


def parsed(text: str) -> Matcher:
    """A pattern of nothing but blanks wants every event. Raises Invalid."""
    stripped = text.strip()
    if stripped.startswith("{"):
        return objects.parsed(stripped)
    if stripped.startswith("["):
        return columns.parsed(stripped)
    return terms.parsed(stripped)
