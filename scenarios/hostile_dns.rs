//! What an instance may say to its resolver: every form of bad input has its verdict, the resolver lives on, and nobody
//! learns another VPC's names (DNS-1, RFC 1035, RFC 9267, RFC 7766).

use crate::support::{Privilege, User};

/// Sends each case to the resolver and prints `NAME VERDICT`: the code of an answer, `silence`, or `closed` over TCP.
/// Every case ends with an honest question, which must be answered.
const ATTACK: &str = r#"
import socket, struct, sys, random, os
SERVER, HONEST, OTHERS = sys.argv[1:4]
def name(text):
    return b"".join(bytes([len(l)]) + l for l in text.encode().split(b".")) + b"\0"
def head(flags=0x100, counts=(1, 0, 0, 0), id=7):
    return struct.pack(">6H", id, flags, *counts)
def query(text, kind=1):
    return head() + name(text) + struct.pack(">2H", kind, 1)
OPT = b"\0" + struct.pack(">HHIH", 41, 4096, 0, 0)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect((SERVER, 53))
def udp(sent):
    s.settimeout(0.7); s.send(sent)
    try:
        answer = s.recv(4096)
    except socket.timeout:
        return "silence"
    return str(answer[3] & 15)
def tcp(sent):
    with socket.create_connection((SERVER, 53), 2) as t:
        t.settimeout(2); t.sendall(sent)
        try:
            answer = t.recv(4096)
        except socket.timeout:
            return "silence"
        return str(answer[5] & 15) if answer else "closed"
def honest():
    return udp(query(HONEST))
tail = struct.pack(">2H", 1, 1)
cases = [
    ("loop", udp, head() + b"\xc0\x0c" + tail),
    ("forward-pointer", udp, head() + b"\xc0\x20" + tail),
    ("pointer-to-pointer", udp, head() + b"\1a\xc0\x0c" + tail),
    ("long-label", udp, head() + b"\x40" + b"a" * 64 + b"\0" + tail),
    ("long-name", udp, head() + (b"\x3f" + b"a" * 63) * 4 + b"\0" + tail),
    ("cut-name", udp, head() + b"\x3fabc"),
    ("no-question", udp, head(counts=(0, 0, 0, 0))),
    ("two-questions", udp, head(counts=(2, 0, 0, 0)) + (name("a.b") + tail) * 2),
    ("many-questions", udp, head(counts=(65535, 0, 0, 0)) + name("a.b") + tail),
    ("lying-answers", udp, head(counts=(1, 65535, 0, 0)) + name("a.b") + tail),
    ("response", udp, head(flags=0x8180) + name("a.b") + tail),
    ("update", udp, head(flags=0x2800) + name("a.b") + tail),
    ("status", udp, head(flags=0x1000) + name("a.b") + tail),
    ("edns-twice", udp, head(counts=(1, 0, 0, 2)) + name("a.b") + tail + OPT + OPT),
    ("edns-version", udp, head(counts=(1, 0, 0, 1)) + name(HONEST) + tail + b"\0" + struct.pack(">HHIH", 41, 4096, 1 << 16, 0)),
    ("transfer", udp, query("ec2.internal", 252)),
    ("chaos", udp, head() + name("version.bind") + struct.pack(">2H", 16, 3)),
    ("empty", udp, b""),
    ("eleven-bytes", udp, b"\0" * 11),
    ("4k-of-zeros", udp, b"\0" * 4000),
    ("others-address", udp, query(OTHERS, 12)),
    ("tcp-length-lies", tcp, struct.pack(">H", 4000) + query("a.b")),
    ("tcp-zero-length", tcp, b"\0\0"),
    ("tcp-garbage", tcp, struct.pack(">H", 64) + b"\xff" * 64),
]
for label, way, sent in cases:
    verdict = way(sent)
    assert honest() == "0", label
    print(label, verdict)
