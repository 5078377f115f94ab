"""Which address of a subnet comes next. No step looks at more than a few records, however many are in use.

Fresh addresses come first, in order; then those that were given back, the longest ago first. So an address just
freed is the last one to be given out again, and what still has it in a cache or a connection does no harm.
"""

from ipaddress import IPv4Address

from podium.ec2 import lookups
from podium.ec2.errors import AddressInUse, Invalid, NoFreeAddresses
from podium.ec2.records import Address, Pool, Subnet
from podium.store.records import replace
from podium.store.session import Transaction

FIRST = 4  # the network's own, the router, the name server and one for later are AWS's, and so is the last


def take(tx: Transaction, subnet: Subnet, interface_arn: str, wanted: str | None = None) -> str:
    """A free address, or `wanted` itself. Raises NoFreeAddresses, AddressInUse, or Invalid for one from elsewhere."""
    pool = lookups.pool(tx, subnet)
    if wanted is not None:
        place = _checked(tx, subnet, wanted)
    elif pool.used >= lookups.capacity(subnet):
        raise NoFreeAddresses(subnet.id)
    else:
        pool, place = _next(tx, subnet, pool)
    held = _at(tx, subnet, place) or Address(arn=_key(subnet, place), subnet_arn=subnet.arn)
    tx.put(replace(held, interface_arn=interface_arn))
    tx.put(replace(pool, used=pool.used + 1))
    return _written(subnet, place)


def give_back(tx: Transaction, subnet: Subnet, address: str) -> None:
    place = int(IPv4Address(address)) - int(subnet.network.network_address)
    held, pool = _at(tx, subnet, place), lookups.pool(tx, subnet)
    assert held is not None, f"{address} was never given out"
    assert held.interface_arn is not None, f"{address} is not in use"
    pool = replace(pool, used=pool.used - 1)
    if held.queued:
        tx.put(replace(held, interface_arn=None))
    else:
        tx.put(replace(held, interface_arn=None, queued=True, next=None))
        pool = _queued(tx, subnet, pool, place)
    tx.put(pool)


def forget(tx: Transaction, subnet: Subnet) -> None:
    """Of a subnet that is deleted, nothing of this is needed any more."""
    for held in tx.list(Address, subnet_arn=subnet.arn):
        tx.delete(held)
    if (pool := tx.get(Pool, subnet.arn)) is not None:
        tx.delete(pool)


def _next(tx: Transaction, subnet: Subnet, pool: Pool) -> tuple[Pool, int]:
    """There is one, since not all are in use."""
    while pool.fresh < lookups.capacity(subnet) + FIRST:
        place, pool = pool.fresh, replace(pool, fresh=pool.fresh + 1)
        if _at(tx, subnet, place) is None:
            return pool, place
    while True:
        assert pool.first is not None, f"{subnet.id} has lost addresses"
        place, held = pool.first, _at(tx, subnet, pool.first)
        assert held is not None, f"{subnet.id} has forgotten an address that it gave back"
        pool = replace(pool, first=held.next, last=pool.last if held.next is not None else None)
        tx.put(replace(held, queued=False, next=None))
        if held.interface_arn is None:
            return pool, place


def _queued(tx: Transaction, subnet: Subnet, pool: Pool, place: int) -> Pool:
    if pool.last is None:
        return replace(pool, first=place, last=place)
    before = _at(tx, subnet, pool.last)
    assert before is not None, f"{subnet.id} has forgotten the end of its queue"
    tx.put(replace(before, next=place))
    return replace(pool, last=place)


def _checked(tx: Transaction, subnet: Subnet, wanted: str) -> int:
    try:
        place = int(IPv4Address(wanted)) - int(subnet.network.network_address)
    except ValueError as error:
        raise Invalid(f"invalid value for parameter address: [{wanted}]") from error
    if not 0 <= place < subnet.network.num_addresses:
        raise Invalid("Address does not fall within the subnet's address range")
    if not FIRST <= place < lookups.capacity(subnet) + FIRST:
        raise Invalid("Address is in subnet's reserved address range")
    held = _at(tx, subnet, place)
    if held is not None and held.interface_arn is not None:
        raise AddressInUse(f"The specified address is already in use: {wanted}.")
    return place


def _at(tx: Transaction, subnet: Subnet, place: int) -> Address | None:
    return tx.get(Address, _key(subnet, place))


def _key(subnet: Subnet, place: int) -> str:
    return f"{subnet.arn}/{_written(subnet, place)}"


def _written(subnet: Subnet, place: int) -> str:
    return str(IPv4Address(int(subnet.network.network_address) + place))
