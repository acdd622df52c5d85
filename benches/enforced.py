#!/usr/bin/env python3
"""Measures how long a change takes from the API's answer until every port enforces it, in regions of growing size.

usage: benches/enforced.py [OPENVPC] [--interfaces N,N,...] [--changes N]     (default: target/release/openvpc; needs boto3)

AWS's default quotas hold, so that the VPCs are those of many accounts in many regions: five for each pair of them, one of
which is the default VPC, with ten interfaces each in two groups of 50 rules, two of them peered. Every account has one
instance. Each change is a rule or a route, in a VPC chosen at random; its answer's header x-openvpc-revision is what
`openvpc wait-applied` takes, asked over the control socket so that starting a program is not measured. Prints one JSON
object: milliseconds from call to answer, and from answer to enforced, by kind of change and number of interfaces.
"""

import argparse
import concurrent.futures
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time

import boto3

REGIONS = (
    "us-east-1 us-east-2 us-west-1 us-west-2 eu-west-1 eu-west-2 eu-west-3 eu-central-1 ap-northeast-1 ap-southeast-1"
).split()
VPCS_A_PAIR = 5
INTERFACES_A_VPC = 10
RULES_A_GROUP = 50
CLIENTS = 4


class Daemon:
    def __init__(self, program, folder, accounts):
        self.socket = os.path.join(folder, "socket")
        keys = os.path.join(folder, "keys")
        with open(keys, "w") as file:
            file.writelines(f"AKIA{number}:secret:{number:012}\n" for number in range(1, accounts + 1))
        command = [program, "up", "--listen", "127.0.0.1:0", "--console", "off", "--socket", self.socket]
        command += ["--data-dir", os.path.join(folder, "state"), "--credentials-file", keys]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if line.startswith("ready "):
                self.endpoint = line.split()[1]
                break

    def client(self, account, region):
        keys = {"aws_access_key_id": f"AKIA{account}", "aws_secret_access_key": "secret"}
        return boto3.session.Session().client("ec2", endpoint_url=self.endpoint, region_name=region, **keys)

    def wait_applied(self, revision):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as control:
            control.connect(self.socket)
            request = json.dumps({"WaitApplied": {"revision": revision}}).encode()
            control.send(len(request).to_bytes(4, sys.byteorder) + request)
            answer = json.loads(control.recv(65536)[4:])
        assert answer["Done"]["applied"] >= (revision or 0), answer

    def stop(self):
        self.process.terminate()
        self.process.wait()


def revision_of(answer):
    return int(answer["ResponseMetadata"]["HTTPHeaders"]["x-openvpc-revision"])


def build_vpc(client, number):
    if number == 0:
        default = [{"Name": "is-default", "Values": ["true"]}]
        vpc = client.describe_vpcs(Filters=default)["Vpcs"][0]["VpcId"]
        subnet = client.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"][0]["SubnetId"]
    else:
        vpc = client.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"]
        subnet = client.create_subnet(VpcId=vpc, CidrBlock=f"10.{number}.1.0/24")["Subnet"]["SubnetId"]
    mine = [{"Name": "vpc-id", "Values": [vpc]}]
    groups = [client.describe_security_groups(Filters=mine)["SecurityGroups"][0]["GroupId"]]
    groups.append(client.create_security_group(GroupName="more", Description="more", VpcId=vpc)["GroupId"])
    table = client.describe_route_tables(Filters=mine)["RouteTables"][0]["RouteTableId"]
    rules = [
        {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
        for port in range(1000, 1000 + RULES_A_GROUP)
    ]
    for group in groups:
        client.authorize_security_group_ingress(GroupId=group, IpPermissions=rules)
    for _ in range(INTERFACES_A_VPC):
        client.create_network_interface(SubnetId=subnet, Groups=groups)
    return {"client": client, "vpc": vpc, "subnet": subnet, "group": groups[0], "table": table}


def build_pair(client):
    """All of one account in one region."""
    made = [build_vpc(client, number) for number in range(VPCS_A_PAIR)]
    near, far = made[1:3]
    peering = client.create_vpc_peering_connection(VpcId=near["vpc"], PeerVpcId=far["vpc"])
    near["peering"] = peering["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    client.accept_vpc_peering_connection(VpcPeeringConnectionId=near["peering"])
    return made


def pairs_of(interfaces):
    pairs = -(-interfaces // (VPCS_A_PAIR * INTERFACES_A_VPC))
    return [(1 + number // len(REGIONS), REGIONS[number % len(REGIONS)]) for number in range(pairs)]


def build(daemon, pairs):
    def share(first):
        made = []
        for account, region in pairs[first::CLIENTS]:
            made += build_pair(daemon.client(account, region))
        return made

    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        made = [vpc for part in pool.map(share, range(CLIENTS)) for vpc in part]
    for account in {account for account, _ in pairs}:
        client = daemon.client(account, REGIONS[0])
        client.run_instances(ImageId="ami-0abcdef1234567890", InstanceType="t3.micro", MinCount=1, MaxCount=1)
    return made


def rule(vpc, number):
    """A rule that is added and taken away again."""
    permission = {"IpProtocol": "udp", "FromPort": number, "ToPort": number, "IpRanges": [{"CidrIp": "192.0.2.0/24"}]}
    rule = {"GroupId": vpc["group"], "IpPermissions": [permission]}
    yield lambda: vpc["client"].authorize_security_group_ingress(**rule)
    yield lambda: vpc["client"].revoke_security_group_ingress(**rule)


def route(vpc, number):
    """A route that is made and deleted again."""
    route = {"RouteTableId": vpc["table"], "DestinationCidrBlock": f"192.168.{number % 256}.0/24"}
    yield lambda: vpc["client"].create_route(VpcPeeringConnectionId=vpc["peering"], **route)
    yield lambda: vpc["client"].delete_route(**route)


def percentiles(milliseconds):
    ordered = sorted(milliseconds)
    at = lambda share: round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)
    return {"p50": at(0.5), "p99": at(0.99), "max": at(1), "n": len(ordered)}


def measure(program, interfaces, changes):
    pairs = pairs_of(interfaces)
    with tempfile.TemporaryDirectory() as folder:
        daemon = Daemon(program, folder, accounts=pairs[-1][0])
        try:
            made = build(daemon, pairs)
            peered = [vpc for vpc in made if "peering" in vpc]
            daemon.wait_applied(None)
            told = {"vpcs": len(made), "peerings": len(peered), "rules": 2 * len(made) * RULES_A_GROUP}
            chance = random.Random(7)
            for name, kind, candidates in (("rule", rule, made), ("route", route, peered)):
                answered, enforced = [], []
                for number in range(1, changes // 2 + 1):
                    for change in kind(chance.choice(candidates), number):
                        began = time.perf_counter()
                        revision = revision_of(change())
                        between = time.perf_counter()
                        daemon.wait_applied(revision)
                        answered.append((between - began) * 1000)
                        enforced.append((time.perf_counter() - between) * 1000)
                told[name] = {"call_to_answer_ms": percentiles(answered), "answer_to_enforced_ms": percentiles(enforced)}
            return told
        finally:
            daemon.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default="target/release/openvpc")
    parser.add_argument("--interfaces", default="100,1000,10000")
    parser.add_argument("--changes", type=int, default=500)
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.interfaces.split(",")]
    print(json.dumps({size: measure(arguments.program, size, arguments.changes) for size in sizes}, indent=2))


if __name__ == "__main__":
    main()
