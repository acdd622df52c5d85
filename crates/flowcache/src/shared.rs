//! Memory that the program and this process share: the values of an array map, mapped. Every access is atomic, for the
//! other side writes at any time.

use std::io;
use std::num::NonZeroUsize;
use std::os::fd::AsFd;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64};

use nix::sys::mman::{MapFlags, ProtFlags, mmap, mmap_anonymous, munmap};

/// Elements of one size, without a gap.
pub(crate) struct Shared {
    start: NonNull<libc::c_void>,
    element_len: usize,
    elements: usize,
}

// SAFETY: the memory is mapped for as long as this lives and is only accessed atomically.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Shared {
    /// Maps an array map that was made with `BPF_F_MMAPABLE`; `element_len` is its value size, a multiple of 8.
    pub(crate) fn map(fd: impl AsFd, element_len: u32, elements: u32) -> io::Result<Shared> {
        let protection = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        Shared::map_from(fd, protection, 0, element_len as usize, elements as usize)
    }

    /// Maps so many bytes from `offset` on, which the kernel lets nobody write.
    pub(crate) fn map_to_read(fd: impl AsFd, offset: usize, len: usize) -> io::Result<Shared> {
        Shared::map_from(fd, ProtFlags::PROT_READ, offset, len, 1)
    }

    fn map_from(
        fd: impl AsFd,
        protection: ProtFlags,
        offset: usize,
        element_len: usize,
        elements: usize,
    ) -> io::Result<Shared> {
        let len = NonZeroUsize::new(element_len * elements).ok_or(io::ErrorKind::InvalidInput)?;
        let offset = i64::try_from(offset).map_err(|_| io::ErrorKind::InvalidInput)?;
        // SAFETY: a new mapping, which only this value knows.
        let start = unsafe { mmap(None, len, protection, MapFlags::MAP_SHARED, fd, offset) }?;
        Ok(Shared {
            start,
            element_len,
            elements,
        })
    }

    /// The same without a kernel on the other side, for tests of what this process does.
    pub(crate) fn alone(element_len: u32, elements: u32) -> io::Result<Shared> {
        let (element_len, elements) = (element_len as usize, elements as usize);
        let len = NonZeroUsize::new(element_len * elements)
            .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        let protection = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: a new mapping, which only this value knows.
        let start = unsafe { mmap_anonymous(None, len, protection, MapFlags::MAP_PRIVATE) }?;
        Ok(Shared {
            start,
            element_len,
            elements,
        })
    }

    fn at<T>(&self, element: usize, offset: usize) -> *const T {
        let inside = offset + size_of::<T>() <= self.element_len;
        assert!(element < self.elements && inside && offset.is_multiple_of(align_of::<T>()));
        // SAFETY: within the mapping, as was just asserted.
        unsafe {
            let bytes = self.start.as_ptr().cast::<u8>();
            bytes.add(element * self.element_len + offset).cast()
        }
    }

    pub(crate) fn u8(&self, element: usize, offset: usize) -> &AtomicU8 {
        // SAFETY: aligned, inside the mapping, which lives as long as `self`; any bytes are a number.
        unsafe { &*self.at(element, offset) }
    }

    pub(crate) fn u16(&self, element: usize, offset: usize) -> &AtomicU16 {
        // SAFETY: as above.
        unsafe { &*self.at(element, offset) }
    }

    pub(crate) fn u32(&self, element: usize, offset: usize) -> &AtomicU32 {
        // SAFETY: as above.
        unsafe { &*self.at(element, offset) }
    }

    pub(crate) fn u64(&self, element: usize, offset: usize) -> &AtomicU64 {
        // SAFETY: as above.
        unsafe { &*self.at(element, offset) }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // SAFETY: nobody else has the mapping.
        let _ = unsafe { munmap(self.start, self.element_len * self.elements) };
    }
}
