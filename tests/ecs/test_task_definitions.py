"""Task definitions: families, revisions, and how they end."""

from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, ROOT, Plane, refused

ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition"
CLIENT = "ClientException"


def shown(ecs: Any, name: str) -> dict[str, Any]:
    return dict(ecs.describe_task_definition(taskDefinition=name)["taskDefinition"])


def test_every_registration_is_a_new_revision_even_of_the_same_content(plane: Plane) -> None:
    assert [plane.define("web") for _ in range(3)] == [f"{ARN}/web:1", f"{ARN}/web:2", f"{ARN}/web:3"]


def test_a_revision_is_never_used_twice(plane: Plane, ecs: Any) -> None:
    plane.define("web")
    ecs.deregister_task_definition(taskDefinition="web:1")
    ecs.delete_task_definitions(taskDefinitions=["web:1"])
    assert plane.define("web") == f"{ARN}/web:2"


def test_who_registered_it_and_when_is_told(plane: Plane, ecs: Any) -> None:
    plane.define("web")
    definition = shown(ecs, "web")
    assert definition["registeredBy"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert definition["registeredAt"] == plane.clock.time
    assert (definition["status"], definition["revision"]) == ("ACTIVE", 1)


def test_the_familys_name_alone_means_its_newest_active_revision(plane: Plane, ecs: Any) -> None:
    for _ in range(3):
        plane.define("web")
    ecs.deregister_task_definition(taskDefinition="web:3")
    assert shown(ecs, "web")["revision"] == 2
    assert shown(ecs, f"{ARN}/web")["revision"] == 2
    assert shown(ecs, f"{ARN}/web:1")["revision"] == 1


def test_revisions_are_numbers_not_texts(plane: Plane, ecs: Any) -> None:
    for _ in range(11):
        plane.define("web")
    assert shown(ecs, "web")["revision"] == 11
    assert ecs.list_task_definitions()["taskDefinitionArns"][-1] == f"{ARN}/web:11"


def test_tags_stand_beside_the_definition_and_only_when_asked_for(plane: Plane, ecs: Any) -> None:
    tags = [{"key": "team", "value": "a"}]
    answer = ecs.register_task_definition(
        family="web", containerDefinitions=[{"name": "app", "image": "web", "memory": 64}], tags=tags
    )
    assert answer["tags"] == tags
    assert "tags" not in answer["taskDefinition"]
    assert "tags" not in ecs.describe_task_definition(taskDefinition="web")
    assert ecs.describe_task_definition(taskDefinition="web", include=["TAGS"])["tags"] == tags


def test_a_deregistered_revision_is_inactive_and_still_shown(plane: Plane, ecs: Any) -> None:
    plane.define("web")
    plane.clock.time = plane.clock.time.replace(hour=13)
    gone = ecs.deregister_task_definition(taskDefinition="web:1")["taskDefinition"]
    assert (gone["status"], gone["deregisteredAt"]) == ("INACTIVE", plane.clock.time)
    assert shown(ecs, "web:1")["status"] == "INACTIVE"
    assert ecs.deregister_task_definition(taskDefinition="web:1")["taskDefinition"] == gone


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("web", "Revision is missing."),
        ("web:one", "Invalid revision number. Number: one"),
        ("web:9", "Unable to describe task definition."),
        ("nothing:1", "Unable to describe task definition."),
    ],
)
def test_deregistering_needs_a_revision_that_exists(plane: Plane, ecs: Any, name: str, sentence: str) -> None:
    plane.define("web")
    with refused(CLIENT, sentence):
        ecs.deregister_task_definition(taskDefinition=name)


@pytest.mark.parametrize("name", ["nothing", "web", "nothing:1", f"{ARN}/nothing:1"])
def test_a_definition_that_is_not_there_cannot_be_described(plane: Plane, ecs: Any, name: str) -> None:
    plane.define("web")
    ecs.deregister_task_definition(taskDefinition="web:1")
    with refused(CLIENT, "Unable to describe task definition."):
        ecs.describe_task_definition(taskDefinition=name)


