"""What containers use of what they were given. No I/O."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from podium.ecs.explaining.findings import Finding, note, warning
from podium.ecs.records import Task

NEARLY_ALL, HARDLY_ANY = 0.9, 0.1  # of what is given
WORTH_SAVING_MIB = 256


@dataclass(frozen=True, slots=True)
class Sample:
    """One container's last report: memory in MiB, CPU in percent of the whole host; `age` in seconds."""

    memory_mib: float
    cpu_percent: float
    age: float


Samples = Mapping[str, Mapping[str, Sample]]  # by task and container name


def findings(tasks: Sequence[Task], samples: Samples) -> Iterator[Finding]:
    """Of each container the task that uses the most counts when it is much, and when it is little."""
    most: dict[str, float] = {}
    for task in tasks:
        for name, sample in samples.get(task.arn, {}).items():
            most[name] = max(most.get(name, 0.0), sample.memory_mib)
    given = {c.name: (c.memory_mib, c.memory_reservation_mib) for task in tasks for c in task.containers}
    for name, used in sorted(most.items()):
        yield from _of(name, used, *given.get(name, (None, None)))


def _of(name: str, used: float, limit: int | None, reserved: int | None) -> Iterator[Finding]:
    about = f"container {name}"
    if limit and used >= limit * NEARLY_ALL:
        yield warning(
            about,
            f"It uses {used:.0f} of the {limit} MiB that it may use; at the limit it is killed.",
            "Raise its `memory`, or find what uses it.",
        )
    elif reserved and used > reserved * 1.5:
        yield warning(
            about,
            f"It uses {used:.0f} MiB and reserves {reserved}: its instance may promise memory that is not there.",
            "Raise its `memoryReservation`.",
        )
    size = reserved or limit
    if size and size - used >= WORTH_SAVING_MIB and used <= size * HARDLY_ANY:
        yield note(
            about,
            f"It uses {used:.0f} of the {size} MiB that are kept for it.",
            "Reserve less, and more tasks fit on an instance.",
        )
