//! What the engine's process and the kernel's program share, defined once: `bpf/abi.h` is made from this file by
//! `cargo xtask bpf`. Sizes and places are asserted on both sides.
//!
//! Byte order: host order, but keys, addresses, ports and Ethernet addresses, which are as in the packet.

use std::fmt::Write;

/// Slots in one bucket, which is one element of the table's map.
pub const WAYS: u32 = 4;
/// Ports that the program knows: one more than the greatest interface index that a port may have.
pub const PORTS: u32 = 16_384;
/// Processors that the program may run on.
pub const CPUS: u32 = 512;
/// Nanoseconds by which times are shifted: one tick is 2^20 ns, about a millisecond. Ticks wrap after 52 days; nothing is
/// remembered that long.
pub const TICK_SHIFT: u32 = 20;
/// Ticks by which the idle limit is shifted: its unit is 2^30 ns.
pub const IDLE_SHIFT: u32 = 10;

/// Packets of a flow that may go up while its slot is opening. What comes beyond them is dropped, or a flow that comes
/// faster than the engine serves it would never open.
pub const BEHIND_MAX: u32 = 255;

/// Bytes of the ring of reports: a power of two, in whole pages.
pub const RING_LEN: u32 = 1 << 20;
/// Bytes of reports that wait before the engine is woken; until then it finds them when it wakes for something else.
pub const RING_WAKE: u32 = RING_LEN / 4;
/// In the unit of [`IDLE_SHIFT`]: a young flow's packet after such a silence goes up. Less than any timeout of a flow.
pub const YOUNG_IDLE: u32 = 5;
/// In the family of a key: it is an admission's, and its source port is any.
pub const FAMILY_ADMISSION: u8 = 0x80;

/// States of a slot. Whoever takes a free one makes it `FILLING` first.
///
/// The engine makes what it fills `OPENING`, and the program makes it `OPEN`; or `ADMISSION`, by which the program begins
/// flows. Their slots the program makes `YOUNG`, and `CLOSED` once it forwards by them no more. The engine makes any of
/// them `REVOKED`, and `FREE` once no processor can still be looking at it.
pub mod state {
    pub const FREE: u32 = 0;
    pub const OPENING: u32 = 1;
    pub const OPEN: u32 = 2;
    pub const REVOKED: u32 = 3;
    pub const FILLING: u32 = 4;
    pub const YOUNG: u32 = 5;
    pub const CLOSED: u32 = 6;
    pub const ADMISSION: u32 = 7;
}

/// What a slot's program changes in a packet, beside its TTL.
pub mod edit {
    pub const MACS: u8 = 1;
    pub const SOURCE: u8 = 2;
    pub const DESTINATION: u8 = 4;
    pub const SOURCE_PORT: u8 = 8;
    pub const DESTINATION_PORT: u8 = 16;
    /// Follow the windows of TCP.
    pub const TCP: u8 = 32;
}

/// A field: name, C type, length of its array (0: none), offset.
type Field = (&'static str, &'static str, u32, u32);

/// A flow's packets as they come in: exact in every field.
pub const KEY_LEN: u32 = 48;
const KEY: &[Field] = &[
    ("ifindex", "__u32", 0, 0),
    ("destination_mac", "__u8", 6, 4),
    ("protocol", "__u8", 0, 10),
    ("family", "__u8", 0, 11),
    ("source_port", "__u16", 0, 12),
    ("destination_port", "__u16", 0, 14),
    ("source", "__u32", 4, 16),
    ("destination", "__u32", 4, 32),
];

/// One direction of a flow; or an admission, whose first and last source port are `end` and `ack`, in host order, and
/// whose partner says what is done to answers. A young one's `scale` is 1 if its packets answer.
pub const SLOT_LEN: u32 = 128;
const SLOT: &[Field] = &[
    ("key", "struct key", 0, 0),
    ("state", "__u32", 0, 48),
    ("partner", "__u32", 0, 52),
    ("out_ifindex", "__u32", 0, 56),
    ("mtu", "__u16", 0, 60),
    ("hops", "__u8", 0, 62),
    ("edits", "__u8", 0, 63),
    ("destination_mac", "__u8", 6, 64),
    ("source_mac", "__u8", 6, 70),
    ("source_port", "__u16", 0, 76),
    ("destination_port", "__u16", 0, 78),
    ("source", "__u32", 0, 80),
    ("destination", "__u32", 0, 84),
    ("bytes", "__u64", 0, 88),
    ("packets", "__u32", 0, 96),
    ("read", "__u32", 0, 100),
    ("first", "__u32", 0, 104),
    ("last", "__u32", 0, 108),
    ("end", "__u32", 0, 112),
    ("ack", "__u32", 0, 116),
    ("right_edge", "__u32", 0, 120),
    ("idle", "__u16", 0, 124),
    ("scale", "__u8", 0, 126),
    ("behind", "__u8", 0, 127),
];

/// Parts into which a port's flows fall by their source port. Of each it is known whether a packet waits for the engine.
pub const PARTS: u32 = 32;

