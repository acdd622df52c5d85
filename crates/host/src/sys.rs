//! The system calls that neither `std` nor `nix` wraps, each behind a safe function.
//!
//! Nearly every `unsafe` block of the workspace lives here; the others are forks of a process with one thread.

use std::ffi::{CStr, CString, c_int, c_uint};
use std::io;
use std::mem;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::sync::OnceLock;

use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::Pid;

/// The descriptor at which a sandbox's init finds its control socket.
pub const CONTROL_FD: RawFd = 3;

/// How many descriptors this process was given, if it has taken more.
static DESCRIPTORS_GIVEN: OnceLock<libc::rlimit> = OnceLock::new();

/// Takes as many descriptors as this process may have, for it serves many at once. Sandboxes get as many as it was given.
///
/// # Errors
/// What a sandbox of system calls refuses.
pub fn take_all_descriptors() -> io::Result<()> {
    let (given, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    DESCRIPTORS_GIVEN.get_or_init(|| libc::rlimit {
        rlim_cur: given,
        rlim_max: most,
    });
    Ok(setrlimit(Resource::RLIMIT_NOFILE, most, most)?)
}

/// A process that waits, in its new namespaces, for its identity maps before it executes.
pub struct Spawned {
    /// As the caller's pid namespace counts.
    pub pid: Pid,
    /// Readable once the process has ended.
    pub pidfd: OwnedFd,
    gate: OwnedFd,
}

impl Spawned {
    /// Lets the process go on to execute; call after its identity maps are written.
    pub fn release(self) -> io::Result<(Pid, OwnedFd)> {
        nix::unistd::write(&self.gate, b"+")?;
        Ok((self.pid, self.pidfd))
    }
}

/// Starts `exe` with `argv` and an empty environment as the first process of new user, mount and pid namespaces.
///
/// Standard streams are `/dev/null`; [`CONTROL_FD`] is `control`; no other descriptor and no environment passes.
///
/// # Errors
/// The kernel's refusal of the namespaces (limit, policy) or of memory.
pub fn spawn_in_namespaces(
    exe: &OwnedFd,
    argv: &[CString],
    control: &OwnedFd,
) -> io::Result<Spawned> {
    let null = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/null")?;
    let (gate_read, gate_write) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC)?;
    // Copies above the range that the child fills, so that no dup2 there destroys a source.
    let exe = duplicate_high(exe)?;
    let control = duplicate_high(control)?;
    let null = duplicate_high(&null)?;
    let gate_read = duplicate_high(&gate_read)?;
    let mut argv: Vec<*const libc::c_char> = argv.iter().map(|arg| arg.as_ptr()).collect();
    argv.push(std::ptr::null());
    let descriptors = DESCRIPTORS_GIVEN.get();
    let envp = [std::ptr::null::<libc::c_char>()];

    let mut pidfd: RawFd = -1;
    let flags = libc::CLONE_NEWUSER | libc::CLONE_NEWNS | libc::CLONE_NEWPID | libc::CLONE_PIDFD;
    // SAFETY: all-zero is a valid clone_args.
    let mut args: libc::clone_args = unsafe { mem::zeroed() };
    args.flags = flags as u64;
    args.pidfd = &raw mut pidfd as u64;
    args.exit_signal = libc::SIGCHLD as u64;
    // SAFETY: without CLONE_VM the child gets a copy of this address space, and no stack is passed. The child of a
    // process with other threads may only make async-signal-safe calls: `run_child` makes raw system calls only.
    let pid = unsafe {
        libc::syscall(
            libc::SYS_clone3,
            &raw mut args,
            mem::size_of::<libc::clone_args>(),
        )
    };
    match pid {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            // SAFETY: this is the child; descriptors are open, both arrays end in null and outlive the call.
            unsafe {
                run_child(
                    [gate_read.as_raw_fd(), gate_write.as_raw_fd()],
                    null.as_raw_fd(),
                    control.as_raw_fd(),
                    exe.as_raw_fd(),
                    descriptors,
                    argv.as_ptr(),
                    envp.as_ptr(),
                )
            }
        }
        pid => Ok(Spawned {
            pid: Pid::from_raw(pid as i32),
            // SAFETY: the kernel stored a new descriptor that nobody else owns.
            pidfd: unsafe { OwnedFd::from_raw_fd(pidfd) },
            gate: gate_write,
        }),
    }
}

