"""Instances: what they must say of themselves, and what is said of their health."""

from typing import Any

import pytest

from inprocess import ACCOUNT, Plane, refused
from servicediscovery.conftest import CNAME, CUSTOM, SRV, WEIGHTED_A, A, Make

HERE = {"AWS_INSTANCE_IPV4": "10.0.0.1"}


def register(cloudmap: Any, service: dict[str, Any], identity: str = "a", **attributes: str) -> dict[str, Any]:
    done = cloudmap.register_instance(ServiceId=service["Id"], InstanceId=identity, Attributes=attributes)
    return dict(cloudmap.get_operation(OperationId=done["OperationId"])["Operation"])


def test_an_instance_is_shown_as_it_was_registered_and_replaced_by_its_id(cloudmap: Any, serve: Make) -> None:
    service = serve()
    done = register(cloudmap, service, **HERE, color="red")
    assert (done["Type"], done["Targets"]) == ("REGISTER_INSTANCE", {"INSTANCE": "a", "SERVICE": service["Id"]})
    shown = cloudmap.get_instance(ServiceId=service["Id"], InstanceId="a")
    assert shown["ResourceOwner"] == ACCOUNT
    assert shown["Instance"]["Attributes"] == {**HERE, "color": "red"}
    register(cloudmap, service, AWS_INSTANCE_IPV4="10.0.0.2")
    [listed] = cloudmap.list_instances(ServiceId=service["Arn"])["Instances"]
    assert listed == {"Id": "a", "Attributes": {"AWS_INSTANCE_IPV4": "10.0.0.2"}, "CreatedByAccount": ACCOUNT}


def test_an_instance_is_deregistered_once(cloudmap: Any, serve: Make) -> None:
    service = serve()
    register(cloudmap, service, **HERE)
    done = cloudmap.deregister_instance(ServiceId=service["Id"], InstanceId="a")
    assert cloudmap.get_operation(OperationId=done["OperationId"])["Operation"]["Type"] == "DEREGISTER_INSTANCE"
    for call in (cloudmap.deregister_instance, cloudmap.get_instance):
        with refused("InstanceNotFound"):
            call(ServiceId=service["Id"], InstanceId="a")


ALIAS = {"AWS_ALIAS_DNS_NAME": "lb.example.com"}


@pytest.mark.parametrize(
    ("config", "attributes", "sentence"),
    [
        (A, {}, "Attribute AWS_INSTANCE_IPV4 is required for a service with a record of type A."),
        (SRV, HERE, "Attribute AWS_INSTANCE_PORT is required for a service with a record of type SRV."),
        (
            SRV,
            {"AWS_INSTANCE_PORT": "80"},
            "Attribute AWS_INSTANCE_IPV4 or AWS_INSTANCE_IPV6 is required for a service with a record of type SRV.",
        ),
        (CNAME, HERE, "Attribute AWS_INSTANCE_CNAME is required for a service with a record of type CNAME."),
        (A, {"AWS_INSTANCE_IPV4": "10.0.0.256"}, "Invalid IPv4 address: 10.0.0.256"),
        (A, {**HERE, "AWS_INSTANCE_IPV6": "x"}, "Invalid IPv6 address: x"),
        (SRV, {**HERE, "AWS_INSTANCE_PORT": "0"}, "Invalid port: 0"),
        (SRV, {**HERE, "AWS_INSTANCE_PORT": "65536"}, "Invalid port: 65536"),
        (
            A,
            {**HERE, "AWS_INIT_HEALTH_STATUS": "HEALTHY"},
            "AWS_INIT_HEALTH_STATUS can be specified only for a service with HealthCheckCustomConfig.",
        ),
        (
            A,
            {"AWS_EC2_INSTANCE_ID": "i-1"},
            "AWS_EC2_INSTANCE_ID can be specified only for a service in an HTTP namespace.",
        ),
        (A, ALIAS, "RoutingPolicy of the service must be WEIGHTED for an instance with AWS_ALIAS_DNS_NAME."),
        (
            WEIGHTED_A,
            {**ALIAS, **HERE},
            "AWS_INSTANCE_IPV4 cannot be specified together with AWS_ALIAS_DNS_NAME.",
        ),
        (A, {**HERE, **{f"k{n}": "v" for n in range(31)}}, "At most 30 custom attributes can be specified."),
        (
            A,
            {**HERE, **{f"k{n}": "v" * 1000 for n in range(5)}},
            "The attributes of an instance can have at most 5000 characters in all.",
        ),
        (CNAME, {"AWS_INSTANCE_CNAME": "a..b"}, "AWS_INSTANCE_CNAME is not a valid domain name: a..b"),
    ],
)
def test_what_the_service_needs_must_be_said_and_make_sense(
    cloudmap: Any, serve: Make, config: dict[str, Any], attributes: dict[str, str], sentence: str
) -> None:
    with refused("InvalidInput", sentence):
        register(cloudmap, serve(config=config), **attributes)


