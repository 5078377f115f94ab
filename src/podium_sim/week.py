"""A week in the life of a control plane, its hosts and their users: busy minutes, faults among them, and rest after.

A seed is a week. Every episode begins at peace; users and fate do what `acts` and `faults` say; then the faults end,
users put in order what they broke, and all has to come to rest.
"""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any, TypeVar

from podium.ecs.records import ServiceEvent
from podium.ecs.records.clusters import FARGATE_POOL
from podium.ecs.timing import Timing
from podium.kernel.errors import ClientError
from podium.runtime.core import NotSaved
from podium.store.database import StoreError
from podium.store.session import Change
from podium_sim import acts, rest, shapes
from podium_sim.agent import SimAgent
from podium_sim.checkers import Broken
from podium_sim.coverage import Coverage
from podium_sim.faults import FAULTS, Fault
from podium_sim.shadow import Shadow
from podium_sim.shapes import SHAPES, Shape
from podium_sim.story import Story, in_words
from podium_sim.world import World

R = TypeVar("R")
DAYS, EPISODES = 7, 2
BUSY_SECONDS, LAST_FAULT_AT, OVER_AFTER = 420.0, 400.0, 660.0
ACTS_IN_AN_EPISODE, LOOKS_IN_AN_EPISODE, FAULTS_IN_AN_EPISODE = 22, 13, 8
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
PATIENT = Timing(
    healthy_after=timedelta(seconds=2),
    backoff=timedelta(seconds=1),
    backoff_most=timedelta(seconds=45),
    place_again_after=timedelta(seconds=10),
    provisioning_most=timedelta(minutes=2),
    lost_after=timedelta(seconds=45),
    alarms_bake_least=timedelta(seconds=15),
    deployments_kept=timedelta(hours=20),
)


MEMORY_MIB = 2560  # of a host: room for ten tasks, which is enough at rest and scarce in between
AGENTS: dict[str, Any] = {"look_every": 3600.0, "cleanup_wait": 120.0}


