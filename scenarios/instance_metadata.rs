//! EC2 user guide, "Use instance metadata": versions 1 and 2 asked with curl's manners from inside instances, options set
//! with the stock aws CLI.

use crate::link_local_services::{aws, network, said};
use crate::support::{Daemon, Privilege};

/// `METHOD URL [HEADER VALUE]…`; prints the status and the body.
const ASK: &str = "import sys,urllib.request as u,urllib.error as e\n\
m,l,*h=sys.argv[1:]\n\
try: r=u.build_opener(u.ProxyHandler({})).open(u.Request(l,method=m,headers=dict(zip(h[::2],h[1::2]))),timeout=5)\n\
except e.HTTPError as x: r=x\n\
print(r.status); print(r.read().decode() if r.status==200 else '')";

/// Asks for a token and prints the TTLs of the packets that bear an answer, as seen on the wire.
const HOPS: &str = "import socket,urllib.request as u\n\
s=socket.socket(socket.AF_PACKET,socket.SOCK_RAW,socket.htons(3)); s.settimeout(1)\n\
r=u.Request('http://169.254.169.254/latest/api/token',method='PUT',headers={'X-aws-ec2-metadata-token-ttl-seconds':'60'})\n\
u.build_opener(u.ProxyHandler({})).open(r,timeout=5).read()\n\
t=set()\n\
try:\n\
\x20while True:\n\
\x20 f=s.recv(65535)\n\
\x20 if f[26:30]==bytes([169,254,169,254]) and b'HTTP/1.1 200' in f: t.add(f[22])\n\
except TimeoutError: print(sorted(t))";

fn metadata_answers_its_own_instance(privilege: Privilege) {
    let daemon = Daemon::start(privilege);
    let ((vpc, first), (_, second)) = (network(&daemon), network(&daemon));
    let ask = |instance: &str, words: &[&str]| {
        let (_, text) = said(
            &daemon,
            instance,
            &[&["python3", "-c", ASK], words].concat(),
        );
        text
    };
    let url = |path: &str| format!("http://169.254.169.254/latest/{path}");
    let get = |instance: &str, path: &str| ask(instance, &["GET", &url(path)]);

    // Two VPCs with one CIDR, two instances with one address: each gets its own.
    for instance in [&first, &second] {
        assert_eq!(
            get(instance, "meta-data/instance-id"),
            format!("200\n{instance}")
        );
        assert_eq!(get(instance, "meta-data/local-ipv4"), "200\n10.0.1.10");
    }
    let mac = get(&first, "meta-data/mac").replace("200\n", "");
    let shown = get(
        &first,
        &format!("meta-data/network/interfaces/macs/{mac}/vpc-id"),
    );
    assert_eq!(shown, format!("200\n{vpc}"));
    let listed = get(&first, "meta-data/placement/");
    assert_eq!(
        listed,
        "200\navailability-zone\navailability-zone-id\nregion"
    );
    assert_eq!(get(&first, "user-data"), "404");
    // MD-2: all that there is to say of an interface with neither IPv6 nor a public address.
    let interface = get(&first, &format!("meta-data/network/interfaces/macs/{mac}/"));
    let names = [
        "200",
        "device-number",
        "interface-id",
        "local-hostname",
        "local-ipv4s",
        "mac",
        "owner-id",
        "security-group-ids",
        "security-groups",
        "subnet-id",
        "subnet-ipv4-cidr-block",
        "vpc-id",
        "vpc-ipv4-cidr-block",
        "vpc-ipv4-cidr-blocks",
    ];
    assert_eq!(interface, names.join("\n"));
    let identity = get(&first, "dynamic/instance-identity/document").replacen("200\n", "", 1);
    let identity: serde_json::Value = serde_json::from_str(&identity).unwrap();
    assert_eq!(identity["instanceId"], first.as_str());
    assert_eq!(identity["privateIp"], "10.0.1.10");

    // Version 2, once it is required.
    let options = format!("ec2 modify-instance-metadata-options --instance-id {first}");
    aws(
        &daemon,
        &format!("{options} --http-tokens required --http-put-response-hop-limit 3"),
    );
    assert_eq!(get(&first, "meta-data/instance-id"), "401");
    let put = |instance: &str, more: &[&str]| {
        let url = url("api/token");
        let words = ["PUT", &url, "X-aws-ec2-metadata-token-ttl-seconds", "60"];
        ask(instance, &[&words[..], more].concat())
    };
    assert_eq!(put(&first, &["X-Forwarded-For", "203.0.113.12"]), "403");
    let token = put(&first, &[]).replace("200\n", "");
    let with_token = |instance: &str| {
        let url = url("meta-data/instance-id");
        ask(instance, &["GET", &url, "X-aws-ec2-metadata-token", &token])
    };
    assert_eq!(with_token(&first), format!("200\n{first}"));
    assert_eq!(with_token(&second), "401", "another host's token");
    let hops = |instance: &str| said(&daemon, instance, &["python3", "-c", HOPS]).1;
    assert_eq!((hops(&first), hops(&second)), ("[3]".into(), "[1]".into()));

    // Off, at once.
    aws(&daemon, &format!("{options} --http-endpoint disabled"));
    assert_eq!(with_token(&first), "403");
    assert_eq!(
        get(&second, "meta-data/instance-id"),
        format!("200\n{second}")
    );
}

#[test]
fn metadata_answers_its_own_instance_as_the_tests_user() {
    metadata_answers_its_own_instance(Privilege::Own);
}

#[test]
fn metadata_answers_its_own_instance_rootless() {
    metadata_answers_its_own_instance(Privilege::Rootless);
}
