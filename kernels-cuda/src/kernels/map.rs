//! Elementwise functions of arrays that lie without gaps and need no broadcasting.

use super::{counting, flat, size};
use crate::launch::{Address, Arg, DType, Work};

/// An operand of [`map`]: its type, where it lies, and whether it is one element for all.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Operand {
    /// The element type.
    pub dtype: DType,
    /// Where the elements lie.
    pub address: Address,
    /// Whether there is only one, which goes with every element of the others.
    pub scalar: bool,
}

/// `to[i] = expression` for `count` elements. The expression, CUDA C, calls the operands `x0`, `x1`, ... and may name the
/// result's type `R`. The result may lie where an operand does.
///
/// ```
/// use flowbook_cuda::{DType, kernels::{Operand, map}};
/// let x = Operand { dtype: DType::Float32, address: 0x100, scalar: false };
/// assert_eq!(map("x0 > 0 ? x0 : 0.2f * x0", &[x], DType::Float32, 0x200, 1000).len(), 1);
/// assert!(map("-x0", &[x], DType::Float32, 0x200, 0).is_empty());
/// ```
pub fn map(expression: &str, operands: &[Operand], dtype: DType, to: Address, count: usize) -> Vec<Work> {
    let (mut parameters, mut loads, mut args) = (String::new(), String::new(), Vec::new());
    for (k, operand) in operands.iter().enumerate() {
        let c = operand.dtype.c_name();
        parameters.push_str(&format!("const {c}* p{k}, "));
        loads.push_str(&format!("        {c} x{k} = p{k}[{}];\n", if operand.scalar { "0" } else { "i" }));
        args.push(Arg::Address(operand.address));
    }
    args.extend([Arg::Address(to), size(count)]);
    let body = format!(
        "extern \"C\" __global__ void map({parameters}R* to, long long count) {{\n    EACH(i, count) {{\n{loads}        \
         to[i] = (R)({expression});\n    }}\n}}\n"
    );
    flat(counting(count, &[("R", dtype.c_name())], &body), "map", count, args)
}

/// Fills with one number, which must be one of the type: `tf.zeros`, `tf.ones`.
pub fn fill(dtype: DType, value: f64, to: Address, count: usize) -> Vec<Work> {
    if value == 0.0 {
        let bytes = count * dtype.size();
        return if bytes == 0 { vec![] } else { vec![Work::Zero { to, bytes }] };
    }
    map(&format!("{value:?}"), &[], dtype, to, count)
}

const LOOK_FOR: &str = r#"
extern "C" __global__ void look_for(const T* __restrict__ from, unsigned* flag, long long count) {
    EACH(i, count) {
        const T y = from[i];
        if (CONDITION) *flag = 1;
    }
}
"#;

/// Sets the `u32` at `flag` to 1 when a condition, in CUDA C, holds for one of `count` elements, which it calls `y`.
pub fn look_for(condition: &str, dtype: DType, from: Address, count: usize, flag: Address) -> Vec<Work> {
    let args = vec![Arg::Address(from), Arg::Address(flag), size(count)];
    flat(counting(count, &[("T", dtype.c_name()), ("CONDITION", condition)], LOOK_FOR), "look_for", count, args)
}
