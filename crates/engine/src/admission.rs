//! Flows that the fast path begins without asking, and what it tells of them.
//!
//! The first packet of a flow costs a wake-up, not a decision. Where flows to one destination begin again and again, the
//! engine says beforehand what it would say to the next ones ([`FastAdmission`]): it has computed over which source ports
//! its rules say the same. The fast path forwards their packets and reports each; [`Engine::catch_up`] judges the reports
//! in order, by the same rules as any packet, and throws the frame away. So flows, cells and counters are the engine's as
//! ever, only somewhat later.
//!
//! **Invariant: no packet is forwarded by an admission that the engine would not have forwarded in the same way at that
//! moment.** Whatever changes what the engine says (policy, ports, the health of targets) first ends all admissions, waits
//! until no packet can meet them any more, and catches up ([`Engine::quiesce`]). Whatever a frame that comes up rests on
//! was reported before it came, and is caught up with first. What the engine might run out of it keeps in reserve.
//!
//! [`Engine::catch_up`]: crate::Engine::catch_up
//! [`Engine::quiesce`]: crate::Engine

use hashbrown::HashMap;
use openvpc_wire::ethernet;
use openvpc_wire::packet::protocol;
use openvpc_wire::{GsoKind, Offload};
use rapidhash::v3::RapidSecrets;

use crate::cache::{CacheKey, Remembered};
use crate::delegation::{fast_key, way_of};
use crate::fast_path::{FastAdmission, FastId, FastReport};
use crate::flow::Direction;
use crate::ids::{EniIndex, PortId, Time};
use crate::judge::Sighting;
use crate::rewrite::Rewrite;
use crate::snapshot::{EniKind, Snapshot};
use crate::state::State;
use crate::table::{Handle, hash};
use crate::verdict::Verdict;

/// Flows that may have begun untold: more than a fast path has room for reports. An interface that has no room for so many
/// is asked about each.
const UNTOLD_MAX: u32 = 8_192;
/// Destinations that flows may begin to without asking.
const ADMISSIONS_MAX: usize = 4_096;
/// Connections that report every packet; one more is asked about.
const YOUNG_MAX: usize = 16_384;
/// A connection that has reported so many packets is one that lasts: it comes up, and is handed over for good.
const GROWN_AT: u16 = 24;
/// A silent connection is asked about again.
const YOUNG_IDLE_SECS: u64 = 4;
/// An admission that nobody uses makes room.
const UNUSED_SECS: u64 = 60;
/// Destinations that one flow was seen to; beside it another begins an admission.
const ONCE_LEN: usize = 4_096;
/// The longest frame that a report may be about.
const FRAME_LEN_MAX: usize = 65_535 + ethernet::HEADER_LEN;

/// All of them.
pub(crate) struct Admissions {
    held: HashMap<CacheKey, Held>,
    keys: HashMap<FastId, CacheKey>,
    /// By a flow's place: a connection that began without asking.
    young: HashMap<usize, Young>,
    secrets: RapidSecrets,
    once: Vec<u64>,
    /// Policy is about to change: none begins.
    closed: bool,
    /// The packet that is judged was forwarded already: what is to be compared.
    replay: Option<Replay>,
    frame: Vec<u8>,
    looked_at: Time,
}

struct Held {
    own: FastId,
    back: Option<FastId>,
    enis: [Option<EniIndex>; 2],
    port: PortId,
    rewrite: Rewrite,
    since: Time,
    used: Time,
}

struct Young {
    ids: [FastId; 2],
    reports: u16,
    last: Time,
}

/// How a reported packet goes on, once it is judged.
#[derive(Default)]
struct Replay(Option<Remembered>);

impl Admissions {
    pub(crate) fn new(seed: u64) -> Admissions {
        Admissions {
            held: HashMap::new(),
            keys: HashMap::new(),
            young: HashMap::new(),
            secrets: RapidSecrets::seed(seed),
            once: Vec::new(),
            closed: false,
            replay: None,
            frame: Vec::new(),
            looked_at: Time::default(),
        }
    }

    /// No admission begins until it is opened again.
    pub(crate) fn set_closed(&mut self, closed: bool) {
        self.closed = closed;
    }

