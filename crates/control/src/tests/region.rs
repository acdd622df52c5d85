use serde_json::json;

use crate::testing::{Bench, count, text};

#[test]
fn regions_are_listed_with_their_endpoints() {
    let mut bench = Bench::new();
    let all = bench.ok("DescribeRegions", json!({}));
    assert_eq!(count(&all, "Regions"), 17);
    let one = bench.ok("DescribeRegions", json!({"RegionNames": ["eu-west-1"]}));
    assert_eq!(
        one["Regions"],
        json!([{
            "RegionName": "eu-west-1",
            "Endpoint": "ec2.eu-west-1.amazonaws.com",
            "OptInStatus": "opt-in-not-required",
        }])
    );
    let filter = json!({"Filters": [{"Name": "region-name", "Values": ["us-*"]}]});
    assert_eq!(count(&bench.ok("DescribeRegions", filter), "Regions"), 4);
    let unknown = json!({"RegionNames": ["mars-north-1"]});
    assert_eq!(
        bench.refused("DescribeRegions", unknown),
        "InvalidParameterValue"
    );
}

#[test]
fn zones_are_those_of_the_region() {
    let mut bench = Bench::new();
    let filters = json!({"Filters": [
        {"Name": "state", "Values": ["available"]},
        {"Name": "opt-in-status", "Values": ["opt-in-not-required"]},
    ]});
    let zones = bench.ok("DescribeAvailabilityZones", filters);
    assert_eq!(count(&zones, "AvailabilityZones"), 6);
    assert_eq!(text(&zones, "/AvailabilityZones/0/ZoneName"), "us-east-1a");
    assert_eq!(text(&zones, "/AvailabilityZones/0/ZoneId"), "use1-az1");
    let by_id = bench.ok(
        "DescribeAvailabilityZones",
        json!({"ZoneIds": ["use1-az2"]}),
    );
    assert_eq!(text(&by_id, "/AvailabilityZones/0/ZoneName"), "us-east-1b");
    let foreign = json!({"ZoneNames": ["eu-west-1a"]});
    assert_eq!(
        bench.refused("DescribeAvailabilityZones", foreign),
        "InvalidParameterValue"
    );
}

#[test]
fn account_attributes_name_the_default_vpc() {
    let mut bench = Bench::new();
    let vpc = text(&bench.ok("DescribeVpcs", json!({})), "/Vpcs/0/VpcId");
    let input = json!({"AttributeNames": ["default-vpc", "supported-platforms"]});
    let seen = bench.ok("DescribeAccountAttributes", input);
    assert_eq!(
        seen["AccountAttributes"],
        json!([
            {"AttributeName": "supported-platforms", "AttributeValues": [{"AttributeValue": "VPC"}]},
            {"AttributeName": "default-vpc", "AttributeValues": [{"AttributeValue": vpc}]},
        ])
    );
    assert_eq!(
        count(
            &bench.ok("DescribeAccountAttributes", json!({})),
            "AccountAttributes"
        ),
        6
    );
}

#[test]
fn only_regions_that_are_served_are_opted_in() {
    let mut bench = Bench::new();
    let served = ["us-east-1".to_owned(), "eu-west-1".to_owned()];
    bench.settings = bench.settings.serving(&served).unwrap();
    let own = bench.ok("DescribeRegions", json!({}));
    assert_eq!(count(&own, "Regions"), 2);
    let all = bench.ok("DescribeRegions", json!({"AllRegions": true}));
    assert_eq!(count(&all, "Regions"), 17);
    let not_opted_in = json!({
        "AllRegions": true,
        "Filters": [{"Name": "opt-in-status", "Values": ["not-opted-in"]}],
    });
    assert_eq!(
        count(&bench.ok("DescribeRegions", not_opted_in), "Regions"),
        15
    );
    let other = json!({"RegionNames": ["sa-east-1"]});
    assert_eq!(
        bench.refused("DescribeRegions", other),
        "InvalidParameterValue"
    );
    let settings = crate::Settings::default;
    let unknown = settings().serving(&["mars-north-1".to_owned()]);
    assert!(
        unknown.unwrap_err().contains("us-east-1"),
        "tells what there is"
    );
    assert!(settings().serving(&[]).is_err());
}
