"""Parameters: putting, reading, and what cannot be put."""

import base64
from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane, refused
from people import allow, user, user_arn
from podium.server.keyring import Keyring

HOME = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter"


@pytest.fixture
def ssm(plane: Plane) -> Any:
    return plane.client("ssm")


def put(ssm: Any, name: str, value: str = "v", kind: str = "String", **members: Any) -> Any:
    return ssm.put_parameter(Name=name, Value=value, Type=kind, **members)


def value(ssm: Any, name: str, **asked: Any) -> str:
    return str(ssm.get_parameter(Name=name, **asked)["Parameter"]["Value"])


def test_a_parameter_is_shown_as_it_was_put(plane: Plane, ssm: Any) -> None:
    told = put(ssm, "/web/url", "https://example.com", Description="where")
    assert (told["Version"], told["Tier"]) == (1, "Standard")
    assert ssm.get_parameter(Name="/web/url")["Parameter"] == {
        "Name": "/web/url",
        "Type": "String",
        "Value": "https://example.com",
        "Version": 1,
        "LastModifiedDate": plane.clock.now(),
        "ARN": f"{HOME}/web/url",
        "DataType": "text",
    }
    [described] = ssm.describe_parameters()["Parameters"]
    assert described == {
        "Name": "/web/url",
        "ARN": f"{HOME}/web/url",
        "Type": "String",
        "LastModifiedDate": plane.clock.now(),
        "LastModifiedUser": f"arn:aws:iam::{ACCOUNT}:root",
        "Description": "where",
        "Version": 1,
        "Tier": "Standard",
        "Policies": [],
        "DataType": "text",
    }


def test_a_secure_string_is_cipher_text_until_it_is_decrypted(plane: Plane, ssm: Any) -> None:
    put(ssm, "password", "hunter2", "SecureString")
    assert b"hunter2" not in base64.b64decode(value(ssm, "password"))
    assert value(ssm, "password", WithDecryption=True) == "hunter2"
    [described] = ssm.describe_parameters()["Parameters"]
    assert described["KeyId"] == "alias/aws/ssm"
    assert plane.client("kms").describe_key(KeyId="alias/aws/ssm")["KeyMetadata"]["KeyManager"] == "AWS"
    [past] = ssm.get_parameter_history(Name="password", WithDecryption=True)["Parameters"]
    assert past["Value"] == "hunter2"


def test_a_parameter_is_overwritten_when_that_is_asked_for(ssm: Any) -> None:
    put(ssm, "a", "1", Description="kept")
    with refused(
        "ParameterAlreadyExists",
        "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
    ):
        put(ssm, "a", "2")
    assert ssm.put_parameter(Name="a", Value="2", Overwrite=True)["Version"] == 2
    assert value(ssm, "a") == "2"
    history = ssm.get_parameter_history(Name="a")["Parameters"]
    assert [(past["Version"], past["Value"], past["Description"]) for past in history] == [
        (1, "1", "kept"),
        (2, "2", "kept"),
    ]
    with refused("HierarchyTypeMismatchException"):
        put(ssm, "a", "3", "StringList", Overwrite=True)


