"""What the task endpoint answers, without its sockets: a Docker and a control plane that only tell."""

import asyncio
import json

import pytest
from msgspec.structs import replace

from agent.engine_hands import TASK, Hands, a_container, a_task
from podium_agent.api import ApiError
from podium_agent.docker.client import DockerGone
from podium_agent.endpoint.doors import Asked
from podium_agent.endpoint.limits import Limits
from podium_agent.metadata.residents import Home, Place, Resident
from podium_agent.metadata.server import TaskServer
from podium_agent.net.server import Head
from podium_agent.role_credentials import RoleCredentials
from podium_program.log import Log
from podium_protocol import Message, acs

BRIDGE, ELSEWHERE, OWN_INTERFACE = "172.17.0.2", "172.17.0.9", "10.0.0.5"
INTERFACE = {
    "macAddress": "02:00:00:00:00:01",
    "ipv4Addresses": [{"privateAddress": OWN_INTERFACE, "primary": True}],
    "subnetGatewayIpv4Address": "10.0.0.1/24",
    "domainNameServers": ["10.0.0.2"],
    "privateDnsName": "ip-10-0-0-5.ec2.internal",
}
ROLE = {
    "credentialsId": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "roleArn": "arn:aws:iam::123456789012:role/app",
    "accessKeyId": "ASIA1",
    "secretAccessKey": "secret",
    "sessionToken": "token",
    "expiration": "2030-01-01T00:00:00Z",
}


class Docker:
    """One container, `docker-main`, on the bridge. `sent` grows by a thousand bytes a look."""

    def __init__(self):
        self.answers, self.sent = True, 0

    async def inspect(self, docker_id):
        if not self.answers:
            raise DockerGone("away")
        return {
            "Image": "sha256:abc",
            "Mounts": [{"Name": "data", "Source": "/var/lib/docker/volumes/data/_data", "Destination": "/data"}],
            "State": {"Health": {"Log": [{"ExitCode": 1, "Output": "no"}, {"ExitCode": 0, "Output": "fine"}]}},
            "NetworkSettings": {"Networks": {"bridge": {"IPAddress": BRIDGE}}},
        }

    async def stats(self, docker_id):
        self.sent += 1000
        cpu = {"cpu_usage": {"total_usage": self.sent}}
        network = {"eth0": {"rx_bytes": 0, "tx_bytes": self.sent}}
        return {"read": str(self.sent), "memory_stats": {"usage": 1}, "cpu_stats": cpu, "networks": network}


class Api:
    """Remembers who called what, and answers what it was given."""

    def __init__(self, answers=None, calls=None, key="instance"):
        self.answers, self.calls, self.key = answers or {}, [] if calls is None else calls, key

    async def call(self, operation, request, *, timeout=30):
        self.calls.append((self.key, operation, request))
        answer = self.answers[operation]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def signed_by(self, signer):
        return Api(self.answers, self.calls, signer.credentials.access_key_id)


class Endpoint:
    """A server for one task, and what it says to a caller."""

    def __init__(self, api=None, limits=None, *, kept=True, **members):
        self.hands = Hands()
        roles = RoleCredentials()
        container = a_container(containerArn="arn:container", healthCheckType="docker", **members.pop("container", {}))
        container["dockerConfig"] = {"config": json.dumps({"Healthcheck": {"Test": ["CMD", "true"]}})}
        given = {"networkMode": "bridge", "group": "family:web", "launchType": "EC2", **members}
        message = roles.take(Message(type=acs.PAYLOAD, body={"tasks": [a_task(container, **given)]}))
        [task] = message.body["tasks"]
        self.hands.run({**task, "elasticNetworkInterfaces": None, "networkMode": "bridge"})
        self.docker, self.api = Docker(), api or Api()
        place = Place(cluster="default", zone="us-east-1b", container_instance_arn="arn:instance")
        home = Home(place=place, api=self.api, region="us-east-1", roles=roles if kept else RoleCredentials())
        self.server = TaskServer(lambda: [self.resident(home, task)], self.docker, Log(), limits)

    def resident(self, home, task):
        known = self.hands.engine.tasks[TASK]
        return Resident(task=replace(known, payload=task), home=home)

    @property
    def endpoint_id(self):
        return self.hands.engine.tasks[TASK].containers[0].endpoint_id

    def ask(self, target, caller=BRIDGE, method="GET", body=b""):
        """The answer's status and body; None when the server knows nothing of it."""
        asked = Asked(head=Head(method=method, target=target.format(id=self.endpoint_id)), caller=caller, body=body)
        answer = asyncio.run(self.server.answer(asked))
        return None if answer is None else (answer.status, answer.body)

    def refusal(self, target, caller=BRIDGE):
        answer = self.server.refusal(Asked(head=Head(method="GET", target=target), caller=caller))
        return answer.status, answer.body

    def protect(self, **members):
        return self.ask("/api/{id}/task-protection/v1/state", method="PUT", body=json.dumps(members).encode())


