//! Power cuts and failing disks, on a recorded storage (`C-3`, `C-5`).

#![allow(clippy::unwrap_used)]

mod common;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use common::{entry, world};
use openvpc_store::{Journal, Place, Settings, Store, StoreError};
use redb::StorageBackend;

/// One call to the storage.
#[derive(Debug, Clone)]
enum Op {
    Write(u64, Vec<u8>),
    SetLen(u64),
    Sync,
}

/// A disk that remembers everything that was asked of it.
#[derive(Debug, Clone, Default)]
struct Disk {
    bytes: Arc<Mutex<Vec<u8>>>,
    ops: Arc<Mutex<Vec<Op>>>,
    sync_fails: Arc<AtomicBool>,
}

impl Disk {
    fn holding(bytes: Vec<u8>) -> Disk {
        Disk {
            bytes: Arc::new(Mutex::new(bytes)),
            ..Disk::default()
        }
    }

    fn op_count(&self) -> usize {
        self.ops.lock().unwrap().len()
    }
}

fn apply(bytes: &mut Vec<u8>, op: &Op) {
    match op {
        Op::Write(at, data) => {
            let end = *at as usize + data.len();
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            bytes[*at as usize..end].copy_from_slice(data);
        }
        Op::SetLen(len) => bytes.resize(*len as usize, 0),
        Op::Sync => {}
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64, io::Error> {
        Ok(self.bytes.lock().unwrap().len() as u64)
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        let bytes = self.bytes.lock().unwrap();
        let from = bytes
            .get(offset as usize..offset as usize + out.len())
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(from);
        Ok(())
    }
    fn set_len(&self, len: u64) -> Result<(), io::Error> {
        self.record(Op::SetLen(len))
    }
    fn sync_data(&self) -> Result<(), io::Error> {
        if self.sync_fails.load(Ordering::SeqCst) {
            return Err(io::Error::other("EIO"));
        }
        self.record(Op::Sync)
    }
    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        self.record(Op::Write(offset, data.to_vec()))
    }
}

impl Disk {
    fn record(&self, op: Op) -> Result<(), io::Error> {
        apply(&mut self.bytes.lock().unwrap(), &op);
        self.ops.lock().unwrap().push(op);
        Ok(())
    }
}

/// A small generator, so that a failing image is named by its number alone.
fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// What a cut before operation `at` may leave: all that was synced, and of the rest any part of
/// any writes, torn at sectors of 512 bytes.
fn image(ops: &[Op], at: usize, seed: &mut u64) -> Vec<u8> {
    let synced = ops[..at]
        .iter()
        .rposition(|op| matches!(op, Op::Sync))
        .map_or(0, |p| p + 1);
    let mut bytes = Vec::new();
    ops[..synced].iter().for_each(|op| apply(&mut bytes, op));
    let style = random(seed) % 3;
    for op in &ops[synced..at] {
        match op {
            Op::Write(offset, data) => {
                for (n, sector) in data.chunks(512).enumerate() {
                    let kept = match style {
                        0 => true,
                        1 => random(seed).is_multiple_of(2),
                        _ => false,
                    };
                    if kept {
                        apply(
                            &mut bytes,
                            &Op::Write(offset + n as u64 * 512, sector.to_vec()),
                        );
                    }
                }
            }
            Op::SetLen(_) => apply(&mut bytes, op),
            Op::Sync => {}
        }
    }
    bytes
}

/// `C-3`: every acknowledged entry is there after a power cut at any operation; of the others, a prefix.
#[test]
fn a_power_cut_anywhere_loses_nothing_acknowledged() {
    let disk = Disk::default();
    let settings = Settings {
        checkpoint_every: 7,
        entries_max: 12,
        entries_len_max_bytes: u64::MAX,
    };
    let seeds: Vec<u64> = (0..40).map(|n| n * 11 + 2).collect();
    let (store, _) = Store::open_with(Place::Backend(Box::new(disk.clone())), settings).unwrap();
    // By revision: how many operations had been made when it was acknowledged.
    let mut acknowledged = vec![0];
    let made = disk.op_count();
    for (at, seed) in seeds.iter().enumerate() {
        store
            .append(entry(at as u64 + 1, *seed))
            .unwrap()
            .wait()
            .unwrap();
        acknowledged.push(disk.op_count());
    }
    drop(store);
    let ops = disk.ops.lock().unwrap().clone();
    let mut seed = 0x9e37_79b9_7f4a_7c15;
    let mut images = 0;
    for at in made..=ops.len() {
        for _ in 0..3 {
            let bytes = image(&ops, at, &mut seed);
            let place = Place::Backend(Box::new(Disk::holding(bytes)));
            let (_, found) = Store::open_with(place, settings)
                .unwrap_or_else(|error| panic!("cut at {at}: {error}"));
            let safe = acknowledged
                .iter()
                .rposition(|count| *count <= at)
                .unwrap_or(0);
            let revision = found.revision as usize;
            assert!(
                revision >= safe,
                "cut at {at}: {revision} < {safe} acknowledged"
            );
            assert_eq!(found, world(&seeds[..revision]), "cut at {at}");
            images += 1;
        }
    }
    assert!(images > 500, "{images} images");
}

/// `C-5`: one failed sync, and nothing is acknowledged any more, even when the disk recovers.
#[tokio::test]
async fn a_failed_sync_is_final() {
    let disk = Disk::default();
    let (store, _) = Store::open(Place::Backend(Box::new(disk.clone()))).unwrap();
    store.append(entry(1, 2)).unwrap().durable().await.unwrap();
    disk.sync_fails.store(true, Ordering::SeqCst);
    let lost = store.append(entry(2, 3)).unwrap();
    assert!(matches!(lost.durable().await, Err(StoreError::Failed(_))));
    assert!(store.failed().await.to_string().contains("EIO"));
    disk.sync_fails.store(false, Ordering::SeqCst);
    assert!(matches!(
        store.append(entry(3, 4)),
        Err(StoreError::Failed(_))
    ));
    assert_eq!(store.durable_revision(), 1);
    assert!(store.wait_durable(2).await.is_err());
}
