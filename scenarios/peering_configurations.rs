//! VPC peering guide, "VPC peering configurations": with routes to an entire VPC, with specific routes, and what is not
//! supported, on real packets.

use crate::peering::{End, applied, end, request, route};
use crate::support::{Privilege, User};

const WEB_IPV6: &str = "2001:db8:ffff::80";

/// Peers two VPCs of one account.
fn connect(user: &User, near: &End, far: &End) -> String {
    let id = request(user, near, far);
    user.aws(&format!(
        "ec2 accept-vpc-peering-connection --vpc-peering-connection-id {id}"
    ));
    id
}

fn route_ipv6(user: &User, near: &End, destination: &str, target: &str) {
    let table = &near.table;
    user.aws(&format!(
        "ec2 create-route --route-table-id {table} --destination-ipv6-cidr-block {destination} {target}"
    ));
}

/// How many echo requests a host's kernel has heard.
fn requests_heard(user: &User, host: &str) -> u32 {
    let line = "grep ^Icmp: /proc/net/snmp";
    let told = user.ok(host, line);
    let mut lines = told.lines().map(str::split_whitespace);
    let (mut names, mut values) = (lines.next().unwrap(), lines.next().unwrap());
    let at = names.position(|name| name == "InEchos").unwrap();
    values.nth(at).unwrap().parse().unwrap()
}

/// "Multiple VPCs peered together", "One VPC peered with two VPCs": whole blocks; within a region with large packets.
fn mesh_and_hub(privilege: Privilege) {
    let user = User::of_new_daemon(privilege);
    let a = end(&user, "10.0.0.0/16", "10.0.1.0/24", "10.0.1.10");
    let b = end(&user, "10.1.0.0/16", "10.1.1.0/24", "10.1.1.10");
    let c = end(&user, "10.2.0.0/16", "10.2.1.0/24", "10.2.1.10");
    // Hub and spokes: A reaches both, and they do not reach each other.
    let ab = connect(&user, &a, &b);
    let ac = connect(&user, &a, &c);
    for (near, destination, peering) in [
        (&a, "10.1.0.0/16", &ab),
        (&b, "10.0.0.0/16", &ab),
        (&a, "10.2.0.0/16", &ac),
        (&c, "10.0.0.0/16", &ac),
        // In vain: the way would lead through A.
        (&b, "10.2.0.0/16", &ab),
        (&c, "10.1.0.0/16", &ac),
    ] {
        route(&user, near, destination, peering);
    }
    applied(&user);
    assert!(user.pings(&a.instance, "10.1.1.10"));
    assert!(user.pings(&a.instance, "10.2.1.10"));
    assert!(!user.pings(&b.instance, "10.2.1.10"));
    // PCX-37: 8,973 bytes make a packet of 9,001.
    user.ok(&a.instance, "ping -c 1 -W 2 -M do -s 8973 10.1.1.10");

    // Full mesh: the spokes' own connection takes the place of the detour.
    let bc = connect(&user, &b, &c);
    for (near, destination) in [(&b, "10.2.0.0/16"), (&c, "10.1.0.0/16")] {
        user.aws(&format!(
            "ec2 replace-route --route-table-id {} --destination-cidr-block {destination} \
             --vpc-peering-connection-id {bc}",
            near.table
        ));
    }
    applied(&user);
    for (from, to) in [
        (&a, "10.1.1.10"),
        (&a, "10.2.1.10"),
        (&b, "10.0.1.10"),
        (&b, "10.2.1.10"),
        (&c, "10.0.1.10"),
        (&c, "10.1.1.10"),
    ] {
        assert!(user.pings(&from.instance, to), "{to}");
    }

    // PCX-34: all of the internet's IPv6 by the peer, whose egress-only gateway is its own.
    let blocks = [(&a, 1), (&b, 2)].map(|(end, number)| ipv6(&user, end, number));
    let gateway = user.text(
        &format!("ec2 create-egress-only-internet-gateway --vpc-id {}", b.vpc),
        "/EgressOnlyInternetGateway/EgressOnlyInternetGatewayId",
    );
    let out = format!("--egress-only-internet-gateway-id {gateway}");
    route_ipv6(&user, &b, "::/0", &out);
    let across = format!("--vpc-peering-connection-id {ab}");
    route_ipv6(&user, &a, "::/0", &across);
    route_ipv6(&user, &b, &blocks[0].0, &across);
    applied(&user);
    let ping = |host: &str, to: &str| format!("{host}: ping -c 1 -W 1 {to}");
    let answered = |host: &str, to: &str| user.pings(host, to);
    assert!(answered(&b.instance, WEB_IPV6), "{}", ping("b", WEB_IPV6));
    assert!(!answered(&a.instance, WEB_IPV6), "{}", ping("a", WEB_IPV6));
    // PCX-36: B itself is within the peer.
    user.soon(&a.instance, &format!("ping -c 1 -W 1 {}", blocks[1].1));
}

