//! The bytes of an object: head line and lines, packed (`S3-2`), or Parquet (`S3-6`).

use bytes::Bytes;
use openvpc_flowlog::{FileFormat, Format};

use crate::line_gzip::LineGzip;
use crate::parquet_object;

/// Lines of one object before packing: it is put sooner when it has this many bytes (`S3-1`).
pub const RAW_LEN_MAX_BYTES: usize = 75_000_000;

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
            bytes: text(format, texts),
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

fn text(format: &Format, texts: impl IntoIterator<Item = String>) -> Vec<u8> {
    let names: Vec<&str> = format.fields().iter().map(|field| field.name()).collect();
    let mut packed = LineGzip::new();
    packed.pack((names.join(" ") + "\n").as_bytes());
    for text in texts {
        packed.pack(text.as_bytes());
    }
    packed.finish()
}
