#!/usr/bin/env python3
"""Measures openvpc's data paths beside what they are compared with, in one run, one after the other, round by round.

usage: benches/dataplane.py [--quick | --logging] [--rounds N] [--seconds S] [--openvpc PROGRAM] [--json FILE]

Needs root, Python 3 and `ip`; `nft` for the router and Open vSwitch for itself, which are left out without them. Peers, each two hosts that talk TCP and UDP
over IPv4 with an MTU of 9,001:

  veth           a veth pair between two namespaces: the limit
  router         a kernel router with a bridge per subnet, nftables and conntrack, 20 rules: what people build by hand
  ovs            Open vSwitch's user-space path with conntrack, 20 rules, its own daemons in a namespace of this run
  user, ebpf     two instances in two subnets of a VPC, by data path (those that the program has)
  … logged       with a flow log of the VPC that records everything
  … 60, 1000     with so many rules in their security groups (AWS's default limit is 300 for an interface, its highest 1,000)

With --logging only what flow logs cost: each data path with and without one, whose windows are a second long, so that some
close in every measurement; the two take turns in going first, and ratios are to the path without.

Prints a table: medians, and ratios to the router (or to veth) as the median of the rounds' ratios with their spread. CPU is that
of both ends and of the daemon, as the kernel accounts it. Other load on the machine shows in the spread.
"""

import argparse
import datetime
import hashlib
import hmac
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as xml

HERE = os.path.dirname(os.path.abspath(__file__))
TRAFFIC = open(os.path.join(HERE, "traffic.py")).read()
RULES_PER_GROUP = 200
CLIENT, SERVER = "10.0.1.10", "10.0.2.10"
MTU = 9001
TESTS = [
    ("TCP, 1 stream", "Gbit/s", ["tcp", "1"]),
    ("TCP, 8 streams", "Gbit/s", ["tcp", "8"]),
    ("UDP, 64 bytes", "Mpps", ["udp", "1"]),
    ("request–response", "1/s", ["rr", "1"]),
    ("new connections", "1/s", ["crr", "1"]),
]
# Below what AWS tracks for one interface. Left out of short runs, for each flow is met three times before it is measured.
MANY_FLOWS = [
    ("UDP, 10,000 flows", "Mpps", ["flows", "10000"]),
    ("UDP, 60,000 flows", "Mpps", ["flows", "60000"]),
]


def sh(line):
    subprocess.run(line, shell=True, check=True, stdout=subprocess.DEVNULL)