def test_only_inactive_revisions_can_be_deleted(plane: Plane, ecs: Any) -> None:
    plane.define("web")
    plane.define("web")
    ecs.deregister_task_definition(taskDefinition="web:1")
    answer = ecs.delete_task_definitions(taskDefinitions=["web:1", "web:2"])
    [deleted] = answer["taskDefinitions"]
    assert (deleted["status"], deleted["deleteRequestedAt"]) == ("DELETE_IN_PROGRESS", plane.clock.time)
    [kept] = answer["failures"]
    assert kept["arn"] == f"{ARN}/web:2"
    assert kept["reason"] == (
        "The specified task definition is still in ACTIVE status. Please deregister the target and try again."
    )


def test_one_to_ten_definitions_are_deleted_at_a_time(ecs: Any) -> None:
    with refused(CLIENT, "size of TaskDefinition references list must be greater than 0"):
        ecs.delete_task_definitions(taskDefinitions=[])
    with refused(CLIENT, "Size of TaskDefinition references list cannot exceed 10"):
        ecs.delete_task_definitions(taskDefinitions=[f"web:{n}" for n in range(11)])


def test_a_definition_being_deleted_starts_nothing_new(plane: Plane, ecs: Any) -> None:
    plane.ready()
    ecs.deregister_task_definition(taskDefinition="web:1")
    ecs.delete_task_definitions(taskDefinitions=["web:1"])
    with refused(CLIENT, "TaskDefinition is inactive"):
        ecs.run_task(taskDefinition="web:1")


def test_lists_show_active_revisions_by_family_then_number(plane: Plane, ecs: Any) -> None:
    for family in ("b", "a", "b"):
        plane.define(family)
    plane.define("a")
    ecs.deregister_task_definition(taskDefinition="a:2")
    assert ecs.list_task_definitions()["taskDefinitionArns"] == [f"{ARN}/a:1", f"{ARN}/b:1", f"{ARN}/b:2"]
    assert ecs.list_task_definitions(sort="DESC")["taskDefinitionArns"] == [f"{ARN}/b:2", f"{ARN}/b:1", f"{ARN}/a:1"]
    assert ecs.list_task_definitions(status="INACTIVE")["taskDefinitionArns"] == [f"{ARN}/a:2"]


def test_the_family_prefix_of_a_list_is_the_whole_family(plane: Plane, ecs: Any) -> None:
    plane.define("web")
    plane.define("web-api")
    assert ecs.list_task_definitions(familyPrefix="web")["taskDefinitionArns"] == [f"{ARN}/web:1"]


def test_the_family_prefix_of_families_is_a_prefix(plane: Plane, ecs: Any) -> None:
    for family in ("web", "web-api", "db"):
        plane.define(family)
    assert ecs.list_task_definition_families(familyPrefix="web")["families"] == ["web", "web-api"]


def test_a_family_is_active_while_one_revision_is(plane: Plane, ecs: Any) -> None:
    for family in ("gone", "half", "half"):
        plane.define(family)
    ecs.deregister_task_definition(taskDefinition="gone:1")
    ecs.deregister_task_definition(taskDefinition="half:1")
    assert ecs.list_task_definition_families(status="ACTIVE")["families"] == ["half"]
    assert ecs.list_task_definition_families(status="INACTIVE")["families"] == ["gone"]
    assert ecs.list_task_definition_families()["families"] == ["gone", "half"]


@pytest.mark.parametrize(
    ("member", "value", "sentence"),
    [
        ("status", "LIVE", "status should be one of [ACTIVE,INACTIVE,DELETE_IN_PROGRESS]"),
        ("sort", "UP", "sort should be one of [ASC,DESC]"),
    ],
)
def test_a_lists_words_are_checked(ecs: Any, member: str, value: str, sentence: str) -> None:
    with refused(CLIENT, sentence):
        ecs.list_task_definitions(**{member: value})


def test_another_regions_definitions_are_others(plane: Plane) -> None:
    plane.define("web")
    elsewhere = plane.client("ecs", region="eu-west-1", key=(ROOT, "root"))
    with refused(CLIENT, "Unable to describe task definition."):
        elsewhere.describe_task_definition(taskDefinition=f"{ARN}/web:1")
    assert elsewhere.list_task_definitions()["taskDefinitionArns"] == []
