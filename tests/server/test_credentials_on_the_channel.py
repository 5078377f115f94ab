"""What an agent is sent of its tasks' roles when it connects, over the hub's own channel."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from inprocess import Plane
from people import role, role_arn, trust
from podium.ecs.records import ContainerInstance, Task, TaskStatus
from podium.server.hub import Hub
from podium_protocol.envelope import Message, decode
from server.test_links_that_cross import Handing, admitted


class Agent:
    """A socket that keeps what it hears, and tells when that is so many messages."""

    def __init__(self, messages: int) -> None:
        self.heard: list[Message] = []
        self.heard_all, self.cut = asyncio.Event(), asyncio.Event()
        self._messages = messages

    async def send(self, text: str) -> None:
        self.heard.append(decode(text))
        if len(self.heard) == self._messages:
            self.heard_all.set()

    async def texts(self) -> AsyncIterator[str]:
        await self.cut.wait()
        for text in ():
            yield text

    async def close(self, code: int, reason: str) -> None:
        self.cut.set()


def connected(plane: Plane, *, knows_credentials: bool, messages: int) -> list[Message]:
    """What an agent hears first."""
    [instance] = plane.records(ContainerInstance)

    async def story() -> list[Message]:
        core: Any = Handing(plane.core, plane.database, plane.assembled.epoch)
        hub = Hub(core, 1, plane.clock, plane.ids, plane.sealer)
        agent = Agent(messages)
        serving = asyncio.create_task(hub.serve_acs(agent, admitted(instance, knows_credentials=knows_credentials)))
        await asyncio.wait_for(agent.heard_all.wait(), 10)
        agent.cut.set()
        await serving
        return agent.heard

    return asyncio.run(story())


def a_task(plane: Plane) -> str:
    plane.ecs.create_cluster()
    plane.join(instances=1, attributes={"com.amazonaws.ecs.capability.task-iam-role": ""})
    role(plane, "r", trust("ecs-tasks.amazonaws.com"))
    plane.define("web", taskRoleArn=role_arn("r"))
    return str(plane.ecs.run_task(taskDefinition="web")["tasks"][0]["taskArn"])


def test_an_agent_that_knows_no_credentials_gets_those_of_every_task_first(plane: Plane) -> None:
    arn = a_task(plane)
    heard = connected(plane, knows_credentials=False, messages=4)
    assert [m.type for m in heard] == [
        "IAMRoleCredentialsMessage",
        "HeartbeatMessage",
        "TaskManifestMessage",
        "PayloadMessage",
    ]
    told = heard[0].body
    assert (told["taskArn"], told["roleType"]) == (arn, "TaskApplication")
    assert {"messageId", "taskClusterArn"} <= told.keys()
    assert told["roleCredentials"].keys() == {
        "credentialsId",
        "roleArn",
        "accessKeyId",
        "secretAccessKey",
        "sessionToken",
        "expiration",
    }
    again = heard[-1].body["tasks"][0]["roleCredentials"]
    assert again["credentialsId"] == told["roleCredentials"]["credentialsId"]


def test_an_agent_that_connects_again_gets_them_with_the_payloads(plane: Plane) -> None:
    a_task(plane)
    heard = connected(plane, knows_credentials=True, messages=3)
    assert [m.type for m in heard] == ["HeartbeatMessage", "TaskManifestMessage", "PayloadMessage"]
    assert heard[-1].body["tasks"][0]["roleCredentials"]["secretAccessKey"]


def test_a_task_whose_role_is_gone_is_not_sent_and_stops(plane: Plane) -> None:
    arn = a_task(plane)
    plane.client("iam").delete_role(RoleName="r")
    heard = connected(plane, knows_credentials=True, messages=3)
    assert [m.body["tasks"][0]["desiredStatus"] for m in heard if m.type == "PayloadMessage"] == ["STOPPED"]
    task = plane.record(Task, arn)
    assert task.desired_status is TaskStatus.STOPPED
    assert task.stopped_reason is not None
    assert task.stopped_reason.startswith("ECS was unable to assume the role")
