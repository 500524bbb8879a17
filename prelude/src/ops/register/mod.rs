//! Steps on values of up to sixteen `float32` elements, each of them one register: no loops over elements, no lengths.
//! An operand that is the step before's result comes in its register; everything is stored whole, so that reading it
//! again does not wait for several stores. Which steps of a plan are such is the engine's business (`engine::chain`);
//! what they compute is told beside each op.

#[cfg(not(target_arch = "x86_64"))]
#[path = "none.rs"]
mod wide;
#[cfg(target_arch = "x86_64")]
mod wide;

use super::View;
use super::elementwise::LANES;
pub(crate) use wide::{Lanes, repeat};

/// Runs a step: takes the result of the step before, gives its own.
#[allow(
    improper_ctypes_definitions,
    reason = "both sides of the calls are ours; this way registers are passed as such"
)]
pub(crate) type Run = unsafe extern "C" fn(Lanes, &RegisterStep) -> Lanes;

/// The ways to run a step: with both operands from memory, the first from the step before, the second, both.
pub(crate) type Forms = [Run; 4];

/// The forms for whole packets of eight elements, for fewer elements, and for one packet and some more.
pub(crate) type Kinds = [Forms; 3];

/// Which of the [`Kinds`] is for so many elements.
pub(crate) fn kind(count: usize) -> usize {
    match count {
        8 | 16 => 0,
        0..8 => 1,
        _ => 2,
    }
}

/// Where each lane finds its element.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Index([i32; LANES]);

impl Index {
    /// The places `at(0)`, `at(1)`, ... for `count` lanes, and for the rest the first element.
    pub fn new(count: usize, at: impl Fn(usize) -> usize) -> Index {
        Index(std::array::from_fn(|i| if i < count { at(i) as i32 } else { 0 }))
    }
}

/// A step on registers. Operands and results lie at the start of memory for a whole register.
#[repr(C)]
pub(crate) struct RegisterStep {
    run: Run,
    forms: &'static Forms,
    inputs: [*const f32; 3],
    output: *mut f32,
    /// For steps that combine elements: for every term of a sum, where the lanes find their elements of each operand.
    terms: Box<[[Index; 2]]>,
}

impl RegisterStep {
    /// A step that is computed lane by lane.
    pub fn new(forms: &'static Forms, inputs: [*const f32; 3], output: *mut f32) -> RegisterStep {
        RegisterStep { run: forms[0], forms, inputs, output, terms: Box::new([]) }
    }

    /// Takes what the step before gives from its register.
    pub fn follow(&mut self, before: &RegisterStep) {
        let taken = |i: usize| usize::from(std::ptr::eq(self.inputs[i], before.output)) << i;
        self.run = self.forms[taken(0) | taken(1)];
    }

    /// Whether it takes what the other one gives.
    pub fn takes(&self, other: &RegisterStep) -> bool {
        self.inputs.iter().any(|input| std::ptr::eq(*input, other.output))
    }

    /// About how long it takes, in simple operations.
    pub fn cost(&self) -> usize {
        1 + self.terms.len() + usize::from(self.inputs[0] != self.inputs[1])
    }

    /// Whether it has to come after one that comes before it now.
    pub fn is_bound_by(&self, other: &RegisterStep) -> bool {
        let overwrites = other.inputs.iter().chain([&other.output.cast_const()]).any(|p| std::ptr::eq(*p, self.output));
        overwrites || self.takes(other)
    }
}

/// Whether a value is one for a register.
pub(crate) fn fits(view: &View) -> bool {
    view.dtype == crate::DType::Float32 && (1..=LANES).contains(&view.len())
}

/// The address of a value's elements.
pub(crate) fn at(view: &View) -> *mut f32 {
    view.ptr.cast()
}

impl RegisterStep {
    /// `out[i] = sum of a[terms[l][0][i]] * b[terms[l][1][i]] over l, + bias[place[i]]`, rounded once for each term.
    pub fn product(
        [a, b]: [&View; 2],
        mut terms: Vec<[Index; 2]>,
        bias: Option<(&View, Index)>,
        out: &View,
    ) -> RegisterStep {
        let forms = if bias.is_some() { &wide::BIASED } else { &wide::PRODUCT };
        let third = bias.map_or(at(a), |(view, _)| at(view));
        terms.extend(bias.map(|(_, index)| [index; 2]));
        RegisterStep {
            terms: terms.into(),
            ..RegisterStep::new(forms, [at(a), at(b), third].map(|p| p.cast_const()), at(out))
        }
    }

    /// `out[i] = 0 + x[terms[0][i]] + x[terms[1][i]] + ...`.
    pub fn sum(x: &View, terms: Vec<Index>, out: &View) -> RegisterStep {
        let terms = terms.into_iter().map(|index| [index; 2]).collect();
        RegisterStep { terms, ..RegisterStep::new(&wide::SUM, [at(x).cast_const(); 3], at(out)) }
    }

    /// `out[i] = x[index[i]]`.
    pub fn spread(x: *const f32, index: Index, out: *mut f32) -> RegisterStep {
        RegisterStep { terms: Box::new([[index; 2]]), ..RegisterStep::new(&wide::SPREAD, [x; 3], out) }
    }

    /// `out = x + y`.
    pub fn add(x: &View, y: &View, out: &View) -> RegisterStep {
        RegisterStep::new(&wide::ADD, [at(x), at(y), at(x)].map(|p| p.cast_const()), at(out))
    }

    /// `var -= rate * delta`.
    pub fn descend(var: &View, rate: &View, delta: &View) -> RegisterStep {
        RegisterStep::new(&wide::DESCEND, [at(var), at(delta), at(rate)].map(|p| p.cast_const()), at(var))
    }
}
