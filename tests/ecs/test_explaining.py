"""What `podium explain` says of services and tasks."""

from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, SUBNET, Plane, refused
from podium.ecs.explaining import definitions, ends, room, usage
from podium.ecs.explaining.findings import Severity
from podium.ecs.records import Container, ContainerInstance, StopCode, Task
from podium.ecs.scheduling import placement
from podium.ecs.scheduling.placement import Requirements
from podium.kernel import principal
from podium.kernel.errors import ClientError
from podium.server.front import Caller
from podium.server.pages import explaining
from podium.server.usage import Usage

GROUP = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:0a1b:autoScalingGroupName/"
SCALED = {"autoScalingGroupArn": GROUP + "hosts", "managedScaling": {"status": "ENABLED"}}
SECRET = [{"name": "KEY", "valueFrom": "arn:aws:ssm:us-east-1:123456789012:parameter/key"}]
CURL = {"command": ["CMD-SHELL", "curl localhost"]}


def explain(plane: Plane, wanted: str, cluster: str | None = None, heard: Usage | None = None) -> dict[str, Any]:
    call = plane.front.call(_caller(plane), "http://127.0.0.1:4566")
    samples = heard.samples() if heard else {}
    return plane.read(lambda tx: explaining.explained(tx, call, wanted, cluster, samples, plane.clock.now()))()


def _caller(plane: Plane) -> Caller:
    return Caller(principal.root(ACCOUNT), "AKIAROOTROOTROOTROOT", REGION, "127.0.0.1")


def said(told: dict[str, Any]) -> str:
    return "\n".join(f"{f['severity']} {f['about']}: {f['sentence']} {f['advice']}" for f in told["findings"])


def table(told: dict[str, Any]) -> dict[tuple[str, str], tuple[int, str]]:
    return {(r["requirement"], r["needs"]): (r["ruled_out"], r["at_best"]) for r in told["placement"]["rows"]}


def test_a_service_that_is_well_has_nothing_to_explain(plane: Plane) -> None:
    plane.ready(instances=3)
    plane.serve("web", desired=3)
    plane.settle()
    told = explain(plane, "web")
    assert (told["kind"], told["running"], told["desired"], told["placement"]) == ("service", 3, 3, None)
    assert told["findings"] == []
    assert told["events"][0]["message"] == "(service web) has reached a steady state."


def test_every_requirement_counts_the_instances_that_it_rules_out(plane: Plane) -> None:
    plane.ecs.create_cluster()
    small, away, draining, near = (
        *plane.join(instances=1, memory=512, cpu=100),
        *plane.join(instances=3, attributes={"rack": "r1"}),
    )
    plane.disconnect(away)
    plane.ecs.update_container_instances_state(containerInstances=[draining], status="DRAINING")
    ports = [{"containerPort": 80, "hostPort": 22}]
    plane.define("web", {"memory": 1024, "cpu": 256, "portMappings": ports})
    constraint = {"type": "memberOf", "expression": "attribute:rack == r2"}
    plane.serve("web", desired=2, placementConstraints=[constraint])
    told = explain(plane, "web")
    assert table(told) == {
        ("port", "22/tcp"): (4, "in use"),
        ("memberOf", "attribute:rack == r2"): (4, ""),
        ("CPU", "256 units"): (1, "100 units"),
        ("memory", "1024 MiB"): (1, "512 MiB"),
        ("agent", "connected"): (1, "not connected"),
        ("status", "ACTIVE"): (1, "DRAINING"),
    }
    assert told["placement"]["instances"] == 4
    assert told["placement"]["fit"] == 0
    assert told["placement"]["closest"]["instance_arn"] == near
    assert "2 of its tasks wait, and none of the 4 container instances has room for one." in said(told)
    assert small not in said(told)


