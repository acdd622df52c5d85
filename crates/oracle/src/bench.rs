//! Oracle and engine side by side: one step at a time through both.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use openvpc_engine::{
    Action, Count, Direction, Engine, FlowCell, Frame, Limits, Snapshot, Time, Trace, Verdict,
};

use crate::convert;
use crate::judge::{Fate, Judgement, Oracle, Record};
use crate::packet::{Packet, Port};
use crate::rules::Way;
use crate::world::{Acl, Group, Route, World};

/// One step of a story.
#[derive(Clone, Debug)]
pub enum Step {
    /// A packet leaves a port.
    Send(Packet),
    /// The configuration changes.
    Edit(Edit),
    /// Seconds pass.
    Wait(u64),
    /// The flow log reads its cells.
    Sweep,
}

/// A change of configuration.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Rules of a group are replaced.
    Group(usize, Group),
    /// Entries of a network ACL are replaced.
    Acl(usize, Acl),
    /// Routes are replaced.
    Table(usize, Vec<Route>),
    /// A gateway is attached or detached.
    Gateway(usize, bool),
    /// An egress-only gateway of this number is made, or the one there is deleted.
    EgressOnly(usize, Option<u64>),
    /// The gateway of a VPC gets an edge table or loses it.
    Edge(usize, Option<usize>),
    /// An interface gets other groups.
    Groups(usize, Vec<usize>),
    /// Source/destination check.
    Check(usize, bool),
    /// The public address of an interface's n-th private address.
    Public(usize, usize, Option<Ipv4Addr>),
}

/// Both judges and what they counted.
pub struct Bench {
    /// The oracle, with the world of now.
    pub oracle: Oracle,
    engine: Engine,
    now: u64,
    generation: u64,
    /// Since the latest sweep.
    window: BTreeMap<Record, Count>,
    /// Since the beginning, per interface and way: accepted, rejected.
    counted: Vec<[[Count; 2]; 2]>,
    /// What each cell had counted when it was last read, and when that was.
    read: BTreeMap<(Record, u8), (u64, Count)>,
    /// Packets sent.
    pub packets: u64,
    /// Packets delivered.
    pub delivered: u64,
}

impl Bench {
    /// Both judges before a world.
    pub fn new(world: World) -> Bench {
        let mut engine = Engine::new(Limits::default());
        let enis = world.enis.len();
        for eni in 0..enis {
            engine.attach_port(Port::Eni(eni).id());
        }
        for host in 0..world.outside.len() {
            engine.attach_port(Port::Outside(host).id());
        }
        let mut bench = Bench {
            oracle: Oracle::new(world),
            engine,
            now: 1_000_000_000,
            generation: 0,
            window: BTreeMap::new(),
            counted: vec![[[Count::default(); 2]; 2]; enis],
            read: BTreeMap::new(),
            packets: 0,
            delivered: 0,
        };
        bench.install().expect("a world that fits together");
        bench
    }

    /// Takes one step; the judgement of a packet.
    ///
    /// # Errors
    /// How the two differ.
    pub fn step(&mut self, step: &Step) -> Result<Option<Judgement>, String> {
        match step {
            Step::Send(packet) => return self.send(packet).map(Some),
            Step::Wait(secs) => {
                self.now += secs * 1_000_000_000;
                self.engine.handle_timeout(Time(self.now));
                while self.engine.next_extra().is_some() {}
            }
            Step::Sweep => self.sweep()?,
            Step::Edit(edit) => {
                let before = self.oracle.world.clone();
                apply(&mut self.oracle.world, edit);
                if self.install().is_err() {
                    self.oracle.world = before; // Would claim an address twice.
                }
            }
        }
        Ok(None)
    }

    fn install(&mut self) -> Result<(), String> {
        self.generation += 1;
        let parts = convert::parts(&self.oracle.world, self.generation);
        let snapshot = Snapshot::new(parts).map_err(|error| error.to_string())?;
        self.engine.install(Arc::new(snapshot));
        Ok(())
    }

