/* How the engine is told of packets that went without asking it. */
#pragma once
#include "maps.h"

/* A report of the packet as it is now; 0 if there is no room. */
INLINE struct report *begin_report(struct __sk_buff *skb, __u32 slot, __u32 partner, __u32 admission)
{
	struct report *report = bpf_ringbuf_reserve(&reports, sizeof(struct report), 0);
	__u32 len = skb->len;

	if (!report)
		return 0;
	if (len > HEADER_MAX)
		len = HEADER_MAX;
	if (len < 34 || bpf_skb_load_bytes(skb, 0, report->header, len)) {
		bpf_ringbuf_discard(report, BPF_RB_NO_WAKEUP);
		return 0;
	}
	report->time = bpf_ktime_get_ns();
	report->slot = slot;
	report->partner = partner;
	report->admission = admission;
	report->ifindex = skb->ifindex;
	report->len = skb->len;
	report->gso_size = skb->gso_size;
	report->captured = len;
	return report;
}

/* The engine is woken only for many: one that sleeps costs the two ends of a connection nothing. */
INLINE void tell(struct report *report)
{
	__u64 waiting = bpf_ringbuf_query(&reports, BPF_RB_AVAIL_DATA);

	bpf_ringbuf_submit(report, waiting >= RING_WAKE ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}
