//! `openvpc demo`.

use std::process::ExitCode;

use super::Output;
use crate::demo;

pub fn run(name: Option<&str>, output: Output) -> Result<ExitCode, String> {
    let Some(name) = name else {
        demo::list(output);
        return Ok(ExitCode::SUCCESS);
    };
    demo::run(name, output)
}
