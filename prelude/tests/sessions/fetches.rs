//! Programs about fetches, sessions, and what runs before what.

use std::collections::BTreeMap;

use flowbook::v1::{self as tf, Graph, InteractiveSession, Session, Tensor, Variable};
use flowbook::{feed, shape};

use super::{Family, any, exactly, input, operation_names, programs, run, started, truth};

pub const FAMILY: Family = Family { programs: PROGRAMS, different: DIFFERENT, impossible: &[], same: exactly };

const DIFFERENT: &[(&str, &str)] = &[
    // What `tuple` gives of a variable is its value.
    (
        "a tuple waits for all of it",
        "Tensor(\"tuple/control_dependency:0\", shape=(), dtype=int32) Tensor(\"tuple/control_dependency_1:0\", shape=(), \
         dtype=int32)\n2 5\n",
    ),
];

/// A dictionary as Python prints it.
fn in_single_quotes(dictionary: impl std::fmt::Debug) -> String {
    format!("{dictionary:?}").replace('"', "'")
}

/// A constant `t` in a graph of its own.
fn stranger() -> Tensor {
    Graph::new().as_default(|| tf::constant(1).named("t").tensor())
}

const PROGRAMS: &[(&str, super::Program)] = programs! {
    "tuples within tuples" => |out| {
        let (a, b, c) = (tf::constant(1), tf::constant(2.5), tf::constant([true, false]));
        say!(out, "{:?}", run((a, (b, c)))?);
    }
    "lists within lists" => |out| {
        let (a, b, c) = (tf::constant(1), tf::constant(2), tf::constant(3));
        say!(out, "{:?}", run(vec![vec![a, b], vec![c]])?);
    }
    "a dictionary" => |out| {
        let (a, b) = (tf::constant(1).tensor(), tf::constant([2.0, 3.0]).tensor());
        say!(out, "{}", in_single_quotes(run(BTreeMap::from([("a", a), ("b", b)]))?));
    }
    "a dictionary of lists" => |out| {
        let a = tf::constant(1).tensor();
        say!(out, "{}", in_single_quotes(run(BTreeMap::from([("x", vec![a, a + 1]), ("y", vec![a * 5])]))?));
    }
    "the same tensor twice" => |out| {
        let a = tf::constant([1, 2]);
        say!(out, "{:?}", run([a, a])?);
    }
    "an assignment twice" => |out| {
        let v = Variable::new(1).named("v");
        let add = tf::assign_add(v, 1);
        let sess = started()?;
        say!(out, "{:?}", sess.run([add, add])?);
        say!(out, "{}", sess.run(v)?);
    }
    "an operation" => |out| {
        let v = Variable::new(1);
        let sess = Session::new();
        say!(out, "{}", sess.run(tf::global_variables_initializer())?);
        say!(out, "{:?}", sess.run((v.initializer_op(), v))?);
        say!(out, "{:?}", sess.run([tf::no_op(), tf::no_op()])?);
    }
    "an operation that makes a tensor" => |out| {
        say!(out, "{}", run(tf::constant(1).named("c").op())?);
    }
    "names" => |out| {
        tf::constant(1).named("c");
        tf::split([1, 2, 3, 4], 2, 0)[0].named("parts");
        let sess = Session::new();
        say!(out, "{}", sess.run("c:0")?);
        say!(out, "{:?}", sess.run(["c:0", "parts:1"])?);
        say!(out, "{:?}", sess.run(("parts:0", "parts:1"))?);
    }
    "the name of an output that is not there" => |out| {
        tf::constant(1).named("c");
        say!(out, "{}", run("c:1")?);
    }
    "the name of a tensor that is not there" => |out| {
        tf::constant(1).named("c");
        say!(out, "{}", run("nope:0")?);
    }
    "the name of an operation that is not there" => |out| {
        tf::constant(1).named("c");
        say!(out, "{}", run("nope")?);
    }
    "a name that is no name" => |out| {
        tf::constant(1).named("c");
        say!(out, "{}", run("c:x")?);
    }
    "a name of two outputs" => |out| {
        tf::constant(1).named("c");
        say!(out, "{}", run("c:0:0")?);
    }
    "an empty name" => |out| {
        tf::constant(1).named("c");
        say!(out, "{}", run("")?);
    }
    "a name in a scope" => |out| {
        tf::name_scope("s", || tf::constant(1).named("c"));
        say!(out, "{}", run("s/c:0")?);
        say!(out, "{}", run("c:0")?);
    }
    "a name in a list" => |out| {
        let c = tf::constant(1).named("c");
        say!(out, "{:?}", run((c, "d:0"))?);
    }
    "nothing" => |out| {
        tf::constant(1);
        let sess = Session::new();
        let nothing = Vec::<Tensor>::new;
        say!(out, "{:?} {:?}", sess.run(nothing())?, sess.run([nothing(), nothing()])?);
    }
    "no gradient" => |out| {
        let (v, w) = (Variable::new(1.0), Variable::new(1.0));
        let slopes = tf::gradients(v * 2, [v, w]);
        let shown = |slope: &Option<Tensor>| slope.map_or("None".into(), |t| format!("{t:?}"));
        say!(out, "[{}, {}]", shown(&slopes[0]), shown(&slopes[1]));
        say!(out, "{:?}", run(slopes)?);
    }
    "an empty graph" => |out| {
        say!(out, "{:?}", run(Vec::<Tensor>::new())?);
    }
    "a variable" => |out| {
        let v = Variable::new([1.0, 2.0]).named("v");
        let sess = Session::new();
        sess.run(v.initializer_op())?;
        say!(out, "{} {} {:?}", sess.run(v)?, sess.run(v.value())?, sess.run([v, v])?);
    }
    "types" => |out| {
        let sess = Session::new();
        say!(out, "{:?}", sess.run(tf::constant(1))?);
        say!(out, "{:?}", sess.run(tf::constant(1.5))?);
        say!(out, "{:?}", sess.run(tf::constant(true))?);
        say!(out, "{:?}", sess.run(tf::constant("text"))?);
        say!(out, "{:?}", sess.run(tf::constant([1, 2]))?);
        say!(out, "{:?}", sess.run(tf::constant([[1.5]]))?);
        say!(out, "{:?}", sess.run(tf::constant([true, false]))?);
        say!(out, "{:?}", sess.run(tf::constant(["a", "bc"]))?);
        say!(out, "{:?}", sess.run(tf::constant(Vec::<f64>::new()))?);
        for dtype in [tf::float64, tf::int64, tf::uint8] {
            let (list, one) = (tf::constant([1, 2]).with_dtype(dtype), tf::constant(1).with_dtype(dtype));
            say!(out, "{:?} {:?}", sess.run(list)?, sess.run(one)?);
        }
    }
    "empty arrays" => |out| {
        let sess = Session::new();
        say!(out, "{:?}", sess.run(tf::zeros([0, 3]))?);
        say!(out, "{:?}", sess.run(tf::zeros([2, 0]).with_dtype(tf::int32))?);
        say!(out, "{:?}", sess.run(tf::zeros([0]).with_dtype(tf::string))?);
        say!(out, "{:?}", sess.run(tf::zeros([0]).with_dtype(tf::bool))?);
    }
    "another graph's tensor" => |out| {
        let t = stranger();
        tf::constant(1);
        say!(out, "{}", run(t)?);
    }
    "another graph's tensor in a list" => |out| {
        let t = stranger();
        let c = tf::constant(1).tensor();
        say!(out, "{:?}", run([c, t])?);
    }
    "another graph's operation" => |out| {
        let t = Graph::new().as_default(|| tf::no_op().named("t"));
        tf::constant(1);
        say!(out, "{}", run(t)?);
    }
    "another graph's variable" => |out| {
        let v = Graph::new().as_default(|| Variable::new(1).named("v"));
        tf::constant(1);
        say!(out, "{}", run(v)?);
    }
    "another graph's initializer" => |out| {
        let g = Graph::new();
        let init = g.as_default(|| {
            Variable::new(1).named("v");
            tf::global_variables_initializer()
        });
        tf::constant(1);
        say!(out, "{}", Session::with_graph(g).run(init)?);
        say!(out, "{}", run(init)?);
    }
    "after closing" => |out| {
        let (c, sess) = (tf::constant(1), Session::new());
        say!(out, "{}", sess.run(c)?);
        sess.close();
        sess.close();
        say!(out, "{}", sess.run(c)?);
    }
    "nothing after closing" => |out| {
        tf::constant(1);
        let sess = Session::new();
        sess.close();
        say!(out, "{:?}", sess.run(Vec::<Tensor>::new())?);
    }
    "an unknown name after closing" => |out| {
        tf::constant(1);
        let sess = Session::new();
        sess.close();
        say!(out, "{}", sess.run("nope:0")?);
    }
    "the graph of a session" => |out| {
        let g = Graph::new();
        let (sess, other) = (Session::new(), Session::with_graph(g));
        let (third, c) = g.as_default(|| (Session::new(), tf::constant(3)));
        let default = sess.graph() == tf::get_default_graph();
        let same = [default, other.graph() == g, third.graph() == g, c.graph() == g].map(truth);
        say!(out, "{}", same.join(" "));
        say!(out, "{} {}", other.run(c)?, third.run(c)?);
    }
    "a graph within a graph" => |out| {
        let (g, h) = (Graph::new(), Graph::new());
        let (a, b, c) = g.as_default(|| {
            let a = tf::constant(1).named("a");
            let b = h.as_default(|| tf::constant(2).named("a"));
            (a, b, tf::constant(3).named("a"))
        });
        let own = [a.graph() == g, b.graph() == h, c.graph() == g].map(truth);
        say!(out, "{} {} {} {}", a.name(), b.name(), c.name(), own.join(" "));
        say!(out, "{}", Session::with_graph(g).run(a + c)?);
    }
    "operands of two graphs" => |out| {
        let g = Graph::new();
        let a = g.as_default(|| {
            let a = tf::constant(1).named("a");
            let _ = a + 1;
            a
        });
        let c = a + 1;
        say!(out, "{c} {}", truth(c.graph() == g));
    }
    "an evaluation with a default session" => |out| {
        let c = tf::constant([1, 2]);
        say!(out, "{}", tf::with_session(|_| c.eval())?);
        say!(out, "{}", Session::new().as_default(|| (c * 2).eval())?);
    }
    "an evaluation without a session" => |out| {
        say!(out, "{}", tf::constant(1).eval()?);
    }
    "an evaluation after the session" => |out| {
        let c = tf::constant(1);
        say!(out, "{}", tf::with_session(|_| c.eval())?);
        say!(out, "{}", c.eval()?);
    }
    "a variable's evaluation without a session" => |out| {
        say!(out, "{}", Variable::new(1).eval()?);
    }
    "an operation's run without a session" => |_out| {
        tf::global_variables_initializer().run()?;
    }
    "an evaluation in another graph's session" => |out| {
        let c = tf::constant(1);
        say!(out, "{}", Session::with_graph(Graph::new()).as_default(|| c.eval())?);
    }
    "an operation's run in another graph's session" => |_out| {
        let op = tf::no_op();
        Session::with_graph(Graph::new()).as_default(|| op.run())?;
    }
    "sessions within sessions" => |out| {
        let v = Variable::new(1);
        let init = tf::global_variables_initializer();
        let set2 = v.assign(2);
        tf::with_session(|outer| {
            init.run()?;
            let closed = tf::with_session(|inner| {
                init.run()?;
                set2.eval()?;
                say!(out, "{} {} {}", v.eval()?, outer.run(v)?, inner.run(v)?);
                flowbook::Result::Ok(inner)
            })?;
            say!(out, "{}", v.eval()?);
            say!(out, "{}", closed.run(v)?);
            flowbook::Result::Ok(())
        })?;
    }
    "a session entered twice" => |out| {
        let (c, sess) = (tf::constant(1), Session::new());
        let twice = sess.as_default(|| {
            let inner = sess.as_default(|| c.eval())?;
            flowbook::Result::Ok((inner, c.eval()?))
        })?;
        say!(out, "{}\n{}", twice.0, twice.1);
        say!(out, "{}", sess.run(c)?);
    }
    "an interactive session" => |out| {
        let sess = InteractiveSession::new();
        let x = tf::placeholder(tf::float32, None);
        let v = Variable::new(2.0);
        v.initializer_op().run()?;
        say!(out, "{}", (x * v).eval_with(feed! { x => 3 })?);
        say!(out, "{} {}", sess.run(v)?, truth(sess.graph() == tf::get_default_graph()));
        sess.close();
        say!(out, "{}", v.eval()?);
    }
    "a closed interactive session" => |out| {
        let sess = InteractiveSession::new();
        let c = tf::constant(1);
        sess.close();
        say!(out, "{}", sess.run(c)?);
    }
    "a session within an interactive session" => |out| {
        let sess = InteractiveSession::new();
        let v = Variable::new(2.0);
        v.initializer_op().run()?;
        let inner = tf::with_session(|other| {
            v.load(5.0, other)?;
            v.eval()
        })?;
        say!(out, "{inner}\n{}", v.eval()?);
        sess.close();
    }
    "two sessions" => |out| {
        let v = Variable::new(0);
        let add = v.assign_add(1);
        let (one, two) = (Session::new(), Session::new());
        one.run(v.initializer_op())?;
        two.run(v.initializer_op())?;
        say!(out, "{:?} {}", [one.run(add)?, one.run(add)?, one.run(add)?], two.run(add)?);
        say!(out, "{} {}", one.run(v)?, two.run(v)?);
        one.close();
        say!(out, "{}", two.run(v)?);
    }
    "a graph that grows" => |out| {
        let a = tf::constant(1).tensor();
        let sess = Session::new();
        say!(out, "{}", sess.run(a)?);
        let b = a + 1;
        say!(out, "{}", sess.run(b)?);
        let c = b * 10;
        say!(out, "{:?}", sess.run([a, b, c])?);
    }
    "a graph that is finished" => |out| {
        let c = tf::constant(1);
        tf::get_default_graph().finalize();
        say!(out, "{}", run(c)?);
        let _ = c + 1;
    }
    "looked up by name" => |out| {
        tf::constant(1).named("c");
        let g = tf::get_default_graph();
        say!(out, "{}", g.get_tensor_by_name("c:0")?);
        say!(out, "{:?}", g.get_operation_by_name("c")?);
        say!(out, "{}", crate::support::operation_names());
        g.get_operation_by_name("d")?;
    }
    "a tensor looked up by an operation's name" => |_out| {
        tf::constant(1).named("c");
        tf::get_default_graph().get_tensor_by_name("c")?;
    }
    "a tensor looked up by no operation's name" => |_out| {
        tf::constant(1).named("c");
        tf::get_default_graph().get_tensor_by_name("d")?;
    }
    "a tensor looked up by no name" => |_out| {
        tf::constant(1).named("c");
        tf::get_default_graph().get_tensor_by_name("c:zero")?;
    }
    "a tensor looked up by the name of none" => |_out| {
        tf::constant(1).named("c");
        tf::get_default_graph().get_tensor_by_name("d:0")?;
    }
    "an output looked up that is not there" => |_out| {
        tf::constant(1).named("c");
        tf::get_default_graph().get_tensor_by_name("c:3")?;
    }
    "an operation looked up by a tensor's name" => |_out| {
        tf::constant(1).named("c");
        tf::get_default_graph().get_operation_by_name("c:0")?;
    }
    "a tuple waits for all of it" => |out| {
        let v = Variable::new(1).named("v");
        let both = tf::tuple(&[v.assign(5), tf::constant(2).tensor()]);
        say!(out, "{} {}", both[0], both[1]);
        let sess = Session::new();
        sess.run(v.initializer_op())?;
        say!(out, "{} {}", sess.run(both[1])?, sess.run(v)?);
    }
    "a group" => |out| {
        let (v, w) = (Variable::new(1).named("v"), Variable::new(2).named("w"));
        let both = tf::group(&[v.assign(10).op(), w.assign(20).op()]);
        say!(out, "{both:?}");
        say!(out, "{both}");
        let sess = started()?;
        say!(out, "{}", sess.run(both)?);
        say!(out, "{:?}", sess.run([v, w])?);
    }
    "what waits for an assignment" => |out| {
        let (v, w) = (Variable::new(1).named("v"), Variable::new(2).named("w"));
        let (after, same) = tf::control_dependencies([v.assign(10).op()], || {
            let after = w.assign_add(5);
            (after, tf::identity(after).named("same"))
        });
        let waits = |t: Tensor| operation_names(&t.op().control_inputs());
        say!(out, "{} {}", waits(same), waits(after));
        let sess = started()?;
        say!(out, "{} {:?}", sess.run(same)?, sess.run([v, w])?);
    }
    "what waits twice" => |out| {
        let named = |name: &str| tf::no_op().named(name);
        let (c, d, e) = tf::control_dependencies([named("a")], || {
            let c = tf::control_dependencies([named("b")], || named("c"));
            let d = tf::control_dependencies(None, || named("d"));
            (c, d, tf::constant(1).named("e"))
        });
        for op in [c, d, e.op()] {
            say!(out, "{}", operation_names(&op.control_inputs()));
        }
    }
    "an identity" => |out| {
        let x = input("x", tf::float32, shape![2, None]);
        let y = tf::identity(x);
        let z = tf::identity(y).named("z");
        say!(out, "{y} {z}");
        say!(out, "{}", super::run_with(z, feed! { x => [[1], [2]] })?);
    }
    "a failure leaves the session as it is" => |out| {
        let (x, v) = (any(), Variable::new(1.0).named("v"));
        let sess = Session::new();
        sess.run(v.initializer_op())?;
        if let Err(error) = sess.run_with(tf::reshape(x, [3]) + v, feed! { x => [1, 2] }) {
            say!(out, "{}", error.class());
        }
        say!(out, "{}", sess.run(v + 1)?);
    }
    "a second context of one session" => |out| {
        let (sess, c) = (Session::new(), tf::constant(4));
        say!(out, "{}", sess.as_default(|| c.eval())?);
        sess.close();
        say!(out, "{}", sess.run(c)?);
    }
};
