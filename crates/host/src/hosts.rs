//! Instances and outside hosts by name: launch, run commands in, terminate.
//!
//! One thread owns every sandbox and makes every interface. It lives as long as [`Hosts`] does, because sandboxes die
//! with the thread that started them, and it lives in the switch namespace (see [`crate::ports::PortFactory`]). It waits for
//! orders and for the reports of the sandboxes' inits, and never for a sandbox.

mod interfaces;

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::eventfd::{EfdFlags, EventFd};
use openvpc_engine::PortId;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::datapath::DataPathHandle;
use crate::ports::{FastPorts, PortFactory, PortKind, best_kind};
use crate::reply::Reply;
use crate::sandbox::protocol::{
    ExecRequest, Network, Order as InitOrder, Received, Report, Status,
};
use crate::sandbox::{Sandbox, Template};
use interfaces::Link;

/// What went wrong with a host.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    #[error("{0} is running already")]
    AlreadyRunning(String),
    #[error("{0} is not running")]
    NotRunning(String),
    #[error("{what}: {source}")]
    System {
        what: &'static str,
        #[source]
        source: io::Error,
    },
    /// What its init said when it could not go on.
    #[error("the sandbox could not be built: {0}")]
    Setup(String),
    #[error("the sandbox ended before it was ready")]
    Ended,
    /// As another process told it.
    #[error("{0}")]
    Told(String),
}

fn system(what: &'static str) -> impl Fn(io::Error) -> HostError {
    move |source| HostError::System { what, source }
}

/// A host to launch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LaunchSpec {
    /// Unique among running hosts: an instance id, or an outside host's name.
    pub name: String,
    pub hostname: String,
    /// Its interfaces at the start; [`Hosts::set_interfaces`] changes them.
    pub interfaces: Vec<InterfaceSpec>,
    /// Used until DHCP names others.
    pub nameservers: Vec<IpAddr>,
    /// How many reboots had been asked for; only told back by [`Hosts::running`].
    pub reboots: u64,
}

/// An interface of a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceSpec {
    /// In the host it is `eth` and this number.
    pub index: u16,
    /// The engine's name of it.
    pub port: PortId,
    pub mac: [u8; 6],
    pub mtu: u32,
    pub network: Network,
}

/// What happened to a host by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HostEvent {
    /// It has its addresses; by DHCP the one leased.
    Ready {
        name: String,
        leased: Option<Ipv4Addr>,
    },
    /// Its first process ended without being told to. It is not running any more.
    Ended { name: String, reason: String },
    /// The same, but it wants to be launched again.
    Rebooted { name: String },
}

/// What all hosts of a daemon share.
pub struct HostsConfig {
    /// How interfaces are made; the best that this machine allows when `None`.
    pub port_kind: Option<PortKind>,
    /// Ports of the `ebpf` data path instead.
    pub fast_ports: Option<FastPorts>,
    /// Files and folders of the daemon that no host may see.
    pub hidden: Vec<PathBuf>,
    /// Whether hosts see the machine's home folders, but for keys.
    pub share_home: bool,
    /// A certificate (PEM) that hosts trust beside the machine's own.
    pub certificate_authority: Option<String>,
    /// Called from the hosts' thread; should return soon.
    pub on_event: Box<dyn Fn(HostEvent) + Send>,
}

/// All running hosts. Dropping it ends every one of their processes and waits for them.
pub struct Hosts {
    orders: Orders,
    port_kind: PortKind,
    thread: Option<JoinHandle<()>>,
}

/// A command that runs in a host.
pub struct Command {
    /// The master of its terminal, if it has one. Closing it hangs up.
    pub terminal: Option<OwnedFd>,
    /// Its end.
    pub exit: Reply<Status>,
    pub control: CommandControl,
}

/// Signals a command. Dropping it hangs up (SIGHUP), as a terminal that goes away does; what ignores that is killed
/// some seconds later.
pub struct CommandControl {
    orders: Orders,
    host: u64,
    id: u32,
    is_left: bool,
}

