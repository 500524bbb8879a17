//! Products with bias and relu in one pass, by cuBLASLt. Its descriptors are made and its algorithm is chosen once for each
//! product; where it has none the product goes to cuBLAS, and what follows to a kernel of ours.

use std::ffi::{c_int, c_void};
use std::sync::Arc;

use super::blas::{COMPUTE_32F, COMPUTE_32F_FAST_TF32, COMPUTE_64F, DEVICE_DOUBLE, DEVICE_FLOAT, WORKSPACE};
use super::driver::Stream;
use super::library::{self, functions};
use crate::error::{Error, Result};
use crate::launch::{Activation, Address, DType, Product};

/// A handle, a descriptor, a layout or a preference of the library's.
type Thing = *mut c_void;
type Status = c_int;

const TRANSPOSE_A: c_int = 3;
const TRANSPOSE_B: c_int = 4;
const EPILOGUE: c_int = 7;
const BIAS_POINTER: c_int = 8;
const EPILOGUE_RELU: c_int = 2;
const EPILOGUE_BIAS: c_int = 4;
const MAX_WORKSPACE_BYTES: c_int = 1;
/// What the library takes for granted of the addresses of both operands, the summand and the result, unless told.
const ALIGNMENTS: [c_int; 4] = [5, 6, 7, 8];

/// What the library says of an algorithm.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Heuristic {
    algorithm: [u64; 8],
    workspace: usize,
    status: c_int,
    waves: f32,
    reserved: [c_int; 4],
}

functions! {
    /// cuBLASLt's functions, the same in CUDA 12 and 13.
    Functions {
        create: cublasLtCreate(*mut Thing) -> Status;
        describe: cublasLtMatmulDescCreate(*mut Thing, c_int, c_int) -> Status;
        set: cublasLtMatmulDescSetAttribute(Thing, c_int, *const c_void, usize) -> Status;
        forget: cublasLtMatmulDescDestroy(Thing) -> Status;
        lay_out: cublasLtMatrixLayoutCreate(*mut Thing, c_int, u64, u64, i64) -> Status;
        forget_layout: cublasLtMatrixLayoutDestroy(Thing) -> Status;
        prefer: cublasLtMatmulPreferenceCreate(*mut Thing) -> Status;
        set_preference: cublasLtMatmulPreferenceSetAttribute(Thing, c_int, *const c_void, usize) -> Status;
        forget_preference: cublasLtMatmulPreferenceDestroy(Thing) -> Status;
        choose: cublasLtMatmulAlgoGetHeuristic(
            Thing, Thing, Thing, Thing, Thing, Thing, Thing, c_int, *mut Heuristic, *mut c_int,
        ) -> Status;
        multiply: cublasLtMatmul(
            Thing, Thing, *const c_void, Address, Thing, Address, Thing, *const c_void, Address, Thing, Address, Thing,
            *const [u64; 8], Address, usize, Stream,
        ) -> Status;
    }
}

/// An opened cuBLASLt.
pub(super) struct Lt {
    handle: Thing,
    functions: Functions,
    workspace: Address,
}

// SAFETY: the handle may be used by any thread; the library says so.
unsafe impl Send for Lt {}
// SAFETY: as above.
unsafe impl Sync for Lt {}

impl Lt {
    /// Opens the newest cuBLASLt for CUDA up to version `major`; `None` without one. The workspace, of [`WORKSPACE`] bytes,
    /// must live as long as the process, and the context must be current.
    pub fn open(major: u32, workspace: Address) -> Option<Arc<Lt>> {
        let (library, _) = library::find("cublasLt", &library::versions(major))?;
        // SAFETY: these are the functions' types in CUDA 12 and 13.
        unsafe {
            let functions = Functions::load(library).ok()?;
            let mut handle = std::ptr::null_mut();
            ((functions.create)(&mut handle) == 0).then(|| Arc::new(Lt { handle, functions, workspace }))
        }
    }

