//! The data plane's side: who connects is greeted, one of them is the daemon, and its orders are carried out.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nix::sys::socket::{Shutdown, shutdown};
use openvpc_engine::Sweep;
use openvpc_flowlog::Reading;
use openvpc_host::{
    Channel, CommandControl, ExecRequest, HostError, HostEvent, Hosts, Received, Reply, Stopped,
};
use tokio::runtime::Handle;

use crate::counters::Counters;
use crate::names::{NewNames, Numberings};
use crate::process::Machinery;
use crate::protocol::{
    Answer, Config, DataPathChoice, Failure, Greeting, Order, ToDaemon, ToPlane, VERSION, Welcome,
};
use crate::readings::{Ends, Readings};
use crate::start::{self, NAME};
use crate::wire::{Series, pack, pack_text, unpack_text};
use crate::world::{Follower, Step};

/// Events kept while no daemon hears them; there is one for each host that ends.
const EVENTS_MAX: usize = 65_536;
/// How often it is looked after whether a window should have been closed.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// After a failure to listen to somebody.
const LISTEN_AGAIN: Duration = Duration::from_millis(100);
/// By how much a daemon may be late in closing one.
const GRACE: Duration = Duration::from_secs(2);

/// Becomes a data plane if started as one, and never returns then.
///
/// Must be called first thing in `main`, while the process has one thread.
pub fn main_if_data_plane() {
    let Some(program) = std::env::args_os().next() else {
        return;
    };
    if Path::new(&program)
        .file_name()
        .is_some_and(|name| name == NAME)
    {
        std::process::exit(run());
    }
}

/// The whole life of the process; its exit code.
fn run() -> i32 {
    // What happens to the daemon's terminal is the daemon's affair.
    let _ = nix::unistd::setsid();
    let _ = nix::sys::prctl::set_name(c"openvpc-data");
    let subscriber = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(false)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("OPENVPC_LOG")
                .unwrap_or_else(|_| "warn".into()),
        )
        .finish();
    let _ = tracing::subscriber::set_global_default(subscriber);
    if let Err(error) = openvpc_host::take_all_descriptors() {
        tracing::warn!(%error, "few instances will find a descriptor");
    }
    match serve() {
        Ok(()) => 0,
        Err(error) => {
            tracing::error!(%error, "the data plane ends");
            1
        }
    }
}

fn serve() -> Result<(), String> {
    let said = |error: &dyn std::fmt::Display| error.to_string();
    // The daemon that starts this process is connected by what is otherwise standard input.
    let first = io::stdin().as_fd().try_clone_to_owned();
    let first = Channel::new(first.map_err(|error| said(&error))?);
    let null = File::open("/dev/null").map_err(|error| said(&error))?;
    nix::unistd::dup2_stdin(&null).map_err(|error| said(&error))?;

    let Some(Received {
        message: ToPlane::TakeOver(config),
        ..
    }) = first.receive().map_err(|error| said(&error))?
    else {
        return Ok(());
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| said(&error))?;
    let events = Arc::new(Events::default());
    let heard = events.clone();
    let built = Machinery::build(&config, move |event| heard.tell(event));
    let listener = match (&built, &config.folder) {
        (Ok(_), Some(folder)) => start::listen(folder).map(Some),
        _ => Ok(None),
    };
    let (machinery, listener) = match built.and_then(|built| Ok((built, listener?))) {
        Ok(built) => built,
        Err(reason) => {
            let _ = first.send(&ToDaemon::Refused(reason), &[], &[]);
            return Ok(());
        }
    };
    let plane = Arc::new(Plane {
        machinery,
        events,
        folder: config.folder.clone(),
        id: rand::random(),
        runtime: runtime.handle().clone(),
        config: Mutex::new(*config),
        following: Mutex::new(Following::default()),
        counted: Mutex::new(Counted {
            readings: Readings::default(),
            read_at: Instant::now(),
        }),
        commands: Mutex::default(),
        ending: Mutex::new(false),
    });
    plane.set_latency();
    let Some(listener) = listener else {
        plane.clone().welcome(Arc::new(first), false);
        plane.end();
        return Ok(());
    };
    let of_first = plane.clone();
    thread("daemon", move || of_first.welcome(Arc::new(first), false))?;
    let closes = plane.clone();
    thread("windows", move || closes.close_windows())?;
    let signals = plane.clone();
    runtime.spawn(async move { signals.obey_signals().await });
    loop {
        let plane = plane.clone();
        let greeted = Channel::accept(listener.as_fd())
            .map_err(|error| error.to_string())
            .and_then(|channel| thread("daemon", move || plane.greet(channel)));
        if let Err(error) = greeted {
            // Instances do not end for lack of a descriptor.
            tracing::warn!(%error, "somebody was not listened to");
            std::thread::sleep(LISTEN_AGAIN);
        }
    }
}

