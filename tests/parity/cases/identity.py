"""IAM and STS: what they answer, and who is let in."""

import json
from typing import Any

from parity.cases.case import ABSENT, ANY, Case, iam_api, iam_guide, some

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]})  # fmt: skip
LISTS = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ecs:List*", "Resource": "*"}]}
)
ANN = "arn:aws:iam::{account}:user/ann"


def iam(name: str, operation: str, request: dict[str, Any], source: str, given: str = "nothing", answer: Any = None,
        refused: tuple[str, str | None] | None = None, by: str = "root", inferred: bool = False) -> Case:  # fmt: skip
    return Case(name, operation, request, answer=answer, refused=refused, given=given, source=source, service="iam", by=by,
                inferred=inferred)  # fmt: skip


def denied(name: str, operation: str, request: dict[str, Any], resource: str, given: str = "cluster web ann",
           because: str = "because no identity-based policy allows the {} action") -> Case:  # fmt: skip
    action = f"ecs:{operation}"
    sentence = f"User: {ANN} is not authorized to perform: {action} on resource: {resource} {because.format(action)}"
    return Case(name, operation, request, given=given, by="ann", refused=("AccessDeniedException", sentence),
                source=iam_guide("Troubleshoot access denied error messages"))  # fmt: skip


def gone(name: str, operation: str, request: dict[str, Any], sentence: str | None) -> Case:
    return iam(name, operation, request, iam_api(operation, "errors"), refused=("NoSuchEntity", sentence))


def taken(name: str, operation: str, request: dict[str, Any], given: str, sentence: str | None) -> Case:
    return iam(name, operation, request, iam_api(operation, "errors"), given=given,
               refused=("EntityAlreadyExists", sentence))  # fmt: skip


def kept(name: str, operation: str, request: dict[str, Any], given: str, sentence: str | None) -> Case:
    return iam(
        name, operation, request, iam_api(operation, "errors"), given=given, refused=("DeleteConflict", sentence)
    )


