"""The command lines of the server, the proxy and the agents."""

import os
import sys

from podium.launch.addresses import resolver
from podium.launch.settings import Settings, Share

# -P: the working directory is not a place to import from.
PYTHON = (sys.executable, "-P")
ROOT_KEY_VARIABLES = ("PODIUM_ROOT_ACCESS_KEY", "PODIUM_ROOT_SECRET_KEY")
ACCESS_LOGS_EVERY = {"fast": "10", "aws": "300"}  # by the timing, in seconds
ACCEPTED_KEYS_VARIABLE = "PODIUM_ACCEPTED_KEYS"


def server(settings: Settings, port: int) -> list[str]:
    command = [
        *PYTHON,
        *settings.programs.server,
        *("--data-dir", str(settings.data_dir)),
        *("--host", settings.host),
        *("--port", str(port)),
        *("--timing", settings.timing),
        *("--account-id", settings.account_id),
        *("--region", settings.region),
        *("--keep-stopped-tasks", str(settings.keep_stopped_hours)),
        *("--lost-share", str(settings.lost_share)),
        *("--events", settings.events),
        *("--metrics", settings.metrics),
        *("--limits", settings.limits),
        *(("--lost-after", settings.lost_after) if settings.lost_after else ()),
        *(("--default-vpc", settings.default_vpc) if settings.default_vpc else ()),
        *(("--public-addresses", settings.public_addresses) if settings.public_addresses else ()),
    ]
    flags = {"--insecure": settings.insecure, "--allow-reset": settings.allow_reset, "--throttle": settings.throttle}
    return [*command, *(flag for flag, wanted in flags.items() if wanted)]


def proxy(settings: Settings, url: str) -> list[str]:
    paths = settings.paths
    return [
        *PYTHON,
        *settings.programs.proxy,
        *("--endpoint", url),
        *("--data-dir", str(paths.proxy)),
        *("--credentials-file", str(paths.credentials)),
        *("--profile", "proxy"),
        *("--region", settings.region),
        *("--access-logs-every", ACCESS_LOGS_EVERY[settings.timing]),
        *(["--host-dns"] if settings.dns else []),
    ]


def sweep_proxy(settings: Settings) -> list[str]:
    """Ends the Envoy that a proxy left, and takes back the addresses and names that it gave this machine."""
    return [*PYTHON, *settings.programs.proxy, "sweep", "--data-dir", str(settings.paths.proxy)]


def agent(settings: Settings, share: Share, url: str) -> list[str]:
    paths = settings.paths
    return [
        *PYTHON,
        *settings.programs.agent,
        *("--endpoint", url),
        *("--cluster", settings.cluster),
        *("--data-dir", str(paths.agent(share.number))),
        *("--credentials-file", str(paths.credentials)),
        *("--profile", "agent"),
        *("--region", settings.region),
        *("--zone", share.zone),
        *("--cpu", str(share.cpu)),
        *("--memory", str(share.memory)),
        *("--docker-host", settings.docker_host),
        *(["--fargate"] if settings.fargate else []),
        *_names(settings),
    ]


def _names(settings: Settings) -> list[str]:
    """Tasks ask this Podium's proxy for names, where it can be asked: at an address that takes root to have."""
    if not settings.proxy or not settings.default_vpc or os.geteuid() != 0 or os.environ.get("PODIUM_DNS_SERVER"):
        return []
    return ["--dns-server", resolver(settings.default_vpc)]


def sweep(settings: Settings, number: int) -> list[str]:
    """Removes the containers of an agent that no longer runs."""
    folder = str(settings.paths.agent(number))
    return [*PYTHON, *settings.programs.agent, "sweep", "--data-dir", folder, "--docker-host", settings.docker_host]
