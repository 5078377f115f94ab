"""One line of Envoy's as one line of a load balancer's access log.

Source: Elastic Load Balancing User Guide, "Access logs for your Application Load Balancer".
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from podium_protocol.proxy import LoadBalancer

NONE = "-"
CLIENT_LEFT = "460"
_LONGEST_AGENT = 8192
_BY_TARGET = "via_upstream"
_PORT = re.compile(r":\d+$")
_SECURE = {"http": "https", "ws": "wss"}

Told = Mapping[str, Any]


def told(line: str) -> Told | None:
    """None for one that was cut, or is nobody's."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and found.get("listener") else None


def balancer_of(entry: Told) -> str:
    """A listener's ARN is its load balancer's with one more part."""
    return str(entry["listener"]).rpartition("/")[0].replace(":listener/", ":loadbalancer/", 1)


def line(entry: Told, balancer: LoadBalancer) -> str:
    """Its fields in AWS's order, without the end of the line."""
    began = float(entry.get("began") or 0)
    target, by_target = _text(entry, "target"), entry.get("details") == _BY_TARGET
    status, secure = _status(entry), entry.get("tls") is not None
    redirected = str(entry.get("actions", "")).endswith("redirect")
    target_status = status if by_target else NONE
    fields = (
        _kind(entry, balancer, secure=secure),
        _moment(began + _micros(entry, "lasted") / 1e6),
        balancer["arn"].partition("loadbalancer/")[2],
        _text(entry, "client"),
        target,
        *(_seconds(entry, name) if by_target else "-1" for name in ("to_target", "at_target", "to_client")),
        status,
        target_status,
        str(entry.get("received") or 0),
        str(entry.get("sent") or 0),
        _quoted(_request(entry, secure=secure)),
        _quoted(_text(entry, "agent")[:_LONGEST_AGENT]),
        _text(entry, "cipher"),
        _text(entry, "tls"),
        _text(entry, "group"),
        _quoted(_text(entry, "trace")),
        _quoted(_text(entry, "server_name") if secure else NONE),
        _quoted(_certificate(entry, balancer) if secure else NONE),
        _text(entry, "priority") if entry.get("priority") is not None else "-1",
        _moment(began),
        _quoted(_text(entry, "actions")),
        _quoted(_text(entry, "location") if redirected else NONE),
        _quoted(NONE),
        _quoted(target),
        _quoted(target_status),
        _quoted(NONE),
        _quoted(NONE),
        _connection(entry),
    )
    return " ".join(fields)


def _text(entry: Told, name: str) -> str:
    """Nothing in it ends the line, or the field."""
    held = entry.get(name)
    return str(held).replace("\r", " ").replace("\n", " ") if held not in (None, "") else NONE


def _quoted(text: str) -> str:
    escaped = text.replace('"', "\\x22")
    return f'"{escaped}"'


def _status(entry: Told) -> str:
    """A client that leaves before there is an answer has had none."""
    if not entry.get("status") and "DC" in str(entry.get("flags") or "").split(","):
        return CLIENT_LEFT
    return str(entry.get("status") or NONE)


def _kind(entry: Told, balancer: LoadBalancer, *, secure: bool) -> str:
    if str(entry.get("upgrade") or "").lower() == "websocket" and entry.get("status") == 101:
        return _SECURE["ws"] if secure else "ws"
    group = next((g for g in balancer["target_groups"] if g["arn"] == entry.get("group")), None)
    if group is not None and group["protocol_version"] == "GRPC":
        return "grpcs"
    if entry.get("protocol") == "HTTP/2":
        return "h2"
    return _SECURE["http"] if secure else "http"


def _request(entry: Told, *, secure: bool) -> str:
    host = _PORT.sub("", _text(entry, "authority"))
    if not entry.get("method"):
        return f"- {'https' if secure else 'http'}://{host}:{_text(entry, 'port')}- -"  # it could not be read
    scheme = "https" if secure else "http"
    path = _text(entry, "path") if entry.get("path") else ""
    return f"{_text(entry, 'method')} {scheme}://{host}:{_text(entry, 'port')}{path} {_version(entry)}"


def _version(entry: Told) -> str:
    return "HTTP/2.0" if entry.get("protocol") == "HTTP/2" else _text(entry, "protocol")


def _micros(entry: Told, name: str) -> int:
    held = entry.get(name)
    return held if isinstance(held, int) else 0


def _seconds(entry: Told, name: str) -> str:
    return f"{_micros(entry, name) / 1e6:.3f}"


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _certificate(entry: Told, balancer: LoadBalancer) -> str:
    """The one that is good for the name that the client asked for, else the listener's first."""
    listener = next((each for each in balancer["listeners"] if each["arn"] == entry["listener"]), None)
    held = listener["certificates"] if listener is not None else []
    name = str(entry.get("server_name") or "").lower()
    fitting = (c for c in held if {name, f"*.{name.partition('.')[2]}"} & {known.lower() for known in c["names"]})
    found = next(fitting, held[0] if held else None)
    return found["arn"] if found is not None else NONE


def _connection(entry: Told) -> str:
    """The same for all requests of a connection."""
    mark = f"{entry['listener']} {entry.get('client')} {entry.get('connection')}"
    return f"TID_{hashlib.sha256(mark.encode()).hexdigest()[:32]}"