CASES = [
    denied("a new user lists no clusters", "ListClusters", {}, "*"),
    denied("a new user describes no cluster", "DescribeClusters", {}, "{home}:cluster/default"),
    denied("a new user creates no cluster", "CreateCluster", {"clusterName": "c"}, "{home}:cluster/c"),
    denied("a new user deletes no cluster", "DeleteCluster", {"cluster": "default"}, "{home}:cluster/default"),
    denied("a new user creates no service", "CreateService",
           {"serviceName": "s", "taskDefinition": "web", "desiredCount": 1}, "{home}:service/default/s"),
    denied("a new user updates no service", "UpdateService", {"service": "web", "desiredCount": 1},
           "{home}:service/default/web"),
    denied("a new user runs no task", "RunTask", {"taskDefinition": "web"}, "{home}:task-definition/web:1"),
    denied("what is denied is denied", "ListClusters", {}, "*", given="ann allow:ecs:* deny:ecs:ListClusters",
           because="with an explicit deny in an identity-based policy"),
    Case("what is allowed is allowed", "ListClusters", {}, given="cluster ann allow:ecs:ListClusters", by="ann",
         answer={"clusterArns": [ANY]}, source=iam_guide("Policy evaluation logic")),
    Case("a wildcard allows", "ListClusters", {}, given="cluster ann allow:ecs:List*", by="ann",
         answer={"clusterArns": [ANY]}, source=iam_guide("IAM JSON policy elements: Action")),
    Case("a wildcard in capitals allows", "ListClusters", {}, given="cluster ann allow:ECS:LIST*", by="ann",
         answer={"clusterArns": [ANY]}, source=iam_guide("IAM JSON policy elements: Action")),
    Case("root may do everything", "ListClusters", {}, answer={"clusterArns": [ANY]},
         source=iam_guide("AWS account root user")),
    Case("root knows itself", "GetCallerIdentity", {}, service="sts", given="nothing",
         answer={"Account": "{account}", "UserId": "{account}", "Arn": "arn:aws:iam::{account}:root"},
         source="AWS STS API Reference, GetCallerIdentity"),
    Case("a user knows itself without leave", "GetCallerIdentity", {}, service="sts", given="ann", by="ann",
         answer={"Account": "{account}", "Arn": ANN}, source="AWS STS API Reference, GetCallerIdentity"),
    Case("whose key it is", "GetAccessKeyInfo", {"AccessKeyId": "{key}"}, service="sts", given="ann",
         answer={"Account": "{account}"}, source="AWS STS API Reference, GetAccessKeyInfo"),
    Case("a session of one's own", "GetSessionToken", {}, service="sts", given="ann", by="ann",
         answer={"Credentials": {"AccessKeyId": ANY, "SecretAccessKey": ANY, "SessionToken": ANY, "Expiration": ANY}},
         source="AWS STS API Reference, GetSessionToken"),
    Case("a session that is too short", "GetSessionToken", {"DurationSeconds": 60}, service="sts", given="ann", by="ann",
         refused=("ValidationError", None), source="AWS STS API Reference, GetSessionToken, DurationSeconds"),
    Case("a role that does not trust", "AssumeRole",
         {"RoleArn": "arn:aws:iam::{account}:role/task", "RoleSessionName": "session"}, service="sts",
         given="role ann allow:sts:AssumeRole", by="ann", refused=("AccessDenied", None),
         source="AWS STS API Reference, AssumeRole"),
    Case("a role that is not there", "AssumeRole",
         {"RoleArn": "arn:aws:iam::{account}:role/ghost", "RoleSessionName": "session"}, service="sts",
         given="ann allow:sts:AssumeRole", by="ann", refused=("AccessDenied", None),
         source="AWS STS API Reference, AssumeRole"),
    # users, keys, groups
    iam("a user", "CreateUser", {"UserName": "bob"}, iam_api("CreateUser"),
        answer={"User": {"UserName": "bob", "Path": "/", "Arn": "arn:aws:iam::{account}:user/bob", "UserId": ANY}}),
    iam("a user with a path", "CreateUser", {"UserName": "bob", "Path": "/ops/"}, iam_api("CreateUser", "Path"),
        answer={"User": {"Arn": "arn:aws:iam::{account}:user/ops/bob"}}),
    taken("a user's name is taken", "CreateUser", {"UserName": "ann"}, "ann", "User with name ann already exists."),
    iam("a user is shown", "GetUser", {"UserName": "ann"}, iam_api("GetUser"), given="ann",
        answer={"User": {"UserName": "ann", "Arn": ANN}}),
    gone("a user that is not there", "GetUser", {"UserName": "ghost"}, "The user with name ghost cannot be found."),
    iam("users are listed", "ListUsers", {}, iam_api("ListUsers"), given="ann",
        answer={"Users": [{"UserName": "ann"}], "IsTruncated": False}),
    kept("a user with a key stays", "DeleteUser", {"UserName": "ann"}, "ann", None),
    gone("deleting a user that is not there", "DeleteUser", {"UserName": "ghost"},
         "The user with name ghost cannot be found."),
    iam("keys are listed without secrets", "ListAccessKeys", {"UserName": "ann"}, iam_api("ListAccessKeys"), given="ann",
        answer={"AccessKeyMetadata": [{"AccessKeyId": "{key}", "Status": "Active", "SecretAccessKey": ABSENT}]}),
    iam("a second key", "CreateAccessKey", {"UserName": "ann"}, iam_api("CreateAccessKey"), given="ann",
        answer={"AccessKey": {"UserName": "ann", "Status": "Active", "SecretAccessKey": ANY}}),
    gone("a key for nobody", "CreateAccessKey", {"UserName": "ghost"}, "The user with name ghost cannot be found."),
    iam("a group", "CreateGroup", {"GroupName": "team"}, iam_api("CreateGroup"),
        answer={"Group": {"GroupName": "team", "Arn": "arn:aws:iam::{account}:group/team"}}),
    taken("a group's name is taken", "CreateGroup", {"GroupName": "team"}, "team", "Group with name team already exists."),
    gone("a group that is not there", "GetGroup", {"GroupName": "ghost"}, "The group with name ghost cannot be found."),
    iam("a group without members", "GetGroup", {"GroupName": "team"}, iam_api("GetGroup"), given="team",
        answer={"Users": [], "Group": {"GroupName": "team"}}),
    # roles
    iam("a role", "CreateRole", {"RoleName": "r", "AssumeRolePolicyDocument": TRUST}, iam_api("CreateRole"),
        answer={"Role": {"RoleName": "r", "Arn": "arn:aws:iam::{account}:role/r", "RoleId": ANY}}),
    taken("a role's name is taken", "CreateRole", {"RoleName": "task", "AssumeRolePolicyDocument": TRUST}, "role",
          "Role with name task already exists."),
    iam("a role whom nobody understands", "CreateRole", {"RoleName": "r", "AssumeRolePolicyDocument": "{"},
        iam_api("CreateRole", "errors"), refused=("MalformedPolicyDocument", None)),
    iam("a role that lasts too long", "CreateRole",
        {"RoleName": "r", "AssumeRolePolicyDocument": TRUST, "MaxSessionDuration": 50000},
        iam_api("CreateRole", "MaxSessionDuration"), refused=("ValidationError", None)),
    iam("a role is shown", "GetRole", {"RoleName": "task"}, iam_api("GetRole"), given="role",
        answer={"Role": {"RoleName": "task", "MaxSessionDuration": 3600, "Path": "/"}}),
    gone("a role that is not there is not shown", "GetRole", {"RoleName": "ghost"},
         "The role with name ghost cannot be found."),
    iam("a role without policies", "ListRolePolicies", {"RoleName": "task"}, iam_api("ListRolePolicies"), given="role",
        answer={"PolicyNames": [], "IsTruncated": False}),
    iam("a role's own policy", "PutRolePolicy", {"RoleName": "task", "PolicyName": "p", "PolicyDocument": LISTS},
        iam_api("PutRolePolicy"), given="role", answer={}),
    gone("a policy for no role", "PutRolePolicy", {"RoleName": "ghost", "PolicyName": "p", "PolicyDocument": LISTS},
         "The role with name ghost cannot be found."),
    iam("a role takes AWS's policy", "AttachRolePolicy",
        {"RoleName": "task", "PolicyArn": "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"},
        iam_api("AttachRolePolicy"), given="role", answer={}),
    gone("a role is deleted but once", "DeleteRole", {"RoleName": "ghost"}, "The role with name ghost cannot be found."),
    iam("the role of ECS itself", "CreateServiceLinkedRole", {"AWSServiceName": "ecs.amazonaws.com"},
        iam_api("CreateServiceLinkedRole"), answer={"Role": {
            "RoleName": "AWSServiceRoleForECS", "Path": "/aws-service-role/ecs.amazonaws.com/"}}),
    iam("is there after the first cluster", "CreateServiceLinkedRole", {"AWSServiceName": "ecs.amazonaws.com"},
        iam_api("CreateServiceLinkedRole", "errors"), given="cluster", refused=(
            "InvalidInput", "Service role name AWSServiceRoleForECS has been taken in this account, please try a "
                            "different suffix.")),
    # policies
    iam("a policy", "CreatePolicy", {"PolicyName": "p", "PolicyDocument": LISTS}, iam_api("CreatePolicy"),
        answer={"Policy": {"Arn": "arn:aws:iam::{account}:policy/p", "DefaultVersionId": "v1", "AttachmentCount": 0,
                           "IsAttachable": True}}),
    taken("a policy's name is taken", "CreatePolicy", {"PolicyName": "lists", "PolicyDocument": LISTS}, "policy",
          "A policy called lists already exists. Duplicate names are not allowed."),
    iam("a policy that is no JSON", "CreatePolicy", {"PolicyName": "p", "PolicyDocument": "no"},
        iam_api("CreatePolicy", "errors"), refused=("MalformedPolicyDocument", None)),
    iam("a policy without an effect", "CreatePolicy",
        {"PolicyName": "p", "PolicyDocument": '{"Version": "2012-10-17", "Statement": [{"Action": "*", "Resource": "*"}]}'},
        iam_guide("IAM JSON policy elements: Effect"), refused=("MalformedPolicyDocument", None)),
    iam("a policy is shown", "GetPolicy", {"PolicyArn": "{policy}"}, iam_api("GetPolicy"), given="policy",
        answer={"Policy": {"PolicyName": "lists", "DefaultVersionId": "v1"}}),
    gone("a policy that is not there", "GetPolicy", {"PolicyArn": "arn:aws:iam::{account}:policy/ghost"},
         "Policy arn:aws:iam::{account}:policy/ghost was not found."),
    iam("a second version", "CreatePolicyVersion", {"PolicyArn": "{policy}", "PolicyDocument": LISTS, "SetAsDefault": True},
        iam_api("CreatePolicyVersion"), given="policy",
        answer={"PolicyVersion": {"VersionId": "v2", "IsDefaultVersion": True}}),
    kept("the default version stays", "DeletePolicyVersion", {"PolicyArn": "{policy}", "VersionId": "v1"}, "policy", None),
    iam("AWS's policies are there", "GetPolicy", {"PolicyArn": "arn:aws:iam::aws:policy/AmazonECS_FullAccess"},
        "AWS Managed Policy Reference, AmazonECS_FullAccess",
        answer={"Policy": {"PolicyName": "AmazonECS_FullAccess", "IsAttachable": True}}),
    iam("and nobody changes them", "CreatePolicyVersion",
        {"PolicyArn": "arn:aws:iam::aws:policy/AmazonECS_FullAccess", "PolicyDocument": LISTS},
        iam_guide("Managed policies and inline policies"), refused=(ANY, None)),
    iam("an instance profile", "CreateInstanceProfile", {"InstanceProfileName": "host"}, iam_api("CreateInstanceProfile"),
        answer={"InstanceProfile": {"InstanceProfileName": "host", "Roles": []}}),
    taken("an instance profile's name is taken", "CreateInstanceProfile", {"InstanceProfileName": "host"}, "profile",
          "Instance Profile host already exists."),
    gone("an instance profile that is not there", "GetInstanceProfile", {"InstanceProfileName": "ghost"},
         "Instance Profile ghost cannot be found."),
    iam("what a user may, asked beforehand", "SimulatePrincipalPolicy",
        {"PolicySourceArn": ANN, "ActionNames": ["ecs:ListClusters", "ecs:CreateCluster"]},
        iam_api("SimulatePrincipalPolicy"), given="ann allow:ecs:List*",
        answer={"EvaluationResults": some({"EvalActionName": "ecs:ListClusters", "EvalDecision": "allowed"},
                                          {"EvalActionName": "ecs:CreateCluster", "EvalDecision": "implicitDeny"})}),
    iam("and what it may not", "SimulatePrincipalPolicy", {"PolicySourceArn": ANN, "ActionNames": ["ecs:ListClusters"]},
        iam_api("SimulatePrincipalPolicy"), given="ann allow:ecs:* deny:ecs:List*",
        answer={"EvaluationResults": [{"EvalDecision": "explicitDeny"}]}),
    iam("a new user makes no users", "CreateUser", {"UserName": "bob"},
        iam_guide("Troubleshoot access denied error messages"), given="ann", by="ann", refused=(
            "AccessDenied", f"User: {ANN} is not authorized to perform: iam:CreateUser on resource: "
                            "arn:aws:iam::{account}:user/bob because no identity-based policy allows the iam:CreateUser "
                            "action")),
    Case("a role is not passed without leave", "RegisterTaskDefinition",
         {"family": "f", "containerDefinitions": [{"name": "app", "image": "web", "memory": 64}],
          "taskRoleArn": "arn:aws:iam::{account}:role/task"}, given="role ann allow:ecs:*", by="ann",
         refused=("AccessDeniedException", f"User: {ANN} is not authorized to perform: iam:PassRole on resource: "
                  "arn:aws:iam::{account}:role/task because no identity-based policy allows the iam:PassRole action"),
         source=iam_guide("Grant a user permissions to pass a role to an AWS service")),
    Case("and is with leave", "RegisterTaskDefinition",
         {"family": "f", "containerDefinitions": [{"name": "app", "image": "web", "memory": 64}],
          "taskRoleArn": "arn:aws:iam::{account}:role/task"}, given="role ann allow:ecs:*,iam:PassRole", by="ann",
         answer={"taskDefinition": {"registeredBy": ANN}},
         source=iam_guide("Grant a user permissions to pass a role to an AWS service")),
    Case("tags at creation need leave of their own", "CreateCluster",
         {"clusterName": "c", "tags": [{"key": "a", "value": "b"}]}, given="ann allow:ecs:CreateCluster", by="ann",
         refused=("AccessDeniedException", None),
         source="Amazon ECS Developer Guide, Grant permission to tag resources on creation"),
]  # fmt: skip
