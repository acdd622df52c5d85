/* What a slot says is done to a packet's bytes, with every checksum kept right, finished or not (RFC 1624). */
#pragma once
#include "parse.h"

#define BPF_F_HDR_FIELD_2 2
#define BPF_F_HDR_FIELD_4 4

/* ~(~sum + ~old + new), in the packet's byte order. */
INLINE __u16 mend(__u16 sum, __u32 old, __u32 new)
{
	return ~fold((__u32)(__u16)~sum + (__u16)~old + (__u16)new);
}

INLINE __u16 mend4(__u16 sum, __u32 old, __u32 new)
{
	return mend(mend(sum, old & 0xffff, new & 0xffff), old >> 16, new >> 16);
}

/* Of a UDP header of this length, in the packet's byte order. */
INLINE __u16 pseudo_sum(const __u32 *addresses, __u16 len)
{
	__u32 sum = (addresses[0] & 0xffff) + (addresses[0] >> 16) + (addresses[1] & 0xffff) + (addresses[1] >> 16);

	return fold(sum + be16(PROTO_UDP) + len);
}

/* 0 if the packet could not be written. Packet pointers are void after it. */
INLINE int rewrite(struct __sk_buff *skb, const struct parsed *packet, const struct slot *slot)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	__u8 edits = slot->edits, hops = slot->hops;
	__u32 l4 = packet->l4;
	__u16 old_ports[2], new_ports[2];
	__u32 old_addresses[2], new_addresses[2];

	if (data + 42 > end)
		return 0;
	if (edits & EDIT_MACS)
		__builtin_memcpy(data, slot->destination_mac, 12);
	if (packet->key.family == 6) {
		struct ipv6 *ip = data + 14;

		ip->hop_limit -= hops;
		return 1;
	}
	struct ipv4 *ip = data + 14;
	if (hops) {
		__u16 *pair = (__u16 *)&ip->ttl, old = *pair;

		ip->ttl -= hops;
		ip->sum = mend(ip->sum, old, *pair);
	}
	if (!(edits & (EDIT_SOURCE | EDIT_DESTINATION | EDIT_SOURCE_PORT | EDIT_DESTINATION_PORT)))
		return 1;
	old_addresses[0] = ip->source;
	old_addresses[1] = ip->destination;
	if (edits & EDIT_SOURCE)
		ip->source = slot->source;
	if (edits & EDIT_DESTINATION)
		ip->destination = slot->destination;
	new_addresses[0] = ip->source;
	new_addresses[1] = ip->destination;
	ip->sum = mend4(mend4(ip->sum, old_addresses[0], new_addresses[0]), old_addresses[1], new_addresses[1]);

	__u8 protocol = packet->key.protocol;
	if (protocol == PROTO_ICMP) {
		__u16 *words = data + 34;

		if (edits & (EDIT_SOURCE_PORT | EDIT_DESTINATION_PORT)) {
			__u16 id = edits & EDIT_DESTINATION_PORT ? slot->destination_port : slot->source_port;
			__u16 sum = mend(words[1], words[2], id);

			/* Over nothing but zeros only minus zero holds (RFC 1624). */
			words[1] = sum ? sum : 0xffff;
			words[2] = id;
		}
		return 1;
	}
	__u16 *ports = data + 34;
	old_ports[0] = ports[0];
	old_ports[1] = ports[1];
	if (edits & EDIT_SOURCE_PORT)
		ports[0] = slot->source_port;
	if (edits & EDIT_DESTINATION_PORT)
		ports[1] = slot->destination_port;
	new_ports[0] = ports[0];
	new_ports[1] = ports[1];

	/* An unfinished sum covers the pseudo-header alone. One of UDP that is anything else is finished, or the unfinished
	 * one lies further in, which the helper would not see. */
	if (protocol == PROTO_UDP && ports[3] != pseudo_sum(old_addresses, ports[2])) {
		__u16 sum = ports[3];

		if (!sum)
			return 1;
		sum = mend4(mend4(sum, old_addresses[0], new_addresses[0]), old_addresses[1], new_addresses[1]);
		sum = mend(mend(sum, old_ports[0], new_ports[0]), old_ports[1], new_ports[1]);
		ports[3] = sum ? sum : 0xffff;
		return 1;
	}

	/* Whether it is finished the helper alone sees. */
	__u32 at = protocol == PROTO_TCP ? l4 + 16 : l4 + 6;
	__u64 flags = protocol == PROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0;
	if (old_addresses[0] != new_addresses[0] &&
	    bpf_l4_csum_replace(skb, at, old_addresses[0], new_addresses[0], flags | BPF_F_PSEUDO_HDR | BPF_F_HDR_FIELD_4))
		return 0;
	if (old_addresses[1] != new_addresses[1] &&
	    bpf_l4_csum_replace(skb, at, old_addresses[1], new_addresses[1], flags | BPF_F_PSEUDO_HDR | BPF_F_HDR_FIELD_4))
		return 0;
	if (old_ports[0] != new_ports[0] &&
	    bpf_l4_csum_replace(skb, at, old_ports[0], new_ports[0], flags | BPF_F_HDR_FIELD_2))
		return 0;
	if (old_ports[1] != new_ports[1] &&
	    bpf_l4_csum_replace(skb, at, old_ports[1], new_ports[1], flags | BPF_F_HDR_FIELD_2))
		return 0;
	return 1;
}
