"""What is counted of the zones of Fargate's tasks is what the tasks say, however they came to say it."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from laws.ecs.ecs_strategies import fleets, law
from podium.ecs.records import Task, TaskStatus
from podium.ecs.scheduling.placement import fleet_group
from podium.ecs.scheduling.zones import Zones
from podium.store.records import replace

S = TaskStatus


def on_fargate(fleet: list[Task], dice: st.DataObject) -> list[Task]:
    types = st.sampled_from(["FARGATE", "FARGATE", "EC2"])
    return [replace(t, launch_type=dice.draw(types), group=dice.draw(st.sampled_from("ab"))) for t in fleet]


def living(fleet: list[Task], group: str) -> Counter[str]:
    ours = [t for t in fleet if t.launch_type == "FARGATE" and t.group == group and t.availability_zone]
    return Counter(t.availability_zone for t in ours if S.STOPPED not in (t.desired_status, t.last_status))


@law
@given(fleets(), fleets(), st.data())
def test_counts_follow_every_change_and_its_opposite(
    before: list[Task], after: list[Task], dice: st.DataObject
) -> None:
    before, after = on_fargate(before, dice), on_fargate(after, dice)
    zones, was, now = Zones(), {t.arn: t for t in before}, {t.arn: t for t in after}
    for told, known, then in ((before, {}, was), (after, was, now), (before, now, was)):
        for arn in {*known, *then}:
            zones.change(known.get(arn), then.get(arn))
        for group in "ab":
            assert zones.of(fleet_group("FARGATE", cluster(told), group)) == living(told, group)
    for task in before:
        zones.change(task, None)
    assert zones._counts == {}


def cluster(fleet: list[Task]) -> str:
    return fleet[0].cluster_arn if fleet else ""
