//! Device work between two host steps: run work by work at first, then recorded and replayed, small launches of it made one
//! when it runs again and again.

use std::sync::Arc;

use flowbook_cuda::{Address, Device, Fed, Prepared, Recording, Work, kernels};

use super::device_error;
use super::storage::Storage;
use crate::error::Result;

/// From this run on a plan is taken for one that runs again and again, so that small launches are worth compiling as one.
const SETTLED: u8 = 32;

/// What a recording was made of, if it could be made.
enum Taken<T> {
    NotYet,
    Made(T),
    /// What cannot be recorded runs work by work, as the first time.
    Impossible,
}

impl<T> Taken<T> {
    fn take(&mut self, record: impl FnOnce() -> flowbook_cuda::Result<T>) {
        if matches!(self, Taken::NotYet) {
            *self = record().map_or(Taken::Impossible, Taken::Made);
        }
    }

    fn made(&self) -> Option<&T> {
        if let Taken::Made(made) = self { Some(made) } else { None }
    }
}

/// What a run writes what it is fed with by, to where the device fetches it.
pub(super) type Fill<'a> = &'a mut dyn FnMut(&mut [u8]);

/// Device work between two host steps.
pub(super) struct Batch {
    /// The device that does it.
    pub gpu: Arc<dyn Device>,
    /// What it does, work by work.
    pub plain: Vec<Work>,
    /// The same made ready; small launches are one from the run on at which the plan has [`SETTLED`].
    pub works: Vec<Prepared>,
    /// The variables that it writes to.
    pub writes: Vec<Arc<Storage>>,
    /// Those that have a value from then on, if they had none.
    pub assigned: Vec<u32>,
    /// Whether the works have run as they are: until then the libraries may have to load something.
    warm: bool,
    alone: Taken<Recording>,
    fed: Taken<Fed>,
}

impl Batch {
    pub fn new(gpu: &Arc<dyn Device>, plain: Vec<Work>) -> Batch {
        let gpu = gpu.clone();
        let (works, writes, assigned) = (vec![], vec![], vec![]);
        Batch { gpu, plain, works, writes, assigned, warm: false, alone: Taken::NotYet, fed: Taken::NotYet }
    }

    /// Before a run, the one after `runs` others: records what is to be replayed. What the plan is fed with travels in the
    /// recording of its first batch, given where that goes and how many bytes it has.
    pub fn ready(&mut self, runs: u8, feed: Option<(Address, usize)>) {
        if runs == SETTLED {
            self.settle();
        }
        if !self.warm {
            return;
        }
        if let Some((to, bytes)) = feed {
            self.fed.take(|| self.gpu.capture_fed(to, bytes, &self.works));
        }
        if (feed.is_none() || !self.is_fed()) && self.works.len() > 1 {
            self.alone.take(|| self.gpu.capture(&self.works));
        }
    }

    /// Whether it takes along what the plan is fed with.
    pub fn is_fed(&self) -> bool {
        self.fed.made().is_some()
    }

    /// Starts the works, behind what `fill` gives if it [takes that along](Self::is_fed).
    ///
    /// # Errors
    /// What the device says.
    pub fn run(&mut self, fill: Option<Fill>) -> Result<()> {
        let gpu = &self.gpu;
        self.writes.iter().for_each(|storage| storage.written_on(gpu));
        let done = match (fill, self.fed.made(), self.alone.made()) {
            (Some(fill), Some(fed), _) => gpu.replay_fed(fed, fill),
            (None, _, Some(recording)) => gpu.replay(recording),
            _ => self.works.iter().try_for_each(|work| gpu.run(work)),
        };
        self.warm |= done.is_ok();
        done.map_err(device_error)
    }

    /// Makes small launches one. Where that is not possible everything stays as it is.
    fn settle(&mut self) {
        let merged = kernels::merge(self.plain.clone());
        if merged.len() == self.plain.len() {
            return;
        }
        if let Ok(works) = self.gpu.prepare_all(&merged) {
            (self.works, self.warm) = (works, false);
            (self.alone, self.fed) = (Taken::NotYet, Taken::NotYet);
        }
    }
}
