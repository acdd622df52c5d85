//! PrivateLink guide, "Share your services": a consumer and a provider of one CIDR, real servers, both sides of it (EP-1 …
//! EP-9, IP-6, IP-10).

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};

use crate::load_balancer::Stage;
use crate::support::{Options, Privilege, User, eventually};

/// A web server behind a load balancer with the PROXY protocol: it answers whoever calls with what the header says of him,
/// and with the address that it sees itself.
const TOLD: &str = r#"
import socket, struct, threading
def serve(peer, seen):
    f = peer.makefile("rb")
    head = f.read(16)
    if head[:12] != b"\r\n\r\n\0\r\nQUIT\n":
        peer.sendall(b"HTTP/1.1 400 x\r\nContent-Length: 0\r\n\r\n"); peer.close(); return
    rest = f.read(struct.unpack(">H", head[14:16])[0])
    told = "local"
    if head[12] == 0x21:
        told, at = socket.inet_ntoa(rest[:4]), 12
        while at < len(rest):
            kind, size = rest[at], struct.unpack(">H", rest[at + 1:at + 3])[0]
            if kind == 0xea and rest[at + 3] == 1:
                told += " " + rest[at + 4:at + 3 + size].decode()
            at += 3 + size
    while f.readline().strip():
        pass
    body = (told + " " + seen + "\n").encode()
    peer.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    peer.close()
listener = socket.create_server(("", 8080))
while True:
    peer, seen = listener.accept()
    threading.Thread(target=serve, args=(peer, seen[0]), daemon=True).start()
"#;

/// A consumer's VPC with the block of the provider's, and a client in it at an address that the provider has given to a
/// server.
struct Consumer {
    vpc: String,
    subnets: [String; 2],
    group: String,
    client: String,
}

impl Consumer {
    fn of(user: &User) -> Consumer {
        let vpc = user.text("ec2 create-vpc --cidr-block 10.0.0.0/16", "/Vpc/VpcId");
        user.aws(&format!(
            "ec2 modify-vpc-attribute --vpc-id {vpc} --enable-dns-hostnames"
        ));
        let subnets = [("10.0.1.0/24", "us-east-1a"), ("10.0.3.0/24", "us-east-1c")];
        let subnets = subnets.map(|(cidr, zone)| {
            let words = format!(
                "ec2 create-subnet --vpc-id {vpc} --cidr-block {cidr} --availability-zone {zone}"
            );
            user.text(&words, "/Subnet/SubnetId")
        });
        let words =
            format!("ec2 create-security-group --group-name c --description c --vpc-id {vpc}");
        let group = user.text(&words, "/GroupId");
        user.aws(&format!(
            "ec2 authorize-security-group-ingress --group-id {group} --protocol tcp --port 80 --cidr 10.0.0.0/16"
        ));
        let client = user.launch(&format!(
            "--subnet-id {} --security-group-ids {group} --private-ip-address 10.0.1.20",
            subnets[0]
        ));
        Consumer {
            vpc,
            subnets,
            group,
            client,
        }
    }

    /// An endpoint to a service in the first subnet; its id and regional name.
    fn endpoint(&self, user: &User, service: &str) -> (String, String) {
        let words = format!(
            "ec2 create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id {} --service-name {service} \
             --subnet-ids {} --security-group-ids {} --no-private-dns-enabled",
            self.vpc, self.subnets[0], self.group
        );
        let made = user.aws(&words);
        let text = |pointer: &str| made.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        (
            text("/VpcEndpoint/VpcEndpointId"),
            text("/VpcEndpoint/DnsEntries/0/DnsName"),
        )
    }
}

/// TXT records that a name server knows, by name in lower case.
type Texts = Arc<Mutex<HashMap<String, String>>>;

/// A name server for whatever texts it is given; it runs until the test ends.
fn name_server(texts: &Texts) -> SocketAddr {
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    let texts = texts.clone();
    std::thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((len, peer)) = server.recv_from(&mut buffer) {
            let (mut at, mut labels) = (12, Vec::new());
            while buffer[at] != 0 {
                let end = at + 1 + usize::from(buffer[at]);
                labels.push(String::from_utf8_lossy(&buffer[at + 1..end]).to_lowercase());
                at = end;
            }
            let question = at + 5;
            assert!(question <= len);
            let mut answer = buffer[..question].to_vec();
            (answer[2], answer[3], answer[11]) = (0x81, 0x80, 0);
            match texts.lock().unwrap().get(&labels.join(".")) {
                Some(text) => {
                    answer[7] = 1;
                    let size = text.len() as u8;
                    answer.extend_from_slice(&[
                        0xc0,
                        12,
                        0,
                        16,
                        0,
                        1,
                        0,
                        0,
                        0,
                        60,
                        0,
                        size + 1,
                        size,
                    ]);
                    answer.extend_from_slice(text.as_bytes());
                }
                None => answer[3] |= 3,
            }
            let _ = server.send_to(&answer, peer);
        }
    });
    address
}

