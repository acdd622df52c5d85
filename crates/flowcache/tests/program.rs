//! The program in the kernel, on frames that no interface ever saw: what it forwards, what it leaves to the engine, and
//! what it counts. Random frames are held against the fast path of the engine's own tests.
//!
//! Needs root and a kernel with tcx; without, each test says so and does nothing.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::net::{IpAddr, Ipv4Addr};

use openvpc_engine::{
    Count, EniIndex, FastAdmission, FastId, FastKey, FastPath, FastReport, FastWay, FastWindow,
    Frame, Mac, PortId, Rewrite, Time,
};
use openvpc_flowcache::loader::Program;
use openvpc_flowcache::{Link, LoadError, Table, load};
use openvpc_testkit::{FrameSpec, L4, SoftPath, build, mend_ipv4_header};

/// The loopback interface, which every namespace has.
const IFINDEX: u32 = 1;
const UP: u32 = 0;
const DROPPED: u32 = 2;
const FORWARDED: u32 = 7;

const A: PortId = PortId::Eni(EniIndex(1));
const B: PortId = PortId::Eni(EniIndex(2));
const MAC_A: Mac = Mac([2, 0, 0, 0, 0, 1]);
const MAC_B: Mac = Mac([2, 0, 0, 0, 0, 2]);
const ROUTER: Mac = Mac([2, 0, 0, 0, 0, 9]);
const T0: Time = Time(0);

struct Kernel {
    program: Program,
    table: Table,
}

impl Kernel {
    /// None without the right to load.
    fn new() -> Option<Kernel> {
        if !nix::unistd::geteuid().is_root() {
            println!("left out: needs root");
            return None;
        }
        let loaded = match load(1_024) {
            Err(error @ (LoadError::Kernel | LoadError::Architecture)) => {
                println!("left out: {error}");
                return None;
            }
            loaded => loaded.unwrap(),
        };
        let (program, table) = (loaded.program(), loaded.table);
        table.start_clock();
        let link = |ifindex, mac: Mac| Link {
            ifindex,
            mac: mac.0,
        };
        table.attach(A, link(IFINDEX, MAC_A), 0, 0);
        table.attach(B, link(7, MAC_B), 0, 0);
        Some(Kernel { program, table })
    }

    fn run(&self, frame: &[u8]) -> (u32, Vec<u8>) {
        let run = self.program.test_run(frame, IFINDEX);
        let run = run.unwrap_or_else(|error| panic!("{error}: {frame:02x?}"));
        if run.action == UP {
            self.table.served(IFINDEX, 1);
        }
        (run.action, run.frame)
    }
}

fn key(protocol: u8, source: &str, destination: &str, ports: (u16, u16)) -> FastKey {
    FastKey {
        port: A,
        destination_mac: ROUTER,
        source_mac: MAC_A,
        protocol,
        source: source.parse().unwrap(),
        destination: destination.parse().unwrap(),
        source_port: ports.0,
        destination_port: ports.1,
    }
}

fn way(key: FastKey) -> FastWay {
    FastWay {
        key,
        out_port: B,
        rewrite: Rewrite {
            macs: Some((MAC_B, ROUTER)),
            hops: 1,
            ..Rewrite::default()
        },
        mtu: 1_500,
        idle_secs: 60,
        window: None,
    }
}

fn frame(key: &FastKey, l4: L4) -> Vec<u8> {
    build(&FrameSpec {
        source_mac: key.source_mac,
        destination_mac: key.destination_mac,
        source: key.source,
        destination: key.destination,
        ttl: 64,
        l4,
    })
}

fn udp(key: &FastKey, len: usize) -> Vec<u8> {
    let ports = (key.source_port, key.destination_port);
    let payload = vec![7; len];
    frame(key, L4::Udp { ports, payload })
}

fn tcp(key: &FastKey, sequence: u32, acknowledgement: u32, flags: u8, len: usize) -> Vec<u8> {
    let l4 = L4::Tcp {
        ports: (key.source_port, key.destination_port),
        sequence,
        acknowledgement,
        flags,
        payload: vec![7; len],
    };
    frame(key, l4)
}

