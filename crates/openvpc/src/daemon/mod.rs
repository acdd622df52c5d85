//! `openvpc up`: the floors wired together, from the first flag to the last process ended.

mod api;
mod applier;
mod authority;
pub mod console;
mod consoles;
mod control_plane;
pub mod control_socket;
mod credentials;
mod dns;
mod domain_proofs;
mod flow_logs;
mod health_checks;
mod http;
mod live_flows;
mod metrics;
mod object_services;
pub mod paths;
mod public_zone;
pub mod questions;
mod rule_names;
mod services;
mod sessions;
mod upstream;
mod user_data;
mod wanted;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use openvpc_control::Settings;
use openvpc_dataplane::{Command, Config, DataPlane, Ended, Running, Told};
use openvpc_delivery::Spool;
use openvpc_engine::EniIndex;
use openvpc_host::{outside, preflight};
use openvpc_iam::Documents;
use openvpc_iam::judge::Evaluator;
use openvpc_logs::Logs;
use openvpc_store::Store;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::cli::UpArgs;
use api::Api;
use applier::Applier;
use authority::Authority;
use console::Console;
use control_plane::ControlPlane;
use control_socket::Listener;
use credentials::Credentials;
use domain_proofs::DomainProofs;
use flow_logs::{Delivered, Recorder, Sinks};
use health_checks::HealthChecks;
use live_flows::LiveFlows;
use metrics::{Calls, Metrics};
use object_services::ObjectServices;
use rule_names::RuleNames;
use services::{Identities, ServiceSockets};
use sessions::Sessions;
pub use upstream::Upstream;

/// Resets that may wait for the applier.
const RESETS_MAX: usize = 16;
/// What goes on at the end of the daemon has so long.
const ENDS_WITHIN: Duration = Duration::from_secs(2);
/// Compiling and installing what was stored takes milliseconds; beyond this it has failed.
const APPLY_WAIT: Duration = Duration::from_secs(30);

