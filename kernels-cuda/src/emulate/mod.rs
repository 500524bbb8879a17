//! A device without a GPU: the kernels' own texts, compiled as C++ and run on this processor, block after block. It is
//! for tests and for lessons on machines without a GPU, where it is asked for; nothing chooses it by itself.

mod compile;
mod memory;
mod watch;

use std::sync::{Arc, Mutex, PoisonError};

use crate::device::{Buffer, Device, DeviceInfo, Fed, Feed, MemoryReport, Owner, Prepared, Ready, Recording};
use crate::error::{Error, Result};
use crate::kernels;
use crate::launch::{Address, Arg, Launch, Work};
use compile::{Entry, Module};
use memory::Memory;

/// The bytes of an emulated device's memory unless told otherwise; only what is used exists.
pub(crate) const EMULATED_MEMORY: usize = 16 << 30;

/// The emulated device.
///
/// ```
/// use flowbook_cuda::{Device, Emulated};
/// let device = Emulated::new();
/// let buffer = device.alloc(4)?;
/// device.upload(buffer.address(), &1.5f32.to_ne_bytes())?;
/// let mut back = [0; 4];
/// device.download(buffer.address(), &mut back)?;
/// assert_eq!(f32::from_ne_bytes(back), 1.5);
/// # Ok::<(), flowbook_cuda::Error>(())
/// ```
pub struct Emulated {
    info: DeviceInfo,
    memory: Arc<Memory>,
    watched: bool,
}

impl Emulated {
    /// A device with 16 GiB, of which only what is used exists.
    #[expect(clippy::new_without_default, reason = "a device is made on purpose")]
    pub fn new() -> Emulated {
        Emulated::with_memory(EMULATED_MEMORY)
    }

    /// A device with as many bytes of memory.
    pub fn with_memory(bytes: usize) -> Emulated {
        Emulated::numbered(0, bytes)
    }

    /// One of several devices, with its number and its bytes of memory.
    pub fn numbered(index: usize, bytes: usize) -> Emulated {
        let name = "emulated on the CPU".to_string();
        let info = DeviceInfo { name, compute_capability: (7, 5), memory: bytes, index };
        let memory = Arc::new(Memory::new(bytes, info.tensorflow_name()));
        Emulated { info, memory, watched: false }
    }

    /// The same device with every access of its kernels watched, which takes some ten times as long. A kernel then fails
    /// that leaves its buffers, reading too; whose threads depend on which of them comes first; that reads shared memory
    /// nobody wrote; or that reads a number from where none may begin.
    pub fn watched(self) -> Emulated {
        Emulated { watched: true, ..self }
    }

    /// Whether there is the C++ compiler that it needs for kernels.
    pub fn is_available() -> bool {
        compile::is_available()
    }

    /// How many buffers turned out, when they were dropped, to have been written past their end.
    pub fn overruns(&self) -> usize {
        self.memory.overruns()
    }

    fn launch(&self, launch: &Launch) -> Result<Step> {
        let module = compile::module(&launch.source, self.watched)?;
        let entry = module.entry(launch)?;
        Ok(Step::Launch { module, entry, launch: launch.clone() })
    }

    fn steps(&self, work: &Work) -> Result<Vec<Step>> {
        Ok(match work {
            Work::Launch(launch) => vec![self.launch(launch)?],
            Work::Product(product) => {
                kernels::product(product)?.iter().map(|launch| self.launch(launch)).collect::<Result<_>>()?
            }
            Work::Convolution(convolution) => {
                let works: Result<Vec<_>> = kernels::unrolled(convolution).iter().map(|w| self.steps(w)).collect();
                works?.into_iter().flatten().collect()
            }
            Work::Copy { from, to, bytes } => vec![Step::Copy { from: *from, to: *to, bytes: *bytes }],
            Work::Zero { to, bytes } => vec![Step::Zero { to: *to, bytes: *bytes }],
        })
    }
}

impl Device for Emulated {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn memory(&self) -> Result<MemoryReport> {
        Ok(self.memory.report())
    }

