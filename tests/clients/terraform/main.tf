terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "endpoint" { type = string }
variable "step" {
  type    = number
  default = 1
}

provider "aws" {
  region                      = "us-east-1"
  skip_metadata_api_check     = true
  skip_region_validation      = true
  endpoints {
    cloudwatch = var.endpoint
    ecs        = var.endpoint
    iam        = var.endpoint
    sts        = var.endpoint
  }
  default_tags { tags = { made-by = "terraform" } }
}

data "aws_caller_identity" "me" {}

data "aws_iam_policy_document" "tasks" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "reads" {
  statement {
    actions   = var.step == 1 ? ["ssm:GetParameters"] : ["ssm:GetParameters", "secretsmanager:GetSecretValue"]
    resources = ["arn:aws:ssm:us-east-1:${data.aws_caller_identity.me.account_id}:parameter/web/*"]
  }
}

resource "aws_iam_role" "task" {
  name                 = "web-task"
  path                 = "/web/"
  description          = "step ${var.step}"
  assume_role_policy   = data.aws_iam_policy_document.tasks.json
  max_session_duration = 7200
}

resource "aws_iam_role" "execution" {
  name               = "web-execution"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

resource "aws_iam_role_policy" "reads" {
  name   = "reads"
  role   = aws_iam_role.task.name
  policy = data.aws_iam_policy_document.reads.json
}

resource "aws_iam_policy" "reads" {
  name   = "web-reads"
  policy = data.aws_iam_policy_document.reads.json
}

resource "aws_iam_role_policy_attachment" "own" {
  role       = aws_iam_role.task.name
  policy_arn = aws_iam_policy.reads.arn
}

resource "aws_iam_role_policy_attachment" "managed" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_iam_instance_profile" "host" {
  name = "web-host"
  role = aws_iam_role.execution.name
}

resource "aws_iam_group" "team" { name = "team" }

resource "aws_iam_user" "deployer" {
  name = "deployer"
  tags = { step = tostring(var.step) }
}

resource "aws_iam_user_group_membership" "deployer" {
  user   = aws_iam_user.deployer.name
  groups = [aws_iam_group.team.name]
}

resource "aws_iam_access_key" "deployer" { user = aws_iam_user.deployer.name }

resource "aws_ecs_cluster" "web" {
  name = "web"
  setting {
    name  = "containerInsights"
    value = var.step == 1 ? "disabled" : "enabled"
  }
  tags = { step = tostring(var.step) }
}

resource "aws_ecs_capacity_provider" "hosts" {
  name = "hosts"
  auto_scaling_group_provider {
    auto_scaling_group_arn = "arn:aws:autoscaling:us-east-1:${data.aws_caller_identity.me.account_id}:autoScalingGroup:4f8b6a52-6cb5-4c4c-9a53-2d3a1f1e7f01:autoScalingGroupName/hosts"
    managed_scaling {
      status          = "ENABLED"
      target_capacity = var.step == 1 ? 100 : 80
    }
  }
}

resource "aws_ecs_cluster_capacity_providers" "web" {
  cluster_name       = aws_ecs_cluster.web.name
  capacity_providers = [aws_ecs_capacity_provider.hosts.name, "FARGATE"]
}

resource "aws_ecs_task_definition" "web" {
  family             = "web"
  task_role_arn      = aws_iam_role.task.arn
  execution_role_arn = aws_iam_role.execution.arn
  container_definitions = jsonencode([{
    name         = "app"
    image        = "web:${var.step}"
    memory       = 64
    essential    = true
    portMappings = [{ containerPort = 80 }]
    environment  = [{ name = "STEP", value = tostring(var.step) }]
  }])
}

resource "aws_ecs_service" "web" {
  name            = "web"
  cluster         = aws_ecs_cluster.web.id
  task_definition = aws_ecs_task_definition.web.arn
  desired_count   = var.step
  launch_type     = "EC2"
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }
  alarms {
    alarm_names = [aws_cloudwatch_metric_alarm.errors.alarm_name]
    enable      = true
    rollback    = true
  }
  enable_ecs_managed_tags = true
  propagate_tags          = "SERVICE"
}

resource "aws_cloudwatch_metric_alarm" "cpu" {
  alarm_name          = "web-cpu"
  alarm_description   = "step ${var.step}"
  namespace           = "AWS/ECS"
  metric_name         = "CPUUtilization"
  statistic           = "Average"
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  threshold           = var.step == 1 ? 80 : 90.5
  comparison_operator = "GreaterThanThreshold"
  dimensions          = { ClusterName = aws_ecs_cluster.web.name, ServiceName = "web" }
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "web-errors"
  evaluation_periods  = 1
  threshold           = 0.05
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  metric_query {
    id          = "rate"
    expression  = "bad / all"
    label       = "errors"
    return_data = true
  }
  dynamic "metric_query" {
    for_each = { bad = "HTTPCode_Target_5XX_Count", all = "RequestCount" }
    content {
      id = metric_query.key
      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = metric_query.value
        period      = 60
        stat        = "Sum"
      }
    }
  }
}
