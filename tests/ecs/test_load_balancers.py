"""Services behind load balancers: registered before they run, counted on when healthy, drained before they stop."""

from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, SUBNET, Plane, refused
from podium import elbv2
from podium.ecs import targets as places
from podium.ecs.acs import assignments
from podium.ecs.explaining import answers
from podium.ecs.records import ContainerInstance, Health, Service, Task, TaskStatus
from podium.store.records import replace

PORT = {"portMappings": [{"containerPort": 80, "hostPort": 0}]}
NETWORK = {"awsvpcConfiguration": {"subnets": [SUBNET]}}
INVALID = "InvalidParameterException"


@pytest.fixture
def group(plane: Plane) -> str:
    """A target group for instances, and three of these; `web` is defined with a port that the host chooses."""
    plane.ecs.create_cluster()
    plane.join(instances=3)
    plane.define("web", PORT)
    return plane.target_group()


def behind(group: str, **members: Any) -> dict[str, Any]:
    return {"loadBalancers": [{"targetGroupArn": group, "containerName": "app", "containerPort": 80, **members}]}


def start(plane: Plane, port: int = 49153) -> list[Task]:
    """Agents start every task that is pending, each with a port of its own."""
    started = [t for t in plane.records(Task) if t.last_status is TaskStatus.PENDING]
    for n, task in enumerate(started):
        binding = {"bindIP": "0.0.0.0", "containerPort": 80, "hostPort": port + n, "protocol": "tcp"}
        container = {"containerName": "app", "status": "RUNNING", "networkBindings": [binding]}
        plane.report(task.arn, "RUNNING", container)
    plane.run()
    return [plane.record(Task, t.arn) for t in started]


def targets(plane: Plane, group: str) -> list[elbv2.Target]:
    return plane.records(elbv2.Target, target_group_arn=group)


def told(plane: Plane, task: Task) -> str:
    """What its agent should do with the task."""
    found = plane.read(lambda tx: assignments.of_task(tx, plane.record(Task, task.arn)))
    return found.desired or ""


def test_a_task_is_registered_by_its_instance_and_port_before_it_is_running(plane: Plane, group: str) -> None:
    plane.serve(desired=2, **behind(group))
    first, second = start(plane)
    assert {t.last_status for t in (first, second)} == {TaskStatus.RUNNING}
    assert {(t.id.startswith("i-"), t.port) for t in targets(plane, group)} == {(True, 49153), (True, 49154)}
    assert f"registered 2 targets in (target-group {group})" in plane.events()


def test_a_task_with_an_address_of_its_own_is_registered_by_that(plane: Plane) -> None:
    plane.serve_fargate()
    plane.ecs.create_cluster()
    plane.define("web", {"portMappings": [{"containerPort": 80}]}, networkMode="awsvpc", cpu="256", memory="512")
    group = plane.target_group(kind="ip", port=8080)
    plane.serve(launchType="FARGATE", networkConfiguration=NETWORK, **behind(group))
    plane.obey()
    [task] = plane.tasks("web")
    [target] = targets(plane, group)
    details = {d["name"]: d["value"] for d in task.attachments[0]["details"]}
    assert (target.id, target.port) == (details["privateIPv4Address"], 80)


def test_a_deployment_is_complete_when_its_targets_are_healthy_and_no_sooner(plane: Plane, group: str) -> None:
    plane.serve(**behind(group))
    start(plane)
    plane.advance(600)
    [deployment] = plane.ecs.describe_services(services=["web"])["services"][0]["deployments"]
    assert (deployment["runningCount"], deployment["rolloutState"]) == (1, "IN_PROGRESS")
    plane.carry()
    plane.run()
    [deployment] = plane.ecs.describe_services(services=["web"])["services"][0]["deployments"]
    assert deployment["rolloutState"] == "COMPLETED"


