"""What must hold whatever goes wrong: after every commit, at every start and stop of a container, and at rest."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from podium import ec2
from podium.ecs.lifecycle import HOLDING
from podium.ecs.records import ContainerInstance, InstanceStatus, Stranger, Task, TaskStatus
from podium.store.session import Change
from podium_sim.checks import Sight, checks_of
from podium_sim.docker import SimContainer
from podium_sim.shadow import KINDS, Shadow

if TYPE_CHECKING:
    from podium_sim.world import World

WHOLE_EVERY = 200  # commits, after which what is looked at change by change is looked at as a whole


class Broken(AssertionError):
    """A law of the world was broken."""


class Checkers:
    """`told_to_stop` are the tasks that anyone ever rightly asked to stop, by the durable records.

    `watchers` hear of every change on disk, once it was judged.
    """

    def __init__(self, world: "World") -> None:
        self._world = world
        self._commits = 0
        self.shadow = Shadow()
        self.told_to_stop: set[str] = set()
        self.watchers: list[Callable[[Change], None]] = []

    def committed(self, changes: Sequence[Change]) -> None:
        """What has just been written to disk is judged, change by change, by what was there before each."""
        now, timing = self._world.plane_clock.latest(), self._world.timing
        for n, change in enumerate(changes):
            sight = Sight(self.shadow, change, changes[n:], now, timing)
            for check in checks_of(change.kind):
                for sentence in check(sight):
                    raise Broken(f"{check.__name__}: {sentence}")
            self.shadow.apply(change)
            if isinstance(change.after, Task) and change.after.desired_status is TaskStatus.STOPPED:
                self.told_to_stop.add(change.key)
            self._world.doubted.update(self._given_up(change))
            for watch in self.watchers:
                watch(change)
        self._commits += 1
        if self._commits % WHOLE_EVERY == 0:
            self.every_interface_is_somebodys()

    def _given_up(self, change: Change) -> list[str]:
        """Tasks for whose exit codes nobody waits any more: somebody called their machine off, or sent it away."""
        before, after = change.before, change.after
        if isinstance(before, Stranger) and after is None:
            instance = self.shadow.instance(before.container_instance_arn)
            return [before.arn] if instance is None or not instance.agent_connected else []
        if isinstance(after, ContainerInstance) and after.status is InstanceStatus.INACTIVE:
            return [t.arn for t in self.shadow.all(Task).values() if t.container_instance_arn == after.arn]
        return []

    def at_rest(self) -> None:
        """Once nothing goes wrong any more: no exit code, no task, no container and no interface is forgotten."""
        tasks = {t.arn: t for t in self._world.plane.read().list(Task)}
        for (arn, name), code in self._world.docker.exits.items():
            if arn not in tasks or arn in self._world.doubted:
                continue
            told = {c.name: c.exit_code for c in tasks[arn].containers}
            if told.get(name, code) != code:
                raise Broken(f"{name} of {arn} ended with {code}, and on record is {told[name]}")
        alive = {c.task_arn for c in self._world.docker.running()}
        wanted = {arn for arn, task in tasks.items() if task.last_status in HOLDING}
        if alive != wanted:
            raise Broken(f"running and on no record: {sorted(alive - wanted)}; the reverse: {sorted(wanted - alive)}")
        on_their_way = [t for t in tasks.values() if t.last_status not in (TaskStatus.RUNNING, TaskStatus.STOPPED)]
        if on_their_way:
            raise Broken(f"{on_their_way[0].arn} is still {on_their_way[0].last_status}")
        wired = {c.interface.id for c in self._world.docker.running() if c.interface is not None}
        recorded = {task.interface_id for task in tasks.values() if task.interface_id is not None}
        if wired != recorded:
            raise Broken(f"on hosts alone: {sorted(wired - recorded)}; on record alone: {sorted(recorded - wired)}")
        self.every_interface_is_somebodys()
        self._records_are_as_on_disk()

    def _records_are_as_on_disk(self) -> None:
        """What the control plane has in memory is what it wrote."""
        tx = self._world.plane.read()
        for kind in KINDS:
            if {r.arn: r for r in tx.list(kind)} != self.shadow.all(kind):
                raise Broken(f"the records of {kind.__name__} in memory are not those on disk")

    def forget_records(self) -> None:
        """The database was emptied or went back in time; what it says next is no step backwards."""
        self.shadow.load(self._world.disk)

    def on_kill(self, container: SimContainer) -> None:
        """Somebody stops a running container: its task must have been asked to stop, or have lost an essential one."""
        if container.task_arn in self.told_to_stop or self._has_ended_sibling(container):
            if self._world.proxy is not None and (wrong := self._world.proxy.on_stop(container)):
                raise Broken(wrong)
            return
        raise Broken(f"{container.name} of {container.task_arn} was stopped, and nobody had asked for that")

    def on_start(self, container: SimContainer, network: SimContainer | None) -> None:
        """A container runs once; if it shares the task's network, that must be there, whole."""
        if network is not None and network.interface is None:
            raise Broken(f"{container.name} of {container.task_arn} was started before its network was wired")
        for other in self._world.docker.running():
            if (other.task_arn, other.container_name) == (container.task_arn, container.container_name):
                raise Broken(f"{container.container_name} of {container.task_arn} runs more than once")

    def on_wire(self, container: SimContainer) -> None:
        """Between what runs no address is doubled. A stranger whose address was given away before is left alone."""
        lost = {s.arn for s in self.shadow.all(Stranger).values() if s.interface_id is None}
        alive = [c for c in self._world.docker.running() if c.interface is not None and c.task_arn not in lost]
        macs = Counter(c.interface.mac for c in alive if c.interface is not None)
        twice = [mac for mac, number in macs.items() if number > 1]
        if twice:
            who = [c.task_arn for c in alive if c.interface is not None and c.interface.mac == twice[0]]
            raise Broken(f"one address is that of {' and of '.join(who)}")

    def _has_ended_sibling(self, container: SimContainer) -> bool:
        return any(
            c.state == "exited" for c in self._world.docker.containers.values() if c.task_arn == container.task_arn
        )

    def every_interface_is_somebodys(self) -> None:
        """Each is one task's that is not over, or one stranger's; and no task names one that is not there."""
        there = [i.id for i in self.shadow.all(ec2.NetworkInterface).values()]
        held = [t.interface_id for t in self.shadow.all(Task).values() if t.interface_id is not None]
        held += [s.interface_id for s in self.shadow.all(Stranger).values() if s.interface_id is not None]
        if sorted(held) != sorted(there):
            raise Broken(f"interfaces that tasks have: {sorted(held)}; that there are: {sorted(there)}")
