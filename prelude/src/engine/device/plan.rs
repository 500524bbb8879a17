//! A compiled run on a GPU. Device steps are recorded at the second run and replayed from then on; what has no kernel
//! runs on the host in between. Between two runs variables stay where they are.

use std::sync::{Arc, Mutex, PoisonError};

use flowbook_cuda::{Address, Buffer, Device, Recording, Work, kernels};

use super::guards::Guards;
use super::storage::Storage;
use super::twin::Twin;
use super::{Side, device_error};
use crate::engine::memory::Memory;
use crate::engine::plan::{Check, check_initialized};
use crate::engine::{State, at_node, check_interrupt};
use crate::error::Result;
use crate::graph::Output;
use crate::ops::random::Philox;
use crate::ops::{Call, Prepared, View, cast_into};
use crate::{Array, DType};

/// From this run on a plan is taken for one that runs again and again, so that small launches are worth compiling as one.
const SETTLED: u8 = 32;

/// Device work between two host steps.
pub(super) struct Batch {
    /// What it does, work by work.
    pub plain: Vec<Work>,
    /// The same made ready; small launches are one from the run on at which the plan has [`SETTLED`].
    pub works: Vec<flowbook_cuda::Prepared>,
    pub recording: Option<Recording>,
    /// The variables that it writes to.
    pub writes: Vec<Arc<Storage>>,
    /// Those that have a value from then on, if they had none.
    pub assigned: Vec<u32>,
}

/// One step of a device plan.
pub(super) enum Step {
    Device(Batch),
    Host(Prepared, Call),
    /// A host step has written to the variable.
    Wrote(Arc<Storage>),
    /// From here on the variable has a value.
    Assigned(u32),
    /// A value that a host step gave goes to the device.
    Up(View, Address),
    /// A value that a device step gave comes to the host.
    Down(Address, View),
    /// The variable's value is needed on that side.
    Bring(Arc<Storage>, Side),
}

/// The generator of a random op that runs on the device, which keeps step with the session's.
pub(super) struct Generator {
    pub session: Arc<Mutex<Philox>>,
    pub state: Buffer,
    /// How many numbers each run takes.
    pub outputs: usize,
    /// Where the device's copy stands.
    pub known: Option<Philox>,
}

/// Where a fed value goes.
pub(super) struct Feed {
    pub view: View,
    /// Whether a device step reads it.
    pub on_device: bool,
}

/// Where a fetched value comes from.
pub(super) enum Fetched {
    /// A place on the host.
    Host(View),
    /// One of the results, under the shape fetched; its place on the host.
    Device(usize, View),
    Fed(usize, View),
    Constant(Array, View),
}

/// The steps of a run with the memory they work on.
pub(crate) struct DevicePlan {
    pub(super) gpu: Arc<dyn Device>,
    pub(super) steps: Vec<Step>,
    pub(super) feeds: Vec<Feed>,
    pub(super) inputs: Twin,
    pub(super) fetches: Vec<Fetched>,
    pub(super) results: Twin,
    /// The variables, and where each is used first.
    pub(super) variables: Vec<(Arc<Storage>, Side)>,
    /// The variables that are fetched.
    pub(super) read: Vec<Arc<Storage>>,
    pub(super) generators: Vec<Generator>,
    pub(super) guards: Guards,
    pub(super) checks: Vec<Check>,
    /// How often it ran to its end, as far as that matters.
    pub(super) runs: u8,
    pub(super) _buffers: Vec<Buffer>,
    pub(super) _host: Memory,
    pub(super) _constants: Vec<Array>,
}

// SAFETY: the pointers lead into memory that the plan or its session owns; a session runs one plan at a time, under
// its lock.
unsafe impl Send for DevicePlan {}

