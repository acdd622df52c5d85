//! The ring by which the program tells of packets (`BPF_MAP_TYPE_RINGBUF`; its layout is in the kernel's documentation,
//! "BPF ring buffer"): two positions, each in a page of its own, and records of a length, padded to eight bytes.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Release};

use crate::abi;
use crate::shared::Shared;

/// Before each record: its length with two flags, and a place that is the kernel's own.
const HEADER_LEN: usize = 8;
/// In the length: the record is not finished.
const BUSY: u32 = 1 << 31;
/// ... or was given up.
const DISCARDED: u32 = 1 << 30;

/// The reading side; there is one.
pub(crate) struct Ring {
    /// How far was read; written here.
    consumer: Shared,
    /// How far was written, a page before the records.
    producer: Shared,
    page: usize,
    /// To be woken by.
    pub fd: Arc<std::os::fd::OwnedFd>,
}

impl Ring {
    pub(crate) fn map(fd: impl AsFd) -> io::Result<Ring> {
        let page = page_len();
        let fd = fd.as_fd();
        Ok(Ring {
            consumer: Shared::map(fd, page as u32, 1)?,
            // The records are mapped twice, one copy behind the other, so that none is cut in two.
            producer: Shared::map_to_read(fd, page, page + 2 * abi::RING_LEN as usize)?,
            page,
            fd: Arc::new(fd.try_clone_to_owned()?),
        })
    }

    /// Whether there is a record, finished or not.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.consumer.u64(0, 0).load(Acquire) == self.producer.u64(0, 0).load(Acquire)
    }

    /// Lets `take` look at the next record, unless there is none yet.
    pub(crate) fn next<R>(&self, mut take: impl FnMut(Record<'_>) -> Option<R>) -> Option<R> {
        loop {
            if self.is_empty() {
                return None;
            }
            let position = self.consumer.u64(0, 0).load(Acquire);
            let start = self.page + (position as usize & (abi::RING_LEN as usize - 1));
            let header = self.producer.u32(0, start).load(Acquire);
            if header & BUSY != 0 {
                return None;
            }
            let len = (header & !DISCARDED) as usize;
            let taken = match header & DISCARDED == 0 && len >= abi::REPORT_LEN as usize {
                true => take(Record {
                    memory: &self.producer,
                    start: start + HEADER_LEN,
                }),
                false => None,
            };
            let whole = (len + HEADER_LEN).next_multiple_of(8) as u64;
            self.consumer.u64(0, 0).store(position + whole, Release);
            if taken.is_some() {
                return taken;
            }
        }
    }
}

/// A record in the ring; nobody writes it while it is looked at.
pub(crate) struct Record<'a> {
    memory: &'a Shared,
    start: usize,
}

impl Record<'_> {
    pub(crate) fn u16(&self, offset: usize) -> u16 {
        self.memory.u16(0, self.start + offset).load(Acquire)
    }

    pub(crate) fn u32(&self, offset: usize) -> u32 {
        self.memory.u32(0, self.start + offset).load(Acquire)
    }

    pub(crate) fn u64(&self, offset: usize) -> u64 {
        self.memory.u64(0, self.start + offset).load(Acquire)
    }

    /// Copies bytes out; `to` is filled with as many as it takes.
    pub(crate) fn copy(&self, offset: usize, to: &mut [u8]) {
        for (word, bytes) in to.chunks_mut(8).enumerate() {
            let value = self.u64(offset + word * 8).to_ne_bytes();
            bytes.copy_from_slice(&value[..bytes.len()]);
        }
    }
}

fn page_len() -> usize {
    let len = nix::unistd::sysconf(nix::unistd::SysconfVar::PAGE_SIZE);
    len.ok().flatten().map_or(4_096, |len| len as usize)
}
