"""What proxies are told: load balancers as whole documents, and which of them a change makes read differently."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, cast

from podium import acm, ec2
from podium.elbv2 import attributes
from podium.elbv2.associations import groups_in
from podium.elbv2.records import Listener, LoadBalancer, Rule, Target, TargetGroup
from podium.kernel.sealing import Sealer
from podium.store.session import Change, Transaction
from podium_protocol import proxy


def all_arns(tx: Transaction) -> list[str]:
    return [balancer.arn for balancer in tx.list(LoadBalancer)]


def by_age(tx: Transaction, arns: Iterable[str]) -> list[str]:
    """The oldest first, which ports that several share go to; what is gone before all."""
    ages = {balancer.arn: balancer.created_at for arn in arns if (balancer := tx.get(LoadBalancer, arn)) is not None}
    return [*sorted(set(arns) - ages.keys()), *sorted(ages, key=lambda arn: (ages[arn], arn))]


def changed(tx: Transaction, changes: Iterable[Change]) -> set[str]:
    """The ARNs of load balancers whose documents may read differently now. `tx` sees what was changed."""
    return {arn for change in changes if change.kind in _CONCERNS for arn in _concerned(tx, change) if arn}


def _concerned(tx: Transaction, change: Change) -> Iterable[str | None]:
    record = change.record
    if isinstance(record, LoadBalancer):
        return (record.arn,)
    if isinstance(record, Listener):
        return (record.load_balancer_arn,)
    if isinstance(record, Rule):
        return (_of_rule(record),)
    if isinstance(record, TargetGroup):
        return (getattr(change.before, "load_balancer_arn", None), getattr(change.after, "load_balancer_arn", None))
    if isinstance(record, Target):
        return (_of_target(tx, record),) if _is_news(change) else ()
    arn = record.arn
    return (listener.load_balancer_arn for listener in tx.list(Listener) if arn in listener.certificate_arns)


_CONCERNS = frozenset((LoadBalancer, Listener, Rule, TargetGroup, Target, acm.Certificate))


def _of_rule(rule: Rule) -> str:
    """A listener's ARN is its load balancer's with one more part."""
    return rule.listener_arn.rpartition("/")[0].replace(":listener/", ":loadbalancer/", 1)


def _of_target(tx: Transaction, target: Target) -> str | None:
    group = tx.get(TargetGroup, target.target_group_arn)
    return group.load_balancer_arn if group is not None else None


def _is_news(change: Change) -> bool:
    """Whether anything but what the proxy said itself is another."""
    before, after = change.before, change.after
    if before is None or after is None:
        return True
    fields = ("registered_at", "deregistered_at", "zone", "address")
    return any(getattr(before, name) != getattr(after, name) for name in fields)


def document(tx: Transaction, sealer: Sealer, arn: str, eager: bool) -> proxy.LoadBalancer | None:
    """None when there is no such load balancer."""
    balancer = tx.get(LoadBalancer, arn)
    if balancer is None:
        return None
    listeners = [_listener(tx, sealer, listener) for listener in _in_order(tx, balancer)]
    rules = [rule for listener in listeners for rule in listener["rules"]]
    named = dict.fromkeys(group for rule in rules for group in groups_in(rule["actions"]))
    groups = [found for name in named if (found := tx.get(TargetGroup, name)) is not None]
    return proxy.LoadBalancer(
        arn=arn,
        name=balancer.name,
        type=cast(Literal["application", "network"], balancer.kind),
        scheme=cast(Literal["internet-facing", "internal"], balancer.scheme),
        dns_name=balancer.dns_name,
        addresses=[_address(tx, balancer, zone) for zone in balancer.zones],
        attributes=attributes.effective(balancer),
        listeners=listeners,
        target_groups=[_group(tx, balancer, group, eager) for group in groups],
    )


def _in_order(tx: Transaction, balancer: LoadBalancer) -> list[Listener]:
    return sorted(tx.list(Listener, load_balancer_arn=balancer.arn), key=lambda listener: listener.port)


def _address(tx: Transaction, balancer: LoadBalancer, zone: Any) -> proxy.Address:
    subnet = ec2.find_subnet(tx, balancer.home, zone.subnet_id)
    prefix = subnet.network.prefixlen if subnet is not None else 32
    return proxy.Address(zone=zone.name, private=zone.address, prefix=prefix, public=zone.public_address)


def _listener(tx: Transaction, sealer: Sealer, listener: Listener) -> proxy.Listener:
    rules = sorted(tx.list(Rule, listener_arn=listener.arn), key=lambda rule: rule.priority)
    default = proxy.Rule(
        arn=listener.default_rule_arn, priority=None, conditions=[], actions=[dict(a) for a in listener.actions]
    )
    return proxy.Listener(
        arn=listener.arn,
        port=listener.port,
        protocol=cast(Any, listener.protocol),
        ssl_policy=listener.ssl_policy,
        alpn_policy=listener.alpn_policy[0] if listener.alpn_policy else None,
        certificates=[_certificate(tx, sealer, arn) for arn in listener.certificate_arns],
        attributes=attributes.effective(listener),
        rules=[*map(_rule, rules), default],
    )


def _rule(rule: Rule) -> proxy.Rule:
    return proxy.Rule(
        arn=rule.arn,
        priority=rule.priority,
        conditions=[dict(condition) for condition in rule.conditions],
        actions=[dict(action) for action in rule.actions],
    )


def _certificate(tx: Transaction, sealer: Sealer, arn: str) -> proxy.Certificate:
    chain, key, names = acm.material(tx, sealer, arn)
    return proxy.Certificate(arn=arn, chain=chain, key=key, names=list(names))


def _group(tx: Transaction, balancer: LoadBalancer, group: TargetGroup, eager: bool) -> proxy.TargetGroup:
    zones = {zone.name for zone in balancer.zones}
    targets = sorted(tx.list(Target, target_group_arn=group.arn), key=lambda target: target.arn)
    return proxy.TargetGroup(
        arn=group.arn,
        name=group.name,
        protocol=cast(Any, group.protocol),
        protocol_version=cast(Any, group.protocol_version),
        health_check=proxy.HealthCheck(
            enabled=group.check_enabled,
            protocol=cast(Any, group.check_protocol),
            port=group.check_port,
            path=group.check_path or "/",
            interval=group.check_interval,
            timeout=group.check_timeout,
            healthy_threshold=group.healthy_threshold,
            unhealthy_threshold=group.unhealthy_threshold,
            matcher=group.matcher or "",
        ),
        eager=eager,
        attributes=attributes.effective(group),
        targets=[_target(target, zones) for target in targets],
    )


def _target(target: Target, zones: Sequence[str] | set[str]) -> proxy.Target:
    return proxy.Target(
        id=target.id,
        address=target.address or (target.id if not target.id.startswith("i-") else ""),
        port=target.port,
        zone=target.zone,
        draining=target.deregistered_at is not None,
        usable=target.zone in ("", "all") or target.zone in zones,
        since=seconds(target.registered_at),
    )


def seconds(moment: datetime) -> float:
    return moment.timestamp()
