//! The engine: any frames from any ports, in any order, at any time.
//!
//! The laboratory already holds every frame against a second engine that remembers no verdicts, and every checksum
//! against another implementation. Beside that: nothing crosses between two VPCs of one block, every interface's
//! counters close, and no table outgrows its limit.

use std::collections::BTreeSet;

use openvpc_engine::{GsoKind, Limits, Offload, PortId, Verdict};
use openvpc_testkit::{
    FrameSpec, Host, L4, Lab, Shot, To, build, egress, ingress, mend_ipv4_header,
};

use super::Input;
use super::frame;
use crate::Target;

/// Records of a port, a kind of frame, and edits.
pub const ENGINE: Target = Target {
    name: "engine",
    run: engine,
    seeds,
};

/// Frames of one input.
const FRAMES_MAX: usize = 24;
const LIMITS: Limits = Limits {
    conntrack_per_eni_max: 6,
    flow_cells_per_eni_max: 8,
    fragments_per_port_max: 3,
    cache_entries_max: 8,
    identities_max: 4,
    nat_flows_per_gateway_max: 6,
    hash_seed: 7,
};

struct Stage {
    lab: Lab,
    /// The first VPC's interfaces, then the world outside.
    hosts: Vec<Host>,
    /// Another VPC of the same block, which nothing joins to anything.
    twins: Vec<Host>,
    services: Host,
}

fn stage() -> Stage {
    let lab = Lab::with_limits("10.0.0.0/16", LIMITS)
        .ipv6("2001:db8:1:100::/56")
        .internet_gateway();
    let open = lab.eni("10.0.1.10").ipv6(0x10).open().public("192.0.2.10");
    let tight = lab.eni("10.0.1.11").ipv6(0x11).security_group([
        ingress("tcp 80 from 0.0.0.0/0"),
        ingress("udp 53 from 10.0.0.0/16"),
        egress("udp to 0.0.0.0/0"),
        egress("all to ::/0"),
    ]);
    let inside = lab.eni("10.0.3.5").ipv6(0x5).open();
    let router = lab.eni("10.0.4.5").open().without_source_dest_check();
    let nat = lab.nat_gateway("10.0.0.220").public("192.0.2.9");
    let gateway = lab.egress_only_gateway();
    lab.route(&inside, "0.0.0.0/0", To::Nat(&nat));
    lab.route(&inside, "::/0", To::EgressOnly(gateway));
    let other = lab.another_vpc("10.0.0.0/16");
    let twins = ["10.0.1.10", "10.0.3.5"]
        .map(|address| other.eni(address).open())
        .to_vec();
    let bob = lab.internet("203.0.113.12");
    let six = lab.internet("2001:db8:ffff::12");
    let services = lab.services();
    Stage {
        hosts: vec![open, tight, inside, router, bob, six],
        twins,
        services,
        lab,
    }
}

/// One record: port, kind, destination, detail, number of edits, edits of three bytes.
fn record(port: u8, kind: u8, to: u8, edits: &[u8]) -> Vec<u8> {
    [&[port, kind, to, 0, edits.len() as u8 / 3][..], edits].concat()
}

fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let talk = |kinds: &[u8]| -> Vec<u8> {
        let ports = (0..9).flat_map(|port| (0..6).map(move |to| (port, to)));
        ports
            .filter(|(port, to)| port != to)
            .take(FRAMES_MAX)
            .zip(kinds.iter().cycle())
            .flat_map(|((port, to), kind)| record(port, *kind, to, &[]))
            .collect()
    };
    vec![
        ("udp", talk(&[0])),
        ("tcp", talk(&[1, 2])),
        ("ping", talk(&[3])),
        ("errors", talk(&[0, 4])),
        ("fragments", talk(&[5, 6])),
        ("ipv6", talk(&[8, 9, 11, 12])),
        (
            "services",
            [8, 6, 7].map(|port| record(port, 7, 0, &[])).concat(),
        ),
        (
            "unfinished",
            (0..12u8)
                .flat_map(|n| vec![0, 5, 1 + n / 4, n & 3, 0])
                .collect(),
        ),
        ("raw", {
            let frame = frame::seeds().swap_remove(0).1;
            [&[0, 0x80, 0, frame.len() as u8][..], &frame].concat()
        }),
    ]
}

