"""The DNS server that tasks ask: names of Cloud Map and of load balancers from here, all others from the host's own."""

from podium_proxy.dns.resolver import Resolver

__all__ = ["Resolver"]
