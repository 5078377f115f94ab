"""`python -m podium_agent`: join a cluster, or sweep up after having been in one."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from podium_agent import options
from podium_agent.config import Config, ConfigError
from podium_agent.docker.client import DockerError, DockerGone
from podium_agent.engine.saved import UnknownFormat
from podium_agent.state import StateError, StateUnwritten
from podium_program import lock
from podium_program.log import Log
from podium_program.parent import end_with_parent

_CONFIGURATION_ERROR = 3  # the exit code that tells a supervisor not to try again
_TRY_AGAIN = 1
_DOCKER = "unix:///var/run/docker.sock"


def main(arguments: list[str]) -> int:
    """0 for a clean end, 1 when its state is not kept, 3 when it cannot begin as told: trying again would not help."""
    end_with_parent()
    os.umask(0o077)
    try:
        return _sweep(arguments[1:]) if arguments[:1] == ["sweep"] else _join(arguments)
    except (ConfigError, StateError, UnknownFormat, lock.Taken) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return _CONFIGURATION_ERROR
    except StateUnwritten as error:
        print(error, file=sys.stderr)  # noqa: T201
        return _TRY_AGAIN


def _join(arguments: list[str]) -> int:
    from podium_agent import process

    config = _config(arguments)
    log = Log(agent=str(config.data_dir.name))
    with lock.take(config.data_dir, "agent"):
        asyncio.run(process.run(config, log))
    return 0


def _sweep(arguments: list[str]) -> int:
    from podium_agent.sweep import sweep

    parser = argparse.ArgumentParser(
        prog="podium_agent sweep", description="Removes every container of this data dir's container instances."
    )
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--docker-host", default=_DOCKER)
    given = parser.parse_args(arguments)
    try:
        with lock.take(given.data_dir, "agent"):
            removed = asyncio.run(sweep(given.data_dir, given.docker_host))
    except (DockerGone, DockerError) as error:
        print(f"Docker does not let us: {error}", file=sys.stderr)  # noqa: T201
        return 1
    print(removed)  # noqa: T201
    return 0


def _config(arguments: list[str]) -> Config:
    given = _parser().parse_args(arguments)
    return Config(
        endpoint=given.endpoint,
        cluster=given.cluster,
        data_dir=given.data_dir,
        credentials_file=given.credentials_file,
        profile=given.profile,
        region=given.region,
        zone=given.zone,
        cpu=given.cpu,
        memory_mib=given.memory,
        docker_host=given.docker_host,
        attributes=dict(given.attribute),
        cleanup_wait=given.cleanup_wait,
        fargate=given.fargate,
        habits=options.habits(given, os.environ),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="podium_agent",
        description="Joins a cluster as a container instance and runs on Docker what the cluster places here.",
        epilog="Ending the agent never stops a container: start it again and it takes them up.",
    )
    add = parser.add_argument
    add("--endpoint", required=True, help="the control plane, such as http://127.0.0.1:4566")
    add("--cluster", default="default", help="a name or ARN, or '*' for every active cluster")
    add("--data-dir", type=Path, required=True, help="where this agent keeps what it must not forget")
    add("--credentials-file", type=Path, help="Podium's credentials.json; else the AWS_ variables of the environment")
    add("--profile", default="agent", help="whose keys in the credentials file")
    add("--region", default="us-east-1")
    add("--zone", default="us-east-1a", help="the availability zone this instance is said to be in")
    add("--cpu", type=int, help="CPU units to promise, 1024 to a vCPU (default: the machine's)")
    add("--memory", type=int, help="MiB of memory to promise (default: the machine's)")
    add("--docker-host", default=_DOCKER, help="default: %(default)s")
    add("--attribute", type=_attribute, action="append", default=[], metavar="NAME=VALUE", help="a custom attribute")
    add("--cleanup-wait", type=float, default=3 * 3600.0, metavar="SECONDS", help="keep stopped containers so long")
    add("--fargate", action="store_true", help="serve Fargate, too (as root)")
    options.add_to(parser)
    return parser


def _attribute(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    if not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
