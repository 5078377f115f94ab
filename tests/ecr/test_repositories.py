"""Repositories, their policies, and images, of which there are none."""

import json
from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane, refused
from people import allow, user, user_arn

ARN = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/"
GHOST = f"The repository with name 'ghost' does not exist in the registry with id '{ACCOUNT}'"
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]})


@pytest.fixture
def ecr(plane: Plane) -> Any:
    return plane.client("ecr")


@pytest.fixture
def web(ecr: Any) -> dict[str, Any]:
    return dict(ecr.create_repository(repositoryName="team/web")["repository"])


def rule(priority: int = 1, kind: str = "expire", **selection: Any) -> dict[str, Any]:
    selected = {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 10, **selection}
    return {"rulePriority": priority, "description": "x" * 60, "selection": selected, "action": {"type": kind}}


def lifecycle(*rules: dict[str, Any]) -> str:
    return json.dumps({"rules": list(rules)})


def test_a_repository_is_shown_as_it_was_made(plane: Plane, ecr: Any, web: dict[str, Any]) -> None:
    assert web == {
        "repositoryArn": ARN + "team/web",
        "registryId": ACCOUNT,
        "repositoryName": "team/web",
        "repositoryUri": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/team/web",
        "createdAt": plane.clock.now(),
        "imageTagMutability": "MUTABLE",
        "imageScanningConfiguration": {"scanOnPush": False},
        "encryptionConfiguration": {"encryptionType": "AES256"},
    }
    assert ecr.describe_repositories()["repositories"] == [web]
    assert ecr.describe_repositories(repositoryNames=["team/web"])["repositories"] == [web]
    with refused(
        "RepositoryAlreadyExistsException",
        f"The repository with name 'team/web' already exists in the registry with id '{ACCOUNT}'",
    ):
        ecr.create_repository(repositoryName="team/web")


def test_a_repository_there_is_not_is_not_found(ecr: Any, web: dict[str, Any]) -> None:
    for call in (ecr.delete_repository, ecr.list_images, ecr.get_repository_policy, ecr.get_lifecycle_policy):
        with refused("RepositoryNotFoundException", GHOST):
            call(repositoryName="ghost")
    with refused("RepositoryNotFoundException", GHOST):
        ecr.describe_repositories(repositoryNames=["team/web", "ghost"])
    other = "The repository with name 'team/web' does not exist in the registry with id '999999999999'"
    with refused("RepositoryNotFoundException", other):
        ecr.list_images(repositoryName="team/web", registryId="999999999999")
    assert ecr.describe_repositories(registryId="999999999999")["repositories"] == []


def test_repositories_come_in_pages(ecr: Any) -> None:
    for n in range(5):
        ecr.create_repository(repositoryName=f"r{n}")
    pages = list(ecr.get_paginator("describe_repositories").paginate(PaginationConfig={"PageSize": 2}))
    assert [r["repositoryName"] for page in pages for r in page["repositories"]] == [f"r{n}" for n in range(5)]
    assert len(pages) == 3
    with refused("InvalidParameterException"):
        ecr.describe_repositories(nextToken="%")


def test_what_is_settled_for_a_repository_may_change(ecr: Any, web: dict[str, Any]) -> None:
    filters = [{"filterType": "WILDCARD", "filter": "dev-*"}]
    told = ecr.put_image_tag_mutability(
        repositoryName="team/web",
        imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=filters,
    )
    assert told["imageTagMutabilityExclusionFilters"] == filters
    ecr.put_image_scanning_configuration(repositoryName="team/web", imageScanningConfiguration={"scanOnPush": True})
    [shown] = ecr.describe_repositories()["repositories"]
    assert shown == {
        **web,
        "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": filters,
        "imageScanningConfiguration": {"scanOnPush": True},
    }
    for bad in ("IMMUTABLE_WITH_EXCLUSION", "SOMETIMES"):
        with refused("InvalidParameterException"):
            ecr.put_image_tag_mutability(repositoryName="team/web", imageTagMutability=bad)


