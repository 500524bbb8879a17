//! The driver's functions as this crate uses them, of cudarc's types: each a line that checks its arguments by types and
//! gives errors their names. Contexts, streams, recordings and loaded kernels are `Context`'s.

use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_ulonglong, c_void};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cudarc::driver::sys;

use super::library::functions;
use crate::error::{Error, Result};
use crate::launch::Address;

/// Where a device's work goes.
pub(super) type Stream = sys::CUstream;
/// A result as a number: a newer driver has some that cudarc's enumeration has not.
type Status = c_uint;

functions! {
    /// The driver's functions, the same from CUDA 11.4 on.
    Functions {
        init: cuInit(c_uint) -> Status;
        version: cuDriverGetVersion(*mut c_int) -> Status;
        error_name: cuGetErrorName(Status, *mut *const c_char) -> Status;
        error_text: cuGetErrorString(Status, *mut *const c_char) -> Status;
        count: cuDeviceGetCount(*mut c_int) -> Status;
        device: cuDeviceGet(*mut sys::CUdevice, c_int) -> Status;
        name: cuDeviceGetName(*mut c_char, c_int, sys::CUdevice) -> Status;
        attribute: cuDeviceGetAttribute(*mut c_int, sys::CUdevice_attribute, sys::CUdevice) -> Status;
        total_memory: cuDeviceTotalMem_v2(*mut usize, sys::CUdevice) -> Status;
        retain: cuDevicePrimaryCtxRetain(*mut sys::CUcontext, sys::CUdevice) -> Status;
        release: cuDevicePrimaryCtxRelease_v2(sys::CUdevice) -> Status;
        set_current: cuCtxSetCurrent(sys::CUcontext) -> Status;
        memory: cuMemGetInfo_v2(*mut usize, *mut usize) -> Status;
        alloc: cuMemAlloc_v2(*mut Address, usize) -> Status;
        free: cuMemFree_v2(Address) -> Status;
        pin: cuMemHostAlloc(*mut *mut c_void, usize, c_uint) -> Status;
        unpin: cuMemFreeHost(*mut c_void) -> Status;
        upload: cuMemcpyHtoDAsync_v2(Address, *const c_void, usize, Stream) -> Status;
        download: cuMemcpyDtoHAsync_v2(*mut c_void, Address, usize, Stream) -> Status;
        copy: cuMemcpyDtoDAsync_v2(Address, Address, usize, Stream) -> Status;
        fill: cuMemsetD8Async(Address, u8, usize, Stream) -> Status;
        stream: cuStreamCreate(*mut Stream, c_uint) -> Status;
        synchronize: cuStreamSynchronize(Stream) -> Status;
        begin_capture: cuStreamBeginCapture_v2(Stream, sys::CUstreamCaptureMode) -> Status;
        end_capture: cuStreamEndCapture(Stream, *mut sys::CUgraph) -> Status;
        event: cuEventCreate(*mut sys::CUevent, c_uint) -> Status;
        record_event: cuEventRecord(sys::CUevent, Stream) -> Status;
        wait_for_event: cuEventSynchronize(sys::CUevent) -> Status;
        destroy_event: cuEventDestroy_v2(sys::CUevent) -> Status;
        module: cuModuleLoadData(*mut sys::CUmodule, *const c_void) -> Status;
        function: cuModuleGetFunction(*mut sys::CUfunction, sys::CUmodule, *const c_char) -> Status;
        launch: cuLaunchKernel(
            sys::CUfunction, c_uint, c_uint, c_uint, c_uint, c_uint, c_uint, c_uint, Stream, *mut *mut c_void, *mut *mut c_void,
        ) -> Status;
        instantiate: cuGraphInstantiateWithFlags(*mut sys::CUgraphExec, sys::CUgraph, c_ulonglong) -> Status;
        destroy_graph: cuGraphDestroy(sys::CUgraph) -> Status;
        upload_graph: cuGraphUpload(sys::CUgraphExec, Stream) -> Status;
        launch_graph: cuGraphLaunch(sys::CUgraphExec, Stream) -> Status;
        destroy_recording: cuGraphExecDestroy(sys::CUgraphExec) -> Status;
    }
}

const OUT_OF_MEMORY: Status = sys::CUresult::CUDA_ERROR_OUT_OF_MEMORY as Status;
/// Errors of the hardware or of a kernel, after which a process has no use of the device any more.
const LOST: [Status; 13] = [214, 220, 226, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719];
const MAJOR: sys::CUdevice_attribute = sys::CUdevice_attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
const MINOR: sys::CUdevice_attribute = sys::CUdevice_attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
/// The stream does not wait for the legacy one.
const NON_BLOCKING: c_uint = sys::CUstream_flags::CU_STREAM_NON_BLOCKING as c_uint;
/// The event only says how far a stream has come.
const DISABLE_TIMING: c_uint = sys::CUevent_flags::CU_EVENT_DISABLE_TIMING as c_uint;
/// What other threads do meanwhile does not end a capture.
const THREAD_LOCAL: sys::CUstreamCaptureMode = sys::CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;

