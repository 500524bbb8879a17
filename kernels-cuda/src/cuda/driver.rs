//! The driver's functions as this crate uses them: each a line that checks its arguments by types and gives errors their
//! names. cudarc loads a function when it is first called and panics when it is missing; `missing` asks for all beforehand.

use std::ffi::{CStr, c_void};

use cudarc::driver::{result, sys};

use crate::error::{Error, Result};
use crate::launch::Address;

/// Every function of the driver that is called here.
const FUNCTIONS: [&str; 36] = [
    "cuCtxSetCurrent",
    "cuDeviceGet",
    "cuDeviceGetAttribute",
    "cuDeviceGetCount",
    "cuDeviceGetName",
    "cuDevicePrimaryCtxRelease_v2",
    "cuDevicePrimaryCtxRetain",
    "cuDeviceTotalMem_v2",
    "cuDriverGetVersion",
    "cuEventCreate",
    "cuEventDestroy_v2",
    "cuEventRecord",
    "cuEventSynchronize",
    "cuGetErrorName",
    "cuGetErrorString",
    "cuGraphDestroy",
    "cuGraphExecDestroy",
    "cuGraphInstantiateWithFlags",
    "cuGraphLaunch",
    "cuGraphUpload",
    "cuInit",
    "cuLaunchKernel",
    "cuMemAlloc_v2",
    "cuMemFree_v2",
    "cuMemFreeHost",
    "cuMemGetInfo_v2",
    "cuMemHostAlloc",
    "cuMemcpyDtoDAsync_v2",
    "cuMemcpyDtoHAsync_v2",
    "cuMemcpyHtoDAsync_v2",
    "cuMemsetD8Async",
    "cuModuleGetFunction",
    "cuModuleLoadData",
    "cuStreamBeginCapture_v2",
    "cuStreamCreate",
    "cuStreamEndCapture",
];

/// Also called, and in every driver that has the others.
const SYNCHRONIZE: &str = "cuStreamSynchronize";

/// Whether there is a driver at all.
pub(super) fn is_present() -> bool {
    // SAFETY: the call only tries to open a library by its names.
    unsafe { sys::is_culib_present() }
}

/// The first function that a driver that is present lacks.
pub(super) fn missing() -> Option<&'static str> {
    let lacks = |name: &&&str| {
        // SAFETY: the driver is present; the symbol is only looked for.
        unsafe { sys::culib().get::<*const c_void>(name.as_bytes()).is_err() }
    };
    FUNCTIONS.iter().chain([&SYNCHRONIZE]).find(lacks).copied()
}

/// Gives a failed call its name and the driver's text.
pub(super) fn check<T>(call: &'static str, result: std::result::Result<T, result::DriverError>) -> Result<T> {
    result.map_err(|error| {
        let text = |text: std::result::Result<&CStr, _>| {
            text.map_or_else(|_| format!("error {}", error.0 as u32), |t: &CStr| t.to_string_lossy().into_owned())
        };
        Error::Library { call, reason: format!("{}: {}", text(error.error_name()), text(error.error_string())) }
    })
}

/// Whether the call failed for want of memory.
pub(super) fn is_out_of_memory<T>(result: &std::result::Result<T, result::DriverError>) -> bool {
    matches!(result, Err(error) if error.0 == sys::CUresult::CUDA_ERROR_OUT_OF_MEMORY)
}

/// Starts the driver and says for which version of CUDA it is, as `(12, 4)`.
pub(super) fn start() -> Result<(u32, u32)> {
    check("cuInit", result::init())?;
    let mut version = 0;
    // SAFETY: the function writes one number.
    check("cuDriverGetVersion", unsafe { sys::cuDriverGetVersion(&mut version) }.result())?;
    Ok((version as u32 / 1000, version as u32 % 1000 / 10))
}

pub(super) fn count() -> Result<i32> {
    check("cuDeviceGetCount", result::device::get_count())
}

/// What is known of a device without using it: name, compute capability, bytes of memory.
pub(super) fn describe(index: i32) -> Result<(sys::CUdevice, String, (i32, i32), usize)> {
    use sys::CUdevice_attribute::{
        CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR as MAJOR, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR as MINOR,
    };
    let device = check("cuDeviceGet", result::device::get(index))?;
    let name = check("cuDeviceGetName", result::device::get_name(device))?;
    // SAFETY: the device is the driver's own.
    let (major, minor, memory) = unsafe {
        (
            check("cuDeviceGetAttribute", result::device::get_attribute(device, MAJOR))?,
            check("cuDeviceGetAttribute", result::device::get_attribute(device, MINOR))?,
            check("cuDeviceTotalMem", result::device::total_mem(device))?,
        )
    };
    Ok((device, name, (major, minor), memory))
}

