//! RFC 8415 §18.3: what a server answers to each message, for the one interface that asks.

use std::net::Ipv6Addr;

use openvpc_engine::DropReason::DhcpUnanswered;
use openvpc_engine::{Mac, UnloggedClass};
use openvpc_testkit::{FrameSpec, Host, L4, Lab, Outcome, build, mend_ipv4_header};
use openvpc_wire::dhcpv6::{Address, Kind, Message, Writer, duid_of, option, status};

fn stage() -> (Lab, Host) {
    let lab = Lab::vpc("10.0.0.0/16").ipv6("2001:db8:1:100::/56");
    let web = lab.eni("10.0.1.10").ipv6(0x10).ipv6(0x20);
    (lab, web)
}

const OWN: [&str; 2] = ["2001:db8:1:101::10", "2001:db8:1:101::20"];

/// A client at an interface, and what it puts into its messages.
struct Client<'a> {
    lab: &'a Lab,
    host: &'a Host,
    source: String,
    to: &'static str,
    named: bool,
    chosen: Option<[u8; 10]>,
    /// Associations: option code, and the addresses in it.
    associations: Vec<(u16, Vec<&'static str>)>,
    more: Vec<(u16, Vec<u8>)>,
}

impl<'a> Client<'a> {
    fn of(lab: &'a Lab, host: &'a Host) -> Client<'a> {
        Client {
            lab,
            host,
            source: host.mac().link_local().to_string(),
            to: "ff02::1:2",
            named: true,
            chosen: None,
            associations: vec![(option::IA_NA, vec![])],
            more: vec![(option::REQUESTED, vec![0, 23, 0, 24])],
        }
    }

    /// To the router as the server that was chosen.
    fn choosing(self) -> Client<'a> {
        let duid = duid_of(self.host.router_mac());
        Client {
            chosen: Some(duid),
            ..self
        }
    }

    fn holding(self, addresses: &[&'static str]) -> Client<'a> {
        Client {
            associations: vec![(option::IA_NA, addresses.to_vec())],
            ..self
        }
    }

    fn datagram(&self, kind: Kind) -> Vec<u8> {
        let mut payload = Vec::new();
        let mut writer = Writer::begin(&mut payload, kind, 0x1234);
        if self.named {
            writer.option(option::CLIENT_ID, b"\x00\x03\x00\x01client");
        }
        if let Some(server) = &self.chosen {
            writer.option(option::SERVER_ID, server);
        }
        for (number, (code, addresses)) in self.associations.iter().enumerate() {
            writer.association((*code, number as u32 + 7), (0, 0), |inner| {
                for address in addresses {
                    inner.address(&Address {
                        address: address.parse().unwrap(),
                        preferred_secs: 0,
                        valid_secs: 0,
                    });
                }
            });
        }
        for (code, value) in &self.more {
            writer.option(*code, value);
        }
        payload
    }

    fn frame(&self, payload: Vec<u8>) -> Vec<u8> {
        build(&FrameSpec {
            source_mac: self.host.mac(),
            destination_mac: Mac([0x33, 0x33, 0, 1, 0, 2]),
            source: self.source.parse().unwrap(),
            destination: self.to.parse().unwrap(),
            ttl: 1,
            l4: L4::Udp {
                ports: (546, 547),
                payload,
            },
        })
    }

    fn send(&self, kind: Kind) -> Outcome {
        let frame = self.frame(self.datagram(kind));
        self.lab.raw(self.host, frame)
    }

    fn asks(&self, kind: Kind) -> Answer {
        Answer(self.send(kind).replied().frames()[0].to_vec())
    }

    fn is_ignored(&self, kind: Kind) {
        self.send(kind).dropped(DhcpUnanswered);
    }
}

struct Answer(Vec<u8>);

impl Answer {
    fn message(&self) -> Message<'_> {
        let message = Message::parse(&self.0[62..]).unwrap();
        assert_eq!(message.transaction, 0x1234);
        message
    }

    /// Address, preferred and valid lifetime of each address in the first association.
    fn addresses(&self) -> Vec<(Ipv6Addr, u32, u32)> {
        let first = self.message().associations().next().unwrap();
        let addresses = first.options.addresses();
        addresses
            .map(|a| (a.address, a.preferred_secs, a.valid_secs))
            .collect()
    }

    fn status(&self) -> u16 {
        self.message().options.status()
    }
}

fn given() -> Vec<(Ipv6Addr, u32, u32)> {
    OWN.map(|address| (address.parse().unwrap(), 140, 450))
        .to_vec()
}

