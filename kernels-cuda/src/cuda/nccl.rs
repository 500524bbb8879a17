//! Sums over the memories of several devices, by NCCL. Its names have been the same since its second version, so they are
//! looked up here; without it there is no collective, and whoever asked adds up on the host.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::Arc;

use super::driver;
use super::library::functions;
use super::{Inner, library};
use crate::device::{Device, Stream};
use crate::error::{Error, Result};
use crate::launch::{Address, DType};

type Comm = *mut c_void;
type Status = c_int;

functions! {
    /// NCCL's functions, the same in all of version 2 from 2.10 on.
    Functions {
        version: ncclGetVersion(*mut c_int) -> Status;
        join: ncclCommInitAll(*mut Comm, c_int, *const c_int) -> Status;
        all_reduce: ncclAllReduce(Address, Address, usize, c_int, c_int, Comm, driver::Stream) -> Status;
        start: ncclGroupStart() -> Status;
        end: ncclGroupEnd() -> Status;
        destroy: ncclCommDestroy(Comm) -> Status;
        text: ncclGetErrorString(Status) -> *const c_char;
    }
}

const FLOAT32: c_int = 7;
const FLOAT64: c_int = 8;
const SUM: c_int = 0;
const MEAN: c_int = 4;
/// The oldest version, as NCCL counts, that has means.
const OLDEST: c_int = 21_000;

/// One value that lies on every device of a collective.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// Where it lies on each device, in the collective's order.
    pub addresses: Vec<Address>,
    /// Its element type: `Float32` or `Float64`.
    pub dtype: DType,
    /// The number of elements.
    pub count: usize,
    /// Whether every device is to have the mean of the values in place of their sum.
    pub mean: bool,
}

/// Devices that can add up what lies on them.
///
/// ```
/// use std::sync::Arc;
/// use flowbook_cuda::{Collective, Device, Emulated};
/// let emulated: Arc<dyn Device> = Arc::new(Emulated::new());
/// assert!(Collective::open(&[emulated]).is_none(), "that is for real devices");
/// ```
pub struct Collective {
    ranks: Vec<(Arc<Inner>, Comm)>,
    functions: Functions,
}

// SAFETY: communicators are used under the locks of all their devices only.
unsafe impl Send for Collective {}
// SAFETY: as above.
unsafe impl Sync for Collective {}

impl Collective {
    /// Joins real devices; `None` for others, without NCCL, or when it refuses.
    pub fn open(devices: &[Arc<dyn Device>]) -> Option<Collective> {
        let streams: Vec<Stream> = devices.iter().map(|device| device.stream()).collect::<Option<_>>()?;
        let numbers: Vec<c_int> = devices.iter().map(|device| device.info().index as c_int).collect();
        let (library, _) = library::find("nccl", &[2])?;
        // SAFETY: these are the functions' types in every NCCL of version 2, from 2.10 on; the numbers are those of as many
        // devices, whose primary contexts live as long as the streams.
        unsafe {
            let functions = Functions::load(library).ok()?;
            let mut found = 0;
            if (functions.version)(&mut found) != 0 || found < OLDEST {
                return None;
            }
            let mut comms = vec![std::ptr::null_mut(); numbers.len()];
            if (functions.join)(comms.as_mut_ptr(), numbers.len() as c_int, numbers.as_ptr()) != 0 {
                return None;
            }
            let ranks = streams.into_iter().map(|stream| stream.0).zip(comms).collect();
            Some(Collective { ranks, functions })
        }
    }

    /// Gives every device the sums, or means, of the values; in place, on the devices' streams, all as one group. Each
    /// piece is added up once and then copied, so all devices have the same bits.
    ///
    /// # Errors
    /// `Library` with NCCL's own text; `Invalid` for another type or another number of addresses.
    pub fn all_reduce(&self, values: &[Shared]) -> Result<()> {
        let fits = |value: &Shared| value.dtype.is_float() && value.addresses.len() == self.ranks.len();
        if !values.iter().all(fits) {
            return Err(Error::Invalid("a collective adds up floats that lie on each of its devices".into()));
        }
        // Always in the same order, and held until all is on the streams.
        let _orders = self.ranks.iter().map(|(inner, _)| inner.context.lock()).collect::<Result<Vec<_>>>()?;
        // SAFETY: a group is begun and ended by one thread.
        self.check("ncclGroupStart", unsafe { (self.functions.start)() })?;
        let outcome = values.iter().try_for_each(|value| self.put(value));
        // SAFETY: as above; it is ended in any case.
        let ended = self.check("ncclGroupEnd", unsafe { (self.functions.end)() });
        outcome.and(ended)
    }

    fn put(&self, value: &Shared) -> Result<()> {
        let dtype = if value.dtype == DType::Float64 { FLOAT64 } else { FLOAT32 };
        let how = if value.mean { MEAN } else { SUM };
        for ((inner, comm), at) in self.ranks.iter().zip(&value.addresses) {
            // SAFETY: `count` elements lie at the address on this device, by the promise of `Device`; the communicator is
            // this device's, whose lock is held.
            let status = unsafe {
                (self.functions.all_reduce)(*at, *at, value.count, dtype, how, *comm, inner.context.stream())
            };
            self.check("ncclAllReduce", status)?;
        }
        Ok(())
    }

    fn check(&self, call: &'static str, status: Status) -> Result<()> {
        if status == 0 {
            return Ok(());
        }
        // SAFETY: the function returns a constant text for every number.
        let reason = unsafe { CStr::from_ptr((self.functions.text)(status)) }.to_string_lossy().into_owned();
        Err(Error::Library { call, reason })
    }
}

impl Drop for Collective {
    fn drop(&mut self) {
        for (inner, comm) in &self.ranks {
            if inner.context.bind().is_ok() {
                // SAFETY: nobody uses the communicator after this.
                unsafe { (self.functions.destroy)(*comm) };
            }
        }
    }
}
