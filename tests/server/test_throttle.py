"""AWS's buckets."""

from datetime import UTC, datetime, timedelta

import pytest

from podium.ecs.service import ecs
from podium.server.throttle import ECS, Throttle, Throttled

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def taken(throttle: Throttle, operation: str, at: datetime, account: str = "1", region: str = "r") -> int:
    """How many calls in a row are let through."""
    count = 0
    while True:
        try:
            throttle.take(account, region, "ecs", operation, at)
        except Throttled:
            return count
        count += 1


def test_a_burst_goes_through_and_then_the_refill() -> None:
    throttle = Throttle()
    assert taken(throttle, "CreateCluster", NOW) == 20
    assert taken(throttle, "DeleteCluster", NOW) == 0
    assert taken(throttle, "DeleteCluster", NOW + timedelta(seconds=3)) == 3
    assert taken(throttle, "CreateCluster", NOW + timedelta(hours=1)) == 20


def test_accounts_and_regions_have_buckets_of_their_own() -> None:
    throttle = Throttle()
    assert taken(throttle, "DeleteTaskDefinitions", NOW) == 5
    assert taken(throttle, "DeleteTaskDefinitions", NOW, account="2") == 5
    assert taken(throttle, "DeleteTaskDefinitions", NOW, region="s") == 5


def test_the_refusal_is_aws_s() -> None:
    throttle = Throttle()
    taken(throttle, "DeleteTaskDefinitions", NOW)
    with pytest.raises(Throttled, match=r"^Rate exceeded$") as caught:
        throttle.take("1", "r", "ecs", "DeleteTaskDefinitions", NOW)
    assert caught.value.code == "ThrottlingException"


def test_every_operation_named_exists_and_has_one_bucket() -> None:
    named = [operation for _, _, operations in ECS.values() for operation in operations]
    assert len(named) == len(set(named))
    assert set(named) <= set(ecs.model.operation_names)
