//! Plans that run side by side: each is started before the first is waited for, and between them variables become the same
//! on all replicas.

use std::sync::MutexGuard;

use super::super::variable::lock;
use super::super::{Compiled, Variable};
pub(crate) use crate::engine::device::Reduce;
use crate::engine::device::all_reduce;
use crate::error::Result;

/// Keeps everybody else from variables while plans run.
pub(crate) struct Together(#[expect(dead_code, reason = "held")] MutexGuard<'static, ()>);

impl Together {
    pub fn begin() -> Together {
        Together(lock())
    }

    /// Starts a plan on what lies in its inputs.
    ///
    /// # Errors
    /// What an operation finds wrong with the values.
    pub fn start(&self, plan: &mut Compiled) -> Result<()> {
        plan.start()
    }

    /// Waits for a plan's results.
    ///
    /// # Errors
    /// What the device says.
    pub fn finish(&self, plan: &mut Compiled) -> Result<()> {
        plan.finish()
    }

    /// Gives all replicas' copies of variables the sum or the mean of what the first `from` replicas have.
    ///
    /// # Errors
    /// What a device says.
    pub fn all_reduce(&self, variables: &[Variable], from: usize, how: Reduce) -> Result<()> {
        let copies: Vec<_> = variables.iter().map(|variable| variable.states().collect()).collect();
        variables.iter().for_each(Variable::touch);
        all_reduce(&copies, from, how)
    }
}
