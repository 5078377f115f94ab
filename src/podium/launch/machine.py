"""What this machine has to give."""

import os
from pathlib import Path

CPU_UNITS_PER_VCPU = 1024


def cpu_units() -> int:
    """1,024 for each processor that this process may use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return usable * CPU_UNITS_PER_VCPU


def memory_mib() -> int:
    """All of the machine's memory, in MiB; a cgroup's limit on this process is not looked at."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20


def resident_mib(pid: int) -> int | None:
    """What a process holds in memory, in MiB; None when there is no such process."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20
