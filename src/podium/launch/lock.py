"""Which process owns a data dir, told by a lock that ends with its holder."""

import fcntl
import os
from pathlib import Path
from types import TracebackType


class Taken(Exception):
    """Somebody else holds the lock. `pid` is theirs, when they wrote it down."""

    def __init__(self, pid: int | None) -> None:
        super().__init__(pid)
        self.pid = pid


class Lock:
    """Held from `take` until `release`, or until this process dies in whatever way."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self) -> None:
        """Raises Taken when another process holds it, OSError when the file cannot be made."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _pid_in(descriptor)
            os.close(descriptor)
            raise Taken(holder) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> "Lock":
        self.take()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()


def is_held(path: Path) -> bool:
    """Whether some process holds the lock on this file. Never waits, and makes no file.

    To try a free lock is to hold it for a moment, in which its rightful taker would be turned away. So the kernel's
    list is asked first, and the lock is tried only when it is most likely held.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return _listed(os.fstat(descriptor).st_ino) and _refused(descriptor)
    finally:
        os.close(descriptor)


def holder(path: Path) -> int | None:
    """The process id that the lock's holder wrote down; None when nobody holds it."""
    if not is_held(path):
        return None
    try:
        words = path.read_bytes().split()
    except OSError:
        return None
    return int(words[0]) if words and words[0].isdigit() else None


def _listed(inode: int) -> bool:
    """Whether the kernel knows a lock on a file with this number, on whatever file system.

    Source: proc_locks(5). Device numbers there are not those of stat(2) on every file system.
    """
    try:
        lines = Path("/proc/locks").read_text().splitlines()
    except OSError:
        return True
    return any(f":{inode} " in line and " FLOCK " in line for line in lines)


def _refused(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _pid_in(descriptor: int) -> int | None:
    text = os.pread(descriptor, 32, 0).strip()
    return int(text) if text.isdigit() else None
