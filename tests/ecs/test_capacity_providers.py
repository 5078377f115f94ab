"""Capacity providers, and the clusters that use them."""

from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane, refused
from podium.ecs.scheduling import shares

GROUP = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:0a1b:autoScalingGroupName/web"
TEMPLATE = {
    "ec2InstanceProfileArn": f"arn:aws:iam::{ACCOUNT}:instance-profile/p",
    "networkConfiguration": {"subnets": ["subnet-1"]},
}
MANAGED = {"infrastructureRoleArn": f"arn:aws:iam::{ACCOUNT}:role/r", "instanceLaunchTemplate": TEMPLATE}
INVALID = "InvalidParameterException"


def make(ecs: Any, name: str = "cp", group: str = GROUP, **members: Any) -> dict[str, Any]:
    answer = ecs.create_capacity_provider(name=name, autoScalingGroupProvider={"autoScalingGroupArn": group, **members})
    return dict(answer["capacityProvider"])


def item(name: str, weight: int = 1, base: int = 0) -> dict[str, Any]:
    return {"capacityProvider": name, "weight": weight, "base": base}


def test_a_provider_for_a_group_is_active_at_once_and_shows_its_defaults(ecs: Any) -> None:
    made = make(ecs, managedScaling={"status": "ENABLED", "targetCapacity": 90})
    assert made == {
        "capacityProviderArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:capacity-provider/cp",
        "name": "cp",
        "status": "ACTIVE",
        "autoScalingGroupProvider": {
            "autoScalingGroupArn": GROUP,
            "managedScaling": {
                "status": "ENABLED",
                "targetCapacity": 90,
                "minimumScalingStepSize": 1,
                "maximumScalingStepSize": 10000,
                "instanceWarmupPeriod": 300,
            },
            "managedTerminationProtection": "DISABLED",
            "managedDraining": "ENABLED",
        },
        "tags": [],
        "type": "EC2_AUTOSCALING",
    }


@pytest.mark.parametrize("name", ["aws-cp", "ECSthing", "fargate1", "a b", "x" * 256])
def test_a_name_that_is_reserved_or_none_is_refused(ecs: Any, name: str) -> None:
    with refused("ClientException", None) as answer:
        make(ecs, name)
    assert answer["Error"]["Message"].startswith("The specified capacity provider name is invalid. Up to 255")


def test_a_name_and_a_group_serve_once(ecs: Any) -> None:
    make(ecs)
    with refused(
        "ClientException",
        "The specified capacity provider already exists. To change the configuration of an existing capacity provider, "
        "update the capacity provider.",
    ):
        make(ecs)
    with refused(
        "ClientException",
        "The specified Auto Scaling group ARN is already being used by another capacity provider. "
        "Specify a unique Auto Scaling group ARN and try again.",
    ):
        make(ecs, "other", "web")


@pytest.mark.parametrize(
    ("code", "members"),
    [
        ("ClientException", {"managedScaling": {"minimumScalingStepSize": 5, "maximumScalingStepSize": 4}}),
        ("ClientException", {"managedTerminationProtection": "ENABLED"}),
        (INVALID, {"managedDraining": "PERHAPS"}),
        (INVALID, {"managedScaling": {"targetCapacity": 101}}),
    ],
)
def test_a_group_provider_that_cannot_be_is_refused(ecs: Any, code: str, members: dict[str, Any]) -> None:
    with refused(code):
        make(ecs, **members)
    assert ecs.describe_capacity_providers(capacityProviders=["cp"])["capacityProviders"] == []


def test_fargate_is_always_there_and_cannot_be_deleted(ecs: Any) -> None:
    make(ecs)
    answer = ecs.describe_capacity_providers()
    assert [(p["name"], p["type"]) for p in answer["capacityProviders"]] == [
        ("FARGATE", "FARGATE"),
        ("FARGATE_SPOT", "FARGATE_SPOT"),
        ("cp", "EC2_AUTOSCALING"),
    ]
    with refused("ClientException"):
        ecs.delete_capacity_provider(capacityProvider="FARGATE")


