"""Machines that are away: released by the operator, and what their agents tell when they are back after all."""

from typing import Any

import pytest

from inprocess import ACCOUNT, GROUP, REGION, SUBNET, Plane, refused
from podium.ecs import losses
from podium.ecs.acs import assignments, links
from podium.ecs.records import ContainerInstance, Stranger, Task, TaskStatus
from podium.ecs.timing import FAST
from podium.server.pages.instances import StillThere, released

WRITES = {"mountPoints": [{"sourceVolume": "data", "containerPath": "/data"}]}
VOLUME = [{"name": "data", "host": {"sourcePath": "/srv/data"}}]
NETWORK = {"awsvpcConfiguration": {"subnets": [SUBNET], "securityGroups": [GROUP]}}
LONG = 30.0


@pytest.fixture
def plane() -> Plane:
    made = Plane(timing=FAST)
    made.ready(instances=3)
    made.advance(60)  # who is away from the start is given time to dial in
    return made


def run_one(plane: Plane, family: str = "web", **members: Any) -> Task:
    [made] = plane.ecs.run_task(taskDefinition=family, **members)["tasks"]
    plane.run()
    plane.report(made["taskArn"], "RUNNING")
    return plane.record(Task, made["taskArn"])


def go_away(plane: Plane, task: Task) -> str:
    arn = task.container_instance_arn or ""
    plane.disconnect(arn)
    plane.advance(LONG)
    return arn


def release(plane: Plane, arn: str) -> int:
    now = plane.clock.time
    arns, tasks = plane.write(lambda tx: released(tx, arn.rpartition("/")[2], now))
    assert arns == [arn]
    plane.run()
    return tasks


def test_a_lost_task_says_what_aws_says_of_a_terminated_host(plane: Plane) -> None:
    task = run_one(plane)
    host = plane.record(ContainerInstance, go_away(plane, task))
    [shown] = plane.ecs.describe_tasks(tasks=[task.arn])["tasks"]
    assert (shown["lastStatus"], shown["stopCode"]) == ("STOPPED", "InfrastructureHealth")
    assert shown["stoppedReason"] == f"Host EC2 (instance {host.ec2_instance_id}) terminated."
    assert [c["lastStatus"] for c in shown["containers"]] == ["STOPPED"]
    assert "exitCode" not in shown["containers"][0]


def test_a_host_with_many_tasks_loses_them_all_a_few_in_a_turn() -> None:
    plane = Plane(timing=FAST)
    plane.ready(instances=1, cpu=100_000, memory=100_000)
    plane.advance(60)
    plane.serve("web", desired=120)
    plane.join(instances=2, cpu=100_000, memory=100_000)
    host = go_away(plane, plane.tasks("web")[0])
    stopped = plane.records(Task, container_instance_arn=host)
    assert {t.last_status for t in stopped} == {TaskStatus.STOPPED}
    assert len(stopped) == 120
    assert len(plane.tasks("web")) == 120
    assert [e for e in plane.events() if "has lost" in e] != []


def test_a_fargate_task_names_no_host(plane: Plane) -> None:
    plane.serve_fargate(hosts=3)
    plane.define("net", networkMode="awsvpc", cpu="256", memory="512")
    task = run_one(plane, "net", launchType="FARGATE", networkConfiguration=NETWORK)
    go_away(plane, task)
    [shown] = plane.ecs.describe_tasks(tasks=[task.arn])["tasks"]
    assert (shown["lastStatus"], "i-" in shown["stoppedReason"]) == ("STOPPED", False)
    assert [a["status"] for a in shown["attachments"]] == ["DELETED"]


def test_with_aws_timing_nothing_is_ever_given_up() -> None:
    plane = Plane()
    plane.ready(instances=3)
    task = run_one(plane)
    plane.disconnect(task.container_instance_arn or "")
    plane.advance(86400)
    assert plane.record(Task, task.arn).last_status is TaskStatus.RUNNING


