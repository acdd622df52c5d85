//! PrivateLink guide, "Share your services": IP-6, IP-10, EP-5, EP-9, EP-10 on packets.

use openvpc_engine::DropReason::{BalancerProtocol, EndpointUnused, SecurityGroupIngress};
use openvpc_engine::{Verdict, proxy_protocol};
use openvpc_testkit::{
    Call, Host, Lab, Outcome, VpcRef, ingress, introducing_listener, listener, preserving_listener,
    syn,
};

/// A consumer and a provider with one CIDR: a client before an endpoint, a node before a target.
struct Linked {
    lab: Lab,
    provider: VpcRef,
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
        provider,
        client,
        endpoint,
        node,
        target,
    }
}

impl Linked {
    /// A connection of the client's to the endpoint, which the target is to answer.
    fn call(&self) -> Call {
        let call = self.lab.tcp(&self.client, &self.target, 8080);
        call.calling(&self.endpoint, 80)
    }
}

/// Opens a connection whose target awaits a header first, and lets the target answer; the first number of the client's data.
fn answered(call: &mut Call, client: &Host, target: &Host) -> u32 {
    let [first, _] = call.next_sequences();
    let syn = call.syn().reaches(target);
    assert_eq!(syn.segment().sequence, first - HEADER);
    call.server_misses(HEADER);
    let answer = call.syn_ack().reaches(client);
    assert_eq!(answer.segment().acknowledgement, first + 1);
    first + 1
}

/// The target sees the node, the client the endpoint; nobody sees the leg between these (spec 04 §5).
#[test]
fn a_consumer_reaches_a_provider_of_the_same_addresses() {
    let linked = linked();
    let mut call = linked.call();
    let Linked {
        lab,
        client,
        endpoint,
        node,
        target,
        ..
    } = &linked;
    call.syn().reaches(target).seen_as("10.0.1.20", "10.0.1.5");
    call.syn_ack()
        .reaches(client)
        .seen_as("10.0.2.30", "10.0.1.5");
    call.client(16, 0).reaches(target);
    for size in [10, 900, 1_400] {
        call.client(24, size)
            .reaches(target)
            .seen_as("10.0.1.20", "10.0.1.5");
        call.server(24, size)
            .reaches(client)
            .seen_as("10.0.2.30", "10.0.1.5");
    }
    call.close();
    lab.flow_log(client)
        .reads(["10.0.1.5 10.0.2.30 ACCEPT", "10.0.2.30 10.0.1.5 ACCEPT"]);
    lab.flow_log(endpoint)
        .reads(["10.0.1.5 10.0.2.30 ACCEPT", "10.0.2.30 10.0.1.5 ACCEPT"]);
    lab.flow_log(node)
        .reads(["10.0.1.20 10.0.1.5 ACCEPT", "10.0.1.5 10.0.1.20 ACCEPT"]);
    lab.flow_log(target)
        .reads(["10.0.1.20 10.0.1.5 ACCEPT", "10.0.1.5 10.0.1.20 ACCEPT"]);
    lab.balances();
}

