"""Joining over TLS: that agent looks for the address with its port in the certificate of a channel."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from officialagent.agent import Agent
from officialagent.conftest import Room
from officialagent.docker import Docker
from officialagent.test_faults import free_port
from officialagent.wire import Wire
from server.server_process import Server, running
from waiting import until


def certificate(folder: Path, names: str) -> tuple[Path, Path]:
    """A certificate that signs itself, and its key."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-keyout", str(key), "-out", str(cert), "-days", "2", "-subj", "/CN=podium"]
    subprocess.run([*command, "-addext", f"subjectAltName={names}"], check=True, capture_output=True)
    return cert, key


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def serve(tmp_path: Path, port: int) -> Iterator[Callable[[str], tuple[Server, Wire]]]:
    """A control plane with a certificate for these names, and how an agent on localhost reaches it."""
    opened = []

    def serve(names: str) -> tuple[Server, Wire]:
        cert, key = certificate(tmp_path, names)
        arguments = ("--port", str(port), "--tls-cert", str(cert), "--tls-key", str(key))
        opened.append(running(tmp_path / "data", *arguments))
        server = opened[-1].__enter__()
        wire = Room(server, "").wire
        return server, replace(wire, backend=f"localhost:{port}", authority=str(cert))

    yield serve
    for one in opened:
        one.__exit__(None, None, None)


def a_cluster(wire: Wire) -> None:
    wire.call("CreateCluster", {"clusterName": "default"})


def test_with_the_address_and_its_port_in_the_certificate_it_joins(
    serve: Callable[[str], tuple[Server, Wire]], port: int
) -> None:
    _, wire = serve(f"DNS:localhost,DNS:localhost:{port}")
    agent = Agent(wire, Docker(), cluster="").start()
    try:
        until(lambda: agent.connections and agent.heard_of_telemetry, "both channels", 60)
        one = {"name": "app", "image": "stays", "memory": 64}
        wire.call("RegisterTaskDefinition", {"family": "web", "containerDefinitions": [one]})
        wire.call("RunTask", {"taskDefinition": "web"})
        until(lambda: agent.docker.running(), "its first container")
    finally:
        agent.kill()


def test_with_the_name_alone_it_registers_and_finds_no_channel(
    serve: Callable[[str], tuple[Server, Wire]], port: int
) -> None:
    _, wire = serve("DNS:localhost")
    agent = Agent(wire, Docker(), cluster="").start()
    try:
        until(lambda: any(f"not localhost:{port}" in told for told in agent.refusals), "the refusal")
        assert agent.saved.arn
        assert not agent.connections
    finally:
        agent.kill()
