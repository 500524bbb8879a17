//! Mistakes in the calls that NumPy's docstrings explain: class and text of NumPy 2.4.6, copied from its exceptions.

mod support;

use flowbook::{np, s};
use support::message;

#[track_caller]
fn compare<const N: usize>(cases: [(String, &str); N]) {
    for (ours, numpys) in cases {
        assert_eq!(ours, numpys);
    }
}

#[test]
fn shapes_and_indices() {
    let (pair, triple) = (&np::array([1, 2]), &np::array([1, 2, 3]));
    compare([
        (
            message(|| np::broadcast_to(triple, (2, 2))),
            "ValueError: operands could not be broadcast together with remapped shapes [original->remapped]: (3,)  and \
             requested shape (2,2)",
        ),
        (
            message(|| np::full((2, 2), triple)),
            "ValueError: could not broadcast input array from shape (3,) into shape (2,2)",
        ),
        (
            message(|| np::full_like(pair, triple)),
            "ValueError: could not broadcast input array from shape (3,) into shape (2,)",
        ),
        (
            message(|| np::zeros((2, 2)).assign(s![0, ..], [1, 2, 3])),
            "ValueError: could not broadcast input array from shape (3,) into shape (2,)",
        ),
        (message(|| np::repeat(pair, -1)), "ValueError: negative dimensions are not allowed"),
        (
            message(|| np::repeat(triple, [1, 2]).to_string()),
            "ValueError: operands could not be broadcast together with shape (3,) (2,)",
        ),
        (message(|| np::delete(pair, 5).to_string()), "IndexError: index 5 is out of bounds for axis 0 with size 2"),
        (message(|| np::insert(pair, 9, 0).to_string()), "IndexError: index 9 is out of bounds for axis 0 with size 2"),
        (message(|| np::take(pair, 5).to_string()), "IndexError: index 5 is out of bounds for axis 0 with size 2"),
        (
            message(|| np::compress([false, false, true], pair).to_string()),
            "IndexError: index 2 is out of bounds for axis 0 with size 2",
        ),
        (
            message(|| pair.slice([true])),
            "IndexError: boolean index did not match indexed array along axis 0; size of axis is 2 but size of \
             corresponding boolean axis is 1",
        ),
        (
            message(|| pair.slice([[true, false]])),
            "IndexError: boolean index did not match indexed array along axis 0; size of axis is 2 but size of \
             corresponding boolean axis is 1",
        ),
        (message(|| pair.slice([1.0])), "IndexError: arrays used as indices must be of integer (or boolean) type"),
        (
            message(|| np::squeeze(np::ones((2, 1))).axis(0).to_string()),
            "ValueError: cannot select an axis to squeeze out which has size not equal to one",
        ),
        (message(|| np::split(0..5, 2)), "ValueError: array split does not result in an equal division"),
        (message(|| np::array_split(0..5, 0)), "ValueError: number sections must be larger than 0."),
        (message(|| np::unravel_index(7, (2, 3))), "ValueError: index 7 is out of bounds for array with size 6"),
        (message(|| np::ravel_multi_index(&[5, 5], (2, 3))), "ValueError: invalid entry in coordinates array"),
        (message(|| np::sort(pair).axis(1)), "AxisError: axis 1 is out of bounds for array of dimension 1"),
        (message(|| np::diag(3)), "ValueError: Input must be 1- or 2-d."),
    ]);
}

#[test]
fn functions_and_reductions() {
    let square = &np::ones((2, 2));
    let unsupported = |name: &str| {
        format!(
            "TypeError: ufunc '{name}' not supported for the input types, and the inputs could not be safely coerced to \
             any supported types according to the casting rule ''safe''"
        )
    };
    assert_eq!(message(|| np::bitwise_and(1.5, 2)), unsupported("bitwise_and"));
    assert_eq!(message(|| !np::array(1.5)), unsupported("invert"));
    assert_eq!(message(|| np::left_shift(1.5, 2)), unsupported("left_shift"));
    compare([
        (message(|| np::percentile([1], 101)), "ValueError: Percentiles must be in the range [0, 100]"),
        (message(|| np::quantile([1], 2)), "ValueError: Quantiles must be in the range [0, 1]"),
        (
            message(|| np::average([1, 2]).weights([0, 0]).to_string()),
            "ZeroDivisionError: Weights sum to zero, can't be normalized",
        ),
        (
            message(|| np::average(square).weights([1, 2]).to_string()),
            "TypeError: Axis must be specified when shapes of a and weights differ.",
        ),
        (
            message(|| np::average(square).axis(0).weights([1, 2, 3]).to_string()),
            "ValueError: Shape of weights must be consistent with shape of a along specified axis.",
        ),
        (
            message(|| np::einsum("ij,jk", [square])),
            "ValueError: more operands provided to einstein sum function than specified in the subscripts string",
        ),
        (
            message(|| np::einsum("ijk", [square])),
            "ValueError: einstein sum subscripts string contains too many subscripts for operand 0",
        ),
        (
            message(|| np::einsum("ij->k", [square])),
            "ValueError: einstein sum subscripts string included output subscript 'k' which never appeared in an input",
        ),
        (
            message(|| np::einsum("ii", [np::ones((2, 3))])),
            "ValueError: dimensions in operand 0 for collapsing index 'i' don't match (2 != 3)",
        ),
        (message(|| np::geomspace(0, 1, 3)), "ValueError: Geometric sequence cannot include zero"),
        (message(|| np::linalg::inv(np::zeros((2, 2)))), "LinAlgError: Singular matrix"),
        (message(|| np::linalg::inv(np::zeros((2, 3)))), "LinAlgError: Last 2 dimensions of the array must be square"),
        (message(|| np::linalg::solve(np::zeros((2, 2)), [1, 2])), "LinAlgError: Singular matrix"),
        (message(|| np::linalg::cholesky(-np::eye(2))), "LinAlgError: Matrix is not positive definite"),
    ]);
}

#[test]
fn random_numbers() {
    use np::random;
    compare([
        (message(|| random::poisson(-1, 1)), "ValueError: lam < 0 or lam is NaN"),
        (message(|| random::normal(0, -1, 1)), "ValueError: scale < 0"),
        (message(|| random::exponential(-1, 1)), "ValueError: scale < 0"),
        (message(|| random::binomial(5, 2, 1)), "ValueError: p < 0, p > 1 or p is NaN"),
        (message(|| random::choice(np::zeros(0), 1)), "ValueError: 'a' cannot be empty unless no samples are taken"),
        (
            message(|| random::choice_without_replacement(3, 5)),
            "ValueError: Cannot take a larger sample than population when 'replace=False'",
        ),
        (message(|| random::default_rng(0).integers(5, 5, 1)), "ValueError: low >= high"),
    ]);
}
