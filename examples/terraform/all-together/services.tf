# What the VPCs reach without the internet: S3 by a gateway endpoint, Logs by an interface endpoint, and a service of ours.

resource "aws_s3_bucket" "app_data" {
  bucket = "app-data"
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.vpc["app"].id
  service_name      = "com.amazonaws.us-east-1.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for table in aws_route_table.private : table.id]
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.app_data.arn, "${aws_s3_bucket.app_data.arn}/*"]
    }]
  })
}

resource "aws_s3_bucket_policy" "app_data" {
  bucket = aws_s3_bucket.app_data.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = ["s3:GetObject", "s3:PutObject"]
      Resource  = "${aws_s3_bucket.app_data.arn}/*"
      Condition = { StringNotEquals = { "aws:SourceVpce" = aws_vpc_endpoint.s3.id } }
    }]
  })
}

resource "aws_security_group" "shared_https" {
  name        = "https"
  description = "HTTPS from this VPC and its peers"
  vpc_id      = aws_vpc.vpc["shared"].id

  ingress {
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = values(local.vpcs)
  }
}

resource "aws_vpc_endpoint" "logs" {
  vpc_id              = aws_vpc.vpc["shared"].id
  service_name        = "com.amazonaws.us-east-1.logs"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [for subnet in aws_subnet.shared : subnet.id]
  security_group_ids  = [aws_security_group.shared_https.id]
  private_dns_enabled = true
}

# --- billing: a Network Load Balancer, offered as an endpoint service ---

resource "aws_security_group" "billing" {
  name        = "billing"
  description = "the service, from the load balancer and from peers"
  vpc_id      = aws_vpc.vpc["shared"].id

  ingress {
    protocol    = "tcp"
    from_port   = 8080
    to_port     = 8080
    cidr_blocks = values(local.vpcs)
  }

  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_instance" "billing" {
  for_each               = aws_subnet.shared
  ami                    = "ami-0abcdef1234567890"
  instance_type          = "t3.micro"
  subnet_id              = each.value.id
  vpc_security_group_ids = [aws_security_group.billing.id]
  user_data              = "#!/bin/sh\npython3 -m http.server 8080 --directory /tmp &\n"
  tags                   = { Name = "billing-${each.key}" }
}

resource "aws_lb" "billing" {
  name               = "billing"
  internal           = true
  load_balancer_type = "network"
  subnets            = [for subnet in aws_subnet.shared : subnet.id]
}

resource "aws_lb_target_group" "billing" {
  name     = "billing"
  port     = 8080
  protocol = "TCP"
  vpc_id   = aws_vpc.vpc["shared"].id
}

resource "aws_lb_target_group_attachment" "billing" {
  for_each         = aws_instance.billing
  target_group_arn = aws_lb_target_group.billing.arn
  target_id        = each.value.id
  port             = 8080
}

resource "aws_lb_listener" "billing" {
  load_balancer_arn = aws_lb.billing.arn
  port              = 80
  protocol          = "TCP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.billing.arn
  }
}

resource "aws_vpc_endpoint_service" "billing" {
  acceptance_required        = false
  network_load_balancer_arns = [aws_lb.billing.arn]
  allowed_principals         = ["arn:aws:iam::${data.aws_caller_identity.this.account_id}:root"]
}

resource "aws_security_group" "data_endpoint" {
  name        = "billing"
  description = "the service, from this VPC"
  vpc_id      = aws_vpc.vpc["data"].id

  ingress {
    protocol    = "tcp"
    from_port   = 80
    to_port     = 80
    cidr_blocks = [local.vpcs["data"]]
  }
}

resource "aws_vpc_endpoint" "billing" {
  vpc_id             = aws_vpc.vpc["data"].id
  service_name       = aws_vpc_endpoint_service.billing.service_name
  vpc_endpoint_type  = "Interface"
  subnet_ids         = [for subnet in aws_subnet.data : subnet.id]
  security_group_ids = [aws_security_group.data_endpoint.id]
}
