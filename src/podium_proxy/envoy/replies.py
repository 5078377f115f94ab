"""What the load balancer itself says: small HTML bodies and `Server: awselb/2.0`, whatever Envoy would have said."""

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


def local_replies() -> dict[str, Any]:
    """Envoy's own troubles in ELB's words. The first that holds is taken; fixed responses have no flag and pass by."""
    timed_out = (
        "response.code_details.contains('connection_timeout') || response.code_details.contains('connection timeout')"
    )
    cel = {"@type": f"{_HTTP}.access_loggers.filters.cel.v3.ExpressionFilter", "expression": timed_out}
    return {
        "mappers": [
            _mapper(504, {"extension_filter": {"name": "timeouts", "typed_config": cel}}),
            _mapper(502, _flags("UF", "UC", "UR", "UPE", "LR")),
            _mapper(503, _flags("UH", "UO", "NC", "NR", "URX")),
            _mapper(504, _flags("UT", "DT")),
            _mapper(400, _flags("DPE"), status=400),
            *(_mapper(code, _flags("SI"), status=code) for code in (408, 504)),
        ]
    }


def _mapper(to: int, condition: dict[str, Any], status: int | None = None) -> dict[str, Any]:
    if status is not None:
        equal = {"comparison": {"op": "EQ", "value": {"default_value": status, "runtime_key": f"podium.{status}"}}}
        condition = {"and_filter": {"filters": [condition, {"status_code_filter": equal}]}}
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


def _flags(*flags: str) -> dict[str, Any]:
    return {"response_flag_filter": {"flags": list(flags)}}
