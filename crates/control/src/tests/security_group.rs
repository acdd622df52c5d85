use serde_json::{Value, json};

use crate::testing::{ACCOUNT, Bench, count, text};

/// A VPC outside the default one, and a group in it without rules.
fn lab() -> (Bench, String, String) {
    let mut bench = Bench::new();
    let vpc = bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
    let vpc = text(&vpc, "/Vpc/VpcId");
    let group = group(&mut bench, &vpc, "web");
    let all = json!({"GroupId": group, "IpPermissions": [all_ipv4()]});
    bench.ok("RevokeSecurityGroupEgress", all);
    (bench, vpc, group)
}

fn group(bench: &mut Bench, vpc: &str, name: &str) -> String {
    let input = json!({"GroupName": name, "Description": "a group", "VpcId": vpc});
    text(&bench.ok("CreateSecurityGroup", input), "/GroupId")
}

fn all_ipv4() -> Value {
    json!({"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]})
}

fn tcp(port: u16, cidr: &str) -> Value {
    json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr}]})
}

fn described(bench: &mut Bench, group: &str) -> Value {
    bench.ok("DescribeSecurityGroups", json!({"GroupIds": [group]}))["SecurityGroups"][0].clone()
}

fn allow(bench: &mut Bench, group: &str, permission: Value) -> Value {
    let input = json!({"GroupId": group, "IpPermissions": [permission]});
    bench.ok("AuthorizeSecurityGroupIngress", input)
}

#[test]
fn sg_2_a_new_group_lets_everything_out_and_nothing_in() {
    let (mut bench, vpc, _) = lab();
    let id = group(&mut bench, &vpc, "db");
    let shown = described(&mut bench, &id);
    assert_eq!(shown["IpPermissions"], json!([]));
    assert_eq!(count(&shown, "IpPermissionsEgress"), 1);
    assert_eq!(
        shown["IpPermissionsEgress"][0]["IpRanges"],
        json!([{"CidrIp": "0.0.0.0/0"}])
    );
    let arn = format!("arn:aws:ec2:us-east-1:{ACCOUNT}:security-group/{id}");
    assert_eq!(shown["SecurityGroupArn"], arn);

    let six = json!({"CidrBlock": "10.9.0.0/16", "AmazonProvidedIpv6CidrBlock": true});
    let six = text(&bench.ok("CreateVpc", six), "/Vpc/VpcId");
    let id = group(&mut bench, &six, "db");
    let egress = &described(&mut bench, &id)["IpPermissionsEgress"];
    assert_eq!(egress[0]["Ipv6Ranges"], json!([{"CidrIpv6": "::/0"}]));
}

#[test]
fn sg_2_the_default_group_stays_and_its_name_is_taken() {
    let (mut bench, vpc, _) = lab();
    let filters =
        json!([{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]);
    let answer = bench.ok("DescribeSecurityGroups", json!({"Filters": filters}));
    let default = text(&answer, "/SecurityGroups/0/GroupId");
    let itself = json!([{"GroupId": default, "UserId": ACCOUNT}]);
    assert_eq!(
        answer["SecurityGroups"][0]["IpPermissions"][0]["UserIdGroupPairs"],
        itself
    );
    assert_eq!(
        bench.refused("DeleteSecurityGroup", json!({"GroupId": default})),
        "CannotDelete"
    );
    let again = json!({"GroupName": "default", "Description": "x", "VpcId": vpc});
    assert_eq!(
        bench.refused("CreateSecurityGroup", again),
        "InvalidGroup.Reserved"
    );
}

#[test]
fn sg_3_each_peer_is_a_rule_with_an_id_of_its_own() {
    let (mut bench, vpc, web) = lab();
    let peer = group(&mut bench, &vpc, "lb");
    let permission = json!({
        "IpProtocol": "tcp", "FromPort": 80, "ToPort": 81,
        "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "ours"}, {"CidrIp": "192.0.2.0/24"}],
        "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32"}],
        "UserIdGroupPairs": [{"GroupId": peer, "Description": "the balancer"}],
    });
    let answer = allow(&mut bench, &web, permission);
    let rules = answer["SecurityGroupRules"].as_array().unwrap();
    assert_eq!(rules.len(), 4);
    assert_eq!(rules[0]["CidrIpv4"], "10.0.0.0/8");
    assert_eq!(rules[0]["Description"], "ours");
    assert_eq!(rules[2]["CidrIpv6"], "2001:db8::/32");
    assert_eq!(
        rules[3]["ReferencedGroupInfo"],
        json!({"GroupId": peer, "UserId": ACCOUNT})
    );
    let mut ids: Vec<_> = rules
        .iter()
        .map(|r| text(r, "/SecurityGroupRuleId"))
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    // One permission again when described with its group.
    let shown = described(&mut bench, &web);
    assert_eq!(count(&shown, "IpPermissions"), 1);
    assert_eq!(count(&shown["IpPermissions"][0], "IpRanges"), 2);
}

