"""Cloud Map as a boto3 client sees it, with namespaces of each kind to try things in."""

from collections.abc import Callable
from typing import Any

import pytest

from inprocess import Plane

Make = Callable[..., dict[str, Any]]
A = {"DnsRecords": [{"Type": "A", "TTL": 10}]}
SRV = {"DnsRecords": [{"Type": "SRV", "TTL": 10}]}
WEIGHTED_A = {"RoutingPolicy": "WEIGHTED", **A}
CNAME = {"RoutingPolicy": "WEIGHTED", "DnsRecords": [{"Type": "CNAME", "TTL": 10}]}
CUSTOM = {"FailureThreshold": 1}


@pytest.fixture
def cloudmap(plane: Plane) -> Any:
    return plane.client("servicediscovery")


@pytest.fixture
def vpc(plane: Plane) -> str:
    return str(plane.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"])


def made(cloudmap: Any, answer: dict[str, Any]) -> str:
    """The id of the namespace that an operation made."""
    return str(cloudmap.get_operation(OperationId=answer["OperationId"])["Operation"]["Targets"]["NAMESPACE"])


@pytest.fixture
def private(cloudmap: Any, vpc: str) -> str:
    return made(cloudmap, cloudmap.create_private_dns_namespace(Name="local", Vpc=vpc))


@pytest.fixture
def public(cloudmap: Any) -> str:
    return made(cloudmap, cloudmap.create_public_dns_namespace(Name="example.com"))


@pytest.fixture
def http(cloudmap: Any) -> str:
    return made(cloudmap, cloudmap.create_http_namespace(Name="apps"))


@pytest.fixture
def serve(cloudmap: Any, private: str) -> Make:
    """A service of the private namespace, of A records unless told otherwise; as CreateService shows it."""

    def serve(name: str = "web", config: Any = A, **members: Any) -> dict[str, Any]:
        given = {"DnsConfig": config} if config is not None else {}
        return dict(cloudmap.create_service(Name=name, **{"NamespaceId": private, **given, **members})["Service"])

    return serve
