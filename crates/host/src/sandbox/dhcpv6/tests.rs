//! RFC 8415 §18.2, on a link with one router and one server.

use super::*;

const MAC: Mac = Mac([2, 0, 0, 0, 0, 1]);
const ROUTER: Mac = Mac([2, 0, 0, 0, 0, 0xff]);
const ASSOCIATION: u32 = 7;

/// A client and its clock.
struct Bench {
    core: Core,
    now: Instant,
}

fn own(last: u16) -> Ipv6Addr {
    Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, last)
}

fn held(last: u16, valid_secs: u32) -> Address {
    Address {
        address: own(last),
        preferred_secs: valid_secs.min(140),
        valid_secs,
    }
}

fn advertisement() -> Vec<u8> {
    let mut frame = Vec::new();
    let advertisement = ndp::RouterAdvertisement {
        mac: ROUTER,
        mtu: 9_001,
        prefix: own(0),
    };
    advertisement.emit(&mut frame, ndp::ALL_NODES, MAC);
    frame
}

/// What a server answers to a question: the same transaction and client, and what `fill` adds.
fn answer(question: &[u8], kind: Kind, fill: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let question = Message::parse(&question[62..]).expect("a DHCPv6 message");
    let mut payload = Vec::new();
    let mut writer = Writer::begin(&mut payload, kind, question.transaction);
    writer.option(option::CLIENT_ID, question.client().expect("a client"));
    writer.option(option::SERVER_ID, &duid_of(ROUTER));
    if question.kind == Kind::Solicit && kind == Kind::Reply {
        writer.option(option::RAPID_COMMIT, &[]);
    }
    fill(&mut writer);
    let envelope = Envelope {
        source_mac: ROUTER,
        destination_mac: MAC,
        source: ROUTER.link_local().into(),
        destination: MAC.link_local().into(),
    };
    let mut frame = Vec::new();
    ip::emit_udp(&mut frame, &envelope, 547, 546, &payload);
    frame
}

fn granting(addresses: &[Address]) -> impl FnOnce(&mut Writer<'_>) {
    move |writer| {
        writer.association((option::IA_NA, ASSOCIATION), (70, 112), |inner| {
            addresses.iter().for_each(|held| inner.address(held));
        });
    }
}

impl Bench {
    fn new() -> Bench {
        let now = Instant::now();
        let core = Core::new(MAC, ASSOCIATION, 0xffff_ffff, now);
        Bench { core, now }
    }

    fn question(&mut self) -> Vec<u8> {
        self.core.question(self.now)
    }

    fn read(&mut self, frame: &[u8]) -> Step {
        self.core.read(frame, self.now)
    }

    fn after_secs(&mut self, seconds: u64) -> Step {
        self.now += Duration::from_secs(seconds);
        self.core.elapse(self.now)
    }

    /// The kind of the next question.
    fn asks(&mut self) -> Kind {
        let question = self.question();
        Message::parse(&question[62..]).expect("DHCPv6").kind
    }

    fn bound(addresses: &[Address]) -> Bench {
        let mut bench = Bench::new();
        bench.question();
        assert_eq!(bench.read(&advertisement()), Step::Ask);
        let solicit = bench.question();
        let reply = answer(&solicit, Kind::Reply, granting(addresses));
        assert_eq!(bench.read(&reply), Step::Changed);
        bench
    }

    fn addresses(&self) -> &[Ipv6Addr] {
        &self.core.lease.addresses
    }
}

#[test]
fn the_router_says_that_addresses_are_managed_and_the_server_gives_them() {
    let mut bench = Bench::new();
    let question = bench.question();
    assert_eq!(
        (question[20], question[54]),
        (58, 133),
        "a router solicitation"
    );
    // An answer that nobody asked for yet.
    let early = {
        let mut other = Bench::bound(&[held(1, 450)]);
        other.core.refresh();
        answer(&other.question(), Kind::Reply, granting(&[held(1, 450)]))
    };
    assert_eq!(bench.read(&early), Step::Wait);
    assert_eq!(bench.read(&advertisement()), Step::Ask);
    let solicit = bench.question();
    let reply = answer(&solicit, Kind::Reply, |writer| {
        granting(&[held(1, 450), held(2, 450)])(writer);
        writer.option(option::NAME_SERVERS, &own(0x53).octets());
    });
    assert_eq!(bench.read(&reply), Step::Changed);
    let expected = Lease {
        addresses: vec![own(1), own(2)],
        router: Some(ROUTER.link_local()),
        on_link: Some((own(0), 64)),
        name_servers: vec![own(0x53)],
    };
    assert_eq!(bench.core.lease, expected);
    assert!(!bench.core.is_waiting());
}

#[test]
fn a_server_without_rapid_commit_takes_four_messages() {
    let mut bench = Bench::new();
    bench.question();
    bench.read(&advertisement());
    let solicit = bench.question();
    let offer = answer(&solicit, Kind::Advertise, granting(&[held(1, 450)]));
    assert_eq!(bench.read(&offer), Step::Ask);
    let request = bench.question();
    let message = Message::parse(&request[62..]).unwrap();
    assert_eq!(message.kind, Kind::Request);
    assert_eq!(message.server(), Some(&duid_of(ROUTER)[..]));
    let reply = answer(&request, Kind::Reply, granting(&[held(1, 450)]));
    assert_eq!(bench.read(&reply), Step::Changed);
}

