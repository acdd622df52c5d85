//! Messages between daemon and data plane: a [`Channel`]'s, with what is long in a file in memory beside it.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::marker::PhantomData;
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

/// A parcel of values one after the other, of which neither end needs more than one in memory.
pub(crate) struct Series(File);

impl Series {
    /// An empty one.
    ///
    /// # Errors
    /// Without memory.
    pub(crate) fn new() -> io::Result<Series> {
        memfd().map(Series)
    }

    /// Adds a value.
    ///
    /// # Errors
    /// As [`pack`].
    pub(crate) fn put<T: Serialize>(&mut self, value: &T) -> io::Result<()> {
        let bytes = postcard::to_stdvec(value).map_err(io::Error::other)?;
        self.0.write_all(&(bytes.len() as u64).to_le_bytes())?;
        self.0.write_all(&bytes)
    }

    /// All that was put, to be sent.
    ///
    /// # Errors
    /// Never, as far as is known: a file in memory can be rewound.
    pub(crate) fn finish(mut self) -> io::Result<OwnedFd> {
        self.0.rewind()?;
        Ok(self.0.into())
    }
}

/// The values of a [`Series`] as they were put; after an error there are no more.
pub(crate) struct Values<T> {
    /// None once it has ended.
    file: Option<File>,
    of: PhantomData<T>,
}

impl<T: DeserializeOwned> Values<T> {
    pub(crate) fn of(parcel: OwnedFd) -> Values<T> {
        Values {
            file: Some(parcel.into()),
            of: PhantomData,
        }
    }

    fn read(file: &mut File) -> io::Result<Option<T>> {
        let mut len = [0; 8];
        match file.read(&mut len)? {
            0 => return Ok(None),
            read => file.read_exact(&mut len[read..])?,
        }
        let mut bytes = Vec::new();
        let len = u64::from_le_bytes(len);
        if file.take(len).read_to_end(&mut bytes)? as u64 != len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let value = postcard::from_bytes(&bytes).map_err(io::Error::other)?;
        Ok(Some(value))
    }
}

impl<T: DeserializeOwned> Iterator for Values<T> {
    type Item = io::Result<T>;

    fn next(&mut self) -> Option<io::Result<T>> {
        let read = Values::read(self.file.as_mut()?);
        if !matches!(read, Ok(Some(_))) {
            self.file = None;
        }
        read.transpose()
    }
}

fn put(bytes: &[u8]) -> io::Result<OwnedFd> {
    let mut file = memfd()?;
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file.into())
}

fn memfd() -> io::Result<File> {
    Ok(memfd_create("parcel", MFdFlags::MFD_CLOEXEC)?.into())
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
    fn a_series_comes_out_as_it_was_put() {
        let values: Vec<(u32, String)> = (0..100).map(|n| (n, "x".repeat(n as usize))).collect();
        let mut series = Series::new().unwrap();
        values.iter().for_each(|value| series.put(value).unwrap());
        let read: Result<Vec<_>, _> =
            Values::<(u32, String)>::of(series.finish().unwrap()).collect();
        assert_eq!(read.unwrap(), values);
        let none = Values::<u32>::of(Series::new().unwrap().finish().unwrap());
        assert_eq!(none.count(), 0);
    }

    #[test]
    fn a_series_that_is_cut_ends_with_an_error() {
        let mut series = Series::new().unwrap();
        series.put(&"whole").unwrap();
        series.put(&"cut off").unwrap();
        let parcel = series.finish().unwrap();
        let file = File::from(parcel.try_clone().unwrap());
        file.set_len(file.metadata().unwrap().len() - 1).unwrap();
        let mut read = Values::<String>::of(parcel);
        assert_eq!(read.next().unwrap().unwrap(), "whole");
        assert!(read.next().unwrap().is_err());
        assert!(read.next().is_none());
    }

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
