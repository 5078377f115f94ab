"""Tags on every kind of resource that has them."""

from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane, refused

INVALID = "InvalidParameterException"
HOME = f"arn:aws:ecs:{REGION}:{ACCOUNT}"


@pytest.fixture
def ecs(plane: Plane) -> Any:
    plane.ready(instances=1)
    plane.serve("web", desired=1)
    return plane.ecs


def tags(ecs: Any, arn: str) -> dict[str, str]:
    return {t["key"]: t["value"] for t in ecs.list_tags_for_resource(resourceArn=arn)["tags"]}


def every_kind(plane: Plane) -> list[str]:
    [task] = plane.tasks("web")
    return [
        f"{HOME}:cluster/default",
        f"{HOME}:service/default/web",
        f"{HOME}:task-definition/web:1",
        task.arn,
        str(task.container_instance_arn),
    ]


def test_every_resource_takes_tags_and_gives_them_up(plane: Plane, ecs: Any) -> None:
    for arn in every_kind(plane):
        ecs.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "1"}, {"key": "b"}])
        ecs.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "2"}])
        assert tags(ecs, arn) == {"a": "2", "b": ""}
        ecs.untag_resource(resourceArn=arn, tagKeys=["b", "never there"])
        assert tags(ecs, arn) == {"a": "2"}


def test_tags_put_later_are_shown_with_the_resource(ecs: Any) -> None:
    ecs.tag_resource(resourceArn=f"{HOME}:service/default/web", tags=[{"key": "a", "value": "1"}])
    [service] = ecs.describe_services(services=["web"], include=["TAGS"])["services"]
    assert service["tags"] == [{"key": "a", "value": "1"}]


def test_tagging_a_service_does_not_touch_its_running_tasks(plane: Plane, ecs: Any) -> None:
    ecs.tag_resource(resourceArn=f"{HOME}:service/default/web", tags=[{"key": "a", "value": "1"}])
    assert tags(ecs, plane.tasks("web")[0].arn) == {}


@pytest.mark.parametrize(
    ("arn", "sentence"),
    [
        ("web", "The ARN provided is invalid."),
        ("arn:aws:s3:::bucket", "The ARN provided is invalid."),
        (f"{HOME}:nonsense/x", "The ARN provided is invalid."),
        (f"{HOME}:service/default/ghost", "The specified service is not found. Specify a valid service and try again."),
        (f"{HOME}:cluster/ghost", "The specified cluster is not found. Specify a valid cluster and try again."),
        (
            "arn:aws:ecs:eu-west-1:123456789012:cluster/default",
            "The specified cluster is not found. Specify a valid cluster and try again.",
        ),
    ],
)
def test_what_is_not_there_has_no_tags(ecs: Any, arn: str, sentence: str) -> None:
    with refused(INVALID, sentence):
        ecs.list_tags_for_resource(resourceArn=arn)


@pytest.mark.parametrize(
    ("tag", "sentence"),
    [
        (
            {"key": "aws:x", "value": "1"},
            "Tag keys cannot start with aws: because it is reserved for AWS use.",
        ),
        ({"key": "k" * 129, "value": "1"}, None),
        ({"key": "k", "value": "v" * 257}, None),
        ({"key": "semi;colon", "value": "1"}, None),
        ({"key": "", "value": "1"}, None),
    ],
)
def test_a_tag_that_cannot_be_is_refused(ecs: Any, tag: dict[str, str], sentence: str | None) -> None:
    with refused(INVALID, sentence):
        ecs.tag_resource(resourceArn=f"{HOME}:cluster/default", tags=[tag])
    assert tags(ecs, f"{HOME}:cluster/default") == {}


def test_fifty_tags_are_the_most(ecs: Any) -> None:
    arn = f"{HOME}:cluster/default"
    ecs.tag_resource(resourceArn=arn, tags=[{"key": f"k{n}", "value": ""} for n in range(50)])
    with refused(INVALID, "The maximum number of tags that can be applied to a resource is 50."):
        ecs.tag_resource(resourceArn=arn, tags=[{"key": "one more", "value": ""}])
    ecs.tag_resource(resourceArn=arn, tags=[{"key": "k1", "value": "again"}])


def test_letters_of_any_language_may_be_in_a_tag(ecs: Any) -> None:
    ecs.tag_resource(resourceArn=f"{HOME}:cluster/default", tags=[{"key": "größe", "value": "大きい"}])
    assert tags(ecs, f"{HOME}:cluster/default") == {"größe": "大きい"}


def test_managed_tags_neither_count_nor_go(plane: Plane, ecs: Any) -> None:
    [task] = ecs.run_task(taskDefinition="web", enableECSManagedTags=True)["tasks"]
    arn = task["taskArn"]
    ecs.tag_resource(resourceArn=arn, tags=[{"key": f"k{n}", "value": ""} for n in range(50)])
    with refused(INVALID, "Tag keys cannot start with aws: because it is reserved for AWS use."):
        ecs.untag_resource(resourceArn=arn, tagKeys=["aws:ecs:clusterName"])
    assert tags(ecs, arn)["aws:ecs:clusterName"] == "default"


def test_a_capacity_provider_has_tags_and_shows_them_when_asked(ecs: Any) -> None:
    group = {"autoScalingGroupArn": "web"}
    ecs.create_capacity_provider(name="cp", autoScalingGroupProvider=group, tags=[{"key": "a", "value": "1"}])
    arn = f"{HOME}:capacity-provider/cp"
    ecs.tag_resource(resourceArn=arn, tags=[{"key": "b", "value": "2"}])
    assert tags(ecs, arn) == {"a": "1", "b": "2"}
    [shown] = ecs.describe_capacity_providers(capacityProviders=["cp"], include=["TAGS"])["capacityProviders"]
    assert shown["tags"] == [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]


def test_a_short_arn_of_old_cannot_be_tagged(ecs: Any) -> None:
    with refused(INVALID, "Long arn format must be used for tagging operations"):
        ecs.tag_resource(resourceArn=f"{HOME}:service/web", tags=[{"key": "a", "value": "1"}])


def test_a_deleted_cluster_is_inactive_and_not_tagged(ecs: Any) -> None:
    ecs.create_cluster(clusterName="c")
    ecs.delete_cluster(cluster="c")
    with refused(INVALID, "The specified cluster is inactive. Specify an active cluster and try again."):
        ecs.tag_resource(resourceArn=f"{HOME}:cluster/c", tags=[{"key": "a", "value": "1"}])