fn thread(name: &str, body: impl FnOnce() + Send + 'static) -> Result<(), String> {
    let thread = std::thread::Builder::new().name(name.to_owned());
    let started = thread.spawn(body);
    started
        .map(drop)
        .map_err(|error| format!("cannot start a thread: {error}"))
}

struct Plane {
    machinery: Machinery,
    events: Arc<Events>,
    folder: Option<std::path::PathBuf>,
    id: u64,
    runtime: Handle,
    config: Mutex<Config>,
    following: Mutex<Following>,
    counted: Mutex<Counted>,
    commands: Mutex<Commands>,
    ending: Mutex<bool>,
}

/// What is enforced, and what its numbers mean.
struct Following {
    follower: Follower,
    numberings: Numberings,
}

impl Default for Following {
    fn default() -> Following {
        Following {
            follower: Follower::new(),
            numberings: Numberings::default(),
        }
    }
}

struct Counted {
    readings: Readings,
    /// When a window was last closed.
    read_at: Instant,
}

/// Commands that a daemon may signal.
#[derive(Default)]
struct Commands {
    running: HashMap<u64, CommandControl>,
    next: u64,
}

/// The daemon, and what hosts did by themselves: told to it, or kept for the next.
#[derive(Default)]
struct Events {
    daemon: Mutex<Option<Arc<Channel>>>,
    waiting: Mutex<VecDeque<HostEvent>>,
}

impl Events {
    fn tell(&self, event: HostEvent) {
        // Held meanwhile: between two daemons nothing is to fall.
        let daemon = lock(&self.daemon);
        let told = daemon.as_ref().is_some_and(|daemon| {
            let message = ToDaemon::Event(event.clone());
            daemon.send(&message, &[], &[]).is_ok()
        });
        if !told {
            let mut waiting = lock(&self.waiting);
            if waiting.len() == EVENTS_MAX {
                waiting.pop_front();
            }
            waiting.push_back(event);
        }
    }

    fn daemon(&self) -> Option<Arc<Channel>> {
        lock(&self.daemon).clone()
    }

    fn is_daemon(&self, channel: &Arc<Channel>) -> bool {
        self.daemon()
            .is_some_and(|daemon| Arc::ptr_eq(&daemon, channel))
    }

    /// Has a daemon in the place of the one before: welcomes it, tells it what has waited, and from now on what comes.
    fn turn_to(
        &self,
        to: &Arc<Channel>,
        welcome: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        let mut daemon = lock(&self.daemon);
        if let Some(before) = daemon.replace(to.clone()) {
            hang_up(&before);
        }
        welcome()?;
        for event in std::mem::take(&mut *lock(&self.waiting)) {
            // One that is gone again has missed it; what became of a host is asked for at the start anyway.
            let _ = to.send(&ToDaemon::Event(event), &[], &[]);
        }
        Ok(())
    }

