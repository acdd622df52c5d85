/* Made from src/abi.rs by `cargo xtask bpf`: change it there. */
#pragma once
#include <linux/types.h>

#define WAYS 4
#define PORTS 16384
#define CPUS 512
#define TICK_SHIFT 20
#define IDLE_SHIFT 10
#define BEHIND_MAX 255
#define PARTS 32
#define STATE_FREE 0
#define STATE_OPENING 1
#define STATE_OPEN 2
#define STATE_REVOKED 3
#define STATE_FILLING 4
#define STATE_YOUNG 5
#define STATE_CLOSED 6
#define STATE_ADMISSION 7
#define FAMILY_ADMISSION 128
#define YOUNG_IDLE 5
#define RING_LEN 1048576
#define RING_WAKE 262144
#define HEADER_MAX 114
#define EDIT_MACS 1
#define EDIT_SOURCE 2
#define EDIT_DESTINATION 4
#define EDIT_SOURCE_PORT 8
#define EDIT_DESTINATION_PORT 16
#define EDIT_TCP 32

struct key {
	__u32 ifindex;
	__u8 destination_mac[6];
	__u8 protocol;
	__u8 family;
	__u16 source_port;
	__u16 destination_port;
	__u32 source[4];
	__u32 destination[4];
};
_Static_assert(sizeof(struct key) == 48, "key");
_Static_assert(__builtin_offsetof(struct key, ifindex) == 0, "key.ifindex");
_Static_assert(__builtin_offsetof(struct key, destination_mac) == 4, "key.destination_mac");
_Static_assert(__builtin_offsetof(struct key, protocol) == 10, "key.protocol");
_Static_assert(__builtin_offsetof(struct key, family) == 11, "key.family");
_Static_assert(__builtin_offsetof(struct key, source_port) == 12, "key.source_port");
_Static_assert(__builtin_offsetof(struct key, destination_port) == 14, "key.destination_port");
_Static_assert(__builtin_offsetof(struct key, source) == 16, "key.source");
_Static_assert(__builtin_offsetof(struct key, destination) == 32, "key.destination");

struct slot {
	struct key key;
	__u32 state;
	__u32 partner;
	__u32 out_ifindex;
	__u16 mtu;
	__u8 hops;
	__u8 edits;
	__u8 destination_mac[6];
	__u8 source_mac[6];
	__u16 source_port;
	__u16 destination_port;
	__u32 source;
	__u32 destination;
	__u64 bytes;
	__u32 packets;
	__u32 read;
	__u32 first;
	__u32 last;
	__u32 end;
	__u32 ack;
	__u32 right_edge;
	__u16 idle;
	__u8 scale;
	__u8 behind;
};
_Static_assert(sizeof(struct slot) == 128, "slot");
_Static_assert(__builtin_offsetof(struct slot, key) == 0, "slot.key");
_Static_assert(__builtin_offsetof(struct slot, state) == 48, "slot.state");
_Static_assert(__builtin_offsetof(struct slot, partner) == 52, "slot.partner");
_Static_assert(__builtin_offsetof(struct slot, out_ifindex) == 56, "slot.out_ifindex");
_Static_assert(__builtin_offsetof(struct slot, mtu) == 60, "slot.mtu");
_Static_assert(__builtin_offsetof(struct slot, hops) == 62, "slot.hops");
_Static_assert(__builtin_offsetof(struct slot, edits) == 63, "slot.edits");
_Static_assert(__builtin_offsetof(struct slot, destination_mac) == 64, "slot.destination_mac");
_Static_assert(__builtin_offsetof(struct slot, source_mac) == 70, "slot.source_mac");
_Static_assert(__builtin_offsetof(struct slot, source_port) == 76, "slot.source_port");
_Static_assert(__builtin_offsetof(struct slot, destination_port) == 78, "slot.destination_port");
_Static_assert(__builtin_offsetof(struct slot, source) == 80, "slot.source");
_Static_assert(__builtin_offsetof(struct slot, destination) == 84, "slot.destination");
_Static_assert(__builtin_offsetof(struct slot, bytes) == 88, "slot.bytes");
_Static_assert(__builtin_offsetof(struct slot, packets) == 96, "slot.packets");
_Static_assert(__builtin_offsetof(struct slot, read) == 100, "slot.read");
_Static_assert(__builtin_offsetof(struct slot, first) == 104, "slot.first");
_Static_assert(__builtin_offsetof(struct slot, last) == 108, "slot.last");
_Static_assert(__builtin_offsetof(struct slot, end) == 112, "slot.end");
_Static_assert(__builtin_offsetof(struct slot, ack) == 116, "slot.ack");
_Static_assert(__builtin_offsetof(struct slot, right_edge) == 120, "slot.right_edge");
_Static_assert(__builtin_offsetof(struct slot, idle) == 124, "slot.idle");
_Static_assert(__builtin_offsetof(struct slot, scale) == 126, "slot.scale");
_Static_assert(__builtin_offsetof(struct slot, behind) == 127, "slot.behind");