    /// The product made ready, if it is one that this library has a pass for.
    pub fn prepare(self: &Arc<Lt>, p: &Product) -> Option<Fused> {
        let epilogue = match (p.bias, p.activation) {
            (Some(_), Activation::None) => EPILOGUE_BIAS,
            (Some(_), Activation::Relu) => EPILOGUE_BIAS | EPILOGUE_RELU,
            (None, Activation::Relu) => EPILOGUE_RELU,
            _ => return None,
        };
        if p.batch != 1 || p.bias.is_some_and(|bias| bias % 16 != 0) {
            return None;
        }
        let (kind, compute) = match p.dtype {
            DType::Float64 => (DEVICE_DOUBLE, COMPUTE_64F),
            _ if p.tf32 => (DEVICE_FLOAT, COMPUTE_32F_FAST_TF32),
            _ => (DEVICE_FLOAT, COMPUTE_32F),
        };
        let mut fused =
            Fused { lt: self.clone(), product: p.clone(), things: [std::ptr::null_mut(); 4], algorithm: [0; 8] };
        let Fused { things: [description, a, b, c], algorithm, .. } = &mut fused;
        // To the library, which thinks in columns, each matrix is its transpose and the operands change places.
        let laid = |m: bool, rows: usize, columns: usize| if m { (rows, columns) } else { (columns, rows) };
        let (a_rows, a_columns) = laid(p.a.transposed, p.m, p.k);
        let (b_rows, b_columns) = laid(p.b.transposed, p.k, p.n);
        let (first, second) = (c_int::from(p.b.transposed), c_int::from(p.a.transposed));
        let bias = p.bias.unwrap_or(0);
        // SAFETY: each thing is made before it is used and, if it was made, destroyed when `fused` is dropped; attributes are
        // read before the calls return.
        unsafe {
            if (self.functions.describe)(description, compute, kind) != 0 {
                return None;
            }
            let set =
                |attribute, value: *const c_void, size| (self.functions.set)(*description, attribute, value, size) == 0;
            let number = |attribute, value: &c_int| set(attribute, std::ptr::from_ref(value).cast(), 4);
            let lay = |to: &mut Thing, rows: usize, columns: usize| {
                (self.functions.lay_out)(to, kind, rows as u64, columns as u64, rows as i64) == 0
            };
            let ready = number(TRANSPOSE_A, &first)
                && number(TRANSPOSE_B, &second)
                && number(EPILOGUE, &epilogue)
                && (bias == 0 || set(BIAS_POINTER, (&raw const bias).cast(), 8))
                && lay(a, b_rows, b_columns)
                && lay(b, a_rows, a_columns)
                && lay(c, p.n, p.m);
            if !ready {
                return None;
            }
            *algorithm = self.choice([*description, *a, *b, *c], [p.b.address, p.a.address, p.to, p.to])?;
        }
        Some(fused)
    }

    /// The algorithm that the library would take.
    ///
    /// # Safety
    /// The things are a description and three layouts.
    unsafe fn choice(&self, [description, a, b, c]: [Thing; 4], places: [Address; 4]) -> Option<[u64; 8]> {
        let (mut best, mut found, mut preference) = (Heuristic::default(), 0, std::ptr::null_mut());
        let room = WORKSPACE as u64;
        // SAFETY: the caller's promise; the preference is destroyed as soon as it was used.
        unsafe {
            if (self.functions.prefer)(&mut preference) != 0 {
                return None;
            }
            let mut said =
                (self.functions.set_preference)(preference, MAX_WORKSPACE_BYTES, (&raw const room).cast(), 8) == 0;
            for (attribute, place) in ALIGNMENTS.into_iter().zip(places) {
                let bytes = 1u32 << place.trailing_zeros().min(8);
                said &= (self.functions.set_preference)(preference, attribute, (&raw const bytes).cast(), 4) == 0;
            }
            let status =
                (self.functions.choose)(self.handle, description, a, b, c, c, preference, 1, &mut best, &mut found);
            (self.functions.forget_preference)(preference);
            (said && status == 0 && found == 1 && best.status == 0).then_some(best.algorithm)
        }
    }
}

/// A product with what follows it.
pub(super) struct Fused {
    lt: Arc<Lt>,
    product: Product,
    /// The description, and the layouts of the operands, in the library's order, and the result.
    things: [Thing; 4],
    algorithm: [u64; 8],
}

// SAFETY: its things are not changed once they are made.
unsafe impl Send for Fused {}
// SAFETY: as above.
unsafe impl Sync for Fused {}

impl Fused {
    /// Starts it.
    ///
    /// # Safety
    /// The matrices and the bias lie in the device's memory, whose context is current and whose stream this is.
    pub unsafe fn enqueue(&self, stream: Stream) -> Result<()> {
        let (single, double) = ([1f32, 0.0], [1f64, 0.0]);
        let factors: [*const c_void; 2] = match self.product.dtype {
            DType::Float64 => [(&raw const double[0]).cast(), (&raw const double[1]).cast()],
            _ => [(&raw const single[0]).cast(), (&raw const single[1]).cast()],
        };
        let ([description, a, b, c], p) = (self.things, &self.product);
        // SAFETY: the caller's promise; the factors are read before the call returns.
        let status = unsafe {
            (self.lt.functions.multiply)(
                self.lt.handle,
                description,
                factors[0],
                p.b.address,
                a,
                p.a.address,
                b,
                factors[1],
                p.to,
                c,
                p.to,
                c,
                &self.algorithm,
                self.lt.workspace,
                WORKSPACE,
                stream,
            )
        };
        match status {
            0 => Ok(()),
            _ => Err(Error::Library { call: "cublasLtMatmul", reason: format!("status {status}") }),
        }
    }
}

impl Drop for Fused {
    fn drop(&mut self) {
        let [description, layouts @ ..] = self.things;
        // SAFETY: the things are this value's alone; what was never made is null.
        unsafe {
            if !description.is_null() {
                (self.lt.functions.forget)(description);
            }
            for layout in layouts.into_iter().filter(|layout| !layout.is_null()) {
                (self.lt.functions.forget_layout)(layout);
            }
        }
    }
}
