"""Which hosts are given up: after they were away for long enough, a share at once, and none while most are away."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from podium.ecs.records import ContainerInstance, InstanceStatus, TaskDefinition
from podium.ecs.scheduling import losing
from podium.ecs.scheduling.losing import Patience

BEGAN = datetime(2026, 6, 1, tzinfo=UTC)
NOW = BEGAN + timedelta(hours=1)
AFTER = timedelta(seconds=10)


def patience(share: int = 20) -> Patience:
    return Patience(lost_after=AFTER, share=share, began=BEGAN)


def host(
    number: int,
    away: float | None = None,
    lost: float | None = None,
    is_off: bool = False,
    status: InstanceStatus = InstanceStatus.ACTIVE,
    given_up: float | None = None,
) -> ContainerInstance:
    """`away`, `lost` and `given_up` are how many seconds ago. One that was given up may have been back since."""
    return ContainerInstance(
        arn=f"arn:aws:ecs:us-east-1:123456789012:container-instance/demo/{number:032x}",
        home="aws:us-east-1:123456789012",
        cluster_arn="arn:aws:ecs:us-east-1:123456789012:cluster/demo",
        status=status,
        cpu=1024,
        memory_mib=1024,
        agent_connected=away is None,
        disconnected_at=None if away is None else NOW - timedelta(seconds=away),
        lost_at=None if lost is None else NOW - timedelta(seconds=lost),
        given_up_at=None if given_up is None else NOW - timedelta(seconds=given_up),
        is_off=is_off,
        registered_at=BEGAN - timedelta(days=1),
    )


seconds = st.one_of(st.none(), st.floats(0, 7200))
statuses = st.sampled_from([InstanceStatus.ACTIVE, InstanceStatus.DRAINING, InstanceStatus.INACTIVE])
kinds = st.tuples(seconds, seconds, st.booleans(), statuses, seconds)
fleets = st.lists(kinds, max_size=25).map(lambda told: [host(n, *one) for n, one in enumerate(told)])
shares = st.integers(1, 100)


def counted(fleet: list[ContainerInstance]) -> list[ContainerInstance]:
    return [i for i in fleet if i.status is not InstanceStatus.INACTIVE and not i.is_off]


@given(fleets, shares)
def test_only_hosts_that_were_away_for_long_enough_and_not_given_up_yet_are_lost(
    fleet: list[ContainerInstance], share: int
) -> None:
    for lost in losing.plan(fleet, patience(share), NOW).lose:
        assert lost in counted(fleet)
        assert not lost.agent_connected
        assert lost.disconnected_at is not None
        assert lost.disconnected_at + AFTER <= NOW
        assert lost.lost_at is None or lost.lost_at < lost.disconnected_at


@given(fleets, shares)
def test_none_is_lost_while_most_are_away(fleet: list[ContainerInstance], share: int) -> None:
    there = counted(fleet)
    if sum(not i.agent_connected for i in there) * 2 > len(there):
        assert losing.plan(fleet, patience(share), NOW).lose == ()


@given(fleets, shares)
def test_no_more_than_the_share_goes_within_the_time(fleet: list[ContainerInstance], share: int) -> None:
    there = counted(fleet)
    recent = [i for i in there if i.given_up_at is not None and i.given_up_at + AFTER > NOW]
    lose = losing.plan(fleet, patience(share), NOW).lose
    assert not lose or len(lose) + len(recent) <= max(1, len(there) * share // 100)


@given(fleets, shares)
def test_whoever_is_away_is_looked_at_again_or_is_lost(fleet: list[ContainerInstance], share: int) -> None:
    found = losing.plan(fleet, patience(share), NOW)
    waiting = [i for i in counted(fleet) if not i.agent_connected and not losing.is_lost(i)]
    assert (found.look_again is not None) == bool(set(map(id, waiting)) - set(map(id, found.lose)))
    assert found.look_again is None or found.look_again > NOW


def test_of_two_hosts_one_takes_over_for_the_other() -> None:
    assert [i.arn for i in losing.plan([host(1), host(2, away=10)], patience(), NOW).lose] == [host(2).arn]


def test_the_only_host_is_never_lost() -> None:
    assert losing.plan([host(1, away=3600)], patience(), NOW).lose == ()


def test_the_longest_away_goes_first_and_one_at_a_time_in_a_small_cluster() -> None:
    fleet = [*(host(n) for n in range(5)), host(5, away=11), host(6, away=15)]
    found = losing.plan(fleet, patience(), NOW)
    assert [i.arn for i in found.lose] == [fleet[6].arn]
    assert found.look_again == NOW + AFTER


def test_after_a_start_everyone_is_given_time_to_dial_in() -> None:
    patient = Patience(lost_after=AFTER, share=20, began=NOW - timedelta(seconds=60))
    fleet = [host(1), host(2), host(3, away=60)]
    found = losing.plan(fleet, patient, NOW)
    assert found.lose == ()
    assert found.look_again == patient.began + losing.DIALS_AGAIN_WITHIN + AFTER


def test_a_host_that_was_back_may_be_lost_again() -> None:
    fleet = [host(1), host(2), host(3, away=20, lost=300)]
    assert losing.plan(fleet, patience(), NOW).lose == (fleet[2],)


def test_machines_that_the_operator_called_off_count_for_nothing() -> None:
    fleet = [host(1), host(2, away=20), host(3, away=99, is_off=True), host(4, away=99, is_off=True)]
    assert losing.plan(fleet, patience(), NOW).lose == (fleet[1],)


def definition(volume: dict[str, object], read_only: bool = False, mounted: bool = True) -> TaskDefinition:
    mounts = [{"sourceVolume": "data", "containerPath": "/data", "readOnly": read_only}] if mounted else []
    return TaskDefinition(
        arn="arn:aws:ecs:us-east-1:123456789012:task-definition/db:1",
        home="aws:us-east-1:123456789012",
        family_arn="",
        family="db",
        revision=1,
        document={"containerDefinitions": [{"name": "db", "mountPoints": mounts}], "volumes": [volume]},
        registered_at=BEGAN,
        registered_by="",
    )


PATH = {"name": "data", "host": {"sourcePath": "/srv/data"}}


def test_two_must_not_write_to_one_place() -> None:
    shared = [
        PATH,
        {"name": "data", "dockerVolumeConfiguration": {"scope": "shared", "driver": "local"}},
        {"name": "data", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}},
    ]
    assert [losing.once_only(definition(volume)) for volume in shared] == ["data"] * 3


def test_reading_or_having_ones_own_is_no_reason_to_wait() -> None:
    own = [
        {"name": "data", "host": {}},
        {"name": "data"},
        {"name": "data", "dockerVolumeConfiguration": {"scope": "task", "driver": "local"}},
    ]
    assert [losing.once_only(definition(volume)) for volume in own] == [None] * 3
    assert losing.once_only(definition(PATH, read_only=True)) is None
    assert losing.once_only(definition(PATH, mounted=False)) is None


@given(fleets, shares, st.floats(0, 20))
def test_nobody_is_lost_until_a_while_after_most_are_back(
    fleet: list[ContainerInstance], share: int, ago: float
) -> None:
    found = losing.plan(fleet, patience(share), NOW, NOW - timedelta(seconds=ago))
    assert not found.lose or ago >= AFTER.total_seconds()
    if ago >= AFTER.total_seconds():
        assert found == losing.plan(fleet, patience(share), NOW)
