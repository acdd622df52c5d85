use serde_json::{Value, json};

use crate::testing::{Bench, count, text};

fn configuration(key: &str, values: &[&str]) -> Value {
    json!({"DhcpConfigurations": [{"Key": key, "Values": values}]})
}

#[test]
fn dhcp_1_keys_and_values() {
    let mut bench = Bench::new();
    let four = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"];
    let five = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"];
    let both = [
        "10.0.0.1",
        "2001:db8::1",
        "2001:db8::2",
        "2001:db8::3",
        "2001:db8::4",
    ];
    for (key, values, code) in [
        ("domain-name", &["example.com"][..], None),
        ("domain-name", &["a", "b"], Some("InvalidParameterValue")),
        ("domain-name", &["a;b"], Some("InvalidParameterValue")),
        ("domain-name-servers", &["AmazonProvidedDNS"], None),
        ("domain-name-servers", &four, None),
        ("domain-name-servers", &both, None),
        ("domain-name-servers", &five, Some("InvalidParameterValue")),
        (
            "domain-name-servers",
            &["dns.example.com"],
            Some("InvalidParameterValue"),
        ),
        ("ntp-servers", &four, None),
        ("ntp-servers", &five, Some("InvalidParameterValue")),
        ("netbios-name-servers", &four, None),
        (
            "netbios-name-servers",
            &["2001:db8::1"],
            Some("InvalidParameterValue"),
        ),
        ("netbios-node-type", &["2"], None),
        ("netbios-node-type", &["3"], Some("InvalidParameterValue")),
        ("ipv6-address-preferred-lease-time", &["140"], None),
        (
            "ipv6-address-preferred-lease-time",
            &["139"],
            Some("InvalidParameterValue"),
        ),
        ("colour", &["red"], Some("InvalidParameterValue")),
        ("domain-name", &[], Some("MissingParameter")),
    ] {
        let answer = bench.call("CreateDhcpOptions", configuration(key, values));
        let got = answer.err().map(|e| e.code().to_owned());
        assert_eq!(got.as_deref(), code, "{key} {values:?}");
    }
    assert_eq!(
        bench.refused("CreateDhcpOptions", json!({})),
        "MissingParameter"
    );
}

#[test]
fn dhcp_1_the_default_set_names_the_regions_domain() {
    for (region, domain) in [
        ("us-east-1", "ec2.internal"),
        ("eu-west-1", "eu-west-1.compute.internal"),
    ] {
        let mut bench = Bench::new();
        bench.region = region.to_owned();
        let seen = bench.ok("DescribeDhcpOptions", json!({}));
        assert_eq!(
            seen["DhcpOptions"][0]["DhcpConfigurations"],
            json!([
                {"Key": "domain-name", "Values": [{"Value": domain}]},
                {"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]},
            ])
        );
    }
}

#[test]
fn dhcp_2_a_set_in_force_stays_and_default_means_none() {
    let mut bench = Bench::new();
    let vpc = text(
        &bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"})),
        "/Vpc/VpcId",
    );
    let set = bench.ok(
        "CreateDhcpOptions",
        configuration("domain-name", &["example.com"]),
    );
    let set = text(&set, "/DhcpOptions/DhcpOptionsId");
    let in_force = |bench: &mut Bench| {
        text(
            &bench.ok("DescribeVpcs", json!({"VpcIds": [vpc]})),
            "/Vpcs/0/DhcpOptionsId",
        )
    };

    bench.ok(
        "AssociateDhcpOptions",
        json!({"DhcpOptionsId": set, "VpcId": vpc}),
    );
    assert_eq!(in_force(&mut bench), set);
    let delete = json!({"DhcpOptionsId": set});
    assert_eq!(
        bench.refused("DeleteDhcpOptions", delete.clone()),
        "DependencyViolation"
    );
    bench.ok(
        "AssociateDhcpOptions",
        json!({"DhcpOptionsId": "default", "VpcId": vpc}),
    );
    assert_eq!(in_force(&mut bench), "default");
    bench.ok("DeleteDhcpOptions", delete.clone());
    assert_eq!(
        bench.refused("DeleteDhcpOptions", delete),
        "InvalidDhcpOptionID.NotFound"
    );
    let unknown = json!({"DhcpOptionsId": set, "VpcId": vpc});
    assert_eq!(
        bench.refused("AssociateDhcpOptions", unknown),
        "InvalidDhcpOptionID.NotFound"
    );
}

#[test]
fn sets_are_found_by_key_and_value() {
    let mut bench = Bench::new();
    bench.ok(
        "CreateDhcpOptions",
        configuration("domain-name", &["example.com"]),
    );
    let filters = |value: &str| json!({"Filters": [{"Name": "key", "Values": ["domain-name"]}, {"Name": "value", "Values": [value]}]});
    assert_eq!(
        count(
            &bench.ok("DescribeDhcpOptions", filters("example.*")),
            "DhcpOptions"
        ),
        1
    );
    assert_eq!(
        count(
            &bench.ok("DescribeDhcpOptions", filters("*")),
            "DhcpOptions"
        ),
        2
    );
    assert_eq!(
        count(
            &bench.ok("DescribeDhcpOptions", filters("x")),
            "DhcpOptions"
        ),
        0
    );
}

/// A bound of ours, by account.
#[test]
fn there_are_so_many_sets_and_no_more() {
    let mut bench = Bench::new();
    bench.settings.quotas.dhcp_options_per_region = 3;
    let one = configuration("domain-name", &["example.com"]);
    // The default set counts.
    for _ in 0..2 {
        bench.ok("CreateDhcpOptions", one.clone());
    }
    assert_eq!(
        bench.refused("CreateDhcpOptions", one.clone()),
        "DhcpOptionsLimitExceeded"
    );
    bench.account = "210987654321".parse().unwrap();
    bench.ok("CreateDhcpOptions", one);
}
