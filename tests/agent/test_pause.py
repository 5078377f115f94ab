"""The pause process, as it lies beside its source and as it is built from it."""

import os
import platform
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

import podium_agent.pause
from waiting import until

HERE = Path(podium_agent.pause.__file__).parent
NAME = f"pause-{platform.machine()}"
NOBODY = "65534"


@pytest.fixture(params=["as it is kept", "as it is built"])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "as it is kept":
        return HERE / NAME
    for name in ("build", "pause.c"):
        shutil.copy(HERE / name, tmp_path)
    subprocess.run([tmp_path / "build", platform.machine()], check=True)
    return tmp_path / NAME


def status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def test_it_gives_up_root_waits_and_ends_on_sigterm(program):
    with subprocess.Popen([program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        told = status(process.pid)
        assert set(told["Uid"].split()) == set(told["Gid"].split()) == {NOBODY}
        assert (told["Groups"], int(told["CapEff"], 16)) == ("", 0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def test_it_makes_a_network_namespace_when_asked(program):
    with subprocess.Popen([program, "-n"], stdout=subprocess.DEVNULL) as process:
        ours = os.readlink("/proc/self/ns/net")
        until(lambda: os.readlink(f"/proc/{process.pid}/ns/net") != ours, "a network of its own")
        process.terminate()
        assert process.wait(60) == 0


def test_the_image_holds_nothing_else_and_is_the_same_each_time():
    archive = podium_agent.pause.archive("podium/pause:1", "x86_64")
    assert archive == podium_agent.pause.archive("podium/pause:1", "x86_64")
    assert (HERE / "pause-x86_64").read_bytes() in archive
    assert len(archive) < 64 * 1024