    fn send(&mut self, packet: &Packet) -> Result<Judgement, String> {
        self.now += 1_000_000;
        self.packets += 1;
        let judgement = self.oracle.judge(packet, self.now);
        let subnet = match packet.from {
            Port::Eni(eni) => Some(self.oracle.world.enis[eni].subnet),
            Port::Outside(_) => None,
        };
        let mut bytes = packet.frame(subnet);
        let mut frame = Frame::new(&mut bytes);
        let now = Time(self.now);
        let verdict = self.engine.process(packet.from.id(), &mut frame, now);
        self.compare_fate(packet, &judgement, verdict, frame.bytes)
            .and_then(|()| self.compare_counters(packet, &judgement))
            .map_err(|difference| self.explain(packet, &judgement, difference))?;
        Ok(judgement)
    }

    fn explain(&mut self, packet: &Packet, judgement: &Judgement, difference: String) -> String {
        let subnet = match packet.from {
            Port::Eni(eni) => Some(self.oracle.world.enis[eni].subnet),
            Port::Outside(_) => None,
        };
        let mut bytes = packet.frame(subnet);
        let mut trace = Trace::default();
        let (mut frame, now) = (Frame::new(&mut bytes), Time(self.now));
        let port = packet.from.id();
        self.engine
            .process_traced(port, &mut frame, now, &mut trace);
        let step = |step: &openvpc_engine::trace::Step| {
            format!(
                "\n    {:?} at {:?}: {:?}",
                step.stage, step.at, step.decision
            )
        };
        let steps: String = trace.steps.iter().map(step).collect();
        format!(
            "{difference}\n  oracle: {} {:?} {:?}\n  engine, asked again: {}",
            judgement.why, judgement.fate, judgement.records, steps
        )
    }

    fn compare_fate(
        &mut self,
        packet: &Packet,
        judgement: &Judgement,
        verdict: Verdict,
        bytes: &[u8],
    ) -> Result<(), String> {
        match (judgement.fate, verdict) {
            (Fate::Dropped, Verdict::Drop(_)) => Ok(()),
            (Fate::Local, Verdict::Drop(_) | Verdict::Reply) => Ok(()),
            (Fate::Delivered { port, .. }, Verdict::Forward { port: to }) if port.id() == to => {
                self.delivered += 1;
                self.compare_frame(packet, judgement.fate, port, bytes)
            }
            (fate, verdict) => Err(format!("oracle {fate:?}, engine {verdict:?}")),
        }
    }

    fn compare_frame(
        &self,
        packet: &Packet,
        fate: Fate,
        port: Port,
        bytes: &[u8],
    ) -> Result<(), String> {
        let Fate::Delivered {
            source,
            destination,
            neighbour,
            ..
        } = fate
        else {
            return Ok(());
        };
        let sent = Packet {
            source,
            destination,
            ..*packet
        };
        let (to, from) = match (port, packet.from) {
            (Port::Eni(eni), Port::Eni(sender)) if neighbour => {
                (convert::eni_mac(eni), convert::eni_mac(sender))
            }
            (Port::Eni(eni), _) => {
                let subnet = self.oracle.world.enis[eni].subnet;
                (convert::eni_mac(eni), convert::router_mac(subnet))
            }
            (Port::Outside(host), _) => (convert::outside_mac(host), convert::link_mac(host)),
        };
        let mut expected = sent.frame(Some(0));
        expected[0..6].copy_from_slice(&to.0);
        expected[6..12].copy_from_slice(&from.0);
        if !neighbour {
            openvpc_testkit::set_ttl(&mut expected, ttl(bytes));
        }
        if expected != bytes {
            return Err(format!(
                "arrived as {bytes:02x?}\n  instead of {expected:02x?}"
            ));
        }
        Ok(())
    }

