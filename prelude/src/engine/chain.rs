//! Steps on small values joined into chains of register steps: what the smallest nets consist of. A chain has no loops
//! over elements and no errors to report, and most values go from step to step in a register. Where values lie stays
//! as it was lowered.

use super::group::{Group, Load, MapOp};
use super::plan::Step;
use crate::ops::elementwise::LANES;
use crate::ops::register::{Index, RegisterStep, kind, repeat};
use crate::ops::simd::{Level, level};

/// Steps that run one after the other, each on whole registers.
pub(crate) struct Chain(Vec<RegisterStep>);

impl Chain {
    /// The steps with those joined that can be, on processors with registers for it.
    pub fn join(steps: Vec<Step>) -> Vec<Step> {
        if !available() {
            return steps;
        }
        let mut joined: Vec<Step> = Vec::with_capacity(steps.len());
        let mut run = Vec::new();
        for step in steps {
            match short(&step) {
                Some(more) => run.extend(more),
                None => {
                    joined.extend(Chain::of(std::mem::take(&mut run)));
                    joined.push(step);
                }
            }
        }
        joined.extend(Chain::of(run));
        joined
    }

    fn of(steps: Vec<RegisterStep>) -> Option<Step> {
        let mut steps = arranged(steps);
        for i in (1..steps.len()).rev() {
            let (before, step) = steps.split_at_mut(i);
            step[0].follow(&before[i - 1]);
        }
        (!steps.is_empty()).then(|| Step::Chain(Chain(steps)))
    }

    /// Runs the steps so many times.
    pub fn run(&self, times: usize) {
        // SAFETY: chains are only made where the registers are there, of steps whose values the plan owns.
        unsafe { repeat(&self.0, times) }
    }
}

fn available() -> bool {
    level() == Level::Avx512
}

/// The steps in an order in which what takes a result comes right after what gives it, above all along the longest way
/// through the chain. What does not depend on the beginning of that way comes before it.
fn arranged(steps: Vec<RegisterStep>) -> Vec<RegisterStep> {
    let count = steps.len();
    let bound = |j: usize, i: usize| i < j && steps[j].is_bound_by(&steps[i]);
    let mut ways: Vec<usize> = steps.iter().map(RegisterStep::cost).collect();
    for i in (0..count).rev() {
        let longest = (i + 1..count).filter(|j| bound(*j, i) && steps[*j].takes(&steps[i])).map(|j| ways[j]).max();
        ways[i] += longest.unwrap_or(0);
    }
    let first = (0..count).rev().max_by_key(|i| ways[*i]);
    let mut along = vec![false; count];
    for j in 0..count {
        along[j] = Some(j) == first || (0..j).any(|i| along[i] && bound(j, i));
    }
    let mut order: Vec<usize> = Vec::with_capacity(count);
    let mut done = vec![false; count];
    while order.len() < count {
        let ready = (0..count).filter(|j| !done[*j] && (0..*j).all(|i| done[i] || !bound(*j, i)));
        let follows = |j: usize| order.last().is_some_and(|last| steps[j].takes(&steps[*last]));
        let Some(next) = ready.max_by_key(|j| (!along[*j], follows(*j), ways[*j], std::cmp::Reverse(*j))) else {
            break;
        };
        done[next] = true;
        order.push(next);
    }
    let mut steps: Vec<Option<RegisterStep>> = steps.into_iter().map(Some).collect();
    order.into_iter().filter_map(|i| steps[i].take()).collect()
}

/// A step as register steps, if it is small enough.
fn short(step: &Step) -> Option<Vec<RegisterStep>> {
    match step {
        Step::Map(group) => short_group(group),
        Step::Call(_, call) => Some(vec![(call.node.def.register?)(call)?]),
        Step::Assign(..) | Step::Chain(_) => None,
    }
}

fn short_group(group: &Group) -> Option<Vec<RegisterStep>> {
    // Empty values lie nowhere: there is nothing to take into a register.
    if group.count == 0 || group.count > LANES || !group.stores.is_empty() || !group.totals.is_empty() {
        return None;
    }
    let loads = group.splats.iter().chain(&group.loads).map(short_load);
    let ops = group.ops.iter().map(|op| short_op(op, group.count));
    loads.chain(ops).collect()
}

fn short_load(load: &Load) -> Option<RegisterStep> {
    let index = match load.shape.is_empty() {
        true => Index::new(0, |_| 0),
        false => Index::new(load.index.len(), |i| load.index[i] as usize),
    };
    let fits = load.size == size_of::<f32>() && load.index.iter().all(|place| (*place as usize) < LANES);
    fits.then(|| RegisterStep::spread(load.from.cast(), index, load.to.ptr.cast()))
}

fn short_op(op: &MapOp, count: usize) -> Option<RegisterStep> {
    let forms = &op.run.register?[kind(count)];
    Some(RegisterStep::new(forms, op.inputs.map(|input| input.ptr.cast_const().cast()), op.output.ptr.cast()))
}