/// EP-5: at once, both ways, also for what was connected.
#[test]
fn rejecting_stops_packets() {
    let linked = linked();
    let mut call = linked.call();
    let Linked {
        lab,
        endpoint,
        node,
        target,
        ..
    } = &linked;
    call.handshake();
    call.client(24, 10).reaches(target);
    endpoint.leads_to(None);
    call.client(24, 10).dropped(EndpointUnused);
    call.server(24, 10).dropped(EndpointUnused);
    endpoint.leads_to(Some(node));
    linked.call().handshake();
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

const ENDPOINT: &str = "vpce-08d2bf15fac5001c9";
const HEADER: u32 = proxy_protocol::HEADER_LEN as u32;
const SYN: u8 = 2;
const PSH_ACK: u8 = 24;
const ACK: u8 = 16;

/// A provider whose targets await a header of the PROXY protocol.
fn introduced() -> Linked {
    let linked = linked();
    let targets = ["10.0.1.5:8080"];
    linked.node.listens([introducing_listener(80, &targets)]);
    linked.node.labels(&linked.endpoint, ENDPOINT);
    linked.lab.target_is(&linked.node, targets[0], true);
    linked
}

/// What a target is to read first.
fn header(call: &Call) -> [u8; proxy_protocol::HEADER_LEN] {
    let client = ([10, 0, 1, 5].into(), call.client_port());
    let called = ([10, 0, 2, 30].into(), 80);
    proxy_protocol::header(client, called, Some(ENDPOINT.as_bytes()))
}

/// The sequence number and the data of each segment that arrived.
fn arrived(outcome: &Outcome) -> Vec<(u32, Vec<u8>)> {
    let frames = outcome.frames().into_iter();
    let read = frames.map(|frame| {
        let data = 34 + usize::from(frame[46] >> 4) * 4;
        let sequence = [frame[38], frame[39], frame[40], frame[41]];
        (u32::from_be_bytes(sequence), frame[data..].to_vec())
    });
    read.collect()
}

/// IP-6, EP-8: a header stands before all that the client says, which keeps its own numbers.
#[test]
fn a_target_is_told_who_calls_by_which_endpoint() {
    let linked = introduced();
    let mut call = linked.call();
    let Linked {
        lab,
        client,
        node,
        target,
        ..
    } = &linked;
    let first = answered(&mut call, client, target);
    // The end of the handshake gives way to the header.
    let hello = call.client(ACK, 0);
    let port = target.port();
    assert_eq!(hello.verdict(), Verdict::Replaced { port });
    let expected = (first - HEADER, header(&call).to_vec());
    assert_eq!(arrived(&hello), [expected]);
    // What the target says before it has heard anything is none of the client's worries.
    let early = call.server(PSH_ACK, 20).reaches(client);
    assert_eq!(early.segment().acknowledgement, first);
    call.server_misses(0);
    call.server(ACK, 0).reaches(client);
    for size in [10, 900] {
        let said = call.client(PSH_ACK, size).reaches(target);
        assert_eq!(said.frames().len(), 1);
        call.server(PSH_ACK, size).reaches(client);
    }
    call.close();
    let [last, _] = call.next_sequences();
    assert_eq!(last, first + 910 + 1);
    assert_eq!(
        lab.flow_log(target).cells().len(),
        2,
        "the header is of the same flow"
    );
    lab.flow_log(node)
        .reads(["10.0.1.20 10.0.1.5 ACCEPT", "10.0.1.5 10.0.1.20 ACCEPT"]);
    lab.balances();
}

/// RFC 9293 §3.8.1: nothing that was lost stays lost, the header neither.
#[test]
fn a_lost_header_is_sent_again() {
    let linked = introduced();
    let mut call = linked.call();
    let Linked {
        lab,
        client,
        target,
        ..
    } = &linked;
    let first = answered(&mut call, client, target);
    let own = (first - HEADER, header(&call).to_vec());
    let lost = arrived(&call.client(ACK, 0));
    assert_eq!(lost, std::slice::from_ref(&own));
    // What follows at once does not take it along.
    let said = call.client(PSH_ACK, 10).reaches(target);
    assert_eq!(arrived(&said), [(first, vec![0x2a; 10])]);
    call.server(ACK, 0).reaches(client);
    // The client was not heard: it says it again, and the header is there once more.
    lab.wait_secs(1);
    call.rewind_client(10);
    let again = call.client(PSH_ACK, 10).reaches(target);
    assert_eq!(arrived(&again), [(first, vec![0x2a; 10]), own.clone()]);
    // So does a target whose handshake was not ended.
    lab.wait_secs(1);
    call.rewind_client(10);
    assert_eq!(arrived(&call.client(ACK, 0)), [own]);
    lab.balances();
}

/// A client that gives up before the header went is believed by the target.
#[test]
fn a_reset_before_the_header_bears_the_number_that_the_target_awaits() {
    let linked = introduced();
    let mut call = linked.call();
    let Linked {
        lab,
        client,
        target,
        ..
    } = &linked;
    let first = answered(&mut call, client, target);
    let reset = call.client_reset().reaches(target);
    assert_eq!(reset.segment().sequence, first - HEADER);
    // Data in a SYN would take the header's place.
    let mut call = linked.call();
    call.client(SYN, 10).dropped(BalancerProtocol);
    lab.balances();
}

/// Without an endpoint there is none to tell of; a preserved address is told all the same.
#[test]
fn clients_of_the_provider_itself_are_told_of_too() {
    let Linked {
        lab,
        provider,
        node,
        target,
        ..
    } = introduced();
    let near = provider.eni("10.0.1.7").open();
    let mut call = lab.tcp(&near, &target, 8080).calling(&node, 80);
    answered(&mut call, &near, &target);
    let ends = [([10, 0, 1, 7], call.client_port()), ([10, 0, 1, 20], 80)];
    let [source, destination] = ends.map(|(address, port)| (address.into(), port));
    let expected = proxy_protocol::header(source, destination, None);
    assert_eq!(arrived(&call.client(ACK, 0))[0].1, expected);
    lab.balances();
}
