//! What would become of a flow: its first packet and the answer to it, carried by the very stages that judge real packets
//! (D1), before anybody sends them. `openvpc why`, Reachability Analyzer, plans and expectations all ask here.
//!
//! An [`Explainer`] is an engine of its own: nothing that it does is seen by the one that carries packets. It plays the
//! hosts too: whoever gets the packet answers it, and an interface that gets what is not addressed to it is taken for a
//! middlebox that sends it on.

mod neighbour;
mod packet;

use std::net::IpAddr;
use std::sync::Arc;

use openvpc_wire::Frame;

pub use packet::{Header, Probe};

use crate::engine::Engine;
use crate::ids::{PortId, Time};
use crate::limits::Limits;
use crate::snapshot::Snapshot;
use crate::trace::{Decision, Step, Trace};
use crate::verdict::{DropReason, Verdict};

/// Middleboxes in a row before the packet is taken to go in a circle.
const LEGS_MAX: usize = 8;
/// When every question is asked; the clock stands still.
const NOW: Time = Time::from_secs(1);

/// A flow that might be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// The port that would send the first packet.
    pub from: PortId,
    /// Its source address, one of the port's own unless it is to be spoofed.
    pub source: IpAddr,
    /// As the sender knows it: a public address if it is to be reached over the internet.
    pub destination: IpAddr,
    /// The rest of it.
    pub probe: Probe,
}

/// How a flow would fare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The first packet.
    pub forward: Journey,
    /// The answer, if the first packet reached somebody who gives one.
    pub back: Option<Journey>,
}

impl Explanation {
    /// Whether the sender hears an answer.
    pub fn is_reachable(&self) -> bool {
        match (&self.forward.end, &self.back) {
            (End::Answered, _) => true,
            (End::Arrived(_), Some(back)) => matches!(back.end, End::Arrived(_)),
            (End::Arrived(_), None) | (End::Lost(_) | End::Refused(_), _) => false,
        }
    }

    /// Why the sender hears none: the reason and whether it met the answer rather than the question.
    pub fn lost(&self) -> Option<(DropReason, bool)> {
        let ends = [Some(&self.forward), self.back.as_ref()];
        let mut ends = ends.into_iter().flatten().zip([false, true]);
        ends.find_map(|(journey, back)| match journey.end {
            End::Lost(reason) | End::Refused(Some(reason)) => Some((reason, back)),
            End::Arrived(_) | End::Answered | End::Refused(None) => None,
        })
    }
}

/// The way of one packet from end to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journey {
    /// From one port to the next; more than one if middleboxes send it on.
    pub legs: Vec<Leg>,
    /// Where it ended.
    pub end: End,
}

/// A packet's walk from one port to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    /// The port that sent it.
    pub from: PortId,
    /// As it was sent.
    pub sent: Header,
    /// What each stage decided.
    pub trace: Trace,
    /// What became of it.
    pub verdict: Verdict,
    /// As it arrived, if it did.
    pub arrived: Option<Header>,
}

/// How a journey ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At a port whose host has the destination address.
    Arrived(PortId),
    /// The router itself answered, as it does to a ping.
    Answered,
    /// A router said no by an ICMP error, or a gateway or node by a reset, which has a reason.
    Refused(Option<DropReason>),
    /// On the way.
    Lost(DropReason),
}

/// Answers questions about one snapshot.
pub struct Explainer {
    engine: Engine,
    snapshot: Arc<Snapshot>,
}

impl Explainer {
    /// An explainer in whose world these ports are attached and every target of a load balancer is healthy. Cost linear in their number and in that of the interfaces.
    pub fn new(snapshot: Arc<Snapshot>, attached: impl IntoIterator<Item = PortId>) -> Explainer {
        let mut engine = Engine::new(Limits::default());
        attached
            .into_iter()
            .for_each(|port| engine.attach_port(port));
        engine.install(snapshot.clone());
        let mut explainer = Explainer { engine, snapshot };
        explainer.heal_targets();
        explainer
    }

    /// Answers about another snapshot from now on, at the same ports. Cost of what it changes, unless it changes interfaces.
    pub fn turn_to(&mut self, mut snapshot: Snapshot) {
        // An engine takes only what is newer; here nobody asks for what revision it was.
        let latest = self.snapshot.generation().max(snapshot.generation());
        snapshot.set_generation(latest);
        self.snapshot = Arc::new(snapshot);
        self.engine.install(self.snapshot.clone());
        self.heal_targets();
    }

    fn heal_targets(&mut self) {
        for (node, balancer) in self.snapshot.parts().load_balancers.iter() {
            let targets = balancer.listeners.iter().flat_map(|l| &l.targets);
            targets.for_each(|target| self.engine.set_target_health(node, *target, true));
        }
    }

