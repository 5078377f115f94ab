"""Podium's own pages, and the channels of agents, of a real server."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import websockets
from botocore.exceptions import ClientError
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import ClientConnection, connect

from podium import __version__
from podium_protocol.envelope import Message as Envelope
from podium_protocol.envelope import decode, encode
from server.server_process import Server, running

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("server") / "data") as server:
        yield server


@pytest.fixture
def cluster(server: Server, request: pytest.FixtureRequest) -> str:
    """A cluster of the test's own, with the task definition `web` there."""
    name = request.node.name[-60:].strip("_")
    server.client().create_cluster(clusterName=name)
    server.client().register_task_definition(
        family="web", containerDefinitions=[{"name": "app", "image": "web", "memory": 64}]
    )
    return str(name)


def register(server: Server, cluster: str) -> str:
    return server.register(cluster)


def acs_path(instance: str, channel: str = "acs") -> str:
    cluster = instance.split("/")[1]
    return (
        f"/{channel}/ws?agentHash=h&agentVersion=1.90.0&clusterArn={cluster}&containerInstanceArn={quote(instance, '')}"
        "&dockerVersion=DockerVersion%3A%2024.0.7&protocolVersion=2&sendCredentials=true&seqNum=1"
    )


@asynccontextmanager
async def linked(server: Server, instance: str) -> AsyncIterator[ClientConnection]:
    path = acs_path(instance)
    headers = server.signed("GET", path, instance)
    async with connect(server.url.replace("http", "ws") + path, additional_headers=headers) as socket:
        yield socket


