"""A whole control plane inside the test's own process: real operations, controllers and SQLite in memory.

Nothing happens by itself. A call through a boto3 client runs in the core and is committed before it
answers; controllers run when the test says so, at the time that the test sets. boto3 never opens a
socket: its requests go through the same `Front` that the server has.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from botocore.exceptions import ClientError

import handcore
from podium import elbv2
from podium.ec2.defaults import network as default_network
from podium.ec2.records import SecurityGroup, Subnet
from podium.ecs import limits, records
from podium.ecs.acs import links
from podium.ecs.records import ContainerInstance, Service, ServiceEvent, Task
from podium.ecs.records.clusters import FARGATE_POOL
from podium.ecs.rules import effects
from podium.ecs.timing import AWS, Timing
from podium.kernel import principal as principals
from podium.kernel.clock import WallClock
from podium.runtime.dice import Dice
from podium.server import instance_keys, plane
from podium.server.callers import Callers
from podium.server.front import Front
from podium.server.keyring import Keyring
from podium.server.keys import Key
from podium.store.database import Database
from podium.store.session import Transaction
from podium.store.sqlite import SqliteDatabase
from podium_protocol import proxy

T = TypeVar("T")
R = TypeVar("R")

ACCOUNT, REGION = "123456789012", "us-east-1"
BEGINNING = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ROOT, AGENT = "AKIAROOTROOTROOTROOT", "AKIAAGENTAGENTAGENTA"
MOST_TURNS = 5_000  # a control plane that wants more for one event never rests
CAPABILITIES = (
    *(f"com.amazonaws.ecs.capability.docker-remote-api.1.{n}" for n in (18, 19, 21, 22, 24, 25)),
    "com.amazonaws.ecs.capability.logging-driver.json-file",
    "com.amazonaws.ecs.capability.privileged-container",
    "ecs.capability.container-health-check",
    "ecs.capability.container-ordering",
    "ecs.capability.container-restart-policy",
    "ecs.capability.network.container-port-range",
    "ecs.capability.task-cpu-mem-limit",
)
SUBNET, OTHER_SUBNET, _ = (subnet.id for subnet in default_network(f"aws:us-east-1:{ACCOUNT}").rows[Subnet].values())
GROUP = next(group.id for group in default_network(f"aws:us-east-1:{ACCOUNT}").rows[SecurityGroup].values())
"""Subnets and a security group that every region has."""


class Hands:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime = BEGINNING) -> None:
        self.time = start

    def now(self) -> datetime:
        return self.time


@contextmanager
def refused(code: str, message: str | None = None) -> Iterator[dict[str, Any]]:
    """The call inside is refused with this code and, word for word, this message. Yields the error's answer."""
    answer: dict[str, Any] = {}
    with pytest.raises(ClientError) as caught:
        yield answer
    answer.update(caught.value.response)
    assert answer["Error"]["Code"] == code, answer["Error"]
    assert message is None or answer["Error"]["Message"] == message


