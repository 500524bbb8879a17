//! Programs about scopes, shared variables, collections, seeds and initializers.

use flowbook::v1::{self as tf, Graph, GraphKeys, Session, Variable, VariableInitializer};
use flowbook::{Array, shape};

use super::{Family, exactly, names, programs, run, started, truth};

pub const FAMILY: Family = Family { programs: PROGRAMS, different: &[], impossible: IMPOSSIBLE, same: exactly };

const IMPOSSIBLE: &[(&str, &str)] = &[
    ("numbers that start a variable", "a constant initializer takes one number; a list is given as a tensor"),
    ("too few numbers that start a variable", "as above"),
];

/// The variable `v` of that many elements.
fn v(size: usize) -> Variable {
    tf::get_variable("v").shape([size])
}

fn within<R>(scope: &str, body: impl FnOnce() -> R) -> R {
    tf::variable_scope(scope).run(body)
}

fn sharing<R>(scope: &str, body: impl FnOnce() -> R) -> R {
    tf::variable_scope(scope).reuse(true).run(body)
}

fn automatic<R>(scope: &str, body: impl FnOnce() -> R) -> R {
    tf::variable_scope(scope).auto_reuse().run(body)
}

/// A constant of that name.
fn c(name: &str) -> tf::Tensor {
    tf::constant(1).named(name).tensor()
}

fn named(tensors: &[tf::Tensor]) -> String {
    tensors.iter().map(|t| t.name()).collect::<Vec<_>>().join(" ")
}

/// What an initializer gives for a shape.
fn drawn(sess: Session, start: VariableInitializer, sizes: &[usize]) -> flowbook::Result<Array> {
    sess.run(start.call(sizes.to_vec()))
}

/// The smallest and the largest of a drawn 300 x 100 matrix.
fn bounds(sess: Session, start: VariableInitializer) -> flowbook::Result<String> {
    let drawn = drawn(sess, start, &[300, 100])?;
    Ok(format!("{} {}", flowbook::np::min(&drawn), flowbook::np::max(&drawn)))
}

