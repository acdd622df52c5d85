//! EC2 user guide, "Elastic network interfaces": several per instance, attached and moved while instances run.

use nix::sys::signal::Signal;

use crate::support::{Options, Privilege, User, eventually};

fn interfaces_come_go_and_move(privilege: Privilege) {
    let user = User::of_new_daemon(privilege);
    let net = user.network();
    let [one, two] = &net.subnets;
    let group = &net.group;
    // Two interfaces from the start.
    let a = user.launch(&format!(
        "--network-interfaces DeviceIndex=0,SubnetId={one},Groups={group},PrivateIpAddress=10.0.1.10 DeviceIndex=1,SubnetId={two},Groups={group},PrivateIpAddress=10.0.2.10"
    ));
    let b = user.launch(&format!(
        "--subnet-id {two} --security-group-ids {group} --private-ip-address 10.0.2.20"
    ));
    user.soon(&a, "ip -4 addr show eth1 | grep 10.0.2.10/24");
    user.ok(&a, "ip link show eth1 | grep 'mtu 9001'");
    // From the subnet of eth1 both are reached: each answer leaves by the interface that was asked.
    assert!(user.pings(&b, "10.0.1.10"));
    assert!(user.pings(&b, "10.0.2.10"));

    // Hot attach.
    let eni = user.text(
        &format!("ec2 create-network-interface --subnet-id {one} --groups {group} --private-ip-address 10.0.1.50"),
        "/NetworkInterface/NetworkInterfaceId",
    );
    let mac = user.text(
        &format!("ec2 describe-network-interfaces --network-interface-ids {eni}"),
        "/NetworkInterfaces/0/MacAddress",
    );
    let bond = user.text(
        &format!("ec2 attach-network-interface --network-interface-id {eni} --instance-id {b} --device-index 1"),
        "/AttachmentId",
    );
    user.bond_becomes(&eni, "attached");
    user.ok(&b, &format!("grep {mac} /sys/class/net/eth1/address"));
    user.soon(&b, "ip -4 addr show eth1 | grep 10.0.1.50/24");
    assert!(user.pings(&a, "10.0.1.50"));

    // A move: when the detachment is told, nothing passes any more.
    user.aws(&format!(
        "ec2 detach-network-interface --attachment-id {bond} --force"
    ));
    user.aws(&format!(
        "ec2 wait network-interface-available --network-interface-ids {eni}"
    ));
    assert!(!user.pings(&a, "10.0.1.50"));
    user.ok(&b, "! ip link show eth1");
    user.aws(&format!(
        "ec2 attach-network-interface --network-interface-id {eni} --instance-id {a} --device-index 2"
    ));
    user.soon(&a, "ip -4 addr show eth2 | grep 10.0.1.50/24");
    assert!(user.pings(&b, "10.0.1.50"));

    // t3.large takes three.
    let fourth = user.text(
        &format!("ec2 create-network-interface --subnet-id {one} --groups {group}"),
        "/NetworkInterface/NetworkInterfaceId",
    );
    let refusal = user.aws_refused(&format!(
        "ec2 attach-network-interface --network-interface-id {fourth} --instance-id {a} --device-index 3"
    ));
    assert!(refusal.contains("AttachmentLimitExceeded"), "{refusal}");

    // All of them are there again after a stop and a start.
    user.aws(&format!("ec2 stop-instances --instance-ids {a}"));
    user.aws(&format!("ec2 wait instance-stopped --instance-ids {a}"));
    user.aws(&format!("ec2 start-instances --instance-ids {a}"));
    user.aws(&format!("ec2 wait instance-running --instance-ids {a}"));
    for address in ["10.0.1.10", "10.0.2.10", "10.0.1.50"] {
        eventually(address, || user.pings(&b, address).then_some(()));
    }
}

#[test]
fn interfaces_come_go_and_move_as_whoever_runs_this() {
    interfaces_come_go_and_move(Privilege::Own);
}

#[test]
fn interfaces_come_go_and_move_without_privileges() {
    interfaces_come_go_and_move(Privilege::Rootless);
}

