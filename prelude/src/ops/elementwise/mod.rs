//! Elementwise ops, one line each: function, op type, element types, scalar expression, the same in CUDA C, sample
//! domain, gradient. From the line come the public function, the CPU loops, the table entry and its test.

mod cast;
mod loops;

use super::math::{Arithmetic, Number, Real};
use super::{Guard, Infer, Kernel, OpDef, Sample, Style, Types, binary, broadcast_inputs, typed, unary};
use crate::DType;
use crate::error::{Error, Result};
use crate::graph::{Gradient, IntoTensor, Scope, Tensor, build, graph_of};
use crate::ops::gradient::{number, of_product};
#[cfg(target_arch = "x86_64")]
use loops::kinds;
use loops::{compiled_loop, first, in_packets, is_some, loop1, loop2, register_loop, select};

pub(crate) use cast::{CAST, OTHER, SELECT_V2, cast_attrs, cast_elements, select_v2};
pub use cast::{cast, select, to_double, to_float, to_int32, to_int64};
pub(in crate::ops) use cast::{cast_to, infer_select};
#[cfg(target_arch = "x86_64")]
pub(crate) use loops::SHORT;
pub(crate) use loops::{LANES, PACKET};

macro_rules! types {
    (floats) => {
        Types::Floats
    };
    (numbers) => {
        Types::Numbers
    };
    (all) => {
        Types::All
    };
    (logic) => {
        Types::Bool
    };
}

macro_rules! result_type {
    (same, $t:expr) => {
        $t
    };
    (bool, $t:expr) => {
        DType::Bool
    };
}

fn map1(infer: &Infer, types: Types) -> Result<DType> {
    infer.allow(0, argument_of(infer.node.def.name), types)
}

/// What TensorFlow calls the operand of an op of one.
fn argument_of(op: &str) -> &'static str {
    match op {
        "Relu" | "Relu6" | "Elu" | "Selu" | "Softplus" | "Softsign" => "features",
        _ => "x",
    }
}

fn map2(infer: &Infer, types: Types) -> Result<DType> {
    infer.allow(0, "x", types)?;
    infer.same_type(&["x", "y"])
}

