"""State changes that come over an agent's channel: judged, kept, entered and refused as the calls are."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from handcore import ENDPOINT, HandCore
from inprocess import Plane
from people import allow, user, user_arn
from podium import audit, iam
from podium.ecs.records import ContainerInstance, Task, TaskStatus
from podium.runtime.core import NotSaved
from podium.server import hub, instance_keys
from podium.server.front import Caller
from podium.server.hub import Hub, Takes
from podium.store.records import replace
from podium_protocol import Message, acs, decode, encode
from server.test_links_that_cross import Line, admitted


class Waiting(HandCore):
    """A core whose disk takes its time."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.staged, self.may_land = asyncio.Event(), asyncio.Event()

    async def call(self, work: Any) -> Any:
        future = asyncio.get_running_loop().create_future()
        self.core.write(work, lambda result, error: future.set_result(result))
        self.staged.set()
        await self.may_land.wait()
        self.settle()
        return await future


class Speaking:
    """A socket on which an agent says what it is given, and hears every answer before it leaves."""

    def __init__(self, said: list[Message]) -> None:
        self._said = said
        self.answers: list[dict[str, Any]] = []
        self.heartbeats: list[dict[str, Any]] = []
        self._answered = asyncio.Event()

    async def send(self, text: str) -> None:
        message = decode(text)
        if message.type == acs.HEARTBEAT:
            self.heartbeats.append(dict(message.body))
        if message.type == acs.STATE_CHANGE_ACK:
            self.answers.append(dict(message.body))
            if len(self.answers) == len(self._said):
                self._answered.set()

    async def texts(self) -> AsyncIterator[str]:
        for message in self._said:
            yield encode(message)
        await self._answered.wait()

    async def close(self, code: int, reason: str) -> None:
        """Nobody is left to hear it."""


def takes(plane: Plane, instance_arn: str) -> Takes:
    """As the door makes it of an upgrade that the instance's own credential signed."""
    key = instance_keys.issued(plane.sealer, instance_arn, plane.clock.now())
    found = instance_keys.proved(plane.sealer, key.access_key_id, key.token)
    assert found is not None
    caller = Caller(found[1], key.access_key_id, "us-east-1")
    return lambda told: plane.front.take(told, caller, ENDPOINT)


def spoken(plane: Plane, instance_arn: str, *changes: Any, taking: Takes | None = None) -> Speaking:
    """What came of it that the instance's agent told of these changes on one connection."""
    said = [Message(type=acs.STATE_CHANGE, body={"messageId": str(n), "change": c}) for n, c in enumerate(changes)]

    async def story() -> Speaking:
        core: Any = plane.hands
        door, socket = Hub(core, 1, plane.clock, plane.ids, plane.sealer), Speaking(said)
        instance = plane.record(ContainerInstance, instance_arn)
        taken = taking or takes(plane, instance_arn)
        async with asyncio.timeout(20):
            await door.serve_acs(socket, admitted(instance, takes=taken))  # type: ignore[arg-type]
        return socket

    return asyncio.run(story())


def answers(plane: Plane, instance_arn: str, *changes: Any, taking: Takes | None = None) -> list[dict[str, Any]]:
    return spoken(plane, instance_arn, *changes, taking=taking).answers


def started(plane: Plane, instances: int = 1) -> Task:
    plane.ready(instances=instances)
    return plane.record(Task, plane.ecs.run_task(taskDefinition="web")["tasks"][0]["taskArn"])


def running(task: Task) -> dict[str, Any]:
    app = {"containerName": "app", "status": "RUNNING", "runtimeId": "abc"}
    return {
        "cluster": task.cluster_arn,
        "task": task.arn,
        "status": "RUNNING",
        "pullStartedAt": 1750000000.5,
        "containers": [app],
    }


def test_every_heartbeat_says_that_they_are_taken(plane: Plane) -> None:
    task = started(plane)
    heartbeats = spoken(plane, task.container_instance_arn or "", running(task)).heartbeats
    assert [beat["takesStateChanges"] for beat in heartbeats] == [True]


