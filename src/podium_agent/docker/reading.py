"""Docker's documents, read."""

from datetime import datetime
from typing import Any

from podium_agent.engine.events import Found
from podium_agent.engine.records import Exit
from podium_agent.engine.specs import NAME_LABEL, TASK_LABEL

_NEVER = "0001-01-01T00:00:00Z"


def from_inspect(document: dict[str, Any], now: float) -> Found:
    """A container as `GET /containers/<id>/json` shows it."""
    state = document["State"]
    labels = (document.get("Config") or {}).get("Labels") or {}
    status = str(state["Status"])
    ended = status in ("exited", "dead", "removing")
    return Found(
        docker_id=document["Id"],
        docker_name=str(document["Name"]).removeprefix("/"),
        state=status,
        task_arn=labels.get(TASK_LABEL, ""),
        container_name=labels.get(NAME_LABEL, ""),
        health=(state.get("Health") or {}).get("Status", ""),
        started_at=seconds(state.get("StartedAt")),
        exit=_exit(state, now) if ended else None,
    )


def from_list(entry: dict[str, Any]) -> Found:
    """A container as `GET /containers/json` shows it. How it ended is not told there."""
    labels = entry.get("Labels") or {}
    return Found(
        docker_id=entry["Id"],
        docker_name=str((entry.get("Names") or [""])[0]).removeprefix("/"),
        state=str(entry["State"]),
        task_arn=labels.get(TASK_LABEL, ""),
        container_name=labels.get(NAME_LABEL, ""),
        health=_health_in_words(str(entry.get("Status", ""))),
    )


def seconds(text: str | None) -> float | None:
    """Docker's RFC 3339 time in seconds since the epoch, to the microsecond. None for none, and for never."""
    if not text or text == _NEVER:
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None


def _exit(state: dict[str, Any], now: float) -> Exit:
    at = seconds(state.get("FinishedAt")) or now
    oom = bool(state.get("OOMKilled"))
    return Exit(code=state.get("ExitCode"), at=at, out_of_memory=oom, error=str(state.get("Error") or ""))


def _health_in_words(status: str) -> str:
    """From the human line of a listing, such as `Up 3 minutes (healthy)`."""
    for word, health in (("(healthy)", "healthy"), ("(unhealthy)", "unhealthy"), ("(health: starting)", "starting")):
        if word in status:
            return health
    return ""
