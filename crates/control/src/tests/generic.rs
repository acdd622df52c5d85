//! What every call shares (spec 06 §1): owners, dry runs, client tokens, filters, paging.

use serde_json::{Value, json};

use crate::testing::{Bench, count, text};

fn name_filter(name: &str, values: &[&str]) -> Value {
    json!({"Filters": [{"Name": name, "Values": values}]})
}

#[test]
fn every_action_listed_is_in_the_services_model() {
    for (name, _) in crate::ACTIONS.iter().copied().flatten() {
        let known = openvpc_ec2::generated::EC2.knows(name);
        assert!(known, "{name}");
    }
}

#[test]
fn an_action_that_is_not_built_says_so() {
    let mut bench = Bench::new();
    let is_built = |name: &str| {
        let mut all = crate::ACTIONS.iter().copied().flatten();
        all.any(|(built, _)| *built == name)
    };
    let all = openvpc_ec2::generated::EC2.actions.iter();
    let Some(action) = all.map(|action| action.name).find(|name| !is_built(name)) else {
        return;
    };
    let refusal = bench.refusal(action, json!({}));
    assert_eq!(refusal.code(), "UnsupportedOperation");
    assert!(refusal.message().contains(action));
}

#[test]
fn a_region_that_is_not_served_is_refused() {
    let mut bench = Bench::new();
    bench.region = "mars-north-1".to_owned();
    assert_eq!(
        bench.refused("DescribeVpcs", json!({})),
        "InvalidParameterValue"
    );
}

#[test]
fn each_account_and_region_has_its_own_default_vpc_once() {
    let mut bench = Bench::new();
    let first = bench.ok("DescribeVpcs", json!({}));
    assert_eq!(count(&first, "Vpcs"), 1);
    let revision = bench.world.clone();
    assert_eq!(bench.ok("DescribeVpcs", json!({})), first);
    let unchanged = bench.judge("DescribeVpcs", json!({})).unwrap().events;
    assert!(
        unchanged.is_empty(),
        "a Describe writes nothing after the first call"
    );
    assert_eq!(revision.regions, bench.world.regions);

    bench.account = "210987654321".parse().unwrap();
    let other = bench.ok("DescribeVpcs", json!({}));
    assert_ne!(text(&other, "/Vpcs/0/VpcId"), text(&first, "/Vpcs/0/VpcId"));
    bench.region = "us-west-2".to_owned();
    let elsewhere = bench.ok("DescribeVpcs", json!({}));
    assert_ne!(
        text(&elsewhere, "/Vpcs/0/VpcId"),
        text(&other, "/Vpcs/0/VpcId")
    );
}

#[test]
fn anothers_resource_is_not_found() {
    let mut bench = Bench::new();
    let vpc = text(
        &bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"})),
        "/Vpc/VpcId",
    );
    bench.account = "210987654321".parse().unwrap();
    for (action, input) in [
        ("DescribeVpcs", json!({"VpcIds": [vpc]})),
        ("DeleteVpc", json!({"VpcId": vpc})),
        (
            "CreateSubnet",
            json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/24"}),
        ),
        (
            "ModifyVpcAttribute",
            json!({"VpcId": vpc, "EnableDnsSupport": {"Value": false}}),
        ),
    ] {
        assert_eq!(
            bench.refused(action, input),
            "InvalidVpcID.NotFound",
            "{action}"
        );
    }
    let tag = json!({"Resources": [vpc], "Tags": [{"Key": "a", "Value": "b"}]});
    assert_eq!(bench.refused("CreateTags", tag), "InvalidVpcID.NotFound");
    assert_eq!(
        count(
            &bench.ok("DescribeVpcs", name_filter("vpc-id", &[&vpc])),
            "Vpcs"
        ),
        0
    );
}

#[test]
fn ids_are_malformed_or_not_found() {
    let mut bench = Bench::new();
    for (action, member, noun) in [
        ("DescribeVpcs", "VpcIds", "vpc"),
        ("DescribeSubnets", "SubnetIds", "subnet"),
        ("DescribeRouteTables", "RouteTableIds", "rtb"),
        ("DescribeInternetGateways", "InternetGatewayIds", "igw"),
        ("DescribeDhcpOptions", "DhcpOptionsIds", "dopt"),
        ("DescribeAddresses", "AllocationIds", "eipalloc"),
    ] {
        let unknown = json!({member: [format!("{noun}-0123456789abcdef0")]});
        let code = bench.refused(action, unknown);
        assert!(code.ends_with(".NotFound"), "{action} {code}");
        let refusal = bench.refusal(action, json!({member: ["x"]}));
        assert!(refusal.code().ends_with(".Malformed"), "{action} {refusal}");
        assert_eq!(
            refusal.message(),
            format!("Invalid id: \"x\" (expecting \"{noun}-...\")")
        );
    }
}

