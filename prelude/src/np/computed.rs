//! What stands for an array that is computed when it is first needed, so that optional arguments can follow the call.
//! The functions themselves are elsewhere.

use std::sync::OnceLock;

use super::manipulate::checked_axis;
use crate::array::Array;

/// Makes a type with a `value: OnceLock<Array>` and a `compute` an array wherever one is needed.
macro_rules! computed {
    ($t:ty) => {
        impl std::ops::Deref for $t {
            type Target = $crate::array::Array;

            #[track_caller]
            fn deref(&self) -> &Self::Target {
                if let Some(value) = self.value.get() {
                    return value;
                }
                let value = self.compute();
                self.value.get_or_init(|| value)
            }
        }

        impl From<$t> for $crate::array::Array {
            #[track_caller]
            fn from(computed: $t) -> Self {
                (*computed).clone()
            }
        }

        impl $crate::literal::ArrayLike for $t {
            #[track_caller]
            fn to_array(&self) -> $crate::array::Array {
                (**self).clone()
            }
            #[track_caller]
            fn to_tensor(&self) -> $crate::array::Array {
                (**self).clone()
            }
            #[track_caller]
            fn append(&self, literal: &mut $crate::literal::Literal) {
                (**self).append(literal);
            }
        }

        impl std::fmt::Display for $t {
            fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                std::fmt::Display::fmt(&**self, f)
            }
        }

        impl std::fmt::Debug for $t {
            fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                std::fmt::Debug::fmt(&**self, f)
            }
        }

        impl $crate::format::PyRepr for $t {
            fn py_repr(&self) -> String {
                self.repr()
            }
        }

        impl PartialEq for $t {
            fn eq(&self, other: &$t) -> bool {
                **self == **other
            }
        }

        impl PartialEq<$crate::array::Array> for $t {
            fn eq(&self, other: &$crate::array::Array) -> bool {
                **self == *other
            }
        }

        impl<'a> IntoIterator for &'a $t {
            type Item = $crate::array::Array;
            type IntoIter = super::Rows<'a>;

            fn into_iter(self) -> super::Rows<'a> {
                self.iter()
            }
        }
    };
}
pub(super) use computed;

type Apply = Box<dyn Fn(&Array, Option<usize>) -> Array + Send + Sync>;

/// A result such as `np::sort(&x)`, which `.axis(0)` may follow.
///
/// It is an array wherever one is needed: it prints, computes and derefs as one.
///
/// ```
/// use flowbook::np;
/// let x = np::array([[3, 1], [2, 4]]);
/// assert_eq!(np::sort(&x).to_string(), "[[1 3]\n [2 4]]");
/// assert_eq!(np::sort(&x).axis(0).to_string(), "[[2 1]\n [3 4]]");
/// ```
pub struct Along {
    input: Array,
    axis: Option<usize>,
    apply: Apply,
    value: OnceLock<Array>,
}

impl Along {
    /// `apply` is given the array and the axis asked for, counted from the front.
    pub(super) fn new(input: Array, apply: impl Fn(&Array, Option<usize>) -> Array + Send + Sync + 'static) -> Along {
        Along { input, axis: None, apply: Box::new(apply), value: OnceLock::new() }
    }

    /// `axis=...`: works along this axis; a negative one counts from the last.
    ///
    /// # Panics
    /// `AxisError` when the array has no such axis.
    #[track_caller]
    pub fn axis(mut self, axis: isize) -> Along {
        self.axis = Some(checked_axis(axis, self.input.ndim()));
        self.value = OnceLock::new();
        self
    }

    fn compute(&self) -> Array {
        (self.apply)(&self.input, self.axis)
    }
}
computed!(Along);
