#!/usr/bin/env python3
"""How many of an instance's exchanges succeed while another instance floods the data path with new flows.

usage: benches/isolation.py [--seconds S] [--openvpc PROGRAM] [--json FILE]

Two instances exchange a datagram each way, every time from a new port, 500 times a second and one after another; a lost
datagram is not sent again. Beside them another instance sends datagrams as fast as it can, each of a new flow, to a fourth,
once of flows that security groups track and once of others. By data path, without the flood and with it. Needs root.
"""

import argparse
import json
import os
import subprocess
import sys

from dataplane import SERVER, Daemon

# Who floods whom, by whether a security group tracks the flows (it need not where it lets everything in and out).
FLOODS = {"tracked": ("10.0.1.66", "10.0.2.66"), "untracked": ("10.0.1.67", "10.0.2.67")}
GOAL = 0.999
INSIDE = r"""
import ctypes, json, socket, struct, sys, time
PORT, BATCH, WAIT = 5006, 64, 1.0
libc = ctypes.CDLL(None, use_errno=True)

class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("len", ctypes.c_size_t)]

class Msghdr(ctypes.Structure):
    _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint32), ("iov", ctypes.POINTER(Iovec)),
                ("iovlen", ctypes.c_size_t), ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t),
                ("flags", ctypes.c_int)]

class Mmsghdr(ctypes.Structure):
    _fields_ = [("hdr", Msghdr), ("len", ctypes.c_uint)]

def serve():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("", PORT))
    while True:
        data, sender = sock.recvfrom(64)
        sock.sendto(data, sender)

def flood(address, seconds):
    # Every port of the address, 64 in a call; then anew from another port.
    room = ctypes.create_string_buffer(18)
    vector = Iovec(ctypes.addressof(room), 18)
    calls, alive = [], []
    for first in range(1024, 65536, BATCH):
        headers = (Mmsghdr * BATCH)()
        for number, header in enumerate(headers):
            name = struct.pack("=H", socket.AF_INET) + struct.pack(">H", first + number) + socket.inet_aton(address) + bytes(8)
            name = ctypes.create_string_buffer(name, 16)
            header.hdr.name, header.hdr.namelen = ctypes.addressof(name), 16
            header.hdr.iov, header.hdr.iovlen = ctypes.pointer(vector), 1
            alive.append(name)
        calls.append(headers)
    print("ready", flush=True)
    began, sent = time.monotonic(), 0
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for headers in calls:
                sent += max(libc.sendmmsg(sock.fileno(), headers, BATCH, 0), 0)
                if time.monotonic() > began + seconds:
                    print(json.dumps({"sent_mpps": sent / seconds / 1e6}))
                    return

def ask(address, seconds):
    asked, took, began = 0, [], time.monotonic()
    while (start := time.monotonic()) < began + seconds:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(WAIT)
            sock.sendto(b"x", (address, PORT))
            asked += 1
            try:
                sock.recv(64)
                took.append((time.monotonic() - start) * 1e6)
            except TimeoutError:
                pass
        time.sleep(max(0.0, start + 0.002 - time.monotonic()))
    took.sort()
    at = lambda part: took[int(len(took) * part)] if took else None
    print(json.dumps({"asked": asked, "answered": len(took), "p50_us": at(0.5), "p99_us": at(0.99)}))

if sys.argv[1] == "serve":
    serve()
{"flood": flood, "ask": ask}[sys.argv[1]](sys.argv[2], float(sys.argv[3]))
"""


class Floods(Daemon):
    """With two more instances: one that floods, and one that it floods."""

    def serve(self):
        everything = {"IpPermissions.1.IpProtocol": "-1", "IpPermissions.1.IpRanges.1.CidrIp": "0.0.0.0/0"}
        self.aws("AuthorizeSecurityGroupIngress", GroupId=self.groups[1], **everything)
        self.flooders = {}
        for group, (kind, addresses) in enumerate(FLOODS.items()):
            self.flooders[kind] = [self.add(address, self.groups[group]) for address in addresses][0]
        self.server = subprocess.Popen(self.inside(self.hosts[1], "serve"), env=self.environment)

    def add(self, address, group):
        net = address.split(".")[2]
        block = {"Filter.1.Name": "cidr-block", "Filter.1.Value.1": f"10.0.{net}.0/24"}
        of_vpc = {"Filter.2.Name": "vpc-id", "Filter.2.Value.1": self.vpc}
        subnet = self.aws("DescribeSubnets", **block, **of_vpc).findtext(".//subnetId")
        return self.launch(subnet, address, [group])

    def inside(self, host, *words):
        return [self.program, "exec", host, "--", "python3", "-c", INSIDE, *words]

    def ask(self, seconds):
        command = self.inside(self.hosts[0], "ask", SERVER, str(seconds))
        return json.loads(subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True).stdout)

    def flood(self, kind, seconds):
        command = self.inside(self.flooders[kind], "flood", FLOODS[kind][1], str(seconds))
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--openvpc", default="target/release/openvpc")
    parser.add_argument("--json")
    words = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("needs root: the data paths are compared")
    result = {}
    for path in ["user", "ebpf"]:
        daemon = Floods(words.openvpc, path)
        try:
            while daemon.ask(0.1)["answered"] == 0:
                pass
            result[path] = daemon.ask(words.seconds)
            for kind in FLOODS:
                flood = daemon.flood(kind, words.seconds + 2)
                flood.stdout.readline()
                found = daemon.ask(words.seconds)
                found.update(json.loads(flood.communicate()[0]))
                result[f"{path} {kind}"] = found
        finally:
            daemon.close()
    for name, found in result.items():
        share = found["answered"] / max(found["asked"], 1)
        beside = f", beside {found['sent_mpps']:.3f} Mpps" if "sent_mpps" in found else ""
        goal = "" if share >= GOAL else "  below the goal"
        print(f"{name:14}{share:9.3%} of {found['asked']}, p50 {found['p50_us']:.0f} µs, p99 {found['p99_us']:.0f} µs{beside}{goal}")
    if words.json:
        with open(words.json, "w") as out:
            json.dump(result, out, indent=2)


if __name__ == "__main__":
    main()
