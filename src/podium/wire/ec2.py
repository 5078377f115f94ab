"""ec2Query: awsQuery with capitalized names, flat lists and an envelope of its own."""

from functools import cache
from typing import Any

from botocore.model import OperationModel, Shape

from podium.wire import form, query, xml
from podium.wire.failure import Failure
from podium.wire.message import Request, Response
from podium.wire.plans import Plans

_CODES = {"SerializationException": "InvalidParameterValue", "ValidationException": "MissingParameter"}


def parse(operation: OperationModel, request: Request) -> dict[str, Any]:
    read = _reader(operation)
    return dict(read(form.tree(request))) if read else {}


def serialize(operation: OperationModel, result: dict[str, Any], request_id: str) -> Response:
    inner = xml.element("requestId", xml.text(request_id))
    if operation.output_shape is not None:
        inner += xml.members(operation.output_shape, _plans(operation))(result)
    namespace = operation.metadata.get("xmlNamespace", "")
    body = f'<{operation.name}Response xmlns="{namespace}">{inner}</{operation.name}Response>'
    return Response(200, query.headers(request_id), body.encode())


def refuse(failure: Failure, request: Request) -> Response:
    code = _CODES.get(failure.alias, failure.alias)
    told = xml.element("Code", xml.text(code)) + xml.element("Message", xml.text(failure.message))
    told += query.error_members(failure)
    inner = xml.element("Errors", xml.element("Error", told)) + xml.element("RequestID", xml.text(failure.request_id))
    return Response(failure.status, query.headers(failure.request_id), xml.element("Response", inner).encode())


def _naming(name: str, shape: Shape) -> str:
    """EC2's request names: queryName as it is, otherwise locationName with a capital."""
    if "queryName" in shape.serialization:
        return str(shape.serialization["queryName"])
    if "name" in shape.serialization:
        wire = str(shape.serialization["name"])
        return wire[0].upper() + wire[1:]
    return name


READERS = form.makers(_naming, lists_are_flat=True)


@cache
def _reader(operation: OperationModel) -> form.Read | None:
    return Plans(READERS).of(operation.input_shape) if operation.input_shape else None


@cache
def _plans(operation: OperationModel) -> Plans[xml.Write]:
    return Plans(xml.WRITERS)
