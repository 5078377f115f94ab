"""What this agent answers at the task endpoint, to the tasks of all its memberships.

Source: Amazon ECS Developer Guide, "Amazon ECS task metadata endpoint"; the open-source agent's handlers.
"""

import re
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from podium_agent.docker.client import Docker
from podium_agent.endpoint.callers import Callers, addresses_of, is_this_host
from podium_agent.endpoint.doors import Asked
from podium_agent.endpoint.limits import Limits
from podium_agent.engine.records import Container
from podium_agent.metadata import credentials, protection
from podium_agent.metadata.documents import container_document, task_document
from podium_agent.metadata.inspection import Inspection
from podium_agent.metadata.residents import Everyone, Resident, Residents
from podium_agent.net.server import Answer
from podium_agent.role_credentials import EXECUTION_ROLE
from podium_program.log import Log

_CREDENTIALS = re.compile(r"/v([12])/credentials(?:/([^/]*))?")
_BY_ADDRESS = re.compile(r"/v2/(metadataWithTags|metadata|stats)(?:/([0-9a-f]{12,64}))?")
_BY_ID = re.compile(r"/(v3|v4|api)/([^/]*)((?:/.*)?)")
_FAULT = re.compile(r"/fault/v1/network-(blackhole-port|latency|packet-loss)/(start|stop|status)")
_LOG_DRIVER = re.compile(r"/log-driver/([0-9a-f]{32})")
_PROTECTION = "/task-protection/v1/state"
_TOO_OFTEN = Answer(status=429, body="You have reached maximum request limit.")
_NOT_ALLOWED = Answer(status=405, body="this method is not served here")

Part = Callable[[Resident, Container, int], Awaitable[Answer]]


