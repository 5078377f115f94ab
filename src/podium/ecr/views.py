"""Repositories as the API shows them."""

from typing import Any

from podium.ecr.records import Repository


def of_repository(held: Repository, **members: Any) -> dict[str, Any]:
    """How every answer about one repository begins."""
    return {"registryId": held.home.split(":")[2], "repositoryName": held.name, **members}


def repository(held: Repository) -> dict[str, Any]:
    _, region, account = held.home.split(":")
    filters = {"imageTagMutabilityExclusionFilters": list(held.exclusion_filters)} if held.exclusion_filters else {}
    return of_repository(
        held,
        repositoryArn=held.arn,
        repositoryUri=f"{account}.dkr.ecr.{region}.amazonaws.com/{held.name}",
        createdAt=held.created_at,
        imageTagMutability=held.mutability,
        imageScanningConfiguration={"scanOnPush": held.scan_on_push},
        encryptionConfiguration=held.encryption,
        **filters,
    )
