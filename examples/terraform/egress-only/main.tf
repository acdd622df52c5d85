# Egress-only internet gateway: IPv6 out and its answers back, nothing that begins outside.

resource "aws_vpc" "main" {
  cidr_block                       = "10.0.0.0/16"
  assign_generated_ipv6_cidr_block = true
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_egress_only_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

locals {
  # One host behind each kind of gateway.
  hosts = {
    private = { number = 1, gateway = null, egress_only = aws_egress_only_internet_gateway.main.id }
    public  = { number = 2, gateway = aws_internet_gateway.main.id, egress_only = null }
  }
}

resource "aws_subnet" "host" {
  for_each          = local.hosts
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.${each.value.number}.0/24"
  ipv6_cidr_block   = cidrsubnet(aws_vpc.main.ipv6_cidr_block, 8, each.value.number)
  availability_zone = "us-east-1a"
}

resource "aws_route_table" "host" {
  for_each = local.hosts
  vpc_id   = aws_vpc.main.id

  route {
    ipv6_cidr_block        = "::/0"
    gateway_id             = each.value.gateway
    egress_only_gateway_id = each.value.egress_only
  }
}

resource "aws_route_table_association" "host" {
  for_each       = local.hosts
  subnet_id      = aws_subnet.host[each.key].id
  route_table_id = aws_route_table.host[each.key].id
}

resource "aws_security_group" "open" {
  name        = "open"
  description = "everything, so that only the gateways decide"
  vpc_id      = aws_vpc.main.id

  ingress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    ipv6_cidr_blocks = ["::/0"]
  }

  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    ipv6_cidr_blocks = ["::/0"]
  }
}

resource "aws_instance" "host" {
  for_each               = local.hosts
  ami                    = "ami-0abcdef1234567890"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.host[each.key].id
  ipv6_address_count     = 1
  vpc_security_group_ids = [aws_security_group.open.id]
  tags                   = { Name = each.key }
}

output "hosts" {
  value = { for name, host in aws_instance.host : name => { instance = host.id, address = one(host.ipv6_addresses) } }
}