impl DevicePlan {
    /// Runs the steps `times` times and returns the fetched values of the last time.
    ///
    /// # Errors
    /// Whatever an operation finds wrong, and what the device says.
    pub fn run(&mut self, state: &mut State, feeds: &[(Output, Array)], times: usize) -> Result<Vec<Array>> {
        let mut small = false;
        for (i, (_, array)) in feeds.iter().enumerate() {
            small |= self.put(i, array)?;
        }
        if small {
            self.inputs.upload_small(&self.gpu)?;
        }
        self.steps(state, times)?;
        self.returned(false)?;
        (0..self.fetches.len()).map(|i| self.fetched(i, feeds)).collect()
    }

    /// Runs the steps on what lies in the inputs' own places; the results then lie in theirs.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_in_place(&mut self, state: &mut State) -> Result<()> {
        self.start(state)?;
        self.finish()
    }

    /// Starts the steps on what lies in the inputs' own places.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn start(&mut self, state: &mut State) -> Result<()> {
        for (i, feed) in self.feeds.iter().enumerate() {
            if feed.on_device && !self.inputs.is_small(i) {
                self.inputs.upload(&self.gpu, i)?;
            }
        }
        self.inputs.upload_small(&self.gpu)?;
        self.steps(state, 1)
    }

    /// Brings the results of what was started to their places.
    ///
    /// # Errors
    /// What the device says.
    pub fn finish(&mut self) -> Result<()> {
        self.returned(true)
    }

    /// The place of an input's own, for [`run_in_place`](Self::run_in_place).
    pub fn input(&self, i: usize) -> &View {
        &self.feeds[i].view
    }

    /// Where a result lies after [`run_in_place`](Self::run_in_place).
    pub fn result(&self, i: usize) -> Option<&View> {
        Some(match self.fetches.get(i)? {
            Fetched::Host(view) | Fetched::Device(_, view) | Fetched::Fed(_, view) | Fetched::Constant(_, view) => view,
        })
    }

    /// Brings a fed value to its place; whether it still has to travel with the small ones.
    fn put(&mut self, i: usize, array: &Array) -> Result<bool> {
        let Feed { view, on_device } = &self.feeds[i];
        if view.dtype == DType::String {
            view.copy_from(&View::of(array));
            return Ok(false);
        }
        cast_into(array, view);
        if !on_device {
            return Ok(false);
        }
        if self.inputs.is_small(i) {
            return Ok(true);
        }
        self.inputs.upload(&self.gpu, i)?;
        Ok(false)
    }

    /// Brings the results to the host; the large ones only when they are to lie there.
    fn returned(&mut self, large: bool) -> Result<()> {
        let places = |fetched: &Fetched| if let Fetched::Device(i, _) = fetched { Some(*i) } else { None };
        let places: Vec<usize> = self.fetches.iter().filter_map(places).collect();
        if places.iter().any(|i| self.results.is_small(*i)) {
            self.results.download_small(&self.gpu)?;
        }
        for i in places {
            if large && !self.results.is_small(i) {
                self.results.download(&self.gpu, i)?;
            }
        }
        Ok(())
    }

    fn fetched(&self, i: usize, feeds: &[(Output, Array)]) -> Result<Array> {
        Ok(match &self.fetches[i] {
            Fetched::Host(view) => view.to_array(),
            Fetched::Constant(array, _) => array.clone(),
            Fetched::Fed(k, view) if feeds[*k].1.dtype() == view.dtype => {
                feeds[*k].1.reshaped(&view.shape).unwrap_or_else(|_| view.to_array())
            }
            Fetched::Fed(_, view) => view.to_array(),
            Fetched::Device(k, view) if self.results.is_small(*k) => view.to_array(),
            Fetched::Device(k, view) => {
                let array = Array::zeros(view.dtype, &view.shape);
                let to = View::of(&array);
                // SAFETY: the array is new and has as many bytes as the result.
                let to = unsafe { std::slice::from_raw_parts_mut(to.ptr, to.bytes()) };
                self.gpu.download(self.results.address(*k), to).map_err(device_error)?;
                array
            }
        })
    }

    fn steps(&mut self, state: &mut State, times: usize) -> Result<()> {
        if self.runs == 0 {
            check_initialized(&self.checks, state)?;
        }
        // A plan that is one batch goes on where it is; variables and generators are there.
        let whole = matches!(self.steps[..], [Step::Device(_)]);
        for turn in 0..times {
            check_interrupt()?;
            if turn == 0 || !whole {
                self.variables.iter().try_for_each(|(storage, side)| bring(storage, *side, &self.gpu))?;
                self.generators.iter_mut().try_for_each(|generator| generator.prepare(&self.gpu))?;
            }
            let done = self.once(state);
            self.generators.iter_mut().for_each(|generator| generator.advance(done.is_ok()));
            // A flag raised before the run stopped is none of the next run's.
            done.inspect_err(|_| _ = self.guards.check(&self.gpu))?;
            self.runs = self.runs.saturating_add(1);
        }
        self.guards.check(&self.gpu)?;
        self.read.iter().try_for_each(|storage| storage.bring_home())
    }

    fn once(&mut self, state: &mut State) -> Result<()> {
        let runs = self.runs;
        for step in &mut self.steps {
            match step {
                Step::Device(batch) => {
                    batch.run(&self.gpu, runs)?;
                    batch.assigned.iter().for_each(|variable| state.initialized(*variable));
                }
                Step::Host(run, call) => {
                    check_interrupt()?;
                    run(call).map_err(|e| at_node(e, &call.node.name))?;
                }
                Step::Wrote(storage) => storage.written_on_host(),
                Step::Assigned(variable) => state.initialized(*variable),
                Step::Up(view, to) => {
                    // SAFETY: the view is of plain elements in the plan's own memory.
                    let from = unsafe { std::slice::from_raw_parts(view.ptr.cast_const(), view.bytes()) };
                    self.gpu.upload(*to, from).map_err(device_error)?;
                }
                Step::Down(from, view) => {
                    // SAFETY: as above, and nobody else looks at it now.
                    let to = unsafe { std::slice::from_raw_parts_mut(view.ptr, view.bytes()) };
                    self.gpu.download(*from, to).map_err(device_error)?;
                }
                Step::Bring(storage, side) => bring(storage, *side, &self.gpu)?,
            }
        }
        Ok(())
    }
}

