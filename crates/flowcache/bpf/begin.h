/* Flows that begin without asking. The engine has proved that it would say the same of every source port in an admission's
 * range; it is told of each packet, in order, and judges it again by the same rules: what the packet leaves behind is the
 * engine's alone. A young flow is one whose every packet is told of, until the engine takes it over or it ends. */
#pragma once
#include "report.h"
#include "table.h"
#include "up.h"

/* No packet goes by the pair any more; the engine revokes it when it learns of it. */
INLINE void close(struct slot *own)
{
	struct slot *other = at(own->partner - 1);

	__sync_val_compare_and_swap(&own->state, STATE_YOUNG, STATE_CLOSED);
	if (other)
		__sync_val_compare_and_swap(&other->state, STATE_YOUNG, STATE_CLOSED);
}

/* A young flow's packet that the engine must see first; none after it may overtake it. */
INLINE int leave_to_engine(struct slot *own)
{
	close(own);
	return GO_UP;
}

INLINE int pass_young(struct __sk_buff *skb, const struct parsed *packet, struct port *port, struct slot *own, struct passing *to)
{
	__u8 flags = packet->flags & (FIN_SYN_RST | TCP_ACK);
	__u32 now = bpf_ktime_get_ns() >> TICK_SHIFT;
	int plain = flags == TCP_ACK || flags == (TCP_FIN | TCP_ACK) || (flags & FIN_SYN_RST) == TCP_RST;

	if (!plain && !(own->scale && flags == (TCP_SYN | TCP_ACK)))
		return leave_to_engine(own);
	if (!packets_as_known(skb, packet, port, own))
		return leave_to_engine(own);
	if ((__u32)(now - own->last) >> IDLE_SHIFT >= own->idle && !is_after(own->last, now))
		return leave_to_engine(own);
	if (!take_token(port))
		return DROP;
	to->report = begin_report(skb, 0, 0, 0);
	if (!to->report)
		return leave_to_engine(own);
	WRITE_ONCE(own->last, now);
	if (flags & TCP_RST)
		close(own);
	to->as = own;
	return PASS;
}

/* What is done to the packets of a young slot is what its admission says. */
INLINE void fill_young(struct slot *slot, const struct key *key, const struct slot *as, __u32 partner, __u8 answers)
{
	const __u64 *from = (const __u64 *)&as->out_ifindex;
	__u64 *to = (__u64 *)&slot->out_ifindex;

	slot->key = *key;
	slot->partner = partner + 1;
#pragma unroll
	for (int word = 0; word < 4; word++)
		to[word] = from[word];
	slot->last = bpf_ktime_get_ns() >> TICK_SHIFT;
	slot->idle = YOUNG_IDLE;
	slot->scale = answers;
}

/* Two young slots for a connection, and a report of its first packet; or nothing. */
INLINE int begin(struct __sk_buff *skb, const struct parsed *packet, struct slot *as, __u32 admission, struct passing *to)
{
	struct slot *back_as = at(as->partner - 1), *own, *back;
	__u32 place = 0, back_place = 0;
	struct key key;

	if (!back_as)
		return GO_UP;
	own = claim(&packet->key, &place);
	if (!own)
		return GO_UP;
	key = back_as->key;
	key.family &= ~FAMILY_ADMISSION;
	key.destination_port = packet->key.source_port;
	back = claim(&key, &back_place);
	if (!back) {
		WRITE_ONCE(own->state, STATE_FREE);
		return GO_UP;
	}
	to->report = begin_report(skb, place + 1, back_place + 1, admission + 1);
	if (!to->report) {
		WRITE_ONCE(own->state, STATE_FREE);
		WRITE_ONCE(back->state, STATE_FREE);
		return GO_UP;
	}
	fill_young(own, &packet->key, as, back_place, 0);
	fill_young(back, &key, back_as, place, 1);
	/* Exchanges are full barriers: who sees the state sees the rest. */
	__sync_lock_test_and_set(&back->state, STATE_YOUNG);
	__sync_lock_test_and_set(&own->state, STATE_YOUNG);
	to->as = as;
	return PASS;
}

/* The first packet of a flow that no slot knows. */
INLINE int admit(struct __sk_buff *skb, const struct parsed *packet, struct port *port, struct passing *to)
{
	__u32 admission = 0, source_port = be16(packet->key.source_port);
	struct key key = packet->key;
	struct slot *as;

	key.source_port = 0;
	key.family |= FAMILY_ADMISSION;
	as = find(&key, &admission);
	if (!as || source_port < as->end || source_port > as->ack)
		return GO_UP;
	/* None of its flow that waits for the engine is overtaken. */
	if (is_after(READ_ONCE(port->waits[part(&packet->key)]), READ_ONCE(port->seen)))
		return GO_UP;
	if (!packets_as_known(skb, packet, port, as))
		return GO_UP;
	if (!take_token(port))
		return DROP;
	if (packet->key.protocol == PROTO_TCP)
		return begin(skb, packet, as, admission, to);
	to->report = begin_report(skb, 0, 0, admission + 1);
	to->as = as;
	return to->report ? PASS : GO_UP;
}
