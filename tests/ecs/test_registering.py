"""RegisterContainerInstance as the open-source agent sends it: echoed, idempotent, and again with the same ARN."""

import json
from datetime import timedelta
from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane, refused
from podium.ecs.records import ContainerInstance
from podium.store.records import replace

HOME = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
RESOURCES = [
    {"name": "CPU", "type": "INTEGER", "integerValue": 2048},
    {"name": "MEMORY", "type": "INTEGER", "integerValue": 3900},
    {"name": "PORTS", "type": "STRINGSET", "stringSetValue": ["22", "2375"]},
    {"name": "PORTS_UDP", "type": "STRINGSET", "stringSetValue": []},
]
CAPABILITIES = [{"name": "ecs.capability.full-sync"}, {"name": "ecs.os-type", "value": "linux"}]
EXTERNAL = {"name": "ecs.capability.external"}


def register(plane: Plane, *attributes: dict[str, str], **members: Any) -> dict[str, Any]:
    given = {"totalResources": RESOURCES, "attributes": [*CAPABILITIES, *attributes], **members}
    return dict(plane.ecs.register_container_instance(**given)["containerInstance"])


@pytest.fixture
def cluster(plane: Plane) -> str:
    plane.ecs.create_cluster()
    return "default"


def test_every_attribute_comes_back_as_it_was_sent_and_a_zone_beside_it(plane: Plane, cluster: str) -> None:
    told = register(plane, {"name": "stack", "value": "blue"}, {"name": "empty", "value": ""})["attributes"]
    for sent in (*CAPABILITIES, {"name": "stack", "value": "blue"}, {"name": "empty", "value": ""}):
        assert sent in told
    assert {"name": "ecs.availability-zone", "value": "us-east-1a"} in told


def test_an_unknown_cluster_is_refused_in_the_words_that_agents_look_for(plane: Plane) -> None:
    with refused("ClusterNotFoundException", "Cluster not found."):
        register(plane)


@pytest.mark.parametrize("cluster_as_given", ["default", f"{HOME}:cluster/default"])
def test_the_cluster_is_a_name_or_an_arn(plane: Plane, cluster: str, cluster_as_given: str) -> None:
    arn = register(plane, cluster=cluster_as_given)["containerInstanceArn"]
    assert arn.startswith(f"{HOME}:container-instance/default/")


def posted(plane: Plane, **members: Any) -> str:
    """A registration with members that boto3 does not know; the ARN."""

    def add(params: dict[str, Any], **rest: Any) -> None:
        params["body"] = json.dumps({**json.loads(params["body"]), **members}).encode()

    client = plane.client("ecs")
    client.meta.events.register("before-call.ecs.RegisterContainerInstance", add)
    answer = client.register_container_instance(cluster="default", totalResources=RESOURCES, attributes=CAPABILITIES)
    return str(answer["containerInstance"]["containerInstanceArn"])


def test_a_resource_that_has_no_name_is_passed_over(plane: Plane, cluster: str) -> None:
    told = register(plane, totalResources=[*RESOURCES, {"type": "INTEGER", "integerValue": 7}])
    assert {held["name"] for held in told["registeredResources"]} == {"CPU", "MEMORY", "PORTS", "PORTS_UDP"}


def test_members_that_the_model_lacks_are_no_error(plane: Plane, cluster: str) -> None:
    assert posted(plane, zoneId="", somethingNew={"a": [1]})


def test_a_registration_whose_answer_was_lost_makes_no_second_instance(plane: Plane, cluster: str) -> None:
    first = posted(plane, clientToken="token-1")
    assert posted(plane, clientToken="token-1") == first
    assert posted(plane, clientToken="token-2") != first
    assert len(plane.records(ContainerInstance)) == 2


def test_a_token_counts_for_minutes_and_not_for_instances_that_are_gone(plane: Plane, cluster: str) -> None:
    first = posted(plane, clientToken="token-1")
    plane.ecs.deregister_container_instance(containerInstance=first)
    second = posted(plane, clientToken="token-1")
    assert second != first
    plane.clock.time += timedelta(minutes=11)
    assert posted(plane, clientToken="token-1") not in (first, second)


