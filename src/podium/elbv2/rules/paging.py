"""Lists in pages."""

from typing import Any

from podium.elbv2.errors import Invalid
from podium.kernel.pages import Paging

page = Paging(
    usual=400,
    size="PageSize",
    asked="Marker",
    told="NextMarker",
    refused=lambda: Invalid("The specified marker is not valid"),
).page


def age(record: Any) -> str:
    """Sorts the oldest first."""
    return f"{record.created_at.isoformat()} {record.arn}"
