//! Oracle and engine side by side: one step at a time through both.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::sync::Arc;

use openvpc_engine::{
    Action, Count, Direction, Engine, EniIndex, FastAdmission, FastCounters, FlowCell, Frame,
    Limits, Snapshot, Time, Trace, Verdict,
};
use openvpc_testkit::SoftPath;

use crate::convert;
use crate::judge::{Fate, Judgement, Oracle, Record};
use crate::nat::Asked;
use crate::packet::{Packet, Port};
use crate::rules::Way;
use crate::world::{Acl, Group, Route, User, World};

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
    /// The addresses of a NAT gateway.
    Addresses(usize, Vec<(Ipv4Addr, Option<Ipv4Addr>)>),
    /// A NAT gateway is deleted.
    DeleteNatGateway(usize),
    /// A peering connection is accepted or deleted.
    Peering(usize, bool),
}

/// Rows of the tables, and how many packets met each.
pub type Rows = BTreeMap<&'static str, u64>;

/// Both judges and what they counted.
pub struct Bench {
    /// The oracle, with the world of now.
    pub oracle: Oracle,
    engine: Rc<RefCell<Engine>>,
    /// What replays its verdicts, if anything.
    soft: Option<SoftPath>,
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
    /// Packets that the fast path forwarded.
    pub replayed: u64,
    /// How often each row of the tables was met.
    pub rows: Rows,
}

impl Bench {
    /// Both judges before a world.
    pub fn new(world: World) -> Bench {
        Bench::over(world, false)
    }

    /// Both judges before a world; the engine's verdicts may be replayed by a fast path.
    pub fn over(world: World, fast: bool) -> Bench {
        let mut engine = Engine::new(Limits::default());
        let soft = fast.then(SoftPath::default);
        if let Some(soft) = &soft {
            engine.set_fast_path(Box::new(soft.clone()));
        }
        let enis = world.enis.len();
        for eni in (0..enis).filter(|eni| world.enis[*eni].user == User::Host) {
            engine.attach_port(Port::Eni(eni).id());
        }
        for host in 0..world.outside.len() {
            engine.attach_port(Port::Outside(host).id());
        }
        let engine = Rc::new(RefCell::new(engine));
        let asked = engine.clone();
        let claim = move |flow: &Asked| {
            let Asked { protocol, .. } = *flow;
            let gateway = EniIndex(flow.gateway as u32);
            asked
                .borrow()
                .nat_mapping(gateway, protocol, flow.inside, flow.far)
        };
        let mut bench = Bench {
            oracle: Oracle::new(world, Rc::new(claim)),
            engine,
            soft,
            now: 1_000_000_000,
            generation: 0,
            window: BTreeMap::new(),
            counted: vec![[[Count::default(); 2]; 2]; enis],
            read: BTreeMap::new(),
            packets: 0,
            delivered: 0,
            replayed: 0,
            rows: Rows::new(),
        };
        bench.install().expect("a world that fits together");
        bench
    }

    /// What the fast path may begin without asking the engine.
    pub fn admissions(&self) -> Vec<FastAdmission> {
        self.soft
            .as_ref()
            .map(SoftPath::admissions)
            .unwrap_or_default()
    }

    /// What became of verdicts that the fast path might replay.
    pub fn fast_counters(&self) -> FastCounters {
        self.engine.borrow().fast_counters()
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
                let mut engine = self.engine.borrow_mut();
                engine.handle_timeout(Time(self.now));
                while engine.next_extra().is_some() {}
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
        self.engine.borrow_mut().install(Arc::new(snapshot));
        Ok(())
    }

    fn send(&mut self, packet: &Packet) -> Result<Judgement, String> {
        self.now += 1_000_000;
        self.packets += 1;
        let subnet = match packet.from {
            Port::Eni(eni) => Some(self.oracle.world.enis[eni].subnet),
            Port::Outside(_) => None,
        };
        let mut bytes = packet.frame(subnet);
        let mut frame = Frame::new(&mut bytes);
        let now = Time(self.now);
        let port = packet.from.id();
        let soft = self.soft.as_ref();
        let verdict = match soft.and_then(|soft| soft.run(port, &mut frame, now)) {
            Some(port) => {
                self.replayed += 1;
                Verdict::Forward { port }
            }
            None => self.engine.borrow_mut().process(port, &mut frame, now),
        };
        let judgement = self.oracle.judge(packet, self.now);
        for row in judgement.passed.iter().chain([&judgement.why]) {
            *self.rows.entry(row).or_default() += 1;
        }
        if let Some(violation) = judgement.violation {
            return Err(self.explain(packet, &judgement, violation.to_owned()));
        }
        let translated = matches!(verdict, Verdict::Translated { .. });
        let arrived = match translated {
            true => self.engine.borrow().translated().0.to_vec(),
            false => frame.bytes.to_vec(),
        };
        self.compare_fate(&judgement, verdict, &arrived)
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
            .borrow_mut()
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
        judgement: &Judgement,
        verdict: Verdict,
        bytes: &[u8],
    ) -> Result<(), String> {
        match (judgement.fate, verdict) {
            (Fate::Dropped, Verdict::Drop(_)) => Ok(()),
            (Fate::Local, Verdict::Drop(_) | Verdict::Reply) => Ok(()),
            (Fate::Reset, Verdict::Reply) => Ok(()),
            (
                Fate::Delivered { port, .. },
                Verdict::Forward { port: to } | Verdict::Translated { port: to },
            ) if port.id() == to => {
                self.delivered += 1;
                self.compare_frame(judgement.fate, port, bytes)
            }
            (fate, verdict) => Err(format!("oracle {fate:?}, engine {verdict:?}")),
        }
    }

