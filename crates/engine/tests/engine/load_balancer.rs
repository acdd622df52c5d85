//! Network Load Balancer guide; EP-8 … EP-10.

use openvpc_engine::Action;
use openvpc_engine::DropReason::{
    BalancerProtocol, BalancerUnsolicited, NetworkAclInbound, SecurityGroupEgress,
    SecurityGroupIngress,
};
use openvpc_testkit::{
    Host, Lab, To, egress, ingress, listener, ping, preserving_listener, syn, udp,
};

const ACK: u8 = 16;

/// A client, a node before two targets, each in a subnet of its own, everything open.
struct Balanced {
    lab: Lab,
    client: Host,
    node: Host,
    targets: [Host; 2],
}

fn balanced(preserving: bool) -> Balanced {
    let lab = Lab::vpc("10.0.0.0/16");
    let names = ["10.0.2.5:8080", "10.0.2.6:8080"];
    let listener = match preserving {
        true => preserving_listener(80, &names),
        false => listener(80, &names),
    };
    let client = lab.eni("10.0.1.5").open();
    let node = lab.load_balancer("10.0.0.20", [listener]);
    let targets = ["10.0.2.5", "10.0.2.6"].map(|address| lab.eni(address).open());
    for name in names {
        lab.target_is(&node, name, true);
    }
    Balanced {
        lab,
        client,
        node,
        targets,
    }
}

impl Balanced {
    /// The target that a SYN from this port reaches.
    fn chosen(&self, port: u16) -> Host {
        let syn = self
            .lab
            .tcp(&self.client, &self.targets[0], 8080)
            .calling(&self.node, 80)
            .from_port(port)
            .syn();
        let at = self.targets.iter().find(|target| {
            syn.verdict()
                == openvpc_engine::Verdict::Forward {
                    port: target.port(),
                }
        });
        at.unwrap().clone()
    }
}

#[test]
fn a_connection_goes_to_a_target_and_answers_come_from_the_node() {
    let stage = balanced(false);
    let Balanced {
        lab, client, node, ..
    } = &stage;
    let target = stage.chosen(40_000);
    lab.flow_log(client);
    lab.flow_log(node);
    let mut call = lab
        .tcp(client, &target, 8080)
        .calling(node, 80)
        .from_port(40_000);
    let to = target.address_for(client, true).to_string();
    call.syn().reaches(&target).seen_as("10.0.0.20", &to);
    call.syn_ack()
        .reaches(client)
        .seen_as("10.0.0.20", "10.0.1.5");
    call.client(ACK, 0).reaches(&target);
    for size in [10, 900, 1_400] {
        call.client(24, size)
            .reaches(&target)
            .seen_as("10.0.0.20", &to);
        let back = call.server(24, size).reaches(client);
        assert_eq!(back.segment().source_port, 80);
    }
    call.close();
    lab.balances();
}

/// Network Load Balancer guide, "Client IP preservation".
#[test]
fn a_target_may_see_its_client() {
    let stage = balanced(true);
    let Balanced {
        lab, client, node, ..
    } = &stage;
    let target = stage.chosen(40_000);
    let to = target.address_for(client, true).to_string();
    let mut call = lab
        .tcp(client, &target, 8080)
        .calling(node, 80)
        .from_port(40_000);
    call.syn().reaches(&target).seen_as("10.0.1.5", &to);
    call.syn_ack()
        .reaches(client)
        .seen_as("10.0.0.20", "10.0.1.5");
    call.client(ACK, 0).reaches(&target);
    for size in [10, 900, 1_400] {
        call.client(24, size)
            .reaches(&target)
            .seen_as("10.0.1.5", &to);
        call.server(24, size)
            .reaches(client)
            .seen_as("10.0.0.20", "10.0.1.5");
    }
    call.close();
    lab.balances();
}

