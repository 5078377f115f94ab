"""Load balancers: where they are, what they are called, and how they go."""

from typing import Any

import pytest

from elbv2.balancing import ELB, GROUP, HOME, SUBNETS, VPC, Balancing, forward
from inprocess import Plane, refused
from podium import elbv2
from podium.ec2.records import NetworkInterface
from podium.elbv2.records import LoadBalancer, Pool


def interfaces(plane: Plane) -> list[NetworkInterface]:
    return [held for held in plane.records(NetworkInterface) if held.requester == "amazon-elb"]


def test_an_application_load_balancer_is_shown_as_aws_does(elb: Balancing) -> None:
    made = elb.balancer(Tags=[{"Key": "team", "Value": "web"}])
    identity = made["LoadBalancerArn"].rpartition("/")[2]
    assert made["LoadBalancerArn"] == f"{ELB}:loadbalancer/app/web/{identity}"
    assert made["DNSName"].startswith("web-")
    assert made["DNSName"].endswith(".us-east-1.elb.amazonaws.com")
    assert made["State"] == {"Code": "provisioning"}
    assert (made["Type"], made["Scheme"], made["VpcId"]) == ("application", "internet-facing", VPC)
    assert (made["SecurityGroups"], made["IpAddressType"]) == ([GROUP], "ipv4")
    assert [zone["SubnetId"] for zone in made["AvailabilityZones"]] == SUBNETS


def test_it_is_active_once_a_controller_found_it_ready(elb: Balancing) -> None:
    elb.balancer()
    elb.plane.run()
    [found] = elb.describe_load_balancers(Names=["web"])["LoadBalancers"]
    assert found["State"] == {"Code": "active"}


def test_it_has_an_interface_in_each_subnet_and_gives_it_back(elb: Balancing) -> None:
    made = elb.balancer()
    identity = made["LoadBalancerArn"].partition(":loadbalancer/")[2]
    found = interfaces(elb.plane)
    assert [(held.subnet_id, held.description, held.status) for held in found] == [
        (subnet, f"ELB {identity}", "in-use") for subnet in SUBNETS
    ]
    elb.delete_load_balancer(LoadBalancerArn=made["LoadBalancerArn"])
    assert interfaces(elb.plane) == []
    assert elb.plane.record(Pool, HOME).held == {}


def test_an_internet_facing_one_has_the_lowest_free_addresses(elb: Balancing) -> None:
    first = elb.arn("one")
    elb.arn("inner", Scheme="internal")
    elb.arn("two")
    public = {held.name: [zone.public_address for zone in held.zones] for held in elb.plane.records(LoadBalancer)}
    assert public == {
        "one": ["127.0.64.1", "127.0.64.2"],
        "inner": [None, None],
        "two": ["127.0.64.3", "127.0.64.4"],
    }
    elb.delete_load_balancer(LoadBalancerArn=first)
    elb.network("three", Subnets=SUBNETS[:1])
    assert [zone.public_address for held in elb.plane.records(LoadBalancer) for zone in held.zones][-1] == "127.0.64.1"


def test_a_range_that_is_used_up_is_a_clear_refusal(elb: Balancing) -> None:
    elb.plane.write(lambda tx: elbv2.settle_pool(tx, HOME, "127.0.9.0/30"))
    elb.balancer("one")
    with refused("InvalidConfigurationRequest") as answer:
        elb.balancer("two")
    assert answer["Error"]["Message"].startswith("No address of 127.0.9.0/30 is free")
    assert len(interfaces(elb.plane)) == 2


def test_regions_share_no_address(elb: Balancing) -> None:
    elb.balancer()
    ec2 = elb.plane.client("ec2", region="eu-west-1")
    subnets = [held["SubnetId"] for held in ec2.describe_subnets()["Subnets"]][:2]
    elb.plane.client("elbv2", region="eu-west-1").create_load_balancer(Name="web", Subnets=subnets)
    found = [zone.public_address for held in elb.plane.records(LoadBalancer) for zone in held.zones]
    assert found == [f"127.0.64.{n}" for n in (1, 2, 3, 4)]
    assert len(elb.describe_load_balancers()["LoadBalancers"]) == 1


