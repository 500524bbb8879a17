//! The nodes that gradients consist of, against those that TensorFlow was seen to add (`fixtures/make_v1_gradient_graphs.py`):
//! names, types and inputs, in order.

use flowbook::shape;
use flowbook::v1::{self as tf, Graph, Tensor};

/// The functions that still differ: `name` in every form, or `name static`, `name unknown`; and why.
const DIFFERENT: &[(&str, &str)] = &[("gather", "a product with one-hot rows instead of IndexedSlices")];

type Case = (&'static str, fn(Tensor) -> Tensor);

fn as_images(x: Tensor) -> Tensor {
    tf::reshape(x, [-1, 1, 3, 1])
}

#[expect(clippy::eq_op, reason = "what TensorFlow does with both gradients of one tensor")]
const CASES: &[Case] = &[
    ("neg", |x| -x),
    ("abs", |x| tf::abs(x)),
    ("sign", |x| tf::sign(x)),
    ("square", |x| tf::square(x)),
    ("sqrt", |x| tf::sqrt(x)),
    ("rsqrt", |x| tf::rsqrt(x)),
    ("reciprocal", |x| tf::reciprocal(x)),
    ("exp", |x| tf::exp(x)),
    ("expm1", |x| tf::expm1(x)),
    ("log", |x| tf::log(x)),
    ("log1p", |x| tf::log1p(x)),
    ("sin", |x| tf::sin(x)),
    ("cos", |x| tf::cos(x)),
    ("tan", |x| tf::tan(x)),
    ("asin", |x| tf::asin(x)),
    ("acos", |x| tf::acos(x)),
    ("atan", |x| tf::atan(x)),
    ("sinh", |x| tf::sinh(x)),
    ("cosh", |x| tf::cosh(x)),
    ("tanh", |x| tf::tanh(x)),
    ("sigmoid", |x| tf::sigmoid(x)),
    ("erf", |x| tf::erf(x)),
    ("relu", |x| tf::nn::relu(x)),
    ("relu6", |x| tf::nn::relu6(x)),
    ("elu", |x| tf::nn::elu(x)),
    ("selu", |x| tf::nn::selu(x)),
    ("softplus", |x| tf::nn::softplus(x)),
    ("softsign", |x| tf::nn::softsign(x)),
    ("leaky_relu", |x| tf::nn::leaky_relu(x, 0.2)),
    ("add_scalar", |x| x + 2.0),
    ("add_row", |x| x + tf::constant([1.0, 2.0, 3.0])),
    ("add_itself", |x| x + x),
    ("sub_scalar", |x| 2.0 - x),
    ("sub_row", |x| x - tf::constant([1.0, 2.0, 3.0])),
    ("mul_scalar", |x| x * 2.0),
    ("mul_row", |x| x * tf::constant([1.0, 2.0, 3.0])),
    ("mul_column", |x| x * tf::constant([[1.0], [2.0]])),
    ("mul_itself", |x| x * x),
    ("div_scalar", |x| x / 2.0),
    ("div_itself", |x| x / x),
    ("pow_scalar", |x| x.pow(2.0)),
    ("pow_itself", |x| tf::pow(x, x)),
    ("mod_scalar", |x| x % 2.0),
    ("maximum", |x| tf::maximum(x, 0.5)),
    ("minimum", |x| tf::minimum(x, 0.5)),
    ("squared_difference", |x| tf::squared_difference(x, 1.0)),
    ("atan2", |x| tf::atan2(x, 2.0)),
    ("add_n", |x| tf::add_n([x, x])),
    ("branches", |x| tf::exp(x) * tf::sin(x) + x),
    ("matmul", |x| tf::matmul(x, tf::constant([[1.0], [2.0], [3.0]])).tensor()),
    ("matmul_transposed", |x| tf::matmul(tf::constant([[1.0, 2.0, 3.0]]), x).transpose_b(true).tensor()),
    ("sum_all", |x| tf::reduce_sum(x).tensor()),
    ("sum_0", |x| tf::reduce_sum(x).axis(0).tensor()),
    ("sum_list", |x| tf::reduce_sum(x).axis([1]).tensor()),
    ("sum_last", |x| tf::reduce_sum(x).axis(-1).tensor()),
    ("sum_kept", |x| tf::reduce_sum(x).axis(1).keepdims(true).tensor()),
    ("sum_twice", |x| tf::reduce_sum(x).axis(1) + tf::reduce_sum(x * x).axis(1)),
    ("mean_all", |x| tf::reduce_mean(x).tensor()),
    ("mean_1", |x| tf::reduce_mean(x).axis(1).tensor()),
    ("mean_kept", |x| tf::reduce_mean(x).axis(0).keepdims(true).tensor()),
    ("max_all", |x| tf::reduce_max(x).tensor()),
    ("max_1", |x| tf::reduce_max(x).axis(1).tensor()),
    ("max_kept", |x| tf::reduce_max(x).axis(1).keepdims(true).tensor()),
    ("min_0", |x| tf::reduce_min(x).axis(0).tensor()),
    ("prod_1", |x| tf::reduce_prod(x).axis(1).tensor()),
    ("reshape", |x| tf::reshape(x, [-1])),
    ("expand_dims", |x| tf::expand_dims(x, 0)),
    ("squeeze", |x| tf::squeeze(tf::expand_dims(x, 0), &[])),
    ("transpose", |x| tf::transpose(x).tensor()),
    ("tile", |x| tf::tile(x, [2, 1])),
    ("concat", |x| tf::concat([x, x], 0)),
    ("stack", |x| tf::stack([x, x]).tensor()),
    ("gather", |x| tf::gather(x, [1, 0]).tensor()),
    ("slice", |x| tf::slice(x, [0, 1], [1, 2])),
    ("pad", |x| tf::pad(x, [[1, 0], [0, 1]]).tensor()),
    ("identity", |x| tf::identity(x)),
    ("cast", |x| tf::cast(x, tf::float64)),
    ("where", |x| tf::select(x.gt(0.0), x, -x)),
    ("softmax", |x| tf::nn::softmax(x).tensor()),
    ("log_softmax", |x| tf::nn::log_softmax(x).tensor()),
    ("l2_loss", |x| tf::nn::l2_loss(x)),
    ("bias_add", |x| tf::nn::bias_add(x, tf::constant([1.0, 2.0, 3.0]))),
    ("softmax_cross_entropy", |x| tf::nn::softmax_cross_entropy_with_logits_v2(tf::sigmoid(x), x)),
    ("sparse_softmax_cross_entropy", |x| tf::nn::sparse_softmax_cross_entropy_with_logits(tf::constant([0, 2]), x)),
    ("sigmoid_cross_entropy", |x| tf::nn::sigmoid_cross_entropy_with_logits(tf::exp(x), x)),
    ("conv2d", |x| tf::nn::conv2d(as_images(x), tf::ones([1, 2, 1, 1]), [1, 1, 1, 1], "SAME")),
    ("max_pool", |x| tf::nn::max_pool(as_images(x), [1, 1, 2, 1], [1, 1, 2, 1], "SAME")),
    ("avg_pool", |x| tf::nn::avg_pool(as_images(x), [1, 1, 2, 1], [1, 1, 2, 1], "SAME")),
];

/// What we add for the gradient of the sum of a function.
fn nodes(function: fn(Tensor) -> Tensor, unknown: bool, gated: bool) -> Vec<String> {
    let graph = Graph::new();
    let count = graph.as_default(|| {
        let (x, variable) = if unknown {
            let variable = tf::Variable::new(tf::zeros([3]));
            (tf::placeholder(tf::float32, shape![None, 3]) * variable, variable)
        } else {
            let variable = tf::Variable::new(tf::zeros([2, 3]));
            (variable.value(), variable)
        };
        let loss = tf::reduce_sum(function(x)).tensor();
        let count = graph.get_operations().len();
        if gated {
            tf::train::GradientDescentOptimizer::new(0.1).compute_gradients(loss);
        } else {
            tf::gradients(loss, variable);
        }
        count
    });
    let line = |op: &tf::Operation| {
        let inputs: String = op.inputs().iter().map(|i| format!(" {}", i.name())).collect();
        format!("{} {}{inputs}", op.name(), op.op_type())
    };
    graph.get_operations()[count..].iter().map(line).collect()
}

/// The recorded nodes of one case.
fn recorded(title: &str) -> Vec<&'static str> {
    let lines = include_str!("fixtures/v1_gradient_graphs.txt").lines();
    let own = lines.skip_while(|line| *line != title).skip(1).take_while(|line| !line.starts_with("# "));
    own.collect()
}

