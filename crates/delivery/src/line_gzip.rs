//! gzip of lines that are all of one format, several times as quickly as a packer of anything.
//!
//! A line differs from the one before it in a few fields, so that one is where each field is looked for first, at the field
//! of the same place; a field that is different there is looked for where a field last began with the same eight bytes. What is the
//! same is a reference backwards, everything else is itself. The codes are the fixed ones: with lines this alike little is left
//! that codes of their own would make shorter.
//!
//! Source: RFC 1952 (gzip), RFC 1951 (deflate) §3.2.5 and §3.2.6. Bits go in from the lowest on; codes from their highest on,
//! so the tables hold them turned around.

use flate2::Crc;

/// What a reference costs more than the bytes themselves below.
const MATCH_LEN_MIN: usize = 4;
const MATCH_LEN_MAX: usize = 258;
const DISTANCE_MAX: usize = 32_768;
const HASH_BITS: u32 = 12;

/// No flags, no time, packed by the quickest means, on no known system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255];
/// The block after it is the last one, of fixed codes.
const BLOCK: (u32, u32) = (0b011, 3);
const END_OF_BLOCK: (u32, u32) = (0, 7);

/// Bits and their number.
type Code = (u32, u32);

/// A gzip file in the making.
pub(crate) struct LineGzip {
    out: Vec<u8>,
    /// Bits that make no whole word yet.
    bits: u64,
    bits_len: u32,
    crc: Crc,
    /// Where in the text a field began, by its first bytes; one too high, so that 0 is nowhere.
    places: Vec<u32>,
}

impl LineGzip {
    pub(crate) fn new() -> LineGzip {
        let mut gzip = LineGzip {
            out: HEAD.to_vec(),
            bits: 0,
            bits_len: 0,
            crc: Crc::new(),
            places: vec![0; 1 << HASH_BITS],
        };
        gzip.put(BLOCK);
        gzip
    }

    /// Packs lines. References do not reach beyond one text.
    pub(crate) fn pack(&mut self, text: &[u8]) {
        self.crc.update(text);
        self.places.fill(0);
        let (mut before, mut fields) = (Vec::new(), Vec::new());
        let (mut line, mut at) = (0, 0);
        while line < text.len() {
            fields.clear();
            let end = fields_of(text, line, &mut fields);
            self.pack_line(text, &mut at, end, &fields, &before);
            std::mem::swap(&mut before, &mut fields);
            line = end;
        }
    }

    /// Packs from `at` to the end of a line, or beyond it, if the next one goes on as it did before.
    fn pack_line(
        &mut self,
        text: &[u8],
        at: &mut usize,
        end: usize,
        fields: &[usize],
        before: &[usize],
    ) {
        let mut number = 0;
        while *at < end {
            while fields.get(number).is_some_and(|field| field < at) {
                number += 1;
            }
            let field = fields.get(number).copied().unwrap_or(end);
            if *at < field {
                self.literals(&text[*at..field]);
                *at = field;
                continue;
            }
            let next = fields.get(number + 1).copied().unwrap_or(end);
            let (mut from, mut len) = (0, 0);
            if let Some(above) = before.get(number) {
                (from, len) = (*above, same_len(text, *above, field));
            }
            let place = self.places.get_mut(hash(text, field));
            let known = place.map_or(0, |place| std::mem::replace(place, field as u32 + 1));
            if field + len < next
                && let Some(known) = (known as usize).checked_sub(1)
            {
                let known_len = same_len(text, known, field);
                if known_len > len {
                    (from, len) = (known, known_len);
                }
            }
            if len >= MATCH_LEN_MIN && field - from <= DISTANCE_MAX {
                self.reference(len, field - from);
                *at = field + len;
            } else {
                self.literals(&text[field..next]);
                *at = next;
            }
        }
    }

    /// The file's bytes.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.put(END_OF_BLOCK);
        let left = self.bits_len.div_ceil(8) as usize;
        self.out.extend_from_slice(&self.bits.to_le_bytes()[..left]);
        self.out.extend_from_slice(&self.crc.sum().to_le_bytes());
        self.out.extend_from_slice(&self.crc.amount().to_le_bytes());
        self.out
    }

    fn literals(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.put(LITERALS[usize::from(*byte)]);
        }
    }

    fn reference(&mut self, len: usize, distance: usize) {
        let back = distance_code(distance);
        let mut left = len;
        while left > 0 {
            // What is left over must be long enough to be a reference again.
            let take = match left {
                ..=MATCH_LEN_MAX => left,
                left if left < MATCH_LEN_MAX + 3 => MATCH_LEN_MAX - 3,
                _ => MATCH_LEN_MAX,
            };
            self.put(LENGTHS[take]);
            self.put(back);
            left -= take;
        }
    }

    /// At most 32 bits at once.
    fn put(&mut self, (bits, len): Code) {
        self.bits |= u64::from(bits) << self.bits_len;
        self.bits_len += len;
        if self.bits_len >= 32 {
            self.out
                .extend_from_slice(&(self.bits as u32).to_le_bytes());
            self.bits >>= 32;
            self.bits_len -= 32;
        }
    }
}

/// Where the fields of the line that begins at `from` begin; where the line ends, behind its line feed.
fn fields_of(text: &[u8], from: usize, fields: &mut Vec<usize>) -> usize {
    fields.push(from);
    let mut block = from;
    while block < text.len() {
        let mut ends = openvpc_flowlog::word_ends(&text[block..]);
        while ends != 0 {
            let end = block + ends.trailing_zeros() as usize;
            ends &= ends - 1;
            if text[end] == b'\n' {
                return end + 1;
            }
            fields.push(end + 1);
        }
        block += 64;
    }
    text.len()
}

