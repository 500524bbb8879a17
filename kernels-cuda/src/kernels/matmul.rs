//! Products of matrices of every element type, by tiles in shared memory: where there is no cuBLAS, for integers, and
//! on the emulated device.

use super::{text, wrapping};
use crate::error::{Error, Result};
use crate::launch::{Activation, Arg, DType, Launch, Product, Work};

/// The side of the square of results that a block computes; each thread has a square of 4 by 4 of them.
const TILE: usize = 64;
/// The most blocks along y and z.
const LIMIT: usize = 65535;

const TEXT: &str = r#"
#define TILE 64
#define DEPTH 16
#define EACH 4

__device__ T finish(A x) {
    T v = (T)x;
    return ACTIVATION;
}

extern "C" __global__ void matmul(const T* __restrict__ a, const T* __restrict__ b, const T* __restrict__ bias,
                                  T* __restrict__ to, long long m, long long n, long long k,
                                  long long a_row, long long a_column, long long b_row, long long b_column,
                                  long long a_step, long long b_step, long long batch) {
    __shared__ T as[DEPTH][TILE + 1];
    __shared__ T bs[DEPTH][TILE + 1];
    int x = threadIdx.x % 16, y = threadIdx.x / 16;
    long long column = (long long)blockIdx.x * TILE;
    for (long long z = blockIdx.z; z < batch; z += gridDim.z) {
        const T* az = a + z * a_step;
        const T* bz = b + z * b_step;
        for (long long row = (long long)blockIdx.y * TILE; row < m; row += (long long)gridDim.y * TILE) {
            A sums[EACH][EACH];
            for (int i = 0; i < EACH; i++)
                for (int j = 0; j < EACH; j++) sums[i][j] = 0;
            for (long long start = 0; start < k; start += DEPTH) {
                for (int e = threadIdx.x; e < TILE * DEPTH; e += 256) {
                    // Neighbouring threads read neighbouring elements, whichever way the operands lie.
                    int p = a_column == 1 ? e % DEPTH : e / TILE, i = a_column == 1 ? e / DEPTH : e % TILE;
                    bool inside = row + i < m && start + p < k;
                    as[p][i] = inside ? az[(row + i) * a_row + (start + p) * a_column] : (T)0;
                    int q = b_column == 1 ? e / TILE : e % DEPTH, j = b_column == 1 ? e % TILE : e / DEPTH;
                    inside = column + j < n && start + q < k;
                    bs[q][j] = inside ? bz[(start + q) * b_row + (column + j) * b_column] : (T)0;
                }
                __syncthreads();
                for (int p = 0; p < DEPTH; p++) {
                    A left[EACH], right[EACH];
                    for (int i = 0; i < EACH; i++) left[i] = as[p][y + 16 * i];
                    for (int j = 0; j < EACH; j++) right[j] = bs[p][x + 16 * j];
                    for (int i = 0; i < EACH; i++)
                        for (int j = 0; j < EACH; j++) sums[i][j] = MULTIPLY_ADD(left[i], right[j], sums[i][j]);
                }
                __syncthreads();
            }
            for (int i = 0; i < EACH; i++) {
                for (int j = 0; j < EACH; j++) {
                    long long r = row + y + 16 * i, c = column + x + 16 * j;
                    if (r >= m || c >= n) continue;
                    A v = sums[i][j];
                    if (bias) v += bias[c];
                    to[(z * m + r) * n + c] = finish(v);
                }
            }
        }
    }
}
"#;

const EPILOGUE: &str = r#"
extern "C" __global__ void epilogue(T* to, const T* __restrict__ bias, long long n, long long count) {
    EACH(i, count) {
        T v = to[i];
        if (bias) v += bias[i % (I)n];
        to[i] = ACTIVATION;
    }
}
"#;

/// Bias and activation, applied to a product that lies there already: what follows cuBLAS.
pub fn epilogue(p: &Product) -> Vec<Launch> {
    let count = p.m * p.n * p.batch;
    let names = [("T", p.dtype.c_name()), ("ACTIVATION", expression(p.activation, p.dtype))];
    let args = vec![Arg::Address(p.to), Arg::Address(p.bias.unwrap_or(0)), super::size(p.n), super::size(count)];
    let works = super::flat(super::counting(count, &names, EPILOGUE), "epilogue", count, args);
    works.into_iter().filter_map(|work| if let Work::Launch(launch) = work { Some(launch) } else { None }).collect()
}

/// The expression of an activation, of `v`.
fn expression(activation: Activation, dtype: DType) -> &'static str {
    match (activation, dtype) {
        (Activation::None, _) => "v",
        (Activation::Relu, _) => "(v > (T)0 ? v : (T)0)",
        (Activation::Sigmoid, DType::Float64) => "1.0 / (1.0 + exp(-v))",
        (Activation::Sigmoid, _) => "1.0f / (1.0f + expf(-v))",
        (Activation::Tanh, DType::Float64) => "tanh(v)",
        (Activation::Tanh, _) => "tanhf(v)",
    }
}

/// Says what is wrong with a product, if anything is.
pub(crate) fn check(p: &Product) -> Result<()> {
    if p.dtype == DType::Bool {
        return Err(Error::Invalid("MatMul: bool has no products; cast to a number first".into()));
    }
    if !p.dtype.is_float() && !matches!(p.activation, Activation::None | Activation::Relu) {
        return Err(Error::Invalid(format!("MatMul: {:?} is for floats, not {:?}", p.activation, p.dtype)));
    }
    Ok(())
}

/// A product and a sum of numbers of that type, of floats rounded once: texts are compiled so that they round where they say.
fn multiply_add(dtype: DType) -> &'static str {
    match dtype {
        DType::Float32 => "__fmaf_rn(x, y, z)",
        DType::Float64 => "__fma_rn(x, y, z)",
        _ => "((x) * (y) + (z))",
    }
}

/// The product by our own kernel. Nothing is launched for a result without elements; without products to sum up the
/// result is the bias.
///
/// # Errors
/// `Invalid` for `Bool`, and for activations of integers that only floats have.
pub fn product(p: &Product) -> Result<Vec<Launch>> {
    check(p)?;
    if p.m * p.n * p.batch == 0 {
        return Ok(vec![]);
    }
    let names = [
        ("T", p.dtype.c_name()),
        ("A", wrapping(p.dtype)),
        ("MULTIPLY_ADD(x, y, z)", multiply_add(p.dtype)),
        ("ACTIVATION", expression(p.activation, p.dtype)),
    ];
    let strides = |transposed: bool, rows: usize, columns: usize| if transposed { (1, rows) } else { (columns, 1) };
    let (a_row, a_column) = strides(p.a.transposed, p.m, p.k);
    let (b_row, b_column) = strides(p.b.transposed, p.k, p.n);
    let addresses = [p.a.address, p.b.address, p.bias.unwrap_or(0), p.to].map(Arg::Address);
    let sizes = [p.m, p.n, p.k, a_row, a_column, b_row, b_column, p.a.step, p.b.step, p.batch].map(super::size);
    let grid = [p.n.div_ceil(TILE), p.m.div_ceil(TILE).min(LIMIT), p.batch.min(LIMIT)].map(|n| n as u32);
    let args = [&addresses[..], &sizes[..]].concat();
    Ok(vec![Launch {
        source: text(&names, TEXT).into(),
        name: "matmul".into(),
        grid,
        block: [super::BLOCK, 1, 1],
        args,
    }])
}
