//! Further functions of TensorFlow 2, each as one expression run at once, beside what TensorFlow 2.20 showed of its value or the
//! error it raised (`fixtures/make_names.py`).

use flowbook::v2 as tf;

mod expressions;

use expressions::{INF, NAN, Program, agree, at_once};

#[rustfmt::skip]
const ARRAYS: &[(&str, Program)] = at_once! {
    "tf.gather_nd([[1,2],[3,4]],[[0,0],[1,1]])" => tf::gather_nd([[1,2],[3,4]],[[0,0],[1,1]]);
    "tf.gather_nd([[1,2],[3,4]],[[1],[0]])" => tf::gather_nd([[1,2],[3,4]],[[1],[0]]);
    "tf.gather_nd([['a','b'],['c','d']],[[[0,1]],[[1,0]]])" => tf::gather_nd([["a","b"],["c","d"]],[[[0,1]],[[1,0]]]);
    "tf.gather_nd([[1,2],[3,4]],[1,0])" => tf::gather_nd([[1,2],[3,4]],[1,0]);
    "tf.gather_nd(tf.constant([[1,2],[3,4]]),tf.constant([[0,0],[2,1]]))" => tf::gather_nd(tf::constant([[1,2],[3,4]]),tf::constant([[0,0],[2,1]]));
    "tf.gather_nd(tf.constant([[1,2],[3,4]]),tf.constant([[0,0,1]]))" => tf::gather_nd(tf::constant([[1,2],[3,4]]),tf::constant([[0,0,1]]));
    "tf.gather_nd(tf.constant([[1,2],[3,4]]),tf.constant(0))" => tf::gather_nd(tf::constant([[1,2],[3,4]]),tf::constant(0));
    "tf.sort([3.,1.,2.])" => tf::sort([3.,1.,2.]);
    "tf.sort([[3,1,2],[9,-7,8]],axis=0,direction='DESCENDING')" => tf::sort([[3,1,2],[9,-7,8]]).axis(0).direction("DESCENDING");
    "tf.sort([1,10,26,-2147483648,2,6])" => tf::sort([1,10,26,i32::MIN,2,6]);
    "tf.sort([3.,1.],direction='UP')" => tf::sort([3.,1.]).direction("UP");
    "tf.sort([3.,1.],axis=2)" => tf::sort([3.,1.]).axis(2);
    "tf.argsort([1.,10.,26.9,2.8,166.32,62.3])" => tf::argsort([1.,10.,26.9,2.8,166.32,62.3]);
    "tf.argsort([3,1,3,2,1],direction='DESCENDING')" => tf::argsort([3,1,3,2,1]).direction("DESCENDING");
    "tf.argsort([[3,1],[2,5],[1,4]],axis=0)" => tf::argsort([[3,1],[2,5],[1,4]]).axis(0);
    "tf.unique([1,1,2,4,4,4,7,8,8])[0]" => tf::unique([1,1,2,4,4,4,7,8,8]).0;
    "tf.unique([5,2,5,1,2])[1]" => tf::unique([5,2,5,1,2]).1;
    "tf.unique(['b','a','b'])[0]" => tf::unique(["b","a","b"]).0;
    "tf.unique_with_counts([1,1,2,4,4,4,7,8,8])[2]" => tf::unique_with_counts([1,1,2,4,4,4,7,8,8]).2;
    "tf.zeros_like([1,2,3],dtype=tf.float32)" => tf::zeros_like([1,2,3]).with_dtype(tf::float32);
    "tf.ones_like([[1.,2.]],dtype=tf.int64)" => tf::ones_like([[1.,2.]]).with_dtype(tf::int64);
    "tf.ones_like(['a'])" => tf::ones_like(["a"]);
    "tf.einsum('ij,jk->ik',tf.constant([[1,2],[3,4]]),tf.constant([[5,6],[7,8]]))" => tf::einsum("ij,jk->ik",([[1,2],[3,4]],[[5,6],[7,8]]));
    "tf.einsum('ij,jk',tf.constant([[1.,2.],[3.,4.]]),tf.constant([[1.,2.],[3.,4.]]))" => tf::einsum("ij,jk",([[1.,2.],[3.,4.]],[[1.,2.],[3.,4.]]));
    "tf.einsum('ij->ji',tf.constant([[1,2,3],[4,5,6]]))" => tf::einsum("ij->ji",[[[1,2,3],[4,5,6]]]);
    "tf.einsum('ii->i',tf.constant([[1,2],[3,4]]))" => tf::einsum("ii->i",[[[1,2],[3,4]]]);
    "tf.einsum('ii',tf.constant([[1,2],[3,4]]))" => tf::einsum("ii",[[[1,2],[3,4]]]);
    "tf.einsum('...ij,...jk->...ik',tf.ones([2,2,3]),tf.ones([3,1]))" => tf::einsum("...ij,...jk->...ik",(tf::ones([2,2,3]),tf::ones([3,1])));
    "tf.einsum('i,j->ij',tf.constant([1,2]),tf.constant([3,4,5]))" => tf::einsum("i,j->ij",([1,2],[3,4,5]));
    "tf.einsum('bij,bjk->bik',tf.ones([2,1,2]),tf.ones([2,2,1]))" => tf::einsum("bij,bjk->bik",(tf::ones([2,1,2]),tf::ones([2,2,1])));
    "tf.einsum('ij,jk->ik',tf.constant([[1.,2.],[3.,4.]]))" => tf::einsum("ij,jk->ik",[[[1.,2.],[3.,4.]]]);
    "tf.einsum('ij->ijz',tf.constant([[1.,2.],[3.,4.]]))" => tf::einsum("ij->ijz",[[[1.,2.],[3.,4.]]]);
    "tf.einsum('ij,jk->ik',tf.constant([[1.,2.]]),tf.constant([[1.,2.]]))" => tf::einsum("ij,jk->ik",([[1.,2.]],[[1.,2.]]));
    "tf.tensordot([[1,2],[3,4]],[[1,2,3],[4,5,6]],1)" => tf::tensordot([[1,2],[3,4]],[[1,2,3],[4,5,6]],1);
    "tf.tensordot([1.,2.],[3.,4.],1)" => tf::tensordot([1.,2.],[3.,4.],1);
    "tf.tensordot([1,2],[3,4],0)" => tf::tensordot([1,2],[3,4],0);
    "tf.tensordot([[1,2],[3,4]],[[1,2],[3,4]],[[0],[1]])" => tf::tensordot([[1,2],[3,4]],[[1,2],[3,4]],[[0],[1]]);
    "tf.tensordot([[1,2],[3,4]],[[1,2],[3,4]],2)" => tf::tensordot([[1,2],[3,4]],[[1,2],[3,4]],2);
    "tf.tensordot([[1,2],[3,4]],[[1,2],[3,4]],[[0,1],[1,0]])" => tf::tensordot([[1,2],[3,4]],[[1,2],[3,4]],[[0,1],[1,0]]);
    "tf.tensordot([[1.,2.],[3.,4.]],[[1.,2.,3.]],1)" => tf::tensordot([[1.,2.],[3.,4.]],[[1.,2.,3.]],1);
};

