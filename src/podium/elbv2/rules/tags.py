"""Tags, as requests give them."""

from podium.elbv2.errors import DuplicateTagKeys, Invalid, TooManyTags
from podium.kernel.tags import Tagging

TAGS = Tagging(
    duplicate=DuplicateTagKeys,
    reserved=lambda key: Invalid("Tag keys cannot start with 'aws:': it is reserved for AWS use"),
    too_many=lambda most: TooManyTags(f"A resource can have at most {most} tags"),
)
