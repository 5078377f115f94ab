"""What the nouns of EC2 have in common: tags, filters, pages, dry runs, places."""

from typing import Any

import pytest

from inprocess import ACCOUNT, Plane, refused


def spec(noun: str, **tags: str) -> list[dict[str, Any]]:
    return [{"ResourceType": noun, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}]


def tags(ec2: Any, identity: str) -> dict[str, str]:
    answer = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [identity]}])
    return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}


def test_tags_are_given_at_creation_added_and_taken_away(ec2: Any, made: dict[str, str]) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.5.0.0/16", TagSpecifications=spec("vpc", Name="one", team="a"))["Vpc"]
    assert {tag["Key"] for tag in vpc["Tags"]} == {"Name", "team"}
    resources = [
        vpc["VpcId"],
        *(made[word] for word in ("subnet", "sg", "sgr", "eni", "rtb", "igw", "nat", "eipalloc")),
    ]
    ec2.create_tags(Resources=resources, Tags=[{"Key": "Name", "Value": "two"}, {"Key": "empty", "Value": ""}])
    assert tags(ec2, vpc["VpcId"]) == {"Name": "two", "team": "a", "empty": ""}
    shown = ec2.describe_tags(Filters=[{"Name": "tag:Name", "Values": ["t*"]}])["Tags"]
    assert {tag["ResourceId"] for tag in shown} == set(resources)
    assert {tag["ResourceType"] for tag in shown} == {
        "vpc", "subnet", "security-group", "security-group-rule", "network-interface", "route-table",
        "internet-gateway", "natgateway", "elastic-ip",
    }  # fmt: skip
    ec2.delete_tags(Resources=[vpc["VpcId"]], Tags=[{"Key": "Name", "Value": "other"}, {"Key": "empty", "Value": ""}])
    assert tags(ec2, vpc["VpcId"]) == {"Name": "two", "team": "a"}
    ec2.delete_tags(Resources=[vpc["VpcId"]], Tags=[{"Key": "team"}])
    ec2.delete_tags(Resources=resources)
    assert ec2.describe_tags()["Tags"] == []


def test_the_default_network_can_be_tagged(ec2: Any) -> None:
    [vpc] = ec2.describe_vpcs()["Vpcs"]
    ec2.create_tags(Resources=[vpc["VpcId"]], Tags=[{"Key": "Name", "Value": "default"}])
    [tagged] = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["default"]}])["Vpcs"]
    assert tagged == {**vpc, "Tags": [{"Key": "Name", "Value": "default"}]}


@pytest.mark.parametrize(
    ("given", "code", "sentence"),
    [
        ([{"Key": "aws:x", "Value": ""}], "InvalidParameterValue",
         "Tag keys starting with 'aws:' are reserved for internal use"),
        ([{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}], "InvalidParameterValue",
         "Duplicate tag key 'a' specified."),
        ([{"Key": "a" * 128, "Value": "1"}], "InvalidParameterValue",
         "Tag key exceeds the maximum length of 127 characters"),
        ([{"Key": "a", "Value": "x" * 256}], "InvalidParameterValue",
         "Tag value exceeds the maximum length of 255 characters"),
        ([{"Key": str(n), "Value": ""} for n in range(51)], "TagLimitExceeded",
         "The maximum number of Tags for a resource has been reached."),
    ],
)  # fmt: skip
def test_what_no_tag_can_be(ec2: Any, given: list[dict[str, str]], code: str, sentence: str) -> None:
    [vpc] = ec2.describe_vpcs()["Vpcs"]
    with refused(code, sentence):
        ec2.create_tags(Resources=[vpc["VpcId"]], Tags=given)


def test_tags_of_what_is_not_there_or_is_something_else(ec2: Any) -> None:
    with refused("InvalidSubnetID.NotFound"):
        ec2.create_tags(Resources=["subnet-1"], Tags=[{"Key": "a", "Value": ""}])
    with refused("InvalidID", "The ID 'x-1' is not valid"):
        ec2.create_tags(Resources=["x-1"], Tags=[{"Key": "a", "Value": ""}])
    with refused("InvalidParameterValue", "'subnet' is not a valid taggable resource type for this operation."):
        ec2.create_vpc(CidrBlock="10.5.0.0/16", TagSpecifications=spec("subnet", a="1"))
    with refused("InvalidParameterValue", "Tag specification must have at least one tag"):
        ec2.create_vpc(CidrBlock="10.5.0.0/16", TagSpecifications=spec("vpc"))


