"""Clusters: creating, showing, changing, deleting."""

from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane, refused

ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster"


def describe(ecs: Any, name: str, *include: str) -> dict[str, Any]:
    [cluster] = ecs.describe_clusters(clusters=[name], include=list(include))["clusters"]
    return dict(cluster)


def test_a_cluster_without_a_name_is_called_default(ecs: Any) -> None:
    cluster = ecs.create_cluster()["cluster"]
    assert (cluster["clusterName"], cluster["clusterArn"]) == ("default", f"{ARN}/default")


def test_a_new_cluster_is_shown_with_zero_counters_and_default_settings(ecs: Any) -> None:
    cluster = ecs.create_cluster(clusterName="c", tags=[{"key": "team", "value": "a"}])["cluster"]
    assert cluster == {
        "clusterArn": f"{ARN}/c",
        "clusterName": "c",
        "status": "ACTIVE",
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": 0,
        "pendingTasksCount": 0,
        "activeServicesCount": 0,
        "statistics": [],
        "tags": [{"key": "team", "value": "a"}],
        "settings": [{"name": "containerInsights", "value": "disabled"}],
        "capacityProviders": [],
        "defaultCapacityProviderStrategy": [],
    }


def test_creating_an_active_cluster_again_returns_it_unchanged(ecs: Any) -> None:
    ecs.create_cluster(clusterName="c", tags=[{"key": "a", "value": "1"}])
    again = ecs.create_cluster(clusterName="c", tags=[{"key": "a", "value": "2"}])["cluster"]
    assert again["tags"] == [{"key": "a", "value": "1"}]
    assert ecs.list_clusters()["clusterArns"] == [f"{ARN}/c"]


def test_creating_a_deleted_cluster_brings_it_back_as_new(ecs: Any) -> None:
    ecs.create_cluster(clusterName="c", tags=[{"key": "a", "value": "1"}])
    ecs.delete_cluster(cluster="c")
    back = ecs.create_cluster(clusterName="c")["cluster"]
    assert (back["status"], back["tags"]) == ("ACTIVE", [])


@pytest.mark.parametrize("name", ["a b", "x" * 256, "slash/ed", "dot.ted"])
def test_a_cluster_name_that_is_none_is_refused_with_the_pattern(ecs: Any, name: str) -> None:
    with refused("InvalidParameterException", rf"ClusterName must match ^[a-zA-Z0-9\-_]{{1,255}}$, but was {name}"):
        ecs.create_cluster(clusterName=name)


def test_the_first_cluster_brings_the_service_linked_role(plane: Plane, ecs: Any) -> None:
    ecs.create_cluster()
    ecs.create_cluster(clusterName="c")
    role = plane.client("iam").get_role(RoleName="AWSServiceRoleForECS")["Role"]
    assert role["Path"] == "/aws-service-role/ecs.amazonaws.com/"


def test_a_namespace_by_arn_is_not_found_and_one_by_name_is_attached_and_failed(ecs: Any) -> None:
    with refused("NamespaceNotFoundException"):
        arn = f"arn:aws:servicediscovery:{REGION}:{ACCOUNT}:namespace/ns-1"
        ecs.create_cluster(clusterName="c", serviceConnectDefaults={"namespace": arn})
    ecs.create_cluster(clusterName="c", serviceConnectDefaults={"namespace": "internal"})
    shown = describe(ecs, "c", "ATTACHMENTS")
    [attachment] = shown["attachments"]
    assert (shown["status"], attachment["type"], attachment["status"]) == ("ACTIVE", "sc", "FAILED")
    ecs.update_cluster(cluster="c", serviceConnectDefaults={"namespace": "other"})
    states = [a["status"] for a in describe(ecs, "c", "ATTACHMENTS")["attachments"]]
    assert states == ["FAILED", "DELETED"]


def test_letters_beyond_ascii_come_back_as_question_marks(ecs: Any) -> None:
    with refused("InvalidParameterException", r"ClusterName must match ^[a-zA-Z0-9\-_]{1,255}$, but was caf?"):
        ecs.create_cluster(clusterName="café")


def test_an_unknown_cluster_is_a_failure_and_the_others_are_shown(ecs: Any) -> None:
    ecs.create_cluster(clusterName="c")
    answer = ecs.describe_clusters(clusters=["c", "nowhere"])
    assert [c["clusterName"] for c in answer["clusters"]] == ["c"]
    assert answer["failures"] == [{"arn": f"{ARN}/nowhere", "reason": "MISSING"}]


