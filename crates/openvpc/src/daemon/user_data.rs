//! User data: the scripts that an instance runs at its first boot, as root, with its network up. EC2 user guide, "Run
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
use openvpc_dataplane::DataPlane;
use openvpc_host::user_data::{Content, Part, parts};
use openvpc_host::{ExecRequest, Status};
use openvpc_model::{Instance, InstanceId};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;

use super::consoles::Consoles;

/// Receives a script, and becomes it; what it prints goes into the log, as cloud-init has it, and to the console. Only the
/// temporary files of an instance can be written (not `/var`), so what AWS keeps under `/var/lib/cloud` and `/var/log` is
/// there. Where `tee` can (`-p`), it goes on when nobody takes the console's copy any more: what a script leaves running
/// outlives the daemon, and may print.
const BOOT: &str = "cat > /tmp/user-data && chmod 700 /tmp/user-data && \
                    rm -f /tmp/.user-data.out && mkfifo -m 600 /tmp/.user-data.out && \
                    { { tee -p -a /tmp/cloud-init-output.log 2> /dev/null || tee -a /tmp/cloud-init-output.log; } \
                      < /tmp/.user-data.out & } && \
                    exec /tmp/user-data < /dev/null > /tmp/.user-data.out 2>&1";

/// What an instance that has just come up for the first time is to read: its user data's parts.
pub fn first_boot(instance: &Instance) -> Option<Vec<Part>> {
    let text = instance.user_data.as_ref().filter(|_| !instance.booted)?;
    let standard = base64::engine::general_purpose::STANDARD;
    Some(parts(&standard.decode(text).ok()?))
}

/// Runs scripts in an instance to their ends, one after the other, once it has its leases. What becomes of them does not touch
/// the instance.
pub async fn run(data_plane: DataPlane, consoles: Arc<Consoles>, id: InstanceId, parts: Vec<Part>) {
    if let Err(reason) = data_plane.ready(&id.to_string()).await {
        return tracing::warn!(%id, %reason, "user data was not run");
    }
    for part in parts {
        let name = &part.name;
        let script = match part.content {
            Content::Script(script) => script,
            Content::Skipped(reason) => {
                consoles.tell(id, &format!("user data {name}: skipped: {reason}"));
                continue;
            }
        };
        match run_script(&data_plane, &consoles, id, script).await {
            Ok(Status::Exited(code)) => {
                consoles.tell(id, &format!("user data {name}: exit status {code}"));
            }
            Ok(status) => {
                consoles.tell(id, &format!("user data {name}: ended with {status:?}"));
            }
            Err(reason) => {
                consoles.tell(id, &format!("user data {name}: not run: {reason}"));
                tracing::warn!(%id, %reason, "user data did not run to an end");
                return;
            }
        }
    }
}

async fn run_script(
    data_plane: &DataPlane,
    consoles: &Arc<Consoles>,
    id: InstanceId,
    script: Vec<u8>,
) -> Result<Status, String> {
    let said = |error: &dyn std::fmt::Display| error.to_string();
    let (input, mut script_end) = std::io::pipe().map_err(|error| said(&error))?;
    let (printed, output) = std::io::pipe().map_err(|error| said(&error))?;
    let nowhere = File::options().write(true).open("/dev/null");
    let nowhere = OwnedFd::from(nowhere.map_err(|error| said(&error))?);
    let request = ExecRequest {
        directory: Some(PathBuf::from("/")),
        ..ExecRequest::new(["sh", "-c", BOOT])
    };
    let streams = [OwnedFd::from(input), OwnedFd::from(output), nowhere];
    let command = data_plane
        .exec(&id.to_string(), &request, Some(streams))
        .await;
    let command = command.map_err(|error| said(&error))?;
    let command = command.map_err(|error| said(&error))?;
    let copied = copy(printed, consoles.clone(), id)?;
    let written = tokio::task::spawn_blocking(move || script_end.write_all(&script)).await;
    written
        .map_err(|error| said(&error))?
        .map_err(|error| said(&error))?;
    let status = command.exit.await.map_err(|error| said(&error))?;
    // What it left running may go on printing; what it printed itself comes before its end is told.
    let _ = tokio::time::timeout(LAST_WORDS, copied).await;
    Ok(status)
}

/// For how long after a script's end its output is waited for.
const LAST_WORDS: std::time::Duration = std::time::Duration::from_millis(200);

/// Copies to the console until nobody can print any more; bounded by what a pipe holds.
fn copy(
    printed: std::io::PipeReader,
    consoles: Arc<Consoles>,
    id: InstanceId,
) -> Result<tokio::task::JoinHandle<()>, String> {
    let printed = OwnedFd::from(printed);
    let mut printed = pipe::Receiver::from_owned_fd(printed).map_err(|error| error.to_string())?;
    Ok(tokio::spawn(async move {
        let mut buffer = vec![0; 4_096];
        while let Ok(len @ 1..) = printed.read(&mut buffer).await {
            consoles.write(id, &buffer[..len]);
        }
    }))
}
