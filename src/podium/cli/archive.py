"""A backup: one file with the records and the keys of a data dir.

A gzipped tar with three members; the manifest has the account and the region, too. What the agents know stays out of
it: it is about this machine's containers, and newer than any backup.
"""

import io
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from podium import __version__
from podium.launch import identity
from podium.launch.errors import Trouble
from podium.launch.paths import DataDir

FORMAT = 1
MANIFEST, DATABASE, CREDENTIALS, KEYRING = "manifest.json", "podium.db", "credentials.json", "keyring.json"
MEMBERS = (MANIFEST, DATABASE, CREDENTIALS)
SINCE = (KEYRING,)  # what older backups do not have


def write(paths: DataDir, file: Path, now: datetime) -> None:
    """Works while the server runs: SQLite copies one consistent state. The file is for its owner alone."""
    if not paths.database.exists():
        raise Trouble(
            f"There are no records in {paths.root} to back up. "
            "Name the data dir with --data-dir; records in PostgreSQL are backed up with pg_dump."
        )
    manifest = {
        "format": FORMAT,
        "podium": __version__,
        "createdAt": now.isoformat(timespec="seconds"),
        "identity": asdict(identity.kept(paths)),
    }
    with _new_file(file) as draft, tarfile.open(draft, "w:gz") as tar:
        _add(tar, MANIFEST, json.dumps(manifest, indent=2).encode(), now)
        _add(tar, DATABASE, _copy_of(paths.database), now)
        _add(tar, CREDENTIALS, paths.credentials.read_bytes(), now)
        if paths.keyring.exists():
            _add(tar, KEYRING, paths.keyring.read_bytes(), now)


def read(file: Path) -> dict[str, bytes]:
    """The members of a backup. Raises Trouble for anything that is not one, or a newer one than we know."""
    try:
        with tarfile.open(file, "r:gz") as tar:
            there = [name for name in SINCE if name in tar.getnames()]
            members = {name: _content(tar, name) for name in (*MEMBERS, *there)}
        manifest = json.loads(members[MANIFEST])
    except FileNotFoundError as error:
        raise Trouble(f"There is no file {file}.") from error
    except (OSError, KeyError, ValueError, EOFError, tarfile.TarError) as error:
        raise Trouble(f"{file} is not a backup of Podium, or not a whole one ({error}).") from error
    if manifest.get("format") != FORMAT:
        raise Trouble(
            f"{file} has backup format {manifest.get('format')}; this Podium ({__version__}) reads format {FORMAT}. "
            f"It was made by Podium {manifest.get('podium')}; use that version or a newer one."
        )
    return members


def put_back(paths: DataDir, members: dict[str, bytes], now: datetime) -> Path | None:
    """Write the records and keys. Returns where the records of before went, if there were any."""
    paths.prepare()
    kept = _set_aside(paths, now)
    for path, name in ((paths.database, DATABASE), (paths.credentials, CREDENTIALS), (paths.keyring, KEYRING)):
        if name in members:
            with _new_file(path) as draft:
                draft.write_bytes(members[name])
    identity.keep(paths, identity.Identity(**json.loads(members[MANIFEST])["identity"]))
    return kept


def _set_aside(paths: DataDir, now: datetime) -> Path | None:
    """SQLite's -wal and -shm files belong to the old records and must not meet the new ones."""
    if not paths.database.exists():
        return None
    kept = paths.root / f"before-restore-{now:%Y%m%dT%H%M%SZ}"
    kept.mkdir(mode=0o700)
    for suffix in ("", "-wal", "-shm"):
        old = paths.database.with_name(paths.database.name + suffix)
        if old.exists():
            old.replace(kept / old.name)
    return kept


def _copy_of(database: Path) -> bytes:
    with tempfile.TemporaryDirectory(prefix="podium-backup-") as folder:
        copy = Path(folder) / DATABASE
        with (
            closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(copy)) as to,
        ):
            source.backup(to)
        return copy.read_bytes()


@contextmanager
def _new_file(file: Path) -> Iterator[Path]:
    """A draft beside the file, for its owner alone, that takes its place once it is whole."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        yield draft
        draft.replace(file)
    except OSError as error:
        raise Trouble(f"Cannot write {file} ({error.strerror}). Choose another place.") from error
    finally:
        draft.unlink(missing_ok=True)


def _add(tar: tarfile.TarFile, name: str, content: bytes, now: datetime) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = len(content), 0o600, int(now.timestamp())
    tar.addfile(info, io.BytesIO(content))


def _content(tar: tarfile.TarFile, name: str) -> bytes:
    member: Any = tar.extractfile(name)
    if member is None:
        raise KeyError(name)
    with closing(member):
        return bytes(member.read())
