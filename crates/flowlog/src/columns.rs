//! Records as columns, for who writes columns: values instead of words, so that nothing is written only to be read again.

use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

use crate::record::{Shown, put_same};
use crate::text::{Out, Text};
use crate::{Field, Format, Interface, Kind, Told};

/// Different texts that a column looks through for the next one.
const LATELY: usize = 8;

/// Records of one interface: in every column a value of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Columns {
    /// Records.
    pub rows: usize,
    /// In the order of the format's fields.
    pub columns: Vec<Column>,
}

/// What the records show in one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub values: Values,
    /// Rows that show `-`, ascending; there is a value for each nevertheless, which means nothing.
    pub absent: Vec<u32>,
}

/// A value for each row. What is greater than all of its type is the greatest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Values {
    /// The same in all rows.
    Same(String),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Addresses(Vec<IpAddr>),
    /// Texts, some of which may be the same, and the place of each row's among them.
    Texts {
        texts: Vec<String>,
        places: Vec<u32>,
    },
    /// Addresses that are all IPv4, as long as they are: a quarter of the room.
    Ipv4(Vec<Ipv4Addr>),
}

impl Columns {
    /// Columns of a format for about so many records of an interface.
    pub(crate) fn of(format: &Format, interface: &Interface, expected: usize) -> Columns {
        let column = |field: &Field| Column {
            values: Values::of(*field, format, interface, expected),
            absent: Vec::new(),
        };
        Columns {
            rows: 0,
            columns: format.fields().iter().map(column).collect(),
        }
    }

    /// Adds records, field by field of all of them: what is alike is done together then.
    pub(crate) fn add(&mut self, records: &[Shown], format: &Format, told: Told<'_>) {
        for (field, column) in format.fields().iter().zip(&mut self.columns) {
            match (&column.values, field) {
                (Values::Same(_), _) => {}
                (_, Field::Version) => {
                    let version = u64::from(format.version());
                    records.iter().for_each(|_| column.number(version));
                }
                _ => column.add(*field, records, told),
            }
        }
        self.rows += records.len();
    }

    /// Takes lines of a format apart.
    ///
    /// # Errors
    /// A line is not of the format.
    pub fn of_lines(format: &Format, lines: &str) -> Result<Columns, String> {
        let column = |field: &Field| Column {
            values: Values::empty(field.kind(), 0),
            absent: Vec::new(),
        };
        let mut columns: Vec<Column> = format.fields().iter().map(column).collect();
        let mut rows = 0;
        for line in lines.lines() {
            let mut words = line.split(' ');
            for column in &mut columns {
                let word = words.next().ok_or("a line has too few fields")?;
                column.take(word)?;
            }
            if words.next().is_some() {
                return Err("a line has too many fields".to_owned());
            }
            rows += 1;
        }
        Ok(Columns { rows, columns })
    }

    /// Some of the rows, ascending.
    pub fn select(&self, rows: &[usize]) -> Columns {
        Columns {
            rows: rows.len(),
            columns: self.columns.iter().map(|c| c.select(rows)).collect(),
        }
    }

    /// Bytes that it costs.
    pub fn len_bytes(&self) -> usize {
        self.columns.iter().map(Column::len_bytes).sum()
    }
}

impl Column {
    fn add(&mut self, field: Field, records: &[Shown], told: Told<'_>) {
        macro_rules! add {
            ($($known:ident)*) => {
                match field {
                    $(Field::$known => for record in records {
                        record.put_field(Field::$known, told, self);
                    })*
                    _ => for record in records {
                        record.put_field(field, told, self);
                    }
                }
            };
        }
        // What most formats show, in loops that need not ask what it is.
        add!(Srcaddr Dstaddr Srcport Dstport Protocol Packets Bytes Start End Action LogStatus TcpFlags PktSrcaddr PktDstaddr FlowDirection);
    }

    /// Whether it is of a kind, has a value for each of so many rows, and a text for each place: what was stored may be
    /// anything.
    pub fn is_whole(&self, kind: Kind, rows: usize) -> bool {
        let is_whole = match (&self.values, kind) {
            (Values::Same(_), Kind::Text) => true,
            (Values::Int32(values), Kind::Int32) => values.len() == rows,
            (Values::Int64(values), Kind::Int64) => values.len() == rows,
            (Values::Addresses(values), Kind::Text) => values.len() == rows,
            (Values::Ipv4(values), Kind::Text) => values.len() == rows,
            (Values::Texts { texts, places }, Kind::Text) => {
                let is_there = |place: &u32| (*place as usize) < texts.len();
                places.len() == rows && places.iter().all(is_there)
            }
            _ => false,
        };
        let is_ascending = self.absent.is_sorted_by(|a, b| a < b);
        let last = self.absent.last().map_or(0, |last| *last as usize + 1);
        is_whole && is_ascending && last <= rows
    }

