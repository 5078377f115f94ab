"""Laws of the DAEMON strategy and of task sets: one task an instance, floors kept, and rest at the end."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from laws.ecs.ecs_strategies import CLUSTER, NEW, NOW, instances, law, services, wanted_tasks
from podium.ecs.records import ContainerInstance, InstanceStatus, Rollout, Service, Task, TaskSet, TaskStatus
from podium.ecs.scheduling import everywhere, placement, task_sets
from podium.ecs.scheduling.placement import Requirements
from podium.store.records import replace

NEEDS = Requirements(cpu=10, memory_mib=10, attributes=frozenset({"capability"}), group="service:s")
hosts = st.tuples(*(instances(n) for n in range(1, 5)))
fleets = st.lists(st.integers(0, 40), max_size=10, unique=True).flatmap(lambda ns: st.tuples(*map(wanted_tasks, ns)))


def healthy(task: Task) -> bool:
    return task.last_status is TaskStatus.RUNNING


def never(task: Task) -> bool:
    return False


def planned(service: Service, tasks: list[Task], hosts: tuple[ContainerInstance, ...]) -> everywhere.Plan:
    rooms = placement.rooms(hosts, placement.held_by(tasks))
    return everywhere.plan(service, tasks, rooms, everywhere.homes(tasks, rooms, NEEDS), NEEDS, healthy, never)


def eligible(tasks: list[Task], hosts: tuple[ContainerInstance, ...]) -> int:
    return len(everywhere.homes(tasks, placement.rooms(hosts, placement.held_by(tasks)), NEEDS).eligible)


@law
@given(services(), fleets, hosts)
def test_no_plan_starts_where_a_task_of_the_service_still_is(
    service: Service, tasks: tuple[Task, ...], hosts: tuple[ContainerInstance, ...]
) -> None:
    plan = planned(service, list(tasks), hosts)
    taken = {t.container_instance_arn for t in tasks}
    chosen = [room.instance.arn for room in plan.start]
    assert not set(chosen) & taken
    assert len(set(chosen)) == len(chosen)
    assert len({t.arn for t in (*plan.stop, *plan.unhealthy)}) == len(plan.stop) + len(plan.unhealthy)


@law
@given(services(), fleets, hosts)
def test_nothing_starts_where_it_may_not_run(
    service: Service, tasks: tuple[Task, ...], hosts: tuple[ContainerInstance, ...]
) -> None:
    for room in planned(service, list(tasks), hosts).start:
        assert room.instance.status is InstanceStatus.ACTIVE
        assert room.instance.agent_connected
        assert "capability" in room.instance.attributes


@law
@given(services(), fleets, hosts)
def test_a_failed_deployment_changes_no_instance(
    service: Service, tasks: tuple[Task, ...], hosts: tuple[ContainerInstance, ...]
) -> None:
    failed = replace(service.primary, rollout=Rollout.FAILED)
    plan = planned(replace(service, deployments=(failed, *service.deployments[1:])), list(tasks), hosts)
    assert plan.start == ()
    kept = Counter(t.container_instance_arn for t in tasks if t not in plan.stop)
    doubled = Counter(t.container_instance_arn for t in tasks)
    homes = {arn for arn in doubled if arn in {h.arn for h in hosts if h.status is InstanceStatus.ACTIVE}}
    rooms = placement.rooms(hosts, placement.held_by([]))
    eligible = {room.instance.arn for room in rooms if placement.unfit(NEEDS, room) is None}
    assert all(kept[arn] for arn in homes & eligible)


@law
@given(services(), fleets, hosts)
def test_after_enough_passes_every_eligible_instance_has_one_task_of_the_newest_deployment(
    service: Service, tasks: tuple[Task, ...], hosts: tuple[ContainerInstance, ...]
) -> None:
    """When every task that starts comes to run, and every one that is to stop is gone by the next pass."""
    left = [replace(t, last_status=TaskStatus.RUNNING) for t in tasks]
    for number in range(40):
        plan = planned(replace(service, minimum_healthy_percent=0), left, hosts)
        left = [t for t in left if t not in (*plan.stop, *plan.unhealthy)]
        left += [_started(room, number) for room in plan.start]
        if not (plan.start or plan.stop):
            break
    assert (plan.start, plan.stop) == ((), ())
    assert {t.started_by for t in left} <= {NEW}
    assert max(Counter(t.container_instance_arn for t in left).values(), default=1) == 1
    assert len(left) + len(plan.misses) == eligible(left, hosts)


def _started(room: placement.Room, number: int) -> Task:
    return Task(
        arn=f"{room.instance.arn}-{number}",
        cluster_arn=CLUSTER,
        task_definition_arn=NEW,
        group=NEEDS.group,
        started_by=NEW,
        container_instance_arn=room.instance.arn,
        last_status=TaskStatus.RUNNING,
        cpu=NEEDS.cpu,
        memory_mib=NEEDS.memory_mib,
        created_at=NOW,
        started_at=NOW,
    )


def a_task_set(scale: float, status: str = "ACTIVE") -> TaskSet:
    return TaskSet(
        arn="t",
        id=NEW,
        home="h",
        service_arn="s",
        cluster_arn=CLUSTER,
        status=status,
        scale=scale,
        task_definition_arn=NEW,
        created_at=NOW,
        updated_at=NOW,
    )


@law
@given(services(), st.integers(0, 1000).map(lambda tenths: tenths / 10), fleets)
def test_a_task_set_comes_to_its_share_in_one_step(service: Service, scale: float, tasks: tuple[Task, ...]) -> None:
    wanted = [replace(t, containers=()) for t in tasks]
    plan = task_sets.plan(service, a_task_set(scale), wanted, NOW, healthy)
    count = task_sets.desired(service, a_task_set(scale))
    assert len(wanted) + plan.start - len(plan.stop) == count
    assert not (plan.start and plan.stop)
    assert count - 1 < service.desired_count * scale / 100 + 1e-9 <= count + 1e-6


@law
@given(services(), st.floats(0, 100))
def test_a_draining_task_set_wants_nothing(service: Service, scale: float) -> None:
    assert task_sets.desired(service, a_task_set(scale, "DRAINING")) == 0
