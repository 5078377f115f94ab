"""Services of the DAEMON strategy: one task on every instance that may have it."""

from typing import Any

import pytest

from inprocess import Plane, refused
from podium.ecs.controllers import daemon_services
from podium.ecs.records import DaemonServiceReservation, Task

INVALID = "InvalidParameterException"


@pytest.fixture
def ecs(plane: Plane) -> Any:
    plane.ready()
    return plane.ecs


def daemon(plane: Plane, **members: Any) -> None:
    plane.ecs.create_service(serviceName="web", taskDefinition="web", schedulingStrategy="DAEMON", **members)
    plane.run()


def homes(plane: Plane) -> list[str | None]:
    return sorted(t.container_instance_arn or "" for t in plane.tasks("web"))


def instances(ecs: Any) -> list[str]:
    return sorted(ecs.list_container_instances()["containerInstanceArns"])


def test_every_instance_has_one_task_and_they_are_the_desired_count(plane: Plane, ecs: Any) -> None:
    daemon(plane)
    assert homes(plane) == instances(ecs)
    [service] = ecs.describe_services(services=["web"])["services"]
    assert (service["desiredCount"], service["schedulingStrategy"]) == (3, "DAEMON")
    configuration = service["deploymentConfiguration"]
    assert (configuration["minimumHealthyPercent"], configuration["maximumPercent"]) == (0, 100)
    assert service["availabilityZoneRebalancing"] == "DISABLED"


def test_an_instance_that_joins_gets_its_task_and_one_that_drains_loses_it(plane: Plane, ecs: Any) -> None:
    daemon(plane)
    plane.obey()
    [new] = plane.join(instances=1)
    plane.run()
    assert new in homes(plane)
    ecs.update_container_instances_state(containerInstances=[new], status="DRAINING")
    plane.run()
    assert (new in homes(plane), len(homes(plane))) == (False, 3)


def test_on_an_instance_that_drains_daemons_are_the_last_to_go(plane: Plane, ecs: Any) -> None:
    for name in ("daemon", "other"):
        ecs.create_service(serviceName=name, taskDefinition="web", schedulingStrategy="DAEMON")
    plane.settle()
    instance = str(plane.tasks("daemon")[0].container_instance_arn)
    [alone] = ecs.start_task(taskDefinition="web", containerInstances=[instance])["tasks"]
    plane.obey()
    ecs.update_container_instances_state(containerInstances=[instance], status="DRAINING")
    plane.advance(300)
    here = [t for t in plane.tasks() if t.container_instance_arn == instance]
    assert sorted(t.group for t in here) == ["family:web", "service:daemon", "service:other"]
    ecs.stop_task(task=alone["taskArn"])
    plane.obey()
    plane.advance(31)
    assert [t for t in plane.tasks() if t.container_instance_arn == instance] == []


def test_only_instances_that_meet_the_constraints_count(plane: Plane, ecs: Any) -> None:
    chosen = instances(ecs)[0]
    ecs.put_attributes(attributes=[{"name": "role", "value": "edge", "targetId": chosen}])
    daemon(plane, placementConstraints=[{"type": "memberOf", "expression": "attribute:role == edge"}])
    assert homes(plane) == [chosen]
    ecs.delete_attributes(attributes=[{"name": "role", "targetId": chosen}])
    plane.run()
    assert homes(plane) == []
    assert plane.service().desired_count == 0


def test_running_daemons_of_which_nothing_is_known_make_up_the_minimum(plane: Plane, ecs: Any) -> None:
    plane.define("web", {"healthCheck": {"command": ["CMD", "true"]}})
    daemon(plane, deploymentConfiguration={"minimumHealthyPercent": 50, "maximumPercent": 100})
    plane.obey()
    ecs.update_service(service="web", forceNewDeployment=True)
    plane.run()
    stays = [t for t in plane.tasks("web") if t.last_status == "RUNNING" and t.desired_status == "RUNNING"]
    assert len(stays) == 2, "half of three, rounded up"