def test_what_the_agent_tells_when_it_is_back_is_added_to_the_stopped_task(plane: Plane) -> None:
    task = run_one(plane)
    arn = go_away(plane, task)
    [left] = plane.records(Stranger)
    plane.connect(arn)
    heard = {a.task_arn: a.desired for a in plane.read(lambda tx: assignments.of_instance(tx, arn))}
    assert heard == {task.arn: "STOPPED"}
    told = {"taskArn": task.arn, "family": "web", "version": "1", "group": "family:web"}
    assert plane.write(lambda tx: links.stops_meant(tx, arn, [told], plane.clock.time)) == [task.arn]
    plane.exit(task.arn, 143)
    plane.run()
    [shown] = plane.ecs.describe_tasks(tasks=[task.arn])["tasks"]
    assert (shown["stopCode"], shown["containers"][0]["exitCode"]) == ("InfrastructureHealth", 143)
    assert left.lost
    assert plane.records(Stranger) == []


def test_a_host_takes_tasks_again_once_nothing_is_left_of_lost_ones(plane: Plane) -> None:
    task = run_one(plane)
    arn = go_away(plane, task)
    plane.connect(arn)
    plane.run()
    assert not plane.record(ContainerInstance, arn).takes_tasks
    plane.exit(task.arn, 143)
    plane.run()
    assert plane.record(ContainerInstance, arn).takes_tasks


def test_a_task_that_writes_to_a_volume_is_lost_when_its_machine_is_released(plane: Plane) -> None:
    plane.define("db", WRITES, volumes=VOLUME)
    plane.serve("db", desired=1)
    plane.settle()
    [task] = plane.tasks("db")
    arn = go_away(plane, task)
    assert [t.arn for t in plane.tasks("db")] == [task.arn]
    assert release(plane, arn) == 1
    [other] = plane.tasks("db")
    assert other.container_instance_arn not in (None, arn)
    assert plane.record(Task, task.arn).last_status is TaskStatus.STOPPED


@pytest.mark.parametrize("how", ["by hand", "by a deployment"])
def test_one_that_was_told_to_stop_meanwhile_is_not_replaced_either(plane: Plane, how: str) -> None:
    plane.define("db", WRITES, volumes=VOLUME)
    plane.serve("db", desired=1, deploymentConfiguration={"minimumHealthyPercent": 0, "maximumPercent": 100})
    plane.settle()
    [task] = plane.tasks("db")
    arn = go_away(plane, task)
    if how == "by hand":
        plane.ecs.stop_task(task=task.arn)
    else:
        plane.ecs.update_service(service="db", forceNewDeployment=True)
    plane.advance(LONG)
    assert plane.record(Task, task.arn).last_status is TaskStatus.STOPPING
    assert plane.tasks("db") == []
    assert f"podium release {arn.rpartition('/')[2]}" in plane.events("db")[-1]
    release(plane, arn)
    plane.advance(LONG)
    [other] = plane.tasks("db")
    assert other.container_instance_arn != arn


def test_reading_is_no_reason_to_wait(plane: Plane) -> None:
    plane.define("db", {"mountPoints": [{**WRITES["mountPoints"][0], "readOnly": True}]}, volumes=VOLUME)
    plane.serve("db", desired=1)
    plane.settle()
    [task] = plane.tasks("db")
    go_away(plane, task)
    assert [t.arn for t in plane.tasks("db")] != [task.arn]


def test_a_machine_whose_agent_is_there_is_not_off(plane: Plane) -> None:
    task = run_one(plane)
    with pytest.raises(StillThere):
        plane.write(lambda tx: released(tx, task.container_instance_arn or "", plane.clock.time))


