//! Numbers and addresses as lines show them, without a branch for each digit: how long they are differs from line to line,
//! and a guess that fails costs more than all of them.

use std::net::Ipv4Addr;
use std::ops::Range;

/// Digits that are read at once.
const DIGITS: usize = 8;
const ONES: u64 = u64::MAX / 255;
const HIGHS: u64 = ONES << 7;
const ZEROS: u64 = ONES * b'0' as u64;
/// Of an address of version 4: `0.0.0.0` and `255.255.255.255`.
const ADDRESS_LEN: Range<usize> = 7..16;
/// What an octet of so many digits is at least.
const OCTET_MIN: [u32; 4] = [0, 0, 10, 100];

/// The number that lies there in a text, if it is one of 16 digits at most.
// A call for each number costs as much as the number.
#[inline(always)]
pub(crate) fn number(text: &[u8], range: Range<usize>) -> Option<u64> {
    let (len, to) = (range.len(), range.end);
    match len {
        1..=8 => last_digits(text, to, len),
        9..=16 => {
            let above = last_digits(text, to - DIGITS, len - DIGITS)?;
            Some(above * 100_000_000 + last_digits(text, to, DIGITS)?)
        }
        _ => None,
    }
}

/// The number of up to eight digits that ends there.
#[inline(always)]
fn last_digits(text: &[u8], to: usize, len: usize) -> Option<u64> {
    // The first digit lies lowest; what comes before the word makes way for zeros.
    let before = u64::BITS - 8 * len as u32;
    let digits = (u64::from_le_bytes(last(text, to)) ^ ZEROS) >> before << before;
    // Below ten there is nothing to carry into the highest bit when 118 is added.
    let wrong = digits.wrapping_add(ONES * 118) | digits;
    if wrong & HIGHS != 0 {
        return None;
    }
    let twos = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (twos * 100 + (twos >> 16)) & 0x0000_ffff_0000_ffff;
    Some(u64::from((fours * 10_000 + (fours >> 32)) as u32))
}

/// The bytes before a place, of which there may be fewer at the text's very beginning.
#[inline(always)]
fn last<const N: usize>(text: &[u8], to: usize) -> [u8; N] {
    match text[..to].last_chunk() {
        Some(bytes) => *bytes,
        None => {
            let mut bytes = [0; N];
            bytes[N - to..].copy_from_slice(&text[..to]);
            bytes
        }
    }
}

/// The address of version 4 that lies there in a text, if it is one.
#[inline]
pub(crate) fn ipv4(text: &[u8], range: Range<usize>) -> Option<Ipv4Addr> {
    let len = range.len();
    if !ADDRESS_LEN.contains(&len) {
        return None;
    }
    let bytes: [u8; 16] = last(text, range.end);
    let text = u128::from_le_bytes(bytes) >> (8 * (16 - len));
    let mut points = points(text as u64) | points((text >> 64) as u64) << 8;
    let (mut address, mut from, mut is_wrong) = (0, 0, false);
    for nth in 0..4 {
        let to = match nth {
            3 => len as u32,
            _ => points.trailing_zeros().min(16),
        };
        points &= points.wrapping_sub(1);
        let digits = to.wrapping_sub(from);
        is_wrong |= !(1..=3).contains(&digits);
        // The last digit lies highest of three bytes, and what is before the first makes way for zeros.
        let before = 8 * (3 - digits.clamp(1, 3));
        let three = ((text >> (8 * from.min(15))) as u32 ^ 0x30_3030) << before & 0xff_ffff;
        is_wrong |= (three.wrapping_add(0x76_7676) | three) & 0x80_8080 != 0;
        let octet = (three & 0xff) * 100 + (three >> 8 & 0xff) * 10 + (three >> 16);
        is_wrong |= octet > 255 || octet < OCTET_MIN[digits as usize % 4];
        address = address << 8 | octet;
        from = to + 1;
    }
    (points == 0 && !is_wrong).then(|| Ipv4Addr::from_bits(address))
}

/// Which of eight bytes are points, the first by the lowest bit; a byte above ASCII may hide the one behind it.
#[inline(always)]
fn points(eight: u64) -> u32 {
    let others = eight ^ (ONES * u64::from(b'.'));
    let marks = !(others.wrapping_add(HIGHS - ONES) | others) & HIGHS;
    // Byte k's mark, moved to bit 56 + k.
    ((marks >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_standard_library() {
        for word in [
            "0",
            "7",
            "10",
            "65535",
            "12345678",
            "99999999",
            "100000000",
            "1735787100",
            "1234567890123456",
            "9999999999999999",
        ] {
            for before in ["", "x", " ", "2 123456789012 "] {
                let text = format!("{before}{word}");
                let read = number(text.as_bytes(), before.len()..text.len());
                assert_eq!(read, word.parse().ok(), "{text:?}");
            }
        }
        assert_eq!(number(b"12345678901234567", 0..17), None);
    }

    #[test]
    fn nothing_else_is_a_number() {
        let others = (0..=255_u8).filter(|byte| !byte.is_ascii_digit());
        for byte in others {
            for len in [1, 5, 8, 9, 16, 17, 20] {
                for at in [0, len / 2, len - 1] {
                    let mut text = vec![b'9'; len + 3];
                    text[3 + at] = byte;
                    let read = number(&text, 3..3 + len);
                    assert!(read.is_none(), "{byte} at {at} of {len}");
                }
            }
        }
        assert!(number(b"123", 3..3).is_none());
    }

    fn address(before: &str, word: &str) -> Option<Ipv4Addr> {
        let text = format!("{before}{word} 12.7");
        let range = before.len()..before.len() + word.len();
        ipv4(text.as_bytes(), range)
    }

    #[test]
    fn addresses_are_those_of_the_standard_library() {
        let octets = (0..=300).map(|octet| octet.to_string());
        let others = [
            "", "00", "01", "001", "1000", "-", "+1", "a", "1a", "é", " 1", "/", ":",
        ];
        for octet in octets.chain(others.map(str::to_owned)) {
            for word in [
                format!("{octet}.0.25.100"),
                format!("10.{octet}.0.1"),
                format!("192.168.{octet}.255"),
                format!("0.1.2.{octet}"),
            ] {
                for before in ["", "1", "2 123456789012 eni-1 "] {
                    assert_eq!(address(before, &word), word.parse().ok(), "{word:?}");
                }
            }
        }
        for word in [
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.4.",
            ".1.2.3.4",
            "1..2.3",
            "....",
            ".......",
            "1.2.3.4.5.6.7.8",
            "255.255.255.255",
            "2001:db8::1",
            "::ffff:10.0.0.1",
            "123456789012345",
        ] {
            assert_eq!(address("x ", word), word.parse().ok(), "{word:?}");
        }
    }
}
