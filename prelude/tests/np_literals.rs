//! Literals to arrays: shapes, the two dtype rules, and what cannot be an array.

use flowbook::{Array, ArrayLike, DType, np};

#[test]
fn nesting_gives_the_shape() {
    assert_eq!(2.0.to_array().shape(), &[] as &[usize]);
    assert_eq!([[[1, 2], [3, 4], [5, 6]]].to_array().shape(), &[1, 3, 2]);
    assert_eq!(vec![vec![1.0; 3]; 2].to_array().shape(), &[2, 3]);
    assert_eq!(vec![[1.0, 2.0]; 5].to_array().shape(), &[5, 2]);
    assert_eq!([vec![0.5], vec![1.5]].to_array().to_vec::<f64>(), [0.5, 1.5]);
    assert_eq!([[["a"], ["b"]]].to_array().shape(), &[1, 2, 1]);
    assert_eq!([[[1, 2], [3, 4]], [[5, 6], [7, 8]]].to_array(), np::array(1..9).reshape((2, 2, 2)));
    assert_eq!([&np::zeros(2), &np::ones(2)].to_array().to_string(), "[[0. 0.]\n [1. 1.]]");
    assert_eq!(ndarray::arr2(&[[1, 2], [3, 4]]).t().to_array().to_vec::<i32>(), [1, 3, 2, 4]);
}

#[test]
fn empty_literals_keep_what_is_known() {
    assert_eq!(Vec::<f64>::new().to_array().repr(), "array([], dtype=float64)");
    assert_eq!(Vec::<f64>::new().to_tensor().dtype(), DType::Float32);
    assert_eq!(Vec::<Vec<f64>>::new().to_tensor().repr(), "array([], dtype=float32)");
    assert_eq!(Vec::<[f64; 2]>::new().to_array().shape(), &[0, 2]);
    assert_eq!([Vec::<i32>::new(), vec![]].to_tensor().repr(), "array([], shape=(2, 0), dtype=int32)");
}

#[test]
fn element_types_follow_numpy_or_tensorflow() {
    let both = |literal: &dyn ArrayLike| (literal.to_array().dtype(), literal.to_tensor().dtype());
    assert_eq!(both(&[1.0]), (DType::Float64, DType::Float32));
    assert_eq!(both(&[1.0f32]), (DType::Float32, DType::Float32));
    assert_eq!(both(&[1]), (DType::Int64, DType::Int32));
    assert_eq!(both(&[1i64]), (DType::Int64, DType::Int32));
    assert_eq!(both(&vec![1usize]), (DType::Int64, DType::Int32));
    assert_eq!(both(&[1u8]), (DType::UInt8, DType::UInt8));
    assert_eq!(both(&[true]), (DType::Bool, DType::Bool));
    assert_eq!(both(&["a"]), (DType::String, DType::String));
    assert_eq!(both(&np::zeros(2)), (DType::Float64, DType::Float64));
    assert_eq!(both(&ndarray::arr1(&[1i64])), (DType::Int64, DType::Int64));
}

/// TensorFlow keeps Python integers that do not fit int32 as int64.
#[test]
fn large_integers_stay_int64() {
    assert_eq!([1i64, 1 << 40].to_tensor(), Array::new(vec![1i64, 1 << 40], &[2]));
}

#[test]
#[should_panic(expected = "ValueError: setting an array element with a sequence. The requested array has an \
                           inhomogeneous shape after 1 dimensions. The detected shape was (2,) + inhomogeneous part.")]
fn rows_of_different_length_are_refused() {
    [vec![1.0, 2.0], vec![3.0]].to_array();
}

#[test]
#[should_panic(expected = "inhomogeneous shape")]
fn an_empty_row_among_others_is_refused() {
    [vec![], vec![3.0]].to_array();
}
