//! Rows with a one at some place: one-hot vectors and diagonal matrices.

use flowbook_cuda::kernels;

use crate::error::Error;
use crate::graph::{
    Attr, Built, IntoDType, IntoTensor, Node, Operand, Optional, Options, Scope, Tensor, build, graph_of, setters,
};
use crate::ops::linalg::{matrix_diag, matrix_diag_part};
use crate::ops::shape::around;
use crate::ops::view::with_number;
use crate::ops::{Kernel, OpDef, Sample, cast_array, fits_memory, here, ints, typed};
use crate::{Array, DType, Shape};

/// Where the new axis of a `OneHot` is, among `rank` axes of the indices.
fn place_of(node: &Node, rank: usize) -> Option<usize> {
    match node.int("axis") {
        -1 => Some(rank),
        axis => usize::try_from(axis).ok().filter(|at| *at <= rank),
    }
}

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
        let Some(dims) = infer.shape(0).dims() else { return Ok(vec![(infer.dtype(2), Shape::unknown())]) };
        let Some(at) = place_of(infer.node, dims.len()) else {
            if !infer.running {
                return Ok(vec![(infer.dtype(2), Shape::from(vec![None; dims.len() + 1]))]);
            }
            let (least, given) = (dims.len() + 1, infer.node.int("axis"));
            return Err(Error::InvalidArgument(format!(
                "Expected axis to be -1 or between [0, {least}).  But received: {given}"
            )));
        };
        Ok(vec![(infer.dtype(2), Shape::from([&dims[..at], &[depth], &dims[at..]].concat()))])
    },
    Kernel::Call(|call| {
        let depth = call.input(1).ints()[0] as usize;
        let indices = ints(call.input(0).to_array());
        with_number!(call.output().dtype, T => {
            let (on, off) = (call.input(2).slice::<T>()[0], call.input(3).slice::<T>()[0]);
            let sizes = &call.output().shape;
            let (_, _, inner) = around(sizes, place_of(&call.node, sizes.len() - 1).unwrap_or(0));
            let out = call.output().slice_mut::<T>();
            out.fill(off);
            for (i, index) in indices.into_iter().enumerate() {
                if let Some(k) = usize::try_from(index).ok().filter(|k| *k < depth) {
                    out[(i / inner * depth + k) * inner + i % inner] = on;
                }
            }
            Ok(())
        })
    }),
)
.cuda(|call| {
    let (indices, output) = (call.input(0), call.output());
    if place_of(call.node, output.shape.len() - 1)? + 1 != output.shape.len() {
        return None;
    }
    let number = indices.device_type().filter(|_| indices.dtype != DType::UInt8)?;
    let depth = output.shape.last().copied()?;
    let places = [indices.address, call.input(2).address, call.input(3).address, output.address];
    Some(kernels::one_hot(output.device_type()?, number, indices.len(), depth, places))
});

/// The optional arguments of [`one_hot`].
#[derive(Clone, Copy)]
pub struct OneHot {
    depth: i32,
    on: f64,
    off: f64,
    axis: i32,
    dtype: DType,
}

impl OneHot {
    pub(crate) fn new(depth: i32) -> OneHot {
        OneHot { depth, on: 1.0, off: 0.0, axis: -1, dtype: DType::Float32 }
    }
}

impl Options for OneHot {
    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        let indices = &operands[0];
        let graph = graph_of(&[indices]);
        build(graph, || {
            if matches!(self.dtype, DType::Bool | DType::String) {
                return Err(Error::Type(format!("Expected {}, but got 1 of type 'int'.", self.dtype.name())));
            }
            let scope = Scope::open(graph, "one_hot");
            let on = scope.constant("on_value", cast_array(&Array::scalar(self.on), self.dtype))?;
            let off = scope.constant("off_value", cast_array(&Array::scalar(self.off), self.dtype))?;
            let indices = indices.tensor(&scope, "indices", None)?;
            let depth = scope.constant("depth", Array::scalar(self.depth))?;
            let mut attrs = typed("T", self.dtype);
            attrs.insert("TI", Attr::Type(indices.dtype()));
            attrs.insert("axis", Attr::Int(i64::from(self.axis)));
            Ok(scope.op(&ONE_HOT, &[indices, depth, on, off], attrs)?.output(0))
        })
    }
}

