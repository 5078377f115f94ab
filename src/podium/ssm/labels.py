"""Labels: other names of versions. A label is on one version of a parameter, and moves when it is put on another.

Source: Systems Manager User Guide, "Working with parameter labels".
"""

import re
from collections.abc import Iterable, Sequence

from podium.ssm.errors import TooManyLabels
from podium.ssm.records import ParameterVersion
from podium.store.records import replace

MOST = 10
_LABEL = re.compile(r"(?!\d)(?!aws|ssm)[A-Za-z0-9_.\-]+", re.IGNORECASE)


def sorted_out(given: Iterable[str]) -> tuple[list[str], list[str]]:
    """Those that may be labels, and those that may not."""
    asked = list(dict.fromkeys(given))
    good = [label for label in asked if _LABEL.fullmatch(label)]
    return good, [label for label in asked if label not in good]


def put(versions: Iterable[ParameterVersion], number: int, labels: Sequence[str]) -> list[ParameterVersion]:
    """The versions whose labels change when version `number` gets these. Raises TooManyLabels."""
    return [after for before in versions if (after := _after(before, number, labels)) != before]


def _after(version: ParameterVersion, number: int, labels: Sequence[str]) -> ParameterVersion:
    kept = tuple(label for label in version.labels if label not in labels)
    if version.number != number:
        return replace(version, labels=kept)
    both = (*version.labels, *(label for label in labels if label not in version.labels))
    if len(both) > MOST:
        raise TooManyLabels(MOST)
    return replace(version, labels=both)
