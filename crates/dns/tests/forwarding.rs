//! Names that others know: who is asked, and what is believed.
#![allow(clippy::unwrap_used)]

mod lab;

use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use lab::*;
use openvpc_dns::{ForwardRule, Outcome, Pending, Progress, Transport, txt};

const ID: u16 = 900;

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

fn forwarded(rules: &[&str], interface: u32, message: &Message) -> Result<Pending, String> {
    let bytes = message.to_vec().unwrap();
    match resolver(rules).answer(interface, &bytes, Transport::Udp, Duration::ZERO) {
        Outcome::Forward(pending) => Ok(*pending),
        Outcome::Reply(bytes) => Err(text(&bytes)),
        Outcome::Silence => Err(String::new()),
    }
}

/// The server's answer to what was just asked of it.
fn response(pending: &Pending, answers: Vec<(&str, RData)>) -> Message {
    let request = Message::from_vec(&pending.request(ID)).unwrap();
    let mut message = Message::new(ID, MessageType::Response, OpCode::Query);
    message.add_query(request.queries[0].clone());
    for (owner, data) in answers {
        message.add_answer(Record::from_rdata(name(owner), 300, data));
    }
    message
}

fn accept(pending: &mut Pending, message: &Message) -> Progress {
    pending.accept(ID, &message.to_vec().unwrap(), Transport::Udp)
}

fn reply(progress: Progress) -> String {
    match progress {
        Progress::Reply(bytes) => text(&bytes),
        other => format!("{other:?}"),
    }
}

#[test]
fn rules_read_as_domain_and_server() {
    for (rule, server) in [
        (".=192.0.2.53", "192.0.2.53:53"),
        ("Corp.Example.=192.0.2.53:5353", "192.0.2.53:5353"),
        ("corp.example=2001:db8::53", "[2001:db8::53]:53"),
        ("corp.example=[2001:db8::53]:5353", "[2001:db8::53]:5353"),
    ] {
        let rule: ForwardRule = rule.parse().unwrap();
        assert_eq!(rule.server, server.parse().unwrap());
    }
    for text in [
        "",
        "=1.2.3.4",
        "a",
        "a=",
        "a=b",
        "a=0.0.0.0",
        "a=1.2.3.4:0",
        "a..b=1.2.3.4",
    ] {
        let refusal = text.parse::<ForwardRule>().unwrap_err().to_string();
        assert!(refusal.starts_with("not DOMAIN=ADDRESS[:PORT]"), "{text}");
    }
}

#[test]
fn the_longest_domain_chooses_the_server_and_own_names_stay() {
    let rules = [
        ".=192.0.2.1",
        "corp.example=192.0.2.2",
        "a.corp.example=192.0.2.3",
    ];
    let rows = [
        ("x.example.org.", Ok("192.0.2.1:53")),
        ("corp.example.", Ok("192.0.2.2:53")),
        ("b.CORP.example.", Ok("192.0.2.2:53")),
        ("b.a.corp.example.", Ok("192.0.2.3:53")),
        ("notcorp.example.", Ok("192.0.2.1:53")),
        ("ip-10-0-1-5.ec2.internal.", Err("NOERROR 10.0.1.5")),
        // Nobody elsewhere is told about names of this VPC, not even of those that are not there.
        ("none.ec2.internal.", Err("NXDOMAIN")),
        ("ec2-192-0-2-99.compute-1.amazonaws.com.", Err("NXDOMAIN")),
        ("localhost.", Err("NOERROR 127.0.0.1")),
    ];
    for (asked, expected) in rows {
        let outcome = forwarded(&rules, ONE, &query(asked, RecordType::A));
        let outcome = outcome.map(|pending| pending.server().to_string());
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(outcome, expected, "{asked}");
    }
    // Who names the zone itself means it.
    let rules = ["ec2.internal=192.0.2.4"];
    assert!(forwarded(&rules, ONE, &query("none.ec2.internal.", RecordType::A)).is_ok());
    assert!(forwarded(&rules, ONE, &query(NAME, RecordType::A)).is_err());
}

