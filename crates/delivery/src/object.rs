//! The bytes of an object: head line and lines, packed (`S3-2`), or Parquet (`S3-6`).

use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, GzBuilder};
use openvpc_flowlog::{FileFormat, Format};

use crate::parquet_object;

/// Lines of one object before packing: it is put sooner when it has this many bytes (`S3-1`).
pub const RAW_LEN_MAX_BYTES: usize = 75_000_000;

/// Flow-log lines repeat themselves so much that more effort gains little.
const EFFORT: u32 = 1;

/// An object to put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub content_type: &'static str,
    pub bytes: Vec<u8>,
}

/// Makes an object of a format's lines; the same lines give the same bytes.
///
/// # Errors
/// A line is not of the format.
pub fn object(
    format: &Format,
    file_format: FileFormat,
    texts: impl IntoIterator<Item = String>,
) -> Result<Object, String> {
    match file_format {
        FileFormat::PlainText => Ok(Object {
            content_type: "application/x-gzip",
            bytes: text(format, texts).map_err(|error| error.to_string())?,
        }),
        FileFormat::Parquet => {
            let texts = texts.into_iter().map(Bytes::from);
            Ok(Object {
                content_type: "application/vnd.apache.parquet",
                bytes: parquet_object::write(format, texts)?,
            })
        }
    }
}

fn text(format: &Format, texts: impl IntoIterator<Item = String>) -> std::io::Result<Vec<u8>> {
    let names: Vec<&str> = format.fields().iter().map(|field| field.name()).collect();
    let mut packed = GzBuilder::new().write(Vec::new(), Compression::new(EFFORT));
    packed.write_all(names.join(" ").as_bytes())?;
    packed.write_all(b"\n")?;
    for text in texts {
        packed.write_all(text.as_bytes())?;
    }
    packed.finish()
}
