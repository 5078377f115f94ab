"""GPUs: registered by their ids, held by tasks, and shared out among a task's containers."""

from typing import Any

import pytest

from inprocess import CAPABILITIES, Plane
from podium.ecs.acs.payload import task_payload
from podium.ecs.records import Held, Task, TaskDefinition
from podium.ecs.scheduling import launching
from podium.store.records import replace

GPUS = ["GPU-aaaa", "GPU-bbbb", "GPU-cccc"]


def wanting(number: str) -> dict[str, Any]:
    return {"resourceRequirements": [{"type": "GPU", "value": number}]}


@pytest.fixture
def instance(plane: Plane) -> str:
    plane.ecs.create_cluster()
    answer = plane.ecs.register_container_instance(
        cluster="default",
        totalResources=[
            {"name": "CPU", "type": "INTEGER", "integerValue": 4096},
            {"name": "MEMORY", "type": "INTEGER", "integerValue": 8192},
            {"name": "GPU", "type": "STRINGSET", "stringSetValue": GPUS},
        ],
        attributes=[{"name": n} for n in CAPABILITIES],
    )
    arn = str(answer["containerInstance"]["containerInstanceArn"])
    plane.connect(arn)
    return arn


@pytest.fixture
def task(plane: Plane, instance: str) -> Task:
    """Of two containers, one with a GPU and the other with two; which ones it holds is written by hand."""
    plane.define("web")
    plane.define("gpu", {"name": "one", **wanting("1")}, {"name": "two", **wanting("2")})
    [made] = plane.ecs.run_task(taskDefinition="web")["tasks"]
    definition = plane.records(TaskDefinition, family="gpu")[0]
    launch = launching.Launch(cluster_arn=made["clusterArn"], definition=definition, group="family:gpu")
    assert launch.needs.gpus == 3
    like = launching.waiting(launch, "", plane.ids, plane.clock.time)
    record = plane.record(Task, made["taskArn"])
    held = replace(record, gpu_ids=tuple(GPUS), task_definition_arn=definition.arn, containers=like.containers)
    return plane.write(lambda tx: tx.put(held))


def free(plane: Plane, arn: str, which: str = "remainingResources") -> list[str]:
    [shown] = plane.ecs.describe_container_instances(containerInstances=[arn])["containerInstances"]
    [gpus] = [r["stringSetValue"] for r in shown[which] if r["name"] == "GPU"]
    return list(gpus)


def test_an_instance_shows_the_gpus_that_it_registered(plane: Plane, instance: str) -> None:
    assert free(plane, instance, "registeredResources") == free(plane, instance) == GPUS


def test_what_a_task_holds_no_longer_remains(plane: Plane, instance: str, task: Task) -> None:
    assert free(plane, instance, "registeredResources") == GPUS
    assert free(plane, instance) == []
    plane.report(task.arn, "STOPPED")
    assert free(plane, instance) == GPUS


def test_gpus_are_held_as_ports_are_until_the_task_has_stopped(plane: Plane, task: Task) -> None:
    held = plane.read(lambda tx: tx.totals(Task, "container_instance_arn")(task.container_instance_arn))
    assert held.gpus == dict.fromkeys(GPUS, 1)
    assert held.minus(task) == Held()


def test_each_container_has_its_own(plane: Plane, task: Task) -> None:
    [shown] = plane.ecs.describe_tasks(tasks=[task.arn])["tasks"]
    assert [(c["name"], c["gpuIds"]) for c in shown["containers"]] == [("one", GPUS[:1]), ("two", GPUS[1:])]


def test_the_agent_is_told_which(plane: Plane, task: Task) -> None:
    payload = task_payload(task, plane.record(TaskDefinition, task.task_definition_arn))
    told = [(a["type"], a["name"], a["containers"]) for a in payload["associations"]]
    assert told == [("gpu", GPUS[0], ["one"]), ("gpu", GPUS[1], ["two"]), ("gpu", GPUS[2], ["two"])]


def test_other_devices_are_nowhere(plane: Plane, instance: str) -> None:
    assert launching.gpus_of({"resourceRequirements": [{"type": "NeuronDevice", "value": "1"}]}) >= launching.NOWHERE
    assert launching.gpus_of(wanting("ALL")) >= launching.NOWHERE
    assert launching.gpus_of({"resourceRequirements": [{"type": "InferenceAccelerator", "value": "eia"}]}) == 0


def test_tasks_are_given_gpus_of_their_own_until_none_is_left(plane: Plane, instance: str) -> None:
    plane.define("gpu", {"name": "one", **wanting("2")})
    [made] = plane.ecs.run_task(taskDefinition="gpu")["tasks"]
    first = plane.record(Task, made["taskArn"])
    assert len(set(first.gpu_ids)) == 2
    assert free(plane, instance) == [gpu for gpu in GPUS if gpu not in first.gpu_ids]
    answer = plane.ecs.run_task(taskDefinition="gpu")
    assert [(f["arn"], f["reason"]) for f in answer["failures"]] == [(instance, "RESOURCE:GPU")]
    plane.exit(first.arn, 0)
    [again] = plane.ecs.run_task(taskDefinition="gpu")["tasks"]
    assert len(plane.record(Task, again["taskArn"]).gpu_ids) == 2


def test_tasks_placed_by_one_call_have_no_gpu_in_common(plane: Plane, instance: str) -> None:
    plane.define("gpu", {"name": "one", **wanting("1")})
    made = plane.ecs.run_task(taskDefinition="gpu", count=4)
    held = [gpu for task in made["tasks"] for gpu in plane.record(Task, task["taskArn"]).gpu_ids]
    assert sorted(held) == GPUS
    assert [f["reason"] for f in made["failures"]] == ["RESOURCE:GPU"]
