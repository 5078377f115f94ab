"""What no rolling update ever does, whatever the service and whatever its tasks."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from laws.ecs.ecs_strategies import NEW, NOW, OLD, container, fleets, law, services
from podium.ecs.records import Health, Rollout, Service, Task, TaskStatus
from podium.ecs.scheduling import health, rolling
from podium.store.records import replace

patience = st.sampled_from([timedelta(0), timedelta(seconds=40)])


def floor_of(service: Service) -> int:
    return -(-service.desired_count * service.minimum_healthy_percent // 100)


def ceiling_of(service: Service) -> int:
    return service.desired_count * service.maximum_percent // 100


def healthy_of(tasks: Sequence[Task], after: timedelta, now: datetime = NOW) -> int:
    return sum(health.healthy(t, now, after) for t in tasks)


@law
@given(services(), fleets(), patience)
def test_no_plan_takes_a_healthy_task_the_floor_needs(service: Service, fleet: list[Task], after: timedelta) -> None:
    plan = rolling.plan(service, fleet, NOW, after)
    left = [t for t in fleet if t not in (*plan.stop, *plan.unhealthy)]
    assert healthy_of(left, after) >= min(floor_of(service), healthy_of(fleet, after))


@law
@given(services(), fleets(), patience, st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)), st.booleans())
def test_running_tasks_that_are_not_ill_make_up_the_floor(
    service: Service, fleet: list[Task], after: timedelta, leaving: set[int], protected: set[int], failed: bool
) -> None:
    """Whatever drains, is protected or has failed: they are proved or they are not, but they serve."""
    rollout = Rollout.FAILED if failed else Rollout.IN_PROGRESS
    service = replace(service, deployments=(replace(service.primary, rollout=rollout), *service.deployments[1:]))
    names = [{f"t{n}" for n in numbers} for numbers in (leaving, protected)]
    plan = rolling.plan(service, fleet, NOW, after, *names)
    standing = [t for t in fleet if t.last_status is TaskStatus.RUNNING and not health.is_ill(service, t, NOW)]
    left = [t for t in standing if t not in plan.stop]
    assert len(left) >= min(floor_of(service), len(standing))
    assert not {t.arn for t in plan.stop} & names[1]
    assert not (failed and (plan.start or plan.unhealthy))


@law
@given(services(), fleets(), patience)
def test_a_deployment_that_failed_gives_what_each_side_has_beyond_the_desired_count(
    service: Service, fleet: list[Task], after: timedelta
) -> None:
    failed = replace(service.primary, rollout=Rollout.FAILED)
    plan = rolling.plan(replace(service, deployments=(failed, *service.deployments[1:])), fleet, NOW, after)
    for name in (NEW, OLD):
        had = sum(t.started_by == name for t in fleet)
        gone = sum(t.started_by == name for t in plan.stop)
        assert gone == max(0, had - service.desired_count)


@law
@given(services(), fleets(), patience)
def test_ill_tasks_at_the_ceiling_go_as_far_as_the_floor_of_running_ones_or_one_by_one(
    service: Service, fleet: list[Task], after: timedelta
) -> None:
    plan = rolling.plan(service, fleet, NOW, after)
    new = [t for t in fleet if t.started_by == NEW]
    if len(plan.unhealthy) <= 1 or healthy_of(new, after) >= service.desired_count:
        return
    going = (*plan.stop, *plan.unhealthy)
    assert sum(t.last_status is TaskStatus.RUNNING for t in fleet if t not in going) >= floor_of(service)


@law
@given(services(), fleets(), patience)
def test_no_plan_goes_over_the_ceiling(service: Service, fleet: list[Task], after: timedelta) -> None:
    plan = rolling.plan(service, fleet, NOW, after)
    assert plan.start == 0 or len(fleet) + plan.start <= ceiling_of(service)


@law
@given(services(), fleets(), patience)
def test_a_plan_names_each_task_once_and_only_tasks_there_are(
    service: Service, fleet: list[Task], after: timedelta
) -> None:
    plan = rolling.plan(service, fleet, NOW, after)
    named = [t.arn for t in (*plan.stop, *plan.unhealthy)]
    assert len(set(named)) == len(named)
    assert set(named) <= {t.arn for t in fleet}


@law
@given(services(), fleets(), patience)
def test_only_ill_surplus_or_outdated_tasks_are_stopped(service: Service, fleet: list[Task], after: timedelta) -> None:
    plan = rolling.plan(service, fleet, NOW, after)
    current = [t for t in plan.stop if t.started_by == NEW]
    surplus = sum(t.started_by == NEW for t in fleet) - service.desired_count
    assert len(current) <= max(0, surplus)
    assert all(t.health is Health.UNHEALTHY for t in plan.unhealthy)


@law
@given(services(), fleets(), patience, st.randoms())
def test_the_order_in_which_tasks_are_looked_at_does_not_matter(
    service: Service, fleet: list[Task], after: timedelta, random: Callable[..., object]
) -> None:
    shuffled = list(fleet)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (rolling.plan(service, tasks, NOW, after) for tasks in (fleet, shuffled))
    assert (one.start, one.stuck) == (other.start, other.stuck)
    assert {t.arn for t in one.stop} == {t.arn for t in other.stop}
    assert {t.arn for t in one.unhealthy} == {t.arn for t in other.unhealthy}


@law
@given(services(), fleets())
def test_the_most_crowded_zone_gives_first(service: Service, fleet: list[Task]) -> None:
    """Among tasks equal in health, nobody stays in a zone that was fuller by two than one that gave."""
    even = [replace(t, started_by=NEW, containers=(container(),), last_status=TaskStatus.RUNNING) for t in fleet]
    even = [replace(t, started_at=NOW - timedelta(hours=1)) for t in even]
    going = rolling.plan(service, even, NOW, timedelta(0)).stop
    left = [t for t in even if t not in going]
    for gone in going:
        its_zone = sum(t.availability_zone == gone.availability_zone for t in left)
        others = [sum(t.availability_zone == zone for t in left) for zone in {t.availability_zone for t in left}]
        assert max(others, default=0) - its_zone <= 1


class Fleet:
    """Tasks that do as a plan says. Time stands a minute further after each step."""

    def __init__(self, tasks: list[Task]) -> None:
        self.tasks, self.now, self._made = tasks, NOW, len(tasks)

    def obey(self, plan: rolling.Plan) -> None:
        self.tasks = [t for t in self.tasks if t not in (*plan.stop, *plan.unhealthy)]
        for _ in range(plan.start):
            self._made += 1
            self.tasks.append(self._new(f"t{self._made}"))
        self.tasks = [self._grown(t) for t in self.tasks]
        self.now += timedelta(minutes=1)

    def _new(self, arn: str) -> Task:
        return Task(
            arn=arn,
            cluster_arn="c",
            task_definition_arn=NEW,
            started_by=NEW,
            containers=(container(checked=True),),
            created_at=self.now,
        )

    def _grown(self, task: Task) -> Task:
        """A pending task runs a minute later, one that runs is checked and well another minute later."""
        if task.last_status is not TaskStatus.RUNNING:
            return replace(task, last_status=TaskStatus.RUNNING, started_at=self.now)
        if task.health is Health.UNKNOWN:
            return replace(task, containers=tuple(replace(c, health=Health.HEALTHY) for c in task.containers))
        return task


def can_move(service: Service) -> bool:
    return service.desired_count == 0 or floor_of(service) < ceiling_of(service)


def stiff_services() -> st.SearchStrategy[Service]:
    """Services whose percentages, rounded, allow neither a start nor a stop."""
    return st.tuples(services(), st.integers(1, 3), st.integers(67, 99), st.integers(100, 130)).map(
        lambda drawn: replace(
            drawn[0], desired_count=drawn[1], minimum_healthy_percent=drawn[2], maximum_percent=drawn[3]
        )
    )


def at_rest(service: Service, fleet: list[Task], after: timedelta) -> Fleet:
    """The fleet once no plan moves it any more."""
    there, still = Fleet(fleet), 0
    for _ in range(120):
        plan = rolling.plan(service, there.tasks, there.now, after)
        there.obey(plan)
        still = still + 1 if not (plan.start or plan.stop or plan.unhealthy) else 0
        if still == 4:  # long enough for every task to have grown up
            return there
    raise AssertionError("it never rests")


@law
@given(services().filter(can_move), fleets(), patience)
def test_every_service_whose_percentages_leave_room_arrives_and_rests(
    service: Service, fleet: list[Task], after: timedelta
) -> None:
    there = at_rest(service, fleet, after)
    assert [t.started_by for t in there.tasks] == [NEW] * service.desired_count
    assert rolling.plan(service, there.tasks, there.now, after) == rolling.Plan(settled=True)


@law
@given(stiff_services().filter(lambda s: not can_move(s)), fleets(), patience)
def test_a_service_whose_percentages_leave_no_room_says_so_or_has_arrived(
    service: Service, fleet: list[Task], after: timedelta
) -> None:
    there = at_rest(service, fleet, after)
    arrived = [t.started_by for t in there.tasks] == [NEW] * service.desired_count
    assert rolling.plan(service, there.tasks, there.now, after).stuck is not arrived


@law
@given(services().filter(can_move), patience)
def test_healthy_tasks_never_dip_under_the_floor_on_the_way(service: Service, after: timedelta) -> None:
    """From a steady service of the old revision to one of the new."""
    there = Fleet([running(n) for n in range(service.desired_count)])
    while {t.started_by for t in there.tasks} - {NEW}:
        there.obey(rolling.plan(service, there.tasks, there.now, after))
        assert healthy_of(there.tasks, after, there.now) >= floor_of(service)
        assert len(there.tasks) <= max(ceiling_of(service), service.desired_count)


def running(number: int) -> Task:
    return Task(
        arn=f"t{number}",
        cluster_arn="c",
        task_definition_arn=OLD,
        started_by=OLD,
        last_status=TaskStatus.RUNNING,
        containers=(container(),),
        created_at=NOW - timedelta(hours=1),
        started_at=NOW - timedelta(hours=1),
    )
