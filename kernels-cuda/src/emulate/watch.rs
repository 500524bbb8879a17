//! What watching a kernel's accesses found, in words. The watching itself is done by `hooks.h`.

use crate::error::{Error, Result};

/// The addresses of a buffer in this process, from the first to the one behind the last.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub start: u64,
    pub end: u64,
}

/// Begins to watch: the ranges, in order, and their number.
pub(super) type Watch = unsafe extern "C" fn(*const Range, usize);
/// Ends it and says what was wrong first.
pub(super) type Faulty = unsafe extern "C" fn(*mut Fault);

const OUTSIDE: u64 = 1;
const MISALIGNED: u64 = 2;
const UNWRITTEN: u64 = 3;
const RACE: u64 = 4;
/// Added when the place is in shared memory; `at` is then an offset.
const SHARED: u64 = 256;

/// The same as in `hooks.h`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fault {
    wrong: u64,
    at: u64,
    bytes: u64,
    writes: u64,
    thread: u64,
    block: u64,
    other_writes: u64,
    other_thread: u64,
    other_block: u64,
}

impl Fault {
    /// An error that says what was wrong with the kernel of that name, if anything was.
    pub fn result(&self, kernel: &str, buffers: &[Range]) -> Result<()> {
        let did = |writes| if writes != 0 { "writes" } else { "reads" };
        let why = match self.wrong & !SHARED {
            OUTSIDE => ", which is in no buffer".into(),
            MISALIGNED => ", which is no multiple of their number".into(),
            UNWRITTEN => ", which nobody in the block has written".into(),
            RACE => format!(
                ", which thread {} of block {} {}, and nothing says who comes first",
                self.other_thread,
                self.other_block,
                did(self.other_writes)
            ),
            _ => return Ok(()),
        };
        let (who, bytes) = (format!("thread {} of block {}", self.thread, self.block), self.bytes);
        let place = self.place(buffers);
        Err(Error::Invalid(format!("in the kernel {kernel} {who} {} {bytes} bytes at {place}{why}", did(self.writes))))
    }

    fn place(&self, buffers: &[Range]) -> String {
        if self.wrong & SHARED != 0 {
            return format!("{} of the shared memory", self.at);
        }
        let before = buffers.partition_point(|range| range.start <= self.at);
        match before.checked_sub(1).map(|i| buffers[i]) {
            Some(Range { start, end }) => format!("{} of a buffer of {} bytes", self.at - start, end - start),
            None => "an address before all buffers".into(),
        }
    }
}
