//! The nodes that functions consist of, against those that TensorFlow was seen to build (`fixtures/make_v1_structures.py`):
//! names, types, inputs and controls, in order; and the values they give.

use std::panic::{AssertUnwindSafe, catch_unwind};

use flowbook::v1::{self as tf, Graph, Operation, Session, Tensor, TensorShape, Variable, WhileOptions};
use flowbook::{Array, Result, shape};

/// What a program makes: what its value is taken of.
enum Made {
    Tensors(Vec<Tensor>),
    Operation(Operation),
}

impl From<Tensor> for Made {
    fn from(tensor: Tensor) -> Made {
        Made::Tensors(vec![tensor])
    }
}

impl From<Vec<Tensor>> for Made {
    fn from(tensors: Vec<Tensor>) -> Made {
        Made::Tensors(tensors)
    }
}

impl From<(Tensor, Tensor)> for Made {
    fn from((first, second): (Tensor, Tensor)) -> Made {
        Made::Tensors(vec![first, second])
    }
}

impl From<Operation> for Made {
    fn from(operation: Operation) -> Made {
        Made::Operation(operation)
    }
}

fn float() -> Tensor {
    tf::placeholder(tf::float32, TensorShape::scalar())
}

fn integer() -> Tensor {
    tf::placeholder(tf::int32, TensorShape::scalar())
}

fn truth() -> Tensor {
    tf::placeholder(tf::bool, TensorShape::scalar())
}

/// -3, -2, ... 3, -3, ...
fn count(sizes: &[usize]) -> impl Iterator<Item = i32> {
    (0..sizes.iter().product::<usize>() as i32).map(|i| i % 7 - 3)
}

fn numbers(sizes: &[usize]) -> Tensor {
    tf::constant(Array::new(count(sizes).map(|i| i as f32).collect(), sizes)).tensor()
}

fn integers(sizes: &[usize]) -> Tensor {
    tf::constant(Array::new(count(sizes).collect::<Vec<i32>>(), sizes)).tensor()
}

fn slopes(y: Tensor, xs: &[Tensor]) -> Vec<Tensor> {
    tf::gradients(y, xs).into_iter().flatten().collect()
}

fn zeros(sizes: &[usize], dtype: &str) -> Tensor {
    tf::zeros(sizes).with_dtype(dtype).tensor()
}

type Program = fn() -> Made;

