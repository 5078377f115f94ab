"""What `podium up` says once Podium is ready."""

import typer

from podium import __version__
from podium.cli import checks, survey
from podium.cli.options import hint
from podium.launch import machine, running
from podium.launch.client import ApiError, Client, NoAnswer
from podium.launch.engine import Engine, EngineUnavailable
from podium.launch.paths import DataDir
from podium.launch.settings import EVERY_CLUSTER, Settings
from podium.launch.waiting import wait_until

INSTANCES_SECONDS = 3.0


def say(settings: Settings, url: str, seconds: float, detached: bool, volume: str = "") -> None:
    """`seconds` is how long the start took. `volume` is the engine's with the records, where they are not here."""
    paths = settings.paths
    kept = f"volume {volume} of the engine" if volume else paths.root
    typer.echo(f"Podium {__version__} is ready at {url} ({seconds:.1f} s). Records are kept in {kept}")
    typer.echo(f"  {_capacity(settings, here=not volume)}")
    typer.echo(f"  {_fargate(settings, here=not volume)}")
    for finding in [] if volume else checks.at_start(settings):
        typer.echo(f"  {finding}")
    typer.echo("")
    for line in _ways_on(paths, detached):
        typer.echo(f"  {line}")
    if not detached:
        typer.echo("\nCtrl-C stops the tasks and ends Podium.")


def _ways_on(paths: DataDir, detached: bool) -> list[str]:
    ways = [
        (hint(paths, "aws ecs list-clusters"), "the aws CLI, pointed here"),
        (f'eval "$({hint(paths, "env")})"', "any AWS client in this shell"),
        (hint(paths, "status"), "what runs"),
    ]
    ways += [(hint(paths, "down"), "end it")] if detached else []
    widest = max(len(command) for command, _ in ways)
    return [f"{command:<{widest}}  {meaning}" for command, meaning in ways]


def _capacity(settings: Settings, here: bool) -> str:
    """What Docker says; waits a moment for the container instances when it answers."""
    try:
        version = Engine(settings.docker_host).version()
    except EngineUnavailable as unavailable:
        return f"No task can run yet; the API works, and tasks start once Docker answers. {unavailable}"
    joined = wait_until(lambda: _connected(settings) >= settings.instances, INSTANCES_SECONDS, every=0.05)
    kind = "container instance" if settings.instances == 1 else "container instances"
    more = f"see {settings.paths.logs}" if here else f"`{hint(settings.paths, 'status')}` tells when they are"
    late = "" if joined else f", not all connected yet ({more})"
    promise = f", {_promise(settings)}" if here else " in its own network, with Podium beside it"
    return f"Docker Engine {version.get('Version', '?')}: {settings.instances} {kind}{late}{promise}"


def _fargate(settings: Settings, here: bool) -> str:
    """Whether launch type FARGATE is served, and if not, why."""
    if not settings.fargate:
        return "FARGATE is not served: started with --no-fargate."
    lacking = checks.lacks_for_networks() if here else ""
    if not lacking and here and checks.is_elsewhere(settings):
        lacking = "Docker Engine is in another network"
    if lacking:
        return f"FARGATE is not served: {lacking}."
    return "FARGATE is served by this machine, as long as Docker answers."


def _promise(settings: Settings) -> str:
    told = f"{settings.cpu} CPU units and {settings.memory} MiB to promise"
    if settings.cpu > machine.cpu_units() or settings.memory > machine.memory_mib():
        told += f" (more than this machine has: {machine.cpu_units()} and {machine.memory_mib()})"
    return told


def _connected(settings: Settings) -> int:
    """How many container instances are connected; in the cluster that has fewest, where there are several."""
    found = running.look(settings.paths)
    if found is None:
        return 0
    client = running.client(settings.paths, found)
    try:
        return min((_connected_in(client, cluster) for cluster in _served(client, settings.cluster)), default=0)
    except (ApiError, NoAnswer):
        return 0


def _served(client: Client, cluster: str) -> list[str]:
    return survey.pages(client, "ListClusters", {}, "clusterArns") if cluster == EVERY_CLUSTER else [cluster]


def _connected_in(client: Client, cluster: str) -> int:
    return sum(instance["agentConnected"] for instance in survey.instances(client, cluster))
