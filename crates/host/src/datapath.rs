//! The event loop of both data paths: one thread that owns the engine and every port.
//!
//! It waits for frames, for orders and for the clock; it reads a bounded number of frames from each ready port in turn,
//! asks the engine, and writes to the port that the engine names. It decides nothing itself and allocates nothing per
//! frame. Orders are closures over the engine, run between frames, so that nobody else ever needs a lock on it.

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::eventfd::{EfdFlags, EventFd};
use openvpc_engine::{Engine, Frame, Limits, Offload, PortId, Snapshot, Time, Verdict};
use tokio::sync::oneshot;

use crate::delay::DelayLine;
use crate::ports::{FRAME_LEN_MAX, FastPorts, Port, Received, Sent};
use crate::reply::Reply;

/// Frames read from one port before the next one gets its turn.
const BURST: usize = 64;
/// How often the engine is told the time when nothing happens.
const TICK_MS: u16 = 100;
const EVENTS_MAX: usize = 64;
/// The event of the order queue; ports count from 0, and each has so many doors at most.
const WAKE: u64 = u64::MAX;
/// ... and of reports by the kernel's program.
const TOLD: u64 = u64::MAX - 1;
const DOORS_MAX: u64 = 4;

/// Frames that the loop itself lost, beside the engine's own reasons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Losses {
    /// The receiving port's queue was full.
    pub queue_full: u64,
    /// The receiving interface was down or did not take the frame.
    pub refused: u64,
    /// The engine named a port that is not here.
    pub no_port: u64,
    /// What was read was no frame.
    pub garbage: u64,
    /// The kernel's program sent up no more of a port's frames than the port may have served.
    pub over_allowance: u64,
}

/// A running data path. Dropping it ends the thread and closes the ports.
pub struct DataPath {
    orders: mpsc::Sender<Order>,
    wake: Arc<EventFd>,
    thread: Option<JoinHandle<()>>,
}

/// Orders and questions to a data path, from any thread.
#[derive(Clone)]
pub struct DataPathHandle {
    orders: mpsc::Sender<Order>,
    wake: Arc<EventFd>,
    epoch: Instant,
}

enum Order {
    Run(Box<dyn FnOnce(&mut Switch) + Send>),
    Stop,
}

impl DataPath {
    /// Starts the thread, without ports and without policy: nothing passes. With fast ports the kernel replays the
    /// engine's verdicts.
    pub fn start(limits: Limits, fast: Option<FastPorts>) -> io::Result<(Self, DataPathHandle)> {
        let (orders, queue) = mpsc::channel();
        let wake = Arc::new(EventFd::from_flags(
            EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK,
        )?);
        let epoch = Instant::now();
        let mut engine = Engine::new(limits);
        let mut told = None;
        if let Some(fast) = fast {
            fast.table.start_clock();
            told = fast.table.wakes();
            engine.set_fast_path(Box::new(fast.table));
        }
        let mut switch = Switch::new(engine, epoch, &wake, told)?;
        let thread_wake = Arc::clone(&wake);
        let thread = std::thread::Builder::new()
            .name("datapath".into())
            .spawn(move || {
                if let Err(error) = switch.run(&queue, &thread_wake) {
                    tracing::error!(%error, "the data path stopped");
                }
            })?;
        let handle = DataPathHandle {
            orders: orders.clone(),
            wake: Arc::clone(&wake),
            epoch,
        };
        Ok((
            Self {
                orders,
                wake,
                thread: Some(thread),
            },
            handle,
        ))
    }
}

