//! Programs about variables.

use flowbook::v1::{self as tf, GraphKeys, Session, Tensor, Variable};
use flowbook::{feed, s, shape};

use super::{Family, any, exactly, input, names, programs, run, started, truth};

pub const FAMILY: Family = Family { programs: PROGRAMS, different: &[], impossible: &[], same: exactly };

/// A variable `v` that starts as `[1, 2]`.
fn pair() -> Variable {
    Variable::new([1.0, 2.0]).named("v")
}

fn one() -> Variable {
    Variable::new(1.0).named("v")
}

/// Variables `v` and `w` that start as 1 and 2.
fn two() -> (Variable, Variable) {
    (Variable::new(1).named("v"), Variable::new(2).named("w"))
}

const PROGRAMS: &[(&str, super::Program)] = programs! {
    "read before it has a value" => |out| {
        say!(out, "{}", run(Variable::new(1).named("v"))?);
    }
    "used before it has a value" => |out| {
        say!(out, "{}", run(one() * 2)?);
    }
    "its value read before it has one" => |out| {
        say!(out, "{}", run(one().value())?);
    }
    "added to before it has a value" => |out| {
        say!(out, "{}", run(one().assign_add(2))?);
    }
    "subtracted from before it has a value" => |out| {
        say!(out, "{}", run(tf::assign_sub(one(), 2))?);
    }
    "assigned before it has a value" => |out| {
        let (v, sess) = (one(), Session::new());
        say!(out, "{} {}", sess.run(v.assign(2))?, sess.run(v)?);
    }
    "assigned from itself before it has a value" => |out| {
        let v = one();
        say!(out, "{}", run(v.assign(v + 1))?);
    }
    "trained before it has a value" => |_out| {
        let v = one();
        run(tf::train::GradientDescentOptimizer::new(0.1).minimize(v * v))?;
    }
    "one of two has a value" => |out| {
        let (v, w) = two();
        let sess = Session::new();
        sess.run(v.initializer_op())?;
        say!(out, "{}", sess.run(v)?);
        say!(out, "{}", sess.run(v + w)?);
    }
    "initialised by itself" => |out| {
        let (v, w) = two();
        let init = tf::variables_initializer(&[w]).named("init_w");
        say!(out, "{init:?}");
        let sess = Session::new();
        sess.run(init)?;
        say!(out, "{}", sess.run(w)?);
        say!(out, "{}", sess.run(v)?);
    }
    "no variables" => |out| {
        let init = tf::global_variables_initializer();
        say!(out, "{init}");
        say!(out, "{}", run(init)?);
    }
    "initialised twice" => |out| {
        let v = Variable::new(1).named("v");
        let (init, again) = (tf::global_variables_initializer(), tf::global_variables_initializer());
        say!(out, "{} {}", init.name(), again.name());
        let sess = Session::new();
        sess.run(init)?;
        say!(out, "{}", sess.run(v.assign(5))?);
        sess.run(again)?;
        say!(out, "{}", sess.run(v)?);
    }
    "made after the initializer" => |out| {
        let v = Variable::new(1).named("v");
        let init = tf::global_variables_initializer();
        let w = Variable::new(2).named("w");
        let sess = Session::new();
        sess.run(init)?;
        say!(out, "{}", sess.run(v)?);
        say!(out, "{}", sess.run(w)?);
    }
    "which have no value" => |out| {
        let (v, w) = (Variable::new(1).named("v"), Variable::new([2.0]).named("w"));
        let missing = tf::report_uninitialized_variables();
        say!(out, "{}", missing.dtype());
        let sess = Session::new();
        say!(out, "{}", sess.run(missing)?);
        sess.run(v.initializer_op())?;
        say!(out, "{}", sess.run(missing)?);
        sess.run(w.initializer_op())?;
        say!(out, "{}", sess.run(missing)?);
    }
    "which have no value, when there are none" => |out| {
        let missing = tf::report_uninitialized_variables();
        say!(out, "{}", run(missing)?);
    }
    "whether it has a value" => |out| {
        let v = Variable::new(1).named("v");
        let ready = tf::is_variable_initialized(v);
        say!(out, "{}", ready.name());
        let sess = Session::new();
        say!(out, "{}", sess.run(ready)?);
        sess.run(v.initializer_op())?;
        say!(out, "{}", sess.run(ready)?);
    }
    "the wrong shape assigned" => |_out| {
        pair().assign([1.0, 2.0, 3.0]);
    }
    "the wrong rank assigned" => |_out| {
        pair().assign(1.0);
    }
    "the wrong shape assigned in a run" => |out| {
        let (v, x) = (pair(), any());
        let sess = Session::new();
        sess.run(v.initializer_op())?;
        say!(out, "{}", sess.run_with(v.assign(x), feed! { x => [3, 4] })?);
        say!(out, "{}", sess.run_with(v.assign(x), feed! { x => [3, 4, 5] })?);
    }
    "the wrong type assigned" => |_out| {
        pair().assign(tf::constant([1, 2]));
    }
    "a float assigned to an integer" => |_out| {
        Variable::new(1).named("v").assign(1.5);
    }
    "a string assigned to a number" => |_out| {
        one().assign("one");
    }
    "an integer assigned to a float" => |out| {
        say!(out, "{}", run(one().assign(3))?);
    }
    "the wrong shape added" => |_out| {
        pair().assign_add([1.0]);
    }
    "the wrong shape added in a run" => |out| {
        let (v, x) = (pair(), any());
        let sess = Session::new();
        sess.run(v.initializer_op())?;
        say!(out, "{}", sess.run_with(v.assign_add(x), feed! { x => [1] })?);
    }
    "the wrong type added" => |_out| {
        tf::assign_add(Variable::new([1, 2]).named("v"), tf::constant([1.0, 2.0]));
    }
    "added to a truth value" => |_out| {
        tf::assign_add(Variable::new(true).named("v"), true);
    }
    "added to a string" => |_out| {
        tf::assign_add(Variable::new("a").named("v"), "b");
    }
    "added and subtracted" => |out| {
        let v = Variable::new([5, 6]).named("v");
        let (add, sub) = (tf::assign_add(v, [1, 2]), v.assign_sub([2, 2]));
        say!(out, "{add} {sub}");
        let sess = Session::new();
        sess.run(v.initializer_op())?;
        say!(out, "{} {} {}", sess.run(add)?, sess.run(sub)?, sess.run(v)?);
    }
    "assignments of all types" => |out| {
        let half = Variable::new(2.5).with_dtype(tf::float64);
        let (yes, a) = (Variable::new(true), Variable::new("a"));
        let values = [half, yes, a, Variable::new([1, 2]).with_dtype(tf::int64)];
        say!(out, "{values:?}");
        let sess = started()?;
        say!(out, "{:?}", sess.run(values)?);
        let [half, yes, a, pair] = values;
        say!(out, "{:?}", sess.run([half.assign(1), yes.assign(false), a.assign("b"), pair.assign([3, 4])])?);
        say!(out, "{:?}", sess.run(values)?);
    }
    "an assignment of an assignment" => |out| {
        let (v, w) = (Variable::new(1).named("v"), Variable::new(0).named("w"));
        let step = w.assign(v.assign(v + 1));
        let sess = started()?;
        let steps = [sess.run(step)?, sess.run(step)?, sess.run(step)?];
        say!(out, "{steps:?} {:?}", sess.run([v, w])?);
    }
    "a variable from a variable" => |out| {
        let v = pair();
        let w = Variable::new(v.initialized_value() * 2).named("w");
        let sess = started()?;
        say!(out, "{:?}", sess.run([v, w])?);
        sess.run(v.assign([5.0, 6.0]))?;
        sess.run(w.initializer_op())?;
        say!(out, "{}", sess.run(w)?);
    }
    "an initial value without a run of the other" => |out| {
        let v = pair();
        let w = Variable::new(v.initialized_value() * 2).named("w");
        let sess = Session::new();
        sess.run(w.initializer_op())?;
        say!(out, "{}", sess.run(w)?);
        say!(out, "{}", sess.run(v)?);
    }
    "an open shape" => |_out| {
        Variable::new(any()).named("v");
    }
    "a size that is open" => |_out| {
        Variable::new(input("x", tf::float32, shape![None])).named("v");
    }
    "started from a placeholder" => |out| {
        let x = input("x", tf::float32, shape![2]);
        let v = Variable::new(x).named("v");
        let sess = Session::new();
        sess.run_with(v.initializer_op(), feed! { x => [3, 4] })?;
        say!(out, "{}", sess.run(v)?);
        sess.run(v.initializer_op())?;
    }
    "its parts" => |out| {
        let v = pair();
        say!(out, "{v}");
        let (op, start, value) = (v.op().name(), v.initializer_op().name(), v.value().name());
        say!(out, "{} {op} {start} {value} {}", v.name(), v.initial_value().name());
        let own = truth(v.graph() == tf::get_default_graph());
        say!(out, "{} {} {} {own}", v.shape(), v.get_shape(), v.value().dtype());
        say!(out, "{}", v.value());
        say!(out, "{}", v.initial_value());
        say!(out, "{}", v.initializer_op());
    }
    "its operations" => |out| {
        Variable::new([1.0, 2.0]);
        Variable::new(tf::zeros([2]));
        say!(out, "{}", crate::support::operation_names());
    }
    "names given twice" => |out| {
        let named = ["v", "v", "V", "v_1", "v"].map(|name| Variable::new(1).named(name));
        say!(out, "{}", names(&named));
        say!(out, "{}", names(&[(); 3].map(|()| Variable::new(1))));
    }
    "a constant of a variable's name" => |out| {
        let c = tf::constant(1).named("v");
        let v = Variable::new(1).named("v");
        let d = tf::constant(1).named("v");
        say!(out, "{} {} {} {}", c.name(), v.name(), d.name(), v.initializer_op().name());
    }
    "all, and those that are trained" => |out| {
        one();
        Variable::new(1.0).named("w").trainable(false);
        tf::get_variable("u").shape([2]);
        tf::get_variable("t").shape([2]).trainable(false);
        say!(out, "{}", names(&tf::global_variables()));
        say!(out, "{}", names(&tf::trainable_variables()));
        say!(out, "{}", names(&tf::local_variables()));
    }
    "local variables" => |out| {
        let v = one().collections(&[GraphKeys::LOCAL_VARIABLES]).trainable(false);
        let w = Variable::new(1.0).named("w");
        say!(out, "{} {}", names(&tf::global_variables()), names(&tf::local_variables()));
        let sess = started()?;
        say!(out, "{}", sess.run(w)?);
        say!(out, "{}", tf::local_variables_initializer().name());
        sess.run(tf::local_variables_initializer())?;
        say!(out, "{}", sess.run(v)?);
    }
    "loaded" => |out| {
        let (v, sess) = (pair(), Session::new());
        v.load([3, 4], sess)?;
        say!(out, "{}", sess.run(v)?);
        v.load([3, 4, 5], sess)?;
    }
    "loaded into a closed session" => |_out| {
        let (v, sess) = (one(), Session::new());
        sess.close();
        v.load(3, sess)?;
    }
    "indexed" => |out| {
        let v = Variable::new([[1, 2], [3, 4]]).named("v");
        let (a, b) = (v.value().slice(s![0]), v.value().slice(s![1, 1]));
        say!(out, "{a} {b}");
        let sess = Session::new();
        sess.run(v.initializer_op())?;
        say!(out, "{:?}", sess.run([a, b])?);
    }
    "operators" => |out| {
        let v = pair();
        let sums: [Tensor; 3] = [v + 1, 1 - v, v * v];
        let others: [Tensor; 5] = [v / 2, -v, v.pow(2), v.gt(1), tf::square(v)];
        for y in sums.into_iter().chain(others) {
            say!(out, "{y}");
        }
    }
    "in a branch" => |out| {
        let v = Variable::new(1).named("v");
        let p = input("p", tf::bool, shape![]);
        let y: Tensor = tf::cond(p, || v.assign_add(10), || v.assign_sub(1));
        let sess = Session::new();
        sess.run(v.initializer_op())?;
        let on = sess.run_with(y, feed! { p => true })?;
        let off = [sess.run_with(y, feed! { p => false })?, sess.run_with(y, feed! { p => false })?];
        say!(out, "[{on}, {}, {}] {}", off[0], off[1], sess.run(v)?);
    }
    "a large step by step" => |out| {
        let v = Variable::new(0).named("v");
        let step = v.assign_add(3);
        let sess = Session::new();
        sess.run(v.initializer_op())?;
        for _ in 0..1000 {
            sess.run(step)?;
        }
        say!(out, "{}", sess.run(v)?);
    }
    "overflowing" => |out| {
        let v = Variable::new(2147483647).named("v");
        let b = Variable::new(tf::constant(250).with_dtype(tf::uint8)).named("b");
        let sess = started()?;
        let sum = sess.run(v.assign_add(1))?;
        say!(out, "{sum} {} {}", sess.run(tf::assign_add(b, 10))?, sess.run(tf::assign_sub(b, 10))?);
    }
};
