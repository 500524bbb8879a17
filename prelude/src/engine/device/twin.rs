//! Memory that exists twice under one layout, on the host and on the device: where fed values go and fetched ones come
//! from. Small values lie side by side at the front and travel together.

use std::sync::Arc;

use flowbook_cuda::{Address, Buffer, Device};

use super::device_error;
use crate::engine::memory::Memory;
use crate::error::Result;

/// Values of fewer bytes travel together.
const SMALL: usize = 1 << 14;
/// What each value begins at a multiple of.
const LINE: usize = 256;

/// Both memories.
pub(super) struct Twin {
    device: Option<Buffer>,
    host: Memory,
    offsets: Vec<usize>,
    bytes: Vec<usize>,
    /// The bytes at the front that travel together.
    together: usize,
}

impl Twin {
    /// Memory for values of these sizes.
    ///
    /// # Errors
    /// `ResourceExhaustedError` when the device's memory is full.
    pub fn new(gpu: &Arc<dyn Device>, bytes: &[usize]) -> Result<Twin> {
        let mut offsets = vec![0; bytes.len()];
        let mut end = 0;
        let mut lay = |chosen: &dyn Fn(usize) -> bool| {
            for (offset, bytes) in offsets.iter_mut().zip(bytes).filter(|(_, n)| chosen(**n)) {
                *offset = end;
                end += bytes.next_multiple_of(LINE).max(LINE);
            }
            end
        };
        let together = lay(&|n| n < SMALL);
        let end = lay(&|n| n >= SMALL);
        let device = if end == 0 { None } else { Some(gpu.alloc(end).map_err(device_error)?) };
        Ok(Twin { device, host: Memory::new(end), offsets, bytes: bytes.to_vec(), together })
    }

    /// Where a value lies on the device.
    pub fn address(&self, i: usize) -> Address {
        self.device.as_ref().map_or(0, Buffer::address) + self.offsets[i] as Address
    }

    /// Where a value lies on the host.
    pub fn host(&mut self, i: usize) -> *mut u8 {
        self.host.at(self.offsets[i])
    }

    /// Whether a value travels with the other small ones.
    pub fn is_small(&self, i: usize) -> bool {
        self.bytes[i] < SMALL
    }

    /// Takes the small values to the device.
    pub fn upload_small(&mut self, gpu: &Arc<dyn Device>) -> Result<()> {
        let Some(device) = self.device.as_ref().filter(|_| self.together > 0) else { return Ok(()) };
        // SAFETY: the host's memory is at least as long, and nobody writes to it meanwhile.
        let from = unsafe { std::slice::from_raw_parts(self.host.at(0).cast_const(), self.together) };
        gpu.upload(device.address(), from).map_err(device_error)
    }

    /// Takes one value to the device, from where it lies here.
    pub fn upload(&mut self, gpu: &Arc<dyn Device>, i: usize) -> Result<()> {
        // SAFETY: as above.
        let from = unsafe { std::slice::from_raw_parts(self.host(i).cast_const(), self.bytes[i]) };
        gpu.upload(self.address(i), from).map_err(device_error)
    }

    /// Brings the small values from the device.
    pub fn download_small(&mut self, gpu: &Arc<dyn Device>) -> Result<()> {
        let Some(device) = self.device.as_ref().filter(|_| self.together > 0) else { return Ok(()) };
        // SAFETY: the host's memory is at least as long, and nobody looks at it meanwhile.
        let to = unsafe { std::slice::from_raw_parts_mut(self.host.at(0), self.together) };
        gpu.download(device.address(), to).map_err(device_error)
    }

    /// Brings one value from the device to where it belongs here.
    pub fn download(&mut self, gpu: &Arc<dyn Device>, i: usize) -> Result<()> {
        // SAFETY: as above.
        let to = unsafe { std::slice::from_raw_parts_mut(self.host(i), self.bytes[i]) };
        gpu.download(self.address(i), to).map_err(device_error)
    }
}
