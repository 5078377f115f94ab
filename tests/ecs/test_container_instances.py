"""Container instances: joining, being looked at, draining, leaving."""

import json
from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane, refused
from podium.ecs.records import ContainerInstance

INVALID = "InvalidParameterException"
ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:container-instance/default"


@pytest.fixture
def ecs(plane: Plane) -> Any:
    plane.ready(instances=0)
    return plane.ecs


def describe(ecs: Any, arn: str, *include: str) -> dict[str, Any]:
    [found] = ecs.describe_container_instances(containerInstances=[arn], include=list(include))["containerInstances"]
    return dict(found)


def resources(shown: dict[str, Any], which: str) -> dict[str, Any]:
    return {r["name"]: r.get("stringSetValue", r["integerValue"]) for r in shown[which]}


def test_a_new_instance_has_what_it_registered_with(plane: Plane, ecs: Any) -> None:
    [arn] = plane.join(instances=1, cpu=2048, memory=4000)
    shown = describe(ecs, arn)
    assert arn.startswith(f"{ARN}/")
    assert (shown["status"], shown["agentConnected"], shown["registeredAt"]) == ("ACTIVE", True, plane.clock.time)
    assert (shown["runningTasksCount"], shown["pendingTasksCount"]) == (0, 0)
    assert shown["versionInfo"]["agentVersion"] == "1.90.0"
    expected = {"CPU": 2048, "MEMORY": 4000, "PORTS": ["22", "2375", "2376", "51678", "51679"], "PORTS_UDP": []}
    assert resources(shown, "registeredResources") == resources(shown, "remainingResources") == expected


def test_every_attribute_sent_comes_back_with_the_same_value(ecs: Any) -> None:
    sent = [{"name": "ecs.capability.x"}, {"name": "ecs.os-type", "value": "linux"}, {"name": "mine", "value": ""}]
    answer = ecs.register_container_instance(cluster="default", attributes=sent, totalResources=[])
    attributes = answer["containerInstance"]["attributes"]
    assert [a for a in attributes if a["name"] != "ecs.availability-zone"] == sent


def test_numbers_carry_all_their_forms(plane: Plane, ecs: Any) -> None:
    [arn] = plane.join(instances=1, cpu=2048)
    cpu, _, ports, _ = describe(ecs, arn)["registeredResources"]
    assert cpu == {"name": "CPU", "type": "INTEGER", "doubleValue": 0.0, "longValue": 0, "integerValue": 2048}
    assert (ports["doubleValue"], ports["longValue"], ports["integerValue"]) == (0.0, 0, 0)


def test_tasks_take_from_what_remains_and_ports_in_use_are_listed(plane: Plane, ecs: Any) -> None:
    [arn] = plane.join(instances=1, cpu=2048, memory=4000)
    mapping = {"containerPort": 80, "hostPort": 8080}
    plane.define("web", {"cpu": 256, "memory": 512, "portMappings": [mapping, {**mapping, "protocol": "udp"}]})
    plane.serve("web", desired=1)
    remaining = resources(describe(ecs, arn), "remainingResources")
    assert (remaining["CPU"], remaining["MEMORY"]) == (1792, 3488)
    assert remaining["PORTS"] == ["22", "2375", "2376", "8080", "51678", "51679"]
    assert remaining["PORTS_UDP"] == ["8080"]


def test_counts_follow_last_status(plane: Plane, ecs: Any) -> None:
    [arn] = plane.join(instances=1)
    plane.serve("web", desired=3)
    first, second, _ = plane.tasks("web")
    plane.report(first.arn, "RUNNING")
    plane.report(second.arn, "RUNNING")
    ecs.stop_task(task=second.arn)
    plane.run()
    shown = describe(ecs, arn)
    assert shown["runningTasksCount"] == 1
    assert resources(shown, "remainingResources")["MEMORY"] == 8192 - 4 * 128


def test_health_is_told_when_asked_for(plane: Plane, ecs: Any) -> None:
    [arn] = plane.join(instances=1)
    assert "healthStatus" not in describe(ecs, arn)
    assert describe(ecs, arn, "CONTAINER_INSTANCE_HEALTH")["healthStatus"]["overallStatus"] == "OK"
    plane.disconnect(arn)
    assert describe(ecs, arn, "CONTAINER_INSTANCE_HEALTH")["healthStatus"]["overallStatus"] == "IMPAIRED"


