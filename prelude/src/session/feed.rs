//! Feeds: which tensors get which values in a run, and whether the values fit.

use std::fmt;

use ndarray::{ArrayBase, Data, Dimension};

use crate::dtype::Element;
use crate::error::{Error, Result};
use crate::graph::{Built, Graph, Output, Tensor, Variable};
use crate::{Array, ArrayLike, DType, Shape};

/// The values of a run's placeholders: TensorFlow's `feed_dict`. Made with [`feed!`](crate::feed).
#[derive(Clone, Default)]
pub struct Feeds {
    /// The graph of the first key.
    graph: Option<Graph>,
    pub(crate) entries: Vec<(Output, Array)>,
    /// A key of another graph than the first one's.
    odd: Option<Tensor>,
    /// Values of tensors that only the session's graph can tell by name.
    named: Vec<(String, Array)>,
}

impl Feeds {
    /// An empty set with room for `count` values.
    pub fn with_capacity(count: usize) -> Feeds {
        Feeds { entries: Vec::with_capacity(count), ..Feeds::default() }
    }

    /// Adds a value.
    #[must_use]
    pub fn with(mut self, key: impl FeedKey, value: impl FeedValue) -> Feeds {
        match key.key() {
            Key::Tensor(tensor) => self.insert(tensor, value.array()),
            Key::Name(name) => self.named.push((name, value.array())),
        }
        self
    }

    /// Of two values for one tensor the later counts, as in a dictionary.
    fn insert(&mut self, tensor: Tensor, value: Array) {
        if *self.graph.get_or_insert(tensor.graph) != tensor.graph {
            self.odd = Some(tensor);
            return;
        }
        match self.entries.iter_mut().find(|(output, _)| *output == tensor.output()) {
            Some((_, earlier)) => *earlier = value,
            None => self.entries.push((tensor.output(), value)),
        }
    }

    /// Looks for the names, checks that all tensors are those of `graph`, and reads numbers out of words.
    ///
    /// An error for a tensor that is not in the graph, or a value that is no value of its type.
    pub(super) fn resolve(&mut self, graph: Graph) -> Result<()> {
        let refused = |why: &str| Err(Error::Type(format!("Cannot interpret feed_dict key as Tensor: {why}")));
        for (name, value) in std::mem::take(&mut self.named) {
            match graph.get_tensor_by_name(&name) {
                Ok(tensor) => self.insert(tensor, value),
                // Python's `str` of a `KeyError` is quoted, what it was made of is not.
                Err(error) => return refused(error.message().trim_matches('"')),
            }
        }
        let first = self.entries.first().zip(self.graph).filter(|(_, own)| *own != graph);
        let first = first.map(|((o, _), own)| Tensor { graph: own, node: o.node, index: o.index });
        if let Some(stranger) = first.or(self.odd) {
            return refused(&format!("Tensor {stranger} is not an element of this graph."));
        }
        for (output, value) in self.entries.iter_mut().filter(|(_, value)| is_special(value)) {
            let dtype = graph.data().signature(*output).0;
            if let Some(converted) = converted(value, dtype)? {
                *value = converted;
            }
        }
        Ok(())
    }
}

/// A key of a dictionary of feeds.
#[derive(Clone, Debug)]
pub enum Key {
    /// The tensor that gets the value.
    Tensor(Tensor),
    /// Its name, `"x:0"`.
    Name(String),
}

/// What may be fed: a tensor, a variable, or the name of a tensor.
pub trait FeedKey {
    /// The tensor or its name.
    fn key(&self) -> Key;
}

impl FeedKey for Tensor {
    fn key(&self) -> Key {
        Key::Tensor(*self)
    }
}

impl FeedKey for Variable {
    fn key(&self) -> Key {
        Key::Tensor(self.value())
    }
}

impl<K> FeedKey for Built<K> {
    fn key(&self) -> Key {
        Key::Tensor(self.tensor)
    }
}

impl FeedKey for str {
    fn key(&self) -> Key {
        Key::Name(self.to_owned())
    }
}

impl FeedKey for Key {
    fn key(&self) -> Key {
        self.clone()
    }
}

impl<T: FeedKey + ?Sized> FeedKey for &T {
    fn key(&self) -> Key {
        (**self).key()
    }
}

/// What may be fed as a value: numbers, strings, nested arrays, vectors, ndarrays, [`Array`]s, and references to them.
pub trait FeedValue {
    /// The value with NumPy's element type; the placeholder's own type is applied when it is fed.
    fn array(self) -> Array;
}

impl FeedValue for Array {
    fn array(self) -> Array {
        self
    }
}

impl<T: ArrayLike + ?Sized> FeedValue for &T {
    fn array(self) -> Array {
        self.to_array()
    }
}

macro_rules! values {
    ($($t:ty),*) => { $(impl FeedValue for $t {
        fn array(self) -> Array {
            self.to_array()
        }
    })* };
}
values!(f64, f32, i32, i64, u8, bool, String);

impl<T: ArrayLike, const N: usize> FeedValue for [T; N] {
    fn array(self) -> Array {
        self.to_array()
    }
}

impl<T: ArrayLike> FeedValue for Vec<T> {
    fn array(self) -> Array {
        self.to_array()
    }
}

impl<T: Element, S: Data<Elem = T>, D: Dimension> FeedValue for ArrayBase<S, D> {
    fn array(self) -> Array {
        self.to_array()
    }
}

impl fmt::Display for Feeds {
    /// As Python prints the dictionary, with the values as lists.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("{")?;
        for (i, (output, value)) in self.entries.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            let Some(graph) = self.graph else { continue };
            let tensor = Tensor { graph, node: output.node, index: output.index };
            write!(f, "{comma}{tensor:?}: {}", python_list(value))?;
        }
        f.write_str("}")
    }
}

