//! AWS PrivateLink guide, "Gateway endpoints"; GE-20 … GE-30 and the records of spec 03 §4.

use openvpc_engine::DropReason::{
    GatewayEndpointForeignSource, GatewayEndpointNoService, GatewayEndpointProtocol,
    GatewayEndpointTooBig, NetworkAclInbound, NetworkAclOutbound, NoReturnRoute, NoRoute,
    PeeringNotTransitive, SecurityGroupEgress, SecurityGroupIngress, TtlExceeded, UnknownIdentity,
};
use openvpc_engine::{GatewayId, Identity, Stage, Via};
use openvpc_testkit::{Host, L4, Lab, Shot, To, egress, ping, syn, udp};

const S3: &str = "198.18.10.10";
const LIST: &str = "198.18.10.0/24";
const ACK: u8 = 16;

/// A VPC without a way to the internet: `app` has a route to an endpoint, `lone` has none.
struct Bench {
    lab: Lab,
    app: Host,
    lone: Host,
    services: Host,
    endpoint: GatewayId,
}

fn bench() -> Bench {
    let lab = Lab::vpc("10.0.0.0/16");
    let (app, lone) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.2.10").open());
    lab.public_service(S3);
    let services = lab.services();
    let endpoint = lab.gateway_endpoint();
    lab.route(&app, LIST, To::GatewayEndpoint(endpoint));
    Bench {
        lab,
        app,
        lone,
        services,
        endpoint,
    }
}

impl Bench {
    /// A first packet from `host` to S3.
    fn ask(&self, host: &Host) -> Shot {
        syn(host, &self.services, 443).to_address(S3)
    }
}

/// GE-20, GE-29.
#[test]
fn the_service_sees_an_identity_and_its_answer_comes_back_to_the_private_address() {
    let bench = bench();
    let Bench { lab, app, .. } = &bench;
    let sent = lab.send(bench.ask(app)).reaches(&bench.services);
    assert!(
        sent.trace()
            .steps
            .iter()
            .any(|step| step.stage == Stage::GatewayEndpoint),
        "{:?}",
        sent.trace()
    );
    let packet = sent.packet();
    assert_eq!(packet.destination.to_string(), S3, "the address stays");
    let identity = Identity {
        eni: app.eni().unwrap(),
        source: "10.0.1.10".parse().unwrap(),
        via: Via::GatewayEndpoint(bench.endpoint, S3.parse().unwrap()),
    };
    assert_eq!(lab.identity(packet.source), Some(identity));
    sent.answered().reaches(app).seen_as(S3, "10.0.1.10");
    lab.balances();
}

#[test]
fn a_connection_and_its_records() {
    let bench = bench();
    let Bench { lab, app, .. } = &bench;
    let mut call = lab.tcp(app, &bench.services, 443).to_service(S3);
    call.handshake();
    for _ in 0..3 {
        call.client(ACK, 1_000).reaches(&bench.services);
        call.server(ACK, 1_400)
            .reaches(app)
            .seen_as(S3, "10.0.1.10");
    }
    call.close();
    let port = call.client_port();
    lab.flow_log(app).reads_in_full([
        format!("10.0.1.10 {S3} {port} 443 6 7 3280 ACCEPT 3 egress 7 10.0.1.10 {S3}").as_str(),
        format!("{S3} 10.0.1.10 443 {port} 6 5 4400 ACCEPT 19 ingress - {S3} 10.0.1.10").as_str(),
    ]);
    lab.balances();
}

/// GE-20: only subnets whose table has the route.
#[test]
fn without_the_route_there_is_no_way() {
    let bench = bench();
    let Bench { lab, lone, .. } = &bench;
    lab.send(bench.ask(lone)).dropped(NoRoute);
    lab.flow_log(lone).reads(["10.0.2.10 198.18.10.10 ACCEPT"]);
}

/// GE-21: the list is the longer prefix beside a default route, and gives way to a longer one.
#[test]
fn the_longest_prefix_decides() {
    let bench = bench();
    let Bench { lab, app, .. } = &bench;
    let bob = lab.internet("203.0.113.12");
    lab.first().internet_gateway();
    let app = app.clone().public("192.0.2.10");
    lab.route(&app, "0.0.0.0/0", To::InternetGateway);
    let by_endpoint = lab.send(bench.ask(&app)).reaches(&bench.services);
    assert!(by_endpoint.packet().source.to_string().starts_with("240."));
    lab.send(ping(&app, &bob)).reaches(&bob);
    lab.route(&app, "198.18.10.0/25", To::InternetGateway);
    lab.send(bench.ask(&app))
        .reaches(&bench.services)
        .seen_as("192.0.2.10", S3);
}