/// Serves until SIGTERM or SIGINT, and leaves nothing behind.
///
/// # Errors
/// One sentence for the user, with what to do.
pub fn serve(args: UpArgs) -> Result<ExitCode, String> {
    let credentials = Credentials::load(
        &args.credentials,
        args.credentials_file.as_deref(),
        args.listen,
    )?;
    let mut settings = match args.regions.as_slice() {
        [] => Settings::default(),
        regions => Settings::default()
            .serving(regions)
            .map_err(|refusal| format!("--regions: {refusal}"))?,
    };
    for (name, number) in &args.quotas {
        let set = settings.quotas.set(name, *number);
        set.map_err(|refusal| format!("--quota: {refusal}"))?;
    }
    let socket_path = absolute(args.socket.clone().unwrap_or_else(paths::default_socket))?;
    let data_dir = match (&args.data_dir, args.ephemeral) {
        (_, true) => None,
        (Some(dir), false) => Some(absolute(dir.clone())?),
        (None, false) => Some(paths::default_data_dir()?),
    };
    let api_listener = http::bind(args.listen, "--listen")?;
    let console_listener = console::listen(args.console.as_ref())?;
    let address = api_listener.local_addr().map_err(|e| e.to_string())?;

    // From here on this may be the root of a user namespace; up to here there is one thread.
    let running = match &data_dir {
        Some(dir) => Running::find(dir).map_err(|error| error.to_string())?,
        None => None,
    };
    let is_root = match &running {
        Some(running) => {
            running.join().map_err(|error| error.to_string())?;
            running.is_root()
        }
        None => preflight::prepare().map_err(|e| e.to_string())?.root,
    };
    let subscriber = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("OPENVPC_LOG")
                // The codec of S3 reports every refused caller as an error of its own.
                .unwrap_or_else(|_| "warn,s3s=off".into()),
        )
        .finish();
    let _ = tracing::subscriber::set_global_default(subscriber);

    let control_listener = Arc::new(Listener::bind(&socket_path)?);
    let (store, world) = match &data_dir {
        Some(dir) => Store::open(openvpc_store::Place::Directory(dir.clone())),
        None => Store::open(openvpc_store::Place::Memory),
    }
    .map_err(|error| error.to_string())?;
    let logs = match &data_dir {
        Some(dir) => Logs::open(openvpc_logs::Place::Directory(dir.clone())),
        None => Logs::open(openvpc_logs::Place::Memory),
    }
    .map_err(|error| error.to_string())?;

    let spool = match &data_dir {
        Some(dir) => Spool::open(&openvpc_delivery::Place::Directory(dir.clone())),
        None => Spool::open(&openvpc_delivery::Place::Memory),
    };
    let spool = Arc::new(spool.map_err(|error| error.to_string())?);
    let begun = spool
        .begin(control_plane::now())
        .map_err(|error| error.to_string())?;

    let names = Arc::new(RuleNames::new(settings.clone()));
    let control_plane = Arc::new(ControlPlane::new(store, world, settings));
    let evaluator: Arc<dyn Evaluator> = Arc::new(Documents::default());
    let accounts = credentials.accounts();
    let authority = Authority::new(credentials, control_plane.clone(), evaluator.clone());
    let objects = Arc::new(ObjectServices::open(
        data_dir.as_deref(),
        authority.clone(),
        args.service.clone(),
    )?);

    let hidden = [Some(socket_path.clone()), data_dir.clone()];
    let certificates = public_zone::Authority::open(data_dir.as_deref())?;
    let config = Config {
        data_path: args.data_path.data_path.into(),
        is_root,
        hidden: hidden.into_iter().flatten().collect(),
        share_home: args.share_home,
        certificate_authority: certificates.pem.clone(),
        region_latency: args.region_latency,
        window: args.flow_log_interval.unwrap_or(flow_logs::WINDOW),
        public: openvpc_compile::public_service_addresses(),
        folder: data_dir.clone(),
    };
    let (event_sender, events) = mpsc::unbounded_channel();
    let kept_names = names.clone();
    let told = Told {
        on_event: Box::new(move |event| drop(event_sender.send(event))),
        on_names: Box::new(move |new| kept_names.keep(new)),
    };
    let data_plane = match running {
        Some(running) => running.take_over(config, told),
        None => openvpc_dataplane::start(config, told),
    }
    .map_err(|error| error.to_string())?;
    // Who connects is bounded, but by more than what a process is given. Not before: the data plane and its instances begin
    // with that.
    if let Err(error) = openvpc_host::take_all_descriptors() {
        tracing::warn!(%error, "few will be served at once");
    }
    let service_sockets = ServiceSockets::new(data_plane.services().map_err(|e| e.to_string())?);
    let identities = Identities::new(data_plane.clone());

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| format!("cannot start: {e}"))?;
    let logs = Arc::new(logs);
    let (reset_sender, resets) = mpsc::channel(RESETS_MAX);
    let (applied_sender, applied) = watch::channel(0);
    let (shaped_sender, shaped) = watch::channel(0);
    let renamed = shaped_sender.clone();
    let live_flows = Arc::new(LiveFlows::new(names.clone()));
    let (spooled_sender, spooled) = watch::channel(0);
    let recorder = Recorder {
        control_plane: control_plane.clone(),
        data_plane: data_plane.clone(),
        spool: spool.clone(),
        live_flows: live_flows.clone(),
        names: names.clone(),
        spooled: spooled_sender,
        window: args.flow_log_interval,
        begun,
    };
    let delivered = Delivered::default();
    let sinks = Sinks {
        control_plane: control_plane.clone(),
        spool: spool.clone(),
        logs: logs.clone(),
        store: objects.store().clone(),
        evaluator: evaluator.clone(),
        spooled,
        delivered: delivered.clone(),
        interval: args.flow_log_interval,
    };
    let recorder = recorder.start(runtime.handle());
    let reset_recorder = recorder.clone();
    let reset_flows = live_flows.clone();
    let metrics = Metrics {
        control_plane: control_plane.clone(),
        data_plane: data_plane.clone(),
        applied: applied.clone(),
        live_flows: live_flows.clone(),
        calls: Calls::default(),
    };
    let reset_logs = logs.clone();
    let reset_objects = objects.clone();
    let consoles: Arc<consoles::Consoles> = Arc::default();
    let reset_consoles = consoles.clone();
    let applier = Applier {
        control_plane: control_plane.clone(),
        data_plane: data_plane.clone(),
        applied: applied_sender,
        shaped: shaped_sender,
        names,
        consoles: consoles.clone(),
        may_reset: data_dir.is_none() || args.allow_reset,
        on_reset: Box::new(move || {
            reset_recorder.forget();
            spool.reset().map_err(|error| error.to_string())?;
            reset_flows.clear();
            reset_consoles.retain(|_| false);
            reset_objects.reset()?;
            reset_logs.reset().map_err(|error| error.to_string())
        }),
    };
    let target_health: Arc<std::sync::RwLock<openvpc_model::TargetHealth>> = Arc::default();
    let idle_nodes: Arc<std::sync::RwLock<std::collections::HashSet<EniIndex>>> = Arc::default();
    let health_checks = HealthChecks {
        idle: idle_nodes.clone(),
        renamed,
        control_plane: control_plane.clone(),
        data_plane: data_plane.clone(),
        health: target_health.clone(),
        applied: applied.clone(),
    };
    let endpoint = format!("http://{address}");
    let sessions = Arc::new(Sessions {
        data_plane: data_plane.clone(),
        control_plane: control_plane.clone(),
        applied: applied.clone(),
        live_flows: live_flows.clone(),
        delivered,
        resets: reset_sender.clone(),
        runtime: runtime.handle().clone(),
        endpoint: endpoint.clone(),
    });
    let api = Arc::new(Api {
        control_plane: control_plane.clone(),
        logs,
        authority,
        objects,
        metrics,
        target_health,
        consoles,
        on_loopback: address.ip().is_loopback(),
        resets: reset_sender,
    });

    let session_listener = control_listener.clone();
    let sessions_thread = std::thread::Builder::new()
        .name("sessions".to_owned())
        .spawn(move || sessions.serve(session_listener))
        .map_err(|e| format!("cannot start a thread: {e}"))?;
    let mut deliveries = JoinSet::new();
    let outcome = runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).map_err(|e| e.to_string())?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(|e| e.to_string())?;
        // A closed terminal ends the daemon cleanly too, unless it was started with `nohup`.
        let mut hangup = match hangup_is_ignored() {
            true => None,
            false => Some(signal(SignalKind::hangup()).map_err(|e| e.to_string())?),
        };
        let _services = launch_outside(&data_plane).await?;
        let domain_proofs = DomainProofs {
            control_plane: control_plane.clone(),
            rules: args.dns_forward.clone(),
            applied: shaped.clone(),
        };
        services::serve(
            &service_sockets,
            &identities,
            &control_plane,
            evaluator,
            shaped,
            args.dns_forward,
            idle_nodes,
        )
        .map_err(|e| format!("cannot start the link-local services: {e}"))?;
        public_zone::serve(&service_sockets, certificates, &identities, &api)?;
        health_checks
            .start(&service_sockets)
            .map_err(|e| format!("cannot start the health checks: {e}"))?;
        tokio::spawn(applier.run(events, resets));
        sinks.start(&mut deliveries);
        tokio::spawn(domain_proofs.run());
        tokio::spawn(http::serve(api_listener, api));
        let console_address = match console_listener {
            Some(listener) => {
                let address = listener.local_addr().map_err(|e| e.to_string())?;
                let control_plane = control_plane.clone();
                let console = Arc::new(Console {
                    control_plane,
                    accounts,
                    live_flows: live_flows.clone(),
                    questions: tokio::sync::Mutex::default(),
                });
                tokio::spawn(console::serve(listener, console));
                Some(address)
            }
            None => None,
        };
        enforced(applied).await?;
        announce(
            &endpoint,
            &data_plane,
            args.socket.as_ref().map(|_| socket_path.as_path()),
            data_dir.as_deref(),
            console_address,
        );
        let mut ended = data_plane.ended();
        tokio::select! {
            _ = terminate.recv() => Ok(ExitCode::SUCCESS),
            _ = interrupt.recv() => Ok(ExitCode::SUCCESS),
            Some(()) = async { hangup.as_mut()?.recv().await } => Ok(ExitCode::SUCCESS),
            ended = ended.wait_for(Option::is_some) => match ended.ok().and_then(|ended| *ended) {
                Some(Ended::Asked) => Ok(ExitCode::SUCCESS),
                _ => Err("the data plane ended, and the instances with it: start openvpc again".to_owned()),
            },
            // Never acknowledge again after a failed write: end, and let the next start replay.
            error = control_plane.store().failed() => Err(error.to_string()),
        }
    });
    control_listener.shut_down();
    let _ = sessions_thread.join();
    let open_window = runtime.block_on(recorder.end());
    // What is being delivered may be; a task that went on as the runtime ends could set no timer.
    runtime.block_on(async {
        let _ = tokio::time::timeout(ENDS_WITHIN, deliveries.shutdown()).await;
    });
    runtime.shutdown_timeout(ENDS_WITHIN);
    // Every sandbox with its processes; one that is gone has taken them along.
    let _ = data_plane.end_hosts().wait();
    // No packet passes any more: what is still to be recorded is complete.
    if let Some(open_window) = open_window {
        open_window.close();
    }
    data_plane.end();
    outcome
}