def test_a_name_that_cannot_be_is_refused(ecr: Any) -> None:
    for name in ("Web", "a", "-a", "a" * 257):
        with refused("InvalidParameterException"):
            ecr.create_repository(repositoryName=name)
    with refused("InvalidParameterException"):
        ecr.create_repository(repositoryName="web", encryptionConfiguration={"encryptionType": "AES256", "kmsKey": "k"})


def test_a_repository_has_policies(ecr: Any, web: dict[str, Any]) -> None:
    with refused("RepositoryPolicyNotFoundException"):
        ecr.get_repository_policy(repositoryName="team/web")
    ecr.set_repository_policy(repositoryName="team/web", policyText=POLICY)
    assert ecr.get_repository_policy(repositoryName="team/web")["policyText"] == POLICY
    assert ecr.delete_repository_policy(repositoryName="team/web")["policyText"] == POLICY
    told = "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'"
    for bad in ("{", "[]", "{}"):
        with refused("InvalidParameterException", told):
            ecr.set_repository_policy(repositoryName="team/web", policyText=bad)
    text = lifecycle(rule(), rule(2, tagStatus="any"))
    with refused("LifecyclePolicyNotFoundException"):
        ecr.delete_lifecycle_policy(repositoryName="team/web")
    ecr.put_lifecycle_policy(repositoryName="team/web", lifecyclePolicyText=text)
    assert ecr.get_lifecycle_policy(repositoryName="team/web")["lifecyclePolicyText"] == text
    assert ecr.delete_lifecycle_policy(repositoryName="team/web")["lifecyclePolicyText"] == text


@pytest.mark.parametrize(
    "rules",
    [
        (rule(tagStatus="any"), rule(2)),
        (rule(), rule()),
        (rule(0),),
        (rule(kind="burn"),),
        (rule(tagStatus="tagged"),),
        (rule(tagPrefixList=["v"]),),
        (rule(countType="sinceImagePushed"),),
        (rule(countNumber=0),),
        (rule(countUnit="days"),),
        (rule(countType="imageAge"),),
        (rule(tagStatus="old"),),
        ({"rulePriority": 1, "note": "x" * 90},),
        (),
    ],
)
def test_a_lifecycle_policy_that_cannot_be_is_refused(ecr: Any, web: Any, rules: tuple[Any, ...]) -> None:
    with refused("InvalidParameterException"):
        ecr.put_lifecycle_policy(repositoryName="team/web", lifecyclePolicyText=lifecycle(*rules).ljust(100))


def test_a_lifecycle_policy_may_select_by_prefix_and_age(ecr: Any, web: dict[str, Any]) -> None:
    aged = {"countType": "sinceImagePushed", "countUnit": "days"}
    text = lifecycle(rule(1, tagStatus="tagged", tagPrefixList=["v"], **aged), rule(2, **aged))
    ecr.put_lifecycle_policy(repositoryName="team/web", lifecyclePolicyText=text)


def test_there_are_no_images(ecr: Any, web: dict[str, Any]) -> None:
    name = {"repositoryName": "team/web"}
    assert ecr.list_images(**name)["imageIds"] == []
    assert ecr.describe_images(**name)["imageDetails"] == []
    told = (
        "The image with imageId {imageDigest:'null', imageTag:'v1'} does not exist within the repository with name "
        f"'team/web' in the registry with id '{ACCOUNT}'"
    )
    with refused("ImageNotFoundException", told):
        ecr.describe_images(**name, imageIds=[{"imageTag": "v1"}])
    for scan in (ecr.start_image_scan, ecr.describe_image_scan_findings):
        with refused("ImageNotFoundException", told):
            scan(**name, imageId={"imageTag": "v1"})
    for batch in (ecr.batch_get_image, ecr.batch_delete_image):
        [failure] = batch(**name, imageIds=[{"imageTag": "v1"}])["failures"]
        assert (failure["failureCode"], failure["imageId"]) == ("ImageNotFound", {"imageTag": "v1"})
    [layer] = ecr.batch_check_layer_availability(**name, layerDigests=["sha256:00"])["layers"]
    assert layer["layerAvailability"] == "UNAVAILABLE"