def test_credentials_are_for_the_address_of_their_task():
    endpoint = Endpoint(roleCredentials=ROLE)
    path = f"/v2/credentials/{ROLE['credentialsId']}"
    status, told = endpoint.ask(path)
    assert (status, told["AccessKeyId"], told["Token"]) == (200, "ASIA1", "token")
    for caller in (ELSEWHERE, "127.0.0.1"):
        assert endpoint.ask(path, caller)[1]["code"] == "InvalidIdInRequest"
    assert endpoint.ask("/v2/credentials/another") is None
    assert endpoint.refusal("/v1/credentials?id=another") == (
        400,
        {
            "code": "InvalidIdInRequest",
            "message": "CredentialsV1Request: Credentials not found",
            "HTTPErrorCode": 400,
        },
    )


def test_a_docker_that_does_not_answer_vouches_for_nobody():
    endpoint = Endpoint(roleCredentials=ROLE)
    endpoint.docker.answers = False
    assert endpoint.ask(f"/v2/credentials/{ROLE['credentialsId']}")[0] == 400


def test_a_task_with_an_interface_of_its_own_is_known_by_that_address():
    endpoint = Endpoint(roleCredentials=ROLE, networkMode="awsvpc", elasticNetworkInterfaces=[INTERFACE])
    assert endpoint.ask(f"/v2/credentials/{ROLE['credentialsId']}", OWN_INTERFACE)[0] == 200
    assert endpoint.ask(f"/v2/credentials/{ROLE['credentialsId']}", BRIDGE)[0] == 400
    assert endpoint.ask("/v2/metadata", OWN_INTERFACE)[1]["TaskARN"] == TASK
    assert endpoint.ask("/v2/metadata/" + "a" * 64, OWN_INTERFACE)[0] == 400
    assert endpoint.ask("/v2/metadata", BRIDGE) is None
    assert endpoint.refusal("/v2/metadata") == (
        400,
        f"Unable to get task arn from request: unable to associate '{BRIDGE}' with task",
    )
    [network] = endpoint.ask("/v4/{id}", OWN_INTERFACE)[1]["Networks"]
    assert network == {
        "NetworkMode": "awsvpc",
        "IPv4Addresses": [OWN_INTERFACE],
        "AttachmentIndex": 0,
        "MACAddress": "02:00:00:00:00:01",
        "IPv4SubnetCIDRBlock": "10.0.0.0/24",
        "DomainNameServers": ["10.0.0.2"],
        "PrivateDNSName": "ip-10-0-0-5.ec2.internal",
        "SubnetGatewayIpv4Address": "10.0.0.1/24",
    }
    [network] = endpoint.ask("/v3/{id}", OWN_INTERFACE)[1]["Networks"]
    assert network == {"NetworkMode": "awsvpc", "IPv4Addresses": [OWN_INTERFACE]}


def test_a_container_reads_of_its_volumes_and_its_last_health_check():
    document = Endpoint().ask("/v4/{id}")[1]
    assert document["Volumes"] == [
        {"DockerName": "data", "Source": "/var/lib/docker/volumes/data/_data", "Destination": "/data"}
    ]
    assert document["Health"]["output"] == "fine"
    assert document["Health"]["exitCode"] == 0


def test_a_task_reads_of_its_group_and_launch_type_since_version_4():
    endpoint = Endpoint()
    assert (endpoint.ask("/v4/{id}/task")[1]["Group"], endpoint.ask("/v4/{id}/task")[1]["LaunchType"]) == (
        "family:web",
        "EC2",
    )
    assert not {"Group", "LaunchType"} & endpoint.ask("/v3/{id}/task")[1].keys()


def test_statistics_come_with_the_speed_of_the_network_and_the_figures_before():
    endpoint = Endpoint()
    stats = endpoint.ask("/v4/{id}/stats")[1]
    assert 500 < stats["network_rate_stats"]["tx_bytes_per_sec"] < 2000
    assert stats["network_rate_stats"]["rx_bytes_per_sec"] == 0
    assert stats["precpu_stats"] == {"cpu_usage": {"total_usage": 1000}}
    assert endpoint.ask("/v4/{id}/task/stats")[1].keys() == {"docker-main"}


def test_tags_are_asked_for_by_the_instance_and_failures_told():
    tags = Api({"ListTagsForResource": {"tags": [{"key": "team", "value": "blue"}]}})
    document = Endpoint(tags).ask("/v4/{id}/taskWithTags")[1]
    assert document["TaskTags"] == document["ContainerInstanceTags"] == {"team": "blue"}
    assert {(key, request["resourceArn"]) for key, _, request in tags.calls} == {
        ("instance", TASK),
        ("instance", "arn:instance"),
    }
    denied = Api({"ListTagsForResource": ApiError("AccessDeniedException", "no", 400)})
    document = Endpoint(denied).ask("/v4/{id}/taskWithTags")[1]
    assert document["Errors"][0] == {
        "ErrorField": "ContainerInstanceTags",
        "ErrorCode": "AccessDeniedException",
        "ErrorMessage": "no",
        "StatusCode": 400,
        "ResourceARN": "arn:instance",
    }
    assert document["TaskARN"] == TASK


