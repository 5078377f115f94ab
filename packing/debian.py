"""Debian's packages as a layer, straight from the mirror that apt is set up for. Maintainer scripts never run."""

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from packing.layers import Layer

_MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_FOLDERS = ("usr", "usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "etc", "root", "proc", "sys", "dev", "run", "var")
_PASSWD = b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n"
_GROUP = b"root:x:0:\nnogroup:x:65534:\n"
_DROPPED = tuple(f"usr/share/{name}/" for name in ("doc", "man", "lintian", "locale", "info", "bug"))
# What is needed to install packages, or to log in; nobody does either.
UNNEEDED = {
    *("adduser", "cdebconf", "debconf", "dpkg", "gcc-12-base", "init-system-helpers", "libacl1", "libattr1"),
    *("libdebconfclient0", "libpam-modules", "libpam-modules-bin", "libpam-runtime", "libpam0g", "libsemanage-common"),
    *("libsemanage2", "libsepol2", "passwd", "perl-base", "tar"),
}


class NoPackages(Exception):
    """Debian's packages are not to be had here. The sentence says why."""


def fetched(packages: Sequence[str], cache: Path, unneeded: Collection[str] = UNNEEDED) -> list[Path]:
    """The packages and all that they depend on, from an empty system; kept in `cache`. Raises NoPackages."""
    cache.mkdir(parents=True, exist_ok=True)
    names = [name for name in _closure(packages) if name.split("_")[0] not in unneeded]
    missing = [_asked(name) for name in names if not (cache / name).exists()]
    if missing:
        _apt("download", "-qq", "-o", "APT::Sandbox::User=root", *missing, place=cache)
    return [cache / name for name in sorted(names)]


def _closure(packages: Sequence[str]) -> list[str]:
    with tempfile.TemporaryDirectory() as empty:  # else apt leaves out what its own cache or this system has
        (Path(empty) / "partial").mkdir()
        apart = ("-o", "Dir::State::status=/dev/null", "-o", f"Dir::Cache::archives={empty}")
        said = _apt("install", "-y", "-qq", "--no-install-recommends", "--print-uris", *apart, *packages)
    return [line.split()[1] for line in said.splitlines() if line.startswith("'")]


def _asked(file: str) -> str:
    name, version, _ = file.split("_")
    return f"{name}={version.replace('%3a', ':')}"


def _apt(*words: str, place: Path | None = None) -> str:
    try:
        return subprocess.run(["apt-get", *words], cwd=place, check=True, capture_output=True, text=True).stdout
    except FileNotFoundError as error:
        raise NoPackages("there is no apt-get") from error
    except subprocess.CalledProcessError as error:
        raise NoPackages(error.stderr.strip().splitlines()[-1] if error.stderr.strip() else "apt-get failed") from error


def layer(packages: Sequence[Path], without: Sequence[str] = ()) -> Layer:
    """A root file system of these packages, with busybox for whatever they lack. `without` are beginnings of paths."""
    made = Layer()
    for folder in _FOLDERS:
        made.folder(folder)
    made.folder("tmp", 0o1777)
    for name in ("bin", "sbin", "lib", "lib64"):
        made.link(name, f"usr/{name}")
    for package in packages:
        _unpack(package, made, lambda path: path.startswith((*_DROPPED, *without)))
    made.file("etc/passwd", _PASSWD)
    made.file("etc/group", _GROUP)
    made.file("etc/nsswitch.conf", b"passwd: files\ngroup: files\nhosts: files dns\n")
    for name in applets(made.content("usr/bin/busybox")):
        if f"usr/bin/{name}" not in made and f"usr/sbin/{name}" not in made:
            made.link(f"usr/bin/{name}", "/usr/bin/busybox")
    return made


def applets(busybox: bytes) -> list[str]:
    """The names that a busybox answers to, its own apart."""
    with tempfile.TemporaryDirectory() as place:
        program = Path(place) / "busybox"
        program.write_bytes(busybox)
        program.chmod(0o755)
        listed = subprocess.run([program, "--list"], check=True, capture_output=True, text=True).stdout
    return sorted(name for name in listed.split() if name != "busybox")


def files(package: Path) -> tarfile.TarFile:
    unpacked = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], check=True, capture_output=True).stdout
    return tarfile.open(fileobj=io.BytesIO(unpacked))


def _unpack(package: Path, into: Layer, dropped: Callable[[str], bool]) -> None:
    with files(package) as archive:
        for member in archive:
            path = _merged(member.name)
            if not path or dropped(path) or (member.isdir() and path in into):
                continue
            if member.isdir():
                into.folder(path, member.mode)
            elif member.issym():
                into.link(path, member.linkname)
            elif member.islnk():
                into.hard_link(path, _merged(member.linkname))
            elif (content := archive.extractfile(member)) is not None:
                into.file(path, content.read(), member.mode)


def _merged(name: str) -> str:
    """Debian's /bin, /lib and the like are links into /usr."""
    path = name.removeprefix("./").strip("/")
    return f"usr/{path}" if path.split("/")[0] in _MERGED else path
