//! Waiting for durability, from tasks and from plain threads.

use std::sync::Arc;

use tokio::sync::{oneshot, watch};

use crate::StoreError;

/// How far the journal is durable.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// Counts resets: a revision means nothing in another epoch.
    pub epoch: u64,
    /// The last durable revision.
    pub durable: u64,
    /// Set once when writing fails; it stays.
    pub failure: Option<Arc<str>>,
}

impl Progress {
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        match &self.failure {
            Some(what) => Err(StoreError::Failed(what.clone())),
            None => Ok(()),
        }
    }
}

/// One queued entry. Dropping it loses nothing but the knowledge.
#[derive(Debug)]
#[must_use = "an answer may leave only after the entry is durable"]
pub struct Ticket {
    pub(crate) revision: u64,
    pub(crate) done: oneshot::Receiver<Result<(), StoreError>>,
}

impl Ticket {
    /// The entry's revision.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Completes when the entry is durable.
    ///
    /// # Errors
    /// [`StoreError::Failed`]: it is not durable, and the caller must not be told otherwise.
    pub async fn durable(self) -> Result<(), StoreError> {
        self.done.await.unwrap_or_else(|_| Err(gone()))
    }

    /// The same for a thread without a runtime.
    ///
    /// # Errors
    /// As [`Ticket::durable`].
    ///
    /// # Panics
    /// When called inside a task.
    pub fn wait(self) -> Result<(), StoreError> {
        self.done.blocking_recv().unwrap_or_else(|_| Err(gone()))
    }
}

/// The writer is gone without an answer.
pub(crate) fn gone() -> StoreError {
    StoreError::Failed("the writer has ended".into())
}

/// Completes when `revision` is durable in the present epoch.
pub(crate) async fn wait_durable(
    mut progress: watch::Receiver<Progress>,
    revision: u64,
) -> Result<(), StoreError> {
    let epoch = progress.borrow().epoch;
    let reached = progress
        .wait_for(|p| p.epoch != epoch || p.durable >= revision || p.failure.is_some())
        .await
        .map_err(|_| gone())?;
    if reached.epoch != epoch {
        return Err(StoreError::Reset);
    }
    if reached.durable >= revision {
        return Ok(());
    }
    reached.check()
}
