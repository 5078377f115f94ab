"""What S3 remembers of buckets."""

from datetime import datetime
from typing import Any

from podium.store.records import record


@record(table="s3_buckets", indexes=("account",))
class Bucket:
    """`arn` is `arn:aws:s3:::name`: names are everybody's. Only the API writes it.

    `policy` is JSON as it was given, empty for none; `encryption` and `public_access` are in the API's own names, and
    are shown as they were put.
    """

    arn: str
    account: str
    region: str
    name: str
    created_at: datetime
    policy: str = ""
    tags: dict[str, str] = {}
    encryption: dict[str, Any] = {}
    public_access: dict[str, Any] = {}
    ownership: str = "BucketOwnerEnforced"


ALL = (Bucket,)
