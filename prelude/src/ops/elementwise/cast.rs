//! Elementwise ops whose loops depend on two types: conversion, and choice by a condition.

use super::loops::{compiled_loop, first, in_packets, is_some, loop1};
use crate::error::{Error, Result};
use crate::graph::{Attr, Attrs, IntoDType, IntoTensor, Operand, Scope, Tensor, build, graph_of};
use crate::ops::array::mismatch;
use crate::ops::gradient::reduce_one;
use crate::ops::{Infer, Kernel, Loop, OpDef, Sample, Signature, Types, View, broadcast_inputs, typed};
use crate::{Array, DType};

macro_rules! convert {
    ($from:ty, $out:expr) => {
        match $out {
            DType::Float32 => Some(loop1!($from => f32, (|x| x.widen() as f32))),
            DType::Float64 => Some(loop1!($from => f64, (|x| x.widen() as f64))),
            DType::Int32 => Some(loop1!($from => i32, (|x| x.to_i32()))),
            DType::Int64 => Some(loop1!($from => i64, (|x| x.to_i64()))),
            DType::UInt8 => Some(loop1!($from => u8, (|x| x.to_i32() as u8))),
            DType::Bool => Some(loop1!($from => bool, (|x| x.is_true()))),
            DType::String => None,
        }
    };
}

/// What a cast starts from: `bool` counts as 0 and 1.
trait Castable: Copy {
    type Wide;
    fn widen(self) -> Self::Wide;
    fn is_true(self) -> bool;
    /// Floats lose their fraction. What no integer is near becomes the least one, as x86 converts it.
    fn to_i32(self) -> i32;
    fn to_i64(self) -> i64;
}

macro_rules! castable {
    ($kind:ident $($t:ty),*) => { $(impl Castable for $t {
        type Wide = $t;
        #[inline(always)] fn widen(self) -> $t { self }
        #[inline(always)] fn is_true(self) -> bool { self != (0 as $t) }
        #[inline(always)] fn to_i32(self) -> i32 { castable!(@ $kind self i32) }
        #[inline(always)] fn to_i64(self) -> i64 { castable!(@ $kind self i64) }
    })* };
    (@ integer $x:ident $to:ident) => { $x as $to };
    // `as` gives the greatest integer from there on, and 0 for what is no number.
    (@ float $x:ident $to:ident) => {
        if $x < -(<$to>::MIN as Self) { $x as $to } else { <$to>::MIN }
    };
}
castable!(float f32, f64);
castable!(integer i32, i64, u8);

impl Castable for bool {
    type Wide = u8;
    #[inline(always)]
    fn widen(self) -> u8 {
        u8::from(self)
    }
    #[inline(always)]
    fn is_true(self) -> bool {
        self
    }
    #[inline(always)]
    fn to_i32(self) -> i32 {
        i32::from(self)
    }
    #[inline(always)]
    fn to_i64(self) -> i64 {
        i64::from(self)
    }
}

#[allow(clippy::unnecessary_cast, reason = "one expression for every pair of types")]
fn select_cast(inputs: &[DType], out: DType) -> Option<Loop> {
    match inputs[0] {
        DType::Float32 => convert!(f32, out),
        DType::Float64 => convert!(f64, out),
        DType::Int32 => convert!(i32, out),
        DType::Int64 => convert!(i64, out),
        DType::UInt8 => convert!(u8, out),
        DType::Bool => convert!(bool, out),
        DType::String => None,
    }
}

pub(crate) static CAST: OpDef = OpDef::new(
    "Cast",
    |infer| {
        let to = infer.attr_type("DstT").unwrap_or(infer.dtype(0));
        if infer.running && (infer.dtype(0) == DType::String) != (to == DType::String) {
            return Err(Error::Unimplemented(format!(
                "Cast {} to {} is not supported",
                infer.dtype(0).c_name(),
                to.c_name()
            )));
        }
        Ok(vec![(to, infer.shape(0).clone())])
    },
    Kernel::Map { select: select_cast, cuda: "flow::cast<T>(x)", guard: None },
)
.gradient(|g| {
    let floats = g.input(0).dtype().is_floating() && g.dy().dtype().is_floating();
    vec![floats.then(|| cast(g.dy(), g.input(0).dtype()).tensor())]
})
.samples(&[Sample { inputs: &[(&[3], -2.0, 2.0)], build: |x| cast(x[0], DType::Float64).tensor() }]);

