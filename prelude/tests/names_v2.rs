//! Further functions of TensorFlow 2, each as one expression run at once, beside what TensorFlow 2.20 showed of its value or the
//! error it raised (`fixtures/make_names.py`).

use flowbook::{s, v2 as tf};

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

/// Checks that run at once, of which Python shows `None` when they hold.
macro_rules! checks {
    ($($title:literal => $expression:expr;)*) => {
        &[$(($title, || {
            $expression;
            Ok("None".into())
        })),*]
    };
}

fn six() -> tf::Tensor {
    tf::reshape(tf::range(0, 6, 1), [2, 3, 1])
}

fn square(n: i32) -> tf::Tensor {
    tf::reshape(tf::range(0, n * n, 1), [n, n, 1])
}

fn four() -> tf::Variable {
    tf::Variable::new([1.0, 2.0, 3.0, 4.0])
}

fn two_by_two() -> tf::Variable {
    tf::Variable::new([[1.0, 2.0], [3.0, 4.0]])
}

#[rustfmt::skip]
const IMAGES: &[(&str, Program)] = at_once! {
    "tf.image.rgb_to_grayscale(tf.constant([[[10,20,30],[255,255,255]]],tf.uint8))" => tf::image::rgb_to_grayscale([[[10u8,20,30],[255,255,255]]]);
    "tf.image.rgb_to_grayscale(tf.constant([[[.1,.2,.3],[1.,0.,.5]]]))" => tf::image::rgb_to_grayscale([[[0.1,0.2,0.3],[1.,0.,0.5]]]);
    "tf.image.grayscale_to_rgb(tf.constant([[[1],[2]]]))" => tf::image::grayscale_to_rgb([[[1],[2]]]);
    "tf.image.resize([[[1.],[2.]],[[3.],[4.]]],[4,4])" => tf::image::resize([[[1.],[2.]],[[3.],[4.]]],[4,4]);
    "tf.image.resize([[[1.],[2.]],[[3.],[4.]]],[3,5],method='nearest')" => tf::image::resize([[[1.],[2.]],[[3.],[4.]]],[3,5]).method("nearest");
    "tf.image.resize([[[1],[2]],[[3],[4]]],[3,1])" => tf::image::resize([[[1],[2]],[[3],[4]]],[3,1]);
    "tf.image.resize([[[1],[2]],[[3],[4]]],[3,1],method='nearest')" => tf::image::resize([[[1],[2]],[[3],[4]]],[3,1]).method(tf::image::ResizeMethod::NEAREST_NEIGHBOR);
    "tf.image.resize(tf.constant([[[10],[20]],[[30],[40]]],tf.uint8),[2,2])" => tf::image::resize([[[10u8],[20]],[[30],[40]]],[2,2]);
    "tf.image.resize(tf.reshape(tf.range(16.),[1,4,4,1]),[2,2])" => tf::image::resize(tf::reshape(tf::range(0.,16.,1.),[1,4,4,1]),[2,2]);
    "tf.image.resize(tf.reshape(tf.range(8.),[4,2,1]),[8,8],preserve_aspect_ratio=True)" => tf::image::resize(tf::reshape(tf::range(0.,8.,1.),[4,2,1]),[8,8]).preserve_aspect_ratio(true);
    "tf.image.resize(tf.reshape(tf.range(30.),[1,3,5,2]),[7,4])" => tf::image::resize(tf::reshape(tf::range(0.,30.,1.),[1,3,5,2]),[7,4]);
    "tf.image.resize([1.,2.],[2,2])" => tf::image::resize([1.,2.],[2,2]);
    "tf.image.resize([[[1.]]],[2])" => tf::image::resize([[[1.]]],[2]);
    "tf.image.resize([[[1.]]],[2,2],method='foo')" => tf::image::resize([[[1.]]],[2,2]).method("foo");
    "tf.image.flip_left_right(tf.reshape(tf.range(6),[2,3,1]))" => tf::image::flip_left_right(six());
    "tf.image.flip_up_down(tf.reshape(tf.range(6),[2,3,1]))" => tf::image::flip_up_down(six());
    "tf.image.rot90(tf.reshape(tf.range(6),[2,3,1]))" => tf::image::rot90(six(),1);
    "tf.image.rot90(tf.reshape(tf.range(6),[2,3,1]),k=2)" => tf::image::rot90(six(),2);
    "tf.image.rot90(tf.reshape(tf.range(6),[2,3,1]),k=3)" => tf::image::rot90(six(),3);
    "tf.image.transpose(tf.reshape(tf.range(6),[2,3,1]))" => tf::image::transpose(six());
    "tf.image.flip_left_right([1,2])" => tf::image::flip_left_right([1,2]);
    "tf.image.adjust_brightness([[[.1],[.5]]],0.25)" => tf::image::adjust_brightness([[[0.1],[0.5]]],0.25);
    "tf.image.adjust_brightness(tf.constant([[[100],[250]]],tf.uint8),0.25)" => tf::image::adjust_brightness([[[100u8],[250]]],0.25);
    "tf.image.adjust_contrast([[[1.,2.],[3.,4.]],[[5.,6.],[7.,8.]]],2.)" => tf::image::adjust_contrast([[[1.,2.],[3.,4.]],[[5.,6.],[7.,8.]]],2.);
    "tf.image.adjust_contrast(tf.constant([[[100],[250]],[[10],[20]]],tf.uint8),0.5)" => tf::image::adjust_contrast([[[100u8],[250]],[[10],[20]]],0.5);
    "tf.image.adjust_gamma([[[.25],[.5]]],2.)" => tf::image::adjust_gamma([[[0.25],[0.5]]],2.);
    "tf.image.central_crop(tf.reshape(tf.range(16),[4,4,1]),0.5)" => tf::image::central_crop(square(4),0.5);
    "tf.image.central_crop(tf.reshape(tf.range(25),[5,5,1]),0.5)" => tf::image::central_crop(square(5),0.5);
    "tf.image.central_crop(tf.reshape(tf.range(25),[5,5,1]),1.5)" => tf::image::central_crop(square(5),1.5);
    "tf.image.crop_to_bounding_box(tf.reshape(tf.range(16),[4,4,1]),1,2,2,2)" => tf::image::crop_to_bounding_box(square(4),1,2,2,2);
    "tf.image.crop_to_bounding_box(tf.reshape(tf.range(16),[4,4,1]),1,2,2,3)" => tf::image::crop_to_bounding_box(square(4),1,2,2,3);
    "tf.image.crop_to_bounding_box(tf.reshape(tf.range(16),[4,4,1]),-1,2,2,2)" => tf::image::crop_to_bounding_box(square(4),-1,2,2,2);
    "tf.image.pad_to_bounding_box(tf.reshape(tf.range(4),[2,2,1]),1,0,4,3)" => tf::image::pad_to_bounding_box(square(2),1,0,4,3);
    "tf.image.pad_to_bounding_box(tf.reshape(tf.range(4),[2,2,1]),1,0,2,3)" => tf::image::pad_to_bounding_box(square(2),1,0,2,3);
    "tf.image.pad_to_bounding_box(tf.reshape(tf.range(4),[2,2,1]),-1,0,2,3)" => tf::image::pad_to_bounding_box(square(2),-1,0,2,3);
    "tf.image.resize_with_crop_or_pad(tf.reshape(tf.range(16),[4,4,1]),2,5)" => tf::image::resize_with_crop_or_pad(square(4),2,5);
    "tf.image.resize_with_crop_or_pad(tf.reshape(tf.range(16),[1,4,4,1]),5,2)" => tf::image::resize_with_crop_or_pad(tf::expand_dims(square(4),0),5,2);
    "tf.image.convert_image_dtype(tf.constant([[[0],[128],[255]]],tf.uint8),tf.float32)" => tf::image::convert_image_dtype([[[0u8],[128],[255]]],tf::float32);
    "tf.image.convert_image_dtype([[[0.],[.5],[1.],[1.2]]],tf.uint8,saturate=True)" => tf::image::convert_image_dtype([[[0.],[0.5],[1.],[1.2]]],tf::uint8).saturate(true);
    "tf.image.convert_image_dtype([[[0.],[.5],[1.]]],tf.uint8)" => tf::image::convert_image_dtype([[[0.],[0.5],[1.]]],tf::uint8);
    "tf.image.convert_image_dtype(tf.constant([[[0],[128],[255]]],tf.uint8),tf.int32)" => tf::image::convert_image_dtype([[[0u8],[128],[255]]],tf::int32);
    "tf.image.per_image_standardization(tf.reshape(tf.range(8.),[2,2,2]))" => tf::image::per_image_standardization(tf::reshape(tf::range(0.,8.,1.),[2,2,2]));
    "tf.image.per_image_standardization(tf.ones([2,2,1]))" => tf::image::per_image_standardization(tf::ones([2,2,1]));
    "tf.image.per_image_standardization(tf.constant([[[0],[128],[255]]],tf.uint8))" => tf::image::per_image_standardization([[[0u8],[128],[255]]]);
};

