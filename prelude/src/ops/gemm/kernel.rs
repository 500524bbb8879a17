//! The innermost loops of `float32` products: a tile of the result stays in registers while the sum over the inner
//! axis runs. One loop, compiled for AVX-512 and for AVX2, for every number of rows and of registers of columns whose
//! sums fit. How a product is cut into tiles is decided in `mod`; what operands look like in memory, in `pack`.

/// One tile of a product, by addresses. Element (i, l) of the first operand lies at `a + i * a_row + l * a_step`, row
/// l of the second at `b + l * b_step`. The inner axis may consist of several segments, as the rows under a window of
/// an image do; the second operand goes on from segment to segment.
#[derive(Clone, Copy)]
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "without loops nobody reads it"))]
pub(crate) struct Tile {
    pub a: *const f32,
    pub a_row: usize,
    pub a_step: usize,
    pub b: *const f32,
    pub b_step: usize,
    /// The inner axis: how many steps a segment has, how many segments there are, how far apart they start.
    pub steps: usize,
    pub segments: usize,
    pub a_segment: usize,
    pub c: *mut f32,
    pub c_row: usize,
    pub rows: usize,
    pub columns: usize,
    /// Added to each row in the end, unless it is null.
    pub bias: *const f32,
    /// Whether the tile is added to what lies there already.
    pub add: bool,
}

type Run = unsafe fn(&Tile);
type Pack = unsafe fn(Source, usize, usize, *mut f32, usize);

/// Rows to be packed: element (i, l) lies at `at + i * row + l * step`, and one of the two is 1.
#[derive(Clone, Copy)]
pub(crate) struct Source {
    pub at: *const f32,
    pub row: usize,
    pub step: usize,
}

/// The loops for one kind of processor.
pub(crate) struct Kernels {
    /// Elements of a register.
    pub lanes: usize,
    /// The most registers of columns that are worth it.
    registers: usize,
    /// By registers of columns, by rows, and by whether the rows of the first operand lie one element apart.
    tiles: [&'static [[Run; 2]]; 4],
    pack: Pack,
}

impl Kernels {
    /// The loops for this processor, if it has the instructions.
    #[inline]
    pub fn get() -> Option<&'static Kernels> {
        #[cfg(target_arch = "x86_64")]
        match crate::ops::simd::level() {
            crate::ops::simd::Level::Avx512 => return Some(&avx512::KERNELS),
            crate::ops::simd::Level::Avx2 => return Some(&avx2::KERNELS),
            crate::ops::simd::Level::Baseline => {}
        }
        None
    }

    /// The columns and the most rows of the tiles for a result of so many columns.
    #[inline]
    pub fn sizes(&self, columns: usize) -> (usize, usize) {
        let registers = columns.div_ceil(self.lanes).max(1);
        let each = registers.div_ceil(registers.div_ceil(self.registers));
        (each * self.lanes, self.tiles[each - 1].len())
    }

    /// The most rows of tiles that are so many registers wide.
    pub fn rows(&self, registers: usize) -> usize {
        self.tiles[registers - 1].len()
    }

    /// Computes a tile.
    ///
    /// # Safety
    /// The addresses lead to all the elements that the sizes speak of, and `c` overlaps neither operand.
    #[inline]
    pub unsafe fn run(&self, tile: &Tile) {
        let wide = (tile.columns - 1) / self.lanes;
        let dense = usize::from(tile.a_row == 1);
        // SAFETY: the caller's promise; these loops are only handed out on processors that have the instructions.
        unsafe { self.tiles[wide][tile.rows - 1][dense](tile) }
    }

    /// Packs `count` rows of `steps` elements: element (i, l) goes to `to + l * width + i`, and what is left of the
    /// width holds no values of meaning.
    ///
    /// # Safety
    /// The source holds these elements, and `to` has room for `width * steps`, where `width` is at least `count` and, if
    /// it is more than a register, a multiple of registers.
    #[inline]
    pub unsafe fn pack(&self, from: Source, count: usize, steps: usize, to: *mut f32, width: usize) {
        // SAFETY: the caller's promise, and as for `run`.
        unsafe { (self.pack)(from, count, steps, to, width) }
    }
}

/// How many rows of the second operand ahead of its use a row is asked for.
#[cfg(target_arch = "x86_64")]
const AHEAD: usize = 16;

/// Asks for a line of memory that is needed soon.
#[cfg(target_arch = "x86_64")]
#[inline]
fn prefetch(at: *const f32) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: a hint, which reads nothing.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) };
}

