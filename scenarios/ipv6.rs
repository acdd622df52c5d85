//! VPC user guide, "IPv6 addressing" and "Path MTU Discovery": addresses by router advertisement and DHCPv6, packets
//! of every length, ports behind extension headers. Real guests, real kernels.

use std::net::Ipv6Addr;

use openvpc_wire::Mac;
use openvpc_wire::ip::{self, Envelope};

use crate::support::{Privilege, User, eventually};

const BOB: &str = "2001:db8:ffff::12";

/// 10.0.0.0/16 and a /56, with an internet gateway, an egress-only one, and a group that is open.
struct Stage {
    user: User,
    vpc: String,
    /// The VPC's IPv6 block, a /56.
    block: Ipv6Addr,
    igw: String,
    eigw: String,
    group: String,
}

impl Stage {
    fn new(privilege: Privilege) -> Stage {
        let user = User::of_new_daemon(privilege);
        let vpc = user.text(
            "ec2 create-vpc --cidr-block 10.0.0.0/16 --amazon-provided-ipv6-cidr-block",
            "/Vpc/VpcId",
        );
        let block = user.text(
            &format!("ec2 describe-vpcs --vpc-ids {vpc}"),
            "/Vpcs/0/Ipv6CidrBlockAssociationSet/0/Ipv6CidrBlock",
        );
        let igw = user.text(
            "ec2 create-internet-gateway",
            "/InternetGateway/InternetGatewayId",
        );
        user.aws(&format!(
            "ec2 attach-internet-gateway --internet-gateway-id {igw} --vpc-id {vpc}"
        ));
        let eigw = user.text(
            &format!("ec2 create-egress-only-internet-gateway --vpc-id {vpc}"),
            "/EgressOnlyInternetGateway/EgressOnlyInternetGatewayId",
        );
        let group = user.text(
            &format!(
                "ec2 create-security-group --group-name open --description open --vpc-id {vpc}"
            ),
            "/GroupId",
        );
        user.aws(&format!(
            "ec2 authorize-security-group-ingress --group-id {group} --ip-permissions IpProtocol=-1,Ipv6Ranges=[{{CidrIpv6=::/0}}],IpRanges=[{{CidrIp=0.0.0.0/0}}]"
        ));
        let block = block.strip_suffix("/56").unwrap().parse().unwrap();
        Stage {
            user,
            vpc,
            block,
            igw,
            eigw,
            group,
        }
    }

    /// The address of `host` in the /64 of this number, as everybody writes it (RFC 5952).
    fn address(&self, subnet: u8, host: u16) -> String {
        let below = u128::from(subnet) << 64 | u128::from(host);
        Ipv6Addr::from(u128::from(self.block) | below).to_string()
    }

    /// A subnet whose default routes are these words of `create-route`.
    fn subnet(&self, number: u8, routes: &[&str]) -> String {
        let (vpc, first) = (&self.vpc, self.address(number, 0));
        let subnet = self.user.text(
            &format!("ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.{number}.0/24 --ipv6-cidr-block {first}/64 --availability-zone us-east-1a"),
            "/Subnet/SubnetId",
        );
        let table = self.user.text(
            &format!("ec2 create-route-table --vpc-id {vpc}"),
            "/RouteTable/RouteTableId",
        );
        self.user.aws(&format!(
            "ec2 associate-route-table --route-table-id {table} --subnet-id {subnet}"
        ));
        for route in routes {
            self.user.aws(&format!(
                "ec2 create-route --route-table-id {table} {route}"
            ));
        }
        subnet
    }

    fn public(&self, number: u8) -> String {
        let igw = &self.igw;
        self.subnet(
            number,
            &[
                &format!("--destination-cidr-block 0.0.0.0/0 --gateway-id {igw}"),
                &format!("--destination-ipv6-cidr-block ::/0 --gateway-id {igw}"),
            ],
        )
    }

    fn private(&self, number: u8) -> String {
        let route = format!(
            "--destination-ipv6-cidr-block ::/0 --egress-only-internet-gateway-id {}",
            self.eigw
        );
        self.subnet(number, &[&route])
    }

    /// An instance at …:`number`::10, and that address.
    fn host(&self, number: u8, subnet: &str, more: &str) -> (String, String) {
        let address = self.address(number, 0x10);
        let group = &self.group;
        let id = self.user.launch(&format!(
            "--subnet-id {subnet} --security-group-ids {group} --ipv6-addresses Ipv6Address={address} {more}"
        ));
        (id, address)
    }
}

