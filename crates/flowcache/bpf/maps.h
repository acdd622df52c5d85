/* What the program shares with the engine's process. All of it is mapped into that process; no map has an evictor. */
#pragma once
#include "abi.h"
#include "helpers.h"

struct map {
	__u32 type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 map_flags;
};

struct bucket {
	struct slot slots[WAYS];
};

/* Key: hash of a struct key, masked. Value: four directions of flows. Size: chosen by the loader, a power of two.
 * Written by the engine's process (all but counters, times and windows) and by the program (those, OPENING to OPEN, and
 * the slots of flows that it begins itself). */
struct map SEC("maps") buckets = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(struct bucket),
	.max_entries = 1,
	.map_flags = BPF_F_MMAPABLE,
};

/* Key: interface index. Value: the port there. Written by both, in halves. */
struct map SEC("maps") ports = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(struct port),
	.max_entries = PORTS,
	.map_flags = BPF_F_MMAPABLE,
};

/* Key: processor. Value: whether it is in the program. Written by the program. */
struct map SEC("maps") epochs = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(struct epoch),
	.max_entries = CPUS,
	.map_flags = BPF_F_MMAPABLE,
};

/* What was forwarded without asking, in the order in which it was. Written by the program, read by the engine's process. A
 * packet that finds it full goes up. */
struct map SEC("maps") reports = {
	.type = BPF_MAP_TYPE_RINGBUF,
	.max_entries = RING_LEN,
};

/* Set by the loader: the secret of the hash, and the number of buckets less one. */
volatile const __u64 hash_seed SEC(".rodata") = 0;
volatile const __u32 bucket_mask SEC(".rodata") = 0;
