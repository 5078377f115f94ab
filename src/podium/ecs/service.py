"""ECS as the wire sees it: its model, and the functions behind its operations."""

from podium.ecs.errors import Client, InvalidParameter
from podium.kernel.errors import ClientError
from podium.wire.service import AwsService


def _invalid(operation: str, message: str) -> ClientError:
    """ECS has no ValidationException: task definitions answer ClientException, all else InvalidParameter."""
    return Client(message) if "TaskDefinition" in operation else InvalidParameter(message)


ecs = AwsService("ecs", invalid=_invalid)
