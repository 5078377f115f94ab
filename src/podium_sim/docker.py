"""A Docker Engine that pretends: containers start late, run programs, die, and are seen to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from podium_agent.engine import events as e
from podium_agent.engine.interfaces import Interface
from podium_agent.engine.records import Exit
from podium_agent.engine.specs import INSTANCE_LABEL, NAME_LABEL, TASK_LABEL
from podium_sim.clock import Timeline

KILLED = 137


@dataclass
class Program:
    """What an image does: run for `seconds` (None: until told to end) and end with `code`.

    `ends_on_term` is how long it takes to end after SIGTERM; None: it takes no notice.
    """

    seconds: float | None = None
    code: int = 0
    ends_on_term: float | None = 0.1


@dataclass
class SimContainer:
    docker_id: str
    name: str
    labels: dict[str, str]
    image: str
    state: str = "created"
    started_at: float | None = None
    exit: Exit | None = None
    life: int = 0  # which start it is, so that the end of an earlier one is not taken for this one's
    network: str = ""  # the container whose network it has
    interface: Interface | None = None  # what its network is wired with, as long as it runs

    @property
    def task_arn(self) -> str:
        return self.labels[TASK_LABEL]

    @property
    def instance_arn(self) -> str:
        return self.labels[INSTANCE_LABEL]

    @property
    def container_name(self) -> str:
        return self.labels[NAME_LABEL]

    def found(self) -> e.Found:
        return e.Found(
            docker_id=self.docker_id,
            docker_name=self.name,
            state=self.state,
            task_arn=self.task_arn,
            container_name=self.container_name,
            started_at=self.started_at,
            exit=self.exit,
        )


@dataclass
class SimDocker:
    """One engine, shared by every host of the world that has no other."""

    time: Timeline
    random: Random
    programs: dict[str, Program] = field(default_factory=dict)
    is_up: bool = True
    containers: dict[str, SimContainer] = field(default_factory=dict)
    listeners: list[Callable[[SimContainer, e.Event], None]] = field(default_factory=list)
    on_kill: Callable[[SimContainer], None] = lambda container: None
    on_start: Callable[[SimContainer, SimContainer], None] = lambda container, network: None
    exits: dict[tuple[str, str], int] = field(default_factory=dict)  # (task, container) -> how it ended last
    _made: int = 0

    def create(self, name: str, body: dict[str, Any]) -> SimContainer | None:
        """The container; the one that has the name already; None when there is no such image."""
        known = next((c for c in self.containers.values() if c.name == name), None)
        if known is not None:
            return known
        if body["Image"] not in self.programs:
            return None
        self._made += 1
        mode, _, network = str(body["HostConfig"].get("NetworkMode", "")).partition(":")
        made = SimContainer(f"{self._made:064x}", name, body["Labels"], body["Image"])
        made.network = network if mode == "container" else ""
        self.containers[made.docker_id] = made
        return made

    def start(self, docker_id: str) -> bool:
        """Whether it runs now. Its program begins, and ends by itself if it is of that kind."""
        container = self.containers.get(docker_id)
        if container is None:
            return False
        if container.state == "running":
            return True
        if container.network:
            network = self.containers.get(container.network)
            if network is None or network.state != "running":
                return False
            self.on_start(container, network)
        container.state, container.started_at, container.exit = "running", self.time.seconds, None
        container.life += 1
        program, life = self.programs[container.image], container.life
        if program.seconds is not None:
            self.time.after(program.seconds, lambda: self._end(container, program.code, life))
        self._tell(container, e.Came(docker_id=docker_id, at=self.time.seconds))
        return True

    def wire(self, docker_id: str, interface: Interface) -> bool:
        """Whether there is a network to wire."""
        container = self.containers.get(docker_id)
        if container is None or container.state != "running":
            return False
        container.interface = interface
        return True

    def keep(self, containers: list[SimContainer], interfaces: tuple[Interface, ...]) -> None:
        """Cut off what is none of the interfaces."""
        for container in containers:
            if container.interface not in interfaces:
                container.interface = None

    def stop(self, docker_id: str, timeout: float, done: Callable[[], None]) -> None:
        """SIGTERM, SIGKILL after `timeout`; `done` when it is over."""
        container = self.containers.get(docker_id)
        if container is None or container.state != "running":
            done()
            return
        self.on_kill(container)
        program, life = self.programs[container.image], container.life
        heeds = program.ends_on_term is not None and program.ends_on_term <= timeout
        wait, code = (program.ends_on_term or 0.0, 0) if heeds else (timeout, KILLED)

        def over() -> None:
            self._end(container, code, life)
            done()

        self.time.after(wait, over)

    def kill(self, docker_id: str) -> None:
        """Somebody's `docker kill`, behind everyone's back."""
        container = self.containers[docker_id]
        self._end(container, KILLED, container.life)

    def remove(self, docker_id: str) -> None:
        self.containers.pop(docker_id, None)

    def restart(self, seconds: float = 2.0) -> None:
        """The daemon goes away with all that runs, and comes back with what has ended."""
        self.is_up = False
        for container in self.running():
            self._over(container, KILLED)
        self._tell_all(e.DockerLost())
        self.time.after(seconds, self._come_back)

    def lose(self, containers: list[SimContainer], gone: bool) -> None:
        """Their host lost its power. `gone`: its disk is not what it was, and nothing tells how they ended."""
        for container in containers:
            if container.state == "running":
                self._over(container, KILLED)
            if gone:
                self.exits.pop((container.task_arn, container.container_name), None)
                self.remove(container.docker_id)

    def running(self) -> list[SimContainer]:
        return [c for c in self.containers.values() if c.state == "running"]

    def _come_back(self) -> None:
        self.is_up = True
        self._tell_all(e.DockerBack())

    def _end(self, container: SimContainer, code: int, life: int) -> None:
        if container.state != "running" or container.life != life:
            return
        ended = self._over(container, code)
        self._tell(container, e.Died(docker_id=container.docker_id, exit=ended))

    def _over(self, container: SimContainer, code: int) -> Exit:
        container.state, container.exit, container.interface = "exited", Exit(code=code, at=self.time.seconds), None
        self.exits[container.task_arn, container.container_name] = code
        return container.exit

    def _tell(self, container: SimContainer, event: e.Event) -> None:
        for listener in list(self.listeners):
            listener(container, event)

    def _tell_all(self, event: e.Event) -> None:
        nobody = SimContainer("", "", {INSTANCE_LABEL: "", TASK_LABEL: "", NAME_LABEL: ""}, "")
        self._tell(nobody, event)
