"""A user's program: builds, pages through, tags, and tears down a VPC with boto3."""

import boto3
from botocore.exceptions import ClientError

ec2 = boto3.client("ec2")
resource = boto3.resource("ec2")


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
    else:
        raise AssertionError(f"{code} expected")


default = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
assert [v["CidrBlock"] for v in default] == ["172.31.0.0/16"], default

vpc = resource.create_vpc(
    CidrBlock="10.0.0.0/16",
    TagSpecifications=[{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "tour <&> é"}]}],
)
vpc.wait_until_available()
vpc.reload()
assert vpc.tags == [{"Key": "Name", "Value": "tour <&> é"}], vpc.tags
vpc.modify_attribute(EnableDnsHostnames={"Value": True})
assert vpc.describe_attribute(Attribute="enableDnsHostnames")["EnableDnsHostnames"]["Value"] is True

subnets = [vpc.create_subnet(CidrBlock=f"10.0.{n}.0/24") for n in range(12)]
pages = list(
    ec2.get_paginator("describe_subnets").paginate(
        Filters=[{"Name": "vpc-id", "Values": [vpc.id]}], PaginationConfig={"PageSize": 5}
    )
)
assert [len(p["Subnets"]) for p in pages] == [5, 5, 2], [len(p["Subnets"]) for p in pages]
found = {s["SubnetId"] for p in pages for s in p["Subnets"]}
assert found == {s.id for s in subnets}
assert all(s["AvailableIpAddressCount"] == 251 for p in pages for s in p["Subnets"])

token = dict(SubnetId=subnets[0].id, ClientToken="once")
eni = ec2.create_network_interface(**token)["NetworkInterface"]
assert ec2.create_network_interface(**token)["NetworkInterface"]["NetworkInterfaceId"] == eni["NetworkInterfaceId"]
refused("IdempotentParameterMismatch", ec2.create_network_interface, SubnetId=subnets[1].id, ClientToken="once")
refused("DependencyViolation", ec2.delete_subnet, SubnetId=subnets[0].id)
ec2.delete_network_interface(NetworkInterfaceId=eni["NetworkInterfaceId"])

group = vpc.create_security_group(GroupName="web", Description="web")
permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
rules = group.authorize_ingress(IpPermissions=[permission])["SecurityGroupRules"]
assert rules[0]["FromPort"] == 443 and rules[0]["CidrIpv4"] == "0.0.0.0/0", rules
refused("InvalidPermission.Duplicate", group.authorize_ingress, IpPermissions=[permission])
group.reload()
assert group.ip_permissions[0]["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}], group.ip_permissions
ec2.create_tags(Resources=[group.id], Tags=[{"Key": "team", "Value": "net"}])
tagged = ec2.describe_security_groups(Filters=[{"Name": "tag:team", "Values": ["n?t"]}])["SecurityGroups"]
assert [g["GroupId"] for g in tagged] == [group.id]

group.delete()
for subnet in subnets:
    subnet.delete()
vpc.delete()
refused("InvalidVpcID.NotFound", ec2.describe_vpcs, VpcIds=[vpc.id])
print("done")
