//! NumPy's side of a lesson: `np::array`, `np::exp`, operators, reductions, random numbers, on
//! [`Array`](crate::Array).
//! Each function lives in one file under NumPy's name; this file holds constants and collects the names.
//!
//! Functions take arrays, references, nested literals and plain numbers alike. Element types follow NumPy's
//! promotion, where plain Rust numbers count as Python's: `float32_array * 2.0` stays `float32`.
//! Mistakes panic at the caller's line with NumPy's text.
//!
//! ```
//! use flowbook::np;
//! let x = np::arange(-1.0, 1.0, 0.5);
//! let sigmoid = 1.0 / (1.0 + np::exp(-&x));
//! assert_eq!(sigmoid.to_string(), "[0.26894142 0.37754067 0.5        0.62245933]");
//! let b = np::ones((2, 2));
//! assert_eq!(np::sum(&b).axis(1).to_string(), "[2. 2.]");
//! ```

#![allow(non_upper_case_globals, reason = "NumPy's names")]

mod broadcast;
mod cast;
mod compare;
mod create;
pub(crate) mod display;
mod grid;
mod index;
mod linalg;
mod manipulate;
mod math;
mod npy;
mod operand;
mod operators;
mod order;
mod pairwise;
pub mod random;
mod reduce;
mod shape_like;
mod text;
mod vector;

use crate::dtype::DType;

pub use compare::{
    allclose, array_equal, equal, greater, greater_equal, isclose, isfinite, isinf, isnan, less, less_equal,
    logical_and, logical_not, logical_or, not_equal, where_,
};
pub use create::{arange, array, eye, full, linspace, ones, ones_like, zeros, zeros_like};
pub use grid::{expand_dims, logspace, meshgrid, outer, repeat, split, squeeze, tile};
pub use index::{Item, Rows};
pub use linalg::{dot, matmul};
pub use manipulate::{broadcast_to, concatenate, hstack, reshape, stack, transpose, vstack};
pub use math::{
    abs, arccos, arcsin, arctan, ceil, clip, cos, cosh, exp, expm1, floor, log, log1p, log2, log10, negative, round,
    sign, sin, sinh, sqrt, square, tan, tanh,
};
pub use npy::{Npz, load, load_npz, save, savez, savez_compressed};
pub use operand::Operand;
pub use operators::{add, divide, floor_divide, maximum, minimum, multiply, power, remainder, subtract};
pub use order::{append, argsort, bincount, count_nonzero, cumsum, diff, flip, median, percentile, sort, unique};
pub use reduce::{Reduced, all, any, argmax, argmin, max, mean, min, prod, std, sum, var};
pub use shape_like::ShapeLike;
pub use text::{Loadtxt, loadtxt};

/// `np.pi`
pub const pi: f64 = std::f64::consts::PI;
/// `np.e`
pub const e: f64 = std::f64::consts::E;
/// `np.inf`
pub const inf: f64 = f64::INFINITY;
/// `np.nan`
pub const nan: f64 = f64::NAN;
/// `np.float32`
pub const float32: DType = DType::Float32;
/// `np.float64`
pub const float64: DType = DType::Float64;
/// `np.int32`
pub const int32: DType = DType::Int32;
/// `np.int64`
pub const int64: DType = DType::Int64;
/// `np.uint8`
pub const uint8: DType = DType::UInt8;
/// `np.bool_`
pub const bool_: DType = DType::Bool;
