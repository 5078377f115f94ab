"""A container instance's credential: for that instance alone, for an hour, and until it is revoked."""

from datetime import timedelta
from typing import Any

import pytest

from inprocess import ACCOUNT, AGENT, Plane, refused
from podium.ecs.acs import links
from podium.ecs.records import ContainerInstance
from podium.server import instance_keys
from podium.server.pages.instances import revoked

DENIED = "AccessDeniedException"


@pytest.fixture
def pair(plane: Plane) -> tuple[str, str]:
    """Two instances with a task of the service on each."""
    plane.ready(instances=2)
    plane.serve("web", 2)
    one, two = (i.arn for i in plane.records(ContainerInstance))
    return one, two


def task_on(plane: Plane, instance: str) -> str:
    return next(t.arn for t in plane.tasks("web") if t.container_instance_arn == instance)


def test_it_reports_what_became_of_its_own_tasks(plane: Plane, pair: tuple[str, str]) -> None:
    one, _ = pair
    task = task_on(plane, one)
    plane.as_instance(one).submit_task_state_change(cluster="default", task=task, status="RUNNING")
    assert plane.ecs.describe_tasks(tasks=[task])["tasks"][0]["lastStatus"] == "RUNNING"


def test_its_word_on_a_task_of_another_instance_does_not_count(plane: Plane, pair: tuple[str, str]) -> None:
    one, two = pair
    task = task_on(plane, two)
    agent = plane.as_instance(one)
    with refused("InvalidParameterException", "The referenced task was not found."):
        agent.submit_task_state_change(cluster="default", task=task, status="STOPPED")
    with refused("InvalidParameterException", "The referenced task was not found."):
        agent.submit_container_state_change(cluster="default", task=task, containerName="app", status="STOPPED")
    plane.write(lambda tx: None)
    assert plane.ecs.describe_tasks(tasks=[task])["tasks"][0]["lastStatus"] == "PENDING"


def test_it_finds_its_own_channels_and_no_others(plane: Plane, pair: tuple[str, str]) -> None:
    one, two = pair
    agent = plane.as_instance(one)
    assert agent.discover_poll_endpoint(containerInstance=one)["endpoint"]
    with refused(DENIED, f"{one} may not perform ecs:DiscoverPollEndpoint: it names another container instance."):
        agent.discover_poll_endpoint(containerInstance=two)


def test_it_registers_itself_again_and_nobody_else(plane: Plane, pair: tuple[str, str]) -> None:
    one, two = pair
    agent = plane.as_instance(one)
    resources = [{"name": "CPU", "type": "INTEGER", "integerValue": 4096}]
    again = agent.register_container_instance(containerInstanceArn=one, totalResources=resources)
    assert again["containerInstance"]["containerInstanceArn"] == one
    for other in ({"containerInstanceArn": two}, {}):
        with refused(DENIED):
            agent.register_container_instance(totalResources=resources, **other)


def test_it_reads_the_tags_of_its_own_tasks_alone(plane: Plane, pair: tuple[str, str]) -> None:
    agent, (mine, theirs) = plane.as_instance(pair[0]), [task_on(plane, arn) for arn in pair]
    plane.ecs.tag_resource(resourceArn=mine, tags=[{"key": "a", "value": "b"}])
    assert agent.list_tags_for_resource(resourceArn=mine)["tags"] == [{"key": "a", "value": "b"}]
    with refused(DENIED):
        agent.list_tags_for_resource(resourceArn=theirs)
    with refused(DENIED):
        agent.list_tags_for_resource(resourceArn=pair[1])


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("run_task", {"taskDefinition": "web"}),
        ("start_task", {"taskDefinition": "web", "containerInstances": ["x"]}),
        ("create_service", {"serviceName": "x", "taskDefinition": "web", "desiredCount": 1}),
        ("create_cluster", {}),
        ("stop_task", {"task": "0" * 32}),
        ("list_clusters", {}),
        ("describe_tasks", {"tasks": ["0" * 32]}),
        ("register_task_definition", {"family": "x", "containerDefinitions": []}),
    ],
)
def test_it_can_start_stop_and_see_nothing(
    plane: Plane, pair: tuple[str, str], operation: str, members: dict[str, Any]
) -> None:
    with refused(DENIED):
        getattr(plane.as_instance(pair[0]), operation)(**members)