#[test]
fn a_known_flow_is_forwarded_and_counted_and_nothing_else_is() {
    let Some(mut kernel) = Kernel::new() else {
        return;
    };
    let known = key(17, "10.0.0.1", "10.0.1.1", (4_000, 53));
    assert_eq!(kernel.run(&udp(&known, 10)).0, UP, "nobody knows it yet");
    let id = kernel.table.install(&way(known), T0).unwrap();
    let (action, sent) = kernel.run(&udp(&known, 10));
    assert_eq!(action, FORWARDED);
    assert_eq!((&sent[..6], &sent[6..12]), (&MAC_B.0[..], &ROUTER.0[..]));
    assert_eq!(sent[22], 63, "one hop");
    assert_eq!(kernel.run(&udp(&known, 1_472)).0, FORWARDED);
    assert_eq!(kernel.run(&udp(&known, 1_473)).0, UP, "past the path's MTU");

    let mut other = known;
    other.source_port = 4_001;
    assert_eq!(kernel.run(&udp(&other, 10)).0, UP, "another flow");
    let mut forged = udp(&known, 10);
    forged[11] = 77;
    assert_eq!(kernel.run(&forged).0, UP, "another Ethernet source");
    let mut last_hop = udp(&known, 10);
    openvpc_testkit::set_ttl(&mut last_hop, 1);
    assert_eq!(kernel.run(&last_hop).0, UP, "its TTL ends here");
    let mut piece = udp(&known, 10);
    piece[20] = 0x20;
    mend_ipv4_header(&mut piece);
    assert_eq!(kernel.run(&piece).0, UP, "a fragment");
    let mut broken = udp(&known, 10);
    broken[24] ^= 1;
    assert_eq!(kernel.run(&broken).0, UP, "a wrong header checksum");
    let mut padded = udp(&known, 10);
    padded.extend([0; 6]);
    assert_eq!(kernel.run(&padded).0, UP, "padding behind it");

    let reading = kernel.table.read(id, T0);
    let count = Count {
        packets: 2,
        bytes: 38 + 1_500,
    };
    assert_eq!(reading.count, count);
}

#[test]
fn what_was_revoked_is_not_forwarded_and_its_place_is_free_again() {
    let Some(mut kernel) = Kernel::new() else {
        return;
    };
    let known = key(17, "10.0.0.1", "10.0.1.1", (4_000, 53));
    for _ in 0..5_000 {
        let id = kernel.table.install(&way(known), T0).unwrap();
        assert_eq!(kernel.run(&udp(&known, 1)).0, FORWARDED);
        kernel.table.revoke(id);
        assert_eq!(kernel.run(&udp(&known, 1)).0, UP);
        assert_eq!(kernel.table.next_retired(), Some(id));
        assert_eq!(kernel.table.read(id, T0).count.packets, 1);
        kernel.table.release(id);
    }
}

#[test]
fn no_packet_overtakes_one_that_waits_for_the_engine() {
    let Some(mut kernel) = Kernel::new() else {
        return;
    };
    let known = key(17, "10.0.0.1", "10.0.1.1", (4_000, 53));
    let run = |kernel: &Kernel| {
        kernel
            .program
            .test_run(&udp(&known, 1), IFINDEX)
            .unwrap()
            .action
    };
    assert_eq!(run(&kernel), UP);
    assert_eq!(run(&kernel), UP);
    kernel.table.install(&way(known), T0).unwrap();
    assert_eq!(run(&kernel), UP, "two are still with the engine");
    kernel.table.served(IFINDEX, 2);
    assert_eq!(run(&kernel), UP, "now the third is");
    kernel.table.served(IFINDEX, 2);
    assert_eq!(run(&kernel), FORWARDED);
}

