"""EventBridge as the wire sees it."""

from podium.events.errors import Invalid
from podium.wire.service import AwsService


def _invalid(operation: str, message: str) -> Invalid:
    return Invalid(message)


eventbridge = AwsService(
    "events",
    invalid=_invalid,
    words=True,
    not_yet={"PutEvents": "no rule is followed, so that nothing would come of the events"},
)
