"""Small images made on the spot, without a registry: busybox and whatever files are given.

The same busybox and files give the same image id on every machine: no time, user or order of
making gets in.
"""

import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

_EPOCH = "1970-01-01T00:00:00Z"
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_FOLDERS = {"bin": 0o755, "dev": 0o755, "etc": 0o755, "proc": 0o755, "root": 0o755, "sys": 0o755, "tmp": 0o1777}


class NoBusybox(Exception):
    """There is no statically linked busybox to make an image from. The sentence says how to get one."""


def load(reference: str, files: Mapping[str, bytes] | None = None, command: Sequence[str] = ("/bin/sh",)) -> None:
    """Make the image and load it into Docker. `files` are executables by their paths, without a leading slash."""
    archive = made(reference, _busybox(), files or {}, command)
    subprocess.run([docker(), "load", "-q"], input=archive, check=True, capture_output=True)


def docker() -> str:
    """Debian's own client where there is one: others on the PATH may want plug-ins that are not there."""
    return "/usr/bin/docker" if os.access("/usr/bin/docker", os.X_OK) else "docker"


def made(reference: str, busybox: bytes, files: Mapping[str, bytes], command: Sequence[str]) -> bytes:
    """What `docker load` reads: one layer, and a config without times or names."""
    layer = _layer(busybox, files)
    digest = hashlib.sha256(layer).hexdigest()
    config = {
        "architecture": _ARCHITECTURES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "created": _EPOCH,
        "config": {"Env": [_PATH], "Cmd": list(command)},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
        "history": [{"created": _EPOCH, "created_by": "podium"}],
    }
    document = json.dumps(config, sort_keys=True).encode()
    image = hashlib.sha256(document).hexdigest()
    manifest = [{"Config": f"{image}.json", "RepoTags": [reference], "Layers": [f"{digest}.tar"]}]
    contents = {f"{image}.json": document, f"{digest}.tar": layer, "manifest.json": json.dumps(manifest).encode()}
    return _tar({name: (content, 0o644) for name, content in contents.items()})


@cache
def _busybox() -> bytes:
    """A statically linked busybox: the machine's own, or the one in Debian's package."""
    installed = shutil.which("busybox")
    if installed and b"/ld-linux" not in Path(installed).read_bytes():
        return Path(installed).read_bytes()
    if not shutil.which("apt-get"):
        raise NoBusybox("A statically linked busybox is needed on the PATH; on Debian it is fetched by itself.")
    with tempfile.TemporaryDirectory() as place:
        fetch = ["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", "busybox-static"]
        if subprocess.run(fetch, cwd=place, capture_output=True).returncode:
            raise NoBusybox("Debian's busybox-static could not be fetched. As root: apt-get install busybox-static")
        package = next(Path(place).glob("busybox-static_*.deb"))
        files = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(files)) as archive:
        member = next(m for m in archive if m.isfile() and m.name.endswith("/bin/busybox"))
        content = archive.extractfile(member)
        assert content is not None
        return content.read()


@cache
def _applets(busybox: bytes) -> list[str]:
    with tempfile.TemporaryDirectory() as place:
        program = Path(place) / "busybox"
        program.write_bytes(busybox)
        program.chmod(0o755)
        listed = subprocess.run([program, "--list"], check=True, capture_output=True, text=True).stdout
    return sorted(name for name in listed.split() if name != "busybox")


def _layer(busybox: bytes, files: Mapping[str, bytes]) -> bytes:
    links = {f"bin/{name}": "busybox" for name in _applets(busybox)}
    programs = {"bin/busybox": (busybox, 0o755), **{name: (content, 0o755) for name, content in files.items()}}
    return _tar(programs, folders=_FOLDERS, links=links)


def _tar(
    files: Mapping[str, tuple[bytes, int]],
    folders: Mapping[str, int] | None = None,
    links: Mapping[str, str] | None = None,
) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, mode in (folders or {}).items():
            archive.addfile(_entry(name, tarfile.DIRTYPE, mode))
        for name, (content, mode) in files.items():
            entry = _entry(name, tarfile.REGTYPE, mode)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        for name, target in (links or {}).items():
            link = _entry(name, tarfile.SYMTYPE, 0o777)
            link.linkname = target
            archive.addfile(link)
    return made.getvalue()


def _entry(name: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.mtime = kind, mode, 0
    return entry