#[test]
fn a_flood_that_the_engine_cannot_serve_opens_nevertheless() {
    let Some(mut kernel) = Kernel::new() else {
        return;
    };
    let known = key(17, "10.0.0.1", "10.0.1.1", (4_000, 53));
    let run = |kernel: &Kernel| {
        let run = kernel.program.test_run(&udp(&known, 1), IFINDEX);
        run.unwrap().action
    };
    assert_eq!(run(&kernel), UP);
    kernel.table.install(&way(known), T0).unwrap();
    for _ in 0..255 {
        assert_eq!(run(&kernel), UP);
    }
    assert_eq!(run(&kernel), DROPPED);
    kernel.table.served(IFINDEX, 256);
    assert_eq!(run(&kernel), FORWARDED);
}

#[test]
fn a_port_sends_up_no_more_than_its_allowance() {
    let Some(kernel) = Kernel::new() else {
        return;
    };
    let link = Link {
        ifindex: IFINDEX,
        mac: MAC_A.0,
    };
    kernel.table.attach(A, link, 1, 3);
    let known = key(17, "10.0.0.1", "10.0.1.1", (4_000, 53));
    let actions = [(); 5].map(|()| kernel.run(&udp(&known, 1)).0);
    assert_eq!(actions, [UP, UP, UP, DROPPED, DROPPED]);
    assert_eq!(kernel.table.port_counters(IFINDEX).shed, 2);
    kernel.table.detach(A);
    assert_eq!(
        kernel.run(&udp(&known, 1)).0,
        DROPPED,
        "nothing passes a port that is gone"
    );
}

#[test]
fn what_nobody_listens_to_is_counted() {
    let Some(kernel) = Kernel::new() else {
        return;
    };
    let mut frame = udp(&key(17, "10.0.0.1", "10.0.1.1", (4_000, 53)), 10);
    frame[12..14].copy_from_slice(&[0x88, 0xcc]);
    assert_eq!(kernel.run(&frame).0, DROPPED);
    assert_eq!(kernel.table.port_counters(IFINDEX).foreign, 1);
}

#[test]
fn the_windows_of_a_connection_are_followed_and_its_end_goes_up() {
    const ACK: u8 = 16;
    let Some(mut kernel) = Kernel::new() else {
        return;
    };
    let there = key(6, "10.0.0.1", "10.0.1.1", (4_000, 80));
    let back = FastKey {
        port: B,
        source_mac: MAC_B,
        ..key(6, "10.0.1.1", "10.0.0.1", (80, 4_000))
    };
    let window = |end, ack, right_edge| {
        Some(FastWindow {
            end,
            ack,
            right_edge,
            scale: 2,
        })
    };
    let ways = [
        FastWay {
            window: window(1_001, 501, 66_036),
            ..way(there)
        },
        FastWay {
            out_port: A,
            window: window(501, 1_001, 66_536),
            ..way(back)
        },
    ];
    let [id, back_id] = kernel.table.install_pair([&ways[0], &ways[1]], T0).unwrap();
    assert_eq!(kernel.run(&tcp(&there, 1_001, 501, ACK, 100)).0, FORWARDED);
    let right_edge = 501 + (0xffff << 2);
    let expected = window(1_101, 501, right_edge).unwrap();
    assert_eq!(kernel.table.read(id, T0).window, expected);
    // Far outside what the other side has opened: forwarded, as the engine would, and believed by nobody.
    assert_eq!(
        kernel.run(&tcp(&there, 9_000_000, 77, ACK, 100)).0,
        FORWARDED
    );
    assert_eq!(kernel.table.read(id, T0).window, expected);
    for flags in [2, 1 | ACK, 4, 4 | ACK] {
        assert_eq!(
            kernel.run(&tcp(&there, 1_101, 501, flags, 0)).0,
            UP,
            "flags {flags}"
        );
    }
    kernel.table.revoke(back_id);
    assert_eq!(
        kernel.run(&tcp(&there, 1_101, 501, ACK, 100)).0,
        UP,
        "its other half is gone"
    );
}

/// Small numbers without a clock or a crate.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len() as u64) as usize]
    }

    fn maybe<T>(&mut self, value: T) -> Option<T> {
        (self.roll(2) == 0).then_some(value)
    }
}

