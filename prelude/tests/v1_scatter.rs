//! Scatters, segment sums and masks. The first results are those that TensorFlow's documentation of each function shows.

use flowbook::v1::{self as tf, Graph, Session};
use flowbook::{feed, np, shape, v2};

fn fresh<R>(body: impl FnOnce(&Session) -> R) -> R {
    Graph::new().as_default(|| body(&Session::new()))
}

#[test]
fn updates_go_where_indices_say() {
    let indices = [[4], [3], [1], [7]];
    let (updates, ones) = ([9, 10, 11, 12], [1; 8]);
    assert_eq!(v2::scatter_nd(indices, updates, [8]).numpy().to_string(), "[ 0 11  0 10  9  0  0 12]");
    let added = v2::tensor_scatter_nd_add(ones, indices, updates);
    assert_eq!(added.numpy().to_string(), "[ 1 12  1 11 10  1  1 13]");
    let less = v2::tensor_scatter_nd_sub(ones, indices, updates);
    assert_eq!(less.numpy().to_string(), "[  1 -10   1  -9  -8   1   1 -11]");
    let put = v2::tensor_scatter_nd_update([0, 0, 0, 0, 0, 0, 0, 0], [[1], [3], [4], [7]], [9, 10, 11, 12]);
    assert_eq!(put.numpy().to_string(), "[ 0  9  0 10 11  0  0 12]");
    // Two coordinates lead to an element; twice the same place adds up.
    let twice = v2::scatter_nd([[0, 1], [1, 0], [0, 1]], [1.0, 2.0, 4.0], [2, 2]);
    assert_eq!(twice.numpy().to_string(), "[[0. 5.]\n [2. 0.]]");
}

#[test]
fn rows_are_added_up_by_number() {
    let rows = [[1, 2, 3, 4], [5, 6, 7, 8], [4, 3, 2, 1]];
    assert_eq!(v2::math::unsorted_segment_sum(rows, [0, 1, 0], 2).numpy().to_string(), "[[5 5 5 5]\n [5 6 7 8]]");
    // A negative number is of no segment, and a segment may be empty.
    assert_eq!(v2::math::unsorted_segment_sum([1, 2, 4], [2, -1, 2], 3).numpy().to_string(), "[0 0 5]");
}

#[test]
fn masks_leave_what_is_true() {
    assert_eq!(v2::boolean_mask([0, 1, 2, 3], [true, false, true, false]).numpy().to_string(), "[0 2]");
    let rows = v2::boolean_mask([[1, 2], [3, 4], [5, 6]], [true, false, true]);
    assert_eq!(rows.numpy().to_string(), "[[1 2]\n [5 6]]");
    let elements = v2::boolean_mask([[1, 2], [3, 4]], [[true, false], [false, true]]);
    assert_eq!(elements.numpy().to_string(), "[1 4]");
    fresh(|session| {
        let x = tf::placeholder(tf::float32, shape![None]);
        let positive = tf::boolean_mask(x, tf::greater(x, 0.0));
        assert_eq!(positive.shape().to_string(), "(?,)");
        let got = session.run_with(positive, feed! { x => [1.0, -2.0, 3.0] }).unwrap();
        assert_eq!(got.to_string(), "[1. 3.]");
    });
}

#[test]
fn rows_of_a_variable_are_replaced_and_added_to() {
    fresh(|session| {
        let v = tf::Variable::new(tf::zeros([4, 2]));
        session.run(tf::global_variables_initializer()).unwrap();
        let put = tf::scatter_update(v, [1, 3, 1], [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
        assert_eq!(session.run(put).unwrap().to_string(), "[[0. 0.]\n [5. 6.]\n [0. 0.]\n [3. 4.]]");
        session.run(tf::scatter_add(v, [0, 0], [[1.0, 1.0], [2.0, 2.0]])).unwrap();
        session.run(tf::scatter_sub(v, 3, [3.0, 3.0])).unwrap();
        assert_eq!(session.run(v).unwrap().to_string(), "[[3. 3.]\n [5. 6.]\n [0. 0.]\n [0. 1.]]");
    });
}

#[test]
fn the_gradient_of_rows_taken_twice_is_their_sum() {
    fresh(|session| {
        let table = tf::placeholder(tf::float32, shape![None, 2]);
        let taken = tf::gather(table, [2, 0, 2]) * [[1.0], [2.0], [3.0]];
        let gradient = tf::gradients(tf::reduce_sum(taken), table);
        let got = session.run_with(gradient[0], feed! { table => np::ones([4, 2]) }).unwrap();
        assert_eq!(got.to_string(), "[[2. 2.]\n [0. 0.]\n [4. 4.]\n [0. 0.]]");
    });
}

#[test]
fn what_is_outside_is_said_in_tensorflows_words() {
    fresh(|session| {
        let v = tf::Variable::new([1.0, 2.0, 3.0]);
        session.run(tf::global_variables_initializer()).unwrap();
        let error = session.run(tf::scatter_add(v, [0, 3], [1.0, 1.0])).unwrap_err().to_string();
        assert!(error.starts_with("InvalidArgumentError: indices[1] = 3 is not in [0, 3)"), "{error}");
        let error = session.run(tf::scatter_nd([[0], [5]], [1.0, 1.0], [3])).unwrap_err().to_string();
        assert!(error.starts_with("InvalidArgumentError: indices[1] = [5] does not index into shape [3]"), "{error}");
        let sum = tf::unsorted_segment_sum([1.0, 2.0], [0, 2], 2);
        let error = session.run(sum).unwrap_err().to_string();
        assert!(error.starts_with("InvalidArgumentError: segment_ids[1] = 2 is out of range [0, 2)"), "{error}");
    });
}
