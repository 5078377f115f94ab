"""Account settings: chosen, inherited, taken back."""

from typing import Any

import pytest

from inprocess import ACCOUNT, Plane, refused

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"
INVALID = "InvalidParameterException"


def effective(ecs: Any, principal: str = ROOT) -> dict[str, str]:
    found: dict[str, str] = {}
    token: dict[str, str] = {}
    while True:
        answer = ecs.list_account_settings(effectiveSettings=True, principalArn=principal, **token)
        found |= {s["name"]: s["value"] for s in answer["settings"]}
        if "nextToken" not in answer:
            return found
        token = {"nextToken": answer["nextToken"]}


def test_every_setting_has_an_effective_value(ecs: Any) -> None:
    assert effective(ecs) == {
        "serviceLongArnFormat": "enabled",
        "taskLongArnFormat": "enabled",
        "containerInstanceLongArnFormat": "enabled",
        "awsvpcTrunking": "disabled",
        "containerInsights": "disabled",
        "fargateFIPSMode": "disabled",
        "tagResourceAuthorization": "on",
        "fargateTaskRetirementWaitPeriod": "7",
        "guardDutyActivate": "off",
        "defaultLogDriverMode": "non-blocking",
        "fargateEventWindows": "disabled",
    }
    assert ecs.list_account_settings()["settings"] == []


def test_what_root_chooses_holds_for_those_who_chose_nothing(ecs: Any) -> None:
    ecs.put_account_setting(name="containerInsights", value="enabled", principalArn=BOB)
    answer = ecs.put_account_setting_default(name="containerInsights", value="enhanced")
    assert answer["setting"] == {
        "name": "containerInsights", "value": "enhanced", "principalArn": ROOT, "type": "user"
    }  # fmt: skip
    assert effective(ecs, BOB)["containerInsights"] == "enabled"
    assert effective(ecs, BOB.replace("bob", "eve"))["containerInsights"] == "enhanced"


def test_a_setting_taken_back_falls_to_the_default(ecs: Any) -> None:
    ecs.put_account_setting_default(name="awsvpcTrunking", value="enabled")
    ecs.put_account_setting(name="awsvpcTrunking", value="disabled", principalArn=BOB)
    gone = ecs.delete_account_setting(name="awsvpcTrunking", principalArn=BOB)["setting"]
    assert (gone["value"], gone["principalArn"]) == ("enabled", BOB)
    assert ecs.delete_account_setting(name="awsvpcTrunking")["setting"]["value"] == "disabled"


def test_a_new_cluster_takes_its_insights_from_the_account(ecs: Any) -> None:
    ecs.put_account_setting_default(name="containerInsights", value="enhanced")
    settings = ecs.create_cluster()["cluster"]["settings"]
    assert settings == [{"name": "containerInsights", "value": "enhanced"}]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("containerInsights", "on", "Invalid setting 'value'"),
        ("taskLongArnFormat", "disabled", "Invalid setting 'value'"),
        ("fargateTaskRetirementWaitPeriod", "8", "Invalid setting 'value'"),
        ("guardDutyActivate", "on", None),
        (
            "dualStack",
            "enabled",
            "unknown should be one of [serviceLongArnFormat,taskLongArnFormat,containerInstanceLongArnFormat,"
            "containerLongArnFormat,awsvpcTrunking,containerInsights,dualStackIPv6]",
        ),
    ],
)
def test_what_cannot_be_chosen_is_refused(ecs: Any, name: str, value: str, sentence: str | None) -> None:
    with refused(INVALID, sentence):
        ecs.put_account_setting_default(name=name, value=value)
    assert ecs.list_account_settings()["settings"] == []


def test_settings_of_another_account_or_for_another_than_root_are_out_of_reach(plane: Plane, ecs: Any) -> None:
    with refused(INVALID):
        ecs.put_account_setting(name="awsvpcTrunking", value="enabled", principalArn="arn:aws:iam::999999999999:root")
    with refused(INVALID):
        ecs.put_account_setting(name="fargateTaskRetirementWaitPeriod", value="0", principalArn=BOB)
    with refused(INVALID):
        ecs.list_account_settings(value="enabled")
