"""The credential scope: what a signed request says, before it is proved, about who signed it and for what."""

import re
from urllib.parse import unquote

from podium.wire.message import Request

_HEADER = re.compile(r"Credential=[^,\s]*/[^/,\s]+/[^/,\s]*/([^/,\s]+)/aws4_request")
_QUERY = re.compile(r"(?:^|&)X-Amz-Credential=([^&]*)")


def scope_of(request: Request) -> str | None:
    """The signing name of the service the request was signed for, or None when it is not signed."""
    found = _HEADER.search(request.headers.get("authorization", ""))
    if found:
        return found[1]
    credential = _QUERY.search(request.query)
    parts = unquote(credential[1]).split("/") if credential else []
    return parts[-2] if len(parts) >= 5 else None
