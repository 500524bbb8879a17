//! Processors without registers for such steps: they are told apart before any step is made into one.
#![allow(improper_ctypes_definitions, reason = "both sides of the calls are ours, and there are none")]

use super::{Forms, RegisterStep};
use crate::ops::elementwise::LANES;

/// A register of sixteen elements.
pub(crate) type Lanes = [f32; LANES];

extern "C" fn never(_: Lanes, _: &RegisterStep) -> Lanes {
    unreachable!("a register step without registers")
}

pub static PRODUCT: Forms = [never; 4];
pub static BIASED: Forms = [never; 4];
pub static SUM: Forms = [never; 4];
pub static SPREAD: Forms = [never; 4];
pub static ADD: Forms = [never; 4];
pub static DESCEND: Forms = [never; 4];

/// Runs the steps one after the other, so many times.
///
/// # Safety
/// There are none.
pub(crate) unsafe fn repeat(steps: &[RegisterStep], times: usize) {
    assert!(steps.is_empty() || times == 0, "a register step without registers");
}
