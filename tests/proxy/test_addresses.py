"""Addresses on `lo`, with an iproute2 that pretends."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from podium_program import shell
from podium_program.log import Log
from podium_proxy.addresses import Addresses


class Kernel:
    """Knows `ip address`, in batches and as JSON."""

    def __init__(self, *present: str) -> None:
        self.present = {"127.0.0.1", *present}
        self.labels: set[str] = set()

    async def run(self, *command: str, given: str = "") -> str:
        assert command[0] == "ip"
        for line in given.splitlines():
            words = line.split()
            address = words[2].removesuffix("/32")
            if words[1] == "add":
                self.present.add(address)
                self.labels.add(words[-1])
            else:
                self.present.remove(address)
        return json.dumps([{"addr_info": [{"local": address} for address in sorted(self.present)]}])


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    kernel = Kernel("10.0.0.9")
    monkeypatch.setattr(shell, "run", kernel.run)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return kernel


def hold(folder: Path, *steps: set[str]) -> Addresses:
    async def walk() -> Addresses:
        addresses = Addresses(folder, Log())
        for wanted in steps:
            await addresses.hold(wanted)
        return addresses

    return asyncio.run(walk())


def test_what_is_wanted_is_put_there_and_what_is_not_is_taken_off(kernel: Kernel, tmp_path: Path):
    assert hold(tmp_path, {"10.0.0.1", "10.0.0.2"}).here == {"10.0.0.1", "10.0.0.2"}
    assert kernel.labels == {"lo:podium-lb"}
    assert hold(tmp_path, {"10.0.0.2"}).here == {"10.0.0.2"}
    assert kernel.present == {"127.0.0.1", "10.0.0.9", "10.0.0.2"}


def test_an_address_that_somebody_else_put_there_stays(kernel: Kernel, tmp_path: Path):
    assert hold(tmp_path, {"10.0.0.1"}, {"10.0.0.1", "10.0.0.9"}).here == {"10.0.0.1", "10.0.0.9"}
    hold(tmp_path, set())
    assert kernel.present == {"127.0.0.1", "10.0.0.9"}


def test_loopback_is_left_alone(kernel: Kernel, tmp_path: Path):
    assert hold(tmp_path, {"127.0.64.1"}).here == set()
    assert not kernel.labels


def test_a_sweep_takes_off_what_an_earlier_process_put_there(kernel: Kernel, tmp_path: Path):
    hold(tmp_path, {"10.0.0.1"})
    asyncio.run(Addresses(tmp_path, Log()).clear())
    assert kernel.present == {"127.0.0.1", "10.0.0.9"}
