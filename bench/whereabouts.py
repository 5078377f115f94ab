"""Where a process spends its time, seen from outside by looking at its stacks: py-spy, from bench/peers.lock."""

import subprocess
from collections import Counter
from pathlib import Path

from bench.servers import peers

LOOKS_A_SECOND = 250
IDLE = ("RunningCore._write ",)  # a queue is waited for there
ROOMS = (
    ("podium/wire/", "signatures, parsing, answers"),
    ("podium/server/callers", "signatures, parsing, answers"),
    ("podium/server/keyring", "signatures, parsing, answers"),
    ("podium/server/front", "signatures, parsing, answers"),
    ("podium/server/asgi", "signatures, parsing, answers"),
    ("podium/server/admin", "signatures, parsing, answers"),
    ("podium/server/throttle", "signatures, parsing, answers"),
    ("podium/iam/", "policies and bounds"),
    ("podium/ecs/access", "policies and bounds"),
    ("podium/ecs/bounds", "policies and bounds"),
    ("podium/ecs/scheduling/launching", "task records and operations"),
    ("podium/ecs/scheduling/fle", "placement"),
    ("podium/ecs/scheduling/fitting", "placement"),
    ("podium/ecs/scheduling/choosing", "placement"),
    ("podium/ecs/scheduling/columns", "placement"),
    ("podium/ecs/scheduling/tallies", "placement"),
    ("podium/ecs/starting", "placement"),
    ("podium/ecs/scheduling/", "services and other controllers"),
    ("podium/ecs/controllers/", "services and other controllers"),
    ("podium/ecs/eventing", "events and journal"),
    ("podium/events", "events and journal"),
    ("podium/audit", "events and journal"),
    ("podium/ecs/acs", "agents' channels"),
    ("podium/server/hub", "agents' channels"),
    ("podium/server/sockets", "agents' channels"),
    ("podium_protocol", "agents' channels"),
    ("podium/store/sqlite", "SQLite, waiting for the disk too"),
    ("podium/store/", "records in memory"),
    ("podium/runtime/", "records in memory"),
    ("podium/ecs/", "task records and operations"),
)


class Watch:
    """Looks on for so many seconds, from now on. Needs the right to trace the process."""

    def __init__(self, pid: int, seconds: int, path: Path) -> None:
        self._path = path
        words = ["record", "--pid", str(pid), "--duration", str(seconds), "--rate", str(LOOKS_A_SECOND)]
        self._process = subprocess.Popen(
            [str(peers() / "py-spy"), *words, "--format", "raw", "--output", str(path)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def percent(self) -> dict[str, float]:
        """Shares of the looks at which a thread was at work, the largest first."""
        assert self._process.wait(60) == 0, "py-spy could not look at the server"
        counts: Counter[str] = Counter()
        for line in self._path.read_text().splitlines():
            stack, _, looks = line.rpartition(" ")
            if (room := room_of(stack.split(";"))) is not None:
                counts[room] += int(looks)
        every = sum(counts.values())
        return {room: round(100 * n / every, 1) for room, n in counts.most_common()}


def room_of(frames: list[str]) -> str | None:
    """By the innermost frame that is of Podium or of a library that it names; None for a thread that waits for work."""
    if frames[-1].startswith(IDLE):
        return None
    for frame in reversed(frames):
        path = frame.partition("(")[2]
        for part, room in ROOMS:
            if path.startswith(part):
                return room
        if path.startswith(("uvicorn/", "websockets/")):
            return "HTTP and WebSocket libraries"
    return "event loop"