    fn compare_frame(&self, fate: Fate, port: Port, bytes: &[u8]) -> Result<(), String> {
        let Fate::Delivered {
            seen, neighbour, ..
        } = fate
        else {
            return Ok(());
        };
        let (to, from) = match (port, neighbour) {
            (Port::Eni(eni), Some(sender)) => (convert::eni_mac(eni), convert::eni_mac(sender)),
            (Port::Eni(eni), None) => {
                let subnet = self.oracle.world.enis[eni].subnet;
                (convert::eni_mac(eni), convert::router_mac(subnet))
            }
            (Port::Outside(host), _) => (convert::outside_mac(host), convert::link_mac(host)),
        };
        let mut expected = seen.frame(Some(0));
        expected[0..6].copy_from_slice(&to.0);
        expected[6..12].copy_from_slice(&from.0);
        if neighbour.is_none() {
            openvpc_testkit::set_ttl(&mut expected, ttl(bytes));
        }
        if seen.source.is_ipv4() && bytes.len() > 20 && seen.piece.is_none() {
            // RFC 7915 §5.1: any identification will do.
            expected[18..20].copy_from_slice(&bytes[18..20]);
            openvpc_testkit::mend_ipv4_header(&mut expected);
        }
        if expected != bytes {
            return Err(format!(
                "arrived as {bytes:02x?}\n  instead of {expected:02x?}"
            ));
        }
        Ok(())
    }

    fn compare_counters(&mut self, packet: &Packet, judgement: &Judgement) -> Result<(), String> {
        for record in &judgement.records {
            let as_it_came = record.in_packet.0.is_ipv4() == packet.source.is_ipv4();
            let count = Count {
                packets: 1,
                bytes: match as_it_came {
                    true => packet.ip_bytes(),
                    false => packet.ip_bytes_otherwise(),
                },
            };
            let shown = blurred(*record, &self.oracle.world);
            self.window.entry(shown).or_default().add(count);
            let way = usize::from(record.way == Way::Egress);
            self.counted[record.eni][way][usize::from(!record.accept)].add(count);
        }
        let mut engine = self.engine.borrow_mut();
        if self.soft.is_some() {
            // Asking always would hide what the engine does not know in between.
            if !self.packets.is_multiple_of(16) {
                return Ok(());
            }
            engine.read_fast_path(Time(self.now));
            if engine.fast_counters().disagreed > 0 {
                return Err("the engine would not have forwarded what the path did".to_owned());
            }
        }
        for (eni, [ingress, egress]) in self.counted.iter().enumerate() {
            let user = self.oracle.world.enis[eni].user;
            let Some(counters) = engine.eni_counters(EniIndex(eni as u32)) else {
                // Those of a gateway begin with its first packet, and end with it.
                let silent = [ingress, egress]
                    .iter()
                    .all(|way| **way == [Count::default(); 2]);
                if user == User::Deleted || user == User::NatGateway && silent {
                    continue;
                }
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
            .borrow_mut()
            .sweep_flows(Time(self.now), |cell| cells.push(cell.clone()));
        let mut window: BTreeMap<Record, Count> = BTreeMap::new();
        for cell in &cells {
            let record = record_of(cell);
            let shown = blurred(record, &self.oracle.world);
            window.entry(shown).or_default().add(cell.window());
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
        Edit::Addresses(eni, addresses) => world.enis[*eni].ipv4 = addresses.clone(),
        Edit::DeleteNatGateway(eni) => world.enis[*eni].user = User::Deleted,
        Edit::Peering(peering, active) => world.peerings[*peering].active = *active,
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

/// A port that a NAT gateway drew for a packet which its ACL then refused is nobody's business.
fn blurred(mut record: Record, world: &World) -> Record {
    let refused = !record.accept && record.way == Way::Egress;
    if world.enis[record.eni].user != User::Host && refused {
        record.ports.0 = 0;
        record.in_packet.0 = record.source;
    }
    record
}

fn ttl(frame: &[u8]) -> u8 {
    let ipv4 = frame.get(14).is_some_and(|byte| byte >> 4 == 4);
    frame
        .get(if ipv4 { 22 } else { 21 })
        .copied()
        .unwrap_or_default()
}