def test_describing_no_cluster_in_particular_means_the_default_one(ecs: Any) -> None:
    assert ecs.describe_clusters()["failures"] == [{"arn": f"{ARN}/default", "reason": "MISSING"}]
    ecs.create_cluster()
    assert [c["clusterName"] for c in ecs.describe_clusters()["clusters"]] == ["default"]


def test_settings_tags_and_statistics_are_empty_lists_unless_asked_for(ecs: Any) -> None:
    ecs.create_cluster(clusterName="c", tags=[{"key": "a", "value": "1"}])
    plain, full = describe(ecs, "c"), describe(ecs, "c", "SETTINGS", "TAGS", "STATISTICS")
    assert (plain["settings"], plain["tags"], plain["statistics"]) == ([], [], [])
    assert full["settings"] == [{"name": "containerInsights", "value": "disabled"}]
    assert full["tags"] == [{"key": "a", "value": "1"}]
    assert {"name": "runningEC2TasksCount", "value": "0"} in full["statistics"]


def test_an_include_that_does_not_exist_is_refused_with_the_list(ecs: Any) -> None:
    with refused(
        "InvalidParameterException",
        "include should be one of [ATTACHMENTS,CONFIGURATIONS,SETTINGS,STATISTICS,TAGS]",
    ):
        ecs.describe_clusters(clusters=["c"], include=["EVERYTHING"])


def test_settings_given_at_creation_are_kept(ecs: Any) -> None:
    ecs.create_cluster(clusterName="c", settings=[{"name": "containerInsights", "value": "enhanced"}])
    assert describe(ecs, "c", "SETTINGS")["settings"] == [{"name": "containerInsights", "value": "enhanced"}]


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"name": "insights", "value": "enabled"}, "name should be one of [containerInsights]"),
        ({"name": "containerInsights", "value": "on"}, "value should be one of [disabled,enabled,enhanced]"),
    ],
)
def test_a_setting_that_does_not_exist_is_refused(ecs: Any, setting: dict[str, str], sentence: str) -> None:
    with refused("InvalidParameterException", sentence):
        ecs.create_cluster(clusterName="c", settings=[setting])


def test_updating_replaces_what_is_given_and_leaves_the_rest(ecs: Any) -> None:
    logging = {"executeCommandConfiguration": {"logging": "DEFAULT"}}
    ecs.create_cluster(clusterName="c", settings=[{"name": "containerInsights", "value": "enabled"}])
    ecs.update_cluster(cluster="c", configuration=logging)
    shown = describe(ecs, "c", "SETTINGS", "CONFIGURATIONS")
    assert shown["settings"] == [{"name": "containerInsights", "value": "enabled"}]
    assert shown["configuration"] == logging


@pytest.mark.parametrize(
    ("execute", "sentence"),
    [
        (
            {"logging": "DEFAULT", "logConfiguration": {"cloudWatchLogGroupName": "g"}},
            "You must set logging to 'OVERRIDE' when you supply a log configuration",
        ),
        (
            {"logging": "OVERRIDE", "logConfiguration": {"cloudWatchEncryptionEnabled": True}},
            "A CloudWatch log group name or S3 bucket name must be specified when overriding the default "
            "log configuration.",
        ),
    ],
)
def test_where_exec_logs_to_is_said_when_it_overrides(ecs: Any, execute: dict[str, Any], sentence: str) -> None:
    configuration = {"executeCommandConfiguration": execute}
    with refused("InvalidParameterException", sentence):
        ecs.create_cluster(clusterName="c", configuration=configuration)
    ecs.create_cluster(clusterName="c")
    with refused("InvalidParameterException", sentence):
        ecs.update_cluster(cluster="c", configuration=configuration)


def test_an_empty_namespace_removes_the_service_connect_default(ecs: Any) -> None:
    ecs.create_cluster(clusterName="c", serviceConnectDefaults={"namespace": "internal"})
    assert describe(ecs, "c")["serviceConnectDefaults"] == {"namespace": "internal"}
    ecs.update_cluster(cluster="c", serviceConnectDefaults={"namespace": ""})
    assert "serviceConnectDefaults" not in describe(ecs, "c")


def test_settings_alone_can_be_updated(ecs: Any) -> None:
    ecs.create_cluster(clusterName="c")
    ecs.update_cluster_settings(cluster="c", settings=[{"name": "containerInsights", "value": "enabled"}])
    assert describe(ecs, "c", "SETTINGS")["settings"] == [{"name": "containerInsights", "value": "enabled"}]


@pytest.mark.parametrize("call", ["update_cluster", "delete_cluster"])
def test_a_cluster_never_created_is_not_found(ecs: Any, call: str) -> None:
    with refused("ClusterNotFoundException", "Cluster not found."):
        getattr(ecs, call)(cluster="nowhere")


