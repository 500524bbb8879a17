//! Single expressions at the edges: empty tensors, wrong shapes and types, overflows, NaN, places outside. Each of
//! `fixtures/make_v1_answers.py` beside what TensorFlow 2.21 (`tf.compat.v1`) printed of the tensor and its value, or the
//! error that building or running it raised.

use std::panic::{AssertUnwindSafe, catch_unwind};

use flowbook::Array;
use flowbook::v1::{self as tf, Graph, Session, Tensor};

type Expression = fn() -> Tensor;

fn none(sizes: &[usize]) -> Array {
    Array::zeros(tf::float32, sizes)
}

fn number(value: f64) -> Tensor {
    tf::constant(value).tensor()
}

fn list<const N: usize>(values: [i32; N]) -> Tensor {
    tf::constant(values).tensor()
}

/// The expressions under the text they have in Python.
#[rustfmt::skip]
const ANSWERS: &[(&str, Expression)] = &[
    // Reductions
    ("tf.argmax([1,3,3])", || tf::argmax([1, 3, 3], 0).tensor()),
    ("tf.argmax([float('nan'),1.])", || tf::argmax([f64::NAN, 1.0], 0).tensor()),
    ("tf.argmax(tf.zeros([0]))", || tf::argmax(tf::zeros([0]), 0).tensor()),
    ("tf.reduce_mean(tf.zeros([0]))", || tf::reduce_mean(tf::zeros([0])).into()),
    ("tf.reduce_max(tf.zeros([0]))", || tf::reduce_max(tf::zeros([0])).into()),
    ("tf.reduce_min(tf.zeros([0],tf.int32))", || tf::reduce_min(tf::zeros([0]).with_dtype(tf::int32)).into()),
    ("tf.reduce_prod(tf.zeros([0]))", || tf::reduce_prod(tf::zeros([0])).into()),
    ("tf.reduce_sum(tf.zeros([0,3]),0)", || tf::reduce_sum(tf::zeros([0, 3])).axis(0).into()),
    ("tf.reduce_mean(tf.constant([1,2,4]))", || tf::reduce_mean(tf::constant([1, 2, 4])).into()),
    ("tf.reduce_mean(tf.constant([2147483647,1]))", || tf::reduce_mean(tf::constant([2147483647, 1])).into()),
    ("tf.reduce_all(tf.zeros([0],tf.bool))", || tf::reduce_all(tf::zeros([0]).with_dtype(tf::bool)).into()),
    ("tf.cumsum([1,2,3])", || tf::cumsum([1, 2, 3], 0).tensor()),
    ("tf.cumsum([1,2,3],1)", || tf::cumsum([1, 2, 3], 1).tensor()),
    ("tf.add_n([tf.constant(1),tf.constant(2.)])", || tf::add_n([tf::constant(1).tensor(), number(2.0)])),
    ("tf.add_n([tf.constant([1]),tf.constant([1,2])])", || tf::add_n([list([1]), list([1, 2])])),
    ("tf.add_n([])", || tf::add_n(&[] as &[tf::Tensor])),
    // Arithmetic
    ("tf.constant(2147483647)+1", || tf::constant(2147483647) + 1),
    ("tf.constant(-7)//2", || tf::constant(-7).floordiv(2)),
    ("tf.constant(-7)%3", || tf::constant(-7) % 3),
    ("tf.constant(7)%-3", || tf::constant(7) % -3),
    ("tf.constant(-7.)//2.", || number(-7.0).floordiv(2.0)),
    ("tf.constant(1.)//0.", || number(1.0).floordiv(0.0)),
    ("tf.constant(-1.)%0.", || number(-1.0) % 0.0),
    ("tf.constant(1)%0", || tf::constant(1) % 0),
    ("tf.pow(0.,0.)", || tf::pow(0.0, 0.0)),
    ("tf.pow(-8.,1/3)", || tf::pow(-8.0, 1.0 / 3.0)),
    ("tf.pow(3,40)", || tf::pow(3, 40)),
    ("tf.sqrt(-1.)", || tf::sqrt(-1.0)),
    ("tf.log(0.)", || tf::log(0.0)),
    ("tf.exp(1000.)", || tf::exp(1000.0)),
    ("tf.maximum(float('nan'),1.)", || tf::maximum(f64::NAN, 1.0)),
    ("tf.minimum(1.,float('nan'))", || tf::minimum(1.0, f64::NAN)),
    ("tf.abs(tf.constant(-2147483648))", || tf::abs(tf::constant(-2147483648))),
    ("tf.sign([-2.,0.,float('nan')])", || tf::sign([-2.0, 0.0, f64::NAN])),
    ("tf.round([0.5,1.5,2.5,-0.5])", || tf::round([0.5, 1.5, 2.5, -0.5])),
    ("tf.reciprocal(0.)", || tf::reciprocal(0.0)),
    ("tf.rsqrt(0.)", || tf::rsqrt(0.0)),
    ("tf.floordiv(1,0.)", || tf::floordiv(1, 0.0)),
    ("tf.truediv(1,0)", || tf::truediv(1, 0)),
    ("tf.divide(7,2)", || tf::divide(7, 2)),
    ("tf.mod(-7,3)", || tf::r#mod(-7, 3)),
    ("tf.add(1,'a')", || tf::add(1, "a")),
    ("tf.add('a','b')", || tf::add("a", "b")),
    ("tf.constant('a')*2", || tf::constant("a") * 2),
    ("tf.constant(True)+tf.constant(True)", || tf::constant(true) + tf::constant(true)),
    ("tf.negative(tf.constant(1,tf.uint8))", || tf::negative(tf::constant(1).with_dtype(tf::uint8))),
    ("tf.square('a')", || tf::square("a")),
    ("tf.reduce_sum('a')", || tf::reduce_sum("a").into()),
    ("tf.squared_difference(1,2)", || tf::squared_difference(1, 2)),
    // Comparisons and conditions
    ("tf.logical_and(1,2)", || tf::logical_and(1, 2)),
    ("tf.logical_not(1)", || tf::logical_not(1)),
    ("tf.equal([1,2],[1,2,3])", || tf::equal([1, 2], [1, 2, 3])),
    ("tf.equal(1,1.)", || tf::equal(1, 1.0)),
    ("tf.equal('a','a')", || tf::equal("a", "a")),
    ("tf.less('a','b')", || tf::less("a", "b")),
    ("tf.constant(1)<2.5", || tf::constant(1).lt(2.5)),
    ("tf.where([True,False],[1,2],[3,4])", || tf::select([true, false], [1, 2], [3, 4])),
    ("tf.where([True,False],[[1,2],[3,4]],[[5,6],[7,8]])", || tf::select([true, false], [[1, 2], [3, 4]], [[5, 6], [7, 8]])),
    ("tf.where([[True,False]])", || tf::r#where([[true, false]])),
    ("tf.where([1,0,2])", || tf::r#where([1, 0, 2])),
    ("tf.where(True,1,2)", || tf::select(true, 1, 2)),
    ("tf.cond(tf.constant(1),lambda:1,lambda:2)", || tf::cond(tf::constant(1), || 1, || 2)),
    ("tf.cond(tf.constant([True]),lambda:1,lambda:2)", || tf::cond(tf::constant([true]), || 1, || 2)),
    ("tf.cond(tf.constant(True),lambda:1,lambda:2.)", || tf::cond(tf::constant(true), || 1, || 2.0)),
    ("tf.while_loop(lambda i:i,lambda i:i+1,[0])", || tf::while_loop(|i| i, |i| i + 1, 0)),
    // Conversions
    ("tf.cast([1.9,-1.9,float('nan'),1e20],tf.int32)", || tf::cast([1.9, -1.9, f64::NAN, 1e20], tf::int32)),
    ("tf.cast([300,-1],tf.uint8)", || tf::cast([300, -1], tf::uint8)),
    ("tf.cast([0.,2.,float('nan')],tf.bool)", || tf::cast([0.0, 2.0, f64::NAN], tf::bool)),
    ("tf.cast(True,tf.float32)", || tf::cast(true, tf::float32)),
    ("tf.to_int32('1')", || tf::to_int32("1")),
    // Constants, ranges, fills
    ("tf.constant([])", || tf::constant(Vec::<f64>::new()).into()),
    ("tf.constant(3000000000)", || tf::constant(3_000_000_000i64).into()),
    ("tf.constant(1e40)", || tf::constant(1e40).into()),
    ("tf.constant(-1,tf.uint8)", || tf::constant(-1).with_dtype(tf::uint8).into()),
    ("tf.constant(1,tf.bool)", || tf::constant(1).with_dtype(tf::bool).into()),
    ("tf.constant(True,tf.float32)", || tf::constant(true).with_dtype(tf::float32).into()),
    ("tf.constant([1,2,3,4],shape=[3])", || tf::constant([1, 2, 3, 4]).with_shape([3]).into()),
    ("tf.constant(1,shape=[0])", || tf::constant(1).with_shape([0]).into()),
    ("tf.range(0,10,3)", || tf::range(0, 10, 3)),
    ("tf.range(10,0,-3)", || tf::range(10, 0, -3)),
    ("tf.range(5,0,1)", || tf::range(5, 0, 1)),
    ("tf.range(0,5,0)", || tf::range(0, 5, 0)),
    ("tf.range(0.,1.,0.1)", || tf::range(0.0, 1.0, 0.1)),
    ("tf.linspace(0.,1.,1)", || tf::linspace(0.0, 1.0, 1)),
    ("tf.linspace(0.,1.,0)", || tf::linspace(0.0, 1.0, 0)),
    ("tf.linspace(0.,1.,-1)", || tf::linspace(0.0, 1.0, -1)),
    ("tf.eye(0)", || tf::eye(0).tensor()),
    ("tf.fill([2,-1],0.)", || tf::fill([2, -1], 0.0)),
    ("tf.zeros([])", || tf::zeros(flowbook::shape![]).into()),
    ("tf.zeros([2],tf.string)", || tf::zeros([2]).with_dtype(tf::string).into()),
    ("tf.zeros([2],tf.bool)", || tf::zeros([2]).with_dtype(tf::bool).into()),
    ("tf.one_hot([0,3,-1],3)", || tf::one_hot([0, 3, -1], 3).tensor()),
    ("tf.one_hot([[0,1],[1,0]],2)", || tf::one_hot([[0, 1], [1, 0]], 2).tensor()),
    ("tf.random_uniform([2],5,1,tf.int32)", || tf::random_uniform([2]).with_dtype(tf::int32).minval(5.0).maxval(1.0).into()),
    // Shapes
    ("tf.reshape([1],[])", || tf::reshape([1], Vec::<i32>::new())),
    ("tf.reshape(tf.zeros([0,3]),[-1])", || tf::reshape(tf::zeros([0, 3]), [-1])),
    ("tf.reshape([1,2],[2.])", || tf::reshape([1, 2], [2.0])),
    ("tf.concat([tf.constant([1,2]),tf.constant([3])],0)", || tf::concat([list([1, 2]), list([3])], 0)),
    ("tf.concat([tf.constant(1),tf.constant(2)],0)", || tf::concat([tf::constant(1).tensor(), tf::constant(2).tensor()], 0)),
    ("tf.concat([tf.constant([1]),tf.constant([2])],1)", || tf::concat([list([1]), list([2])], 1)),
    ("tf.concat([tf.constant([1]),tf.constant([2.])],0)", || tf::concat([list([1]), tf::constant([2.0]).tensor()], 0)),
    ("tf.concat([],0)", || tf::concat(&[] as &[tf::Tensor], 0)),
    ("tf.stack([tf.constant([1,2]),tf.constant([3])])", || tf::stack([list([1, 2]), list([3])]).tensor()),
    ("tf.split([1,2,3],2)[0]", || tf::split([1, 2, 3], 2, 0)[0]),
    ("tf.split([1,2,3,4],2,axis=1)[0]", || tf::split([1, 2, 3, 4], 2, 1)[0]),
    ("tf.slice([1,2,3],[1],[-1])", || tf::slice([1, 2, 3], [1], [-1])),
    ("tf.slice([1,2,3],[0,0],[1,1])", || tf::slice([1, 2, 3], [0, 0], [1, 1])),
    ("tf.gather([1,2,3],[0,-1])", || tf::gather([1, 2, 3], [0, -1]).tensor()),
    ("tf.gather([1,2,3],1.)", || tf::gather([1, 2, 3], 1.0).tensor()),
    ("tf.expand_dims([1],3)", || tf::expand_dims([1], 3)),
    ("tf.squeeze([[1,2]],[1])", || tf::squeeze([[1, 2]], &[1])),
    ("tf.squeeze([[1,2]],[5])", || tf::squeeze([[1, 2]], &[5])),
    ("tf.tile([1,2],[2,2])", || tf::tile([1, 2], [2, 2])),
    ("tf.tile([1,2],[-1])", || tf::tile([1, 2], [-1])),
    ("tf.tile([1,2],[0])", || tf::tile([1, 2], [0])),
    ("tf.pad([1,2],[[1,-1]])", || tf::pad([1, 2], [[1, -1]]).tensor()),
    ("tf.pad([1,2],[[1,1]])", || tf::pad([1, 2], [[1, 1]]).tensor()),
    ("tf.pad([[1]],[[1,1]])", || tf::pad([[1]], [[1, 1]]).tensor()),
    ("tf.reverse([1,2,3],[1])", || tf::reverse([1, 2, 3], [1])),
    ("tf.broadcast_to([1,2],[2,2])", || tf::broadcast_to([1, 2], [2, 2])),
    ("tf.broadcast_to([1,2],[2,3])", || tf::broadcast_to([1, 2], [2, 3])),
    ("tf.rank([[1]])", || tf::rank([[1]])),
    ("tf.size([[1,2]])", || tf::size([[1, 2]])),
    // Products
    ("tf.matmul([[1,2]],[[1],[2]])", || tf::matmul([[1, 2]], [[1], [2]]).into()),
    ("tf.matmul(tf.zeros([0,2]),tf.zeros([2,3]))", || tf::matmul(tf::zeros([0, 2]), tf::zeros([2, 3])).into()),
    ("tf.matmul(tf.zeros([2,0]),tf.zeros([0,3]))", || tf::matmul(tf::zeros([2, 0]), tf::zeros([0, 3])).into()),
    ("tf.matmul([['a']],[['b']])", || tf::matmul([["a"]], [["b"]]) * 1),
    // Networks
    ("tf.nn.softmax([1.,2.])", || tf::nn::softmax([1.0, 2.0]).tensor()),
    ("tf.nn.softmax(tf.constant(1.))", || tf::nn::softmax(number(1.0)).tensor()),
    ("tf.nn.softmax([1,2])", || tf::nn::softmax([1, 2]).tensor()),
    ("tf.nn.softmax(tf.zeros([1,0]))", || tf::nn::softmax(none(&[1, 0])).tensor()),
    ("tf.nn.softmax([float('inf'),1.])", || tf::nn::softmax([f64::INFINITY, 1.0]).tensor()),
    ("tf.nn.relu([-1,2])", || tf::nn::relu([-1, 2])),
    ("tf.nn.relu(float('nan'))", || tf::nn::relu(f64::NAN)),
    ("tf.nn.dropout([1.,2.],keep_prob=0.)", || tf::nn::dropout([1.0, 2.0], 0.0)),
    ("tf.nn.dropout([1.,2.],keep_prob=1.5)", || tf::nn::dropout([1.0, 2.0], 1.5)),
    ("tf.nn.dropout([1,2],keep_prob=.5)", || tf::nn::dropout([1, 2], 0.5)),
    ("tf.nn.max_pool(tf.zeros([1,4,4,1]),[1,2,2,1],[1,2,2,1],'same')", || tf::nn::max_pool(tf::zeros([1, 4, 4, 1]), [1, 2, 2, 1], [1, 2, 2, 1], "same")),
    ("tf.nn.max_pool(tf.zeros([4,4]),[1,2,2,1],[1,2,2,1],'SAME')", || tf::nn::max_pool(tf::zeros([4, 4]), [1, 2, 2, 1], [1, 2, 2, 1], "SAME")),
    ("tf.nn.max_pool(tf.zeros([1,2,2,1]),[1,5,5,1],[1,1,1,1],'VALID')", || tf::nn::max_pool(tf::zeros([1, 2, 2, 1]), [1, 5, 5, 1], [1, 1, 1, 1], "VALID")),
    ("tf.nn.conv2d(tf.zeros([1,2,2,1]),tf.zeros([3,3,1,1]),[1,1,1,1],'VALID')", || tf::nn::conv2d(tf::zeros([1, 2, 2, 1]), tf::zeros([3, 3, 1, 1]), [1, 1, 1, 1], "VALID")),
    ("tf.nn.conv2d(tf.zeros([1,4,4,1]),tf.zeros([2,2,1,1]),[1,0,0,1],'VALID')", || tf::nn::conv2d(tf::zeros([1, 4, 4, 1]), tf::zeros([2, 2, 1, 1]), [1, 0, 0, 1], "VALID")),
    ("tf.nn.conv2d(tf.zeros([0,4,4,1]),tf.zeros([2,2,1,1]),[1,1,1,1],'VALID')", || tf::nn::conv2d(tf::zeros([0, 4, 4, 1]), tf::zeros([2, 2, 1, 1]), [1, 1, 1, 1], "VALID")),
    ("tf.nn.bias_add([[1.,2.]],[1.,2.,3.])", || tf::nn::bias_add([[1.0, 2.0]], [1.0, 2.0, 3.0])),
    ("tf.nn.bias_add([1.,2.],[1.,2.])", || tf::nn::bias_add([1.0, 2.0], [1.0, 2.0])),
    ("tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[3],logits=[[1.,2.]])", || tf::nn::sparse_softmax_cross_entropy_with_logits([3], [[1.0, 2.0]])),
    ("tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[0.],logits=[[1.,2.]])", || tf::nn::sparse_softmax_cross_entropy_with_logits([0.0], [[1.0, 2.0]])),
    ("tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[0,1],logits=[[1.,2.]])", || tf::nn::sparse_softmax_cross_entropy_with_logits([0, 1], [[1.0, 2.0]])),
    ("tf.nn.softmax_cross_entropy_with_logits_v2(labels=[0.,1.],logits=[1.,2.])", || tf::nn::softmax_cross_entropy_with_logits_v2([0.0, 1.0], [1.0, 2.0])),
    ("tf.nn.sigmoid_cross_entropy_with_logits(labels=[1.],logits=[1.,2.])", || tf::nn::sigmoid_cross_entropy_with_logits([1.0], [1.0, 2.0])),
    ("tf.nn.top_k([1,5,3],2)[0]", || tf::nn::top_k([1, 5, 3], 2).0),
    ("tf.nn.top_k([1,5,3],5)[0]", || tf::nn::top_k([1, 5, 3], 5).0),
    ("tf.nn.l2_loss([1,2])", || tf::nn::l2_loss([1, 2])),
    ("tf.clip_by_value([1.,5.],3.,2.)", || tf::clip_by_value([1.0, 5.0], 3.0, 2.0)),
    ("tf.clip_by_value([1,5],2,3)", || tf::clip_by_value([1, 5], 2, 3)),
    ("tf.clip_by_value([1,5],2.5,3)", || tf::clip_by_value([1, 5], 2.5, 3)),
    ("tf.clip_by_norm([3.,4.],0.)", || tf::clip_by_norm([3.0, 4.0], 0.0)),
    ("tf.clip_by_norm([0.,0.],1.)", || tf::clip_by_norm([0.0, 0.0], 1.0)),
    ("tf.norm([3.,4.])", || tf::norm([3.0, 4.0]).tensor()),
    // Variables
    ("tf.assign_add(tf.Variable(1),1.5)", || tf::assign_add(tf::Variable::new(1), 1.5)),
    ("tf.Variable([1,2]).assign([1.5,2])", || tf::Variable::new([1, 2]).assign([1.5, 2.0])),
];

/// Where we differ, and what we answer.
const DIFFERENT: &[(&str, &str)] = &[
    // TensorFlow counts the names of its own attempts to convert the list.
    (
        "tf.stack([tf.constant([1,2]),tf.constant([3])])",
        "ValueError: Dimension 0 in both shapes must be equal, but are 2 and 1. Shapes are [2] and [1].\n\tFrom merging \
         shape 0 with other shapes. for '{{node stack}} = Pack[N=2, T=DT_INT32, axis=0](Const, Const_1)' with input \
         shapes: [2], [1].",
    ),
    // Of a scalar that a reshape gives, TensorFlow was seen to print more digits than its type has.
    (
        "tf.nn.softmax_cross_entropy_with_logits_v2(labels=[0.,1.],logits=[1.,2.])",
        "Tensor(\"softmax_cross_entropy_with_logits/Reshape_2:0\", shape=(), dtype=float32)\n0.31326166",
    ),
    // Of an empty constant TensorFlow forgets the type of what it was to be filled with.
    ("tf.constant(1,shape=[0])", "Tensor(\"Const:0\", shape=(0,), dtype=int32)\n[]"),
    // A list's elements are of one type in Rust, so that the text shows another list.
    (
        "tf.Variable([1,2]).assign([1.5,2])",
        "TypeError: Expected int32 passed to parameter 'value' of op 'Assign', got [1.5, 2.0] of type 'list' instead. Error: \
         Expected int32, but got 1.5 of type 'float'.",
    ),
];

fn answer(expression: Expression) -> String {
    let ours = catch_unwind(AssertUnwindSafe(|| {
        Graph::new().as_default(|| {
            let tensor = expression();
            Session::new().run(tensor).map(|value| format!("{tensor}\n{value}"))
        })
    }));
    match ours {
        Ok(Ok(shown)) => shown,
        Ok(Err(error)) => error.to_string(),
        Err(panic) => panic.downcast_ref::<String>().cloned().unwrap_or_default(),
    }
}

#[test]
fn every_expression_has_tensorflow_s_answer() {
    let recorded: serde_json::Value = serde_json::from_str(include_str!("fixtures/v1_answers.json")).unwrap();
    let mut wrong = Vec::new();
    for (title, expression) in ANSWERS {
        let ours = answer(*expression);
        let meant = DIFFERENT.iter().find(|(t, _)| t == title).map(|(_, text)| *text);
        let theirs = meant.or_else(|| recorded[title].as_str()).unwrap_or("nothing recorded");
        if ours != theirs {
            wrong.push(format!("{title}\nours\n{ours}\nTensorFlow\n{theirs}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), ANSWERS.len(), wrong.join("\n\n"));
}
