//! What stands for an array that is computed when it is first needed, so that optional arguments can follow the call.
//! The functions themselves are elsewhere.

use std::sync::OnceLock;

use super::manipulate::checked_axis;
use crate::array::Array;

/// Makes a type with a `value: OnceLock<Array>` and a `compute` an array wherever one is needed.
macro_rules! computed {
    ([$($generics:tt)*] $t:ty) => {
        impl<$($generics)*> std::ops::Deref for $t {
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

        impl<$($generics)*> From<$t> for $crate::array::Array {
            #[track_caller]
            fn from(computed: $t) -> Self {
                (*computed).clone()
            }
        }

        impl<$($generics)*> $crate::literal::ArrayLike for $t {
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

        impl<$($generics)*> std::fmt::Display for $t {
            fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                std::fmt::Display::fmt(&**self, f)
            }
        }

        impl<$($generics)*> std::fmt::Debug for $t {
            fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                std::fmt::Debug::fmt(&**self, f)
            }
        }

        impl<$($generics)*> $crate::format::PyRepr for $t {
            fn py_repr(&self) -> String {
                self.repr()
            }
        }

        impl<$($generics)*> PartialEq for $t {
            fn eq(&self, other: &$t) -> bool {
                **self == **other
            }
        }

        impl<$($generics)*> PartialEq<$t> for $crate::array::Array {
            fn eq(&self, other: &$t) -> bool {
                *self == **other
            }
        }

        impl<$($generics)*> $crate::session::FeedValue for $t {
            fn array(self) -> Array {
                self.into()
            }
        }

        impl<$($generics)*> PartialEq<$crate::array::Array> for $t {
            fn eq(&self, other: &$crate::array::Array) -> bool {
                **self == *other
            }
        }

        impl<'a, $($generics)*> IntoIterator for &'a $t {
            type Item = $crate::array::Array;
            type IntoIter = super::Rows<'a>;

            fn into_iter(self) -> super::Rows<'a> {
                self.iter()
            }
        }

        impl<$($generics)*> $crate::np::Operand for $t {
            #[track_caller]
            fn value(self) -> $crate::np::operand::Value {
                Array::from(self).value()
            }
        }

        impl<$($generics)*> $crate::np::Operand for &$t {
            #[track_caller]
            fn value(self) -> $crate::np::operand::Value {
                (**self).clone().value()
            }
        }

        impl<$($generics)*> $crate::np::Part for $t {
            #[track_caller]
            fn places(&self, array: &Array) -> $crate::np::part::Places {
                (**self).places(array)
            }
        }

        impl<$($generics)*> $crate::np::Part for &$t {
            #[track_caller]
            fn places(&self, array: &Array) -> $crate::np::part::Places {
                (***self).places(array)
            }
        }

        impl<$($generics)*> $crate::v2::IntoTensor for $t {
            #[track_caller]
            fn into_operand(self) -> $crate::v2::Operand {
                Array::from(self).into_operand()
            }
        }
    };
    ($t:ty) => {
        computed!([] $t);
    };
}
pub(super) use computed;

/// A call with its arguments and options: what [`Computed`] computes when it is first needed.
pub trait Compute {
    #[doc(hidden)]
    fn compute(&self) -> Array;
}

/// The result of a function with options, such as `np::diff(&x)`, which `.n(2)` may follow.
///
/// It is an array wherever one is needed: it prints, computes and derefs as one.
///
/// ```
/// use flowbook::np;
/// let steps = np::diff([1, 4, 9, 16]).n(2);
/// assert_eq!((&steps * 10).to_string(), "[20 20]");
/// ```
pub struct Computed<C: Compute> {
    call: C,
    value: OnceLock<Array>,
}

impl<C: Compute> Computed<C> {
    pub(super) fn new(call: C) -> Computed<C> {
        Computed { call, value: OnceLock::new() }
    }

    /// With an option changed.
    pub(super) fn with(mut self, change: impl FnOnce(&mut C)) -> Computed<C> {
        change(&mut self.call);
        self.value = OnceLock::new();
        self
    }

    pub(super) fn call(&self) -> &C {
        &self.call
    }

    #[track_caller]
    fn compute(&self) -> Array {
        self.call.compute()
    }
}
computed!([C: Compute] Computed<C>);

/// A call's arguments and options, and a setter for each option.
macro_rules! options {
    (
        $(#[$doc:meta])*
        $name:ident { $($field:ident: $type:ty,)* }
        $($(#[$about:meta])* $setter:ident($($arg:ident: $given:ty)?) => $set:ident = $value:expr;)*
    ) => {
        $(#[$doc])*
        pub struct $name {
            $(pub(super) $field: $type,)*
        }

        impl $crate::np::Computed<$name> {
            $(
                $(#[$about])*
                #[track_caller]
                pub fn $setter(self $(, $arg: $given)?) -> $crate::np::Computed<$name> {
                    let value = $value;
                    self.with(|call| call.$set = value)
                }
            )*
        }
    };
}
pub(super) use options;

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