    fn compare_counters(&mut self, packet: &Packet, judgement: &Judgement) -> Result<(), String> {
        let count = Count {
            packets: 1,
            bytes: packet.ip_bytes(),
        };
        for record in &judgement.records {
            self.window.entry(*record).or_default().add(count);
            let way = usize::from(record.way == Way::Egress);
            self.counted[record.eni][way][usize::from(!record.accept)].add(count);
        }
        for (eni, [ingress, egress]) in self.counted.iter().enumerate() {
            let index = openvpc_engine::EniIndex(eni as u32);
            let Some(counters) = self.engine.eni_counters(index) else {
                return Err(format!("interface {eni} has no counters"));
            };
            for (name, own, theirs) in [
                ("ingress", ingress, &counters.ingress),
                ("egress", egress, &counters.egress),
            ] {
                if own[0] != theirs.accept || own[1] != theirs.reject {
                    return Err(format!(
                        "interface {eni} {name}: oracle ACCEPT {:?} REJECT {:?}, engine ACCEPT {:?} REJECT {:?}",
                        own[0], own[1], theirs.accept, theirs.reject
                    ));
                }
                let mut sum = theirs.accept;
                sum.add(theirs.reject);
                theirs.unlogged.iter().for_each(|class| sum.add(*class));
                if sum != theirs.wire {
                    return Err(format!(
                        "interface {eni} {name}: {sum:?} of {:?} (I-17)",
                        theirs.wire
                    ));
                }
            }
        }
        Ok(())
    }

    fn sweep(&mut self) -> Result<(), String> {
        let mut cells: Vec<FlowCell> = Vec::new();
        self.engine
            .sweep_flows(Time(self.now), |cell| cells.push(cell.clone()));
        let mut window: BTreeMap<Record, Count> = BTreeMap::new();
        for cell in &cells {
            let record = record_of(cell);
            window.entry(record).or_default().add(cell.window());
            let path = cell.traffic_path.map_or(0, |path| path as u8);
            let before = self.read.insert((record, path), (cell.last.0, cell.total));
            // A cell idle for long may have been forgotten; a young one never goes back.
            if let Some((at, before)) = before
                && self.now - at < 100_000_000_000
                && (cell.total.packets != before.packets + cell.window().packets
                    || cell.total.bytes != before.bytes + cell.window().bytes)
            {
                return Err(format!(
                    "{record:?} went from {before:?} to {:?}",
                    cell.total
                ));
            }
        }
        if window == self.window {
            self.window.clear();
            return Ok(());
        }
        let lost = self
            .window
            .iter()
            .filter(|(record, count)| window.get(*record) != Some(*count));
        let wrong = window
            .iter()
            .filter(|(record, count)| self.window.get(*record) != Some(*count));
        Err(format!(
            "flow log: oracle {:#?}\n engine {:#?}",
            lost.collect::<Vec<_>>(),
            wrong.collect::<Vec<_>>()
        ))
    }
}

fn apply(world: &mut World, edit: &Edit) {
    match edit {
        Edit::Group(group, rules) => world.groups[*group] = rules.clone(),
        Edit::Acl(acl, entries) => world.acls[*acl] = entries.clone(),
        Edit::Table(table, routes) => world.tables[*table] = routes.clone(),
        Edit::Gateway(vpc, attached) => world.vpcs[*vpc].internet_gateway = *attached,
        Edit::EgressOnly(vpc, number) => world.vpcs[*vpc].egress_only = *number,
        Edit::Edge(vpc, table) => world.vpcs[*vpc].edge = *table,
        Edit::Groups(eni, groups) => world.enis[*eni].groups = groups.clone(),
        Edit::Check(eni, check) => world.enis[*eni].check = *check,
        Edit::Public(eni, place, public) => world.enis[*eni].ipv4[*place].1 = *public,
    }
}

fn record_of(cell: &FlowCell) -> Record {
    let egress = cell.direction == Direction::Egress;
    Record {
        eni: cell.eni.0 as usize,
        way: if egress { Way::Egress } else { Way::Ingress },
        accept: cell.action == Action::Accept,
        source: cell.source,
        destination: cell.destination,
        in_packet: (cell.packet_source, cell.packet_destination),
        ports: (cell.source_port, cell.destination_port),
        protocol: cell.protocol,
    }
}

fn ttl(frame: &[u8]) -> u8 {
    let ipv4 = frame.get(14).is_some_and(|byte| byte >> 4 == 4);
    frame
        .get(if ipv4 { 22 } else { 21 })
        .copied()
        .unwrap_or_default()
}