/// What the new process does until it executes.
///
/// # Safety
/// Only in a fresh child, with open descriptors and null-terminated arrays.
unsafe fn run_child(
    [gate, gate_write]: [RawFd; 2],
    null: RawFd,
    control: RawFd,
    exe: RawFd,
    descriptors: Option<&libc::rlimit>,
    argv: *const *const libc::c_char,
    envp: *const *const libc::c_char,
) -> ! {
    // SAFETY: async-signal-safe calls on open descriptors and valid pointers (the caller's promise); never returns.
    unsafe {
        libc::close(gate_write); // so that the daemon's death ends the wait
        let mut byte = 0u8;
        if libc::read(gate, (&raw mut byte).cast(), 1) == 1 {
            for fd in 0..3 {
                libc::dup2(null, fd);
            }
            libc::dup2(control, CONTROL_FD);
            // Whatever another thread holds open at this moment is none of the sandbox's business.
            libc::syscall(
                libc::SYS_close_range,
                (CONTROL_FD + 1) as c_uint,
                c_uint::MAX,
                libc::CLOSE_RANGE_CLOEXEC,
            );
            if let Some(given) = descriptors {
                libc::setrlimit(libc::RLIMIT_NOFILE, given);
            }
            libc::syscall(
                libc::SYS_execveat,
                exe,
                c"".as_ptr(),
                argv,
                envp,
                libc::AT_EMPTY_PATH,
            );
        }
        libc::_exit(126)
    }
}

fn duplicate_high(fd: &impl AsFd) -> io::Result<OwnedFd> {
    let raw = fcntl(fd, FcntlArg::F_DUPFD_CLOEXEC(16))?;
    // SAFETY: the kernel just made this descriptor; nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(raw) })
}

/// Kills the process that `pidfd` names; one that has ended already needs no more.
pub fn kill(pidfd: &OwnedFd) {
    let no_info = std::ptr::null::<libc::siginfo_t>();
    // SAFETY: takes integers and a null pointer.
    unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            pidfd.as_raw_fd(),
            libc::SIGKILL,
            no_info,
            0,
        )
    };
}

/// Adds `attributes` (`libc::MOUNT_ATTR_*`) to `path`, or to everything mounted below it as well.
pub fn mount_attributes(path: &CStr, attributes: u64, recursive: bool) -> io::Result<()> {
    let mount_attr = libc::mount_attr {
        attr_set: attributes,
        attr_clr: 0,
        propagation: 0,
        userns_fd: 0,
    };
    let flags = if recursive { libc::AT_RECURSIVE } else { 0 };
    // SAFETY: `path` is a C string, `mount_attr` a valid struct of the given size; both outlive the call.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            flags as c_uint,
            &raw const mount_attr,
            mem::size_of::<libc::mount_attr>(),
        )
    };
    check(done as c_int)
}

/// Lets no descriptor from `first` up pass to the next program.
pub fn close_on_execute(first: RawFd) -> io::Result<()> {
    // SAFETY: takes integers, and closes nothing now.
    let done = unsafe {
        libc::syscall(
            libc::SYS_close_range,
            first as c_uint,
            c_uint::MAX,
            libc::CLOSE_RANGE_CLOEXEC,
        )
    };
    check(done as c_int)
}

