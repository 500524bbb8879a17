//! The kernels: pure functions from sizes, types and addresses to work. Each family's CUDA text stands beside its
//! functions; what the texts share is here. Results are the same from run to run: no family adds with atomics.

mod convolution;
mod copy;
mod index;
mod map;
mod matmul;
mod merge;
mod pool;
mod random;
mod reduce;
mod scan;
mod scatter;
mod softmax;
mod training;
mod transform;
mod windows;

use crate::launch::{Arg, DType, Launch, Work};

pub(crate) use convolution::filter_bytes;
pub use convolution::{convolution, convolution_scratch, unrolled};
pub use copy::{Strided, strided_copy};
pub use index::{Gather, gather, matrix_diag, one_hot};
pub use map::{Operand, fill, look_for, map};
pub use matmul::{epilogue, product};
pub use merge::merge;
pub use pool::{avg_pool, avg_pool_gradient, max_pool, max_pool_gradient};
pub use random::{Distribution, PHILOX_BYTES, philox_state, random, random_integers};
pub use reduce::{Reduction, arg_extreme, reduce, reduce_scratch};
pub use scan::{Scan, linspace, range, scan, top_k};
pub use scatter::{Scatter, scatter};
pub use softmax::{cross_entropy, log_softmax, softmax, sparse_cross_entropy};
pub use training::{Update, update};
pub use transform::projective_transform;
pub use windows::Windows;

/// Threads of a block where nothing speaks for another number.
pub(crate) const BLOCK: u32 = 256;
/// The most blocks of a launch whose threads stride over the elements: enough to fill every device.
const BLOCKS: u64 = 4096;

/// How each kernel of a text begins.
const KERNEL: &str = "extern \"C\" __global__ void ";

/// A text with names defined ahead of it.
pub(crate) fn text(defines: &[(&str, &str)], body: &str) -> String {
    let mut text = String::with_capacity(body.len() + 64);
    for (name, value) in defines {
        text.extend(["#define ", name, " ", value, "\n"]);
    }
    text.push_str(body);
    text
}

/// A text whose kernels go through `count` things by `EACH(i, n)`, with indices of the narrower type `I` that suffices.
pub(crate) fn counting(count: usize, defines: &[(&str, &str)], body: &str) -> String {
    let index = if count < 1 << 31 { "unsigned" } else { "unsigned long long" };
    let each = "for (I i = blockIdx.x * (I)blockDim.x + threadIdx.x; i < (I)(n); i += gridDim.x * (I)blockDim.x)";
    text(&[defines, &[("I", index), ("EACH(i, n)", each)]].concat(), body)
}

/// A launch with a thread for each of `count` elements, as far as there may be so many; none without elements.
pub(crate) fn flat(source: String, name: &str, count: usize, args: Vec<Arg>) -> Vec<Work> {
    if count == 0 {
        return vec![];
    }
    let blocks = (count as u64).div_ceil(u64::from(BLOCK)).min(BLOCKS) as u32;
    blocks_of(source, name, [blocks, 1, 1], [BLOCK, 1, 1], args)
}

/// A launch of as many blocks, of the kernel of that name. What the text has of other kernels is left out, so that it
/// compiles faster.
pub(crate) fn blocks_of(source: String, name: &str, grid: [u32; 3], block: [u32; 3], args: Vec<Arg>) -> Vec<Work> {
    let mut parts = source.split(KERNEL);
    let shared = parts.next().unwrap_or_default();
    let own = parts.find(|part| part.strip_prefix(name).is_some_and(|rest| rest.starts_with('(')));
    let source = [shared, KERNEL, own.unwrap_or_default()].concat().into();
    vec![Work::Launch(Launch { source, name: name.into(), grid, block, args })]
}

/// A number of elements as a kernel's `long long`.
pub(crate) fn size(count: usize) -> Arg {
    Arg::I64(count as i64)
}

/// The type that sums of integers are wrapped in, since signed overflow has no meaning in C; floats as they are.
pub(crate) fn wrapping(dtype: DType) -> &'static str {
    match dtype {
        DType::Float32 | DType::Float64 => dtype.c_name(),
        DType::Int64 => "unsigned long long",
        _ => "unsigned",
    }
}
