//! Ops that take tensors apart, against the elements they must pick; errors with TensorFlow's class.

#![expect(clippy::reversed_empty_ranges, reason = "a negative end counts from the end")]

mod support;

use flowbook::v1::{self as tf, Graph, Session, Tensor};
use flowbook::{Result, feed, s, shape};
use support::raised;

fn text(body: impl FnOnce() -> Tensor) -> String {
    Graph::new().as_default(|| Session::new().run(body()).unwrap().to_string())
}

/// The matrix whose element in row i and column j is 10 i + j.
fn matrix() -> Tensor {
    tf::constant([[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]]).tensor()
}

#[test]
fn slices_pick_what_python_s_do() {
    assert_eq!(text(|| matrix().slice(s![1, 2])), "12");
    assert_eq!(text(|| matrix().slice(s![.., 1])), "[ 1 11 21]");
    assert_eq!(text(|| matrix().slice(s![-1])), "[20 21 22 23]");
    assert_eq!(text(|| matrix().slice(s![..2, 1..-1])), "[[ 1  2]\n [11 12]]");
    assert_eq!(text(|| matrix().slice(s![0, ..;-1])), "[3 2 1 0]");
    assert_eq!(text(|| tf::strided_slice(matrix(), [0, 3], [3, 0], [2, -2])), "[[ 3  1]\n [23 21]]");
    assert!(raised(|| matrix().slice(s![3])).starts_with("ValueError: slice index 3 of dimension 0 out of bounds."));
    Graph::new().as_default(|| {
        let x = tf::placeholder(tf::float32, shape![None, 4]);
        assert_eq!(x.slice(s![1, ..2]).shape().to_string(), "(2,)");
        assert_eq!(x.slice(s![1.., 0]).shape().to_string(), "(?,)");
    });
}

#[test]
fn splits_and_stacks_are_inverse() {
    assert_eq!(text(|| tf::concat(tf::split(matrix(), 2, 1), 1) - matrix()), "[[0 0 0 0]\n [0 0 0 0]\n [0 0 0 0]]");
    assert_eq!(text(|| tf::split(matrix(), 2, 1)[1]), "[[ 2  3]\n [12 13]\n [22 23]]");
    assert_eq!(text(|| tf::unstack(matrix(), 0)[2]), "[20 21 22 23]");
    assert_eq!(text(|| tf::unstack(matrix(), 1)[3]), "[ 3 13 23]");
    assert!(
        raised(|| tf::split(matrix(), 3, 1))
            .starts_with("ValueError: Dimension size must be evenly divisible by 3 but is 4")
    );
}

#[test]
fn order_and_running_sums() {
    assert_eq!(text(|| tf::reverse(matrix(), [0, 1])), "[[23 22 21 20]\n [13 12 11 10]\n [ 3  2  1  0]]");
    assert_eq!(text(|| tf::cumsum([1, 2, 3, 4], 0).tensor()), "[ 1  3  6 10]");
    assert_eq!(text(|| tf::nn::top_k([[3, 9, 1], [5, 5, 7]], 2).0), "[[9 3]\n [7 5]]");
    assert_eq!(text(|| tf::nn::top_k([[3, 9, 1], [5, 5, 7]], 2).1), "[[1 0]\n [2 0]]", "of equals the first counts");
}

#[test]
fn places_where_a_condition_holds() -> Result<()> {
    assert_eq!(text(|| tf::r#where([[true, false], [false, true]])), "[[0 0]\n [1 1]]");
    Graph::new().as_default(|| {
        let x = tf::placeholder(tf::float32, shape![None]);
        let places = tf::r#where(x.gt(0.0));
        assert_eq!(places.shape().to_string(), "(?, 1)");
        let sess = Session::new();
        assert_eq!(sess.run_with(places, feed! { x => [1.0, -1.0, 2.0] })?.to_string(), "[[0]\n [2]]");
        assert_eq!(sess.run_with(tf::shape(places), feed! { x => [-1.0, -1.0, 2.0] })?.to_string(), "[1 1]");
        Ok(())
    })
}

#[test]
fn norms_and_clipping() {
    // 3^2 + 4^2 = 5^2
    assert_eq!(text(|| tf::norm([3.0, 4.0]).tensor()), "5.0");
    assert_eq!(text(|| tf::clip_by_norm([3.0, 4.0], 1.0)), "[0.6 0.8]");
    assert_eq!(text(|| tf::clip_by_norm([3.0, 4.0], 10.0)), "[3. 4.]");
    // 1 + 4 + 4 = 3^2
    assert_eq!(
        text(|| tf::clip_by_global_norm(&[tf::constant([1.0, 2.0]).tensor(), tf::constant(2.0).tensor()], 6.0).1),
        "3.0"
    );
    assert_eq!(
        text(|| tf::clip_by_global_norm(&[tf::constant([1.5, 3.0]).tensor(), tf::constant(3.0).tensor()], 1.5).0[0]),
        "[0.5 1. ]"
    );
}

#[test]
fn casts_and_assertions() {
    assert_eq!(text(|| tf::to_int32([1.7, -1.7])), "[ 1 -1]");
    assert_eq!(text(|| tf::to_float(3)), "3.0");
    assert_eq!(Graph::new().as_default(|| tf::to_float(tf::constant(3)).name()), "ToFloat:0");
    assert!(
        raised(|| tf::assert_less(tf::constant([1, 2]), [2, 2])).contains("Condition x < y did not hold element-wise:")
    );
    Graph::new().as_default(|| assert_eq!(tf::assert_greater_equal([2, 2], 2).op_type(), "Assert"));
}
