"""awsvpc on a real engine: every task its own network, an address, and the rules of its security groups."""

import json
import os
import signal
import socket
import subprocess
from itertools import count
from typing import Any

import pytest

from docker.agents import AgentProcess, a_container, a_task, containers_of, docker, inspect
from docker.asking import answer
from podium_agent.network.links import leaving, owner_prefix, preparing
from waiting import until

_NETWORK = "10.253.0.0/16"
_BLOCK = 1 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 200
"""Others that test at the same time on this host have other addresses."""

_numbers = count(10)
ANYBODY = [{"protocol": "all", "cidrs": ["0.0.0.0/0"]}]
PAUSE = "internalecspause"  # what is left of its name in Docker's


def an_interface(*groups: str) -> dict[str, Any]:
    number = next(_numbers)
    return {
        "ec2Id": f"eni-{number:017x}",
        "macAddress": f"0a:58:00:00:{_BLOCK:02x}:{number:02x}",
        "ipv4Addresses": [{"privateAddress": f"10.253.{_BLOCK}.{number}", "primary": True}],
        "subnetGatewayIpv4Address": f"10.253.{_BLOCK}.1/24",
        "privateDnsName": f"ip-10-253-{_BLOCK}-{number}.ec2.internal",
        "vpcCidrs": [_NETWORK],
        "securityGroupIds": list(groups),
    }


def address(task: dict[str, Any]) -> str:
    return str(task["elasticNetworkInterfaces"][0]["ipv4Addresses"][0]["privateAddress"])


def a_networked_task(
    *containers: dict[str, Any], groups: tuple[str, ...] = ("sg-open",), **members: Any
) -> dict[str, Any]:
    return a_task(*containers, networkMode="awsvpc", elasticNetworkInterfaces=[an_interface(*groups)], **members)


def a_web_server(word: str, port: int = 80) -> dict[str, Any]:
    script = f"mkdir /www; echo {word} >/www/index.html; exec httpd -f -p {port} -h /www"
    return a_container("sh", "-c", script, portMappings=[{"containerPort": port, "hostPort": port, "protocol": "tcp"}])


def groups(plane: Any, **rules: list[dict[str, Any]]) -> None:
    """Everything may go out; `rules` say what comes in."""
    told = [{"groupId": f"sg-{name}", "ingress": ingress, "egress": ANYBODY} for name, ingress in rules.items()]
    until(lambda: plane.connected, "the agent to connect")
    plane.send("PodiumSecurityGroupsMessage", groups=told)


def container(task: dict[str, Any], name: str = "main") -> str:
    """Docker's id of one of its containers."""
    (docker_id,) = [c for c in containers_of(task["arn"]) if f"-{name}-" in inspect(c)["Name"]]
    return docker_id


def fetched(task: dict[str, Any], url: str, seconds: int = 3) -> str:
    """What a container of the task gets; empty when it gets nothing."""
    command = ["docker", "exec", container(task), "timeout", str(seconds), "wget", "-q", "-O", "-", url]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def run_all(plane: Any, *tasks: dict[str, Any]) -> None:
    for task in tasks:
        plane.run(task)
    for task in tasks:
        report = plane.wait_for(task["arn"], "RUNNING")
        assert {c["containerName"] for c in report["containers"]} == {c["name"] for c in task["containers"]}


def links(agent: Any) -> list[str]:
    prefix = owner_prefix(f"{agent.data_dir.resolve()} default")
    told = json.loads(subprocess.run(["ip", "-json", "link"], check=True, capture_output=True, text=True).stdout)
    return [link["ifname"] for link in told if link["ifname"].startswith(prefix)]


def test_tasks_with_the_same_port_each_have_an_address(plane, agent):
    groups(plane, open=ANYBODY)
    one, two = a_networked_task(a_web_server("one")), a_networked_task(a_web_server("two"))
    run_all(plane, one, two)
    until(lambda: fetched(one, f"http://{address(two)}/") == "two", "two")
    until(lambda: fetched(two, f"http://{address(one)}/") == "one", "one")
    until(lambda: fetched(one, "http://127.0.0.1/") == "one", "one")
    until(lambda: [answer(f"http://{address(task)}/") for task in (one, two)] == ["one", "two"], "both")


