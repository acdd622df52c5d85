//! VPC user guide, "Middlebox routing" and "NAT instances": an instance that forwards what is not meant for it.

use crate::support::{Network, Privilege, User};

/// Routes 10.0.1.0/24 → 10.0.2.0/24 and back by a middlebox with an interface in each (`RT-4`).
fn a_middlebox_forwards_between_subnets(privilege: Privilege) {
    let user = User::of_new_daemon(privilege);
    let Network {
        vpc,
        subnets: [one, two],
        group,
    } = user.network();
    let a = user.launch(&format!(
        "--subnet-id {one} --security-group-ids {group} --private-ip-address 10.0.1.10"
    ));
    let b = user.launch(&format!(
        "--subnet-id {two} --security-group-ids {group} --private-ip-address 10.0.2.10"
    ));
    let middle = user.launch(&format!(
        "--network-interfaces DeviceIndex=0,SubnetId={one},Groups={group},PrivateIpAddress=10.0.1.99 DeviceIndex=1,SubnetId={two},Groups={group},PrivateIpAddress=10.0.2.99"
    ));
    user.soon(&middle, "ip -4 addr show eth1 | grep 10.0.2.99/24");
    let eni = |address: &str| {
        let words = format!(
            "ec2 describe-network-interfaces --filters Name=private-ip-address,Values={address}"
        );
        user.text(&words, "/NetworkInterfaces/0/NetworkInterfaceId")
    };
    let (left, right) = (eni("10.0.1.99"), eni("10.0.2.99"));
    for (subnet, destination, by) in [(&one, "10.0.2.0/24", &left), (&two, "10.0.1.0/24", &right)] {
        let table = user.text(
            &format!("ec2 create-route-table --vpc-id {vpc}"),
            "/RouteTable/RouteTableId",
        );
        user.aws(&format!(
            "ec2 associate-route-table --route-table-id {table} --subnet-id {subnet}"
        ));
        user.aws(&format!(
            "ec2 create-route --route-table-id {table} --destination-cidr-block {destination} --network-interface-id {by}"
        ));
    }
    // Forwarding is a setting of the instance's own network.
    let outside = || std::fs::read_to_string("/proc/sys/net/ipv4/ip_forward").unwrap();
    let before = outside();
    user.ok(&middle, "sysctl -w net.ipv4.ip_forward=1");
    assert_eq!(outside(), before, "the machine's own setting");
    assert_eq!(
        user.ok(&a, "cat /proc/sys/net/ipv4/ip_forward"),
        before.trim(),
        "another instance's"
    );

    let check = |eni: &str, on: bool| {
        let flag = if on { "" } else { "no-" };
        user.aws(&format!(
            "ec2 modify-network-interface-attribute --network-interface-id {eni} --{flag}source-dest-check"
        ));
    };
    assert!(!user.pings(&a, "10.0.2.10"), "both interfaces check");
    check(&left, false);
    assert!(!user.pings(&a, "10.0.2.10"), "the second interface checks");
    check(&right, false);
    assert!(user.pings(&a, "10.0.2.10"));
    assert!(user.pings(&b, "10.0.1.10"));
    user.ok(&middle, "sysctl -w net.ipv4.ip_forward=0");
    assert!(!user.pings(&a, "10.0.2.10"), "nobody forwards");
    user.ok(&middle, "sysctl -w net.ipv4.ip_forward=1");
    assert!(user.pings(&a, "10.0.2.10"));
    check(&left, true);
    assert!(!user.pings(&a, "10.0.2.10"), "checked again");
}

#[test]
fn a_middlebox_forwards_between_subnets_as_whoever_runs_this() {
    a_middlebox_forwards_between_subnets(Privilege::Own);
}

#[test]
fn a_middlebox_forwards_between_subnets_without_privileges() {
    a_middlebox_forwards_between_subnets(Privilege::Rootless);
}
