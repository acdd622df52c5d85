//! What `nc` does once a connection stands: what is put in goes there, what comes is put out, both at once.
//!
//! As with OpenBSD's, a caller goes on until both directions have ended, a listener until the other side has ended and
//! nothing waits to be sent. The end of the input is told to the other side, as OpenBSD's does if told `-N`; bytes that
//! cannot be delivered are an error, about which that one is silent.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

const CHUNK_LEN: usize = 64 * 1024;

/// Which side of a connection this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Caller,
    Listener,
}

/// Between what a connection carries.
pub struct Carrier<I, O> {
    pub side: Side,
    /// All is over once nothing went either way for so long; never unless told.
    pub idle_max: Option<Duration>,
    pub input: I,
    pub output: O,
}

impl<I: Read + AsFd, O: Write> Carrier<I, O> {
    /// Carries until there is nothing left to carry.
    ///
    /// # Errors
    /// Those of the connection, the input and the output.
    pub fn carry(mut self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nonblocking(true)?;
        let mut chunk = vec![0; CHUNK_LEN];
        let mut unsent = Vec::new();
        let (mut sends, mut receives) = (true, true);
        loop {
            let waits = !unsent.is_empty() || sends && (receives || self.has_input_to_come()?);
            if !waits && !receives {
                return Ok(());
            }
            let mut asked = PollFlags::empty();
            asked.set(PollFlags::POLLIN, receives);
            asked.set(PollFlags::POLLOUT, !unsent.is_empty());
            let mut fds = vec![PollFd::new(stream.as_fd(), asked)];
            // One chunk at a time: what the other side does not take is not read.
            if sends && unsent.is_empty() {
                fds.push(PollFd::new(self.input.as_fd(), PollFlags::POLLIN));
            }
            if wait(&mut fds, self.idle_max)? == 0 {
                return Ok(());
            }
            let is_ready = |fd: &PollFd| fd.any().unwrap_or(false);
            let (connection, input) = (is_ready(&fds[0]), fds.get(1).is_some_and(is_ready));
            if connection && asked.is_empty() {
                // It was asked nothing and answers: it is gone.
                return stream.take_error()?.map_or(Ok(()), Err);
            }
            if connection && receives {
                match unless_blocked(stream.read(&mut chunk))? {
                    Some(0) => receives = false,
                    Some(len) => {
                        self.output.write_all(&chunk[..len])?;
                        self.output.flush()?;
                    }
                    None => {}
                }
            }
            if input {
                let len = self.input.read(&mut chunk)?;
                unsent.extend_from_slice(&chunk[..len]);
                if len == 0 {
                    sends = false;
                    // It fails where the connection is gone, which reading it tells.
                    let _ = stream.shutdown(Shutdown::Write);
                }
            }
            if !unsent.is_empty()
                && let Some(len) = unless_blocked(stream.write(&unsent))?
            {
                unsent.drain(..len);
            }
        }
    }

    /// Whether, now that nothing comes from the other side, there is still something to wait for.
    fn has_input_to_come(&self) -> io::Result<bool> {
        match self.side {
            Side::Caller => Ok(true),
            Side::Listener => {
                let mut input = [PollFd::new(self.input.as_fd(), PollFlags::POLLIN)];
                Ok(wait(&mut input, Some(Duration::ZERO))? > 0)
            }
        }
    }
}

/// How many of them have something to say, within a time if one is given.
fn wait(fds: &mut [PollFd], longest: Option<Duration>) -> io::Result<i32> {
    let longest = longest.map_or(PollTimeout::NONE, |time| {
        PollTimeout::try_from(time.as_millis()).unwrap_or(PollTimeout::MAX)
    });
    loop {
        match poll(fds, longest) {
            Err(Errno::EINTR) => {}
            outcome => return Ok(outcome?),
        }
    }
}

