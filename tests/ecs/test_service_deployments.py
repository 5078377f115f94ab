"""Service deployments and revisions: what is told of a service's course, and how it is stopped."""

from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane, refused
from podium.ecs.records import ServiceRevision

ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
ROLLED_BACK = "Service deployment rolled back because the circuit breaker threshold was exceeded."


@pytest.fixture
def ecs(plane: Plane) -> Any:
    plane.ready()
    return plane.ecs


def histories(ecs: Any, **filters: Any) -> list[dict[str, Any]]:
    return list(ecs.list_service_deployments(service="web", **filters)["serviceDeployments"])


def told(ecs: Any, arn: str) -> dict[str, Any]:
    [history] = ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"]
    return dict(history)


def statuses(ecs: Any) -> list[str]:
    return [h["status"] for h in histories(ecs)]


def fail(plane: Plane) -> None:
    """The tasks of the newest deployment never start."""
    for _ in range(10):
        plane.run()
        for task in plane.tasks("web"):
            if task.started_by == plane.service().primary.id and task.started_at is None:
                plane.fail_to_start(task.arn)
        plane.run()
        if plane.service().primary.rollout != "IN_PROGRESS" or plane.service().primary.rolls_back:
            return
        plane.advance(60)


def test_a_new_service_has_a_deployment_that_is_pending_until_the_scheduler_looks(plane: Plane, ecs: Any) -> None:
    service = ecs.create_service(serviceName="web", taskDefinition="web", desiredCount=2)["service"]
    [history] = histories(ecs)
    assert history["serviceDeploymentArn"] == service["currentServiceDeployment"]
    assert history["targetServiceRevisionArn"] == service["currentServiceRevisions"][0]["arn"]
    assert (history["status"], "startedAt" in history) == ("PENDING", False)
    plane.run()
    assert statuses(ecs) == ["IN_PROGRESS"]


def test_a_deployment_that_completes_is_successful_and_no_longer_current(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=2)
    plane.settle()
    [history] = histories(ecs)
    assert history["status"] == "SUCCESSFUL"
    assert history["finishedAt"] >= history["startedAt"]
    [service] = ecs.describe_services(services=["web"])["services"]
    assert "currentServiceDeployment" not in service
    assert service["currentServiceRevisions"][0]["runningTaskCount"] == 2


def test_a_newer_deployment_stops_the_one_under_way(plane: Plane, ecs: Any) -> None:
    plane.serve("web")
    ecs.update_service(service="web", forceNewDeployment=True)
    assert statuses(ecs) == ["PENDING", "STOP_REQUESTED"]
    plane.run()
    assert statuses(ecs) == ["IN_PROGRESS", "STOPPED"]
    newest, oldest = histories(ecs)
    assert told(ecs, oldest["serviceDeploymentArn"])["stoppedAt"]
    [source] = told(ecs, newest["serviceDeploymentArn"])["sourceServiceRevisions"]
    assert source["arn"] == oldest["targetServiceRevisionArn"]


def test_an_update_that_deploys_nothing_leaves_no_trace(plane: Plane, ecs: Any) -> None:
    plane.serve("web")
    ecs.update_service(service="web", desiredCount=3, propagateTags="SERVICE")
    assert len(histories(ecs)) == 1


def test_a_breaker_that_trips_rolls_back_to_the_last_good_revision(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=1, deploymentConfiguration=BREAKER)
    plane.settle()
    plane.define("web")
    ecs.update_service(service="web", taskDefinition="web:2")
    fail(plane)
    newest, oldest = (told(ecs, h["serviceDeploymentArn"]) for h in histories(ecs))
    assert (newest["status"], newest["statusReason"]) == ("ROLLBACK_IN_PROGRESS", ROLLED_BACK)
    assert newest["rollback"]["serviceRevisionArn"] == oldest["targetServiceRevision"]["arn"]
    assert newest["deploymentCircuitBreaker"] == {"status": "TRIGGERED", "failureCount": 3, "threshold": 3}
    plane.settle()
    assert statuses(ecs) == ["ROLLBACK_SUCCESSFUL", "SUCCESSFUL"]
    assert plane.service().task_definition_arn.endswith("/web:1")


