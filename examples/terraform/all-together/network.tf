# Three VPCs: the application's, one of shared services, and one of data. Application and data are each peered with shared
# and never with each other.

data "aws_caller_identity" "this" {}

locals {
  zones = { a = "us-east-1a", b = "us-east-1b" }
  vpcs  = { app = "10.0.0.0/16", shared = "10.1.0.0/16", data = "10.2.0.0/16" }
}

resource "aws_vpc" "vpc" {
  for_each                         = local.vpcs
  cidr_block                       = each.value
  enable_dns_support               = true
  enable_dns_hostnames             = true
  assign_generated_ipv6_cidr_block = each.key == "app"
  tags                             = { Name = each.key }
}

# --- app: a public and a private subnet a zone, with a NAT gateway each ---

resource "aws_internet_gateway" "app" {
  vpc_id = aws_vpc.vpc["app"].id
}

resource "aws_egress_only_internet_gateway" "app" {
  vpc_id = aws_vpc.vpc["app"].id
}

resource "aws_subnet" "public" {
  for_each          = local.zones
  vpc_id            = aws_vpc.vpc["app"].id
  cidr_block        = each.key == "a" ? "10.0.1.0/24" : "10.0.2.0/24"
  availability_zone = each.value
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.vpc["app"].id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.app.id
  }
}

resource "aws_route_table_association" "public" {
  for_each       = aws_subnet.public
  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

resource "aws_eip" "nat" {
  for_each   = local.zones
  domain     = "vpc"
  depends_on = [aws_internet_gateway.app]
}

resource "aws_nat_gateway" "nat" {
  for_each      = local.zones
  subnet_id     = aws_subnet.public[each.key].id
  allocation_id = aws_eip.nat[each.key].id
}

resource "aws_subnet" "private" {
  for_each          = local.zones
  vpc_id            = aws_vpc.vpc["app"].id
  cidr_block        = each.key == "a" ? "10.0.11.0/24" : "10.0.12.0/24"
  ipv6_cidr_block   = cidrsubnet(aws_vpc.vpc["app"].ipv6_cidr_block, 8, each.key == "a" ? 11 : 12)
  availability_zone = each.value
}

# A table a zone: its own NAT gateway, so that a zone that is lost takes nobody else along.
resource "aws_route_table" "private" {
  for_each = local.zones
  vpc_id   = aws_vpc.vpc["app"].id

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.nat[each.key].id
  }

  route {
    ipv6_cidr_block        = "::/0"
    egress_only_gateway_id = aws_egress_only_internet_gateway.app.id
  }

  route {
    cidr_block                = local.vpcs["shared"]
    vpc_peering_connection_id = aws_vpc_peering_connection.to_shared["app"].id
  }
}

resource "aws_route_table_association" "private" {
  for_each       = aws_subnet.private
  subnet_id      = each.value.id
  route_table_id = aws_route_table.private[each.key].id
}

# --- shared and data: a subnet a zone, no gateway ---

resource "aws_subnet" "shared" {
  for_each          = local.zones
  vpc_id            = aws_vpc.vpc["shared"].id
  cidr_block        = each.key == "a" ? "10.1.1.0/24" : "10.1.2.0/24"
  availability_zone = each.value
}

resource "aws_subnet" "data" {
  for_each          = local.zones
  vpc_id            = aws_vpc.vpc["data"].id
  cidr_block        = each.key == "a" ? "10.2.1.0/24" : "10.2.2.0/24"
  availability_zone = each.value
}

# --- peering: routes on both sides ---

resource "aws_vpc_peering_connection" "to_shared" {
  for_each    = toset(["app", "data"])
  vpc_id      = aws_vpc.vpc[each.key].id
  peer_vpc_id = aws_vpc.vpc["shared"].id
  auto_accept = true
  tags        = { Name = "${each.key}-shared" }
}

resource "aws_route" "shared_to" {
  for_each                  = aws_vpc_peering_connection.to_shared
  route_table_id            = aws_vpc.vpc["shared"].main_route_table_id
  destination_cidr_block    = local.vpcs[each.key]
  vpc_peering_connection_id = each.value.id
}

resource "aws_route" "data_to_shared" {
  route_table_id            = aws_vpc.vpc["data"].main_route_table_id
  destination_cidr_block    = local.vpcs["shared"]
  vpc_peering_connection_id = aws_vpc_peering_connection.to_shared["data"].id
}
