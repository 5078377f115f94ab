"""Rules of listeners: conditions, limits, and the order in which they are tried."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amounts import examples
from elbv2.balancing import ELB, FIXED, Balancing, forward
from inprocess import refused
from podium.elbv2.errors import Refusal
from podium.elbv2.rules import conditions

HOST = {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.example.com"]}}
PATH = {"Field": "path-pattern", "Values": ["/img/*"]}
METHOD = {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET", "HEAD"]}}
HEADER = {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "User-Agent", "Values": ["*Chrome*"]}}
QUERY = {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "1"}, {"Value": "*x*"}]}}
SOURCE = {"Field": "source-ip", "SourceIpConfig": {"Values": ["192.0.2.0/24", "2001:db8::/32"]}}


def order(elb: Balancing, listener: str) -> list[str]:
    return [rule["Priority"] for rule in elb.describe_rules(ListenerArn=listener)["Rules"]]


@pytest.fixture
def listener(elb: Balancing) -> str:
    return elb.listener(elb.arn())


def test_rules_are_shown_in_the_order_in_which_they_are_tried(elb: Balancing, listener: str) -> None:
    for priority in (30, 4, 50000):
        elb.rule(listener, priority)
    found = elb.describe_rules(ListenerArn=listener)["Rules"]
    assert [rule["Priority"] for rule in found] == ["4", "30", "50000", "default"]
    assert [rule["IsDefault"] for rule in found] == [False, False, False, True]
    assert found[-1]["Conditions"] == []
    assert found[0]["RuleArn"].startswith(listener.replace(":listener/", ":listener-rule/"))
    pages = elb.get_paginator("describe_rules").paginate(ListenerArn=listener, PaginationConfig={"PageSize": 3})
    assert [len(page["Rules"]) for page in pages] == [3, 1]


@pytest.mark.parametrize(
    ("condition", "shown"),
    [
        (HOST, {**HOST, "Values": ["*.example.com"]}),
        (PATH, {**PATH, "PathPatternConfig": {"Values": ["/img/*"]}}),
        (METHOD, METHOD),
        (HEADER, HEADER),
        (QUERY, QUERY),
        (SOURCE, SOURCE),
    ],
)
def test_every_condition_is_shown_as_aws_does(
    elb: Balancing, listener: str, condition: dict[str, Any], shown: dict[str, Any]
) -> None:
    arn = elb.rule(listener, Conditions=[condition])
    [rule] = elb.describe_rules(RuleArns=[arn])["Rules"]
    assert rule["Conditions"] == [shown]


@pytest.mark.parametrize(
    "given",
    [
        [],
        [{"Field": "cookie", "Values": ["a"]}],
        [{"Field": "host-header"}],
        [{"Field": "host-header", "Values": [""]}],
        [{"Field": "host-header", "Values": ["a b.com"]}],
        [{"Field": "path-pattern", "Values": ["/" + "a" * 128]}],
        [{"Field": "path-pattern", "PathPatternConfig": {"Values": []}}],
        [{"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "Host", "Values": ["a"]}}],
        [{"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "a b", "Values": ["a"]}}],
        [{"Field": "http-header", "Values": ["a"]}],
        [{"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["get"]}}],
        [{"Field": "source-ip", "SourceIpConfig": {"Values": ["192.0.2.1"]}}],
        [{"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v"}]}}],
        [{**PATH, "HostHeaderConfig": {"Values": ["a.com"]}}],
        [PATH, PATH],
        [{"Field": "path-pattern", "Values": ["/*a*b*c*d*e*f"]}],
    ],
)
def test_what_is_no_condition_is_refused(elb: Balancing, listener: str, given: list[dict[str, Any]]) -> None:
    with refused("ValidationError"):
        elb.rule(listener, Conditions=given)


def test_a_rule_has_five_values(elb: Balancing, listener: str) -> None:
    paths = [f"/{n}" for n in range(5)]
    elb.rule(listener, Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": paths}}])
    with refused("ValidationError", "A rule can only have '5' condition values"):
        elb.rule(listener, 2, Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": [*paths, "/5"]}}])
    with refused("ValidationError", "A rule can only have '5' condition values"):
        elb.rule(listener, 2, Conditions=[METHOD, QUERY, SOURCE])


def test_regular_expressions_and_transforms_are_refused_clearly(elb: Balancing, listener: str) -> None:
    with refused("InvalidConfigurationRequest", "Podium does not answer for conditions with regular expressions yet."):
        elb.rule(listener, Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"RegexValues": ["^/a"]}}])
    with refused("InvalidConfigurationRequest", "Podium does not answer for transforms of rules yet."):
        rewrite = {"Rewrites": [{"Regex": "a", "Replace": "b"}]}
        elb.rule(listener, Transforms=[{"Type": "url-rewrite", "UrlRewriteConfig": rewrite}])


def test_a_priority_is_one_rules(elb: Balancing, listener: str) -> None:
    elb.rule(listener, 1)
    with refused("PriorityInUse", "Priority '1' is currently in use"):
        elb.rule(listener, 1)
    with refused("ValidationError"):
        elb.rule(listener, 50001)


def test_priorities_are_exchanged_at_once(elb: Balancing, listener: str) -> None:
    first, second, third = elb.rule(listener, 1), elb.rule(listener, 2), elb.rule(listener, 3)
    wanted = [{"RuleArn": first, "Priority": 2}, {"RuleArn": second, "Priority": 1}]
    elb.set_rule_priorities(RulePriorities=wanted)
    found = {rule["RuleArn"]: rule["Priority"] for rule in elb.describe_rules(ListenerArn=listener)["Rules"]}
    assert (found[first], found[second], found[third]) == ("2", "1", "3")
    with refused("PriorityInUse", "Priority '3' is currently in use"):
        elb.set_rule_priorities(RulePriorities=[{"RuleArn": first, "Priority": 9}, {"RuleArn": second, "Priority": 3}])
    with refused("ValidationError", "Priority '9' was provided multiple times"):
        elb.set_rule_priorities(RulePriorities=[{"RuleArn": first, "Priority": 9}, {"RuleArn": second, "Priority": 9}])
    assert order(elb, listener) == ["1", "2", "3", "default"]


def test_what_is_given_takes_the_place_of_what_was_there(elb: Balancing, listener: str) -> None:
    blue, green = elb.group(), elb.group("green")
    arn = elb.rule(listener, Actions=[forward(blue)])
    [rule] = elb.modify_rule(RuleArn=arn, Actions=[forward(green)])["Rules"]
    assert rule["Actions"][0]["TargetGroupArn"] == green
    assert rule["Conditions"][0]["Values"] == ["/a"]
    elb.delete_target_group(TargetGroupArn=blue)
    with refused("ResourceInUse"):
        elb.delete_target_group(TargetGroupArn=green)
    elb.modify_rule(RuleArn=arn, Conditions=[HOST])
    elb.delete_rule(RuleArn=arn)
    elb.delete_target_group(TargetGroupArn=green)
    assert order(elb, listener) == ["default"]
    with refused("RuleNotFound", f"Rule '{arn}' not found"):
        elb.modify_rule(RuleArn=arn, Actions=FIXED)
    with refused("RuleNotFound", "One or more rules not found"):
        elb.describe_rules(RuleArns=[arn])


def test_the_default_rule_is_its_listeners(elb: Balancing, listener: str) -> None:
    [default] = elb.describe_rules(ListenerArn=listener)["Rules"]
    assert elb.describe_rules(RuleArns=[default["RuleArn"]])["Rules"] == [default]
    with refused("OperationNotPermitted", f"Default rule '{default['RuleArn']}' cannot be deleted"):
        elb.delete_rule(RuleArn=default["RuleArn"])
    with refused("OperationNotPermitted"):
        elb.modify_rule(RuleArn=default["RuleArn"], Actions=FIXED)
    with refused("OperationNotPermitted"):
        elb.set_rule_priorities(RulePriorities=[{"RuleArn": default["RuleArn"], "Priority": 1}])


def test_a_load_balancer_has_a_hundred_rules(elb: Balancing, listener: str) -> None:
    for priority in range(1, 101):
        elb.rule(listener, priority)
    with refused("TooManyRules"):
        elb.rule(listener, 101)


def test_a_load_balancer_has_a_hundred_target_groups(elb: Balancing, listener: str) -> None:
    groups = [elb.group(f"g{n}") for n in range(101)]
    for start in range(0, 100, 5):
        elb.rule(listener, start + 1, Actions=[forward(*groups[start : start + 5])])
    elb.rule(listener, 200, Actions=[forward(groups[0])])  # one that it has already
    with refused("TooManyUniqueTargetGroupsPerLoadBalancer"):
        elb.rule(listener, 201, Actions=[forward(groups[100])])


def test_a_listener_of_a_network_load_balancer_has_its_default_rule_alone(elb: Balancing) -> None:
    group = elb.group(Protocol="TCP")
    listener = elb.listener(elb.network(), [forward(group)], Protocol="TCP")
    assert order(elb, listener) == ["default"]
    with refused("InvalidConfigurationRequest"):
        elb.rule(listener, Actions=[forward(group)])


def test_rules_of_no_listener(elb: Balancing) -> None:
    gone = f"{ELB}:listener/app/gone/0123456789abcdef/0123456789abcdef"
    with refused("ListenerNotFound", f"Listener '{gone}' not found"):
        elb.rule(gone)
    with refused("ValidationError"):
        elb.describe_rules()


TEXTS = st.text(alphabet="ab/.*? ", max_size=6)
CONDITIONS = st.fixed_dictionaries(
    {"Field": st.sampled_from(["host-header", "path-pattern", "cookie"]), "Values": st.lists(TEXTS, max_size=4)}
)


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(CONDITIONS, max_size=3))
def test_normalizing_twice_is_normalizing_once_and_keeps_the_limits(given: list[dict[str, Any]]) -> None:
    try:
        made = conditions.normalized(given)
    except Refusal:
        return
    assert conditions.normalized(made) == made
    values = [value for condition in made for value in conditions.values_of(condition)]
    assert len(values) <= 5
    assert sum(value.count("*") + value.count("?") for value in values) <= 5