def test_pushing_and_pulling_say_what_is_missing(ecr: Any, web: dict[str, Any]) -> None:
    told = (
        "Podium does not answer ecr GetAuthorizationToken yet: it has no registry that images could be pushed to or "
        "pulled from. docs/coverage.md lists what works."
    )
    with refused("NotImplemented", told):
        ecr.get_authorization_token()
    with refused("NotImplemented"):
        ecr.put_image(repositoryName="team/web", imageManifest="{}")


def test_a_registry_is_settled_as_a_whole(ecr: Any) -> None:
    told = ecr.describe_registry()
    assert (told["registryId"], told["replicationConfiguration"]) == (ACCOUNT, {"rules": []})
    rules = [{"destinations": [{"region": "eu-west-1", "registryId": ACCOUNT}]}]
    ecr.put_replication_configuration(replicationConfiguration={"rules": rules})
    assert ecr.describe_registry()["replicationConfiguration"] == {"rules": rules}
    assert ecr.get_registry_scanning_configuration()["scanningConfiguration"] == {"scanType": "BASIC", "rules": []}
    ecr.put_registry_scanning_configuration(scanType="ENHANCED")
    assert ecr.get_registry_scanning_configuration()["scanningConfiguration"]["scanType"] == "ENHANCED"
    with refused("RegistryPolicyNotFoundException"):
        ecr.get_registry_policy()
    ecr.put_registry_policy(policyText=POLICY)
    assert ecr.get_registry_policy()["policyText"] == ecr.delete_registry_policy()["policyText"] == POLICY


def test_repositories_have_tags(ecr: Any) -> None:
    tags = [{"Key": "team", "Value": "a"}]
    arn = ecr.create_repository(repositoryName="web", tags=tags)["repository"]["repositoryArn"]
    assert ecr.list_tags_for_resource(resourceArn=arn)["tags"] == tags
    ecr.tag_resource(resourceArn=arn, tags=[{"Key": "b", "Value": ""}])
    ecr.untag_resource(resourceArn=arn, tagKeys=["team", "none"])
    assert ecr.list_tags_for_resource(resourceArn=arn)["tags"] == [{"Key": "b", "Value": ""}]
    with refused("TooManyTagsException"):
        ecr.tag_resource(resourceArn=arn, tags=[{"Key": f"k{n}", "Value": ""} for n in range(51)])
    for bad in ([{"Key": "aws:x", "Value": ""}], [{"Key": "a", "Value": ""}] * 2):
        with refused("InvalidTagParameterException"):
            ecr.tag_resource(resourceArn=arn, tags=bad)
    with refused("RepositoryNotFoundException"):
        ecr.list_tags_for_resource(resourceArn=ARN + "ghost")
    with refused("InvalidParameterException"):
        ecr.list_tags_for_resource(resourceArn="web")


def test_what_is_deleted_is_shown_once_more_and_gone(ecr: Any, web: dict[str, Any]) -> None:
    assert ecr.delete_repository(repositoryName="team/web")["repository"] == web
    assert ecr.describe_repositories()["repositories"] == []


def test_another_region_has_repositories_of_its_own(plane: Plane, web: dict[str, Any]) -> None:
    assert plane.client("ecr", region="eu-west-1").describe_repositories()["repositories"] == []


def test_a_user_may_do_what_a_policy_allows(plane: Plane, ecr: Any, web: dict[str, Any]) -> None:
    ecr.tag_resource(resourceArn=web["repositoryArn"], tags=[{"Key": "team", "Value": "a"}])
    tagged = {"Condition": {"StringEquals": {"ecr:ResourceTag/team": "a"}}}
    ann = plane.client("ecr", key=user(plane, "ann", allow("ecr:ListImages", web["repositoryArn"], **tagged)))
    ann.list_images(repositoryName="team/web")
    with refused(
        "AccessDeniedException",
        f"User: {user_arn('ann')} is not authorized to perform: ecr:DeleteRepository on resource: "
        f"{web['repositoryArn']} because no identity-based policy allows the ecr:DeleteRepository action",
    ):
        ann.delete_repository(repositoryName="team/web")
