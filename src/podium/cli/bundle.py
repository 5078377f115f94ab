"""What helps to find out what went wrong, without secrets."""

import io
import json
import os
import platform
import re
import sys
import tarfile
from collections.abc import Iterable
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from podium import __version__
from podium.cli import checks
from podium.cli.survey import survey
from podium.launch import running
from podium.launch.errors import Trouble
from podium.launch.paths import DataDir
from podium.launch.settings import DEFAULT_PORT

REMOVED = "[removed]"
LOG_BYTES = 2 * 2**20
SHORTEST_SECRET = 8
DISTRIBUTIONS = ("aiodocker", "aiohttp", "awscli", "botocore", "cbor2", "httptools", "msgspec", "typer", "uvicorn")
# Secrets that we cannot know: in urls, in settings, in signed requests.
PATTERNS = (
    (re.compile(r"(://[^/\s:@]+:)[^/\s@]+(@)"), rf"\1{REMOVED}\2"),
    (re.compile(r"(?i)((?:secret|password|passwd|token)[a-z_-]*[\"']?\s*[:=]\s*[\"']?)[^\s\"',}]+"), rf"\1{REMOVED}"),
    (re.compile(r"(Signature=)[0-9a-f]{16,}"), rf"\1{REMOVED}"),
)


def write(paths: DataDir, docker_host: str, file: Path, now: datetime) -> None:
    secrets = known_secrets(paths, os.environ.items())
    parts = {name: cleaned(text, secrets) for name, text in _parts(paths, docker_host, now).items()}
    content = _packed(parts, now)
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
            target.write(content)
    except OSError as error:
        raise Trouble(f"Cannot write {file} ({error.strerror}). Choose another place with --file.") from error


def known_secrets(paths: DataDir, environment: Iterable[tuple[str, str]]) -> list[str]:
    """The values that must not appear: this Podium's secret keys, and the environment's, longest first."""
    keys = (running.read_json(paths.credentials) or {}).values()
    own = [str(key.get("secretAccessKey", "")) for key in keys if isinstance(key, dict)]
    others = [value for name, value in environment if re.search("(?i)secret|password|token", name)]
    return sorted({value for value in own + others if len(value) >= SHORTEST_SECRET}, key=len, reverse=True)


def cleaned(text: str, secrets: list[str]) -> str:
    """The text without any of the secrets, also where they stand as JSON writes them."""
    for secret in secrets:
        for written in (secret, json.dumps(secret)[1:-1]):
            text = text.replace(written, REMOVED)
    for pattern, instead in PATTERNS:
        text = pattern.sub(instead, text)
    assert not any(secret in text for secret in secrets), "a secret survived its removal"
    return text


def _parts(paths: DataDir, docker_host: str, now: datetime) -> dict[str, str]:
    situation = checks.Situation(paths=paths, port=DEFAULT_PORT, docker_host=docker_host)
    named = {
        "versions.json": _json(_versions()),
        "status.json": _status(paths, docker_host, now),
        "doctor.txt": "\n".join(str(finding) for finding in checks.every(situation)),
        "settings.json": _json(running.read_json(paths.supervisor_file)),
        "files.txt": "\n".join(_listing(paths.root)),
    }
    return named | {f"logs/{log.name}": _tail(log) for log in sorted(paths.logs.glob("*.log*"))}


def _status(paths: DataDir, docker_host: str, now: datetime) -> str:
    """The reason instead, when there is no status to be had: a bundle is for days when things are broken."""
    try:
        return _json(survey(paths, docker_host, now))
    except Trouble as trouble:
        return _json({"error": str(trouble)})


def _versions() -> dict[str, str]:
    own = {"podium": __version__, "python": sys.version, "platform": platform.platform()}
    return own | {name: _version(name) for name in DISTRIBUTIONS}


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"


def _listing(root: Path) -> list[str]:
    found = (path for path in sorted(root.rglob("*")) if path.is_file())
    return [f"{path.stat().st_mode:o} {path.stat().st_size:>10} {path.relative_to(root)}" for path in found]


def _tail(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - LOG_BYTES))
        return file.read().decode(errors="replace")


def _json(value: Any) -> str:
    return json.dumps(value, indent=2)


def _packed(parts: dict[str, str], now: datetime) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in parts.items():
            content = text.encode()
            info = tarfile.TarInfo(f"podium-debug/{name}")
            info.size, info.mode, info.mtime = len(content), 0o600, int(now.timestamp())
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()
