use serde_json::json;

use crate::testing::{Bench, text};

#[test]
fn vpc_3_a_vpc_is_pending_at_first_and_available_when_described() {
    let mut bench = Bench::new();
    let made = bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
    assert_eq!(text(&made, "/Vpc/State"), "pending");
    let id = text(&made, "/Vpc/VpcId");
    let seen = bench.ok("DescribeVpcs", json!({"VpcIds": [id]}));
    assert_eq!(text(&seen, "/Vpcs/0/State"), "available");
}
