//! `tf.print`: values on the standard error stream, now or whenever the function that is being traced runs.

use super::Tensor;
use super::function::Trace;
use super::operand::Operand;
use super::tensor::Kind;
use crate::error::Result;
use crate::ops::print::print_v2;

/// Prints its arguments in one line to the standard error stream, as `tf.print` does: tensors with the first and the last three
/// elements along each axis, all else as Python prints it. In a function that is being traced it prints in every run.
///
/// ```
/// use flowbook::v2 as tf;
/// let x = tf::constant([1.0, 2.5]);
/// tf::print!("x =", &x, 3); // x = [1 2.5] 3
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! __print {
    ($($value:expr),* $(,)?) => {
        $crate::v2::print_line(vec![$($crate::v2::IntoTensor::into_operand($value)),*])
    };
}

#[doc(inline)]
pub use crate::__print as print;

/// What stands for an argument in the line, a `{}` for a tensor.
fn part(value: &Operand, tensors: &mut Vec<Tensor>) -> String {
    match value {
        Operand::Tensor(tensor) => {
            tensors.push(tensor.clone());
            "{}".into()
        }
        Operand::Literal(value, _) if value.ndim() == 0 => crate::ops::python_text(value),
        Operand::Literal(value, _) => crate::session::python_list(value),
    }
}

#[doc(hidden)]
#[track_caller]
pub fn print_line(values: Vec<Operand>) {
    let mut tensors = Vec::new();
    let parts: Vec<String> = values.iter().map(|value| part(value, &mut tensors)).collect();
    let template = parts.join(" ");
    let printed = match Trace::active().filter(|_| tensors.iter().any(|x| matches!(x.0, Kind::Symbolic(_)))) {
        Some(trace) => in_trace(&trace, &template, &tensors),
        None => now(&template, &tensors),
    };
    printed.unwrap_or_else(|error| error.raise());
}

fn in_trace(trace: &Trace, template: &str, tensors: &[Tensor]) -> Result<()> {
    let symbol = |tensor: &Tensor| trace.symbol(&Operand::Tensor(tensor.clone()), tensor.dtype());
    let nodes: Vec<_> = tensors.iter().map(symbol).collect();
    trace.run_always(print_v2(template, &nodes));
    Ok(())
}

/// Prints values that are there.
fn now(template: &str, tensors: &[Tensor]) -> Result<()> {
    let operands: Vec<Operand> = tensors.iter().map(|x| Operand::Tensor(x.clone())).collect();
    super::eager::perform(&operands, |inputs| {
        let inputs: Vec<_> = inputs.iter().cloned().map(crate::ops::array::convert_to_tensor).collect();
        print_v2(template, &inputs);
    })
}
