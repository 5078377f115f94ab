"""Removing everything that an agent has left in Docker, when it and its control plane are gone."""

import asyncio
import os
import shutil
from pathlib import Path

from podium_agent import cgroups, registration
from podium_agent.docker.client import Docker, DockerError
from podium_agent.engine.saved import UnknownFormat, from_record
from podium_agent.engine.specs import INSTANCE_LABEL
from podium_agent.metadata import files
from podium_agent.network.host import HostNetwork, owner
from podium_agent.secrets.tmpfs import Tmpfs
from podium_agent.state import State
from podium_program.log import Log

_AT_ONCE = 8


async def sweep(data_dir: Path, docker_host: str) -> int:
    """The number of containers removed, running ones among them. Their volumes go with them.

    What the state says is forgotten too, so that nothing is reported as vanished later.
    Raises DockerGone when Docker does not answer.
    """
    docker = Docker(docker_host)
    removed = 0
    for path in sorted(data_dir.glob("*.db")):
        state = State(path)
        try:
            removed += await _remove_containers(docker, registration.instances(state))
            await _remove_volumes(docker, state)
            await _remove_cgroups(docker, state)
            await _remove_network(data_dir, path.stem)
        finally:
            state.close()
    docker.close()
    files.remove(str(data_dir / files.METADATA))
    await Tmpfs(data_dir, docker_host).unmount()
    return removed


async def _remove_containers(docker: Docker, instances: list[str]) -> int:
    turns = asyncio.Semaphore(_AT_ONCE)

    async def remove(docker_id: str) -> None:
        async with turns:
            await docker.remove(docker_id, force=True)

    ids = [entry["Id"] for arn in instances for entry in await docker.containers({INSTANCE_LABEL: arn})]
    await asyncio.gather(*(remove(docker_id) for docker_id in ids))
    return len(ids)


async def _remove_network(data_dir: Path, cluster: str) -> None:
    if os.geteuid() == 0 and shutil.which("nft"):
        await HostNetwork(owner(data_dir, cluster), Log()).clear()


async def _remove_cgroups(docker: Docker, state: State) -> None:
    found = cgroups.find(await docker.info())
    if isinstance(found, str):
        return
    for record in state.tasks():
        found.remove(found.naming.format(record["payload"]["arn"].rpartition("/")[2]))


async def _remove_volumes(docker: Docker, state: State) -> None:
    for record in state.tasks():
        try:
            names = from_record(record).scratch_volumes
        except UnknownFormat:
            continue
        for name in names:
            try:
                await docker.remove_volume(name)
            except DockerError:
                continue
