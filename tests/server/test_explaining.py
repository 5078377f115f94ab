"""`podium explain` against a real server."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.server_process import SOURCES, Server, running
from waiting import until

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("server") / "data") as server:
        ecs = server.client()
        ecs.create_cluster(clusterName="default")
        server.register("default")
        container = {"name": "app", "image": "web", "memory": 9000}
        ecs.register_task_definition(family="web", containerDefinitions=[container])
        ecs.create_service(serviceName="web", taskDefinition="web", desiredCount=2)
        until(lambda: ecs.describe_services(services=["web"])["services"][0]["events"], "the service to be blocked")
        yield server


def podium(data_dir: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "podium.cli", *arguments, "--data-dir", str(data_dir)]
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=30)


def test_people_read_a_table_and_what_to_do(server: Server) -> None:
    told = podium(server.data_dir, "explain", "web")
    assert told.returncode == 0, told.stderr
    assert "Service web in the cluster default: ACTIVE" in told.stdout
    assert "0 of 2 tasks run, 0 are on their way" in told.stdout
    assert "Of 1 container instances 0 could take one more task" in told.stdout
    rows = [" ".join(line.split()) for line in told.stdout.splitlines()]
    assert "requirement needs rules out at best" in rows
    assert "memory 9000 MiB 1 4096 MiB" in rows
    assert "agent connected 1 not connected" in rows
    assert any(row.startswith("problem, placement: 2 of its tasks wait") for row in rows)
    assert any(row.startswith("warning, container app: Its image web has no tag") for row in rows)
    assert "(service web) was unable to place a task" in told.stdout


def test_programs_read_json(server: Server) -> None:
    told = podium(server.data_dir, "explain", "web", "--cluster", "default", "--json")
    assert json.loads(told.stdout)["placement"]["instances"] == 1


def test_what_there_is_not_ends_with_a_sentence(server: Server) -> None:
    told = podium(server.data_dir, "explain", "nobody")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.endswith("There is no service and no task nobody.\n")


def test_the_page_is_for_the_root_key_alone(server: Server) -> None:
    path = "/_podium/explain?of=web"
    status, _ = server.get(path, server.signed("GET", path))
    assert status == 200
    status, body = server.get(path, server.signed("GET", path, "agent"))
    assert (status, json.loads(body)["__type"]) == (403, "AccessDeniedException")
    path = "/_podium/explain"
    status, body = server.get(path, server.signed("GET", path))
    assert (status, json.loads(body)["__type"]) == (400, "InvalidParameterException")