#[test]
fn one_five_tuple_has_one_target_and_many_have_all() {
    let stage = balanced(false);
    let first: Vec<_> = (40_000..40_064)
        .map(|port| stage.chosen(port).port())
        .collect();
    let again: Vec<_> = (40_000..40_064)
        .map(|port| stage.chosen(port).port())
        .collect();
    assert_eq!(first, again);
    let to_first = first
        .iter()
        .filter(|port| **port == stage.targets[0].port())
        .count();
    assert!((16..=48).contains(&to_first), "{to_first} of 64");
}

/// EP-9; only the connections of the target that is gone move.
#[test]
fn what_is_unhealthy_gets_nothing() {
    let stage = balanced(false);
    let Balanced {
        lab,
        node,
        targets,
        client,
    } = &stage;
    let before: Vec<_> = (40_000..40_032)
        .map(|port| stage.chosen(port).port())
        .collect();
    lab.target_is(node, "10.0.2.5:8080", false);
    for (port, before) in (40_000..40_032).zip(&before) {
        let now = stage.chosen(port).port();
        assert_eq!(now, targets[1].port());
        assert!(*before == now || *before == targets[0].port());
    }
    lab.target_is(node, "10.0.2.6:8080", false);
    // Nobody lives: the connection fails at once.
    let refused = lab
        .send(syn(client, node, 80))
        .replied()
        .seen_as("10.0.0.20", "10.0.1.5");
    assert_eq!(refused.segment().flags & 4, 4);
    lab.balances();
}

#[test]
fn connections_end_with_their_target_and_live_through_its_leave() {
    let stage = balanced(false);
    let Balanced {
        lab, client, node, ..
    } = &stage;
    let target = stage.chosen(40_000);
    let name = format!("{}:8080", target.address_for(client, true));
    let mut call = lab
        .tcp(client, &target, 8080)
        .calling(node, 80)
        .from_port(40_000);
    call.handshake();
    // Deregistered: no new ones, but this one goes on.
    node.listens([listener(80, &[])]);
    call.client(24, 10).reaches(&target);
    node.listens([listener(80, &["10.0.2.5:8080", "10.0.2.6:8080"])]);
    lab.target_is(node, &name, false);
    call.client(24, 10).replied();
    lab.balances();
}

/// Network Load Balancer guide, "Idle timeout for TCP": 350 s, then a reset.
#[test]
fn an_idle_connection_ends_with_a_reset() {
    let stage = balanced(false);
    let Balanced {
        lab, client, node, ..
    } = &stage;
    let target = stage.chosen(40_000);
    let mut call = lab
        .tcp(client, &target, 8080)
        .calling(node, 80)
        .from_port(40_000);
    call.handshake();
    lab.wait_secs(349);
    call.client(24, 10).reaches(&target);
    lab.wait_secs(350);
    call.client(24, 10).replied();
    lab.balances();
}

#[test]
fn nothing_else_gets_through() {
    let stage = balanced(false);
    let Balanced {
        lab,
        client,
        node,
        targets,
    } = &stage;
    lab.send(ping(client, node)).dropped(BalancerProtocol);
    lab.send(udp(client, node, 5_000, 80))
        .dropped(BalancerProtocol);
    // No listener: a reset (IP-3).
    lab.send(syn(client, node, 81)).replied();
    let error = lab
        .send(udp(client, &targets[0], 5_000, 80))
        .reaches(&targets[0]);
    error.answered_by_error(3, 3, 28).reaches(client);
    lab.balances();
}

