//! The device's memory, kept once it was allocated: what is given back serves the next request of about that size. All
//! work is on one stream, so a piece may be used again at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::driver::Context;
use crate::device::{MemoryReport, Owner};
use crate::error::{Error, Result};
use crate::launch::Address;

/// Pieces are multiples of this, as the driver's own are.
const UNIT: usize = 512;
/// Pieces larger than this are multiples of it.
const LARGE: usize = 2 << 20;

#[derive(Default)]
struct State {
    /// Pieces that nobody uses, by size.
    idle: BTreeMap<usize, Vec<Address>>,
    idle_bytes: usize,
    /// The sizes of the pieces in use.
    used: BTreeMap<Address, usize>,
    held: usize,
    peak: usize,
}

pub(super) struct Pool {
    context: Arc<Context>,
    name: String,
    state: Mutex<State>,
}

/// The size of the piece for a request.
fn piece(bytes: usize) -> Option<usize> {
    bytes.max(1).checked_next_multiple_of(if bytes > LARGE { LARGE } else { UNIT })
}

impl Pool {
    pub fn new(context: Arc<Context>, name: String) -> Pool {
        Pool { context, name, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn report(&self) -> Result<MemoryReport> {
        self.context.bind()?;
        let (free, total) = self.context.memory()?;
        let state = self.state();
        Ok(MemoryReport { free: free + state.idle_bytes, total, held: state.held, peak: state.peak })
    }

    /// A piece of at least as many bytes.
    pub fn alloc(&self, bytes: usize) -> Result<Address> {
        self.context.bind()?;
        let mut state = self.state();
        let Some(size) = piece(bytes) else { return Err(self.full(bytes, &state)) };
        let (size, address) = match state.take(size) {
            Some(found) => found,
            None => match self.context.alloc(size)? {
                Some(address) => (size, address),
                None => (size, self.alloc_after_trim(bytes, size, &mut state)?),
            },
        };
        state.used.insert(address, size);
        state.held += size;
        state.peak = state.peak.max(state.held);
        Ok(address)
    }

    /// Gives all idle pieces back to the driver and tries once more.
    fn alloc_after_trim(&self, bytes: usize, size: usize, state: &mut State) -> Result<Address> {
        let _order = self.context.lock()?;
        self.context.synchronize()?;
        for address in std::mem::take(&mut state.idle).into_values().flatten() {
            // SAFETY: nobody uses the piece, and all work that did is over.
            unsafe { self.context.free(address)? };
        }
        state.idle_bytes = 0;
        self.context.alloc(size)?.ok_or_else(|| self.full(bytes, state))
    }

    fn full(&self, asked: usize, state: &State) -> Error {
        let (free, total) = self.context.memory().unwrap_or_default();
        Error::OutOfMemory { device: self.name.clone(), asked, free: free + state.idle_bytes, total }
    }
}

impl State {
    /// An idle piece of the size, or of up to a quarter more, and its size.
    fn take(&mut self, size: usize) -> Option<(usize, Address)> {
        let found = *self.idle.range(size..=size + size / 4).next()?.0;
        let pieces = self.idle.get_mut(&found)?;
        let address = pieces.pop()?;
        if pieces.is_empty() {
            self.idle.remove(&found);
        }
        self.idle_bytes -= found;
        Some((found, address))
    }
}

impl Owner for Pool {
    fn free(&self, address: Address, _bytes: usize) {
        let mut state = self.state();
        if let Some(size) = state.used.remove(&address) {
            state.held -= size;
            state.idle_bytes += size;
            state.idle.entry(size).or_default().push(address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_rounded_and_taken_again_when_they_fit() {
        assert_eq!([0, 1, 512, 513, LARGE, LARGE + 1].map(piece), [512, 512, 512, 1024, LARGE, 2 * LARGE].map(Some));
        assert_eq!(piece(usize::MAX), None);
        let mut state = State { idle: BTreeMap::from([(1024, vec![1, 2]), (4096, vec![3])]), ..State::default() };
        state.idle_bytes = 2 * 1024 + 4096;
        assert_eq!(state.take(1024), Some((1024, 2)));
        assert_eq!(state.take(900), Some((1024, 1)));
        assert_eq!(state.take(1024), None);
        assert_eq!(state.take(2048), None);
        assert_eq!((state.take(4000), state.idle_bytes, state.idle.len()), (Some((4096, 3)), 0, 0));
    }
}
