"""What agents report: merged in order, never backwards, the same twice as once."""

from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane, refused
from podium.ecs.records import Stranger, Task
from podium.store.records import replace

DIGEST = "sha256:" + "0" * 64
BINDING = {"bindIP": "0.0.0.0", "containerPort": 80, "hostPort": 32768, "protocol": "tcp"}


@pytest.fixture
def task(plane: Plane) -> str:
    """The ARN of a PENDING task with an essential container `app` and an inessential `side`."""
    plane.ready(instances=1)
    plane.define("web", {}, {"name": "side", "essential": False})
    return str(plane.ecs.run_task(taskDefinition="web")["tasks"][0]["taskArn"])


def shown(plane: Plane, task: str) -> dict[str, Any]:
    return dict(plane.ecs.describe_tasks(tasks=[task])["tasks"][0])


def container(plane: Plane, task: str, name: str = "app") -> dict[str, Any]:
    return next(c for c in shown(plane, task)["containers"] if c["name"] == name)


def test_every_report_is_acknowledged(plane: Plane, task: str) -> None:
    agent = plane.as_instance(plane.record(Task, task).container_instance_arn or "")
    told = agent.submit_task_state_change(cluster="default", task=task, status="RUNNING")
    assert told["acknowledgment"] == "ACK"
    told = agent.submit_container_state_change(cluster="default", task=task, containerName="app", status="STOPPED")
    assert told["acknowledgment"] == "ACK"
    assert agent.submit_attachment_state_changes(cluster="default", attachments=[])["acknowledgment"] == "ACK"


def test_a_running_report_makes_the_task_run(plane: Plane, task: str) -> None:
    plane.report(task, "RUNNING", {"containerName": "app", "status": "RUNNING", "runtimeId": "r1"})
    assert (shown(plane, task)["lastStatus"], shown(plane, task)["startedAt"]) == ("RUNNING", plane.clock.time)
    assert (container(plane, task)["lastStatus"], container(plane, task)["runtimeId"]) == ("RUNNING", "r1")
    assert container(plane, task, "side")["lastStatus"] == "PENDING"


def test_a_digest_comes_before_the_container_runs(plane: Plane, task: str) -> None:
    plane.report(task, "PENDING", {"containerName": "app", "status": "PENDING", "imageDigest": DIGEST})
    assert shown(plane, task)["lastStatus"] == "PENDING"
    assert container(plane, task)["imageDigest"] == DIGEST


def test_what_an_entry_leaves_out_stays(plane: Plane, task: str) -> None:
    first = {"containerName": "app", "status": "RUNNING", "runtimeId": "r1", "networkBindings": [BINDING]}
    plane.report(task, "RUNNING", {**first, "imageDigest": DIGEST})
    plane.report(task, "STOPPED", {"containerName": "app", "status": "STOPPED", "exitCode": 3})
    after = container(plane, task)
    assert (after["runtimeId"], after["imageDigest"], after["networkBindings"]) == ("r1", DIGEST, [BINDING])
    assert after["exitCode"] == 3


def test_a_container_may_be_listed_twice_in_order(plane: Plane, task: str) -> None:
    plane.report(
        task,
        "RUNNING",
        {"containerName": "side", "status": "RUNNING", "runtimeId": "s1"},
        {"containerName": "side", "status": "STOPPED", "exitCode": 0},
    )
    side = container(plane, task, "side")
    assert (side["lastStatus"], side["exitCode"], side["runtimeId"]) == ("STOPPED", 0, "s1")
    assert shown(plane, task)["lastStatus"] == "RUNNING"


def test_a_running_entry_may_already_have_an_exit_code(plane: Plane, task: str) -> None:
    plane.report(task, "RUNNING", {"containerName": "side", "status": "RUNNING", "exitCode": 9})
    assert container(plane, task, "side")["exitCode"] == 9


def test_a_late_report_takes_nothing_back(plane: Plane, task: str) -> None:
    plane.report(task, "RUNNING")
    plane.exit(task, 7)
    before = shown(plane, task)
    plane.report(task, "RUNNING")
    plane.report(task, "PENDING")
    assert shown(plane, task) == before
    assert (before["lastStatus"], container(plane, task)["exitCode"]) == ("STOPPED", 7)


def test_the_same_report_twice_changes_nothing_the_second_time(plane: Plane, task: str) -> None:
    plane.report(task, "RUNNING")
    before = plane.record(Task, task)
    plane.report(task, "RUNNING")
    assert plane.record(Task, task) == before


def test_a_task_may_stop_without_ever_having_run(plane: Plane, task: str) -> None:
    plane.fail_to_start(task)
    after = shown(plane, task)
    assert (after["lastStatus"], after["stopCode"]) == ("STOPPED", "TaskFailedToStart")
    assert "startedAt" not in after
    assert {c["lastStatus"] for c in after["containers"]} == {"STOPPED"}


def test_a_stopped_task_has_only_stopped_containers(plane: Plane, task: str) -> None:
    plane.report(task, "RUNNING")
    plane.report(task, "STOPPED", {"containerName": "app", "status": "STOPPED", "exitCode": 1})
    assert {c["lastStatus"] for c in shown(plane, task)["containers"]} == {"STOPPED"}


