//! Numbers as lines show them, eight digits at once.

use std::ops::Range;

/// Digits that are read at once.
const DIGITS: usize = 8;

/// The number that lies there in a text, if it is one. What is greater than all numbers is the greatest.
// A call for each number costs as much as the number.
#[inline(always)]
pub(super) fn number(text: &[u8], range: Range<usize>) -> Option<i64> {
    let (len, to) = (range.len(), range.end);
    match len {
        0..=8 => last_digits(text, to, len),
        9..=16 => {
            let above = last_digits(text, to - DIGITS, len - DIGITS)?;
            Some(above * 100_000_000 + last_digits(text, to, DIGITS)?)
        }
        _ => long_number(&text[range]),
    }
}

#[cold]
fn long_number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0_i64, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
        Some(value.saturating_mul(10).saturating_add(digit))
    })
}

/// The number of up to eight digits that ends there.
#[inline(always)]
fn last_digits(text: &[u8], to: usize, len: usize) -> Option<i64> {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    if len == 0 {
        return None;
    }
    let eight = match text[..to].last_chunk::<DIGITS>() {
        Some(eight) => u64::from_le_bytes(*eight),
        // The text's very beginning.
        None => {
            let mut eight = [b'0'; DIGITS];
            eight[DIGITS - to..].copy_from_slice(&text[..to]);
            u64::from_le_bytes(eight)
        }
    };
    // The first digit lies lowest; what comes before the word makes way for zeros.
    let before = u64::BITS - 8 * len as u32;
    let digits = (eight ^ ZEROS) >> before << before;
    // Below ten there is nothing to carry into the highest bit when 118 is added.
    let wrong = digits.wrapping_add(ZEROS + 0x4646_4646_4646_4646) | digits;
    if wrong & HIGHS != 0 {
        return None;
    }
    let twos = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (twos * 100 + (twos >> 16)) & 0x0000_ffff_0000_ffff;
    Some(i64::from((fours * 10_000 + (fours >> 32)) as u32))
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
            "12345678901234567",
            "9223372036854775807",
        ] {
            for before in ["", "x", " ", "2 123456789012 "] {
                let text = format!("{before}{word}");
                let read = number(text.as_bytes(), before.len()..text.len());
                assert_eq!(read, word.parse().ok(), "{text:?}");
            }
        }
        let huge = b"99999999999999999999";
        assert_eq!(number(huge, 0..huge.len()), Some(i64::MAX));
    }

    #[test]
    fn nothing_else_is_a_number() {
        let others = (0..=255_u8).filter(|byte| !byte.is_ascii_digit());
        for byte in others {
            for len in [1, 5, 8, 9, 16, 17, 20] {
                for at in [0, len / 2, len - 1] {
                    let mut text = vec![b'9'; len + 3];
                    text[3 + at] = byte;
                    assert!(
                        number(&text, 3..3 + len).is_none(),
                        "{byte} at {at} of {len}"
                    );
                }
            }
        }
        assert!(number(b"123", 3..3).is_none());
    }
}
