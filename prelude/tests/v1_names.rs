//! Names of nodes and printed forms under TensorFlow 1, as TensorFlow 2.21 (`tf.compat.v1`) gave them.

use flowbook::shape;
use flowbook::v1::{self as tf, Graph, Tensor};

fn names() -> Vec<String> {
    tf::get_default_graph().get_operations().iter().map(|o| o.name()).collect()
}

fn inputs(t: Tensor) -> String {
    let names: Vec<String> = t.op().inputs().iter().map(|i| i.name()).collect();
    format!("{} {} {}", t.name(), t.op().op_type(), names.join(" "))
}

#[test]
fn names_are_unique_in_any_spelling() {
    Graph::new().as_default(|| {
        let (a, b) = (tf::constant(2), tf::constant(3));
        assert_eq!((a + b).name(), "add:0");
        assert_eq!((a + b).name(), "add_1:0");
        assert_eq!(tf::add(a, b).name(), "Add_2:0");
        assert_eq!(tf::add(a, b).name(), "Add_3:0");
        assert_eq!(tf::add(a, b).named("Add").name(), "Add_4:0");
        assert_eq!(tf::add(a, b).named("add").name(), "add_5:0");
    });
    Graph::new().as_default(|| {
        let name = |n: &str| tf::constant(1).named(n).name();
        assert_eq!([name("A"), name("A"), name("a"), name("A_1")], ["A:0", "A_1:0", "a_2:0", "A_1_1:0"]);
        assert_eq!(tf::constant(1).name(), "Const:0", "a name given later frees the automatic one");
    });
}

#[test]
fn operators_have_names_of_their_own() {
    Graph::new().as_default(|| {
        let (a, b) = (tf::constant(2.0), tf::constant(3.0));
        let (a, b) = (a.tensor(), b.tensor());
        let got =
            [a - b, a * b, a / b, a.floordiv(b), a % b, a.pow(b), -a, a.abs(), a.lt(b), a.le(b), a.gt(b), a.ge(b)];
        let want = [
            "sub:0 Sub",
            "mul:0 Mul",
            "truediv:0 RealDiv",
            "floordiv:0 FloorDiv",
            "mod:0 FloorMod",
            "pow:0 Pow",
            "Neg:0 Neg",
            "Abs:0 Abs",
            "Less:0 Less",
            "LessEqual:0 LessEqual",
            "Greater:0 Greater",
            "GreaterEqual:0 GreaterEqual",
        ];
        for (got, want) in got.iter().zip(want) {
            assert!(inputs(*got).starts_with(&format!("{want} Const:0")), "{}, not {want}", inputs(*got));
        }
        assert_eq!(inputs(1 - a), "sub_1:0 Sub sub_1/x:0 Const:0");
        assert_eq!(inputs(2 * a), "mul_1:0 Mul mul_1/x:0 Const:0");
        assert_eq!(inputs(1 / a), "truediv_1:0 RealDiv truediv_1/x:0 Const:0");
        assert!(a == a && a != b, "== asks whether two tensors are the same one");
    });
}

#[test]
fn literals_become_constants_under_the_operator() {
    Graph::new().as_default(|| {
        let a = tf::constant(2.0);
        let _ = 1 - a;
        assert_eq!(names(), ["Const", "sub/x", "sub"]);
        let _ = a * 3;
        assert_eq!(names(), ["Const", "sub/x", "sub", "mul/y", "mul"]);
    });
}

#[test]
fn variables_are_four_nodes() {
    Graph::new().as_default(|| {
        let v = tf::Variable::new(0);
        let w = tf::Variable::new(0).named("w");
        let w2 = tf::Variable::new(0).named("w");
        let v2 = tf::Variable::new([1.0]);
        assert_eq!([v, w, w2, v2].map(|v| v.name()), ["Variable:0", "w:0", "w_1:0", "Variable_1:0"]);
        assert_eq!(w2.to_string(), "<tf.Variable 'w_1:0' shape=() dtype=int32_ref>");
        assert_eq!(w.initializer_op().name(), "w/Assign");
        assert_eq!(w.value().name(), "w/read:0");
        assert_eq!(
            names()[4..12],
            ["w/initial_value", "w", "w/Assign", "w/read", "w_1/initial_value", "w_1", "w_1/Assign", "w_1/read"]
        );
    });
}

