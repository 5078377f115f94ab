"""Load balancers as a user has them: `podium up`, plain aws CLI, real containers, and requests all the time."""

import gzip
import json
import os
import signal
import subprocess
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_interface, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from docker.asking import answer, answered
from docker.images import tiny
from docker.test_fargate import Podium
from waiting import until

IN_LOGS = "arn:aws:s3:::access-logs/AWSLogs/123456789012/*"
SERVES = 'mkdir -p /www; echo "$VERSION" >/www/index.html; exec httpd -f -p 8080 -h /www'


class Traffic(Podium):
    """A Podium with what a service behind a load balancer takes."""

    @property
    def data_dir(self) -> Path:
        return Path(self.environment["PODIUM_DATA_DIR"])

    def target_group(self, name: str, *words: str, kind: str = "ip", port: int = 8080) -> str:
        vpc = self.aws("ec2", "describe-vpcs")["Vpcs"][0]["VpcId"]
        made = self.aws(
            *("elbv2", "create-target-group", "--name", name, "--protocol", "HTTP", "--port", str(port)),
            *("--vpc-id", vpc, "--target-type", kind, *words),
        )
        return str(made["TargetGroups"][0]["TargetGroupArn"])

    def balance(self, name: str, group: str, *words: str, port: int = 80) -> dict[str, Any]:
        """A load balancer whose one listener forwards everything to the group."""
        made = self.aws("elbv2", "create-load-balancer", "--name", name, "--subnets", *self.subnets()[:2], *words)
        balancer: dict[str, Any] = made["LoadBalancers"][0]
        self.aws(
            *("elbv2", "create-listener", "--load-balancer-arn", balancer["LoadBalancerArn"]),
            *("--protocol", "HTTP", "--port", str(port)),
            *("--default-actions", f"Type=forward,TargetGroupArn={group}"),
        )
        return balancer

    def web(self, family: str, version: str, **container: Any) -> None:
        """A revision of a web server for Fargate that answers with its version."""
        served = {
            "name": "app",
            "command": ["sh", "-c", SERVES],
            "portMappings": [{"containerPort": 8080}],
            "environment": [{"name": "VERSION", "value": version}],
            **container,
        }
        self.define(family, served)

    def serve(self, name: str, group: str, count: int, *words: str) -> None:
        network = json.dumps({"awsvpcConfiguration": {"subnets": self.subnets()[:2]}})
        self.aws(
            *("ecs", "create-service", "--service-name", name, "--task-definition", name),
            *("--desired-count", str(count), "--launch-type", "FARGATE", "--network-configuration", network),
            *("--load-balancers", f"targetGroupArn={group},containerName=app,containerPort=8080", *words),
        )
        self.completed(name)

    def service(self, name: str) -> dict[str, Any]:
        return dict(self.aws("ecs", "describe-services", "--services", name)["services"][0])

    def completed(self, name: str) -> None:
        """Its newest deployment is, and no other is left."""

        def done() -> bool:
            deployments = self.service(name)["deployments"]
            return len(deployments) == 1 and deployments[0]["rolloutState"] == "COMPLETED"

        until(done, f"{name} to be rolled out")

    def url(self, name: str) -> str:
        return self.podium("open", name).strip()

    def pid(self, part: str) -> int:
        told = json.loads((self.data_dir / "run" / "podium.json").read_text())
        return int(next(one["pid"] for one in told["parts"] if one["name"] == part))


class Load:
    """Six clients that ask all the time, half of them over a connection that they keep. `told` counts the answers."""

    def __init__(self, url: str) -> None:
        self._url, self._over = urlsplit(url), threading.Event()
        self.told: Counter[str] = Counter()
        self._clients = [threading.Thread(target=self._ask, args=(n % 2 == 0,)) for n in range(6)]
        for client in self._clients:
            client.start()

    def _ask(self, keeps: bool) -> None:
        connection = self._connection()
        while not self._over.is_set():
            try:
                connection.request("GET", "/")
                got = connection.getresponse()
                body = got.read().decode().strip()
                self.told[body if got.status == 200 else f"failed: {got.status}"] += 1
            except (OSError, HTTPException) as error:
                self.told[f"failed: {error!r}"] += 1
                connection.close()
            if not keeps:
                connection.close()
                connection = self._connection()
        connection.close()

    def _connection(self) -> HTTPConnection:
        return HTTPConnection(self._url.hostname or "", self._url.port or 80, timeout=10)

    @property
    def failed(self) -> dict[str, int]:
        return {reason: count for reason, count in self.told.items() if reason.startswith("failed")}

    def more(self, version: str, count: int = 50) -> None:
        """Wait for so many more answers of that version."""
        wanted = self.told[version] + count
        until(lambda: self.told[version] >= wanted, f"{count} answers of version {version}")

    def end(self) -> None:
        self._over.set()
        for client in self._clients:
            client.join()


