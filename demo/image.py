"""Small images made on the spot, without a registry: busybox and whatever files are given."""

import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from packing import debian, layers

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
    layer = layers.Layer()
    for folder, mode in _FOLDERS.items():
        layer.folder(folder, mode)
    for path, content in {"bin/busybox": busybox, **files}.items():
        layer.file(path, content, 0o755)
    for name in _applets(busybox):
        layer.link(f"bin/{name}", "busybox")
    return layers.archive(reference, [layer.tar()], {"Cmd": list(command)})


@cache
def _busybox() -> bytes:
    """A statically linked busybox: the machine's own, or the one in Debian's package."""
    installed = shutil.which("busybox") if platform.system() == "Linux" else None
    if installed and b"/ld-linux" not in Path(installed).read_bytes():
        return Path(installed).read_bytes()
    if not shutil.which("apt-get"):
        raise NoBusybox("A statically linked busybox is needed on the PATH; on Debian it is fetched by itself.")
    with tempfile.TemporaryDirectory() as place:
        try:
            [package] = debian.fetched(["busybox-static"], Path(place))
        except debian.NoPackages as why:
            raise NoBusybox(
                f"Debian's busybox-static could not be fetched ({why}). As root: apt-get install busybox-static"
            ) from why
        with debian.files(package) as archive:
            member = next(m for m in archive if m.isfile() and m.name.endswith("/bin/busybox"))
            content = archive.extractfile(member)
            assert content is not None
            return content.read()


_applets = cache(debian.applets)
