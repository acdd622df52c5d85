/* From bytes to a key. Whatever is not plain and whole is left to the engine. */
#pragma once
#include "abi.h"
#include "helpers.h"

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_ARP 0x0806
#define ETHERTYPE_IPV6 0x86dd
#define PROTO_ICMP 1
#define PROTO_TCP 6
#define PROTO_UDP 17
#define PROTO_ICMPV6 58
#define TCP_FIN 1
#define TCP_SYN 2
#define TCP_RST 4
#define TCP_ACK 16
#define FIN_SYN_RST (TCP_FIN | TCP_SYN | TCP_RST)

struct ethernet {
	__u8 destination[6];
	__u8 source[6];
	__u16 type;
} __attribute__((packed));

struct ipv4 {
	__u8 version_ihl;
	__u8 tos;
	__u16 total_len;
	__u16 id;
	__u16 fragment;
	__u8 ttl;
	__u8 protocol;
	__u16 sum;
	__u32 source;
	__u32 destination;
} __attribute__((packed));

struct ipv6 {
	__u32 version;
	__u16 payload_len;
	__u8 next_header;
	__u8 hop_limit;
	__u32 source[4];
	__u32 destination[4];
} __attribute__((packed));

/* The first twenty bytes of a transport header, of which UDP and ICMP have eight. */
struct transport {
	__u16 source_port;      /* ICMP: type and code */
	__u16 destination_port; /* ICMP: sum */
	__u32 sequence;         /* UDP: length and sum. ICMP: identifier and number */
} __attribute__((packed));

struct tcp {
	__u16 source_port;
	__u16 destination_port;
	__u32 sequence;
	__u32 acknowledgement;
	__u8 data_offset;
	__u8 flags;
	__u16 window;
	__u16 sum;
	__u16 urgent;
} __attribute__((packed));

struct parsed {
	struct key key;
	__u32 l4;
	__u32 ip_len;  /* from the IP header on */
	__u32 headers; /* of IP and transport */
	__u8 ttl;
	/* TCP */
	__u8 flags;
	__u16 window;
	__u32 sequence;
	__u32 acknowledgement;
};

INLINE __u32 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

INLINE int is_sum_right(const struct ipv4 *ip)
{
	const __u16 *words = (const __u16 *)ip;
	__u32 sum = 0;

#pragma unroll
	for (int at = 0; at < 10; at++)
		sum += words[at];
	return fold(sum) == 0xffff;
}

/* Whether the packet is one that a slot may be about. */
INLINE int parse(struct __sk_buff *skb, struct parsed *to)
{
	__u32 len = skb->len;
	__u32 wanted = len < 74 ? len : 74;
	void *data, *end;
	struct key *key = &to->key;

	if (skb->vlan_present || len > 65535 + 14)
		return 0;
	data = (void *)(long)skb->data;
	end = (void *)(long)skb->data_end;
	if (data + wanted > end) {
		if (bpf_skb_pull_data(skb, wanted))
			return 0;
		data = (void *)(long)skb->data;
		end = (void *)(long)skb->data_end;
	}
	struct ethernet *ethernet = data;
	if (data + 42 > end)
		return 0;
	key->ifindex = skb->ifindex;
	__builtin_memcpy(key->destination_mac, ethernet->destination, 6);
	to->ip_len = len - 14;
	if (ethernet->type == be16(ETHERTYPE_IPV4)) {
		struct ipv4 *ip = data + 14;

		/* No options, no fragment, nothing behind it. */
		if (ip->version_ihl != 0x45 || (ip->fragment & be16(0xbfff)) || be16(ip->total_len) != len - 14)
			return 0;
		if (!is_sum_right(ip))
			return 0;
		key->family = 4;
		key->protocol = ip->protocol;
		key->source[0] = ip->source;
		key->destination[0] = ip->destination;
		to->ttl = ip->ttl;
		to->l4 = 34;
	} else if (ethernet->type == be16(ETHERTYPE_IPV6)) {
		struct ipv6 *ip = data + 14;

		if (data + 62 > end)
			return 0;
		if ((ip->version & be32(0xf0000000)) != be32(0x60000000) || be16(ip->payload_len) + 54 != len)
			return 0;
		key->family = 6;
		key->protocol = ip->next_header;
		__builtin_memcpy(key->source, ip->source, 16);
		__builtin_memcpy(key->destination, ip->destination, 16);
		to->ttl = ip->hop_limit;
		to->l4 = 54;
	} else {
		return 0;
	}
	if (to->ttl <= 1)
		return 0;
	struct transport *transport = data + to->l4;
	key->source_port = transport->source_port;
	key->destination_port = transport->destination_port;
	if (key->protocol == PROTO_TCP) {
		struct tcp *tcp = data + to->l4;

		if (data + to->l4 + 20 > end)
			return 0;
		to->headers = to->l4 - 14 + (tcp->data_offset >> 4) * 4;
		if ((tcp->data_offset >> 4) < 5 || to->headers > to->ip_len)
			return 0;
		to->flags = tcp->flags;
		to->window = be16(tcp->window);
		to->sequence = be32(tcp->sequence);
		to->acknowledgement = be32(tcp->acknowledgement);
		return 1;
	}
	/* Which kind of segmentation a datagram awaits cannot be seen here. */
	if (skb->gso_size)
		return 0;
	to->headers = to->l4 - 14 + 8;
	if (key->protocol == PROTO_UDP) {
		__u32 udp_len = be16((__u16)transport->sequence);

		return udp_len >= 8 && udp_len <= len - to->l4;
	}
	/* A query is told by its identifier, type and code. */
	__u8 kind = *(__u8 *)transport;
	if (key->family == 4 ? key->protocol != PROTO_ICMP || (kind != 0 && kind != 8)
			     : key->protocol != PROTO_ICMPV6 || (kind != 128 && kind != 129))
		return 0;
	key->destination_port = transport->source_port;
	key->source_port = (__u16)transport->sequence;
	return 1;
}
