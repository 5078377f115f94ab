"""What stands around a service: scaling, images, logs, rules and schedules."""

from typing import Any

from parity.cases.case import ABSENT, ANY, Case, issue

WEB = {"ServiceNamespace": "ecs", "ResourceId": "service/default/web", "ScalableDimension": "ecs:service:DesiredCount"}
GHOST = {**WEB, "ResourceId": "service/default/ghost"}
WHERE = "service namespace: ecs, resource ID: service/default/web, scalable dimension: ecs:service:DesiredCount"
SCALED = "cluster instances web service scalable"
CPU = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
NOT_THERE = ("RepositoryNotFoundException",
             "The repository with name 'ghost' does not exist in the registry with id '{account}'")  # fmt: skip
RUNS = {"TaskDefinitionArn": "{home}:task-definition/web"}
TARGET = {"Id": "t", "Arn": "{home}:cluster/default", "EcsParameters": RUNS}
HOURLY = {"Name": "new", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"},
          "Target": {"Arn": "{home}:cluster/default", "RoleArn": "{scheduler-role}", "EcsParameters": RUNS}}  # fmt: skip
INVALID = "ValidationException"


def scaling(name: str, operation: str, request: dict[str, Any], part: str = "", **told: Any) -> Case:
    told.setdefault("source", f"Application Auto Scaling API Reference, {operation}, {part or 'description'}")
    return Case(name, operation, request, service="application-autoscaling", **{"given": SCALED, **told})


def ecr(name: str, operation: str, request: dict[str, Any], part: str = "", **told: Any) -> Case:
    told.setdefault("source", f"Amazon ECR API Reference, {operation}, {part or 'description'}")
    return Case(name, operation, request, service="ecr", **{"given": "repository", **told})


def logs(name: str, operation: str, request: dict[str, Any], part: str = "", **told: Any) -> Case:
    told.setdefault("source", f"CloudWatch Logs API Reference, {operation}, {part or 'description'}")
    return Case(name, operation, request, service="logs", **{"given": "logs", **told})


def events(name: str, operation: str, request: dict[str, Any], part: str = "", **told: Any) -> Case:
    told.setdefault("source", f"Amazon EventBridge API Reference, {operation}, {part or 'description'}")
    return Case(name, operation, request, service="events", **{"given": "rules", **told})


def scheduler(name: str, operation: str, request: dict[str, Any], part: str = "", **told: Any) -> Case:
    told.setdefault("source", f"EventBridge Scheduler API Reference, {operation}, {part or 'description'}")
    return Case(name, operation, request, service="scheduler", **{"given": "schedules", **told})