    fn forget(&self, gone: &Arc<Channel>) {
        let mut daemon = lock(&self.daemon);
        if daemon
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(known, gone))
        {
            *daemon = None;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is guarded is whole between any two of its operations.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Plane {
    /// Speaks with somebody who has connected.
    fn greet(self: Arc<Plane>, channel: Channel) {
        if !channel.is_own_users() {
            return;
        }
        let greeting = Greeting {
            version: VERSION.to_owned(),
            pid: std::process::id(),
            is_root: lock(&self.config).is_root,
        };
        let Ok(user) = File::open("/proc/self/ns/user") else {
            return;
        };
        if channel.send(&greeting, &[], &[user.as_fd()]).is_err() {
            return;
        }
        match channel.receive::<ToPlane>() {
            Ok(Some(Received {
                message: ToPlane::TakeOver(config),
                ..
            })) => match self.accept(*config) {
                Ok(()) => self.welcome(Arc::new(channel), true),
                Err(reason) => drop(channel.send(&ToDaemon::Refused(reason), &[], &[])),
            },
            Ok(Some(Received {
                message: ToPlane::Down,
                ..
            })) => self.go_down(&channel),
            _ => {}
        }
    }

    /// Takes over what a new daemon wants, so far as that can still be.
    fn accept(&self, wanted: Config) -> Result<(), String> {
        let mut config = lock(&self.config);
        let unseen = |path: &&std::path::PathBuf| !config.hidden.contains(path);
        if let Some(path) = wanted.hidden.iter().find(unseen) {
            return Err(format!(
                "instances run on that {} was not hidden from",
                path.display()
            ));
        }
        if wanted.share_home != config.share_home {
            return Err(match config.share_home {
                true => "instances run on that see home folders: use --share-home".to_owned(),
                false => "instances run on without --share-home".to_owned(),
            });
        }
        let is_other = match wanted.data_path {
            DataPathChoice::Auto => false,
            DataPathChoice::Ebpf => !self.machinery.is_fast,
            DataPathChoice::User => self.machinery.is_fast,
        };
        if is_other {
            let running = &self.machinery.data_path;
            return Err(format!("instances run on on the data path {running}"));
        }
        config.region_latency = wanted.region_latency;
        config.window = wanted.window;
        drop(config);
        self.set_latency();
        Ok(())
    }

    fn set_latency(&self) {
        let latency = lock(&self.config).region_latency;
        drop(
            self.machinery
                .handle
                .set_region_latency(latency.unwrap_or_default()),
        );
    }

    /// Serves a daemon until it is gone. What it started in hosts goes on.
    fn welcome(self: Arc<Plane>, channel: Arc<Channel>, ran_before: bool) {
        for (_, command) in lock(&self.commands).running.drain() {
            command.leave();
        }
        let welcome = || -> io::Result<()> {
            let services = self.machinery.services.file()?;
            let welcome = Welcome {
                ran_before,
                id: self.id,
                now: self.machinery.handle.now().0,
                data_path: self.machinery.data_path.clone(),
            };
            channel.send(&ToDaemon::Welcome(welcome), &[], &[services.as_fd()])?;
            let known: Vec<NewNames> = lock(&self.following).numberings.all().cloned().collect();
            channel.send(&ToDaemon::Names, &[], &[pack_text(&known)?.as_fd()])
        };
        match self.events.turn_to(&channel, welcome) {
            Ok(()) => self.serve(&channel),
            Err(error) => tracing::warn!(%error, "a daemon went away"),
        }
        hang_up(&channel);
        self.events.forget(&channel);
    }

    /// Follows a daemon's orders until it is gone.
    fn serve(self: &Arc<Plane>, channel: &Arc<Channel>) {
        loop {
            match channel.receive::<ToPlane>() {
                Ok(Some(received)) => {
                    if let ToPlane::Order(number, order) = received.message {
                        let asked = Asked {
                            channel: channel.clone(),
                            number,
                        };
                        self.follow(asked, order, received.strings, received.fds);
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(%error, "a daemon that cannot be understood is hung up on");
                    break;
                }
            }
        }
    }

    fn follow(
        self: &Arc<Plane>,
        asked: Asked,
        order: Order,
        strings: Vec<u8>,
        mut fds: Vec<OwnedFd>,
    ) {
        let handle = &self.machinery.handle;
        match order {
            Order::Launch(spec) => self.of_hosts(asked, |hosts| hosts.launch(*spec), done),
            Order::Ready(name) => self.of_hosts(
                asked,
                |hosts| hosts.ready(&name),
                |leased| Ok(Answer::Ready(leased)),
            ),
            Order::Interfaces(name, wanted) => {
                self.of_hosts(asked, |hosts| hosts.set_interfaces(&name, wanted), done);
            }
            Order::Terminate(name) => {
                self.of_hosts(asked, |hosts| hosts.terminate(&name), done);
            }
            Order::Exec {
                host,
                arguments,
                terminal,
            } => {
                let request = ExecRequest::decode(arguments, terminal, &strings);
                self.exec(asked, &host, request, fds);
            }
            Order::Signal(command, signal) => {
                if let Some(command) = lock(&self.commands).running.get(&command) {
                    command.signal(signal);
                }
            }
            Order::HangUp(command) => drop(lock(&self.commands).running.remove(&command)),
            Order::Running => {
                let reply = self.machinery.hosts().as_ref().map(Hosts::running);
                self.runtime.spawn(async move {
                    let running = match reply {
                        Some(reply) => reply.await.unwrap_or_default(),
                        None => Vec::new(),
                    };
                    asked.answer_with(Answer::Running, &running);
                });
            }
            Order::World | Order::Entries => {
                let parcel = fds.pop();
                let is_whole = matches!(order, Order::World);
                self.elsewhere(move |plane| plane.step(&asked, is_whole, parcel));
            }
            Order::Identity(address) => {
                let identity = handle.with_engine(move |engine, _| engine.identity(address));
                asked.answer(Answer::Identity(identity.wait().ok().flatten()));
            }
            Order::ProbeAddress(node, target) => {
                let address =
                    handle.with_engine(move |engine, now| engine.probe_address(node, target, now));
                asked.answer(Answer::Address(address.wait().ok().flatten()));
            }
            Order::TargetHealth(node, target, is_healthy) => {
                let told = handle.with_engine(move |engine, _| {
                    engine.set_target_health(node, target, is_healthy)
                });
                asked.answer(outcome(told.wait()));
            }
            Order::Read(ends) => self.elsewhere(move |plane| {
                let mut counted = lock(&plane.counted);
                // A successor may have been told already what is kept: it would learn of this reading never.
                if !plane.events.is_daemon(&asked.channel) {
                    return;
                }
                let (mut series, mut number) = (Series::new(), 0);
                let read = plane.read(ends, |reading, ends| {
                    if let Ok(put) = &mut series
                        && let Err(error) = put.put(&reading)
                    {
                        series = Err(error);
                    }
                    number = counted.take(reading, ends, plane.folder.is_some());
                });
                drop(counted);
                match read {
                    Ok(()) => {
                        let parcel = series.and_then(Series::finish);
                        asked.hand_over(Answer::Reading(number), parcel);
                    }
                    Err(stopped) => asked.answer(outcome(Err(stopped))),
                }
            }),
            Order::Written(number) => {
                lock(&self.counted).readings.written(number);
                asked.answer(Answer::Done);
            }
            Order::Unread(number) => self.elsewhere(move |plane| {
                let mut counted = lock(&plane.counted);
                counted.readings.written(number);
                let unread = counted.readings.all();
                drop(counted);
                asked.answer_with(Answer::Unread, &unread);
            }),
            Order::Counters => self.elsewhere(move |plane| {
                let handle = &plane.machinery.handle;
                let counters = handle.with_engine(|engine, now| {
                    engine.read_fast_path(now);
                    Counters::of(engine)
                });
                match (counters.wait(), handle.losses().wait()) {
                    (Ok(counters), Ok(losses)) => {
                        asked.answer_with(Answer::Counters, &Counters { losses, ..counters });
                    }
                    _ => asked.answer(outcome(Err(Stopped))),
                }
            }),
            Order::BeginAnew => {
                *lock(&self.following) = Following::default();
                lock(&self.counted).readings.clear();
                let begun = handle.with_engine(|engine, _| engine.begin_anew());
                asked.answer(outcome(begun.wait()));
            }
            Order::EndHosts => self.elsewhere(move |plane| {
                plane.machinery.end_hosts();
                asked.answer(Answer::Done);
            }),
            Order::End => {
                self.end();
                asked.answer(Answer::Done);
                if self.folder.is_some() {
                    std::process::exit(0);
                }
                hang_up(&asked.channel);
            }
        }
    }

    /// Does what takes a while beside what comes next.
    fn elsewhere(self: &Arc<Plane>, work: impl FnOnce(&Plane) + Send + 'static) {
        let plane = self.clone();
        self.runtime.spawn_blocking(move || work(&plane));
    }

    /// Asks the hosts, and answers when they do.
    fn of_hosts<T: Send + 'static>(
        &self,
        asked: Asked,
        ask: impl FnOnce(&Hosts) -> Reply<Result<T, HostError>>,
        answer: fn(T) -> Result<Answer, HostError>,
    ) {
        let Some(reply) = self.machinery.hosts().as_ref().map(ask) else {
            return asked.answer(outcome(Err(Stopped)));
        };
        self.runtime.spawn(async move {
            let outcome = match reply.await {
                Ok(outcome) => outcome.and_then(answer).unwrap_or_else(failed),
                Err(stopped) => outcome(Err(stopped)),
            };
            asked.answer(outcome);
        });
    }

    fn exec(
        self: &Arc<Plane>,
        asked: Asked,
        host: &str,
        request: Option<ExecRequest>,
        fds: Vec<OwnedFd>,
    ) {
        let Some(request) = request else {
            let what = "a command that cannot be read".to_owned();
            return asked.answer(Answer::Failed(Failure::Other(what)));
        };
        let streams = <[OwnedFd; 3]>::try_from(fds).ok();
        let reply = self
            .machinery
            .hosts()
            .as_ref()
            .map(|hosts| hosts.exec(host, request, streams));
        let Some(reply) = reply else {
            return asked.answer(outcome(Err(Stopped)));
        };
        let plane = self.clone();
        self.runtime.spawn(async move {
            let command = match reply.await {
                Ok(Ok(command)) => command,
                Ok(Err(error)) => return asked.answer(failed(error)),
                Err(stopped) => return asked.answer(outcome(Err(stopped))),
            };
            let number = {
                let mut commands = lock(&plane.commands);
                commands.next += 1;
                let number = commands.next;
                commands.running.insert(number, command.control);
                number
            };
            let terminal: Vec<_> = command.terminal.iter().map(AsFd::as_fd).collect();
            let started = ToDaemon::Answer(asked.number, Answer::Started(number));
            let told = asked.channel.send(&started, &[], &terminal);
            drop(command.terminal);
            let ended = command.exit.await;
            let control = lock(&plane.commands).running.remove(&number);
            if let Some(control) = control {
                control.leave();
            }
            if told.is_ok() {
                asked.answer(match ended {
                    Ok(status) => Answer::Exited(status),
                    Err(stopped) => outcome(Err(stopped)),
                });
            }
        });
    }

    /// Follows the world, and enforces it: its names are told before any packet bears a number of them.
    fn step(&self, asked: &Asked, is_whole: bool, parcel: Option<OwnedFd>) {
        let step = || -> Result<(), String> {
            let said = |error: &dyn std::fmt::Display| error.to_string();
            let parcel = parcel.ok_or("nothing came with the order")?;
            let step = match is_whole {
                true => unpack_text(parcel).map(Step::World),
                false => unpack_text(parcel).map(Step::Entries),
            };
            let step = step.map_err(|error| said(&error))?;
            let mut following = lock(&self.following);
            let Following {
                follower,
                numberings,
            } = &mut *following;
            let (snapshot, names) = follower.step(step).map_err(|error| said(&error))?;
            let new = numberings.note(snapshot.generation(), names);
            if !new.rules.is_empty() || new.from == 0 {
                let parcel = pack_text(&[new]).map_err(|error| said(&error))?;
                // A daemon that is gone is told all of them when it comes back.
                let _ = asked.channel.send(&ToDaemon::Names, &[], &[parcel.as_fd()]);
            }
            let installed = self.machinery.handle.install(Arc::new(snapshot));
            installed.wait().map_err(|error| said(&error))
        };
        asked.answer(match step() {
            Ok(()) => Answer::Done,
            Err(what) => Answer::Failed(Failure::Other(what)),
        });
    }

    /// Reads the flow cells, some at a time, between which packets pass; whoever takes them is told what ends with them, which
    /// is nothing but for the last.
    fn read(&self, ends: Ends, mut take: impl FnMut(Reading, Ends)) -> Result<(), Stopped> {
        let mut ends = Some(ends);
        let mut sweep = Some(Sweep::default());
        while let Some(so_far) = sweep {
            let step = self
                .machinery
                .handle
                .with_engine(move |engine, at| Reading::step(engine, so_far, at, unix_ms()));
            let (reading, next) = step.wait()?;
            let ended = ends.take_if(|_| next.is_none());
            take(reading, ended.unwrap_or(Ends::Nothing));
            sweep = next;
        }
        Ok(())
    }

    /// While there is no daemon, closes windows in its place: what passes meanwhile is told apart by them, and complete. Ends
    /// this process when none can come any more.
    fn close_windows(&self) {
        loop {
            std::thread::sleep(LOOK_EVERY);
            if *lock(&self.ending) {
                return;
            }
            let window = lock(&self.config).window;
            let mut counted = lock(&self.counted);
            // Without room the engine goes on counting in its cells.
            if self.events.daemon().is_none() && !self.can_be_found() {
                drop(counted);
                tracing::warn!("the folder is gone: no daemon will come any more");
                self.end();
                std::process::exit(0);
            }
            let is_due = counted.read_at.elapsed() >= window + GRACE && counted.readings.has_room();
            if is_due && self.events.daemon().is_none() {
                let read = self.read(Ends::Window, |reading, ends| {
                    counted.take(reading, ends, true);
                });
                if read.is_err() {
                    return;
                }
            }
        }
    }

    /// Whether a daemon that comes would find this process.
    fn can_be_found(&self) -> bool {
        let folder = self.folder.as_deref();
        folder.is_none_or(start::is_listened_at)
    }

    /// Somebody who is not the daemon wants an end.
    fn go_down(&self, asking: &Channel) {
        match self.events.daemon() {
            Some(daemon) => {
                if daemon.send(&ToDaemon::Down, &[], &[]).is_ok() {
                    // It closes when this process ends.
                    let _ = asking.receive::<ToPlane>();
                }
            }
            None => {
                self.end();
                std::process::exit(0);
            }
        }
    }

    /// The end of the machine ends it, as a daemon would: that has been told, too.
    async fn obey_signals(self: Arc<Plane>) {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else {
            return;
        };
        loop {
            terminate.recv().await;
            if self.events.daemon().is_none() {
                let plane = self.clone();
                let ended = tokio::task::spawn_blocking(move || plane.end());
                let _ = ended.await;
                std::process::exit(0);
            }
        }
    }

    /// Ends every host, and can be found no more.
    fn end(&self) {
        if !std::mem::replace(&mut *lock(&self.ending), true)
            && let Some(folder) = &self.folder
        {
            start::forget(folder);
        }
        self.machinery.end_hosts();
    }
}

impl Counted {
    /// Takes note of a reading, and keeps it if somebody may have to be told again.
    fn take(&mut self, reading: Reading, ends: Ends, keeps: bool) -> u64 {
        if ends == Ends::Window {
            self.read_at = Instant::now();
        }
        match keeps {
            true => self.readings.add(reading, ends),
            false => 0,
        }
    }
}

/// Who asked, and under which number.
struct Asked {
    channel: Arc<Channel>,
    number: u64,
}

impl Asked {
    /// One that is gone wants no answer.
    fn answer(&self, answer: Answer) {
        let message = ToDaemon::Answer(self.number, answer);
        let _ = self.channel.send(&message, &[], &[]);
    }

    fn answer_with<T: serde::Serialize>(&self, answer: Answer, value: &T) {
        self.hand_over(answer, pack(value));
    }

    fn hand_over(&self, answer: Answer, parcel: io::Result<OwnedFd>) {
        match parcel {
            Ok(parcel) => {
                let message = ToDaemon::Answer(self.number, answer);
                let _ = self.channel.send(&message, &[], &[parcel.as_fd()]);
            }
            Err(error) => self.answer(Answer::Failed(Failure::Other(error.to_string()))),
        }
    }
}

fn done(_: ()) -> Result<Answer, HostError> {
    Ok(Answer::Done)
}

fn failed(error: HostError) -> Answer {
    Answer::Failed(error.into())
}

fn outcome(outcome: Result<(), Stopped>) -> Answer {
    match outcome {
        Ok(()) => Answer::Done,
        Err(stopped) => Answer::Failed(Failure::Other(stopped.to_string())),
    }
}

fn hang_up(channel: &Channel) {
    let _ = shutdown(channel.as_fd().as_raw_fd(), Shutdown::Both);
}

fn unix_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as i64)
}