#[rustfmt::skip]
const MATH: &[(&str, Program)] = at_once! {
    "tf.math.bincount([1,1,2,5])" => tf::math::bincount([1,1,2,5]);
    "tf.math.bincount([1,1,2,5],minlength=8)" => tf::math::bincount([1,1,2,5]).minlength(8);
    "tf.math.bincount([1,1,2,5],maxlength=3)" => tf::math::bincount([1,1,2,5]).maxlength(3);
    "tf.math.bincount([1,1,2],weights=[0.5,1.,2.])" => tf::math::bincount([1,1,2]).weights([0.5,1.,2.]);
    "tf.math.confusion_matrix([1,2,4],[2,2,4])" => tf::math::confusion_matrix([1,2,4],[2,2,4]);
    "tf.math.confusion_matrix([0,1],[1,1],num_classes=3,dtype=tf.float32)" => tf::math::confusion_matrix([0,1],[1,1]).num_classes(3).with_dtype(tf::float32);
    "tf.math.confusion_matrix([0,1],[1,1],weights=[2,3])" => tf::math::confusion_matrix([0,1],[1,1]).weights([2,3]);
    "tf.math.count_nonzero([[0,1,0],[1,1,0]])" => tf::math::count_nonzero([[0,1,0],[1,1,0]]);
    "tf.math.count_nonzero([[0.,1.,0.],[1.,1.,0.]],axis=1,keepdims=True)" => tf::math::count_nonzero([[0.,1.,0.],[1.,1.,0.]]).axis(1).keepdims(true);
    "tf.math.count_nonzero(['','a','b'])" => tf::math::count_nonzero(["","a","b"]);
    "tf.math.segment_sum(tf.constant([[1,2],[3,4],[5,6]]),tf.constant([0,0,1]))" => tf::math::segment_sum([[1,2],[3,4],[5,6]],[0,0,1]);
    "tf.math.segment_mean(tf.constant([1.,2.,4.]),tf.constant([0,0,2]))" => tf::math::segment_mean([1.,2.,4.],[0,0,2]);
    "tf.math.segment_max(tf.constant([1,5,3]),tf.constant([0,0,1]))" => tf::math::segment_max([1,5,3],[0,0,1]);
    "tf.math.segment_min(tf.constant([4,2,3]),tf.constant([0,0,1]))" => tf::math::segment_min([4,2,3],[0,0,1]);
    "tf.math.segment_prod(tf.constant([4,2,3]),tf.constant([0,0,2]))" => tf::math::segment_prod([4,2,3],[0,0,2]);
    "tf.math.segment_sum(tf.constant([1,2,3]),tf.constant([1,0,1]))" => tf::math::segment_sum(tf::constant([1,2,3]),tf::constant([1,0,1]));
    "tf.math.divide_no_nan([1.,2.],[0.,4.])" => tf::math::divide_no_nan([1.,2.],[0.,4.]);
    "tf.math.xlogy([0.,2.],[0.,1.5])" => tf::math::xlogy([0.,2.],[0.,1.5]);
    "tf.math.xdivy([0.,2.],[0.,4.])" => tf::math::xdivy([0.,2.],[0.,4.]);
    "tf.asinh([-inf,-2.,-0.5,1.,200.])" => tf::asinh([-INF,-2.,-0.5,1.,200.]);
    "tf.acosh([-2.,-0.5,1.,1.2,200.,inf])" => tf::acosh([-2.,-0.5,1.,1.2,200.,INF]);
    "tf.atanh([-inf,-1.,-0.5,1.,0.,0.5,10.,nan])" => tf::atanh([-INF,-1.,-0.5,1.,0.,0.5,10.,NAN]);
    "tf.math.rint([-1.7,-1.5,-0.2,0.2,1.5,1.7,2.])" => tf::math::rint([-1.7,-1.5,-0.2,0.2,1.5,1.7,2.]);
    "tf.nn.softmax([[1.,2.],[3.,5.]],axis=0)" => tf::nn::softmax([[1.,2.],[3.,5.]]).axis(0);
    "tf.nn.log_softmax([[1.,2.],[3.,5.]],axis=0)" => tf::nn::log_softmax([[1.,2.],[3.,5.]]).axis(0);
    "tf.nn.softmax([[1.,2.]],axis=2)" => tf::nn::softmax([[1.,2.]]).axis(2);
};