fn random_key(dice: &mut Dice) -> FastKey {
    let protocol = dice.pick(&[6, 17, 17, 1]);
    let ipv6 = dice.roll(3) == 0;
    let host = dice.roll(3);
    let (source, destination) = match ipv6 {
        true => (format!("2001:db8::{host}"), "2001:db8::ff".to_owned()),
        false => (format!("10.0.0.{host}"), "198.51.100.80".to_owned()),
    };
    let ports = (dice.pick(&[1, 4_000, 0xffff]), dice.pick(&[53, 80]));
    let (protocol, ports) = match protocol {
        1 if ipv6 => (58, (ports.0, 128 << 8)),
        1 => (1, (ports.0, 8 << 8)),
        protocol => (protocol, ports),
    };
    key(protocol, &source, &destination, ports)
}

fn random_way(dice: &mut Dice) -> FastWay {
    let key = random_key(dice);
    let ipv4 = key.source.is_ipv4();
    let address = Ipv4Addr::from(dice.roll(1 << 32) as u32);
    let other = Ipv4Addr::from(dice.roll(1 << 32) as u32);
    let port = dice.roll(1 << 16) as u16;
    let echo = key.protocol == 1;
    FastWay {
        rewrite: Rewrite {
            macs: dice.maybe((MAC_B, ROUTER)),
            hops: dice.roll(4) as u8,
            source: dice.maybe(address).filter(|_| ipv4),
            destination: dice.maybe(other).filter(|_| ipv4),
            source_port: dice.maybe(port).filter(|_| ipv4),
            destination_port: dice.maybe(port ^ 0x55).filter(|_| ipv4 && !echo),
            version: None,
        },
        mtu: dice.pick(&[600, 1_500, 9_001]),
        ..way(key)
    }
}

/// Of flows whose ports nobody changes.
fn random_admission(dice: &mut Dice) -> FastAdmission {
    let mut way = random_way(dice);
    while !matches!(way.key.protocol, 6 | 17) {
        way = random_way(dice);
    }
    (way.rewrite.source_port, way.rewrite.destination_port) = (None, None);
    way.key.source_port = 0;
    let ports = [0, 1, 2, 4_000, 0xffff];
    let (one, other) = (dice.pick(&ports), dice.pick(&ports));
    FastAdmission {
        way,
        back: (way.key.protocol == 6).then(|| answering(&way)),
        source_ports: one.min(other)..=one.max(other),
    }
}

/// What answers by a way, but for its destination port; it comes in where everything does here.
fn answering(way: &FastWay) -> FastWay {
    let key = FastKey {
        source: way.key.destination,
        destination: way.key.source,
        source_port: way.key.destination_port,
        destination_port: 0,
        ..way.key
    };
    FastWay { key, ..*way }
}

/// The next report, and the headers of its frame.
fn told(path: &mut impl FastPath) -> Option<(FastReport, Vec<u8>)> {
    let mut frame = vec![0; 65_549];
    let report = path.next_report(&mut frame)?;
    frame.truncate(report.len.min(114));
    Some((report, frame))
}

/// What two paths tell alike.
fn plain((report, frame): &(FastReport, Vec<u8>)) -> (PortId, usize, u16, Option<bool>, Vec<u8>) {
    let began = report.admission.map(|(_, began)| began.is_some());
    (
        report.port,
        report.len,
        report.gso_size,
        began,
        frame.clone(),
    )
}

