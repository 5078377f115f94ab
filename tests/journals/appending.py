"""A process that appends what it reads from its standard input, and says when it is durable; for tests that kill it."""

import json
import sys
from pathlib import Path

from journals.keeping import PATIENCE, sample, written


def main(path: Path) -> None:
    with written(path) as metrics:
        for number, line in enumerate(sys.stdin, 1):
            metrics.append([sample(at, *values) for at, values in json.loads(line)]).result(PATIENCE)
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