/// What no instance here is told beforehand: the kernel finds the router by itself, and a stock DHCPv6 client gets the
/// addresses.
fn a_stock_guest_configures_itself(privilege: Privilege) {
    let stage = Stage::new(privilege);
    let (user, subnet) = (&stage.user, stage.public(1));
    let (a, address) = stage.host(1, &subnet, "");
    user.ok(&a, &format!("ip -6 addr show eth0 | grep {address}/128"));
    // As a kernel that has just booted: no address, no route, advertisements accepted, a random link-local address that
    // is tested for duplicates (Linux: ip-sysctl).
    user.ok(
        &a,
        "sysctl -qw net.ipv6.conf.eth0.accept_ra=1 net.ipv6.conf.eth0.router_solicitations=3 net.ipv6.conf.eth0.accept_dad=1 net.ipv6.conf.eth0.addr_gen_mode=3 && ip link set eth0 down && ip link set eth0 up",
    );
    user.soon(
        &a,
        "ip -6 route | grep -E '^default via fe80:.* dev eth0 proto ra .*expires 1[78]'",
    );
    user.ok(
        &a,
        "ip -6 addr show eth0 | grep 'inet6 fe80::' | grep -v ff:fe",
    );
    let network = format!("{}/64", stage.address(1, 0));
    user.ok(&a, &format!("ip -6 route | grep '^{network} dev eth0'"));
    assert!(
        !user.pings(&a, BOB),
        "no address yet: {network} is not for autoconfiguration"
    );
    let networkd = "/usr/lib/systemd/systemd-networkd";
    // It becomes another user, of whom there is none in the sandboxes of a user without privileges.
    let has_users = privilege == Privilege::Own && nix::unistd::geteuid().is_root();
    if !has_users || !std::path::Path::new(networkd).exists() {
        eprintln!("{networkd} cannot run here: its part is left out");
        return;
    }
    let settings = "[Match]\\nName=eth0\\n[Network]\\nDHCP=ipv6\\nIPv6AcceptRA=yes\\n";
    user.ok(
        &a,
        &format!(
            "mkdir -p /run/systemd/network && printf '{settings}' > /run/systemd/network/1.network && (container=lxc setsid {networkd} >/tmp/networkd 2>&1 &)"
        ),
    );
    // Preferred for 140 seconds, valid for 450.
    user.soon(
        &a,
        &format!("ip -6 addr show eth0 | grep -A1 '{address}/128' | grep -E 'valid_lft 4[0-9][0-9]sec preferred_lft 1[0-4][0-9]sec'"),
    );
    eventually("it reaches Bob", || user.pings(&a, BOB).then_some(()));
}

#[test]
fn a_stock_guest_configures_itself_as_whoever_runs_this() {
    a_stock_guest_configures_itself(Privilege::Own);
}

#[test]
fn a_stock_guest_configures_itself_without_privileges() {
    a_stock_guest_configures_itself(Privilege::Rootless);
}

/// Spec 00 §12: 9001 inside, 1500 outside, and who sends more is told; `IGW-5`.
fn long_packets_find_their_length(privilege: Privilege) {
    let stage = Stage::new(privilege);
    let user = &stage.user;
    let (one, two) = (stage.public(1), stage.private(2));
    let (a, _) = stage.host(1, &one, "--private-ip-address 10.0.1.10");
    let (p, private) = stage.host(2, &two, "--private-ip-address 10.0.2.10");
    let allocation = user.text("ec2 allocate-address", "/AllocationId");
    user.aws(&format!(
        "ec2 associate-address --allocation-id {allocation} --instance-id {a}"
    ));
    // 8,973 and 8,953 bytes make packets of 9,001.
    user.ok(&a, "ping -c 1 -W 2 -M do -s 8973 10.0.2.10");
    user.ok(&a, &format!("ping -c 1 -W 2 -M do -s 8953 {private}"));
    let told = |host: &str, ping: &str, what: &str| {
        let ran = user.sh(host, &format!("ping -c 1 -W 1 -M do {ping}"));
        let out = String::from_utf8_lossy(&ran.stdout).into_owned();
        assert!(!ran.status.success() && out.contains(what), "{ping}: {out}");
    };
    told(
        &a,
        "-s 8472 203.0.113.12",
        "Frag needed and DF set (mtu = 1500)",
    );
    told(&a, &format!("-s 8452 {BOB}"), "Packet too big: mtu=1500");
    told(&p, &format!("-s 8452 {BOB}"), "Packet too big: mtu=1500");
    // Now the kernels know, and cut by themselves; in IPv4 the router cuts where it may.
    told(&a, "-s 1473 203.0.113.12", "mtu=1500");
    told(&p, &format!("-s 1453 {BOB}"), "mtu=1500");
    user.ok(&a, "ping -c 1 -W 2 -M dont -s 8472 203.0.113.12");
    for host in [&a, &p] {
        user.ok(host, &format!("ping -c 1 -W 2 -M want -s 8452 {BOB}"));
    }
}

