//! Text as records are made of: numbers and addresses, many times quicker than by `fmt`, for a record has about nine of them.
//!
//! What is put is as long as it may be at most, and the next thing is put over what was too much of it. So nothing is copied
//! byte by byte, nor by a call for a length that is known only then.

use std::io::Write;
use std::net::IpAddr;

/// Room that is made at once, at least.
const ROOM_BYTES: usize = 512;
const TEN_TO_THE_EIGHTH: u64 = 100_000_000;
/// An octet's digits and a point behind.
const OCTETS: [[u8; 4]; 256] = octets();

const fn octets() -> [[u8; 4]; 256] {
    let mut octets = [[b'.'; 4]; 256];
    let mut octet = 0;
    while octet < 256 {
        let digits = [octet / 100, octet / 10 % 10, octet % 10];
        let mut at = 3 - octet_len(octet as u8);
        let mut to = 0;
        while at < 3 {
            octets[octet][to] = b'0' + digits[at] as u8;
            at += 1;
            to += 1;
        }
        octet += 1;
    }
    octets
}

const fn octet_len(octet: u8) -> usize {
    1 + (octet > 9) as usize + (octet > 99) as usize
}

/// What the fields of records are put into: text as here, or columns.
pub(crate) trait Out {
    fn number(&mut self, number: u64);

    /// One of two numbers that are often the same as in the record before, such as the time that it begins.
    fn number_again(&mut self, which: usize, number: u64);

    fn address(&mut self, address: IpAddr);

    fn word(&mut self, word: &str);

    /// What a field shows that has nothing to tell: `-`.
    fn nothing(&mut self);
}

impl Out for Text {
    #[inline]
    fn number(&mut self, number: u64) {
        self.put_number(number);
    }

    #[inline]
    fn number_again(&mut self, which: usize, number: u64) {
        self.put_again(which, number);
    }

    #[inline]
    fn address(&mut self, address: IpAddr) {
        self.put_address(address);
    }

    #[inline]
    fn word(&mut self, word: &str) {
        self.put(word.as_bytes());
    }

    #[inline]
    fn nothing(&mut self) {
        self.put_bytes(b"-");
    }
}

/// An address as lines show it.
pub fn address_text(address: IpAddr) -> String {
    let mut text = Text::default();
    text.put_address(address);
    text.copy()
}

/// Text that grows.
#[derive(Debug, Default)]
pub(crate) struct Text {
    /// The text, and room for more.
    bytes: Vec<u8>,
    len: usize,
    /// What was put by [`Text::put_again`] last.
    again: [Digits; 2],
}

/// A number and its digits; none yet if there are no digits.
#[derive(Debug, Clone, Copy, Default)]
struct Digits {
    number: u64,
    text: [u8; 20],
    len: usize,
}

impl Text {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    /// A copy of what was put, all of it `str`, digits and points.
    pub(crate) fn copy(&self) -> String {
        let text = std::str::from_utf8(&self.bytes[..self.len]);
        text.unwrap_or_default().to_owned()
    }

    /// Puts the beginning of some bytes.
    #[inline]
    fn put_of<const N: usize>(&mut self, bytes: [u8; N], len: usize) {
        match self.bytes.get_mut(self.len..self.len + N) {
            Some(place) => place.copy_from_slice(&bytes),
            None => self.grow(&bytes),
        }
        self.len += len;
    }

    #[inline]
    pub(crate) fn put_bytes<const N: usize>(&mut self, bytes: &[u8; N]) {
        self.put_of(*bytes, N);
    }

    #[inline]
    pub(crate) fn put(&mut self, text: &[u8]) {
        match self.bytes.get_mut(self.len..self.len + text.len()) {
            Some(place) => place.copy_from_slice(text),
            None => self.grow(text),
        }
        self.len += text.len();
    }

