//! Compiled tables against slow, obvious ones (style: three judges), and random traffic through both engines.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use openvpc_engine::{EniIndex, Route, RouteTable, RuleRef, Target, Verdict};
use openvpc_testkit::{Host, L4, Lab, Shot, To, egress, ingress, ping};
use proptest::prelude::*;

fn block() -> impl Strategy<Value = IpNet> {
    let v4 = (0u32..=0xff, 0u8..=32).prop_map(|(bits, len)| {
        IpNet::V4(
            Ipv4Net::new(
                Ipv4Addr::from(0x0a00_0000 | bits.rotate_right(8) | bits),
                len,
            )
            .unwrap(),
        )
    });
    let v6 = (0u128..=0xff, 0u8..=128).prop_map(|(bits, len)| {
        IpNet::V6(Ipv6Net::new((bits << 120 | bits << 60 | bits).into(), len).unwrap())
    });
    prop_oneof![v4, v6]
}

fn address() -> impl Strategy<Value = IpAddr> {
    let v4 = (0u32..=0xff)
        .prop_map(|bits| IpAddr::V4(Ipv4Addr::from(0x0a00_0000 | bits.rotate_right(8) | bits)));
    let v6 = (0u128..=0xff).prop_map(|bits| IpAddr::V6((bits << 120 | bits << 60 | bits).into()));
    prop_oneof![v4, v6]
}

proptest! {
    /// RT-2, RT-3: the compiled table finds what a scan finds.
    #[test]
    fn longest_prefix_as_a_linear_scan_would(blocks in prop::collection::vec(block(), 0..40), wanted in address()) {
        let routes: Vec<Route> = blocks
            .iter()
            .enumerate()
            .map(|(place, destination)| Route {
                destination: *destination,
                target: Target::NetworkInterface(EniIndex(place as u32)),
                reference: RuleRef(place as u32),
            })
            .collect();
        let table = RouteTable::new(routes.clone());
        let mut best: Option<&Route> = None;
        for route in &routes {
            let better = best.is_none_or(|best| route.destination.prefix_len() > best.destination.prefix_len());
            if route.destination.contains(&wanted) && better {
                best = Some(route);
            }
        }
        prop_assert_eq!(table.lookup(wanted).map(|route| route.reference), best.map(|route| route.reference));
    }
}

/// One thing that happens in a random history.
#[derive(Clone, Debug)]
enum Step {
    Send {
        from: usize,
        to: usize,
        kind: u8,
        ports: (u8, u8),
        flags: u8,
    },
    Ping {
        from: usize,
        to: usize,
    },
    Wait(u64),
    Rules {
        host: usize,
        choice: u8,
    },
    Acl {
        host: usize,
        choice: u8,
    },
    Route {
        host: usize,
        choice: u8,
    },
    Recompile,
    Sweep,
}

fn step() -> impl Strategy<Value = Step> {
    let host = 0usize..6;
    prop_oneof![
        8 => (host.clone(), host.clone(), 0u8..3, (0u8..3, 0u8..3), prop::sample::select(vec![2u8, 16, 18, 17, 4, 20, 24]))
            .prop_map(|(from, to, kind, ports, flags)| Step::Send { from, to, kind, ports, flags }),
        3 => (host.clone(), host.clone()).prop_map(|(from, to)| Step::Ping { from, to }),
        1 => prop::sample::select(vec![1u64, 9, 29, 31, 59, 130, 181, 601, 432_001]).prop_map(Step::Wait),
        1 => (0usize..4, 0u8..6).prop_map(|(host, choice)| Step::Rules { host, choice }),
        1 => (0usize..4, 0u8..6).prop_map(|(host, choice)| Step::Acl { host, choice }),
        1 => (0usize..4, 0u8..4).prop_map(|(host, choice)| Step::Route { host, choice }),
        1 => Just(Step::Recompile),
        1 => Just(Step::Sweep),
    ]
}

fn rules(choice: u8) -> Vec<openvpc_testkit::RuleText> {
    match choice {
        0 => vec![],
        1 => vec![ingress("all from 0.0.0.0/0"), egress("all to 0.0.0.0/0")],
        2 => vec![
            ingress("tcp 1-2 from 10.0.0.0/16"),
            egress("all to 0.0.0.0/0"),
        ],
        3 => vec![
            ingress("udp 0-1 from 0.0.0.0/0"),
            ingress("icmp from 203.0.113.0/24"),
            egress("udp to 0.0.0.0/0"),
        ],
        4 => vec![ingress("tcp from group:g"), egress("all to 0.0.0.0/0")],
        _ => vec![ingress("47 from 10.0.0.0/8"), egress("all to 10.0.0.0/8")],
    }
}

