"""What fate does, as a table. A fault begins, lasts for a while and ends; several may be on at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from podium.ecs import spot
from podium.ecs.lifecycle import HOLDING
from podium.ecs.records import Task
from podium_sim import lies
from podium_sim.agent import SimAgent
from podium_sim.lies import Lie
from podium_sim.network import Way
from podium_sim.plane import Doom

if TYPE_CHECKING:
    from podium_sim.week import Week

End = Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`begin` says what it does, in the story, and gives back how it ends; None when it cannot be just now."""

    name: str
    begin: Callable[["Week"], End | None]
    lasts: tuple[float, float] = (1.0, 60.0)


def _a_host(week: "Week") -> SimAgent:
    return week.fate.choice(week.world.agents)


def _agent_killed(week: "Week") -> End:
    host = _a_host(week)
    host.kill()
    week.story.say(f"the agent of {host.name} is killed")
    return lambda: None if host.is_alive else host.start()


def _agent_killed_as_it_creates(week: "Week") -> End:
    """Within a moment of its next container, written down or not."""
    host, moment = _a_host(week), week.fate.uniform(0.0, 0.06)
    week.story.say(f"the agent of {host.name} is to be killed as it creates a container")

    def dies() -> None:
        host.on_create = _never
        week.world.time.after(moment, host.kill)

    def end() -> None:
        host.on_create = _never
        if not host.is_alive:
            host.start()

    host.on_create = dies
    return end


def _never() -> None:
    """Nobody waits for the host's next container."""


def _power_lost(gone: bool) -> Callable[["Week"], End]:
    def begin(week: "Week") -> End:
        host = _a_host(week)
        host.kill()
        host.docker.lose(gone)
        week.story.say(f"{host.name} loses its power{' and what was on its disk of containers' if gone else ''}")
        return lambda: None if host.is_alive else host.start()

    return begin


def _power_lost_everywhere(week: "Week") -> End:
    hosts = list(week.world.agents)
    for host in hosts:
        host.kill()
        host.docker.lose(gone=False)
    week.world.crash_plane()
    week.story.say("the power fails everywhere")

    def end() -> None:
        _plane_is_back(week)
        for host in hosts:
            if not host.is_alive:
                host.start()

    return end


def _docker_restarts(week: "Week") -> End | None:
    host = _a_host(week)
    if not host.docker.is_up:
        return None
    host.docker.restart(seconds=week.fate.uniform(0.5, 10.0))
    week.story.say(f"Docker restarts on {host.name}")
    return lambda: None


def _host_disk_full(week: "Week") -> End:
    host = _a_host(week)
    host.disk_is_full = True
    week.story.say(f"the disk of {host.name} is full")

    def end() -> None:
        host.disk_is_full = False
        if not host.is_alive:
            host.start()

    return end


def _severed(*ways: Way, words: str) -> Callable[["Week"], End]:
    def begin(week: "Week") -> End:
        host = _a_host(week)
        week.world.sever(host, *ways)
        week.story.say(f"{host.name} {words}")
        return lambda: week.world.network.severed.difference_update((host.name, way) for way in ways)

    return begin


def _network_cut(week: "Week") -> End:
    week.world.cut()
    week.story.say("the network is cut")
    return lambda: setattr(week.world.network, "is_cut", False)


def _messages_lost(week: "Week") -> End:
    week.world.network.loss = week.fate.uniform(0.02, 0.3)
    week.story.say(f"of all messages {week.world.network.loss:.0%} are lost")
    return lambda: setattr(week.world.network, "loss", 0.0)


def _messages_doubled(week: "Week") -> End:
    week.world.network.doubled = week.fate.uniform(0.1, 0.6)
    week.story.say(f"of all messages {week.world.network.doubled:.0%} come twice")
    return lambda: setattr(week.world.network, "doubled", 0.0)


def _messages_reordered(week: "Week") -> End:
    week.world.network.overtaken = week.fate.uniform(0.1, 0.5)
    week.story.say(f"of all messages {week.world.network.overtaken:.0%} are overtaken")
    return lambda: setattr(week.world.network, "overtaken", 0.0)


def _messages_late(week: "Week") -> End:
    week.world.network.slowest = week.fate.uniform(1.0, 8.0)
    week.story.say(f"calls take up to {week.world.network.slowest:.1f} s")
    return lambda: setattr(week.world.network, "slowest", 0.02)


def _plane_is_back(week: "Week") -> None:
    if not week.world.plane.is_up:
        week.world.restart_plane()
        week.story.say("the control plane is started")


def _plane_killed(week: "Week") -> End:
    week.world.crash_plane()
    week.story.say("the control plane is killed")
    return lambda: _plane_is_back(week)


def _plane_killed_at_a_commit(week: "Week") -> End:
    doom = Doom(commits=week.fate.randrange(1, 12), before=week.fate.random() < 0.5)
    week.world.plane.doom = doom
    when = "before" if doom.before else "after"
    week.story.say(f"the control plane is to be killed {when} its commit number {doom.commits} from here")

    def end() -> None:
        week.world.plane.doom = None
        _plane_is_back(week)

    return end


def _leader_changes(week: "Week") -> End | None:
    if not week.world.plane.is_up:
        return None
    old = week.world.change_leader()
    week.story.say("another server leads; the old one does not know yet")

    def end() -> None:
        if old.is_up:
            old.crash()
            old.died()
        _plane_is_back(week)

    return end


