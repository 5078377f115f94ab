"""What makes a task's network, as one shell script. Plain text, no I/O.

The host's end of the pair is a router's port: it answers for every address that the host knows a way
to (proxy ARP), so that a task sees its subnet as it would on AWS, and everything goes through the host.
"""

from collections.abc import Mapping, Sequence
from zlib import crc32

from podium_agent.engine.interfaces import LINK_PREFIX, Interface

_LIKE_DOCKER_S = {"net.ipv4.ip_unprivileged_port_start": "0", "net.ipv4.ping_group_range": "0 2147483647"}
_OWNER_DIGITS, _INTERFACE_DIGITS = 6, 7
_LABEL, _PROTOCOL = "lo:podium", 186  # by which addresses and routes of ours are found again
_LOCK = "/run/podium-links.lock"  # of all agents on a host: shared while one wires, held alone while one leaves
_LET_BE = tuple(f"DOCKER-USER {way} {LINK_PREFIX}+ -j ACCEPT" for way in ("-i", "-o"))


def owner_prefix(owner: str) -> str:
    """What the names of all links of one agent in one cluster begin with. `owner` says which, on this host."""
    return f"{LINK_PREFIX}{crc32(owner.encode()):08x}"[: len(LINK_PREFIX) + _OWNER_DIGITS]


def link_name(prefix: str, interface_id: str) -> str:
    """At most 15 characters, as the kernel wants it."""
    return prefix + interface_id[-_INTERFACE_DIGITS:]


def preparing(gateway: str, networks: Sequence[str]) -> str:
    """What the host needs: it forwards, is the gateway, and says at once when an address is nobody's.

    Docker's own rules drop what is forwarded; its chain for others' rules lets our links be. `networks` are
    ranges in which this host has no addresses of its own. Done again it changes nothing.
    """
    lines = [
        f"exec 9>{_LOCK}; flock --shared 9",
        "echo 1 >/proc/sys/net/ipv4/ip_forward",
        "ip -batch - <<ALWAYS",
        f"address replace {gateway}/32 dev lo label {_LABEL}",
        *(f"route replace unreachable {network} proto {_PROTOCOL}" for network in networks),
        "ALWAYS",
        "if iptables -w -n -L DOCKER-USER >/dev/null 2>&1; then",
        *(f"iptables -w -C {rule} 2>/dev/null || iptables -w -I {rule}" for rule in _LET_BE),
        "fi",
    ]
    return "\n".join(lines)


def leaving() -> str:
    """Undoes what `preparing` did, unless a task on this host has a network, of whichever agent."""
    lines = [
        f"exec 9>{_LOCK}; flock 9",
        f"if ip -o link show | grep -q ': {LINK_PREFIX}'; then exit 0; fi",
        f"ip route flush proto {_PROTOCOL}",
        f"ip -o -4 address show dev lo label {_LABEL} | while read -r _ _ _ address _; do",
        '  ip address delete "$address" dev lo',
        "done",
        *(f"iptables -w -D {rule} 2>/dev/null || true" for rule in _LET_BE),
    ]
    return "\n".join(lines)


def wiring(link: str, interface: Interface, pid: int, sysctls: Mapping[str, str]) -> str:
    """Gives the network namespace of process `pid` its interface, whatever of ours was there before.

    An address that something else on the host has is not taken from it: then this fails.
    """
    inside = [f"echo '{value}' >{_path(name)}" for name, value in {**_LIKE_DOCKER_S, **sysctls}.items()]
    return "\n".join(
        [
            f"ip link delete {link} 2>/dev/null || true",
            "ip -batch - <<HOST",
            f"link add {link} type veth peer name eth0 address {interface.mac} netns {pid}",
            f"link set {link} up",
            f"route add {interface.address}/32 dev {link} src {interface.gateway}",
            "HOST",
            f"echo 1 >/proc/sys/net/ipv4/conf/{link}/proxy_arp",
            f"echo 0 >/proc/sys/net/ipv4/neigh/{link}/proxy_delay",
            f"echo 1 >/proc/sys/net/ipv4/conf/{link}/rp_filter",
            f"echo 0 >/proc/sys/net/ipv4/conf/{link}/send_redirects",
            f"exec nsenter --net=/proc/{pid}/ns/net sh -eu <<TASK",
            "ip -batch - <<INSIDE",
            "link set lo up",
            f"address add {interface.address}/{interface.prefix} dev eth0",
            "link set eth0 up",
            f"route add default via {interface.gateway}",
            "INSIDE",
            *inside,
            "TASK",
        ]
    )


def unwiring(links: list[str]) -> str:
    return "\n".join(f"ip link delete {link} 2>/dev/null || true" for link in links)


def _path(sysctl: str) -> str:
    """Dots part the name, unless they are a link's own, which is then written with slashes already."""
    return "/proc/sys/" + (sysctl if "/" in sysctl else sysctl.replace(".", "/"))
