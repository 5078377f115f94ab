"""What Certificate Manager answers, and what each operation asks for. Importing this package registers both."""

from podium.acm import access
from podium.acm.operations import certificates, importing, requesting, tags

__all__ = ["access", "certificates", "importing", "requesting", "tags"]