/// A device's primary context, and the one stream that all work goes to.
pub(super) struct Context {
    device: sys::CUdevice,
    context: sys::CUcontext,
    stream: sys::CUstream,
    /// The process that made it: a fork has no use of it.
    process: u32,
}

// SAFETY: contexts and streams may be used by any thread that makes the context its current one, which `bind` does.
unsafe impl Send for Context {}
// SAFETY: as above; the driver's functions lock what they share.
unsafe impl Sync for Context {}

impl Context {
    pub fn new(device: sys::CUdevice) -> Result<Context> {
        // SAFETY: the device is the driver's own; the context is current when the stream is made, and both are given back
        // when this is dropped.
        unsafe {
            let context = check("cuDevicePrimaryCtxRetain", result::primary_ctx::retain(device))?;
            let stream = check("cuCtxSetCurrent", result::ctx::set_current(context)).and_then(|()| {
                check("cuStreamCreate", result::stream::create(result::stream::StreamKind::NonBlocking))
            });
            match stream {
                Ok(stream) => Ok(Context { device, context, stream, process: std::process::id() }),
                Err(error) => {
                    let _ = result::primary_ctx::release(device);
                    Err(error)
                }
            }
        }
    }

    /// Makes the context the thread's current one.
    pub fn bind(&self) -> Result<()> {
        if std::process::id() != self.process {
            return Err(Error::Unavailable(
                "this process is a copy of the one that opened the device, which a copy cannot use".into(),
            ));
        }
        // SAFETY: the context lives as long as this value.
        check("cuCtxSetCurrent", unsafe { result::ctx::set_current(self.context) })
    }

    pub fn stream(&self) -> sys::CUstream {
        self.stream
    }

    pub fn synchronize(&self) -> Result<()> {
        // SAFETY: the stream lives as long as this value.
        check("cuStreamSynchronize", unsafe { result::stream::synchronize(self.stream) })
    }

    /// Free and total memory in bytes.
    pub fn memory(&self) -> Result<(usize, usize)> {
        check("cuMemGetInfo", result::mem_get_info())
    }

    /// Memory of the device, or `None` when there is not enough.
    pub fn alloc(&self, bytes: usize) -> Result<Option<Address>> {
        // SAFETY: the size is not 0, and the context is current.
        let result = unsafe { result::malloc_sync(bytes) };
        if is_out_of_memory(&result) { Ok(None) } else { check("cuMemAlloc", result).map(Some) }
    }

    /// # Safety
    /// The address is of `alloc`, and no work uses it any more.
    pub unsafe fn free(&self, address: Address) -> Result<()> {
        // SAFETY: the caller's promise.
        check("cuMemFree", unsafe { result::free_sync(address) })
    }

    /// # Safety
    /// As many bytes of the device begin at `to`, and as many of pinned memory at `from`, which stay as they are until the
    /// stream has come by.
    pub unsafe fn upload(&self, to: Address, from: *const u8, bytes: usize) -> Result<()> {
        // SAFETY: the caller's promise.
        check("cuMemcpyHtoDAsync", unsafe { sys::cuMemcpyHtoDAsync_v2(to, from.cast(), bytes, self.stream) }.result())
    }

    /// # Safety
    /// As many bytes of the device begin at `from`, and as many of this process at `to`, which nobody uses until the
    /// stream was waited for.
    pub unsafe fn download(&self, from: Address, to: *mut u8, bytes: usize) -> Result<()> {
        // SAFETY: the caller's promise.
        check("cuMemcpyDtoHAsync", unsafe { sys::cuMemcpyDtoHAsync_v2(to.cast(), from, bytes, self.stream) }.result())
    }

    /// # Safety
    /// As many bytes of the device begin at both addresses.
    pub unsafe fn copy(&self, from: Address, to: Address, bytes: usize) -> Result<()> {
        // SAFETY: the caller's promise.
        check("cuMemcpyDtoDAsync", unsafe { result::memcpy_dtod_async(to, from, bytes, self.stream) })
    }

    /// # Safety
    /// As many bytes of the device begin at the address.
    pub unsafe fn zero(&self, to: Address, bytes: usize) -> Result<()> {
        // SAFETY: the caller's promise.
        check("cuMemsetD8Async", unsafe { result::memset_d8_async(to, 0, bytes, self.stream) })
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        if std::process::id() != self.process {
            return;
        }
        // SAFETY: what used the stream and the context held on to this value and is gone.
        unsafe {
            let _ = result::ctx::set_current(self.context);
            let _ = result::stream::synchronize(self.stream);
            let _ = result::primary_ctx::release(self.device);
        }
    }
}

/// Memory of this process that the device copies from and to directly, for as long as the process lives.
pub(super) struct Pinned {
    pub place: *mut u8,
    event: sys::CUevent,
}

