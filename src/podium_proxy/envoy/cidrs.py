"""A CIDR as a regular expression over dotted addresses, since Envoy's routes match text."""

from ipaddress import IPv4Network, ip_network

_OCTETS = 4
_NEVER = r"[^\s\S]"


def pattern(cidr: str) -> str:
    """Matches the addresses in `cidr`. An IPv6 one matches nothing: listeners here are reached by IPv4."""
    network = ip_network(cidr, strict=False)
    if not isinstance(network, IPv4Network):
        return _NEVER
    first, last = network.network_address.packed, network.broadcast_address.packed
    return r"\.".join(_octet(first[place], last[place]) for place in range(_OCTETS))


def _octet(first: int, last: int) -> str:
    if first == last:
        return str(first)
    if (first, last) == (0, 255):
        return "[0-9]{1,3}"
    return "(?:" + "|".join(str(number) for number in range(first, last + 1)) + ")"
