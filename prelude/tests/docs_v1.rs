//! The points that TensorFlow's own descriptions of its functions make, each as one expression beside what TensorFlow 2.20
//! (`tf.compat.v1`) printed of the tensor and its value, or the error that building or running it raised
//! (`fixtures/make_docs_v1.py`).

use flowbook::ArrayLike;
use flowbook::v1::{self as tf, nn};

mod expressions;

use expressions::{INF, NAN, Program, agree, built, fed, t};

#[rustfmt::skip]
const ARRAYS: &[(&str, Program)] = built! {
    "tf.concat([[[1,2],[3,4]],[[5,6],[7,8]]],0)" => tf::concat([[[1,2],[3,4]],[[5,6],[7,8]]],0);
    "tf.concat([[[1,2],[3,4]],[[5,6],[7,8]]],1)" => tf::concat([[[1,2],[3,4]],[[5,6],[7,8]]],1);
    "tf.concat([tf.zeros([2,1]),[[1.],[2.]]],-1)" => tf::concat((tf::zeros([2,1]),[[1.],[2.]]),-1);
    "tf.concat([tf.constant(['a']),['b','c']],0)" => tf::concat((t(["a"]),["b","c"]),0);
    "tf.concat([tf.ones([2]),[1,2]],0)" => tf::concat((tf::ones([2]),[1,2]),0);
    "tf.stack([[1,4],[2,5],[3,6]])" => tf::stack([[1,4],[2,5],[3,6]]);
    "tf.stack([[1,4],[2,5],[3,6]],axis=1)" => tf::stack([[1,4],[2,5],[3,6]]).axis(1);
    "tf.stack([tf.constant([1,4]),tf.constant([2,5])],axis=1)" => tf::stack([t([1,4]),t([2,5])]).axis(1);
    "tf.stack([tf.constant([1,4]),tf.constant([2,5])],axis=-1,name='s')" => tf::stack([t([1,4]),t([2,5])]).axis(-1).named("s");
    "tf.stack([tf.constant([[1.,4.]]),tf.constant([[2.,5.]])],axis=2)" => tf::stack([t([[1.,4.]]),t([[2.,5.]])]).axis(2);
    "tf.stack([tf.constant([1,4]),tf.constant([2,5])],axis=2)" => tf::stack([t([1,4]),t([2,5])]).axis(2);
    "tf.stack([tf.constant(1.),2.,3])" => tf::stack((t(1.),2.,3));
    "tf.stack([tf.constant(1.),2.],axis=-1)" => tf::stack((t(1.),2.)).axis(-1);
    "tf.stack([tf.constant([1,2]),tf.constant([3])],axis=1)" => tf::stack([t([1,2]),t([3])]).axis(1);
    "tf.add_n([[1,2],[3,4]])" => tf::add_n([[1,2],[3,4]]);
    "tf.add_n([tf.constant([1.,2.]),[3.,4.]])" => tf::add_n((t([1.,2.]),[3.,4.]));
    "tf.add_n([tf.constant([[3,5],[4,8]]),tf.constant([[1,6],[2,9]])])" => tf::add_n([t([[3,5],[4,8]]),t([[1,6],[2,9]])]);
    "tf.gather(['a','b','c','d'],2)" => tf::gather(["a","b","c","d"],2);
    "tf.gather(['a','b','c','d'],[3,0,3])" => tf::gather(["a","b","c","d"],[3,0,3]);
    "tf.gather(['a','b','c','d'],[[3,0],[1,1]])" => tf::gather(["a","b","c","d"],[[3,0],[1,1]]);
    "tf.gather([[0.,1.,2.],[10.,11.,12.]],[2,0],axis=1)" => tf::gather([[0.,1.,2.],[10.,11.,12.]],[2,0]).axis(1);
    "tf.gather([[0.,1.,2.],[10.,11.,12.]],1,axis=-1)" => tf::gather([[0.,1.,2.],[10.,11.,12.]],1).axis(-1);
    "tf.gather([[0,1,2],[10,11,12]],[[0,2]],axis=1,name='g')" => tf::gather([[0,1,2],[10,11,12]],[[0,2]]).axis(1).named("g");
    "tf.gather([[0,0,7,0],[3,0,0,4]],[[2,0],[0,3]],axis=1,batch_dims=1)" => tf::gather([[0,0,7,0],[3,0,0,4]],[[2,0],[0,3]]).axis(1).batch_dims(1);
    "tf.gather([[0,0,7,0],[3,0,0,4]],[2,3],batch_dims=1)" => tf::gather([[0,0,7,0],[3,0,0,4]],[2,3]).batch_dims(1);
    "tf.gather([[[1,2],[3,4]],[[5,6],[7,8]]],[[1],[0]],axis=2,batch_dims=1)" => tf::gather([[[1,2],[3,4]],[[5,6],[7,8]]],[[1],[0]]).axis(2).batch_dims(1);
    "tf.gather([[[1,2],[3,4]],[[5,6],[7,8]]],[[1],[0]],batch_dims=-1)" => tf::gather([[[1,2],[3,4]],[[5,6],[7,8]]],[[1],[0]]).batch_dims(-1);
    "tf.gather([1,2,3],[0],axis=1)" => tf::gather([1,2,3],[0]).axis(1);
    "tf.gather([[1,2,3]],[3],axis=1)" => tf::gather([[1,2,3]],[3]).axis(1);
    "tf.one_hot([0,2],4)" => tf::one_hot([0,2],4);
    "tf.one_hot([0,2,-1,1],3,on_value=5.,off_value=-1.)" => tf::one_hot([0,2,-1,1],3).on_value(5.).off_value(-1.);
    "tf.one_hot([0,2,-1,1],3,axis=0)" => tf::one_hot([0,2,-1,1],3).axis(0);
    "tf.one_hot([[0,2],[1,-1]],3,axis=1)" => tf::one_hot([[0,2],[1,-1]],3).axis(1);
    "tf.one_hot([[0,2],[1,-1]],3,dtype=tf.int32)" => tf::one_hot([[0,2],[1,-1]],3).with_dtype(tf::int32);
    "tf.one_hot([1],2,dtype=tf.bool)" => tf::one_hot([1],2).with_dtype(tf::bool);
    "tf.one_hot([1,0],3,axis=2)" => tf::one_hot([1,0],3).axis(2);
    "tf.one_hot(1,3)" => tf::one_hot(1,3);
    "tf.pad([[1,2,3],[4,5,6]],[[1,1],[2,2]])" => tf::pad([[1,2,3],[4,5,6]],[[1,1],[2,2]]);
    "tf.pad([[1,2,3],[4,5,6]],[[1,1],[2,2]],'REFLECT')" => tf::pad([[1,2,3],[4,5,6]],[[1,1],[2,2]]).mode("REFLECT");
    "tf.pad([[1,2,3],[4,5,6]],[[1,1],[2,2]],'SYMMETRIC')" => tf::pad([[1,2,3],[4,5,6]],[[1,1],[2,2]]).mode("SYMMETRIC");
    "tf.pad([[1,2,3],[4,5,6]],[[0,1],[2,0]],constant_values=9)" => tf::pad([[1,2,3],[4,5,6]],[[0,1],[2,0]]).constant_values(9);
    "tf.pad([1.,2.],[[1,2]],constant_values=0.5)" => tf::pad([1.,2.],[[1,2]]).constant_values(0.5);
    "tf.pad([1.,2.],[[1,2]],constant_values=0)" => tf::pad([1.,2.],[[1,2]]).constant_values(0);
    "tf.pad([1,2,3],[[3,1]],'reflect')" => tf::pad([1,2,3],[[3,1]]).mode("reflect");
    "tf.pad([1,2,3],[[4,1]],'SYMMETRIC')" => tf::pad([1,2,3],[[4,1]]).mode("SYMMETRIC");
    "tf.pad([1,2,3],[[1,1]],'EDGE')" => tf::pad([1,2,3],[[1,1]]).mode("EDGE");
    "tf.cumsum([2,4,6,8])" => tf::cumsum([2,4,6,8],0);
    "tf.cumsum([2,4,6,8],exclusive=True)" => tf::cumsum([2,4,6,8],0).exclusive(true);
    "tf.cumsum([2,4,6,8],reverse=True)" => tf::cumsum([2,4,6,8],0).reverse(true);
    "tf.cumsum([[2,4,6],[1,3,5]],axis=1,exclusive=True,reverse=True)" => tf::cumsum([[2,4,6],[1,3,5]],1).exclusive(true).reverse(true);
    "tf.math.cumprod([2.,4.,6.])" => tf::math::cumprod([2.,4.,6.],0);
    "tf.math.cumprod([2.,4.,6.],exclusive=True)" => tf::math::cumprod([2.,4.,6.],0).exclusive(true);
    "tf.math.cumprod([[2,4],[3,5]],axis=1,reverse=True)" => tf::math::cumprod([[2,4],[3,5]],1).reverse(true);
    "tf.eye(2)" => tf::eye(2);
    "tf.eye(2,num_columns=3)" => tf::eye(2).num_columns(3);
    "tf.eye(3,2)" => tf::eye(3).num_columns(2);
    "tf.eye(2,dtype=tf.int32)" => tf::eye(2).with_dtype(tf::int32);
    "tf.split(tf.range(6),3)[1]" => tf::split(tf::range(0,6,1),3,0)[1];
    "tf.split([[1,2,3,4,5],[6,7,8,9,10]],[1,3,1],1)[1]" => tf::split([[1,2,3,4,5],[6,7,8,9,10]],[1,3,1],1)[1];
    "tf.split([[1,2,3,4,5],[6,7,8,9,10]],[1,-1],1)[1]" => tf::split([[1,2,3,4,5],[6,7,8,9,10]],[1,-1],1)[1];
    "tf.split([1,2,3],[1,1],0)[1]" => tf::split([1,2,3],[1,1],0)[1];
    "tf.split([1,2,3],[3],0)[0]" => tf::split([1,2,3],[3],0)[0];
    "tf.split([1,2,3],[1,2],1)[0]" => tf::split([1,2,3],[1,2],1)[0];
    "tf.unstack(tf.reshape(tf.range(6),(2,3)))[1]" => tf::unstack(tf::reshape(tf::range(0,6,1),[2,3]),0)[1];
    "tf.unstack(tf.reshape(tf.range(6),(2,3)),axis=1)[2]" => tf::unstack(tf::reshape(tf::range(0,6,1),[2,3]),1)[2];
    "tf.fill([2,3],9)" => tf::fill([2,3],9);
    "tf.fill([2],'no')" => tf::fill([2],"no");
    "tf.reshape([[1,2,3],[4,5,6]],[-1])" => tf::reshape([[1,2,3],[4,5,6]],[-1]);
    "tf.reshape([[1,2,3],[4,5,6]],[3,-1])" => tf::reshape([[1,2,3],[4,5,6]],[3,-1]);
    "tf.reshape([7],[])" => tf::reshape([7],[0i32;0]);
    "tf.reshape([1,2,3],[2,2])" => tf::reshape([1,2,3],[2,2]);
    "tf.reshape([[[1,1,1],[2,2,2]],[[3,3,3],[4,4,4]]],[2,-1])" => tf::reshape([[[1,1,1],[2,2,2]],[[3,3,3],[4,4,4]]],[2,-1]);
    "tf.transpose([[1,2,3],[4,5,6]])" => tf::transpose([[1,2,3],[4,5,6]]);
    "tf.transpose([[[1,2],[3,4]],[[5,6],[7,8]]],perm=[0,2,1])" => tf::transpose([[[1,2],[3,4]],[[5,6],[7,8]]]).perm([0,2,1]);
    "tf.reverse([[1,2,3],[4,5,6]],[1])" => tf::reverse([[1,2,3],[4,5,6]],[1]);
    "tf.reverse([[1,2,3],[4,5,6]],[-2])" => tf::reverse([[1,2,3],[4,5,6]],[-2]);
    "tf.reverse([[1,2,3],[4,5,6]],[0,1])" => tf::reverse([[1,2,3],[4,5,6]],[0,1]);
    "tf.squeeze(tf.ones([1,2,1,3]))" => tf::squeeze(tf::ones([1,2,1,3]),&[]);
    "tf.squeeze(tf.ones([1,2,1,1]),[2,3])" => tf::squeeze(tf::ones([1,2,1,1]),&[2,3]);
    "tf.expand_dims(tf.zeros([2,3]),-1)" => tf::expand_dims(tf::zeros([2,3]),-1);
    "tf.slice([[[1,1],[2,2]],[[3,3],[4,4]]],[1,0,0],[1,2,1])" => tf::slice([[[1,1],[2,2]],[[3,3],[4,4]]],[1,0,0],[1,2,1]);
    "tf.slice([[1,2,3],[4,5,6]],[0,1],[-1,2])" => tf::slice([[1,2,3],[4,5,6]],[0,1],[-1,2]);
    "tf.strided_slice([[[1,1],[2,2]],[[3,3],[4,4]]],[1,-1,0],[2,-3,2],[1,-1,1])" => tf::strided_slice([[[1,1],[2,2]],[[3,3],[4,4]]],[1,-1,0],[2,-3,2],[1,-1,1]);
    "tf.tile([[1,2],[3,4]],[1,2])" => tf::tile([[1,2],[3,4]],[1,2]);
    "tf.broadcast_to([[1],[2]],[2,3])" => tf::broadcast_to([[1],[2]],[2,3]);
    "tf.range(3,18,3)" => tf::range(3,18,3);
    "tf.range(3,1,-0.5)" => tf::range(3,1,-0.5);
    "tf.linspace(10.,12.,5)" => tf::linspace(10.,12.,5);
    "tf.linspace([0.,5.],[10.,40.],3)" => tf::linspace([0.,5.],[10.,40.],3);
    "tf.boolean_mask([0,1,2,3],[True,False,True,False])" => tf::boolean_mask([0,1,2,3],[true,false,true,false]);
    "tf.boolean_mask([[1,2],[3,4],[5,6]],[True,False,True])" => tf::boolean_mask([[1,2],[3,4],[5,6]],[true,false,true]);
    "tf.where([True,False,True])" => tf::r#where([true,false,true]);
    "tf.where([True,False,True],[1,2,3],[4,5,6])" => tf::select([true,false,true],[1,2,3],[4,5,6]);
    "tf.ones_like([[1,2,3],[4,5,6]])" => tf::ones_like([[1,2,3],[4,5,6]]);
    "tf.zeros_like([[1.,2.],[4.,5.]])" => tf::zeros_like([[1.,2.],[4.,5.]]);
    "tf.ones([2,3],tf.int32)" => tf::ones([2,3]).with_dtype(tf::int32);
    "tf.constant(-1.,shape=[2,3])" => tf::constant(-1.).with_shape([2,3]);
    "tf.constant([1,2,3,4,5,6],shape=[2,3])" => tf::constant([1,2,3,4,5,6]).with_shape([2,3]);
    "tf.rank([[[1,1],[2,2]]])" => tf::rank([[[1,1],[2,2]]]);
    "tf.size([[[1,1],[2,2]]])" => tf::size([[[1,1],[2,2]]]);
    "tf.shape([[[1,1],[2,2]]])" => tf::shape([[[1,1],[2,2]]]);
    "tf.scatter_nd([[4],[3],[1],[6]],[9,10,11,12],[7])" => tf::scatter_nd([[4],[3],[1],[6]],[9,10,11,12],[7]);
    "tf.scatter_nd([[1],[0]],[[5,6],[7,8]],[3,2])" => tf::scatter_nd([[1],[0]],[[5,6],[7,8]],[3,2]);
    "tf.tensor_scatter_nd_add(tf.ones([5],dtype=tf.int32),[[4],[3],[1]],[9,10,11])" => tf::tensor_scatter_nd_add(tf::ones([5]).with_dtype(tf::int32),[[4],[3],[1]],[9,10,11]);
    "tf.tensor_scatter_nd_sub(tf.ones([2,2]),[[1]],[[5.,6.]])" => tf::tensor_scatter_nd_sub(tf::ones([2,2]),[[1]],[[5.,6.]]);
    "tf.tensor_scatter_nd_update([[1,1],[1,1],[1,1]],[[0,1],[2,0]],[5,10])" => tf::tensor_scatter_nd_update([[1,1],[1,1],[1,1]],[[0,1],[2,0]],[5,10]);
    "tf.tensor_scatter_nd_update(tf.zeros([3,3]),[[[0,0],[1,1]],[[0,2],[2,0]]],[[1.,2.],[3.,4.]])" => tf::tensor_scatter_nd_update(tf::zeros([3,3]),[[[0,0],[1,1]],[[0,2],[2,0]]],[[1.,2.],[3.,4.]]);
    "tf.math.unsorted_segment_sum([[1,2,3],[5,6,7],[3,2,1]],[0,1,0],num_segments=2)" => tf::math::unsorted_segment_sum([[1,2,3],[5,6,7],[3,2,1]],[0,1,0],2);
    "tf.nn.top_k([1,2,98,1,99,3,96],k=3)[0]" => nn::top_k([1,2,98,1,99,3,96],3).0;
    "tf.nn.top_k([1,1,0,1,0,1],k=3)[1]" => nn::top_k([1,1,0,1,0,1],3).1;
};