#[rustfmt::skip]
const PROGRAMS: &[(&str, Program)] = &[
    ("assert float", || { let x = float(); tf::Assert(tf::reduce_all(x.gt(0.0)), &[x]).into() }),
    ("assert int", || { let i = integer(); tf::Assert(i.lt(5), &[i]).into() }),
    ("assert bool", || { let p = truth(); tf::Assert(p, &[p]).into() }),
    ("assert_positive float", || tf::assert_positive(float()).into()),
    ("assert_positive int", || tf::assert_positive_with_message(integer(), "must be > 0").into()),
    ("assert_negative", || tf::assert_negative(float()).into()),
    ("assert_non_negative", || tf::assert_non_negative(float()).into()),
    ("assert_non_positive", || tf::assert_non_positive(integer()).into()),
    ("assert_equal", || tf::assert_equal(float(), 1.0).into()),
    ("assert_none_equal", || tf::assert_none_equal(integer(), 1).into()),
    ("assert_less", || tf::assert_less(integer(), 3).into()),
    ("assert_less_equal", || tf::assert_less_equal(integer(), 3).into()),
    ("assert_greater", || tf::assert_greater(integer(), 3).into()),
    ("assert_greater_equal", || tf::assert_greater_equal(float(), [1.0, 2.0]).into()),
    ("assert_less known", || tf::assert_less([1, 2], [2, 3]).into()),
    ("assert_less fails", || tf::assert_less([1, 3], [2, 3]).into()),
    ("assert_non_positive fails", || tf::assert_non_positive([1.5, -2.0]).into()),
    ("cond", || tf::cond(truth(), || 1.0, || 2.0).into()),
    ("cond outside", || { let (p, x) = (truth(), float()); tf::cond(p, || x * x + x, || x).into() }),
    ("cond nested", || {
        let (p, q) = (truth(), truth());
        tf::cond(p, || tf::cond(q, || 1, || 2), || tf::cond(q, || 3, || 4)).into()
    }),
    ("cond operations", || {
        let (v, p) = (Variable::new(0.0), truth());
        tf::cond(p, || tf::group(&[tf::assign_add(v, 1.0).op()]), tf::no_op).into()
    }),
    ("cond gradient", || {
        let (v, p) = (Variable::new(1.0), truth());
        tf::gradients(tf::cond(p, || v * 2.0, || v - 1.0), v)[0].unwrap().into()
    }),
    ("cond pair", || { let (p, x) = (truth(), float()); tf::cond(p, || (x, x + 1.0), || (x - 1.0, x)).into() }),
    ("cond of its operand", || { let x = float(); tf::cond(x.gt(0.0), || x * x, || x).into() }),
    ("cond known", || tf::cond(tf::constant(true), || tf::constant(3.0) * 2.0, || tf::constant(5.0)).into()),
    ("case", || {
        let i = integer();
        let (a, b) = (i.gt(90), i.gt(80));
        tf::case(
            vec![(a, Box::new(|| tf::constant(1).tensor())), (b, Box::new(|| tf::constant(2).tensor()))],
            || tf::constant(3).tensor(),
        ).into()
    }),
    ("piecewise_constant", || tf::train::piecewise_constant(integer(), &[100, 200], &[0.1, 0.05, 0.01]).into()),
    ("piecewise_constant one", || tf::train::piecewise_constant(integer(), &[100], &[0.1, 0.05]).into()),
    ("piecewise_constant floats", || tf::train::piecewise_constant(float(), &[1.0, 2.0, 3.0], &[0.1, 0.05, 0.01, 0.0]).into()),
    ("piecewise_constant known", || tf::train::piecewise_constant(tf::constant(150), &[100, 200], &[0.1, 0.05, 0.01]).into()),
    ("piecewise_constant other type", || tf::train::piecewise_constant(float(), &[1, 2], &[0.1, 0.05, 0.01]).into()),
    ("swish", || tf::nn::swish(float()).into()),
    ("swish gradient", || { let x = float(); slopes(tf::nn::swish(x), &[x]).into() }),
    ("swish value", || tf::nn::swish([1.0, -2.0, 0.5]).into()),
    ("while", || tf::while_loop(|i| i.lt(10), |i| i + 1, 0).into()),
    ("while two variables", || {
        let x = float();
        tf::while_loop(|(i, _)| i.lt(3), |(i, p)| (i + 1, p * x), (0, 1.0)).into()
    }),
    ("while limited", || {
        let limit = WhileOptions { maximum_iterations: Some(3), ..WhileOptions::default() };
        tf::while_loop_with(|i| i.lt(10), |i| i + 1, 0, &limit).into()
    }),
    ("while in while", || {
        let inner = |p: Tensor| tf::while_loop(|(j, _)| j.lt(2), |(j, q)| (j + 1, q * 2.0), (0, p)).1;
        tf::while_loop(|(i, _)| i.lt(2), |(i, p)| (i + 1, inner(p)), (0, 1.0)).into()
    }),
    ("while with cond", || tf::while_loop(|i| i.lt(9), |i: Tensor| tf::cond(i.gt(4), || i + 2, || i + 1), 0).into()),
    ("sum of a scalar", || tf::reduce_sum(float()).tensor().into()),
    ("mean of a scalar", || tf::reduce_mean(float() * 2.0).tensor().into()),
    ("sum of a literal", || tf::reduce_sum([1.0, 2.0]).tensor().into()),
    ("sum of a number", || tf::reduce_sum(3).tensor().into()),
    ("max of unknown rank", || tf::reduce_max(tf::placeholder(tf::float32, None)).tensor().into()),
    ("matmul batch", || tf::matmul(numbers(&[2, 2, 3]), numbers(&[2, 3, 2])).tensor().into()),
    ("matmul broadcast", || tf::matmul(numbers(&[2, 1, 2, 3]), numbers(&[4, 3, 2])).tensor().into()),
    ("matmul one of many", || tf::matmul(numbers(&[2, 3]), numbers(&[2, 3, 2])).tensor().into()),
    ("matmul many by one", || tf::matmul(numbers(&[2, 2, 3]), numbers(&[3, 2])).tensor().into()),
    ("matmul transposed", || {
        tf::matmul(numbers(&[2, 3, 2]), numbers(&[2, 2, 3])).transpose_a(true).transpose_b(true).tensor().into()
    }),
    ("matmul adjoint", || tf::matmul(numbers(&[2, 2, 3]), numbers(&[2, 2, 3])).adjoint_b(true).tensor().into()),
    ("matmul integers", || tf::matmul(integers(&[2, 2, 3]), integers(&[2, 3, 2])).tensor().into()),
    ("matmul empty batch", || tf::matmul(tf::zeros([0, 2, 3]), tf::zeros([0, 3, 4])).tensor().into()),
    ("matmul empty sum", || tf::matmul(tf::zeros([2, 2, 0]), tf::zeros([2, 0, 1])).tensor().into()),
    ("matmul unknown rank", || tf::matmul(tf::placeholder(tf::float32, None), numbers(&[2, 3])).tensor().into()),
    ("matmul gradient", || {
        let (x, y) = (numbers(&[2, 2, 3]), numbers(&[2, 3, 2]));
        slopes(tf::matmul(x, y).tensor(), &[x, y]).into()
    }),
    ("matmul gradient broadcast", || {
        let (x, y) = (numbers(&[2, 1, 2, 3]), numbers(&[4, 3, 2]));
        slopes(tf::matmul(x, y).tensor(), &[x, y]).into()
    }),
    ("matmul gradient transposed", || {
        let (x, y) = (numbers(&[2, 3, 2]), numbers(&[2, 2, 3]));
        slopes(tf::matmul(x, y).transpose_a(true).transpose_b(true).tensor(), &[x, y]).into()
    }),
    ("matmul gradient unknown", || {
        let (x, y) = (tf::placeholder(tf::float32, shape![None, 2, 3]).tensor(), numbers(&[3, 2]));
        slopes(tf::matmul(x, y).tensor(), &[x, y]).into()
    }),
    ("matmul inner sizes", || (tf::matmul(numbers(&[2, 2, 3]), numbers(&[2, 2, 3])) + 0.0).into()),
    ("matmul batch sizes", || tf::matmul(numbers(&[2, 2, 3]), numbers(&[3, 3, 2])).tensor().into()),
    ("matmul with a vector", || tf::matmul(numbers(&[2, 2, 3]), numbers(&[3])).tensor().into()),
    ("matmul of types", || tf::matmul(numbers(&[2, 2, 3]), integers(&[2, 3, 2])).tensor().into()),
    ("matmul of truths", || tf::matmul(zeros(&[1, 2, 2], "bool"), zeros(&[1, 2, 2], "bool")).tensor().into()),
    ("linspace of vectors", || tf::linspace([0.0, 10.0], [1.0, 20.0], 3).into()),
    ("linspace of matrices", || tf::linspace([[0.0, 1.0]], [[4.0, 3.0]], 2).into()),
    ("linspace broadcast", || tf::linspace([0.0, 2.0], 4.0, 3).into()),
    ("linspace float64", || {
        let of = |values: [f64; 2]| tf::constant(values).with_dtype(tf::float64).tensor();
        tf::linspace(of([0.0, 1.0]), of([1.0, 3.0]), 2).into()
    }),
    ("linspace of other sizes", || tf::linspace([0.0, 2.0], [1.0, 2.0, 3.0], 3).into()),
    ("conv2d integers", || tf::nn::conv2d(integers(&[1, 3, 3, 1]), integers(&[2, 2, 1, 2]), [1, 1, 1, 1], "SAME").into()),
    ("conv2d int64", || tf::nn::conv2d(zeros(&[1, 3, 3, 1], "int64"), zeros(&[2, 2, 1, 1], "int64"), [1, 1, 1, 1], "SAME").into()),
    ("conv2d uint8", || tf::nn::conv2d(zeros(&[1, 3, 3, 1], "uint8"), zeros(&[2, 2, 1, 1], "uint8"), [1, 1, 1, 1], "SAME").into()),
    ("conv2d bool", || tf::nn::conv2d(zeros(&[1, 3, 3, 1], "bool"), zeros(&[2, 2, 1, 1], "bool"), [1, 1, 1, 1], "SAME").into()),
    ("max_pool int32", || tf::nn::max_pool(integers(&[1, 4, 4, 1]), [1, 2, 2, 1], [1, 2, 2, 1], "SAME").into()),
    ("max_pool int64", || tf::nn::max_pool(tf::cast(integers(&[1, 3, 3, 1]), tf::int64), [1, 2, 2, 1], [1, 2, 2, 1], "SAME").into()),
    ("max_pool bool", || tf::nn::max_pool(zeros(&[1, 3, 3, 1], "bool"), [1, 2, 2, 1], [1, 2, 2, 1], "SAME").into()),
    ("avg_pool int32", || tf::nn::avg_pool(integers(&[1, 4, 4, 1]), [1, 2, 2, 1], [1, 2, 2, 1], "SAME").into()),
    ("prod gradient with zeros", || {
        let x = tf::constant([[2.0, 0.0, 3.0], [0.0, 0.0, 5.0]]).tensor();
        slopes(tf::reduce_prod(x).axis(1).tensor(), &[x]).into()
    }),
    ("prod gradient of all", || { let x = numbers(&[2, 2]); slopes(tf::reduce_prod(x).tensor(), &[x]).into() }),
    ("concat gradient", || {
        let (x, y) = (numbers(&[1, 2]), numbers(&[1, 3]));
        slopes(tf::concat([x, y], -1).pow(2.0), &[x, y]).into()
    }),
];

