"""Which addresses internet-facing load balancers have on the machine of their proxy."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from podium.elbv2.errors import InvalidConfiguration
from podium.elbv2.records import Pool
from podium.store.records import replace
from podium.store.session import Transaction


def settle_pool(tx: Transaction, home: str, cidr: str) -> None:
    """From now on new addresses come from this range; load balancers that have one keep it."""
    pool = tx.get(Pool, home) or Pool(arn=home)
    tx.put(replace(pool, cidr=str(IPv4Network(cidr))))


def take(tx: Transaction, home: str, balancer_arn: str, wanted: str | None = None) -> str:
    """`wanted` where it lies in the range and is free, or the lowest free address. Raises InvalidConfiguration.

    One proxy carries the load balancers of all homes, so that an address that another home's pool gave out is not
    free either. The network's own address is never given out.
    """
    pool = tx.get(Pool, home) or Pool(arn=home)
    held = {address for each in (pool, *tx.list(Pool)) for address in each.held}
    free = (address for address in _addresses(pool) if address not in held)
    if wanted is not None and wanted not in held and _lies_in(pool, wanted):
        address = wanted
    else:
        address = next(free, None) or _refuse(pool)
    tx.put(replace(pool, held={**pool.held, address: balancer_arn}))
    return address


def give_back(tx: Transaction, home: str, address: str) -> None:
    pool = tx.get(Pool, home)
    assert pool is not None, f"{address} was never given out"
    tx.put(replace(pool, held={each: arn for each, arn in pool.held.items() if each != address}))


def _addresses(pool: Pool) -> Iterator[str]:
    network = IPv4Network(pool.cidr)
    for distance in range(1, network.num_addresses):
        yield str(network.network_address + distance)


def _lies_in(pool: Pool, address: str) -> bool:
    network = IPv4Network(pool.cidr)
    return IPv4Address(address) in network and IPv4Address(address) != network.network_address


def _refuse(pool: Pool) -> str:
    raise InvalidConfiguration(
        f"No address of {pool.cidr} is free for another internet-facing load balancer. Delete one, make this one "
        "internal, or give Podium a larger range."
    )
