"""Where load balancers are, changed: subnets, security groups, kinds of addresses."""

from podium.elbv2 import lookups, placing, views
from podium.elbv2.errors import Invalid, InvalidConfiguration, NotYet
from podium.elbv2.records import LoadBalancer
from podium.elbv2.service import Answer, Request, changes
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction


@changes
def set_subnets(call: Call, tx: Transaction, request: Request) -> Answer:
    """It keeps its addresses in subnets where it stays."""
    balancer = lookups.named(tx, call.home, LoadBalancer, request["LoadBalancerArn"])
    placing.ipv4_only(request.get("IpAddressType"))
    placing.no_pools(request)
    held = {zone.subnet_id for zone in balancer.zones}
    wanted = placing.places(tx, call.home, balancer.kind, balancer.scheme, _anew(request, held))
    if any(place.subnet.vpc_id != balancer.vpc_id for place in wanted):
        raise InvalidConfiguration("All subnets must belong to the same VPC")
    balancer = tx.put(replace(balancer, zones=placing.settled(tx, call.ids, call.now, balancer, wanted)))
    return {"AvailabilityZones": views.zones(balancer), "IpAddressType": balancer.ip_address_type}


def _anew(request: Request, held: set[str]) -> Request:
    """Without the addresses of subnets where it is already: those stay as they are."""
    mappings = request.get("SubnetMappings") or ()
    kept = [{"SubnetId": m["SubnetId"]} if m.get("SubnetId") in held else m for m in mappings]
    return {**request, "SubnetMappings": kept}


@changes
def set_security_groups(call: Call, tx: Transaction, request: Request) -> Answer:
    balancer = lookups.named(tx, call.home, LoadBalancer, request["LoadBalancerArn"])
    wanted = request.get("SecurityGroups")
    if not wanted:
        raise Invalid("At least one security group must be specified")
    if balancer.kind == "network" and not balancer.security_group_ids:
        raise InvalidConfiguration(
            "You cannot set security groups on a network load balancer that was created without one"
        )
    groups = placing.groups(tx, call.home, balancer.kind, balancer.vpc_id, wanted)
    enforced = request.get("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic")
    if enforced and balancer.kind != "network":
        raise InvalidConfiguration("Traffic through AWS PrivateLink only reaches network load balancers")
    placing.regroup(tx, balancer, groups)
    kept = enforced or balancer.private_link_enforcement
    tx.put(replace(balancer, security_group_ids=groups, private_link_enforcement=kept))
    shown = {"EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": kept} if kept else {}
    return {"SecurityGroupIds": list(groups), **shown}


@changes
def set_ip_address_type(call: Call, tx: Transaction, request: Request) -> Answer:
    balancer = lookups.named(tx, call.home, LoadBalancer, request["LoadBalancerArn"])
    placing.ipv4_only(request["IpAddressType"])
    return {"IpAddressType": balancer.ip_address_type}


@changes
def modify_ip_pools(call: Call, tx: Transaction, request: Request) -> Answer:
    """There are no IPAM pools, so that none has to be taken away."""
    lookups.named(tx, call.home, LoadBalancer, request["LoadBalancerArn"])
    if (request.get("IpamPools") or {}).get("Ipv4IpamPoolId"):
        raise NotYet("IPAM pools")
    return {"IpamPools": {}}
