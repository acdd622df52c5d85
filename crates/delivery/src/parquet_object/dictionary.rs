//! The different texts of a column, each once, and for each line which it is.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::column::Words;

/// Bytes before a text that say its length.
const HEAD_LEN_BYTES: usize = 4;

/// Texts in the order in which they came.
#[derive(Default)]
pub(super) struct Dictionary {
    /// As a dictionary's page has them: length and text, one after the other.
    bytes: Vec<u8>,
    /// Where each text ends.
    ends: Vec<usize>,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// The texts of all lines, by their number.
    numbers: Vec<u32>,
}

impl Dictionary {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many texts are different.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// Adds a text of each line.
    pub(super) fn extend(&mut self, texts: &Words) {
        let mut last: Option<(&[u8], u32)> = None;
        for text in texts.iter() {
            // Much repeats itself from line to line.
            let number = match last {
                Some((known, number)) if is_same(known, text) => number,
                _ => self.number(text),
            };
            last = Some((text, number));
            self.numbers.push(number);
        }
    }

    fn number(&mut self, text: &[u8]) -> u32 {
        let hash = self.hasher.hash_one(text);
        let known = self
            .index
            .find(hash, |number| is_same(self.text(*number), text));
        match known {
            Some(number) => *number,
            None => self.insert(hash, text),
        }
    }

    fn insert(&mut self, hash: u64, text: &[u8]) -> u32 {
        let number = self.ends.len() as u32;
        self.bytes
            .extend_from_slice(&(text.len() as u32).to_le_bytes());
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
        let Dictionary {
            index,
            bytes,
            ends,
            hasher,
            ..
        } = self;
        let hash_of = |number: &u32| hasher.hash_one(&bytes[range(ends, *number)]);
        index.insert_unique(hash, number, hash_of);
        number
    }

    fn text(&self, number: u32) -> &[u8] {
        &self.bytes[range(&self.ends, number)]
    }

    /// All lines' texts one after the other, as a page without a dictionary has them.
    pub(super) fn plain(&self, out: &mut Vec<u8>) {
        for number in &self.numbers {
            let text = range(&self.ends, *number);
            out.extend_from_slice(&self.bytes[text.start - HEAD_LEN_BYTES..text.end]);
        }
    }
}

/// Whether two short texts are the same: first and last eight bytes, and what is between.
#[inline]
fn is_same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    match (a.first_chunk::<8>(), b.first_chunk::<8>()) {
        (Some(first_a), Some(first_b)) => {
            let last = || a.last_chunk::<8>() == b.last_chunk::<8>();
            first_a == first_b && last() && (a.len() <= 16 || a == b)
        }
        _ => {
            a.iter()
                .zip(b)
                .fold(0, |different, (a, b)| different | a ^ b)
                == 0
        }
    }
}

fn range(ends: &[usize], number: u32) -> std::ops::Range<usize> {
    let number = number as usize;
    let begin = number.checked_sub(1).map_or(0, |before| ends[before]);
    begin + HEAD_LEN_BYTES..ends[number]
}