setters! { OneHot {
    /// What stands in the place of each index, `on_value=`.
    on_value(value: f64) |options| options.on = value;
    /// What stands elsewhere, `off_value=`.
    off_value(value: f64) |options| options.off = value;
    /// Where the new axis is, `axis=`: the last one unless given.
    axis(axis: i32) |options| options.axis = axis;
    /// The element type, `dtype=`: `float32` unless given.
    with_dtype(dtype: impl IntoDType) |options| options.dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
} }

/// Rows with a one at each index, along a new axis of size `depth`: `tf.one_hot`.
#[track_caller]
pub fn one_hot(indices: impl IntoTensor, depth: i32) -> Built<Optional<OneHot>> {
    Built::call(&[indices.into_operand()], OneHot::new(depth))
}

pub(crate) static DIAG: OpDef = OpDef::new(
    "MatrixDiagV3",
    |infer| {
        let shape = match infer.shape(0).dims() {
            Some([]) => {
                let text = "Shape must be at least rank 1 but is rank 0";
                return infer.fail(text, text);
            }
            Some([outer @ .., n]) => {
                let given = |i: usize| infer.ints(i).map(|v| v[0]).and_then(|size| usize::try_from(size).ok());
                Shape::from([outer, &[given(2).or(*n), given(3).or(*n)]].concat())
            }
            None => Shape::unknown(),
        };
        Ok(vec![(infer.dtype(0), shape)])
    },
    Kernel::Call(|call| {
        let n = call.input(0).shape.last().copied().unwrap_or(1);
        with_number!(call.output().dtype, T => {
            let (sizes, out) = (&call.output().shape, call.output().slice_mut::<T>());
            out.fill(T::from(0u8));
            let (rows, columns) = (sizes[sizes.len() - 2], sizes[sizes.len() - 1]);
            let matrices = out.chunks_mut((rows * columns).max(1));
            for (matrix, diagonal) in matrices.zip(call.input(0).slice::<T>().chunks(n.max(1))) {
                diagonal.iter().enumerate().for_each(|(i, v)| matrix[i * columns + i] = *v);
            }
            Ok(())
        })
    }),
)
.cuda(|call| {
    let (input, output) = (call.input(0), call.output());
    let n = input.shape.last().copied()?;
    if !output.shape.ends_with(&[n, n]) {
        return None;
    }
    let batch = input.len() / n.max(1);
    Some(kernels::matrix_diag(output.device_type()?, [batch, n], input.address, output.address))
})
.gradient(|g| vec![Some(matrix_diag_part(g.dy())), None, None, None, None])
.samples(&[Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| matrix_diag(x[0]) }]);

/// The optional arguments of [`eye`].
#[derive(Clone, Copy)]
pub struct Eye {
    rows: usize,
    columns: usize,
    dtype: DType,
}

impl Eye {
    pub(crate) fn new(n: usize) -> Eye {
        Eye { rows: n, columns: n, dtype: DType::Float32 }
    }
}

impl Options for Eye {
    #[track_caller]
    fn build(self, _: &[Operand]) -> Tensor {
        let graph = here();
        build(graph, || {
            fits_memory(self.dtype, &Shape::from([self.rows, self.columns]))?;
            let scope = Scope::open(graph, "eye");
            let n = self.rows.min(self.columns);
            let ones = scope.constant("ones", cast_array(&Array::new(vec![1.0f32; n], &[n]), self.dtype))?;
            // What is not square TensorFlow writes into zeros.
            let square = self.rows == self.columns;
            let name = if square { "diag" } else { "set_diag" };
            let size = |n: usize| if square { -1 } else { n as i32 };
            let mut inputs = vec![ones];
            for (argument, value) in [("k", 0), ("num_rows", size(self.rows)), ("num_cols", size(self.columns))] {
                inputs.push(scope.constant(&format!("{name}/{argument}"), Array::scalar(value))?);
            }
            let padding = cast_array(&Array::scalar(0.0f32), self.dtype);
            inputs.push(scope.constant(&format!("{name}/padding_value"), padding)?);
            Ok(scope.child(&DIAG, name, &inputs, typed("T", self.dtype))?.output(0))
        })
    }
}

setters! { Eye {
    /// The number of columns, `num_columns=`: as many as rows unless given.
    num_columns(columns: usize) |options| options.columns = columns;
    /// The element type, `dtype=`: `float32` unless given.
    with_dtype(dtype: impl IntoDType) |options| options.dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
} }

/// The identity matrix of `n` rows, square unless `.num_columns(...)` says otherwise: `tf.eye`.
#[track_caller]
pub fn eye(n: usize) -> Built<Optional<Eye>> {
    Built::call(&[], Eye::new(n))
}
