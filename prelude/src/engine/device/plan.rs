//! A compiled run on a GPU: device steps, which `batch` records and replays, and what has no kernel on the host in between.
//! Between two runs variables stay where they are. Starting a run waits for nothing but what its host steps need.

use std::sync::{Arc, Mutex, PoisonError};

use flowbook_cuda::{Address, Buffer, Device};

use super::batch::Batch;
use super::device_error;
use super::guards::Guards;
use super::storage::Storage;
use super::twin::Twin;
use crate::engine::memory::Memory;
use crate::engine::plan::{Check, check_initialized};
use crate::engine::{State, at_node, check_interrupt};
use crate::error::Result;
use crate::graph::Output;
use crate::ops::random::Philox;
use crate::ops::{Call, Prepared, View, cast_into};
use crate::{Array, DType};

/// One step of a device plan.
pub(super) enum Step {
    Device(Batch),
    Host(Prepared, Call),
    /// A host step has written to the variable.
    Wrote(Arc<Storage>),
    /// From here on the variable has a value.
    Assigned(u32),
    /// A value that lies on the host goes to a device.
    Up(View, Arc<dyn Device>, Address),
    /// A value that a device step gave comes to the host.
    Down(Arc<dyn Device>, Address, View),
    /// The variable's value is needed there.
    Bring(Arc<Storage>, Where),
}

/// A device, or the host.
pub(super) type Where = Option<Arc<dyn Device>>;

/// The generator of a random op that runs on the device, which keeps step with the session's.
pub(super) struct Generator {
    pub session: Arc<Mutex<Philox>>,
    pub gpu: Arc<dyn Device>,
    pub state: Buffer,
    /// How many numbers each run takes.
    pub outputs: usize,
    /// Where the device's copy stands.
    pub known: Option<Philox>,
}

/// Where a fed value goes.
pub(super) struct Feed {
    pub view: View,
    /// The same, where the device fetches it this time.
    pub there: View,
    /// Whether a device step reads it.
    pub on_device: bool,
    /// Whether it is read in its place on the host.
    pub on_host: bool,
}

