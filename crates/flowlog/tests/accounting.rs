//! I-17 over the records: what every flow log of an interface shows, what it declares as skipped and what no flow log
//! shows are together what crossed the interface, to the byte, over any windows and whatever happens meanwhile.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::HashMap;

use common::*;
use openvpc_engine::{Count, DirectionCounters, EniIndex, Limits};
use openvpc_flowlog::*;
use openvpc_testkit::{Host, L4, Lab, Shot, To, egress, ingress, ping};
use proptest::prelude::*;

const FORMAT: &str =
    "${interface-id} ${flow-direction} ${action} ${packets} ${bytes} ${log-status}";
const ENIS: [u32; 4] = [0, 1, 2, 3];

#[derive(Clone, Debug)]
enum Step {
    Send {
        from: usize,
        to: usize,
        kind: u8,
        port: u8,
        flags: u8,
    },
    Ping {
        from: usize,
        to: usize,
    },
    Wait(u8),
    Acl {
        host: usize,
        choice: u8,
    },
    Route {
        host: usize,
        choice: u8,
    },
    Close,
    Cut,
}

fn step() -> impl Strategy<Value = Step> {
    let host = || 0_usize..6;
    prop_oneof![
        12 => (host(), host(), 0_u8..4, 0_u8..4, prop::sample::select(vec![0x02_u8, 0x10, 0x18, 0x11, 0x04]))
            .prop_map(|(from, to, kind, port, flags)| Step::Send { from, to, kind, port, flags }),
        3 => (host(), host()).prop_map(|(from, to)| Step::Ping { from, to }),
        1 => (1_u8..200).prop_map(Step::Wait),
        1 => (0_usize..4, 0_u8..4).prop_map(|(host, choice)| Step::Acl { host, choice }),
        1 => (0_usize..4, 0_u8..3).prop_map(|(host, choice)| Step::Route { host, choice }),
        2 => Just(Step::Close),
        1 => Just(Step::Cut),
    ]
}

struct Stage {
    lab: Lab,
    hosts: Vec<Host>,
    aggregator: Aggregator,
    now: i64,
    /// Of every interface and direction, by the records.
    recorded: HashMap<(u32, String), Count>,
    /// Packets of interfaces that were told as overflow, and how often they were declared.
    declared: HashMap<u32, u64>,
}

impl Stage {
    fn new() -> Stage {
        let limits = Limits {
            flow_cells_per_eni_max: 5,
            ..Limits::default()
        };
        let lab = Lab::with_limits("10.0.0.0/16", limits).internet_gateway();
        let all = || [ingress("all from 0.0.0.0/0"), egress("all to 0.0.0.0/0")];
        let hosts = vec![
            lab.eni("10.0.1.10")
                .security_group(all())
                .public("192.0.2.10"),
            lab.eni("10.0.1.11")
                .security_group([ingress("tcp 1-2 from 10.0.0.0/16")]),
            lab.eni("10.0.2.10")
                .security_group(all())
                .public("192.0.2.20"),
            lab.eni("10.0.3.10")
                .security_group(all())
                .without_source_dest_check(),
            lab.internet("203.0.113.12"),
            lab.internet("198.51.100.80"),
        ];
        let mut aggregator = aggregator(Plan::default());
        aggregator.configure(
            plan(vec![flow_log("fl-1", Filter::All, FORMAT, &ENIS)]),
            at(BEGIN),
        );
        Stage {
            lab,
            hosts,
            aggregator,
            now: BEGIN,
            recorded: HashMap::new(),
            declared: HashMap::new(),
        }
    }