struct port {
	__u32 up;
	__u32 foreign;
	__u32 shed;
	__u32 hits;
	__u64 tokens;
	__u64 refilled;
	__u64 unused[4];
	__u32 waits[32];
	__u32 seen;
	__u8 mac[6];
	__u16 attached;
	__u32 rate;
	__u32 burst;
	__u32 unused_too[11];
};
_Static_assert(sizeof(struct port) == 256, "port");
_Static_assert(__builtin_offsetof(struct port, up) == 0, "port.up");
_Static_assert(__builtin_offsetof(struct port, foreign) == 4, "port.foreign");
_Static_assert(__builtin_offsetof(struct port, shed) == 8, "port.shed");
_Static_assert(__builtin_offsetof(struct port, hits) == 12, "port.hits");
_Static_assert(__builtin_offsetof(struct port, tokens) == 16, "port.tokens");
_Static_assert(__builtin_offsetof(struct port, refilled) == 24, "port.refilled");
_Static_assert(__builtin_offsetof(struct port, unused) == 32, "port.unused");
_Static_assert(__builtin_offsetof(struct port, waits) == 64, "port.waits");
_Static_assert(__builtin_offsetof(struct port, seen) == 192, "port.seen");
_Static_assert(__builtin_offsetof(struct port, mac) == 196, "port.mac");
_Static_assert(__builtin_offsetof(struct port, attached) == 202, "port.attached");
_Static_assert(__builtin_offsetof(struct port, rate) == 204, "port.rate");
_Static_assert(__builtin_offsetof(struct port, burst) == 208, "port.burst");
_Static_assert(__builtin_offsetof(struct port, unused_too) == 212, "port.unused_too");

struct epoch {
	__u32 number;
	__u32 unused[15];
};
_Static_assert(sizeof(struct epoch) == 64, "epoch");
_Static_assert(__builtin_offsetof(struct epoch, number) == 0, "epoch.number");
_Static_assert(__builtin_offsetof(struct epoch, unused) == 4, "epoch.unused");

struct report {
	__u64 time;
	__u32 slot;
	__u32 partner;
	__u32 admission;
	__u32 ifindex;
	__u32 len;
	__u16 gso_size;
	__u16 captured;
	__u8 header[120];
};
_Static_assert(sizeof(struct report) == 152, "report");
_Static_assert(__builtin_offsetof(struct report, time) == 0, "report.time");
_Static_assert(__builtin_offsetof(struct report, slot) == 8, "report.slot");
_Static_assert(__builtin_offsetof(struct report, partner) == 12, "report.partner");
_Static_assert(__builtin_offsetof(struct report, admission) == 16, "report.admission");
_Static_assert(__builtin_offsetof(struct report, ifindex) == 20, "report.ifindex");
_Static_assert(__builtin_offsetof(struct report, len) == 24, "report.len");
_Static_assert(__builtin_offsetof(struct report, gso_size) == 28, "report.gso_size");
_Static_assert(__builtin_offsetof(struct report, captured) == 30, "report.captured");
_Static_assert(__builtin_offsetof(struct report, header) == 32, "report.header");
