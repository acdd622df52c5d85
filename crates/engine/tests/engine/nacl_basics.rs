//! VPC user guide, "Network ACL basics": numbered, stateless, at the subnet edge (ACL-1, ACL-2, ACL-5).

use openvpc_engine::DropReason::{NetworkAclInbound, NetworkAclOutbound};
use openvpc_engine::RuleRef;
use openvpc_testkit::{Lab, ping, syn};

#[test]
fn the_lowest_number_that_matches_decides() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.2.10").open());
    lab.network_acl(&b)
        .inbound("50 allow tcp 80 from 10.0.1.0/24")
        .inbound("60 deny tcp 0-1024 from 10.0.0.0/16");
    lab.send(syn(&a, &b, 80)).reaches(&b);
    lab.send(syn(&a, &b, 81)).dropped(NetworkAclInbound);
    lab.send(syn(&a, &b, 2_000)).reaches(&b);
}

#[test]
fn what_nothing_matches_is_denied() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.2.10").open());
    lab.network_acl(&b).remove(100);
    lab.send(ping(&a, &b)).dropped(NetworkAclInbound);
}

#[test]
fn two_subnets_meet_two_acls() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.2.10").open());
    lab.network_acl(&a).outbound("10 deny icmp to 10.0.2.0/24");
    lab.send(ping(&a, &b)).dropped(NetworkAclOutbound);
    lab.flow_log(&a).reads(["10.0.1.10 10.0.2.10 REJECT"]);
    lab.flow_log(&b).is_empty();
}

#[test]
fn replies_need_their_own_rule() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.2.10").open());
    lab.network_acl(&a)
        .inbound("10 deny tcp 32768-61000 from 0.0.0.0/0");
    let mut call = lab.tcp(&a, &b, 80);
    call.syn().reaches(&b);
    call.syn_ack().dropped(NetworkAclInbound);
    lab.flow_log(&b)
        .reads(["10.0.1.10 10.0.2.10 ACCEPT", "10.0.2.10 10.0.1.10 ACCEPT"]);
    lab.flow_log(&a)
        .reads(["10.0.1.10 10.0.2.10 ACCEPT", "10.0.2.10 10.0.1.10 REJECT"]);
}

/// ACL-7, I-14: changes hit existing flows at once.
#[test]
fn a_change_cuts_an_established_connection() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.2.10").open());
    let mut call = lab.tcp(&a, &b, 80);
    call.handshake();
    call.client(16, 10).reaches(&b);
    lab.network_acl(&b).inbound("1 deny all from 10.0.1.10/32");
    call.client(16, 10).dropped(NetworkAclInbound);
    lab.network_acl(&b).remove(1);
    call.client(16, 10).reaches(&b);
}

#[test]
fn icmp_entries_tell_type_and_code() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.2.10").open());
    lab.network_acl(&b).inbound("10 deny icmp 8 from 0.0.0.0/0");
    lab.send(ping(&a, &b)).dropped(NetworkAclInbound);
    lab.send(ping(&b, &a)).reaches(&a).answered().reaches(&b);
}

#[test]
fn families_do_not_mix() {
    let lab = Lab::vpc("10.0.0.0/16").ipv6("2001:db8:1:100::/56");
    let (a, b) = (
        lab.eni("10.0.1.10").ipv6(0x10).open(),
        lab.eni("10.0.2.10").ipv6(0x10).open(),
    );
    lab.network_acl(&b).remove(100);
    lab.send(ping(&a, &b)).dropped(NetworkAclInbound);
    lab.send(ping(&a, &b).over_ipv6(&b))
        .reaches(&b)
        .answered()
        .reaches(&a);
}

#[test]
fn the_trace_names_the_entry() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.2.10").open());
    lab.network_acl(&b).inbound("77 deny icmp from 10.0.0.0/8");
    let outcome = lab.send(ping(&a, &b)).dropped(NetworkAclInbound);
    assert_eq!(
        outcome.trace().steps.last().unwrap().rule,
        Some(RuleRef(77))
    );
}
