"""Where load balancers are reached on the proxy's machine, and what is wrong with them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from podium.elbv2.records import Listener, LoadBalancer
from podium.runtime.running import RunningCore
from podium.server import ways
from podium.server.pages.page import Page, Visit, answer, as_root
from podium.server.proxies import Proxies, State
from podium.store.session import Transaction
from podium.wire.message import Response
from podium_protocol import proxy


class TrafficPages:
    def __init__(self, core: RunningCore, proxies: Proxies) -> None:
        self._core, self._proxies = core, proxies

    def pages(self) -> Mapping[tuple[str, str], Page]:
        return {("GET", "/_podium/traffic"): self._traffic, ("GET", "/_podium/open"): self._open}

    async def _traffic(self, visit: Visit) -> Response:
        """Every load balancer with its listeners, and the doors that each of these has."""
        as_root(visit, "see where load balancers are reached")
        state = self._proxies.state
        return answer(await self._core.read(lambda tx: told(tx, state)))

    async def _open(self, visit: Visit) -> Response:
        """By which addresses a `service` is reached on this machine. Without `cluster` all are searched."""
        as_root(visit, "see where services are reached")
        asked = {name: values[0] for name, values in parse_qs(visit.request.query).items()}
        state, wanted, cluster = self._proxies.state, asked.get("service", ""), asked.get("cluster")
        return answer(await self._core.read(lambda tx: ways.to(tx, visit.call, wanted, cluster, state.doors)))


def told(tx: Transaction, state: State) -> dict[str, Any]:
    balancers = sorted(tx.list(LoadBalancer), key=lambda balancer: balancer.name)
    doors: dict[str, list[proxy.Door]] = {}
    for door in state.doors:
        doors.setdefault(door["listener"], []).append(door)
    return {
        "linked": state.linked,
        "trouble": state.trouble,
        "resolver": state.resolver,
        "loadBalancers": [_balancer(tx, balancer, state, doors) for balancer in balancers],
    }


def _balancer(
    tx: Transaction, balancer: LoadBalancer, state: State, doors: Mapping[str, list[proxy.Door]]
) -> dict[str, Any]:
    listeners = sorted(tx.list(Listener, load_balancer_arn=balancer.arn), key=lambda listener: listener.port)
    return {
        "arn": balancer.arn,
        "name": balancer.name,
        "type": balancer.kind,
        "scheme": balancer.scheme,
        "dnsName": balancer.dns_name,
        "refused": state.refused.get(balancer.arn),
        "listeners": [
            {"arn": one.arn, "port": one.port, "protocol": one.protocol, "doors": doors.get(one.arn, [])}
            for one in listeners
        ],
    }
