"""An error on its way to the caller: what every protocol's envelope is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.model import StructureShape

from podium.kernel.errors import ClientError
from podium.wire.model import error_shape, service_model
from podium.wire.plans import wire_name


@dataclass(frozen=True, kw_only=True)
class Failure:
    """`code` is the error shape's name, `alias` what the query protocols call it; often they are the same."""

    code: str
    alias: str
    message: str
    status: int
    request_id: str
    members: Mapping[str, Any] = field(default_factory=dict)
    shape: StructureShape | None = None
    query_compatible: bool = False
    namespace: str = ""
    is_s3: bool = False

    @property
    def fault(self) -> str:
        """Whose fault it is, in the query protocols' words."""
        return "Sender" if self.status < 500 else "Receiver"

    @property
    def message_member(self) -> str:
        """What the message is called on the wire: `message`, or in some services `Message`."""
        members = self.shape.members if self.shape is not None else {}
        return next((wire_name(name, m) for name, m in members.items() if name.lower() == "message"), "message")


# What a service calls an error of its own making. ECS and a few others declare one; the rest use AWS's common one.
_INTERNAL = {"ecs": "ServerException", "ec2": "InternalError", "s3": "InternalError"}


def failure(service: str | None, error: BaseException, request_id: str) -> Failure:
    """Anything but a ClientError is our bug: the caller learns the request id, and nothing else."""
    if not isinstance(error, ClientError):
        code = _INTERNAL.get(service or "", "InternalFailure")
        sentence = f"An internal error occurred. (Request ID: {request_id})"
        return _declared(service, code, code, sentence, 500, {}, request_id)
    return _declared(service, error.code, error.code, str(error), error.status, error.members, request_id)


def _declared(
    service: str | None,
    code: str,
    alias: str,
    message: str,
    status: int,
    members: Mapping[str, Any],
    request_id: str,
) -> Failure:
    if service is None:
        return Failure(code=code, alias=alias, message=message, status=status, members=members, request_id=request_id)
    metadata = service_model(service).metadata
    declared = error_shape(service, code)
    return Failure(
        code=declared.shape.name if declared else code,
        alias=declared.alias if declared else alias,
        message=message,
        status=declared.status if declared else status,
        members=members,
        request_id=request_id,
        shape=declared.shape if declared else None,
        query_compatible="awsQueryCompatible" in metadata,
        namespace=metadata.get("xmlNamespace", ""),
        is_s3=service == "s3",
    )
