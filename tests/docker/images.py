"""A small image for tests, made on the spot: a shell and its tools, the same bytes on every machine."""

from functools import cache

from demo import image

TINY = "podium/tiny:1"


@cache
def tiny() -> str:
    """The name of an image with busybox, in Docker by now."""
    image.load(TINY)
    return TINY
