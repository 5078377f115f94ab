"""restXml: the path, the query and the headers say part, an XML body the rest."""

from functools import cache
from typing import Any

from botocore.model import OperationModel, StructureShape

from podium.wire import chunked, rest, xml, xmlread
from podium.wire.failure import Failure
from podium.wire.message import Request, Response
from podium.wire.plans import Plans, wire_name
from podium.wire.query import error_members

_PARTIAL, _NOT_MODIFIED = 206, 304
# Answers that are their one member, without an element of their own around it.
_UNWRAPPED = {"GetBucketLocationOutput"}


def parse(operation: OperationModel, request: Request) -> dict[str, Any]:
    shape = operation.input_shape
    if shape is None:
        return {}
    return rest.located(operation, request) | _from_body(shape, chunked.body_of(request))


def serialize(operation: OperationModel, result: dict[str, Any], request_id: str) -> Response:
    shape, headers = operation.output_shape, _ids(operation.service_model.service_name, request_id)
    status = rest.status_of(operation, result)
    if shape is None:
        return Response(status, headers, b"")
    headers |= rest.headers_of(shape, result)
    payload = rest.payload_of(shape)
    if payload is not None and rest.is_raw(payload[1]):
        status = _PARTIAL if "ContentRange" in result else status
        return Response(status, headers, rest.raw_body(result.get(payload[0]) or b""))
    inner = _to_body(operation, shape, result)
    if inner:
        headers["content-type"] = "application/xml"
    return Response(status, headers, f'<?xml version="1.0" encoding="UTF-8"?>\n{inner}'.encode() if inner else b"")


def refuse(failure: Failure, request: Request) -> Response:
    """S3's errors stand alone; the other services' are wrapped as awsQuery's. A HEAD's answer has no body."""
    headers = _ids("s3" if failure.is_s3 else "", failure.request_id) | {"content-type": "application/xml"}
    told = xml.element("Code", xml.text(failure.alias)) + xml.element("Message", xml.text(failure.message))
    told += error_members(failure)
    number = xml.element("RequestId", xml.text(failure.request_id))
    if failure.is_s3:
        body = xml.element("Error", told + number)
    else:
        typed = xml.element("Type", failure.fault) + told
        worn = f' xmlns="{failure.namespace}"' if failure.namespace else ""
        body = f"<ErrorResponse{worn}>{xml.element('Error', typed)}{number}</ErrorResponse>"
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'.encode()
    bare = request.method == "HEAD" or failure.status == _NOT_MODIFIED
    return Response(failure.status, headers, b"" if bare else text)


def _ids(service: str, request_id: str) -> dict[str, str]:
    told = {"x-amzn-RequestId": request_id}
    return told | {"x-amz-request-id": request_id, "x-amz-id-2": request_id} if service == "s3" else told


def _from_body(shape: StructureShape, body: bytes) -> dict[str, Any]:
    payload = rest.payload_of(shape)
    if payload is not None:
        name, member = payload
        if rest.is_raw(member):
            return {name: rest.raw_payload(member, body)} if body else {}
        return {name: _readers(shape).of(member)([xmlread.root_of(body)])} if body else {}
    members = rest.body_members(shape)
    if not members or not body:
        return {}
    return xmlread.members(members, _readers(shape))(xmlread.root_of(body))


def _to_body(operation: OperationModel, shape: StructureShape, result: dict[str, Any]) -> str:
    payload = rest.payload_of(shape)
    writers = _writers(shape)
    if payload is not None:
        name, member = payload
        return writers.of(member)(result[name], wire_name(name, member)) if result.get(name) is not None else ""
    assert result.keys() <= shape.members.keys(), f"{shape.name} has no {sorted(result.keys() - shape.members.keys())}"
    members = rest.body_members(shape)
    if not members:
        return ""
    rows = (writers.of(m)(result[n], wire_name(n, m)) for n, m in members.items() if result.get(n) is not None)
    if shape.name in _UNWRAPPED:
        return "".join(rows) or "".join(f"<{wire_name(name, member)}/>" for name, member in members.items())
    namespace = operation.metadata.get("xmlNamespace")
    worn = f' xmlns="{namespace}"' if namespace else ""
    return f"<{shape.name}{worn}>{''.join(rows)}</{shape.name}>"


@cache
def _readers(shape: StructureShape) -> Plans[xmlread.Read]:
    return Plans(xmlread.READERS)


@cache
def _writers(shape: StructureShape) -> Plans[xml.Write]:
    return Plans(xml.WRITERS)