def claimed(plane: Plane, token: str, claim: str = "c" * 64, **members: Any) -> str:
    """A registration of an agent that keeps a claim, whose process has the token; the ARN."""
    document = json.dumps({"podiumClaim": claim})
    return posted(plane, clientToken=token, instanceIdentityDocument=document, **members)


def test_an_agent_that_ended_before_it_had_kept_its_arn_makes_no_second_instance(plane: Plane, cluster: str) -> None:
    first = claimed(plane, "process-1")
    plane.clock.time += timedelta(hours=1)
    assert claimed(plane, "process-2") == first
    assert claimed(plane, "process-3", claim="d" * 64) != first
    plane.connect(first)
    plane.disconnect(first)
    assert claimed(plane, "process-2") != first  # of an instance that was there, nobody has forgotten the ARN
    assert len(plane.records(ContainerInstance)) == 3


def test_a_registration_that_comes_late_and_twice_is_that_of_the_instance_there_is(plane: Plane, cluster: str) -> None:
    first = claimed(plane, "process-1")
    assert claimed(plane, "process-2") == first
    plane.connect(first)
    assert claimed(plane, "process-2") == first


def test_neither_a_revoked_instance_nor_a_machine_of_another_type_is_in_the_way(plane: Plane, cluster: str) -> None:
    small, large = ([*CAPABILITIES, {"name": "ecs.instance-type", "value": size}] for size in ("t3.micro", "t3.large"))
    first = claimed(plane, "process-1", attributes=small)
    assert claimed(plane, "process-2", attributes=large) == first
    plane.write(lambda tx: tx.put(replace(tx.get(ContainerInstance, first), revoked_at=plane.clock.time)))
    assert claimed(plane, "process-2") != first


def test_an_agent_that_comes_back_is_the_same_instance(plane: Plane, cluster: str) -> None:
    before = register(plane, {"name": "stack", "value": "blue"}, tags=[{"key": "k", "value": "v"}])
    arn = before["containerInstanceArn"]
    plane.ecs.put_attributes(
        attributes=[{"name": "rack", "value": "7", "targetType": "container-instance", "targetId": arn}]
    )
    plane.ecs.update_container_instances_state(containerInstances=[arn], status="DRAINING")
    bigger = [{**RESOURCES[0], "integerValue": 8192}, *RESOURCES[1:]]
    after = register(plane, {"name": "ecs.capability.new"}, containerInstanceArn=arn, totalResources=bigger)
    told = {a["name"]: a.get("value") for a in after["attributes"]}
    assert (after["containerInstanceArn"], after["status"]) == (arn, "DRAINING")
    assert after["registeredResources"][0]["integerValue"] == 8192
    assert told.items() >= {"rack": "7", "stack": "blue", "ecs.capability.new": None}.items()
    assert after["tags"] == [{"key": "k", "value": "v"}]
    assert after["version"] > before["version"]


def test_a_capability_that_is_gone_is_gone(plane: Plane, cluster: str) -> None:
    arn = register(plane, {"name": "ecs.capability.old"})["containerInstanceArn"]
    after = register(plane, containerInstanceArn=arn)
    assert "ecs.capability.old" not in {a["name"] for a in after["attributes"]}


def test_a_deregistered_machine_that_registers_again_is_active_again(plane: Plane, cluster: str) -> None:
    arn = register(plane)["containerInstanceArn"]
    plane.ecs.deregister_container_instance(containerInstance=arn)
    assert register(plane, containerInstanceArn=arn)["status"] == "ACTIVE"


def test_an_external_machine_is_known_by_a_managed_instances_id(plane: Plane, cluster: str) -> None:
    assert register(plane, EXTERNAL)["ec2InstanceId"].startswith("mi-")
    document = json.dumps({"instanceId": "i-0123456789abcdef0"})
    assert register(plane, instanceIdentityDocument=document)["ec2InstanceId"] == "i-0123456789abcdef0"
    plain = register(plane, instanceIdentityDocument="", instanceIdentityDocumentSignature="")
    assert plain["ec2InstanceId"].startswith("i-")
