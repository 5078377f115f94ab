"""Work on journals that takes longer than a request: done one by one, its results kept in memory for a while."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from typing import Any

log = logging.getLogger("podium.journals")
MOST_KEPT = 50  # that are over; the oldest are forgotten first


class JobState(StrEnum):
    """In CloudWatch Logs' words."""

    SCHEDULED = "Scheduled"
    RUNNING = "Running"
    COMPLETE = "Complete"
    FAILED = "Failed"
    CANCELLED = "Cancelled"


WAITING = (JobState.SCHEDULED, JobState.RUNNING)


@dataclass(slots=True)
class Job:
    """`about` is whatever its owner wants to know of it later. `work` ends early once `stopped` says so."""

    id: str
    home: str
    about: Any
    work: Callable[["Job"], Any]
    state: JobState = JobState.SCHEDULED
    result: Any = None

    def stopped(self) -> bool:
        return self.state is JobState.CANCELLED


class TooMuch(Exception):
    """The work would take more memory than it may have."""


@dataclass(slots=True)
class Jobs:
    """`start_soon` calls what it is given, in a thread or at once."""

    start_soon: Callable[[Callable[[], None]], object]
    _held: dict[str, Job] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def start(self, job: Job) -> None:
        with self._lock:
            over = [id for id, held in self._held.items() if held.state not in WAITING]
            for id in over[: max(0, len(over) + 1 - MOST_KEPT)]:
                del self._held[id]
            self._held[job.id] = job
        self.start_soon(lambda: self._run(job))

    def find(self, id: str, home: str) -> Job | None:
        with self._lock:
            found = self._held.get(id)
        return found if found is not None and found.home == home else None

    def of(self, home: str) -> list[Job]:
        """Oldest first."""
        with self._lock:
            return [job for job in self._held.values() if job.home == home]

    def stop(self, job: Job) -> bool:
        """Whether it was not over yet."""
        with self._lock:
            waiting = job.state in WAITING
            if waiting:
                job.state = JobState.CANCELLED
        return waiting

    def stop_all(self) -> None:
        """And forget them."""
        with self._lock:
            for job in self._held.values():
                job.state = JobState.CANCELLED
            self._held.clear()

    def _run(self, job: Job) -> None:
        if not self._turn(job, JobState.SCHEDULED, JobState.RUNNING):
            return
        try:
            job.result = job.work(job)
            self._turn(job, JobState.RUNNING, JobState.COMPLETE)
        except TooMuch:
            self._turn(job, JobState.RUNNING, JobState.FAILED)
        except Exception:
            self._turn(job, JobState.RUNNING, JobState.FAILED)
            log.exception("query failed id=%s", job.id)
            raise

    def _turn(self, job: Job, before: JobState, after: JobState) -> bool:
        with self._lock:
            if job.state is not before:
                return False
            job.state = after
        return True