def test_attributes_distinct_instances_and_zones_are_named(plane: Plane) -> None:
    plane.ecs.create_cluster()
    plane.join(instances=2, zones=["us-east-1f"])
    log = {"logConfiguration": {"logDriver": "splunk"}}
    plane.define("web", log)
    plane.serve("web")
    name = "com.amazonaws.ecs.capability.logging-driver.splunk"
    assert table(explain(plane, "web")) == {("attribute", name): (2, "missing")}
    plane.define("one")
    plane.serve("one", desired=3, placementConstraints=[{"type": "distinctInstance"}])
    assert table(explain(plane, "one")) == {("distinctInstance", "no other task of service:one"): (2, "1 tasks")}
    plane.define("net", networkMode="awsvpc")
    network = {"awsvpcConfiguration": {"subnets": [SUBNET]}}
    plane.serve("net", networkConfiguration=network)
    rows = table(explain(plane, "net"))
    assert rows["Availability Zone", "us-east-1a"] == (2, "us-east-1f")


def test_room_that_is_kept_for_daemons_is_told_to_others_and_not_to_them(plane: Plane) -> None:
    plane.ecs.create_cluster()
    plane.join(instances=1, memory=1024)
    plane.ecs.run_task(taskDefinition=plane.define("large", {"memory": 960}))
    plane.define("log", {"memory": 128})
    plane.ecs.create_service(serviceName="log", taskDefinition="log", schedulingStrategy="DAEMON")
    plane.define("web", {"memory": 64})
    plane.serve("web")
    assert table(explain(plane, "web")) == {("memory", "64 MiB"): (1, "0 MiB, 64 more kept for daemons")}
    assert table(explain(plane, "log")) == {("memory", "128 MiB"): (1, "64 MiB")}


def test_a_daemon_asks_for_room_where_it_has_no_task_yet(plane: Plane) -> None:
    plane.ecs.create_cluster()
    plane.join(instances=1, memory=1024)
    plane.ecs.run_task(taskDefinition=plane.define("large", {"memory": 960}))
    plane.join(instances=2, memory=1024)
    plane.define("log", {"memory": 128})
    plane.ecs.create_service(serviceName="log", taskDefinition="log", schedulingStrategy="DAEMON")
    plane.obey()
    told = explain(plane, "log")
    assert (told["desired"], told["running"]) == (3, 2)
    assert table(told) == {("memory", "128 MiB"): (1, "64 MiB")}
    assert "1 of its tasks waits, and none of the 1 container instances has room for one." in said(told)


def test_a_daemon_whose_old_task_still_stops_says_that_it_waits_for_that(plane: Plane) -> None:
    plane.ready(instances=1)
    plane.ecs.create_service(serviceName="web", taskDefinition="web", schedulingStrategy="DAEMON")
    plane.settle()
    waits = "It has fewer tasks than desired; of old ones, 1 still to end."
    assert waits not in said(explain(plane, "web"))
    plane.define("web")
    plane.ecs.update_service(service="web", taskDefinition="web:2")
    plane.run()
    told = explain(plane, "web")
    assert waits in said(told)
    assert told["placement"] is None
    plane.settle()
    assert waits not in said(explain(plane, "web"))


def test_an_instance_of_another_capacity_provider_is_ruled_out_by_that(plane: Plane) -> None:
    ecs = plane.ecs
    ecs.create_capacity_provider(name="hosts", autoScalingGroupProvider={"autoScalingGroupArn": GROUP + "hosts"})
    ecs.create_cluster(capacityProviders=["hosts"])
    plane.join(instances=2)
    plane.define("web")
    plane.serve("web", capacityProviderStrategy=[{"capacityProvider": "hosts", "weight": 1}])
    assert table(explain(plane, "web")) == {("capacity provider", "hosts"): (2, "no group")}


def test_a_service_without_instances_or_with_a_count_of_none_says_so(plane: Plane) -> None:
    plane.ecs.create_cluster()
    plane.define("web")
    plane.serve("web", desired=2)
    assert "2 of its tasks wait, and there are no container instances." in said(explain(plane, "web"))
    plane.ecs.update_service(service="web", desiredCount=0)
    assert "note the service: Its desired count is 0." in said(explain(plane, "web"))


