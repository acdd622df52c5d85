//! The commands of bpf(2) that are needed: making and filling maps, loading the program, attaching it by number to an
//! interface of the calling thread's namespace, and running it on bytes.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use aya_obj::generated::bpf_insn;

const BPF_MAP_CREATE: libc::c_long = 0;
const BPF_MAP_UPDATE_ELEM: libc::c_long = 2;
const BPF_PROG_LOAD: libc::c_long = 5;
const BPF_MAP_FREEZE: libc::c_long = 22;
const BPF_PROG_TYPE_SCHED_CLS: u32 = 3;
/// What the verifier may say of a program that it refuses.
const LOG_LEN: usize = 1 << 20;
const BPF_PROG_TEST_RUN: libc::c_long = 10;
const BPF_LINK_CREATE: libc::c_long = 28;
const BPF_TCX_INGRESS: u32 = 46;
/// `sizeof(struct __sk_buff)`, and where its interface index is.
const SKB_LEN: usize = 192;
const SKB_IFINDEX: usize = 40;

/// What a map is like, in the words of bpf(2).
pub(crate) struct MapShape {
    pub kind: u32,
    pub key_len: u32,
    pub value_len: u32,
    pub entries: u32,
    pub flags: u32,
}

/// Makes a map.
pub(crate) fn make_map(shape: &MapShape) -> io::Result<OwnedFd> {
    #[repr(C)]
    struct Attributes {
        kind: u32,
        key_len: u32,
        value_len: u32,
        entries: u32,
        flags: u32,
    }
    let mut attributes = Attributes {
        kind: shape.kind,
        key_len: shape.key_len,
        value_len: shape.value_len,
        entries: shape.entries,
        flags: shape.flags,
    };
    let fd = bpf(BPF_MAP_CREATE, &mut attributes)?;
    // SAFETY: the kernel just gave a new descriptor, which nobody else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// Fills the one element of a map of constants, which nobody changes any more.
pub(crate) fn fill_constants(map: BorrowedFd<'_>, value: &[u8]) -> io::Result<()> {
    #[repr(C)]
    struct Attributes {
        map: u32,
        unused: u32,
        key: u64,
        value: u64,
        flags: u64,
    }
    let key = 0u32;
    let mut attributes = Attributes {
        map: map.as_raw_fd() as u32,
        unused: 0,
        key: std::ptr::from_ref(&key) as u64,
        value: value.as_ptr() as u64,
        flags: 0,
    };
    bpf(BPF_MAP_UPDATE_ELEM, &mut attributes)?;
    let mut frozen = map.as_raw_fd() as u32;
    bpf(BPF_MAP_FREEZE, &mut frozen)?;
    Ok(())
}

/// Loads a classifier; of one that is refused the last words of the verifier are told.
pub(crate) fn load(instructions: &[bpf_insn], license: &CStr) -> io::Result<OwnedFd> {
    #[repr(C)]
    struct Attributes {
        kind: u32,
        len: u32,
        instructions: u64,
        license: u64,
        log_level: u32,
        log_len: u32,
        log: u64,
    }
    let mut attributes = Attributes {
        kind: BPF_PROG_TYPE_SCHED_CLS,
        len: instructions.len() as u32,
        instructions: instructions.as_ptr() as u64,
        license: license.as_ptr() as u64,
        log_level: 0,
        log_len: 0,
        log: 0,
    };
    let loaded = bpf(BPF_PROG_LOAD, &mut attributes).or_else(|error| {
        if error.raw_os_error() == Some(libc::EPERM) {
            return Err(error);
        }
        let mut log = vec![0u8; LOG_LEN];
        attributes.log_level = 1;
        attributes.log_len = LOG_LEN as u32;
        attributes.log = log.as_mut_ptr() as u64;
        bpf(BPF_PROG_LOAD, &mut attributes).map_err(|_| {
            let said = log.split(|byte| *byte == 0).next().unwrap_or_default();
            let said = String::from_utf8_lossy(said);
            let mut last: Vec<&str> = said.lines().rev().take(3).collect();
            last.reverse();
            io::Error::other(format!("{error}: {}", last.join("; ")))
        })
    });
    let fd = loaded?;
    // SAFETY: the kernel just gave a new descriptor, which nobody else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// The program at an interface, until this is dropped.
#[derive(Debug)]
pub struct Attached(#[allow(dead_code, reason = "closing it detaches")] OwnedFd);

/// Attaches a program where the interface receives; in the network namespace of the calling thread.
pub(crate) fn attach(program: BorrowedFd<'_>, ifindex: u32) -> io::Result<Attached> {
    #[repr(C)]
    struct Attributes {
        program: u32,
        ifindex: u32,
        kind: u32,
        flags: u32,
        relative: u32,
        unused: u32,
        revision: u64,
    }
    let mut attributes = Attributes {
        program: program.as_raw_fd() as u32,
        ifindex,
        kind: BPF_TCX_INGRESS,
        flags: 0,
        relative: 0,
        unused: 0,
        revision: 0,
    };
    let link = bpf(BPF_LINK_CREATE, &mut attributes)?;
    // SAFETY: the kernel just gave a new descriptor, which nobody else owns.
    Ok(Attached(unsafe { OwnedFd::from_raw_fd(link as i32) }))
}

/// What the program did with a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestRun {
    /// `TC_ACT_OK` (0): up to the engine; `TC_ACT_SHOT` (2); `TC_ACT_REDIRECT` (7): forwarded.
    pub action: u32,
    /// The frame afterwards.
    pub frame: Vec<u8>,
}

/// Runs a program on a frame as if the interface had received it.
pub(crate) fn test_run(program: BorrowedFd<'_>, frame: &[u8], ifindex: u32) -> io::Result<TestRun> {
    #[repr(C)]
    #[derive(Default)]
    struct Attributes {
        program: u32,
        action: u32,
        data_in_len: u32,
        data_out_len: u32,
        data_in: u64,
        data_out: u64,
        repeat: u32,
        duration: u32,
        context_in_len: u32,
        context_out_len: u32,
        context_in: u64,
        context_out: u64,
        flags: u32,
        cpu: u32,
        batch: u32,
        unused: u32,
    }
    let mut context = [0u8; SKB_LEN];
    context[SKB_IFINDEX..SKB_IFINDEX + 4].copy_from_slice(&ifindex.to_ne_bytes());
    let mut out = vec![0u8; frame.len() + 64];
    let mut attributes = Attributes {
        program: program.as_fd().as_raw_fd() as u32,
        data_in_len: frame.len() as u32,
        data_out_len: out.len() as u32,
        data_in: frame.as_ptr() as u64,
        data_out: out.as_mut_ptr() as u64,
        repeat: 1,
        context_in_len: SKB_LEN as u32,
        context_in: context.as_ptr() as u64,
        ..Attributes::default()
    };
    bpf(BPF_PROG_TEST_RUN, &mut attributes)?;
    out.truncate(attributes.data_out_len as usize);
    Ok(TestRun {
        action: attributes.action,
        frame: out,
    })
}

fn bpf<T>(command: libc::c_long, attributes: &mut T) -> io::Result<libc::c_long> {
    // SAFETY: the attributes are this command's, of this size, and what they point to outlives the call.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_bpf,
            command,
            std::ptr::from_mut(attributes),
            size_of::<T>(),
        )
    };
    match answer {
        -1 => Err(io::Error::last_os_error()),
        answer => Ok(answer),
    }
}
