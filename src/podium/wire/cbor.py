"""smithy-rpc-v2-cbor: awsJson's shapes in CBOR, the operation named by the path."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import cbor2
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from podium.wire.errors import SerializationException
from podium.wire.failure import Failure
from podium.wire.message import Request, Response
from podium.wire.plans import Makers, Plans
from podium.wire.scalars import timestamp_from_number, timestamp_to_number, within

Read = Callable[[Any], Any]
Write = Callable[[Any], Any]

_EPOCH_SECONDS = 1


def parse(operation: OperationModel, request: Request) -> dict[str, Any]:
    read = _reader(operation)
    return dict(read(_decode(request.body))) if read else {}


def serialize(operation: OperationModel, result: dict[str, Any], request_id: str) -> Response:
    write = _writer(operation)
    return Response(200, _headers(request_id), cbor2.dumps(write(result) if write else {}))


def refuse(failure: Failure, request: Request) -> Response:
    headers = _headers(failure.request_id)
    if failure.query_compatible:
        headers["x-amzn-query-error"] = f"{failure.alias};{failure.fault}"
    members: dict[str, Any] = {"__type": failure.code, failure.message_member: failure.message}
    if failure.shape is not None:
        known = {name: held for name, held in failure.members.items() if name in failure.shape.members}
        members |= Plans(WRITERS).of(failure.shape)(known)
    return Response(failure.status, headers, cbor2.dumps(members))


def _headers(request_id: str) -> dict[str, str]:
    return {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor", "x-amzn-RequestId": request_id}


def _decode(body: bytes) -> Any:
    try:
        return cbor2.loads(body, tag_hook=lambda decoder, tag: tag) if body else {}
    except (cbor2.CBORDecodeError, ValueError, OverflowError, RecursionError, TypeError) as error:
        raise SerializationException("The request body is not valid CBOR.") from error


@cache
def _reader(operation: OperationModel) -> Read | None:
    return Plans(READERS).of(operation.input_shape) if operation.input_shape else None


@cache
def _writer(operation: OperationModel) -> Write | None:
    return Plans(WRITERS).of(operation.output_shape) if operation.output_shape else None


def _expect(value: Any, kinds: tuple[type, ...], shape: Shape) -> None:
    if type(value) not in kinds:
        raise SerializationException(f"A value of type {type(value).__name__} can not be read as a {shape.type_name}.")


def _read_structure(shape: StructureShape, plans: Plans[Read]) -> Read:
    fields: dict[str, Read] = {}

    def read(value: Any) -> Any:
        _expect(value, (dict,), shape)
        if not fields:
            fields.update({name: plans.of(member) for name, member in shape.members.items()})
        return {name: fields[name](held) for name, held in value.items() if held is not None and name in fields}

    return (lambda value: value) if shape.is_document_type else read


def _read_list(shape: ListShape, plans: Plans[Read]) -> Read:
    def read(value: Any) -> list[Any]:
        _expect(value, (list,), shape)
        item = plans.of(shape.member)
        return [item(held) for held in value if held is not None]

    return read


def _read_map(shape: MapShape, plans: Plans[Read]) -> Read:
    def read(value: Any) -> dict[str, Any]:
        _expect(value, (dict,), shape)
        key, item = plans.of(shape.key), plans.of(shape.value)
        return {key(name): item(held) for name, held in value.items() if held is not None}

    return read


def _read_scalar(*kinds: type) -> Callable[[Shape], Read]:
    def make(shape: Shape) -> Read:
        def read(value: Any) -> Any:
            _expect(value, kinds, shape)
            return value

        return read

    return make


def _read_integer(shape: Shape) -> Read:
    def read(value: Any) -> int:
        _expect(value, (int,), shape)
        return within(value, shape.type_name)

    return read


def _read_float(shape: Shape) -> Read:
    def read(value: Any) -> float:
        _expect(value, (int, float), shape)
        return float(value)

    return read


def _read_timestamp(shape: Shape) -> Read:
    def read(value: Any) -> datetime:
        if type(value) is datetime:
            return timestamp_from_number(value.astimezone(UTC).timestamp())
        _expect(value, (int, float), shape)
        return timestamp_from_number(value)

    return read


READERS = Makers[Read](
    structure=_read_structure,
    sequence=_read_list,
    mapping=_read_map,
    scalars={
        "string": _read_scalar(str),
        "character": _read_scalar(str),
        "boolean": _read_scalar(bool),
        "blob": _read_scalar(bytes),
        "integer": _read_integer,
        "long": _read_integer,
        "float": _read_float,
        "double": _read_float,
        "timestamp": _read_timestamp,
    },
)


def _write_structure(shape: StructureShape, plans: Plans[Write]) -> Write:
    fields: dict[str, Write] = {}

    def write(value: Any) -> dict[str, Any]:
        if not fields:
            fields.update({name: plans.of(member) for name, member in shape.members.items()})
        assert value.keys() <= fields.keys(), f"{shape.name} has no member {sorted(value.keys() - fields.keys())}"
        return {name: fields[name](held) for name, held in value.items() if held is not None}

    return _as_it_is if shape.is_document_type else write


def _write_list(shape: ListShape, plans: Plans[Write]) -> Write:
    def write(value: Any) -> list[Any]:
        item = plans.of(shape.member)
        return [item(held) for held in value]

    return write


def _write_map(shape: MapShape, plans: Plans[Write]) -> Write:
    def write(value: Any) -> dict[str, Any]:
        item = plans.of(shape.value)
        return {key: item(held) for key, held in value.items()}

    return write


def _write_timestamp(shape: Shape) -> Write:
    return lambda value: cbor2.CBORTag(_EPOCH_SECONDS, timestamp_to_number(value))


def _as_it_is(value: Any) -> Any:
    return value


def _plain(shape: Shape) -> Write:
    return _as_it_is


WRITERS = Makers[Write](
    structure=_write_structure,
    sequence=_write_list,
    mapping=_write_map,
    scalars={
        "string": _plain,
        "character": _plain,
        "boolean": _plain,
        "blob": _plain,
        "integer": _plain,
        "long": _plain,
        "float": lambda shape: float,
        "double": lambda shape: float,
        "timestamp": _write_timestamp,
    },
)
