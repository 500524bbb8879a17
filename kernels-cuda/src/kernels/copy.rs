//! Copies between strided places, which is what transposes, slices, reversals, padding, concatenation, splitting, tiling
//! and broadcasting are.

use super::{blocks_of, counting, flat, size, text};
use crate::launch::{Address, Arg, Work};

/// Elements in a device's memory, so many elements apart along each axis. A stride may be 0 (the element is repeated) or
/// negative (the axis goes backwards).
#[derive(Clone, PartialEq, Debug)]
pub struct Strided {
    /// Where the element with all indices 0 lies.
    pub address: Address,
    /// The strides, in elements.
    pub strides: Vec<isize>,
}

impl Strided {
    /// Elements of this shape without gaps, the last axis innermost.
    pub fn whole(address: Address, shape: &[usize]) -> Strided {
        let mut strides = vec![1; shape.len()];
        for axis in (1..shape.len()).rev() {
            strides[axis - 1] = strides[axis] * shape[axis].max(1) as isize;
        }
        Strided { address, strides }
    }
}

/// An axis: its size, and the strides of source and target.
type Axis = (usize, isize, isize);

const TEXT: &str = r#"
extern "C" __global__ void strided(const T* __restrict__ from, T* __restrict__ to, long long count PARAMETERS) {
    EACH(i, count) {
        I rest = i;
        long long a = 0, b = 0;
        INDICES
        to[b] = from[a];
    }
}
"#;

/// A square of 32 by 32 goes through shared memory, so that both sides are read and written along their rows.
const TURN_TEXT: &str = r#"
extern "C" __global__ void turn(const T* __restrict__ from, T* __restrict__ to, long long batch, long long rows,
                                long long columns) {
    __shared__ T tile[32][33];
    int x = threadIdx.x % 32, y = threadIdx.x / 32;
    long long wide = (columns + 31) / 32, high = (rows + 31) / 32;
    for (long long block = blockIdx.x; block < batch * high * wide; block += gridDim.x) {
        long long b = block / wide / high, r = block / wide % high * 32, c = block % wide * 32;
        const T* source = from + b * rows * columns;
        T* target = to + b * rows * columns;
        for (int k = y; k < 32; k += 8)
            if (r + k < rows && c + x < columns) tile[k][x] = source[(r + k) * columns + c + x];
        __syncthreads();
        for (int k = y; k < 32; k += 8)
            if (c + k < columns && r + x < rows) target[(c + k) * rows + r + x] = tile[x][k];
        __syncthreads();
    }
}
"#;

/// Copies elements of 1, 4 or 8 bytes from one strided place to another of the same shape.
///
/// # Panics
/// When shape and strides differ in length, or the elements have another size.
pub fn strided_copy(element: usize, shape: &[usize], from: &Strided, to: &Strided) -> Vec<Work> {
    assert!(from.strides.len() == shape.len() && to.strides.len() == shape.len(), "a stride for each axis");
    let count: usize = shape.iter().product();
    if count == 0 {
        return vec![];
    }
    let axes = joined(shape, from, to);
    let (source, target) = (Arg::Address(from.address), Arg::Address(to.address));
    if axes.iter().all(|a| a.1 == 1 && a.2 == 1) && axes.len() <= 1 {
        return vec![Work::Copy { from: from.address, to: to.address, bytes: count * element }];
    }
    let c = match element {
        1 => "unsigned char",
        4 => "unsigned",
        8 => "unsigned long long",
        _ => panic!("elements have 1, 4 or 8 bytes, not {element}"),
    };
    if let Some([batch, rows, columns]) = turned(&axes) {
        let blocks = (batch * rows.div_ceil(32) * columns.div_ceil(32)).min(65535) as u32;
        let args = [source, target].into_iter().chain([batch, rows, columns].map(size)).collect();
        return blocks_of(text(&[("T", c)], TURN_TEXT), "turn", [blocks, 1, 1], [super::BLOCK, 1, 1], args);
    }
    let (mut parameters, mut indices) = (String::new(), String::new());
    let mut args = vec![source, target, size(count)];
    for (k, (n, own, other)) in axes.iter().enumerate().rev() {
        parameters.push_str(&format!(", long long n{k}, long long a{k}, long long b{k}"));
        let index = if k == 0 { "rest".to_string() } else { format!("rest % (I)n{k}") };
        indices.push_str(&format!("{{ long long at = {index}; a += at * a{k}; b += at * b{k}; }} "));
        if k > 0 {
            indices.push_str(&format!("rest /= (I)n{k}; "));
        }
        args.extend([size(*n), Arg::I64(*own as i64), Arg::I64(*other as i64)]);
    }
    let source = counting(count, &[("T", c), ("PARAMETERS", &parameters), ("INDICES", &indices)], TEXT);
    flat(source, "strided", count, args)
}

/// The axes without those of size 1, and with neighbours made one where both sides go on evenly from one to the other.
fn joined(shape: &[usize], from: &Strided, to: &Strided) -> Vec<Axis> {
    let mut axes: Vec<Axis> = Vec::new();
    for (i, n) in shape.iter().enumerate().filter(|(_, n)| **n != 1) {
        let axis = (*n, from.strides[i], to.strides[i]);
        match axes.last_mut() {
            Some(last) if last.1 == axis.1 * *n as isize && last.2 == axis.2 * *n as isize => {
                *last = (last.0 * n, axis.1, axis.2);
            }
            _ => axes.push(axis),
        }
    }
    axes
}

/// Whether the copy is one of matrices `[rows, columns]`, one after the other, to their transposes.
fn turned(axes: &[Axis]) -> Option<[usize; 3]> {
    let (batch, [(columns, 1, a), (rows, b, 1)]) = (
        match axes {
            [_, _] => 1,
            [(batch, own, other), inner @ ..]
                if own == other && *own == (inner.first()?.0 * inner.get(1)?.0) as isize =>
            {
                *batch
            }
            _ => return None,
        },
        axes.get(axes.len().checked_sub(2)?..)?,
    ) else {
        return None;
    };
    (*a == *rows as isize && *b == *columns as isize && axes.len() <= 3).then_some([batch, *rows, *columns])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_evenly_is_one_copy_of_bytes() {
        let (from, to) = (Strided::whole(256, &[4, 1, 5]), Strided::whole(512, &[4, 1, 5]));
        assert_eq!(strided_copy(4, &[4, 1, 5], &from, &to), [Work::Copy { from: 256, to: 512, bytes: 80 }]);
        assert_eq!(strided_copy(8, &[], &from_scalar(), &from_scalar()).len(), 1);
    }

    fn from_scalar() -> Strided {
        Strided::whole(256, &[])
    }

    #[test]
    fn transposes_are_recognised() {
        // [2, 3, 5] of matrices [3, 5], read as [2, 5, 3].
        let axes = [(2, 15, 15), (5, 1, 3), (3, 5, 1)];
        assert_eq!(turned(&axes), Some([2, 3, 5]));
        assert_eq!(turned(&axes[1..]), Some([1, 3, 5]));
        assert_eq!(turned(&[(5, 1, 3), (3, 6, 1)]), None);
        assert_eq!(turned(&[(5, 2, 1)]), None);
        assert_eq!(turned(&[(5, 2, 2)]), None);
    }
}
