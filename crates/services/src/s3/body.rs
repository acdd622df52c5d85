//! Bodies on their way in and out, in pieces: no object is ever whole in memory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use futures::{Stream, StreamExt};
use http::HeaderMap;
use hyper::body::Bytes;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256};
use s3s::dto::{Checksum, StreamingBlob};
use s3s::{S3Error, S3Result, TrailingHeaders};

use super::Store;
use super::blob::{Draft, Pin};
use super::index::Piece;
use super::refuse::{disk, refuse};

/// Largest body of one PUT.
const BODY_LEN_MAX: u64 = 5 << 30;
const CHUNK_LEN: usize = 256 << 10;

/// What the caller says of a body, before or after it.
#[derive(Default)]
pub struct Claims {
    pub len: Option<i64>,
    pub md5: Option<String>,
    /// By the algorithm's name, in base 64.
    pub checksums: BTreeMap<&'static str, String>,
    pub algorithm: Option<String>,
    pub trailers: Option<TrailingHeaders>,
}

pub const ALGORITHMS: [&str; 5] = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"];

/// Gathers the checksum members that all uploads share.
macro_rules! claims {
    ($request:expr) => {{
        let input = &mut $request.input;
        let mut checksums = std::collections::BTreeMap::new();
        for (name, value) in [
            ("CRC32", input.checksum_crc32.take()),
            ("CRC32C", input.checksum_crc32c.take()),
            ("CRC64NVME", input.checksum_crc64nvme.take()),
            ("SHA1", input.checksum_sha1.take()),
            ("SHA256", input.checksum_sha256.take()),
        ] {
            if let Some(value) = value {
                checksums.insert(name, value);
            }
        }
        let announced = $crate::s3::body::announced(&$request.headers);
        $crate::s3::body::Claims {
            len: input.content_length,
            md5: input.content_md5.take(),
            checksums,
            algorithm: announced.or_else(|| {
                input
                    .checksum_algorithm
                    .take()
                    .map(|a| a.as_str().to_owned())
            }),
            trailers: $request.trailing_headers.take(),
        }
    }};
}
pub(crate) use claims;

/// The checksum that `x-amz-trailer` says will follow the body.
pub fn announced(headers: &HeaderMap) -> Option<String> {
    let trailer = headers.get("x-amz-trailer")?.to_str().ok()?;
    let name = trailer.trim().strip_prefix("x-amz-checksum-")?;
    Some(name.to_ascii_uppercase())
}

/// A body on the disk, durable but not yet named by the index.
pub struct Received {
    pub draft: Draft,
    pub piece: Piece,
    pub md5: Vec<u8>,
    pub checksums: BTreeMap<String, String>,
}

