"""One end of a measurement: `python3 -c THIS serve` at one host, `python3 -c THIS TEST ADDRESS SECONDS [STREAMS]` at the other.

Prints one JSON object: what was done, and the CPU seconds of both ends (system time includes what the kernel did for them).
Standard library only; datagrams go by sendmmsg(2) and recvmmsg(2), 64 at a time, or Python itself would be what is measured.
"""

import ctypes
import json
import os
import socket
import struct
import sys
import threading
import time

SINK, ECHO, CONNECT, FLOOD, REPORT = 5001, 5002, 5003, 5004, 5005
BATCH = 64
DATAGRAM = b"x" * 18  # 64 bytes on Ethernet, with its checksum
libc = ctypes.CDLL(None, use_errno=True)


class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("len", ctypes.c_size_t)]


class Msghdr(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_void_p),
        ("namelen", ctypes.c_uint32),
        ("iov", ctypes.POINTER(Iovec)),
        ("iovlen", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("controllen", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    ]


class Mmsghdr(ctypes.Structure):
    _fields_ = [("hdr", Msghdr), ("len", ctypes.c_uint)]


def batch(length):
    """Room for a batch of datagrams; the second value keeps it alive."""
    headers = (Mmsghdr * BATCH)()
    vectors = (Iovec * BATCH)()
    room = ctypes.create_string_buffer(DATAGRAM.ljust(length, b"x"), length)
    for header, vector in zip(headers, vectors):
        vector.base, vector.len = ctypes.addressof(room), length
        header.hdr.iov, header.hdr.iovlen = ctypes.pointer(vector), 1
    return headers, (vectors, room)


def cpu():
    times = os.times()
    return times.user + times.system


received = 0


def flood_sink():
    global received
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    sock.bind(("", FLOOD))
    headers, alive = batch(2048)
    while True:
        got = libc.recvmmsg(sock.fileno(), headers, BATCH, 0x10000, None)  # MSG_WAITFORONE
        received += max(got, 0)


def each(port, handle):
    listener = socket.create_server(("", port), backlog=1024)
    while True:
        handle(listener.accept()[0])


def in_thread(handle):
    return lambda connection: threading.Thread(target=handle, args=(connection,), daemon=True).start()


def sink(connection):
    room = bytearray(1 << 20)
    while connection.recv_into(room):
        pass


def echo(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while data := connection.recv(64):
        connection.sendall(data)


def greet(connection):
    try:
        connection.sendall(connection.recv(1))
    except OSError:
        pass
    connection.close()


def report(connection):
    connection.sendall(json.dumps({"cpu": cpu(), "received": received}).encode())
    connection.close()


def serve():
    for port, handle in [(SINK, in_thread(sink)), (ECHO, in_thread(echo)), (CONNECT, greet), (REPORT, report)]:
        threading.Thread(target=each, args=(port, handle), daemon=True).start()
    flood_sink()


def ask(address):
    with socket.create_connection((address, REPORT), timeout=5) as connection:
        return json.loads(connection.makefile().read())


def tcp(address, seconds, streams):
    block, sent, end = memoryview(bytes(1 << 18)), [0] * streams, time.monotonic() + seconds

    def send(number):
        with socket.create_connection((address, SINK)) as connection:
            while time.monotonic() < end:
                sent[number] += connection.send(block)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(streams)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"value": sum(sent) * 8 / (time.monotonic() - began) / 1e9, "units": sum(sent) / 1e9}


def rr(address, seconds, _):
    took, end = [], time.monotonic() + seconds
    with socket.create_connection((address, ECHO)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while (began := time.perf_counter_ns()) and time.monotonic() < end:
            connection.sendall(b"x")
            connection.recv(1)
            took.append((time.perf_counter_ns() - began) / 1000)
    took.sort()
    return {"value": len(took) / seconds, "units": len(took), "p50_us": took[len(took) // 2], "p99_us": took[len(took) * 99 // 100]}


def crr(address, seconds, _):
    count, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.create_connection((address, CONNECT)) as connection:
            # Ports are free again at once.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(b"x")
            connection.recv(1)
        count += 1
    return {"value": count / seconds, "units": count}


def udp(address, seconds, _):
    before = ask(address)["received"]
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect((address, FLOOD))
    headers, alive = batch(len(DATAGRAM))
    began, sent = time.monotonic(), 0
    while time.monotonic() < began + seconds:
        sent += max(libc.sendmmsg(sock.fileno(), headers, BATCH, 0), 0)
    return arrived(address, before, time.monotonic() - began, sent)


def flows(address, seconds, count):
    """As a flood of so many flows, which take turns; each has had three packets before it is measured."""
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    probe.connect((address, FLOOD))
    probe.send(DATAGRAM)
    time.sleep(0.05)
    source = probe.getsockname()[0]
    hardware = {line.split()[0]: (line.split()[3], line.split()[5]) for line in list(open("/proc/net/arp"))[1:]}
    hop, device = hardware.get(address) or next(iter(hardware.values()))
    own = open(f"/sys/class/net/{device}/address").read().strip()
    ethernet = bytes.fromhex((hop + own).replace(":", "")) + b"\x08\x00"
    length = 28 + len(DATAGRAM)
    header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, length, 0, 0x4000, 64, 17, 0, socket.inet_aton(source), socket.inet_aton(address))
    total = sum(struct.unpack(">10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    header = header[:10] + struct.pack(">H", ~(total + (total >> 16)) & 0xFFFF) + header[12:]
    frames = [ethernet + header + struct.pack(">HHHH", 2_000 + n, FLOOD, 8 + len(DATAGRAM), 0) + DATAGRAM for n in range(count)]
    room = ctypes.create_string_buffer(b"".join(frames), count * len(frames[0]))
    headers, vectors = (Mmsghdr * count)(), (Iovec * count)()
    for n, (message, vector) in enumerate(zip(headers, vectors)):
        vector.base, vector.len = ctypes.addressof(room) + n * len(frames[0]), len(frames[0])
        message.hdr.iov, message.hdr.iovlen = ctypes.pointer(vector), 1
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.bind((device, 0))

    def round(end, pause):
        sent = 0
        for at in range(0, count, BATCH):
            place = ctypes.byref(headers, at * ctypes.sizeof(Mmsghdr))
            sent += max(libc.sendmmsg(sock.fileno(), place, min(BATCH, count - at), 0), 0)
            if pause:
                time.sleep(pause)
            if time.monotonic() > end:
                break
        return sent

    for _ in range(3):
        round(float("inf"), BATCH / 50_000)
    before = ask(address)["received"]
    began, sent = time.monotonic(), 0
    while time.monotonic() < began + seconds:
        sent += round(began + seconds, 0)
    took = time.monotonic() - began
    return arrived(address, before, took, sent)


def arrived(address, before, took, sent):
    """Waits until the other end has read what has arrived."""
    got, last = 0, -1
    while got != last:
        last = got
        time.sleep(0.15)
        got = ask(address)["received"] - before
    return {"value": got / took / 1e6, "units": got / 1e6, "sent_mpps": sent / took / 1e6}


def main():
    if sys.argv[1] == "serve":
        return serve()
    test, address, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    streams = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    there, here = ask(address)["cpu"], cpu()
    found = {"tcp": tcp, "rr": rr, "crr": crr, "udp": udp, "flows": flows}[test](address, seconds, streams)
    found["cpu"] = cpu() - here + ask(address)["cpu"] - there
    print(json.dumps(found))


main()
