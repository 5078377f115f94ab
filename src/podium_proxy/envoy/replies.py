"""What the load balancer itself says: small HTML bodies and `Server: awselb/2.0`, whatever Envoy would have said."""

from functools import cache
from http import HTTPStatus
from typing import Any

SERVER = "awselb/2.0"

_REASONS = {503: "Service Temporarily Unavailable", 504: "Gateway Time-out", 413: "Request Entity Too Large"}
_HTTP = "type.googleapis.com/envoy.extensions"


def reason(status: int) -> str:
    if status in _REASONS:
        return _REASONS[status]
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"


def html(status: int) -> str:
    title = f"{status} {reason(status)}"
    return (
        f"<html>\r\n<head><title>{title}</title></head>\r\n"
        f"<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    )


def header(name: str, value: str) -> dict[str, Any]:
    return {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}


def said_by_us(status: int) -> dict[str, Any]:
    """A route's members for an answer that no target gives."""
    return {
        "direct_response": {"status": status, "body": {"inline_string": html(status)}},
        "response_headers_to_add": [header("server", SERVER), header("content-type", "text/html")],
    }


@cache
def local_replies() -> dict[str, Any]:
    """Envoy's own troubles in ELB's words. The first mapper that holds is taken; what a rule answers passes by."""
    return {
        "mappers": [
            _mapper(504, _details("response.code_details.contains('connection_timeout')")),
            _mapper(502, _flags("UF", "UC", "UR", "UPE", "LR")),
            _mapper(503, _flags("UH", "UO", "NC", "NR", "URX")),
            _mapper(504, _flags("UT", "DT")),
            *(_mapper(status, _own(status)) for status in (400, 403, 404, 408, 413, 431, 500, 503, 504)),
        ]
    }


def _mapper(to: int, condition: dict[str, Any]) -> dict[str, Any]:
    return {
        "filter": condition,
        "status_code": to,
        "body": {"inline_string": html(to)},
        "body_format_override": {
            "text_format_source": {"inline_string": "%LOCAL_REPLY_BODY%"},
            "content_type": "text/html",
        },
        "headers_to_add": [header("server", SERVER)],
    }


def _own(status: int) -> dict[str, Any]:
    """Envoy says `status` by itself, and no rule does."""
    equal = {"comparison": {"op": "EQ", "value": {"default_value": status, "runtime_key": f"podium.{status}"}}}
    by_rule = "response.code_details in ['direct_response', 'lua_response']"
    return {"and_filter": {"filters": [{"status_code_filter": equal}, _details(f"!({by_rule})")]}}


def _details(expression: str) -> dict[str, Any]:
    cel = {"@type": f"{_HTTP}.access_loggers.filters.cel.v3.ExpressionFilter", "expression": expression}
    return {"extension_filter": {"name": "envoy.access_loggers.extension_filters.cel", "typed_config": cel}}


def _flags(*flags: str) -> dict[str, Any]:
    return {"response_flag_filter": {"flags": list(flags)}}
