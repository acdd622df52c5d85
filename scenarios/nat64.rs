//! VPC user guide, "DNS64 and NAT64": a host that speaks IPv6 only reaches what speaks IPv4 only, by its name.

use crate::support::{Privilege, User, eventually, stdout_of};

/// Serves ten million bytes to who asks, and counts what it is sent.
const SERVER: &str = r#"
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "10000000"); self.end_headers()
        self.wfile.write(b"x" * 10000000)
    def do_POST(self):
        left = int(self.headers["Content-Length"])
        while left: left -= len(self.rfile.read(min(left, 65536)))
        body = self.client_address[0].encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words): pass
http.server.ThreadingHTTPServer(("0.0.0.0", 8000), Handler).serve_forever()
"#;

/// What a server at a URL says: how many bytes it served, and as whom it saw ten million of ours come.
const CLIENT: &str = r#"
import sys, urllib.request
ask = lambda data: urllib.request.urlopen(sys.argv[1], data, timeout=20).read()
print(len(ask(None)), ask(b"y" * 10000000).decode())
"#;

/// Sends a datagram to port 7 of an address, and prints how long the echo is. (A long one is sent again: its first packet
/// finds out what the path takes.)
const ECHO: &str = r#"
import socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.settimeout(2)
for attempt in range(3):
    s.sendto(b"z" * int(sys.argv[2]), (sys.argv[1], 9000))
    try:
        print(len(s.recv(65535))); break
    except socket.timeout: pass
"#;

const MIRROR: &str = r#"
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", 9000))
while True:
    data, peer = s.recvfrom(65535); s.sendto(data, peer)
"#;

/// 198.51.100.80, `web`, and 203.0.113.12, `bob`.
const WEB: &str = "64:ff9b::c633:6450";
const BOB: &str = "64:ff9b::cb00:710c";

fn background(user: &User, host: &str, program: &str) {
    user.ok(
        host,
        &format!("nohup python3 -c '{program}' > /dev/null 2>&1 &"),
    );
}

