"""Which addresses the default VPC of a Podium has: AWS's, unless this machine uses them otherwise.

Every Podium on a machine needs a range of its own, or two of their tasks would have the same address. A range is
claimed by a file that names the data dir, and belongs to that for good.
"""

import json
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

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
    for network in (kept,) if kept else RANGES:
        if any(IPv4Network(network).overlaps(other) for other in taken):
            continue
        try:
            if _claim(network, paths.root.resolve(), again=kept is not None):
                write_whole(paths.default_vpc, json.dumps({"cidr": network}) + "\n")
                return network
        except OSError:
            break
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


def _claim(network: str, root: Path, *, again: bool) -> bool:
    """Whether the range is the data dir's from now on. One whose data dir is gone is free."""
    CLAIMS.mkdir(parents=True, exist_ok=True, mode=0o700)
    claim = CLAIMS / network.partition("/")[0]
    if again or (claim.exists() and not Path(claim.read_text()).exists()):
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
