"""Which addresses the default VPC of a Podium has: AWS's, unless this machine uses them otherwise.

Every Podium on a machine needs a range of its own, or two of their tasks would have the same address. A range is
claimed by a file that names the data dir, and belongs to that for good; only when none is left does a new Podium take
one of a Podium that is down.
"""

import json
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from podium.launch.lock import is_held
from podium.launch.paths import DataDir, write_whole

CLAIMS = Path("/run/podium/default-vpcs")
ROUTES = Path("/proc/net/route")
RANGES = tuple(f"172.{second}.0.0/16" for second in range(31, 23, -1)) + tuple(
    f"10.{second}.0.0/16" for second in range(192, 256)
)
"""AWS's own first."""

PUBLIC, PUBLIC_PREFIX = "127.0.64.0/18", 22


def claimed(paths: DataDir) -> str:
    """The range of the data dir, the same each time.

    Whoever may not claim one, not being root, gets AWS's: no task has an address of its own then.
    """
    kept = _kept(paths)
    taken = [] if kept else list(_on_this_machine())
    ranges = (kept,) if kept else [r for r in RANGES if not any(IPv4Network(r).overlaps(other) for other in taken)]
    try:
        for is_free in (_is_gone, _is_down):
            for network in ranges:
                if _claim(network, paths.root.resolve(), is_free=_always if kept else is_free):
                    write_whole(paths.default_vpc, json.dumps({"cidr": network}) + "\n")
                    return network
    except OSError:
        pass
    return kept or RANGES[0]


def public(vpc: str) -> str:
    """The addresses of internet-facing load balancers of the Podium whose default VPC has these: each has its own."""
    place = RANGES.index(vpc) if vpc in RANGES else 0
    return str(list(IPv4Network(PUBLIC).subnets(new_prefix=PUBLIC_PREFIX))[place % 2 ** (PUBLIC_PREFIX - 18)])


def resolver(vpc: str) -> str:
    """Where the tasks of that VPC ask for names: its third address, as on AWS."""
    return str(IPv4Network(vpc)[2])


def _kept(paths: DataDir) -> str | None:
    try:
        return str(json.loads(paths.default_vpc.read_text())["cidr"])
    except (OSError, ValueError, KeyError):
        return None


def _always(_: Path) -> bool:
    return True


def _is_gone(root: Path) -> bool:
    return not root.exists()


def _is_down(root: Path) -> bool:
    paths = DataDir(root=root)
    return not is_held(paths.supervisor_lock) and not is_held(paths.server_lock)


def _claim(network: str, root: Path, *, is_free: Callable[[Path], bool]) -> bool:
    """Whether the range is the data dir's from now on; `is_free` judges the one that has it by now."""
    CLAIMS.mkdir(parents=True, exist_ok=True, mode=0o700)
    claim = CLAIMS / network.partition("/")[0]
    if claim.exists() and is_free(Path(claim.read_text())):
        claim.unlink(missing_ok=True)
    try:
        with claim.open("x") as file:
            file.write(str(root))
    except FileExistsError:
        return claim.read_text() == str(root)
    return True


def _on_this_machine() -> Iterator[IPv4Network]:
    """Every network that the machine has a way to. The kernel writes addresses in hexadecimal, last byte first."""
    for line in ROUTES.read_text().splitlines()[1:]:
        _, destination, *_ = fields = line.split()
        mask = int.from_bytes(bytes.fromhex(fields[7]), "little")
        if mask:
            first = IPv4Address(int.from_bytes(bytes.fromhex(destination), "little"))
            yield IPv4Network(f"{first}/{mask.bit_count()}", strict=False)
