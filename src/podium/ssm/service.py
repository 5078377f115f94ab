"""Systems Manager as the wire sees it."""

from podium.ssm.errors import Invalid
from podium.wire.service import AwsService

NO_SESSIONS = "containers are not reached through Session Manager"
NO_MANAGED_INSTANCES = "no machine is managed by Systems Manager"
SESSIONS = ("StartSession", "TerminateSession", "ResumeSession", "DescribeSessions")
MANAGED_INSTANCES = (
    "CreateActivation",
    "DescribeActivations",
    "DeleteActivation",
    "DescribeInstanceInformation",
    "DeregisterManagedInstance",
)


def _invalid(operation: str, message: str) -> Invalid:
    return Invalid(message)


ssm = AwsService(
    "ssm",
    invalid=_invalid,
    words=True,
    not_yet={**dict.fromkeys(SESSIONS, NO_SESSIONS), **dict.fromkeys(MANAGED_INSTANCES, NO_MANAGED_INSTANCES)},
)