/// One port: all up to the last 64 bytes is written by the program, these by the engine's process.
pub const PORT_LEN: u32 = 256;
const PORT: &[Field] = &[
    ("up", "__u32", 0, 0),
    ("foreign", "__u32", 0, 4),
    ("shed", "__u32", 0, 8),
    ("hits", "__u32", 0, 12),
    ("tokens", "__u64", 0, 16),
    ("refilled", "__u64", 0, 24),
    ("unused", "__u64", 4, 32),
    ("waits", "__u32", 32, 64),
    ("seen", "__u32", 0, 192),
    ("mac", "__u8", 6, 196),
    ("attached", "__u16", 0, 202),
    ("rate", "__u32", 0, 204),
    ("burst", "__u32", 0, 208),
    ("unused_too", "__u32", 11, 212),
];

/// Whether a processor is in the program: an odd number says so.
pub const EPOCH_LEN: u32 = 64;
const EPOCH: &[Field] = &[("number", "__u32", 0, 0), ("unused", "__u32", 15, 4)];

/// A packet that was forwarded without asking, as it came in. A slot it began with its partner, and the admission it went
/// by, by their places and 1; 0 for none.
pub const REPORT_LEN: u32 = 152;
/// Bytes of it that are told: Ethernet, IP and TCP with all options that a plain packet may have.
pub const HEADER_MAX: u32 = 114;
const REPORT: &[Field] = &[
    ("time", "__u64", 0, 0),
    ("slot", "__u32", 0, 8),
    ("partner", "__u32", 0, 12),
    ("admission", "__u32", 0, 16),
    ("ifindex", "__u32", 0, 20),
    ("len", "__u32", 0, 24),
    ("gso_size", "__u16", 0, 28),
    ("captured", "__u16", 0, 30),
    ("header", "__u8", 120, 32),
];

/// Where a field of a report is.
pub const fn report(name: &str) -> usize {
    offset(REPORT, name)
}

/// Where a field of a slot is.
pub const fn slot(name: &str) -> usize {
    offset(SLOT, name)
}

/// Where a field of a port is.
pub const fn port(name: &str) -> usize {
    offset(PORT, name)
}

/// Where a field of a key is.
pub const fn key(name: &str) -> usize {
    offset(KEY, name)
}

/// For constants: a name that is not there does not compile.
const fn offset(fields: &[Field], name: &str) -> usize {
    let mut at = 0;
    while at < fields.len() {
        if same(fields[at].0.as_bytes(), name.as_bytes()) {
            return fields[at].3 as usize;
        }
        at += 1;
    }
    panic!("no such field")
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// The text of `bpf/abi.h`.
pub fn header() -> String {
    let mut text = String::from(
        "/* Made from src/abi.rs by `cargo xtask bpf`: change it there. */\n#pragma once\n#include <linux/types.h>\n\n",
    );
    let numbers = [
        ("WAYS", WAYS),
        ("PORTS", PORTS),
        ("CPUS", CPUS),
        ("TICK_SHIFT", TICK_SHIFT),
        ("IDLE_SHIFT", IDLE_SHIFT),
        ("BEHIND_MAX", BEHIND_MAX),
        ("PARTS", PARTS),
        ("STATE_FREE", state::FREE),
        ("STATE_OPENING", state::OPENING),
        ("STATE_OPEN", state::OPEN),
        ("STATE_REVOKED", state::REVOKED),
        ("STATE_FILLING", state::FILLING),
        ("STATE_YOUNG", state::YOUNG),
        ("STATE_CLOSED", state::CLOSED),
        ("STATE_ADMISSION", state::ADMISSION),
        ("FAMILY_ADMISSION", u32::from(FAMILY_ADMISSION)),
        ("YOUNG_IDLE", YOUNG_IDLE),
        ("RING_LEN", RING_LEN),
        ("RING_WAKE", RING_WAKE),
        ("HEADER_MAX", HEADER_MAX),
        ("EDIT_MACS", u32::from(edit::MACS)),
        ("EDIT_SOURCE", u32::from(edit::SOURCE)),
        ("EDIT_DESTINATION", u32::from(edit::DESTINATION)),
        ("EDIT_SOURCE_PORT", u32::from(edit::SOURCE_PORT)),
        ("EDIT_DESTINATION_PORT", u32::from(edit::DESTINATION_PORT)),
        ("EDIT_TCP", u32::from(edit::TCP)),
    ];
    // Writing to a string cannot fail.
    for (name, number) in numbers {
        let _ = writeln!(text, "#define {name} {number}");
    }
    for (name, len, fields) in [
        ("key", KEY_LEN, KEY),
        ("slot", SLOT_LEN, SLOT),
        ("port", PORT_LEN, PORT),
        ("epoch", EPOCH_LEN, EPOCH),
        ("report", REPORT_LEN, REPORT),
    ] {
        let _ = writeln!(text, "\nstruct {name} {{");
        for (field, kind, count, _) in fields {
            let array = match count {
                0 => String::new(),
                count => format!("[{count}]"),
            };
            let _ = writeln!(text, "\t{kind} {field}{array};");
        }
        let _ = writeln!(text, "}};");
        let _ = writeln!(
            text,
            "_Static_assert(sizeof(struct {name}) == {len}, \"{name}\");"
        );
        for (field, _, _, offset) in fields {
            let _ = writeln!(
                text,
                "_Static_assert(__builtin_offsetof(struct {name}, {field}) == {offset}, \"{name}.{field}\");"
            );
        }
    }
    text
}
