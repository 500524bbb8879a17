//! Hard operands: no numbers, infinities, nothing, places and axes that are not there, wrong ranks and types. Each expression
//! of `fixtures/make_v1_edges.py` beside what TensorFlow 2.20 (`tf.compat.v1`) printed of the tensor and its value, or the
//! error that building or running it raised. The expressions themselves are in `edges`; here are those of values known only
//! in the run.

#![allow(
    clippy::modulo_one,
    clippy::erasing_op,
    clippy::identity_op,
    clippy::eq_op,
    reason = "odd arithmetic is the point"
)]

use flowbook::v1::{self as tf, nn};
use flowbook::{ArrayLike, s};

mod edges;
mod expressions;

use edges::{shapes, values};
use expressions::{INF, NAN, Program, agree, fed, t};

#[rustfmt::skip]
const FED: &[(&str, Program)] = fed! {
    "tf.reshape(x,[3]) @ [1.,2.]" => [1.,2.], |x| tf::reshape(x,[3]);
    "tf.reshape(x,[-1,2]) @ [1.,2.,3.]" => [1.,2.,3.], |x| tf::reshape(x,[-1,2]);
    "tf.reshape(x,[-1,0]) @ [1.,2.,3.]" => [1.,2.,3.], |x| tf::reshape(x,[-1,0]);
    "tf.reshape([1,2,3],x) @ [2,-1]" => [2,-1], |x| tf::reshape([1,2,3],x);
    "tf.reshape([1,2,3,4],x) @ [-1,-1]" => [-1,-1], |x| tf::reshape([1,2,3,4],x);
    "tf.reshape([1,2],x) @ [[2]]" => [[2]], |x| tf::reshape([1,2],x);
    "tf.reshape([1,2],x) @ [-2]" => [-2], |x| tf::reshape([1,2],x);
    "tf.transpose(x,[0]) @ [[1.,2.]]" => [[1.,2.]], |x| tf::transpose(x).perm([0]);
    "tf.transpose(x) @ [[1.,2.],[3.,4.]]" => [[1.,2.],[3.,4.]], |x| tf::transpose(x);
    "tf.concat([x,tf.constant([[1.]])],0) @ [1.]" => [1.], |x| tf::concat([x,t([[1.]])],0);
    "tf.concat([x,tf.constant([[1.]])],0) @ [[1.,2.]]" => [[1.,2.]], |x| tf::concat([x,t([[1.]])],0);
    "tf.concat([x,x],0) @ 1." => 1., |x| tf::concat([x,x],0);
    "tf.concat([x,x],2) @ [1.]" => [1.], |x| tf::concat([x,x],2);
    "tf.stack([x,tf.constant([1.])]) @ [1.,2.]" => [1.,2.], |x| tf::stack([x,t([1.])]);
    "tf.split(x,2)[0] @ [1.,2.,3.]" => [1.,2.,3.], |x| tf::split(x,2,0)[0];
    "tf.split(x,2)[0] @ 1." => 1., |x| tf::split(x,2,0)[0];
    "tf.slice(x,[1],[3]) @ [1.,2.,3.]" => [1.,2.,3.], |x| tf::slice(x,[1],[3]);
    "tf.slice(x,[0,0],[1,1]) @ [1.,2.,3.]" => [1.,2.,3.], |x| tf::slice(x,[0,0],[1,1]);
    "tf.slice([1,2,3],x,[1]) @ [5]" => [5], |x| tf::slice([1,2,3],x,[1]);
    "tf.slice([1,2,3],x,[1]) @ [-1]" => [-1], |x| tf::slice([1,2,3],x,[1]);
    "tf.gather([1,2,3],x) @ [0,3]" => [0,3], |x| tf::gather([1,2,3],x);
    "tf.gather([1,2,3],x) @ -1" => -1, |x| tf::gather([1,2,3],x);
    "tf.gather(x,[0]) @ 1." => 1., |x| tf::gather(x,[0]);
    "tf.gather(x,[[1,9]]) @ [[1.],[2.]]" => [[1.],[2.]], |x| tf::gather(x,[[1,9]]);
    "tf.one_hot(x,3) @ [0,-1,5]" => [0,-1,5], |x| tf::one_hot(x,3);
    "tf.expand_dims(x,3) @ [1.]" => [1.], |x| tf::expand_dims(x,3);
    "tf.squeeze(x) @ [[1.],[2.]]" => [[1.],[2.]], |x| tf::squeeze(x,&[]);
    "tf.tile(x,[2,2]) @ [1.]" => [1.], |x| tf::tile(x,[2,2]);
    "tf.tile([1,2],x) @ [-1]" => [-1], |x| tf::tile([1,2],x);
    "tf.pad(x,[[1,1]]) @ [[1.]]" => [[1.]], |x| tf::pad(x,[[1,1]]);
    "tf.pad([1,2],x) @ [[-1,0]]" => [[-1,0]], |x| tf::pad([1,2],x);
    "tf.fill(x,1) @ [-1]" => [-1], |x| tf::fill(x,1);
    "tf.fill(x,1) @ [2,0]" => [2,0], |x| tf::fill(x,1);
    "tf.fill(x,1) @ 2" => 2, |x| tf::fill(x,1);
    "tf.range(0,x) @ -3" => -3, |x| tf::range(0,x,1);
    "tf.range(0,5,x) @ 0" => 0, |x| tf::range(0,5,x);
    "tf.range(0,5,x) @ -1" => -1, |x| tf::range(0,5,x);
    "tf.range(0,x) @ [3]" => [3], |x| tf::range(0,x,1);
    "tf.linspace(0.,1.,x) @ 0" => 0, |x| tf::linspace(0.,1.,x);
    "tf.linspace(0.,1.,x) @ 3" => 3, |x| tf::linspace(0.,1.,x);
    "tf.broadcast_to([1,2],x) @ [3,2]" => [3,2], |x| tf::broadcast_to([1,2],x);
    "tf.broadcast_to([1,2],x) @ [3]" => [3], |x| tf::broadcast_to([1,2],x);
    "tf.reverse(x,[1]) @ [1.,2.]" => [1.,2.], |x| tf::reverse(x,[1]);
    "tf.cumsum(x,1) @ [1.,2.]" => [1.,2.], |x| tf::cumsum(x,1);
    "tf.argmax(x,1) @ [1.,2.]" => [1.,2.], |x| tf::argmax(x,1);
    "tf.argmax(x,0) @ 1." => 1., |x| tf::argmax(x,0);
    "tf.reduce_sum(x,1) @ [1.,2.]" => [1.,2.], |x| tf::reduce_sum(x).axis(1);
    "tf.reduce_sum(x,[0,0]) @ [[1.,2.]]" => [[1.,2.]], |x| tf::reduce_sum(x).axis([0,0]);
    "tf.reduce_max(x) @ 3." => 3., |x| tf::reduce_max(x);
    "x//0 @ [1,2]" => [1,2], |x| x.floordiv(0);
    "5%x @ [1,0]" => [1,0], |x| 5%x;
    "tf.pow(2,x) @ [1,-1]" => [1,-1], |x| tf::pow(2,x);
    "tf.matmul(x,[[1.,2.]]) @ [[1.,2.]]" => [[1.,2.]], |x| tf::matmul(x,[[1.,2.]]);
    "tf.matmul(x,[[1.,2.]]) @ [1.,2.]" => [1.,2.], |x| tf::matmul(x,[[1.,2.]]);
    "tf.nn.softmax(x) @ [0.,0.]" => [0.,0.], |x| nn::softmax(x);
    "tf.nn.bias_add(x,[1.,2.]) @ [[1.,2.,3.]]" => [[1.,2.,3.]], |x| nn::bias_add(x,[1.,2.]);
    "tf.nn.bias_add(x,[1.,2.]) @ [1.,2.]" => [1.,2.], |x| nn::bias_add(x,[1.,2.]);
    "tf.nn.bias_add([[1.,2.]],x) @ 1." => 1., |x| nn::bias_add([[1.,2.]],x);
    "tf.nn.conv2d(x,tf.zeros([2,2,1,1]),[1,1,1,1],'VALID') @ [[[[1.]]]]" => [[[[1.]]]], |x| nn::conv2d(x,tf::zeros([2,2,1,1]),[1,1,1,1],"VALID");
    "tf.nn.conv2d(x,tf.zeros([2,2,3,1]),[1,1,1,1],'VALID') @ [[[[1.]]]]" => [[[[1.]]]], |x| nn::conv2d(x,tf::zeros([2,2,3,1]),[1,1,1,1],"VALID");
    "tf.nn.avg_pool(x,[1,2,2,1],[1,2,2,1],'VALID') @ [[[[1.]]]]" => [[[[1.]]]], |x| nn::avg_pool(x,[1,2,2,1],[1,2,2,1],"VALID");
    "tf.nn.sparse_softmax_cross_entropy_with_logits(labels=x,logits=[[1.,2.]]) @ [2]" => [2], |x| nn::sparse_softmax_cross_entropy_with_logits(x,[[1.,2.]]);
    "tf.nn.sparse_softmax_cross_entropy_with_logits(labels=x,logits=[[1.,2.]]) @ [0,1]" => [0,1], |x| nn::sparse_softmax_cross_entropy_with_logits(x,[[1.,2.]]);
    "tf.nn.softmax_cross_entropy_with_logits_v2(labels=x,logits=[[1.,2.]]) @ [[1.,0.,0.]]" => [[1.,0.,0.]], |x| nn::softmax_cross_entropy_with_logits_v2(x,[[1.,2.]]);
    "tf.nn.top_k(x,3)[0] @ [1.,2.]" => [1.,2.], |x| nn::top_k(x,3).0;
    "tf.cast(x,tf.int32) @ [nan,inf,-1e20,2.5]" => [NAN,INF,-1e20,2.5], |x| tf::cast(x,tf::int32);
    "tf.where(x,[1,2],[3,4]) @ [True,False,True]" => [true,false,true], |x| tf::select(x,[1,2],[3,4]);
    "tf.where(x) @ [0.,1.,nan]" => [0.,1.,NAN], |x| tf::r#where(x);
    "tf.equal(x,['a','b']) @ ['a','c']" => ["a","c"], |x| tf::equal(x,["a","b"]);
    "x+'!' @ ['a','b']" => ["a","b"], |x| x+"!";
    "tf.identity(x) @ 'text'" => "text", |x| tf::identity(x);
    "tf.size(x) @ [[1.,2.]]" => [[1.,2.]], |x| tf::size(x);
    "tf.clip_by_value(x,3.,2.) @ [1.,5.]" => [1.,5.], |x| tf::clip_by_value(x,3.,2.);
    "tf.cond(x,lambda:1,lambda:2) @ True" => true, |x| tf::cond(x,||1,||2);
    "tf.cond(x,lambda:1,lambda:2) @ [True]" => [true], |x| tf::cond(x,||1,||2);
    "tf.eye(2)*x @ [1.,2.,3.]" => [1.,2.,3.], |x| tf::eye(2)*x;
    "tf.add_n([x,x]) @ [1.,nan]" => [1.,NAN], |x| tf::add_n([x,x]);
    "tf.add_n([x,tf.constant([1.])]) @ [1.,2.]" => [1.,2.], |x| tf::add_n([x,t([1.])]);
    "x[1] @ [1.]" => [1.], |x| x.slice(s![1]);
    "x[0,0] @ [1.]" => [1.], |x| x.slice(s![0,0]);
};

