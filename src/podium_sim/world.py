"""The world: one control plane, its agents, and everything that can go wrong between them."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from podium import ec2
from podium.ecs import timing
from podium.ecs.records import ContainerInstance, Service, Stranger, Task, TaskStatus
from podium.ecs.records.clusters import FARGATE_POOL
from podium_agent.engine.internal import PAUSE_IMAGE
from podium_sim.agent import SimAgent
from podium_sim.checkers import Broken, Checkers
from podium_sim.clock import Clock, Timeline
from podium_sim.disk import Disk
from podium_sim.docker import KILLED, Fleet, Program, SimContainer, Yard
from podium_sim.network import Network, Way
from podium_sim.plane import ACCOUNT, REGION, SimPlane
from podium_sim.proxy import SimProxy

WEB = "podium/web:1"
PREFIX = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
HOME = f"aws:{REGION}:{ACCOUNT}"


class World:
    """Made from a seed; lives in simulated time. Everything a story may do to it is a method."""

    def __init__(self, seed: int, timing: timing.Timing = timing.FAST, events: bool = False) -> None:
        self.seed, self.random, self.time = seed, Random(seed), Timeline()
        self._events = events
        self.network = Network(self.time, Random(seed + 1))
        self.docker = Fleet(Yard(self.time, Random(seed + 2), {WEB: Program(), PAUSE_IMAGE: Program()}))
        self.disk, self.timing = Disk(), timing
        self.plane_clock = Clock(self.time)
        self.steps = 0
        self.agents: list[SimAgent] = []
        self.doubted: set[str] = set()  # tasks of which a host has lied
        self.checkers = Checkers(self)
        self.docker.yard.on_kill = self.checkers.on_kill
        self.docker.yard.on_start = self.checkers.on_start
        self.docker.yard.on_wire = self.checkers.on_wire
        self.plane = self._a_plane(Random(seed + 3))
        self.proxy: SimProxy | None = None
        self.every(1.0, self._dial)
        self.every(5.0, lambda: self.plane.tick() if self.plane.is_up else None)
        self.every(30.0, self._publish_health)

    def run(self, seconds: float) -> None:
        """Let time pass."""
        until = self.time.now() + timedelta(seconds=seconds)
        while self.time.step(until):
            self.steps += 1

    def until(self, what: Callable[[], Any], seconds: float = 120.0) -> Any:
        """Let time pass until `what` finds something; Broken when it does not."""
        end = self.time.now() + timedelta(seconds=seconds)
        while not (found := what()):
            if self.time.now() >= end:
                raise Broken(f"seed {self.seed}: {seconds} s went by and it did not come to pass")
            self.time.step(min(end, self.time.now() + timedelta(seconds=0.1)))
        return found

    def run_until(self, what: Callable[[], Any], seconds: float) -> bool:
        """Let time pass until the very step after which `what` holds, or all of it."""
        end = self.time.now() + timedelta(seconds=seconds)
        while not what():
            if not self.time.step(end):
                return False
        return True

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """An API call from this machine, answered. Raises what the API would."""
        answers: list[tuple[Any, BaseException | None]] = []
        self.until(lambda: self.plane.is_up)
        self.plane.call(operation, request, lambda result, error: answers.append((result, error)))
        result, error = self.until(lambda: answers)[0]
        if error is not None:
            raise error
        answer: dict[str, Any] = result
        return answer

    def agent_call(
        self, agent: SimAgent, operation: str, request: dict[str, Any], done: Callable[[Any, Any], None]
    ) -> None:
        """A call over the network: either way it may be lost."""

        signer = agent.arn if operation.startswith("Submit") else ""  # who joins again does so with another key

        def arrive() -> None:
            if self.plane.is_up:
                self.plane.call(operation, request, answer, signer)

        answered: list[bool] = []

        def hear(result: Any, error: BaseException | None) -> None:
            if not answered:  # a request may arrive twice; whoever called has one answer
                answered.append(True)
                done(result, error)

        def answer(result: Any, error: BaseException | None) -> None:
            self.network.carry(lambda: hear(result, error), agent.name, Way.DOWN)

        self.network.carry(arrive, agent.name, Way.UP)

    def carry_on_line(self, agent: SimAgent, plane: SimPlane, what: Callable[[], None], way: Way = Way.UP) -> None:
        """A message on an open channel: in order unless the network is told otherwise, or the line breaks."""
        if self.network.is_lost(agent.name, way):
            agent.line_broke()
            plane.hang_up(agent.arn)
            return
        for _ in range(self.network.copies()):
            self.time.after(self.network.delay(), lambda: what() if plane.is_up else None)

    def cut(self) -> None:
        """Nothing goes through until the network heals; both sides notice."""
        self.network.is_cut = True
        for agent in self.agents:
            self._hang_up(agent)

    def sever(self, agent: SimAgent, *ways: Way) -> None:
        """Nothing goes through between the host and the control plane, or only the other way."""
        self.network.severed |= {(agent.name, way) for way in ways}
        self._hang_up(agent)

    def _hang_up(self, agent: SimAgent) -> None:
        agent.line_broke()
        self.plane.hang_up(agent.arn)

    def instances(
        self, number: int, cluster: str = "demo", cpu: int = 2048, memory_mib: int = 8192, **more: Any
    ) -> list[SimAgent]:
        """New hosts in the cluster, one a zone in turn, registered and connected."""
        zones = [f"{REGION}{'abc'[n % 3]}" for n in range(number)]
        first = len(self.agents) + 1
        made = [
            SimAgent(self, f"host-{first + n}", cluster, zone, cpu, memory_mib, **more) for n, zone in enumerate(zones)
        ]
        self.agents += made
        self.until(lambda: all(agent.arn for agent in made))
        self.until(lambda: all(self._is_connected(agent.arn) for agent in made))
        return made

    def fargate_hosts(self, number: int) -> list[SimAgent]:
        """New hosts that serve Fargate."""
        return self.instances(number, cluster=FARGATE_POOL)

    def _is_connected(self, arn: str) -> bool:
        instance = self.plane.read().get(ContainerInstance, arn)
        return instance is not None and instance.agent_connected

    def cluster(self, name: str = "demo") -> None:
        self.call("CreateCluster", clusterName=name)

    def register(self, family: str = "web", image: str = WEB, **container: Any) -> str:
        definition = {"name": "main", "image": image, "memory": 128, "cpu": 64, **container}
        answer = self.call("RegisterTaskDefinition", family=family, containerDefinitions=[definition])
        arn: str = answer["taskDefinition"]["taskDefinitionArn"]
        return arn

    def register_networked(self, family: str, image: str = WEB) -> str:
        """A definition whose tasks have network interfaces of their own, for instances and for Fargate."""
        definition = {"name": "main", "image": image, "essential": True}
        size = {"cpu": "256", "memory": "512", "requiresCompatibilities": ["EC2", "FARGATE"]}
        answer = self.call(
            "RegisterTaskDefinition", family=family, networkMode="awsvpc", containerDefinitions=[definition], **size
        )
        arn: str = answer["taskDefinition"]["taskDefinitionArn"]
        return arn

    def default_network(self) -> dict[str, Any]:
        """The networkConfiguration of tasks in the default subnets."""
        subnets = ec2.default_subnets(self.plane.read(), HOME)
        return {"awsvpcConfiguration": {"subnets": [subnet.id for subnet in subnets]}}

    def service(self, desired_count: int, name: str = "web", definition: str = "web", **more: Any) -> str:
        request = {"cluster": "demo", "serviceName": name, "taskDefinition": definition, "desiredCount": desired_count}
        arn: str = self.call("CreateService", **request, **more)["service"]["serviceArn"]
        return arn

    def describe(self, name: str = "web") -> dict[str, Any]:
        found: dict[str, Any] = self.call("DescribeServices", cluster="demo", services=[name])["services"][0]
        return found

    def steady(self, name: str = "web") -> bool:
        """One deployment, completed, and exactly the desired tasks running on containers that live."""
        if not self.plane.is_up:
            return False
        service = self.plane.read().get(Service, f"{PREFIX}:service/demo/{name}")
        if service is None or not service.steady or len(service.deployments) != 1:
            return False
        tasks = self.tasks_of(name)
        alive = {c.task_arn for c in self.docker.running()}
        return len(tasks) == service.desired_count and all(t.arn in alive for t in tasks)

    def tasks_of(self, name: str = "web") -> list[Task]:
        """Its tasks that are wanted and RUNNING, by the durable records."""
        tasks = self.plane.read().list(Task, service_arn=f"{PREFIX}:service/demo/{name}")
        return [t for t in tasks if t.desired_status is TaskStatus.RUNNING and t.last_status is TaskStatus.RUNNING]

    def all_tasks(self) -> list[Task]:
        """Every task on record."""
        return self.plane.read().list(Task)

    def running_containers(self, name: str = "web") -> list[SimContainer]:
        """Living containers of the service's tasks, whatever the records say."""
        family = f"service:{name}"
        groups = {t.arn: t.group for t in self.plane.read().list(Task)}
        return [c for c in self.docker.running() if groups.get(c.task_arn) == family]

    def strangers(self) -> list[Stranger]:
        return self.plane.read().list(Stranger)

    def kill_container(self, container: SimContainer | None = None) -> SimContainer:
        victim = container or self.random.choice(sorted(self.docker.running(), key=lambda c: c.docker_id))
        self.docker.kill(victim.docker_id)
        return victim

    def crash_plane(self) -> None:
        """kill -9 of the control plane."""
        self.plane.crash()
        self._lines_break(self.plane)

    def restart_plane(self, disk: Disk | None = None) -> None:
        """A new server process, on the same disk or on another one."""
        if self.plane.is_up:
            self.crash_plane()
        if disk is not None:
            self.disk = disk
            self.checkers.forget_records()
        self.plane = self._a_plane(Random(self.random.getrandbits(64)))

    def change_leader(self) -> SimPlane:
        """Another server takes over. The old one, which is returned, does not know until it next writes."""
        old = self.plane
        self.plane = self._a_plane(Random(self.random.getrandbits(64)))
        return old

    def set_clock(self, ahead: float) -> None:
        """The control plane's clock jumps."""
        self.plane_clock.jump(ahead)
        self.plane.clock_was_set()

    def _a_plane(self, random: Random) -> SimPlane:
        self.disk.watcher = self.checkers.committed
        plane = SimPlane(self.time, self.plane_clock, random, self.disk, self.timing, self._events)
        plane.died = lambda: self._lines_break(plane)
        plane.hung_up = lambda arn: self._lines_break(plane, arn)
        return plane

    def _lines_break(self, plane: SimPlane, instance_arn: str = "") -> None:
        """Those of the server to all agents, or to one."""
        for agent in self.agents:
            if instance_arn in ("", agent.arn):
                agent.lost(plane)

    def _dial(self) -> None:
        for agent in self.agents:
            agent.dial()

    def _publish_health(self) -> None:
        for agent in self.agents:
            agent.publish_health()

    def balance(self, name: str = "web", protocol: str = "HTTP", port: int = 80) -> str:
        """An application load balancer, and a proxy that sends requests through it; its target group's ARN."""
        subnets = ec2.default_subnets(self.plane.read(), HOME)
        asked = {"Name": name, "Protocol": protocol, "Port": port, "TargetType": "instance"}
        [group] = self.call("elbv2:CreateTargetGroup", **asked, VpcId=subnets[0].vpc_id)["TargetGroups"]
        zones = [subnet.id for subnet in subnets[:2]]
        [balancer] = self.call("elbv2:CreateLoadBalancer", Name=name, Subnets=zones)["LoadBalancers"]
        forward = {"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}
        listener = {"LoadBalancerArn": balancer["LoadBalancerArn"], "Protocol": protocol, "Port": port}
        self.call("elbv2:CreateListener", **listener, DefaultActions=[forward])
        self.proxy = self.proxy or SimProxy(self)
        return str(group["TargetGroupArn"])

    def every(self, seconds: float, what: Callable[[], Any]) -> None:
        def again() -> None:
            what()
            self.time.watch(seconds, again)

        self.time.watch(seconds, again)


__all__ = ["KILLED", "Broken", "Disk", "Program", "World"]
