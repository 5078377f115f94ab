"""Where load balancers stand: the addresses and listeners of each, so that nobody looks at all after every change."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from podium_protocol.proxy import LoadBalancer


class Stands:
    def __init__(self) -> None:
        self._stands: dict[str, Any] = {}
        self._hosts: Counter[str] = Counter()

    def changed(self, balancers: Mapping[str, LoadBalancer | None]) -> bool:
        """Takes these in. Whether one has other listeners or addresses than it had, or is gone."""
        changed = [arn for arn, balancer in balancers.items() if self._is_changed(arn, balancer)]
        return bool(changed)

    def hosts(self) -> set[str]:
        """All private addresses."""
        return set(self._hosts)

    def _is_changed(self, arn: str, balancer: LoadBalancer | None) -> bool:
        before, now = self._stands.pop(arn, None), None if balancer is None else _stand(balancer)
        if now is not None:
            self._stands[arn] = now
        if before == now:
            return False
        self._hosts.subtract(_hosts(before))
        self._hosts.update(_hosts(now))
        self._hosts += Counter()  # forgets those that nobody has any more
        return True


def _stand(balancer: LoadBalancer) -> Any:
    listeners = [(each["arn"], each["port"], each["protocol"]) for each in balancer["listeners"]]
    return (balancer["dns_name"], balancer["addresses"], listeners)


def _hosts(stand: Any) -> list[str]:
    return [] if stand is None else [address["private"] for address in stand[1]]
