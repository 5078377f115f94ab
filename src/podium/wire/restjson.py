"""restJson1: the path, the query and the headers say part, a JSON body the rest."""

from functools import cache
from typing import Any

from botocore.model import OperationModel, StructureShape

from podium.wire import json, jsonread, jsonwrite, rest
from podium.wire.errors import SerializationException
from podium.wire.failure import Failure
from podium.wire.message import Request, Response
from podium.wire.plans import Plans, wire_name


def parse(operation: OperationModel, request: Request) -> dict[str, Any]:
    shape = operation.input_shape
    if shape is None:
        return {}
    return rest.located(operation, request) | _from_body(shape, request.body)


def serialize(operation: OperationModel, result: dict[str, Any], request_id: str) -> Response:
    shape, headers = operation.output_shape, {"x-amzn-RequestId": request_id}
    if shape is None:
        return Response(rest.status_of(operation, result), headers, b"")
    headers |= rest.headers_of(shape, result)
    payload = rest.payload_of(shape)
    if payload is not None and rest.is_raw(payload[1]):
        headers.setdefault("Content-Type", "application/octet-stream")
        return Response(rest.status_of(operation, result), headers, rest.raw_body(result.get(payload[0]) or b""))
    headers["content-type"] = "application/json"
    status = rest.status_of(operation, result)
    return Response(status, headers, b"" if status == 204 else json.encode(_to_body(shape, result)))


def refuse(failure: Failure, request: Request) -> Response:
    headers = {
        "content-type": "application/json",
        "x-amzn-RequestId": failure.request_id,
        "x-amzn-errortype": failure.code,
    }
    if failure.shape is not None:
        headers |= rest.headers_of(failure.shape, dict(failure.members))
    return Response(failure.status, headers, json.encode(json.error_members(failure)))


def _from_body(shape: StructureShape, body: bytes) -> dict[str, Any]:
    payload = rest.payload_of(shape)
    if payload is not None:
        name, member = payload
        if rest.is_raw(member):
            return {name: rest.raw_payload(member, body)} if body else {}
        return {name: _readers(shape).of(member)(json.decode(body))} if body else {}
    value = json.decode(body)
    if type(value) is not dict:
        raise SerializationException("Start of structure expected in the request body.")
    readers = _readers(shape)
    members = ((name, member, value.get(wire_name(name, member))) for name, member in rest.body_members(shape).items())
    return {name: readers.of(member)(held) for name, member, held in members if held is not None}


def _to_body(shape: StructureShape, result: dict[str, Any]) -> Any:
    payload = rest.payload_of(shape)
    if payload is not None:
        name, member = payload
        return _writers(shape).of(member)(result[name]) if result.get(name) is not None else {}
    assert result.keys() <= shape.members.keys(), f"{shape.name} has no {sorted(result.keys() - shape.members.keys())}"
    writers = _writers(shape)
    members = ((name, member, result.get(name)) for name, member in rest.body_members(shape).items())
    return {wire_name(name, member): writers.of(member)(held) for name, member, held in members if held is not None}


@cache
def _readers(shape: StructureShape) -> Plans[jsonread.Read]:
    return Plans(jsonread.READERS)


@cache
def _writers(shape: StructureShape) -> Plans[jsonwrite.Write]:
    return Plans(jsonwrite.WRITERS)
