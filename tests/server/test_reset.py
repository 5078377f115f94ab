"""Emptying a running Podium."""

from typing import Any

from inprocess import Plane, refused
from podium.ecs.acs import assignments
from podium.ecs.records import ContainerInstance, Stranger, Task
from podium.server.pages.reset import emptied


def reset(plane: Plane) -> list[str]:
    return plane.write(lambda tx: emptied(tx, tuple(plane.core.store.kinds()), plane.clock.now()))


def everything(ecs: Any) -> dict[str, Any]:
    return {
        "clusters": ecs.list_clusters()["clusterArns"],
        "families": ecs.list_task_definition_families()["families"],
        "definitions": ecs.list_task_definitions()["taskDefinitionArns"],
    }


def test_nothing_is_left_and_a_name_begins_anew(plane: Plane) -> None:
    plane.ready()
    plane.serve("web", 2)
    reset(plane)
    assert everything(plane.ecs) == {"clusters": [], "families": [], "definitions": []}
    with refused("ClusterNotFoundException"):
        plane.ecs.describe_services(services=["web"])
    plane.ecs.create_cluster()
    assert plane.define("web").endswith(":1")
    assert plane.ecs.list_tasks()["taskArns"] == []
    assert plane.ecs.describe_services(services=["web"])["failures"][0]["reason"] == "MISSING"


def test_hosts_stay_and_are_told_to_stop_what_they_run_within_a_second(plane: Plane) -> None:
    plane.ready(instances=1)
    plane.serve("web", 1)
    [task] = plane.tasks("web")
    instance = task.container_instance_arn or ""
    assert reset(plane) == [task.arn]
    [told] = plane.read(lambda tx: assignments.of_instance(tx, instance))
    assert (told.task_arn, told.desired) == (task.arn, "STOPPED")
    assert told.payload is not None
    assert told.payload["stopTimeout"] == 1
    plane.as_instance(instance).submit_task_state_change(cluster="default", task=task.arn, status="STOPPED")
    assert plane.records(Stranger) == []
    plane.ecs.create_cluster()
    assert plane.ecs.list_container_instances()["containerInstanceArns"] == [instance]


def test_the_default_cluster_of_hosts_that_follow_every_cluster_is_there_again(plane: Plane) -> None:
    plane.ecs.create_cluster()
    plane.join(instances=1, attributes={"podium.follows-clusters": "true"})
    reset(plane)
    [shown] = plane.ecs.describe_clusters()["clusters"]
    assert (shown["clusterName"], shown["registeredContainerInstancesCount"]) == ("default", 1)


def test_a_task_that_was_not_placed_leaves_nothing(plane: Plane) -> None:
    plane.ready(instances=1)
    [arn] = [i.arn for i in plane.records(ContainerInstance)]
    plane.disconnect(arn)
    plane.serve("web", 1)
    assert reset(plane) == []
    assert plane.records(Task) == []
    plane.run()
