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
  region                  = "us-east-1"
  skip_metadata_api_check = true
  skip_region_validation  = true
  s3_use_path_style       = true
  endpoints {
    applicationautoscaling = var.endpoint
    cloudwatch             = var.endpoint
    ec2                    = var.endpoint
    ecr                    = var.endpoint
    ecs                    = var.endpoint
    elbv2                  = var.endpoint
    events                 = var.endpoint
    iam                    = var.endpoint
    kms                    = var.endpoint
    logs                   = var.endpoint
    s3                     = var.endpoint
    scheduler              = var.endpoint
    secretsmanager         = var.endpoint
    ssm                    = var.endpoint
    sts                    = var.endpoint
  }
  default_tags { tags = { made-by = "terraform" } }
}

data "aws_caller_identity" "me" {}

data "aws_vpc" "default" { default = true }

data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}

# The image and the logs.

resource "aws_ecr_repository" "web" {
  name                 = "team/web"
  image_tag_mutability = var.step == 1 ? "MUTABLE" : "IMMUTABLE"
  force_delete         = true
  image_scanning_configuration {
    scan_on_push = var.step > 1
  }
  tags = { step = var.step }
}

resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "Keep the last images"
      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 10 * var.step }
      action       = { type = "expire" }
    }]
  })
}

resource "aws_ecr_repository_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "pull"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    }]
  })
}

resource "aws_cloudwatch_log_group" "web" {
  name              = "/ecs/web"
  retention_in_days = var.step == 1 ? 14 : 30
  tags              = { step = var.step }
}

resource "aws_cloudwatch_log_stream" "web" {
  name           = "first"
  log_group_name = aws_cloudwatch_log_group.web.name
}

resource "aws_cloudwatch_log_resource_policy" "events" {
  policy_name = "events"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource  = "${aws_cloudwatch_log_group.web.arn}:*"
    }]
  })
}

# The service behind its load balancer.

resource "aws_ecs_cluster" "web" { name = "web" }

resource "aws_ecs_task_definition" "web" {
  family       = "web"
  network_mode = "bridge"
  container_definitions = jsonencode([{
    name         = "app"
    image        = "${aws_ecr_repository.web.repository_url}:1"
    memory       = 128
    essential    = true
    portMappings = [{ containerPort = 80 }]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.web.name
        awslogs-region        = "us-east-1"
        awslogs-stream-prefix = "app"
      }
    }
  }])
}

resource "aws_lb" "web" {
  name    = "web"
  subnets = slice(sort(data.aws_subnets.default.ids), 0, 2)
  access_logs {
    bucket  = aws_s3_bucket_policy.logs.bucket
    prefix  = "step${var.step}"
    enabled = true
  }
}

data "aws_elb_service_account" "main" {}

resource "aws_s3_bucket" "logs" {
  bucket        = "web-access-logs"
  force_destroy = true
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = data.aws_elb_service_account.main.arn }
      Action    = "s3:PutObject"
      Resource  = "${aws_s3_bucket.logs.arn}/*"
    }]
  })
}

resource "aws_lb_target_group" "web" {
  name     = "web"
  port     = 80
  protocol = "HTTP"
  vpc_id   = data.aws_vpc.default.id
}

resource "aws_lb_listener" "web" {
  load_balancer_arn = aws_lb.web.arn
  port              = 8080
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}

resource "aws_ecs_service" "web" {
  name            = "web"
  cluster         = aws_ecs_cluster.web.id
  task_definition = aws_ecs_task_definition.web.arn
  desired_count   = 1
  force_delete    = true
  load_balancer {
    target_group_arn = aws_lb_target_group.web.arn
    container_name   = "app"
    container_port   = 80
  }
  lifecycle { ignore_changes = [desired_count] }
  depends_on = [aws_lb_listener.web]
}

# What scales it.

resource "aws_appautoscaling_target" "web" {
  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.web.name}/${aws_ecs_service.web.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.step
  max_capacity       = 10
  suspended_state {
    scheduled_scaling_suspended = var.step > 1
  }
}

resource "aws_appautoscaling_policy" "tracking" {
  for_each = {
    cpu    = "ECSServiceAverageCPUUtilization"
    memory = "ECSServiceAverageMemoryUtilization"
  }
  name               = each.key
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.web.service_namespace
  resource_id        = aws_appautoscaling_target.web.resource_id
  scalable_dimension = aws_appautoscaling_target.web.scalable_dimension
  target_tracking_scaling_policy_configuration {
    target_value       = var.step == 1 ? 75 : 60.5
    scale_in_cooldown  = 300
    scale_out_cooldown = 60
    predefined_metric_specification { predefined_metric_type = each.value }
  }
}

resource "aws_appautoscaling_policy" "requests" {
  name               = "requests"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.web.service_namespace
  resource_id        = aws_appautoscaling_target.web.resource_id
  scalable_dimension = aws_appautoscaling_target.web.scalable_dimension
  target_tracking_scaling_policy_configuration {
    target_value     = 1000
    disable_scale_in = var.step > 1
    predefined_metric_specification {
      predefined_metric_type = "ALBRequestCountPerTarget"
      resource_label         = "${aws_lb.web.arn_suffix}/${aws_lb_target_group.web.arn_suffix}"
    }
  }
}

