//! Questions that are none, sizes, and what else the protocol asks for.
//!
//! Bad input, item by item:
//!
//! | Item | Test |
//! |---|---|
//! | compression loop, forward pointer; label > 63, name > 255; counts that lie, QDCOUNT 0, 2, 65,535; response bit; opcode; EDNS twice | `what_is_no_question_is_refused_or_not_answered` |
//! | TCP length that lies | the daemon's `a_length_that_lies_ends_the_connection` |
//! | 0x20 case | `names::case_means_nothing_and_is_kept` |
//! | NXDOMAIN flood with random labels | `a_flood_of_random_names_leaves_nothing_behind` |
//! | PTR for another VPC's block | `names::addresses_lead_back_to_names`, `nobody_elses_block_is_answered_for` |
//! | `localhost` | `names::localhost_never_leaves` |
//! | IDN, and labels that are no host names | `labels_of_any_bytes` |
#![allow(clippy::unwrap_used)]

mod lab;

use std::time::Duration;

use hickory_proto::op::{Message, OpCode, ResponseCode};
use hickory_proto::rr::{DNSClass, RData, RecordType};
use lab::*;
use openvpc_dns::{Outcome, QUERIES_PER_SECOND, Transport};
use proptest::prelude::*;

const NAME: &str = "ip-10-0-1-5.ec2.internal.";

fn bytes_of(name: &str, kind: RecordType) -> Vec<u8> {
    query(name, kind).to_vec().unwrap()
}

fn code(bytes: &[u8]) -> Option<ResponseCode> {
    let answer = exchange(&mut resolver(&[]), ONE, bytes)?;
    let answer = Message::from_vec(&answer).unwrap();
    assert_eq!(answer.metadata.id, 4711);
    Some(answer.metadata.response_code)
}

/// RFC 9267 and the other classics, each with the answer it deserves.
#[test]
fn what_is_no_question_is_refused_or_not_answered() {
    let good = || bytes_of(NAME, RecordType::A);
    let edit = |at: usize, value: &[u8]| {
        let mut bytes = good();
        bytes[at..at + value.len()].copy_from_slice(value);
        bytes
    };
    let with_name = |name: &[u8]| {
        let mut bytes = good()[..12].to_vec();
        bytes.extend_from_slice(name);
        bytes.extend_from_slice(&[0, 1, 0, 1]);
        bytes
    };
    let mut long_name = Vec::new();
    for _ in 0..5 {
        long_name.push(63);
        long_name.extend_from_slice(&[b'a'; 63]);
    }
    long_name.push(0);
    let mut two_opts = with_edns(query(NAME, RecordType::A), 1232, false)
        .to_vec()
        .unwrap();
    let opt = two_opts[two_opts.len() - 11..].to_vec();
    two_opts.extend_from_slice(&opt);
    two_opts[11] = 2;
    let form_err = Some(ResponseCode::FormErr);
    let rows: Vec<(&str, Vec<u8>, Option<ResponseCode>)> = vec![
        ("a good one", good(), Some(ResponseCode::NoError)),
        ("empty", Vec::new(), None),
        ("no whole header", good()[..11].to_vec(), None),
        ("an answer", edit(2, &[0x80]), None),
        ("header only", good()[..12].to_vec(), form_err),
        ("no question", edit(4, &[0, 0]), form_err),
        ("two questions said", edit(4, &[0, 2]), form_err),
        ("65,535 questions said", edit(4, &[255, 255]), form_err),
        ("an answer in the question", edit(6, &[0, 1]), form_err),
        ("65,535 more records said", edit(10, &[255, 255]), form_err),
        ("one more record said", edit(10, &[0, 1]), form_err),
        (
            "name that points at itself",
            with_name(&[0xc0, 12]),
            form_err,
        ),
        ("name that points forward", with_name(&[0xc0, 40]), form_err),
        (
            "name that points into the header",
            with_name(&[0xc0, 0]),
            form_err,
        ),
        (
            "two names that point at each other",
            with_name(&[1, b'a', 0xc0, 12]),
            form_err,
        ),
        ("reserved label kind", with_name(&[0x80, 0]), form_err),
        (
            "label longer than the message",
            with_name(&[63, b'a', 0]),
            form_err,
        ),
        (
            "name of more than 255 bytes",
            with_name(&long_name),
            form_err,
        ),
        ("EDNS twice", two_opts, form_err),
        (
            "cut off in the question",
            good()[..good().len() - 1].to_vec(),
            form_err,
        ),
        ("status", edit(2, &[2 << 3]), Some(ResponseCode::NotImp)),
        ("notify", edit(2, &[4 << 3]), Some(ResponseCode::NotImp)),
        ("update", edit(2, &[5 << 3]), Some(ResponseCode::NotImp)),
    ];
    for (what, bytes, expected) in rows {
        assert_eq!(code(&bytes), expected, "{what}");
    }
}

