"""What an operator may set of the agent's ways: by an option, or by the variable the official agent reads.

An option wins over its variable. `podium up` hands its environment on, so the variables work there too.
Source: Amazon ECS Developer Guide, "Amazon ECS container agent configuration".
"""

import argparse
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from podium_agent.config import ConfigError, Habits
from podium_agent.engine.settings import PULL_BEHAVIORS

_RANGE = re.compile(r"(\d{1,5})-(\d{1,5})", re.ASCII)
_HIGHEST_PORT = 65535
_MOST_PERCENT = 100
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_PART = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)", re.ASCII)
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:h|ms|m|s))+", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Option:
    """`name` is the field of Habits, and with dashes the option."""

    name: str
    variable: str
    read: Callable[[str], Any]
    metavar: str
    help: str

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")


def port_range(text: str) -> tuple[int, int]:
    found = _RANGE.fullmatch(text)
    if not found or not 1 <= int(found[1]) <= int(found[2]) <= _HIGHEST_PORT:
        raise ValueError("is no range of ports such as 40000-40999")
    return int(found[1]), int(found[2])


def yes_or_no(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError("is neither true nor false")
    return text.lower() == "true"


def count(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError("is no number")
    return int(text)


def percent(text: str) -> int:
    number = count(text)
    if number > _MOST_PERCENT:
        raise ValueError("is no percentage")
    return number


def pull_behavior(text: str) -> str:
    if text not in PULL_BEHAVIORS:
        raise ValueError(f"is none of {', '.join(PULL_BEHAVIORS)}")
    return text


def ip_address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise ValueError("is no IP address") from error


def seconds(text: str) -> float:
    """A duration as Go writes them: 1h30m, 10s, 500ms."""
    if not _DURATION.fullmatch(text):
        raise ValueError("is no duration such as 1h30m or 10s")
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))


OPTIONS = (
    Option(
        name="dynamic_host_port_range",
        variable="ECS_DYNAMIC_HOST_PORT_RANGE",
        read=port_range,
        metavar="FIRST-LAST",
        help="where host ports come from that nobody asked for by number (default: the kernel's range)",
    ),
    Option(
        name="task_cpu_mem_limit",
        variable="ECS_ENABLE_TASK_CPU_MEM_LIMIT",
        read=yes_or_no,
        metavar="true|false",
        help="bound a task as a whole by a control group (default: true, where the agent runs as root)",
    ),
    Option(
        name="task_pids_limit",
        variable="ECS_TASK_PIDS_LIMIT",
        read=count,
        metavar="NUMBER",
        help="how many processes a task may have (default: any number)",
    ),
    Option(
        name="image_pull_behavior",
        variable="ECS_IMAGE_PULL_BEHAVIOR",
        read=pull_behavior,
        metavar="|".join(PULL_BEHAVIORS),
        help="when to pull; `default` is what the official agent does by itself (default: prefer-cached)",
    ),
    Option(
        name="log_spool_mib",
        variable="PODIUM_LOG_SPOOL_MIB",
        read=count,
        metavar="NUMBER",
        help="how much of what awslogs containers write may wait for the control plane (default: 256)",
    ),
    Option(
        name="image_cleanup_interval",
        variable="ECS_IMAGE_CLEANUP_INTERVAL",
        read=seconds,
        metavar="DURATION",
        help="how often to give up images that were pulled and are not used (default: 30m)",
    ),
    Option(
        name="image_minimum_cleanup_age",
        variable="ECS_IMAGE_MINIMUM_CLEANUP_AGE",
        read=seconds,
        metavar="DURATION",
        help="how long after its pull an image is kept (default: 1h)",
    ),
    Option(
        name="num_images_delete_per_cycle",
        variable="ECS_NUM_IMAGES_DELETE_PER_CYCLE",
        read=count,
        metavar="NUMBER",
        help="how many images to give up at a time for their age; none with prefer-cached (default: 5)",
    ),
    Option(
        name="image_high_watermark",
        variable="PODIUM_IMAGE_HIGH_WATERMARK",
        read=percent,
        metavar="PERCENT",
        help="fuller than this, Docker's disk is freed of pulled images that no task uses (default: 90)",
    ),
    Option(
        name="image_low_watermark",
        variable="PODIUM_IMAGE_LOW_WATERMARK",
        read=percent,
        metavar="PERCENT",
        help="until it is no fuller than this (default: 80)",
    ),
    Option(
        name="runtime",
        variable="PODIUM_RUNTIME",
        read=str,
        metavar="NAME",
        help="the OCI runtime of containers on EC2, such as runsc (default: Docker's own)",
    ),
    Option(
        name="fargate_runtime",
        variable="PODIUM_FARGATE_RUNTIME",
        read=str,
        metavar="NAME",
        help="the OCI runtime of Fargate's containers (default: Docker's own)",
    ),
    Option(
        name="enable_container_metadata",
        variable="ECS_ENABLE_CONTAINER_METADATA",
        read=yes_or_no,
        metavar="true|false",
        help="give containers a file that says who they are (default: false)",
    ),
    Option(
        name="dns_server",
        variable="PODIUM_DNS_SERVER",
        read=ip_address,
        metavar="ADDRESS",
        help="what tasks that are not on the host's network ask for names (default: Docker's choice)",
    ),
)


def add_to(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("ways of working", "Each can be set by the variable in brackets, too.")
    for option in OPTIONS:
        group.add_argument(option.flag, metavar=option.metavar, help=f"{option.help} [{option.variable}]")


def habits(given: argparse.Namespace, environment: Mapping[str, str]) -> Habits:
    """Raises ConfigError for a value that cannot be read, naming where it came from."""
    chosen = {}
    for option in OPTIONS:
        source, text = option.flag, getattr(given, option.name)
        if text is None:
            source, text = option.variable, environment.get(option.variable)
        if text:
            chosen[option.name] = _read(option, source, text)
    return Habits(**chosen)


def _read(option: Option, source: str, text: str) -> Any:
    try:
        return option.read(text)
    except ValueError as error:
        raise ConfigError(f"{source}: {text!r} {error}.") from error


assert {option.name for option in OPTIONS} == {field.name for field in fields(Habits)}
