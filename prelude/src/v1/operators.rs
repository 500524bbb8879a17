//! Operators on tensors, variables and what is just built: `+ - * / %`, `-x`, `& | ^ !`, and the methods that stand
//! for the operators Rust keeps for itself (`>`, `**`, `//`).

use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Rem, Sub};

use crate::Array;
use crate::graph::{Attrs, Built, IntoTensor, Operand, Scope, Tensor, Variable, build, graph_of};
use crate::ops::{Style, binary, elementwise as e, pair};

#[track_caller]
fn add(x: Operand, y: Operand) -> Tensor {
    binary(&e::ADD, "add", x, y, Style::Operator)
}

#[track_caller]
fn sub(x: Operand, y: Operand) -> Tensor {
    binary(&e::SUB, "sub", x, y, Style::Operator)
}

#[track_caller]
fn mul(x: Operand, y: Operand) -> Tensor {
    binary(&e::MUL, "mul", x, y, Style::Operator)
}

#[track_caller]
fn div(x: Operand, y: Operand) -> Tensor {
    e::true_divide(x, y, Style::Operator)
}

#[track_caller]
fn rem(x: Operand, y: Operand) -> Tensor {
    binary(&e::FLOOR_MOD, "mod", x, y, Style::Operator)
}

#[track_caller]
fn bitand(x: Operand, y: Operand) -> Tensor {
    binary(&e::LOGICAL_AND, "and", x, y, Style::Operator)
}

#[track_caller]
fn bitor(x: Operand, y: Operand) -> Tensor {
    binary(&e::LOGICAL_OR, "or", x, y, Style::Operator)
}

#[track_caller]
fn bitxor(x: Operand, y: Operand) -> Tensor {
    let either = graph_of(&[&x, &y]);
    either.as_default(|| {
        build(either, || {
            let scope = Scope::open(either, "xor");
            let (x, y) = pair(&e::LOGICAL_OR, &scope, &x, &y, Style::Operator)?;
            let (one, not_both) = scope.enter(|| (e::logical_or(x, y), e::logical_not(e::logical_and(x, y))));
            Ok(scope.op(&e::LOGICAL_AND, &[one, not_both], Attrs::new())?.output(0))
        })
    })
}

/// The operators for one kind of left operand, and for literals on the left of it.
macro_rules! operators {
    ($([$($g:ident)?] $t:ty),*) => { $(
        operators!(@binary [$($g)?] $t: Add add, Sub sub, Mul mul, Div div, Rem rem, BitAnd bitand, BitOr bitor, BitXor bitxor);
        // One float and one integer type, so that the type of a literal, and of `1 - x`, is never in doubt.
        operators!(@literal [$($g)?] $t: f64, i32, Array, &Array);
        operators!(@lists [$($g)?] $t: Add add, Sub sub, Mul mul, Div div, Rem rem);
        impl<$($g)?> Neg for $t {
            type Output = Tensor;
            #[track_caller]
            fn neg(self) -> Tensor {
                e::negative(self)
            }
        }
        impl<$($g)?> Not for $t {
            type Output = Tensor;
            #[track_caller]
            fn not(self) -> Tensor {
                e::logical_not(self)
            }
        }
        impl<$($g)?> $t {
            /// `x > y`, element by element.
            #[track_caller]
            pub fn gt(self, y: impl IntoTensor) -> Tensor {
                binary(&e::GREATER, "Greater", self.into_operand(), y.into_operand(), Style::Function)
            }
            /// `x >= y`, element by element.
            #[track_caller]
            pub fn ge(self, y: impl IntoTensor) -> Tensor {
                binary(&e::GREATER_EQUAL, "GreaterEqual", self.into_operand(), y.into_operand(), Style::Function)
            }
            /// `x < y`, element by element.
            #[track_caller]
            pub fn lt(self, y: impl IntoTensor) -> Tensor {
                binary(&e::LESS, "Less", self.into_operand(), y.into_operand(), Style::Function)
            }
            /// `x <= y`, element by element.
            #[track_caller]
            pub fn le(self, y: impl IntoTensor) -> Tensor {
                binary(&e::LESS_EQUAL, "LessEqual", self.into_operand(), y.into_operand(), Style::Function)
            }
            /// `x ** y`.
            #[track_caller]
            pub fn pow(self, y: impl IntoTensor) -> Tensor {
                binary(&e::POW, "pow", self.into_operand(), y.into_operand(), Style::Operator)
            }
            /// `x // y`.
            #[track_caller]
            pub fn floordiv(self, y: impl IntoTensor) -> Tensor {
                binary(&e::FLOOR_DIV, "floordiv", self.into_operand(), y.into_operand(), Style::Operator)
            }
            /// `abs(x)`.
            #[track_caller]
            pub fn abs(self) -> Tensor {
                e::abs(self)
            }
        }
    )* };
    (@binary [$($g:ident)?] $t:ty: $($op:ident $f:ident),*) => {
        operators!(@each [$($g)?] $t: $($op $f),*);
    };
    (@each [] $t:ty: $($op:ident $f:ident),*) => { $(
        impl<R: IntoTensor> $op<R> for $t {
            type Output = Tensor;
            #[track_caller]
            fn $f(self, y: R) -> Tensor {
                $f(self.into_operand(), y.into_operand())
            }
        }
    )* };
    (@each [$g:ident] $t:ty: $($op:ident $f:ident),*) => { $(
        impl<$g, R: IntoTensor> $op<R> for $t {
            type Output = Tensor;
            #[track_caller]
            fn $f(self, y: R) -> Tensor {
                $f(self.into_operand(), y.into_operand())
            }
        }
    )* };
    // Nested arrays and vectors on the left.
    (@lists [] $t:ty: $($op:ident $f:ident),*) => { $(
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
    )* };
    (@lists [$g:ident] $t:ty: $($op:ident $f:ident),*) => { $(
        impl<T, $g, const N: usize> $op<$t> for [T; N]
        where
            [T; N]: IntoTensor,
        {
            type Output = Tensor;
            #[track_caller]
            fn $f(self, y: $t) -> Tensor {
                $f(self.into_operand(), y.into_operand())
            }
        }
        impl<T, $g> $op<$t> for Vec<T>
        where
            Vec<T>: IntoTensor,
        {
            type Output = Tensor;
            #[track_caller]
            fn $f(self, y: $t) -> Tensor {
                $f(self.into_operand(), y.into_operand())
            }
        }
    )* };
    (@literal $g:tt $t:ty: $($l:ty),*) => { $(
        operators!(@left $g $t, $l: Add add, Sub sub, Mul mul, Div div, Rem rem);
    )* };
    (@left [] $t:ty, $l:ty: $($op:ident $f:ident),*) => { $(
        impl $op<$t> for $l {
            type Output = Tensor;
            #[track_caller]
            fn $f(self, y: $t) -> Tensor {
                $f(self.into_operand(), y.into_operand())
            }
        }
    )* };
    (@left [$g:ident] $t:ty, $l:ty: $($op:ident $f:ident),*) => { $(
        impl<$g> $op<$t> for $l {
            type Output = Tensor;
            #[track_caller]
            fn $f(self, y: $t) -> Tensor {
                $f(self.into_operand(), y.into_operand())
            }
        }
    )* };
}

operators!([] Tensor, [] Variable, [K] Built<K>);