#[test]
fn long_packets_find_their_length_as_whoever_runs_this() {
    long_packets_find_their_length(Privilege::Own);
}

#[test]
fn long_packets_find_their_length_without_privileges() {
    long_packets_find_their_length(Privilege::Rootless);
}

/// Spec 02 §5, check 9 (`EO-26`): a router further out says that a live flow's packets are too big, and is believed;
/// about a flow that there is not, it is not even heard.
#[test]
fn a_router_outside_lowers_the_mtu_of_a_live_flow_only() {
    let stage = Stage::new(Privilege::Own);
    let user = &stage.user;
    let (p, address) = stage.host(1, &stage.private(1), "");
    user.ok("bob", "(setsid nc -l -u -k 9000 >/tmp/heard 2>&1 &)");
    user.soon("bob", "grep -q ':2328 ' /proc/net/udp6");
    let mtu_is = |mtu: u32| {
        let ran = user.sh(&p, &format!("ping -c 1 -W 1 -M do -s 1440 {BOB}"));
        let out = String::from_utf8_lossy(&ran.stdout).into_owned();
        match mtu {
            1500 => assert!(ran.status.success(), "{out}"),
            mtu => assert!(out.contains(&format!("mtu={mtu}")), "{out}"),
        }
    };
    // p keeps a socket to Bob's port 9000, and Bob has heard from it. An error that it believes ends the program.
    let keep_socket = || {
        let nc = "/run/openvpc/bin/nc -u -p 5000 -w 60 2001:db8:ffff::12 9000";
        user.ok(
            &p,
            &format!("(echo hello | setsid {nc} >/tmp/answer 2>&1 &)"),
        );
        user.soon(&p, "grep -q ':1388 .*:2328 ' /proc/net/udp6");
    };
    keep_socket();
    user.soon("bob", "grep -q hello /tmp/heard");
    // About its port 5001, from which nothing was sent; about another far port; about a live flow, but to nobody's.
    for words in [
        format!("1400 9000 {address} 5001"),
        format!("1400 9001 {address} 5000"),
        format!("1400 9000 {address} 5000 2001:db8:ffff::80"),
    ] {
        user.ok("bob", &format!("openvpc-packet too-big {words}"));
    }
    mtu_is(1500);
    user.ok(
        "bob",
        &format!("openvpc-packet too-big 1400 9000 {address} 5000"),
    );
    mtu_is(1400);
    // Any router on the way may say so, such as Web's.
    user.soon(&p, "! grep -q ':1388 ' /proc/net/udp6");
    keep_socket();
    user.ok(
        "web",
        &format!("openvpc-packet too-big 1300 9000 {address} 5000 {BOB}"),
    );
    mtu_is(1300);
}