#[rustfmt::skip]
const STRINGS: &[(&str, Program)] = at_once! {
    "tf.strings.length(['hello','','h\\u00e9'])" => tf::strings::length(["hello","","hé"]);
    "tf.strings.length(['h\\u00e9'],unit='UTF8_CHAR')" => tf::strings::length(["hé"]).unit("UTF8_CHAR");
    "tf.strings.upper(['abc','\\u00e9'])" => tf::strings::upper(["abc","é"]);
    "tf.strings.upper(['\\u00e9'],encoding='utf-8')" => tf::strings::upper(["é"]).encoding("utf-8");
    "tf.strings.lower(['ABC'])" => tf::strings::lower(["ABC"]);
    "tf.strings.strip(['  a b \\n'])" => tf::strings::strip(["  a b \n"]);
    "tf.strings.join(['a',['b','c']],separator='-')" => tf::strings::join(("a",["b","c"]),"-");
    "tf.strings.join(['a','b'])" => tf::strings::join(["a","b"],"");
    "tf.strings.split('a b  c')" => tf::strings::split("a b  c");
    "tf.strings.split('a,b,,c',sep=',')" => tf::strings::split("a,b,,c").sep(",");
    "tf.strings.split(' a b ')" => tf::strings::split(" a b ");
    "tf.strings.split('a b c d',maxsplit=2)" => tf::strings::split("a b c d").maxsplit(2);
    "tf.strings.split('')" => tf::strings::split("");
    "tf.strings.substr(['hello','world'],1,3)" => tf::strings::substr(["hello","world"],1,3);
    "tf.strings.substr(['hello','world'],[1,2],[3,1])" => tf::strings::substr(["hello","world"],[1,2],[3,1]);
    "tf.strings.substr('hello',-3,2)" => tf::strings::substr("hello",-3,2);
    "tf.strings.substr(tf.constant('hello'),tf.constant(7),2)" => tf::strings::substr(tf::constant("hello"),tf::constant(7),2);
    "tf.strings.substr('h\\u00e9llo',1,2,unit='UTF8_CHAR')" => tf::strings::substr("héllo",1,2).unit("UTF8_CHAR");
    "tf.strings.to_number(['1','2.5','-3e2'])" => tf::strings::to_number(["1","2.5","-3e2"]);
    "tf.strings.to_number(['1','-7'],tf.int32)" => tf::strings::to_number(["1","-7"]).out_type(tf::int32);
    "tf.strings.to_number(tf.constant('abc'))" => tf::strings::to_number(tf::constant("abc"));
    "tf.strings.to_number(tf.constant('1.5'),tf.int32)" => tf::strings::to_number(tf::constant("1.5")).out_type(tf::int32);
    "tf.strings.to_number(' 1.5 ')" => tf::strings::to_number(" 1.5 ");
    "tf.strings.to_number(tf.constant(''),tf.float64)" => tf::strings::to_number(tf::constant("")).out_type(tf::float64);
    "tf.strings.to_number(['inf','-nan','1e400'])" => tf::strings::to_number(["inf","-nan","1e400"]);
    "tf.strings.as_string([1,-2])" => tf::strings::as_string([1,-2]);
    "tf.strings.as_string([1.5,2.])" => tf::strings::as_string([1.5,2.]);
    "tf.strings.as_string([1.5,2.],precision=2)" => tf::strings::as_string([1.5,2.]).precision(2);
    "tf.strings.as_string([True,False])" => tf::strings::as_string([true,false]);
    "tf.strings.as_string([3.25159],precision=3,shortest=True)" => tf::strings::as_string([3.25159]).precision(3).shortest(true);
    "tf.strings.as_string([3.25159,1e10],scientific=True)" => tf::strings::as_string([3.25159,1e10]).scientific(true);
    "tf.strings.as_string([7,42],width=4)" => tf::strings::as_string([7,42]).width(4);
    "tf.strings.as_string([7,42],width=4,fill='0')" => tf::strings::as_string([7,42]).width(4).fill("0");
    "tf.as_string(['a'])" => tf::as_string(["a"]);
    "tf.strings.as_string([nan,inf])" => tf::strings::as_string([NAN,INF]);
    "tf.strings.reduce_join(['a','b','c'])" => tf::strings::reduce_join(["a","b","c"]);
    "tf.strings.reduce_join([['a','b'],['c','d']],axis=0)" => tf::strings::reduce_join([["a","b"],["c","d"]]).axis(0);
    "tf.strings.reduce_join([['a','b'],['c','d']],axis=1,separator=' ')" => tf::strings::reduce_join([["a","b"],["c","d"]]).axis(1).separator(" ");
    "tf.strings.reduce_join([['a','b'],['c','d']],keepdims=True)" => tf::strings::reduce_join([["a","b"],["c","d"]]).keepdims(true);
    "tf.strings.reduce_join([['a','b'],['c','d']],axis=[1,0],separator='+')" => tf::strings::reduce_join([["a","b"],["c","d"]]).axis([1,0]).separator("+");
};

