"""Finding instances by the names of their namespace and service."""

from typing import Any

import pytest

from inprocess import ACCOUNT, Plane, refused
from servicediscovery.conftest import CUSTOM, A, Make

WHERE = {"NamespaceName": "local", "ServiceName": "web"}


@pytest.fixture
def three(cloudmap: Any, serve: Make) -> str:
    """A service with a red one, a blue one that is ill, and a blue one."""
    service = str(serve(HealthCheckCustomConfig=CUSTOM)["Id"])
    for number, (color, health) in enumerate((("red", "HEALTHY"), ("blue", "UNHEALTHY"), ("blue", "HEALTHY")), 1):
        attributes = {"AWS_INSTANCE_IPV4": f"10.0.0.{number}", "color": color, "AWS_INIT_HEALTH_STATUS": health}
        cloudmap.register_instance(ServiceId=service, InstanceId=f"i{number}", Attributes=attributes)
    return service


def found(cloudmap: Any, **asked: Any) -> list[str]:
    return sorted(one["InstanceId"] for one in cloudmap.discover_instances(**WHERE, **asked)["Instances"])


def test_an_instance_is_found_with_all_it_said(cloudmap: Any, three: str) -> None:
    [one] = cloudmap.discover_instances(**WHERE, QueryParameters={"color": "red"})["Instances"]
    assert one == {
        "InstanceId": "i1",
        **WHERE,
        "HealthStatus": "HEALTHY",
        "Attributes": {"AWS_INSTANCE_IPV4": "10.0.0.1", "color": "red", "AWS_INIT_HEALTH_STATUS": "HEALTHY"},
    }


def test_healthy_ones_are_found_or_else_all(cloudmap: Any, three: str) -> None:
    assert found(cloudmap) == ["i1", "i3"]
    assert found(cloudmap, HealthStatus="ALL") == ["i1", "i2", "i3"]
    assert found(cloudmap, HealthStatus="UNHEALTHY") == ["i2"]
    for identity in ("i1", "i3"):
        cloudmap.update_instance_custom_health_status(ServiceId=three, InstanceId=identity, Status="UNHEALTHY")
    assert found(cloudmap) == ["i1", "i2", "i3"]
    assert found(cloudmap, HealthStatus="HEALTHY") == []
    with refused("InvalidInput"):
        found(cloudmap, HealthStatus="ILL")


def test_parameters_must_match_and_optional_ones_may(cloudmap: Any, three: str) -> None:
    everyone = {"HealthStatus": "ALL"}
    assert found(cloudmap, QueryParameters={"color": "blue"}, **everyone) == ["i2", "i3"]
    assert found(cloudmap, OptionalParameters={"color": "red"}, **everyone) == ["i1"]
    assert found(cloudmap, OptionalParameters={"color": "green"}, **everyone) == ["i1", "i2", "i3"]
    assert found(cloudmap, QueryParameters={"size": "1"}, **everyone) == []


def test_no_more_are_found_than_were_asked_for(cloudmap: Any, three: str) -> None:
    seen = {tuple(found(cloudmap, HealthStatus="ALL", MaxResults=1)) for _ in range(40)}
    assert seen == {("i1",), ("i2",), ("i3",)}


def test_where_nobody_looks_after_health_all_are_found(cloudmap: Any, serve: Make) -> None:
    service = serve()["Id"]
    cloudmap.register_instance(ServiceId=service, InstanceId="a", Attributes={"AWS_INSTANCE_IPV4": "10.0.0.1"})
    for status in ("HEALTHY", "UNHEALTHY", "ALL"):
        assert found(cloudmap, HealthStatus=status) == ["a"]


def test_the_revision_rises_with_every_change_and_with_nothing_else(cloudmap: Any, three: str) -> None:
    def revision() -> int:
        asked = int(cloudmap.discover_instances_revision(**WHERE)["InstancesRevision"])
        assert cloudmap.discover_instances(**WHERE)["InstancesRevision"] == asked
        return asked

    def said(status: str) -> None:
        cloudmap.update_instance_custom_health_status(ServiceId=three, InstanceId="i1", Status=status)

    revisions = [revision()]
    for change in (
        lambda: said("UNHEALTHY"),
        lambda: cloudmap.deregister_instance(ServiceId=three, InstanceId="i1"),
        lambda: cloudmap.register_instance(
            ServiceId=three, InstanceId="i1", Attributes={"AWS_INSTANCE_IPV4": "10.0.0.1"}
        ),
    ):
        change()
        revisions.append(revision())
    assert revisions == sorted(set(revisions))
    said("HEALTHY")
    cloudmap.update_service(Id=three, Service={"Description": "x", "DnsConfig": A})
    cloudmap.register_instance(ServiceId=three, InstanceId="i1", Attributes={"AWS_INSTANCE_IPV4": "10.0.0.1"})
    assert revision() == revisions[-1]


def test_names_that_there_are_not_are_told_apart(cloudmap: Any, three: str) -> None:
    for call in (cloudmap.discover_instances, cloudmap.discover_instances_revision):
        with refused("NamespaceNotFound", "Namespace with name other not found"):
            call(NamespaceName="other", ServiceName="web")
        with refused("ServiceNotFound", "Service with name api not found in namespace local"):
            call(NamespaceName="local", ServiceName="api")
        with refused("NamespaceNotFound"):
            call(**WHERE, OwnerAccount="999999999999")
        call(**WHERE, OwnerAccount=ACCOUNT)


def test_what_another_region_has_is_not_found(plane: Plane, three: str) -> None:
    with refused("NamespaceNotFound"):
        plane.client("servicediscovery", region="eu-west-1").discover_instances(**WHERE)
