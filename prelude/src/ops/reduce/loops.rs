//! What reductions compute: folds along any axes, and the sums and means of floats along axes that lie side by side.

use crate::DType;
use crate::error::Result;
use crate::ops::math::Arithmetic;
use crate::ops::register::{Index, RegisterStep};
use crate::ops::shape::axis_of;
use crate::ops::view::with_number;
use crate::ops::{Call, Prepared, register, shape};

use super::sums::{Sums, columns};

/// Folds along the axes: `step` takes the running value and an element.
pub(super) fn fold<T: Copy + crate::dtype::Element, A: Copy>(
    call: &Call,
    start: A,
    step: impl Fn(A, T) -> A,
    finish: impl Fn(A, usize) -> T,
) {
    let (input, out) = (call.input(0), call.output());
    let rank = input.shape.len();
    let mut reduced = vec![false; rank];
    call.input(1).ints().iter().filter_map(|a| axis_of(*a, rank)).for_each(|a| reduced[a] = true);
    let from = input.slice::<T>();
    let to = out.slice_mut::<T>();
    let count = from.len() / to.len().max(1);
    let first = reduced.iter().position(|r| *r).unwrap_or(rank);
    let last = reduced.iter().rposition(|r| *r).map_or(rank, |l| l + 1);
    let solid = reduced[first.min(last)..last].iter().all(|r| *r);
    if solid && first < last {
        let inner: usize = input.shape[last..].iter().product();
        let middle: usize = input.shape[first..last].iter().product();
        if middle == 0 {
            to.fill(finish(start, 0));
            return;
        }
        if inner == 1 {
            for (cell, row) in to.iter_mut().zip(from.chunks_exact(middle.max(1))) {
                *cell = finish(row.iter().fold(start, |a, x| step(a, *x)), count);
            }
            return;
        }
        let mut sums = vec![start; inner];
        for (cells, block) in to.chunks_exact_mut(inner.max(1)).zip(from.chunks_exact((middle * inner).max(1))) {
            sums.fill(start);
            for row in block.chunks_exact(inner) {
                sums.iter_mut().zip(row).for_each(|(s, x)| *s = step(*s, *x));
            }
            cells.iter_mut().zip(&sums).for_each(|(c, s)| *c = finish(*s, count));
        }
        return;
    }
    let mut sums = vec![start; to.len()];
    let own = shape::strides(&input.shape);
    let mut kept_stride = vec![0; rank];
    let mut running = 1;
    for axis in (0..rank).rev().filter(|a| !reduced[*a]) {
        kept_stride[axis] = running;
        running *= input.shape[axis];
    }
    for (i, x) in from.iter().enumerate() {
        let at: usize = (0..rank).map(|k| i / own[k] % input.shape[k] * kept_stride[k]).sum();
        sums[at] = step(sums[at], *x);
    }
    to.iter_mut().zip(&sums).for_each(|(c, s)| *c = finish(*s, count));
}

/// Sums or means of the rows of `[outer, middle, inner]` along the middle axis.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    middle: usize,
    inner: usize,
    mean: bool,
}

impl Layout {
    /// The layout of a reduction of floats along axes that lie side by side.
    fn of(call: &Call, mean: bool) -> Option<Layout> {
        let (input, rank) = (call.input(0), call.input(0).shape.len());
        if !matches!(input.dtype, DType::Float32 | DType::Float64) || input.len() == 0 {
            return None;
        }
        let mut axes: Vec<usize> = call.input(1).ints().iter().filter_map(|a| axis_of(*a, rank)).collect();
        axes.sort_unstable();
        axes.dedup();
        let (Some(&first), Some(&last)) = (axes.first(), axes.last()) else { return None };
        if last - first + 1 != axes.len() {
            return None;
        }
        let size = |axes: std::ops::Range<usize>| input.shape[axes].iter().product();
        Some(Layout { middle: size(first..last + 1), inner: size(last + 1..rank), mean })
    }

    /// The layout of a sum of rows.
    pub(super) fn rows(call: &Call) -> Layout {
        let inner = call.output().len();
        Layout { middle: call.input(0).len() / inner.max(1), inner, mean: false }
    }

    pub(super) fn run<T: Sums>(self, from: &[T], to: &mut [T]) {
        let Layout { middle, inner, mean } = self;
        let count = T::of(if mean { middle } else { 1 });
        let share = |sum: T| if mean { sum / count } else { sum };
        if inner == 1 {
            to.iter_mut().zip(from.chunks_exact(middle)).for_each(|(cell, row)| *cell = share(T::sum(row)));
            return;
        }
        for (i, (cells, block)) in to.chunks_exact_mut(inner).zip(from.chunks_exact(middle * inner)).enumerate() {
            columns(block, i * inner, cells);
            cells.iter_mut().for_each(|c| *c = share(*c));
        }
    }

    fn run_on(self, call: &Call) {
        match call.input(0).dtype {
            DType::Float32 => self.run::<f32>(call.input(0).slice(), call.output().slice_mut()),
            _ => self.run::<f64>(call.input(0).slice(), call.output().slice_mut()),
        }
    }
}

/// A sum or mean as the engine runs it again and again.
pub(super) fn prepare(call: &Call, mean: bool) -> Prepared {
    let general = if mean { run_mean } else { run_sum };
    let Some(layout) = Layout::of(call, mean) else { return Box::new(general) };
    Box::new(move |call| {
        layout.run_on(call);
        Ok(())
    })
}

pub(super) fn register_sum(call: &Call) -> Option<RegisterStep> {
    register_layout(call, Layout::of(call, false)?)
}

pub(super) fn register_rows(call: &Call) -> Option<RegisterStep> {
    (call.input(0).dtype == DType::Float32 && call.input(0).len() > 0)
        .then(|| register_layout(call, Layout::rows(call)))?
}

fn register_layout(call: &Call, Layout { middle, inner, .. }: Layout) -> Option<RegisterStep> {
    let (input, out) = (call.input(0), call.output());
    let term = |l: usize| Index::new(out.len(), |i| (i / inner * middle + l) * inner + i % inner);
    // Of longer rows packets are added.
    let fits = register::fits(input) && register::fits(out) && (inner > 1 || middle < f32::PACKET);
    fits.then(|| RegisterStep::sum(input, (0..middle).map(term).collect(), out))
}

pub(super) fn run_sum(call: &Call) -> Result<()> {
    if let Some(layout) = Layout::of(call, false) {
        layout.run_on(call);
        return Ok(());
    }
    with_number!(call.output().dtype, T => {
        fold::<T, T>(call, T::from(0u8), |a, x| a.plus(x), |a, _| a);
        Ok(())
    })
}

pub(super) fn run_mean(call: &Call) -> Result<()> {
    if let Some(layout) = Layout::of(call, true) {
        layout.run_on(call);
        return Ok(());
    }
    match call.output().dtype {
        DType::Float32 => fold::<f32, f32>(call, 0.0, |a, x| a + x, |a, n| a / n as f32),
        DType::Float64 => fold::<f64, f64>(call, 0.0, |a, x| a + x, |a, n| a / n as f64),
        DType::Int32 => fold::<i32, i64>(call, 0, |a, x| a + i64::from(x), |a, n| (a / n.max(1) as i64) as i32),
        DType::Int64 => fold::<i64, i64>(call, 0, |a, x| a.plus(x), |a, n| a / n.max(1) as i64),
        _ => fold::<u8, i64>(call, 0, |a, x| a + i64::from(x), |a, n| (a / n.max(1) as i64) as u8),
    }
    Ok(())
}
