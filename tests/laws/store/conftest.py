"""Both databases, each empty at the beginning of every test and every example."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from laws.store.store_kinds import Open
from podium.store.database import Database
from podium.store.postgres import PostgresDatabase
from podium.store.sqlite import SqliteDatabase

_numbers = count()
Fresh = Callable[[], Open]


@pytest.fixture(params=["sqlite", "postgres"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fresh]:
    """Call it for a new, empty database; call what it returns to connect. The next call closes the connections."""
    with ExitStack() as stack, ExitStack() as connections:
        where = _schemas(request.getfixturevalue("postgres_url"), stack) if request.param == "postgres" else None

        def made() -> Open:
            connections.close()
            path = tmp_path / f"{next(_numbers)}.db"
            url = where() if where else ""

            def connect() -> Database:
                database: Database = PostgresDatabase(url) if where else SqliteDatabase(path)
                connections.callback(database.close)
                return database

            return connect

        yield made


@pytest.fixture
def open_database(fresh: Fresh) -> Open:
    return fresh()


@pytest.fixture
def execute(fresh: Any) -> Callable[[Database, str], None]:
    """Plain SQL, behind the store's back."""
    return lambda database, sql: database._db.execute(sql)  # type: ignore[attr-defined]


def _schemas(url: str, stack: ExitStack) -> Callable[[], str]:
    """A schema of its own stands for a database of its own: it is made a hundred times faster."""
    admin = stack.enter_context(psycopg.connect(url, autocommit=True))

    def made() -> str:
        name = f"s{next(_numbers)}"
        admin.execute(f"create schema {name}")  # type: ignore[arg-type]
        return f"{url}?options=-csearch_path%3D{name}"

    return made