mixed = "".join(c.upper() if n % 2 else c for n, c in enumerate(HONEST))
s.send(query(mixed)); answer = s.recv(4096)
print("0x20", answer[3] & 15, name(mixed) in answer)
random.seed(1)
answered = 0
for n in range(4000):
    sent = bytearray(random.choice([query(HONEST), head(counts=(1, 0, 0, 1)) + name(HONEST) + tail + OPT]))
    for _ in range(random.randrange(1, 6)):
        sent[random.randrange(len(sent))] = random.randrange(256)
    s.send(sent[:random.randrange(len(sent) + 1)])
import time
time.sleep(1.5)
s.settimeout(0.05)
try:
    while True: s.recv(4096)
except socket.timeout: pass
# A flood of names that are not there is somebody else's allowance at most.
for n in range(3000):
    s.send(query("%x.nowhere.example" % random.getrandbits(64)))
time.sleep(1.5)
try:
    while True: s.recv(4096); answered += 1
except socket.timeout: pass
print("flood", 0 < answered <= 3000, honest())
"#;

/// The verdicts, and why.
const VERDICTS: [(&str, &str); 26] = [
    // Names that lead nowhere are no questions: FORMERR.
    ("loop", "1"),
    ("forward-pointer", "1"),
    ("pointer-to-pointer", "1"),
    ("long-label", "1"),
    ("long-name", "1"),
    ("cut-name", "1"),
    // One question each (RFC 9619), and no records but EDNS's.
    ("no-question", "1"),
    ("two-questions", "1"),
    ("many-questions", "1"),
    ("lying-answers", "1"),
    // An answer is not answered, or two resolvers would talk for ever.
    ("response", "silence"),
    ("update", "4"),
    ("status", "4"),
    ("edns-twice", "1"),
    // BADVERS is 16, whose low bits are in the header.
    ("edns-version", "0"),
    ("transfer", "5"),
    ("chaos", "5"),
    ("empty", "silence"),
    ("eleven-bytes", "silence"),
    ("4k-of-zeros", "1"),
    // The reverse name of an address that another VPC has: nobody here has it.
    ("others-address", "3"),
    // A message that never comes is waited for; one that is none gets FORMERR, or the end.
    ("tcp-length-lies", "silence"),
    ("tcp-zero-length", "closed"),
    ("tcp-garbage", "closed"),
    ("0x20", "0 True"),
    ("flood", "True 0"),
];

fn hostile_questions_get_their_verdicts(privilege: Privilege) {
    let user = User::of_new_daemon(privilege);
    let network = user.network();
    let vpc = &network.vpc;
    user.aws(&format!(
        "ec2 modify-vpc-attribute --vpc-id {vpc} --enable-dns-hostnames"
    ));
    let (subnet, group) = (&network.subnets[0], &network.group);
    let attacker = user.launch(&format!(
        "--subnet-id {subnet} --security-group-ids {group} --private-ip-address 10.0.1.10"
    ));
    let victim = user.launch(&format!(
        "--subnet-id {subnet} --security-group-ids {group} --private-ip-address 10.0.1.11"
    ));
    let line =
        format!("python3 - 10.0.0.2 web.example.com 5.1.9.10.in-addr.arpa <<'EOF'{ATTACK}EOF");
    let told = user.ok(&attacker, &line);
    let told: Vec<&str> = told.lines().map(str::trim).collect();
    let wanted: Vec<String> = VERDICTS
        .iter()
        .map(|(case, verdict)| format!("{case} {verdict}"))
        .collect();
    assert_eq!(told, wanted);
    // Its neighbour has noticed nothing.
    let asked = user.ok(&victim, "getent ahostsv4 web.example.com | head -1");
    assert!(asked.starts_with("198.51.100.80"), "{asked}");
}

#[test]
fn hostile_questions_get_their_verdicts_as_whoever_runs_this() {
    hostile_questions_get_their_verdicts(Privilege::Own);
}

#[test]
fn hostile_questions_get_their_verdicts_without_privileges() {
    hostile_questions_get_their_verdicts(Privilege::Rootless);
}
