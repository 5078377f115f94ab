"""Images by digest: what the first task of a service revision found, the others run too."""

from typing import Any

import pytest

from inprocess import Plane
from podium.ecs.acs.payload import image, task_payload
from podium.ecs.records import Task, TaskDefinition

ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64


@pytest.fixture(autouse=True)
def _ready(plane: Plane) -> None:
    plane.ready(instances=3)


def images(plane: Plane, task: Task) -> list[str]:
    """What the task's agent is told to run."""
    definition = plane.record(TaskDefinition, task.task_definition_arn)
    return [container["image"] for container in task_payload(task, definition)["containers"]]


def runs(plane: Plane, digest: str | None) -> None:
    """Every pending task starts, its images as the registry has them now."""
    told: dict[str, Any] = {"imageDigest": digest} if digest else {}
    for task in plane.tasks("web"):
        if task.last_status == "PENDING":
            names = [c.name for c in task.containers]
            plane.report(task.arn, "RUNNING", *({"containerName": n, "status": "RUNNING", **told} for n in names))
    plane.run()


def newest(plane: Plane) -> Task:
    return max(plane.tasks("web"), key=lambda t: t.created_at)


def test_tasks_that_start_later_run_what_the_first_one_found(plane: Plane) -> None:
    plane.serve("web", desired=1)
    assert images(plane, newest(plane)) == ["web:1"]
    runs(plane, ONE)
    plane.advance(60)
    plane.ecs.update_service(service="web", desiredCount=2)
    plane.run()
    assert images(plane, newest(plane)) == [f"web@{ONE}"]
    [container] = plane.ecs.describe_tasks(tasks=[newest(plane).arn])["tasks"][0]["containers"]
    assert container["image"] == "web:1"


def test_a_daemon_that_starts_in_the_pass_that_hears_of_the_first_runs_what_that_found(plane: Plane) -> None:
    plane.define("large", {"memory": 8192})
    large = plane.ecs.run_task(taskDefinition="large")["tasks"][0]["taskArn"]
    plane.ecs.create_service(serviceName="web", taskDefinition="web", schedulingStrategy="DAEMON")
    plane.run()
    first, second = plane.tasks("web")
    plane.exit(large)
    plane.report(first.arn, "RUNNING", {"containerName": "app", "status": "RUNNING", "imageDigest": ONE})
    plane.run()
    [third] = [task for task in plane.tasks("web") if task.arn not in (first.arn, second.arn)]
    assert images(plane, third) == [f"web@{ONE}"]


def test_a_new_deployment_looks_again_and_a_rollback_runs_what_ran_before(plane: Plane) -> None:
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    plane.serve("web", desired=1, deploymentConfiguration=breaker)
    runs(plane, ONE)
    plane.advance(60)
    plane.ecs.update_service(service="web", forceNewDeployment=True)
    plane.run()
    assert images(plane, newest(plane)) == ["web:1"]
    for _ in range(3):
        plane.fail_to_start(newest(plane).arn)
        plane.run()
    assert plane.service().primary.rolls_back
    for task in plane.tasks("web"):
        plane.ecs.stop_task(task=task.arn)
    plane.run()
    assert images(plane, newest(plane)) == [f"web@{ONE}"]


def test_the_revision_shows_its_digests_when_its_tasks_are_gone(plane: Plane) -> None:
    plane.serve("web", desired=1)
    runs(plane, ONE)
    [revision] = plane.ecs.describe_services(services=["web"])["services"][0]["currentServiceRevisions"]
    plane.ecs.update_service(service="web", desiredCount=0)
    plane.settle()
    plane.advance(7200)
    [shown] = plane.ecs.describe_service_revisions(serviceRevisionArns=[revision["arn"]])["serviceRevisions"]
    assert shown["containerImages"] == [{"containerName": "app", "image": "web:1", "imageDigest": ONE}]


def test_a_container_without_consistency_and_an_image_without_digest_go_by_the_tag(plane: Plane) -> None:
    plane.define("web", {"versionConsistency": "disabled"}, {"name": "side", "image": "h:5000/side:2"})
    plane.serve("web", desired=1)
    runs(plane, TWO)
    plane.advance(1)
    plane.ecs.update_service(service="web", desiredCount=2)
    plane.run()
    assert images(plane, newest(plane)) == ["web:1", f"h:5000/side@{TWO}"]
    plane.advance(1)
    plane.ecs.update_service(service="web", forceNewDeployment=True)
    plane.run()
    runs(plane, None)
    plane.advance(1)
    plane.ecs.update_service(service="web", desiredCount=3)
    plane.run()
    assert images(plane, newest(plane)) == ["web:1", "h:5000/side:2"]


@pytest.mark.parametrize(
    ("reference", "pinned"),
    [
        ("web", f"web@{ONE}"),
        ("web:1", f"web@{ONE}"),
        ("host:5000/team/web", f"host:5000/team/web@{ONE}"),
        ("host:5000/team/web:1", f"host:5000/team/web@{ONE}"),
        (f"web@{TWO}", f"web@{TWO}"),
    ],
)
def test_the_digest_takes_the_tags_place(reference: str, pinned: str) -> None:
    assert image(reference, ONE) == pinned
    assert image(reference, "") == reference
