//! An answer that another thread will give: awaited in asynchronous code, waited for elsewhere.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

/// The thread that should have answered has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the data path has stopped")]
pub struct Stopped;

/// Resolves when the thread has answered.
#[must_use = "the order is given; the answer says that it is done"]
pub struct Reply<R>(oneshot::Receiver<R>);

impl<R> Reply<R> {
    /// What somebody will send.
    pub fn new(receiver: oneshot::Receiver<R>) -> Self {
        Self(receiver)
    }

    /// Waits. Not from asynchronous code.
    pub fn wait(self) -> Result<R, Stopped> {
        self.0.blocking_recv().map_err(|_| Stopped)
    }
}

impl<R> Future for Reply<R> {
    type Output = Result<R, Stopped>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map_err(|_| Stopped)
    }
}