fn unless_blocked(outcome: io::Result<usize>) -> io::Result<Option<usize>> {
    match outcome {
        Ok(len) => Ok(Some(len)),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::io::PipeReader;
    use std::net::TcpListener;
    use std::thread::{JoinHandle, spawn};

    use super::*;

    /// More than the kernel keeps for a connection.
    const MUCH: usize = 16 << 20;

    /// Both ends of a connection.
    fn connection() -> [TcpStream; 2] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        [near, listener.accept().unwrap().0]
    }

    /// What may be read: so many bytes and then the end.
    fn input(len: usize) -> PipeReader {
        let (reader, mut writer) = io::pipe().unwrap();
        spawn(move || writer.write_all(&vec![7; len]));
        reader
    }

    /// Carries in a thread of its own, to what has come out by the end.
    fn carrying(
        side: Side,
        stream: TcpStream,
        input: impl Read + AsFd + Send + 'static,
    ) -> JoinHandle<io::Result<Vec<u8>>> {
        spawn(move || {
            let mut output = Vec::new();
            let carrier = Carrier {
                side,
                idle_max: None,
                input,
                output: &mut output,
            };
            carrier.carry(stream).map(|()| output)
        })
    }

    #[test]
    fn a_caller_goes_on_when_the_other_side_has_nothing_to_say() {
        let [near, mut far] = connection();
        far.shutdown(Shutdown::Write).unwrap();
        let caller = carrying(Side::Caller, near, input(MUCH));
        let mut arrived = Vec::new();
        far.read_to_end(&mut arrived).unwrap();
        assert_eq!(arrived.len(), MUCH);
        assert!(caller.join().unwrap().unwrap().is_empty());
    }

    #[test]
    fn a_listener_sends_what_waits_when_the_other_side_has_ended() {
        let [near, mut far] = connection();
        far.shutdown(Shutdown::Write).unwrap();
        // A file: what is in it waits from the start.
        let mut file = tempfile();
        file.write_all(&vec![7; MUCH]).unwrap();
        std::io::Seek::rewind(&mut file).unwrap();
        let listener = carrying(Side::Listener, near, file);
        let mut arrived = Vec::new();
        far.read_to_end(&mut arrived).unwrap();
        assert_eq!(arrived.len(), MUCH);
        listener.join().unwrap().unwrap();
    }

    #[test]
    fn a_listener_ends_with_the_other_side_though_its_input_stays_open() {
        let [near, mut far] = connection();
        let (silent, _open) = io::pipe().unwrap();
        let listener = carrying(Side::Listener, near, silent);
        far.write_all(b"hello").unwrap();
        drop(far);
        assert_eq!(listener.join().unwrap().unwrap(), b"hello");
    }

    #[test]
    fn both_directions_flow_at_once() {
        let [near, far] = connection();
        let ends = [
            carrying(Side::Caller, near, input(MUCH)),
            carrying(Side::Caller, far, input(MUCH)),
        ];
        for end in ends {
            assert_eq!(end.join().unwrap().unwrap().len(), MUCH);
        }
    }

    #[test]
    fn what_cannot_be_delivered_is_an_error() {
        let [near, far] = connection();
        let caller = carrying(Side::Caller, near, input(MUCH));
        drop(far);
        assert!(caller.join().unwrap().is_err());
    }

    #[test]
    fn silence_of_both_sides_is_an_end_where_it_was_told() {
        let [near, _far] = connection();
        let (silent, _open) = io::pipe().unwrap();
        let carrier = Carrier {
            side: Side::Caller,
            idle_max: Some(Duration::from_millis(1)),
            input: silent,
            output: Vec::new(),
        };
        carrier.carry(near).unwrap();
    }

    /// A file without a name.
    fn tempfile() -> std::fs::File {
        let path = std::env::temp_dir();
        let flags = nix::fcntl::OFlag::O_TMPFILE | nix::fcntl::OFlag::O_RDWR;
        let mode = nix::sys::stat::Mode::S_IRUSR;
        nix::fcntl::open(&path, flags, mode).unwrap().into()
    }
}
