"""The pause process, built for each architecture, and the image that holds nothing else.

`build` makes the programs anew from `pause.c`.
"""

import hashlib
import io
import json
import platform
import tarfile
from importlib.resources import files

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_PROGRAMS = {"amd64": "pause-x86_64", "arm64": "pause-aarch64"}


def archive(reference: str, machine: str = "") -> bytes:
    """The image as `docker load` reads it: the same bytes each time. `machine` is Docker's word for its own."""
    architecture = _ARCHITECTURES.get(machine or platform.machine(), "amd64")
    layer = _tar({"pause": (files(__name__).joinpath(_PROGRAMS[architecture]).read_bytes(), 0o755)})
    layer_digest = hashlib.sha256(layer).hexdigest()
    config = json.dumps(
        {
            "architecture": architecture,
            "os": "linux",
            "created": "1970-01-01T00:00:00Z",
            "config": {"Entrypoint": ["/pause"]},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer_digest}"]},
        }
    ).encode()
    config_digest = hashlib.sha256(config).hexdigest()
    names = {"Config": f"{config_digest}.json", "RepoTags": [reference], "Layers": [f"{layer_digest}.tar"]}
    manifest = json.dumps([names]).encode()
    contents = {names["Config"]: config, f"{layer_digest}.tar": layer, "manifest.json": manifest}
    return _tar({str(name): (content, 0o644) for name, content in contents.items()})


def _tar(contents: dict[str, tuple[bytes, int]]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, (content, mode) in contents.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(content), mode, 0
            tar.addfile(entry, io.BytesIO(content))
    return made.getvalue()