/// The driver.
pub(super) struct Driver(Functions);

impl Driver {
    /// # Errors
    /// The first function that it lacks.
    pub fn load(library: &'static libloading::Library) -> std::result::Result<Driver, &'static str> {
        // SAFETY: these are the functions' types in every version that has them all.
        unsafe { Functions::load(library) }.map(Driver)
    }

    /// Gives a failed call its name and the driver's text.
    fn check(&self, call: &'static str, status: Status) -> Result<()> {
        if status == 0 {
            return Ok(());
        }
        let text = |text: unsafe extern "C" fn(Status, *mut *const c_char) -> Status| {
            let mut place = std::ptr::null();
            // SAFETY: the function writes where a constant text lies, if there is one for the number.
            unsafe {
                match text(status, &mut place) {
                    0 if !place.is_null() => CStr::from_ptr(place).to_string_lossy().into_owned(),
                    _ => format!("error {status}"),
                }
            }
        };
        let lost = if LOST.contains(&status) {
            "; the GPU cannot be used any more by this process, restart the kernel to use it again"
        } else {
            ""
        };
        let reason = format!("{}: {}{lost}", text(self.0.error_name), text(self.0.error_text));
        Err(Error::Library { call, reason })
    }

    /// Starts the driver and says for which version of CUDA it is, as `(12, 4)`.
    pub fn start(&self) -> Result<(u32, u32)> {
        let mut version = 0;
        // SAFETY: the function writes one number.
        unsafe {
            self.check("cuInit", (self.0.init)(0))?;
            self.check("cuDriverGetVersion", (self.0.version)(&mut version))?;
        }
        Ok((version as u32 / 1000, version as u32 % 1000 / 10))
    }

    pub fn count(&self) -> Result<i32> {
        let mut count = 0;
        // SAFETY: the function writes one number.
        self.check("cuDeviceGetCount", unsafe { (self.0.count)(&mut count) })?;
        Ok(count)
    }

    /// What is known of a device without using it: its handle, name, compute capability, bytes of memory.
    pub fn describe(&self, index: i32) -> Result<(c_int, String, (i32, i32), usize)> {
        let (mut device, mut name, mut capability, mut memory) = (0, [0u8; 256], (0, 0), 0);
        // SAFETY: each function writes the one number that it is given a place for, or a text as long as there is room.
        unsafe {
            self.check("cuDeviceGet", (self.0.device)(&mut device, index))?;
            self.check("cuDeviceGetName", (self.0.name)(name.as_mut_ptr().cast(), name.len() as c_int, device))?;
            for (number, to) in [(MAJOR, &mut capability.0), (MINOR, &mut capability.1)] {
                self.check("cuDeviceGetAttribute", (self.0.attribute)(to, number, device))?;
            }
            self.check("cuDeviceTotalMem", (self.0.total_memory)(&mut memory, device))?;
        }
        let name = CStr::from_bytes_until_nul(&name).unwrap_or_default().to_string_lossy().into_owned();
        Ok((device, name, capability, memory))
    }
}

/// A device's primary context, and the one stream that all work goes to.
pub(super) struct Context {
    driver: &'static Driver,
    device: c_int,
    context: sys::CUcontext,
    stream: Stream,
    /// Held while anything is put on the stream or waits for it: a recording has its own work only, and waiting for a
    /// stream that is being recorded ends the recording.
    order: Mutex<()>,
    /// The process that made it: a fork has no use of it.
    process: u32,
}

// SAFETY: contexts and streams may be used by any thread that makes the context its current one, which `bind` does.
unsafe impl Send for Context {}
// SAFETY: as above; the driver's functions lock what they share.
unsafe impl Sync for Context {}

impl Context {
    pub fn new(driver: &'static Driver, device: c_int) -> Result<Context> {
        let (mut context, mut stream, f) = (std::ptr::null_mut(), std::ptr::null_mut(), &driver.0);
        // SAFETY: the device is the driver's own; the context is current when the stream is made, and is given back when
        // this is dropped or there is no stream.
        unsafe {
            driver.check("cuDevicePrimaryCtxRetain", (f.retain)(&mut context, device))?;
            let made = driver
                .check("cuCtxSetCurrent", (f.set_current)(context))
                .and_then(|()| driver.check("cuStreamCreate", (f.stream)(&mut stream, NON_BLOCKING)));
            if let Err(error) = made {
                (f.release)(device);
                return Err(error);
            }
        }
        Ok(Context { driver, device, context, stream, order: Mutex::default(), process: std::process::id() })
    }

