"""A PostgreSQL that restarts, or ends the connection: the server that had it steps down, and may be started anew."""

import psycopg
import pytest

from podium.ecs import records
from podium.ecs.records import Family
from podium.store.database import OutcomeUnknown
from podium.store.postgres import PostgresDatabase
from podium.store.session import Change


def family(name: str) -> list[Change]:
    return [Change(Family, name, None, Family(arn=name, home="h", name=name, last_revision=1))]


def test_a_connection_that_is_gone_is_no_refusal_but_the_end_of_this_server(postgres_url: str) -> None:
    database = PostgresDatabase(postgres_url)
    database.prepare(records.ALL)
    epoch = database.take_over()
    database.commit(family("lost-connection-a"), epoch)
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute("select pg_terminate_backend(%s)", (database._db.info.backend_pid,))
    for _ in range(2):
        with pytest.raises(OutcomeUnknown, match="The database is gone"):
            database.commit(family("lost-connection-b"), epoch)
    database.close()
    successor = PostgresDatabase(postgres_url)
    newer = successor.take_over()
    assert successor.commit(family("lost-connection-b"), newer) > 0
    kept = {family.name for family in successor.load(Family)}
    assert {"lost-connection-a", "lost-connection-b"} <= kept
    successor.close()