def test_creating_it_again_returns_it_when_its_settings_are_the_same(elb: Balancing) -> None:
    arn = elb.arn()
    assert elb.arn(Subnets=SUBNETS[::-1]) == arn
    sentence = "A load balancer with the same name 'web' exists, but with different settings"
    for other in ({"Scheme": "internal"}, {"Type": "network"}, {"Tags": [{"Key": "a", "Value": "1"}]}):
        with refused("DuplicateLoadBalancerName", sentence):
            elb.balancer(**other)


@pytest.mark.parametrize(
    ("code", "members"),
    [
        ("ValidationError", {"Name": "internal-web"}),
        ("ValidationError", {"Name": "-web"}),
        ("ValidationError", {"Name": "web_1"}),
        ("ValidationError", {"Name": "w" * 33}),
        ("ValidationError", {"Subnets": SUBNETS[:1]}),
        ("ValidationError", {"Subnets": []}),
        ("ValidationError", {"SubnetMappings": [{"SubnetId": SUBNETS[0]}]}),
        ("ValidationError", {"Type": "classic"}),
        ("SubnetNotFound", {"Subnets": [SUBNETS[0], "subnet-0123456789abcdef0"]}),
        ("InvalidSecurityGroup", {"SecurityGroups": ["sg-0123456789abcdef0"]}),
        ("InvalidConfigurationRequest", {"Type": "gateway"}),
        ("InvalidConfigurationRequest", {"IpAddressType": "dualstack"}),
        ("InvalidConfigurationRequest", {"IpamPools": {"Ipv4IpamPoolId": "ipam-pool-1"}}),
        ("DuplicateTagKeys", {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}),
    ],
)
def test_what_cannot_be_is_refused(elb: Balancing, code: str, members: dict[str, Any]) -> None:
    with refused(code):
        elb.balancer(**members)
    assert interfaces(elb.plane) == []


def test_two_zones_of_one_network_are_asked_for_in_awss_words(elb: Balancing) -> None:
    with refused("ValidationError", "At least two subnets in two different Availability Zones must be specified"):
        elb.balancer(Subnets=SUBNETS[:1])
    ec2 = elb.plane.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    made = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"][
            "SubnetId"
        ]
        for n, zone in enumerate("aab")
    ]
    with refused(
        "InvalidConfigurationRequest",
        "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
    ):
        elb.balancer(Subnets=made)
    with refused("InvalidConfigurationRequest", "All subnets must belong to the same VPC"):
        elb.balancer(Subnets=[SUBNETS[0], made[2]])
    with refused("InvalidSubnet", f"VPC {vpc} has no internet gateway"):
        elb.balancer(Subnets=made[1:])
    elb.balancer(Subnets=made[1:], Scheme="internal")
    with refused("InvalidConfigurationRequest", "One or more security groups are invalid"):
        elb.balancer("other", Subnets=made[1:], Scheme="internal", SecurityGroups=[GROUP])


def test_a_network_load_balancer_needs_one_zone_and_no_security_group(elb: Balancing) -> None:
    made = elb.balancer("net", Type="network", Subnets=SUBNETS[:1])
    assert "SecurityGroups" not in made
    identity = made["LoadBalancerArn"].rpartition("/")[2]
    assert made["DNSName"] == f"net-{identity}.elb.us-east-1.amazonaws.com"
    with refused("InvalidConfigurationRequest"):
        elb.set_security_groups(LoadBalancerArn=made["LoadBalancerArn"], SecurityGroups=[GROUP])