/// The four messages of RFC 8415 §5.2, with every address that the interface has.
#[test]
fn an_interface_gets_its_addresses() {
    let (lab, web) = stage();
    let client = Client::of(&lab, &web);
    let offer = client.asks(Kind::Solicit);
    let message = offer.message();
    assert_eq!(message.kind, Kind::Advertise);
    assert_eq!(message.client(), Some(&b"\x00\x03\x00\x01client"[..]));
    assert_eq!(message.server(), Some(&duid_of(web.router_mac())[..]));
    assert_eq!(message.options.find(option::PREFERENCE), Some(&[255][..]));
    assert_eq!(offer.addresses(), given());
    let answer = client.choosing().asks(Kind::Request);
    assert_eq!(answer.message().kind, Kind::Reply);
    assert_eq!(answer.addresses(), given());
    let association = answer.message().associations().next().unwrap();
    let timers = (association.t1_secs, association.t2_secs);
    assert_eq!((association.id, timers), (7, (70, 112)));
    // Ethernet and IP are the client's, to its port.
    assert_eq!(&answer.0[..6], &web.mac().0);
    assert_eq!(answer.0[38..54], web.mac().link_local().octets());
    assert_eq!(answer.0[54..58], [2, 35, 2, 34]);
    lab.balances();
}

/// RFC 7217: a host's link-local address need not come from its Ethernet address, but it is not the router's.
#[test]
fn a_host_chooses_its_link_local_address() {
    let (lab, web) = stage();
    let with = |source: &str| Client {
        source: source.to_owned(),
        ..Client::of(&lab, &web)
    };
    let answer = with("fe80::7b1d:99c0:4ab2:e5").asks(Kind::Solicit);
    assert_eq!(answer.addresses(), given());
    let to: Ipv6Addr = "fe80::7b1d:99c0:4ab2:e5".parse().unwrap();
    assert_eq!(answer.0[38..54], to.octets());
    with("fe80:ec2::1").is_ignored(Kind::Solicit);
    with(&web.router_mac().link_local().to_string()).is_ignored(Kind::Solicit);
}

/// RFC 8415 §18.3.1, §21.14.
#[test]
fn rapid_commit_saves_two_messages() {
    let (lab, web) = stage();
    let mut client = Client::of(&lab, &web);
    client.more.push((option::RAPID_COMMIT, vec![]));
    let answer = client.asks(Kind::Solicit);
    assert_eq!(answer.message().kind, Kind::Reply);
    assert!(
        answer
            .message()
            .options
            .find(option::RAPID_COMMIT)
            .is_some()
    );
    assert_eq!(answer.addresses(), given());
}

/// The whole answer to a Solicit, byte by byte: a codec that is wrong both ways would not notice.
#[test]
fn an_answer_is_what_the_rfc_draws() {
    let (lab, web) = stage();
    let mut client = Client::of(&lab, &web);
    client.more = vec![(option::REQUESTED, vec![0, 23, 0, 24])];
    let answer = client.asks(Kind::Solicit);
    let mut expected = b"\x02\0\x12\x34".to_vec();
    expected.extend_from_slice(b"\0\x01\0\x0a\x00\x03\x00\x01client");
    expected.extend_from_slice(b"\0\x02\0\x0a\x00\x03\x00\x01");
    expected.extend_from_slice(&web.router_mac().0);
    expected.extend_from_slice(b"\0\x03\0\x44\0\0\0\x07\0\0\0\x46\0\0\0\x70");
    for address in OWN {
        expected.extend_from_slice(b"\0\x05\0\x18");
        expected.extend_from_slice(&address.parse::<Ipv6Addr>().unwrap().octets());
        expected.extend_from_slice(b"\0\0\0\x8c\0\0\x01\xc2");
    }
    expected.extend_from_slice(b"\0\x07\0\x01\xff");
    expected.extend_from_slice(b"\0\x17\0\x10\xfd\0\x0e\xc2\0\0\0\0\0\0\0\0\0\0\x02\x53");
    expected.extend_from_slice(b"\0\x18\0\x0e\x03ec2\x08internal\0");
    assert_eq!(answer.0[62..], expected);
}

/// RFC 8415 §18.3.4, §18.3.5: what the interface has lost since is taken away, what it has got since is given.
#[test]
fn a_renewal_tells_what_has_changed() {
    let (lab, web) = stage();
    let lost = "2001:db8:1:101::99";
    let client = || Client::of(&lab, &web).holding(&[OWN[0], lost]);
    let mut expected = given();
    expected.push((lost.parse().unwrap(), 0, 0));
    assert_eq!(client().choosing().asks(Kind::Renew).addresses(), expected);
    assert_eq!(client().asks(Kind::Rebind).addresses(), expected);
    // A hint of a newcomer is no right.
    assert_eq!(client().asks(Kind::Solicit).addresses(), given());
    let web = web.ipv6(0x30);
    let renewed = Client::of(&lab, &web).choosing().asks(Kind::Renew);
    assert_eq!(renewed.addresses().len(), 3);
}

