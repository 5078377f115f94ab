"""Public addresses that nothing is reached by, and the gateways that have them."""

from datetime import datetime

from podium.store.records import record


@record(table="ec2_elastic_ips", indexes=("home",))
class ElasticIp:
    """`nat_gateway_id` is what has the address. There are no public addresses: `public_ip` is made up."""

    arn: str
    home: str
    id: str
    public_ip: str
    nat_gateway_id: str | None = None
    tags: dict[str, str] = {}


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