/// EP-10, SG-5: the groups of the load balancer let in, let out, and stand for it at its targets.
#[test]
fn groups_judge_as_at_any_interface() {
    let lab = Lab::vpc("10.0.0.0/16");
    lab.group(
        "lb",
        [
            ingress("tcp 80 from 10.0.1.5/32"),
            egress("tcp 8080 to 10.0.2.0/24"),
        ],
    );
    let client = lab.eni("10.0.1.5").open();
    let other = lab.eni("10.0.1.6").open();
    let target = lab
        .eni("10.0.2.5")
        .security_group([ingress("tcp 8080 from group:lb")]);
    for preserving in [false, true] {
        let names = ["10.0.2.5:8080"];
        let (at, listener) = match preserving {
            false => ("10.0.0.20", listener(80, &names)),
            true => ("10.0.0.21", preserving_listener(80, &names)),
        };
        let node = lab.load_balancer(at, [listener]).in_group("lb");
        lab.target_is(&node, "10.0.2.5:8080", true);
        let mut call = lab.tcp(&client, &target, 8080).calling(&node, 80);
        call.handshake();
        lab.send(syn(&other, &node, 80))
            .dropped(SecurityGroupIngress);
        let records = lab.flow_log(&node);
        let mut records = records.cells().iter();
        let refused = records.find(|cell| cell.source == other.address(true));
        assert_eq!(refused.unwrap().action, Action::Reject);
        // Rules end nothing that is known.
        lab.group("lb", [ingress("tcp 80 from 10.0.1.6/32")]);
        call.client(24, 10).reaches(&target);
        call.server(24, 10).reaches(&client);
        lab.send(syn(&client, &node, 80))
            .dropped(SecurityGroupIngress);
        lab.send(syn(&other, &node, 80))
            .dropped(SecurityGroupEgress);
        lab.group(
            "lb",
            [
                ingress("tcp 80 from 10.0.1.5/32"),
                egress("tcp 8080 to 10.0.2.0/24"),
            ],
        );
    }
    lab.balances();
}

/// The network ACLs of the node's subnet and of its target's see what passes them.
#[test]
fn network_acls_judge_both_legs() {
    let Balanced {
        lab,
        client,
        node,
        targets,
    } = balanced(false);
    lab.target_is(&node, "10.0.2.6:8080", false);
    lab.network_acl(&node)
        .inbound("90 deny tcp 80 from 10.0.1.0/24");
    lab.send(syn(&client, &node, 80)).dropped(NetworkAclInbound);
    lab.network_acl(&node)
        .inbound("90 allow all from 0.0.0.0/0");
    lab.network_acl(&targets[0])
        .inbound("90 deny tcp 8080 from 10.0.0.0/24");
    lab.send(syn(&client, &node, 80)).dropped(NetworkAclInbound);
    lab.balances();
}

/// Records: client and node, node and target.
#[test]
fn both_legs_are_recorded() {
    let stage = balanced(false);
    let Balanced {
        lab, client, node, ..
    } = &stage;
    let target = stage.chosen(40_000);
    let to = target.address_for(client, true);
    let mut call = lab
        .tcp(client, &target, 8080)
        .calling(node, 80)
        .from_port(40_000);
    call.handshake();
    let out = call.client(24, 10).reaches(&target);
    let mapped = out.segment().source_port;
    lab.flow_log(client)
        .reads(["10.0.1.5 10.0.0.20 ACCEPT", "10.0.0.20 10.0.1.5 ACCEPT"]);
    lab.flow_log(node).reads([
        "10.0.1.5 10.0.0.20 ACCEPT",
        &format!("10.0.0.20 {to} ACCEPT"),
        &format!("{to} 10.0.0.20 ACCEPT"),
        "10.0.0.20 10.0.1.5 ACCEPT",
    ]);
    assert!(mapped >= 1_024);
}