    /// Notes how a packet goes on, if it was reported.
    #[inline]
    pub(crate) fn note(&mut self, known: Option<Remembered>) {
        if let Some(Replay(latest)) = &mut self.replay {
            *latest = known;
        }
    }

    pub(crate) fn len(&self) -> u64 {
        self.held.len() as u64
    }

    /// Whether every packet of the flow is reported.
    #[inline]
    pub(crate) fn is_young(&self, flow: Handle) -> bool {
        !self.young.is_empty() && self.young.contains_key(&flow.place())
    }

    /// Whether there was a flow to this destination before; notes that there was one.
    fn was_seen(&mut self, wide: &CacheKey) -> bool {
        if self.once.is_empty() {
            self.once = vec![0; ONCE_LEN];
        }
        let code = hash(&self.secrets, wide) | 1;
        let place = (code >> 32) as usize % ONCE_LEN;
        std::mem::replace(&mut self.once[place], code) == code
    }
}

impl State {
    /// The next report, with the frame that it is about: its headers, and then anything.
    pub(crate) fn next_report(&mut self) -> Option<(FastReport, Vec<u8>)> {
        let frame = &mut self.admissions.frame;
        let path = self.delegations.path()?;
        if frame.len() < FRAME_LEN_MAX {
            frame.resize(FRAME_LEN_MAX, 0);
        }
        let report = path.next_report(frame)?;
        self.admissions.replay = Some(Replay::default());
        Some((report, std::mem::take(&mut self.admissions.frame)))
    }

    /// Compares what the engine says to a reported packet with what was done, and goes on with its connection.
    pub(crate) fn settle_report(
        &mut self,
        report: &FastReport,
        frame: Vec<u8>,
        verdict: Verdict,
        at: Time,
    ) {
        self.admissions.frame = frame;
        let latest = self
            .admissions
            .replay
            .take()
            .and_then(|Replay(latest)| latest);
        let mut agreed = matches!(verdict, Verdict::Forward { .. });
        if let Some((admission, _)) = report.admission {
            self.delegations.count_admitted();
            let key = self.admissions.keys.get(&admission);
            let held = key.and_then(|key| self.admissions.held.get_mut(key));
            // It may have ended since, and another one have its place.
            if let Some(held) = held.filter(|held| held.since <= at) {
                held.used = at;
                let same = |known: Remembered| known.rewrite == held.rewrite;
                agreed &= verdict.port() == Some(held.port) && latest.is_none_or(same);
            }
        }
        if !agreed {
            self.delegations.count_disagreed();
            self.end_admissions();
        }
        let flow = latest
            .as_ref()
            .and_then(|known| Some(known.common_leg()?.flow));
        match (report.admission, flow) {
            (Some((_, Some(ids))), Some(flow)) if self.admissions.young.len() < YOUNG_MAX => {
                let young = Young {
                    ids,
                    reports: 1,
                    last: at,
                };
                if let Some(before) = self.admissions.young.insert(flow.place(), young) {
                    self.revoke_pair(before.ids);
                }
            }
            (Some((_, Some(ids))), _) => self.revoke_pair(ids),
            (None, Some(flow)) => self.age_young(flow, at),
            (Some((_, None)) | None, _) => {}
        }
        if let Some(known) = latest.filter(|_| report.admission.is_some()) {
            for leg in known.legs.iter().flatten() {
                if !self.has_reserve(leg.eni) {
                    self.end_admissions_if(|held| held.enis.contains(&Some(leg.eni)));
                }
            }
        }
    }

    /// Notes a further packet of a connection, which may have grown up with it, or be over.
    fn age_young(&mut self, flow: Handle, at: Time) {
        let Some(young) = self.admissions.young.get_mut(&flow.place()) else {
            return;
        };
        young.reports += 1;
        young.last = at;
        let grown = young.reports >= GROWN_AT;
        let over = self.conntrack.get(flow).is_none_or(|known| known.is_over());
        if grown || over {
            self.end_young(flow);
        }
    }

    /// Lets the packets of a connection come up from now on.
    pub(crate) fn end_young(&mut self, flow: Handle) {
        if let Some(young) = self.admissions.young.remove(&flow.place()) {
            self.revoke_pair(young.ids);
        }
    }

