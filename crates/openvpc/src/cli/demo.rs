//! `openvpc demo`.

use std::process::ExitCode;

use super::{DataPathChoice, Output};
use crate::demo;

pub fn run(
    name: Option<&str>,
    data_path: DataPathChoice,
    output: Output,
) -> Result<ExitCode, String> {
    let Some(name) = name else {
        demo::list(output);
        return Ok(ExitCode::SUCCESS);
    };
    demo::run(name, data_path, output)
}