def test_a_version_is_asked_for_by_number_by_label_and_by_arn(ssm: Any) -> None:
    for number in "123":
        put(ssm, "/web/a", number, Overwrite=True)
    ssm.label_parameter_version(Name="/web/a", ParameterVersion=2, Labels=["live"])
    for name, wanted in (("/web/a", "3"), ("/web/a:1", "1"), ("/web/a:live", "2"), (f"{HOME}/web/a:live", "2")):
        assert value(ssm, name) == wanted
    assert ssm.get_parameter(Name="/web/a:live")["Parameter"]["Selector"] == ":live"
    with refused(
        "ParameterVersionNotFound",
        "Systems Manager could not find version 9 of /web/a. Verify the version and try again.",
    ):
        value(ssm, "/web/a:9")
    with refused("ParameterNotFound"):
        value(ssm, "/web/b")
    with refused("ParameterNotFound"):
        value(ssm, f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/web/a")


def test_of_many_names_those_that_are_not_there_are_answered_apart(ssm: Any) -> None:
    put(ssm, "a", "1")
    put(ssm, "/b/c", "2", "SecureString")
    told = ssm.get_parameters(Names=["a", "ghost", f"{HOME}/b/c", "a:7"], WithDecryption=True)
    assert [(found["Name"], found["Value"]) for found in told["Parameters"]] == [("a", "1"), ("/b/c", "2")]
    assert told["InvalidParameters"] == ["ghost", "a:7"]
    with refused("ValidationException"):
        ssm.get_parameters(Names=[f"n{number}" for number in range(11)])


def test_a_hierarchy_is_read_one_level_deep_or_whole_in_pages_of_ten(ssm: Any) -> None:
    for name in ("/web/a", "/web/b", "/web/deep/c", "/webs/d", "plain"):
        put(ssm, name)
    put(ssm, "/web/s", "secret", "SecureString")

    def names(**asked: Any) -> list[str]:
        return [found["Name"] for found in ssm.get_parameters_by_path(**asked)["Parameters"]]

    assert names(Path="/web") == names(Path="/web/") == ["/web/a", "/web/b", "/web/s"]
    assert names(Path="/web", Recursive=True) == ["/web/a", "/web/b", "/web/deep/c", "/web/s"]
    assert names(Path="/") == ["plain"]
    only = [{"Key": "Type", "Option": "Equals", "Values": ["SecureString"]}]
    assert names(Path="/web", ParameterFilters=only) == ["/web/s"]
    ssm.label_parameter_version(Name="/web/a", Labels=["live"])
    assert names(Path="/web", ParameterFilters=[{"Key": "Label", "Values": ["live"]}]) == ["/web/a"]
    for number in range(12):
        put(ssm, f"/many/{number:02}")
    first = ssm.get_parameters_by_path(Path="/many")
    assert len(first["Parameters"]) == 10
    assert len(ssm.get_parameters_by_path(Path="/many", NextToken=first["NextToken"])["Parameters"]) == 2
    with refused("ValidationException"):
        names(Path="web")
    with refused("InvalidFilterKey"):
        names(Path="/web", ParameterFilters=[{"Key": "Name", "Values": ["a"]}])
    with refused("InvalidNextToken"):
        names(Path="/web", NextToken="%")


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ([{"Key": "Name", "Values": ["/a/one"]}], ["/a/one"]),
        ([{"Key": "Name", "Option": "BeginsWith", "Values": ["/a"]}], ["/a/b/two", "/a/one"]),
        ([{"Key": "Name", "Option": "Contains", "Values": ["two", "three"]}], ["/a/b/two", "three"]),
        ([{"Key": "Path", "Values": ["/a"]}], ["/a/one"]),
        ([{"Key": "Path", "Option": "Recursive", "Values": ["/a"]}], ["/a/b/two", "/a/one"]),
        ([{"Key": "Type", "Values": ["SecureString"]}], ["three"]),
        ([{"Key": "KeyId", "Values": ["alias/aws/ssm"]}], ["three"]),
        ([{"Key": "tag:team", "Values": ["a"]}], ["/a/one"]),
        ([{"Key": "tag:team"}], ["/a/b/two", "/a/one"]),
        ([{"Key": "Tier", "Values": ["Advanced"]}], ["/a/b/two"]),
        ([{"Key": "DataType", "Values": ["text"]}, {"Key": "Tier", "Values": ["Standard"]}], ["/a/one", "three"]),
    ],
)
def test_parameters_are_described_by_filters(ssm: Any, filters: list[dict[str, Any]], wanted: list[str]) -> None:
    put(ssm, "/a/one", Tags=[{"Key": "team", "Value": "a"}])
    put(ssm, "/a/b/two", Tags=[{"Key": "team", "Value": "b"}], Tier="Advanced")
    put(ssm, "three", kind="SecureString")
    assert [found["Name"] for found in ssm.describe_parameters(ParameterFilters=filters)["Parameters"]] == wanted


def test_the_older_filters_and_wrong_ones(ssm: Any) -> None:
    put(ssm, "/a/one")
    put(ssm, "two")
    older = [{"Key": "Name", "Values": ["/a"]}]
    assert [found["Name"] for found in ssm.describe_parameters(Filters=older)["Parameters"]] == ["/a/one"]
    with refused(
        "InvalidFilterOption",
        "The following filter option is not valid: Contains. Valid options include: [Equals].",
    ):
        ssm.describe_parameters(ParameterFilters=[{"Key": "Type", "Option": "Contains", "Values": ["x"]}])
    with refused("InvalidFilterKey"):
        ssm.describe_parameters(ParameterFilters=[{"Key": "Label", "Values": ["x"]}])


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("aws", "ValidationException"),
        ("ssm-thing", "ValidationException"),
        ("/aws/reference", "AccessDeniedException"),
        ("/ssm/thing", "ValidationException"),
        ("web/url", "ValidationException"),
        ("/web/", "ValidationException"),
        ("a b", "ValidationException"),
        ("/a" * 16, "HierarchyLevelLimitExceededException"),
        ("a" * 1011, "ValidationException"),
    ],
)
def test_a_name_that_cannot_be_is_refused(ssm: Any, name: str, code: str) -> None:
    with refused(code):
        put(ssm, name)


