//! Steps on values of up to sixteen `float32` elements, each of them one register: no loops over elements, no lengths.
//! An operand that is the step before's result comes in its register; everything is stored whole, so that reading it
//! again does not wait for several stores. Which steps of a plan are such is the engine's business (`engine::chain`);
//! what they compute is told beside each op.

use super::View;
use super::elementwise::LANES;

/// A register of sixteen elements.
#[cfg(target_arch = "x86_64")]
pub(crate) type Lanes = std::arch::x86_64::__m512;
/// A register of sixteen elements.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) type Lanes = [f32; LANES];

/// Runs a step: takes the result of the step before, gives its own.
pub(crate) type Run = unsafe extern "C" fn(Lanes, &RegisterStep) -> Lanes;

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

/// Memory that nothing is waited for in.
static NOTHING: Index = Index([0; LANES]);

/// A step on registers. Operands and results lie at the start of memory for a whole register.
#[repr(C)]
pub(crate) struct RegisterStep {
    run: Run,
    pub inputs: [*const f32; 3],
    /// Which lanes of an operand come from memory: all, or none of the step before's result.
    stored: [u16; 3],
    pub output: *mut f32,
    /// For steps that combine elements: for every term of a sum, where the lanes find their elements of each operand.
    terms: Box<[[Index; 2]]>,
}

impl RegisterStep {
    /// A step that `run` computes lane by lane.
    pub fn new(run: Run, inputs: [*const f32; 3], output: *mut f32) -> RegisterStep {
        RegisterStep { run, inputs, stored: [!0; 3], output, terms: Box::new([]) }
    }

    /// Takes what the step before gives from its register. Its memory is not even looked at, which would wait for it.
    pub fn follow(&mut self, before: &RegisterStep) {
        for (input, stored) in self.inputs.iter_mut().zip(&mut self.stored) {
            if std::ptr::eq(*input, before.output) {
                *input = NOTHING.0.as_ptr().cast();
                *stored = 0;
            }
        }
    }

    /// Whether it takes what the other one gives.
    pub fn takes(&self, other: &RegisterStep) -> bool {
        self.inputs.iter().any(|input| std::ptr::eq(*input, other.output))
    }

    /// Whether it has to come after one that comes before it now.
    pub fn is_bound_by(&self, other: &RegisterStep) -> bool {
        let overwrites = other.inputs.iter().chain([&other.output.cast_const()]).any(|p| std::ptr::eq(*p, self.output));
        overwrites || self.takes(other)
    }

    /// Runs the step.
    ///
    /// # Safety
    /// The processor has AVX-512, and the addresses lead to whole registers.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f")]
    #[inline]
    pub unsafe fn run(&self, before: Lanes) -> Lanes {
        // SAFETY: the caller's promise.
        unsafe { (self.run)(before, self) }
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

#[cfg(target_arch = "x86_64")]
#[allow(
    improper_ctypes_definitions,
    reason = "both sides of the calls are ours; this way registers are passed as such"
)]
mod wide {
    use std::arch::x86_64::*;

    use super::{Index, Lanes, RegisterStep};

    impl Index {
        /// # Safety
        /// The processor has AVX-512.
        #[target_feature(enable = "avx512f")]
        #[inline]
        fn of(&self, value: Lanes) -> Lanes {
            // SAFETY: sixteen integers are a register.
            let index = unsafe { _mm512_load_si512(self.0.as_ptr().cast()) };
            _mm512_permutexvar_ps(index, value)
        }
    }

    impl RegisterStep {
        /// An operand.
        ///
        /// # Safety
        /// As for [`RegisterStep::run`].
        #[target_feature(enable = "avx512f")]
        #[inline]
        pub unsafe fn operand(&self, before: Lanes, i: usize) -> Lanes {
            // SAFETY: the caller's promise.
            unsafe { _mm512_mask_loadu_ps(before, self.stored[i], self.inputs[i]) }
        }

        /// Stores the result.
        ///
        /// # Safety
        /// As for [`RegisterStep::run`].
        #[target_feature(enable = "avx512f")]
        #[inline]
        pub unsafe fn finish(&self, result: Lanes) -> Lanes {
            // SAFETY: the caller's promise.
            unsafe { _mm512_storeu_ps(self.output, result) };
            result
        }
    }