class Week:
    """`fate` and `user` are chance; `calls` counts the API calls that arrived, `befell` the faults."""

    def __init__(self, seed: int, days: int = DAYS) -> None:
        self.seed, self.days = seed, days
        self.world = World(seed, timing=PATIENT)
        self.fate, self.user = Random(seed * 2 + 1), Random(seed * 2 + 2)
        self.story, self.coverage = Story(self.world.time), Coverage()
        self.calls = self.befell = 0
        self.good: dict[str, str] = {}  # a definition that works, by the name of its shape
        self._on: dict[Fault, Callable[[], None]] = {}
        self._unanswered: dict[int, tuple[object, str]] = {}
        self.world.docker.programs.update(shapes.PROGRAMS)
        self.world.docker.yard.registry.update(shapes.REGISTRY)
        self.world.checkers.watchers += [self.coverage.changed, self._told]

    def live(self) -> "Week":
        """All of it. Raises Broken."""
        with self.coverage.tracing():
            self._open()
            for day in range(self.days):
                for episode in range(EPISODES):
                    self._episode(day, episode)
        return self

    # What stands at the beginning

    def _open(self) -> None:
        self.story.say("a cluster is made")
        self.world.cluster()
        for n, zone in enumerate((*ZONES, *ZONES)):
            self.new_host(zone, group=("left-group", "right-group")[n % 2])
        for zone in ZONES[:2]:
            self.world.agents.append(self._host(zone, FARGATE_POOL, {}))
        self.world.until(lambda: all(agent.is_connected for agent in self.world.agents))
        for name in ("left", "right", "empty"):
            group = f"arn:aws:autoscaling:us-east-1:1:autoScalingGroup:1:autoScalingGroupName/{name}-group"
            scaled = {"status": "DISABLED" if name == "left" else "ENABLED"}  # tasks wait for what is scaled alone
            provider = {"autoScalingGroupArn": group, "managedScaling": scaled}
            self.call("CreateCapacityProvider", name=name, autoScalingGroupProvider=provider)
        providers = {
            "capacityProviders": ["left", "right", "empty", "FARGATE_SPOT"],
            "defaultCapacityProviderStrategy": [],
        }
        self.call("PutClusterCapacityProviders", cluster="demo", **providers)
        rest.colors(self)
        self.call("cloudwatch:PutMetricAlarm", **shapes.ALARMS)
        for image in (*shapes.BATCH, *shapes.LONG, shapes.MISSING):
            family = f"batch-{image.rpartition('/')[2].replace(':', '-')}"
            container = {"name": "main", "image": image, "memory": 64, "cpu": 32}
            self.call("RegisterTaskDefinition", family=family, containerDefinitions=[container])
        for shape in SHAPES:
            self._begin(shape)
        rest.comes(self)

    def _begin(self, shape: Shape) -> None:
        made = self.call("RegisterTaskDefinition", **shapes.definition(shape, shapes.GOOD))
        self.good[shape.name] = made["taskDefinition"]["taskDefinitionArn"]
        asked: dict[str, Any] = {**shape.service}
        if not shape.is_external:
            asked |= {"taskDefinition": shape.name, "deploymentConfiguration": shapes.deployment_configuration(shape)}
        if not shape.is_daemon:
            asked["desiredCount"] = shape.count
        if shape.networked:
            asked["networkConfiguration"] = self.world.default_network()
        self.call("CreateService", cluster="demo", serviceName=shape.name, **asked)

    def new_host(self, zone: str, group: str) -> None:
        self.world.agents.append(self._host(zone, "demo", {"podium.auto-scaling-group": group}))

    def _host(self, zone: str, cluster: str, attributes: dict[str, str]) -> SimAgent:
        name = f"host-{len(self.world.agents) + 1}"
        self.story.say(f"{name} joins in {zone}")
        return SimAgent(self.world, name, cluster, zone, 4096, MEMORY_MIB, attributes, **AGENTS)

    # One episode

    def _episode(self, day: int, episode: int) -> None:
        self.story.say(f"day {day + 1}, episode {episode + 1}")
        time = self.world.time
        chosen = self.user.choices(acts.ACTS, acts.WEIGHTS, k=ACTS_IN_AN_EPISODE)
        for act in (*chosen, *(acts.LOOKING,) * LOOKS_IN_AN_EPISODE):
            time.after(self.user.triangular(0.0, BUSY_SECONDS, 60.0), lambda act=act: act.do(self))  # type: ignore[misc]
        crowded = self.fate.uniform(0.0, LAST_FAULT_AT)
        for n in range(FAULTS_IN_AN_EPISODE):
            at = self.fate.gauss(crowded, 20.0) if n % 2 else self.fate.uniform(0.0, LAST_FAULT_AT)
            time.after(min(max(at, 0.0), LAST_FAULT_AT), self._a_fault)
        self.world.run(OVER_AFTER)
        for fault in list(self._on):
            self._ends(fault)
        rest.comes(self)
        self.leap(timedelta(hours=self.user.uniform(9.0, 11.0)))

    def leap(self, long: timedelta) -> None:
        """Quiet hours: only what is due happens."""
        self.world.time.leaps = True
        self.world.run(long.total_seconds())
        self.world.time.leaps = False

    def _a_fault(self) -> None:
        """One that is not on yet. It ends by itself."""
        fault = self.fate.choice([f for f in FAULTS if f not in self._on])
        others = list(self._on)
        ends = fault.begin(self)
        if ends is None:
            self._a_fault()
            return
        self.befell += 1
        self.coverage.befell(fault, others)
        self._on[fault] = ends
        self.world.time.after(self.fate.uniform(*fault.lasts), lambda: self._ends(fault, ends))

    def _ends(self, fault: Fault, ends: Callable[[], None] | None = None) -> None:
        if fault in self._on and ends in (None, self._on[fault]):
            self._on.pop(fault)()
            self.story.say(f"over: {fault.name}")

    # What users ask

    def ask(self, operation: str, then: Callable[[dict[str, Any]], None] | None = None, **request: Any) -> None:
        """An API call that nobody waits for. It may never be answered, when the control plane ends over it."""
        plane, said = self.world.plane, in_words(operation, request)
        if not plane.is_up:
            self.story.say(f"{said}: nobody answers")
            return
        self.calls += 1
        number = self.calls
        self.story.say(said)
        self._unanswered[number] = (plane, said)

        def done(result: Any, error: BaseException | None) -> None:
            del self._unanswered[number]
            self._answered(operation, said, result, error)
            if error is None and then is not None:
                then(result)

        plane.call(operation, request, done)

    def _answered(self, operation: str, said: str, result: Any, error: BaseException | None) -> None:
        if error is None:
            self.coverage.accepted[operation] += 1
            for sentence in rest.promised(self, operation, result):
                raise Broken(f"{said}: {sentence}")
        elif isinstance(error, ClientError):
            self.coverage.refused[f"{operation}: {error.code}"] += 1
            self.story.say(f"refused: {error.code}: {error}")
        elif isinstance(error, NotSaved | StoreError):
            self.story.say(f"not saved: {said}")
        else:
            raise Broken(f"{said}: {error!r}") from error

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """An API call that is waited for, while nothing goes wrong."""
        self.calls += 1
        self.story.say(in_words(operation, request))
        answer = self.world.call(operation, **request)
        self.coverage.accepted[operation] += 1
        return answer

    def deploy(self, shape: Shape, image: str) -> None:
        """Register a revision, and have the service run it."""

        def registered(answer: dict[str, Any]) -> None:
            arn = answer["taskDefinition"]["taskDefinitionArn"]
            if image == shapes.GOOD:
                self.good[shape.name] = arn
            self.ask("UpdateService", cluster="demo", service=shape.name, taskDefinition=arn)

        self.ask("RegisterTaskDefinition", registered, **shapes.definition(shape, image))

    def unanswered(self) -> list[str]:
        """Calls that a living control plane never answered."""
        return [said for plane, said in self._unanswered.values() if plane is self.world.plane]

    # What there is

    @property
    def shadow(self) -> Shadow:
        return self.world.checkers.shadow

    def records(self, kind: type[R]) -> list[R]:
        return list(self.shadow.all(kind).values())

    def forget_images(self) -> None:
        """Every host has to pull again."""
        for host in self.world.agents:
            host.docker.images.clear()

    def _told(self, change: Change) -> None:
        if change.kind is ServiceEvent and change.before is None:
            self.story.say(change.after.message)