#[test]
fn an_ipv6_host_reaches_ipv4_by_name() {
    let user = User::of_new_daemon(Privilege::Own);
    let network = user.network();
    let [public, _] = &network.subnets;
    let vpc = &network.vpc;
    for attribute in ["--enable-dns-hostnames", "--enable-dns-support"] {
        user.aws(&format!(
            "ec2 modify-vpc-attribute --vpc-id {vpc} {attribute}"
        ));
    }
    let block = user.text(
        &format!("ec2 associate-vpc-cidr-block --vpc-id {vpc} --amazon-provided-ipv6-cidr-block"),
        "/Ipv6CidrBlockAssociation/AssociationId",
    );
    let block = eventually("an IPv6 block", || {
        let answer = user.aws(&format!("ec2 describe-vpcs --vpc-ids {vpc}"));
        let all = answer["Vpcs"][0]["Ipv6CidrBlockAssociationSet"].as_array()?;
        let own = all
            .iter()
            .find(|one| one["AssociationId"] == block.as_str())?;
        let text = own["Ipv6CidrBlock"].as_str()?.strip_suffix("::/56")?;
        Some(text.to_owned())
    });
    let subnet = user.text(
        &format!("ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.3.0/24 --ipv6-cidr-block {block}::/64 --availability-zone us-east-1a"),
        "/Subnet/SubnetId",
    );
    user.aws(&format!(
        "ec2 modify-subnet-attribute --subnet-id {subnet} --enable-dns64"
    ));
    let (allocation, elastic) = user.elastic_address();
    let nat = user.nat_gateway(public, &format!("--allocation-id {allocation}"));
    let table = user.text(
        &format!("ec2 create-route-table --vpc-id {vpc}"),
        "/RouteTable/RouteTableId",
    );
    user.aws(&format!(
        "ec2 associate-route-table --route-table-id {table} --subnet-id {subnet}"
    ));
    let group = &network.group;
    let inside = user.launch(&format!(
        "--subnet-id {subnet} --security-group-ids {group} --ipv6-address-count 1"
    ));
    let server = user.launch(&format!(
        "--subnet-id {public} --security-group-ids {group} --private-ip-address 10.0.1.20"
    ));
    background(&user, "bob", SERVER);
    background(&user, "bob", MIRROR);
    background(&user, &server, SERVER);

    // No route, no way.
    assert!(!user.pings(&inside, WEB));
    user.aws(&format!(
        "ec2 create-route --route-table-id {table} --destination-ipv6-cidr-block 64:ff9b::/96 --nat-gateway-id {nat}"
    ));
    user.soon(&inside, &format!("ping -c 1 -W 1 {WEB}"));
    assert!(!user.pings(&inside, "198.51.100.80"), "IPv4 has no route");

    // A name that has IPv4 only: DNS64 makes up an address, and the gateway knows what it stands for.
    let name = |host: &str| {
        let line = format!(
            "python3 -c 'import socket; print(socket.getaddrinfo(\"{host}\", 80, socket.AF_INET6)[0][4][0])'"
        );
        user.ok(&inside, &line).trim().to_owned()
    };
    assert_eq!(name("ip-10-0-1-20.ec2.internal"), "64:ff9b::a00:114");
    assert!(
        name("web.example.com").starts_with("2001:db8:"),
        "it has one of its own"
    );
    assert!(name("s3.us-east-1.amazonaws.com").starts_with("64:ff9b::"));
    let told = user.sh(
        &inside,
        "curl -6 -s -o /dev/null -m 5 -w '%{http_code}' http://s3.us-east-1.amazonaws.com/",
    );
    assert_eq!(
        String::from_utf8_lossy(&told.stdout),
        "403",
        "S3 wants a signature"
    );
    let page = user.ok(&inside, &format!("curl -6 -s -m 5 http://[{WEB}]/"));
    assert!(!page.is_empty());

    // Ten megabytes each way, on the internet and in the VPC, where the server sees the gateway's private address.
    let exchange = |url: &str| {
        let line = format!("python3 -c '{CLIENT}' {url}");
        user.ok(&inside, &line).trim().to_owned()
    };
    eventually("the servers listen", || {
        let line = format!("curl -6 -s -o /dev/null -m 2 http://[{BOB}]:8000/");
        user.sh(&inside, &line).status.success().then_some(())
    });
    assert_eq!(
        exchange(&format!("http://[{BOB}]:8000/")),
        format!("10000000 {elastic}")
    );
    let described = user.aws(&format!(
        "ec2 describe-nat-gateways --nat-gateway-ids {nat}"
    ));
    let address = &described["NatGateways"][0]["NatGatewayAddresses"][0];
    let [eni, private] =
        ["NetworkInterfaceId", "PrivateIp"].map(|member| address[member].as_str().unwrap());
    assert_eq!(
        exchange("http://ip-10-0-1-20.ec2.internal:8000/"),
        format!("10000000 {private}")
    );
    // Whole datagrams, and some in pieces.
    for len in [100, 4_000] {
        let line = format!("python3 -c '{ECHO}' {BOB} {len}");
        assert_eq!(user.ok(&inside, &line).trim(), len.to_string());
    }
    // Nobody listens there: an ICMP error comes back in the words of ICMPv6.
    let refused = "import socket; s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.settimeout(3); s.connect((\"64:ff9b::cb00:710c\", 9)); s.send(b\"x\"); s.recv(1)";
    let told = user.sh(&inside, &format!("python3 -c '{refused}'"));
    assert!(String::from_utf8_lossy(&told.stderr).contains("ConnectionRefusedError"));

    // `why` knows it too.
    let why = user
        .daemon
        .openvpc(&["why", &inside, &format!("[{WEB}]:80")]);
    let said = stdout_of(&{ why }.output().unwrap());
    assert!(said.contains(&nat), "{said}");

    records(&user, eni, private, &inside);
}

/// The gateway's records: IPv6 on one leg, IPv4 on the other.
fn records(user: &User, eni: &str, private: &str, inside: &str) {
    let format = "${srcaddr} ${dstaddr} ${protocol} ${packets} ${bytes} ${type}";
    user.log_interface(eni, "nat", format);
    let described = user.aws(&format!("ec2 describe-instances --instance-ids {inside}"));
    let own = described["Reservations"][0]["Instances"][0]["Ipv6Address"]
        .as_str()
        .unwrap();
    user.ok(inside, &format!("ping -c 4 -i 0.2 {WEB}"));
    let wanted = [
        format!("{own} {WEB} 58 4 416 IPv6"),
        format!("{private} 198.51.100.80 1 4 336 IPv4"),
        format!("198.51.100.80 {private} 1 4 336 IPv4"),
        format!("{WEB} {own} 58 4 416 IPv6"),
    ];
    user.recorded("nat", format, &wanted);
}