    fn check(&self, call: &'static str, status: Status) -> Result<()> {
        self.driver.check(call, status)
    }

    /// Makes the context the thread's current one.
    pub fn bind(&self) -> Result<()> {
        if std::process::id() != self.process {
            return Err(Error::Unavailable(
                "this process is a copy of the one that opened the device, which a copy cannot use".into(),
            ));
        }
        // SAFETY: the context lives as long as this value.
        self.check("cuCtxSetCurrent", unsafe { (self.driver.0.set_current)(self.context) })
    }

    /// The context made current, and the stream for this thread alone.
    pub fn lock(&self) -> Result<MutexGuard<'_, ()>> {
        let order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        self.bind().map(|()| order)
    }

    pub fn stream(&self) -> Stream {
        self.stream
    }

    /// Waits for the stream, which the thread has [locked](Self::lock).
    pub fn synchronize(&self) -> Result<()> {
        // SAFETY: the stream lives as long as this value.
        self.check("cuStreamSynchronize", unsafe { (self.driver.0.synchronize)(self.stream) })
    }

    /// Free and total memory in bytes.
    pub fn memory(&self) -> Result<(usize, usize)> {
        let (mut free, mut total) = (0, 0);
        // SAFETY: the function writes two numbers.
        self.check("cuMemGetInfo", unsafe { (self.driver.0.memory)(&mut free, &mut total) })?;
        Ok((free, total))
    }

    /// Memory of the device, or `None` when there is not enough.
    pub fn alloc(&self, bytes: usize) -> Result<Option<Address>> {
        let mut address = 0;
        // SAFETY: the function writes one number.
        match unsafe { (self.driver.0.alloc)(&mut address, bytes) } {
            OUT_OF_MEMORY => Ok(None),
            status => self.check("cuMemAlloc", status).map(|()| Some(address)),
        }
    }

    /// # Safety
    /// The address is of `alloc`, and no work uses it any more.
    pub unsafe fn free(&self, address: Address) -> Result<()> {
        // SAFETY: the caller's promise.
        self.check("cuMemFree", unsafe { (self.driver.0.free)(address) })
    }

    /// # Safety
    /// As many bytes of the device begin at `to`, and as many of pinned memory at `from`, which stay as they are until the
    /// stream has come by.
    pub unsafe fn upload(&self, to: Address, from: *const u8, bytes: usize) -> Result<()> {
        // SAFETY: the caller's promise.
        self.check("cuMemcpyHtoDAsync", unsafe { (self.driver.0.upload)(to, from.cast(), bytes, self.stream) })
    }

    /// # Safety
    /// As many bytes of the device begin at `from`, and as many of this process at `to`, which nobody uses until the
    /// stream was waited for.
    pub unsafe fn download(&self, from: Address, to: *mut u8, bytes: usize) -> Result<()> {
        // SAFETY: the caller's promise.
        self.check("cuMemcpyDtoHAsync", unsafe { (self.driver.0.download)(to.cast(), from, bytes, self.stream) })
    }

    /// # Safety
    /// As many bytes of the device begin at both addresses.
    pub unsafe fn copy(&self, from: Address, to: Address, bytes: usize) -> Result<()> {
        // SAFETY: the caller's promise.
        self.check("cuMemcpyDtoDAsync", unsafe { (self.driver.0.copy)(to, from, bytes, self.stream) })
    }

    /// # Safety
    /// As many bytes of the device begin at the address.
    pub unsafe fn zero(&self, to: Address, bytes: usize) -> Result<()> {
        // SAFETY: the caller's promise.
        self.check("cuMemsetD8Async", unsafe { (self.driver.0.fill)(to, 0, bytes, self.stream) })
    }

    /// # Safety
    /// The arguments are those of the kernel, and their addresses lie in memory large enough for it.
    pub unsafe fn launch(
        &self,
        function: Function,
        [x, y, z]: [u32; 3],
        [u, v, w]: [u32; 3],
        args: *const *mut c_void,
    ) -> Result<()> {
        let (none, launch) = (std::ptr::null_mut(), self.driver.0.launch);
        // SAFETY: the caller's promise.
        let status = unsafe { launch(function.0, x, y, z, u, v, w, 0, self.stream, args.cast_mut(), none) };
        self.check("cuLaunchKernel", status)
    }

    /// Loads machine code; the context must be current.
    pub fn load(&self, code: &[u8]) -> Result<Module> {
        let mut module = std::ptr::null_mut();
        // SAFETY: the code is a whole CUBIN of the compiler's, which says its own size.
        self.check("cuModuleLoadData", unsafe { (self.driver.0.module)(&mut module, code.as_ptr().cast()) })?;
        Ok(Module(module))
    }

