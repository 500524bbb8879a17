//! How a shape is written as an argument: `3`, `(2, 3)`, `[2, 3]`, a slice.

use crate::error::Error;

/// A shape, as NumPy takes it: one size, or a tuple, array or slice of sizes. `-1` is for `reshape` only.
pub trait ShapeLike {
    /// The sizes; -1 stands for "whatever is left".
    fn sizes(&self) -> Vec<isize>;

    /// The sizes, none of them negative.
    ///
    /// # Panics
    /// `ValueError` when one is negative.
    #[track_caller]
    fn shape(&self) -> Vec<usize> {
        let sizes = self.sizes();
        if sizes.iter().any(|size| *size < 0) {
            Error::Value("negative dimensions are not allowed".into()).raise()
        }
        sizes.into_iter().map(|size| size as usize).collect()
    }
}

/// One size of a shape.
pub trait Size: Copy {
    #[doc(hidden)]
    fn size(self) -> isize;
}

macro_rules! sizes {
    ($($t:ty),*) => { $(
        impl Size for $t {
            fn size(self) -> isize {
                self as isize
            }
        }
        impl ShapeLike for $t {
            fn sizes(&self) -> Vec<isize> {
                vec![*self as isize]
            }
        }
    )* };
}
sizes!(i32, i64, isize, usize);

impl ShapeLike for () {
    fn sizes(&self) -> Vec<isize> {
        Vec::new()
    }
}

macro_rules! tuples {
    ($(($($name:ident . $index:tt),*))*) => { $(
        impl<$($name: Size),*> ShapeLike for ($($name,)*) {
            fn sizes(&self) -> Vec<isize> {
                vec![$(self.$index.size()),*]
            }
        }
    )* };
}
tuples! { (A.0) (A.0, B.1) (A.0, B.1, C.2) (A.0, B.1, C.2, D.3) (A.0, B.1, C.2, D.3, E.4) }

impl<T: Size> ShapeLike for [T] {
    fn sizes(&self) -> Vec<isize> {
        self.iter().map(|size| size.size()).collect()
    }
}

impl<T: Size, const N: usize> ShapeLike for [T; N] {
    fn sizes(&self) -> Vec<isize> {
        self.as_slice().sizes()
    }
}

impl<T: Size> ShapeLike for Vec<T> {
    fn sizes(&self) -> Vec<isize> {
        self.as_slice().sizes()
    }
}

impl<S: ShapeLike + ?Sized> ShapeLike for &S {
    fn sizes(&self) -> Vec<isize> {
        (**self).sizes()
    }
}