#[test]
fn sg_3_a_peer_group_is_of_the_same_vpc() {
    let (mut bench, _, web) = lab();
    let other = bench.ok("CreateVpc", json!({"CidrBlock": "10.1.0.0/16"}));
    let foreign = group(&mut bench, &text(&other, "/Vpc/VpcId"), "far");
    for (peer, code) in [
        (json!({"GroupId": foreign}), "InvalidGroup.NotFound"),
        (
            json!({"GroupId": "sg-0123456789abcdef0"}),
            "InvalidGroup.NotFound",
        ),
        (json!({"GroupId": "sg-x"}), "InvalidGroupId.Malformed"),
        (json!({"GroupName": "nobody"}), "InvalidGroup.NotFound"),
        (
            json!({"GroupId": web, "UserId": "999999999999"}),
            "InvalidGroup.NotFound",
        ),
        (json!({"UserId": ACCOUNT}), "MissingParameter"),
    ] {
        let permission = json!({"IpProtocol": "-1", "UserIdGroupPairs": [peer]});
        let input = json!({"GroupId": web, "IpPermissions": [permission]});
        assert_eq!(
            bench.refused("AuthorizeSecurityGroupIngress", input),
            code,
            "{peer}"
        );
    }
}

#[test]
fn sg_4_protocols_and_ports() {
    let shown = |protocol: &str, from: Option<i64>, to: Option<i64>| {
        let (mut bench, _, web) = lab();
        let mut permission = json!({"IpProtocol": protocol, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]});
        permission["FromPort"] = json!(from);
        permission["ToPort"] = json!(to);
        let input = json!({"GroupId": web, "IpPermissions": [permission]});
        match bench.call("AuthorizeSecurityGroupIngress", input) {
            Ok(_) => {
                let shown = &described(&mut bench, &web)["IpPermissions"][0];
                let part = |name: &str| shown.get(name).map_or("-".to_owned(), Value::to_string);
                format!(
                    "{} {} {}",
                    text(shown, "/IpProtocol"),
                    part("FromPort"),
                    part("ToPort")
                )
            }
            Err(e) => e.code().to_owned(),
        }
    };
    for (protocol, from, to, wanted) in [
        ("tcp", Some(22), Some(22), "tcp 22 22"),
        ("TCP", Some(0), Some(65535), "tcp 0 65535"),
        ("6", Some(1), Some(2), "tcp 1 2"),
        ("17", Some(53), Some(53), "udp 53 53"),
        ("icmp", Some(8), Some(0), "icmp 8 0"),
        ("icmp", Some(-1), Some(-1), "icmp -1 -1"),
        ("1", Some(3), Some(-1), "icmp 3 -1"),
        ("-1", Some(22), Some(22), "-1 - -"),
        ("-1", None, None, "-1 - -"),
        ("50", Some(1), Some(2), "50 - -"),
        ("tcp", None, None, "InvalidParameterValue"),
        ("tcp", Some(22), None, "InvalidParameterValue"),
        ("tcp", Some(23), Some(22), "InvalidParameterValue"),
        ("udp", Some(0), Some(65536), "InvalidParameterValue"),
        ("tcp", Some(-1), Some(-1), "InvalidParameterValue"),
        ("icmp", Some(256), Some(0), "InvalidParameterValue"),
        ("icmp", Some(-1), Some(0), "InvalidPermission.Malformed"),
        ("icmpv6", None, None, "InvalidPermission.Malformed"),
        ("256", None, None, "InvalidParameterValue"),
        ("sctp", None, None, "InvalidParameterValue"),
        ("", None, None, "MissingParameter"),
    ] {
        assert_eq!(
            shown(protocol, from, to),
            wanted,
            "{protocol} {from:?} {to:?}"
        );
    }
}

