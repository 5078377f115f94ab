"""Users and roles for tests, with policies of a line."""

import json
from collections.abc import Sequence
from typing import Any

from inprocess import ACCOUNT, Plane

Key = tuple[str, ...]


def statement(
    effect: str, action: str | Sequence[str], resource: str | Sequence[str] = "*", **more: Any
) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def allow(action: str | Sequence[str], resource: str | Sequence[str] = "*", **more: Any) -> dict[str, Any]:
    return statement("Allow", action, resource, **more)


def deny(action: str | Sequence[str], resource: str | Sequence[str] = "*", **more: Any) -> dict[str, Any]:
    return statement("Deny", action, resource, **more)


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(*principals: str, action: Sequence[str] = ("sts:AssumeRole",), **more: Any) -> str:
    """A trust policy for ARNs or, when they have no colon, services."""
    named = [p for p in principals if ":" in p or p.isdecimal()]
    given = {"AWS": named} if named else {"Service": list(principals)}
    return document({"Effect": "Allow", "Principal": given, "Action": list(action), **more})


def user_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:user/{name}"


def role_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def user(plane: Plane, name: str, *statements: dict[str, Any], **members: Any) -> Key:
    """A new user's key. What is not allowed here is not allowed."""
    iam = plane.client("iam")
    iam.create_user(UserName=name, **members)
    permit(plane, name, *statements)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return made["AccessKeyId"], made["SecretAccessKey"]


def permit(plane: Plane, name: str, *statements: dict[str, Any]) -> None:
    """Take the place of the policy that the user had from here."""
    if statements:
        plane.client("iam").put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(*statements))


def role(plane: Plane, name: str, trusted: str, *statements: dict[str, Any], **members: Any) -> str:
    """A new role's ARN."""
    iam = plane.client("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted, **members)["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
    return str(arn)


def key_of(credentials: dict[str, Any]) -> Key:
    return credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]


def session(plane: Plane, key: Key, arn: str, name: str = "session", **members: Any) -> Key:
    """The key of a session of the role, assumed by whoever has `key`."""
    answer = plane.client("sts", key=key).assume_role(RoleArn=arn, RoleSessionName=name, **members)
    return key_of(answer["Credentials"])
