//! Rows with a one at some place: one-hot vectors and diagonal matrices.

use flowbook_cuda::kernels;

use crate::error::Error;
use crate::graph::{Attr, IntoTensor, Scope, Tensor, build, graph_of};
use crate::ops::view::with_number;
use crate::ops::{Kernel, OpDef, fits_memory, here, ints, typed};
use crate::{Array, DType, Shape};

pub(crate) static ONE_HOT: OpDef = OpDef::new(
    "OneHot",
    |infer| {
        if !infer.dtype(0).is_integer() {
            return Err(Error::Type(format!(
                "Value passed to parameter 'indices' has DataType {} not in list of allowed values: uint8, int8, int32, int64",
                infer.dtype(0).name()
            )));
        }
        let depth = infer.scalar(1, "depth")?;
        if let Some(depth) = depth.filter(|d| *d < 0) {
            return infer.fail(
                format!("Dimension size, given by scalar input 1, must be non-negative but is {depth}"),
                format!("depth must be non-negative, got: {depth}"),
            );
        }
        let depth = depth.map(|d| d as usize);
        let shape = match infer.shape(0).dims() {
            Some(dims) => Shape::from([dims, &[depth]].concat()),
            None => Shape::unknown(),
        };
        Ok(vec![(infer.dtype(2), shape)])
    },
    Kernel::Call(|call| {
        let depth = call.input(1).ints()[0] as usize;
        let indices = ints(call.input(0).to_array());
        with_number!(call.output().dtype, T => {
            let (on, off) = (call.input(2).slice::<T>()[0], call.input(3).slice::<T>()[0]);
            for (row, index) in call.output().slice_mut::<T>().chunks_mut(depth.max(1)).zip(indices) {
                row.fill(off);
                if let Some(cell) = usize::try_from(index).ok().and_then(|i| row.get_mut(i)) {
                    *cell = on;
                }
            }
            Ok(())
        })
    }),
)
.cuda(|call| {
    let (indices, output) = (call.input(0), call.output());
    let number = indices.device_type().filter(|_| indices.dtype != DType::UInt8)?;
    let depth = output.shape.last().copied()?;
    let places = [indices.address, call.input(2).address, call.input(3).address, output.address];
    Some(kernels::one_hot(output.device_type()?, number, indices.len(), depth, places))
});

/// Rows with a one at each index, along a new last axis of size `depth`: `tf.one_hot`.
#[track_caller]
pub fn one_hot(indices: impl IntoTensor, depth: i32) -> Tensor {
    let indices = indices.into_operand();
    let graph = graph_of(&[&indices]);
    build(graph, || {
        let scope = Scope::open(graph, "one_hot");
        let on = scope.constant("on_value", Array::scalar(1.0f32))?;
        let off = scope.constant("off_value", Array::scalar(0.0f32))?;
        let indices = indices.tensor(&scope, "indices", None)?;
        let depth = scope.constant("depth", Array::scalar(depth))?;
        let mut attrs = typed("T", DType::Float32);
        attrs.insert("TI", Attr::Type(indices.dtype()));
        attrs.insert("axis", Attr::Int(-1));
        Ok(scope.op(&ONE_HOT, &[indices, depth, on, off], attrs)?.output(0))
    })
}

pub(crate) static EYE: OpDef = OpDef::new(
    "MatrixDiagV3",
    |infer| {
        let shape = match infer.shape(0).dims() {
            Some([]) => {
                let text = "Shape must be at least rank 1 but is rank 0";
                return infer.fail(text, text);
            }
            Some(dims) => Shape::from([dims, &dims[dims.len() - 1..]].concat()),
            None => Shape::unknown(),
        };
        Ok(vec![(infer.dtype(0), shape)])
    },
    Kernel::Call(|call| {
        let n = call.input(0).shape.last().copied().unwrap_or(1);
        with_number!(call.output().dtype, T => {
            let out = call.output().slice_mut::<T>();
            out.fill(T::from(0u8));
            for (matrix, diagonal) in out.chunks_mut((n * n).max(1)).zip(call.input(0).slice::<T>().chunks(n.max(1))) {
                diagonal.iter().enumerate().for_each(|(i, v)| matrix[i * n + i] = *v);
            }
            Ok(())
        })
    }),
)
.cuda(|call| {
    let (input, output) = (call.input(0), call.output());
    let n = input.shape.last().copied()?;
    let batch = input.len() / n.max(1);
    Some(kernels::matrix_diag(output.device_type()?, [batch, n], input.address, output.address))
});

/// The identity matrix of `n` rows: `tf.eye`.
#[track_caller]
pub fn eye(n: usize) -> Tensor {
    let graph = here();
    build(graph, || {
        fits_memory(DType::Float32, &Shape::from([n, n]))?;
        let scope = Scope::open(graph, "eye");
        let ones = scope.constant("ones", Array::new(vec![1.0f32; n], &[n]))?;
        let numbers = [("k", 0), ("num_rows", -1), ("num_cols", -1)];
        let mut inputs = vec![ones];
        for (name, value) in numbers {
            inputs.push(scope.constant(&format!("diag/{name}"), Array::scalar(value))?);
        }
        inputs.push(scope.constant("diag/padding_value", Array::scalar(0.0f32))?);
        Ok(scope.child(&EYE, "diag", &inputs, typed("T", DType::Float32))?.output(0))
    })
}
