//! What a device can do, whichever it is. The real ones are in `cuda`, the emulated one in `emulate`.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::Result;
use crate::launch::{Address, Work};

/// What is known of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// The device's name, as the driver gives it.
    pub name: String,
    /// Compute capability, such as `(9, 0)`.
    pub compute_capability: (i32, i32),
    /// Memory in bytes.
    pub memory: usize,
    /// Its number among the devices that the process may use.
    pub index: usize,
}

impl DeviceInfo {
    /// TensorFlow's name of the device, `/device:GPU:0`.
    pub fn tensorflow_name(&self) -> String {
        format!("/device:GPU:{}", self.index)
    }
}

impl fmt::Display for DeviceInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor) = self.compute_capability;
        let gib = self.memory as f64 / (1u64 << 30) as f64;
        write!(f, "{}, compute capability {major}.{minor}, {gib:.1} GiB", self.name)
    }
}

/// How a device's memory is used, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct MemoryReport {
    /// What can still be allocated, by whichever process.
    pub free: usize,
    /// All there is.
    pub total: usize,
    /// What this process's buffers take: TensorFlow's `current`.
    pub held: usize,
    /// The most that they ever took: TensorFlow's `peak`.
    pub peak: usize,
}

/// Gives memory back; what a buffer keeps of its device.
pub(crate) trait Owner: Send + Sync {
    fn free(&self, address: Address, bytes: usize);
}

/// A piece of a device's memory, given back when dropped.
pub struct Buffer {
    address: Address,
    bytes: usize,
    owner: Arc<dyn Owner>,
}

impl Buffer {
    pub(crate) fn new(address: Address, bytes: usize, owner: Arc<dyn Owner>) -> Buffer {
        Buffer { address, bytes, owner }
    }

    /// Where it begins: a multiple of 256.
    pub fn address(&self) -> Address {
        self.address
    }

    /// Its size, as asked for.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.owner.free(self.address, self.bytes);
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buffer({} bytes at {:#x})", self.bytes, self.address)
    }
}

/// What a device has made ready.
pub(crate) trait Ready: Send + Sync {
    fn run(&self) -> Result<()>;

    /// Starts it as part of something that runs already.
    fn enqueue(&self) -> Result<()> {
        self.run()
    }
}

/// A piece of work with its kernel loaded and its arguments fixed.
#[derive(Clone)]
pub struct Prepared(pub(crate) Arc<dyn Ready>);

/// Where a real device's work goes, for what works on several devices at once.
#[derive(Clone)]
pub struct Stream(pub(crate) Arc<crate::cuda::Inner>);

/// Prepared work that runs as one.
#[derive(Clone)]
pub struct Recording(pub(crate) Arc<dyn Ready>);

/// What a device has recorded together with the bytes that it begins with.
pub(crate) trait Feed: Send + Sync {
    fn run(&self, fill: &mut dyn FnMut(&mut [u8])) -> Result<()>;
}

/// Prepared work that runs as one, behind a copy of bytes to the device, other ones each time.
#[derive(Clone)]
pub struct Fed(pub(crate) Arc<dyn Feed>);

/// A device. All its work runs in the order it is given, on one stream; only `download` and `synchronize` wait.
///
/// Addresses in work must lie in buffers of this device that live until the work is done.
pub trait Device: Send + Sync {
    /// What is known of it.
    fn info(&self) -> &DeviceInfo;

    /// Its stream; only real devices have one.
    fn stream(&self) -> Option<Stream> {
        None
    }

    /// How its memory is used.
    fn memory(&self) -> Result<MemoryReport>;

    /// A buffer of at least `bytes`, its contents undefined.
    ///
    /// # Errors
    /// `OutOfMemory` with what was asked for and what there is; the device can be used as before.
    fn alloc(&self, bytes: usize) -> Result<Buffer>;

    /// Copies to the device, once all earlier work is done. `from` is read before the call returns.
    fn upload(&self, to: Address, from: &[u8]) -> Result<()>;

    /// Waits for all earlier work and copies from the device.
    fn download(&self, from: Address, to: &mut [u8]) -> Result<()>;

    /// Compiles and loads what the work needs, once for each text, and fixes its arguments.
    ///
    /// # Errors
    /// `Compile` with the compiler's log; `Invalid` when the work contradicts itself.
    fn prepare(&self, work: &Work) -> Result<Prepared>;

    /// Prepares several works; their texts are compiled on all cores.
    ///
    /// # Errors
    /// As [`prepare`](Self::prepare), of the first work that fails.
    fn prepare_all(&self, works: &[Work]) -> Result<Vec<Prepared>> {
        let mut texts: Vec<&Arc<str>> = works.iter().filter_map(Work::text).collect();
        texts.sort_unstable();
        texts.dedup();
        let (next, threads) = (AtomicUsize::new(0), std::thread::available_parallelism().map_or(1, |n| n.get()));
        std::thread::scope(|scope| {
            for _ in 0..threads.min(texts.len()) {
                // What fails here fails once more, and is reported, when its work is prepared.
                scope.spawn(|| {
                    while let Some(text) = texts.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let _ = self.compile(text);
                    }
                });
            }
        });
        works.iter().map(|work| self.prepare(work)).collect()
    }

    /// Compiles a text, so that preparing its works takes no time.
    ///
    /// # Errors
    /// `Compile` with the compiler's log.
    fn compile(&self, text: &Arc<str>) -> Result<()>;

    /// Starts the work. Allocates nothing.
    fn run(&self, work: &Prepared) -> Result<()> {
        work.0.run()
    }

    /// Records the works as one, a CUDA graph, without running them.
    fn capture(&self, works: &[Prepared]) -> Result<Recording>;

    /// Starts a recording.
    fn replay(&self, recording: &Recording) -> Result<()> {
        recording.0.run()
    }

    /// Records the works as one behind a copy of `bytes` bytes to `to`, so that what a step is fed with travels with it.
    ///
    /// # Errors
    /// As [`capture`](Self::capture).
    fn capture_fed(&self, to: Address, bytes: usize, works: &[Prepared]) -> Result<Fed>;

    /// Starts such a recording. `fill` writes all bytes that it is to begin with, to where the device fetches them.
    fn replay_fed(&self, recording: &Fed, fill: &mut dyn FnMut(&mut [u8])) -> Result<()> {
        recording.0.run(fill)
    }

    /// Waits for all work.
    ///
    /// # Errors
    /// What a kernel did wrong since the last time somebody waited.
    fn synchronize(&self) -> Result<()>;
}