/// Where we differ, what we answer, and why.
#[rustfmt::skip]
const DIFFERENT: &[(&str, &str)] = &[
    // TensorFlow's threads count denormal numbers as 0.
    (
        "tf.cast([nan,inf,0.,-0.,1e-45],tf.bool)",
        "Tensor(\"Cast:0\", shape=(5,), dtype=bool)\n[ True  True False False  True]",
    ),
    (
        "tf.log([-1.,0.,-0.,inf,nan,1e-45])",
        "Tensor(\"Log:0\", shape=(6,), dtype=float32)\n[       nan       -inf       -inf        inf        nan -103.27893]",
    ),
    // TensorFlow loses the 3: where what is no number goes depends on where it stands. Here it comes last.
    ("tf.nn.top_k([1.,nan,3.],2)[0]", "Tensor(\"TopKV2:0\", shape=(2,), dtype=float32)\n[3. 1.]"),
    // Other words, or without the node that Python's half of TensorFlow does not know.
    (
        "tf.nn.sparse_softmax_cross_entropy_with_logits(labels=0,logits=1.)",
        "ValueError: a cross entropy needs a known number of classes, not Tensor(\"SparseSoftmaxCrossEntropyWithLogits/logits:0\", shape=(), dtype=float32)",
    ),
    (
        "tf.range(0.,nan,1.)",
        "ValueError: Requires ((limit - start) / delta) <= 9223372036854775807 for '{{node range}} = Range[Tidx=DT_FLOAT](range/start, range/limit, range/delta)' with input shapes: [], [], [] and with computed input tensors: input[0] = <0>, input[1] = <NaN>, input[2] = <1>.",
    ),
    (
        "tf.linspace(0.,1.,2.5)",
        "TypeError: Argument `tensor` (name: num) must be of type integer. Received `tensor` = Tensor(\"linspace/num:0\", shape=(), dtype=float32) of dtype: tf.float32",
    ),
    (
        "tf.reshape([1,2],[-2])",
        "ValueError: Invalid value in tensor used for shape: -2 for '{{node Reshape}} = Reshape[T=DT_INT32, Tshape=DT_INT32](Reshape/tensor, Reshape/shape)' with input shapes: [2], [1] and with input tensors computed as partial shapes: input[1] = [?].",
    ),
    (
        "tf.slice([1,2,3],[0],[-2])",
        "ValueError: Invalid value in tensor used for shape: -2 for '{{node Slice}} = Slice[Index=DT_INT32, T=DT_INT32](Slice/input, Slice/begin, Slice/size)' with input shapes: [3], [1], [1] and with computed input tensors: input[1] = <0>, input[2] = <-2>.",
    ),
    (
        "tf.reshape([1,2],[1000000,1000000,1000000,10000000])",
        "ValueError: Shape [1000000,1000000,1000000,10000000] results in overflow when computing number of elements for '{{node Reshape}} = Reshape[T=DT_INT32, Tshape=DT_INT32](Reshape/tensor, Reshape/shape)' with input shapes: [2], [4] and with input tensors computed as partial shapes: input[1] = [1000000,1000000,1000000,10000000].",
    ),
    (
        "tf.broadcast_to([[1,2]],[2])",
        "ValueError: Incompatible shapes: [1,2] vs. [2] for '{{node BroadcastTo}} = BroadcastTo[T=DT_INT32, Tidx=DT_INT32](BroadcastTo/input, BroadcastTo/shape)' with input shapes: [1,2], [1] and with input tensors computed as partial shapes: input[1] = [2].",
    ),
    (
        "tf.broadcast_to([1,2],[-1])",
        "ValueError: Dimension -1 must be >= 0 for '{{node BroadcastTo}} = BroadcastTo[T=DT_INT32, Tidx=DT_INT32](BroadcastTo/input, BroadcastTo/shape)' with input shapes: [2], [1] and with input tensors computed as partial shapes: input[1] = [?].",
    ),
    // Names of constants that TensorFlow builds in several attempts, or under a scope.
    (
        "tf.reshape(tf.zeros([0]),[])",
        "ValueError: Cannot reshape a tensor with 0 elements to shape [] (1 elements) for '{{node Reshape}} = Reshape[T=DT_FLOAT, Tshape=DT_INT32](zeros, Reshape/shape)' with input shapes: [0], [0] and with input tensors computed as partial shapes: input[1] = [].",
    ),
    (
        "tf.stack([tf.constant([1,2]),tf.constant([3])])",
        "ValueError: Dimension 0 in both shapes must be equal, but are 2 and 1. Shapes are [2] and [1].\n\tFrom merging shape 0 with other shapes. for '{{node stack}} = Pack[N=2, T=DT_INT32, axis=0](Const, Const_1)' with input shapes: [2], [1].",
    ),
    (
        "tf.nn.dropout([1.,2.],keep_prob=1.)",
        "Tensor(\"Const:0\", shape=(2,), dtype=float32)\n[1. 2.]",
    ),
    // TensorFlow's optimizer takes such slices out before the kernel that would refuse them.
    (
        "tf.slice([1,2,3],[1],[3])",
        "InvalidArgumentError: Expected size[0] in [0, 2], but got 3\n\t [[{{node Slice}}]]",
    ),
    (
        "tf.slice([1,2,3],[4],[0])",
        "InvalidArgumentError: Expected begin[0] in [0, 3], but got 4\n\t [[{{node Slice}}]]",
    ),
    // Nobody knows yet, when the product is built, whether a setter will transpose its operands.
    (
        "tf.matmul([[1.,2.]],[[1.,2.]])",
        "InvalidArgumentError: Matrix size-incompatible: In[0]: [1,2], In[1]: [1,2] 0 0\n\t [[{{node MatMul}}]]",
    ),
    (
        "tf.matmul([[1.,2.]],[[1.],[2.],[3.]])",
        "InvalidArgumentError: Matrix size-incompatible: In[0]: [1,2], In[1]: [3,1] 0 0\n\t [[{{node MatMul}}]]",
    ),
    // What is no number is in no order.
    (
        "tf.nn.top_k([1.,nan,3.],2)[0]",
        "Tensor(\"TopKV2:0\", shape=(2,), dtype=float32)\n[ 1. nan]",
    ),
    // TensorFlow's kernels make something of windows larger than the image where its shape functions refuse them.
    (
        "tf.nn.conv2d(x,tf.zeros([2,2,1,1]),[1,1,1,1],'VALID') @ [[[[1.]]]]",
        "InvalidArgumentError: Computed output size would be negative: 1 - 2 + 1\n\t [[{{node Conv2D}}]]",
    ),
    (
        "tf.nn.avg_pool(x,[1,2,2,1],[1,2,2,1],'VALID') @ [[[[1.]]]]",
        "InvalidArgumentError: Computed output size would be negative: 1 - 2 + 1\n\t [[{{node AvgPool}}]]",
    ),
];

#[test]
fn hard_operands_have_tensorflow_s_answers() {
    agree(include_str!("fixtures/v1_edges.json"), DIFFERENT, &[values::CASES, shapes::CASES, FED]);
}
