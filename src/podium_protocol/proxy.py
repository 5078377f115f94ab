"""What a control plane and a proxy tell each other over the proxy's link.

A proxy is one per machine. It carries traffic (Envoy), checks targets, and answers names. The control plane says what
should be; the proxy says what it has made of that, and what it found. It keeps what it heard last, and goes on with it
while the control plane is away.

Documents are whole: one replaces the one that had its key before, and None takes it away. Conditions, actions and
attributes are in ELB's own words and shapes, as the API took them, with every default filled in.
"""

import json
from collections.abc import Mapping
from typing import Any, Literal, TypedDict

PATH = "/_podium/proxy"

REPLACED = "Replaced"
"""Why a link is closed when another proxy has taken its place: whoever is told so does not come again at once."""

CONFIGURATION = "Configuration"
APPLIED = "Applied"
HEALTH = "Health"
DRAINED = "Drained"
ADDRESSES = "Addresses"
SAMPLES = "Samples"
ACCESS_LOG = "AccessLog"
KEPT = "Kept"


class Address(TypedDict):
    """Where a load balancer is in one zone. `private` is its network interface's; `public` is None for an internal one.

    `prefix` is how long the subnet's is.
    """

    zone: str
    private: str
    prefix: int
    public: str | None


class Certificate(TypedDict):
    """`chain` and `key` in PEM, the leaf first; `names` the host names that it is good for, `*.` ones among them."""

    arn: str
    chain: str
    key: str
    names: list[str]


class Rule(TypedDict):
    """`priority` is None for the default rule, which comes last and has no conditions."""

    arn: str
    priority: int | None
    conditions: list[dict[str, Any]]
    actions: list[dict[str, Any]]


class Listener(TypedDict):
    """`rules` in the order in which they are tried. The first of `certificates` is the default one."""

    arn: str
    port: int
    protocol: Literal["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP"]
    ssl_policy: str | None
    alpn_policy: str | None
    certificates: list[Certificate]
    attributes: dict[str, str]
    rules: list[Rule]


class HealthCheck(TypedDict):
    """`port` is a number or `traffic-port`; times in seconds; `matcher` such as `200,300-310`, of gRPC codes too."""

    enabled: bool
    protocol: Literal["HTTP", "HTTPS", "TCP", "TLS"]
    port: str
    path: str
    interval: int
    timeout: int
    healthy_threshold: int
    unhealthy_threshold: int
    matcher: str


class Target(TypedDict):
    """`id` as it was registered: an IP address, or an instance's id whose address on this machine is `address`.

    A `draining` one gets no new connection or request; those that it has may end. `usable` is False where nothing may
    be sent to it: its zone is none of the load balancer's. `since` is when it was registered, in seconds since the
    epoch: one that is registered anew is checked anew.
    """

    id: str
    address: str
    port: int
    zone: str
    draining: bool
    usable: bool
    since: float


class TargetGroup(TypedDict):
    """`eager`: a target that nobody has found healthy yet is looked at more often than `interval` says."""

    arn: str
    name: str
    protocol: Literal["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP"]
    protocol_version: Literal["HTTP1", "HTTP2", "GRPC"] | None
    health_check: HealthCheck
    eager: bool
    attributes: dict[str, str]
    targets: list[Target]


class LoadBalancer(TypedDict):
    """`target_groups` are those that its listeners and rules name."""

    arn: str
    name: str
    type: Literal["application", "network"]
    scheme: Literal["internet-facing", "internal"]
    dns_name: str
    addresses: list[Address]
    attributes: dict[str, str]
    listeners: list[Listener]
    target_groups: list[TargetGroup]


class Endpoint(TypedDict):
    """An instance of a service of Cloud Map, as DNS answers for it."""

    id: str
    ipv4: str | None
    ipv6: str | None
    cname: str | None
    port: int | None
    healthy: bool
    weight: int


class Name(TypedDict):
    """What DNS answers for `name`, fully qualified and without the last dot: types of records with their TTLs."""

    name: str
    routing: Literal["MULTIVALUE", "WEIGHTED"]
    records: dict[str, int]
    endpoints: list[Endpoint]


class Configuration(TypedDict):
    """`revision` rises with every message of one link. A `whole` one is all there is: what it does not hold is gone.

    `load_balancers` by ARN, `names` by name. `zones` are the domains that are answered for here alone: what is not in
    `names` does not exist there. They are all of them, always. `vpc` is the network whose resolver this machine is to
    be, its CIDR; None where it is none.
    """

    revision: int
    whole: bool
    load_balancers: dict[str, LoadBalancer | None]
    names: dict[str, Name | None]
    zones: list[str]
    vpc: str | None


class Applied(TypedDict):
    """Envoy has taken all up to `revision`. `refused`, by load balancer, is what it did not take, and why."""

    revision: int
    refused: dict[str, str]


class TargetHealth(TypedDict):
    """What is known of a target, in the words of DescribeTargetHealth. `reason` and `description` None when healthy.

    `asked` and `answered` are for people: what the last check that failed asked for, and what came back. `since` is
    the target's own; `changed` is when its state became this one; both in seconds since the epoch.
    """

    target_group: str
    id: str
    port: int
    since: float
    state: Literal["initial", "healthy", "unhealthy"]
    reason: str | None
    description: str | None
    asked: str | None
    answered: str | None
    changed: float


class Health(TypedDict):
    """After a link opens, all of them; then those that changed."""

    targets: list[TargetHealth]


class Drained(TypedDict):
    """Draining targets to which Envoy sends nothing new any more, by group, id, port and `since`."""

    targets: list[tuple[str, str, int, float]]


class Door(TypedDict):
    """Where a listener can be reached on this machine. `shared` is by 127.0.0.1, told apart by Host or SNI.

    `trouble` says why a place is not there as it should be, and what can be done; None where it is. One that is `open`
    all the same is so at another port than the listener's.
    """

    listener: str
    host: str
    port: int
    shared: bool
    open: bool
    trouble: str | None


class Addresses(TypedDict):
    """All doors, whenever one changes. `resolver` is where this machine answers tasks' DNS questions, None: nowhere.

    `trouble` is what concerns all of them: Envoy that does not start, an address that cannot be had.
    """

    doors: list[Door]
    resolver: str | None
    trouble: str | None


class Sample(TypedDict):
    """One metric over one minute, in CloudWatch's words. `at` is its start, in seconds since the epoch.

    `values` and `counts` hold what was measured, as PutMetricData takes it. `load_balancer` is the ARN of the one whose
    metric it is, which says in whose account and region.
    """

    load_balancer: str
    metric: str
    namespace: str
    dimensions: dict[str, str]
    unit: str
    at: float
    values: list[float]
    counts: list[float]


class Samples(TypedDict):
    samples: list[Sample]


class AccessLog(TypedDict):
    """Lines of a load balancer's access log, of a period that `ended` then, in seconds since the epoch.

    `content` is gzip in base64. The same `id` twice is the same file twice. It is answered with Kept.
    """

    id: str
    load_balancer: str
    ended: int
    content: str


class Kept(TypedDict):
    """The control plane has the access log of this id, or has no use for it. It need not be said again."""

    id: str


def frame(kind: str, body: Mapping[str, Any]) -> str:
    """The text frame of a message. Unlike `encode` it keeps what is None: that takes a document away."""
    return json.dumps({"type": kind, "message": body}, separators=(",", ":"))