const NAME: &str = "ip-10-0-1-5.ec2.internal.";

#[test]
fn without_rules_or_recursion_nobody_is_asked() {
    let asked = query("x.example.org.", RecordType::A);
    assert_eq!(forwarded(&[], ONE, &asked).unwrap_err(), "NXDOMAIN");
    assert_eq!(forwarded(&[".=192.0.2.1"], SILENT, &asked).unwrap_err(), "");
    let mut iterative = asked;
    iterative.metadata.recursion_desired = false;
    assert_eq!(
        forwarded(&[".=192.0.2.1"], ONE, &iterative).unwrap_err(),
        "REFUSED"
    );
}

#[test]
fn an_answer_counts_only_if_it_answers() {
    let asked = query("x.example.org.", RecordType::A);
    let mut pending = forwarded(&[".=192.0.2.1"], ONE, &asked).unwrap();
    let request = Message::from_vec(&pending.request(ID)).unwrap();
    assert_eq!(
        (request.metadata.id, request.metadata.recursion_desired),
        (ID, true)
    );
    let good = response(
        &pending,
        vec![("x.example.org.", RData::A(A::new(198, 51, 100, 1)))],
    );
    let mut lies = vec![Vec::new(), b"nonsense".to_vec(), pending.request(ID)];
    let mut other = good.clone();
    other.metadata.id = ID + 1;
    lies.push(other.to_vec().unwrap());
    let mut other = good.clone();
    other.queries[0].set_name(name("y.example.org."));
    lies.push(other.to_vec().unwrap());
    for lie in lies {
        let progress = pending.accept(ID, &lie, Transport::Udp);
        assert!(matches!(progress, Progress::Ignored), "{lie:?}");
    }
    let mut cut = good.clone();
    cut.metadata.truncation = true;
    assert!(matches!(accept(&mut pending, &cut), Progress::UseTcp));
    let Progress::Reply(bytes) = accept(&mut pending, &good) else {
        panic!("an answer");
    };
    assert_eq!(text(&bytes), "NOERROR 198.51.100.1");
    let answer = Message::from_vec(&bytes).unwrap();
    assert_eq!((answer.metadata.id, answer.answers[0].ttl), (4711, 300));
    assert_eq!(text(&pending.failed()), "SERVFAIL");
    let mut gone = response(&pending, vec![]);
    gone.metadata.response_code = ResponseCode::NXDomain;
    assert_eq!(reply(accept(&mut pending, &gone)), "NXDOMAIN");
}

/// What leads to the client itself or to its link is left out; private addresses pass, as on AWS.
#[test]
fn answers_cannot_turn_a_client_against_itself() {
    let asked = query("x.example.org.", RecordType::A);
    let mut pending = forwarded(&[".=192.0.2.1"], ONE, &asked).unwrap();
    let a = |a, b, c, d| ("x.example.org.", RData::A(A::new(a, b, c, d)));
    let aaaa = |text: &str| ("x.example.org.", RData::AAAA(AAAA(text.parse().unwrap())));
    let lies = vec![
        a(127, 0, 0, 1),
        a(169, 254, 169, 254),
        a(0, 0, 0, 0),
        a(10, 0, 0, 1),
        aaaa("::1"),
        aaaa("fe80::1"),
        aaaa("::ffff:127.0.0.1"),
        aaaa("2001:db8::1"),
    ];
    let message = response(&pending, lies);
    assert_eq!(
        reply(accept(&mut pending, &message)),
        "NOERROR 10.0.0.1 2001:db8::1"
    );
}

