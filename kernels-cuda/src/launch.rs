//! What a device is to do, as plain data: building it needs no device, and nothing here runs anything.

use std::sync::Arc;

use crate::kernels::Windows;

/// An address in a device's memory. It is none of this process's, not even on the emulated device.
pub type Address = u64;

/// The element types that kernels know, named as the library's own.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DType {
    /// `float`
    Float32,
    /// `double`
    Float64,
    /// `int`
    Int32,
    /// `long long`
    Int64,
    /// `unsigned char`
    UInt8,
    /// A byte that is 0 or 1.
    Bool,
}

impl DType {
    /// All of them.
    pub const ALL: [DType; 6] = [DType::Float32, DType::Float64, DType::Int32, DType::Int64, DType::UInt8, DType::Bool];

    /// The size of an element in bytes.
    pub fn size(self) -> usize {
        match self {
            DType::Float32 | DType::Int32 => 4,
            DType::Float64 | DType::Int64 => 8,
            DType::UInt8 | DType::Bool => 1,
        }
    }

    /// The type's name in CUDA C.
    pub fn c_name(self) -> &'static str {
        match self {
            DType::Float32 => "float",
            DType::Float64 => "double",
            DType::Int32 => "int",
            DType::Int64 => "long long",
            DType::UInt8 => "unsigned char",
            DType::Bool => "bool",
        }
    }

    /// Whether it is `Float32` or `Float64`.
    pub fn is_float(self) -> bool {
        matches!(self, DType::Float32 | DType::Float64)
    }
}

/// One argument of a kernel. Its type must be the parameter's.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Arg {
    /// A pointer.
    Address(Address),
    /// An `int`.
    I32(i32),
    /// An `unsigned`.
    U32(u32),
    /// A `long long`.
    I64(i64),
    /// An `unsigned long long`.
    U64(u64),
    /// A `float`.
    F32(f32),
    /// A `double`.
    F64(f64),
}

/// One kernel on a grid of blocks of threads.
#[derive(Clone, PartialEq, Debug)]
pub struct Launch {
    /// The CUDA text. It includes nothing and declares each kernel as `extern "C" __global__ void NAME(`.
    pub source: Arc<str>,
    /// The kernel's name in the text.
    pub name: Arc<str>,
    /// How many blocks, along x, y, z.
    pub grid: [u32; 3],
    /// How many threads each block has, along x, y, z.
    pub block: [u32; 3],
    /// The arguments, in order.
    pub args: Vec<Arg>,
}

/// A function applied to the elements of a product.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Activation {
    /// The element as it is.
    #[default]
    None,
    /// `max(x, 0)`
    Relu,
    /// `1 / (1 + exp(-x))`
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
}

/// One operand of a product: a row-major matrix, or one for each product of a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Matrix {
    /// Where the first element lies.
    pub address: Address,
    /// Whether the transposed matrix is meant: `[k, m]` for the first operand, `[n, k]` for the second.
    pub transposed: bool,
    /// How many elements apart two products' matrices lie; 0 when all share one.
    pub step: usize,
}

/// `to[i] = activation(a[i] * b[i] + bias)` for each `i` of a batch, all matrices row-major without gaps.
#[derive(Clone, PartialEq, Debug)]
pub struct Product {
    /// The element type of all of them; `Bool` has no products.
    pub dtype: DType,
    /// Rows of the result.
    pub m: usize,
    /// Columns of the result.
    pub n: usize,
    /// How many products each element sums up.
    pub k: usize,
    /// The first operand, `[m, k]`.
    pub a: Matrix,
    /// The second operand, `[k, n]`.
    pub b: Matrix,
    /// Where the results go, one after the other.
    pub to: Address,
    /// How many products there are.
    pub batch: usize,
    /// `n` numbers to add to each row.
    pub bias: Option<Address>,
    /// What is applied last.
    pub activation: Activation,
    /// Whether `float` factors may be rounded to 10 bits of mantissa, which tensor cores are fast with.
    pub tf32: bool,
}

impl Product {
    /// The plain product of two matrices, `[m, k]` and `[k, n]`.
    pub fn new(dtype: DType, [m, n, k]: [usize; 3], a: Address, b: Address, to: Address) -> Product {
        let matrix = |address| Matrix { address, transposed: false, step: 0 };
        let (a, b) = (matrix(a), matrix(b));
        Product { dtype, m, n, k, a, b, to, batch: 1, bias: None, activation: Activation::None, tf32: false }
    }

    /// The same with its operands stored transposed or not.
    pub fn transposed(mut self, a: bool, b: bool) -> Product {
        (self.a.transposed, self.b.transposed) = (a, b);
        self
    }
}

/// Which of the three arrays of a convolution is computed from the other two.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Convolved {
    /// The result, from images and filter: `Conv2D`.
    Result,
    /// The images' gradient, from filter and result's gradient: `Conv2DBackpropInput`.
    Images,
    /// The filter's gradient, from images and result's gradient: `Conv2DBackpropFilter`.
    Filter,
}

/// A convolution of floats or one of its gradients. Images are `[batch, height, width, channels]`, the filter is
/// `[height, width, channels, filters]`.
#[derive(Clone, PartialEq, Debug)]
pub struct Convolution {
    /// What is computed.
    pub what: Convolved,
    /// `Float32` or `Float64`.
    pub dtype: DType,
    /// Where the filter lies on the images.
    pub windows: Windows,
    /// How many filters there are.
    pub filters: usize,
    /// The images or their gradient.
    pub images: Address,
    /// The filter or its gradient.
    pub filter: Address,
    /// The result or its gradient.
    pub result: Address,
    /// Room for [`convolution_scratch`](crate::kernels::convolution_scratch) bytes.
    pub scratch: Address,
    /// A number for each filter, to add to the result.
    pub bias: Option<Address>,
    /// Whether `float` factors may be rounded to 10 bits of mantissa.
    pub tf32: bool,
}

/// A step of a device's work.
#[derive(Clone, PartialEq, Debug)]
pub enum Work {
    /// Run a kernel.
    Launch(Launch),
    /// Multiply matrices.
    Product(Product),
    /// Convolve images.
    Convolution(Convolution),
    /// Copy bytes within the device's memory, between places that do not overlap.
    Copy {
        /// Where from.
        from: Address,
        /// Where to.
        to: Address,
        /// How many.
        bytes: usize,
    },
    /// Fill bytes with 0.
    Zero {
        /// Where.
        to: Address,
        /// How many.
        bytes: usize,
    },
}

impl Work {
    /// The CUDA text of a launch.
    pub fn text(&self) -> Option<&Arc<str>> {
        match self {
            Work::Launch(launch) => Some(&launch.source),
            _ => None,
        }
    }
}
