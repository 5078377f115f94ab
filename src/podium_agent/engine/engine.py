"""The engine: events in, instructions out."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from podium_agent.engine import events as e
from podium_agent.engine import limits, metadata_files, reports, saved, secret_files, steps
from podium_agent.engine.book import Book
from podium_agent.engine.instructions import (
    Create,
    Flush,
    Forget,
    Instruction,
    KeepInterfaces,
    Look,
    Note,
    RemoveCgroup,
    RemoveVolume,
    Save,
    SaveSequence,
    Send,
    Start,
    Stop,
    Submit,
)
from podium_agent.engine.interfaces import Interface
from podium_agent.engine.lives import settle
from podium_agent.engine.observations import Observations
from podium_agent.engine.orders import Orders
from podium_agent.engine.payloads import NewId
from podium_agent.engine.ports import PortIsFree, Ports
from podium_agent.engine.records import Status, Task
from podium_agent.engine.settings import Settings
from podium_protocol import acs


class Engine:
    """One container instance's tasks. See the package's docstring for what holds."""

    def __init__(self, settings: Settings, *, new_id: NewId, port_is_free: PortIsFree = lambda port, protocol: True):
        self.settings = settings
        self._book = Book()
        ports = Ports(settings.host_ports, settings.container_instance_arn, port_is_free)
        self._orders = Orders(settings, self._book, new_id, ports)
        self._observations = Observations(settings, self._book, new_id, ports)
        self._saved: dict[str, Task] = {}
        self._described: dict[str, dict[str, metadata_files.Mark]] = {}
        self._docker_answers = False
        self._look: int | None = None
        self._look_at: float | None = None
        self._interfaces: dict[str, Interface] = {}

    @property
    def tasks(self) -> Mapping[str, Task]:
        """Every task not yet cleaned up, by its ARN."""
        return self._book.tasks

    def handle(self, event: e.Event, now: float) -> list[Instruction]:
        """What follows from `event`, to be carried out in this order."""
        self._book.turn += 1
        first = self._fold(event, now)
        changed = self._book.changed()
        then = [i for task in changed for i in self._go_on(task, now)]
        self._book.changed()
        kept = self._keep_interfaces(changed)
        return self._with_saves(first + kept + then, [t.arn for t in changed])

    def next_deadline(self) -> float | None:
        """When a Tick is due, if no event comes before. None: not before the next event."""
        if not self._docker_answers:
            return None
        looks = [self._look_at] if self._look_at is not None and self._look is None else []
        waits = [at for task in self._book.tasks.values() for at in steps.deadlines(task)]
        return min(looks + waits, default=None)

    def _fold(self, event: e.Event, now: float) -> list[Instruction]:
        if self._observations.handles(event):
            again = self._ask_for_a_look(now) if isinstance(event, e.Unanswered) else []
            return self._observations.handle(event, now) + again
        match event:
            case e.Received():
                return self._orders.handle(event.message)
            case e.Accepted():
                return self._accepted(event.task_arn, now)
            case e.Listed():
                return self._listed(event, now)
            case e.Restored():
                return self._restored(event, now)
            case e.Renumbered():
                return self._renumbered(event)
            case e.DockerLost():
                self._docker_answers, self._look = False, None
                self._described.clear()
            case e.DockerBack():
                return self._ask_for_a_look(now)
            case e.Tick():
                return self._tick(now)
        return []

    def _go_on(self, task: Task, now: float) -> list[Instruction]:
        """Settle what changed, take the next steps in Docker and tell the control plane."""
        task = settle(task, now)
        instructions: list[Instruction] = []
        if self._docker_answers:
            task, instructions = steps.next_steps(task, self.settings, now)
            instructions += metadata_files.due(task, self.settings, self._described.setdefault(task.arn, {}))
        if task.report is None and (report := reports.next_report(task)) is not None:
            task = replace(task, report=report)
            request = reports.request(task, report, self.settings.cluster)
            instructions.append(Submit(task_arn=task.arn, request=request))
        self._book.put(task)
        return instructions + (self._cleaned(task) if steps.is_clean(task, now) else [])

    def _with_saves(self, instructions: list[Instruction], changed: Iterable[str]) -> list[Instruction]:
        """Orders, what Docker is asked to make or to stop, and ends that are told must be on disk first."""
        saves: list[Instruction] = [i for i in instructions if isinstance(i, SaveSequence)]
        for task in (self._book.tasks[arn] for arn in changed if arn in self._book.tasks):
            lasting = saved.lasting(task)
            if self._saved.get(task.arn) != lasting:
                self._saved[task.arn] = lasting
                saves.append(Save(key=task.arn, record=saved.to_record(task)))
        others: list[Instruction] = [i for i in instructions if not isinstance(i, SaveSequence)]
        return [*saves, Flush(), *others] if any(map(_is_weighty, others)) else others + saves

    def _keep_interfaces(self, changed: Iterable[Task]) -> list[Instruction]:
        """Before a task's network is made, and after its end, the host hears which interfaces are in use."""
        used = dict(self._interfaces)
        for task in (self._book.tasks.get(t.arn, t) for t in changed if t.network_mode == "awsvpc"):
            if (interface := task.interface) is not None:
                used[task.arn] = interface
            else:
                used.pop(task.arn, None)
        if used == self._interfaces:
            return []
        self._interfaces = used
        return [KeepInterfaces(interfaces=tuple(used.values()))]

    def _restored(self, event: e.Restored, now: float) -> list[Instruction]:
        self._orders.sequence = event.sequence
        notes: list[Instruction] = []
        for record in event.records:
            task = saved.from_record(record)
            self._saved[task.arn] = task
            unsure = tuple(replace(c, unsure=c.status is not Status.STOPPED) for c in task.containers)
            self._book.put(replace(task, containers=unsure))
        if event.records:
            notes = [Note(text="takes up the tasks of an earlier run", fields={"tasks": len(event.records)})]
        left = secret_files.kept(self._book.tasks.values(), self.settings)
        return [*notes, *left, *self._ask_for_a_look(now)]

    def _renumbered(self, event: e.Renumbered) -> list[Instruction]:
        """Another control plane, or one that forgot: it is told of every task as if for the first time."""
        self.settings = replace(self.settings, container_instance_arn=event.container_instance_arn)
        self._orders.settings = self.settings
        self._orders.sequence = -1
        for task in list(self._book.active()):
            containers = tuple(replace(c, reported=Status.PENDING, digest_told=False) for c in task.containers)
            self._book.put(replace(task, reported=Status.PENDING, containers=containers))
        return [SaveSequence(sequence=-1)]

    def _listed(self, event: e.Listed, now: float) -> list[Instruction]:
        if event.look != self._look:
            return []
        self._look, self._look_at = None, now + self.settings.look_every
        if not self._docker_answers:
            self._docker_answers = True
            self._book.have_changed(self._book.tasks)
        instructions = self._observations.listed(event, now)
        unsure = any(c.unsure for task in self._book.active() for c in task.containers)
        return instructions + (self._ask_for_a_look(now) if unsure else [])

    def _accepted(self, task_arn: str, now: float) -> list[Instruction]:
        task = self._book.tasks.get(task_arn)
        if task is None:
            return []
        told = reports.accepted(task)
        if told.reported is Status.STOPPED and told.clean_at is None:
            told = replace(told, clean_at=now + self._kept_for(told))
        self._book.put(told)
        self._hurry_the_oldest(now)
        return []

    def _kept_for(self, task: Task) -> float:
        """Docker keeps the environment of a container for as long as it keeps the container."""
        wait = self.settings.cleanup_wait
        holds_secrets = any(c.definition.get("secrets") for c in task.containers)
        return min(wait, self.settings.cleanup_wait_of_secrets) if holds_secrets else wait

    def _hurry_the_oldest(self, now: float) -> None:
        """No more than so many stopped tasks are kept, however fast they come."""
        kept = [(t.clean_at, t.arn) for t in self._book.tasks.values() if t.clean_at is not None]
        for clean_at, arn in sorted(kept)[: max(0, len(kept) - self.settings.stopped_tasks_kept)]:
            if clean_at > now:
                self._book.put(replace(self._book.tasks[arn], clean_at=now))

    def _cleaned(self, task: Task) -> list[Instruction]:
        self._book.drop(task.arn)
        self._saved.pop(task.arn, None)
        self._described.pop(task.arn, None)
        volumes: list[Instruction] = [RemoveVolume(name=name) for name in task.scratch_volumes]
        cgroup = limits.cgroup(task, self.settings)
        cgroups = [] if cgroup is None else [RemoveCgroup(name=cgroup.name)]
        return [
            *volumes,
            *cgroups,
            *metadata_files.removal(task, self.settings),
            *secret_files.removal(task, self.settings),
            Forget(key=task.arn),
            Note(text="cleaned up after a task", fields={"task": task.arn}),
        ]

    def _tick(self, now: float) -> list[Instruction]:
        """Only tasks whose time has come need new thought; a look at Docker tells of the others."""
        self._book.have_changed(arn for arn, task in self._book.tasks.items() if _is_due(task, now))
        due = self._look_at is not None and self._look_at <= now and self._docker_answers
        if not due or self._look is not None:
            return []
        self._look_at = now + self.settings.look_every
        return self._ask_for_a_look(now) if any(self._book.active()) else []

    def _ask_for_a_look(self, now: float) -> list[Instruction]:
        self._look = self._book.turn
        settled = (
            c.docker_id
            for t in self._book.tasks.values()
            for c in t.containers
            if c.status is Status.STOPPED and c.docker_id is not None
        )
        return [Look(number=self._look, settled=frozenset(settled))]


def _is_due(task: Task, now: float) -> bool:
    return any(at <= now for at in steps.deadlines(task))


def _is_weighty(instruction: Instruction) -> bool:
    match instruction:
        case Send():
            return instruction.message.type == acs.ACK
        case Submit():
            return bool(instruction.request["status"] == Status.STOPPED.name)
        case Start():
            return instruction.again
        case _:
            return isinstance(instruction, Create | Stop)
