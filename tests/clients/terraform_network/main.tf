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
    ec2 = var.endpoint
    sts = var.endpoint
  }
  default_tags { tags = { made-by = "terraform" } }
}

# What is there before anybody makes anything.

data "aws_vpc" "default" { default = true }

data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
  filter {
    name   = "default-for-az"
    values = ["true"]
  }
}

data "aws_subnet" "default" {
  for_each = toset(data.aws_subnets.default.ids)
  id       = each.value
}

data "aws_availability_zones" "all" { state = "available" }

data "aws_security_group" "default" {
  vpc_id = data.aws_vpc.default.id
  name   = "default"
}

data "aws_route_table" "default" {
  vpc_id = data.aws_vpc.default.id
  filter {
    name   = "association.main"
    values = ["true"]
  }
}

# A network of its own.

resource "aws_vpc" "own" {
  cidr_block           = "10.20.0.0/16"
  enable_dns_hostnames = var.step > 1
  tags                 = { Name = "own-${var.step}" }
}

resource "aws_subnet" "public" {
  count                   = 2
  vpc_id                  = aws_vpc.own.id
  cidr_block              = cidrsubnet(aws_vpc.own.cidr_block, 8, count.index)
  availability_zone       = data.aws_availability_zones.all.names[count.index]
  map_public_ip_on_launch = var.step > 1
}

resource "aws_subnet" "private" {
  vpc_id               = aws_vpc.own.id
  cidr_block           = "10.20.100.0/24"
  availability_zone_id = data.aws_availability_zones.all.zone_ids[2]
}

resource "aws_internet_gateway" "own" {
  vpc_id = aws_vpc.own.id
}

resource "aws_eip" "nat" {
  domain = "vpc"
}

resource "aws_nat_gateway" "own" {
  allocation_id = aws_eip.nat.id
  subnet_id     = aws_subnet.public[0].id
  depends_on    = [aws_internet_gateway.own]
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.own.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.own.id
  }
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.own.id
}

resource "aws_route" "out" {
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = var.step == 1 ? "0.0.0.0/0" : "8.0.0.0/8"
  nat_gateway_id         = aws_nat_gateway.own.id
}

resource "aws_route_table_association" "public" {
  count          = 2
  subnet_id      = aws_subnet.public[count.index].id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table_association" "private" {
  subnet_id      = aws_subnet.private.id
  route_table_id = var.step == 1 ? aws_route_table.private.id : aws_route_table.public.id
}

# Groups with their rules inside, and with rules of their own.

resource "aws_security_group" "balancer" {
  name_prefix = "balancer-"
  vpc_id      = aws_vpc.own.id
  ingress {
    from_port   = var.step == 1 ? 80 : 443
    to_port     = var.step == 1 ? 80 : 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0", "10.0.0.0/8"]
    description = "step ${var.step}"
  }
  ingress {
    from_port = 0
    to_port   = 0
    protocol  = "-1"
    self      = true
  }
  egress {
    from_port        = 0
    to_port          = 0
    protocol         = "-1"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}

resource "aws_security_group" "tasks" {
  name        = "tasks"
  description = "What tasks may receive"
  vpc_id      = aws_vpc.own.id
  tags        = { step = var.step }
}

resource "aws_vpc_security_group_ingress_rule" "from_balancer" {
  security_group_id            = aws_security_group.tasks.id
  referenced_security_group_id = aws_security_group.balancer.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080 + var.step
  description                  = "step ${var.step}"
}

resource "aws_vpc_security_group_ingress_rule" "ping" {
  security_group_id = aws_security_group.tasks.id
  cidr_ipv4         = "10.20.0.0/16"
  ip_protocol       = "icmp"
  from_port         = -1
  to_port           = -1
}

resource "aws_vpc_security_group_egress_rule" "out" {
  security_group_id = aws_security_group.tasks.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
  tags              = { step = var.step }
}

resource "aws_security_group_rule" "admin" {
  type              = "ingress"
  security_group_id = aws_security_group.tasks.id
  protocol          = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_blocks       = var.step == 1 ? ["10.0.0.0/8"] : ["10.0.0.0/8", "192.168.0.0/16"]
}

resource "aws_network_interface" "own" {
  subnet_id       = aws_subnet.private.id
  security_groups = [aws_security_group.tasks.id]
  description     = "step ${var.step}"
}

output "default" {
  value = {
    zones  = sort([for subnet in data.aws_subnet.default : subnet.availability_zone])
    group  = data.aws_security_group.default.id
    table  = data.aws_route_table.default.id
  }
}
