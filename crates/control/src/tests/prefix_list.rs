use serde_json::{Value, json};

use crate::testing::{ACCOUNT, Bench, count, text};

const S3: &str = "pl-63a5400a";
const DYNAMODB: &str = "pl-02cd2c6b";

fn entries(cidrs: &[&str]) -> Value {
    cidrs.iter().map(|cidr| json!({"Cidr": cidr})).collect()
}

fn list(bench: &mut Bench, max_entries: i64, cidrs: &[&str]) -> String {
    let create = json!({
        "PrefixListName": "offices",
        "AddressFamily": "IPv4",
        "MaxEntries": max_entries,
        "Entries": entries(cidrs),
    });
    let made = bench.ok("CreateManagedPrefixList", create);
    text(&made, "/PrefixList/PrefixListId")
}

fn seen(bench: &mut Bench, id: &str) -> Value {
    let seen = bench.ok("DescribeManagedPrefixLists", json!({"PrefixListIds": [id]}));
    seen["PrefixLists"][0].clone()
}

fn cidrs(bench: &mut Bench, id: &str) -> Vec<String> {
    let seen = bench.ok("GetManagedPrefixListEntries", json!({"PrefixListId": id}));
    let entries = seen["Entries"].as_array().unwrap().iter();
    entries.map(|entry| text(entry, "/Cidr")).collect()
}

fn group(bench: &mut Bench) -> String {
    let made = json!({"GroupName": "web", "Description": "web"});
    text(&bench.ok("CreateSecurityGroup", made), "/GroupId")
}

fn rule(group: &str, port: u16, list: &str) -> Value {
    json!({"GroupId": group, "IpPermissions": [{
        "IpProtocol": "tcp", "FromPort": port, "ToPort": port,
        "PrefixListIds": [{"PrefixListId": list, "Description": "by list"}],
    }]})
}

/// A custom table of a VPC of 10.0.0.0/16 with an attached internet gateway.
fn table(bench: &mut Bench) -> (String, String) {
    let vpc = bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
    let vpc = text(&vpc, "/Vpc/VpcId");
    let igw = bench.ok("CreateInternetGateway", json!({}));
    let igw = text(&igw, "/InternetGateway/InternetGatewayId");
    bench.ok(
        "AttachInternetGateway",
        json!({"VpcId": vpc, "InternetGatewayId": igw}),
    );
    let table = bench.ok("CreateRouteTable", json!({"VpcId": vpc}));
    (text(&table, "/RouteTable/RouteTableId"), igw)
}

fn route(table: &str, list: &str, igw: &str) -> Value {
    json!({"RouteTableId": table, "DestinationPrefixListId": list, "GatewayId": igw})
}

#[test]
fn golden_prefix_lists() {
    let mut bench = Bench::new();
    let create = json!({
        "PrefixListName": "offices",
        "AddressFamily": "IPv4",
        "MaxEntries": 3,
        "Entries": [{"Cidr": "203.0.113.0/24", "Description": "north"}],
        "TagSpecifications": [{"ResourceType": "prefix-list", "Tags": [{"Key": "a", "Value": "b"}]}],
    });
    let made = bench.golden("CreateManagedPrefixList", create);
    let id = text(&made, "/PrefixList/PrefixListId");
    let edit = json!({
        "PrefixListId": id,
        "CurrentVersion": 1,
        "AddEntries": [{"Cidr": "198.51.100.0/24"}],
    });
    bench.golden("ModifyManagedPrefixList", edit);
    let back = json!({"PrefixListId": id, "CurrentVersion": 2, "PreviousVersion": 1});
    bench.golden("RestoreManagedPrefixListVersion", back);
    bench.golden("DescribeManagedPrefixLists", json!({}));
    bench.golden("GetManagedPrefixListEntries", json!({"PrefixListId": id}));
    let (table, igw) = table(&mut bench);
    bench.ok("CreateRoute", route(&table, &id, &igw));
    let named = json!({"PrefixListId": id});
    bench.golden("GetManagedPrefixListAssociations", named.clone());
    bench.ok(
        "DeleteRoute",
        json!({"RouteTableId": table, "DestinationPrefixListId": id}),
    );
    bench.golden("DeleteManagedPrefixList", named);
    bench.golden("DescribePrefixLists", json!({}));
}

