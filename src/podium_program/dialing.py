"""A signed WebSocket to the control plane."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from podium_protocol.signing import Signs, host_header

if TYPE_CHECKING:  # the library is imported by the first who dials, which an agent does after its registration
    from websockets.asyncio.client import connect


def dialed(
    url: str, signer: Signs, *, largest: int, within: float = 10.0, ping_every: float | None = 20.0
) -> "connect":
    """To be entered, for a connection that is closed when it is left, or to be awaited, for one to close oneself.

    `url` is of ws or wss, `largest` in bytes of a message, the others in seconds; with None the other side is to ping.
    Raises websockets' InvalidStatus when the door refuses it, its other WebSocketExceptions, OSError or EOFError.
    """
    from websockets.asyncio.client import connect

    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return connect(
        url,
        additional_headers=signer.headers("GET", host_header(url), target),
        proxy=None,
        compression=None,
        open_timeout=within,
        ping_interval=ping_every,
        max_size=largest,
        user_agent_header=None,
    )
