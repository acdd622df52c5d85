//! "Why does this packet not arrive?": the everyday mistakes of a VPC, each with the change that mends it.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Owner, hosts};
use openvpc_model::InstanceState;
use openvpc_reach::ask::{Ask, Disagreement};
use openvpc_reach::text::{Style, render};
use openvpc_reach::{Report, resolve};
use serde_json::json;

/// Every change that is offered is one command or a few, and the first is as wanted.
#[track_caller]
fn offers(report: &Report, commands: &[&str]) {
    let first = report.changes.first();
    let offered = first.map(|change| change.commands.clone());
    assert_eq!(offered.unwrap_or_default(), commands, "{report:#?}");
}

/// Two subnets, an instance in each.
fn two_tiers() -> (Owner, String, [String; 2]) {
    let mut owner = Owner::new();
    let vpc = owner.vpc("10.0.0.0/16");
    let subnets = ["10.0.1.0/24", "10.0.2.0/24"].map(|cidr| owner.subnet(&vpc, cidr));
    let groups = ["web", "db"].map(|name| owner.group(&vpc, name));
    owner.instance("web", &subnets[0], &groups[0], "10.0.1.10");
    owner.instance("db", &subnets[1], &groups[1], "10.0.2.20");
    (owner, vpc, groups)
}

#[test]
fn a_group_without_the_rule_gets_one_for_the_others_group() {
    let (owner, _, [web, db]) = two_tiers();
    let report = owner.why("web", "db:5432");
    assert!(!report.reachable);
    assert_eq!(report.drop_reason.as_deref(), Some("SecurityGroupIngress"));
    let command = format!(
        "aws ec2 authorize-security-group-ingress --group-id {db} --ip-permissions \
         'FromPort=5432,IpProtocol=tcp,ToPort=5432,UserIdGroupPairs=[{{GroupId={web}}}]'"
    );
    offers(&report, &[&command]);
    assert_eq!(report.changes.len(), 2, "by group, or by address");
}

#[test]
fn what_is_let_in_is_reachable_there_and_back() {
    let (mut owner, _, [_, db]) = two_tiers();
    owner.let_in(&db, 5432, "10.0.1.0/24");
    let report = owner.why("web", "db:5432");
    assert!(report.reachable, "{report:#?}");
    assert_eq!(report.changes, []);
    let back = report.back.unwrap();
    let tracked = back.iter().filter(|hop| hop.text.contains("tracked"));
    assert_eq!(tracked.count(), 2, "groups are stateful at both ends");
}

/// ACL-1: stateless. The way there passes, the answer's does not.
#[test]
fn an_acl_that_stops_the_answer_gets_an_entry_for_ephemeral_ports() {
    let (mut owner, vpc, [_, db]) = two_tiers();
    owner.let_in(&db, 5432, "10.0.1.0/24");
    let acl = owner.acl(&vpc);
    owner.call(
        "ReplaceNetworkAclEntry",
        json!({"NetworkAclId": acl, "RuleNumber": 100, "Egress": false, "Protocol": "6",
            "RuleAction": "allow", "CidrBlock": "0.0.0.0/0", "PortRange": {"From": 5432, "To": 5432}}),
    );
    let report = owner.why("web", "db:5432");
    assert!(report.because.contains("its answer does not come back"));
    let command = format!(
        "aws ec2 create-network-acl-entry --cidr-block 10.0.2.20/32 --ingress --network-acl-id {acl} \
         --port-range From=1024,To=65535 --protocol 6 --rule-action allow --rule-number 110"
    );
    offers(&report, &[&command]);
}

