"""The same call twice: what client tokens and names promise, and what they do not."""

from parity.cases.case import ANY, Case, api, guide, issue, some

INVALID = "InvalidParameterException"
ON = "cluster instances web"
TWICE = api("RunTask", "clientToken") + "; Ensuring idempotency"
WEB = {"serviceName": "web", "taskDefinition": "web", "desiredCount": 2, "clientToken": "once"}

CASES = [
    Case("one token, one task", "RunTask", {"taskDefinition": "web", "clientToken": "once"}, given=f"{ON} tokened",
         answer={"tasks": [{"taskArn": "{task}"}], "failures": []}, source=TWICE),
    Case("one token, another definition", "RunTask", {"taskDefinition": "pair", "clientToken": "once"},
         given=f"{ON} pair tokened", refused=("ConflictException", None), source=TWICE),
    Case("one token, another count", "RunTask", {"taskDefinition": "web", "clientToken": "once", "count": 2},
         given=f"{ON} tokened", refused=("ConflictException", None), source=TWICE),
    Case("one token in two clusters", "RunTask", {"cluster": "other", "taskDefinition": "web", "clientToken": "once"},
         given=f"{ON} tokened other", refused=(INVALID, "No Container Instances were found in your cluster."),
         source=TWICE),
    Case("without a token, another task", "ListTasks", {}, given=f"{ON} task task", answer={"taskArns": [ANY, ANY]},
         source=api("RunTask")),
    Case("one token, one service", "CreateService", WEB, given=f"{ON} tokened-service",
         answer={"service": {"serviceArn": "{home}:service/default/web", "desiredCount": 2}},
         source=api("CreateService", "clientToken")),
    Case("one token, another service", "CreateService", {**WEB, "desiredCount": 3}, given=f"{ON} tokened-service",
         refused=(INVALID, "Creation of service was not idempotent."), source=api("CreateService", "clientToken")),
    Case("one name, no token", "CreateService", {"serviceName": "web", "taskDefinition": "web", "desiredCount": 2},
         given=f"{ON} tokened-service", refused=(INVALID, "Creation of service was not idempotent."),
         source=issue("hashicorp/terraform-provider-aws #2283")),
    Case("one name in two clusters", "CreateService",
         {"cluster": "other", "serviceName": "web", "taskDefinition": "web", "desiredCount": 0},
         given=f"{ON} service other", answer={"service": {"serviceArn": "{home}:service/other/web"}},
         source=api("CreateService", "serviceName")),
    Case("one name, one cluster", "ListClusters", {}, given="cluster cluster",
         answer={"clusterArns": ["{home}:cluster/default"]}, source=api("CreateCluster")),
    Case("the same association twice", "PutClusterCapacityProviders",
         {"cluster": "default", "capacityProviders": ["hosts", "FARGATE"], "defaultCapacityProviderStrategy": []},
         given="cluster provider associated", answer={"cluster": {"capacityProviders": some("hosts", "FARGATE")}},
         source=api("PutClusterCapacityProviders")),
    Case("a tag put twice is there once", "ListTagsForResource", {"resourceArn": "{home}:cluster/default"},
         given="cluster labelled labelled", answer={"tags": [{"key": "team", "value": "web"}]},
         source=api("TagResource")),
    Case("deregistering twice", "DeregisterTaskDefinition", {"taskDefinition": "old:1"}, given="inactive",
         answer={"taskDefinition": {"status": "INACTIVE"}}, source=guide("Deregistering a task definition revision"),
         inferred=True),
    Case("stopping twice", "StopTask", {"task": "{task}"}, given=f"{ON} task running stopping",
         answer={"task": {"desiredStatus": "STOPPED", "stopCode": "UserInitiated"}}, source=api("StopTask"),
         inferred=True),
]  # fmt: skip