def test_a_first_deployment_that_fails_has_nothing_to_roll_back_to(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=1, deploymentConfiguration=BREAKER)
    fail(plane)
    [history] = histories(ecs)
    assert history["status"] == "ROLLBACK_FAILED"
    assert "No rollback candidate" in history["statusReason"]


def test_a_breaker_without_rollback_stops_the_deployment(plane: Plane, ecs: Any) -> None:
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
    plane.serve("web", desired=1, deploymentConfiguration=breaker)
    fail(plane)
    assert statuses(ecs) == ["STOPPED"]


def test_the_threshold_that_is_shown_is_the_one_that_counts(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=1, deploymentConfiguration=BREAKER)
    ecs.update_service(service="web", desiredCount=10)
    plane.run()
    [history] = histories(ecs)
    assert told(ecs, history["serviceDeploymentArn"])["deploymentCircuitBreaker"]["threshold"] == 5


@pytest.mark.parametrize(("kind", "value", "failures"), [("COUNT", 2, 2), ("UNBOUNDED_PERCENT", 50, 1)])
def test_the_breakers_threshold_may_be_ones_own(plane: Plane, ecs: Any, kind: str, value: int, failures: int) -> None:
    threshold = {"thresholdConfiguration": {"type": kind, "value": value}}
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": False, **threshold}}
    plane.serve("web", desired=1, deploymentConfiguration=breaker)
    for _ in range(failures):
        assert plane.service().primary.rollout == "IN_PROGRESS"
        [task] = plane.tasks("web")
        plane.fail_to_start(task.arn)
        plane.run()
    assert plane.service().primary.rollout == "FAILED"


def test_stopping_a_deployment_rolls_it_back(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=1)
    plane.settle()
    plane.define("web")
    ecs.update_service(service="web", taskDefinition="web:2")
    plane.run()
    arn = histories(ecs)[0]["serviceDeploymentArn"]
    assert ecs.stop_service_deployment(serviceDeploymentArn=arn)["serviceDeploymentArn"] == arn
    assert told(ecs, arn)["status"] == "ROLLBACK_REQUESTED"
    with refused("ConflictException"):
        ecs.stop_service_deployment(serviceDeploymentArn=arn)
    plane.run()
    assert told(ecs, arn)["status"] == "ROLLBACK_IN_PROGRESS"
    plane.settle()
    assert told(ecs, arn)["status"] == "ROLLBACK_SUCCESSFUL"
    assert {t.task_definition_arn for t in plane.tasks("web")} == {f"{ARN}:task-definition/web:1"}
    with refused("ConflictException"):
        ecs.stop_service_deployment(serviceDeploymentArn=arn)


def test_a_deployment_bakes_before_it_counts_as_done(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=1, deploymentConfiguration={"bakeTimeInMinutes": 10})
    for _ in range(5):
        plane.obey()
        plane.advance(60)
    assert plane.service().primary.rollout == "IN_PROGRESS"
    plane.advance(600)
    assert (plane.service().primary.rollout, statuses(ecs)) == ("COMPLETED", ["SUCCESSFUL"])


def test_early_success_does_not_wait_for_the_last_task(plane: Plane, ecs: Any) -> None:
    early = {"enable": True, "healthyPercent": 50, "sourceServiceRevisionCleanup": "DEFERRED"}
    rules = {"minimumHealthyPercent": 50, "earlySuccessCriteria": early}
    plane.serve("web", desired=2, deploymentConfiguration=rules)
    plane.report(plane.tasks("web")[0].arn, "RUNNING")
    plane.advance(60)
    assert plane.service().primary.rollout == "COMPLETED"
    assert not plane.service().steady