/// DHCP-1, `ipv6-address-preferred-lease-time`; RFC 8415 §21.4 for the timers. For ever stays for ever.
#[test]
fn the_options_set_says_how_long_addresses_are_preferred() {
    let (lab, web) = stage();
    for (preferred, valid, timers) in [
        (200, 510, (100, 160)),
        (u32::MAX, u32::MAX, (u32::MAX / 2, 3_435_973_836)),
    ] {
        lab.ipv6_preferred_secs(preferred);
        let answer = Client::of(&lab, &web).asks(Kind::Solicit);
        assert_eq!(answer.addresses()[0].1, preferred);
        assert_eq!(answer.addresses()[0].2, valid);
        let association = answer.message().associations().next().unwrap();
        assert_eq!((association.t1_secs, association.t2_secs), timers);
    }
}

/// RFC 5908 §4: each server in a suboption.
#[test]
fn time_servers_are_told_to_whoever_asks() {
    let (lab, web) = stage();
    let mut client = Client::of(&lab, &web);
    client.more = vec![(option::REQUESTED, vec![0, 56])];
    let answer = client.asks(Kind::Solicit);
    let told = answer.message().options.find(option::NTP).unwrap();
    assert_eq!(
        told,
        b"\0\x01\0\x10\xfd\0\x0e\xc2\0\0\0\0\0\0\0\0\0\0\x01\x23"
    );
}

#[test]
fn without_addresses_there_is_nothing_to_give() {
    let lab = Lab::vpc("10.0.0.0/16").ipv6("2001:db8:1:100::/56");
    let web = lab.eni("10.0.1.10");
    let of_first = |answer: &Answer| {
        let first = answer.message().associations().next().unwrap();
        (first.options.status(), first.options.addresses().count())
    };
    let client = || Client::of(&lab, &web);
    let answer = client().asks(Kind::Solicit);
    assert_eq!(of_first(&answer), (status::NO_ADDRESSES, 0));
    let answer = client().choosing().asks(Kind::Request);
    assert_eq!(of_first(&answer), (status::NO_ADDRESSES, 0));
    let answer = client().choosing().asks(Kind::Renew);
    assert_eq!(of_first(&answer), (status::NO_BINDING, 0));
}