const PROGRAMS: &[(&str, super::Program)] = programs! {
    "asked for twice" => |_out| {
        v(2);
        v(2);
    }
    "asked for twice in a scope" => |_out| {
        within("s", || v(2));
        within("s", || v(2));
    }
    "shared" => |out| {
        let (v, w) = (within("s", || v(2)), sharing("s", || v(2)));
        say!(out, "{} {} {} {}", truth(v == w), v.name(), w.name(), tf::global_variables().len());
    }
    "shared without its shape" => |out| {
        let (v, w) = (within("s", || v(2)), sharing("s", || tf::get_variable("v").existing()));
        say!(out, "{}", truth(v == w));
    }
    "shared and not there" => |_out| {
        sharing("s", || v(2));
    }
    "shared with another shape" => |_out| {
        within("s", || v(2));
        sharing("s", || v(3));
    }
    "shared with another rank" => |_out| {
        automatic("s", || {
            v(2);
            tf::get_variable("v").shape(shape![])
        });
    }
    "shared with another type" => |_out| {
        automatic("s", || {
            v(2);
            tf::get_variable("v").with_dtype(tf::float64).shape([2])
        });
    }
    "shared by itself" => |out| {
        let layer = |x: [[f64; 2]; 1]| automatic("layer", || {
            let w = tf::get_variable("w").initializer(tf::ones_initializer()).shape([2, 2]);
            tf::matmul(x, w).tensor()
        });
        let (one, two) = (layer([[1.0, 2.0]]), layer([[3.0, 4.0]]));
        say!(out, "{one} {two}");
        say!(out, "{}", names(&tf::global_variables()));
        say!(out, "{:?}", started()?.run([one, two])?);
    }
    "sharing reaches inner scopes" => |out| {
        let v_ = within("a", || within("b", || v(1)));
        let w = sharing("a", || within("b", || v(1)));
        say!(out, "{} {}", truth(v_ == w), w.name());
    }
    "sharing is not switched off" => |_out| {
        within("a", || v(1));
        sharing("a", || tf::variable_scope("b").reuse(false).run(|| v(1)));
    }
    "sharing ends with the scope" => |out| {
        let v_ = automatic("a", || v(1));
        say!(out, "{}", v_.name());
        within("a", || v(1));
    }
    "switched to sharing" => |out| {
        within("a", || {
            let v_ = v(1);
            let scope = tf::get_variable_scope();
            scope.reuse_variables();
            say!(out, "{} {} {}", truth(v_ == v(1)), scope.name(), truth(scope.reuse()));
        });
        within("a", || {
            let scope = tf::get_variable_scope();
            say!(out, "{} {}", scope.name(), truth(scope.reuse()));
            v(1)
        });
    }
    "switched to sharing at the top" => |out| {
        let v_ = v(1);
        tf::get_variable_scope().reuse_variables();
        say!(out, "{} {}", truth(v_ == v(1)), truth(tf::get_variable_scope().reuse()));
        tf::get_variable("w").shape([1]);
    }
    "sharing with tensors that start them" => |out| {
        let (v, w) = automatic("s", || {
            let v = tf::get_variable("v").initializer(tf::constant([1.0, 2.0]));
            (v, tf::get_variable("v").initializer(tf::constant([5.0, 6.0])))
        });
        say!(out, "{} {}", truth(v == w), v.initial_value().name());
        let sess = Session::new();
        sess.run(v.initializer_op())?;
        say!(out, "{}", sess.run(w)?);
    }
    "no plain variable is shared" => |out| {
        automatic("s", || {
            let (p, q) = (Variable::new(1).named("v"), Variable::new(1).named("v"));
            say!(out, "{} {}", p.name(), q.name());
            say!(out, "{}", v(1).name());
        });
    }
    "a plain variable is not found" => |_out| {
        within("s", || Variable::new(1.0).named("v"));
        sharing("s", || tf::get_variable("v").shape(shape![]));
    }
    "scopes of the same name" => |out| {
        let made = |name: &str| within("s", || {
            let a = tf::get_variable(name).shape([1]);
            let x = c("x");
            format!("{} {} {}", a.name(), x.name(), Variable::new(1).named("p").name())
        });
        say!(out, "{}", made("a"));
        say!(out, "{}", made("b"));
    }
    "scopes within scopes" => |out| {
        within("a", || {
            within("b/c", || say!(out, "{}\n{}", v(1).name(), c("x").name()));
            tf::name_scope("n", || {
                let w = tf::get_variable("w").shape([1]);
                say!(out, "{}\n{}", w.name(), Variable::new(1).named("u").name());
                within("d", || {
                    let t = tf::get_variable("t").shape([1]);
                    say!(out, "{}\n{}", t.name(), c("z").name());
                });
            });
        });
    }
    "a name scope and asking for variables" => |out| {
        let (v, w, x) = tf::name_scope("n", || {
            let v = v(2);
            (v, Variable::new(1).named("w"), v + 1)
        });
        let start = (v.initializer_op().name(), v.initial_value().name());
        say!(out, "{} {} {} {} {}", v.name(), w.name(), x.name(), start.0, start.1);
    }
    "a scope of a name that is there" => |out| {
        let made = || tf::variable_scope("").default_name("s").run(|| format!("{} {}", v(1).name(), c("x").name()));
        say!(out, "{} {}", made(), made());
    }
    "a slash in the variable's name" => |out| {
        let v = within("s", || tf::get_variable("a/v").shape([1]));
        let w = tf::get_variable("s/w").shape([1]);
        let found = sharing("s", || tf::get_variable("w").shape([1]));
        say!(out, "{} {}", v.name(), truth(found == w));
    }
    "names of initializers" => |out| {
        let ask = tf::get_variable;
        let all = [
            ask("a").shape([2, 3]),
            ask("b").initializer(tf::zeros_initializer()).shape([2]),
            ask("c").initializer(tf::constant_initializer(2.0)).shape([2]),
            ask("d").initializer(tf::truncated_normal_initializer()).shape([2]),
            ask("e").initializer(tf::constant([1.0])),
        ];
        for v in all {
            say!(out, "{v} {}", v.initial_value().name());
        }
    }
    "an integer without an initializer" => |out| {
        let v = tf::get_variable("v").with_dtype(tf::int32).shape([2]);
        say!(out, "{v} {}", v.initial_value().name());
        say!(out, "{}", started()?.run(v)?);
    }
    "a truth value without an initializer" => |out| {
        let v = tf::get_variable("v").with_dtype(tf::bool).shape([2]);
        say!(out, "{v} {}", started()?.run(v)?);
    }
    "a string without an initializer" => |_out| {
        tf::get_variable("v").with_dtype(tf::string).shape([2]);
    }
    "an open shape asked for" => |_out| {
        tf::get_variable("v").shape(shape![None, 2]);
    }
    "a variable of no size" => |out| {
        let v = tf::get_variable("v").shape([0, 2]);
        say!(out, "{v} {:?}", started()?.run(v)?);
    }
    "name scopes" => |out| {
        let (x, y, z) = tf::name_scope("a", || {
            (c("x"), tf::name_scope("b", || c("x")), tf::name_scope("b", || c("x")))
        });
        say!(out, "{}", named(&[x, y, z, tf::name_scope("a", || c("x"))]));
    }
    "a name scope entered again" => |out| {
        let x = tf::name_scope("a", || c("x"));
        say!(out, "a/");
        let (y, z, u) = tf::name_scope("a/", || {
            (c("y"), c("x"), tf::name_scope("b", || tf::constant(1).tensor()))
        });
        let (v, w) = tf::name_scope("c", || {
            (tf::name_scope("a/", || c("v")), tf::name_scope("a/b/", || tf::constant(1).tensor()))
        });
        for t in [x, y, z, u, v, w] {
            say!(out, "{}", t.name());
        }
    }
    "a name scope left for the top" => |out| {
        let (x, y) = tf::name_scope("a", || (tf::name_scope("", || c("x")), tf::name_scope("", || c("y"))));
        say!(out, "{}", named(&[x, y]));
    }
    "a name scope of several parts" => |out| {
        let x = tf::name_scope("a/b", || c("x"));
        let (y, z) = tf::name_scope("a", || (c("y"), tf::name_scope("b", || c("x"))));
        say!(out, "{}", named(&[x, y, z]));
    }
    "a default name" => |out| {
        let one = || tf::constant(1).tensor();
        let (x, y) = (tf::name_scope("d", one), tf::name_scope("d", one));
        say!(out, "{}", named(&[x, y, tf::name_scope("e", one)]));
    }
    "an operation of a scope's name" => |out| {
        let a = c("a");
        let (x, y) = (tf::name_scope("a", || c("x")), tf::name_scope("b", || c("y")));
        say!(out, "{}", named(&[a, x, y, c("b")]));
    }
    "large and small letters" => |out| {
        say!(out, "{}", named(&["Add", "add", "ADD", "add_1", "Add_1"].map(c)));
        let one = || tf::constant(1).tensor();
        say!(out, "{}", named(&[tf::name_scope("S", one), tf::name_scope("s", one)]));
    }
    "numbers in names" => |out| {
        say!(out, "{}", named(&["x", "x", "x_1", "x", "x_2", "x_1_1", "x_1"].map(c)));
    }
    "a name scope of a bad name" => |_out| {
        tf::name_scope("my scope", || ());
    }
    "a name scope that begins with a line" => |_out| {
        tf::name_scope("_a", || ());
    }
    "an inner name scope that begins with a line" => |out| {
        let x = tf::name_scope("a", || tf::name_scope("_b", || c("_x")));
        say!(out, "{}", x.name());
    }
    "an inner name scope of a bad name" => |_out| {
        tf::name_scope("a", || tf::name_scope("b c", || ()));
    }
    "a name that begins with a line" => |_out| {
        c("_x");
    }
    "names of operators in scopes" => |out| {
        tf::name_scope("s", || {
            let a = tf::constant(1.0) + 2;
            let _b = tf::nn::relu(a) * a;
            tf::reduce_sum(tf::constant([1.0, 2.0]));
        });
        say!(out, "{}", crate::support::operation_names());
    }
    "a scope that an error leaves" => |out| {
        let left = std::panic::catch_unwind(|| tf::name_scope("a", || sharing("b", || panic!("KeyError"))));
        assert!(left.is_err());
        say!(out, "{} {}", c("x").name(), v(1).name());
    }
    "collections" => |out| {
        let (a, b) = (c("a"), tf::constant(2).named("b").tensor());
        say!(out, "{:?}", tf::get_collection("c"));
        tf::add_to_collection("c", a);
        tf::add_to_collection("c", b);
        tf::add_to_collection("c", a);
        say!(out, "{:?}", tf::get_collection("c"));
        let mut got = tf::get_collection("c");
        got.push(b);
        say!(out, "{}", tf::get_collection("c").len());
        tf::get_default_graph().clear_collection("c");
        say!(out, "{:?}", tf::get_collection("c"));
    }
    "collections of two graphs" => |out| {
        tf::add_to_collection("c", c("a"));
        Graph::new().as_default(|| say!(out, "{:?}", tf::get_collection("c")));
        say!(out, "{:?}", tf::get_collection("c"));
    }
    "a collection in a scope" => |out| {
        let a = tf::name_scope("s", || c("a"));
        tf::add_to_collection("c", a);
        tf::add_to_collection("c", c("b"));
        let inside: Vec<_> = tf::get_collection("c").into_iter().filter(|t| t.name().starts_with("s/")).collect();
        say!(out, "{inside:?}");
    }
    "losses" => |out| {
        tf::losses::mean_squared_error([1.0, 2.0], tf::constant([1.0, 4.0]));
        tf::losses::absolute_difference([1.0], tf::constant([4.0]));
        say!(out, "{:?}", tf::losses::get_losses());
        say!(out, "{}", truth(tf::get_collection(GraphKeys::LOSSES) == tf::losses::get_losses()));
        let total = tf::losses::get_total_loss();
        say!(out, "{total} {}", run(total)?);
    }
    "no losses" => |out| {
        say!(out, "{:?}", tf::losses::get_losses());
        tf::losses::get_total_loss();
    }
    "the graph's seed" => |out| {
        tf::set_random_seed(777);
        let (x, y) = (tf::random_normal([3]), tf::random_uniform([3]));
        let sess = Session::new();
        say!(out, "{} {}", sess.run(x)?, sess.run(y)?);
        say!(out, "{} {}", sess.run(x)?, sess.run(y)?);
        say!(out, "{:?}", run([x, y])?);
    }
    "an operation's seed" => |out| {
        let (x, y) = (tf::random_normal([3]).seed(1), tf::random_normal([3]).seed(1));
        let sess = Session::new();
        say!(out, "{} {}", sess.run(x)?, sess.run(y)?);
        say!(out, "{}", sess.run(x)?);
    }
    "the graph's seed and an operation's" => |out| {
        tf::set_random_seed(5);
        let x = tf::random_uniform([2, 2]).minval(-1.0).maxval(1.0).seed(9);
        let y = tf::truncated_normal([4]).mean(1.0).stddev(2.0).seed(9);
        let z = tf::random_uniform([5]).with_dtype(tf::int32).minval(0.0).maxval(10.0).seed(9);
        let sess = Session::new();
        say!(out, "{:?}", sess.run([x, y, z])?);
        say!(out, "{:?}", sess.run([x, y, z])?);
    }
    "seeds depend on what was made before" => |out| {
        tf::set_random_seed(1);
        let a = tf::random_normal([2]);
        let b = Graph::new().as_default(|| {
            tf::set_random_seed(1);
            tf::constant(1);
            run(tf::random_normal([2]))
        })?;
        say!(out, "{b}\n{}", run(a)?);
    }
    "doubles at random" => |out| {
        tf::set_random_seed(2);
        let sess = Session::new();
        say!(out, "{}", sess.run(tf::random_normal([3]).with_dtype(tf::float64))?);
        say!(out, "{}", sess.run(tf::random_uniform([3]).with_dtype(tf::float64))?);
        say!(out, "{}", sess.run(tf::random_uniform([3]).with_dtype(tf::int64).minval(0.0).maxval(100.0))?);
    }
    "nothing at random" => |out| {
        tf::set_random_seed(2);
        let sess = Session::new();
        let (none, one) = (sess.run(tf::random_normal([0]))?, sess.run(tf::random_uniform(shape![]))?);
        say!(out, "{none} {one} {}", sess.run(tf::random_uniform([2]).minval(3.0).maxval(3.0))?);
    }
    "an initializer draws anew" => |out| {
        tf::set_random_seed(3);
        let v = Variable::new(tf::random_normal([2])).named("v");
        let (sess, other) = (Session::new(), Session::new());
        sess.run(v.initializer_op())?;
        say!(out, "{} {}", sess.run(v)?, sess.run(v)?);
        sess.run(v.initializer_op())?;
        say!(out, "{}", sess.run(v)?);
        other.run(v.initializer_op())?;
        say!(out, "{}", other.run(v)?);
    }
    "initializers of images" => |out| {
        tf::set_random_seed(4);
        let sess = Session::new();
        for start in [tf::glorot_uniform_initializer(), tf::initializers::he_normal(), tf::initializers::lecun_uniform()] {
            say!(out, "{}", drawn(sess, start, &[2, 2, 1, 2])?);
        }
    }
    "initializers of vectors and numbers" => |out| {
        tf::set_random_seed(4);
        let sess = Session::new();
        for start in
            [tf::glorot_uniform_initializer(), tf::glorot_normal_initializer(), tf::initializers::he_uniform()]
        {
            say!(out, "{} {}", drawn(sess, start, &[3])?, drawn(sess, start, &[])?);
        }
    }
    "initializers with seeds" => |out| {
        let sess = Session::new();
        let three = [
            tf::random_normal_initializer(),
            tf::truncated_normal_initializer(),
            tf::glorot_uniform_initializer(),
        ];
        for start in three {
            say!(out, "{} {}", drawn(sess, start.seed(1), &[3])?, drawn(sess, start.seed(1), &[3])?);
        }
        say!(out, "{}", drawn(sess, tf::random_uniform_initializer(-2.0, 2.0).seed(1), &[3])?);
    }
    "how initializers are spread" => |out| {
        tf::set_random_seed(10);
        let sess = Session::new();
        for start in
            [tf::glorot_uniform_initializer(), tf::initializers::he_uniform(), tf::initializers::lecun_uniform()]
        {
            say!(out, "{}", bounds(sess, start)?);
        }
        say!(out, "{}", bounds(sess, tf::truncated_normal_initializer().stddev(0.5))?);
    }
};
