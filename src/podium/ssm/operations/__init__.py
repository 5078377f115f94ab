"""What Parameter Store answers, and what each operation asks for. Importing this package registers both."""

from podium.ssm import access
from podium.ssm.operations import describing, labels, putting, reading, tags

__all__ = ["access", "describing", "labels", "putting", "reading", "tags"]