/// EC2 user guide, "Secondary IP addresses": configured by the instance itself, as Amazon Linux does.
fn secondary_addresses_take_effect_live(privilege: Privilege) {
    let user = User::of_new_daemon(privilege);
    let net = user.network();
    let [one, two] = &net.subnets;
    let group = &net.group;
    let a = user.launch(&format!(
        "--subnet-id {one} --security-group-ids {group} --private-ip-address 10.0.1.10"
    ));
    let b = user.launch(&format!("--subnet-id {two} --security-group-ids {group}"));
    let eni = user.text(
        &format!("ec2 describe-instances --instance-ids {a}"),
        "/Reservations/0/Instances/0/NetworkInterfaces/0/NetworkInterfaceId",
    );
    // Root may give itself any address, but not send from it.
    user.ok(&a, "ip addr add 10.0.1.77/24 dev eth0");
    assert!(!user.pings(&a, "-I 10.0.1.77 10.0.2.1"));
    assert!(!user.pings(&b, "10.0.1.77"));
    user.aws(&format!(
        "ec2 assign-private-ip-addresses --network-interface-id {eni} --private-ip-addresses 10.0.1.66 10.0.1.77"
    ));
    user.soon(&a, "ip -4 addr show eth0 | grep 10.0.1.66/24");
    eventually("both answer", || {
        (user.pings(&b, "10.0.1.66") && user.pings(&b, "10.0.1.77")).then_some(())
    });
    user.aws(&format!(
        "ec2 unassign-private-ip-addresses --network-interface-id {eni} --private-ip-addresses 10.0.1.66"
    ));
    user.soon(&a, "! ip -4 addr show eth0 | grep 10.0.1.66/24");
    assert!(!user.pings(&b, "10.0.1.66"));
    assert!(user.pings(&b, "10.0.1.77"));
    for (action, words) in [
        ("assign-private-ip-addresses", "--ipv4-prefix-count 1"),
        ("assign-ipv6-addresses", "--ipv6-prefix-count 1"),
    ] {
        let refusal = user.aws_refused(&format!(
            "ec2 {action} --network-interface-id {eni} {words}"
        ));
        assert!(refusal.contains("Prefix"), "{refusal}");
    }
}

#[test]
fn secondary_addresses_take_effect_live_as_whoever_runs_this() {
    secondary_addresses_take_effect_live(Privilege::Own);
}

#[test]
fn secondary_addresses_take_effect_live_without_privileges() {
    secondary_addresses_take_effect_live(Privilege::Rootless);
}

/// `EIP-3`: a public address lent at launch is lost at a stop, and another one comes with the next start; an Elastic one
/// moves live.
fn public_addresses_come_and_go(privilege: Privilege) {
    let user = User::of_new_daemon(privilege);
    let net = user.network();
    let [one, two] = &net.subnets;
    let group = &net.group;
    user.aws(&format!(
        "ec2 modify-subnet-attribute --subnet-id {one} --map-public-ip-on-launch"
    ));
    let a = user.launch(&format!("--subnet-id {one} --security-group-ids {group}"));
    let b = user.launch(&format!(
        "--subnet-id {two} --security-group-ids {group} --associate-public-ip-address"
    ));
    let public = |id: &str| {
        let answer = user.aws(&format!("ec2 describe-instances --instance-ids {id}"));
        let found = answer.pointer("/Reservations/0/Instances/0/PublicIpAddress");
        found.and_then(|ip| ip.as_str()).map(str::to_owned)
    };
    for id in [&a, &b] {
        let address = public(id).unwrap();
        assert!(user.pings(id, "198.51.100.80"), "out by {address}");
        assert!(user.pings("bob", &address), "in by {address}");
    }
    let lost = public(&a).unwrap();
    user.aws(&format!("ec2 stop-instances --instance-ids {a}"));
    user.aws(&format!("ec2 wait instance-stopped --instance-ids {a}"));
    assert_eq!(public(&a), None);
    assert!(!user.pings("bob", &lost));
    // Somebody else has it meanwhile; else chance may give it back.
    user.aws(&format!("ec2 allocate-address --address {lost}"));
    user.aws(&format!("ec2 start-instances --instance-ids {a}"));
    user.aws(&format!("ec2 wait instance-running --instance-ids {a}"));
    let new = public(&a).unwrap();
    assert_ne!(new, lost);
    eventually("it answers at its new address", || {
        user.pings("bob", &new).then_some(())
    });

    let allocation = user.aws("ec2 allocate-address");
    let text = |name: &str| allocation[name].as_str().unwrap().to_owned();
    let (elastic, allocation) = (text("PublicIp"), text("AllocationId"));
    let stand_on = |id: &str| {
        user.aws(&format!(
            "ec2 associate-address --allocation-id {allocation} --instance-id {id} --allow-reassociation"
        ));
    };
    stand_on(&a);
    assert_eq!(public(&a).as_ref(), Some(&elastic));
    assert!(user.pings("bob", &elastic));
    assert!(!user.pings("bob", &new), "released by the Elastic one");
    stand_on(&b);
    assert!(user.pings("bob", &elastic));
    assert!(!user.pings(&a, "198.51.100.80"), "no address is left");
}

#[test]
fn public_addresses_come_and_go_as_whoever_runs_this() {
    public_addresses_come_and_go(Privilege::Own);
}

#[test]
fn public_addresses_come_and_go_without_privileges() {
    public_addresses_come_and_go(Privilege::Rootless);
}