def _plane_disk_full(week: "Week") -> End:
    week.world.disk.is_full = True
    week.story.say("the control plane's disk is full")
    return lambda: setattr(week.world.disk, "is_full", False)


def _clock_jumps(week: "Week") -> End:
    ahead = week.fate.choice((-600.0, -30.0, 30.0, 600.0, 3600.0))
    week.world.set_clock(ahead)
    week.story.say(f"the control plane's clock jumps by {ahead:+.0f} s")
    return lambda: week.world.set_clock(0.0)


def _host_skewed(week: "Week") -> End:
    host, ahead = _a_host(week), week.fate.choice((-600.0, 600.0))
    host.set_clock(ahead)
    week.story.say(f"the clock of {host.name} is off by {ahead:+.0f} s")
    return lambda: host.set_clock(0.0)


def _agent_lies(week: "Week") -> End | None:
    host, lie = _a_host(week), week.fate.choice(list(Lie))
    if host.lie is not None or not host.is_alive:
        return None
    host.lie = lie
    week.story.say(f"{host.name} lies: it {lie}")
    if lie is Lie.PHANTOM and host.is_connected:
        name = f"{week.fate.getrandbits(128):032x}"
        family, group = week.fate.choice((("web", "service:web"), ("web", "family:web"), ("none", "family:none")))
        of = {"family": family, "version": "1", "group": group}
        lies.claim(host, week.world.plane, of, name)

    if lie is Lie.OTHERS:
        others = [t for t in week.records(Task) if t.container_instance_arn not in (None, host.arn)]
        alive = [t.arn for t in others if t.last_status in HOLDING]
        lies.tell_of_others(host, week.fate.sample(alive, min(5, len(alive))))
    return host.come_clean


def _pulls_slow(week: "Week") -> End:
    yard = week.world.docker.yard
    yard.pull_seconds = week.fate.uniform(5.0, 90.0)
    week.forget_images()
    week.story.say(f"pulls take {yard.pull_seconds:.0f} s")
    return lambda: setattr(yard, "pull_seconds", 0.5)


def _pulls_fail(week: "Week") -> End:
    yard = week.world.docker.yard
    yard.pull_fails = True
    week.forget_images()
    week.story.say("pulls fail")
    return lambda: setattr(yard, "pull_fails", False)


def _container_killed(week: "Week") -> End | None:
    running = sorted(week.world.docker.running(), key=lambda c: c.docker_id)
    if not running:
        return None
    victim = week.fate.choice(running)
    week.story.say(f"somebody kills {victim.container_name} of {victim.task_arn.rpartition('/')[2]}")
    week.world.kill_container(victim)
    return lambda: None


def _spot_taken_back(week: "Week") -> End | None:
    plane = week.world.plane
    if not plane.is_up:
        return None
    plane.core.write(lambda tx: spot.interrupt(tx, spot.interruptible(tx), plane.clock.now()), lambda *answer: None)
    plane.pump()
    week.story.say("Spot capacity is taken back")
    return lambda: None


FAULTS: tuple[Fault, ...] = (
    Fault(name="agent killed", begin=_agent_killed, lasts=(0.1, 10.0)),
    Fault(name="agent killed as it creates", begin=_agent_killed_as_it_creates, lasts=(10.0, 60.0)),
    Fault(name="power lost", begin=_power_lost(gone=False)),
    Fault(name="power and disk lost", begin=_power_lost(gone=True)),
    Fault(name="power lost everywhere", begin=_power_lost_everywhere, lasts=(5.0, 60.0)),
    Fault(name="Docker restarts", begin=_docker_restarts, lasts=(10.0, 10.0)),
    Fault(name="host's disk full", begin=_host_disk_full),
    Fault(name="host cut off", begin=_severed(Way.UP, Way.DOWN, words="is cut off"), lasts=(5.0, 240.0)),
    Fault(name="host deaf", begin=_severed(Way.DOWN, words="hears nothing any more")),
    Fault(name="host mute", begin=_severed(Way.UP, words="is not heard any more")),
    Fault(name="network cut", begin=_network_cut, lasts=(1.0, 90.0)),
    Fault(name="messages lost", begin=_messages_lost),
    Fault(name="messages doubled", begin=_messages_doubled),
    Fault(name="messages reordered", begin=_messages_reordered),
    Fault(name="messages late", begin=_messages_late),
    Fault(name="control plane killed", begin=_plane_killed, lasts=(0.1, 60.0)),
    Fault(name="killed at a commit", begin=_plane_killed_at_a_commit, lasts=(5.0, 60.0)),
    Fault(name="leader changes", begin=_leader_changes, lasts=(5.0, 60.0)),
    Fault(name="control plane's disk full", begin=_plane_disk_full, lasts=(1.0, 30.0)),
    Fault(name="clock jumps", begin=_clock_jumps, lasts=(5.0, 300.0)),
    Fault(name="host's clock off", begin=_host_skewed, lasts=(30.0, 300.0)),
    Fault(name="agent lies", begin=_agent_lies, lasts=(10.0, 90.0)),
    Fault(name="pulls slow", begin=_pulls_slow),
    Fault(name="pulls fail", begin=_pulls_fail, lasts=(5.0, 40.0)),
    Fault(name="Spot taken back", begin=_spot_taken_back, lasts=(1.0, 20.0)),
    Fault(name="container killed", begin=_container_killed, lasts=(0.1, 1.0)),
)
