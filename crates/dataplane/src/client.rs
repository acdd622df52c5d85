//! The daemon's side: orders and questions to the data plane, from any thread.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use openvpc_engine::{Endpoint, EniIndex, Identity, Time};
use openvpc_flowlog::Reading;
use openvpc_host::{
    Channel, ExecRequest, HostError, HostEvent, InterfaceSpec, LaunchSpec, Received, Reply,
    ServiceNamespace, Status, Stopped,
};
use tokio::sync::{oneshot, watch};

use crate::counters::Counters;
use crate::names::NewNames;
use crate::protocol::{Answer, Failure, Order, ToDaemon, ToPlane, Welcome};
use crate::readings::{Ends, Numbered};
use crate::start::await_end;
use crate::wire::{Values, pack_text, unpack, unpack_text};
use crate::world::Step;

/// What the data plane tells unasked; called from a thread of its own, which waits meanwhile.
pub struct Told {
    /// A host changed by itself.
    pub on_event: Box<dyn Fn(HostEvent) + Send>,
    /// What new numbers mean, before a reading bears any.
    pub on_names: Box<dyn Fn(NewNames) + Send>,
}

/// A reading, some cells at a time: a million of them at once would take hundreds of megabytes.
pub struct Steps(Values<Reading>);

impl Iterator for Steps {
    type Item = Result<Reading, Stopped>;

    fn next(&mut self) -> Option<Result<Reading, Stopped>> {
        let read = self.0.next()?;
        let told = |error: &io::Error| tracing::error!(%error, "a reading that cannot be read");
        Some(read.inspect_err(told).map_err(|_| Stopped))
    }
}

/// Readings that nobody has written down yet.
#[derive(Debug, Default)]
pub struct Unread {
    /// The oldest first.
    pub readings: Vec<Numbered>,
    /// Overflow before the first of them, by interface, as [`Reading::overflow`].
    pub before: Vec<(EniIndex, u64)>,
    /// Some had to be given up.
    pub lost: bool,
}

/// A data plane. Clones are the same one.
#[derive(Clone)]
pub struct DataPlane(Arc<Inner>);

struct Inner {
    channel: Arc<Channel>,
    waiting: Arc<Mutex<Waiting>>,
    next: AtomicU64,
    /// When the engine's clock was at 0, as this process counts.
    epoch: Instant,
    pid: u32,
    welcome: Welcome,
    services: File,
    ended: watch::Receiver<Option<Ended>>,
}

/// Why there is no data plane any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It went away.
    Gone,
    /// Somebody asked for the end of all; it still runs.
    Asked,
}

/// What is done with an answer; without one if the data plane is gone.
type Take = Box<dyn FnOnce(Answer, Vec<OwnedFd>) + Send>;

#[derive(Default)]
struct Waiting {
    takes: HashMap<u64, Take>,
    is_over: bool,
}

/// A command that runs in a host.
pub struct Command {
    /// The master of its terminal, if it has one. Closing it hangs up.
    pub terminal: Option<OwnedFd>,
    /// Its end.
    pub exit: Reply<Status>,
    /// Its signals.
    pub control: CommandControl,
}

/// Signals a command. Dropping it hangs up, as [`openvpc_host::CommandControl`] does; the death of this process does not.
pub struct CommandControl {
    plane: DataPlane,
    number: u64,
}

impl CommandControl {
    /// Signals the command's process group; one that has ended is left alone.
    pub fn signal(&self, signal: i32) {
        self.plane.tell(Order::Signal(self.number, signal));
    }
}

impl Drop for CommandControl {
    fn drop(&mut self) {
        self.plane.tell(Order::HangUp(self.number));
    }
}

impl DataPlane {
    /// Listens to a data plane that has said welcome.
    pub(crate) fn new(
        channel: Channel,
        pid: u32,
        welcome: Welcome,
        services: File,
        told: Told,
    ) -> io::Result<DataPlane> {
        let now = Duration::from_nanos(welcome.now);
        let epoch = Instant::now();
        let (over, ended) = watch::channel(None);
        let channel = Arc::new(channel);
        let waiting = Arc::new(Mutex::new(Waiting::default()));
        let heard = Listener {
            channel: channel.clone(),
            waiting: waiting.clone(),
            told,
            over,
        };
        let thread = std::thread::Builder::new().name("dataplane".to_owned());
        thread.spawn(move || heard.listen())?;
        Ok(DataPlane(Arc::new(Inner {
            channel,
            waiting,
            next: AtomicU64::new(1),
            epoch: epoch.checked_sub(now).unwrap_or(epoch),
            pid,
            welcome,
            services,
            ended,
        })))
    }

