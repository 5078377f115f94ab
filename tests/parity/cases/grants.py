"""Who was let in before a case: policies of ann's, roles that are assumed, keys."""

from typing import Any

from inprocess import ACCOUNT
from parity.cases.givens import HOME, Scene, ann, document, given

TASK, TEAM = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("task", "team"))
LISTING = {"Effect": "Allow", "Action": "ecs:List*", "Resource": "*"}


def _own(scene: Scene, **statement: Any) -> None:
    """Ann's policy says this, too."""
    scene.iam.put_user_policy(
        UserName="ann", PolicyName="own", PolicyDocument=document({"Effect": "Allow", "Resource": "*", **statement})
    )


def _bound(scene: Scene, *statements: dict[str, Any]) -> None:
    made = scene.iam.create_policy(PolicyName="boundary", PolicyDocument=document(*statements))
    scene.iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=made["Policy"]["Arn"])


@given
def bounded(scene: Scene) -> None:
    """Ann's boundary knows nothing of ECS."""
    _bound(scene, {"Effect": "Allow", "Action": "iam:*", "Resource": "*"})


@given
def forbidden(scene: Scene) -> None:
    """Ann's boundary denies all lists."""
    _bound(scene, {"Effect": "Allow", "Action": "*", "Resource": "*"}, {**LISTING, "Effect": "Deny"})


@given
def member(scene: Scene) -> None:
    """Ann is in a group that may list."""
    scene.iam.create_group(GroupName="listers")
    scene.iam.put_group_policy(GroupName="listers", PolicyName="lists", PolicyDocument=document(LISTING))
    scene.iam.add_user_to_group(GroupName="listers", UserName="ann")


@given
def on_default(scene: Scene) -> None:
    _own(scene, Action="ecs:*", Resource=f"{HOME}:cluster/default")


@given
def in_default(scene: Scene) -> None:
    _own(scene, Action="ecs:*", Condition={"ArnEquals": {"ecs:cluster": f"{HOME}:cluster/default"}})


@given
def by_tag(scene: Scene) -> None:
    _own(scene, Action="ecs:*", Condition={"StringEquals": {"aws:ResourceTag/team": "web"}})


@given
def passes_to_ec2(scene: Scene) -> None:
    _pass(scene, "ec2.amazonaws.com")


@given
def passes_to_tasks(scene: Scene) -> None:
    _pass(scene, "ecs-tasks.amazonaws.com")


def _pass(scene: Scene, service: str) -> None:
    _own(scene, Action="iam:PassRole", Resource=TASK, Condition={"StringEquals": {"iam:PassedToService": service}})


@given
def switched_off(scene: Scene) -> None:
    scene.iam.update_access_key(UserName="ann", AccessKeyId=scene.words["key"], Status="Inactive")


@given
def second_key(scene: Scene) -> None:
    scene.iam.create_access_key(UserName="ann")


@given
def stranger(scene: Scene) -> None:
    scene.keys["stranger"] = ("AKIAIOSFODNN7EXAMPLE", "nobody's")


@given
def attached(scene: Scene) -> None:
    scene.iam.attach_role_policy(RoleName="task", PolicyArn=scene.words["policy"])


@given
def team_role(scene: Scene) -> None:
    """A role that may list, and that trusts ann."""
    ann(scene)
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ann"}, "Action": "sts:AssumeRole"}
    scene.iam.create_role(RoleName="team", AssumeRolePolicyDocument=document(trust))
    scene.iam.put_role_policy(RoleName="team", PolicyName="lists", PolicyDocument=document(LISTING))


def _assume(scene: Scene, **members: Any) -> None:
    answer = scene.client("sts", "ann").assume_role(RoleArn=TEAM, RoleSessionName="session", **members)
    key = answer["Credentials"]
    scene.keys["session"] = (key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"])


@given
def assumed(scene: Scene) -> None:
    _assume(scene)


@given
def narrowed(scene: Scene) -> None:
    """The role may do everything with ECS, the session may only list."""
    everything = {"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}
    scene.iam.put_role_policy(RoleName="team", PolicyName="all", PolicyDocument=document(everything))
    _assume(scene, Policy=document(LISTING))
