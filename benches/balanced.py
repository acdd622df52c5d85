#!/usr/bin/env python3
"""Measures what PrivateLink costs an established connection: a server reached directly, through a Network Load Balancer, and
through an interface endpoint of the service that stands behind it, in one VPC.

usage: benches/balanced.py [--data-path ebpf|user] [OPENVPC]        (default: target/release/openvpc; needs boto3 and root for ebpf)

Every round asks each way in turn, so that what else the machine does is spread over all. Prints one JSON object: for each test
and way the median, and the median of the rounds' ratios to the direct way with their spread, of what was done and of the CPU that
it took both ends, daemon and data plane.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

import boto3

from dataplane import cpu_of
from endpoints import spread

HERE = os.path.dirname(os.path.abspath(__file__))
TRAFFIC = open(os.path.join(HERE, "traffic.py")).read()
CLIENT, SERVER = "10.0.1.10", "10.0.2.10"
TESTS = {"tcp": "Gbit/s", "rr": "1/s"}
# Of traffic.py: a sink, an echo, and what tells of the server's CPU.
PORTS = (5001, 5002, 5005)
ROUNDS, SECONDS = 7, 1


class Lab:
    def __init__(self, program, path, folder):
        self.program = program
        self.environment = {**os.environ, "OPENVPC_SOCKET": f"{folder}/socket"}
        words = [program, "up", "--ephemeral", "--listen", "127.0.0.1:0", "--console", "off", "--socket", f"{folder}/socket", "--data-path", path]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if line.startswith("ready "):
                endpoint = line.split()[1]
                break
        status = self.openvpc("status", "--output", "json").stdout
        self.pids = [self.process.pid, json.loads(status)["data plane pid"]]
        made = {"endpoint_url": endpoint, "region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}
        self.ec2, self.elb = boto3.client("ec2", **made), boto3.client("elbv2", **made)

    def openvpc(self, *words, **more):
        return subprocess.run([self.program, *words], env=self.environment, capture_output=True, text=True, check=True, timeout=60, **more)

    def build(self):
        """The addresses of each way to the server."""
        ec2, elb = self.ec2, self.elb
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        group = ec2.create_security_group(GroupName="open", Description="open", VpcId=vpc)["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="-1", CidrIp="10.0.0.0/16")
        self.hosts, subnets = [], []
        for net, address in [(1, CLIENT), (2, SERVER)]:
            subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{net}.0/24", AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]
            subnets.append(subnet)
            launch = {"ImageId": "ami-0abcdef1234567890", "InstanceType": "t3.large", "MinCount": 1, "MaxCount": 1}
            launched = ec2.run_instances(SubnetId=subnet, PrivateIpAddress=address, SecurityGroupIds=[group], **launch)
            self.hosts.append(launched["Instances"][0]["InstanceId"])
        ec2.get_waiter("instance_running").wait(InstanceIds=self.hosts)
        self.server = subprocess.Popen(self.command(self.hosts[1], ["serve"]), env=self.environment)
        balancer = elb.create_load_balancer(Name="bench", Type="network", Scheme="internal", Subnets=[subnets[1]])["LoadBalancers"][0]["LoadBalancerArn"]
        for port in PORTS:
            target = elb.create_target_group(Name=f"p{port}", Protocol="TCP", Port=port, VpcId=vpc, TargetType="instance")
            target = target["TargetGroups"][0]["TargetGroupArn"]
            elb.register_targets(TargetGroupArn=target, Targets=[{"Id": self.hosts[1]}])
            elb.create_listener(LoadBalancerArn=balancer, Protocol="TCP", Port=port, DefaultActions=[{"Type": "forward", "TargetGroupArn": target}])
        self.healthy(elb)
        service = ec2.create_vpc_endpoint_service_configuration(NetworkLoadBalancerArns=[balancer], AcceptanceRequired=False)
        service = service["ServiceConfiguration"]["ServiceName"]
        ec2.create_vpc_endpoint(VpcEndpointType="Interface", VpcId=vpc, ServiceName=service, SubnetIds=[subnets[0]], SecurityGroupIds=[group], PrivateDnsEnabled=False)
        interfaces = ec2.describe_network_interfaces()["NetworkInterfaces"]
        address = {it["InterfaceType"]: it["PrivateIpAddress"] for it in interfaces}
        return {"direct": SERVER, "load balancer": address["network_load_balancer"], "endpoint": address["vpc_endpoint"]}

    def healthy(self, elb):
        groups = [group["TargetGroupArn"] for group in elb.describe_target_groups()["TargetGroups"]]
        for _ in range(600):
            states = [elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"][0]["TargetHealth"]["State"] for group in groups]
            if set(states) == {"healthy"}:
                return
            time.sleep(0.2)
        raise RuntimeError(f"targets are {states}")

    def command(self, host, words):
        return [self.program, "exec", host, "--", "python3", "-c", TRAFFIC, *words]

    def measure(self, test, address):
        before = sum(map(cpu_of, self.pids))
        told = self.openvpc(*self.command(self.hosts[0], [test, address, str(SECONDS), "1"])[1:])
        found = json.loads(told.stdout)
        cpu = found["cpu"] + sum(map(cpu_of, self.pids)) - before
        return found["value"], cpu / max(found["units"], 1e-9)

    def close(self):
        self.server.kill()
        self.process.terminate()
        self.process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-path", default="auto")
    parser.add_argument("openvpc", nargs="?", default="target/release/openvpc")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(words.openvpc, words.data_path, folder)
        try:
            ways = lab.build()
            for address in ways.values():
                lab.measure("rr", address)
            rounds = [{test: {way: lab.measure(test, address) for way, address in ways.items()} for test in TESTS} for _ in range(ROUNDS)]
        finally:
            lab.close()
    report = {}
    for test, unit in TESTS.items():
        for way in ways:
            of = [one[test] for one in rounds]
            report.setdefault(f"{test}, {unit}", {})[way] = {
                "median": round(statistics.median(one[way][0] for one in of), 2),
                "to direct": spread([one[way][0] / one["direct"][0] for one in of]),
                "CPU to direct": spread([one[way][1] / max(one["direct"][1], 1e-12) for one in of]),
            }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
