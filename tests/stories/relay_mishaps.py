"""What may go wrong between a container and its log stream; each lasts a while, and others may be on at once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stories.relay_story import RelayStory

_DAY = 86_400.0


async def _a_while(story: "RelayStory", least: float, most: float) -> None:
    await asyncio.sleep(story.fate.uniform(least, most))


async def the_control_plane_is_away(story: "RelayStory") -> None:
    story.plane.is_away, story.plane.is_silent = True, story.fate.random() < 0.5
    await _a_while(story, 30.0, story.fate.choice((120.0, 600.0, 3600.0)))
    story.plane.is_away = False


async def answers_are_lost(story: "RelayStory") -> None:
    story.plane.losing = story.fate.uniform(0.1, 0.9)
    await _a_while(story, 5.0, 120.0)
    story.plane.losing = 0.0


async def answers_are_slow(story: "RelayStory") -> None:
    """Later than anybody waits for them, too."""
    story.plane.slowest = story.fate.choice((1.5, 10.0, 40.0))
    await _a_while(story, 5.0, 300.0)
    story.plane.slowest = 0.01


async def the_control_plane_fails(story: "RelayStory") -> None:
    story.plane.failing = story.fate.uniform(0.2, 1.0)
    await _a_while(story, 5.0, 120.0)
    story.plane.failing = 0.0


async def the_control_plane_throttles(story: "RelayStory") -> None:
    story.plane.throttling = story.fate.uniform(0.2, 1.0)
    await _a_while(story, 5.0, 120.0)
    story.plane.throttling = 0.0


async def the_agent_is_killed(story: "RelayStory") -> None:
    story.host.kill()
    await _comes_back(story)


async def the_agent_dies_within_a_statement(story: "RelayStory") -> None:
    if story.host.life is not None:
        story.host.life.statements = story.fate.randrange(12)
    await _a_while(story, 1.0, 60.0)
    story.host.kill()
    await _comes_back(story)


async def the_agent_dies_before_it_answers(story: "RelayStory") -> None:
    if story.host.life is not None:
        story.host.life.is_mute = True
    await _a_while(story, 10.0, 60.0)
    story.host.kill()
    await _comes_back(story)


async def _comes_back(story: "RelayStory") -> None:
    await _a_while(story, 0.1, story.fate.choice((2.0, 120.0)))
    if not story.host.is_up:
        story.host.start()


async def the_hosts_disk_is_full(story: "RelayStory") -> None:
    story.host.fill_disk(True)
    await _a_while(story, 5.0, 120.0)
    story.host.fill_disk(False)


async def the_group_is_deleted_and_made_anew(story: "RelayStory") -> None:
    group = story.fate.choice([driver.stream["logGroupName"] for driver in story.drivers.values()])
    if story.plane.has_group(group):
        story.forget(group)
    await _a_while(story, 0.0, story.fate.choice((1.0, 120.0)))
    if not story.plane.has_group(group):
        story.plane.make_group(group)


async def the_role_may_not_write(story: "RelayStory") -> None:
    story.plane.let_role(False)
    await _a_while(story, 5.0, 120.0)
    story.plane.let_role(True)


async def no_credentials_are_sent(story: "RelayStory") -> None:
    """Those that there are end meanwhile, and a new agent has none."""
    story.host.has_no_news = True
    await _a_while(story, 60.0, 2400.0)
    story.host.has_no_news = False


async def a_container_starts_again_and_again(story: "RelayStory") -> None:
    driver = story.fate.choice(list(story.drivers.values()))
    for _ in range(100):
        await driver.starts()
        await _a_while(story, 0.5, 5.0)


async def the_hosts_clock_jumps(story: "RelayStory") -> None:
    story.clock_ahead = story.fate.choice((-20 * _DAY, -3600.0, 600.0, 10_000.0, _DAY))
    await _a_while(story, 5.0, 300.0)
    story.clock_ahead = 0.0


ALL: tuple[Callable[["RelayStory"], Awaitable[None]], ...] = (
    the_control_plane_is_away,
    answers_are_lost,
    answers_are_slow,
    the_control_plane_fails,
    the_control_plane_throttles,
    the_agent_is_killed,
    the_agent_dies_within_a_statement,
    the_agent_dies_before_it_answers,
    the_hosts_disk_is_full,
    the_group_is_deleted_and_made_anew,
    the_role_may_not_write,
    no_credentials_are_sent,
    a_container_starts_again_and_again,
    the_hosts_clock_jumps,
)