def test_a_task_is_told_to_stop_only_when_it_is_drained_and_the_delay_is_over(plane: Plane, group: str) -> None:
    plane.serve(**behind(group))
    [task] = start(plane)
    plane.settle()
    plane.ecs.update_service(service="web", desiredCount=0)
    plane.run()
    assert plane.record(Task, task.arn).last_status is TaskStatus.DEACTIVATING
    assert told(plane, task) == "RUNNING"
    assert f"deregistered 1 targets in (target-group {group})" in plane.events()
    assert "has begun draining connections on 1 tasks." in plane.events()
    plane.carry()
    plane.advance(299)
    assert told(plane, task) == "RUNNING"
    plane.advance(2)
    assert plane.record(Task, task.arn).last_status is TaskStatus.STOPPING
    assert told(plane, task) == "STOPPED"


def test_a_proxy_that_is_away_holds_a_stop_up_a_little_longer_than_the_delay(plane: Plane, group: str) -> None:
    plane.serve(**behind(group))
    [task] = start(plane)
    plane.settle()
    plane.ecs.stop_task(task=task.arn)
    plane.advance(301)
    assert told(plane, task) == "RUNNING"
    plane.advance(30)
    assert told(plane, task) == "STOPPED"


def test_stop_task_drains_too(plane: Plane, group: str) -> None:
    plane.serve(**behind(group))
    [task] = start(plane)
    plane.settle()
    plane.ecs.stop_task(task=task.arn, reason="because")
    plane.run()
    [target] = targets(plane, group)
    assert target.deregistered_at is not None
    assert told(plane, task) == "RUNNING"


def test_a_task_that_ends_by_itself_is_no_target_any_more(plane: Plane, group: str) -> None:
    plane.serve(**behind(group))
    [task] = start(plane)
    plane.settle()
    plane.exit(task.arn, 1)
    plane.run()
    old = next(t for t in targets(plane, group) if t.port == 49153)
    assert old.deregistered_at is not None
    assert plane.record(Task, task.arn).last_status is TaskStatus.STOPPED


def test_an_unhealthy_target_is_replaced_first_and_the_event_says_what_the_check_found(
    plane: Plane, group: str
) -> None:
    plane.serve(**behind(group))
    [task] = start(plane)
    plane.settle()
    [target] = targets(plane, group)
    plane.find(target, "unhealthy", "Target.ResponseCodeMismatch", "Health checks failed with these codes: [503]")
    plane.run()
    start(plane, 50000)
    plane.carry()
    plane.run()
    stopped = plane.record(Task, task.arn)
    assert stopped.stopped_reason == f"Task failed ELB health checks in (target-group {group})"
    assert stopped.stop_code == "ServiceSchedulerInitiated"
    said = (
        f"(instance {target.id}) (port 49153) is unhealthy in (target-group {group}) due to "
        "(reason Health checks failed with these codes: [503])."
    )
    assert said in plane.events()


def test_within_the_grace_period_an_unhealthy_target_is_left_alone(plane: Plane, group: str) -> None:
    plane.serve(healthCheckGracePeriodSeconds=600, **behind(group))
    [task] = start(plane)
    [target] = targets(plane, group)
    plane.find(target, "unhealthy", "Target.Timeout", "Request timed out")
    plane.advance(500)
    assert plane.record(Task, task.arn).desired_status is TaskStatus.RUNNING
    plane.advance(200)
    start(plane, 50000)
    plane.carry()
    plane.advance(1)
    assert plane.record(Task, task.arn).desired_status is TaskStatus.STOPPED


def test_with_several_target_groups_it_is_healthy_when_it_is_in_all(plane: Plane, group: str) -> None:
    other = plane.target_group("admin", port=81)
    both = [{"targetGroupArn": g, "containerName": "app", "containerPort": 80} for g in (group, other)]
    plane.serve(loadBalancers=both)
    start(plane)
    [first], [second] = targets(plane, group), targets(plane, other)
    plane.find(first, "healthy")
    plane.run()
    assert not plane.service().steady
    plane.find(second, "healthy")
    plane.run()
    assert plane.service().steady


