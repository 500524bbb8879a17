//! `tf.debugging`: checks of values and shapes that end with an error where they fail. In a function that is being traced
//! the checks become part of it.

use super::eager::call;
use super::function::Trace;
use super::operand::{IntoTensor, Operand};
use super::operators::general;
use super::{Tensor, functions as f, shape_v2};
use crate::error::Error;
use crate::graph::IntoDType;
use crate::ops::{OpDef, assertion, elementwise as e};
use crate::{Array, DType};

pub use super::config::set_log_device_placement;

/// A relation that has to hold for all elements.
struct Relation {
    sign: &'static str,
    def: &'static OpDef,
    traced: fn(crate::graph::Operand, crate::graph::Operand) -> crate::graph::Operation,
}

/// The shown elements of a failed check, at most this many.
const SHOWN: usize = 3;

impl Relation {
    #[track_caller]
    fn check(&self, x: Operand, y: Operand, message: &str) {
        let x = Operand::Tensor(x.tensor());
        let holds = general(self.def, x.clone(), y.clone());
        if holds.value().is_none() {
            return traced(&[x, y], |nodes| (self.traced)(nodes[0].clone(), nodes[1].clone()));
        }
        let (x, y) = (x.tensor().numpy(), y.tensor().numpy());
        if everywhere(&holds) {
            return;
        }
        let lead = if message.is_empty() { String::new() } else { format!("{message}\n") };
        Error::InvalidArgument(format!("{lead}{}", self.report(&holds, &x, &y))).raise();
    }

    /// TensorFlow's text, which shows what differs and where, and how both begin.
    #[track_caller]
    fn report(&self, holds: &Tensor, x: &Array, y: &Array) -> String {
        let mut text = format!("Condition x {} y did not hold.\n", self.sign);
        if holds.ndim() > 0 && x.shape() == y.shape() {
            let places = f::argwhere(f::logical_not(holds)).numpy();
            let places = first(&places);
            let of = |array: &Array| f::gather_nd(array, &places).numpy();
            text += &format!("Indices of first {} different values:\n{places}\n", places.shape()[0]);
            text += &format!("Corresponding x values:\n{}\nCorresponding y values:\n{}\n", of(x), of(y));
        }
        let begins = |array: &Array| first(&f::reshape(array, [-1]).numpy());
        let (x, y) = (begins(x), begins(y));
        let (m, n) = (x.shape()[0], y.shape()[0]);
        format!("{text}First {m} elements of x:\n{x}\nFirst {n} elements of y:\n{y}")
    }
}

/// Whether all of the truth values are true.
fn everywhere(holds: &Tensor) -> bool {
    holds.numpy().to_vec::<bool>().iter().all(|holds| *holds)
}

/// The first rows of an array.
fn first(array: &Array) -> Array {
    let rows: Vec<i32> = (0..array.shape()[0].min(SHOWN) as i32).collect();
    super::gather(array, rows).numpy()
}

/// Makes a check part of the function that is being traced.
#[track_caller]
fn traced(operands: &[Operand], build: impl Fn(&[crate::graph::Operand]) -> crate::graph::Operation) {
    let Some(trace) = Trace::active() else { return };
    let symbol = |operand: &Operand| crate::graph::Operand::Tensor(trace.symbol(operand, operand.tensor().dtype()));
    let nodes: Vec<_> = operands.iter().map(symbol).collect();
    trace.run_always(trace.graph.as_default(|| build(&nodes)));
}