def test_what_is_told_is_durable_before_it_is_answered(plane: Plane) -> None:
    task = started(plane)
    assert answers(plane, task.container_instance_arn or "", running(task)) == [{"messageId": "0"}]
    after = plane.record(Task, task.arn)
    assert after.last_status is TaskStatus.RUNNING
    assert after.containers[0].runtime_id == "abc"
    assert after.pull_started_at is not None
    assert after.pull_started_at.timestamp() == 1750000000.5


def test_it_does_just_what_the_call_does(plane: Plane) -> None:
    one, other = Plane(), Plane()
    for made in (one, other):
        made.clock.time = plane.clock.time
    told, called = started(one), started(other)
    assert told.arn == called.arn, "the same dice"
    answers(one, told.container_instance_arn or "", running(told))
    other.as_instance(called.container_instance_arn or "").submit_task_state_change(**running(called))
    ours, theirs = one.record(Task, told.arn), other.record(Task, called.arn)
    assert replace(ours, client_token=None) == replace(theirs, client_token=None)


def test_it_is_in_the_journal_and_in_the_metrics_as_the_call_is(plane: Plane) -> None:
    task = started(plane)
    arn = task.container_instance_arn or ""
    answers(plane, arn, running(task), {**running(task), "status": 5})
    entered = audit.page(plane.database, "", "~", {"operation": "SubmitTaskStateChange"}, 10)
    found = [(entry.principal, entry.outcome) for entry in entered]
    assert sorted(found) == [(arn, "SerializationException"), (arn, "ok")]
    assert plane.front.answered["ecs", "SubmitTaskStateChange", "ok"] == 1
    assert plane.front.answered["ecs", "SubmitTaskStateChange", "SerializationException"] == 1


def test_many_at_once_are_all_answered(plane: Plane) -> None:
    plane.ready(instances=1)
    tasks = [plane.ecs.run_task(taskDefinition="web", count=10)["tasks"] for _ in range(3)]
    records = [plane.record(Task, task["taskArn"]) for some in tasks for task in some]
    told = answers(plane, records[0].container_instance_arn or "", *map(running, records))
    assert sorted(int(answer["messageId"]) for answer in told) == list(range(30))
    assert all(t.last_status is TaskStatus.RUNNING for t in plane.records(Task))


def test_of_one_agent_only_so_many_are_under_way_at_once(plane: Plane) -> None:
    task = started(plane)
    begun, most = 0, 0

    async def taking(change: object) -> None:
        nonlocal begun, most
        begun += 1
        most = max(most, begun)
        for _ in range(10):
            await asyncio.sleep(0)
        begun -= 1

    told = answers(plane, task.container_instance_arn or "", *([running(task)] * 100), taking=taking)
    assert (len(told), most) == (100, hub.CHANGES_AT_ONCE)


@pytest.mark.parametrize("error", [NotSaved("The disk is full."), RuntimeError("a bug")])
def test_a_channel_on_which_nothing_can_be_said_any_more_is_closed(error: Exception) -> None:
    async def broken() -> None:
        raise error

    async def story() -> bool:
        line = Line()
        await hub._lasting(broken(), line, "an instance")  # type: ignore[arg-type]
        return line.cut.is_set()

    assert asyncio.run(story())


def test_another_instance_s_task_is_refused_for_good(plane: Plane) -> None:
    task = started(plane, instances=2)
    [other] = [i.arn for i in plane.records(ContainerInstance) if i.arn != task.container_instance_arn]
    told = answers(plane, other, running(task))
    assert told == [
        {
            "messageId": "0",
            "code": "InvalidParameterException",
            "message": "The referenced task was not found.",
            "status": 400,
        }
    ]
    assert plane.record(Task, task.arn).last_status is TaskStatus.PENDING


def test_one_whose_credential_was_revoked_is_refused(plane: Plane) -> None:
    task = started(plane)
    arn = task.container_instance_arn or ""
    taking = takes(plane, arn)
    plane.clock.time += timedelta(seconds=1)
    plane.write(lambda tx: tx.put(_revoked(plane, arn)))
    refused = asyncio.run(_asked(taking, running(task)))
    assert refused is not None
    assert refused.code == "AccessDeniedException"
    assert plane.record(Task, task.arn).last_status is TaskStatus.PENDING


