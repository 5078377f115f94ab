"""A session's bytes, between the control plane and whoever is at either end of it.

At one end is the agent, which is told of the session on ACS and dials `PATH`; at the other may be the `podium` command,
which dials `EXEC_PATH` and says in its first frame what it wants. Both upgrades are signed with SigV4. The control
plane hands on what comes from one to the other.

Bytes are binary frames, their first byte saying which stream they are of. All else is text frames, envelopes as on ACS.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from podium_protocol.envelope import Malformed, Message, encode

PATH = "/_podium/session"
EXEC_PATH = "/_podium/exec"

MAIN, ERRORS = 0, 2
"""The streams: input and output, and what a command without a terminal writes to stderr."""

LARGEST_PIECE = 32 * 1024
LARGEST_FRAME = LARGEST_PIECE + 1

ASKED = "Asked"
RESIZED = "Resized"
INPUT_ENDED = "InputEnded"
ENDED = "Ended"


@dataclass(frozen=True, kw_only=True)
class Piece:
    stream: int
    data: bytes


def piece(data: bytes, stream: int = MAIN) -> bytes:
    return bytes((stream,)) + data


def read_piece(frame: bytes) -> Piece:
    """Raises Malformed for a frame of no stream."""
    if not frame or frame[0] not in (MAIN, ERRORS):
        raise Malformed("A frame of bytes begins with its stream.")
    return Piece(stream=frame[0], data=frame[1:])


def asked(body: Mapping[str, Any]) -> str:
    """What the `podium` command wants: `cluster`, `task`, `container`, and a `command` with `terminal`, or a `port`.

    `columns` and `rows` are the size of a terminal.
    """
    return encode(Message(type=ASKED, body=body))


def resized(columns: int, rows: int) -> str:
    return encode(Message(type=RESIZED, body={"columns": columns, "rows": rows}))


def input_ended() -> str:
    """Nothing more is typed; output goes on."""
    return encode(Message(type=INPUT_ENDED))


def ended(exit_code: int | None, reason: str = "") -> str:
    """The last frame. `reason` says why there was no session, or why there is none any more."""
    return encode(Message(type=ENDED, body={"exitCode": exit_code, "reason": reason or None}))


def size(body: Mapping[str, Any]) -> tuple[int, int]:
    """Columns and rows, each from 1 to 65,535. Raises Malformed."""
    columns, rows = body.get("columns"), body.get("rows")
    if not (isinstance(columns, int) and isinstance(rows, int) and 0 < columns < 1 << 16 and 0 < rows < 1 << 16):
        raise Malformed("A terminal's size is two numbers.")
    return columns, rows


def agents_url(endpoint: str, session_id: str, container_instance_arn: str) -> str:
    """Where an agent dials for a session, from the endpoint of its ACS."""
    query = urlencode({"containerInstanceArn": container_instance_arn, "sessionId": session_id}, quote_via=quote)
    return f"{websocket_origin(endpoint)}{PATH}?{query}"


def websocket_origin(url: str) -> str:
    parts = urlsplit(url)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    return f"{scheme}://{parts.netloc}"


def session_of(query: str) -> str:
    """The session's id in an agent's upgrade; empty when there is none."""
    return dict(parse_qsl(query)).get("sessionId", "")
