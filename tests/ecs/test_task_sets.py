"""Task sets: the tasks of a service whose deployments somebody else controls."""

from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, SUBNET, Plane, refused
from podium.ecs.controllers.passes import BATCH

INVALID = "InvalidParameterException"
GROUP = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/blue/0123456789abcdef"
WHERE = {"cluster": "default", "service": "web"}


@pytest.fixture
def ecs(plane: Plane) -> Any:
    """A client, with instances, the definition web:1 and the service `web` of three tasks, deployed by others."""
    plane.ready()
    plane.ecs.create_service(serviceName="web", desiredCount=3, deploymentController={"type": "EXTERNAL"})
    return plane.ecs


def create(ecs: Any, **members: Any) -> dict[str, Any]:
    return dict(ecs.create_task_set(**WHERE, taskDefinition="web", **members)["taskSet"])


def sets(ecs: Any) -> list[dict[str, Any]]:
    return list(ecs.describe_task_sets(**WHERE)["taskSets"])


def at(percent: float) -> dict[str, Any]:
    return {"value": percent, "unit": "PERCENT"}


def test_a_service_of_this_kind_has_neither_definition_nor_deployments(ecs: Any) -> None:
    [service] = ecs.describe_services(services=["web"])["services"]
    assert (service["deployments"], service["taskSets"]) == ([], [])
    assert not {"taskDefinition", "currentServiceDeployment"} & set(service)


def test_a_task_set_begins_active_and_without_tasks(plane: Plane, ecs: Any) -> None:
    made = create(ecs)
    assert made["taskSetArn"] == f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-set/default/web/{made['id']}"
    assert (made["status"], made["scale"], made["computedDesiredCount"]) == ("ACTIVE", at(0.0), 0)
    assert (made["stabilityStatus"], made["launchType"]) == ("STABILIZING", "EC2")
    plane.run()
    assert plane.tasks("web") == []
    assert sets(ecs)[0]["stabilityStatus"] == "STEADY_STATE"


@pytest.mark.parametrize(("percent", "tasks"), [(100, 3), (50, 2), (33.3, 1), (0.1, 1), (0, 0)])
def test_it_runs_its_share_of_the_desired_count_rounded_up(plane: Plane, ecs: Any, percent: float, tasks: int) -> None:
    made = create(ecs, scale=at(percent))
    assert made["computedDesiredCount"] == tasks
    plane.run()
    ours = plane.tasks("web")
    assert [t.started_by for t in ours] == [made["id"]] * tasks


def test_it_is_steady_once_all_its_tasks_are_healthy(plane: Plane, ecs: Any) -> None:
    create(ecs, scale=at(100))
    plane.obey()
    assert (sets(ecs)[0]["stabilityStatus"], sets(ecs)[0]["runningCount"]) == ("STABILIZING", 3)
    plane.advance(60)
    assert sets(ecs)[0]["stabilityStatus"] == "STEADY_STATE"


def test_scaling_it_down_stops_tasks(plane: Plane, ecs: Any) -> None:
    made = create(ecs, scale=at(100))
    plane.obey()
    ecs.update_task_set(**WHERE, taskSet=made["id"], scale=at(34))
    plane.run()
    assert len(plane.tasks("web")) == 2


def test_scaling_it_down_leaves_protected_tasks_alone_until_the_set_goes(plane: Plane, ecs: Any) -> None:
    made = create(ecs, scale=at(100))
    plane.obey()
    arns = [t.arn for t in plane.tasks("web")]
    ecs.update_task_protection(cluster="default", tasks=arns[:2], protectionEnabled=True)
    ecs.update_task_set(**WHERE, taskSet=made["id"], scale=at(0))
    plane.run()
    assert sorted(t.arn for t in plane.tasks("web")) == sorted(arns[:2])
    ecs.delete_task_set(**WHERE, taskSet=made["id"], force=True)
    plane.run()
    assert plane.tasks("web") == []


def test_an_instance_that_drains_gives_its_tasks_away_once_others_are_healthy(plane: Plane, ecs: Any) -> None:
    create(ecs, scale=at(100))
    plane.obey()
    plane.advance(60)
    before = plane.tasks("web")
    drained = str(before[0].container_instance_arn)
    ecs.update_container_instances_state(containerInstances=[drained], status="DRAINING")
    plane.run()
    assert {t.arn for t in before} < {t.arn for t in plane.tasks("web")}, "nothing goes before another has come"
    assert sets(ecs)[0]["stabilityStatus"] == "STABILIZING"
    plane.obey()
    plane.advance(60)
    assert len(plane.tasks("web")) == 3
    assert drained not in {t.container_instance_arn for t in plane.tasks("web")}
    assert sets(ecs)[0]["stabilityStatus"] == "STEADY_STATE"