/// Unlocks and opens the other side of the pty master `master`, without a path.
pub fn open_pty_peer(master: &OwnedFd) -> io::Result<OwnedFd> {
    let unlocked: c_int = 0;
    // SAFETY: TIOCSPTLCK reads an int, which outlives the call.
    check(unsafe { libc::ioctl(master.as_raw_fd(), libc::TIOCSPTLCK, &raw const unlocked) })?;
    // SAFETY: TIOCGPTPEER takes open flags by value and returns a new descriptor.
    let fd = unsafe {
        libc::ioctl(
            master.as_raw_fd(),
            libc::TIOCGPTPEER,
            libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC,
        )
    };
    check(fd)?;
    // SAFETY: the kernel just made this descriptor.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Makes the terminal `tty` the controlling one of this session.
pub fn set_controlling_terminal(tty: &OwnedFd) -> io::Result<()> {
    // SAFETY: TIOCSCTTY takes an integer by value.
    check(unsafe { libc::ioctl(tty.as_raw_fd(), libc::TIOCSCTTY, 0) })
}

/// Sets the window size of a terminal, given either of its sides.
pub fn set_window_size(tty: &impl AsFd, rows: u16, columns: u16) -> io::Result<()> {
    let size = libc::winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    // SAFETY: TIOCSWINSZ reads a winsize, which outlives the call.
    check(unsafe { libc::ioctl(tty.as_fd().as_raw_fd(), libc::TIOCSWINSZ, &raw const size) })
}

/// Rows and columns of a terminal; `None` where it does not tell.
pub fn window_size(tty: &impl AsFd) -> Option<(u16, u16)> {
    let mut size = libc::winsize {
        ws_row: 0,
        ws_col: 0,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    // SAFETY: TIOCGWINSZ writes a winsize, which outlives the call.
    check(unsafe { libc::ioctl(tty.as_fd().as_raw_fd(), libc::TIOCGWINSZ, &raw mut size) }).ok()?;
    (size.ws_row != 0).then_some((size.ws_row, size.ws_col))
}

/// Takes ownership of the control socket that the daemon left at [`CONTROL_FD`]; `None` if there is no socket there.
pub fn take_control_socket() -> Option<OwnedFd> {
    // SAFETY: called once, first thing in a fresh process: nothing in it owns the descriptor yet.
    let fd = unsafe { OwnedFd::from_raw_fd(CONTROL_FD) };
    match nix::sys::socket::getsockopt(&fd, nix::sys::socket::sockopt::SockType) {
        Ok(nix::sys::socket::SockType::SeqPacket) => {
            fcntl(&fd, FcntlArg::F_SETFD(nix::fcntl::FdFlag::FD_CLOEXEC)).ok()?;
            Some(fd)
        }
        _ => {
            mem::forget(fd); // not ours to close
            None
        }
    }
}

/// Gives clean pages of the program's files back to the kernel, which reads them again when next touched.
///
/// Starting touches megabytes (relocations alone) that a waiting init never needs again. Only mappings that cannot be
/// written and hold no private copy of a page are dropped: for those the file says all.
pub fn release_clean_pages() {
    let Ok(maps) = std::fs::read_to_string("/proc/self/smaps") else {
        return;
    };
    let mut mapping = None;
    for line in maps.lines() {
        let mut fields = line.split_ascii_whitespace();
        let Some(first) = fields.next() else { continue };
        if first == "Anonymous:" {
            let clean = fields.next() == Some("0");
            if let Some((start, end)) = mapping.take().filter(|_| clean) {
                // SAFETY: a mapping of this process, private, without write permission and without a page of its own:
                // the kernel faults the same bytes in again.
                unsafe {
                    libc::madvise(start as *mut libc::c_void, end - start, libc::MADV_DONTNEED)
                };
            }
        } else if let Some((start, end)) = first.split_once('-') {
            let of_file = fields
                .next()
                .is_some_and(|flags| flags == "r--p" || flags == "r-xp")
                && fields.nth(3).is_some_and(|path| path.starts_with('/'));
            let range = (
                usize::from_str_radix(start, 16),
                usize::from_str_radix(end, 16),
            );
            mapping = match range {
                (Ok(start), Ok(end)) if of_file => Some((start, end)),
                _ => None,
            };
        }
    }
}

/// A raw packet socket on one link of this network namespace, for frames of `protocol` (`libc::ETH_P_*`).
pub fn packet_socket(link: u32, protocol: u16) -> io::Result<OwnedFd> {
    let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    // SAFETY: takes three integers. Protocol 0: nothing arrives before the socket is bound to its link.
    let fd = unsafe { libc::socket(libc::AF_PACKET, kind, 0) };
    check(fd)?;
    // SAFETY: the kernel just made this descriptor.
    let socket = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: all-zero is a valid sockaddr_ll.
    let mut address: libc::sockaddr_ll = unsafe { mem::zeroed() };
    address.sll_family = libc::AF_PACKET as u16;
    address.sll_protocol = protocol.to_be();
    address.sll_ifindex = link as i32;
    let len = mem::size_of::<libc::sockaddr_ll>() as libc::socklen_t;
    // SAFETY: a valid address of the given length, which outlives the call.
    check(unsafe { libc::bind(socket.as_raw_fd(), (&raw const address).cast(), len) })?;
    Ok(socket)
}

/// Sets an integer option of a socket, for the options that `nix` does not name.
pub fn set_option(socket: &OwnedFd, level: c_int, option: c_int, value: c_int) -> io::Result<()> {
    let len = mem::size_of::<c_int>() as libc::socklen_t;
    // SAFETY: an int of the given length, which outlives the call.
    check(unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            option,
            (&raw const value).cast(),
            len,
        )
    })
}

/// Frames that a packet socket had no room for, since this was asked last.
pub fn take_packet_drops(socket: &OwnedFd) -> io::Result<u32> {
    // SAFETY: all-zero is a valid tpacket_stats.
    let mut statistics: libc::tpacket_stats = unsafe { mem::zeroed() };
    let mut len = mem::size_of::<libc::tpacket_stats>() as libc::socklen_t;
    // SAFETY: room of the given length, which outlives the call.
    check(unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_PACKET,
            libc::PACKET_STATISTICS,
            (&raw mut statistics).cast(),
            &raw mut len,
        )
    })?;
    Ok(statistics.tp_drops)
}