#[test]
fn a_dry_run_changes_nothing_and_says_what_would_have_been() {
    let mut bench = Bench::new();
    bench.ok("DescribeVpcs", json!({}));
    let before = bench.world.clone();
    let fine = json!({"CidrBlock": "10.0.0.0/16", "DryRun": true});
    assert_eq!(bench.refused("CreateVpc", fine), "DryRunOperation");
    let wrong = json!({"CidrBlock": "10.0.0.0/8", "DryRun": true});
    assert_eq!(bench.refused("CreateVpc", wrong), "InvalidVpc.Range");
    assert_eq!(
        bench.refused("DescribeVpcs", json!({"DryRun": true})),
        "DryRunOperation"
    );
    assert_eq!(bench.world, before);
}

#[test]
fn a_client_token_gets_one_resource() {
    let mut bench = Bench::new();
    let vpc = text(
        &bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"})),
        "/Vpc/VpcId",
    );
    let input = json!({"VpcId": vpc, "ClientToken": "once"});
    let first = bench.ok("CreateRouteTable", input.clone());
    assert_eq!(text(&first, "/ClientToken"), "once");
    assert_eq!(bench.ok("CreateRouteTable", input.clone()), first);
    assert_eq!(
        count(
            &bench.ok("DescribeRouteTables", name_filter("vpc-id", &[&vpc])),
            "RouteTables"
        ),
        2
    );

    let other = text(
        &bench.ok("CreateVpc", json!({"CidrBlock": "10.1.0.0/16"})),
        "/Vpc/VpcId",
    );
    let changed = json!({"VpcId": other, "ClientToken": "once"});
    assert_eq!(
        bench.refused("CreateRouteTable", changed),
        "IdempotentParameterMismatch"
    );
    let long = json!({"VpcId": vpc, "ClientToken": "x".repeat(65)});
    assert_eq!(
        bench.refused("CreateRouteTable", long),
        "InvalidParameterValue"
    );
    bench.ok(
        "CreateRouteTable",
        json!({"VpcId": vpc, "ClientToken": "twice"}),
    );

    bench.account = "210987654321".parse().unwrap();
    let theirs = text(&bench.ok("DescribeVpcs", json!({})), "/Vpcs/0/VpcId");
    bench.ok(
        "CreateRouteTable",
        json!({"VpcId": theirs, "ClientToken": "once"}),
    );
}

#[test]
fn a_client_token_of_a_dry_run_is_not_used_up() {
    let mut bench = Bench::new();
    let vpc = text(
        &bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"})),
        "/Vpc/VpcId",
    );
    let dry = json!({"VpcId": vpc, "ClientToken": "once", "DryRun": true});
    assert_eq!(bench.refused("CreateRouteTable", dry), "DryRunOperation");
    bench.ok(
        "CreateRouteTable",
        json!({"VpcId": vpc, "ClientToken": "once"}),
    );
}

#[test]
fn filters_or_their_values_and_and_each_other() {
    let mut bench = Bench::new();
    for (cidr, name, stage) in [
        ("10.1.0.0/16", "web-1", "prod"),
        ("10.2.0.0/16", "web-2", "test"),
        ("10.3.0.0/16", "Web*", "test"),
    ] {
        let tags = json!([{"Key": "Name", "Value": name}, {"Key": "stage", "Value": stage}]);
        let specification = json!([{"ResourceType": "vpc", "Tags": tags}]);
        bench.ok(
            "CreateVpc",
            json!({"CidrBlock": cidr, "TagSpecifications": specification}),
        );
    }
    type Asked = &'static [(&'static str, &'static [&'static str])];
    let cases: &[(Asked, &[&str])] = &[
        (&[("tag:Name", &["web-1"])], &["10.1.0.0/16"]),
        (&[("tag:Name", &["web-?"])], &["10.1.0.0/16", "10.2.0.0/16"]),
        (&[("tag:Name", &["Web\\*"])], &["10.3.0.0/16"]),
        (&[("tag:Name", &["web"])], &[]),
        (
            &[("tag:Name", &["web-1", "web-2"]), ("tag:stage", &["test"])],
            &["10.2.0.0/16"],
        ),
        (
            &[("tag-key", &["stage"])],
            &["10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"],
        ),
        (&[("tag-key", &["Stage"])], &[]),
        (&[("cidr", &["10.[12].0.0/16"])], &[]),
        (
            &[("cidr", &["10.1.*", "10.2.*"]), ("is-default", &["false"])],
            &["10.1.0.0/16", "10.2.0.0/16"],
        ),
        (&[("vpc-id", &["vpc-00000000000000000"])], &[]),
        (&[("is-default", &["true"])], &["172.31.0.0/16"]),
    ];
    for (filters, wanted) in cases {
        let filters: Value = filters
            .iter()
            .map(|(n, v)| json!({"Name": n, "Values": v}))
            .collect();
        let seen = bench.ok("DescribeVpcs", json!({"Filters": filters}));
        let seen = seen["Vpcs"].as_array().unwrap().iter();
        let mut seen: Vec<_> = seen.map(|v| text(v, "/CidrBlock")).collect();
        seen.sort();
        assert_eq!(seen, *wanted, "{filters}");
    }
}