def test_a_group_that_lost_its_listener_keeps_a_service_from_its_steady_state(plane: Plane, group: str) -> None:
    plane.serve(**behind(group))
    start(plane)
    plane.settle()
    elb = plane.client("elbv2")
    [balancer] = elb.describe_load_balancers()["LoadBalancers"]
    [listener] = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    elb.delete_listener(ListenerArn=listener["ListenerArn"])
    plane.run()
    [task] = plane.tasks("web")
    assert [t.health for t in task.targets] == [Health.UNKNOWN]
    assert not plane.service().steady


def test_failed_checks_count_as_failures_for_the_circuit_breaker(plane: Plane, group: str) -> None:
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
    plane.serve(deploymentConfiguration=breaker, **behind(group))
    for port in range(50000, 50010):
        start(plane, port)
        for target in targets(plane, group):
            if target.deregistered_at is None:
                plane.find(target, "unhealthy", "Target.FailedHealthChecks", "Health checks failed")
        plane.advance(400)
        for task in plane.records(Task, last_status=TaskStatus.STOPPING):
            plane.exit(task.arn, 143)
        plane.advance(400)
    [deployment] = plane.ecs.describe_services(services=["web"])["services"][0]["deployments"]
    assert deployment["rolloutState"] == "FAILED"


def test_a_deleted_service_is_draining_until_its_load_balancer_has_let_go_of_its_tasks(
    plane: Plane, group: str
) -> None:
    plane.serve(**behind(group))
    start(plane)
    plane.settle()
    plane.ecs.delete_service(service="web", force=True)
    plane.run()
    with refused("InvalidParameterException", "Unable to Start a service that is still Draining."):
        plane.serve(**behind(group))
    plane.carry()
    plane.advance(299)
    assert plane.service().status == "DRAINING"
    plane.advance(2)
    assert plane.service().status == "INACTIVE"


def test_a_service_that_was_forgotten_meanwhile_lets_its_last_task_drain_and_stop(plane: Plane, group: str) -> None:
    attributes = [{"Key": "deregistration_delay.timeout_seconds", "Value": "3600"}]
    plane.client("elbv2").modify_target_group_attributes(TargetGroupArn=group, Attributes=attributes)
    arn = plane.serve(**behind(group))
    [task] = start(plane)
    plane.settle()
    plane.advance(30)
    plane.ecs.delete_service(service="web", force=True)
    plane.run()
    plane.write(lambda tx: tx.delete(plane.record(Service, arn)))
    plane.carry()
    plane.advance(3605)
    assert told(plane, task) == "STOPPED"


GONE = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/gone/0123456789abcdef"


def test_a_target_group_that_is_not_there_is_refused(plane: Plane, group: str) -> None:
    sentence = (
        "Unable to assume role and validate the specified targetGroupArn. Please verify that the ECS service role "
        "being passed has the proper permissions."
    )
    with refused(INVALID, sentence):
        plane.ecs.create_service(serviceName="web", taskDefinition="web", desiredCount=1, **behind(GONE))


def test_a_target_group_without_a_load_balancer_is_refused(plane: Plane, group: str) -> None:
    made = plane.client("elbv2").create_target_group(
        Name="alone", Protocol="HTTP", Port=80, VpcId=plane.vpc, TargetType="instance"
    )
    alone = made["TargetGroups"][0]["TargetGroupArn"]
    sentence = f"The target group with targetGroupArn {alone} does not have an associated load balancer."
    with refused(INVALID, sentence):
        plane.ecs.create_service(serviceName="web", taskDefinition="web", desiredCount=1, **behind(alone))


def test_a_target_group_of_the_wrong_type_is_refused(plane: Plane, group: str) -> None:
    plane.define("net", {"portMappings": [{"containerPort": 80}]}, networkMode="awsvpc", cpu="256", memory="512")
    sentence = (
        f"The provided target group {group} has target type instance, which is incompatible with the awsvpc network "
        "mode specified in the task definition."
    )
    with refused(INVALID, sentence):
        plane.ecs.create_service(
            serviceName="web",
            taskDefinition="net",
            desiredCount=1,
            networkConfiguration=NETWORK,
            **behind(group),
        )