def test_containers_of_a_task_share_its_network(plane, agent):
    groups(plane, open=ANYBODY)
    task = a_networked_task(a_web_server("hello"), a_container(name="side"))
    run_all(plane, task)
    for docker_id in (container(task), container(task, "side")):
        said = docker("exec", docker_id, "sh", "-c", "hostname; ip -4 -o addr show eth0; cat /etc/hosts; ip route")
        assert f"inet {address(task)}/24" in said
        assert f"default via 10.253.{_BLOCK}.1" in said
        assert said.startswith(task["elasticNetworkInterfaces"][0]["privateDnsName"])
    asking = ("sh", "-c", "wget -q -O - http://localhost/ || true")
    until(lambda: docker("exec", container(task, "side"), *asking) == "hello", "what the other container serves")
    assert inspect(container(task))["HostConfig"]["NetworkMode"].startswith("container:")


def test_security_groups_say_who_may_speak_to_whom(plane, agent):
    web = a_networked_task(a_web_server("web"), groups=("sg-web",))
    friend, stranger = (a_networked_task(a_container(), groups=(group,)) for group in ("sg-friend", "sg-stranger"))
    only_friends = [{"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrs": [f"{address(friend)}/32"]}]
    groups(plane, web=only_friends, friend=[], stranger=[])
    run_all(plane, web, friend, stranger)
    url = f"http://{address(web)}/"
    until(lambda: fetched(friend, url) == "web", "web")
    assert fetched(stranger, url, 1) == ""
    groups(plane, web=ANYBODY, friend=[], stranger=[])
    until(lambda: fetched(stranger, url, 1) == "web", "the new rule to be in force")
    assert fetched(web, f"http://{address(friend)}/", 1) == ""


def test_a_group_nobody_told_of_lets_nothing_through(plane, agent):
    groups(plane, open=ANYBODY)
    web, open_ = a_networked_task(a_web_server("web"), groups=("sg-unknown",)), a_networked_task(a_container())
    run_all(plane, web, open_)
    assert fetched(open_, f"http://{address(web)}/", 1) == ""


def test_an_absent_address_is_told_at_once(plane, agent):
    groups(plane, open=ANYBODY)
    task = a_networked_task(a_container())
    run_all(plane, task)
    asked = ["docker", "exec", container(task), "timeout", "10", "wget", "-q", "-O", "-", "http://10.253.9.9/"]
    assert "No route to host" in subprocess.run(asked, capture_output=True, text=True).stderr


def test_nothing_of_a_network_outlives_its_task(plane, agent):
    groups(plane, open=ANYBODY)
    task = a_networked_task(a_container())
    run_all(plane, task)
    assert len(links(agent)) == 1
    plane.stop(task)
    plane.wait_for(task["arn"], "STOPPED")
    until(lambda: not links(agent), "the link to go")
    routes = subprocess.run(["ip", "route", "show", address(task)], capture_output=True, text=True).stdout
    assert routes == ""


def test_a_network_outlives_the_agent_and_what_ended_meanwhile_is_cleaned(plane, agent):
    groups(plane, open=ANYBODY)
    lasting, ending = a_networked_task(a_web_server("still here")), a_networked_task(a_container())
    run_all(plane, lasting, ending)
    agent.end(signal.SIGKILL)
    until(lambda: answer(f"http://{address(lasting)}/") == "still here", "still here")
    docker("rm", "-f", *containers_of(ending["arn"]))
    agent.start()
    plane.wait_for(ending["arn"], "STOPPED")
    until(lambda: len(links(agent)) == 1, "what ended to be cleaned")
    until(lambda: answer(f"http://{address(lasting)}/") == "still here", "still here")


def test_rules_hold_while_the_agent_starts_anew_and_when_they_were_lost(plane, agent):
    groups(plane, open=ANYBODY)
    web, friend = a_networked_task(a_web_server("web")), a_networked_task(a_container())
    run_all(plane, web, friend)
    url = f"http://{address(web)}/"
    until(lambda: fetched(friend, url) == "web", "web")
    agent.end(signal.SIGKILL)
    agent.start()
    until(lambda: "takes up the tasks" in agent.logged(), "the agent to take up its tasks")
    until(lambda: fetched(friend, url) == "web", "web")
    groups(plane)
    third = a_networked_task(a_container())
    run_all(plane, third)
    until(lambda: fetched(friend, url) == "web", "web")


