//! Mistakes panic with the class and text NumPy 2.4 raises, at the caller's line.

mod support;

use flowbook::{np, s};
use support::message;

/// Texts copied from the exceptions of NumPy 2.4.6.
#[test]
fn messages_are_numpys() {
    let (two, three, m) = (&np::ones(2), &np::ones(3), &np::ones((2, 3)));
    let cases = [
        (message(|| two + three), "ValueError: operands could not be broadcast together with shapes (2,) (3,)"),
        (message(|| np::dot(m, m)), "ValueError: shapes (2,3) and (2,3) not aligned: 3 (dim 1) != 2 (dim 0)"),
        (message(|| np::dot(two, three)), "ValueError: shapes (2,) and (3,) not aligned: 2 (dim 0) != 3 (dim 0)"),
        (
            message(|| np::matmul(m, m)),
            "ValueError: matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature \
             (n?,k),(k,m?)->(n?,m?) (size 2 is different from 3)",
        ),
        (
            message(|| np::concatenate([np::ones((2, 3)), np::ones((2, 4))], 0)),
            "ValueError: all the input array dimensions except for the concatenation axis must match exactly, but \
             along dimension 1, the array at index 0 has size 3 and the array at index 1 has size 4",
        ),
        (message(|| np::stack([two, three], 0)), "ValueError: all input arrays must have the same shape"),
        (message(|| np::sum(three).axis(1)), "AxisError: axis 1 is out of bounds for array of dimension 1"),
        (message(|| three.row(5)), "IndexError: index 5 is out of bounds for axis 0 with size 3"),
        (message(|| m.at(&[0, 3])), "IndexError: index 3 is out of bounds for axis 1 with size 3"),
        (
            message(|| m.slice(s![0, 1, 2])),
            "IndexError: too many indices for array: array is 2-dimensional, but 3 were indexed",
        ),
        (
            message(|| np::zeros(0).max().to_string()),
            "ValueError: zero-size array to reduction operation maximum which has no identity",
        ),
        (message(|| three.reshape((2, -1))), "ValueError: cannot reshape array of size 3 into shape (2,newaxis)"),
        (message(|| three.reshape([2, 2])), "ValueError: cannot reshape array of size 3 into shape (2,2)"),
        (message(|| m.reshape((-1, -1))), "ValueError: can only specify one unknown dimension"),
        (message(|| np::power([2], -1)), "ValueError: Integers to negative integer powers are not allowed."),
        (message(|| three.item::<f64>()), "ValueError: can only convert an array of size 1 to a Python scalar"),
        (message(|| np::array([1u8]) + 300), "OverflowError: Python integer 300 out of bounds for uint8"),
        (message(|| np::random::randint(5, 5, 1)), "ValueError: low >= high"),
        (message(|| np::zeros(-1)), "ValueError: negative dimensions are not allowed"),
        (message(|| np::random::choice_weighted(3, 1, [0.5, 0.6, 0.1])), "ValueError: probabilities do not sum to 1"),
    ];
    for (ours, numpys) in cases {
        assert_eq!(ours, numpys);
    }
}

#[test]
fn the_panic_points_at_the_callers_line() {
    use std::sync::Mutex;
    static FILES: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let here = std::thread::current().id();
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == here {
            FILES.lock().unwrap().push(info.location().unwrap().file().into());
        }
    }));
    let (two, three) = (&np::ones(2), &np::ones(3));
    message(|| two * three);
    message(|| np::maximum(two, three));
    message(|| three.reshape((2, 2)));
    message(|| np::dot(two, three));
    message(|| np::sum(three).axis(1));
    message(|| three.slice(s![7]));
    message(|| np::array([vec![1], vec![]]));
    std::panic::set_hook(hook);
    let files = FILES.lock().unwrap();
    let here = files.iter().filter(|f| f.ends_with("np_errors.rs")).count();
    assert_eq!((here, files.len()), (7, 7), "panics were reported from {files:?}");
}

/// `x += 1.0` keeps the type and the shape, as NumPy's in-place operators do.
#[test]
fn in_place_operators_keep_the_type() {
    let mut x = np::array([1.0f32, 2.0]);
    x += np::array([0.5, 0.5]);
    assert_eq!(x.repr(), "array([1.5, 2.5], dtype=float32)");
    let mut n = np::array([1, 2]);
    assert!(message(|| n += 0.5).starts_with("UFuncTypeError: Cannot cast ufunc output from float64 to int64"));
    assert!(message(|| x += np::ones((2, 2))).starts_with("ValueError: non-broadcastable output operand"));
}
