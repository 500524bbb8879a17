//! Products by cuBLAS. Its functions have been the same since CUDA 11, so they are taken from whichever version there is.

use std::ffi::{CStr, c_char, c_int, c_longlong, c_void};

use super::driver::Stream;
use super::library::{self, functions};
use crate::error::{Error, Result};
use crate::launch::{Address, DType, Product};

type Handle = *mut c_void;
type Status = c_int;

pub(super) const DEVICE_FLOAT: c_int = 0;
pub(super) const DEVICE_DOUBLE: c_int = 1;
pub(super) const COMPUTE_32F: c_int = 68;
pub(super) const COMPUTE_64F: c_int = 70;
pub(super) const COMPUTE_32F_FAST_TF32: c_int = 77;
const AS_IT_LIES: c_int = 0;
const TRANSPOSED: c_int = 1;
const DEFAULT_ALGORITHM: c_int = -1;

/// The room that cuBLAS works in. Given by us, so that it allocates nothing while work is recorded.
pub(super) const WORKSPACE: usize = 32 << 20;

functions! {
    /// cuBLAS's functions, the same in CUDA 12 and 13.
    Functions {
        create: cublasCreate_v2(*mut Handle) -> Status;
        set_stream: cublasSetStream_v2(Handle, Stream) -> Status;
        set_workspace: cublasSetWorkspace_v2(Handle, Address, usize) -> Status;
        gemm: cublasGemmStridedBatchedEx(
            Handle, c_int, c_int, c_int, c_int, c_int, *const c_void,
            Address, c_int, c_int, c_longlong, Address, c_int, c_int, c_longlong,
            *const c_void, Address, c_int, c_int, c_longlong, c_int, c_int, c_int,
        ) -> Status;
        text: cublasGetStatusString(Status) -> *const c_char;
    }
}

/// An opened cuBLAS, working on one stream.
pub(super) struct Blas {
    handle: Handle,
    functions: Functions,
}

// SAFETY: the handle is used under the device's lock only.
unsafe impl Send for Blas {}
// SAFETY: as above.
unsafe impl Sync for Blas {}

impl Blas {
    /// Opens the newest cuBLAS for CUDA up to version `major`; `None` without one. The context must be current, and the
    /// workspace, of [`WORKSPACE`] bytes, must live as long as the process.
    pub fn open(major: u32, stream: Stream, workspace: Address) -> Option<Blas> {
        let (library, _) = library::find("cublas", &library::versions(major))?;
        // SAFETY: these are the functions' types in CUDA 12 and 13; the stream and the workspace live as long as the handle.
        unsafe {
            let functions = Functions::load(library).ok()?;
            let mut handle = std::ptr::null_mut();
            // The workspace comes last: a new stream takes it away.
            let ready = (functions.create)(&mut handle) == 0
                && (functions.set_stream)(handle, stream) == 0
                && (functions.set_workspace)(handle, workspace, WORKSPACE) == 0;
            ready.then_some(Blas { handle, functions })
        }
    }

    /// Whether it takes the product: of floats, with results and sizes that it can count.
    pub fn suits(p: &Product) -> bool {
        p.dtype.is_float() && [p.m, p.n, p.k, p.batch].iter().all(|n| (1..1 << 31).contains(n))
    }

    /// Starts the product, without bias and activation. cuBLAS thinks in columns: to it each matrix is its transpose, so
    /// the operands change places.
    ///
    /// # Safety
    /// The matrices lie in the device's memory, and [`suits`](Self::suits) said yes.
    pub unsafe fn product(&self, p: &Product) -> Result<()> {
        let (single, double) = ([1f32, 0.0], [1f64, 0.0]);
        let (kind, compute, factors): (c_int, c_int, [*const c_void; 2]) = match p.dtype {
            DType::Float64 => {
                (DEVICE_DOUBLE, COMPUTE_64F, [(&raw const double[0]).cast(), (&raw const double[1]).cast()])
            }
            _ => {
                let compute = if p.tf32 { COMPUTE_32F_FAST_TF32 } else { COMPUTE_32F };
                (DEVICE_FLOAT, compute, [(&raw const single[0]).cast(), (&raw const single[1]).cast()])
            }
        };
        let way = |transposed: bool| if transposed { TRANSPOSED } else { AS_IT_LIES };
        let row = |transposed: bool, rows: usize, columns: usize| if transposed { rows } else { columns } as c_int;
        let [m, n, k, batch] = [p.m, p.n, p.k, p.batch].map(|n| n as c_int);
        let (a_row, b_row) = (row(p.a.transposed, p.m, p.k), row(p.b.transposed, p.k, p.n));
        let [a_step, b_step, to_step] = [p.a.step, p.b.step, p.m * p.n].map(|n| n as c_longlong);
        // SAFETY: the caller's promise; the factors are read before the call returns.
        let status = unsafe {
            (self.functions.gemm)(
                self.handle,
                way(p.b.transposed),
                way(p.a.transposed),
                n,
                m,
                k,
                factors[0],
                p.b.address,
                kind,
                b_row,
                b_step,
                p.a.address,
                kind,
                a_row,
                a_step,
                factors[1],
                p.to,
                kind,
                n,
                to_step,
                batch,
                compute,
                DEFAULT_ALGORITHM,
            )
        };
        if status == 0 {
            return Ok(());
        }
        // SAFETY: the function returns a constant text for every number.
        let reason = unsafe { CStr::from_ptr((self.functions.text)(status)) }.to_string_lossy().into_owned();
        Err(Error::Library { call: "cublasGemmStridedBatchedEx", reason })
    }
}
