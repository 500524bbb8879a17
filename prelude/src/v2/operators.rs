//! Operators on eager tensors and variables, by value and by reference, with numbers and arrays on either side; and the
//! methods that stand for the operators Rust keeps for itself (`>`, `**`, `//`, `@`).

use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Rem, Sub};

use super::built::{Built, Evaluate};
use super::eager::{arithmetic, call, check_types};
use super::operand::{IntoTensor, Operand};
use super::{Gradient, Tensor, Variable, functions as f};
use crate::Array;
use crate::ops::{OpDef, Style, elementwise as e};

/// An elementwise op of two operands.
#[track_caller]
pub(super) fn binary(def: &'static OpDef, x: Operand, y: Operand) -> Tensor {
    if let Some(result) = arithmetic(def, &x, &y) {
        return result;
    }
    general(def, x, y)
}

/// An elementwise op of two operands whose result may be of another type.
#[track_caller]
pub(super) fn general(def: &'static OpDef, x: Operand, y: Operand) -> Tensor {
    if let Err(error) = check_types(def.name, &x, &y) {
        error.raise();
    }
    call(&[x, y], |o| crate::ops::binary(def, def.name, o[0].clone(), o[1].clone(), Style::Operator))
}

#[track_caller]
pub(super) fn add(x: Operand, y: Operand) -> Tensor {
    binary(&e::ADD, x, y)
}

#[track_caller]
pub(super) fn sub(x: Operand, y: Operand) -> Tensor {
    binary(&e::SUB, x, y)
}

#[track_caller]
fn mul(x: Operand, y: Operand) -> Tensor {
    binary(&e::MUL, x, y)
}

#[track_caller]
pub(super) fn div(x: Operand, y: Operand) -> Tensor {
    if let Some(result) = arithmetic(&e::REAL_DIV, &x, &y) {
        return result;
    }
    call(&[x, y], |o| e::true_divide(o[0].clone(), o[1].clone(), Style::Operator))
}

#[track_caller]
fn rem(x: Operand, y: Operand) -> Tensor {
    general(&e::FLOOR_MOD, x, y)
}

#[track_caller]
fn bitand(x: Operand, y: Operand) -> Tensor {
    general(&e::LOGICAL_AND, x, y)
}

#[track_caller]
fn bitor(x: Operand, y: Operand) -> Tensor {
    general(&e::LOGICAL_OR, x, y)
}

#[track_caller]
fn bitxor(x: Operand, y: Operand) -> Tensor {
    general(&e::NOT_EQUAL, x, y)
}

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident = $def:ident;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(&self, y: impl IntoTensor) -> Tensor {
            general(&e::$def, self.into_operand(), y.into_operand())
        }
    )* };
}

/// The methods that tensors and variables share.
macro_rules! methods {
    ($($t:ty),*) => { $(
        impl $t {
            comparisons! {
                /// `x > y`, element by element.
                gt = GREATER;
                /// `x >= y`, element by element.
                ge = GREATER_EQUAL;
                /// `x < y`, element by element.
                lt = LESS;
                /// `x <= y`, element by element.
                le = LESS_EQUAL;
                /// `x == y`, element by element.
                equal = EQUAL;
                /// `x != y`, element by element.
                not_equal = NOT_EQUAL;
                /// `x ** y`.
                pow = POW;
                /// `x // y`.
                floordiv = FLOOR_DIV;
            }

            /// `abs(x)`.
            #[track_caller]
            pub fn abs(&self) -> Tensor {
                f::abs(self)
            }

            /// `x @ y`, the matrix product.
            #[track_caller]
            pub fn matmul(&self, y: impl IntoTensor) -> Tensor {
                f::matmul(self, y).into()
            }
        }
    )* };
}
methods!(Tensor, Variable);

macro_rules! operators {
    ($([$($g:ident)?] $t:ty),*) => { $(
        operators!(@binary [$($g)?] $t: Add add, Sub sub, Mul mul, Div div, Rem rem, BitAnd bitand, BitOr bitor, BitXor bitxor);
        // One float and one integer type, so that the type of a literal, and of `1 - x`, is never in doubt.
        operators!(@literal [$($g)?] $t: f64, i32, Array, &Array);
        impl<$($g: Evaluate)?> Neg for $t {
            type Output = Tensor;
            #[track_caller]
            fn neg(self) -> Tensor {
                f::negative(self)
            }
        }
        impl<$($g: Evaluate)?> Not for $t {
            type Output = Tensor;
            #[track_caller]
            fn not(self) -> Tensor {
                f::logical_not(self)
            }
        }
    )* };
    (@binary $g:tt $t:ty: $($op:ident $f:ident),*) => { $(
        operators!(@each $g $t: $op $f);
    )* };
    (@each [$($g:ident)?] $t:ty: $op:ident $f:ident) => {
        impl<$($g: Evaluate,)? R: IntoTensor> $op<R> for $t {
            type Output = Tensor;
            #[inline]
            #[track_caller]
            fn $f(self, y: R) -> Tensor {
                $f(self.into_operand(), y.into_operand())
            }
        }
    };
    (@literal $g:tt $t:ty: $($l:ty),*) => { $(
        operators!(@left $g $t, $l: Add add);
        operators!(@left $g $t, $l: Sub sub);
        operators!(@left $g $t, $l: Mul mul);
        operators!(@left $g $t, $l: Div div);
        operators!(@left $g $t, $l: Rem rem);
    )* };
    (@left [$($g:ident)?] $t:ty, $l:ty: $op:ident $f:ident) => {
        impl<$($g: Evaluate)?> $op<$t> for $l {
            type Output = Tensor;
            #[track_caller]
            fn $f(self, y: $t) -> Tensor {
                $f(self.into_operand(), y.into_operand())
            }
        }
    };
}

operators!(
    [] Tensor, [] &Tensor, [] Variable, [] &Variable, [K] Built<K>, [K] &Built<K>, [] Gradient, [] &Gradient
);

/// Nested arrays and vectors on the left.
macro_rules! lists {
    ($($t:ty),*) => { $(
        lists!(@each $t: Add add);
        lists!(@each $t: Sub sub);
        lists!(@each $t: Mul mul);
        lists!(@each $t: Div div);
    )* };
    (@each $t:ty: $op:ident $f:ident) => {
        impl<T, const N: usize> $op<$t> for [T; N]
        where
            [T; N]: IntoTensor,
        {
            type Output = Tensor;
            #[track_caller]
            fn $f(self, y: $t) -> Tensor {
                $f(self.into_operand(), y.into_operand())
            }
        }
        impl<T> $op<$t> for Vec<T>
        where
            Vec<T>: IntoTensor,
        {
            type Output = Tensor;
            #[track_caller]
            fn $f(self, y: $t) -> Tensor {
                $f(self.into_operand(), y.into_operand())
            }
        }
    };
}
lists!(Tensor, &Tensor, Variable, &Variable);
