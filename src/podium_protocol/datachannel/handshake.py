"""What is said in JSON: the opening that carries the token, the handshake, acknowledgements, the end.

Everything read here comes from whoever dialed in. What is not as it should be raises Malformed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from podium_protocol.envelope import Malformed

AGENT_VERSION = "3.3.0.0"
INTERACTIVE = "InteractiveCommands"
SUCCEEDED = 1


@dataclass(frozen=True, kw_only=True)
class Opening:
    """The first frame of a data channel. Who prints it prints no token."""

    token: str = field(repr=False)
    client_id: str = ""
    client_version: str = ""


def opening(frame: str | bytes) -> Opening:
    given = _object(frame)
    token = given.get("TokenValue")
    if not isinstance(token, str) or not token:
        raise Malformed("A data channel is opened with a TokenValue.")
    return Opening(
        token=token, client_id=str(given.get("ClientId", "")), client_version=str(given.get("ClientVersion", ""))
    )


def request(command: str) -> bytes:
    action = {
        "ActionType": "SessionType",
        "ActionParameters": {"SessionType": INTERACTIVE, "Properties": {"command": command}},
    }
    return _bytes({"AgentVersion": AGENT_VERSION, "RequestedClientActions": [action]})


def objection(payload: bytes) -> str | None:
    """Why the client cannot do what was asked of it; None when it can."""
    given = _object(payload)
    done = given.get("ProcessedClientActions")
    for action in done if isinstance(done, list) else []:
        if isinstance(action, Mapping) and action.get("ActionStatus") != SUCCEEDED:
            return str(action.get("Error") or "the client does not support the session type")
    return None


def complete(seconds: float) -> bytes:
    return _bytes({"HandshakeTimeToComplete": int(seconds * 1_000_000_000), "CustomerMessage": ""})


def acknowledgement(kind: str, message_id: str, sequence: int) -> bytes:
    return _bytes(
        {
            "AcknowledgedMessageType": kind,
            "AcknowledgedMessageId": message_id,
            "AcknowledgedMessageSequenceNumber": sequence,
            "IsSequentialMessage": True,
        }
    )


def acknowledged(payload: bytes) -> int:
    """The number of the message that the other side has."""
    return _whole(_object(payload), "AcknowledgedMessageSequenceNumber")


def size(payload: bytes) -> tuple[int, int]:
    """Columns and rows of the client's terminal, each from 1 to 65,535."""
    given = _object(payload)
    columns, rows = _whole(given, "cols"), _whole(given, "rows")
    if not (0 < columns < 1 << 16 and 0 < rows < 1 << 16):
        raise Malformed(f"A terminal cannot have {columns} columns and {rows} rows.")
    return columns, rows


def closed(session_id: str, message_id: str, created_at: int, output: str) -> bytes:
    return _bytes(
        {
            "MessageId": message_id,
            "CreatedDate": str(created_at),
            "DestinationId": "",
            "SessionId": session_id,
            "MessageType": "channel_closed",
            "SchemaVersion": 1,
            "Output": output,
        }
    )


def _object(text: str | bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed("This is not JSON.") from error
    if not isinstance(value, dict):
        raise Malformed("This is not a JSON object.")
    return value


def _whole(given: Mapping[str, Any], name: str) -> int:
    value = given.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(f"{name} is a whole number.")
    return value


def _bytes(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
