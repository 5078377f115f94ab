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
    counts = ("HealthyHostCount", "UnHealthyHostCount")
    assert made({}, {}) == {(name, dimensions): {1.0: 1.0} for name in counts for dimensions in (2, 3)}


def test_hosts_are_counted_in_each_zone_that_has_any():
    targets = (target(1), target(2, zone="us-east-1b"), target(3, zone="us-east-1b"), target(4, draining=True))
    web: Any = balancer("web", [], [group("web", *targets)])
    told = samples(web, Counts(), Counts(), lambda key: "healthy", 60.0)
    healthy = {s["dimensions"].get("AvailabilityZone"): s["values"] for s in told if s["metric"] == "HealthyHostCount"}
    assert healthy == {None: [3.0], "us-east-1a": [1.0], "us-east-1b": [2.0]}


def test_requests_are_shared_out_to_the_targets_that_are_healthy():
    found = made({}, {f"{CLUSTER}.upstream_rq_completed": 30})
    assert found["RequestCount", 2] == {30.0: 1.0}
    assert found["RequestCountPerTarget", 1] == found["RequestCountPerTarget", 2] == {30.0: 1.0}


def test_a_network_load_balancer_counts_flows_and_no_requests():
    net: Any = balancer("web", [], [group("web", target(1))], type="network", arn=arn_of("web", "net"))
    prefix = "tcp.loadbalancer/net/web/0123456789abcdef.downstream_cx"
    after = {f"{prefix}_total": 5, f"{prefix}_active": 2, f"{CLUSTER}.upstream_rq_completed": 9}
    told = samples(net, Counts(), Counts(numbers=after), lambda key: "healthy", 60.0)
    assert {s["namespace"] for s in told} == {"AWS/NetworkELB"}
    assert {s["load_balancer"] for s in told} == {arn_of("web", "net")}
    assert {s["metric"]: s["values"] for s in told if len(s["dimensions"]) == 1} == {
        "NewFlowCount": [5.0],
        "ActiveFlowCount": [2.0],
    }
    assert {s["metric"] for s in told if len(s["dimensions"]) > 1} == {"HealthyHostCount", "UnHealthyHostCount"}


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
