//! Operands laid out as the loops read them, one register or two for every step of the sum, and the memory for that,
//! which each thread keeps from product to product.

use std::cell::Cell;

/// `len` things in `count` parts as equal as can be.
#[derive(Clone, Copy)]
pub(crate) struct Even {
    pub len: usize,
    pub count: usize,
}

impl Even {
    /// In as few parts of at most `most` as possible.
    pub fn new(len: usize, most: usize) -> Even {
        Even { len, count: len.div_ceil(most).max(1) }
    }

    #[inline]
    pub fn start(self, i: usize) -> usize {
        i * self.len / self.count
    }

    #[inline]
    pub fn size(self, i: usize) -> usize {
        self.start(i + 1) - self.start(i)
    }
}

/// As much as a line of the caches holds.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line(#[expect(dead_code, reason = "only its address is used")] [f32; 16]);

thread_local! {
    static ROOMS: Cell<Vec<Vec<Line>>> = const { Cell::new(Vec::new()) };
}

/// Memory that threads write different parts of.
pub(crate) struct Room(*mut f32);

// SAFETY: only an address; who writes through it sees to it that nobody else does so there.
unsafe impl Sync for Room {}

impl Room {
    /// Values that tasks write different parts of.
    pub fn of(values: &mut [f32]) -> Room {
        Room(values.as_mut_ptr())
    }

    /// The address of an element.
    #[inline]
    pub fn at(&self, offset: usize) -> *mut f32 {
        self.0.wrapping_add(offset)
    }
}

/// Calls `f` with room for `len` elements, whose values are whatever was there before.
pub(crate) fn scratch<R>(len: usize, f: impl FnOnce(&Room) -> R) -> R {
    if len == 0 {
        return f(&Room(std::ptr::null_mut()));
    }
    // Whatever else this thread takes up while it waits for others has a room of its own.
    let mut rooms = ROOMS.take();
    let mut lines = rooms.pop().unwrap_or_default();
    ROOMS.set(rooms);
    if lines.len() * 16 < len {
        lines = vec![Line([0.0; 16]); len.div_ceil(16)];
    }
    let result = f(&Room(lines.as_mut_ptr().cast()));
    let mut rooms = ROOMS.take();
    rooms.push(lines);
    ROOMS.set(rooms);
    result
}