def test_a_full_instance_still_counts_and_gets_its_task_when_there_is_room(plane: Plane, ecs: Any) -> None:
    plane.define("big", {"memory": 8192})
    full = ecs.run_task(taskDefinition="big")["tasks"][0]
    daemon(plane)
    assert (len(homes(plane)), plane.service().desired_count) == (2, 3)
    assert any("has insufficient memory available" in event for event in plane.events())
    plane.exit(full["taskArn"])
    plane.advance(60)
    assert len(homes(plane)) == 3


def ran(ecs: Any, memory: int, count: int = 1) -> tuple[int, set[str]]:
    """How many tasks of that many MiB find room, and why the others do not."""
    overrides = {"containerOverrides": [{"name": "app", "memory": memory}]}
    answer = ecs.run_task(taskDefinition="filler", count=count, overrides=overrides)
    return len(answer["tasks"]), {failure["reason"] for failure in answer["failures"]}


@pytest.fixture
def one_instance(plane: Plane) -> str:
    """Of 1,024 MiB. The daemon's tasks need 128 of them."""
    plane.ecs.create_cluster()
    [instance] = plane.join(instances=1, memory=1024)
    plane.define()
    plane.define("filler")
    return instance


def test_what_a_larger_task_needs_is_kept_for_it_while_the_old_one_stops(plane: Plane, one_instance: str) -> None:
    daemon(plane)
    plane.settle()
    plane.define("web", {"memory": 512})
    plane.ecs.update_service(service="web", taskDefinition="web:2")
    plane.run()
    assert ran(plane.ecs, 256, 4) == (2, {"RESOURCE:MEMORY"})
    plane.settle()
    assert homes(plane) == [one_instance]
    assert {t.task_definition_arn.rpartition(":")[2] for t in plane.tasks("web")} == {"2"}


def test_room_that_comes_free_is_the_daemon_s_that_waits_for_it(plane: Plane, one_instance: str) -> None:
    large, small = (
        plane.ecs.run_task(taskDefinition=plane.define("filler", {"memory": m}))["tasks"][0] for m in (900, 64)
    )
    daemon(plane)
    plane.obey()
    assert homes(plane) == []
    plane.exit(small["taskArn"])
    assert ran(plane.ecs, 64) == (0, {"RESOURCE:MEMORY"})
    plane.exit(large["taskArn"])
    assert ran(plane.ecs, 128, 8) == (7, {"RESOURCE:MEMORY"})
    plane.advance(60)
    assert homes(plane) == [one_instance]


def test_an_instance_keeps_room_for_its_daemons_before_its_agent_connects(plane: Plane) -> None:
    plane.ecs.create_cluster()
    plane.define()
    plane.define("filler")
    for name in ("web", "other"):
        plane.ecs.create_service(serviceName=name, taskDefinition="web", schedulingStrategy="DAEMON")
    plane.run()
    [instance] = plane.join(instances=1, memory=1024, connected=False)
    plane.run()
    plane.connect(instance)
    assert ran(plane.ecs, 128, 8) == (6, {"RESOURCE:MEMORY"})
    plane.run()
    assert (homes(plane), len(plane.tasks("other"))) == ([instance], 1)


def test_start_task_may_have_the_room_that_is_kept(plane: Plane, one_instance: str) -> None:
    large = plane.ecs.run_task(taskDefinition=plane.define("large", {"memory": 960}))["tasks"][0]
    daemon(plane)
    assert ran(plane.ecs, 64) == (0, {"RESOURCE:MEMORY"})
    overrides = {"containerOverrides": [{"name": "app", "memory": 64}]}
    answer = plane.ecs.start_task(taskDefinition="filler", containerInstances=[one_instance], overrides=overrides)
    assert (len(answer["tasks"]), answer["failures"], large["lastStatus"]) == (1, [], "PENDING")


