//! VPC user guide, "DNS attributes for your VPC" and "DHCP option sets": what instances are told, by their own resolver.

use serde_json::Value;

use crate::support::{Network, Options, Privilege, User};

/// Asks a server for a name's A record over UDP or TCP, and prints `CODE ADDRESS…`; `silence` after a second.
const ASK: &str = r#"
import socket, struct, sys
server, name, way = sys.argv[1:4]
labels = b"".join(bytes([len(l)]) + l.encode() for l in name.split("."))
query = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
family = socket.AF_INET6 if ":" in server else socket.AF_INET
try:
    if way == "udp":
        s = socket.socket(family, socket.SOCK_DGRAM); s.settimeout(1); s.connect((server, 53))
        s.send(query); answer = s.recv(4096)
    else:
        s = socket.socket(family, socket.SOCK_STREAM); s.settimeout(1); s.connect((server, 53))
        s.send(struct.pack(">H", len(query)) + query); answer = s.recv(4096)[2:]
except socket.timeout:
    print("silence"); sys.exit()
count = struct.unpack(">H", answer[6:8])[0]
print(answer[3] & 15, *[socket.inet_ntoa(answer[len(query) + 16 * n + 12:][:4]) for n in range(count)])
"#;

fn ask(user: &User, instance: &str, server: &str, name: &str, way: &str) -> String {
    let line = format!("python3 - {server} {name} {way} <<'EOF'{ASK}EOF");
    user.ok(instance, &line).trim().to_owned()
}

fn python(user: &User, instance: &str, expression: &str) -> String {
    let line = format!("python3 -c 'import socket; print({expression})'");
    user.ok(instance, &line).trim().to_owned()
}

fn launch(user: &User, network: &Network, subnet: usize, address: &str) -> String {
    let (subnet, group) = (&network.subnets[subnet], &network.group);
    user.launch(&format!(
        "--subnet-id {subnet} --security-group-ids {group} --private-ip-address {address}"
    ))
}

fn describe(user: &User, instance: &str, member: &str) -> String {
    let words = format!("ec2 describe-instances --instance-ids {instance}");
    user.text(&words, &format!("/Reservations/0/Instances/0/{member}"))
}

fn attribute(user: &User, network: &Network, change: &str) {
    let vpc = &network.vpc;
    user.aws(&format!("ec2 modify-vpc-attribute --vpc-id {vpc} {change}"));
}

fn names_in_instances(privilege: Privilege) {
    let user = User::of_new_daemon(privilege);
    let one = user.network();
    attribute(&user, &one, "--enable-dns-hostnames");
    let a = launch(&user, &one, 0, "10.0.1.10");
    let b = launch(&user, &one, 1, "10.0.2.10");

    // `DHCP-1`: the default options; a name without a dot is looked for in the domain.
    let told = user.ok(&a, "cat /etc/resolv.conf");
    assert_eq!(told.trim(), "search ec2.internal\nnameserver 10.0.0.2");
    assert_eq!(
        python(&user, &a, "socket.gethostbyname(\"ip-10-0-2-10\")"),
        "10.0.2.10"
    );
    assert_eq!(
        python(&user, &a, "socket.gethostbyname(\"web.example.com\")"),
        "198.51.100.80"
    );

    // `DNS-2`: the API, the host itself and the resolver give one name.
    let name = describe(&user, &b, "PrivateDnsName");
    assert_eq!(name, "ip-10-0-2-10.ec2.internal");
    assert_eq!(
        format!("{}.ec2.internal", user.ok(&b, "hostname").trim()),
        name
    );
    assert_eq!(
        python(&user, &a, "socket.gethostbyaddr(\"10.0.2.10\")[0]"),
        name
    );

    // `DNS-1`: every address of the resolver, both ways.
    for server in ["10.0.0.2", "169.254.169.253"] {
        for way in ["udp", "tcp"] {
            assert_eq!(
                ask(&user, &a, server, &name, way),
                "0 10.0.2.10",
                "{server} {way}"
            );
        }
    }

    // `DNS-3`: the way home inside, the public address in another VPC with the same block.
    let two = user.text("ec2 create-vpc --cidr-block 10.0.0.0/16", "/Vpc/VpcId");
    let subnet = user.text(
        &format!("ec2 create-subnet --vpc-id {two} --cidr-block 10.0.2.0/24"),
        "/Subnet/SubnetId",
    );
    let far = user.launch(&format!("--subnet-id {subnet}"));
    let eip = user.aws("ec2 allocate-address");
    let allocation = eip["AllocationId"].as_str().unwrap();
    let public_ip = eip["PublicIp"].as_str().unwrap();
    user.aws(&format!(
        "ec2 associate-address --allocation-id {allocation} --instance-id {b}"
    ));
    let public_name = describe(&user, &b, "PublicDnsName");
    assert_eq!(
        ask(&user, &a, "10.0.0.2", &public_name, "udp"),
        "0 10.0.2.10"
    );
    let seen = ask(&user, &far, "10.0.0.2", &public_name, "udp");
    assert_eq!(seen, format!("0 {public_ip}"));
    // The other VPC has no host names (`VPC-4`), so its resolver knows no private one.
    assert_eq!(ask(&user, &far, "10.0.0.2", &name, "udp"), "3");

    // Both attributes, live.
    attribute(&user, &one, "--no-enable-dns-hostnames");
    assert_eq!(ask(&user, &a, "10.0.0.2", &name, "udp"), "3");
    assert_eq!(ask(&user, &far, "10.0.0.2", &public_name, "udp"), "3");
    attribute(&user, &one, "--no-enable-dns-support");
    assert_eq!(
        ask(&user, &a, "10.0.0.2", "web.example.com", "udp"),
        "silence"
    );
    let still = ask(&user, &far, "10.0.0.2", "web.example.com", "udp");
    assert_eq!(still, "0 198.51.100.80");
    attribute(&user, &one, "--enable-dns-support");
    attribute(&user, &one, "--enable-dns-hostnames");
    assert_eq!(ask(&user, &a, "10.0.0.2", &name, "udp"), "0 10.0.2.10");

    // `DHCP-2`: a set of one's own, for whoever asks for a lease from then on.
    let set: Value = user.aws(
        "ec2 create-dhcp-options --dhcp-configurations Key=domain-name,Values=corp.example Key=domain-name-servers,Values=10.0.9.9,10.0.9.10",
    );
    let set = set
        .pointer("/DhcpOptions/DhcpOptionsId")
        .and_then(Value::as_str)
        .unwrap();
    let vpc = &one.vpc;
    user.aws(&format!(
        "ec2 associate-dhcp-options --dhcp-options-id {set} --vpc-id {vpc}"
    ));
    // A running host picks it up at its next renewal, which it may ask for.
    let before = user.ok(&a, "cat /etc/resolv.conf");
    assert_eq!(before.trim(), "search ec2.internal\nnameserver 10.0.0.2");
    user.ok(&a, "dhclient");
    user.soon(&a, "grep -x 'nameserver 10.0.9.10' /etc/resolv.conf");
    user.ok(&a, "grep -x 'search corp.example' /etc/resolv.conf");
    let c = launch(&user, &one, 0, "10.0.1.11");
    assert_eq!(
        user.ok(&c, "cat /etc/resolv.conf").trim(),
        "search corp.example\nnameserver 10.0.9.9\nnameserver 10.0.9.10"
    );
}

