/* Replays verdicts that the engine has reached: parse, look up, rewrite, count, hand over. It decides nothing. What it
 * does not know, and what is not plain, goes up to the engine, by the packet sockets behind this hook.
 *
 * It runs where the host's end of a port's veth pair receives (tcx ingress). */
#include "maps.h"
#include "parse.h"
#include "rewrite.h"

#define TC_ACT_OK 0
#define TC_ACT_SHOT 2
#define SECOND 1000000000ull

/* Up to the engine, as long as the port may: its tokens are refilled by time. */
INLINE int up(struct __sk_buff *skb, struct port *port, __u32 *number)
{
	__u32 protocol = skb->protocol;

	if (protocol != be16(ETHERTYPE_IPV4) && protocol != be16(ETHERTYPE_IPV6) && protocol != be16(ETHERTYPE_ARP)) {
		/* Nobody listens to it; the engine's process counts it. */
		__sync_fetch_and_add(&port->foreign, 1);
		return TC_ACT_SHOT;
	}
	if (port->rate) {
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
			return TC_ACT_SHOT;
		}
		port->tokens = tokens - 1;
	}
	*number = __sync_fetch_and_add(&port->up, 1) + 1;
	return TC_ACT_OK;
}

INLINE __u32 hash(const struct key *key)
{
	const __u64 *words = (const __u64 *)key;
	__u64 code = hash_seed;

#pragma unroll
	for (int at = 0; at < 6; at++) {
		code = (code ^ words[at]) * 0x9e3779b97f4a7c15ull;
		code ^= code >> 32;
	}
	return code;
}

INLINE int is_same(const struct key *a, const struct key *b)
{
	const __u64 *x = (const __u64 *)a, *y = (const __u64 *)b;

	return !((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3]) | (x[4] ^ y[4]) | (x[5] ^ y[5]));
}

INLINE int is_taken(const struct slot *slot)
{
	__u32 state = READ_ONCE(slot->state);

	return state == STATE_OPENING || state == STATE_OPEN;
}

INLINE struct slot *find(const struct key *key)
{
	__u32 code = hash(key) & bucket_mask;
	struct bucket *bucket = bpf_map_lookup_elem(&buckets, &code);

	if (!bucket)
		return 0;
#pragma unroll
	for (int way = 0; way < WAYS; way++) {
		struct slot *slot = &bucket->slots[way];

		if (is_taken(slot) && is_same(&slot->key, key))
			return slot;
	}
	return 0;
}

/* Sequence-number order (RFC 1982). */
INLINE int is_after(__u32 a, __u32 b)
{
	return (__s32)(a - b) > 0;
}

INLINE int is_between(__u32 low, __u32 value, __u32 high)
{
	return value - low <= high - low;
}

/* As the engine follows a connection on which both sides have sent and acknowledged (RFC 5961): one direction's slot is
 * written by its packets alone. 0 if the other direction is gone. */
INLINE int follow(struct slot *own, const struct parsed *packet)
{
	__u32 place = own->partner - 1, code = place / WAYS;
	struct bucket *bucket = bpf_map_lookup_elem(&buckets, &code);

	if (!bucket)
		return 0;
	struct slot *other = &bucket->slots[place % WAYS];
	if (!is_taken(other))
		return 0;
	__u32 end = packet->sequence + packet->ip_len - packet->headers;
	if (is_between(READ_ONCE(other->ack), end, READ_ONCE(other->right_edge)) && is_after(end, own->end))
		WRITE_ONCE(own->end, end);
	if ((packet->flags & TCP_ACK) && is_between(own->ack, packet->acknowledgement, READ_ONCE(other->end))) {
		__u32 edge = packet->acknowledgement + ((__u32)packet->window << (own->scale & 31));

		if (is_after(edge, own->right_edge))
			WRITE_ONCE(own->right_edge, edge);
		WRITE_ONCE(own->ack, packet->acknowledgement);
	}
	return 1;
}

/* Opens a slot once the engine has let go of all packets of the flow that came up before: none is overtaken. */
INLINE int open(struct slot *slot, struct port *port, __u32 now)
{
	if (READ_ONCE(slot->state) == STATE_OPEN)
		return 1;
	if (is_after(READ_ONCE(slot->first), READ_ONCE(port->seen)))
		return 0;
	WRITE_ONCE(slot->first, now);
	return __sync_val_compare_and_swap(&slot->state, STATE_OPENING, STATE_OPEN) != STATE_REVOKED;
}

INLINE int forward(struct __sk_buff *skb)
{
	__u32 ifindex = skb->ifindex, number, size, now;
	struct parsed packet = {};
	struct slot *slot;
	struct port *port = bpf_map_lookup_elem(&ports, &ifindex);

	if (!port || !port->attached)
		return TC_ACT_SHOT;
	if (!parse(skb, &packet))
		return up(skb, port, &number);
	slot = find(&packet.key);
	if (!slot)
		return up(skb, port, &number);

	/* What the verdict rests on beside the key. */
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	if (data + 14 > end)
		return up(skb, port, &number);
	__u16 *own = data + 6, *known = (__u16 *)port->mac;
	if (own[0] != known[0] || own[1] != known[1] || own[2] != known[2])
		return up(skb, port, &number);
	size = skb->gso_size;
	__u32 payload = packet.ip_len - packet.headers, packets = 1, segment = packet.ip_len;
	if (size) {
		if (payload > size) {
			packets = (payload + size - 1) / size;
			segment = packet.headers + size;
		}
	}
	if (segment > slot->mtu || packet.ttl <= slot->hops)
		return up(skb, port, &number);
	now = bpf_ktime_get_ns() >> TICK_SHIFT;
	if ((__u32)(now - slot->last) >> IDLE_SHIFT >= slot->idle && !is_after(slot->last, now))
		return up(skb, port, &number);
	if (!open(slot, port, now)) {
		int action;

		if (slot->behind == BEHIND_MAX) {
			__sync_fetch_and_add(&port->shed, 1);
			return TC_ACT_SHOT;
		}
		slot->behind++;
		action = up(skb, port, &number);

		if (action == TC_ACT_OK && READ_ONCE(slot->state) == STATE_OPENING)
			WRITE_ONCE(slot->first, number);
		return action;
	}
	if ((slot->edits & EDIT_TCP) && !follow(slot, &packet))
		return up(skb, port, &number);

	__u32 out = slot->out_ifindex;
	if (!rewrite(skb, &packet, slot))
		return TC_ACT_SHOT;
	__u32 before = __sync_fetch_and_add(&slot->packets, packets);
	if (before == READ_ONCE(slot->read))
		WRITE_ONCE(slot->first, now);
	WRITE_ONCE(slot->last, now);
	__sync_fetch_and_add(&slot->bytes, (__u64)payload + (__u64)packets * packet.headers);
	return bpf_redirect_peer(out, 0);
}

SEC("classifier") int flowcache(struct __sk_buff *skb)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct epoch *epoch = bpf_map_lookup_elem(&epochs, &cpu);
	int action;

	if (!epoch)
		return TC_ACT_SHOT;
	/* Full barriers: whoever sees an even number may take back what this processor has looked at. */
	__sync_fetch_and_add(&epoch->number, 1);
	action = forward(skb);
	__sync_fetch_and_add(&epoch->number, 1);
	return action;
}

char license_text[] SEC("license") = "Apache-2.0";
