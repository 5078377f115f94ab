"""An image as `docker load` reads it, from layers in memory. No time, user or order of making gets in."""

import hashlib
import io
import json
import os
import platform
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

_EPOCH = "1970-01-01T00:00:00Z"
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def architecture() -> str:
    """This machine's, in Docker's word."""
    return _ARCHITECTURES.get(platform.machine(), platform.machine())


class Layer:
    """Files, folders and links by their paths, without a leading slash. What is added twice is there once."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[tarfile.TarInfo, bytes]] = {}

    def __contains__(self, path: str) -> bool:
        return path in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._entries))

    def content(self, path: str) -> bytes:
        return self._entries[path][1]

    def folder(self, path: str, mode: int = 0o755) -> None:
        self._put(path, tarfile.DIRTYPE, mode)

    def file(self, path: str, content: bytes, mode: int = 0o644) -> None:
        self._put(path, tarfile.REGTYPE, mode, content)

    def link(self, path: str, target: str) -> None:
        self._put(path, tarfile.SYMTYPE, 0o777, target=target)

    def hard_link(self, path: str, target: str) -> None:
        self._put(path, tarfile.LNKTYPE, 0o777, target=target)

    def tree(self, source: Path, path: str) -> None:
        """A folder with all that is in it, but for what Python compiled."""
        for found in sorted(source.rglob("*")):
            name = f"{path}/{found.relative_to(source)}"
            if "__pycache__" in found.parts:
                continue
            if found.is_symlink():
                self.link(name, os.readlink(found))
            elif found.is_dir():
                self.folder(name)
            else:
                self.file(name, found.read_bytes(), 0o755 if os.access(found, os.X_OK) else 0o644)

    def tar(self) -> bytes:
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode="w", format=tarfile.GNU_FORMAT) as archive:
            for hard in (False, True):  # hard links after their targets
                for _, (entry, content) in sorted(self._entries.items()):
                    if entry.islnk() == hard:
                        archive.addfile(entry, io.BytesIO(content))
        return made.getvalue()

    def _put(self, path: str, kind: bytes, mode: int, content: bytes = b"", target: str = "") -> None:
        entry = tarfile.TarInfo(path)
        entry.type, entry.mode, entry.mtime, entry.linkname, entry.size = kind, mode, 0, target, len(content)
        self._entries[path] = (entry, content)


def archive(reference: str, layers: Sequence[bytes], config: Mapping[str, Any]) -> bytes:
    """`layers` are tar files, the lowest first. `config` is the image's, in Docker's words."""
    digests = [hashlib.sha256(layer).hexdigest() for layer in layers]
    document = json.dumps(
        {
            "architecture": architecture(),
            "os": "linux",
            "created": _EPOCH,
            "config": {**config, "Env": [_PATH, *config.get("Env", [])]},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in digests]},
            "history": [{"created": _EPOCH, "created_by": "podium"}] * len(layers),
        },
        sort_keys=True,
    ).encode()
    image = hashlib.sha256(document).hexdigest()
    files = [f"{digest}.tar" for digest in digests]
    manifest = [{"Config": f"{image}.json", "RepoTags": [reference], "Layers": files}]
    whole = Layer()
    for name, content in [*zip(files, layers, strict=True), (f"{image}.json", document)]:
        whole.file(name, content)
    whole.file("manifest.json", json.dumps(manifest).encode())
    return whole.tar()
