"""podium up"""

import os
import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from podium.cli import in_docker as boxed
from podium.cli import options, welcome
from podium.cli.options import DEFAULT_DATA_DIR, DataDirOption, DockerHostOption, data_dir
from podium.launch import engine, identity, machine
from podium.launch.commands import ACCEPTED_KEYS_VARIABLE, ROOT_KEY_VARIABLES
from podium.launch.down import down as end
from podium.launch.errors import Trouble
from podium.launch.in_docker import box, told
from podium.launch.logs import last_line
from podium.launch.paths import DataDir
from podium.launch.settings import (
    DEFAULT_ACCOUNT,
    DEFAULT_PORT,
    DEFAULT_REGION,
    EVERY_CLUSTER,
    TIMINGS,
    Settings,
)
from podium.launch.signals import Signals
from podium.launch.start import Started, start

ROUND_SECONDS = 60.0

Host = Annotated[str, typer.Option(help="Address to listen on. Anything but loopback needs --insecure.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port of the API. 0 picks a free one and keeps to it.")]
Insecure = Annotated[bool, typer.Option("--insecure", help="Allow plain HTTP on an address that others can reach.")]
Detach = Annotated[bool, typer.Option("--detach", "-d", help="Return when Podium is ready; `podium down` ends it.")]
Ephemeral = Annotated[bool, typer.Option("--ephemeral", help="Keep nothing: a fresh data dir, removed at the end.")]
Instances = Annotated[int, typer.Option(min=1, help="How many container instances this machine plays.")]
Zones = Annotated[str, typer.Option(help="Their availability zones, dealt out in turn. Default: a,b,c.")]
Cpu = Annotated[int | None, typer.Option(min=1, help="CPU units to promise, 1024 a vCPU. Default: the machine's.")]
Memory = Annotated[int | None, typer.Option(min=1, help="Memory to promise, in MiB. Default: the machine's.")]
Cluster = Annotated[str, typer.Option(help="The cluster that gets the capacity. Default `*`: every cluster.")]
Timing = Annotated[str, typer.Option(help="`fast`: no waits out of caution. `aws`: as long as AWS waits.")]
AccountId = Annotated[
    str | None, typer.Option(help=f"Account id in ARNs. Default: that of last time, at first {DEFAULT_ACCOUNT}.")
]
Region = Annotated[
    str | None,
    typer.Option(help=f"Region of the container instances. Default: as last time, at first {DEFAULT_REGION}."),
]
RootAccessKey = Annotated[
    str, typer.Option(envvar=ROOT_KEY_VARIABLES[0], help="Access key id. Default: made on the first start.")
]
AcceptKey = Annotated[
    list[str] | None,
    typer.Option(metavar="ID:SECRET", help="One more key that signs as root, for suites with fixed keys; repeatable."),
]
AllowReset = Annotated[bool, typer.Option("--allow-reset", help="Let `podium reset` empty it; for test suites.")]
Fargate = Annotated[
    bool, typer.Option("--fargate/--no-fargate", help="Serve launch type FARGATE with this machine; needs root.")
]
Throttle = Annotated[bool, typer.Option("--throttle", help="Refuse calls beyond AWS's rates, as AWS does.")]
KeepStopped = Annotated[
    float, typer.Option("--keep-stopped-tasks", min=0.0, metavar="HOURS", help="How long they can be described.")
]
LostAfter = Annotated[
    str, typer.Option(metavar="SECONDS", help="A host away for so long has lost its tasks, or `off`. Default: 10.")
]
LostShare = Annotated[
    int, typer.Option(min=1, max=100, metavar="PERCENT", help="The most of a cluster that is lost at once.")
]
Events = Annotated[str, typer.Option(metavar="PERIOD", help="How long events are kept for `podium events`, or `off`.")]
Metrics = Annotated[str, typer.Option(metavar="PERIOD", help="How long CloudWatch's metrics are kept, or `off`.")]
Limits = Annotated[str, typer.Option(help="How much there may be: `aws`, `none`, or NAME=VALUE,… beside AWS's.")]
Dns = Annotated[
    bool, typer.Option("--dns", help="Let this machine find load balancers and services by name, until `podium down`.")
]
Proxy = Annotated[bool, typer.Option("--proxy/--no-proxy", help="Carry the traffic of load balancers here.")]
PublicAddresses = Annotated[
    str, typer.Option(metavar="CIDR", help="Of internet-facing load balancers. Default: a part of 127.0.64.0/18.")
]
InDocker = Annotated[
    bool, typer.Option("--in-docker", help="Run Podium as a container beside the engine; `make image` makes its image.")
]
DockerSocket = Annotated[
    str,
    typer.Option(
        envvar="PODIUM_DOCKER_SOCKET",
        help="With --in-docker: the engine's socket on the engine's own machine. Default: the usual one.",
    ),
]
Image = Annotated[str, typer.Option(help=f"With --in-docker: the image. Default: {boxed.IMAGE}.")]
RootSecretKey = Annotated[
    str, typer.Option(envvar=ROOT_KEY_VARIABLES[1], help="Its secret; the environment hides it better than an option.")
]