#[test]
fn get_variable_names_its_initializer() {
    Graph::new().as_default(|| {
        let _ = tf::get_variable("W").shape([2, 3]).initializer(tf::zeros_initializer());
        let _ = tf::get_variable("b").initializer(tf::constant(2));
        let _ = tf::get_variable("g").shape([2, 2]);
        assert_eq!(
            names(),
            [
                "W/Initializer/zeros",
                "W",
                "W/Assign",
                "W/read",
                "Const",
                "b",
                "b/Assign",
                "b/read",
                "g/Initializer/random_uniform/shape",
                "g/Initializer/random_uniform/min",
                "g/Initializer/random_uniform/max",
                "g/Initializer/random_uniform/RandomUniform",
                "g/Initializer/random_uniform/sub",
                "g/Initializer/random_uniform/mul",
                "g/Initializer/random_uniform",
                "g",
                "g/Assign",
                "g/read",
            ]
        );
    });
}

#[test]
fn scopes_prefix_and_are_unique() {
    Graph::new().as_default(|| {
        tf::name_scope("layer", || {
            assert_eq!(tf::constant(1).name(), "layer/Const:0");
            tf::name_scope("inner", || {
                assert_eq!(tf::constant(1).name(), "layer/inner/Const:0");
                assert_eq!(tf::Variable::new(1).name(), "layer/inner/Variable:0");
                assert_eq!(tf::placeholder(tf::float32, None).name(), "layer/inner/Placeholder:0");
            });
        });
        tf::name_scope("layer", || assert_eq!(tf::constant(1).name(), "layer_1/Const:0"));
        tf::name_scope("layer/", || assert_eq!(tf::constant(1).name(), "layer/Const_1:0"));
        tf::name_scope("layer", || {
            assert_eq!(tf::get_variable("gv").shape([1]).name(), "gv:0", "get_variable ignores name scopes");
        });
    });
}

#[test]
fn placeholders_print_what_is_known_of_their_shape() {
    Graph::new().as_default(|| {
        let text = |t: Tensor| format!("{t} | {t:?}");
        assert_eq!(
            text(tf::placeholder(tf::float32, None)),
            r#"Tensor("Placeholder:0", dtype=float32) | <tf.Tensor 'Placeholder:0' shape=<unknown> dtype=float32>"#
        );
        assert_eq!(
            text(tf::placeholder(tf::float32, shape![])),
            r#"Tensor("Placeholder_1:0", shape=(), dtype=float32) | <tf.Tensor 'Placeholder_1:0' shape=() dtype=float32>"#
        );
        assert_eq!(
            text(tf::placeholder(tf::int32, shape![2, None])),
            r#"Tensor("Placeholder_2:0", shape=(2, ?), dtype=int32) | <tf.Tensor 'Placeholder_2:0' shape=(2, ?) dtype=int32>"#
        );
    });
}

#[test]
fn optimizers_and_their_variables_are_named() {
    Graph::new().as_default(|| {
        let v = tf::Variable::new(1.0).named("w");
        let b = tf::Variable::new(1.0).named("b");
        let t = tf::train::GradientDescentOptimizer::new(0.1).minimize(v * v + b);
        assert_eq!(format!("{t:?}"), "<tf.Operation 'GradientDescent' type=NoOp>");
        assert_eq!(tf::train::GradientDescentOptimizer::new(0.1).minimize(v * v).name(), "GradientDescent_1");
        assert_eq!(tf::train::AdamOptimizer::new(0.1).minimize(v * v).name(), "Adam");
        let variables: Vec<String> = tf::global_variables().iter().map(|v| v.name()).collect();
        assert_eq!(variables, ["w:0", "b:0", "beta1_power:0", "beta2_power:0", "w/Adam:0", "w/Adam_1:0"]);
    });
}

#[test]
fn operations_print_as_nodedefs() {
    Graph::new().as_default(|| {
        let v = tf::Variable::new([[1.0, 2.0]]).named("w");
        let expected = "name: \"w/Assign\"\nop: \"Assign\"\ninput: \"w\"\ninput: \"w/initial_value\"\nattr {\n  key: \
            \"validate_shape\"\n  value {\n    b: true\n  }\n}\nattr {\n  key: \"use_locking\"\n  value {\n    b: true\n  \
            }\n}\nattr {\n  key: \"_class\"\n  value {\n    list {\n      s: \"loc:@w\"\n    }\n  }\n}\nattr {\n  key: \
            \"T\"\n  value {\n    type: DT_FLOAT\n  }\n}\n";
        assert_eq!(v.initializer_op().to_string(), expected);
    });
}

