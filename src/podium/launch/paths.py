"""Where things are in a data dir."""

import os
from dataclasses import dataclass
from pathlib import Path

from podium.launch.errors import Trouble


@dataclass(frozen=True, kw_only=True)
class DataDir:
    """One Podium's folder. Its server writes the records, its agents what they know of this machine."""

    root: Path

    @property
    def credentials(self) -> Path:
        """Access keys, readable by the owner alone; written by the server on its first start."""
        return self.root / "credentials.json"

    @property
    def keyring(self) -> Path:
        """The key that secrets in the database are sealed with."""
        return self.root / "keyring.json"

    @property
    def identity(self) -> Path:
        """The account and the region that it was started with last."""
        return self.root / "identity.json"

    @property
    def default_vpc(self) -> Path:
        """Which addresses the default VPC has on this machine."""
        return self.root / "default-vpc.json"

    @property
    def database(self) -> Path:
        return self.root / "podium.db"

    @property
    def server_lock(self) -> Path:
        """Held by the server while it lives."""
        return self.root / "lock"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the supervisor while it lives; holds its process id."""
        return self.run / "supervisor.lock"

    @property
    def supervisor_file(self) -> Path:
        """What the supervisor runs, as JSON. Only worth reading while its lock is held."""
        return self.run / "podium.json"

    @property
    def server_file(self) -> Path:
        """Where the server listens, as JSON; there once it listens, gone after a clean exit."""
        return self.run / "server.json"

    @property
    def port_file(self) -> Path:
        """The port that was found free last time, so that `--port 0` can stay on it."""
        return self.run / "port"

    @property
    def box_file(self) -> Path:
        """What is known here of a Podium that runs in a container, as JSON."""
        return self.root / "in-docker.json"

    @property
    def door_lock(self) -> Path:
        """Held by the door to such a Podium while it lives; holds its process id."""
        return self.run / "door.lock"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def log(self, part: str) -> Path:
        return self.logs / f"{part}.log"

    @property
    def agents(self) -> Path:
        return self.root / "agents"

    def agent(self, number: int) -> Path:
        return self.agents / str(number)

    @property
    def proxy(self) -> Path:
        return self.root / "proxy"

    def prepare(self) -> None:
        """Make the folders, for the owner's eyes alone. Raises Trouble where that is not allowed."""
        try:
            for folder in (self.root, self.run, self.logs, self.agents):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not os.access(self.run, os.W_OK | os.X_OK):
                raise PermissionError(13, "Permission denied", str(self.run))
        except OSError as error:
            raise Trouble(
                f"Podium cannot write to its data dir {self.root} ({error.strerror}: {error.filename}). "
                "Give it a folder of your own with --data-dir, or set PODIUM_DATA_DIR."
            ) from error


def write_whole(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file in one step, so that no reader ever sees half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)