impl Hosts {
    /// Starts the thread and makes the switch namespace.
    ///
    /// # Errors
    /// What this machine does not allow; [`crate::preflight`] says it better.
    pub fn start(config: HostsConfig, data_path: DataPathHandle) -> Result<Self, HostError> {
        let (sender, queue) = mpsc::channel();
        let wake = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)
            .map_err(|errno| system("making an event descriptor")(errno.into()))?;
        let orders = Orders {
            sender,
            wake: Arc::new(wake),
        };
        let port_kind = match config.fast_ports {
            Some(_) => PortKind::Fast,
            None => config.port_kind.unwrap_or_else(best_kind),
        };
        let (started, wait) = mpsc::channel();
        let worker_orders = orders.clone();
        let body = move || match Worker::new(config, port_kind, data_path, worker_orders) {
            Ok(mut worker) => {
                let _ = started.send(Ok(())); // the caller waits below
                if let Err(error) = worker.run(&queue) {
                    tracing::error!(%error, "hosts can be managed no more");
                }
            }
            Err(error) => drop(started.send(Err(error))),
        };
        let thread = std::thread::Builder::new()
            .name("hosts".into())
            .spawn(body)
            .map_err(system("starting a thread"))?;
        let hosts = Self {
            orders,
            port_kind,
            thread: Some(thread),
        };
        wait.recv().unwrap_or(Err(HostError::Ended)).map(|()| hosts)
    }

    pub fn port_kind(&self) -> PortKind {
        self.port_kind
    }

    /// Starts a host; the reply comes when its interface is up and attached, before an address is leased.
    pub fn launch(&self, spec: LaunchSpec) -> Reply<Result<(), HostError>> {
        self.orders
            .ask(|reply| Order::Launch(Box::new(spec), reply))
    }

    /// Waits until the host has its addresses.
    pub fn ready(&self, name: &str) -> Reply<Result<Option<Ipv4Addr>, HostError>> {
        self.orders
            .ask(|reply| Order::Ready(name.to_owned(), reply))
    }

    /// Gives a host exactly these interfaces, in the order: what goes, what comes, what changes its addresses. When the
    /// reply comes, nothing passes those that went and frames pass those that came; new leases may still be awaited.
    /// Asking again for what is there already does nothing.
    pub fn set_interfaces(
        &self,
        name: &str,
        wanted: Vec<InterfaceSpec>,
    ) -> Reply<Result<(), HostError>> {
        self.orders
            .ask(|reply| Order::Interfaces(name.to_owned(), wanted, reply))
    }

    /// Ends a host with all its processes; the reply comes when nothing of it is left.
    pub fn terminate(&self, name: &str) -> Reply<Result<(), HostError>> {
        self.orders
            .ask(|reply| Order::Terminate(name.to_owned(), reply))
    }

    /// Runs a command with the given standard streams, which a request for a terminal does not use.
    pub fn exec(
        &self,
        name: &str,
        request: ExecRequest,
        streams: Option<[OwnedFd; 3]>,
    ) -> Reply<Result<Command, HostError>> {
        let streams = streams.map_or_else(Vec::new, Vec::from);
        self.orders.ask(|reply| Order::Exec {
            name: name.to_owned(),
            request,
            streams,
            reply,
        })
    }

    /// The running hosts, each with the interfaces that it was last told to have.
    pub fn running(&self) -> Reply<Vec<LaunchSpec>> {
        self.orders.ask(Order::Running)
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        self.orders.send(Order::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl CommandControl {
    /// Signals the command's process group; one that has ended is left alone.
    pub fn signal(&self, signal: i32) {
        self.orders.send(Order::Signal {
            host: self.host,
            id: self.id,
            signal,
        });
    }

    /// Lets the command run on, with nobody who could signal it any more.
    pub fn leave(mut self) {
        self.is_left = true;
    }
}

impl Drop for CommandControl {
    fn drop(&mut self) {
        if !self.is_left {
            self.orders.send(Order::HangUp {
                host: self.host,
                id: self.id,
            });
        }
    }
}

type Answer<T> = oneshot::Sender<Result<T, HostError>>;

enum Order {
    Launch(Box<LaunchSpec>, Answer<()>),
    Ready(String, Answer<Option<Ipv4Addr>>),
    Interfaces(String, Vec<InterfaceSpec>, Answer<()>),
    Terminate(String, Answer<()>),
    Exec {
        name: String,
        request: ExecRequest,
        streams: Vec<OwnedFd>,
        reply: Answer<Command>,
    },
    Signal {
        host: u64,
        id: u32,
        signal: i32,
    },
    HangUp {
        host: u64,
        id: u32,
    },
    Running(oneshot::Sender<Vec<LaunchSpec>>),
    Stop,
}

#[derive(Clone)]
struct Orders {
    sender: mpsc::Sender<Order>,
    wake: Arc<EventFd>,
}

impl Orders {
    fn send(&self, order: Order) {
        // A thread that has ended has ended its hosts too.
        if self.sender.send(order).is_ok() {
            let _ = self.wake.write(1);
        }
    }

    fn ask<T>(&self, order: impl FnOnce(oneshot::Sender<T>) -> Order) -> Reply<T> {
        let (answer, reply) = oneshot::channel();
        self.send(order(answer));
        Reply::new(reply)
    }
}

struct Worker {
    factory: PortFactory,
    template: Template,
    data_path: DataPathHandle,
    on_event: Box<dyn Fn(HostEvent) + Send>,
    orders: Orders,
    epoll: Epoll,
    hosts: HashMap<u64, Host>,
    names: HashMap<String, u64>,
    next_host: u64,
    burials: Vec<JoinHandle<()>>,
}

struct Host {
    spec: LaunchSpec,
    sandbox: Sandbox,
    /// The interfaces that exist, by index.
    links: BTreeMap<u16, Link>,
    launched: Option<Answer<()>>,
    state: State,
    waiting: Vec<Answer<Option<Ipv4Addr>>>,
    commands: HashMap<u32, Pending>,
    next_command: u32,
    /// Its end will be a reboot.
    reboots: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Building,
    /// Its namespaces stand: it can be given interfaces.
    Standing,
    Up,
    Ready(Option<Ipv4Addr>),
}

struct Pending {
    started: Option<Answer<Command>>,
    ended: oneshot::Sender<Status>,
    exit: Option<Reply<Status>>,
}

const WAKE: u64 = u64::MAX;

impl Worker {
    fn new(
        config: HostsConfig,
        port_kind: PortKind,
        data_path: DataPathHandle,
        orders: Orders,
    ) -> Result<Self, HostError> {
        let template = Template::new(
            &config.hidden,
            config.share_home,
            config.certificate_authority,
        )
        .map_err(system("reading what this process has"))?;
        let factory = PortFactory::new(port_kind, config.fast_ports)
            .map_err(system("making the switch's network namespace"))?;
        let epoll = || -> io::Result<Epoll> {
            let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
            epoll.add(
                orders.wake.as_fd(),
                EpollEvent::new(EpollFlags::EPOLLIN, WAKE),
            )?;
            Ok(epoll)
        };
        let epoll = epoll().map_err(system("making an event queue"))?;
        let (hosts, names) = (HashMap::new(), HashMap::new());
        let on_event = config.on_event;
        Ok(Self {
            factory,
            template,
            data_path,
            on_event,
            orders,
            epoll,
            hosts,
            names,
            next_host: 0,
            burials: Vec::new(),
        })
    }

    fn run(&mut self, queue: &mpsc::Receiver<Order>) -> io::Result<()> {
        let mut events = [EpollEvent::empty(); 32];
        loop {
            let ready = match self.epoll.wait(&mut events, EpollTimeout::NONE) {
                Err(nix::errno::Errno::EINTR) => 0,
                ready => ready?,
            };
            for event in &events[..ready] {
                if event.data() != WAKE {
                    self.hear(event.data());
                    continue;
                }
                let _ = self.orders.wake.read();
                while let Ok(order) = queue.try_recv() {
                    if let Order::Stop = order {
                        self.stop();
                        return Ok(());
                    }
                    self.follow(order);
                }
            }
        }
    }

    fn follow(&mut self, order: Order) {
        match order {
            Order::Launch(spec, reply) => self.launch(*spec, reply),
            Order::Ready(name, reply) => match self.find(&name) {
                Ok((
                    _,
                    Host {
                        state: State::Ready(leased),
                        ..
                    },
                )) => drop(reply.send(Ok(*leased))),
                Ok((_, host)) => host.waiting.push(reply),
                Err(error) => drop(reply.send(Err(error))),
            },
            Order::Interfaces(name, wanted, reply) => {
                let outcome = match self.find(&name) {
                    Ok((number, host)) => {
                        host.spec.interfaces = wanted;
                        self.furnish(number)
                    }
                    Err(error) => Err(error),
                };
                drop(reply.send(outcome));
            }
            Order::Terminate(name, reply) => match self.find(&name) {
                Ok((number, _)) => self.bury(number, move || drop(reply.send(Ok(())))),
                Err(error) => drop(reply.send(Err(error))),
            },
            Order::Exec {
                name,
                request,
                streams,
                reply,
            } => match self.find(&name) {
                Ok((_, host)) => host.exec(&request, &streams, reply),
                Err(error) => drop(reply.send(Err(error))),
            },
            Order::HangUp { host, id } => {
                if let Some(host) = self.hosts.get(&host) {
                    // A sandbox that is ending has hung up already.
                    let _ = host.sandbox.order(&InitOrder::HangUp { id }, &[], &[]);
                }
            }
            Order::Signal { host, id, signal } => {
                if let Some(host) = self
                    .hosts
                    .get(&host)
                    .filter(|host| host.commands.contains_key(&id))
                {
                    // A sandbox that is ending has signalled it already.
                    let _ = host
                        .sandbox
                        .order(&InitOrder::Signal { id, signal }, &[], &[]);
                }
            }
            Order::Running(reply) => {
                let specs = self.hosts.values().map(|host| host.spec.clone());
                drop(reply.send(specs.collect()));
            }
            Order::Stop => self.stop(),
        }
    }

    fn find(&mut self, name: &str) -> Result<(u64, &mut Host), HostError> {
        let number = self.names.get(name).copied();
        number
            .and_then(|number| Some((number, self.hosts.get_mut(&number)?)))
            .ok_or_else(|| HostError::NotRunning(name.to_owned()))
    }

    fn launch(&mut self, spec: LaunchSpec, reply: Answer<()>) {
        if self.names.contains_key(&spec.name) {
            drop(reply.send(Err(HostError::AlreadyRunning(spec.name))));
            return;
        }
        let setup = self
            .template
            .setup(spec.hostname.clone(), spec.nameservers.clone());
        let number = self.next_host;
        let sandbox = Sandbox::start(&self.template.executable, &setup).and_then(|sandbox| {
            self.epoll.add(
                sandbox.control(),
                EpollEvent::new(EpollFlags::EPOLLIN, number),
            )?;
            Ok(sandbox)
        });
        let sandbox = match sandbox.map_err(system("starting a sandbox")) {
            Ok(sandbox) => sandbox,
            Err(error) => return drop(reply.send(Err(error))),
        };
        self.next_host += 1;
        self.names.insert(spec.name.clone(), number);
        let host = Host {
            spec,
            sandbox,
            links: BTreeMap::new(),
            launched: Some(reply),
            state: State::Building,
            waiting: Vec::new(),
            commands: HashMap::new(),
            next_command: 1,
            reboots: false,
        };
        self.hosts.insert(number, host);
    }

    /// Reads one report of a sandbox.
    fn hear(&mut self, number: u64) {
        let Some(host) = self.hosts.get_mut(&number) else {
            return;
        };
        let outcome = match host.sandbox.report() {
            Ok(Some(received)) => self.act_on(number, received),
            Ok(None) => Err(HostError::Ended),
            Err(error) => Err(system("reading a sandbox's report")(error)),
        };
        if let Err(error) = outcome {
            self.lose(number, error);
        }
    }

    fn act_on(&mut self, number: u64, received: Received<Report>) -> Result<(), HostError> {
        let Some(host) = self.hosts.get_mut(&number) else {
            return Ok(());
        };
        match received.message {
            Report::Namespaces => {
                host.state = State::Standing;
                self.furnish(number)
            }
            Report::Up => {
                host.state = State::Up;
                if let Some(launched) = host.launched.take() {
                    drop(launched.send(Ok(())));
                }
                let first = host.spec.interfaces.first();
                if first.is_none_or(|first| !first.network.is_leased()) {
                    self.become_ready(number, None);
                }
                Ok(())
            }
            Report::Leased { index, address } => {
                if host
                    .spec
                    .interfaces
                    .first()
                    .is_some_and(|i| i.index == index)
                {
                    self.become_ready(number, address);
                }
                Ok(())
            }
            Report::Started { id } => {
                if let Some(command) = host.commands.get_mut(&id)
                    && let (Some(started), Some(exit)) =
                        (command.started.take(), command.exit.take())
                {
                    let control = CommandControl {
                        orders: self.orders.clone(),
                        host: number,
                        id,
                        is_left: false,
                    };
                    let terminal = received.fds.into_iter().next();
                    // Whoever asked may be gone; then dropping the command hangs up.
                    let _ = started.send(Ok(Command {
                        terminal,
                        exit,
                        control,
                    }));
                }
                Ok(())
            }
            Report::Exited { id, status } => {
                if let Some(command) = host.commands.remove(&id) {
                    if let (Some(started), Some(exit)) = (command.started, command.exit) {
                        let control = CommandControl {
                            orders: self.orders.clone(),
                            host: number,
                            id,
                            is_left: false,
                        };
                        let _ = started.send(Ok(Command {
                            terminal: None,
                            exit,
                            control,
                        }));
                    }
                    let _ = command.ended.send(status);
                }
                Ok(())
            }
            Report::Reboots => {
                host.reboots = true;
                Ok(())
            }
            Report::Failed(what) => Err(HostError::Setup(what)),
        }
    }

    fn become_ready(&mut self, number: u64, leased: Option<Ipv4Addr>) {
        let Some(host) = self.hosts.get_mut(&number) else {
            return;
        };
        host.state = State::Ready(leased);
        for waiting in host.waiting.drain(..) {
            let _ = waiting.send(Ok(leased));
        }
        (self.on_event)(HostEvent::Ready {
            name: host.spec.name.clone(),
            leased,
        });
    }

    /// A host ended by itself, or cannot go on.
    fn lose(&mut self, number: u64, error: HostError) {
        let Some(host) = self.hosts.get_mut(&number) else {
            return;
        };
        let name = host.spec.name.clone();
        let reason = error.to_string();
        let reboots = host.reboots;
        if !reboots {
            tracing::warn!(host = name, reason, "host ended");
        }
        match host.launched.take() {
            Some(launched) => self.bury(number, move || drop(launched.send(Err(error)))),
            None => {
                self.bury(number, || {});
                (self.on_event)(match reboots {
                    true => HostEvent::Rebooted { name },
                    false => HostEvent::Ended { name, reason },
                });
            }
        }
    }

    /// Lets no frame of a host pass any more, kills it, and waits for its end elsewhere: several may end at once, and
    /// closing a TAP takes long. `done` is told when no process of it is left.
    fn bury(&mut self, number: u64, done: impl FnOnce() + Send + 'static) {
        let Some(host) = self.hosts.remove(&number) else {
            return;
        };
        host.sandbox.kill();
        self.names.remove(&host.spec.name);
        let _ = self.epoll.delete(host.sandbox.control());
        let ports: Vec<_> = host
            .links
            .values()
            .map(|link| self.data_path.detach(link.spec.port))
            .collect();
        // A data path that has stopped has closed its ports.
        let ports: Vec<_> = ports.into_iter().map(Reply::wait).collect();
        self.burials.retain(|burial| !burial.is_finished());
        let burial = std::thread::Builder::new()
            .name("burial".into())
            .spawn(move || {
                drop(host);
                done();
                drop(ports);
            });
        // Without a thread all of it was dropped right here, which does the same.
        self.burials.extend(burial);
    }

    fn stop(&mut self) {
        let numbers: Vec<u64> = self.hosts.keys().copied().collect();
        for number in numbers {
            self.bury(number, || {});
        }
        for burial in self.burials.drain(..) {
            let _ = burial.join();
        }
    }
}

impl Host {
    fn exec(&mut self, request: &ExecRequest, streams: &[OwnedFd], reply: Answer<Command>) {
        let id = self.next_command;
        self.next_command = self.next_command.wrapping_add(1);
        let fds: Vec<_> = streams.iter().map(AsFd::as_fd).collect();
        let sent = if matches!(self.state, State::Building | State::Standing) {
            Err(HostError::NotRunning(self.spec.name.clone()))
        } else {
            request
                .encode(id)
                .and_then(|(order, strings)| self.sandbox.order(&order, &strings, &fds))
                .map_err(system("running the command"))
        };
        match sent {
            Ok(()) => {
                let (ended, exit) = oneshot::channel();
                self.commands.insert(
                    id,
                    Pending {
                        started: Some(reply),
                        ended,
                        exit: Some(Reply::new(exit)),
                    },
                );
            }
            Err(error) => drop(reply.send(Err(error))),
        }
    }
}
