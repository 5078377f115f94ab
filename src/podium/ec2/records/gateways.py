"""Public addresses that nothing is reached by, and the gateways that have them."""

from datetime import datetime

from podium.store.records import record


@record(table="ec2_elastic_ips", indexes=("home",))
class ElasticIp:
    """What has the address: `nat_gateway_id`, or `interface_id`, which is a network load balancer's.

    There are no public addresses: `public_ip` is made up.
    """

    arn: str
    home: str
    id: str
    public_ip: str
    nat_gateway_id: str | None = None
    interface_id: str | None = None
    tags: dict[str, str] = {}

    @property
    def in_use(self) -> bool:
        return self.nat_gateway_id is not None or self.interface_id is not None


@record(table="ec2_nat_gateways", indexes=("home", "vpc_arn"))
class NatGateway:
    """Its private address is that of its interface. `allocation_id` is None for a private one."""

    arn: str
    home: str
    id: str
    vpc_arn: str
    vpc_id: str
    subnet_id: str
    interface_id: str
    private_ip: str
    allocation_id: str | None = None
    public_ip: str | None = None
    client_token: str = ""
    tags: dict[str, str] = {}
    created_at: datetime
