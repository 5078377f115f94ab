"""Calls to a running server: the ECS API, and Podium's own few paths."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from podium.launch.errors import Trouble
from podium_protocol.signing import Credentials, Signer

ECS_TARGET = "AmazonEC2ContainerServiceV20141113"


class ApiError(Trouble):
    """The server answered, and the answer was no. `code` is the API's name for it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class NoAnswer(Trouble):
    """Nobody answered, or what answered does not speak HTTP."""


class Client:
    """Speaks straight to `url`: no proxy, no setting of the environment, no retries."""

    def __init__(self, url: str, key: Credentials, region: str) -> None:
        self.url = url
        self._signer = Signer(credentials=key, region=region)

    def ecs(self, operation: str, request: dict[str, Any] | None = None, timeout: float = 10.0) -> dict[str, Any]:
        target = {"X-Amz-Target": f"{ECS_TARGET}.{operation}"}
        return self._signed("/", request or {}, target, timeout)

    def podium(self, path: str, request: dict[str, Any], timeout: float = 10.0) -> dict[str, Any]:
        """A POST to one of Podium's own paths, signed like an ECS request."""
        return self._signed(f"/_podium/{path}", request, {}, timeout)

    def page(self, path: str, timeout: float = 10.0) -> dict[str, Any]:
        """A GET of one of Podium's own pages, signed."""
        return self._signed(f"/_podium/{path}", None, {}, timeout)

    def _signed(
        self, path: str, request: dict[str, Any] | None, extra: dict[str, str], timeout: float
    ) -> dict[str, Any]:
        method, body = ("GET", b"") if request is None else ("POST", json.dumps(request).encode())
        host, kind = urlsplit(self.url).netloc, {"Content-Type": "application/x-amz-json-1.1"}
        signed = self._signer.headers(method, host, path, body=body, extra={**kind, **extra}) | {"Host": host}
        status, answer = exchange(self.url, method, path, body=body, headers=signed, timeout=timeout)
        if status >= 300:
            raise _refusal(status, answer)
        return _object(answer)


def get_json(url: str, path: str, timeout: float = 2.0) -> dict[str, Any] | None:
    """A JSON object from a path that needs no signature; None when there is none to be had."""
    try:
        status, answer = exchange(url, "GET", path, timeout=timeout)
        return _object(answer) if status == 200 else None
    except (NoAnswer, ApiError):
        return None


def exchange(
    url: str, method: str, path: str, *, body: bytes = b"", headers: dict[str, str] | None = None, timeout: float
) -> tuple[int, bytes]:
    """One request and its answer's status and body. Raises NoAnswer."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    try:
        connection.request(method, path, body=body or None, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(f"{url} does not answer ({error}). `podium status` says whether Podium runs.") from error
    finally:
        connection.close()


def _refusal(status: int, answer: bytes) -> ApiError:
    members = _object(answer) if answer.startswith(b"{") else {}
    code = str(members.get("__type", f"HTTP {status}")).rpartition("#")[2]
    return ApiError(
        code, str(members.get("message") or members.get("Message") or answer[:200].decode(errors="replace"))
    )


def _object(answer: bytes) -> dict[str, Any]:
    try:
        members = json.loads(answer or b"{}")
    except ValueError as error:
        raise ApiError("NotJson", answer[:200].decode(errors="replace")) from error
    if not isinstance(members, dict):
        raise ApiError("NotJson", answer[:200].decode(errors="replace"))
    return members
