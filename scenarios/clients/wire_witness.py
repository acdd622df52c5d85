"""Counts the IP packets and bytes that cross this host's eth0, as a packet socket sees them, apart from whoever else counts.

A frame that is to be segmented counts as its segments. Writes {"in": [packets, bytes], "out": ..., "lost": n} to the file that
is its argument, every tenth of a second. Needs nothing but Python and Linux: packet(7), TPACKET_V2 with PACKET_VNET_HDR.
"""

import json
import mmap
import os
import socket
import struct
import sys
import time

SOL_PACKET = 263
PACKET_RX_RING, PACKET_STATISTICS, PACKET_VERSION, PACKET_VNET_HDR = 5, 6, 10, 15
BLOCK_LEN, BLOCKS, FRAME_LEN = 1 << 16, 64, 256
FRAMES = BLOCKS * BLOCK_LEN // FRAME_LEN
ADDRESS_AT, PACKET_TYPE_AT, PACKET_OUTGOING = 32, 10, 4
VNET_LEN, ETHERNET_LEN = 10, 14
UDP = 17

path = sys.argv[1]
tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
tap.setsockopt(SOL_PACKET, PACKET_VERSION, 1)
tap.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
tap.setsockopt(SOL_PACKET, PACKET_RX_RING, struct.pack("4I", BLOCK_LEN, BLOCKS, FRAME_LEN, FRAMES))
ring = mmap.mmap(tap.fileno(), BLOCKS * BLOCK_LEN)
tap.bind(("eth0", 3))
sums = {"in": [0, 0], "out": [0, 0]}
lost = 0


def count(at):
    mac = at + struct.unpack_from("=H", ring, at + 12)[0]
    side = sums["out" if ring[at + ADDRESS_AT + PACKET_TYPE_AT] == PACKET_OUTGOING else "in"]
    gso_type, gso_len = struct.unpack_from("=xBxxH", ring, mac - VNET_LEN)
    ip = mac + ETHERNET_LEN
    kind = struct.unpack_from(">H", ring, ip - 2)[0]
    if kind == 0x0800:
        header, length, protocol = (ring[ip] & 15) * 4, struct.unpack_from(">H", ring, ip + 2)[0], ring[ip + 9]
    elif kind == 0x86DD:
        header, length, protocol = 40, 40 + struct.unpack_from(">H", ring, ip + 4)[0], ring[ip + 6]
    else:
        return
    packets = 1
    if gso_type & 0x7F:
        transport = 8 if protocol == UDP else (ring[ip + header + 12] >> 4) * 4
        payload = length - header - transport
        packets = -(-payload // gso_len)
        length = payload + packets * (header + transport)
    side[0] += packets
    side[1] += length


told, place = 0, 0
while True:
    at = place * FRAME_LEN
    if ring[at] & 1:
        count(at)
        ring[at : at + 4] = bytes(4)
        place = (place + 1) % FRAMES
    else:
        time.sleep(0.002)
    if time.monotonic() - told > 0.1:
        lost += struct.unpack("=II", tap.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))[1]
        with open(path + ".new", "w") as file:
            json.dump({**sums, "lost": lost}, file)
        os.rename(path + ".new", path)
        told = time.monotonic()