    /// The sum of the terms, products of an element of the first operand and one of the second, and the third operand
    /// if `BIAS`.
    ///
    /// # Safety
    /// As for [`RegisterStep::run`].
    #[target_feature(enable = "avx512f")]
    pub unsafe extern "C" fn product<const BIAS: bool>(before: Lanes, step: &RegisterStep) -> Lanes {
        // SAFETY: the caller's promise.
        unsafe {
            let (a, b) = (step.operand(before, 0), step.operand(before, 1));
            let (terms, bias) = step.terms.split_at(step.terms.len() - usize::from(BIAS));
            let mut sum = _mm512_setzero_ps();
            for [i, j] in terms {
                sum = _mm512_fmadd_ps(i.of(a), j.of(b), sum);
            }
            if BIAS {
                sum = _mm512_add_ps(sum, bias[0][0].of(step.operand(before, 2)));
            }
            step.finish(sum)
        }
    }

    /// The sum of elements of the operand, from zero on.
    ///
    /// # Safety
    /// As for [`RegisterStep::run`].
    #[target_feature(enable = "avx512f")]
    pub unsafe extern "C" fn sum(before: Lanes, step: &RegisterStep) -> Lanes {
        // SAFETY: the caller's promise.
        unsafe {
            let x = step.operand(before, 0);
            let mut sum = _mm512_setzero_ps();
            for [i, _] in &step.terms {
                sum = _mm512_add_ps(sum, i.of(x));
            }
            step.finish(sum)
        }
    }

    /// Elements of the operand at other places.
    ///
    /// # Safety
    /// As for [`RegisterStep::run`].
    #[target_feature(enable = "avx512f")]
    pub unsafe extern "C" fn spread(before: Lanes, step: &RegisterStep) -> Lanes {
        // SAFETY: the caller's promise.
        unsafe { step.finish(step.terms[0][0].of(step.operand(before, 0))) }
    }

    /// The first operand less the third times the single number that is the second.
    ///
    /// # Safety
    /// As for [`RegisterStep::run`].
    #[target_feature(enable = "avx512f")]
    pub unsafe extern "C" fn descend(before: Lanes, step: &RegisterStep) -> Lanes {
        // SAFETY: the caller's promise.
        unsafe {
            let (var, delta) = (step.operand(before, 0), step.operand(before, 2));
            let rate = _mm512_broadcastss_ps(_mm512_castps512_ps128(step.operand(before, 1)));
            step.finish(_mm512_sub_ps(var, _mm512_mul_ps(rate, delta)))
        }
    }
}

#[cfg(target_arch = "x86_64")]
impl RegisterStep {
    /// `out[i] = sum of a[terms[l][0][i]] * b[terms[l][1][i]] over l, + bias[place[i]]`, rounded once for each term.
    pub fn product(
        [a, b]: [&View; 2],
        mut terms: Vec<[Index; 2]>,
        bias: Option<(&View, Index)>,
        out: &View,
    ) -> RegisterStep {
        let run = if bias.is_some() { wide::product::<true> } else { wide::product::<false> };
        let third = bias.map_or(at(a), |(view, _)| at(view));
        terms.extend(bias.map(|(_, index)| [index; 2]));
        RegisterStep {
            terms: terms.into(),
            ..RegisterStep::new(run, [at(a), at(b), third].map(|p| p.cast_const()), at(out))
        }
    }

    /// `out[i] = 0 + x[terms[0][i]] + x[terms[1][i]] + ...`.
    pub fn sum(x: &View, terms: Vec<Index>, out: &View) -> RegisterStep {
        let terms = terms.into_iter().map(|index| [index; 2]).collect();
        RegisterStep { terms, ..RegisterStep::new(wide::sum, [at(x).cast_const(); 3], at(out)) }
    }

    /// `out[i] = x[index[i]]`.
    pub fn spread(x: *const f32, index: Index, out: *mut f32) -> RegisterStep {
        RegisterStep { terms: Box::new([[index; 2]]), ..RegisterStep::new(wide::spread, [x; 3], out) }
    }

    /// `var -= rate * delta`.
    pub fn descend(var: &View, rate: &View, delta: &View) -> RegisterStep {
        RegisterStep::new(wide::descend, [at(var), at(rate), at(delta)].map(|p| p.cast_const()), at(var))
    }
}