/// Whether a function has TensorFlow's nodes in a form; prints both when it has not.
fn agrees(name: &str, function: fn(Tensor) -> Tensor, unknown: bool) -> bool {
    let form = if unknown { "unknown" } else { "static" };
    [false, true].into_iter().all(|gated| {
        let title = format!("# {name} {form} {}", if gated { "gated" } else { "gradients" });
        let (ours, theirs) = (nodes(function, unknown, gated), recorded(&title));
        assert!(!theirs.is_empty(), "{title} is not recorded");
        if ours != theirs {
            println!("{title}\n  ours\n    {}\n  TensorFlow's\n    {}", ours.join("\n    "), theirs.join("\n    "));
        }
        ours == theirs
    })
}

#[test]
fn gradients_consist_of_the_nodes_of_tensorflow() {
    let mut wrong = Vec::new();
    for (name, function) in CASES {
        for unknown in [false, true] {
            let form = format!("{name} {}", if unknown { "unknown" } else { "static" });
            let listed = DIFFERENT.iter().any(|(what, _)| *what == *name || *what == form);
            // What has no gradient in this form panics.
            let agrees = std::panic::catch_unwind(|| agrees(name, *function, unknown)).unwrap_or(false);
            if agrees == listed {
                wrong.push(if listed { format!("{form} is right now") } else { format!("{form} differs") });
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join(", "));
}
