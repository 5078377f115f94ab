"""Every operation of S3 that is answered."""

from podium.s3 import access
from podium.s3.operations import buckets, listing, objects, policies, settings, uploads

__all__ = ["access", "buckets", "listing", "objects", "policies", "settings", "uploads"]
