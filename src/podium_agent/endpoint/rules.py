"""The packet filter's part of the task endpoint, as text for `nft -f -`.

Everything is in one table of ours; Docker's own rules are left alone. A transaction adds what is missing and writes the
rules anew, so that it can be repeated, and by several agents: each adds the bridge of its own engine to the set.
"""

from collections.abc import Iterable, Iterator

ADDRESS = "169.254.170.2"
PORT, API_PORT = 51679, 51681
TABLE = "podium-endpoint"
INSTANCE_METADATA = {"ip": "169.254.169.254", "ip6": "fd00:ec2::254"}
TASK_INTERFACES = "pd*"
"""The interfaces by which tasks with a network interface of their own reach the host."""

_CHAINS = {
    "prerouting": "type nat hook prerouting priority -110",
    "output": "type nat hook output priority -110",
    "input": "type filter hook input priority -10",
    "forward": "type filter hook forward priority -10",
}
_FROM_TASKS = ("iifname @bridges", f'iifname "{TASK_INTERFACES}"')
_REFUSED = ("meta l4proto tcp reject with tcp reset", "reject with icmpx type admin-prohibited")


def text(bridges: Iterable[str]) -> str:
    """The transaction that lets tasks on `bridges`, and those with interfaces of their own, reach the endpoint."""
    elements = ", ".join(f'"{name}"' for name in bridges)
    lines = [
        f"add table inet {TABLE}",
        f"add set inet {TABLE} bridges {{ type ifname; }}",
        f"add element inet {TABLE} bridges {{ {elements} }}",
        *(f"add chain inet {TABLE} {name} {{ {hook}; policy accept; }}" for name, hook in _CHAINS.items()),
        *(f"flush chain inet {TABLE} {name}" for name in _CHAINS),
        *(f"add rule inet {TABLE} {rule}" for rule in _rules()),
    ]
    return "\n".join(lines) + "\n"


def removal() -> str:
    """The transaction that takes all of it away, whether it is there or not."""
    return f"add table inet {TABLE}\ndelete table inet {TABLE}\n"


def _rules() -> Iterator[str]:
    yield from _redirected()
    yield from _reached()
    yield from _without_instance_metadata()


def _redirected() -> Iterator[str]:
    """Port 80 becomes one of the agent's own: neither the host nor a task on its network loses port 80."""
    for chain in ("prerouting", "output"):
        yield f"{chain} ip daddr {ADDRESS} tcp dport 80 dnat ip to {ADDRESS}:{PORT}"


def _reached() -> Iterator[str]:
    """Nothing else of the host's can be reached at the address, and by tasks and the host alone.

    What another host sends has come in by another interface.
    """
    yield f"input ip daddr {ADDRESS} tcp dport {PORT} ct original proto-dst != 80 drop"
    yield f'input ip daddr {ADDRESS} iifname "lo" accept'
    for tasks in _FROM_TASKS:
        yield f"input ip daddr {ADDRESS} {tasks} tcp dport {{ {PORT}, {API_PORT} }} accept"
    yield f"input ip daddr {ADDRESS} drop"


def _without_instance_metadata() -> Iterator[str]:
    """Refused and not dropped: an SDK without credentials asks there, and should not have to wait for nothing."""
    for chain in ("input", "forward"):
        for family, address in INSTANCE_METADATA.items():
            for tasks in _FROM_TASKS:
                for refusal in _REFUSED:
                    yield f"{chain} {tasks} {family} daddr {address} {refusal}"
