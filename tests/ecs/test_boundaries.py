"""What a cluster's tag refuses: by which word, in which calls and sentences, and of services that were there before."""

from collections.abc import Mapping
from typing import Any

import pytest

from inprocess import Plane, refused
from podium.ecs.records import Task
from podium.ecs.rules.boundaries import BOUNDARIES

SENTENCE = "The cluster 'default' refuses {} by its tag podium:refuse, and in the task definition web:1 {}."
SOCKET = "/var/run/docker.sock"


def volume(**members: Any) -> dict[str, Any]:
    return {"volumes": [{"name": "data", **members}]}


def docker(**options: str) -> dict[str, Any]:
    return volume(dockerVolumeConfiguration={"scope": "task", "driver": "local", "driverOpts": options})


MOUNTED = {"mountPoints": [{"sourceVolume": "data", "containerPath": "/data"}]}
OPTS = "volume 'data' of container 'app' has driverOpts that may mount what is the host's"
ASKING: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("privileged", {"privileged": True}, {}, "container 'app' sets privileged"),
    (
        "privileged",
        {"dockerSecurityOptions": ["no-new-privileges", "apparmor:unconfined"]},
        {},
        "container 'app' sets 'apparmor:unconfined' in dockerSecurityOptions",
    ),
    ("host-network", {}, {"networkMode": "host"}, "networkMode is host, for containers 'app'"),
    ("host-pid", {}, {"pidMode": "host"}, "pidMode is host, for containers 'app'"),
    ("host-ipc", {}, {"ipcMode": "host"}, "ipcMode is host, for containers 'app'"),
    (
        "host-paths",
        MOUNTED,
        volume(host={"sourcePath": SOCKET}),
        f"volume 'data' of container 'app' has the sourcePath {SOCKET}",
    ),
    ("host-paths", {}, volume(host={"sourcePath": "/etc"}), "volume 'data' has the sourcePath /etc"),
    ("host-paths", MOUNTED, docker(type="none", o="bind", device="/etc"), OPTS),
    ("host-paths", MOUNTED, docker(type="nfs", o="ro, rbind", device="/etc"), OPTS),
    ("host-paths", MOUNTED, docker(type="ext4", device="/dev/sda1"), OPTS),
    (
        "capabilities",
        {"linuxParameters": {"capabilities": {"add": ["SYS_ADMIN", "NET_ADMIN"]}}},
        {},
        "container 'app' sets capabilities.add to SYS_ADMIN, NET_ADMIN",
    ),
    (
        "devices",
        {"linuxParameters": {"devices": [{"hostPath": "/dev/kvm"}]}},
        {},
        "container 'app' sets devices to /dev/kvm",
    ),
]
HARMLESS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {"networkMode": "bridge", "pidMode": "task", "ipcMode": "none"}),
    (MOUNTED, volume()),
    (MOUNTED, volume(host={})),
    (MOUNTED, docker()),
    (MOUNTED, docker(type="tmpfs", o="size=8m", device="tmpfs")),
    (MOUNTED, docker(type="nfs4", o="addr=10.0.0.2,ro", device=":/export")),
    ({"privileged": False, "dockerSecurityOptions": ["no-new-privileges"]}, {}),
    ({"linuxParameters": {"capabilities": {"drop": ["NET_RAW"]}, "initProcessEnabled": True}}, {}),
]


@pytest.fixture
def ecs(plane: Plane) -> Any:
    plane.ecs.create_cluster()
    names = ("ecs.capability.pid-ipc-namespace-sharing", "ecs.capability.docker-plugin.local")
    apparmor = "com.amazonaws.ecs.capability.apparmor"
    plane.join(instances=1, attributes=dict.fromkeys((*names, apparmor), ""))
    return plane.ecs


def refuse(plane: Plane, words: str) -> None:
    [arn] = plane.ecs.list_clusters()["clusterArns"]
    plane.ecs.tag_resource(resourceArn=arn, tags=[{"key": "podium:refuse", "value": words}])


def others(word: str) -> str:
    return " ".join(other for other in BOUNDARIES if other != word)


@pytest.mark.parametrize(("word", "container", "members", "what"), ASKING)
def test_each_word_refuses_what_it_names_and_nothing_else(
    plane: Plane, ecs: Any, word: str, container: Mapping[str, Any], members: Mapping[str, Any], what: str
) -> None:
    plane.define("web", container, **members)
    refuse(plane, others(word))
    ecs.run_task(taskDefinition="web")
    for words in (word, "all", f"{word} {others(word)}"):
        refuse(plane, words)
        with refused("InvalidParameterException", SENTENCE.format(word, what)):
            ecs.run_task(taskDefinition="web")


