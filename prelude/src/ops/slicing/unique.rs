//! The elements of a vector without repetitions: `tf.unique`. How many there are only a run tells.

use crate::error::{Error, Result};
use crate::graph::{Attr, IntoTensor, Scope, Tensor, build};
use crate::ops::array::convert_to_tensor;
use crate::ops::view::with_any;
use crate::ops::{Call, Infer, Kernel, OpDef, Signature, View, typed};
use crate::{DType, Shape};

/// For each element the number of the group it belongs to, in the order in which groups come up.
fn groups(x: &View) -> Vec<usize> {
    /// Equal elements one after the other, those of a group in their order.
    fn sorted<T>(x: &[T], compare: impl Fn(&T, &T) -> std::cmp::Ordering) -> Vec<usize> {
        let mut order: Vec<usize> = (0..x.len()).collect();
        order.sort_by(|a, b| compare(&x[*a], &x[*b]));
        // The first of each group stands for it.
        let mut first = vec![0; x.len()];
        for (i, at) in order.iter().enumerate() {
            let same = i > 0 && x.get(order[i - 1]).is_some_and(|before| compare(before, &x[*at]).is_eq());
            first[*at] = if same { first[order[i - 1]] } else { *at };
        }
        let mut numbers = vec![usize::MAX; x.len()];
        let mut count = 0;
        for at in 0..x.len() {
            if first[at] == at {
                numbers[at] = count;
                count += 1;
            }
            numbers[at] = numbers[first[at]];
        }
        numbers
    }
    match x.dtype {
        DType::Float32 => sorted(x.slice::<f32>(), |a, b| (a + 0.0).total_cmp(&(b + 0.0))),
        DType::Float64 => sorted(x.slice::<f64>(), |a, b| (a + 0.0).total_cmp(&(b + 0.0))),
        DType::Int32 => sorted(x.slice::<i32>(), Ord::cmp),
        DType::Int64 => sorted(x.slice::<i64>(), Ord::cmp),
        DType::UInt8 => sorted(x.slice::<u8>(), Ord::cmp),
        DType::Bool => sorted(x.slice::<bool>(), Ord::cmp),
        DType::String => sorted(x.slice::<String>(), Ord::cmp),
    }
}

fn infer(infer: &Infer) -> Result<Vec<Signature>> {
    if let Some(rank) = infer.shape(0).rank().filter(|rank| *rank != 1) {
        return infer.fail(format!("Shape must be rank 1 but is rank {rank}"), "unique expects a 1D vector.");
    }
    let known = if infer.running { infer.value(0) } else { None };
    let count = known.map(|x| groups(&View::of(&x)).iter().max().map_or(0, |last| last + 1));
    let index = infer.attr_type("out_idx").unwrap_or(DType::Int32);
    let mut outputs = vec![(infer.dtype(0), Shape::from([count])), (index, infer.shape(0).clone())];
    if infer.node.def.name == "UniqueWithCounts" {
        outputs.push((index, Shape::from([count])));
    }
    Ok(outputs)
}

fn run(call: &Call) -> Result<()> {
    let numbers = groups(call.input(0));
    with_any!(call.input(0).dtype, T => {
        let (x, unique) = (call.input(0).slice::<T>(), call.output().slice_mut::<T>());
        for (x, number) in x.iter().zip(&numbers).rev() {
            unique[*number] = x.clone();
        }
        Ok::<(), Error>(())
    })?;
    let mut counts = vec![0; call.output().len()];
    numbers.iter().for_each(|number| counts[*number] += 1);
    let write = |output: &View, values: &[usize]| {
        output.slice_mut::<i32>().iter_mut().zip(values).for_each(|(to, value)| *to = *value as i32);
    };
    write(&call.outputs[1], &numbers);
    if let Some(output) = call.outputs.get(2) {
        write(output, &counts);
    }
    Ok(())
}

pub(crate) static UNIQUE: OpDef = OpDef::new("Unique", infer, Kernel::Call(run));

pub(crate) static UNIQUE_WITH_COUNTS: OpDef = OpDef::new("UniqueWithCounts", infer, Kernel::Call(run));

#[track_caller]
fn new_unique(def: &'static OpDef, x: Tensor) -> Vec<Tensor> {
    let graph = x.graph();
    build(graph, || {
        let mut attrs = typed("T", x.dtype());
        attrs.insert("out_idx", Attr::Type(DType::Int32));
        Ok(Scope::open(graph, def.name).op(def, &[x], attrs)?.outputs())
    })
}

/// The elements of a vector without repetitions, in the order in which they come up, and for each element its place among
/// them: `y, idx = tf.unique(x)`.
///
/// # Panics
/// `ValueError` unless `x` is a vector.
#[track_caller]
pub fn unique(x: impl IntoTensor) -> (Tensor, Tensor) {
    let outputs = new_unique(&UNIQUE, convert_to_tensor(x));
    (outputs[0], outputs[1])
}

/// As [`unique`], and how often each comes up: `y, idx, count = tf.unique_with_counts(x)`.
///
/// # Panics
/// As [`unique`].
#[track_caller]
pub fn unique_with_counts(x: impl IntoTensor) -> (Tensor, Tensor, Tensor) {
    let outputs = new_unique(&UNIQUE_WITH_COUNTS, convert_to_tensor(x));
    (outputs[0], outputs[1], outputs[2])
}
