"""Security groups and their rules."""

from typing import Any

import pytest

from inprocess import ACCOUNT, refused

ALL = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


def permission(protocol: str = "tcp", first: int = 80, last: int = 80, **more: Any) -> dict[str, Any]:
    return {
        "IpProtocol": protocol,
        "FromPort": first,
        "ToPort": last,
        **(more or {"IpRanges": [{"CidrIp": "10.0.0.0/8"}]}),
    }


def rules(ec2: Any, group: str, egress: bool = False) -> list[dict[str, Any]]:
    shown = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    return [rule for rule in shown if rule["IsEgress"] is egress]


@pytest.fixture
def group(ec2: Any) -> str:
    return str(ec2.create_security_group(GroupName="app", Description="App")["GroupId"])


def test_a_new_group_lets_everything_out_and_nothing_in(ec2: Any, group: str) -> None:
    [shown] = ec2.describe_security_groups(GroupNames=["app"])["SecurityGroups"]
    assert shown["GroupId"] == group
    assert shown["SecurityGroupArn"] == f"arn:aws:ec2:us-east-1:{ACCOUNT}:security-group/{group}"
    assert shown["IpPermissions"] == []
    assert shown["IpPermissionsEgress"] == [{**ALL, "UserIdGroupPairs": [], "Ipv6Ranges": [], "PrefixListIds": []}]


def test_each_peer_of_a_permission_is_a_rule_and_rules_of_the_same_ports_are_one_permission(
    ec2: Any, group: str
) -> None:
    asked = permission(
        IpRanges=[{"CidrIp": "10.0.0.9/8", "Description": "inside"}, {"CidrIp": "192.168.0.0/16"}],
        Ipv6Ranges=[{"CidrIpv6": "2001:db8::/32"}],
        UserIdGroupPairs=[{"GroupId": group}],
    )
    tags = [{"ResourceType": "security-group-rule", "Tags": [{"Key": "a", "Value": "1"}]}]
    answer = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[asked], TagSpecifications=tags)
    peers = [(r.get("CidrIpv4"), r.get("CidrIpv6"), r.get("ReferencedGroupInfo")) for r in answer["SecurityGroupRules"]]
    assert peers == [
        ("10.0.0.0/8", None, None),
        ("192.168.0.0/16", None, None),
        (None, "2001:db8::/32", None),
        (None, None, {"GroupId": group, "UserId": ACCOUNT}),
    ]
    assert {r["Tags"][0]["Key"] for r in answer["SecurityGroupRules"]} == {"a"}
    [shown] = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    assert {r["CidrIp"] for r in shown["IpRanges"]} == {"10.0.0.0/8", "192.168.0.0/16"}
    assert shown["UserIdGroupPairs"] == [{"GroupId": group, "UserId": ACCOUNT}]