def test_a_credential_counts_for_as_long_on_the_channel_that_it_opened_as_anywhere(plane: Plane) -> None:
    task = started(plane)
    taking = takes(plane, task.container_instance_arn or "")
    plane.clock.time += instance_keys.LIFETIME
    refused = asyncio.run(_asked(taking, running(task)))
    assert refused is not None
    assert (refused.code, refused.status) == ("ExpiredTokenException", 400)
    assert plane.record(Task, task.arn).last_status is TaskStatus.PENDING


def test_a_users_key_that_was_deleted_tells_nothing_more(plane: Plane) -> None:
    task = started(plane)
    key = user(plane, "ann", allow("ecs:*"))
    found = plane.read(lambda tx: iam.principal_of_access_key(tx, key[0]))
    assert found is not None
    caller = Caller(found[1], key[0], "us-east-1")
    instance = plane.record(ContainerInstance, task.container_instance_arn or "")
    plane.write(lambda tx: tx.put(replace(instance, registered_by=user_arn("ann"))))
    pending = {**running(task), "status": "PENDING"}
    assert asyncio.run(plane.front.take(pending, caller, ENDPOINT)) is None
    plane.client("iam").delete_access_key(UserName="ann", AccessKeyId=key[0])
    refused = asyncio.run(plane.front.take(running(task), caller, ENDPOINT))
    assert refused is not None
    assert refused.code == "UnrecognizedClientException"


def test_the_channel_is_closed_when_the_credential_that_opened_it_ends(
    plane: Plane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "TICK_SECONDS", 0.0)
    task = started(plane)
    instance, line = plane.record(ContainerInstance, task.container_instance_arn or ""), Line()
    until = plane.clock.time + instance_keys.LIFETIME

    async def story() -> None:
        core: Any = plane.hands
        door = Hub(core, 1, plane.clock, plane.ids, plane.sealer)
        async with asyncio.timeout(20):
            serving = asyncio.create_task(door.serve_acs(line, admitted(instance, until=until)))
            await line.heard.wait()
            assert not line.cut.is_set()
            plane.clock.time = until
            await serving  # the agent is hung up on, and goes

    asyncio.run(story())
    assert line.cut.is_set()


def test_no_answer_comes_before_the_disk_has_it(plane: Plane) -> None:
    task = started(plane)
    taking = takes(plane, task.container_instance_arn or "")

    async def story() -> None:
        core = Waiting(plane.core, plane.database, plane.assembled.epoch)
        plane.front._core = core  # type: ignore[assignment]
        taken = asyncio.create_task(taking(running(task)))
        await core.staged.wait()
        assert not taken.done()
        assert plane.record(Task, task.arn).last_status is TaskStatus.PENDING
        core.may_land.set()
        assert await taken is None

    asyncio.run(story())
    assert plane.record(Task, task.arn).last_status is TaskStatus.RUNNING


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (None, "SerializationException"),
        ("RUNNING", "SerializationException"),
        ({"task": 7}, "SerializationException"),
        ({"containers": {}}, "SerializationException"),
        ({"task": "nobody's"}, "InvalidParameterException"),
    ],
)
def test_what_cannot_be_read_is_refused_and_the_channel_stays(plane: Plane, change: Any, code: str) -> None:
    task = started(plane)
    bad, good = answers(plane, task.container_instance_arn or "", change, running(task))
    assert bad["code"] == code
    assert good == {"messageId": "1"}


def test_a_bug_is_told_as_one_and_the_channel_stays(plane: Plane, monkeypatch: pytest.MonkeyPatch) -> None:
    task = started(plane)
    taking = takes(plane, task.container_instance_arn or "")
    with monkeypatch.context() as broken:
        broken.setattr("podium.ecs.rules.reports.merged", lambda *_: 1 / 0)
        [answer] = answers(plane, task.container_instance_arn or "", running(task), taking=taking)
    assert answer["code"] == "ServerException"
    assert "Request ID" in answer["message"]
    assert answers(plane, task.container_instance_arn or "", running(task)) == [{"messageId": "0"}]


async def _asked(taking: Takes, change: Any) -> Any:
    return await taking(change)


def _revoked(plane: Plane, arn: str) -> ContainerInstance:
    return replace(plane.record(ContainerInstance, arn), revoked_at=plane.clock.time)
