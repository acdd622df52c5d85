"""Security groups, network ACLs, prefix lists and routes, each changed while packets run: every change counts at once."""

import os
import subprocess

import boto3

OPENVPC = os.environ["OPENVPC"]
ec2 = boto3.client("ec2")


def run(target, *command, **options):
    applied()
    words = [OPENVPC, "exec", target, "--", *command]
    return subprocess.run(words, capture_output=True, stdin=subprocess.DEVNULL, timeout=30, **options)


def start(target, *command):
    applied()
    words = [OPENVPC, "exec", target, "--", *command]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def applied():
    subprocess.run([OPENVPC, "wait-applied"], check=True, capture_output=True, timeout=30)


def pings(source, address):
    family = ["-6"] if ":" in address else []
    return run(source, "ping", *family, "-c", "1", "-W", "1", address).returncode == 0


def connects(source, address, port=8080):
    return run(source, "nc", "-z", "-w", "1", address, str(port)).returncode == 0


vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]["VpcId"]
block6 = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"]
of_vpc = [{"Name": "vpc-id", "Values": [vpc]}]


def subnet(number):
    made = ec2.create_subnet(
        VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", Ipv6CidrBlock=block6.replace("00::/56", f"0{number}::/64")
    )
    return made["Subnet"]["SubnetId"]


def group(name):
    return ec2.create_security_group(VpcId=vpc, GroupName=name, Description=name)["GroupId"]


def allow(holder, protocol, ports, **peer):
    made = ec2.authorize_security_group_ingress(
        GroupId=holder, IpPermissions=[{"IpProtocol": protocol, "FromPort": ports[0], "ToPort": ports[1], **peer}]
    )
    return [rule["SecurityGroupRuleId"] for rule in made["SecurityGroupRules"]]


def revoke(holder, rules):
    ec2.revoke_security_group_ingress(GroupId=holder, SecurityGroupRuleIds=rules)


def launch(where, groups, address):
    made = ec2.run_instances(
        ImageId="ami-0abcdef1234567890", InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=where,
        SecurityGroupIds=groups, PrivateIpAddress=address, Ipv6AddressCount=1,
    )["Instances"][0]
    return made["InstanceId"]


near, far = subnet(1), subnet(2)
clients, servers, peers = group("clients"), group("servers"), group("peers")
client = launch(near, [peers], "10.0.1.10")
server = launch(far, [servers], "10.0.2.10")
ec2.get_waiter("instance_running").wait(InstanceIds=[client, server], WaiterConfig={"Delay": 1})


def interface(instance):
    seen = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    return seen["NetworkInterfaces"][0]


def hold(instance, *groups):
    ec2.modify_network_interface_attribute(
        NetworkInterfaceId=interface(instance)["NetworkInterfaceId"], Groups=list(groups)
    )


server6 = interface(server)["Ipv6Addresses"][0]["Ipv6Address"]
listener = start(server, "nc", "-l", "-k", "8080")

# SG-5: a group as the other end; who holds it counts, at once.
assert not connects(client, "10.0.2.10")
from_clients = allow(servers, "tcp", (8080, 8080), UserIdGroupPairs=[{"GroupId": clients}])
assert not connects(client, "10.0.2.10"), "not a member yet"
hold(client, peers, clients)
assert connects(client, "10.0.2.10"), "a member"
assert connects(client, server6), "by IPv6 too"
hold(client, peers)
assert not connects(client, "10.0.2.10"), "no longer a member"
revoke(servers, from_clients)

# A group that refers to itself joins its holders.
allow(peers, "-1", (-1, -1), UserIdGroupPairs=[{"GroupId": peers}])
assert not pings(client, "10.0.2.10")
hold(server, servers, peers)
assert pings(client, "10.0.2.10") and pings(client, server6)
hold(server, servers)
assert not pings(client, "10.0.2.10")
print("groups")

# PL-1: a new version of a prefix list changes packets at once.
made = ec2.create_managed_prefix_list(
    PrefixListName="friends", MaxEntries=5, AddressFamily="IPv4", Entries=[{"Cidr": "10.0.9.0/24"}]
)["PrefixList"]
friends = made["PrefixListId"]
from_friends = allow(servers, "icmp", (-1, -1), PrefixListIds=[{"PrefixListId": friends}])
assert not pings(client, "10.0.2.10")


def version():
    return ec2.describe_managed_prefix_lists(PrefixListIds=[friends])["PrefixLists"][0]["Version"]


ec2.modify_managed_prefix_list(PrefixListId=friends, CurrentVersion=version(), AddEntries=[{"Cidr": "10.0.1.10/32"}])
assert pings(client, "10.0.2.10")
ec2.modify_managed_prefix_list(PrefixListId=friends, CurrentVersion=version(), RemoveEntries=[{"Cidr": "10.0.1.10/32"}])
assert not pings(client, "10.0.2.10")
ec2.restore_managed_prefix_list_version(PrefixListId=friends, PreviousVersion=2, CurrentVersion=version())
assert pings(client, "10.0.2.10"), "the version before"
revoke(servers, from_friends)
print("prefix lists")