def test_a_role_that_may_not_be_assumed_is_why_nothing_starts(plane: Plane) -> None:
    plane.ready(instances=1)
    plane.define("web", taskRoleArn=f"arn:aws:iam::{ACCOUNT}:role/none")
    plane.serve("web")
    assert "problem the service: ECS was unable to assume the role" in said(explain(plane, "web"))


def test_what_failing_tasks_have_in_common_is_told_with_the_meaning_of_exit_codes(plane: Plane) -> None:
    plane.ready(instances=1)
    plane.serve("web", desired=1)
    for _ in range(2):
        [task] = plane.tasks("web")
        plane.report(task.arn, "RUNNING")
        plane.exit(task.arn, 127)
        plane.advance(5)
    told = explain(plane, "web")
    assert "exit code 127, the command was not found in the image. (2 tasks lately)" in said(told)
    [failure] = told["failures"]
    assert (failure["count"], failure["stopCode"]) == (2, "EssentialContainerExited")
    assert failure["stoppedReason"] == "Essential container in task exited"
    assert failure["plainly"].startswith("An essential container ended, and the task with it. (app: exit code 127")


@pytest.mark.parametrize(
    ("detail", "sentence", "advice"),
    [
        (
            "retrieved secret from Secrets Manager did not contain json key user",
            "no such key",
            "after the secret's ARN",
        ),
        ("invalid ssm parameters: /db", "A parameter is not there", "aws ssm describe-parameters"),
        (
            "AccessDeniedException: User: u is not authorized to perform: ssm:GetParameters",
            "may not read",
            "put-role-policy",
        ),
        ("ResourceNotFoundException: Secrets Manager can't find the specified secret.", "not there", "describe-secret"),
        ("ResourceNotFoundException: The specified log group does not exist.", "log group is not", "create-log-group"),
        ("something else", "Something that the task needs", "names it"),
    ],
)
def test_a_secret_that_cannot_be_had_says_how_to_mend_it(detail, sentence, advice) -> None:
    container = Container(
        name="app", arn="a", image="i", reason=f"ResourceInitializationError: unable to pull secrets: {detail}"
    )
    [finding] = ends.of_container(container)
    assert sentence in finding.sentence
    assert advice in finding.advice
    assert detail in finding.sentence


@pytest.mark.parametrize(
    ("reason", "sentence", "advice"),
    [
        (
            "ResourceInitializationError: unable to deliver secrets as files: only root may mount a tmpfs for them",
            "could not be put into files",
            "label podium.secrets",
        ),
        (
            'CannotStartContainerError: Error response from daemon: invalid mount config for type "bind": bind source '
            "path does not exist: /run/podium/secrets/1/default/2",
            "are not there, as after a restart of the host",
            "Start another task",
        ),
    ],
)
def test_secrets_that_are_no_files_say_how_to_mend_it(reason, sentence, advice) -> None:
    [finding] = ends.of_container(Container(name="app", arn="a", image="i", reason=reason))
    assert sentence in finding.sentence
    assert advice in finding.advice


def test_a_service_that_is_slowed_down_says_for_how_long(plane: Plane) -> None:
    plane.ready(instances=1)
    plane.serve("web", desired=1)
    for _ in range(3):
        [task] = plane.tasks("web")
        plane.fail_to_start(task.arn)
        plane.run()
    told = said(explain(plane, "web"))
    assert "warning the service: 3 tasks in a row never ran, so the next is tried in 10 s." in told
    assert "The image could not be pulled. CannotPullContainerError: no such image (3 tasks lately)" in told


