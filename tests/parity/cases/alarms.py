"""CloudWatch alarms, and deployments that they watch."""

from typing import Any

from parity.cases.case import ABSENT, ANY, Case, api, cloudwatch_api, guide, issue, model, some

INVALID = "InvalidParameterException"
WATCHED = {"Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Statistic": "Average", "Period": 60,
           "EvaluationPeriods": 2, "Threshold": 80.0, "ComparisonOperator": "GreaterThanThreshold"}  # fmt: skip
ON = "cluster instances web alarm"
DETECT = guide("How CloudWatch alarms detect Amazon ECS deployment failures")
ALARMS = {"alarmNames": ["cpu"], "enable": True, "rollback": True}


def cloudwatch(name: str, operation: str, request: dict[str, Any], part: str = "", **told: Any) -> Case:
    told.setdefault("given", "alarm")
    told.setdefault("source", cloudwatch_api(operation, part))
    return Case(name, operation, request, service="cloudwatch", **told)


def create(**members: Any) -> dict[str, Any]:
    return {"serviceName": "new", "taskDefinition": "web", "desiredCount": 1, **members}


CASES = [
    cloudwatch("an alarm begins without data", "DescribeAlarms", {"AlarmNames": ["cpu"]}, source=guide(
        "CloudWatch User Guide, Using Amazon CloudWatch alarms, metric alarm states"),
        answer={"MetricAlarms": [{"StateValue": "INSUFFICIENT_DATA", "AlarmArn": "{alarm}", "ActionsEnabled": True,
                                  "StateReason": "Unchecked: Initial alarm creation"}]}),
    cloudwatch("names of no alarm are passed over", "DescribeAlarms", {"AlarmNames": ["ghost"]}, "AlarmNames",
               answer={"MetricAlarms": [], "CompositeAlarms": []}),
    cloudwatch("alarms by their state", "DescribeAlarms", {"StateValue": "ALARM"}, "StateValue", given="alarm alarmed",
               answer={"MetricAlarms": [{"AlarmName": "cpu", "StateReason": "a test"}]}),
    cloudwatch("composite alarms are another kind", "DescribeAlarms", {"AlarmTypes": ["CompositeAlarm"]}, "AlarmTypes",
               answer={"MetricAlarms": []}),
    cloudwatch("a name and a prefix", "DescribeAlarms", {"AlarmNames": ["cpu"], "AlarmNamePrefix": "c"},
               "AlarmNamePrefix", refused=("InvalidParameterCombination", None), inferred=True),
    cloudwatch("what putting an alarm answers", "PutMetricAlarm", {"AlarmName": "new", **WATCHED}, answer={}),
    cloudwatch("half a day and a half", "PutMetricAlarm", {"AlarmName": "new", **WATCHED, "EvaluationPeriods": 2000},
               source=issue("hashicorp/terraform-provider-aws #5113"),
               refused=("ValidationError", "Metrics cannot be checked across more than a day (EvaluationPeriods * Period "
                                           "must be <= 86400).")),
    cloudwatch("an odd period", "PutMetricAlarm", {"AlarmName": "new", **WATCHED, "Period": 45}, "Period",
               refused=("ValidationError", None)),
    cloudwatch("more points than periods", "PutMetricAlarm", {"AlarmName": "new", **WATCHED, "DatapointsToAlarm": 3},
               "DatapointsToAlarm", refused=("ValidationError", None)),
    cloudwatch("a metric and several metrics", "PutMetricAlarm",
               {"AlarmName": "new", **WATCHED, "Metrics": [{"Id": "e", "Expression": "1"}]}, "Metrics",
               refused=("InvalidParameterCombination", None), inferred=True),
    cloudwatch("a statistic that there is not", "PutMetricAlarm", {"AlarmName": "new", **WATCHED, "Statistic": "Median"},
               "Statistic", refused=("ValidationError", None)),
    cloudwatch("the state of no alarm", "SetAlarmState", {"AlarmName": "ghost", "StateValue": "OK", "StateReason": "x"},
               "Errors", refused=("ResourceNotFound", None)),
    cloudwatch("data that is no JSON", "SetAlarmState",
               {"AlarmName": "cpu", "StateValue": "OK", "StateReason": "x", "StateReasonData": "{"}, "Errors",
               refused=("InvalidFormat", None)),
    cloudwatch("one of two is no alarm", "DeleteAlarms", {"AlarmNames": ["cpu", "ghost"]}, "Errors",
               refused=("ResourceNotFound", None)),
    cloudwatch("tags given with the alarm", "ListTagsForResource", {"ResourceARN": "{alarm}"},
               answer={"Tags": [{"Key": "team", "Value": "web"}]}),
    cloudwatch("tags of nothing", "ListTagsForResource", {"ResourceARN": "{alarm}-ghost"}, "Errors",
               refused=("ResourceNotFoundException", None)),
    # deployments that alarms watch
    Case("an alarm that watches must be there", "CreateService",
         create(deploymentConfiguration={"alarms": {**ALARMS, "alarmNames": ["ghost"]}}), given=ON,
         refused=(INVALID, None), source=DETECT),
    Case("the alarms of a service", "CreateService", create(deploymentConfiguration={"alarms": ALARMS}), given=ON,
         answer={"service": {"deploymentConfiguration": {"alarms": ALARMS}}}, source=api("DeploymentAlarms")),
    Case("a daemon is watched by no alarm", "CreateService",
         {"serviceName": "new", "taskDefinition": "web", "schedulingStrategy": "DAEMON",
          "deploymentConfiguration": {"alarms": ALARMS}}, given=ON, refused=(INVALID, None), source=DETECT),
    Case("another controller is watched by no alarm", "CreateService",
         {"serviceName": "new", "deploymentController": {"type": "EXTERNAL"}, "desiredCount": 1,
          "deploymentConfiguration": {"alarms": ALARMS}}, given=ON, refused=(INVALID, None),
         source=model("DeploymentConfiguration, alarms")),
    Case("a deployment that is watched says so", "DescribeServiceDeployments", {"serviceDeploymentArns": ["{deployment}"]},
         given=f"{ON} watched deployment", source=model("ServiceDeploymentAlarms"),
         answer={"serviceDeployments": [{"alarms": {"status": "MONITORING", "alarmNames": ["cpu"],
                                                    "triggeredAlarmNames": []}}]}),
    Case("an alarm that was detected is named", "DescribeServiceDeployments", {"serviceDeploymentArns": ["{deployment}"]},
         given=f"{ON} watched deployment alarmed", source=model("ServiceDeploymentAlarms"),
         answer={"serviceDeployments": [{"alarms": {"status": "TRIGGERED", "triggeredAlarmNames": ["cpu"]}}]}),
    Case("an alarm fails the deployment, in the words that Copilot looks for", "DescribeServices", {"services": ["web"]},
         given=f"{ON} watched rollout alarmed",
         source=issue("aws/copilot-cli, internal/pkg/stream/ecs_test.go"),
         answer={"services": [{"deployments": [{"rolloutState": "FAILED"}],
                               "events": some({"message": "(service web) deployment {rollout} deployment failed: alarm "
                                                          "detected.", "id": ANY})}]}),
    Case("an alarm that was in ALARM before is ignored", "DescribeServices", {"services": ["web"]},
         given=f"{ON} alarmed watched", source=DETECT,
         answer={"services": [{"deployments": [{"rolloutState": "IN_PROGRESS", "failedTasks": 0}],
                               "deploymentConfiguration": {"alarms": {"enable": True}}, "taskSets": ABSENT}]}),
]  # fmt: skip
