/* Replays verdicts that the engine has reached: parse, look up, rewrite, count, hand over. It decides nothing. What it
 * does not know, and what is not plain, goes up to the engine, by the packet sockets behind this hook. A flow may begin
 * without that where the engine has said so beforehand (begin.h).
 *
 * It runs where the host's end of a port's veth pair receives (tcx ingress). */
#include "begin.h"
#include "maps.h"
#include "parse.h"
#include "rewrite.h"
#include "table.h"
#include "up.h"

INLINE int is_between(__u32 low, __u32 value, __u32 high)
{
	return value - low <= high - low;
}

/* As the engine follows a connection on which both sides have sent and acknowledged (RFC 5961): one direction's slot is
 * written by its packets alone. 0 if the other direction is gone. */
INLINE int follow(struct slot *own, const struct parsed *packet)
{
	struct slot *other = at(own->partner - 1);

	if (!other || !is_taken(other))
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
	__u32 was = __sync_val_compare_and_swap(&slot->state, STATE_OPENING, STATE_OPEN);

	return was == STATE_OPENING || was == STATE_OPEN;
}

/* By a slot that the engine has filled: what it knows of the flow is counted there. */
INLINE int pass_known(struct __sk_buff *skb, const struct parsed *packet, struct port *port, struct slot *slot, struct passing *to)
{
	__u32 packets = packets_as_known(skb, packet, port, slot), now = bpf_ktime_get_ns() >> TICK_SHIFT;

	if (!packets)
		return GO_UP;
	if ((__u32)(now - slot->last) >> IDLE_SHIFT >= slot->idle && !is_after(slot->last, now))
		return GO_UP;
	if (!open(slot, port, now)) {
		if (slot->behind == BEHIND_MAX) {
			__sync_fetch_and_add(&port->shed, 1);
			return DROP;
		}
		slot->behind++;
		to->as = slot;
		return GO_UP;
	}
	if ((slot->edits & EDIT_TCP) && !follow(slot, packet))
		return GO_UP;
	__u32 before = __sync_fetch_and_add(&slot->packets, packets);
	if (before == READ_ONCE(slot->read))
		WRITE_ONCE(slot->first, now);
	WRITE_ONCE(slot->last, now);
	__sync_fetch_and_add(&slot->bytes, (__u64)(packet->ip_len - packet->headers) + (__u64)packets * packet->headers);
	to->as = slot;
	return PASS;
}

/* What is to be done with a packet. One that goes up though there is a slot which opens for it says by which. */
INLINE int look_up(struct __sk_buff *skb, const struct parsed *packet, struct port *port, struct passing *to)
{
	__u32 place = 0;
	struct slot *slot = find(&packet->key, &place);

	if (slot && READ_ONCE(slot->state) == STATE_YOUNG)
		return pass_young(skb, packet, port, slot, to);
	/* What begins or ends a connection is the engine's to see, unless it has said so beforehand. */
	if (packet->flags & FIN_SYN_RST && (slot || (packet->flags & (FIN_SYN_RST | TCP_ACK)) != TCP_SYN))
		return GO_UP;
	if (slot)
		return pass_known(skb, packet, port, slot, to);
	if (packet->flags & FIN_SYN_RST || packet->key.protocol == PROTO_UDP)
		return admit(skb, packet, port, to);
	return GO_UP;
}

INLINE int forward(struct __sk_buff *skb)
{
	__u32 ifindex = skb->ifindex, number, out;
	struct parsed packet = {};
	struct passing how = {};
	struct port *port = bpf_map_lookup_elem(&ports, &ifindex);
	int what, action;

	if (!port || !port->attached)
		return TC_ACT_SHOT;
	what = parse(skb, &packet) ? look_up(skb, &packet, port, &how) : GO_UP;
	if (what == DROP)
		return TC_ACT_SHOT;
	if (what == GO_UP) {
		action = up(skb, port, &number);
		if (action == TC_ACT_OK)
			WRITE_ONCE(port->waits[part(&packet.key)], number);
		/* Its slot opens when it, too, has been served. */
		if (how.as && action == TC_ACT_OK && READ_ONCE(how.as->state) == STATE_OPENING)
			WRITE_ONCE(how.as->first, number);
		return action;
	}
	if (!how.as)
		return TC_ACT_SHOT;
	out = how.as->out_ifindex;
	if (!rewrite(skb, &packet, how.as)) {
		if (how.report)
			bpf_ringbuf_discard(how.report, BPF_RB_NO_WAKEUP);
		return TC_ACT_SHOT;
	}
	if (how.report)
		tell(how.report);
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
