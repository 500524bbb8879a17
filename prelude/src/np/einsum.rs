//! `np.einsum`: products of arrays whose axes have letters, summed over the letters that the result does not have.
//! Pairs go through `matmul`.

use std::collections::HashSet;

use super::{broadcast_to, diagonal, matmul, sum};
use crate::array::Array;
use crate::error::Error;
use crate::literal::ArrayLike;

/// An array and the letters of its axes.
struct Labelled {
    array: Array,
    labels: Vec<char>,
}

/// `np.einsum(subscripts, a, b, ...)`: `"ij,jk->ik"` is the product of matrices, `"ii"` a trace, `"ij->ji"` a transpose.
///
/// ```
/// use flowbook::np;
/// let (a, b) = (np::array([[1, 2], [3, 4]]), np::array([[1, 0], [0, 2]]));
/// assert_eq!(np::einsum("ij,jk->ik", [&a, &b]).to_string(), "[[1 4]\n [3 8]]");
/// assert_eq!(np::einsum("ii", [&a]).to_string(), "5");
/// ```
///
/// # Panics
/// `ValueError` when the letters do not fit the arrays.
#[track_caller]
pub fn einsum<T: ArrayLike>(subscripts: &str, operands: impl IntoIterator<Item = T>) -> Array {
    let operands = operands.into_iter().map(|operand| operand.to_array()).collect();
    evaluated(subscripts, operands).unwrap_or_else(|message| Error::Value(message).raise())
}

fn evaluated(subscripts: &str, operands: Vec<Array>) -> Result<Array, String> {
    let compact: String = subscripts.chars().filter(|c| !c.is_whitespace()).collect();
    let (inputs, output) = compact.split_once("->").map_or((compact.as_str(), None), |(i, o)| (i, Some(o)));
    let inputs: Vec<Vec<char>> = inputs.split(',').map(|labels| labels.chars().collect()).collect();
    if inputs.len() != operands.len() {
        let which = if inputs.len() > operands.len() { "more" } else { "fewer" };
        return Err(format!(
            "{which} operands provided to einstein sum function than specified in the subscripts string"
        ));
    }
    if let Some(odd) = inputs.iter().flatten().find(|c| !c.is_ascii_alphabetic()) {
        return Err(format!("invalid subscript '{odd}' in einstein sum subscripts string, subscripts must be letters"));
    }
    let output = output.map_or_else(|| implicit(&inputs), |labels| labels.chars().collect());
    if let Some(odd) = output.iter().find(|c| !inputs.iter().flatten().any(|label| label == *c)) {
        return Err(format!(
            "einstein sum subscripts string included output subscript '{odd}' which never appeared in an input"
        ));
    }
    let mut parts = Vec::new();
    for (k, (array, labels)) in operands.into_iter().zip(&inputs).enumerate() {
        if array.ndim() != labels.len() {
            return Err(if labels.len() > array.ndim() {
                format!("einstein sum subscripts string contains too many subscripts for operand {k}")
            } else {
                "operand has more dimensions than subscripts given in einstein sum, but no '...' ellipsis provided to \
                 broadcast the extra dimensions."
                    .into()
            });
        }
        parts.push(without_repeats(Labelled { array, labels: labels.clone() }, k)?);
    }
    let mut parts = parts.into_iter();
    let first = parts.next().ok_or("must provide at least an operand and a subscripts list to einsum")?;
    let mut rest: Vec<Labelled> = parts.collect();
    let mut result = first;
    while !rest.is_empty() {
        let next = rest.remove(0);
        let later: HashSet<char> = rest.iter().flat_map(|part| &part.labels).chain(&output).copied().collect();
        result = contracted(result, next, &later)?;
    }
    let result = summed(result, &output.iter().copied().collect());
    Ok(ordered(&result, &output))
}

/// Without an arrow the result has the letters that occur once, in the alphabet's order.
fn implicit(inputs: &[Vec<char>]) -> Vec<char> {
    let all: Vec<char> = inputs.iter().flatten().copied().collect();
    let mut once: Vec<char> = all.iter().copied().filter(|c| all.iter().filter(|d| *d == c).count() == 1).collect();
    once.sort_unstable();
    once
}

