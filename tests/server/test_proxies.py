"""The proxies' link of a real server: who may open it, what it hears, and what becomes of what it says."""

import base64
import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from podium_protocol import proxy
from podium_protocol.signing import Credentials, Signer
from server.server_process import SOURCES, Server, running
from waiting import until

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("server") / "data") as server:
        yield server


class Balanced:
    """A load balancer with a listener on 80, and its group of one target."""

    def __init__(self, server: Server, name: str) -> None:
        self.elb = server.client("elbv2")
        subnets = server.client("ec2").describe_subnets()["Subnets"][:2]
        zones, vpc = [subnet["SubnetId"] for subnet in subnets], subnets[0]["VpcId"]
        [made] = self.elb.create_load_balancer(Name=name, Subnets=zones)["LoadBalancers"]
        self.arn, self.dns_name = made["LoadBalancerArn"], made["DNSName"]
        wanted = {"Name": name, "Protocol": "HTTP", "Port": 80, "TargetType": "ip", "VpcId": vpc}
        [group] = self.elb.create_target_group(**wanted)["TargetGroups"]
        self.group = group["TargetGroupArn"]
        forward = [{"Type": "forward", "TargetGroupArn": self.group}]
        [listener] = self.elb.create_listener(
            LoadBalancerArn=self.arn, Protocol="HTTP", Port=80, DefaultActions=forward
        )["Listeners"]
        self.listener = listener["ListenerArn"]
        self.elb.register_targets(TargetGroupArn=self.group, Targets=[{"Id": "172.31.0.99"}])

    def health(self) -> dict[str, Any]:
        told = self.elb.describe_target_health(TargetGroupArn=self.group)["TargetHealthDescriptions"]
        return dict(told[0]["TargetHealth"]) if told else {}

    def delete(self) -> None:
        self.elb.delete_load_balancer(LoadBalancerArn=self.arn)
        self.elb.delete_target_group(TargetGroupArn=self.group)


@pytest.fixture
def balanced(server: Server, request: pytest.FixtureRequest) -> Iterator[Balanced]:
    made = Balanced(server, "web")
    yield made
    if server.client("elbv2").describe_load_balancers()["LoadBalancers"]:
        made.delete()


