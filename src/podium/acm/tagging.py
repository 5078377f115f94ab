"""Tags, as requests give them."""

from podium.acm.errors import InvalidTag, TooManyTags
from podium.kernel.tags import Tagging

TAGS = Tagging(
    duplicate=lambda key: InvalidTag(f"Duplicate tag key found: {key}"),
    reserved=lambda key: InvalidTag("Tag keys cannot start with aws: because it is reserved for AWS use."),
    too_many=lambda most: TooManyTags(f"A certificate can have at most {most} tags."),
)
