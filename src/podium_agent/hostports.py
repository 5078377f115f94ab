"""The host's ports: which range is for dynamic ones, and who listens already."""

import socket
from pathlib import Path

_KERNEL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_DEFAULT_RANGE = (32768, 60999)
_KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}


def dynamic_range() -> tuple[int, int]:
    """The kernel's range for ports that nobody asked for by number."""
    try:
        first, last = _KERNEL_RANGE.read_text().split()
        return int(first), int(last)
    except (OSError, ValueError):
        return _DEFAULT_RANGE


def is_free(port: int, protocol: str) -> bool:
    """Whether one could listen on `port` on all addresses right now."""
    with socket.socket(socket.AF_INET, _KINDS.get(protocol, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
            if protocol != "udp":
                probe.listen(1)
        except OSError:
            return False
    return True
