//! The journal seen from its caller: order, durability, replay, limits, refusals.

#![allow(clippy::unwrap_used)]

mod common;

use common::{entry, world};
use openvpc_model::World;
use openvpc_store::{Journal, Place, Settings, Store, StoreError};
use proptest::prelude::*;

fn directory(dir: &tempfile::TempDir) -> Place {
    Place::Directory(dir.path().to_owned())
}

fn append(store: &Store, from: u64, seeds: &[u64]) {
    let tickets: Vec<_> = (from..)
        .zip(seeds)
        .map(|(revision, seed)| store.append(entry(revision, *seed)).unwrap())
        .collect();
    tickets
        .into_iter()
        .for_each(|ticket| ticket.wait().unwrap());
}

#[test]
fn a_restart_gives_back_the_same_world() {
    let dir = tempfile::tempdir().unwrap();
    let (store, empty) = Store::open(directory(&dir)).unwrap();
    assert_eq!(empty, World::default());
    append(&store, 1, &[2, 3, 4, 1, 9]);
    assert_eq!(store.durable_revision(), 5);
    drop(store);
    let (store, world_again) = Store::open(directory(&dir)).unwrap();
    assert_eq!(world_again, world(&[2, 3, 4, 1, 9]));
    append(&store, 6, &[0]);
    assert_eq!(store.entries(3, 2).unwrap(), [entry(4, 1), entry(5, 9)]);
    assert_eq!(store.entries(6, 2).unwrap(), []);
}

#[test]
fn only_the_next_revision_is_taken() {
    let (store, _) = Store::open(Place::Memory).unwrap();
    append(&store, 1, &[2]);
    for wrong in [0, 1, 3] {
        let refusal = store.append(entry(wrong, 2)).unwrap_err();
        assert!(matches!(refusal, StoreError::OutOfOrder { expected: 2, found } if found == wrong));
    }
    append(&store, 2, &[2]);
}

#[tokio::test]
async fn tasks_can_wait_for_a_revision() {
    let (store, _) = Store::open(Place::Memory).unwrap();
    let second = store.wait_durable(2);
    let first = store.append(entry(1, 2)).unwrap();
    let ticket = store.append(entry(2, 3)).unwrap();
    second.await.unwrap();
    first.durable().await.unwrap();
    ticket.durable().await.unwrap();
    store.wait_durable(1).await.unwrap();
}

#[tokio::test]
async fn reset_empties_and_wakes_who_waits_for_the_past() {
    let (store, _) = Store::open(Place::Memory).unwrap();
    append_async(&store, 1, &[2, 3]).await;
    let never = store.wait_durable(100);
    let task = tokio::spawn(never);
    tokio::task::yield_now().await;
    store.reset().unwrap().durable().await.unwrap();
    assert!(matches!(task.await.unwrap(), Err(StoreError::Reset)));
    assert_eq!(store.durable_revision(), 0);
    assert_eq!(store.entries(0, 10).unwrap(), []);
    append_async(&store, 1, &[4]).await;
    assert_eq!(store.world_at(1).unwrap(), world(&[4]));
}

async fn append_async(store: &Store, from: u64, seeds: &[u64]) {
    for (revision, seed) in (from..).zip(seeds) {
        store
            .append(entry(revision, *seed))
            .unwrap()
            .durable()
            .await
            .unwrap();
    }
}

#[test]
fn the_log_is_trimmed_to_a_checkpoint_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings {
        checkpoint_every: 5,
        entries_max: 20,
        entries_len_max_bytes: u64::MAX,
    };
    let (store, _) = Store::open_with(directory(&dir), settings).unwrap();
    let seeds: Vec<u64> = (0..103).map(|n| n * 7 + 3).collect();
    for (at, seed) in seeds.iter().enumerate() {
        append(&store, at as u64 + 1, &[*seed]);
    }
    let first = match store.entries(0, 1) {
        Err(StoreError::Trimmed { first }) => first,
        other => panic!("the log should have been trimmed: {other:?}"),
    };
    assert!((103 - 25..=103).contains(&first), "{first}");
    assert_eq!(
        store.entries(first, 1_000).unwrap().len() as u64,
        103 - first
    );
    for revision in first..=103 {
        assert_eq!(
            store.world_at(revision).unwrap(),
            world(&seeds[..revision as usize])
        );
    }
    assert!(matches!(
        store.world_at(first - 1),
        Err(StoreError::Trimmed { .. })
    ));
    drop(store);
    assert_eq!(
        Store::open_with(directory(&dir), settings).unwrap().1,
        world(&seeds)
    );
}