fn engine(bytes: &[u8]) {
    let stage = stage();
    let mut input = Input(bytes);
    let mut senders = BTreeSet::new();
    for _ in 0..FRAMES_MAX {
        if input.is_empty() {
            break;
        }
        senders.insert(step(&stage, &mut input));
        let most = senders.len() * LIMITS.fragments_per_port_max as usize;
        assert!(stage.lab.datagrams_in_fragments() <= most);
    }
    for host in stage.hosts.iter().chain(&stage.twins) {
        closes(&stage.lab, host);
    }
}

/// Sends one frame; returns the port it came from.
fn step(stage: &Stage, input: &mut Input<'_>) -> PortId {
    let Stage {
        lab,
        hosts,
        twins,
        services,
    } = stage;
    let port = input.byte();
    let all: Vec<&Host> = hosts.iter().chain(twins).chain([services]).collect();
    let from = all[usize::from(port) % all.len()];
    let kind = input.byte();
    let to = &hosts[usize::from(input.byte()) % hosts.len()];
    let detail = input.byte();
    let shot = if kind & 0x80 != 0 {
        Shot::raw(from, input.bytes(usize::from(detail)).to_vec())
    } else {
        Shot::raw(from, edited(from, to, kind, detail, input))
    };
    let offloaded = kind & 0x40 != 0;
    let shot = match offloaded {
        true => shot.offload(offload(input)),
        false => shot,
    };
    if kind & 0x20 != 0 {
        lab.wait_secs(u64::from(detail) * 4);
    }
    let padded = shot.bytes().len();
    let outcome = lab.send(shot);
    if let Some(port) = outcome.verdict().port() {
        let is_twin = |port: PortId| twins.iter().any(|twin| twin.port() == port);
        let is_service = |port: PortId| port == services.port();
        assert!(
            is_twin(port) == is_twin(from.port()) || is_service(port) || is_service(from.port()),
            "{:?} reached {port:?}",
            from.port()
        );
        assert!(port != from.port(), "a frame came back");
        // Nothing grows on its way but into IPv6, and padding goes nowhere.
        let turned = matches!(outcome.verdict(), Verdict::Translated { .. });
        let longest = if turned { padded + 40 } else { padded };
        assert!(outcome.frames().iter().all(|frame| frame.len() <= longest));
    }
    for host in hosts
        .iter()
        .chain(twins)
        .filter(|host| host.eni().is_some())
    {
        let counters = lab.counters(host);
        assert!(counters.conntrack_entries <= LIMITS.conntrack_per_eni_max);
        assert!(counters.flow_cells <= LIMITS.flow_cells_per_eni_max);
    }
    from.port()
}

