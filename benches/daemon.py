#!/usr/bin/env python3
"""Measures a whole daemon: time to ready, memory, launch to first ping.

usage: benches/daemon.py [OPENVPC]        (default: target/release/openvpc; needs boto3)

Prints one JSON object; every figure is a median with its minimum and maximum.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

import boto3

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "target/release/openvpc"
STARTS = 15
INSTANCES = 10


def spread(values, digits=1):
    values = [round(v, digits) for v in values]
    return {"median": round(statistics.median(values), digits), "min": min(values), "max": max(values), "n": len(values)}


class Daemon:
    def __init__(self, folder):
        self.socket = os.path.join(folder, "socket")
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [PROGRAM, "up", "--listen", "127.0.0.1:0", "--socket", self.socket, "--data-dir", os.path.join(folder, "state")],
            stdout=subprocess.PIPE,
            text=True,
        )
        for line in self.process.stdout:
            if line.startswith("ready "):
                self.endpoint = line.split()[1]
                break
        self.ready_ms = (time.perf_counter() - began) * 1000

    def openvpc(self, *arguments):
        return subprocess.run(
            [PROGRAM, *arguments], env={**os.environ, "OPENVPC_SOCKET": self.socket}, capture_output=True, check=False
        )

    def stop(self):
        self.process.terminate()
        self.process.wait()


def memory_kib(pid, field):
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        return int(re.search(rf"^{field}:\s+(\d+)", rollup.read(), re.M).group(1))


def descendants(pid):
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as stat:
                    parent = int(stat.read().rsplit(")", 1)[1].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            found.append((int(entry), parent))
    family = {pid}
    while True:
        more = {child for child, parent in found if parent in family} - family
        if not more:
            return family - {pid}
        family |= more


def main():
    ready = []
    for _ in range(STARTS):
        with tempfile.TemporaryDirectory() as folder:
            daemon = Daemon(folder)
            ready.append(daemon.ready_ms)
            daemon.stop()
    with tempfile.TemporaryDirectory() as folder:
        daemon = Daemon(folder)
        ec2 = boto3.client(
            "ec2",
            endpoint_url=daemon.endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
        launches, previous = [], None
        for _ in range(INSTANCES):
            began = time.perf_counter()
            instance = ec2.run_instances(
                ImageId="ami-0abcdef1234567890", InstanceType="t3.micro", MinCount=1, MaxCount=1, SecurityGroupIds=[group]
            )["Instances"][0]
            if previous:
                target = instance["PrivateIpAddress"]
                ec2_state = None
                while ec2_state != "running":
                    answer = ec2.describe_instances(InstanceIds=[instance["InstanceId"]])
                    ec2_state = answer["Reservations"][0]["Instances"][0]["State"]["Name"]
                pinged = daemon.openvpc("exec", previous, "--", "ping", "-c", "1", "-W", "1", target)
                assert pinged.returncode == 0, pinged
                launches.append((time.perf_counter() - began) * 1000)
            else:
                ec2.get_waiter("instance_running").wait(InstanceIds=[instance["InstanceId"]], WaiterConfig={"Delay": 1})
            previous = instance["InstanceId"]
        pid = daemon.process.pid
        family = descendants(pid)
        memory = {
            "daemon_rss_mib": round(memory_kib(pid, "Rss") / 1024, 1),
            "daemon_and_sandboxes_pss_mib": round(sum(memory_kib(p, "Pss") for p in {pid} | family) / 1024, 1),
            "processes": len(family) + 1,
        }
        calls = []
        for _ in range(50):
            began = time.perf_counter()
            ec2.describe_vpcs()
            calls.append((time.perf_counter() - began) * 1000)
        daemon.stop()
    print(
        json.dumps(
            {
                "ready_ms": spread(ready),
                "launch_to_ping_ms": spread(launches),
                f"memory_with_{INSTANCES}_instances": memory,
                "describe_vpcs_boto3_ms": spread(calls, 2),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