pub(crate) fn cast_attrs(from: DType, to: DType) -> Attrs {
    Attrs::from([("SrcT", Attr::Type(from)), ("DstT", Attr::Type(to)), ("Truncate", Attr::Bool(false))])
}

/// The value as another element type: `tf.cast`. Floats become integers by truncation. The same type gives the same
/// tensor, and no op, as in TensorFlow.
///
/// # Panics
/// `TypeError` for an element type that does not exist.
#[track_caller]
pub fn cast(x: impl IntoTensor, dtype: impl IntoDType) -> Tensor {
    let dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
    let x = x.into_operand();
    if let crate::graph::Operand::Tensor(t) = x
        && t.dtype() == dtype
    {
        return t;
    }
    let graph = graph_of(&[&x]);
    build(graph, || {
        let scope = Scope::open(graph, "Cast");
        let x = x.tensor(&scope, "x", None)?;
        if x.dtype() == dtype {
            return Ok(x);
        }
        Ok(scope.op(&CAST, &[x], cast_attrs(x.dtype(), dtype))?.output(0))
    })
}

macro_rules! casts {
    ($($f:ident = $dtype:ident, $name:literal;)*) => { $(
        #[doc = concat!("The value as `", stringify!($dtype), "`: `tf.", stringify!($f), "`, an older form of [`cast`].")]
        #[track_caller]
        pub fn $f(x: impl IntoTensor) -> Tensor {
            let x = crate::ops::array::convert_to_tensor(x);
            let cast = cast(x, DType::$dtype);
            if cast == x { x } else { cast.named($name) }
        }
    )* };
}
casts! {
    to_float = Float32, "ToFloat";
    to_double = Float64, "ToDouble";
    to_int32 = Int32, "ToInt32";
    to_int64 = Int64, "ToInt64";
}

impl Tensor {
    /// The tensor itself; what the builders with setters convert to as well.
    pub fn tensor(self) -> Tensor {
        self
    }
}

/// Converts elements outside any graph.
pub(crate) fn cast_elements(array: &Array, dtype: DType) -> Result<Array> {
    let out = Array::zeros(dtype, array.shape());
    cast_to(array, &View::of(&out))?;
    Ok(out)
}

/// Converts elements into a place that the caller alone looks at.
pub(in crate::ops) fn cast_to(array: &Array, to: &View) -> Result<()> {
    let Some(run) = select_cast(&[array.dtype()], to.dtype) else {
        return Err(Error::Unimplemented(format!(
            "Cast {} to {} is not supported",
            array.dtype().c_name(),
            to.dtype.c_name()
        )));
    };
    let from = crate::array::with_data!(array, v => v.as_ptr().cast::<u8>());
    // SAFETY: both places have as many elements, and nothing else looks at `to` now.
    unsafe { (run.run)(&[from, from, from], to.ptr, array.len().min(to.len())) };
    Ok(())
}

macro_rules! select_loop {
    ($t:ty) => {
        compiled_loop!((c: bool = 0, x: $t = 1, y: $t = 2) => $t, if c { x } else { y })
    };
}

const SELECT_DEF: OpDef = OpDef::new(
    "Select",
    infer_select,
    Kernel::Map {
        select: |t, _| match t[1] {
            DType::Float32 => Some(select_loop!(f32)),
            DType::Float64 => Some(select_loop!(f64)),
            DType::Int32 => Some(select_loop!(i32)),
            DType::Int64 => Some(select_loop!(i64)),
            DType::UInt8 => Some(select_loop!(u8)),
            DType::Bool => Some(select_loop!(bool)),
            DType::String => None,
        },
        cuda: "x ? y : z",
        guard: None,
    },
)
.gradient(|g| {
    let (c, dy) = (g.input(0), g.dy());
    if g.node().def.name == "Select" && !dy.graph().data().eager {
        let zero = crate::ops::array::zeros_of(g.input(1));
        return vec![None, Some(select(c, dy, zero)), Some(select(c, zero, dy))];
    }
    let zero = crate::ops::array::zeros_of(dy);
    let (dx, de) = (select(c, dy, zero), select(c, zero, dy));
    vec![None, Some(reduce_one(dx, g.input(1))), Some(reduce_one(de, g.input(2)))]
})
.samples(&[Sample {
    inputs: &[(&[2, 3], -2.0, 2.0), (&[2, 3], -2.0, 2.0)],
    build: |x| select(super::greater(x[0], x[1]), x[0], x[1]),
}]);