/// Three things are missing at once: gateway and route, address, rule.
#[test]
fn a_private_instance_is_made_public_step_by_step() {
    let (owner, vpc, [web, _]) = two_tiers();
    let report = owner.why("internet", "web:443");
    assert!(report.because.contains("no public address"), "{report:#?}");
    let commands = &report.changes[0].commands;
    let verbs: Vec<&str> = commands
        .iter()
        .filter_map(|command| command.split("aws ec2 ").nth(1)?.split(' ').next())
        .collect();
    assert_eq!(
        verbs,
        [
            "create-internet-gateway",
            "attach-internet-gateway",
            "allocate-address",
            "associate-address",
            "create-route",
            "authorize-security-group-ingress",
        ]
    );
    assert!(commands[1].contains(&format!("--internet-gateway-id $igw --vpc-id {vpc}")));
    assert!(commands[5].contains(&web) && commands[5].contains("203.0.113.12/32"));
}

#[test]
fn without_a_route_to_the_gateway_nothing_leaves() {
    let (mut owner, vpc, _) = two_tiers();
    let gateway = owner.gateway(&vpc);
    let table = owner.table(&vpc);
    let web = owner.flow("web", "internet");
    let openvpc_reach::place::At::Interface(_, _) = web.source.at else {
        panic!("web is an instance");
    };
    let id = owner.world().regions["us-east-1"].instances.keys();
    for id in id.map(ToString::to_string).collect::<Vec<_>>() {
        owner.elastic(&id);
    }
    let report = owner.why("web", "198.51.100.80:80");
    assert_eq!(report.drop_reason.as_deref(), Some("NoRoute"));
    let command = format!(
        "aws ec2 create-route --destination-cidr-block 0.0.0.0/0 --gateway-id {gateway} --route-table-id {table}"
    );
    offers(&report, &[&command]);
}

#[test]
fn a_stopped_instance_is_to_be_started() {
    let (mut owner, _, [_, db]) = two_tiers();
    owner.let_in(&db, 5432, "0.0.0.0/0");
    let instances = &owner.world().regions["us-east-1"].instances;
    let subnet = &owner.world().regions["us-east-1"].network_interfaces;
    let stopped = instances.values().find(|instance| {
        subnet[&instance.primary_interface].primary_ip() == Some([10, 0, 2, 20].into())
    });
    let id = stopped.unwrap().id.to_string();
    owner.becomes(&id, InstanceState::Stopped);
    let report = owner.why("web", "db:5432");
    assert_eq!(report.because, "db is stopped");
    offers(
        &report,
        &[&format!("aws ec2 start-instances --instance-ids {id}")],
    );
}

#[test]
fn a_pending_peering_is_accepted_and_routed() {
    let (mut owner, vpc, [_, _]) = two_tiers();
    let far = owner.vpc("10.1.0.0/16");
    let subnet = owner.subnet(&far, "10.1.1.0/24");
    let group = owner.group(&far, "far");
    owner.let_in(&group, 22, "10.0.0.0/8");
    owner.instance("far", &subnet, &group, "10.1.1.10");
    let peering = owner.make(
        "CreateVpcPeeringConnection",
        json!({"VpcId": vpc, "PeerVpcId": far}),
        "/VpcPeeringConnection/VpcPeeringConnectionId",
    );
    let report = owner.why("web", "far:22");
    let (near, back) = (owner.table(&vpc), owner.table(&far));
    offers(
        &report,
        &[
            &format!("aws ec2 accept-vpc-peering-connection --vpc-peering-connection-id {peering}"),
            &format!(
                "aws ec2 create-route --destination-cidr-block 10.1.0.0/16 --route-table-id {near} \
                 --vpc-peering-connection-id {peering}"
            ),
            &format!(
                "aws ec2 create-route --destination-cidr-block 10.0.0.0/16 --route-table-id {back} \
                 --vpc-peering-connection-id {peering}"
            ),
        ],
    );
}

