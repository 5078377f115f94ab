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
    ec2              = var.endpoint
    sts              = var.endpoint
    servicediscovery = var.endpoint
  }
  default_tags { tags = { made-by = "terraform" } }
}

data "aws_vpc" "default" { default = true }

resource "aws_service_discovery_private_dns_namespace" "local" {
  name        = "prod.local"
  description = var.step == 1 ? "names" : "names of all"
  vpc         = data.aws_vpc.default.id
  tags        = { team = var.step == 1 ? "a" : "b" }
}

resource "aws_service_discovery_public_dns_namespace" "public" {
  name        = "example.com"
  description = "for everybody"
}

resource "aws_service_discovery_http_namespace" "apps" {
  name        = "apps"
  description = "by the API alone"
}

resource "aws_service_discovery_service" "web" {
  name         = "web"
  description  = "of addresses"
  namespace_id = aws_service_discovery_private_dns_namespace.local.id
  dns_config {
    namespace_id   = aws_service_discovery_private_dns_namespace.local.id
    routing_policy = "MULTIVALUE"
    dns_records {
      type = "A"
      ttl  = var.step == 1 ? 10 : 60
    }
  }
  health_check_custom_config {
    failure_threshold = 1
  }
}

resource "aws_service_discovery_service" "checked" {
  name = "checked"
  dns_config {
    namespace_id   = aws_service_discovery_public_dns_namespace.public.id
    routing_policy = "WEIGHTED"
    dns_records {
      type = "A"
      ttl  = 10
    }
  }
  health_check_config {
    type              = "HTTP"
    resource_path     = "/health"
    failure_threshold = var.step == 1 ? 3 : 5
  }
}

resource "aws_service_discovery_service" "api" {
  name         = "api"
  namespace_id = aws_service_discovery_http_namespace.apps.id
  tags         = { tier = tostring(var.step) }
}

resource "aws_service_discovery_instance" "one" {
  service_id  = aws_service_discovery_service.web.id
  instance_id = "one"
  attributes = {
    AWS_INSTANCE_IPV4 = var.step == 1 ? "172.31.0.10" : "172.31.0.11"
    color             = "red"
  }
}

resource "aws_service_discovery_instance" "api" {
  service_id  = aws_service_discovery_service.api.id
  instance_id = "url"
  attributes  = { url = "https://api.example.com" }
}

data "aws_service_discovery_dns_namespace" "local" {
  name       = aws_service_discovery_private_dns_namespace.local.name
  type       = "DNS_PRIVATE"
}

data "aws_service_discovery_service" "web" {
  name         = aws_service_discovery_service.web.name
  namespace_id = aws_service_discovery_private_dns_namespace.local.id
}
