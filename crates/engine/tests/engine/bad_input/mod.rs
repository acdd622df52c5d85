//! Bad input, item by item: each has a name, a packet and the verdict it deserves. The table at the head of each module
//! says which test shows which item.

mod ethernet;
mod fragments;
mod garbage;
mod icmp;
mod ipv4;
mod ipv6;
mod l2;
mod offload;
mod tcp;

use openvpc_testkit::{FrameSpec, Host, L4, Lab, Outcome, Shot, build, mend_ipv4_header, udp};

/// Two instances in two subnets of a dual-stack VPC with an internet gateway, everything allowed.
fn stage() -> (Lab, Host, Host) {
    let lab = Lab::vpc("10.0.0.0/16")
        .ipv6("2001:db8:1:100::/56")
        .internet_gateway();
    let a = lab.eni("10.0.1.10").ipv6(0x10).open();
    let b = lab.eni("10.0.2.10").ipv6(0x10).open();
    (lab, a, b)
}

/// An edit of a good UDP packet a → b, with the header checksum made right again.
fn edited(lab: &Lab, a: &Host, b: &Host, edit: impl FnOnce(&mut Vec<u8>)) -> Outcome {
    lab.send(udp(a, b, 4_000, 53).edit(|frame| {
        edit(frame);
        mend_ipv4_header(frame);
    }))
}

/// A UDP datagram with so much data.
fn udp_of(from: &Host, to: &Host, payload: usize) -> Shot {
    let l4 = L4::Udp {
        ports: (1, 2),
        payload: vec![0; payload],
    };
    Shot::new(from, to, true, l4)
}

/// A TCP segment.
fn segment(
    from: &Host,
    to: &Host,
    ports: (u16, u16),
    (sequence, acknowledgement): (u32, u32),
    flags: u8,
    payload: usize,
) -> Shot {
    let l4 = L4::Tcp {
        ports,
        sequence,
        acknowledgement,
        flags,
        payload: vec![1; payload],
    };
    Shot::new(from, to, true, l4)
}

/// One IPv6 packet: `upper` behind a chain of extension headers, given as (number, bytes after the first).
pub(crate) fn ipv6_chain(
    from: &Host,
    to: &Host,
    headers: &[(u8, Vec<u8>)],
    upper: (u8, Vec<u8>),
) -> Vec<u8> {
    let mut payload = Vec::new();
    for (place, (_, bytes)) in headers.iter().enumerate() {
        payload.push(headers.get(place + 1).map_or(upper.0, |(next, _)| *next));
        payload.extend_from_slice(bytes);
    }
    payload.extend_from_slice(&upper.1);
    build(&FrameSpec {
        source_mac: from.mac(),
        destination_mac: from.next_mac(to.address(false)),
        source: from.address(false),
        destination: to.address(false),
        ttl: 64,
        l4: L4::Raw(
            headers.first().map_or(upper.0, |(number, _)| *number),
            payload,
        ),
    })
}

pub(crate) fn fragment_header(offset: u16, more: bool) -> (u8, Vec<u8>) {
    let [high, low] = (offset | u16::from(more)).to_be_bytes();
    (44, vec![0, high, low, 0, 0, 0, 9])
}

/// UDP 4000 → 53 with eight bytes.
fn udp_bytes() -> (u8, Vec<u8>) {
    let mut bytes = vec![0x0f, 0xa0, 0, 53, 0, 16, 0x12, 0x34];
    bytes.extend_from_slice(&[0; 8]);
    (17, bytes)
}

/// A repeatable source of numbers (xorshift).
fn numbers() -> impl FnMut() -> u64 {
    let mut seed = 0x2545_f491_4f6c_dd1du64;
    move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    }
}
