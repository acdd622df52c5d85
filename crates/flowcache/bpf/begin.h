/* Flows that begin without asking. The engine has proved that it would say the same of every source port in an admission's
 * range; it is told of each packet, in order, and judges it again by the same rules: what the packet leaves behind is the
 * engine's alone. A young flow is one whose every packet is told of, until the engine takes it over or it ends. */
#pragma once
#include "report.h"
#include "rewrite.h"
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
INLINE int leave_to_engine(struct __sk_buff *skb, struct port *port, struct slot *own)
{
	__u32 number;

	close(own);
	return up(skb, port, &number);
}

/* Forwards a packet, and tells of it. */
INLINE int forward_told(struct __sk_buff *skb, const struct parsed *packet, const struct slot *as, struct report *report)
{
	__u32 out = as->out_ifindex;

	if (!rewrite(skb, packet, as)) {
		bpf_ringbuf_discard(report, BPF_RB_NO_WAKEUP);
		return TC_ACT_SHOT;
	}
	tell(report);
	return bpf_redirect_peer(out, 0);
}

INLINE int forward_young(struct __sk_buff *skb, const struct parsed *packet, struct port *port, struct slot *own)
{
	__u8 flags = packet->flags & (FIN_SYN_RST | TCP_ACK);
	__u32 now = bpf_ktime_get_ns() >> TICK_SHIFT;
	int plain = flags == TCP_ACK || flags == (TCP_FIN | TCP_ACK) || (flags & (TCP_FIN | TCP_SYN | TCP_RST)) == TCP_RST;
	struct report *report;

	if (!plain && !(own->scale && flags == (TCP_SYN | TCP_ACK)))
		return leave_to_engine(skb, port, own);
	if (!packets_as_known(skb, packet, port, own))
		return leave_to_engine(skb, port, own);
	if ((__u32)(now - own->last) >> IDLE_SHIFT >= own->idle && !is_after(own->last, now))
		return leave_to_engine(skb, port, own);
	if (!take_token(port))
		return TC_ACT_SHOT;
	report = begin_report(skb, 0, 0, 0);
	if (!report)
		return leave_to_engine(skb, port, own);
	WRITE_ONCE(own->last, now);
	if (flags & TCP_RST)
		close(own);
	return forward_told(skb, packet, own, report);
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

/* The first packet of a flow that no slot knows. */
INLINE int admit(struct __sk_buff *skb, const struct parsed *packet, struct port *port)
{
	__u32 number, admission, place = 0, back_place = 0, source_port = be16(packet->key.source_port);
	struct key key = packet->key;
	struct slot *as, *back_as, *own, *back;
	struct report *report;

	key.source_port = 0;
	key.family |= FAMILY_ADMISSION;
	as = find(&key, &admission);
	if (!as || source_port < as->end || source_port > as->ack)
		return up(skb, port, &number);
	/* None that waits for the engine is overtaken. */
	if (READ_ONCE(port->up) != READ_ONCE(port->seen) || !packets_as_known(skb, packet, port, as))
		return up(skb, port, &number);
	if (packet->key.protocol != PROTO_TCP) {
		if (!take_token(port))
			return TC_ACT_SHOT;
		report = begin_report(skb, 0, 0, admission + 1);
		if (!report)
			return up(skb, port, &number);
		return forward_told(skb, packet, as, report);
	}

	back_as = at(as->partner - 1);
	if (!back_as)
		return up(skb, port, &number);
	own = claim(&packet->key, &place);
	if (!own)
		return up(skb, port, &number);
	key = back_as->key;
	key.family &= ~FAMILY_ADMISSION;
	key.destination_port = packet->key.source_port;
	back = claim(&key, &back_place);
	if (!back) {
		WRITE_ONCE(own->state, STATE_FREE);
		return up(skb, port, &number);
	}
	report = take_token(port) ? begin_report(skb, place + 1, back_place + 1, admission + 1) : 0;
	if (!report) {
		WRITE_ONCE(own->state, STATE_FREE);
		WRITE_ONCE(back->state, STATE_FREE);
		return up(skb, port, &number);
	}
	fill_young(own, &packet->key, as, back_place, 0);
	fill_young(back, &key, back_as, place, 1);
	/* Exchanges are full barriers: who sees the state sees the rest. */
	__sync_lock_test_and_set(&back->state, STATE_YOUNG);
	__sync_lock_test_and_set(&own->state, STATE_YOUNG);
	return forward_told(skb, packet, as, report);
}
