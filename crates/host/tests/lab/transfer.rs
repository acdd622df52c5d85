//! Programs that the test plays inside a sandbox: a stream whose every byte is checked, and a request–response pair.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

/// The test program, as it is found in a sandbox.
pub const OWN: &str = "/run/openvpc/openvpc";

/// Plays the part that the arguments name; false if they name none.
pub fn play(words: &[&str]) -> bool {
    match words {
        ["--inside", "receive"] => receive(),
        ["--inside", "send", address, mebibytes] => send(address, mebibytes.parse().unwrap()),
        ["--inside", "answer"] => answer(),
        ["--inside", "ask", address, seconds] => ask(address, seconds.parse().unwrap()),
        _ => return false,
    }
    true
}

const PIECE: usize = 1 << 20;

/// Byte `at` of the stream: a period that divides no segment size.
fn pattern(at: usize) -> u8 {
    (at % 251) as u8
}

fn receive() {
    // The one before it may still be on its way out.
    let start = Instant::now();
    let listener = loop {
        match TcpListener::bind("[::]:5001") {
            Ok(listener) => break listener,
            Err(error) => assert!(start.elapsed() < Duration::from_secs(5), "{error}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    println!("listening");
    let (mut stream, _) = listener.accept().unwrap();
    let mut piece = vec![0; PIECE];
    let mut total = 0;
    loop {
        let len = stream.read(&mut piece).unwrap();
        if len == 0 {
            break;
        }
        let phase = total % 251;
        let expected: Vec<u8> = (0..251).map(|at| pattern(phase + at)).collect();
        assert!(
            piece[..len]
                .chunks(251)
                .all(|chunk| chunk == &expected[..chunk.len()]),
            "bytes changed on the way"
        );
        total += len;
    }
    stream.write_all(&(total as u64).to_be_bytes()).unwrap();
}

fn send(address: &str, mebibytes: usize) {
    let mut stream = connect(address);
    let period: Vec<u8> = (0..PIECE + 251).map(pattern).collect();
    let start = Instant::now();
    let mut sent = 0;
    while sent < mebibytes << 20 {
        let phase = sent % 251;
        stream.write_all(&period[phase..phase + PIECE]).unwrap();
        sent += PIECE;
    }
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut total = [0; 8];
    stream.read_exact(&mut total).unwrap();
    assert_eq!(u64::from_be_bytes(total), sent as u64);
    println!(
        "{:.2}",
        sent as f64 * 8.0 / start.elapsed().as_secs_f64() / 1e9
    );
}

fn connect(address: &str) -> TcpStream {
    let start = Instant::now();
    loop {
        match TcpStream::connect(address) {
            Ok(stream) => return stream,
            Err(error) => assert!(
                start.elapsed() < Duration::from_secs(5),
                "{address}: {error}"
            ),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn answer() {
    let socket = UdpSocket::bind("[::]:5002").unwrap();
    println!("listening");
    let mut datagram = [0; 2048];
    while let Ok((len, from)) = socket.recv_from(&mut datagram) {
        let _ = socket.send_to(&datagram[..len], from);
    }
}

fn ask(address: &str, seconds: u64) {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.connect(address).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_millis(200)))
        .unwrap();
    let (start, mut times) = (Instant::now(), Vec::new());
    let mut datagram = [0; 64];
    while start.elapsed() < Duration::from_secs(seconds) {
        let asked = Instant::now();
        socket.send(&datagram).unwrap();
        if socket.recv(&mut datagram).is_ok() {
            times.push(asked.elapsed().as_nanos() as f64 / 1000.0);
        }
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[(times.len() as f64 * share) as usize];
    println!(
        "{:.0} {:.1} {:.1}",
        times.len() as f64 / seconds as f64,
        at(0.5),
        at(0.99)
    );
}
