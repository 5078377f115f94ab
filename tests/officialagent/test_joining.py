"""The open-source agent joins: its keys, its cluster, its attributes, its ARN when it comes back."""

import json
from typing import Any

import pytest

from officialagent.agent import Agent, Exits, Saved
from officialagent.conftest import Room
from officialagent.docker import Docker
from officialagent.wire import ApiError, Keys, Wire
from waiting import until

NEEDED = (
    "ecs:CreateCluster",
    "ecs:DiscoverPollEndpoint",
    "ecs:Poll",
    "ecs:RegisterContainerInstance",
    "ecs:StartTelemetrySession",
    "ecs:SubmitAttachmentStateChanges",
    "ecs:SubmitContainerStateChange",
    "ecs:SubmitTaskStateChange",
)


def allowed(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def user(room: Room, *actions: str) -> Wire:
    iam, name = room.server.client("iam"), f"{room.cluster}-host"
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="agent", PolicyDocument=allowed(*actions))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Wire(room.server.url, Keys(key["AccessKeyId"], key["SecretAccessKey"]))


def test_it_joins_with_ordinary_keys_and_is_shown_with_its_versions(room: Room) -> None:
    agent = room.join()
    shown = room.instance(agent)
    assert shown["versionInfo"] == {
        "agentVersion": "1.105.1",
        "agentHash": "a8b3e7d3",
        "dockerVersion": "DockerVersion: 20.10.24+dfsg1",
    }
    assert (shown["status"], agent.zone) == ("ACTIVE", "us-east-1a")
    assert [kind for kind, _ in agent.heard[:2]] == ["HeartbeatMessage", "TaskManifestMessage"]


def test_a_user_needs_these_actions_and_no_more(room: Room) -> None:
    agent = room.join(wire=user(room, *NEEDED))
    task = room.run()
    room.until_task(task, "RUNNING")
    room.stop(task)
    room.until_task(task, "STOPPED")
    assert not agent.refusals


@pytest.mark.parametrize("missing", ["ecs:Poll", "ecs:RegisterContainerInstance", "ecs:DiscoverPollEndpoint"])
def test_without_one_of_them_it_is_told_which(room: Room, missing: str) -> None:
    wire = user(room, *(action for action in NEEDED if action != missing))
    agent = Agent(wire, Docker(), cluster=room.cluster)
    room.agents.append(agent)
    if missing == "ecs:RegisterContainerInstance":
        with pytest.raises(Exits, match=missing) as ended:
            agent.start()
        assert ended.value.code == 1
        return
    agent.start()
    until(lambda: any(missing in told for told in agent.refusals), "the refusal")
    assert 3600.0 not in agent.delays


