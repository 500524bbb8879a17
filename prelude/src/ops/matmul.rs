//! Products of two matrices: `narrow` for the small ones of first lessons, our `gemm` for others of `float32`, the crate of
//! that name for the rest. What has axes before the last two is multiplied in `batch_matmul`.

use flowbook_cuda::Work;

use super::batch_matmul::BATCH_MATMUL;
use super::device::{DeviceCall, tensor_float_32};
use super::elementwise::LANES;
use super::math::Arithmetic;
use super::register::{self, Index, RegisterStep};
use super::{Call, Infer, Kernel, OpDef, Prepared, Sample, Signature, Types, View, narrow, typed};
use crate::error::Result;
use crate::graph::{Attr, Built, IntoTensor, Operand, Rebuild, Scope, Tensor, build, graph_of};
use crate::{DType, Shape};

pub(crate) static OPS: &[&OpDef] = &[&MATMUL];

pub(crate) static MATMUL: OpDef = OpDef::new("MatMul", infer_matmul, Kernel::Call(run))
    .prepare(prepare)
    .cuda(on_device)
    .register(register)
    .takes_bias()
    .gradient(|g| {
        let (a, b, dy) = (g.input(0), g.input(1), g.dy());
        let node = g.node();
        let product = |a: Tensor, b: Tensor, ta: bool, tb: bool| Some(Product { a, b, ta, tb }.rebuild());
        match (node.bool("transpose_a"), node.bool("transpose_b")) {
            (false, false) => vec![product(dy, b, false, true), product(a, dy, true, false)],
            (false, true) => vec![product(dy, b, false, false), product(dy, a, true, false)],
            (true, false) => vec![product(b, dy, false, true), product(a, dy, false, false)],
            (true, true) => vec![product(b, dy, true, true), product(dy, a, true, true)],
        }
    })
    .samples(&[
        Sample { inputs: &[(&[2, 3], -1.0, 1.0), (&[3, 4], -1.0, 1.0)], build: |x| matmul(x[0], x[1]).tensor() },
        Sample {
            inputs: &[(&[3, 2], -1.0, 1.0), (&[3, 4], -1.0, 1.0)],
            build: |x| matmul(x[0], x[1]).transpose_a(true).tensor(),
        },
        Sample {
            inputs: &[(&[2, 3], -1.0, 1.0), (&[4, 3], -1.0, 1.0)],
            build: |x| matmul(x[0], x[1]).transpose_b(true).tensor(),
        },
        Sample {
            inputs: &[(&[3, 2], -1.0, 1.0), (&[4, 3], -1.0, 1.0)],
            build: |x| matmul(x[0], x[1]).transpose_a(true).transpose_b(true).tensor(),
        },
    ]);

fn infer_matmul(infer: &Infer) -> Result<Vec<Signature>> {
    let dtype = infer.same_type(&["a", "b"])?;
    infer.allow(0, "a", Types::Numbers)?;
    for i in 0..2 {
        if let Some(rank) = infer.shape(i).rank()
            && rank != 2
        {
            return infer.fail(
                format!("Shape must be rank 2 but is rank {rank}"),
                format!("In[{i}] ndims must be >= 2: {}", infer.shape(i).rank().unwrap_or(0)),
            );
        }
    }
    let side = |i: usize, flag: &str| match infer.shape(i).dims() {
        Some([m, n]) => {
            if infer.node.bool(flag) {
                (*n, *m)
            } else {
                (*m, *n)
            }
        }
        _ => (None, None),
    };
    let ((m, k), (l, n)) = (side(0, "transpose_a"), side(1, "transpose_b"));
    if let (Some(k), Some(l)) = (k, l)
        && k != l
    {
        if infer.node.bool(PENDING) && !infer.running {
            return Ok(vec![(dtype, Shape::unknown())]);
        }
        return infer.fail(
            format!("Dimensions must be equal, but are {k} and {l}"),
            format!(
                "Matrix size-incompatible: In[0]: {}, In[1]: {} 0 0",
                infer.shape(0).to_proto(),
                infer.shape(1).to_proto()
            ),
        );
    }
    Ok(vec![(dtype, Shape::from([m, n]))])
}