def test_the_version_rises_with_every_change(plane: Plane, ecs: Any) -> None:
    [arn] = plane.join(instances=1, connected=False)
    versions = [describe(ecs, arn)["version"]]
    plane.connect(arn)
    versions.append(describe(ecs, arn)["version"])
    ecs.update_container_instances_state(containerInstances=[arn], status="DRAINING")
    versions.append(describe(ecs, arn)["version"])
    assert versions == [1, 2, 3]


def test_registering_again_keeps_the_arn_and_takes_the_new_size(plane: Plane, ecs: Any) -> None:
    arn = plane.join_one("default", 1024, 1024, {})
    ecs.put_attributes(attributes=[{"name": "stack", "value": "prod", "targetId": arn}])
    assert plane.join_one("default", 2048, 4096, {}, arn=arn) == arn
    shown = describe(ecs, arn)
    assert resources(shown, "registeredResources")["CPU"] == 2048
    assert {"name": "stack", "value": "prod"} in shown["attributes"]
    assert len(ecs.list_container_instances()["containerInstanceArns"]) == 1


def test_registering_again_brings_a_deregistered_instance_back(plane: Plane, ecs: Any) -> None:
    arn = plane.join_one("default", 1024, 1024, {})
    ecs.deregister_container_instance(containerInstance=arn)
    plane.join_one("default", 1024, 1024, {}, arn=arn)
    assert describe(ecs, arn)["status"] == "ACTIVE"


def test_registering_again_leaves_a_draining_instance_draining(plane: Plane, ecs: Any) -> None:
    arn = plane.join_one("default", 1024, 1024, {})
    ecs.update_container_instances_state(containerInstances=[arn], status="DRAINING")
    plane.join_one("default", 1024, 1024, {}, arn=arn)
    assert describe(ecs, arn)["status"] == "DRAINING"


