"""What a container uses, by the files of its control groups and by Docker's own word."""

import asyncio

from docker.agents import docker
from docker.images import tiny
from podium_agent.channels.usage import from_docker
from podium_agent.docker import accounts
from podium_agent.docker.client import Docker


def test_the_kernel_s_files_say_what_docker_says():
    docker_id = docker("run", "-d", "--memory", "64m", tiny(), "sh", "-c", "x=$(seq 200000); sleep 1000")
    try:
        asyncio.run(asks_both(docker_id))
    finally:
        docker("rm", "-f", docker_id)


async def asks_both(docker_id: str) -> None:
    """Docker before, the files, and Docker after."""
    engine = Docker("unix:///var/run/docker.sock")
    document = await engine.inspect(docker_id)
    assert document is not None
    files = accounts.find(docker_id, int(document["State"]["Pid"]))
    before = from_docker(await engine.stats(docker_id))
    assert files is not None, "a daemon on this machine keeps its containers' files here"
    cpu, host, memory = files.cpu_nanoseconds(), accounts.host_nanoseconds(), files.memory_bytes()
    after = from_docker(await engine.stats(docker_id))
    engine.close()
    assert before is not None
    assert after is not None
    assert before.cpu <= cpu <= after.cpu
    assert before.host <= host <= after.host
    assert abs(memory // 2**20 - after.memory_mib) <= 1