def test_a_health_check_that_never_passes_is_shown_with_its_patience(plane: Plane) -> None:
    plane.ready(instances=1)
    plane.define("web", {"healthCheck": {"command": ["CMD-SHELL", "exit 1"], "interval": 10, "startPeriod": 5}})
    stop_first = {"minimumHealthyPercent": 0, "maximumPercent": 100}
    plane.serve("web", desired=1, deploymentConfiguration=stop_first)
    [task] = plane.tasks("web")
    plane.report(task.arn, "RUNNING")
    plane.health(task.arn, "UNHEALTHY")
    assert "Its health check fails." in said(explain(plane, task.arn))
    plane.obey()
    plane.obey()
    told = said(explain(plane, "web"))
    assert "`CMD-SHELL exit 1` must end with exit code 0" in told
    assert "is given up 35 s after its start" in told
    assert "health check kept failing" in explain(plane, task.arn)["plainly"]


def test_all_tasks_in_one_zone_are_a_note(plane: Plane) -> None:
    plane.ready(instances=2, zones=["us-east-1a"])
    plane.serve("web", desired=2)
    plane.settle()
    assert "All of its 2 tasks are in the Availability Zone us-east-1a." in said(explain(plane, "web"))


@pytest.mark.parametrize(
    ("container", "runs_on", "severity", "word"),
    [
        ({"image": "web"}, "EC2", "warning", "has no tag"),
        ({"image": "host:5000/team/web:latest"}, "EC2", "warning", "has the tag latest"),
        ({"secrets": SECRET}, "EC2", "problem", "for its secrets"),
        ({"repositoryCredentials": {"credentialsParameter": "x"}}, "EC2", "problem", "registry's credentials"),
        ({"logConfiguration": {"logDriver": "awslogs"}}, "FARGATE", "problem", "the awslogs log driver"),
        ({"image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1"}, "FARGATE", "problem", "Amazon ECR image"),
        ({"healthCheck": {"command": ["CMD", "curl -f localhost"]}}, "EC2", "problem", "blanks and all"),
        ({"healthCheck": {"command": ["curl", "localhost"]}}, "EC2", "problem", "neither CMD nor CMD-SHELL"),
        ({"image": "nginx:1-alpine", "healthCheck": CURL}, "EC2", "warning", "runs curl"),
        ({"healthCheck": {"command": ["CMD", "x"], "timeout": 60}}, "EC2", "note", "is noticed late"),
    ],
)  # fmt: skip
def test_a_definition_gives_beginners_mistakes_away(
    container: dict[str, Any], runs_on: str, severity: str, word: str
) -> None:
    document = {"containerDefinitions": [{"name": "app", "image": "web:1", **container}]}
    [found] = definitions.findings(document, runs_on)
    assert found.severity is Severity(severity)
    assert word in found.sentence
    assert found.about == "container app"


@pytest.mark.parametrize(
    "container",
    [
        {"image": "web@sha256:" + "0" * 64},
        {"image": "host:5000/web:1.2"},
        {"logConfiguration": {"logDriver": "awslogs"}},
        {"image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1"},
        {"healthCheck": {"command": ["CMD-SHELL", "curl -f localhost || exit 1"]}},
        {"healthCheck": {"command": ["NONE"]}},
    ],
)
def test_what_is_well_on_an_instance_of_ones_own_is_left_alone(container: dict[str, Any]) -> None:
    document = {"containerDefinitions": [{"name": "app", "image": "web:1", **container}]}
    assert list(definitions.findings(document, "EC2")) == []


def test_exit_codes_are_told_in_words() -> None:
    assert ends.exit_in_words(137).startswith("exit code 137, it was killed (SIGKILL): out of memory")
    assert ends.exit_in_words(136) == "exit code 136, signal 8 ended it"
    assert ends.exit_in_words(42) == "exit code 42"


