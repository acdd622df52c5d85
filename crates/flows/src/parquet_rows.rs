//! Recorded flow logs as Parquet (`S3-6`): columns by name, with `_` or `-`, of whatever types can say a field's value.
//!
//! The footer stands at a file's end, so the whole file is held. Null is what a line shows as `-`.

use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use openvpc_flowlog::Field;
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::record::Field as Cell;
use parquet::record::reader::RowIter;

use crate::row::{Row, field_named};

/// A file that is held; one that AWS or this daemon delivers has less than 75 MB even as text.
pub const PARQUET_LEN_MAX: u64 = 256 << 20;
/// What every file begins and ends with.
pub const MAGIC: [u8; 4] = *b"PAR1";

/// The records of one file.
pub(crate) struct Rows {
    rows: RowIter<'static>,
    columns: Vec<Option<Field>>,
}

impl Rows {
    /// Reads a file's footer.
    ///
    /// # Errors
    /// It cannot be read, is no Parquet, or too long.
    pub(crate) fn open(input: impl Read) -> io::Result<Rows> {
        let mut bytes = Vec::new();
        input.take(PARQUET_LEN_MAX + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > PARQUET_LEN_MAX {
            return Err(bad(format!("longer than {PARQUET_LEN_MAX} bytes")));
        }
        whole(|| {
            let reader = SerializedFileReader::new(Bytes::from(bytes)).map_err(bad)?;
            let schema = reader.metadata().file_metadata().schema_descr();
            let columns = schema.columns().iter().map(|column| column.name());
            let columns = columns.map(field_named).collect();
            let rows = RowIter::from_file_into(Box::new(reader));
            Ok(Rows { rows, columns })
        })
    }

    /// Passes over all columns but those of some fields.
    pub(crate) fn only(&mut self, wanted: &[Field]) {
        for column in &mut self.columns {
            *column = column.filter(|field| wanted.contains(field));
        }
    }

    /// Sets the fields of the next record; `None` at the end.
    ///
    /// # Errors
    /// The file is damaged, and nothing more can be read; or, as text, a field says what it cannot say.
    pub(crate) fn next_into(
        &mut self,
        row: &mut Row,
    ) -> Option<io::Result<Result<(), crate::row::BadField>>> {
        let cells = match whole(|| self.rows.next().transpose().map_err(bad)) {
            Ok(cells) => cells?,
            Err(error) => return Some(Err(error)),
        };
        let named = cells.get_column_iter().zip(&self.columns);
        let set = named.filter_map(|((_, cell), field)| Some((field.as_ref()?, cell)));
        let said = set.into_iter().try_for_each(|(field, cell)| match cell {
            Cell::Null => Ok(()),
            Cell::Str(text) => row.set(*field, text),
            other => row.set(*field, &other.to_string()),
        });
        Some(Ok(said))
    }
}

/// A damaged file is an error, whatever the library makes of it.
fn whole<T>(read: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let outcome = catch_unwind(AssertUnwindSafe(read));
    outcome.unwrap_or_else(|_| Err(bad("a damaged Parquet file")))
}

fn bad(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