/// A UDP datagram from Bob, as hexadecimal digits, behind a chain of headers: each a number and its bytes after the
/// first; `cut` says which bytes of what follows the last one are sent.
fn crafted(
    to: &str,
    ports: (u16, u16),
    text: &str,
    headers: &[(u8, Vec<u8>)],
    cut: std::ops::Range<usize>,
) -> String {
    let mac = Mac([0; 6]);
    let envelope = Envelope {
        source_mac: mac,
        destination_mac: mac,
        source: BOB.parse().unwrap(),
        destination: to.parse().unwrap(),
    };
    let mut frame = Vec::new();
    ip::emit_udp(&mut frame, &envelope, ports.0, ports.1, text.as_bytes());
    let upper = frame[54..][cut.start..cut.end.min(frame.len() - 54)].to_vec();
    let numbers = headers.iter().map(|(number, _)| *number).chain([17]);
    let mut packet = frame[14..54].to_vec();
    packet[6] = headers.first().map_or(17, |(number, _)| *number);
    for ((_, bytes), next) in headers.iter().zip(numbers.skip(1)) {
        packet.push(next);
        packet.extend_from_slice(bytes);
    }
    packet.extend_from_slice(&upper);
    let len = (packet.len() - 40) as u16;
    packet[4..6].copy_from_slice(&len.to_be_bytes());
    packet.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A security group that lets UDP port 53 in is not talked round by headers before the port, nor by fragments.
#[test]
fn extension_headers_and_fragments_pass_no_rule() {
    let stage = Stage::new(Privilege::Own);
    let user = &stage.user;
    let (a, address) = stage.host(1, &stage.public(1), "");
    let group = &stage.group;
    user.aws(&format!(
        "ec2 revoke-security-group-ingress --group-id {group} --ip-permissions IpProtocol=-1,Ipv6Ranges=[{{CidrIpv6=::/0}}]"
    ));
    user.aws(&format!(
        "ec2 authorize-security-group-ingress --group-id {group} --ip-permissions IpProtocol=udp,FromPort=53,ToPort=53,Ipv6Ranges=[{{CidrIpv6=::/0}}]"
    ));
    for (port, hex) in [(53, "0035"), (54, "0036")] {
        user.ok(
            &a,
            &format!("(setsid /run/openvpc/bin/nc -l -u -k {port} >/tmp/{port} 2>&1 &)"),
        );
        user.soon(&a, &format!("grep -q ':{hex} ' /proc/net/udp6"));
    }
    let options = |number: u8| (number, vec![0, 1, 4, 0, 0, 0, 0]);
    let fragment = |id: u8, offset: u16, more: bool| {
        let [high, low] = (offset | u16::from(more)).to_be_bytes();
        (44, vec![0, high, low, 0, 0, 0, id])
    };
    let all = || 0..usize::MAX;
    let send = |packet: String| user.ok("bob", &format!("openvpc-packet hex {address} {packet}"));
    let chains = [
        vec![],
        vec![options(0)],
        vec![options(0), options(60)],
        vec![fragment(1, 0, false)],
    ];
    for (number, chain) in chains.iter().enumerate() {
        for port in [54, 53] {
            let text = format!("chain {number} to {port};");
            send(crafted(&address, (4_000, port), &text, chain, all()));
        }
    }
    // Fragments: an honest pair; a first one without ports; a second one that rewrites the ports of the first.
    let text = "an honest pair of fragments, put together by the kernel;";
    let cut = |port, id, range: std::ops::Range<usize>, more| {
        let header = [fragment(id, range.start as u16, more)];
        send(crafted(&address, (4_000, port), text, &header, range));
    };
    cut(53, 2, 0..16, true);
    cut(53, 2, 16..usize::MAX, false);
    let tiny = crafted(
        &address,
        (4_000, 54),
        "tiny;",
        &[fragment(3, 0, true), options(60)],
        0..0,
    );
    send(tiny);
    cut(54, 3, 8..usize::MAX, false);
    cut(53, 4, 0..16, true);
    cut(54, 4, 0..usize::MAX, false);
    cut(54, 5, 0..16, true);
    cut(54, 5, 16..usize::MAX, false);
    send(crafted(&address, (4_000, 53), "end;", &[], all()));
    user.soon(&a, "grep -q 'end;' /tmp/53");
    let heard = user.ok(&a, "cat /tmp/53");
    let expected = "chain 0 to 53;chain 1 to 53;chain 2 to 53;chain 3 to 53;an honest pair of fragments, put together by the kernel;end;";
    assert_eq!(heard, expected);
    assert_eq!(user.ok(&a, "cat /tmp/54"), "");
}

/// Several interfaces, several addresses each, given and taken while the instance runs; each answers by its own way.
#[test]
fn several_interfaces_have_several_addresses() {
    let stage = Stage::new(Privilege::Own);
    let user = &stage.user;
    let (one, two) = (stage.public(1), stage.public(2));
    let (a, first) = stage.host(1, &one, "");
    let group = &stage.group;
    let second = stage.address(2, 0x20);
    let eni = user.text(
        &format!("ec2 create-network-interface --subnet-id {two} --groups {group} --ipv6-addresses Ipv6Address={second}"),
        "/NetworkInterface/NetworkInterfaceId",
    );
    user.aws(&format!(
        "ec2 attach-network-interface --network-interface-id {eni} --instance-id {a} --device-index 1"
    ));
    user.bond_becomes(&eni, "attached");
    user.soon(&a, &format!("ip -6 addr show eth1 | grep {second}/128"));
    let primary = user.text(
        &format!("ec2 describe-instances --instance-ids {a}"),
        "/Reservations/0/Instances/0/NetworkInterfaces/0/NetworkInterfaceId",
    );
    let third = stage.address(2, 0x30);
    user.aws(&format!(
        "ec2 assign-ipv6-addresses --network-interface-id {eni} --ipv6-addresses {third}"
    ));
    let fourth = user.text(
        &format!(
            "ec2 assign-ipv6-addresses --network-interface-id {primary} --ipv6-address-count 1"
        ),
        "/AssignedIpv6Addresses/0",
    );
    for address in [&first, &second, &third, &fourth] {
        eventually(address, || user.pings("bob", address).then_some(()));
        eventually(address, || {
            user.pings(&a, &format!("-I {address} {BOB}")).then_some(())
        });
    }
    for (eni, address) in [(&eni, &second), (&primary, &first)] {
        user.aws(&format!(
            "ec2 unassign-ipv6-addresses --network-interface-id {eni} --ipv6-addresses {address}"
        ));
        user.soon(&a, &format!("! ip -6 addr | grep {address}/"));
        assert!(!user.pings("bob", address), "{address}");
    }
    for address in [&third, &fourth] {
        assert!(user.pings("bob", address), "{address}");
    }
    // Down to none, and back.
    user.aws(&format!(
        "ec2 unassign-ipv6-addresses --network-interface-id {eni} --ipv6-addresses {third}"
    ));
    user.soon(&a, "! ip -6 addr show eth1 | grep 2001:db8");
    user.aws(&format!(
        "ec2 assign-ipv6-addresses --network-interface-id {eni} --ipv6-addresses {second}"
    ));
    eventually("back", || user.pings("bob", &second).then_some(()));
}

/// `DHCP-1`, `DHCP-2`: a set with IPv6 resolvers only reaches the instance by DHCPv6.
#[test]
fn a_resolver_may_be_known_by_ipv6_alone() {
    let stage = Stage::new(Privilege::Own);
    let user = &stage.user;
    let options = user.text(
        "ec2 create-dhcp-options --dhcp-configurations Key=domain-name-servers,Values=2001:db8:ffff::53 Key=domain-name,Values=corp.example Key=ipv6-address-preferred-lease-time,Values=200",
        "/DhcpOptions/DhcpOptionsId",
    );
    let vpc = &stage.vpc;
    user.aws(&format!(
        "ec2 associate-dhcp-options --dhcp-options-id {options} --vpc-id {vpc}"
    ));
    let (a, _) = stage.host(1, &stage.public(1), "");
    assert_eq!(
        user.ok(&a, "cat /etc/resolv.conf"),
        "search corp.example\nnameserver 2001:db8:ffff::53"
    );
}

/// Spec 02 §5, checks 1 to 3: one instance, one route; where it leads decides who may begin. Both gateways are there.
#[test]
fn the_gateway_of_the_route_is_the_only_difference() {
    let stage = Stage::new(Privilege::Own);
    let user = &stage.user;
    let subnet = stage.private(1);
    let (p, address) = stage.host(1, &subnet, "");
    let table = user.text(
        &format!("ec2 describe-route-tables --filters Name=association.subnet-id,Values={subnet}"),
        "/RouteTables/0/RouteTableId",
    );
    let lead_to = |gateway: &str| {
        user.aws(&format!(
            "ec2 replace-route --route-table-id {table} --destination-ipv6-cidr-block ::/0 {gateway}"
        ));
    };
    let egress_only = format!("--egress-only-internet-gateway-id {}", stage.eigw);
    let internet = format!("--gateway-id {}", stage.igw);
    for (gateway, begins) in [
        (&egress_only, false),
        (&internet, true),
        (&egress_only, false),
    ] {
        lead_to(gateway);
        assert!(user.pings(&p, BOB), "out by {gateway}");
        assert_eq!(user.pings("bob", &address), begins, "in by {gateway}");
    }
    // Without the route nothing goes either way; the local one stays.
    user.aws(&format!(
        "ec2 delete-route --route-table-id {table} --destination-ipv6-cidr-block ::/0"
    ));
    assert!(!user.pings(&p, BOB));
    assert!(!user.pings("bob", &address));
}