@pytest.mark.parametrize(
    ("name", "values", "found"),
    [
        ("cidr", ["10.0.*"], 1),
        ("cidr", ["10.?.0.0/16", "172.31.0.0/16"], 2),
        ("cidr", [r"10.\*.0.0/16"], 0),
        ("isDefault", ["true"], 1),
        ("is-default", ["false"], 1),
        ("state", ["available"], 2),
        ("state", ["Available"], 0),
        ("owner-id", [ACCOUNT], 2),
        ("tag-key", ["*"], 0),
    ],
)
def test_filters(ec2: Any, made: dict[str, str], name: str, values: list[str], found: int) -> None:
    assert len(ec2.describe_vpcs(Filters=[{"Name": name, "Values": values}])["Vpcs"]) == found


def test_what_no_filter_can_be(ec2: Any) -> None:
    with refused("InvalidParameterValue", "The filter 'color' is invalid"):
        ec2.describe_vpcs(Filters=[{"Name": "color", "Values": ["red"]}])
    with refused("FilterLimitExceeded"):
        ec2.describe_vpcs(Filters=[{"Name": "cidr", "Values": [str(n) for n in range(201)]}])
    with refused("MissingParameter"):
        ec2.describe_vpcs(Filters=[{"Name": "cidr"}])


def test_pages_lead_through_everything_once(ec2: Any) -> None:
    for number in range(12):
        ec2.create_security_group(GroupName=f"g{number}", Description="x")
    pages = list(ec2.get_paginator("describe_security_groups").paginate(PaginationConfig={"PageSize": 5}))
    assert [len(page["SecurityGroups"]) for page in pages] == [5, 5, 3]
    assert len({group["GroupId"] for page in pages for group in page["SecurityGroups"]}) == 13
    with refused("InvalidPaginationToken"):
        ec2.describe_security_groups(MaxResults=5, NextToken="%")
    with refused(
        "InvalidParameterValue", "Value ( 4 ) for parameter maxResults is invalid. Expecting a value greater than 5."
    ):
        ec2.describe_security_groups(MaxResults=4)
    with refused("InvalidParameterCombination", "The parameter groupIds cannot be used with the parameter maxResults"):
        ec2.describe_security_groups(MaxResults=5, GroupIds=["sg-1"])


def test_a_dry_run_says_that_it_would_have_worked_and_leaves_nothing(plane: Plane, ec2: Any) -> None:
    told = "Request would have succeeded, but DryRun flag is set."
    with refused("DryRunOperation", told) as answer:
        ec2.create_vpc(CidrBlock="10.5.0.0/16", DryRun=True)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 412
    with refused("DryRunOperation", told):
        ec2.describe_vpcs(DryRun=True)
    with refused("InvalidVpc.Range"):
        ec2.create_vpc(CidrBlock="10.0.0.0/8", DryRun=True)
    assert len(ec2.describe_vpcs()["Vpcs"]) == 1


def test_places(ec2: Any) -> None:
    regions = ec2.describe_regions()["Regions"]
    assert {"RegionName": "eu-west-1", "Endpoint": "ec2.eu-west-1.amazonaws.com",
            "OptInStatus": "opt-in-not-required"} in regions  # fmt: skip
    [zone] = ec2.describe_availability_zones(ZoneIds=["use1-az2"])["AvailabilityZones"]
    assert (zone["ZoneName"], zone["State"], zone["ZoneType"]) == ("us-east-1b", "available", "availability-zone")
    with refused("InvalidParameterValue", "Invalid availability zones: [us-east-1z]"):
        ec2.describe_availability_zones(ZoneNames=["us-east-1z"])
    with refused("InvalidParameterValue", "Invalid region names: [mars-1]"):
        ec2.describe_regions(RegionNames=["mars-1"])
    [attribute] = ec2.describe_account_attributes(AttributeNames=["default-vpc"])["AccountAttributes"]
    assert attribute["AttributeValues"] == [{"AttributeValue": ec2.describe_vpcs()["Vpcs"][0]["VpcId"]}]


def test_what_there_is_none_of_is_shown_empty(ec2: Any) -> None:
    assert ec2.describe_vpc_endpoints()["VpcEndpoints"] == []
    assert ec2.describe_managed_prefix_lists()["PrefixLists"] == ec2.describe_prefix_lists()["PrefixLists"] == []
    with refused("InvalidPrefixListID.NotFound", "The prefix list ID 'pl-1' does not exist"):
        ec2.describe_prefix_lists(PrefixListIds=["pl-1"])
    [options] = ec2.describe_dhcp_options()["DhcpOptions"]
    assert options["DhcpOptionsId"] == ec2.describe_vpcs()["Vpcs"][0]["DhcpOptionsId"]
