//! Memory that exists twice under one layout, on the host and on the device: where fed values go and fetched ones come
//! from. What travels together lies side by side at the front, what stays on the host at the end.

use std::sync::Arc;

use flowbook_cuda::{Address, Buffer, Device};

use super::device_error;
use crate::engine::memory::Memory;
use crate::error::Result;

/// Results of fewer bytes travel together: the others go to arrays of their own.
const SMALL: usize = 1 << 14;
/// Feeds travel together when all of them have so many bytes at most.
const FEEDS: usize = 1 << 20;
/// What each value begins at a multiple of.
const LINE: usize = 256;

/// How a value travels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    Together,
    Alone,
    /// It is the host's alone.
    Stays,
}

/// Both memories.
pub(super) struct Twin {
    device: Option<Buffer>,
    host: Memory,
    offsets: Vec<usize>,
    bytes: Vec<usize>,
    ways: Vec<Way>,
    /// The bytes at the front that travel together.
    together: usize,
}

impl Twin {
    /// Memory for feeds of these sizes, each with whether the device wants it.
    ///
    /// # Errors
    /// `ResourceExhaustedError` when the device's memory is full.
    pub fn feeds(gpu: &Arc<dyn Device>, feeds: &[(usize, bool)]) -> Result<Twin> {
        let total: usize = feeds.iter().filter(|(_, wanted)| *wanted).map(|(bytes, _)| bytes).sum();
        let way = |(bytes, wanted): &(usize, bool)| match wanted {
            false => Way::Stays,
            true if total <= FEEDS || *bytes < SMALL => Way::Together,
            true => Way::Alone,
        };
        Twin::new(gpu, feeds.iter().map(|feed| feed.0).collect(), feeds.iter().map(way).collect())
    }

    /// Memory for results of these sizes.
    ///
    /// # Errors
    /// As [`feeds`](Self::feeds).
    pub fn results(gpu: &Arc<dyn Device>, bytes: Vec<usize>) -> Result<Twin> {
        let ways = bytes.iter().map(|bytes| if *bytes < SMALL { Way::Together } else { Way::Alone }).collect();
        Twin::new(gpu, bytes, ways)
    }

    fn new(gpu: &Arc<dyn Device>, bytes: Vec<usize>, ways: Vec<Way>) -> Result<Twin> {
        let mut offsets = vec![0; bytes.len()];
        let mut end = 0;
        let mut lay = |way: Way| {
            for (i, offset) in offsets.iter_mut().enumerate().filter(|(i, _)| ways[*i] == way) {
                *offset = end;
                end += bytes[i].next_multiple_of(LINE).max(LINE);
            }
            end
        };
        let (together, travels, end) = (lay(Way::Together), lay(Way::Alone), lay(Way::Stays));
        let device = if travels == 0 { None } else { Some(gpu.alloc(travels).map_err(device_error)?) };
        Ok(Twin { device, host: Memory::new(end), offsets, bytes, ways, together })
    }

    /// Where what travels together begins on the device, and its bytes.
    pub fn together(&self) -> (Address, usize) {
        (self.device.as_ref().map_or(0, Buffer::address), self.together)
    }

    /// Where a value begins in what travels together.
    pub fn offset(&self, i: usize) -> usize {
        self.offsets[i]
    }

    /// Where a value lies on the device.
    pub fn address(&self, i: usize) -> Address {
        self.device.as_ref().map_or(0, Buffer::address) + self.offsets[i] as Address
    }

    /// Where a value lies on the host.
    pub fn host(&mut self, i: usize) -> *mut u8 {
        self.host.at(self.offsets[i])
    }

    /// Whether a value travels with others.
    pub fn is_together(&self, i: usize) -> bool {
        self.ways[i] == Way::Together
    }

    /// What the host has of what travels together.
    pub fn front(&mut self) -> &[u8] {
        // SAFETY: the memory is as long, and lent as long as the slice is.
        unsafe { std::slice::from_raw_parts(self.host.at(0).cast_const(), self.together) }
    }

    /// Takes what travels together to the device.
    pub fn upload_together(&mut self, gpu: &Arc<dyn Device>) -> Result<()> {
        let (to, bytes) = self.together();
        if bytes == 0 { Ok(()) } else { gpu.upload(to, self.front()).map_err(device_error) }
    }

    /// Takes one value to the device, from where it lies here.
    pub fn upload(&mut self, gpu: &Arc<dyn Device>, i: usize) -> Result<()> {
        // SAFETY: the host's memory is at least as long, and nobody writes to it meanwhile.
        let from = unsafe { std::slice::from_raw_parts(self.host(i).cast_const(), self.bytes[i]) };
        gpu.upload(self.address(i), from).map_err(device_error)
    }

    /// Brings what travels together from the device.
    pub fn download_together(&mut self, gpu: &Arc<dyn Device>) -> Result<()> {
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
