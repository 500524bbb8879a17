//! The NumPy cells of the lessons, with the output recorded for them.

use flowbook::{Array, np};

/// Zeros, ones, a sum along an axis, a reshape.
#[test]
fn zeros_ones_and_sums() {
    let (a, b) = (np::zeros((2, 2)), np::ones((2, 2)));
    assert_eq!(a.to_string(), "[[0. 0.]\n [0. 0.]]");
    assert_eq!(b.to_string(), "[[1. 1.]\n [1. 1.]]");
    assert_eq!(np::sum(&b).axis(1).to_string(), "[2. 2.]");
    assert_eq!(flowbook::format::shape_text(a.shape()), "(2, 2)");
    assert_eq!(np::reshape(&a, (1, 4)).to_string(), "[[0. 0. 0. 0.]]");
}

#[test]
fn softmax_by_hand() {
    fn softmax(x: &Array) -> Array {
        let ex = np::exp(x);
        &ex / ex.sum()
    }
    assert_eq!(softmax(&np::array([1.0, 1.0, 2.0])).to_string(), "[0.21194156 0.21194156 0.57611688]");
}

/// The table that sets NumPy's names beside TensorFlow's.
#[test]
fn the_table_of_functions() {
    let m = np::array([[1.0, 4.0, 9.0], [16.0, 25.0, 36.0]]).astype(np::float32);
    assert_eq!(np::mean(&m).to_string(), "15.166667");
    assert_eq!(np::subtract(&m, 1).to_string(), "[[ 0.  3.  8.]\n [15. 24. 35.]]");
    assert_eq!(np::sqrt(&m).to_string(), "[[1. 2. 3.]\n [4. 5. 6.]]");
    assert_eq!(np::argmax(&m).to_string(), "5");
    assert_eq!(np::argmin(&m).to_string(), "0");
    assert_eq!(np::dot(&m, m.t()).to_string(), "[[  98.  440.]\n [ 440. 2177.]]");
}

/// A straight line against scores, and its squared error.
#[test]
fn mean_squared_error() {
    let (x, y) = (np::array([2, 3, 4, 5]), np::array([25, 50, 42, 61]));
    let p = 13 * &x + 1;
    let distance = &y - &p;
    assert_eq!(format!("{p} {distance}"), "[27 40 53 66] [ -2  10 -11  -5]");
    assert_eq!(format!("{} {}", np::square(&distance).sum(), np::power(&distance, 2).mean()), "250 62.5");
}

/// The sigmoid that the plots draw: symmetric about (0, 1/2).
#[test]
fn sigmoid() {
    let x = np::arange(-5.0, 5.0, 0.1);
    let sigmoid = |x: &Array| 1.0 / (1.0 + np::exp(-x));
    let y = sigmoid(&(&x + 0.5));
    assert_eq!(y.len(), 100);
    let mirrored = 1 - sigmoid(&(-&x - 0.5));
    assert!(np::max(np::abs(y - mirrored)).item::<f64>() < 1e-15);
}
