//! The daemon's side of the control socket: one thread per command line.

use std::fs::File;
use std::io::{BufWriter, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use openvpc_control::fault;
use openvpc_dataplane::DataPlane;
use openvpc_host::{ExecRequest as HostExec, HostError, Reply, Status};
use openvpc_model::{AccountId, World};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};

use super::api::ResetRequest;
use super::control_plane::{ControlPlane, now};
use super::control_socket::{Answer, Connection, ExecRequest, FlowsRequest, Listener, Request};
use super::flow_logs::Delivered;
use super::live_flows::LiveFlows;
use super::questions::{self, Question};

/// Command lines served at once; one more is refused.
const SESSIONS_MAX: usize = 256;

/// Of a file that a question is about: the plan of a large Terraform configuration has a few megabytes.
const ABOUT_LEN_MAX: u64 = 64 << 20;
/// For an instance that is pending to run; a command line waits no longer.
const BOOT_WAIT: Duration = Duration::from_secs(15);
const BOOT_STEP: Duration = Duration::from_millis(20);

/// Of a long text in one message, which writes quotes as two bytes.
const PART_LEN_MAX: usize = 48 * 1024;
/// Flow records in one message, whose length has a bound.
const ROWS_AT_ONCE: usize = 100;
/// How often one that waits for records is looked after.
const PRESENCE_EVERY: Duration = Duration::from_secs(1);
/// A packet that was sent is seen by the data path within this time.
const ON_THE_WAY_MS: i64 = 50;

/// Whether the other side has hung up, or says something out of turn.
fn is_gone(connection: &Connection) -> bool {
    let mut wait = [PollFd::new(connection.as_fd(), PollFlags::POLLIN)];
    poll(&mut wait, PollTimeout::ZERO).unwrap_or(0) > 0
}

/// What a command line can reach.
pub struct Sessions {
    pub data_plane: DataPlane,
    pub control_plane: Arc<ControlPlane>,
    pub applied: watch::Receiver<u64>,
    pub delivered: Delivered,
    pub live_flows: Arc<LiveFlows>,
    pub resets: mpsc::Sender<ResetRequest>,
    pub runtime: Handle,
    pub endpoint: String,
}

impl Sessions {
    /// Accepts command lines until the listener is shut down.
    pub fn serve(self: Arc<Self>, listener: Arc<Listener>) {
        let running = Arc::new(AtomicUsize::new(0));
        while let Some(connection) = listener.accept() {
            if running.fetch_add(1, Ordering::Relaxed) >= SESSIONS_MAX {
                running.fetch_sub(1, Ordering::Relaxed);
                let reason = format!("{SESSIONS_MAX} commands are running already");
                let _ = connection.send(&Answer::Refused { reason }, &[]);
                continue;
            }
            let (sessions, count) = (self.clone(), running.clone());
            let started = std::thread::Builder::new()
                .name("session".to_owned())
                .spawn(move || {
                    if let Err(error) = sessions.session(&connection) {
                        tracing::debug!(%error, "a command line went away");
                    }
                    count.fetch_sub(1, Ordering::Relaxed);
                });
            if started.is_err() {
                running.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }

    fn session(&self, connection: &Connection) -> Result<(), String> {
        let Some((request, files)) = connection.receive::<Request>()? else {
            return Ok(());
        };
        let outcome = match request {
            Request::Exec(request) => return self.exec(connection, request, files),
            Request::Ask(question) => self.answer(question, files),
            Request::Flows(request) => return self.flows(connection, &request),
            Request::Reset => self.reset(),
            Request::Status => Ok(self.status()),
            Request::FaultZone { zone, down } => self.fault_zone(&zone, down),
            Request::FaultList => Ok(self.lost_zones()),
            Request::World => return self.tell_world(connection),
            Request::WaitApplied { revision } => self.wait_applied(revision),
            Request::WaitDelivered => self.wait_delivered(connection),
        };
        let answer = outcome.map_or_else(|reason| Answer::Refused { reason }, Answer::Done);
        connection.send(&answer, &[])
    }

    /// Answers into the first file; the second is what the question is about.
    fn answer(&self, question: Question, files: Vec<OwnedFd>) -> Result<Value, String> {
        let mut files = files.into_iter().map(File::from);
        let into = files.next().ok_or("a file was to come for the answer")?;
        let about = match files.next() {
            Some(file) => {
                let mut text = String::new();
                let read = file.take(ABOUT_LEN_MAX + 1).read_to_string(&mut text);
                read.map_err(|e| format!("cannot read the file: {e}"))?;
                if text.len() as u64 > ABOUT_LEN_MAX {
                    return Err(format!("a file of more than {ABOUT_LEN_MAX} bytes"));
                }
                Some(text)
            }
            None => None,
        };
        let answer = questions::answer(&self.control_plane, question, about)?;
        serde_json::to_writer(BufWriter::new(into), &answer)
            .map_err(|e| format!("cannot hand the answer over: {e}"))?;
        Ok(Value::Null)
    }

    /// Sends flow records until there are no more, or for as long as the command line follows.
    fn flows(&self, connection: &Connection, request: &FlowsRequest) -> Result<(), String> {
        let mut grown = self.live_flows.grown();
        let begin = now() / 1_000 - i64::from(request.last_secs);
        let (mut next, end) = (self.live_flows.since(begin), self.live_flows.end());
        loop {
            let portion = self.live_flows.read(next, ROWS_AT_ONCE);
            if portion.rows.is_empty() && portion.lost == 0 {
                if !request.follow {
                    return connection.send(&Answer::Done(Value::Null), &[]);
                }
                if !self.await_flows(connection, &mut grown) {
                    return Ok(());
                }
                continue;
            }
            next = portion.next;
            let mut rows = portion.rows;
            rows.retain(|row| request.filter.keeps(row));
            if !rows.is_empty() || portion.lost > 0 {
                let lost = portion.lost;
                connection.send(&Answer::Flows { lost, rows }, &[])?;
            }
            if !request.follow && next >= end {
                return connection.send(&Answer::Done(Value::Null), &[]);
            }
        }
    }

    /// Waits for more records; false when the command line or the daemon goes away first.
    fn await_flows(&self, connection: &Connection, grown: &mut watch::Receiver<u64>) -> bool {
        let mut news = grown.clone();
        let changed = self.wait(connection, async move { news.changed().await.is_ok() });
        grown.mark_unchanged();
        changed == Some(true)
    }

    /// Waits for something; None when the command line or the daemon goes away first. A timer of the runtime would panic
    /// here if the daemon ended meanwhile.
    fn wait<T: Send + 'static>(
        &self,
        connection: &Connection,
        something: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = std::sync::mpsc::channel();
        let waits = self.runtime.spawn(async move {
            // Who waited may be gone.
            let _ = sender.send(something.await);
        });
        loop {
            match receiver.recv_timeout(PRESENCE_EVERY) {
                Ok(found) => return Some(found),
                Err(RecvTimeoutError::Timeout) if !is_gone(connection) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    waits.abort();
                    return None;
                }
            }
        }
    }

