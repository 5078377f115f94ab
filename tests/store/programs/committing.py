"""Commits one group after the other to the database at the path given, and tells the number of each that is safe."""

import sys

from podium.ecs import records
from podium.ecs.records import Family
from podium.store.session import Change
from podium.store.sqlite import SqliteDatabase


def main(path: str) -> None:
    database = SqliteDatabase(path)
    database.prepare(records.ALL)
    epoch = database.take_over()
    number = 0
    while True:
        number += 1
        pair = [Family(arn=f"{half}{number % 50}", home="h", name="f", last_revision=number) for half in ("a", "b")]
        database.commit([Change(Family, record.arn, None, record) for record in pair], epoch)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