fn a_provider_and_a_consumer_of_one_cidr(privilege: Privilege) {
    let texts = Texts::default();
    let server = name_server(&texts);
    let user = User::of_daemon_with(Options {
        privilege,
        arguments: vec![format!("--dns-forward=example.net={server}")],
        ..Options::default()
    });
    let stage = Stage::of(user);
    let user = &stage.user;
    let [a, b] = &stage.servers;
    for target in [a, b] {
        user.ok(
            target,
            &format!("cat > /tmp/told.py <<'EOF'{TOLD}EOF\n(nohup python3 -u /tmp/told.py >/tmp/log 2>&1 &)"),
        );
    }
    let group = stage.group("told", "instance", &[a, b]);
    user.aws(&format!(
        "elbv2 modify-target-group-attributes --target-group-arn {group} \
         --attributes Key=proxy_protocol_v2.enabled,Value=true"
    ));
    let (balancer, name) = stage.balance("told", &group);
    for target in [a, b] {
        // Its probes bear a header too, or they would get 400.
        assert_eq!(stage.becomes(&group, target, "healthy"), None);
    }
    // The provider's own clients are told of, without any endpoint.
    let told = user.ok(
        &stage.client,
        &format!("curl -s -m 5 http://us-east-1a.{name}/"),
    );
    assert_eq!(told.trim(), "10.0.1.10 10.0.1.10");

    // The service, and its name to be proved.
    let made = user.aws(&format!(
        "ec2 create-vpc-endpoint-service-configuration --network-load-balancer-arns {balancer} \
         --private-dns-name billing.example.net"
    ));
    let text = |pointer: &str| made.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    let (id, service) = (
        text("/ServiceConfiguration/ServiceId"),
        text("/ServiceConfiguration/ServiceName"),
    );
    let own = "/ServiceConfiguration/PrivateDnsNameConfiguration";
    let (record, value) = (text(&format!("{own}/Name")), text(&format!("{own}/Value")));

    // EP-3: no subnet where the service is not.
    let consumer = Consumer::of(user);
    let refused = user.aws_refused(&format!(
        "ec2 create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id {} --service-name {service} --subnet-ids {}",
        consumer.vpc, consumer.subnets[1]
    ));
    assert!(
        refused.contains("does not support the availability zone"),
        "{refused}"
    );

    // EP-5: nothing passes before the provider has said so.
    let (endpoint, regional) = consumer.endpoint(user, &service);
    let call = |name: &str| format!("curl -s -m 3 http://{name}/");
    assert!(!user.sh(&consumer.client, &call(&regional)).status.success());
    user.aws(&format!(
        "ec2 accept-vpc-endpoint-connections --service-id {id} --vpc-endpoint-ids {endpoint}"
    ));
    user.soon(&consumer.client, &call(&regional));
    // IP-6, IP-10: the target sees the node, and is told of the client, whose address is its own, and of the endpoint.
    let nodes = user.aws(
        "ec2 describe-network-interfaces --filters Name=interface-type,Values=network_load_balancer \
         Name=availability-zone,Values=us-east-1a",
    );
    let node = nodes["NetworkInterfaces"][0]["PrivateIpAddress"]
        .as_str()
        .unwrap();
    let told = user.ok(&consumer.client, &call(&regional));
    assert_eq!(told.trim(), format!("10.0.1.20 {endpoint} {node}"));
    // Many at once, and all of them are told.
    let line =
        format!("for i in $(seq 40); do curl -s -m 5 http://{regional}/ & done | sort | uniq -c");
    let all = user.ok(&consumer.client, &line);
    assert_eq!(all.trim(), format!("40 10.0.1.20 {endpoint} {node}"));

    // EP-7: the private name is nobody's before its domain is shown to be the provider's.
    let private =
        format!("ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint} --private-dns-enabled");
    assert!(
        user.aws_refused(&private)
            .contains("does not provide a private DNS name")
    );
    let state = || {
        let words = format!("ec2 describe-vpc-endpoint-service-configurations --service-ids {id}");
        user.text(
            &words,
            "/ServiceConfigurations/0/PrivateDnsNameConfiguration/State",
        )
    };
    let start =
        format!("ec2 start-vpc-endpoint-service-private-dns-verification --service-id {id}");
    user.aws(&start);
    assert_eq!(state(), "pendingVerification");
    let published = format!("{record}.billing.example.net");
    texts.lock().unwrap().insert(published, value);
    eventually("the proof of the name", || {
        (state() == "verified").then_some(())
    });
    user.aws(&private);
    user.soon(&consumer.client, &call("billing.example.net"));
    let told = user.ok(&consumer.client, &call("billing.example.net"));
    assert_eq!(told.trim(), format!("10.0.1.20 {endpoint} {node}"));
    // In the consumer's VPC alone.
    assert!(
        !user
            .sh(&stage.client, &call("billing.example.net"))
            .status
            .success()
    );
    let seen = user.aws(&format!(
        "ec2 describe-vpc-endpoints --vpc-endpoint-ids {endpoint}"
    ));
    let names = seen["VpcEndpoints"][0]["DnsEntries"].as_array().unwrap();
    assert!(
        names
            .iter()
            .any(|entry| entry["DnsName"] == "billing.example.net")
    );

    // EP-5: rejected, it stops, also for what is connected.
    user.aws(&format!(
        "ec2 reject-vpc-endpoint-connections --service-id {id} --vpc-endpoint-ids {endpoint}"
    ));
    eventually("the end of it", || {
        let call = user.sh(&consumer.client, &call(&regional));
        (!call.status.success()).then_some(())
    });
}

#[test]
fn a_provider_and_a_consumer_of_one_cidr_as_whoever_runs_this() {
    a_provider_and_a_consumer_of_one_cidr(Privilege::Own);
}

#[test]
fn a_provider_and_a_consumer_of_one_cidr_without_privileges() {
    a_provider_and_a_consumer_of_one_cidr(Privilege::Rootless);
}