impl Drop for DataPath {
    fn drop(&mut self) {
        // A thread that has ended already takes no order.
        let _ = self.orders.send(Order::Stop);
        let _ = self.wake.write(1);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl DataPathHandle {
    /// The engine's clock: nanoseconds since the data path started.
    pub fn now(&self) -> Time {
        time_since(self.epoch)
    }

    /// Runs `order` on the engine between two frames.
    pub fn with_engine<R: Send + 'static>(
        &self,
        order: impl FnOnce(&mut Engine, Time) -> R + Send + 'static,
    ) -> Reply<R> {
        self.with_switch(|switch| {
            let now = time_since(switch.epoch);
            order(&mut switch.engine, now)
        })
    }

    /// Judges by `snapshot` from the next frame on; the reply says that it does.
    pub fn install(&self, snapshot: Arc<Snapshot>) -> Reply<()> {
        self.with_engine(move |engine, _| engine.install(snapshot))
    }

    /// Makes frames take so long from one region to another.
    pub fn set_region_latency(&self, latency: Duration) -> Reply<()> {
        self.with_switch(move |switch| {
            switch.engine.keep_between_regions(!latency.is_zero());
            switch.between_regions = (!latency.is_zero()).then(|| DelayLine::new(latency));
        })
    }

    /// Lets frames in and out of `port` under the engine's name `id`. Replaces what was there.
    pub fn attach(&self, id: PortId, port: Port) -> Reply<io::Result<()>> {
        self.with_switch(move |switch| switch.attach(id, port))
    }

    /// Gives the port back; nothing passes it after the reply. Closing a TAP takes the kernel tens of milliseconds, which
    /// are not the data path's to spend.
    pub fn detach(&self, id: PortId) -> Reply<Option<Port>> {
        self.with_switch(move |switch| switch.detach(id))
    }

    pub fn losses(&self) -> Reply<Losses> {
        self.with_switch(|switch| switch.losses)
    }

    fn with_switch<R: Send + 'static>(
        &self,
        order: impl FnOnce(&mut Switch) -> R + Send + 'static,
    ) -> Reply<R> {
        let (answer, reply) = oneshot::channel();
        let order = Order::Run(Box::new(move |switch| {
            // Whoever asked may have given up.
            let _ = answer.send(order(switch));
        }));
        if self.orders.send(order).is_ok() {
            let _ = self.wake.write(1);
        }
        Reply::new(reply)
    }
}

/// What the thread owns.
struct Switch {
    engine: Engine,
    epoch: Instant,
    epoll: Epoll,
    /// By the number that epoll answers with; numbers are not reused while an event may be pending.
    ports: HashMap<u64, (PortId, Port)>,
    slots: HashMap<PortId, u64>,
    next_slot: u64,
    losses: Losses,
    buffer: Box<[u8]>,
    /// Frames on their way between regions, where that takes time.
    between_regions: Option<DelayLine>,
}

