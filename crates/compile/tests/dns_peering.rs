//! What the resolver of VPC A says of a host in its peer B (spec 05 §3), row by row.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use openvpc_compile::dns_views;
use openvpc_dns::{Addresses, Found, VpcKey};
use openvpc_model::*;

const HERE: &str = "us-east-1";
const ELSEWHERE: &str = "eu-west-1";

/// B, and the connection that it has with A.
struct Peer {
    region: &'static str,
    block: &'static str,
    address: &'static str,
    /// `AllowDnsResolutionFromRemoteVpc` on B's side.
    allows: bool,
    status: PeeringStatus,
}

const PEER: Peer = Peer {
    region: HERE,
    block: "10.1.0.0/16",
    address: "10.1.0.5",
    allows: false,
    status: PeeringStatus::Active,
};

impl Peer {
    /// What A's resolver answers.
    fn asked_from_a(&self, name: &str) -> Found {
        self.asked(|_| {}, 1, name)
    }

    fn asked(&self, change: impl Fn(&mut Vpc), from: u32, name: &str) -> Found {
        let end = |n, region: &str, allows| PeeringEnd {
            vpc: id("vpc-", n),
            region: region.to_owned(),
            allow_dns_resolution_from_remote_vpc: allows,
        };
        let connection = VpcPeeringConnection {
            id: id("pcx-", 1),
            owner: owner(),
            requester: end(1, HERE, false),
            accepter_owner: owner(),
            accepter: end(2, self.region, self.allows),
            status: self.status.clone(),
            requested_at: 0,
            status_at: 0,
        };
        let mut b = vpc(2, self.block);
        change(&mut b);
        let network = self.block.split('/').next().unwrap();
        let subnet = subnet(2, 2, &format!("{network}/24"));
        let mut host = eni(5, &subnet, self.address);
        host.auto_public_ip = Some("192.0.2.9".parse().unwrap());
        let mut world = world_of(vec![
            Event::VpcPut(vpc(1, "10.0.0.0/16")),
            Event::VpcPut(vpc(3, "10.2.0.0/16")),
        ]);
        let there = vec![
            Event::VpcPut(b),
            Event::SubnetPut(subnet),
            Event::NetworkInterfacePut(host),
        ];
        apply(&mut world, self.region, there);
        apply(
            &mut world,
            HERE,
            vec![Event::VpcPeeringConnectionPut(connection)],
        );
        let views = dns_views(&world, &[]);
        let asker = VpcKey(id::<VpcId>("vpc-", from).low_bits());
        views.vpcs[&asker].find(&views.public, name)
    }

    fn public_name(&self) -> &'static str {
        match self.region {
            HERE => "ec2-192-0-2-9.compute-1.amazonaws.com",
            _ => "ec2-192-0-2-9.eu-west-1.compute.amazonaws.com",
        }
    }

    fn private_name(&self) -> String {
        let domain = match self.region {
            HERE => "ec2.internal",
            _ => "eu-west-1.compute.internal",
        };
        format!("ip-{}.{domain}", self.address.replace('.', "-"))
    }
}

fn host(address: &str) -> Found {
    Found::Host(Addresses::of(&[address.parse().unwrap()]))
}

#[test]
fn a_public_name_leads_to_the_private_address_if_the_peers_side_allows_it() {
    for region in [HERE, ELSEWHERE] {
        for (allows, address) in [(false, "192.0.2.9"), (true, "10.1.0.5")] {
            let peer = Peer {
                region,
                allows,
                ..PEER
            };
            let found = peer.asked_from_a(peer.public_name());
            assert_eq!(found, host(address), "{region}, allowed: {allows}");
        }
    }
}

#[test]
fn a_private_name_is_known_in_the_region_if_the_block_is_private_else_if_allowed() {
    let public_block = Peer {
        block: "100.64.0.0/16",
        address: "100.64.0.5",
        ..PEER
    };
    let far = Peer {
        region: ELSEWHERE,
        ..PEER
    };
    for (peer, always) in [(PEER, true), (public_block, false), (far, false)] {
        for allows in [false, true] {
            let peer = Peer {
                allows,
                status: peer.status.clone(),
                ..peer
            };
            let found = peer.asked_from_a(&peer.private_name());
            let known = found == host(peer.address);
            assert_eq!(
                known,
                always || allows,
                "{} in {}: {found:?}",
                peer.block,
                peer.region
            );
        }
    }
}

#[test]
fn an_address_leads_back_to_the_name() {
    for region in [HERE, ELSEWHERE] {
        let peer = Peer {
            region,
            allows: true,
            ..PEER
        };
        let found = peer.asked_from_a("5.0.1.10.in-addr.arpa");
        assert_eq!(found, Found::Pointer(peer.private_name()));
    }
    let silent = Peer {
        region: ELSEWHERE,
        ..PEER
    };
    assert_eq!(silent.asked_from_a("5.0.1.10.in-addr.arpa"), Found::Unknown);
}

#[test]
fn only_an_active_connection_and_only_its_two_ends_share_names() {
    for status in [PeeringStatus::PendingAcceptance, PeeringStatus::Rejected] {
        let peer = Peer {
            status,
            allows: true,
            ..PEER
        };
        assert_eq!(peer.asked_from_a(peer.public_name()), host("192.0.2.9"));
        assert_ne!(peer.asked_from_a(&peer.private_name()), host(PEER.address));
    }
    let peer = Peer {
        allows: true,
        ..PEER
    };
    assert_eq!(peer.asked(|_| {}, 3, peer.public_name()), host("192.0.2.9"));
    assert_ne!(
        peer.asked(|_| {}, 3, &peer.private_name()),
        host(PEER.address)
    );
}

#[test]
fn a_peer_without_host_names_has_none_to_share() {
    let peer = Peer {
        allows: true,
        ..PEER
    };
    let change = |vpc: &mut Vpc| vpc.enable_dns_hostnames = false;
    assert_ne!(
        peer.asked(change, 1, &peer.private_name()),
        host(PEER.address)
    );
    let nothing = Found::Nothing {
        zone: "compute-1.amazonaws.com".to_owned(),
    };
    assert_eq!(peer.asked(change, 1, peer.public_name()), nothing);
}
