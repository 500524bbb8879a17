//! The expressions of elementwise ops in every element type, and the whole op table forward and backward.

use std::sync::Arc;

use super::super::text;
use super::{EMULATED, assert_close, can_emulate, on_cpu, on_gpu};
use crate::engine::analyse::execute;
use crate::graph::Tensor;
use crate::ops::{Call, Kernel, OpDef, Sample, View, cast_array, size_of_dtype, table};
use crate::session::{Feeds, Session};
use crate::{Array, DType, Shape, v1 as tf};

const TYPES: [DType; 6] = [DType::Float32, DType::Float64, DType::Int32, DType::Int64, DType::UInt8, DType::Bool];

/// Numbers of that type, among them those at the ends of ranges and those that are none.
fn numbers(dtype: DType, shape: &[usize], start: usize) -> Array {
    let count: usize = shape.iter().product();
    let floats = [0.5, -1.5, 2.0, 0.0, -0.0, 1.0, -1.0, 3.7, -2.25, 0.1, 7.5, f64::NAN, f64::INFINITY, -5.5, 25.0];
    let integers: [i64; 13] = [0, 1, -1, 2, 7, -7, 3, -3, 12, 255, 31, i64::MAX, i64::MIN];
    let floating = |i: usize| floats[(i + start) % floats.len()];
    let whole = |i: usize| integers[(i + start) % integers.len()];
    match dtype {
        DType::Float32 => Array::new((0..count).map(|i| floating(i) as f32).collect(), shape),
        DType::Float64 => Array::new((0..count).map(floating).collect(), shape),
        DType::Int32 => {
            let narrow = |i| whole(i).clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32;
            Array::new((0..count).map(narrow).collect(), shape)
        }
        DType::Int64 => Array::new((0..count).map(whole).collect(), shape),
        DType::UInt8 => Array::new((0..count).map(|i| whole(i) as u8).collect(), shape),
        _ => Array::new((0..count).map(|i| (i + start) % 3 == 0).collect::<Vec<bool>>(), shape),
    }
}

/// The bytes of an array.
fn bytes(array: &Array) -> &[u8] {
    let view = View::of(array);
    // SAFETY: the array outlives the slice and has plain elements.
    unsafe { std::slice::from_raw_parts(view.ptr.cast_const(), view.bytes()) }
}

/// Every elementwise op that takes these types, over one shape, as one kernel, against the ops' own loops.
fn check_types(dtype: DType, shapes: [&[usize]; 3], shape: &[usize]) {
    let device = &*EMULATED;
    let mut group = text::Group { shape: shape.into(), inputs: vec![], operations: vec![], totals: vec![] };
    let condition = numbers(DType::Bool, shapes[0], 0);
    let arrays: Vec<Array> =
        shapes.iter().enumerate().map(|(k, s)| numbers(dtype, s, 4 * k)).chain([condition]).collect();
    let buffers: Vec<_> = arrays
        .iter()
        .map(|array| {
            let buffer = device.alloc(bytes(array).len()).unwrap();
            device.upload(buffer.address(), bytes(array)).unwrap();
            group.inputs.push(text::Input {
                dtype: array.dtype(),
                shape: array.shape().into(),
                address: buffer.address(),
            });
            buffer
        })
        .collect();
    let mut results = Vec::new();
    for op in table() {
        let Kernel::Map { select, cuda, .. } = op.kernel else { continue };
        // Which inputs, and the types of the result that the op has for them.
        let inputs: Vec<usize> = if op.name.starts_with("Select") { vec![3, 0, 1] } else { vec![0, 1] };
        let types: Vec<DType> = inputs.iter().map(|i| arrays[*i].dtype()).collect();
        let arity = if op.name.starts_with("Select") {
            3
        } else if op.samples.iter().any(|s| s.inputs.len() > 1) || is_binary(op) {
            2
        } else {
            1
        };
        let outs: Vec<DType> = match op.name {
            "Cast" => TYPES.to_vec(),
            _ => vec![result_type(op, dtype)],
        };
        for out in outs {
            if select(&types[..arity], out).is_none() {
                continue;
            }
            let want = Array::zeros(out, shape);
            let buffer = device.alloc(want.len() * size_of_dtype(out)).unwrap();
            group.operations.push(text::Operation {
                expression: cuda.into(),
                operands: inputs[..arity].iter().map(|i| text::Operand::Input(*i)).collect(),
                dtype: out,
                to: Some(buffer.address()),
            });
            results.push((op, inputs[..arity].to_vec(), want, buffer));
        }
    }
    for work in group.works().unwrap() {
        device.run(&device.prepare(&work).unwrap()).unwrap();
    }
    for (op, inputs, want, buffer) in &results {
        let node = crate::graph::Node {
            name: "n".into(),
            def: op,
            inputs: vec![],
            control: vec![],
            attrs: crate::graph::Attrs::default(),
            outputs: vec![],
            user_name: None,
            device: None,
        };
        let call = Call {
            node: Arc::new(node),
            inputs: inputs.iter().map(|i| View::of(&arrays[*i])).collect(),
            outputs: vec![View::of(want)],
            random: None,
        };
        let what = format!("{} of {} over {shapes:?}", op.name, dtype.name());
        // A guard refuses zeros and negative exponents; the device never sees them.
        if execute(&call).is_err() {
            continue;
        }
        let got = Array::zeros(want.dtype(), shape);
        let to = View::of(&got);
        // SAFETY: the array is new and has as many bytes.
        device.download(buffer.address(), unsafe { std::slice::from_raw_parts_mut(to.ptr, to.bytes()) }).unwrap();
        assert_close(&what, &got, want, if want.dtype() == DType::Float64 { 1e-12 } else { 4e-6 });
    }
    drop(buffers);
}

