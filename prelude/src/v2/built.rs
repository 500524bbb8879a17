//! A call whose optional arguments are setters: it has its value at once, and a setter computes it anew.

use std::fmt;
use std::ops::Deref;

use super::Tensor;
use super::eager::try_call;
use super::operand::{IntoTensor, Operand};
use crate::error::{Error, Result};
use crate::format::PyRepr;
use crate::graph::Options;

/// The arguments of a call with setters.
pub trait Evaluate {
    /// The value under these arguments.
    ///
    /// # Errors
    /// Whatever the operation finds wrong with them.
    fn evaluate(&self) -> Result<Tensor>;

    /// Whether an error may wait for a setter that is still to come.
    fn may_wait(&self) -> bool {
        false
    }
}

/// A tensor with setters for the optional arguments of the call that made it. It is a [`Tensor`] in every other respect.
#[derive(Clone)]
pub struct Built<K> {
    arguments: K,
    value: Result<Tensor>,
}

impl<K: Evaluate> Built<K> {
    #[track_caller]
    pub(crate) fn new(arguments: K) -> Built<K> {
        match arguments.evaluate() {
            Err(error) if !arguments.may_wait() => error.raise(),
            value => Built { arguments, value },
        }
    }

    #[track_caller]
    pub(crate) fn with(mut self, change: impl FnOnce(&mut K)) -> Built<K> {
        change(&mut self.arguments);
        Built::new(self.arguments)
    }
}

/// The arguments of a call with options.
#[derive(Clone)]
pub struct Optional<O> {
    operands: Vec<Operand>,
    /// A further operand, which a setter gave.
    further: Option<Operand>,
    pub(crate) options: O,
}

#[expect(private_bounds, reason = "the set of builders is closed")]
impl<O: Options> Built<Optional<O>> {
    #[track_caller]
    pub(super) fn call(operands: Vec<Operand>, options: O) -> Built<Optional<O>> {
        Built::new(Optional { operands, further: None, options })
    }

    /// The call with an operand more, which comes after the others.
    #[track_caller]
    pub(crate) fn further(self, operand: impl IntoTensor) -> Self {
        self.with(|call| call.further = Some(operand.into_operand()))
    }
}

impl<O: Options> Evaluate for Optional<O> {
    fn evaluate(&self) -> Result<Tensor> {
        match &self.further {
            Some(further) => try_call(&[&self.operands[..], std::slice::from_ref(further)].concat(), |operands| {
                self.options.build(operands)
            }),
            None => try_call(&self.operands, |operands| self.options.build(operands)),
        }
    }

    fn may_wait(&self) -> bool {
        self.options.may_wait() && self.operands[0].tensor().shape().rank().is_some_and(|rank| rank > 1)
    }
}

impl<K> Deref for Built<K> {
    type Target = Tensor;

    #[track_caller]
    fn deref(&self) -> &Tensor {
        match &self.value {
            Ok(value) => value,
            Err(error) => Error::clone(error).raise(),
        }
    }
}

impl<K> From<Built<K>> for Tensor {
    #[track_caller]
    fn from(built: Built<K>) -> Tensor {
        built.value.unwrap_or_else(|error| error.raise())
    }
}

impl<K> fmt::Display for Built<K> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl<K> fmt::Debug for Built<K> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<K> PyRepr for Built<K> {
    fn py_repr(&self) -> String {
        format!("{self:?}")
    }
}
