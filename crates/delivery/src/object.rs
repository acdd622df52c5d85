//! The bytes of an object: head line and lines, packed (`S3-2`), or Parquet (`S3-6`).

use std::io::{self, Write};

use flate2::{Compression, GzBuilder};
use openvpc_flowlog::{FileFormat, Format, Records};

use crate::parquet_object;

/// Lines, or columns, of one object before packing: it is put sooner when it has this many bytes (`S3-1`).
pub const RAW_LEN_MAX_BYTES: usize = 75_000_000;

/// Flow-log lines repeat themselves so much that more effort gains little.
const EFFORT: u32 = 1;

/// An object to put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub content_type: &'static str,
    pub bytes: Vec<u8>,
}

/// Makes an object of records of a format; the same ones give the same bytes.
///
/// # Errors
/// A record is not of the format, or one for text is not a line.
pub fn object(
    format: &Format,
    file_format: FileFormat,
    records: impl IntoIterator<Item = Records>,
) -> Result<Object, String> {
    match file_format {
        FileFormat::PlainText => Ok(Object {
            content_type: "application/x-gzip",
            bytes: text(format, records).map_err(|error| error.to_string())?,
        }),
        FileFormat::Parquet => Ok(Object {
            content_type: "application/vnd.apache.parquet",
            bytes: parquet_object::write(format, records)?,
        }),
    }
}

fn text(format: &Format, records: impl IntoIterator<Item = Records>) -> io::Result<Vec<u8>> {
    let names: Vec<&str> = format.fields().iter().map(|field| field.name()).collect();
    let mut packed = GzBuilder::new().write(Vec::new(), Compression::new(EFFORT));
    packed.write_all(names.join(" ").as_bytes())?;
    packed.write_all(b"\n")?;
    for records in records {
        match records {
            Records::Lines(text) => packed.write_all(text.as_bytes())?,
            Records::Columns(_) => return Err(io::Error::other("columns for an object of lines")),
        }
    }
    packed.finish()
}
