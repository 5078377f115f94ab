"""How IAM decides: conditions and their operators, boundaries, sessions, and roles that are passed."""

import json
from typing import Any

from parity.cases.case import ANY, Case, iam_api, iam_guide, some

OPERATORS = iam_guide("IAM JSON policy elements: Condition operators")
ELEMENTS = iam_guide("IAM JSON policy elements")
LOGIC = iam_guide("Policy evaluation logic")
DENIALS = iam_guide("Troubleshoot access denied error messages")
ECS = "Service Authorization Reference, Amazon Elastic Container Service"
ANN, TASK = "arn:aws:iam::{account}:user/ann", "arn:aws:iam::{account}:role/task"
SESSION = "arn:aws:sts::{account}:assumed-role/team/session"
DEFAULT = "{home}:cluster/default"


def document(**statement: Any) -> str:
    given = {"Effect": "Allow", "Action": "ecs:ListClusters", "Resource": "*", **statement}
    return json.dumps({"Version": "2012-10-17", "Statement": [{k: v for k, v in given.items() if v is not None}]})


def decided(
    name: str, decision: str, source: str, policy: str, action: str = "ecs:ListClusters", **members: Any
) -> Case:
    """What SimulateCustomPolicy foretells of one policy and one action."""
    return Case(name, "SimulateCustomPolicy", {"PolicyInputList": [policy], "ActionNames": [action], **members},
                given="nothing", service="iam", source=source,
                answer={"EvaluationResults": [{"EvalActionName": action, "EvalDecision": decision}]})  # fmt: skip


def compared(operator: str, wanted: Any, told: Any, kind: str, allowed: bool, source: str = OPERATORS) -> Case:
    """A condition on a key of one's own, which has this value in the request; None: which is not in it."""
    values = told if isinstance(told, list) else [told]
    entry = [{"ContextKeyName": "my:key", "ContextKeyValues": values, "ContextKeyType": kind}]
    name = f"{operator} {wanted} of {told} is {str(allowed).lower()}"
    return decided(name, "allowed" if allowed else "implicitDeny", source,
                   document(Condition={operator: {"my:key": wanted}}),
                   **({} if told is None else {"ContextEntries": entry}))  # fmt: skip


def denied(name: str, because: str, given: str, operation: str = "ListClusters", resource: str = "*",
           request: dict[str, Any] | None = None, by: str = "ann", who: str = ANN) -> Case:  # fmt: skip
    action = f"ecs:{operation}"
    sentence = f"User: {who} is not authorized to perform: {action} on resource: {resource} {because}"
    return Case(name, operation, request or {}, given=given, by=by, source=DENIALS,
                refused=("AccessDeniedException", sentence))  # fmt: skip


def allowed(name: str, source: str, given: str, operation: str, request: dict[str, Any], answer: Any = ANY,
            by: str = "ann", service: str = "ecs") -> Case:  # fmt: skip
    return Case(name, operation, request, given=given, by=by, source=source, answer=answer, service=service)


