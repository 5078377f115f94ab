"""Control groups of tasks, made in the kernel's file system or through systemd, as Docker itself does.

Docker makes a container's group under the parent it is told; the parent and its limits are ours.
"""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from podium_agent.engine.instructions import Cgroup
from podium_agent.engine.limits import CPU_PERIOD

ROOT = Path("/sys/fs/cgroup")
_DEFAULT_SHARES, _MOST_SHARES, _MOST_WEIGHT = 1024, 262144, 10_000


class CgroupError(Exception):
    """The group could not be made. The text is the kernel's or systemd's."""


class Cgroups(Protocol):
    naming: str

    def make(self, cgroup: Cgroup) -> None:
        """Does no harm when it is there. Raises CgroupError."""

    def remove(self, name: str) -> None:
        """Best effort: a group in use stays."""


class VersionOne:
    """One tree for each controller, which Docker's cgroupfs driver fills."""

    naming = "/ecs/{}"

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root

    def make(self, cgroup: Cgroup) -> None:
        limits = {
            "cpu/cpu.cfs_period_us": CPU_PERIOD if cgroup.cpu_quota else 0,
            "cpu/cpu.cfs_quota_us": cgroup.cpu_quota,
            "cpu/cpu.shares": cgroup.cpu_shares,
            "memory/memory.limit_in_bytes": cgroup.memory_bytes,
            "pids/pids.max": cgroup.pids,
        }
        try:
            for place, limit in limits.items():
                controller, _, file = place.partition("/")
                if not (self._root / controller / "tasks").exists():
                    raise CgroupError(f"the controller {controller} is not mounted at {self._root}")
                folder = self._root / controller / cgroup.name[1:]
                folder.mkdir(parents=True, exist_ok=True)
                if limit:
                    (folder / file).write_text(str(limit))
        except OSError as error:
            raise CgroupError(str(error)) from error

    def remove(self, name: str) -> None:
        for folder in self._root.glob(f"*{name}"):
            _remove(folder)


class VersionTwo:
    """One tree for all controllers; each level must let its children have them."""

    naming = "/ecs/{}"
    _CONTROLLERS = "+cpu +memory +pids"

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root

    def make(self, cgroup: Cgroup) -> None:
        limits = {
            "cpu.max": f"{cgroup.cpu_quota} {CPU_PERIOD}" if cgroup.cpu_quota else "",
            "cpu.weight": str(weight(cgroup.cpu_shares)) if cgroup.cpu_shares else "",
            "memory.max": str(cgroup.memory_bytes or ""),
            "pids.max": str(cgroup.pids or ""),
        }
        folder = self._root / cgroup.name[1:]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for parent in (self._root, folder.parent):
                (parent / "cgroup.subtree_control").write_text(self._CONTROLLERS)
            for file, limit in limits.items():
                if limit:
                    (folder / file).write_text(limit)
        except OSError as error:
            raise CgroupError(str(error)) from error

    def remove(self, name: str) -> None:
        _remove(self._root / name[1:])


class Systemd:
    """Slices. Limits are set before Docker has systemd start the slice with its first container."""

    naming = "ecstasks-{}.slice"

    def __init__(self, run: Callable[[list[str]], None] | None = None) -> None:
        self._run = run or _systemctl

    def make(self, cgroup: Cgroup) -> None:
        properties = {
            "CPUQuota": f"{cgroup.cpu_quota * 100 / CPU_PERIOD:g}%" if cgroup.cpu_quota else "",
            "CPUWeight": str(weight(cgroup.cpu_shares)) if cgroup.cpu_shares else "",
            "MemoryMax": str(cgroup.memory_bytes or ""),
            "TasksMax": str(cgroup.pids or ""),
        }
        asked = [f"{name}={value}" for name, value in properties.items() if value]
        self._run(["set-property", "--runtime", cgroup.name, *asked])

    def remove(self, name: str) -> None:
        for words in (["stop", name], ["revert", name]):
            try:
                self._run(words)
            except CgroupError:
                continue


def weight(shares: int) -> int:
    """Shares of version one as a weight of version two, by the rule that runc keeps to."""
    return 1 + (shares - 2) * (_MOST_WEIGHT - 1) // (_MOST_SHARES - 2)


def find(info: Mapping[str, Any], root: Path = ROOT) -> Cgroups | str:
    """The groups to make for this Docker, by its answer to `GET /info`; or why there can be none."""
    version, driver = str(info.get("CgroupVersion") or "1"), info.get("CgroupDriver")
    made: Cgroups
    if (version, driver) == ("2", "systemd"):
        made = Systemd()
    elif driver == "cgroupfs":
        made = VersionTwo(root) if version == "2" else VersionOne(root)
    else:
        return f"Docker uses the cgroup driver {driver} with version {version}"
    trial = Cgroup(name=made.naming.format("podium-trial" if driver == "cgroupfs" else "podiumtrial"))
    try:
        made.make(trial)
    except CgroupError as error:
        return str(error)
    made.remove(trial.name)
    return made


def _remove(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return


def _systemctl(words: list[str]) -> None:
    try:
        done = subprocess.run(["systemctl", *words], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CgroupError(f"systemctl {' '.join(words)}: {error}") from error
    if done.returncode:
        raise CgroupError(f"systemctl {' '.join(words)}: {done.stderr.strip()}")