    /// A packet of a flow has come up: were its connection reporting, it would not have.
    #[inline]
    pub(crate) fn came_up(&mut self, flow: Handle) {
        if self.admissions.replay.is_none() && self.admissions.is_young(flow) {
            self.end_young(flow);
        }
    }

    fn revoke_pair(&mut self, ids: [FastId; 2]) {
        for id in ids {
            self.delegations.revoke_untold(id);
        }
    }

    /// Lets no flow begin without asking, and none that did go on so.
    pub(crate) fn end_admissions(&mut self) {
        self.end_admissions_if(|_| true);
        self.end_young_if(|_| true);
    }

    fn end_admissions_if(&mut self, ends: impl Fn(&Held) -> bool) {
        let gone = self.admissions.held.extract_if(|_, held| ends(held));
        for (_, held) in gone.collect::<Vec<_>>() {
            self.admissions.keys.remove(&held.own);
            self.delegations.revoke_untold(held.own);
            if let Some(back) = held.back {
                self.delegations.revoke_untold(back);
            }
        }
    }

    /// Ends what has long been silent.
    pub(crate) fn end_idle_admissions(&mut self, now: Time) {
        const SECOND: u64 = 1_000_000_000;
        if now.since(self.admissions.looked_at) < SECOND {
            return;
        }
        self.admissions.looked_at = now;
        self.end_admissions_if(|held| now.since(held.used) > UNUSED_SECS * SECOND);
        self.end_young_if(|young| now.since(young.last) > YOUNG_IDLE_SECS * SECOND);
    }

    fn end_young_if(&mut self, ends: impl Fn(&Young) -> bool) {
        let gone = self.admissions.young.extract_if(|_, young| ends(young));
        for (_, young) in gone.collect::<Vec<_>>() {
            self.revoke_pair(young.ids);
        }
    }

    fn has_reserve(&self, eni: EniIndex) -> bool {
        let counters = self.counters.get(eni);
        let max = self.limits.conntrack_per_eni_max;
        counters.is_some_and(|known| known.conntrack_entries.saturating_add(UNTOLD_MAX) <= max)
    }

    /// After a verdict was remembered: lets further flows of its kind begin without asking, if it is one of several.
    pub(crate) fn offer(&mut self, snapshot: &Snapshot, key: &CacheKey, known: &Remembered) {
        let number = key[20];
        if !self.delegations.is_on()
            || self.admissions.closed
            || !matches!(number, protocol::TCP | protocol::UDP)
            || self.admissions.held.len() >= ADMISSIONS_MAX
        {
            return;
        }
        let Some(leg) = known.common_leg() else {
            return;
        };
        let Some(began) = self.conntrack.originator(leg.flow) else {
            return;
        };
        let own = began == leg.direction;
        let (key, known, back) = if number == protocol::UDP {
            if !own {
                return;
            }
            (*key, *known, None)
        } else {
            let other_key = answering(key, known);
            let Some(other) = self.cache.find(&other_key).copied() else {
                return;
            };
            match own {
                true => (*key, *known, Some((other_key, other))),
                false => (other_key, other, Some((*key, *known))),
            }
        };
        let wide = with_ports(&key, Some(0), None);
        if self.admissions.held.contains_key(&wide) || !self.admissions.was_seen(&wide) {
            return;
        }
        let plain = is_plain(&known) && known.legs.iter().flatten().all(|leg| !leg.answers);
        let is_far = known.far && self.delegations.keeps_between_regions;
        let back_is_plain = back.is_none_or(|(_, back)| is_plain(&back));
        if !plain || !back_is_plain || is_far {
            return;
        }
        let enis = known.legs.map(|leg| leg.map(|leg| leg.eni));
        if !enis.iter().flatten().all(|eni| self.has_reserve(*eni)) {
            return;
        }
        let Some(first) = sightings(snapshot, &key, &known) else {
            return;
        };
        let port = u16::from_ne_bytes([key[16], key[17]]);
        let ports = snapshot.same_source_ports(&first, back.is_some(), port);
        let Some(source_ports) = ports else {
            return;
        };
        let admission = FastAdmission {
            way: way_of(&wide, &known),
            back: back.map(|(key, known)| way_of(&with_ports(&key, None, Some(0)), &known)),
            source_ports,
        };
        let now = self.clock;
        let Some(path) = self.delegations.path() else {
            return;
        };
        let Some((own, back)) = path.admit(&admission, now) else {
            return;
        };
        let held = Held {
            own,
            back,
            enis: [enis[0], enis[1]],
            port: known.port,
            rewrite: known.rewrite,
            since: now,
            used: now,
        };
        self.admissions.keys.insert(own, wide);
        self.admissions.held.insert(wide, held);
    }
}

