"""What ECS and the proxies' link use of Cloud Map: functions of their own transactions."""

from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane
from podium import servicediscovery
from podium.servicediscovery import Service
from podium.store.session import Change
from servicediscovery.conftest import CUSTOM, SRV, WEIGHTED_A, Make

HOME = f"aws:{REGION}:{ACCOUNT}"
ELSEWHERE = f"aws:eu-west-1:{ACCOUNT}"


@pytest.fixture
def seen(plane: Plane) -> list[Change]:
    """What has changed since."""
    changes: list[Change] = []
    plane.core.watchers.append(changes.extend)
    return changes


def record(plane: Plane, shown: dict[str, Any]) -> Service:
    found = plane.read(lambda tx: servicediscovery.find_service(tx, HOME, shown["Arn"]))
    assert found is not None
    return found


def test_services_and_namespaces_are_found_at_home(plane: Plane, serve: Make, private: str) -> None:
    shown = serve()
    assert record(plane, shown).id == shown["Id"]
    arn = f"arn:aws:servicediscovery:{REGION}:{ACCOUNT}:namespace/{private}"
    for given in (private, arn, "local"):
        found = plane.read(lambda tx, given=given: servicediscovery.find_namespace(tx, HOME, given))
        assert found is not None
        assert found.id == private
        assert plane.read(lambda tx, given=given: servicediscovery.find_namespace(tx, ELSEWHERE, given)) is None
    assert plane.read(lambda tx: servicediscovery.find_service(tx, ELSEWHERE, shown["Arn"])) is None


def test_instances_come_and_go_and_the_name_reads_accordingly(plane: Plane, cloudmap: Any, serve: Make) -> None:
    service, now = record(plane, serve(config=SRV, HealthCheckCustomConfig=CUSTOM)), plane.clock.now()
    attributes = {"AWS_INSTANCE_IPV4": "10.0.0.1", "AWS_INSTANCE_PORT": "80", "AWS_INIT_HEALTH_STATUS": "UNHEALTHY"}
    plane.write(lambda tx: servicediscovery.register_instance(tx, service, "task", attributes, now))
    one = {"id": "task", "ipv4": "10.0.0.1", "ipv6": None, "cname": None, "port": 80, "healthy": False, "weight": 1}
    whole = {"name": "web.local", "routing": "MULTIVALUE", "records": {"SRV": 10}, "endpoints": [one]}
    assert plane.read(lambda tx: servicediscovery.name_of(tx, service)) == whole
    plane.write(lambda tx: servicediscovery.set_health(tx, service, "task", True, now))
    found = plane.read(lambda tx: servicediscovery.name_of(tx, service))
    assert found is not None
    assert found["endpoints"][0]["healthy"]
    for _ in range(2):
        plane.write(lambda tx: servicediscovery.deregister_instance(tx, service, "task", now))
        plane.write(lambda tx: servicediscovery.set_health(tx, service, "task", True, now))
    assert cloudmap.list_instances(ServiceId=service.id)["Instances"] == []


def test_an_alias_is_shown_as_the_name_it_stands_for(plane: Plane, cloudmap: Any, serve: Make) -> None:
    service = record(plane, serve(config=WEIGHTED_A))
    alias = {"AWS_ALIAS_DNS_NAME": "lb.example.com"}
    cloudmap.register_instance(ServiceId=service.id, InstanceId="a", Attributes=alias)
    found = plane.read(lambda tx: servicediscovery.name_of(tx, service))
    assert found is not None
    assert (found["routing"], found["endpoints"][0]["cname"]) == ("WEIGHTED", "lb.example.com")


def test_what_the_api_alone_finds_has_no_name(plane: Plane, serve: Make, http: str) -> None:
    service = record(plane, serve(config=None, NamespaceId=http))
    assert plane.read(lambda tx: servicediscovery.name_of(tx, service)) is None


def test_zones_are_the_namespaces_of_dns(plane: Plane, private: str, public: str, http: str) -> None:
    assert plane.read(servicediscovery.zones) == ["example.com", "local"]


def test_a_change_says_whose_name_may_read_differently(
    plane: Plane, cloudmap: Any, serve: Make, http: str, seen: list[Change]
) -> None:
    def told() -> set[str]:
        arns = {arn for change in seen if (arn := servicediscovery.service_of_change(change)) is not None}
        seen.clear()
        return arns

    shown = serve()
    assert told() == {shown["Arn"]}
    cloudmap.tag_resource(ResourceARN=shown["Arn"], Tags=[{"Key": "a", "Value": "b"}])
    serve(config=None, NamespaceId=http)
    assert told() == set()
    cloudmap.register_instance(ServiceId=shown["Id"], InstanceId="a", Attributes={"AWS_INSTANCE_IPV4": "10.0.0.1"})
    assert told() == {shown["Arn"]}
    cloudmap.update_service(Id=shown["Id"], Service={"DnsConfig": {"DnsRecords": [{"Type": "A", "TTL": 1}]}})
    assert told() == {shown["Arn"]}
    cloudmap.deregister_instance(ServiceId=shown["Id"], InstanceId="a")
    cloudmap.delete_service(Id=shown["Id"])
    assert told() == {shown["Arn"]}