class TaskServer:
    """A caller is believed to be a task when its request comes from one of the task's addresses.

    Who asks for what is another's is answered as if there were no such thing. The host itself may read metadata,
    in which there is no secret, and execution roles' credentials, which Docker's log drivers ask for.
    """

    def __init__(self, everyone: Everyone, docker: Docker, log: Log, limits: Limits | None = None) -> None:
        self._residents = Residents(everyone)
        self._callers, self._inspection = Callers(docker), Inspection(docker)
        self._log = log
        self._limits = limits or Limits()
        self._parts: dict[str, Part] = {
            "": self._container,
            "/task": self._task,
            "/taskWithTags": self._task_with_tags,
            "/stats": self._stats,
            "/task/stats": self._task_stats,
        }

    @property
    def residents(self) -> Residents:
        return self._residents

    async def answer(self, asked: Asked) -> Answer | None:
        """None when the request is about no task of this agent's."""
        path = asked.head.path
        if match := _CREDENTIALS.fullmatch(path):
            return await self._credentials(asked, int(match[1]), _credentials_id(asked, match))
        if match := _LOG_DRIVER.fullmatch(path):
            return self._log_driver(asked, match[1])
        if match := _BY_ADDRESS.fullmatch(path):
            return await self._by_address(asked, match[1], match[2])
        if match := _BY_ID.fullmatch(path):
            return await self._by_id(asked, match[1], match[2], match[3])
        return None

    def refusal(self, asked: Asked) -> Answer:
        """The answer to a request that no agent of this host knows anything about."""
        path = asked.head.path
        if not self._limits.take(asked.caller, time.monotonic()):
            return _TOO_OFTEN
        if match := _CREDENTIALS.fullmatch(path):
            version = int(match[1])
            return credentials.unknown(version) if _credentials_id(asked, match) else credentials.no_id(version)
        if _BY_ADDRESS.fullmatch(path):
            why = f"unable to associate '{asked.caller}' with task"
            return Answer(status=400, body=f"Unable to get task arn from request: {why}")
        if match := _BY_ID.fullmatch(path):
            return _unknown_id(match[1], match[2], match[3])
        return Answer(status=404, body=f"no such path: {path}")

    async def _credentials(self, asked: Asked, version: int, credentials_id: str) -> Answer | None:
        found = self._residents.of_credentials(credentials_id)
        if found is None:
            return None
        resident, member = found
        if asked.head.method != "GET":
            return _NOT_ALLOWED
        if not self._may_ask(resident):
            return _TOO_OFTEN
        if member == EXECUTION_ROLE:
            allowed = is_this_host(asked.caller)
        else:
            allowed = await self._callers.is_task(asked.caller, resident.task)
        answer = self._held(resident, member, version) if allowed else credentials.unknown(version)
        self._log(
            "credentials were asked for", task=resident.task.arn, role=member, caller=asked.caller, status=answer.status
        )
        return answer

    def _log_driver(self, asked: Asked, endpoint_id: str) -> Answer | None:
        """What Docker's awslogs driver signs with. It speaks to this agent's relay alone, which signs anew."""
        if self._residents.of_endpoint(endpoint_id) is None:
            return None
        return Answer(body=credentials.OF_NOBODY) if is_this_host(asked.caller) else self.refusal(asked)

    def _held(self, resident: Resident, member: str, version: int) -> Answer:
        given = resident.credentials(member)
        return credentials.not_yet(version) if given is None else credentials.found(given)

    async def _by_address(self, asked: Asked, what: str, docker_id: str | None) -> Answer | None:
        """Version 2 has no ids in its paths, and serves tasks with network interfaces of their own."""
        mine = (r for r in self._residents.running() if asked.caller in addresses_of(r.task))
        resident = next(mine, None)
        if resident is None:
            return None
        if asked.head.method != "GET":
            return _NOT_ALLOWED
        if not self._may_ask(resident):
            return _TOO_OFTEN
        if docker_id is None:
            parts = {"metadata": "/task", "metadataWithTags": "/taskWithTags", "stats": "/task/stats"}
            return await self._parts[parts[what]](resident, resident.task.containers[0], 2)
        container = next((c for c in resident.task.containers if c.docker_id == docker_id), None)
        if container is None:
            return Answer(status=400, body=f"Unable to get container metadata for container: {docker_id}")
        return await self._parts["/stats" if what == "stats" else ""](resident, container, 2)

    async def _by_id(self, asked: Asked, kind: str, endpoint_id: str, rest: str) -> Answer | None:
        found = self._residents.of_endpoint(endpoint_id)
        if found is None:
            return None
        resident, container = found
        if not self._may_ask(resident):
            return _TOO_OFTEN
        from_task = await self._callers.is_task(asked.caller, resident.task)
        if not from_task and (kind == "api" or not is_this_host(asked.caller)):
            return self.refusal(asked)
        if kind == "api":
            return await self._acted(asked, resident, rest)
        if asked.head.method != "GET":
            return _NOT_ALLOWED
        return await self._read(resident, container, int(kind[1]), rest)

    async def _acted(self, asked: Asked, resident: Resident, rest: str) -> Answer:
        method, arn = asked.head.method, resident.task.arn
        if rest == _PROTECTION:
            return await protection.answer(resident, method, asked.body) if method in ("GET", "PUT") else _NOT_ALLOWED
        if _FAULT.fullmatch(rest):
            return Answer(status=400, body={"Error": f"enableFaultInjection is not enabled for task: {arn}"})
        return Answer(status=404, body=f"no such path: {asked.head.path}")

    async def _read(self, resident: Resident, container: Container, version: int, rest: str) -> Answer:
        part = self._parts.get(rest)
        if part is not None:
            return await part(resident, container, version)
        if rest.startswith("/associations/"):
            return _associations(resident, container, rest.removeprefix("/associations/"))
        return Answer(status=404, body=f"no such path: {rest}")

    async def _container(self, resident: Resident, container: Container, version: int) -> Answer:
        inspected = await self._inspection.of([container])
        return Answer(
            body=container_document(resident.task, container, inspected.get(container.docker_id or "", {}), version)
        )

    async def _task(self, resident: Resident, container: Container, version: int) -> Answer:
        return Answer(body=await self._task_document(resident, version))

    async def _task_with_tags(self, resident: Resident, container: Container, version: int) -> Answer:
        document = await self._task_document(resident, version)
        return Answer(body={**document, **await self._inspection.tags(resident, version)})

    async def _task_document(self, resident: Resident, version: int) -> dict[str, Any]:
        inspected = await self._inspection.of(resident.task.containers)
        return task_document(resident.task, inspected, resident.home.place, version)

    async def _stats(self, resident: Resident, container: Container, version: int) -> Answer:
        return Answer(body=await self._inspection.stats(container))

    async def _task_stats(self, resident: Resident, container: Container, version: int) -> Answer:
        return Answer(body=await self._inspection.stats_of_all(resident.task.containers))

    def _may_ask(self, resident: Resident) -> bool:
        return self._limits.take(resident.task.arn, time.monotonic())


def _credentials_id(asked: Asked, match: re.Match[str]) -> str:
    if match[1] == "1":
        return parse_qs(asked.head.query).get("id", [""])[0]
    return match[2] or ""


def _associations(resident: Resident, container: Container, rest: str) -> Answer:
    """The names of a type's associations of the container, or what one of them holds."""
    kind, _, name = rest.partition("/")
    given = resident.task.payload.get("associations") or []
    mine = [a for a in given if a.get("type") == kind and container.name in (a.get("containers") or ())]
    if not name:
        return Answer(body={"Associations": [a.get("name", "") for a in mine]})
    value = next(((a.get("content") or {}).get("value", "") for a in mine if a.get("name") == name), None)
    if value is None:
        return Answer(status=404, body=f"there is no association {name} of type {kind}")
    return Answer(body=str(value).encode())


def _unknown_id(kind: str, endpoint_id: str, rest: str) -> Answer:
    if kind == "api":
        return protection.refused(404, "ResourceNotFoundException", "Failed to find a task for the request")
    whole = rest.startswith("/task")
    what = f"{'task' if whole else 'container'} {'stats' if rest.endswith('stats') else 'metadata'}"
    thing, inner = ("task arn", "task Arn") if whole else ("container ID", "docker ID")
    why = f"unable to get {thing} from request: unable to get {inner} from v3 endpoint ID: {endpoint_id}"
    return Answer(status=404, body=f"V{kind[1]} {what} handler: {why}")
