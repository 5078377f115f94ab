"""The one thread that writes a journal. Who waits meanwhile shares the next commit."""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

from podium.journals.errors import NotWritten

A = TypeVar("A")
R = TypeVar("R")
log = logging.getLogger("podium.journals")


@dataclass(frozen=True, slots=True)
class _Append(Generic[A, R]):
    what: A
    done: "Future[R]" = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class _Forget:
    """Each step of `steps` forgets a little."""

    steps: Iterator[None]
    begun: bool = False
    done: "Future[None]" = field(default_factory=Future)


class Writer(Generic[A, R]):
    """`write` makes what it is given durable, all of it or none, and says of each what whoever waits is told.

    One commit holds what waits, up to `most` as `size` counts it. `name` is the thread's, and what the log calls it.
    `close` writes what was handed in, and ends the thread.
    """

    def __init__(
        self, name: str, write: Callable[[Sequence[A]], Sequence[R]], size: Callable[[A], int], most: int
    ) -> None:
        self._name, self._write_all, self._size, self._most = name, write, size, most
        self._inbox: SimpleQueue[_Append[A, R] | _Forget | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name=name)

    def start(self) -> None:
        self._thread.start()

    def append(self, what: A) -> "Future[R]":
        asked: _Append[A, R] = _Append(what)
        self._inbox.put(asked)
        return asked.done

    def forget(self, steps: Iterator[None]) -> "Future[None]":
        """Take the steps, one at a time between what is appended meanwhile. A step may raise NotWritten."""
        self._inbox.put(asked := _Forget(steps))
        return asked.done

    def close(self) -> None:
        self._inbox.put(None)
        self._thread.join()

    def _run(self) -> None:
        over = False
        while not over:
            asked = self._waiting()
            over = None in asked
            if appends := [one for one in asked if isinstance(one, _Append)]:
                self._write(appends)
            for forget in (one for one in asked if isinstance(one, _Forget)):
                self._forget_some(forget)

    def _waiting(self) -> "Sequence[_Append[A, R] | _Forget | None]":
        """All that wait, as far as one commit should hold it; at least one."""
        asked, size = [self._inbox.get()], 0
        while (last := asked[-1]) is not None:
            size += self._size(last.what) if isinstance(last, _Append) else 0
            if size >= self._most:
                break
            try:
                asked.append(self._inbox.get_nowait())
            except Empty:
                break
        return asked

    def _write(self, appends: "Sequence[_Append[A, R]]") -> None:
        """Who does not wait any more is not told; what they handed in is kept all the same."""
        waiting = [(place, one.done) for place, one in enumerate(appends) if one.done.set_running_or_notify_cancel()]
        try:
            results = self._write_all([one.what for one in appends])
        except NotWritten as error:
            log.error("%s not saved reason=%s", self._name, error)
            for _, done in waiting:
                done.set_exception(error)
        else:
            for place, done in waiting:
                done.set_result(results[place])

    def _forget_some(self, asked: _Forget) -> None:
        """A step; the rest comes after what has been appended meanwhile."""
        if not asked.begun and not asked.done.set_running_or_notify_cancel():
            return
        try:
            next(asked.steps)
        except StopIteration:
            asked.done.set_result(None)
        except NotWritten as error:
            asked.done.set_exception(error)
        else:
            self._inbox.put(_Forget(asked.steps, True, asked.done))
