"""Namespaces, and the operations that make and change them."""

import re
from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane, refused
from servicediscovery.conftest import A, made

HOME = f"arn:aws:servicediscovery:{REGION}:{ACCOUNT}"


def test_a_private_namespace_is_shown_as_it_was_made(plane: Plane, cloudmap: Any, vpc: str) -> None:
    soa = {"DnsProperties": {"SOA": {"TTL": 60}}}
    answer = cloudmap.create_private_dns_namespace(
        Name="prod.local", Vpc=vpc, Description="ours", CreatorRequestId="once", Properties=soa
    )
    done = cloudmap.get_operation(OperationId=answer["OperationId"])["Operation"]
    assert (done["Type"], done["Status"], done["OwnerAccount"]) == ("CREATE_NAMESPACE", "SUCCESS", ACCOUNT)
    shown = cloudmap.get_namespace(Id=done["Targets"]["NAMESPACE"])["Namespace"]
    zone = shown["Properties"]["DnsProperties"].pop("HostedZoneId")
    assert re.fullmatch("ns-[a-z0-9]{16}", shown["Id"])
    assert re.fullmatch("Z[A-Z0-9]+", zone)
    assert shown == {
        "Id": shown["Id"],
        "Arn": f"{HOME}:namespace/{shown['Id']}",
        "ResourceOwner": ACCOUNT,
        "Name": "prod.local",
        "Type": "DNS_PRIVATE",
        "Description": "ours",
        "ServiceCount": 0,
        "Properties": {"DnsProperties": {"SOA": {"TTL": 60}}, "HttpProperties": {"HttpName": "prod.local"}},
        "CreateDate": plane.clock.now(),
        "CreatorRequestId": "once",
    }
    assert cloudmap.get_namespace(Id=shown["Arn"])["Namespace"]["Id"] == shown["Id"]


def test_an_http_namespace_has_no_zone(cloudmap: Any, http: str) -> None:
    shown = cloudmap.get_namespace(Id=http)["Namespace"]
    assert (shown["Type"], shown["Properties"]) == ("HTTP", {"HttpProperties": {"HttpName": "apps"}})


def test_a_private_namespace_is_of_a_network_that_exists(cloudmap: Any) -> None:
    with refused("InvalidInput", "The VPC vpc-0000 in region us-east-1 does not exist."):
        cloudmap.create_private_dns_namespace(Name="local", Vpc="vpc-0000")


@pytest.mark.parametrize("name", ["a..b", ".a", "a.", "x" * 64])
def test_what_dns_cannot_carry_is_no_private_namespace(cloudmap: Any, vpc: str, name: str) -> None:
    with refused("InvalidInput", f"{name} is not a valid domain name."):
        cloudmap.create_private_dns_namespace(Name=name, Vpc=vpc)


def test_a_name_is_one_namespaces_and_its_creator_may_ask_again(cloudmap: Any) -> None:
    first = cloudmap.create_http_namespace(Name="apps", CreatorRequestId="once")
    again = cloudmap.create_http_namespace(Name="apps", CreatorRequestId="once")
    assert first["OperationId"] == again["OperationId"]
    with refused("NamespaceAlreadyExists", "Namespace with name apps already exists") as error:
        cloudmap.create_http_namespace(Name="apps", CreatorRequestId="twice")
    assert (error["NamespaceId"], error["CreatorRequestId"]) == (made(cloudmap, first), "once")
    cloudmap.create_http_namespace(Name="APPS")


def test_domains_do_not_differ_by_case(cloudmap: Any, private: str, vpc: str) -> None:
    with refused("NamespaceAlreadyExists", "Namespace with name LOCAL already exists"):
        cloudmap.create_private_dns_namespace(Name="LOCAL", Vpc=vpc)


