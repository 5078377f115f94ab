"""awsJson1_0 and awsJson1_1: one JSON object each way, the operation named by X-Amz-Target."""

from functools import cache
from typing import Any

import msgspec
from botocore.model import OperationModel

from podium.wire.errors import SerializationException
from podium.wire.failure import Failure
from podium.wire.jsonread import READERS, Read
from podium.wire.jsonwrite import WRITERS, Write
from podium.wire.message import Request, Response
from podium.wire.plans import Plans

encode = msgspec.json.Encoder().encode


def parse(operation: OperationModel, request: Request) -> dict[str, Any]:
    return read(operation, decode(request.body))


def read(operation: OperationModel, value: Any) -> dict[str, Any]:
    """What a JSON value says, wherever it came from."""
    reader = _reader(operation)
    return dict(reader(value)) if reader else {}


def serialize(operation: OperationModel, result: dict[str, Any], request_id: str) -> Response:
    write = _writer(operation)
    body = encode(write(result)) if write else b"{}"
    return Response(200, _headers(operation.metadata["jsonVersion"], request_id), body)


def refuse(failure: Failure, request: Request) -> Response:
    """`__type` is the error shape's name: JSON clients know no other. x-amzn-query-error tells the older one."""
    version = "1.0" if request.headers.get("content-type", "").startswith("application/x-amz-json-1.0") else "1.1"
    headers = _headers(version, failure.request_id)
    if failure.query_compatible:
        headers["x-amzn-query-error"] = f"{failure.alias};{failure.fault}"
    return Response(failure.status, headers, encode({"__type": failure.code} | error_members(failure)))


def error_members(failure: Failure) -> dict[str, Any]:
    """The error's members and its message, under the name that the model gives it."""
    members: dict[str, Any] = {failure.message_member: failure.message}
    if failure.shape is not None:
        known = {name: held for name, held in failure.members.items() if name in failure.shape.members}
        members |= Plans(WRITERS).of(failure.shape)(known)
    return members


def decode(body: bytes) -> Any:
    """An empty body is an empty object, as it is for AWS."""
    try:
        return msgspec.json.decode(body) if body else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SerializationException("The request body is not valid JSON.") from error


@cache
def _reader(operation: OperationModel) -> Read | None:
    return Plans(READERS).of(operation.input_shape) if operation.input_shape else None


@cache
def _writer(operation: OperationModel) -> Write | None:
    return Plans(WRITERS).of(operation.output_shape) if operation.output_shape else None


def _headers(version: str, request_id: str) -> dict[str, str]:
    return {"content-type": f"application/x-amz-json-{version}", "x-amzn-RequestId": request_id}
