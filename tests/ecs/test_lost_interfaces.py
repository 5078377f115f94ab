"""Tasks with network interfaces of their own whose records are lost while they run: their addresses stay theirs."""

from typing import Any

import pytest

from inprocess import ACCOUNT, GROUP, REGION, SUBNET, Plane
from podium.ecs.acs import interfaces, links
from podium.ecs.acs.assignments import of_task
from podium.ecs.records import Stranger, Task, TaskStatus

NETWORK = {"awsvpcConfiguration": {"subnets": [SUBNET], "securityGroups": [GROUP]}}
ON_FARGATE = {"taskDefinition": "net", "launchType": "FARGATE", "networkConfiguration": NETWORK}
LOST = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/default/{'f' * 32}"


@pytest.fixture
def host(plane: Plane) -> str:
    plane.ready(instances=0)
    plane.define("net", networkMode="awsvpc", cpu="256", memory="512")
    [arn] = plane.serve_fargate()
    return arn


def announced(plane: Plane) -> dict[str, Any]:
    """What an agent was told of the interface of a task that ran here once, and ended."""
    [task] = plane.ecs.run_task(**ON_FARGATE)["tasks"]
    plane.run()
    record = plane.record(Task, task["taskArn"])
    payload = plane.read(lambda tx: of_task(tx, record)).payload
    assert payload is not None
    plane.ecs.stop_task(task=record.arn)
    plane.exit(record.arn)
    plane.run()
    assert shown(plane) == []
    return dict(payload["elasticNetworkInterfaces"][0])


def ask(plane: Plane, host: str, interface: Any, **members: str) -> list[str]:
    told = {"taskArn": LOST, "family": "net", "version": "1", "group": "family:net", **members}
    told |= {} if interface is None else {"elasticNetworkInterfaces": [interface]}
    return plane.write(lambda tx: links.stops_meant(tx, host, [told], plane.clock.time))


def shown(plane: Plane) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = plane.client("ec2").describe_network_interfaces()["NetworkInterfaces"]
    return found


def test_a_lost_task_is_taken_up_with_the_interface_that_its_agent_tells_of(plane: Plane, host: str) -> None:
    interface = announced(plane)
    assert ask(plane, host, interface) == []
    [task] = plane.ecs.describe_tasks(tasks=[LOST])["tasks"]
    assert (task["lastStatus"], task["launchType"], task["platformVersion"]) == ("RUNNING", "FARGATE", "1.4.0")
    [attachment] = task["attachments"]
    details = {d["name"]: d["value"] for d in attachment["details"]}
    assert interface["attachmentArn"].endswith(attachment["id"])
    assert (attachment["status"], details["subnetId"]) == ("ATTACHED", SUBNET)
    assert details["networkInterfaceId"] == interface["ec2Id"]
    [found] = shown(plane)
    assert (found["NetworkInterfaceId"], found["Status"]) == (interface["ec2Id"], "in-use")
    assert [group["GroupId"] for group in found["Groups"]] == [GROUP]
    assert (found["MacAddress"], found["PrivateDnsName"]) == (interface["macAddress"], interface["privateDnsName"])


def test_its_address_goes_to_nobody_else_before_it_has_ended(plane: Plane, host: str) -> None:
    ask(plane, host, announced(plane))
    [lost] = [i["PrivateIpAddress"] for i in shown(plane)]
    for _ in range(3):
        plane.ecs.run_task(**ON_FARGATE)
        plane.run()
    assert [i["PrivateIpAddress"] for i in shown(plane)].count(lost) == 1
    plane.ecs.stop_task(task=LOST)
    plane.exit(LOST)
    plane.run()
    assert plane.record(Task, LOST).last_status is TaskStatus.STOPPED
    assert lost not in [i["PrivateIpAddress"] for i in shown(plane)]


def test_a_strangers_address_and_its_rules_stay_until_it_ends(plane: Plane, host: str) -> None:
    interface = announced(plane)
    ask(plane, host, interface, family="ghost")
    [stranger] = plane.records(Stranger)
    assert stranger.interface_id == interface["ec2Id"]
    assert [i["NetworkInterfaceId"] for i in shown(plane)] == [interface["ec2Id"]]
    assert [g["groupId"] for g in plane.read(lambda tx: interfaces.groups_on(tx, host))] == [GROUP]
    plane.ecs.submit_task_state_change(cluster="default", task=LOST, status="STOPPED")
    assert (plane.records(Stranger), shown(plane)) == ([], [])


def test_an_interface_whose_groups_are_lost_too_is_in_the_default_group(plane: Plane, host: str) -> None:
    ask(plane, host, {**announced(plane), "securityGroupIds": ["sg-0123456789abcdef0"]})
    [found] = shown(plane)
    assert [group["GroupName"] for group in found["Groups"]] == ["default"]


def test_a_task_whose_address_somebody_else_has_by_now_is_a_stranger(plane: Plane, host: str) -> None:
    interface = announced(plane)
    plane.client("ec2").create_network_interface(
        SubnetId=SUBNET, PrivateIpAddress=interface["ipv4Addresses"][0]["privateAddress"]
    )
    assert ask(plane, host, interface) == []
    [stranger] = plane.records(Stranger)
    assert (stranger.arn, stranger.interface_id) == (LOST, None)
    assert len(shown(plane)) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"macAddress": "0a:00:00:00:00:01"},
        {"ipv4Addresses": [{"privateAddress": "10.9.8.7"}]},
        {"ipv4Addresses": [{"privateAddress": "over there"}]},
        {"ipv4Addresses": []},
        {"ipv4Addresses": None},
    ],
)
def test_an_interface_that_cannot_be_makes_a_stranger_without_one(
    plane: Plane, host: str, changed: dict[str, Any]
) -> None:
    ask(plane, host, {**announced(plane), **changed})
    assert [s.interface_id for s in plane.records(Stranger)] == [None]
    assert shown(plane) == []


def test_an_agent_that_tells_of_no_interface_has_a_stranger(plane: Plane, host: str) -> None:
    ask(plane, host, None)
    assert [s.arn for s in plane.records(Stranger)] == [LOST]
