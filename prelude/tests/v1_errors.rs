//! The classical mistakes under TensorFlow 1 and what TensorFlow 2.21 (`tf.compat.v1`) said to them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use flowbook::v1::{self as tf, Graph, Session};
use flowbook::{Array, Result, feed, shape};

/// The text of an error raised while the graph is built.
fn raised<R>(body: impl FnOnce() -> R) -> String {
    let outcome = catch_unwind(AssertUnwindSafe(|| Graph::new().as_default(|| drop(body()))));
    let panic = outcome.expect_err("nothing was raised");
    panic.downcast_ref::<String>().cloned().unwrap_or_default()
}

/// The text of an error of a run.
fn failed<R>(body: impl FnOnce(Session) -> Result<R>) -> String {
    Graph::new().as_default(|| body(Session::new()).err().expect("the run succeeded").to_string())
}

#[test]
fn uninitialised_variables() {
    let read = failed(|s| s.run(tf::add(tf::Variable::new(0), tf::constant(1))));
    assert_eq!(
        read,
        "FailedPreconditionError: Attempting to use uninitialized value Variable\n\t [[{{node Variable/read}}]]"
    );
    let fetched = failed(|s| s.run(tf::Variable::new([1.0, 2.0]).named("w")));
    assert_eq!(
        fetched,
        "FailedPreconditionError: Graph execution error:\n\nAttempting to use uninitialized value w\n\t [[{{node \
         _retval_w_0_0}}]]"
    );
    let updated = failed(|s| s.run(tf::assign_add(tf::Variable::new(1), 1)));
    assert_eq!(
        updated,
        "FailedPreconditionError: Attempting to use uninitialized value Variable\n\t [[{{node AssignAdd}}]]"
    );
    let trained = failed(|s| {
        let w = tf::Variable::new(1.0).named("w");
        s.run(tf::train::GradientDescentOptimizer::new(0.1).minimize(w * w))
    });
    assert_eq!(trained, "FailedPreconditionError: Attempting to use uninitialized value w\n\t [[{{node w/read}}]]");
}

#[test]
fn placeholders_without_a_value() {
    let unknown = failed(|s| s.run(tf::placeholder("float", None) * 2));
    assert_eq!(
        unknown,
        "InvalidArgumentError: You must feed a value for placeholder tensor 'Placeholder' with dtype float\n\t [[{{node \
         Placeholder}}]]"
    );
    let partly = failed(|s| s.run(tf::reduce_sum(tf::placeholder(tf::float32, shape![None, 784]))));
    assert!(partly.contains("with dtype float and shape [?,784]\n"), "{partly}");
    let one_of_two = failed(|s| {
        let (x, y) = (tf::placeholder(tf::float32, None).named("x"), tf::placeholder(tf::float32, None).named("y"));
        s.run_with(x + y, feed! { x => 1.0 })
    });
    assert!(one_of_two.contains("placeholder tensor 'y' with dtype float\n"), "{one_of_two}");
}

#[test]
fn values_that_do_not_fit() {
    let shape = failed(|s| {
        let x = tf::placeholder(tf::float32, shape![None, 784]);
        s.run_with(x * 2, feed! { x => Array::zeros(tf::float64, &[3, 10]) })
    });
    assert_eq!(
        shape,
        "ValueError: Cannot feed value of shape (3, 10) for Tensor Placeholder:0, which has shape (?, 784)"
    );
    let text = failed(|s| {
        let x = tf::placeholder(tf::float32, None);
        s.run_with(x, feed! { x => &"abc" })
    });
    assert_eq!(text, "ValueError: could not convert string to float: 'abc'");
    let sizes = failed(|s| {
        let (x, y) = (tf::placeholder(tf::float32, None), tf::placeholder(tf::float32, None));
        s.run_with(x + y, feed! { x => [1, 2, 3], y => [1, 2] })
    });
    assert_eq!(sizes, "InvalidArgumentError: Incompatible shapes: [3] vs. [2]\n\t [[{{node add}}]]");
    Graph::new().as_default(|| {
        let x = tf::placeholder(tf::int32, shape![None]);
        let truncated = Session::new().run_with(x, feed! { x => [1.7, -2.7] }).unwrap();
        assert_eq!(truncated.as_slice::<i32>(), Some(&[1, -2][..]), "floats fed to integers are cut off");
    });
}