@pytest.mark.parametrize(
    ("flat", "shown"),
    [
        ({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "10.0.0.0/8"}, ("tcp", 22, 22, "10.0.0.0/8")),
        ({"IpProtocol": "6", "FromPort": 22, "ToPort": 23, "CidrIp": "10.0.0.0/8"}, ("tcp", 22, 23, "10.0.0.0/8")),
        ({"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "CidrIp": "10.0.0.0/8"}, ("icmp", 8, -1, "10.0.0.0/8")),
        ({"IpProtocol": "-1", "FromPort": 1, "ToPort": 2, "CidrIp": "10.0.0.0/8"}, ("-1", -1, -1, "10.0.0.0/8")),
        ({"IpProtocol": "50", "CidrIp": "10.0.0.0/8"}, ("50", -1, -1, "10.0.0.0/8")),
    ],
)
def test_a_rule_may_be_written_flat(ec2: Any, group: str, flat: dict[str, Any], shown: tuple[Any, ...]) -> None:
    [rule] = ec2.authorize_security_group_ingress(GroupId=group, **flat)["SecurityGroupRules"]
    assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"], rule["CidrIpv4"]) == shown


PORTS = "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."


@pytest.mark.parametrize(
    ("asked", "code", "sentence"),
    [
        ({"IpProtocol": "tcp", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}, "InvalidParameterValue", PORTS),
        (permission(first=2, last=1), "InvalidParameterValue", "Invalid TCP port range (2,1)"),
        (permission(last=70000), "InvalidParameterValue", "Invalid TCP port range (80,70000)"),
        (permission("gre"), "InvalidParameterValue", "Invalid value 'gre' for IP protocol. Unknown protocol."),
        (permission(IpRanges=[{"CidrIp": "10.0.0.1"}]), "InvalidParameterValue", "CIDR block 10.0.0.1 is malformed"),
        (permission(UserIdGroupPairs=[{"GroupId": "sg-0"}]), "InvalidGroup.NotFound",
         "The security group 'sg-0' does not exist"),
        (permission(PrefixListIds=[{"PrefixListId": "pl-1"}]), "InvalidPrefixListID.NotFound",
         "The prefix list ID 'pl-1' does not exist"),
        (permission(IpRanges=[{"CidrIp": "10.0.0.0/8"}] * 2), "InvalidParameterValue",
         "The same permission must not appear multiple times"),
        (permission(IpRanges=[]), "MissingParameter", None),
        ({"FromPort": 1}, "MissingParameter", "The request must contain the parameter ipProtocol"),
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused(
    ec2: Any, group: str, asked: dict[str, Any], code: str, sentence: str | None
) -> None:
    with refused(code, sentence):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[asked])


def test_a_rule_is_there_once(ec2: Any, group: str) -> None:
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission()])
    told = 'the specified rule "peer: 10.0.0.0/8, TCP, from port: 80, to port: 80, ALLOW" already exists'
    with refused("InvalidPermission.Duplicate", told):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission(last=81), permission()])
    assert len(rules(ec2, group)) == 1, "all or none"
    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[permission()])
    with refused("InvalidPermission.Duplicate", 'the specified rule "peer: 0.0.0.0/0, ALL, ALLOW" already exists'):
        ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[ALL])


def test_a_group_has_sixty_rules_at_most_each_way(ec2: Any, group: str) -> None:
    ranges = [{"CidrIp": f"10.0.{n}.0/24"} for n in range(61)]
    with refused("RulesPerSecurityGroupLimitExceeded"):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission(IpRanges=ranges)])
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission(IpRanges=ranges[:60])])


def test_rules_are_revoked_by_what_they_say_or_by_their_ids(ec2: Any, group: str) -> None:
    described = permission(IpRanges=[{"CidrIp": "10.0.0.0/8", "Description": "x"}])
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[described, permission(last=90)])
    answer = ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[permission()])
    [gone] = answer["RevokedSecurityGroupRules"]
    assert (gone["CidrIpv4"], gone["Description"], gone["ToPort"]) == ("10.0.0.0/8", "x", 80)
    with refused("InvalidPermission.NotFound", "The specified rule does not exist in this security group."):
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[permission()])
    [left] = rules(ec2, group)
    identity = left["SecurityGroupRuleId"]
    with refused("InvalidSecurityGroupRuleId.NotFound", f"The security group rule ID '{identity}' does not exist"):
        ec2.revoke_security_group_egress(GroupId=group, SecurityGroupRuleIds=[identity])
    ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[identity])
    assert rules(ec2, group) == []


def test_a_rule_is_changed_under_its_id(ec2: Any, group: str) -> None:
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission()])
    [before] = rules(ec2, group)
    changed = {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "ReferencedGroupId": group, "Description": "dns"}
    update = {"SecurityGroupRuleId": before["SecurityGroupRuleId"], "SecurityGroupRule": changed}
    ec2.modify_security_group_rules(GroupId=group, SecurityGroupRules=[update])
    [after] = rules(ec2, group)
    assert after["SecurityGroupRuleId"] == before["SecurityGroupRuleId"]
    assert (after["IpProtocol"], after["ReferencedGroupInfo"]["GroupId"], after.get("CidrIpv4")) == ("udp", group, None)


