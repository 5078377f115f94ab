"""Which images a host gives up: those that no task uses, the ones unused longest first.

Only images that the agent itself pulled are spoken of here: what somebody built or loaded on the host
cannot be had again.

Source: Amazon ECS Developer Guide, "Automated task and image cleanup"; the watermarks are Podium's own.
"""

from collections.abc import Iterable
from dataclasses import dataclass

_WHOLE = 100


@dataclass(frozen=True, kw_only=True)
class Image:
    """`in_use` while a task that is not cleaned up yet names it. `size_bytes` counts shared layers in full."""

    reference: str
    pulled_at: float
    used_at: float
    size_bytes: int
    in_use: bool = False


@dataclass(frozen=True, kw_only=True)
class Disk:
    """The file system that Docker keeps its images on."""

    used_bytes: int
    total_bytes: int


@dataclass(frozen=True, kw_only=True)
class Policy:
    """By age: at most `at_most` at a time, none pulled less than `minimum_age` seconds ago.

    By space: above `high_percent` of the disk, as many as bring it down to `low_percent`.
    """

    by_age: bool = True
    minimum_age: float = 3600.0
    at_most: int = 5
    high_percent: int = 90
    low_percent: int = 80


def to_collect(images: Iterable[Image], disk: Disk | None, policy: Policy, now: float) -> tuple[Image, ...]:
    """The images to remove now, in this order."""
    unused = sorted((i for i in images if not i.in_use), key=lambda i: (i.used_at, i.reference))
    old = [i for i in unused if now - i.pulled_at >= policy.minimum_age][: policy.at_most] if policy.by_age else []
    needed = _bytes_too_many(disk, policy)
    chosen = [i for i in unused if i in old]
    freed = sum(i.size_bytes for i in chosen)
    for image in unused:
        if freed >= needed:
            break
        if image not in chosen:
            chosen.append(image)
            freed += image.size_bytes
    return tuple(chosen)


def _bytes_too_many(disk: Disk | None, policy: Policy) -> int:
    if disk is None or disk.used_bytes * _WHOLE <= disk.total_bytes * policy.high_percent:
        return 0
    return disk.used_bytes - disk.total_bytes * policy.low_percent // _WHOLE