#[test]
fn pl_1_one_family_and_a_fixed_size() {
    let mut bench = Bench::new();
    let create = |family: &str, most: i64, cidrs: &[&str]| json!({"PrefixListName": "a", "AddressFamily": family, "MaxEntries": most, "Entries": entries(cidrs)});
    for (input, code) in [
        (create("IPv5", 1, &[]), "InvalidParameterValue"),
        (create("IPv4", 0, &[]), "InvalidParameterValue"),
        (create("IPv4", 1001, &[]), "InvalidParameterValue"),
        (
            create("IPv4", 2, &["2001:db8::/32"]),
            "InvalidParameterValue",
        ),
        (create("IPv6", 2, &["10.0.0.0/8"]), "InvalidParameterValue"),
        (
            create("IPv4", 2, &["10.0.0.0/8", "10.0.0.0/8"]),
            "InvalidParameterValue",
        ),
        (
            create("IPv4", 1, &["10.0.0.0/8", "10.0.0.0/9"]),
            "InvalidPrefixListModification",
        ),
        (
            json!({"AddressFamily": "IPv4", "MaxEntries": 1}),
            "MissingParameter",
        ),
        (
            json!({"PrefixListName": "a", "AddressFamily": "IPv4"}),
            "MissingParameter",
        ),
        (
            json!({"PrefixListName": "com.amazonaws.x", "AddressFamily": "IPv4", "MaxEntries": 1}),
            "InvalidParameterValue",
        ),
    ] {
        let shown = input.to_string();
        assert_eq!(
            bench.refused("CreateManagedPrefixList", input),
            code,
            "{shown}"
        );
    }
    let made = bench.ok(
        "CreateManagedPrefixList",
        create("IPv6", 1000, &["2001:db8::1/32"]),
    );
    assert_eq!(made["PrefixList"]["State"], "create-in-progress");
    let id = text(&made, "/PrefixList/PrefixListId");
    let shown = seen(&mut bench, &id);
    assert_eq!(shown["State"], "create-complete");
    assert_eq!(shown["Version"], 1);
    assert_eq!(shown["OwnerId"], ACCOUNT);
    assert_eq!(cidrs(&mut bench, &id), ["2001:db8::/32"]);
}

#[test]
fn pl_1_entry_changes_make_versions_renaming_and_resizing_do_not() {
    let mut bench = Bench::new();
    let id = list(&mut bench, 3, &["10.1.0.0/16", "10.2.0.0/16"]);
    let action = "ModifyManagedPrefixList";
    let edit = |version: i64, add: &[&str], remove: &[&str]| json!({"PrefixListId": id, "CurrentVersion": version, "AddEntries": entries(add), "RemoveEntries": entries(remove)});
    let done = bench.ok(action, edit(1, &["10.3.0.0/16"], &["10.1.0.0/16"]));
    assert_eq!(done["PrefixList"]["State"], "modify-in-progress");
    assert_eq!(done["PrefixList"]["Version"], 2);
    assert_eq!(cidrs(&mut bench, &id), ["10.2.0.0/16", "10.3.0.0/16"]);
    let first = json!({"PrefixListId": id, "TargetVersion": 1});
    let first = bench.ok("GetManagedPrefixListEntries", first);
    assert_eq!(
        first["Entries"],
        json!([{"Cidr": "10.1.0.0/16"}, {"Cidr": "10.2.0.0/16"}])
    );

    let mut without = edit(0, &["10.9.0.0/16"], &[]);
    without.as_object_mut().unwrap().remove("CurrentVersion");
    let mut both = edit(2, &["10.9.0.0/16"], &[]);
    both["MaxEntries"] = json!(9);
    for (input, code) in [
        (edit(1, &["10.9.0.0/16"], &[]), "PrefixListVersionMismatch"),
        (
            edit(2, &[], &["10.9.0.0/16"]),
            "InvalidPrefixListModification",
        ),
        (
            edit(2, &["10.8.0.0/16", "10.9.0.0/16"], &[]),
            "InvalidPrefixListModification",
        ),
        (without, "MissingParameter"),
        (both, "InvalidParameterCombination"),
        (
            json!({"PrefixListId": id, "MaxEntries": 1}),
            "InvalidPrefixListModification",
        ),
        (
            json!({"PrefixListId": "pl-00000000000000001"}),
            "InvalidPrefixListID.NotFound",
        ),
    ] {
        let shown = input.to_string();
        assert_eq!(bench.refused(action, input), code, "{shown}");
    }
    bench.ok(
        action,
        json!({"PrefixListId": id, "PrefixListName": "sites", "MaxEntries": 5}),
    );
    let shown = seen(&mut bench, &id);
    assert_eq!(
        (&shown["Version"], &shown["MaxEntries"]),
        (&json!(2), &json!(5))
    );
    assert_eq!(shown["PrefixListName"], "sites");
    assert_eq!(shown["State"], "modify-complete");

    let restore = |current: i64, previous: i64| json!({"PrefixListId": id, "CurrentVersion": current, "PreviousVersion": previous});
    let action = "RestoreManagedPrefixListVersion";
    assert_eq!(
        bench.refused(action, restore(1, 1)),
        "PrefixListVersionMismatch"
    );
    assert_eq!(
        bench.refused(action, restore(2, 7)),
        "InvalidParameterValue"
    );
    bench.ok(action, restore(2, 1));
    assert_eq!(seen(&mut bench, &id)["Version"], 3);
    assert_eq!(seen(&mut bench, &id)["State"], "restore-complete");
    assert_eq!(cidrs(&mut bench, &id), ["10.1.0.0/16", "10.2.0.0/16"]);
}

