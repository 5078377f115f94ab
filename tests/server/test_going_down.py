"""What the server does for the machine it runs on: capacity that follows clusters, and going down."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from podium.kernel.clock import WallClock
from podium.runtime.core import NotSaved
from podium.server.admin import Admin
from podium_protocol.envelope import Message, encode
from server.server_process import Server, running
from server.test_pages_of_podium import linked, next_of

pytestmark = pytest.mark.timeout(60)


def prepared(server: Server) -> str:
    """The default cluster with the task definition web:1 and a registered instance that follows clusters."""
    server.client().create_cluster()
    server.client().register_task_definition(
        family="web", containerDefinitions=[{"name": "app", "image": "web", "memory": 64}]
    )
    return follow(server, "default")


def follow(server: Server, cluster: str) -> str:
    return server.register(cluster, {"podium.follows-clusters": "true"})


def down(server: Server, **wish: Any) -> dict[str, Any]:
    body = json.dumps(wish).encode()
    status, answer = server.post("/_podium/down", body, server.signed("POST", "/_podium/down", "root", body))
    assert status == 200
    return dict(json.loads(answer))


def test_going_down_stops_every_task_and_starts_none_again(tmp_path: Path) -> None:
    async def story(server: Server, instance: str) -> None:
        ecs = server.client()
        async with linked(server, instance) as socket:
            await next_of(socket, "TaskManifestMessage")
            await asyncio.to_thread(ecs.create_service, serviceName="web", taskDefinition="web", desiredCount=1)
            [task] = (await next_of(socket, "PayloadMessage"))["tasks"]
            going = asyncio.create_task(asyncio.to_thread(down, server))
            [stopping] = (await next_of(socket, "PayloadMessage"))["tasks"]
            assert (stopping["arn"], stopping["desiredStatus"]) == (task["arn"], "STOPPED")
            assert not going.done()
            await asyncio.to_thread(
                server.client(key=instance).submit_task_state_change, task=task["arn"], status="STOPPED"
            )
            assert await going == {"stopped": 1}
            [shown] = (await asyncio.to_thread(ecs.describe_tasks, tasks=[task["arn"]]))["tasks"]
            assert (shown["lastStatus"], shown["stopCode"]) == ("STOPPED", "UserInitiated")
            assert (await asyncio.to_thread(ecs.list_tasks))["taskArns"] == []

    with running(tmp_path / "data") as server:
        asyncio.run(story(server, prepared(server)))


@pytest.mark.parametrize("wish", [{}, {"leaveTasks": True}])
@pytest.mark.parametrize(
    ("before", "error", "after"),
    [
        (False, NotSaved("Nothing was saved: the disk is full."), False),
        (True, NotSaved("Nothing was saved: the disk is full."), True),
        (False, asyncio.CancelledError(), True),
    ],
    ids=["not saved", "not saved, and down already", "hung up while it was saved"],
)
def test_only_a_going_down_that_was_not_saved_lets_services_start_tasks_again(
    before: bool, error: BaseException, after: bool, wish: dict[str, Any]
) -> None:
    services = SimpleNamespace(holding=before)

    class Full:
        core = SimpleNamespace(watchers=[])

        async def call(self, work: Any) -> Any:
            services.holding = True  # as the work does, before it is saved
            raise error

    admin = Admin(None, Full(), SimpleNamespace(after={}), services, WallClock())  # type: ignore[arg-type]
    visit = SimpleNamespace(principal=SimpleNamespace(is_root=True), members=lambda: wish)
    with pytest.raises(type(error)):
        asyncio.run(admin._down(visit))  # type: ignore[arg-type]
    assert services.holding is after


def test_going_down_without_the_tasks_leaves_them(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        prepared(server)
        assert down(server, leaveTasks=True) == {"stopped": 0}


def test_a_new_clusters_answer_waits_for_the_machine_that_follows(tmp_path: Path) -> None:
    """So that the very next call can place tasks there."""

    async def story(server: Server, instance: str) -> None:
        ecs = server.client()
        async with linked(server, instance) as socket:
            await socket.send(encode(Message(type="HeartbeatAckRequest")))
            creating = asyncio.create_task(asyncio.to_thread(ecs.create_cluster, clusterName="new"))
            await asyncio.to_thread(known, server, "new")
            there = await asyncio.to_thread(follow, server, "new")
            assert not creating.done()
            async with linked(server, there):
                await creating
                answer = await asyncio.to_thread(ecs.run_task, cluster="new", taskDefinition="web")
                assert len(answer["tasks"]) == 1

    with running(tmp_path / "data") as server:
        asyncio.run(story(server, prepared(server)))


def test_a_cluster_of_another_region_does_not_wait_for_machines_of_this_one(tmp_path: Path) -> None:
    async def story(server: Server, instance: str) -> None:
        async with linked(server, instance) as socket:
            await next_of(socket, "TaskManifestMessage")
            elsewhere = server.client(region="eu-west-1")
            await asyncio.to_thread(elsewhere.create_cluster, clusterName="new")

    with running(tmp_path / "data") as server:
        asyncio.run(story(server, prepared(server)))
        server.process.terminate()
        said, _ = server.process.communicate(timeout=20)
        assert "capacity did not follow" not in said


def known(server: Server, cluster: str) -> None:
    """Returns when agents are told of the cluster."""
    revision = 0
    while True:
        path = f"/_podium/clusters?after={revision}"
        told = json.loads(server.get(path, server.signed("GET", path, "agent"))[1])
        if cluster in told["clusters"]:
            return
        revision = told["revision"]


def test_a_server_whose_database_was_taken_over_lets_its_agents_go_and_ends(tmp_path: Path) -> None:
    """At once: what an agent says meanwhile is refused, and keeps nobody waiting. Whoever asks next may find it ended
    already, when it had something of its own to write in between.
    """
    over = "Another Podium server has taken over this database|Could not connect|Connection was closed"

    async def story(server: Server, instance: str) -> str:
        client = server.client()
        async with linked(server, instance) as socket:
            await next_of(socket, "TaskManifestMessage")
            await asyncio.to_thread(take_over, server.data_dir / "podium.db")
            with pytest.raises((BotoCoreError, ClientError), match=over):
                await asyncio.to_thread(client.create_cluster, clusterName="late")
            await asyncio.wait_for(socket.wait_closed(), 10)
        said, _ = await asyncio.to_thread(server.process.communicate, timeout=20)
        return str(said)

    with running(tmp_path / "data") as server:
        said = asyncio.run(story(server, prepared(server)))
        assert server.process.returncode == 4
        assert "Traceback" not in said
        assert "graceful shutdown exceeded" not in said


def take_over(path: Path) -> None:
    """As another server would."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("update podium_meta set value = value + 1 where name = 'epoch'")
