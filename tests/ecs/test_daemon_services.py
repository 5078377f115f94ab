"""Services of the DAEMON strategy: one task on every instance that may have it."""

from typing import Any

import pytest

from inprocess import Plane, refused

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


def test_a_full_instance_still_counts_and_gets_its_task_when_there_is_room(plane: Plane, ecs: Any) -> None:
    plane.define("big", {"memory": 8192})
    full = ecs.run_task(taskDefinition="big")["tasks"][0]
    daemon(plane)
    assert (len(homes(plane)), plane.service().desired_count) == (2, 3)
    assert any("has insufficient memory available" in event for event in plane.events())
    plane.exit(full["taskArn"])
    plane.advance(60)
    assert len(homes(plane)) == 3


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
