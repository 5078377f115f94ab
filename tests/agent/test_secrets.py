"""Values from Parameter Store and Secrets Manager on their way into Docker's body."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_agent import execution_role
from podium_agent.api import ApiError
from podium_agent.execution_role import ExecutionRole
from podium_agent.role_credentials import RoleCredentials
from podium_agent.secrets import SecretError, fetched, into, references
from podium_protocol import Message, acs
from podium_protocol.payload import Secret

TASK: Any = {"arn": "arn:aws:ecs:us-east-1:1:task/c/1", "executionRoleCredentials": {"credentialsId": "id"}}
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"
FAILED = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "


class ControlPlane:
    """Answers with what it was given, in turns, and keeps what it was asked, and with which key."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.keys: list[str] = []

    def signed_by(self, signer: Any) -> "ControlPlane":
        self.keys.append(f"{signer.credentials.access_key_id} {signer.service}")
        return self

    async def call(self, operation: str, request: Mapping[str, Any], *, prefix: str) -> dict[str, Any]:
        self.asked.append((f"{prefix}.{operation}", dict(request)))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)


def roles() -> RoleCredentials:
    held = RoleCredentials()
    credentials = {"credentialsId": "id", "accessKeyId": "ASIA", "secretAccessKey": "s", "sessionToken": "t"}
    held.take(Message(type=acs.CREDENTIALS, body={"taskArn": TASK["arn"], "roleCredentials": credentials}))
    return held


def secret(value_from: str, name: str = "X", target: str = "CONTAINER") -> Secret:
    provider = "asm" if ":secretsmanager:" in value_from else "ssm"
    return {"name": name, "valueFrom": value_from, "provider": provider, "target": target}


def filled(plane: ControlPlane, *secrets: Secret, body: dict[str, Any] | None = None) -> dict[str, Any]:
    api: Any = plane
    role = ExecutionRole(api, roles(), "us-east-1")
    return into(body or {}, asyncio.run(fetched(role, TASK, secrets)))


def failure(plane: ControlPlane, *secrets: Secret) -> str:
    with pytest.raises(SecretError) as caught:
        filled(plane, *secrets)
    return str(caught.value)


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution_role, "_FIRST_DELAY_SECONDS", 0.001)
    monkeypatch.setattr(execution_role, "_PATIENCE_SECONDS", 0.05)


def test_a_whole_secret_becomes_a_variable_beside_those_of_the_definition():
    plane = ControlPlane({"SecretString": "hunter2"})
    assert filled(plane, secret(SECRET), body={"Env": ["A=1"]})["Env"] == ["A=1", "X=hunter2"]
    assert plane.asked == [("secretsmanager.GetSecretValue", {"SecretId": SECRET})]
    assert plane.keys == ["ASIA secretsmanager"]


def test_a_json_key_and_a_stage_are_asked_for():
    plane = ControlPlane({"SecretString": '{"user": "me", "port": 5432}'}, {"SecretString": '{"port": 5432}'})
    made = filled(plane, secret(f"{SECRET}:user:AWSPREVIOUS:", "U"), secret(f"{SECRET}:port::v1", "P"))
    assert made["Env"] == ["U=me", "P=5432"]
    assert [request for _, request in plane.asked] == [
        {"SecretId": SECRET, "VersionStage": "AWSPREVIOUS"},
        {"SecretId": SECRET, "VersionId": "v1"},
    ]


def test_parameters_are_asked_for_in_batches_of_ten_by_name_or_arn():
    arn = "arn:aws:ssm:us-east-1:123456789012:parameter/a/b"
    names = [arn, *(f"n{number}" for number in range(10))]
    answers = [{"Name": "/a/b" if name == arn else name, "ARN": f"arn:{name}", "Value": f"v-{name}"} for name in names]
    answers[0]["ARN"] = arn
    plane = ControlPlane({"Parameters": answers[:10]}, {"Parameters": answers[10:]})
    made = filled(plane, *(secret(name, f"V{place}") for place, name in enumerate(names)))
    assert made["Env"] == [f"V{place}=v-{name}" for place, name in enumerate(names)]
    assert [len(request["Names"]) for _, request in plane.asked] == [10, 1]
    assert all(request["WithDecryption"] for _, request in plane.asked)
    assert set(plane.keys) == {"ASIA ssm"}


