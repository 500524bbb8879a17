//! Static shapes: the sizes known while a graph is built, unknown rank and unknown dimensions included.
//! Run-time sizes are plain `[usize]` slices and need no type of their own.

use std::fmt;

/// A static shape as TensorFlow's `TensorShape`: unknown rank, or dimensions that may each be unknown.
///
/// ```
/// use flowbook::Shape;
/// assert_eq!(Shape::from([2, 3]).to_string(), "(2, 3)");
/// assert_eq!(Shape::from([2]).to_string(), "(2,)");
/// assert_eq!(Shape::from([None, Some(784)]).to_string(), "(?, 784)");
/// assert_eq!(Shape::unknown().to_string(), "<unknown>");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Shape(Option<Vec<Option<usize>>>);

impl Shape {
    /// A shape of unknown rank.
    pub const fn unknown() -> Shape {
        Shape(None)
    }

    /// The shape of a scalar, `()`.
    pub const fn scalar() -> Shape {
        Shape(Some(Vec::new()))
    }

    /// The dimensions, or `None` when the rank is unknown.
    pub fn dims(&self) -> Option<&[Option<usize>]> {
        self.0.as_deref()
    }

    /// The sizes along the axes, `None` for those that are not known: `shape.as_list()`.
    ///
    /// ```
    /// use flowbook::{shape, v1 as tf};
    /// let x = tf::placeholder(tf::float32, shape![None, 784]);
    /// assert_eq!(x.get_shape().as_list(), [None, Some(784)]);
    /// ```
    ///
    /// # Panics
    /// `ValueError` when not even their number is known.
    #[track_caller]
    pub fn as_list(&self) -> Vec<Option<usize>> {
        match self.dims() {
            Some(dims) => dims.to_vec(),
            None => crate::Error::Value("as_list() is not defined on an unknown TensorShape.".into()).raise(),
        }
    }

    /// The rank, when it is known.
    pub fn rank(&self) -> Option<usize> {
        self.dims().map(<[_]>::len)
    }

    /// The sizes, when all of them are known.
    pub fn sizes(&self) -> Option<Vec<usize>> {
        self.dims()?.iter().copied().collect()
    }

    /// The number of elements, when all sizes are known and a `usize` holds it.
    pub fn num_elements(&self) -> Option<usize> {
        self.dims()?.iter().try_fold(1usize, |n, size| n.checked_mul((*size)?))
    }

    /// Whether an array of these sizes may stand where this shape is promised.
    pub fn accepts(&self, sizes: &[usize]) -> bool {
        match self.dims() {
            None => true,
            Some(dims) => dims.len() == sizes.len() && dims.iter().zip(sizes).all(|(d, s)| d.is_none_or(|d| d == *s)),
        }
    }

    /// The form of error texts: `[?,784]`, without blanks.
    pub fn to_proto(&self) -> String {
        match self.dims() {
            None => "<unknown>".into(),
            Some(dims) => {
                let dims: Vec<String> = dims.iter().map(|d| d.map_or("?".into(), |d| d.to_string())).collect();
                format!("[{}]", dims.join(","))
            }
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Some(dims) = self.dims() else { return f.write_str("<unknown>") };
        let dims: Vec<String> = dims.iter().map(|d| d.map_or("?".into(), |d| d.to_string())).collect();
        match dims.as_slice() {
            [one] => write!(f, "({one},)"),
            _ => write!(f, "({})", dims.join(", ")),
        }
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Some(dims) = self.dims() else { return f.write_str("TensorShape(None)") };
        let dims: Vec<String> = dims.iter().map(|d| d.map_or("None".into(), |d| d.to_string())).collect();
        write!(f, "TensorShape([{}])", dims.join(", "))
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    fn from(sizes: [usize; N]) -> Shape {
        Shape::from(&sizes[..])
    }
}

impl From<&[usize]> for Shape {
    fn from(sizes: &[usize]) -> Shape {
        Shape(Some(sizes.iter().map(|s| Some(*s)).collect()))
    }
}

impl From<Vec<usize>> for Shape {
    fn from(sizes: Vec<usize>) -> Shape {
        Shape::from(&sizes[..])
    }
}

impl<const N: usize> From<[Option<usize>; N]> for Shape {
    fn from(dims: [Option<usize>; N]) -> Shape {
        Shape(Some(dims.to_vec()))
    }
}

impl From<Vec<Option<usize>>> for Shape {
    fn from(dims: Vec<Option<usize>>) -> Shape {
        Shape(Some(dims))
    }
}

impl From<()> for Shape {
    fn from(_: ()) -> Shape {
        Shape::scalar()
    }
}

/// No value has this type: it lets `None` stand for a shape of which nothing is known.
#[derive(Clone, Copy, Debug)]
pub enum NoShape {}

impl From<Option<NoShape>> for Shape {
    fn from(_: Option<NoShape>) -> Shape {
        Shape::unknown()
    }
}

/// One dimension of [`shape!`](crate::shape!): a size or `None`.
pub trait IntoDimension {
    /// The size, `None` when it is unknown.
    fn into_dimension(self) -> Option<usize>;
}

impl IntoDimension for Option<usize> {
    fn into_dimension(self) -> Option<usize> {
        self
    }
}

impl IntoDimension for usize {
    fn into_dimension(self) -> Option<usize> {
        Some(self)
    }
}

impl IntoDimension for i32 {
    /// A negative size is an unknown one, as in TensorFlow.
    fn into_dimension(self) -> Option<usize> {
        usize::try_from(self).ok()
    }
}

/// A static shape: `shape![None, 784]` for `[None, 784]`; `shape![]` is a scalar's.
///
/// ```
/// assert_eq!(flowbook::shape![None, 784].to_string(), "(?, 784)");
/// assert_eq!(flowbook::shape![].to_string(), "()");
/// ```
#[macro_export]
macro_rules! shape {
    ($($dimension:expr),* $(,)?) => {
        $crate::Shape::from(::std::vec::Vec::<::std::option::Option<usize>>::from([$($crate::shape::IntoDimension::into_dimension($dimension)),*]))
    };
}