#[rustfmt::skip]
const RANDOM: &[(&str, Program)] = at_once! {
    "tf.random.stateless_uniform([3],seed=[1,2])" => tf::random::stateless_uniform([3],[1,2]);
    "tf.random.stateless_uniform([3],seed=[1,2],minval=-1,maxval=1)" => tf::random::stateless_uniform([3],[1,2]).minval(-1.).maxval(1.);
    "tf.random.stateless_uniform([3],seed=[1,2],minval=0,maxval=10,dtype=tf.int32)" => tf::random::stateless_uniform([3],[1,2]).minval(0.).maxval(10.).with_dtype(tf::int32);
    "tf.random.stateless_normal([3],seed=(7,17))" => tf::random::stateless_normal([3],(7,17));
    "tf.random.stateless_normal([3],seed=(7,17),mean=2.,stddev=.5)" => tf::random::stateless_normal([3],(7,17)).mean(2.).stddev(0.5);
    "tf.random.stateless_normal([2],seed=(7,17),dtype=tf.float64)" => tf::random::stateless_normal([2],(7,17)).with_dtype(tf::float64);
    "tf.random.stateless_truncated_normal([5],seed=(7,17))" => tf::random::stateless_truncated_normal([5],(7,17));
    "tf.random.stateless_categorical([[0.,1.,2.]],6,seed=[3,4])" => tf::random::stateless_categorical([[0.,1.,2.]],6,[3,4]);
    "tf.random.Generator.from_seed(1234).normal([3])" => tf::random::Generator::from_seed(1234).normal([3]);
    "tf.random.Generator.from_seed(1).uniform([3])" => tf::random::Generator::from_seed(1).uniform([3]);
    "tf.random.Generator.from_seed(1).uniform([3],minval=0,maxval=10,dtype=tf.int32)" => tf::random::Generator::from_seed(1).uniform([3]).minval(0.).maxval(10.).with_dtype(tf::int32);
    "tf.random.Generator.from_seed(1).truncated_normal([3])" => tf::random::Generator::from_seed(1).truncated_normal([3]);
    "tf.random.Generator.from_seed(1).normal([2,2],dtype=tf.float64)" => tf::random::Generator::from_seed(1).normal([2,2]).with_dtype(tf::float64);
    "(lambda g:[g.normal([3]),g.normal([2])][1])(tf.random.Generator.from_seed(1))" => { let g = tf::random::Generator::from_seed(1); let _ = g.normal([3]); g.normal([2]) };
    "(lambda g:[g.uniform([5]),g.normal([2])][1])(tf.random.Generator.from_seed(9))" => { let g = tf::random::Generator::from_seed(9); let _ = g.uniform([5]).maxval(3.); g.normal([2]) };
    "tf.random.Generator.from_seed(-5).normal([2])" => tf::random::Generator::from_seed(-5).normal([2]);
    "tf.random.Generator.from_key_counter(key=7,counter=[1,2],alg='philox').normal([2])" => tf::random::Generator::from_key_counter(7,[1,2]).normal([2]);
    "(tf.random.set_seed(1),tf.random.shuffle(tf.range(10)))[1]" => { tf::random::set_seed(1); tf::random::shuffle(tf::range(0,10,1)) };
    "(tf.random.set_seed(1),tf.random.shuffle(tf.range(10)),tf.random.shuffle(tf.range(10)))[2]" => { tf::random::set_seed(1); let _ = tf::random::shuffle(tf::range(0,10,1)); tf::random::shuffle(tf::range(0,10,1)) };
    "(tf.random.set_seed(5),tf.random.shuffle([[1,2],[3,4],[5,6]]))[1]" => { tf::random::set_seed(5); tf::random::shuffle([[1,2],[3,4],[5,6]]) };
    "(tf.random.set_seed(5),tf.random.shuffle(['a','b','c','d'],seed=3))[1]" => { tf::random::set_seed(5); tf::random::shuffle(["a","b","c","d"]).seed(3) };
    "(tf.random.set_seed(5),tf.random.shuffle(['a','b','c','d'],seed=3),tf.random.shuffle(['a','b','c','d'],seed=3))[2]" => { tf::random::set_seed(5); let _ = tf::random::shuffle(["a","b","c","d"]).seed(3); tf::random::shuffle(["a","b","c","d"]).seed(3) };
    "(tf.random.set_seed(5),tf.random.categorical([[0.,1.,2.]],6))[1]" => { tf::random::set_seed(5); tf::random::categorical([[0.,1.,2.]],6) };
    "(tf.random.set_seed(5),tf.random.categorical([[0.,1.,2.],[1.,1.,1.]],3,seed=9))[1]" => { tf::random::set_seed(5); tf::random::categorical([[0.,1.,2.],[1.,1.,1.]],3).seed(9) };
    "(tf.random.set_seed(5),tf.random.categorical([[0.,1.,2.],[1.,1.,1.]],3,seed=9),tf.random.categorical([[0.,1.,2.],[1.,1.,1.]],7,seed=9))[2]" => { tf::random::set_seed(5); let _ = tf::random::categorical([[0.,1.,2.],[1.,1.,1.]],3).seed(9); tf::random::categorical([[0.,1.,2.],[1.,1.,1.]],7).seed(9) };
    "(tf.random.set_seed(5),tf.random.categorical(tf.constant([[0.,1.]],tf.float64),3,dtype=tf.int32))[1]" => { tf::random::set_seed(5); tf::random::categorical(tf::constant([[0.,1.]]).with_dtype(tf::float64),3).with_dtype(tf::int32) };
    "tf.random.categorical([1.,2.],3)" => tf::random::categorical([1.,2.],3);
};