// SAFETY: the memory is this value's alone, and events may be used by any thread.
unsafe impl Send for Pinned {}

impl Pinned {
    /// # Errors
    /// When the system has no more memory to pin. The context must be current.
    pub fn new(bytes: usize) -> Result<Pinned> {
        // SAFETY: the size is not 0.
        unsafe {
            let place = check("cuMemHostAlloc", result::malloc_host(bytes, 0))?.cast();
            let event = check("cuEventCreate", result::event::create(sys::CUevent_flags::CU_EVENT_DISABLE_TIMING))?;
            Ok(Pinned { place, event })
        }
    }

    /// Remembers how far the stream has come.
    pub fn mark(&self, context: &Context) -> Result<()> {
        // SAFETY: both live.
        check("cuEventRecord", unsafe { result::event::record(self.event, context.stream) })
    }

    /// Waits until the stream has come as far as it was when last marked.
    pub fn wait(&self) -> Result<()> {
        // SAFETY: the event lives.
        check("cuEventSynchronize", unsafe { result::event::synchronize(self.event) })
    }
}

/// A loaded kernel.
#[derive(Clone, Copy)]
pub(super) struct Function(sys::CUfunction);

// SAFETY: a function belongs to a module that is never unloaded, and may be launched by any thread.
unsafe impl Send for Function {}
// SAFETY: as above.
unsafe impl Sync for Function {}

/// A loaded CUBIN, for as long as the process lives.
#[derive(Clone, Copy)]
pub(super) struct Module(sys::CUmodule);

// SAFETY: a module is only asked for its functions, which any thread may do.
unsafe impl Send for Module {}
// SAFETY: as above.
unsafe impl Sync for Module {}

impl Module {
    /// Loads machine code into the current context.
    pub fn load(code: &[u8]) -> Result<Module> {
        // SAFETY: the code is a whole CUBIN of the compiler's, which says its own size.
        check("cuModuleLoadData", unsafe { result::module::load_data(code.as_ptr().cast()) }).map(Module)
    }

    pub fn function(self, name: &str) -> Result<Function> {
        let name =
            std::ffi::CString::new(name).map_err(|_| Error::Invalid("a kernel's name has a zero byte".into()))?;
        // SAFETY: the module is never unloaded.
        check("cuModuleGetFunction", unsafe { result::module::get_function(self.0, name) }).map(Function)
    }
}

impl Context {
    /// # Safety
    /// The arguments are those of the kernel, and their addresses lie in memory large enough for it.
    pub unsafe fn launch(
        &self,
        function: Function,
        grid: [u32; 3],
        block: [u32; 3],
        args: *const *mut c_void,
    ) -> Result<()> {
        let ([x, y, z], [u, v, w]) = (grid, block);
        let none = std::ptr::null_mut();
        // SAFETY: the caller's promise.
        let status =
            unsafe { sys::cuLaunchKernel(function.0, x, y, z, u, v, w, 0, self.stream, args.cast_mut(), none) };
        check("cuLaunchKernel", status.result())
    }

    /// Records what `work` puts on the stream, instead of running it.
    pub fn record(&self, work: impl FnOnce() -> Result<()>) -> Result<Graph> {
        let mode = sys::CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
        // SAFETY: the stream lives, and the context is current.
        check("cuStreamBeginCapture", unsafe { result::stream::begin_capture(self.stream, mode) })?;
        let done = work();
        // SAFETY: the capture begun above ends here, whatever came of the work.
        let graph = check("cuStreamEndCapture", unsafe { result::stream::end_capture(self.stream) });
        done?;
        let graph = graph?;
        // SAFETY: the graph is a whole one; instantiated or not, it is not needed any more.
        unsafe {
            let ready = result::graph::instantiate(graph, sys::CUgraphInstantiate_flags_enum(0));
            let _ = result::graph::destroy(graph);
            let graph = Graph(check("cuGraphInstantiate", ready)?);
            check("cuGraphUpload", result::graph::upload(graph.0, self.stream))?;
            Ok(graph)
        }
    }

    /// Starts a recording.
    pub fn replay(&self, graph: &Graph) -> Result<()> {
        // SAFETY: the graph was instantiated in this context, and the device's lock keeps others from launching it now.
        check("cuGraphLaunch", unsafe { result::graph::launch(graph.0, self.stream) })
    }
}

/// A recording that can be started.
pub(super) struct Graph(sys::CUgraphExec);

// SAFETY: launched under the device's lock only.
unsafe impl Send for Graph {}
// SAFETY: as above.
unsafe impl Sync for Graph {}

impl Graph {
    /// Gives it back; its context must be current.
    pub fn destroy(&self) {
        // SAFETY: only called when the recording is dropped; the driver lets what runs of it end first.
        let _ = unsafe { result::graph::exec_destroy(self.0) };
    }
}
