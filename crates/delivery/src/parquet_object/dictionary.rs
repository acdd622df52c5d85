//! The different texts of a column, each once, and for each row which it is.

use std::hash::BuildHasher;
use std::net::IpAddr;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use openvpc_flowlog::{Column, Values, address_text};

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
    /// The numbers of texts that are addresses.
    addresses: HashMap<IpAddr, u32>,
    hasher: DefaultHashBuilder,
    /// The texts of all rows, by their number.
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

    /// Adds what each of so many rows shows.
    pub(super) fn add(&mut self, rows: usize, column: &Column) {
        match &column.values {
            Values::Same(text) => {
                let number = self.number(text.as_bytes());
                self.numbers.resize(self.numbers.len() + rows, number);
            }
            Values::Texts { texts, places } => self.add_texts(texts, places),
            Values::Addresses(addresses) => self.add_addresses(addresses, &column.absent),
            Values::Ipv4(addresses) => self.add_addresses(addresses, &column.absent),
            Values::Int32(_) | Values::Int64(_) => {}
        }
    }

    /// Adds the text of each row by its place among some texts.
    fn add_texts(&mut self, texts: &[String], places: &[u32]) {
        let mut numbers = vec![None; texts.len()];
        for place in places {
            let place = *place as usize;
            let number = numbers[place].get_or_insert_with(|| self.number(texts[place].as_bytes()));
            self.numbers.push(*number);
        }
    }

    /// Adds an address for each row but for some, ascending, which show `-`.
    fn add_addresses<A: Copy + PartialEq + Into<IpAddr>>(
        &mut self,
        addresses: &[A],
        absent: &[u32],
    ) {
        let mut absent = absent.iter().peekable();
        // Much repeats itself from row to row.
        let mut last = None;
        for (row, address) in (0..).zip(addresses) {
            let number = match last {
                _ if absent.next_if_eq(&&row).is_some() => self.number(b"-"),
                Some((known, number)) if known == *address => number,
                _ => {
                    let number = self.number_of_address((*address).into());
                    last = Some((*address, number));
                    number
                }
            };
            self.numbers.push(number);
        }
    }

    /// Only the first time that it is seen it is written.
    fn number_of_address(&mut self, address: IpAddr) -> u32 {
        if let Some(number) = self.addresses.get(&address) {
            return *number;
        }
        let number = self.number(address_text(address).as_bytes());
        self.addresses.insert(address, number);
        number
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

    /// Texts one after the other, as a page without a dictionary has them.
    pub(super) fn put_plain(&self, numbers: &[u32], page: &mut Vec<u8>) {
        for number in numbers {
            let text = range(&self.ends, *number);
            page.extend_from_slice(&self.bytes[text.start - HEAD_LEN_BYTES..text.end]);
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
