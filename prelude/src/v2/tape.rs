//! `tf.GradientTape`: records what happens to the values it watches, and differentiates the recording, which is a graph,
//! with the op table's own gradients.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use super::eager::{Origin, Recording};
use super::function::Trace;
use super::operand::{IntoTensor, Operand};
use super::tensor::Kind;
use super::{Tensor, Variable, operators};
use crate::Array;
use crate::array::with_data;
use crate::error::{Error, Result, collect};
use crate::format::PyRepr;
use crate::graph::{self, Output};
use crate::ops::array::new_constant;

thread_local! {
    static TAPES: Cell<usize> = const { Cell::new(0) };
    /// What has been watched in the active recording: variables by id and version, tensors by their memory.
    static WATCHED: RefCell<Vec<Watched>> = const { RefCell::new(Vec::new()) };
}

struct Watched {
    recording: u64,
    key: Key,
    /// Keeps the memory from being used for another value.
    _value: Array,
    output: Output,
}

#[derive(Clone, Copy, PartialEq)]
enum Key {
    Variable(u64, u64),
    Tensor(usize),
}

fn memory_of(value: &Array) -> Key {
    Key::Tensor(with_data!(value, v => v.as_ptr() as usize))
}

fn find(recording: u64, key: Key) -> Option<Output> {
    WATCHED.with_borrow(|w| w.iter().rev().find(|w| w.recording == recording && w.key == key).map(|w| w.output))
}

fn enter(recording: &Recording, key: Key, value: &Array) -> Output {
    if let Some(output) = find(recording.id, key) {
        return output;
    }
    let output = recording.enter(value).origin().map_or(Output { node: 0, index: 0 }, |o| o.output);
    WATCHED.with_borrow_mut(|w| {
        // What belongs to recordings of the past is of no use to anybody.
        w.retain(|w| w.recording == recording.id);
        w.push(Watched { recording: recording.id, key, _value: value.clone(), output });
    });
    output
}

/// The value of a variable that is read, watched when it is to be.
pub(super) fn watch_read(variable: &Variable, value: Array) -> Tensor {
    if TAPES.get() == 0 || !variable.is_trainable() {
        return Tensor::eager(value);
    }
    let Some(recording) = Recording::active() else { return Tensor::eager(value) };
    let output = enter(&recording, Key::Variable(variable.id(), variable.version()), &value);
    Tensor::recorded(value, Some(Origin { recording: recording.id, output }))
}

/// Records operations for automatic differentiation: `tf.GradientTape()`.
///
/// It records from its making until [`gradient`](Self::gradient) is asked for; trainable variables are watched by
/// themselves, tensors when told to.
///
/// ```
/// use flowbook::v2 as tf;
/// let x = tf::Variable::new(3.0);
/// let tape = tf::GradientTape::new();
/// let y = &x * &x;
/// let dy_dx = tape.gradient(&y, &x); // 2x
/// assert_eq!(dy_dx.to_string(), "tf.Tensor(6.0, shape=(), dtype=float32)");
/// ```
pub struct GradientTape {
    recording: Rc<Recording>,
    persistent: bool,
    active: Cell<bool>,
    used: Cell<bool>,
}

impl Default for GradientTape {
    fn default() -> GradientTape {
        GradientTape::new()
    }
}

impl GradientTape {
    /// Starts to record.
    pub fn new() -> GradientTape {
        TAPES.set(TAPES.get() + 1);
        GradientTape {
            recording: Recording::join(),
            persistent: false,
            active: Cell::new(true),
            used: Cell::new(false),
        }
    }

    /// Whether gradients may be asked for more than once: `persistent=True`. Such a tape records until
    /// [`stop_recording`](Self::stop_recording) or until it is dropped.
    #[must_use]
    pub fn persistent(mut self, yes: bool) -> GradientTape {
        self.persistent = yes;
        self
    }

    /// Watches a tensor, so that gradients by it can be asked for: `tape.watch(x)`.
    pub fn watch(&self, tensor: &Tensor) {
        if let (Some(value), None, true) = (tensor.value(), tensor.origin(), self.active.get()) {
            enter(&self.recording, memory_of(value), value);
        }
    }