/// A product on the device.
fn on_device(call: &DeviceCall) -> Option<Vec<Work>> {
    let (a, b, out) = (call.input(0), call.input(1), call.output());
    let (ta, tb) = (call.node.bool("transpose_a"), call.node.bool("transpose_b"));
    let (m, n) = (out.shape[0], out.shape[1]);
    let k = if ta { a.shape[0] } else { a.shape[1] };
    let product = flowbook_cuda::Product::new(out.device_type()?, [m, n, k], a.address, b.address, out.address);
    let bias = call.inputs.get(2).map(|bias| bias.address);
    let product = flowbook_cuda::Product { bias, tf32: tensor_float_32(), ..product.transposed(ta, tb) };
    Some(vec![Work::Product(product)])
}

fn run(call: &Call) -> Result<()> {
    prepare(call)(call)
}

fn prepare(call: &Call) -> Prepared {
    let sizes = Sizes::of(call, call.node.bool("transpose_a"), call.node.bool("transpose_b"));
    macro_rules! with {
        ($run:ident) => {
            Box::new(move |call: &Call| {
                $run(&sizes, call.input(0).slice(), call.input(1).slice(), call.output().slice_mut());
                Ok(())
            })
        };
    }
    match call.output().dtype {
        DType::Float32 if narrow::suits(&sizes) => Box::new(move |call: &Call| {
            let bias = call.inputs.get(2).map(View::slice);
            narrow::product(&sizes, call.input(0).slice(), call.input(1).slice(), bias, call.output().slice_mut());
            Ok(())
        }),
        DType::Float32 => Box::new(move |call: &Call| {
            let bias = call.inputs.get(2).map(View::slice::<f32>);
            product(&sizes, call.input(0).slice(), call.input(1).slice(), bias, call.output().slice_mut(), true);
            Ok(())
        }),
        DType::Float64 => Box::new(move |call: &Call| {
            product::<f64>(&sizes, call.input(0).slice(), call.input(1).slice(), None, call.output().slice_mut(), true);
            Ok(())
        }),
        DType::Int32 => {
            let run = plain::<i32>;
            with!(run)
        }
        DType::Int64 => {
            let run = plain::<i64>;
            with!(run)
        }
        _ => {
            let run = plain::<u8>;
            with!(run)
        }
    }
}

fn register(call: &Call) -> Option<RegisterStep> {
    let s = Sizes::of(call, call.node.bool("transpose_a"), call.node.bool("transpose_b"));
    if s.k > LANES || !call.inputs.iter().chain(&call.outputs).all(register::fits) {
        return None;
    }
    let count = s.m * s.n;
    let term = |l: usize| {
        let a = Index::new(count, |i| i / s.n * s.a.0 + l * s.a.1);
        [a, Index::new(count, |i| l * s.b.0 + i % s.n * s.b.1)]
    };
    let bias = call.inputs.get(2).map(|bias| (bias, Index::new(count, |i| i % s.n)));
    let operands = [call.input(0), call.input(1)];
    Some(RegisterStep::product(operands, (0..s.k).map(term).collect(), bias, call.output()))
}

/// Sizes of a product and the strides of its operands: (row, column).
#[derive(Clone, Copy)]
pub(crate) struct Sizes {
    pub(super) m: usize,
    pub(super) n: usize,
    pub(super) k: usize,
    pub(super) a: (usize, usize),
    pub(super) b: (usize, usize),
}

impl Sizes {
    fn of(call: &Call, ta: bool, tb: bool) -> Sizes {
        let (a, b) = (&call.input(0).shape, &call.input(1).shape);
        let (m, k) = if ta { (a[1], a[0]) } else { (a[0], a[1]) };
        Sizes::new([m, k, if tb { b[0] } else { b[1] }], ta, tb)
    }

    /// The sizes for `count` first operands below each other, which do not count as transposed.
    pub(super) fn times(self, count: usize) -> Sizes {
        Sizes { m: self.m * count, ..self }
    }

    /// `[m, k]` times `[k, n]`, where an operand that counts as transposed lies in memory the other way round.
    pub(super) fn new([m, k, n]: [usize; 3], ta: bool, tb: bool) -> Sizes {
        Sizes { m, n, k, a: if ta { (1, m) } else { (k, 1) }, b: if tb { (1, k) } else { (n, 1) } }
    }
}

