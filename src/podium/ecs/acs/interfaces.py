"""Network interfaces and their security groups, as an instance needs to hear of them."""

from collections.abc import Iterable

from podium import ec2
from podium.ecs.records import Stranger, Task
from podium.store.session import Change, Transaction
from podium_protocol import acs
from podium_protocol import payload as wire


def announced(tx: Transaction, task: Task, payload: wire.Task) -> wire.Task:
    """The payload with the task's network interface, if it has one."""
    interface = ec2.find_interface(tx, task.home, task.interface_id) if task.interface_id else None
    if interface is None:
        return payload
    subnet = ec2.find_subnet(tx, task.home, interface.subnet_id)
    vpc = ec2.find_vpc(tx, task.home, interface.vpc_id)
    assert subnet is not None, f"{interface.id} is in a subnet that was deleted"
    assert vpc is not None, f"{interface.id} is in a VPC that was deleted"
    told: wire.ElasticNetworkInterface = {
        "name": "eth0",
        "index": 0,
        "macAddress": interface.mac_address,
        "attachmentArn": interface.description,
        "ec2Id": interface.id,
        "interfaceAssociationProtocol": "default",
        "ipv4Addresses": [{"privateAddress": interface.address, "primary": True}],
        "privateDnsName": interface.private_dns_name,
        "subnetGatewayIpv4Address": f"{subnet.gateway}/{subnet.network.prefixlen}",
        "securityGroupIds": list(interface.group_ids),
        "vpcCidrs": list(vpc.cidrs),
    }
    return {**payload, "elasticNetworkInterfaces": [told]}


def groups_on(tx: Transaction, instance_arn: str) -> tuple[acs.SecurityGroup, ...]:
    """The security groups of every network interface that tasks of the instance have, in a fixed order."""
    wanted: dict[str, set[str]] = {}
    tasks: list[Task | Stranger] = [
        *tx.list(Task, container_instance_arn=instance_arn),
        *tx.list(Stranger, container_instance_arn=instance_arn),
    ]
    for task in tasks:
        interface = ec2.find_interface(tx, task.home, task.interface_id) if task.interface_id else None
        if interface is not None:
            wanted.setdefault(task.home, set()).update(interface.group_ids)
    return tuple(_group(rules) for home, ids in sorted(wanted.items()) for rules in ec2.firewall(tx, home, sorted(ids)))


def _group(rules: ec2.GroupRules) -> acs.SecurityGroup:
    ingress, egress = ([_rule(p) for p in permissions] for permissions in (rules.ingress, rules.egress))
    return {"groupId": rules.group_id, "ingress": ingress, "egress": egress}


def _rule(permission: ec2.Permission) -> acs.SecurityGroupRule:
    rule: acs.SecurityGroupRule = {
        "protocol": permission.protocol,
        "cidrs": [*permission.cidrs, *(f"{address}/32" for address in permission.addresses)],
    }
    if permission.from_port is not None and permission.to_port is not None:
        rule |= {"fromPort": permission.from_port, "toPort": permission.to_port}
    return rule


def instances_of(tx: Transaction, changes: Iterable[Change]) -> set[str]:
    """Container instances with interfaces in a group whose rules or members changed, or in one that names it."""
    groups: dict[str, set[str]] = {}
    for change in changes:
        if isinstance(change.record, ec2.Member | ec2.SecurityGroupRule):
            home, _, identity = change.record.group_arn.rpartition("/")
            groups.setdefault(_home(home), set()).add(identity)
    found: set[str] = set()
    for home, ids in groups.items():
        for interface in ec2.members_of(tx, home, ec2.affected(tx, home, ids)):
            found.update(t.container_instance_arn or "" for t in tx.list(Task, interface_id=interface))
            found.update(s.container_instance_arn for s in tx.list(Stranger, interface_id=interface))
    return found


def _home(arn: str) -> str:
    _, partition, _, region, account, _ = arn.split(":", 5)
    return f"{partition}:{region}:{account}"