def test_a_network_load_balancer_may_be_given_addresses(elb: Balancing) -> None:
    mapping = [{"SubnetId": SUBNETS[0], "PrivateIPv4Address": "172.31.0.77"}]
    inner = elb.balancer("inner", Type="network", Scheme="internal", SubnetMappings=mapping)
    [zone] = inner["AvailabilityZones"]
    assert zone["LoadBalancerAddresses"] == [{"PrivateIPv4Address": "172.31.0.77"}]
    elastic = elb.plane.client("ec2").allocate_address(Domain="vpc")
    mapping = [{"SubnetId": SUBNETS[0], "AllocationId": elastic["AllocationId"]}]
    outer = elb.balancer("outer", Type="network", SubnetMappings=mapping)
    [zone] = outer["AvailabilityZones"]
    shown = {"IpAddress": elastic["PublicIp"], "AllocationId": elastic["AllocationId"]}
    assert zone["LoadBalancerAddresses"] == [shown]
    [kept] = [held.zones[0] for held in elb.plane.records(LoadBalancer) if held.name == "outer"]
    assert kept.public_address == "127.0.64.1"
    ec2, identity = elb.plane.client("ec2"), elastic["AllocationId"]
    [address] = ec2.describe_addresses(AllocationIds=[identity])["Addresses"]
    assert (address["NetworkInterfaceId"], address["PrivateIpAddress"]) == (kept.interface_id, kept.address)
    with refused("InvalidIPAddress.InUse"):
        ec2.release_address(AllocationId=identity)
    with refused("ResourceInUse"):
        elb.balancer("third", Type="network", SubnetMappings=mapping)
    with refused("AllocationIdNotFound"):
        missing = [{"SubnetId": SUBNETS[0], "AllocationId": "eipalloc-0123456789abcdef0"}]
        elb.balancer("third", Type="network", SubnetMappings=missing)
    elb.delete_load_balancer(LoadBalancerArn=outer["LoadBalancerArn"])
    ec2.release_address(AllocationId=identity)


def test_subnets_are_exchanged_and_kept_where_they_stay(elb: Balancing) -> None:
    arn = elb.arn()
    third = elb.plane.client("ec2").describe_subnets(Filters=[{"Name": "availability-zone", "Values": ["us-east-1c"]}])
    other = third["Subnets"][0]["SubnetId"]
    kept = elb.plane.record(LoadBalancer, arn).zones[1]
    answer = elb.set_subnets(LoadBalancerArn=arn, Subnets=[SUBNETS[1], other])
    assert [zone["SubnetId"] for zone in answer["AvailabilityZones"]] == [SUBNETS[1], other]
    after = elb.plane.record(LoadBalancer, arn).zones
    assert (after[0], after[1].public_address) == (kept, "127.0.64.1")
    assert {held.subnet_id for held in interfaces(elb.plane)} == {SUBNETS[1], other}
    with refused("ValidationError"):
        elb.set_subnets(LoadBalancerArn=arn, Subnets=[other])


def test_security_groups_are_exchanged_on_its_interfaces_too(elb: Balancing) -> None:
    ec2, arn = elb.plane.client("ec2"), elb.arn()
    group = ec2.create_security_group(GroupName="door", Description="x", VpcId=VPC)["GroupId"]
    answer = elb.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[group])
    assert answer["SecurityGroupIds"] == [group]
    assert {held.group_ids for held in interfaces(elb.plane)} == {(group,)}
    with refused("DependencyViolation"):
        ec2.delete_security_group(GroupId=group)


def test_a_network_load_balancer_may_have_security_groups_from_the_start(elb: Balancing) -> None:
    made, member = elb.network(SecurityGroups=[GROUP]), "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"
    assert elb.describe_load_balancers(LoadBalancerArns=[made])["LoadBalancers"][0][member] == "on"
    answer = elb.set_security_groups(LoadBalancerArn=made, SecurityGroups=[GROUP], **{member: "off"})
    assert answer == {**answer, "SecurityGroupIds": [GROUP], member: "off"}
    assert elb.describe_load_balancers(LoadBalancerArns=[made])["LoadBalancers"][0][member] == "off"


