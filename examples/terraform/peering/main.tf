# VPC peering: A and B, B and C; never A and C.

locals {
  vpcs = { a = 0, b = 1, c = 2 }
  # Requester and accepter, both of this account and region.
  connections = { ab = ["a", "b"], bc = ["b", "c"] }
  # Both sides of each connection need a route.
  routes = merge([
    for name, ends in local.connections : {
      "${name}-there" = { from = ends[0], to = ends[1], connection = name }
      "${name}-back"  = { from = ends[1], to = ends[0], connection = name }
    }
  ]...)
}

resource "aws_vpc" "vpc" {
  for_each             = local.vpcs
  cidr_block           = "10.${each.value}.0.0/16"
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { Name = each.key }
}

resource "aws_subnet" "hosts" {
  for_each   = local.vpcs
  vpc_id     = aws_vpc.vpc[each.key].id
  cidr_block = "10.${each.value}.1.0/24"
}

resource "aws_vpc_peering_connection" "connection" {
  for_each    = local.connections
  vpc_id      = aws_vpc.vpc[each.value[0]].id
  peer_vpc_id = aws_vpc.vpc[each.value[1]].id
  auto_accept = true

  accepter {
    allow_remote_vpc_dns_resolution = true
  }

  requester {
    allow_remote_vpc_dns_resolution = true
  }

  tags = { Name = each.key }
}

resource "aws_route" "peer" {
  for_each                  = local.routes
  route_table_id            = aws_vpc.vpc[each.value.from].main_route_table_id
  destination_cidr_block    = aws_vpc.vpc[each.value.to].cidr_block
  vpc_peering_connection_id = aws_vpc_peering_connection.connection[each.value.connection].id
}

resource "aws_security_group" "host" {
  for_each    = local.vpcs
  name        = "host"
  description = "ping from everywhere, everything out"
  vpc_id      = aws_vpc.vpc[each.key].id

  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_vpc_security_group_ingress_rule" "ping" {
  for_each          = local.vpcs
  security_group_id = aws_security_group.host[each.key].id
  ip_protocol       = "icmp"
  from_port         = -1
  to_port           = -1
  cidr_ipv4         = "0.0.0.0/0"
}

# A rule may name a group of the peer, once the connection is active.
resource "aws_vpc_security_group_ingress_rule" "web_from_a" {
  security_group_id            = aws_security_group.host["b"].id
  ip_protocol                  = "tcp"
  from_port                    = 80
  to_port                      = 80
  referenced_security_group_id = aws_security_group.host["a"].id
  depends_on                   = [aws_vpc_peering_connection.connection]
}

resource "aws_instance" "host" {
  for_each               = local.vpcs
  ami                    = "ami-0abcdef1234567890"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.hosts[each.key].id
  private_ip             = "10.${each.value}.1.10"
  vpc_security_group_ids = [aws_security_group.host[each.key].id]
  tags                   = { Name = each.key }
}

output "hosts" {
  value = { for name, host in aws_instance.host : name => host.id }
}