/// A letter that stands twice takes the diagonal.
fn without_repeats(mut part: Labelled, operand: usize) -> Result<Labelled, String> {
    while let Some((a, b)) = repeated(&part.labels) {
        if part.array.shape()[a] != part.array.shape()[b] {
            return Err(format!(
                "dimensions in operand {operand} for collapsing index '{}' don't match ({} != {})",
                part.labels[a],
                part.array.shape()[a],
                part.array.shape()[b],
            ));
        }
        let others: Vec<usize> = (0..part.labels.len()).filter(|axis| *axis != a && *axis != b).collect();
        let front = part.array.transpose(&[&[a, b], &others[..]].concat());
        let label = part.labels[a];
        part.labels = others.iter().map(|axis| part.labels[*axis]).chain([label]).collect();
        part.array = diagonal(front).into();
    }
    Ok(part)
}

fn repeated(labels: &[char]) -> Option<(usize, usize)> {
    let second = (1..labels.len()).find(|b| labels[..*b].contains(&labels[*b]))?;
    Some((labels.iter().position(|c| *c == labels[second])?, second))
}

/// Summed over every letter that is not kept.
fn summed(part: Labelled, kept: &HashSet<char>) -> Labelled {
    let Labelled { mut array, mut labels } = part;
    for axis in (0..labels.len()).rev() {
        if !kept.contains(&labels[axis]) {
            labels.remove(axis);
            array = sum(array).axis(axis).into();
        }
    }
    Labelled { array, labels }
}

fn ordered(part: &Labelled, order: &[char]) -> Array {
    let place = |label: &char| part.labels.iter().position(|l| l == label).expect("every letter is there");
    part.array.transpose(&order.iter().map(place).collect::<Vec<_>>())
}

/// The product of two, summed over the letters both have and nobody needs later.
fn contracted(x: Labelled, y: Labelled, later: &HashSet<char>) -> Result<Labelled, String> {
    let set = |labels: &[char]| labels.iter().copied().collect::<HashSet<char>>();
    let (in_x, in_y) = (set(&x.labels), set(&y.labels));
    let x = summed(x, &in_y.union(later).copied().collect());
    let y = summed(y, &in_x.union(later).copied().collect());
    let shared = |c: &&char| x.labels.contains(c) && y.labels.contains(c);
    let batch: Vec<char> = x.labels.iter().filter(shared).filter(|c| later.contains(c)).copied().collect();
    let inner: Vec<char> = x.labels.iter().filter(shared).filter(|c| !later.contains(c)).copied().collect();
    let left: Vec<char> = x.labels.iter().filter(|c| !y.labels.contains(c)).copied().collect();
    let right: Vec<char> = y.labels.iter().filter(|c| !x.labels.contains(c)).copied().collect();
    let (x, y) = stretched(x, y)?;
    let size = |labels: &[char]| -> Vec<usize> {
        let of = |label: &char| {
            let find = |p: &Labelled| p.labels.iter().position(|l| l == label).map(|axis| p.array.shape()[axis]);
            find(&x).or_else(|| find(&y)).unwrap_or(1)
        };
        labels.iter().map(of).collect()
    };
    let count = |labels: &[char]| size(labels).iter().product::<usize>();
    let (b, l, s, r) = (count(&batch), count(&left), count(&inner), count(&right));
    let first = ordered(&x, &[&batch[..], &left, &inner].concat()).reshape([b, l, s]);
    let second = ordered(&y, &[&batch[..], &inner, &right].concat()).reshape([b, s, r]);
    let labels = [batch, left, right].concat();
    Ok(Labelled { array: matmul(first, second).reshape(size(&labels)), labels })
}

/// Sizes of 1 repeated to what the other has.
fn stretched(x: Labelled, y: Labelled) -> Result<(Labelled, Labelled), String> {
    let shape_for = |part: &Labelled, other: &Labelled| -> Result<Vec<usize>, String> {
        let size = |(axis, label): (usize, &char)| {
            let own = part.array.shape()[axis];
            let theirs = other.labels.iter().position(|l| l == label).map_or(own, |axis| other.array.shape()[axis]);
            match (own, theirs) {
                (a, b) if a == b || b == 1 => Ok(a),
                (1, b) => Ok(b),
                (a, b) => Err(format!(
                    "operands could not be broadcast together with remapped shapes: {a} and {b} of '{label}' differ"
                )),
            }
        };
        part.labels.iter().enumerate().map(size).collect()
    };
    let (xs, ys) = (shape_for(&x, &y)?, shape_for(&y, &x)?);
    let to =
        |part: Labelled, shape: Vec<usize>| Labelled { array: broadcast_to(part.array, shape), labels: part.labels };
    Ok((to(x, xs), to(y, ys)))
}
