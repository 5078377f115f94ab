"""A process that appends the log events it reads from its standard input, a line a batch, and says when they are
durable; for tests that kill it."""

import json
import sys
from pathlib import Path

from journals.keeping import PATIENCE
from podium.journals.eventfile import SqliteEvents
from podium.journals.events import Stream
from podium.journals.eventwriter import WrittenEvents


def main(path: Path) -> None:
    events = WrittenEvents(SqliteEvents(path))
    events.start()
    for number, line in enumerate(sys.stdin, 1):
        stream, lines = json.loads(line)
        events.append(Stream("group", stream), lines, 0).result(PATIENCE)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
    events.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
