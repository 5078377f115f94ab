"""What containers use, read from files of control groups such as kernels have."""

import asyncio
from pathlib import Path
from typing import Any

from podium_agent.channels.usage import Usage
from podium_agent.docker import accounts
from podium_agent.docker.client import Docker, DockerError

ID, OTHER = "a" * 64, "b" * 64
MIB = 2**20


def a_process(root: Path, pid: int, *groups: str) -> None:
    (root / "proc" / str(pid)).mkdir(parents=True)
    (root / "proc" / str(pid) / "cgroup").write_text("".join(f"{group}\n" for group in groups))


def a_group(root: Path, path: str, files: dict[str, str]) -> None:
    folder = root / "cgroup" / path
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)


def found(root: Path, docker_id: str, pid: int) -> accounts.Files | None:
    return accounts.find(docker_id, pid, proc=root / "proc", mounted=root / "cgroup")


def test_version_1_has_a_folder_for_each_controller(tmp_path):
    a_process(tmp_path, 7, f"4:memory:/docker/{ID}", f"2:cpu,cpuacct:/docker/{ID}", f"0::/docker/{ID}")
    a_group(tmp_path, f"cpu,cpuacct/docker/{ID}", {"cpuacct.usage": "1500\n"})
    memory = {"memory.usage_in_bytes": f"{30 * MIB}\n", "memory.stat": f"inactive_file 1\ntotal_inactive_file {MIB}\n"}
    a_group(tmp_path, f"memory/docker/{ID}", memory)
    files = found(tmp_path, ID, 7)
    assert files is not None
    assert (files.cpu_nanoseconds(), files.memory_bytes()) == (1500, 29 * MIB)


def test_version_2_has_one_folder_whatever_slice_it_is_in(tmp_path):
    group = f"system.slice/docker-{ID}.scope"
    a_process(tmp_path, 7, f"0::/{group}")
    files = {"cpu.stat": "usage_usec 25\nuser_usec 20\n", "memory.current": f"{MIB}\n", "memory.stat": "anon 5\n"}
    a_group(tmp_path, group, files)
    read = found(tmp_path, ID, 7)
    assert read is not None
    assert (read.cpu_nanoseconds(), read.memory_bytes()) == (25_000, MIB)


def test_a_process_of_somebody_else_is_not_taken_for_the_container_s(tmp_path):
    a_process(tmp_path, 7, f"0::/docker/{OTHER}")
    a_group(tmp_path, f"docker/{OTHER}", {"cpu.stat": "", "memory.current": "0", "memory.stat": ""})
    assert found(tmp_path, OTHER, 7) is not None
    assert found(tmp_path, ID, 7) is None
    assert found(tmp_path, ID, 8) is None  # no such process


def test_files_that_are_not_mounted_here_are_not_to_be_had(tmp_path):
    a_process(tmp_path, 7, f"0::/docker/{ID}")
    assert found(tmp_path, ID, 7) is None


class DockerElsewhere(Docker):
    """Its containers' processes are none of this machine's."""

    def __init__(self) -> None:
        super().__init__("tcp://elsewhere:2375")
        self.inspected: list[str] = []
        self.used = 0
        self.gone: set[str] = set()

    async def inspect(self, container: str) -> dict[str, Any]:
        self.inspected.append(container)
        return {"State": {"Pid": 2**30}}

    async def stats(self, container: str) -> dict[str, Any]:
        if container in self.gone:
            raise DockerError(404, "No such container")
        self.used += 100
        cpu = {"cpu_usage": {"total_usage": self.used}, "system_cpu_usage": 10 * self.used}
        return {"cpu_stats": cpu, "memory_stats": {"usage": 3 * MIB}}


def test_where_files_do_not_tell_docker_does_and_is_asked_but_once_where_they_are():
    docker = DockerElsewhere()
    usage = Usage(docker)

    async def measured_twice() -> list[list[str]]:
        first = await usage.measure([ID])
        docker.gone.add(OTHER)
        return [first, await usage.measure([ID, OTHER])]

    assert asyncio.run(measured_twice()) == [[ID], [ID]]
    assert docker.inspected == [ID, OTHER]