    fn reset(&self) -> Result<Value, String> {
        let stopping = || "the daemon is stopping".to_owned();
        let (done, outcome) = oneshot::channel();
        self.resets.blocking_send(done).map_err(|_| stopping())?;
        outcome
            .blocking_recv()
            .unwrap_or_else(|_| Err(stopping()))
            .map(|()| Value::Null)
    }

    fn status(&self) -> Value {
        let lost = self.lost_zones();
        let lost = lost.as_array().into_iter().flatten();
        let lost: Value = lost.map(|zone| zone["zone id"].clone()).collect();
        let (revision, instances) = {
            let world = self.control_plane.world();
            let wanted = |region: &openvpc_model::Region| {
                region
                    .instances
                    .values()
                    .filter(|i| i.state.wants_sandbox())
                    .count()
            };
            (
                world.revision,
                world.regions.values().map(wanted).sum::<usize>(),
            )
        };
        json!({
            "endpoint": self.endpoint,
            "data path": self.data_plane.data_path(),
            "revision": revision,
            "applied": *self.applied.borrow(),
            "instances": instances,
            "lost zones": lost,
            "pid": std::process::id(),
            "data plane pid": self.data_plane.pid(),
        })
    }

    /// Loses or restores a zone, and waits until the data path does so too.
    fn fault_zone(&self, text: &str, down: bool) -> Result<Value, String> {
        let settings = self.control_plane.settings();
        let (region, zone) = fault::find_zone(settings, text).ok_or_else(|| {
            format!("there is no zone {text}: name one by its id, such as use1-az1, or its name, such as us-east-1a")
        })?;
        let what = if down { "ZoneLost" } else { "ZoneRestored" };
        let judge = |world: &World| fault::zone(world.regions.get(&region.name), zone, down);
        let operator = AccountId::operator();
        let happens = self
            .control_plane
            .happen(&region.name, &operator, what, judge);
        self.runtime.block_on(happens).map_err(|e| e.to_string())?;
        self.wait_applied(None)?;
        Ok(self.lost_zones())
    }

    /// The zones that are lost, with their regions.
    fn lost_zones(&self) -> Value {
        let world = self.control_plane.world();
        let regions = world.regions.iter();
        let lost = regions.flat_map(|(name, region)| {
            let info = self.control_plane.settings().region(name);
            let zones = region.lost_zones.iter();
            zones.map(move |zone| {
                let id = info.and_then(|info| info.zone(zone)).map(|zone| &zone.id);
                json!({"zone": zone, "zone id": id, "region": name})
            })
        });
        lost.collect()
    }