CASES = [
    # condition operators, one row each
    compared("StringEquals", "a", "a", "string", True),
    compared("StringEquals", "a", "A", "string", False),
    compared("StringEquals", ["a", "b"], "b", "string", True),
    compared("StringEquals", "a", None, "string", False),
    compared("StringNotEquals", "a", "b", "string", True),
    compared("StringNotEquals", ["a", "b"], "b", "string", False),
    compared("StringNotEquals", "a", None, "string", True),
    compared("StringEqualsIgnoreCase", "a", "A", "string", True),
    compared("StringNotEqualsIgnoreCase", "a", "A", "string", False),
    compared("StringLike", "we*", "web", "string", True),
    compared("StringLike", "w?b", "web", "string", True),
    compared("StringLike", "w?b", "wb", "string", False),
    compared("StringNotLike", "we*", "web", "string", False),
    compared("StringEqualsIfExists", "a", None, "string", True),
    compared("StringEqualsIfExists", "a", "b", "string", False),
    compared("NumericEquals", "10", "10.0", "numeric", True),
    compared("NumericNotEquals", "10", "11", "numeric", True),
    compared("NumericLessThan", "10", "9", "numeric", True),
    compared("NumericLessThan", "10", "10", "numeric", False),
    compared("NumericLessThanEquals", "10", "10", "numeric", True),
    compared("NumericGreaterThan", "10", "100", "numeric", True),
    compared("NumericGreaterThanEquals", "10", "9", "numeric", False),
    compared("DateLessThan", "2030-01-01T00:00:00Z", "2029-12-31T23:59:59Z", "date", True),
    compared("DateGreaterThan", "2030-01-01T00:00:00Z", "2029-12-31T23:59:59Z", "date", False),
    compared("DateEquals", "2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z", "date", True),
    compared("Bool", "true", "true", "boolean", True),
    compared("Bool", "true", "false", "boolean", False),
    compared("IpAddress", "203.0.113.0/24", "203.0.113.7", "ip", True),
    compared("IpAddress", "203.0.113.0/24", "203.0.114.7", "ip", False),
    compared("NotIpAddress", "203.0.113.0/24", "203.0.114.7", "ip", True),
    compared("ArnLike", "arn:aws:ecs:*:*:cluster/*", "arn:aws:ecs:us-east-1:123456789012:cluster/a", "string", True),
    compared("ArnEquals", "arn:aws:ecs:*:*:cluster/*", "arn:aws:ecs:us-east-1:123456789012:cluster/a", "string", True),
    compared("ArnNotLike", "arn:aws:ecs:*:*:cluster/*", "arn:aws:ecs:us-east-1:123456789012:service/a", "string", True),
    compared("ArnLike", "arn:aws:*:cluster/a", "arn:aws:ecs:us-east-1:123456789012:cluster/a", "string", False),
    compared("Null", "true", None, "string", True),
    compared("Null", "false", None, "string", False),
    compared("ForAllValues:StringEquals", ["a", "b"], ["a"], "stringList", True,
             iam_guide("Set operators for multivalued context keys")),
    compared("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], "stringList", False,
             iam_guide("Set operators for multivalued context keys")),
    compared("ForAllValues:StringEquals", ["a", "b"], None, "stringList", True,
             iam_guide("Set operators for multivalued context keys")),
    compared("ForAnyValue:StringEquals", ["a", "b"], ["c", "b"], "stringList", True,
             iam_guide("Set operators for multivalued context keys")),
    compared("ForAnyValue:StringEquals", ["a", "b"], None, "stringList", False,
             iam_guide("Set operators for multivalued context keys")),
    # the other elements
    decided("everything but one action", "implicitDeny", iam_guide("IAM JSON policy elements: NotAction"),
            document(Action=None, NotAction="ecs:ListClusters")),
    decided("another than the one", "allowed", iam_guide("IAM JSON policy elements: NotAction"),
            document(Action=None, NotAction="ecs:ListClusters"), action="ecs:ListServices"),
    decided("a cluster that is not meant", "implicitDeny", iam_guide("IAM JSON policy elements: Resource"),
            document(Action="ecs:*", Resource="arn:aws:ecs:*:*:cluster/dev-*"), action="ecs:DeleteCluster",
            ResourceArns=["arn:aws:ecs:us-east-1:123456789012:cluster/prod"]),
    decided("a cluster that is", "allowed", iam_guide("IAM JSON policy elements: Resource"),
            document(Action="ecs:*", Resource="arn:aws:ecs:*:*:cluster/dev-*"), action="ecs:DeleteCluster",
            ResourceArns=["arn:aws:ecs:us-east-1:123456789012:cluster/dev-1"]),
    decided("any cluster but one", "implicitDeny", iam_guide("IAM JSON policy elements: NotResource"),
            document(Action="ecs:*", Resource=None, NotResource="arn:aws:ecs:*:*:cluster/prod"),
            action="ecs:DeleteCluster", ResourceArns=["arn:aws:ecs:us-east-1:123456789012:cluster/prod"]),
    decided("a boundary that does not allow", "implicitDeny", iam_guide("Permissions boundaries for IAM entities"),
            document(Action="*"), PermissionsBoundaryPolicyInputList=[document(Action="iam:*")]),
    decided("a boundary that does", "allowed", iam_guide("Permissions boundaries for IAM entities"),
            document(Action="*"), PermissionsBoundaryPolicyInputList=[document(Action="ecs:*")]),
    decided("a deny beats an allow", "explicitDeny", LOGIC,
            json.dumps({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "*", "Resource": "*"},
                {"Effect": "Deny", "Action": "ecs:ListClusters", "Resource": "*"}]})),
    decided("a condition that is not met allows nothing", "implicitDeny", LOGIC,
            document(Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}),
            ContextEntries=[{"ContextKeyName": "aws:RequestedRegion", "ContextKeyValues": ["us-east-1"],
                             "ContextKeyType": "string"}]),
    Case("a condition operator that is none", "CreatePolicy",
         {"PolicyName": "p", "PolicyDocument": document(Condition={"StringSounds": {"my:key": "a"}})}, given="nothing",
         service="iam", source=OPERATORS, refused=("MalformedPolicyDocument", None)),
    Case("an action without a service", "CreatePolicy",
         {"PolicyName": "p", "PolicyDocument": document(Action="ListClusters")}, given="nothing", service="iam",
         source=iam_guide("IAM JSON policy elements: Action"), refused=("MalformedPolicyDocument", None)),
    Case("a policy without a resource", "CreatePolicy", {"PolicyName": "p", "PolicyDocument": document(Resource=None)},
         given="nothing", service="iam", source=iam_guide("IAM JSON policy elements: Resource"),
         refused=("MalformedPolicyDocument", None)),
    Case("a policy of a version that never was", "CreatePolicy",
         {"PolicyName": "p", "PolicyDocument": document().replace("2012-10-17", "2013-01-01")}, given="nothing",
         service="iam", source=iam_guide("IAM JSON policy elements: Version"), refused=("MalformedPolicyDocument", None)),
    # who is let in
    denied("nobody allowed it", "because no identity-based policy allows the ecs:ListClusters action", "ann"),
    denied("a boundary in the way", "because no permissions boundary allows the ecs:ListClusters action",
           "ann allow:ecs:* bounded"),
    denied("a denial in a boundary", "with an explicit deny in a permissions boundary", "ann allow:ecs:* forbidden"),
    denied("a session that asked for less", "because no session policy allows the ecs:DeleteCluster action",
           "cluster team-role narrowed", "DeleteCluster", DEFAULT, {"cluster": "default"}, by="session", who=SESSION),
    denied("a role without leave", "because no identity-based policy allows the ecs:DeleteCluster action",
           "cluster team-role assumed", "DeleteCluster", DEFAULT, {"cluster": "default"}, by="session", who=SESSION),
    allowed("a role with leave", ECS, "cluster team-role assumed", "ListClusters", {}, {"clusterArns": [DEFAULT]},
            by="session"),
    allowed("a role's session knows itself", "AWS STS API Reference, GetCallerIdentity", "cluster team-role assumed",
            "GetCallerIdentity", {}, {"Arn": SESSION, "Account": "{account}"}, by="session", service="sts"),
    allowed("a group's policy is its members'", iam_guide("IAM user groups"), "cluster ann member", "ListClusters", {},
            {"clusterArns": [DEFAULT]}),
    allowed("one cluster by its ARN", ECS, "cluster ann on-default", "DescribeClusters", {"clusters": ["default"]},
            {"clusters": [{"clusterArn": DEFAULT}]}),
    denied("and no other", "because no identity-based policy allows the ecs:DescribeClusters action",
           "cluster other ann on-default", "DescribeClusters", "{home}:cluster/other", {"clusters": ["other"]}),
    allowed("services of one cluster, by ecs:cluster", ECS + ", ecs:cluster", "cluster web empty ann in-default",
            "UpdateService", {"service": "web", "desiredCount": 1}, {"service": {"desiredCount": 1}}),
    denied("not of another", "because no identity-based policy allows the ecs:CreateService action",
           "cluster other web ann in-default", "CreateService", "{home}:service/other/s",
           {"cluster": "other", "serviceName": "s", "taskDefinition": "web", "desiredCount": 0}),
    allowed("what carries a tag", ECS + ", aws:ResourceTag", "cluster labelled ann by-tag", "UpdateClusterSettings",
            {"cluster": "default", "settings": [{"name": "containerInsights", "value": "enabled"}]}),
    denied("what does not", "because no identity-based policy allows the ecs:UpdateClusterSettings action",
           "cluster ann by-tag", "UpdateClusterSettings", DEFAULT,
           {"cluster": "default", "settings": [{"name": "containerInsights", "value": "enabled"}]}),
    Case("a key that was switched off", "ListClusters", {}, given="ann allow:ecs:* switched-off", by="ann",
         refused=("UnrecognizedClientException", "The security token included in the request is invalid."),
         source="AWS General Reference, Common errors; " + iam_api("UpdateAccessKey", "Status")),
    Case("a key that nobody has", "ListClusters", {}, given="stranger", by="stranger",
         refused=("UnrecognizedClientException", "The security token included in the request is invalid."),
         source="Amazon ECS API Reference, Common errors"),
    Case("such a key elsewhere", "GetCallerIdentity", {}, given="stranger", by="stranger", service="sts",
         refused=("InvalidClientTokenId", "The security token included in the request is invalid."),
         source="AWS STS API Reference, Common errors"),
    # roles that are passed
    Case("a role for another service is not passed", "RegisterTaskDefinition",
         {"family": "f", "containerDefinitions": [{"name": "app", "image": "web", "memory": 64}], "taskRoleArn": TASK},
         given="role ann allow:ecs:* passes-to-ec2", by="ann", refused=("AccessDeniedException", None),
         source=iam_guide("AWS global condition context keys, iam:PassedToService")),
    Case("a role for tasks is", "RegisterTaskDefinition",
         {"family": "f", "containerDefinitions": [{"name": "app", "image": "web", "memory": 64}], "taskRoleArn": TASK},
         given="role ann allow:ecs:* passes-to-tasks", by="ann",
         answer={"taskDefinition": {"taskRoleArn": TASK, "registeredBy": ANN}},
         source=iam_guide("AWS global condition context keys, iam:PassedToService")),
    Case("nor in an override without leave", "RunTask",
         {"taskDefinition": "web", "overrides": {"taskRoleArn": TASK}}, given="cluster instances web role ann allow:ecs:*",
         by="ann", refused=("AccessDeniedException",
                            f"User: {ANN} is not authorized to perform: iam:PassRole on resource: {TASK} because no "
                            "identity-based policy allows the iam:PassRole action"),
         source=iam_guide("Grant a user permissions to pass a role to an AWS service")),
    # roles that are assumed
    Case("a role is assumed", "AssumeRole", {"RoleArn": "arn:aws:iam::{account}:role/team", "RoleSessionName": "session"},
         service="sts", given="team-role", by="ann",
         answer={"AssumedRoleUser": {"Arn": SESSION},
                 "Credentials": {"AccessKeyId": ANY, "SecretAccessKey": ANY, "SessionToken": ANY}},
         source="AWS STS API Reference, AssumeRole"),
    Case("not for a quarter of a minute", "AssumeRole",
         {"RoleArn": "arn:aws:iam::{account}:role/team", "RoleSessionName": "session", "DurationSeconds": 15},
         service="sts", given="team-role", by="ann", refused=("ValidationError", None),
         source="AWS STS API Reference, AssumeRole, DurationSeconds"),
    Case("not for longer than the role allows", "AssumeRole",
         {"RoleArn": "arn:aws:iam::{account}:role/team", "RoleSessionName": "session", "DurationSeconds": 7200},
         service="sts", given="team-role", by="ann", refused=(
             "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."),
         source="AWS STS API Reference, AssumeRole, DurationSeconds"),
    Case("not under a name with blanks", "AssumeRole",
         {"RoleArn": "arn:aws:iam::{account}:role/team", "RoleSessionName": "my session"}, service="sts",
         given="team-role", by="ann", refused=("ValidationError", None),
         source="AWS STS API Reference, AssumeRole, RoleSessionName"),
    Case("a user has two keys at most", "CreateAccessKey", {"UserName": "ann"}, given="ann second-key", service="iam",
         refused=("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2"), source=iam_api("CreateAccessKey", "errors")),
    Case("a policy that is attached stays", "DeletePolicy", {"PolicyArn": "{policy}"}, given="policy role attached",
         service="iam", refused=("DeleteConflict", "Cannot delete a policy attached to entities."),
         source=iam_api("DeletePolicy", "errors")),
    Case("a role with policies stays", "DeleteRole", {"RoleName": "task"}, given="policy role attached", service="iam",
         refused=("DeleteConflict", "Cannot delete entity, must detach all policies first."),
         source=iam_api("DeleteRole", "errors")),
    Case("what a role's policies are", "ListAttachedRolePolicies", {"RoleName": "task"}, given="policy role attached",
         service="iam", answer={"AttachedPolicies": [{"PolicyName": "lists", "PolicyArn": "{policy}"}]},
         source=iam_api("ListAttachedRolePolicies")),
    Case("how often a policy is attached", "GetPolicy", {"PolicyArn": "{policy}"}, given="policy role attached",
         service="iam", answer={"Policy": {"AttachmentCount": 1}}, source=iam_api("Policy", "AttachmentCount")),
    Case("whose a group's policies are", "ListGroupsForUser", {"UserName": "ann"}, given="ann member", service="iam",
         answer={"Groups": [{"GroupName": "listers"}]}, source=iam_api("ListGroupsForUser")),
    Case("what the account has", "ListRoles", {}, given="role", service="iam",
         answer={"Roles": some({"RoleName": "task", "Arn": TASK})}, source=iam_api("ListRoles")),
]  # fmt: skip