/// All addresses are in the first association; prefixes and temporary addresses there are none.
#[test]
fn other_associations_get_regrets() {
    let (lab, web) = stage();
    let mut client = Client::of(&lab, &web);
    client.associations = [option::IA_PD, option::IA_NA, option::IA_TA, option::IA_NA]
        .map(|code| (code, vec![]))
        .to_vec();
    let answer = client.asks(Kind::Solicit);
    let told: Vec<_> = answer
        .message()
        .associations()
        .map(|a| {
            (
                a.code,
                a.id,
                a.options.status(),
                a.options.addresses().count(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (option::IA_PD, 7, status::NO_PREFIX, 0),
            (option::IA_NA, 8, status::SUCCESS, 2),
            (option::IA_TA, 9, status::NO_ADDRESSES, 0),
            (option::IA_NA, 10, status::NO_ADDRESSES, 0),
        ]
    );
}

/// RFC 8415 §18.3.3.
#[test]
fn a_client_that_may_have_moved_learns_where_it_is() {
    let (lab, web) = stage();
    let client = |address| Client::of(&lab, &web).holding(&[address]);
    assert_eq!(client(OWN[0]).asks(Kind::Confirm).status(), status::SUCCESS);
    let elsewhere = client("2001:db8:1:102::10").asks(Kind::Confirm);
    assert_eq!(elsewhere.status(), status::NOT_ON_LINK);
    Client::of(&lab, &web).is_ignored(Kind::Confirm);
}

/// RFC 8415 §18.3.7, §18.3.8: noted, and without consequence.
#[test]
fn what_is_released_or_declined_stays_the_interfaces() {
    let (lab, web) = stage();
    for kind in [Kind::Release, Kind::Decline] {
        let client = || Client::of(&lab, &web).holding(&OWN).choosing();
        assert_eq!(client().asks(kind).status(), status::SUCCESS);
        assert_eq!(client().asks(Kind::Request).addresses(), given());
    }
}

/// RFC 8415 §18.3.6: options without addresses, and only those that were asked for.
#[test]
fn information_is_given_to_whoever_asks() {
    let (lab, web) = stage();
    let mut client = Client::of(&lab, &web);
    client.associations.clear();
    client.named = false;
    client.more = vec![(option::REQUESTED, vec![0, 24])];
    let answer = client.asks(Kind::InformationRequest);
    let message = answer.message();
    assert_eq!((message.kind, message.client()), (Kind::Reply, None));
    assert_eq!(
        message.options.find(option::DOMAINS),
        Some(&b"\x03ec2\x08internal\0"[..])
    );
    assert_eq!(message.options.find(option::NAME_SERVERS), None);
    client.associations.push((option::IA_NA, vec![]));
    client.is_ignored(Kind::InformationRequest);
}

/// RFC 8415 §16: who is meant, who asks, and from where.
#[test]
fn what_is_not_for_this_server_is_ignored() {
    let (lab, web) = stage();
    let client = || Client::of(&lab, &web);
    for kind in [Kind::Request, Kind::Renew, Kind::Release, Kind::Decline] {
        client().is_ignored(kind);
        let other = Client {
            chosen: Some([9; 10]),
            ..client()
        };
        other.is_ignored(kind);
    }
    for kind in [Kind::Solicit, Kind::Rebind, Kind::Confirm] {
        client().holding(&OWN).choosing().is_ignored(kind);
    }
    for kind in [Kind::Advertise, Kind::Reply, Kind::Reconfigure] {
        client().is_ignored(kind);
        client().choosing().is_ignored(kind);
    }
    let nameless = Client {
        named: false,
        ..client()
    };
    nameless.is_ignored(Kind::Solicit);
    // From an address of its own that is not of the link.
    let routed = Client {
        source: OWN[0].to_owned(),
        ..client()
    };
    routed.is_ignored(Kind::Solicit);
    let elsewhere = Client {
        to: "ff05::1:3",
        ..client()
    };
    elsewhere.is_ignored(Kind::Solicit);
    lab.balances();
}

/// RFC 8415 §18.4: what came by unicast is told to come by multicast.
#[test]
fn unicast_is_refused_in_words() {
    let (lab, web) = stage();
    for to in ["fe80:ec2::1", "2001:db8:1:101::1"] {
        let client = || Client {
            to,
            ..Client::of(&lab, &web)
        };
        for kind in [Kind::Request, Kind::Renew, Kind::Release, Kind::Decline] {
            let answer = client().choosing().asks(kind);
            assert_eq!(answer.status(), status::USE_MULTICAST);
            assert_eq!(answer.message().associations().count(), 0);
        }
        client().is_ignored(Kind::Solicit);
        client().is_ignored(Kind::InformationRequest);
    }
}

#[test]
fn a_subnet_without_ipv6_has_no_server() {
    let lab = Lab::vpc("10.0.0.0/16");
    let web = lab.eni("10.0.1.10");
    Client::of(&lab, &web).is_ignored(Kind::Solicit);
}

/// SG-9, ACL-5, spec 01 §7: closed rules do not count, and no flow log shows it.
#[test]
fn it_is_neither_filtered_nor_logged() {
    let (lab, web) = stage();
    let web = web.security_group([]);
    lab.network_acl(&web).outbound("1 deny all to ::/0");
    Client::of(&lab, &web).asks(Kind::Solicit);
    lab.flow_log(&web).is_empty();
    let counters = lab.counters(&web);
    for side in [counters.egress, counters.ingress] {
        assert_eq!(side.unlogged(UnloggedClass::Dhcp).packets, 1);
    }
    lab.balances();
}

/// Too much for a client; cut anywhere; in fragments.
#[test]
fn what_no_client_sends_goes_unanswered() {
    let (lab, web) = stage();
    let mut client = Client::of(&lab, &web);
    client.associations = vec![(option::IA_NA, vec![]); 9];
    client.is_ignored(Kind::Solicit);
    client.associations = vec![(option::IA_NA, vec!["2001:db8::1"; 129])];
    client.choosing().is_ignored(Kind::Renew);
    let client = Client::of(&lab, &web).holding(&OWN);
    let whole = client.datagram(Kind::Solicit);
    for len in 0..whole.len() {
        let _ = lab.raw(&web, client.frame(whole[..len].to_vec()));
    }
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut other = whole.clone();
            other[at] ^= 1 << bit;
            let _ = lab.raw(&web, client.frame(other));
        }
    }
    // Over IPv4 there is no such server.
    let mut old = client.frame(whole);
    old.truncate(14);
    old[12..14].copy_from_slice(&[8, 0]);
    old.extend_from_slice(&[
        0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 1, 10, 10, 0, 1, 1,
    ]);
    old.extend_from_slice(&[2, 34, 2, 35, 0, 8, 0, 0]);
    mend_ipv4_header(&mut old);
    lab.raw(&web, old).dropped(DhcpUnanswered);
    lab.balances();
}
