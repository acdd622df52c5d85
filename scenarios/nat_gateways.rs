//! VPC user guide, "NAT gateways", "Work with NAT gateways" and "NAT gateway use cases", beyond what the tour shows: several
//! addresses, a private gateway, datagrams in pieces, failures with their codes, and the gateway's own flow records.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Network, Privilege, User, eventually};

/// Prints whom each datagram came from, and sends it back.
const MIRROR: &str = r#"
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", 9000))
while True:
    data, peer = s.recvfrom(65535)
    s.sendto(b"%s %d" % (peer[0].encode(), len(data)), peer)
"#;

/// Sends datagrams of a size from so many ports of its own, and prints what comes back to each. (A long one is sent again: its
/// first packet finds out what the path takes, and only then the kernel cuts it.)
const CALL: &str = r#"
import socket, sys
for n in range(int(sys.argv[3])):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(2)
    for attempt in range(3):
        s.sendto(b"x" * int(sys.argv[2]), (sys.argv[1], 9000))
        try:
            print(s.recv(100).decode())
            break
        except socket.timeout:
            pass  # The first long one tells the MTU of the path.
"#;

const BOB: &str = "203.0.113.12";

struct Stage {
    user: User,
    network: Network,
    /// The route table of the private subnet.
    table: String,
    inside: String,
}

fn stage() -> Stage {
    let user = User::of_new_daemon(Privilege::Own);
    let network = user.network();
    let [_, private] = &network.subnets;
    let vpc = &network.vpc;
    let table = user.text(
        &format!("ec2 create-route-table --vpc-id {vpc}"),
        "/RouteTable/RouteTableId",
    );
    user.aws(&format!(
        "ec2 associate-route-table --route-table-id {table} --subnet-id {private}"
    ));
    let inside = user.launch(&format!(
        "--subnet-id {private} --security-group-ids {} --private-ip-address 10.0.2.5",
        network.group
    ));
    Stage {
        user,
        network,
        table,
        inside,
    }
}

impl Stage {
    /// What a mirror at an address said to `count` ports, each once.
    fn calls(&self, to: &str, size: usize, count: usize) -> BTreeSet<String> {
        let line = format!("python3 -c '{CALL}' {to} {size} {count}");
        let said = self.user.ok(&self.inside, &line);
        said.lines().map(str::to_owned).collect()
    }

    fn mirror(&self, host: &str) {
        let line = format!("nohup python3 -c '{MIRROR}' > /dev/null 2>&1 &");
        self.user.ok(host, &line);
    }

    /// What a NAT gateway has counted under a name.
    fn metric(&self, name: &str, gateway: &str) -> f64 {
        let text = self.user.get("/_openvpc/metrics");
        let series = format!("openvpc_nat_gateway_{name}{{nat_gateway=\"{gateway}\"");
        let line = text.lines().find(|line| line.starts_with(&series));
        let line = line.unwrap_or_else(|| panic!("{series} in {text}"));
        line.rsplit(' ').next().unwrap().parse().unwrap()
    }

    fn gateway(&self, words: &str) -> String {
        self.user.nat_gateway(&self.network.subnets[0], words)
    }

    fn described(&self, gateway: &str) -> Value {
        let words = format!("ec2 describe-nat-gateways --nat-gateway-ids {gateway}");
        self.user.aws(&words)["NatGateways"][0].clone()
    }

    fn becomes(&self, gateway: &str, state: &str) -> Value {
        eventually(&format!("{gateway} {state}"), || {
            let found = self.described(gateway);
            (found["State"] == state).then_some(found)
        })
    }

    fn route(&self, verb: &str, destination: &str, gateway: &str) {
        self.user.aws(&format!(
            "ec2 {verb} --route-table-id {} --destination-cidr-block {destination} --nat-gateway-id {gateway}",
            self.table
        ));
    }
}