    fn play(&mut self, step: &Step) {
        let Stage { lab, hosts, .. } = self;
        match step {
            Step::Send { from, to, .. } | Step::Ping { from, to } if from == to => {}
            Step::Send {
                from,
                to,
                kind,
                port,
                flags,
            } => {
                let ports = (1_000, u16::from(*port));
                let l4 = match kind {
                    0 | 1 => L4::Udp {
                        ports,
                        payload: vec![1; usize::from(*port) * 100],
                    },
                    2 => L4::Raw(47, vec![1; 20]),
                    _ => L4::Tcp {
                        ports,
                        sequence: 100,
                        acknowledgement: 100,
                        flags: *flags,
                        payload: vec![],
                    },
                };
                let _ = lab.send(Shot::new(&hosts[*from], &hosts[*to], true, l4));
            }
            Step::Ping { from, to } => drop(lab.send(ping(&hosts[*from], &hosts[*to]))),
            Step::Wait(seconds) => {
                lab.wait_secs(u64::from(*seconds));
                self.now += i64::from(*seconds);
            }
            Step::Acl { host, choice } => {
                let acl = lab.network_acl(&hosts[*host]);
                match choice {
                    0 => acl.inbound("50 deny icmp from 0.0.0.0/0"),
                    1 => acl.outbound("50 deny udp to 203.0.113.0/24"),
                    2 => acl.inbound("60 deny tcp 0-1 from 0.0.0.0/0"),
                    _ => acl.remove(50),
                };
            }
            Step::Route { host, choice } => match choice {
                0 => lab.no_route(&hosts[*host], "0.0.0.0/0"),
                1 => lab.route(&hosts[*host], "0.0.0.0/0", To::InternetGateway),
                _ => lab.route(&hosts[*host], "203.0.113.0/24", To::Blackhole),
            },
            Step::Close => self.close(),
            Step::Cut => {
                let reading = self.reading();
                self.aggregator.read(&reading);
                let more = format!("fl-{}", self.now);
                let logs = vec![
                    flow_log("fl-1", Filter::All, FORMAT, &ENIS),
                    flow_log(&more, Filter::Reject, FORMAT, &ENIS),
                ];
                self.aggregator.configure(plan(logs), at(self.now));
            }
        }
    }

    fn counters(&self, eni: u32) -> [DirectionCounters; 2] {
        let counters = self.lab.counters(&self.hosts[eni as usize]);
        [counters.ingress, counters.egress]
    }

    fn reading(&self) -> Reading {
        let mut cells = Vec::new();
        for host in &self.hosts[..4] {
            cells.extend_from_slice(self.lab.flow_log(host).cells());
        }
        let overflow = ENIS.map(|eni| {
            let [ingress, egress] = self.counters(eni);
            let packets = ingress.overflow.packets + egress.overflow.packets;
            (EniIndex(eni), packets)
        });
        Reading {
            overflow: overflow
                .into_iter()
                .filter(|(_, packets)| *packets > 0)
                .collect(),
            ..reading(self.now, cells)
        }
    }

    fn close(&mut self) {
        let reading = self.reading();
        let closed = self.aggregator.close_now(&reading);
        for batch in closed
            .batches
            .iter()
            .filter(|batch| batch.flow_log.id == "fl-1")
        {
            for line in batch.records.lines().lines() {
                let words: Vec<&str> = line.split(' ').collect();
                let eni: u32 = words[0].strip_prefix("eni-").unwrap().parse().unwrap();
                match words[5] {
                    "OK" => {
                        let sum = self.recorded.entry((eni, words[1].to_owned())).or_default();
                        sum.add(Count {
                            packets: words[3].parse().unwrap(),
                            bytes: words[4].parse().unwrap(),
                        });
                    }
                    "SKIPDATA" => *self.declared.entry(eni).or_default() += 1,
                    status => assert_eq!(status, "NODATA"),
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn wire_is_records_and_named_classes_and_declared_skips(steps in prop::collection::vec(step(), 1..150)) {
        let mut stage = Stage::new();
        for step in &steps {
            stage.play(step);
        }
        stage.close();
        stage.lab.balances();
        for eni in ENIS {
            let mut skipped = 0;
            for (side, direction) in stage.counters(eni).iter().zip(["ingress", "egress"]) {
                let mut sum = stage.recorded.get(&(eni, direction.to_owned())).copied().unwrap_or_default();
                sum.add(side.overflow);
                side.unlogged.iter().for_each(|class| sum.add(*class));
                prop_assert_eq!(sum, side.wire, "eni-{} {}", eni, direction);
                skipped += side.overflow.packets;
            }
            prop_assert_eq!(skipped > 0, stage.declared.contains_key(&eni));
        }
    }
}
