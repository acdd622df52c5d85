use serde_json::{Value, json};

use crate::testing::{Bench, count, text};

fn vpc(bench: &mut Bench) -> String {
    text(
        &bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"})),
        "/Vpc/VpcId",
    )
}

fn tags_of(bench: &mut Bench, vpc: &str) -> Value {
    bench.ok("DescribeVpcs", json!({"VpcIds": [vpc]}))["Vpcs"][0]["Tags"].clone()
}

#[test]
fn every_creation_takes_tags_of_its_own_type() {
    let mut bench = Bench::new();
    let id = vpc(&mut bench);
    for (action, mut input, kind) in [
        ("CreateVpc", json!({"CidrBlock": "10.1.0.0/16"}), "vpc"),
        (
            "CreateSubnet",
            json!({"VpcId": id, "CidrBlock": "10.0.1.0/24"}),
            "subnet",
        ),
        ("CreateRouteTable", json!({"VpcId": id}), "route-table"),
        ("CreateInternetGateway", json!({}), "internet-gateway"),
        ("AllocateAddress", json!({}), "elastic-ip"),
        (
            "CreateDhcpOptions",
            json!({"DhcpConfigurations": [{"Key": "domain-name", "Values": ["x"]}]}),
            "dhcp-options",
        ),
    ] {
        let tags = json!([{"Key": "made-by", "Value": action}]);
        input["TagSpecifications"] = json!([{"ResourceType": "flow-log", "Tags": tags}]);
        let refusal = bench.refusal(action, input.clone());
        assert_eq!(refusal.code(), "InvalidParameterValue");
        assert_eq!(
            refusal.message(),
            "'flow-log' is not a valid taggable resource type for this operation."
        );
        input["TagSpecifications"] = json!([{"ResourceType": kind, "Tags": []}]);
        let refusal = bench.refusal(action, input.clone());
        assert_eq!(
            refusal.message(),
            "Tag specification must have at least one tag"
        );
        input["TagSpecifications"] = json!([{"ResourceType": kind, "Tags": tags}]);
        bench.ok(action, input);
        let filter = json!({"Filters": [{"Name": "value", "Values": [action]}]});
        let seen = bench.ok("DescribeTags", filter);
        assert_eq!(count(&seen, "Tags"), 1, "{action}");
        assert_eq!(text(&seen, "/Tags/0/ResourceType"), kind);
    }
}

#[test]
fn tags_come_and_go() {
    let mut bench = Bench::new();
    let id = vpc(&mut bench);
    let set =
        |key: &str, value: &str| json!({"Resources": [id], "Tags": [{"Key": key, "Value": value}]});
    bench.ok("CreateTags", set("a", "1"));
    bench.ok("CreateTags", set("a", "2"));
    bench.ok("CreateTags", set("b", ""));
    let both = json!([{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}]);
    assert_eq!(tags_of(&mut bench, &id), both);

    bench.ok("DeleteTags", set("a", "1"));
    assert_eq!(tags_of(&mut bench, &id), both, "another value stays");
    bench.ok(
        "DeleteTags",
        json!({"Resources": [id], "Tags": [{"Key": "a"}]}),
    );
    assert_eq!(tags_of(&mut bench, &id), json!([{"Key": "b", "Value": ""}]));
    bench.ok("DeleteTags", json!({"Resources": [id]}));
    assert_eq!(tags_of(&mut bench, &id), json!([]));
    assert_eq!(count(&bench.ok("DescribeTags", json!({})), "Tags"), 0);
}

#[test]
fn tags_of_a_deleted_resource_are_gone() {
    let mut bench = Bench::new();
    let id = vpc(&mut bench);
    bench.ok(
        "CreateTags",
        json!({"Resources": [id], "Tags": [{"Key": "a", "Value": "1"}]}),
    );
    bench.ok("DeleteVpc", json!({"VpcId": id}));
    assert_eq!(count(&bench.ok("DescribeTags", json!({})), "Tags"), 0);
}

