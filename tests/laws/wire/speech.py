"""botocore's side of the conversation, and every value that a shape can hold.

Some protocols cannot tell an empty structure from a missing one; `plain` forgets the difference.
"""

import math
import string
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import botocore.parsers
import botocore.serialize
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest, HeadersDict, create_request_object, prepare_request_dict
from botocore.credentials import Credentials
from botocore.model import OperationModel, Shape, StructureShape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amounts import examples
from podium.wire.message import Request, Response
from podium.wire.model import SERVICES, service_model

ENDPOINT = "http://127.0.0.1:4566"
SPOKEN = [(service.name, protocol) for service in SERVICES.values() for protocol in service.protocols]
ACCESS_KEY, SECRET_KEY = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

few = settings(
    max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)


very_few = settings(few, max_examples=examples(8))
thorough = settings(few, max_examples=examples(250))

Draw = Callable[[st.SearchStrategy[Any]], Any]

_DEEP, _DEEPEST = 3, 7
_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn"), include_characters="\n\t&<>\"'"), max_size=8)
_TOKEN = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=8).map(str.lower)
_VISIBLE = st.text(string.ascii_letters + string.digits + "-_.:/=+ ", min_size=1, max_size=8).map(
    lambda text: text.strip() or "x"
)
_LABEL = st.text(string.ascii_letters + string.digits + "-_.~:%+ ü", min_size=1, max_size=8).filter(
    lambda text: text.strip(". ") == text
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INTEGERS = {"integer": st.integers(-(2**31), 2**31 - 1), "long": st.integers(-(2**63), 2**63 - 1)}
_FLOATS = st.floats(allow_nan=False, width=32)
_BLOBS = st.binary(min_size=1, max_size=8)
_MOMENTS = st.integers(0, 4_102_444_800_000).map(lambda ms: _EPOCH + timedelta(milliseconds=ms))
_DOCUMENTS = st.recursive(
    st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
).map(lambda value: {"document": value})
_BY_PLACE = {"header": _VISIBLE, "headers": _VISIBLE, "uri": _LABEL, "payload": _TEXT.filter(bool)}


@st.composite
def values(draw: Draw, shape: Shape) -> dict[str, Any]:
    """What `shape`, an operation's input or output, may hold."""
    return _value(draw, shape, 0)


def _value(draw: Draw, shape: Shape, depth: int, place: str = "") -> Any:
    if shape.type_name == "structure":
        return draw(_DOCUMENTS) if shape.is_document_type else _structure(draw, shape, depth)
    if shape.type_name == "list":
        length = draw(st.integers(1 if place else 0, 2)) if depth < _DEEPEST else 0
        return [_value(draw, shape.member, depth + 1, place) for _ in range(length)]
    if shape.type_name == "map":
        length = draw(st.integers(1 if place else 0, 2)) if depth < _DEEPEST else 0
        keys = [_key(draw, shape.key, place) for _ in range(length)]
        return {key: _value(draw, shape.value, depth + 1, place) for key in keys}
    return _scalar(draw, shape, place)


def _structure(draw: Draw, shape: StructureShape, depth: int) -> dict[str, Any]:
    names = [name for name, member in shape.members.items() if not member.serialization.get("eventstream")]
    if shape.is_tagged_union:
        chosen = [draw(st.sampled_from(_shallow_first(shape, names)[: None if depth < _DEEP else 1]))]
    else:
        always = {*shape.required_members, *(name for name in names if _place(shape, name) == "statusCode")}
        optional = [name for name in names if name not in always]
        mask = draw(st.integers(0, 2 ** len(optional) - 1)) if depth < _DEEP and optional else 0
        chosen = [name for name in names if name in always]
        chosen += [name for number, name in enumerate(optional) if mask >> number & 1]
    return {name: _value(draw, shape.members[name], depth + 1, _place(shape, name)) for name in chosen}


def _shallow_first(shape: StructureShape, names: list[str]) -> list[str]:
    return sorted(names, key=lambda name: shape.members[name].type_name in ("structure", "list", "map"))


def _place(shape: StructureShape, name: str) -> str:
    """Where a member is written, if that is not an ordinary place in the body."""
    traits = shape.members[name].serialization
    elsewhere = "uri" if traits.get("hostLabel") else "payload" if shape.serialization.get("payload") == name else ""
    return str(traits.get("location", elsewhere))


def _key(draw: Draw, shape: Shape, place: str) -> str:
    if getattr(shape, "enum", None):
        return str(draw(st.sampled_from(shape.enum)))
    return str(draw(_TOKEN if place in ("headers", "querystring") else _TEXT.filter(bool)))


def _scalar(draw: Draw, shape: Shape, place: str) -> Any:
    match shape.type_name:
        case "integer" if place == "statusCode":
            return draw(st.sampled_from((200, 201, 202)))
        case "integer" | "long":
            return draw(_INTEGERS[shape.type_name])
        case "float" | "double":
            return draw(_FLOATS)
        case "boolean":
            return draw(st.booleans())
        case "blob":
            return draw(_BLOBS)
        case "timestamp":
            whole = place == "header" or shape.serialization.get("timestampFormat") == "rfc822"
            return draw(_MOMENTS).replace(microsecond=0) if whole else draw(_MOMENTS)
        case _:
            return draw(st.sampled_from(shape.enum) if shape.enum else _BY_PLACE.get(place, _TEXT))


def plain(value: Any) -> Any:
    """`value` without what is empty, with its times in UTC."""
    if isinstance(value, dict):
        return {key: kept for key, held in value.items() if (kept := plain(held)) not in ({}, [], None)}
    if isinstance(value, list):
        return [kept for held in value if (kept := plain(held)) not in ({}, [])]
    return exact(value)


def exact(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: exact(held) for key, held in value.items()}
    if isinstance(value, list):
        return [exact(held) for held in value]
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"  # which is how botocore leaves them in JSON
    return value.astimezone(UTC) if isinstance(value, datetime) else value


SAME: dict[str, Callable[[Any], Any]] = {"json": exact, "smithy-rpc-v2-cbor": exact}


def same(protocol: str) -> Callable[[Any], Any]:
    return SAME.get(protocol, plain)


def operations(service: str) -> list[OperationModel]:
    """The operations we mean to answer, but for those that speak in event streams."""
    every = (service_model(service).operation_model(name) for name in SERVICES[service].operations)
    return [operation for operation in every if not operation.has_event_stream_output]


def written(operation: OperationModel, protocol: str, params: dict[str, Any], by: ModuleType = botocore) -> AWSRequest:
    """The request as botocore would send it, or a botocore `by` that name elsewhere; not yet signed."""
    serializer = by.serialize.create_serializer(protocol, False, "millisecond" if by is botocore else "default")
    asked = serializer.serialize_to_request(params, operation)
    prepare_request_dict(asked, endpoint_url=ENDPOINT, context={})
    return create_request_object(asked)


def signed(request: AWSRequest, service: str) -> Request:
    """`request` on the wire, signed for `service`."""
    name = SERVICES[service].signing_name
    auth = S3SigV4Auth if service == "s3" else SigV4Auth
    auth(Credentials(ACCESS_KEY, SECRET_KEY), name, "us-east-1").add_auth(request)
    return received(request)


def received(request: AWSRequest) -> Request:
    """What a server sees of `request`."""
    prepared = request.prepare()
    url = urlsplit(prepared.url)
    headers = {name.lower(): _text(value) for name, value in prepared.headers.items()}
    body = prepared.body or b""
    body = body.encode() if isinstance(body, str) else body
    return Request(prepared.method, url.path, url.query, {"host": url.netloc, **headers}, bytes(body))


def read_back(
    response: Response, operation: OperationModel, protocol: str, by: ModuleType = botocore
) -> dict[str, Any]:
    """What botocore makes of `response`. A body that is one member, and empty, counts as missing."""
    stream = operation.get_streaming_output()
    told = {
        "status_code": response.status,
        "headers": HeadersDict(response.headers),
        "body": BytesIO(response.body) if stream else response.body,
    }
    parsed = dict(by.parsers.create_parser(protocol).parse(told, operation.output_shape))
    payload = operation.output_shape.serialization.get("payload") if operation.output_shape else None
    if payload and stream:
        parsed[payload] = parsed[payload].read()
    return parsed if not payload or parsed.get(payload) else {k: v for k, v in parsed.items() if k != payload}


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def for_all(shape: Shape | None, holds: Callable[[dict[str, Any]], None], how_many: settings = few) -> None:
    """Whether `holds` for a few of the values of `shape`; for an empty one where there is no shape."""
    if shape is None:
        holds({})
    else:
        how_many(given(values(shape))(lambda value: holds(value)))()