/// GE-25: security group out, network ACL both ways.
#[test]
fn groups_and_network_acls_have_their_say() {
    let bench = bench();
    let Bench { lab, .. } = &bench;
    let only = |rule| lab.eni("10.0.1.20").security_group([egress(rule)]);
    let shut = only("tcp 443 to 198.18.20.0/24");
    lab.send(bench.ask(&shut)).dropped(SecurityGroupEgress);
    lab.flow_log(&shut).reads(["10.0.1.20 198.18.10.10 REJECT"]);
    let open = lab
        .eni("10.0.1.21")
        .security_group([egress("tcp 443 to 198.18.10.0/24")]);
    // The answer needs no rule (SG-6).
    let there = lab.send(bench.ask(&open)).reaches(&bench.services);
    there.answered().reaches(&open);
    let acl = lab.network_acl(&open);
    acl.inbound("90 deny tcp from 198.18.10.0/24");
    let there = lab.send(bench.ask(&open)).reaches(&bench.services);
    there.answered().dropped(NetworkAclInbound);
    acl.outbound("90 deny tcp to 198.18.10.0/24");
    lab.send(bench.ask(&open)).dropped(NetworkAclOutbound);
    lab.balances();
}

/// GE-26.
#[test]
fn it_carries_tcp_and_echo_and_nothing_else() {
    let bench = bench();
    let Bench { lab, app, .. } = &bench;
    let there = lab.send(ping(app, &bench.services).to_address(S3));
    there
        .reaches(&bench.services)
        .answered()
        .reaches(app)
        .seen_as(S3, "10.0.1.10");
    lab.send(udp(app, &bench.services, 5, 443).to_address(S3))
        .dropped(GatewayEndpointProtocol);
    let timestamp = L4::Icmp(vec![13, 0, 0, 0, 0, 0, 0, 0]);
    lab.send(Shot::new(app, &bench.services, true, timestamp).to_address(S3))
        .dropped(GatewayEndpointProtocol);
    // Of the list, and nobody's.
    lab.send(bench.ask(app).to_address("198.18.10.99"))
        .dropped(GatewayEndpointNoService);
    let spent = bench.ask(app).ttl(1);
    let spent = lab.send(spent);
    assert_ne!(spent.verdict(), openvpc_engine::Verdict::Drop(TtlExceeded));
    spent.replied();
    lab.balances();
}

/// GE-26: the service never begins.
#[test]
fn the_service_reaches_only_whom_an_identity_stands_for() {
    let bench = bench();
    let Bench {
        lab, app, services, ..
    } = &bench;
    let back = |to: &str| syn(services, app, 80).from_address(S3).to_address(to);
    lab.send(back("240.0.0.77")).dropped(UnknownIdentity);
    let sent = lab.send(bench.ask(app)).reaches(services);
    let internal = sent.packet().source.to_string();
    // A known address is not enough for a new connection: the interface's groups are asked.
    let shut = lab
        .eni("10.0.1.30")
        .security_group([egress("all to 0.0.0.0/0")]);
    let asked = lab.send(bench.ask(&shut)).reaches(services);
    let of_shut = asked.packet().source.to_string();
    lab.send(back(&of_shut)).dropped(SecurityGroupIngress);
    // Another service's address is no answer.
    lab.public_service("198.18.20.10");
    lab.send(back(&internal).from_address("198.18.20.10"))
        .dropped(UnknownIdentity);
    lab.send(
        udp(services, app, 443, 9)
            .from_address(S3)
            .to_address(&internal),
    )
    .dropped(UnknownIdentity);
}

/// GE-27: the route's removal ends what went by it, and nothing else.
#[test]
fn without_its_route_a_connection_ends_both_ways() {
    let bench = bench();
    let Bench {
        lab,
        app,
        lone,
        services,
        ..
    } = &bench;
    let other = lab.gateway_endpoint();
    lab.route(lone, LIST, To::GatewayEndpoint(other));
    let mut call = lab.tcp(app, services, 443).to_service(S3);
    let mut beside = lab.tcp(lone, services, 443).to_service(S3);
    call.handshake();
    beside.handshake();
    lab.no_route(app, LIST);
    call.client(ACK, 100).dropped(NoRoute);
    call.server(ACK, 100).dropped(NoReturnRoute);
    beside.client(ACK, 100).reaches(services);
    beside.server(ACK, 100).reaches(lone);
    // Another endpoint makes another identity: the service does not know the connection.
    let before = lab.send(bench.ask(lone)).reaches(services).packet().source;
    let new = lab.gateway_endpoint();
    lab.route(lone, LIST, To::GatewayEndpoint(new));
    let after = lab.send(bench.ask(lone)).reaches(services).packet().source;
    assert_ne!(before, after);
    beside.server(ACK, 100).dropped(NoReturnRoute);
}

/// GE-30.
#[test]
fn a_peer_and_the_internet_are_never_let_in() {
    let bench = bench();
    let Bench { lab, services, .. } = &bench;
    let far = lab.another_vpc("10.9.0.0/16");
    let peer = far.eni("10.9.1.10").open();
    lab.route(&peer, LIST, To::Peer(&lab.first()));
    lab.send(bench.ask(&peer)).dropped(PeeringNotTransitive);
    // Nor does what a router in the VPC forwards for a stranger get through.
    let router = lab.eni("10.0.1.40").open().without_source_dest_check();
    lab.send(bench.ask(&router).from_address("10.9.1.10"))
        .dropped(GatewayEndpointForeignSource);
    lab.send(bench.ask(&router).from_address("203.0.113.12"))
        .dropped(GatewayEndpointForeignSource);
    let _ = services;
}

