//! `openvpc reset`.

use std::path::Path;
use std::process::ExitCode;

use crate::daemon::control_socket::{Request, call};

pub fn run(socket: &Path) -> Result<ExitCode, String> {
    call(socket, &Request::Reset)?;
    Ok(ExitCode::SUCCESS)
}
