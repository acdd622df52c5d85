//! Golden cases of the codec: botocore makes forms and values and signs requests, the codec
//! writes answers, botocore reads them.

use std::path::Path;
use std::process::Command;

use openvpc_ec2::{encode, generated};
use serde_json::Value;

use crate::{Failure, root};

const REQUEST_ID: &str = "11111111-2222-3333-4444-555555555555";

const FILES: [&str; 3] = ["requests.jsonl", "signed.jsonl", "responses.jsonl"];

/// `golden`: writes `crates/ec2/tests/golden/*.jsonl`, or with `--check` compares them.
pub fn run(args: &[String]) -> Result<(), Failure> {
    let (mut check, mut python) = (false, "python3".to_owned());
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--check" => check = true,
            "--python" => python = args.next().cloned().ok_or("--python needs a value")?,
            other => return Err(format!("golden does not know {other}").into()),
        }
    }
    let committed = root().join("crates/ec2/tests/golden");
    let fresh = root().join("target/tmp/golden");
    std::fs::create_dir_all(&fresh)?;
    let make = |what: &str, file: &str| -> Result<(), Failure> {
        let mut command = Command::new(&python);
        let status = command
            .arg(committed.join("make.py"))
            .arg(what)
            .arg(fresh.join(file))
            .status()?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("make.py {what} failed").into())
        }
    };
    make("requests", FILES[0])?;
    make("signed", FILES[1])?;
    make("outputs", FILES[2])?;
    write_answers(&fresh.join(FILES[2]))?;
    make("parse", FILES[2])?;
    for file in FILES {
        if !check {
            std::fs::copy(fresh.join(file), committed.join(file))?;
        } else if std::fs::read(fresh.join(file))?
            != std::fs::read(committed.join(file)).unwrap_or_default()
        {
            return Err(
                format!("{file} is not what botocore makes now: run `cargo xtask golden`").into(),
            );
        }
    }
    Ok(())
}

/// Adds to each line the XML of its output.
fn write_answers(path: &Path) -> Result<(), Failure> {
    let mut text = String::new();
    for line in std::fs::read_to_string(path)?.lines() {
        let mut line: Value = serde_json::from_str(line)?;
        let service = generated::SERVICES
            .into_iter()
            .find(|service| service.name == line["service"]);
        let service = service.ok_or("an answer of no service")?;
        let action = line["action"]
            .as_str()
            .and_then(|name| service.action(name))
            .ok_or("no such action")?;
        line["xml"] = encode::response(service, action, REQUEST_ID, &line["output"])?.into();
        text += &format!("{line}\n");
    }
    Ok(std::fs::write(path, text)?)
}