def test_one_value_in_two_variables_is_fetched_once():
    plane = ControlPlane({"Parameters": [{"Name": "n", "Value": "v"}]})
    assert filled(plane, secret("n", "A"), secret("n", "B"))["Env"] == ["A=v", "B=v"]


def test_a_log_driver_has_its_secret_as_an_option():
    body = {"Env": [], "HostConfig": {"LogConfig": {"Type": "splunk", "Config": {"a": "b"}}}}
    plane = ControlPlane({"SecretString": "token"})
    made = filled(plane, secret(SECRET, "splunk-token", "LOG_DRIVER"), body=body)
    assert made["HostConfig"]["LogConfig"] == {"Type": "splunk", "Config": {"a": "b", "splunk-token": "token"}}
    assert made["Env"] == []
    assert body["HostConfig"]["LogConfig"]["Config"] == {"a": "b"}


def test_a_refusal_is_asked_once_more_and_told_in_fargate_s_words():
    refused = ApiError("AccessDeniedException", "User: u is not authorized to perform: x", 400)
    assert failure(ControlPlane(refused, refused), secret(SECRET)) == (
        f"{FAILED}unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret "
        f"{SECRET} from secrets manager: AccessDeniedException: User: u is not authorized to perform: x"
    )
    assert failure(ControlPlane(refused, refused), secret("n")) == (
        f"{FAILED}unable to retrieve secrets from ssm: service call has been retried 1 time(s): "
        "AccessDeniedException: User: u is not authorized to perform: x"
    )


def test_a_value_that_no_variable_can_hold_is_not_said():
    told = failure(ControlPlane({"SecretString": "hidden\0"}), secret(SECRET))
    assert told == f"{FAILED}the value of X has a NUL character, which no variable can hold"


def test_a_missing_parameter_is_named():
    plane = ControlPlane({"Parameters": [{"Name": "here", "Value": "v"}], "InvalidParameters": ["gone"]})
    assert failure(plane, secret("here"), secret("gone", "Y")) == (
        f"{FAILED}unable to retrieve secrets from ssm: invalid ssm parameters: gone"
    )


@pytest.mark.parametrize("text", ['{"other": 1}', "no json", "[1]"])
def test_a_missing_key_is_named(text):
    assert failure(ControlPlane({"SecretString": text}), secret(f"{SECRET}:user::")) == (
        f"{FAILED}unable to retrieve secret from asm: "
        "retrieved secret from Secrets Manager did not contain json key user"
    )


@pytest.mark.parametrize(
    "value_from", [f"{SECRET}:user", f"{SECRET}:user:", f"{SECRET}:::::", "arn::::::::secretsmanager:"]
)
def test_a_reference_without_all_its_colons_is_none(value_from):
    with pytest.raises(references.NoValue, match="unexpected ARN format"):
        references.secret(value_from)


def test_who_is_not_reached_is_asked_again():
    plane = ControlPlane(OSError("refused"), EOFError(), {"SecretString": "late"})
    assert filled(plane, secret(SECRET))["Env"] == ["X=late"]


def test_who_is_never_reached_ends_the_wait_and_no_credentials_do_too():
    plane = ControlPlane(*[OSError("refused")] * 1000)
    assert "the control plane is not reached: refused" in failure(plane, secret(SECRET))
    api: Any = ControlPlane()
    nobody = ExecutionRole(api, RoleCredentials(), "us-east-1")
    with pytest.raises(SecretError, match="no credentials of the task's execution role have arrived"):
        asyncio.run(fetched(nobody, TASK, [secret(SECRET)]))


@given(st.dictionaries(st.text(min_size=1), st.text() | st.integers() | st.booleans() | st.none()))
def test_every_value_of_a_json_secret_is_had_as_text(held):
    answer = {"SecretString": json.dumps(held)}
    for key, value in held.items():
        found = references.SecretReference(secret_id=SECRET, json_key=key).value(answer)
        assert found == value if isinstance(value, str) else json.loads(found) == value
