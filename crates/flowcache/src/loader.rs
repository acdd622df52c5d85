//! Puts the program into the kernel, from the object in `bpf/`.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use aya::maps::Map;
use aya::programs::SchedClassifier;
use aya::{Ebpf, EbpfLoader};

use crate::abi;
use crate::kernel::{self, Attached, TestRun};
use crate::ring::Ring;
use crate::shared::Shared;
use crate::table::{Maps, Table};

/// Made by `cargo xtask bpf`; the tests run it as it is.
static OBJECT: &[u8] = aya::include_bytes_aligned!("../bpf/flowcache.bpf.o");

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
    #[error("mapping the table: {0}")]
    Mapping(#[from] io::Error),
}

/// The program in the kernel, and the table that it works by.
pub struct Loaded {
    program: Arc<OwnedFd>,
    /// The engine's side.
    pub table: Table,
    /// Keeps the maps.
    _object: Ebpf,
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
    let refused = |error: &dyn std::error::Error| LoadError::Refused(innermost(error));
    let mut object = EbpfLoader::new()
        .override_global("hash_seed", &seed, true)
        .override_global("bucket_mask", &mask, true)
        .map_max_entries("buckets", buckets)
        .load(OBJECT)
        .map_err(|error| refused(&error))?;
    let maps = Maps {
        buckets: map(&object, "buckets", abi::SLOT_LEN * abi::WAYS, buckets)?,
        ports: map(&object, "ports", abi::PORT_LEN, abi::PORTS)?,
        epochs: map(&object, "epochs", abi::EPOCH_LEN, abi::CPUS)?,
        reports: match object.map("reports") {
            Some(Map::RingBuf(data)) => Some(Ring::map(data.fd())?),
            _ => return Err(LoadError::Refused("the object lacks its ring".to_owned())),
        },
    };
    let program: &mut SchedClassifier = object
        .program_mut("flowcache")
        .ok_or_else(|| LoadError::Refused("the object lacks its program".to_owned()))?
        .try_into()
        .map_err(|error: aya::programs::ProgramError| refused(&error))?;
    program.load().map_err(|error| refused(&error))?;
    let fd = program.fd().map_err(|error| refused(&error))?;
    let program = fd.as_fd().try_clone_to_owned()?;
    Ok(Loaded {
        program: Arc::new(program),
        table: Table::new(maps, seed, mask),
        _object: object,
    })
}

fn map(object: &Ebpf, name: &str, element_len: u32, elements: u32) -> Result<Shared, LoadError> {
    match object.map(name) {
        Some(Map::Array(data)) => Ok(Shared::map(data.fd(), element_len, elements)?),
        _ => Err(LoadError::Refused("the object lacks its maps".to_owned())),
    }
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
