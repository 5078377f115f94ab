"""Envoy's counts as CloudWatch's samples."""

from typing import Any

from podium_proxy.metrics.counts import Counts, parsed
from podium_proxy.metrics.samples import samples
from proxy.documents import arn_of, balancer, group, group_arn, target

LB = "http.loadbalancer/app/web/0123456789abcdef"
CLUSTER = "cluster." + group_arn("web").rpartition(":")[2]


def made(before: dict[str, float], after: dict[str, float], **durations: Any) -> dict[tuple[str, int], Any]:
    """Values by metric and number of dimensions."""
    web: Any = balancer("web", [], [group("web", target(1), target(2))])
    told = samples(
        web,
        Counts(numbers=before),
        Counts(numbers=after, **durations),
        lambda key: "healthy" if key[2] == 1 else "unhealthy",
        60.0,
    )
    return {(s["metric"], len(s["dimensions"])): dict(zip(s["values"], s["counts"], strict=True)) for s in told}


def test_what_targets_did_not_answer_the_load_balancer_did():
    after = {f"{LB}.downstream_rq_5xx": 7, f"{CLUSTER}.upstream_rq_5xx": 4, f"{LB}.downstream_rq_completed": 20}
    found = made({}, after)
    assert found["HTTPCode_ELB_5XX_Count", 1] == {3.0: 1.0}
    assert found["HTTPCode_Target_5XX_Count", 2] == found["HTTPCode_Target_5XX_Count", 1] == {4.0: 1.0}
    assert found["RequestCount", 1] == {20.0: 1.0}
    assert ("HTTPCode_ELB_4XX_Count", 1) not in found


def test_hosts_are_counted_even_when_nothing_happens():
    assert made({}, {}) == {("HealthyHostCount", 2): {1.0: 1.0}, ("UnHealthyHostCount", 2): {1.0: 1.0}}


def test_an_envoy_that_started_anew_counts_from_nothing():
    name = f"{LB}.downstream_rq_completed"
    assert made({name: 100}, {name: 30})["RequestCount", 1] == {30.0: 1.0}
    assert made({name: 100}, {name: 130})["RequestCount", 1] == {30.0: 1.0}


def test_response_times_are_told_in_seconds_by_bucket():
    found = made({}, {}, durations={f"{CLUSTER}.upstream_rq_time": {5.0: 3.0, 1000.0: 1.0}})
    assert found["TargetResponseTime", 2] == {0.005: 3.0, 1.0: 1.0}


def test_envoys_json_is_read():
    told = {
        "stats": [
            {"name": "a", "value": 3},
            {"name": "b", "value": "text"},
            {"histograms": [{"name": "h", "buckets": [{"upper_bound": 1, "interval": 0, "cumulative": 2}]}]},
        ]
    }
    found = parsed(told)
    assert (found.numbers, found.durations) == ({"a": 3.0}, {"h": {1.0: 2.0}})
    assert arn_of("web").endswith(LB.partition(".")[2])
