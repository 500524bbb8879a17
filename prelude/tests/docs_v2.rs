//! The points that TensorFlow's own descriptions of its functions make, each as one expression run at once, beside what
//! TensorFlow 2.20 showed of its value or the error it raised (`fixtures/make_docs_v2.py`).

use flowbook::v2 as tf;

mod expressions;

use expressions::{INF, NAN, Program, agree, at_once};

#[rustfmt::skip]
const ARRAYS: &[(&str, Program)] = at_once! {
    "tf.constant([1,2,3,4,5,6])" => tf::constant([1,2,3,4,5,6]);
    "tf.constant(0,shape=(2,3))" => tf::constant(0).with_shape([2,3]);
    "tf.constant([1,2,3,4,5,6],shape=[2,3])" => tf::constant([1,2,3,4,5,6]).with_shape([2,3]);
    "tf.constant('hi')" => tf::constant("hi");
    "tf.concat([[[1,2,3],[4,5,6]],[[7,8,9],[10,11,12]]],0)" => tf::concat([[[1,2,3],[4,5,6]],[[7,8,9],[10,11,12]]],0);
    "tf.concat([tf.ones([2,1]),tf.zeros([2,2])],-1)" => tf::concat((tf::ones([2,1]),tf::zeros([2,2])),-1);
    "tf.concat([tf.constant([1,2]),tf.constant([3])],0)" => tf::concat(&[tf::constant([1,2]).tensor(),tf::constant([3]).tensor()],0);
    "tf.concat([tf.ones([2,1]),tf.ones([3,2])],0)" => tf::concat((tf::ones([2,1]),tf::ones([3,2])),0);
    "tf.stack([[1,4],[2,5],[3,6]])" => tf::stack([[1,4],[2,5],[3,6]]);
    "tf.stack([tf.constant([1,4]),tf.constant([2,5])],axis=1)" => tf::stack([tf::constant([1,4]),tf::constant([2,5])]).axis(1);
    "tf.stack([1.,tf.constant(2.)])" => tf::stack((1.,tf::constant(2.)));
    "tf.gather(['p','q','r','s'],[2,0,2])" => tf::gather(["p","q","r","s"],[2,0,2]);
    "tf.gather([[0.,1.,2.],[10.,11.,12.]],[2,1],axis=1)" => tf::gather([[0.,1.,2.],[10.,11.,12.]],[2,1]).axis(1);
    "tf.gather([[0,0,1,0,2],[3,0,0,0,4]],[[2,4],[0,4]],axis=1,batch_dims=1)" => tf::gather([[0,0,1,0,2],[3,0,0,0,4]],[[2,4],[0,4]]).axis(1).batch_dims(1);
    "tf.gather([1,2,3],[3])" => tf::gather([1,2,3],[3]);
    "tf.one_hot([0,2,-1,1],3,on_value=5.0,off_value=0.5)" => tf::one_hot([0,2,-1,1],3).on_value(5.0).off_value(0.5);
    "tf.one_hot([[0,2],[1,-1]],3,axis=1)" => tf::one_hot([[0,2],[1,-1]],3).axis(1);
    "tf.pad([[1,2,3],[4,5,6]],[[1,0],[0,2]])" => tf::pad([[1,2,3],[4,5,6]],[[1,0],[0,2]]);
    "tf.pad([[1,2,3],[4,5,6]],[[1,1],[2,2]],'REFLECT')" => tf::pad([[1,2,3],[4,5,6]],[[1,1],[2,2]]).mode("REFLECT");
    "tf.pad([1.,2.],[[1,1]],constant_values=-1)" => tf::pad([1.,2.],[[1,1]]).constant_values(-1);
    "tf.cumsum([2,4,6,8],exclusive=True)" => tf::cumsum([2,4,6,8],0).exclusive(true);
    "tf.cumsum([[2,4],[1,3]],axis=1,reverse=True)" => tf::cumsum([[2,4],[1,3]],1).reverse(true);
    "tf.math.cumprod([2,4,6])" => tf::math::cumprod([2,4,6],0);
    "tf.eye(2,num_columns=3)" => tf::eye(2).num_columns(3);
    "tf.eye(2,dtype=tf.int32)" => tf::eye(2).with_dtype(tf::int32);
    "tf.split(tf.range(6),[1,3,2])" => tf::split(tf::range(0,6,1),[1,3,2],0);
    "tf.split([[1,2],[3,4]],2,1)" => tf::split([[1,2],[3,4]],2,1);
    "tf.unstack([[1,2],[3,4]],axis=1)" => tf::unstack([[1,2],[3,4]],1);
    "tf.fill([2,3],9)" => tf::fill([2,3],9);
    "tf.reshape([[1,2,3],[4,5,6]],[3,-1])" => tf::reshape([[1,2,3],[4,5,6]],[3,-1]);
    "tf.reshape([1,2,3],[2,2])" => tf::reshape([1,2,3],[2,2]);
    "tf.transpose([[1,2,3],[4,5,6]])" => tf::transpose([[1,2,3],[4,5,6]]);
    "tf.transpose([[[1,2],[3,4]]],perm=[0,2,1])" => tf::transpose_perm([[[1,2],[3,4]]],[0,2,1]);
    "tf.reverse([[1,2],[3,4]],[1])" => tf::reverse([[1,2],[3,4]],[1]);
    "tf.squeeze(tf.ones([1,2,1]))" => tf::squeeze(tf::ones([1,2,1]),&[]);
    "tf.expand_dims([[1,2]],0)" => tf::expand_dims([[1,2]],0);
    "tf.slice([[1,2,3],[4,5,6]],[0,1],[2,2])" => tf::slice([[1,2,3],[4,5,6]],[0,1],[2,2]);
    "tf.tile([[1,2],[3,4]],[2,1])" => tf::tile([[1,2],[3,4]],[2,1]);
    "tf.broadcast_to([1,2,3],[2,3])" => tf::broadcast_to([1,2,3],[2,3]);
    "tf.range(3,18,3)" => tf::range(3,18,3);
    "tf.range(3,1,-0.5)" => tf::range(3,1,-0.5);
    "tf.linspace(10.,12.,5)" => tf::linspace(10.,12.,5);
    "tf.boolean_mask([[1,2],[3,4],[5,6]],[True,False,True])" => tf::boolean_mask([[1,2],[3,4],[5,6]],[true,false,true]);
    "tf.where([True,False,False,True])" => tf::argwhere([true,false,false,true]);
    "tf.where([True,False,False,True],[1,2,3,4],[100,200,300,400])" => tf::where_([true,false,false,true],[1,2,3,4],[100,200,300,400]);
    "tf.where([True,False,False,True],[1,2,3,4],[100])" => tf::where_([true,false,false,true],[1,2,3,4],[100]);
    "tf.where(True,[1,2,3,4],100)" => tf::where_(true,[1,2,3,4],100);
    "tf.zeros([3,2],tf.int32)" => tf::zeros([3,2]).with_dtype(tf::int32);
    "tf.zeros_like([[1,2],[4,5]])" => tf::zeros_like([[1,2],[4,5]]);
    "tf.scatter_nd([[4],[3],[1],[7]],[9,10,11,12],[8])" => tf::scatter_nd([[4],[3],[1],[7]],[9,10,11,12],[8]);
    "tf.tensor_scatter_nd_update([0,0,0,0],[[1],[3]],[9,10])" => tf::tensor_scatter_nd_update([0,0,0,0],[[1],[3]],[9,10]);
    "tf.rank([[[1,1],[2,2]]])" => tf::rank([[[1,1],[2,2]]]);
    "tf.math.top_k([1,2,98,1,99,3,96],k=3)[0]" => tf::math::top_k([1,2,98,1,99,3,96],3).0;
    "tf.math.top_k([1,2,98,1,99,3,96],k=3)[1]" => tf::math::top_k([1,2,98,1,99,3,96],3).1;
};

