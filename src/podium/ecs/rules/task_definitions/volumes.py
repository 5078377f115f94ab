"""A definition's volumes, and where containers mount them.

Source: Amazon ECS API Reference, Volume and its kinds.
"""

from podium.ecs.errors import Client
from podium.ecs.names import NAME
from podium.ecs.rules.task_definitions.documents import Document, Rule, containers, one_of, within

KINDS = (
    "host",
    "dockerVolumeConfiguration",
    "efsVolumeConfiguration",
    "s3filesVolumeConfiguration",
    "fsxWindowsFileServerVolumeConfiguration",
)


def _names(document: Document) -> None:
    names = [v.get("name", "") for v in document["volumes"]]
    for name in names:
        if not NAME.fullmatch(name):
            raise Client("Volume.name contains invalid characters.")
    if len(set(names)) < len(names):
        raise Client("Volume names must be unique within a Task Definition.")


def _kinds(document: Document) -> None:
    for volume in document["volumes"]:
        kinds = [kind for kind in KINDS if kind in volume]
        if volume.get("configuredAtLaunch") and kinds:
            raise Client(f"Volume '{volume['name']}' is configured at launch and cannot specify {kinds[0]}.")
        if len(kinds) > 1:
            raise Client(f"Volume '{volume['name']}' can specify only one of {','.join(kinds)}.")
    if sum(bool(v.get("configuredAtLaunch")) for v in document["volumes"]) > 1:
        raise Client("Only one volume can be configured at launch in a task definition.")


def _hosts(document: Document) -> None:
    for volume in document["volumes"]:
        if volume.get("host", {}).get("sourcePath") == "":
            raise Client("host.sourcePath should not be blank.")


def _docker(document: Document) -> None:
    for volume in document["volumes"]:
        if "scope" in (docker := volume.get("dockerVolumeConfiguration", {})):
            one_of("scope", docker["scope"], ("task", "shared"))


def _efs(document: Document) -> None:
    for volume in document["volumes"]:
        efs = volume.get("efsVolumeConfiguration")
        if efs is None:
            continue
        access = efs.get("authorizationConfig") or {}
        encrypted = efs.get("transitEncryption") or "DISABLED"
        one_of("transitEncryption", encrypted, ("ENABLED", "DISABLED"))
        one_of("iam", access.get("iam") or "DISABLED", ("ENABLED", "DISABLED"))
        _transit_port(efs)
        if encrypted == "DISABLED" and access.get("iam") == "ENABLED":
            raise Client("Transit encryption must be enabled when IAM authorization is enabled for Amazon EFS volumes.")
        if encrypted == "DISABLED" and access.get("accessPointId"):
            raise Client("Transit encryption must be enabled when an Amazon EFS access point is used.")
        if access.get("accessPointId") and efs.get("rootDirectory", "/") != "/":
            raise Client("The root directory must be omitted or set to / when an Amazon EFS access point is used.")


def _s3_files(document: Document) -> None:
    for volume in document["volumes"]:
        files = volume.get("s3filesVolumeConfiguration") or {}
        _transit_port(files)
        if files.get("accessPointArn") and files.get("rootDirectory", "/") != "/":
            raise Client("The root directory must be omitted or set to / when an Amazon S3 Files access point is used.")


def _transit_port(volume: Document) -> None:
    within("transitEncryptionPort", volume.get("transitEncryptionPort"), 1, 65535)


def _mounts(document: Document) -> None:
    names = {v["name"] for v in document["volumes"]}
    for container in containers(document):
        for mount in container["mountPoints"]:
            if mount.get("sourceVolume") not in names:
                raise Client(f"Unknown volume '{mount.get('sourceVolume')}'.")
            if not mount.get("containerPath"):
                raise Client("mountPoint.containerPath should not be blank.")


RULES: tuple[Rule, ...] = (_names, _kinds, _hosts, _docker, _efs, _s3_files, _mounts)
