"""The task endpoint at 169.254.170.2 on a real Docker Engine: credentials, several agents, what is left behind."""

import json
import signal
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

from agent.control_plane import ControlPlane
from docker.agents import AgentProcess, a_container, a_task, containers_of, inspect
from docker.asking import of_endpoint
from waiting import until

Ran = subprocess.CompletedProcess[str]
CREDENTIALS_ID = "3b1f2b1e-0000-4000-8000-{:012x}"


def credentials(number: int, secret: str = "first") -> dict[str, str]:
    return {
        "credentialsId": CREDENTIALS_ID.format(number),
        "roleArn": f"arn:aws:iam::123456789012:role/r{number}",
        "accessKeyId": f"ASIA{secret.upper()}{number}",
        "secretAccessKey": f"{secret}-secret-{number}",
        "sessionToken": f"{secret}-token-{number}",
        "expiration": "2030-01-01T00:00:00Z",
    }


def with_role(number: int, **members: Any) -> dict[str, Any]:
    return a_task(a_container(), roleCredentials=credentials(number), **members)


def running(plane: ControlPlane, task: dict[str, Any]) -> str:
    """Docker's id of the task's one container, once it runs."""
    arn = plane.run(task)
    plane.wait_for(arn, "RUNNING")
    [docker_id] = containers_of(arn)
    return docker_id


def environment(docker_id: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in inspect(docker_id)["Config"]["Env"])


def inside(docker_id: str, script: str) -> Ran:
    return subprocess.run(["docker", "exec", docker_id, "sh", "-c", script], capture_output=True, text=True)


def asked(docker_id: str, request: str, host: str = "169.254.170.2", port: int = 80) -> tuple[int, Any]:
    """The status and the body of the answer to a request written by hand, from inside the container; 0 for none.

    While no agent has the address a network may answer in its place; what is no JSON is not an agent's.
    """
    script = f"printf '{request}' | timeout 5 nc {host} {port}"
    head, _, body = inside(docker_id, script).stdout.replace("\r\n", "\n").partition("\n\n")
    try:
        return int((head.split() or ["", "0"])[1]), json.loads(body) if body else None
    except ValueError:
        return 0, None


def got(docker_id: str, path: str) -> tuple[int, Any]:
    """The same for a GET, made again when an agent of this host ends and breaks off."""

    def told() -> tuple[int, Any] | None:
        status, body = asked(docker_id, rf"GET {path} HTTP/1.1\r\nHost: 169.254.170.2\r\n\r\n")
        return (status, body) if status else None

    return until(told, "an agent to answer")