#[test]
fn shapes_and_types_while_building() {
    assert_eq!(
        raised(|| tf::constant([1.0, 2.0, 3.0]) + tf::constant([1.0, 2.0])),
        "ValueError: Dimensions must be equal, but are 3 and 2 for '{{node add}} = AddV2[T=DT_FLOAT](Const, Const_1)' with \
         input shapes: [3], [2]."
    );
    assert_eq!(
        raised(|| tf::matmul(tf::constant([[1.0, 2.0], [3.0, 4.0]]), tf::constant([[1.0, 2.0, 3.0]]))),
        "ValueError: Dimensions must be equal, but are 2 and 1 for '{{node MatMul}} = MatMul[T=DT_FLOAT, grad_a=false, \
         grad_b=false, transpose_a=false, transpose_b=false](Const, Const_1)' with input shapes: [2,2], [1,3]."
    );
    assert_eq!(
        raised(|| tf::constant(1) + tf::constant(2.0)),
        "TypeError: Input 'y' of 'AddV2' Op has type float32 that does not match type int32 of argument 'x'."
    );
    assert_eq!(
        raised(|| tf::constant(1) + 2.5),
        "TypeError: Input 'y' of 'AddV2' Op has type float32 that does not match type int32 of argument 'x'."
    );
    assert_eq!(
        raised(|| tf::multiply(2, 2.5)),
        "TypeError: Expected int32 passed to parameter 'y' of op 'Mul', got 2.5 of type 'float' instead. Error: Expected \
         int32, but got 2.5 of type 'float'."
    );
    assert_eq!(
        raised(|| tf::divide(tf::constant(1), tf::constant(2.0))),
        "TypeError: `x` and `y` must have the same dtype, got tf.int32 != tf.float32."
    );
    assert_eq!(
        raised(|| tf::log(tf::constant(1))),
        "TypeError: Value passed to parameter 'x' has DataType int32 not in list of allowed values: bfloat16, float16, \
         float32, float64, complex64, complex128"
    );
    assert_eq!(
        raised(|| tf::reshape(tf::constant([1, 2, 3, 4, 5, 6]), [4, 2])),
        "ValueError: Cannot reshape a tensor with 6 elements to shape [4,2] (8 elements) for '{{node Reshape}} = \
         Reshape[T=DT_INT32, Tshape=DT_INT32](Const, Reshape/shape)' with input shapes: [6], [2] and with input tensors \
         computed as partial shapes: input[1] = [4,2]."
    );
    assert_eq!(
        raised(|| tf::reduce_sum(tf::ones([2, 2])).axis(2)),
        "ValueError: Invalid reduction dimension 2 for input with 2 dimensions. for '{{node Sum}} = Sum[T=DT_FLOAT, \
         Tidx=DT_INT32, keep_dims=false](ones, Sum/reduction_indices)' with input shapes: [2,2], [] and with computed input \
         tensors: input[1] = <2>."
    );
    assert_eq!(
        raised(|| tf::constant(1.5).with_dtype(tf::int32)),
        "TypeError: Expected int32, but got 1.5 of type 'float'."
    );
}

#[test]
fn training_that_cannot_be() {
    let minimize = |loss: tf::Tensor| tf::train::GradientDescentOptimizer::new(0.1).minimize(loss);
    assert_eq!(raised(|| minimize(tf::constant(1.0).tensor())), "ValueError: No variables to optimize.");
    let ints = raised(|| {
        let v = tf::Variable::new(1);
        minimize(v * v)
    });
    assert_eq!(
        ints,
        "ValueError: Invalid type tf.int32 for mul:0, expected: [tf.float32, tf.float64, tf.float16, tf.bfloat16]."
    );
}

#[test]
fn assertions_and_sessions() {
    assert_eq!(
        raised(|| tf::assert_positive(tf::constant([-2.25, 3.25]))),
        "InvalidArgumentError: \nCondition x > 0 did not hold element-wise:\nx (Const:0) = \n[-2.25  3.25]"
    );
    let zero = failed(|s| s.run(tf::constant(1).floordiv(tf::constant(0))));
    assert_eq!(zero, "InvalidArgumentError: Integer division by zero\n\t [[{{node floordiv}}]]");
    let no_session = Graph::new().as_default(|| tf::no_op().run().unwrap_err().to_string());
    assert!(
        no_session.starts_with("ValueError: Cannot execute operation using `run()`: No default session"),
        "{no_session}"
    );
    let stranger = Graph::new().as_default(|| tf::constant(1.0).named("other").tensor());
    let other = failed(|s| {
        let _mine = tf::constant(0);
        s.run(stranger)
    });
    assert_eq!(
        other,
        "ValueError: Argument `fetch` = Tensor(\"other:0\", shape=(), dtype=float32) cannot be interpreted as a Tensor. \
         (Tensor Tensor(\"other:0\", shape=(), dtype=float32) is not an element of this graph.)"
    );
}

