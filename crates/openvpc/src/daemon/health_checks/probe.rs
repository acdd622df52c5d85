//! One probe: a connection, and over HTTP one request.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use openvpc_engine::proxy_protocol;
use openvpc_model::{HealthCheck, HealthCheckProtocol, HttpCodes, ProbeFailure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// `HTTP/1.1 200`: all of an answer that is read.
const STATUS_LEN: usize = 12;

/// Probes once. A target that awaits a header of the PROXY protocol gets one that names nobody (Network Load Balancer
/// guide, "Health check connections").
///
/// # Errors
/// What went wrong, within the check's own timeout.
pub async fn call(
    at: SocketAddr,
    check: &HealthCheck,
    introduces: bool,
) -> Result<(), ProbeFailure> {
    let timeout = Duration::from_secs(check.timeout_secs.into());
    let called = async {
        let mut stream = TcpStream::connect(at).await?;
        if introduces {
            stream.write_all(&proxy_protocol::local_header()).await?;
        }
        match &check.protocol {
            HealthCheckProtocol::Tcp => Ok(None),
            HealthCheckProtocol::Http { path, matcher } => {
                Ok(Some((ask(&mut stream, at, path).await?, matcher)))
            }
        }
    };
    match tokio::time::timeout(timeout, called).await {
        Err(_) => Err(ProbeFailure::Timeout),
        Ok(outcome) => outcome.map_err(failure).and_then(judge),
    }
}

fn failure(error: io::Error) -> ProbeFailure {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::HostUnreachable => ProbeFailure::Timeout,
        _ => ProbeFailure::Failed,
    }
}

fn judge(answer: Option<(u16, &HttpCodes)>) -> Result<(), ProbeFailure> {
    match answer {
        Some((code, matcher)) if !matcher.contains(code) => Err(ProbeFailure::ResponseCode(code)),
        _ => Ok(()),
    }
}

/// The status code of a GET.
async fn ask(stream: &mut TcpStream, at: SocketAddr, path: &str) -> io::Result<u16> {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\nUser-Agent: ELB-HealthChecker/2.0\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut head = [0; STATUS_LEN];
    stream.read_exact(&mut head).await?;
    status(&head).ok_or_else(|| io::Error::other("not an answer of HTTP"))
}

fn status(head: &[u8; STATUS_LEN]) -> Option<u16> {
    let text = std::str::from_utf8(head).ok()?;
    let code = text
        .strip_prefix("HTTP/1.1 ")
        .or(text.strip_prefix("HTTP/1.0 "))?;
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    code.parse().ok().filter(|_| digits)
}

#[cfg(test)]
mod tests {
    use super::status;

    #[test]
    fn only_a_status_line_is_an_answer() {
        assert_eq!(status(b"HTTP/1.1 200"), Some(200));
        assert_eq!(status(b"HTTP/1.0 404"), Some(404));
        assert_eq!(status(b"HTTP/2.0 200"), None);
        assert_eq!(status(b"HTTP/1.1 +20"), None);
        assert_eq!(status(b"SSH-2.0-Open"), None);
    }
}