#[test]
fn filters_that_make_no_sense_are_refused() {
    let mut bench = Bench::new();
    let refusal = bench.refusal("DescribeVpcs", name_filter("colour", &["red"]));
    assert_eq!(refusal.code(), "InvalidParameterValue");
    assert_eq!(refusal.message(), "The filter 'colour' is invalid");
    assert_eq!(
        bench.refused("DescribeVpcs", name_filter("tag:", &["x"])),
        "InvalidParameterValue"
    );
    assert_eq!(
        bench.refused("DescribeVpcs", name_filter("vpc-id", &[])),
        "MissingParameter"
    );
    assert_eq!(
        bench.refused("DescribeVpcs", name_filter("", &["x"])),
        "MissingParameter"
    );
    let many = vec!["x"; 201];
    assert_eq!(
        bench.refused("DescribeVpcs", name_filter("vpc-id", &many)),
        "FilterLimitExceeded"
    );
}

#[test]
fn pages_cover_a_list_once_even_while_it_changes() {
    let mut bench = Bench::new();
    let vpc = text(
        &bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"})),
        "/Vpc/VpcId",
    );
    let mut made: Vec<String> = (0..23)
        .map(|n| {
            let input = json!({"VpcId": vpc, "CidrBlock": format!("10.0.{n}.0/24")});
            text(&bench.ok("CreateSubnet", input), "/Subnet/SubnetId")
        })
        .collect();
    made.sort();
    let mut input = json!({"MaxResults": 10, "Filters": [{"Name": "vpc-id", "Values": [vpc]}]});
    let mut seen = Vec::new();
    loop {
        let page = bench.ok("DescribeSubnets", input.clone());
        let ids = page["Subnets"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| text(s, "/SubnetId"));
        seen.extend(ids);
        let Some(token) = page.get("NextToken") else {
            break;
        };
        input["NextToken"] = token.clone();
        if seen.len() == 10 {
            bench.ok("DeleteSubnet", json!({"SubnetId": seen[9]}));
        }
    }
    assert_eq!(seen, made);
}

#[test]
fn a_full_last_page_has_no_token() {
    let mut bench = Bench::new();
    let page = bench.ok("DescribeSubnets", json!({"MaxResults": 6}));
    assert_eq!(count(&page, "Subnets"), 6);
    assert!(page.get("NextToken").is_none());
}

#[test]
fn a_page_is_of_a_size_and_a_token_of_a_question() {
    let mut bench = Bench::new();
    for (action, size) in [
        ("DescribeVpcs", 4),
        ("DescribeVpcs", 1001),
        ("DescribeRouteTables", 101),
        ("DescribeTags", 4),
    ] {
        let code = bench.refused(action, json!({"MaxResults": size}));
        assert_eq!(code, "InvalidParameterValue", "{action} {size}");
    }
    let page = bench.ok("DescribeSubnets", json!({"MaxResults": 5}));
    let token = text(&page, "/NextToken");
    bench.ok(
        "DescribeSubnets",
        json!({"MaxResults": 5, "NextToken": token}),
    );
    let mut other = name_filter("vpc-id", &["*"]);
    other["NextToken"] = json!(token);
    assert_eq!(bench.refused("DescribeSubnets", other), "InvalidNextToken");
    for token in ["x", "AAAAAAAAAAAAAAAAAAAAAAAA", "é"] {
        assert_eq!(
            bench.refused("DescribeSubnets", json!({"NextToken": token})),
            "InvalidNextToken"
        );
    }
    bench.region = "eu-west-1".to_owned();
    assert_eq!(
        bench.refused("DescribeSubnets", json!({"NextToken": token})),
        "InvalidNextToken"
    );
}

#[test]
fn a_refused_call_leaves_nothing_behind() {
    let mut bench = Bench::new();
    bench.ok("DescribeVpcs", json!({}));
    let before = bench.world.clone();
    let bad_tag = json!([{"ResourceType": "vpc", "Tags": [{"Key": "aws:x", "Value": ""}]}]);
    let input = json!({"CidrBlock": "10.0.0.0/16", "TagSpecifications": bad_tag});
    assert_eq!(bench.refused("CreateVpc", input), "InvalidTagKey.Malformed");
    assert_eq!(bench.world, before);
}

#[test]
fn the_same_calls_make_the_same_world() {
    let run = || {
        let mut bench = Bench::new();
        let made = bench.ok(
            "CreateVpc",
            json!({"CidrBlock": "10.0.0.0/16", "AmazonProvidedIpv6CidrBlock": true}),
        );
        bench.ok(
            "CreateSubnet",
            json!({"VpcId": made["Vpc"]["VpcId"], "CidrBlock": "10.0.1.0/24"}),
        );
        bench.ok("AllocateAddress", json!({}));
        bench.world
    };
    assert_eq!(run(), run());
}
