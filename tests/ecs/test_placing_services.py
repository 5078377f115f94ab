"""Where a service's tasks go, and what is told when they can go nowhere."""

import re
from typing import Any

import pytest

from inprocess import SUBNET, Plane


@pytest.fixture(autouse=True)
def _ready(plane: Plane) -> None:
    plane.ready(instances=3)


def test_an_empty_cluster_is_told_once_and_instances_that_join_are_used(plane: Plane) -> None:
    plane.ecs.create_cluster(clusterName="empty")
    plane.ecs.create_service(cluster="empty", serviceName="web", taskDefinition="web", desiredCount=1)
    plane.advance(3600)
    no_instances = (
        "was unable to place a task because no container instance met all of its requirements. Reason: No Container "
        "Instances were found in your cluster. For more information, see the Troubleshooting section of the Amazon "
        "ECS Developer Guide."
    )
    assert plane.events("web", "empty") == [no_instances]
    plane.join("empty", instances=1)
    plane.advance(30)
    assert len(plane.tasks("web")) == 1


def test_a_problem_is_told_again_after_six_hours(plane: Plane) -> None:
    plane.ecs.create_cluster(clusterName="empty")
    plane.ecs.create_service(cluster="empty", serviceName="web", taskDefinition="web", desiredCount=1)
    plane.advance(6 * 3600 - 60)
    assert len(plane.events("web", "empty")) == 1
    plane.advance(120)
    assert len(plane.events("web", "empty")) == 2


@pytest.mark.parametrize(
    ("container", "cause", "counted"),
    [
        ({"cpu": 4097}, "has insufficient CPU units available", "have too little CPU left"),
        ({"memory": 8193}, "has insufficient memory available", "have too little memory left"),
        (
            {"portMappings": [{"containerPort": 22, "hostPort": 22}]},
            "is already using a port required by your task",
            "use a port that the task needs",
        ),
        (
            {"logConfiguration": {"logDriver": "splunk"}},
            "is missing an attribute required by your task",
            "lack an attribute",
        ),
    ],
)
def test_no_room_names_the_closest_match_and_what_it_lacks(
    plane: Plane, container: dict[str, Any], cause: str, counted: str
) -> None:
    plane.define("web", container)
    plane.serve("web", desired=1)
    [event] = plane.events()
    assert re.fullmatch(
        r"was unable to place a task because no container instance met all of its requirements\. The closest "
        rf"matching \(container-instance [0-9a-f]{{32}}\) {cause}\. For more information, see the Troubleshooting "
        rf"section of the Amazon ECS Developer Guide\. Of 3 container instances, 3 {counted}\.",
        event,
    )


def test_a_disconnected_agent_is_the_cause_in_quotes(plane: Plane) -> None:
    for instance in plane.ecs.list_container_instances()["containerInstanceArns"]:
        plane.disconnect(instance)
    plane.serve("web", desired=1)
    assert 'encountered error "AGENT"' in plane.events()[0]


def test_room_that_comes_free_is_used(plane: Plane) -> None:
    plane.define("big", {"memory": 8192})
    plane.serve("big", desired=3)
    plane.settle()
    plane.serve("web", desired=1)
    assert plane.tasks("web") == []
    plane.ecs.update_service(service="big", desiredCount=2)
    plane.obey()
    plane.advance(30)
    assert len(plane.tasks("web")) == 1


def test_resources_are_free_only_when_a_task_has_stopped(plane: Plane) -> None:
    plane.define("big", {"memory": 8192})
    plane.serve("big", desired=3)
    plane.settle()
    plane.ecs.update_service(service="big", desiredCount=2)
    plane.serve("web", desired=1)
    plane.advance(300)
    assert plane.tasks("web") == []
    plane.obey()
    plane.advance(30)
    assert len(plane.tasks("web")) == 1


def test_a_task_with_a_fixed_port_lands_once_on_each_instance(plane: Plane) -> None:
    plane.define("web", {"portMappings": [{"containerPort": 80, "hostPort": 8080}]})
    plane.serve("web", desired=4)
    assert len({t.container_instance_arn for t in plane.tasks("web")}) == len(plane.tasks("web")) == 3


def test_distinct_instances_take_one_task_each(plane: Plane) -> None:
    plane.serve("web", desired=5, placementConstraints=[{"type": "distinctInstance"}])
    assert len({t.container_instance_arn for t in plane.tasks("web")}) == len(plane.tasks("web")) == 3


def test_distinct_instances_may_be_shared_with_a_task_that_was_asked_to_stop(plane: Plane) -> None:
    """Its desired status is what counts, though it may take its time to end."""
    plane.serve("web", desired=3, placementConstraints=[{"type": "distinctInstance"}])
    first, *_ = plane.tasks("web")
    plane.ecs.stop_task(task=first.arn)
    plane.run()
    there = [t for t in plane.tasks("web") if t.desired_status == "RUNNING"]
    assert len({t.container_instance_arn for t in there}) == len(there) == 3
    assert first.arn not in {t.arn for t in there}


def test_binpack_fills_one_instance_before_the_next(plane: Plane) -> None:
    plane.define("web", {"memory": 4096})
    plane.serve("web", desired=2, placementStrategy=[{"type": "binpack", "field": "memory"}])
    assert len({t.container_instance_arn for t in plane.tasks("web")}) == 1


def test_each_requirement_says_how_many_instances_it_ruled_out(plane: Plane) -> None:
    first, second, third = plane.ecs.list_container_instances()["containerInstanceArns"]
    plane.join(instances=1, memory=100)
    plane.disconnect(first)
    plane.ecs.update_container_instances_state(containerInstances=[second], status="DRAINING")
    plane.ecs.update_container_instances_state(containerInstances=[third], status="DRAINING")
    plane.serve("web", desired=1)
    [event] = plane.events()
    assert event.endswith(
        " Of 4 container instances, 1 has too little memory left, 1 has no connected agent and 2 are not ACTIVE."
    )


def test_a_problem_is_told_again_when_its_cause_changes_and_not_when_its_counts_do(plane: Plane) -> None:
    plane.define("big", {"memory": 9000})
    plane.serve("big", desired=1)
    plane.join(instances=2)
    plane.advance(300)
    assert len(plane.events("big")) == 1
    for instance in plane.ecs.list_container_instances()["containerInstanceArns"]:
        plane.disconnect(instance)
    plane.advance(300)
    first, second = plane.events("big")
    assert first.endswith("Of 3 container instances, 3 have too little memory left.")
    assert second.endswith("Of 5 container instances, 5 have no connected agent.")


def test_a_service_on_fargate_says_what_the_hosts_lack(plane: Plane) -> None:
    plane.define("f", networkMode="awsvpc", cpu="256", memory="512", requiresCompatibilities=["FARGATE"])
    network = {"awsvpcConfiguration": {"subnets": [SUBNET]}}
    plane.serve("f", launchType="FARGATE", networkConfiguration=network)
    assert plane.events("f")[0].endswith("No host serves Fargate here.")
    plane.serve_fargate(memory=100)
    plane.advance(60)
    assert plane.events("f")[1].endswith("Of 1 hosts that serve Fargate, 1 has too little memory left.")
