"""Networks and their parts that have addresses."""

from ipaddress import IPv4Address, IPv4Network

from podium.store.records import record


@record(table="ec2_regions")
class Region:
    """An account's region whose default network has been written down. `arn` is its home.

    `public_addresses` counts the Elastic IP addresses that were ever given out there.
    """

    arn: str
    public_addresses: int = 0


@record(table="ec2_vpcs", indexes=("home",))
class Vpc:
    """`network_acl_id` is of its one network ACL, which lets everything through."""

    arn: str
    home: str
    id: str
    cidr: str
    is_default: bool = False
    dhcp_options_id: str
    network_acl_id: str
    dns_support: bool = True
    dns_hostnames: bool = False
    address_usage_metrics: bool = False
    tenancy: str = "default"
    tags: dict[str, str] = {}

    @property
    def cidrs(self) -> tuple[str, ...]:
        return (self.cidr,)


@record(table="ec2_subnets", indexes=("home", "vpc_arn"))
class Subnet:
    arn: str
    home: str
    id: str
    vpc_arn: str
    vpc_id: str
    cidr: str
    zone: str
    zone_id: str
    default_for_az: bool = False
    map_public_ip: bool = False
    dns_a_record: bool = False
    hostname_type: str = "ip-name"
    tags: dict[str, str] = {}

    @property
    def network(self) -> IPv4Network:
        return IPv4Network(self.cidr)

    @property
    def gateway(self) -> str:
        """The address of the subnet's router: its first host."""
        return str(IPv4Address(int(self.network.network_address) + 1))


@record(table="ec2_pools")
class Pool:
    """Which addresses of a subnet are free. `arn` is the subnet's. Written by `interfaces` alone.

    Addresses are named by their distance from the network's own. `fresh` is the next one that was never given out;
    `first` and `last` are the ends of the queue of those that were given back, which are given out again in that
    order when nothing is fresh any more. `used` is how many are in use.
    """

    arn: str
    fresh: int = 4
    first: int | None = None
    last: int | None = None
    used: int = 0


@record(table="ec2_addresses", indexes=("subnet_arn",))
class Address:
    """An address that was given out at least once. `arn` is the subnet's ARN, a slash and the address.

    `interface_arn` has it now. `queued` says whether it stands in the pool's queue, before `next`; one that was
    asked for by name may be in use and queued, and is passed over when its turn comes.
    """

    arn: str
    subnet_arn: str
    interface_arn: str | None = None
    queued: bool = False
    next: int | None = None