@pytest.mark.parametrize(("container", "members"), HARMLESS)
def test_what_gets_no_hold_of_the_host_is_run(
    plane: Plane, ecs: Any, container: Mapping[str, Any], members: Mapping[str, Any]
) -> None:
    plane.define("web", container, **members)
    refuse(plane, "all")
    ecs.run_task(taskDefinition="web")
    assert len(plane.records(Task)) == 1


def test_another_volume_driver_with_options_counts_as_a_host_path(plane: Plane, ecs: Any) -> None:
    given = {"scope": "shared", "autoprovision": True, "driver": "rexray", "driverOpts": {"mountpoint": "/etc"}}
    plane.define("web", MOUNTED, **volume(dockerVolumeConfiguration=given))
    refuse(plane, "host-paths")
    with refused("InvalidParameterException", SENTENCE.format("host-paths", OPTS)):
        ecs.run_task(taskDefinition="web")


def test_every_call_that_would_start_such_tasks_is_refused(plane: Plane, ecs: Any) -> None:
    plane.define("web", {"privileged": True})
    plane.define("plain")
    ecs.create_service(serviceName="plain", taskDefinition="plain", desiredCount=1)
    ecs.create_service(serviceName="sets", deploymentController={"type": "EXTERNAL"})
    refuse(plane, "privileged")
    [instance] = ecs.list_container_instances()["containerInstanceArns"]
    sentence = SENTENCE.format("privileged", "container 'app' sets privileged")
    calls = (
        lambda: ecs.run_task(taskDefinition="web"),
        lambda: ecs.start_task(taskDefinition="web", containerInstances=[instance]),
        lambda: ecs.create_service(serviceName="web", taskDefinition="web", desiredCount=1),
        lambda: ecs.update_service(service="plain", taskDefinition="web"),
        lambda: ecs.create_task_set(cluster="default", service="sets", taskDefinition="web"),
    )
    for call in calls:
        with refused("InvalidParameterException", sentence):
            call()
    plane.run()
    assert {task.group for task in plane.records(Task)} == {"service:plain"}


def test_a_service_that_was_there_before_starts_no_more_and_says_why_once(plane: Plane, ecs: Any) -> None:
    plane.define("web", {"privileged": True})
    plane.serve("web", 1)
    [task] = plane.tasks("web")
    plane.report(task.arn, "RUNNING")
    refuse(plane, "privileged")
    ecs.update_service(service="web", desiredCount=2)
    plane.advance(600)
    assert [t.arn for t in plane.tasks("web")] == [task.arn], "what runs is left, and nothing is started beside it"
    sentence = SENTENCE.format("privileged", "container 'app' sets privileged")
    assert plane.events().count(f"failed to launch a task with (error {sentence}).") == 1
    with refused("InvalidParameterException", sentence):
        ecs.update_service(service="web", forceNewDeployment=True)
    [arn] = ecs.list_clusters()["clusterArns"]
    ecs.untag_resource(resourceArn=arn, tagKeys=["podium:refuse"])
    plane.advance(60)
    assert len(plane.tasks("web")) == 2


def test_the_tag_may_come_with_the_cluster_and_binds_that_cluster_alone(plane: Plane, ecs: Any) -> None:
    ecs.create_cluster(clusterName="strict", tags=[{"key": "podium:refuse", "value": "host-network"}])
    plane.join("strict", instances=1)
    plane.define("web", networkMode="host")
    with refused("InvalidParameterException"):
        ecs.run_task(cluster="strict", taskDefinition="web")
    ecs.run_task(taskDefinition="web")


@pytest.mark.parametrize("value", ["priviledged", "privileged host-path", "Privileged", "none", "", " "])
def test_a_tag_that_would_not_do_what_it_seems_to_is_refused(plane: Plane, ecs: Any, value: str) -> None:
    [arn] = ecs.list_clusters()["clusterArns"]
    tags = [{"key": "podium:refuse", "value": value}]
    word = next((word for word in value.split() if word not in BOUNDARIES), "")
    sentence = (
        f"'{word}' is nothing that the tag podium:refuse of a cluster can refuse. Its value is all, or some of "
        "privileged host-network host-pid host-ipc host-paths capabilities devices, with blanks between them."
    )
    with refused("InvalidParameterException", sentence):
        ecs.tag_resource(resourceArn=arn, tags=tags)
    with refused("InvalidParameterException", sentence):
        ecs.create_cluster(clusterName="new", tags=tags)
    assert ecs.list_clusters()["clusterArns"] == [arn]
    assert ecs.list_tags_for_resource(resourceArn=arn)["tags"] == []
