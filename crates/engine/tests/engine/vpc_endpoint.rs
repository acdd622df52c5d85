//! Interface endpoints: spec 04 §4 (IP-1 … IP-10) and the records of §7.

use openvpc_engine::DropReason::{
    EndpointFull, EndpointOverMtu, EndpointProtocol, EndpointUnsolicited, NetworkAclInbound,
    NetworkAclOutbound, NoConnection, NoInternetHost, NoRoute, SecurityGroupIngress,
    UnknownIdentity, ZoneLost,
};
use openvpc_engine::identity::service_ipv6;
use openvpc_engine::{Identity, Limits, Via};
use openvpc_testkit::{
    Call, Host, L4, Lab, Shot, To, egress, ingress, mend_ipv4_header, ping, syn, udp,
};

const LOGS: &str = "198.18.30.10";
const ACK: u8 = 16;
const PSH_ACK: u8 = 24;

/// A private VPC 10.0.0.0/16 with a client in one subnet and an endpoint of Logs in another.
struct Stage {
    lab: Lab,
    client: Host,
    endpoint: Host,
    services: Host,
}

impl Stage {
    fn call(&self) -> Call {
        self.call_of(&self.client)
    }

    fn call_of(&self, client: &Host) -> Call {
        let call = self.lab.tcp(client, &self.services, 443);
        call.through(&self.endpoint, LOGS)
    }

    /// A shot at the endpoint.
    fn at(&self, shot: Shot) -> Shot {
        shot.to_address("10.0.1.5")
    }
}

fn stage() -> Stage {
    stage_with(Limits::default())
}

fn stage_with(limits: Limits) -> Stage {
    let lab = Lab::with_limits("10.0.0.0/16", limits);
    lab.public_service(LOGS);
    let endpoint = lab.vpc_endpoint("10.0.1.5", LOGS);
    let endpoint = endpoint.security_group([ingress("tcp 443 from 10.0.0.0/8")]);
    let client = lab.eni("10.0.3.10");
    let client = client.security_group([egress("all to 0.0.0.0/0")]);
    let services = lab.services();
    Stage {
        lab,
        client,
        endpoint,
        services,
    }
}

/// IP-1, IP-7: the service sees an internal address, behind which the engine knows client and endpoint; the client only
/// ever sees the endpoint.
#[test]
fn a_service_is_reached_without_any_gateway() {
    let stage = stage();
    let mut call = stage.call();
    let seen = call.syn().reaches(&stage.services);
    assert_eq!(seen.packet().destination.to_string(), LOGS);
    let identity = stage.lab.identity(seen.packet().source);
    let expected = Identity {
        eni: stage.endpoint.eni().unwrap(),
        source: "10.0.3.10".parse().unwrap(),
        via: Via::InterfaceEndpoint(LOGS.parse().unwrap()),
    };
    assert_eq!(identity, Some(expected));
    call.syn_ack()
        .reaches(&stage.client)
        .seen_as("10.0.1.5", "10.0.3.10");
    call.client(ACK, 0).reaches(&stage.services);
    for _ in 0..3 {
        call.client(PSH_ACK, 700).reaches(&stage.services);
        call.server(PSH_ACK, 900)
            .reaches(&stage.client)
            .seen_as("10.0.1.5", "10.0.3.10");
    }
    call.close();
    let port = call.client_port();
    stage.lab.flow_log(&stage.client).reads_in_full([
        &*format!("10.0.3.10 10.0.1.5 {port} 443 6 7 2380 ACCEPT 3 egress 1 10.0.3.10 10.0.1.5"),
        &*format!("10.0.1.5 10.0.3.10 443 {port} 6 5 2900 ACCEPT 19 ingress - 10.0.1.5 10.0.3.10"),
    ]);
    stage.lab.flow_log(&stage.endpoint).reads_in_full([
        &*format!("10.0.3.10 10.0.1.5 {port} 443 6 7 2380 ACCEPT 3 ingress - 10.0.3.10 10.0.1.5"),
        &*format!("10.0.1.5 10.0.3.10 443 {port} 6 5 2900 ACCEPT 19 egress 1 10.0.1.5 10.0.3.10"),
    ]);
    stage.lab.balances();
}