/// VPC-2 for rules: host bits are dropped, and two spellings of one block are one rule.
#[test]
fn sg_10_a_rule_is_there_once_whatever_its_spelling() {
    let (mut bench, _, web) = lab();
    allow(&mut bench, &web, tcp(22, "100.68.0.18/18"));
    let shown = described(&mut bench, &web);
    assert_eq!(
        shown["IpPermissions"][0]["IpRanges"][0]["CidrIp"],
        "100.68.0.0/18"
    );
    let again =
        json!({"GroupId": web, "IpPermissions": [tcp(80, "10.0.0.0/8"), tcp(22, "100.68.0.0/18")]});
    let refusal = bench.refusal("AuthorizeSecurityGroupIngress", again);
    assert_eq!(refusal.code(), "InvalidPermission.Duplicate");
    assert_eq!(
        refusal.message(),
        "the specified rule \"peer: 100.68.0.0/18, TCP, from port: 22, to port: 22, ALLOW\" already exists"
    );
    // Nothing of a refused call stays, and the other direction is another rule.
    assert_eq!(count(&described(&mut bench, &web), "IpPermissions"), 1);
    let out = json!({"GroupId": web, "IpPermissions": [tcp(22, "100.68.0.0/18")]});
    bench.ok("AuthorizeSecurityGroupEgress", out);
    let twice =
        json!({"GroupId": web, "IpPermissions": [tcp(1, "10.0.0.0/8"), tcp(1, "10.0.0.0/8")]});
    assert_eq!(
        bench.refused("AuthorizeSecurityGroupIngress", twice),
        "InvalidParameterValue"
    );
}

#[test]
fn sg_10_revoking_what_is_not_there_revokes_nothing() {
    let (mut bench, _, web) = lab();
    allow(&mut bench, &web, tcp(22, "10.0.0.0/8"));
    let both = json!([tcp(22, "10.0.0.0/8"), tcp(23, "10.0.0.0/8")]);
    let input = json!({"GroupId": web, "IpPermissions": both});
    assert_eq!(
        bench.refused("RevokeSecurityGroupIngress", input.clone()),
        "InvalidPermission.NotFound"
    );
    assert_eq!(count(&described(&mut bench, &web), "IpPermissions"), 1);

    // In a default VPC the call succeeds and tells what it did not find.
    let made = bench.ok(
        "CreateSecurityGroup",
        json!({"GroupName": "web", "Description": "x"}),
    );
    let id = text(&made, "/GroupId");
    allow(&mut bench, &id, tcp(22, "10.0.0.0/8"));
    let input = json!({"GroupId": id, "IpPermissions": both});
    let answer = bench.ok("RevokeSecurityGroupIngress", input);
    assert_eq!(answer["UnknownIpPermissions"][0]["FromPort"], 23);
    assert_eq!(answer["RevokedSecurityGroupRules"][0]["FromPort"], 22);
    assert_eq!(described(&mut bench, &id)["IpPermissions"], json!([]));
}

#[test]
fn rules_are_revoked_by_id_in_their_own_direction() {
    let (mut bench, _, web) = lab();
    let rule = allow(&mut bench, &web, tcp(22, "10.0.0.0/8"));
    let rule = text(&rule, "/SecurityGroupRules/0/SecurityGroupRuleId");
    let input = json!({"GroupId": web, "SecurityGroupRuleIds": [rule]});
    let code = bench.refused("RevokeSecurityGroupEgress", input.clone());
    assert_eq!(code, "InvalidSecurityGroupRuleId.NotFound");
    bench.ok("RevokeSecurityGroupIngress", input.clone());
    let code = bench.refused("RevokeSecurityGroupIngress", input);
    assert_eq!(code, "InvalidSecurityGroupRuleId.NotFound");
    let input = json!({"GroupId": web, "SecurityGroupRuleIds": ["sgr-1"]});
    let code = bench.refused("RevokeSecurityGroupIngress", input);
    assert_eq!(code, "InvalidSecurityGroupRuleId.Malformed");
}

