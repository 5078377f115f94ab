"""`make image`: Podium as an image, with Debian's Python, the locked wheels and this checkout's code.

Each layer that takes long is kept in `build/image` for as long as what it is made from stays the same.
"""

import hashlib
import os
import py_compile
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import requires
from pathlib import Path

from demo.image import docker

from packing import debian, layers

HERE = Path(__file__).resolve().parent.parent
_KEPT = HERE / "build" / "image"
_PYTHON = (3, 11)
"""Debian 12's. Wheels with compiled parts must be made for it."""
# busybox's shell would take its own ip and nsenter for the real ones: dash does not.
_PACKAGES = (
    *(
        "busybox-static",
        "dash",
        "iproute2",
        "libpython3.11-stdlib",
        "libstdc++6",
        "nftables",
        "python3-minimal",
        "util-linux",
    ),
)
_WITHOUT = ("usr/lib/x86_64-linux-gnu/gconv/", "usr/lib/aarch64-linux-gnu/gconv/", "usr/lib/python3.11/pydoc_data/")
# The aws CLI stays with the user, on the outside.
_LEFT_OUT = frozenset({"awscli"})
_WHEELS, _CODE = "usr/local/lib/wheels", "usr/local/lib/podium"
_ELSEWHERE = (
    "It is put together from Debian's packages. Where Docker can reach a registry, "
    "`docker build -t podium/podium:{version} -f packing/Dockerfile .` makes it."
)
_ENTRY = """\
#!/bin/sh
exec python3 -P -m podium.cli "$@"
"""
_CONFIG = {
    "Entrypoint": ["/usr/local/bin/podium"],
    "Env": [f"PYTHONPATH=/{_CODE}:/{_WHEELS}", "PODIUM_DATA_DIR=/var/lib/podium", "PYTHONDONTWRITEBYTECODE=1"],
}


def made(reference: str, say: Callable[[str], None]) -> bytes:
    """The image as `docker load` reads it. Raises NoPackages."""
    say("Debian's packages")
    packages = debian.fetched(_PACKAGES, _KEPT / "packages")
    base = _kept("debian", [*(package.name for package in packages), *_WITHOUT], lambda: _debian(packages))
    say("wheels")
    lock = locked()
    wheels = _kept("wheels", [lock], lambda: _wheels(lock))
    say("Podium's own code")
    return layers.archive(reference, [base, wheels, _code()], _CONFIG)


def _kept(name: str, made_from: list[str], make: Callable[[], layers.Layer]) -> bytes:
    """What was made from the same before, by this very file's ways, else made now."""
    ways = [Path(module.__file__ or "").read_text() for module in (debian, layers, sys.modules[__name__])]
    digest = hashlib.sha256("\0".join([*made_from, *ways, str(_compiles())]).encode()).hexdigest()
    file = _KEPT / f"{name}-{digest[:16]}.tar"
    if file.exists():
        return file.read_bytes()
    for outdated in _KEPT.glob(f"{name}-*.tar"):
        outdated.unlink()
    content = make().tar()
    draft = file.with_suffix(f".{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(file)
    return content


def _debian(packages: list[Path]) -> layers.Layer:
    return _compiled(debian.layer(packages, _WITHOUT))


def _wheels(lock: str) -> layers.Layer:
    with tempfile.TemporaryDirectory() as place:
        requirements, target = Path(place) / "requirements.txt", Path(place) / "wheels"
        requirements.write_text(lock)
        version = ".".join(map(str, _PYTHON))
        what = ["--no-deps", "--require-hashes", "-r", str(requirements), "--target", str(target)]
        which = ["--python-version", version, "--only-binary", ":all:"]
        uv = ["uv", "pip", "install", "-q", "--link-mode", "copy", *what, *which]
        pip = ["pip", "install", "-q", "--disable-pip-version-check", "--no-compile", *what, *which]
        # uv takes a tenth of pip's time; where it cannot reach what pip is set up to reach, pip does it.
        if subprocess.run([sys.executable, "-m", *uv], capture_output=True).returncode:
            subprocess.run([sys.executable, "-m", *pip], check=True)
        layer = layers.Layer()
        layer.tree(target, _WHEELS)
    return _compiled(layer)


def _code() -> bytes:
    layer = layers.Layer()
    for package in ("podium", "podium_agent", "podium_program", "podium_protocol", "podium_proxy"):
        layer.tree(HERE / "src" / package, f"{_CODE}/{package}")
    layer.file("usr/local/bin/podium", _ENTRY.encode(), 0o755)
    layer.folder("var/lib/podium", 0o700)
    return _compiled(layer).tar()


def locked() -> str:
    """The part of requirements.lock that Podium needs to run, hashes and all."""
    needed = _needed("podium", set())
    kept, lines = False, []
    for line in (HERE / "requirements.lock").read_text().splitlines():
        if line[:1] not in (" ", ""):
            kept = _plain(re.split(r"[=\[ ]", line)[0]) in needed
        if kept:
            lines.append(line)
    return "\n".join(lines) + "\n"


def _needed(name: str, seen: set[str]) -> set[str]:
    """A distribution and all that it needs without extras, by plain names."""
    if _plain(name) in seen | _LEFT_OUT:
        return seen
    seen.add(_plain(name))
    for requirement in requires(name) or []:
        if "extra ==" not in requirement and "platform_system" not in requirement and "win32" not in requirement:
            seen = _needed(re.split(r"[^A-Za-z0-9._-]", requirement)[0], seen)
    return seen


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _compiles() -> bool:
    return sys.version_info[:2] == _PYTHON


def _compiled(layer: layers.Layer) -> layers.Layer:
    """Every module as byte code too, which is taken without a look at its source: starting takes half the time.

    Left out where this Python is not the image's.
    """
    sources = [path for path in layer if path.endswith(".py")] if _compiles() else []
    with tempfile.TemporaryDirectory() as place:
        source, target = Path(place) / "module.py", Path(place) / "module.pyc"
        for path in sources:
            source.write_bytes(layer.content(path))
            try:
                py_compile.compile(
                    str(source),
                    str(target),
                    f"/{path}",
                    True,
                    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
                )
            except (py_compile.PyCompileError, SyntaxError):
                continue  # templates and the like, which are no modules
            folder, _, name = path.rpartition("/")
            layer.file(f"{folder}/__pycache__/{name[:-3]}.cpython-311.pyc", target.read_bytes())
    return layer


def load(archive: bytes) -> None:
    subprocess.run([docker(), "load", "-q"], input=archive, check=True, capture_output=True)


def main() -> int:
    from podium import __version__

    began = time.monotonic()

    def say(what: str) -> None:
        print(f"image: {time.monotonic() - began:5.1f} s  {what}", flush=True)

    try:
        archive = made(reference := f"podium/podium:{__version__}", say)
    except debian.NoPackages as why:
        print(f"The image cannot be made here: {why}. {_ELSEWHERE.format(version=__version__)}", file=sys.stderr)
        return 1
    say(f"loading {len(archive) // 2**20} MiB into Docker")
    load(archive)
    say(f"{reference} is there")
    return 0


if __name__ == "__main__":
    sys.exit(main())