/// IP-9: one interface serves its whole VPC, its own subnet too.
#[test]
fn neighbours_use_it_too() {
    let stage = stage();
    let neighbour = stage.lab.eni("10.0.1.10");
    let neighbour = neighbour.security_group([egress("tcp 443 to 10.0.1.5/32")]);
    // Within a subnet no ACL is asked (ACL-1).
    let acl = stage.lab.network_acl(&neighbour);
    acl.inbound("1 deny all from 0.0.0.0/0")
        .outbound("1 deny all to 0.0.0.0/0");
    let mut call = stage.call_of(&neighbour);
    call.handshake();
    call.close();
    stage.lab.balances();
}

/// IP-2, and §8 row 5: silence, REJECT at the endpoint; a new rule helps at once.
#[test]
fn its_group_must_let_the_client_in() {
    let stage = stage();
    let closed = stage.endpoint.clone().security_group([]);
    let mut call = stage.call();
    call.syn().dropped(SecurityGroupIngress);
    let port = call.client_port();
    stage
        .lab
        .flow_log(&stage.client)
        .reads(["10.0.3.10 10.0.1.5 ACCEPT"]);
    stage.lab.flow_log(&closed).reads_in_full([&*format!(
        "10.0.3.10 10.0.1.5 {port} 443 6 1 40 REJECT 2 ingress - 10.0.3.10 10.0.1.5"
    )]);
    closed.security_group([ingress("tcp 443 from 10.0.0.0/16")]);
    stage.call().handshake();
    stage.lab.balances();
}

/// SG-7: tracked, however open the rules; taking them away leaves a connection alone. IP-2: no egress rule is needed.
#[test]
fn its_flows_are_always_tracked() {
    let stage = stage();
    let client = stage.client.clone().open();
    let endpoint = stage.endpoint.clone().open();
    let mut call = stage.call();
    call.handshake();
    client.security_group([]);
    endpoint.security_group([]);
    call.client(PSH_ACK, 100).reaches(&stage.services);
    call.server(PSH_ACK, 100).reaches(&stage.client);
    let mut another = stage.call();
    another
        .client(PSH_ACK, 100)
        .dropped(openvpc_engine::DropReason::SecurityGroupEgress);
    stage.lab.balances();
}

#[test]
fn network_acls_act_on_both_ways() {
    let stage = stage();
    let acl = stage.lab.network_acl(&stage.endpoint);
    acl.inbound("90 deny tcp 443 from 0.0.0.0/0");
    stage.call().syn().dropped(NetworkAclInbound);
    acl.remove(90);
    let mut call = stage.call();
    call.syn().reaches(&stage.services);
    acl.outbound("90 deny tcp 1024-65535 to 0.0.0.0/0");
    stage.lab.flow_log(&stage.endpoint);
    call.syn_ack().dropped(NetworkAclOutbound);
    stage
        .lab
        .flow_log(&stage.endpoint)
        .reads(["10.0.1.5 10.0.3.10 REJECT"]);
    stage.lab.balances();
}

/// IP-3, §4 row 12 of the acceptance tests: TCP and nothing else, though the group lets it in.
#[test]
fn it_carries_tcp_only() {
    let stage = stage();
    stage.endpoint.clone().open();
    let (client, services) = (&stage.client, &stage.services);
    for shot in [udp(client, services, 5_000, 443), ping(client, services)] {
        stage.lab.send(stage.at(shot)).dropped(EndpointProtocol);
    }
    // Whether anybody listens at a port is the service's to say: its host resets.
    let mut call = stage.lab.tcp(client, services, 8_080);
    call = call.through(&stage.endpoint, LOGS);
    call.syn().reaches(services);
    call.server_refuses().reaches(client);
    stage.lab.balances();
}

/// IP-4.
#[test]
fn a_service_opens_nothing_through_it() {
    let stage = stage();
    stage.client.clone().open();
    stage.endpoint.clone().open();
    let seen = stage.call().syn().reaches(&stage.services);
    let internal = seen.packet().source.to_string();
    let from_service = |shot: Shot| shot.from_address(LOGS).to_address(&internal);
    let (services, client) = (&stage.services, &stage.client);
    stage
        .lab
        .send(from_service(syn(services, client, 22)))
        .dropped(EndpointUnsolicited);
    // Another service has no part in it.
    let other = syn(services, client, 22).from_address("198.18.30.11");
    stage.lab.public_service("198.18.30.11");
    stage
        .lab
        .send(other.to_address(&internal))
        .dropped(UnknownIdentity);
    stage.lab.balances();
}