#[test]
fn pl_1_old_versions_are_forgotten_in_the_end() {
    let mut bench = Bench::new();
    let id = list(&mut bench, 3, &["10.1.0.0/16"]);
    let kept = openvpc_model::PREFIX_LIST_VERSIONS_MAX as i64;
    for version in 1..=kept {
        let entry = json!([{"Cidr": "10.1.0.0/16", "Description": version.to_string()}]);
        let edit = json!({"PrefixListId": id, "CurrentVersion": version, "AddEntries": entry});
        bench.ok("ModifyManagedPrefixList", edit);
    }
    let ask = |version: i64| json!({"PrefixListId": id, "TargetVersion": version});
    assert_eq!(
        bench.refused("GetManagedPrefixListEntries", ask(1)),
        "InvalidParameterValue"
    );
    let second = bench.ok("GetManagedPrefixListEntries", ask(2));
    assert_eq!(second["Entries"][0]["Description"], "1");
}

#[test]
fn pl_2_lists_of_aws_are_shown_and_not_to_be_changed() {
    let mut bench = Bench::new();
    let own = list(&mut bench, 3, &["10.1.0.0/16"]);
    let all = bench.ok("DescribeManagedPrefixLists", json!({}));
    assert_eq!(count(&all, "PrefixLists"), 3);
    let s3 = seen(&mut bench, S3);
    assert_eq!(s3["PrefixListName"], "com.amazonaws.us-east-1.s3");
    assert_eq!(s3["OwnerId"], "AWS");
    assert!(s3.get("Version").is_none() && s3.get("MaxEntries").is_none());
    assert_eq!(cidrs(&mut bench, S3), ["198.18.10.0/24"]);
    assert_eq!(cidrs(&mut bench, DYNAMODB), ["198.18.20.0/24"]);

    for (name, value, found) in [
        ("owner-id", "AWS", 2),
        ("owner-id", ACCOUNT, 1),
        ("prefix-list-name", "com.amazonaws.*.dynamodb", 1),
        ("prefix-list-id", own.as_str(), 1),
    ] {
        let filters = json!({"Filters": [{"Name": name, "Values": [value]}]});
        let seen = bench.ok("DescribeManagedPrefixLists", filters);
        assert_eq!(count(&seen, "PrefixLists"), found, "{name}={value}");
    }
    let of_aws = bench.ok("DescribePrefixLists", json!({}));
    assert_eq!(count(&of_aws, "PrefixLists"), 2);
    let own = json!({"PrefixListIds": [own]});
    assert_eq!(
        bench.refused("DescribePrefixLists", own),
        "InvalidPrefixListID.NotFound"
    );
    for (action, input) in [
        ("DeleteManagedPrefixList", json!({"PrefixListId": S3})),
        (
            "ModifyManagedPrefixList",
            json!({"PrefixListId": S3, "PrefixListName": "mine"}),
        ),
    ] {
        assert_eq!(bench.refused(action, input), "OperationNotPermitted");
    }
}