    /// The kernel of that name.
    pub fn function(&self, module: Module, name: &str) -> Result<Function> {
        let name = CString::new(name).map_err(|_| Error::Invalid("a kernel's name has a zero byte".into()))?;
        let mut function = std::ptr::null_mut();
        // SAFETY: the module is never unloaded, and the name ends with a zero.
        self.check("cuModuleGetFunction", unsafe { (self.driver.0.function)(&mut function, module.0, name.as_ptr()) })?;
        Ok(Function(function))
    }

    /// Records what `work` puts on the stream, which the thread has [locked](Self::lock), instead of running it.
    pub fn record(&self, work: impl FnOnce() -> Result<()>) -> Result<Graph> {
        let (f, mut graph, mut ready) = (&self.driver.0, std::ptr::null_mut(), std::ptr::null_mut());
        // SAFETY: the stream lives, and the context is current.
        self.check("cuStreamBeginCapture", unsafe { (f.begin_capture)(self.stream, THREAD_LOCAL) })?;
        let done = work();
        // SAFETY: the capture begun above ends here, whatever came of the work; a graph that came of it is a whole one, which
        // is not needed once it was instantiated or could not be.
        let ended = unsafe {
            let ended = self.check("cuStreamEndCapture", (f.end_capture)(self.stream, &mut graph));
            let ended =
                done.and(ended).and_then(|()| self.check("cuGraphInstantiate", (f.instantiate)(&mut ready, graph, 0)));
            if !graph.is_null() {
                (f.destroy_graph)(graph);
            }
            ended
        };
        ended?;
        // SAFETY: the recording is ready, and not launched yet. What is not brought to the device now is at the first launch.
        unsafe { (f.upload_graph)(ready, self.stream) };
        Ok(Graph(ready))
    }

    /// Starts a recording, on the stream that the thread has [locked](Self::lock).
    pub fn replay(&self, graph: &Graph) -> Result<()> {
        // SAFETY: the graph was instantiated in this context, and the lock keeps others from launching it now.
        self.check("cuGraphLaunch", unsafe { (self.driver.0.launch_graph)(graph.0, self.stream) })
    }

    /// Gives a recording back.
    ///
    /// # Safety
    /// Nobody uses it after this.
    pub unsafe fn destroy(&self, graph: &Graph) {
        if self.bind().is_ok() {
            // SAFETY: the caller's promise; the driver lets what runs of it end first.
            unsafe { (self.driver.0.destroy_recording)(graph.0) };
        }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        if self.lock().is_ok() {
            // What still runs must have ended. SAFETY: what used the context held on to this value and is gone.
            _ = self.synchronize();
            unsafe { (self.driver.0.release)(self.device) };
        }
    }
}

/// Memory of this process that the device copies from and to directly. It stays until it is [freed](Self::free).
pub(super) struct Pinned {
    pub place: *mut u8,
    event: sys::CUevent,
}

// SAFETY: the memory is this value's alone, and events may be used by any thread.
unsafe impl Send for Pinned {}

impl Pinned {
    /// # Errors
    /// When the system has no more memory to pin. The context must be current.
    pub fn new(context: &Context, bytes: usize) -> Result<Pinned> {
        let (mut place, mut event, f) = (std::ptr::null_mut(), std::ptr::null_mut(), &context.driver.0);
        // SAFETY: each function writes the one address that it is given a place for.
        unsafe {
            context.check("cuMemHostAlloc", (f.pin)(&mut place, bytes, 0))?;
            context.check("cuEventCreate", (f.event)(&mut event, DISABLE_TIMING))?;
        }
        Ok(Pinned { place: place.cast(), event })
    }

    /// Gives it back, when the device has done with it.
    ///
    /// # Safety
    /// Nobody uses it after this.
    pub unsafe fn free(&self, context: &Context) {
        if context.bind().is_ok() {
            // Where waiting fails the device is lost, and with it whoever could still read. SAFETY: the caller's promise.
            _ = self.wait(context);
            unsafe {
                (context.driver.0.destroy_event)(self.event);
                (context.driver.0.unpin)(self.place.cast());
            }
        }
    }

    /// Remembers how far the stream has come.
    pub fn mark(&self, context: &Context) -> Result<()> {
        // SAFETY: both live.
        context.check("cuEventRecord", unsafe { (context.driver.0.record_event)(self.event, context.stream) })
    }

    /// Waits until the stream has come as far as it was when last marked.
    pub fn wait(&self, context: &Context) -> Result<()> {
        // SAFETY: the event lives.
        context.check("cuEventSynchronize", unsafe { (context.driver.0.wait_for_event)(self.event) })
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

/// A recording that can be started.
pub(super) struct Graph(sys::CUgraphExec);

// SAFETY: launched under the device's lock only.
unsafe impl Send for Graph {}
// SAFETY: as above.
unsafe impl Sync for Graph {}
