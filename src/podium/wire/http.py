"""Which operation a request asks for, what it says, and how the answer is written."""

import re
from functools import cache
from types import ModuleType
from typing import Any
from urllib.parse import unquote_plus

from botocore.model import OperationModel

from podium.wire import cbor, compressed, ec2, json, query, restjson, restxml, uri
from podium.wire.errors import InvalidAction, UnknownOperationException
from podium.wire.failure import failure
from podium.wire.message import Request, Response, Routed
from podium.wire.model import BY_API_VERSION, BY_SIGNING_NAME, BY_TARGET_PREFIX, SERVICES, Service, operation_model
from podium.wire.scope import scope_of

__all__ = ["Request", "Response", "Routed", "manner", "named", "opened", "parse", "refuse", "route", "serialize"]

PROTOCOLS: dict[str, ModuleType] = {
    "json": json,
    "query": query,
    "ec2": ec2,
    "rest-json": restjson,
    "rest-xml": restxml,
    "smithy-rpc-v2-cbor": cbor,
}

_SMITHY = re.compile(r"/service/([^/]+)/operation/([^/]+)/?$")
_ACTION = re.compile(r"(?:^|&)Action=([^&]*)")
_VERSION = re.compile(r"(?:^|&)Version=([^&]*)")


def route(request: Request) -> Routed:
    """Raises the error of an unknown operation. By smithy-protocol, then target, then Action, then path."""
    decide = {"smithy-rpc-v2-cbor": _by_smithy, "json": _by_target, "query": _by_action, "ec2": _by_action}
    return decide.get(manner(request), _by_path)(request)


@cache
def named(service: str, operation: str) -> Routed:
    """An operation whose members come as JSON, but not by HTTP."""
    return _routed(SERVICES[service], operation, "json")


def opened(request: Request) -> Request:
    """The request without what compresses its body. Of REST's services that may belong to what is sent, as to S3."""
    in_gzip = request.headers.get("content-encoding", "").lower() == "gzip"
    return compressed.opened(request) if in_gzip and not manner(request).startswith("rest-") else request


def parse(routed: Routed, request: Request) -> dict[str, Any]:
    """The request in the model's own member names. Raises SerializationException."""
    parsed: dict[str, Any] = PROTOCOLS[routed.protocol].parse(routed.operation, request)
    return parsed


def serialize(routed: Routed, result: dict[str, Any], request_id: str) -> Response:
    response: Response = PROTOCOLS[routed.protocol].serialize(routed.operation, result, request_id)
    return response


def refuse(routed: Routed | None, error: BaseException, request: Request, request_id: str) -> Response:
    """`error` in the envelope of the client's protocol. What is not a ClientError is told as a plain 500."""
    protocol = routed.protocol if routed else manner(request)
    service = routed.service if routed else _service_name(request)
    response: Response = PROTOCOLS[protocol].refuse(failure(service, error, request_id), request)
    return response


def manner(request: Request) -> str:
    """The protocol that the client speaks, whether or not there is such an operation."""
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return "smithy-rpc-v2-cbor"
    if "x-amz-target" in request.headers:
        return "json"
    service = _service(request)
    if service is None:
        return "query" if _ACTION.search(_form(request)) else "json"
    form = next((protocol for protocol in ("ec2", "query") if protocol in service.protocols), None)
    if form and (_ACTION.search(_form(request)) or form == service.protocols[0]):
        return form
    return service.protocols[0]


def _by_smithy(request: Request) -> Routed:
    found = _SMITHY.search(request.path)
    service = BY_TARGET_PREFIX.get(found[1]) if found else None
    if found is None or service is None:
        raise UnknownOperationException
    return _routed(service, found[2], "smithy-rpc-v2-cbor")


def _by_target(request: Request) -> Routed:
    prefix, _, name = request.headers.get("x-amz-target", "").rpartition(".")
    service = BY_TARGET_PREFIX.get(prefix)
    if service is None:
        raise UnknownOperationException
    return _routed(service, name, "json")


def _by_action(request: Request) -> Routed:
    found, service = _ACTION.search(_form(request)), _service(request)
    name = unquote_plus(found[1]) if found else ""
    operation = operation_model(service.name, name) if service else None
    if service is None or operation is None:
        raise InvalidAction(name)
    return Routed(service.name, operation, manner(request))


def _by_path(request: Request) -> Routed:
    service = _service(request)
    name = uri.operation_at(service.name, request) if service and service.protocols[0].startswith("rest-") else None
    if service is None or name is None:
        raise UnknownOperationException
    return _routed(service, name, service.protocols[0])


def _routed(service: Service, name: str, protocol: str) -> Routed:
    operation: OperationModel | None = operation_model(service.name, name)
    if operation is None:
        raise UnknownOperationException
    return Routed(service.name, operation, protocol)


def _service(request: Request) -> Service | None:
    """By the credential scope; an unsigned call to a query service tells its API version."""
    scope = scope_of(request)
    if scope is not None:
        return BY_SIGNING_NAME.get(scope)
    version = _VERSION.search(_form(request))
    return BY_API_VERSION.get(unquote_plus(version[1])) if version else None


def _service_name(request: Request) -> str | None:
    service = _service(request)
    return service.name if service else None


def _form(request: Request) -> str:
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return f"{request.query}&{request.body.decode(errors='replace')}"
    return request.query
