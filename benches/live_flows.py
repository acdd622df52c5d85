#!/usr/bin/env python3
"""What a million live flows cost the daemon and the data plane, and whether each of them is told of exactly once.

usage: benches/live_flows.py [--pairs N] [--flows N] [--data-path PATH] [--format FORMAT] [--openvpc PROGRAM]

Pairs of instances: one sends a datagram to each of so many ports of the other, which are as many flows at either interface.
A flow log of the VPC records them to S3. Prints the resident memory of both processes before, with all flows live, and at
its highest until the window is delivered; then how many records came, and how many packets they tell of. Needs root and
boto3.
"""

import argparse
import gzip
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

import boto3

from dataplane import Daemon

WINDOW = 40
# Paced: what a thousand datagrams at once would do is fill the kernel's queues.
INSIDE = r"""
import socket, sys, time
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", 1000))
for port in range(1024, 1024 + int(sys.argv[2])):
    if port % 50 == 0:
        time.sleep(0.006)
    sock.sendto(b"x" * 20, (sys.argv[1], port))
"""


class Pairs(Daemon):
    """With pairs of instances, one in either subnet."""

    def serve(self):
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
        self.ec2 = boto3.client("ec2", endpoint_url=self.endpoint, **keys)
        self.s3 = boto3.client("s3", endpoint_url=self.endpoint, **keys)
        self.s3.create_bucket(Bucket="flows")

    def pairs(self, count):
        subnets = self.ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [self.vpc]}])["Subnets"]
        subnets = {subnet["CidrBlock"]: subnet["SubnetId"] for subnet in subnets}
        for number in range(100, 100 + count):
            sender = self.launch(subnets["10.0.1.0/24"], f"10.0.1.{number}", [self.groups[0]])
            self.launch(subnets["10.0.2.0/24"], f"10.0.2.{number}", [self.groups[0]])
            yield sender, f"10.0.2.{number}"

    def log(self, file_format):
        words = {"ResourceType": "VPC", "ResourceIds": [self.vpc], "TrafficType": "ALL", "LogDestinationType": "s3"}
        made = self.ec2.create_flow_logs(
            **words, LogDestination="arn:aws:s3:::flows", DestinationOptions={"FileFormat": file_format}
        )
        assert not made["Unsuccessful"], made

    def send(self, sender, address, flows):
        return subprocess.Popen([self.program, "exec", sender, "--", "python3", "-c", INSIDE, address, str(flows)], env=self.environment)

    def memory(self, what="VmRSS"):
        found = [re.search(rf"{what}:\s+(\d+)", open(f"/proc/{pid}/status").read()) for pid in self.pids]
        return [int(line[1]) // 1024 for line in found]

    def wait_delivered(self):
        subprocess.run([self.program, "wait-delivered"], env=self.environment, check=True)

    def told(self):
        """The objects, by key."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket="flows")
        for key in [found["Key"] for page in pages for found in page.get("Contents", [])]:
            yield key, self.s3.get_object(Bucket="flows", Key=key)["Body"].read()


def count(key, body, found):
    if key.endswith(".parquet"):
        import duckdb

        with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
            file.write(body)
            file.flush()
            query = f"SELECT log_status, protocol, count(*), coalesce(sum(packets), 0) FROM '{file.name}' GROUP BY ALL"
            rows = duckdb.sql(query).fetchall()
    else:
        lines = [line.split() for line in gzip.decompress(body).decode().splitlines()[1:]]
        rows = [(line[13], line[7], 1, 0 if line[8] == "-" else int(line[8])) for line in lines]
    for status, protocol, records, packets in rows:
        if str(protocol) == "17":
            found["records"] += records
            found["packets"] += int(packets)
        found["lost"] += records if status == "SKIPDATA" else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=8)
    parser.add_argument("--flows", type=int, default=60_000)
    parser.add_argument("--data-path", default="user")
    parser.add_argument("--format", default="plain-text", choices=["plain-text", "parquet"])
    parser.add_argument("--openvpc", default="target/release/openvpc")
    words = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("needs root: instances are made")
    with tempfile.TemporaryDirectory() as folder:
        daemon = Pairs(words.openvpc, words.data_path, ["--data-dir", folder, "--flow-log-interval", str(WINDOW)])
        try:
            measure(daemon, words)
        finally:
            daemon.close()


def measure(daemon, words):
    pairs = list(daemon.pairs(words.pairs))
    daemon.log(words.format)
    show = lambda when, memory: print(f"{when:28} daemon {memory[0]:4} MiB, data plane {memory[1]:4} MiB", flush=True)
    show("at rest", daemon.memory())
    # All of it in one window.
    time.sleep(WINDOW - time.time() % WINDOW + 1)
    senders = [daemon.send(*pair, words.flows) for pair in pairs]
    delivered = threading.Thread(target=daemon.wait_delivered)
    for sender in senders:
        assert sender.wait() == 0
    show("all flows live", daemon.memory())
    delivered.start()
    delivered.join()
    show("highest, until delivered", daemon.memory("VmHWM"))
    found = {"records": 0, "packets": 0, "lost": 0}
    for key, body in daemon.told():
        count(key, body, found)
    sent = words.pairs * words.flows
    print(f"{sent} datagrams, each seen by two interfaces: {found['records']} records tell of {found['packets']} packets, {found['lost']} of a loss")


if __name__ == "__main__":
    main()
