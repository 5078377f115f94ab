"""Cloud Map as the wire sees it."""

from podium.servicediscovery.errors import InvalidInput
from podium.wire.service import AwsService


def _invalid(operation: str, message: str) -> InvalidInput:
    return InvalidInput(message)


servicediscovery = AwsService("servicediscovery", invalid=_invalid)
