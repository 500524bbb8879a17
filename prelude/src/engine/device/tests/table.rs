//! The expressions of elementwise ops in every element type, and the whole op table forward and backward.

use std::sync::Arc;

use super::super::text;
use super::{DEVICE, assert_close, has_device, on_cpu, on_gpu, support};
use crate::engine::analyse::execute;
use crate::graph::{Attrs, Listed, Node, Tensor};
use crate::ops::{Call, Kernel, OpDef, Sample, View, cast_array, table};
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
        _ => Array::new((0..count).map(|i| (i + start).is_multiple_of(3)).collect::<Vec<bool>>(), shape),
    }
}

/// The bytes of an array.
fn bytes(array: &Array) -> &[u8] {
    let view = View::of(array);
    // SAFETY: the array outlives the slice and has plain elements.
    unsafe { std::slice::from_raw_parts(view.ptr.cast_const(), view.bytes()) }
}

/// An elementwise op with which of four operands it takes, `x`, `y`, `z` and a condition, and the type of its result.
type Case = (&'static OpDef, Vec<usize>, DType);

/// Every elementwise op that takes operands of that type.
fn cases(dtype: DType) -> Vec<Case> {
    let mut cases = Vec::new();
    for op in table() {
        let Kernel::Map { select, .. } = op.kernel else { continue };
        let operands = match op.name {
            name if name.starts_with("Select") => vec![3, 0, 1],
            _ if is_binary(op) => vec![0, 1],
            _ => vec![0],
        };
        let types: Vec<DType> = operands.iter().map(|i| if *i == 3 { DType::Bool } else { dtype }).collect();
        let results = if op.name == "Cast" { TYPES.to_vec() } else { vec![result_type(op, dtype)] };
        let possible = results.into_iter().filter(|result| select(&types, *result).is_some());
        cases.extend(possible.map(|result| (op, operands.clone(), result)));
    }
    cases
}

/// The cases as one kernel over these operands, each result at its own address.
fn group(cases: &[Case], inputs: Vec<text::Input>, shape: &[usize], results: &[u64]) -> text::Group {
    let operation = |((op, operands, dtype), to): (&Case, &u64)| text::Operation {
        expression: match op.kernel {
            Kernel::Map { cuda, .. } => cuda.into(),
            _ => String::new(),
        },
        operands: operands.iter().map(|i| text::Operand::Input(*i)).collect(),
        dtype: *dtype,
        to: Some(*to),
    };
    let operations = cases.iter().zip(results).map(operation).collect();
    text::Group { shape: shape.into(), inputs, operations, totals: vec![] }
}

/// Every elementwise op that takes that type, over one shape, as one kernel, against the ops' own loops.
fn check_types(dtype: DType, shapes: [&[usize]; 3], shape: &[usize]) {
    let device = &*DEVICE;
    let condition = numbers(DType::Bool, shapes[0], 0);
    let operands = shapes.iter().enumerate().map(|(k, s)| numbers(dtype, s, 4 * k));
    let arrays: Vec<Array> = operands.chain([condition]).collect();
    let upload = |array: &Array| {
        let buffer = device.alloc(bytes(array).len()).unwrap();
        device.upload(buffer.address(), bytes(array)).unwrap();
        buffer
    };
    let buffers: Vec<_> = arrays.iter().map(upload).collect();
    let cases = cases(dtype);
    let wanted: Vec<Array> = cases.iter().map(|(.., result)| Array::zeros(*result, shape)).collect();
    let places: Vec<_> = wanted.iter().map(|w| device.alloc(bytes(w).len()).unwrap()).collect();
    let addresses: Vec<u64> = places.iter().map(|p| p.address()).collect();
    let input = |(array, buffer): (&Array, &flowbook_cuda::Buffer)| text::Input {
        dtype: array.dtype(),
        shape: array.shape().into(),
        address: buffer.address(),
    };
    let inputs = arrays.iter().zip(&buffers).map(input).collect();
    for work in group(&cases, inputs, shape, &addresses).works().unwrap() {
        device.run(&device.prepare(&work).unwrap()).unwrap();
    }
    for (((op, operands, _), want), place) in cases.iter().zip(&wanted).zip(&places) {
        let call = Call {
            node: Arc::new(node(op)),
            inputs: operands.iter().map(|i| View::of(&arrays[*i])).collect(),
            outputs: vec![View::of(want)],
            random: None,
        };
        // A guard refuses zeros and negative exponents; the device never sees them.
        if execute(&call).is_err() {
            continue;
        }
        let got = Array::zeros(want.dtype(), shape);
        let to = View::of(&got);
        // SAFETY: the array is new and has as many bytes.
        device.download(place.address(), unsafe { std::slice::from_raw_parts_mut(to.ptr, to.bytes()) }).unwrap();
        let what = format!("{} of {} over {shapes:?}", op.name, dtype.name());
        assert_close(&what, &got, want, if want.dtype() == DType::Float64 { 1e-12 } else { 4e-6 });
    }
}

fn node(op: &'static OpDef) -> Node {
    Node {
        name: "n".into(),
        def: op,
        inputs: vec![],
        control: vec![],
        attrs: Attrs::default(),
        outputs: vec![],
        user_name: None,
        device: None,
        listed: Listed::InOrder,
        fetchable: true,
        waits: true,
    }
}

/// Real NVRTC, for Turing, Ampere and Hopper: every op in every type, with each way to broadcast, and sums and means.
#[test]
fn every_elementwise_text_compiles_for_the_architectures_of_three_generations() {
    let Some(compiler) = support::nvrtc() else { return };
    let mut texts = Vec::new();
    for dtype in TYPES {
        let cases = cases(dtype);
        let shapes: [&[usize]; 4] = [&[3, 1, 7], &[5, 1], &[3, 5, 7], &[]];
        let input = |(i, shape): (usize, &&[usize])| text::Input {
            dtype: if i == 3 { DType::Bool } else { dtype },
            shape: Box::from(*shape),
            address: 0,
        };
        let inputs = shapes.iter().enumerate().map(input).collect();
        let mut group = group(&cases, inputs, &[3, 5, 7], &vec![0; cases.len()]);
        if dtype.is_floating() {
            group.totals = [false, true].map(|mean| text::Total { of: 0, partials: 0, to: 0, mean }).into();
        }
        for work in group.works().unwrap() {
            let flowbook_cuda::Work::Launch(launch) = work else { continue };
            texts.push(launch.source);
        }
    }
    for text in texts {
        for architecture in [75, 80, 90] {
            let code = compiler.compile(&text, architecture).unwrap_or_else(|error| panic!("{error}\n{text}"));
            assert!(code.starts_with(b"\x7fELF"));
        }
    }
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
    if !has_device() {
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
    if !has_device() {
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

/// Divisors that are known and such as are fed: what the guard looks for is found on the device too, and named as on the
/// CPU. The next run knows nothing of it.
#[test]
fn a_division_of_integers_by_zero_is_found_on_the_device() {
    if !has_device() {
        return;
    }
    let (x, y) = (tf::placeholder(DType::Int64, Shape::from([4])), tf::placeholder(DType::Int64, Shape::from([4])));
    let all = [tf::floordiv(x, y), tf::floormod(x, 3i64), tf::pow(x, y)];
    let given = [vec![1i64, 2, 0, 3], vec![2, 1, 3, 7], vec![1, 2, -1, 3], vec![5, 1, 1, 2]];
    let run = || {
        let session = Session::new();
        let one = |ys: &Vec<i64>| {
            let fed = Feeds::default().with(x, vec![7i64, -7, 9, 5]).with(y, ys.clone());
            session.run_with(all, fed).map_err(|error| error.to_string())
        };
        given.iter().map(one).collect::<Vec<_>>()
    };
    let (got, want) = (on_gpu(run), on_cpu(run));
    assert!(want[0].is_err() && want[1].is_ok() && want[2].is_err());
    assert_eq!(got, want);
    // A step on the host fails after the device has divided by zero: that is not the next run's fault.
    let (quotient, positive) = (tf::floordiv(x, y), tf::assert_positive(y));
    on_gpu(|| {
        let session = Session::new();
        let run = |ys: Vec<i64>| {
            let fed = Feeds::default().with(x, vec![7i64, -7, 9, 5]).with(y, ys);
            session.run_with((quotient, positive), fed).map(|(quotient, _)| quotient.to_string())
        };
        assert!(run(vec![1, 2, 0, 3]).is_err());
        assert_eq!(run(vec![2, 1, 3, 7]).unwrap(), "[ 3 -7  3  0]");
    });
}

/// It takes `float32` alone and nobody asks for its gradient, so it has no sample.
#[test]
fn images_are_seen_through_transforms_on_the_device_as_on_the_cpu() {
    if !has_device() {
        return;
    }
    let (images, by) = ([3, 5, 7, 2], [3, 8]);
    let spread = |count: usize, scale: f32| -> Vec<f32> {
        (0..count).map(|i| ((i as f32 * 0.618_034).fract() - 0.5) * scale).collect()
    };
    let (x, t) =
        (tf::placeholder(DType::Float32, Shape::from(images)), tf::placeholder(DType::Float32, Shape::from(by)));
    let seen = crate::ops::image::transform(x, t);
    let feeds = || {
        let feeds = Feeds::default().with(x, Array::new(spread(210, 2.0), &images));
        // The last two numbers are small, so that nothing is divided by 0.
        let far: Vec<f32> =
            spread(24, 9.0).iter().enumerate().map(|(i, v)| if i % 8 < 6 { *v } else { v / 99.0 }).collect();
        feeds.with(t, Array::new(far, &by))
    };
    let run = || Session::new().run_with(seen, feeds()).unwrap();
    assert_eq!(on_gpu(run), on_cpu(run));
}

/// Values for a sample of the op table that are hard: what is no number, what has no end, zeros of both signs, and numbers
/// that are nearly nothing, each at another place for each `turn`.
fn hard_values(sample: &Sample, turn: usize) -> Vec<Array> {
    let hard = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 0.0, 1e-40, -3.0];
    let mut arrays = values(sample);
    for (k, array) in arrays.iter_mut().enumerate() {
        let mut numbers = array.as_slice::<f64>().unwrap().to_vec();
        let count = numbers.len();
        if count > 0 {
            numbers[(turn * 5 + k) % count] = hard[(turn + k) % hard.len()];
            numbers[(turn * 3 + 2 * k + 1) % count] = hard[(turn / 2 + k) % hard.len()];
        }
        *array = Array::new(numbers, array.shape());
    }
    arrays
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

/// The sample of an op and its gradients in that type, run on each side with these values.
fn check_sample(op: &OpDef, sample: &Sample, dtype: DType, values: &[Array]) {
    tf::Graph::new().as_default(|| {
        let start: Vec<Array> = values.iter().map(|a| cast_array(a, dtype)).collect();
        let inputs: Vec<Tensor> = start.iter().map(|a| tf::placeholder(dtype, Shape::from(a.shape()))).collect();
        let y = (sample.build)(&inputs);
        let weighted = tf::reduce_sum(tf::square(tf::cast(y, dtype)) + tf::cast(y, dtype)).tensor();
        let mut fetches = vec![y, weighted];
        if op.gradient.is_some() {
            fetches.extend(crate::graph::gradients([weighted], &inputs).into_iter().flatten());
        }
        let feeds = || inputs.iter().zip(&start).fold(Feeds::default(), |f, (t, v)| f.with(*t, v));
        // Three times: as it is, recorded, replayed.
        let run = || {
            let session = Session::new();
            let results: crate::Result<Vec<Vec<Array>>> = (0..3).map(|_| session.run_with(&fetches, feeds())).collect();
            session.close();
            results
        };
        let (got, want) = match (on_gpu(run), on_cpu(run)) {
            (Ok(got), Ok(want)) => (got, want),
            // What one side refuses, a matrix without an inverse say, the other refuses in the same words.
            (got, want) => return assert_eq!(got.err(), want.err(), "{} of {}", op.name, dtype.name()),
        };
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
    if !has_device() {
        return;
    }
    for op in table() {
        for sample in op.samples {
            check_sample(op, sample, DType::Float32, &values(sample));
        }
    }
}

#[test]
fn hard_operands_give_the_same_forward_and_backward() {
    if !has_device() {
        return;
    }
    // Decompositions are the host's on both sides, and their gradients divide by differences that may be nearly nothing.
    let decompositions = ["Cholesky", "Qr", "Svd", "SelfAdjointEigV2"];
    for op in table().filter(|op| !decompositions.contains(&op.name)) {
        for sample in op.samples {
            for turn in 0..7 {
                for dtype in [DType::Float32, DType::Float64] {
                    check_sample(op, sample, dtype, &hard_values(sample, turn));
                }
            }
        }
    }
}

#[test]
fn float64_gives_the_same_as_well() {
    if !has_device() {
        return;
    }
    for op in table().filter(|op| !matches!(op.kernel, Kernel::Map { .. })) {
        for sample in op.samples {
            check_sample(op, sample, DType::Float64, &values(sample));
        }
    }
}
