"""UpdateService of ten tasks behind a load balancer, and the same with Docker Swarm, under the same load.

Swarm's published port needs the kernel's ip_vs. Where that is missing nobody can ask, and only its time is told.
"""

import asyncio
import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bench import swarm
from bench.engine import IMAGE, Engine
from bench.plane import LAUNCH, Podium
from bench.raw import until

TASKS = 10
_PORT = 18083
_SERVES = "mkdir -p /www; echo $VERSION >/www/index.html; exec httpd -f -p 8080 -h /www"
_COMMAND = ["sh", "-c", _SERVES]
_CLIENTS = 4
_MESH_SECONDS = 10.0


@dataclass
class Roll:
    """`failed` is None where nobody could ask."""

    seconds: list[float] = field(default_factory=list)
    asked: int = 0
    failed: int | None = 0


class Load:
    """Clients that keep their connections and ask all the time; one is told of no answer, or another than 200."""

    def __init__(self, host: str, port: int) -> None:
        self._place, self._over = (host, port), threading.Event()
        self.asked = self.failed = 0
        self._clients = [threading.Thread(target=self._ask) for _ in range(_CLIENTS)]
        for client in self._clients:
            client.start()

    def end(self) -> None:
        self._over.set()
        for client in self._clients:
            client.join()

    def _ask(self) -> None:
        connection = http.client.HTTPConnection(*self._place, timeout=10)
        while not self._over.is_set():
            self.asked += 1
            try:
                connection.request("GET", "/")
                answer = connection.getresponse()
                answer.read()
                self.failed += answer.status != 200
            except (OSError, http.client.HTTPException):
                self.failed += 1
                connection.close()
            time.sleep(0.005)
        connection.close()


@contextmanager
def _load(host: str, port: int) -> Iterator[Load]:
    load = Load(host, port)
    try:
        yield load
    finally:
        load.end()


def podium(times: int) -> Roll:
    """From UpdateService until its deployment is COMPLETED and alone."""
    podium = Podium()
    try:
        return _podium(podium, times)
    finally:
        podium.close()


def _podium(podium: Podium, times: int) -> Roll:
    host = _balanced(podium)
    found = Roll()
    with _load(host, _PORT) as load:
        for number in range(times):
            _register(podium, str(number + 2))
            began = time.monotonic()
            podium.ecs.update_service(**LAUNCH, service="web", taskDefinition="web")
            _completed(podium)
            found.seconds.append(time.monotonic() - began)
    found.asked, found.failed = load.asked, load.failed
    return found


def _balanced(podium: Podium) -> str:
    """The address of a load balancer with a service of ten tasks behind it."""
    elb, subnets = podium.client("elbv2"), podium.client("ec2").describe_subnets()["Subnets"][:2]
    group = elb.create_target_group(
        Name="web", Protocol="HTTP", Port=8080, VpcId=subnets[0]["VpcId"], TargetType="instance",
    )["TargetGroups"][0]["TargetGroupArn"]  # fmt: skip
    delay = {"Key": "deregistration_delay.timeout_seconds", "Value": "1"}
    elb.modify_target_group_attributes(TargetGroupArn=group, Attributes=[delay])
    made = elb.create_load_balancer(Name="web", Subnets=[subnet["SubnetId"] for subnet in subnets])["LoadBalancers"][0]
    action = {"Type": "forward", "TargetGroupArn": group}
    elb.create_listener(LoadBalancerArn=made["LoadBalancerArn"], Protocol="HTTP", Port=_PORT, DefaultActions=[action])
    _register(podium, "1")
    behind = {"targetGroupArn": group, "containerName": "main", "containerPort": 8080}
    podium.ecs.create_service(
        **LAUNCH, serviceName="web", taskDefinition="web", desiredCount=TASKS, loadBalancers=[behind]
    )
    _completed(podium)
    return "127.0.0.1"