def test_histories_are_filtered_and_told_newest_first(plane: Plane, ecs: Any) -> None:
    plane.serve("web")
    plane.settle()
    ecs.update_service(service="web", forceNewDeployment=True)
    newest, oldest = histories(ecs)
    assert histories(ecs, status=["SUCCESSFUL"]) == [oldest]
    assert histories(ecs, createdAt={"after": oldest["createdAt"]}) == [newest]
    assert histories(ecs, createdAt={"before": newest["createdAt"]}) == [oldest]
    page = ecs.list_service_deployments(service="web", maxResults=1)
    assert page["serviceDeployments"] == [newest]
    assert histories(ecs, nextToken=page["nextToken"], maxResults=1) == [oldest]
    with refused("ServiceNotFoundException", "Service not found."):
        ecs.list_service_deployments(service="ghost")


def test_a_revision_never_changes(plane: Plane, ecs: Any) -> None:
    service = ecs.create_service(serviceName="web", taskDefinition="web", desiredCount=1)["service"]
    arn = service["currentServiceRevisions"][0]["arn"]
    before = ecs.describe_service_revisions(serviceRevisionArns=[arn])["serviceRevisions"]
    plane.define("web")
    ecs.update_service(service="web", taskDefinition="web:2")
    assert ecs.describe_service_revisions(serviceRevisionArns=[arn])["serviceRevisions"] == before
    assert before[0]["taskDefinition"].endswith("/web:1")
    assert before[0]["containerImages"] == [{"containerName": "app", "image": "web:1"}]


def test_what_is_not_there_is_a_failure(ecs: Any) -> None:
    ghost = f"{ARN}:service-deployment/default/web/ghost"
    assert ecs.describe_service_deployments(serviceDeploymentArns=[ghost])["failures"] == [
        {"arn": ghost, "reason": "MISSING"}
    ]
    revision = f"{ARN}:service-revision/default/web/1"
    assert ecs.describe_service_revisions(serviceRevisionArns=[revision])["failures"][0]["reason"] == "MISSING"
    with refused("ServiceDeploymentNotFoundException", "The service deployment does not exist."):
        ecs.stop_service_deployment(serviceDeploymentArn=ghost)


@pytest.mark.parametrize(
    ("hook", "sentence"),
    [
        ("x", "Invalid hookId: hookId must follow the format: ecs-{hookType}-{id}"),
        (
            "ecs-pause-1",
            "Provided hookId is either completed, unavailable, or not associated with the given Resource ARN",
        ),
    ],
)
def test_there_is_no_hook_to_continue(plane: Plane, ecs: Any, hook: str, sentence: str) -> None:
    plane.serve("web")
    arn = histories(ecs)[0]["serviceDeploymentArn"]
    with refused("InvalidParameterException", sentence):
        ecs.continue_service_deployment(serviceDeploymentArn=arn, hookId=hook)
    plane.settle()
    with refused("InvalidParameterException"):
        ecs.continue_service_deployment(serviceDeploymentArn=arn, hookId="ecs-pause-1")


def test_history_is_kept_for_ninety_days_and_no_longer_than_the_service(plane: Plane, ecs: Any) -> None:
    plane.serve("web", desired=0)
    plane.settle()
    for _ in range(3):
        ecs.update_service(service="web", forceNewDeployment=True)
        plane.settle()
    plane.advance(90 * 24 * 3600 + 60)
    assert histories(ecs) == []
    assert len(plane.records(ServiceRevision)) == 1, "that which it runs"
    [service] = ecs.describe_services(services=["web"])["services"]
    revision = service["currentServiceRevisions"][0]["arn"]
    assert ecs.describe_service_revisions(serviceRevisionArns=[revision])["failures"] == []
    ecs.delete_service(service="web")
    plane.run()
    assert ecs.describe_service_revisions(serviceRevisionArns=[revision])["serviceRevisions"] == []