/// IP-5, §8 row 12: longer packets vanish without an error, either way.
#[test]
fn it_carries_8500_bytes() {
    let stage = stage();
    let mut call = stage.call();
    call.handshake();
    call.client(PSH_ACK, 8_460).reaches(&stage.services);
    call.client(PSH_ACK, 8_461).dropped(EndpointOverMtu);
    call.server(PSH_ACK, 8_460).reaches(&stage.client);
    call.server(PSH_ACK, 8_461).dropped(EndpointOverMtu);
    stage.lab.balances();
}

/// IP-5: neither end is told of longer segments than the endpoint, or the way beyond it, carries.
#[test]
fn the_longest_segment_is_clamped() {
    let stage = stage();
    let with_mss = |shot: Shot| {
        shot.edit(|frame| {
            frame[46] = 6 << 4;
            frame.extend_from_slice(&[2, 4, 0x23, 0x01]);
            frame[16..18].copy_from_slice(&44u16.to_be_bytes());
            mend_ipv4_header(frame);
        })
    };
    let announced = |frames: &[&[u8]]| u16::from_be_bytes([frames[0][56], frames[0][57]]);
    let (client, services) = (&stage.client, &stage.services);
    let shot = with_mss(stage.at(syn(client, services, 443)));
    let seen = stage.lab.send(shot).reaches(services);
    assert_eq!(announced(&seen.frames()), 8_460);
    let far = stage.lab.another_vpc("10.9.0.0/16");
    let peer = far.eni("10.9.1.10").open();
    stage
        .lab
        .route(&peer, "10.0.0.0/16", To::FarPeer(&stage.lab.first()));
    let shot = with_mss(stage.at(syn(&peer, services, 443)));
    let seen = stage.lab.send(shot).reaches(services);
    assert_eq!(announced(&seen.frames()), 1_460);
}

/// IP-8: from a peer it is an address like any other.
#[test]
fn peers_reach_it_with_a_route_each_way() {
    let stage = stage();
    let far = stage.lab.another_vpc("10.9.0.0/16");
    let peer = far.eni("10.9.1.10").open();
    let near = stage.lab.first();
    stage.lab.route(&peer, "10.0.0.0/16", To::Peer(&near));
    let mut call = stage.call_of(&peer);
    call.syn().reaches(&stage.services);
    call.syn_ack().dropped(NoRoute);
    stage
        .lab
        .route(&stage.endpoint, "10.9.0.0/16", To::Peer(&far));
    let mut call = stage.call_of(&peer);
    call.handshake();
    call.close();
    // Tracked at the peer too (SG-7), and not its service's address but the endpoint's is what the way leads to.
    peer.security_group([]);
    let direct = syn(&stage.client, &stage.services, 443).to_address(LOGS);
    stage.lab.send(direct).dropped(NoRoute);
    stage.lab.balances();
}

/// IP-10, I-5: two VPCs of one CIDR, with equal clients and equal endpoints, are told apart.
#[test]
fn equal_addresses_in_two_vpcs_are_two_callers() {
    let stage = stage();
    let twin_vpc = stage.lab.another_vpc("10.0.0.0/16");
    let twin_endpoint = twin_vpc.vpc_endpoint("10.0.1.5", LOGS);
    let twin_endpoint = twin_endpoint.security_group([ingress("tcp 443 from 10.0.0.0/16")]);
    let twin = twin_vpc.eni("10.0.3.10").open();
    let mut first = stage.call();
    let mut second = stage.call_of(&twin);
    let one = first.syn().reaches(&stage.services).packet().source;
    let other = second.syn().reaches(&stage.services).packet().source;
    assert_ne!(one, other);
    let endpoint_of = |internal| stage.lab.identity(internal).map(|identity| identity.eni);
    assert_eq!(endpoint_of(one), stage.endpoint.eni());
    assert_eq!(endpoint_of(other), twin_endpoint.eni());
    first.syn_ack().reaches(&stage.client);
    second.syn_ack().reaches(&twin);
    stage.lab.balances();
}