impl fmt::Debug for Feeds {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An array as nested Python lists.
pub(crate) fn python_list(array: &Array) -> String {
    list_text(array, 0, 0).0
}

/// The part of an array below `axis` as nested Python lists, and how many elements it took.
fn list_text(array: &Array, axis: usize, start: usize) -> (String, usize) {
    if axis == array.ndim() {
        return (element_text(array, start), 1);
    }
    let (mut parts, mut taken) = (Vec::new(), 0);
    for _ in 0..array.shape()[axis] {
        let (part, count) = list_text(array, axis + 1, start + taken);
        parts.push(part);
        taken += count;
    }
    (format!("[{}]", parts.join(", ")), taken)
}

fn element_text(array: &Array, i: usize) -> String {
    match array.dtype() {
        DType::Bool => {
            if array.as_slice::<bool>().is_some_and(|v| v[i]) {
                "True".into()
            } else {
                "False".into()
            }
        }
        DType::Float32 => array.as_slice::<f32>().map_or(String::new(), |v| format!("{:?}", v[i])),
        DType::Float64 => array.as_slice::<f64>().map_or(String::new(), |v| format!("{:?}", v[i])),
        DType::String => array.as_slice::<String>().map_or(String::new(), |v| format!("'{}'", v[i])),
        _ => crate::ops::ints(array.clone())[i].to_string(),
    }
}

/// The value as NumPy makes it of that type, where more is to be done than a cast: words become numbers, and a single
/// integer must fit.
pub(super) fn converted(array: &Array, dtype: DType) -> Result<Option<Array>> {
    if let (Some(texts), true) = (array.as_slice::<String>(), dtype != DType::String) {
        return parsed(texts, dtype)?.reshaped(array.shape()).map(Some);
    }
    if array.ndim() == 0 && array.dtype().is_integer() {
        fits(crate::ops::ints(array.clone())[0], dtype)?;
    }
    Ok(None)
}

/// Whether a value is one that [`converted`] has to look at.
pub(super) fn is_special(array: &Array) -> bool {
    array.dtype() == DType::String || array.ndim() == 0 && array.dtype().is_integer()
}

/// Words as Python reads numbers: the empty one alone is no truth.
fn parsed(texts: &[String], dtype: DType) -> Result<Array> {
    let sizes = [texts.len()];
    if dtype == DType::Bool {
        return Ok(Array::new(texts.iter().map(|text| !text.is_empty()).collect::<Vec<bool>>(), &sizes));
    }
    if dtype.is_integer() {
        let read = |text: &String| {
            let refused = || Error::Value(format!("invalid literal for int() with base 10: '{text}'"));
            text.trim().parse::<i64>().map_err(|_| refused())
        };
        return Ok(Array::new(texts.iter().map(read).collect::<Result<Vec<i64>>>()?, &sizes));
    }
    let read = |text: &String| {
        let refused = || Error::Value(format!("could not convert string to float: '{text}'"));
        text.trim().parse::<f64>().map_err(|_| refused())
    };
    Ok(Array::new(texts.iter().map(read).collect::<Result<Vec<f64>>>()?, &sizes))
}

/// `TypeError` for an integer that the type does not hold.
fn fits(value: i64, dtype: DType) -> Result<()> {
    let (held, class) = match dtype {
        DType::Int32 => (i32::try_from(value).is_ok(), "numpy.int32"),
        DType::UInt8 => (u8::try_from(value).is_ok(), "numpy.uint8"),
        DType::Bool => ((0..=1).contains(&value), "numpy.bool"),
        DType::String => (false, "object"),
        DType::Int64 | DType::Float32 | DType::Float64 => (true, ""),
    };
    if held {
        return Ok(());
    }
    Err(Error::Type(format!(
        "Type of feed value {value} with type <class 'int'> is not compatible with Tensor type <class '{class}'>. Try \
         explicitly setting the type of the feed tensor to a larger type (e.g. int64)."
    )))
}

/// Checks a value against the tensor it is fed to.
pub(super) fn check(name: &str, index: u32, dtype: DType, shape: &Shape, array: &Array) -> Result<()> {
    if dtype == DType::String && array.dtype() != DType::String {
        let text = format!("Cannot feed a {} value for the string Tensor {name}:{index}", array.dtype().name());
        return Err(Error::Value(text));
    }
    if shape.accepts(array.shape()) {
        return Ok(());
    }
    let name = if name.contains(':') { name.to_owned() } else { format!("{name}:{index}") };
    Err(Error::Value(format!(
        "Cannot feed value of shape {} for Tensor {name}, which has shape {shape}",
        Shape::from(array.shape()),
    )))
}

/// Makes the values of a run's placeholders: `feed! { x => 3.0, y => &labels }` for `feed_dict={x: 3.0, y: labels}`.
///
/// ```
/// use flowbook::{feed, shape, v1 as tf};
/// let b = tf::placeholder(tf::float32, shape![3]).named("feed_doc");
/// let d = feed! { b => [1, 2, 3] };
/// assert_eq!(d.to_string(), "{<tf.Tensor 'feed_doc:0' shape=(3,) dtype=float32>: [1, 2, 3]}");
/// ```
#[macro_export]
macro_rules! feed {
    ($($key:expr => $value:expr),* $(,)?) => {
        $crate::v1::Feeds::with_capacity(<[()]>::len(&[$($crate::feed!(@unit $key)),*]))$(.with($key, $value))*
    };
    (@unit $key:expr) => { () };
}
