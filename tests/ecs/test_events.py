"""What ECS tells EventBridge: in the transaction that it tells of, in the documented words."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import pytest

from amounts import seeds
from inprocess import ACCOUNT, GROUP, REGION, SUBNET, Plane
from podium.ecs.records import ContainerInstance, Task, TaskStatus
from podium.ecs.timing import FAST
from podium.events import Event, envelope, page
from podium.events.journal import END
from podium.store.records import replace
from podium.store.session import Change

TASK, INSTANCE = "ECS Task State Change", "ECS Container Instance State Change"
ACTION, DEPLOYMENT = "ECS Service Action", "ECS Deployment State Change"
NETWORK = {"awsvpcConfiguration": {"subnets": [SUBNET], "securityGroups": [GROUP]}}


@pytest.fixture
def plane() -> Plane:
    made = Plane(timing=FAST, events=True)
    made.ready(instances=3)
    return made


def told(plane: Plane, kind: str = "", **wanted: Any) -> list[dict[str, Any]]:
    """Envelopes, oldest first, of one detail-type and with these members in the detail."""
    found = [envelope(event) for event in reversed(page(plane.database, "", END, {"type": kind}, 10_000))]
    return [e for e in found if all(e["detail"].get(name) == value for name, value in wanted.items())]


def lives(plane: Plane, task: str) -> list[tuple[int, str, str]]:
    details = [e["detail"] for e in told(plane, TASK, taskArn=task)]
    return [(d["version"], d["lastStatus"], d["desiredStatus"]) for d in details]


def test_a_task_is_told_of_step_by_step(plane: Plane) -> None:
    [made] = plane.ecs.run_task(taskDefinition="web")["tasks"]
    plane.report(made["taskArn"], "RUNNING")
    plane.ecs.stop_task(task=made["taskArn"])
    plane.run()
    plane.exit(made["taskArn"], 143)
    plane.run()
    assert lives(plane, made["taskArn"]) == [
        (1, "PENDING", "RUNNING"),
        (2, "RUNNING", "RUNNING"),
        (3, "RUNNING", "STOPPED"),
        (4, "STOPPING", "STOPPED"),
        (5, "STOPPED", "STOPPED"),
    ]
    [shown] = plane.ecs.describe_tasks(tasks=[made["taskArn"]])["tasks"]
    assert shown["version"] == 5


def test_the_envelope_is_eventbridges(plane: Plane) -> None:
    [made] = plane.ecs.run_task(taskDefinition="web")["tasks"]
    [event] = told(plane, TASK)
    assert {name: event[name] for name in ("version", "source", "account", "region", "resources", "time")} == {
        "version": "0",
        "source": "aws.ecs",
        "account": ACCOUNT,
        "region": REGION,
        "resources": [made["taskArn"]],
        "time": "2026-03-01T12:00:00Z",
    }
    assert len(event["id"]) == 36
    assert event["detail"]["updatedAt"] == "2026-03-01T12:00:00.000Z"


def test_what_no_event_shows_raises_no_version(plane: Plane) -> None:
    [made] = plane.ecs.run_task(taskDefinition="web")["tasks"]
    tags = [{"key": "a", "value": "b"}]
    plane.ecs.tag_resource(resourceArn=made["taskArn"], tags=tags)
    assert plane.record(Task, made["taskArn"]).version == len(lives(plane, made["taskArn"])) == 1


def test_a_containers_end_is_news_of_its_own(plane: Plane) -> None:
    plane.define("two", {"name": "app"}, {"name": "side", "essential": False})
    [made] = plane.ecs.run_task(taskDefinition="two")["tasks"]
    plane.report(made["taskArn"], "RUNNING")
    plane.ecs.submit_container_state_change(
        task=made["taskArn"], containerName="side", status="STOPPED", exitCode=3, cluster="default"
    )
    *_, last = told(plane, TASK)
    codes = {c["name"]: c.get("exitCode") for c in last["detail"]["containers"]}
    assert (codes, last["detail"]["lastStatus"]) == ({"app": None, "side": 3}, "RUNNING")


def test_an_interface_is_called_eni(plane: Plane) -> None:
    plane.serve_fargate()
    plane.define("net", networkMode="awsvpc", cpu="256", memory="512")
    [made] = plane.ecs.run_task(taskDefinition="net", launchType="FARGATE", networkConfiguration=NETWORK)["tasks"]
    plane.run()
    first, second = (e["detail"] for e in told(plane, TASK, taskArn=made["taskArn"]))
    assert (first["lastStatus"], second["lastStatus"]) == ("PROVISIONING", "PENDING")
    assert [a["type"] for a in second["attachments"]] == ["eni"]
    [address] = second["containers"][0]["networkInterfaces"]
    assert address["attachmentId"] == second["attachments"][0]["id"]
    assert "containerInstanceArn" not in second


def test_an_instance_is_told_of_when_its_agent_comes_or_goes_or_it_drains(plane: Plane) -> None:
    [arn] = plane.join(instances=1)
    plane.disconnect(arn)
    plane.ecs.update_container_instances_state(containerInstances=[arn], status="DRAINING")
    plane.ecs.deregister_container_instance(containerInstance=arn)
    details = [e["detail"] for e in told(plane, INSTANCE, containerInstanceArn=arn)]
    assert [(d["version"], d["status"], d["agentConnected"]) for d in details] == [
        (1, "ACTIVE", False),
        (2, "ACTIVE", True),
        (3, "ACTIVE", False),
        (4, "DRAINING", False),
        (5, "INACTIVE", False),
    ]
    assert plane.record(ContainerInstance, arn).version == 5


def test_hosts_that_serve_fargate_are_told_to_nobody(plane: Plane) -> None:
    before = len(told(plane, INSTANCE))
    plane.serve_fargate()
    assert len(told(plane, INSTANCE)) == before


def test_a_service_that_comes_up_tells_of_its_deployment_and_then_of_its_steady_state(plane: Plane) -> None:
    arn = plane.serve("web", desired=1)
    plane.settle()
    deployment = plane.service().primary.id
    assert [(e["detail"]["eventName"], e["detail"]["reason"]) for e in told(plane, DEPLOYMENT)] == [
        ("SERVICE_DEPLOYMENT_IN_PROGRESS", f"ECS deployment {deployment} in progress."),
        ("SERVICE_DEPLOYMENT_COMPLETED", f"ECS deployment {deployment} completed."),
    ]
    started, steady = told(plane, ACTION)
    assert (started["resources"], started["detail"]["eventName"]) == ([arn], "TASKS_STARTED")
    assert (steady["resources"], steady["detail"]["eventName"]) == ([arn], "SERVICE_STEADY_STATE")
    plane.ecs.update_service(service="web", desiredCount=0)
    plane.run()
    assert len(told(plane, ACTION, eventName="TASKS_STOPPED")) == 1


def test_a_service_that_finds_no_room_says_what_lacks(plane: Plane) -> None:
    plane.define("big", {"memory": 8193})
    plane.serve("big", desired=1)
    [failure] = told(plane, ACTION)
    assert (failure["detail"]["eventType"], failure["detail"]["eventName"], failure["detail"]["reason"]) == (
        "ERROR",
        "SERVICE_TASK_PLACEMENT_FAILURE",
        "RESOURCE:MEMORY",
    )


def test_the_breakers_verdict_is_in_the_words_of_events(plane: Plane) -> None:
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
    plane.serve("web", desired=1, deploymentConfiguration=breaker)
    while plane.service().primary.rollout.value == "IN_PROGRESS":
        for task in plane.tasks("web"):
            plane.fail_to_start(task.arn)
        plane.advance(60)
    *_, failed = told(plane, DEPLOYMENT)
    assert (failed["detail"]["eventType"], failed["detail"]["reason"]) == (
        "ERROR",
        "ECS deployment circuit breaker: task failed to start.",
    )


def test_a_service_that_is_slowed_down_is_impaired(plane: Plane) -> None:
    plane.serve("web", desired=1)
    for _ in range(3):
        for task in plane.tasks("web"):
            plane.fail_to_start(task.arn)
        plane.run()
    assert "SERVICE_TASK_START_IMPAIRED" in [e["detail"]["eventName"] for e in told(plane, ACTION)]


def test_a_service_that_is_rebalanced_says_so_at_the_beginning_and_the_end(plane: Plane) -> None:
    plane.ecs.create_cluster(clusterName="lopsided")
    plane.join("lopsided", instances=1, zones=["us-east-1a"])
    plane.serve("web", desired=2, cluster="lopsided")
    plane.settle()
    plane.join("lopsided", instances=1, zones=["us-east-1b"])
    plane.advance(301)
    plane.settle()
    names = [e["detail"]["eventName"] for e in told(plane, ACTION)]
    moved = [name for name in names if "REBALANCING" in name]
    assert moved == ["SERVICE_REBALANCING_STARTED", "SERVICE_REBALANCING_COMPLETED"]


def test_only_ecss_own_count_of_a_daemon_service_is_told(plane: Plane) -> None:
    plane.define("agent")
    plane.ecs.create_service(serviceName="agent", taskDefinition="agent", schedulingStrategy="DAEMON")
    plane.run()
    plane.serve("web", desired=1)
    plane.ecs.update_service(service="web", desiredCount=2)
    updates = told(plane, ACTION, eventName="SERVICE_DESIRED_COUNT_UPDATED")
    assert [e["resources"][0].rpartition("/")[2] for e in updates] == ["agent"]
    plane.advance(3600)
    plane.join(instances=1)
    plane.run()
    *_, last = told(plane, ACTION, eventName="SERVICE_DESIRED_COUNT_UPDATED")
    assert last["detail"]["createdAt"] == last["time"].replace("Z", ".000Z"), "it is told when it is so"


def test_a_daemons_tasks_on_instances_that_changed_are_told_of(plane: Plane) -> None:
    plane.define("agent")
    [first, *_] = plane.ecs.list_container_instances()["containerInstanceArns"]
    stack = {"name": "stack", "targetId": first, "value": "prod"}
    plane.ecs.put_attributes(attributes=[stack])
    constraint = {"type": "memberOf", "expression": "attribute:stack == prod"}
    plane.ecs.create_service(
        serviceName="agent", taskDefinition="agent", schedulingStrategy="DAEMON", placementConstraints=[constraint]
    )
    plane.settle()
    plane.ecs.delete_attributes(attributes=[{"name": "stack", "targetId": first}])
    plane.run()
    [violated] = told(plane, ACTION, eventName="SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED")
    assert violated["detail"]["eventType"] == "ERROR"
    assert plane.tasks("agent") == []


def test_a_task_set_that_comes_to_rest_is_told_of_by_its_name(plane: Plane) -> None:
    plane.ecs.create_service(serviceName="web", desiredCount=1, deploymentController={"type": "EXTERNAL"})
    plane.define("web")
    scale = {"value": 100, "unit": "PERCENT"}
    made = plane.ecs.create_task_set(cluster="default", service="web", taskDefinition="web", scale=scale)["taskSet"]
    for _ in range(3):
        plane.obey()
        plane.advance(60)
    [steady] = told(plane, ACTION, eventName="TASKSET_STEADY_STATE")
    assert steady["detail"]["taskSetArns"] == [made["taskSetArn"]]
    [service] = plane.ecs.describe_services(services=["web"])["services"]
    assert f"(service web, taskSet {made['id']}) has reached a steady state." in [
        event["message"] for event in service["events"]
    ]


def test_without_events_nothing_is_written() -> None:
    plane = Plane(events=False)
    plane.ready()
    assert told(plane) == []


def test_a_lost_write_takes_its_events_with_it(plane: Plane) -> None:
    """They are part of the same transaction."""
    [made] = plane.ecs.run_task(taskDefinition="web")["tasks"]
    before, answers = told(plane), []
    another = replace(plane.record(Task, made["taskArn"]), arn=f"{made['taskArn']}0")
    plane.core.write(lambda tx: tx.put(another), lambda result, error: answers.append(error))
    batch = plane.core.seal()
    assert batch is not None
    assert batch.group is not None
    assert [change.kind for change in batch.group.changes] == [Task, Event]
    plane.core.lost(OSError("disk full"))
    assert [str(error) for error in answers] == ["disk full"]
    plane.write(lambda tx: None)
    assert [task.arn for task in plane.records(Task)] == [made["taskArn"]]
    assert told(plane) == before


class Watched:
    """Follows tasks by what becomes durable, and holds events to it."""

    def __init__(self) -> None:
        self.statuses: dict[str, tuple[str, str]] = {}  # as of now
        self.untold: dict[str, tuple[str, str]] = {}  # changed, and no event yet
        self.versions: dict[str, int] = {}

    def __call__(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.kind is Task and change.after is not None:
                self._moved(change.after)
            elif change.kind is Event and change.after.detail_type == TASK:
                self._told(change.after.detail)
        assert self.untold == {}, "a change of status had no event"

    def _moved(self, task: Task) -> None:
        now = (task.last_status.value, task.desired_status.value)
        if self.statuses.get(task.arn) != now:
            self.untold[task.arn] = self.statuses[task.arn] = now

    def _told(self, detail: Mapping[str, Any]) -> None:
        arn = detail["taskArn"]
        assert (detail["lastStatus"], detail["desiredStatus"]) == self.statuses[arn]
        assert detail["version"] == self.versions.get(arn, 0) + 1
        self.versions[arn] = detail["version"]
        self.untold.pop(arn, None)


@pytest.mark.parametrize("seed", seeds(20))
def test_every_change_of_status_has_one_event_and_versions_have_no_gaps(plane: Plane, seed: int) -> None:
    random, watched = Random(seed), Watched()
    plane.core.watchers.append(watched)
    plane.serve("web", desired=3)
    for _ in range(60):
        _anything(plane, random)
    assert watched.versions
    for task in plane.records(Task):
        assert task.version == watched.versions[task.arn]


def _anything(plane: Plane, random: Random) -> None:
    tasks = [t for t in plane.records(Task) if t.last_status is not TaskStatus.STOPPED]
    arn = random.choice(tasks).arn if tasks else ""
    deeds = {
        "run": lambda: plane.ecs.run_task(taskDefinition="web", count=random.randrange(1, 3)),
        "scale": lambda: plane.ecs.update_service(service="web", desiredCount=random.randrange(5)),
        "redeploy": lambda: plane.ecs.update_service(service="web", forceNewDeployment=True),
        "work": plane.run,
        "wait": lambda: plane.advance(random.randrange(30)),
        "away": lambda: plane.disconnect(random.choice(plane.records(ContainerInstance)).arn),
        "back": lambda: plane.connect(random.choice(plane.records(ContainerInstance)).arn),
    }
    if arn:
        deeds |= {
            "up": lambda: plane.report(arn, "RUNNING"),
            "ends": lambda: plane.exit(arn, random.randrange(2)),
            "fails": lambda: plane.fail_to_start(arn),
            "stop": lambda: plane.ecs.stop_task(task=arn),
            "ill": lambda: plane.health(arn, random.choice(["HEALTHY", "UNHEALTHY"])),
        }
    random.choice(list(deeds.values()))()
