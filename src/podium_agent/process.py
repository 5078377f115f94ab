"""The agent as one process: what its memberships share, and its end."""

import asyncio
import os
import signal
from collections.abc import Iterator, Mapping
from typing import Any

from podium_agent import cgroups
from podium_agent.api import Api
from podium_agent.awslogs import Awslogs
from podium_agent.awslogs.spool import Sender
from podium_agent.cgroups import Cgroups
from podium_agent.clusters import EveryCluster
from podium_agent.config import EVERY_CLUSTER, FARGATE_POOL, Config, read_credentials
from podium_agent.docker.client import Docker, DockerError, DockerGone
from podium_agent.docker.hands import Hands
from podium_agent.docker.out_of_memory import KernelLog
from podium_agent.docker.watch import Watch
from podium_agent.endpoint.serving import Endpoint, gateway
from podium_agent.images import Cleaner, Images
from podium_agent.membership import Membership, Surroundings
from podium_agent.metadata.own import OwnAnswers
from podium_agent.metadata.residents import Place, Resident
from podium_agent.net import http
from podium_agent.network.host import why_not
from podium_agent.secrets.tmpfs import Tmpfs
from podium_agent.version import USER_AGENT
from podium_program.log import Log
from podium_protocol.signing import Signer

_DOCKER_RETRY_SECONDS = 0.5


async def run(config: Config, log: Log) -> None:
    """Until SIGTERM or SIGINT. Containers run on."""
    work = asyncio.create_task(_work(config, log))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, work.cancel)
    try:
        await work
    except asyncio.CancelledError:
        log("ends; containers run on")


async def _work(config: Config, log: Log) -> None:
    credentials = read_credentials(config.credentials_file, config.profile, os.environ)
    signer = Signer(credentials=credentials, region=config.region)
    docker = Docker(config.docker_host)
    memberships: dict[str, Membership] = {}
    own = OwnAnswers(lambda: _residents(memberships), lambda: _places(memberships), config.endpoint, docker, log)
    endpoint = Endpoint(own, docker, config.data_dir, config.endpoint, log)
    watch = Watch(docker, KernelLog(), log)
    watching = asyncio.create_task(watch.run())
    images = Images(config.data_dir / "images.json")
    logs = Awslogs(own.residents, lambda sender: _api_of_logs(memberships, sender), config, log)
    cleaning: asyncio.Task[None] | None = None
    serving: asyncio.Task[None] | None = None
    try:
        info = await _docker_info(docker, log)
        await watch.answers.wait()  # from here on no end of a container goes unheard
        no_network = why_not(gateway(await endpoint.bridge()))
        if no_network is not None:
            log("awsvpc tasks cannot run here", reason=no_network)
        urls = await endpoint.open()
        serving = asyncio.create_task(endpoint.run())
        log_relay = await logs.open() if urls.can else ""  # Docker asks for its driver's key where tasks ask for theirs
        around = Surroundings(
            config=config,
            api=Api(http.to_url(config.endpoint), signer, USER_AGENT),
            docker=docker,
            hands=Hands(docker, _cgroups(config, info, log), images),
            watch=watch,
            log=log,
            urls=urls,
            info=info,
            no_network=no_network,
            awslogs=logs,
            secret_files=Tmpfs(config.data_dir, config.docker_host),
            log_relay=log_relay,
        )
        root = str(info.get("DockerRootDir", ""))
        cleaner = Cleaner(docker, images, config.habits, root, lambda: _images_in_use(memberships), log)
        cleaning = asyncio.create_task(cleaner.run())
        await _join(around, memberships)
    finally:
        if cleaning is not None:
            cleaning.cancel()
        watching.cancel()
        if serving is not None:
            serving.cancel()
        logs.close()
        try:
            await endpoint.leave()
        finally:
            docker.close()


def _cgroups(config: Config, info: Mapping[str, Any], log: Log) -> Cgroups | None:
    """Without them a task's CPU and memory are a ceiling for each of its containers, not for their sum."""
    found = cgroups.find(info) if config.habits.task_cpu_mem_limit else "it is turned off"
    if isinstance(found, str):
        log("no control groups for tasks: their limits hold for each container by itself", reason=found)
        return None
    return found


async def _join(around: Surroundings, memberships: dict[str, Membership]) -> None:
    cluster = around.config.cluster
    pools = [FARGATE_POOL] if _serves_fargate(around) else []
    if cluster == EVERY_CLUSTER:
        await EveryCluster(around, memberships, pools).run()
        return
    for name in (cluster, *pools):
        memberships[name] = Membership(name, around)
    async with asyncio.TaskGroup() as group:
        for membership in memberships.values():
            group.create_task(membership.run())


def _serves_fargate(around: Surroundings) -> bool:
    if around.config.fargate and around.no_network is not None:
        around.log("does not serve Fargate, whose tasks have networks of their own", reason=around.no_network)
    return around.config.fargate and around.no_network is None


def _residents(memberships: Mapping[str, Membership]) -> Iterator[Resident]:
    for membership in list(memberships.values()):
        if membership.engine is not None:
            home = membership.home()
            yield from (Resident(task=task, home=home) for task in list(membership.engine.tasks.values()))


def _places(memberships: Mapping[str, Membership]) -> Iterator[Place]:
    return (m.home().place for m in list(memberships.values()) if m.container_instance_arn)


def _api_of_logs(memberships: Mapping[str, Membership], sender: Sender) -> Api | None:
    """Lines of a cluster that this host has left are brought by whichever membership there is."""
    membership = memberships.get(sender.cluster) or next(iter(memberships.values()), None)
    return None if membership is None else membership.api_of_logs(sender)


def _images_in_use(memberships: Mapping[str, Membership]) -> set[str]:
    return {c.definition["image"] for resident in _residents(memberships) for c in resident.task.containers}


async def _docker_info(docker: Docker, log: Log) -> dict[str, Any]:
    """Docker's word on itself, once it answers. Without Docker nothing can run, so nothing is promised."""
    told = False
    while True:
        try:
            return await docker.info()
        except (DockerGone, DockerError) as error:
            if not told:
                log("waits for Docker", reason=str(error), do=_advice(error, docker.host))
                told = True
            await asyncio.sleep(_DOCKER_RETRY_SECONDS)


def _advice(error: Exception, docker_host: str) -> str:
    if isinstance(error.__cause__, PermissionError):
        return "join the docker group (as root: usermod -aG docker USER; then log in again), or run as root"
    return f"start Docker, or say with --docker-host where it listens (now {docker_host})"