#[test]
fn names_in_instances_as_this_user() {
    names_in_instances(Privilege::Own);
}

#[test]
fn names_in_instances_without_privileges() {
    names_in_instances(Privilege::Rootless);
}

/// `DNS-1`, `MD-1`: resolver and metadata at their IPv6 addresses, from an instance whose route table leads nowhere.
#[test]
fn services_answer_over_ipv6() {
    let user = User::of_new_daemon(Privilege::Own);
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
    let a = user.launch(&format!(
        "--subnet-id {subnet} --ipv6-address-count 1 --metadata-options HttpProtocolIpv6=enabled"
    ));
    let name = "web.example.com";
    for way in ["udp", "tcp"] {
        assert_eq!(
            ask(&user, &a, "fd00:ec2::253", name, way),
            "0 198.51.100.80"
        );
    }
    let metadata = "http://[fd00:ec2::254]/latest";
    let token = format!(
        "curl -sf -m 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' '{metadata}/api/token'"
    );
    let ask_for = |what: &str| {
        let line = format!(
            "curl -sf -m 5 -H \"X-aws-ec2-metadata-token: $({token})\" '{metadata}/meta-data/{what}'"
        );
        user.ok(&a, &line)
    };
    assert_eq!(ask_for("instance-id"), a);
    let own = user.ok(&a, "ip -6 addr show dev eth0 scope global");
    assert!(own.contains(&ask_for("ipv6")), "{own}");
}

/// `openvpc up --dns-forward`: a server elsewhere is asked for its domain and for no other name.
#[test]
fn a_domain_is_forwarded_to_its_server() {
    let server = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((len, peer)) = server.recv_from(&mut buffer) {
            // The question without its EDNS record, and 198.51.100.7.
            let mut answer = buffer[..len - 11].to_vec();
            (answer[2], answer[7], answer[11]) = (0x81, 1, 0);
            answer.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 198, 51, 100, 7]);
            let _ = server.send_to(&answer, peer);
        }
    });
    let user = User::of_daemon_with(Options {
        arguments: vec![format!("--dns-forward=corp.example={address}")],
        ..Options::default()
    });
    let vpc = user.text("ec2 create-vpc --cidr-block 10.0.0.0/16", "/Vpc/VpcId");
    let subnet = user.text(
        &format!("ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.1.0/24"),
        "/Subnet/SubnetId",
    );
    let a = user.launch(&format!("--subnet-id {subnet}"));
    let name = "db.corp.example";
    assert_eq!(ask(&user, &a, "10.0.0.2", name, "udp"), "0 198.51.100.7");
    assert_eq!(ask(&user, &a, "10.0.0.2", name, "tcp"), "0 198.51.100.7");
    assert_eq!(ask(&user, &a, "10.0.0.2", "corp.example.org", "udp"), "3");
}
