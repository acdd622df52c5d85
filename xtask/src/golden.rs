//! Golden cases of the codec: botocore makes forms and values and signs requests, the codec
//! writes answers, botocore reads them.

use std::path::Path;
use std::process::Command;

use openvpc_ec2::{encode, generated};
use serde_json::Value;

use crate::{Failure, root};

const REQUEST_ID: &str = "11111111-2222-3333-4444-555555555555";

/// `golden`: writes `crates/ec2/tests/golden/*.jsonl`.
pub fn run(args: &[String]) -> Result<(), Failure> {
    let python = match args {
        [] => "python3",
        [flag, python] if flag == "--python" => python,
        _ => return Err("golden knows only --python PYTHON".into()),
    };
    let folder = root().join("crates/ec2/tests/golden");
    let make = |what: &str, file: &str| -> Result<(), Failure> {
        let mut command = Command::new(python);
        let status = command
            .arg(folder.join("make.py"))
            .arg(what)
            .arg(folder.join(file))
            .status()?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("make.py {what} failed").into())
        }
    };
    make("requests", "requests.jsonl")?;
    make("signed", "signed.jsonl")?;
    make("outputs", "responses.jsonl")?;
    write_answers(&folder.join("responses.jsonl"))?;
    make("parse", "responses.jsonl")
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
