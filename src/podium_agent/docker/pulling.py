"""Pulling images: by digest, so that a tag that moves meanwhile changes nothing, and what went wrong in words.

Source: Amazon ECS Developer Guide, "CannotPullContainer task errors in Amazon ECS"; the open-source agent.
"""

from typing import Any

from podium_agent.docker.client import Docker, DockerError

_MISSING = "The task can’t pull the image. Check whether the image exists. "
_UNREACHABLE = "The task can’t pull the image. Check your network configuration. "
_HINTS = {
    "denied": _MISSING,
    "not found": _MISSING,
    "manifest unknown": _MISSING,
    "no such host": _UNREACHABLE,
    "timeout": _UNREACHABLE,
    "connection refused": _UNREACHABLE,
}
_FINAL = ("denied", "not found", "manifest unknown", "invalid reference", "no such host", "unauthorized")


class PullError(Exception):
    """The text starts with the error's name. `final` when trying again will not help."""

    def __init__(self, reason: str, cause: DockerError) -> None:
        super().__init__(reason)
        self.final = any(words in cause.message for words in _FINAL)


async def pull(docker: Docker, image: str) -> None:
    """Have `image` in Docker, under its own name. Raises PullError, or DockerGone."""
    if "@" in image:
        await _pull(docker, image)
        return
    try:
        digest = await docker.remote_digest(image)
    except DockerError as error:
        raise PullError(f"CannotPullImageManifestError: {error}", error) from error
    repository, tag = split(image)
    exactly = f"{repository}@{digest}"
    await _pull(docker, exactly)
    await docker.tag(exactly, repository, tag)


async def _pull(docker: Docker, image: str) -> None:
    try:
        await docker.pull(image)
    except DockerError as error:
        hint = next((hint for words, hint in _HINTS.items() if words in error.message), "")
        raise PullError(f"CannotPullContainerError: {hint}{error}", error) from error


def split(image: str) -> tuple[str, str]:
    """A reference without a digest as repository and tag."""
    rest, _, last = image.rpartition("/")
    name, _, tag = last.partition(":")
    return (f"{rest}/{name}" if rest else name), tag or "latest"


def digest_of(image: str, document: dict[str, Any] | None) -> str:
    """The digest by which a registry knows the image; empty for one that was built or loaded here.

    `document` is Docker's word on the image, None when it has none.
    """
    if "@" in image:
        return image.rpartition("@")[2]
    repository = split(image)[0]
    for known in (document or {}).get("RepoDigests") or []:
        name, _, digest = str(known).rpartition("@")
        if name == repository or name.removeprefix("docker.io/").removeprefix("library/") == repository:
            return digest
    return ""