#[test]
fn the_single_form_of_authorize_is_one_rule() {
    let mut bench = Bench::new();
    let made = bench.ok(
        "CreateSecurityGroup",
        json!({"GroupName": "web", "Description": "x"}),
    );
    let id = text(&made, "/GroupId");
    bench.ok(
        "AuthorizeSecurityGroupIngress",
        json!({"GroupName": "web", "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "10.0.0.0/8"}),
    );
    bench.ok(
        "AuthorizeSecurityGroupIngress",
        json!({"GroupName": "web", "SourceSecurityGroupName": "default"}),
    );
    let shown = described(&mut bench, &id);
    assert_eq!(
        shown["IpPermissions"][0]["IpRanges"],
        json!([{"CidrIp": "10.0.0.0/8"}])
    );
    assert_eq!(shown["IpPermissions"][1]["IpProtocol"], "-1");
    assert_eq!(count(&shown["IpPermissions"][1], "UserIdGroupPairs"), 1);
    for (input, code) in [
        (json!({"GroupId": id}), "MissingParameter"),
        (
            json!({"IpProtocol": "-1", "CidrIp": "10.0.0.0/8"}),
            "MissingParameter",
        ),
        (
            json!({"GroupId": id, "IpProtocol": "-1"}),
            "MissingParameter",
        ),
        (
            json!({"GroupId": id, "IpProtocol": "-1", "CidrIp": "10.0.0.1"}),
            "InvalidParameterValue",
        ),
        (
            json!({"GroupId": id, "IpProtocol": "-1", "CidrIp": "10.0.0.0/8", "IpPermissions": [all_ipv4()]}),
            "InvalidParameterCombination",
        ),
    ] {
        assert_eq!(
            bench.refused("AuthorizeSecurityGroupIngress", input.clone()),
            code,
            "{input}"
        );
    }
}

#[test]
fn sg_10_unknown_malformed_taken_and_needed_groups() {
    let (mut bench, vpc, web) = lab();
    for (id, code) in [
        ("sg-0123456789abcdef0", "InvalidGroup.NotFound"),
        ("sg-x", "InvalidGroupId.Malformed"),
        ("vpc-0123456789abcdef0", "InvalidGroupId.Malformed"),
    ] {
        assert_eq!(
            bench.refused("DeleteSecurityGroup", json!({"GroupId": id})),
            code
        );
        assert_eq!(
            bench.refused("DescribeSecurityGroups", json!({"GroupIds": [id]})),
            code
        );
    }
    let again = json!({"GroupName": "web", "Description": "x", "VpcId": vpc});
    assert_eq!(
        bench.refused("CreateSecurityGroup", again),
        "InvalidGroup.Duplicate"
    );

    let lb = group(&mut bench, &vpc, "lb");
    let peer = json!({"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": lb}]});
    allow(&mut bench, &web, peer);
    assert_eq!(
        bench.refused("DeleteSecurityGroup", json!({"GroupId": lb})),
        "DependencyViolation"
    );
    bench.ok("DeleteSecurityGroup", json!({"GroupId": web}));
    // A rule about itself holds no group back.
    let peer = json!({"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": lb}]});
    allow(&mut bench, &lb, peer);
    let subnet = bench.ok(
        "CreateSubnet",
        json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/24"}),
    );
    let subnet = text(&subnet, "/Subnet/SubnetId");
    let eni = bench.ok(
        "CreateNetworkInterface",
        json!({"SubnetId": subnet, "Groups": [lb]}),
    );
    assert_eq!(
        bench.refused("DeleteSecurityGroup", json!({"GroupId": lb})),
        "DependencyViolation"
    );
    let eni = text(&eni, "/NetworkInterface/NetworkInterfaceId");
    bench.ok("DeleteNetworkInterface", json!({"NetworkInterfaceId": eni}));
    bench.ok("DeleteSecurityGroup", json!({"GroupId": lb}));
}

#[test]
fn sg_11_sixty_rules_per_direction_and_family() {
    let (mut bench, vpc, web) = lab();
    let ranges: Vec<Value> = (0..60)
        .map(|n| json!({"CidrIp": format!("10.0.{n}.0/24")}))
        .collect();
    let sixty = json!({"IpProtocol": "-1", "IpRanges": ranges});
    allow(&mut bench, &web, sixty);
    let one_more = json!({"GroupId": web, "IpPermissions": [tcp(22, "10.0.0.0/8")]});
    let code = bench.refused("AuthorizeSecurityGroupIngress", one_more.clone());
    assert_eq!(code, "RulesPerSecurityGroupLimitExceeded");
    // The other direction and the other family have room of their own; a group counts in both.
    bench.ok("AuthorizeSecurityGroupEgress", one_more);
    let six = json!({"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32"}]});
    allow(&mut bench, &web, six);
    let lb = group(&mut bench, &vpc, "lb");
    let peer = json!({"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": lb}]});
    let peer = json!({"GroupId": web, "IpPermissions": [peer]});
    let code = bench.refused("AuthorizeSecurityGroupIngress", peer);
    assert_eq!(code, "RulesPerSecurityGroupLimitExceeded");
}