/// Below this many multiplications the plain loop is faster than gemm's preparations.
const TINY: usize = 2048;
/// From this many multiplications on a product uses all cores.
pub(super) const PARALLEL: usize = 1 << 23;

/// A float type, and whether it has loops of its own for a product.
pub(super) trait Factor: Arithmetic + Default + From<u8> + std::ops::AddAssign + 'static {
    /// Whether it computed the product.
    fn own(s: &Sizes, a: &[Self], b: &[Self], bias: Option<&[Self]>, out: &mut [Self], shared: bool) -> bool {
        let _ = (s, a, b, bias, out, shared);
        false
    }
}

impl Factor for f32 {
    fn own(s: &Sizes, a: &[f32], b: &[f32], bias: Option<&[f32]>, out: &mut [f32], shared: bool) -> bool {
        if narrow::suits(s) {
            narrow::product(s, a, b, bias, out);
            return true;
        }
        super::gemm::product(s, a, b, bias, out, shared)
    }
}

impl Factor for f64 {}

/// Adds the bias to each row.
pub(super) fn add_bias<T: Copy + std::ops::AddAssign>(bias: &[T], out: &mut [T]) {
    for row in out.chunks_exact_mut(bias.len().max(1)) {
        row.iter_mut().zip(bias).for_each(|(x, b)| *x += *b);
    }
}

/// The product of two matrices and the bias added to each row, in one of the ways that suit the sizes: on this thread
/// alone unless `shared`.
pub(super) fn product<T: Factor>(s: &Sizes, a: &[T], b: &[T], bias: Option<&[T]>, out: &mut [T], shared: bool) {
    if T::own(s, a, b, bias, out, shared) {
        return;
    }
    match s.m * s.n * s.k <= TINY {
        true => plain(s, a, b, out),
        false => general(s, a, b, out, shared && !flowbook_runtime::checkpoint::woken()),
    }
    bias.into_iter().for_each(|bias| add_bias(bias, out));
}

fn general<T: Factor>(s: &Sizes, a: &[T], b: &[T], out: &mut [T], shared: bool) {
    let threads = match shared && s.m * s.n * s.k >= PARALLEL {
        true => gemm::Parallelism::Rayon(0),
        false => gemm::Parallelism::None,
    };
    // SAFETY: the three slices hold m*k, k*n and m*n elements under these strides, and `out` overlaps neither operand.
    unsafe {
        gemm::gemm(
            s.m,
            s.n,
            s.k,
            out.as_mut_ptr(),
            1,
            s.n as isize,
            false,
            a.as_ptr(),
            s.a.1 as isize,
            s.a.0 as isize,
            b.as_ptr(),
            s.b.1 as isize,
            s.b.0 as isize,
            T::from(0),
            T::from(1),
            false,
            false,
            false,
            threads,
        );
    }
}

pub(super) fn plain<T>(s: &Sizes, a: &[T], b: &[T], out: &mut [T])
where
    T: Arithmetic + Default,
{
    if s.n == 0 {
        return;
    }
    for (i, row) in out.chunks_exact_mut(s.n).enumerate() {
        for (j, cell) in row.iter_mut().enumerate() {
            let mut sum = T::default();
            for l in 0..s.k {
                sum = sum.plus(a[i * s.a.0 + l * s.a.1].times(b[l * s.b.0 + j * s.b.1]));
            }
            *cell = sum;
        }
    }
}

/// Marks a product whose sizes only fit with a transposition that a setter may yet ask for. Whatever uses the
/// product as it is reports the sizes.
pub(crate) const PENDING: &str = "_pending";

/// Whether the operands do not fit as they are, but would with one of them or both transposed.
fn fits_transposed(a: &Shape, b: &Shape, ta: bool, tb: bool) -> bool {
    let (Some([.., Some(m), Some(k)]), Some([.., Some(l), Some(n)])) = (a.dims(), b.dims()) else { return false };
    let ((m, k), (l, n)) = (if ta { (k, m) } else { (m, k) }, if tb { (n, l) } else { (l, n) });
    k != l && (m == l || k == n || m == n)
}