/// Makes of a freshly opened `/dev/net/tun` an Ethernet TAP called `name` whose frames bear a virtio-net header.
pub fn make_tap(tun: &OwnedFd, name: &str) -> io::Result<()> {
    // SAFETY: all-zero is a valid ifreq.
    let mut request: libc::ifreq = unsafe { mem::zeroed() };
    for (to, from) in request
        .ifr_name
        .iter_mut()
        .zip(name.bytes().take(libc::IFNAMSIZ - 1))
    {
        *to = from as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_TAP | libc::IFF_NO_PI | libc::IFF_VNET_HDR) as i16;
    // SAFETY: TUNSETIFF reads and writes an ifreq, which outlives the call.
    check(unsafe { libc::ioctl(tun.as_raw_fd(), libc::TUNSETIFF as _, &raw mut request) })
}

/// Tells a TAP which unfinished work (`libc::TUN_F_*`) the reader takes.
pub fn set_tap_offload(tap: &OwnedFd, features: c_uint) -> io::Result<()> {
    // SAFETY: TUNSETOFFLOAD takes an integer by value.
    check(unsafe {
        libc::ioctl(
            tap.as_raw_fd(),
            libc::TUNSETOFFLOAD as _,
            libc::c_ulong::from(features),
        )
    })
}

fn check(result: c_int) -> io::Result<()> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// Leaves this process and its descendants only the socket families that stay inside their network namespace, and
/// UNIX sockets. `AF_VSOCK` above all has no namespace: it would reach the machine's hypervisor past every rule. Other
/// instruction sets and `io_uring`, which would go round the filter, are answered as missing.
///
/// Needs `no_new_privs`.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub fn keep_sockets_inside() -> io::Result<()> {
    const ARCHITECTURE: u32 = if cfg!(target_arch = "x86_64") {
        0xC000_003E
    } else {
        0xC000_00B7
    };
    /// Numbers from here on are the x32 calls of x86-64.
    const X32: u32 = 0x4000_0000;
    const FAMILIES: [i32; 5] = [
        libc::AF_UNIX,
        libc::AF_INET,
        libc::AF_INET6,
        libc::AF_NETLINK,
        libc::AF_PACKET,
    ];
    // Offsets in `struct seccomp_data`; the low half of the first argument comes first (little endian).
    const NUMBER: u32 = 0;
    const ARCH: u32 = 4;
    const FAMILY: u32 = 16;
    const LOAD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
    const EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
    const AT_LEAST: u32 = libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K;
    const RETURN: u32 = libc::BPF_RET | libc::BPF_K;
    let step = |code: u32, k: u32, jt: u8, jf: u8| libc::sock_filter {
        code: code as u16,
        jt,
        jf,
        k,
    };
    let refuse = |errno: i32| libc::SECCOMP_RET_ERRNO | errno as u32;
    // Jumps count from the next instruction.
    let mut program = vec![
        step(LOAD, ARCH, 0, 0),
        step(EQUAL, ARCHITECTURE, 0, 12), // else: missing
        step(LOAD, NUMBER, 0, 0),
        step(AT_LEAST, X32, 10, 0),                         // missing
        step(EQUAL, libc::SYS_io_uring_setup as u32, 9, 0), // missing
        step(EQUAL, libc::SYS_socket as u32, 1, 0),
        step(EQUAL, libc::SYS_socketpair as u32, 0, 8), // else: allow
        step(LOAD, FAMILY, 0, 0),
    ];
    for (place, family) in FAMILIES.into_iter().enumerate() {
        program.push(step(EQUAL, family as u32, 6 - place as u8, 0)); // allow
    }
    program.push(step(RETURN, refuse(libc::EAFNOSUPPORT), 0, 0));
    program.push(step(RETURN, refuse(libc::ENOSYS), 0, 0));
    program.push(step(RETURN, libc::SECCOMP_RET_ALLOW, 0, 0));
    let filter = libc::sock_fprog {
        len: program.len() as u16,
        filter: program.as_mut_ptr(),
    };
    // SAFETY: the kernel copies the program, which outlives the call.
    check(unsafe {
        libc::prctl(
            libc::PR_SET_SECCOMP,
            libc::SECCOMP_MODE_FILTER as libc::c_ulong,
            &raw const filter,
        )
    })
}

/// No filter is written for this instruction set.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub fn keep_sockets_inside() -> io::Result<()> {
    Ok(())
}