/// `NAT-11`, RFC 6147 §5.1: first whether there is an IPv6 address, then the IPv4 ones.
#[test]
fn dns64_asks_twice() {
    let asked = query("x.example.org.", RecordType::AAAA);
    let cname = || {
        (
            "x.example.org.",
            RData::CNAME(CNAME(name("y.example.org."))),
        )
    };
    let mut pending = forwarded(&[".=192.0.2.1"], ONE_DNS64, &asked).unwrap();
    let message = response(&pending, vec![cname()]);
    assert!(matches!(accept(&mut pending, &message), Progress::AskNext));
    let request = Message::from_vec(&pending.request(ID)).unwrap();
    assert_eq!(request.queries[0].query_type(), RecordType::A);
    // The late first answer is no answer to the second question.
    assert!(matches!(accept(&mut pending, &message), Progress::Ignored));
    let address = ("y.example.org.", RData::A(A::new(198, 51, 100, 1)));
    let message = response(&pending, vec![cname(), address]);
    let Progress::Reply(bytes) = accept(&mut pending, &message) else {
        panic!("an answer");
    };
    assert_eq!(text(&bytes), "NOERROR y.example.org. 64:ff9b::c633:6401");
    let answer = Message::from_vec(&bytes).unwrap();
    assert_eq!(answer.queries[0].query_type(), RecordType::AAAA);

    let mut pending = forwarded(&[".=192.0.2.1"], ONE_DNS64, &asked).unwrap();
    let real = (
        "x.example.org.",
        RData::AAAA(AAAA("2001:db8::1".parse().unwrap())),
    );
    let message = response(&pending, vec![real]);
    assert_eq!(reply(accept(&mut pending, &message)), "NOERROR 2001:db8::1");
}

/// Only a query's answer has whole records: in an update (RFC 2136 §2.5.2) a record may lack its data, and passed on as
/// the answer to a query it could not be read. Found by fuzzing.
#[test]
fn an_answer_of_another_opcode_is_no_answer() {
    let asked = query("x.example.org.", RecordType::A);
    let mut pending = forwarded(&[".=192.0.2.1"], ONE, &asked).unwrap();
    let address = ("x.example.org.", RData::A(A::new(198, 51, 100, 1)));
    let good = response(&pending, vec![address]);
    for op_code in [OpCode::Update, OpCode::Notify, OpCode::Status] {
        let mut lie = good.clone();
        lie.metadata.op_code = op_code;
        assert!(matches!(accept(&mut pending, &lie), Progress::Ignored));
    }
    assert_eq!(reply(accept(&mut pending, &good)), "NOERROR 198.51.100.1");
}

/// RFC 1035 §3.3.14: a domain's owner has written something under its name, for anybody to read.
#[test]
fn texts_are_read_from_the_server_of_their_domain() {
    let rules: Vec<ForwardRule> = vec!["example.net=192.0.2.53".parse().unwrap()];
    assert!(
        txt::ask(&rules, "_proof.example.org").is_none(),
        "nobody knows"
    );
    assert!(txt::ask(&rules, "_proof..example.net").is_none(), "no name");
    let mut pending = txt::ask(&rules, "_Proof.Example.net").unwrap();
    assert_eq!(pending.server(), "192.0.2.53:53".parse().unwrap());
    let request = Message::from_vec(&pending.request(ID)).unwrap();
    assert_eq!(request.queries[0].query_type(), RecordType::TXT);
    let written = |parts: &[&str]| {
        let parts = parts.iter().map(|part| (*part).to_owned()).collect();
        RData::TXT(TXT::new(parts))
    };
    let owner = "_proof.example.net.";
    let answer = response(
        &pending,
        vec![
            (owner, written(&["vpce:", "abc"])),
            (owner, written(&["other"])),
        ],
    );
    let Progress::Reply(bytes) = accept(&mut pending, &answer) else {
        panic!("no answer");
    };
    assert_eq!(txt::texts(&bytes), ["vpce:abc", "other"]);
    assert!(txt::texts(&pending.failed()).is_empty());
    assert!(txt::texts(b"\0").is_empty());
}
