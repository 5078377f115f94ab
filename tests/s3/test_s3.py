"""Buckets and objects through an unmodified boto3 client."""

import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inprocess import ACCOUNT, BEGINNING, Plane, refused
from people import allow, deny, user, user_arn
from podium import audit
from podium.s3.operations import uploads

MIB = 1024 * 1024


@pytest.fixture
def s3(plane: Plane) -> Any:
    return plane.client("s3")


@pytest.fixture
def data(s3: Any) -> str:
    s3.create_bucket(Bucket="data")
    return "data"


def put(s3: Any, *keys: str, body: bytes = b"x") -> None:
    for key in keys:
        s3.put_object(Bucket="data", Key=key, Body=body)


def outcomes(plane: Plane, operation: str) -> list[str]:
    """What the audit journal says came of it, in turn."""
    return [entry.outcome for entry in audit.page(plane.database, "", "~", {"operation": operation}, 10)][::-1]


def keys(told: dict[str, Any]) -> list[str]:
    return [one["Key"] for one in told.get("Contents", ())] + [one["Prefix"] for one in told.get("CommonPrefixes", ())]


def test_a_bucket_is_made_found_and_deleted(plane, s3):
    assert s3.create_bucket(Bucket="one")["Location"] == "/one"
    s3.create_bucket(Bucket="one")  # in us-east-1 AWS says yes again
    assert [(b["Name"], b["CreationDate"]) for b in s3.list_buckets()["Buckets"]] == [("one", BEGINNING)]
    assert s3.head_bucket(Bucket="one")["BucketRegion"] == "us-east-1"
    assert s3.get_bucket_location(Bucket="one")["LocationConstraint"] is None
    s3.delete_bucket(Bucket="one")
    with pytest.raises(ClientError, match="404"):  # a HEAD's answer has no body, so botocore knows the status alone
        s3.head_bucket(Bucket="one")
    with refused("NoSuchBucket", "The specified bucket does not exist"):
        s3.list_objects_v2(Bucket="one")


def test_a_bucket_has_one_region(plane, s3):
    west = plane.client("s3", "eu-west-1")
    with refused("IllegalLocationConstraintException"):
        west.create_bucket(Bucket="west")
    west.create_bucket(Bucket="west", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert west.get_bucket_location(Bucket="west")["LocationConstraint"] == "eu-west-1"
    with refused("BucketAlreadyOwnedByYou"):
        west.create_bucket(Bucket="west", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})


@pytest.mark.parametrize("name", ["ab", "Big", "a..b", "192.168.0.1", "xn--a", "x" * 64, "a_b", "b-s3alias"])
def test_names_are_checked(s3, name):
    with refused("InvalidBucketName", "The specified bucket is not valid."):
        s3.create_bucket(Bucket=name)


def test_an_object_comes_back_as_it_was_put(plane, s3, data):
    made = s3.put_object(
        Bucket=data, Key="a/b c.txt", Body=b"hello", ContentType="text/plain", Metadata={"who": "me"}, CacheControl="no"
    )
    assert made["ETag"] == '"5d41402abc4b2a76b9719d911017c592"'
    told = s3.get_object(Bucket=data, Key="a/b c.txt")
    assert told["Body"].read() == b"hello"
    assert (told["ContentType"], told["Metadata"], told["CacheControl"]) == ("text/plain", {"who": "me"}, "no")
    assert told["LastModified"] == BEGINNING
    head = s3.head_object(Bucket=data, Key="a/b c.txt")
    assert (head["ContentLength"], head["ETag"]) == (5, made["ETag"])
    s3.put_object(Bucket=data, Key="a/b c.txt", Body=b"anew")
    assert s3.get_object(Bucket=data, Key="a/b c.txt")["Body"].read() == b"anew"
    s3.delete_object(Bucket=data, Key="a/b c.txt")
    s3.delete_object(Bucket=data, Key="a/b c.txt")
    with refused("NoSuchKey", "The specified key does not exist."):
        s3.get_object(Bucket=data, Key="a/b c.txt")


@pytest.mark.parametrize(
    ("asked", "body", "told"),
    [
        ("bytes=1-3", b"ell", "bytes 1-3/5"),
        ("bytes=3-", b"lo", "bytes 3-4/5"),
        ("bytes=-2", b"lo", "bytes 3-4/5"),
        ("bytes=0-99", b"hello", "bytes 0-4/5"),
        ("bytes=3-1", b"hello", None),
        ("nonsense", b"hello", None),
    ],
)
def test_a_range_is_a_part(s3, data, asked, body, told):
    put(s3, "k", body=b"hello")
    answer = s3.get_object(Bucket=data, Key="k", Range=asked)
    assert (answer["Body"].read(), answer.get("ContentRange")) == (body, told)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == (206 if told else 200)


