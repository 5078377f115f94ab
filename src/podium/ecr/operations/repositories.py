"""Repositories: making, describing, changing and deleting them."""

from typing import Any

from podium.ecr import names, rules, views
from podium.ecr.errors import Invalid, InvalidAt, RepositoryAlreadyExists
from podium.ecr.records import Repository
from podium.ecr.service import ecr
from podium.kernel.call import Call
from podium.kernel.pages import Paging
from podium.store.records import replace
from podium.store.session import Transaction

PAGING = Paging(
    usual=100,
    size="maxResults",
    asked="nextToken",
    told="nextToken",
    refused=lambda: InvalidAt("nextToken", "Invalid token"),
)


@ecr.operation
def create_repository(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    name, mutability = request["repositoryName"], request.get("imageTagMutability") or "MUTABLE"
    if request.get("registryId", call.account) != call.account:
        raise Invalid("A repository can be created in the registry of one's own account alone.")
    if tx.get(Repository, names.arn(call, name)) is not None:
        raise RepositoryAlreadyExists(name, call.account)
    made = Repository(
        arn=names.arn(call, name),
        home=call.home,
        name=name,
        mutability=mutability,
        exclusion_filters=rules.exclusions(mutability, request.get("imageTagMutabilityExclusionFilters")),
        scan_on_push=bool((request.get("imageScanningConfiguration") or {}).get("scanOnPush")),
        encryption=rules.encryption(request.get("encryptionConfiguration")),
        created_at=call.now,
        tags=rules.TAGS.given(request.get("tags")),
    )
    return {"repository": views.repository(tx.put(made))}


@ecr.operation(reads=True)
def describe_repositories(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Those of the names that are given, each of which must be; or a page of all."""
    wanted = request.get("repositoryNames")
    if wanted:
        if request.get("nextToken") or request.get("maxResults"):
            raise Invalid("repositoryNames goes with neither nextToken nor maxResults.")
        found = [names.repository(call, tx, request, name) for name in dict.fromkeys(wanted)]
        return {"repositories": [views.repository(one) for one in found]}
    rows = tx.list(Repository, home=call.home) if request.get("registryId", call.account) == call.account else []
    shown, more = PAGING.page(rows, lambda r: r.name, request)
    return {"repositories": [views.repository(one) for one in shown], **more}


@ecr.operation
def delete_repository(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """There is no image in it that `force` would be needed for."""
    held = names.repository(call, tx, request)
    tx.delete(held)
    return {"repository": views.repository(held)}


@ecr.operation
def put_image_tag_mutability(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held, mutability = names.repository(call, tx, request), request["imageTagMutability"]
    filters = rules.exclusions(mutability, request.get("imageTagMutabilityExclusionFilters"))
    tx.put(replace(held, mutability=mutability, exclusion_filters=filters))
    shown = {"imageTagMutabilityExclusionFilters": list(filters)} if filters else {}
    return views.of_repository(held, imageTagMutability=mutability, **shown)


@ecr.operation
def put_image_scanning_configuration(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.repository(call, tx, request)
    scans = bool(request["imageScanningConfiguration"].get("scanOnPush"))
    tx.put(replace(held, scan_on_push=scans))
    return views.of_repository(held, imageScanningConfiguration={"scanOnPush": scans})