async def next_of(socket: ClientConnection, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while True:
            message = decode(await socket.recv())
            if message.type == kind:
                return dict(message.body)


def test_health_tells_version_account_and_region(server: Server) -> None:
    for path in ("/_podium/health", "/readyz"):
        status, body = server.get(path)
        told = json.loads(body)
        assert status == 200
        assert (told["status"], told["version"]) == ("ok", __version__)
        assert (told["account"], told["region"]) == ("123456789012", "us-east-1")


def test_metrics_are_prometheuss_own_format(server: Server, cluster: str) -> None:
    status, body = server.get("/metrics")
    families = {family.name: family for family in text_string_to_metric_families(body.decode())}
    assert status == 200
    assert families["podium_clusters"].samples[0].value >= 1
    assert families["podium_reconcile_errors"].samples[0].value == 0
    assert {"podium_queue_age_seconds", "podium_commit_seconds", "podium_agents_connected"} <= set(families)
    requests = {s.labels["operation"]: s.value for s in families["podium_requests"].samples}
    assert requests["CreateCluster"] >= 1


def test_the_clusters_are_told_at_once_to_who_knows_none(server: Server, cluster: str) -> None:
    status, body = server.get("/_podium/clusters?after=0", server.signed("GET", "/_podium/clusters?after=0", "agent"))
    assert status == 200
    assert cluster in json.loads(body)["clusters"]


def test_who_knows_the_clusters_waits_until_they_change(server: Server, cluster: str) -> None:
    path = "/_podium/clusters?after={}"

    def poll(after: int) -> dict[str, Any]:
        asked = path.format(after)
        return dict(json.loads(server.get(asked, server.signed("GET", asked, "agent"))[1]))

    async def story() -> None:
        known = poll(0)
        waiting = asyncio.create_task(asyncio.to_thread(poll, known["revision"]))
        server.client().register_task_definition(
            family="other", containerDefinitions=[{"name": "app", "image": "web", "memory": 64}]
        )
        assert not waiting.done(), "a task definition is no news of clusters"
        server.client().create_cluster(clusterName=f"{cluster[:40]}-2")
        told = await waiting
        assert told["revision"] > known["revision"]
        assert set(told["clusters"]) - set(known["clusters"]) == {f"{cluster[:40]}-2"}

    asyncio.run(story())


def test_agents_are_told_the_clusters_of_their_own_region_alone(server: Server, cluster: str) -> None:
    """An agent signs for one region; in a cluster of another it could never register."""
    server.client(region="eu-west-1").create_cluster(clusterName="elsewhere")
    path = "/_podium/clusters?after=0"
    told = json.loads(server.get(path, server.signed("GET", path, "agent"))[1])["clusters"]
    assert cluster in told
    assert "elsewhere" not in told


@pytest.mark.parametrize("path", ["/_podium/clusters?after=0", "/_podium/strangers"])
def test_pages_that_tell_more_need_a_signature(server: Server, path: str) -> None:
    status, body = server.get(path)
    assert status == 400
    assert json.loads(body)["__type"] == "MissingAuthenticationTokenException"


def test_a_page_that_is_not_there_is_an_unknown_operation(server: Server) -> None:
    status, _ = server.get("/nowhere")
    assert status in (400, 404)


def test_a_body_larger_than_sixteen_mib_is_not_read_to_its_end(server: Server) -> None:
    status, _ = server.post("/", b" " * (16 * 1024 * 1024 + 1), {"content-type": "application/x-amz-json-1.1"})
    assert status == 413


def test_only_root_may_take_podium_down(server: Server) -> None:
    headers = server.signed("POST", "/_podium/down", "agent", b"{}")
    status, _ = server.post("/_podium/down", b"{}", headers)
    assert status == 403


def refusal(server: Server, path: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    async def story() -> tuple[int, dict[str, Any]]:
        with pytest.raises(websockets.InvalidStatus) as caught:
            async with connect(server.url.replace("http", "ws") + path, additional_headers=headers):
                pass
        response = caught.value.response
        return response.status_code, dict(json.loads(response.body or b"null"))

    return asyncio.run(story())


def test_an_upgrade_is_refused_in_one_member_that_agents_read(server: Server, cluster: str) -> None:
    unknown = acs_path(f"arn:aws:ecs:us-east-1:123456789012:container-instance/{cluster}/{'0' * 32}")
    status, told = refusal(server, unknown, server.signed("GET", unknown, "agent"))
    assert status == 400
    assert list(told) == ["InvalidInstanceException"]

    instance = register(server, cluster)
    server.client().deregister_container_instance(cluster=cluster, containerInstance=instance)
    gone = acs_path(instance)
    status, told = refusal(server, gone, server.signed("GET", gone, instance))
    assert list(told) == ["InactiveInstanceException"]

    status, told = refusal(server, gone, {})
    assert status >= 400
    assert list(told) == ["MissingAuthenticationTokenException"]


def test_an_agent_hears_of_its_tasks_and_their_end(server: Server, cluster: str) -> None:
    ecs, instance = server.client(), register(server, cluster)

    async def story() -> None:
        async with linked(server, instance) as socket:
            await next_of(socket, "HeartbeatMessage")
            assert (await next_of(socket, "TaskManifestMessage"))["tasks"] == []
            answer = await asyncio.to_thread(ecs.run_task, cluster=cluster, taskDefinition="web")
            [task] = answer["tasks"]
            started = await next_of(socket, "PayloadMessage")
            assert [(t["arn"], t["desiredStatus"]) for t in started["tasks"]] == [(task["taskArn"], "RUNNING")]
            await socket.send(encode(Envelope(type="AckRequest", body={"messageId": started["messageId"]})))
            await asyncio.to_thread(ecs.stop_task, cluster=cluster, task=task["taskArn"])
            stopped = await next_of(socket, "PayloadMessage")
            assert [(t["arn"], t["desiredStatus"]) for t in stopped["tasks"]] == [(task["taskArn"], "STOPPED")]
            assert stopped["seqNum"] > started["seqNum"]

    asyncio.run(story())


def connected(server: Server, cluster: str, instance: str) -> bool:
    answer = server.client().describe_container_instances(cluster=cluster, containerInstances=[instance])
    return bool(answer["containerInstances"][0]["agentConnected"])


def test_an_instance_is_connected_while_its_channel_is_open(server: Server, cluster: str) -> None:
    instance = register(server, cluster)

    async def settles(expected: bool) -> None:
        async with asyncio.timeout(10):
            while await asyncio.to_thread(connected, server, cluster, instance) is not expected:
                pass

    async def story() -> None:
        async with linked(server, instance) as socket:
            await next_of(socket, "TaskManifestMessage")
            await settles(True)
        await settles(False)

    asyncio.run(story())


def test_a_second_channel_takes_the_place_of_the_first(server: Server, cluster: str) -> None:
    instance = register(server, cluster)

    async def story() -> None:
        async with linked(server, instance) as first:
            await next_of(first, "TaskManifestMessage")
            async with linked(server, instance) as second:
                await next_of(second, "TaskManifestMessage")
                with pytest.raises(websockets.ConnectionClosedOK):
                    await next_of(first, "nothing of the kind")
                assert await asyncio.to_thread(connected, server, cluster, instance)

    asyncio.run(story())


def test_a_task_nobody_knows_is_a_stranger_on_its_page(server: Server, cluster: str) -> None:
    instance = register(server, cluster)
    lost = f"arn:aws:ecs:us-east-1:123456789012:task/{cluster}/{'f' * 32}"

    async def story() -> None:
        async with linked(server, instance) as socket:
            manifest = await next_of(socket, "TaskManifestMessage")
            body = {"messageId": manifest["messageId"], "stopCandidates": [{"taskArn": lost}]}
            await socket.send(encode(Envelope(type="TaskStopVerificationMessage", body=body)))
            answer = await next_of(socket, "TaskStopVerificationAck")
            assert (answer["messageId"], answer.get("stopTasks", [])) == (manifest["messageId"], [])

    asyncio.run(story())
    _, told = server.get("/_podium/strangers", server.signed("GET", "/_podium/strangers"))
    assert lost in [stranger["taskArn"] for stranger in json.loads(told)["strangers"]]


def test_telemetry_is_acknowledged(server: Server, cluster: str) -> None:
    instance = register(server, cluster)
    path = acs_path(instance, "tcs")

    async def story() -> None:
        url = server.url.replace("http", "ws") + path
        async with connect(url, additional_headers=server.signed("GET", path, instance)) as socket:
            await next_of(socket, "HeartbeatMessage")
            for kind, answer in (
                ("PublishHealthRequest", "AckPublishHealth"),
                ("PublishMetricsRequest", "AckPublishMetric"),
            ):
                await socket.send(encode(Envelope(type=kind, body={"metadata": {}, "tasks": []})))
                await next_of(socket, answer)
            await socket.send("no JSON at all")
            await socket.send(encode(Envelope(type="PublishHealthRequest", body={})))
            await next_of(socket, "AckPublishHealth")

    asyncio.run(story())


def test_a_credential_is_given_for_the_claim_and_ends_with_a_word_of_root(server: Server, cluster: str) -> None:
    instance, other = register(server, cluster), register(server, cluster)
    assert server.credentials(instance, "somebody else's claim")[0] == 403
    with pytest.raises(websockets.InvalidStatus):
        asyncio.run(opened(server, acs_path(other), instance))

    async def story() -> None:
        async with linked(server, instance) as socket:
            await next_of(socket, "HeartbeatMessage")
            path, body = "/_podium/revoke", json.dumps({"containerInstance": instance}).encode()
            refused, _ = await asyncio.to_thread(server.post, path, body, server.signed("POST", path, instance, body))
            assert refused == 403
            status, _ = await asyncio.to_thread(server.post, path, body, server.signed("POST", path, "root", body))
            assert status == 200
            async with asyncio.timeout(5):
                await socket.wait_closed()

    asyncio.run(story())
    assert refusal(server, acs_path(instance), server.signed("GET", acs_path(instance), instance))[0] >= 400


async def opened(server: Server, path: str, key: str) -> None:
    url = server.url.replace("http", "ws") + path
    async with connect(url, additional_headers=server.signed("GET", path, key)):
        pass


def test_the_journal_tells_who_did_what_and_what_came_of_it(server: Server, cluster: str) -> None:
    register(server, cluster)
    with pytest.raises(ClientError):
        server.client().update_cluster_settings(cluster="nowhere", settings=[])

    [refused, *_] = journal(server, "outcome=refused&operation=UpdateClusterSettings")
    assert refused["outcome"] == "ClusterNotFoundException"
    assert refused["principal"] == "arn:aws:iam::123456789012:root"
    [joined, *_] = journal(server, "principal=podium-agent&service=ecs&limit=1")
    assert (joined["operation"], joined["sourceIp"], joined["outcome"]) == (
        "RegisterContainerInstance",
        "127.0.0.1",
        "ok",
    )
    assert not journal(server, "operation=DescribeClusters")
    assert server.get("/_podium/audit", server.signed("GET", "/_podium/audit", "agent"))[0] == 403


def journal(server: Server, query: str) -> list[dict[str, Any]]:
    path = f"/_podium/audit?{query}"
    status, body = server.get(path, server.signed("GET", path))
    assert status == 200
    return list(json.loads(body)["entries"])


def test_what_is_asked_of_podiums_own_pages_is_in_the_journal_too(server: Server, cluster: str) -> None:
    instance = register(server, cluster)
    body = json.dumps({"containerInstance": instance}).encode()
    for key in ("agent", "root"):
        server.post("/_podium/revoke", body, server.signed("POST", "/_podium/revoke", key, body))
    server.post("/_podium/reset", b"", server.signed("POST", "/_podium/reset"))
    reset, done, refused, traded = journal(server, "service=podium&limit=4")
    assert (reset["operation"], reset["outcome"]) == ("reset", "AccessDeniedException")
    assert (done["operation"], done["outcome"], done["resources"]) == ("revoke", "ok", [instance])
    assert (refused["principal"][-12:], refused["outcome"]) == ("podium-agent", "AccessDeniedException")
    assert (traded["operation"], traded["resources"]) == ("instance-credentials", [instance])


def test_a_machine_is_released_by_root_once_its_agent_is_gone(server: Server, cluster: str) -> None:
    instance = register(server, cluster)
    body = json.dumps({"containerInstance": instance}).encode()
    assert server.post("/_podium/release", body, server.signed("POST", "/_podium/release", "agent", body))[0] == 403
    status, answered = server.post("/_podium/release", body, server.signed("POST", "/_podium/release", "root", body))
    assert (status, json.loads(answered)) == (200, {"released": [instance], "tasks": 0})
    done, refused = journal(server, "operation=release&limit=2")
    assert (done["outcome"], done["resources"]) == ("ok", [instance])
    assert refused["outcome"] == "AccessDeniedException"


def test_events_are_read_by_type_and_resource_and_followed(server: Server, cluster: str) -> None:
    first, second = register(server, cluster), register(server, cluster)

    def told(**asked: str) -> dict[str, Any]:
        path = f"/_podium/events?{urlencode(asked)}"
        status, body = server.get(path, server.signed("GET", path))
        assert status == 200
        return dict(json.loads(body))

    [newest] = told(resource=second)["events"]
    assert newest["event"]["detail-type"] == "ECS Container Instance State Change"
    assert told(type="task", resource=second)["events"] == []
    [older, *_] = told(before=newest["key"], type="container")["events"]
    assert older["event"]["resources"] == [first]
    assert told(after=newest["key"]) == {"kept": True, "last": newest["key"], "events": []}
    with ThreadPoolExecutor() as others:
        waiting = others.submit(told, after=newest["key"], wait="1")
        third = register(server, cluster)
        assert [e["event"]["resources"] for e in waiting.result()["events"]] == [[third]]
    assert [e["event"]["resources"] for e in told(after=newest["key"])["events"]] == [[third]]
    assert server.get("/_podium/events", server.signed("GET", "/_podium/events", "agent"))[0] == 403


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "Say which"),
        ({"tasks": ["no-such-task"]}, "There is no task no-such-task."),
        ({"share": 0}, "share takes a percentage from 1 to 100."),
    ],
)
def test_what_cannot_be_interrupted_is_said(server: Server, asked: dict[str, Any], words: str) -> None:
    body = json.dumps(asked).encode()
    status, told = server.post("/_podium/interrupt", body, server.signed("POST", "/_podium/interrupt", "root", body))
    assert status == 400
    assert words in json.loads(told)["message"]


