"""One line of the journal."""

from datetime import datetime

from podium.store.records import record


@record(table="audit_entries", cold=True)
class AuditEntry:
    """A call that would change something, whatever came of it. No member holds what the caller sent.

    `arn` is the time with the request's id, so that keys rise with time. `outcome` is `ok` or the
    error's code; `resources` are the ARNs that the call asked to be allowed on.
    """

    arn: str
    at: datetime
    account: str
    region: str
    principal: str
    access_key_id: str
    source_ip: str
    user_agent: str = ""
    service: str
    operation: str
    resources: tuple[str, ...] = ()
    outcome: str
    request_id: str


ALL = (AuditEntry,)