/// Makes a variable's value readable on that side.
fn bring(storage: &Storage, side: Side, gpu: &Arc<dyn Device>) -> Result<()> {
    match side {
        Side::Host => storage.bring_home(),
        Side::Device => storage.bring_to(gpu),
    }
}

impl Batch {
    /// Runs the works, or their recording, which is made at the run after the one that first ran them.
    fn run(&mut self, gpu: &Arc<dyn Device>, runs: u8) -> Result<()> {
        if runs == SETTLED {
            self.settle(gpu);
        }
        if (runs == 1 || runs == SETTLED + 1) && self.recording.is_none() && self.works.len() > 1 {
            // What cannot be recorded runs work by work, as the first time.
            self.recording = gpu.capture(&self.works).ok();
        }
        self.writes.iter().for_each(|storage| storage.written_on(gpu));
        match &self.recording {
            Some(recording) => gpu.replay(recording).map_err(device_error),
            None => self.works.iter().try_for_each(|work| gpu.run(work)).map_err(device_error),
        }
    }

    /// Makes small launches one. Where that is not possible everything stays as it is.
    fn settle(&mut self, gpu: &Arc<dyn Device>) {
        let merged = kernels::merge(self.plain.clone());
        if merged.len() == self.plain.len() {
            return;
        }
        if let Ok(works) = gpu.prepare_all(&merged) {
            (self.works, self.recording) = (works, None);
        }
    }
}

impl Generator {
    /// Lets the device's generator stand where the session's stands.
    fn prepare(&mut self, gpu: &Arc<dyn Device>) -> Result<()> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        if self.known.as_ref() == Some(&*session) {
            return Ok(());
        }
        gpu.upload(self.state.address(), &session.to_bytes()).map_err(device_error)?;
        self.known = Some(session.clone());
        Ok(())
    }

    /// Counts what the device has taken, unless the run stopped somewhere.
    fn advance(&mut self, done: bool) {
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        self.known = done.then(|| {
            session.reserve(self.outputs);
            session.clone()
        });
    }
}
