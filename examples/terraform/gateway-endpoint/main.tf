# Gateway endpoint: S3 for instances without a way to the internet, and two buckets of it only.

resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "host" {
  for_each          = { a = 1, b = 2 }
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.${each.value}.0/24"
  availability_zone = "us-east-1${each.key}"
}

resource "aws_route_table" "host" {
  for_each = aws_subnet.host
  vpc_id   = aws_vpc.main.id
}

resource "aws_route_table_association" "host" {
  for_each       = aws_subnet.host
  subnet_id      = each.value.id
  route_table_id = aws_route_table.host[each.key].id
}

resource "aws_s3_bucket" "bucket" {
  for_each = toset(["good", "other", "secret"])
  bucket   = each.key
}

# On the table of the first subnet only: the second one has no way to S3.
resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.us-east-1.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.host["a"].id]
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "s3:*"
      Resource = flatten([
        for name in ["good", "secret"] : [aws_s3_bucket.bucket[name].arn, "${aws_s3_bucket.bucket[name].arn}/*"]
      ])
    }]
  })
}

# Objects of this bucket pass by the endpoint or not at all.
resource "aws_s3_bucket_policy" "secret" {
  bucket = aws_s3_bucket.bucket["secret"].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = ["s3:GetObject", "s3:PutObject"]
      Resource  = "${aws_s3_bucket.bucket["secret"].arn}/*"
      Condition = { StringNotEquals = { "aws:SourceVpce" = aws_vpc_endpoint.s3.id } }
    }]
  })
}

data "aws_prefix_list" "s3" {
  name = "com.amazonaws.us-east-1.s3"
}

resource "aws_security_group" "host" {
  name        = "s3-only"
  description = "out to S3 and nowhere else"
  vpc_id      = aws_vpc.main.id

  egress {
    protocol        = "tcp"
    from_port       = 443
    to_port         = 443
    prefix_list_ids = [data.aws_prefix_list.s3.id]
  }
}

resource "aws_instance" "host" {
  for_each               = aws_subnet.host
  ami                    = "ami-0abcdef1234567890"
  instance_type          = "t3.micro"
  subnet_id              = each.value.id
  vpc_security_group_ids = [aws_security_group.host.id]
  tags                   = { Name = "host-${each.key}" }
}
