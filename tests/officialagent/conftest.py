"""One control plane for a module's tests, a cluster of its own for each, and agents that end with their test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from officialagent.agent import Agent, Saved
from officialagent.docker import Docker
from officialagent.wire import Keys, Wire
from server.server_process import Server, running
from waiting import until

_numbers = count(1)
SMALL = {"name": "app", "image": "stays", "memory": 64, "essential": True}


@dataclass
class Room:
    """A cluster on a running control plane, and a host with an agent in it."""

    server: Server
    cluster: str
    agents: list[Agent] = field(default_factory=list)
    _clients: dict[str, Any] = field(default_factory=dict)

    @property
    def ecs(self) -> Any:
        """A client of the server that there is now; making one takes boto3 a while."""
        if self.server.url not in self._clients:
            self._clients[self.server.url] = self.server.client()
        return self._clients[self.server.url]

    @property
    def wire(self) -> Wire:
        return Wire(self.server.url, Keys(*self.server.keys["root"].values()))

    @property
    def agent(self) -> Agent:
        return self.agents[-1]

    def join(self, saved: Saved | None = None, docker: Docker | None = None, **configuration: Any) -> Agent:
        """An agent that has registered and whose channel is open."""
        wire = configuration.pop("wire", self.wire)
        agent = Agent(wire, docker or Docker(), saved, **{"cluster": self.cluster, **configuration})
        self.agents.append(agent.start())
        until(lambda: agent.connections, "the agent to connect")
        until(lambda: self.instance(agent)["agentConnected"], "the control plane to see it")
        return agent

    def again(self, agent: Agent, saved: Saved | None = None, **configuration: Any) -> Agent:
        """A new process on the same host, with what the earlier one saved."""
        agent.kill()
        return self.join(saved or agent.saved, agent.docker, **configuration)

    def instance(self, agent: Agent, *include: str) -> dict[str, Any]:
        [shown] = self.ecs.describe_container_instances(
            cluster=self.cluster, containerInstances=[agent.saved.arn], include=list(include)
        )["containerInstances"]
        return dict(shown)

    def define(self, *containers: dict[str, Any], **members: Any) -> str:
        given = [{**SMALL, **c} for c in containers or ({},)]
        answer = self.ecs.register_task_definition(family=self.cluster, containerDefinitions=given, **members)
        return str(answer["taskDefinition"]["taskDefinitionArn"])

    def run(self, *containers: dict[str, Any], launch_type: str = "EC2", **members: Any) -> str:
        """The ARN of a task that was placed."""
        answer = self.ecs.run_task(
            cluster=self.cluster, taskDefinition=self.define(*containers, **members), launchType=launch_type
        )
        assert answer["failures"] == []
        return str(answer["tasks"][0]["taskArn"])

    def task(self, arn: str) -> dict[str, Any]:
        return dict(self.ecs.describe_tasks(cluster=self.cluster, tasks=[arn])["tasks"][0])

    def until_task(self, arn: str, status: str) -> dict[str, Any]:
        until(lambda: self.task(arn)["lastStatus"] == status, f"the task to be {status}")
        return self.task(arn)

    def stop(self, arn: str) -> None:
        self.ecs.stop_task(cluster=self.cluster, task=arn)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("plane") / "data") as server:
        yield server


@pytest.fixture
def rooms() -> Iterator[Callable[[Server], Room]]:
    made: list[Room] = []

    def room(server: Server) -> Room:
        made.append(Room(server, f"room{next(_numbers)}"))
        made[-1].ecs.create_cluster(clusterName=made[-1].cluster)
        return made[-1]

    yield room
    for agent in [agent for room in made for agent in room.agents]:
        agent.kill()


@pytest.fixture
def room(server: Server, rooms: Callable[[Server], Room]) -> Room:
    return rooms(server)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"
