"""`python -m podium_proxy`: carry traffic on this machine, or sweep up after having done so."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from podium_program import lock
from podium_program.log import Log
from podium_program.parent import end_with_parent
from podium_proxy.config import Config, ConfigError, read_credentials

_CONFIGURATION_ERROR = 3  # the exit code that tells a supervisor not to try again


def main(arguments: list[str]) -> int:
    """0 for a clean end, 3 when it cannot begin as told: trying again would not help."""
    end_with_parent()
    os.umask(0o077)
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")  # we start programs, and none of them speaks gRPC for us
    try:
        return _sweep(arguments[1:]) if arguments[:1] == ["sweep"] else _serve(arguments)
    except (ConfigError, lock.Taken) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return _CONFIGURATION_ERROR


def _serve(arguments: list[str]) -> int:
    from podium_proxy import process

    given = _parser().parse_args(arguments)
    config = Config(
        endpoint=given.endpoint,
        data_dir=given.data_dir.absolute(),
        credentials=read_credentials(given.credentials_file, given.profile),
        region=given.region,
        concurrency=given.concurrency or process.threads(),
        host_dns=given.host_dns,
        access_logs_every=given.access_logs_every,
    )
    with lock.take(config.data_dir, "proxy"):
        asyncio.run(process.run(config, Log()))
    return 0


def _sweep(arguments: list[str]) -> int:
    from podium_proxy import process

    parser = argparse.ArgumentParser(
        prog="podium_proxy sweep", description="Ends this data dir's Envoy and takes its addresses off the machine."
    )
    parser.add_argument("--data-dir", type=Path, required=True)
    data_dir = parser.parse_args(arguments).data_dir.absolute()
    if data_dir.exists():
        with lock.take(data_dir, "proxy"):
            asyncio.run(process.sweep(data_dir, Log()))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="podium_proxy",
        description="Carries the traffic of load balancers on this machine.",
        epilog="Ending it never ends Envoy: start it again and it takes it up; `sweep` ends it.",
    )
    add = parser.add_argument
    add("--endpoint", required=True, help="the control plane, such as http://127.0.0.1:4566")
    add("--data-dir", type=Path, required=True, help="where the proxy keeps what it must not forget")
    add("--credentials-file", type=Path, required=True, help="Podium's credentials.json")
    add("--profile", default="proxy", help="whose keys in the credentials file (default: %(default)s)")
    add("--region", default="us-east-1")
    add("--concurrency", type=int, help="threads of Envoy that carry traffic (default: one a core, at most 2)")
    add("--access-logs-every", type=float, default=300.0, metavar="SECONDS", help="put into S3 so often (%(default)s)")
    add("--host-dns", action="store_true", help="let this machine itself find load balancers and services by name")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