#[test]
fn another_accounts_list_does_not_exist() {
    let mut bench = Bench::new();
    let id = list(&mut bench, 3, &["10.1.0.0/16"]);
    bench.account = "210987654321".parse().unwrap();
    let named = json!({"PrefixListId": id});
    for action in [
        "GetManagedPrefixListEntries",
        "DeleteManagedPrefixList",
        "GetManagedPrefixListAssociations",
    ] {
        assert_eq!(
            bench.refused(action, named.clone()),
            "InvalidPrefixListID.NotFound"
        );
    }
    let group = group(&mut bench);
    let refused = bench.refused("AuthorizeSecurityGroupIngress", rule(&group, 80, &id));
    assert_eq!(refused, "InvalidPrefixListID.NotFound");
}

#[test]
fn pl_3_a_rule_names_a_list_and_keeps_it_from_deletion() {
    let mut bench = Bench::new();
    let (id, group) = (list(&mut bench, 3, &["10.1.0.0/16"]), group(&mut bench));
    let made = bench.ok("AuthorizeSecurityGroupIngress", rule(&group, 80, &id));
    assert_eq!(made["SecurityGroupRules"][0]["PrefixListId"], id);
    let again = bench.refused("AuthorizeSecurityGroupIngress", rule(&group, 80, &id));
    assert_eq!(again, "InvalidPermission.Duplicate");
    let filter = json!({"Filters": [{"Name": "ip-permission.prefix-list-id", "Values": [id]}]});
    let seen = bench.ok("DescribeSecurityGroups", filter);
    let peers = &seen["SecurityGroups"][0]["IpPermissions"][0]["PrefixListIds"];
    assert_eq!(
        *peers,
        json!([{"PrefixListId": id, "Description": "by list"}])
    );

    let named = json!({"PrefixListId": id});
    let users = bench.ok("GetManagedPrefixListAssociations", named.clone());
    let user = json!({"ResourceId": group, "ResourceOwner": ACCOUNT});
    assert_eq!(users["PrefixListAssociations"], json!([user]));
    let refused = bench.refused("DeleteManagedPrefixList", named.clone());
    assert_eq!(refused, "DependencyViolation");
    bench.ok("RevokeSecurityGroupIngress", rule(&group, 80, &id));
    bench.ok("DeleteManagedPrefixList", named);

    bench.ok("AuthorizeSecurityGroupEgress", rule(&group, 443, S3));
    let rules = bench.ok("DescribeSecurityGroupRules", json!({}));
    let rules = rules["SecurityGroupRules"].as_array().unwrap();
    let by_list: Vec<_> = rules.iter().filter(|r| r["PrefixListId"] == S3).collect();
    assert_eq!(by_list.len(), 1);
    let modify = json!({"GroupId": group, "SecurityGroupRules": [{
        "SecurityGroupRuleId": by_list[0]["SecurityGroupRuleId"],
        "SecurityGroupRule": {"IpProtocol": "-1", "PrefixListId": DYNAMODB},
    }]});
    bench.ok("ModifySecurityGroupRules", modify);
}

#[test]
fn sg_11_a_list_weighs_what_it_may_hold_one_of_aws_one() {
    let mut bench = Bench::new();
    let (id, group) = (list(&mut bench, 59, &[]), group(&mut bench));
    let action = "AuthorizeSecurityGroupIngress";
    bench.ok(action, rule(&group, 80, &id));
    bench.ok(action, rule(&group, 80, S3));
    let code = "RulesPerSecurityGroupLimitExceeded";
    assert_eq!(bench.refused(action, rule(&group, 81, S3)), code);
    let grow = json!({"PrefixListId": id, "MaxEntries": 60});
    let refused = bench.refused("ModifyManagedPrefixList", grow);
    assert_eq!(refused, "InvalidPrefixListModification");
    bench.ok(
        "ModifyManagedPrefixList",
        json!({"PrefixListId": id, "MaxEntries": 58}),
    );
    bench.ok(action, rule(&group, 81, S3));
}

