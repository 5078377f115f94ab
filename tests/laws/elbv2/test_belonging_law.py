"""Whatever is made and unmade, what belongs to what is said the same from both sides, and nothing is left behind."""

from typing import Any

from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from amounts import examples
from elbv2.balancing import FIXED, SUBNETS, Balancing, forward
from inprocess import Plane
from podium.ec2.records import NetworkInterface
from podium.elbv2.associations import groups_in
from podium.elbv2.records import Listener, LoadBalancer, Pool, Rule, TargetGroup

NAMES, GROUPS, NUMBERS = ("a", "b"), ("x", "y", "z"), (1, 2)
STEPS = st.one_of(
    st.tuples(st.just("balance"), st.sampled_from(NAMES), st.booleans()),
    st.tuples(st.just("unbalance"), st.sampled_from(NAMES)),
    st.tuples(st.just("listen"), st.sampled_from(NAMES), st.sampled_from(NUMBERS), st.sets(st.sampled_from(GROUPS))),
    st.tuples(st.just("relisten"), st.sampled_from(NUMBERS), st.sets(st.sampled_from(GROUPS))),
    st.tuples(st.just("unlisten"), st.sampled_from(NUMBERS)),
    st.tuples(st.just("rule"), st.sampled_from(NUMBERS), st.sets(st.sampled_from(GROUPS))),
    st.tuples(st.just("unrule"), st.sampled_from(NUMBERS)),
    st.tuples(st.just("ungroup"), st.sampled_from(GROUPS)),
)


class Life:
    """Steps of people who do not look what is there: many are refused, and those change nothing."""

    def __init__(self) -> None:
        self.plane = Plane()
        self.elb = Balancing(self.plane)
        self.groups = {name: self.elb.group(name) for name in GROUPS}

    def step(self, what: str, *given: Any) -> None:
        try:
            getattr(self, what)(*given)
        except (ClientError, LookupError):
            return

    def actions(self, names: set[str]) -> list[dict[str, Any]]:
        return [forward(*(self.groups[name] for name in sorted(names)))] if names else FIXED

    def some(self, kind: type[Any], number: int) -> str:
        return str(self.plane.records(kind)[number - 1].arn)

    def balance(self, name: str, internal: bool) -> None:
        self.elb.balancer(name, Scheme="internal" if internal else "internet-facing")

    def unbalance(self, name: str) -> None:
        found = {held.name: held.arn for held in self.plane.records(LoadBalancer)}
        self.elb.delete_load_balancer(LoadBalancerArn=found[name])

    def listen(self, name: str, port: int, names: set[str]) -> None:
        found = {held.name: held.arn for held in self.plane.records(LoadBalancer)}
        self.elb.listener(found[name], self.actions(names), port)

    def relisten(self, number: int, names: set[str]) -> None:
        self.elb.modify_listener(ListenerArn=self.some(Listener, number), DefaultActions=self.actions(names))

    def unlisten(self, number: int) -> None:
        self.elb.delete_listener(ListenerArn=self.some(Listener, number))

    def rule(self, number: int, names: set[str]) -> None:
        priority = len(self.plane.records(Rule)) + 1
        self.elb.rule(self.some(Listener, number), priority, Actions=self.actions(names))

    def unrule(self, number: int) -> None:
        self.elb.delete_rule(RuleArn=self.some(Rule, number))

    def ungroup(self, name: str) -> None:
        self.elb.delete_target_group(TargetGroupArn=self.groups[name])


@settings(max_examples=examples(25), deadline=None)
@given(st.lists(STEPS, min_size=5, max_size=25))
def test_target_groups_know_who_uses_them_and_addresses_who_has_them(steps: list[tuple[Any, ...]]) -> None:
    life = Life()
    for step in steps:
        life.step(*step)
    plane = life.plane
    listeners = {held.arn: held for held in plane.records(Listener)}
    users: dict[str, set[str]] = {}
    for user in (*listeners.values(), *plane.records(Rule)):
        for group in groups_in(user.actions):
            users.setdefault(group, set()).add(user.arn)
    for held in plane.records(TargetGroup):
        assert set(held.used_by) == users.pop(held.arn, set())
        balancers = {arn.split("/", 1)[1].rsplit("/", 1 if arn in listeners else 2)[0] for arn in held.used_by}
        of = held.load_balancer_arn
        assert balancers == ({of.split("/", 1)[1]} if of else set())
    assert users == {}
    zones = [zone for held in plane.records(LoadBalancer) for zone in held.zones]
    assert {zone.interface_id for zone in zones} == {held.id for held in plane.records(NetworkInterface)}
    taken = {address for pool in plane.records(Pool) for address in pool.held}
    assert sorted(taken) == sorted(zone.public_address for zone in zones if zone.public_address)
    assert len(zones) == len(SUBNETS) * len(plane.records(LoadBalancer))