def findings(plane: Plane) -> list[tuple[str, str, str]]:
    told = plane.read(lambda tx: answers.of_service(tx, plane.service(), {}, plane.clock.time))()
    return [(f["about"], f["sentence"], f["advice"]) for f in told["findings"] if f["about"].startswith("target group")]


def test_explain_says_what_a_check_asked_what_came_back_and_since_when(plane: Plane, group: str) -> None:
    plane.serve(healthCheckGracePeriodSeconds=600, **behind(group))
    start(plane)
    [target] = targets(plane, group)
    plane.find(
        target,
        "unhealthy",
        "Target.ResponseCodeMismatch",
        "Health checks failed with these codes: [404]",
        asked="GET http://10.0.1.5:3000/healthz",
        answered="404 Not Found",
    )
    plane.advance(42)
    [(about, sentence, advice)] = findings(plane)
    assert about == "target group web"
    assert sentence == (
        "1 of its 1 targets has failed health checks: GET http://10.0.1.5:3000/healthz got 404 Not Found, for 42 s "
        "(Health checks failed with these codes: [404])."
    )
    assert advice == "Nothing is served at /: set the group's HealthCheckPath to a path that is."


def test_explain_tells_of_a_group_that_nothing_leads_to(plane: Plane, group: str) -> None:
    plane.serve(**behind(group))
    elb = plane.client("elbv2")
    [balancer] = elb.describe_load_balancers()["LoadBalancers"]
    elb.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
    [(_, sentence, _)] = findings(plane)
    assert sentence.startswith("No listener or rule of a load balancer sends it anything")


def test_a_place_that_another_task_has_taken_is_left_alone_by_the_one_that_had_it(plane: Plane, group: str) -> None:
    plane.serve(**behind(group))
    [old] = start(plane)
    plane.settle()
    others = {i.arn for i in plane.records(ContainerInstance)} - {old.container_instance_arn}
    plane.ecs.update_container_instances_state(containerInstances=sorted(others), status="DRAINING")
    plane.exit(old.arn, 1)
    plane.run()
    [new] = start(plane)  # gets the same port, while the old one's place still drains
    [target] = targets(plane, group)
    assert (target.port, target.deregistered_at) == (49153, None)
    had = replace(plane.record(Task, old.arn), targets=plane.record(Task, new.arn).targets)
    assert plane.read(lambda tx: places.still_in(tx, had)) == []
    assert plane.read(lambda tx: places.are_free(tx, had))
    plane.carry()
    plane.run()
    assert plane.service().steady


def test_going_down_waits_for_nobody_to_be_drained(plane: Plane, group: str) -> None:
    plane.serve(**behind(group))
    [task] = start(plane)
    plane.settle()
    plane.ecs.update_service(service="web", desiredCount=0)
    plane.run()
    assert told(plane, task) == "RUNNING"
    plane.assembled.services.holding = True
    plane.core.look_everywhere(plane.clock.time)
    plane.run()
    assert told(plane, task) == "STOPPED"


def test_another_network_mode_alone_is_held_against_the_target_group(plane: Plane, group: str) -> None:
    plane.serve(**behind(group))
    plane.define("net", {"portMappings": [{"containerPort": 80}]}, networkMode="awsvpc", cpu="256", memory="512")
    with refused(INVALID):
        plane.ecs.update_service(service="web", taskDefinition="net", networkConfiguration=NETWORK)


def test_a_listener_that_is_made_anew_has_its_targets_found_healthy_anew(plane: Plane, group: str) -> None:
    plane.serve(**behind(group))
    start(plane)
    plane.settle()
    elb = plane.client("elbv2")
    [balancer] = elb.describe_load_balancers()["LoadBalancers"]
    [listener] = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    [before] = targets(plane, group)
    elb.delete_listener(ListenerArn=listener["ListenerArn"])
    again = {"LoadBalancerArn": balancer["LoadBalancerArn"], "Protocol": "HTTP", "Port": 80}
    elb.create_listener(**again, DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])
    [after] = targets(plane, group)
    assert (after.state, after.registered_at > before.registered_at) == ("initial", True)
    plane.settle()
    assert plane.service().steady
