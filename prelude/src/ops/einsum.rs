//! `tf.einsum` and `tf.tensordot`: products of tensors whose axes have letters. What is computed is `np.einsum`'s.

use super::array::convert_to_tensor;
use super::matmul::new_product;
use super::nn::composed;
use super::shape::{broadcast_to, concat, gather, reshape, shape, transpose_by};
use super::{Call, Infer, Kernel, OpDef, Sample, Signature, Types};
use crate::error::{Error, Result, collect};
use crate::graph::{Attr, Attrs, Gradient, IntoTensor, IntoTensors, Scope, Tensor, build, graph_of};
use crate::np;
use crate::{Array, Shape};

pub(crate) static OPS: &[&OpDef] = &[&EINSUM];

pub(crate) static EINSUM: OpDef = OpDef::new("Einsum", infer, Kernel::Call(run)).gradient(gradient).samples(&[
    Sample { inputs: &[(&[2, 3], -1.0, 1.0), (&[3, 2], -1.0, 1.0)], build: |x| einsum("ij,jk->ik", [x[0], x[1]]) },
    Sample { inputs: &[(&[2, 3], -1.0, 1.0), (&[2, 2], -1.0, 1.0)], build: |x| einsum("ij,ik->k", [x[0], x[1]]) },
    Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| einsum("ij->j", [x[0]]) },
    Sample { inputs: &[(&[3, 3], -1.0, 1.0)], build: |x| einsum("ii->i", [x[0]]) },
    Sample { inputs: &[(&[2, 2, 3], -1.0, 1.0), (&[2, 3], -1.0, 1.0)], build: |x| einsum("bij,bj->bi", [x[0], x[1]]) },
]);

/// The letters of the operands' axes and of the result's, without the ellipses.
struct Labels {
    inputs: Vec<String>,
    output: String,
}

/// The equation with letters for the axes that `...` stands for, of operands of these ranks.
fn labels(equation: &str, ranks: &[usize]) -> Result<Labels, String> {
    let compact: String = equation.chars().filter(|c| !c.is_whitespace()).collect();
    let (inputs, output) = compact.split_once("->").map_or((compact.as_str(), None), |(i, o)| (i, Some(o)));
    let inputs: Vec<&str> = inputs.split(',').collect();
    if inputs.len() != ranks.len() {
        return Err(format!("Got {} inputs for equation \"{equation}\", expecting {}", ranks.len(), inputs.len()));
    }
    let free: String = ('a'..='z').chain('A'..='Z').filter(|c| !compact.contains(*c)).collect();
    let covered = |input: &str, rank: usize| (rank + 3).checked_sub(input.len());
    let most = inputs.iter().zip(ranks).filter(|(input, _)| input.contains("...")).filter_map(|(i, r)| covered(i, *r));
    let most = most.max().unwrap_or(0);
    let spelled = |input: &&str, rank: usize| match input.contains("...") {
        false => Ok((*input).to_owned()),
        true => covered(input, rank)
            .filter(|count| *count <= free.len())
            .map(|count| input.replace("...", &free[most - count..most]))
            .ok_or_else(|| format!("Expected a rank of at least {} for the subscript {input}", input.len() - 3)),
    };
    let spelled: Vec<String> = inputs.iter().zip(ranks).map(|(i, r)| spelled(i, *r)).collect::<Result<_, String>>()?;
    let output = match output {
        Some(output) => output.replace("...", &free[..most]),
        None => implicit(&free[..most], &inputs.concat()),
    };
    let letter = |c: char| c.is_ascii_alphabetic();
    if let Some(odd) = spelled.iter().chain([&output]).find(|input| !input.chars().all(letter)) {
        return Err(format!("Invalid subscripts in equation \"{equation}\": {odd}"));
    }
    if let Some(odd) = output.chars().find(|c| !spelled.iter().any(|input| input.contains(*c))) {
        return Err(format!("Output subscripts contain the label {odd} not present in the input subscripts."));
    }
    Ok(Labels { inputs: spelled, output })
}

/// Without an arrow the result has the ellipsis' axes, then the letters that occur once in the alphabet's order.
fn implicit(ellipsis: &str, all: &str) -> String {
    let mut once: Vec<char> = all.chars().filter(|c| *c != '.' && all.matches(*c).count() == 1).collect();
    once.sort_unstable();
    ellipsis.chars().chain(once).collect()
}

fn equation(node: &crate::graph::Node) -> String {
    match node.attrs.get("equation") {
        Some(Attr::Str(text)) => text.clone(),
        _ => String::new(),
    }
}