@pytest.mark.parametrize("by", ["release", "deregister"])
def test_addresses_are_free_once_the_machine_is_off(plane: Plane, by: str) -> None:
    plane.serve_fargate(hosts=3)
    plane.define("net", networkMode="awsvpc", cpu="256", memory="512")
    plane.join(instances=3, attributes={"ecs.capability.task-eni": ""})
    task = run_one(plane, "net", networkConfiguration=NETWORK)
    arn = go_away(plane, task)
    ec2 = plane.client("ec2")
    assert len(ec2.describe_network_interfaces()["NetworkInterfaces"]) == 1
    if by == "release":
        assert release(plane, arn) == 0, "it had stopped on record"
    else:
        plane.ecs.deregister_container_instance(containerInstance=arn, force=True)
        plane.run()
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []
    assert plane.records(Stranger) == []


def test_what_is_left_of_a_deleted_cluster_can_still_be_released(plane: Plane) -> None:
    following = {"ecs.capability.task-eni": "", "podium.follows-clusters": "true"}
    plane.ecs.create_cluster(clusterName="brief")
    plane.join("brief", instances=3, attributes=following)
    plane.define("net", networkMode="awsvpc", cpu="256", memory="512")
    task = run_one(plane, "net", networkConfiguration=NETWORK, cluster="brief")
    arn = go_away(plane, task)
    plane.ecs.delete_cluster(cluster="brief")
    assert len(plane.records(Stranger)) == 1
    release(plane, arn)
    assert plane.records(Stranger) == []
    assert plane.client("ec2").describe_network_interfaces()["NetworkInterfaces"] == []


def test_a_task_that_has_ended_leaves_nothing_behind(plane: Plane) -> None:
    """Its agent said so before it went away."""
    plane.join(instances=3, attributes={"ecs.capability.task-eni": ""})
    plane.define("net", networkMode="awsvpc", cpu="256", memory="512")
    task = run_one(plane, "net", networkConfiguration=NETWORK)
    host = plane.record(ContainerInstance, task.container_instance_arn or "")
    plane.report(task.arn, "STOPPED")
    assert plane.record(Task, task.arn).last_status is TaskStatus.DEPROVISIONING
    assert plane.read(lambda tx: losses.doomed(tx, host)).tasks == ()


def test_a_released_machine_is_an_instance_like_any_when_it_is_back(plane: Plane) -> None:
    task = run_one(plane)
    arn = go_away(plane, task)
    release(plane, arn)
    assert plane.record(ContainerInstance, arn).is_off
    plane.connect(arn)
    plane.run()
    host = plane.record(ContainerInstance, arn)
    assert (host.is_off, host.takes_tasks) == (False, True)


def test_a_cluster_says_stop_or_keep_and_nothing_else(plane: Plane) -> None:
    cluster = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/default"
    for value in ("stop", "keep"):
        plane.ecs.tag_resource(resourceArn=cluster, tags=[{"key": "podium:returning", "value": value}])
    with refused("InvalidParameterException", "The tag podium:returning of a cluster is stop or keep, not 'leave'."):
        plane.ecs.tag_resource(resourceArn=cluster, tags=[{"key": "podium:returning", "value": "leave"}])