def test_it_moves_off_an_instance_that_drains_and_is_not_steady_before(plane: Plane, ecs: Any) -> None:
    create(ecs, scale=at(100))
    for _ in range(6):
        plane.obey()
        plane.advance(10)
    assert sets(ecs)[0]["stabilityStatus"] == "STEADY_STATE"
    instance = plane.tasks("web")[0].container_instance_arn
    ecs.update_container_instances_state(containerInstances=[instance], status="DRAINING")
    plane.run()
    assert (len(plane.tasks("web")), sets(ecs)[0]["stabilityStatus"]) == (4, "STABILIZING")
    for _ in range(6):
        plane.obey()
        plane.advance(10)
    assert instance not in {t.container_instance_arn for t in plane.tasks("web")}
    assert (len(plane.tasks("web")), sets(ecs)[0]["stabilityStatus"]) == (3, "STEADY_STATE")


def test_one_is_primary_and_the_service_shows_what_it_is(plane: Plane, ecs: Any) -> None:
    plane.define("web")
    first, second = create(ecs), ecs.create_task_set(**WHERE, taskDefinition="web:1")["taskSet"]
    ecs.update_service_primary_task_set(**WHERE, primaryTaskSet=first["taskSetArn"])
    assert {s["id"]: s["status"] for s in sets(ecs)} == {first["id"]: "PRIMARY", second["id"]: "ACTIVE"}
    ecs.update_service_primary_task_set(**WHERE, primaryTaskSet=second["id"])
    assert {s["id"]: s["status"] for s in sets(ecs)} == {first["id"]: "ACTIVE", second["id"]: "PRIMARY"}
    [service] = ecs.describe_services(services=["web"])["services"]
    assert service["taskDefinition"].endswith("/web:1")


def test_the_primary_task_set_stays_unless_it_is_forced_out(plane: Plane, ecs: Any) -> None:
    made = create(ecs, scale=at(100))
    ecs.update_service_primary_task_set(**WHERE, primaryTaskSet=made["id"])
    plane.obey()
    with refused(INVALID, "Primary TaskSet cannot be deleted"):
        ecs.delete_task_set(**WHERE, taskSet=made["id"])
    assert ecs.delete_task_set(**WHERE, taskSet=made["id"], force=True)["taskSet"]["status"] == "DRAINING"
    plane.run()
    assert (sets(ecs), plane.tasks("web")) == ([], [])


def test_a_task_set_with_tasks_is_scaled_down_first(ecs: Any) -> None:
    made = create(ecs, scale=at(1))
    with refused(INVALID, "The task set cannot be deleted while it is scaled above 0."):
        ecs.delete_task_set(**WHERE, taskSet=made["id"])
    ecs.update_task_set(**WHERE, taskSet=made["id"], scale=at(0))
    ecs.delete_task_set(**WHERE, taskSet=made["id"])


def test_a_sixth_is_too_many(ecs: Any) -> None:
    for _ in range(5):
        create(ecs)
    with refused(
        INVALID,
        "5 deployments exist on the service. Unable to create new TaskSet since this exceeds the maximum limit.",
    ):
        create(ecs)


def test_the_same_token_gives_the_same_task_set(ecs: Any) -> None:
    assert create(ecs, clientToken="t")["id"] == create(ecs, clientToken="t")["id"]
    with refused(INVALID):
        create(ecs, clientToken="t", scale=at(5))


def test_what_is_unknown_is_said_to_be(ecs: Any) -> None:
    with refused("TaskSetNotFoundException", "The specified task set does not exist."):
        ecs.update_task_set(**WHERE, taskSet="ecs-svc/1", scale=at(5))
    assert ecs.describe_task_sets(**WHERE, taskSets=["ecs-svc/1"])["failures"][0]["reason"] == "MISSING"
    with refused("ServiceNotFoundException"):
        ecs.describe_task_sets(cluster="default", service="ghost")


def test_services_of_ecs_have_no_task_sets(plane: Plane, ecs: Any) -> None:
    plane.serve("own", taskDefinition="web")
    with refused(
        INVALID,
        "Amazon ECS only supports task set management on services configured to use external deployment controllers.",
    ):
        ecs.create_task_set(cluster="default", service="own", taskDefinition="web")