class Namespaces:
    """Hosts that are plain network namespaces."""

    def __init__(self, name):
        self.name, self.made, self.server = name, [], None
        self.daemons, self.folder = [], None

    def host(self, what):
        space = f"ov{os.getpid()}{self.name[0]}{what}"
        sh(f"ip netns add {space} && ip -n {space} link set lo up")
        self.made.append(space)
        return space

    def serve(self):
        command = ["ip", "netns", "exec", self.made[1], "python3", "-c", TRAFFIC, "serve"]
        self.server = subprocess.Popen(command)

    def run(self, words):
        command = ["ip", "netns", "exec", self.made[0], "python3", "-c", TRAFFIC, *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    def cpu(self):
        return sum(cpu_of(daemon.pid) for daemon in self.daemons)

    def close(self):
        for process in [self.server, *self.daemons]:
            if process:
                process.kill()
                process.wait()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
        for space in self.made:
            sh(f"ip netns del {space}")


def veth(peer):
    a, b = peer.host("a"), peer.host("b")
    sh(f"ip -n {a} link add e type veth peer name e netns {b}")
    for space, address in [(a, f"{CLIENT}/16"), (b, f"{SERVER}/16")]:
        sh(f"ip -n {space} addr add {address} dev e && ip -n {space} link set e mtu {MTU} up")
    peer.serve()


def router(peer):
    a, b, middle = peer.host("a"), peer.host("b"), peer.host("r")
    for space, address, net in [(a, CLIENT, 1), (b, SERVER, 2)]:
        sh(f"ip -n {space} link add e type veth peer name p{net} netns {middle}")
        sh(f"ip -n {middle} link add br{net} mtu {MTU} type bridge && ip -n {middle} link set p{net} mtu {MTU} master br{net} up")
        sh(f"ip -n {middle} addr add 10.0.{net}.1/24 dev br{net} && ip -n {middle} link set br{net} up")
        sh(f"ip -n {space} addr add {address}/24 dev e && ip -n {space} link set e mtu {MTU} up")
        sh(f"ip -n {space} route add default via 10.0.{net}.1")
    sh(f"ip netns exec {middle} sysctl -qw net.ipv4.ip_forward=1")
    refusals = "\n".join(f"tcp dport {port} drop" for port in range(7_001, 7_020))
    rules = f"""table ip filter {{
    chain forward {{
        type filter hook forward priority 0; policy drop;
        ct state established,related accept
        {refusals}
        ip saddr 10.0.1.0/24 accept
    }}
}}"""
    subprocess.run(["ip", "netns", "exec", middle, "nft", "-f", "-"], input=rules, text=True, check=True)
    peer.serve()


def open_vswitch(peer):
    a, b, middle = peer.host("a"), peer.host("b"), peer.host("o")
    peer.folder = folder = tempfile.mkdtemp()
    database, socket = f"{folder}/conf.db", f"unix:{folder}/db.sock"
    sh(f"ovsdb-tool create {database}")

    def start(*command):
        environment = {**os.environ, "OVS_RUNDIR": folder, "OVS_LOGDIR": folder, "OVS_DBDIR": folder}
        command = ["ip", "netns", "exec", middle, *command, f"--unixctl={folder}/{command[0]}.ctl", f"--log-file={folder}/{command[0]}.log"]
        peer.daemons.append(subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def ctl(words):
        sh(f"OVS_RUNDIR={folder} timeout 20 {words}")

    start("ovsdb-server", f"--remote=p{socket}", database)
    while not os.path.exists(f"{folder}/db.sock"):
        time.sleep(0.05)
    ctl(f"ovs-vsctl --no-wait --db={socket} init")
    # Without it every segment of a stream would be a frame of its own.
    ctl(f"ovs-vsctl --no-wait --db={socket} set Open_vSwitch . other_config:userspace-tso-enable=true")
    start("ovs-vswitchd", socket)
    ctl(f"ovs-vsctl --db={socket} add-br br0 -- set bridge br0 datapath_type=netdev")
    for net, (space, address) in enumerate([(a, CLIENT), (b, SERVER)], 1):
        sh(f"ip -n {space} link add e type veth peer name p{net} netns {middle}")
        sh(f"ip -n {middle} link set p{net} mtu {MTU} up")
        sh(f"ip -n {space} addr add {address}/16 dev e && ip -n {space} link set e mtu {MTU} up")
        ctl(f"ovs-vsctl --db={socket} add-port br0 p{net} -- set interface p{net} ofport_request={net} mtu_request={MTU}")
    flows = [
        "priority=10,arp,actions=normal",
        "priority=5,ip,ct_state=-trk,actions=ct(table=1)",
        *[f"table=1,priority=20,ct_state=+new,tcp,tp_dst={port},actions=drop" for port in range(7_001, 7_020)],
        "table=1,priority=10,ct_state=+new,ip,nw_src=10.0.1.0/24,actions=ct(commit),normal",
        "table=1,priority=10,ct_state=+est,ip,actions=normal",
        "table=1,priority=1,actions=drop",
    ]
    ctl(f"ovs-ofctl del-flows {folder}/br0.mgmt")
    for flow in flows:
        ctl(f"ovs-ofctl add-flow {folder}/br0.mgmt '{flow}'")
    peer.serve()


def cpu_of(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Daemon:
    """openvpc with one data path, and two instances."""

    def __init__(self, program, path, more=()):
        self.name, self.program = path, program
        self.folder = tempfile.mkdtemp()
        self.environment = {**os.environ, "OPENVPC_SOCKET": f"{self.folder}/socket"}
        words = [program, "up", "--listen", "127.0.0.1:0", "--socket", f"{self.folder}/socket"]
        words += ["--data-path", path, "--quota", f"rules-per-security-group={RULES_PER_GROUP}"]
        words += [*more] if "--data-dir" in more else ["--ephemeral", *more]
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=quiet, text=True)
        self.carries, self.endpoint, self.server = "", None, None
        for line in self.process.stdout:
            self.carries += line if "packet" in line.lower() else ""
            if line.startswith("ready "):
                self.endpoint = line.split()[1]
                break
        if not self.endpoint:
            raise RuntimeError(f"{' '.join(words)} did not become ready")
        status = subprocess.run([program, "status", "--output", "json"], env=self.environment, capture_output=True, text=True, check=True)
        self.pids = [self.process.pid, json.loads(status.stdout)["data plane pid"]]
        self.build()

    def aws(self, action, **words):
        form = {"Action": action, "Version": "2016-11-15", **words}
        body = urllib.parse.urlencode(form).encode()
        now = datetime.datetime.now(datetime.timezone.utc)
        stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
        host = self.endpoint.split("//")[1]
        scope = f"{day}/us-east-1/ec2/aws4_request"
        digest = hashlib.sha256(body).hexdigest()
        canonical = f"POST\n/\n\nhost:{host}\nx-amz-date:{stamp}\n\nhost;x-amz-date\n{digest}"
        to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = b"AWS4test"
        for part in [*scope.split("/"), to_sign]:
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signed = f"AWS4-HMAC-SHA256 Credential=test/{scope}, SignedHeaders=host;x-amz-date, Signature={key.hex()}"
        headers = {"Authorization": signed, "X-Amz-Date": stamp, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            answer = urllib.request.urlopen(urllib.request.Request(self.endpoint, body, headers)).read()
        except urllib.error.HTTPError as refusal:
            raise RuntimeError(f"{action}: {refusal.read().decode()}") from refusal
        tree = xml.fromstring(answer)
        for node in tree.iter():
            node.tag = node.tag.split("}")[-1]
        return tree

    def build(self):
        self.vpc = self.aws("CreateVpc", CidrBlock="10.0.0.0/16").findtext(".//vpcId")
        self.groups = []
        for number in range(5):
            name = {"GroupName": f"g{number}", "GroupDescription": "bench", "VpcId": self.vpc}
            self.groups.append(self.aws("CreateSecurityGroup", **name).findtext("groupId"))
        everything = {"IpPermissions.1.IpProtocol": "-1", "IpPermissions.1.IpRanges.1.CidrIp": "10.0.0.0/16"}
        self.aws("AuthorizeSecurityGroupIngress", GroupId=self.groups[0], **everything)
        self.hosts = []
        for net, address in [(1, CLIENT), (2, SERVER)]:
            subnet = self.aws("CreateSubnet", VpcId=self.vpc, CidrBlock=f"10.0.{net}.0/24").findtext(".//subnetId")
            self.hosts.append(self.launch(subnet, address, self.groups))
        self.serve()

    def launch(self, subnet, address, groups):
        """An instance that runs."""
        launch = {"ImageId": "ami-0abcdef1234567890", "InstanceType": "t3.large", "MinCount": 1, "MaxCount": 1}
        groups = {f"SecurityGroupId.{number}": group for number, group in enumerate(groups, 1)}
        placed = {"SubnetId": subnet, "PrivateIpAddress": address, **groups}
        host = self.aws("RunInstances", **launch, **placed).findtext(".//instanceId")
        while self.state(host) != "running":
            time.sleep(0.05)
        return host

    def state(self, host):
        return self.aws("DescribeInstances", **{"InstanceId.1": host}).findtext(".//instanceState/name")

    def exec(self, host, words):
        return [self.program, "exec", host, "--", "python3", "-c", TRAFFIC, *words]

    def serve(self):
        self.server = subprocess.Popen(self.exec(self.hosts[1], ["serve"]), env=self.environment)

    def run(self, words):
        command = self.exec(self.hosts[0], words)
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60)

    def cpu(self):
        return sum(cpu_of(pid) for pid in self.pids)

    def rules(self, count):
        """So many rules in all; the one that lets everything in counts too, and the others let nothing more in."""
        for number, group in enumerate(self.groups):
            most = RULES_PER_GROUP
            share = max(0, min(most, count - most * number)) - (1 if number == 0 else 0)
            words = {"GroupId": group}
            for place in range(1, share + 1):
                words[f"IpPermissions.{place}.IpProtocol"] = "tcp"
                for side in ("FromPort", "ToPort"):
                    words[f"IpPermissions.{place}.{side}"] = 10_000 + place
                words[f"IpPermissions.{place}.IpRanges.1.CidrIp"] = f"192.168.{number}.{place}/32"
            if share > 0:
                self.aws("AuthorizeSecurityGroupIngress", **words)
                yield words

    def with_rules(self, count):
        added = list(self.rules(count))
        return lambda: [self.aws("RevokeSecurityGroupIngress", **words) for words in added]

    def with_log(self):
        log = {"ResourceType": "VPC", "ResourceId.1": self.vpc, "TrafficType": "ALL", "LogGroupName": "bench"}
        role = "arn:aws:iam::123456789012:role/flow-logs"
        made = self.aws("CreateFlowLogs", **log, DeliverLogsPermissionArn=role).findtext(".//flowLogIdSet/item")
        return lambda: self.aws("DeleteFlowLogs", **{"FlowLogId.1": made})

    def close(self):
        if self.server:
            self.server.kill()
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def variants(peer, words, number):
    """Names, and what has to be done before each and undone after it, in a round."""
    if words.logging:
        both = [(peer.name, None), (f"{peer.name} logged", peer.with_log)]
        yield from both if number % 2 == 0 else reversed(both)
        return
    yield peer.name, None
    if isinstance(peer, Daemon):
        yield f"{peer.name} logged", peer.with_log
        for count in [60] if words.quick else [60, 1_000]:
            yield f"{peer.name} {count} rules", lambda count=count: peer.with_rules(count)


def measure(peer, words, seconds):
    test, streams = words
    daemon = peer.cpu()
    done = peer.run([test, SERVER, str(seconds), streams])
    if done.returncode != 0:
        raise RuntimeError(f"{peer.name} {test}: {done.stderr.strip()[-400:]}")
    found = json.loads(done.stdout)
    found["cpu"] += peer.cpu() - daemon
    found["cpu_per_unit"] = found["cpu"] / max(found["units"], 1e-9)
    return found


def wait_until_ready(peer):
    for attempt in range(50):
        if peer.run(["rr", SERVER, "0.05"]).returncode == 0:
            return
        time.sleep(0.2)
    raise RuntimeError(f"{peer.name}: the two hosts do not reach each other")


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def summary(rounds, tests, base_of):
    """Per variant and test: values, and the rounds' ratios to its base."""
    result = {}
    for name in rounds:
        base = base_of(name)
        for test, unit, _ in tests:
            found = rounds[name][test]
            of = {"unit": unit, "value": spread([one["value"] for one in found])}
            for extra in ("p50_us", "p99_us", "cpu_per_unit"):
                if extra in found[0]:
                    of[extra] = spread([one[extra] for one in found])
            beside = zip(found, rounds[base][test])
            of["ratio"] = spread([one["value"] / max(other["value"], 1e-9) for one, other in beside])
            if "p99_us" in found[0]:
                beside = zip(found, rounds[base][test])
                of["p99_ratio"] = spread([one["p99_us"] / max(other["p99_us"], 1e-9) for one, other in beside])
            beside = zip(found, rounds[base][test])
            of["cpu_ratio"] = spread([one["cpu_per_unit"] / max(other["cpu_per_unit"], 1e-12) for one, other in beside])
            result.setdefault(name, {})[test] = of
    return result


def show(result, tests, base):
    print(f"{'':22}{'':18}{'median':>10} {'':8}{'to ' + base:>8}  {'spread':13}{'CPU per unit':>12}  p50, p99 µs, p99 ratio")
    for test, unit, _ in tests:
        for name in result:
            of = result[name][test]
            ratio, latency = of["ratio"], ""
            if "p50_us" in of:
                latency = f"  {of['p50_us']['median']:.1f}, {of['p99_us']['median']:.1f}, {of['p99_ratio']['median']:.2f}"
            value = of["value"]["median"]
            number = f"{value:10.0f}" if value >= 1_000 else f"{value:10.3f}"
            print(
                f"{name:22}{test:18}{number} {unit:8}{ratio['median']:8.2f}  "
                f"{ratio['min']:.2f}–{ratio['max']:.2f}{'':4}{of['cpu_ratio']['median']:11.2f}{latency}"
            )
        print()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two rounds of a second: less than three minutes")
    parser.add_argument("--logging", action="store_true", help="what flow logs cost, in less than five minutes")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--openvpc", default="target/release/openvpc")
    parser.add_argument("--json")
    words = parser.parse_args()
    rounds = words.rounds or (2 if words.quick else 10 if words.logging else 5)
    seconds = words.seconds or (0.8 if words.quick else 1.0 if words.logging else 3.0)
    if os.geteuid() != 0:
        sys.exit("needs root: namespaces and veth pairs are made")
    tests = TESTS + ([] if words.quick or words.logging else MANY_FLOWS)
    peers = []
    try:
        if not words.logging:
            peers.append(Namespaces("veth"))
            veth(peers[-1])
            if shutil.which("nft"):
                peers.append(Namespaces("router"))
                router(peers[-1])
            else:
                print("no nft: the kernel router is left out, ratios are to veth", file=sys.stderr)
            if shutil.which("ovs-vswitchd"):
                peers.append(Namespaces("ovs"))
                open_vswitch(peers[-1])
            else:
                print("no Open vSwitch: it is left out", file=sys.stderr)
        more = ["--flow-log-interval", "1"] if words.logging else []
        for path in ["user", "ebpf"]:
            try:
                peers.append(Daemon(words.openvpc, path, more))
            except RuntimeError as reason:
                print(f"{path}: left out: {reason}", file=sys.stderr)
        for peer in peers:
            wait_until_ready(peer)
        found = {}
        # Many flows come last: what follows them meets full tables.
        for group in [tests[: len(TESTS)], tests[len(TESTS) :]]:
            for number in range(rounds if group else 0):
                for peer in peers:
                    for name, prepare in variants(peer, words, number):
                        undo = prepare() if prepare else None
                        for test, _, arguments in group:
                            one = measure(peer, arguments, seconds)
                            found.setdefault(name, {}).setdefault(test, []).append(one)
                        if undo:
                            undo()
                print(f"round {number + 1} of {rounds}", file=sys.stderr)
        base = "router" if "router" in found else "veth"
        if words.logging:
            base = "unlogged"
        result = summary(found, tests, lambda name: name.split()[0] if words.logging else base)
        show(result, tests, base)
        if words.json:
            with open(words.json, "w") as out:
                json.dump({"base": base, "rounds": rounds, "seconds": seconds, "results": result}, out, indent=2)
    finally:
        for peer in reversed(peers):
            peer.close()


if __name__ == "__main__":
    main()
