//! Further functions of TensorFlow 1, each as one expression in a graph of its own, beside the tensor that TensorFlow 2.20 made and
//! its value in a run, or the error it raised (`fixtures/make_names.py`).

use flowbook::v1 as tf;

mod expressions;

use expressions::{Program, agree, built, t};

#[rustfmt::skip]
const LOSSES: &[(&str, Program)] = built! {
    "tf.losses.mean_squared_error([1.,4.],[1.,2.],weights=0.5)" => tf::losses::mean_squared_error([1.,4.],[1.,2.]).weights(0.5);
    "tf.losses.mean_squared_error([1.,4.],[1.,2.],weights=[0.,3.])" => tf::losses::mean_squared_error([1.,4.],[1.,2.]).weights([0.,3.]);
    "tf.losses.mean_squared_error([1.,4.],[1.,2.],weights=[0.,0.])" => tf::losses::mean_squared_error([1.,4.],[1.,2.]).weights([0.,0.]);
    "tf.losses.mean_squared_error([[1.,4.],[2.,2.]],[[1.,2.],[3.,3.]],weights=[[1.],[2.]],reduction=tf.losses.Reduction.SUM)" => tf::losses::mean_squared_error([[1.,4.],[2.,2.]],[[1.,2.],[3.,3.]]).weights([[1.],[2.]]).reduction(tf::losses::Reduction::SUM);
    "tf.losses.mean_squared_error([[1.,4.],[2.,2.]],[[1.,2.],[3.,3.]],weights=[[1.],[2.]],reduction=tf.losses.Reduction.MEAN)" => tf::losses::mean_squared_error([[1.,4.],[2.,2.]],[[1.,2.],[3.,3.]]).weights([[1.],[2.]]).reduction(tf::losses::Reduction::MEAN);
    "tf.losses.mean_squared_error([1.,4.],[1.,2.],weights=[0.,3.],reduction=tf.losses.Reduction.SUM_OVER_BATCH_SIZE)" => tf::losses::mean_squared_error([1.,4.],[1.,2.]).weights([0.,3.]).reduction(tf::losses::Reduction::SUM_OVER_BATCH_SIZE);
    "tf.losses.absolute_difference(tf.constant([1.,4.]),[1.,2.],weights=2.)" => tf::losses::absolute_difference(t([1.,4.]),[1.,2.]).weights(2.);
    "tf.losses.huber_loss([1.,4.],[0.5,0.])" => tf::losses::huber_loss([1.,4.],[0.5,0.]);
    "tf.losses.huber_loss([1.,4.],[0.5,0.],delta=2.)" => tf::losses::huber_loss([1.,4.],[0.5,0.]).delta(2.);
    "tf.losses.hinge_loss([0.,1.],[0.3,0.4])" => tf::losses::hinge_loss([0.,1.],[0.3,0.4]);
    "tf.losses.log_loss([0.,1.],[0.3,0.4],weights=[1.,2.])" => tf::losses::log_loss([0.,1.],[0.3,0.4]).weights([1.,2.]);
    "tf.losses.sparse_softmax_cross_entropy([0,1],[[2.,1.],[0.,3.]],weights=[1.,0.])" => tf::losses::sparse_softmax_cross_entropy([0,1],[[2.,1.],[0.,3.]]).weights([1.,0.]);
    "tf.losses.mean_squared_error([1.],[1.],reduction='most')" => tf::losses::mean_squared_error([1.],[1.]).reduction("most");
    "tf.sort([3.,1.,2.])" => tf::sort([3.,1.,2.]);
    "tf.argsort([3.,1.,2.],direction='DESCENDING')" => tf::argsort([3.,1.,2.]).direction("DESCENDING");
    "tf.gather_nd([[1,2],[3,4]],[[0,0],[1,1]])" => tf::gather_nd([[1,2],[3,4]],[[0,0],[1,1]]);
    "tf.einsum('ij,jk->ik',tf.ones([2,3]),tf.ones([3,2]))" => tf::einsum("ij,jk->ik",(tf::ones([2,3]),tf::ones([3,2])));
    "tf.einsum('ij,jk->ik',tf.ones([2,3]),tf.ones([4,2]))" => tf::einsum("ij,jk->ik",(tf::ones([2,3]),tf::ones([4,2])));
    "tf.matrix_inverse([[2.,0.],[0.,4.]])" => tf::matrix_inverse([[2.,0.],[0.,4.]]);
    "tf.matrix_inverse(tf.ones([2,3]))" => tf::matrix_inverse(tf::ones([2,3]));
    "tf.matrix_determinant([[1.,2.],[3.,4.]])" => tf::matrix_determinant([[1.,2.],[3.,4.]]);
    "tf.matrix_solve([[3.,1.],[1.,2.]],[[9.],[8.]])" => tf::matrix_solve([[3.,1.],[1.,2.]],[[9.],[8.]]);
    "tf.matrix_band_part([[1,2],[3,4]],-1,0)" => tf::matrix_band_part([[1,2],[3,4]],-1,0);
    "tf.matrix_diag([1,2])" => tf::matrix_diag([1,2]);
    "tf.matrix_diag_part([[1,2],[3,4]])" => tf::matrix_diag_part([[1,2],[3,4]]);
    "tf.trace([[1,2],[3,4]])" => tf::trace([[1,2],[3,4]]);
    "tf.cholesky([[4.,2.],[2.,5.]])" => tf::cholesky([[4.,2.],[2.,5.]]);
    "tf.nn.softmax(tf.constant([[1.,2.],[3.,5.]]),axis=0)" => tf::nn::softmax(t([[1.,2.],[3.,5.]])).axis(0);
    "tf.ones_like(tf.constant([1.,2.]),dtype=tf.int32)" => tf::ones_like(t([1.,2.])).with_dtype(tf::int32);
    "tf.segment_sum([1,2,3],[0,0,1])" => tf::segment_sum([1,2,3],[0,0,1]);
};

/// Where we differ, what we answer, and why.
#[rustfmt::skip]
const DIFFERENT: &[(&str, &str)] = &[
];

#[test]
fn functions_do_as_tensorflow_does() {
    agree(include_str!("fixtures/names_v1.json"), DIFFERENT, &[LOSSES]);
}
