"""What the control plane said last: all load balancers and names, as its messages have changed them."""

from dataclasses import dataclass, field
from typing import Any

from podium_protocol.proxy import Configuration, LoadBalancer, Name


@dataclass(kw_only=True)
class Documents:
    """`load_balancers` in the order in which they came, the oldest first."""

    load_balancers: dict[str, LoadBalancer] = field(default_factory=dict)
    names: dict[str, Name] = field(default_factory=dict)
    zones: list[str] = field(default_factory=list)
    vpc: str | None = None

    def apply(self, message: Configuration) -> set[str]:
        """Takes `message` in. The load balancers that are others now, or gone."""
        changed = _merge(self.load_balancers, message["load_balancers"], message["whole"])
        _merge(self.names, message["names"], message["whole"])
        self.zones, self.vpc = list(message["zones"]), message.get("vpc")
        return changed

    def whole(self) -> dict[str, Any]:
        """As a Configuration that holds all, for the disk and for the resolver."""
        return {
            "revision": 0,
            "whole": True,
            "load_balancers": dict(self.load_balancers),
            "names": dict(self.names),
            "zones": self.zones,
            "vpc": self.vpc,
        }


def _merge(held: dict[str, Any], told: dict[str, Any], whole: bool) -> set[str]:
    gone = {key for key in held if whole and told.get(key) is None}
    gone |= {key for key, document in told.items() if document is None and key in held}
    changed = {key for key, document in told.items() if document is not None and held.get(key) != document}
    for key in gone:
        del held[key]
    held.update({key: told[key] for key in told if key in changed})
    return changed | gone