/// Gives a VPC, its subnet and its host IPv6, and lets all of it in; the VPC's block and the host's address.
fn ipv6(user: &User, end: &End, number: u8) -> (String, String) {
    user.aws(&format!(
        "ec2 associate-vpc-cidr-block --vpc-id {} --amazon-provided-ipv6-cidr-block",
        end.vpc
    ));
    let words = format!("ec2 describe-vpcs --vpc-ids {}", end.vpc);
    let block = user.text(
        &words,
        "/Vpcs/0/Ipv6CidrBlockAssociationSet/0/Ipv6CidrBlock",
    );
    let prefix = block.strip_suffix("00::/56").unwrap();
    let words = format!(
        "ec2 describe-subnets --filters Name=vpc-id,Values={}",
        end.vpc
    );
    let subnet = user.text(&words, "/Subnets/0/SubnetId");
    user.aws(&format!(
        "ec2 associate-subnet-cidr-block --subnet-id {subnet} --ipv6-cidr-block {prefix}0{number}::/64"
    ));
    let words = format!("ec2 describe-instances --instance-ids {}", end.instance);
    let eni = "/Reservations/0/Instances/0/NetworkInterfaces/0/NetworkInterfaceId";
    let eni = user.text(&words, eni);
    let address = format!("{prefix}0{number}::10");
    user.aws(&format!(
        "ec2 assign-ipv6-addresses --network-interface-id {eni} --ipv6-addresses {address}"
    ));
    user.aws(&format!(
        "ec2 authorize-security-group-ingress --group-id {} --ip-permissions IpProtocol=icmpv6,Ipv6Ranges=[{{CidrIpv6=::/0}}]",
        end.group
    ));
    let canonical = address.parse::<std::net::Ipv6Addr>().unwrap();
    user.soon(
        &end.instance,
        &format!("ip -6 address show | grep -q {canonical}"),
    );
    (block, address)
}

/// "Configurations with specific routes": two peers with one CIDR, told apart by subnet, by host and by longest prefix;
/// and the reply that goes to the wrong one.
fn specific_routes(privilege: Privilege) {
    let user = User::of_new_daemon(privilege);
    let a = end(&user, "172.16.0.0/16", "172.16.0.0/24", "172.16.0.88");
    let b = end(&user, "10.0.0.0/16", "10.0.1.0/24", "10.0.1.66");
    let c = end(&user, "10.0.0.0/16", "10.0.1.0/24", "10.0.1.66");
    // A's second subnet has a table of its own.
    let words = format!(
        "ec2 create-subnet --vpc-id {} --cidr-block 172.16.1.0/24",
        a.vpc
    );
    let second = user.text(&words, "/Subnet/SubnetId");
    let words = format!("ec2 create-route-table --vpc-id {}", a.vpc);
    let table = user.text(&words, "/RouteTable/RouteTableId");
    user.aws(&format!(
        "ec2 associate-route-table --route-table-id {table} --subnet-id {second}"
    ));
    let y = End {
        vpc: a.vpc.clone(),
        table,
        group: a.group.clone(),
        instance: user.launch(&format!(
            "--subnet-id {second} --security-group-ids {} --private-ip-address 172.16.1.88",
            a.group
        )),
    };
    let ab = connect(&user, &a, &b);
    let ac = connect(&user, &a, &c);
    let heard = || [&b, &c].map(|end| requests_heard(&user, &end.instance));
    let heard_by = |from: &End| {
        let before = heard();
        assert!(user.pings(&from.instance, "10.0.1.66"));
        let after = heard();
        [after[0] - before[0], after[1] - before[1]]
    };

    // Two peers to two subnets of one VPC: each subnet's table leads to another of the two.
    for (near, destination, peering) in [
        (&a, "10.0.0.0/16", &ab),
        (&y, "10.0.0.0/16", &ac),
        (&b, "172.16.0.0/24", &ab),
        (&c, "172.16.1.0/24", &ac),
    ] {
        route(&user, near, destination, peering);
    }
    applied(&user);
    assert_eq!(heard_by(&a), [1, 0], "the first subnet reaches B");
    assert_eq!(heard_by(&y), [0, 1], "the second subnet reaches C");

    // PCX-32: B's request to the second subnet arrives there, whose table sends the reply to C.
    route(&user, &b, "172.16.1.0/24", &ab);
    applied(&user);
    let before = requests_heard(&user, &y.instance);
    assert!(!user.pings(&b.instance, "172.16.1.88"));
    assert_eq!(requests_heard(&user, &y.instance), before + 1);

    // Longest prefix: one host of B's, everything else of C's; a host alone on the way back.
    route(&user, &y, "10.0.1.66/32", &ab);
    applied(&user);
    assert_eq!(heard_by(&y), [1, 0], "the /32 goes before the /16");
    user.aws(&format!(
        "ec2 delete-route --route-table-id {} --destination-cidr-block 172.16.1.0/24",
        b.table
    ));
    route(&user, &b, "172.16.1.88/32", &ab);
    applied(&user);
    assert_eq!(heard_by(&y), [1, 0], "partial access: one host to one host");
    assert!(user.pings(&b.instance, "172.16.1.88"));
}

#[test]
fn mesh_and_hub_as_whoever_runs_this() {
    mesh_and_hub(Privilege::Own);
}

#[test]
fn mesh_and_hub_without_privileges() {
    mesh_and_hub(Privilege::Rootless);
}

#[test]
fn specific_routes_as_whoever_runs_this() {
    specific_routes(Privilege::Own);
}

#[test]
fn specific_routes_without_privileges() {
    specific_routes(Privilege::Rootless);
}
