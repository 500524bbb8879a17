//! Recordings that begin with a copy of what they are fed with. The pinned memory that this is fetched from takes turns
//! with others like it, each with a recording of its own, so that the next step is filled in while the last one runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Inner;
use super::driver::{Graph, Pinned};
use crate::device::{Feed, Prepared};
use crate::error::Result;
use crate::launch::Address;

/// How many steps may be on their way.
const TURNS: usize = 4;

/// A recording for each turn, with the works whose arguments they were made of.
pub(super) struct FedRecorded {
    inner: Arc<Inner>,
    turns: Vec<(Graph, Pinned)>,
    next: AtomicUsize,
    bytes: usize,
    _works: Vec<Prepared>,
}

// SAFETY: the pinned memory is written to and copied from under the stream's lock only.
unsafe impl Sync for FedRecorded {}

impl FedRecorded {
    /// Records, on the stream that the thread has locked.
    ///
    /// # Errors
    /// What the driver says; then nothing is kept.
    pub fn new(inner: &Arc<Inner>, to: Address, bytes: usize, works: &[Prepared]) -> Result<FedRecorded> {
        let (next, works) = (AtomicUsize::new(0), works.to_vec());
        let mut made =
            FedRecorded { inner: inner.clone(), turns: Vec::with_capacity(TURNS), next, bytes, _works: works };
        for _ in 0..TURNS {
            let turn = made.turn(to)?;
            made.turns.push(turn);
        }
        Ok(made)
    }

    fn turn(&self, to: Address) -> Result<(Graph, Pinned)> {
        let context = &self.inner.context;
        let pinned = Pinned::new(context, self.bytes)?;
        let recorded = context.record(|| {
            // SAFETY: as many bytes are pinned, and begin at `to` as the caller promises; nobody fills them in before the
            // copy of the turn before has been done.
            unsafe { context.upload(to, pinned.place, self.bytes)? };
            self._works.iter().try_for_each(|work| work.0.enqueue())
        });
        match recorded {
            Ok(graph) => Ok((graph, pinned)),
            Err(error) => {
                // SAFETY: nothing was recorded that knows it.
                unsafe { pinned.free(context) };
                Err(error)
            }
        }
    }
}

impl Feed for FedRecorded {
    fn run(&self, fill: &mut dyn FnMut(&mut [u8])) -> Result<()> {
        let context = &self.inner.context;
        let _order = context.lock()?;
        let (graph, pinned) = &self.turns[self.next.fetch_add(1, Ordering::Relaxed) % self.turns.len()];
        pinned.wait(context)?;
        // SAFETY: as many bytes are pinned, the device has fetched what was in them before, and the lock keeps others away.
        fill(unsafe { std::slice::from_raw_parts_mut(pinned.place, self.bytes) });
        context.replay(graph)?;
        pinned.mark(context)
    }
}

impl Drop for FedRecorded {
    fn drop(&mut self) {
        for (graph, pinned) in &self.turns {
            // SAFETY: both are this value's alone.
            unsafe {
                self.inner.context.destroy(graph);
                pinned.free(&self.inner.context);
            }
        }
    }
}