def test_without_tasks_on_spot_a_share_of_them_is_none(server: Server) -> None:
    body = json.dumps({"share": 50}).encode()
    status, told = server.post("/_podium/interrupt", body, server.signed("POST", "/_podium/interrupt", "root", body))
    assert (status, json.loads(told)) == (200, {"interrupted": []})


def test_what_was_denied_is_in_the_journal_with_what_it_was_about(server: Server) -> None:
    iam = server.client("iam")
    iam.create_user(UserName="nosy")
    key = iam.create_access_key(UserName="nosy")["AccessKey"]
    server.keys["nosy"] = {"accessKeyId": key["AccessKeyId"], "secretAccessKey": key["SecretAccessKey"]}
    with pytest.raises(ClientError):
        server.client(key="nosy").delete_cluster(cluster="prod")
    [denied] = journal(server, "principal=nosy")
    assert (denied["outcome"], denied["accessKeyId"]) == ("AccessDeniedException", key["AccessKeyId"])
    assert denied["resources"] == ["arn:aws:ecs:us-east-1:123456789012:cluster/prod"]


def test_a_call_that_is_not_even_valid_is_in_the_journal(server: Server) -> None:
    with pytest.raises(ClientError):
        server.client("iam").create_user(UserName="not a name")
    [refused] = journal(server, "operation=CreateUser&limit=1")
    assert refused["outcome"] == "ValidationError"