macro_rules! relations {
    ($($name:ident, $with_message:ident = $sign:literal $def:ident;)*) => { $(
        #[doc = concat!("Fails unless `x ", $sign, " y` for every element: `tf.debugging.", stringify!($name), "`.")]
        ///
        /// # Panics
        /// `InvalidArgumentError` when it does not hold.
        #[track_caller]
        pub fn $name(x: impl IntoTensor, y: impl IntoTensor) {
            $with_message(x, y, "");
        }

        #[doc = concat!("[`", stringify!($name), "`] with a message that the error begins with, `message=`.")]
        ///
        /// # Panics
        #[doc = concat!("As [`", stringify!($name), "`].")]
        #[track_caller]
        pub fn $with_message(x: impl IntoTensor, y: impl IntoTensor, message: &str) {
            let relation = Relation { sign: $sign, def: &e::$def, traced: |x, y| assertion::$name(x, y) };
            relation.check(x.into_operand(), y.into_operand(), message);
        }
    )* };
}
relations! {
    assert_equal, assert_equal_with_message = "==" EQUAL;
    assert_none_equal, assert_none_equal_with_message = "!=" NOT_EQUAL;
    assert_less, assert_less_with_message = "<" LESS;
    assert_less_equal, assert_less_equal_with_message = "<=" LESS_EQUAL;
    assert_greater, assert_greater_with_message = ">" GREATER;
    assert_greater_equal, assert_greater_equal_with_message = ">=" GREATER_EQUAL;
}

/// The elements as Python's list of their texts.
fn listed(values: &Array) -> String {
    let texts: Vec<String> = first_texts(values).iter().map(|text| format!("'{text}'")).collect();
    format!("[{}]", texts.join(", "))
}

/// The first elements, each as Python's `str` of it.
fn first_texts(values: &Array) -> Vec<String> {
    let flat = f::reshape(values, [-1]).numpy();
    let mut texts: Vec<String> = first(&flat).iter().map(|value| value.to_string()).collect();
    if flat.shape()[0] > SHOWN {
        texts.push("...".into());
    }
    texts
}

fn described(x: &Tensor) -> String {
    format!("shape={} dtype={}", shape_v2(&x.shape()), x.dtype().name())
}

macro_rules! signs {
    ($($name:ident = $sign:literal $compare:path, $break:literal;)*) => { $(
        #[doc = concat!("Fails unless `x ", $sign, " 0` for every element: `tf.debugging.", stringify!($name), "`.")]
        ///
        /// # Panics
        /// `InvalidArgumentError` when it does not hold.
        #[track_caller]
        pub fn $name(x: impl IntoTensor) {
            let x = x.into_operand().tensor();
            let Some(value) = x.value() else {
                return traced(&[Operand::Tensor(x)], |nodes| assertion::$name(nodes[0].clone()));
            };
            let zero = Tensor::eager(Array::zeros(x.dtype(), &[]));
            if everywhere(&$compare(&x, zero)) {
                return;
            }
            Error::InvalidArgument(format!(
                concat!("\nCondition x ", $sign, " 0 did not hold element-wise:", $break, "x ({}) = \n{}"),
                described(&x),
                listed(value)
            ))
            .raise();
        }
    )* };
}
signs! {
    assert_positive = ">" f::greater, "\n";
    assert_negative = "<" f::less, "\n";
    assert_non_negative = ">=" f::greater_equal, "\n";
    // TensorFlow forgot a comma.
    assert_non_positive = "<=" f::less_equal, "";
}

/// Fails unless `|x - y| <= atol + rtol * |y|` for every element, both tolerances being ten times the precision of the type:
/// `tf.debugging.assert_near`.
///
/// # Panics
/// `InvalidArgumentError` when it does not hold.
#[track_caller]
pub fn assert_near(x: impl IntoTensor, y: impl IntoTensor) {
    near(x.into_operand(), y.into_operand(), None);
}

/// As [`assert_near`] with other tolerances, `rtol=` and `atol=`.
///
/// # Panics
/// As [`assert_near`].
#[track_caller]
pub fn assert_near_within(x: impl IntoTensor, y: impl IntoTensor, rtol: f64, atol: f64) {
    near(x.into_operand(), y.into_operand(), Some((rtol, atol)));
}