#[rustfmt::skip]
const MATH: &[(&str, Program)] = at_once! {
    "tf.add([1,2,3],1)" => tf::add([1,2,3],1);
    "tf.subtract([5,4],[1,2])" => tf::subtract([5,4],[1,2]);
    "tf.multiply(7,6)" => tf::multiply(7,6);
    "tf.divide([16,12,11],[4,6,2])" => tf::divide([16,12,11],[4,6,2]);
    "tf.truediv(5.,0.)" => tf::truediv(5.,0.);
    "tf.math.floordiv([7,-7],2)" => tf::math::floordiv([7,-7],2);
    "tf.math.floormod([7,-7],3)" => tf::math::floormod([7,-7],3);
    "tf.pow([[2,2],[3,3]],[[8,16],[2,3]])" => tf::pow([[2,2],[3,3]],[[8,16],[2,3]]);
    "tf.add_n([[[3,5],[4,8]],[[1,6],[2,9]]])" => tf::add_n([[[3,5],[4,8]],[[1,6],[2,9]]]);
    "tf.argmax([1.,10.,26.9,2.8])" => tf::argmax([1.,10.,26.9,2.8],0);
    "tf.argmin([[1,10],[5,2]],axis=1,output_type=tf.int32)" => tf::argmin([[1,10],[5,2]],1).output_type(tf::int32);
    "tf.equal([2,4],2)" => tf::equal([2,4],2);
    "tf.logical_and([[True,False]],[[True],[False]])" => tf::logical_and([[true,false]],[[true],[false]]);
    "tf.maximum([-5.,0.],[-3.])" => tf::maximum([-5.,0.],[-3.]);
    "tf.exp([2.,8.])" => tf::exp([2.,8.]);
    "tf.math.log([0.,0.5,1.,5.])" => tf::math::log([0.,0.5,1.,5.]);
    "tf.math.erf([1.,2.,-1.])" => tf::math::erf([1.,2.,-1.]);
    "tf.math.ceil([-1.7,-0.2,0.2,1.5])" => tf::math::ceil([-1.7,-0.2,0.2,1.5]);
    "tf.round([0.9,2.5,2.3,1.5,-4.5])" => tf::round([0.9,2.5,2.3,1.5,-4.5]);
    "tf.sigmoid([-128.,0.,128.])" => tf::sigmoid([-128.,0.,128.]);
    "tf.tanh([-inf,-5.,-0.5,1.,1.2,2.,3.,inf])" => tf::tanh([-INF,-5.,-0.5,1.,1.2,2.,3.,INF]);
    "tf.sqrt([[-4.],[16.]])" => tf::sqrt([[-4.],[16.]]);
    "tf.cast([1.8,2.2],tf.int32)" => tf::cast([1.8,2.2],tf::int32);
    "tf.clip_by_value([[-10.,-1.,0.],[0.,2.,10.]],-1.,1.)" => tf::clip_by_value([[-10.,-1.,0.],[0.,2.,10.]],-1.,1.);
    "tf.clip_by_norm([[1.,2.,3.,4.,5.]],2.)" => tf::clip_by_norm([[1.,2.,3.,4.,5.]],2.);
    "tf.norm([[3.,-4.],[6.,8.]],axis=1)" => tf::norm([[3.,-4.],[6.,8.]]).axis(1);
    "tf.norm([3.,-4.],ord=1)" => tf::norm([3.,-4.]).ord(1);
    "tf.matmul([[1,2,3],[4,5,6]],[[7,8],[9,10],[11,12]])" => tf::matmul([[1,2,3],[4,5,6]],[[7,8],[9,10],[11,12]]);
    "tf.matmul([[1.,2.]],[[3.,4.]],transpose_b=True)" => tf::matmul([[1.,2.]],[[3.,4.]]).transpose_b(true);
    "tf.reduce_sum([[1,1,1],[1,1,1]],1,keepdims=True)" => tf::reduce_sum([[1,1,1],[1,1,1]]).axis(1).keepdims(true);
    "tf.reduce_mean([1,0,1,0])" => tf::reduce_mean([1,0,1,0]);
    "tf.reduce_mean([[1.,1.],[2.,2.]],0)" => tf::reduce_mean([[1.,1.],[2.,2.]]).axis(0);
    "tf.reduce_max([4.,nan])" => tf::reduce_max([4.,NAN]);
    "tf.reduce_any([[True,True],[False,False]],1)" => tf::reduce_any([[true,true],[false,false]]).axis(1);
    "tf.reduce_logsumexp([[0.,0.,0.],[0.,0.,0.]],0)" => tf::reduce_logsumexp([[0.,0.,0.],[0.,0.,0.]]).axis(0);
    "tf.reduce_logsumexp([1000.,1000.])" => tf::reduce_logsumexp([1000.,1000.]);
    "tf.math.reduce_std([[1.,2.],[3.,4.]],0)" => tf::math::reduce_std([[1.,2.],[3.,4.]]).axis(0);
    "tf.math.reduce_variance([[1.,2.],[3.,4.]])" => tf::math::reduce_variance([[1.,2.],[3.,4.]]);
    "tf.math.unsorted_segment_sum([[1,2],[5,6],[4,3]],[0,1,0],num_segments=2)" => tf::math::unsorted_segment_sum([[1,2],[5,6],[4,3]],[0,1,0],2);
    "tf.math.l2_normalize([[3.],[4.]],0)" => tf::math::l2_normalize([[3.],[4.]],0);
    "tf.nn.relu([-2.,0.,3.])" => tf::nn::relu([-2.,0.,3.]);
    "tf.nn.gelu([-3.,-1.,0.,1.,3.])" => tf::nn::gelu([-3.,-1.,0.,1.,3.]);
    "tf.nn.softmax([-1.,0.,1.])" => tf::nn::softmax([-1.,0.,1.]);
    "tf.nn.sigmoid_cross_entropy_with_logits(labels=[0.,1.],logits=[1.,-1.])" => tf::nn::sigmoid_cross_entropy_with_logits([0.,1.],[1.,-1.]);
    "tf.nn.softmax_cross_entropy_with_logits(labels=[[1.,0.,0.],[0.,.8,.2]],logits=[[4.,2.,1.],[0.,5.,1.]])" => tf::nn::softmax_cross_entropy_with_logits([[1.,0.,0.],[0.,0.8,0.2]],[[4.,2.,1.],[0.,5.,1.]]);
    "tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[0,2],logits=[[2.,-5.,.5],[0.,0.,1.9]])" => tf::nn::sparse_softmax_cross_entropy_with_logits([0,2],[[2.,-5.,0.5],[0.,0.,1.9]]);
    "tf.Variable([[1.,2.]])+1" => &tf::Variable::new([[1.,2.]])+1;
    "tf.Variable(3).assign_add(2)" => tf::Variable::new(3).assign_add(2);
    "list(tf.data.Dataset.range(5))" => tf::data::Dataset::range(5).iter().collect::<Vec<_>>();
    "list(tf.data.Dataset.from_tensor_slices([1,2,3]).repeat(2).take(4))" => tf::data::Dataset::from_tensor_slices([1,2,3]).repeat(2).take(4).iter().collect::<Vec<_>>();
    "list(tf.data.Dataset.range(8).batch(3))" => tf::data::Dataset::range(8).batch(3).iter().collect::<Vec<_>>();
    "tf.data.Dataset.range(8).batch(3)" => tf::data::Dataset::range(8).batch(3);
    "list(tf.data.Dataset.range(10).skip(7))" => tf::data::Dataset::range(10).skip(7).iter().collect::<Vec<_>>();
    "list(tf.data.Dataset.range(5).map(lambda x:x+1))" => tf::data::Dataset::range(5).map(|x|x+1).iter().collect::<Vec<_>>();
    "list(tf.data.Dataset.range(5).filter(lambda x:x<3))" => tf::data::Dataset::range(5).filter(|x|x.item::<i64>()<3).iter().collect::<Vec<_>>();
    "list(tf.data.Dataset.range(1,4).concatenate(tf.data.Dataset.range(4,6)))" => tf::data::Dataset::range((1,4)).concatenate(&tf::data::Dataset::range((4,6))).iter().collect::<Vec<_>>();
    "list(tf.data.Dataset.range(8,1,-3))" => tf::data::Dataset::range((8,1,-3)).iter().collect::<Vec<_>>();
    "list(tf.data.Dataset.from_tensors([1,2]))" => tf::data::Dataset::from_tensors([1,2]).iter().collect::<Vec<_>>();
    "list(tf.data.Dataset.from_tensor_slices([7,8]).enumerate(start=5))" => tf::data::Dataset::from_tensor_slices([7,8]).enumerate(5).iter().collect::<Vec<_>>();
    "list(tf.data.Dataset.from_tensor_slices([[1,2],[3,4]]).unbatch())" => tf::data::Dataset::from_tensor_slices([[1,2],[3,4]]).unbatch().iter().collect::<Vec<_>>();
    "tf.data.Dataset.range(5).reduce(tf.constant(0,tf.int64),lambda s,x:s+x)" => tf::data::Dataset::range(5).reduce(tf::constant(0).with_dtype(tf::int64).tensor(),|s,x|s+x);
    "list(tf.data.Dataset.range(6).shard(3,1))" => tf::data::Dataset::range(6).shard(3,1).iter().collect::<Vec<_>>();
    "list(tf.data.Dataset.range(9).take_while(lambda x:x<3))" => tf::data::Dataset::range(9).take_while(|x|x.item::<i64>()<3).iter().collect::<Vec<_>>();
    "list(tf.data.Dataset.range(3).cache())" => tf::data::Dataset::range(3).cache().iter().collect::<Vec<_>>();
    "tf.data.Dataset.range(3).cache()" => tf::data::Dataset::range(3).cache();
    "tf.data.Dataset.range(3).cardinality()" => tf::data::Dataset::range(3).cardinality();
    "tf.data.Dataset.range(3).repeat().cardinality()" => tf::data::Dataset::range(3).repeat_forever().cardinality();
};

/// Where we differ, what we answer, and why.
#[rustfmt::skip]
const DIFFERENT: &[(&str, &str)] = &[
    // Where arguments are lists TensorFlow leaves the name out.
    (
        "tf.gather([1,2,3],[3])",
        "InvalidArgumentError: {{function_node __wrapped__GatherV2_device_/job:localhost/replica:0/task:0/device:CPU:0}} indices[0] = 3 is not in [0, 3) [Op:GatherV2] name: ",
    ),
    (
        "tf.reshape([1,2,3],[2,2])",
        "InvalidArgumentError: {{function_node __wrapped__Reshape_device_/job:localhost/replica:0/task:0/device:CPU:0}} Input to reshape is a tensor with 3 values, but the requested shape has 4 [Op:Reshape] name: ",
    ),
];

#[test]
fn functions_do_as_their_descriptions_say() {
    agree(include_str!("fixtures/docs_v2.json"), DIFFERENT, &[ARRAYS, MATH]);
}
