//! The services port (D10): resolver, metadata and time service, and who asks them (DNS-1, MD-1, MD-3, SG-9, ACL-5).

use std::net::IpAddr;

use openvpc_engine::DropReason::{
    ForeignMac, FragmentWithoutFirst, IdentityTableFull, LocalServiceAbsent, SourceCheck,
    UnknownIdentity,
};
use openvpc_engine::{Identity, Limits, Service, UnloggedClass, Via};
use openvpc_testkit::{Host, Lab, Outcome, egress, syn, udp};

fn stage() -> (Lab, Host, Host) {
    let lab = Lab::vpc("10.0.0.0/16").ipv6("2001:db8:1:100::/56");
    // No rule lets anything out: nothing here asks them (SG-9).
    let web = lab.eni("10.0.1.10").ipv6(0x10);
    let services = lab.services();
    (lab, web, services)
}

/// The address by which the services know the sender.
fn internal(outcome: &Outcome) -> IpAddr {
    outcome.packet().source
}

#[test]
fn a_query_reaches_the_resolver_and_its_answer_comes_back_from_the_address_asked() {
    let (lab, web, services) = stage();
    lab.network_acl(&web)
        .outbound("1 deny all to 0.0.0.0/0")
        .inbound("1 deny all from 0.0.0.0/0");
    for asked in ["10.0.0.2", "169.254.169.253"] {
        let query = lab
            .send(udp(&web, &services, 5_000, 53).to_address(asked))
            .reaches(&services);
        assert_eq!(query.packet().destination.to_string(), "169.254.169.253");
        let internal = internal(&query);
        lab.send(
            udp(&services, &web, 53, 5_000)
                .from_address("169.254.169.253")
                .to_address(&internal.to_string()),
        )
        .reaches(&web)
        .seen_as(asked, "10.0.1.10");
    }
    let flows = lab.counters(&web);
    assert_eq!(flows.flow_cells, 0, "no flow log shows it");
    let egress = flows.egress.unlogged(UnloggedClass::LocalService);
    let ingress = flows.ingress.unlogged(UnloggedClass::LocalService);
    assert_eq!((egress.packets, ingress.packets), (2, 2));
    lab.balances();
}

#[test]
fn ipv6_addresses_are_translated_too() {
    let (lab, web, services) = stage();
    let request = lab
        .send(
            syn(&web, &services, 80)
                .over_ipv6(&services)
                .to_address("fd00:ec2::254"),
        )
        .reaches(&services);
    let internal = internal(&request);
    lab.send(
        udp(&services, &web, 53, 9)
            .over_ipv6(&web)
            .from_address("fd00:ec2::253")
            .to_address(&internal.to_string()),
    )
    .dropped(UnknownIdentity);
    lab.send(
        syn(&services, &web, 40_000)
            .over_ipv6(&web)
            .from_address("fd00:ec2::254")
            .to_address(&internal.to_string())
            .edit(|frame| frame[54..56].copy_from_slice(&80u16.to_be_bytes())),
    )
    .reaches(&web)
    .seen_as("fd00:ec2::254", &web.address(false).to_string());
    lab.balances();
}

/// Two VPCs, one CIDR, one address: the port tells them apart.
#[test]
fn equal_addresses_in_two_vpcs_are_two_identities() {
    let (lab, web, services) = stage();
    let twin = lab.another_vpc("10.0.0.0/16").eni("10.0.1.10");
    let ask = |host: &Host| {
        let sent = lab.send(syn(host, &services, 80)).reaches(&services);
        (internal(&sent), lab.identity(internal(&sent)).unwrap())
    };
    let ((one, first), (other, second)) = (ask(&web), ask(&twin));
    assert_ne!(one, other);
    let asked = "169.254.169.254".parse().unwrap();
    let expected = |host: &Host| Identity {
        eni: host.eni().unwrap(),
        source: "10.0.1.10".parse().unwrap(),
        via: Via::LinkLocal(Service::Metadata, asked),
    };
    assert_eq!((first, second), (expected(&web), expected(&twin)));
    assert_eq!(ask(&web).0, one, "the same asker keeps its address");
}

#[test]
fn a_forged_source_is_nobody() {
    let (lab, web, services) = stage();
    lab.send(syn(&web, &services, 80).from_address("10.0.1.11"))
        .dropped(SourceCheck);
    lab.send(syn(&web, &services, 80).from_address("240.0.0.1"))
        .dropped(openvpc_engine::DropReason::MartianSource);
    let router = lab.eni("10.0.1.20").without_source_dest_check();
    lab.send(syn(&router, &services, 80).from_address("10.0.1.10"))
        .dropped(SourceCheck);
}

