//! The classical mistakes under TensorFlow 1: each program of `fixtures/make_v1_programs.py` that can be written in Rust,
//! and what TensorFlow 2.21 (`tf.compat.v1`) answered to it, error or value, the whole text.

mod support;

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use flowbook::v1::{self as tf, Fetch, Graph, Session, Tensor};
use flowbook::{Array, Result, feed, shape};

/// What a program printed, or the error it ended with, built or run.
fn outcome(program: fn() -> Result<String>) -> String {
    support::without_addresses(&printed_or_failed(program))
}

fn printed_or_failed(program: fn() -> Result<String>) -> String {
    match catch_unwind(AssertUnwindSafe(|| Graph::new().as_default(program))) {
        Ok(Ok(printed)) => printed,
        Ok(Err(error)) => error.to_string(),
        Err(panic) => panic.downcast_ref::<String>().cloned().unwrap_or_default(),
    }
}

/// The value of a fetch in a new session, as `repr` shows it.
fn run(fetch: impl Fetch<Value = Array>) -> Result<String> {
    Ok(Session::new().run(fetch)?.repr())
}

/// A program that only builds.
fn built<R>(_: R) -> Result<String> {
    Ok(String::new())
}

fn unknown(name: &str) -> Tensor {
    tf::placeholder(tf::float32, None).named(name)
}

fn minimize(loss: Tensor) -> tf::Operation {
    tf::train::GradientDescentOptimizer::new(0.1).minimize(loss)
}

/// A variable `s/v` of `n` elements.
fn in_scope(reuse: bool, n: usize) -> tf::Variable {
    tf::variable_scope("s").reuse(reuse).run(|| tf::get_variable("v").shape([n]))
}

/// A tensor `name` in a graph of its own.
fn elsewhere(make: fn() -> Tensor, name: &str) -> Tensor {
    Graph::new().as_default(make).named(name)
}