#[test]
fn classes_transfers_and_versions_that_are_not_served() {
    let mut chaos = query("version.bind.", RecordType::TXT);
    chaos.queries[0].set_query_class(DNSClass::CH);
    assert_eq!(
        ask_message(ONE, &chaos).metadata.response_code,
        ResponseCode::Refused
    );
    assert_eq!(ask(ONE, "ec2.internal.", RecordType::AXFR), "REFUSED");
    assert_eq!(ask(ONE, "ec2.internal.", RecordType::IXFR), "REFUSED");
    let mut newer = with_edns(query(NAME, RecordType::A), 1232, false);
    newer.edns.as_mut().unwrap().set_version(1);
    let answer = ask_message(ONE, &newer);
    // BADVERS, which shares its number with BADSIG.
    assert_eq!(u16::from(answer.metadata.response_code), 16);
    assert_eq!(answer.edns.unwrap().version(), 0);
    assert_eq!(answer.answers.len(), 0);
    assert_eq!(answer.metadata.op_code, OpCode::Query);
}

/// RFC 8482: no amplifier.
#[test]
fn any_gets_one_small_record() {
    let answer = ask_message(ONE, &query("many.example.com.", RecordType::ANY));
    assert!(matches!(&answer.answers[..], [one] if matches!(&one.data, RData::HINFO(_))));
}

#[test]
fn a_long_answer_is_cut_off_over_udp_and_whole_over_tcp() {
    let plain = query("many.example.com.", RecordType::A);
    for (message, limit) in [
        (plain.clone(), 512),
        (with_edns(plain.clone(), 100, false), 512),
        (with_edns(plain.clone(), 4096, false), 1232),
    ] {
        let bytes = message.to_vec().unwrap();
        let answer = exchange(&mut resolver(&[]), ONE, &bytes).unwrap();
        assert!(answer.len() <= limit);
        let answer = Message::from_vec(&answer).unwrap();
        assert!(answer.metadata.truncation && answer.answers.is_empty());
        assert_eq!(answer.edns.is_some(), message.edns.is_some());
    }
    let asked = resolver(&[]).answer(
        ONE,
        &plain.to_vec().unwrap(),
        Transport::Tcp,
        Duration::ZERO,
    );
    let Outcome::Reply(bytes) = asked else {
        panic!("an answer: {asked:?}");
    };
    let answer = Message::from_vec(&bytes).unwrap();
    assert_eq!(
        (answer.metadata.truncation, answer.answers.len()),
        (false, 200)
    );
}

#[test]
fn an_answer_says_what_it_is() {
    let answer = ask_message(ONE, &query(NAME, RecordType::A));
    assert!(answer.metadata.recursion_available && answer.metadata.recursion_desired);
    assert!(!answer.metadata.authoritative && !answer.metadata.authentic_data);
    let mut iterative = query(NAME, RecordType::A);
    iterative.metadata.recursion_desired = false;
    let answer = ask_message(ONE, &iterative);
    assert!(!answer.metadata.recursion_desired);
    assert_eq!(answer.answers.len(), 1);
}

/// `DNS-1`: 1024 packets a second for each interface.
#[test]
fn beyond_the_allowance_there_is_silence_for_that_interface_alone() {
    let mut resolver = resolver(&[]);
    let bytes = bytes_of(NAME, RecordType::A);
    let answered = (0..2_000).filter(|_| exchange(&mut resolver, ONE, &bytes).is_some());
    assert_eq!(answered.count(), QUERIES_PER_SECOND as usize);
    assert!(exchange(&mut resolver, TWO, &bytes).is_some());
    let later = resolver.answer(ONE, &bytes, Transport::Udp, Duration::from_secs(1));
    assert!(matches!(later, Outcome::Reply(_)));
}