def test_descriptions_are_changed_by_what_the_rule_says_or_by_its_id(ec2: Any, group: str) -> None:
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission()])
    asked = permission(IpRanges=[{"CidrIp": "10.0.0.0/8", "Description": "one"}])
    ec2.update_security_group_rule_descriptions_ingress(GroupId=group, IpPermissions=[asked])
    assert rules(ec2, group)[0]["Description"] == "one"
    [rule] = rules(ec2, group, egress=True)
    ec2.update_security_group_rule_descriptions_egress(
        GroupId=group,
        SecurityGroupRuleDescriptions=[{"SecurityGroupRuleId": rule["SecurityGroupRuleId"], "Description": "two"}],
    )
    assert rules(ec2, group, egress=True)[0]["Description"] == "two"


def test_names_are_taken_reserved_or_no_names(ec2: Any, group: str) -> None:
    [vpc] = ec2.describe_vpcs()["Vpcs"]
    taken = f"The security group 'app' already exists for VPC '{vpc['VpcId']}'"
    for name, code, sentence in (
        ("app", "InvalidGroup.Duplicate", taken),
        ("default", "InvalidGroup.Reserved", None),
        ("sg-app", "InvalidParameterValue", None),
        ("größe", "InvalidParameterValue", None),
    ):
        with refused(code, sentence):
            ec2.create_security_group(GroupName=name, Description="x")
    with refused("InvalidParameterValue"):
        ec2.create_security_group(GroupName="other", Description="größe")


def test_a_group_that_is_needed_is_not_deleted(ec2: Any, made: dict[str, str], group: str) -> None:
    default = made["default-sg"]
    with refused("CannotDelete", f'the specified group: "{default}" name: "default" cannot be deleted by a user'):
        ec2.delete_security_group(GroupId=default)
    with refused("DependencyViolation", f"resource {made['sg']} has a dependent object"):
        ec2.delete_security_group(GroupId=made["sg"])  # an interface is in it
    other = ec2.create_security_group(GroupName="other", Description="x")["GroupId"]
    for way in (ec2.authorize_security_group_ingress, ec2.authorize_security_group_egress):
        way(GroupId=other, IpPermissions=[permission(UserIdGroupPairs=[{"GroupId": group}])])
    with refused("DependencyViolation"):
        ec2.delete_security_group(GroupName="app")  # another's rules name it
    ec2.delete_security_group(GroupId=other)
    ec2.delete_security_group(GroupName="app")
    with refused("InvalidGroup.NotFound", f"The security group '{group}' does not exist"):
        ec2.describe_security_groups(GroupIds=[group])


def test_a_rule_names_groups_of_its_own_vpc_alone(ec2: Any, made: dict[str, str], group: str) -> None:
    with refused("InvalidGroup.NotFound", "You have specified two resources that belong to different networks."):
        ec2.authorize_security_group_ingress(
            GroupId=group, IpPermissions=[permission(UserIdGroupPairs=[{"GroupId": made["sg"]}])]
        )


def test_groups_are_found_by_what_their_rules_say(ec2: Any, made: dict[str, str], group: str) -> None:
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[permission(first=5432, last=5432, UserIdGroupPairs=[{"GroupId": group}])]
    )

    def found(name: str, *values: str) -> list[str]:
        answer = ec2.describe_security_groups(Filters=[{"Name": name, "Values": list(values)}])
        return sorted(g["GroupName"] for g in answer["SecurityGroups"])

    assert found("ip-permission.cidr", "0.0.0.0/0") == ["web"]
    assert found("ip-permission.from-port", "5432") == ["app"]
    assert found("ip-permission.group-name", "app") == ["app"]
    assert found("egress.ip-permission.protocol", "-1") == ["app", "default", "default", "web"]
    assert found("group-name", "w?b", "ap*") == ["app", "web"]
