"""Records as the API shows them. Absent values are left out."""

from typing import Any

from podium.elbv2.records import Listener, LoadBalancer, Rule, Target, TargetGroup, Zone
from podium.elbv2.ssl_policies import SslPolicy

View = dict[str, Any]

# Hosted zones of us-east-1, for Route 53's alias records.
HOSTED_ZONES = {"application": "Z35SXDOTRQ7X7K", "network": "Z26RNL4JYFTOTI"}
NORMAL = {"Result": "normal", "MitigationInEffect": "no"}


def load_balancer(record: LoadBalancer) -> View:
    groups = {"SecurityGroups": list(record.security_group_ids)} if record.security_group_ids else {}
    enforced = record.private_link_enforcement or ("on" if record.kind == "network" and groups else None)
    return {
        "LoadBalancerArn": record.arn,
        "DNSName": record.dns_name,
        "CanonicalHostedZoneId": HOSTED_ZONES[record.kind],
        "CreatedTime": record.created_at,
        "LoadBalancerName": record.name,
        "Scheme": record.scheme,
        "VpcId": record.vpc_id,
        "State": {"Code": "active" if record.active_at is not None else "provisioning"},
        "Type": record.kind,
        "AvailabilityZones": zones(record),
        **groups,
        "IpAddressType": record.ip_address_type,
        **({"EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": enforced} if enforced else {}),
    }


def zones(record: LoadBalancer) -> list[View]:
    return [
        {"ZoneName": zone.name, "SubnetId": zone.subnet_id, "LoadBalancerAddresses": _addresses(record, zone)}
        for zone in record.zones
    ]


def _addresses(record: LoadBalancer, zone: Zone) -> list[View]:
    """AWS shows those of network load balancers that the user gave."""
    if record.kind != "network":
        return []
    if zone.allocation_id is not None:
        return [{"IpAddress": zone.elastic_address, "AllocationId": zone.allocation_id}]
    return [{"PrivateIPv4Address": zone.address}] if zone.private_wanted else []


def target_group(record: TargetGroup) -> View:
    optional = {
        "ProtocolVersion": record.protocol_version,
        "Port": record.port,
        "VpcId": record.vpc_id,
        "HealthCheckPath": record.check_path,
        "Matcher": _matcher(record),
    }
    return {
        "TargetGroupArn": record.arn,
        "TargetGroupName": record.name,
        "Protocol": record.protocol,
        "HealthCheckProtocol": record.check_protocol,
        "HealthCheckPort": record.check_port,
        "HealthCheckEnabled": record.check_enabled,
        "HealthCheckIntervalSeconds": record.check_interval,
        "HealthCheckTimeoutSeconds": record.check_timeout,
        "HealthyThresholdCount": record.healthy_threshold,
        "UnhealthyThresholdCount": record.unhealthy_threshold,
        "LoadBalancerArns": [record.load_balancer_arn] if record.load_balancer_arn else [],
        "TargetType": record.target_type,
        "IpAddressType": record.ip_address_type,
        **{name: value for name, value in optional.items() if value is not None},
    }


def _matcher(record: TargetGroup) -> View | None:
    if record.matcher is None:
        return None
    return {"GrpcCode" if record.protocol_version == "GRPC" else "HttpCode": record.matcher}


def listener(record: Listener) -> View:
    shown: View = {
        "ListenerArn": record.arn,
        "LoadBalancerArn": record.load_balancer_arn,
        "Port": record.port,
        "Protocol": record.protocol,
        "DefaultActions": list(record.actions),
    }
    if record.certificate_arns:
        shown["Certificates"] = [{"CertificateArn": record.certificate_arns[0]}]
    if record.ssl_policy is not None:
        shown["SslPolicy"] = record.ssl_policy
    if record.alpn_policy:
        shown["AlpnPolicy"] = list(record.alpn_policy)
    if record.protocol == "HTTPS":
        shown["MutualAuthentication"] = record.mutual_authentication or {"Mode": "off"}
    return shown


def certificates(record: Listener) -> list[View]:
    return [{"CertificateArn": arn, "IsDefault": number == 0} for number, arn in enumerate(record.certificate_arns)]


def rule(record: Rule) -> View:
    return _rule(record.arn, str(record.priority), list(record.conditions), list(record.actions))


def default_rule(record: Listener) -> View:
    return _rule(record.default_rule_arn, "default", [], list(record.actions))


def _rule(arn: str, priority: str, conditions: list[View], actions: list[View]) -> View:
    return {
        "RuleArn": arn,
        "Priority": priority,
        "Conditions": conditions,
        "Actions": actions,
        "IsDefault": priority == "default",
    }


def target(record: Target) -> View:
    zone = {"AvailabilityZone": record.zone} if record.zone else {}
    return {"Id": record.id, "Port": record.port, **zone}


def attributes(held: dict[str, str]) -> list[View]:
    return [{"Key": key, "Value": value} for key, value in held.items()]


def tags(held: dict[str, str]) -> list[View]:
    return [{"Key": key, "Value": value} for key, value in held.items()]


def ssl_policy(policy: SslPolicy) -> View:
    return {
        "Name": policy.name,
        "SslProtocols": list(policy.protocols),
        "Ciphers": [{"Name": name, "Priority": number} for number, name in enumerate(policy.ciphers, 1)],
        "SupportedLoadBalancerTypes": ["application", "network"],
    }
