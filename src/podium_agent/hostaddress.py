"""The host's own address, as the network around it knows it."""

import socket

_ELSEWHERE = ("192.0.2.1", 9)
"""An address that nobody has. Asking the kernel for the way there sends nothing."""


def outgoing() -> str:
    """The IPv4 address that the host has towards others; empty when there is no way to them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
        except OSError:
            return ""
        return str(probe.getsockname()[0])