/// What the first step of a run is fed with.
enum Source<'a> {
    /// Values as the caller has them.
    Arrays(&'a [(Output, Array)]),
    /// What lies in the inputs' own places.
    Places,
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
    /// The device that is fed and that most is fetched from.
    pub(super) gpu: Arc<dyn Device>,
    pub(super) steps: Vec<Step>,
    pub(super) feeds: Vec<Feed>,
    pub(super) inputs: Twin,
    pub(super) fetches: Vec<Fetched>,
    pub(super) results: Twin,
    /// The variables, and where each is used first.
    pub(super) variables: Vec<(Arc<Storage>, Where)>,
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
        self.begin(state, feeds, times)?;
        self.end(feeds)
    }

    /// Starts the steps on these values.
    ///
    /// # Errors
    /// Whatever an operation finds wrong.
    pub fn begin(&mut self, state: &mut State, feeds: &[(Output, Array)], times: usize) -> Result<()> {
        let fed = self.ready();
        let mut together = false;
        for (i, (_, array)) in feeds.iter().enumerate() {
            together |= self.put(i, array, fed)?;
        }
        if together && !fed {
            self.inputs.upload_together(&self.gpu)?;
        }
        self.steps(state, times, fed.then_some(Source::Arrays(feeds)))
    }

    /// Waits for what was begun with these values, and returns what is fetched.
    ///
    /// # Errors
    /// What the device says.
    pub fn end(&mut self, feeds: &[(Output, Array)]) -> Result<Vec<Array>> {
        self.settle_up()?;
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
    /// As [`begin`](Self::begin).
    pub fn start(&mut self, state: &mut State) -> Result<()> {
        for (i, feed) in self.feeds.iter().enumerate() {
            if feed.on_device && !self.inputs.is_together(i) {
                self.inputs.upload(&self.gpu, i)?;
            }
        }
        let fed = self.ready();
        if !fed {
            self.inputs.upload_together(&self.gpu)?;
        }
        self.steps(state, 1, fed.then_some(Source::Places))
    }

    /// Brings the results of what was started to their places.
    ///
    /// # Errors
    /// What the device says.
    pub fn finish(&mut self) -> Result<()> {
        self.settle_up()?;
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

    /// Records what is to be replayed; whether what travels together is taken along by the first step.
    fn ready(&mut self) -> bool {
        let (mut feed, runs) = (Some(self.inputs.together()).filter(|(_, bytes)| *bytes > 0), self.runs);
        let mut fed = false;
        for (i, step) in self.steps.iter_mut().enumerate() {
            if let Step::Device(batch) = step {
                let first = i == 0 && Arc::ptr_eq(&batch.gpu, &self.gpu);
                batch.ready(runs, feed.take().filter(|_| first));
                fed |= batch.is_fed();
            }
        }
        fed
    }

    /// Brings a fed value to where it is read, unless only a step that is [fed](Self::ready) reads it; whether it still has
    /// to travel with others.
    fn put(&mut self, i: usize, array: &Array, fed: bool) -> Result<bool> {
        let Feed { view, on_device, on_host, .. } = &self.feeds[i];
        if view.dtype == DType::String {
            view.copy_from(&View::of(array));
            return Ok(false);
        }
        let together = *on_device && self.inputs.is_together(i);
        if *on_host || !(fed && together) {
            cast_into(array, view);
        }
        if *on_device && !together {
            self.inputs.upload(&self.gpu, i)?;
        }
        Ok(together)
    }

    /// Brings the results to the host; the large ones only when they are to lie there.
    fn returned(&mut self, large: bool) -> Result<()> {
        let places = |fetched: &Fetched| if let Fetched::Device(i, _) = fetched { Some(*i) } else { None };
        let places: Vec<usize> = self.fetches.iter().filter_map(places).collect();
        if places.iter().any(|i| self.results.is_together(*i)) {
            self.results.download_together(&self.gpu)?;
        }
        for i in places {
            if large && !self.results.is_together(i) {
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
            Fetched::Device(k, view) if self.results.is_together(*k) => view.to_array(),
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

    fn steps(&mut self, state: &mut State, times: usize, mut source: Option<Source>) -> Result<()> {
        if self.runs == 0 {
            check_initialized(&self.checks, state)?;
        }
        // A plan that is one batch goes on where it is; variables and generators are there.
        let whole = matches!(self.steps[..], [Step::Device(_)]);
        for turn in 0..times {
            check_interrupt()?;
            if turn > 0 {
                self.again();
            }
            if turn == 0 || !whole {
                self.variables.iter().try_for_each(|(storage, to)| bring(storage, to))?;
                self.generators.iter_mut().try_for_each(Generator::prepare)?;
            }
            let done = self.once(state, source.take());
            self.generators.iter_mut().for_each(|generator| generator.advance(done.is_ok()));
            // A flag raised before the run stopped is none of the next run's.
            done.inspect_err(|_| _ = self.guards.check())?;
            self.runs = self.runs.saturating_add(1);
        }
        Ok(())
    }

    /// Records what is to be replayed on what the last turn was fed with.
    fn again(&mut self) {
        for step in &mut self.steps {
            if let Step::Device(batch) = step {
                batch.ready(self.runs, None);
            }
        }
    }

    /// Looks, at the end of a run, at what went wrong on the device, and reads the variables that are fetched.
    fn settle_up(&self) -> Result<()> {
        self.guards.check()?;
        self.read.iter().try_for_each(|storage| storage.bring_home())
    }

    fn once(&mut self, state: &mut State, mut source: Option<Source>) -> Result<()> {
        for step in &mut self.steps {
            match step {
                Step::Device(batch) => {
                    let (feeds, inputs) = (&mut self.feeds, &mut self.inputs);
                    match source.take() {
                        Some(source) => batch.run(Some(&mut |to| source.write(feeds, inputs, to)))?,
                        None => batch.run(None)?,
                    }
                    batch.assigned.iter().for_each(|variable| state.initialized(*variable));
                }
                Step::Host(run, call) => {
                    check_interrupt()?;
                    run(call).map_err(|e| at_node(e, &call.node.name))?;
                }
                Step::Wrote(storage) => storage.written_on_host(),
                Step::Assigned(variable) => state.initialized(*variable),
                Step::Up(view, gpu, to) => {
                    // SAFETY: the view is of plain elements in the plan's own memory.
                    let from = unsafe { std::slice::from_raw_parts(view.ptr.cast_const(), view.bytes()) };
                    gpu.upload(*to, from).map_err(device_error)?;
                }
                Step::Down(gpu, from, view) => {
                    // SAFETY: as above, and nobody else looks at it now.
                    let to = unsafe { std::slice::from_raw_parts_mut(view.ptr, view.bytes()) };
                    gpu.download(*from, to).map_err(device_error)?;
                }
                Step::Bring(storage, to) => bring(storage, to)?,
            }
        }
        Ok(())
    }
}

/// Makes a variable's value readable there.
fn bring(storage: &Storage, to: &Where) -> Result<()> {
    to.as_ref().map_or_else(|| storage.bring_home(), |gpu| storage.bring_to(gpu))
}

impl Source<'_> {
    /// Writes what travels together to where the device fetches it.
    fn write(&self, feeds: &mut [Feed], inputs: &mut Twin, to: &mut [u8]) {
        let Source::Arrays(arrays) = self else { return to.copy_from_slice(inputs.front()) };
        for (i, (feed, (_, array))) in feeds.iter_mut().zip(*arrays).enumerate() {
            if feed.on_device && inputs.is_together(i) {
                feed.there.ptr = to[inputs.offset(i)..].as_mut_ptr();
                cast_into(array, &feed.there);
            }
        }
    }
}

impl Generator {
    /// Lets the device's generator stand where the session's stands.
    fn prepare(&mut self) -> Result<()> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        if self.known.as_ref() == Some(&*session) {
            return Ok(());
        }
        self.gpu.upload(self.state.address(), &session.to_bytes()).map_err(device_error)?;
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
