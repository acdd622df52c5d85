//! `openvpc down`.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::daemon::paths;

/// Ends what runs on a folder of state: the daemon, or what has outlived it.
pub fn run(data_dir: Option<PathBuf>) -> Result<ExitCode, String> {
    let folder = match data_dir {
        Some(folder) => folder,
        None => paths::default_data_dir()?,
    };
    match openvpc_dataplane::down(&folder) {
        Ok(true) => {}
        Ok(false) => println!("nothing runs on {}", folder.display()),
        Err(error) => return Err(error.to_string()),
    }
    Ok(ExitCode::SUCCESS)
}