    /// What carries packets and why, for people.
    pub fn data_path(&self) -> &str {
        &self.0.welcome.data_path
    }

    /// Whether it ran before this daemon did.
    pub fn ran_before(&self) -> bool {
        self.0.welcome.ran_before
    }

    /// Tells it from all others.
    pub fn id(&self) -> u64 {
        self.0.welcome.id
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.0.pid
    }

    /// Told when it has ended, or is to.
    pub fn ended(&self) -> watch::Receiver<Option<Ended>> {
        self.0.ended.clone()
    }

    /// The engine's clock.
    pub fn now(&self) -> Time {
        let nanos = self.0.epoch.elapsed().as_nanos();
        Time(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// The network namespace that link-local and public services listen in.
    ///
    /// # Errors
    /// Without a descriptor left.
    pub fn services(&self) -> io::Result<ServiceNamespace> {
        Ok(ServiceNamespace::of(self.0.services.try_clone()?))
    }

    /// [`openvpc_host::Hosts::launch`].
    pub fn launch(&self, spec: LaunchSpec) -> Reply<Result<(), HostError>> {
        self.ask_hosts(Order::Launch(Box::new(spec)), done)
    }

    /// [`openvpc_host::Hosts::ready`].
    pub fn ready(&self, name: &str) -> Reply<Result<Option<Ipv4Addr>, HostError>> {
        self.ask_hosts(Order::Ready(name.to_owned()), |answer| match answer {
            Answer::Ready(leased) => Ok(leased),
            other => Err(strange(&other)),
        })
    }

    /// [`openvpc_host::Hosts::set_interfaces`].
    pub fn set_interfaces(
        &self,
        name: &str,
        wanted: Vec<InterfaceSpec>,
    ) -> Reply<Result<(), HostError>> {
        self.ask_hosts(Order::Interfaces(name.to_owned(), wanted), done)
    }

    /// [`openvpc_host::Hosts::terminate`].
    pub fn terminate(&self, name: &str) -> Reply<Result<(), HostError>> {
        self.ask_hosts(Order::Terminate(name.to_owned()), done)
    }

    /// [`openvpc_host::Hosts::running`].
    pub fn running(&self) -> Reply<Vec<LaunchSpec>> {
        self.ask_for(Order::Running)
    }

    /// [`openvpc_host::Hosts::exec`].
    pub fn exec(
        &self,
        name: &str,
        request: &ExecRequest,
        streams: Option<[OwnedFd; 3]>,
    ) -> Reply<Result<Command, HostError>> {
        let (sender, reply) = oneshot::channel();
        let strings = match request.strings() {
            Ok(strings) => strings,
            Err(error) => {
                let _ = sender.send(Err(HostError::Told(error.to_string())));
                return Reply::new(reply);
            }
        };
        let order = Order::Exec {
            host: name.to_owned(),
            arguments: request.arguments.len(),
            terminal: request.terminal,
        };
        let plane = self.clone();
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let take = move |answer, fds: Vec<OwnedFd>| {
            let command = match answer {
                Answer::Started(command) => {
                    let (ended, exit) = oneshot::channel();
                    // The same order is answered once more, when the command ends.
                    let take: Take = Box::new(move |answer, _| {
                        if let Answer::Exited(status) = answer {
                            let _ = ended.send(status);
                        }
                    });
                    lock(&plane.0.waiting).takes.insert(number, take);
                    Ok(Command {
                        terminal: fds.into_iter().next(),
                        exit: Reply::new(exit),
                        control: CommandControl {
                            plane: plane.clone(),
                            number: command,
                        },
                    })
                }
                Answer::Failed(failure) => Err(failure.into()),
                other => Err(strange(&other)),
            };
            // Whoever asked may be gone; then dropping the command hangs up.
            let _ = sender.send(command);
        };
        let streams = streams.map_or_else(Vec::new, Vec::from);
        self.order(number, order, &strings, &streams, Box::new(take));
        Reply::new(reply)
    }

    /// Makes a step to a later world: packets are judged by it when the reply comes.
    pub fn step(&self, step: &Step) -> Reply<Result<(), HostError>> {
        let (order, parcel) = match step {
            Step::World(world) => (Order::World, pack_text(world)),
            Step::Entries(entries) => (Order::Entries, pack_text(entries)),
        };
        self.ask_with(order, parcel, |answer, _| match answer {
            Answer::Done => Ok(()),
            Answer::Failed(failure) => Err(failure.into()),
            other => Err(strange(&other)),
        })
    }

    /// [`openvpc_engine::Engine::identity`].
    pub fn identity(&self, address: IpAddr) -> Reply<Option<Identity>> {
        self.ask(Order::Identity(address), |answer, _| match answer {
            Answer::Identity(identity) => identity,
            _ => None,
        })
    }

    /// [`openvpc_engine::Engine::probe_address`].
    pub fn probe_address(&self, node: EniIndex, target: Ipv4Addr) -> Reply<Option<IpAddr>> {
        self.ask(
            Order::ProbeAddress(node, target),
            |answer, _| match answer {
                Answer::Address(address) => address,
                _ => None,
            },
        )
    }

    /// [`openvpc_engine::Engine::set_target_health`]; nobody waits for it.
    pub fn set_target_health(&self, node: EniIndex, target: Endpoint, is_healthy: bool) {
        drop(self.ask(Order::TargetHealth(node, target, is_healthy), |_, _| ()));
    }

    /// What was counted since the last reading, whoever took it, in steps. Whoever takes them must have them added up, and say
    /// so by their number ([`DataPlane::written`]).
    pub fn read(&self, ends: Ends) -> Reply<(u64, Steps)> {
        self.ask_some(Order::Read(ends), |answer, fds| match answer {
            Answer::Reading(number) => {
                let parcel = fds.into_iter().next()?;
                Some((number, Steps(Values::of(parcel))))
            }
            _ => None,
        })
    }

    /// Says that what was read up to this number will never be asked for again.
    pub fn written(&self, number: u64) {
        drop(self.ask(Order::Written(number), |_, _| ()));
    }

    /// What was read after this number and is not known to be written down; 0 for all of it.
    pub fn unread(&self, number: u64) -> Reply<Unread> {
        self.ask_some(Order::Unread(number), |_, fds| {
            let (readings, before, lost) = parcel(fds)?;
            Some(Unread {
                readings,
                before,
                lost,
            })
        })
    }

    /// All counters.
    pub fn counters(&self) -> Reply<Counters> {
        self.ask_for(Order::Counters)
    }

    /// Forgets every flow and everything counted.
    pub fn begin_anew(&self) -> Reply<()> {
        self.ask(Order::BeginAnew, |_, _| ())
    }

    /// Ends every host with all its processes; the reply comes when nothing is left of them.
    pub fn end_hosts(&self) -> Reply<()> {
        self.ask(Order::EndHosts, |_, _| ())
    }

    /// Ends it. Not from asynchronous code.
    pub fn end(&self) {
        let ended = self.ask(Order::End, |_, _| ());
        // One that is gone has ended.
        let _ = ended.wait();
        if !await_end(self.0.pid) {
            tracing::warn!(pid = self.0.pid, "the data plane does not end");
        }
    }

    fn ask_hosts<T: Send + 'static>(
        &self,
        order: Order,
        convert: impl FnOnce(Answer) -> Result<T, HostError> + Send + 'static,
    ) -> Reply<Result<T, HostError>> {
        self.ask(order, |answer, _| match answer {
            Answer::Failed(failure) => Err(failure.into()),
            answer => convert(answer),
        })
    }

    fn ask_for<T: serde::de::DeserializeOwned + Send + 'static>(&self, order: Order) -> Reply<T> {
        self.ask_some(order, |_, fds| parcel(fds))
    }

