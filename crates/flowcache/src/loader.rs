//! Puts the program into the kernel, from the object in `bpf/`.

use std::collections::{HashMap, HashSet};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::Arc;

use aya_obj::{EbpfSectionKind, Object};

use crate::abi;
use crate::kernel::{self, Attached, MapShape, TestRun};
use crate::ring::Ring;
use crate::shared::Shared;
use crate::table::{Maps, Table};

/// Made by `cargo xtask bpf`; the tests run it as it is.
static OBJECT: &Aligned<[u8]> = &Aligned(*include_bytes!("../bpf/flowcache.bpf.o"));

/// As a reader of ELF wants it.
#[repr(C, align(32))]
struct Aligned<T: ?Sized>(T);

/// tcx came with Linux 6.6.
const KERNEL_MIN: (u32, u32) = (6, 6);

/// Why the program cannot run here; the sentence says what is missing.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The order in which the shared table is read and written is argued for this architecture only.
    #[error("it is made for x86-64 only")]
    Architecture,
    #[error("this kernel is older than Linux {}.{}", KERNEL_MIN.0, KERNEL_MIN.1)]
    Kernel,
    #[error("the kernel refuses eBPF: {0}")]
    Refused(String),
    /// It is made by `cargo xtask bpf` and tested as it is.
    #[error("the program's object: {0}")]
    Object(String),
    #[error("mapping the table: {0}")]
    Mapping(#[from] io::Error),
}

/// The program in the kernel, and the table that it works by.
pub struct Loaded {
    program: Arc<OwnedFd>,
    /// The engine's side.
    pub table: Table,
}

/// The program alone, to attach it with.
#[derive(Clone, Debug)]
pub struct Program(Arc<OwnedFd>);

impl Program {
    /// Lets the program see what the interface receives; in the network namespace of the calling thread.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn attach(&self, ifindex: u32) -> io::Result<Attached> {
        kernel::attach(self.0.as_fd(), ifindex)
    }

    /// Runs the program on a frame as if the interface, one of the calling thread's namespace, had received it.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn test_run(&self, frame: &[u8], ifindex: u32) -> io::Result<TestRun> {
        kernel::test_run(self.0.as_fd(), frame, ifindex)
    }
}

impl Loaded {
    /// To attach it with, from any thread.
    pub fn program(&self) -> Program {
        Program(self.program.clone())
    }
}

/// Loads the program with room for so many directions of flows, rounded up to a power of two.
///
/// # Errors
/// What is missing.
pub fn load(slots: u32) -> Result<Loaded, LoadError> {
    if !cfg!(target_arch = "x86_64") {
        return Err(LoadError::Architecture);
    }
    let release = nix::sys::utsname::uname().ok();
    let release = release.and_then(|name| name.release().to_str().map(str::to_owned));
    if version(&release.unwrap_or_default()) < KERNEL_MIN {
        return Err(LoadError::Kernel);
    }
    let buckets = (slots / abi::WAYS).max(1).next_power_of_two();
    let (seed, mask) = (rand::random::<u64>(), buckets - 1);
    let refused = |error: io::Error| LoadError::Refused(error.to_string());
    let faulty = |error: &dyn std::error::Error| LoadError::Object(innermost(error));
    let mut object = Object::parse(&OBJECT.0).map_err(|error| faulty(&error))?;
    let (seed_bytes, mask_bytes) = (seed.to_ne_bytes(), mask.to_ne_bytes());
    let constants = HashMap::from([
        ("hash_seed", (seed_bytes.as_slice(), true)),
        ("bucket_mask", (mask_bytes.as_slice(), true)),
    ]);
    object
        .patch_map_data(constants)
        .map_err(|error| faulty(&error))?;
    let mut made = HashMap::new();
    for (name, map) in std::mem::take(&mut object.maps) {
        let shape = MapShape {
            kind: map.map_type(),
            key_len: map.key_size(),
            value_len: map.value_size(),
            entries: match name.as_str() {
                "buckets" => buckets,
                _ => map.max_entries(),
            },
            flags: map.map_flags(),
        };
        let fd = kernel::make_map(&shape).map_err(refused)?;
        if map.section_kind() == EbpfSectionKind::Rodata {
            kernel::fill_constants(fd.as_fd(), map.data()).map_err(refused)?;
        }
        made.insert(name, (fd, map));
    }
    let no_text = HashSet::new();
    let places = made
        .iter()
        .map(|(name, (fd, map))| (name.as_str(), fd.as_raw_fd(), map));
    object
        .relocate_maps(places, &no_text)
        .map_err(|error| faulty(&error))?;
    object
        .relocate_calls(&no_text)
        .map_err(|error| faulty(&error))?;
    let entry = object.programs.get("flowcache");
    let function = entry.and_then(|entry| object.functions.get(&entry.function_key()));
    let function = function.ok_or_else(|| LoadError::Object("it lacks its program".to_owned()))?;
    let program = kernel::load(&function.instructions, &object.license).map_err(refused)?;
    let fd = |name: &str| {
        let found = made.get(name).map(|(fd, _)| fd);
        found.ok_or_else(|| LoadError::Object(format!("it lacks its map {name}")))
    };
    let maps = Maps {
        buckets: Shared::map(fd("buckets")?, abi::SLOT_LEN * abi::WAYS, buckets)?,
        ports: Shared::map(fd("ports")?, abi::PORT_LEN, abi::PORTS)?,
        epochs: Shared::map(fd("epochs")?, abi::EPOCH_LEN, abi::CPUS)?,
        reports: Some(Ring::map(fd("reports")?)?),
    };
    Ok(Loaded {
        program: Arc::new(program),
        table: Table::new(maps, seed, mask),
    })
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// Major and minor number of a kernel's release.
fn version(release: &str) -> (u32, u32) {
    let mut numbers = release
        .split(|c: char| !c.is_ascii_digit())
        .map_while(|number| number.parse().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}
