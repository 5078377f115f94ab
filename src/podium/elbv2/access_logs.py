"""Where access logs of load balancers go in S3, and that the bucket's policy lets them in.

Source: Elastic Load Balancing User Guide, "Access logs for your Application Load Balancer", "Enable access logs
for your Application Load Balancer".
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from podium import s3
from podium.elbv2 import attributes
from podium.elbv2.errors import LogBucketDenied
from podium.elbv2.records import LoadBalancer
from podium.store.session import Transaction

SERVICES = ("logdelivery.elasticloadbalancing.amazonaws.com", "delivery.logs.amazonaws.com")
ACCOUNTS = {
    "af-south-1": "098369216593",
    "ap-east-1": "754344448648",
    "ap-northeast-1": "582318560864",
    "ap-northeast-2": "600734575887",
    "ap-northeast-3": "383597477331",
    "ap-south-1": "718504428378",
    "ap-southeast-1": "114774131450",
    "ap-southeast-2": "783225319266",
    "ap-southeast-3": "589379963580",
    "ca-central-1": "985666609251",
    "eu-central-1": "054676820928",
    "eu-north-1": "897822967062",
    "eu-south-1": "635631232127",
    "eu-west-1": "156460612806",
    "eu-west-2": "652711504416",
    "eu-west-3": "009996457667",
    "me-south-1": "076674570225",
    "sa-east-1": "507241528517",
    "us-east-1": "127311923021",
    "us-east-2": "033677994240",
    "us-west-1": "027434742980",
    "us-west-2": "797873946194",
}
"""Elastic Load Balancing's own, whom older bucket policies name."""
TEST_FILE = "ELBAccessLogTestFile"


@dataclass(frozen=True, slots=True)
class Place:
    """`bucket` is where S3 keeps the bucket's objects, `key` the object's."""

    bucket: str
    key: str


def are_wanted(balancer: LoadBalancer) -> bool:
    return attributes.effective(balancer).get("access_logs.s3.enabled") == "true"


def trial_place(tx: Transaction, balancer: LoadBalancer) -> Place:
    """Where a file shows that logs will arrive. Raises LogBucketDenied."""
    return _place(tx, balancer, f"{_folder(balancer)}/{TEST_FILE}")


def place(tx: Transaction, balancer: LoadBalancer, ended: int, mark: str) -> Place:
    """Of the log of a period that `ended` then; `mark` tells it from others of the period. Raises LogBucketDenied."""
    _, _, _, region, account, resource = balancer.arn.split(":", 5)
    at = datetime.fromtimestamp(ended, UTC)
    who = resource.removeprefix("loadbalancer/").replace("/", ".")
    name = f"{account}_elasticloadbalancing_{region}_{who}_{at:%Y%m%dT%H%MZ}_{balancer.zones[0].address}_{mark}.log.gz"
    return _place(tx, balancer, f"{_folder(balancer)}/elasticloadbalancing/{region}/{at:%Y/%m/%d}/{name}")


def _folder(balancer: LoadBalancer) -> str:
    prefix = attributes.effective(balancer).get("access_logs.s3.prefix") or ""
    account = balancer.arn.split(":")[4]
    return f"{prefix}/AWSLogs/{account}" if prefix else f"AWSLogs/{account}"


def _place(tx: Transaction, balancer: LoadBalancer, key: str) -> Place:
    name = attributes.effective(balancer).get("access_logs.s3.bucket") or ""
    _, _, _, region, account, _ = balancer.arn.split(":", 5)
    context = {"aws:SourceArn": balancer.arn, "aws:SourceAccount": account, "s3:x-amz-acl": "bucket-owner-full-control"}
    writer = s3.Writer(services=SERVICES, account=ACCOUNTS.get(region, ""), context=context)
    bucket = s3.lets_write(tx, account, name, key, writer)
    if bucket is None:
        raise LogBucketDenied(name)
    return Place(bucket, key)
