"""How long to wait before starting a dead process again."""

DELAYS_SECONDS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0)
SETTLED_SECONDS = 10.0


def early_deaths(before: int, lived_seconds: float) -> int:
    """How many times in a row it died young, this death included. One that had settled counts as the first."""
    return 1 if lived_seconds >= SETTLED_SECONDS else before + 1


def delay_seconds(deaths: int) -> float:
    """At once after the first death, then longer and longer, up to ten seconds."""
    return DELAYS_SECONDS[min(deaths, len(DELAYS_SECONDS)) - 1]