# SG-7: what is tracked outlives its rule, what is untracked does not.
tracked = allow(servers, "tcp", (8080, 8080), IpRanges=[{"CidrIp": "10.0.0.0/16"}])
call = start(client, "nc", "10.0.2.10", "8080")
call.stdin.write("one\n")
call.stdin.flush()
assert listener.stdout.readline() == "one\n"
revoke(servers, tracked)
applied()
call.stdin.write("two\n")
call.stdin.flush()
assert listener.stdout.readline() == "two\n", "a tracked flow goes on"
assert not connects(client, "10.0.2.10"), "no new one begins"
udp = start(server, "nc", "-l", "-k", "-u", "9090")


untracked = allow(servers, "udp", (9090, 9090), IpRanges=[{"CidrIp": "0.0.0.0/0"}])
# The same ports each time, so that it is one flow.
from_one_port = "import socket, sys; s = socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind(('',40000)); s.sendto((sys.argv[1]+chr(10)).encode(),('10.0.2.10',9090))"


def says_from_one_port(word):
    assert run(client, "/usr/bin/python3", "-c", from_one_port, word).returncode == 0


says_from_one_port("one")
assert udp.stdout.readline() == "one\n"
revoke(servers, untracked)
says_from_one_port("lost")
again = allow(servers, "udp", (9090, 9090), IpRanges=[{"CidrIp": "0.0.0.0/0"}])
says_from_one_port("two")
assert udp.stdout.readline() == "two\n", "an untracked flow stopped with its rule"
revoke(servers, again)
print("tracking")

# ACL-1, ACL-2, ACL-3, ACL-7, ACL-8: stateless, numbered, both families.
allow(servers, "-1", (-1, -1), IpRanges=[{"CidrIp": "0.0.0.0/0"}], Ipv6Ranges=[{"CidrIpv6": "::/0"}])
assert connects(client, "10.0.2.10") and connects(client, server6)
custom = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]


def serve(acl):
    of_far = [{"Name": "association.subnet-id", "Values": [far]}]
    seen = ec2.describe_network_acls(Filters=of_far)["NetworkAcls"][0]
    association = next(a for a in seen["Associations"] if a["SubnetId"] == far)["NetworkAclAssociationId"]
    ec2.replace_network_acl_association(AssociationId=association, NetworkAclId=acl)
    return seen["NetworkAclId"]


def entry(number, egress, protocol, action="allow", ports=None, cidr="0.0.0.0/0"):
    family = {"Ipv6CidrBlock": cidr} if ":" in cidr else {"CidrBlock": cidr}
    first, last = ports or (0, 65535)
    ec2.create_network_acl_entry(
        NetworkAclId=custom, RuleNumber=number, Egress=egress, Protocol=protocol, RuleAction=action,
        PortRange={"From": first, "To": last}, **family,
    )


default = serve(custom)
assert not connects(client, "10.0.2.10"), "a custom ACL denies everything"
entry(100, False, "6", ports=(8080, 8080))
assert not connects(client, "10.0.2.10"), "the answer needs its own rule"
entry(100, True, "6", ports=(32768, 61000))
assert connects(client, "10.0.2.10")
assert not connects(client, server6), "IPv6 has rules of its own"
entry(101, False, "6", ports=(8080, 8080), cidr="::/0")
entry(101, True, "6", ports=(32768, 61000), cidr="::/0")
assert connects(client, server6)
entry(90, False, "6", action="deny", cidr="10.0.1.10/32")
assert not connects(client, "10.0.2.10") and connects(client, server6), "the lowest number decides"
ec2.delete_network_acl_entry(NetworkAclId=custom, RuleNumber=90, Egress=False)
entry(110, False, "6", action="deny", cidr="10.0.1.10/32")
assert connects(client, "10.0.2.10"), "a higher number is not asked"
assert serve(default) == custom
assert pings(client, "10.0.2.10") and pings(client, server6)
print("network ACLs")

# RT-4, RT-9: a more specific route, and what is left of it when its target dies.
table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
ec2.associate_route_table(RouteTableId=table, SubnetId=near)
middlebox = launch(far, [servers], "10.0.2.20")
ec2.get_waiter("instance_running").wait(InstanceIds=[middlebox], WaiterConfig={"Delay": 1})
ec2.create_route(RouteTableId=table, DestinationCidrBlock="10.0.2.0/24", InstanceId=middlebox)


def state():
    seen = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    return next(r["State"] for r in seen if r.get("DestinationCidrBlock") == "10.0.2.0/24")


assert state() == "active"
assert not pings(client, "10.0.2.10"), "the middlebox refuses what is not for it"
ec2.modify_instance_attribute(InstanceId=middlebox, SourceDestCheck={"Value": False})
assert run(middlebox, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward").returncode == 0
assert pings(client, "10.0.2.10"), "the middlebox sends it on"
ec2.terminate_instances(InstanceIds=[middlebox])
ec2.get_waiter("instance_terminated").wait(InstanceIds=[middlebox], WaiterConfig={"Delay": 1})
assert state() == "blackhole"
assert not pings(client, "10.0.2.10"), "a blackhole takes it"
ec2.delete_route(RouteTableId=table, DestinationCidrBlock="10.0.2.0/24")
assert pings(client, "10.0.2.10"), "local again"
for held in (call, listener, udp):
    held.kill()
    held.wait()
print("routes")
