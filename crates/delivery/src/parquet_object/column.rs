//! One column of a group of rows, and its pages.
//!
//! The pages are our own, for a writer that must be ready for any value takes several times as long: texts are numbers in a
//! dictionary, unless most differ; numbers lie one after the other. What the pages' heads and the file's end look like
//! is the library's.

use bytes::Bytes;
use openvpc_flowlog::{Column, Kind, Values};
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::{Statistics, ValueStatistics};
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use snap::raw::{Encoder, max_compress_len};

use super::dictionary::Dictionary;
use super::hybrid;

/// Rows of one page, but for those that come with its last part.
const PAGE_ROWS_MAX: usize = 10_000;

/// One column of some records.
#[derive(Clone, Copy)]
pub(super) struct Part<'r> {
    pub rows: usize,
    pub column: &'r Column,
}

/// Room that pages use one after the other, so that it stays in the processor's cache.
pub(super) struct Scratch {
    page: Vec<u8>,
    packed: Vec<u8>,
    packer: Encoder,
}

impl Scratch {
    pub(super) fn new() -> Scratch {
        Scratch {
            page: Vec::new(),
            packed: Vec::new(),
            packer: Encoder::new(),
        }
    }
}

/// A column's pages, and what the file's end says of them. The parts are of its kind and whole.
pub(super) fn write(
    kind: Kind,
    parts: &[Part],
    description: &ColumnDescPtr,
    scratch: &mut Scratch,
) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
    let mut pages = Pages::new(scratch);
    // Whoever looks for times or counts passes over what has none; the least and the greatest of texts help nobody.
    let absent = Some(absent(parts).count() as u64);
    let statistics = match kind {
        Kind::Int32 => {
            let (min, max) = pages.put_numbers(parts, int32s, i32::to_le_bytes)?;
            let of = ValueStatistics::new(min, max, None, absent, false);
            Some(Statistics::from(of.with_backwards_compatible_min_max(true)))
        }
        Kind::Int64 => {
            let (min, max) = pages.put_numbers(parts, int64s, i64::to_le_bytes)?;
            let of = ValueStatistics::new(min, max, None, absent, false);
            Some(Statistics::from(of.with_backwards_compatible_min_max(true)))
        }
        Kind::Text => {
            pages.put_texts(parts)?;
            None
        }
    };
    let rows = parts.iter().map(|part| part.rows).sum();
    pages.close(description, statistics, rows)
}

fn int32s(column: &Column) -> &[i32] {
    match &column.values {
        Values::Int32(values) => values,
        _ => &[],
    }
}

fn int64s(column: &Column) -> &[i64] {
    match &column.values {
        Values::Int64(values) => values,
        _ => &[],
    }
}

/// Values but for those of rows that have none.
fn present<'v, T>(values: &'v [T], absent: &'v [u32]) -> impl Iterator<Item = &'v [T]> {
    let ends = absent.iter().map(|row| *row as usize);
    let mut from = 0;
    ends.chain([values.len()]).map(move |end| {
        let until_there = values.get(from..end);
        from = end + 1;
        until_there.unwrap_or_default()
    })
}

/// For each row whether there is a value, with its length before; `absent` are rows without one.
fn put_levels(page: &mut Vec<u8>, rows: usize, absent: impl Iterator<Item = usize>) {
    let (mut levels, mut absent) = (Vec::new(), absent.peekable());
    if absent.peek().is_none() {
        hybrid::put_run(&mut levels, 1, rows, 1);
    } else {
        let mut defined = vec![1; rows];
        absent.for_each(|row| defined[row] = 0);
        hybrid::put(&mut levels, &defined, 1);
    }
    page.extend_from_slice(&(levels.len() as u32).to_le_bytes());
    page.extend_from_slice(&levels);
}

/// Rows without a value, counted through all parts.
fn absent(parts: &[Part]) -> impl Iterator<Item = usize> {
    let mut from = 0;
    parts.iter().flat_map(move |part| {
        let begin = from;
        from += part.rows;
        let absent = part.column.absent.iter();
        absent.map(move |row| begin + *row as usize)
    })
}

fn put_plain<T: Copy, const N: usize>(page: &mut Vec<u8>, values: &[T], bytes: fn(T) -> [u8; N]) {
    let from = page.len();
    page.resize(from + values.len() * N, 0);
    let (places, _) = page[from..].as_chunks_mut();
    for (place, value) in places.iter_mut().zip(values) {
        *place = bytes(*value);
    }
}

/// A column's pages so far.
struct Pages<'s> {
    place: TrackedWrite<Vec<u8>>,
    scratch: &'s mut Scratch,
    len: usize,
    unpacked_len: usize,
    dictionary_at: Option<i64>,
    data_at: Option<i64>,
}

