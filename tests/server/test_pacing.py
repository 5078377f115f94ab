"""Whose turn it is: a thousand agents at once do not stand before a person's call."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from podium.server.pacing import IN_A_PASS, OF_AGENTS, OPENINGS_AT_ONCE, REPORTS_AT_ONCE, Turns
from podium.wire.message import Request

TARGET = "AmazonEC2ContainerServiceV20141113"


def asked(operation: str) -> Request:
    return Request("POST", "/", "", {"x-amz-target": f"{TARGET}.{operation}"}, b"")


def run(story: Callable[[Turns], Awaitable[None]]) -> None:
    async def told() -> None:
        async with asyncio.timeout(10):
            await story(Turns())

    asyncio.run(told())


async def write(turns: Turns, done: list[int], number: int) -> None:
    async with turns.call(asked("RunTask")):
        done.append(number)


@pytest.mark.parametrize("operation", OF_AGENTS)
def test_only_so_many_calls_of_agents_are_under_way_and_others_wait_for_none_of_them(operation: str) -> None:
    async def story(turns: Turns) -> None:
        begun, full, over = 0, asyncio.Event(), asyncio.Event()

        async def agent() -> None:
            nonlocal begun
            async with turns.call(asked(operation)):
                begun += 1
                if begun == REPORTS_AT_ONCE:
                    full.set()
                await over.wait()

        agents = [asyncio.create_task(agent()) for _ in range(1000)]
        await full.wait()
        async with turns.call(asked("DescribeServices")):
            assert begun == REPORTS_AT_ONCE
        over.set()
        await asyncio.gather(*agents)
        assert begun == 1000, "each had its turn"

    run(story)


def test_agents_that_dial_in_do_not_wait_for_reports() -> None:
    async def story(turns: Turns) -> None:
        reports = [turns.call(asked("SubmitTaskStateChange")) for _ in range(REPORTS_AT_ONCE)]
        for report in reports:
            await report.__aenter__()
        for _ in range(OPENINGS_AT_ONCE):
            await turns.opening.acquire()
        assert turns.opening.locked()

    run(story)


@pytest.mark.parametrize("looks", ["DescribeServices", "Decrypt", "SimulatePrincipalPolicy"])
def test_whoever_writes_waits_for_those_before_and_whoever_looks_for_none_of_them(looks: str) -> None:
    async def story(turns: Turns) -> None:
        done: list[int] = []
        writers = [asyncio.create_task(write(turns, done, number)) for number in range(100)]
        await asyncio.sleep(0)  # all of them have asked
        async with turns.call(asked(looks)):
            assert len(done) <= IN_A_PASS
        await asyncio.gather(*writers)
        assert done == list(range(100))

    run(story)


def test_one_that_leaves_before_its_turn_holds_nobody_up() -> None:
    async def story(turns: Turns) -> None:
        done: list[int] = []
        count = IN_A_PASS * 3
        writers = [asyncio.create_task(write(turns, done, number)) for number in range(count)]
        await asyncio.sleep(0)
        leaving = {IN_A_PASS, count - 1}
        for number in leaving:
            writers[number].cancel()
        await asyncio.gather(*writers, return_exceptions=True)
        async with turns.call(asked("RunTask")):
            assert done == [number for number in range(count) if number not in leaving]

    run(story)
