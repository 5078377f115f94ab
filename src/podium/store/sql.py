"""The SQL that both databases share: a table a kind, and one row that says who may write."""

from typing import Any

META = "podium_meta"


def create_meta() -> str:
    return f"create table if not exists {META} (name text primary key, value bigint not null)"


def create_table(kind: type[Any], body: str) -> str:
    columns = f"key text primary key, revision bigint not null, format integer not null, body {body} not null"
    return f"create table if not exists {kind.__table__} ({columns})"


def upsert(kind: type[Any], mark: str, rows: int = 1) -> str:
    values = ", ".join([f"({mark}, {mark}, {mark}, {mark})"] * rows)
    return (
        f"insert into {kind.__table__} (key, revision, format, body) values {values} "
        "on conflict (key) do update set revision = excluded.revision, format = excluded.format, body = excluded.body"
    )


def delete(kind: type[Any], mark: str, rows: int = 1) -> str:
    return f"delete from {kind.__table__} where key in ({', '.join([mark] * rows)})"


def select(kind: type[Any]) -> str:
    return f"select format, body from {kind.__table__} order by revision, key"


def newest_format(kind: type[Any]) -> str:
    return f"select coalesce(max(format), 0) from {kind.__table__}"


def page(kind: type[Any], mark: str) -> str:
    """Newest first. Keys are compared byte by byte, whatever the database's own language is."""
    order = "key" if mark == "?" else 'key collate "C"'
    within = f"{order} >= {mark} and {order} < {mark}"
    return f"select body from {kind.__table__} where {within} order by {order} desc limit {mark}"


def forget(kind: type[Any], mark: str) -> str:
    order = "key" if mark == "?" else 'key collate "C"'
    return f"delete from {kind.__table__} where {order} < {mark}"
