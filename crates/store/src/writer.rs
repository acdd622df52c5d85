//! The writer thread: everything that waits becomes one transaction, one sync.

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use openvpc_model::{Entry, World};
use redb::Database;
use tokio::sync::{oneshot, watch};

use crate::file::{self, FileError, LogLen};
use crate::{Progress, Settings, StoreError};

/// Entries in one transaction at most; the rest waits for the next.
const BATCH_MAX: usize = 512;

type Done = oneshot::Sender<Result<(), StoreError>>;

/// What the writer is asked to do, in order.
#[derive(Debug)]
pub(crate) enum Command {
    Append { entry: Entry, done: Done },
    Reset { done: Done },
}

/// The only one who writes to the database.
pub(crate) struct Writer {
    pub database: Arc<Database>,
    pub commands: Receiver<Command>,
    pub progress: watch::Sender<Progress>,
    /// The world as of the last durable entry: what a checkpoint holds.
    pub world: World,
    pub settings: Settings,
    pub since_checkpoint: u64,
    pub log_len: LogLen,
}

impl Writer {
    /// Runs until the store is dropped or writing fails.
    pub fn run(mut self) {
        while let Ok(first) = self.commands.recv() {
            let batch = self.batch(first);
            if let Err(error) = self.write(batch) {
                self.fail(&error);
                return;
            }
        }
    }

    /// The first command and whatever has queued up behind it.
    fn batch(&self, first: Command) -> Vec<Command> {
        let mut batch = vec![first];
        batch.extend(self.commands.try_iter().take(BATCH_MAX - 1));
        batch
    }

    fn write(&mut self, batch: Vec<Command>) -> Result<(), FileError> {
        let mut entries = Vec::with_capacity(batch.len());
        let mut waiting = Vec::with_capacity(batch.len());
        for command in batch {
            match command {
                Command::Append { entry, done } => {
                    entries.push(entry);
                    waiting.push(done);
                }
                Command::Reset { done } => {
                    self.append(&mut entries, &mut waiting)?;
                    self.reset()?;
                    let _ = done.send(Ok(()));
                }
            }
        }
        self.append(&mut entries, &mut waiting)?;
        if self.since_checkpoint >= self.settings.checkpoint_every {
            file::checkpoint(
                &self.database,
                &self.world,
                self.log_len,
                self.settings.keep(),
            )?;
            self.since_checkpoint = 0;
        }
        Ok(())
    }

    /// Makes the entries durable, then tells those who wait. On failure their senders are
    /// dropped unanswered, which a ticket reports as failure.
    fn append(
        &mut self,
        entries: &mut Vec<Entry>,
        waiting: &mut Vec<Done>,
    ) -> Result<(), FileError> {
        if entries.is_empty() {
            return Ok(());
        }
        self.log_len = file::append(&self.database, entries)?;
        self.since_checkpoint += entries.len() as u64;
        for entry in entries.drain(..) {
            self.world.apply(entry);
        }
        let durable = self.world.revision;
        self.progress.send_modify(|p| p.durable = durable);
        for done in waiting.drain(..) {
            let _ = done.send(Ok(()));
        }
        Ok(())
    }

    fn reset(&mut self) -> Result<(), FileError> {
        file::clear(&self.database)?;
        self.world = World::default();
        self.since_checkpoint = 0;
        self.log_len = LogLen::default();
        self.progress.send_modify(|p| {
            p.epoch += 1;
            p.durable = 0;
        });
        Ok(())
    }

    fn fail(&self, error: &FileError) {
        let what: Arc<str> = error.to_string().into();
        self.progress
            .send_modify(|p| p.failure = Some(what.clone()));
    }
}