def test_a_dead_pause_process_ends_the_task(plane, agent):
    groups(plane, open=ANYBODY)
    task = a_networked_task(a_container())
    run_all(plane, task)
    docker("kill", container(task, PAUSE))
    ended = plane.wait_for(task["arn"], "STOPPED")
    assert [c["containerName"] for c in ended["containers"]] == ["main"]


def test_a_process_namespace_is_shared_by_the_task(plane, agent):
    first, second = a_container("sleep", "4321"), a_container(name="second")
    task = a_task(first, second, pidMode="task", ipcMode="task")
    plane.run(task)
    plane.wait_for(task["arn"], "RUNNING")
    side = container(task, "second")
    assert "sleep 4321" in docker("exec", side, "ps")
    assert inspect(side)["HostConfig"]["IpcMode"].startswith("container:")


def test_a_sweep_leaves_no_network(plane, agent):
    groups(plane, open=ANYBODY)
    run_all(plane, a_networked_task(a_container()))
    agent.end()
    agent.sweep()
    assert links(agent) == []
    tables = subprocess.run(["nft", "list", "tables"], check=True, capture_output=True, text=True).stdout
    assert owner_prefix(f"{agent.data_dir.resolve()} default") not in tables


def test_containers_have_the_runtime_that_the_operator_chose_and_the_pause_process_docker_s_own(plane, tmp_path):
    agent = AgentProcess(plane, tmp_path, "--cluster", "default", "--runtime", "io.containerd.runc.v2")
    try:
        groups(plane, open=ANYBODY)
        task = a_networked_task(a_container())
        run_all(plane, task)
        runtimes = [inspect(container(task, name))["HostConfig"]["Runtime"] for name in ("main", PAUSE)]
        assert runtimes == ["io.containerd.runc.v2", "runc"]
    finally:
        agent.end()
        agent.sweep()


@pytest.fixture
def balancer():
    """An address of the network that a load balancer on this host has."""
    address = "10.253.0.250"
    subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
    yield address
    subprocess.run(["ip", "address", "delete", f"{address}/32", "dev", "lo"], check=True)


def test_a_load_balancer_on_the_host_is_held_to_the_groups_and_the_host_itself_is_not(plane, agent, balancer):
    groups(plane, closed=[], balanced=[{"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrs": [f"{balancer}/32"]}])
    closed = a_networked_task(a_web_server("closed"), groups=("sg-closed",))
    balanced = a_networked_task(a_web_server("balanced"), groups=("sg-balanced",))
    run_all(plane, closed, balanced)

    def asked(task: dict[str, Any], source: str = "") -> str:
        try:
            with socket.create_connection((address(task), 80), timeout=2, source_address=(source, 0)) as connection:
                connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
                return b"".join(iter(lambda: connection.recv(4096), b"")).decode().split()[-1]
        except OSError:
            return ""

    for task, word in ((closed, "closed"), (balanced, "balanced")):
        until(lambda task=task, word=word: asked(task) == word, "the host to reach the task")
    assert asked(closed, balancer) == ""
    assert asked(balanced, balancer) == "balanced"


def test_an_agent_that_leaves_takes_no_gateway_from_tasks_of_another():
    def after(*lines: str) -> str:
        """The loopback's addresses at the end, on a host of its own."""
        scripts = (preparing("10.253.0.1", [_NETWORK]), "\n".join(lines), leaving(), "ip -o -4 address show dev lo")
        steps = "\n".join(f"sh -eu <<'STEP'\n{script}\nSTEP" for script in scripts)
        return subprocess.run(
            ["unshare", "--net", "sh", "-eu"], input=steps, capture_output=True, text=True, check=True
        ).stdout

    assert "10.253.0.1" in after("ip link add pd0123450000001 type veth peer name other")
    assert "10.253.0.1" not in after()
