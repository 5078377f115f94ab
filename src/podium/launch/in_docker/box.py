"""What a data dir knows of its Podium that runs in a container."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from secrets import token_hex
from typing import Any

from podium.launch.errors import Trouble
from podium.launch.paths import DataDir, write_whole

INNER_DATA_DIR = "/var/lib/podium"
_SOCKET = "/var/run/docker.sock"
# Where all agents of the engine's network find each other, and where tasks are bounded.
_SHARED = ("/run/podium", "/sys/fs/cgroup")
# Everything a container usually may, and what networks of tasks take: to make links and rules, to enter the network
# of a task's first process, which belongs to another user.
_CAPABILITIES = ("NET_ADMIN", "SYS_ADMIN", "SYS_PTRACE")


@dataclass(frozen=True, kw_only=True)
class Box:
    """`name` is that of its container and of the volume with its records, and stays for the data dir's life.

    `docker_socket` is the engine's socket as the engine's own machine has it. `url` is where the door listens; empty
    when it is known not to run.
    """

    name: str
    docker_host: str
    docker_socket: str = _SOCKET
    image: str = ""
    url: str = ""
    started_at: str = ""
    ephemeral: bool = False

    @property
    def port(self) -> int:
        """Of the door; 0 before the first time."""
        return int(self.url.rpartition(":")[2] or 0)


def read(paths: DataDir) -> Box | None:
    """None for a data dir whose Podium has never been in a container."""
    try:
        written = json.loads(paths.box_file.read_text())
    except (OSError, ValueError):
        return None
    return Box(**{field.name: written[field.name] for field in fields(Box) if field.name in written})


def keep(paths: DataDir, box: Box) -> None:
    write_whole(paths.box_file, json.dumps(asdict(box), indent=2) + "\n")


def forget(paths: DataDir) -> None:
    paths.box_file.unlink(missing_ok=True)


def new_name() -> str:
    return f"podium-{token_hex(4)}"


def body(box: Box, words: list[str], variables: Mapping[str, str], *, shares: bool = True) -> dict[str, Any]:
    """The container that runs `podium WORDS`, as the engine's API wants it.

    `shares` gives it folders of the engine's machine, too.

    `variables` hold secrets, too: who may see a container's environment may use the engine, and so is root there.
    It gets the capabilities it needs rather than `Privileged`; with SYS_ADMIN and the engine's socket that is no less
    than root on the engine's machine.
    """
    return {
        "Image": box.image,
        "Cmd": words,
        "Env": [f"{name}={value}" for name, value in variables.items()],
        "Labels": {"podium.in-docker": box.name},
        "HostConfig": {
            "NetworkMode": "host",
            "PidMode": "host",
            "CgroupnsMode": "host",
            "UsernsMode": "host",
            "CapAdd": list(_CAPABILITIES),
            "SecurityOpt": ["seccomp=unconfined", "apparmor=unconfined", "label=disable"],
            "MaskedPaths": [],
            "ReadonlyPaths": [],
            "Binds": [
                f"{box.docker_socket}:{_SOCKET}",
                f"{box.name}:{INNER_DATA_DIR}",
                *(f"{folder}:{folder}" for folder in _SHARED if shares),
            ],
        },
    }


def refuse(paths: DataDir, instead: str) -> None:
    """A data dir keeps to its way: its records are either here, or in the engine's volume, `{name}`."""
    if box := read(paths):
        raise Trouble(
            f"The records of {paths.root} are in volume {box.name} of the engine at {box.docker_host}. "
            + instead.format(name=box.name, image=box.image)
        )
