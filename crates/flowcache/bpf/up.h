/* The way up to the engine, and what of a packet its slot rests on beside the key. */
#pragma once
#include "maps.h"
#include "parse.h"

#define TC_ACT_OK 0
#define TC_ACT_SHOT 2
#define SECOND 1000000000ull

/* What is to be done with a packet. */
enum {
	GO_UP,
	DROP,
	PASS,
};

/* How one passes: by which slot, and the report of it if it must be told. */
struct passing {
	struct slot *as;
	struct report *report;
};

/* Whether the port may bother the engine once more: its tokens are refilled by time. If not, the packet is dropped. */
INLINE int take_token(struct port *port)
{
	if (!port->rate)
		return 1;
	__u64 now = bpf_ktime_get_ns(), since = now - port->refilled, tokens = port->tokens;

	if (since >= SECOND) {
		tokens = port->burst;
		port->refilled = now;
	} else if (since >= 1000000) {
		tokens += since * port->rate / SECOND;
		port->refilled = now;
	}
	if (tokens > port->burst)
		tokens = port->burst;
	if (!tokens) {
		port->tokens = 0;
		__sync_fetch_and_add(&port->shed, 1);
		return 0;
	}
	port->tokens = tokens - 1;
	return 1;
}

/* Up to the engine, as long as the port may. */
INLINE int up(struct __sk_buff *skb, struct port *port, __u32 *number)
{
	__u32 protocol = skb->protocol;

	*number = 0;
	if (protocol != be16(ETHERTYPE_IPV4) && protocol != be16(ETHERTYPE_IPV6) && protocol != be16(ETHERTYPE_ARP)) {
		/* Nobody listens to it; the engine's process counts it. */
		__sync_fetch_and_add(&port->foreign, 1);
		return TC_ACT_SHOT;
	}
	if (!take_token(port))
		return TC_ACT_SHOT;
	*number = __sync_fetch_and_add(&port->up, 1) + 1;
	return TC_ACT_OK;
}

/* Sequence-number order (RFC 1982). */
INLINE int is_after(__u32 a, __u32 b)
{
	return (__s32)(a - b) > 0;
}

/* Where it is noted that a packet of the flow has gone up. */
INLINE __u32 part(const struct key *key)
{
	return be16(key->source_port) % PARTS;
}

/* The packets that a frame will become; 0 if the engine must look at it, for more than the key has changed. */
INLINE __u32 packets_as_known(struct __sk_buff *skb, const struct parsed *packet, const struct port *port, const struct slot *slot)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	__u32 size = skb->gso_size, payload = packet->ip_len - packet->headers, packets = 1, segment = packet->ip_len;

	if (data + 14 > end)
		return 0;
	__u16 *own = data + 6, *known = (__u16 *)port->mac;
	if (own[0] != known[0] || own[1] != known[1] || own[2] != known[2])
		return 0;
	if (size && payload > size) {
		packets = (payload + size - 1) / size;
		segment = packet->headers + size;
	}
	return segment > slot->mtu || packet->ttl <= slot->hops ? 0 : packets;
}
