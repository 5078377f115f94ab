"""What load balancers and target groups may be called.

Source: Elastic Load Balancing API Reference, CreateLoadBalancer and CreateTargetGroup.
"""

import re

from podium.elbv2.errors import Invalid

LONGEST = 32
_ALLOWED = re.compile(r"[A-Za-z0-9-]+", re.ASCII)


def load_balancer(name: str) -> None:
    """Raises Invalid."""
    _plain("Load balancer", name)
    if name.startswith("internal-"):
        raise Invalid(f"Load balancer name '{name}' cannot begin with 'internal-'")


def target_group(name: str) -> None:
    """Raises Invalid."""
    _plain("Target group", name)


def _plain(noun: str, name: str) -> None:
    if not name:
        raise Invalid(f"{noun} name cannot be empty")
    if len(name) > LONGEST:
        raise Invalid(f"{noun} name '{name}' cannot be longer than '{LONGEST}' characters")
    if not _ALLOWED.fullmatch(name):
        raise Invalid(
            f"{noun} name '{name}' can only contain characters that are alphanumeric characters or hyphens(-)"
        )
    if name.startswith("-") or name.endswith("-"):
        raise Invalid(f"{noun} name '{name}' cannot begin or end with '-'")