    fn ask<T: Send + 'static>(
        &self,
        order: Order,
        convert: impl FnOnce(Answer, Vec<OwnedFd>) -> T + Send + 'static,
    ) -> Reply<T> {
        self.ask_some(order, |answer, fds| Some(convert(answer, fds)))
    }

    fn ask_with<T: Send + 'static>(
        &self,
        order: Order,
        parcel: io::Result<OwnedFd>,
        convert: impl FnOnce(Answer, Vec<OwnedFd>) -> T + Send + 'static,
    ) -> Reply<T> {
        let (sender, reply) = oneshot::channel();
        let take: Take = Box::new(move |answer, fds| drop(sender.send(convert(answer, fds))));
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        match parcel {
            Ok(parcel) => self.order(number, order, &[], &[parcel], take),
            Err(error) => take(
                Answer::Failed(Failure::Other(error.to_string())),
                Vec::new(),
            ),
        }
        Reply::new(reply)
    }

    /// Without an answer that can be read the reply says that the data path has stopped.
    fn ask_some<T: Send + 'static>(
        &self,
        order: Order,
        convert: impl FnOnce(Answer, Vec<OwnedFd>) -> Option<T> + Send + 'static,
    ) -> Reply<T> {
        let (sender, reply) = oneshot::channel();
        let take: Take = Box::new(move |answer, fds| {
            if let Some(value) = convert(answer, fds) {
                let _ = sender.send(value);
            }
        });
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        self.order(number, order, &[], &[], take);
        Reply::new(reply)
    }

    fn order(&self, number: u64, order: Order, strings: &[u8], fds: &[OwnedFd], take: Take) {
        {
            let mut waiting = lock(&self.0.waiting);
            if waiting.is_over {
                return;
            }
            waiting.takes.insert(number, take);
        }
        let fds: Vec<_> = fds.iter().map(AsFd::as_fd).collect();
        let message = ToPlane::Order(number, order);
        if let Err(error) = self.0.channel.send(&message, strings, &fds) {
            tracing::debug!(%error, "an order did not reach the data plane");
            lock(&self.0.waiting).takes.remove(&number);
        }
    }

    /// Gives an order that is not answered.
    fn tell(&self, order: Order) {
        let _ = self.0.channel.send(&ToPlane::Order(0, order), &[], &[]);
    }
}