@pytest.mark.parametrize("path", ["audit?since=1e300&limit=inf", "audit?since=nan", "clusters?after=%C2%B2"])
def test_odd_numbers_are_no_failure_of_the_server(server: Server, path: str) -> None:
    assert server.get(f"/_podium/{path}", server.signed("GET", f"/_podium/{path}"))[0] == 200


def test_a_revoked_credential_is_nobodys(server: Server, cluster: str) -> None:
    instance = register(server, cluster)
    assert server.client("sts", key=instance).get_caller_identity()["Arn"] == instance
    body = json.dumps({"containerInstance": instance}).encode()
    server.post("/_podium/revoke", body, server.signed("POST", "/_podium/revoke", "root", body))
    assert server.get("/_podium/clusters", server.signed("GET", "/_podium/clusters", instance))[0] == 403
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        server.client("sts", key=instance).get_caller_identity()


def test_an_agent_that_signs_as_a_user_needs_policies_and_its_own_registration(server: Server, cluster: str) -> None:
    iam = server.client("iam")
    for name in ("host", "other"):
        iam.create_user(UserName=name)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        server.keys[name] = {"accessKeyId": key["AccessKeyId"], "secretAccessKey": key["SecretAccessKey"]}

    def allow(name: str, action: str) -> None:
        statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName=name, PolicyName="agent", PolicyDocument=document)

    allow("host", "ecs:RegisterContainerInstance")
    answer = server.client(key="host").register_container_instance(cluster=cluster, totalResources=[])
    instance = str(answer["containerInstance"]["containerInstanceArn"])
    path = acs_path(instance)
    _, told = refusal(server, path, server.signed("GET", path, "host"))
    assert "is not authorized to perform: ecs:Poll" in told["AccessDeniedException"]
    allow("host", "ecs:*")
    allow("other", "ecs:*")
    asyncio.run(opened(server, path, "host"))
    assert list(refusal(server, path, server.signed("GET", path, "other"))[1]) == ["AccessDeniedException"]