/// The values of a computed set of checksums, by name.
pub fn named(sum: Checksum) -> BTreeMap<String, String> {
    [
        ("CRC32", sum.checksum_crc32),
        ("CRC32C", sum.checksum_crc32c),
        ("CRC64NVME", sum.checksum_crc64nvme),
        ("SHA1", sum.checksum_sha1),
        ("SHA256", sum.checksum_sha256),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect()
}

impl Store {
    /// Writes a body to the disk and holds it against what was said of it.
    ///
    /// # Errors
    /// `BadDigest`, `InvalidDigest`, `IncompleteBody`, `EntityTooLarge`, a full disk.
    pub async fn receive(&self, body: Option<StreamingBlob>, claims: Claims) -> S3Result<Received> {
        let _turn = self.transfers.clone().acquire_owned().await;
        let expected = claims.len.and_then(|len| u64::try_from(len).ok());
        self.blobs
            .room_for(expected.unwrap_or(0))
            .map_err(|e| disk(&e))?;
        let (draft, mut file) = self.blobs.draft().map_err(|e| disk(&e))?;
        let mut hasher = hasher(&claims);
        let mut md5 = Md5::new();
        let mut len = 0_u64;
        if let Some(mut body) = body {
            let mut room_checked = 0;
            while let Some(chunk) = body.next().await {
                let chunk = chunk.map_err(|error| match error.downcast::<S3Error>() {
                    Ok(refusal) => *refusal,
                    Err(error) => refuse(
                        "IncompleteBody",
                        400,
                        format!("The request body did not arrive whole: {error}"),
                    ),
                })?;
                len += chunk.len() as u64;
                if len > BODY_LEN_MAX {
                    return Err(refuse(
                        "EntityTooLarge",
                        400,
                        "Your proposed upload exceeds the maximum allowed size",
                    ));
                }
                if len - room_checked > 8 << 20 {
                    self.blobs.room_for(0).map_err(|e| disk(&e))?;
                    room_checked = len;
                }
                // Hashing and writing a chunk takes well under a millisecond; `file` is buffered by
                // the kernel and only the sync below waits for the disk.
                md5.update(&chunk);
                hasher.update(&chunk);
                file.write_all(&chunk).map_err(|e| disk(&e))?;
            }
        }
        let md5 = md5.finalize().as_ref().to_vec();
        let checksums = named(hasher.finalize());
        check(&claims, &md5, &checksums)?;
        let blobs = self.blobs.clone();
        let synced = tokio::task::spawn_blocking(move || {
            blobs.sync(&file)?;
            blobs.sync_names()
        });
        synced
            .await
            .map_err(|_| refuse("InternalError", 500, "the disk did not answer"))?
            .map_err(|e| disk(&e))?;
        Ok(Received {
            piece: Piece {
                blob: draft.id().to_owned(),
                len,
            },
            draft,
            md5,
            checksums,
        })
    }
}

/// Computes what the caller names, else what AWS would: CRC-64/NVME.
pub fn hasher(claims: &Claims) -> ChecksumHasher {
    let mut hasher = ChecksumHasher::default();
    let asked = |name: &str| {
        claims.checksums.contains_key(name) || claims.algorithm.as_deref() == Some(name)
    };
    hasher.crc32 = asked("CRC32").then(Crc32::new);
    hasher.crc32c = asked("CRC32C").then(Crc32c::new);
    hasher.sha1 = asked("SHA1").then(Sha1::new);
    hasher.sha256 = asked("SHA256").then(Sha256::new);
    let none = !ALGORITHMS.iter().any(|name| asked(name));
    hasher.crc64nvme = (none || asked("CRC64NVME")).then(Crc64Nvme::new);
    hasher
}

/// Holds what was said of a body against what was computed.
///
/// # Errors
/// `BadDigest`, `InvalidDigest`.
pub fn check(claims: &Claims, md5: &[u8], computed: &BTreeMap<String, String>) -> S3Result<()> {
    if let Some(said) = &claims.md5 {
        let known = base64(md5);
        if said.len() != known.len() {
            return Err(refuse(
                "InvalidDigest",
                400,
                "The Content-MD5 you specified was invalid.",
            ));
        }
        if *said != known {
            return Err(refuse(
                "BadDigest",
                400,
                "The Content-MD5 you specified did not match what we received.",
            ));
        }
    }
    let mut said: BTreeMap<String, String> = claims
        .checksums
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    if let Some(trailers) = claims.trailers.as_ref().and_then(TrailingHeaders::take) {
        for name in ALGORITHMS {
            let header = format!("x-amz-checksum-{}", name.to_ascii_lowercase());
            if let Some(value) = trailers.get(&header).and_then(|v| v.to_str().ok()) {
                said.insert(name.to_owned(), value.to_owned());
            }
        }
    }
    for (name, value) in said {
        if computed.get(&name) != Some(&value) {
            return Err(refuse(
                "BadDigest",
                400,
                format!("The {name} you specified did not match the calculated checksum."),
            ));
        }
    }
    Ok(())
}

/// Standard base 64 (RFC 4648 §4).
pub fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let mut bits = 0_u32;
        for i in 0..3 {
            bits = bits << 8 | u32::from(group.get(i).copied().unwrap_or(0));
        }
        for i in 0..4 {
            match i <= group.len() {
                true => text.push(ALPHABET[(bits >> (18 - 6 * i) & 63) as usize] as char),
                false => text.push('='),
            }
        }
    }
    text
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of a range of an object, read as the receiver takes them.
pub fn stream(
    store: Arc<Store>,
    pieces: Vec<Piece>,
    pin: Pin,
    range: std::ops::Range<u64>,
) -> StreamingBlob {
    StreamingBlob::wrap(Box::pin(chunks(store, pieces, pin, range)))
}

fn chunks(
    store: Arc<Store>,
    pieces: Vec<Piece>,
    pin: Pin,
    range: std::ops::Range<u64>,
) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + Sync {
    struct Reading {
        store: Arc<Store>,
        pieces: std::vec::IntoIter<Piece>,
        open: Option<(File, u64)>,
        skip: u64,
        left: u64,
        _pin: Pin,
    }
    let reading = Reading {
        store,
        pieces: pieces.into_iter(),
        open: None,
        skip: range.start,
        left: range.end - range.start,
        _pin: pin,
    };
    futures::stream::try_unfold(reading, |mut reading| async move {
        let read = tokio::task::spawn_blocking(move || -> std::io::Result<_> {
            while reading.left > 0 {
                let Some((file, rest)) = &mut reading.open else {
                    let Some(piece) = reading.pieces.next() else {
                        return Err(std::io::ErrorKind::UnexpectedEof.into());
                    };
                    if reading.skip >= piece.len {
                        reading.skip -= piece.len;
                        continue;
                    }
                    let mut file = File::open(reading.store.blobs.path(&piece.blob))?;
                    file.seek(SeekFrom::Start(reading.skip))?;
                    reading.open = Some((file, piece.len - reading.skip));
                    reading.skip = 0;
                    continue;
                };
                let want = (*rest).min(reading.left).min(CHUNK_LEN as u64) as usize;
                let mut buffer = vec![0; want];
                file.read_exact(&mut buffer)?;
                *rest -= want as u64;
                reading.left -= want as u64;
                if *rest == 0 {
                    reading.open = None;
                }
                return Ok(Some((Bytes::from(buffer), reading)));
            }
            Ok(None)
        });
        read.await.map_err(std::io::Error::other)?
    })
}

#[cfg(test)]
mod tests {
    /// RFC 4648 §10.
    #[test]
    fn base64_pads_as_the_rfc_shows() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ] {
            assert_eq!(super::base64(bytes.as_bytes()), text);
        }
    }
}
