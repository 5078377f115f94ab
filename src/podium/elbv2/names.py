"""ARNs, ids and DNS names of Elastic Load Balancing.

Source: Service Authorization Reference, "Resource types defined by AWS Elastic Load Balancing V2".
"""

from podium.kernel.ids import Ids

_PATHS = {"application": "app", "network": "net"}


def of_load_balancer(home: str, kind: str, name: str, identity: str) -> str:
    return f"{_prefix(home)}:loadbalancer/{_PATHS[kind]}/{name}/{identity}"


def of_target_group(home: str, name: str, identity: str) -> str:
    return f"{_prefix(home)}:targetgroup/{name}/{identity}"


def of_listener(load_balancer_arn: str, identity: str) -> str:
    return f"{load_balancer_arn.replace(':loadbalancer/', ':listener/', 1)}/{identity}"


def of_rule(listener_arn: str, identity: str) -> str:
    return f"{listener_arn.replace(':listener/', ':listener-rule/', 1)}/{identity}"


def of_target(target_group_arn: str, identity: str, port: int) -> str:
    return f"{target_group_arn}#{identity}:{port}"


def full_name(arn: str) -> str:
    """What CloudWatch's dimensions call it: `app/<name>/<id>`, or `targetgroup/<name>/<id>`."""
    resource = arn.split(":", 5)[5]
    return resource.removeprefix("loadbalancer/")


def dns_name(home: str, name: str, digits: str, internal: bool) -> str:
    """Of an application load balancer."""
    region = home.split(":")[1]
    return f"{'internal-' if internal else ''}{name}-{digits}.{region}.elb.amazonaws.com"


def network_dns_name(arn: str) -> str:
    """Of a network load balancer, internal or not."""
    region, (name, identity) = arn.split(":")[3], arn.rsplit("/", 2)[1:]
    return f"{name}-{identity}.elb.{region}.amazonaws.com"


def new_id(ids: Ids) -> str:
    """Sixteen hexadecimal digits."""
    return ids.uuid().replace("-", "")[:16]


def new_digits(ids: Ids) -> str:
    """Ten decimal digits, as in a DNS name."""
    return f"{int(ids.uuid().replace('-', '')[:12], 16) % 10**10:010d}"


def _prefix(home: str) -> str:
    partition, region, account = home.split(":")
    return f"arn:{partition}:elasticloadbalancing:{region}:{account}"