def test_each_kind_is_changed_by_its_own_operation(cloudmap: Any, private: str, public: str, http: str) -> None:
    ttl = {"Properties": {"DnsProperties": {"SOA": {"TTL": 7}}}}
    cloudmap.update_private_dns_namespace(Id=private, Namespace={"Description": "new", **ttl})
    cloudmap.update_public_dns_namespace(Id=public, Namespace=ttl)
    done = cloudmap.update_http_namespace(Id=http, Namespace={"Description": "new"})
    assert cloudmap.get_operation(OperationId=done["OperationId"])["Operation"]["Type"] == "UPDATE_NAMESPACE"
    shown = cloudmap.get_namespace(Id=private)["Namespace"]
    assert (shown["Description"], shown["Properties"]["DnsProperties"]["SOA"]) == ("new", {"TTL": 7})
    cloudmap.update_private_dns_namespace(Id=private, Namespace={"Description": ""})
    assert "Description" not in cloudmap.get_namespace(Id=private)["Namespace"]
    with refused("InvalidInput", f"Namespace {http} is of type HTTP, not DNS_PRIVATE."):
        cloudmap.update_private_dns_namespace(Id=http, Namespace={"Description": "x"})


def test_one_with_services_is_not_deleted(cloudmap: Any, private: str) -> None:
    service = cloudmap.create_service(Name="web", NamespaceId=private, DnsConfig=A)["Service"]
    assert cloudmap.get_namespace(Id=private)["Namespace"]["ServiceCount"] == 1
    with refused("ResourceInUse"):
        cloudmap.delete_namespace(Id=private)
    cloudmap.delete_service(Id=service["Id"])
    done = cloudmap.delete_namespace(Id=private)
    assert cloudmap.get_operation(OperationId=done["OperationId"])["Operation"]["Status"] == "SUCCESS"
    with refused("NamespaceNotFound", f"Namespace with ID {private} not found"):
        cloudmap.get_namespace(Id=private)


def test_lists_are_filtered_and_in_pages(cloudmap: Any, private: str, public: str, http: str) -> None:
    def listed(*filters: dict[str, Any], **asked: Any) -> set[str]:
        pages = cloudmap.get_paginator("list_namespaces").paginate(Filters=list(filters), **asked)
        return {n["Id"] for page in pages for n in page["Namespaces"]}

    assert listed(PaginationConfig={"PageSize": 1}) == {private, public, http}
    assert listed({"Name": "TYPE", "Values": ["HTTP"]}) == {http}
    assert listed({"Name": "TYPE", "Values": ["DNS"], "Condition": "BEGINS_WITH"}) == {private, public}
    assert listed({"Name": "TYPE", "Values": ["HTTP", "DNS_PUBLIC"], "Condition": "IN"}) == {http, public}
    assert listed({"Name": "NAME", "Values": ["local"]}, {"Name": "RESOURCE_OWNER", "Values": ["SELF"]}) == {private}
    assert listed({"Name": "HTTP_NAME", "Values": ["exam"], "Condition": "BEGINS_WITH"}) == {public}
    assert listed({"Name": "RESOURCE_OWNER", "Values": ["OTHER_ACCOUNTS"]}) == set()


@pytest.mark.parametrize(
    "spoiled",
    [
        {"Name": "COLOR", "Values": ["x"]},
        {"Name": "TYPE", "Values": ["GREEN"]},
        {"Name": "NAME", "Values": ["a", "b"]},
        {"Name": "NAME", "Values": ["a"], "Condition": "BETWEEN"},
        {"Name": "NAME", "Values": []},
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(cloudmap: Any, spoiled: dict[str, Any]) -> None:
    with refused("InvalidInput"):
        cloudmap.list_namespaces(Filters=[spoiled])


def test_a_token_that_is_none_is_refused(cloudmap: Any) -> None:
    with refused("InvalidInput", "Invalid NextToken."):
        cloudmap.list_namespaces(NextToken="!")


def test_what_another_region_has_is_not_there(plane: Plane, http: str) -> None:
    elsewhere = plane.client("servicediscovery", region="eu-west-1")
    assert elsewhere.list_namespaces()["Namespaces"] == []
    for given in (http, f"{HOME}:namespace/{http}"):
        with refused("NamespaceNotFound"):
            elsewhere.get_namespace(Id=given)