#[test]
fn tags_have_bounds() {
    let mut bench = Bench::new();
    let id = vpc(&mut bench);
    let long_key = "k".repeat(129);
    let long_value = "v".repeat(257);
    for (tags, code) in [
        (
            json!([{"Key": "aws:x", "Value": "1"}]),
            "InvalidTagKey.Malformed",
        ),
        (
            json!([{"Key": "AWS:x", "Value": "1"}]),
            "InvalidTagKey.Malformed",
        ),
        (
            json!([{"Key": "", "Value": "1"}]),
            "InvalidTagKey.Malformed",
        ),
        (
            json!([{"Key": long_key, "Value": "1"}]),
            "InvalidTagKey.Malformed",
        ),
        (
            json!([{"Key": "k", "Value": long_value}]),
            "InvalidParameterValue",
        ),
        (
            json!([{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]),
            "InvalidParameterValue",
        ),
        (json!([]), "MissingParameter"),
    ] {
        let input = json!({"Resources": [id], "Tags": tags});
        assert_eq!(bench.refused("CreateTags", input.clone()), code, "{input}");
    }
    let fifty: Value = (0..50)
        .map(|n| json!({"Key": format!("k{n}"), "Value": ""}))
        .collect();
    bench.ok("CreateTags", json!({"Resources": [id], "Tags": fifty}));
    bench.ok(
        "CreateTags",
        json!({"Resources": [id], "Tags": [{"Key": "k0", "Value": "again"}]}),
    );
    let one_more = json!({"Resources": [id], "Tags": [{"Key": "k50", "Value": ""}]});
    assert_eq!(bench.refused("CreateTags", one_more), "TagLimitExceeded");
    let unicode = "é".repeat(128);
    let other = json!({"Resources": [text(&bench.ok("CreateInternetGateway", json!({})), "/InternetGateway/InternetGatewayId")], "Tags": [{"Key": unicode, "Value": "x"}]});
    bench.ok("CreateTags", other);
}

#[test]
fn only_resources_that_exist_are_tagged() {
    let mut bench = Bench::new();
    for (id, code) in [
        ("x", "InvalidID"),
        ("vpc-1", "InvalidID"),
        ("rtbassoc-00000000000000001", "InvalidID"),
        ("vpc-00000000000000001", "InvalidVpcID.NotFound"),
        (
            "sgr-00000000000000001",
            "InvalidSecurityGroupRuleId.NotFound",
        ),
    ] {
        let input = json!({"Resources": [id], "Tags": [{"Key": "k", "Value": ""}]});
        assert_eq!(bench.refused("CreateTags", input), code, "{id}");
    }
    let none = json!({"Tags": [{"Key": "k", "Value": ""}]});
    assert_eq!(bench.refused("CreateTags", none), "MissingParameter");
}

#[test]
fn tags_are_described_by_filter_and_page() {
    let mut bench = Bench::new();
    let (one, two) = (
        vpc(&mut bench),
        text(
            &bench.ok("CreateInternetGateway", json!({})),
            "/InternetGateway/InternetGatewayId",
        ),
    );
    for id in [&one, &two] {
        let tags: Value = (0..4)
            .map(|n| json!({"Key": format!("k{n}"), "Value": format!("v{n}")}))
            .collect();
        bench.ok("CreateTags", json!({"Resources": [id], "Tags": tags}));
    }
    for (name, value, wanted) in [
        ("key", "k1", 2),
        ("value", "v*", 8),
        ("resource-id", one.as_str(), 4),
        ("resource-type", "internet-gateway", 4),
        ("tag:k1", "v1", 8),
    ] {
        let filter = json!({"Filters": [{"Name": name, "Values": [value]}]});
        assert_eq!(
            count(&bench.ok("DescribeTags", filter), "Tags"),
            wanted,
            "{name}"
        );
    }
    let first = bench.ok("DescribeTags", json!({"MaxResults": 5}));
    assert_eq!(count(&first, "Tags"), 5);
    let rest = bench.ok(
        "DescribeTags",
        json!({"MaxResults": 5, "NextToken": first["NextToken"]}),
    );
    assert_eq!(count(&rest, "Tags"), 3);
    assert!(rest.get("NextToken").is_none());
}

#[test]
fn rules_of_security_groups_are_tagged_too() {
    let mut bench = Bench::new();
    let id = vpc(&mut bench);
    let region = &bench.world.regions["us-east-1"];
    let group = region
        .security_groups
        .values()
        .find(|g| g.vpc.to_string() == id);
    let rule = group.unwrap().rules[0].id;
    let tags = json!([{"Key": "k", "Value": "v"}]);
    bench.ok("CreateTags", json!({"Resources": [rule], "Tags": tags}));
    let filter = json!({"Filters": [{"Name": "resource-type", "Values": ["security-group-rule"]}]});
    assert_eq!(count(&bench.ok("DescribeTags", filter), "Tags"), 1);
    bench.ok("DeleteVpc", json!({"VpcId": id}));
    assert!(bench.world.regions["us-east-1"].tags.is_empty());
}