def test_a_name_may_be_fifteen_levels_deep(ssm: Any) -> None:
    put(ssm, "/a" * 15)
    assert value(ssm, "/a" * 15) == "v"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"Value": ""}, "ValidationException"),
        ({"Value": "x" * 4097}, "ValidationException"),
        ({"Value": "x" * 8193, "Tier": "Advanced"}, "ValidationException"),
        ({"KeyId": "alias/aws/ssm"}, "ValidationException"),
        ({"Type": "SecureString", "KeyId": "alias/ghost"}, "InvalidKeyId"),
        ({"Type": "Text"}, "ValidationException"),
        ({"DataType": "json"}, "ValidationException"),
        ({"AllowedPattern": "(", "Value": "x"}, "InvalidAllowedPatternException"),
        ({"AllowedPattern": "\\d+", "Value": "x"}, "ParameterPatternMismatchException"),
        ({"Policies": '[{"Type":"Expiration"}]', "Tier": "Advanced"}, "InvalidPolicyTypeException"),
        ({"Tags": [{"Key": "a", "Value": "1"}], "Overwrite": True}, "ValidationException"),
        ({"Tags": [{"Key": "aws:a", "Value": "1"}]}, "ValidationException"),
    ],
)
def test_what_cannot_be_put_is_refused(ssm: Any, members: dict[str, Any], code: str) -> None:
    with refused(code):
        ssm.put_parameter(**{"Name": "a", "Value": "v", "Type": "String", **members})
    assert ssm.describe_parameters()["Parameters"] == []


def test_a_type_is_required_of_a_new_parameter(ssm: Any) -> None:
    with refused("ValidationException", "A parameter type is required when you create a parameter."):
        ssm.put_parameter(Name="a", Value="v")


def test_a_value_must_match_the_pattern_it_was_given_and_no_pattern_holds_the_server_up(ssm: Any) -> None:
    put(ssm, "a", "123", AllowedPattern="\\d{1,4}")
    with refused(
        "ParameterPatternMismatchException", r"Parameter value, cannot be validated against allowedPattern: \d{1,4}"
    ):
        put(ssm, "a", "12345", Overwrite=True)
    with refused("ParameterPatternMismatchException"):  # of 2 ** 60 ways to try it none is tried
        put(ssm, "b", "a" * 60 + "!", AllowedPattern="(a+)+")


def test_the_tier_grows_with_the_value_and_does_not_shrink(ssm: Any) -> None:
    assert put(ssm, "a", "x" * 4096, Tier="Intelligent-Tiering")["Tier"] == "Standard"
    assert put(ssm, "a", "x" * 4097, Tier="Intelligent-Tiering", Overwrite=True)["Tier"] == "Advanced"
    assert put(ssm, "a", "x", Overwrite=True)["Tier"] == "Advanced"
    with refused("ValidationException"):
        put(ssm, "a", "x", Tier="Standard", Overwrite=True)


def test_a_hundred_versions_are_kept_unless_the_oldest_has_a_label(ssm: Any) -> None:
    for _ in range(101):
        put(ssm, "a", Overwrite=True)
    pages = ssm.get_paginator("get_parameter_history").paginate(Name="a")
    assert [past["Version"] for page in pages for past in page["Parameters"]] == list(range(2, 102))
    ssm.label_parameter_version(Name="a", ParameterVersion=2, Labels=["live"])
    with refused("ParameterMaxVersionLimitExceeded"):
        put(ssm, "a", Overwrite=True)
    assert ssm.get_parameter(Name="a")["Parameter"]["Version"] == 101


def test_a_label_is_on_one_version_and_moves(ssm: Any) -> None:
    put(ssm, "a", "1")
    put(ssm, "a", "2", Overwrite=True)
    told = ssm.label_parameter_version(Name="a", ParameterVersion=1, Labels=["live", "aws-x", "1st", "b d"])
    assert (told["ParameterVersion"], told["InvalidLabels"]) == (1, ["aws-x", "1st", "b d"])
    assert ssm.label_parameter_version(Name="a", Labels=["live"])["ParameterVersion"] == 2
    assert [past["Labels"] for past in ssm.get_parameter_history(Name="a")["Parameters"]] == [[], ["live"]]
    with refused("ParameterVersionLabelLimitExceeded"):
        ssm.label_parameter_version(Name="a", Labels=[f"l{number}" for number in range(10)])
    told = ssm.unlabel_parameter_version(Name="a", ParameterVersion=2, Labels=["live", "none"])
    assert (told["RemovedLabels"], told["InvalidLabels"]) == (["live"], ["none"])
    with refused("ParameterVersionNotFound"):
        value(ssm, "a:live")


def test_a_parameter_is_deleted_with_its_past(ssm: Any) -> None:
    put(ssm, "a")
    put(ssm, "a", Overwrite=True)
    ssm.delete_parameter(Name="a")
    with refused("ParameterNotFound"):
        ssm.delete_parameter(Name="a")
    assert put(ssm, "a")["Version"] == 1
    told = ssm.delete_parameters(Names=["a", "ghost"])
    assert (told["DeletedParameters"], told["InvalidParameters"]) == (["a"], ["ghost"])