def test_a_task_that_its_host_may_never_have_heard_of_is_not_kept(plane: Plane) -> None:
    """The agent does not know it, and would never speak of it; told to stop it, it says that it is over."""
    keep = [{"key": "podium:returning", "value": "keep"}]
    plane.ecs.tag_resource(resourceArn=f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/default", tags=keep)
    [made] = plane.ecs.run_task(taskDefinition="web")["tasks"]
    plane.run()
    arn = go_away(plane, plane.record(Task, made["taskArn"]))
    plane.connect(arn)
    [stranger] = plane.records(Stranger)
    assert stranger.stop_asked
    told = plane.read(lambda tx: assignments.of_instance(tx, arn))
    assert [(a.task_arn, a.desired) for a in told] == [(stranger.arn, "STOPPED")]


def test_what_was_deregistered_by_force_stays_stopped_however_late_its_host_is_back(plane: Plane) -> None:
    """Its record is long forgotten then, and the agent asks what to make of what it runs."""
    plane.serve("web", desired=1)
    plane.settle()
    [task] = plane.tasks("web")
    arn = task.container_instance_arn or ""
    plane.disconnect(arn)
    plane.ecs.deregister_container_instance(containerInstance=arn, force=True)
    plane.settle()
    [other] = plane.tasks("web")
    plane.advance(2 * 3600)
    assert task.arn not in {t.arn for t in plane.records(Task)}
    plane.join_one("default", 4096, 8192, {"ecs.availability-zone": "us-east-1a"}, arn=arn)
    told = {"taskArn": task.arn, "family": "web", "version": "1", "group": "service:web"}
    assert plane.write(lambda tx: links.stops_meant(tx, arn, [told], plane.clock.time)) == [task.arn]
    plane.run()
    assert [t.arn for t in plane.tasks("web")] == [other.arn]


def test_an_instance_that_registers_again_after_it_was_deregistered_is_not_lost_before_it_dials_in(
    plane: Plane,
) -> None:
    arn = plane.records(ContainerInstance)[0].arn
    plane.ecs.deregister_container_instance(containerInstance=arn)
    plane.advance(600)
    plane.join_one("default", 4096, 8192, {"ecs.availability-zone": "us-east-1a"}, connected=False, arn=arn)
    plane.run()
    assert (plane.record(ContainerInstance, arn).lost_at, plane.record(ContainerInstance, arn).given_up_at) == (
        None,
        None,
    )


def test_stopping_a_kept_task_ends_what_is_left_of_it(plane: Plane) -> None:
    cluster = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/default"
    plane.ecs.tag_resource(resourceArn=cluster, tags=[{"key": "podium:returning", "value": "keep"}])
    task = run_one(plane)
    arn = go_away(plane, task)
    plane.connect(arn)
    plane.run()
    assert plane.record(ContainerInstance, arn).takes_tasks
    assert plane.read(lambda tx: [a.payload for a in assignments.of_instance(tx, arn)]) == []
    told = {"taskArn": task.arn, "family": "web", "version": "1", "group": "family:web"}
    assert plane.write(lambda tx: links.stops_meant(tx, arn, [told], plane.clock.time)) == []
    plane.ecs.stop_task(task=task.arn)
    heard = {a.task_arn: a.desired for a in plane.read(lambda tx: assignments.of_instance(tx, arn))}
    assert heard == {task.arn: "STOPPED"}


def test_hosts_long_away_are_given_up_a_while_after_most_of_the_cluster_is_back() -> None:
    plane = Plane(timing=FAST)
    plane.ready(instances=4)
    plane.advance(60)
    tasks = [run_one(plane) for _ in range(8)]
    hosts = sorted(i.arn for i in plane.records(ContainerInstance))
    for arn in hosts[:3]:
        plane.disconnect(arn)
    plane.advance(11)
    assert all(plane.record(Task, t.arn).last_status is TaskStatus.RUNNING for t in tasks), "it may be our own fault"
    plane.connect(hosts[0])
    plane.advance(9)
    assert lost_hosts(plane) == [], "what kept the first away may keep the others a little longer"
    plane.advance(2)
    lost = lost_hosts(plane)
    assert len(lost) == 1, "a share at a time"
    assert lost[0] in hosts[1:3]


def test_a_host_that_came_back_still_counts_among_those_given_up_of_late() -> None:
    plane = Plane(timing=FAST)
    plane.ready(instances=5)
    plane.advance(60)
    hosts = [i.arn for i in plane.records(ContainerInstance)]
    plane.disconnect(hosts[0])
    plane.advance(4)
    plane.disconnect(hosts[1])
    plane.advance(6)
    assert lost_hosts(plane) == [hosts[0]]
    plane.connect(hosts[0])
    plane.advance(9)
    assert lost_hosts(plane) == [], "it is back, and no other goes within the time"
    plane.advance(2)
    assert lost_hosts(plane) == [hosts[1]]


def lost_hosts(plane: Plane) -> list[str]:
    return [i.arn for i in plane.records(ContainerInstance) if i.lost_at is not None]