def test_an_instance_that_drained_still_has_the_daemon_s_room(plane: Plane, one_instance: str) -> None:
    daemon(plane)
    plane.settle()
    plane.ecs.update_container_instances_state(containerInstances=[one_instance], status="DRAINING")
    plane.obey()
    plane.ecs.update_container_instances_state(containerInstances=[one_instance], status="ACTIVE")
    assert homes(plane) == []
    assert ran(plane.ecs, 128, 8) == (7, {"RESOURCE:MEMORY"})
    plane.advance(60)
    assert homes(plane) == [one_instance]


def test_every_instance_keeps_room_also_where_one_pass_does_not_come_to_all(
    plane: Plane, ecs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daemon_services, "MOST_KEPT", 1)
    plane.define("filler", {"memory": 8192})
    ecs.run_task(taskDefinition="filler", count=3)
    daemon(plane)
    kept = {one.container_instance_arn for one in plane.records(DaemonServiceReservation)}
    assert (sorted(kept), homes(plane)) == (instances(ecs), [])
    ecs.delete_service(service="web")
    plane.run()
    assert plane.records(DaemonServiceReservation) == []


def test_room_that_a_daemon_gives_back_is_for_a_task_that_waits(plane: Plane) -> None:
    ecs, group = plane.ecs, "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:u:autoScalingGroupName/"
    managed = {"autoScalingGroupArn": f"{group}hosts", "managedScaling": {"status": "ENABLED"}}
    ecs.create_capacity_provider(name="hosts", autoScalingGroupProvider=managed)
    ecs.create_cluster(capacityProviders=["hosts"])
    plane.join(instances=1, memory=1024, attributes={"podium.auto-scaling-group": "hosts"})
    plane.define()
    strategy = [{"capacityProvider": "hosts", "weight": 1}]
    ecs.run_task(taskDefinition=plane.define("large", {"memory": 960}), capacityProviderStrategy=strategy)
    daemon(plane, launchType="EC2")
    waits = ecs.run_task(taskDefinition=plane.define("small", {"memory": 64}), capacityProviderStrategy=strategy)
    plane.run()
    arn = waits["tasks"][0]["taskArn"]
    assert plane.record(Task, arn).container_instance_arn is None
    ecs.delete_service(service="web")
    plane.run()
    assert plane.record(Task, arn).container_instance_arn is not None


def test_distinct_instance_says_nothing_that_a_daemon_is_not_anyway(plane: Plane, ecs: Any) -> None:
    daemon(plane, placementConstraints=[{"type": "distinctInstance"}])
    plane.settle()
    first = {t.arn for t in plane.tasks("web")}
    plane.advance(120)
    assert ({t.arn for t in plane.tasks("web")}, homes(plane)) == (first, instances(ecs))


@pytest.mark.parametrize("ends", ["too large", "port of the host", "deleted", "elsewhere"])
def test_nothing_is_kept_for_a_daemon_that_is_not_to_be_there(plane: Plane, one_instance: str, ends: str) -> None:
    plane.ecs.run_task(taskDefinition=plane.define("large", {"memory": 960}))
    ports = [{"containerPort": 22, "hostPort": 22 if ends == "port of the host" else 0}]
    plane.define("web", {"memory": 2048 if ends == "too large" else 128, "portMappings": ports})
    daemon(plane)
    if ends == "deleted":
        assert ran(plane.ecs, 64)[0] == 0
        plane.ecs.delete_service(service="web")
    if ends == "elsewhere":
        away = [{"type": "memberOf", "expression": "attribute:role == edge"}]
        plane.ecs.update_service(service="web", placementConstraints=away)
    plane.run()
    assert ran(plane.ecs, 64)[0] == 1
    assert plane.records(DaemonServiceReservation) == []


