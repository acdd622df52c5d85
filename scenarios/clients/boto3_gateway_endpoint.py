"""What Terraform's aws_vpc_endpoint sends and reads back for a gateway endpoint."""
import json

import boto3
from botocore.exceptions import ClientError

ec2 = boto3.client("ec2")
S3 = "com.amazonaws.us-east-1.s3"
POLICY = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::good/*"]}]}


def code_of(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    raise AssertionError(f"not refused: {arguments}")


def endpoint(id):
    return ec2.describe_vpc_endpoints(VpcEndpointIds=[id])["VpcEndpoints"][0]


vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
tables = [ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(3)]

# The data source.
services = ec2.describe_vpc_endpoint_services(Filters=[
    {"Name": "service-name", "Values": [S3]}, {"Name": "service-type", "Values": ["Gateway"]}])
assert [detail["ServiceName"] for detail in services["ServiceDetails"]] == [S3]
assert len(services["ServiceDetails"][0]["AvailabilityZones"]) == 6

# Create, and read until it is available.
made = ec2.create_vpc_endpoint(
    VpcId=vpc, ServiceName=S3, VpcEndpointType="Gateway", PrivateDnsEnabled=False,
    RouteTableIds=tables[:2], PolicyDocument=json.dumps(POLICY), ClientToken="terraform-1",
    TagSpecifications=[{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "Name", "Value": "s3"}]}])
id = made["VpcEndpoint"]["VpcEndpointId"]
again = ec2.create_vpc_endpoint(
    VpcId=vpc, ServiceName=S3, VpcEndpointType="Gateway", PrivateDnsEnabled=False,
    RouteTableIds=tables[:2], PolicyDocument=json.dumps(POLICY), ClientToken="terraform-1",
    TagSpecifications=[{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "Name", "Value": "s3"}]}])
assert again["VpcEndpoint"]["VpcEndpointId"] == id, "one token, one endpoint"
seen = endpoint(id)
assert seen["State"] == "available" and seen["VpcEndpointType"] == "Gateway"
assert json.loads(seen["PolicyDocument"]) == POLICY
assert sorted(seen["RouteTableIds"]) == sorted(tables[:2])
assert seen["Tags"] == [{"Key": "Name", "Value": "s3"}]
assert seen["SubnetIds"] == seen["NetworkInterfaceIds"] == seen["Groups"] == seen["DnsEntries"] == []
assert seen["PrivateDnsEnabled"] is seen["RequesterManaged"] is False

# cidr_blocks and prefix_list_id.
lists = ec2.describe_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": [S3]}])["PrefixLists"]
assert [one["PrefixListId"] for one in lists] == ["pl-63a5400a"] and lists[0]["Cidrs"] == ["198.18.10.0/24"]
entries = ec2.get_managed_prefix_list_entries(PrefixListId="pl-63a5400a")["Entries"]
assert [entry["Cidr"] for entry in entries] == lists[0]["Cidrs"]

# aws_vpc_endpoint_route_table_association and aws_route_table live side by side.
ec2.modify_vpc_endpoint(VpcEndpointId=id, AddRouteTableIds=[tables[2]], RemoveRouteTableIds=[tables[0]])
assert sorted(endpoint(id)["RouteTableIds"]) == sorted(tables[1:])
routes = ec2.describe_route_tables(RouteTableIds=[tables[2]])["RouteTables"][0]["Routes"]
assert [(r["GatewayId"], r["State"], r.get("DestinationPrefixListId")) for r in routes] == [
    ("local", "active", None), (id, "active", "pl-63a5400a")]
assert code_of(ec2.delete_route, RouteTableId=tables[2], DestinationPrefixListId="pl-63a5400a") == "InvalidParameterValue"
assert code_of(ec2.create_vpc_endpoint, VpcId=vpc, ServiceName=S3, RouteTableIds=[tables[2]]) == "RouteAlreadyExists"

# A second plan finds nothing to do; a changed policy is one call.
assert endpoint(id) == endpoint(id)
ec2.modify_vpc_endpoint(VpcEndpointId=id, ResetPolicy=True)
assert json.loads(endpoint(id)["PolicyDocument"])["Version"] == "2008-10-17"
assert code_of(ec2.modify_vpc_endpoint, VpcEndpointId=id, PolicyDocument='{"Statement":') == "InvalidPolicyDocument"

# Destroy.
assert code_of(ec2.delete_vpc, VpcId=vpc) == "DependencyViolation"
assert ec2.delete_vpc_endpoints(VpcEndpointIds=[id])["Unsuccessful"] == []
assert code_of(ec2.describe_vpc_endpoints, VpcEndpointIds=[id]) == "InvalidVpcEndpointId.NotFound"
for table in tables:
    assert len(ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]) == 1
    ec2.delete_route_table(RouteTableId=table)
ec2.delete_vpc(VpcId=vpc)
print("done")
