"""Attributes of container instances: put, listed, deleted."""

from typing import Any

import pytest

from inprocess import Plane, refused

INVALID = "InvalidParameterException"


@pytest.fixture
def instance(plane: Plane) -> str:
    plane.ecs.create_cluster()
    [arn] = plane.join(instances=1)
    return arn


def put(ecs: Any, *attributes: dict[str, str]) -> list[dict[str, str]]:
    return list(ecs.put_attributes(attributes=list(attributes))["attributes"])


def custom(ecs: Any, name: str) -> list[dict[str, str]]:
    return list(ecs.list_attributes(targetType="container-instance", attributeName=name)["attributes"])


def test_attributes_are_put_by_arn_or_by_id_and_type(ecs: Any, instance: str) -> None:
    shown = put(ecs, {"name": "stack", "value": "prod", "targetId": instance})
    assert shown == [{"name": "stack", "value": "prod", "targetId": instance}]
    put(ecs, {"name": "stack", "value": "test", "targetId": instance[-32:], "targetType": "container-instance"})
    assert custom(ecs, "stack") == [{"name": "stack", "value": "test", "targetId": instance}]
    with refused(INVALID):
        put(ecs, {"name": "stack", "value": "prod", "targetId": instance[-32:]})


def test_an_attribute_without_a_value_is_one_too(ecs: Any, instance: str) -> None:
    put(ecs, {"name": "gpu", "targetId": instance})
    assert custom(ecs, "gpu") == [{"name": "gpu", "targetId": instance}]


def test_deleting_shows_the_value_and_what_is_not_there_is_no_error(ecs: Any, instance: str) -> None:
    put(ecs, {"name": "stack", "value": "prod", "targetId": instance})
    gone = ecs.delete_attributes(
        attributes=[{"name": "stack", "targetId": instance}, {"name": "never", "targetId": instance}]
    )
    assert gone["attributes"] == [{"name": "stack", "value": "prod", "targetId": instance}]
    assert custom(ecs, "stack") == []


def test_what_the_operator_of_an_agent_gave_it_is_deleted_as_well_and_what_the_agent_itself_says_is_not(
    plane: Plane, ecs: Any
) -> None:
    ecs.create_cluster()
    own = {"stack": "dev", "podium.host-vcpus": "4", "podium.auto-scaling-group": "red"}
    [instance] = plane.join(instances=1, attributes=own)
    put(ecs, {"name": "stack", "value": "prod", "targetId": instance})
    put(ecs, {"name": "podium.auto-scaling-group", "value": "blue", "targetId": instance})
    asked = ["stack", "podium.host-vcpus", "podium.auto-scaling-group", "ecs.availability-zone"]
    gone = ecs.delete_attributes(attributes=[{"name": name, "targetId": instance} for name in asked])["attributes"]
    assert [(a["name"], a["value"]) for a in gone] == [("stack", "prod"), ("podium.auto-scaling-group", "blue")]
    assert custom(ecs, "stack") == []
    left = [custom(ecs, name)[0]["value"] for name in asked[1:]]
    assert left == ["4", "red", "us-east-1a"]


def test_lists_hold_the_agents_attributes_and_are_filtered_by_name_and_value(ecs: Any, instance: str) -> None:
    put(ecs, {"name": "stack", "value": "prod", "targetId": instance})
    names = {a["name"] for a in ecs.list_attributes(targetType="container-instance")["attributes"]}
    assert {"stack", "ecs.availability-zone"} <= names
    found = ecs.list_attributes(targetType="container-instance", attributeName="stack", attributeValue="test")
    assert found["attributes"] == []
    with refused(INVALID):
        ecs.list_attributes(targetType="container-instance", attributeValue="prod")
    with refused(INVALID, "targetType should be one of [container-instance]"):
        ecs.list_attributes(targetType="task")


def test_lists_come_in_pages(ecs: Any, instance: str) -> None:
    whole = ecs.list_attributes(targetType="container-instance")["attributes"]
    first = ecs.list_attributes(targetType="container-instance", maxResults=3)
    second = ecs.list_attributes(targetType="container-instance", maxResults=100, nextToken=first["nextToken"])
    assert first["attributes"] + second["attributes"] == whole


def test_an_instance_has_at_most_ten(ecs: Any, instance: str) -> None:
    put(ecs, *({"name": f"a{n}", "targetId": instance} for n in range(10)))
    put(ecs, {"name": "a0", "value": "again", "targetId": instance})
    with refused("AttributeLimitExceededException"):
        put(ecs, {"name": "a10", "targetId": instance})


@pytest.mark.parametrize(
    "attribute",
    [
        {"name": "ecs.os-type", "value": "linux"},
        {"name": "a b", "value": "x"},
        {"name": "a", "value": " x"},
        {"name": "a", "value": "x" * 129},
        {"name": "a", "value": "semi;colon"},
        {"name": "a", "value": "x", "targetType": "task"},
    ],
)
def test_an_attribute_that_cannot_be_is_refused(ecs: Any, instance: str, attribute: dict[str, str]) -> None:
    with refused(INVALID):
        put(ecs, {**attribute, "targetId": instance})


def test_a_target_that_is_not_there_is_named(ecs: Any, instance: str) -> None:
    ghost = instance[:-32] + "0" * 32
    with refused("TargetNotFoundException", f"Could not find {ghost}"):
        put(ecs, {"name": "a", "targetId": ghost})
    ecs.deregister_container_instance(containerInstance=instance)
    with refused("TargetNotFoundException", f"Could not find {instance}"):
        ecs.delete_attributes(attributes=[{"name": "a", "targetId": instance}])
