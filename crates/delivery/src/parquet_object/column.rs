//! One column of a group of rows, and its pages.
//!
//! The pages are our own, for a writer that must be ready for any value takes several times as long: texts are numbers in a
//! dictionary, unless most differ; numbers lie one after the other. What the pages' heads and the file's end look like
//! is the library's.

use std::ops::Range;

use bytes::Bytes;
use openvpc_flowlog::Kind;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::{Statistics, ValueStatistics};
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use snap::raw::Encoder;

use super::dictionary::Dictionary;
use super::hybrid;
use super::number::number;

/// One word of each of some lines.
pub(super) struct Words<'t> {
    pub text: &'t [u8],
    /// Where all their words end.
    pub ends: &'t [u32],
    /// Which one of how many.
    pub nth: usize,
    pub of: usize,
}

impl<'t> Words<'t> {
    fn lines(&self) -> usize {
        self.ends.len() / self.of
    }

    /// Where they lie.
    #[inline]
    fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let begin = |at: usize| at.checked_sub(1).map_or(0, |before| self.ends[before] + 1);
        let places = (self.nth..self.ends.len()).step_by(self.of);
        places.map(move |at| begin(at) as usize..self.ends[at] as usize)
    }

    #[inline]
    pub(super) fn iter(&self) -> impl Iterator<Item = &'t [u8]> {
        self.ranges().map(|range| &self.text[range])
    }

    /// Passes on the numbers that they are; `-` is the absence of one, in the line that counts from `line` on.
    #[inline]
    fn numbers(
        &self,
        line: u32,
        absent: &mut Vec<u32>,
        mut pass: impl FnMut(i64),
    ) -> Result<(), String> {
        for (line, range) in (line..).zip(self.ranges()) {
            match self.text[range.clone()] {
                [b'-'] => absent.push(line),
                _ => pass(
                    number(self.text, range).ok_or("a field of numbers shows something else")?,
                ),
            }
        }
        Ok(())
    }
}

/// The values of some lines.
pub(super) struct Column {
    values: Values,
    /// Lines without a value.
    absent: Vec<u32>,
    lines: u32,
}

enum Values {
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Text(Box<Dictionary>),
}

impl Column {
    pub(super) fn new(kind: Kind) -> Column {
        Column {
            values: match kind {
                Kind::Int32 => Values::Int32(Vec::new()),
                Kind::Int64 => Values::Int64(Vec::new()),
                Kind::Text => Values::Text(Box::default()),
            },
            absent: Vec::new(),
            lines: 0,
        }
    }

    /// Adds a word of each line.
    ///
    /// # Errors
    /// A column of numbers shows something else.
    pub(super) fn add(&mut self, words: &Words) -> Result<(), String> {
        let line = self.lines;
        self.lines += words.lines() as u32;
        let absent = &mut self.absent;
        match &mut self.values {
            Values::Text(values) => values.extend(words),
            Values::Int32(values) => words.numbers(line, absent, |number| {
                values.push(i32::try_from(number).unwrap_or(i32::MAX));
            })?,
            Values::Int64(values) => words.numbers(line, absent, |number| values.push(number))?,
        }
        Ok(())
    }

    /// The column's pages, and what the file's end says of them.
    pub(super) fn close(
        self,
        description: &ColumnDescPtr,
    ) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
        let mut pages = Pages::default();
        let mut page = self.levels();
        match &self.values {
            Values::Int32(values) => put_plain(&mut page, values, |value| value.to_le_bytes()),
            Values::Int64(values) => put_plain(&mut page, values, |value| value.to_le_bytes()),
            Values::Text(values) if values.len() > self.lines as usize / 2 => {
                values.plain(&mut page);
            }
            Values::Text(values) => {
                pages.put_dictionary(values)?;
                let width = hybrid::width(values.len().saturating_sub(1) as u32);
                page.push(width as u8);
                hybrid::put(&mut page, values.numbers(), width);
            }
        }
        pages.put(&page, self.lines)?;
        // Whoever looks for times or counts passes over what has none; the least and the greatest of texts help nobody.
        let absent = Some(self.absent.len() as u64);
        let statistics = match &self.values {
            Values::Int32(values) => {
                let (min, max) = bounds(values);
                let of = ValueStatistics::new(min, max, None, absent, false);
                Some(Statistics::from(of.with_backwards_compatible_min_max(true)))
            }
            Values::Int64(values) => {
                let (min, max) = bounds(values);
                let of = ValueStatistics::new(min, max, None, absent, false);
                Some(Statistics::from(of.with_backwards_compatible_min_max(true)))
            }
            Values::Text(_) => None,
        };
        pages.close(description, statistics, self.lines)
    }

    /// For each line whether there is a value, with its length before.
    fn levels(&self) -> Vec<u8> {
        let mut levels = Vec::new();
        match self.absent.is_empty() {
            true => hybrid::put_run(&mut levels, 1, self.lines as usize, 1),
            false => {
                let mut defined = vec![1; self.lines as usize];
                for line in &self.absent {
                    defined[*line as usize] = 0;
                }
                hybrid::put(&mut levels, &defined, 1);
            }
        }
        let len = levels.len() as u32;
        [&len.to_le_bytes()[..], &levels].concat()
    }
}

