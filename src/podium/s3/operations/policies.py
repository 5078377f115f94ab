"""Bucket policies, which let callers in and keep them out."""

import json
from typing import Any

from podium import iam
from podium.kernel.call import Call
from podium.s3 import names
from podium.s3.errors import MalformedPolicy, NoSuchBucketPolicy
from podium.s3.service import s3
from podium.store.records import replace
from podium.store.session import Transaction


@s3.operation
def put_bucket_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    bucket = names.bucket(call, tx, request["Bucket"])
    try:
        iam.validate_resource_policy(request["Policy"])
    except iam.MalformedPolicyDocument as error:
        raise MalformedPolicy(str(error)) from error
    for resource in _resources(request["Policy"]):
        if resource != bucket.arn and not resource.startswith(f"{bucket.arn}/") and not _covers(resource, bucket.arn):
            raise MalformedPolicy("Policy has invalid resource")
    tx.put(replace(bucket, policy=request["Policy"]))
    return {}


@s3.operation(reads=True)
def get_bucket_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    policy = names.bucket(call, tx, request["Bucket"]).policy
    if not policy:
        raise NoSuchBucketPolicy
    return {"Policy": policy}


@s3.operation
def delete_bucket_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    tx.put(replace(names.bucket(call, tx, request["Bucket"]), policy=""))
    return {}


def _resources(text: str) -> list[str]:
    """Raises MalformedPolicy where a statement names none."""
    given = json.loads(text)["Statement"]
    statements = given if isinstance(given, list) else [given]
    found = [one.get("Resource", one.get("NotResource")) for one in statements]
    if not all(found):
        raise MalformedPolicy("Missing required field Resource")
    return [resource for one in found for resource in (one if isinstance(one, list) else [one])]


def _covers(resource: str, arn: str) -> bool:
    """A wildcard may stand for the end of the bucket's name."""
    return arn.startswith(resource.partition("*")[0]) and "*" in resource