    /// Ends the recording: where Python leaves the `with` block.
    pub fn stop_recording(&self) {
        if !self.active.replace(false) {
            return;
        }
        TAPES.set(TAPES.get() - 1);
        if TAPES.get() == 0 {
            Recording::end();
        }
    }

    /// The derivative of `target` by each of `sources`: `tape.gradient(loss, [w, b])`. One tensor or variable gives one
    /// gradient, an array, a vector or a tuple of them gives the same of gradients. `None` stands for a source that the
    /// target does not depend on.
    ///
    /// # Panics
    /// `RuntimeError` the second time, unless the tape is persistent; `LookupError` when an op has no gradient.
    #[track_caller]
    pub fn gradient<S: Sources>(&self, target: impl IntoTensor, sources: S) -> S::Gradients {
        self.derive(target.into_operand().tensor(), sources, |target, list| self.differentiate(target, list, None))
    }

    /// As [`gradient`](Self::gradient), where each element of the target counts as much as `output_gradients` say, which have its
    /// shape: `tape.gradient(y, x, output_gradients=dy)`.
    ///
    /// # Panics
    /// As [`gradient`](Self::gradient).
    #[track_caller]
    pub fn gradient_with<S: Sources>(
        &self,
        target: impl IntoTensor,
        sources: S,
        output_gradients: impl IntoTensor,
    ) -> S::Gradients {
        let (target, dy) = (target.into_operand().tensor(), output_gradients.into_operand());
        let dy = match dy.value_for(target.dtype()) {
            Some(value) => Tensor::eager(value),
            None => dy.tensor(),
        };
        self.derive(target, sources, |target, list| self.differentiate(target, list, Some(&dy)))
    }

    /// Derives what is asked for, and brings it in the form of the sources.
    #[track_caller]
    pub(super) fn derive<S: Sources>(
        &self,
        target: Tensor,
        sources: S,
        derivatives: impl FnOnce(&Tensor, &[Source]) -> Result<Vec<Gradient>>,
    ) -> S::Gradients {
        if self.used.replace(true) && !self.persistent {
            Error::Runtime(
                "A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)".into(),
            )
            .raise();
        }
        if !self.persistent {
            self.stop_recording();
        }
        let mut list = Vec::new();
        sources.collect(&mut list);
        let found = derivatives(&target, &list).unwrap_or_else(|error| error.raise());
        sources.shape(&mut found.into_iter())
    }

    /// The gradients by the sources, of a target whose elements count as much as `dy` says, or once each.
    pub(super) fn differentiate(
        &self,
        target: &Tensor,
        sources: &[Source],
        dy: Option<&Tensor>,
    ) -> Result<Vec<Gradient>> {
        if !target.dtype().is_floating() {
            return Ok(sources.iter().map(|_| Gradient(None)).collect());
        }
        match &target.0 {
            Kind::Symbolic(node) => symbolic_gradients(*node, sources, dy),
            Kind::Eager(..) | Kind::Later(..) => self.recorded_gradients(target, sources, dy),
        }
    }

    fn recorded_gradients(&self, target: &Tensor, sources: &[Source], dy: Option<&Tensor>) -> Result<Vec<Gradient>> {
        let recording = &self.recording;
        let node = |o: Output| graph::Tensor { graph: recording.graph, node: o.node, index: o.index };
        let Some(y) = place(recording.id, target) else {
            return Ok(sources.iter().map(|_| Gradient(None)).collect());
        };
        let places: Vec<Vec<Output>> = sources.iter().map(|s| places(recording.id, s)).collect();
        let xs: Vec<graph::Tensor> = places.iter().flatten().map(|o| node(*o)).collect();
        // What the target's gradient is may stand in the recording itself.
        let dy =
            dy.and_then(|dy| place(recording.id, dy).or_else(|| Some(recording.enter(dy.value()?).origin()?.output)));
        let options =
            dy.map_or_else(graph::GradientOptions::default, |dy| graph::GradientOptions::default().grad_ys(node(dy)));
        let found = collect(|| recording.graph.as_default(|| graph::gradients_with(node(y), &xs[..], &options)))?;
        recording.advance()?;
        let mut found = found.into_iter();
        let sum = |part: Option<Tensor>, next: Tensor| match part {
            Some(part) => Some(operators::add(part.into_operand(), next.into_operand())),
            None => Some(next),
        };
        let gradient = |of: &Vec<Output>| {
            let parts: Vec<Tensor> = found.by_ref().take(of.len()).flatten().map(|g| recording.tensor(g)).collect();
            Gradient(parts.into_iter().fold(None, sum))
        };
        Ok(places.iter().map(gradient).collect())
    }
}

