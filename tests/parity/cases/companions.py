"""What was done before with the services beside ECS: scaling, images, logs, rules, schedules, keys, parameters and
secrets."""

import json

from inprocess import ACCOUNT, REGION
from parity.cases.givens import HOME, Scene, document, given


@given
def scalable(scene: Scene) -> None:
    """A service that is registered to be scaled, with a policy of each kind and a scheduled action."""
    scaling = scene.client("application-autoscaling", "root")
    what = {"ServiceNamespace": "ecs", "ResourceId": "service/default/web"}
    web = {**what, "ScalableDimension": "ecs:service:DesiredCount"}
    arn = scaling.register_scalable_target(**web, MinCapacity=1, MaxCapacity=10, Tags={"team": "web"})
    scene.words |= {"target": arn["ScalableTargetARN"], "resource": web["ResourceId"], "policy-name": "cpu"}
    cpu = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    scaling.put_scaling_policy(
        **web,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": 75.0, "PredefinedMetricSpecification": cpu},
    )
    steps = {
        "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
    }
    scaling.put_scaling_policy(**web, PolicyName="steps", StepScalingPolicyConfiguration=steps)
    scaling.put_scheduled_action(
        **web, ScheduledActionName="night", Schedule="cron(0 20 * * ? *)", ScalableTargetAction={"MaxCapacity": 1}
    )


@given
def repository(scene: Scene) -> None:
    """One with both policies, and a policy of the registry."""
    ecr = scene.client("ecr", "root")
    made = ecr.create_repository(repositoryName="web", tags=[{"Key": "team", "Value": "web"}])["repository"]
    ecr.set_repository_policy(repositoryName="web", policyText=document({"Effect": "Allow", "Action": "ecr:*"}))
    chosen = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10}
    rule = {"rulePriority": 1, "description": "Keep ten", "selection": chosen, "action": {"type": "expire"}}
    ecr.put_lifecycle_policy(repositoryName="web", lifecyclePolicyText=json.dumps({"rules": [rule]}))
    ecr.put_registry_policy(policyText=document({"Effect": "Allow", "Action": "ecr:*"}))
    scene.words["repository"] = made["repositoryArn"]


@given
def logs(scene: Scene) -> None:
    """A log group with a stream, and a resource policy."""
    logs = scene.client("logs", "root")
    logs.create_log_group(logGroupName="/ecs/web", tags={"team": "web"})
    logs.create_log_stream(logGroupName="/ecs/web", logStreamName="app")
    logs.put_resource_policy(policyName="team", policyDocument=document({"Effect": "Allow", "Action": "logs:*"}))
    scene.words |= {"log-group": "/ecs/web", "log-group-arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/ecs/web"}


@given
def rules(scene: Scene) -> None:
    """A rule about stopped tasks that runs another, one that does so every hour, and a bus of one's own."""
    events, role = scene.client("events", "root"), f"arn:aws:iam::{ACCOUNT}:role/ecsEventsRole"
    stopped = {"source": ["aws.ecs"], "detail-type": ["ECS Task State Change"], "detail": {"lastStatus": ["STOPPED"]}}
    tags = [{"Key": "team", "Value": "web"}]
    made = events.put_rule(Name="stopped", EventPattern=json.dumps(stopped), Tags=tags)
    events.put_rule(Name="hourly", ScheduleExpression="rate(1 hour)", State="DISABLED")
    runs = {"TaskDefinitionArn": f"{HOME}:task-definition/web", "TaskCount": 1, "LaunchType": "EC2"}
    target = {"Id": "again", "Arn": f"{HOME}:cluster/default", "RoleArn": role, "EcsParameters": runs}
    events.put_targets(Rule="stopped", Targets=[target])
    bus = events.create_event_bus(Name="orders", Tags=tags)["EventBusArn"]
    events.put_permission(EventBusName="orders", StatementId="all", Principal="*", Action="events:PutEvents")
    scene.words |= {"rule": made["RuleArn"], "bus": bus, "stopped": "stopped", "orders": "orders"}


@given
def schedules(scene: Scene) -> None:
    """A schedule that runs a task every hour, alone in its group, and the role that it does so with."""
    scheduler, trusted = scene.client("scheduler", "root"), {"Service": "scheduler.amazonaws.com"}
    trust = document({"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"})
    role = scene.iam.create_role(RoleName="scheduler", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    tags = [{"Key": "team", "Value": "web"}]
    group = scheduler.create_schedule_group(Name="jobs", Tags=tags)["ScheduleGroupArn"]
    runs = {"TaskDefinitionArn": f"{HOME}:task-definition/web", "TaskCount": 1}
    scheduler.create_schedule(
        Name="hourly",
        GroupName="jobs",
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": f"{HOME}:cluster/default", "RoleArn": role, "EcsParameters": runs},
    )
    scene.words |= {"schedule-group": group, "jobs": "jobs", "hourly": "hourly", "scheduler-role": role}


@given
def dashboard(scene: Scene) -> None:
    scene.client("cloudwatch", "root").put_dashboard(DashboardName="web", DashboardBody='{"widgets": []}')
    scene.words["dashboard"] = "web"


@given
def keys(scene: Scene) -> None:
    """A key with an alias."""
    kms = scene.client("kms", "root")
    key = kms.create_key(Tags=[{"TagKey": "team", "TagValue": "web"}])["KeyMetadata"]
    kms.create_alias(AliasName="alias/web", TargetKeyId=key["KeyId"])
    scene.words |= {"key": key["Arn"], "key-id": key["KeyId"], "key-alias": "alias/web"}


@given
def parameters(scene: Scene) -> None:
    """A parameter of two versions, the first of which is live, and a secure one."""
    ssm = scene.client("ssm", "root")
    ssm.put_parameter(Name="/web/url", Value="https://example.com", Type="String")
    ssm.put_parameter(Name="/web/url", Value="https://example.org", Overwrite=True)
    ssm.label_parameter_version(Name="/web/url", ParameterVersion=1, Labels=["live"])
    ssm.put_parameter(Name="/web/password", Value="hunter2", Type="SecureString", KeyId="alias/web")
    scene.words |= {"parameter": "/web/url", "live-parameter": "/web/url:live", "secure-parameter": "/web/password"}


@given
def secrets(scene: Scene) -> None:
    """A secret of two versions with a policy, and one that is going to be deleted."""
    manager = scene.client("secretsmanager", "root")
    made = manager.create_secret(Name="web/db", SecretString="hunter2", KmsKeyId="alias/web")
    manager.put_secret_value(SecretId="web/db", SecretBinary=b"hunter3")
    manager.put_resource_policy(
        SecretId="web/db",
        ResourcePolicy=document({"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*"}),
    )
    manager.delete_secret(SecretId=manager.create_secret(Name="old", SecretString="x")["Name"])
    scene.words |= {"secret": made["ARN"], "secret-name": "web/db", "secret-version": made["VersionId"]}
