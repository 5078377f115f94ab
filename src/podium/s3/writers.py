"""For other rooms: buckets that let AWS's own services put objects into them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from podium import iam
from podium.s3 import names
from podium.s3.records import Bucket
from podium.store.session import Transaction


@dataclass(frozen=True, kw_only=True)
class Writer:
    """A service by the names that a bucket policy may give it: principals of its own, and an account of AWS's."""

    services: tuple[str, ...]
    account: str = ""
    context: Mapping[str, str] = field(default_factory=dict)


def lets_write(tx: Transaction, account: str, bucket: str, key: str, writer: Writer) -> str | None:
    """Where the account's bucket keeps its objects, if its policy lets `writer` put this one. None: it does not.

    Nobody of the account stands behind such a request, so that a bucket without a policy lets nobody in.
    """
    found = tx.get(Bucket, names.arn(bucket))
    if found is None or found.account != account or not found.policy:
        return None
    ask = iam.ServiceAsk(action="s3:PutObject", resource=f"{found.arn}/{key}", context=writer.context)
    named = (iam.admits_service(found.policy, service, ask) for service in writer.services)
    by_account = bool(writer.account) and iam.admits_account(found.policy, writer.account, ask)
    return names.key(found) if any(named) or by_account else None
