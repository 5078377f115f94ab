"""What the channel writes: connections, verified stops, strangers, tasks taken up again."""

from typing import Any

import pytest

from inprocess import ACCOUNT, CAPABILITIES, REGION, Plane
from podium.ecs.acs import assignments, links
from podium.ecs.records import ContainerInstance, Stranger, Task, TaskStatus
from podium.server.pages.instances import revoked

HOME = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
LOST = f"{HOME}:task/default/{'f' * 32}"


@pytest.fixture
def instance(plane: Plane) -> str:
    plane.ready(instances=0)
    [arn] = plane.join(instances=1)
    return arn


def verify(plane: Plane, instance: str, *told: dict[str, Any]) -> list[str]:
    return plane.write(lambda tx: links.stops_meant(tx, instance, told, plane.clock.time))


def heard(plane: Plane, instance: str) -> dict[str, str]:
    """What an agent that connects now would be told: task ARN -> desired status."""
    return {a.task_arn: a.desired for a in plane.read(lambda tx: assignments.of_instance(tx, instance))}


def test_connecting_keeps_the_agents_versions(plane: Plane, instance: str) -> None:
    record = plane.record(ContainerInstance, instance)
    assert record.agent_connected
    assert (record.agent_version, record.agent_hash) == ("1.90.0", "0123abcd")
    plane.disconnect(instance)
    assert not plane.record(ContainerInstance, instance).agent_connected


def test_disconnecting_twice_changes_nothing_the_second_time(plane: Plane, instance: str) -> None:
    plane.disconnect(instance)
    before = plane.record(ContainerInstance, instance)
    plane.disconnect(instance)
    assert plane.record(ContainerInstance, instance) == before


def test_an_instance_nobody_registered_cannot_connect(plane: Plane) -> None:
    assert plane.connect(f"{HOME}:container-instance/default/{'0' * 32}") is None


def test_tasks_show_whether_their_agent_is_there(plane: Plane, instance: str) -> None:
    [task] = plane.ecs.run_task(taskDefinition="web")["tasks"]
    assert task["connectivity"] == "CONNECTED"
    plane.disconnect(instance)
    assert plane.ecs.describe_tasks(tasks=[task["taskArn"]])["tasks"][0]["connectivity"] == "DISCONNECTED"


def test_an_agent_hears_of_every_task_until_it_has_stopped(plane: Plane, instance: str) -> None:
    task = plane.ecs.run_task(taskDefinition="web")["tasks"][0]["taskArn"]
    assert heard(plane, instance) == {task: "RUNNING"}
    plane.report(task, "RUNNING")
    plane.ecs.stop_task(task=task)
    assert heard(plane, instance) == {task: "STOPPED"}
    plane.run()
    assert heard(plane, instance) == {task: "STOPPED"}
    plane.exit(task)
    assert heard(plane, instance) == {}


def test_only_tasks_on_record_as_stopping_or_stopped_are_stopped(plane: Plane, instance: str) -> None:
    running, stopping, stopped = (t["taskArn"] for t in plane.ecs.run_task(taskDefinition="web", count=3)["tasks"])
    plane.ecs.stop_task(task=stopping)
    plane.exit(stopped)
    told = [{"taskArn": arn} for arn in (running, stopping, stopped)]
    assert verify(plane, instance, *told) == [stopping, stopped]


def test_a_task_that_nobody_knows_is_left_running_and_remembered(plane: Plane, instance: str) -> None:
    assert verify(plane, instance, {"taskArn": LOST}) == []
    [stranger] = plane.records(Stranger)
    assert (stranger.arn, stranger.container_instance_arn) == (LOST, instance)
    assert heard(plane, instance) == {}
    assert verify(plane, instance, {"taskArn": LOST}) == []
    assert plane.records(Stranger) == [stranger]


def test_a_stranger_stops_when_somebody_asks_for_it(plane: Plane, instance: str) -> None:
    verify(plane, instance, {"taskArn": LOST})
    answer = plane.ecs.stop_task(task=LOST)["task"]
    assert (answer["desiredStatus"], answer["taskArn"]) == ("STOPPED", LOST)
    assert heard(plane, instance) == {LOST: "STOPPED"}
    plane.ecs.submit_task_state_change(cluster="default", task=LOST, status="STOPPED")
    assert heard(plane, instance) == {}


