"""What ECR answers, and what each operation asks for. Importing this package registers both."""

from podium.ecr import access
from podium.ecr.operations import images, policies, registries, repositories, tags

__all__ = ["access", "images", "policies", "registries", "repositories", "tags"]