struct Stage {
    lab: Lab,
    hosts: Vec<Host>,
}

fn stage() -> Stage {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    lab.group("g", []);
    let hosts = vec![
        lab.eni("10.0.1.10")
            .in_group("g")
            .security_group(rules(1))
            .public("192.0.2.10"),
        lab.eni("10.0.1.11").security_group(rules(2)),
        lab.eni("10.0.2.10")
            .security_group(rules(4))
            .public("192.0.2.20"),
        lab.eni("10.0.3.10")
            .security_group(rules(1))
            .without_source_dest_check(),
        lab.internet("203.0.113.12"),
        lab.internet("198.51.100.80"),
    ];
    Stage { lab, hosts }
}

impl Stage {
    fn play(&self, step: &Step) {
        let Stage { lab, hosts } = self;
        match step {
            Step::Send { from, to, .. } | Step::Ping { from, to } if from == to => {}
            Step::Send {
                from,
                to,
                kind,
                ports,
                flags,
            } => {
                let ports = (u16::from(ports.0), u16::from(ports.1));
                let l4 = match kind {
                    0 => L4::Udp {
                        ports,
                        payload: vec![1; 20],
                    },
                    1 => L4::Raw(47, vec![1; 20]),
                    _ => L4::Tcp {
                        ports,
                        sequence: 100,
                        acknowledgement: 100,
                        flags: *flags,
                        payload: vec![],
                    },
                };
                lab.send(Shot::new(&hosts[*from], &hosts[*to], true, l4));
            }
            Step::Ping { from, to } => {
                let outcome = lab.send(ping(&hosts[*from], &hosts[*to]));
                if matches!(outcome.verdict(), Verdict::Forward { .. }) {
                    outcome.answered();
                }
            }
            Step::Wait(seconds) => lab.wait_secs(*seconds),
            Step::Rules { host, choice } => {
                hosts[*host].clone().security_group(rules(*choice));
            }
            Step::Acl { host, choice } => {
                let acl = lab.network_acl(&hosts[*host]);
                match choice {
                    0 => acl.inbound("50 deny icmp from 0.0.0.0/0"),
                    1 => acl.outbound("50 deny udp to 203.0.113.0/24"),
                    2 => acl.inbound("60 deny tcp 0-1 from 0.0.0.0/0"),
                    3 => acl.outbound("40 deny all to 10.0.2.0/24"),
                    4 => acl.remove(50),
                    _ => acl.remove(60).remove(40),
                };
            }
            Step::Route { host, choice } => match choice {
                0 => lab.no_route(&hosts[*host], "0.0.0.0/0"),
                1 => lab.route(&hosts[*host], "0.0.0.0/0", To::InternetGateway),
                2 => lab.route(&hosts[*host], "203.0.113.0/24", To::Blackhole),
                _ => lab.route(&hosts[*host], "203.0.113.0/24", To::Host(&hosts[3])),
            },
            Step::Recompile => lab.recompile(),
            Step::Sweep => {
                let _ = lab.flow_log(&hosts[0]);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    /// I-13 and I-17 over random histories: both engines agree on every verdict, byte, flow cell and counter, and the
    /// counters equal the captures. (The laboratory compares them on every packet.)
    #[test]
    fn remembered_verdicts_change_nothing(steps in prop::collection::vec(step(), 1..120)) {
        let stage = stage();
        for step in &steps {
            stage.play(step);
        }
        for host in &stage.hosts[..4] {
            let _ = stage.lab.flow_log(host);
        }
        stage.lab.balances();
    }

    /// An unrelated change in the middle of any history (a new snapshot with the same content) changes no later verdict.
    #[test]
    fn recompiling_changes_nothing(steps in prop::collection::vec(step(), 1..60), at in 0usize..60) {
        let (quiet, disturbed) = (stage(), stage());
        for (place, step) in steps.iter().enumerate() {
            quiet.play(step);
            if place == at {
                disturbed.lab.recompile();
            }
            disturbed.play(step);
        }
        for host in 0..4 {
            let [one, other] = [&quiet, &disturbed].map(|stage| stage.lab.counters(&stage.hosts[host]));
            prop_assert_eq!((one.ingress, one.egress), (other.ingress, other.egress));
        }
    }

    /// IGW-2: out and back is the identity, for every transport.
    #[test]
    fn translation_is_its_own_inverse(sport in 1024u16.., dport in 1u16.., len in 0usize..1_400, tcp in any::<bool>()) {
        prop_assume!(![67, 68, 546, 547].contains(&dport));
        let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
        let web = lab.eni("10.0.1.10").open().public("192.0.2.10");
        let bob = lab.internet("203.0.113.12");
        let payload: Vec<u8> = (0..len).map(|n| (n * 7) as u8).collect();
        let of = |from: &Host, to: &Host, ports, flags| {
            let payload = payload.clone();
            let l4 = if tcp {
                L4::Tcp { ports, sequence: 1, acknowledgement: 2, flags, payload }
            } else {
                L4::Udp { ports, payload }
            };
            Shot::new(from, to, true, l4)
        };
        let shot = of(&web, &bob, (sport, dport), 2);
        let without_checksum = |bytes: &[u8]| {
            let mut transport = bytes[34..].to_vec();
            let at = if tcp { 16 } else { 6 };
            transport[at..at + 2].fill(0);
            transport
        };
        let sent = without_checksum(shot.bytes());
        let out = lab.send(shot).reaches(&bob).seen_as("192.0.2.10", "203.0.113.12");
        prop_assert_eq!(without_checksum(out.frames()[0]), sent);
        let back = of(&bob, &web, (dport, sport), 18);
        lab.send(back).reaches(&web).seen_as("203.0.113.12", "10.0.1.10");
    }
}

/// Connection tracking against a list of flows that is searched from end to end (SG-6 … SG-8).
mod naive_tracking {
    use openvpc_testkit::{FrameSpec, build};

    use super::*;

    /// Two hosts of one subnet; only `web` has rules worth mentioning.
    #[derive(Clone, Debug)]
    enum Event {
        /// The transport by number, whether `web` sends, and two ports (or an echo id and request/reply).
        Packet {
            kind: u8,
            out: bool,
            near: u8,
            far: u8,
        },
        Wait(u64),
        Rules {
            inbound: bool,
            outbound: bool,
        },
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            8 => (0u8..3, any::<bool>(), 0u8..2, 0u8..2).prop_map(|(kind, out, near, far)| Event::Packet { kind, out, near, far }),
            2 => prop::sample::select(vec![1u64, 14, 29, 30, 31, 90, 179, 180, 181, 599, 600]).prop_map(Event::Wait),
            1 => (any::<bool>(), any::<bool>()).prop_map(|(inbound, outbound)| Event::Rules { inbound, outbound }),
        ]
    }

    /// What the list holds.
    struct Flow {
        kind: u8,
        ports: (u8, u8),
        out_first: bool,
        last: u64,
        answered: bool,
        stream: bool,
    }

    /// Milliseconds.
    fn timeout(flow: &Flow) -> u64 {
        1_000
            * match flow.kind {
                0 if flow.stream => 180,
                0 | 1 => 30,
                _ => 600,
            }
    }

    /// Whether the list lets the packet pass, noting it if so. Ports are seen from `web`.
    fn passes(
        flows: &mut Vec<Flow>,
        now: u64,
        allowed: [bool; 2],
        kind: u8,
        out: bool,
        ports: (u8, u8),
    ) -> bool {
        let echo_reply = kind == 1 && ports.1 == 1;
        let ports = match kind {
            2 => (0, 0),
            _ => ports,
        };
        // An echo flow is known by its identifier and by who asks.
        let ports = if kind == 1 {
            (ports.0, u8::from(out != echo_reply))
        } else {
            ports
        };
        flows.retain(|flow| now - flow.last < timeout(flow));
        if let Some(flow) = flows
            .iter_mut()
            .find(|flow| flow.kind == kind && flow.ports == ports)
        {
            flow.stream |= flow.answered && out == flow.out_first;
            flow.answered |= out != flow.out_first;
            flow.last = now;
            return true;
        }
        if echo_reply || !allowed[usize::from(out)] {
            return false;
        }
        flows.push(Flow {
            kind,
            ports,
            out_first: out,
            last: now,
            answered: false,
            stream: false,
        });
        true
    }

    fn frame(from: &Host, to: &Host, kind: u8, ports: (u8, u8)) -> Vec<u8> {
        let wide = |port: u8| 1_000 + u16::from(port);
        let l4 = match kind {
            0 => L4::Udp {
                ports: (wide(ports.0), wide(ports.1)),
                payload: vec![1],
            },
            1 => L4::Icmp(vec![
                if ports.1 == 1 { 0 } else { 8 },
                0,
                0,
                0,
                0,
                ports.0,
                0,
                1,
            ]),
            _ => L4::Raw(47, vec![0; 8]),
        };
        build(&FrameSpec {
            source_mac: from.mac(),
            destination_mac: to.mac(),
            source: from.address(true),
            destination: to.address(true),
            ttl: 64,
            l4,
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

        #[test]
        fn the_table_lets_pass_what_the_list_does(events in prop::collection::vec(event(), 1..80)) {
            let lab = Lab::vpc("10.0.0.0/16");
            let rules = |inbound: bool, outbound: bool| {
                let inbound = inbound.then(|| ingress("all from 10.0.0.0/16"));
                let outbound = outbound.then(|| egress("all to 10.0.0.0/16"));
                inbound.into_iter().chain(outbound).collect::<Vec<_>>()
            };
            let web = lab.eni("10.0.1.10").security_group(rules(true, false));
            // The other side's own refusals must not show: everything is open there, replies to nobody excepted.
            let peer = lab.eni("10.0.1.11").open();
            let (mut flows, mut now, mut allowed) = (Vec::new(), 0u64, [true, false]);
            for event in events {
                match event {
                    Event::Wait(seconds) => {
                        now += seconds * 1_000;
                        lab.wait_secs(seconds);
                    }
                    Event::Rules { inbound, outbound } => {
                        allowed = [inbound, outbound];
                        let _ = web.clone().security_group(rules(inbound, outbound));
                    }
                    Event::Packet { kind, out, near, far } => {
                        now += 1;
                        let (from, to) = if out { (&web, &peer) } else { (&peer, &web) };
                        // Ports as the sender has them; an echo's second one tells request from reply.
                        let sent = if kind == 1 || out { (near, far) } else { (far, near) };
                        let verdict = lab.raw(from, frame(from, to, kind, sent)).verdict();
                        let passed = matches!(verdict, Verdict::Forward { .. });
                        let at_peer = !out && verdict == Verdict::Drop(openvpc_engine::DropReason::NoConnection);
                        if at_peer {
                            // An echo reply that the peer itself may not send never came to the list's interface.
                            prop_assert!(kind == 1 && far == 1);
                            continue;
                        }
                        prop_assert_eq!(passed, passes(&mut flows, now, allowed, kind, out, (near, far)), "{:?}", verdict);
                    }
                }
            }
            lab.balances();
        }
    }
}

/// ACL-1 against a scan that reads the entries as a person would.
mod rule_order {
    use super::*;

    #[derive(Clone, Debug)]
    struct Entry {
        number: u16,
        allow: bool,
        ports: Option<(u16, u16)>,
        prefix: u8,
    }

    fn entry() -> impl Strategy<Value = Entry> {
        let ports = prop::option::of((0u16..8, 0u16..8).prop_map(|(a, b)| (a.min(b), a.max(b))));
        (1u16..200, any::<bool>(), ports, 8u8..=32).prop_map(|(number, allow, ports, prefix)| {
            Entry {
                number,
                allow,
                ports,
                prefix,
            }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn the_lowest_matching_number_decides(entries in prop::collection::vec(entry(), 0..8), last in 1u8..250, port in 0u16..8) {
            let lab = Lab::vpc("10.0.0.0/16");
            let a = lab.eni(&format!("10.0.1.{last}")).open();
            let b = lab.eni("10.0.2.10").open();
            lab.network_acl(&b).remove(100).remove(101);
            let mut by_number = std::collections::BTreeMap::new();
            for entry in &entries {
                by_number.insert(entry.number, entry.clone());
                let verb = if entry.allow { "allow" } else { "deny" };
                let what = entry.ports.map_or("all".to_owned(), |(from, to)| format!("udp {from}-{to}"));
                lab.network_acl(&b).inbound(&format!("{} {verb} {what} from 10.0.1.5/{}", entry.number, entry.prefix));
            }
            let source = u32::from(Ipv4Addr::new(10, 0, 1, last));
            let base = u32::from(Ipv4Addr::new(10, 0, 1, 5));
            let expected = by_number.values().find(|entry| {
                let same = (source ^ base).checked_shr(32 - u32::from(entry.prefix)).unwrap_or(0) == 0;
                same && entry.ports.is_none_or(|(from, to)| (from..=to).contains(&port))
            });
            let l4 = L4::Udp { ports: (9, port), payload: vec![] };
            let verdict = lab.send(Shot::new(&a, &b, true, l4)).verdict();
            let passed = matches!(verdict, Verdict::Forward { .. });
            prop_assert_eq!(passed, expected.is_some_and(|entry| entry.allow));
        }
    }
}
