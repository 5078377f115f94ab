"""Counts of two moments as CloudWatch's samples.

What a load balancer answered by itself is what clients got less what targets answered. What reaches a listener that
several load balancers share, and is answered there, is nobody's.
Source: Elastic Load Balancing User Guide, "CloudWatch metrics for your Application Load Balancer".
"""

from collections.abc import Callable, Iterator

from podium_protocol.proxy import LoadBalancer, Sample, Target, TargetGroup
from podium_proxy.envoy.clusters import stat_name
from podium_proxy.health import Key, key
from podium_proxy.metrics.counts import Counts

_CLASSES = ("2xx", "3xx", "4xx", "5xx")
_NAMESPACES = {"application": "AWS/ApplicationELB", "network": "AWS/NetworkELB"}
_CONNECTIONS = {
    "application": ("NewConnectionCount", "ActiveConnectionCount"),
    "network": ("NewFlowCount", "ActiveFlowCount"),
}

State = Callable[[Key], str]


def samples(balancer: LoadBalancer, before: Counts, after: Counts, state: State, at: float) -> list[Sample]:
    """What happened since `before`. A metric of which nothing happened is left out, except for hosts."""
    made = _Maker(balancer, at)
    name = stat_name(balancer["arn"]).removeprefix("loadbalancer/")
    whole = {"LoadBalancer": name}
    prefix = f"{'http' if balancer['type'] == 'application' else 'tcp'}.{stat_name(balancer['arn'])}"
    found = list(_of_clients(made, whole, prefix, before, after))
    by_targets = dict.fromkeys(_CLASSES, 0.0)
    for group in balancer["target_groups"]:
        dimensions = {"TargetGroup": stat_name(group["arn"]), **whole}
        cluster = f"cluster.{stat_name(group['arn'])}"
        for family in _CLASSES:
            count = after.since(before, f"{cluster}.upstream_rq_{family}")
            by_targets[family] += count
            found += made.count(f"HTTPCode_Target_{family.upper()}_Count", count, dimensions, whole)
        if balancer["type"] == "application":
            found += _of_targets(made, dimensions, whole, cluster, before, after)
            found += _per_target(
                made, dimensions, group, state, after.since(before, f"{cluster}.upstream_rq_completed")
            )
        found += _of_hosts(made, dimensions, group, state)
    if balancer["type"] == "application":
        for family in ("4xx", "5xx"):
            own = after.since(before, f"{prefix}.downstream_rq_{family}") - by_targets[family]
            found += made.count(f"HTTPCode_ELB_{family.upper()}_Count", max(0.0, own), whole)
    return found


class _Maker:
    def __init__(self, balancer: LoadBalancer, at: float) -> None:
        self._arn, self._namespace, self._at = balancer["arn"], _NAMESPACES[balancer["type"]], at
        self.connections = _CONNECTIONS[balancer["type"]]

    def count(self, metric: str, number: float, *dimensions: dict[str, str], unit: str = "Count") -> list[Sample]:
        return [self.one(metric, unit, {number: 1.0}, each) for each in dimensions] if number else []

    def one(self, metric: str, unit: str, values: dict[float, float], dimensions: dict[str, str]) -> Sample:
        return {
            "load_balancer": self._arn,
            "metric": metric,
            "namespace": self._namespace,
            "dimensions": dimensions,
            "unit": unit,
            "at": self._at,
            "values": list(values),
            "counts": list(values.values()),
        }


def _of_clients(made: _Maker, whole: dict[str, str], prefix: str, before: Counts, after: Counts) -> Iterator[Sample]:
    def grown(name: str) -> float:
        return after.since(before, f"{prefix}.downstream_{name}")

    yield from made.count("RequestCount", grown("rq_completed"), whole)
    new, active = made.connections
    yield from made.count(new, grown("cx_total"), whole)
    yield from made.count(active, after.numbers.get(f"{prefix}.downstream_cx_active", 0.0), whole)
    processed = grown("cx_rx_bytes_total") + grown("cx_tx_bytes_total")
    yield from made.count("ProcessedBytes", processed, whole, unit="Bytes")


def _of_targets(
    made: _Maker, dimensions: dict[str, str], whole: dict[str, str], cluster: str, before: Counts, after: Counts
) -> Iterator[Sample]:
    yield from made.count("RequestCount", after.since(before, f"{cluster}.upstream_rq_completed"), dimensions)
    failed = after.since(before, f"{cluster}.upstream_cx_connect_fail")
    yield from made.count("TargetConnectionErrorCount", failed, dimensions, whole)
    took = {bound / 1000: count for bound, count in after.measured(before, f"{cluster}.upstream_rq_time").items()}
    if took:
        yield made.one("TargetResponseTime", "Seconds", took, dimensions)
        yield made.one("TargetResponseTime", "Seconds", took, whole)


def _per_target(
    made: _Maker, dimensions: dict[str, str], group: TargetGroup, state: State, requests: float
) -> list[Sample]:
    """What target tracking follows: requests, shared out to the targets that are healthy now."""
    healthy = _states(group, state).count("healthy")
    alone = {"TargetGroup": dimensions["TargetGroup"]}
    return made.count("RequestCountPerTarget", requests / healthy, dimensions, alone) if healthy else []


def _of_hosts(made: _Maker, dimensions: dict[str, str], group: TargetGroup, state: State) -> Iterator[Sample]:
    """Altogether, and in each zone that has any. What is in no zone of the VPC's is in `all`, which is none."""
    zones = sorted({target["zone"] for target in group["targets"] if _counts(target)} - {"", "all"})
    for zone in (None, *zones):
        states = _states(group, state, zone)
        within = {"AvailabilityZone": zone, **dimensions} if zone is not None else dimensions
        yield made.one("HealthyHostCount", "Count", {float(states.count("healthy")): 1.0}, within)
        yield made.one("UnHealthyHostCount", "Count", {float(states.count("unhealthy")): 1.0}, within)


def _states(group: TargetGroup, state: State, zone: str | None = None) -> list[str]:
    there = (target for target in group["targets"] if _counts(target) and zone in (None, target["zone"]))
    return [state(key(group, target)) for target in there]


def _counts(target: Target) -> bool:
    return target["usable"] and not target["draining"]