def test_an_update_keeps_what_is_left_out_and_becomes_complete(plane: Plane, ecs: Any) -> None:
    make(ecs, managedScaling={"status": "ENABLED", "targetCapacity": 90})
    change = {"managedScaling": {"targetCapacity": 80}, "managedDraining": "DISABLED"}
    told = ecs.update_capacity_provider(name="cp", autoScalingGroupProvider=change)["capacityProvider"]
    assert told["updateStatus"] == "UPDATE_IN_PROGRESS"
    plane.run()
    [shown] = ecs.describe_capacity_providers(capacityProviders=["cp"])["capacityProviders"]
    assert (shown["updateStatus"], shown["autoScalingGroupProvider"]["managedDraining"]) == (
        "UPDATE_COMPLETE",
        "DISABLED",
    )
    assert shown["autoScalingGroupProvider"]["managedScaling"]["status"] == "ENABLED"
    assert shown["autoScalingGroupProvider"]["managedScaling"]["targetCapacity"] == 80


def test_one_that_a_cluster_has_is_not_deleted_and_says_so(plane: Plane, ecs: Any) -> None:
    make(ecs)
    ecs.create_cluster(clusterName="c", capacityProviders=["cp"])
    told = ecs.delete_capacity_provider(capacityProvider="cp")["capacityProvider"]
    assert (told["status"], told["updateStatus"]) == ("ACTIVE", "DELETE_FAILED")
    assert told["updateStatusReason"] == (
        "The capacity provider cannot be deleted because it is associated with cluster: c. "
        "Remove the capacity provider from the cluster and try again."
    )
    ecs.put_cluster_capacity_providers(cluster="c", capacityProviders=[], defaultCapacityProviderStrategy=[])
    told = ecs.delete_capacity_provider(capacityProvider=told["capacityProviderArn"])["capacityProvider"]
    assert (told["status"], told["updateStatus"]) == ("ACTIVE", "DELETE_IN_PROGRESS")
    plane.run()
    [shown] = ecs.describe_capacity_providers(capacityProviders=["cp"])["capacityProviders"]
    assert (shown["status"], shown["updateStatus"]) == ("INACTIVE", "DELETE_COMPLETE")
    make(ecs)


def test_managed_instances_stay_provisioning_and_hold_their_cluster(plane: Plane, ecs: Any) -> None:
    ecs.create_cluster(clusterName="c")
    made = ecs.create_capacity_provider(name="mi", cluster="c", managedInstancesProvider=MANAGED)["capacityProvider"]
    assert (made["status"], made["updateStatus"], made["type"]) == (
        "PROVISIONING", "CREATE_FAILED", "MANAGED_INSTANCES"
    )  # fmt: skip
    assert "Managed Instances" in made["updateStatusReason"]
    assert ecs.describe_clusters(clusters=["c"])["clusters"][0]["capacityProviders"] == ["mi"]
    with refused(
        "ClusterContainsCapacityProviderException",
        "The Cluster cannot be deleted while Cluster Scoped Capacity Providers are attached to the cluster.",
    ):
        ecs.delete_cluster(cluster="c")
    ecs.delete_capacity_provider(capacityProvider="mi", cluster="c")
    plane.run()
    assert ecs.delete_cluster(cluster="c")["cluster"]["status"] == "INACTIVE"


def test_what_a_cluster_needs_of_a_group_is_shown_failed_with_the_reason(ecs: Any) -> None:
    make(ecs, managedScaling={"status": "ENABLED"})
    ecs.create_cluster(clusterName="c")
    ecs.put_cluster_capacity_providers(
        cluster="c", capacityProviders=["cp", "FARGATE"], defaultCapacityProviderStrategy=[item("cp")]
    )
    [shown] = ecs.describe_clusters(clusters=["c"], include=["ATTACHMENTS"])["clusters"]
    assert shown["capacityProviders"] == ["cp", "FARGATE"]
    assert shown["defaultCapacityProviderStrategy"] == [item("cp")]
    assert shown["attachmentsStatus"] == "UPDATE_FAILED"
    assert [(a["type"], a["status"]) for a in shown["attachments"]] == [
        ("as_policy", "FAILED"),
        ("managed_draining", "FAILED"),
    ]
    ids = [a["id"] for a in shown["attachments"]]
    ecs.update_capacity_provider(name="cp", autoScalingGroupProvider={"managedScaling": {"status": "DISABLED"}})
    [shown] = ecs.describe_clusters(clusters=["c"], include=["ATTACHMENTS"])["clusters"]
    assert [a["id"] for a in shown["attachments"]] == ids[1:]