def test_a_range_behind_the_end_is_refused(s3, data):
    put(s3, "k", body=b"hello")
    with refused("InvalidRange"):
        s3.get_object(Bucket=data, Key="k", Range="bytes=5-")


def test_conditions_hold(plane, s3, data):
    put(s3, "k")
    tag = s3.head_object(Bucket=data, Key="k")["ETag"]
    assert s3.get_object(Bucket=data, Key="k", IfMatch=tag)["ETag"] == tag
    with refused("PreconditionFailed"):
        s3.get_object(Bucket=data, Key="k", IfMatch='"other"')
    for condition in ({"IfNoneMatch": tag}, {"IfModifiedSince": BEGINNING}):
        with pytest.raises(ClientError) as caught:
            s3.get_object(Bucket=data, Key="k", **condition)
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 304
    with refused("PreconditionFailed"):
        s3.get_object(Bucket=data, Key="k", IfUnmodifiedSince=BEGINNING - timedelta(seconds=1))
    with refused("PreconditionFailed"):
        s3.put_object(Bucket=data, Key="k", Body=b"y", IfNoneMatch="*")
    s3.put_object(Bucket=data, Key="k", Body=b"y", IfMatch=tag)
    with refused("PreconditionFailed"):
        s3.put_object(Bucket=data, Key="k", Body=b"z", IfMatch=tag)