/// What is left to do on a reported frame, whose checksums do not matter any more.
pub(crate) fn offload(report: &FastReport, frame: &[u8]) -> Offload {
    let is_ipv6 = frame.get(12..14) == Some(&ethernet::IPV6.to_be_bytes());
    match report.gso_size {
        0 => Offload::default(),
        gso_size => Offload {
            gso: if is_ipv6 {
                GsoKind::Tcp6
            } else {
                GsoKind::Tcp4
            },
            gso_size,
            ..Offload::default()
        },
    }
}

/// Nothing on the way but interfaces and stateless gateways.
fn is_plain(known: &Remembered) -> bool {
    let Rewrite {
        source_port,
        destination_port,
        version,
        ..
    } = known.rewrite;
    known.nat.is_none()
        && known.pass.is_none()
        && !known.from_services
        && known.port != PortId::Services
        && known.legs[2].is_none()
        && (source_port, destination_port, version).eq(&(None, None, None))
}

/// The first packet as the interfaces on its way see it, whatever its source port; none where something else than the
/// owners of its addresses is on the way.
fn sightings(snapshot: &Snapshot, key: &CacheKey, known: &Remembered) -> Option<Vec<Sighting>> {
    let packet = fast_key(key);
    let mut seen = Vec::new();
    for leg in known.legs.iter().flatten() {
        let eni = snapshot.eni(leg.eni)?;
        let (source, destination) = match leg.direction {
            Direction::Egress => (packet.source, packet.destination),
            Direction::Ingress => (
                known.rewrite.source.map_or(packet.source, Into::into),
                known
                    .rewrite
                    .destination
                    .map_or(packet.destination, Into::into),
            ),
        };
        let own = match leg.direction {
            Direction::Egress => source,
            Direction::Ingress => destination,
        };
        if eni.kind != EniKind::Port || snapshot.owner(eni.vpc, own) != Some(leg.eni) {
            return None;
        }
        // What a target sends may be an answer to whom a load balancer has hidden behind.
        if leg.direction == Direction::Egress && snapshot.is_target(own) {
            return None;
        }
        seen.push(Sighting {
            eni: leg.eni,
            direction: leg.direction,
            source,
            destination,
            source_port: 0,
            destination_port: packet.destination_port,
            protocol: packet.protocol,
        });
    }
    Some(seen)
}

/// The packets that answer those of a key, sent the way they came.
fn answering(key: &CacheKey, known: &Remembered) -> CacheKey {
    let mut answer = *key;
    let (to, from) = match known.rewrite.macs {
        Some((destination, source)) => (destination.0, source.0),
        None => {
            let mac = |at: usize| std::array::from_fn(|byte| key[at + byte]);
            (mac(0), mac(6))
        }
    };
    answer[0..6].copy_from_slice(&from);
    answer[6..12].copy_from_slice(&to);
    crate::cache::put_port(&mut answer, known.port);
    answer[16..18].copy_from_slice(&key[18..20]);
    answer[18..20].copy_from_slice(&key[16..18]);
    answer[24..40].copy_from_slice(&key[40..56]);
    answer[40..56].copy_from_slice(&key[24..40]);
    if let Some(source) = known.rewrite.source {
        crate::facts::put_address(&mut answer[40..56], source.into());
    }
    if let Some(destination) = known.rewrite.destination {
        crate::facts::put_address(&mut answer[24..40], destination.into());
    }
    answer
}

fn with_ports(key: &CacheKey, source: Option<u16>, destination: Option<u16>) -> CacheKey {
    let mut changed = *key;
    if let Some(port) = source {
        changed[16..18].copy_from_slice(&port.to_ne_bytes());
    }
    if let Some(port) = destination {
        changed[18..20].copy_from_slice(&port.to_ne_bytes());
    }
    changed
}
