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
PORT_TAKEN = "port is already allocated"


@dataclass
class Program:
    """What an image does: run for `seconds` (None: until told to end) and end with `code`.

    `ends_on_term` is how long it takes to end after SIGTERM; None: it takes no notice. Where a definition checks
    its health it is healthy after `healthy_after`, never if that is None, and no more after `sick_after`.
    """

    seconds: float | None = None
    code: int = 0
    ends_on_term: float | None = 0.1
    healthy_after: float | None = 0.5
    sick_after: float | None = None


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
    ports: frozenset[str] = frozenset()  # what it publishes on its host
    checked: bool = False
    health: str = ""

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
            health=self.health,
            task_arn=self.task_arn,
            container_name=self.container_name,
            started_at=self.started_at,
            exit=self.exit,
        )


@dataclass
class Yard:
    """What all engines of the world have in common.

    `programs` are images that every host has, `registry` those that have to be pulled. `exits` is how each
    container, by its task and name, ended last.
    """

    time: Timeline
    random: Random
    programs: dict[str, Program] = field(default_factory=dict)
    registry: dict[str, Program] = field(default_factory=dict)
    exits: dict[tuple[str, str], int] = field(default_factory=dict)
    on_kill: Callable[[SimContainer], None] = lambda container: None
    on_start: Callable[[SimContainer, SimContainer | None], None] = lambda container, network: None
    on_wire: Callable[[SimContainer], None] = lambda container: None
    pull_fails: bool = False
    pull_seconds: float = 0.5
    made: int = 0

    def program(self, image: str) -> Program:
        return self.programs.get(image) or self.registry[image]


@dataclass
class SimDocker:
    """One host's engine."""

    yard: Yard
    is_up: bool = True
    containers: dict[str, SimContainer] = field(default_factory=dict)
    images: set[str] = field(default_factory=set)  # those that were pulled
    listener: Callable[[e.Event], None] = lambda event: None
    _names: dict[str, SimContainer] = field(default_factory=dict)

    @property
    def time(self) -> Timeline:
        return self.yard.time

    def has(self, image: str) -> bool:
        return image in self.yard.programs or image in self.images

    def create(self, name: str, body: dict[str, Any]) -> SimContainer | None:
        """The container; the one that has the name already; None when there is no such image."""
        if name in self._names:
            return self._names[name]
        if not self.has(body["Image"]):
            return None
        self.yard.made += 1
        host = body["HostConfig"]
        mode, _, network = str(host.get("NetworkMode", "")).partition(":")
        made = SimContainer(f"{self.yard.made:064x}", name, body["Labels"], body["Image"])
        made.network = network if mode == "container" else ""
        bound = host.get("PortBindings") or {}
        made.ports = frozenset(
            f"{p['HostPort']}/{key.rpartition('/')[2]}" for key, ports in bound.items() for p in ports
        )
        made.checked = bool(body.get("Healthcheck"))
        self.containers[made.docker_id] = self._names[name] = made
        return made

    def start(self, docker_id: str) -> str:
        """Empty when it runs now, else why not. Its program begins, and ends by itself if it is of that kind."""
        container = self.containers.get(docker_id)
        if container is None:
            return "No such container"
        if container.state == "running":
            return ""
        network = self.containers.get(container.network) if container.network else None
        if container.network and (network is None or network.state != "running"):
            return "cannot join network of a non running container"
        if any(other.ports & container.ports for other in self.running()):
            return PORT_TAKEN
        self.yard.on_start(container, network)
        container.state, container.started_at, container.exit = "running", self.time.seconds, None
        container.life += 1
        program, life = self.yard.program(container.image), container.life
        if program.seconds is not None:
            self.time.after(program.seconds, lambda: self._end(container, program.code, life))
        if container.checked:
            self._feel(container, "starting", life)
            if program.healthy_after is not None:
                self.time.after(program.healthy_after, lambda: self._feel(container, "healthy", life))
            if program.sick_after is not None:
                self.time.after(program.sick_after, lambda: self._feel(container, "unhealthy", life))
        self.listener(e.Came(docker_id=docker_id, at=self.time.seconds))
        return ""

    def _feel(self, container: SimContainer, health: str, life: int) -> None:
        if container.state == "running" and container.life == life:
            container.health = health
            self.listener(e.HealthChanged(docker_id=container.docker_id, health=health, at=self.time.seconds))

    def wire(self, docker_id: str, interface: Interface) -> bool:
        """Whether there is a network to wire."""
        container = self.containers.get(docker_id)
        if container is None or container.state != "running":
            return False
        container.interface = interface
        self.yard.on_wire(container)
        return True

    def keep(self, interfaces: tuple[Interface, ...]) -> None:
        """Cut off what is none of the interfaces."""
        for container in self.containers.values():
            if container.interface not in interfaces:
                container.interface = None

    def stop(self, docker_id: str, timeout: float, done: Callable[[], None]) -> None:
        """SIGTERM, SIGKILL after `timeout`; `done` when it is over."""
        container = self.containers.get(docker_id)
        if container is None or container.state != "running":
            done()
            return
        self.yard.on_kill(container)
        program, life = self.yard.program(container.image), container.life
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
        container = self.containers.pop(docker_id, None)
        if container is not None:
            self._names.pop(container.name, None)

    def restart(self, seconds: float = 2.0) -> None:
        """The daemon goes away with all that runs, and comes back with what has ended."""
        self.is_up = False
        for container in self.running():
            self._over(container, KILLED)
        self.listener(e.DockerLost())
        self.time.after(seconds, self._come_back)

    def lose(self, gone: bool) -> None:
        """The host lost its power. `gone`: its disk is not what it was, and nothing tells how they ended."""
        for container in list(self.containers.values()):
            if container.state == "running":
                self._over(container, KILLED)
            if gone:
                self.yard.exits.pop((container.task_arn, container.container_name), None)
                self.remove(container.docker_id)

    def running(self) -> list[SimContainer]:
        return [c for c in self.containers.values() if c.state == "running"]

    def _come_back(self) -> None:
        self.is_up = True
        self.listener(e.DockerBack())

    def _end(self, container: SimContainer, code: int, life: int) -> None:
        if container.state != "running" or container.life != life:
            return
        ended = self._over(container, code)
        self.listener(e.Died(docker_id=container.docker_id, exit=ended))

    def _over(self, container: SimContainer, code: int) -> Exit:
        container.state, container.exit, container.interface = "exited", Exit(code=code, at=self.time.seconds), None
        container.health = ""
        self.yard.exits[container.task_arn, container.container_name] = code
        return container.exit


@dataclass
class Fleet:
    """The engines of all hosts, looked at together."""

    yard: Yard
    engines: list[SimDocker] = field(default_factory=list)

    def engine(self) -> SimDocker:
        """One more host's."""
        self.engines.append(SimDocker(self.yard))
        return self.engines[-1]

    @property
    def programs(self) -> dict[str, Program]:
        return self.yard.programs

    @property
    def exits(self) -> dict[tuple[str, str], int]:
        return self.yard.exits

    @property
    def is_up(self) -> bool:
        return all(engine.is_up for engine in self.engines)

    @property
    def containers(self) -> dict[str, SimContainer]:
        return {docker_id: c for engine in self.engines for docker_id, c in engine.containers.items()}

    def running(self) -> list[SimContainer]:
        return [c for engine in self.engines for c in engine.running()]

    def kill(self, docker_id: str) -> None:
        next(engine for engine in self.engines if docker_id in engine.containers).kill(docker_id)

    def restart(self, seconds: float = 2.0) -> None:
        """Everywhere at once."""
        for engine in self.engines:
            engine.restart(seconds)
