//! Messages between daemon and data plane: a [`Channel`]'s, with what is long in a file in memory beside it.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::OwnedFd;

use nix::sys::memfd::{MFdFlags, memfd_create};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A parcel: a value of any length, as a file in memory.
///
/// # Errors
/// Without memory, or a value that cannot be written.
pub(crate) fn pack<T: Serialize>(value: &T) -> io::Result<OwnedFd> {
    put(&postcard::to_stdvec(value).map_err(io::Error::other)?)
}

/// The inverse of [`pack`].
///
/// # Errors
/// What is no such value.
pub(crate) fn unpack<T: DeserializeOwned>(parcel: OwnedFd) -> io::Result<T> {
    postcard::from_bytes(&take(parcel)?).map_err(io::Error::other)
}

/// As [`pack`], for values of `model`, whose shapes say themselves what may be left out.
///
/// # Errors
/// As [`pack`].
pub(crate) fn pack_text<T: Serialize>(value: &T) -> io::Result<OwnedFd> {
    put(&serde_json::to_vec(value)?)
}

/// The inverse of [`pack_text`].
///
/// # Errors
/// As [`unpack`].
pub(crate) fn unpack_text<T: DeserializeOwned>(parcel: OwnedFd) -> io::Result<T> {
    Ok(serde_json::from_slice(&take(parcel)?)?)
}

fn put(bytes: &[u8]) -> io::Result<OwnedFd> {
    let mut file = File::from(memfd_create("parcel", MFdFlags::MFD_CLOEXEC)?);
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file.into())
}

fn take(parcel: OwnedFd) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::from(parcel).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_again() {
        let value = vec![(7u32, "x".repeat(300_000))];
        let parcel = pack(&value).unwrap();
        assert_eq!(unpack::<Vec<(u32, String)>>(parcel).unwrap(), value);
        let parcel = pack_text(&value).unwrap();
        assert_eq!(unpack_text::<Vec<(u32, String)>>(parcel).unwrap(), value);
        assert!(unpack::<Vec<(u32, String)>>(put(b"\xff\xff").unwrap()).is_err());
    }
}