def test_it_ends_after_an_hour(plane: Plane, pair: tuple[str, str]) -> None:
    agent = plane.as_instance(pair[0])
    plane.clock.time += instance_keys.LIFETIME
    with refused("ExpiredTokenException", "The security token included in the request is expired"):
        agent.discover_poll_endpoint(containerInstance=pair[0])


def test_it_ends_with_the_instance_and_when_it_is_revoked(plane: Plane, pair: tuple[str, str]) -> None:
    one, two = pair
    agents = {arn: plane.as_instance(arn) for arn in pair}
    plane.ecs.deregister_container_instance(containerInstance=one, force=True)
    now = plane.clock.now()
    assert plane.write(lambda tx: revoked(tx, two.rpartition("/")[2], now)) == [two]
    for arn, agent in agents.items():
        with refused(DENIED):
            agent.discover_poll_endpoint(containerInstance=arn)


def test_revoking_it_does_not_make_an_agent_that_was_away_leave_again(plane: Plane, pair: tuple[str, str]) -> None:
    """A host that leaves anew would be due again, and take the place of another among those that may be lost."""
    left = plane.clock.now()
    plane.write(lambda tx: links.disconnected(tx, pair[0], left))
    plane.clock.time += timedelta(minutes=5)
    plane.write(lambda tx: revoked(tx, pair[0], plane.clock.now()))
    [instance] = [i for i in plane.records(ContainerInstance) if i.arn == pair[0]]
    assert (instance.disconnected_at, instance.revoked_at) == (left, plane.clock.now())


def test_revoking_it_ends_the_connection_of_its_agent(plane: Plane, pair: tuple[str, str]) -> None:
    plane.write(lambda tx: links.connected(tx, pair[0], {}))
    plane.write(lambda tx: revoked(tx, pair[0], plane.clock.now()))
    [instance] = [i for i in plane.records(ContainerInstance) if i.arn == pair[0]]
    assert (instance.agent_connected, instance.disconnected_at) == (False, plane.clock.now())


def test_a_token_that_was_changed_or_borrowed_proves_nothing(plane: Plane, pair: tuple[str, str]) -> None:
    keys = [instance_keys.issued(plane.sealer, arn, plane.clock.now()) for arn in pair]
    longer = keys[0].token.replace(".", ".AAAA", 1)
    for token in (longer, keys[1].token, "podium-instance.x.y"):
        assert instance_keys.proved(plane.sealer, keys[0].access_key_id, token) is None
    assert instance_keys.proved(plane.sealer, keys[0].access_key_id, keys[0].token) is not None


def test_the_key_for_joining_registers_instances_and_does_nothing_else(plane: Plane, pair: tuple[str, str]) -> None:
    joining = plane.client("ecs", key=(AGENT, "agent"))
    joining.create_cluster(clusterName="default")
    sentence = (
        f"arn:aws:iam::{ACCOUNT}:user/podium-agent may not perform ecs:DiscoverPollEndpoint: "
        "this key serves to register container instances alone."
    )
    with refused(DENIED, sentence):
        joining.discover_poll_endpoint(containerInstance=pair[0])
    with refused(DENIED):
        joining.create_cluster(clusterName="mine")
    for operation, members in (
        ("list_clusters", {}),
        ("stop_task", {"task": task_on(plane, pair[0])}),
        ("submit_task_state_change", {"task": task_on(plane, pair[0]), "status": "STOPPED"}),
        ("register_container_instance", {"containerInstanceArn": pair[0], "totalResources": []}),
    ):
        with refused("ClientException" if operation.startswith("register") else DENIED):
            getattr(joining, operation)(**members)
