//! PrivateLink guide, "Share your services": IP-6, IP-10, EP-5, EP-9, EP-10 on packets.

use openvpc_engine::DropReason::{EndpointUnused, SecurityGroupIngress};
use openvpc_testkit::{Host, Lab, ingress, listener, preserving_listener, syn};

/// A consumer and a provider with one CIDR: a client before an endpoint, a node before a target.
struct Linked {
    lab: Lab,
    client: Host,
    endpoint: Host,
    node: Host,
    target: Host,
}

fn linked() -> Linked {
    let lab = Lab::vpc("10.0.0.0/16");
    let provider = lab.another_vpc("10.0.0.0/16");
    let client = lab.eni("10.0.1.5").open();
    // Preserved addresses would be the consumer's: an endpoint's are never (IP-6).
    let node = provider.load_balancer("10.0.1.20", [preserving_listener(80, &["10.0.1.5:8080"])]);
    let target = provider.eni("10.0.1.5").open();
    let endpoint = lab.first().endpoint_to("10.0.2.30", &node);
    let endpoint = endpoint.security_group([ingress("tcp 80 from 10.0.0.0/16")]);
    lab.target_is(&node, "10.0.1.5:8080", true);
    Linked {
        lab,
        client,
        endpoint,
        node,
        target,
    }
}

/// The target sees the node, the client the endpoint; nobody sees the leg between these (spec 04 §5).
#[test]
fn a_consumer_reaches_a_provider_of_the_same_addresses() {
    let Linked {
        lab,
        client,
        endpoint,
        node,
        target,
    } = linked();
    let mut call = lab.tcp(&client, &target, 8080).calling(&endpoint, 80);
    call.syn().reaches(&target).seen_as("10.0.1.20", "10.0.1.5");
    call.syn_ack()
        .reaches(&client)
        .seen_as("10.0.2.30", "10.0.1.5");
    call.client(16, 0).reaches(&target);
    for size in [10, 900, 1_400] {
        call.client(24, size)
            .reaches(&target)
            .seen_as("10.0.1.20", "10.0.1.5");
        call.server(24, size)
            .reaches(&client)
            .seen_as("10.0.2.30", "10.0.1.5");
    }
    call.close();
    lab.flow_log(&client)
        .reads(["10.0.1.5 10.0.2.30 ACCEPT", "10.0.2.30 10.0.1.5 ACCEPT"]);
    lab.flow_log(&endpoint)
        .reads(["10.0.1.5 10.0.2.30 ACCEPT", "10.0.2.30 10.0.1.5 ACCEPT"]);
    lab.flow_log(&node)
        .reads(["10.0.1.20 10.0.1.5 ACCEPT", "10.0.1.5 10.0.1.20 ACCEPT"]);
    lab.flow_log(&target)
        .reads(["10.0.1.20 10.0.1.5 ACCEPT", "10.0.1.5 10.0.1.20 ACCEPT"]);
    lab.balances();
}

/// EP-5: at once, both ways, also for what was connected.
#[test]
fn rejecting_stops_packets() {
    let Linked {
        lab,
        client,
        endpoint,
        node,
        target,
    } = linked();
    let mut call = lab.tcp(&client, &target, 8080).calling(&endpoint, 80);
    call.handshake();
    call.client(24, 10).reaches(&target);
    endpoint.leads_to(None);
    call.client(24, 10).dropped(EndpointUnused);
    call.server(24, 10).dropped(EndpointUnused);
    endpoint.leads_to(Some(&node));
    lab.tcp(&client, &target, 8080)
        .calling(&endpoint, 80)
        .handshake();
    lab.balances();
}

/// EP-9, EP-10.
#[test]
fn the_providers_groups_and_health_decide_too() {
    let Linked {
        lab,
        client,
        endpoint,
        node,
        ..
    } = linked();
    lab.target_is(&node, "10.0.1.5:8080", false);
    let refused = lab.send(syn(&client, &endpoint, 80)).replied();
    assert_eq!(refused.segment().flags & 4, 4);
    lab.send(syn(&client, &endpoint, 81))
        .dropped(SecurityGroupIngress);
    lab.target_is(&node, "10.0.1.5:8080", true);
    lab.group("lb", [ingress("tcp 80 from 10.0.9.0/24")]);
    let node = node.in_group("lb");
    lab.send(syn(&client, &endpoint, 80))
        .dropped(SecurityGroupIngress);
    assert_eq!(
        lab.flow_log(&node).cells().len(),
        0,
        "the provider sees nothing of it"
    );
    node.listens([listener(80, &["10.0.1.5:8080"])]);
    lab.balances();
}