class Proxy:
    """What a proxy hears and says, by hand."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    def hears(self) -> dict[str, Any]:
        message = json.loads(self._socket.recv(timeout=10))
        assert message["type"] == proxy.CONFIGURATION
        return dict(message["message"])

    def answer(self, kind: str) -> dict[str, Any]:
        """The next message of that kind."""
        while (message := json.loads(self._socket.recv(timeout=10)))["type"] != kind:
            assert message["type"] == proxy.CONFIGURATION
        return dict(message["message"])

    def hears_of(self, arn: str) -> Any:
        """The next document of the load balancer."""
        while True:
            told = self.hears()["load_balancers"]
            if arn in told:
                return told[arn]

    def says(self, kind: str, body: dict[str, Any]) -> None:
        self._socket.send(proxy.frame(kind, body))

    def finds(self, group: str, target: dict[str, Any], state: str, **more: Any) -> None:
        found = {"target_group": group, "id": target["id"], "port": target["port"], "since": target["since"]}
        told = {"reason": None, "description": None, "asked": None, "answered": None, "changed": time.time(), **more}
        self.says(proxy.HEALTH, {"targets": [{**found, "state": state, **told}]})


@contextmanager
def linked(server: Server, key: str = "proxy") -> Iterator[Proxy]:
    host = urlsplit(server.url).netloc
    held = server.keys[key]
    keys = Credentials(access_key_id=held["accessKeyId"], secret_access_key=held["secretAccessKey"])
    headers = Signer(credentials=keys, region="us-east-1").headers("GET", host, proxy.PATH)
    with connect(f"ws://{host}{proxy.PATH}", additional_headers=headers, proxy=None, max_size=None) as socket:
        yield Proxy(socket)


def page(server: Server, path: str) -> Any:
    status, told = server.get(f"/_podium/{path}", server.signed("GET", f"/_podium/{path}"))
    assert status == 200, told
    return json.loads(told)


def test_an_agents_key_opens_no_proxys_link(server: Server) -> None:
    with pytest.raises(InvalidStatus) as refused, linked(server, "agent"):
        """Never."""
    assert refused.value.response.status_code == 403
    assert b"only the proxy's own key" in (refused.value.response.body or b"")


def test_a_proxys_key_calls_no_api(server: Server) -> None:
    with pytest.raises(Exception, match="a proxy's key serves for its own link alone"):
        server.client("ecs", "proxy").list_clusters()
    with pytest.raises(Exception, match="a proxy's key serves for its own link alone"):
        server.client("elbv2", "proxy").describe_load_balancers()


def test_it_hears_all_there_is_and_then_what_changes(server: Server, balanced: Balanced) -> None:
    with linked(server) as heard:
        first = heard.hears()
        assert first["whole"]
        document = first["load_balancers"][balanced.arn]
        assert document["dns_name"] == balanced.dns_name
        assert [listener["port"] for listener in document["listeners"]] == [80]
        [group] = document["target_groups"]
        assert (group["arn"], group["attributes"]["stickiness.enabled"]) == (balanced.group, "false")
        [target] = group["targets"]
        assert (target["address"], target["port"], target["draining"]) == ("172.31.0.99", 80, False)
        assert document["addresses"][0]["public"].startswith("127.0.64.")
        balanced.elb.deregister_targets(TargetGroupArn=balanced.group, Targets=[{"Id": "172.31.0.99"}])
        [group] = heard.hears_of(balanced.arn)["target_groups"]
        assert group["targets"][0]["draining"]
        balanced.delete()
        while (told := heard.hears_of(balanced.arn)) is not None:
            assert told["listeners"] == []  # it loses its listeners with it


def test_what_it_finds_is_what_is_described_and_comes_back_in_no_document(server: Server, balanced: Balanced) -> None:
    with linked(server) as told:
        [group] = told.hears()["load_balancers"][balanced.arn]["target_groups"]
        assert balanced.health()["State"] == "initial"
        told.finds(balanced.group, group["targets"][0], "healthy")
        until(lambda: balanced.health() == {"State": "healthy"}, "the target to be healthy")
        told.finds(
            balanced.group,
            group["targets"][0],
            "unhealthy",
            reason="Target.Timeout",
            description="Request timed out",
        )
        until(lambda: balanced.health().get("Reason") == "Target.Timeout", "the target to be ill")
        balanced.elb.register_targets(TargetGroupArn=balanced.group, Targets=[{"Id": "172.31.0.98"}])
        [group] = told.hears_of(balanced.arn)["target_groups"]  # the next thing that it hears is news of another target
        assert len(group["targets"]) == 2


def test_a_target_is_gone_when_it_is_drained_and_its_delay_is_over(server: Server, balanced: Balanced) -> None:
    attributes = [{"Key": "deregistration_delay.timeout_seconds", "Value": "0"}]
    balanced.elb.modify_target_group_attributes(TargetGroupArn=balanced.group, Attributes=attributes)
    with linked(server) as told:
        [group] = told.hears()["load_balancers"][balanced.arn]["target_groups"]
        target = group["targets"][0]
        balanced.elb.deregister_targets(TargetGroupArn=balanced.group, Targets=[{"Id": "172.31.0.99"}])
        told.hears_of(balanced.arn)
        assert balanced.health()["State"] == "draining"
        key = [balanced.group, target["id"], target["port"], target["since"]]
        told.says(proxy.DRAINED, {"targets": [key]})
        until(lambda: balanced.health() == {}, "the target to be gone")


def test_access_logs_are_put_where_they_are_wanted_and_answered(server: Server, balanced: Balanced) -> None:
    s3, content = server.client("s3"), gzip.compress(b"http 2026\n")
    s3.create_bucket(Bucket="logs")
    lets_in = {
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::logs/*",
    }
    s3.put_bucket_policy(Bucket="logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": [lets_in]}))
    wanted = {"access_logs.s3.enabled": "true", "access_logs.s3.bucket": "logs"}
    pairs = [{"Key": key, "Value": value} for key, value in wanted.items()]
    balanced.elb.modify_load_balancer_attributes(LoadBalancerArn=balanced.arn, Attributes=pairs)
    log = {"load_balancer": balanced.arn, "ended": 1_700_000_000, "content": base64.b64encode(content).decode()}

    def logs() -> list[str]:
        return [o["Key"] for o in s3.list_objects_v2(Bucket="logs")["Contents"] if o["Key"].endswith(".log.gz")]

    with linked(server) as told:
        assert told.hears()["load_balancers"][balanced.arn]["attributes"]["access_logs.s3.enabled"] == "true"
        for mark in ("one", "one", "two"):
            told.says(proxy.ACCESS_LOG, {**log, "id": mark})
            assert told.answer(proxy.KEPT) == {"id": mark}
        assert [key.rpartition("_")[2] for key in logs()] == ["one.log.gz", "two.log.gz"]
        assert s3.get_object(Bucket="logs", Key=logs()[0])["Body"].read() == content
        s3.delete_bucket_policy(Bucket="logs")
        told.says(proxy.ACCESS_LOG, {**log, "id": "three"})
        assert told.answer(proxy.KEPT) == {"id": "three"}
        told.says(proxy.ACCESS_LOG, {**log, "id": "four", "load_balancer": "gone"})
        assert told.answer(proxy.KEPT) == {"id": "four"}
        assert len(logs()) == 2


def test_its_doors_are_where_podium_open_and_status_look(server: Server, balanced: Balanced) -> None:
    with linked(server) as told:
        told.hears()
        door = {
            "listener": balanced.listener,
            "host": "127.0.64.1",
            "port": 80,
            "shared": False,
            "open": True,
            "trouble": None,
        }
        told.says(proxy.ADDRESSES, {"doors": [door], "resolver": "172.31.0.2", "trouble": None})
        until(lambda: page(server, "traffic")["resolver"] == "172.31.0.2", "the doors to be known")
        [shown] = page(server, "traffic")["loadBalancers"]
        assert shown["listeners"][0]["doors"] == [door]
    until(lambda: not page(server, "traffic")["linked"], "the link to be missed")


def test_the_last_proxy_that_links_up_is_told(server: Server, balanced: Balanced) -> None:
    with linked(server) as first:
        first.hears()
        with linked(server) as second:
            assert balanced.arn in second.hears()["load_balancers"]
            balanced.elb.register_targets(TargetGroupArn=balanced.group, Targets=[{"Id": "172.31.0.97"}])
            assert second.hears_of(balanced.arn) is not None


def podium(data_dir: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "podium.cli", *words, "--data-dir", str(data_dir)]
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=30)


def test_podium_open_prints_the_best_door_and_says_what_is_missing(server: Server, balanced: Balanced) -> None:
    ecs = server.client()
    ecs.create_cluster()
    port = [{"containerPort": 80, "hostPort": 0}]
    container = {"name": "app", "image": "web", "memory": 64, "portMappings": port}
    ecs.register_task_definition(
        family="web", containerDefinitions=[container], networkMode="awsvpc", cpu="256", memory="512"
    )
    subnet = server.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    known = {"taskDefinition": "web", "desiredCount": 0}
    known["networkConfiguration"] = {"awsvpcConfiguration": {"subnets": [subnet]}}
    ecs.create_service(serviceName="alone", **known)
    behind = [{"targetGroupArn": balanced.group, "containerName": "app", "containerPort": 80}]
    ecs.create_service(serviceName="front", loadBalancers=behind, **known)
    assert "is behind no load balancer" in podium(server.data_dir, "open", "alone").stderr
    assert "There is no service" in podium(server.data_dir, "open", "nobody").stderr
    with linked(server) as told:
        told.hears()
        host, shared = "127.0.64.1", {"host": "127.0.0.1", "shared": True}
        door = {"listener": balanced.listener, "host": host, "port": 80, "shared": False, "open": True, "trouble": None}
        told.says(proxy.ADDRESSES, {"doors": [{**door, **shared}, door], "resolver": None, "trouble": None})
        until(lambda: page(server, "traffic")["loadBalancers"][0]["listeners"][0]["doors"], "the doors to be known")
        assert podium(server.data_dir, "open", "front").stdout == f"http://{host}/\n"
        told.says(proxy.ADDRESSES, {"doors": [{**door, **shared}], "resolver": None, "trouble": None})
        until(lambda: page(server, "open?service=front")["ways"][0]["shared"], "the other door to be known")
        opened = podium(server.data_dir, "open", "front")
        assert opened.stdout == "http://127.0.0.1/\n"
        assert f"It expects the host {balanced.dns_name}" in opened.stderr
    for service in ("alone", "front"):
        ecs.delete_service(service=service, force=True)


def test_a_link_that_hangs_holds_up_no_other_and_is_closed(server: Server, balanced: Balanced) -> None:
    with linked(server) as first:
        first.hears()
        for _ in range(5):
            with linked(server) as next_one:
                assert balanced.arn in next_one.hears()["load_balancers"]
        until(lambda: not page(server, "traffic")["linked"], "the last to be missed")
        with pytest.raises(ConnectionClosed, match=proxy.REPLACED):
            first.hears_of("nothing")