CASES = [
    scaling("a service that there is not cannot be scaled", "RegisterScalableTarget",
            {**GHOST, "MinCapacity": 1, "MaxCapacity": 2}, source=issue("spinnaker/spinnaker #4371"),
            refused=(INVALID, "ECS service doesn't exist: service/default/ghost")),
    scaling("bounds that are left out stay", "RegisterScalableTarget", {**WEB, "MaxCapacity": 9}, "MinCapacity",
            answer={"ScalableTargetARN": "{target}"}),
    scaling("a target in use shows that nothing is suspended", "DescribeScalableTargets", {"ServiceNamespace": "ecs"},
            "SuspendedState", answer={"ScalableTargets": [{**WEB, "MinCapacity": 1, "SuspendedState": {
                "DynamicScalingInSuspended": False, "DynamicScalingOutSuspended": False,
                "ScheduledScalingSuspended": False}}]}),
    scaling("a policy of what is not registered", "PutScalingPolicy", {**GHOST, "PolicyName": "p"}, "Errors",
            refused=("ObjectNotFoundException", None)),
    scaling("one metric has one target tracking policy", "PutScalingPolicy",
            {**WEB, "PolicyName": "again", "PolicyType": "TargetTrackingScaling",
             "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 50.0, "PredefinedMetricSpecification": CPU}},
            source=issue("hashicorp/terraform-provider-aws, target tracking policies of one metric"), inferred=True,
            refused=(INVALID, "Only one TargetTrackingScaling policy for a given metric specification is allowed.")),
    scaling("target tracking has a high and a low alarm", "DescribeScalingPolicies",
            {"ServiceNamespace": "ecs", "PolicyNames": ["cpu"]}, "Alarms",
            answer={"ScalingPolicies": [{"PolicyType": "TargetTrackingScaling", "Alarms": [ANY, ANY]}]}),
    scaling("a step scaling policy has the alarms that users make", "DescribeScalingPolicies",
            {"ServiceNamespace": "ecs", "PolicyNames": ["steps"]}, "Alarms",
            answer={"ScalingPolicies": [{"PolicyType": "StepScaling", "Alarms": []}]}),
    scaling("an action without a capacity", "PutScheduledAction",
            {**WEB, "ScheduledActionName": "a", "Schedule": "rate(1 day)", "ScalableTargetAction": {}},
            source=issue("aws-cloudformation/community-registry-extensions #255"),
            refused=(INVALID, "At least one of minimum capacity and maximum capacity should be provided")),
    scaling("nothing scaled yet", "DescribeScalingActivities", {"ServiceNamespace": "ecs"}, answer={"ScalingActivities": []}),
    scaling("a policy that there is not", "DeleteScalingPolicy", {**WEB, "PolicyName": "ghost"}, "Errors",
            refused=("ObjectNotFoundException", f"No scaling policy found for {WHERE}"), inferred=True),
    scaling("other services have no targets here", "DescribeScalableTargets", {"ServiceNamespace": "dynamodb"},
            "ServiceNamespace", answer={"ScalableTargets": [], "NextToken": ABSENT}),

    ecr("a repository's URI and defaults", "DescribeRepositories", {"repositoryNames": ["web"]}, "repositories",
        answer={"repositories": [{"repositoryUri": "{account}.dkr.ecr.us-east-1.amazonaws.com/web",
                                  "imageTagMutability": "MUTABLE", "registryId": "{account}",
                                  "imageScanningConfiguration": {"scanOnPush": False},
                                  "encryptionConfiguration": {"encryptionType": "AES256"}}]}),
    ecr("a repository that there is not", "ListImages", {"repositoryName": "ghost"}, "Errors", refused=NOT_THERE),
    ecr("a repository is made once", "CreateRepository", {"repositoryName": "web"}, "Errors",
        refused=("RepositoryAlreadyExistsException",
                 "The repository with name 'web' already exists in the registry with id '{account}'")),
    ecr("a policy of another kind than JSON", "SetRepositoryPolicy", {"repositoryName": "web", "policyText": "x"},
        source=issue("hashicorp/terraform-provider-aws, aws_ecr_repository_policy"),
        refused=("InvalidParameterException", "Invalid parameter at 'PolicyText' failed to satisfy constraint: "
                                              "'Invalid repository policy provided'")),
    ecr("a repository without images", "ListImages", {"repositoryName": "web"}, answer={"imageIds": []}),

    logs("a group's ARN ends with all its streams", "DescribeLogGroups", {"logGroupNamePrefix": "/ecs/"}, "arn",
         answer={"logGroups": [{"arn": "{log-group-arn}:*", "logGroupArn": "{log-group-arn}", "storedBytes": 0,
                                "retentionInDays": ABSENT, "logGroupClass": "STANDARD"}]}),
    logs("a group is made once", "CreateLogGroup", {"logGroupName": "/ecs/web"}, "Errors",
         refused=("ResourceAlreadyExistsException", "The specified log group already exists")),
    logs("retention for some numbers of days alone", "PutRetentionPolicy",
         {"logGroupName": "/ecs/web", "retentionInDays": 15}, "retentionInDays",
         refused=("InvalidParameterException", None)),
    logs("a group that there is not", "DescribeLogStreams", {"logGroupName": "ghost"}, "Errors",
         refused=("ResourceNotFoundException", "The specified log group does not exist.")),
    logs("streams of a prefix are not ordered by time", "DescribeLogStreams",
         {"logGroupName": "/ecs/web", "logStreamNamePrefix": "a", "orderBy": "LastEventTime"}, "orderBy",
         refused=("InvalidParameterException", None)),

    events("a minute has no plural", "PutRule", {"Name": "a", "ScheduleExpression": "rate(1 minutes)"},
           source="Amazon EventBridge User Guide, Schedule expressions",
           refused=(INVALID, "Parameter ScheduleExpression is not valid.")),
    events("both kinds of day in one schedule", "PutRule", {"Name": "a", "ScheduleExpression": "cron(7 20 * * 1-7 *)"},
           source=issue("localstack/localstack #12156"), refused=(INVALID, "Parameter ScheduleExpression is not valid.")),
    events("five fields are not enough", "PutRule", {"Name": "a", "ScheduleExpression": "cron(*/1 * * * *)"},
           source=issue("cds-snc/notification-terraform #344"),
           refused=(INVALID, "Parameter ScheduleExpression is not valid.")),
    events("neither a pattern nor a schedule", "PutRule", {"Name": "a"}, refused=(INVALID, None)),
    events("a pattern with an empty object", "PutRule",
           {"Name": "a", "EventPattern": '{"source": ["aws.health"], "detail": {}}'},
           source=issue("cloud-custodian/cloud-custodian #6507"), refused=("InvalidEventPatternException", None)),
    events("a value that is in no list", "TestEventPattern", {"EventPattern": '{"slug": "a"}', "Event": "{}"},
           source=issue("buildkite/docs #896"), refused=("InvalidEventPatternException", None)),
    events("a suffix in a list", "PutRule", {"Name": "a", "EventPattern": '{"a": [{"suffix": ["b"]}]}'},
           source=issue("aws/aws-cdk #32492"),
           refused=("InvalidEventPatternException",
                    "Event pattern is not valid. Reason: suffix match pattern must be a string")),
    events("a cluster needs a role", "PutTargets", {"Rule": "stopped", "Targets": [TARGET]},
           source=issue("localstack/localstack #8224"),
           refused=(INVALID, "RoleArn is required for target {home}:cluster/default.")),
    events("a rule with targets stays", "DeleteRule", {"Name": "stopped"}, refused=(INVALID, None)),
    events("a rule that there is not", "DescribeRule", {"Name": "ghost"}, "Errors",
           refused=("ResourceNotFoundException", "Rule ghost does not exist on EventBus default.")),

    scheduler("no schedule", "CreateSchedule", {**HOURLY, "ScheduleExpression": "hourly"},
              source=issue("localstack/localstack #9284"), refused=(INVALID, "Invalid Schedule Expression hourly.")),
    scheduler("a role that does not let the Scheduler in", "CreateSchedule",
              {**HOURLY, "Target": {**HOURLY["Target"], "RoleArn": "arn:aws:iam::{account}:role/ghost"}},
              source=issue("aws/aws-sdk-js-v3 #6494"),
              refused=(INVALID, "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.")),
    scheduler("what a schedule is without more being said", "GetSchedule", {"Name": "hourly", "GroupName": "jobs"},
              "RetryPolicy", answer={"State": "ENABLED", "ScheduleExpressionTimezone": "UTC", "Target": {
                  "RetryPolicy": {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}}}),
    scheduler("a schedule is made once", "CreateSchedule", {**HOURLY, "Name": "hourly", "GroupName": "jobs"}, "Errors",
              refused=("ConflictException", None)),
    scheduler("a schedule that there is not", "GetSchedule", {"Name": "ghost"}, "Errors",
              refused=("ResourceNotFoundException", None)),
]  # fmt: skip
