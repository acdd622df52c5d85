/* Slots by key. */
#pragma once
#include "maps.h"

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

/* Whether packets may go by it. */
INLINE int is_taken(const struct slot *slot)
{
	__u32 state = READ_ONCE(slot->state);

	return state == STATE_OPENING || state == STATE_OPEN || state == STATE_YOUNG || state == STATE_ADMISSION;
}

/* Where a key's slots are, and the place of the first in the table. */
INLINE struct bucket *bucket_of(const struct key *key, __u32 *first)
{
	__u32 code = hash(key) & bucket_mask;

	*first = code * WAYS;
	return bpf_map_lookup_elem(&buckets, &code);
}

/* The slot of a key, and its place in the table. */
INLINE struct slot *find(const struct key *key, __u32 *place)
{
	__u32 first;
	struct bucket *bucket = bucket_of(key, &first);

	if (!bucket)
		return 0;
#pragma unroll
	for (int way = 0; way < WAYS; way++) {
		struct slot *slot = &bucket->slots[way];

		if (is_taken(slot) && is_same(&slot->key, key)) {
			*place = first + way;
			return slot;
		}
	}
	return 0;
}

/* The slot at a place. */
INLINE struct slot *at(__u32 place)
{
	__u32 code = place / WAYS;
	struct bucket *bucket = bpf_map_lookup_elem(&buckets, &code);

	return bucket ? &bucket->slots[place % WAYS] : 0;
}

/* A free slot for a key, which is nobody else's from now on. */
INLINE struct slot *claim(const struct key *key, __u32 *place)
{
	__u32 first;
	struct bucket *bucket = bucket_of(key, &first);

	if (!bucket)
		return 0;
#pragma unroll
	for (int way = 0; way < WAYS; way++) {
		struct slot *slot = &bucket->slots[way];

		if (READ_ONCE(slot->state) == STATE_FREE &&
		    __sync_val_compare_and_swap(&slot->state, STATE_FREE, STATE_FILLING) == STATE_FREE) {
			*place = first + way;
			return slot;
		}
	}
	return 0;
}