def test_an_arn_that_no_record_knows_is_taken_up_with_its_cluster(plane: Plane) -> None:
    """As after the database was emptied: what runs there is not to be lost sight of."""
    arn = f"{ARN}/{'a' * 32}"
    assert plane.join_one("default", 1024, 1024, {}, arn=arn) == arn
    assert plane.ecs.list_clusters()["clusterArns"] == [f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/default"]


def test_an_arn_of_another_cluster_or_account_is_refused(plane: Plane, ecs: Any) -> None:
    ecs.create_cluster(clusterName="other")
    [arn] = plane.join("other", instances=1)
    for wrong in (arn, arn.replace(ACCOUNT, "999999999999")):
        with refused("ClientException"):
            plane.join_one("default", 1024, 1024, {}, arn=wrong)


def test_registering_with_a_cluster_never_created_says_so(ecs: Any) -> None:
    """The agent looks for this very sentence, and creates the default cluster."""
    with refused("ClusterNotFoundException", "Cluster not found."):
        ecs.register_container_instance(cluster="ghost", totalResources=[])


def test_an_instance_is_called_what_its_identity_document_calls_it(ecs: Any) -> None:
    ecs.create_cluster()
    told = ecs.register_container_instance(instanceIdentityDocument='{"instanceId": "i-0abc"}', totalResources=[])
    assert told["containerInstance"]["ec2InstanceId"] == "i-0abc"
    odd = ecs.register_container_instance(instanceIdentityDocument="[1]", totalResources=[])
    assert odd["containerInstance"]["ec2InstanceId"].startswith("i-")


def test_an_identity_document_tells_type_image_and_zone(plane: Plane, ecs: Any) -> None:
    document = {"instanceType": "t3.medium", "imageId": "ami-0abc", "availabilityZone": "us-east-1f"}
    answer = ecs.register_container_instance(
        cluster="default", instanceIdentityDocument=json.dumps(document), totalResources=[]
    )
    shown = {a["name"]: a.get("value") for a in answer["containerInstance"]["attributes"]}
    assert shown == {
        "ecs.instance-type": "t3.medium",
        "ecs.ami-id": "ami-0abc",
        "ecs.availability-zone": "us-east-1f",
    }


def test_a_machine_of_another_type_is_another_instance(plane: Plane, ecs: Any) -> None:
    """The agent looks for the first sentence, and ends for good."""
    arn = plane.join_one("default", 1024, 1024, {"ecs.instance-type": "t3.medium"})
    plane.join_one("default", 2048, 1024, {"ecs.instance-type": "t3.medium"}, arn=arn)
    with refused(
        "ClientException",
        "Container instance type changes are not supported. "
        f"Container instance {arn.rpartition('/')[2]} was previously registered as t3.medium.",
    ):
        plane.join_one("default", 1024, 1024, {"ecs.instance-type": "m5.large"}, arn=arn)
    plane.join_one("default", 1024, 1024, {}, arn=arn)


def test_both_channels_live_where_the_agent_came_from(plane: Plane) -> None:
    plane.ecs.create_cluster()
    [instance] = plane.join(instances=1)
    answer = plane.as_instance(instance).discover_poll_endpoint(containerInstance=instance, cluster="default")
    assert answer["endpoint"] == "http://127.0.0.1:4566/acs/"
    assert answer["telemetryEndpoint"] == "http://127.0.0.1:4566/tcs/"


def test_instances_are_listed_by_status(plane: Plane, ecs: Any) -> None:
    first, second, third = plane.join(instances=3)
    ecs.update_container_instances_state(containerInstances=[second], status="DRAINING")
    ecs.deregister_container_instance(containerInstance=third)
    assert ecs.list_container_instances()["containerInstanceArns"] == sorted([first, second])
    assert ecs.list_container_instances(status="DRAINING")["containerInstanceArns"] == [second]
    with refused(INVALID):
        ecs.list_container_instances(status="TIRED")


def test_instances_are_listed_by_what_an_expression_says_of_them(plane: Plane, ecs: Any) -> None:
    first, *others = plane.join(instances=3)
    ecs.put_attributes(attributes=[{"name": "stack", "value": "prod", "targetId": first}])
    assert ecs.list_container_instances(filter="attribute:stack == prod")["containerInstanceArns"] == [first]
    assert ecs.list_container_instances(filter="attribute:stack != prod")["containerInstanceArns"] == sorted(others)
    assert ecs.list_container_instances(filter="task:group == family:web")["containerInstanceArns"] == []
    ecs.start_task(taskDefinition="web", containerInstances=[first])
    assert ecs.list_container_instances(filter="task:group == family:web")["containerInstanceArns"] == [first]
    with refused(INVALID):
        ecs.list_container_instances(filter="stack prod")


def test_tasks_go_only_where_their_expressions_hold(plane: Plane, ecs: Any) -> None:
    first, *_ = plane.join(instances=3)
    ecs.put_attributes(attributes=[{"name": "stack", "value": "prod", "targetId": first}])
    prod = [{"type": "memberOf", "expression": "attribute:stack == prod"}]
    answer = ecs.run_task(taskDefinition="web", count=5, placementConstraints=prod)
    assert {t["containerInstanceArn"] for t in answer["tasks"]} == {first}
    plane.define("nowhere", placementConstraints=[{"type": "memberOf", "expression": "attribute:stack == test"}])
    answer = ecs.run_task(taskDefinition="nowhere")
    assert {f["reason"] for f in answer["failures"]} == {"MemberOf placement constraint unsatisfied."}
    plane.serve("web", desired=4, placementConstraints=prod)
    assert {t.container_instance_arn for t in plane.tasks("web")} == {first}
    with refused(INVALID):
        ecs.run_task(taskDefinition="web", placementConstraints=[{"type": "memberOf", "expression": "stack"}])


def test_an_unknown_instance_is_a_failure_with_its_whole_arn(plane: Plane, ecs: Any) -> None:
    [arn] = plane.join(instances=1)
    answer = ecs.describe_container_instances(containerInstances=[arn, "0" * 32])
    assert [i["containerInstanceArn"] for i in answer["containerInstances"]] == [arn]
    assert answer["failures"] == [{"arn": f"{ARN}/{'0' * 32}", "reason": "MISSING"}]


def test_one_to_a_hundred_instances_are_described_at_a_time(ecs: Any) -> None:
    with refused(INVALID, "Container instance cannot be empty."):
        ecs.describe_container_instances(containerInstances=[])
    with refused(INVALID, "instanceIds can have at most 100 items."):
        ecs.describe_container_instances(containerInstances=["0" * 32] * 101)


def test_draining_and_back_again(plane: Plane, ecs: Any) -> None:
    [arn] = plane.join(instances=1)
    for status in ("DRAINING", "ACTIVE"):
        answer = ecs.update_container_instances_state(containerInstances=[arn], status=status)
        assert [i["status"] for i in answer["containerInstances"]] == [status]


def test_a_state_that_nobody_can_ask_for_is_refused(plane: Plane, ecs: Any) -> None:
    [arn] = plane.join(instances=1)
    with refused(INVALID, "Container instance status should be one of [ACTIVE, DRAINING]"):
        ecs.update_container_instances_state(containerInstances=[arn], status="INACTIVE")


def test_instances_gone_or_unknown_fail_one_by_one(plane: Plane, ecs: Any) -> None:
    first, second = plane.join(instances=2)
    ecs.deregister_container_instance(containerInstance=second)
    answer = ecs.update_container_instances_state(containerInstances=[first, second, "0" * 32], status="DRAINING")
    assert len(answer["containerInstances"]) == 1
    assert [f["reason"] for f in answer["failures"]] == ["INACTIVE", "MISSING"]


def test_an_instance_with_tasks_leaves_only_by_force(plane: Plane, ecs: Any) -> None:
    [arn] = plane.join(instances=1)
    plane.serve("web", desired=1)
    plane.obey()
    [task] = plane.tasks("web")
    with refused(INVALID, "Found running tasks on the instance."):
        ecs.deregister_container_instance(containerInstance=arn)
    gone = ecs.deregister_container_instance(containerInstance=arn, force=True)["containerInstance"]
    assert (gone["status"], gone["agentConnected"]) == ("INACTIVE", False)
    [shown] = ecs.describe_tasks(tasks=[task.arn])["tasks"]
    assert (shown["lastStatus"], shown["stoppedReason"]) == (
        "STOPPED",
        "Container instance deregistration forced by user",
    )


def test_an_instance_gone_is_not_found_again(plane: Plane, ecs: Any) -> None:
    [arn] = plane.join(instances=1)
    ecs.deregister_container_instance(containerInstance=arn)
    with refused(INVALID, "Referenced container instance not found."):
        ecs.deregister_container_instance(containerInstance=arn)
    assert plane.connect(arn) is None
    assert not plane.record(ContainerInstance, arn).agent_connected


def test_an_instance_of_a_group_shows_its_capacity_provider(plane: Plane, ecs: Any) -> None:
    group = {"autoScalingGroupArn": "web"}
    ecs.create_capacity_provider(name="cp", autoScalingGroupProvider=group)
    [arn] = plane.join(instances=1, attributes={"podium.auto-scaling-group": "web"})
    assert "capacityProviderName" not in describe(ecs, arn)
    ecs.put_cluster_capacity_providers(cluster="default", capacityProviders=["cp"], defaultCapacityProviderStrategy=[])
    assert describe(ecs, arn)["capacityProviderName"] == "cp"


def test_the_health_of_an_instance_is_that_of_its_agent(plane: Plane, ecs: Any) -> None:
    [arn] = plane.join(instances=1)
    plane.disconnect(arn)
    [shown] = ecs.describe_container_instances(containerInstances=[arn], include=["CONTAINER_INSTANCE_HEALTH"])[
        "containerInstances"
    ]
    assert shown["healthStatus"] == {
        "overallStatus": "IMPAIRED",
        "details": [{"type": "AGENT_CONNECTIVITY", "status": "IMPAIRED"}],
    }


def test_an_agent_is_never_updated_by_a_call(plane: Plane, ecs: Any) -> None:
    connected, silent = plane.join(instances=1)[0], plane.join(instances=1, connected=False)[0]
    with refused("NoUpdateAvailableException"):
        ecs.update_container_agent(containerInstance=connected)
    with refused("MissingVersionException"):
        ecs.update_container_agent(containerInstance=silent)
    with refused(INVALID):
        ecs.update_container_agent(containerInstance="0" * 32)
