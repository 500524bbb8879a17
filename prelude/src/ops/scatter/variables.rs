//! `tf.scatter_update` and its kin: rows of a variable change when they are run.

use flowbook_cuda::Work;
use flowbook_cuda::kernels::Scatter;

use super::{Sizes, brackets, check_types, place, rows, works, write};
use crate::error::{Error, Result};
use crate::graph::{Attr, IntoTensor, Operand, Scope, Tensor, Variable, build};
use crate::ops::device::DeviceCall;
use crate::ops::{Call, Infer, Kernel, OpDef, Signature, fits_type, typed};

fn infer_update(infer: &Infer) -> Result<Vec<Signature>> {
    check_types(infer, "ref")?;
    if let (Some(to), Some(indices), Some(updates)) =
        (infer.shape(0).sizes(), infer.shape(1).sizes(), infer.shape(2).sizes())
    {
        let wanted = [&indices[..], to.get(1..).unwrap_or_default()].concat();
        if to.is_empty() || updates != wanted {
            let text = format!(
                "Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], got updates.shape {}, \
                 indices.shape {}, params.shape {}",
                brackets(&updates),
                brackets(&indices),
                brackets(&to)
            );
            return infer.fail(text.clone(), text);
        }
    }
    Ok(vec![infer.inputs[0].clone()])
}

fn update(call: &Call, how: Scatter) -> Result<()> {
    let (to, indices, updates) = (call.input(0), call.input(1), call.input(2));
    let sizes = &to.shape;
    let numbers = indices.ints();
    let rows = rows(&numbers, &sizes[..1]).map_err(|i| {
        let (at, limit) = (place(&indices.shape, i), sizes[0]);
        Error::InvalidArgument(format!("indices{at} = {} is not in [0, {limit})", numbers[i]))
    })?;
    write(how, &rows, sizes[1..].iter().product(), updates, to)
}

fn update_works(call: &DeviceCall, how: Scatter) -> Option<Vec<Work>> {
    let (to, count) = (call.input(0), call.input(1).len());
    let (first, rest) = to.shape.split_first()?;
    let sizes = Sizes { axes: vec![*first], width: rest.iter().product(), count };
    works(call, how, (1, 2, to.address), &sizes, false)
}

pub(crate) static SCATTER_UPDATE: OpDef =
    OpDef::new("ScatterUpdate", infer_update, Kernel::Update(|call| update(call, Scatter::Put)))
        .cuda(|call| update_works(call, Scatter::Put))
        .stateful();
pub(crate) static SCATTER_ADD: OpDef =
    OpDef::new("ScatterAdd", infer_update, Kernel::Update(|call| update(call, Scatter::Add)))
        .cuda(|call| update_works(call, Scatter::Add))
        .stateful();
pub(crate) static SCATTER_SUB: OpDef =
    OpDef::new("ScatterSub", infer_update, Kernel::Update(|call| update(call, Scatter::Subtract)))
        .cuda(|call| update_works(call, Scatter::Subtract))
        .stateful();

#[track_caller]
fn new_update(def: &'static OpDef, variable: Variable, indices: Operand, updates: Operand) -> Tensor {
    let graph = variable.graph();
    build(graph, || {
        let scope = Scope::open(graph, def.name);
        let reference = variable.reference();
        fits_type(def, "updates", &updates, reference.dtype())?;
        let indices = indices.tensor(&scope, "indices", None)?;
        let updates = updates.tensor(&scope, "updates", Some(reference.dtype()))?;
        let mut attrs = typed("T", reference.dtype());
        attrs.insert("Tindices", Attr::Type(indices.dtype()));
        attrs.insert("use_locking", Attr::Bool(def.name == "ScatterUpdate"));
        Ok(scope.op(def, &[reference, indices, updates], attrs)?.output(0))
    })
}

/// Replaces rows of the variable when run: `tf.scatter_update(ref, indices, updates)`. Of two updates of one row the later
/// one stays.
///
/// # Panics
/// `TypeError` for indices that are no integers; `ValueError` when the updates are not one row for each index.
#[track_caller]
pub fn scatter_update(variable: Variable, indices: impl IntoTensor, updates: impl IntoTensor) -> Tensor {
    new_update(&SCATTER_UPDATE, variable, indices.into_operand(), updates.into_operand())
}

/// Adds to rows of the variable when run: `tf.scatter_add(ref, indices, updates)`.
///
/// # Panics
/// As [`scatter_update`].
#[track_caller]
pub fn scatter_add(variable: Variable, indices: impl IntoTensor, updates: impl IntoTensor) -> Tensor {
    new_update(&SCATTER_ADD, variable, indices.into_operand(), updates.into_operand())
}

/// Subtracts from rows of the variable when run: `tf.scatter_sub(ref, indices, updates)`.
///
/// # Panics
/// As [`scatter_update`].
#[track_caller]
pub fn scatter_sub(variable: Variable, indices: impl IntoTensor, updates: impl IntoTensor) -> Tensor {
    new_update(&SCATTER_SUB, variable, indices.into_operand(), updates.into_operand())
}