/// What hears the data plane.
struct Listener {
    channel: Arc<Channel>,
    waiting: Arc<Mutex<Waiting>>,
    told: Told,
    over: watch::Sender<Option<Ended>>,
}

impl Listener {
    fn listen(self) {
        loop {
            match self.channel.receive::<ToDaemon>() {
                Ok(Some(received)) => self.hear(received),
                Ok(None) => break,
                Err(error) => {
                    tracing::error!(%error, "the data plane is not understood");
                    break;
                }
            }
        }
        let mut waiting = lock(&self.waiting);
        waiting.is_over = true;
        let takes = std::mem::take(&mut waiting.takes);
        drop(waiting);
        // Whoever waits learns that there will be no answer.
        drop(takes);
        self.over.send_replace(Some(Ended::Gone));
    }

    fn hear(&self, received: Received<ToDaemon>) {
        let Received { message, fds, .. } = received;
        match message {
            ToDaemon::Answer(number, answer) => {
                let take = lock(&self.waiting).takes.remove(&number);
                if let Some(take) = take {
                    take(answer, fds);
                }
            }
            ToDaemon::Event(event) => (self.told.on_event)(event),
            ToDaemon::Names => {
                for new in text_parcel::<Vec<NewNames>>(fds).unwrap_or_default() {
                    (self.told.on_names)(new);
                }
            }
            ToDaemon::Down => drop(self.over.send_replace(Some(Ended::Asked))),
            ToDaemon::Welcome(_) | ToDaemon::Refused(_) => {}
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is guarded is whole between any two of its operations.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn parcel<T: serde::de::DeserializeOwned>(fds: Vec<OwnedFd>) -> Option<T> {
    read(fds, unpack)
}

fn text_parcel<T: serde::de::DeserializeOwned>(fds: Vec<OwnedFd>) -> Option<T> {
    read(fds, unpack_text)
}

fn read<T>(fds: Vec<OwnedFd>, unpack: fn(OwnedFd) -> io::Result<T>) -> Option<T> {
    let read = unpack(fds.into_iter().next()?);
    read.inspect_err(|error| tracing::error!(%error, "an answer that cannot be read"))
        .ok()
}

fn done(answer: Answer) -> Result<(), HostError> {
    match answer {
        Answer::Done => Ok(()),
        other => Err(strange(&other)),
    }
}

fn strange(answer: &Answer) -> HostError {
    HostError::Told(format!("the data plane answered out of turn: {answer:?}"))
}
