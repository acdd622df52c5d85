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
 * Written by the engine's process (all but counters, times and windows) and by the program (those, and OPENING to OPEN). */
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

/* Set by the loader: the secret of the hash, and the number of buckets less one. */
volatile const __u64 hash_seed SEC(".rodata") = 0;
volatile const __u32 bucket_mask SEC(".rodata") = 0;
