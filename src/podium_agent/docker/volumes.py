"""Docker volumes, made before the containers that mount them."""

from podium_agent.docker.client import Docker, DockerError
from podium_agent.engine.instructions import Volume

_MISSING = "initialize volume: volume detection failed, volume '{}' does not exist and autoprovision is set to false"


class VolumeError(Exception):
    """The volume is not there. The text starts with the error's name."""


async def provide(docker: Docker, volume: Volume) -> None:
    """Have `volume` in Docker. A shared one that exists is taken as it is, whatever its options.

    Raises VolumeError, or DockerGone when Docker does not answer.
    """
    try:
        if volume.shared and await docker.volume(volume.name) is not None:
            return
        if volume.must_exist:
            raise VolumeError(f"InvalidVolumeError: {_MISSING.format(volume.name)}")
        await docker.create_volume(
            {"Name": volume.name, "Driver": volume.driver, "DriverOpts": volume.options, "Labels": volume.labels}
        )
    except DockerError as error:
        raise VolumeError(f"CannotCreateVolumeError: {error}") from error
