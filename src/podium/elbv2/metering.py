"""What a proxy measured, as the metrics of the load balancer's own account and region."""

from collections.abc import Iterable, Iterator
from math import isfinite

from podium.journals import summaries
from podium.journals.metrics import Metric, Sample
from podium_protocol import proxy


def measured(told: Iterable[proxy.Sample]) -> list[Sample]:
    return list(_measured(told))


def _measured(told: Iterable[proxy.Sample]) -> Iterator[Sample]:
    """A proxy of before metrics were kept does not say whose they are: they are passed over."""
    for one in told:
        values = [(v, n) for v, n in zip(one["values"], one["counts"], strict=False) if n > 0 and isfinite(v)]
        if values and (arn := one.get("load_balancer")):
            _, partition, _, region, account, _ = arn.split(":", 5)
            dimensions = tuple(sorted(one["dimensions"].items()))
            metric = Metric(f"{partition}:{region}:{account}", one["namespace"], one["metric"], dimensions)
            yield Sample(metric, int(one["at"]) // 60 * 60, one["unit"], summaries.of_values(values))
