"""Security groups, their rules, and who is in them."""

from podium.store.records import record


@record(table="ec2_security_groups", indexes=("home", "vpc_arn"))
class SecurityGroup:
    arn: str
    home: str
    id: str
    vpc_arn: str
    vpc_id: str
    name: str
    description: str
    tags: dict[str, str] = {}

    @property
    def is_default(self) -> bool:
        return self.name == "default"


@record(table="ec2_security_group_rules", indexes=("home", "group_arn", "peer_arn"))
class SecurityGroupRule:
    """One peer and one range of ports. The peer is `cidr`, `cidr6`, or the group `peer_arn`: exactly one.

    `protocol` is tcp, udp, icmp, icmpv6, a number, or -1 for all. Ports are None where the protocol has none; for
    ICMP they are type and code, and -1 means every one.
    """

    arn: str
    home: str
    id: str
    group_arn: str
    group_id: str
    egress: bool
    protocol: str
    from_port: int | None = None
    to_port: int | None = None
    cidr: str | None = None
    cidr6: str | None = None
    peer_arn: str | None = None
    description: str | None = None
    tags: dict[str, str] = {}

    @property
    def same(self) -> tuple[object, ...]:
        """What no two rules of a group may have in common."""
        return self.egress, self.protocol, self.from_port, self.to_port, self.cidr, self.cidr6, self.peer_arn


@record(table="ec2_members", indexes=("group_arn",))
class Member:
    """An interface in a security group. `arn` is the group's ARN, a slash and the interface's id."""

    arn: str
    group_arn: str
    interface_arn: str
    address: str