impl Pages<'_> {
    fn new(scratch: &mut Scratch) -> Pages<'_> {
        Pages {
            place: TrackedWrite::new(Vec::new()),
            scratch,
            len: 0,
            unpacked_len: 0,
            dictionary_at: None,
            data_at: None,
        }
    }

    /// Puts numbers one after the other; the least and the greatest.
    fn put_numbers<T: Copy + Ord, const N: usize>(
        &mut self,
        parts: &[Part],
        values_of: fn(&Column) -> &[T],
        bytes: fn(T) -> [u8; N],
    ) -> Result<(Option<T>, Option<T>), ParquetError> {
        let mut bounds: Option<(T, T)> = None;
        let mut rows = 0;
        let are_of_one_page = |part: &Part, _: &Part| {
            rows += part.rows;
            let is_full = rows >= PAGE_ROWS_MAX;
            if is_full {
                rows = 0;
            }
            !is_full
        };
        for parts in parts.chunk_by(are_of_one_page) {
            let rows = parts.iter().map(|part| part.rows).sum();
            let page = self.begin();
            put_levels(page, rows, absent(parts));
            for part in parts {
                for values in present(values_of(part.column), &part.column.absent) {
                    put_plain(page, values, bytes);
                    if let Some(first) = values.first() {
                        let (known_min, known_max) = bounds.unwrap_or((*first, *first));
                        bounds = Some((
                            values.iter().copied().fold(known_min, T::min),
                            values.iter().copied().fold(known_max, T::max),
                        ));
                    }
                }
            }
            self.put(rows)?;
        }
        Ok(bounds.unzip())
    }

    /// Puts texts as numbers in a dictionary, unless most differ.
    fn put_texts(&mut self, parts: &[Part]) -> Result<(), ParquetError> {
        let mut texts = Dictionary::default();
        for part in parts {
            texts.add(part.rows, part.column);
        }
        let is_worth_it = texts.len() <= texts.numbers().len() / 2;
        if is_worth_it {
            self.put_dictionary(&texts)?;
        }
        let width = hybrid::width(texts.len().saturating_sub(1) as u32);
        for numbers in texts.numbers().chunks(PAGE_ROWS_MAX) {
            let page = self.begin();
            put_levels(page, numbers.len(), std::iter::empty());
            if is_worth_it {
                page.push(width as u8);
                hybrid::put(page, numbers, width);
            } else {
                texts.put_plain(numbers, page);
            }
            self.put(numbers.len())?;
        }
        Ok(())
    }

    fn put_dictionary(&mut self, texts: &Dictionary) -> Result<(), ParquetError> {
        self.begin().extend_from_slice(texts.bytes());
        let page = Page::DictionaryPage {
            buf: self.pack()?,
            num_values: texts.len() as u32,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        self.dictionary_at = Some(self.put_page(page)?);
        Ok(())
    }

    /// Room for the next page.
    fn begin(&mut self) -> &mut Vec<u8> {
        self.scratch.page.clear();
        &mut self.scratch.page
    }

    /// Puts the page of values that was made.
    fn put(&mut self, rows: usize) -> Result<(), ParquetError> {
        let page = Page::DataPage {
            buf: self.pack()?,
            num_values: rows as u32,
            encoding: match self.dictionary_at {
                Some(_) => Encoding::RLE_DICTIONARY,
                None => Encoding::PLAIN,
            },
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        let at = self.put_page(page)?;
        self.data_at.get_or_insert(at);
        Ok(())
    }

    fn pack(&mut self) -> Result<Bytes, ParquetError> {
        let Scratch {
            page,
            packed,
            packer,
        } = &mut *self.scratch;
        let len_max = max_compress_len(page.len());
        if packed.len() < len_max {
            packed.resize(len_max, 0);
        }
        let len = packer.compress(page, packed);
        let len = len.map_err(|error| ParquetError::External(Box::new(error)))?;
        Ok(Bytes::copy_from_slice(&packed[..len]))
    }

    /// Where it begins.
    fn put_page(&mut self, page: Page) -> Result<i64, ParquetError> {
        let page = CompressedPage::new(page, self.scratch.page.len());
        let written = SerializedPageWriter::new(&mut self.place).write_page(page)?;
        self.len += written.compressed_size;
        self.unpacked_len += written.uncompressed_size;
        Ok(written.offset as i64)
    }

    fn close(
        self,
        description: &ColumnDescPtr,
        statistics: Option<Statistics>,
        rows: usize,
    ) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
        // Of the levels and of the values.
        let encodings = match self.dictionary_at {
            Some(_) => vec![Encoding::RLE, Encoding::RLE_DICTIONARY, Encoding::PLAIN],
            None => vec![Encoding::RLE, Encoding::PLAIN],
        };
        let metadata = ColumnChunkMetaData::builder(description.clone())
            .set_compression(Compression::SNAPPY)
            .set_encodings(encodings)
            .set_total_compressed_size(self.len as i64)
            .set_total_uncompressed_size(self.unpacked_len as i64)
            .set_num_values(rows as i64)
            .set_data_page_offset(self.data_at.unwrap_or_default())
            .set_dictionary_page_offset(self.dictionary_at);
        let metadata = match statistics {
            Some(statistics) => metadata.set_statistics(statistics),
            None => metadata,
        };
        let closed = ColumnCloseResult {
            bytes_written: self.len as u64,
            rows_written: rows as u64,
            metadata: metadata.build()?,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok((self.place.into_inner()?.into(), closed))
    }
}