fn infer(infer: &Infer) -> Result<Vec<Signature>> {
    let dtype = infer.allow(0, "inputs", Types::Numbers)?;
    if let Some((other, _)) = infer.inputs.iter().find(|(other, _)| *other != dtype) {
        return Err(Error::Type(format!(
            "Tensors in list passed to 'inputs' of 'Einsum' Op have types [{}, {}] that don't all match.",
            dtype.name(),
            other.name()
        )));
    }
    let ranks: Option<Vec<usize>> = infer.inputs.iter().map(|(_, shape)| shape.rank()).collect();
    let Some(ranks) = ranks else { return Ok(vec![(dtype, Shape::unknown())]) };
    let labels = match labels(&equation(infer.node), &ranks) {
        Ok(labels) => labels,
        Err(text) => return infer.fail(text.clone(), text),
    };
    // Letters that stand for an ellipsis broadcast, those that are written do not.
    let given = equation(infer.node);
    let mut sizes: Vec<(char, Option<usize>)> = Vec::new();
    for (i, (input, (_, shape))) in labels.inputs.iter().zip(infer.inputs).enumerate() {
        let dims = shape.dims().unwrap_or_default();
        if input.len() != dims.len() {
            let text = format!(
                "Expected input {i} to have rank {} but got: {}, with equation {}",
                input.len(),
                dims.len(),
                equation(infer.node)
            );
            return infer.fail(format!("Shape must be rank {} but is rank {}", input.len(), dims.len()), text);
        }
        for (label, size) in input.chars().zip(dims) {
            let Some((_, known)) = sizes.iter_mut().find(|(l, _)| *l == label) else {
                sizes.push((label, *size));
                continue;
            };
            match (*known, *size) {
                (Some(m), Some(n)) if m != n && (given.contains(label) || (m != 1 && n != 1)) => {
                    let running = format!(
                        "Expected dimension {m} at axis {} of the input shaped {} but got dimension {n}",
                        input.find(label).unwrap_or(0),
                        shape.to_proto()
                    );
                    return infer.fail(format!("Dimensions must be equal, but are {m} and {n}"), running);
                }
                (None | Some(1), Some(n)) => *known = Some(n),
                _ => {}
            }
        }
    }
    let size = |label: char| sizes.iter().find(|(l, _)| *l == label).and_then(|(_, size)| *size);
    Ok(vec![(dtype, Shape::from(labels.output.chars().map(size).collect::<Vec<_>>()))])
}

fn run(call: &Call) -> Result<()> {
    let ranks: Vec<usize> = call.inputs.iter().map(|input| input.shape.len()).collect();
    let labels = labels(&equation(&call.node), &ranks).map_err(Error::InvalidArgument)?;
    let operands: Vec<Array> = call.inputs.iter().map(super::View::to_array).collect();
    let spelled = format!("{}->{}", labels.inputs.join(","), labels.output);
    let result = collect(|| np::einsum(&spelled, &operands))?;
    super::cast_into(&result, call.output());
    Ok(())
}

/// For each operand the product of `dy` and the other one; what only this operand has is repeated along, and what stands
/// twice in it comes back on a diagonal.
fn gradient(g: &Gradient) -> Vec<Option<Tensor>> {
    let inputs = g.inputs();
    let ranks: Option<Vec<usize>> = inputs.iter().map(|x| x.shape().rank()).collect();
    let known = ranks.and_then(|ranks| labels(&equation(&g.node()), &ranks).ok());
    let Some(labels) = known else {
        Error::Unimplemented("the gradient of an einsum needs to know how many axes its operands have".into()).raise()
    };
    let by = |k: usize| {
        let own = &labels.inputs[k];
        let others: Vec<usize> = (0..inputs.len()).filter(|i| *i != k).collect();
        let mut operands = vec![g.dy()];
        operands.extend(others.iter().map(|i| inputs[*i]));
        let mut subscripts = vec![labels.output.clone()];
        subscripts.extend(others.iter().map(|i| labels.inputs[*i].clone()));
        // A letter of its own that nothing else has comes with ones of its size; so does each that stands twice.
        let mut seen = String::new();
        let mut target = String::new();
        let mut free = ('a'..='z').chain('A'..='Z').filter(|c| !labels.inputs.concat().contains(*c));
        for (axis, label) in own.chars().enumerate() {
            let size = gather(shape(inputs[k]), axis as i32).tensor();
            if seen.contains(label) {
                let fresh = free.next().expect("more letters than axes");
                let steps = super::array::range(0, size, 1);
                let same = super::elementwise::equal(super::shape::expand_dims(steps, 1), steps);
                operands.push(super::elementwise::cast(same, g.dy().dtype()));
                subscripts.push([label, fresh].iter().collect());
                target.push(fresh);
                continue;
            }
            seen.push(label);
            target.push(label);
            if !subscripts.iter().any(|subscript| subscript.contains(label)) {
                let one = super::cast_array(&Array::scalar(1), g.dy().dtype());
                operands.push(broadcast_to(one, reshape(size, [1])));
                subscripts.push(label.to_string());
            }
        }
        let whole = einsum(&format!("{}->{target}", subscripts.join(",")), operands);
        super::gradient::reduce_one(whole, inputs[k])
    };
    (0..inputs.len()).map(|k| Some(by(k))).collect()
}

