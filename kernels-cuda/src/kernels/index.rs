//! Rows taken by number, rows with a one at a number, and diagonals.

use super::{counting, flat, size};
use crate::launch::{Address, Arg, DType, Work};

const GATHER: &str = r#"
extern "C" __global__ void gather(const T* __restrict__ from, const N* __restrict__ numbers, T* __restrict__ to,
                                  unsigned long long* fault, long long tables, long long rows, long long width,
                                  long long each, long long count) {
    EACH(i, count) {
        I table = i / (I)width / (I)each;
        I place = table / (I)tables * (I)each + i / (I)width % (I)each;
        long long row = numbers[place];
        bool inside = row >= 0 && row < rows;
        if (!inside && fault) atomicMin(fault, (unsigned long long)place);
        to[i] = inside ? from[(table * rows + row) * width + i % (I)width] : (T)0;
    }
}
"#;

/// What [`gather`] takes from where: `batch` times `tables` tables of `rows` rows of `width` elements, and from each table as
/// many rows as there are `numbers` for each batch.
#[derive(Clone, Copy, Debug)]
pub struct Gather {
    /// The batches, each with numbers of its own.
    pub batch: usize,
    /// The tables of a batch, which have its numbers in common.
    pub tables: usize,
    /// The rows of a table.
    pub rows: usize,
    /// The elements of a row.
    pub width: usize,
    /// The numbers of a batch.
    pub numbers: usize,
}

impl Gather {
    /// Rows of one table.
    pub fn rows(rows: usize, width: usize, numbers: usize) -> Gather {
        Gather { batch: 1, tables: 1, rows, width, numbers }
    }
}

/// Rows of elements of 1, 4 or 8 bytes by their numbers, `Int32` or `Int64`: `tf.gather`. `places` are those of the tables,
/// the numbers, and the result. A number that is none of a row gives zeros; the place of the first such number goes to
/// `fault`, a `u64` that should be `u64::MAX` before, unless that is 0.
///
/// # Panics
/// When the elements have another size.
pub fn gather(element: usize, number: DType, sizes: Gather, places: [Address; 3], fault: Address) -> Vec<Work> {
    let c = match element {
        1 => "unsigned char",
        4 => "unsigned",
        8 => "unsigned long long",
        _ => panic!("elements have 1, 4 or 8 bytes, not {element}"),
    };
    let [from, numbers, to] = places.map(Arg::Address);
    let Gather { batch, tables, rows, width, numbers: each } = sizes;
    let all = batch * tables * each * width;
    let counts = [tables, rows, width, each, all].map(size);
    let args = [from, numbers, to, Arg::Address(fault)].into_iter().chain(counts).collect();
    flat(counting(all, &[("T", c), ("N", number.c_name())], GATHER), "gather", all, args)
}

const ONE_HOT: &str = r#"
extern "C" __global__ void one_hot(const N* __restrict__ numbers, const T* on, const T* off, T* __restrict__ to,
                                   long long depth, long long count) {
    EACH(i, count) to[i] = (long long)numbers[i / (I)depth] == (long long)(i % (I)depth) ? *on : *off;
}
"#;

/// For each of `count` numbers a row of `depth` elements, one of them `on`, the others `off`: `tf.one_hot` along a new
/// last axis. `places` are those of the numbers, `on`, `off`, and the result.
pub fn one_hot(dtype: DType, number: DType, count: usize, depth: usize, places: [Address; 4]) -> Vec<Work> {
    let all = count * depth;
    let args = places.into_iter().map(Arg::Address).chain([size(depth), size(all)]).collect();
    let names = [("T", dtype.c_name()), ("N", number.c_name())];
    flat(counting(all, &names, ONE_HOT), "one_hot", all, args)
}

const DIAGONAL: &str = r#"
extern "C" __global__ void diagonal(const T* __restrict__ from, T* __restrict__ to, long long n, long long count) {
    EACH(i, count) {
        I column = i % (I)n, row = i / (I)n % (I)n;
        to[i] = row == column ? from[i / (I)n] : (T)0;
    }
}
"#;

/// Matrices with the rows of `[batch, n]` on their diagonals, else 0: `MatrixDiag`.
pub fn matrix_diag(dtype: DType, [batch, n]: [usize; 2], from: Address, to: Address) -> Vec<Work> {
    let all = batch * n * n;
    let args = vec![Arg::Address(from), Arg::Address(to), size(n), size(all)];
    flat(counting(all, &[("T", dtype.c_name())], DIAGONAL), "diagonal", all, args)
}