resource "aws_appautoscaling_policy" "steps" {
  name               = "steps"
  policy_type        = "StepScaling"
  service_namespace  = aws_appautoscaling_target.web.service_namespace
  resource_id        = aws_appautoscaling_target.web.resource_id
  scalable_dimension = aws_appautoscaling_target.web.scalable_dimension
  step_scaling_policy_configuration {
    adjustment_type         = "ChangeInCapacity"
    cooldown                = 60 * var.step
    metric_aggregation_type = "Maximum"
    step_adjustment {
      metric_interval_lower_bound = 0
      metric_interval_upper_bound = 20
      scaling_adjustment          = 1
    }
    step_adjustment {
      metric_interval_lower_bound = 20
      scaling_adjustment          = 1 + var.step
    }
  }
}

resource "aws_appautoscaling_scheduled_action" "night" {
  name               = "night"
  service_namespace  = aws_appautoscaling_target.web.service_namespace
  resource_id        = aws_appautoscaling_target.web.resource_id
  scalable_dimension = aws_appautoscaling_target.web.scalable_dimension
  schedule           = "cron(0 ${19 + var.step} * * ? *)"
  timezone           = "Europe/Berlin"
  scalable_target_action {
    min_capacity = 0
    max_capacity = var.step
  }
}

resource "aws_cloudwatch_metric_alarm" "busy" {
  alarm_name          = "web-busy"
  namespace           = "AWS/ECS"
  metric_name         = "CPUUtilization"
  statistic           = "Average"
  period              = 60
  evaluation_periods  = 1 + var.step
  threshold           = 80
  comparison_operator = "GreaterThanOrEqualToThreshold"
  alarm_actions       = [aws_appautoscaling_policy.steps.arn]
  dimensions          = { ClusterName = aws_ecs_cluster.web.name, ServiceName = aws_ecs_service.web.name }
}

resource "aws_cloudwatch_dashboard" "web" {
  dashboard_name = "web"
  dashboard_body = jsonencode({ widgets = [{ type = "text", width = 6 * var.step, properties = { markdown = "web" } }] })
}

# What runs tasks, and what looks at them.

resource "aws_iam_role" "runs" {
  name = "runs"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = ["events.amazonaws.com", "scheduler.amazonaws.com"] }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_cloudwatch_event_rule" "nightly" {
  name                = "nightly"
  schedule_expression = var.step == 1 ? "rate(1 day)" : "cron(0 3 * * ? *)"
  description         = "step ${var.step}"
  tags                = { step = var.step }
}

resource "aws_cloudwatch_event_target" "nightly" {
  rule      = aws_cloudwatch_event_rule.nightly.name
  target_id = "job"
  arn       = aws_ecs_cluster.web.arn
  role_arn  = aws_iam_role.runs.arn
  input     = jsonencode({ containerOverrides = [{ name = "app", command = ["step", tostring(var.step)] }] })
  ecs_target {
    task_definition_arn = aws_ecs_task_definition.web.arn
    task_count          = var.step
    launch_type         = "EC2"
  }
}

resource "aws_cloudwatch_event_bus" "orders" { name = "orders" }

resource "aws_cloudwatch_event_rule" "stopped" {
  name           = "stopped"
  event_bus_name = var.step == 1 ? "default" : aws_cloudwatch_event_bus.orders.name
  state          = var.step == 1 ? "ENABLED" : "DISABLED"
  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Task State Change"]
    detail      = { lastStatus = ["STOPPED"], clusterArn = [aws_ecs_cluster.web.arn] }
  })
}

resource "aws_scheduler_schedule_group" "jobs" {
  name = "jobs"
  tags = { step = var.step }
}

resource "aws_scheduler_schedule" "report" {
  name                         = "report"
  group_name                   = aws_scheduler_schedule_group.jobs.name
  schedule_expression          = "cron(0 ${6 + var.step} ? * MON-FRI *)"
  schedule_expression_timezone = "Europe/Berlin"
  state                        = var.step == 1 ? "ENABLED" : "DISABLED"
  flexible_time_window {
    mode                      = var.step == 1 ? "OFF" : "FLEXIBLE"
    maximum_window_in_minutes = var.step == 1 ? null : 15
  }
  target {
    arn      = aws_ecs_cluster.web.arn
    role_arn = aws_iam_role.runs.arn
    ecs_parameters {
      task_definition_arn = aws_ecs_task_definition.web.arn
      launch_type         = "EC2"
      task_count          = var.step
    }
    retry_policy { maximum_retry_attempts = 3 }
  }
}

data "aws_ecr_repository" "web" {
  name       = "team/web"
  depends_on = [aws_ecr_repository.web]
}

output "image" { value = data.aws_ecr_repository.web.repository_url }