fn put_plain<T: Copy, const N: usize>(
    page: &mut Vec<u8>,
    values: &[T],
    bytes: impl Fn(T) -> [u8; N],
) {
    let from = page.len();
    page.resize(from + values.len() * N, 0);
    let (places, _) = page[from..].as_chunks_mut();
    for (place, value) in places.iter_mut().zip(values) {
        *place = bytes(*value);
    }
}

/// The least and the greatest.
fn bounds<T: Copy + Ord>(values: &[T]) -> (Option<T>, Option<T>) {
    let (min, max) = (values.iter().min(), values.iter().max());
    (min.copied(), max.copied())
}

/// A column's pages so far.
struct Pages {
    place: TrackedWrite<Vec<u8>>,
    packer: Encoder,
    len: usize,
    unpacked_len: usize,
    dictionary_at: Option<i64>,
    data_at: i64,
    encodings: Vec<Encoding>,
}

impl Default for Pages {
    fn default() -> Pages {
        Pages {
            place: TrackedWrite::new(Vec::new()),
            packer: Encoder::new(),
            len: 0,
            unpacked_len: 0,
            dictionary_at: None,
            data_at: 0,
            // Of the levels.
            encodings: vec![Encoding::RLE],
        }
    }
}

impl Pages {
    fn put_dictionary(&mut self, values: &Dictionary) -> Result<(), ParquetError> {
        let page = Page::DictionaryPage {
            buf: self.pack(values.bytes())?,
            num_values: values.len() as u32,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        self.encodings.push(Encoding::RLE_DICTIONARY);
        self.dictionary_at = Some(self.put_page(page, values.bytes().len())?);
        Ok(())
    }

    fn put(&mut self, page: &[u8], lines: u32) -> Result<(), ParquetError> {
        let encoding = match self.dictionary_at {
            Some(_) => Encoding::RLE_DICTIONARY,
            None => Encoding::PLAIN,
        };
        self.encodings.push(Encoding::PLAIN);
        let len = page.len();
        let page = Page::DataPage {
            buf: self.pack(page)?,
            num_values: lines,
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        self.data_at = self.put_page(page, len)?;
        Ok(())
    }

    fn pack(&mut self, page: &[u8]) -> Result<Bytes, ParquetError> {
        let packed = self.packer.compress_vec(page);
        let packed = packed.map_err(|error| ParquetError::External(Box::new(error)))?;
        Ok(packed.into())
    }

    /// Where it begins.
    fn put_page(&mut self, page: Page, unpacked_len: usize) -> Result<i64, ParquetError> {
        let page = CompressedPage::new(page, unpacked_len);
        let written = SerializedPageWriter::new(&mut self.place).write_page(page)?;
        self.len += written.compressed_size;
        self.unpacked_len += written.uncompressed_size;
        Ok(written.offset as i64)
    }

    fn close(
        self,
        description: &ColumnDescPtr,
        statistics: Option<Statistics>,
        lines: u32,
    ) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
        let metadata = ColumnChunkMetaData::builder(description.clone())
            .set_compression(Compression::SNAPPY)
            .set_encodings(self.encodings)
            .set_total_compressed_size(self.len as i64)
            .set_total_uncompressed_size(self.unpacked_len as i64)
            .set_num_values(i64::from(lines))
            .set_data_page_offset(self.data_at)
            .set_dictionary_page_offset(self.dictionary_at);
        let metadata = match statistics {
            Some(statistics) => metadata.set_statistics(statistics),
            None => metadata,
        };
        let closed = ColumnCloseResult {
            bytes_written: self.len as u64,
            rows_written: u64::from(lines),
            metadata: metadata.build()?,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok((self.place.into_inner()?.into(), closed))
    }
}
