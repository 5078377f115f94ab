"""Services: what they may be, how they change, and the attributes that they carry."""

import re
from typing import Any

import pytest

from inprocess import ACCOUNT, Plane, refused
from servicediscovery.conftest import CNAME, CUSTOM, SRV, WEIGHTED_A, A, Make


def test_a_service_is_shown_as_it_was_made(plane: Plane, cloudmap: Any, serve: Make, private: str) -> None:
    shown = serve(Description="ours", HealthCheckCustomConfig={"FailureThreshold": 3}, CreatorRequestId="once")
    assert re.fullmatch("srv-[a-z0-9]{16}", shown["Id"])
    assert shown == {
        "Id": shown["Id"],
        "Arn": f"arn:aws:servicediscovery:us-east-1:{ACCOUNT}:service/{shown['Id']}",
        "ResourceOwner": ACCOUNT,
        "Name": "web",
        "NamespaceId": private,
        "Description": "ours",
        "InstanceCount": 0,
        "Type": "DNS_HTTP",
        "DnsConfig": {"NamespaceId": private, "RoutingPolicy": "MULTIVALUE", "DnsRecords": A["DnsRecords"]},
        "HealthCheckCustomConfig": {"FailureThreshold": 1},
        "CreateDate": plane.clock.now(),
        "CreatorRequestId": "once",
        "CreatedByAccount": ACCOUNT,
    }
    for given in (shown["Id"], shown["Arn"]):
        assert cloudmap.get_service(Id=given)["Service"] == shown


def test_a_service_may_be_found_by_the_api_alone(cloudmap: Any, serve: Make, http: str) -> None:
    for shown in (serve(config=None, Type="HTTP"), serve(config=None, NamespaceId=http)):
        assert shown["Type"] == "HTTP"
        assert "DnsConfig" not in shown


def test_the_namespace_may_be_named_where_it_used_to_be(cloudmap: Any, private: str, http: str) -> None:
    shown = cloudmap.create_service(Name="web", DnsConfig={**A, "NamespaceId": private})["Service"]
    assert shown["NamespaceId"] == private
    with refused("InvalidInput", "NamespaceId must be specified."):
        cloudmap.create_service(Name="web", DnsConfig=A)
    with refused("InvalidInput", "NamespaceId of the service and of its DnsConfig must be the same."):
        cloudmap.create_service(Name="web", NamespaceId=http, DnsConfig={**A, "NamespaceId": private})


def test_a_name_is_one_services_whatever_its_letters_and_its_creator_may_ask_again(serve: Make) -> None:
    first = serve(CreatorRequestId="once")
    assert serve(CreatorRequestId="once")["Id"] == first["Id"]
    with refused("ServiceAlreadyExists") as error:
        serve("WEB", CreatorRequestId="twice")
    assert (error["ServiceId"], error["ServiceArn"], error["CreatorRequestId"]) == (first["Id"], first["Arn"], "once")


def test_names_that_the_api_alone_knows_may_differ_by_case(serve: Make, http: str) -> None:
    of_http = {"config": None, "NamespaceId": http}
    assert serve("web", **of_http)["Id"] != serve("WEB", **of_http)["Id"]


CHECK = {"Type": "HTTP"}


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"config": None}, "DnsConfig must be specified for a service in a DNS namespace, unless its Type is HTTP."),
        ({"Type": "HTTP"}, "DnsConfig cannot be specified for a service of Type HTTP."),
        (
            {"HealthCheckConfig": CHECK},
            "HealthCheckConfig cannot be specified for a service in a private DNS namespace.",
        ),
        (
            {"HealthCheckConfig": CHECK, "HealthCheckCustomConfig": CUSTOM},
            "HealthCheckConfig and HealthCheckCustomConfig cannot both be specified.",
        ),
        (
            {"config": {"DnsRecords": CNAME["DnsRecords"]}},
            "RoutingPolicy must be WEIGHTED for a service with a CNAME record.",
        ),
        ({"config": {"DnsRecords": []}}, "DnsRecords must be A, AAAA, A and AAAA, SRV, or CNAME."),
        (
            {"config": {"DnsRecords": [*A["DnsRecords"], *SRV["DnsRecords"]]}},
            "DnsRecords must be A, AAAA, A and AAAA, SRV, or CNAME.",
        ),
        ({"config": {"DnsRecords": A["DnsRecords"] * 2}}, "Duplicate record type A in DnsRecords."),
    ],
)
def test_what_does_not_go_together_is_refused(serve: Make, members: dict[str, Any], sentence: str) -> None:
    with refused("InvalidInput", sentence):
        serve(**members)


def test_what_is_on_no_list_is_refused(serve: Make) -> None:
    for config in ({**A, "RoutingPolicy": "FAR"}, {"DnsRecords": [{"Type": "MX", "TTL": 1}]}):
        with refused("InvalidInput"):
            serve(config=config)