/// The product of tensors whose axes have letters, summed over those that the result has not: `tf.einsum(equation, a, b)`.
/// `...` stands for further axes, which broadcast.
///
/// ```
/// use flowbook::v1 as tf;
/// let product = tf::einsum("ij,jk->ik", ([[1, 2], [3, 4]], [[1, 0], [0, 2]]));
/// assert_eq!(tf::Session::new().run(product)?.to_string(), "[[1 4]\n [3 8]]");
/// # Ok::<(), flowbook::Error>(())
/// ```
///
/// # Panics
/// `ValueError` when the letters do not fit the tensors.
#[track_caller]
pub fn einsum(equation: &str, inputs: impl IntoTensors) -> Tensor {
    let inputs = inputs.into_operands();
    let graph = graph_of(&inputs.iter().collect::<Vec<_>>());
    build(graph, || {
        let scope = Scope::open(graph, "einsum");
        let known =
            inputs.iter().find_map(|x| if let crate::graph::Operand::Tensor(t) = x { Some(t.dtype()) } else { None });
        let named = inputs.iter().enumerate().map(|(i, x)| x.tensor(&scope, &format!("Einsum/inputs_{i}"), known));
        let inputs = named.collect::<Result<Vec<_>>>()?;
        let Some(first) = inputs.first() else {
            return Err(Error::Value("At least one input must be given to einsum.".into()));
        };
        if let Some(ranks) = inputs.iter().map(|x| x.shape().rank()).collect::<Option<Vec<usize>>>() {
            labels(equation, &ranks).map_err(Error::Value)?;
        }
        let mut attrs = Attrs::from([("T", Attr::Type(first.dtype()))]);
        attrs.insert("N", Attr::Int(inputs.len() as i64));
        attrs.insert("equation", Attr::Str(equation.into()));
        Ok(scope.child(&EINSUM, "Einsum", &inputs, attrs)?.output(0))
    })
}

/// Which axes a [`tensordot`] sums over.
#[derive(Clone, Debug)]
pub struct Axes {
    of_a: Vec<i64>,
    of_b: Vec<i64>,
    /// So many of the last axes of the one and of the first of the other.
    count: Option<usize>,
}

impl From<i32> for Axes {
    fn from(count: i32) -> Axes {
        Axes { of_a: Vec::new(), of_b: Vec::new(), count: Some(count.max(0) as usize) }
    }
}

impl<const N: usize> From<[[i64; N]; 2]> for Axes {
    fn from([of_a, of_b]: [[i64; N]; 2]) -> Axes {
        Axes { of_a: of_a.to_vec(), of_b: of_b.to_vec(), count: None }
    }
}

impl From<[i64; 2]> for Axes {
    fn from([of_a, of_b]: [i64; 2]) -> Axes {
        Axes { of_a: vec![of_a], of_b: vec![of_b], count: None }
    }
}

/// One operand of a [`tensordot`]: which axes stay, and the tensor as a matrix whose columns are the others.
struct Side {
    free: Vec<usize>,
    summed: Vec<usize>,
}

impl Side {
    fn of(rank: usize, axes: &[i64]) -> Result<Side> {
        let place = |axis: &i64| {
            super::shape::axis_of(*axis, rank).ok_or_else(|| {
                Error::Value(format!("`axes` must be an integer or have length 2, each within rank {rank}."))
            })
        };
        let summed: Vec<usize> = axes.iter().map(place).collect::<Result<_>>()?;
        Ok(Side { free: (0..rank).filter(|axis| !summed.contains(axis)).collect(), summed })
    }

