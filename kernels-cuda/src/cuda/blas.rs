//! Products by cuBLAS. Its functions have been the same since CUDA 11, so they are taken from whichever version there is.

use std::ffi::{CStr, c_char, c_int, c_longlong, c_void};

use cudarc::driver::sys::CUstream;
use libloading::Library;

use super::library;
use crate::error::{Error, Result};
use crate::launch::{Address, DType, Product};

type Handle = *mut c_void;

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

#[rustfmt::skip]
type Gemm = unsafe extern "C" fn(
    Handle, c_int, c_int, c_int, c_int, c_int, *const c_void,
    Address, c_int, c_int, c_longlong, Address, c_int, c_int, c_longlong,
    *const c_void, Address, c_int, c_int, c_longlong, c_int, c_int, c_int,
) -> c_int;

/// An opened cuBLAS, working on one stream.
pub(super) struct Blas {
    handle: Handle,
    gemm: Gemm,
    text: unsafe extern "C" fn(c_int) -> *const c_char,
    _library: Library,
}

// SAFETY: the handle is used under the device's lock only.
unsafe impl Send for Blas {}
// SAFETY: as above.
unsafe impl Sync for Blas {}

impl Blas {
    /// Opens the newest cuBLAS for CUDA up to version `major`; `None` without one. The context must be current, and the
    /// workspace, of [`WORKSPACE`] bytes, must live as long as the process.
    pub fn open(major: u32, stream: CUstream, workspace: Address) -> Option<Blas> {
        let versions: Vec<u32> = (12..=major.max(12)).rev().collect();
        let (library, _) = library::find("cublas", &versions)?;
        // SAFETY: these are the functions' types in CUDA 12 and 13; the stream and the workspace live as long as the handle.
        unsafe {
            let create = *library.get::<unsafe extern "C" fn(*mut Handle) -> c_int>(b"cublasCreate_v2").ok()?;
            let on = *library.get::<unsafe extern "C" fn(Handle, CUstream) -> c_int>(b"cublasSetStream_v2").ok()?;
            let room =
                *library.get::<unsafe extern "C" fn(Handle, Address, usize) -> c_int>(b"cublasSetWorkspace_v2").ok()?;
            let gemm = *library.get::<Gemm>(b"cublasGemmStridedBatchedEx").ok()?;
            let text = *library.get(b"cublasGetStatusString").ok()?;
            let mut handle = std::ptr::null_mut();
            let ready = create(&mut handle) == 0 && on(handle, stream) == 0 && room(handle, workspace, WORKSPACE) == 0;
            ready.then_some(Blas { handle, gemm, text, _library: library })
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
            (self.gemm)(
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
        let reason = unsafe { CStr::from_ptr((self.text)(status)) }.to_string_lossy().into_owned();
        Err(Error::Library { call: "cublasGemmStridedBatchedEx", reason })
    }
}
