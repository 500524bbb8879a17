//! The real devices: NVIDIA's, through the driver. What can be missing is asked for before it is used.

mod blas;
mod compiler;
mod dnn;
mod driver;
mod fed;
mod library;
mod lt;
mod nccl;
mod pool;
mod staging;
mod work;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::device::{self, Buffer, Device, DeviceInfo, MemoryReport, Owner, Prepared, Ready, Recording, Stream};
use crate::error::{Error, Result};
use crate::launch::{Address, Work};
use blas::Blas;
pub use compiler::Compiler;
use dnn::Dnn;
use driver::{Context, Driver, Graph};
use fed::FedRecorded;
use lt::Lt;
pub use nccl::{Collective, Shared};
use pool::Pool;
use staging::Staging;
use work::{Job, Modules};

/// The oldest version of CUDA whose driver is used.
const OLDEST: u32 = 12;

/// What is needed before any device is opened, with each device's description.
pub(crate) struct Found {
    driver: &'static Driver,
    pub devices: Vec<DeviceInfo>,
    compiler: Arc<Compiler>,
    /// The major version of CUDA that the driver is for.
    major: u32,
}

/// Looks for the driver, the compiler and the devices, and opens none of these. Never panics.
///
/// # Errors
/// Why no device can be used, as a clause.
pub(crate) fn find() -> std::result::Result<Found, String> {
    let library = library::open_driver().ok_or("the NVIDIA driver (libcuda) was not found")?;
    let old = |what: String| format!("{what}; CUDA {OLDEST} is needed: update the NVIDIA driver");
    let driver = Driver::load(library)
        .map_err(|function| old(format!("the NVIDIA driver is too old (it has no {function})")))?;
    let driver: &'static Driver = Box::leak(Box::new(driver));
    let refused = |error: Error| format!("the NVIDIA driver refuses ({error})");
    let (major, minor) = driver.start().map_err(refused)?;
    if major < OLDEST {
        return Err(old(format!("the NVIDIA driver is for CUDA {major}.{minor}")));
    }
    let count = driver.count().map_err(refused)?;
    if count == 0 {
        return Err("the NVIDIA driver sees no device".into());
    }
    let compiler = Arc::new(Compiler::find(major)?);
    let mut devices = Vec::new();
    for index in 0..count {
        let (_, name, compute_capability, memory) = driver.describe(index).map_err(refused)?;
        devices.push(DeviceInfo { name, compute_capability, memory, index: index as usize });
    }
    match compiler.architecture(devices[0].compute_capability) {
        Err(Error::Unavailable(reason)) => Err(reason),
        _ => Ok(Found { driver, devices, compiler, major }),
    }
}

impl Found {
    /// Opens the devices that can be; a line for each that cannot, because others use it or all of its memory.
    pub fn open(&self) -> Vec<Arc<dyn Device>> {
        let open = |info: &DeviceInfo| match Cuda::open(info, self) {
            Ok(device) => Some(Arc::new(device) as Arc<dyn Device>),
            Err(error) => {
                eprintln!("{} cannot be used: {error}", info.tensorflow_name());
                None
            }
        };
        self.devices.iter().filter_map(open).collect()
    }
}

/// What a device's buffers and prepared work keep of it.
pub(super) struct Inner {
    context: Arc<Context>,
    blas: Option<Blas>,
    lt: Option<Arc<Lt>>,
    /// Opened when there is something to convolve: it takes long and holds much memory.
    dnn: OnceLock<Option<Arc<Dnn>>>,
    _workspace: Option<Buffer>,
}

impl Inner {
    /// cuDNN, where there is one; the context must be current.
    fn dnn(&self) -> Option<&Arc<Dnn>> {
        self.dnn.get_or_init(|| Dnn::open(self.context.stream())).as_ref()
    }
}

/// One NVIDIA device.
struct Cuda {
    info: DeviceInfo,
    inner: Arc<Inner>,
    pool: Arc<Pool>,
    staging: Mutex<Staging>,
    modules: Modules,
}

impl Cuda {
    fn open(info: &DeviceInfo, found: &Found) -> Result<Cuda> {
        let (device, ..) = found.driver.describe(info.index as i32)?;
        let architecture = found.compiler.architecture(info.compute_capability)?;
        let context = Arc::new(Context::new(found.driver, device)?);
        let pool = Arc::new(Pool::new(context.clone(), info.tensorflow_name()));
        let workspace = take(&pool, blas::WORKSPACE).ok();
        let blas = workspace.as_ref().and_then(|room| Blas::open(found.major, context.stream(), room.address()));
        let lt = workspace.as_ref().and_then(|room| Lt::open(found.major, room.address()));
        let staging = Mutex::new(Staging::new(&context)?);
        let inner = Inner { context, blas, lt, dnn: OnceLock::new(), _workspace: workspace };
        let modules = Modules::new(found.compiler.clone(), architecture);
        Ok(Cuda { info: info.clone(), inner: Arc::new(inner), pool, staging, modules })
    }
}

fn take(pool: &Arc<Pool>, bytes: usize) -> Result<Buffer> {
    Ok(Buffer::new(pool.alloc(bytes)?, bytes, pool.clone() as Arc<dyn Owner>))
}

impl Device for Cuda {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn memory(&self) -> Result<MemoryReport> {
        self.pool.report()
    }

    fn stream(&self) -> Option<Stream> {
        Some(Stream(self.inner.clone()))
    }

    fn alloc(&self, bytes: usize) -> Result<Buffer> {
        take(&self.pool, bytes)
    }

    fn upload(&self, to: Address, from: &[u8]) -> Result<()> {
        let _order = self.inner.context.lock()?;
        self.staging.lock().unwrap_or_else(PoisonError::into_inner).upload(&self.inner.context, to, from)
    }

    fn download(&self, from: Address, to: &mut [u8]) -> Result<()> {
        let _order = self.inner.context.lock()?;
        self.staging.lock().unwrap_or_else(PoisonError::into_inner).download(&self.inner.context, from, to)
    }

    fn prepare(&self, work: &Work) -> Result<Prepared> {
        let _order = self.inner.context.lock()?;
        Ok(Prepared(Arc::new(Job::new(&self.inner, &self.modules, work)?)))
    }

    fn compile(&self, text: &Arc<str>) -> Result<()> {
        self.modules.compile(text)
    }

    fn capture(&self, works: &[Prepared]) -> Result<Recording> {
        let _order = self.inner.context.lock()?;
        let graph = self.inner.context.record(|| works.iter().try_for_each(|work| work.0.enqueue()))?;
        Ok(Recording(Arc::new(Recorded { inner: self.inner.clone(), graph, _works: works.to_vec() })))
    }

    fn capture_fed(&self, to: Address, bytes: usize, works: &[Prepared]) -> Result<device::Fed> {
        let _order = self.inner.context.lock()?;
        Ok(device::Fed(Arc::new(FedRecorded::new(&self.inner, to, bytes, works)?)))
    }

    fn synchronize(&self) -> Result<()> {
        let _order = self.inner.context.lock()?;
        self.inner.context.synchronize()
    }
}

/// A recording, with the works whose arguments it was made of.
struct Recorded {
    inner: Arc<Inner>,
    graph: Graph,
    _works: Vec<Prepared>,
}

impl Ready for Recorded {
    fn run(&self) -> Result<()> {
        let _order = self.inner.context.lock()?;
        self.enqueue()
    }

    fn enqueue(&self) -> Result<()> {
        self.inner.context.replay(&self.graph)
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        // SAFETY: it is this value's alone.
        unsafe { self.inner.context.destroy(&self.graph) };
    }
}
