"""How the open-source agent reaches a control plane: signed calls, and signed WebSocket upgrades.

Written from what is known of that agent, and sharing nothing with Podium's own: botocore signs.
"""

import http.client
import json
import ssl
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit
from uuid import uuid4

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from websockets.sync.client import ClientConnection, connect

USER_AGENT = "Amazon ECS Agent - v1.105.1 (a8b3e7d3) (linux; LINUX) (+http://aws.amazon.com/ecs/)"
TARGET = "AmazonEC2ContainerServiceV20141113"


class ApiError(Exception):
    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status


@dataclass(frozen=True)
class Keys:
    access: str
    secret: str
    token: str | None = None


@dataclass(frozen=True)
class Wire:
    """`backend` is ECS_BACKEND_HOST: https unless it says otherwise. `authority` is the CA's file."""

    backend: str
    keys: Keys
    region: str = "us-east-1"
    authority: str | None = None

    @property
    def url(self) -> str:
        return self.backend if "://" in self.backend else f"https://{self.backend}"

    def call(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        """One try; what is sent and signed is what the agent sends and signs."""
        data = json.dumps(body).encode()
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "Content-Length": str(len(data)),
            "X-Amz-Target": f"{TARGET}.{operation}",
            "amz-sdk-invocation-id": str(uuid4()),
            "amz-sdk-request": "attempt=1; max=3",
        }
        signed = self._signed("POST", f"{self.url}/", headers, data)
        connection = self._connection()
        try:
            unsigned = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"}
            connection.request("POST", "/", data, {**signed, **unsigned})
            answer = connection.getresponse()
            told = json.loads(answer.read() or b"{}")
        finally:
            connection.close()
        if answer.status != 200:
            raise ApiError(told.get("__type", "?").rpartition("#")[2], told.get("message", ""), answer.status)
        return dict(told)

    def upgrade(self, endpoint: str, query: dict[str, str]) -> "Channel":
        """Raises websockets' InvalidStatus when it is refused."""
        base = endpoint if endpoint.endswith("/") else endpoint + "/"
        by_name = sorted(query.items())
        canonical = "&".join(f"{quote(n, safe='-_.~')}={quote(v, safe='-_.~')}" for n, v in by_name)
        sent = "&".join(f"{quote_plus(n)}={quote_plus(v)}" for n, v in by_name)  # a space travels as a plus
        headers = self._signed("GET", f"{base}ws?{canonical}", {}, b"")
        url = f"{base}ws?{sent}".replace("http", "ws", 1)
        opening = ExitStack()
        dialed = connect(
            url,
            additional_headers=headers,
            compression=None,
            user_agent_header=None,
            proxy=None,
            ssl=self._context(in_name_of=urlsplit(endpoint).netloc) if url.startswith("wss") else None,
            open_timeout=10,
        )
        socket = opening.enter_context(dialed)
        self._check_name(socket, urlsplit(endpoint).netloc)
        return Channel(self, socket, f"{base}ws?{canonical}", opening)

    def frame(self, url: str, envelope: str) -> str:
        """A telemetry frame: the headers that sign it, an empty line, the envelope."""
        signed = self._signed("GET", url, {}, envelope.encode())
        lines = {"Authorization": signed["Authorization"], "Host": urlsplit(url).netloc, **signed}
        return "\r\n".join(f"{name}: {value}" for name, value in lines.items()) + "\r\n\r\n" + envelope

    def _signed(self, method: str, url: str, headers: dict[str, str], data: bytes) -> dict[str, str]:
        request = AWSRequest(method, url, headers=headers, data=data)
        keys = Credentials(self.keys.access, self.keys.secret, self.keys.token)
        SigV4Auth(keys, "ecs", self.region).add_auth(request)
        return dict(request.headers.items())

    def _connection(self) -> http.client.HTTPConnection:
        at = urlsplit(self.url)
        assert at.hostname is not None
        if at.scheme == "https":
            context = ssl.create_default_context(cafile=self.authority)
            return http.client.HTTPSConnection(at.hostname, at.port, timeout=10, context=context)
        return http.client.HTTPConnection(at.hostname, at.port, timeout=10)

    def _context(self, in_name_of: str) -> ssl.SSLContext:
        """The chain is verified here, the name by `_check_name`: it is the address with its port."""
        context = ssl.create_default_context(cafile=self.authority)
        context.check_hostname = False
        return context

    def _check_name(self, socket: ClientConnection, name: str) -> None:
        if not isinstance(socket.socket, ssl.SSLSocket):
            return
        certificate = socket.socket.getpeercert() or {}
        names = [value for kind, value in certificate.get("subjectAltName", ()) if kind == "DNS"]  # type: ignore[misc]
        if name not in names:
            socket.close()
            raise ssl.SSLCertVerificationError(f"certificate is valid for {names}, not {name}")


@dataclass(frozen=True)
class Channel:
    wire: Wire
    socket: ClientConnection
    url: str
    opening: ExitStack

    def say(self, kind: str, message: dict[str, Any]) -> None:
        self.socket.send(json.dumps({"type": kind, "message": message}))

    def publish(self, kind: str, message: dict[str, Any]) -> None:
        self.socket.send(self.wire.frame(self.url, json.dumps({"type": kind, "message": message})))
