"""The few calls of the Docker Engine API that the agent makes."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from podium_agent.net import http

_START_SECONDS = 180.0
_CREATE_SECONDS = 240.0
_INSPECT_SECONDS = 30.0
_REMOVE_SECONDS = 300.0
_MANIFEST_SECONDS = 60.0


class DockerError(Exception):
    """Docker refused. The text is its own, as its command line would show it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"Error response from daemon: {message}")
        self.status = status
        self.message = message


class DockerGone(Exception):
    """Docker does not answer. Whether it did what it was asked is not known."""


class Docker:
    """One Docker Engine. Every call raises DockerError when refused and DockerGone when unanswered."""

    def __init__(self, host: str) -> None:
        self.host = host
        self._http = http.to_unix_socket(host[7:]) if host.startswith("unix://") else http.to_url(_as_url(host))

    async def info(self) -> dict[str, Any]:
        return dict(await self._call("GET", "/info", timeout=_INSPECT_SECONDS))

    async def create(self, name: str, body: Mapping[str, Any]) -> str:
        """The new container's id."""
        target = f"/containers/create?{urlencode({'name': name})}"
        made = await self._call("POST", target, body=body, timeout=_CREATE_SECONDS)
        return str(made["Id"])

    async def start(self, container: str) -> None:
        """Does nothing when it runs already."""
        await self._call("POST", f"/containers/{container}/start", timeout=_START_SECONDS)

    async def stop(self, container: str, timeout_seconds: int) -> None:
        """SIGTERM, then SIGKILL after the time-out. Returns when it has ended."""
        target = f"/containers/{container}/stop?t={timeout_seconds}"
        await self._call("POST", target, timeout=timeout_seconds + 30.0)

    async def inspect(self, container: str) -> dict[str, Any] | None:
        """None when there is none of that id or name."""
        try:
            return dict(await self._call("GET", f"/containers/{quote(container)}/json", timeout=_INSPECT_SECONDS))
        except DockerError as error:
            if error.status == 404:
                return None
            raise

    async def containers(self, labels: Mapping[str, str | None]) -> list[dict[str, Any]]:
        """Every container with these labels, ended ones too. A value of None stands for any."""
        wanted = [name if value is None else f"{name}={value}" for name, value in labels.items()]
        query = urlencode({"all": "true", "filters": json.dumps({"label": wanted})})
        return list(await self._call("GET", f"/containers/json?{query}", timeout=_INSPECT_SECONDS))

    async def remove(self, container: str, *, force: bool = False) -> None:
        """Does nothing when there is none. Anonymous volumes go with it."""
        query = urlencode({"v": "true", "force": "true" if force else "false"})
        await self._call("DELETE", f"/containers/{container}?{query}", timeout=_REMOVE_SECONDS, absent_is_fine=True)

    async def volume(self, name: str) -> dict[str, Any] | None:
        """None when there is none of that name."""
        found = await self._call("GET", f"/volumes/{quote(name)}", timeout=_REMOVE_SECONDS, absent_is_fine=True)
        return None if found is None else dict(found)

    async def create_volume(self, body: Mapping[str, Any]) -> None:
        """Does nothing when there is one like it."""
        await self._call("POST", "/volumes/create", body=body, timeout=_REMOVE_SECONDS)

    async def remove_volume(self, name: str) -> None:
        await self._call("DELETE", f"/volumes/{quote(name)}", timeout=_REMOVE_SECONDS, absent_is_fine=True)

    async def stats(self, container: str) -> dict[str, Any]:
        target = f"/containers/{container}/stats?stream=false&one-shot=true"
        return dict(await self._call("GET", target, timeout=_INSPECT_SECONDS))

    async def create_exec(
        self, container: str, command: list[str], *, terminal: bool, size: tuple[int, int] | None
    ) -> str:
        """The id of a command that is to run in a container as root. It does not run yet.

        `size` is a terminal's columns and rows.
        """
        body: dict[str, Any] = {
            "Cmd": command,
            "User": "0",
            "Tty": terminal,
            "AttachStdin": True,
            "AttachStdout": True,
            "AttachStderr": True,
        }
        if size is not None:
            body["ConsoleSize"] = [size[1], size[0]]
        made = await self._call("POST", f"/containers/{container}/exec", body=body, timeout=_INSPECT_SECONDS)
        return str(made["Id"])

    async def start_exec(self, identity: str, *, terminal: bool) -> http.Streams:
        """Both directions of its bytes. Without a terminal, output is in Docker's frames."""
        answer = await self._upgraded(f"/exec/{identity}/start", {"Detach": False, "Tty": terminal})
        if isinstance(answer, http.Response):
            raise DockerError(answer.status, _message(answer.body))
        return answer

    async def resize_exec(self, identity: str, columns: int, rows: int) -> None:
        query = urlencode({"w": columns, "h": rows})
        await self._call("POST", f"/exec/{identity}/resize?{query}", timeout=_INSPECT_SECONDS)

    async def inspect_exec(self, identity: str) -> dict[str, Any]:
        return dict(await self._call("GET", f"/exec/{identity}/json", timeout=_INSPECT_SECONDS))

    async def bridge(self) -> dict[str, Any]:
        return dict(await self._call("GET", "/networks/bridge", timeout=_INSPECT_SECONDS))

    async def pull(self, image: str) -> None:
        """Raises DockerError with the registry's words when the image is not to be had."""
        tagged = "@" in image or ":" in image.rpartition("/")[2]
        query = urlencode({"fromImage": image} if tagged else {"fromImage": image, "tag": "latest"})
        async for status, line in self._lines("POST", f"/images/create?{query}"):
            told = json.loads(line) if line else {}
            problem = told.get("error") or (status >= 400 and told.get("message"))
            if problem:
                raise DockerError(status, str(problem))

    async def remote_digest(self, image: str) -> str:
        """What the image's registry answers to, now. Raises DockerError with the registry's words."""
        found = await self._call("GET", f"/distribution/{quote(image)}/json", timeout=_MANIFEST_SECONDS)
        return str(found["Descriptor"]["digest"])

    async def tag(self, image: str, repository: str, tag: str) -> None:
        query = urlencode({"repo": repository, "tag": tag})
        await self._call("POST", f"/images/{quote(image)}/tag?{query}", timeout=_INSPECT_SECONDS)

    async def image(self, image: str) -> dict[str, Any] | None:
        """None when Docker does not have it."""
        target = f"/images/{quote(image)}/json"
        found = await self._call("GET", target, timeout=_INSPECT_SECONDS, absent_is_fine=True)
        return None if found is None else dict(found)

    async def remove_image(self, image: str) -> None:
        """Does nothing when there is none."""
        await self._call("DELETE", f"/images/{quote(image)}", timeout=_REMOVE_SECONDS, absent_is_fine=True)

    async def load(self, archive: bytes) -> None:
        """Take an image in, as `docker save` writes them."""
        headers = {"Content-Type": "application/x-tar"}
        await self._send("POST", "/images/load?quiet=1", headers=headers, data=archive, timeout=_CREATE_SECONDS)

    async def events(self, filters: Mapping[str, list[str]]) -> AsyncIterator[dict[str, Any] | None]:
        """What happens, as it happens. The first item is None: from here on, nothing is missed."""
        async for status, line in self._lines("GET", f"/events?{urlencode({'filters': json.dumps(filters)})}"):
            if status != 200:
                raise DockerGone(f"Docker refused to tell events: {status} {line.decode()}")
            yield json.loads(line) if line else None

    def close(self) -> None:
        self._http.close()

    async def _call(
        self,
        method: str,
        target: str,
        *,
        timeout: float,
        body: Mapping[str, Any] | None = None,
        absent_is_fine: bool = False,
    ) -> Any:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        data = b"" if body is None else json.dumps(body).encode()
        try:
            answer = await self._send(method, target, headers=headers, data=data, timeout=timeout)
        except DockerError as error:
            if error.status == 404 and absent_is_fine:
                return None
            raise
        return json.loads(answer) if answer else None

    async def _send(
        self, method: str, target: str, *, headers: Mapping[str, str], data: bytes, timeout: float
    ) -> bytes:
        try:
            answer = await self._http.request(method, target, headers=headers, body=data, timeout=timeout)
        except (OSError, EOFError) as error:
            raise DockerGone(_in_words(error)) from error
        if answer.status >= 400:
            raise DockerError(answer.status, _message(answer.body))
        return answer.body

    async def _upgraded(self, target: str, body: Mapping[str, Any]) -> http.Streams | http.Response:
        headers, data = {"Content-Type": "application/json"}, json.dumps(body).encode()
        try:
            return await self._http.upgraded("POST", target, headers=headers, body=data, timeout=_START_SECONDS)
        except (OSError, EOFError) as error:
            raise DockerGone(_in_words(error)) from error

    async def _lines(self, method: str, target: str) -> AsyncIterator[tuple[int, bytes]]:
        try:
            async for item in self._http.lines(method, target):
                yield item
        except (OSError, EOFError) as error:
            raise DockerGone(_in_words(error)) from error


def _as_url(host: str) -> str:
    return "http://" + host.removeprefix("tcp://").removeprefix("http://")


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace").strip()


def _in_words(error: BaseException) -> str:
    return str(error) or type(error).__name__
