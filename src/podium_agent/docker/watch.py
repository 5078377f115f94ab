"""Docker's own account of what happens to containers, told to whom each belongs."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from podium_agent.docker.client import Docker, DockerError, DockerGone
from podium_agent.docker.out_of_memory import KernelLog
from podium_agent.engine import events as e
from podium_agent.engine.records import Exit
from podium_agent.engine.specs import INSTANCE_LABEL
from podium_program.log import Log

_KILLED = 137
_SIGKILL = ("9", "SIGKILL", "KILL")
_RETRY_SECONDS = 0.25
_LATE_NEWS_SECONDS = (0.1, 0.3, 0.7)  # after the end
_FILTERS = {
    "type": ["container"],
    "label": [INSTANCE_LABEL],
    "event": ["start", "kill", "die", "oom", "health_status"],
}

Hear = Callable[[e.Event], None]


class Watch:
    """Follows Docker's events for as long as the process lives, through any number of outages."""

    def __init__(self, docker: Docker, kernel: KernelLog, log: Log) -> None:
        self.answers = asyncio.Event()
        self._docker = docker
        self._kernel = kernel
        self._log = log
        self._hearers: dict[str, Hear] = {}
        self._out_of_memory: set[str] = set()
        self._asked_to_die: set[str] = set()

    def listen(self, container_instance_arn: str, hear: Hear) -> None:
        """Tell `hear` of that instance's containers, and of Docker being lost and back."""
        self._hearers[container_instance_arn] = hear

    def forget(self, hear: Hear) -> None:
        self._hearers = {arn: h for arn, h in self._hearers.items() if h != hear}

    async def run(self) -> None:
        while True:
            try:
                await self._follow()
                problem = "the stream of events ended"
            except (DockerGone, DockerError) as error:
                problem = str(error)
            self._lost(problem)
            await asyncio.sleep(_RETRY_SECONDS)

    def _lost(self, problem: str) -> None:
        if self.answers.is_set():
            self.answers.clear()
            self._log("Docker does not answer; containers are looked after again once it does", reason=problem)
            self._tell_all(e.DockerLost())

    async def _follow(self) -> None:
        async for document in self._docker.events(_FILTERS):
            if document is None:
                self.answers.set()
                self._tell_all(e.DockerBack())
            else:
                await self._tell(document)

    def _tell_all(self, event: e.Event) -> None:
        for hear in set(self._hearers.values()):
            hear(event)

    async def _tell(self, document: dict[str, Any]) -> None:
        docker_id = document["Actor"]["ID"]
        attributes = document["Actor"].get("Attributes") or {}
        hear = self._hearers.get(attributes.get(INSTANCE_LABEL, ""))
        if hear is None:
            return
        action, _, detail = str(document["Action"]).partition(":")
        at = document.get("timeNano", 0) / 1e9
        if action == "oom":
            self._out_of_memory.add(docker_id)
        elif action == "kill" and attributes.get("signal") in _SIGKILL:
            self._asked_to_die.add(docker_id)
        elif action == "start":
            hear(e.Came(docker_id=docker_id, at=at))
        elif action == "health_status":
            hear(e.HealthChanged(docker_id=docker_id, health=detail.strip(), at=at))
        elif action == "die":
            code = int(attributes.get("exitCode", "0"))
            hear(e.Died(docker_id=docker_id, exit=await self._exit(docker_id, code, at)))

    async def _exit(self, docker_id: str, code: int, at: float) -> Exit:
        """SIGKILL may have been the kernel's, for want of memory. Docker's event of that comes first, if at all;
        to every container under a task's limit, also to those that were spared. The kernel's log is a second witness,
        where it can be read.

        Docker tells of a kill that somebody asked it for; only when nobody did is it asked, which takes
        until it has tidied up after the container.
        """
        known = self._kernel.ended(docker_id) or docker_id in self._out_of_memory
        asked = docker_id in self._asked_to_die
        self._out_of_memory.discard(docker_id)
        self._asked_to_die.discard(docker_id)
        if code != _KILLED or known or asked:
            return Exit(code=code, at=at, out_of_memory=known and code == _KILLED and not asked)
        oom = await self._was_out_of_memory(docker_id)
        for seconds in _LATE_NEWS_SECONDS:  # Docker may hear of it only after the end, when it is busy
            if oom:
                break
            await asyncio.sleep(min(max(0.0, at + seconds - time.time()), seconds))
            oom = await self._was_out_of_memory(docker_id)
        return Exit(code=code, at=at, out_of_memory=oom)

    async def _was_out_of_memory(self, docker_id: str) -> bool:
        try:
            document = await self._docker.inspect(docker_id)
        except (DockerError, DockerGone):
            return False  # the exit code matters more than its cause
        return document is not None and bool(document["State"].get("OOMKilled"))
