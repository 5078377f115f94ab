"""The roles of tasks: who is let in, what agents are sent, and who a task is once it has its credentials."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from inprocess import ACCOUNT, Plane, refused
from people import allow, role, role_arn, trust
from podium.ecs.acs import assignments, role_credentials
from podium.ecs.acs.role_credentials import LIFETIME, Mint, RoleCredentials
from podium.ecs.names import task_id
from podium.ecs.records import Task, TaskStatus
from podium.ecs.task_roles import RoleNotAssumable
from podium_protocol import acs
from podium_protocol.envelope import Message

TASKS = trust("ecs-tasks.amazonaws.com")
SENTENCE = (
    "ECS was unable to assume the role '{}' that was provided for this task. Please verify that the role being passed "
    "has the proper trust relationship and permissions and that your IAM user has permissions to pass this role."
)


@pytest.fixture
def ecs(plane: Plane) -> Any:
    plane.ecs.create_cluster()
    plane.join(instances=1, attributes={"com.amazonaws.ecs.capability.task-iam-role": ""})
    return plane.ecs


def run(plane: Plane, **members: Any) -> Task:
    """A task of the definition `web`."""
    [task] = plane.ecs.run_task(taskDefinition="web", **members)["tasks"]
    return plane.record(Task, task["taskArn"])


def payload_of(plane: Plane, task: Task) -> Message:
    """The payload of a task as it waits to be sent."""
    found = plane.read(lambda tx: assignments.of_task(tx, plane.record(Task, task.arn)))
    assert found.payload is not None
    return acs.payload({"messageId": "m", "tasks": [found.payload]})


def filled(plane: Plane, message: Message) -> Message:
    mint = Mint(sealer=plane.sealer, ids=plane.ids)
    found = plane.read(lambda tx: mint.filled(tx, message, plane.clock.now()))
    assert found is not None
    return found


def credentials(plane: Plane, task: Task, member: str = "roleCredentials") -> dict[str, Any]:
    return dict(filled(plane, payload_of(plane, task)).body["tasks"][0][member])


def as_task(plane: Plane, task: Task, service: str) -> Any:
    given = credentials(plane, task)
    return plane.client(service, key=(given["accessKeyId"], given["secretAccessKey"], given["sessionToken"]))


@pytest.mark.parametrize("member", ["taskRoleArn", "executionRoleArn"])
@pytest.mark.parametrize("trusted", [None, trust("ec2.amazonaws.com"), trust(ACCOUNT)])
def test_a_role_that_is_missing_or_trusts_others_starts_no_task(
    plane: Plane, ecs: Any, member: str, trusted: str | None
) -> None:
    if trusted is not None:
        role(plane, "r", trusted)
    plane.define("web", **{member: role_arn("r")})
    with refused("ClientException", SENTENCE.format(role_arn("r"))):
        ecs.run_task(taskDefinition="web")
    [instance] = ecs.list_container_instances()["containerInstanceArns"]
    with refused("ClientException", SENTENCE.format(role_arn("r"))):
        ecs.start_task(taskDefinition="web", containerInstances=[instance])
    assert plane.records(Task) == []


def test_a_role_may_trust_the_tasks_of_one_account_and_region_alone(plane: Plane, ecs: Any) -> None:
    source = f"arn:aws:ecs:us-east-1:{ACCOUNT}:*"
    narrow = {"ArnLike": {"aws:SourceArn": source}, "StringEquals": {"aws:SourceAccount": ACCOUNT}}
    role(plane, "ours", trust("ecs-tasks.amazonaws.com", Condition=narrow))
    role(plane, "theirs", trust("ecs-tasks.amazonaws.com", Condition={"StringEquals": {"aws:SourceAccount": "1" * 12}}))
    plane.define("web", taskRoleArn=role_arn("ours"))
    assert credentials(plane, run(plane))["roleArn"] == role_arn("ours")
    with refused("ClientException", SENTENCE.format(role_arn("theirs"))):
        run(plane, overrides={"taskRoleArn": role_arn("theirs")})


def test_a_service_whose_role_cannot_be_assumed_says_so_and_starts_once_it_can(plane: Plane, ecs: Any) -> None:
    plane.define("web", taskRoleArn=role_arn("r"))
    plane.serve("web", 1)
    assert plane.events()[-1] == f"failed to launch a task with (error {SENTENCE.format(role_arn('r'))})."
    role(plane, "r", TASKS)
    plane.advance(60)
    assert len(plane.tasks("web")) == 1


def test_what_waits_to_be_sent_and_what_is_kept_hold_no_secret(plane: Plane, ecs: Any) -> None:
    role(plane, "r", TASKS)
    plane.define("web", taskRoleArn=role_arn("r"), executionRoleArn=role_arn("r"))
    task = run(plane)
    waiting = payload_of(plane, task).body["tasks"][0]
    for member, kind in (("roleCredentials", "TaskApplication"), ("executionRoleCredentials", "TaskExecution")):
        assert waiting[member] == {"credentialsId": task.credentials_ids[kind], "roleArn": role_arn("r")}
    secret = credentials(plane, task)["secretAccessKey"]
    assert secret not in repr(plane.record(Task, task.arn))
    assert len(set(task.credentials_ids.values())) == 2
    shown = json.dumps(ecs.describe_tasks(tasks=[task.arn]), default=str)
    assert not any(identity in shown for identity in task.credentials_ids.values())


def test_a_task_acts_as_its_role_in_a_session_named_after_it(plane: Plane, ecs: Any) -> None:
    role(plane, "web-role", TASKS, allow("ecs:ListClusters"))
    plane.define("web", taskRoleArn=role_arn("web-role"))
    task = run(plane)
    told = as_task(plane, task, "sts").get_caller_identity()
    assert told["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/web-role/{task_id(task.arn)}"
    assert as_task(plane, task, "ecs").list_clusters()["clusterArns"]
    with refused("AccessDeniedException"):
        as_task(plane, task, "ecs").list_services()


def test_a_role_in_the_overrides_takes_the_place_of_the_definition_s(plane: Plane, ecs: Any) -> None:
    role(plane, "usual", TASKS)
    role(plane, "special", TASKS)
    plane.define("web", taskRoleArn=role_arn("usual"))
    task = run(plane, overrides={"taskRoleArn": role_arn("special")})
    assert credentials(plane, task)["roleArn"] == role_arn("special")


def test_credentials_change_and_keep_their_id_and_last_six_hours(plane: Plane, ecs: Any) -> None:
    role(plane, "r", TASKS)
    plane.define("web", taskRoleArn=role_arn("r"))
    task = run(plane)
    first = credentials(plane, task)
    assert first["expiration"] == (plane.clock.now() + LIFETIME).strftime("%Y-%m-%dT%H:%M:%SZ")
    plane.clock.time += timedelta(hours=3)
    second = credentials(plane, task)
    assert first["credentialsId"] == second["credentialsId"]
    assert not {first["accessKeyId"], first["sessionToken"]} & {second["accessKeyId"], second["sessionToken"]}
    plane.clock.time += timedelta(hours=3)
    key = (first["accessKeyId"], first["secretAccessKey"], first["sessionToken"])
    with refused("ExpiredToken"):
        plane.client("sts", key=key).get_caller_identity()


def test_a_task_that_is_to_stop_is_sent_no_credentials(plane: Plane, ecs: Any) -> None:
    role(plane, "r", TASKS)
    plane.define("web", taskRoleArn=role_arn("r"))
    task = run(plane)
    ecs.stop_task(task=task.arn)
    assert not role_credentials.is_wanting(payload_of(plane, task))


def test_a_role_lost_before_the_task_began_stops_it_and_one_lost_later_does_not(plane: Plane, ecs: Any) -> None:
    role(plane, "r", TASKS)
    plane.define("web", taskRoleArn=role_arn("r"))
    new, old = run(plane), run(plane)
    plane.report(old.arn, "RUNNING")
    plane.client("iam").delete_role(RoleName="r")
    with pytest.raises(RoleNotAssumable) as caught:
        filled(plane, payload_of(plane, new))
    plane.write(lambda tx: role_credentials.give_up(tx, payload_of(plane, new), str(caught.value), plane.clock.now()))
    stopped = plane.record(Task, new.arn)
    assert (stopped.desired_status, stopped.stopped_reason) == (TaskStatus.STOPPED, SENTENCE.format(role_arn("r")))
    assert "roleCredentials" not in filled(plane, payload_of(plane, old)).body["tasks"][0]


class Sending:
    """What one agent is sent, and the time."""

    def __init__(self, plane: Plane, task: Task) -> None:
        self.plane, self.start = plane, plane.clock.now()
        self.roles = RoleCredentials(plane.ids)
        self.payload = self.send(payload_of(plane, task))

    def send(self, message: Message) -> Message:
        sent = filled(self.plane, message)
        self.roles.sent(sent, self.plane.clock.now())
        return sent

    def due(self, after: timedelta) -> Sequence[Message]:
        self.plane.clock.time = self.start + after
        return [self.send(m) for m in self.roles.due(self.plane.clock.now())]

    def acknowledge(self, given: Any) -> None:
        self.roles.acknowledged({"credentialsId": given["credentialsId"], "expiration": given["expiration"]})


@pytest.fixture
def sending(plane: Plane, ecs: Any) -> Sending:
    role(plane, "r", TASKS)
    plane.define("web", taskRoleArn=role_arn("r"))
    return Sending(plane, run(plane))


def test_what_nobody_acknowledges_is_sent_again(sending: Sending) -> None:
    assert sending.due(timedelta(seconds=29)) == []
    [again] = sending.due(timedelta(seconds=30))
    assert (again.type, again.body["roleType"]) == (acs.CREDENTIALS, "TaskApplication")
    assert sending.due(timedelta(seconds=59)) == []
    assert len(sending.due(timedelta(seconds=60))) == 1


def test_what_was_acknowledged_is_renewed_halfway(sending: Sending) -> None:
    first = sending.payload.body["tasks"][0]["roleCredentials"]
    sending.acknowledge(first)
    assert sending.due(timedelta(minutes=179)) == []
    [renewed] = sending.due(timedelta(minutes=180))
    after = renewed.body["roleCredentials"]
    assert after["credentialsId"] == first["credentialsId"]
    assert after["expiration"] > first["expiration"]
    sending.acknowledge(first)
    assert len(sending.due(timedelta(minutes=181))) == 1, "an answer to the old ones is none to the new ones"


def test_a_task_that_is_over_is_sent_none(sending: Sending, plane: Plane) -> None:
    [message] = sending.roles.due(sending.start + timedelta(minutes=1))
    plane.exit(message.body["taskArn"])
    plane.run()
    mint = Mint(sealer=plane.sealer, ids=plane.ids)
    assert plane.read(lambda tx: mint.filled(tx, message, plane.clock.now())) is None
    sending.roles.over(message)
    assert sending.roles.due(sending.start + timedelta(hours=9)) == []


def test_a_cluster_may_leave_its_tasks_to_aws_itself(plane: Plane, ecs: Any) -> None:
    plane.define("web")
    task = run(plane)
    assert "apiEndpoint" not in payload_of(plane, task).body["tasks"][0]
    arn = task.cluster_arn
    ecs.tag_resource(resourceArn=arn, tags=[{"key": "podium:task-endpoint", "value": "aws"}])
    assert payload_of(plane, task).body["tasks"][0]["apiEndpoint"] == "aws"
