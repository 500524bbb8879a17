//! Recordings that begin with a copy of what they are fed with. The pinned memory that this is fetched from takes turns
//! with others like it, each with a recording of its own, so that the next step is filled in while the last one runs.

use std::sync::{Arc, Mutex, PoisonError};

use super::Inner;
use super::driver::{Graph, Pinned};
use crate::device::{Feed, Prepared};
use crate::error::Result;
use crate::launch::Address;

/// How many steps may be on their way.
const TURNS: usize = 4;

/// A recording for each turn, made when it is the turn's first time, of the same works.
pub(super) struct FedRecorded {
    inner: Arc<Inner>,
    to: Address,
    bytes: usize,
    works: Vec<Prepared>,
    turns: Mutex<Turns>,
}

struct Turns {
    made: Vec<(Graph, Pinned)>,
    next: usize,
}

impl FedRecorded {
    /// Records, on the stream that the thread has locked.
    ///
    /// # Errors
    /// What the driver says; then nothing is kept.
    pub fn new(inner: &Arc<Inner>, to: Address, bytes: usize, works: &[Prepared]) -> Result<FedRecorded> {
        let turns = Mutex::new(Turns { made: Vec::with_capacity(TURNS), next: 0 });
        let fed = FedRecorded { inner: inner.clone(), to, bytes, works: works.to_vec(), turns };
        let first = fed.turn()?;
        fed.turns.lock().unwrap_or_else(PoisonError::into_inner).made.push(first);
        Ok(fed)
    }

    fn turn(&self) -> Result<(Graph, Pinned)> {
        let context = &self.inner.context;
        let pinned = Pinned::new(context, self.bytes)?;
        let recorded = context.record(|| {
            // SAFETY: as many bytes are pinned, and begin at `to` as the caller promises; nobody fills them in before the
            // copy of the turn before has been done.
            unsafe { context.upload(self.to, pinned.place, self.bytes)? };
            self.works.iter().try_for_each(|work| work.0.enqueue())
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
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.next == turns.made.len() {
            // Fewer turns do as well, only with more waiting.
            match if turns.next < TURNS { self.turn().ok() } else { None } {
                Some(turn) => turns.made.push(turn),
                None => turns.next = 0,
            }
        }
        let (graph, pinned) = &turns.made[turns.next];
        pinned.wait(context)?;
        // SAFETY: as many bytes are pinned, the device has fetched what was in them before, and the lock keeps others away.
        fill(unsafe { std::slice::from_raw_parts_mut(pinned.place, self.bytes) });
        context.replay(graph)?;
        pinned.mark(context)?;
        turns.next += 1;
        Ok(())
    }
}

impl Drop for FedRecorded {
    fn drop(&mut self) {
        let turns = self.turns.get_mut().unwrap_or_else(PoisonError::into_inner);
        for (graph, pinned) in &turns.made {
            // SAFETY: both are this value's alone.
            unsafe {
                self.inner.context.destroy(graph);
                pinned.free(&self.inner.context);
            }
        }
    }
}
