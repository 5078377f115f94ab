"""What a proxy measured becomes a metric of the load balancer's account and region."""

from typing import Any

from podium import elbv2
from podium.journals.metrics import Metric

ARN = "arn:aws:elasticloadbalancing:eu-west-1:210987654321:loadbalancer/net/web/0123456789abcdef"


def told(**members: Any) -> Any:
    return {
        "load_balancer": ARN,
        "metric": "TargetResponseTime",
        "namespace": "AWS/NetworkELB",
        "dimensions": {"TargetGroup": "targetgroup/web/1", "LoadBalancer": "net/web/1"},
        "unit": "Seconds",
        "at": 119.5,
        "values": [0.5, 2.0],
        "counts": [3.0, 1.0],
        **members,
    }


def test_a_sample_is_whose_the_arn_says_with_dimensions_in_order() -> None:
    [one] = elbv2.measured([told()])
    dimensions = (("LoadBalancer", "net/web/1"), ("TargetGroup", "targetgroup/web/1"))
    assert one.metric == Metric("aws:eu-west-1:210987654321", "AWS/NetworkELB", "TargetResponseTime", dimensions)
    assert (one.at, one.unit, one.summary.values) == (60, "Seconds", {0.5: 3.0, 2.0: 1.0})


def test_what_a_proxy_of_before_says_is_passed_over() -> None:
    old = told()
    del old["load_balancer"]
    assert elbv2.measured([old]) == []


def test_what_is_no_number_or_came_no_time_is_left_out() -> None:
    [one] = elbv2.measured([told(values=[1.0, float("inf"), 3.0], counts=[1.0, 1.0, 0.0]), told(values=[], counts=[])])
    assert one.summary.values == {1.0: 1.0}