impl Drop for GradientTape {
    fn drop(&mut self) {
        self.stop_recording();
    }
}

impl fmt::Debug for GradientTape {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "<tensorflow.python.eager.backprop.GradientTape object at {:p}>", self)
    }
}

/// Whether some tape records.
pub(super) fn recording_now() -> bool {
    TAPES.get() > 0
}

/// A tensor as a node of that graph: its place in it where it has one, else a constant.
pub(super) fn node_of(graph: graph::Graph, tensor: &Tensor) -> graph::Tensor {
    if let Kind::Symbolic(node) = &tensor.0 {
        return *node;
    }
    let recording = Recording::active().filter(|recording| recording.graph == graph);
    match recording.and_then(|recording| place(recording.id, tensor)) {
        Some(output) => graph::Tensor { graph, node: output.node, index: output.index },
        None => graph::build(graph, || new_constant(graph, "Const", tensor.numpy())),
    }
}

/// Where a tensor stands in a recording.
pub(super) fn place(recording: u64, tensor: &Tensor) -> Option<Output> {
    let known = tensor.origin().filter(|o| o.recording == recording).map(|o| o.output);
    known.or_else(|| find(recording, memory_of(tensor.value()?)))
}

/// Every place of a source: a variable may have been read under several values.
fn places(recording: u64, source: &Source) -> Vec<Output> {
    match source {
        Source::Tensor(tensor) => place(recording, tensor).into_iter().collect(),
        Source::Variable(variable) => WATCHED.with_borrow(|watched| {
            let of =
                |w: &&Watched| w.recording == recording && matches!(w.key, Key::Variable(id, _) if id == variable.id());
            watched.iter().filter(of).map(|w| w.output).collect()
        }),
    }
}

fn symbolic_gradients(target: graph::Tensor, sources: &[Source], dy: Option<&Tensor>) -> Result<Vec<Gradient>> {
    let place = |source: &Source| match source {
        Source::Tensor(Tensor(Kind::Symbolic(node))) => Some(*node),
        Source::Tensor(_) => None,
        Source::Variable(variable) => Trace::first_read(variable),
    };
    let places: Vec<Option<graph::Tensor>> = sources.iter().map(place).collect();
    let xs: Vec<graph::Tensor> = places.iter().flatten().copied().collect();
    let dy = dy.and_then(|dy| Some(Trace::active()?.symbol(&Operand::Tensor(dy.clone()), dy.dtype())));
    let options = dy.map_or_else(graph::GradientOptions::default, |dy| graph::GradientOptions::default().grad_ys(dy));
    let mut found = collect(|| graph::gradients_with(target, &xs[..], &options))?.into_iter();
    let gradient = |place: &Option<graph::Tensor>| Gradient(place.and_then(|_| found.next()?).map(Tensor::symbolic));
    Ok(places.iter().map(gradient).collect())
}

/// What a tape gives for a source: a tensor, or Python's `None`, which fails when it is used as a tensor.
#[derive(Clone)]
pub struct Gradient(pub(crate) Option<Tensor>);

impl Gradient {
    /// Whether the target does not depend on the source.
    pub fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// The tensor, if there is one.
    pub fn as_option(&self) -> Option<&Tensor> {
        self.0.as_ref()
    }
}

impl Deref for Gradient {
    type Target = Tensor;

    #[track_caller]
    fn deref(&self) -> &Tensor {
        match &self.0 {
            Some(tensor) => tensor,
            None => Error::Value(
                "Attempt to convert a value (None) with an unsupported type (<class 'NoneType'>) to a Tensor.".into(),
            )
            .raise(),
        }
    }
}

impl From<Tensor> for Gradient {
    fn from(tensor: Tensor) -> Gradient {
        Gradient(Some(tensor))
    }
}