    fn alloc(&self, bytes: usize) -> Result<Buffer> {
        let address = self.memory.alloc(bytes)?;
        Ok(Buffer::new(address, bytes, self.memory.clone() as Arc<dyn Owner>))
    }

    fn upload(&self, to: Address, from: &[u8]) -> Result<()> {
        let place = self.memory.place(to, from.len())?;
        // SAFETY: `place` made sure that as many bytes belong to a buffer, which no slice of Rust's overlaps.
        unsafe { place.copy_from_nonoverlapping(from.as_ptr(), from.len()) };
        Ok(())
    }

    fn download(&self, from: Address, to: &mut [u8]) -> Result<()> {
        let place = self.memory.place(from, to.len())?;
        // SAFETY: as in `upload`.
        unsafe { place.copy_to_nonoverlapping(to.as_mut_ptr(), to.len()) };
        Ok(())
    }

    fn prepare(&self, work: &Work) -> Result<Prepared> {
        Ok(Prepared(Arc::new(Steps { memory: self.memory.clone(), steps: self.steps(work)? })))
    }

    fn compile(&self, text: &Arc<str>) -> Result<()> {
        compile::module(text, self.watched).map(drop)
    }

    fn capture(&self, works: &[Prepared]) -> Result<Recording> {
        Ok(Recording(Arc::new(List(works.to_vec()))))
    }

    fn capture_fed(&self, to: Address, bytes: usize, works: &[Prepared]) -> Result<Fed> {
        let (memory, bytes) = (self.memory.clone(), Mutex::new(vec![0; bytes]));
        Ok(Fed(Arc::new(FedList { memory, to, bytes, works: List(works.to_vec()) })))
    }

    fn synchronize(&self) -> Result<()> {
        Ok(())
    }
}

enum Step {
    Launch { module: Arc<Module>, entry: Entry, launch: Launch },
    Copy { from: Address, to: Address, bytes: usize },
    Zero { to: Address, bytes: usize },
}

struct Steps {
    memory: Arc<Memory>,
    steps: Vec<Step>,
}

impl Ready for Steps {
    fn run(&self) -> Result<()> {
        self.steps.iter().try_for_each(|step| step.run(&self.memory))
    }
}

struct List(Vec<Prepared>);

impl Ready for List {
    fn run(&self) -> Result<()> {
        self.0.iter().try_for_each(|work| work.0.run())
    }
}

struct FedList {
    memory: Arc<Memory>,
    to: Address,
    bytes: Mutex<Vec<u8>>,
    works: List,
}

impl Feed for FedList {
    fn run(&self, fill: &mut dyn FnMut(&mut [u8])) -> Result<()> {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        fill(&mut bytes);
        let place = self.memory.place(self.to, bytes.len())?;
        // SAFETY: `place` made sure that as many bytes belong to a buffer, which no slice of Rust's overlaps.
        unsafe { place.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        self.works.run()
    }
}

impl Step {
    fn run(&self, memory: &Memory) -> Result<()> {
        match self {
            Step::Launch { module, entry, launch } => {
                let here = |arg: &Arg| match arg {
                    Arg::Address(address) if *address != 0 => {
                        let place = memory.place(*address, 0);
                        let place = place.map_err(|error| Error::Invalid(format!("{}: {error}", launch.name)))?;
                        Ok(Arg::Address(place as Address))
                    }
                    other => Ok(*other),
                };
                let args = launch.args.iter().map(here).collect::<Result<Vec<_>>>()?;
                // SAFETY: each address begins in a buffer; that the kernel stays in it is its builder's promise.
                unsafe { module.run(entry, launch, &args, || memory.ranges()) }
            }
            Step::Copy { from, to, bytes } => {
                let (from, to) = (memory.place(*from, *bytes)?, memory.place(*to, *bytes)?);
                // SAFETY: both places have as many bytes in buffers of this device.
                unsafe { std::ptr::copy(from, to, *bytes) };
                Ok(())
            }
            Step::Zero { to, bytes } => {
                // SAFETY: the place has as many bytes in a buffer of this device.
                unsafe { memory.place(*to, *bytes)?.write_bytes(0, *bytes) };
                Ok(())
            }
        }
    }
}