/// An edge table leads to no endpoint, whatever it says (RT-12).
#[test]
fn an_edge_table_leads_to_no_endpoint() {
    let bench = bench();
    let Bench { lab, app, .. } = &bench;
    lab.first().internet_gateway();
    let app = app.clone().public("192.0.2.10");
    lab.route(&app, "0.0.0.0/0", To::InternetGateway);
    let bob = lab.internet("203.0.113.12");
    lab.edge_route("10.0.1.0/24", To::GatewayEndpoint(bench.endpoint));
    lab.send(ping(&bob, &app))
        .dropped(openvpc_engine::DropReason::Blackhole);
}

/// Two VPCs, one CIDR, one address, an endpoint each (issue of every shared range): the port tells them apart.
#[test]
fn equal_addresses_in_two_vpcs_are_two_identities() {
    let bench = bench();
    let Bench { lab, app, .. } = &bench;
    let twin = lab.another_vpc("10.0.0.0/16").eni("10.0.1.10").open();
    let other = lab.gateway_endpoint();
    lab.route(&twin, LIST, To::GatewayEndpoint(other));
    let ask = |host: &Host| {
        let sent = lab.send(bench.ask(host)).reaches(&bench.services);
        let source = sent.packet().source;
        sent.answered().reaches(host).seen_as(S3, "10.0.1.10");
        lab.identity(source).unwrap()
    };
    let (one, two) = (ask(app), ask(&twin));
    assert_eq!(one.source, two.source);
    assert_eq!(
        (one.eni, two.eni),
        (app.eni().unwrap(), twin.eni().unwrap())
    );
    let via = |endpoint| Via::GatewayEndpoint(endpoint, S3.parse().unwrap());
    assert_eq!((one.via, two.via), (via(bench.endpoint), via(other)));
}

/// A NAT gateway's subnet may have the route: the service then sees the gateway's private address.
#[test]
fn behind_a_nat_gateway_the_gateway_is_who_asks() {
    let bench = bench();
    let Bench { lab, lone, .. } = &bench;
    let nat = lab.nat_gateway("10.0.3.20");
    lab.route(&nat, LIST, To::GatewayEndpoint(bench.endpoint));
    lab.route(lone, "0.0.0.0/0", To::Nat(&nat));
    let sent = lab.send(bench.ask(lone)).reaches(&bench.services);
    let identity = lab.identity(sent.packet().source).unwrap();
    assert_eq!(identity.eni, nat.eni().unwrap());
    assert_eq!(identity.source.to_string(), "10.0.3.20");
    sent.answered().reaches(lone).seen_as(S3, "10.0.2.10");
    let mut call = lab.tcp(lone, &bench.services, 443).to_service(S3);
    call.handshake();
    call.client(ACK, 100).reaches(&bench.services);
    call.server(ACK, 100).reaches(lone);
    lab.balances();
}

/// A firewall in the way may forward what an interface of the VPC sent; the answer goes to that interface.
#[test]
fn a_router_in_the_vpc_may_stand_in_the_way() {
    let bench = bench();
    let Bench { lab, lone, .. } = &bench;
    let firewall = lab.eni("10.0.1.40").open().without_source_dest_check();
    lab.route(lone, LIST, To::Host(&firewall));
    lab.send(bench.ask(lone)).reaches(&firewall);
    let forwarded = lab.send(bench.ask(&firewall).from_address("10.0.2.10"));
    let sent = forwarded.reaches(&bench.services);
    let identity = lab.identity(sent.packet().source).unwrap();
    assert_eq!(identity.eni, firewall.eni().unwrap());
    assert_eq!(identity.source.to_string(), "10.0.2.10");
}

/// 00 §12: 8500 through endpoints, and no error.
#[test]
fn what_is_longer_than_the_endpoint_carries_is_lost() {
    let bench = bench();
    let Bench { lab, app, .. } = &bench;
    let mut call = lab.tcp(app, &bench.services, 443).to_service(S3);
    call.handshake();
    call.client(ACK, 8_460).reaches(&bench.services);
    call.client(ACK, 8_461).dropped(GatewayEndpointTooBig);
    call.server(ACK, 8_461).dropped(GatewayEndpointTooBig);
    call.server(ACK, 8_460).reaches(app);
}

/// Of several that wait, none is lost for another: identities end by silence, and a remembered verdict with them.
#[test]
fn a_remembered_verdict_ends_with_its_identity() {
    let bench = bench();
    let Bench { lab, app, .. } = &bench;
    let mut call = lab.tcp(app, &bench.services, 443).to_service(S3);
    call.handshake();
    call.client(ACK, 10).reaches(&bench.services);
    lab.wait_secs(590);
    call.client(ACK, 10).reaches(&bench.services);
    lab.wait_secs(590);
    let kept = call
        .client(ACK, 10)
        .reaches(&bench.services)
        .packet()
        .source;
    lab.wait_secs(601);
    let new = call
        .client(ACK, 10)
        .reaches(&bench.services)
        .packet()
        .source;
    assert_ne!(kept, new, "both engines gave it a new one");
}
