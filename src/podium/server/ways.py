"""By which addresses a service is reached on the proxy's machine, without asking DNS."""

from collections.abc import Iterator, Sequence
from typing import Any

from podium.ecs.records import Service
from podium.elbv2.associations import groups_in
from podium.elbv2.records import Listener, LoadBalancer, Rule
from podium.kernel.call import Call
from podium.server import finding
from podium.store.session import Transaction
from podium_protocol import proxy

SCHEMES = {"HTTP": ("http", 80), "HTTPS": ("https", 443)}
HOST, PATH = "host-header", "path-pattern"


def to(tx: Transaction, call: Call, wanted: str, cluster: str | None, doors: Sequence[proxy.Door]) -> dict[str, Any]:
    """The service's ways in, best first: an address of its load balancer's own before one that it shares.

    Raises what `finding.service` does.
    """
    service = finding.service(tx, call, wanted, cluster)
    groups = {entry["targetGroupArn"] for entry in service.load_balancers if entry.get("targetGroupArn")}
    routes = list(_routes(tx, service, groups))
    found = [way for listener, rule in routes for way in _ways(tx, listener, rule, doors)]
    return {
        "service": service.name,
        "loadBalancers": bool(groups),
        "routes": len(routes),
        "ways": sorted(found, key=_worth),
    }


def _routes(tx: Transaction, service: Service, groups: set[str]) -> Iterator[tuple[Listener, Rule | None]]:
    """Which rules send requests to the service; None stands for a listener's default one."""
    for listener in tx.list(Listener, home=service.home):
        if groups.intersection(groups_in(listener.actions)):
            yield listener, None
        for rule in sorted(tx.list(Rule, listener_arn=listener.arn), key=lambda rule: rule.priority):
            if groups.intersection(groups_in(rule.actions)):
                yield listener, rule


def _ways(
    tx: Transaction, listener: Listener, rule: Rule | None, doors: Sequence[proxy.Door]
) -> Iterator[dict[str, Any]]:
    balancer = tx.get(LoadBalancer, listener.load_balancer_arn)
    host, path = _literal(rule, HOST), _literal(rule, PATH)
    for door in doors:
        if door["listener"] == listener.arn and balancer is not None:
            yield {
                "url": _url(listener.protocol, door, path),
                "host": host or (balancer.dns_name if door["shared"] else None),
                "shared": door["shared"],
                "open": door["open"],
                "trouble": door["trouble"],
                "loadBalancer": balancer.name,
                "dnsName": balancer.dns_name,
                "protocol": listener.protocol,
                "port": listener.port,
            }


def _url(protocol: str, door: proxy.Door, path: str | None) -> str:
    scheme, usual = SCHEMES.get(protocol, (protocol.lower(), 0))
    port = "" if door["port"] == usual else f":{door['port']}"
    return f"{scheme}://{door['host']}{port}{path or ('/' if protocol in SCHEMES else '')}"


def _literal(rule: Rule | None, field: str) -> str | None:
    """A value of the condition that a request may have as it is; a pattern up to its first wildcard, for a path."""
    for condition in rule.conditions if rule is not None else ():
        if condition["Field"] == field:
            kind = "HostHeaderConfig" if field == HOST else "PathPatternConfig"
            values = (condition.get(kind) or {}).get("Values") or condition.get("Values") or [""]
            exact = next((v for v in values if "*" not in v and "?" not in v), None)
            return exact or (str(values[0]).partition("*")[0].partition("?")[0] if field == PATH else None)
    return None


def _worth(way: dict[str, Any]) -> tuple[bool, bool, bool, int]:
    return not way["open"], way["trouble"] is not None, way["shared"], way["port"]
