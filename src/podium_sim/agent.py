"""A host's agent in the world: the real engine, with hands that pretend and a state that lasts."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from random import Random
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import structs

from podium_agent.channels.health import health_messages
from podium_agent.engine import Engine, Settings
from podium_agent.engine import events as e
from podium_agent.engine import instructions as i
from podium_protocol import Message
from podium_sim.clock import Clock
from podium_sim.docker import PORT_TAKEN, SimContainer
from podium_sim.lies import Lie, believed, ignores
from podium_sim.network import Way
from podium_sim.plane import SimPlane

if TYPE_CHECKING:
    from podium_sim.world import World

START_SECONDS, WIRE_SECONDS = (0.1, 0.4), (0.02, 0.1)
ATTRIBUTES = (
    "ecs.capability.task-cpu-mem-limit",
    "ecs.capability.container-health-check",
    "ecs.capability.container-ordering",
    "ecs.capability.container-restart-policy",
    "ecs.capability.network.container-port-range",
    "ecs.capability.task-eni",
    "com.amazonaws.ecs.capability.docker-remote-api.1.18",
    "com.amazonaws.ecs.capability.docker-remote-api.1.21",
    "com.amazonaws.ecs.capability.docker-remote-api.1.24",
)


@dataclass
class Saved:
    """What is on the host's disk."""

    arns: list[str] = field(default_factory=list)  # the present one last
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    sequence: int = -1


T = TypeVar("T")


def seen(what: T, ahead: float) -> T:
    """What Docker tells, with its times by the clock of its host."""
    told: dict[str, Any] = {}
    for name in ("at", "started_at"):
        if getattr(what, name, None) is not None:
            told[name] = getattr(what, name) + ahead
    if (ended := getattr(what, "exit", None)) is not None:
        told["exit"] = structs.replace(ended, at=ended.at + ahead)
    return replace(what, **told) if ahead and told else what  # type: ignore[type-var]


class DiskFull(Exception):
    """What was to be kept is not on disk; the process ends over it, and is started again."""