/// Arrays, lists and numbers on either side of whatever stands for a tensor: NumPy leaves the operator to the tensor, which
/// names the constant `x` on its left and `y` on its right.
#[test]
fn arrays_and_lists_on_either_side() {
    Graph::new().as_default(|| {
        let a = tf::constant([1.0, 2.0]).named("a");
        let (t, v) = (a.tensor(), tf::Variable::new([1.0, 2.0]).named("v"));
        let array = flowbook::Array::new(vec![3.0f32, 4.0], &[2]);
        let left = [&array * t, array.clone() - t, [3.0, 4.0] / t, vec![3.0, 4.0] + t];
        let right = [t * &array, t - array.clone(), t / [3.0, 4.0], t + vec![3.0, 4.0]];
        let others = [&array * v, [1.0, 2.0] - v, vec![1.0, 2.0] * a, &array + a, array.clone() / a, v * &array];
        assert_eq!(
            left.map(inputs),
            [
                "mul:0 Mul mul/x:0 a:0",
                "sub:0 Sub sub/x:0 a:0",
                "truediv:0 RealDiv truediv/x:0 a:0",
                "add:0 AddV2 add/x:0 a:0"
            ]
        );
        assert_eq!(
            right.map(inputs),
            [
                "mul_1:0 Mul a:0 mul_1/y:0",
                "sub_1:0 Sub a:0 sub_1/y:0",
                "truediv_1:0 RealDiv a:0 truediv_1/y:0",
                "add_1:0 AddV2 a:0 add_1/y:0"
            ]
        );
        assert_eq!(inputs(others[0]), "mul_2:0 Mul mul_2/x:0 v/read:0");
        let shown = tf::Session::new().run([left[0], left[1], right[0], right[1]]).unwrap();
        assert_eq!(shown.map(|v| v.to_string()), ["[3. 8.]", "[2. 2.]", "[3. 8.]", "[-2. -2.]"]);
    });
}

/// A function that builds several nodes puts them all under the name it is given, as TensorFlow's `name=` does.
#[test]
fn names_of_functions_made_of_several_nodes() {
    Graph::new().as_default(|| {
        let a = tf::constant([[1.0, 2.0]]).tensor();
        let p = tf::placeholder(tf::float32, shape![None, 2]);
        assert_eq!(tf::linspace(0.0, 1.0, 3).named("grid").name(), "grid/Slice:0");
        assert_eq!(tf::norm(a).named("length").name(), "length/Squeeze:0");
        assert_eq!(tf::nn::dropout(a, 0.5).named("drop").name(), "drop/SelectV2:0");
        assert_eq!(tf::nn::l2_normalize(a, 0).named("unit").name(), "unit:0");
        let loss = tf::nn::softmax_cross_entropy_with_logits_v2(p, p).named("loss");
        assert_eq!(loss.to_string(), "Tensor(\"loss/Reshape_2:0\", shape=(?,), dtype=float32)");
        assert_eq!(tf::Assert(tf::reduce_all(a.gt(0)), &[tf::shape(a)]).named("check").name(), "check/Assert");
        let summary = tf::summary::scalar("loss_shown", tf::reduce_sum(a));
        assert_eq!(tf::summary::merge(&[summary]).name(), "Merge/MergeSummary:0");
        assert_eq!(tf::summary::merge(&[summary]).named("x").name(), "x/x:0");
        assert!(names().iter().all(|name| !name.starts_with("linspace") && !name.starts_with("norm/")));
    });
}

/// Sizes that are known in part stay known through the ops that compute sizes.
#[test]
fn shapes_through_computed_sizes() {
    Graph::new().as_default(|| {
        let x = tf::placeholder(tf::float32, shape![None, 784]);
        let rows = tf::shape(x).slice(flowbook::s![0]);
        let pictures = tf::reshape(x, tf::stack([rows, tf::constant(28).tensor(), tf::constant(28).tensor()]));
        assert_eq!(pictures.shape().to_string(), "(?, 28, 28)");
        let flat =
            tf::reshape(pictures, tf::concat([tf::constant([-1]).tensor(), tf::slice(tf::shape(x), [1], [1])], 0));
        assert_eq!(flat.shape().to_string(), "(?, 784)");
    });
}