/// Whether SIGHUP was set to be ignored by who started this process (proc(5), `SigIgn`).
fn hangup_is_ignored() -> bool {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let mask = status.lines().find_map(|l| l.strip_prefix("SigIgn:"))?;
            u64::from_str_radix(mask.trim(), 16).ok()
        })
        .is_some_and(|mask| mask & 1 != 0)
}

fn absolute(path: PathBuf) -> Result<PathBuf, String> {
    std::path::absolute(&path).map_err(|e| format!("{}: {e}", path.display()))
}

/// The hosts of the simulated internet that do not run yet, and what they serve: dropping a service hangs up on it.
async fn launch_outside(hosts: &DataPlane) -> Result<Vec<Command>, String> {
    let mut services = Vec::new();
    let running = hosts.running().await.map_err(|e| e.to_string())?;
    let runs = |host: &&outside::Outside| running.iter().any(|spec| spec.name == host.name);
    let launched: Vec<_> = outside::ALL
        .iter()
        .filter(|host| !runs(host))
        .map(|host| (host, hosts.launch(host.launch_spec())))
        .collect();
    for (host, reply) in launched {
        let outcome = reply.await.map_err(|stopped| stopped.to_string())?;
        outcome.map_err(|error| format!("cannot start the outside host {}: {error}", host.name))?;
        let _ = hosts.ready(host.name).await;
        if let Some(request) = host.service_request() {
            let null = || {
                std::fs::File::options()
                    .read(true)
                    .write(true)
                    .open("/dev/null")
                    .map(Into::into)
            };
            let streams = [null(), null(), null()]
                .into_iter()
                .collect::<Result<Vec<_>, _>>();
            let streams = streams.map_err(|e| e.to_string())?.try_into().ok();
            let started = hosts
                .exec(host.name, &request, streams)
                .await
                .map_err(|stopped| stopped.to_string())?;
            let service =
                started.map_err(|error| format!("{} serves nothing: {error}", host.name))?;
            services.push(service);
        }
    }
    Ok(services)
}