impl fmt::Display for Gradient {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.0 {
            Some(tensor) => fmt::Display::fmt(tensor, f),
            None => f.pad("None"),
        }
    }
}

impl fmt::Debug for Gradient {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.0 {
            Some(tensor) => fmt::Debug::fmt(tensor, f),
            None => f.pad("None"),
        }
    }
}

impl PyRepr for Gradient {
    fn py_repr(&self) -> String {
        format!("{self:?}")
    }
}

/// Something to differentiate by.
#[derive(Clone)]
pub enum Source {
    /// A tensor that is watched.
    Tensor(Tensor),
    /// A variable.
    Variable(Variable),
}

/// One source or several; the gradients come back in the same form.
pub trait Sources {
    /// The form of the gradients.
    type Gradients;
    #[doc(hidden)]
    fn collect(&self, list: &mut Vec<Source>);
    #[doc(hidden)]
    fn shape(&self, found: &mut std::vec::IntoIter<Gradient>) -> Self::Gradients;
}

fn next(found: &mut std::vec::IntoIter<Gradient>) -> Gradient {
    found.next().unwrap_or(Gradient(None))
}

impl Sources for Tensor {
    type Gradients = Gradient;
    fn collect(&self, list: &mut Vec<Source>) {
        list.push(Source::Tensor(self.clone()));
    }
    fn shape(&self, found: &mut std::vec::IntoIter<Gradient>) -> Gradient {
        next(found)
    }
}

impl<K> Sources for super::Built<K> {
    type Gradients = Gradient;
    fn collect(&self, list: &mut Vec<Source>) {
        list.push(Source::Tensor((**self).clone()));
    }
    fn shape(&self, found: &mut std::vec::IntoIter<Gradient>) -> Gradient {
        next(found)
    }
}

impl Sources for Variable {
    type Gradients = Gradient;
    fn collect(&self, list: &mut Vec<Source>) {
        list.push(Source::Variable(self.clone()));
    }
    fn shape(&self, found: &mut std::vec::IntoIter<Gradient>) -> Gradient {
        next(found)
    }
}

impl<S: Sources + ?Sized> Sources for &S {
    type Gradients = S::Gradients;
    fn collect(&self, list: &mut Vec<Source>) {
        (**self).collect(list);
    }
    fn shape(&self, found: &mut std::vec::IntoIter<Gradient>) -> S::Gradients {
        (**self).shape(found)
    }
}

impl<S: Sources, const N: usize> Sources for [S; N] {
    type Gradients = [S::Gradients; N];
    fn collect(&self, list: &mut Vec<Source>) {
        self.iter().for_each(|s| s.collect(list));
    }
    fn shape(&self, found: &mut std::vec::IntoIter<Gradient>) -> Self::Gradients {
        std::array::from_fn(|i| self[i].shape(found))
    }
}

impl<S: Sources> Sources for [S] {
    type Gradients = Vec<S::Gradients>;
    fn collect(&self, list: &mut Vec<Source>) {
        self.iter().for_each(|s| s.collect(list));
    }
    fn shape(&self, found: &mut std::vec::IntoIter<Gradient>) -> Self::Gradients {
        self.iter().map(|s| s.shape(found)).collect()
    }
}

impl<S: Sources> Sources for Vec<S> {
    type Gradients = Vec<S::Gradients>;
    fn collect(&self, list: &mut Vec<Source>) {
        self.as_slice().collect(list);
    }
    fn shape(&self, found: &mut std::vec::IntoIter<Gradient>) -> Self::Gradients {
        self.as_slice().shape(found)
    }
}

macro_rules! tuples {
    ($($($T:ident $i:tt),+;)*) => { $(
        impl<$($T: Sources),+> Sources for ($($T,)+) {
            type Gradients = ($($T::Gradients,)+);
            fn collect(&self, list: &mut Vec<Source>) {
                $(self.$i.collect(list);)+
            }
            fn shape(&self, found: &mut std::vec::IntoIter<Gradient>) -> Self::Gradients {
                ($(self.$i.shape(found),)+)
            }
        }
    )* };
}
tuples! { A 0, B 1; A 0, B 1, C 2; A 0, B 1, C 2, D 3; A 0, B 1, C 2, D 3, E 4; A 0, B 1, C 2, D 3, E 4, F 5; }