    /// What the answers are about.
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// Follows a flow there and back. No question leaves anything behind for the next one.
    pub fn ask(&mut self, question: &Question) -> Explanation {
        let mut bytes = Vec::new();
        let header = Header {
            source: question.source,
            destination: question.destination,
            probe: question.probe,
            answer: false,
        };
        let forward = self.carry(question.from, header, &mut bytes);
        let back = match (forward.end, forward.legs.last().and_then(|leg| leg.arrived)) {
            (End::Arrived(port), Some(arrived)) => {
                Some(self.carry(port, arrived.answered(), &mut bytes))
            }
            _ => None,
        };
        let explanation = Explanation { forward, back };
        self.forget(&explanation);
        explanation
    }

    fn forget(&mut self, explanation: &Explanation) {
        let journeys = [Some(&explanation.forward), explanation.back.as_ref()];
        let legs = journeys.into_iter().flatten().flat_map(|way| &way.legs);
        let touched = legs.flat_map(|leg| {
            let to = leg.verdict.port();
            let between = leg.trace.steps.iter().map(|step| step.at);
            between.chain(to).chain([leg.from])
        });
        self.engine.start_over(touched);
    }

    /// Carries one packet as far as it gets.
    fn carry(&mut self, from: PortId, header: Header, bytes: &mut Vec<u8>) -> Journey {
        let mut legs = Vec::new();
        let (mut at, mut header) = (from, header);
        let end = loop {
            let leg = self.walk(at, header, bytes);
            let (verdict, arrived) = (leg.verdict, leg.arrived);
            let answered = leg.trace.steps.last().map(|step| step.decision);
            legs.push(leg);
            match (verdict, arrived) {
                (Verdict::Forward { port } | Verdict::Translated { port }, Some(arrived)) => {
                    if self.owns(port, arrived.destination) {
                        break End::Arrived(port);
                    }
                    if legs.len() == LEGS_MAX {
                        break End::Lost(DropReason::RouteLoop);
                    }
                    (at, header) = (port, arrived);
                }
                (Verdict::Reply, _) if answered == Some(Decision::Answered) => {
                    break End::Answered;
                }
                (Verdict::Reply, _) => {
                    break End::Refused(match answered {
                        Some(Decision::Refused(reason)) => Some(reason),
                        _ => None,
                    });
                }
                // What the engine forwards is a packet; one that does not read as such is nobody's.
                // Nothing takes the place of a packet that opens a connection, or answers that.
                (
                    Verdict::Forward { .. } | Verdict::Translated { .. } | Verdict::Replaced { .. },
                    _,
                ) => {
                    break End::Lost(DropReason::Malformed);
                }
                (Verdict::Drop(reason), _) => break End::Lost(reason),
            }
        };
        Journey { legs, end }
    }

    /// One pass through the engine, to the neighbour that the sender's host would choose.
    fn walk(&mut self, from: PortId, header: Header, bytes: &mut Vec<u8>) -> Leg {
        let mut trace = Trace::default();
        let macs = neighbour::resolve(&mut self.engine, &self.snapshot, from, &header);
        let verdict = match macs {
            Ok(macs) => {
                header.emit(macs, bytes);
                let mut frame = Frame::new(bytes);
                self.engine
                    .process_traced(from, &mut frame, NOW, &mut trace)
            }
            Err(reason) => Verdict::Drop(reason),
        };
        // What is dropped before its walk begins leaves no step of its own.
        if let (Verdict::Drop(reason), true) = (verdict, trace.steps.is_empty()) {
            trace.steps.push(Step {
                stage: reason.stage(),
                at: from,
                decision: Decision::Drop(reason),
                rule: None,
                packet: header.seen(),
            });
        }
        let arrived = match verdict {
            Verdict::Forward { .. } => header.read_back(bytes),
            Verdict::Translated { .. } => header.read_back(self.engine.translated().0),
            Verdict::Replaced { .. } | Verdict::Reply | Verdict::Drop(_) => None,
        };
        Leg {
            from,
            sent: header,
            trace,
            verdict,
            arrived,
        }
    }

    fn owns(&self, port: PortId, address: IpAddr) -> bool {
        match port {
            PortId::Eni(eni) => self.snapshot.eni(eni).is_some_and(|eni| eni.owns(address)),
            PortId::Outside(host) => self
                .snapshot
                .outside(host)
                .is_some_and(|host| host.addresses.contains(&address)),
            // Services live behind it at the addresses that packets are led there for.
            PortId::Services => true,
        }
    }
}