#[test]
fn services_answer_only_for_themselves() {
    let (lab, web, services) = stage();
    let sent = lab.send(syn(&web, &services, 80)).reaches(&services);
    let to = internal(&sent).to_string();
    let answer = || udp(&services, &web, 53, 5_000).to_address(&to);
    lab.send(answer().from_address("8.8.8.8"))
        .dropped(UnknownIdentity);
    lab.send(answer().to_address("10.0.1.10"))
        .dropped(UnknownIdentity);
    lab.send(answer().from_mac(web.mac())).dropped(ForeignMac);
    lab.send(udp(&web, &services, 5, 53).to_address("240.0.0.1"))
        .dropped(openvpc_engine::DropReason::Multicast);
}

/// The metadata service's hop limit counts from the instance on (MD-1): nothing here takes from it.
#[test]
fn no_hop_is_counted_between_service_and_instance() {
    let (lab, web, services) = stage();
    let sent = lab.send(syn(&web, &services, 80).ttl(1)).reaches(&services);
    assert_eq!(sent.packet().ttl, 1);
    let to = internal(&sent).to_string();
    let back = lab
        .send(
            syn(&services, &web, 40_000)
                .to_address(&to)
                .ttl(1)
                .edit(|frame| frame[34..36].copy_from_slice(&80u16.to_be_bytes())),
        )
        .reaches(&web);
    assert_eq!(back.packet().ttl, 1);
}

#[test]
fn without_dns_support_the_resolver_is_silent() {
    let (lab, web, services) = stage();
    lab.without_dns_support();
    for asked in ["10.0.0.2", "169.254.169.253"] {
        lab.send(udp(&web, &services, 5_000, 53).to_address(asked))
            .dropped(LocalServiceAbsent);
    }
    lab.send(syn(&web, &services, 80)).reaches(&services);
}

#[test]
fn only_the_ports_of_a_service_reach_it() {
    let (lab, web, services) = stage();
    lab.send(syn(&web, &services, 22))
        .dropped(LocalServiceAbsent);
    lab.send(udp(&web, &services, 123, 123))
        .dropped(LocalServiceAbsent);
    lab.send(udp(&web, &services, 123, 123).to_address("169.254.169.123"))
        .reaches(&services);
}

#[test]
fn a_later_fragment_without_its_first_is_dropped() {
    let (lab, web, services) = stage();
    let later = udp(&web, &services, 5_000, 53)
        .to_address("10.0.0.2")
        .edit(|frame| {
            frame[20..22].copy_from_slice(&4u16.to_be_bytes());
            openvpc_testkit::mend_ipv4_header(frame);
        });
    lab.send(later).dropped(FragmentWithoutFirst);
    lab.balances();
}

/// An interface that went away and came back is a new identity: a late answer to the old one reaches nobody.
#[test]
fn an_identity_ends_with_its_port() {
    let (lab, web, services) = stage();
    let sent = lab.send(syn(&web, &services, 80)).reaches(&services);
    web.detach();
    assert_eq!(lab.identity(internal(&sent)), None);
    web.attach();
    let again = lab.send(syn(&web, &services, 80)).reaches(&services);
    assert_ne!(internal(&again), internal(&sent));
}

#[test]
fn a_full_table_refuses_newcomers_until_somebody_was_silent_for_long() {
    let limits = Limits {
        identities_max: 1,
        ..Limits::default()
    };
    let lab = Lab::with_limits("10.0.0.0/16", limits);
    let (web, other) = (lab.eni("10.0.1.10"), lab.eni("10.0.1.11"));
    let services = lab.services();
    lab.send(syn(&web, &services, 80)).reaches(&services);
    lab.send(syn(&other, &services, 80))
        .dropped(IdentityTableFull);
    lab.wait_secs(600);
    lab.send(syn(&other, &services, 80)).reaches(&services);
    lab.balances();
}

/// Instances still reach each other by their rules only.
#[test]
fn the_services_port_leads_nowhere_else() {
    let (lab, web, services) = stage();
    let peer = lab
        .eni("10.0.1.11")
        .security_group([egress("all to 0.0.0.0/0")]);
    lab.send(udp(&services, &peer, 53, 53).to_address("10.0.1.11"))
        .dropped(UnknownIdentity);
    let _ = web;
}