#[rustfmt::skip]
const MORE: &[(&str, Program)] = &[
    ("transpose perm", || tf::transpose(numbers(&[2, 3, 1])).perm([2, 0, 1]).tensor().into()),
    ("expand and squeeze", || tf::squeeze(tf::expand_dims(numbers(&[2, 1]), -1), &[1]).into()),
    ("stack and unstack", || tf::unstack(tf::stack([numbers(&[2]), numbers(&[2])]), 1).into()),
    ("split", || tf::split(numbers(&[2, 4]), 2, 1).into()),
    ("one_hot", || tf::one_hot([0, 2], 3).tensor().into()),
    ("eye", || tf::eye(3).tensor().into()),
    ("fill and likes", || vec![tf::fill([2, 2], 7), tf::zeros_like(numbers(&[2])).tensor(), tf::ones_like(integers(&[2])).tensor()].into()),
    ("big zeros", || tf::reduce_sum(tf::zeros([40, 40])).tensor().into()),
    ("range floats", || tf::range(0.0, 1.0, 0.25).into()),
    ("argmax", || tf::argmax(numbers(&[3, 3]), 1).tensor().into()),
    ("argmin", || tf::argmin(numbers(&[3, 3]), -1).tensor().into()),
    ("clip", || tf::clip_by_value(numbers(&[5]), -1.0, 1.0).into()),
    ("clip_by_norm", || tf::clip_by_norm(tf::constant([3.0, 4.0]), 1.0).into()),
    ("global norm", || tf::global_norm(&[numbers(&[2]), numbers(&[3])]).into()),
    ("clip_by_global_norm", || tf::clip_by_global_norm(&[numbers(&[2]), numbers(&[3])], 1.0).0.into()),
    ("norm", || tf::norm(numbers(&[2, 2])).tensor().into()),
    ("l2_normalize", || tf::nn::l2_normalize(numbers(&[2, 2]), 1).into()),
    ("moments", || tf::nn::moments(numbers(&[4, 2]), [0]).into()),
    ("dropout", || { let x = float(); tf::nn::dropout(tf::ones([2]), x).into() }),
    ("top_k", || tf::nn::top_k(numbers(&[2, 4]), 2).into()),
    ("where places", || tf::r#where(numbers(&[5]).gt(0.0)).into()),
    ("where choice", || tf::select(numbers(&[3]).gt(0.0), numbers(&[3]), tf::zeros([3])).into()),
    ("cumsum", || tf::cumsum(numbers(&[2, 3]), 1).tensor().into()),
    ("reverse", || tf::reverse(numbers(&[2, 3]), [1]).into()),
    ("part of a tensor", || numbers(&[3, 4]).slice(flowbook::s![1..3, 0]).into()),
    ("last row", || numbers(&[3, 4]).slice(flowbook::s![-1]).into()),
    ("every second", || numbers(&[6]).slice(flowbook::s![..;2]).into()),
    ("strings", || tf::string_join(&["a", "b"], "-").into()),
    ("logic", || {
        let both = tf::logical_and([true, false], [true, true]);
        tf::logical_or(both, tf::logical_not([true, false])).into()
    }),
    ("equal", || {
        let equal = tf::equal(tf::argmax(numbers(&[2, 3]), 1), [1, 2]);
        tf::reduce_mean(tf::cast(equal, tf::float32)).tensor().into()
    }),
    ("variable", || Variable::new(numbers(&[2]) * 2.0).named("v").assign_add([1.0, 1.0]).into()),
    ("random ops", || {
        float();
        let uniform = tf::random_uniform([2]).minval(-1.0).maxval(1.0).tensor();
        vec![uniform, tf::truncated_normal([2]).stddev(0.5).tensor(), tf::random_normal([2]).tensor()].into()
    }),
    ("exponential_decay", || tf::train::exponential_decay(0.1, tf::constant(5), 10, 0.5).staircase(true).tensor().into()),
    ("cosine_decay", || tf::train::cosine_decay(0.1, tf::constant(5), 10).tensor().into()),
    ("gradient descent", || { let l = loss(); tf::train::GradientDescentOptimizer::new(0.1).minimize(l).into() }),
    ("momentum", || { let l = loss(); tf::train::MomentumOptimizer::new(0.1, 0.9).minimize(l).into() }),
    ("adagrad", || { let l = loss(); tf::train::AdagradOptimizer::new(0.1).minimize(l).into() }),
    ("rmsprop", || { let l = loss(); tf::train::RMSPropOptimizer::new(0.1).minimize(l).into() }),
    ("global step", || {
        let v = Variable::new([1.0, 2.0]).named("v");
        let step = Variable::new(0).trainable(false).named("global_step");
        tf::train::GradientDescentOptimizer::new(0.1).global_step(step).minimize(tf::reduce_sum(v * v)).into()
    }),
    ("mean_squared_error", || tf::losses::mean_squared_error([1.0, 2.0], numbers(&[2])).tensor().into()),
    ("losses softmax", || tf::losses::softmax_cross_entropy([[0.0, 1.0]], numbers(&[1, 2])).tensor().into()),
    ("sigmoid_cross_entropy", || tf::nn::sigmoid_cross_entropy_with_logits([0.0, 1.0], numbers(&[2])).into()),
    ("softmax_cross_entropy v1", || tf::nn::softmax_cross_entropy_with_logits([[0.0, 1.0]], numbers(&[1, 2])).into()),
    ("sparse cross entropy", || tf::nn::sparse_softmax_cross_entropy_with_logits([1], numbers(&[1, 2])).into()),
    ("xor", || {
        let x = tf::placeholder(tf::float32, shape![None, 2]);
        let w = Variable::new(tf::zeros([2, 1])).named("weight");
        let b = Variable::new(tf::zeros([1])).named("bias");
        let h = tf::sigmoid(tf::matmul(x, w) + b);
        let cost = -tf::reduce_mean(h * tf::log(h) + (1 - h) * tf::log(1 - h));
        tf::train::GradientDescentOptimizer::new(0.1).minimize(cost).into()
    }),
    ("bias and relu", || tf::nn::relu(tf::nn::bias_add(numbers(&[2, 2]), [1.0, -1.0])).into()),
    ("conv and pool", || {
        let c = tf::nn::conv2d(numbers(&[1, 4, 4, 1]), numbers(&[2, 2, 1, 1]), [1, 1, 1, 1], "SAME");
        tf::nn::avg_pool(c, [1, 2, 2, 1], [1, 2, 2, 1], "VALID").into()
    }),
    ("sums", || vec![
        tf::reduce_sum(numbers(&[2, 3])).axis([0, 1]).tensor(),
        tf::reduce_max(numbers(&[2, 3])).axis(-1).keepdims(true).tensor(),
        tf::reduce_any(numbers(&[2]).gt(0.0)).tensor(),
    ].into()),
    ("int division", || vec![tf::constant(7) / 2, tf::constant(7).floordiv(2), tf::divide(7, 2), tf::constant(7) % 4].into()),
    ("assign", || tf::assign(Variable::new([1, 2]).named("a"), [3, 4]).into()),
    ("identity and stop", || tf::stop_gradient(tf::identity(numbers(&[2]))).into()),
    ("squared difference", || tf::squared_difference(numbers(&[2]), 1.0).into()),
];

/// The sum of the squares of a variable.
fn loss() -> Tensor {
    tf::reduce_sum(tf::square(Variable::new([1.0, 2.0]).named("v"))).tensor()
}

/// The programs whose nodes still differ, and why; their values do not.
const OTHER_NODES: &[(&str, &str)] = &[
    ("cond operations", "variables are written to in place, not behind a RefSwitch"),
    ("exponential_decay", "its numbers are constants of the operations they are for"),
    ("cosine_decay", "its numbers are constants of the operations they are for"),
    ("gradient descent", "a constant in the gradient of a square waits for the gradient"),
    ("momentum", "a constant in the gradient of a square waits for the gradient"),
    ("adagrad", "a constant in the gradient of a square waits for the gradient"),
    ("rmsprop", "a constant in the gradient of a square waits for the gradient"),
    ("xor", "a reciprocal in the gradient of a logarithm waits for the gradient"),
    ("mean_squared_error", "weights of 1 are left out"),
    ("losses softmax", "weights of 1 are left out"),
    ("int division", "a literal has another name"),
];

/// The recorded names of a program's nodes, with what is between them.
fn nodes(graph: Graph) -> Vec<String> {
    let line = |op: &Operation| {
        let inputs: String = op.inputs().iter().map(|i| format!(" {}", i.name())).collect();
        let mut controls: Vec<String> = op.control_inputs().iter().map(|c| format!(" ^{}", c.name())).collect();
        controls.sort();
        format!("{} {}{inputs}{}", op.name(), op.op_type(), controls.concat())
    };
    graph.get_operations().iter().map(line).collect()
}

fn value(made: Made) -> Result<String> {
    let session = Session::new();
    match made {
        Made::Operation(operation) => session.run(operation).map(|_| "None".into()),
        Made::Tensors(tensors) => {
            let values = session.run(tensors)?;
            Ok(values.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        }
    }
}

/// Our nodes and our value, in the form of the record.
fn answer(program: Program) -> serde_json::Value {
    let graph = Graph::new();
    let made = catch_unwind(AssertUnwindSafe(|| graph.as_default(program)));
    let made = match made {
        Ok(made) => made,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            return serde_json::json!({ "error": text });
        }
    };
    let nodes = nodes(graph);
    if graph.get_operations().iter().any(|op| op.op_type() == "Placeholder") {
        return serde_json::json!({ "nodes": nodes });
    }
    let value = graph.as_default(|| value(made)).unwrap_or_else(|error| error.to_string());
    serde_json::json!({ "nodes": nodes, "value": value })
}

#[test]
fn functions_consist_of_the_nodes_of_tensorflow() {
    let recorded: serde_json::Value = serde_json::from_str(include_str!("fixtures/v1_structures.json")).unwrap();
    let mut wrong = Vec::new();
    for (title, program) in PROGRAMS.iter().chain(MORE) {
        let (mut ours, mut theirs) = (answer(*program), recorded[title].clone());
        if OTHER_NODES.iter().any(|(name, _)| name == title) {
            assert_ne!(ours["nodes"], theirs["nodes"], "{title} has the same nodes now");
            [&mut ours, &mut theirs].into_iter().for_each(|answer| answer["nodes"] = serde_json::Value::Null);
        }
        if ours != theirs {
            let text = |answer: &serde_json::Value| serde_json::to_string_pretty(answer).unwrap();
            wrong.push(format!("{title}\nours\n{}\nTensorFlow's\n{}", text(&ours), text(&theirs)));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), PROGRAMS.len() + MORE.len(), wrong.join("\n\n"));
}
