"""The journal of mutating calls: who asked for what, from where, and what came of it."""

from podium.audit.journal import entry, page
from podium.audit.records import ALL, AuditEntry

__all__ = ["ALL", "AuditEntry", "entry", "page"]
