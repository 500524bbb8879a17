//! The eager tensor: a value that is there at once, or inside `tf::function` a symbol for one. Printing is
//! TensorFlow 2's. What computes is in `eager` and `functions`.

use std::fmt;
use std::sync::Arc;

use ndarray::SliceInfoElem;

use super::callable::Later;
use super::eager::{Origin, Recording, call};
use super::operand::IntoTensor;
use super::placement::Asked;
use crate::error::Error;
use crate::format::{PyRepr, shape_text};
use crate::np::Item;
use crate::{Array, DType, Shape, graph};

/// A tensor that holds its value: TensorFlow 2's `tf.Tensor`. Clones share the value.
///
/// ```
/// use flowbook::v2 as tf;
/// let c = tf::add(tf::constant(3), tf::constant(2));
/// assert_eq!(c.to_string(), "tf.Tensor(5, shape=(), dtype=int32)");
/// assert_eq!(format!("{c:?}"), "<tf.Tensor: shape=(), dtype=int32, numpy=5>");
/// assert_eq!(c.numpy().to_string(), "5");
/// ```
#[derive(Clone)]
pub struct Tensor(pub(super) Kind);

#[derive(Clone)]
pub(super) enum Kind {
    /// A value, where it stands in the recording of a tape, and which device was asked for when it was made.
    Eager(Array, Option<Origin>, Asked),
    /// One of the results of a replica's work on a device, which whoever looks at it waits for, and which device was asked for.
    Later(Arc<Later>, usize, Asked),
    /// A node of a function that is being traced.
    Symbolic(graph::Tensor),
}

impl Tensor {
    pub(crate) fn eager(value: Array) -> Tensor {
        Tensor::recorded(value, None)
    }

    /// A value that stands in a recording.
    pub(super) fn recorded(value: Array, origin: Option<Origin>) -> Tensor {
        Tensor(Kind::Eager(value, origin, Asked::now()))
    }

    /// A result of a replica's work that is under way.
    pub(super) fn later(results: &Arc<Later>, i: usize) -> Tensor {
        Tensor(Kind::Later(results.clone(), i, Asked::now()))
    }

    pub(crate) fn symbolic(node: graph::Tensor) -> Tensor {
        Tensor(Kind::Symbolic(node))
    }

    /// The value, when it is there.
    pub(crate) fn value(&self) -> Option<&Array> {
        match &self.0 {
            Kind::Eager(value, ..) => Some(value),
            Kind::Later(later, i, _) => Some(later.value(*i)),
            Kind::Symbolic(_) => None,
        }
    }

    pub(super) fn origin(&self) -> Option<Origin> {
        match &self.0 {
            Kind::Eager(_, origin, _) => *origin,
            Kind::Later(..) | Kind::Symbolic(_) => None,
        }
    }

    /// The value as an array: `t.numpy()`.
    ///
    /// # Panics
    /// `AttributeError` inside a function that is being traced, where there is no value yet.
    #[track_caller]
    pub fn numpy(&self) -> Array {
        match self.value() {
            Some(value) => value.clone(),
            None => Error::Attribute("'SymbolicTensor' object has no attribute 'numpy'".into()).raise(),
        }
    }

    /// The one element as a Rust number: `t.numpy().item()`, or `float(t)`.
    ///
    /// # Panics
    /// When there is more than one element, or none.
    #[track_caller]
    pub fn item<T: Item>(&self) -> T {
        self.numpy().item()
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        match &self.0 {
            Kind::Eager(value, ..) => value.dtype(),
            Kind::Later(later, i, _) => later.signature(*i).0,
            Kind::Symbolic(node) => node.dtype(),
        }
    }

    /// The shape.
    pub fn shape(&self) -> Shape {
        match &self.0 {
            Kind::Eager(value, ..) => Shape::from(value.shape()),
            Kind::Later(later, i, _) => Shape::from(&*later.signature(*i).1),
            Kind::Symbolic(node) => node.shape(),
        }
    }

    /// The shape, under TensorFlow 1's name for it.
    pub fn get_shape(&self) -> Shape {
        self.shape()
    }

    /// The number of axes: `t.ndim`.
    pub fn ndim(&self) -> usize {
        self.shape().rank().unwrap_or(0)
    }