#[test]
fn sg_12_names_and_descriptions_keep_to_their_characters() {
    let (mut bench, vpc, web) = lab();
    for name in ["sg-web", "SG-web", "wéb", "a|b", &"x".repeat(256)] {
        let input = json!({"GroupName": name, "Description": "x", "VpcId": vpc});
        assert_eq!(
            bench.refused("CreateSecurityGroup", input),
            "InvalidParameterValue",
            "{name}"
        );
    }
    let odd = "a Z9 ._-:/()#,@[]+=&;{}!$*";
    bench.ok(
        "CreateSecurityGroup",
        json!({"GroupName": odd, "Description": odd, "VpcId": vpc}),
    );
    for missing in [json!({"GroupName": "x"}), json!({"Description": "x"})] {
        assert_eq!(
            bench.refused("CreateSecurityGroup", missing),
            "MissingParameter"
        );
    }
    let long = json!({"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "x".repeat(256)}]});
    let input = json!({"GroupId": web, "IpPermissions": [long]});
    assert_eq!(
        bench.refused("AuthorizeSecurityGroupIngress", input),
        "InvalidParameterValue"
    );
}

#[test]
fn rules_are_described_filtered_tagged_and_modified() {
    let (mut bench, _, web) = lab();
    let tags =
        json!([{"ResourceType": "security-group-rule", "Tags": [{"Key": "k", "Value": "v"}]}]);
    let input = json!({"GroupId": web, "IpPermissions": [tcp(22, "10.0.0.0/8")], "TagSpecifications": tags});
    let rule = bench.ok("AuthorizeSecurityGroupIngress", input);
    let rule = text(&rule, "/SecurityGroupRules/0/SecurityGroupRuleId");
    allow(&mut bench, &web, tcp(23, "10.0.0.0/8"));
    let by_tag = json!({"Filters": [{"Name": "tag:k", "Values": ["v"]}]});
    let found = bench.ok("DescribeSecurityGroupRules", by_tag);
    assert_eq!(count(&found, "SecurityGroupRules"), 1);
    assert_eq!(
        text(&found, "/SecurityGroupRules/0/SecurityGroupRuleId"),
        rule
    );
    let by_group = json!({"Filters": [{"Name": "group-id", "Values": [web]}]});
    assert_eq!(
        count(
            &bench.ok("DescribeSecurityGroupRules", by_group),
            "SecurityGroupRules"
        ),
        2
    );

    let change =
        json!({"IpProtocol": "udp", "FromPort": 53, "ToPort": 54, "CidrIpv6": "2001:db8::/32"});
    let update = |id: &str, body: &Value| json!({"GroupId": web, "SecurityGroupRules": [{"SecurityGroupRuleId": id, "SecurityGroupRule": body}]});
    bench.ok("ModifySecurityGroupRules", update(&rule, &change));
    let shown = bench.ok(
        "DescribeSecurityGroupRules",
        json!({"SecurityGroupRuleIds": [rule]}),
    );
    let shown = &shown["SecurityGroupRules"][0];
    assert_eq!(shown["IpProtocol"], "udp");
    assert_eq!(shown["CidrIpv6"], "2001:db8::/32");
    assert_eq!(shown["Tags"], json!([{"Key": "k", "Value": "v"}]));
    for (body, code) in [
        (
            json!({"IpProtocol": "tcp", "FromPort": 23, "ToPort": 23, "CidrIpv4": "10.0.0.0/8"}),
            "InvalidPermission.Duplicate",
        ),
        (json!({"IpProtocol": "-1"}), "MissingParameter"),
        (
            json!({"IpProtocol": "-1", "CidrIpv4": "10.0.0.0/8", "CidrIpv6": "::/0"}),
            "InvalidParameterCombination",
        ),
    ] {
        assert_eq!(
            bench.refused("ModifySecurityGroupRules", update(&rule, &body)),
            code,
            "{body}"
        );
    }
    let unknown = update("sgr-0123456789abcdef0", &change);
    let code = bench.refused("ModifySecurityGroupRules", unknown);
    assert_eq!(code, "InvalidSecurityGroupRuleId.NotFound");
}

#[test]
fn descriptions_change_by_rule_and_by_id() {
    let (mut bench, _, web) = lab();
    let rule = allow(&mut bench, &web, tcp(22, "10.0.0.0/8"));
    let rule = text(&rule, "/SecurityGroupRules/0/SecurityGroupRuleId");
    let mut permission = tcp(22, "10.0.0.0/8");
    permission["IpRanges"][0]["Description"] = json!("ssh");
    let action = "UpdateSecurityGroupRuleDescriptionsIngress";
    bench.ok(
        action,
        json!({"GroupId": web, "IpPermissions": [permission]}),
    );
    let ssh = &described(&mut bench, &web)["IpPermissions"][0]["IpRanges"][0]["Description"];
    assert_eq!(ssh, "ssh");
    let by_id = json!([{"SecurityGroupRuleId": rule, "Description": "shell"}]);
    bench.ok(
        action,
        json!({"GroupId": web, "SecurityGroupRuleDescriptions": by_id}),
    );
    let shell = &described(&mut bench, &web)["IpPermissions"][0]["IpRanges"][0]["Description"];
    assert_eq!(shell, "shell");
    let other = json!({"GroupId": web, "IpPermissions": [tcp(80, "10.0.0.0/8")]});
    assert_eq!(bench.refused(action, other), "InvalidPermission.NotFound");
}

#[test]
fn references_stale_groups_and_groups_for_a_vpc() {
    let (mut bench, vpc, web) = lab();
    let lb = group(&mut bench, &vpc, "lb");
    let peer = json!({"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": lb}]});
    allow(&mut bench, &web, peer);
    // Only groups of other VPCs count as references.
    let answer = bench.ok("DescribeSecurityGroupReferences", json!({"GroupId": [lb]}));
    assert_eq!(count(&answer, "SecurityGroupReferenceSet"), 0);
    let answer = bench.ok("DescribeStaleSecurityGroups", json!({"VpcId": vpc}));
    assert_eq!(count(&answer, "StaleSecurityGroupSet"), 0);
    let answer = bench.ok("GetSecurityGroupsForVpc", json!({"VpcId": vpc}));
    assert_eq!(count(&answer, "SecurityGroupForVpcs"), 3);
    let named = json!({"VpcId": vpc, "Filters": [{"Name": "group-name", "Values": ["l?"]}]});
    let answer = bench.ok("GetSecurityGroupsForVpc", named);
    assert_eq!(answer["SecurityGroupForVpcs"][0]["GroupId"], lb);
}