def test_a_lost_task_of_a_known_definition_is_taken_up(plane: Plane, instance: str) -> None:
    told = {"taskArn": LOST, "family": "web", "version": "1", "group": "family:web"}
    assert verify(plane, instance, told) == []
    task = plane.record(Task, LOST)
    assert (task.last_status, task.desired_status) == (TaskStatus.RUNNING, TaskStatus.RUNNING)
    assert (task.container_instance_arn, task.service_arn, task.memory_mib) == (instance, None, 128)
    assert plane.records(Stranger) == []
    [shown] = plane.ecs.describe_tasks(tasks=[LOST])["tasks"]
    assert shown["lastStatus"] == "RUNNING"


def test_a_lost_task_that_is_taken_up_holds_all_that_a_new_one_of_its_definition_would(
    plane: Plane, instance: str
) -> None:
    check = {"command": ["NONE"]}
    plane.define("port", {"portMappings": [{"containerPort": 80, "hostPort": 8080}], "healthCheck": check})
    verify(plane, instance, {"taskArn": LOST, "family": "port", "version": "1", "group": "family:port"})
    task = plane.record(Task, LOST)
    assert (task.ports, task.checked) == ((8080,), False)
    reasons = {f["arn"]: f["reason"] for f in plane.ecs.run_task(taskDefinition="port", count=9)["failures"]}
    assert reasons[instance] == "RESOURCE:PORTS"


def test_a_lost_task_that_is_taken_up_has_gpus_that_nobody_else_gets(plane: Plane) -> None:
    gpus = {"name": "GPU", "type": "STRINGSET", "stringSetValue": ["GPU-a", "GPU-b"]}
    plane.ecs.create_cluster(clusterName="other")
    instance = plane.ecs.register_container_instance(
        cluster="other",
        totalResources=[*({"name": n, "type": "INTEGER", "integerValue": 4096} for n in ("CPU", "MEMORY")), gpus],
        attributes=[{"name": name} for name in CAPABILITIES],
    )["containerInstance"]["containerInstanceArn"]
    plane.connect(instance)
    plane.define("gpu", {"resourceRequirements": [{"type": "GPU", "value": "1"}]})
    lost = LOST.replace("/default/", "/other/")
    verify(plane, instance, {"taskArn": lost, "family": "gpu", "version": "1", "group": "family:gpu"})
    [made] = plane.ecs.run_task(cluster="other", taskDefinition="gpu", count=2)["tasks"]
    held = [gpu for arn in (lost, made["taskArn"]) for gpu in plane.record(Task, arn).gpu_ids]
    assert sorted(held) == ["GPU-a", "GPU-b"]


def test_a_lost_task_of_a_known_service_counts_for_it_again(plane: Plane, instance: str) -> None:
    """So that no second one is started beside it."""
    plane.ecs.create_service(serviceName="web", taskDefinition="web", desiredCount=1)
    verify(plane, instance, {"taskArn": LOST, "family": "web", "version": "1", "group": "service:web"})
    plane.settle()
    assert [t.arn for t in plane.tasks("web")] == [LOST]
    assert plane.ecs.describe_services(services=["web"])["services"][0]["runningCount"] == 1


def test_a_lost_task_of_an_older_revision_is_replaced_as_outdated(plane: Plane, instance: str) -> None:
    plane.define("web")
    plane.ecs.create_service(serviceName="web", taskDefinition="web:2", desiredCount=1)
    verify(plane, instance, {"taskArn": LOST, "family": "web", "version": "1", "group": "service:web"})
    plane.run()
    assert len(plane.tasks("web")) == 2
    plane.settle()
    [task] = plane.tasks("web")
    assert task.task_definition_arn.endswith(":2")