impl Switch {
    fn new(
        engine: Engine,
        epoch: Instant,
        wake: &EventFd,
        told: Option<Arc<OwnedFd>>,
    ) -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        epoll.add(wake.as_fd(), EpollEvent::new(EpollFlags::EPOLLIN, WAKE))?;
        if let Some(told) = &told {
            // It is readable as long as anything is in it, and is to wake only for much.
            let edge = EpollFlags::EPOLLIN | EpollFlags::EPOLLET;
            epoll.add(told.as_fd(), EpollEvent::new(edge, TOLD))?;
        }
        Ok(Self {
            engine,
            epoch,
            epoll,
            ports: HashMap::new(),
            slots: HashMap::new(),
            next_slot: 0,
            losses: Losses::default(),
            buffer: vec![0; FRAME_LEN_MAX].into_boxed_slice(),
            between_regions: None,
        })
    }

    fn run(&mut self, queue: &mpsc::Receiver<Order>, wake: &EventFd) -> io::Result<()> {
        let mut events = [EpollEvent::empty(); EVENTS_MAX];
        let mut ticked = self.epoch;
        loop {
            let ready = match self.epoll.wait(&mut events, self.patience()) {
                Err(nix::errno::Errno::EINTR) => 0,
                ready => ready?,
            };
            for event in &events[..ready] {
                if event.data() == TOLD {
                    self.engine.catch_up();
                    continue;
                }
                if event.data() != WAKE {
                    let (slot, door) = (event.data() / DOORS_MAX, event.data() % DOORS_MAX);
                    self.serve(slot, door as usize);
                    continue;
                }
                let _ = wake.read();
                loop {
                    match queue.try_recv() {
                        Ok(Order::Run(order)) => order(self),
                        Ok(Order::Stop) | Err(mpsc::TryRecvError::Disconnected) => return Ok(()),
                        Err(mpsc::TryRecvError::Empty) => break,
                    }
                }
            }
            self.deliver_delayed();
            if ticked.elapsed().as_millis() >= u128::from(TICK_MS) {
                ticked = Instant::now();
                self.engine.handle_timeout(time_since(self.epoch));
                self.send_extras(None);
                self.count_kernel_drops();
            }
        }
    }

    /// Until the next tick, or until a delayed frame arrives, in whole milliseconds that are not too short.
    fn patience(&self) -> EpollTimeout {
        let line = self.between_regions.as_ref();
        let wait = line.and_then(|line| line.wait(time_since(self.epoch)));
        let wait = wait.map_or(u128::MAX, |wait| wait.as_micros().div_ceil(1_000));
        EpollTimeout::from(u16::try_from(wait).map_or(TICK_MS, |wait| wait.min(TICK_MS)))
    }

    /// Sends what has arrived from other regions.
    fn deliver_delayed(&mut self) {
        let Some(line) = &mut self.between_regions else {
            return;
        };
        let now = time_since(self.epoch);
        while let Some(arrived) = line.pop(now) {
            let to = self.slots.get(&arrived.port).copied();
            let (frame, offload) = (&arrived.frame, &arrived.offload);
            send(&self.ports, to, frame, offload, &mut self.losses);
        }
    }

    /// Forwards a burst that came in by one door of a port.
    fn serve(&mut self, slot: u64, door: usize) {
        let Some((id, _)) = self.ports.get(&slot) else {
            return;
        };
        let id = *id;
        for _ in 0..BURST {
            let Some((_, port)) = self.ports.get(&slot) else {
                return;
            };
            match port.receive(door, &mut self.buffer) {
                Received::Frame(len, offload) => self.forward(id, slot, len, offload),
                Received::Garbage => self.losses.garbage += 1,
                Received::Empty => return self.note_overflow(slot),
                Received::Gone => return self.take_down(slot),
            }
            if let Some((_, port)) = self.ports.get(&slot)
                && let Some(end) = port.fast()
            {
                end.table.served(end.link.ifindex, 1);
            }
        }
    }

    /// What came up and found no room will not be served: nothing need wait for it.
    fn note_overflow(&mut self, slot: u64) {
        if let Some((_, port)) = self.ports.get(&slot)
            && let Some(end) = port.fast()
            && end.table.waiting(end.link.ifindex) > 0
        {
            let lost = port.take_overflow();
            end.table.served(end.link.ifindex, lost);
            self.losses.queue_full += u64::from(lost);
        }
    }

    /// Accounts for what the kernel's program dropped.
    fn count_kernel_drops(&mut self) {
        for (id, port) in self.ports.values() {
            let Some(end) = port.fast() else { continue };
            let dropped = end.take_drops();
            self.losses.over_allowance += u64::from(dropped.shed);
            for _ in 0..dropped.foreign {
                self.engine.drop_foreign(*id);
            }
        }
    }

    /// Asks the engine about the frame in the buffer and does what it says.
    fn forward(&mut self, from: PortId, slot: u64, len: usize, offload: Offload) {
        let now = time_since(self.epoch);
        let mut frame = Frame::with_offload(&mut self.buffer[..len], offload);
        match self.engine.process(from, &mut frame, now) {
            Verdict::Forward { port } => match self.between_regions.as_mut() {
                Some(line) if is_far(&self.engine, from, port) => {
                    let has_room = line.push(now, port, frame.bytes, &frame.offload);
                    self.losses.queue_full += u64::from(!has_room);
                }
                _ => {
                    let to = self.slots.get(&port).copied();
                    send(
                        &self.ports,
                        to,
                        frame.bytes,
                        &frame.offload,
                        &mut self.losses,
                    );
                }
            },
            Verdict::Translated { port } => {
                let (bytes, offload) = self.engine.translated();
                match self.between_regions.as_mut() {
                    Some(line) if is_far(&self.engine, from, port) => {
                        let has_room = line.push(now, port, bytes, &offload);
                        self.losses.queue_full += u64::from(!has_room);
                    }
                    _ => {
                        let to = self.slots.get(&port).copied();
                        send(&self.ports, to, bytes, &offload, &mut self.losses);
                    }
                }
            }
            Verdict::Reply => {
                send(
                    &self.ports,
                    Some(slot),
                    self.engine.reply(),
                    &Offload::default(),
                    &mut self.losses,
                );
            }
            Verdict::Replaced { .. } => {}
            Verdict::Drop(_) => return,
        }
        self.send_extras(Some(from));
    }

    /// Sends the frames that the engine produced beside the one it was asked about, which came `from` a port.
    fn send_extras(&mut self, from: Option<PortId>) {
        while let Some((port, bytes)) = self.engine.next_extra() {
            let whole = Offload::default();
            match self.between_regions.as_mut().zip(from) {
                Some((line, from)) if is_far(&self.engine, from, port) => {
                    let now = time_since(self.epoch);
                    let has_room = line.push(now, port, &bytes, &whole);
                    self.losses.queue_full += u64::from(!has_room);
                }
                _ => {
                    let to = self.slots.get(&port).copied();
                    send(&self.ports, to, &bytes, &whole, &mut self.losses);
                }
            }
        }
    }

    fn attach(&mut self, id: PortId, port: Port) -> io::Result<()> {
        drop(self.detach(id));
        let slot = self.next_slot;
        for (door, fd) in port.doors().iter().enumerate() {
            let number = slot * DOORS_MAX + door as u64;
            self.epoll
                .add(fd, EpollEvent::new(EpollFlags::EPOLLIN, number))?;
        }
        if let Some(end) = port.fast() {
            end.attach(id);
        }
        self.next_slot += 1;
        self.ports.insert(slot, (id, port));
        self.slots.insert(id, slot);
        self.engine.attach_port(id);
        Ok(())
    }

    fn detach(&mut self, id: PortId) -> Option<Port> {
        self.engine.detach_port(id);
        let slot = self.slots.remove(&id)?;
        let (_, port) = self.ports.remove(&slot)?;
        if let Some(end) = port.fast() {
            end.table.detach(id);
        }
        self.listen_no_more(&port);
        Some(port)
    }

    /// The interface was destroyed from inside: listen no more, or its error would wake us for ever.
    fn take_down(&mut self, slot: u64) {
        if let Some((id, port)) = self.ports.get(&slot) {
            tracing::warn!(port = ?id, "interface destroyed from inside; port is down");
            self.listen_no_more(port);
        }
    }

    /// A port that was destroyed from inside is not listened to any more already.
    fn listen_no_more(&self, port: &Port) {
        for fd in port.doors() {
            let _ = self.epoll.delete(fd);
        }
    }
}

fn is_far(engine: &Engine, from: PortId, to: PortId) -> bool {
    let snapshot = engine.snapshot();
    snapshot.is_some_and(|snapshot| snapshot.is_between_regions(from, to))
}

fn send(
    ports: &HashMap<u64, (PortId, Port)>,
    slot: Option<u64>,
    frame: &[u8],
    offload: &Offload,
    losses: &mut Losses,
) {
    match slot
        .and_then(|slot| ports.get(&slot))
        .map(|(_, port)| port.send(frame, offload))
    {
        Some(Sent::Done) => {}
        Some(Sent::Full) => losses.queue_full += 1,
        Some(Sent::Refused | Sent::Gone) => losses.refused += 1,
        None => losses.no_port += 1,
    }
}

fn time_since(epoch: Instant) -> Time {
    Time(u64::try_from(epoch.elapsed().as_nanos()).unwrap_or(u64::MAX))
}