/// The rule of choices: TensorFlow 1's own wants operands of one shape, the later one broadcasts.
pub(in crate::ops) fn infer_select(infer: &Infer) -> Result<Vec<Signature>> {
    infer.allow(0, "condition", Types::Bool)?;
    if infer.dtype(1) != infer.dtype(2) {
        return Err(Error::Type(format!(
            "Input 'e' of '{}' Op has type {} that does not match type {} of argument 't'.",
            infer.node.def.name,
            infer.dtype(2).name(),
            infer.dtype(1).name(),
        )));
    }
    if infer.node.def.name == "Select" {
        let (condition, x) = (infer.shape(0), infer.shape(1));
        for (i, other) in [(2, infer.shape(2)), (0, condition)] {
            let Some((m, n)) = x.dims().zip(other.dims()) else { continue };
            // A condition without axes serves all elements; one of sizes 1 was a vector for rows.
            let rows = |(m, n): (&Option<usize>, &Option<usize>)| i == 0 && *n == Some(1) && *m != Some(1);
            let differ = |(m, n): (&Option<usize>, &Option<usize>)| m.zip(*n).is_some_and(|(m, n)| m != n);
            let fits = m.len() == n.len() && !m.iter().zip(n).any(|pair| differ(pair) && !rows(pair));
            if fits || (i == 0 && n.is_empty()) {
                continue;
            }
            let (first, second) = if i == 0 && m.len() == n.len() { (other, x) } else { (x, other) };
            let running = format!(
                "Inputs to operation {} of type Select must have the same size and shape.  Input {}: {} != input 1: {}",
                infer.node.name,
                if i == 0 { 0 } else { 2 },
                other.to_proto(),
                x.to_proto()
            );
            return infer.fail(mismatch(first, second), running);
        }
    }
    Ok(vec![(infer.dtype(1), broadcast_inputs(infer, 0, 3)?)])
}

static SELECT: OpDef = SELECT_DEF;

/// The same under the name it has where functions of TensorFlow 2 build it.
pub(crate) static SELECT_V2: OpDef = OpDef { name: "SelectV2", ..SELECT_DEF };

/// `x` where the condition holds, else `y`: `tf.where` with three arguments.
#[track_caller]
pub fn select(condition: impl IntoTensor, x: impl IntoTensor, y: impl IntoTensor) -> Tensor {
    chosen(&SELECT, condition.into_operand(), x.into_operand(), y.into_operand())
}

/// `x` where the condition holds, else `y`, as functions that come from TensorFlow 2 build it.
#[track_caller]
pub(crate) fn select_v2(condition: impl IntoTensor, x: impl IntoTensor, y: impl IntoTensor) -> Tensor {
    chosen(&SELECT_V2, condition.into_operand(), x.into_operand(), y.into_operand())
}

#[track_caller]
fn chosen(def: &'static OpDef, c: Operand, x: Operand, y: Operand) -> Tensor {
    let graph = graph_of(&[&c, &x, &y]);
    build(graph, || {
        let scope = Scope::open(graph, def.name);
        crate::ops::fits_type(def, "condition", &c, DType::Bool)?;
        let c = c.tensor(&scope, "condition", None)?;
        let x = x.tensor(&scope, "t", None)?;
        crate::ops::fits_type(def, "e", &y, x.dtype())?;
        let y = y.tensor(&scope, "e", Some(x.dtype()))?;
        let def = if x.dtype() == DType::String { crate::ops::strings::form_of(def) } else { def };
        // TensorFlow 1's `Select` takes a vector for the rows of whatever it chooses between.
        let c = match (c.shape().dims(), x.shape().rank()) {
            (Some([rows]), Some(rank)) if rank > 1 && def.name == "Select" && !graph.data().eager => {
                let rows = rows.map_or(-1, |n| n as i32);
                let sizes: Vec<i32> = std::iter::once(rows).chain(vec![1; rank - 1]).collect();
                scope.enter(|| crate::ops::shape::reshape(c, sizes))
            }
            _ => c,
        };
        Ok(scope.op(def, &[c, x, y], typed("T", x.dtype()))?.output(0))
    })
}

pub(crate) static OTHER: &[&OpDef] = &[&CAST, &SELECT, &SELECT_V2];