fn hash(text: &[u8], at: usize) -> usize {
    let eight = text.get(at..).and_then(<[u8]>::first_chunk);
    let eight = eight.map_or(0, |eight| u64::from_le_bytes(*eight));
    (eight.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - HASH_BITS)) as usize
}

/// How many bytes are the same from two places on.
fn same_len(text: &[u8], from: usize, at: usize) -> usize {
    let (earlier, later) = (&text[from..], &text[at..]);
    let mut len = 0;
    while let (Some(a), Some(b)) = (
        earlier.get(len..).and_then(<[u8]>::first_chunk),
        later.get(len..).and_then(<[u8]>::first_chunk),
    ) {
        let different = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
        if different != 0 {
            return len + different.trailing_zeros() as usize / 8;
        }
        len += 8;
    }
    let rest = earlier[len..].iter().zip(&later[len..]);
    len + rest.take_while(|(a, b)| a == b).count()
}

const fn turned(bits: u32, len: u32) -> Code {
    (bits.reverse_bits() >> (32 - len), len)
}

const LITERALS: [Code; 256] = {
    let mut codes = [(0, 0); 256];
    let mut byte = 0;
    while byte < 256 {
        codes[byte as usize] = match byte {
            0..144 => turned(0b0011_0000 + byte, 8),
            _ => turned(0b1_1001_0000 + byte - 144, 9),
        };
        byte += 1;
    }
    codes
};

/// By the length; the bits behind a code say which of its lengths it is.
const LENGTHS: [Code; MATCH_LEN_MAX + 1] = {
    let mut codes = [(0, 0); MATCH_LEN_MAX + 1];
    let (mut symbol, mut len) = (257, 3);
    while len <= MATCH_LEN_MAX {
        // Eight codes of one length each, then always four that stand for twice as many as those before.
        let more = if symbol < 265 { 0 } else { (symbol - 261) / 4 };
        let (code, code_len) = match symbol {
            ..280 => turned(symbol - 256, 7),
            _ => turned(0b1100_0000 + symbol - 280, 8),
        };
        let mut which = 0;
        while which < 1 << more && len <= MATCH_LEN_MAX {
            codes[len] = (code | which << code_len, code_len + more);
            which += 1;
            len += 1;
        }
        symbol += 1;
    }
    // The longest has a code of its own.
    codes[MATCH_LEN_MAX] = turned(0b1100_0000 + 285 - 280, 8);
    codes
};

fn distance_code(distance: usize) -> Code {
    let before = distance as u32 - 1;
    if before < 4 {
        return turned(before, 5);
    }
    let highest = before.ilog2();
    let more = highest - 1;
    let (code, len) = turned(2 * highest + (before >> more & 1), 5);
    let which = before & ((1 << more) - 1);
    (code | which << len, len + more)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use proptest::prelude::*;

    use super::*;

    fn packed<'a>(texts: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
        let mut gzip = LineGzip::new();
        texts.into_iter().for_each(|text| gzip.pack(text));
        gzip.finish()
    }

    /// What another implementation makes of it; it checks sum and length.
    fn unpacked(file: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        let mut decoder = flate2::read::GzDecoder::new(file);
        decoder.read_to_end(&mut text).unwrap();
        text
    }

    #[test]
    fn every_length_and_distance_is_read_back() {
        for len in 1..700 {
            let line = "x".repeat(len);
            let text = format!("a {line} b\na {line} c\n{line}");
            assert_eq!(
                unpacked(&packed([text.as_bytes()])),
                text.as_bytes(),
                "{len}"
            );
        }
        for gap in [1, 2, 3, 4, 100, 5_000, 32_700, 32_757, 32_768, 40_000] {
            let between = "1 2 3\n".repeat(gap / 6 + 1);
            let text = format!("abcdefghijkl \n{}\nabcdefghijkl \n", &between[..gap]);
            assert_eq!(
                unpacked(&packed([text.as_bytes()])),
                text.as_bytes(),
                "{gap}"
            );
        }
    }

    #[test]
    fn lines_become_a_fraction_and_are_the_same_again() {
        let line = |n: usize| {
            let (client, port) = (n * 7 % 200, 1_024 + n * 31 % 60_000);
            format!(
                "2 123456789012 eni-1235b8ca123456789 10.0.2.{client} 172.31.16.21 {port} 443 6 {n} 4249 1418530010 1418530070 ACCEPT OK\n"
            )
        };
        let texts: Vec<String> = (0..4)
            .map(|text| (0..500).map(|n| line(text * 500 + n)).collect())
            .collect();
        let file = packed(texts.iter().map(|text| text.as_bytes()));
        let whole = texts.concat();
        assert_eq!(unpacked(&file), whole.as_bytes());
        assert!(
            file.len() * 4 < whole.len(),
            "{} of {}",
            file.len(),
            whole.len()
        );
    }

    proptest! {
        #[test]
        fn whatever_is_packed_is_read_back(
            words in prop::collection::vec(prop_oneof!["[a-c0-2.]{0,12}", "\\PC{0,5}", Just("\n".to_owned())], 0..400),
            cuts in prop::collection::vec(0_usize..400, 0..3),
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(words.len())).collect();
            cuts.extend([0, words.len()]);
            cuts.sort_unstable();
            let texts: Vec<String> = cuts.windows(2).map(|ends| words[ends[0]..ends[1]].join(" ")).collect();
            let file = packed(texts.iter().map(|text| text.as_bytes()));
            prop_assert_eq!(unpacked(&file), texts.concat().into_bytes());
        }
    }
}