fn random_frame(dice: &mut Dice) -> Vec<u8> {
    let key = random_key(dice);
    let len = dice.pick(&[0, 1, 2, 33, 550, 1_472, 2_000]);
    let fill = dice.roll(256) as u8;
    let ports = (key.source_port, key.destination_port);
    let l4 = match key.protocol {
        6 => L4::Tcp {
            ports,
            sequence: dice.roll(1 << 32) as u32,
            acknowledgement: dice.roll(1 << 32) as u32,
            flags: dice.pick(&[16, 16, 16, 24, 2, 17, 20]),
            payload: vec![fill; len],
        },
        17 => L4::Udp {
            ports,
            payload: vec![fill; len],
        },
        _ => {
            let [kind, code] = ports.1.to_be_bytes();
            let mut message = vec![kind, code, 0, 0];
            message.extend(ports.0.to_be_bytes());
            message.extend([0, 1]);
            message.extend(vec![fill; len]);
            L4::Icmp(message)
        }
    };
    let mut frame = frame(&key, l4);
    openvpc_testkit::set_ttl(&mut frame, dice.pick(&[0, 1, 2, 3, 64, 64, 64, 255]));
    match dice.roll(12) {
        0 => {
            let at = dice.roll(frame.len() as u64) as usize;
            frame[at] ^= 1 << dice.roll(8);
        }
        1 => {
            let at = dice.roll(frame.len().min(60) as u64) as usize;
            frame[at] ^= 1 << dice.roll(8);
            if frame[14] == 0x45 {
                mend_ipv4_header(&mut frame);
            }
        }
        // The kernel runs no program on less than an IP header.
        2 => frame.truncate(54.max(dice.roll(frame.len() as u64) as usize)),
        3 if key.protocol == 17 && key.source.is_ipv4() => frame[40..42].fill(0),
        _ => {}
    }
    frame
}

/// As a receiver sees sums: one's complement has two zeros.
fn blur(frame: &mut [u8]) {
    let at = match (frame[14] >> 4, frame[23]) {
        (4, 1) => 36,
        (4, 6) => 50,
        (4, 17) => 40,
        _ => return,
    };
    if let Some(sum) = frame.get_mut(at..at + 2)
        && sum == [0xff, 0xff]
    {
        sum.fill(0);
    }
}

#[test]
fn random_frames_fare_as_in_the_engines_own_tests() {
    let Some(mut kernel) = Kernel::new() else {
        return;
    };
    let mut dice = Dice(0x0dd5_eed5_0fca_fe01);
    let (mut forwarded, mut sent, mut reported) = (0u32, 0u32, 0u32);
    for _ in 0..300 {
        let mut soft = SoftPath::eager();
        let mut ids = Vec::new();
        let mut keys = Vec::new();
        for _ in 0..40 {
            let way = random_way(&mut dice);
            if keys.contains(&way.key) {
                continue;
            }
            if let Some(id) = kernel.table.install(&way, T0) {
                keys.push(way.key);
                ids.push((id, soft.install(&way, T0).unwrap()));
            }
        }
        let mut untold = Vec::new();
        for _ in 0..6 {
            let admission = random_admission(&mut dice);
            if keys.contains(&admission.way.key) {
                continue;
            }
            if let Some((own, back)) = kernel.table.admit(&admission, T0) {
                keys.push(admission.way.key);
                untold.extend([Some(own), back].into_iter().flatten());
                soft.admit(&admission, T0).unwrap();
            }
        }
        for _ in 0..300 {
            let frame = random_frame(&mut dice);
            let mut expected = frame.clone();
            let to = soft.run(A, &mut Frame::new(&mut expected), T0);
            let (action, mut got) = kernel.run(&frame);
            sent += 1;
            match to {
                Some(_) => {
                    forwarded += 1;
                    blur(&mut got);
                    blur(&mut expected);
                    assert_eq!(action, FORWARDED, "{frame:02x?}");
                    assert_eq!(got, expected, "from {frame:02x?}");
                }
                None => {
                    assert_ne!(action, FORWARDED, "{frame:02x?}");
                    assert!(action == UP || frame[12..14] != [8, 0], "{frame:02x?}");
                }
            }
        }
        loop {
            let (one, other) = (told(&mut kernel.table), told(&mut soft));
            assert_eq!(one.as_ref().map(plain), other.as_ref().map(plain));
            let Some((report, _)) = one else { break };
            reported += 1;
            untold.extend(
                report
                    .admission
                    .and_then(|(_, began)| began)
                    .into_iter()
                    .flatten(),
            );
        }
        for id in untold {
            kernel.table.revoke(id);
        }
        for (id, soft_id) in ids {
            let (one, other) = (kernel.table.read(id, T0), soft.read(soft_id, T0));
            assert_eq!(one.count, other.count);
            kernel.table.revoke(id);
        }
        while let Some(id) = kernel.table.next_retired() {
            kernel.table.release(id);
        }
    }
    println!(
        "program: {forwarded} of {sent} frames forwarded, {reported} of them told of, each as expected"
    );
    assert!(reported * 50 > sent, "too little is told of to mean much");
    assert!(
        forwarded * 10 > sent,
        "too little is forwarded to mean much"
    );
}