/// Declares ops of one operand.
macro_rules! unary_ops {
    ($( $(#[$doc:meta])* $def:ident $f:ident($op:literal) $types:ident $result:ident: |$x:ident| $e:expr, $(tail $tail:expr, $(lanes $lanes:path,)?)? cuda $cuda:literal
        $(, on $lo:literal..$hi:literal: |$gx:ident, $gy:ident, $dy:ident| $grad:expr)?; )*) => { $(
        pub(crate) static $def: OpDef = {
            let def = OpDef::new(
                $op,
                |infer: &Infer| {
                    let t = map1(infer, types!($types))?;
                    let _ = t;
                    Ok(vec![(result_type!($result, t), infer.shape(0).clone())])
                },
                Kernel::Map { select: select!(loop1 $types $result (|$x| $e $(, tail $tail $(, lanes $lanes)?)?)), cuda: $cuda, guard: None },
            );
            $( let def = def
                .gradient(|g: &Gradient| {
                    let ($gx, $gy, $dy) = (g.input(0), g.output(), g.dy());
                    let _ = ($gx, $gy, $dy);
                    vec![Some($grad)]
                })
                .samples(&[Sample { inputs: &[(&[2, 3], $lo, $hi)], build: |x| $f(x[0]) }]); )?
            def
        };
        $(#[$doc])*
        #[track_caller]
        pub fn $f(x: impl IntoTensor) -> Tensor {
            unary(&$def, $op, argument_of($op), x.into_operand())
        }
    )*
        pub(crate) static UNARY: &[&OpDef] = &[$(&$def),*];
    };
}

/// Declares ops of two operands that broadcast; the gradients are summed back to the operands' shapes.
macro_rules! binary_ops {
    ($( $(#[$doc:meta])* $def:ident $f:ident($op:literal as $name:literal) $types:ident $result:ident: |$x:ident, $y:ident| $e:expr, $(tail $tail:expr,)?
        cuda $cuda:literal $(, guard $guard:expr)?
        $(, on $lo:literal..$hi:literal, $lo2:literal..$hi2:literal: |$gx:ident, $gy:ident, $gz:ident, $dy:ident| $grads:expr)?; )*) => { $(
        pub(crate) static $def: OpDef = {
            #[allow(unused_mut, unused_assignments, reason = "most have no guard")]
            let guard: Option<Guard> = { let mut guard: Option<Guard> = None; $( guard = Some($guard); )? guard };
            let def = OpDef::new(
                $op,
                |infer: &Infer| {
                    let t = map2(infer, types!($types))?;
                    let _ = t;
                    Ok(vec![(result_type!($result, t), broadcast_inputs(infer, 0, 2)?)])
                },
                Kernel::Map { select: select!(loop2 $types $result (|$x, $y| $e $(, tail $tail)?)), cuda: $cuda, guard },
            );
            $( let def = def
                .gradient(|g: &Gradient| {
                    let ($gx, $gy, $gz, $dy) = (g.input(0), g.input(1), g.output(), g.dy());
                    let _ = ($gx, $gy, $gz);
                    let (by_x, by_y) = $grads;
                    crate::ops::gradient::reduce_both(g, by_x, by_y)
                })
                .samples(&[
                    Sample { inputs: &[(&[2, 3], $lo, $hi), (&[2, 3], $lo2, $hi2)], build: |x| $f(x[0], x[1]) },
                    Sample { inputs: &[(&[2, 3], $lo, $hi), (&[3], $lo2, $hi2)], build: |x| $f(x[0], x[1]) },
                    Sample { inputs: &[(&[], $lo, $hi), (&[2, 1], $lo2, $hi2)], build: |x| $f(x[0], x[1]) },
                ]); )?
            def
        };
        $(#[$doc])*
        #[track_caller]
        pub fn $f(x: impl IntoTensor, y: impl IntoTensor) -> Tensor {
            binary(&$def, $name, x.into_operand(), y.into_operand(), Style::Function)
        }
    )*
        pub(crate) static BINARY: &[&OpDef] = &[$(&$def),*];
    };
}

unary_ops! {
    /// `-x`: `tf.negative`.
    NEG negative("Neg") numbers same: |x| x.wrapping_negated(), cuda "flow::negated(x)", on -2.0..2.0: |_x, _y, dy| negative(dy);
    /// The absolute value: `tf.abs`.
    ABS abs("Abs") numbers same: |x| x.magnitude(), cuda "flow::magnitude(x)", on 0.5..2.0: |x, _y, dy| dy * sign(x);
    /// -1, 0 or 1: `tf.sign`.
    SIGN sign("Sign") numbers same: |x| x.sign_of(), cuda "flow::sign(x)", on 0.5..2.0: |x, _y, dy| crate::ops::array::zeros_of(x);
    /// `x * x`: `tf.square`.
    SQUARE square("Square") numbers same: |x| x.times(x), cuda "flow::times(x, x)", on -2.0..2.0: |x, _y, dy| {
        let two = number(x, "Const", 2.0);
        let double = multiply(x, two);
        multiply(dy, double)
    };
    /// The square root: `tf.sqrt`.
    SQRT sqrt("Sqrt") floats same: |x| x.sqrt(), cuda "flow::sqrt(x)", on 0.5..4.0: |_x, y, dy| sqrt_grad(y, dy);
    /// `1 / sqrt(x)`: `tf.rsqrt`.
    RSQRT rsqrt("Rsqrt") floats same: |x| 1.0 / x.sqrt(), cuda "(T)1 / flow::sqrt(x)", on 0.5..4.0: |_x, y, dy| rsqrt_grad(y, dy);
    /// `1 / x`: `tf.reciprocal`.
    RECIPROCAL reciprocal("Reciprocal") floats same: |x| 1.0 / x, cuda "(T)1 / x", on 0.5..2.0: |_x, y, dy| reciprocal_grad(y, dy);
    /// e to the power of `x`: `tf.exp`.
    EXP exp("Exp") floats same: |x| Real::exp(x), tail x.exp_alone(), cuda "flow::exp(x)", on -2.0..2.0: |_x, y, dy| dy * y;
    /// `exp(x) - 1`: `tf.expm1`.
    EXPM1 expm1("Expm1") floats same: |x| Real::exp_m1(x), tail x.exp_m1(), cuda "flow::expm1(x)", on -2.0..2.0: |x, _y, dy| dy * exp(x);
    /// The natural logarithm: `tf.log`.
    LOG log("Log") floats same: |x| Real::ln(x), tail x.ln_alone(), cuda "flow::log(x)", on 0.5..4.0: |x, _y, dy| dy * reciprocal(x);
    /// `log(1 + x)`: `tf.log1p`.
    LOG1P log1p("Log1p") floats same: |x| Real::ln_1p(x), tail x.ln_1p(), cuda "flow::log1p(x)", on -0.5..2.0: |x, _y, dy| dy * reciprocal(1 + x);
    /// The sine: `tf.sin`.
    SIN sin("Sin") floats same: |x| Real::sin(x), tail x.sin(), cuda "flow::sin(x)", on -3.0..3.0: |x, _y, dy| dy * cos(x);
    /// The cosine: `tf.cos`.
    COS cos("Cos") floats same: |x| Real::cos(x), tail x.cos(), cuda "flow::cos(x)", on -3.0..3.0: |x, _y, dy| -dy * sin(x);
    /// The tangent: `tf.tan`.
    TAN tan("Tan") floats same: |x| x.tan(), cuda "flow::tan(x)", on -1.0..1.0: |x, _y, dy| square(reciprocal(cos(x))) * dy;
    /// The arc sine: `tf.asin`.
    ASIN asin("Asin") floats same: |x| x.asin(), cuda "flow::asin(x)", on -0.8..0.8: |x, _y, dy| dy * inverse_of_side(x);
    /// The arc cosine: `tf.acos`.
    ACOS acos("Acos") floats same: |x| x.acos(), cuda "flow::acos(x)", on -0.8..0.8: |x, _y, dy| {
        let inverse = inverse_of_side(x);
        -dy * inverse
    };
    /// The arc tangent: `tf.atan`.
    ATAN atan("Atan") floats same: |x| Real::atan(x), tail x.atan(), cuda "flow::atan(x)", on -2.0..2.0: |x, _y, dy| {
        let squared = square(x);
        dy * reciprocal(add(number(x, "Const", 1.0), squared))
    };
    /// The hyperbolic sine: `tf.sinh`.
    SINH sinh("Sinh") floats same: |x| x.sinh(), cuda "flow::sinh(x)", on -2.0..2.0: |x, _y, dy| dy * cosh(x);
    /// The hyperbolic cosine: `tf.cosh`.
    COSH cosh("Cosh") floats same: |x| x.cosh(), cuda "flow::cosh(x)", on -2.0..2.0: |x, _y, dy| dy * sinh(x);
    /// The hyperbolic tangent: `tf.tanh`.
    TANH tanh("Tanh") floats same: |x| Real::tanh(x), tail x.tanh_alone(), cuda "flow::tanh(x)", on -2.0..2.0: |_x, y, dy| tanh_grad(y, dy);
    /// The inverse of the hyperbolic sine: `tf.asinh`.
    ASINH asinh("Asinh") floats same: |x| x.asinh(), cuda "flow::asinh(x)", on -2.0..2.0: |_x, y, dy| divide_by(dy, cosh(y));
    /// The inverse of the hyperbolic cosine: `tf.acosh`.
    ACOSH acosh("Acosh") floats same: |x| x.acosh(), cuda "flow::acosh(x)", on 1.5..3.0: |_x, y, dy| divide_by(dy, sinh(y));
    /// The inverse of the hyperbolic tangent: `tf.atanh`.
    ATANH atanh("Atanh") floats same: |x| x.atanh(), cuda "flow::atanh(x)", on -0.8..0.8: |x, _y, dy| {
        let squared = square(x);
        dy * reciprocal(subtract(number(x, "Const", 1.0), squared))
    };
    /// `1 / (1 + exp(-x))`: `tf.sigmoid`.
    SIGMOID sigmoid("Sigmoid") floats same: |x| Real::sigmoid(x), tail x.sigmoid_alone(), lanes crate::ops::math::sigmoid_alone_lanes, cuda "(T)1 / ((T)1 + flow::exp(-x))", on -3.0..3.0: |_x, y, dy| sigmoid_grad(y, dy);
    /// The error function: `tf.erf`.
    ERF erf("Erf") floats same: |x| Real::erf(x), cuda "flow::erf(x)", on -2.0..2.0: |x, _y, dy| dy * number(x, "Const", std::f64::consts::FRAC_2_SQRT_PI) * exp(-square(x));
    /// `1 - erf(x)`, which keeps its digits where `erf` is near 1: `tf.erfc`.
    ERFC erfc("Erfc") floats same: |x| Real::erfc(x), cuda "flow::erfc(x)", on -2.0..2.0: |x, _y, dy| dy * number(x, "Const", -std::f64::consts::FRAC_2_SQRT_PI) * exp(-square(x));
    /// The greatest integer not above `x`: `tf.floor`.
    FLOOR floor("Floor") floats same: |x| x.floor(), cuda "flow::floor(x)";
    /// The least integer not below `x`: `tf.ceil`.
    CEIL ceil("Ceil") floats same: |x| x.ceil(), cuda "flow::ceil(x)";
    /// The nearest integer, ties to even: `tf.round`.
    ROUND round("Round") floats same: |x| x.round_ties_even(), cuda "flow::round(x)";
    /// The nearest integer, ties to even, as an op of its own: `tf.rint`.
    RINT rint("Rint") floats same: |x| x.round_ties_even(), cuda "flow::round(x)";
    /// Whether `x` is not a number: `tf.is_nan`.
    IS_NAN is_nan("IsNan") floats bool: |x| x.is_nan(), cuda "flow::is_nan(x)";
    /// Whether `x` is infinite: `tf.is_inf`.
    IS_INF is_inf("IsInf") floats bool: |x| x.is_infinite(), cuda "flow::is_inf(x)";
    /// Whether `x` is neither infinite nor not a number: `tf.is_finite`.
    IS_FINITE is_finite("IsFinite") floats bool: |x| x.is_finite(), cuda "flow::is_finite(x)";
    /// `not x`: `tf.logical_not`.
    LOGICAL_NOT logical_not("LogicalNot") logic bool: |x| !x, cuda "!x";
    /// `max(x, 0)`: `tf.nn.relu`.
    RELU relu("Relu") numbers same: |x| if x < x.nought() { x.nought() } else { x }, cuda "x < (T)0 ? (T)0 : x", on 0.5..2.0: |_x, y, dy| relu_grad(dy, y);
    /// `min(max(x, 0), 6)`: `tf.nn.relu6`.
    RELU6 relu6("Relu6") numbers same: |x| x.within_six(), cuda "x < (T)0 ? (T)0 : x > (T)6 ? (T)6 : x", on 0.5..5.0: |_x, y, dy| relu6_grad(dy, y);
    /// `log(1 + exp(x))`: `tf.nn.softplus`.
    SOFTPLUS softplus("Softplus") floats same: |x| Real::softplus(x), tail x.softplus_alone(), cuda "x > (T)20 ? x : flow::log1p(flow::exp(x))", on -2.0..2.0: |x, _y, dy| dy * sigmoid(x);
    /// `x / (1 + |x|)`: `tf.nn.softsign`.
    SOFTSIGN softsign("Softsign") floats same: |x| x / (1.0 + x.abs()), cuda "x / ((T)1 + flow::magnitude(x))", on 0.5..2.0: |x, _y, dy| softsign_grad(dy, x);
    /// `x` where positive, else `exp(x) - 1`: `tf.nn.elu`.
    ELU elu("Elu") floats same: |x| if x < 0.0 { Real::exp(x) - 1.0 } else { x }, tail if x < 0.0 { x.exp_alone() - 1.0 } else { x }, cuda "x < (T)0 ? flow::exp(x) - (T)1 : x", on -2.0..-0.5: |_x, y, dy| elu_grad(dy, y);
    /// The scaled exponential unit, whose results keep mean 0 and variance 1: `tf.nn.selu`.
    SELU selu("Selu") floats same: |x| if x < 0.0 { 1.758_099_340_847_376_8 * (Real::exp(x) - 1.0) } else { 1.050_700_987_355_480_5 * x }, tail if x < 0.0 { 1.758_099_340_847_376_8 * (x.exp_alone() - 1.0) } else { 1.050_700_987_355_480_5 * x }, cuda "x < (T)0 ? (T)1.7580993408473768 * (flow::exp(x) - (T)1) : (T)1.0507009873554805 * x", on -2.0..2.0: |_x, y, dy| selu_grad(dy, y);
}

binary_ops! {
    /// `x + y`: `tf.add`.
    ADD add("AddV2" as "Add") numbers same: |x, y| x.plus(y), cuda "flow::plus(x, y)", on -2.0..2.0, -2.0..2.0: |x, y, z, dy| (dy, dy);
    /// `x - y`: `tf.subtract`.
    SUB subtract("Sub" as "Sub") numbers same: |x, y| x.minus(y), cuda "flow::minus(x, y)", on -2.0..2.0, -2.0..2.0: |x, y, z, dy| (dy, negative(dy));
    /// `x * y`: `tf.multiply`.
    MUL multiply("Mul" as "Mul") numbers same: |x, y| x.times(y), cuda "flow::times(x, y)", on -2.0..2.0, -2.0..2.0: |x, y, z, dy| of_product(x, y, dy);
    /// `x / y` of floats: the op under `tf.divide`, which is what to call.
    REAL_DIV divide_by("RealDiv" as "RealDiv") floats same: |x, y| x / y, cuda "x / y", on -2.0..2.0, 0.5..2.0: |x, y, z, dy| (divide_by(dy, y), dy * divide_by(divide_by(-x, y), y));
    /// `floor(x / y)`: `tf.floordiv`.
    FLOOR_DIV floordiv("FloorDiv" as "floordiv") numbers same: |x, y| Number::floor_div(x, y), cuda "flow::floor_div(x, y)", guard NO_ZERO;
    /// The remainder with the sign of `y`: `tf.mod`.
    FLOOR_MOD floormod("FloorMod" as "FloorMod") numbers same: |x, y| Number::floor_mod(x, y), cuda "flow::floor_mod(x, y)", guard NO_ZERO,
        on 2.5..2.9, 1.1..1.2: |x, y, z, dy| {
            let whole = binary(&FLOOR_DIV, "FloorDiv", x.into_operand(), y.into_operand(), Style::Function);
            (dy, dy * negative(whole))
        };
    /// `x` to the power of `y`: `tf.pow`.
    POW pow("Pow" as "Pow") numbers same: |x, y| Number::power(x, y), cuda "flow::power(x, y)", guard NO_NEGATIVE_POWER,
        on 0.5..2.0, -1.5..2.0: |x, y, z, dy| {
            let by_x = dy * y * pow(x, y - 1);
            let log = safe_log(x);
            (by_x, dy * z * log)
        };
    /// The greater of `x` and `y`: `tf.maximum`.
    MAXIMUM maximum("Maximum" as "Maximum") numbers same: |x, y| if x >= y || x.is_odd_one() { x } else { y }, cuda "flow::maximum(x, y)", on 1.0..2.0, -2.0..0.5: |x, y, z, dy| of_extreme(dy, || greater_equal(x, y));
    /// The lesser of `x` and `y`: `tf.minimum`.
    MINIMUM minimum("Minimum" as "Minimum") numbers same: |x, y| if x <= y || x.is_odd_one() { x } else { y }, cuda "flow::minimum(x, y)", on 1.0..2.0, -2.0..0.5: |x, y, z, dy| of_extreme(dy, || less_equal(x, y));
    /// `(x - y)^2`: `tf.squared_difference`.
    SQUARED_DIFFERENCE squared_difference("SquaredDifference" as "SquaredDifference") numbers same: |x, y| x.minus(y).times(x.minus(y)), cuda "flow::times(flow::minus(x, y), flow::minus(x, y))", on -2.0..2.0, -2.0..2.0: |x, y, z, dy| {
        let by_x = multiply(number(x, "scalar", 2.0), dy) * (x - y);
        (by_x, -by_x)
    };
    /// The angle of the point `(y, x)`: `tf.atan2`.
    ATAN2 atan2("Atan2" as "Atan2") floats same: |x, y| x.atan2(y), cuda "flow::atan2(x, y)", on 0.5..2.0, 0.5..2.0: |x, y, z, dy| {
        let scaled = dy / (square(x) + square(y));
        (y * scaled, -x * scaled)
    };
    /// `x / y`, but 0 where `y` is 0: `tf.div_no_nan`.
    DIV_NO_NAN div_no_nan("DivNoNan" as "div_no_nan") floats same: |x, y| if y == 0.0 { 0.0 } else { x / y }, cuda "y == (T)0 ? (T)0 : x / y", on -2.0..2.0, 0.5..2.0: |x, y, z, dy| (div_no_nan(dy, y), dy * div_no_nan(div_no_nan(-x, y), y));
    /// `x * log(y)`, but 0 where `x` is 0: `tf.math.xlogy`.
    XLOGY xlogy("Xlogy" as "xlogy") floats same: |x, y| if x == 0.0 { 0.0 } else { x * Real::ln(y) }, tail if x == 0.0 { 0.0 } else { x * y.ln_alone() }, cuda "x == (T)0 ? (T)0 : x * flow::log(y)", on 0.5..2.0, 0.5..2.0: |x, y, z, dy| {
        let there = cast(not_equal(x, 0.0), x.dtype());
        (multiply(xlogy(there, y), dy), multiply(xdivy(x, y), dy))
    };
    /// `x / y`, but 0 where `x` is 0: `tf.math.xdivy`.
    XDIVY xdivy("Xdivy" as "xdivy") floats same: |x, y| if x == 0.0 { 0.0 } else { x / y }, cuda "x == (T)0 ? (T)0 : x / y", on 0.5..2.0, 0.5..2.0: |x, y, z, dy| {
        let there = cast(not_equal(x, 0.0), x.dtype());
        (multiply(xdivy(there, y), dy), multiply(xdivy(negative(x), square(y)), dy))
    };
    /// `dy * y * (1 - y)`: the gradient of the sigmoid by its result.
    SIGMOID_GRAD sigmoid_grad("SigmoidGrad" as "SigmoidGrad") floats same: |x, y| y * (x * (1.0 - x)), tail y * x * (1.0 - x), cuda "y * (x * ((T)1 - x))", on 0.2..0.8, -2.0..2.0: |x, y, z, dy| (multiply(multiply(dy, y), subtract_from(1.0, multiply(x, 2.0))), sigmoid_grad(x, dy));
    /// `dy` where the relu's result is positive, else 0.
    RELU_GRAD relu_grad("ReluGrad" as "ReluGrad") numbers same: |x, y| if y > y.nought() { x } else { x.nought() }, cuda "y > (T)0 ? x : (T)0", on -2.0..2.0, 0.5..2.0: |x, y, z, dy| (relu_grad(dy, y), crate::ops::array::zeros_of(z));
    /// `dy` where the result of `relu6` is between its bounds, else 0.
    RELU6_GRAD relu6_grad("Relu6Grad" as "Relu6Grad") numbers same: |x, y| if y > y.nought() && y < y.six() { x } else { x.nought() }, cuda "y > (T)0 && y < (T)6 ? x : (T)0", on -2.0..2.0, 0.5..5.0: |x, y, z, dy| (relu6_grad(dy, y), crate::ops::array::zeros_of(z));
    /// `dy * (y + 1)` where the result of `elu` is negative, else `dy`.
    ELU_GRAD elu_grad("EluGrad" as "EluGrad") floats same: |x, y| if y < 0.0 { x * (y + 1.0) } else { x }, cuda "y < (T)0 ? x * (y + (T)1) : x", on -2.0..2.0, -0.9..-0.1: |x, y, z, dy| (elu_grad(dy, y), of_negative(y, multiply(dy, x)));
    /// The gradient of `selu` by its result.
    SELU_GRAD selu_grad("SeluGrad" as "SeluGrad") floats same: |x, y| if y < 0.0 { x * (y + 1.758_099_340_847_376_8) } else { x * 1.050_700_987_355_480_5 }, cuda "y < (T)0 ? x * (y + (T)1.7580993408473768) : x * (T)1.0507009873554805", on -2.0..2.0, -1.5..-0.1: |x, y, z, dy| (selu_grad(dy, y), of_negative(y, multiply(dy, x)));
    /// `dy / (1 + |x|)^2`: the gradient of `softsign`.
    SOFTSIGN_GRAD softsign_grad("SoftsignGrad" as "SoftsignGrad") floats same: |x, y| x / ((1.0 + y.abs()) * (1.0 + y.abs())), cuda "x / (((T)1 + flow::magnitude(y)) * ((T)1 + flow::magnitude(y)))", on -2.0..2.0, 0.5..2.0: |x, y, z, dy| (softsign_grad(dy, y), multiply(multiply(dy, z), divide_by(multiply(sign(y), -2.0), add(abs(y), 1.0))));
    /// `dy * (1 - y * y)`: the gradient of the hyperbolic tangent by its result.
    TANH_GRAD tanh_grad("TanhGrad" as "TanhGrad") floats same: |x, y| y * (1.0 - x * x), cuda "y * ((T)1 - x * x)", on -0.8..0.8, -2.0..2.0: |x, y, z, dy| (multiply(multiply(multiply(dy, y), -2.0), x), tanh_grad(x, dy));
    /// `dy * 0.5 / y`: the gradient of the square root by its result.
    SQRT_GRAD sqrt_grad("SqrtGrad" as "SqrtGrad") floats same: |x, y| if y == 0.0 { 0.0 } else { 0.5 / x * y }, tail if y == 0.0 { 0.0 } else { 0.5 * y / x }, cuda "y == (T)0 ? (T)0 : (T)0.5 / x * y", on 0.5..2.0, -2.0..2.0: |x, y, z, dy| (divide_by(negative(multiply(dy, z)), x), divide_by(multiply(dy, 0.5), x));
    /// `dy * -0.5 * y^3`: the gradient of `1 / sqrt(x)` by its result.
    RSQRT_GRAD rsqrt_grad("RsqrtGrad" as "RsqrtGrad") floats same: |x, y| if y == 0.0 { 0.0 } else { -0.5 * (x * x) * (x * y) }, tail if y == 0.0 { 0.0 } else { -0.5 * (y * x) * (x * x) }, cuda "y == (T)0 ? (T)0 : (T)-0.5 * (x * x) * (x * y)", on 0.5..2.0, -2.0..2.0: |x, y, z, dy| (multiply(multiply(multiply(dy, y), -1.5), square(x)), rsqrt_grad(x, dy));
    /// `-dy * y^2`: the gradient of `1 / x` by its result.
    RECIPROCAL_GRAD reciprocal_grad("ReciprocalGrad" as "ReciprocalGrad") floats same: |x, y| if y == 0.0 { 0.0 } else { -(x * x) * y }, cuda "y == (T)0 ? (T)0 : -(x * x) * y", on 0.5..2.0, -2.0..2.0: |x, y, z, dy| (multiply(multiply(multiply(dy, y), -2.0), x), reciprocal_grad(x, dy));
    /// `x == y`, element by element: `tf.equal`. (`==` on tensors asks whether they are the same tensor.)
    EQUAL equal("Equal" as "Equal") all bool: |x, y| x == y, cuda "x == y";
    /// `x != y`, element by element: `tf.not_equal`.
    NOT_EQUAL not_equal("NotEqual" as "NotEqual") all bool: |x, y| x != y, cuda "x != y";
    /// `x < y`: `tf.less`.
    LESS less("Less" as "Less") numbers bool: |x, y| x < y, cuda "x < y";
    /// `x <= y`: `tf.less_equal`.
    LESS_EQUAL less_equal("LessEqual" as "LessEqual") numbers bool: |x, y| x <= y, cuda "x <= y";
    /// `x > y`: `tf.greater`.
    GREATER greater("Greater" as "Greater") numbers bool: |x, y| x > y, cuda "x > y";
    /// `x >= y`: `tf.greater_equal`.
    GREATER_EQUAL greater_equal("GreaterEqual" as "GreaterEqual") numbers bool: |x, y| x >= y, cuda "x >= y";
    /// `x and y`: `tf.logical_and`.
    LOGICAL_AND logical_and("LogicalAnd" as "LogicalAnd") logic bool: |x, y| x & y, cuda "x && y";
    /// `x or y`: `tf.logical_or`.
    LOGICAL_OR logical_or("LogicalOr" as "LogicalOr") logic bool: |x, y| x | y, cuda "x || y";
}

const NO_ZERO: Guard = Guard {
    refuses: |divisor| match divisor.dtype {
        DType::Int32 => divisor.slice::<i32>().contains(&0),
        DType::Int64 => divisor.slice::<i64>().contains(&0),
        DType::UInt8 => divisor.slice::<u8>().contains(&0),
        _ => false,
    },
    cuda: "y == 0",
    message: "Integer division by zero",
};

const NO_NEGATIVE_POWER: Guard = Guard {
    refuses: |exponent| exponent.ints().iter().any(|v| *v < 0),
    cuda: "y < 0",
    message: "Integers to negative integer powers are not allowed",
};

/// `1 / sqrt(1 - x^2)`, for gradients.
fn inverse_of_side(x: Tensor) -> Tensor {
    let squared = square(x);
    reciprocal(sqrt(subtract(number(x, "Const", 1.0), squared)))
}

/// The gradients of the greater or the lesser of two: all to the one that was chosen.
fn of_extreme(dy: Tensor, is_first: impl Fn() -> Tensor) -> (Tensor, Tensor) {
    let zeros = crate::ops::array::zeros_of(dy);
    let first = is_first();
    (select_v2(first, dy, zeros), select_v2(first, zeros, dy))
}

/// `value` where `y` is negative, else 0.
fn of_negative(y: Tensor, value: Tensor) -> Tensor {
    select_v2(less(y, 0.0), value, crate::ops::array::zeros_of(value))
}

/// `value - x`, for gradients.
fn subtract_from(value: f64, x: Tensor) -> Tensor {
    binary(&SUB, "sub", value.into_operand(), x.into_operand(), Style::Operator)
}

/// `log(x)` where `x` is positive, else 0: what the gradient of `pow` by the exponent needs.
fn safe_log(x: Tensor) -> Tensor {
    let positive = greater(x, 0.0);
    let one = crate::ops::array::ones_of(x);
    let log = log(select(positive, x, one));
    select(positive, log, crate::ops::array::zeros_of(x))
}

/// `x / y`, true division: integers become `float64` first: `tf.divide`, `tf.truediv`.
///
/// # Panics
/// `TypeError` when the element types differ.
#[track_caller]
pub fn divide(x: impl IntoTensor, y: impl IntoTensor) -> Tensor {
    true_divide(x.into_operand(), y.into_operand(), Style::Function)
}

/// `x / y`: `tf.truediv`, the same as [`divide`].
#[track_caller]
pub fn truediv(x: impl IntoTensor, y: impl IntoTensor) -> Tensor {
    true_divide(x.into_operand(), y.into_operand(), Style::Function)
}

#[track_caller]
pub(crate) fn true_divide(x: crate::graph::Operand, y: crate::graph::Operand, style: Style) -> Tensor {
    let graph = graph_of(&[&x, &y]);
    build(graph, || {
        let scope = Scope::open(graph, "truediv");
        let (mut x, mut y) = super::pair(&REAL_DIV, &scope, &x, &y, style)?;
        let (a, b) = (x.dtype(), y.dtype());
        if a != b {
            return Err(Error::Type(format!("`x` and `y` must have the same dtype, got {a:?} != {b:?}.")));
        }
        if a.is_integer() {
            let wide = if a == DType::UInt8 { DType::Float32 } else { DType::Float64 };
            x = scope.child(&CAST, "Cast", &[x], cast_attrs(a, wide))?.output(0);
            y = scope.child(&CAST, "Cast_1", &[y], cast_attrs(a, wide))?.output(0);
        }
        Ok(scope.op(&REAL_DIV, &[x, y], typed("T", x.dtype()))?.output(0))
    })
}