#[test]
fn the_log_is_bounded_in_bytes_too() {
    let settings = Settings {
        checkpoint_every: 10,
        entries_max: 1_000_000,
        entries_len_max_bytes: 4_096,
    };
    let (store, _) = Store::open_with(Place::Memory, settings).unwrap();
    // The writer trims after it has acknowledged. Not ending on a checkpoint means that it is at
    // rest when the last entry is acknowledged: nothing is trimmed between the two reads below.
    for revision in 1..200 {
        append(&store, revision, &[revision]);
    }
    let first = match store.entries(0, 1) {
        Err(StoreError::Trimmed { first }) => first,
        other => panic!("the log should have been trimmed: {other:?}"),
    };
    let left = store.entries(first, 1_000).unwrap();
    let len_bytes: usize = left
        .iter()
        .map(|e| serde_json::to_vec(e).unwrap().len() + 8)
        .sum();
    assert!(
        len_bytes < 4_096 + 10 * 400,
        "{len_bytes} bytes in {} entries",
        left.len()
    );
}

#[test]
fn the_second_daemon_is_refused_in_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let _first = Store::open(directory(&dir)).unwrap();
    let refusal = Store::open(directory(&dir)).unwrap_err();
    assert!(
        matches!(refusal, StoreError::InUse { pid: Some(pid), .. } if pid == std::process::id())
    );
}

#[test]
fn a_file_of_another_format_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(directory(&dir)).unwrap());
    let path = dir.path().join(Place::FILE_NAME);
    let database = redb::Database::open(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    let meta = redb::TableDefinition::<&str, u64>::new("meta");
    transaction
        .open_table(meta)
        .unwrap()
        .insert("format", 2)
        .unwrap();
    transaction.commit().unwrap();
    drop(database);
    let refusal = Store::open(directory(&dir)).unwrap_err();
    assert!(
        refusal.to_string().ends_with(
            "journal.redb was written in store format 2, and this openvpc reads format 1; \
             use the version that wrote it, or another --data-dir"
        ),
        "{refusal}"
    );
}

/// `C-4`: a file that was cut, zeroed or flipped is either refused by name or gives the same world.
#[test]
fn a_damaged_file_never_gives_another_world() {
    let dir = tempfile::tempdir().unwrap();
    let seeds: Vec<u64> = (0..60).collect();
    let (store, _) = Store::open(directory(&dir)).unwrap();
    append(&store, 1, &seeds);
    drop(store);
    let path = dir.path().join(Place::FILE_NAME);
    let whole = std::fs::read(&path).unwrap();
    let expected = world(&seeds);
    let mut refused = 0;
    // Silences the reports of assertions inside the database, which are caught.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    for case in 0..400_usize {
        let mut file = whole.clone();
        // Half the cases in the header and first pages, where everything hangs.
        let at = case.wrapping_mul(2_654_435_761) % if case % 2 == 0 { file.len() } else { 65_536 };
        match case % 4 {
            0 => file[at] ^= 1 << (case / 4 % 8),
            1 => file[at..(at + 512).min(whole.len())].fill(0),
            2 => file.truncate(at),
            _ => file[at] ^= 0xff,
        }
        std::fs::write(&path, &file).unwrap();
        match Store::open(directory(&dir)) {
            Ok((_, found)) if file.is_empty() => assert_eq!(found, World::default()),
            Ok((_, found)) => assert_eq!(found, expected, "case {case} at {at}"),
            Err(error) => {
                assert!(error.to_string().contains(Place::FILE_NAME), "{error}");
                refused += 1;
            }
        }
    }
    std::panic::set_hook(hook);
    assert!(refused > 100, "only {refused} refused");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// `I-20`: however the entries are cut into runs and checkpoints, replay gives what direct
    /// application gives, byte for byte.
    #[test]
    fn replay_equals_direct_application(
        seeds in prop::collection::vec(0_u64..1_000, 1..120),
        runs in 1_usize..5,
        checkpoint_every in 1_u64..40,
        entries_max in 1_u64..60,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings { checkpoint_every, entries_max, entries_len_max_bytes: u64::MAX };
        let mut from = 1;
        for run in seeds.chunks(seeds.len().div_ceil(runs)) {
            let (store, found) = Store::open_with(directory(&dir), settings).unwrap();
            prop_assert_eq!(&found, &world(&seeds[..from - 1]));
            append(&store, from as u64, run);
            from += run.len();
        }
        let (_, found) = Store::open_with(directory(&dir), settings).unwrap();
        let expected = world(&seeds);
        prop_assert_eq!(serde_json::to_string(&found).unwrap(), serde_json::to_string(&expected).unwrap());
    }
}