#[test]
fn addresses_of_two_families_never_meet() {
    let Some(mut kernel) = Kernel::new() else {
        return;
    };
    let four = key(17, "10.0.0.1", "10.0.1.1", (4_000, 53));
    kernel.table.install(&way(four), T0).unwrap();
    let six = FastKey {
        source: IpAddr::from("a00:1::".parse::<std::net::Ipv6Addr>().unwrap()),
        destination: IpAddr::from("a00:101::".parse::<std::net::Ipv6Addr>().unwrap()),
        ..four
    };
    assert_eq!(kernel.run(&udp(&six, 10)).0, UP);
}

/// A connection to 10.0.1.1:80 from any of these ports.
fn admission(source_ports: std::ops::RangeInclusive<u16>) -> FastAdmission {
    let way = way(key(6, "10.0.0.1", "10.0.1.1", (0, 80)));
    FastAdmission {
        way,
        back: Some(answering(&way)),
        source_ports,
    }
}

#[test]
fn a_connection_begins_without_asking_from_the_ports_that_are_said_and_no_other() {
    let Some(mut kernel) = Kernel::new() else {
        return;
    };
    let (own, back) = kernel.table.admit(&admission(4_000..=4_999), T0).unwrap();
    let syn = |port| tcp(&key(6, "10.0.0.1", "10.0.1.1", (port, 80)), 1, 0, 2, 0);
    for (port, action) in [
        (3_999, UP),
        (4_000, FORWARDED),
        (4_999, FORWARDED),
        (5_000, UP),
        (0, UP),
        (65_535, UP),
    ] {
        assert_eq!(kernel.run(&syn(port)).0, action, "from port {port}");
    }
    for flags in [1, 3, 4, 6, 7, 16, 17, 18, 20] {
        let other = tcp(&key(6, "10.0.0.1", "10.0.1.1", (4_500, 80)), 1, 0, flags, 0);
        assert_eq!(kernel.run(&other).0, UP, "flags {flags} begin nothing");
    }
    let mut began = Vec::new();
    while let Some((report, frame)) = told(&mut kernel.table) {
        let (by, ids) = report.admission.unwrap();
        assert_eq!((by, report.port, report.len), (own, A, 54));
        assert_eq!(frame, syn([4_000, 4_999][began.len()]));
        began.push(ids.unwrap());
    }
    assert_eq!(began.len(), 2);
    // Nothing goes by what was revoked, and every place is free again.
    let ids = began.into_iter().flatten().chain([own, back.unwrap()]);
    let ids: Vec<FastId> = ids.collect();
    for id in &ids {
        kernel.table.revoke(*id);
    }
    kernel.table.settle();
    assert_eq!(kernel.run(&syn(4_000)).0, UP);
    let segment = tcp(&key(6, "10.0.0.1", "10.0.1.1", (4_999, 80)), 2, 1, 16, 1);
    assert_eq!(kernel.run(&segment).0, UP);
    for id in ids {
        assert_eq!(kernel.table.next_retired(), Some(id));
        kernel.table.release(id);
    }
}