/// The loops over a register type whose functions are in scope.
#[cfg(target_arch = "x86_64")]
macro_rules! loops {
    ($features:literal, $best:literal, $($registers:literal: $($rows:literal)*),*) => {
        pub(super) static KERNELS: Kernels = Kernels {
            lanes: LANES,
            registers: $best,
            tiles: [$(&[$([tile::<$rows, $registers, false>, tile::<$rows, $registers, true>]),*]),*],
            pack,
        };

        /// `R` rows of `V` registers; `DENSE` if the rows of the first operand lie one element apart.
        ///
        /// # Safety
        /// As for [`Kernels::run`], with these sizes, on a processor that has the instructions.
        #[target_feature(enable = $features)]
        unsafe fn tile<const R: usize, const V: usize, const DENSE: bool>(t: &Tile) {
            let row = if DENSE { 1 } else { t.a_row };
            let mask = first(t.columns - (V - 1) * LANES);
            let mut sums = [[zero(); V]; R];
            // SAFETY: the caller's promise; masked lanes are neither read nor written.
            unsafe {
                let get = |at: *const f32, v: usize| match v + 1 == V {
                    true => load_masked(at.add(v * LANES), mask),
                    false => load(at.add(v * LANES)),
                };
                if t.add {
                    for r in 0..R {
                        for v in 0..V {
                            prefetch(t.c.cast_const().wrapping_add(r * t.c_row + v * LANES));
                        }
                    }
                }
                for segment in 0..t.segments {
                    // Addresses from the step's number: one moved from row to row would be waited for.
                    let first_a = t.a.wrapping_add(segment * t.a_segment);
                    let first_b = t.b.wrapping_add(segment * t.steps * t.b_step);
                    for l in 0..t.steps {
                        let (a, b) = (first_a.wrapping_add(l * t.a_step), first_b.wrapping_add(l * t.b_step));
                        let mut bs = [zero(); V];
                        for (v, value) in bs.iter_mut().enumerate() {
                            prefetch(b.wrapping_add(AHEAD * t.b_step + v * LANES));
                            *value = get(b, v);
                        }
                        for (r, sums) in sums.iter_mut().enumerate() {
                            let x = splat(*a.add(r * row));
                            for (sum, b) in sums.iter_mut().zip(bs) {
                                *sum = fma(x, b, *sum);
                            }
                        }
                    }
                }
                let mut biases = [zero(); V];
                if !t.bias.is_null() {
                    for (v, value) in biases.iter_mut().enumerate() {
                        *value = get(t.bias, v);
                    }
                }
                for (r, sums) in sums.iter().enumerate() {
                    let c = t.c.add(r * t.c_row);
                    for (v, sum) in sums.iter().enumerate() {
                        let mut value = *sum;
                        if t.add {
                            value = add(get(c, v), value);
                        }
                        if !t.bias.is_null() {
                            value = add(value, biases[v]);
                        }
                        match v + 1 == V {
                            true => store_masked(c.add(v * LANES), mask, value),
                            false => store(c.add(v * LANES), value),
                        }
                    }
                }
            }
        }

        /// # Safety
        /// As for [`Kernels::pack`], on a processor that has the instructions.
        #[target_feature(enable = $features)]
        unsafe fn pack(from: Source, count: usize, steps: usize, to: *mut f32, width: usize) {
            // SAFETY: the caller's promise; masked lanes are neither read nor written.
            unsafe {
                let end = to.add(steps * width);
                // What a register has too much lies where the next step's values come, but not after the last.
                let put = |to: *mut f32, value| match end.offset_from(to) as usize {
                    room if room < LANES => store_masked(to, first(room), value),
                    _ => store(to, value),
                };
                if from.row == 1 {
                    let whole = count / LANES * LANES;
                    let mask = first(count - whole);
                    for l in 0..steps {
                        let (at, to) = (from.at.add(l * from.step), to.add(l * width));
                        for i in (0..whole).step_by(LANES) {
                            prefetch(at.wrapping_add(AHEAD * from.step + i));
                            store(to.add(i), load(at.add(i)));
                        }
                        if whole < count {
                            put(to.add(whole), load_masked(at.add(whole), mask));
                        }
                    }
                    return;
                }
                for strip in (0..count).step_by(LANES) {
                    let (at, count) = (from.at.add(strip * from.row), (count - strip).min(LANES));
                    for l in (0..steps).step_by(LANES) {
                        let here = (steps - l).min(LANES);
                        let mut rows = [zero(); LANES];
                        for (i, row) in rows.iter_mut().enumerate() {
                            let mask = first(if i < count { here } else { 0 });
                            *row = load_masked(at.wrapping_add(i * from.row + l), mask);
                        }
                        for (i, column) in transpose(rows).into_iter().enumerate() {
                            if i < here {
                                put(to.add((l + i) * width + strip), column);
                            }
                        }
                    }
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use super::{AHEAD, Kernels, Source, Tile, prefetch};
    use crate::ops::simd::avx512::*;

    loops!(
        "avx512f", 4,
        1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14,
        2: 1 2 3 4 5 6 7 8 9 10 11 12 13 14,
        3: 1 2 3 4 5 6 7 8,
        4: 1 2 3 4 5 6
    );
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{AHEAD, Kernels, Source, Tile, prefetch};
    use crate::ops::simd::avx2::*;

    loops!("avx2,fma", 2, 1: 1 2 3 4 5 6 7 8, 2: 1 2 3 4 5 6, 3: 1 2 3 4, 4: 1 2 3);
}
