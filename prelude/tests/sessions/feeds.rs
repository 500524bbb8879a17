//! Programs about feeds.

use flowbook::v1::{self as tf, Graph, Session, Tensor, Variable};
use flowbook::{Array, feed, s, shape};

use super::{Family, any, exactly, filled, input, programs, run, run_with};

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;

pub const FAMILY: Family = Family { programs: PROGRAMS, different: DIFFERENT, impossible: &[], same: exactly };

const DIFFERENT: &[(&str, &str)] = &[
    // A value that is fed and fetched comes back as it went in, a NumPy array of rank 0; ours print as scalars.
    ("a result", "[100, 101]\n[3, 9, 10]\n"),
    // There are no internal errors.
    ("a fraction for a string", "ValueError: Cannot feed a float64 value for the string Tensor s:0\n"),
    ("numbers for strings", "ValueError: Cannot feed a int64 value for the string Tensor s:0\n"),
    // The kernel for constants has these flags in its text, that for what is fed does not.
    (
        "a product of what is fed",
        "Tensor(\"MatMul:0\", shape=(?, 1), dtype=float32)\n[[11.]]\nInvalidArgumentError: Matrix size-incompatible: In[0]: \
         [1,2], In[1]: [1,1] 0 0\n\t [[{{node MatMul}}]]\n",
    ),
    // What has no place is an oversight.
    ("a callable of too many values", "TypeError: `fetch` callable takes 1 feed values, but 2 were given\n"),
];

