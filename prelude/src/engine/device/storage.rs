//! Where a variable's value lives: memory on the host, and a copy on the device once a plan has worked on it there.
//! One flag says which of the two is the newer.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use flowbook_cuda::{Address, Buffer, Device};

use super::{Held, Side, device_error};
use crate::engine::memory::Memory;
use crate::error::Result;
use crate::ops::View;

/// Which copy of a value counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Newest {
    Host,
    Device,
    Both,
}

impl Newest {
    /// Whether the copy on that side can be read.
    pub fn is_on(self, side: Side) -> bool {
        match self {
            Newest::Both => true,
            Newest::Host => side == Side::Host,
            Newest::Device => side == Side::Device,
        }
    }

    /// After that side's copy was written.
    pub fn written_on(side: Side) -> Newest {
        if side == Side::Host { Newest::Host } else { Newest::Device }
    }
}

/// A variable's memory.
pub(crate) struct Storage {
    _memory: Memory,
    host: *mut u8,
    bytes: usize,
    copy: Mutex<Copy>,
}

// SAFETY: the host memory is only touched by who runs a plan or reads a variable, under the owner's lock.
unsafe impl Send for Storage {}
// SAFETY: as above.
unsafe impl Sync for Storage {}

struct Copy {
    on: Option<(Arc<dyn Device>, Held<Buffer>)>,
    newest: Newest,
}

/// How many variables have a copy on a device: as long as there are none, nobody has to ask.
static COPIES: AtomicUsize = AtomicUsize::new(0);
/// The variables whose newest value was on the device at some time since the last cell ended.
static CHANGED: Mutex<Vec<Weak<Storage>>> = Mutex::new(Vec::new());

/// Whether any variable has a copy on a device.
#[inline]
pub(crate) fn any_copies() -> bool {
    COPIES.load(Ordering::Relaxed) > 0
}

/// Brings home every variable that a device has changed: the spare copy of the process has no devices.
pub(super) fn bring_all_home() {
    let changed = std::mem::take(&mut *CHANGED.lock().unwrap_or_else(PoisonError::into_inner));
    for storage in changed.iter().filter_map(Weak::upgrade) {
        // What cannot be had any more is said when somebody reads it.
        _ = storage.bring_home();
    }
}

impl Storage {
    pub fn new(memory: Memory, view: &View) -> Storage {
        let copy = Mutex::new(Copy { on: None, newest: Newest::Host });
        Storage { _memory: memory, host: view.ptr, bytes: view.bytes(), copy }
    }

    fn lock(&self) -> MutexGuard<'_, Copy> {
        self.copy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The address of the copy on that device, made when there is none yet.
    ///
    /// # Errors
    /// `ResourceExhaustedError` when the device's memory is full.
    pub fn on_device(&self, device: &Arc<dyn Device>) -> Result<Address> {
        let mut copy = self.lock();
        if let Some((on, buffer)) = &copy.on
            && Arc::ptr_eq(on, device)
        {
            return Ok(buffer.address());
        }
        self.download(&mut copy)?;
        let buffer = device.alloc(self.bytes.max(1)).map_err(device_error)?;
        let address = buffer.address();
        COPIES.fetch_add(1, Ordering::Relaxed);
        *copy = Copy { on: Some((device.clone(), Held::new(buffer))), newest: Newest::Host };
        Ok(address)
    }

    /// Makes the value readable on that side.
    ///
    /// # Errors
    /// What the device says.
    pub fn bring_to(&self, side: Side) -> Result<()> {
        match side {
            Side::Host => self.bring_home(),
            Side::Device => {
                let mut copy = self.lock();
                if let Copy { on: Some((device, buffer)), newest: newest @ Newest::Host } = &mut *copy {
                    // SAFETY: the host memory has as many bytes, and nobody writes to it while a plan starts.
                    let from = unsafe { std::slice::from_raw_parts(self.host.cast_const(), self.bytes) };
                    device.upload(buffer.address(), from).map_err(device_error)?;
                    *newest = Newest::Both;
                }
                Ok(())
            }
        }
    }

    /// Makes the host's copy the newest.
    ///
    /// # Errors
    /// What the device says.
    pub fn bring_home(&self) -> Result<()> {
        self.download(&mut self.lock())
    }

    fn download(&self, copy: &mut Copy) -> Result<()> {
        if copy.newest != Newest::Device {
            return Ok(());
        }
        if let Some((device, buffer)) = &copy.on
            && !flowbook_runtime::checkpoint::woken()
        {
            // SAFETY: the host memory has as many bytes, and nobody else looks at it now.
            let to = unsafe { std::slice::from_raw_parts_mut(self.host, self.bytes) };
            device.download(buffer.address(), to).map_err(device_error)?;
        }
        copy.newest = Newest::Both;
        Ok(())
    }

    /// Says which copy holds the value from now on.
    pub fn set_newest(self: &Arc<Storage>, newest: Newest) {
        if newest == Newest::Host && !any_copies() {
            return;
        }
        let mut copy = self.lock();
        let changed = newest == Newest::Device && copy.newest != Newest::Device;
        copy.newest = newest;
        drop(copy);
        if changed {
            flowbook_runtime::display::at_cell_end(bring_all_home);
            let mut list = CHANGED.lock().unwrap_or_else(PoisonError::into_inner);
            if !list.iter().any(|known| std::ptr::eq(known.as_ptr(), Arc::as_ptr(self))) {
                list.push(Arc::downgrade(self));
            }
        }
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if self.on.is_some() {
            COPIES.fetch_sub(1, Ordering::Relaxed);
        }
    }
}
