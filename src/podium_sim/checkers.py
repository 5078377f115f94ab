"""What must hold after every step, whatever goes wrong. Each raises Broken with a sentence."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from podium import ec2
from podium.ecs.lifecycle import HOLDING
from podium.ecs.records import ContainerInstance, Stranger, Task, TaskStatus
from podium.store.session import Change, Transaction
from podium_sim.docker import SimContainer

if TYPE_CHECKING:
    from podium_sim.world import World

ORDER = list(TaskStatus)


class Broken(AssertionError):
    """A law of the world was broken."""


class Checkers:
    """`told_to_stop` are the tasks that anyone ever rightly asked to stop, by the durable records."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._seen: dict[str, TaskStatus] = {}
        self.told_to_stop: set[str] = set()

    def look(self) -> None:
        if not self._world.plane.is_up:
            return
        tx = self._world.plane.read()
        tasks = tx.list(Task)
        self.told_to_stop.update(t.arn for t in tasks if t.desired_status is TaskStatus.STOPPED)
        self._lives_move_forward(tasks)
        _nothing_is_overcommitted(tx, tasks)
        _every_interface_is_somebodys(tx, tasks)
        self._one_container_each()
        self._no_address_is_doubled(tx)

    def committed(self, changes: Sequence[Change]) -> None:
        """What has just been written to disk."""

    def at_rest(self) -> None:
        """Once nothing goes wrong any more: no exit code, no task, no container and no interface is forgotten."""
        tasks = {t.arn: t for t in self._world.plane.read().list(Task)}
        for (arn, name), code in self._world.docker.exits.items():
            told = {c.name: c.exit_code for c in tasks[arn].containers} if arn in tasks else {}
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

    def forget_records(self) -> None:
        """The database was emptied or went back in time; what it says next is no step backwards."""
        self._seen.clear()

    def on_kill(self, container: SimContainer) -> None:
        """Somebody stops a running container: its task must have been asked to stop, or have lost an essential one."""
        arn = container.task_arn
        self.look()
        if arn in self.told_to_stop or self._has_ended_sibling(container):
            return
        raise Broken(f"{container.name} of {arn} was stopped, and nobody had asked for that")

    def on_start(self, container: SimContainer, network: SimContainer | None) -> None:
        """A container that shares the task's network starts: the network must be there, whole."""
        if network is not None and network.interface is None:
            raise Broken(f"{container.name} of {container.task_arn} was started before its network was wired")

    def _no_address_is_doubled(self, tx: Transaction) -> None:
        """Between what runs. A stranger whose address was given away before it was heard of is left alone."""
        lost = {s.arn for s in tx.list(Stranger) if s.interface_id is None}
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

    def _lives_move_forward(self, tasks: list[Task]) -> None:
        for task in tasks:
            before = self._seen.get(task.arn, TaskStatus.PROVISIONING)
            if ORDER.index(task.last_status) < ORDER.index(before):
                raise Broken(f"{task.arn} went back from {before} to {task.last_status}")
            self._seen[task.arn] = task.last_status

    def _one_container_each(self) -> None:
        running = Counter((c.task_arn, c.container_name) for c in self._world.docker.running())
        twice = [who for who, number in running.items() if number > 1]
        if twice:
            raise Broken(f"{twice[0]} runs more than once")


def _every_interface_is_somebodys(tx: Transaction, tasks: list[Task]) -> None:
    """No two have one address; each is one task's that is not over; and no task lacks the one it names."""
    interfaces = {i.id: i for i in tx.list(ec2.NetworkInterface)}
    places = Counter((i.subnet_arn, i.address) for i in interfaces.values())
    if twice := [place for place, number in places.items() if number > 1]:
        raise Broken(f"two interfaces have one address: {twice[0]}")
    held = [t.interface_id for t in tasks if t.interface_id is not None]
    held += [s.interface_id for s in tx.list(Stranger) if s.interface_id is not None]
    if sorted(held) != sorted(interfaces):
        raise Broken(f"interfaces that tasks have: {sorted(held)}; that there are: {sorted(interfaces)}")
    for task in tasks:
        needs = bool(task.network) and task.last_status not in (TaskStatus.PROVISIONING, TaskStatus.STOPPED)
        if needs and task.interface_id is None and task.started_at is not None:
            raise Broken(f"{task.arn} is {task.last_status} without its interface")
        if task.last_status is TaskStatus.STOPPED and task.interface_id is not None:
            raise Broken(f"{task.arn} has stopped and still has {task.interface_id}")


def _nothing_is_overcommitted(tx: Transaction, tasks: list[Task]) -> None:
    held: Counter[str] = Counter()
    for task in tasks:
        if task.last_status in HOLDING and task.container_instance_arn:
            held[task.container_instance_arn] += task.memory_mib
    for arn, memory_mib in held.items():
        instance = tx.get(ContainerInstance, arn)
        if instance is not None and memory_mib > instance.memory_mib:
            raise Broken(f"{arn} promises {memory_mib} MiB of {instance.memory_mib}")