#[test]
fn pl_3_a_route_leads_to_every_block_of_a_list() {
    let mut bench = Bench::new();
    let id = list(&mut bench, 3, &["192.168.0.0/16"]);
    let (table, igw) = table(&mut bench);
    bench.ok("CreateRoute", route(&table, &id, &igw));
    bench.ok("CreateRoute", route(&table, &id, &igw));
    let filter = json!({"Filters": [{"Name": "route.destination-prefix-list-id", "Values": [id]}]});
    let seen = bench.ok("DescribeRouteTables", filter);
    let shown = json!({
        "DestinationPrefixListId": id, "GatewayId": igw, "Origin": "CreateRoute", "State": "active",
    });
    assert_eq!(seen["RouteTables"][0]["Routes"][1], shown);
    let named = json!({"PrefixListId": id});
    assert_eq!(
        bench.refused("DeleteManagedPrefixList", named.clone()),
        "DependencyViolation"
    );
    bench.ok(
        "DeleteRoute",
        json!({"RouteTableId": table, "DestinationPrefixListId": id}),
    );
    let gone = json!({"RouteTableId": table, "DestinationPrefixListId": id});
    assert_eq!(bench.refused("DeleteRoute", gone), "InvalidRoute.NotFound");
    bench.ok("DeleteManagedPrefixList", named);
}

#[test]
fn rt_4_8_and_12_hold_for_the_blocks_of_a_list() {
    let mut bench = Bench::new();
    let (table, igw) = table(&mut bench);
    let inside = list(&mut bench, 3, &["192.168.0.0/16", "10.0.1.0/24"]);
    assert_eq!(
        bench.refused("CreateRoute", route(&table, &inside, &igw)),
        "InvalidParameterValue"
    );
    let services = list(&mut bench, 3, &["169.254.169.0/24"]);
    let services = route(&table, &services, &igw);
    assert_eq!(
        bench.refused("CreateRoute", services),
        "InvalidParameterValue"
    );
    let heavy = list(&mut bench, 51, &[]);
    assert_eq!(
        bench.refused("CreateRoute", route(&table, &heavy, &igw)),
        "RouteLimitExceeded"
    );
    let unknown = route(&table, "pl-00000000000000001", &igw);
    assert_eq!(
        bench.refused("CreateRoute", unknown),
        "InvalidPrefixListID.NotFound"
    );
    let malformed = route(&table, "pl-x", &igw);
    assert_eq!(
        bench.refused("CreateRoute", malformed),
        "InvalidPrefixListId.Malformed"
    );
    bench.ok(
        "AssociateRouteTable",
        json!({"RouteTableId": table, "GatewayId": igw}),
    );
    let vpc = bench.ok("DescribeRouteTables", json!({"RouteTableIds": [table]}));
    let subnet = json!({"VpcId": vpc["RouteTables"][0]["VpcId"], "CidrBlock": "10.0.9.0/24"});
    let subnet = text(&bench.ok("CreateSubnet", subnet), "/Subnet/SubnetId");
    let eni = bench.place_interface(&subnet, "10.0.9.9").id;
    let edge =
        json!({"RouteTableId": table, "DestinationPrefixListId": S3, "NetworkInterfaceId": eni});
    assert_eq!(bench.refused("CreateRoute", edge), "InvalidParameterValue");
}

#[test]
fn eo_7_an_egress_only_gateway_takes_lists_of_ipv6_only() {
    let mut bench = Bench::new();
    let (table, _) = table(&mut bench);
    let seen = bench.ok("DescribeRouteTables", json!({"RouteTableIds": [table]}));
    let vpc = json!({"VpcId": seen["RouteTables"][0]["VpcId"]});
    let gateway = bench.ok("CreateEgressOnlyInternetGateway", vpc);
    let gateway = gateway["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"].clone();
    let ipv6 = json!({"PrefixListName": "six", "AddressFamily": "IPv6", "MaxEntries": 2});
    let ipv6 = bench.ok("CreateManagedPrefixList", ipv6);
    let ipv4 = list(&mut bench, 2, &[]);
    let route = |list: &Value| json!({"RouteTableId": table, "DestinationPrefixListId": list, "EgressOnlyInternetGatewayId": gateway});
    assert_eq!(
        bench.refused("CreateRoute", route(&json!(ipv4))),
        "InvalidParameterValue"
    );
    bench.ok("CreateRoute", route(&ipv6["PrefixList"]["PrefixListId"]));
}