#[track_caller]
fn near(x: Operand, y: Operand, tolerances: Option<(f64, f64)>) {
    let x = x.tensor();
    let y = match y.value_for(x.dtype()) {
        Some(value) => Tensor::eager(value),
        None => y.tensor(),
    };
    let own = if x.dtype() == DType::Float64 { 10.0 * f64::EPSILON } else { 10.0 * f64::from(f32::EPSILON) };
    let (rtol, atol) = tolerances.unwrap_or((own, own));
    let number = |v: f64| f::cast(v, x.dtype());
    let (rtol, atol) = (number(rtol), number(atol));
    let far = f::abs(&x - &y);
    let limit = &atol + &rtol * f::abs(&y);
    if far.value().is_none() {
        return assert_less_equal(far, limit);
    }
    if everywhere(&f::less_equal(far, limit)) {
        return;
    }
    let line =
        |name: &str, t: &Tensor| format!("b'{name} ({}) = '\n{}", described(t), first_texts(&t.numpy()).join(", "));
    Error::InvalidArgument(format!(
        "Expected 'tf.Tensor(False, shape=(), dtype=bool)' to be true. Summarized data: b''\nb'x and y not equal to tolerance \
         rtol = {rtol}, atol = {atol}'\n{}\n{}",
        line("x", &x),
        line("y", &y)
    ))
    .raise();
}

/// The tensor, when all of its elements are finite numbers: `tf.debugging.check_numerics(tensor, message)`.
///
/// # Panics
/// `InvalidArgumentError` when some element is infinite or no number.
#[track_caller]
pub fn check_numerics(tensor: impl IntoTensor, message: &str) -> Tensor {
    call(&[tensor.into_operand()], |x| assertion::check_numerics(x[0].clone(), message))
}

/// The tensor, when all of its elements are finite numbers: `tf.debugging.assert_all_finite(x, message)`.
///
/// # Panics
/// As [`check_numerics`].
#[track_caller]
pub fn assert_all_finite(x: impl IntoTensor, message: &str) -> Tensor {
    check_numerics(x, message)
}

#[track_caller]
fn wrong_rank(x: &Tensor, wanted: &str) -> ! {
    let (rank, shape) = (x.ndim(), shape_v2(&x.shape()));
    Error::Value(format!("Tensor  must have rank {wanted}.  Received rank {rank}, shape {shape}")).raise()
}

/// Fails unless `x` has that many axes: `tf.debugging.assert_rank`.
///
/// # Panics
/// `ValueError` when it has not.
#[track_caller]
pub fn assert_rank(x: impl IntoTensor, rank: usize) {
    let x = x.into_operand().tensor();
    if x.ndim() != rank {
        wrong_rank(&x, &rank.to_string());
    }
}

/// Fails unless `x` has that many axes or more: `tf.debugging.assert_rank_at_least`.
///
/// # Panics
/// `ValueError` when it has not.
#[track_caller]
pub fn assert_rank_at_least(x: impl IntoTensor, rank: usize) {
    let x = x.into_operand().tensor();
    if x.ndim() < rank {
        wrong_rank(&x, &format!("at least {rank}"));
    }
}

/// Fails unless `x` is a single number: `tf.debugging.assert_scalar`.
///
/// # Panics
/// `ValueError` when it is not.
#[track_caller]
pub fn assert_scalar(x: impl IntoTensor) {
    let x = x.into_operand().tensor();
    if x.ndim() != 0 {
        Error::Value(format!("Expected scalar shape, saw shape: {}.", shape_v2(&x.shape()))).raise();
    }
}

/// Fails unless `x` has that element type: `tf.debugging.assert_type`.
///
/// # Panics
/// `TypeError` when it has not.
#[track_caller]
pub fn assert_type(x: impl IntoTensor, tf_type: impl IntoDType) {
    let (x, wanted) = (x.into_operand().tensor(), tf_type.into_dtype().unwrap_or_else(|error| error.raise()));
    if x.dtype() != wanted {
        Error::Type(format!("tensor must be of type tf.{}; got tf.{}", wanted.name(), x.dtype().name())).raise();
    }
}

/// A size that [`assert_shapes`] asks for: a number, or a letter that stands for the same number everywhere.
#[derive(Clone, Debug)]
pub enum Size {
    /// That many.
    Number(usize),
    /// As many as wherever the name stands.
    Name(String),
}

