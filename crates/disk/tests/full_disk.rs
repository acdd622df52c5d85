//! `C-6` on a real file system without room. It needs one of its own, which only root may mount; elsewhere there is nothing
//! to test with.

#![allow(clippy::unwrap_used)]

use std::io::ErrorKind;
use std::path::Path;

use openvpc_disk::{Database, Options};
use redb::{Error, ReadableTable, TableDefinition};

mod small_disk;

const ROWS: TableDefinition<u64, &[u8]> = TableDefinition::new("rows");
const DISK: &str = "8m";

fn open(folder: &Path, reserve_len_bytes: u64) -> Database {
    let options = Options {
        reserve_len_bytes,
        ..Options::with_cache(1 << 20)
    };
    Database::open(folder.join("rows.redb"), options).unwrap()
}

fn put(database: &Database, keys: impl IntoIterator<Item = u64>, row: &[u8]) -> Result<(), Error> {
    let change = database.begin_write()?;
    {
        let mut rows = change.open_table(ROWS)?;
        for key in keys {
            rows.insert(key, row)?;
        }
    }
    Ok(change.commit()?)
}

fn remove(database: &Database, key: u64) -> Result<(), Error> {
    let change = database.begin_removal()?;
    change.open_table(ROWS)?.remove(key)?;
    Ok(change.commit()?)
}

fn keys(database: &Database) -> Vec<u64> {
    let rows = database.begin_read().unwrap().open_table(ROWS).unwrap();
    let keys = rows.iter().unwrap().map(|row| row.unwrap().0.value());
    keys.collect()
}

fn is_full(error: &Error) -> bool {
    matches!(error, Error::Io(error) if error.kind() == ErrorKind::StorageFull)
}

#[test]
fn a_write_that_finds_no_room_is_undone_and_shuts_nothing() {
    let Some(folder) = small_disk::mounted(DISK) else {
        return;
    };
    let folder = folder.path();
    let database = open(folder, 0);
    put(&database, 0..100, b"kept").unwrap();
    let filler = small_disk::fill(folder);

    // No reserve: it is the file system that refuses, in the middle of a transaction.
    for _ in 0..3 {
        let refused = put(&database, 100..2_000, &[1; 4_000]).unwrap_err();
        assert!(is_full(&refused), "{refused:?}");
        assert!(
            keys(&database).into_iter().eq(0..100),
            "none of it is there"
        );
    }
    remove(&database, 0).unwrap();
    assert!(keys(&database).into_iter().eq(1..100));

    std::fs::remove_file(filler).unwrap();
    put(&database, [0], b"back").unwrap();
    assert!(keys(&database).into_iter().eq(0..100));
    drop(database);
    assert!(keys(&open(folder, 0)).into_iter().eq(0..100));
}

#[test]
fn under_the_reserve_adding_is_refused_and_removing_is_not() {
    let Some(folder) = small_disk::mounted(DISK) else {
        return;
    };
    let folder = folder.path();
    let database = open(folder, 1 << 20);
    put(&database, 0..100, &[1; 1_000]).unwrap();
    let filler = small_disk::fill(folder);
    let refused = put(&database, [1_000], b"new").unwrap_err();
    assert!(is_full(&refused), "{refused:?}");
    for key in 0..50 {
        remove(&database, key).unwrap();
    }
    assert!(keys(&database).into_iter().eq(50..100));
    std::fs::remove_file(filler).unwrap();
    put(&database, [1_000], b"new").unwrap();
    assert_eq!(keys(&database).len(), 51);
}