    /// The device it was made for, `""` for a symbol: `t.device`. That is the first GPU where there is one, unless
    /// [`device`](super::device) says otherwise. Values lie in the host's memory until a plan or a large product takes
    /// them along.
    ///
    /// ```
    /// use flowbook::v2 as tf;
    /// let x = tf::device("/cpu:0", || tf::constant([1.0, 2.0]));
    /// assert_eq!(x.device(), "/job:localhost/replica:0/task:0/device:CPU:0");
    /// ```
    pub fn device(&self) -> String {
        match &self.0 {
            Kind::Eager(_, _, asked) | Kind::Later(_, _, asked) => asked.device(self.dtype()),
            Kind::Symbolic(node) => node.op().device(),
        }
    }

    /// The size of the first axis: `len(t)`.
    ///
    /// # Panics
    /// `TypeError` for a scalar.
    #[track_caller]
    #[expect(clippy::len_without_is_empty, reason = "Python's `len` of a tensor")]
    pub fn len(&self) -> usize {
        let shape = self.shape();
        match shape.dims().and_then(|d| d.first().copied()) {
            Some(Some(first)) => first,
            _ => Error::Type("Scalar tensor has no `len()`".into()).raise(),
        }
    }

    /// A part of the tensor, `t[1:3, 0]` in Python: `t.slice(s![1..3, 0])`.
    ///
    /// ```
    /// use flowbook::{s, v2 as tf};
    /// let t = tf::constant([[1, 2, 3], [4, 5, 6]]);
    /// assert_eq!(t.slice(s![1, ..2]).numpy().to_string(), "[4 5]");
    /// ```
    ///
    /// # Panics
    /// `InvalidArgumentError` when an index is out of bounds or there are more of them than axes.
    #[track_caller]
    pub fn slice(&self, part: impl AsRef<[SliceInfoElem]>) -> Tensor {
        call(&[self.into_operand()], |x| crate::ops::array::convert_to_tensor(x[0].clone()).slice(part))
    }

    /// What went into the operation of type `op` that this tensor comes from, where that is known: inside a function that
    /// is being traced, or under a tape.
    pub(crate) fn before(&self, op: &str) -> Option<Tensor> {
        match &self.0 {
            Kind::Symbolic(node) if node.op().op_type() == op => Some(Tensor::symbolic(node.op().inputs()[0])),
            Kind::Symbolic(_) | Kind::Later(..) => None,
            Kind::Eager(_, origin, _) => Recording::active()?.before((*origin)?, op),
        }
    }

    /// The tensor itself; what the calls with setters turn into as well.
    pub fn tensor(&self) -> Tensor {
        self.clone()
    }
}

/// A shape as TensorFlow 2 prints it, with `None` for an unknown size.
pub(crate) fn shape_v2(shape: &Shape) -> String {
    shape.to_string().replace('?', "None")
}

/// The value's text, on lines of its own when it has several.
fn block(text: String) -> String {
    if text.contains('\n') { format!("\n{text}") } else { text }
}

/// The value inside a repr: a scalar float is printed as the Python float it becomes, with all its digits.
pub(super) fn numpy_repr(value: &Array) -> String {
    match value.as_slice::<f32>() {
        Some([x]) if value.ndim() == 0 => f64::from(*x).py_repr(),
        _ => block(value.repr()),
    }
}

impl fmt::Display for Tensor {
    /// As Python prints it. A precision or a width asks for the bare number, as Python's format does.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let value = match &self.0 {
            Kind::Symbolic(node) => {
                let (name, shape) = (node.name(), shape_v2(&node.shape()));
                return write!(f, "Tensor(\"{name}\", shape={shape}, dtype={})", node.dtype().name());
            }
            Kind::Eager(value, ..) => value,
            Kind::Later(later, i, _) => later.value(*i),
        };
        if f.precision().is_some() || f.width().is_some() {
            return fmt::Display::fmt(value, f);
        }
        let shape = shape_text(value.shape());
        write!(f, "tf.Tensor({}, shape={shape}, dtype={})", block(value.to_string()), value.dtype().name())
    }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let value = match &self.0 {
            Kind::Symbolic(node) => {
                let (name, shape) = (node.name(), shape_v2(&node.shape()));
                return write!(f, "<tf.Tensor '{name}' shape={shape} dtype={}>", node.dtype().name());
            }
            Kind::Eager(value, ..) => value,
            Kind::Later(later, i, _) => later.value(*i),
        };
        let (shape, dtype) = (shape_text(value.shape()), value.dtype().name());
        write!(f, "<tf.Tensor: shape={shape}, dtype={dtype}, numpy={}>", numpy_repr(value))
    }
}

impl PyRepr for Tensor {
    fn py_repr(&self) -> String {
        format!("{self:?}")
    }
}

impl From<&Tensor> for Tensor {
    fn from(tensor: &Tensor) -> Tensor {
        tensor.clone()
    }
}
