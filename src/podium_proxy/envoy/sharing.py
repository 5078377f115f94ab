"""What listens at 127.0.0.1 for several load balancers: HTTP is told apart by Host, TLS by SNI."""

from typing import Any

from podium_proxy.envoy import listeners, routes
from podium_proxy.places import Share, domains

Resource = dict[str, Any]


def route_name(port: int) -> str:
    return f"shared/{port}"


def hosts(shares: list[Share]) -> list[tuple[Share, list[str]]]:
    """Each share with the domains that are its own: the oldest has what several claim. One alone has them all."""
    if len(shares) == 1:
        return [(shares[0], ["*"])]
    taken: set[str] = set()
    found = []
    for share in shares:
        free = [domain for domain in domains(share) if domain not in taken]
        taken.update(free)
        if free:
            found.append((share, free))
    return found


def listener(name: str, host: str, port: int, wanted: int, shares: list[Share]) -> Resource | None:
    """`port` is where it listens, `wanted` what the listeners asked for."""
    first = shares[0]
    if first.listener["protocol"] == "HTTP":
        stats = None if len(shares) == 1 else route_name(wanted)
        sharing = [share.balancer for share in shares]
        manager = listeners.manager(first.balancer, first.listener, route_name(wanted), stats, sharing)
        chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
        return listeners.listener(name, [(host, port)], [chain])
    default = listeners.chain(first.balancer, first.listener, first.listener["arn"])
    if default is None:
        return None
    if first.listener["protocol"] == "TCP":
        return listeners.listener(name, [(host, port)], [default])
    return listeners.listener(name, [(host, port)], _by_name(shares), {**default, "name": "default"})


def _by_name(shares: list[Share]) -> list[Resource]:
    found, taken = [], set[str]()
    for share in shares:
        certified = [name.lower() for c in share.listener["certificates"] for name in c["names"]]
        names = [name for name in dict.fromkeys([*domains(share), *certified]) if name not in taken]
        chain = listeners.chain(share.balancer, share.listener, share.listener["arn"])
        if chain is not None and names:
            taken.update(names)
            found.append({**chain, "filter_chain_match": {"server_names": names}})
    return found


def unknown(port: int, shares: list[tuple[Share, list[str]]]) -> Resource:
    return routes.unknown_host(port, sorted(name for _, names in shares for name in names))
