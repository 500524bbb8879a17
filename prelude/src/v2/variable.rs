//! Variables of TensorFlow 2: a value with a name that changes in place. Compiled functions work on the very memory
//! that a variable's value lies in.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ndarray::SliceInfoElem;

use super::eager::call;
use super::function::Trace;
use super::operand::{IntoTensor, Operand};
use super::tape::watch_read;
use super::tensor::numpy_repr;
use super::{IndexedSlices, Tensor, VariablePart, distribute, operators};
use crate::engine::VariableState;
use crate::engine::device::any_copies;
use crate::error::{Error, Result};
use crate::format::{PyRepr, shape_text};
use crate::graph::{self, IntoDType};
use crate::np::Item;
use crate::ops::{View, scatter};
use crate::{Array, DType, Shape};

/// A variable: TensorFlow 2's `tf.Variable`. Clones are the same variable.
///
/// ```
/// use flowbook::v2 as tf;
/// let a = tf::Variable::new([2.0, 3.0]);
/// a.assign([1, 2]);
/// assert_eq!(a.to_string(), "<tf.Variable 'Variable:0' shape=(2,) dtype=float32, numpy=array([1., 2.], dtype=float32)>");
/// ```
#[derive(Clone)]
pub struct Variable {
    data: Arc<VariableData>,
    /// What an assignment returns prints under another name.
    assigned: bool,
}

struct VariableData {
    id: u64,
    name: Mutex<String>,
    state: VariableState,
    /// The copies of the replicas after the first.
    mirrors: Box<[VariableState]>,
    /// Whether it was made under a strategy, and prints so.
    distributed: bool,
    /// Grows with every assignment.
    version: AtomicU64,
    trainable: AtomicBool,
}

// SAFETY: the memory behind `state` is only touched under `MEMORY`.
unsafe impl Sync for VariableData {}

