//! 00 §13: quotas that no test of a resource fills, since they are large; here they are two.

use serde_json::json;

use crate::testing::{Bench, text};

#[test]
fn what_is_over_its_quota_is_refused_by_name() {
    let mut bench = Bench::new();
    let quotas = &mut bench.settings.quotas;
    quotas.route_tables_per_vpc = 2;
    quotas.network_acls_per_vpc = 2;
    quotas.security_groups_per_region = 2;
    quotas.interfaces_per_region = 2;
    quotas.prefix_lists_per_region = 2;
    // The default VPC has a group of its own, and the new one has a table, an ACL and a group.
    let vpc = text(
        &bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"})),
        "/Vpc/VpcId",
    );
    let subnet = json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/24"});
    let subnet = text(&bench.ok("CreateSubnet", subnet), "/Subnet/SubnetId");
    let list =
        |name: &str| json!({"PrefixListName": name, "MaxEntries": 1, "AddressFamily": "IPv4"});
    for (action, input, room, code) in [
        (
            "CreateRouteTable",
            json!({"VpcId": vpc}),
            1,
            "RouteTableLimitExceeded",
        ),
        (
            "CreateNetworkAcl",
            json!({"VpcId": vpc}),
            1,
            "NetworkAclLimitExceeded",
        ),
        (
            "CreateSecurityGroup",
            json!({"VpcId": vpc, "GroupName": "g", "Description": "d"}),
            0,
            "SecurityGroupLimitExceeded",
        ),
        (
            "CreateNetworkInterface",
            json!({"SubnetId": subnet}),
            2,
            "NetworkInterfaceLimitExceeded",
        ),
        (
            "CreateManagedPrefixList",
            list("l"),
            2,
            "PrefixListLimitExceeded",
        ),
    ] {
        for _ in 0..room {
            bench.ok(action, input.clone());
        }
        assert_eq!(bench.refused(action, input), code);
    }
}

#[test]
fn a_quota_is_set_by_its_name() {
    let mut quotas = crate::Settings::default().quotas;
    quotas.set("vpcs-per-region", 100).unwrap();
    assert_eq!(quotas.vpcs_per_region, 100);
    assert_eq!(quotas.subnets_per_vpc, 200, "the others stay");
    let refusal = quotas.set("vpcs", 100).unwrap_err();
    assert!(refusal.contains("vpcs-per-region"), "{refusal}");
}