def test_health_checks_are_for_public_and_http_namespaces(serve: Make, public: str, http: str) -> None:
    shown = serve(NamespaceId=public, HealthCheckConfig={"Type": "HTTP"})
    assert shown["HealthCheckConfig"] == {"Type": "HTTP", "ResourcePath": "/", "FailureThreshold": 1}
    assert serve(config=None, NamespaceId=http, HealthCheckConfig={"Type": "TCP"})["HealthCheckConfig"]["Type"] == "TCP"
    with refused("InvalidInput", "ResourcePath cannot be specified for a health check of type TCP."):
        serve("b", NamespaceId=public, HealthCheckConfig={"Type": "TCP", "ResourcePath": "/x"})
    with refused("InvalidInput", "DnsConfig cannot be specified for a service in an HTTP namespace."):
        serve("c", NamespaceId=http)


def test_ttls_descriptions_and_health_checks_may_change(cloudmap: Any, serve: Make, public: str) -> None:
    service = serve(NamespaceId=public, HealthCheckConfig={"Type": "HTTP"}, Description="old")["Id"]
    change = {"DnsConfig": {"DnsRecords": [{"Type": "A", "TTL": 99}]}}
    done = cloudmap.update_service(Id=service, Service=change)
    operation = cloudmap.get_operation(OperationId=done["OperationId"])["Operation"]
    assert (operation["Type"], operation["Targets"]) == ("UPDATE_SERVICE", {"SERVICE": service})
    shown = cloudmap.get_service(Id=service)["Service"]
    assert shown["DnsConfig"]["DnsRecords"] == [{"Type": "A", "TTL": 99}]
    assert "HealthCheckConfig" not in shown
    assert shown["Description"] == "old"


def test_types_of_records_and_services_of_http_namespaces_do_not_change(cloudmap: Any, serve: Make, http: str) -> None:
    sentence = "The types of the records of a service cannot be changed; delete and create the service."
    with refused("InvalidInput", sentence):
        cloudmap.update_service(Id=serve()["Id"], Service={"DnsConfig": SRV})
    with refused("InvalidInput", "A service in an HTTP namespace cannot be updated."):
        cloudmap.update_service(Id=serve(config=None, NamespaceId=http)["Id"], Service={"Description": "x"})
    with refused("InvalidInput"):
        changed = {"HealthCheckConfig": {"Type": "HTTP"}}
        cloudmap.update_service(Id=serve("b", HealthCheckCustomConfig=CUSTOM)["Id"], Service=changed)


def test_one_with_instances_is_not_deleted(cloudmap: Any, serve: Make) -> None:
    service = serve()["Id"]
    cloudmap.register_instance(ServiceId=service, InstanceId="a", Attributes={"AWS_INSTANCE_IPV4": "10.0.0.1"})
    assert cloudmap.get_service(Id=service)["Service"]["InstanceCount"] == 1
    sentence = "Service contains registered instances; delete the instances before deleting the service"
    with refused("ResourceInUse", sentence):
        cloudmap.delete_service(Id=service)
    cloudmap.deregister_instance(ServiceId=service, InstanceId="a")
    cloudmap.delete_service(Id=service)
    with refused("ServiceNotFound", f"Service with ID {service} not found"):
        cloudmap.get_service(Id=service)


def test_lists_are_of_one_namespace_when_asked(cloudmap: Any, serve: Make, private: str, http: str) -> None:
    one, other = serve(config=WEIGHTED_A)["Id"], serve(config=None, NamespaceId=http)["Id"]
    assert {s["Id"] for s in cloudmap.list_services()["Services"]} == {one, other}
    [shown] = cloudmap.list_services(Filters=[{"Name": "NAMESPACE_ID", "Values": [http]}])["Services"]
    assert (shown["Id"], shown["InstanceCount"]) == (other, 0)


def test_a_service_carries_attributes_of_its_own(cloudmap: Any, serve: Make) -> None:
    service = serve()
    cloudmap.update_service_attributes(ServiceId=service["Id"], Attributes={"team": "a", "tier": "1"})
    cloudmap.update_service_attributes(ServiceId=service["Arn"], Attributes={"team": "b"})
    cloudmap.delete_service_attributes(ServiceId=service["Id"], Attributes=["tier", "none"])
    shown = cloudmap.get_service_attributes(ServiceId=service["Id"])["ServiceAttributes"]
    assert shown == {"ServiceArn": service["Arn"], "ResourceOwner": ACCOUNT, "Attributes": {"team": "b"}}
    cloudmap.update_service_attributes(ServiceId=service["Id"], Attributes={f"k{n}": "v" for n in range(29)})
    with refused("ServiceAttributesLimitExceededException"):
        cloudmap.update_service_attributes(ServiceId=service["Id"], Attributes={"one": "more"})