def test_a_task_set_without_capacity_never_comes_to_rest(plane: Plane, ecs: Any) -> None:
    plane.define("net", networkMode="awsvpc", cpu="256", memory="512")
    network = {"awsvpcConfiguration": {"subnets": [SUBNET]}}
    made = ecs.create_task_set(
        **WHERE, taskDefinition="net", launchType="FARGATE", networkConfiguration=network, scale=at(100)
    )["taskSet"]
    assert (made["platformVersion"], made["platformFamily"]) == ("LATEST", "Linux")
    plane.advance(3600)
    assert sets(ecs)[0]["stabilityStatus"] == "STABILIZING"
    assert any("Capacity is unavailable at this time" in event for event in plane.events())


def test_starts_that_fail_are_put_off_as_those_of_any_service_are(plane: Plane, ecs: Any) -> None:
    create(ecs, scale=at(100))
    started = 0
    plane.run()
    while plane.tasks("web"):
        for task in plane.tasks("web"):
            started += 1
            plane.fail_to_start(task.arn)
        plane.run()
        assert started < 30
    assert any("unable to consistently start tasks successfully" in event for event in plane.events())
    create(ecs, scale=at(100))
    plane.run()
    assert plane.tasks("web"), "another task set is tried at once"


def test_one_that_fails_holds_up_no_other(plane: Plane, ecs: Any) -> None:
    good = create(ecs, scale=at(100))["id"]
    plane.obey()
    plane.define("broken")
    ecs.create_task_set(**WHERE, taskDefinition="broken", scale=at(100))
    plane.run()
    while broken := [t for t in plane.tasks("web") if t.started_by != good]:
        for task in broken:
            plane.fail_to_start(task.arn)
        plane.run()
    [first, *_] = [t for t in plane.tasks("web") if t.started_by == good]
    plane.exit(first.arn)
    plane.run()
    assert len([t for t in plane.tasks("web") if t.started_by == good]) == 3


def test_a_service_of_code_deploy_is_deleted_once_it_is_scaled_to_nothing(plane: Plane, ecs: Any) -> None:
    plane.group_in_use(GROUP)
    balancer = {"targetGroupArn": GROUP, "containerName": "app", "containerPort": 80}
    plane.define("blue", {"portMappings": [{"containerPort": 80}]})
    ecs.create_service(
        serviceName="blue",
        taskDefinition="blue",
        desiredCount=1,
        deploymentController={"type": "CODE_DEPLOY"},
        loadBalancers=[balancer],
    )
    plane.run()
    with refused(INVALID, "The service cannot be stopped while it is scaled above 0."):
        ecs.delete_service(service="blue")
    ecs.update_service(service="blue", desiredCount=0)
    plane.run()
    assert ecs.delete_service(service="blue")["service"]["status"] == "DRAINING"


def test_a_service_with_task_sets_is_deleted_by_force(plane: Plane, ecs: Any) -> None:
    create(ecs, scale=at(100))
    plane.obey()
    ecs.update_service(service="web", desiredCount=0)
    with refused(INVALID, "The service cannot be stopped while deployments are active."):
        ecs.delete_service(service="web")
    ecs.delete_service(service="web", force=True)
    plane.run()
    assert plane.tasks("web") == []


def test_only_counts_and_tags_of_such_a_service_are_updated(ecs: Any) -> None:
    ecs.update_service(service="web", desiredCount=1)
    with refused(INVALID):
        ecs.update_service(service="web", taskDefinition="web")
    with refused(INVALID):
        ecs.update_service(service="web", forceNewDeployment=True)


@pytest.mark.parametrize("ends", ["scaled to nothing", "deleted"])
def test_a_large_one_goes_a_batch_in_a_turn(plane: Plane, ecs: Any, ends: str) -> None:
    ecs.update_service(service="web", desiredCount=120)
    made = create(ecs, scale=at(100))
    plane.run()
    wanted = len(plane.tasks("web"))
    assert wanted > 2 * BATCH
    if ends == "deleted":
        ecs.delete_task_set(**WHERE, taskSet=made["id"], force=True)
    else:
        ecs.update_task_set(**WHERE, taskSet=made["id"], scale=at(0))
    most = 0
    while plane.core.turn():
        left = len(plane.tasks("web"))
        most, wanted = max(most, wanted - left), left
    assert (wanted, most) == (0, BATCH)