const PROGRAMS: &[(&str, super::Program)] = programs! {
    "another number of elements" => |out| {
        let x = input("x", tf::float32, shape![2]);
        say!(out, "{}", run_with(x * 2, feed! { x => [1, 2, 3] })?);
    }
    "a number for a vector" => |out| {
        let x = input("x", tf::float32, shape![2]);
        say!(out, "{}", run_with(x * 2, feed! { x => 1 })?);
    }
    "a vector for a number" => |out| {
        let x = input("x", tf::float32, shape![]);
        let sess = Session::new();
        say!(out, "{}", sess.run_with(x * 2, feed! { x => 1.5 })?);
        say!(out, "{}", sess.run_with(x * 2, feed! { x => [1.5] })?);
    }
    "a matrix for a vector" => |out| {
        let x = input("x", tf::int32, shape![2]);
        say!(out, "{}", run_with(x, feed! { x => [[1, 2]] })?);
    }
    "sizes that are open" => |out| {
        let x = input("x", tf::float32, shape![None, 2]);
        let y = x * 2;
        say!(out, "{y}");
        let sess = Session::new();
        say!(out, "{}", sess.run_with(y, feed! { x => [[1, 2]] })?);
        say!(out, "{}", sess.run_with(y, feed! { x => [[1, 2], [3, 4]] })?);
        say!(out, "{}", sess.run_with(y, feed! { x => filled(0.0, &[0, 2]) })?);
        say!(out, "{}", sess.run_with(y, feed! { x => [[1, 2, 3]] })?);
    }
    "the wrong rank where sizes are open" => |out| {
        let x = input("x", tf::float32, shape![None, None]);
        say!(out, "{}", run_with(x, feed! { x => [1, 2] })?);
    }
    "a shape that is open" => |out| {
        let x = any();
        let y = x * 2;
        say!(out, "{y}");
        let sess = Session::new();
        say!(out, "{:?}", sess.run_with(y, feed! { x => 1 })?);
        say!(out, "{:?}", sess.run_with(y, feed! { x => [1, 2] })?);
        say!(out, "{:?}", sess.run_with(y, feed! { x => [[1], [2]] })?);
        say!(out, "{:?}", sess.run_with(y, feed! { x => filled(0.0, &[0]) })?);
        say!(out, "{:?}", sess.run_with(y, feed! { x => filled(0.0, &[1, 0]) })?);
    }
    "shapes one after the other" => |out| {
        let x = input("x", tf::float32, shape![None]);
        let total = tf::reduce_sum(x);
        let sess = Session::new();
        for count in [3, 1, 0, 5, 3] {
            say!(out, "{}", sess.run_with(total, feed! { x => filled(1.0, &[count]) })?);
        }
    }
    "nothing" => |out| {
        let x = input("x", tf::float32, shape![None]);
        let (sum, mean, max) = (tf::reduce_sum(x).tensor(), tf::reduce_mean(x).tensor(), tf::reduce_max(x).tensor());
        let all = [x + 1, sum, mean, max, tf::size(x)];
        say!(out, "{:?}", run_with(all, feed! { x => filled(0.0, &[0]) })?);
    }
    "a float for an integer" => |out| {
        let x = input("x", tf::int32, None);
        say!(out, "{}", run_with(x + 0, feed! { x => 2.0 })?);
        say!(out, "{}", run_with(x + 0, feed! { x => 2.5 })?);
    }
    "floats for integers" => |out| {
        let x = input("x", tf::int32, None);
        say!(out, "{}", run_with(x + 0, feed! { x => [2.5, -2.5, 1e3] })?);
    }
    "an integer for a float" => |out| {
        let x = any();
        say!(out, "{:?}", run_with([x + 0, x / 2], feed! { x => 3 })?);
    }
    "no number for a float" => |out| {
        let x = any();
        say!(out, "{:?}", run_with([x + 0, x - x, tf::is_nan(x)], feed! { x => [NAN, INF, -INF] })?);
    }
    "no number for an integer" => |out| {
        let x = input("x", tf::int32, None);
        say!(out, "{}", run_with(x + 0, feed! { x => NAN })?);
    }
    "no numbers among integers" => |out| {
        let x = input("x", tf::int64, None);
        say!(out, "{}", run_with(x + 0, feed! { x => [1.0, NAN] })?);
    }
    "infinity for an integer" => |out| {
        let x = input("x", tf::int32, None);
        say!(out, "{}", run_with(x + 0, feed! { x => INF })?);
    }
    "an integer that is too large" => |out| {
        let x = input("x", tf::int32, None);
        say!(out, "{}", run_with(x + 0, feed! { x => 3_000_000_000i64 })?);
    }
    "an array of integers that are too large" => |out| {
        let x = input("x", tf::int32, None);
        say!(out, "{}", run_with(x + 0, feed! { x => Array::new(vec![3_000_000_000i64, -1], &[2]) })?);
    }
    "an integer of 64 bits" => |out| {
        let x = input("x", tf::int64, None);
        say!(out, "{}", run_with(x + 1, feed! { x => 1i64 << 40 })?);
    }
    "a byte that is too large" => |out| {
        let x = input("x", tf::uint8, None);
        say!(out, "{}", run_with(x, feed! { x => 300 })?);
    }
    "a negative byte" => |out| {
        let x = input("x", tf::uint8, None);
        say!(out, "{}", run_with(x, feed! { x => -1 })?);
    }
    "a number for a truth value" => |out| {
        let p = input("p", tf::bool, None);
        say!(out, "{}", run_with(p, feed! { p => 2 })?);
    }
    "an array of bytes that are too large" => |out| {
        let x = input("x", tf::uint8, None);
        say!(out, "{}", run_with(x, feed! { x => Array::new(vec![-1i64, 256, 255], &[3]) })?);
    }
    "a float that is too large" => |out| {
        let x = any();
        say!(out, "{}", run_with(x * 1, feed! { x => [1e39, -1e39, 1e-46] })?);
    }
    "doubles" => |out| {
        let x = input("x", tf::float64, None);
        say!(out, "{:?}", run_with([x + 0.1, x / 3], feed! { x => 1 })?);
    }
    "truth values" => |out| {
        let p = input("p", tf::bool, None);
        let (sess, y) = (Session::new(), tf::logical_not(p));
        say!(out, "{}", sess.run_with(y, feed! { p => true })?);
        say!(out, "{}", sess.run_with(y, feed! { p => 1 })?);
        say!(out, "{}", sess.run_with(y, feed! { p => 0 })?);
        say!(out, "{}", sess.run_with(y, feed! { p => 2.5 })?);
        say!(out, "{}", sess.run_with(y, feed! { p => [true, false] })?);
        say!(out, "{}", sess.run_with(y, feed! { p => [0, 3] })?);
    }
    "a truth value for numbers" => |out| {
        let (x, i) = (any(), input("i", tf::int32, None));
        say!(out, "{:?}", run_with([x + 1, i + 1], feed! { x => true, i => [true, false] })?);
    }
    "strings" => |out| {
        let s = input("s", tf::string, None);
        let (sess, y) = (Session::new(), s + "!");
        say!(out, "{}", sess.run_with(y, feed! { s => "abc" })?);
        say!(out, "{}", sess.run_with(y, feed! { s => ["a", "bc", ""] })?);
        say!(out, "{}", sess.run_with(y, feed! { s => "é" })?);
    }
    "a number for a string" => |out| {
        let s = input("s", tf::string, None);
        say!(out, "{}", run_with(tf::identity(s), feed! { s => 1 })?);
    }
    "a fraction for a string" => |out| {
        let s = input("s", tf::string, None);
        say!(out, "{}", run_with(tf::identity(s), feed! { s => 1.5 })?);
    }
    "numbers for strings" => |out| {
        let s = input("s", tf::string, None);
        say!(out, "{}", run_with(tf::identity(s), feed! { s => [1, 2] })?);
    }
    "digits for a float" => |out| {
        let x = any();
        let sess = Session::new();
        say!(out, "{}", sess.run_with(x + 0, feed! { x => "1.5" })?);
        say!(out, "{}", sess.run_with(x + 0, feed! { x => ["1", " 2e3 ", "-inf", "nan"] })?);
    }
    "digits for an integer" => |out| {
        let x = input("x", tf::int32, None);
        let sess = Session::new();
        say!(out, "{}", sess.run_with(x + 0, feed! { x => "7" })?);
        say!(out, "{}", sess.run_with(x + 0, feed! { x => ["-7", " 12 "] })?);
        say!(out, "{}", sess.run_with(x + 0, feed! { x => "7.5" })?);
    }
    "a word among numbers" => |out| {
        let x = any();
        say!(out, "{}", run_with(x, feed! { x => ["1", "two"] })?);
    }
    "words for a truth value" => |out| {
        let p = input("p", tf::bool, None);
        say!(out, "{}", run_with(p, feed! { p => ["yes", ""] })?);
    }
    "a constant" => |out| {
        let c = tf::constant(2.0).named("c");
        let y = c * 10;
        let sess = Session::new();
        say!(out, "{} {} {}", sess.run(y)?, sess.run_with(y, feed! { c => 5.0 })?, sess.run(y)?);
    }
    "another shape for a constant" => |out| {
        let c = tf::constant([1.0, 2.0]).named("c");
        say!(out, "{}", run_with(c * 2, feed! { c => [1.0, 2.0, 3.0] })?);
    }
    "a result" => |out| {
        let a = tf::constant(3).tensor();
        let b = a * a;
        let c = b + 1;
        let sess = Session::new();
        say!(out, "{:?}", sess.run_with([b, c], feed! { b => 100 })?);
        say!(out, "{:?}", sess.run([a, b, c])?);
    }
    "a result that could not be computed" => |out| {
        let x = any();
        let y = tf::matmul(x, [[1.0], [2.0]]);
        say!(out, "{}", run_with(y + 1, feed! { y => [[7.0]] })?);
    }
    "a variable that has no value" => |out| {
        let v = Variable::new([1.0, 2.0]).named("v");
        let sess = Session::new();
        say!(out, "{}", sess.run_with(v * 3, feed! { v => [5.0, 6.0] })?);
        say!(out, "{}", sess.run(v * 3)?);
    }
    "a variable's shape" => |out| {
        let v = Variable::new([1.0, 2.0]).named("v");
        say!(out, "{}", run_with(v * 3, feed! { v => [5.0] })?);
    }
    "a variable fed and fetched" => |out| {
        let v = Variable::new(1.0).named("v");
        let sess = super::started()?;
        say!(out, "{}", sess.run_with(v * 1, feed! { v => 7.0 })?);
        say!(out, "{}", sess.run(v)?);
    }
    "an initial value" => |out| {
        let v = Variable::new([1.0, 2.0]).named("v");
        let sess = Session::new();
        sess.run_with(v.initializer_op(), feed! { v.initial_value() => [8.0, 9.0] })?;
        say!(out, "{}", sess.run(v)?);
    }
    "the second of two outputs" => |out| {
        let parts = tf::split([1, 2, 3, 4], 2, 0);
        let (a, b) = (parts[0], parts[1]);
        say!(out, "{a} {b}");
        say!(out, "{}", run_with(a + b, feed! { b => [10, 20] })?);
    }
    "by name" => |out| {
        let x = any();
        let y = tf::multiply(x, 2).named("y");
        let sess = Session::new();
        say!(out, "{}", sess.run_with("y:0", feed! { "x:0" => 4 })?);
        say!(out, "{}", sess.run_with(y, feed! { "x" => 4 })?);
    }
    "by a name that is not there" => |out| {
        say!(out, "{}", run_with(any() * 2, feed! { "z:0" => 4 })?);
    }
    "by an output that is not there" => |out| {
        say!(out, "{}", run_with(any() * 2, feed! { "x:1" => 4 })?);
    }
    "another graph's placeholder" => |out| {
        let p = Graph::new().as_default(|| input("p", tf::float32, None));
        let x = any();
        say!(out, "{}", run_with(x * 2, feed! { x => 1, p => 1 })?);
    }
    "one of two is missing" => |out| {
        let (x, y) = (any(), input("y", tf::float32, shape![None, 3]));
        say!(out, "{}", run_with(x + y, feed! { x => 1 })?);
    }
    "an integer is missing" => |out| {
        say!(out, "{}", run(input("x", tf::int64, shape![]) + 1)?);
    }
    "a string is missing" => |out| {
        say!(out, "{}", run(input("s", tf::string, shape![2]) + "!")?);
    }
    "a truth value is missing" => |out| {
        say!(out, "{}", run(tf::logical_not(input("p", tf::bool, shape![None])))?);
    }
    "a missing one is fetched" => |out| {
        say!(out, "{}", run(input("x", tf::float32, shape![2, None]))?);
    }
    "a missing one that nobody needs" => |out| {
        let _y = any() * 2;
        say!(out, "{}", run(tf::constant(1))?);
    }
    "one that nobody needs" => |out| {
        let x = input("x", tf::float32, shape![2]);
        let c = tf::constant(1);
        let sess = Session::new();
        say!(out, "{}", sess.run_with(c, feed! { x => [1, 2] })?);
        say!(out, "{}", sess.run_with(c, feed! { x => [1, 2, 3] })?);
    }
    "fetched as fed" => |out| {
        let (x, i) = (any(), input("i", tf::int32, None));
        say!(out, "{:?}", run_with([x, x, i], feed! { x => [1, 2], i => [3, 4] })?);
    }
    "default values" => |out| {
        let x = tf::placeholder_with_default(5.0, shape![]).named("x");
        say!(out, "{x}");
        let y = x * 2;
        let sess = Session::new();
        say!(out, "{} {}", sess.run(y)?, sess.run_with(y, feed! { x => 1 })?);
        say!(out, "{}", sess.run_with(y, feed! { x => [1] })?);
    }
    "default values of an open shape" => |out| {
        let x = tf::placeholder_with_default([1.0, 2.0], shape![None]).named("x");
        say!(out, "{x}");
        let sess = Session::new();
        let (more, sum) = (sess.run_with(x + 1, feed! { x => [1, 2, 3] })?, tf::reduce_sum(x));
        say!(out, "{} {more} {}", sess.run(x + 1)?, sess.run_with(sum, feed! { x => filled(0.0, &[0]) })?);
    }
    "default values that do not fit" => |out| {
        tf::placeholder_with_default([1.0, 2.0], shape![3]);
    }
    "default values that are trained" => |out| {
        let w = Variable::new(2.0).named("w");
        let keep = tf::placeholder_with_default(w * 3, shape![]);
        let slope = tf::gradients(keep * keep, w)[0];
        let sess = Session::new();
        sess.run(w.initializer_op())?;
        say!(out, "{}", sess.run(slope)?);
    }
    "lists within lists" => |out| {
        let x = input("x", tf::float32, shape![2, 1, 2]);
        say!(out, "{}", run_with(x.slice(s![0]) + x.slice(s![1]), feed! { x => [[[1, 2]], [[3, 4]]] })?);
    }
    "a list that is ragged" => |out| {
        let x = any();
        say!(out, "{}", run_with(x, feed! { x => vec![vec![1, 2], vec![3]] })?);
    }
    "an array of no dimension" => |out| {
        let x = input("x", tf::float32, shape![]);
        say!(out, "{}", run_with(x * 2, feed! { x => Array::scalar(3.5) })?);
    }
    "a reshape of what is fed" => |out| {
        let x = any();
        let y = tf::reshape(x, [2, -1]);
        say!(out, "{y}");
        let sess = Session::new();
        say!(out, "{}", sess.run_with(y, feed! { x => [1, 2, 3, 4] })?);
        say!(out, "{}", sess.run_with(y, feed! { x => [1, 2, 3] })?);
    }
    "a product of what is fed" => |out| {
        let (x, y) = (input("x", tf::float32, shape![None, 2]), input("y", tf::float32, shape![None, 1]));
        let z = tf::matmul(x, y);
        say!(out, "{z}");
        let sess = Session::new();
        say!(out, "{}", sess.run_with(z, feed! { x => [[1, 2]], y => [[3], [4]] })?);
        say!(out, "{}", sess.run_with(z, feed! { x => [[1, 2]], y => [[3]] })?);
    }
    "a branch that is fed" => |out| {
        let (p, x) = (input("p", tf::bool, shape![]), input("x", tf::float32, shape![]));
        let y: Tensor = tf::cond(p, || x + 1, || x * 10);
        let sess = Session::new();
        let yes = sess.run_with(y, feed! { p => true, x => 2 })?;
        say!(out, "{yes} {}", sess.run_with(y, feed! { p => false, x => 2 })?);
        say!(out, "{}", sess.run_with(y, feed! { p => true })?);
    }
    "a callable" => |out| {
        let x = input("x", tf::float32, shape![2]);
        let f = Session::new().make_callable(x * 2, [x]);
        say!(out, "{}", f.call([[1.0, 2.0]])?);
        f.call(())?;
    }
    "a callable of too many values" => |out| {
        let x = input("x", tf::float32, shape![2]);
        let f = Session::new().make_callable(x * 2, [x]);
        say!(out, "{}", f.call([[1.0, 2.0], [3.0, 4.0]])?);
    }
    "the printed dictionary" => |out| {
        let (x, n) = (input("x", tf::float32, shape![None, 2]), input("n", tf::int32, None));
        say!(out, "{}", feed! { x => [[1, 2]], n => 3 });
    }
    "the same key twice" => |out| {
        let x = any();
        say!(out, "{}", run_with(x * 2, feed! { x => 1, "x:0" => 5 })?);
    }
};
