"""How much there may be: AWS's quotas, and an operator's own."""

from collections.abc import Mapping
from typing import Any

import pytest

from inprocess import Plane, refused
from podium.ecs import limits, queueing
from podium.ecs.records import Cluster, ContainerInstance, QueuedTask, Service

CLIENT, INVALID = "ClientException", "InvalidParameterException"


def planes(**most: int) -> Plane:
    plane = Plane(most={**limits.AWS, **{name.replace("_", "-"): value for name, value in most.items()}})
    plane.ready(instances=0)
    return plane


def create(plane: Plane, name: str, **members: Any) -> None:
    plane.ecs.create_service(serviceName=name, taskDefinition="web", **{"desiredCount": 0, **members})


def test_clusters_are_counted_but_for_deleted_ones() -> None:
    ecs = planes(clusters=2).ecs
    ecs.create_cluster(clusterName="second")
    ecs.create_cluster(clusterName="second")
    with refused(CLIENT, "The maximum number of clusters has been exceeded."):
        ecs.create_cluster(clusterName="third")
    ecs.delete_cluster(cluster="second")
    ecs.create_cluster(clusterName="third")


def test_hosts_that_serve_fargate_take_nobodys_cluster() -> None:
    plane = planes(clusters=2)
    plane.serve_fargate()
    plane.ecs.create_cluster(clusterName="second")


def test_another_region_has_its_own() -> None:
    plane = planes(clusters=1)
    plane.client("ecs", region="eu-west-1").create_cluster(clusterName="second")


def test_container_instances_are_counted_in_their_cluster() -> None:
    plane = planes(container_instances=1)
    [first] = plane.join(instances=1)
    with refused(CLIENT, "The maximum number of container instances per cluster has been exceeded."):
        plane.join(instances=1)
    plane.join_one("default", 1024, 1024, {}, arn=first)
    plane.ecs.deregister_container_instance(containerInstance=first)
    plane.join(instances=1)
    with refused(CLIENT):
        plane.join_one("default", 1024, 1024, {}, arn=first)


def test_tasks_that_wait_for_a_provider_are_counted_until_they_are_to_stop() -> None:
    plane = planes(provisioning_tasks=3)
    group = "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:0a1b:autoScalingGroupName/hosts"
    scaled = {"autoScalingGroupArn": group, "managedScaling": {"status": "ENABLED"}}
    plane.ecs.create_capacity_provider(name="hosts", autoScalingGroupProvider=scaled)
    default = [{"capacityProvider": "hosts", "weight": 1}]
    plane.ecs.put_cluster_capacity_providers(
        cluster="default", capacityProviders=["hosts"], defaultCapacityProviderStrategy=default
    )
    run = {"taskDefinition": "web", "count": 3}
    first = plane.ecs.run_task(**run)
    assert (len(first["tasks"]), first["failures"]) == (3, [])
    none = plane.ecs.run_task(**run)
    assert (none["tasks"], [f["reason"] for f in none["failures"]]) == ([], [queueing.FULL] * 3)
    for task in first["tasks"]:
        plane.ecs.stop_task(task=task["taskArn"])
    again = plane.ecs.run_task(**run)
    assert (len(again["tasks"]), again["failures"]) == (3, [])
    assert {q.arn for q in plane.records(QueuedTask)} == {t["taskArn"] for t in again["tasks"]}


def test_services_are_counted_in_their_cluster_while_they_are_active() -> None:
    plane = planes(services=1)
    create(plane, "web")
    with refused(CLIENT, "The maximum number of services per cluster has been exceeded."):
        create(plane, "other")
    plane.ecs.create_cluster(clusterName="second")
    create(plane, "web", cluster="second")
    plane.ecs.delete_service(service="web")
    plane.run()
    create(plane, "other")


def test_a_service_desires_no_more_tasks_than_it_may() -> None:
    plane = planes(tasks=3)
    with refused(INVALID, "desiredCount must be between 0 and 3"):
        create(plane, "web", desiredCount=4)
    create(plane, "web", desiredCount=3)
    with refused(INVALID, "desiredCount must be between 0 and 3"):
        plane.ecs.update_service(service="web", desiredCount=4)


def test_revisions_count_that_were_deregistered() -> None:
    plane = planes(revisions=2)
    plane.define("web")
    plane.ecs.deregister_task_definition(taskDefinition="web:1")
    with refused(
        "LimitExceededException", "The maximum number of revisions per task definition family has been exceeded."
    ):
        plane.define("web")


def test_no_more_capacity_providers_than_the_cluster_may_have() -> None:
    plane = planes(capacity_providers=1)
    with refused(INVALID, "The maximum number of capacity providers per cluster has been exceeded."):
        plane.ecs.put_cluster_capacity_providers(
            cluster="default", capacityProviders=["FARGATE", "FARGATE_SPOT"], defaultCapacityProviderStrategy=[]
        )


def test_an_operator_raises_what_tasks_may_wait() -> None:
    plane = planes(provisioning_tasks=2)
    group = "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:u:autoScalingGroupName/blue"
    managed = {"autoScalingGroupArn": group, "managedScaling": {"status": "ENABLED"}}
    plane.ecs.create_capacity_provider(name="blue", autoScalingGroupProvider=managed)
    strategy = [{"capacityProvider": "blue", "weight": 1}]
    plane.ecs.put_cluster_capacity_providers(
        cluster="default", capacityProviders=["blue"], defaultCapacityProviderStrategy=strategy
    )
    plane.serve("web", desired=3)
    assert len(plane.tasks("web")) == 2
    assert len(plane.ecs.run_task(taskDefinition="web")["failures"]) == 1


@pytest.mark.parametrize("kind", [Cluster, ContainerInstance, Service], ids=lambda kind: kind.__name__)
def test_what_is_counted_comes_to_the_same_as_counting(kind: type[Any]) -> None:
    plane = planes()
    plane.join(instances=3)
    for name in ("a", "b", "c"):
        create(plane, name)
    plane.ecs.delete_service(service="b")
    plane.ecs.deregister_container_instance(containerInstance=plane.records(ContainerInstance)[0].arn)
    plane.run()
    field = "home" if kind is Cluster else "cluster_arn"
    found = plane.records(kind)
    value = getattr(found[0], field)
    number = plane.read(lambda tx: tx.totals(kind, field)(value)).number
    assert number == len([r for r in found if r.status not in ("INACTIVE", "POOLED")])


@pytest.mark.parametrize(
    ("text", "differs"),
    [
        ("aws", {}),
        ("none", dict.fromkeys(limits.AWS, limits.UNLIMITED)),
        ("services=7, clusters=2", {"services": 7, "clusters": 2}),
    ],
)
def test_limits_are_read(text: str, differs: Mapping[str, int]) -> None:
    assert limits.parsed(text) == {**limits.AWS, **differs}


@pytest.mark.parametrize("text", ["all", "services", "services=", "services=-1", "services=x", "pods=1", "services=²"])
def test_what_is_no_limit_is_refused_with_the_names_that_there_are(text: str) -> None:
    with pytest.raises(limits.Unreadable, match="provisioning-tasks"):
        limits.parsed(text)
