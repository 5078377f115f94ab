"""Which protocols listeners, target groups and health checks have, and which go together.

Source: User Guides for Application and Network Load Balancers, "Listeners" and "Routing configuration"; the sentences
are those that clients have printed.
"""

from podium.elbv2.errors import IncompatibleProtocols, Invalid, InvalidConfiguration, NotYet
from podium.elbv2.records import LoadBalancer, TargetGroup

APPLICATION, NETWORK = "application", "network"

# What a listener may forward to, by its own protocol.
COMPATIBLE = {
    "HTTP": ("HTTP", "HTTPS"),
    "HTTPS": ("HTTP", "HTTPS"),
    "TCP": ("TCP", "TCP_UDP"),
    "TLS": ("TCP", "TLS"),
    "UDP": ("UDP", "TCP_UDP"),
    "TCP_UDP": ("TCP_UDP",),
}
OF_LISTENERS = {APPLICATION: ("HTTPS", "HTTP"), NETWORK: ("TLS", "TCP", "TCP_UDP", "UDP")}
OF_APPLICATIONS = ("HTTP", "HTTPS")
NOT_YET = ("GENEVE", "QUIC", "TCP_QUIC")
SECURE = ("HTTPS", "TLS")
_OVER_TLS = ("GRPC", "HTTP2")
OF_CHECKS = ("HTTP", "HTTPS", "TCP")


def listener(kind: str, protocol: str | None) -> str:
    """Raises Invalid, NotYet."""
    if not protocol:
        raise Invalid("A listener protocol must be specified")
    if protocol in NOT_YET:
        raise NotYet(f"listeners of the protocol {protocol}")
    allowed = OF_LISTENERS[kind]
    if protocol not in allowed:
        raise Invalid(f"Listener protocol '{protocol}' must be one of '{', '.join(allowed)}'")
    return protocol


def kind_of(group_protocol: str) -> str:
    """The kind of load balancer that a target group of this protocol is for."""
    return APPLICATION if group_protocol in OF_APPLICATIONS else NETWORK


def compatible(listener: str, balancer: LoadBalancer, group: TargetGroup) -> None:
    """Raises IncompatibleProtocols or InvalidConfiguration where a listener may not forward to the group."""
    if group.vpc_id != balancer.vpc_id:
        raise InvalidConfiguration(
            f"The following target groups are in a different VPC than load balancer '{balancer.arn}': {group.arn}"
        )
    if group.protocol not in COMPATIBLE[listener]:
        raise IncompatibleProtocols(group.arn, listener, group.protocol)
    if listener == "HTTP" and group.protocol_version in _OVER_TLS:
        raise InvalidConfiguration(
            f"Listener protocol 'HTTP' is not supported with a target group with the protocol-version "
            f"'{group.protocol_version}'"
        )