def test_memory_is_compared_with_what_the_last_reports_say(plane: Plane) -> None:
    plane.ready(instances=1)
    plane.define("web", {"memory": 1000})
    plane.serve("web", desired=2)
    plane.settle()
    heard = Usage(plane.clock)
    first, second = plane.tasks("web")
    tell(plane, heard, first, 950.0)
    tell(plane, heard, second, 10.0)
    assert "It uses 950 of the 1000 MiB that it may use" in said(explain(plane, "web", heard=heard))
    assert explain(plane, first.arn, heard=heard)["containers"][0]["usedMiB"] == 950
    tell(plane, heard, first, 20.0)
    assert "It uses 20 of the 1000 MiB that are kept for it." in said(explain(plane, "web", heard=heard))


def tell(plane: Plane, heard: Usage, task: Task, memory: object, instance: str | None = None) -> None:
    metric = {"containerName": "app", "memoryStatsSet": {"max": memory}, "cpuStatsSet": {"max": 5.0}}
    body = {"taskMetrics": [{"taskArn": task.arn, "containerMetrics": [metric, "no metric"]}, None]}
    plane.read(lambda tx: heard.heard(tx, instance or task.container_instance_arn or "", body))


def test_an_instance_tells_of_its_own_tasks_alone_and_what_is_over_is_forgotten(plane: Plane) -> None:
    plane.ready(instances=1)
    plane.serve("web", desired=1)
    plane.settle()
    heard = Usage(plane.clock)
    plane.core.watchers.append(heard.changed)
    [task] = plane.tasks("web")
    tell(plane, heard, task, 5.0, instance="another")
    tell(plane, heard, task, "much")
    assert heard.samples() == {}
    tell(plane, heard, task, 5.0)
    assert heard.samples() == {task.arn: {"app": usage.Sample(5.0, 5.0, 0.0)}}
    plane.exit(task.arn)
    assert heard.samples() == {}


def test_a_task_says_where_it_is_and_whose(plane: Plane) -> None:
    plane.ready(instances=1)
    plane.serve("web", desired=1)
    [task] = plane.tasks("web")
    told = explain(plane, task.arn.rpartition("/")[2][:12])
    instance = str(task.container_instance_arn).rpartition("/")[2]
    assert told["lastStatus"] == "PENDING"
    assert f"It was placed on container instance {instance} in us-east-1a." in told["where"]
    assert f"It belongs to service:web, by {task.started_by}." in told["where"]
    plane.disconnect(str(task.container_instance_arn))
    assert "Its agent is not connected" in said(explain(plane, task.arn))


def test_a_task_that_was_stopped_says_by_whom(plane: Plane) -> None:
    plane.ready(instances=1)
    [task] = plane.ecs.run_task(taskDefinition="web")["tasks"]
    plane.ecs.stop_task(task=task["taskArn"], reason="enough")
    told = explain(plane, task["taskArn"])
    assert (told["stopCode"], told["stoppedReason"]) == ("UserInitiated", "enough")
    assert told["plainly"] == "Somebody stopped it."


def test_a_task_that_waits_for_a_capacity_provider_shows_the_table(plane: Plane) -> None:
    ecs = plane.ecs
    ecs.create_capacity_provider(name="hosts", autoScalingGroupProvider=SCALED)
    ecs.create_cluster(capacityProviders=["hosts"])
    plane.join(instances=1)
    plane.define("web")
    strategy = [{"capacityProvider": "hosts", "weight": 1}]
    [task] = ecs.run_task(taskDefinition="web", capacityProviderStrategy=strategy)["tasks"]
    told = explain(plane, task["taskArn"])
    assert told["lastStatus"] == "PROVISIONING"
    assert table(told) == {("capacity provider", "hosts"): (1, "no group")}


def test_a_task_that_waits_tells_the_constraints_that_it_was_run_with(plane: Plane) -> None:
    ecs = plane.ecs
    ecs.create_capacity_provider(name="hosts", autoScalingGroupProvider=SCALED)
    ecs.create_cluster(capacityProviders=["hosts"])
    plane.define("web")
    strategy = [{"capacityProvider": "hosts", "weight": 1}]
    expression = "attribute:disk == ssd"
    constraints = [{"type": "memberOf", "expression": expression}]
    run = ecs.run_task(taskDefinition="web", capacityProviderStrategy=strategy, placementConstraints=constraints)
    plane.join(instances=1)
    assert table(explain(plane, run["tasks"][0]["taskArn"]))[("memberOf", expression)] == (1, "")


