"""Documents as a control plane would send them, with everything filled in that a test does not care for."""

from typing import Any

ACCOUNT = "arn:aws:elasticloadbalancing:us-east-1:123456789012"


def group_arn(name: str) -> str:
    return f"{ACCOUNT}:targetgroup/{name}/{abs(hash(name)) % 16**16:016x}"


def check(**changes: Any) -> dict[str, Any]:
    return {
        "enabled": True,
        "protocol": "HTTP",
        "port": "traffic-port",
        "path": "/",
        "interval": 5,
        "timeout": 2,
        "healthy_threshold": 2,
        "unhealthy_threshold": 2,
        "matcher": "200",
        **changes,
    }


def target(port: int, address: str = "127.0.0.1", **changes: Any) -> dict[str, Any]:
    return {
        "id": address,
        "address": address,
        "port": port,
        "zone": "us-east-1a",
        "draining": False,
        "usable": True,
        "since": 1.0,
        **changes,
    }


def group(name: str, *targets: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "arn": group_arn(name),
        "name": name,
        "protocol": "HTTP",
        "protocol_version": "HTTP1",
        "health_check": check(),
        "eager": True,
        "attributes": {},
        "targets": list(targets),
        **changes,
    }


def forward(*names: str, weights: tuple[int, ...] = (), sticky: int = 0) -> dict[str, Any]:
    shares = weights or (1,) * len(names)
    config: dict[str, Any] = {
        "TargetGroups": [{"TargetGroupArn": group_arn(n), "Weight": w} for n, w in zip(names, shares, strict=True)],
        "TargetGroupStickinessConfig": {"Enabled": bool(sticky), "DurationSeconds": sticky or 3600},
    }
    return {"Type": "forward", "Order": 1, "ForwardConfig": config}


def fixed(status: int, body: str = "", kind: str = "text/plain") -> dict[str, Any]:
    config = {"StatusCode": str(status), "MessageBody": body, "ContentType": kind}
    return {"Type": "fixed-response", "Order": 1, "FixedResponseConfig": config}


def redirect(**config: Any) -> dict[str, Any]:
    return {"Type": "redirect", "Order": 1, "RedirectConfig": {"StatusCode": "HTTP_301", **config}}


def rule(priority: int | None, action: dict[str, Any], *conditions: dict[str, Any]) -> dict[str, Any]:
    arn = f"{ACCOUNT}:listener-rule/app/x/1/2/{priority or 0:016x}"
    return {"arn": arn, "priority": priority, "conditions": list(conditions), "actions": [action]}


def path(*values: str) -> dict[str, Any]:
    return {"Field": "path-pattern", "PathPatternConfig": {"Values": list(values)}}


def host(*values: str) -> dict[str, Any]:
    return {"Field": "host-header", "HostHeaderConfig": {"Values": list(values)}}


def listener(balancer: str, port: int, *rules: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "arn": f"{ACCOUNT}:listener/app/{balancer}/0123456789abcdef/{port:016x}",
        "port": port,
        "protocol": "HTTP",
        "ssl_policy": None,
        "alpn_policy": None,
        "certificates": [],
        "attributes": {},
        "rules": list(rules),
        **changes,
    }


def balancer(
    name: str, listeners: list[dict[str, Any]], groups: list[dict[str, Any]], public: str | None = None, **changes: Any
) -> dict[str, Any]:
    """It has one zone. Its private address, one for each `public`, is on loopback: no test changes the machine."""
    private = "127.0.98.1" if public is None else f"127.0.99.{public.rpartition('.')[2]}"
    address = {"zone": "us-east-1a", "private": private, "prefix": 24, "public": public}
    return {
        "arn": arn_of(name),
        "name": name,
        "type": "application",
        "scheme": "internet-facing",
        "dns_name": f"{name}-1234567890.us-east-1.elb.amazonaws.com",
        "addresses": [address],
        "attributes": {},
        "listeners": listeners,
        "target_groups": groups,
        **changes,
    }


def arn_of(name: str, kind: str = "app") -> str:
    return f"{ACCOUNT}:loadbalancer/{kind}/{name}/0123456789abcdef"
