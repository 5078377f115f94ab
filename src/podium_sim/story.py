"""What happened, in words, with the simulated time of each line."""

from dataclasses import dataclass, field
from datetime import datetime

from podium_sim.clock import Timeline


@dataclass
class Story:
    time: Timeline
    lines: list[tuple[datetime, str]] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.lines.append((self.time.now(), text))

    def told(self, last: int | None = None) -> str:
        """All of it, or its last lines."""
        lines = self.lines if last is None else self.lines[-last:]
        return "\n".join(f"{moment:%a %H:%M:%S.%f}"[:-3] + f"  {text}" for moment, text in lines)


def in_words(operation: str, request: dict[str, object]) -> str:
    """An API call on one line, without what every call says."""
    told = {name: value for name, value in request.items() if name != "cluster"}
    return f"{operation} " + ", ".join(f"{name}={_brief(value)}" for name, value in told.items())


def _brief(value: object) -> str:
    text = value.rpartition("/")[2] if isinstance(value, str) and value.startswith("arn:") else str(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
