"""Network interfaces."""

from datetime import datetime

from podium.store.records import part, record


@part
class Attachment:
    """`instance_id` is None where the instance is none of the account's to see."""

    id: str
    instance_id: str | None = None
    instance_owner_id: str = ""
    device_index: int = 1
    attached_at: datetime
    delete_on_termination: bool = True


@record(table="ec2_network_interfaces", indexes=("home", "vpc_arn", "subnet_arn"))
class NetworkInterface:
    """An address in a subnet, and what may reach it. It is in use while it is attached.

    `requester` is who made it on the account's behalf; the account itself may then not delete, detach or change it.
    """

    arn: str
    home: str
    id: str
    vpc_arn: str
    vpc_id: str
    subnet_arn: str
    subnet_id: str
    zone: str
    zone_id: str
    address: str
    mac_address: str
    private_dns_name: str
    group_arns: tuple[str, ...]
    description: str = ""
    kind: str = "interface"
    source_dest_check: bool = True
    requester: str | None = None
    attachment: Attachment | None = None
    client_token: str = ""
    tags: dict[str, str] = {}
    created_at: datetime

    @property
    def status(self) -> str:
        return "available" if self.attachment is None else "in-use"

    @property
    def group_ids(self) -> tuple[str, ...]:
        return tuple(arn.rpartition("/")[2] for arn in self.group_arns)
