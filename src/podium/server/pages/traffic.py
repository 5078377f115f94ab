"""Where load balancers are reached on the proxy's machine, and what is wrong with them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from podium.elbv2.records import Listener, LoadBalancer
from podium.runtime.thread import CoreThread
from podium.server import ways
from podium.server.pages.page import Page, Visit, answer, as_root
from podium.server.proxies import Proxies, State
from podium.store.session import Transaction
from podium.wire.message import Response


class TrafficPages:
    def __init__(self, core: CoreThread, proxies: Proxies) -> None:
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
    return {
        "linked": state.linked,
        "trouble": state.trouble,
        "resolver": state.resolver,
        "loadBalancers": [_balancer(tx, balancer, state) for balancer in balancers],
    }


def _balancer(tx: Transaction, balancer: LoadBalancer, state: State) -> dict[str, Any]:
    listeners = sorted(tx.list(Listener, load_balancer_arn=balancer.arn), key=lambda listener: listener.port)
    return {
        "arn": balancer.arn,
        "name": balancer.name,
        "type": balancer.kind,
        "scheme": balancer.scheme,
        "dnsName": balancer.dns_name,
        "refused": state.refused.get(balancer.arn),
        "listeners": [_listener(listener, state) for listener in listeners],
    }


def _listener(listener: Listener, state: State) -> dict[str, Any]:
    doors = [{**door} for door in state.doors if door["listener"] == listener.arn]
    return {"arn": listener.arn, "port": listener.port, "protocol": listener.protocol, "doors": doors}