#[test]
fn groups_are_found_by_name_and_by_what_their_rules_say() {
    let (mut bench, vpc, web) = lab();
    allow(&mut bench, &web, tcp(22, "10.0.0.0/8"));
    let by_name = bench.ok("DescribeSecurityGroups", json!({"GroupNames": ["default"]}));
    assert_eq!(count(&by_name, "SecurityGroups"), 1);
    let code = bench.refused("DescribeSecurityGroups", json!({"GroupNames": ["web"]}));
    assert_eq!(
        code, "InvalidGroup.NotFound",
        "names are of the default VPC"
    );
    for (name, value, wanted) in [
        ("ip-permission.cidr", "10.0.0.0/8", 1),
        ("ip-permission.from-port", "22", 1),
        ("egress.ip-permission.cidr", "10.0.0.0/8", 0),
        ("ip-permission.protocol", "udp", 0),
        ("description", "a gr*", 1),
    ] {
        let filters =
            json!([{"Name": name, "Values": [value]}, {"Name": "vpc-id", "Values": [vpc]}]);
        let answer = bench.ok("DescribeSecurityGroups", json!({"Filters": filters}));
        assert_eq!(count(&answer, "SecurityGroups"), wanted, "{name}={value}");
    }
}

#[test]
fn sg_3_an_unknown_prefix_list_is_no_peer() {
    let (mut bench, _, web) = lab();
    for (list, code) in [
        ("pl-0123456789abcdef0", "InvalidPrefixListID.NotFound"),
        ("pl-", "InvalidPrefixListId.Malformed"),
    ] {
        let permission = json!({"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": list}]});
        let input = json!({"GroupId": web, "IpPermissions": [permission]});
        assert_eq!(bench.refused("AuthorizeSecurityGroupEgress", input), code);
    }
}