#[rustfmt::skip]
const MATH: &[(&str, Program)] = built! {
    "tf.abs([-2.25,3.25])" => tf::abs([-2.25,3.25]);
    "tf.acos([1.,-0.5,3.4,0.2,0.])" => tf::acos([1.,-0.5,3.4,0.2,0.]);
    "tf.add([1,2,3],1)" => tf::add([1,2,3],1);
    "tf.subtract(1,[1,2,3])" => tf::subtract(1,[1,2,3]);
    "tf.subtract(tf.ones([2,3,1]),tf.ones([2,1,3]))" => tf::subtract(tf::ones([2,3,1]),tf::ones([2,1,3]));
    "tf.argmax([1.,10.,26.9,2.8,166.32,62.3],0)" => tf::argmax([1.,10.,26.9,2.8,166.32,62.3],0);
    "tf.argmax([[1,5,2],[9,3,4]],1,output_type=tf.int32)" => tf::argmax([[1,5,2],[9,3,4]],1).output_type(tf::int32);
    "tf.argmin([4.,1.5,1.5],0,output_type='int32')" => tf::argmin([4.,1.5,1.5],0).output_type("int32");
    "tf.asin(tf.sin([1.047,0.785]))" => tf::asin(tf::sin([1.047,0.785]));
    "tf.atan2([1.,-1.],[1.,1.])" => tf::atan2([1.,-1.],[1.,1.]);
    "tf.ceil([-1.7,-0.2,0.2,1.5,2.])" => tf::ceil([-1.7,-0.2,0.2,1.5,2.]);
    "tf.floor([1.3324,-1.5,-2.532,0.99,inf])" => tf::floor([1.3324,-1.5,-2.532,0.99,INF]);
    "tf.round([0.9,2.5,2.3,1.5,-4.5])" => tf::round([0.9,2.5,2.3,1.5,-4.5]);
    "tf.cos([-inf,-9.,-0.5,1.,1.2,200.])" => tf::cos([-INF,-9.,-0.5,1.,1.2,200.]);
    "tf.cosh([-inf,-9.,-0.5,1.,1.2,2.,10.,inf])" => tf::cosh([-INF,-9.,-0.5,1.,1.2,2.,10.,INF]);
    "tf.sinh([-inf,-9.,-0.5,1.,1.2,2.,10.,inf])" => tf::sinh([-INF,-9.,-0.5,1.,1.2,2.,10.,INF]);
    "tf.sin([-inf,-9.,-0.5,1.,1.2,200.,10.,inf])" => tf::sin([-INF,-9.,-0.5,1.,1.2,200.,10.,INF]);
    "tf.tan([-inf,-9.,-0.5,1.,1.2,200.,inf])" => tf::tan([-INF,-9.,-0.5,1.,1.2,200.,INF]);
    "tf.tanh([-inf,-5.,-0.5,1.,1.2,2.,3.,inf])" => tf::tanh([-INF,-5.,-0.5,1.,1.2,2.,3.,INF]);
    "tf.divide([16,12,11],[4,6,2])" => tf::divide([16,12,11],[4,6,2]);
    "tf.truediv([10,20,30],[2,4,7])" => tf::truediv([10,20,30],[2,4,7]);
    "tf.truediv(5.,0.)" => tf::truediv(5.,0.);
    "tf.equal([2,4],2)" => tf::equal([2,4],2);
    "tf.not_equal([2,4],[2,5])" => tf::not_equal([2,4],[2,5]);
    "tf.greater([5,4,6],[5])" => tf::greater([5,4,6],[5]);
    "tf.less_equal([5,4,6],[5,6,6])" => tf::less_equal([5,4,6],[5,6,6]);
    "tf.erf([[1.,2.,3.],[0.,-1.,-2.]])" => tf::erf([[1.,2.,3.],[0.,-1.,-2.]]);
    "tf.exp([2.,8.])" => tf::exp([2.,8.]);
    "tf.expm1([2.,8.])" => tf::expm1([2.,8.]);
    "tf.log([0.,0.5,1.,5.])" => tf::log([0.,0.5,1.,5.]);
    "tf.log1p([0.,0.5,1.,5.])" => tf::log1p([0.,0.5,1.,5.]);
    "tf.is_finite([5.,4.8,inf,nan])" => tf::is_finite([5.,4.8,INF,NAN]);
    "tf.logical_and([[True,False]],[[True],[False]])" => tf::logical_and([[true,false]],[[true],[false]]);
    "tf.logical_or([False],[False,True,True])" => tf::logical_or([false],[false,true,true]);
    "tf.logical_not([True,False])" => tf::logical_not([true,false]);
    "tf.constant([True,True])&[True,False]" => t([true,true])&[true,false];
    "tf.constant([False,True])|[False,False]" => t([false,true])|[false,false];
    "~tf.constant([False,True])" => !t([false,true]);
    "tf.constant([False,True])^[True,True]" => t([false,true])^[true,true];
    "tf.maximum([-5.,0.,0.],[-3.])" => tf::maximum([-5.,0.,0.],[-3.]);
    "tf.minimum([0.,0.,0.],[-5.,-2.,3.])" => tf::minimum([0.,0.,0.],[-5.,-2.,3.]);
    "tf.multiply(7,6)" => tf::multiply(7,6);
    "tf.ones([1,2])*tf.ones([2,1])" => tf::ones([1,2])*tf::ones([2,1]);
    "tf.pow([[2,2],[3,3]],[[8,16],[2,3]])" => tf::pow([[2,2],[3,3]],[[8,16],[2,3]]);
    "tf.sigmoid([0.,1.,50.,100.])" => tf::sigmoid([0.,1.,50.,100.]);
    "tf.sigmoid([-100.,-50.,-1.,0.])" => tf::sigmoid([-100.,-50.,-1.,0.]);
    "tf.sign([0.,2.,-3.])" => tf::sign([0.,2.,-3.]);
    "tf.sqrt([[-4.],[16.]])" => tf::sqrt([[-4.],[16.]]);
    "tf.square([-2.,0.,3.])" => tf::square([-2.,0.,3.]);
    "tf.cast([1.8,2.2],tf.int32)" => tf::cast([1.8,2.2],tf::int32);
    "tf.to_double(tf.constant(3.25))" => tf::to_double(t(3.25));
    "tf.to_int64(tf.constant([1,2]))" => tf::to_int64(t([1,2]));
    "tf.clip_by_value([[-10.,-1.,0.],[0.,2.,10.]],-1,1)" => tf::clip_by_value([[-10.,-1.,0.],[0.,2.,10.]],-1,1);
    "tf.clip_by_value(tf.constant([[-1.,0.,10.],[-1.,0.,10.]]),[[2.],[1.]],100.)" => tf::clip_by_value(t([[-1.,0.,10.],[-1.,0.,10.]]),[[2.],[1.]],100.);
    "tf.clip_by_value(tf.constant([[-1.,0.,10.],[-1.,0.,10.]]),[[[2.,1.]]],100.)" => tf::clip_by_value(t([[-1.,0.,10.],[-1.,0.,10.]]),[[[2.,1.]]],100.);
    "tf.clip_by_value(tf.constant([[1,2],[3,4]]),-3.1,3.1)" => tf::clip_by_value(t([[1,2],[3,4]]),-3.1,3.1);
    "tf.clip_by_norm([[1.,2.,3.,4.,5.]],2.)" => tf::clip_by_norm([[1.,2.,3.,4.,5.]],2.);
    "tf.norm([[3.,-4.],[6.,8.]])" => tf::norm([[3.,-4.],[6.,8.]]);
    "tf.norm([[3.,-4.],[6.,8.]],axis=1)" => tf::norm([[3.,-4.],[6.,8.]]).axis(1);
    "tf.norm([[3.,-4.],[6.,8.]],ord=1,axis=0)" => tf::norm([[3.,-4.],[6.,8.]]).ord(1).axis(0);
    "tf.norm([[3.,-4.],[6.,8.]],ord=inf,axis=-1,keepdims=True)" => tf::norm([[3.,-4.],[6.,8.]]).ord(INF).axis(-1).keepdims(true);
    "tf.norm([3.,-4.],ord=1)" => tf::norm([3.,-4.]).ord(1);
    "tf.norm([3.,-4.],ord=3.)" => tf::norm([3.,-4.]).ord(3.);
    "tf.matmul(tf.constant([1,2,3,4,5,6],shape=[2,3]),tf.constant([7,8,9,10,11,12],shape=[3,2]))" => tf::matmul(t([[1,2,3],[4,5,6]]),t([[7,8],[9,10],[11,12]]));
    "tf.matmul([[[1,2],[3,4]],[[5,6],[7,8]]],[[[1],[2]],[[3],[4]]])" => tf::matmul([[[1,2],[3,4]],[[5,6],[7,8]]],[[[1],[2]],[[3],[4]]]);
    "tf.matmul([[1.,2.]],[[3.,4.]],transpose_b=True)" => tf::matmul([[1.,2.]],[[3.,4.]]).transpose_b(true);
    "tf.reduce_all([[True,True],[False,False]],1)" => tf::reduce_all([[true,true],[false,false]]).axis(1);
    "tf.reduce_any([[True,True],[False,False]],0)" => tf::reduce_any([[true,true],[false,false]]).axis(0);
    "tf.reduce_max([4.,nan])" => tf::reduce_max([4.,NAN]);
    "tf.reduce_max([-inf,inf])" => tf::reduce_max([-INF,INF]);
    "tf.reduce_min([5,1,2,4])" => tf::reduce_min([5,1,2,4]);
    "tf.reduce_mean([1,0,1,0])" => tf::reduce_mean([1,0,1,0]);
    "tf.reduce_mean([[1.,1.],[2.,2.]],1)" => tf::reduce_mean([[1.,1.],[2.,2.]]).axis(1);
    "tf.reduce_prod([[1.,2.],[3.,4.]],0)" => tf::reduce_prod([[1.,2.],[3.,4.]]).axis(0);
    "tf.reduce_sum([[1,1,1],[1,1,1]],1,keepdims=True)" => tf::reduce_sum([[1,1,1],[1,1,1]]).axis(1).keepdims(true);
    "tf.reduce_sum([[1,1,1],[1,1,1]],[0,1])" => tf::reduce_sum([[1,1,1],[1,1,1]]).axis([0,1]);
    "tf.reduce_logsumexp([[0.,0.,0.],[0.,0.,0.]],1)" => tf::reduce_logsumexp([[0.,0.,0.],[0.,0.,0.]]).axis(1);
    "tf.math.reduce_variance([[1.,2.],[3.,4.]],0)" => tf::math::reduce_variance([[1.,2.],[3.,4.]]).axis(0);
    "tf.math.reduce_std([[1.,2.],[3.,4.]])" => tf::math::reduce_std([[1.,2.],[3.,4.]]);
    "tf.nn.elu([1.,0.,-1000.])" => nn::elu([1.,0.,-1000.]);
    "tf.nn.relu([-2.,0.,3.])" => nn::relu([-2.,0.,3.]);
    "tf.nn.relu6([-3.,0.,6.,10.])" => nn::relu6([-3.,0.,6.,10.]);
    "tf.nn.leaky_relu([-3.,2.],alpha=0.1)" => nn::leaky_relu([-3.,2.],0.1);
    "tf.nn.softmax([-1.,0.,1.])" => nn::softmax([-1.,0.,1.]);
    "tf.nn.softplus(tf.range(0.,2.))" => nn::softplus(tf::range(0.,2.,1));
    "tf.nn.l2_normalize([3.,4.],0)" => nn::l2_normalize([3.,4.],0);
    "tf.nn.l2_normalize([[3.],[4.]],1)" => nn::l2_normalize([[3.],[4.]],1);
    "tf.nn.sigmoid_cross_entropy_with_logits(labels=[0.,0.,1.,0.5],logits=[1.,-1.,-1.,0.])" => nn::sigmoid_cross_entropy_with_logits([0.,0.,1.,0.5],[1.,-1.,-1.,0.]);
    "tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[0,2],logits=[[4.,2.,1.],[0.,5.,1.]])" => nn::sparse_softmax_cross_entropy_with_logits([0,2],[[4.,2.,1.],[0.,5.,1.]]);
    "tf.nn.softmax_cross_entropy_with_logits_v2(labels=[[1.,0.,0.],[0.,.8,.2]],logits=[[4.,2.,1.],[0.,5.,1.]])" => nn::softmax_cross_entropy_with_logits_v2([[1.,0.,0.],[0.,0.8,0.2]],[[4.,2.,1.],[0.,5.,1.]]);
    "tf.losses.mean_squared_error([1.,2.,3.],[1.,3.,5.])" => tf::losses::mean_squared_error([1.,2.,3.],[1.,3.,5.]);
    "tf.losses.sigmoid_cross_entropy([[1.,0.]],[[2.,-1.]])" => tf::losses::sigmoid_cross_entropy([[1.,0.]],[[2.,-1.]]);
};