/// Builds that fail, with the whole text.
#[expect(dropping_copy_types, reason = "the values are never made")]
#[test]
fn texts_of_building() {
    let cases: &[(fn(), &str)] = &[
        (
            || drop(tf::matmul(tf::constant([1.0, 2.0]), tf::constant([3.0, 4.0]))),
            "ValueError: Shape must be rank 2 but is rank 1 for '{{node MatMul}} = MatMul[T=DT_FLOAT, grad_a=false, \
             grad_b=false, transpose_a=false, transpose_b=false](Const, Const_1)' with input shapes: [2], [2].",
        ),
        (
            || drop(tf::matmul(tf::constant([[1.0, 2.0]]), tf::constant([[1], [2]]))),
            "TypeError: Input 'b' of 'MatMul' Op has type int32 that does not match type float32 of argument 'a'.",
        ),
        (
            || drop(tf::add(tf::constant(2.0), tf::constant(1))),
            "TypeError: Input 'y' of 'AddV2' Op has type int32 that does not match type float32 of argument 'x'.",
        ),
        (
            || drop(tf::constant(1) + tf::constant("a")),
            "TypeError: Input 'y' of 'AddV2' Op has type string that does not match type int32 of argument 'x'.",
        ),
        (
            || drop(tf::reshape(tf::constant([1, 2, 3, 4, 5]), [2, -1])),
            "ValueError: Dimension size must be evenly divisible by 2 but is 5 for '{{node Reshape}} = \
             Reshape[T=DT_INT32, Tshape=DT_INT32](Const, Reshape/shape)' with input shapes: [5], [2] and with input tensors \
             computed as partial shapes: input[1] = [2,?].",
        ),
        (
            || drop(tf::cast(tf::constant(1), "flaot32")),
            "TypeError: Cannot convert the argument `type_value`: 'flaot32' to a TensorFlow DType.",
        ),
        (
            || drop(tf::assign(tf::Variable::new([1.0, 2.0]), [1.0, 2.0, 3.0])),
            "ValueError: Dimension 0 in both shapes must be equal, but are 2 and 3. Shapes are [2] and [3]. for '{{node \
             Assign}} = Assign[T=DT_FLOAT, use_locking=true, validate_shape=true](Variable, Assign/value)' with input \
             shapes: [2], [3].",
        ),
        (
            || drop(tf::assign(tf::Variable::new([1.0, 2.0]), tf::constant([1, 2]))),
            "TypeError: Input 'value' of 'Assign' Op has type int32 that does not match type float32 of argument 'ref'.",
        ),
        (|| drop(tf::constant("x").with_dtype(tf::float32)), "TypeError: Expected float32, but got x of type 'str'."),
        (
            || drop(tf::constant([1, 2, 3]).with_verified_shape([2, 2])),
            "TypeError: Expected Tensor's shape: (2, 2), but got (3,).",
        ),
    ];
    for (build, text) in cases {
        assert_eq!(raised(build), *text);
    }
}

/// Variables that are shared, or not.
#[test]
fn texts_of_variable_scopes() {
    let scope = |reuse: bool, n: usize| {
        tf::variable_scope("s").reuse(reuse).run(|| tf::get_variable("v").shape([n]));
    };
    let twice = raised(|| {
        scope(false, 1);
        scope(false, 1);
    });
    let text = "ValueError: Variable s/v already exists, disallowed. Did you mean to set reuse=True or \
                reuse=tf.AUTO_REUSE in VarScope?";
    assert!(twice.starts_with(text), "{twice}");
    assert_eq!(
        raised(|| scope(true, 1)),
        "ValueError: Variable s/v does not exist, or was not created with tf.get_variable(). Did you mean to set \
         reuse=tf.AUTO_REUSE in VarScope?"
    );
    let other_shape = raised(|| {
        scope(false, 1);
        scope(true, 2);
    });
    assert_eq!(other_shape, "ValueError: Trying to share variable s/v, but specified shape (2,) and found shape (1,).");
    let other_type = raised(|| {
        scope(false, 1);
        tf::variable_scope("s").reuse(true).run(|| tf::get_variable("v").with_dtype(tf::int32).shape([1]));
    });
    assert_eq!(
        other_type,
        "ValueError: Trying to share variable s/v, but specified dtype int32 and found dtype float32_ref."
    );
}

