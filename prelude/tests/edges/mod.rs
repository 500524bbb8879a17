//! What the tables of hard operands are written with: shorter names for operands, and what a case prints.

pub mod shapes;
pub mod values;

use flowbook::v1::{self as tf, IntoTensor, Session, Tensor, nn};
use flowbook::{Array, ArrayLike, Result, feed};

pub const NAN: f64 = f64::NAN;
pub const INF: f64 = f64::INFINITY;

pub fn t(value: impl ArrayLike) -> Tensor {
    tf::constant(value).tensor()
}

pub fn doubles<const N: usize>(values: [f64; N]) -> Tensor {
    tf::constant(values).with_dtype(tf::float64).tensor()
}

pub fn longs<const N: usize>(values: [i64; N]) -> Tensor {
    tf::constant(values).with_dtype(tf::int64).tensor()
}

pub fn zeros(sizes: &[usize]) -> Tensor {
    tf::zeros(sizes.to_vec()).tensor()
}

pub type Four = [i64; 4];

pub fn conv(images: &[usize], filter: &[usize], strides: Four, padding: &str) -> Tensor {
    nn::conv2d(zeros(images), zeros(filter), strides, padding)
}

pub fn maximum(images: &[usize], window: Four, strides: Four, padding: &str) -> Tensor {
    nn::max_pool(zeros(images), window, strides, padding)
}

pub fn mean(images: &[usize], window: Four, strides: Four, padding: &str) -> Tensor {
    nn::avg_pool(zeros(images), window, strides, padding)
}

/// What a case prints; the operand is for those that are fed one.
pub type Program = fn() -> Result<String>;

pub fn shown(tensor: impl IntoTensor) -> Result<String> {
    let tensor = tf::convert_to_tensor(tensor);
    Ok(format!("{tensor}\n{}", Session::new().run(tensor)?))
}

pub fn shown_with<T: IntoTensor>(value: Array, build: fn(Tensor) -> T) -> Result<String> {
    let x = tf::placeholder(value.dtype(), None).named("x");
    let tensor = tf::convert_to_tensor(build(x));
    Ok(format!("{tensor}\n{}", Session::new().run_with(tensor, feed! { x => value })?))
}

macro_rules! built {
    ($($title:literal => $expression:expr;)*) => {
        &[$(($title, || $crate::edges::shown($expression))),*]
    };
}

macro_rules! fed {
    ($($title:literal => $value:expr, |$x:ident| $expression:expr;)*) => {
        &[$(($title, || $crate::edges::shown_with($value.to_tensor(), |$x| $expression))),*]
    };
}

pub(crate) use {built, fed};
