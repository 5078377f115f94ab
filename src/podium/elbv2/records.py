"""Load balancers, their listeners and rules, target groups and targets."""

from datetime import datetime
from typing import Any

from podium.store.records import part, record


@part
class Zone:
    """Where a load balancer is: a network interface in a subnet of each of its zones.

    `public_address` is None for an internal one. `allocation_id` is an Elastic IP that the user gave, and
    `elastic_address` the address that EC2 shows for it; what reaches the load balancer is `public_address` all the
    same. `private_wanted`: the user chose `address`, and is shown it.
    """

    name: str
    subnet_id: str
    interface_id: str
    address: str
    public_address: str | None = None
    allocation_id: str | None = None
    elastic_address: str | None = None
    private_wanted: bool = False


@record(table="elbv2_pools")
class Pool:
    """Addresses for internet-facing load balancers. `arn` is the home; `held` are those in use, and by which one."""

    arn: str
    cidr: str = "127.0.64.0/18"
    held: dict[str, str] = {}


@record(table="elbv2_load_balancers", indexes=("home", "vpc_id"))
class LoadBalancer:
    """`kind` is application or network. `attributes` are those that somebody set; views add AWS's defaults.

    `active_at` is when a controller found all of it ready; until then its state is provisioning.
    """

    arn: str
    home: str
    name: str
    kind: str
    scheme: str
    dns_name: str
    vpc_id: str
    zones: tuple[Zone, ...]
    security_group_ids: tuple[str, ...] = ()
    ip_address_type: str = "ipv4"
    attributes: dict[str, str] = {}
    private_link_enforcement: str | None = None
    capacity_units: int | None = None
    capacity_changed_at: datetime | None = None
    active_at: datetime | None = None
    tags: dict[str, str] = {}
    created_at: datetime


@record(table="elbv2_target_groups", indexes=("home", "load_balancer_arn"))
class TargetGroup:
    """`used_by` are the listeners and rules that name it, and `load_balancer_arn` the one these are of.

    Both are kept by whoever writes a listener or a rule (`associations`). Times of the health check are in seconds.
    """

    arn: str
    home: str
    name: str
    target_type: str
    protocol: str
    protocol_version: str | None = None
    port: int | None = None
    vpc_id: str | None = None
    ip_address_type: str = "ipv4"
    check_enabled: bool = True
    check_protocol: str = "HTTP"
    check_port: str = "traffic-port"
    check_path: str | None = None
    check_interval: int = 30
    check_timeout: int = 5
    healthy_threshold: int = 5
    unhealthy_threshold: int = 2
    matcher: str | None = None  # HTTP codes, or gRPC codes where protocol_version is GRPC
    attributes: dict[str, str] = {}
    used_by: tuple[str, ...] = ()
    load_balancer_arn: str | None = None
    tags: dict[str, str] = {}
    created_at: datetime


@record(table="elbv2_listeners", indexes=("home", "load_balancer_arn"))
class Listener:
    """`actions` are the default rule's, whose ARN is `default_rule_arn`; the first certificate is the default one.

    Actions and conditions are kept as the API takes them, normalized: views show them as they are.
    """

    arn: str
    home: str
    load_balancer_arn: str
    port: int
    protocol: str
    ssl_policy: str | None = None
    alpn_policy: tuple[str, ...] = ()
    certificate_arns: tuple[str, ...] = ()
    mutual_authentication: dict[str, Any] | None = None
    attributes: dict[str, str] = {}
    actions: tuple[dict[str, Any], ...]
    default_rule_arn: str
    default_rule_tags: dict[str, str] = {}
    tags: dict[str, str] = {}
    created_at: datetime


@record(table="elbv2_rules", indexes=("home", "listener_arn"))
class Rule:
    """A rule of a listener, other than its default one."""

    arn: str
    home: str
    listener_arn: str
    priority: int
    conditions: tuple[dict[str, Any], ...]
    actions: tuple[dict[str, Any], ...]
    tags: dict[str, str] = {}
    created_at: datetime


@record(table="elbv2_targets", indexes=("target_group_arn",))
class Target:
    """A target of a group. `arn` is the group's with `#<id>:<port>`; `zone` is empty when none was given.

    `owner` is who registered it of those that Podium runs for the account: the ARN of a service of ECS and, after a #,
    the id of its task. `address` is where the proxy finds an instance, which the owner says; a target whose id is an
    address is found there.

    What follows `state` is what the proxy that checks it reports. It is draining from `deregistered_at` until
    `leaves_at`, and then gone; `drained_at` is when the proxy said that it sends it nothing new, from which moment the
    delay is counted anew. `healthy_at` is when it was first found healthy.
    """

    arn: str
    home: str
    target_group_arn: str
    id: str
    port: int
    zone: str = ""
    owner: str = ""
    address: str = ""
    registered_at: datetime
    deregistered_at: datetime | None = None
    leaves_at: datetime | None = None
    drained_at: datetime | None = None
    state: str = "initial"
    reason: str | None = "Elb.RegistrationInProgress"
    description: str | None = "Target registration is in progress"
    asked: str | None = None
    answered: str | None = None
    changed_at: datetime | None = None
    healthy_at: datetime | None = None


ALL = (Pool, LoadBalancer, TargetGroup, Listener, Rule, Target)