@contextmanager
def load(url: str) -> Iterator[Load]:
    load = Load(url)
    try:
        yield load
    finally:
        load.end()


@pytest.fixture(scope="module")
def podium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traffic]:
    podium = Traffic(tmp_path_factory.mktemp("traffic"))
    yield podium
    own = ip_network(json.loads(podium.data_dir.joinpath("default-vpc.json").read_text())["cidr"])
    podium.podium("down")
    # A gateway, which tells no one anything, stays while tasks of another Podium have networks on this machine.
    shown = subprocess.run(
        ["ip", "-o", "-4", "address", "show", "label", "lo:podium-lb"], capture_output=True, text=True
    )
    left = [ip_interface(line.split()[3]).ip for line in shown.stdout.splitlines()]
    assert [address for address in left if address in own] == []


@pytest.fixture(scope="module")
def web(podium: Traffic) -> str:
    """The url of the service `web`: two tasks on Fargate behind an internet-facing load balancer."""
    group = podium.target_group("web")
    podium.balance("web", group)
    podium.web("web", "1")
    podium.serve("web", group, 2)
    return podium.url("web")


def test_rolling_deployments_under_load_fail_no_request(podium, web):
    with load(web) as requests:
        requests.more("1")
        for version in ("2", "3"):
            podium.web("web", version)
            podium.aws("ecs", "update-service", "--service", "web", "--task-definition", "web")
            podium.completed("web")
            requests.more(version)
    assert requests.failed == {}
    said = " ".join(event["message"] for event in podium.service("web")["events"])
    for words in (
        "registered 1 targets in (target-group",
        "deregistered 1 targets in",
        "has begun draining connections",
    ):
        assert words in said


def test_traffic_goes_on_while_the_control_plane_and_then_the_proxy_are_killed(podium, web):
    version = answered(web)
    with load(web) as requests:
        requests.more(version)
        for part in ("server", "proxy"):
            before = podium.pid(part)
            os.kill(before, signal.SIGKILL)
            requests.more(version, 300)
            until(lambda part=part, before=before: podium.pid(part) != before, f"the {part} to be back")
        requests.more(version)
    assert requests.failed == {}
    until(lambda: answer(f"{podium.environment['AWS_ENDPOINT_URL']}/readyz"), "the server to answer")
    assert podium.url("web") == web


