"""Tasks ask a resolver of ours: for names of Cloud Map, and for others that it asks elsewhere."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from dnslib import QTYPE, RR, A, DNSRecord

from agent.control_plane import ControlPlane
from docker.agents import AgentProcess, a_container, a_task
from docker.test_networks import a_networked_task, container, groups
from podium_proxy.dns import Resolver
from proxy.dns.documents import Elsewhere, configuration, endpoint, name
from waiting import until

SERVER = "10.253.255.53"
ANYBODY = [{"protocol": "all", "cidrs": ["0.0.0.0/0"]}]


def from_elsewhere(query: DNSRecord) -> bytes:
    reply = query.reply()
    if query.q.qtype == QTYPE.A:
        reply.add_answer(RR(query.q.qname, QTYPE.A, ttl=60, rdata=A("192.0.2.77")))
    return bytes(reply.pack())


@contextmanager
def an_address() -> Iterator[None]:
    """One of the host's that containers reach."""
    subprocess.run(["ip", "address", "add", f"{SERVER}/32", "dev", "lo"], check=True)
    try:
        yield
    finally:
        subprocess.run(["ip", "address", "del", f"{SERVER}/32", "dev", "lo"], check=True)


class Running:
    """A resolver and who it asks, in a thread of their own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.elsewhere = Elsewhere(from_elsewhere)
        self._resolver = Resolver(upstreams=lambda: [self.elsewhere.address])

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def start(self) -> None:
        self._run(self.elsewhere.__aenter__())
        self._run(self._resolver.start(SERVER))

    def say(self, *addresses: str) -> None:
        endpoints = [endpoint(f"i{n}", ipv4=address) for n, address in enumerate(addresses)]
        self._loop.call_soon_threadsafe(self._resolver.update, configuration(name("web.local", *endpoints)))

    def end(self) -> None:
        self._run(self._resolver.close())
        self._run(self.elsewhere.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture
def resolver() -> Iterator[Running]:
    with an_address():
        running = Running()
        try:
            running.start()
            yield running
        finally:
            running.end()


def found(task: dict[str, Any], full: str) -> str:
    """All that a container of the task is told of the name."""
    command = ["docker", "exec", container(task), "nslookup", full]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def test_a_task_finds_names_of_ours_and_of_others(plane: ControlPlane, tmp_path: Path, resolver: Running) -> None:
    agent = AgentProcess(plane, tmp_path, "--cluster", "default", "--dns-server", SERVER)
    try:
        resolver.say("172.31.0.10")
        groups(plane, open=ANYBODY)
        on_a_bridge, on_a_network = a_task(a_container()), a_networked_task(a_container())
        for task in (on_a_bridge, on_a_network):
            plane.run(task)
        for task in (on_a_bridge, on_a_network):
            plane.wait_for(task["arn"], "RUNNING")
            assert "172.31.0.10" in found(task, "web.local")
            assert "192.0.2.77" in found(task, "example.com")
            assert "192.0.2.77" not in found(task, "nobody.local")
        resolver.say("172.31.0.11", "172.31.0.12")
        for task in (on_a_bridge, on_a_network):
            until(lambda task=task: "172.31.0.11" in found(task, "web.local"), "the new answer")
            told = found(task, "web.local")
            assert "172.31.0.12" in told
            assert "172.31.0.10" not in told
    finally:
        agent.end()
        agent.sweep()


LOOKUPS = """
import asyncio, socket
from pathlib import Path
from podium_proxy.dns.host import HostResolver
from proxy.dns.documents import configuration, endpoint, load_balancer, name

FILE = Path("/etc/resolv.conf")

async def addresses(full):
    loop = asyncio.get_running_loop()
    try:
        return sorted({found[4][0] for found in await loop.getaddrinfo(full, 80, type=socket.SOCK_STREAM)})
    except socket.gaierror:
        return []

async def main():
    before = FILE.read_bytes()
    resolver = HostResolver()
    await resolver.start()
    lb = load_balancer("web-1.elb.example", "172.31.0.9", public="127.0.64.1")
    web = name("web.local", endpoint(ipv4="172.31.0.10"))
    resolver.update(configuration(web, load_balancers={"arn": lb}))
    assert await addresses("web.local") == ["172.31.0.10"]
    assert await addresses("web-1.elb.example") == ["127.0.64.1"]
    assert await addresses("nobody.local") == []
    await resolver.close()
    assert FILE.read_bytes() == before
    assert await addresses("web.local") == []

asyncio.run(main())
"""


def test_the_host_itself_finds_names_and_then_asks_as_before(tmp_path: Path) -> None:
    """In namespaces of its own: this machine's file and loopback interface are left alone."""
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\noptions attempts:1 timeout:1\n")
    (tmp_path / "lookups.py").write_text(LOOKUPS)
    bound = f"mount --bind {tmp_path}/resolv.conf /etc/resolv.conf && ip link set lo up"
    script = f"{bound} && exec {sys.executable} {tmp_path}/lookups.py"
    tests = Path(__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": f"{tests.parent / 'src'}:{tests}"}
    command = ["unshare", "--mount", "--net", "sh", "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
