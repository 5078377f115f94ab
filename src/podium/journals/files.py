"""What the files of all journals have in common: a few numbers about themselves, and a transaction to be undone."""

import sqlite3

META = "create table if not exists meta (name text primary key, value integer not null) without rowid;"


def meta(database: sqlite3.Connection, name: str, default: int) -> int:
    row = database.execute("select value from meta where name = ?", (name,)).fetchone()
    return int(row[0]) if row else default


def set_meta(database: sqlite3.Connection, name: str, value: int) -> None:
    database.execute("insert or replace into meta values (?, ?)", (name, value))


def undo(database: sqlite3.Connection) -> None:
    if database.in_transaction:
        database.execute("rollback")
