//! Pinned memory that uploads go through: the caller's bytes are copied there and fetched by the device when the stream
//! comes by, while the caller goes on.

use super::driver::{Context, Pinned};
use crate::error::Result;
use crate::launch::Address;

/// The bytes of a slot, and how many slots take turns.
const SLOT: usize = 2 << 20;
const SLOTS: usize = 8;

pub(super) struct Staging {
    slots: Vec<Pinned>,
    next: usize,
    /// Where downloads of little come in.
    back: Pinned,
}

impl Staging {
    /// Pins its memory; the context must be current.
    pub fn new(context: &Context) -> Result<Staging> {
        let slots = (0..SLOTS).map(|_| Pinned::new(context, SLOT)).collect::<Result<_>>()?;
        Ok(Staging { slots, next: 0, back: Pinned::new(context, SLOT)? })
    }

    pub fn upload(&mut self, context: &Context, to: Address, from: &[u8]) -> Result<()> {
        for (i, part) in from.chunks(SLOT).enumerate() {
            let slot = &self.slots[self.next];
            self.next = (self.next + 1) % SLOTS;
            slot.wait(context)?;
            let at = to + (i * SLOT) as Address;
            // SAFETY: the slot holds that many bytes, and the device has fetched what was in it before; the target is the
            // caller's buffer.
            unsafe {
                slot.place.copy_from_nonoverlapping(part.as_ptr(), part.len());
                context.upload(at, slot.place, part.len())?;
            }
            slot.mark(context)?;
        }
        Ok(())
    }

    pub fn download(&mut self, context: &Context, from: Address, to: &mut [u8]) -> Result<()> {
        if to.is_empty() {
            return context.synchronize();
        }
        if to.len() > SLOT {
            // SAFETY: the target has as many bytes, and the stream is waited for before anybody else looks at them.
            unsafe { context.download(from, to.as_mut_ptr(), to.len())? };
            return context.synchronize();
        }
        // SAFETY: the room holds that many bytes, and the stream is waited for before they are copied on.
        unsafe { context.download(from, self.back.place, to.len())? };
        context.synchronize()?;
        // SAFETY: as above.
        unsafe { to.as_mut_ptr().copy_from_nonoverlapping(self.back.place, to.len()) };
        Ok(())
    }
}