def test_a_service_whose_tasks_wait_for_a_capacity_provider_says_what_they_lack(plane: Plane) -> None:
    ecs = plane.ecs
    ecs.create_capacity_provider(name="hosts", autoScalingGroupProvider=SCALED)
    ecs.create_cluster(capacityProviders=["hosts"])
    plane.join(instances=1)
    plane.define("web")
    plane.serve("web", desired=3, capacityProviderStrategy=[{"capacityProvider": "hosts", "weight": 1}])
    told = explain(plane, "web")
    assert told["wanted"] == 3
    assert table(told) == {("capacity provider", "hosts"): (1, "no group")}
    assert "3 of its tasks wait, and none of the 1 container instances has room for one." in said(told)


def test_of_several_task_sets_the_one_that_lacks_most_is_explained(plane: Plane) -> None:
    plane.ecs.create_cluster()
    plane.define("web")
    plane.define("big", {"memory": 9000})
    plane.ecs.create_service(serviceName="web", desiredCount=2, deploymentController={"type": "EXTERNAL"})
    whose, whole = {"cluster": "default", "service": "web"}, {"value": 100, "unit": "PERCENT"}
    plane.ecs.create_task_set(**whose, taskDefinition="web", scale=whole)
    plane.run()
    assert "2 of its tasks wait, and there are no container instances." in said(explain(plane, "web"))
    plane.join(instances=1)
    plane.ecs.create_task_set(**whose, taskDefinition="big", scale=whole)
    plane.advance(60)
    told = explain(plane, "web")
    assert len(plane.tasks("web")) == 2
    assert table(told) == {("memory", "9000 MiB"): (1, "7936 MiB")}
    assert "2 of its tasks wait, and none of the 1 container instances has room for one." in said(told)


def test_names_are_searched_in_every_cluster_and_must_be_clear(plane: Plane) -> None:
    plane.ready(instances=1)
    plane.ecs.create_cluster(clusterName="other")
    plane.serve("web", cluster="other")
    assert explain(plane, "web")["cluster"] == "other"
    plane.serve("web")
    with pytest.raises(ClientError, match="web may be any of"):
        explain(plane, "web")
    assert explain(plane, "web", "other")["cluster"] == "other"
    assert explain(plane, plane.service().arn)["cluster"] == "default"
    for wanted in ("nobody", "arn:aws:ecs:us-east-1:123456789012:service/default/nobody"):
        with pytest.raises(ClientError, match=f"There is no service and no task {wanted}"):
            explain(plane, wanted)
    with refused("ClusterNotFoundException"):
        plane.ecs.list_services(cluster="none")


def test_an_instance_fits_exactly_when_nothing_is_unmet(plane: Plane) -> None:
    plane.ecs.create_cluster()
    plane.join(instances=2, attributes={"a": "1"})
    needs = [
        Requirements(),
        Requirements(cpu=9999),
        Requirements(memory_mib=9999, cpu=9999),
        Requirements(ports=frozenset({22, 80})),
        Requirements(attributes=frozenset({"a", "b"})),
        Requirements(architecture="arm64", os_type="windows"),
        Requirements(gpus=1),
        Requirements(member_of=("attribute:a == 2", "this is none")),
        Requirements(zones=frozenset({"us-east-1b"})),
    ]
    rooms = placement.rooms(plane.records(ContainerInstance), placement.held_by([]))
    for one in needs:
        for place in rooms:
            assert bool(room.unmet(one, place)) is (placement.unfit(one, place) is not None)


def test_every_stop_code_has_plain_words() -> None:
    assert ends.CODES.keys() == set(StopCode)
