"""VPC user guide, "Middlebox routing": a firewall between the internet and a subnet, by an edge route table."""

import os
import subprocess

import boto3

OPENVPC = os.environ["OPENVPC"]
ec2 = boto3.client("ec2")


def run(*words):
    subprocess.run([OPENVPC, "wait-applied"], check=True, capture_output=True, timeout=30)
    return subprocess.run([OPENVPC, *words], capture_output=True, stdin=subprocess.DEVNULL, timeout=30).returncode == 0


def bob_pings(address):
    return run("internet", "exec", "bob", "--", "ping", "-c", "1", "-W", "1", address)


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ec2.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == code, error
    else:
        raise AssertionError(f"{code} expected")


vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
igw = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
ec2.attach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24")["Subnet"]["SubnetId"] for n in (1, 9)]
group = ec2.create_security_group(VpcId=vpc, GroupName="open", Description="open")["GroupId"]
ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="-1", CidrIp="0.0.0.0/0")
app, firewall = (
    ec2.run_instances(
        ImageId="ami-0abcdef1234567890", InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=subnet,
        SecurityGroupIds=[group],
    )["Instances"][0]["InstanceId"]
    for subnet in subnets
)
ec2.get_waiter("instance_running").wait(InstanceIds=[app, firewall], WaiterConfig={"Delay": 1})
ec2.modify_instance_attribute(InstanceId=firewall, SourceDestCheck={"Value": False})
address = ec2.allocate_address()
ec2.associate_address(AllocationId=address["AllocationId"], InstanceId=app)
public = address["PublicIp"]

# The application's way out leads to the firewall, the firewall's to the gateway.
tables = [ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(3)]
of_app, of_firewall, edge = tables
ec2.associate_route_table(RouteTableId=of_app, SubnetId=subnets[0])
ec2.associate_route_table(RouteTableId=of_firewall, SubnetId=subnets[1])
ec2.create_route(RouteTableId=of_app, DestinationCidrBlock="0.0.0.0/0", InstanceId=firewall)
ec2.create_route(RouteTableId=of_firewall, DestinationCidrBlock="0.0.0.0/0", GatewayId=igw)
assert not bob_pings(public), "IGW-4: the application's subnet does not lead to the gateway"

# RT-12: the gateway's own table.
association = ec2.associate_route_table(RouteTableId=edge, GatewayId=igw)["AssociationId"]
seen = ec2.describe_route_tables(Filters=[{"Name": "association.gateway-id", "Values": [igw]}])["RouteTables"]
assert [a["GatewayId"] for a in seen[0]["Associations"]] == [igw], seen
refused("RouteNotSupported", ec2.create_route, RouteTableId=edge, DestinationCidrBlock="0.0.0.0/0", GatewayId=igw)
refused("InvalidParameterValue", ec2.create_route, RouteTableId=edge, DestinationCidrBlock="10.0.1.0/25", InstanceId=firewall)
ec2.create_route(RouteTableId=edge, DestinationCidrBlock="10.0.1.0/24", InstanceId=firewall)
assert not bob_pings(public), "the firewall does not forward yet"
assert run("exec", firewall, "--", "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
assert bob_pings(public), "in and out by the firewall"
assert run("exec", app, "--", "ping", "-c", "1", "-W", "1", "203.0.113.12"), "out and in by the firewall"

# It really is the firewall that carries it.
assert run("exec", firewall, "--", "sh", "-c", "echo 0 > /proc/sys/net/ipv4/ip_forward")
assert not bob_pings(public)
assert run("exec", firewall, "--", "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
assert bob_pings(public)

# RT-9: without the firewall nothing comes in, until the edge table goes and the subnet leads to the gateway.
ec2.terminate_instances(InstanceIds=[firewall])
ec2.get_waiter("instance_terminated").wait(InstanceIds=[firewall], WaiterConfig={"Delay": 1})
routes = ec2.describe_route_tables(RouteTableIds=[edge])["RouteTables"][0]["Routes"]
assert {r["DestinationCidrBlock"]: r["State"] for r in routes} == {"10.0.0.0/16": "active", "10.0.1.0/24": "blackhole"}
ec2.replace_route(RouteTableId=of_app, DestinationCidrBlock="0.0.0.0/0", GatewayId=igw)
assert not bob_pings(public), "the edge table still leads to the firewall"
ec2.disassociate_route_table(AssociationId=association)
assert bob_pings(public)
print("done")
