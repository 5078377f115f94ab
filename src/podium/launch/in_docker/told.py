"""What the `podium up` in the container is told of what was asked for here."""

from collections.abc import Mapping

from podium.launch.commands import ACCEPTED_KEYS_VARIABLE
from podium.launch.settings import Settings

_HANDED_ON = (
    "ECS_",
    "PODIUM_IMAGE_",
    "PODIUM_LOG_SPOOL_MIB",
    "PODIUM_RUNTIME",
    "PODIUM_FARGATE_RUNTIME",
    "PODIUM_DNS_SERVER",
    ACCEPTED_KEYS_VARIABLE,
)


def options(settings: Settings, cpu: int | None, memory: int | None) -> list[str]:
    """The options of `podium up` in the container. What the engine's machine has to give is for it to find out."""
    given: dict[str, object] = {
        "--account-id": settings.account_id,
        "--region": settings.region,
        "--timing": settings.timing,
        "--cluster": settings.cluster,
        "--instances": settings.instances,
        "--zones": ",".join(settings.zones),
        "--cpu": cpu,
        "--memory": memory,
        "--keep-stopped-tasks": settings.keep_stopped_hours,
        "--lost-after": settings.lost_after,
        "--lost-share": settings.lost_share,
        "--events": settings.events,
        "--metrics": settings.metrics,
        "--limits": settings.limits,
        "--public-addresses": settings.public_addresses,
    }
    flags = {
        "--allow-reset": settings.allow_reset,
        "--throttle": settings.throttle,
        "--no-fargate": not settings.fargate,
        "--no-proxy": not settings.proxy,
        "--dns": settings.dns,
    }
    pairs = (word for name, value in given.items() if value not in (None, "") for word in (name, str(value)))
    return [*pairs, *(flag for flag, wanted in flags.items() if wanted)]


def variables(environment: Mapping[str, str]) -> dict[str, str]:
    """What an operator set of the agent's ways, and more root keys: by the environment, as without a container."""
    return {name: value for name, value in environment.items() if name.startswith(_HANDED_ON)}
