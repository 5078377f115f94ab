"""The regions that DescribeRegions tells of. Any other name works as well: a region is there once it is used.

Source: Amazon EC2 User Guide, "Available Regions".
"""

USUAL = (
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
)


def regions(own: str) -> tuple[str, ...]:
    """`own` is the caller's, which is among them in any case."""
    return tuple(sorted({*USUAL, own}))
