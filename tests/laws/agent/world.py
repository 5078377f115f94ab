"""An engine in a world that loses, delays and reorders: a pretended Docker, disk and control plane.

Everything happens by `World.act`, one thing at a time, chosen by whoever drives it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from podium_agent.engine import Engine, Settings
from podium_agent.engine import events as e
from podium_agent.engine import instructions as i
from podium_agent.engine.internal import NETWORK_PAUSE, edges, is_internal
from podium_agent.engine.records import Exit, Key, Status
from podium_protocol import Message, acs

INSTANCE = "arn:aws:ecs:us-east-1:123456789012:container-instance/default/1"
_NO_POLICY = {"enabled": False, "ignoredExitCodes": [], "restartAttemptPeriod": 0}
CLUSTER = "arn:aws:ecs:us-east-1:123456789012:cluster/default"


@dataclass
class Box:
    """A container in the pretended Docker. `starts` counts how often anybody started it."""

    docker_id: str
    name: str
    key: Key
    state: str = "created"
    exit: Exit | None = None
    starts: int = 0
    wired: bool = False


@dataclass
class World:
    """`saved` is what a loss of power leaves; `asked` are Docker instructions not carried out yet;
    `answers`, `late` and `news` are events on their way, the last in Docker's order.
    """

    tasks: list[dict[str, Any]]
    now: float = 1000.0
    boxes: dict[str, Box] = field(default_factory=dict)
    saved: dict[str, dict[str, Any]] = field(default_factory=dict)
    sequence: int = -1
    unsaved_sequence: int = -1
    unsaved: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    answers: list[e.Event] = field(default_factory=list)
    late: list[e.Event] = field(default_factory=list)
    news: list[e.Event] = field(default_factory=list)
    submits: list[i.Submit] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)
    acked: set[str] = field(default_factory=set)
    told: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    ever_told: set[tuple[str, str]] = field(default_factory=set)
    spoken_of: set[str] = field(default_factory=set)  # tasks with a payload since their last report was accepted
    told_to_stop: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)
    excused: set[str] = field(default_factory=set)
    pulled: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    described: set[tuple[str, int]] = field(default_factory=set)
    docker_up: bool = True
    numbers: Any = field(default_factory=count)
    payloads: int = 0

    def __post_init__(self) -> None:
        self.engine = self._new_engine()

    def act(self, action: str, choice: int, quiet: int = 0) -> None:
        """One thing happens, then at most `quiet` things that were under way anyway.

        `choice` picks one where there are several.
        """
        getattr(self, f"_{action}")(choice)
        for _ in range(quiet):
            self._one_more()

    def drain(self) -> None:
        """Everything that is under way arrives, and time passes until nothing is left to do."""
        if not self.docker_up:
            self._docker_returns(0)
        for _ in range(60):
            for _ in range(400):
                if not self._one_more():
                    break
            else:
                raise AssertionError("the engine never comes to rest")
            self._tick(6)
            self._flush()

    def alive(self, key: Key) -> list[Box]:
        return [b for b in self.boxes.values() if b.key == key and b.state == "running"]

    def desired(self, arn: str) -> str | None:
        task = self.engine.tasks.get(arn)
        return None if task is None else task.desired.name

    def _new_engine(self) -> Engine:
        settings = Settings(
            cluster="default",
            container_instance_arn=INSTANCE,
            cleanup_wait=1e6,
            container_metadata=True,
            metadata_dir="/metadata",
        )
        return Engine(settings, new_id=lambda: f"{next(self.numbers):020x}{0:012x}")

    def _feed(self, event: e.Event) -> None:
        for instruction in self.engine.handle(event, self.now):
            self._carry(instruction)

    def _carry(self, instruction: Any) -> None:
        match instruction:
            case i.Save():
                self.unsaved[instruction.key] = instruction.record
            case i.SaveSequence():
                self.unsaved_sequence = instruction.sequence
            case i.Flush():
                self._flush()
            case i.Forget():
                self.unsaved[instruction.key] = None
            case i.Submit():
                self.submits.append(instruction)
            case i.Send():
                self._sent(instruction.message)
            case i.Note() | i.PublishHealth() | i.RemoveVolume() | i.RemoveCgroup() | i.RemoveMetadata() | i.Enforce():
                pass
            case i.Describe():
                self._describe(instruction)
            case i.KeepInterfaces():
                self.kept = {interface.id for interface in instruction.interfaces}
            case _:
                self._check_asked(instruction)
                self.asked.append(instruction)

    def _describe(self, asked: i.Describe) -> None:
        """The file is complete for this run of the container, if Docker tells of it."""
        box = self.boxes.get(asked.docker_id)
        if self.docker_up and box is not None:
            self.described.add((box.docker_id, box.starts))

    def _sent(self, message: Message) -> None:
        """An ack promises that the task is on disk."""
        self.sent.append(message)
        if message.type == acs.ACK:
            assert self.sequence >= self.payloads, "acknowledged before its number was saved"
            assert self.given <= self.saved.keys(), "acknowledged before it was saved"

    def _check_asked(self, instruction: Any) -> None:
        if isinstance(instruction, i.Create):
            record = self.saved.get(instruction.key.task_arn)
            assert record is not None, "a container was asked for before its task was saved"
            names = [c["docker_name"] for c in record["containers"]]
            assert instruction.docker_name in names, "a container was asked for before its name was saved"
        if isinstance(instruction, i.Stop):
            self._check_stop(instruction.key)

    def _check_stop(self, key: Key) -> None:
        arn = key.task_arn
        assert arn in self.told_to_stop | self.excused, f"nobody told {key} to stop"
        assert self.saved[arn]["desired"] == "STOPPED", "a stop was asked for before it was saved"
        for c in self.engine.tasks[arn].containers:
            depends = key.name in [d["containerName"] for d in c.definition.get("dependsOn", [])]
            depends = depends or (is_internal(key.name) and not c.internal)
            assert not depends or c.status is Status.STOPPED, f"{key} was to stop before {c.name}, which needs it"

    def _flush(self) -> None:
        for key, record in self.unsaved.items():
            if record is None:
                self.saved.pop(key, None)
            else:
                self.saved[key] = record
        self.unsaved.clear()
        self.sequence = self.unsaved_sequence

    # What can happen.

    def _payload(self, choice: int) -> None:
        task = self.tasks[choice % len(self.tasks)]
        self._send_payload(task)

    def _stop(self, choice: int) -> None:
        task = self.tasks[choice % len(self.tasks)]
        self.told_to_stop.add(task["arn"])
        self._send_payload({**task, "desiredStatus": "STOPPED"})

    def _send_payload(self, task: dict[str, Any]) -> None:
        self.payloads += 1
        self.given.add(task["arn"])
        self.spoken_of.add(task["arn"])
        body = {
            "messageId": f"m{self.payloads}",
            "clusterArn": CLUSTER,
            "containerInstanceArn": INSTANCE,
            "seqNum": self.payloads,
            "tasks": [task],
        }
        self._feed(e.Received(message=Message(type=acs.PAYLOAD, body=body)))

    def _carry_out(self, choice: int) -> None:
        if self.asked and self.docker_up:
            self.answers.append(self._do(self.asked.pop(choice % len(self.asked)), choice))

    def _do(self, asked: Any, choice: int) -> e.Event:
        deeds: dict[type[Any], Callable[[Any, int], e.Event]] = {
            i.Look: self._look,
            i.Create: self._create,
            i.Start: self._start,
            i.Wire: self._wire,
            i.Stop: self._end_by_stop,
            i.Pull: self._pull,
            i.Remove: self._remove,
            i.Discard: self._discard,
        }
        return deeds[type(asked)](asked, choice)

    def _look(self, asked: i.Look, choice: int) -> e.Event:
        return e.Listed(look=asked.number, found=tuple(self._found(b) for b in self.boxes.values()))

    def _found(self, box: Box) -> e.Found:
        return e.Found(
            docker_id=box.docker_id,
            docker_name=box.name,
            state=box.state,
            task_arn=box.key.task_arn,
            container_name=box.key.name,
            exit=box.exit,
        )

    def _create(self, asked: i.Create, choice: int) -> e.Event:
        same = [b for b in self.boxes.values() if b.name == asked.docker_name]
        if choice % 7 == 6 and not same:
            self.excused.add(asked.key.task_arn)
            return e.CreateFailed(key=asked.key, reason="CannotCreateContainerError: no")
        if choice % 7 == 5 and not same:
            self.excused |= {asked.key.task_arn} & self.pulled
            return e.ImageMissing(key=asked.key)
        if not same:
            docker_id = f"d{next(self.numbers)}"
            same = [Box(docker_id=docker_id, name=asked.docker_name, key=asked.key)]
            self.boxes[docker_id] = same[0]
        digest = "sha256:1" if choice % 2 else ""
        return e.Created(key=asked.key, docker_id=same[0].docker_id, image_digest=digest)

    def _pull(self, asked: i.Pull, choice: int) -> e.Event:
        self.pulled.add(asked.key.task_arn)
        return e.Pulled(key=asked.key, began_at=self.now, ended_at=self.now)

    def _start(self, asked: i.Start, choice: int) -> e.Event:
        box = self.boxes.get(asked.docker_id)
        if box is None:
            self.excused.add(asked.key.task_arn)
            return e.StartFailed(key=asked.key, reason="CannotStartContainerError: No such container")
        if box.state == "exited":
            self._check_restart(asked, box)
        if choice % 7 == 6 and box.state != "running":
            self.excused.add(asked.key.task_arn)
            return e.StartFailed(key=asked.key, reason="CannotStartContainerError: no", port_taken=bool(choice % 2))
        if box.state != "running" and not self._has_what_it_joins(box):
            self.excused.add(asked.key.task_arn)
            return e.StartFailed(key=asked.key, reason="CannotStartContainerError: cannot join a container that is not")
        if box.state != "running":
            self._run(box)
        return e.Started(key=asked.key)

    def _wire(self, asked: i.Wire, choice: int) -> e.Event:
        box = self.boxes.get(asked.docker_id)
        if box is None or box.state != "running" or choice % 7 == 6:
            self.excused.add(asked.key.task_arn)
            return e.WireFailed(key=asked.key, reason="ContainerNetworkingError: no")
        assert asked.interface.id in self.kept, "an interface was made that the host was not told to keep"
        box.wired = True
        return e.Wired(key=asked.key)

    def _has_what_it_joins(self, box: Box) -> bool:
        """Docker joins a container to running ones only. That the network is made by then is the engine's part."""
        task = next(t for t in self.tasks if t["arn"] == box.key.task_arn)
        if is_internal(box.key.name):
            return True
        joined = [b for name, _ in edges(task) for b in self.alive(Key(task["arn"], name))]
        assert all(b.wired or b.key.name != NETWORK_PAUSE for b in joined), "a task ran without its network"
        return len(joined) == len(edges(task))

    def _check_restart(self, asked: i.Start, box: Box) -> None:
        """Only a restart policy starts a container that ended, and not before that is on disk."""
        assert asked.again, "a container that ended was started again"
        assert box.exit is not None
        assert self._restarts(box.key, box.exit.code), "a container was started again against its policy"
        (record,) = [c for c in self.saved[box.key.task_arn]["containers"] if c["docker_name"] == box.name]
        assert record["restarts"] >= 1, "a restart was asked for before it was saved"

    def _policy(self, key: Key) -> dict[str, Any]:
        definitions = (c for t in self.tasks if t["arn"] == key.task_arn for c in t["containers"])
        return dict(next((c["restartPolicy"] for c in definitions if c["name"] == key.name), _NO_POLICY))

    def _restarts(self, key: Key, code: int | None) -> bool:
        if is_internal(key.name):
            return False
        policy = self._policy(key)
        return bool(policy["enabled"]) and code not in policy["ignoredExitCodes"]

    def _run(self, box: Box) -> None:
        self.now += 0.001
        box.state, box.exit, box.starts = "running", None, box.starts + 1
        assert len(self.alive(box.key)) == 1, f"two of {box.key} are alive"
        self.news.append(e.Came(docker_id=box.docker_id, at=self.now))

    def _end(self, box: Box, code: int) -> None:
        self.now += 0.001
        box.state, box.exit = "exited", Exit(code=code, at=self.now)
        if not self._restarts(box.key, code) or self._policy(box.key)["restartAttemptPeriod"]:
            self.excused.add(box.key.task_arn)
        self.news.append(e.Died(docker_id=box.docker_id, exit=box.exit))

    def _end_by_stop(self, asked: i.Stop, choice: int) -> e.Event:
        box = self.boxes.get(asked.docker_id)
        if box is None:
            return e.Observed(key=asked.key, found=None)
        if choice % 7 == 6:
            return e.StopFailed(key=asked.key, reason="no")
        if box.state == "running":
            self._end(box, 143)
        return e.Observed(key=asked.key, found=self._found(box))

    def _remove(self, asked: i.Remove, choice: int) -> e.Event:
        self.boxes.pop(asked.docker_id, None)
        return e.Removed(key=asked.key)

    def _discard(self, asked: i.Discard, choice: int) -> e.Event:
        box = self.boxes.get(asked.docker_id)
        assert box is None or box.state == "created", "a container that ran was thrown away"
        self.boxes.pop(asked.docker_id, None)
        return e.Tick()

    def _answer(self, choice: int) -> None:
        if self.answers:
            self._feed(self.answers.pop(choice % len(self.answers)))

    def _hear(self, choice: int) -> None:
        if self.news:
            self._feed(self.news.pop(0))

    def _lose(self, choice: int) -> None:
        """An event of Docker's that nobody hears."""
        if self.news:
            self.news.pop(0)

    def _look_slowly(self, choice: int) -> None:
        """Docker lists its containers, and the answer takes its time."""
        self._tick(6)
        looks = [asked for asked in self.asked if isinstance(asked, i.Look)]
        if looks and self.docker_up:
            self.asked.remove(looks[0])
            self.late.append(self._look(looks[0], 0))

    def _late(self, choice: int) -> None:
        if self.late:
            self._feed(self.late.pop(0))

    def _exit(self, choice: int) -> None:
        running = [b for b in self.boxes.values() if b.state == "running"]
        if running and self.docker_up:
            self._end(running[choice % len(running)], choice % 3)

    def _accept(self, choice: int) -> None:
        if self.submits:
            self._check_told(submit := self.submits.pop(choice % len(self.submits)))
            self._feed(e.Accepted(task_arn=submit.task_arn))

    def _check_told(self, submit: i.Submit) -> None:
        before = self.told.setdefault(submit.task_arn, [])
        order = ["PENDING", "RUNNING", "STOPPED"]
        now = order.index(submit.request["status"])
        assert all(order.index(r["status"]) <= now for r in before), "a report went back"
        over = before and before[-1]["status"] == "STOPPED"
        assert not over or submit.task_arn in self.spoken_of, "a report after the last one, and nobody had asked"
        self.spoken_of.discard(submit.task_arn)
        if now == order.index("STOPPED"):
            self._check_running_was_told(submit.task_arn)
        self.ever_told.add((submit.task_arn, submit.request["status"]))
        for entry in submit.request["containers"]:
            self._check_exit_code(entry)
        before.append(submit.request)

    def _check_running_was_told(self, arn: str) -> None:
        """A task of one container that ran owes RUNNING, unless it was to stop before that was known."""
        boxes = [b for b in self.boxes.values() if b.key.task_arn == arn]
        alone = len(self.engine.tasks[arn].containers) == 1  # one with internal containers is not
        if alone and arn not in self.told_to_stop and any(b.starts for b in boxes):
            assert (arn, "RUNNING") in self.ever_told, "a task that ran was told as one that never did"

    def _check_exit_code(self, entry: dict[str, Any]) -> None:
        box = self.boxes.get(entry.get("runtimeId", ""))
        if entry["status"] == "STOPPED" and box is not None and box.state == "exited" and box.starts == 1:
            assert box.exit is not None
            assert entry.get("exitCode") == box.exit.code, "an exit code was lost"

    def _tick(self, choice: int) -> None:
        self.now += choice
        self._feed(e.Tick())

    def _docker_leaves(self, choice: int) -> None:
        """Calls under way are unanswered; some of them were carried out all the same."""
        if not self.docker_up:
            return
        for number, asked in enumerate(self.asked):
            if not isinstance(asked, i.Look | i.Discard):
                if (choice >> number) & 1:
                    self._do(asked, 0)
                self.answers.append(e.Unanswered(key=asked.key))
        self.asked.clear()
        self.docker_up = False
        self.news.clear()
        self._feed(e.DockerLost())
        if choice & 1:
            for box in [b for b in self.boxes.values() if b.state == "running"]:
                self._end(box, 137)
            self.news.clear()

    def _docker_returns(self, choice: int) -> None:
        if not self.docker_up:
            self.docker_up = True
            self._feed(e.DockerBack())

    def _crash(self, choice: int) -> None:
        """The agent dies. What it had asked may still be carried out; what it had not saved is gone."""
        for number, asked in enumerate(self.asked):
            if self.docker_up and (choice >> number) & 1:
                self._do(asked, 0)
        self.unsaved.clear()
        self.unsaved_sequence = self.sequence
        for pending in (self.asked, self.answers, self.late, self.news, self.submits):
            pending.clear()
        self.told = {arn: [] for arn in self.told}
        self.engine = self._new_engine()
        self._feed(e.Restored(records=tuple(self.saved.values()), sequence=self.sequence))

    def _remove_behind_its_back(self, choice: int) -> None:
        if self.boxes and self.docker_up:
            box = list(self.boxes.values())[choice % len(self.boxes)]
            if box.state == "running":
                self._end(box, 137)
            self.excused.add(box.key.task_arn)
            del self.boxes[box.docker_id]

    def _start_behind_its_back(self, choice: int) -> None:
        ended = [b for b in self.boxes.values() if b.state == "exited"]
        if ended and self.docker_up:
            self._run(ended[choice % len(ended)])

    def _one_more(self) -> bool:
        for pending, act in (
            (self.answers, self._answer),
            (self.news, self._hear),
            (self.asked, self._carry_out),
            (self.submits, self._accept),
            (self.late, self._late),
        ):
            if pending:
                act(0)
                return True
        return False


def a_task(number: int, containers: list[dict[str, Any]], mode: str = "bridge", **members: Any) -> dict[str, Any]:
    interface = {
        "ec2Id": f"eni-{number:017x}",
        "macAddress": f"0a:00:00:00:00:{number:02x}",
        "ipv4Addresses": [{"privateAddress": f"172.31.0.{number + 3}", "primary": True}],
        "subnetGatewayIpv4Address": "172.31.0.1/20",
    }
    return {
        **members,
        "networkMode": mode,
        "elasticNetworkInterfaces": [interface] if mode == "awsvpc" else [],
        "arn": f"arn:aws:ecs:us-east-1:123456789012:task/default/{number}",
        "family": "f",
        "version": "1",
        "desiredStatus": "RUNNING",
        "containers": containers,
    }