def test_it_joins_with_the_temporary_credentials_of_a_role(room: Room) -> None:
    iam, name = room.server.client("iam"), f"{room.cluster}-hosts"
    trust = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="agent", PolicyDocument=allowed(*NEEDED))
    mine = user(room, "sts:AssumeRole")
    room.server.keys["host"] = {"accessKeyId": mine.keys.access, "secretAccessKey": mine.keys.secret}
    sts = room.server.client("sts", key="host")

    def session() -> Wire:
        given = sts.assume_role(RoleArn=role, RoleSessionName="mi-0123456789abcdef0")["Credentials"]
        keys = Keys(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        return Wire(room.server.url, keys)

    agent = room.join(wire=session())
    assert room.instance(agent)["ec2InstanceId"] == "mi-0123456789abcdef0"
    until(lambda: ("AckPublishMetric", {"message": "OK"}) in agent.heard_of_telemetry, "its telemetry to be taken")
    same = room.again(agent, wire=session())
    assert same.saved.arn == agent.saved.arn
    room.until_task(room.run(), "RUNNING")


def test_the_key_for_joining_podiums_own_agents_is_not_enough(room: Room) -> None:
    keys = Keys(*room.server.keys["agent"].values())
    agent = Agent(Wire(room.server.url, keys), Docker(), cluster=room.cluster)
    room.agents.append(agent.start())
    until(lambda: any("AccessDeniedException" in told for told in agent.refusals), "the refusal")


def test_without_a_cluster_it_makes_the_default_one_and_joins(room: Room) -> None:
    ecs = room.ecs
    assert "default" not in [arn.rpartition("/")[2] for arn in ecs.list_clusters()["clusterArns"]]
    room.cluster = "default"
    agent = room.join(cluster="")
    assert agent.saved.arn.split("/")[1] == "default"


def test_an_unknown_cluster_of_ones_own_choosing_ends_the_process(room: Room) -> None:
    with pytest.raises(Exits, match=r"Cluster not found\."):
        Agent(room.wire, Docker(), cluster="nowhere").start()


def test_the_cluster_may_be_an_arn_everywhere(room: Room) -> None:
    agent = room.join(cluster=f"arn:aws:ecs:us-east-1:123456789012:cluster/{room.cluster}")
    room.until_task(room.run(), "RUNNING")
    until(lambda: agent.heard_of_telemetry, "telemetry")


def test_a_channel_for_another_cluster_is_refused_and_tried_again(room: Room) -> None:
    agent = room.join()
    agent.cluster = "elsewhere"
    agent.hang_up()
    until(lambda: any("InvalidClusterException" in told for told in agent.refusals), "the refusal")
    assert 3600.0 not in agent.delays


def test_with_saved_state_it_comes_back_as_the_same_instance(room: Room) -> None:
    agent = room.join(attributes={"rack": "7"})
    again = room.again(agent, attributes={"rack": "7"})
    assert again.saved.arn == agent.saved.arn
    assert len(room.ecs.list_container_instances(cluster=room.cluster)["containerInstanceArns"]) == 1
    assert {"name": "rack", "value": "7"} in room.instance(again)["attributes"]


def test_without_saved_state_it_is_another_instance(room: Room) -> None:
    agent = room.join()
    again = room.again(agent, Saved())
    assert again.saved.arn != agent.saved.arn
    assert not room.instance(agent)["agentConnected"]


def test_a_lost_answer_to_the_registration_makes_no_second_instance(room: Room) -> None:
    agent = Agent(room.wire, Docker(), cluster=room.cluster)
    agent.register()
    first, agent.saved.arn = agent.saved.arn, ""
    agent.register()
    assert agent.saved.arn == first


def test_an_external_machine_takes_external_tasks(room: Room) -> None:
    agent = room.join(external=True)
    assert room.instance(agent)["ec2InstanceId"].startswith("mi-")
    task = room.run(launch_type="EXTERNAL")
    assert room.until_task(task, "RUNNING")["launchType"] == "EXTERNAL"
    assert agent.saved.tasks[task].payload["launchType"] == "EXTERNAL"


def test_somebody_elses_key_does_not_bring_the_instance_back(room: Room) -> None:
    agent = room.join(wire=user(room, *NEEDED))
    iam = room.server.client("iam")
    iam.create_user(UserName=f"{room.cluster}-other")
    key = iam.create_access_key(UserName=f"{room.cluster}-other")["AccessKey"]
    iam.put_user_policy(UserName=f"{room.cluster}-other", PolicyName="p", PolicyDocument=allowed("ecs:*"))
    other = Wire(room.server.url, Keys(key["AccessKeyId"], key["SecretAccessKey"]))
    with pytest.raises(Exits, match="was registered by another principal") as ended:
        Agent(other, Docker(), Saved(arn=agent.saved.arn), cluster=room.cluster).register()
    assert ended.value.code == 1


def test_members_that_the_published_api_lacks_are_no_error(room: Room) -> None:
    members: dict[str, Any] = {"clusterName": room.cluster, "clientToken": "x", "zoneId": "use1-az1", "new": {"a": [1]}}
    assert room.wire.call("CreateCluster", members)["cluster"]["clusterName"] == room.cluster
    with pytest.raises(ApiError, match=r"Cluster not found\."):
        room.wire.call("ListTasks", {"cluster": "nowhere", "zoneId": ""})