/// Targets of a private subnet answer clients of the internet by the node, whatever their routes say.
#[test]
fn the_internet_reaches_private_targets() {
    for preserving in [false, true] {
        let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
        let names = ["10.0.2.5:8080"];
        let listener = match preserving {
            true => preserving_listener(80, &names),
            false => listener(80, &names),
        };
        let node = lab
            .load_balancer("10.0.0.20", [listener])
            .public("192.0.2.9");
        let target = lab.eni("10.0.2.5").open();
        lab.no_route(&target, "0.0.0.0/0");
        lab.target_is(&node, "10.0.2.5:8080", true);
        let bob = lab.internet("203.0.113.12");
        let mut call = lab.tcp(&bob, &target, 8080).calling(&node, 80);
        let seen = if preserving {
            "203.0.113.12"
        } else {
            "10.0.0.20"
        };
        call.syn().reaches(&target).seen_as(seen, "10.0.2.5");
        call.syn_ack()
            .reaches(&bob)
            .seen_as("192.0.2.9", "203.0.113.12");
        call.client(ACK, 0).reaches(&target);
        call.close();
        lab.balances();
    }
}

/// A target on the far side of a peering connection answers the node; it cannot be shown a client it could not reach.
#[test]
fn a_target_may_be_a_peer() {
    let lab = Lab::vpc("10.0.0.0/16");
    let far = lab.another_vpc("10.1.0.0/16");
    let client = lab.eni("10.0.1.5").open();
    let node = lab.load_balancer("10.0.0.20", [preserving_listener(80, &["10.1.2.5:8080"])]);
    let target = far.eni("10.1.2.5").open();
    lab.route(&node, "10.1.0.0/16", To::Peer(&far));
    lab.route(&target, "10.0.0.0/16", To::Peer(&lab.first()));
    lab.target_is(&node, "10.1.2.5:8080", true);
    let mut call = lab.tcp(&client, &target, 8080).calling(&node, 80);
    call.syn().reaches(&target).seen_as("10.0.0.20", "10.1.2.5");
    call.syn_ack()
        .reaches(&client)
        .seen_as("10.0.0.20", "10.0.1.5");
    lab.balances();
}

/// An error of a path to the target, or to the client, reaches the other side as if it were the node's.
#[test]
fn errors_are_translated() {
    let stage = balanced(false);
    let Balanced {
        lab, client, node, ..
    } = &stage;
    let target = stage.chosen(40_000);
    let mut call = lab
        .tcp(client, &target, 8080)
        .calling(node, 80)
        .from_port(40_000);
    call.handshake();
    let request = call.client(24, 1_000).reaches(&target);
    request
        .answered_by_error(3, 4, 28)
        .reaches(client)
        .seen_as("10.0.0.20", "10.0.1.5");
    let answer = call.server(24, 1_000).reaches(client);
    answer.answered_by_error(3, 4, 28).reaches(&target);
    // Nothing of the kind is known.
    let stray = lab.send(syn(client, node, 81)).replied();
    stray
        .answered_by_error(3, 4, 28)
        .dropped(BalancerUnsolicited);
    lab.balances();
}

/// Probes come from the node's address, meet the groups, and are recorded as its own traffic.
#[test]
fn a_probe_is_traffic_of_the_node() {
    let Balanced {
        lab,
        node,
        targets,
        client,
    } = balanced(false);
    let services = lab.services();
    let at = lab.probe_address(&node, "10.0.2.5");
    let probe = || {
        syn(&services, &targets[0], 8080)
            .from_address("169.254.169.253")
            .to_address(&at)
    };
    lab.send(probe())
        .reaches(&targets[0])
        .seen_as("10.0.0.20", "10.0.2.5")
        .answered()
        .reaches(&services)
        .seen_as(&at, "169.254.169.253");
    lab.flow_log(&node)
        .reads(["10.0.0.20 10.0.2.5 ACCEPT", "10.0.2.5 10.0.0.20 ACCEPT"]);
    let other = lab.probe_address(&node, "10.0.2.6");
    let _closed = targets[1].clone().security_group([]);
    lab.send(probe().to_address(&other))
        .dropped(SecurityGroupIngress);
    // An instance has no such way.
    lab.send(syn(&client, &node, 8080).to_address(&at))
        .dropped(openvpc_engine::DropReason::Multicast);
    lab.balances();
}