def up(
    data_dir_: DataDirOption = DEFAULT_DATA_DIR,
    detach: Detach = False,
    port: Port = DEFAULT_PORT,
    host: Host = "127.0.0.1",
    insecure: Insecure = False,
    instances: Instances = 1,
    zones: Zones = "",
    cpu: Cpu = None,
    memory: Memory = None,
    cluster: Cluster = EVERY_CLUSTER,
    timing: Timing = "fast",
    account_id: AccountId = None,
    region: Region = None,
    root_access_key: RootAccessKey = "",
    root_secret_key: RootSecretKey = "",
    docker_host: DockerHostOption = None,
    ephemeral: Ephemeral = False,
    accept_key: AcceptKey = None,
    allow_reset: AllowReset = False,
    fargate: Fargate = True,
    throttle: Throttle = False,
    keep_stopped_tasks: KeepStopped = 1.0,
    lost_after: LostAfter = "",
    lost_share: LostShare = 20,
    events: Events = "24h",
    metrics: Metrics = "15d",
    limits: Limits = "aws",
    proxy: Proxy = True,
    dns: Dns = False,
    public_addresses: PublicAddresses = "",
    in_docker: InDocker = False,
    docker_socket: DockerSocket = "",
    image: Image = "",
) -> None:
    """Start Podium on this machine: the API, and container instances on its Docker Engine.

    Stays in the foreground; Ctrl-C stops the tasks and ends it, like `podium down`. With `--detach` it returns as soon
    as the API answers.

    With `--in-docker`, for engines whose network this machine cannot reach (in a virtual machine, remote), Podium runs
    as a container of the engine and is reached through it: every command works as it does without.

    Tasks that an earlier Podium on the same data dir left running are taken over, not restarted. Without Docker the API
    answers all the same, and tasks run as soon as Docker does.
    """
    _refuse_odd_values(timing, account_id, bool(root_access_key), bool(root_secret_key))
    paths = DataDir(root=Path(tempfile.mkdtemp(prefix="podium-"))) if ephemeral else data_dir(data_dir_)
    settled = identity.settled(paths, account_id, region)
    settings = Settings(
        data_dir=paths.root,
        host=host,
        port=port,
        insecure=insecure,
        account_id=settled.account_id,
        region=settled.region,
        timing=timing,
        cluster=cluster,
        instances=instances,
        zones=tuple(zone.strip() for zone in zones.split(",") if zone.strip()),
        cpu=cpu or machine.cpu_units(),
        memory=memory or machine.memory_mib(),
        docker_host=docker_host or engine.default_host(os.environ),
        ephemeral=ephemeral,
        allow_reset=allow_reset,
        fargate=fargate,
        throttle=throttle,
        keep_stopped_hours=keep_stopped_tasks,
        lost_after=lost_after,
        lost_share=lost_share,
        events=events,
        metrics=metrics,
        limits=limits,
        proxy=proxy,
        dns=dns,
        public_addresses=public_addresses,
        programs=options.PROGRAMS,
    )
    secrets = dict(zip(ROOT_KEY_VARIABLES, (root_access_key, root_secret_key), strict=True)) if root_access_key else {}
    if accept_key:
        secrets[ACCEPTED_KEYS_VARIABLE] = " ".join(_accepted(accept_key))
    if in_docker:
        inner = told.options(settings, cpu, memory)
        boxed.up(settings, inner, secrets, detach, image=image, docker_socket=docker_socket)
    else:
        box.refuse(paths, "Start it with --in-docker, or give this one a folder of its own with --data-dir.")
        _run(settings, secrets, detach)


def _refuse_odd_values(timing: str, account_id: str | None, has_key: bool, has_secret: bool) -> None:
    if timing not in TIMINGS:
        raise Trouble(f"--timing {timing} is not known; it is one of: {', '.join(TIMINGS)}.")
    if account_id is not None and not (account_id.isdigit() and len(account_id) == 12):
        raise Trouble(f"--account-id {account_id} is not an AWS account id: twelve digits, such as {DEFAULT_ACCOUNT}.")
    if has_key != has_secret:
        raise Trouble("--root-access-key and --root-secret-key belong together; give both or neither.")


def _accepted(keys: list[str]) -> list[str]:
    for key in keys:
        access, _, secret = key.partition(":")
        if not access or not secret or " " in key:
            raise Trouble("--accept-key takes ID:SECRET, such as test:test.")
    return keys


def _run(settings: Settings, secrets: dict[str, str], detach: bool) -> None:
    signals = None if detach else Signals(signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
    began = time.monotonic()
    try:
        started = start(settings, secrets, attached=not detach)
    except Trouble:
        if settings.ephemeral:
            shutil.rmtree(settings.data_dir, ignore_errors=True)
        raise
    welcome.say(settings, started.url, time.monotonic() - began, detach)
    if signals is not None:
        _stay(settings, started, signals)


def _stay(settings: Settings, started: Started, signals: Signals) -> None:
    """Until Ctrl-C, which ends the tasks too; or SIGTERM, which leaves them running; or the end of the supervisor."""
    while True:
        arrived = signals.wait(ROUND_SECONDS)
        if signal.SIGINT in arrived:
            return _end_all(settings, started)
        if arrived & {signal.SIGTERM, signal.SIGHUP}:
            started.supervisor.terminate()
            started.supervisor.wait()
            return None
        if (code := started.supervisor.poll()) is not None:
            return _ended_by_itself(settings, code)


def _end_all(settings: Settings, started: Started) -> None:
    typer.echo("\nStopping tasks and ending Podium; Ctrl-C again leaves the tasks running.")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        ended = end(settings, leave_tasks=False, progress=typer.echo)
        for problem in ended.problems:
            typer.echo(problem, err=True)
    except KeyboardInterrupt:
        started.supervisor.terminate()
    started.supervisor.wait()


def _ended_by_itself(settings: Settings, code: int) -> None:
    if code:
        raise Trouble(f"Podium ended: {last_line(settings.paths.log('podium'))} (its logs: {settings.paths.logs})")
    typer.echo("Podium was ended by `podium down`, or by a signal.")
