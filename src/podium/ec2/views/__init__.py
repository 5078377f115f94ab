"""Records as the API shows them. Absent values are left out."""

from collections.abc import Mapping
from typing import Any


def tags(held: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"Key": key, "Value": value} for key, value in held.items()]