/// Whether a shape is, or may turn out to be, that of more than one matrix.
fn has_batch(shape: &Shape) -> bool {
    shape.rank().is_none_or(|rank| rank > 2)
}

/// The arguments of [`matmul`].
#[derive(Clone, Copy)]
pub struct Product {
    a: Tensor,
    b: Tensor,
    ta: bool,
    tb: bool,
}

impl Rebuild for Product {
    #[track_caller]
    fn rebuild(self) -> Tensor {
        new_product(Operand::Tensor(self.a), Operand::Tensor(self.b), self.ta, self.tb)
    }

    fn operands(&self) -> Vec<Tensor> {
        vec![self.a, self.b]
    }

    fn built(&mut self, tensor: Tensor) {
        let inputs = tensor.op().inputs();
        (self.a, self.b) = (inputs[0], inputs[1]);
    }

    #[track_caller]
    fn rebuild_from(self, operands: &[Operand]) -> Tensor {
        new_product(operands[0].clone(), operands[1].clone(), self.ta, self.tb)
    }
}

/// The product of operands that are transposed or not.
#[track_caller]
pub(crate) fn new_product(a: Operand, b: Operand, ta: bool, tb: bool) -> Tensor {
    let graph = graph_of(&[&a, &b]);
    build(graph, || {
        let scope = Scope::open(graph, "MatMul");
        let a = a.tensor(&scope, "a", if let Operand::Tensor(b) = &b { Some(b.dtype()) } else { None })?;
        let b = b.tensor(&scope, "b", Some(a.dtype()))?;
        let mut attrs = typed("T", a.dtype());
        if fits_transposed(&a.shape(), &b.shape(), ta, tb) {
            attrs.insert(PENDING, Attr::Bool(true));
        }
        let many = has_batch(&a.shape()) || has_batch(&b.shape());
        let (def, flags) = match many {
            true => (&BATCH_MATMUL, ["adj_x", "adj_y", "grad_x", "grad_y"]),
            false => (&MATMUL, ["transpose_a", "transpose_b", "grad_a", "grad_b"]),
        };
        for (flag, yes) in flags.into_iter().zip([ta, tb, false, false]) {
            attrs.insert(flag, Attr::Bool(yes));
        }
        Ok(scope.op(def, &[a, b], attrs)?.output(0))
    })
}

/// The matrix product of `[m, k]` and `[k, n]`: `tf.matmul`, with `.transpose_a(true)` and `.transpose_b(true)`.
///
/// Axes before the last two are those of many matrices, `[..., m, k]` and `[..., k, n]`; they broadcast.
///
/// ```
/// use flowbook::v1 as tf;
/// let (many, one) = (tf::ones([5, 2, 3]), tf::ones([3, 4]));
/// assert_eq!(tf::matmul(many, one).shape().to_string(), "(5, 2, 4)");
/// ```
///
/// # Panics
/// `ValueError` when the inner sizes differ, an operand is no matrix or the axes before do not broadcast; when a transposition would make them fit, it
/// comes from the first use of the product, after the setters.
#[track_caller]
pub fn matmul(a: impl IntoTensor, b: impl IntoTensor) -> Built<Product> {
    let tensor = new_product(a.into_operand(), b.into_operand(), false, false);
    let inputs = tensor.op().inputs();
    Built { arguments: Product { a: inputs[0], b: inputs[1], ta: false, tb: false }, tensor }
}

impl Built<Product> {
    /// Takes the first operand transposed.
    #[track_caller]
    pub fn transpose_a(self, yes: bool) -> Built<Product> {
        self.with(|p| p.ta = yes)
    }

    /// Takes the second operand transposed.
    #[track_caller]
    pub fn transpose_b(self, yes: bool) -> Built<Product> {
        self.with(|p| p.tb = yes)
    }

    /// Takes the first operand transposed and conjugated, `adjoint_a=`: for real numbers the same as
    /// [`transpose_a`](Self::transpose_a).
    #[track_caller]
    pub fn adjoint_a(self, yes: bool) -> Built<Product> {
        self.transpose_a(yes)
    }

    /// Takes the second operand transposed and conjugated, `adjoint_b=`.
    #[track_caller]
    pub fn adjoint_b(self, yes: bool) -> Built<Product> {
        self.transpose_b(yes)
    }
}