#[rustfmt::skip]
const CHECKS: &[(&str, Program)] = checks! {
    "tf.debugging.assert_equal([1,2],[1,3])" => tf::debugging::assert_equal([1,2],[1,3]);
    "tf.debugging.assert_equal([1,2],[1,2])" => tf::debugging::assert_equal([1,2],[1,2]);
    "tf.debugging.assert_equal([1,2],[1,3],message='no match')" => tf::debugging::assert_equal_with_message([1,2],[1,3],"no match");
    "tf.debugging.assert_equal(tf.constant([1.,2.,7.,8.,9.]),tf.constant([1.,3.,5.,4.,2.]))" => tf::debugging::assert_equal(tf::constant([1.,2.,7.,8.,9.]),tf::constant([1.,3.,5.,4.,2.]));
    "tf.debugging.assert_equal(tf.constant(1),2)" => tf::debugging::assert_equal(tf::constant(1),2);
    "tf.debugging.assert_equal([[1,2],[3,4]],[[1,2],[3,5]])" => tf::debugging::assert_equal([[1,2],[3,4]],[[1,2],[3,5]]);
    "tf.debugging.assert_equal(['a'],['b'])" => tf::debugging::assert_equal(["a"],["b"]);
    "tf.debugging.assert_equal([1,2],[1,2,3])" => tf::debugging::assert_equal([1,2],[1,2,3]);
    "tf.debugging.assert_equal([1,2],[1.,2.])" => tf::debugging::assert_equal([1,2],[1.,2.]);
    "tf.debugging.assert_none_equal([1,2],[3,2])" => tf::debugging::assert_none_equal([1,2],[3,2]);
    "tf.debugging.assert_less([1,2],[3,2])" => tf::debugging::assert_less([1,2],[3,2]);
    "tf.debugging.assert_less([1,2],3)" => tf::debugging::assert_less([1,2],3);
    "tf.debugging.assert_less([1,5],3)" => tf::debugging::assert_less([1,5],3);
    "tf.debugging.assert_less_equal([1,2],[3,1])" => tf::debugging::assert_less_equal([1,2],[3,1]);
    "tf.debugging.assert_greater([1.,2.],[0.,2.])" => tf::debugging::assert_greater([1.,2.],[0.,2.]);
    "tf.debugging.assert_greater_equal([1.,2.],[0.,3.])" => tf::debugging::assert_greater_equal([1.,2.],[0.,3.]);
    "tf.debugging.assert_positive([1.,-2.])" => tf::debugging::assert_positive([1.,-2.]);
    "tf.debugging.assert_positive([1.,2.])" => tf::debugging::assert_positive([1.,2.]);
    "tf.debugging.assert_negative([1.,-2.])" => tf::debugging::assert_negative([1.,-2.]);
    "tf.debugging.assert_non_negative([1,-2,3,4,5])" => tf::debugging::assert_non_negative([1,-2,3,4,5]);
    "tf.debugging.assert_non_positive([1.,-2.])" => tf::debugging::assert_non_positive([1.,-2.]);
    "tf.debugging.assert_near([1.,2.],[1.,2.1])" => tf::debugging::assert_near([1.,2.],[1.,2.1]);
    "tf.debugging.assert_near([1.,2.],[1.,2.0000001])" => tf::debugging::assert_near([1.,2.],[1.,2.0000001]);
    "tf.debugging.assert_near([1.,2.],[1.,2.1],rtol=0.1,atol=0.)" => tf::debugging::assert_near_within([1.,2.],[1.,2.1],0.1,0.);
    "tf.debugging.assert_near([1.,2.],[1.,2.5],rtol=0.1,atol=0.01)" => tf::debugging::assert_near_within([1.,2.],[1.,2.5],0.1,0.01);
    "tf.debugging.assert_shapes([(tf.ones([2,3]),('N',3)),(tf.ones([4]),('N',))])" => tf::debugging::assert_shapes(((tf::ones([2,3]),("N",3)),(tf::ones([4]),("N",))));
    "tf.debugging.assert_shapes([(tf.ones([2,3]),(2,4))])" => tf::debugging::assert_shapes([(tf::ones([2,3]),[2,4])]);
    "tf.debugging.assert_shapes([(tf.ones([2,3]),('N','M')),(tf.ones([2]),('N',))])" => tf::debugging::assert_shapes(((tf::ones([2,3]),["N","M"]),(tf::ones([2]),["N"])));
    "tf.debugging.assert_shapes([(tf.ones([2,3]),('N','M','K'))])" => tf::debugging::assert_shapes([(tf::ones([2,3]),["N","M","K"])]);
    "tf.debugging.assert_rank(tf.ones([2,3]),1)" => tf::debugging::assert_rank(tf::ones([2,3]),1);
    "tf.debugging.assert_rank(tf.ones([2,3]),2)" => tf::debugging::assert_rank(tf::ones([2,3]),2);
    "tf.debugging.assert_rank_at_least(tf.ones([2,3]),3)" => tf::debugging::assert_rank_at_least(tf::ones([2,3]),3);
    "tf.debugging.assert_type(tf.ones([2,3]),tf.int32)" => tf::debugging::assert_type(tf::ones([2,3]),tf::int32);
    "tf.debugging.assert_scalar(tf.ones([2,3]))" => tf::debugging::assert_scalar(tf::ones([2,3]));
};

