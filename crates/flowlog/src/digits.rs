//! Numbers and addresses as text, many times quicker than by `fmt`: a record has about nine of them.

use std::io::Write;
use std::net::IpAddr;

/// The digits of 0 to 99, two each.
const PAIRS: [[u8; 2]; 100] = pairs();

const fn pairs() -> [[u8; 2]; 100] {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
}

/// Adds a number in decimal.
pub(crate) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    if number < 10 {
        return out.push(b'0' + number as u8);
    }
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    while number >= 10 {
        at -= 2;
        digits[at..at + 2].copy_from_slice(&PAIRS[(number % 100) as usize]);
        number /= 100;
    }
    if number > 0 {
        at -= 1;
        digits[at] = b'0' + number as u8;
    }
    out.extend_from_slice(&digits[at..]);
}

/// Adds an address.
pub(crate) fn put_address(out: &mut Vec<u8>, address: IpAddr) {
    match address {
        IpAddr::V4(address) => {
            // Octet by octet in a place of its own, so that the text is added at once.
            let mut text = [b'.'; 15];
            let mut len = 0;
            for (at, octet) in address.octets().into_iter().enumerate() {
                len += usize::from(at > 0);
                let (hundreds, rest) = (octet / 100, usize::from(octet % 100));
                if hundreds > 0 {
                    text[len] = b'0' + hundreds;
                    len += 1;
                }
                if octet >= 10 {
                    text[len] = PAIRS[rest][0];
                    len += 1;
                }
                text[len] = PAIRS[rest][1];
                len += 1;
            }
            out.extend_from_slice(&text[..len]);
        }
        IpAddr::V6(address) => {
            // Writing into memory cannot fail.
            let _ = write!(out, "{address}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_read_as_by_fmt() {
        let powers = (0..20).map(|power| 10_u64.pow(power));
        let numbers = powers.flat_map(|power| [power - 1, power, power + 1, power / 2 * 3]);
        for number in numbers.chain([65_535, 101, 2_030, u64::MAX]) {
            let mut out = Vec::new();
            put_number(&mut out, number);
            assert_eq!(out, number.to_string().as_bytes());
        }
        let octets = (0..=255_u8).map(|octet| format!("{octet}.0.{octet}.1"));
        let others = ["255.255.255.255", "2001:db8::1", "::ffff:10.0.0.1"];
        for text in octets.chain(others.map(str::to_owned)) {
            let mut out = Vec::new();
            put_address(&mut out, text.parse().unwrap());
            assert_eq!(out, text.as_bytes());
        }
    }
}