def test_a_task_is_given_the_credentials_of_its_role_and_new_ones_under_the_same_path(plane, agent):
    task = with_role(1)
    docker_id = running(plane, task)
    path = environment(docker_id)["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]
    assert path == f"/v2/credentials/{CREDENTIALS_ID.format(1)}"
    first = {
        "RoleArn": "arn:aws:iam::123456789012:role/r1",
        "AccessKeyId": "ASIAFIRST1",
        "SecretAccessKey": "first-secret-1",
        "Token": "first-token-1",
        "Expiration": "2030-01-01T00:00:00Z",
    }
    assert got(docker_id, path) == (200, first)
    assert got(docker_id, f"/v1/credentials?id={CREDENTIALS_ID.format(1)}") == (200, first)
    told = {m.body["credentialsId"] for m in plane.said if m.type == "IAMRoleCredentialsAckRequest"}
    assert told == {CREDENTIALS_ID.format(1)}

    renewed = credentials(1, "second")
    message = {"taskArn": task["arn"], "roleType": "TaskApplication", "roleCredentials": renewed}
    message_id = plane.send("IAMRoleCredentialsMessage", **message)
    until(lambda: got(docker_id, path)[1]["Token"] == "second-token-1", "the new credentials")
    answer = next(m.body for m in plane.said if m.body.get("messageId") == message_id)
    assert answer == {
        "messageId": message_id,
        "credentialsId": CREDENTIALS_ID.format(1),
        "expiration": renewed["expiration"],
    }


def test_an_agent_that_was_killed_has_no_credentials_until_they_are_sent_again(plane, agent):
    task = with_role(1)
    docker_id = running(plane, task)
    path = environment(docker_id)["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]
    assert got(docker_id, path)[0] == 200
    agent.end(signal.SIGKILL)
    agent.start()
    until(lambda: got(docker_id, path)[0] == 503, "the new agent to answer")
    assert got(docker_id, path)[1] == {
        "code": "CredentialsUninitialized",
        "message": "CredentialsV2Request: Credentials uninitialized for ID",
        "HTTPErrorCode": 503,
    }
    message = {"taskArn": task["arn"], "roleType": "TaskApplication", "roleCredentials": credentials(1)}
    plane.send("IAMRoleCredentialsMessage", **message)
    until(lambda: got(docker_id, path)[0] == 200, "credentials")
    files = [path.read_bytes() for path in agent.data_dir.rglob("*") if path.is_file()]
    assert not any(b"first-secret-1" in content or b"first-token-1" in content for content in files)
    assert "first-secret-1" not in agent.logged()


def test_a_task_without_a_role_is_told_of_no_credentials_and_one_that_stopped_has_none(plane, agent):
    plain, task = running(plane, a_task(a_container())), with_role(1, networkMode="host")
    assert "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" not in environment(plain)
    assert got(plain, "/v2/credentials/") == (
        400,
        {
            "code": "NoIdInRequest",
            "message": "CredentialsV2Request: No Credential ID in the request",
            "HTTPErrorCode": 400,
        },
    )
    url = f"http://169.254.170.2{environment(running(plane, task))['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI']}"
    assert of_endpoint(url)[1]["AccessKeyId"] == "ASIAFIRST1"
    plane.stop(task)
    plane.wait_for(task["arn"], "STOPPED")
    assert of_endpoint(url)[1]["message"] == "CredentialsV2Request: Credentials not found"


def test_the_credentials_of_an_execution_role_are_the_host_s_to_ask_for(plane, agent):
    docker_id = running(plane, a_task(a_container(), executionRoleCredentials=credentials(2)))
    path = f"/v2/credentials/{CREDENTIALS_ID.format(2)}"
    assert "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" not in environment(docker_id)
    assert got(docker_id, path)[0] == 400
    assert of_endpoint(f"http://169.254.170.2{path}")[1]["AccessKeyId"] == "ASIAFIRST2"


def test_podium_is_where_sdks_look_unless_the_definition_or_the_cluster_says_otherwise(plane, agent):
    usual = running(plane, a_task(a_container()))
    own = running(plane, a_task(a_container(environment={"AWS_ENDPOINT_URL": "http://mine"})))
    aws = running(plane, a_task(a_container(), apiEndpoint="aws"))
    on_host = running(plane, a_task(a_container(), networkMode="host"))
    found = [environment(i).get("AWS_ENDPOINT_URL") for i in (usual, own, aws, on_host)]
    assert found == ["http://169.254.170.2:51681", "http://mine", None, plane.url]
    prefixes = [environment(i).get("AWS_DISABLE_HOST_PREFIX_INJECTION") for i in (usual, own, aws, on_host)]
    assert prefixes == ["true", None, None, "true"]
    assert environment(usual)["AWS_REGION"] == environment(usual)["AWS_DEFAULT_REGION"] == "us-east-1"


def endpoint_is_there() -> bool:
    tables = subprocess.run(["nft", "list", "tables"], check=True, capture_output=True, text=True).stdout
    addresses = subprocess.run(["ip", "-o", "address", "show", "lo"], check=True, capture_output=True, text=True).stdout
    return "podium-endpoint" in tables or "169.254.170.2" in addresses


def test_agents_of_one_host_share_the_endpoint_and_go_on_when_one_dies(plane, agent, tmp_path):
    with ControlPlane() as other_plane:
        (tmp_path / "other").mkdir()
        other = AgentProcess(other_plane, tmp_path / "other")
        try:
            mine, theirs = running(plane, with_role(1)), running(other_plane, with_role(2))
            paths = [environment(i)["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] for i in (mine, theirs)]
            metadata = environment(theirs)["ECS_CONTAINER_METADATA_URI_V4"].removeprefix("http://169.254.170.2")
            until(
                lambda: [got(i, p)[0] for i, p in zip((mine, theirs), paths, strict=True)] == [200, 200],
                "the endpoint, which an agent before these may just have given up, to answer for both",
            )
            assert got(theirs, metadata)[1]["DockerId"] == theirs
            until(lambda: {mine, theirs} <= introspected(), "introspection to tell of both agents' tasks")

            agent.end(signal.SIGKILL)
            until(lambda: got(theirs, paths[1])[0] == 200, "the other agent to answer alone")
        finally:
            for one in (agent, other):
                if one.process.poll() is None:
                    one.end()
            other.sweep()
    others = Path("/run/podium/endpoint")
    until(lambda: list(others.glob("*/*.sock")) or not endpoint_is_there(), "the last agent to take it down")


def introspected() -> set[str]:
    """The containers that introspection tells of; none when an agent of this host ends and breaks off."""
    try:
        with urllib.request.urlopen("http://127.0.0.1:51678/v1/tasks") as answer:
            return {container["DockerId"] for t in json.load(answer)["Tasks"] for container in t["Containers"]}
    except OSError:
        return set()


def test_what_a_reloaded_firewall_takes_away_is_made_again(plane, agent):
    docker_id = running(plane, with_role(1))
    path = environment(docker_id)["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]
    subprocess.run(["nft", "delete", "table", "inet", "podium-endpoint"], check=True)
    subprocess.run(["ip", "address", "delete", "169.254.170.2/32", "dev", "lo"], check=True)
    fetch = f"timeout 2 wget -q -O - http://169.254.170.2{path}"
    until(lambda: "first-secret-1" in inside(docker_id, fetch).stdout, "the endpoint to be back")


def test_an_agent_that_may_not_change_the_network_serves_metadata_elsewhere_and_says_so(plane, tmp_path):
    """It is not offered tasks that have a role."""
    powerless = ("setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin")
    agent = AgentProcess(plane, tmp_path, within=powerless)
    try:
        docker_id = running(plane, a_task(a_container()))
        uri = environment(docker_id)["ECS_CONTAINER_METADATA_URI_V4"]
        assert not uri.startswith("http://169.254.170.2")
        assert json.loads(inside(docker_id, f"wget -q -O - {uri}").stdout)["DockerId"] == docker_id
        assert "cannot serve the task endpoint at 169.254.170.2" in agent.logged()
        [registered] = [body for operation, body in plane.calls if operation == "RegisterContainerInstance"]
        assert not [a for a in registered["attributes"] if "task-iam-role" in a["name"]]
    finally:
        agent.end()
        agent.sweep()
