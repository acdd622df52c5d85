//! Forms that botocore made are read as it meant them; answers that botocore read back are
//! written the same again. The files come from `cargo xtask golden`.

#![allow(clippy::unwrap_used)]

use openvpc_ec2::{decode, encode, generated, table::Service};
use serde_json::Value;

fn lines(text: &str) -> impl Iterator<Item = Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap())
}

fn service(line: &Value) -> &'static Service {
    generated::SERVICES
        .into_iter()
        .find(|service| service.name == line["service"])
        .unwrap()
}

fn covered(lines: &[Value]) {
    for service in generated::SERVICES {
        for action in service.actions {
            let found = lines
                .iter()
                .any(|line| line["service"] == service.name && line["action"] == action.name);
            assert!(
                found,
                "{} has no golden case: run `cargo xtask golden`",
                action.name
            );
        }
    }
}

#[test]
fn every_actions_form_is_read_as_botocore_meant_it() {
    let lines: Vec<_> = lines(include_str!("golden/requests.jsonl")).collect();
    covered(&lines);
    for line in lines {
        let form = line["form"].as_str().unwrap().as_bytes();
        for (query, body) in [(&b""[..], form), (form, &b""[..])] {
            let request = decode(service(&line), query, body).unwrap();
            assert_eq!(request.action.name, line["action"]);
            assert_eq!(request.input, line["input"], "{}", request.action.name);
        }
    }
}

#[test]
fn every_actions_answer_is_written_as_botocore_read_it() {
    let lines: Vec<_> = lines(include_str!("golden/responses.jsonl")).collect();
    covered(&lines);
    for line in lines {
        let service = service(&line);
        let action = service.action(line["action"].as_str().unwrap()).unwrap();
        let xml = encode::response(
            service,
            action,
            "11111111-2222-3333-4444-555555555555",
            &line["output"],
        );
        assert_eq!(
            xml.unwrap(),
            line["xml"].as_str().unwrap(),
            "{}",
            action.name
        );
    }
}
