"""Gateways: kept, shown, changed, deleted, and never said to work."""

from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, refused

ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:gateway/g"
INVALID, CLIENT = "InvalidParameterException", "ClientException"


def make(ecs: Any, name: str = "g", **members: Any) -> dict[str, Any]:
    given = {"configuration": {"hostSharedAlb": {}}, **members}
    return dict(ecs.create_gateway(name=name, infrastructureRoleArn=ROLE, **given))


def test_a_gateway_shows_its_defaults_and_what_is_missing(ecs: Any) -> None:
    made = make(ecs)
    assert (made["gatewayArn"], made["name"]) == (ARN, "g")
    shown = ecs.describe_gateway(gateway="g")["gateway"]
    assert shown["configuration"]["hostSharedAlb"] == {
        "networkConfiguration": {"ipAddressType": "dualstack"},
        "scheme": "internet-facing",
        "port": 443,
        "protocol": "HTTPS",
        "maxAlbCount": 10,
        "httpDesync": "defensive",
        "currentAlbCount": 0,
    }
    assert (shown["deletionProtection"], shown["propagateTags"], shown["accessType"]) == (True, "GATEWAY", "PUBLIC")
    assert (shown["status"], "no load balancers" in shown["statusReason"]) == ("UPDATE_FAILED", True)
    assert ecs.describe_gateway_resources(gateway=ARN)["gatewayResources"]["resources"] == {"hostSharedAlb": []}


def test_an_update_keeps_what_is_left_out(ecs: Any) -> None:
    make(ecs, configuration={"hostSharedAlb": {"scheme": "internal", "maxAlbCount": 3}})
    ecs.update_gateway(gateway="g", configuration={"hostSharedAlb": {"httpDesync": "strictest"}})
    shown = ecs.describe_gateway(gateway="g")["gateway"]
    balancer = shown["configuration"]["hostSharedAlb"]
    assert (balancer["scheme"], balancer["maxAlbCount"], balancer["httpDesync"]) == ("internal", 3, "strictest")
    assert shown["accessType"] == "PRIVATE"


def test_protection_and_associations_hold_a_gateway(ecs: Any) -> None:
    ecs.create_cluster(clusterName="c")
    make(ecs)
    with refused(CLIENT):
        ecs.delete_gateway(gateway="g")
    ecs.update_gateway(gateway="g", deletionProtection=False)
    told = ecs.associate_gateway_with_cluster(gateway="g", cluster="c")
    assert told["status"] == "ACTIVE"
    assert len(ecs.list_gateway_cluster_associations(cluster="c")["gatewayClusterAssociations"]) == 1
    with refused(CLIENT):
        ecs.delete_gateway(gateway="g")
    assert ecs.disassociate_gateway_from_cluster(gateway="g", cluster="c")["status"] == "DISASSOCIATING"
    assert ecs.list_gateway_cluster_associations(gateway="g")["gatewayClusterAssociations"] == []
    assert ecs.delete_gateway(gateway="g")["status"] == "DELETED"
    with refused("GatewayNotFoundException"):
        ecs.describe_gateway(gateway="g")


@pytest.mark.parametrize(
    "members",
    [
        {"configuration": {}},
        {"configuration": {"hostSharedAlb": {"port": 80}}},
        {"configuration": {"hostSharedAlb": {"protocol": "HTTP"}}},
        {"configuration": {"hostSharedAlb": {"scheme": "sideways"}}},
        {"configuration": {"hostSharedAlb": {"maxAlbCount": 0}}},
        {"propagateTags": "CLUSTER"},
        {"name": "a b"},
    ],
)
def test_a_gateway_that_cannot_be_is_refused(ecs: Any, members: dict[str, Any]) -> None:
    with refused(INVALID):
        make(ecs, **members)
    assert ecs.list_gateways()["gateways"] == []


def test_gateways_are_listed_by_name_and_status(ecs: Any) -> None:
    make(ecs)
    make(ecs, "h", tags=[{"key": "a", "value": "1"}])
    assert [g["name"] for g in ecs.list_gateways()["gateways"]] == ["g", "h"]
    assert [g["name"] for g in ecs.list_gateways(names=["h"])["gateways"]] == ["h"]
    assert ecs.list_gateways(status=["ACTIVE"])["gateways"] == []
    assert ecs.list_tags_for_resource(resourceArn=f"{ARN[:-1]}h")["tags"] == [{"key": "a", "value": "1"}]


def test_a_name_serves_once_but_for_the_same_token(ecs: Any) -> None:
    make(ecs, clientToken="t")
    make(ecs, clientToken="t")
    with refused(CLIENT):
        make(ecs)


def test_a_cluster_has_five_gateways_at_most(ecs: Any) -> None:
    ecs.create_cluster(clusterName="c")
    for n in range(6):
        make(ecs, f"g{n}")
    for n in range(5):
        ecs.associate_gateway_with_cluster(gateway=f"g{n}", cluster="c")
    ecs.associate_gateway_with_cluster(gateway="g0", cluster="c")
    with refused(INVALID):
        ecs.associate_gateway_with_cluster(gateway="g5", cluster="c")


def test_what_is_not_there_is_not_found(ecs: Any) -> None:
    ecs.create_cluster(clusterName="c")
    make(ecs)
    with refused("ResourceNotFoundException"):
        ecs.disassociate_gateway_from_cluster(gateway="g", cluster="c")
    with refused("ResourceNotFoundException"):
        ecs.describe_gateway_route(gatewayRouteArn=f"{ARN}/nothing")
    with refused("GatewayNotFoundException"):
        ecs.list_gateway_routes(gateway="ghost")
    assert ecs.list_gateway_routes()["gatewayRoutes"] == []
