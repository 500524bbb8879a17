//! Functions of `np` that NumPy also has as methods of an array: `x.cumsum()` is `np::cumsum(&x)`. Each does what the
//! function does; nothing is computed here.

use super::computed::{Along, Computed};
use super::diagonal::Diagonal;
use super::{Nonzero, Searchsorted, ShapeLike};
use crate::array::{Array, with_data};
use crate::literal::ArrayLike;

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $t:ty),*) -> $result:ty;)*) => {
        impl Array {
            $(
                $(#[$doc])*
                #[track_caller]
                pub fn $name(&self, $($arg: $t),*) -> $result {
                    super::$name(self, $($arg),*)
                }
            )*
        }
    };
}
methods! {
    /// `x.argsort()`: see [`argsort`](super::argsort).
    ///
    /// # Panics
    /// `AxisError` for a scalar.
    argsort() -> Along;
    /// `x.cumsum()`: see [`cumsum`](super::cumsum).
    ///
    /// ```
    /// use flowbook::np;
    /// assert_eq!(np::array([1, 2, 3]).cumsum().to_string(), "[1 3 6]");
    /// ```
    cumsum() -> Along;
    /// `x.cumprod()`: see [`cumprod`](super::cumprod).
    cumprod() -> Along;
    /// `x.squeeze()`: see [`squeeze`](super::squeeze).
    squeeze() -> Along;
    /// `x.repeat(n)`: see [`repeat`](super::repeat).
    ///
    /// # Panics
    /// `ValueError` when the numbers are negative or not as many as the entries.
    repeat(n: impl ArrayLike) -> Along;
    /// `x.swapaxes(a, b)`: see [`swapaxes`](super::swapaxes).
    ///
    /// # Panics
    /// `AxisError` when there is no such axis.
    swapaxes(a: isize, b: isize) -> Array;
    /// `x.diagonal()`: see [`diagonal`](super::diagonal).
    ///
    /// # Panics
    /// `ValueError` for fewer than two axes.
    diagonal() -> Diagonal;
    /// `x.trace()`: see [`trace`](super::trace).
    ///
    /// # Panics
    /// `ValueError` for fewer than two axes.
    trace() -> Diagonal;
    /// `x.nonzero()`: see [`nonzero`](super::nonzero).
    ///
    /// # Panics
    /// `ValueError` for a scalar.
    nonzero() -> Nonzero;
    /// `x.searchsorted(values)`: see [`searchsorted`](super::searchsorted).
    searchsorted(values: impl ArrayLike) -> Computed<Searchsorted>;
}

impl Array {
    /// `x.sort()`: puts the elements along the last axis into order, in place.
    ///
    /// ```
    /// use flowbook::np;
    /// let mut x = np::array([3, 1, 2]);
    /// x.sort();
    /// assert_eq!(x.to_string(), "[1 2 3]");
    /// ```
    ///
    /// # Panics
    /// `AxisError` for a scalar.
    #[track_caller]
    pub fn sort(&mut self) {
        *self = super::sort(&*self).into();
    }

    /// `x.resize(shape)`: another shape in place, zeros behind the elements when it has room for more.
    ///
    /// ```
    /// use flowbook::np;
    /// let mut x = np::array([1, 2, 3]);
    /// x.resize((2, 2));
    /// assert_eq!(x.to_string(), "[[1 2]\n [3 0]]");
    /// ```
    ///
    /// # Panics
    /// `ValueError` when a size is negative.
    #[track_caller]
    pub fn resize(&mut self, shape: impl ShapeLike) {
        let shape = shape.shape();
        let n: usize = shape.iter().product();
        *self = with_data!(&*self, v => {
            let mut elements = v[..n.min(v.len())].to_vec();
            elements.resize(n, Default::default());
            Array::new(elements, &shape)
        });
    }

    /// `x.itemsize`: bytes of one element; of a text those of a pointer.
    pub fn itemsize(&self) -> usize {
        fn size<T>(_: &[T]) -> usize {
            size_of::<T>().min(8)
        }
        with_data!(self, v => size(v.as_slice()))
    }

    /// `x.nbytes`: bytes of all elements.
    pub fn nbytes(&self) -> usize {
        self.itemsize() * self.len()
    }
}

/// `np.shape(x)`
pub fn shape(x: impl ArrayLike) -> Vec<usize> {
    x.to_array().shape().to_vec()
}

/// `np.ndim(x)`
pub fn ndim(x: impl ArrayLike) -> usize {
    x.to_array().ndim()
}

/// `np.size(x)`: the number of elements.
pub fn size(x: impl ArrayLike) -> usize {
    x.to_array().len()
}

/// `np.broadcast_shapes(a, b)`: the common shape of two shapes.
///
/// ```
/// use flowbook::np;
/// assert_eq!(np::broadcast_shapes((3, 1), 4), [3, 4]);
/// ```
///
/// # Panics
/// `ValueError` when they do not fit.
#[track_caller]
pub fn broadcast_shapes(a: impl ShapeLike, b: impl ShapeLike) -> Vec<usize> {
    super::broadcast::common_shape(&a.shape(), &b.shape())
}
