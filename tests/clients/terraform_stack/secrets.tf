# What its tasks are not to carry in the open: a key, parameters, secrets.

resource "aws_kms_key" "web" {
  description             = "web ${var.step}"
  deletion_window_in_days = 7
  enable_key_rotation     = var.step > 1
}

resource "aws_kms_alias" "web" {
  name          = "alias/web"
  target_key_id = aws_kms_key.web.key_id
}

resource "aws_ssm_parameter" "url" {
  name        = "/web/url"
  description = var.step == 1 ? "where it is" : null
  type        = "String"
  value       = "https://example.com/${var.step}"
  tags        = { step = var.step }
}

resource "aws_ssm_parameter" "password" {
  name   = "/web/password"
  type   = "SecureString"
  key_id = aws_kms_alias.web.name
  value  = "hunter${var.step}"
}

data "aws_ssm_parameter" "password" {
  name       = aws_ssm_parameter.password.name
  depends_on = [aws_ssm_parameter.password]
}

resource "aws_secretsmanager_secret" "db" {
  name                    = "web/db"
  description             = "the database ${var.step}"
  kms_key_id              = aws_kms_key.web.arn
  recovery_window_in_days = 0
  tags                    = { step = var.step }
}

resource "aws_secretsmanager_secret_version" "db" {
  secret_id     = aws_secretsmanager_secret.db.id
  secret_string = jsonencode({ username = "web", password = "hunter${var.step}" })
}

resource "aws_secretsmanager_secret" "plain" {
  name = "plain"
}

resource "aws_secretsmanager_secret_policy" "db" {
  secret_arn = aws_secretsmanager_secret.db.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }
      Action    = var.step == 1 ? "secretsmanager:GetSecretValue" : "secretsmanager:DescribeSecret"
      Resource  = "*"
    }]
  })
}

resource "aws_secretsmanager_secret_rotation" "plain" {
  secret_id           = aws_secretsmanager_secret.plain.id
  rotation_lambda_arn = "arn:aws:lambda:us-east-1:123456789012:function:renew"
  rotate_immediately  = false
  rotation_rules {
    automatically_after_days = 10 * var.step
  }
}

data "aws_secretsmanager_random_password" "new" {
  password_length = 20
}

data "aws_kms_alias" "ssm" {
  name       = "alias/aws/secretsmanager"
  depends_on = [aws_secretsmanager_secret.plain]
}
