use serde_json::{Value, json};

use crate::testing::{Bench, count, text};

/// A VPC, a subnet in it and a custom ACL.
fn lab() -> (Bench, String, String, String) {
    let mut bench = Bench::new();
    let vpc = bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
    let vpc = text(&vpc, "/Vpc/VpcId");
    let subnet = bench.ok(
        "CreateSubnet",
        json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/24"}),
    );
    let subnet = text(&subnet, "/Subnet/SubnetId");
    let acl = text(
        &bench.ok("CreateNetworkAcl", json!({"VpcId": vpc})),
        "/NetworkAcl/NetworkAclId",
    );
    (bench, vpc, subnet, acl)
}

fn entry(acl: &str, number: i64, part: Value) -> Value {
    let mut input = json!({
        "NetworkAclId": acl, "RuleNumber": number, "Egress": false, "RuleAction": "allow",
        "Protocol": "-1", "CidrBlock": "0.0.0.0/0",
    });
    for (name, value) in part.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

fn described(bench: &mut Bench, acl: &str) -> Value {
    bench.ok("DescribeNetworkAcls", json!({"NetworkAclIds": [acl]}))["NetworkAcls"][0].clone()
}

/// Number and action of one direction, in the order shown.
fn rules(acl: &Value, egress: bool) -> Vec<String> {
    let entries = acl["Entries"].as_array().unwrap().iter();
    let side = entries.filter(|e| e["Egress"] == egress);
    side.map(|e| format!("{} {}", e["RuleNumber"], text(e, "/RuleAction")))
        .collect()
}

fn default_acl(bench: &mut Bench, vpc: &str) -> String {
    let filters =
        json!([{"Name": "vpc-id", "Values": [vpc]}, {"Name": "default", "Values": ["true"]}]);
    let answer = bench.ok("DescribeNetworkAcls", json!({"Filters": filters}));
    assert_eq!(count(&answer, "NetworkAcls"), 1);
    text(&answer, "/NetworkAcls/0/NetworkAclId")
}

#[test]
fn acl_1_entries_ascend_by_number_within_their_direction() {
    let (mut bench, _, _, acl) = lab();
    for number in [200, 32766, 1, 100] {
        bench.ok("CreateNetworkAclEntry", entry(&acl, number, json!({})));
    }
    bench.ok(
        "CreateNetworkAclEntry",
        entry(&acl, 5, json!({"Egress": true, "RuleAction": "deny"})),
    );
    let shown = described(&mut bench, &acl);
    assert_eq!(
        rules(&shown, false),
        [
            "1 allow",
            "100 allow",
            "200 allow",
            "32766 allow",
            "32767 deny"
        ]
    );
    assert_eq!(rules(&shown, true), ["5 deny", "32767 deny"]);
    for number in [0, -1, 32767, 32768, 100_000] {
        let code = bench.refused("CreateNetworkAclEntry", entry(&acl, number, json!({})));
        assert_eq!(code, "InvalidParameterValue", "{number}");
    }
}

#[test]
fn acl_2_and_3_a_custom_acl_denies_and_a_default_one_allows() {
    let (mut bench, vpc, _, acl) = lab();
    assert_eq!(rules(&described(&mut bench, &acl), false), ["32767 deny"]);
    let default = default_acl(&mut bench, &vpc);
    assert_eq!(
        rules(&described(&mut bench, &default), true),
        ["100 allow", "32767 deny"]
    );
    // With IPv6 comes a second closing deny, and the default ACL opens for IPv6.
    bench.ok(
        "AssociateVpcCidrBlock",
        json!({"VpcId": vpc, "AmazonProvidedIpv6CidrBlock": true}),
    );
    assert_eq!(
        rules(&described(&mut bench, &acl), false),
        ["32767 deny", "32768 deny"]
    );
    assert_eq!(
        rules(&described(&mut bench, &default), true),
        ["100 allow", "101 allow", "32767 deny", "32768 deny"]
    );
}

#[test]
fn acl_4_what_an_entry_can_say() {
    let shown = |part: Value| {
        let (mut bench, _, _, acl) = lab();
        match bench.call("CreateNetworkAclEntry", entry(&acl, 7, part)) {
            Ok(_) => {
                let mut shown = described(&mut bench, &acl)["Entries"][1].clone();
                let members = shown.as_object_mut().unwrap();
                for common in ["Egress", "RuleNumber", "RuleAction", "CidrBlock"] {
                    members.remove(common);
                }
                shown.to_string()
            }
            Err(e) => e.code().to_owned(),
        }
    };
    let ports = |from: i64, to: i64| json!({"From": from, "To": to});
    for (part, wanted) in [
        // Terraform sends 0–0 with every protocol; nothing of it is kept.
        (json!({"PortRange": ports(0, 0)}), r#"{"Protocol":"-1"}"#),
        (json!({"Protocol": "all"}), r#"{"Protocol":"-1"}"#),
        (
            json!({"Protocol": "tcp", "PortRange": ports(22, 23)}),
            r#"{"PortRange":{"From":22,"To":23},"Protocol":"6"}"#,
        ),
        (
            json!({"Protocol": "17", "PortRange": ports(0, 65535)}),
            r#"{"PortRange":{"From":0,"To":65535},"Protocol":"17"}"#,
        ),
        (
            json!({"Protocol": "1", "IcmpTypeCode": {"Type": 8, "Code": -1}}),
            r#"{"IcmpTypeCode":{"Code":-1,"Type":8},"Protocol":"1"}"#,
        ),
        (
            json!({"Protocol": "1", "IcmpTypeCode": {"Type": -1, "Code": -1}}),
            r#"{"IcmpTypeCode":{"Code":-1,"Type":-1},"Protocol":"1"}"#,
        ),
        (
            json!({"Protocol": "50", "PortRange": ports(0, 0)}),
            r#"{"Protocol":"50"}"#,
        ),
        (json!({"Protocol": "tcp"}), "MissingParameter"),
        (
            json!({"Protocol": "tcp", "PortRange": ports(23, 22)}),
            "InvalidParameterValue",
        ),
        (
            json!({"Protocol": "tcp", "PortRange": ports(0, 65536)}),
            "InvalidParameterValue",
        ),
        (json!({"Protocol": "1"}), "MissingParameter"),
        (
            json!({"Protocol": "1", "IcmpTypeCode": {"Type": -1, "Code": 3}}),
            "InvalidParameterValue",
        ),
        (json!({"Protocol": "256"}), "InvalidParameterValue"),
        (json!({"Protocol": "gre"}), "InvalidParameterValue"),
        (json!({"RuleAction": "reject"}), "InvalidParameterValue"),
        (json!({"CidrBlock": "10.0.0.0"}), "InvalidParameterValue"),
        (json!({"CidrBlock": null}), "MissingParameter"),
        (
            json!({"Ipv6CidrBlock": "::/0"}),
            "InvalidParameterCombination",
        ),
        (json!({"Egress": null}), "MissingParameter"),
    ] {
        assert_eq!(shown(part.clone()), wanted, "{part}");
    }
}

#[test]
fn vpc_2_entries_drop_host_bits() {
    let (mut bench, _, _, acl) = lab();
    bench.ok(
        "CreateNetworkAclEntry",
        entry(&acl, 7, json!({"CidrBlock": "100.68.0.18/18"})),
    );
    let six = json!({"CidrBlock": null, "Ipv6CidrBlock": "2001:db8::1/32"});
    bench.ok("CreateNetworkAclEntry", entry(&acl, 8, six));
    let shown = described(&mut bench, &acl);
    assert_eq!(shown["Entries"][1]["CidrBlock"], "100.68.0.0/18");
    assert_eq!(shown["Entries"][2]["Ipv6CidrBlock"], "2001:db8::/32");
}

#[test]
fn acl_6_numbers_are_taken_replaced_and_missed_per_direction() {
    let (mut bench, _, _, acl) = lab();
    bench.ok("CreateNetworkAclEntry", entry(&acl, 7, json!({})));
    let code = bench.refused(
        "CreateNetworkAclEntry",
        entry(&acl, 7, json!({"RuleAction": "deny"})),
    );
    assert_eq!(code, "NetworkAclEntryAlreadyExists");
    bench.ok(
        "CreateNetworkAclEntry",
        entry(&acl, 7, json!({"Egress": true})),
    );
    bench.ok(
        "ReplaceNetworkAclEntry",
        entry(&acl, 7, json!({"RuleAction": "deny"})),
    );
    let shown = described(&mut bench, &acl);
    assert_eq!(rules(&shown, false), ["7 deny", "32767 deny"]);
    assert_eq!(rules(&shown, true), ["7 allow", "32767 deny"]);
    let code = bench.refused("ReplaceNetworkAclEntry", entry(&acl, 8, json!({})));
    assert_eq!(code, "InvalidNetworkAclEntry.NotFound");
    let gone = json!({"NetworkAclId": acl, "RuleNumber": 7, "Egress": false});
    bench.ok("DeleteNetworkAclEntry", gone.clone());
    assert_eq!(
        bench.refused("DeleteNetworkAclEntry", gone),
        "InvalidNetworkAclEntry.NotFound"
    );
    assert_eq!(
        rules(&described(&mut bench, &acl), true),
        ["7 allow", "32767 deny"]
    );
}

#[test]
fn acl_6_unknown_default_and_associated_acls() {
    let (mut bench, vpc, subnet, acl) = lab();
    for (id, code) in [
        ("acl-0123456789abcdef0", "InvalidNetworkAclID.NotFound"),
        ("acl-x", "InvalidNetworkAclId.Malformed"),
    ] {
        assert_eq!(
            bench.refused("DeleteNetworkAcl", json!({"NetworkAclId": id})),
            code
        );
        assert_eq!(
            bench.refused("DescribeNetworkAcls", json!({"NetworkAclIds": [id]})),
            code
        );
        assert_eq!(
            bench.refused("CreateNetworkAclEntry", entry(id, 7, json!({}))),
            code
        );
    }
    let default = default_acl(&mut bench, &vpc);
    let refusal = bench.refusal("DeleteNetworkAcl", json!({"NetworkAclId": default}));
    assert_eq!(refusal.code(), "InvalidParameterValue");
    assert_eq!(
        refusal.message(),
        format!("cannot delete default network ACL {default}")
    );
    move_to(&mut bench, &subnet, &acl);
    assert_eq!(
        bench.refused("DeleteNetworkAcl", json!({"NetworkAclId": acl})),
        "DependencyViolation"
    );
    move_to(&mut bench, &subnet, &default);
    bench.ok("DeleteNetworkAcl", json!({"NetworkAclId": acl}));
}

/// Puts a subnet under an ACL; answers the new association.
fn move_to(bench: &mut Bench, subnet: &str, acl: &str) -> String {
    let old = association(bench, subnet).0;
    let input = json!({"AssociationId": old, "NetworkAclId": acl});
    text(
        &bench.ok("ReplaceNetworkAclAssociation", input),
        "/NewAssociationId",
    )
}

/// The association of a subnet and its ACL.
fn association(bench: &mut Bench, subnet: &str) -> (String, String) {
    let filters = json!([{"Name": "association.subnet-id", "Values": [subnet]}]);
    let answer = bench.ok("DescribeNetworkAcls", json!({"Filters": filters}));
    assert_eq!(
        count(&answer, "NetworkAcls"),
        1,
        "a subnet has exactly one ACL"
    );
    let associations = answer["NetworkAcls"][0]["Associations"].as_array().unwrap();
    let mine = associations
        .iter()
        .find(|a| a["SubnetId"] == subnet)
        .unwrap();
    (
        text(mine, "/NetworkAclAssociationId"),
        text(mine, "/NetworkAclId"),
    )
}

#[test]
fn acl_7_a_subnet_moves_and_its_association_gets_a_new_id() {
    let (mut bench, _, subnet, acl) = lab();
    let (old, _) = association(&mut bench, &subnet);
    let new = move_to(&mut bench, &subnet, &acl);
    assert_ne!(old, new);
    assert_eq!(association(&mut bench, &subnet), (new.clone(), acl.clone()));
    for (input, code) in [
        (
            json!({"AssociationId": old, "NetworkAclId": acl}),
            "InvalidAssociationID.NotFound",
        ),
        (
            json!({"AssociationId": new, "NetworkAclId": "acl-0123456789abcdef0"}),
            "InvalidNetworkAclID.NotFound",
        ),
        (
            json!({"AssociationId": "x", "NetworkAclId": acl}),
            "InvalidAssociationID.Malformed",
        ),
        (json!({"NetworkAclId": acl}), "MissingParameter"),
    ] {
        assert_eq!(
            bench.refused("ReplaceNetworkAclAssociation", input.clone()),
            code,
            "{input}"
        );
    }
    let other = bench.ok("CreateVpc", json!({"CidrBlock": "10.1.0.0/16"}));
    let foreign = bench.ok(
        "CreateNetworkAcl",
        json!({"VpcId": text(&other, "/Vpc/VpcId")}),
    );
    let foreign = text(&foreign, "/NetworkAcl/NetworkAclId");
    let input = json!({"AssociationId": new, "NetworkAclId": foreign});
    assert_eq!(
        bench.refused("ReplaceNetworkAclAssociation", input),
        "InvalidParameterValue"
    );
}

#[test]
fn acl_6_twenty_entries_with_the_closing_deny() {
    let (mut bench, _, _, acl) = lab();
    for number in 1..=19 {
        bench.ok("CreateNetworkAclEntry", entry(&acl, number, json!({})));
    }
    let code = bench.refused("CreateNetworkAclEntry", entry(&acl, 20, json!({})));
    assert_eq!(code, "NetworkAclEntryLimitExceeded");
    bench.ok(
        "CreateNetworkAclEntry",
        entry(&acl, 20, json!({"Egress": true})),
    );
    let six = json!({"CidrBlock": null, "Ipv6CidrBlock": "::/0"});
    bench.ok("CreateNetworkAclEntry", entry(&acl, 21, six));
}

#[test]
fn a_client_token_makes_one_acl() {
    let (mut bench, vpc, _, _) = lab();
    let input = json!({"VpcId": vpc, "ClientToken": "once"});
    let first = bench.ok("CreateNetworkAcl", input.clone());
    assert_eq!(first["ClientToken"], "once");
    assert_eq!(bench.ok("CreateNetworkAcl", input), first);
}
