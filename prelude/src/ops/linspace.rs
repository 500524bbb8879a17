//! `tf.linspace` as TensorFlow has built it since 2.3: some sixty nodes, which make any axis possible where one number
//! each is asked for. A listing of a graph shows them all; an engine folds them.

use flowbook_cuda::kernels;

use super::array::{CONST, RANGE, ZEROS_LIKE, const_attrs};
use super::elementwise::{ADD, CAST, EQUAL, GREATER_EQUAL, MAXIMUM, MUL, REAL_DIV, SELECT_V2, SUB, cast_attrs};
use super::shape::{BROADCAST_ARGS, BROADCAST_TO, CONCAT, EXPAND_DIMS, PACK, RESHAPE, SHAPE, SLICE, size_vector};
use super::slicing::STRIDED_SLICE;
use super::{Kernel, OpDef, Types, typed};
use crate::error::{Error, Result};
use crate::graph::{Attr, Attrs, IntoTensor, Scope, Tensor, build, graph_of};
use crate::{Array, DType, Shape};

/// What stands in one line of the listing.
#[derive(Clone, Copy)]
enum Made {
    Number(i32),
    Long(i64),
    Numbers(&'static [i32]),
    True,
    Op(&'static OpDef, &'static [&'static str]),
    /// The shape of another node, a constant where it is known.
    ShapeOf(&'static str),
    /// Zeros, as many as a node of known size has elements.
    ZerosAs(&'static str),
    Cast(DType, &'static str),
    /// To the type of `start`.
    Float(&'static str),
    /// A strided slice, its `shrink_axis_mask` and its `end_mask`.
    Part(&'static [&'static str], i64, i64),
}

use Made::{Cast, Float, Long, Number, Numbers, Op, Part, ShapeOf, True, ZerosAs};

const NODES: &[(&str, Made)] = &[
    ("Cast", Cast(DType::Int32, "num")),
    ("Cast_1", Float("Cast")),
    ("Shape", ShapeOf("start")),
    ("Shape_1", ShapeOf("stop")),
    ("BroadcastArgs", Op(&BROADCAST_ARGS, &["Shape", "Shape_1"])),
    ("BroadcastTo", Op(&BROADCAST_TO, &["start", "BroadcastArgs"])),
    ("BroadcastTo_1", Op(&BROADCAST_TO, &["stop", "BroadcastArgs"])),
    ("ExpandDims/dim", Number(0)),
    ("ExpandDims", Op(&EXPAND_DIMS, &["BroadcastTo", "ExpandDims/dim"])),
    ("ExpandDims_1/dim", Number(0)),
    ("ExpandDims_1", Op(&EXPAND_DIMS, &["BroadcastTo_1", "ExpandDims_1/dim"])),
    ("Shape_2", ShapeOf("ExpandDims")),
    ("Shape_3", ShapeOf("Shape_2")),
    ("strided_slice/stack", Numbers(&[0])),
    ("strided_slice/stack_1", Numbers(&[1])),
    ("strided_slice/stack_2", Numbers(&[1])),
    (
        "strided_slice",
        Part(&["Shape_3", "strided_slice/stack", "strided_slice/stack_1", "strided_slice/stack_2"], 1, 0),
    ),
    ("add/y", Number(0)),
    ("add", Op(&ADD, &["strided_slice", "add/y"])),
    ("SelectV2/condition", True),
    ("SelectV2/t", Number(0)),
    ("SelectV2", Op(&SELECT_V2, &["SelectV2/condition", "SelectV2/t", "add"])),
    ("sub/y", Number(2)),
    ("sub", Op(&SUB, &["Cast", "sub/y"])),
    ("Maximum/y", Number(0)),
    ("Maximum", Op(&MAXIMUM, &["sub", "Maximum/y"])),
    ("sub_1/y", Number(1)),
    ("sub_1", Op(&SUB, &["Cast", "sub_1/y"])),
    ("Maximum_1/y", Number(1)),
    ("Maximum_1", Op(&MAXIMUM, &["sub_1", "Maximum_1/y"])),
    ("sub_2", Op(&SUB, &["ExpandDims_1", "ExpandDims"])),
    ("Cast_2", Float("Maximum_1")),
    ("truediv", Op(&REAL_DIV, &["sub_2", "Cast_2"])),
    ("GreaterEqual/y", Number(0)),
    ("GreaterEqual", Op(&GREATER_EQUAL, &["Cast", "GreaterEqual/y"])),
    ("SelectV2_1/e", Number(-1)),
    ("SelectV2_1", Op(&SELECT_V2, &["GreaterEqual", "Maximum_1", "SelectV2_1/e"])),
    ("range/start", Long(1)),
    ("range/delta", Long(1)),
    ("range/Cast", Cast(DType::Int64, "SelectV2_1")),
    ("range", Op(&RANGE, &["range/start", "range/Cast", "range/delta"])),
    ("Cast_3", Float("range")),
    ("range_1/start", Number(0)),
    ("range_1/delta", Number(1)),
    ("range_1", Op(&RANGE, &["range_1/start", "strided_slice", "range_1/delta"])),
    ("Equal", Op(&EQUAL, &["SelectV2", "range_1"])),
    ("SelectV2_2/e", Number(1)),
    ("SelectV2_2", Op(&SELECT_V2, &["Equal", "Maximum", "SelectV2_2/e"])),
    ("Reshape", Op(&RESHAPE, &["Cast_3", "SelectV2_2"])),
    ("mul", Op(&MUL, &["truediv", "Reshape"])),
    ("add_1", Op(&ADD, &["ExpandDims", "mul"])),
    ("concat", Op(&CONCAT, &["ExpandDims", "add_1", "ExpandDims_1", "SelectV2"])),
    ("zeros_like", ZerosAs("Shape_2")),
    ("Const", Number(1)),
    ("strided_slice_1/stack", Numbers(&[0])),
    ("strided_slice_1/stack_1", Op(&PACK, &["SelectV2"])),
    ("strided_slice_1/stack_2", Op(&PACK, &["Const"])),
    (
        "strided_slice_1",
        Part(&["Shape_2", "strided_slice_1/stack", "strided_slice_1/stack_1", "strided_slice_1/stack_2"], 0, 0),
    ),
    ("Reshape_1/shape", Numbers(&[1])),
    ("Reshape_1", Op(&RESHAPE, &["Cast", "Reshape_1/shape"])),
    ("add_2/y", Number(1)),
    ("add_2", Op(&ADD, &["SelectV2", "add_2/y"])),
    ("Const_1", Number(0)),
    ("Const_2", Number(1)),
    ("strided_slice_2/stack", Op(&PACK, &["add_2"])),
    ("strided_slice_2/stack_1", Op(&PACK, &["Const_1"])),
    ("strided_slice_2/stack_2", Op(&PACK, &["Const_2"])),
    (
        "strided_slice_2",
        Part(&["Shape_2", "strided_slice_2/stack", "strided_slice_2/stack_1", "strided_slice_2/stack_2"], 0, 1),
    ),
    ("concat_1/axis", Number(0)),
    ("concat_1", Op(&CONCAT, &["strided_slice_1", "Reshape_1", "strided_slice_2", "concat_1/axis"])),
    ("Slice", Op(&SLICE, &["concat", "zeros_like", "concat_1"])),
];

pub(crate) static LINSPACE: OpDef = OpDef::new(
    "LinSpace",
    |infer| {
        infer.same_type(&["start", "stop"])?;
        infer.allow(0, "start", Types::Floats)?;
        for (i, name) in ["start", "stop"].into_iter().enumerate() {
            if infer.shape(i).num_elements().is_some_and(|n| n != 1) {
                let text = format!("{name} must be a scalar, not shape {}", infer.shape(i).to_proto());
                return infer.fail(text.clone(), text);
            }
        }
        let count = infer.scalar(2, "num")?;
        if let Some(count) = count.filter(|n| *n <= 0) {
            return infer.fail(format!("Requires num > 0: {count}"), format!("Requires num > 0: {count}"));
        }
        Ok(vec![(infer.dtype(0), Shape::from([count.map(|n| n as usize)]))])
    },
    Kernel::Call(|call| {
        fn spread<
            T: From<f32>
                + Copy
                + std::ops::Sub<Output = T>
                + std::ops::Add<Output = T>
                + std::ops::Mul<Output = T>
                + std::ops::Div<Output = T>,
        >(
            start: T,
            stop: T,
            out: &mut [T],
            index: impl Fn(usize) -> T,
        ) {
            let n = out.len();
            if n == 1 {
                out[0] = start;
                return;
            }
            let delta = (stop - start) / index(n - 1);
            for (i, out) in out.iter_mut().enumerate() {
                *out = if i == n - 1 { stop } else { start + delta * index(i) };
            }
        }
        let out = call.output();
        match out.dtype {
            DType::Float32 => {
                spread(call.input(0).slice::<f32>()[0], call.input(1).slice()[0], out.slice_mut::<f32>(), |i| i as f32)
            }
            _ => {
                spread(call.input(0).slice::<f64>()[0], call.input(1).slice()[0], out.slice_mut::<f64>(), |i| i as f64)
            }
        }
        Ok(())
    }),
)
.cuda(|call| {
    let output = call.output();
    let places = [call.input(0).address, call.input(1).address, output.address];
    Some(kernels::linspace(output.device_type()?, output.len(), places))
});

/// `num` numbers evenly spaced from `start` to `stop`, both included: `tf.linspace`.
///
/// Where the bounds are arrays, which broadcast, the steps between them lie along a new first axis.
///
/// ```
/// use flowbook::v1 as tf;
/// let x = tf::linspace(-1.0, 1.0, 5);
/// assert_eq!(tf::Session::new().run(x)?.to_string(), "[-1.  -0.5  0.   0.5  1. ]");
/// # Ok::<(), flowbook::Error>(())
/// ```
#[track_caller]
pub fn linspace(start: impl IntoTensor, stop: impl IntoTensor, num: impl IntoTensor) -> Tensor {
    let operands = [start.into_operand(), stop.into_operand(), num.into_operand()];
    let graph = graph_of(&[&operands[0], &operands[1], &operands[2]]);
    build(graph, || {
        let scope = Scope::open(graph, "linspace");
        let mut start = operands[0].tensor(&scope, "start", None)?;
        let mut stop = operands[1].tensor(&scope, "stop", Some(start.dtype()))?;
        for bound in [&mut start, &mut stop].into_iter().filter(|bound| bound.dtype().is_integer()) {
            let attrs = cast_attrs(bound.dtype(), DType::Float64);
            *bound = scope.child(&CAST, "Cast", &[*bound], attrs)?.output(0);
        }
        let num = operands[2].tensor(&scope, "num", None)?;
        if !num.dtype().is_integer() {
            return Err(Error::Type(format!(
                "Argument `tensor` (name: num) must be of type integer. Received `tensor` = {num} of dtype: {:?}",
                num.dtype()
            )));
        }
        if graph.data().eager && start.shape().rank() == Some(0) && stop.shape().rank() == Some(0) {
            return Ok(scope.child(&LINSPACE, "LinSpace", &[start, stop, num], typed("T", start.dtype()))?.output(0));
        }
        let mut made = vec![("start", start), ("stop", stop), ("num", num)];
        for (name, what) in NODES {
            let tensor = node(&scope, name, *what, &made, start.dtype())?;
            made.push((name, tensor));
        }
        Ok(made.last().expect("there are nodes").1)
    })
}

fn node(scope: &Scope, name: &str, what: Made, made: &[(&str, Tensor)], float: DType) -> Result<Tensor> {
    let named = |wanted: &&str| made.iter().find(|(n, _)| n == wanted).expect("nodes come after their inputs").1;
    let constant = |value: Array| Ok(scope.child(&CONST, name, &[], const_attrs(value))?.output(0));
    let add = |def, inputs: &[&str], attrs: Attrs| {
        let inputs: Vec<Tensor> = inputs.iter().map(named).collect();
        Ok(scope.child(def, name, &inputs, attrs)?.output(0))
    };
    match what {
        Number(v) => constant(Array::scalar(v)),
        Long(v) => constant(Array::scalar(v)),
        True => constant(Array::scalar(true)),
        Numbers(v) => constant(Array::new(v.to_vec(), &[v.len()])),
        ShapeOf(other) => match named(&other).shape().sizes() {
            Some(sizes) => constant(size_vector(&sizes)),
            None => add(&SHAPE, &[other], typed("T", named(&other).dtype())),
        },
        ZerosAs(other) => match named(&other).shape().sizes() {
            Some(sizes) => constant(Array::zeros(DType::Int32, &sizes)),
            None => add(&ZEROS_LIKE, &[other], typed("T", DType::Int32)),
        },
        Cast(to, from) => add(&CAST, &[from], cast_attrs(named(&from).dtype(), to)),
        Float(from) => add(&CAST, &[from], cast_attrs(named(&from).dtype(), float)),
        Part(inputs, shrink, open) => {
            let mut attrs = typed("T", DType::Int32);
            attrs.insert("Index", Attr::Type(DType::Int32));
            for (mask, bits) in [("begin_mask", 0), ("end_mask", open), ("shrink_axis_mask", shrink)] {
                attrs.insert(mask, Attr::Int(bits));
            }
            attrs.insert("ellipsis_mask", Attr::Int(0));
            attrs.insert("new_axis_mask", Attr::Int(0));
            add(&STRIDED_SLICE, inputs, attrs)
        }
        Op(def, inputs) => {
            let mut attrs = typed("T", named(&inputs[inputs.len() - 1]).dtype());
            if def.name == "Range" {
                attrs = typed("Tidx", named(&inputs[0]).dtype());
            }
            if matches!(def.name, "Pack" | "ConcatV2") {
                let values = if def.name == "Pack" { 1 } else { inputs.len() - 1 };
                attrs = typed("T", named(&inputs[0]).dtype());
                attrs.insert("N", Attr::Int(values as i64));
                attrs.insert("axis", Attr::Int(0));
            }
            add(def, inputs, attrs)
        }
    }
}
