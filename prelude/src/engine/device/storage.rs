//! Where a variable's value lives: memory on the host, and a copy on each device whose plans have worked on it.
//! Flags say which of these hold the value.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use flowbook_cuda::{Address, Buffer, Device};

use super::{Held, Side, device_error};
use crate::engine::memory::Memory;
use crate::error::Result;
use crate::ops::View;

/// Which copies of a value count at some step of a plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Newest(Vec<Side>);

impl Newest {
    /// After that side's copy was written.
    pub fn written_on(side: Side) -> Newest {
        Newest(vec![side])
    }

    /// Whether the copy on that side can be read.
    pub fn is_on(&self, side: Side) -> bool {
        self.0.contains(&side)
    }

    /// After the value was brought to that side, which it comes to by way of the host.
    pub fn brought_to(&mut self, side: Side) {
        self.0.extend([Side::Host, side]);
    }
}

/// A variable's memory.
pub(crate) struct Storage {
    _memory: Memory,
    host: *mut u8,
    bytes: usize,
    copies: Mutex<Copies>,
}

// SAFETY: the host memory is only touched by who runs a plan or reads a variable, under the owner's lock.
unsafe impl Send for Storage {}
// SAFETY: as above.
unsafe impl Sync for Storage {}

struct Copies {
    /// Whether the host's memory holds the value.
    host: bool,
    devices: Vec<OnDevice>,
}

/// A copy on a device. Plans know its address, so it stays as long as the variable does.
struct OnDevice {
    device: Arc<dyn Device>,
    buffer: Held<Buffer>,
    /// Whether it holds the value.
    holds: bool,
}

/// How many copies on devices variables have: as long as there are none, nobody has to ask.
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
        let copies = Mutex::new(Copies { host: true, devices: Vec::new() });
        Storage { _memory: memory, host: view.ptr, bytes: view.bytes(), copies }
    }

    fn lock(&self) -> MutexGuard<'_, Copies> {
        self.copies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The address of the copy on that device, made when there is none yet.
    ///
    /// # Errors
    /// `ResourceExhaustedError` when the device's memory is full.
    pub fn on_device(&self, device: &Arc<dyn Device>) -> Result<Address> {
        let mut copies = self.lock();
        if let Some(copy) = copies.on(device) {
            return Ok(copy.buffer.address());
        }
        let buffer = device.alloc(self.bytes.max(1)).map_err(device_error)?;
        let address = buffer.address();
        COPIES.fetch_add(1, Ordering::Relaxed);
        copies.devices.push(OnDevice { device: device.clone(), buffer: Held::new(buffer), holds: false });
        Ok(address)
    }

    /// Makes the value readable on the device, if it has a copy there.
    ///
    /// # Errors
    /// What the devices say.
    pub fn bring_to(&self, device: &Arc<dyn Device>) -> Result<()> {
        let mut copies = self.lock();
        if copies.on(device).is_none_or(|copy| copy.holds) {
            return Ok(());
        }
        self.download(&mut copies)?;
        let Some(copy) = copies.on(device) else { return Ok(()) };
        // SAFETY: the host memory has as many bytes, and nobody writes to it while a plan starts.
        let from = unsafe { std::slice::from_raw_parts(self.host.cast_const(), self.bytes) };
        device.upload(copy.buffer.address(), from).map_err(device_error)?;
        copy.holds = true;
        Ok(())
    }

    /// Makes the value readable on the host.
    ///
    /// # Errors
    /// What the device says.
    pub fn bring_home(&self) -> Result<()> {
        self.download(&mut self.lock())
    }

    fn download(&self, copies: &mut Copies) -> Result<()> {
        if copies.host {
            return Ok(());
        }
        if let Some(copy) = copies.devices.iter().find(|copy| copy.holds)
            && !flowbook_runtime::checkpoint::woken()
        {
            // SAFETY: the host memory has as many bytes, and nobody else looks at it now.
            let to = unsafe { std::slice::from_raw_parts_mut(self.host, self.bytes) };
            copy.device.download(copy.buffer.address(), to).map_err(device_error)?;
        }
        copies.host = true;
        Ok(())
    }

    /// The device whose copy alone holds the value, with the copy's address.
    pub fn only_on(&self) -> Option<(Arc<dyn Device>, Address)> {
        let copies = self.lock();
        let copy = copies.devices.iter().find(|copy| copy.holds && !copies.host)?;
        Some((copy.device.clone(), copy.buffer.address()))
    }

    /// Says that the host's memory alone holds the value from now on.
    pub fn written_on_host(&self) {
        if !any_copies() {
            return;
        }
        let mut copies = self.lock();
        copies.host = true;
        copies.devices.iter_mut().for_each(|copy| copy.holds = false);
    }

    /// Says that the copy on that device alone holds the value from now on.
    pub fn written_on(self: &Arc<Storage>, device: &Arc<dyn Device>) {
        let mut copies = self.lock();
        copies.devices.iter_mut().for_each(|copy| copy.holds = Arc::ptr_eq(&copy.device, device));
        if !std::mem::replace(&mut copies.host, false) {
            return;
        }
        drop(copies);
        flowbook_runtime::display::at_cell_end(bring_all_home);
        let mut list = CHANGED.lock().unwrap_or_else(PoisonError::into_inner);
        if !list.iter().any(|known| std::ptr::eq(known.as_ptr(), Arc::as_ptr(self))) {
            list.push(Arc::downgrade(self));
        }
    }
}

impl Copies {
    fn on(&mut self, device: &Arc<dyn Device>) -> Option<&mut OnDevice> {
        self.devices.iter_mut().find(|copy| Arc::ptr_eq(&copy.device, device))
    }
}

impl Drop for OnDevice {
    fn drop(&mut self) {
        COPIES.fetch_sub(1, Ordering::Relaxed);
    }
}