#[rustfmt::skip]
const PARTS: &[(&str, Program)] = at_once! {
    "tf.debugging.assert_all_finite([1.,nan],'bad')" => tf::debugging::assert_all_finite([1.,NAN],"bad");
    "tf.debugging.assert_all_finite([1.,2.],'bad')" => tf::debugging::assert_all_finite([1.,2.],"bad");
    "tf.debugging.check_numerics(tf.constant([1.,inf,nan]),'oops')" => tf::debugging::check_numerics(tf::constant([1.,INF,NAN]),"oops");
    "tf.debugging.check_numerics(tf.constant([1.,-inf]),'oops')" => tf::debugging::check_numerics(tf::constant([1.,-INF]),"oops");
    "tf.linalg.global_norm([tf.constant([3.,4.]),tf.constant(12.)])" => tf::linalg::global_norm((tf::constant([3.,4.]),tf::constant(12.)));
    "tf.clip_by_global_norm([tf.constant([3.,4.]),tf.constant(12.)],1.0)[0][0]" => tf::clip_by_global_norm((tf::constant([3.,4.]),tf::constant(12.)),1.0).0[0].clone();
    "tf.clip_by_global_norm([tf.constant([3.,4.]),tf.constant(12.)],1.0)[0][1]" => tf::clip_by_global_norm((tf::constant([3.,4.]),tf::constant(12.)),1.0).0[1].clone();
    "tf.clip_by_global_norm([tf.constant([3.,4.]),tf.constant(12.)],1.0)[1]" => tf::clip_by_global_norm((tf::constant([3.,4.]),tf::constant(12.)),1.0).1;
    "tf.clip_by_global_norm([tf.constant([3.,inf])],6.5)[0][0]" => tf::clip_by_global_norm([tf::constant([3.,INF])],6.5).0[0].clone();
    "tf.clip_by_norm([3.,4.],1.)" => tf::clip_by_norm([3.,4.],1.);
    "tf.TensorArray(tf.float32,size=3).write(0,1.).write(2,3.).stack()" => tf::TensorArray::new(tf::float32,3).write(0,1.).write(2,3.).stack();
    "tf.TensorArray(tf.float32,size=2).write(5,1.)" => tf::TensorArray::new(tf::float32,2).write(5,1.).stack();
    "tf.TensorArray(tf.float32,size=0,dynamic_size=True).write(2,[1.,2.]).stack()" => tf::TensorArray::new(tf::float32,0).dynamic_size(true).write(2,[1.,2.]).stack();
    "tf.TensorArray(tf.float32,size=2).unstack([[1.,2.],[3.,4.]]).read(1)" => tf::TensorArray::new(tf::float32,2).unstack([[1.,2.],[3.,4.]]).read(1);
    "tf.TensorArray(tf.float32,size=2).unstack([[1.,2.],[3.,4.]]).gather([1,0])" => tf::TensorArray::new(tf::float32,2).unstack([[1.,2.],[3.,4.]]).gather([1,0]);
    "tf.TensorArray(tf.float32,size=2).unstack([[1.,2.],[3.,4.]]).concat()" => tf::TensorArray::new(tf::float32,2).unstack([[1.,2.],[3.,4.]]).concat();
    "tf.TensorArray(tf.float32,size=2).unstack([[1.,2.],[3.,4.]]).size()" => tf::TensorArray::new(tf::float32,2).unstack([[1.,2.],[3.,4.]]).size();
    "tf.TensorArray(tf.float32,size=2).scatter([1,0],[5.,6.]).stack()" => tf::TensorArray::new(tf::float32,2).scatter([1,0],[5.,6.]).stack();
    "tf.TensorArray(tf.int32,size=0).stack()" => tf::TensorArray::new(tf::int32,0).stack();
    "(lambda v:(v.scatter_nd_update([[1],[3]],[9.,10.]),v))(tf.Variable([1.,2.,3.,4.]))[1]" => { let v = four(); v.scatter_nd_update([[1],[3]],[9.,10.]); v };
    "(lambda v:v.scatter_nd_update([[1],[3]],[9.,10.]))(tf.Variable([1.,2.,3.,4.]))" => four().scatter_nd_update([[1],[3]],[9.,10.]);
    "(lambda v:v.scatter_nd_add([[1],[3]],[9.,10.]))(tf.Variable([1.,2.,3.,4.]))" => four().scatter_nd_add([[1],[3]],[9.,10.]);
    "(lambda v:v.scatter_nd_sub([[0,1]],[9.]))(tf.Variable([[1.,2.],[3.,4.]]))" => two_by_two().scatter_nd_sub([[0,1]],[9.]);
    "(lambda v:v.scatter_update(tf.IndexedSlices([9.,8.],[1,2])))(tf.Variable([1.,2.,3.,4.]))" => four().scatter_update(&tf::IndexedSlices::new([9.,8.],[1,2]));
    "(lambda v:v.scatter_add(tf.IndexedSlices([9.,8.],[1,2])))(tf.Variable([1.,2.,3.,4.]))" => four().scatter_add(&tf::IndexedSlices::new([9.,8.],[1,2]));
    "(lambda v:v[1:3].assign([7.,8.]))(tf.Variable([1.,2.,3.,4.]))" => four().slice(s![1..3]).assign([7.,8.]);
    "(lambda v:v[0].assign([7.,8.]))(tf.Variable([[1.,2.],[3.,4.]]))" => two_by_two().slice(s![0]).assign([7.,8.]);
    "(lambda v:v[:,1].assign(5.))(tf.Variable([[1.,2.],[3.,4.]]))" => two_by_two().slice(s![..,1]).assign(5.);
    "(lambda v:v[0].assign([7.,8.,9.]))(tf.Variable([[1.,2.],[3.,4.]]))" => two_by_two().slice(s![0]).assign([7.,8.,9.]);
    "(lambda v:v.scatter_nd_update([[7]],[9.]))(tf.Variable([1.,2.,3.,4.]))" => four().scatter_nd_update([[7]],[9.]);
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
    // A part of a variable is computed as a tensor of its own before it is assigned, and so are scattered updates.
    (
        "(lambda v:v[0].assign([7.,8.,9.]))(tf.Variable([[1.,2.],[3.,4.]]))",
        "InvalidArgumentError: Cannot broadcast input shape [3] into final shape [2]",
    ),
    (
        "(lambda v:v.scatter_nd_update([[7]],[9.]))(tf.Variable([1.,2.,3.,4.]))",
        "InvalidArgumentError: {{function_node __wrapped__TensorScatterUpdate_device_/job:localhost/replica:0/task:0/device:CPU:0}} indices[0] = [7] does not index into shape [4] [Op:TensorScatterUpdate] name: ",
    ),
    // Eigenvalues are computed in float64.
    ("tf.linalg.eigh([[2.,1.],[1.,2.]])[0]", "<tf.Tensor: shape=(2,), dtype=float32, numpy=array([1., 3.], dtype=float32)>"),
];

#[test]
fn functions_do_as_tensorflow_does() {
    agree(
        include_str!("fixtures/names_v2.json"),
        DIFFERENT,
        &[ARRAYS, MATH, MATRICES, IMAGES, STRINGS, RANDOM, CHECKS, PARTS],
    );
}
