#!/usr/bin/env python3
"""Measures what endpoints cost: objects through a gateway endpoint against the same S3 on loopback, and names.

usage: benches/endpoints.py [OPENVPC]        (default: target/release/openvpc; needs boto3 and curl)

Every round asks each way in turn, so that what else the machine does is spread over all. Prints one JSON object: MiB/s and
ratios to loopback (medians with minimum and maximum), and the resolver's latency in microseconds as an instance sees it,
within the 1,024 queries a second that an interface may send.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile

import boto3

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "target/release/openvpc"
ROUNDS = 9
SIZE_MIB = 64
QUERIES = 4_000
RATE = 900

RESOLVE = """
import socket, struct, sys, time
name = sys.argv[1]
query = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + b"".join(bytes([len(l)]) + l.encode() for l in name.split(".")) + b"\\0\\0\\1\\0\\1"
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(("10.0.0.2", 53)); s.settimeout(2)
due = time.perf_counter()
for _ in range(%d):
    due += 1 / %d
    while (left := due - time.perf_counter()) > 0:
        time.sleep(left)
    began = time.perf_counter()
    s.send(query); s.recv(4096)
    print(round((time.perf_counter() - began) * 1e6))
""" % (QUERIES, RATE)


def spread(values, digits=2):
    values = sorted(values)
    return {"median": round(statistics.median(values), digits), "min": round(values[0], digits), "max": round(values[-1], digits)}


class Daemon:
    def __init__(self, folder):
        self.socket = os.path.join(folder, "socket")
        command = [PROGRAM, "up", "--listen", "127.0.0.1:0", "--socket", self.socket, "--data-dir", os.path.join(folder, "state")]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if line.startswith("ready "):
                self.endpoint = line.split()[1]
                break

    def openvpc(self, *arguments, **more):
        environment = {**os.environ, "OPENVPC_SOCKET": self.socket}
        return subprocess.run([PROGRAM, *arguments], env=environment, capture_output=True, text=True, check=True, **more)

    def client(self, service):
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
        return boto3.client(service, endpoint_url=self.endpoint, **keys)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def open_bucket(s3):
    s3.create_bucket(Bucket="bench")
    s3.put_public_access_block(
        Bucket="bench",
        PublicAccessBlockConfiguration=dict.fromkeys(
            ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"], False
        ),
    )
    statement = {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::bench/*"}
    s3.put_bucket_policy(Bucket="bench", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    s3.put_object(Bucket="bench", Key="object", Body=os.urandom(SIZE_MIB << 20))


def topology(ec2):
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    table = tables["RouteTables"][0]["RouteTableId"]
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", RouteTableIds=[table])
    made = ec2.run_instances(ImageId="ami-0abcdef1234567890", InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=subnet)
    instance = made["Instances"][0]["InstanceId"]
    ec2.get_waiter("instance_running").wait(InstanceIds=[instance], WaiterConfig={"Delay": 1})
    return instance


def main():
    with tempfile.TemporaryDirectory() as folder:
        daemon = Daemon(folder)
        try:
            open_bucket(daemon.client("s3"))
            instance = topology(daemon.client("ec2"))
            daemon.openvpc("wait-applied")
            daemon.openvpc("exec", instance, "--", "dd", "if=/dev/urandom", "of=/tmp/body", "bs=1M", f"count={SIZE_MIB}")
            body = os.path.join(folder, "body")
            with open(body, "wb") as file:
                file.write(os.urandom(SIZE_MIB << 20))
            curl = ["curl", "-sf", "-w", "%{time_total}", "-o", "/dev/null"]
            name = "bench.s3.us-east-1.amazonaws.com"
            ways = {
                "loopback": lambda call: subprocess.run([*curl, *call(f"{daemon.endpoint}/bench", body)], capture_output=True, text=True, check=True),
                "endpoint": lambda call: daemon.openvpc("exec", instance, "--", *curl, *call(f"http://{name}", "/tmp/body")),
                "endpoint, TLS": lambda call: daemon.openvpc("exec", instance, "--", *curl, *call(f"https://{name}", "/tmp/body")),
            }
            calls = {
                "get": lambda url, _: [f"{url}/object"],
                "put": lambda url, file: ["-T", file, f"{url}/put"],
            }
            speeds = {(what, way): [] for what in calls for way in ways}
            for _ in range(ROUNDS):
                for what, call in calls.items():
                    for way, ask in ways.items():
                        speeds[what, way].append(SIZE_MIB / float(ask(call).stdout))
            result = {}
            for (what, way), seen in speeds.items():
                entry = {"MiB/s": spread(seen, 0)}
                if way != "loopback":
                    entry["of loopback"] = spread([one / base for one, base in zip(seen, speeds[what, "loopback"])])
                result[f"{what}, {way}"] = entry
            latencies = daemon.openvpc("exec", instance, "--", "python3", "-c", RESOLVE, name).stdout
            latencies = sorted(int(line) for line in latencies.split())
            at = lambda share: latencies[int(len(latencies) * share)]
            result["resolver, µs"] = {"p50": at(0.5), "p99": at(0.99), "max": latencies[-1]}
            print(json.dumps(result, indent=1, ensure_ascii=False))
        finally:
            daemon.stop()


if __name__ == "__main__":
    main()