def test_each_kind_of_instance_is_taken(cloudmap: Any, serve: Make, http: str) -> None:
    register(cloudmap, serve("a", SRV), "a", **HERE, AWS_INSTANCE_PORT="80")
    register(cloudmap, serve("b", CNAME), "b", AWS_INSTANCE_CNAME="example.com")
    register(cloudmap, serve("c", WEIGHTED_A), "c", **ALIAS)
    register(cloudmap, serve("d", None, NamespaceId=http), "d", AWS_EC2_INSTANCE_ID="i-1")
    register(cloudmap, serve("e", None, NamespaceId=http), "e", url="https://example.com/x")


def test_an_instances_id_can_be_part_of_a_name_where_it_has_to(cloudmap: Any, serve: Make) -> None:
    with refused("InvalidInput"):
        register(cloudmap, serve(config=SRV), "x" * 64, **HERE, AWS_INSTANCE_PORT="80")
    register(cloudmap, serve("b"), "x" * 64, **HERE)


def test_health_is_what_was_last_said(cloudmap: Any, serve: Make) -> None:
    service = serve(HealthCheckCustomConfig=CUSTOM)
    register(cloudmap, service, "a", **HERE)
    register(cloudmap, service, "b", **HERE, AWS_INIT_HEALTH_STATUS="UNHEALTHY")
    whose = {"ServiceId": service["Id"]}
    assert cloudmap.get_instances_health_status(**whose)["Status"] == {"a": "HEALTHY", "b": "UNHEALTHY"}
    cloudmap.update_instance_custom_health_status(**whose, InstanceId="a", Status="UNHEALTHY")
    assert cloudmap.get_instances_health_status(**whose, Instances=["a"])["Status"] == {"a": "UNHEALTHY"}
    register(cloudmap, service, "a", AWS_INSTANCE_IPV4="10.0.0.3")
    assert cloudmap.get_instances_health_status(**whose, Instances=["a"])["Status"] == {"a": "UNHEALTHY"}
    with refused("InstanceNotFound", f"Instance with ID c not found in service {service['Id']}"):
        cloudmap.get_instances_health_status(**whose, Instances=["a", "c"])
    with refused("InvalidInput"):
        cloudmap.update_instance_custom_health_status(**whose, InstanceId="a", Status="ILL")


def test_nothing_is_known_of_health_where_nobody_looks(cloudmap: Any, serve: Make) -> None:
    service = serve()
    register(cloudmap, service, **HERE)
    assert cloudmap.get_instances_health_status(ServiceId=service["Id"])["Status"] == {"a": "UNKNOWN"}
    with refused("CustomHealthNotFound"):
        cloudmap.update_instance_custom_health_status(ServiceId=service["Id"], InstanceId="a", Status="HEALTHY")


def test_lists_come_in_pages(cloudmap: Any, serve: Make) -> None:
    service = serve(HealthCheckCustomConfig=CUSTOM)
    for number in range(5):
        register(cloudmap, service, f"i/{number}", **HERE)
    pages = cloudmap.get_paginator("list_instances").paginate(ServiceId=service["Id"], PaginationConfig={"PageSize": 2})
    assert [i["Id"] for page in pages for i in page["Instances"]] == [f"i/{n}" for n in range(5)]
    first = cloudmap.get_instances_health_status(ServiceId=service["Id"], MaxResults=4)
    last = cloudmap.get_instances_health_status(ServiceId=service["Id"], NextToken=first["NextToken"])
    assert len(first["Status"] | last["Status"]) == 5


def test_operations_are_listed_and_forgotten_after_a_day(plane: Plane, cloudmap: Any, serve: Make) -> None:
    service = serve()
    done = register(cloudmap, service, **HERE)

    def listed(name: str, *values: str, condition: str = "EQ") -> list[str]:
        filters = [{"Name": name, "Values": list(values), "Condition": condition}]
        return [one["Id"] for one in cloudmap.list_operations(Filters=filters)["Operations"]]

    assert listed("SERVICE_ID", service["Id"]) == [done["Id"]]
    assert done["Id"] in listed("TYPE", "REGISTER_INSTANCE", "UPDATE_SERVICE", condition="IN")
    assert listed("STATUS", "FAIL") == []
    now = plane.clock.now().timestamp()
    assert done["Id"] in listed("UPDATE_DATE", str(now - 1), str(now + 1), condition="BETWEEN")
    assert listed("UPDATE_DATE", str(now + 1), str(now + 2), condition="BETWEEN") == []
    for values in (["x", "y"], ["1"], ["1", "nan"]):
        with refused("InvalidInput"):
            listed("UPDATE_DATE", *values, condition="BETWEEN")
    plane.advance(25 * 3600)
    assert cloudmap.list_operations()["Operations"] == []
    with refused("OperationNotFound"):
        cloudmap.get_operation(OperationId=done["Id"])