/// NAT-3, NAT-4, NAT-5, NAT-10.
#[test]
fn a_public_gateway_with_two_addresses() {
    let stage = stage();
    let user = &stage.user;
    stage.mirror("bob");
    let [(a, a_ip), (b, b_ip)] = [user.elastic_address(), user.elastic_address()];
    let nat = stage.gateway(&format!("--allocation-id {a}"));
    stage.route("create-route", "0.0.0.0/0", &nat);
    user.soon(&stage.inside, &format!("ping -c 1 -W 1 {BOB}"));
    assert_eq!(
        stage.calls(BOB, 10, 5),
        BTreeSet::from([format!("{a_ip} 10")])
    );

    // What CloudWatch has of a gateway: the ping's flow and five more, none without a port.
    assert!(stage.metric("active_connections", &nat) >= 6.0);
    assert_eq!(stage.metric("error_port_allocation_total", &nat), 0.0);

    // NAT-4: UDP in pieces, there and back.
    assert_eq!(
        stage.calls(BOB, 4_000, 1),
        BTreeSet::from([format!("{a_ip} 4000")])
    );

    user.aws(&format!(
        "ec2 associate-nat-gateway-address --nat-gateway-id {nat} --allocation-ids {b}"
    ));
    let both = BTreeSet::from([format!("{a_ip} 10"), format!("{b_ip} 10")]);
    eventually("both addresses speak", || {
        (stage.calls(BOB, 10, 24) == both).then_some(())
    });
    let shown = stage.described(&nat);
    let addresses = shown["NatGatewayAddresses"].as_array().unwrap();
    let second = addresses
        .iter()
        .find(|one| one["PublicIp"] == b_ip.as_str());
    let association = second.unwrap()["AssociationId"].as_str().unwrap();
    user.aws(&format!(
        "ec2 disassociate-nat-gateway-address --nat-gateway-id {nat} --association-ids {association}"
    ));
    let one = BTreeSet::from([format!("{a_ip} 10")]);
    eventually("one address speaks", || {
        (stage.calls(BOB, 10, 12) == one).then_some(())
    });

    // NAT-3.
    let words = format!(
        "ec2 create-nat-gateway --subnet-id {} --allocation-id {a}",
        stage.network.subnets[0]
    );
    let failed = user.text(&words, "/NatGateway/NatGatewayId");
    let failed = stage.becomes(&failed, "failed");
    assert_eq!(failed["FailureCode"], "Resource.AlreadyAssociated");
    assert_eq!(
        failed["FailureMessage"],
        format!("Elastic IP address {a} is already associated")
    );

    // NAT-10.
    user.aws(&format!("ec2 delete-nat-gateway --nat-gateway-id {nat}"));
    stage.becomes(&nat, "deleted");
    let tables = user.aws(&format!(
        "ec2 describe-route-tables --route-table-ids {}",
        stage.table
    ));
    let routes = tables["RouteTables"][0]["Routes"].as_array().unwrap();
    let route = routes
        .iter()
        .find(|route| route["NatGatewayId"] == nat.as_str());
    assert_eq!(route.unwrap()["State"], "blackhole");
    assert!(!user.pings(&stage.inside, BOB));
    let words = format!("ec2 describe-addresses --allocation-ids {a}");
    assert!(
        user.aws(&words)["Addresses"][0]
            .get("AssociationId")
            .is_none()
    );
}

/// NAT-1, NAT-8; 01 §6: a private gateway hides a subnet from the others of its VPC, and both of its legs are recorded.
#[test]
fn a_private_gateway_and_its_records() {
    let stage = stage();
    let user = &stage.user;
    let server = user.launch(&format!(
        "--subnet-id {} --security-group-ids {} --private-ip-address 10.0.1.20",
        stage.network.subnets[0], stage.network.group
    ));
    stage.mirror(&server);
    let nat = stage.gateway("--connectivity-type private --private-ip-address 10.0.1.220");
    let shown = stage.described(&nat);
    let eni = shown["NatGatewayAddresses"][0]["NetworkInterfaceId"]
        .as_str()
        .unwrap();
    let format = "${srcaddr} ${dstaddr} ${pkt-srcaddr} ${pkt-dstaddr}";
    user.log_interface(eni, "nat", format);
    stage.route("create-route", "10.0.1.0/24", &nat);
    stage.route("create-route", "0.0.0.0/0", &nat);
    let seen = BTreeSet::from(["10.0.1.220 10".to_owned()]);
    eventually("the server sees the gateway", || {
        (stage.calls("10.0.1.20", 10, 3) == seen).then_some(())
    });
    // NAT-8: the internet gateway knows no public address of it.
    assert!(!user.pings(&stage.inside, BOB));
    let wanted = [
        "10.0.2.5 10.0.1.220 10.0.2.5 10.0.1.20",
        "10.0.1.220 10.0.1.20 10.0.1.220 10.0.1.20",
        "10.0.1.20 10.0.1.220 10.0.1.20 10.0.1.220",
        "10.0.1.220 10.0.2.5 10.0.1.20 10.0.2.5",
    ];
    user.recorded("nat", format, &wanted.map(str::to_owned));
}
