"""What Secrets Manager answers, and what each operation asks for. Importing this package registers both."""

from podium.secretsmanager import access
from podium.secretsmanager.operations import (
    deletion,
    listing,
    passwords,
    policies,
    reading,
    rotation,
    stages,
    tags,
    writing,
)

__all__ = ["access", "deletion", "listing", "passwords", "policies", "reading", "rotation", "stages", "tags", "writing"]
