"""What a container definition says in Docker's own words."""

import json
from typing import Any

from podium_protocol import payload


def docker_json(definition: payload.Container, member: str) -> dict[str, Any]:
    """`member` is config or hostConfig."""
    text = (definition.get("dockerConfig") or {}).get(member) or "{}"
    decoded: dict[str, Any] = json.loads(str(text))
    return decoded
