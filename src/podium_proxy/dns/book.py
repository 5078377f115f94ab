"""All names that are answered for here, found by name, brought forward one configuration at a time.

Names are kept in lower case and without the last dot.
"""

from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv4Network, ip_network

from podium_protocol import proxy

LONGEST_NAME, LONGEST_LABEL = 253, 63


class Book:
    """`public` says which addresses load balancers have: on the host, those that the host alone can reach."""

    def __init__(self, *, public: bool = False) -> None:
        self._public = public
        self._clear()

    def _clear(self) -> None:
        self.names: dict[str, proxy.Name] = {}
        self.hosts: dict[str, tuple[proxy.Name, proxy.Endpoint]] = {}
        self.load_balancers: dict[str, list[str]] = {}
        self.zones: frozenset[str] = frozenset()
        self.vpc: IPv4Network | None = None
        self._dns_names: dict[str, str] = {}  # of load balancers, by ARN
        self._branches: Counter[str] = Counter()  # how many names there are below one

    def update(self, configuration: proxy.Configuration) -> None:
        if configuration["whole"]:
            self._clear()
        for arn, load_balancer in configuration["load_balancers"].items():
            self._forget_load_balancer(arn)
            if load_balancer is not None:
                self._learn_load_balancer(arn, load_balancer)
        for key, name in configuration["names"].items():
            self._forget(key.lower())
            if name is not None:
                self._learn(key.lower(), name)
        self.zones = frozenset(zone.lower() for zone in configuration["zones"])
        network = ip_network(configuration["vpc"], strict=False) if configuration["vpc"] else None
        self.vpc = network if isinstance(network, IPv4Network) else None

    def _learn_load_balancer(self, arn: str, document: proxy.LoadBalancer) -> None:
        dns_name = document["dns_name"].lower()
        self._dns_names[arn] = dns_name
        public = [a["public"] for a in document["addresses"] if a["public"] is not None] if self._public else []
        self.load_balancers[dns_name] = public or [a["private"] for a in document["addresses"]]

    def _forget_load_balancer(self, arn: str) -> None:
        if (dns_name := self._dns_names.pop(arn, None)) is not None:
            self.load_balancers.pop(dns_name, None)

    def _learn(self, key: str, name: proxy.Name) -> None:
        self.names[key] = name
        self._branches.update(above(key))
        for endpoint in name["endpoints"] if "SRV" in name["records"] else ():
            self.hosts[host_of(name, endpoint)] = (name, endpoint)

    def _forget(self, key: str) -> None:
        name = self.names.pop(key, None)
        if name is None:
            return
        for parent in above(key):
            self._branches[parent] -= 1
            if not self._branches[parent]:
                del self._branches[parent]
        for endpoint in name["endpoints"]:
            held = self.hosts.get(host_of(name, endpoint))
            if held is not None and held[0] is name:
                del self.hosts[host_of(name, endpoint)]

    def zone_of(self, name: str) -> str | None:
        """The innermost zone that the name is in, or None where somebody else answers for it."""
        return next((each for each in (name, *above(name)) if each in self.zones), None)

    def is_there(self, name: str) -> bool:
        """Whether something exists at the name or below it, though perhaps not what was asked for."""
        return name in self.zones or name in self.names or name in self.hosts or name in self._branches


def host_of(name: proxy.Name, endpoint: proxy.Endpoint) -> str:
    return f"{endpoint['id']}.{name['name']}".lower()


def above(name: str) -> Iterator[str]:
    """The domains that the name is in, innermost first."""
    _, _, rest = name.partition(".")
    while rest:
        yield rest
        _, _, rest = rest.partition(".")


def fits(name: str) -> bool:
    """Whether DNS can carry the name."""
    return len(name) <= LONGEST_NAME and all(0 < len(label) <= LONGEST_LABEL for label in name.split("."))