def test_a_wrong_checksum_is_refused_and_a_right_one_is_shown_again(s3, data):
    with refused("BadDigest", "The Content-MD5 you specified did not match the calculated checksum."):
        s3.put_object(Bucket=data, Key="k", Body=b"x", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==")
    with refused("BadDigest"):
        s3.put_object(Bucket=data, Key="k", Body=b"x", ChecksumSHA256="47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
    made = s3.put_object(Bucket=data, Key="k", Body=b"x", ChecksumAlgorithm="SHA256")
    told = s3.head_object(Bucket=data, Key="k", ChecksumMode="ENABLED")
    assert told["ChecksumSHA256"] == made["ChecksumSHA256"]


def test_lists_come_in_order_with_prefixes_and_in_pages(s3, data):
    put(s3, "b", "a/1", "a/2", "a/b/3", "c/4", "é", "z")
    assert keys(s3.list_objects_v2(Bucket=data)) == ["a/1", "a/2", "a/b/3", "b", "c/4", "z", "é"]
    top = s3.list_objects_v2(Bucket=data, Delimiter="/")
    assert (keys(top), top["KeyCount"]) == (["b", "z", "é", "a/", "c/"], 5)
    assert keys(s3.list_objects_v2(Bucket=data, Prefix="a/", Delimiter="/")) == ["a/1", "a/2", "a/b/"]
    assert keys(s3.list_objects_v2(Bucket=data, StartAfter="b")) == ["c/4", "z", "é"]
    for delimiter in ({}, {"Delimiter": "/"}):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=data, PaginationConfig={"PageSize": 2}, **delimiter)
        found = [key for page in pages for key in keys(page)]
        assert sorted(found) == sorted(keys(s3.list_objects_v2(Bucket=data, **delimiter)))
        pages = s3.get_paginator("list_objects").paginate(Bucket=data, PaginationConfig={"PageSize": 2}, **delimiter)
        assert sorted(key for page in pages for key in keys(page)) == sorted(found)
    with refused("InvalidArgument", "The continuation token provided is incorrect"):
        s3.list_objects_v2(Bucket=data, ContinuationToken="?")
    versions = s3.list_object_versions(Bucket=data, Prefix="a/")["Versions"]
    assert [(one["Key"], one["IsLatest"]) for one in versions] == [("a/1", True), ("a/2", True), ("a/b/3", True)]


def test_a_bucket_with_objects_is_not_deleted_and_one_made_anew_has_none(plane, s3, data):
    put(s3, "a")
    stranger = plane.client("s3", key=user(plane, "ann"))
    with refused("AccessDenied"):
        stranger.delete_bucket(Bucket=data)
    with refused("BucketNotEmpty", "The bucket you tried to delete is not empty"):
        s3.delete_bucket(Bucket=data)
    assert outcomes(plane, "DeleteBucket") == ["AccessDenied", "BucketNotEmpty"]
    s3.delete_object(Bucket=data, Key="a")
    s3.delete_bucket(Bucket=data)
    assert outcomes(plane, "DeleteBucket") == ["AccessDenied", "BucketNotEmpty", "ok"]
    plane.clock.time += timedelta(seconds=1)
    plane.journals.kept.objects.put(f"data {BEGINNING.isoformat()}", "late", b"x", 0.0, {})  # was under way meanwhile
    s3.create_bucket(Bucket=data)
    assert keys(s3.list_objects_v2(Bucket=data)) == []


def test_many_are_deleted_at_once(s3, data):
    put(s3, "a", "b", "c")
    told = s3.delete_objects(Bucket=data, Delete={"Objects": [{"Key": "a"}, {"Key": "none"}]})
    assert [one["Key"] for one in told["Deleted"]] == ["a", "none"]
    assert "Deleted" not in s3.delete_objects(Bucket=data, Delete={"Objects": [{"Key": "b"}], "Quiet": True})
    assert keys(s3.list_objects_v2(Bucket=data)) == ["c"]


def test_a_copy_is_an_object_of_its_own(s3, data):
    s3.put_object(Bucket=data, Key="a b", Body=b"x" * 3 * MIB, Metadata={"k": "v"})
    s3.create_bucket(Bucket="other")
    told = s3.copy_object(Bucket="other", Key="c", CopySource={"Bucket": data, "Key": "a b"})
    s3.delete_object(Bucket=data, Key="a b")
    copy = s3.get_object(Bucket="other", Key="c")
    assert (copy["Body"].read(), copy["Metadata"]) == (b"x" * 3 * MIB, {"k": "v"})
    assert told["CopyObjectResult"]["ETag"] == copy["ETag"]
    with refused("InvalidRequest"):
        s3.copy_object(Bucket="other", Key="c", CopySource="other/c")
    s3.copy_object(Bucket="other", Key="c", CopySource="other/c", MetadataDirective="REPLACE", Metadata={"k": "w"})
    assert s3.head_object(Bucket="other", Key="c")["Metadata"] == {"k": "w"}


def test_an_upload_in_parts_is_one_object_in_the_end(s3, data):
    first, last = b"a" * 5 * MIB, b"b"
    upload = {"Bucket": data, "Key": "big", "UploadId": s3.create_multipart_upload(Bucket=data, Key="big")["UploadId"]}
    tags = [
        s3.upload_part(**upload, PartNumber=n, Body=body)["ETag"] for n, body in ((1, b"old"), (1, first), (2, last))
    ]
    assert [part["Size"] for part in s3.list_parts(**upload)["Parts"]] == [5 * MIB, 1]
    with refused("NoSuchKey"):
        s3.get_object(Bucket=data, Key="big")
    wrong = [{"PartNumber": 1, "ETag": tags[0]}, {"PartNumber": 2, "ETag": tags[2]}]
    with refused("InvalidPart"):
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": wrong})
    parts = [{"PartNumber": 1, "ETag": tags[1]}, {"PartNumber": 2, "ETag": tags[2]}]
    with refused("InvalidPartOrder"):
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts[::-1]})
    made = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert re.fullmatch(r'"[0-9a-f]{32}-2"', made["ETag"])
    assert s3.get_object(Bucket=data, Key="big")["Body"].read() == first + last
    assert s3.get_object(Bucket=data, Key="big", Range=f"bytes={5 * MIB - 1}-")["Body"].read() == b"ab"
    with refused("NoSuchUpload"):
        s3.list_parts(**upload)


def test_an_object_has_a_largest_size(s3, data, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST_OBJECT", 5 * MIB)
    upload = {"Bucket": data, "Key": "k", "UploadId": s3.create_multipart_upload(Bucket=data, Key="k")["UploadId"]}
    bodies = {1: b"a" * 5 * MIB, 2: b"b"}
    parts = [
        {"PartNumber": n, "ETag": s3.upload_part(**upload, PartNumber=n, Body=body)["ETag"]}
        for n, body in bodies.items()
    ]
    with refused("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"):
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts[:1]})
    assert s3.head_object(Bucket=data, Key="k")["ContentLength"] == 5 * MIB


def test_parts_that_are_too_small_make_no_object_and_an_aborted_upload_leaves_nothing(s3, data):
    upload = {"Bucket": data, "Key": "k", "UploadId": s3.create_multipart_upload(Bucket=data, Key="k")["UploadId"]}
    parts = [{"PartNumber": n, "ETag": s3.upload_part(**upload, PartNumber=n, Body=b"x")["ETag"]} for n in (1, 2)]
    with refused("EntityTooSmall"):
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert [one["Key"] for one in s3.list_multipart_uploads(Bucket=data)["Uploads"]] == ["k"]
    s3.abort_multipart_upload(**upload)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=data)
    with refused("NoSuchUpload"):
        s3.upload_part(**upload, PartNumber=1, Body=b"x")