    fn select(&self, rows: &[usize]) -> Column {
        fn some<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
            rows.iter().map(|row| values[*row]).collect()
        }
        let is_absent =
            |(_, row): &(u32, &usize)| self.absent.binary_search(&(**row as u32)).is_ok();
        Column {
            values: match &self.values {
                Values::Same(text) => Values::Same(text.clone()),
                Values::Int32(values) => Values::Int32(some(values, rows)),
                Values::Int64(values) => Values::Int64(some(values, rows)),
                Values::Addresses(values) => Values::Addresses(some(values, rows)),
                Values::Ipv4(values) => Values::Ipv4(some(values, rows)),
                Values::Texts { texts, places } => Values::Texts {
                    texts: texts.clone(),
                    places: some(places, rows),
                },
            },
            absent: (0..)
                .zip(rows)
                .filter(is_absent)
                .map(|(at, _)| at)
                .collect(),
        }
    }

    fn len_bytes(&self) -> usize {
        let values = match &self.values {
            Values::Same(text) => text.len(),
            Values::Int32(values) => size_of_val(&**values),
            Values::Int64(values) => size_of_val(&**values),
            Values::Addresses(values) => size_of_val(&**values),
            Values::Ipv4(values) => size_of_val(&**values),
            Values::Texts { texts, places } => {
                let texts = texts.iter().map(|text| size_of_val(text) + text.len());
                texts.sum::<usize>() + size_of_val(&**places)
            }
        };
        values + size_of_val(&*self.absent)
    }

    /// Adds what a line shows.
    fn take(&mut self, word: &str) -> Result<(), String> {
        match (&self.values, word) {
            (Values::Int32(_) | Values::Int64(_), "-") => self.nothing(),
            (Values::Int32(_) | Values::Int64(_), _) => {
                let are_digits = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
                if !are_digits {
                    return Err(format!("a field of numbers shows {word:?}"));
                }
                self.number(word.parse().unwrap_or(u64::MAX));
            }
            _ => self.word(word),
        }
        Ok(())
    }
}

impl Values {
    fn of(field: Field, format: &Format, interface: &Interface, expected: usize) -> Values {
        let mut same = Text::default();
        match field {
            Field::Srcaddr | Field::Dstaddr | Field::PktSrcaddr | Field::PktDstaddr => {
                Values::Ipv4(Vec::with_capacity(expected))
            }
            _ if field.kind() == Kind::Text && put_same(field, format, interface, &mut same) => {
                Values::Same(same.copy())
            }
            _ => Values::empty(field.kind(), expected),
        }
    }

    fn empty(kind: Kind, expected: usize) -> Values {
        match kind {
            Kind::Int32 => Values::Int32(Vec::with_capacity(expected)),
            Kind::Int64 => Values::Int64(Vec::with_capacity(expected)),
            Kind::Text => Values::Texts {
                texts: Vec::new(),
                places: Vec::with_capacity(expected),
            },
        }
    }
}

/// What a field shows is of its kind; anything else would be shown as nothing.
impl Out for Column {
    #[inline(always)]
    fn number(&mut self, number: u64) {
        match &mut self.values {
            Values::Int32(values) => values.push(i32::try_from(number).unwrap_or(i32::MAX)),
            Values::Int64(values) => values.push(i64::try_from(number).unwrap_or(i64::MAX)),
            Values::Texts { .. } => self.word(&number.to_string()),
            Values::Addresses(_) | Values::Ipv4(_) | Values::Same(_) => self.nothing(),
        }
    }

    #[inline(always)]
    fn number_again(&mut self, _: usize, number: u64) {
        self.number(number);
    }

    #[inline(always)]
    fn address(&mut self, address: IpAddr) {
        match (&mut self.values, address) {
            (Values::Ipv4(values), IpAddr::V4(address)) => values.push(address),
            (Values::Ipv4(values), IpAddr::V6(_)) => {
                let mut addresses = Vec::with_capacity(values.capacity());
                addresses.extend(values.iter().copied().map(IpAddr::V4));
                addresses.push(address);
                self.values = Values::Addresses(addresses);
            }
            (Values::Addresses(values), _) => values.push(address),
            (Values::Texts { .. }, _) => self.word(&address.to_string()),
            (Values::Int32(_) | Values::Int64(_) | Values::Same(_), _) => self.nothing(),
        }
    }

    #[inline(always)]
    fn word(&mut self, word: &str) {
        let Values::Texts { texts, places } = &mut self.values else {
            return self.nothing();
        };
        let lately = texts.iter().rev().take(LATELY);
        let known = lately.into_iter().position(|text| text == word);
        let place = match known {
            Some(back) => texts.len() - 1 - back,
            None => {
                texts.push(word.to_owned());
                texts.len() - 1
            }
        };
        places.push(place as u32);
    }

    fn nothing(&mut self) {
        let row = match &mut self.values {
            Values::Texts { .. } => return self.word("-"),
            Values::Same(_) => return,
            Values::Int32(values) => push(values, 0),
            Values::Int64(values) => push(values, 0),
            Values::Addresses(values) => push(values, IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            Values::Ipv4(values) => push(values, Ipv4Addr::UNSPECIFIED),
        };
        self.absent.push(row);
    }
}

/// Where it lies then.
fn push<T>(values: &mut Vec<T>, value: T) -> u32 {
    values.push(value);
    (values.len() - 1) as u32
}