impl From<usize> for Size {
    fn from(n: usize) -> Size {
        Size::Number(n)
    }
}

impl From<i32> for Size {
    fn from(n: i32) -> Size {
        Size::Number(n.unsigned_abs() as usize)
    }
}

impl From<&str> for Size {
    fn from(name: &str) -> Size {
        Size::Name(name.into())
    }
}

/// A shape of numbers and letters: an array of either, or a tuple of both.
pub trait IntoSizes {
    #[doc(hidden)]
    fn into_sizes(self) -> Vec<Size>;
}

impl<S: Into<Size>, const N: usize> IntoSizes for [S; N] {
    fn into_sizes(self) -> Vec<Size> {
        self.into_iter().map(Into::into).collect()
    }
}

macro_rules! tuples {
    ($($($T:ident $i:tt),+;)*) => { $(
        impl<$($T: Into<Size>),+> IntoSizes for ($($T,)+) {
            fn into_sizes(self) -> Vec<Size> {
                vec![$(self.$i.into()),+]
            }
        }
    )* };
}
tuples! { A 0; A 0, B 1; A 0, B 1, C 2; A 0, B 1, C 2, D 3; }

/// Tensors beside the shapes they are to have: a pair, a tuple or an array of pairs.
pub trait Shaped {
    #[doc(hidden)]
    fn shaped(self) -> Vec<(Tensor, Vec<Size>)>;
}

impl<X: IntoTensor, S: IntoSizes, const N: usize> Shaped for [(X, S); N] {
    #[track_caller]
    fn shaped(self) -> Vec<(Tensor, Vec<Size>)> {
        self.into_iter().map(|(x, sizes)| (x.into_operand().tensor(), sizes.into_sizes())).collect()
    }
}

macro_rules! shaped {
    ($($($X:ident $S:ident $i:tt),+;)*) => { $(
        impl<$($X: IntoTensor, $S: IntoSizes),+> Shaped for ($(($X, $S),)+) {
            #[track_caller]
            fn shaped(self) -> Vec<(Tensor, Vec<Size>)> {
                vec![$((self.$i.0.into_operand().tensor(), self.$i.1.into_sizes())),+]
            }
        }
    )* };
}
shaped! { A B 0; A B 0, C D 1; A B 0, C D 1, E F 2; A B 0, C D 1, E F 2, G H 3; }

/// Fails unless every tensor has its shape, in which letters stand for the same number everywhere:
/// `tf.debugging.assert_shapes`.
///
/// ```
/// use flowbook::v2 as tf;
/// let (x, y) = (tf::ones([2, 3]), tf::ones([2]));
/// tf::debugging::assert_shapes(((&x, ("N", 3)), (&y, ("N",))));
/// ```
///
/// # Panics
/// `ValueError` for the first size that differs.
#[track_caller]
pub fn assert_shapes(shapes: impl Shaped) {
    let mut known: Vec<(String, usize, String)> = Vec::new();
    for (x, sizes) in shapes.shaped() {
        let (shape, described) = (x.shape(), described(&x));
        let dims = shape.dims().unwrap_or_default();
        if dims.len() != sizes.len() {
            wrong_rank(&x, &sizes.len().to_string());
        }
        for (axis, (found, wanted)) in dims.iter().zip(sizes).enumerate() {
            let Some(found) = *found else { continue };
            let (wanted, lead) = match wanted {
                Size::Number(n) => (n, "Specified explicitly".to_owned()),
                Size::Name(name) => match known.iter().find(|(known, ..)| *known == name) {
                    Some((_, n, place)) => (*n, format!("Specified by {place}")),
                    None => {
                        known.push((name, found, format!("tensor {described} dimension {axis}")));
                        continue;
                    }
                },
            };
            if found != wanted {
                Error::Value(format!(
                    "{lead}.  Tensor {described} dimension {axis} must have size {wanted}.  Received size {found}, shape {}",
                    shape_v2(&shape)
                ))
                .raise();
            }
        }
    }
}