    /// Makes room for a text, and for as much again as there is, and writes it there.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, text: &[u8]) {
        let end = self.len + text.len();
        self.bytes.resize(end + end.max(ROOM_BYTES), 0);
        self.bytes[self.len..end].copy_from_slice(text);
    }

    /// Puts a number in decimal.
    #[inline]
    pub(crate) fn put_number(&mut self, number: u64) {
        if number >= TEN_TO_THE_EIGHTH {
            return self.put_large_number(number);
        }
        // How long it is, is known before its digits are, so that what comes next need not wait for them.
        let len = number_len(number);
        let text = (eight_digits(number) | ASCII) >> (u64::BITS - 8 * len);
        self.put_of(text.to_le_bytes(), len as usize);
    }

    fn put_large_number(&mut self, number: u64) {
        self.put_number(number / TEN_TO_THE_EIGHTH);
        let rest = eight_digits(number % TEN_TO_THE_EIGHTH);
        self.put_bytes(&(rest | ASCII).to_le_bytes());
    }

    /// Puts one of two numbers that are often the same as in the line before, such as the time that it begins.
    #[inline]
    pub(crate) fn put_again(&mut self, which: usize, number: u64) {
        let Digits {
            number: known,
            text,
            len,
        } = self.again[which];
        if known == number && len > 0 {
            return self.put_of(text, len);
        }
        let from = self.len;
        self.put_number(number);
        let digits = &mut self.again[which];
        (digits.number, digits.len) = (number, self.len - from);
        digits.text[..digits.len].copy_from_slice(&self.bytes[from..self.len]);
    }

    /// Puts an address.
    #[inline]
    pub(crate) fn put_address(&mut self, address: IpAddr) {
        match address {
            IpAddr::V4(address) => {
                for octet in address.octets() {
                    self.put_of(OCTETS[usize::from(octet)], octet_len(octet) + 1);
                }
                // The last point is none.
                self.len -= 1;
            }
            IpAddr::V6(address) => {
                let mut text = [0; 39];
                let mut rest = &mut text[..];
                // The longest takes as much room as there is.
                let _ = write!(rest, "{address}");
                let len = 39 - rest.len();
                self.put(&text[..len]);
            }
        }
    }
}

/// By a number's highest bit: digits of the least such number, in the upper half, and what must be added so that more digits
/// carry there.
const LENGTHS: [u64; 32] = lengths();

const fn lengths() -> [u64; 32] {
    let mut lengths = [0; 32];
    let (mut bit, mut len, mut next) = (0, 1, 10);
    while bit < 32 {
        if 1 << bit >= next {
            len += 1;
            next *= 10;
        }
        lengths[bit] = match next < 1 << (bit + 1) {
            true => ((len + 1) << 32) - next,
            false => len << 32,
        };
        bit += 1;
    }
    lengths
}

/// Digits of a number below 2^32.
#[inline]
fn number_len(number: u64) -> u32 {
    let bit = (number | 1).ilog2() as usize;
    ((number + LENGTHS[bit % 32]) >> 32) as u32
}

const ASCII: u64 = 0x3030_3030_3030_3030;

/// A number's eight last digits, one a byte, the first lowest: divided by ten thousand, then both halves at once by a
/// hundred, then all four quarters by ten, by multiplications that are exact for numbers so small.
#[inline]
fn eight_digits(number: u64) -> u64 {
    let halves = (number / 10_000) | (number % 10_000) << 32;
    let hundreds = (halves * 10_486) >> 20 & 0x7f_0000_007f;
    let quarters = hundreds | (halves - 100 * hundreds) << 16;
    let tens = (quarters * 103) >> 10 & 0x000f_000f_000f_000f;
    tens | (quarters - 10 * tens) << 8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(put: impl FnOnce(&mut Text)) -> String {
        let mut text = Text::default();
        put(&mut text);
        text.copy()
    }

    #[test]
    fn they_read_as_by_fmt() {
        let powers = (0..20).map(|power| 10_u64.pow(power));
        let numbers = powers.flat_map(|power| [power - 1, power, power + 1, power / 2 * 3]);
        for number in numbers.chain([65_535, 101, 2_030, 100_000_100_000_000, u64::MAX]) {
            assert_eq!(text(|text| text.put_number(number)), number.to_string());
        }
        let octets = (0..=255_u8).map(|octet| format!("{octet}.0.{octet}.1"));
        let others = [
            "255.255.255.255",
            "2001:db8::1",
            "::ffff:10.0.0.1",
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        ];
        for address in octets.chain(others.map(str::to_owned)) {
            let put = text(|text| text.put_address(address.parse().unwrap()));
            assert_eq!(put, address);
        }
    }

    #[test]
    fn every_number_of_four_digits_and_around_has_its_digits() {
        for number in (0..20_000).chain((0..10_000).map(|n| n * 10_000 + 9_999)) {
            assert_eq!(text(|text| text.put_number(number)), number.to_string());
        }
    }

    #[test]
    fn a_number_is_put_again() {
        let numbers = [0, 0, u64::MAX, u64::MAX, 1_735_787_100, 1_735_787_101, 0];
        let put = text(|text| {
            for number in numbers {
                text.put_again(0, number);
                text.put_again(1, 7);
            }
        });
        let wanted = numbers.map(|number| format!("{number}7"));
        assert_eq!(put, wanted.concat());
    }

    #[test]
    fn what_is_put_follows_what_was() {
        let mut all = String::new();
        let long = "long ".repeat(300);
        let put = text(|text| {
            for n in 0..1_000 {
                text.put_number(n);
                text.put_bytes(b" ");
                text.put_address([10, 0, 0, n as u8].into());
                text.put(long.as_bytes());
                all += &format!("{n} 10.0.0.{}{long}", n as u8);
            }
        });
        assert_eq!(put, all);
    }
}
