//! Rules in the words of the user guide: `tcp 22 from 203.0.113.12/32`, `90 deny icmp to 0.0.0.0/0`.

use ipnet::IpNet;
use openvpc_engine::{
    AclEntry, Peer, PortRange, RuleRef, SecurityGroupIndex, SecurityRule, Traffic, VpcIndex,
};

/// One security-group rule, still in words.
#[derive(Clone, Debug)]
pub struct RuleText {
    pub(crate) ingress: bool,
    pub(crate) text: String,
}

/// An ingress rule: `icmp from 0.0.0.0/0`, `tcp 8000-8080 from group:app`; `tcp 80 from peer:1:app` names a group of
/// the second VPC.
pub fn ingress(text: &str) -> RuleText {
    RuleText {
        ingress: true,
        text: text.to_owned(),
    }
}

/// An egress rule: `all to 0.0.0.0/0`.
pub fn egress(text: &str) -> RuleText {
    RuleText {
        ingress: false,
        text: text.to_owned(),
    }
}

pub(crate) fn security_rule(
    text: &str,
    reference: RuleRef,
    group: impl Fn(&str) -> SecurityGroupIndex,
) -> SecurityRule {
    let (traffic, peer) = text
        .split_once(" from ")
        .or_else(|| text.split_once(" to "))
        .expect("`… from …` or `… to …`");
    let mut words = peer.splitn(3, ':');
    let peer = match [words.next(), words.next(), words.next()] {
        [Some("group"), Some(name), None] => Peer::Group(group(name)),
        [Some("peer"), Some(vpc), Some(name)] => {
            let vpc = VpcIndex(vpc.parse().expect("the number of a VPC"));
            Peer::PeeredGroup(vpc, group(name))
        }
        _ => match peer.parse().expect("a CIDR block") {
            IpNet::V4(block) => Peer::Ipv4(block),
            IpNet::V6(block) => Peer::Ipv6(block),
        },
    };
    SecurityRule {
        reference,
        traffic: traffic_of(traffic),
        peer,
    }
}

pub(crate) fn acl_entry(text: &str, reference: RuleRef) -> AclEntry {
    let mut words = text.splitn(3, ' ');
    let rule_number = words
        .next()
        .and_then(|word| word.parse().ok())
        .expect("a rule number first");
    let allow = match words.next() {
        Some("allow") => true,
        Some("deny") => false,
        other => panic!("allow or deny, not {other:?}"),
    };
    let rest = words.next().expect("protocol and block");
    let (traffic, cidr) = rest
        .split_once(" from ")
        .or_else(|| rest.split_once(" to "))
        .expect("`… from/to …`");
    let cidr = cidr.parse().expect("a CIDR block");
    AclEntry {
        reference,
        rule_number,
        allow,
        traffic: traffic_of(traffic),
        cidr,
    }
}

fn traffic_of(text: &str) -> Traffic {
    let mut words = text.split(' ');
    let protocol = words.next().expect("a protocol");
    let detail = words.next();
    match protocol {
        "all" => Traffic::All,
        "tcp" => Traffic::Tcp(ports(detail)),
        "udp" => Traffic::Udp(ports(detail)),
        "icmp" => {
            let (kind, code) = kind_and_code(detail);
            Traffic::Icmp { kind, code }
        }
        "icmpv6" => {
            let (kind, code) = kind_and_code(detail);
            Traffic::Icmpv6 { kind, code }
        }
        number => Traffic::Protocol(number.parse().expect("a protocol number")),
    }
}

fn ports(text: Option<&str>) -> PortRange {
    let Some(text) = text else {
        return PortRange::ALL;
    };
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    PortRange {
        from: from.parse().expect("a port"),
        to: to.parse().expect("a port"),
    }
}

fn kind_and_code(text: Option<&str>) -> (Option<u8>, Option<u8>) {
    let Some(text) = text else {
        return (None, None);
    };
    match text.split_once('/') {
        Some((kind, code)) => (kind.parse().ok(), code.parse().ok()),
        None => (text.parse().ok(), None),
    }
}