@pytest.mark.parametrize(
    ("providers", "strategy", "sentence"),
    [
        (
            ["ghost"],
            [],
            "The specified capacity provider was not found. Specify a valid capacity provider and try again.",
        ),
        (
            ["FARGATE"],
            [item("FARGATE_SPOT")],
            "The specified capacity provider strategy cannot contain a capacity provider that is not associated with "
            "the cluster. Associate the capacity provider with the cluster and try again.",
        ),
        (
            ["FARGATE", "cp"],
            [item("FARGATE"), item("cp")],
            "A capacity provider strategy cannot contain a mix of capacity providers using Auto Scaling groups and "
            "Fargate providers. Specify one or the other and try again.",
        ),
        (
            ["FARGATE", "FARGATE_SPOT"],
            [item("FARGATE", 1, 1), item("FARGATE_SPOT", 1, 1)],
            "There are multiple capacity providers in the specified capacity provider strategy with a base value "
            "greater than zero. Only one capacity provider can have a base value greater than zero. Specify a valid "
            "capacity provider strategy and try again.",
        ),
        (
            [f"cp{n}" for n in range(21)],
            [],
            "The maximum number of capacity providers per cluster has been exceeded.",
        ),
    ],
    ids=["unknown", "not associated", "mixed", "two bases", "too many"],
)
def test_providers_and_strategies_that_do_not_fit_are_refused(
    ecs: Any, providers: list[str], strategy: list[Any], sentence: str
) -> None:
    make(ecs)
    with refused(INVALID, sentence):
        ecs.create_cluster(clusterName="c", capacityProviders=providers, defaultCapacityProviderStrategy=strategy)
    assert ecs.list_clusters()["clusterArns"] == []


@pytest.mark.parametrize("strategy", [[item("FARGATE", 0, 2)], [item("FARGATE", 0, 2), item("FARGATE_SPOT", 0)]])
def test_a_strategy_with_a_base_and_no_weight_places_nothing_and_is_refused(plane: Plane, strategy: list[Any]) -> None:
    plane.ready(instances=0)
    providers = ["FARGATE", "FARGATE_SPOT"]
    plane.ecs.put_cluster_capacity_providers(
        cluster="default", capacityProviders=providers, defaultCapacityProviderStrategy=strategy
    )
    with refused(
        INVALID,
        "There are no capacity providers with a weight value greater than zero defined in the capacity provider "
        "strategy. At least one capacity provider must have a weight value greater than zero specified. Specify a "
        "valid capacity provider strategy and try again.",
    ):
        plane.ecs.run_task(taskDefinition="web", count=5, capacityProviderStrategy=strategy)
    with refused(INVALID) as answer:
        plane.ecs.create_service(serviceName="web", taskDefinition="web", desiredCount=5)
    assert "defined in the default capacity provider strategy." in answer["Error"]["Message"]


def test_creating_a_cluster_again_with_other_capacity_is_inconsistent(ecs: Any) -> None:
    ecs.create_cluster(clusterName="c", capacityProviders=["FARGATE"])
    ecs.create_cluster(clusterName="c", capacityProviders=["FARGATE"])
    with refused(
        INVALID, "Arguments on this idempotent request are inconsistent with arguments used in previous request(s)."
    ):
        ecs.create_cluster(clusterName="c", capacityProviders=["FARGATE_SPOT"])


@pytest.mark.parametrize(
    ("strategy", "held", "count", "wanted"),
    [
        ([item("a", 1, 1), item("b", 4)], {}, 11, {"a": 3, "b": 8}),
        ([item("a"), item("b")], {}, 4, {"a": 2, "b": 2}),
        ([item("a", 0, 2), item("b", 1)], {}, 5, {"a": 2, "b": 3}),
        ([item("a", 0, 2), item("b", 1)], {"b": 3}, 2, {"a": 2}),
        ([item("a", 0, 2)], {}, 5, {"a": 2}),
    ],
)
def test_a_strategy_shares_tasks_by_base_and_then_by_weight(
    strategy: list[Any], held: dict[str, int], count: int, wanted: dict[str, int]
) -> None:
    chosen = shares.providers(strategy, held, count)
    assert {name: chosen.count(name) for name in chosen} == wanted