/// EC2 user guide, "IPv6 addresses": given to and taken from a running instance.
fn ipv6_addresses_take_effect_live(privilege: Privilege) {
    let user = User::of_new_daemon(privilege);
    let vpc = user.text(
        "ec2 create-vpc --cidr-block 10.0.0.0/16 --amazon-provided-ipv6-cidr-block",
        "/Vpc/VpcId",
    );
    let block = user.text(
        &format!("ec2 describe-vpcs --vpc-ids {vpc}"),
        "/Vpcs/0/Ipv6CidrBlockAssociationSet/0/Ipv6CidrBlock",
    );
    let block = block.replace("/56", "/64");
    let subnet = user.text(
        &format!(
            "ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.1.0/24 --ipv6-cidr-block {block}"
        ),
        "/Subnet/SubnetId",
    );
    let group = user.text(
        &format!("ec2 create-security-group --group-name open --description open --vpc-id {vpc}"),
        "/GroupId",
    );
    user.aws(&format!(
        "ec2 authorize-security-group-ingress --group-id {group} --ip-permissions IpProtocol=-1,Ipv6Ranges=[{{CidrIpv6=::/0}}]"
    ));
    let launch = |more: &str| {
        user.launch(&format!(
            "--subnet-id {subnet} --security-group-ids {group} {more}"
        ))
    };
    let (a, b) = (launch(""), launch("--ipv6-address-count 1"));
    let eni = user.text(
        &format!("ec2 describe-instances --instance-ids {a}"),
        "/Reservations/0/Instances/0/NetworkInterfaces/0/NetworkInterfaceId",
    );
    let given = user.text(
        &format!("ec2 assign-ipv6-addresses --network-interface-id {eni} --ipv6-address-count 1"),
        "/AssignedIpv6Addresses/0",
    );
    user.soon(&a, &format!("ip -6 addr show eth0 | grep {given}/"));
    eventually("it answers", || user.pings(&b, &given).then_some(()));
    user.aws(&format!(
        "ec2 unassign-ipv6-addresses --network-interface-id {eni} --ipv6-addresses {given}"
    ));
    user.soon(&a, &format!("! ip -6 addr show eth0 | grep {given}/"));
    assert!(!user.pings(&b, &given));
    // Root may keep the address, and nothing from it passes.
    user.ok(&a, &format!("ip -6 addr add {given}/64 dev eth0 nodad"));
    assert!(!user.pings(&b, &given));
}

#[test]
fn ipv6_addresses_take_effect_live_as_whoever_runs_this() {
    ipv6_addresses_take_effect_live(Privilege::Own);
}

#[test]
fn ipv6_addresses_take_effect_live_without_privileges() {
    ipv6_addresses_take_effect_live(Privilege::Rootless);
}

/// A detachment that the daemon's death cut short is finished by the next one; what stays attached is there again.
#[test]
fn a_killed_daemon_finishes_what_it_began_with_interfaces() {
    let folder = tempfile::tempdir().unwrap();
    let start = || User::of_daemon_with(Options::kept_in(folder.path()));
    let user = start();
    let net = user.network();
    let [one, two] = &net.subnets;
    let group = &net.group;
    let a = user.launch(&format!(
        "--network-interfaces DeviceIndex=0,SubnetId={one},Groups={group},PrivateIpAddress=10.0.1.10 DeviceIndex=1,SubnetId={two},Groups={group},PrivateIpAddress=10.0.2.10 DeviceIndex=2,SubnetId={two},Groups={group},PrivateIpAddress=10.0.2.11"
    ));
    let b = user.launch(&format!("--subnet-id {two} --security-group-ids {group}"));
    let shown = user
        .aws("ec2 describe-network-interfaces --filters Name=private-ip-address,Values=10.0.2.11");
    let text = |pointer: &str| shown.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    let eni = text("/NetworkInterfaces/0/NetworkInterfaceId");
    let bond = text("/NetworkInterfaces/0/Attachment/AttachmentId");
    user.aws(&format!(
        "ec2 detach-network-interface --attachment-id {bond}"
    ));
    user.daemon.end_with(Signal::SIGKILL);

    let user = start();
    user.aws(&format!(
        "ec2 wait network-interface-available --network-interface-ids {eni}"
    ));
    user.soon(&a, "ip -4 addr show eth1 | grep 10.0.2.10/24");
    user.ok(&a, "! ip link show eth2");
    for address in ["10.0.1.10", "10.0.2.10"] {
        eventually(address, || user.pings(&b, address).then_some(()));
    }
    assert!(!user.pings(&b, "10.0.2.11"));
    user.aws(&format!(
        "ec2 attach-network-interface --network-interface-id {eni} --instance-id {b} --device-index 1"
    ));
    user.soon(&b, "ip -4 addr show eth1 | grep 10.0.2.11/24");
    eventually("it answers at its new place", || {
        user.pings(&a, "10.0.2.11").then_some(())
    });
}