    /// The world in parts. Identities stay here: they hold secrets, and judge no packet.
    fn tell_world(&self, connection: &Connection) -> Result<(), String> {
        let copy = self.control_plane.world().without_identities();
        let text = serde_json::to_string(&copy).map_err(|e| e.to_string())?;
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (part, more) = rest.split_at(rest.floor_char_boundary(PART_LEN_MAX));
            connection.send(&Answer::Part(part.to_owned()), &[])?;
            rest = more;
        }
        connection.send(&Answer::Done(Value::Null), &[])
    }

    fn wait_applied(&self, revision: Option<u64>) -> Result<Value, String> {
        let revision = revision.unwrap_or_else(|| self.control_plane.world().revision);
        let newest = self.control_plane.world().revision;
        if revision > newest {
            return Err(format!(
                "there is no revision {revision} yet; the newest is {newest}"
            ));
        }
        let mut applied = self.applied.clone();
        let reached = self
            .runtime
            .block_on(applied.wait_for(|a| *a >= revision))
            .map(|a| *a);
        reached
            .map(|applied| json!({"applied": applied}))
            .map_err(|_| "the daemon is stopping".to_owned())
    }

    fn wait_delivered(&self, connection: &Connection) -> Result<Value, String> {
        let (delivered, until) = (self.delivered.clone(), now() + ON_THE_WAY_MS);
        let waited = self.wait(connection, async move { delivered.wait_for(until).await });
        waited.map_or_else(
            || Err("the daemon is stopping".to_owned()),
            |()| Ok(Value::Null),
        )
    }

    fn exec(
        &self,
        connection: &Connection,
        request: ExecRequest,
        files: Vec<OwnedFd>,
    ) -> Result<(), String> {
        let refuse = |reason: String| connection.send(&Answer::Refused { reason }, &[]);
        let target = request.target;
        self.await_boot(&target);
        let host_request = HostExec {
            arguments: request.command.into_iter().map(Into::into).collect(),
            environment: request
                .environment
                .into_iter()
                .map(|(name, value)| format!("{name}={value}").into())
                .collect(),
            directory: None,
            terminal: request.terminal,
        };
        let streams = match request.terminal {
            Some(_) => None,
            None => match <[OwnedFd; 3]>::try_from(files) {
                Ok(streams) => Some(streams),
                Err(_) => return refuse("three files were to come with the command".to_owned()),
            },
        };
        let started = match self.data_plane.exec(&target, &host_request, streams).wait() {
            Ok(started) => started,
            Err(stopped) => return refuse(stopped.to_string()),
        };
        let command = match started {
            Ok(command) => command,
            Err(HostError::NotRunning(_)) => return refuse(self.explain_absence(&target)),
            Err(error) => return refuse(error.to_string()),
        };
        if let Some(terminal) = command.terminal {
            connection.send(&Answer::Terminal, &[terminal.as_fd()])?;
        }
        let control = command.control;
        let exit = self.watch(connection, command.exit);
        let Some(status) = exit else {
            // The command line is gone: what it ran is hung up on.
            drop(control);
            return Ok(());
        };
        let status = u8::try_from(status).unwrap_or(u8::MAX);
        connection.send(&Answer::Exited { status }, &[])
    }

    /// Waits for an instance that is on its way, for a bounded time.
    fn await_boot(&self, target: &str) {
        let Ok(id) = target.parse::<openvpc_model::InstanceId>() else {
            return;
        };
        let is_pending = || {
            let world = self.control_plane.world();
            let mut regions = world.regions.values();
            let instance = regions.find_map(|region| region.instances.get(&id));
            instance.is_some_and(|i| i.state == openvpc_model::InstanceState::Pending)
        };
        let end = Instant::now() + BOOT_WAIT;
        while is_pending() && Instant::now() < end {
            std::thread::sleep(BOOT_STEP);
        }
    }

    /// Waits for the command's end; `None` when the command line went away first.
    fn watch(&self, connection: &Connection, exit: Reply<Status>) -> Option<i32> {
        let (ended, wake) = nix::unistd::pipe2(OFlag::O_CLOEXEC).ok()?;
        let waiter = self.runtime.spawn(async move {
            let status = exit.await;
            drop(wake);
            status
        });
        loop {
            let mut waits = [
                PollFd::new(ended.as_fd(), PollFlags::POLLIN),
                PollFd::new(connection.as_fd(), PollFlags::POLLIN),
            ];
            match poll(&mut waits, PollTimeout::NONE) {
                Ok(_) | Err(nix::errno::Errno::EINTR) => {}
                Err(_) => return None,
            }
            if waits[0].any().unwrap_or(false) {
                // A host that ends takes its commands with it, as SIGKILL would.
                let status = self.runtime.block_on(waiter).ok()?;
                return Some(status.map_or(137, |status| status.exit_code()));
            }
            if waits[1].any().unwrap_or(false) {
                return None;
            }
        }
    }

    /// Why a target cannot be run in: unknown, or not running now.
    fn explain_absence(&self, target: &str) -> String {
        let world = self.control_plane.world();
        let known = target
            .parse()
            .ok()
            .and_then(|id: openvpc_model::InstanceId| {
                world
                    .regions
                    .values()
                    .find_map(|region| region.instances.get(&id))
            });
        match known {
            Some(instance) => format!(
                "{target} is {}, not running",
                instance.state.code_and_name().1
            ),
            None => {
                let outside: Vec<_> = openvpc_host::outside::ALL
                    .iter()
                    .map(|host| host.name)
                    .collect();
                format!(
                    "there is no {target}: name an instance (aws ec2 describe-instances) or an outside host ({})",
                    outside.join(", ")
                )
            }
        }
    }
}
