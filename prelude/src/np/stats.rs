//! How variables vary together: `np.cov` and `np.corrcoef`. Means and deviations of one variable are in `reduce`.

use super::computed::{Compute, Computed, options};
use super::operators::{divide, multiply, subtract};
use super::{clip, diag, matmul, mean, sqrt};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::Error;
use crate::literal::ArrayLike;

options! {
    /// The call of [`cov`].
    Cov { x: Array, rowvar: bool, ddof: Option<i64>, bias: bool, }
    /// `rowvar=False`: the variables are the columns.
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::cov([[0, 2], [1, 1], [2, 0]]).rowvar(false).to_string(), "[[ 1. -1.]\n [-1.  1.]]");
    /// ```
    rowvar(rowvar: bool) => rowvar = rowvar;
    /// `bias=True`: sums are divided by the number of observations, not by one less.
    bias(bias: bool) => bias = bias;
    /// `ddof=0`: what the number of observations is lessened by.
    ddof(ddof: usize) => ddof = Some(ddof as i64);
}

impl Compute for Cov {
    #[track_caller]
    fn compute(&self) -> Array {
        let x = self.x.astype(DType::Float64);
        let rows = if x.ndim() == 2 { x } else { x.reshape((1, -1)) };
        let rows = if self.rowvar || rows.shape()[0] == 1 { rows } else { rows.t() };
        let centred = subtract(&rows, mean(&rows).axis(1).keepdims());
        let left = rows.shape()[1] as i64 - self.ddof.unwrap_or(i64::from(!self.bias));
        let products = multiply(matmul(&centred, centred.t()), 1.0 / left.max(0) as f64);
        if rows.shape()[0] == 1 { products.reshape(()) } else { products }
    }
}

/// `np.cov(x)`: how the variables, one a row, vary together; `np::cov([&x, &y])` of two samples.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::cov([[0, 1, 2], [2, 1, 0]]).to_string(), "[[ 1. -1.]\n [-1.  1.]]");
/// ```
///
/// # Panics
/// `ValueError` for more than two axes.
#[track_caller]
pub fn cov(x: impl ArrayLike) -> Computed<Cov> {
    let x = x.to_array();
    if x.ndim() > 2 {
        Error::Value("m has more than 2 dimensions".into()).raise()
    }
    Computed::new(Cov { x, rowvar: true, ddof: None, bias: false })
}

options! {
    /// The call of [`corrcoef`].
    Corrcoef { x: Array, rowvar: bool, }
    /// `rowvar=False`: the variables are the columns.
    rowvar(rowvar: bool) => rowvar = rowvar;
}

impl Compute for Corrcoef {
    #[track_caller]
    fn compute(&self) -> Array {
        let covariances: Array = cov(&self.x).rowvar(self.rowvar).into();
        if covariances.ndim() == 0 {
            return divide(&covariances, &covariances);
        }
        let deviations = sqrt(diag(&covariances));
        let rows = deviations.reshape((-1, 1));
        clip(divide(divide(covariances, rows), deviations), -1, 1)
    }
}

/// `np.corrcoef(x)`: the covariances divided by both standard deviations; `np::corrcoef([&x, &y])` of two samples.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::corrcoef([[0, 1, 2], [2, 1, 0]]).to_string(), "[[ 1. -1.]\n [-1.  1.]]");
/// ```
///
/// # Panics
/// `ValueError` for more than two axes.
#[track_caller]
pub fn corrcoef(x: impl ArrayLike) -> Computed<Corrcoef> {
    let x = x.to_array();
    if x.ndim() > 2 {
        Error::Value("m has more than 2 dimensions".into()).raise()
    }
    Computed::new(Corrcoef { x, rowvar: true })
}
