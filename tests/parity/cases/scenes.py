"""More that was done before a case: services as they change, instances as they fill, lists as they grow."""

from typing import Any

from parity.cases.givens import Scene, given
from podium.ecs.records import TaskStatus

LABEL = [{"key": "team", "value": "web"}]
BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
TRIES = 60


# task definitions


@given
def hungry(scene: Scene) -> None:
    """One to an instance, and no more."""
    scene.plane.define("hungry", {"cpu": 3000})


@given
def pinned(scene: Scene) -> None:
    expression = "attribute:ecs.availability-zone == us-east-1c"
    scene.plane.define("pinned", placementConstraints=[{"type": "memberOf", "expression": expression}])


@given
def disk(scene: Scene) -> None:
    """A volume that is told at launch what it is."""
    mount = {"sourceVolume": "v", "containerPath": "/v"}
    scene.plane.define("disk", {"mountPoints": [mount]}, volumes=[{"name": "v", "configuredAtLaunch": True}])


@given
def fargate_port(scene: Scene) -> None:
    scene.plane.define(
        "fargate",
        {"portMappings": [{"containerPort": 80}]},
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        requiresCompatibilities=["FARGATE"],
    )


@given
def twelve_revisions(scene: Scene) -> None:
    for _ in range(12):
        scene.plane.define("web")


@given
def retired(scene: Scene) -> None:
    scene.ecs.deregister_task_definition(taskDefinition="web:1")


# services


@given
def single(scene: Scene) -> None:
    """A service of one task, placed, not running yet."""
    scene.plane.serve("web", 1)


@given
def guarded(scene: Scene) -> None:
    """The same with a circuit breaker."""
    scene.plane.serve("web", 1, deploymentConfiguration=BREAKER)


@given
def failed(scene: Scene) -> None:
    """The service's next task does not start. Its scheduler may take a while to try again."""
    for _ in range(TRIES):
        pending = [task for task in scene.plane.tasks("web") if task.last_status is TaskStatus.PENDING]
        if pending:
            scene.plane.fail_to_start(pending[0].arn)
            return scene.plane.run()
        scene.plane.advance(10)
    raise AssertionError("the service started no other task")


@given
def forced(scene: Scene) -> None:
    scene.ecs.update_service(service="web", forceNewDeployment=True)
    scene.plane.run()


@given
def rollout(scene: Scene) -> None:
    """The service's one deployment, by its ID."""
    [service] = scene.ecs.describe_services(services=["web"])["services"]
    [deployment] = service["deployments"]
    scene.words["rollout"] = deployment["id"]


@given
def renewed(scene: Scene) -> None:
    """The service is told to run the newest revision; the controller has not looked yet."""
    scene.ecs.update_service(service="web", taskDefinition="web")


@given
def propagating(scene: Scene) -> None:
    scene.plane.serve("web", 1, tags=LABEL, propagateTags="SERVICE")


@given
def managed_tags(scene: Scene) -> None:
    scene.plane.serve("web", 1, enableECSManagedTags=True)


@given
def provided(scene: Scene) -> None:
    scene.plane.serve("web", 1, capacityProviderStrategy=[{"capacityProvider": "hosts", "weight": 1}])


@given
def tokened_service(scene: Scene) -> None:
    scene.plane.serve("web", 2, clientToken="once")


@given
def twelve(scene: Scene) -> None:
    for number in range(12):
        scene.ecs.create_service(serviceName=f"web-{number}", taskDefinition="web", desiredCount=0)


@given
def page(scene: Scene) -> None:
    """The first page of the services was read."""
    scene.words["token"] = scene.ecs.list_services()["nextToken"]


@given
def primary(scene: Scene) -> None:
    scene.ecs.update_service_primary_task_set(cluster="default", service="ext", primaryTaskSet=scene.words["set"])


@given
def roleless(scene: Scene) -> None:
    """The definition `web`, with a role that there is not."""
    scene.plane.define("web", taskRoleArn="arn:aws:iam::123456789012:role/none")


@given
def grown(scene: Scene) -> None:
    scene.ecs.update_service(service="web", desiredCount=3)
    scene.plane.run()


@given
def shrunk(scene: Scene) -> None:
    scene.ecs.update_service(service="web", desiredCount=2)
    scene.plane.run()


# tasks and instances


@given
def tokened(scene: Scene) -> None:
    [made] = scene.ecs.run_task(taskDefinition="web", clientToken="once")["tasks"]
    scene.words["task"] = made["taskArn"]


@given
def stopping(scene: Scene) -> None:
    """Told to stop, and still running."""
    scene.ecs.stop_task(task=scene.words["task"])


@given
def occupied(scene: Scene) -> None:
    _start(scene, "web")


@given
def filled(scene: Scene) -> None:
    _start(scene, "big")


@given
def bound(scene: Scene) -> None:
    _start(scene, "fixed")


def _start(scene: Scene, family: str) -> None:
    """A task on the second instance."""
    answer = scene.ecs.start_task(taskDefinition=family, containerInstances=[scene.words["instance2"]])
    assert answer["failures"] == []


@given
def drained(scene: Scene) -> None:
    scene.ecs.update_container_instances_state(containerInstances=[scene.words["instance"]], status="DRAINING")
    scene.plane.run()


@given
def marked(scene: Scene) -> None:
    attribute = {"name": "stack", "value": "prod", "targetId": scene.words["instance"]}
    scene.ecs.put_attributes(attributes=[attribute])


# the cluster


@given
def labelled(scene: Scene) -> None:
    [cluster] = scene.ecs.describe_clusters()["clusters"]
    scene.ecs.tag_resource(resourceArn=cluster["clusterArn"], tags=LABEL)


@given
def weightless(scene: Scene) -> None:
    """Who names no provider gets one that weighs nothing."""
    strategy: list[dict[str, Any]] = [{"capacityProvider": "FARGATE", "weight": 0, "base": 0}]
    scene.ecs.put_cluster_capacity_providers(
        cluster="default", capacityProviders=["FARGATE"], defaultCapacityProviderStrategy=strategy
    )


# alarms


@given
def alarmed(scene: Scene) -> None:
    state = {"StateValue": "ALARM", "StateReason": "a test"}
    scene.client("cloudwatch", "root").set_alarm_state(AlarmName="cpu", **state)
    scene.plane.run()


@given
def watched(scene: Scene) -> None:
    """A service whose deployments the alarm watches, with rollback."""
    alarms = {"alarmNames": ["cpu"], "enable": True, "rollback": True}
    scene.plane.serve("web", 2, deploymentConfiguration={"alarms": alarms})
