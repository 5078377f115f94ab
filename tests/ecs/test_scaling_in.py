"""Which tasks a service gives up when it is scaled in, and how much of it one look takes on."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane
from podium.ecs.controllers.passes import BATCH
from podium.ecs.records import Service, Task

GROUP = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:0a1b:autoScalingGroupName/"
BY_MEMORY = [{"type": "binpack", "field": "memory"}]
BY_ZONE_THEN_MEMORY = [{"type": "spread", "field": "attribute:ecs.availability-zone"}, *BY_MEMORY]
BY_RACK = [{"type": "spread", "field": "attribute:rack"}]


def scale(plane: Plane, desired: int, name: str = "web") -> None:
    plane.ecs.update_service(service=name, desiredCount=desired)
    plane.run()


def homes(plane: Plane, name: str = "web") -> Counter[str | None]:
    return Counter(t.container_instance_arn for t in plane.tasks(name))


def zones(plane: Plane) -> Counter[str]:
    return Counter(t.availability_zone for t in plane.tasks("web"))


def ages(tasks: Sequence[Task]) -> list[str]:
    return [t.arn for t in sorted(tasks, key=lambda t: (t.created_at, t.arn))]


def test_unless_told_otherwise_the_fullest_zone_and_then_the_fullest_instance_gives(plane: Plane) -> None:
    plane.ready(instances=6)
    plane.serve("web", desired=12)
    plane.settle()
    scale(plane, 9)
    assert set(zones(plane).values()) == {3}
    assert sorted(homes(plane).values()) == [1, 1, 1, 2, 2, 2]


def test_a_spread_over_an_attribute_gives_from_its_fullest_bucket(plane: Plane) -> None:
    plane.ecs.create_cluster()
    plane.define("web")
    [crowded] = plane.join(instances=1, zones=["us-east-1a"], attributes={"rack": "r1"})
    plane.serve("web", desired=4, placementStrategy=BY_RACK)
    plane.settle()
    plane.join(instances=1, zones=["us-east-1a"], attributes={"rack": "r2"})
    scale(plane, 6)
    plane.settle()
    assert homes(plane)[crowded] == 4
    scale(plane, 4)
    assert sorted(homes(plane).values()) == [2, 2]


def test_a_binpack_empties_the_instance_that_has_the_most_left_over(plane: Plane) -> None:
    plane.ecs.create_cluster()
    plane.define("web", {"memory": 1024})
    plane.join(instances=3, memory=4096)
    plane.serve("web", desired=10, placementStrategy=BY_MEMORY)
    plane.settle()
    assert sorted(homes(plane).values()) == [2, 4, 4]
    scale(plane, 8)
    assert sorted(homes(plane).values()) == [4, 4]


def test_a_binpack_within_zones_keeps_the_zones_even(plane: Plane) -> None:
    plane.ecs.create_cluster()
    plane.define("web", {"memory": 1024})
    plane.join(instances=4, memory=4096, zones=["us-east-1a", "us-east-1b"])
    plane.serve("web", desired=12, placementStrategy=BY_ZONE_THEN_MEMORY)
    plane.settle()
    assert sorted(homes(plane).values()) == [2, 2, 4, 4]
    scale(plane, 8)
    assert sorted(homes(plane).values()) == [4, 4]
    assert set(zones(plane).values()) == {4}


def test_tasks_that_do_not_run_yet_go_before_those_that_do(plane: Plane) -> None:
    plane.ready(instances=3)
    plane.serve("web", desired=3)
    plane.settle()
    running = set(ages(plane.tasks("web")))
    scale(plane, 6)
    scale(plane, 3)
    assert {t.arn for t in plane.tasks("web")} == running


def test_a_task_that_is_protected_stays_whatever_its_zone(plane: Plane) -> None:
    plane.ready(instances=3)
    plane.serve("web", desired=4)
    plane.settle()
    [(zone, _)] = zones(plane).most_common(1)
    kept = [t.arn for t in plane.tasks("web") if t.availability_zone == zone]
    plane.ecs.update_task_protection(cluster="default", tasks=kept, protectionEnabled=True)
    scale(plane, 2)
    assert set(kept) == {t.arn for t in plane.tasks("web")}


def test_the_capacity_providers_keep_their_shares(plane: Plane) -> None:
    """Weights 1 and 3: of eight tasks two and six, of four one and three."""
    ecs = plane.ecs
    for name in ("small", "large"):
        ecs.create_capacity_provider(name=name, autoScalingGroupProvider={"autoScalingGroupArn": GROUP + name})
    ecs.create_cluster(capacityProviders=["small", "large"])
    for name in ("small", "large"):
        plane.join(instances=2, attributes={"podium.auto-scaling-group": name})
    plane.define("web")
    shares = [{"capacityProvider": "small", "weight": 1}, {"capacityProvider": "large", "weight": 3}]
    plane.serve("web", desired=8, capacityProviderStrategy=shares)
    plane.settle()
    assert Counter(t.capacity_provider for t in plane.tasks("web")) == {"small": 2, "large": 6}
    scale(plane, 4)
    assert Counter(t.capacity_provider for t in plane.tasks("web")) == {"small": 1, "large": 3}
    scale(plane, 1)
    assert Counter(t.capacity_provider for t in plane.tasks("web")) == {"small": 1}


def test_what_replaces_the_tasks_of_a_draining_instance_is_of_the_provider_that_lacks_them(plane: Plane) -> None:
    ecs = plane.ecs
    for name in ("small", "large"):
        ecs.create_capacity_provider(name=name, autoScalingGroupProvider={"autoScalingGroupArn": GROUP + name})
    ecs.create_cluster(capacityProviders=["small", "large"])
    hosts = {
        name: plane.join(instances=2, attributes={"podium.auto-scaling-group": name}) for name in ("small", "large")
    }
    plane.define("web")
    shares = [{"capacityProvider": "small", "weight": 1}, {"capacityProvider": "large", "weight": 3}]
    plane.serve("web", desired=8, capacityProviderStrategy=shares)
    plane.settle()
    ecs.update_container_instances_state(containerInstances=hosts["large"][:1], status="DRAINING")
    plane.run()
    plane.settle()
    assert Counter(t.capacity_provider for t in plane.tasks("web")) == {"small": 2, "large": 6}


def test_during_a_deployment_the_older_revision_gives_first(plane: Plane) -> None:
    plane.ready(instances=3)
    plane.serve("web", desired=4)
    plane.settle()
    before = {t.arn for t in plane.tasks("web")}
    plane.ecs.update_service(service="web", forceNewDeployment=True)
    plane.obey()
    plane.advance(50)
    newer = {t.arn for t in plane.tasks("web")} - before
    scale(plane, 2)
    plane.settle()
    assert {t.arn for t in plane.tasks("web")} <= newer


@pytest.fixture
def wide(plane: Plane) -> Plane:
    plane.ecs.create_cluster()
    plane.join(instances=3, cpu=1_000_000, memory=1_000_000)
    plane.define("web")
    return plane


def most_at_once(plane: Plane, work: Any) -> int:
    """The most tasks that any one look at the service writes while `work` and what follows from it are done."""
    most = 0
    turn = plane.core.store.stage

    def counting(tx: Any) -> None:
        nonlocal most
        most = max(most, sum(change.kind is Task for change in tx.changes))
        turn(tx)

    plane.core.store.stage = counting  # type: ignore[method-assign]
    work()
    plane.run()
    return most


def test_many_tasks_are_started_and_stopped_a_batch_at_a_time(wide: Plane) -> None:
    desired = 2 * BATCH + 7
    assert most_at_once(wide, lambda: wide.serve("web", desired=desired)) == BATCH
    assert len(wide.tasks("web")) == desired
    wide.settle()
    assert most_at_once(wide, lambda: wide.ecs.update_service(service="web", desiredCount=0)) == BATCH
    assert wide.tasks("web") == []


def test_a_large_service_is_deleted_a_batch_at_a_time(wide: Plane) -> None:
    wide.serve("web", desired=BATCH + 7)
    wide.settle()
    deleting = lambda: wide.ecs.delete_service(service="web", force=True)  # noqa: E731
    assert most_at_once(wide, deleting) == BATCH
    assert [s.status.value for s in wide.records(Service)] == ["INACTIVE"]
    assert wide.tasks("web") == []
