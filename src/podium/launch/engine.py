"""A few questions to Docker Engine, over its socket."""

import http.client
import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from podium.launch.errors import Trouble

DEFAULT_HOST = "unix:///var/run/docker.sock"


class EngineUnavailable(Trouble):
    """Docker Engine does not answer; the sentence says why and what to do."""


def default_host(environment: Mapping[str, str]) -> str:
    """DOCKER_HOST, else the engine of the machine, else the rootless engine of this user, else Docker Desktop's."""
    if given := environment.get("DOCKER_HOST"):
        return given
    own = ("XDG_RUNTIME_DIR", "docker.sock"), ("HOME", ".docker/run/docker.sock")
    others = [Path(environment.get(folder, "/nowhere")) / name for folder, name in own]
    if not Path(DEFAULT_HOST.removeprefix("unix://")).exists():
        for there in filter(Path.exists, others):
            return f"unix://{there}"
    return DEFAULT_HOST


class EngineRefused(EngineUnavailable):
    """It answered, and the answer was no. `status` is HTTP's, `reason` the engine's own words."""

    def __init__(self, status: int, reason: str, path: str) -> None:
        super().__init__(f"Docker Engine refused {path.partition('?')[0]}: {reason}")
        self.status = status
        self.reason = reason


class Engine:
    def __init__(self, host: str, timeout: float = 3.0) -> None:
        self.host = host
        self._timeout = timeout

    def version(self) -> dict[str, Any]:
        """Raises EngineUnavailable."""
        return dict(self.get("/version"))

    def answers(self) -> bool:
        try:
            self.version()
        except EngineUnavailable:
            return False
        return True

    def containers(self, filters: Mapping[str, list[str]]) -> list[dict[str, Any]]:
        """Running and ended ones."""
        return list(self.get("/containers/json", all="true", filters=json.dumps(filters)))

    def logs(
        self, container_id: str, *, follow: bool = False, stamps: bool = False, since: str = "", until: str = ""
    ) -> Iterator[bytes]:
        """What a container wrote, in pieces of any length, framed as the engine frames it.

        With `stamps` each line begins with when it was written. `since` and `until` are in seconds since the epoch,
        with a fraction.
        """
        query = {"stdout": "true", "stderr": "true", "follow": str(follow).lower(), "timestamps": str(stamps).lower()}
        query |= {name: value for name, value in (("since", since), ("until", until)) if value}
        with self._answer("GET", f"/containers/{quote(container_id)}/logs", query, forever=follow) as answer:
            while piece := answer.read1(65536):
                yield piece

    def starts(self, label: str, since: str) -> Iterator[str]:
        """The ids of containers with that label, each when it starts, from `since` on, in seconds since the epoch."""
        filters = json.dumps({"type": ["container"], "event": ["start"], "label": [label]})
        with self._answer("GET", "/events", {"filters": filters, "since": since}, forever=True) as answer:
            for line in answer:
                yield str(json.loads(line)["id"])

    def get(self, path: str, **query: str) -> Any:
        with self._answer("GET", path, query) as answer:
            return json.loads(answer.read())

    def download(self, path: str, query: Mapping[str, str]) -> bytes:
        with self._answer("GET", path, query) as answer:
            return answer.read()

    def ask(self, method: str, path: str, body: Any = None, *, forever: bool = False, **query: str) -> Any:
        """A call that changes something; what it answers, None for nothing. `forever` waits as long as it takes."""
        with self._answer(method, path, query, body=body, forever=forever) as answer:
            told = answer.read()
            return json.loads(told) if told else None

    @contextmanager
    def _answer(
        self, method: str, path: str, query: Mapping[str, str], body: Any = None, forever: bool = False
    ) -> Iterator[http.client.HTTPResponse]:
        connection = connection_to(self.host, self._timeout)
        headers = {"Host": "docker"} | ({} if body is None else {"Content-Type": "application/json"})
        try:
            target = f"{path}?{urlencode(query)}" if query else path
            connection.connect()
            if forever:
                connection.sock.settimeout(None)
            connection.request(method, target, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            if answer.status >= 300 and answer.status != http.HTTPStatus.NOT_MODIFIED:
                raise EngineRefused(answer.status, _reason(answer.read(2000)), path)
            yield answer
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise EngineUnavailable(why_not(self.host, error)) from error
        finally:
            connection.close()


def _reason(body: bytes) -> str:
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace").strip()


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("docker", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def connection_to(host: str, timeout: float) -> http.client.HTTPConnection:
    """Not yet connected. `timeout` is in seconds."""
    parts = urlsplit(host)
    if parts.scheme == "unix":
        return _UnixConnection(parts.path, timeout)
    if parts.scheme in ("tcp", "http") and parts.hostname:
        return http.client.HTTPConnection(parts.hostname, parts.port or 2375, timeout=timeout)
    raise EngineUnavailable(
        f"--docker-host {host} is not understood; use unix:///path/to/docker.sock or tcp://host:port."
    )


def why_not(host: str, error: BaseException) -> str:
    """The reason that an engine does not answer, as a sentence with what to do."""
    match error:
        case PermissionError():
            user = os.environ.get("USER", "you")
            return (
                f"This user may not use Docker's socket ({host}). "
                f"Run `sudo usermod -aG docker {user}` and log in again (that group is as good as root)."
            )
        case FileNotFoundError():
            return (
                f"There is no Docker Engine at {host}. "
                "Install one (Debian: `sudo apt-get install docker.io`) or start it (`sudo systemctl start docker`)."
            )
        case ConnectionRefusedError():
            return (
                f"Docker Engine is not running at {host}. Start it: `sudo systemctl start docker`, or `sudo dockerd`."
            )
        case TimeoutError():
            return f"Docker Engine at {host} does not answer in time. See its log, or restart it."
    return f"Docker Engine at {host} does not answer ({error})."
