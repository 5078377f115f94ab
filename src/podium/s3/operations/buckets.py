"""Buckets: making, finding and deleting them."""

from typing import Any

from podium.journals.kept import Journals, Later
from podium.kernel.call import Call
from podium.s3 import names, views
from podium.s3.errors import BucketAlreadyExists, BucketAlreadyOwnedByYou, BucketNotEmpty, IllegalLocation
from podium.s3.records import Bucket
from podium.s3.service import s3
from podium.store.session import Transaction

FIRST_REGION = "us-east-1"  # which is told as no location


@s3.operation
def create_bucket(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    name = names.checked(request["Bucket"])
    wanted = (request.get("CreateBucketConfiguration") or {}).get("LocationConstraint") or ""
    if (wanted or FIRST_REGION) != call.region:
        raise IllegalLocation(wanted)
    found = tx.get(Bucket, names.arn(name))
    if found is not None and found.account != call.account:
        raise BucketAlreadyExists
    if found is not None and call.region != FIRST_REGION:
        raise BucketAlreadyOwnedByYou
    if found is None:
        ownership = request.get("ObjectOwnership") or "BucketOwnerEnforced"
        tx.put(
            Bucket(
                arn=names.arn(name),
                account=call.account,
                region=call.region,
                name=name,
                created_at=call.now,
                ownership=ownership,
            )
        )
    return {"Location": f"/{name}", "BucketArn": names.arn(name)}


@s3.operation(reads=True)
def head_bucket(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    found = names.bucket(call, tx, request["Bucket"])
    return {"BucketRegion": found.region, "BucketArn": found.arn}


@s3.operation(reads=True)
def get_bucket_location(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    region = names.bucket(call, tx, request["Bucket"]).region
    return {} if region == FIRST_REGION else {"LocationConstraint": region}


@s3.operation(reads=True)
def list_buckets(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    prefix, region = request.get("Prefix") or "", request.get("BucketRegion")
    found = [one for one in tx.list(Bucket, account=call.account) if one.name.startswith(prefix)]
    rows = sorted((one for one in found if region in (None, one.region)), key=lambda one: one.name)
    shown = [{"Name": one.name, "CreationDate": one.created_at, "BucketRegion": one.region} for one in rows]
    return {"Buckets": shown, "Owner": views.owner(call.account)}


@s3.operation
def delete_bucket(call: Call, tx: Transaction, request: dict[str, Any]) -> Later:
    bucket = names.bucket(call, tx, request["Bucket"])

    def empty(journals: Journals) -> dict[str, Any]:
        if not journals.objects.is_empty(names.key(bucket)):
            raise BucketNotEmpty
        return {}

    def gone(tx: Transaction) -> None:
        now = names.bucket(call, tx, bucket.name)
        if names.key(now) == names.key(bucket):  # it was not deleted and made anew meanwhile
            tx.delete(now)

    return Later(empty, then=gone)