/// Waits until the data path enforces what was there at the start.
async fn enforced(mut applied: watch::Receiver<u64>) -> Result<(), String> {
    let reached = tokio::time::timeout(APPLY_WAIT, applied.changed()).await;
    let unenforceable =
        || "the stored state cannot be enforced; what is wrong is said above".to_owned();
    reached
        .map_err(|_| unenforceable())?
        .map_err(|_| unenforceable())
}

fn announce(
    endpoint: &str,
    data_plane: &DataPlane,
    socket: Option<&Path>,
    data_dir: Option<&Path>,
    console: Option<SocketAddr>,
) {
    println!("data path: {}", data_plane.data_path());
    if data_plane.ran_before() {
        println!("taken over: instances and flows of before");
    }
    if let Some(address) = console {
        println!("console: http://{address}/");
    }
    match data_dir {
        Some(dir) => println!("state: {}", dir.display()),
        None => println!("state: in memory, gone with this daemon"),
    }
    println!("export AWS_ENDPOINT_URL={endpoint}");
    println!("export AWS_ACCESS_KEY_ID=test");
    println!("export AWS_SECRET_ACCESS_KEY=test");
    println!("export AWS_DEFAULT_REGION=us-east-1");
    if let Some(socket) = socket {
        println!("export OPENVPC_SOCKET={}", socket.display());
    }
    println!("ready {endpoint}");
}