def test_a_deleted_cluster_is_not_found_by_those_who_need_it(ecs: Any) -> None:
    ecs.create_cluster(clusterName="c")
    ecs.delete_cluster(cluster="c")
    with refused("ClusterNotFoundException", "Cluster not found."):
        ecs.list_tasks(cluster="c")


def test_nobody_creates_the_default_cluster_by_using_it(plane: Plane, ecs: Any) -> None:
    plane.define("web")
    with refused("ClusterNotFoundException", "Cluster not found."):
        ecs.run_task(taskDefinition="web")
    assert ecs.list_clusters()["clusterArns"] == []


def test_a_deleted_cluster_is_shown_inactive_without_tags_and_not_listed(ecs: Any) -> None:
    ecs.create_cluster(clusterName="c", tags=[{"key": "a", "value": "1"}])
    assert ecs.delete_cluster(cluster="c")["cluster"]["status"] == "INACTIVE"
    shown = describe(ecs, "c", "TAGS")
    assert (shown["status"], shown["tags"]) == ("INACTIVE", [])
    assert ecs.list_clusters()["clusterArns"] == []


def test_counters_follow_instances_services_and_tasks(plane: Plane, ecs: Any) -> None:
    plane.ready(instances=2)
    plane.serve("web", desired=3)
    first, *_ = plane.tasks("web")
    plane.report(first.arn, "RUNNING")
    shown = describe(ecs, "default", "STATISTICS")
    assert shown["registeredContainerInstancesCount"] == 2
    assert (shown["runningTasksCount"], shown["pendingTasksCount"]) == (1, 2)
    assert shown["activeServicesCount"] == 1
    told = {s["name"]: s["value"] for s in shown["statistics"]}
    assert [told[f"{n}Count"] for n in ("runningEC2Tasks", "pendingEC2Tasks", "activeEC2Service")] == ["1", "2", "1"]


def test_instances_hold_a_cluster_before_services_and_services_before_tasks(plane: Plane, ecs: Any) -> None:
    plane.ready(instances=1)
    plane.serve("web", desired=1)
    plane.settle()
    [task] = plane.tasks()
    with refused(
        "ClusterContainsContainerInstancesException",
        "The Cluster cannot be deleted while Container Instances are active or draining.",
    ):
        ecs.delete_cluster(cluster="default")
    [instance] = ecs.list_container_instances()["containerInstanceArns"]
    ecs.update_container_instances_state(containerInstances=[instance], status="DRAINING")
    with refused("ClusterContainsContainerInstancesException"):
        ecs.delete_cluster(cluster="default")
    ecs.deregister_container_instance(containerInstance=instance, force=True)
    assert ecs.describe_tasks(tasks=[task.arn])["tasks"][0]["lastStatus"] == "STOPPED"
    with refused("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active."):
        ecs.delete_cluster(cluster="default")
    ecs.delete_service(service="web", force=True)
    plane.run()
    assert ecs.delete_cluster(cluster="default")["cluster"]["status"] == "INACTIVE"


def test_a_task_that_has_not_stopped_holds_a_cluster_and_one_that_has_does_not(plane: Plane, ecs: Any) -> None:
    ecs.create_cluster()
    plane.join_one("default", 1024, 1024, {"podium.follows-clusters": "true"})
    plane.define("web")
    [task] = ecs.run_task(taskDefinition="web")["tasks"]
    with refused("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active."):
        ecs.delete_cluster(cluster="default")
    plane.exit(task["taskArn"])
    assert ecs.delete_cluster(cluster="default")["cluster"]["status"] == "INACTIVE"


def test_instances_that_follow_every_cluster_leave_with_it(plane: Plane, ecs: Any) -> None:
    ecs.create_cluster()
    plane.join_one("default", 1024, 1024, {"podium.follows-clusters": "true"})
    gone = ecs.delete_cluster(cluster="default")["cluster"]
    assert (gone["status"], gone["registeredContainerInstancesCount"]) == ("INACTIVE", 0)


def test_another_regions_clusters_are_other_clusters(plane: Plane, ecs: Any) -> None:
    elsewhere = plane.client("ecs", region="eu-west-1")
    ecs.create_cluster(clusterName="c")
    assert elsewhere.list_clusters()["clusterArns"] == []
    assert elsewhere.describe_clusters(clusters=["c"])["failures"][0]["arn"].split(":")[3] == "eu-west-1"
    assert elsewhere.describe_clusters(clusters=[f"{ARN}/c"])["failures"] == [{"arn": f"{ARN}/c", "reason": "MISSING"}]