def test_a_new_definition_replaces_the_task_of_each_instance(plane: Plane, ecs: Any) -> None:
    daemon(plane)
    plane.settle()
    plane.define("web")
    ecs.update_service(service="web", taskDefinition="web:2")
    plane.settle()
    assert homes(plane) == instances(ecs)
    assert {t.task_definition_arn.rpartition(":")[2] for t in plane.tasks("web")} == {"2"}
    assert [d.rollout for d in plane.service().deployments] == ["COMPLETED"]


def test_an_instance_whose_agent_is_away_keeps_its_task(plane: Plane, ecs: Any) -> None:
    daemon(plane)
    plane.obey()
    away = instances(ecs)[0]
    plane.disconnect(away)
    plane.advance(60)
    assert away in homes(plane)


def test_while_agents_are_away_an_update_stops_no_more_than_the_percentage_allows(plane: Plane, ecs: Any) -> None:
    plane.join(instances=3)
    daemon(plane, deploymentConfiguration={"minimumHealthyPercent": 50, "maximumPercent": 100})
    plane.settle()
    for instance in instances(ecs):
        plane.disconnect(instance)
    plane.define("web")
    ecs.update_service(service="web", taskDefinition="web:2")
    plane.run()
    assert len(homes(plane)) == 3
    assert plane.service().desired_count == 6


def test_the_breaker_judges_by_the_instances_that_there_are_now(plane: Plane, ecs: Any) -> None:
    """Four failures are too many of seven, three of six: the third comes with the loss of an instance's agent."""
    plane.join(instances=4)
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
    daemon(plane, deploymentConfiguration={"minimumHealthyPercent": 0, "maximumPercent": 100, **breaker})
    plane.settle()
    plane.define("web")
    ecs.update_service(service="web", taskDefinition="web:2")
    plane.run()
    for task in plane.records(Task):
        plane.exit(task.arn, 143)
    plane.run()
    first, second, third, *_ = plane.tasks("web")
    plane.fail_to_start(first.arn)
    plane.run()
    plane.fail_to_start(second.arn)
    plane.fail_to_start(third.arn)
    plane.disconnect(str(third.container_instance_arn))
    plane.run()
    assert plane.service().primary.rollout == "FAILED"
    assert sum(t.started_by == plane.service().primary.id for t in plane.records(Task)) == 7 + 1


def test_room_is_kept_after_a_deployment_that_failed(plane: Plane, one_instance: str) -> None:
    plane.define("web")
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
    daemon(plane, deploymentConfiguration={"minimumHealthyPercent": 0, "maximumPercent": 100, **breaker})
    while plane.service().primary.rollout != "FAILED":
        for task in plane.tasks("web"):
            plane.fail_to_start(task.arn)
        plane.advance(60)
    assert ran(plane.ecs, 128, 8) == (7, {"RESOURCE:MEMORY"})
    plane.ecs.update_service(service="web", forceNewDeployment=True)
    plane.run()
    assert homes(plane) == [one_instance]


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        (
            {"desiredCount": 0},
            "The daemon scheduling strategy does not support a desired count for services. "
            "Remove the desired count value and try again",
        ),
        (
            {"placementStrategy": [{"type": "random"}]},
            "The daemon scheduling strategy does not support placement strategies. "
            "Remove the placement strategy and try again",
        ),
        (
            {"deploymentConfiguration": {"maximumPercent": 200}},
            "The daemon scheduling strategy does not support values above 100 for maximumPercent on a deployment "
            "configuration. Change the maximumPercent value to 100, and try again",
        ),
    ],
)
def test_what_it_does_not_go_with_is_refused(ecs: Any, members: dict[str, Any], sentence: str) -> None:
    with refused(INVALID, sentence):
        ecs.create_service(serviceName="web", taskDefinition="web", schedulingStrategy="DAEMON", **members)


def test_its_count_cannot_be_updated_and_it_is_deleted_without_force(plane: Plane, ecs: Any) -> None:
    daemon(plane)
    with refused(INVALID):
        ecs.update_service(service="web", desiredCount=0)
    ecs.delete_service(service="web")
    plane.run()
    assert plane.tasks("web") == []