@pytest.mark.parametrize(
    "told",
    [
        {"taskArn": LOST, "family": "web", "version": "9", "group": "family:web"},
        {"taskArn": LOST, "family": "ghost", "version": "1"},
        {"taskArn": LOST, "family": "web", "version": "1", "group": "service:ghost"},
    ],
)
def test_a_task_whose_definition_or_service_is_unknown_is_a_stranger(
    plane: Plane, instance: str, told: dict[str, Any]
) -> None:
    verify(plane, instance, told)
    assert [s.arn for s in plane.records(Stranger)] == [LOST]
    assert plane.records(Task) == []


def test_nobody_is_connected_to_a_server_that_has_only_just_started(plane: Plane, instance: str) -> None:
    plane.write(lambda tx: links.all_disconnected(tx, plane.clock.time))
    assert not plane.record(ContainerInstance, instance).agent_connected


@pytest.mark.parametrize(
    "arn", ["", "x", f"{HOME}:task/other/{'f' * 32}", f"arn:aws:ecs:{REGION}:999999999999:task/default/{'f' * 32}"]
)
def test_what_cannot_be_a_task_of_the_instances_cluster_is_not_taken_up(plane: Plane, instance: str, arn: str) -> None:
    assert verify(plane, instance, {"taskArn": arn, "family": "web", "version": "1"}, {}) == []
    assert plane.records(Stranger) + plane.records(Task) == []


def test_a_revoked_instance_cannot_connect(plane: Plane, instance: str) -> None:
    plane.write(lambda tx: revoked(tx, instance, plane.clock.time))
    assert plane.connect(instance) is None
    assert not plane.record(ContainerInstance, instance).agent_connected


def test_a_task_counts_as_heard_of_once_its_agent_has_told_anything(plane: Plane, instance: str) -> None:
    def reported() -> list[bool]:
        return [a.reported for a in plane.read(lambda tx: assignments.of_instance(tx, instance))]

    task = plane.ecs.run_task(taskDefinition="web")["tasks"][0]["taskArn"]
    assert reported() == [False]
    plane.report(task, "PENDING", {"containerName": "app", "status": "PENDING", "imageDigest": "sha256:0"})
    assert reported() == [True]
    plane.ecs.stop_task(task=task)
    assert reported() == [False], "it says nothing about the stop"


def health(plane: Plane, instance: str) -> dict[str, Any]:
    [shown] = plane.ecs.describe_container_instances(
        containerInstances=[instance], include=["CONTAINER_INSTANCE_HEALTH"]
    )["containerInstances"]
    return dict(shown["healthStatus"])


def test_what_an_agent_finds_on_its_host_is_the_instances_health(plane: Plane, instance: str) -> None:
    def told(status: str, at: float) -> None:
        check = {"type": "ContainerRuntime", "status": status, "lastUpdated": at, "lastStatusChange": at - 1}
        plane.write(lambda tx: links.checks_reported(tx, instance, [check]))

    assert health(plane, instance) == {
        "overallStatus": "OK",
        "details": [{"type": "AGENT_CONNECTIVITY", "status": "OK"}],
    }
    told("IMPAIRED", 1795374428.921)
    after = health(plane, instance)
    assert (after["overallStatus"], after["details"][0]["type"]) == ("IMPAIRED", "CONTAINER_RUNTIME")
    assert after["details"][0]["lastUpdated"].timestamp() == pytest.approx(1795374428.921, abs=1)
    told("OK", 1795374400.0)
    assert health(plane, instance)["overallStatus"] == "IMPAIRED", "what is older is no news"
    told("OK", 1795374448.0)
    assert health(plane, instance)["overallStatus"] == "OK"
    plane.disconnect(instance)
    assert health(plane, instance)["overallStatus"] == "IMPAIRED"


@pytest.mark.parametrize(
    "told", [None, "x", [1, "y"], [{}], [{"type": "Moon", "status": "OK"}], [{"type": "Daemon", "status": "fine"}]]
)
def test_checks_that_say_nothing_known_are_passed_over(plane: Plane, instance: str, told: Any) -> None:
    before = plane.record(ContainerInstance, instance)
    plane.write(lambda tx: links.checks_reported(tx, instance, told))
    plane.write(lambda tx: links.health_reported(tx, instance, told))
    assert plane.write(lambda tx: links.stops_meant(tx, instance, told, plane.clock.time)) == []
    assert plane.record(ContainerInstance, instance) == before
