"""However a caller writes what it means: what is judged is what is acted upon."""

from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane, refused
from people import Key, allow, deny, permit, role, trust, user

ECS = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
ELSEWHERE = "arn:aws:ecs:eu-west-1:999999999999"


@pytest.fixture
def ann(plane: Plane) -> Key:
    return user(plane, "ann")


@pytest.fixture
def as_ann(plane: Plane, ann: Key) -> Any:
    return plane.client("ecs", key=ann)


def ways_to_write(revision: str) -> list[str]:
    return [revision, revision.replace(":", ":00"), f"{ECS}:task-definition/{revision}"]


@pytest.mark.parametrize("written", [*ways_to_write("web:1"), f"{ELSEWHERE}:task-definition/web:01"])
def test_a_revision_that_is_denied_is_denied_however_its_number_is_written(
    plane: Plane, as_ann: Any, written: str
) -> None:
    plane.ready()
    permit(plane, "ann", allow("ecs:*"), deny("ecs:RunTask", f"{ECS}:task-definition/web:1"))
    with refused("AccessDeniedException"):
        as_ann.run_task(taskDefinition=written)


@pytest.mark.parametrize("written", ways_to_write("admin:1"))
def test_a_definitions_role_is_passed_however_its_revision_is_written(plane: Plane, as_ann: Any, written: str) -> None:
    plane.ready()
    plane.define("admin", taskRoleArn=role(plane, "admin", trust("ecs-tasks.amazonaws.com")))
    permit(plane, "ann", allow("ecs:*"))
    with refused("AccessDeniedException"):
        as_ann.run_task(taskDefinition=written)


def test_a_short_arn_means_the_callers_own_account_and_region(plane: Plane, as_ann: Any) -> None:
    plane.ready()
    plane.serve("web")
    permit(plane, "ann", allow("ecs:*", f"{ELSEWHERE}:*"), deny("ecs:UpdateService", f"{ECS}:service/default/web"))
    with refused("AccessDeniedException"):
        as_ann.update_service(service=f"{ELSEWHERE}:service/web", desiredCount=0)


@pytest.mark.parametrize("written", ["agent", "agent:01", f"{ELSEWHERE}:daemon-task-definition/agent:1"])
def test_a_daemons_role_is_passed_however_its_definition_is_written(plane: Plane, as_ann: Any, written: str) -> None:
    plane.ready()
    admin = role(plane, "admin", trust("ecs-tasks.amazonaws.com"))
    agent = {"name": "agent", "image": "agent:1", "memory": 64}
    plane.ecs.register_daemon_task_definition(family="agent", containerDefinitions=[agent], taskRoleArn=admin)
    permit(plane, "ann", allow("ecs:*"))
    with refused("AccessDeniedException") as answer:
        as_ann.create_daemon(
            daemonName="d",
            daemonTaskDefinitionArn=written,
            clusterArn=f"{ECS}:cluster/default",
            capacityProviderArns=[f"{ECS}:capacity-provider/mi"],
        )
    assert "iam:PassRole" in answer["Error"]["Message"]
