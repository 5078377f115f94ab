"""Availability Zone rebalancing: a service at rest moves tasks to zones that have fewer, a batch at a time.

A batch starts its tasks first, waits until they are healthy, and stops as many where there were most. A deployment
ends it; what was started besides is then scaled in like any other surplus.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from podium.ecs import starting
from podium.ecs.controllers import service_events
from podium.ecs.controllers.passes import Pass
from podium.ecs.records import Rollout, Task
from podium.ecs.rules.services import settings
from podium.ecs.scheduling import balance, deployments, health, launching, placement
from podium.ecs.scheduling.balance import Full, Move
from podium.store.records import replace

TRY_AGAIN_AFTER = timedelta(minutes=5)  # when the zones that have fewer had no room
BATCH = 20


def follow(this: Pass) -> Pass:
    """Goes on with the batch that is under way: its last step once all that it started is healthy.

    A move is over as soon as one of its two tasks has to be replaced in any case, ill or on an instance that drains:
    the other is its replacement.
    """
    service = this.service
    if not service.moves:
        return this
    if not _rests(this):
        this.say(service_events.NOT_BALANCING)
        return this.with_service(replace(service, moves=(), rebalancing=False))
    wanted = _staying(this)
    moves = tuple(m for m in service.moves if m["from"] in wanted and m["to"] in wanted)
    this = this.with_service(replace(service, moves=moves))
    well = {t.arn for t in this.wanted if health.healthy(t, this.now, this.timing.healthy_after)}
    if not all(m["to"] in well for m in moves):
        return this
    protected = this.protected
    due = [wanted[m["from"]] for m in moves if m["from"] not in protected]
    return _leave(this, due, balance.affordable(service, due, well))


def _staying(this: Pass) -> dict[str, Task]:
    """Its tasks but those that have to be replaced, by ARN."""
    leaving = this.leaving
    staying = [t for t in this.wanted if t.arn not in leaving and not health.is_ill(this.service, t, this.now)]
    return {t.arn: t for t in staying}


def _leave(this: Pass, due: Sequence[Task], going: Sequence[Task]) -> Pass:
    """The tasks in `going` stop; those that are due and must wait, as others fail, go in a later pass."""
    this.stop(going, deployments.scaling_reason(this.service))
    for zone, tasks in _by_zone(going).items():
        this.say(service_events.moved_from(zone, tasks))
    gone = {t.arn for t in going}
    waiting = {t.arn for t in due} - gone
    left = tuple(m for m in this.service.moves if m["from"] in waiting)
    this = this.with_service(replace(this.service, moves=left))
    return replace(this, wanted=[t for t in this.wanted if t.arn not in gone])


def _rests(this: Pass) -> bool:
    """Whether it is to be balanced at all, and no deployment is under way."""
    service = this.service
    settled = len(service.deployments) == 1 and service.primary.rollout is Rollout.COMPLETED
    return settled and service.availability_zone_rebalancing == "ENABLED" and settings.keeps_zones(service) is None


def begin(this: Pass) -> tuple[Pass, datetime | None]:
    """The next batch of a service that has just what it wants. Returns when to look again.

    Failures put this start off like any other: what fails in the new zone leaves the service as whole as it was.
    """
    service = this.service
    if service.moves or this.holding or service.desired_count < 2 or not _rests(this):
        return this, None
    waits = max(filter(None, (service.rebalance_again_at, service.start_again_at)), default=this.now)
    if waits > this.now:
        return this, waits
    launch = this.launch(service, service.primary.id)
    zones = _zones(this, launch)
    if balance.is_even(this.wanted, zones):
        return _balanced(this, zones), None
    return _next_batch(this, launch, zones)


def _balanced(this: Pass, zones: Collection[str]) -> Pass:
    service = replace(this.service, rebalance_again_at=None)
    if not service.rebalancing:
        return this.with_service(service)
    this.say(service_events.balanced(balance.counts(this.wanted, zones)))
    return this.with_service(replace(service, rebalancing=False))


def _zones(this: Pass, launch: launching.Launch) -> set[str]:
    """Those that its tasks may be in: of the subnets, and where there are instances."""
    subnets = set(launch.zones.values())
    if launch.launch_type == "FARGATE":
        return subnets
    found = starting.zones_for(this.tx, launch)
    return found & subnets if subnets else found


def _next_batch(this: Pass, launch: launching.Launch, zones: set[str]) -> tuple[Pass, datetime | None]:
    most, protected, full = min(BATCH, balance.batch(this.service, len(this.wanted))), this.protected, set[Full]()
    made: list[tuple[Move, Task]] = []
    while not made and (wanted := balance.moves(this.wanted, zones, most, full, protected)):
        for zone, provider in sorted({_way(move) for move in wanted}, key=str):
            here = [move for move in wanted if _way(move) == (zone, provider)]
            tasks = _placed(this, balance.within(launch, zone), provider, len(here))
            made += zip(here, tasks, strict=False)
            full |= {(zone, provider)} if len(tasks) < len(here) else set()
    if made:
        return _started(this, made, zones), None
    if most == 0:
        return this, None
    return _unable(this, {zone for zone, _ in full}, protected), this.now + TRY_AGAIN_AFTER


def _way(move: Move) -> Full:
    """The zone that it goes to, and whose: a task is replaced by one of its own capacity provider."""
    return move.zone, move.task.capacity_provider


def _placed(this: Pass, launch: launching.Launch, provider: str | None, count: int) -> list[Task]:
    """As many of the tasks as there is room for."""
    wish = starting.Wish(
        launch=launch,
        count=count,
        providers=[{"capacityProvider": provider, "weight": 1, "base": 0}] if provider else (),
        strategy=this.service.placement_strategy or placement.DEFAULT_SPREAD,
    )
    found = starting.seats(this.tx, wish, this.ids.below)
    return [this.tx.put(this.task(launch, *seat)) for seat in found.taken]


def _started(this: Pass, made: Sequence[tuple[Move, Task]], zones: Collection[str]) -> Pass:
    service = this.service
    if not service.rebalancing:
        this.say(service_events.not_balanced(balance.counts(this.wanted, zones)))
    for zone, tasks in _by_zone([task for _, task in made]).items():
        this.say(service_events.moved_to(zone, tasks))
    moves = tuple({"from": move.task.arn, "to": task.arn} for move, task in made)
    return this.with_service(replace(service, moves=moves, rebalancing=True, rebalance_again_at=None))


def _unable(this: Pass, full: set[str], protected: Collection[str]) -> Pass:
    """Says why, and tries again later."""
    held = sum(t.arn in protected for t in this.wanted)
    tail = service_events.unplaceable(min(full)) if full else service_events.immovable(held, this.service.primary.id)
    this = this.tell_problem(tail)
    if this.service.rebalancing:
        this.say(service_events.NOT_BALANCING)
    again = this.now + TRY_AGAIN_AFTER
    return this.with_service(replace(this.service, rebalancing=False, rebalance_again_at=again))


def _by_zone(tasks: Sequence[Task]) -> dict[str, list[Task]]:
    found: dict[str, list[Task]] = {}
    for task in sorted(tasks, key=lambda t: t.availability_zone):
        found.setdefault(task.availability_zone, []).append(task)
    return found
