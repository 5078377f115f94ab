"""Network interfaces as they come, are attached, change groups and go."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from ipaddress import IPv4Address

from podium.ec2 import addressing, lookups, names
from podium.ec2.errors import AddressInUse, Invalid, TooManyGroups
from podium.ec2.records import Attachment, Member, NetworkInterface, SecurityGroup, Subnet
from podium.kernel.ids import Ids
from podium.store.records import replace
from podium.store.session import Transaction

MOST_GROUPS = 5


def create_interface(
    tx: Transaction,
    home: str,
    ids: Ids,
    now: datetime,
    *,
    subnet_id: str,
    group_ids: Sequence[str] = (),
    description: str = "",
    requester: str | None = None,
    tags: Mapping[str, str] | None = None,
    assign_public_ip: bool = False,
    wanted: str | None = None,
    client_token: str = "",
) -> NetworkInterface:
    """An interface with a free address of the subnet, or with the address `wanted`.

    Without groups it is in its VPC's default one. `requester` is the service that makes it for the account, as
    DescribeNetworkInterfaces shows it. `assign_public_ip` changes nothing: there are no public addresses here, so
    that an interface never has an association with one.

    Raises the NotFound of a subnet or a group, the refusal of a group of another VPC, NoFreeAddresses, AddressInUse.
    """
    subnet = lookups.named(tx, home, Subnet, subnet_id)
    groups = groups_for(tx, subnet, group_ids)
    interface = _made(tx, subnet, names.new_id(ids, "eni"), wanted, groups, now)
    interface = replace(
        interface, description=description, requester=requester, client_token=client_token, tags=dict(tags or {})
    )
    return tx.put(interface)


def recover_interface(
    tx: Transaction,
    home: str,
    now: datetime,
    *,
    interface_id: str,
    address: str,
    mac_address: str,
    group_ids: Iterable[str],
    description: str,
    requester: str,
    instance_id: str | None,
) -> NetworkInterface | None:
    """The record of an interface that is in use and was lost, so that nobody else is given its address.

    Which subnet it is in follows from both addresses. It is in those of its groups that are still known. None where
    the subnet is not known, or something else has the id or the address by now.
    """
    subnet = _subnet_of(tx, home, address, mac_address)
    if subnet is None or lookups.find(tx, home, NetworkInterface, interface_id) is not None:
        return None
    found = (lookups.find(tx, home, SecurityGroup, identity) for identity in group_ids)
    known = [group.id for group in found if group is not None and group.vpc_arn == subnet.vpc_arn]
    try:
        interface = _made(tx, subnet, interface_id, address, groups_for(tx, subnet, known[:MOST_GROUPS]), now)
    except (AddressInUse, Invalid):
        return None
    attachment = _attachment(home, names.derived("ela-attach", interface_id), instance_id, now)
    return tx.put(replace(interface, description=description, requester=requester, attachment=attachment))


def _subnet_of(tx: Transaction, home: str, address: str, mac_address: str) -> Subnet | None:
    try:
        place = IPv4Address(address)
    except ValueError:
        return None
    subnets = (subnet for subnet in lookups.every(tx, home, Subnet) if place in subnet.network)
    return next((s for s in subnets if names.mac_address(s.vpc_id, address) == mac_address), None)


def _made(
    tx: Transaction,
    subnet: Subnet,
    identity: str,
    wanted: str | None,
    groups: Sequence[SecurityGroup],
    now: datetime,
) -> NetworkInterface:
    """With its address taken and its groups joined; not written yet."""
    arn = names.arn(subnet.home, "network-interface", identity)
    address = addressing.take(tx, subnet, arn, wanted)
    interface = NetworkInterface(
        arn=arn,
        home=subnet.home,
        id=identity,
        vpc_arn=subnet.vpc_arn,
        vpc_id=subnet.vpc_id,
        subnet_arn=subnet.arn,
        subnet_id=subnet.id,
        zone=subnet.zone,
        zone_id=subnet.zone_id,
        address=address,
        mac_address=names.mac_address(subnet.vpc_id, address),
        private_dns_name=names.private_dns_name(names.region_of(subnet.home), address),
        group_arns=tuple(group.arn for group in groups),
        created_at=now,
    )
    _join(tx, interface, interface.group_arns)
    return interface


def attach_interface(
    tx: Transaction, home: str, ids: Ids, now: datetime, *, interface_id: str, instance_id: str | None
) -> NetworkInterface:
    """Put it to use in an instance; `instance_id` is None for one that the account does not see."""
    interface = lookups.named(tx, home, NetworkInterface, interface_id)
    attachment = _attachment(home, names.new_id(ids, "ela-attach"), instance_id, now)
    return tx.put(replace(interface, attachment=attachment))


def _attachment(home: str, identity: str, instance_id: str | None, now: datetime) -> Attachment:
    return Attachment(id=identity, instance_id=instance_id, instance_owner_id=names.account_of(home), attached_at=now)


def release_interface(tx: Transaction, home: str, interface_id: str) -> None:
    """Detach and delete it, and give its address back. Nothing happens when it is gone already."""
    interface = lookups.find(tx, home, NetworkInterface, interface_id)
    if interface is None:
        return
    subnet = lookups.of_arn(tx, Subnet, interface.subnet_arn)
    assert subnet is not None, f"{interface.id} is in a subnet that was deleted"
    addressing.give_back(tx, subnet, interface.address)
    _leave(tx, interface, interface.group_arns)
    tx.delete(interface)


def regroup(tx: Transaction, interface: NetworkInterface, group_ids: Sequence[str]) -> NetworkInterface:
    """Exchange the groups that it is in."""
    subnet = lookups.of_arn(tx, Subnet, interface.subnet_arn)
    assert subnet is not None, f"{interface.id} is in a subnet that was deleted"
    after = tuple(group.arn for group in groups_for(tx, subnet, group_ids))
    _leave(tx, interface, set(interface.group_arns) - set(after))
    _join(tx, interface, after)
    return tx.put(replace(interface, group_arns=after))


def groups_for(tx: Transaction, subnet: Subnet, group_ids: Sequence[str]) -> list[SecurityGroup]:
    """The groups that an interface in the subnet would be in."""
    if not group_ids:
        return [lookups.default_group(tx, subnet.home, subnet.vpc_id)]
    groups = lookups.several(tx, subnet.home, SecurityGroup, group_ids)
    if len(groups) > MOST_GROUPS:
        raise TooManyGroups(
            f"The maximum number of security groups per interface has been reached: {MOST_GROUPS}",
        )
    if any(group.vpc_arn != subnet.vpc_arn for group in groups):
        raise Invalid("You have specified two resources that belong to different networks.")
    return groups


def _join(tx: Transaction, interface: NetworkInterface, group_arns: Iterable[str]) -> None:
    for arn in group_arns:
        key = f"{arn}/{interface.id}"
        tx.put(Member(arn=key, group_arn=arn, interface_arn=interface.arn, address=interface.address))


def _leave(tx: Transaction, interface: NetworkInterface, group_arns: Iterable[str]) -> None:
    for arn in group_arns:
        member = tx.get(Member, f"{arn}/{interface.id}")
        assert member is not None, f"{interface.id} is not where it says it is"
        tx.delete(member)