class SimAgent:
    """One container instance. It registers, dials in, and works until it is killed; `start` brings it back."""

    def __init__(
        self,
        world: "World",
        name: str,
        cluster: str,
        zone: str,
        cpu: int,
        memory_mib: int,
        attributes: Mapping[str, str] = MappingProxyType({}),
        **settings: Any,
    ) -> None:
        self.world, self.name, self.cluster, self.zone = world, name, cluster, zone
        self.cpu, self.memory_mib, self.docker = cpu, memory_mib, world.docker.engine()
        self.attributes, self._settings = attributes, settings
        self.clock = Clock(world.time)
        self.saved, self.disk_is_full = Saved(), False
        self.lie: Lie | None = None
        self._comes_clean = False
        self.on_wire: Callable[[], None] = lambda: None
        self.on_create: Callable[[], None] = lambda: None
        self._random = Random(world.random.getrandbits(64))
        self._token = f"{self._random.getrandbits(64):016x}"
        self._names = count(1)
        self._life = 0
        self._engine: Engine | None = None
        self._unsaved: list[Callable[[], None]] = []
        self._connected_to: SimPlane | None = None
        self._alarm: float | None = None
        self.docker.listener = self._docker_says
        self.start()

    @property
    def arn(self) -> str:
        return self.saved.arns[-1] if self.saved.arns else ""

    def start(self) -> None:
        """A new process on this host."""
        self._life += 1
        self._engine, self._connected_to, self._unsaved, self._alarm = None, None, [], None
        self._register(self._life)

    def kill(self) -> None:
        """kill -9: what was not saved is forgotten, what Docker runs runs on."""
        self._life += 1
        self._engine, self._unsaved = None, []
        if self._connected_to is not None and self._connected_to.is_up:
            self._connected_to.hang_up(self.arn)
        self._connected_to = None

    def reboot(self, seconds: float, gone: bool = False) -> None:
        """The host loses its power, and comes back with its containers ended, or `gone`."""
        self.kill()
        self.docker.lose(gone)
        self.world.time.after(seconds, self._in(self._life, self.start))

    def lose_power(self) -> None:
        """The host ends, with all that runs on it, until somebody starts it."""
        self.kill()
        self.docker.lose(gone=False)

    def cut_off(self) -> None:
        """Nothing goes between this host and the control plane, whatever becomes of the others."""
        self.world.network.severed |= {(self.name, way) for way in Way}
        if self._connected_to is not None:
            self._connected_to.hang_up(self.arn)
        self.line_broke()

    def reconnect(self) -> None:
        self.world.network.severed -= {(self.name, way) for way in Way}

    def set_clock(self, ahead: float) -> None:
        """The host's clock jumps; the process, which looks at it often, notices."""
        self.clock.jump(ahead)
        self._alarm = None
        self._feed(e.Tick())

    def come_clean(self) -> None:
        """No more lies: it starts anew, and tells of everything as if it never had."""
        self.lie, self._comes_clean = None, True
        self.kill()
        self.start()

    def dial(self) -> None:
        """Connect when there is a control plane to connect to; asked again every second by the world."""
        plane = self.world.plane
        if self._engine is None or not plane.is_up:
            return
        if self._connected_to is not None and self._connected_to.is_up:
            return
        if not self.world.network.is_whole(self.name):
            return
        if plane.connect(self.arn, self._said_by(self._life, plane), self.line_broke):
            self._connected_to = plane
        else:
            self._register(self._life)

    def line_broke(self) -> None:
        self._connected_to = None

    def lost(self, plane: SimPlane) -> None:
        """That server is no more."""
        if self._connected_to is plane:
            self._connected_to = None

    @property
    def is_alive(self) -> bool:
        return self._engine is not None

    @property
    def is_connected(self) -> bool:
        return self._connected_to is self.world.plane

    def is_idle(self) -> bool:
        """Whether it has told all there is to tell."""
        return self._engine is not None and not any(t.report for t in self._engine.tasks.values())

    def _ours(self) -> list[SimContainer]:
        return [c for c in self.docker.containers.values() if c.instance_arn in self.saved.arns]

    def _register(self, life: int) -> None:
        request: dict[str, Any] = {
            "cluster": self.cluster,
            "clientToken": f"{self._token}-{life}",
            "instanceIdentityDocument": json.dumps({"podiumClaim": self._token}),
            "totalResources": [
                {"name": "CPU", "integerValue": self.cpu},
                {"name": "MEMORY", "integerValue": self.memory_mib},
                {"name": "PORTS", "stringSetValue": ["22"]},
            ],
            "attributes": [
                *({"name": name} for name in ATTRIBUTES),
                {"name": "ecs.availability-zone", "value": self.zone},
                *({"name": name, "value": value} for name, value in self.attributes.items()),
                {"name": "ecs.cpu-architecture", "value": "x86_64"},
            ],
        }
        if self.arn:
            request["containerInstanceArn"] = self.arn

        def answered(result: Any, error: BaseException | None) -> None:
            if life == self._life and error is None:
                self._registered(result["containerInstance"]["containerInstanceArn"])

        self.world.agent_call(self, "RegisterContainerInstance", request, answered)
        self.world.time.after(1.0, lambda: self._register_again(life))

    def _register_again(self, life: int) -> None:
        if life == self._life and self._engine is None:
            self._register(life)

    def _registered(self, arn: str) -> None:
        if self.disk_is_full:
            self._fail()
            return
        if arn not in self.saved.arns:
            self.saved.arns.append(arn)
        if self._engine is None:
            settings = Settings(cluster=self.cluster, container_instance_arn=arn, **self._settings)
            self._engine = Engine(settings, new_id=self._new_name)
            self._feed(e.Restored(records=tuple(self.saved.records.values()), sequence=self.saved.sequence))
            if self._comes_clean:
                self._comes_clean = False
                self._feed(e.Renumbered(container_instance_arn=arn))
        self.dial()

    def _new_name(self) -> str:
        return f"{self._life:08x}{next(self._names):08x}{self._random.getrandbits(64):016x}"

    def _feed(self, event: e.Event) -> None:
        if self._engine is None:
            return
        if isinstance(event, e.PullFailed | e.CreateFailed | e.StartFailed | e.WireFailed):
            self.world.checkers.told_to_stop.add(event.key.task_arn)  # what cannot start ends what goes with it
        life = self._life
        try:
            for instruction in self._engine.handle(event, self.clock.seconds):
                self._carry_out(instruction, life)
        except DiskFull:
            self._fail()
            return
        self._set_alarm()
        if self._unsaved:
            self.world.time.after(0.05, self._in(life, self._write_soon))

    def _set_alarm(self) -> None:
        """For the engine's next deadline, unless one is set for as early a moment."""
        due = self._engine.next_deadline() if self._engine is not None else None
        if due is None or (self._alarm is not None and self._alarm <= due):
            return
        self._alarm = due
        self.world.time.after(max(0.02, due - self.clock.seconds), self._in(self._life, lambda: self._wake(due)))

    def _wake(self, alarm: float) -> None:
        if alarm != self._alarm:
            return
        self._alarm = None
        due = self._engine.next_deadline() if self._engine is not None else None
        if due is not None and due <= self.clock.seconds + 0.02:
            self._feed(e.Tick())
        else:
            self._set_alarm()

    def _in(self, life: int, what: Callable[[], None]) -> Callable[[], None]:
        """`what`, unless the process has ended by then."""
        return lambda: what() if life == self._life else None

    def _carry_out(self, asked: i.Instruction, life: int) -> None:
        deed = getattr(self, f"_{type(asked).__name__.lower()}", None)
        if deed is not None:
            deed(asked, life)

    def _fail(self) -> None:
        """As the real one does: it ends rather than know what is not kept, and its supervisor starts it again."""
        self.kill()
        self.world.time.after(1.0, self._in(self._life, self.start))

    def _write_soon(self) -> None:
        try:
            self._write_out()
        except DiskFull:
            self._fail()

    def _write_out(self) -> None:
        if self._unsaved and self.disk_is_full:
            raise DiskFull
        for write in self._unsaved:
            write()
        self._unsaved = []

    def _save(self, asked: i.Save, life: int) -> None:
        self._unsaved.append(lambda: self.saved.records.__setitem__(asked.key, asked.record))

    def _savesequence(self, asked: i.SaveSequence, life: int) -> None:
        self._unsaved.append(lambda: setattr(self.saved, "sequence", asked.sequence))

    def _flush(self, asked: i.Flush, life: int) -> None:
        self._write_out()

    def _forget(self, asked: i.Forget, life: int) -> None:
        def forget() -> None:
            self.saved.records.pop(asked.key, None)

        self._unsaved.append(forget)

    def _send(self, asked: i.Send, life: int) -> None:
        plane, arn = self._connected_to, self.arn
        if plane is not None:
            self.world.carry_on_line(self, plane, lambda: plane.hear(arn, asked.message))

    def _submit(self, asked: i.Submit, life: int, tries: int = 0, pending: list[bool] | None = None) -> None:
        """Until it is answered: a lost answer makes the same report come twice."""
        pending = pending or [True]

        def answered(result: Any, error: BaseException | None) -> None:
            if life == self._life and error is None and pending[0]:
                pending[0] = False
                self._feed(e.Accepted(task_arn=asked.task_arn))

        def again() -> None:
            if life == self._life and pending[0]:
                self._submit(asked, life, tries + 1, pending)

        self.world.agent_call(self, "SubmitTaskStateChange", believed(self, dict(asked.request)), answered)
        self.world.time.after(min(30.0, 0.5 * 2**tries), again)

    def _publishhealth(self, asked: i.PublishHealth, life: int) -> None:
        self.publish_health()

    def publish_health(self) -> None:
        """How its containers feel, as far as there are any that are checked."""
        plane, arn = self._connected_to, self.arn
        if self._engine is None or plane is None:
            return
        for message in health_messages(self._engine.tasks.values(), {}, self.clock.seconds):
            tasks = message.body["tasks"]
            self.world.carry_on_line(self, plane, lambda tasks=tasks: plane.hear_health(arn, tasks))  # type: ignore[misc]

    def _wire(self, asked: i.Wire, life: int) -> None:
        def wire() -> None:
            if not self.docker.is_up:
                self._feed(e.Unanswered(key=asked.key))
            elif self.docker.wire(asked.docker_id, asked.interface):
                self._feed(e.Wired(key=asked.key))
            else:
                self._feed(e.WireFailed(key=asked.key, reason="ContainerNetworkingError: there is no such namespace"))

        self._docker_does(life, wire, self._random.uniform(*WIRE_SECONDS))
        self._later(WIRE_SECONDS[0], life, lambda: self.on_wire())

    def _keepinterfaces(self, asked: i.KeepInterfaces, life: int) -> None:
        self.docker.keep(asked.interfaces)

    def _look(self, asked: i.Look, life: int) -> None:
        def listed() -> None:
            if not self.docker.is_up:
                self._later(1.0, life, listed)
                return
            found = tuple(seen(c.found(), self.clock.ahead) for c in self._ours())
            self._feed(e.Listed(look=asked.number, found=found))

        self._later(0.01, life, listed)

    def _pull(self, asked: i.Pull, life: int) -> None:
        began, yard = self.clock.seconds, self.docker.yard

        def pulled() -> None:
            now = self.clock.seconds
            if not self.docker.is_up:
                self._feed(e.Unanswered(key=asked.key))
            elif yard.pull_fails or asked.image not in yard.registry:
                reason = f"CannotPullContainerError: {asked.image} is not to be had"
                self._feed(e.PullFailed(key=asked.key, reason=reason, began_at=began, ended_at=now))
            else:
                self.docker.images.add(asked.image)
                self._feed(e.Pulled(key=asked.key, began_at=began, ended_at=now))

        self._later(yard.pull_seconds, life, pulled)

    def _create(self, asked: i.Create, life: int) -> None:
        def create() -> None:
            if not self.docker.is_up:
                self._feed(e.Unanswered(key=asked.key))
            elif (made := self.docker.create(asked.docker_name, asked.body)) is None:
                self._feed(e.ImageMissing(key=asked.key))
            else:
                self._feed(e.Created(key=asked.key, docker_id=made.docker_id))

        self._docker_does(life, create, 0.01)
        self.on_create()

    def _start(self, asked: i.Start, life: int) -> None:
        def start() -> None:
            if not self.docker.is_up:
                self._feed(e.Unanswered(key=asked.key))
            elif why := self.docker.start(asked.docker_id):
                reason, taken = f"CannotStartContainerError: {why}", why == PORT_TAKEN
                self._feed(e.StartFailed(key=asked.key, reason=reason, port_taken=taken))
            else:
                self._feed(e.Started(key=asked.key))

        self._docker_does(life, start, self._random.uniform(*START_SECONDS))

    def _stop(self, asked: i.Stop, life: int) -> None:
        def observed() -> None:
            container = self.docker.containers.get(asked.docker_id)
            found = seen(container.found(), self.clock.ahead) if container else None
            self._feed(e.Observed(key=asked.key, found=found))

        if self.docker.is_up:
            self.docker.stop(asked.docker_id, asked.timeout, self._in(life, observed))
        else:
            self._later(0.01, life, lambda: self._feed(e.Unanswered(key=asked.key)))

    def _remove(self, asked: i.Remove, life: int) -> None:
        def remove() -> None:
            self.docker.remove(asked.docker_id)
            self._feed(e.Removed(key=asked.key))

        self._later(0.01, life, remove)

    def _discard(self, asked: i.Discard, life: int) -> None:
        self.docker.remove(asked.docker_id)

    def _docker_does(self, life: int, what: Callable[[], None], seconds: float) -> None:
        """Docker carries out what it was asked even when the asker is gone by then."""

        def do() -> None:
            if life == self._life:
                what()
            elif self.docker.is_up:
                silent, self._engine = self._engine, None
                what()
                self._engine = silent

        self.world.time.after(seconds, do)

    def _later(self, seconds: float, life: int, what: Callable[[], None]) -> None:
        self.world.time.after(seconds, self._in(life, what))

    def _docker_says(self, event: e.Event) -> None:
        if self._engine is not None:
            self._later(0.002, self._life, lambda: self._feed(seen(event, self.clock.ahead)))

    def _said_by(self, life: int, plane: SimPlane) -> Callable[[Message], None]:
        def hear(message: Message) -> Callable[[], None]:
            return lambda: None if ignores(self, plane, message) else self._feed(e.Received(message=message))

        def say(message: Message) -> None:
            self.world.carry_on_line(self, plane, self._in(life, hear(message)), Way.DOWN)

        return say
