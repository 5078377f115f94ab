"""A small image for tests, made on the spot: a shell and its tools, the same bytes on every machine."""

import hashlib
import io
import json
import shutil
import subprocess
import tarfile
import tempfile
from functools import cache
from pathlib import Path

TINY = "podium/tiny:1"

_APPLETS = "sh sleep true false echo cat kill test trap wget httpd nc dd mkdir touch rm ls env hostname id date head".split()
_EPOCH = "1970-01-01T00:00:00Z"
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@cache
def tiny() -> str:
    """The name of an image with busybox, loaded into Docker unless it is there."""
    if subprocess.run(["docker", "image", "inspect", TINY], capture_output=True).returncode != 0:
        subprocess.run(["docker", "load", "-q"], input=_archive(TINY, _layer(_busybox())), check=True, capture_output=True)
    return TINY


def _busybox() -> bytes:
    """A statically linked busybox: the machine's own, or the one in Debian's package."""
    installed = shutil.which("busybox")
    if installed and b"/ld-linux" not in Path(installed).read_bytes():
        return Path(installed).read_bytes()
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(
            ["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", "busybox-static"],
            cwd=place,
            check=True,
            capture_output=True,
        )
        package = next(Path(place).glob("busybox-static_*.deb"))
        files = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(files)) as archive:
        member = next(m for m in archive if m.isfile() and m.name.endswith("/bin/busybox"))
        content = archive.extractfile(member)
        assert content is not None
        return content.read()


def _layer(busybox: bytes) -> bytes:
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name in ("bin", "etc", "proc", "sys", "dev", "root", "tmp"):
            archive.addfile(_entry(name, tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755))
        program = _entry("bin/busybox", tarfile.REGTYPE, 0o755)
        program.size = len(busybox)
        archive.addfile(program, io.BytesIO(busybox))
        for applet in sorted(_APPLETS):
            link = _entry(f"bin/{applet}", tarfile.SYMTYPE, 0o777)
            link.linkname = "busybox"
            archive.addfile(link)
    return layer.getvalue()


def _archive(reference: str, layer: bytes) -> bytes:
    """What `docker load` reads: one layer and a config without times or names of whoever made it."""
    digest = hashlib.sha256(layer).hexdigest()
    config = {
        "architecture": "amd64",
        "os": "linux",
        "created": _EPOCH,
        "config": {"Env": [_PATH], "Cmd": ["/bin/sh"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
        "history": [{"created": _EPOCH, "created_by": "tests"}],
    }
    document = json.dumps(config, sort_keys=True).encode()
    image = hashlib.sha256(document).hexdigest()
    manifest = [{"Config": f"{image}.json", "RepoTags": [reference], "Layers": [f"{digest}.tar"]}]
    files = {f"{image}.json": document, f"{digest}.tar": layer, "manifest.json": json.dumps(manifest).encode()}
    bundle = io.BytesIO()
    with tarfile.open(fileobj=bundle, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in files.items():
            entry = _entry(name, tarfile.REGTYPE, 0o644)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return bundle.getvalue()


def _entry(name: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.mtime = kind, mode, 0
    return entry