def test_one_container_can_be_reported_alone(plane: Plane, task: str) -> None:
    plane.ecs.submit_container_state_change(
        cluster="default", task=task, containerName="side", status="STOPPED", exitCode=4, runtimeId="s1"
    )
    side = container(plane, task, "side")
    assert (side["lastStatus"], side["exitCode"], side["runtimeId"]) == ("STOPPED", 4, "s1")
    assert shown(plane, task)["lastStatus"] == "PENDING"


def test_containers_that_the_definition_does_not_have_are_passed_over(plane: Plane, task: str) -> None:
    plane.report(task, "RUNNING", {"containerName": "~internal~pause", "status": "RUNNING"})
    assert [c["name"] for c in shown(plane, task)["containers"]] == ["app", "side"]


def test_a_long_reason_is_cut(plane: Plane, task: str) -> None:
    plane.fail_to_start(task, "CannotPullContainerError: " + "x" * 2000)
    assert len(container(plane, task)["reason"]) == 1024


def test_the_service_of_a_task_that_stopped_is_woken_by_the_report(plane: Plane) -> None:
    plane.ready(instances=1)
    plane.serve("web", desired=1)
    [task] = plane.tasks("web")
    plane.fail_to_start(task.arn)
    plane.run()
    assert [t.arn for t in plane.tasks("web")] != [task.arn]


def test_a_task_of_this_account_that_is_not_on_record_is_acknowledged(plane: Plane) -> None:
    plane.ready(instances=1)
    arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/default/{'f' * 32}"
    told = plane.ecs.submit_task_state_change(cluster="default", task=arn, status="RUNNING")
    assert told["acknowledgment"] == "ACK"


def test_a_task_of_somebody_else_is_refused_so_that_the_agent_drops_it(plane: Plane) -> None:
    arn = f"arn:aws:ecs:{REGION}:999999999999:task/default/{'f' * 32}"
    with refused("InvalidParameterException", "The referenced task was not found."):
        plane.ecs.submit_task_state_change(cluster="default", task=arn, status="RUNNING")


def test_a_stranger_that_stopped_is_forgotten(plane: Plane) -> None:
    plane.ready(instances=1)
    arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/default/{'f' * 32}"
    cluster = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/default"
    stranger = Stranger(arn=arn, cluster_arn=cluster, container_instance_arn="i", seen_at=plane.clock.time)
    plane.write(lambda tx: tx.put(stranger))
    plane.ecs.submit_task_state_change(cluster="default", task=arn, status="STOPPED")
    assert plane.records(Stranger) == []


def test_health_published_after_the_task_stopped_is_no_news(plane: Plane, task: str) -> None:
    plane.exit(task)
    before = plane.record(Task, task)
    plane.health(task, "HEALTHY")
    assert plane.record(Task, task) == before


def test_a_status_that_no_agent_may_send_moves_nothing(plane: Plane, task: str) -> None:
    plane.report(task, "RUNNING", {"containerName": "side", "status": "CREATED", "runtimeId": "s1"})
    side = container(plane, task, "side")
    assert (side["lastStatus"], side["runtimeId"]) == ("PENDING", "s1")


def test_a_range_of_ports_is_shown_as_reported(plane: Plane, task: str) -> None:
    ports = {"bindIP": "0.0.0.0", "containerPortRange": "7000-7010", "hostPortRange": "40000-40010", "protocol": "tcp"}
    plane.report(task, "RUNNING", {"containerName": "app", "status": "RUNNING", "networkBindings": [ports]})
    assert container(plane, task)["networkBindings"] == [ports]


def test_an_attachment_that_arrived_is_attached_and_nothing_else_changes(plane: Plane, task: str) -> None:
    interface = {"id": "7f", "type": "ElasticNetworkInterface", "status": "PRECREATED", "details": []}
    record = plane.record(Task, task)
    plane.write(lambda tx: tx.put(replace(record, attachments=(interface, {**interface, "id": "8f"}))))
    told = [{"attachmentArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:attachment/7f", "status": "ATTACHED"}]
    plane.ecs.submit_task_state_change(cluster="default", task=task, attachments=told)
    after = shown(plane, task)
    assert [a["status"] for a in after["attachments"]] == ["ATTACHED", "PRECREATED"]
    assert after["lastStatus"] == "PENDING"


def test_a_managed_agent_is_shown_as_its_agent_tells(plane: Plane, task: str) -> None:
    plane.write(lambda tx: tx.put(replace(plane.record(Task, task), enable_execute_command=True)))
    plane.report(task, "RUNNING")
    told = {"containerName": "app", "managedAgentName": "ExecuteCommandAgent"}
    for status in ("RUNNING", "STOPPED"):
        plane.ecs.submit_task_state_change(
            cluster="default", task=task, status="PENDING", managedAgents=[{**told, "status": status, "reason": "r"}]
        )
        [agent] = container(plane, task)["managedAgents"]
        assert agent == {
            "name": "ExecuteCommandAgent",
            "lastStatus": status,
            "reason": "r",
            "lastStartedAt": plane.clock.time,
        }
    assert shown(plane, task)["lastStatus"] == "RUNNING"


def test_a_refused_tasks_reason_is_the_tasks(plane: Plane, task: str) -> None:
    reason = "UnrecogniedTaskError: Error loading task - bad"
    plane.ecs.submit_task_state_change(cluster="default", task=task, status="STOPPED", reason=reason)
    after = shown(plane, task)
    assert (after["stopCode"], after["stoppedReason"]) == ("TaskFailedToStart", reason)
