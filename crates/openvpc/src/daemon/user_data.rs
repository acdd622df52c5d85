//! User data: the script that an instance runs at its first boot, as root, with its network up. EC2 user guide, "Run
//! commands when you launch an EC2 instance with user data input".
//!
//! The world remembers the first boot, so that neither a later start nor another daemon runs it again; a daemon that is
//! killed meanwhile does not run the rest.

use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine;
use openvpc_host::{ExecRequest, Hosts, Status};
use openvpc_model::{Instance, InstanceId};

/// Receives the script, and becomes it. Only the temporary files of an instance can be written (not `/var`), so what
/// AWS keeps under `/var/lib/cloud` and `/var/log` is there.
const BOOT: &str = "cat > /tmp/user-data && chmod 700 /tmp/user-data && \
                    exec /tmp/user-data < /dev/null > /tmp/cloud-init-output.log 2>&1";

/// What an instance that has just come up for the first time is to run. Data that is no script (`#!`) is only shown by
/// the metadata service.
pub fn first_boot_script(instance: &Instance) -> Option<Vec<u8>> {
    let text = instance.user_data.as_ref().filter(|_| !instance.booted)?;
    let standard = base64::engine::general_purpose::STANDARD;
    let bytes = standard.decode(text).ok()?;
    bytes.starts_with(b"#!").then_some(bytes)
}

/// Runs a script in an instance to its end. What becomes of it does not touch the instance.
pub async fn run(hosts: Arc<Hosts>, id: InstanceId, script: Vec<u8>) {
    if let Err(reason) = try_run(&hosts, id, script).await {
        tracing::warn!(%id, %reason, "user data did not run to a good end");
    }
}

async fn try_run(hosts: &Hosts, id: InstanceId, script: Vec<u8>) -> Result<(), String> {
    let name = id.to_string();
    let leased = hosts
        .ready(&name)
        .await
        .map_err(|error| error.to_string())?;
    leased.map_err(|error| error.to_string())?;
    let (input, mut script_end) = std::io::pipe().map_err(|error| error.to_string())?;
    let nowhere = || File::options().read(true).write(true).open("/dev/null");
    let nowhere = || {
        nowhere()
            .map(OwnedFd::from)
            .map_err(|error| error.to_string())
    };
    let request = ExecRequest {
        directory: Some(PathBuf::from("/")),
        ..ExecRequest::new(["sh", "-c", BOOT])
    };
    let streams = [OwnedFd::from(input), nowhere()?, nowhere()?];
    let command = hosts.exec(&name, request, Some(streams)).await;
    let command = command.map_err(|error| error.to_string())?;
    let command = command.map_err(|error| error.to_string())?;
    let written = tokio::task::spawn_blocking(move || script_end.write_all(&script)).await;
    written
        .map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())?;
    let status = command.exit.await.map_err(|error| error.to_string())?;
    match status {
        Status::Exited(0) => Ok(()),
        status => Err(format!("its script ended with {status:?}")),
    }
}
