"""CloudWatch alarms that watch a service's deployments."""

from typing import Any

import pytest

from inprocess import Plane, refused
from podium.ecs.records import Rollout

INVALID = "InvalidParameterException"
ALARM = {
    "Namespace": "AWS/ECS",
    "MetricName": "CPUUtilization",
    "Statistic": "Average",
    "Period": 60,
    "EvaluationPeriods": 2,
    "Threshold": 80.0,
    "ComparisonOperator": "GreaterThanThreshold",
}
LEAST_BAKE, HEALTHY_AFTER = 300, 40


@pytest.fixture(autouse=True)
def _ready(plane: Plane) -> None:
    plane.ready(instances=3)
    for name in ("cpu", "errors"):
        plane.client("cloudwatch").put_metric_alarm(AlarmName=name, **ALARM)


def watching(*names: str, rollback: bool = True, enable: bool = True) -> dict[str, Any]:
    return {"alarms": {"alarmNames": list(names), "enable": enable, "rollback": rollback}}


def serve(plane: Plane, *names: str, **members: Any) -> None:
    """A service at rest, whose first deployment is complete."""
    plane.serve("web", desired=2, deploymentConfiguration=watching(*names, **members))
    plane.settle()
    assert plane.service().primary.rollout is Rollout.COMPLETED


def deploy(plane: Plane) -> str:
    """Half way through a new deployment; its id."""
    plane.ecs.update_service(service="web", forceNewDeployment=True)
    plane.obey()
    return plane.service().primary.id


def fires(plane: Plane, name: str = "cpu", state: str = "ALARM") -> None:
    plane.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test")
    plane.run()


def history(plane: Plane) -> dict[str, Any]:
    """The newest service deployment."""
    newest = plane.ecs.list_service_deployments(service="web")["serviceDeployments"][0]
    arns = [newest["serviceDeploymentArn"]]
    return dict(plane.ecs.describe_service_deployments(serviceDeploymentArns=arns)["serviceDeployments"][0])


def test_a_deployment_is_watched_for_a_while_after_its_tasks_are_healthy(plane: Plane) -> None:
    plane.serve("web", desired=2, deploymentConfiguration=watching("cpu"))
    plane.obey()
    plane.advance(HEALTHY_AFTER + LEAST_BAKE - 1)
    assert plane.service().primary.rollout is Rollout.IN_PROGRESS
    assert history(plane)["alarms"] == {"status": "MONITORING", "alarmNames": ["cpu"], "triggeredAlarmNames": []}
    plane.advance(2)
    assert plane.service().primary.rollout is Rollout.COMPLETED
    assert history(plane)["alarms"]["status"] == "MONITORING_COMPLETE"


def test_an_alarm_fails_the_deployment_and_rolls_back_to_the_last_that_was_complete(plane: Plane) -> None:
    serve(plane, "cpu")
    good = plane.service().primary
    failed = deploy(plane)
    fires(plane)
    newest = plane.service().primary
    assert newest.rollout_reason == f"ECS deployment failed: alarm detected, rolling back to deploymentId {good.id}."
    assert (newest.rolls_back, newest.revision_arn) == (True, good.revision_arn)
    told = plane.events()
    failing = told.index(f"deployment {failed} deployment failed: alarm detected.")
    assert told[failing + 1] == f"rolling back to deployment {good.id}."
    assert history(plane)["status"] == "ROLLBACK_IN_PROGRESS"
    assert history(plane)["alarms"] == {"status": "TRIGGERED", "alarmNames": ["cpu"], "triggeredAlarmNames": ["cpu"]}
    plane.settle()
    assert history(plane)["status"] == "ROLLBACK_SUCCESSFUL"
    assert history(plane)["rollback"]["reason"] == (
        "Service deployment rolled back because the alarms cpu were detected."
    )


def test_an_alarm_in_the_time_of_watching_is_not_too_late(plane: Plane) -> None:
    serve(plane, "cpu")
    failed = deploy(plane)
    for _ in range(4):
        plane.obey()
        plane.advance(HEALTHY_AFTER)
    assert len({t.started_by for t in plane.tasks("web")}) == 1
    fires(plane)
    assert f"deployment {failed} deployment failed: alarm detected." in plane.events()


def test_without_rollback_the_service_stays_as_it_is(plane: Plane) -> None:
    serve(plane, "cpu", rollback=False)
    failed = deploy(plane)
    fires(plane)
    plane.advance(3600)
    assert plane.service().primary.id == failed
    assert plane.service().primary.rollout is Rollout.FAILED
    assert plane.service().primary.rollout_reason == "ECS deployment failed: alarm detected."
    assert history(plane)["status"] == "STOPPED"
    assert not any("rolling back" in event for event in plane.events())


def test_what_is_in_alarm_already_is_ignored_for_that_deployment(plane: Plane) -> None:
    serve(plane, "cpu", "errors")
    fires(plane)
    deploy(plane)
    fires(plane, state="OK")
    fires(plane)
    assert plane.service().primary.rollout is Rollout.IN_PROGRESS
    fires(plane, "errors")
    assert plane.service().primary.rolls_back


def test_too_little_data_a_deleted_alarm_and_one_that_is_not_enabled_are_no_failures(plane: Plane) -> None:
    serve(plane, "cpu", "errors")
    deploy(plane)
    fires(plane, state="INSUFFICIENT_DATA")
    plane.client("cloudwatch").delete_alarms(AlarmNames=["errors"])
    plane.settle()
    assert plane.service().primary.rollout is Rollout.COMPLETED
    plane.ecs.update_service(service="web", deploymentConfiguration=watching("cpu", enable=False))
    deploy(plane)
    fires(plane)
    assert plane.service().primary.rollout is Rollout.IN_PROGRESS
    assert history(plane)["alarms"]["status"] == "DISABLED"


def test_an_alarm_between_deployments_changes_nothing(plane: Plane) -> None:
    serve(plane, "cpu")
    before = plane.events()
    fires(plane)
    plane.advance(60)
    assert plane.events() == before


def test_the_first_deployment_has_nothing_to_go_back_to(plane: Plane) -> None:
    plane.serve("web", desired=2, deploymentConfiguration=watching("cpu"))
    fires(plane)
    assert plane.service().primary.rollout is Rollout.FAILED
    assert history(plane)["statusReason"].endswith("No rollback candidate was found to run the rollback.")


@pytest.mark.parametrize("operation", ["create", "update"])
def test_names_of_no_alarm_are_refused_at_once(plane: Plane, operation: str) -> None:
    plane.serve("web", desired=0)
    sentence = "The following CloudWatch alarms do not exist: none, nor this"
    asked = {"deploymentConfiguration": watching("cpu", "none", "nor this")}
    with refused(INVALID, sentence):
        if operation == "create":
            plane.ecs.create_service(serviceName="other", taskDefinition="web", desiredCount=1, **asked)
        else:
            plane.ecs.update_service(service="web", **asked)
    plane.ecs.update_service(service="web", deploymentConfiguration=watching("none", enable=False))


def test_with_the_patience_of_podium_up_the_watch_is_short(fast_plane: Plane) -> None:
    fast_plane.ready(instances=1)
    fast_plane.client("cloudwatch").put_metric_alarm(AlarmName="cpu", **ALARM)
    fast_plane.serve("web", desired=1, deploymentConfiguration=watching("cpu"))
    fast_plane.obey()
    fast_plane.advance(11)
    assert fast_plane.service().primary.rollout is Rollout.COMPLETED