class Plane:
    """A control plane, the people who call it, and the agents it believes to have."""

    def __init__(
        self,
        *,
        timing: Timing = AWS,
        database: Database | None = None,
        proving: bool = False,
        events: bool = False,
        most: Mapping[str, int] = limits.AWS,
        dice: int = 7,
    ) -> None:
        self.clock = Hands(WallClock().now() if proving else BEGINNING)
        self.ids = Dice(dice)
        self.database = database or SqliteDatabase(":memory:")
        self.assembled = plane.assembled(self.database, self.clock, self.ids, timing, events=events, most=most)
        self.core = self.assembled.core
        self.hands = handcore.HandCore(self.core, self.database, self.assembled.epoch)
        self.hands.settle()
        keys = {
            ROOT: Key(secret="root", principal=principals.root(ACCOUNT)),
            AGENT: Key(secret="agent", principal=principals.agent(ACCOUNT)),
        }
        self.sealer = Keyring({"1": bytes(32)})
        callers = Callers(keys, self.sealer, self.hands)
        self.core.watchers.append(callers.changed)
        self.journals = handcore.HandJournals()
        self.front = (Front if proving else handcore.TrustingFront)(
            self.hands,  # type: ignore[arg-type]
            callers,
            self.clock,
            self.ids,
            self.sealer,
            self.journals,
            limits=most,
        )

    def client(self, service: str, region: str = REGION, key: tuple[str, ...] = (ROOT, "root")) -> Any:
        return handcore.client(self.front, service, region, key)

    def as_instance(self, arn: str) -> Any:
        """ECS as a container instance's own credential opens it."""
        key = instance_keys.issued(self.sealer, arn, self.clock.now())
        return self.client("ecs", key=(key.access_key_id, key.secret, key.token))

    @property
    def ecs(self) -> Any:
        if not hasattr(self, "_ecs"):
            self._ecs = self.client("ecs")
        return self._ecs

    def run(self) -> None:
        """Let the controllers do whatever is due, until nothing is."""
        turns = 0
        while self.core.turn():
            self.hands.settle()
            turns += 1
            assert turns < MOST_TURNS, "the controllers never rest"

    def advance(self, seconds: float) -> None:
        """Let time pass, stopping at every moment for which a controller asked."""
        end = self.clock.time + timedelta(seconds=seconds)
        while (due := self.core.next_due()) <= end:
            self.clock.time = max(due, self.clock.time)
            self.run()
        self.clock.time = end

    def write(self, work: Callable[[Transaction], T]) -> T:
        return self.hands.run(work)

    def read(self, work: Callable[[Transaction], T]) -> T:
        return self.hands.run(work, reads=True)

    def record(self, kind: type[R], arn: str) -> R:
        found = self.read(lambda tx: tx.get(kind, arn))
        assert found is not None, f"there is no {kind.__name__} {arn}"
        return found

    def records(self, kind: type[R], **where: Any) -> list[R]:
        return self.read(lambda tx: tx.list(kind, **where))

    def service(self, name: str = "web", cluster: str = "default") -> Service:
        return self.record(Service, f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{cluster}/{name}")

    def tasks(self, service: str | None = None, **where: Any) -> list[Task]:
        """Tasks that are not to stop, oldest first."""
        found = [t for t in self.records(Task, **where) if t.desired_status is records.TaskStatus.RUNNING]
        return [t for t in found if service is None or t.group == f"service:{service}"]

    def events(self, name: str = "web", cluster: str = "default") -> list[str]:
        """The service's event log without its prefix, oldest first."""
        told = self.records(ServiceEvent, service_arn=self.service(name, cluster).arn)
        told.sort(key=lambda event: event.number)
        return [event.message.removeprefix(f"(service {name}) ") for event in told]

    def define(self, family: str = "web", *containers: Mapping[str, Any], **members: Any) -> str:
        """Register a task definition, of one small container unless told otherwise; its ARN."""
        given = [{"name": "app", "image": "web:1", "memory": 128, **c} for c in containers or ({},)]
        answer = self.ecs.register_task_definition(family=family, containerDefinitions=given, **members)
        return str(answer["taskDefinition"]["taskDefinitionArn"])

    def serve(self, name: str = "web", desired: int = 1, **members: Any) -> str:
        """Create a service of the newest revision of the family of the same name, and let it start; its ARN."""
        given = {"taskDefinition": name, "desiredCount": desired, **members}
        answer = self.ecs.create_service(serviceName=name, **given)
        self.run()
        return str(answer["service"]["serviceArn"])

    def join(
        self,
        cluster: str = "default",
        instances: int = 3,
        cpu: int = 4096,
        memory: int = 8192,
        zones: Sequence[str] = ("us-east-1a", "us-east-1b", "us-east-1c"),
        attributes: Mapping[str, str] | None = None,
        connected: bool = True,
    ) -> list[str]:
        """Container instances that register as agents do, and connect; their ARNs."""
        return [
            self.join_one(
                cluster, cpu, memory, {"ecs.availability-zone": zones[n % len(zones)], **(attributes or {})}, connected
            )
            for n in range(instances)
        ]

    def join_one(
        self,
        cluster: str,
        cpu: int,
        memory: int,
        attributes: Mapping[str, str],
        connected: bool = True,
        arn: str | None = None,
    ) -> str:
        named = [{"name": n} for n in CAPABILITIES] + [{"name": n, "value": v} for n, v in attributes.items()]
        answer = self.ecs.register_container_instance(
            cluster=cluster,
            totalResources=[
                {"name": "CPU", "type": "INTEGER", "integerValue": cpu},
                {"name": "MEMORY", "type": "INTEGER", "integerValue": memory},
                {"name": "PORTS", "type": "STRINGSET", "stringSetValue": ["22", "2375", "2376", "51678", "51679"]},
                {"name": "PORTS_UDP", "type": "STRINGSET", "stringSetValue": []},
            ],
            attributes=named,
            **({"containerInstanceArn": arn} if arn else {}),
        )
        joined = str(answer["containerInstance"]["containerInstanceArn"])
        if connected:
            self.connect(joined)
        return joined

    def serve_fargate(self, hosts: int = 1, **members: Any) -> list[str]:
        """Hosts for Fargate, whose instances no user sees."""
        return self.join(FARGATE_POOL, hosts, attributes={"ecs.capability.task-eni": ""}, **members)

    def ready(self, instances: int = 3, **members: Any) -> None:
        """The default cluster, some instances in it, and the task definition `web`."""
        self.ecs.create_cluster()
        self.join(instances=instances, **members)
        self.define("web")

    def connect(self, instance_arn: str) -> ContainerInstance | None:
        versions = {"agentVersion": "1.90.0", "agentHash": "0123abcd", "dockerVersion": "DockerVersion: 24.0.7"}
        return self.write(lambda tx: links.connected(tx, instance_arn, versions))

    def disconnect(self, instance_arn: str) -> None:
        self.write(lambda tx: links.disconnected(tx, instance_arn, self.clock.time))

    def report(self, task_arn: str, status: str, *containers: Mapping[str, Any], **members: Any) -> None:
        """SubmitTaskStateChange. Without containers, every container is said to be in the same state."""
        task = self.record(Task, task_arn)
        told = containers or [{"containerName": c.name, "status": status} for c in task.containers]
        self.ecs.submit_task_state_change(
            cluster=task.cluster_arn, task=task_arn, status=status, containers=list(told), **members
        )

    def exit(self, task_arn: str, code: int = 0, container: str | None = None) -> None:
        """The task's containers end with `code`, or that one does and takes the others with it by SIGTERM."""
        names = [c.name for c in self.record(Task, task_arn).containers]
        codes = {name: code if container in (None, name) else 143 for name in names}
        told = [{"containerName": name, "status": "STOPPED", "exitCode": codes[name]} for name in names]
        self.report(task_arn, "STOPPED", *told)

    def fail_to_start(self, task_arn: str, reason: str = "CannotPullContainerError: no such image") -> None:
        names = [c.name for c in self.record(Task, task_arn).containers]
        self.report(task_arn, "STOPPED", *({"containerName": n, "status": "STOPPED", "reason": reason} for n in names))

    def health(self, task_arn: str, status: str) -> None:
        """Every container of the task is said to be in this state of health, over the telemetry channel."""
        task = self.record(Task, task_arn)
        checked = [{"containerName": c.name, "healthStatus": status} for c in task.containers]
        told = {"taskArn": task_arn, "containers": checked}
        self.write(lambda tx: links.health_reported(tx, task.container_instance_arn or "", [told]))

    def obey(self) -> bool:
        """Once round: agents start what is pending and stop what is to stop. False when there was nothing."""
        self.run()
        moved = False
        for task in self.records(Task):
            if task.desired_status is records.TaskStatus.STOPPED:
                if task.last_status not in (records.TaskStatus.STOPPED, records.TaskStatus.DEACTIVATING):
                    self.exit(task.arn, 143)
                    moved = True
            elif task.last_status is records.TaskStatus.PENDING:
                self.report(task.arn, "RUNNING")
                moved = True
        self.run()
        moved = self.carry() or moved
        self.run()
        return moved

    def target_group(self, name: str = "web", kind: str = "instance", port: int = 80, **members: Any) -> str:
        """A target group that a listener of an application load balancer sends everything to; its ARN."""
        elb = self.client("elbv2")
        http = {} if kind == "lambda" else {"Protocol": "HTTP", "Port": port, "VpcId": self.vpc}
        [group] = elb.create_target_group(Name=name, TargetType=kind, **{**http, **members})["TargetGroups"]
        subnets = [SUBNET, OTHER_SUBNET]
        [balancer] = elb.create_load_balancer(Name=name, Subnets=subnets)["LoadBalancers"]
        actions = [{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}]
        elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=port, DefaultActions=actions
        )
        return str(group["TargetGroupArn"])

    def group_in_use(self, arn: str) -> None:
        """A target group for instances that is known by this very ARN, as if a listener used it."""
        group = elbv2.TargetGroup(
            arn=arn,
            home=f"aws:{REGION}:{ACCOUNT}",
            name=arn.split("/")[1],
            target_type="instance",
            protocol="HTTP",
            port=80,
            used_by=("a listener",),
            load_balancer_arn="a load balancer",
            created_at=self.clock.time,
        )
        self.write(lambda tx: tx.put(group))

    @property
    def vpc(self) -> str:
        """The default one."""
        return str(self.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"])

    def carry(self) -> bool:
        """What a proxy does: it finds every new target healthy, and sends nothing to those that drain. Whether any."""
        held = [
            t for t in self.records(elbv2.Target) if elbv2.in_use(self.record(elbv2.TargetGroup, t.target_group_arn))
        ]
        new = [t for t in held if t.deregistered_at is None and t.state == "initial"]
        going = [t for t in held if t.deregistered_at is not None and t.drained_at is None]
        for target in new:
            self.find(target, "healthy")
        keys = [(t.target_group_arn, t.id, t.port, t.registered_at.timestamp()) for t in going]
        self.write(lambda tx: elbv2.drained(tx, keys, self.clock.time))
        return bool(new or going)

    def find(
        self,
        target: elbv2.Target,
        state: str,
        reason: str | None = None,
        description: str | None = None,
        asked: str | None = None,
        answered: str | None = None,
    ) -> None:
        """A proxy finds the target to be like that."""
        found = proxy.TargetHealth(
            target_group=target.target_group_arn,
            id=target.id,
            port=target.port,
            since=target.registered_at.timestamp(),
            state=state,  # type: ignore[typeddict-item]
            reason=reason,
            description=description,
            asked=asked,
            answered=answered,
            changed=self.clock.time.timestamp(),
        )
        self.write(lambda tx: elbv2.reported(tx, [found], self.clock.time))

    def settle(self, seconds: float = 3600.0, step: float = 10.0) -> None:
        """Agents obey and time passes, until the services are steady and nothing is left to do."""
        while seconds > 0 and (self.obey() or not self._steady()):
            self.advance(step)
            seconds -= step
        assert seconds > 0, "the services never came to rest"

    def _steady(self) -> bool:
        """Whether every service is that runs at all: some wait for what Podium does not have."""
        services = [s for s in self.records(Service) if s.status is records.ServiceStatus.ACTIVE]
        return all(s.steady for s in services if s.controller == "ECS" and not effects.of_service(s))