/// RFC 8415 §18.2.4, §18.2.5: T1, T2, the end.
#[test]
fn a_lease_is_renewed_rebound_and_lost() {
    let mut bench = Bench::bound(&[held(1, 450)]);
    assert_eq!(bench.after_secs(69), Step::Wait);
    assert_eq!(bench.after_secs(1), Step::Ask);
    let renew = bench.question();
    assert_eq!(Message::parse(&renew[62..]).unwrap().kind, Kind::Renew);
    let same = answer(&renew, Kind::Reply, granting(&[held(1, 450)]));
    assert_eq!(bench.read(&same), Step::Wait, "nothing has changed");
    assert_eq!(bench.after_secs(70), Step::Ask);
    assert_eq!(bench.asks(), Kind::Renew);
    assert_eq!(bench.after_secs(42), Step::Ask);
    assert_eq!(bench.asks(), Kind::Rebind);
    assert_eq!(bench.addresses(), [own(1)]);
    assert_eq!(bench.after_secs(338), Step::Changed);
    assert!(bench.addresses().is_empty());
    assert_eq!(bench.after_secs(0), Step::Ask);
    assert_eq!(bench.question()[54], 133, "from the beginning");
}

#[test]
fn a_change_is_asked_for_at_once() {
    let mut bench = Bench::bound(&[held(1, 450)]);
    bench.core.refresh();
    let renew = bench.question();
    let reply = answer(&renew, Kind::Reply, granting(&[held(2, 450), held(1, 0)]));
    assert_eq!(bench.read(&reply), Step::Changed);
    assert_eq!(bench.addresses(), [own(2)], "one given, one taken");
}

#[test]
fn a_server_that_knows_nothing_is_asked_again_in_peace() {
    let mut bench = Bench::bound(&[held(1, 450)]);
    bench.after_secs(70);
    let renew = bench.question();
    let reply = answer(&renew, Kind::Reply, |writer| {
        writer.association((option::IA_NA, ASSOCIATION), (0, 0), |inner| {
            inner.status(status::NO_BINDING, "");
        });
    });
    assert_eq!(bench.read(&reply), Step::Changed);
    assert!(bench.addresses().is_empty());
    assert_eq!(bench.after_secs(7), Step::Wait);
    assert_eq!(bench.after_secs(1), Step::Ask);
    assert_eq!(bench.asks(), Kind::Solicit);
}

#[test]
fn an_answer_to_somebody_else_is_not_heard() {
    let mut bench = Bench::new();
    bench.question();
    bench.read(&advertisement());
    let solicit = bench.question();
    let good = answer(&solicit, Kind::Reply, granting(&[held(1, 450)]));
    // Another transaction, another client, another address of the same link, another kind.
    for (at, name) in [
        (65, "transaction"),
        (74, "client"),
        (53, "address"),
        (62, "kind"),
    ] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert_eq!(bench.read(&bad), Step::Wait, "{name}");
    }
    // An association that it did not ask about.
    let mut other = answer(&solicit, Kind::Reply, |writer| {
        writer.association((option::IA_NA, ASSOCIATION + 1), (70, 112), |inner| {
            inner.address(&held(1, 450));
        });
    });
    assert_eq!(bench.read(&other), Step::Wait);
    assert!(bench.addresses().is_empty());
    for len in 0..other.len() {
        other.truncate(other.len() - len.min(1));
        bench.read(&other);
    }
    assert!(bench.addresses().is_empty());
}

/// RFC 8415 §14.2: timers of zero leave it to the client; one second is the least.
#[test]
fn timers_that_the_server_leaves_open_follow_from_the_lifetimes() {
    let mut bench = Bench::bound(&[held(1, 450)]);
    bench.core.refresh();
    let renew = bench.question();
    let reply = answer(&renew, Kind::Reply, |writer| {
        writer.association((option::IA_NA, ASSOCIATION), (0, 0), |inner| {
            inner.address(&held(2, 450));
        });
    });
    bench.read(&reply);
    assert_eq!(bench.after_secs(69), Step::Wait);
    assert_eq!(bench.after_secs(1), Step::Ask);
    let reply = answer(&bench.question(), Kind::Reply, |writer| {
        writer.association((option::IA_NA, ASSOCIATION), (0, 0), |inner| {
            inner.address(&held(3, 1));
        });
    });
    bench.read(&reply);
    assert_eq!(bench.after_secs(0), Step::Wait, "not without pause");
}

/// Whatever comes, it neither panics nor ends up with an address that nobody gave.
#[test]
fn no_answer_is_too_strange() {
    let mut bench = Bench::new();
    bench.question();
    bench.read(&advertisement());
    let solicit = bench.question();
    let good = answer(
        &solicit,
        Kind::Reply,
        granting(&[held(1, 450), held(2, 450)]),
    );
    for frame in [good, advertisement()] {
        for at in 0..frame.len() {
            for bit in 0..8 {
                let mut strange = frame.clone();
                strange[at] ^= 1 << bit;
                let mut other = Bench::new();
                other.question();
                other.read(&advertisement());
                other.core.transaction = bench.core.transaction;
                other.read(&strange);
                assert!(other.core.lease.addresses.len() <= 2);
            }
            bench.read(&frame[..at]);
        }
    }
    assert!(bench.addresses().is_empty());
}
