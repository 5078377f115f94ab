"""Load balancers: creating, describing and deleting them."""

from collections.abc import Sequence

from podium.elbv2 import attributes, lookups, names, placing, views
from podium.elbv2.errors import (
    DuplicateLoadBalancerName,
    Invalid,
    LoadBalancersNotFound,
    NotPermitted,
    NotYet,
    TooManyLoadBalancers,
)
from podium.elbv2.listening import unlisten
from podium.elbv2.records import LoadBalancer
from podium.elbv2.rules import naming, paging
from podium.elbv2.rules.tags import TAGS
from podium.elbv2.service import Answer, Request, changes, reads
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

MOST = 50  # of a kind


@changes
def create_load_balancer(call: Call, tx: Transaction, request: Request) -> Answer:
    """Creating one that is there already returns it, as long as the settings are the same."""
    name, kind = request["Name"], request.get("Type") or "application"
    scheme = request.get("Scheme") or placing.INTERNET_FACING
    naming.load_balancer(name)
    given = TAGS.given(request.get("Tags"))
    if kind == "gateway":
        raise NotYet("gateway load balancers")
    placing.no_pools(request)
    placing.ipv4_only(request.get("IpAddressType"))
    found = placing.places(tx, call.home, kind, scheme, request)
    vpc_id = found[0].subnet.vpc_id
    groups = placing.groups(tx, call.home, kind, vpc_id, request.get("SecurityGroups"))
    wanted = _Wanted(kind, scheme, vpc_id, groups, given)
    if (there := lookups.load_balancer_named(tx, call.home, name)) is not None:
        return _the_same(there, wanted, found)
    placing.reachable(tx, call.home, scheme, vpc_id)
    if sum(held.kind == kind for held in tx.list(LoadBalancer, home=call.home)) >= MOST:
        raise TooManyLoadBalancers(f"The maximum number of load balancers has been reached: {MOST}")
    return _answer([_made(call, tx, name, wanted, found)])


class _Wanted:
    """The settings of a load balancer, apart from its places."""

    def __init__(self, kind: str, scheme: str, vpc_id: str, groups: tuple[str, ...], tags: dict[str, str]) -> None:
        self.kind, self.scheme, self.vpc_id, self.groups, self.tags = kind, scheme, vpc_id, groups, tags

    def describes(self, held: LoadBalancer) -> bool:
        same = (held.kind, held.scheme, held.vpc_id) == (self.kind, self.scheme, self.vpc_id)
        return same and set(held.security_group_ids) == set(self.groups) and held.tags == self.tags


def _the_same(there: LoadBalancer, wanted: _Wanted, found: Sequence[placing.Place]) -> Answer:
    if not wanted.describes(there) or {z.subnet_id for z in there.zones} != {place.subnet.id for place in found}:
        raise DuplicateLoadBalancerName(there.name)
    return _answer([there])


def _made(call: Call, tx: Transaction, name: str, wanted: _Wanted, found: Sequence[placing.Place]) -> LoadBalancer:
    arn = names.of_load_balancer(call.home, wanted.kind, name, names.new_id(call.ids))
    bare = LoadBalancer(
        arn=arn,
        home=call.home,
        name=name,
        kind=wanted.kind,
        scheme=wanted.scheme,
        dns_name=_dns_name(call, arn, name, wanted),
        vpc_id=wanted.vpc_id,
        zones=(),
        security_group_ids=wanted.groups,
        tags=wanted.tags,
        created_at=call.now,
    )
    return tx.put(replace(bare, zones=placing.settled(tx, call.ids, call.now, bare, found)))


def _dns_name(call: Call, arn: str, name: str, wanted: _Wanted) -> str:
    if wanted.kind == "network":
        return names.network_dns_name(arn)
    return names.dns_name(call.home, name, names.new_digits(call.ids), wanted.scheme == placing.INTERNAL)


def _answer(found: Sequence[LoadBalancer]) -> Answer:
    return {"LoadBalancers": [views.load_balancer(held) for held in found]}


@reads
def describe_load_balancers(call: Call, tx: Transaction, request: Request) -> Answer:
    arns, wanted = request.get("LoadBalancerArns") or (), request.get("Names") or ()
    if arns and wanted:
        raise Invalid("Load balancer names and load balancer ARNs cannot be specified at the same time")
    found = tx.list(LoadBalancer, home=call.home)
    if arns:
        for arn in arns:
            lookups.well_formed(LoadBalancer, arn)
        found = [held for held in found if held.arn in arns]
        if len(found) < len(set(arns)):
            raise LoadBalancersNotFound
    if wanted:
        found = [held for held in found if held.name in wanted]
        if missing := [name for name in wanted if name not in {held.name for held in found}]:
            raise LoadBalancersNotFound(", ".join(missing))
    shown, more = paging.page(found, paging.age, request)
    return {**_answer(shown), **more}


@changes
def delete_load_balancer(call: Call, tx: Transaction, request: Request) -> Answer:
    """With its listeners and their rules. One that is gone already is no error."""
    arn = request["LoadBalancerArn"]
    lookups.well_formed(LoadBalancer, arn)
    balancer = lookups.find(tx, call.home, LoadBalancer, arn)
    if balancer is None:
        return {}
    if attributes.is_protected(balancer):
        raise NotPermitted(f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled")
    for listener in lookups.listeners_of(tx, arn):
        unlisten(tx, listener)
    placing.vacate(tx, call.home, balancer.zones)
    tx.delete(balancer)
    return {}