static MEMORY: Mutex<()> = Mutex::new(());
static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// Holds off everybody else who would read or write a variable.
pub(super) fn lock() -> MutexGuard<'static, ()> {
    MEMORY.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Variable {
    /// Makes a variable with that initial value: `tf.Variable(value)`.
    ///
    /// # Panics
    /// `ValueError` inside a function that is being traced.
    #[track_caller]
    pub fn new(initial: impl IntoTensor) -> Variable {
        let value = initial.into_operand().tensor();
        let Some(value) = value.value() else {
            Error::Value(
                "tf.function only supports singleton tf.Variables created on the first call. Make sure the tf.Variable \
                 is only created once or created outside tf.function. See \
                 https://www.tensorflow.org/guide/function#creating_tfvariables for more information."
                    .into(),
            )
            .raise()
        };
        Variable::of(value, "Variable")
    }

    /// A variable of that value and name.
    pub(crate) fn of(value: &Array, name: &str) -> Variable {
        let state = || {
            let mut state = VariableState::new(value.dtype(), value.shape());
            state.view.copy_from(&View::of(value));
            state.initialized = true;
            state
        };
        let data = VariableData {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            name: Mutex::new(name.into()),
            state: state(),
            mirrors: (1..distribute::mirrors()).map(|_| state()).collect(),
            distributed: distribute::in_scope().is_some(),
            version: AtomicU64::new(0),
            trainable: AtomicBool::new(true),
        };
        Variable { data: Arc::new(data), assigned: false }
    }

    /// Another variable of that value and name, made under the strategy in force.
    pub(crate) fn mirrored(&self) -> Variable {
        let name = self.data.name.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Variable::of(&self.numpy(), &name).trainable(self.is_trainable())
    }

    /// Gives it a name: `name=`.
    #[must_use]
    pub fn named(self, name: &str) -> Variable {
        *self.data.name.lock().unwrap_or_else(PoisonError::into_inner) = name.into();
        self
    }

    /// Gives it another element type: `dtype=`.
    ///
    /// # Panics
    /// `TypeError` for an element type that does not exist.
    #[must_use]
    #[track_caller]
    pub fn with_dtype(self, dtype: impl IntoDType) -> Variable {
        let dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
        let name = self.data.name.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Variable::of(&crate::ops::cast_array(&self.numpy(), dtype), &name)
    }

    /// Whether tapes watch it by themselves: `trainable=`.
    #[must_use]
    pub fn trainable(self, yes: bool) -> Variable {
        self.set_trainable(yes);
        self
    }

    pub(crate) fn set_trainable(&self, yes: bool) {
        self.data.trainable.store(yes, Ordering::Relaxed);
    }

    /// Whether tapes watch it by themselves: `v.trainable`.
    pub fn is_trainable(&self) -> bool {
        self.data.trainable.load(Ordering::Relaxed)
    }

    /// The name, `"Variable:0"`.
    pub fn name(&self) -> String {
        format!("{}:0", self.data.name.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        self.data.state.view.dtype
    }

    /// The shape.
    pub fn shape(&self) -> Shape {
        Shape::from(&self.data.state.view.shape[..])
    }

    /// The sizes along each axis.
    pub(crate) fn sizes(&self) -> &[usize] {
        &self.data.state.view.shape
    }

    pub(crate) fn id(&self) -> u64 {
        self.data.id
    }

    pub(super) fn version(&self) -> u64 {
        self.data.version.load(Ordering::Relaxed)
    }

    /// The copy of the replica at work, the first one's outside of replicas.
    pub(super) fn state(&self) -> &VariableState {
        match &self.data.mirrors[..] {
            [] => &self.data.state,
            mirrors => distribute::replica_index().checked_sub(1).map_or(&self.data.state, |i| &mirrors[i]),
        }
    }

    /// The copies of all replicas.
    pub(crate) fn states(&self) -> impl Iterator<Item = &VariableState> {
        std::iter::once(&self.data.state).chain(&self.data.mirrors)
    }

    /// Says that the memory holds another value than before.
    pub(super) fn touch(&self) {
        self.data.version.fetch_add(1, Ordering::Relaxed);
    }

    /// The value as an array: `v.numpy()`.
    pub fn numpy(&self) -> Array {
        value_of(self.state())
    }

    /// The one element as a Rust number: `float(v)`.
    ///
    /// # Panics
    /// When there is more than one element, or none.
    #[track_caller]
    pub fn item<T: Item>(&self) -> T {
        self.numpy().item()
    }

    /// The value as a tensor: `v.value()`. Active tapes watch it from then on.
    pub fn value(&self) -> Tensor {
        if let Some(symbol) = Trace::read(self) {
            return Tensor::symbolic(symbol);
        }
        watch_read(self, self.numpy())
    }

    /// The value as a tensor, under the other name TensorFlow has for it: `v.read_value()`.
    pub fn read_value(&self) -> Tensor {
        self.value()
    }

    /// Gives it a new value: `v.assign(value)`.
    ///
    /// # Panics
    /// `ValueError` for another shape or a tensor of another type, `TypeError` for a literal that does not convert.
    #[track_caller]
    pub fn assign(&self, value: impl IntoTensor) -> Variable {
        let value = value.into_operand();
        self.store(&value).unwrap_or_else(|error| error.raise());
        Variable { data: self.data.clone(), assigned: true }
    }

    /// Adds to it: `v.assign_add(value)`.
    ///
    /// # Panics
    /// As [`assign`](Self::assign).
    #[track_caller]
    pub fn assign_add(&self, value: impl IntoTensor) -> Variable {
        let value = self.converted(value.into_operand()).unwrap_or_else(|error| error.raise());
        self.assign(operators::add(Operand::Tensor(self.unwatched()), value))
    }

    /// Subtracts from it: `v.assign_sub(value)`.
    ///
    /// # Panics
    /// As [`assign`](Self::assign).
    #[track_caller]
    pub fn assign_sub(&self, value: impl IntoTensor) -> Variable {
        let value = self.converted(value.into_operand()).unwrap_or_else(|error| error.raise());
        self.assign(operators::sub(Operand::Tensor(self.unwatched()), value))
    }

    /// Puts updates where indices say: `v.scatter_nd_update(indices, updates)`.
    ///
    /// ```
    /// use flowbook::v2 as tf;
    /// let v = tf::Variable::new([1.0, 2.0, 3.0]);
    /// v.scatter_nd_update([[0], [2]], [9.0, 8.0]);
    /// assert_eq!(v.numpy().to_string(), "[9. 2. 8.]");
    /// ```
    ///
    /// # Panics
    /// `InvalidArgumentError` for an index outside, or updates of another shape.
    #[track_caller]
    pub fn scatter_nd_update(&self, indices: impl IntoTensor, updates: impl IntoTensor) -> Variable {
        self.scattered(indices.into_operand(), updates.into_operand(), scatter::tensor_scatter_nd_update)
    }

    /// Adds updates where indices say: `v.scatter_nd_add(indices, updates)`.
    ///
    /// # Panics
    /// As [`scatter_nd_update`](Self::scatter_nd_update).
    #[track_caller]
    pub fn scatter_nd_add(&self, indices: impl IntoTensor, updates: impl IntoTensor) -> Variable {
        self.scattered(indices.into_operand(), updates.into_operand(), scatter::tensor_scatter_nd_add)
    }

    /// Subtracts updates where indices say: `v.scatter_nd_sub(indices, updates)`.
    ///
    /// # Panics
    /// As [`scatter_nd_update`](Self::scatter_nd_update).
    #[track_caller]
    pub fn scatter_nd_sub(&self, indices: impl IntoTensor, updates: impl IntoTensor) -> Variable {
        self.scattered(indices.into_operand(), updates.into_operand(), scatter::tensor_scatter_nd_sub)
    }

    /// Puts rows in their places: `v.scatter_update(tf.IndexedSlices(values, indices))`.
    ///
    /// # Panics
    /// As [`scatter_nd_update`](Self::scatter_nd_update).
    #[track_caller]
    pub fn scatter_update(&self, sparse_delta: &IndexedSlices) -> Variable {
        self.scatter_nd_update(sparse_delta.places(), sparse_delta.values())
    }

    /// Adds rows in their places: `v.scatter_add(tf.IndexedSlices(values, indices))`.
    ///
    /// # Panics
    /// As [`scatter_nd_update`](Self::scatter_nd_update).
    #[track_caller]
    pub fn scatter_add(&self, sparse_delta: &IndexedSlices) -> Variable {
        self.scatter_nd_add(sparse_delta.places(), sparse_delta.values())
    }

    /// Subtracts rows in their places: `v.scatter_sub(tf.IndexedSlices(values, indices))`.
    ///
    /// # Panics
    /// As [`scatter_nd_update`](Self::scatter_nd_update).
    #[track_caller]
    pub fn scatter_sub(&self, sparse_delta: &IndexedSlices) -> Variable {
        self.scatter_nd_sub(sparse_delta.places(), sparse_delta.values())
    }

    #[track_caller]
    fn scattered(
        &self,
        indices: Operand,
        updates: Operand,
        op: fn(graph::Operand, graph::Operand, graph::Operand) -> graph::Tensor,
    ) -> Variable {
        let updates = self.converted(updates).unwrap_or_else(|error| error.raise());
        let updates = updates.value_for(self.dtype()).map_or(updates, |value| Operand::Tensor(Tensor::eager(value)));
        let operands = [Operand::Tensor(self.unwatched()), indices, updates];
        self.assign(call(&operands, |x| op(x[0].clone(), x[1].clone(), x[2].clone())))
    }

    /// A part of the variable, `v[1:3]` in Python, which can be assigned to: `v.slice(s![1..3]).assign(value)`.
    ///
    /// ```
    /// use flowbook::{s, v2 as tf};
    /// let v = tf::Variable::new([[1.0, 2.0], [3.0, 4.0]]);
    /// v.slice(s![0, ..]).assign([7.0, 8.0]);
    /// assert_eq!(v.numpy().to_string(), "[[7. 8.]\n [3. 4.]]");
    /// ```
    ///
    /// # Panics
    /// `InvalidArgumentError` when an index is out of bounds or there are more of them than axes.
    #[track_caller]
    pub fn slice(&self, part: impl AsRef<[SliceInfoElem]>) -> VariablePart {
        let value = self.value().slice(part.as_ref());
        VariablePart { variable: self.clone(), part: part.as_ref().to_vec(), value }
    }

    /// The value for an update of its own, which no tape needs to know of.
    fn unwatched(&self) -> Tensor {
        match Trace::read(self) {
            Some(symbol) => Tensor::symbolic(symbol),
            None => Tensor::eager(self.numpy()),
        }
    }

    fn converted(&self, value: Operand) -> Result<Operand> {
        let dtype = self.dtype();
        match &value {
            Operand::Tensor(tensor) if tensor.dtype() != dtype => Err(Error::Value(format!(
                "Tensor conversion requested dtype {} for Tensor with dtype {}: {tensor:?}",
                dtype.name(),
                tensor.dtype().name()
            ))),
            Operand::Literal(array, default) if !crate::graph::converts(*default, dtype) => Err(Error::Type(format!(
                "Cannot convert {} to EagerTensor of dtype {}",
                python_list(array),
                dtype.c_name()
            ))),
            _ => Ok(value),
        }
    }

    fn store(&self, value: &Operand) -> Result<()> {
        let value = self.converted(value.clone())?;
        let shape = match &value {
            Operand::Tensor(tensor) => tensor.shape(),
            Operand::Literal(array, _) => Shape::from(array.shape()),
        };
        if !shape.accepts(self.sizes()) {
            return Err(Error::Value(format!(
                "Cannot assign value to variable ' {}': Shape mismatch.The variable shape {}, and the assigned value \
                 shape {shape} are incompatible.",
                self.name(),
                self.shape()
            )));
        }
        if Trace::write(self, &value)? {
            return Ok(());
        }
        let Some(array) = value.value_for(self.dtype()) else {
            return Err(Error::Value(format!("{} cannot hold a symbol of a traced function", self.name())));
        };
        self.set(&array);
        Ok(())
    }

    /// Puts an array of the variable's own shape and type in its place: in the copy of the replica at work, or in all.
    pub(crate) fn set(&self, array: &Array) {
        let _guard = lock();
        let put = |state: &VariableState| {
            state.storage.written_on_host();
            state.view.copy_from(&View::of(array));
        };
        match distribute::is_replica() {
            true => put(self.state()),
            false => self.states().for_each(put),
        }
        self.touch();
    }

    /// How TensorFlow prints the copy of a replica.
    fn line(&self, replica: usize, state: &VariableState) -> String {
        let name = match (self.assigned, replica) {
            (true, _) => "UnreadVariable".into(),
            (_, 0) => self.name(),
            (_, i) => self.name().replace(":0", &format!("/replica_{i}:0")),
        };
        let (shape, dtype) = (shape_text(self.sizes()), self.dtype().name());
        format!("<tf.Variable '{name}' shape={shape} dtype={dtype}, numpy={}>", numpy_repr(&value_of(state)))
    }
}

fn value_of(state: &VariableState) -> Array {
    let _guard = lock();
    if any_copies() {
        state.storage.bring_home().unwrap_or_else(|error| error.raise());
    }
    state.view.to_array()
}

/// An array as Python prints the list it came from.
fn python_list(array: &Array) -> String {
    if array.ndim() == 0 {
        return crate::ops::python_text(array);
    }
    let rows: Vec<String> = array.iter().map(|row| python_list(&row)).collect();
    format!("[{}]", rows.join(", "))
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if f.precision().is_some() || f.width().is_some() {
            return fmt::Display::fmt(&self.numpy(), f);
        }
        if !self.data.distributed || self.assigned || distribute::is_replica() {
            return f.write_str(&self.line(0, self.state()));
        }
        let lines: Vec<String> =
            self.states().enumerate().map(|(i, state)| format!("  {i}: {}", self.line(i, state))).collect();
        write!(f, "MirroredVariable:{{\n{}\n}}", lines.join(",\n"))
    }
}

impl fmt::Debug for Variable {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PyRepr for Variable {
    fn py_repr(&self) -> String {
        self.to_string()
    }
}
