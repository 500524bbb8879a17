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

mod bits;
mod broadcast;
mod cast;
mod choose;
mod compare;
mod computed;
mod create;
mod curves;
mod diagonal;
pub(crate) mod display;
mod einsum;
mod folds;
mod functional;
mod grid;
mod histogram;
mod index;
mod info;
mod joins;
pub mod linalg;
mod manipulate;
mod math;
mod methods;
mod moves;
mod nan;
mod npy;
pub(crate) mod operand;
mod operators;
mod order;
mod pad;
mod pairs;
mod pairwise;
pub(crate) mod part;
pub(crate) mod percent;
mod places;
mod polynomial;
mod printing;
mod products;
mod quantile;
pub mod random;
mod reduce;
mod sets;
pub(crate) mod shape_like;
mod spaced;
mod stats;
mod text;
mod triangles;
mod vector;
mod windows;

use crate::dtype::DType;

pub use crate::arange;
pub use bits::{bitwise_and, bitwise_or, bitwise_xor, invert, left_shift, right_shift};
pub use choose::{
    Nonzero, argwhere, choose, compress, extract, fill_diagonal, flatnonzero, ix_, nonzero, place, put, put_along_axis,
    select, take, take_along_axis,
};
pub use compare::{
    Isclose, allclose, array_equal, array_equiv, equal, greater, greater_equal, isclose, isfinite, isinf, isnan,
    isneginf, isposinf, less, less_equal, logical_and, logical_not, logical_or, logical_xor, not_equal, signbit,
    where_,
};
pub use computed::{Along, Compute, Computed};
pub use create::{
    array, asarray, empty, empty_like, fromfunction, full, full_like, ones, ones_like, zeros, zeros_like,
};
pub use curves::{Diff, Gradient, Interp, convolve, correlate, diff, ediff1d, gradient, interp, trapezoid};
pub use diagonal::{Diagonal, diag, diagonal, eye, identity, trace, tri, tril, triu, vander};
pub use einsum::einsum;
pub use functional::{apply_along_axis, piecewise, vectorize};
pub use grid::{
    Sections, array_split, broadcast_arrays, dsplit, expand_dims, hsplit, indices, meshgrid, meshgrid_ij,
    meshgrid_sparse, mgrid, outer, split, squeeze, tile, vsplit,
};
pub use histogram::{Binning, Bins, bins, histogram, histogram_bin_edges, histogram2d};
pub use index::{Item, Rows};
pub use info::{Finfo, Iinfo, finfo, iinfo};
pub use joins::{Pieces, block, c_, r_};
pub use manipulate::{
    atleast_1d, atleast_2d, atleast_3d, broadcast_to, column_stack, concatenate, dstack, hstack, ravel, reshape, stack,
    transpose, vstack,
};
pub use math::{
    NanToNum, abs, absolute, arccos, arccosh, arcsin, arcsinh, arctan, arctanh, around, cbrt, ceil, clip, cos, cosh,
    deg2rad, degrees, exp, exp2, expm1, fabs, fix, floor, log, log1p, log2, log10, modf, nan_to_num, negative,
    positive, rad2deg, radians, reciprocal, rint, round, sign, sin, sinc, sinh, sqrt, square, tan, tanh, trunc,
};
pub use methods::{broadcast_shapes, ndim, shape, size};
pub use moves::{
    delete, fliplr, flipud, insert, moveaxis, ravel_multi_index, repeat, resize, roll, rot90, swapaxes, trim_zeros,
    unravel_index,
};
pub use nan::{
    nanargmax, nanargmin, nancumprod, nancumsum, nanmax, nanmean, nanmedian, nanmin, nanpercentile, nanprod,
    nanquantile, nanstd, nansum, nanvar,
};
pub use npy::{Npz, load, load_npz, save, savez, savez_compressed};
pub use operand::Operand;
pub use operators::{add, divide, floor_divide, maximum, minimum, multiply, power, remainder, subtract};
pub use order::{append, argsort, count_nonzero, cumprod, cumsum, flip, sort};
pub use pad::{Pad, pad};
pub use pairs::{
    arctan2, copysign, divmod, float_power, fmax, fmin, fmod, gcd, heaviside, hypot, lcm, logaddexp, mod_, true_divide,
};
pub use part::Part;
pub use places::{
    Bincount, Digitize, Searchsorted, argpartition, bincount, digitize, lexsort, partition, searchsorted,
    searchsorted_right,
};
pub use polynomial::{poly, polyadd, polyder, polydiv, polyfit, polyint, polymul, polysub, polyval, roots};
pub use printing::{Array2string, PrintOptions, array_repr, array_str, array2string, printoptions, set_printoptions};
pub use products::{cross, dot, inner, kron, matmul, tensordot, vdot};
pub use quantile::{median, percentile, quantile};
pub use reduce::{Reduced, all, amax, amin, any, argmax, argmin, average, max, mean, min, prod, ptp, std, sum, var};
pub use sets::{
    Unique, intersect1d, isin, setdiff1d, setxor1d, union1d, unique, unique_all, unique_counts, unique_inverse,
};
pub use shape_like::ShapeLike;
pub use spaced::{Num, Samples, Step, arange, geomspace, linspace, linspace_step, logspace, num};
pub use stats::{Corrcoef, Cov, corrcoef, cov};
pub use text::{Loadtxt, Savetxt, genfromtxt, loadtxt, savetxt};
pub use triangles::{diag_indices, tril_indices, triu_indices};
pub use windows::{bartlett, blackman, hamming, hanning};

/// NumPy 2's shorter names of functions above.
pub use self::{
    arccos as acos, arccosh as acosh, arcsin as asin, arcsinh as asinh, arctan as atan, arctan2 as atan2,
    arctanh as atanh, concatenate as concat, power as pow,
};

/// `np.pi`
pub const pi: f64 = std::f64::consts::PI;
/// `np.e`
pub const e: f64 = std::f64::consts::E;
/// `np.inf`
pub const inf: f64 = f64::INFINITY;
/// `np.nan`
pub const nan: f64 = f64::NAN;
/// `np.newaxis`, for `x.slice(s![.., np::newaxis])`
pub use ndarray::NewAxis as newaxis;
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
