"""What STS answers, and what each operation asks for. Importing this package registers both."""

from podium.sts import access as _access  # noqa: F401
from podium.sts.operations import callers, roles, sessions

__all__ = ["callers", "roles", "sessions"]
