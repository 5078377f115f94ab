"""Rules of listeners, and the order in which they are tried."""

from collections import Counter

from podium.elbv2 import associations, listening, lookups, names, views
from podium.elbv2.errors import (
    Invalid,
    InvalidConfiguration,
    NotPermitted,
    NotYet,
    PriorityInUse,
    RuleNotFound,
    RulesNotFound,
    TooManyRules,
)
from podium.elbv2.records import Listener, Rule
from podium.elbv2.rules import conditions, paging
from podium.elbv2.rules.tags import TAGS
from podium.elbv2.service import Answer, Request, changes, reads
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

MOST = 100  # of a load balancer, default rules aside


@changes
def create_rule(call: Call, tx: Transaction, request: Request) -> Answer:
    listener = lookups.named(tx, call.home, Listener, request["ListenerArn"])
    balancer = lookups.balancer_of(tx, listener)
    given = TAGS.given(request.get("Tags"))
    _of_applications(listener)
    _no_transforms(request)
    priority = request["Priority"]
    there = lookups.rules_of(tx, listener.arn)
    if any(rule.priority == priority for rule in there):
        raise PriorityInUse(priority)
    held = [rule for each in lookups.listeners_of(tx, balancer.arn) for rule in lookups.rules_of(tx, each.arn)]
    if len(held) >= MOST:
        raise TooManyRules(f"The maximum number of rules on load balancer '{balancer.arn}' has been reached")
    made = Rule(
        arn=names.of_rule(listener.arn, names.new_id(call.ids)),
        home=call.home,
        listener_arn=listener.arn,
        priority=priority,
        conditions=conditions.normalized(request["Conditions"]),
        actions=listening.checked(tx, balancer, listener.protocol, listener.port, request["Actions"]),
        tags=given,
        created_at=call.now,
    )
    associations.exchange(tx, made.arn, balancer, (), made.actions)
    return {"Rules": [views.rule(tx.put(made))]}


def _of_applications(listener: Listener) -> None:
    if listener.protocol not in ("HTTP", "HTTPS"):
        raise NotYet(f"rules of {listener.protocol} listeners")


def _no_transforms(request: Request) -> None:
    if request.get("Transforms"):
        raise NotYet("transforms of rules")


@reads
def describe_rules(call: Call, tx: Transaction, request: Request) -> Answer:
    """In the order in which they are tried, the default rule last."""
    arns, listener = request.get("RuleArns") or [], request.get("ListenerArn")
    if bool(arns) is bool(listener):
        raise Invalid("You must specify either listener rule ARNs or a listener ARN")
    found = [lookups.named(tx, call.home, Listener, listener)] if listener else _listeners(tx, call.home, arns)
    rows = [row for held in found for row in _rows(tx, held) if not arns or row[1]["RuleArn"] in arns]
    if len(rows) < len(set(arns)):
        raise RulesNotFound
    shown, more = paging.page(rows, lambda row: row[0], request)
    return {"Rules": [view for _, view in shown], **more}


def _listeners(tx: Transaction, home: str, arns: list[str]) -> list[Listener]:
    for arn in arns:
        lookups.well_formed(Rule, arn)
    owners = [arn.replace(":listener-rule/", ":listener/", 1).rpartition("/")[0] for arn in arns]
    return [held for held in lookups.each(tx, home, Listener, owners) if held is not None]


def _rows(tx: Transaction, listener: Listener) -> list[tuple[str, views.View]]:
    """Each rule with what sorts it."""
    rules = [(f"{listener.arn} {rule.priority:05d}", views.rule(rule)) for rule in lookups.rules_of(tx, listener.arn)]
    return [*rules, (f"{listener.arn} default", views.default_rule(listener))]


@changes
def modify_rule(call: Call, tx: Transaction, request: Request) -> Answer:
    """What is given takes the place of what was there."""
    rule = _named(tx, call.home, request["RuleArn"], "modified")
    _no_transforms(request)
    listener = lookups.listener_of(tx, rule)
    balancer = lookups.balancer_of(tx, listener)
    if not request.get("Conditions") and not request.get("Actions"):
        if request.get("ResetTransforms"):
            return {"Rules": [views.rule(rule)]}
        raise Invalid("Either conditions or actions must be specified")
    after = rule
    if request.get("Conditions"):
        after = replace(after, conditions=conditions.normalized(request["Conditions"]))
    if request.get("Actions"):
        actions = listening.checked(tx, balancer, listener.protocol, listener.port, request["Actions"])
        after = replace(after, actions=actions)
    associations.exchange(tx, rule.arn, balancer, rule.actions, after.actions)
    return {"Rules": [views.rule(tx.put(after))]}


@changes
def delete_rule(call: Call, tx: Transaction, request: Request) -> Answer:
    rule = _named(tx, call.home, request["RuleArn"], "deleted")
    listening.drop(tx, lookups.balancer_of(tx, lookups.listener_of(tx, rule)), rule)
    return {}


def _named(tx: Transaction, home: str, arn: str, verb: str) -> Rule:
    if lookups.default_rule(tx, home, arn) is not None:
        raise NotPermitted(f"Default rule '{arn}' cannot be {verb}")
    return lookups.named(tx, home, Rule, arn)


@changes
def set_rule_priorities(call: Call, tx: Transaction, request: Request) -> Answer:
    """All of them, or none. Rules that are not named keep theirs, and so those are not free."""
    wanted: dict[str, int] = {}
    for pair in request["RulePriorities"]:
        arn, priority = pair.get("RuleArn"), pair.get("Priority")
        if not arn or not priority:
            raise Invalid("A rule ARN and a priority must be specified")
        wanted[arn] = priority
    rules = [_named(tx, call.home, arn, "reprioritized") for arn in wanted]
    for priority, times in Counter(wanted.values()).items():
        if times > 1:
            raise Invalid(f"Priority '{priority}' was provided multiple times")
    if len({rule.listener_arn for rule in rules}) > 1:
        raise InvalidConfiguration("The specified rules must belong to the same listener")
    if not rules:
        raise RuleNotFound("")
    for rule in lookups.rules_of(tx, rules[0].listener_arn):
        if rule.arn not in wanted and rule.priority in wanted.values():
            raise PriorityInUse(rule.priority)
    return {"Rules": [views.rule(tx.put(replace(rule, priority=wanted[rule.arn]))) for rule in rules]}