    /// The sizes of some axes as a tensor of integers.
    fn sizes(&self, x: Tensor, axes: &[usize]) -> Tensor {
        let known: Option<Vec<i32>> =
            x.shape().dims().and_then(|dims| axes.iter().map(|axis| dims[*axis].map(|n| n as i32)).collect());
        match known {
            Some(known) => convert_to_tensor(Array::new(known.clone(), &[known.len()])),
            None => gather(shape(x), axes.iter().map(|axis| *axis as i32).collect::<Vec<_>>()).tensor(),
        }
    }

    fn matrix(&self, x: Tensor, first: &[usize], last: &[usize], columns_free: bool) -> Tensor {
        let order: Vec<i32> = first.iter().chain(last).map(|axis| *axis as i32).collect();
        let turned = if order.iter().enumerate().all(|(i, axis)| i as i32 == *axis) {
            x
        } else {
            transpose_by(x, convert_to_tensor(order))
        };
        let dims = x.shape();
        let product = |axes: &[usize]| {
            let sizes = axes.iter().map(|axis| dims.dims().and_then(|dims| dims[*axis]));
            sizes.collect::<Option<Vec<usize>>>().map_or(-1, |sizes| sizes.iter().product::<usize>() as i32)
        };
        let (rows, columns) = (product(first), product(last));
        // Only one of them may be open: the free ones.
        let sizes = match (rows, columns) {
            (-1, -1) => {
                let summed = super::reduce::reduce_prod(self.sizes(x, &self.summed)).tensor();
                let (open, summed) = (convert_to_tensor([-1]), reshape(summed, [1]));
                return reshape(turned, concat(if columns_free { [summed, open] } else { [open, summed] }, 0));
            }
            sizes => [sizes.0, sizes.1],
        };
        reshape(turned, sizes)
    }
}

/// The sum of the products over pairs of axes: `tf.tensordot(a, b, axes)`. `axes` is a number, of the last axes of `a` and the
/// first of `b`, or one list of axes for each.
///
/// # Panics
/// `ValueError` when the sizes along the axes differ, or a tensor has not that many; `UnimplementedError` when the number of
/// axes is not known.
#[track_caller]
pub fn tensordot(a: impl IntoTensor, b: impl IntoTensor, axes: impl Into<Axes>) -> Tensor {
    let (a, b, axes) = (convert_to_tensor(a), b.into_operand(), axes.into());
    composed(a, "Tensordot", || {
        let b = b.array(Some(a.dtype())).map_or_else(|| convert_to_tensor(b), convert_to_tensor);
        let (Some(m), Some(n)) = (a.shape().rank(), b.shape().rank()) else {
            Error::Unimplemented("tensordot needs to know how many axes its operands have".into()).raise()
        };
        let sides = match axes.count {
            Some(count) if count > m.min(n) => Err(Error::Value(format!(
                "`axes` must not be larger than the number of dimensions of tensor {a}.  Received {count}, vs tensor \
                 dimensions {m}."
            ))),
            Some(count) => {
                let last: Vec<i64> = (m - count..m).map(|axis| axis as i64).collect();
                let first: Vec<i64> = (0..count as i64).collect();
                Side::of(m, &last).and_then(|x| Ok((x, Side::of(n, &first)?)))
            }
            None => Side::of(m, &axes.of_a).and_then(|x| Ok((x, Side::of(n, &axes.of_b)?))),
        };
        let (x, y) = sides.unwrap_or_else(|error| error.raise());
        let left = x.matrix(a, &x.free, &x.summed, false);
        let right = y.matrix(b, &y.summed, &y.free, true);
        let product = new_product(left.into_operand(), right.into_operand(), false, false);
        let sizes = match (x.free.is_empty(), y.free.is_empty()) {
            (true, true) => convert_to_tensor(Array::new(Vec::<i32>::new(), &[0])),
            (true, false) => y.sizes(b, &y.free),
            (false, true) => x.sizes(a, &x.free),
            (false, false) => concat([x.sizes(a, &x.free), y.sizes(b, &y.free)], 0),
        };
        reshape(product, sizes)
    })
}

#[cfg(test)]
mod tests {
    use super::labels;

    #[test]
    fn an_ellipsis_stands_for_the_axes_without_a_letter() {
        // With ranks 3 and 2, "...ij" covers one axis and "...j" one as well; they are the same, as they broadcast.
        let spelled = labels("...ij,...j->...i", &[3, 2]).unwrap();
        assert_eq!(spelled.inputs, ["aij", "aj"]);
        assert_eq!(spelled.output, "ai");
        assert_eq!(labels("ij,jk", &[2, 2]).unwrap().output, "ik");
        assert!(labels("ij->k", &[2]).is_err());
    }
}