def test_associations_are_told_by_their_type_and_name():
    gpu = {"name": "GPU-1", "type": "gpu", "containers": ["main"], "content": {"value": "x", "encoding": "identity"}}
    other = {"name": "GPU-2", "type": "gpu", "containers": ["side"]}
    endpoint = Endpoint(associations=None)
    assert endpoint.ask("/v4/{id}/associations/gpu") == (200, {"Associations": []})
    known = endpoint.hands.engine.tasks[TASK]
    endpoint.resident = lambda home, task: Resident(
        task=replace(known, payload={**task, "associations": [gpu, other]}), home=home
    )
    assert endpoint.ask("/v4/{id}/associations/gpu") == (200, {"Associations": ["GPU-1"]})
    assert endpoint.ask("/v3/{id}/associations/gpu/GPU-1") == (200, b"x")
    assert endpoint.ask("/v4/{id}/associations/gpu/GPU-2")[0] == 404


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("", "V4 container metadata handler: unable to get container ID from request: unable to get docker ID"),
        ("/task", "V4 task metadata handler: unable to get task arn from request: unable to get task Arn"),
        ("/stats", "V4 container stats handler: unable to get container ID from request: unable to get docker ID"),
        ("/task/stats", "V4 task stats handler: unable to get task arn from request: unable to get task Arn"),
    ],
)
def test_an_unknown_id_is_not_found_in_the_agent_s_sentence(path, sentence):
    assert Endpoint().refusal(f"/v4/unknown{path}") == (404, f"{sentence} from v3 endpoint ID: unknown")


def test_protection_is_asked_for_as_the_task_s_role():
    protected = {"protectionEnabled": True, "expirationDate": 1700000000.5, "taskArn": TASK}
    told = {"protectedTasks": [protected], "failures": []}
    api = Api({"GetTaskProtection": told, "UpdateTaskProtection": told})
    endpoint = Endpoint(api, roleCredentials=ROLE)
    shown = {"ProtectionEnabled": True, "ExpirationDate": "2023-11-14T22:13:20.500Z", "TaskArn": TASK}
    assert endpoint.protect(ProtectionEnabled=True, ExpiresInMinutes=5) == (200, {"protection": shown})
    assert endpoint.ask("/api/{id}/task-protection/v1/state") == (200, {"protection": shown})
    wanted = {"cluster": "default", "tasks": [TASK], "protectionEnabled": True, "expiresInMinutes": 5}
    assert api.calls[0] == ("ASIA1", "UpdateTaskProtection", wanted)
    assert endpoint.ask("/api/{id}/task-protection/v1/state", ELSEWHERE)[0] == 404
    assert endpoint.ask("/api/{id}/task-protection/v1/state", "127.0.0.1")[0] == 404


def test_protection_is_refused_in_ecs_s_words():
    denied = Api({"UpdateTaskProtection": ApiError("AccessDeniedException", "User is not authorized", 400)})
    endpoint = Endpoint(denied, roleCredentials=ROLE)
    error = {"Arn": TASK, "Code": "AccessDeniedException", "Message": "User is not authorized"}
    assert endpoint.protect(ProtectionEnabled=False) == (400, {"error": error})
    failure = {"arn": TASK, "reason": "TASK_NOT_VALID", "detail": "not a service's"}
    failed = Endpoint(Api({"UpdateTaskProtection": {"failures": [failure]}}), roleCredentials=ROLE)
    shown = {"Arn": TASK, "Reason": "TASK_NOT_VALID", "Detail": "not a service's"}
    assert failed.protect(ProtectionEnabled=True) == (200, {"failure": shown})
    for members in ({}, {"ProtectionEnabled": 1}, {"ProtectionEnabled": True, "Unknown": 1}):
        status, answer = endpoint.protect(**members)
        assert (status, answer["error"]["Code"]) == (400, "InvalidParameterException")
    status, answer = Endpoint(denied).protect(ProtectionEnabled=True)
    assert (status, answer["error"]["Code"]) == (403, "AccessDeniedException")


def test_faults_are_not_injected():
    answer = Endpoint().ask("/api/{id}/fault/v1/network-latency/start", method="POST", body=b"{}")
    assert answer == (400, {"Error": f"enableFaultInjection is not enabled for task: {TASK}"})


def test_a_task_that_asks_too_often_is_told_so():
    endpoint = Endpoint(limits=Limits(steady=0.001, burst=3))
    statuses = [endpoint.ask("/v4/{id}")[0] for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]


def test_a_bucket_fills_up_again_and_no_further():
    limits = Limits(steady=2, burst=3)
    assert [limits.take("a", 0.0) for _ in range(4)] == [True, True, True, False]
    assert limits.take("b", 0.0)
    assert [limits.take("a", 1.0) for _ in range(3)] == [True, True, False]
    assert [limits.take("a", 100.0) for _ in range(4)] == [True, True, True, False]