type Case = (&'static str, fn() -> Result<String>);

const RUNNING: &[Case] = &[
    ("device missing", || run(tf::device("/gpu:0", || tf::constant(1.0) * 2.0))),
    ("uninitialised variable (read through op)", || run(tf::add(tf::Variable::new(0), tf::constant(1)))),
    ("uninitialised variable fetched directly", || run(tf::Variable::new([1.0, 2.0]).named("w"))),
    ("uninitialised get_variable", || run(tf::get_variable("var_1").initializer(tf::constant(2)))),
    ("uninitialised variable used by assign_add", || run(tf::assign_add(tf::Variable::new(1), 1))),
    ("uninitialised in training step", || {
        let w = tf::Variable::new(1.0).named("w");
        Ok(Session::new().run(minimize(w * w))?.to_string())
    }),
    ("placeholder not fed, shape [3]", || {
        let a = tf::constant([5, 5, 5]).with_dtype(tf::float32).named("A");
        let b = tf::placeholder(tf::float32, shape![3]).named("B");
        run(tf::add(a, b).named("Add"))
    }),
    ("placeholder not fed, shape None", || run(tf::placeholder("float", None) * 2)),
    ("placeholder not fed, [None, 784]", || run(tf::reduce_sum(tf::placeholder(tf::float32, shape![None, 784])))),
    ("placeholder not fed, scalar shape []", || run(tf::placeholder(tf::int32, shape![]) + 1)),
    ("placeholder fetched directly without feed", || run(tf::placeholder(tf::float32, shape![2, 2]).named("x"))),
    ("one of two placeholders not fed", || {
        let (x, y) = (unknown("x"), unknown("y"));
        Ok(Session::new().run_with(x + y, feed! { x => 1.0 })?.repr())
    }),
    ("feed of wrong shape", || {
        let x = tf::placeholder(tf::float32, shape![None, 784]);
        Ok(Session::new().run_with(x * 2, feed! { x => Array::zeros(tf::float64, &[3, 10]) })?.repr())
    }),
    ("feed of wrong shape, named, fixed", || {
        let b = tf::placeholder(tf::float32, shape![3]).named("B");
        Ok(Session::new().run_with(b * 2, feed! { b => [1, 2] })?.repr())
    }),
    ("feed of wrong rank", || {
        let b = tf::placeholder(tf::float32, shape![3]).named("B");
        Ok(Session::new().run_with(b * 2, feed! { b => 5 })?.repr())
    }),
    ("feed of a string into float32", || {
        let x = unknown("x");
        Ok(Session::new().run_with(x, feed! { x => &"abc" })?.repr())
    }),
    ("feed of float into int32 placeholder", || {
        let x = tf::placeholder(tf::int32, None).named("x");
        Ok(Session::new().run_with(x, feed! { x => 1.5 })?.repr())
    }),
    ("feed of float array into int32 placeholder", || {
        let x = tf::placeholder(tf::int32, shape![None]).named("x");
        let r = Session::new().run_with(x, feed! { x => [1.7, -2.7] })?;
        Ok(format!("{r}\n{}", r.repr()))
    }),
    ("feed of ragged list", || {
        let x = unknown("x");
        Ok(Session::new().run_with(x, feed! { x => vec![vec![1, 2], vec![3]] })?.repr())
    }),
    ("feed key is a string that is no tensor", || {
        unknown("x");
        Ok(Session::new().run_with("x:0", feed! { "x" => 1.0 })?.repr())
    }),
    ("matmul run-time mismatch (unknown shapes)", || {
        let (x, y) = (unknown("x"), unknown("y"));
        let ones = || Array::new(vec![1.0; 6], &[2, 3]);
        Ok(Session::new().run_with(tf::matmul(x, y), feed! { x => ones(), y => ones() })?.repr())
    }),
    ("add run-time shape mismatch", || {
        let (x, y) = (unknown("x"), unknown("y"));
        Ok(Session::new().run_with(x + y, feed! { x => [1, 2, 3], y => [1, 2] })?.repr())
    }),
    ("fetch of None", || {
        tf::constant(1);
        run(None::<Tensor>)
    }),
    ("fetch of a list with None", || {
        let a = tf::constant(1).tensor();
        Ok(format!("{:?}", Session::new().run([Some(a), None])?))
    }),
    ("fetch of unknown name", || {
        tf::constant(1).named("a");
        run("b:0")
    }),
    ("fetch of bad output index", || {
        tf::constant(1).named("a");
        run("a:1")
    }),
    ("Session() with empty graph", || {
        Session::new().run(tf::no_op())?;
        Ok(format!("{:?}", Session::with_graph(Graph::new()).run(Vec::<Tensor>::new())?))
    }),
    ("empty graph run", || {
        let session = Graph::new().as_default(Session::new);
        Ok(session.run("x")?.repr())
    }),
    ("run after close", || {
        let (a, s) = (tf::constant(1), Session::new());
        s.close();
        Ok(s.run(a)?.repr())
    }),
    ("eval after with-block", || {
        let a = tf::constant(1);
        tf::with_session(|_| {});
        Ok(a.eval()?.repr())
    }),
    ("run after with-block", || {
        let a = tf::constant(1);
        let s = tf::with_session(|s| s);
        Ok(s.run(a)?.repr())
    }),
    ("eval without session", || Ok(tf::constant(1).eval()?.repr())),
    ("op.run without session", || Ok(tf::no_op().run()?.to_string())),
    ("tensor of another graph fetched", || {
        let t = elsewhere(|| tf::constant(1.0).tensor(), "other");
        tf::constant(0);
        run(t)
    }),
    ("feed tensor of another graph", || {
        let p = elsewhere(|| tf::placeholder(tf::float32, None), "p");
        Ok(Session::new().run_with(tf::constant(1), feed! { p => 1.0 })?.repr())
    }),
    ("assert_negative run time", || {
        let x = unknown("x");
        let y = tf::assert_negative(x);
        Ok(tf::with_session(|s| s.run_with(y, feed! { x => [-1.0, 2.0] }))?.to_string())
    }),
    ("assert_positive run time", || {
        let x = unknown("x");
        let y = tf::assert_positive_with_message(x, "must be > 0");
        Ok(tf::with_session(|s| s.run_with(y, feed! { x => [-1.0, 2.0] }))?.to_string())
    }),
    ("tf.Assert run time", || {
        let x = tf::placeholder(tf::int32, None).named("x");
        let a = tf::Assert(tf::less(x, 5), &[x]).named("check");
        Ok(Session::new().run_with(a, feed! { x => 7 })?.to_string())
    }),
    ("reshape two -1", || run(tf::reshape(tf::constant([1, 2, 3, 4]), [-1, -1]))),
    ("reshape run-time mismatch", || {
        let x = unknown("x");
        Ok(Session::new().run_with(tf::reshape(x, [4, 2]), feed! { x => [1, 2, 3, 4, 5, 6] })?.repr())
    }),
    ("cast string to int", || run(tf::cast(tf::constant("1"), tf::int32))),
    ("gather out of range", || run(tf::gather(tf::constant([1, 2, 3]), 5))),
    ("integer division by zero", || run(tf::constant(1).floordiv(tf::constant(0)))),
    ("scalar summary of a vector", || run(tf::summary::scalar("loss", tf::constant([1.0, 2.0])))),
    ("merge_all without summaries then run", || {
        tf::constant(1);
        run(tf::summary::merge_all())
    }),
];

const BUILDING: &[Case] = &[
    ("matmul inner dimensions", || {
        built(tf::matmul(tf::constant([[1.0, 2.0], [3.0, 4.0]]), tf::constant([[1.0, 2.0, 3.0]])))
    }),
    ("matmul rank 1", || built(tf::matmul(tf::constant([1.0, 2.0]), tf::constant([3.0, 4.0])) * 1.0)),
    ("tensor of another graph combined", || {
        let t = elsewhere(|| tf::constant(1.0).tensor(), "other");
        built(t + tf::constant(2.0).named("mine"))
    }),
    ("matmul dtype mismatch", || built(tf::matmul(tf::constant([[1.0, 2.0]]), tf::constant([[1], [2]])))),
    ("add static shape mismatch", || built(tf::constant([1.0, 2.0, 3.0]) + tf::constant([1.0, 2.0]))),
    ("tf.add static shape mismatch, named", || built(tf::add(tf::ones([2, 3]), tf::ones([3, 2])).named("Sum"))),
    ("add dtype mismatch int + float tensor", || built(tf::constant(1) + tf::constant(2.0))),
    ("tf.add dtype mismatch float, int", || built(tf::add(tf::constant(2.0), tf::constant(1)))),
    ("int tensor + python float", || built(tf::constant(1) + 2.5)),
    ("tf.multiply(2, 2.5) python int and float", || built(tf::multiply(2, 2.5))),
    ("constant + string", || built(tf::constant(1) + "a")),
    ("int / float tensor", || built(tf::divide(tf::constant(1), tf::constant(2.0)))),
    ("assert_negative fails statically", || built(tf::assert_negative(tf::constant([-2.25, 3.25])))),
    ("assert_positive fails statically", || built(tf::assert_positive(tf::constant([-2.25, 3.25])))),
    ("assert_positive fails statically with message", || {
        built(tf::assert_positive_with_message(tf::constant([-2.25, 3.25]), "must be > 0"))
    }),
    ("assert_equal fails", || built(tf::assert_equal(tf::constant([1, 2]), tf::constant([1, 3])))),
    ("duplicate get_variable", || {
        tf::get_variable("v").shape([1]);
        built(tf::get_variable("v").shape([1]))
    }),
    ("duplicate get_variable in scope", || {
        in_scope(false, 1);
        built(in_scope(false, 1))
    }),
    ("reuse=True, variable missing", || built(in_scope(true, 1))),
    ("reuse with other shape", || {
        in_scope(false, 1);
        built(in_scope(true, 2))
    }),
    ("reuse with other dtype", || {
        in_scope(false, 1);
        let other = || tf::get_variable("v").with_dtype(tf::int32).shape([1]);
        built(tf::variable_scope("s").reuse(true).run(other))
    }),
    ("reshape static mismatch", || built(tf::reshape(tf::constant([1, 2, 3, 4, 5, 6]), [4, 2]))),
    ("reshape with -1, indivisible", || built(tf::reshape(tf::constant([1, 2, 3, 4, 5]), [2, -1]))),
    ("cast of unknown dtype name", || built(tf::cast(tf::constant(1), "flaot32"))),
    ("assign of wrong shape", || built(tf::assign(tf::Variable::new([1.0, 2.0]), [1.0, 2.0, 3.0]))),
    ("assign of wrong dtype", || built(tf::assign(tf::Variable::new([1.0, 2.0]), tf::constant([1, 2])))),
    ("constant of ragged list", || built(tf::constant(vec![vec![1, 2], vec![3]]))),
    ("constant wrong dtype", || built(tf::constant(1.5).with_dtype(tf::int32))),
    ("constant string as float", || built(tf::constant("x").with_dtype(tf::float32))),
    ("constant verify_shape", || built(tf::constant([1, 2, 3]).with_verified_shape([2, 2]))),
    ("index out of range", || built(tf::constant([1, 2, 3]).slice(flowbook::s![5]))),
    ("reduce_sum bad axis", || built(tf::reduce_sum(tf::ones([2, 2])).axis(2))),
    ("argmax bad axis", || built(tf::argmax(tf::ones([2, 2]), 5))),
    ("concat shape mismatch", || built(tf::concat([tf::ones([2, 2]).tensor(), tf::ones([3, 3]).tensor()], 0))),
    ("softmax_cross_entropy shape mismatch", || {
        built(tf::nn::softmax_cross_entropy_with_logits_v2(tf::ones([1, 2]), tf::ones([1, 3])))
    }),
    ("minimize without variables", || built(minimize(tf::constant(1.0).tensor()))),
    ("minimize with loss that does not depend on variables", || {
        tf::Variable::new(1.0);
        built(minimize(tf::constant(1.0) * 2))
    }),
    ("minimize of int loss", || {
        let v = tf::Variable::new(1);
        built(minimize(v * v))
    }),
    ("log of int", || built(tf::log(tf::constant(1)))),
    ("sqrt of int", || built(tf::sqrt(tf::constant(4)))),
    ("sigmoid of int", || built(tf::sigmoid(tf::constant(1)))),
    ("bad op name", || built(tf::constant(1).named("my const!"))),
    ("graph finalized", || {
        tf::get_default_graph().finalize();
        built(tf::constant(1))
    }),
    ("conv2d channel mismatch", || {
        built(tf::nn::conv2d(tf::ones([1, 4, 4, 3]), tf::ones([2, 2, 1, 8]), [1, 1, 1, 1], "SAME"))
    }),
    ("conv2d rank", || built(tf::nn::conv2d(tf::ones([4, 4]), tf::ones([2, 2, 1, 8]), [1, 1, 1, 1], "SAME"))),
    ("conv2d bad padding", || {
        built(tf::nn::conv2d(tf::ones([1, 4, 4, 1]), tf::ones([2, 2, 1, 8]), [1, 1, 1, 1], "same"))
    }),
];

/// What TensorFlow does not mind.
const NO_MISTAKES: &[Case] = &[
    ("constant with other number of elements", || run(tf::constant([1, 2, 3]).with_shape([2, 2]))),
    ("constant value fills shape", || run(tf::constant([1, 2, 3]).with_shape([2, 3]))),
    ("int / int zero (true div)", || run(tf::constant(1) / tf::constant(0))),
    ("float / 0", || run(tf::constant(1.0) / 0.0)),
    ("Variable named twice", || {
        Ok(format!("{} {}", tf::Variable::new(1).named("v").name(), tf::Variable::new(1).named("v").name()))
    }),
    ("tf.initialize_all_variables", || Ok(tf::initialize_all_variables().name())),
];

/// Mistakes that no Rust program makes, with the reason.
const IMPOSSIBLE: &[(&str, &str)] = &[
    ("uninitialised resource variable", "there is one kind of variable"),
    ("feed of a tensor", "a tensor is no FeedValue"),
    ("feed of None", "there is no None among values"),
    ("feed_dict is not a dict", "feed! makes nothing else"),
    ("feed key is a number", "a number is no FeedKey"),
    ("fetch of a python int", "a number is no Fetch"),
    ("fetch of a python float", "a number is no Fetch"),
    ("fetch of numpy array", "an array is no Fetch"),
    ("fetch of op name without :0", "a name stands for an array; operations are fetched as such"),
    ("Session(g) positional graph", "Session::new takes nothing, Session::with_graph a graph"),
    ("get_variable without shape", "it is no Variable until it has a shape or an initial value"),
    ("get_variable shape + constant initializer", "a variable with a shape takes no tensor any more"),
    ("Variable without initial value", "Variable::new takes one"),
    ("constant of mixed list", "a Rust list has one type"),
    ("bool(tensor)", "if takes a bool"),
    ("iterate over a tensor", "a tensor is no iterator"),
    ("len(tensor)", "a tensor has no length"),
    ("float(tensor)", "a tensor does not convert"),
    ("tensor.numpy()", "there is no such method"),
    ("unknown attribute tf.global_variables_initialiser", "rustc knows the name meant"),
    ("tf.mul (removed)", "rustc says so"),
    ("tf.train.SummaryWriter (removed)", "rustc says so"),
    ("tf.contrib", "it is there"),
    ("add_summary of garbage", "it takes a summary"),
];

/// What is recorded where we mean to differ.
const DIFFERENT: &[(&str, &str)] = &[
    // A scalar's repr has been the number itself until NumPy 2.
    ("feed of a string into float32", "ValueError: could not convert string to float: 'abc'"),
    ("int / int zero (true div)", "inf"),
    ("float / 0", "inf"),
    // A value that is fed and fetched comes back as it went in, a NumPy array of rank 0; ours print as scalars.
    ("feed of float into int32 placeholder", "1"),
    // Without the lines of the Python script that stand around it.
    (
        "device missing",
        "InvalidArgumentError: Cannot assign a device for operation mul: {{node mul}} was explicitly assigned to \
         /device:GPU:0 but available devices are [ /job:localhost/replica:0/task:0/device:CPU:0 ]. Make sure the device \
         specification refers to a valid device. The requested device appears to be a GPU, but CUDA is not enabled.\n\t \
         [[mul]]",
    ),
    // A name that is given after the op is built cannot be in the error of building it.
    (
        "tf.add static shape mismatch, named",
        "ValueError: Dimensions must be equal, but are 2 and 3 for '{{node Add}} = AddV2[T=DT_FLOAT](ones, ones_1)' with \
         input shapes: [2,3], [3,2].",
    ),
];

fn recorded() -> HashMap<String, String> {
    let all: serde_json::Value = serde_json::from_str(include_str!("fixtures/v1_programs.json")).unwrap();
    let errors = all["errors"].as_object().unwrap().iter();
    errors.map(|(title, text)| (title.clone(), text.as_str().unwrap().trim_end_matches('\n').to_owned())).collect()
}

#[test]
fn every_recorded_mistake_has_tensorflow_s_answer() {
    let recorded = recorded();
    let mut wrong = Vec::new();
    // Where there is a GPU, asking for one is no mistake.
    let has_gpu = !tf::test::gpu_device_name().is_empty();
    let all = RUNNING.iter().chain(BUILDING).chain(NO_MISTAKES);
    for (title, program) in all.filter(|(title, _)| !(has_gpu && *title == "device missing")) {
        let ours = outcome(*program);
        let meant = DIFFERENT.iter().find(|(t, _)| t == title).map(|(_, text)| *text);
        let theirs = meant.unwrap_or_else(|| recorded.get(*title).map_or("no such program", String::as_str));
        if ours != theirs {
            wrong.push(format!("{title}\nours\n{ours}\nTensorFlow\n{theirs}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn no_recorded_mistake_is_left_out() {
    let ours: Vec<&str> = (RUNNING.iter().chain(BUILDING).chain(NO_MISTAKES).map(|(title, _)| *title))
        .chain(IMPOSSIBLE.iter().map(|(title, _)| *title))
        .collect();
    let left: Vec<String> = recorded().into_keys().filter(|title| !ours.contains(&title.as_str())).collect();
    assert_eq!(left, Vec::<String>::new());
}