/// §8 row 6: the zone of the endpoint is lost; what was open does not come back with it.
#[test]
fn a_lost_zone_takes_it_along() {
    let stage = stage();
    let survivor = stage.lab.vpc_endpoint("10.0.2.5", LOGS);
    let survivor = survivor.security_group([ingress("tcp 443 from 10.0.0.0/16")]);
    let mut call = stage.call();
    call.handshake();
    stage.lab.zone_lost(&stage.endpoint, true);
    call.client(PSH_ACK, 10).dropped(ZoneLost);
    call.server(PSH_ACK, 10).dropped(UnknownIdentity);
    stage.call().syn().dropped(ZoneLost);
    let other = stage.lab.tcp(&stage.client, &stage.services, 443);
    other.through(&survivor, LOGS).handshake();
    stage.lab.zone_lost(&stage.endpoint, false);
    call.client(PSH_ACK, 10).dropped(NoConnection);
    stage.call().handshake();
    stage.lab.balances();
}

/// Whoever may invent senders behind one endpoint takes no more than that endpoint's share of identities.
#[test]
fn invented_senders_harm_one_endpoint_only() {
    let stage = stage_with(Limits {
        identities_max: 8,
        ..Limits::default()
    });
    let router = stage.client.clone().without_source_dest_check().open();
    let from = |last: u8| {
        let shot = stage.at(syn(&router, &stage.services, 443));
        stage.lab.send(shot.from_address(&format!("10.0.3.{last}")))
    };
    from(20).reaches(&stage.services);
    from(21).reaches(&stage.services);
    from(22).reaches(&stage.services);
    from(23).reaches(&stage.services);
    from(24).dropped(EndpointFull);
    let other = stage.lab.another_vpc("10.0.0.0/16");
    let endpoint = other.vpc_endpoint("10.0.1.5", LOGS).open();
    let client = other.eni("10.0.3.10").open();
    let call = stage.lab.tcp(&client, &stage.services, 443);
    call.through(&endpoint, LOGS).handshake();
}

/// Pieces of a segment follow the first one.
#[test]
fn fragments_are_carried() {
    let stage = stage();
    let mut call = stage.call();
    call.handshake();
    let segment = L4::Raw(6, vec![0; 8]);
    let shot = Shot::new(&stage.client, &stage.services, true, segment);
    let later = stage.at(shot).edit(|frame| {
        frame[20..22].copy_from_slice(&64u16.to_be_bytes());
        mend_ipv4_header(frame);
    });
    let lone = stage.lab.send(later);
    lone.dropped(openvpc_engine::DropReason::FragmentWithoutFirst);
    stage.lab.balances();
}

/// IE-1: an endpoint with addresses of both families is asked over either; the service tells the callers apart over both.
#[test]
fn a_service_is_reached_over_ipv6_too() {
    let lab = Lab::vpc("10.0.0.0/16")
        .ipv6("2001:db8:1:100::/56")
        .internet_gateway();
    lab.public_service(LOGS);
    let endpoint = lab.vpc_endpoint("10.0.1.5", LOGS).ipv6(0x5);
    let endpoint = endpoint.security_group([ingress("tcp 443 from 2001:db8:1:100::/56")]);
    let client = lab.eni("10.0.3.10").ipv6(0x10).open();
    let services = lab.services();
    let service = service_ipv6(LOGS.parse().unwrap()).to_string();
    let (own, at) = (client.address(false), endpoint.address(false));
    let mut call = lab.tcp(&client, &services, 443).over_ipv6();
    call = call.through(&endpoint, &service);
    let seen = call.syn().reaches(&services);
    assert_eq!(seen.packet().destination.to_string(), service);
    let identity = lab.identity(seen.packet().source);
    let expected = Identity {
        eni: endpoint.eni().unwrap(),
        source: own,
        via: Via::InterfaceEndpoint(service.parse().unwrap()),
    };
    assert_eq!(identity, Some(expected));
    let (own, at) = (own.to_string(), at.to_string());
    call.syn_ack().reaches(&client).seen_as(&at, &own);
    for _ in 0..3 {
        call.client(PSH_ACK, 700).reaches(&services);
        call.server(PSH_ACK, 900)
            .reaches(&client)
            .seen_as(&at, &own);
    }
    call.close();
    // Nothing else than TCP, and nobody from the internet.
    let datagram = udp(&client, &endpoint, 5_000, 443).over_ipv6(&endpoint);
    lab.send(datagram).dropped(SecurityGroupIngress);
    let bob = lab.internet("2001:db8:ffff::12");
    lab.send(syn(&bob, &endpoint, 443)).dropped(NoInternetHost);
    lab.balances();
}
