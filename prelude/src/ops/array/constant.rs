//! Constants and placeholders: values that are written down, or fed.

use crate::error::{Error, Result};
use crate::graph::attr::Literal;
use crate::graph::{Attr, Attrs, Built, Graph, IntoDType, Rebuild, Scope, Tensor, build};
use crate::ops::{Kernel, OpDef, cast_array, fits_memory, here, python_class, python_text};
use crate::{Array, ArrayLike, DType, Shape};

pub(crate) static CONST: OpDef = OpDef::new(
    "Const",
    |infer| {
        let value = infer.node.value().expect("a constant has a value");
        Ok(vec![(value.dtype(), Shape::from(value.shape()))])
    },
    Kernel::None,
);

pub(crate) fn const_attrs(value: Array) -> Attrs {
    Attrs::from([("dtype", Attr::Type(value.dtype())), ("value", Attr::Tensor(Literal(value)))])
}

/// The setters of [`constant`].
#[derive(Clone, Copy)]
pub struct Constant;

impl Rebuild for Constant {
    fn rebuild(self) -> Tensor {
        unreachable!("a constant is changed in place")
    }
}

/// A constant: `tf.constant(value)`. Floats are `float32` and integers `int32` unless `.with_dtype(...)` says otherwise.
///
/// ```
/// use flowbook::v1 as tf;
/// let a = tf::constant([5, 5, 5]).with_dtype(tf::float32).named("A");
/// assert_eq!(a.to_string(), r#"Tensor("A:0", shape=(3,), dtype=float32)"#);
/// ```
///
/// # Panics
/// When the rows of a nested list differ in length.
#[track_caller]
pub fn constant(value: impl ArrayLike) -> Built<Constant> {
    let graph = here();
    let tensor = build(graph, || new_constant(graph, "Const", value.to_tensor()));
    graph.data().literal = Some((tensor.node, value.to_array()));
    Built { arguments: Constant, tensor }
}

pub(crate) fn new_constant(graph: Graph, name: &str, value: Array) -> Result<Tensor> {
    let scope = Scope::open(graph, name);
    Ok(scope.op(&CONST, &[], const_attrs(value))?.output(0))
}

impl Built<Constant> {
    /// The element type, `dtype=`: converts the value as written.
    ///
    /// # Panics
    /// `TypeError` when the value does not convert, such as 1.5 to an integer.
    #[track_caller]
    pub fn with_dtype(self, dtype: impl IntoDType) -> Built<Constant> {
        let dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
        let graph = self.tensor.graph;
        let source = graph.data().literal.clone().filter(|(node, _)| *node == self.tensor.node);
        let current = graph.node(self.tensor.node).value().cloned().expect("a constant has a value");
        let source = match source {
            Some((_, exact)) if exact.shape() == current.shape() => exact,
            _ => current,
        };
        let from = source.dtype();
        let truth = from == DType::Bool && (dtype.is_floating() || dtype.is_integer());
        if !crate::graph::converts(from, dtype) && !truth {
            let text = if source.is_empty() { "nothing".into() } else { python_text(&source) };
            Error::Type(format!("Expected {}, but got {text} of type '{}'.", dtype.name(), python_class(from))).raise();
        }
        self.replace(cast_array(&source, dtype))
    }

    /// The shape, `shape=`: lays the elements out anew; when there are too few the last one is repeated.
    ///
    /// # Panics
    /// `ValueError` when there are too many.
    #[track_caller]
    pub fn with_shape(self, shape: impl Into<Shape>) -> Built<Constant> {
        let shape = shape.into();
        let Some(sizes) = shape.sizes() else {
            Error::Value(format!("a constant needs a fully known shape, not {shape}")).raise()
        };
        let value = self.tensor.graph.node(self.tensor.node).value().cloned().expect("a constant has a value");
        if let Err(error) = fits_memory(value.dtype(), &Shape::from(&sizes[..])) {
            error.raise();
        }
        let wanted: usize = sizes.iter().product();
        if value.len() > wanted && value.ndim() > 0 {
            Error::Value(format!("Too many elements provided. Takes at most {wanted}, but got {}.", value.len()))
                .raise();
        }
        let filled = crate::array::with_data!(value, v => fill_up(v, wanted, &sizes));
        self.replace(filled)
    }

    /// The shape that the value must have as it is: `shape=` with `verify_shape=True`.
    ///
    /// # Panics
    /// `TypeError` when it has another.
    #[track_caller]
    pub fn with_verified_shape(self, shape: impl Into<Shape>) -> Built<Constant> {
        let (wanted, shape) = (shape.into(), self.tensor.shape());
        if shape.sizes().is_none_or(|sizes| !wanted.accepts(&sizes)) {
            Error::Type(format!("Expected Tensor's shape: {wanted}, but got {shape}.")).raise();
        }
        self
    }

    fn replace(self, value: Array) -> Built<Constant> {
        let mut data = self.tensor.graph.data();
        let node = std::sync::Arc::make_mut(&mut data.nodes[self.tensor.node as usize]);
        node.outputs = vec![(value.dtype(), Shape::from(value.shape()))];
        node.attrs = const_attrs(value);
        drop(data);
        self
    }
}

fn fill_up<T: crate::dtype::Element>(elements: &[T], wanted: usize, sizes: &[usize]) -> Array {
    let last = elements.last().cloned().unwrap_or_default();
    let mut all = elements.to_vec();
    all.resize(wanted, last);
    Array::new(all, sizes)
}

pub(crate) static PLACEHOLDER: OpDef = OpDef::new("Placeholder", |infer| Ok(infer.declared()), Kernel::None).stateful();

/// A value to be fed at each run: `tf.placeholder(tf.float32, [None, 784])`. `None` as the shape accepts any.
///
/// ```
/// use flowbook::{shape, v1 as tf};
/// let x = tf::placeholder(tf::float32, shape![None, 784]).named("x");
/// assert_eq!(x.to_string(), r#"Tensor("x:0", shape=(?, 784), dtype=float32)"#);
/// assert_eq!(tf::placeholder("float", None).shape().to_string(), "<unknown>");
/// ```
///
/// # Panics
/// `TypeError` for an element type that does not exist.
#[track_caller]
pub fn placeholder(dtype: impl IntoDType, shape: impl Into<Shape>) -> Tensor {
    let dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
    let graph = here();
    let attrs = Attrs::from([("dtype", Attr::Type(dtype)), ("shape", Attr::Shape(shape.into()))]);
    build(graph, || Ok(Scope::open(graph, "Placeholder").op(&PLACEHOLDER, &[], attrs.clone())?.output(0)))
}