/// Runs that fail, with the whole text.
#[test]
fn texts_of_runs() {
    let placeholders =
        || (tf::placeholder(tf::float32, None).named("x"), tf::placeholder(tf::float32, None).named("y"));
    let ones = |shape: &[usize]| Array::new(vec![1.0; shape.iter().product()], shape);
    let product = failed(|s| {
        let (x, y) = placeholders();
        s.run_with(tf::matmul(x, y), feed! { x => ones(&[2, 3]), y => ones(&[2, 3]) })
    });
    assert_eq!(
        product,
        "InvalidArgumentError: Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3] 0 0\n\t [[{{node MatMul}}]]"
    );
    let reshaped = failed(|s| {
        let (x, _) = placeholders();
        s.run_with(tf::reshape(x, [4, 2]), feed! { x => [1, 2, 3, 4, 5, 6] })
    });
    assert_eq!(
        reshaped,
        "InvalidArgumentError: Input to reshape is a tensor with 6 values, but the requested shape has 8\n\t [[{{node \
         Reshape}}]]"
    );
    let two_holes = failed(|s| s.run(tf::reshape(tf::constant([1, 2, 3, 4]), [-1, -1])));
    assert_eq!(
        two_holes,
        "InvalidArgumentError: Only one input size may be -1, not both 0 and 1\n\t [[{{node Reshape}}]]"
    );
    let text = failed(|s| s.run(tf::cast(tf::constant("1"), tf::int32)));
    assert_eq!(text, "UnimplementedError: Cast string to int32 is not supported\n\t [[{{node Cast}}]]");
    let gathered = failed(|s| s.run(tf::gather(tf::constant([1, 2, 3]), 5)));
    assert_eq!(gathered, "InvalidArgumentError: indices = 5 is not in [0, 3)\n\t [[{{node GatherV2}}]]");
    let negative = failed(|s| {
        let (x, _) = placeholders();
        s.run_with(tf::assert_negative(x), feed! { x => [-1.0, 2.0] })
    });
    assert_eq!(
        negative,
        "InvalidArgumentError: assertion failed: [] [Condition x < 0 did not hold element-wise:] [x (x:0) = ] [-1 2]\n\t \
         [[{{node assert_negative/assert_less/Assert/AssertGuard/Assert}}]]"
    );
    let positive = failed(|s| {
        let (x, _) = placeholders();
        s.run_with(tf::assert_positive_with_message(x, "must be > 0"), feed! { x => [-1.0, 2.0] })
    });
    assert!(positive.contains("assertion failed: [must be > 0.  ] [Condition x > 0 did not hold"), "{positive}");
    let scalar = failed(|s| s.run(tf::placeholder(tf::int32, shape![]) + 1));
    assert_eq!(
        scalar,
        "InvalidArgumentError: You must feed a value for placeholder tensor 'Placeholder' with dtype int32\n\t [[{{node \
         Placeholder}}]]"
    );
    let rank = failed(|s| {
        let b = tf::placeholder(tf::float32, shape![3]).named("B");
        s.run_with(b * 2, feed! { b => 5 })
    });
    assert_eq!(rank, "ValueError: Cannot feed value of shape () for Tensor B:0, which has shape (3,)");
    let stranger = Graph::new().as_default(|| tf::placeholder(tf::float32, None).named("p"));
    let fed = failed(|s| s.run_with(tf::constant(1), feed! { stranger => 1.0 }));
    assert_eq!(
        fed,
        "TypeError: Cannot interpret feed_dict key as Tensor: Tensor Tensor(\"p:0\", dtype=float32) is not an element of \
         this graph."
    );
    let empty = Graph::new().as_default(|| Session::new().run(Vec::<tf::Tensor>::new()).unwrap_err().to_string());
    assert_eq!(empty, "RuntimeError: The Session graph is empty. Add operations to the graph before calling run().");
}

/// What TensorFlow does not mind: division by zero gives infinities, a short list is filled up with its last element.
#[test]
fn what_is_no_mistake() {
    Graph::new().as_default(|| {
        let s = Session::new();
        assert_eq!(s.run(tf::constant(1) / tf::constant(0)).unwrap().to_string(), "inf");
        assert_eq!(s.run(tf::constant(1.0) / 0.0).unwrap().to_string(), "inf");
        assert_eq!(s.run(tf::constant([1, 2, 3]).with_shape([2, 2])).unwrap().to_string(), "[[1 2]\n [3 3]]");
        assert_eq!(tf::Variable::new(1).named("v").name(), "v:0");
        assert_eq!(tf::Variable::new(1).named("v").name(), "v_1:0");
        assert_eq!(tf::initialize_all_variables().name(), "init");
    });
}
