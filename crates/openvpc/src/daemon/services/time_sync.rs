//! Time sync at 169.254.169.123 and fd00:ec2::123 (MD-3): a stateless SNTP server (RFC 5905 §14, RFC 4330) that tells the
//! host's own clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::net::UdpSocket;

const LEN: usize = 48;
/// From 1900 to 1970.
const NTP_TO_UNIX_SECS: u64 = 2_208_988_800;
const MODE_CLIENT: u8 = 3;
const MODE_SERVER: u8 = 4;
/// As the service of AWS says.
const STRATUM: u8 = 3;
/// 2^-20 s, about a microsecond.
const PRECISION: u8 = (-20i8) as u8;

/// Answers until the runtime ends.
pub async fn serve(socket: UdpSocket) {
    // A longer request has extensions or a key, which are left unread.
    let mut buffer = [0; 512];
    loop {
        match socket.recv_from(&mut buffer).await {
            Ok((len, peer)) => {
                if let Some(answer) = answer(&buffer[..len], SystemTime::now()) {
                    // A full queue loses it, as a wire does.
                    let _ = socket.try_send_to(&answer, peer);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "time sync cannot read");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// The answer to one packet; `None` unless it is a client's question of version 1 to 4.
fn answer(question: &[u8], now: SystemTime) -> Option<[u8; LEN]> {
    let (first, version) = (*question.first()?, question.first()? >> 3 & 7);
    if question.len() < LEN || first & 7 != MODE_CLIENT || !(1..=4).contains(&version) {
        return None;
    }
    let now = timestamp(now);
    let mut answer = [0; LEN];
    answer[0] = version << 3 | MODE_SERVER;
    answer[1] = STRATUM;
    answer[2] = question[2];
    answer[3] = PRECISION;
    answer[12..16].copy_from_slice(&[169, 254, 169, 123]);
    answer[16..24].copy_from_slice(&now); // reference
    answer[24..32].copy_from_slice(&question[40..48]); // origin: the client's transmit time, as it came
    answer[32..40].copy_from_slice(&now); // receive
    answer[40..48].copy_from_slice(&now); // transmit
    Some(answer)
}

/// Seconds since 1900 modulo 2^32, and their fraction.
fn timestamp(now: SystemTime) -> [u8; 8] {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = (since.as_secs() + NTP_TO_UNIX_SECS) as u32;
    let fraction = ((u64::from(since.subsec_nanos()) << 32) / 1_000_000_000) as u32;
    (u64::from(seconds) << 32 | u64::from(fraction)).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_gets_the_time_and_its_own_timestamp_back() {
        let mut question = [0; LEN];
        question[0] = 4 << 3 | MODE_CLIENT;
        question[40..48].copy_from_slice(b"mytime!!");
        let now = UNIX_EPOCH + Duration::from_millis(1_000_500);
        let answer = answer(&question, now).expect("an answer");
        assert_eq!(answer[0], 4 << 3 | 4, "no leap warning, version 4, server");
        assert_eq!(&answer[24..32], b"mytime!!");
        let seconds = u32::from_be_bytes([answer[40], answer[41], answer[42], answer[43]]);
        assert_eq!(u64::from(seconds), 1_000 + NTP_TO_UNIX_SECS);
        assert_eq!(answer[44], 0x80, "half a second");
    }

    #[test]
    fn what_is_no_question_gets_no_answer() {
        let now = UNIX_EPOCH;
        assert!(answer(&[], now).is_none());
        assert!(answer(&[0x23; LEN - 1], now).is_none());
        for first in [
            4 << 3 | 4,
            4 << 3 | 6,
            4 << 3 | 7,
            MODE_CLIENT,
            5 << 3 | MODE_CLIENT,
        ] {
            let mut packet = [0; LEN];
            packet[0] = first;
            assert!(
                answer(&packet, now).is_none(),
                "{first:#x}: no loops between servers"
            );
        }
    }
}
