"""Documents and openings into Envoy's resources, one load balancer at a time."""

from collections.abc import Iterable, Mapping
from typing import Any

from podium_protocol.proxy import Door, Listener, LoadBalancer, TargetGroup
from podium_proxy import places
from podium_proxy.ads.snapshot import Name, Snapshot
from podium_proxy.checks.checker import Checker
from podium_proxy.doors import Opening
from podium_proxy.envoy import clusters, listeners, messages, routes, sharing, tls
from podium_proxy.envoy.messages import Kind, Packet
from podium_proxy.health import in_rotation
from podium_proxy.places import LOOPBACK, Place, Share

_CROWD = 30
_FAILED = "This is a bug of Podium's: {}"


class Traffic:
    """Writes the snapshot. `openings` are where Envoy may listen, and `here` the addresses of this machine."""

    def __init__(self, documents: Mapping[str, LoadBalancer], snapshot: Snapshot, checker: Checker) -> None:
        self._documents, self._snapshot, self._checker = documents, snapshot, checker
        self.openings: Mapping[Place, Opening] = {}
        self.here: set[str] = set()
        self.refused: dict[str, str] = {}
        self._urgent: set[str] = set()
        self._rendered: dict[str, LoadBalancer] = {}
        self._balancer_of: dict[str, str] = {}  # by target group
        self._hosts: dict[str, dict[str, Any]] = {}  # virtual hosts by load balancer and listener
        self._parts: dict[str, tuple[Any, list[str], bytes]] = {}  # of the routes that they share, by listener

    def wanted(self) -> list[Place]:
        """All places where somebody should listen."""
        found = [
            place
            for balancer in self._documents.values()
            for listener in balancer["listeners"]
            if places.carried(listener)
            for place in (*places.own(balancer, listener), Place(host=LOOPBACK, port=listener["port"]))
        ]
        return list(dict.fromkeys(found))

    def render(self, arn: str) -> set[int]:
        """A load balancer that changed, or is gone. The ports of 127.0.0.1 where that makes a difference."""
        balancer, before = self._documents.get(arn), self._rendered.pop(arn, None)
        self._urgent.discard(arn)
        gone = _groups(before) - (_groups(balancer) if balancer is not None else set()) if before is not None else set()
        if balancer is None or before is None or gone:
            self._urgent.add(arn)
        for group in gone:
            self._balancer_of.pop(group, None)
        ports = {listener["port"] for each in (balancer, before) if each for listener in each["listeners"]}
        if balancer is None:
            self.refused.pop(arn, None)
            for listener in self._hosts.pop(arn, {}):
                self._parts.pop(listener, None)
            self._snapshot.put(arn, {})
            return ports
        if before is not None and arn not in self.refused and _rules(before) == _rules(balancer):
            self._rendered[arn] = balancer
            self._retarget(balancer, before)
            return set()
        self.refused.pop(arn, None)
        try:
            resources, refused = self._resources(balancer)
        except Exception as error:  # one load balancer's trouble must not be the others'
            self.refused[arn] = _FAILED.format(f"{type(error).__name__}: {error}")
            return ports
        self._rendered[arn] = balancer
        self._balancer_of.update({group["arn"]: arn for group in balancer["target_groups"]})
        self._snapshot.put(arn, resources)
        if refused:
            self.refused[arn] = " ".join(refused)
        return ports

    def forget(self, arn: str) -> None:
        """It has other doors now: all of it is rendered anew."""
        self._rendered.pop(arn, None)

    def _retarget(self, balancer: LoadBalancer, before: LoadBalancer) -> None:
        """Nothing but targets changed."""
        for group, old in zip(balancer["target_groups"], before["target_groups"], strict=True):
            if group["targets"] != old["targets"]:
                source = clusters.source(balancer, group, self.here)
                if source != clusters.source(before, old, self.here):
                    cluster = clusters.cluster(group, balancer, source)
                    self._snapshot.put_one(balancer["arn"], (Kind.CLUSTER, group["arn"]), cluster)
                self._turn(balancer, group)

    def crowd(self, port: int) -> int:
        """How many share a port of 127.0.0.1, if they are too many for all to follow each change at once. Else 0."""
        sharing = len(places.shared(self._documents.values(), port))
        return sharing if sharing > _CROWD else 0

    def is_urgent(self, arn: str) -> bool:
        """It is new, or gone, or names fewer groups: routes that named those would lead nowhere."""
        return arn in self._urgent

    def turned(self, arn: str) -> None:
        """A group of which other targets are healthy now."""
        balancer = self._rendered.get(self._balancer_of.get(arn, ""))
        for group in balancer["target_groups"] if balancer is not None else ():
            if balancer is not None and group["arn"] == arn:
                self._turn(balancer, group)

    def _turn(self, balancer: LoadBalancer, group: TargetGroup) -> None:
        """The targets of a group that get requests may be others."""
        self._snapshot.put_one(balancer["arn"], (Kind.ENDPOINTS, group["arn"]), self._endpoints(group))

    def share(self, port: int) -> None:
        """What listens at `port` of 127.0.0.1, for all who want it."""
        owner, opening = f"shared/{port}", self.openings.get(Place(host=LOOPBACK, port=port))
        shares, _ = places.together(places.shared(self._documents.values(), port))
        if opening is None or opening.port is None or not shares:
            self._snapshot.put_packets(owner, {})
            return
        name = _listener_name(LOOPBACK, opening.port)
        listener = sharing.listener(name, LOOPBACK, opening.port, port, shares)
        packets: dict[Name, Packet] = {}
        if listener is not None:
            packets[Kind.LISTENER, name] = messages.pack(Kind.LISTENER, listener)
        if shares[0].listener["protocol"] == "HTTP":
            routing = sharing.route_name(port)
            packets[Kind.ROUTES, routing] = self._shared_routes(routing, port, shares)
        else:
            packets.update(self._secure(shares))
        self._snapshot.put_packets(owner, packets)

    def doors(self) -> list[Door]:
        """Where every listener is, or why it is not."""
        found: list[Door] = []
        for balancer in self._documents.values():
            for listener in balancer["listeners"]:
                for place in places.own(balancer, listener) if places.carried(listener) else ():
                    found.append(_door(listener, place, self.openings.get(place), shared=False))
        for port in sorted({d["port"] for d in self._listeners() if places.carried(d)}):
            found += self._shared_doors(port)
        return found

    def _listeners(self) -> Iterable[Listener]:
        return (listener for balancer in self._documents.values() for listener in balancer["listeners"])

    def _shared_doors(self, port: int) -> list[Door]:
        place = Place(host=LOOPBACK, port=port)
        kept, others = places.together(places.shared(self._documents.values(), port))
        found = [_door(share.listener, place, self.openings.get(place), shared=True) for share in kept]
        for share in others:
            trouble = (
                f"{LOOPBACK}:{port} belongs to {kept[0].balancer['name']}, which was first and speaks "
                f"{kept[0].listener['protocol']}. Use the load balancer's own name, or another port."
            )
            found.append(_door(share.listener, place, Opening(port=None, trouble=trouble), shared=True))
        return found

    def _resources(self, balancer: LoadBalancer) -> tuple[dict[Name, dict[str, Any]], list[str]]:
        resources: dict[Name, dict[str, Any]] = {}
        refused: list[str] = []
        for group in balancer["target_groups"]:
            source = clusters.source(balancer, group, self.here)
            resources[Kind.CLUSTER, group["arn"]] = clusters.cluster(group, balancer, source)
            resources[Kind.ENDPOINTS, group["arn"]] = self._endpoints(group)
        if balancer["type"] == "network" and balancer["attributes"].get("access_logs.s3.enabled") == "true":
            refused.append("Access logs of a Network Load Balancer are not written here: they have no effect.")
        for listener in balancer["listeners"]:
            if not places.carried(listener):
                refused.append(f"A listener for {listener['protocol']} is not carried here; TCP and TLS are.")
                continue
            refused += self._listener(balancer, listener, resources)
        return resources, refused

    def _listener(
        self, balancer: LoadBalancer, listener: Listener, resources: dict[Name, dict[str, Any]]
    ) -> tuple[str, ...]:
        refused: tuple[str, ...] = ()
        bound = [
            (place.host, port)
            for place in places.own(balancer, listener)
            if (opening := self.openings.get(place)) is not None and (port := opening.port) is not None
        ]
        if listener["protocol"] in listeners.WEB:
            host = routes.virtual_host(balancer, listener)
            refused = host.refused
            self._hosts.setdefault(balancer["arn"], {})[listener["arn"]] = host.resource
            if bound:
                resources[Kind.ROUTES, listener["arn"]] = {"name": listener["arn"], "virtual_hosts": [host.resource]}
        chain = listeners.chain(balancer, listener, listener["arn"])
        if chain is None:
            return (*refused, f"The listener on port {listener['port']} forwards to no target group.")
        if bound:  # by a place, not by its ARN: whoever gets a place that was another's follows it there
            name = _listener_name(*bound[0])
            resources[Kind.LISTENER, name] = listeners.listener(name, bound, [chain])
            if listener["protocol"] in listeners.SECURE:
                resources.update({(Kind.SECRET, c["arn"]): tls.secret(c) for c in listener["certificates"]})
        return refused

    def _endpoints(self, group: TargetGroup) -> dict[str, Any]:
        return clusters.endpoints(group["arn"], in_rotation(group, self._checker.state))

    def _shared_routes(self, name: str, port: int, shares: list[Share]) -> Packet:
        known = [share for share in shares if self._host(share) is not None]
        hosts = sharing.hosts(known)
        parts = [self._part(share, names) for share, names in hosts]
        if len(known) != 1:
            parts.append(messages.host_in_routes(sharing.unknown(port, hosts), ["*"]))
        return messages.pack_routes(name, parts)

    def _part(self, share: Share, names: list[str]) -> bytes:
        """Made once for all changes of the others."""
        arn, host = share.listener["arn"], self._host(share)
        known = self._parts.get(arn)
        if known is None or known[0] is not host or known[1] != names:
            known = self._parts[arn] = (host, names, messages.host_in_routes(host, names))
        return known[2]

    def _host(self, share: Share) -> Any:
        return self._hosts.get(share.balancer["arn"], {}).get(share.listener["arn"])

    def _secure(self, shares: list[Share]) -> dict[Name, Packet]:
        """Certificates, and routes where a load balancer has no other place that would bring them."""
        found: dict[Name, Packet] = {}
        for share in shares:
            arn = share.listener["arn"]
            for certificate in share.listener["certificates"]:
                found[Kind.SECRET, certificate["arn"]] = messages.pack(Kind.SECRET, tls.secret(certificate))
            if share.listener["protocol"] == "HTTPS":
                resource = routes.virtual_host(share.balancer, share.listener).resource
                found[Kind.ROUTES, arn] = messages.pack(Kind.ROUTES, {"name": arn, "virtual_hosts": [resource]})
        return found


def _groups(balancer: LoadBalancer) -> set[str]:
    return {group["arn"] for group in balancer["target_groups"]}


def _rules(balancer: LoadBalancer) -> list[Any]:
    """All that a change of targets leaves as it is."""
    groups = [{**group, "targets": None} for group in balancer["target_groups"]]
    return [{**balancer, "target_groups": None}, groups]


def _listener_name(host: str, port: int) -> str:
    return f"{host}:{port}"


def _door(listener: Listener, place: Place, opening: Opening | None, *, shared: bool) -> Door:
    port = place.port if opening is None or opening.port is None else opening.port
    trouble = "It is not open yet." if opening is None else opening.trouble
    return {
        "listener": listener["arn"],
        "host": place.host,
        "port": port,
        "shared": shared,
        "open": opening is not None and opening.port is not None,
        "trouble": trouble,
    }