def test_parameters_have_tags(ssm: Any) -> None:
    put(ssm, "/a/b", Tags=[{"Key": "team", "Value": "a"}])
    what = {"ResourceType": "Parameter", "ResourceId": "/a/b"}
    ssm.add_tags_to_resource(**what, Tags=[{"Key": "b", "Value": "1"}])
    ssm.remove_tags_from_resource(**what, TagKeys=["team"])
    assert ssm.list_tags_for_resource(**what)["TagList"] == [{"Key": "b", "Value": "1"}]
    with refused("InvalidResourceId"):
        ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="ghost")
    with refused("InvalidResourceType"):
        ssm.list_tags_for_resource(ResourceType="Document", ResourceId="/a/b")
    with refused("TooManyTagsError"):
        ssm.add_tags_to_resource(**what, Tags=[{"Key": f"k{number}", "Value": "1"} for number in range(50)])


def test_a_caller_reads_what_a_policy_names(plane: Plane, ssm: Any) -> None:
    put(ssm, "/web/a", "1", "SecureString")
    put(ssm, "/db/a", "2")
    ann = plane.client("ssm", key=user(plane, "ann", allow("ssm:Get*", f"{HOME}/web*")))
    assert value(ann, "/web/a", WithDecryption=True) == "1"
    assert len(ann.get_parameters_by_path(Path="/web")["Parameters"]) == 1
    with refused(
        "AccessDeniedException",
        f"User: {user_arn('ann')} is not authorized to perform: ssm:GetParameters on resource: {HOME}/db/a because no "
        "identity-based policy allows the ssm:GetParameters action",
    ):
        ann.get_parameters(Names=["/web/a", "/db/a"])


def test_a_customers_key_must_be_allowed_too(plane: Plane, ssm: Any) -> None:
    key = plane.client("kms").create_key()["KeyMetadata"]["Arn"]
    put(ssm, "/web/a", "1", "SecureString", KeyId=key)
    on = allow(["ssm:*"], f"{HOME}/web/*")
    ann = plane.client("ssm", key=user(plane, "ann", on))
    assert value(ann, "/web/a") != "1"
    for refuses in (
        lambda: value(ann, "/web/a", WithDecryption=True),
        lambda: ann.get_parameters_by_path(Path="/web/", WithDecryption=True),
        lambda: ann.get_parameter_history(Name="/web/a", WithDecryption=True),
        lambda: put(ann, "/web/a", "2", "SecureString", KeyId=key, Overwrite=True),
    ):
        with refused("AccessDeniedException"):
            refuses()
    way = {"Condition": {"StringEquals": {"kms:ViaService": f"ssm.{REGION}.amazonaws.com"}}}
    bob = plane.client("ssm", key=user(plane, "bob", on, allow("kms:Decrypt", key, **way)))
    assert value(bob, "/web/a", WithDecryption=True) == "1"


def test_a_key_that_does_nothing_is_said(plane: Plane, ssm: Any) -> None:
    kms = plane.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    put(ssm, "a", "1", "SecureString", KeyId=key)
    kms.disable_key(KeyId=key)
    with refused("InvalidKeyId", f"{key} is disabled."):
        value(ssm, "a", WithDecryption=True)


def test_a_lost_keyring_is_said(plane: Plane, ssm: Any) -> None:
    put(ssm, "a", "1")
    plane.front._sealer = Keyring({"1": bytes([1]) * 32})
    with refused("InternalServerError") as answer:
        value(ssm, "a")
    assert "Restore keyring.json" in answer["Error"]["Message"]


def test_an_older_version_is_read_under_the_key_that_it_was_put_with(plane: Plane, ssm: Any) -> None:
    key = plane.client("kms").create_key()["KeyMetadata"]["Arn"]
    put(ssm, "/web/a", "1", "SecureString", KeyId=key)
    ssm.label_parameter_version(Name="/web/a", Labels=["old"])
    put(ssm, "/web/a", "2", "SecureString", KeyId="alias/aws/ssm", Overwrite=True)
    ann = plane.client("ssm", key=user(plane, "ann", allow("ssm:*", f"{HOME}/web*")))
    by_path = {"Path": "/web", "WithDecryption": True}
    assert [held["Value"] for held in ann.get_parameters_by_path(**by_path)["Parameters"]] == ["2"]
    old = [{"Key": "Label", "Values": ["old"]}]
    for refuses in (
        lambda: value(ann, "/web/a:old", WithDecryption=True),
        lambda: ann.get_parameters_by_path(**by_path, ParameterFilters=old),
    ):
        with refused("AccessDeniedException"):
            refuses()
    [held] = ssm.get_parameters_by_path(**by_path, ParameterFilters=old)["Parameters"]
    assert held["Value"] == "1"