fn is_binary(op: &OpDef) -> bool {
    crate::ops::elementwise::BINARY.iter().any(|b| b.name == op.name) || op.name == "BiasAdd"
}

/// The type of an op's result: `bool` for questions.
fn result_type(op: &OpDef, dtype: DType) -> DType {
    let asks = ["IsNan", "IsInf", "IsFinite", "Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual"];
    if asks.contains(&op.name) { DType::Bool } else { dtype }
}

#[test]
fn every_elementwise_op_gives_on_the_device_what_it_gives_on_the_cpu() {
    if !can_emulate() {
        return;
    }
    for dtype in TYPES {
        check_types(dtype, [&[3, 5, 7], &[3, 5, 7], &[3, 5, 7]], &[3, 5, 7]);
        check_types(dtype, [&[3, 1, 7], &[5, 1], &[]], &[3, 5, 7]);
        check_types(dtype, [&[17], &[3, 17], &[1, 1]], &[3, 17]);
    }
}

/// Integer division and powers where the guard lets all elements pass.
#[test]
fn integers_divide_towards_minus_infinity_and_have_powers_on_the_device() {
    if !can_emulate() {
        return;
    }
    let x = tf::placeholder(DType::Int32, Shape::from([6]));
    for y in [3i32, -3, -1, 7] {
        let all = [tf::floordiv(x, y), tf::floormod(x, y), tf::pow(x, y.abs())];
        let run =
            || Session::new().run_with(all, Feeds::default().with(x, vec![7, -7, i32::MAX, i32::MIN, 0, 5])).unwrap();
        assert_eq!(on_gpu(run), on_cpu(run), "{y}");
    }
}

/// Values for a sample of the op table.
fn values(sample: &Sample) -> Vec<Array> {
    let spread = |i: usize| ((i + 1) as f64 * 0.618_033_988_749_895).fract();
    let one = |k: usize, (sizes, low, high): &(&[usize], f64, f64)| {
        let count: usize = sizes.iter().product();
        Array::new((0..count).map(|i| low + (high - low) * spread(i + 7 * k)).collect::<Vec<f64>>(), sizes)
    };
    sample.inputs.iter().enumerate().map(|(k, input)| one(k, input)).collect()
}

/// The sample of an op and its gradients in that type, run once on each side.
fn check_sample(op: &OpDef, sample: &Sample, dtype: DType) {
    tf::Graph::new().as_default(|| {
        let start: Vec<Array> = values(sample).iter().map(|a| cast_array(a, dtype)).collect();
        let inputs: Vec<Tensor> = start.iter().map(|a| tf::placeholder(dtype, Shape::from(a.shape()))).collect();
        let y = (sample.build)(&inputs);
        let weighted = tf::reduce_sum(tf::square(tf::cast(y, dtype)) + tf::cast(y, dtype)).tensor();
        let mut fetches = vec![y, weighted];
        if op.gradient.is_some() {
            fetches.extend(crate::graph::gradients(&[weighted], &inputs).into_iter().flatten());
        }
        let feeds = || inputs.iter().zip(&start).fold(Feeds::default(), |f, (t, v)| f.with(*t, v));
        // Three times: as it is, recorded, replayed.
        let run = || {
            let session = Session::new();
            let results: Vec<Vec<Array>> = (0..3).map(|_| session.run_with(&fetches, feeds()).unwrap()).collect();
            session.close();
            results
        };
        let (got, want) = (on_gpu(run), on_cpu(run));
        for (turn, (got, want)) in got.iter().zip(&want).enumerate() {
            for (i, (g, w)) in got.iter().zip(want).enumerate() {
                let what = format!("{} of {}, value {i}, turn {turn}", op.name, dtype.name());
                assert_close(&what, g, w, if dtype == DType::Float64 { 1e-11 } else { 2e-5 });
            }
        }
    });
}

#[test]
fn the_op_table_gives_the_same_forward_and_backward() {
    if !can_emulate() {
        return;
    }
    for op in table() {
        for sample in op.samples {
            check_sample(op, sample, DType::Float32);
        }
    }
}

#[test]
fn float64_gives_the_same_as_well() {
    if !can_emulate() {
        return;
    }
    for op in table().filter(|op| !matches!(op.kernel, Kernel::Map { .. })) {
        for sample in op.samples {
            check_sample(op, sample, DType::Float64);
        }
    }
}