#[test]
fn a_young_connection_tells_of_every_packet_until_it_is_reset() {
    let Some(mut kernel) = Kernel::new() else {
        return;
    };
    kernel.table.admit(&admission(0..=65_535), T0).unwrap();
    let client = key(6, "10.0.0.1", "10.0.1.1", (4_000, 80));
    let server = key(6, "10.0.1.1", "10.0.0.1", (80, 4_000));
    let conversation = [
        (client, 2, FORWARDED),
        (server, 18, FORWARDED),
        (client, 16, FORWARDED),
        (client, 24, FORWARDED),
        (server, 24, FORWARDED),
        (server, 17, FORWARDED),
        (client, 17, FORWARDED),
        (server, 16, FORWARDED),
        (client, 4, FORWARDED),
        // It is over, and another one may begin.
        (client, 16, UP),
        (server, 16, UP),
        (client, 2, FORWARDED),
    ];
    for (place, (from, flags, action)) in conversation.into_iter().enumerate() {
        let segment = tcp(&from, 1, 1, flags, place);
        assert_eq!(kernel.run(&segment).0, action, "segment {place}");
        let told = told(&mut kernel.table);
        assert_eq!(told.is_some(), action == FORWARDED, "segment {place}");
        if let Some((report, frame)) = told {
            assert_eq!(frame, segment[..segment.len().min(114)]);
            let begins = report.admission.is_some_and(|(_, began)| began.is_some());
            assert_eq!(begins, flags == 2, "segment {place}");
        }
    }
    // What the engine must see first ends it for good: nothing may overtake it.
    assert_eq!(kernel.run(&tcp(&server, 1, 1, 18, 0)).0, FORWARDED);
    assert_eq!(kernel.run(&tcp(&client, 1, 1, 0, 0)).0, UP, "no flags");
    assert_eq!(kernel.run(&tcp(&client, 1, 1, 16, 0)).0, UP);
    assert_eq!(kernel.run(&tcp(&server, 1, 1, 16, 0)).0, UP);
}

#[test]
fn no_flow_begins_before_what_waits_for_the_engine() {
    let Some(mut kernel) = Kernel::new() else {
        return;
    };
    let way = way(key(17, "10.0.0.1", "10.0.1.1", (0, 53)));
    let admission = FastAdmission {
        way,
        back: None,
        source_ports: 0..=65_535,
    };
    kernel.table.admit(&admission, T0).unwrap();
    let datagram = |port| udp(&key(17, "10.0.0.1", "10.0.1.1", (port, 53)), 10);
    let elsewhere = udp(&key(17, "10.0.0.1", "10.0.1.2", (1, 53)), 10);
    let run = |frame: &[u8]| kernel.program.test_run(frame, IFINDEX).unwrap().action;
    assert_eq!(run(&datagram(1)), FORWARDED);
    // Past the path's MTU: the engine's, and so is what comes behind it.
    assert_eq!(
        run(&udp(&key(17, "10.0.0.1", "10.0.1.1", (1, 53)), 1_473)),
        UP
    );
    assert_eq!(run(&datagram(1)), UP, "one of its flow waits");
    assert_eq!(run(&datagram(2)), FORWARDED, "none of its own");
    assert_eq!(run(&elsewhere), UP);
    kernel.table.served(IFINDEX, 2);
    assert_eq!(run(&datagram(1)), UP, "the last one waits still");
    kernel.table.served(IFINDEX, 2);
    assert_eq!(run(&datagram(1)), FORWARDED);
}

#[test]
fn a_full_ring_sends_packets_up() {
    let Some(mut kernel) = Kernel::new() else {
        return;
    };
    kernel.table.admit(&admission(0..=65_535), T0).unwrap();
    let client = key(6, "10.0.0.1", "10.0.1.1", (4_000, 80));
    assert_eq!(kernel.run(&tcp(&client, 1, 0, 2, 0)).0, FORWARDED);
    let mut passed = 1;
    while kernel.run(&tcp(&client, 1, 1, 16, 0)).0 == FORWARDED {
        passed += 1;
        assert!(passed < 10_000, "the ring has no end");
    }
    assert!(
        passed < 8_192,
        "more than the engine keeps room for: {passed}"
    );
    let mut reports = 0;
    while told(&mut kernel.table).is_some() {
        reports += 1;
    }
    assert_eq!(reports, passed);
    // The connection is the engine's now; a new one has room again.
    assert_eq!(kernel.run(&tcp(&client, 1, 1, 16, 0)).0, UP);
    let next = FastKey {
        source_port: 4_001,
        ..client
    };
    assert_eq!(kernel.run(&tcp(&next, 1, 0, 2, 0)).0, FORWARDED);
}
