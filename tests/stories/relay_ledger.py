"""What must hold of log lines on their way from Docker's driver into their streams, line by line.

A line is its container's name and its number. What the driver was told it has handed over is owed to the stream: it
comes there in order, or a line that counts it does in its place, or the agent's log says that it was refused.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from podium_sim.checkers import Broken

_COUNTS = re.compile(r"\[podium\] (\d+) lines are missing here: .*")

Batch = tuple[tuple[int, str], ...]
"""Moments and messages, as they go over the wire."""


@dataclass
class Account:
    """Of one stream. Lines up to `settled` have come or were refused; `counted` are those that were counted since.

    `last` is what came last, and `lines` the last of it that counts no others. `unsure` are batches that the relay
    may have kept though the driver was not answered, and sends more than once then. `stored` is what the stream has.
    """

    answered: set[int] = field(default_factory=set)
    settled: int = -1
    counted: int = 0
    last: Batch = ()
    lines: Batch = ()
    may_repeat: bool = False
    unsure: list[Batch] = field(default_factory=list)
    surplus: int = 0
    unspoken: int = 0
    stored: list[str] = field(default_factory=list)


class Ledger:
    """Raises Broken as soon as something does not add up."""

    def __init__(self) -> None:
        self.streams: defaultdict[str, Account] = defaultdict(Account)
        self.fell_off: defaultdict[str, set[int]] = defaultdict(set)
        self.delivered = self.repeated = self.counted = self.refused_lines = 0

    def answered(self, stream: str, batch: Batch) -> None:
        """The driver was told that these are taken."""
        self.streams[stream].answered.update(map(_number, batch))

    def unanswered(self, stream: str, batch: Batch) -> None:
        """They may have been kept, and the driver was not told: it sends them again."""
        self.streams[stream].unsure.append(batch)

    def killed(self) -> None:
        """What was under way may be sent once more."""
        for account in self.streams.values():
            account.may_repeat = True

    def came(self, stream: str, batch: Batch, rejected: set[int]) -> None:
        """A request was carried out, but for the lines at these places."""
        account = self.streams[stream]
        if account.unspoken:
            raise Broken(f"{stream}: nobody said that {account.unspoken} lines were refused")
        account.stored += [message for n, (_, message) in enumerate(batch) if n not in rejected]
        self.delivered += len(batch) - len(rejected)
        count = _count(batch)
        if count is not None and count not in self.fell_off[stream]:
            raise Broken(f"{stream}: the log says nothing of {count} lines that fell off")
        self._settle(stream, batch)

    def was_told(self, stream: str, rejected: set[int]) -> None:
        """The relay has the answer to what came last."""
        account = self.streams[stream]
        account.may_repeat = False
        account.unspoken = len(rejected)

    def said(self, text: str, stream: str, in_hand: Batch, is_fair: bool, **fields: Any) -> None:
        """A line of the agent's log."""
        account = self.streams[stream]
        if text == "log lines fell off the full spool":
            self.fell_off[stream].add(fields["lines"])
        elif text == "log lines were refused":
            if fields["lines"] != (account.unspoken or len(in_hand)):
                raise Broken(f"{stream}: {fields['lines']} lines are said to be refused")
            self.refused_lines += fields["lines"]
            if account.unspoken:
                account.unspoken = 0
            elif in_hand and not is_fair:
                raise Broken(f"{stream}: lines are given up that would be taken: {fields['reason']}")
            elif in_hand:
                self._settle(stream, in_hand)

    def at_rest(self) -> None:
        """Everything has been sent."""
        for stream, account in self.streams.items():
            if account.unspoken:
                raise Broken(f"{stream}: nobody said that {account.unspoken} lines were refused")
            self._reckon(stream, max(account.answered, default=-1) + 1)

    def _settle(self, stream: str, batch: Batch) -> None:
        """These were accepted or refused, and all before them are done with."""
        account = self.streams[stream]
        if (batch == account.last and account.may_repeat) or (batch == account.lines and batch in account.unsure):
            account.last, account.may_repeat = batch, True
            self.repeated += 1
            return
        account.last, account.may_repeat = batch, True
        count = _count(batch)
        if count is not None:
            account.counted += count
            self.counted += count
            return
        account.lines = batch
        numbers = [_number(event) for event in batch]
        if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            raise Broken(f"{stream}: {numbers} is not how the lines were written")
        if numbers[0] <= account.settled:
            raise Broken(f"{stream}: line {numbers[0]} comes after line {account.settled}")
        self._reckon(stream, numbers[0])
        account.settled = numbers[-1]

    def _reckon(self, stream: str, until: int) -> None:
        """Every line before `until` came, was refused or was counted; and no others were counted."""
        account = self.streams[stream]
        missing = sum(account.settled < number < until for number in account.answered)
        account.surplus += account.counted - missing
        most = sum(map(len, account.unsure))
        if account.counted < missing or account.surplus > most:
            told = f"{missing} lines are missing before line {until}, and {account.counted} are counted"
            raise Broken(f"{stream}: {told}")
        account.counted = 0


def _number(event: tuple[int, str]) -> int:
    return int(event[1].split()[1])


def _count(batch: Batch) -> int | None:
    """Of the lines that fell off, where this is the one that says so."""
    found = _COUNTS.fullmatch(batch[0][1]) if len(batch) == 1 else None
    return int(found[1]) if found else None


def batch_of(request: Mapping[str, Any]) -> Batch:
    return tuple((event["timestamp"], event["message"]) for event in request.get("logEvents") or ())