def test_boto3_s_own_transfers_work(s3, data):
    body = bytes(range(256)) * 65536  # 16 MiB, in parts of 8
    s3.upload_fileobj(io.BytesIO(body), data, "k")
    found = io.BytesIO()
    s3.download_fileobj(data, "k", found)
    assert found.getvalue() == body


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_a_bucket_s_policy_lets_in_whom_no_other_policy_does_and_keeps_out_whom_all_others_let_in(plane, s3, data):
    put(s3, "in/a", "out/b")
    key = user(plane, "ann")
    ann = plane.client("s3", key=key)
    with refused("AccessDenied") as told:
        ann.get_object(Bucket=data, Key="in/a")
    assert "not authorized to perform: s3:GetObject on resource: arn:aws:s3:::data/in/a" in told["Error"]["Message"]
    admits = allow("s3:GetObject", "arn:aws:s3:::data/in/*", Principal={"AWS": user_arn("ann")})
    s3.put_bucket_policy(Bucket=data, Policy=policy(admits))
    assert ann.get_object(Bucket=data, Key="in/a")["Body"].read() == b"x"
    with refused("AccessDenied"):
        ann.get_object(Bucket=data, Key="out/b")
    bob = plane.client("s3", key=user(plane, "bob", allow("s3:*")))
    assert bob.get_object(Bucket=data, Key="out/b")
    s3.put_bucket_policy(
        Bucket=data, Policy=policy(deny("s3:*", ["arn:aws:s3:::data", "arn:aws:s3:::data/*"], Principal="*"))
    )
    for client in (bob, s3):
        with refused("AccessDenied") as told:
            client.get_object(Bucket=data, Key="out/b")
        assert "with an explicit deny in a resource-based policy" in told["Error"]["Message"]
    s3.delete_bucket_policy(Bucket=data)  # root is never locked out of that
    assert bob.get_object(Bucket=data, Key="out/b")
    with refused("NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket=data)


def test_an_account_in_a_bucket_s_policy_leaves_it_to_the_account_s_own_policies(plane, s3, data):
    put(s3, "a")
    s3.put_bucket_policy(
        Bucket=data,
        Policy=policy(allow("s3:*", "arn:aws:s3:::data/*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})),
    )
    with refused("AccessDenied"):
        plane.client("s3", key=user(plane, "ann")).get_object(Bucket=data, Key="a")


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"Statement": []}',
        policy(allow("s3:*", "arn:aws:s3:::other/*", Principal="*")),
        policy(allow("s3:*", "*")),
        policy(allow("s3:*", [], Principal="*")),
        policy({"Effect": "Allow", "Action": "s3:*", "Principal": "*"}),
    ],
)
def test_a_policy_that_is_none_of_the_bucket_s_is_refused(s3, data, text):
    with refused("MalformedPolicy"):
        s3.put_bucket_policy(Bucket=data, Policy=text)


def test_a_copy_takes_leave_to_read_what_is_copied(plane, s3, data):
    put(s3, "a")
    ann = plane.client("s3", key=user(plane, "ann", allow("s3:PutObject")))
    with refused("AccessDenied") as told:
        ann.copy_object(Bucket=data, Key="b", CopySource="data/a")
    assert "s3:GetObject" in told["Error"]["Message"]


def test_settings_are_shown_as_they_were_put(s3, data):
    with refused("NoSuchTagSet"):
        s3.get_bucket_tagging(Bucket=data)
    s3.put_bucket_tagging(Bucket=data, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert s3.get_bucket_tagging(Bucket=data)["TagSet"] == [{"Key": "a", "Value": "b"}]
    with refused("NoSuchPublicAccessBlockConfiguration"):
        s3.get_public_access_block(Bucket=data)
    s3.put_public_access_block(Bucket=data, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    assert s3.get_public_access_block(Bucket=data)["PublicAccessBlockConfiguration"]["BlockPublicAcls"] is True
    default = s3.get_bucket_encryption(Bucket=data)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert default["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert "Status" not in s3.get_bucket_versioning(Bucket=data)
    with refused("NotImplemented"):
        s3.put_bucket_versioning(Bucket=data, VersioningConfiguration={"Status": "Enabled"})