def _register(podium: Podium, version: str) -> None:
    container = {"name": "main", "image": IMAGE, "command": _COMMAND, "cpu": 16, "memory": 16, "stopTimeout": 2,
                 "portMappings": [{"containerPort": 8080}],
                 "environment": [{"name": "VERSION", "value": version}]}  # fmt: skip
    podium.ecs.register_task_definition(family="web", containerDefinitions=[container])


def _completed(podium: Podium) -> None:
    def done() -> bool:
        deployments = podium.ecs.describe_services(**LAUNCH, services=["web"])["services"][0]["deployments"]
        return len(deployments) == 1 and deployments[0]["rolloutState"] == "COMPLETED"

    until(done, "the deployment", 120)


async def peer(times: int) -> Roll:
    """From the update until Swarm says that it is completed. Its monitor is as short as it can be."""
    async with Engine() as engine:
        await swarm.begin(engine)
        try:
            return await _peer(engine, times)
        finally:
            await swarm.end(engine)


async def _peer(engine: Engine, times: int) -> Roll:
    service = str((await engine.call("POST", "/services/create", _spec("1")))["ID"])
    try:
        await _ran(engine, service)
        if await _is_reached():
            with _load("127.0.0.1", _PORT) as load:
                seconds = [await _update(engine, service, str(number + 2)) for number in range(times)]
            return Roll(seconds, load.asked, load.failed)
        return Roll([await _update(engine, service, str(number + 2)) for number in range(times)], 0, None)
    finally:
        await swarm.remove(engine, service)


async def _update(engine: Engine, service: str, version: str) -> float:
    index = (await engine.call("GET", f"/services/{service}"))["Version"]["Index"]
    began = time.monotonic()
    await engine.call("POST", f"/services/{service}/update?version={index}", _spec(version))
    async with asyncio.timeout(180):
        while True:
            said = await engine.call("GET", f"/services/{service}")
            current = said["Spec"]["TaskTemplate"]["ContainerSpec"]["Env"] == [f"VERSION={version}"]
            if current and said.get("UpdateStatus", {}).get("State") == "completed":
                return time.monotonic() - began
            await asyncio.sleep(0.05)


async def _ran(engine: Engine, service: str) -> None:
    query = json.dumps({"service": [service], "desired-state": ["running"]})
    async with asyncio.timeout(120):
        while True:
            tasks: list[Any] = await engine.call("GET", f"/tasks?filters={query}")
            if sum(task["Status"]["State"] == "running" for task in tasks) == TASKS:
                return
            await asyncio.sleep(0.1)


async def _is_reached() -> bool:
    deadline = time.monotonic() + _MESH_SECONDS
    while time.monotonic() < deadline:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", _PORT)
            writer.close()
            return True
        except OSError:
            await asyncio.sleep(0.2)
    return False


def _spec(version: str) -> dict[str, Any]:
    """Its readiness is a health check of the container, as often as Podium's proxy looks at a new target."""
    check = {"Test": ["CMD-SHELL", "wget -q -O /dev/null http://127.0.0.1:8080/"], "Interval": 10**9,
             "StartPeriod": 10**9, "Timeout": 10**9, "Retries": 3}  # fmt: skip
    return {
        "Name": swarm.NAME,
        "TaskTemplate": {
            "ContainerSpec": {"Image": IMAGE, "Command": _COMMAND, "Env": [f"VERSION={version}"], "Healthcheck": check,
                              "StopGracePeriod": 2 * 10**9},
            "RestartPolicy": {"Condition": "any"},
        },
        "Mode": {"Replicated": {"Replicas": TASKS}},
        "UpdateConfig": {"Parallelism": TASKS, "Order": "start-first", "Monitor": 10**8, "Delay": 0},
        "EndpointSpec": {"Ports": [{"Protocol": "tcp", "TargetPort": 8080, "PublishedPort": _PORT}]},
    }  # fmt: skip