def test_what_a_load_balancer_carried_is_in_a_bucket_by_the_next_period(podium, web, tmp_path):
    lets_in = {"Effect": "Allow", "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}}
    policy = {"Version": "2012-10-17", "Statement": [{**lets_in, "Action": "s3:PutObject", "Resource": IN_LOGS}]}
    podium.aws("s3api", "create-bucket", "--bucket", "access-logs")
    podium.aws("s3api", "put-bucket-policy", "--bucket", "access-logs", "--policy", json.dumps(policy))
    arn = podium.aws("elbv2", "describe-load-balancers", "--names", "web")["LoadBalancers"][0]["LoadBalancerArn"]
    wanted = ("Key=access_logs.s3.enabled,Value=true", "Key=access_logs.s3.bucket,Value=access-logs")
    change = ("elbv2", "modify-load-balancer-attributes", "--load-balancer-arn", arn, "--attributes")
    with load(web) as requests:
        podium.aws(*change, *wanted)
        requests.more(answered(web))
        key = until(lambda: _first_log(podium), "an access log", every=0.5)
        podium.aws(*change, "Key=access_logs.s3.enabled,Value=false")
    assert requests.failed == {}
    assert "/elasticloadbalancing/us-east-1/20" in key
    podium.aws("s3api", "get-object", "--bucket", "access-logs", "--key", key, str(tmp_path / "log.gz"))
    lines = gzip.decompress((tmp_path / "log.gz").read_bytes()).decode().splitlines()
    assert all(line.startswith("http 20") and " app/web/" in line and " 200 200 " in line for line in lines)


def _first_log(podium: Traffic) -> str | None:
    told = podium.aws("s3api", "list-objects-v2", "--bucket", "access-logs").get("Contents", [])
    return next((held["Key"] for held in told if held["Key"].endswith(".log.gz")), None)


def test_a_load_balancers_name_is_known_inside_tasks_and_leads_there(podium, web):
    name = podium.aws("elbv2", "describe-load-balancers", "--names", "web")["LoadBalancers"][0]["DNSName"]
    podium.define("ask", {"name": "ask", "command": ["sh", "-c", f"wget -q -O - http://{name}/"]})
    arn = podium.run("ask", {"subnets": podium.subnets()[:1]}, "--launch-type", "FARGATE")
    until(lambda: podium.task(arn)["lastStatus"] == "STOPPED", "the question to end")
    assert podium.podium("logs", arn).strip() == answered(web)


def test_a_check_that_cannot_pass_is_explained_with_what_was_asked_and_what_came_back(podium):
    words = ("--health-check-path", "/healthz", "--health-check-interval-seconds", "5")
    group = podium.target_group("ill", *words, "--health-check-timeout-seconds", "2")
    podium.balance("ill", group)
    podium.web("ill", "1")
    network = json.dumps({"awsvpcConfiguration": {"subnets": podium.subnets()[:1]}})
    podium.aws(
        *("ecs", "create-service", "--service-name", "ill", "--task-definition", "ill", "--desired-count", "1"),
        *("--launch-type", "FARGATE", "--network-configuration", network),
        *("--health-check-grace-period-seconds", "600"),
        *("--load-balancers", f"targetGroupArn={group},containerName=app,containerPort=8080"),
    )

    def health() -> dict[str, Any]:
        told = podium.aws("elbv2", "describe-target-health", "--target-group-arn", group)["TargetHealthDescriptions"]
        return dict(told[0]["TargetHealth"]) if told else {}

    until(lambda: health().get("State") == "unhealthy", "the target to be found unhealthy")
    assert health() == {
        "State": "unhealthy",
        "Reason": "Target.ResponseCodeMismatch",
        "Description": "Health checks failed with these codes: [404]",
    }
    told = podium.podium("explain", "ill")
    assert "/healthz got 404" in told
    assert "set the group's HealthCheckPath to a path that is" in " ".join(told.split())
    podium.aws("ecs", "delete-service", "--service", "ill", "--force")


def test_a_service_on_instances_is_reached_by_the_ports_of_its_host(podium):
    group = podium.target_group("front", kind="instance")
    podium.balance("front", group, port=8088)
    container = {"name": "app", "image": tiny(), "memory": 32, "command": ["sh", "-c", SERVES], "stopTimeout": 2}
    container |= {"portMappings": [{"containerPort": 8080}], "environment": [{"name": "VERSION", "value": "bridge"}]}
    podium.aws(
        *("ecs", "register-task-definition", "--family", "front"),
        *("--container-definitions", json.dumps([container])),
    )
    podium.aws(
        *("ecs", "create-service", "--service-name", "front", "--task-definition", "front", "--desired-count", "2"),
        *("--load-balancers", f"targetGroupArn={group},containerName=app,containerPort=8080"),
    )
    podium.completed("front")
    assert answered(podium.url("front")) == "bridge"
    shared = podium.aws("elbv2", "describe-load-balancers", "--names", "front")["LoadBalancers"][0]["DNSName"]
    asked = urllib.request.Request("http://127.0.0.1:8088/", headers={"Host": shared})
    assert urllib.request.urlopen(asked, timeout=30).read().strip() == b"bridge"
    status = podium.podium("status")
    assert "HTTP:8088" in status
    podium.aws("ecs", "delete-service", "--service", "front", "--force")


def test_killing_a_task_under_load_fails_only_what_was_under_way(podium, web):
    version = answered(web)
    [victim, *_] = podium.aws("ecs", "list-tasks", "--service-name", "web")["taskArns"]
    docker_id = podium.task(victim)["containers"][0]["runtimeId"]
    with load(web) as requests:
        requests.more(version)
        subprocess.run(["docker", "kill", "--signal", "KILL", docker_id], check=True, capture_output=True)
        requests.more(version, 300)
    assert sum(requests.failed.values()) <= len(requests._clients)
    podium.completed("web")
