"""Where each listener should be reachable: its load balancer's addresses, and 127.0.0.1 shared with others."""

from collections.abc import Iterable
from dataclasses import dataclass

from podium_protocol.proxy import Listener, LoadBalancer

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Place:
    host: str
    port: int


@dataclass(frozen=True, kw_only=True)
class Share:
    """One listener at a shared place."""

    balancer: LoadBalancer
    listener: Listener


_KINDS = {"HTTP": "HTTP", "HTTPS": "SNI", "TLS": "SNI", "TCP": "TCP"}


def carried(listener: Listener) -> bool:
    return listener["protocol"] in _KINDS


def own(balancer: LoadBalancer, listener: Listener) -> list[Place]:
    """Public addresses first: they are what people on this machine use."""
    public = [a["public"] for a in balancer["addresses"] if a.get("public")]
    hosts = [*(host for host in public if host), *(a["private"] for a in balancer["addresses"])]
    return [Place(host=host, port=listener["port"]) for host in dict.fromkeys(hosts)]


def shared(balancers: Iterable[LoadBalancer], port: int) -> list[Share]:
    """Who wants `port` of 127.0.0.1, the oldest first."""
    return [
        Share(balancer=balancer, listener=listener)
        for balancer in balancers
        for listener in balancer["listeners"]
        if listener["port"] == port and carried(listener)
    ]


def together(shares: list[Share]) -> tuple[list[Share], list[Share]]:
    """Those that can share with the oldest, and those that cannot: what they speak is not told apart from it."""
    if not shares:
        return [], []
    kind = _KINDS[shares[0].listener["protocol"]]
    same = [share for share in shares if _KINDS[share.listener["protocol"]] == kind]
    different = [share for share in shares if _KINDS[share.listener["protocol"]] != kind]
    return (same[:1], [*same[1:], *different]) if kind == "TCP" else (same, different)


def domains(share: Share) -> list[str]:
    """The hosts by which a listener is meant: its load balancer's name, and those that its rules name."""
    found = [share.balancer["dns_name"].lower()]
    for rule in share.listener["rules"]:
        for condition in rule["conditions"]:
            if condition.get("Field") == "host-header":
                values = condition.get("HostHeaderConfig", {}).get("Values") or condition.get("Values") or []
                found += [value.lower() for value in values if _is_domain(value)]
    return list(dict.fromkeys(found))


def _is_domain(value: str) -> bool:
    """Envoy tells hosts apart by whole names, and by names whose beginning is left open."""
    rest = value.removeprefix("*.")
    return bool(rest) and "*" not in rest and "?" not in rest and ":" not in rest