#[rustfmt::skip]
const FED: &[(&str, Program)] = fed! {
    "tf.gather(x,[2,0],axis=1) @ [[1,2,3],[4,5,6]]" => [[1,2,3],[4,5,6]], |x| tf::gather(x,[2,0]).axis(1);
    "tf.gather(x,[2],axis=1) @ [1,2,3]" => [1,2,3], |x| tf::gather(x,[2]).axis(1);
    "tf.gather([[1,2,3],[4,5,6]],x,axis=1) @ [[0,3]]" => [[0,3]], |x| tf::gather([[1,2,3],[4,5,6]],x).axis(1);
    "tf.gather([[1,2],[3,4]],x,batch_dims=1) @ [0,1,1]" => [0,1,1], |x| tf::gather([[1,2],[3,4]],x).batch_dims(1);
    "tf.one_hot(x,3,axis=0) @ [2,1]" => [2,1], |x| tf::one_hot(x,3).axis(0);
    "tf.pad(x,[[2,1]],'REFLECT') @ [1.,2.,4.]" => [1.,2.,4.], |x| tf::pad(x,[[2,1]]).mode("REFLECT");
    "tf.split(x,[2,1],0)[0] @ [1.,2.,3.]" => [1.,2.,3.], |x| tf::split(x,[2,1],0)[0];
    "tf.split(x,[2,2],0)[0] @ [1.,2.,3.]" => [1.,2.,3.], |x| tf::split(x,[2,2],0)[0];
    "tf.unstack(x)[0] @ [1.,2.]" => [1.,2.], |x| tf::unstack(x,0)[0];
};

/// Where we differ, what we answer, and why.
#[rustfmt::skip]
const DIFFERENT: &[(&str, &str)] = &[
    // Nobody knows yet, when it is built, that an axis will be set.
    (
        "tf.stack([tf.constant([1,2]),tf.constant([3])],axis=1)",
        "ValueError: Dimension 0 in both shapes must be equal, but are 2 and 1. Shapes are [2] and [1].\n\tFrom merging shape 0 with other shapes. for '{{node stack}} = Pack[N=2, T=DT_INT32, axis=0](Const, Const_1)' with input shapes: [2], [1].",
    ),
    // TensorFlow's threads count denormal numbers as 0.
    (
        "tf.sigmoid([-100.,-50.,-1.,0.])",
        "Tensor(\"Sigmoid:0\", shape=(4,), dtype=float32)\n[3.7835059e-44 1.9287499e-22 2.6894143e-01 5.0000000e-01]",
    ),
];

#[test]
fn functions_do_as_their_descriptions_say() {
    agree(include_str!("fixtures/docs_v1.json"), DIFFERENT, &[ARRAYS, MATH, FED]);
}
