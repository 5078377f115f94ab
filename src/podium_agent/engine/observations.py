"""What Docker says, folded into what is known."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from podium_agent.engine import adoption, lives, payloads, reasons
from podium_agent.engine import events as e
from podium_agent.engine.book import Book
from podium_agent.engine.instructions import Discard, Instruction, Note, PublishHealth, Stop
from podium_agent.engine.payloads import NewId
from podium_agent.engine.ports import NoPort, Ports
from podium_agent.engine.records import Container, Key, Status, Step, Task
from podium_agent.engine.settings import DEFAULT, Settings

_PORT_CHOICES = 10
"""How often a container may be made anew because its dynamic ports were taken meanwhile."""

Fold = Callable[[Any, Task, Container, float], list[Instruction]]


class Observations:
    """Answers are for the step under way; an answer to another step came too late to matter."""

    def __init__(self, settings: Settings, book: Book, new_id: NewId, ports: Ports) -> None:
        self._settings = settings
        self._book = book
        self._new_id = new_id
        self._ports = ports
        self._answers: dict[type[Any], tuple[Step, Fold]] = {
            e.Pulled: (Step.PULL, self._pulled),
            e.PullFailed: (Step.PULL, self._pull_failed),
            e.ImageMissing: (Step.CREATE, self._image_missing),
            e.Created: (Step.CREATE, self._created),
            e.CreateFailed: (Step.CREATE, self._failed),
            e.Started: (Step.START, self._started),
            e.StartFailed: (Step.START, self._start_failed),
            e.Wired: (Step.WIRE, self._wired),
            e.WireFailed: (Step.WIRE, self._wire_failed),
            e.StopFailed: (Step.STOP, self._later),
            e.Removed: (Step.REMOVE, self._removed),
            e.RemoveFailed: (Step.REMOVE, self._later),
        }
        self._news: dict[type[Any], Fold] = {e.Died: self._died, e.Came: self._came, e.HealthChanged: self._health}

    def handles(self, event: object) -> bool:
        return isinstance(event, e.Observed | e.Unanswered) or type(event) in {*self._answers, *self._news}

    def handle(self, event: Any, now: float) -> list[Instruction]:
        key = self._book.by_docker_id(event.docker_id) if type(event) in self._news else event.key
        known = None if key is None else self._book.look_up(key)
        if known is None:
            return []
        fold = self._fold_for(event, known[1])
        return [] if fold is None else fold(event, *known, now)

    def listed(self, event: e.Listed, now: float) -> list[Instruction]:
        """Make every container agree with the listing that nothing newer is known of."""
        listing = adoption.Listing(event.found)
        instructions: list[Instruction] = []
        for task in list(self._book.tasks.values()):
            for container in task.containers:
                if container.touched <= event.look:
                    found = listing.of(container)
                    instructions += self._agree(Key(task.arn, container.name), found, now)
                    self._is_sure_of(container, task.arn)
        everything = (c for t in self._book.tasks.values() for c in t.containers)
        return instructions + [i for f in listing.besides(everything) for i in self._leftover(f)]

    def _fold_for(self, event: Any, container: Container) -> Fold | None:
        if isinstance(event, e.Observed):
            return self._observed
        if isinstance(event, e.Unanswered):
            return self._unanswered
        if type(event) in self._news:
            return self._news[type(event)]
        step, fold = self._answers[type(event)]
        return fold if container.step is step else None

    def _agree(self, key: Key, found: e.Found | None, now: float) -> list[Instruction]:
        known = self._book.look_up(key)
        if known is None:
            return []
        task, container = known
        health = container.health
        self._book.put(adoption.adopt(task, container, found, now))
        after = self._book.tasks[key.task_arn].container(key.name)
        news: list[Instruction] = [] if after.health == health else [PublishHealth()]
        alive = found is not None and adoption.is_alive(found)
        return news + (self._stop_again(key) if alive else [])

    def _is_sure_of(self, container: Container, task_arn: str) -> None:
        """Most always were, and their tasks need no new thought."""
        if container.unsure:
            self._book.put(self._book.tasks[task_arn].with_container(container.name, unsure=False))

    def _leftover(self, found: e.Found) -> list[Instruction]:
        """A container with our label that is none of ours. Only one that never ran is taken away."""
        if found.task_arn in self._book.tasks and found.state == "created":
            return [Discard(docker_id=found.docker_id)]
        return []

    def _pulled(self, event: e.Pulled, task: Task, container: Container, now: float) -> list[Instruction]:
        if not container.internal:
            task = _with_pull_times(task, event.began_at, event.ended_at)
        self._book.put(task.with_container(container.name, step=None, image_missing=False, pulled=True))
        return []

    def _pull_failed(self, event: e.PullFailed, task: Task, container: Container, now: float) -> list[Instruction]:
        """By default an image that Docker has is good enough, and the pull is not asked for again."""
        task = _with_pull_times(task, event.began_at, event.ended_at)
        if self._settings.image_pull_behavior == DEFAULT and not container.image_missing:
            self._book.put(task.with_container(container.name, step=None, pulled=True, pull_reason=event.reason))
        else:
            self._book.put(lives.failed(task, container, event.reason))
        return [_note("could not pull an image", event.key, event.reason)]

    def _image_missing(self, event: e.ImageMissing, task: Task, container: Container, now: float) -> list[Instruction]:
        """An image that is still missing once it was pulled will not come by pulling again."""
        if container.pulled:
            image = container.definition["image"]
            reason = f"CannotCreateContainerError: Error response from daemon: No such image: {image}"
            self._book.put(lives.failed(task, container, container.pull_reason or reason))
        else:
            self._book.put(task.with_container(container.name, step=None, image_missing=True))
        return []

    def _created(self, event: e.Created, task: Task, container: Container, now: float) -> list[Instruction]:
        created = lives.created(task, container, event.docker_id)
        self._book.put(created.with_container(container.name, image_digest=event.image_digest))
        return []

    def _failed(self, event: e.CreateFailed, task: Task, container: Container, now: float) -> list[Instruction]:
        self._book.put(lives.failed(task, container, event.reason))
        return [_note("could not create a container", event.key, event.reason)]

    def _started(self, event: e.Started, task: Task, container: Container, now: float) -> list[Instruction]:
        self._book.put(lives.started(task, container, now))
        return []

    def _start_failed(self, event: e.StartFailed, task: Task, container: Container, now: float) -> list[Instruction]:
        if event.port_taken and self._may_choose_again(task, container):
            return self._choose_again(task, container, event.reason)
        self._book.put(lives.failed(task, container, reasons.of_start(task, event.reason)))
        return [_note("could not start a container", event.key, event.reason)]

    def _may_choose_again(self, task: Task, container: Container) -> bool:
        dynamic = any(b.dynamic for b in container.bindings) and not container.restarting
        return dynamic and task.desired is Status.RUNNING and container.port_choices < _PORT_CHOICES

    def _choose_again(self, task: Task, container: Container, reason: str) -> list[Instruction]:
        """Docker cannot give a container other ports, so it is made anew under another name."""
        assert container.docker_id is not None, "only a created container can fail to start"
        taken = self._book.taken_ports()
        try:
            anew = payloads.rebind(task, container, new_id=self._new_id, ports=self._ports, taken=taken)
        except NoPort as error:
            self._book.put(lives.failed(task, container, f"CannotStartContainerError: {error}"))
            return []
        self._book.put(anew.with_container(container.name, docker_id=None, status=Status.PENDING, step=None))
        note = _note("chooses other host ports", Key(task.arn, container.name), reason)
        return [note, Discard(docker_id=container.docker_id)]

    def _wired(self, event: e.Wired, task: Task, container: Container, now: float) -> list[Instruction]:
        self._book.put(task.with_container(container.name, step=None, wired=True))
        return []

    def _wire_failed(self, event: e.WireFailed, task: Task, container: Container, now: float) -> list[Instruction]:
        """Without its network the task cannot be: nothing else of it has been started yet."""
        task = replace(task, reason=task.reason or event.reason)
        self._book.put(lives.told_to_stop(task.with_container(container.name, step=None)))
        return [_note("could not make the network of a task", event.key, event.reason)]

    def _later(self, event: Any, task: Task, container: Container, now: float) -> list[Instruction]:
        retry_at = now + self._settings.retry_after
        self._book.put(task.with_container(container.name, step=None, retry_at=retry_at))
        return [_note("will ask Docker again", event.key, event.reason)]

    def _removed(self, event: e.Removed, task: Task, container: Container, now: float) -> list[Instruction]:
        self._book.put(task.with_container(container.name, step=None, docker_id=None))
        return []

    def _observed(self, event: e.Observed, task: Task, container: Container, now: float) -> list[Instruction]:
        """A container that outlived its Stop is asked again a little later."""
        if container.step not in (None, Step.STOP):
            return []
        survived = container.step is Step.STOP and event.found is not None and adoption.is_alive(event.found)
        retry_at = now + self._settings.retry_after if survived else None
        self._book.put(task.with_container(container.name, step=None, retry_at=retry_at))
        return [] if survived else self._agree(event.key, event.found, now)

    def _unanswered(self, event: e.Unanswered, task: Task, container: Container, now: float) -> list[Instruction]:
        self._book.put(task.with_container(container.name, step=None, unsure=True))
        return []

    def _died(self, event: e.Died, task: Task, container: Container, now: float) -> list[Instruction]:
        self._book.put(lives.ended(task, container, event.exit, now))
        again = self._book.tasks[task.arn].container(container.name).restarting and not container.restarting
        text = "starts a container again, by its restart policy" if again else "a container ended"
        return [_note(text, Key(task.arn, container.name), "", exit_code=event.exit.code)]

    def _came(self, event: e.Came, task: Task, container: Container, now: float) -> list[Instruction]:
        """News of the start that we asked for may come after the end was learned."""
        old = container.finished_at is not None and event.at <= container.finished_at
        return [] if old else self._stop_again(Key(task.arn, container.name))

    def _stop_again(self, key: Key) -> list[Instruction]:
        """Somebody started a container whose task is over: it is stopped once, then left alone."""
        known = self._book.look_up(key)
        assert known is not None, "only a known container can have come back"
        task, container = known
        over = container.status is Status.STOPPED and task.desired is Status.STOPPED
        if not over or container.stopped_again or container.step is not None or container.docker_id is None:
            return []
        self._book.put(task.with_container(container.name, stopped_again=True, step=Step.STOP))
        timeout = container.definition.get("stopTimeout") or self._settings.stop_timeout
        note = _note("stops a container that somebody started again", key, "")
        return [note, Stop(key=key, docker_id=container.docker_id, timeout=timeout)]

    def _health(self, event: e.HealthChanged, task: Task, container: Container, now: float) -> list[Instruction]:
        health = adoption.HEALTH.get(event.health, "UNKNOWN")
        if health == container.health or container.status is Status.STOPPED:
            return []
        self._book.put(task.with_container(container.name, health=health, health_since=event.at))
        return [PublishHealth()]


def _with_pull_times(task: Task, began_at: float | None, ended_at: float | None) -> Task:
    if began_at is None or ended_at is None:
        return task
    began = began_at if task.pull_started_at is None else min(task.pull_started_at, began_at)
    ended = ended_at if task.pull_stopped_at is None else max(task.pull_stopped_at, ended_at)
    return replace(task, pull_started_at=began, pull_stopped_at=ended)


def _note(text: str, key: Key, reason: str, **fields: Any) -> Note:
    told = {"task": key.task_arn, "container": key.name, **fields}
    return Note(text=text, fields={**told, "reason": reason} if reason else told)
