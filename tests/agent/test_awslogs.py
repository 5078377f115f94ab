"""The awslogs relay: what Docker's driver is answered, and how its lines reach the control plane."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from podium_agent.api import ApiError
from podium_agent.awslogs import sending
from podium_agent.awslogs.relay import Relay
from podium_agent.awslogs.sending import Forwarder
from podium_agent.awslogs.spool import CREATE_GROUP, CREATE_STREAM, PUT, Spool, SpoolError
from podium_agent.awslogs.starting import lacks
from podium_agent.endpoint.doors import Asked
from podium_agent.engine import reasons
from podium_agent.engine.records import Container, Status, Task
from podium_agent.engine.settings import Settings
from podium_agent.engine.specs import create_body
from podium_agent.net import http
from podium_agent.net.server import Answer, Head
from podium_program.log import Log
from waiting import until_in_loop

ID = "0123456789abcdef0123456789abcdef"
TASK = Task(payload={"arn": "arn:task"}, desired=Status.RUNNING, containers=())
STREAM = {"logGroupName": "/ecs/web", "logStreamName": "web/app/1"}


class ControlPlane:
    """Has these groups and streams. `away`: nobody is reached; `refuses`: every call is answered with that.

    `leaves_out` is the RejectedLogEventsInfo of every PutLogEvents.
    """

    def __init__(self) -> None:
        self.groups, self.streams = {"/ecs/web"}, set[str]()
        self.lines: list[str] = []
        self.calls: list[str] = []
        self.away = False
        self.refuses: ApiError | None = None
        self.leaves_out: dict[str, int] = {}
        self.came = asyncio.Event()

    async def call(self, operation: str, request: dict[str, Any], *, prefix: str, timeout: float) -> dict[str, Any]:
        assert prefix == "Logs_20140328"
        if self.away:
            raise ConnectionRefusedError
        self.calls.append(operation)
        self.came.set()
        if self.refuses is not None:
            raise self.refuses
        group, stream = request["logGroupName"], request.get("logStreamName", "")
        if operation == CREATE_GROUP:
            self.groups.add(group)
        elif group not in self.groups or (operation == PUT and stream not in self.streams):
            raise ApiError("ResourceNotFoundException", "The specified log group does not exist.", 400)
        elif operation == CREATE_STREAM:
            if stream in self.streams:
                raise ApiError("ResourceAlreadyExistsException", "The specified log stream already exists", 400)
            self.streams.add(stream)
        else:
            self.lines += [event["message"] for event in request["logEvents"]]
            return {"rejectedLogEventsInfo": self.leaves_out} if self.leaves_out else {}
        return {}


class Host:
    """A relay with one container behind it."""

    def __init__(self, folder: Path, most: int = 1 << 20, **options: str) -> None:
        self.plane, self.folder, self.most = ControlPlane(), folder, most
        host_config = json.dumps({"LogConfig": {"Type": "awslogs", "Config": options}})
        self.container = Container(
            definition={"name": "app", "image": "i", "dockerConfig": {"hostConfig": host_config}},
            docker_name="d",
            endpoint_id=ID,
        )
        self.start()

    def start(self) -> None:
        self.spool = Spool(self.folder / "spool.db", self.most)
        self.forwarder = Forwarder(self.spool, lambda sender: self.plane, Log())  # type: ignore[arg-type,return-value]
        resident = SimpleNamespace(task=TASK, home=SimpleNamespace(place=SimpleNamespace(cluster="default")))
        residents = SimpleNamespace(of_endpoint=lambda one: (resident, self.container) if one == ID else None)
        self.relay = Relay(residents, self.spool, self.forwarder, Log())  # type: ignore[arg-type]
        self.working = asyncio.create_task(self.forwarder.run())

    def stop(self) -> None:
        self.working.cancel()
        self.spool.close()

    async def ask(self, operation: str, *lines: str, path: str = f"/{ID}/") -> Answer:
        request: dict[str, Any] = dict(STREAM)
        if operation == CREATE_GROUP:
            del request["logStreamName"]
        if operation == PUT:
            request["logEvents"] = [{"timestamp": n, "message": line} for n, line in enumerate(lines)]
        body = json.dumps(request).encode()
        target = (("x-amz-target", f"Logs_20140328.{operation}"),)
        return await self.relay.answer(
            Asked(head=Head(method="POST", target=path, headers=target), caller="127.0.0.1", body=body)
        )

    async def lacks(self, container: Container) -> str:
        return await lacks(self.forwarder, TASK, container, "default")

    async def arrived(self, *lines: str) -> None:
        await until_in_loop(lambda: self.plane.lines == list(lines), f"{lines} to arrive")

    async def empty(self) -> None:
        await until_in_loop(lambda: not self.spool.bytes, "the spool to be empty")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_FIRST_DELAY_SECONDS", 0.001)
    monkeypatch.setattr(sending, "_LAST_DELAY_SECONDS", 0.01)


def on_a_host(folder: Path, story: Callable[[Host], Awaitable[None]], **given: Any) -> None:
    async def told() -> None:
        host = Host(folder, **given)
        try:
            await story(host)
        finally:
            host.stop()

    asyncio.run(told())


def test_lines_go_on_to_the_control_plane_at_once_and_in_order(tmp_path):
    async def story(host: Host) -> None:
        assert (await host.ask(CREATE_STREAM)).status == 200
        for line in "abc":
            told = await host.ask(PUT, line)
            assert len(told.body["nextSequenceToken"]) == 56
        await host.arrived("a", "b", "c")

    on_a_host(tmp_path, story)


def test_a_group_that_is_not_there_keeps_the_container_from_starting(tmp_path):
    async def story(host: Host) -> None:
        host.plane.groups.clear()
        told = await host.ask(CREATE_STREAM)
        assert (told.status, told.body["__type"]) == (400, "ResourceNotFoundException")
        assert told.body["message"] == "The specified log group does not exist."
        assert host.spool.bytes == 0

    on_a_host(tmp_path, story)


def test_while_the_control_plane_is_away_containers_start_and_write_and_all_of_it_arrives(tmp_path):
    async def story(host: Host) -> None:
        host.plane.away = True
        assert (await host.ask(CREATE_STREAM)).status == 200
        for line in "ab":
            assert (await host.ask(PUT, line)).status == 200
        host.stop()
        host.start()  # the agent is started anew meanwhile
        assert (await host.ask(PUT, "c")).status == 200
        host.plane.away = False
        await host.arrived("a", "b", "c")
        await host.empty()

    on_a_host(tmp_path, story)


def test_a_stream_that_was_deleted_is_made_again_and_a_group_where_the_task_makes_its_own(tmp_path):
    async def story(host: Host) -> None:
        host.plane.groups.clear()
        await host.ask(PUT, "a")
        await host.arrived("a")
        assert host.plane.streams == {"web/app/1"}

    on_a_host(tmp_path, story, **{"awslogs-create-group": "true"})


def test_what_is_refused_for_good_lets_the_next_go_on(tmp_path):
    async def story(host: Host) -> None:
        host.plane.refuses = ApiError("AccessDeniedException", "no", 400)
        await host.ask(PUT, "lost")
        await host.empty()
        host.plane.refuses = None
        host.plane.streams.add("web/app/1")
        await host.ask(PUT, "kept")
        await host.arrived("kept")

    on_a_host(tmp_path, story)


def test_what_is_accepted_without_some_of_its_lines_is_told_in_the_log(tmp_path, capsys):
    async def story(host: Host) -> None:
        host.plane.streams.add("web/app/1")
        host.plane.leaves_out = {"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 3}
        await host.ask(PUT, *"abcde")
        await host.empty()

    on_a_host(tmp_path, story)
    [told] = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (told["event"], told["lines"], told["stream"]) == ("log lines were refused", 3, "web/app/1")


FOR_NOW = [ApiError("ThrottlingException", "slow", 400), ApiError("InternalFailure", "", 500)]


@pytest.mark.parametrize("error", FOR_NOW)
def test_what_is_refused_for_now_keeps_no_container_from_starting(tmp_path, error):
    async def story(host: Host) -> None:
        host.plane.refuses = error
        assert await host.lacks(host.container) == ""
        assert (await host.ask(CREATE_STREAM)).status == 200
        host.plane.refuses = None
        await host.empty()
        assert host.plane.streams == {"web/app/1"}

    on_a_host(tmp_path, story, **{"awslogs-group": "/ecs/web", "awslogs-stream": "web/app/1"})


def test_a_container_that_starts_again_and_again_while_the_control_plane_is_away_does_not_fill_the_disk(tmp_path):
    async def story(host: Host) -> None:
        host.plane.away = True
        for _ in range(100):
            assert (await host.ask(CREATE_STREAM)).status == 200
        await host.ask(PUT, "a")
        assert host.spool.bytes <= 1000
        host.plane.away = False
        await host.arrived("a")

    on_a_host(tmp_path, story, most=1000)


@pytest.mark.parametrize("error", FOR_NOW)
def test_what_is_refused_for_now_is_tried_again(tmp_path, error):
    async def story(host: Host) -> None:
        host.plane.streams.add("web/app/1")
        host.plane.refuses = error
        await host.ask(PUT, "a")
        await asyncio.wait_for(host.plane.came.wait(), 10)
        host.plane.refuses = None
        await host.arrived("a")

    on_a_host(tmp_path, story)


def test_what_falls_off_a_full_spool_is_told_in_its_place(tmp_path):
    async def story(host: Host) -> None:
        host.plane.streams.add("web/app/1")
        host.plane.away = True
        for number in range(20):
            assert (await host.ask(PUT, f"{number} {'x' * 100}", "more")).status == 200
        host.plane.away = False
        await host.empty()
        told = [line for line in host.plane.lines if line.startswith("[podium]")]
        lost = sum(int(line.split()[1]) for line in told)
        assert lost + len(host.plane.lines) - len(told) == 40
        assert 0 < lost < 40
        assert host.plane.lines[-1] == "more"

    on_a_host(tmp_path, story, most=1000)


@pytest.mark.parametrize(
    ("path", "operation"), [("/" + "f" * 32, PUT), ("/", PUT), (f"/{ID}/x", PUT), (f"/{ID}", "DeleteLogGroup")]
)
def test_nobody_else_is_answered_and_nothing_else_is_done(tmp_path, path, operation):
    async def story(host: Host) -> None:
        assert (await host.ask(operation, "a", path=path)).status == 400
        assert host.spool.bytes == 0
        assert host.plane.calls == []

    on_a_host(tmp_path, story)


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        (PUT, b"{"),
        (PUT, b"[]"),
        (PUT, b"{}"),
        (PUT, json.dumps(STREAM).encode()),
        (PUT, json.dumps({**STREAM, "logEvents": 5}).encode()),
        (PUT, json.dumps({**STREAM, "logEvents": []}).encode()),
        (PUT, json.dumps({**STREAM, "logEvents": [{"timestamp": "now", "message": "m"}]}).encode()),
        (PUT, json.dumps({**STREAM, "logEvents": [{"timestamp": 1}]}).encode()),
        (PUT, json.dumps({**STREAM, "logGroupName": 1, "logEvents": []}).encode()),
        (CREATE_STREAM, b'{"logGroupName": "g"}'),
        (CREATE_GROUP, b'{"logGroupName": null}'),
    ],
)
def test_what_the_driver_would_not_send_is_refused_and_holds_nobody_up(tmp_path, operation, body):
    async def story(host: Host) -> None:
        host.plane.streams.add("web/app/1")
        head = Head(method="POST", target=f"/{ID}", headers=(("x-amz-target", f"Logs_20140328.{operation}"),))
        told = await host.relay.answer(Asked(head=head, caller="127.0.0.1", body=body))
        assert (told.status, told.body["__type"]) == (400, "SerializationException")
        await host.ask(PUT, "after")
        await host.arrived("after")

    on_a_host(tmp_path, story, most=0)


def test_a_disk_that_fails_for_a_while_only_delays_lines(tmp_path, monkeypatch):
    async def story(host: Host) -> None:
        host.plane.streams.add("web/app/1")
        failing = monkeypatch.context()
        with failing as patched:
            patched.setattr(host.spool, "oldest", fails)
            await host.ask(PUT, "a")
            await until_in_loop(lambda: failed, "the forwarder to meet the failure")
        await host.arrived("a")

    failed: list[bool] = []

    def fails() -> None:
        failed.append(True)
        raise SpoolError("the disk is gone")

    on_a_host(tmp_path, story)


def test_the_port_is_the_same_after_a_restart_and_only_on_the_loopback(tmp_path):
    async def story(host: Host) -> None:
        first = await host.relay.open(tmp_path / "port")
        host.relay.close()
        host.stop()
        host.start()
        assert await host.relay.open(tmp_path / "port") == first
        assert first.startswith("http://127.0.0.1:")
        client = http.to_url(first)
        headers = {"X-Amz-Target": f"Logs_20140328.{CREATE_STREAM}"}
        told = await client.request("POST", f"/{ID}", headers=headers, body=json.dumps(STREAM).encode())
        assert (told.status, told.body) == (200, b"{}")
        client.close()
        host.relay.close()

    on_a_host(tmp_path, story)


@pytest.mark.parametrize("stream", ["web/app/1", ""])
def test_before_a_container_starts_its_stream_is_made_under_docker_s_name_for_it(tmp_path, stream):
    async def story(host: Host) -> None:
        container = replace(host.container, docker_id="d0c4e5")
        assert await host.lacks(container) == ""
        assert host.plane.streams == {stream or "d0c4e5"}
        assert await host.lacks(container) == ""  # it is there already

    on_a_host(tmp_path, story, **{"awslogs-group": "/ecs/web", "awslogs-stream": stream})


def test_what_keeps_a_stream_from_being_made_is_told_as_docker_would(tmp_path):
    async def story(host: Host) -> None:
        assert await host.lacks(host.container) == (
            "failed to initialize logging driver: failed to create Cloudwatch log stream: "
            "ResourceNotFoundException: The specified log group does not exist."
        )
        host.plane.refuses = ApiError("InternalFailure", "", 500)
        assert await host.lacks(host.container) == ""
        host.plane.away = True
        assert await host.lacks(host.container) == ""

    on_a_host(tmp_path, story, **{"awslogs-group": "/none", "awslogs-stream": "s"})


def test_a_task_that_makes_its_own_group_has_it_made_before_it_starts(tmp_path):
    async def story(host: Host) -> None:
        assert await host.lacks(host.container) == ""
        assert "/new" in host.plane.groups
        assert host.plane.streams == {"s"}

    on_a_host(tmp_path, story, **{"awslogs-group": "/new", "awslogs-stream": "s", "awslogs-create-group": "true"})


def test_of_a_stream_whose_name_docker_alone_knows_and_of_other_drivers_nothing_is_asked(tmp_path):
    async def story(host: Host) -> None:
        assert await host.lacks(host.container) == ""
        plain = replace(host.container, definition={"name": "app", "image": "i"})
        assert await host.lacks(plain) == ""
        assert host.plane.calls == []

    on_a_host(tmp_path, story, **{"awslogs-group": "/none", "tag": "{{.Name}}"})


def body_of(config: dict[str, str], kind: str = "awslogs", **settings: str) -> dict[str, str]:
    host_config = json.dumps({"LogConfig": {"Type": kind, "Config": config}})
    definition: Any = {"name": "app", "image": "i", "dockerConfig": {"hostConfig": host_config}}
    container = Container(definition=definition, docker_name="d", endpoint_id=ID)
    task = Task(payload={"arn": "a"}, desired=Status.RUNNING, containers=(container,))  # type: ignore[typeddict-item]
    made = create_body(task, container, Settings(cluster="c", container_instance_arn="i", **settings))  # type: ignore[arg-type]
    return dict(made["HostConfig"]["LogConfig"]["Config"])


def test_docker_s_driver_is_sent_to_the_relay_with_its_options_as_they_are():
    asked = {"awslogs-group": "g", "awslogs-multiline-pattern": "^x", "mode": "non-blocking"}
    assert body_of(asked, log_relay="http://127.0.0.1:1") == {
        **asked,
        "awslogs-region": "us-east-1",
        "max-buffer-size": "10m",
        "awslogs-endpoint": f"http://127.0.0.1:1/{ID}",
        "awslogs-credentials-endpoint": f"/log-driver/{ID}",
    }
    assert body_of({"a": "b"}, "json-file", log_relay="http://127.0.0.1:1") == {"a": "b"}
    assert body_of(asked) == {**asked, "max-buffer-size": "10m"}


def test_a_log_driver_that_does_not_start_is_told_in_the_words_of_the_launch_type():
    docker = (
        "CannotStartContainerError: Error response from daemon: failed to initialize logging driver: failed to create "
        "Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist."
    )
    task = Task(payload={"arn": "a"}, desired=Status.RUNNING, containers=())  # type: ignore[typeddict-item]
    fargate = Task(payload={"arn": "a", "launchType": "FARGATE"}, desired=Status.RUNNING, containers=())  # type: ignore[typeddict-item]
    assert reasons.of_start(task, docker) == docker
    assert reasons.of_start(fargate, "CannotStartContainerError: other") == "CannotStartContainerError: other"
    assert reasons.of_start(fargate, docker) == (
        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed "
        "to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : "
        "exit status 1"
    )