def test_deletion_protection_holds(elb: Balancing) -> None:
    arn = elb.arn()
    protect = {"Key": "deletion_protection.enabled", "Value": "true"}
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[protect])
    sentence = f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
    with refused("OperationNotPermitted", sentence):
        elb.delete_load_balancer(LoadBalancerArn=arn)


def test_deleting_takes_listeners_and_rules_along_and_frees_target_groups(elb: Balancing) -> None:
    arn, group = elb.arn(), elb.group()
    listener = elb.listener(arn)
    elb.rule(listener, Actions=[forward(group)])
    with refused("ResourceInUse", f"Target group '{group}' is currently in use by a listener or a rule"):
        elb.delete_target_group(TargetGroupArn=group)
    elb.delete_load_balancer(LoadBalancerArn=arn)
    elb.delete_load_balancer(LoadBalancerArn=arn)  # once more is no error
    with refused("ListenerNotFound", "One or more listeners not found"):
        elb.describe_listeners(ListenerArns=[listener])
    assert elb.describe_target_groups(Names=["blue"])["TargetGroups"][0]["LoadBalancerArns"] == []
    elb.delete_target_group(TargetGroupArn=group)


def test_what_there_is_not_is_said_in_awss_words(elb: Balancing) -> None:
    gone = f"{ELB}:loadbalancer/app/gone/0123456789abcdef"
    with refused("LoadBalancerNotFound", "Load balancers '[gone]' not found"):
        elb.describe_load_balancers(Names=["gone"])
    with refused("LoadBalancerNotFound", "One or more load balancers not found"):
        elb.describe_load_balancers(LoadBalancerArns=[gone])
    with refused("LoadBalancerNotFound", f"Load balancer '{gone}' not found"):
        elb.describe_load_balancer_attributes(LoadBalancerArn=gone)
    with refused("ValidationError", "'web' is not a valid load balancer ARN"):
        elb.delete_load_balancer(LoadBalancerArn="web")


def test_pages_are_whole_and_in_order(elb: Balancing) -> None:
    for name in ("a", "b", "c"):
        elb.balancer(name)
        elb.plane.clock.time = elb.plane.clock.time.replace(second=elb.plane.clock.time.second + 1)
    pages = elb.get_paginator("describe_load_balancers").paginate(PaginationConfig={"PageSize": 2})
    assert [[held["LoadBalancerName"] for held in page["LoadBalancers"]] for page in pages] == [["a", "b"], ["c"]]
    with refused("ValidationError"):
        elb.describe_load_balancers(Marker="?")


def test_what_is_reserved_is_kept_and_shown(elb: Balancing) -> None:
    arn = elb.arn()
    assert elb.describe_capacity_reservation(LoadBalancerArn=arn)["CapacityReservationState"] == []
    elb.modify_capacity_reservation(LoadBalancerArn=arn, MinimumLoadBalancerCapacity={"CapacityUnits": 200})
    found = elb.describe_capacity_reservation(LoadBalancerArn=arn)
    assert found["MinimumLoadBalancerCapacity"] == {"CapacityUnits": 200}
    assert [state["EffectiveCapacityUnits"] for state in found["CapacityReservationState"]] == [100.0, 100.0]
    elb.modify_capacity_reservation(LoadBalancerArn=arn, ResetCapacityReservation=True)
    assert "MinimumLoadBalancerCapacity" not in elb.describe_capacity_reservation(LoadBalancerArn=arn)
    assert elb.set_ip_address_type(LoadBalancerArn=arn, IpAddressType="ipv4")["IpAddressType"] == "ipv4"
    assert elb.modify_ip_pools(LoadBalancerArn=arn, RemoveIpamPools=["ipv4"])["IpamPools"] == {}
    limits = {limit["Name"]: limit["Max"] for limit in elb.describe_account_limits()["Limits"]}
    assert limits["rules-per-application-load-balancer"] == "100"