#[rustfmt::skip]
const MATRICES: &[(&str, Program)] = at_once! {
    "tf.linalg.inv([[1.,2.],[3.,4.]])" => tf::linalg::inv([[1.,2.],[3.,4.]]);
    "tf.linalg.inv([[1.,2.,3.],[4.,5.,6.],[7.,8.,10.]])" => tf::linalg::inv([[1.,2.,3.],[4.,5.,6.],[7.,8.,10.]]);
    "tf.linalg.inv(tf.constant([[2.,1.],[1.,3.]],tf.float64))" => tf::linalg::inv(tf::constant([[2.,1.],[1.,3.]]).with_dtype(tf::float64));
    "tf.linalg.inv([[[2.,0.],[0.,4.]],[[1.,1.],[0.,1.]]])" => tf::linalg::inv([[[2.,0.],[0.,4.]],[[1.,1.],[0.,1.]]]);
    "tf.linalg.inv([[1.,2.],[2.,4.]])" => tf::linalg::inv([[1.,2.],[2.,4.]]);
    "tf.linalg.inv([[1.,2.,3.],[2.,4.,1.]])" => tf::linalg::inv([[1.,2.,3.],[2.,4.,1.]]);
    "tf.linalg.det([[1.,2.],[3.,4.]])" => tf::linalg::det([[1.,2.],[3.,4.]]);
    "tf.linalg.det([[2.,-1.,0.],[1.,3.,2.],[0.,5.,-4.]])" => tf::linalg::det([[2.,-1.,0.],[1.,3.,2.],[0.,5.,-4.]]);
    "tf.linalg.det([[1.,2.],[2.,4.]])" => tf::linalg::det([[1.,2.],[2.,4.]]);
    "tf.linalg.slogdet([[1.,2.],[3.,4.]])[0]" => tf::linalg::slogdet([[1.,2.],[3.,4.]]).0;
    "tf.linalg.slogdet([[1.,2.],[3.,4.]])[1]" => tf::linalg::slogdet([[1.,2.],[3.,4.]]).1;
    "tf.linalg.solve([[3.,1.],[1.,2.]],[[9.],[8.]])" => tf::linalg::solve([[3.,1.],[1.,2.]],[[9.],[8.]]);
    "tf.linalg.solve([[2.,1.,1.],[1.,3.,2.],[1.,0.,0.]],[[4.,1.],[5.,2.],[6.,3.]])" => tf::linalg::solve([[2.,1.,1.],[1.,3.,2.],[1.,0.,0.]],[[4.,1.],[5.,2.],[6.,3.]]);
    "tf.linalg.solve(tf.constant([[3.,1.],[1.,2.]]),tf.constant([9.,8.]))" => tf::linalg::solve(tf::constant([[3.,1.],[1.,2.]]),tf::constant([9.,8.]));
    "tf.linalg.triangular_solve([[2.,0.],[1.,4.]],[[2.],[9.]])" => tf::linalg::triangular_solve([[2.,0.],[1.,4.]],[[2.],[9.]]);
    "tf.linalg.cholesky([[4.,2.],[2.,3.]])" => tf::linalg::cholesky([[4.,2.],[2.,3.]]);
    "tf.linalg.cholesky([[4.,12.,-16.],[12.,37.,-43.],[-16.,-43.,98.]])" => tf::linalg::cholesky([[4.,12.,-16.],[12.,37.,-43.],[-16.,-43.,98.]]);
    "tf.linalg.svd([[3.,0.],[0.,-2.]])[0]" => tf::linalg::svd([[3.,0.],[0.,-2.]]).0;
    "tf.linalg.eigh([[2.,1.],[1.,2.]])[0]" => tf::linalg::eigh([[2.,1.],[1.,2.]]).0;
    "tf.linalg.matvec([[1,2],[3,4]],[5,6])" => tf::linalg::matvec([[1,2],[3,4]],[5,6]);
    "tf.linalg.trace([[1,2],[3,4]])" => tf::linalg::trace([[1,2],[3,4]]);
    "tf.linalg.trace(tf.ones([2,3,3]))" => tf::linalg::trace(tf::ones([2,3,3]));
    "tf.linalg.diag([1,2,3])" => tf::linalg::diag([1,2,3]);
    "tf.linalg.diag([[1,2],[3,4]])" => tf::linalg::diag([[1,2],[3,4]]);
    "tf.linalg.diag_part([[1,2,3],[4,5,6]])" => tf::linalg::diag_part([[1,2,3],[4,5,6]]);
    "tf.linalg.band_part([[0,1,2,3],[-1,0,1,2],[-2,-1,0,1],[-3,-2,-1,0]],1,-1)" => tf::linalg::band_part([[0,1,2,3],[-1,0,1,2],[-2,-1,0,1],[-3,-2,-1,0]],1,-1);
    "tf.linalg.band_part([[1.,2.],[3.,4.]],-1,0)" => tf::linalg::band_part([[1.,2.],[3.,4.]],-1,0);
    "tf.linalg.matrix_transpose([[[1,2],[3,4]]])" => tf::linalg::matrix_transpose([[[1,2],[3,4]]]);
};

