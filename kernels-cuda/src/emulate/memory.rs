//! The emulated device's memory: pieces of this process's, each followed by bytes that nobody may write. An address on the
//! device is not the one here: whoever uses it without asking the device crashes, as with a real one.

use std::alloc::{Layout, alloc, dealloc};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::watch::Range;
use crate::device::{MemoryReport, Owner};
use crate::error::{Error, Result};
use crate::launch::Address;

const ALIGN: usize = 256;
/// How much an address on the device is more than the one here. No address of a process is that high.
const APART: Address = 1 << 60;
/// What fresh memory holds: as floats not a number, so that nobody relies on zeros.
const FRESH: u8 = 0xff;
const GUARD: u8 = 0xa5;
const GUARD_BYTES: usize = 256;

#[derive(Default)]
struct State {
    /// Address and size of each buffer.
    buffers: BTreeMap<Address, usize>,
    held: usize,
    peak: usize,
    overruns: usize,
}

/// All buffers of one emulated device.
pub(super) struct Memory {
    total: usize,
    name: String,
    state: Mutex<State>,
}

fn rounded(bytes: usize) -> usize {
    bytes.max(1).next_multiple_of(ALIGN)
}

fn layout(bytes: usize) -> Option<Layout> {
    Layout::from_size_align(bytes.checked_add(2 * ALIGN + GUARD_BYTES)?, ALIGN).ok()
}

impl Memory {
    pub fn new(total: usize, name: String) -> Memory {
        Memory { total, name, state: Mutex::default() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn report(&self) -> MemoryReport {
        let state = self.state();
        MemoryReport { free: self.total - state.held, total: self.total, held: state.held, peak: state.peak }
    }

    /// How many buffers turned out, when they were freed, to have been written past their end.
    pub fn overruns(&self) -> usize {
        self.state().overruns
    }

    pub fn alloc(&self, bytes: usize) -> Result<Address> {
        let mut state = self.state();
        let free = self.total - state.held;
        let full = Error::OutOfMemory { device: self.name.clone(), asked: bytes, free, total: self.total };
        let (Some(layout), true) = (layout(bytes), bytes <= free && rounded(bytes) <= free) else { return Err(full) };
        // SAFETY: the layout's size is not 0, and all of its bytes are written at once.
        let place = unsafe {
            let place = alloc(layout);
            if place.is_null() {
                return Err(full);
            }
            place.write_bytes(FRESH, bytes);
            place.add(bytes).write_bytes(GUARD, layout.size() - bytes);
            place
        };
        state.held += rounded(bytes);
        state.peak = state.peak.max(state.held);
        let address = place as Address + APART;
        state.buffers.insert(address, bytes);
        Ok(address)
    }

    /// Where in this process the buffers are, in order.
    pub fn ranges(&self) -> Vec<Range> {
        let state = self.state();
        let range = |(at, size): (&Address, &usize)| Range { start: at - APART, end: at - APART + *size as Address };
        state.buffers.iter().map(range).collect()
    }

    /// Says where in this process `bytes` from an address on lie, unless they leave their buffer.
    pub fn place(&self, address: Address, bytes: usize) -> Result<*mut u8> {
        let state = self.state();
        let buffer = state.buffers.range(..=address).next_back();
        let inside = buffer.is_some_and(|(start, size)| {
            let offset = (address - start) as usize;
            offset <= *size && bytes <= size - offset
        });
        if !inside {
            return Err(Error::Invalid(format!("{bytes} bytes at {address:#x} are not in a buffer of this device")));
        }
        Ok((address - APART) as *mut u8)
    }
}

impl Owner for Memory {
    fn free(&self, address: Address, bytes: usize) {
        let mut state = self.state();
        if state.buffers.remove(&address) != Some(bytes) {
            return;
        }
        state.held -= rounded(bytes);
        let layout = layout(bytes).expect("it was allocated with this layout");
        let place = (address - APART) as *mut u8;
        // SAFETY: `alloc` wrote all bytes of this layout at this place, and the buffer that is dropped was its only user.
        unsafe {
            let guard = std::slice::from_raw_parts(place.add(bytes), layout.size() - bytes);
            state.overruns += usize::from(guard.iter().any(|b| *b != GUARD));
            dealloc(place, layout);
        }
    }
}
