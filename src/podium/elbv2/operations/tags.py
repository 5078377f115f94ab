"""Tags of load balancers, target groups, listeners and rules."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from podium.elbv2 import lookups, views
from podium.elbv2.errors import Invalid
from podium.elbv2.records import Listener, LoadBalancer, Rule, TargetGroup
from podium.elbv2.rules.tags import TAGS
from podium.elbv2.service import Answer, Request, changes, reads
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

MOST_ASKED = 20
KINDS: dict[str, type[Any]] = {noun: kind for kind, (noun, _) in lookups.NOUNS.items()}


@dataclass(frozen=True, slots=True)
class Tagged:
    """A record, and which of its fields the tags of an ARN are: a listener keeps those of its default rule too."""

    record: LoadBalancer | TargetGroup | Listener | Rule
    field: str = "tags"

    @property
    def tags(self) -> dict[str, str]:
        found: dict[str, str] = getattr(self.record, self.field)
        return found

    def put(self, tx: Transaction, tags: dict[str, str]) -> None:
        tx.put(replace(self.record, **{self.field: tags}))


def _tagged(call: Call, tx: Transaction, arn: str) -> Tagged:
    noun = arn.split(":", 5)[-1].partition("/")[0]
    if noun not in KINDS or arn.count(":") < 5:
        raise Invalid(f"'{arn}' is not a valid load balancer, target group, listener or listener rule ARN")
    if (listener := lookups.default_rule(tx, call.home, arn)) is not None:
        return Tagged(listener, "default_rule_tags")
    return Tagged(lookups.named(tx, call.home, KINDS[noun], arn))


@changes
def add_tags(call: Call, tx: Transaction, request: Request) -> Answer:
    given = TAGS.given(request["Tags"])
    _change(call, tx, request, lambda held: TAGS.at_most({**held, **given}))
    return {}


@changes
def remove_tags(call: Call, tx: Transaction, request: Request) -> Answer:
    gone = set(request["TagKeys"])
    _change(call, tx, request, lambda held: {key: value for key, value in held.items() if key not in gone})
    return {}


def _change(call: Call, tx: Transaction, request: Request, after: Callable[[dict[str, str]], dict[str, str]]) -> None:
    for arn in dict.fromkeys(_asked(request)):
        owner = _tagged(call, tx, arn)
        owner.put(tx, after(owner.tags))


def _asked(request: Request) -> list[str]:
    arns: list[str] = request.get("ResourceArns") or []
    if not arns:
        raise Invalid("At least one resource ARN must be specified")
    if len(arns) > MOST_ASKED:
        raise Invalid(f"Cannot have more than {MOST_ASKED} resources described")
    return arns


@reads
def describe_tags(call: Call, tx: Transaction, request: Request) -> Answer:
    found = [(arn, _tagged(call, tx, arn)) for arn in dict.fromkeys(_asked(request))]
    shown = [{"ResourceArn": arn, "Tags": views.tags(owner.tags)} for arn, owner in found]
    return {"TagDescriptions": shown}