/// Labels are bytes (RFC 2181 §11): punycode, raw UTF-8, NUL, dots and upper case within a label are names that nobody
/// has, and come back as they were asked; a dot within a label joins no two labels.
#[test]
fn labels_of_any_bytes() {
    let ask = |label: &[u8]| {
        let mut bytes = bytes_of(NAME, RecordType::A)[..12].to_vec();
        bytes.push(label.len() as u8);
        bytes.extend_from_slice(label);
        bytes.extend_from_slice(b"\x03ec2\x08internal\0\0\x01\0\x01");
        let question = bytes[12..].to_vec();
        let answer = exchange(&mut resolver(&[]), ONE, &bytes).unwrap();
        assert_eq!(answer[12..12 + question.len()], question, "{label:?}");
        Message::from_vec(&answer).unwrap().metadata.response_code
    };
    for label in [
        &b"xn--bcher-kva"[..],
        "bücher".as_bytes(),
        b"\0",
        b"\xff\xfe",
        b"*",
        b" ",
        b"ip-10-0-1-5.ec2.internal",
        b"ip-10-0-1-5\0",
        b"ip-10-0-1-05",
        "ip-10-0-1-٥".as_bytes(),
    ] {
        assert_eq!(ask(label), ResponseCode::NXDomain, "{label:?}");
    }
    assert_eq!(ask(b"ip-10-0-1-5"), ResponseCode::NoError);
}

/// Random labels under every zone: an answer each, within the allowance, and no state to fill.
#[test]
fn a_flood_of_random_names_leaves_nothing_behind() {
    let mut resolver = resolver(&[]);
    for number in 0..u64::from(QUERIES_PER_SECOND) {
        let label = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for (zone, asker) in [("ec2.internal", ONE), ("compute-1.amazonaws.com", TWO)] {
            let bytes = bytes_of(&format!("{label:x}.{zone}."), RecordType::A);
            let answer = exchange(&mut resolver, asker, &bytes).unwrap();
            assert_eq!(answer[3] & 15, 3);
            assert!(answer.len() < 200);
        }
    }
    let good = bytes_of(NAME, RecordType::A);
    assert!(exchange(&mut resolver, ONE, &good).is_none());
    assert!(exchange(&mut resolver, PEER, &good).is_some());
}

/// Addresses of other VPCs' blocks have no names here, nor have their zones.
#[test]
fn nobody_elses_block_is_answered_for() {
    for (asker, name) in [
        (ONE, "5.1.5.10.in-addr.arpa."),
        (TWO, "5.1.5.10.in-addr.arpa."),
        (UNNAMED, "5.1.0.10.in-addr.arpa."),
    ] {
        assert_eq!(ask(asker, name, RecordType::PTR), "NXDOMAIN", "{asker}");
    }
    let own = "NOERROR ip-10-5-1-5.ec2.internal.";
    assert_eq!(ask(PEER, "5.1.5.10.in-addr.arpa.", RecordType::PTR), own);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever the bytes: no panic, no answer longer than its transport takes, and never another's id.
    #[test]
    fn arbitrary_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        if let Some(answer) = exchange(&mut resolver(&[]), ONE, &bytes) {
            prop_assert!(answer.len() <= 1232);
            prop_assert_eq!(&answer[..2], &bytes[..2]);
            prop_assert!(answer[2] & 0x80 != 0);
        }
    }

    /// Nearly right ones go deeper.
    #[test]
    fn damaged_questions_do_no_harm(
        damage in proptest::collection::vec((0_usize..80, any::<u8>()), 0..4),
        kind in any::<u16>(),
        len in 12_usize..90,
    ) {
        let mut bytes = with_edns(query(NAME, RecordType::from(kind)), 1232, true).to_vec().unwrap();
        for (at, value) in damage {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        bytes.truncate(len);
        if let Some(answer) = exchange(&mut resolver(&[]), ONE, &bytes) {
            prop_assert!(answer.len() <= 1232);
            prop_assert!(Message::from_vec(&answer).is_ok());
        }
    }
}