#[test]
fn a_name_of_several_lists_them_and_a_name_of_none_those_alike() {
    let (mut owner, vpc, [web, _]) = two_tiers();
    let subnet = owner.subnet(&vpc, "10.0.3.0/24");
    owner.instance("web", &subnet, &web, "10.0.3.10");
    let ambiguous = resolve(owner.world(), &hosts(), "web").unwrap_err();
    assert!(ambiguous.ambiguous);
    assert_eq!(ambiguous.candidates.len(), 2);
    assert!(ambiguous.to_string().contains("10.0.3.10"), "{ambiguous}");
    let unknown = resolve(owner.world(), &hosts(), "d").unwrap_err();
    assert!(!unknown.ambiguous);
    assert!(unknown.to_string().contains("did you mean"), "{unknown}");
    for text in ["", "i-0", "eni-", "10.0.0.0/8", "$(reboot)"] {
        assert!(resolve(owner.world(), &hosts(), text).is_err(), "{text}");
    }
    for text in [
        "internet",
        "bob",
        "web.example.com",
        "db",
        "10.0.2.20",
        "ip-10-0-2-20.ec2.internal",
        "s3.us-east-1.amazonaws.com",
        "8.8.8.8",
    ] {
        assert!(resolve(owner.world(), &hosts(), text).is_ok(), "{text}");
    }
}

/// What a person sees, to the letter; ids follow from the seed.
#[test]
fn a_report_fits_a_screen_and_reads_well() {
    let (owner, _, _) = two_tiers();
    let text = render(&owner.why("web", "db:5432"), Style::default());
    assert!(text.lines().count() < 24, "{text}");
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/why.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(golden, &text).unwrap();
    }
    let wanted = std::fs::read_to_string(golden).unwrap();
    assert_eq!(text, wanted);
    assert!(!text.contains('\x1b'), "no colours in a pipe");
}

/// What a probe writes down is all that it takes to ask again.
#[test]
fn a_disagreement_can_be_asked_again() {
    let (owner, _, _) = two_tiers();
    let case = Disagreement {
        world: owner.world().clone(),
        ask: Ask::Flow {
            source: "web".to_owned(),
            destination: "db:5432".to_owned(),
            protocol: None,
            source_port: None,
            ipv6: false,
        },
        explained: false,
        answered: true,
    };
    let text = serde_json::to_string(&case).unwrap();
    let mut again: Disagreement = serde_json::from_str(&text).unwrap();
    assert_eq!(again, case);
    let hosts = hosts();
    let workshop = owner.workshop(&hosts);
    assert_eq!(again.is_settled(&workshop), Ok(false));
    again.answered = false;
    assert_eq!(again.is_settled(&workshop), Ok(true));
}

/// FL: the record of an answer is about the flow that it answers.
#[test]
fn a_record_is_explained_as_the_flow_that_it_is_of() {
    let (mut owner, _, [_, db]) = two_tiers();
    owner.let_in(&db, 5432, "10.0.1.0/24");
    let interfaces = owner.world().regions["us-east-1"]
        .network_interfaces
        .values();
    let db = interfaces
        .clone()
        .find(|eni| eni.primary_ip() == Some([10, 0, 2, 20].into()));
    let eni = db.unwrap().id;
    let hosts = hosts();
    let workshop = owner.workshop(&hosts);
    for (flow, reachable, note) in [
        ("10.0.1.10 10.0.2.20 49152 5432 6", true, "ACCEPT"),
        ("10.0.2.20 10.0.1.10 5432 49152 6", true, "answer"),
        ("10.0.1.10 10.0.2.20 49152 22 6", false, "ACCEPT"),
        ("203.0.113.12 10.0.2.20 49152 5432 6", false, "ACCEPT"),
    ] {
        let line = format!("2 123456789012 {eni} {flow} 1 40 1 2 ACCEPT OK");
        let report = Ask::Record { line }
            .answer(&workshop, owner.world())
            .unwrap();
        assert_eq!(report.reachable, reachable, "{flow}: {report:#?}");
        assert!(
            report.notes.join(" ").contains(note),
            "{flow}: {:?}",
            report.notes
        );
    }
}
