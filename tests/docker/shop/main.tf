# The picture that every tutorial draws: two load balancers, two services, a database with a name and a volume, a batch.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "endpoint" { type = string }
variable "image" { type = string }
variable "counts" { type = string }
variable "asks" { type = string }
variable "reads" { type = string }

provider "aws" {
  region                  = "us-east-1"
  skip_metadata_api_check = true
  skip_region_validation  = true
  endpoints {
    ec2              = var.endpoint
    ecs              = var.endpoint
    elbv2            = var.endpoint
    iam              = var.endpoint
    servicediscovery = var.endpoint
    sts              = var.endpoint
  }
}

data "aws_vpc" "main" { default = true }

data "aws_subnet" "main" {
  for_each          = toset(["us-east-1a", "us-east-1b"])
  vpc_id            = data.aws_vpc.main.id
  availability_zone = each.value
}

locals {
  subnets = [for subnet in data.aws_subnet.main : subnet.id]
  app = {
    image        = var.image
    essential    = true
    stopTimeout  = 5
    portMappings = [{ containerPort = 8080 }]
  }
}

# The database: one task, found as db.shop.local, on a volume that outlives it.

resource "aws_service_discovery_private_dns_namespace" "shop" {
  name = "shop.local"
  vpc  = data.aws_vpc.main.id
}

resource "aws_service_discovery_service" "db" {
  name = "db"
  dns_config {
    namespace_id = aws_service_discovery_private_dns_namespace.shop.id
    dns_records {
      type = "A"
      ttl  = 5
    }
  }
  health_check_custom_config { failure_threshold = 1 }
}

resource "aws_security_group" "db" {
  name   = "db"
  vpc_id = data.aws_vpc.main.id
  ingress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_ecs_task_definition" "db" {
  family       = "db"
  network_mode = "awsvpc"
  cpu          = 256
  memory       = 512
  volume {
    name = "podium-test-shop"
    docker_volume_configuration {
      scope         = "shared"
      autoprovision = true
    }
  }
  container_definitions = jsonencode([{
    name         = "db"
    image        = var.image
    essential    = true
    stopTimeout  = 5
    mountPoints  = [{ sourceVolume = "podium-test-shop", containerPath = "/var/lib/postgresql/data" }]
    portMappings = [{ containerPort = 5432 }]
    healthCheck  = { command = ["CMD", "psql", "-h", "127.0.0.1", "-U", "postgres", "-c", "select 1"], interval = 5 }
  }])
}

resource "aws_ecs_service" "db" {
  name                               = "db"
  cluster                            = "default"
  task_definition                    = aws_ecs_task_definition.db.arn
  desired_count                      = 1
  deployment_minimum_healthy_percent = 0
  deployment_maximum_percent         = 100
  wait_for_steady_state              = true
  network_configuration {
    subnets         = [local.subnets[0]]
    security_groups = [aws_security_group.db.id]
  }
  service_registries { registry_arn = aws_service_discovery_service.db.arn }
}

# The backend: on instances, behind an internal load balancer.

resource "aws_lb" "backend" {
  name     = "backend"
  internal = true
  subnets  = local.subnets
}

resource "aws_lb_target_group" "backend" {
  name                 = "backend"
  port                 = 8080
  protocol             = "HTTP"
  vpc_id               = data.aws_vpc.main.id
  deregistration_delay = 1
  health_check { path = "/healthz" }
}

resource "aws_lb_listener" "backend" {
  load_balancer_arn = aws_lb.backend.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.backend.arn
  }
}

resource "aws_ecs_task_definition" "backend" {
  family = "backend"
  container_definitions = jsonencode([
    merge(local.app, { name = "app", memory = 64, command = ["sh", "-c", var.counts] })
  ])
}

resource "aws_ecs_service" "backend" {
  name                  = "backend"
  cluster               = "default"
  task_definition       = aws_ecs_task_definition.backend.arn
  desired_count         = 2
  wait_for_steady_state = true
  load_balancer {
    target_group_arn = aws_lb_target_group.backend.arn
    container_name   = "app"
    container_port   = 8080
  }
  depends_on = [aws_lb_listener.backend, aws_ecs_service.db]
}

# The frontend: on Fargate, behind the load balancer that everybody reaches.

resource "aws_lb" "frontend" {
  name    = "frontend"
  subnets = local.subnets
}

resource "aws_lb_target_group" "frontend" {
  name                 = "frontend"
  port                 = 8080
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = data.aws_vpc.main.id
  deregistration_delay = 1
  health_check { path = "/healthz" }
}

resource "aws_lb_listener" "frontend" {
  load_balancer_arn = aws_lb.frontend.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.frontend.arn
  }
}

resource "aws_ecs_task_definition" "frontend" {
  family                   = "frontend"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  cpu                      = 256
  memory                   = 512
  container_definitions = jsonencode([
    merge(local.app, { name = "app", command = ["sh", "-c", replace(var.asks, "$${backend}", aws_lb.backend.dns_name)] })
  ])
}

resource "aws_ecs_service" "frontend" {
  name                  = "frontend"
  cluster               = "default"
  launch_type           = "FARGATE"
  task_definition       = aws_ecs_task_definition.frontend.arn
  desired_count         = 2
  wait_for_steady_state = true
  network_configuration { subnets = local.subnets }
  load_balancer {
    target_group_arn = aws_lb_target_group.frontend.arn
    container_name   = "app"
    container_port   = 8080
  }
  depends_on = [aws_lb_listener.frontend, aws_ecs_service.backend]
}

# The batch: a task that somebody runs.

resource "aws_ecs_task_definition" "report" {
  family                   = "report"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  cpu                      = 256
  memory                   = 512
  container_definitions = jsonencode([
    { name = "report", image = var.image, essential = true, command = jsondecode(var.reads) }
  ])
}
