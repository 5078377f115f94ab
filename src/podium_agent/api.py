"""The control plane's JSON API, as far as an agent calls it."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from podium_agent.net.http import Client, Response
from podium_protocol.signing import Signs

_TARGET = "AmazonEC2ContainerServiceV20141113"
_ERROR = ("Code", "Message")
_CONTENT_TYPE = "application/x-amz-json-1.1"


class ApiError(Exception):
    """The control plane refused. `code` is the error's name, such as ClusterNotFoundException."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class Api:
    """Signed calls. Raises ApiError when refused, OSError, EOFError or TimeoutError when not reached."""

    def __init__(self, client: Client, signer: Signs, user_agent: str) -> None:
        self._client = client
        self._signer = signer
        self._user_agent = user_agent

    async def call(
        self, operation: str, request: Mapping[str, Any], *, prefix: str = _TARGET, timeout: float = 30
    ) -> dict[str, Any]:
        """An operation of ECS, or of another service: `prefix` is what its X-Amz-Target begins with."""
        body = json.dumps(request).encode()
        extra = {
            "Content-Type": _CONTENT_TYPE,
            "X-Amz-Target": f"{prefix}.{operation}",
            "User-Agent": self._user_agent,
        }
        headers = self._signer.headers("POST", self._client.host, "/", body=body, extra=extra)
        return _answer(await self._client.request("POST", "/", headers=headers, body=body, timeout=timeout))

    async def get(self, target: str, *, timeout: float = 30) -> dict[str, Any]:
        """A signed GET of one of Podium's own paths."""
        headers = self._signer.headers("GET", self._client.host, target)
        return _answer(await self._client.request("GET", target, headers=headers, timeout=timeout))

    async def fetch(self, target: str, *, timeout: float = 30) -> bytes:
        """An object of S3's, by its path as it is sent."""
        extra = {"X-Amz-Content-Sha256": hashlib.sha256(b"").hexdigest(), "User-Agent": self._user_agent}
        headers = self._signer.headers("GET", self._client.host, target, extra=extra)
        response = await self._client.request("GET", target, headers=headers, timeout=timeout)
        if response.status < 300:
            return response.body
        text = response.body.decode(errors="replace")
        code, message = (found[1] if (found := re.search(f"<{name}>(.*?)</{name}>", text)) else "" for name in _ERROR)
        raise ApiError(code or f"HTTP{response.status}", message, response.status)

    async def post(self, target: str, request: Mapping[str, Any], *, timeout: float = 30) -> dict[str, Any]:
        """A signed POST to one of Podium's own paths."""
        body = json.dumps(request).encode()
        headers = self._signer.headers("POST", self._client.host, target, body=body)
        return _answer(await self._client.request("POST", target, headers=headers, body=body, timeout=timeout))

    def signed_by(self, signer: Signs) -> "Api":
        """The same control plane, called with another key."""
        return Api(self._client, signer, self._user_agent)


def _answer(response: Response) -> dict[str, Any]:
    try:
        decoded = json.loads(response.body or b"{}")
    except ValueError:
        decoded = {}
    members: dict[str, Any] = decoded if isinstance(decoded, dict) else {}
    if response.status < 300:
        return members
    code = str(members.get("__type") or f"HTTP{response.status}").rpartition("#")[2]
    raise ApiError(code, members.get("message") or members.get("Message") or "", response.status)
