//! Memory of plans and variables: aligned blocks, strings, and the arena's offsets.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::device::Storage;
use crate::ops::View;
use crate::{DType, Shape};

/// A cache line, the arena's unit.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; 64]);

/// Zeroed memory that stays where it is.
pub(crate) struct Memory {
    lines: Box<[Line]>,
    strings: Vec<Box<[String]>>,
}

impl Memory {
    pub fn new(bytes: usize) -> Memory {
        // SAFETY: a line of zeros is a line.
        let lines = unsafe { Box::<[Line]>::new_zeroed_slice(bytes.div_ceil(64)).assume_init() };
        Memory { lines, strings: Vec::new() }
    }

    pub fn at(&mut self, offset: usize) -> *mut u8 {
        assert!(offset <= self.lines.len() * 64, "an offset outside the arena");
        self.lines.as_mut_ptr().cast::<u8>().wrapping_add(offset)
    }

    /// Room for strings, which are not plain bytes.
    pub fn strings(&mut self, count: usize) -> *mut u8 {
        self.strings.push(vec![String::new(); count].into_boxed_slice());
        self.strings.last_mut().map_or(std::ptr::null_mut(), |b| b.as_mut_ptr().cast())
    }
}

/// Hands out offsets of one arena, reusing what has been given back.
#[derive(Default)]
pub(crate) struct Offsets {
    free: BTreeMap<usize, usize>,
    pub end: usize,
}

impl Offsets {
    /// The offset of `bytes` bytes: the tightest gap that holds them, else the end.
    pub fn take(&mut self, bytes: usize) -> usize {
        let bytes = round(bytes);
        let gap = self.free.iter().filter(|(_, size)| **size >= bytes).min_by_key(|(_, size)| **size);
        let Some((&offset, &size)) = gap else {
            self.end += bytes;
            return self.end - bytes;
        };
        self.free.remove(&offset);
        if size > bytes {
            self.free.insert(offset + bytes, size - bytes);
        }
        offset
    }

    /// Gives memory back, joined with the gaps next to it.
    pub fn give(&mut self, offset: usize, bytes: usize) {
        let (mut offset, mut size) = (offset, round(bytes));
        if let Some((&before, &length)) = self.free.range(..offset).next_back()
            && before + length == offset
        {
            self.free.remove(&before);
            (offset, size) = (before, length + size);
        }
        if let Some(length) = self.free.remove(&(offset + size)) {
            size += length;
        }
        self.free.insert(offset, size);
    }
}

fn round(bytes: usize) -> usize {
    bytes.max(1).next_multiple_of(64)
}

/// The value of a variable. Clones look at the same memory.
#[derive(Clone)]
pub(crate) struct VariableState {
    /// The memory on the host, and perhaps a copy of the value on a device.
    pub storage: Arc<Storage>,
    pub view: View,
    pub initialized: bool,
}

impl VariableState {
    /// Room for a value that is still to come.
    pub fn new(dtype: DType, sizes: &[usize]) -> VariableState {
        let count: usize = sizes.iter().product();
        let mut memory = Memory::new(count * crate::ops::size_of_dtype(dtype).min(8));
        let ptr = if dtype == DType::String { memory.strings(count) } else { memory.at(0) };
        let view = View::new(dtype, sizes.into(), ptr);
        VariableState { storage: Arc::new(Storage::new(memory, &view)), view, initialized: false }
    }
}

/// The variables of a session by node.
#[derive(Default)]
pub(crate) struct Variables(BTreeMap<u32, Box<VariableState>>);

impl Variables {
    /// The variable of that node, made uninitialized when it is met for the first time.
    pub fn state(&mut self, node: u32, dtype: DType, shape: &Shape) -> &mut VariableState {
        let fresh = || Box::new(VariableState::new(dtype, &shape.sizes().unwrap_or_default()));
        self.0.entry(node).or_insert_with(fresh)
    }

    /// Lets the variable of that node live in memory that others look at as well.
    pub fn share(&mut self, node: u32, state: &VariableState) {
        self.0.insert(node, Box::new(state.clone()));
    }

    pub fn get(&self, node: u32) -> Option<&VariableState> {
        self.0.get(&node).map(|v| &**v)
    }

    pub fn iter(&self) -> impl Iterator<Item = &VariableState> {
        self.0.values().map(|v| &**v)
    }

    pub fn get_mut(&mut self, node: u32) -> Option<&mut VariableState> {
        self.0.get_mut(&node).map(|v| &mut **v)
    }
}

#[cfg(test)]
mod tests {
    use super::Offsets;

    #[test]
    fn gaps_are_reused_and_joined() {
        let mut offsets = Offsets::default();
        let (a, b, c) = (offsets.take(64), offsets.take(100), offsets.take(64));
        assert_eq!((a, b, c), (0, 64, 192));
        offsets.give(a, 64);
        offsets.give(b, 100);
        assert_eq!(offsets.take(192), 0, "the two gaps make one");
        assert_eq!(offsets.end, 256);
    }
}
