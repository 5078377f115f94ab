"""awsQuery: a form in, XML out."""

from collections.abc import Callable
from functools import cache
from typing import Any

from botocore.model import OperationModel

from podium.wire import form, xml
from podium.wire.failure import Failure
from podium.wire.message import Request, Response
from podium.wire.plans import Plans, wire_name

READERS = form.makers(lambda name, shape: wire_name(name, shape), lists_are_flat=False)

# The query protocol's own names for what the JSON protocols call otherwise.
_CODES = {"SerializationException": "MalformedInput", "ValidationException": "ValidationError"}


def parse(operation: OperationModel, request: Request) -> dict[str, Any]:
    read = _reader(operation)
    return dict(read(form.tree(request))) if read else {}


def serialize(operation: OperationModel, result: dict[str, Any], request_id: str) -> Response:
    shape = operation.output_shape
    inner = ""
    if shape is not None:
        inner = _writer(operation)(result)
        if wrapper := shape.serialization.get("resultWrapper"):
            inner = xml.element(wrapper, inner)
    metadata = xml.element("ResponseMetadata", xml.element("RequestId", xml.text(request_id)))
    body = f'<{operation.name}Response xmlns="{_namespace(operation)}">{inner}{metadata}</{operation.name}Response>'
    return Response(200, headers(request_id), body.encode())


def refuse(failure: Failure, request: Request) -> Response:
    code = _CODES.get(failure.alias, failure.alias) if failure.shape is None else failure.alias
    told = xml.element("Type", failure.fault) + xml.element("Code", xml.text(code))
    told += xml.element("Message", xml.text(failure.message)) + error_members(failure)
    inner = xml.element("Error", told) + xml.element("RequestId", xml.text(failure.request_id))
    worn = f' xmlns="{failure.namespace}"' if failure.namespace else ""
    body = f"<ErrorResponse{worn}>{inner}</ErrorResponse>"
    return Response(failure.status, headers(failure.request_id), body.encode())


def error_members(failure: Failure) -> str:
    """The error's own members, beside Code and Message."""
    if failure.shape is None:
        return ""
    known = {name: held for name, held in failure.members.items() if name in failure.shape.members}
    return xml.members(failure.shape, Plans(xml.WRITERS))(known)


def headers(request_id: str) -> dict[str, str]:
    return {"content-type": "text/xml", "x-amzn-RequestId": request_id}


def _namespace(operation: OperationModel) -> str:
    return str(operation.metadata.get("xmlNamespace", ""))


@cache
def _reader(operation: OperationModel) -> form.Read | None:
    return Plans(READERS).of(operation.input_shape) if operation.input_shape else None


@cache
def _writer(operation: OperationModel) -> Callable[[dict[str, Any]], str]:
    assert operation.output_shape is not None
    return xml.members(operation.output_shape, Plans(xml.WRITERS))
