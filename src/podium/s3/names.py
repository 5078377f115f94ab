"""Buckets by name, and which names there may be.

Source: Amazon S3 User Guide, "General purpose bucket naming rules".
"""

import re
from urllib.parse import unquote

from podium.kernel.call import Call
from podium.s3.errors import InvalidBucketName, NoSuchBucket
from podium.s3.records import Bucket
from podium.store.session import Transaction

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def arn(name: str) -> str:
    return f"arn:aws:s3:::{name}"


def checked(name: str) -> str:
    """Raises InvalidBucketName."""
    plain = _NAME.fullmatch(name) and not _ADDRESS.fullmatch(name) and ".." not in name
    if not plain or name.startswith(_PREFIXES) or name.endswith(_SUFFIXES):
        raise InvalidBucketName
    return name


def source(given: str) -> tuple[str, str]:
    """The bucket's name and the key of a CopySource."""
    name, _, found = unquote(given.partition("?")[0]).lstrip("/").partition("/")
    return name, found


def key(bucket: Bucket) -> str:
    """Where its objects are kept: a name that never comes back, as that of a bucket may."""
    return f"{bucket.name} {bucket.created_at.isoformat()}"


def bucket(call: Call, tx: Transaction, name: str) -> Bucket:
    """One of any Region of the caller's account. Raises NoSuchBucket."""
    found = tx.get(Bucket, arn(name))
    if found is None or found.account != call.account:
        raise NoSuchBucket(name)
    return found
