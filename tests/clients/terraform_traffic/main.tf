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
  endpoints {
    acm   = var.endpoint
    ec2   = var.endpoint
    elbv2 = var.endpoint
    sts   = var.endpoint
  }
  default_tags { tags = { made-by = "terraform" } }
}

data "aws_vpc" "default" { default = true }

data "aws_subnet" "default" {
  for_each          = toset(["us-east-1a", "us-east-1b", "us-east-1c"])
  vpc_id            = data.aws_vpc.default.id
  availability_zone = each.value
}

resource "aws_security_group" "web" {
  name   = "web"
  vpc_id = data.aws_vpc.default.id
  ingress {
    from_port   = 80
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_acm_certificate" "own" {
  certificate_body = file("${path.module}/certificate.pem")
  private_key      = file("${path.module}/key.pem")
  tags             = { step = var.step }
}

resource "aws_acm_certificate" "issued" {
  domain_name               = "example.com"
  subject_alternative_names = ["*.example.com"]
  validation_method         = "DNS"
  lifecycle { create_before_destroy = true }
}

# An application's load balancer, with all that its requests may meet.

resource "aws_lb" "web" {
  name                       = "web"
  security_groups            = [aws_security_group.web.id]
  subnets                    = [for zone in var.step == 1 ? ["us-east-1a", "us-east-1b"] : ["us-east-1b", "us-east-1c"] : data.aws_subnet.default[zone].id]
  idle_timeout               = var.step == 1 ? 60 : 90
  drop_invalid_header_fields = var.step > 1
  tags                       = { step = var.step }
}

resource "aws_lb_target_group" "blue" {
  name                 = "blue"
  port                 = 8080
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = data.aws_vpc.default.id
  deregistration_delay = var.step == 1 ? 0 : 10
  slow_start           = var.step == 1 ? 0 : 30
  health_check {
    path              = "/health"
    matcher           = "200-299"
    interval          = 10
    timeout           = 5
    healthy_threshold = var.step + 1
  }
  stickiness {
    type    = "lb_cookie"
    enabled = var.step > 1
  }
  tags = { step = var.step }
}

resource "aws_lb_target_group" "green" {
  name     = "green"
  port     = 8080
  protocol = "HTTP"
  vpc_id   = data.aws_vpc.default.id
}

resource "aws_lb_target_group_attachment" "ip" {
  target_group_arn = aws_lb_target_group.blue.arn
  target_id        = "172.31.0.${200 + var.step}"
}

resource "aws_lb_target_group_attachment" "instance" {
  target_group_arn = aws_lb_target_group.green.arn
  target_id        = "i-1234567890abcdef0"
  port             = 32768
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  default_action {
    type = "redirect"
    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = var.step == 1 ? "HTTP_302" : "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.web.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = var.step == 1 ? "ELBSecurityPolicy-TLS13-1-2-2021-06" : "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
  certificate_arn   = aws_acm_certificate.own.arn
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.blue.arn
  }
  tags = { step = var.step }
}

resource "aws_lb_listener_certificate" "issued" {
  listener_arn    = aws_lb_listener.https.arn
  certificate_arn = aws_acm_certificate.issued.arn
}

resource "aws_lb_listener_rule" "split" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 10 * var.step
  action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.blue.arn
        weight = var.step == 1 ? 90 : 10
      }
      target_group {
        arn    = aws_lb_target_group.green.arn
        weight = var.step == 1 ? 10 : 90
      }
      stickiness {
        enabled  = true
        duration = 600
      }
    }
  }
  condition {
    path_pattern { values = ["/api/*", "/v${var.step}/*"] }
  }
  condition {
    host_header { values = ["*.example.com"] }
  }
}

resource "aws_lb_listener_rule" "rest" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 500
  action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      message_body = "step ${var.step}"
      status_code  = "404"
    }
  }
  condition {
    http_header {
      http_header_name = "X-Test"
      values           = ["yes"]
    }
  }
  condition {
    query_string {
      key   = "debug"
      value = "1"
    }
  }
  condition {
    http_request_method { values = ["GET"] }
  }
  condition {
    source_ip { values = ["10.0.0.0/8"] }
  }
}

# A network load balancer.

resource "aws_lb" "net" {
  name                             = "net"
  internal                         = true
  load_balancer_type               = "network"
  subnets                          = [data.aws_subnet.default["us-east-1a"].id]
  enable_cross_zone_load_balancing = var.step > 1
}

resource "aws_lb_target_group" "tcp" {
  name               = "tcp"
  port               = 5432
  protocol           = "TCP"
  target_type        = "ip"
  vpc_id             = data.aws_vpc.default.id
  preserve_client_ip = var.step > 1
}

resource "aws_lb_listener" "tcp" {
  load_balancer_arn = aws_lb.net.arn
  port              = 5432
  protocol          = "TCP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.tcp.arn
  }
}

data "aws_lb" "web" {
  name       = "web"
  depends_on = [aws_lb.web]
}

output "web" {
  value = { zone = data.aws_lb.web.zone_id, name = data.aws_lb.web.dns_name }
}
