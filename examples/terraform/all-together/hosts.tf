# A host in each private subnet, and the flow logs of all three VPCs.

resource "aws_security_group" "host" {
  for_each    = toset(["app", "data"])
  name        = "host"
  description = "nothing in, everything out"
  vpc_id      = aws_vpc.vpc[each.key].id

  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}

resource "aws_instance" "app" {
  for_each               = aws_subnet.private
  ami                    = "ami-0abcdef1234567890"
  instance_type          = "t3.micro"
  subnet_id              = each.value.id
  ipv6_address_count     = 1
  vpc_security_group_ids = [aws_security_group.host["app"].id]
  tags                   = { Name = "app-${each.key}" }
}

resource "aws_instance" "data" {
  ami                    = "ami-0abcdef1234567890"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.data["a"].id
  vpc_security_group_ids = [aws_security_group.host["data"].id]
  tags                   = { Name = "data" }
}

resource "aws_s3_bucket" "net_logs" {
  bucket        = "net-logs"
  force_destroy = true
}

resource "aws_flow_log" "all" {
  for_each                 = aws_vpc.vpc
  vpc_id                   = each.value.id
  traffic_type             = "ALL"
  log_destination_type     = "s3"
  log_destination          = aws_s3_bucket.net_logs.arn
  max_aggregation_interval = 60
  log_format               = "$${version} $${interface-id} $${srcaddr} $${dstaddr} $${srcport} $${dstport} $${protocol} $${packets} $${bytes} $${action} $${tcp-flags} $${flow-direction} $${traffic-path} $${pkt-srcaddr} $${pkt-dstaddr}"

  destination_options {
    file_format                = "plain-text"
    hive_compatible_partitions = true
    per_hour_partition         = true
  }
}

output "hosts" {
  value = {
    app     = { for zone, host in aws_instance.app : zone => host.id }
    data    = aws_instance.data.id
    nat     = { for zone, address in aws_eip.nat : zone => address.public_ip }
    logs    = aws_vpc_endpoint.logs.dns_entry[0].dns_name
    billing = { peer = aws_lb.billing.dns_name, endpoint = aws_vpc_endpoint.billing.dns_entry[0].dns_name }
  }
}
