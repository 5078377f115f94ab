"""When a host's network is looked at, and when that can be spared."""

import asyncio
from typing import Any

import pytest

from podium_agent.engine.interfaces import Interface
from podium_agent.network import host
from podium_agent.network.host import HostNetwork
from podium_program.log import Log


class Shell:
    """What was run. `links` are the names of those that there are."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.links: list[str] = []

    async def run(self, *command: str, given: str = "") -> str:
        await asyncio.sleep(0)
        self.ran.append(command[0])
        return "[" + ", ".join(f'{{"ifname": "{link}"}}' for link in self.links) + "]"

    async def script(self, text: str) -> str:
        self.ran.append(text)
        return ""


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Shell:
    made = Shell()
    monkeypatch.setattr(host, "run", made.run)
    monkeypatch.setattr(host, "script", made.script)
    return made


def interface(number: int) -> Interface:
    return Interface(id=f"eni-{number:017x}", mac="0a:58:00:00:00:01", address=f"10.0.0.{number}", prefix=24,
                     gateway="10.0.0.1")  # fmt: skip


def network() -> HostNetwork:
    return HostNetwork("an owner", Log())


async def kept(network: HostNetwork, *numbers: int) -> None:
    await network.keep([interface(number) for number in numbers])


def test_changes_that_come_together_are_seen_to_together(shell):
    async def grows() -> None:
        grown = network()
        await asyncio.gather(*(kept(grown, *range(2, last)) for last in range(3, 11)))

    asyncio.run(grows())
    assert shell.ran.count("nft") <= 2
    assert shell.ran.count("ip") == 1


def test_links_are_looked_for_after_a_start_and_when_one_is_not_kept_any_more(shell):
    async def comes_and_goes() -> list[Any]:
        seen, looks = network(), []
        for numbers in ((2,), (2, 3), ()):
            await kept(seen, *numbers)
            looks.append(shell.ran.count("ip"))
        return looks

    assert asyncio.run(comes_and_goes()) == [1, 1, 2]


def test_a_link_that_was_made_after_its_interface_was_given_up_goes_with_the_next_change(shell, monkeypatch):
    async def at_once(pid: int) -> None:
        return None

    monkeypatch.setattr(host, "_has_its_own_network", at_once)

    async def wires_late() -> str:
        late = network()
        await kept(late, 2)
        await kept(late)
        await late.wire(1, interface(2), {})
        shell.links = [late.link_of(interface(2))]
        await kept(late, 3)
        return shell.links[0]

    link = asyncio.run(wires_late())
    assert shell.ran[-1] == f"ip link delete {link} 2>/dev/null || true"