/// A good frame with a few bytes changed, and its header checksum mended half of the time.
fn edited(from: &Host, to: &Host, kind: u8, detail: u8, input: &mut Input<'_>) -> Vec<u8> {
    let ipv4 = kind & 0x08 == 0;
    let address = |host: &Host, ipv4: bool| {
        let mut own = host.addresses().into_iter();
        own.find(|address| address.is_ipv4() == ipv4)
    };
    let both = |ipv4| Some((address(from, ipv4)?, address(to, ipv4)?));
    let Some((source, _)) = both(ipv4).or_else(|| both(!ipv4)) else {
        return Vec::new();
    };
    let destination = to.address_for(from, source.is_ipv4());
    let ports = (
        4_000 + u16::from(detail >> 4),
        if detail & 1 == 0 { 80 } else { 53 },
    );
    let udp = |payload: usize| L4::Udp {
        ports,
        payload: vec![5; payload],
    };
    let tcp = |flags| L4::Tcp {
        ports,
        sequence: 1_000 + u32::from(detail),
        acknowledgement: 1_001,
        flags,
        payload: vec![],
    };
    let spec = |l4| FrameSpec {
        source_mac: from.mac(),
        destination_mac: from.next_mac(destination),
        source,
        destination,
        ttl: 64,
        l4,
    };
    let mut frame = match kind & 7 {
        0 => build(&spec(udp(8))),
        1 => build(&spec(tcp(2))),
        2 => build(&spec(tcp(detail & 0x3f))),
        3 => {
            let kind = if source.is_ipv4() { 8 } else { 128 };
            build(&spec(L4::Icmp(vec![kind, 0, 0, 0, 0, detail, 0, 1])))
        }
        4 => {
            // An error about what the receiver sends the sender.
            let quoted = build(&FrameSpec {
                source: destination,
                destination: source,
                ..spec(udp(8))
            });
            let kind = if source.is_ipv4() { 3 } else { 1 };
            let head = vec![kind, 3, 0, 0, 0, 0, 0, 0];
            build(&spec(L4::Icmp([head, quoted[14..].to_vec()].concat())))
        }
        5 if source.is_ipv4() => {
            let mut frame = build(&spec(udp(8)));
            frame[18..20].copy_from_slice(&[0, detail & 3]);
            frame[20] = 0x20;
            frame
        }
        6 if source.is_ipv4() => {
            let mut frame = build(&spec(L4::Raw(17, vec![6; 16])));
            frame[18..20].copy_from_slice(&[0, detail & 3]);
            frame[21] = 2 * (detail >> 4);
            frame
        }
        5 => build(&spec(fragment6(0, 1, detail))),
        6 => build(&spec(fragment6(16 * (detail >> 4), 0, detail))),
        _ => {
            let service = if source.is_ipv4() {
                "169.254.169.253"
            } else {
                "fd00:ec2::253"
            };
            let destination = service.parse().unwrap();
            build(&FrameSpec {
                destination,
                destination_mac: from.router_mac(),
                ..spec(udp(8))
            })
        }
    };
    for _ in 0..input.byte() & 3 {
        let at = usize::from(input.word()) % frame.len();
        frame[at] = input.byte();
    }
    let header = usize::from(frame[14] & 15) * 4;
    if detail & 2 == 0 && frame[14] >> 4 == 4 && header >= 20 && frame.len() >= 14 + header {
        mend_ipv4_header(&mut frame);
    }
    frame
}

fn fragment6(offset: u8, more: u8, detail: u8) -> L4 {
    let header = vec![17, 0, 0, offset | more, 0, 0, 0, detail & 3];
    L4::Raw(
        44,
        [header, vec![0x0f, 0xa0, 0, 53, 0, 24, 0, 0], vec![0; 8]].concat(),
    )
}

fn offload(input: &mut Input<'_>) -> Offload {
    let kind = input.byte();
    Offload {
        needs_csum: kind & 1 != 0,
        csum_start: u16::from(input.byte()),
        csum_offset: u16::from(input.byte()),
        gso: match kind >> 1 & 3 {
            0 => GsoKind::None,
            1 => GsoKind::Tcp4,
            2 => GsoKind::Tcp6,
            _ => GsoKind::UdpL4,
        },
        gso_size: u16::from(input.byte()),
        hdr_len: 0,
    }
}

/// I-17: what an interface saw is accounted for.
fn closes(lab: &Lab, host: &Host) {
    if host.eni().is_none() {
        return;
    }
    let counters = lab.counters(host);
    for side in [&counters.ingress, &counters.egress] {
        let mut sum = side.accept;
        sum.add(side.reject);
        side.unlogged.iter().for_each(|class| sum.add(*class));
        assert_eq!(sum, side.wire, "{host:?}");
    }
}