/// Where we differ, what we answer, and why.
#[rustfmt::skip]
const DIFFERENT: &[(&str, &str)] = &[
    // TensorFlow's words are those of the slice with which it looks for the size along the axis.
    ("tf.sort([3.,1.],axis=2)", "ValueError: Argument `axis` must be in range [-1, 1). Received: axis=2"),
    // As where an element of a list is no number.
    ("tf.ones_like(['a'])", "TypeError: Expected string, but got 1 of type 'int'."),
    // Where arguments are lists TensorFlow leaves the name out.
    (
        "tf.linalg.inv([[1.,2.],[2.,4.]])",
        "InvalidArgumentError: {{function_node __wrapped__MatrixInverse_device_/job:localhost/replica:0/task:0/device:CPU:0}} Input is not invertible. [Op:MatrixInverse] name: ",
    ),
    (
        "tf.linalg.inv([[1.,2.,3.],[2.,4.,1.]])",
        "InvalidArgumentError: {{function_node __wrapped__MatrixInverse_device_/job:localhost/replica:0/task:0/device:CPU:0}} Input matrix must be square. [Op:MatrixInverse] name: ",
    ),
    // Eigenvalues are computed in float64.
    ("tf.linalg.eigh([[2.,1.],[1.,2.]])[0]", "<tf.Tensor: shape=(2,), dtype=float32, numpy=array([1., 3.], dtype=float32)>"),
];

#[test]
fn functions_do_as_tensorflow_does() {
    agree(include_str!("fixtures/names_v2.json"), DIFFERENT, &[ARRAYS, MATH, MATRICES]);
}
