//! Assertions: `tf.Assert`, and the checks of values that are made of it. They are built of TensorFlow's own nodes, so that
//! an error names the same one.

use super::array::{convert_to_tensor, identity, new_constant};
use super::control::no_op;
use super::elementwise::{cast, equal, greater, greater_equal, less, less_equal, not_equal};
use super::flow::cond_in;
use super::nn::composed;
use super::reduce::{SUM, reduce_all, reduced};
use super::shape::stack_in;
use super::{Call, Kernel, OpDef, Sample, Types, typed};
use crate::error::{Error, Result};
use crate::graph::{Attr, IntoTensor, Operand, Operation, Scope, Tensor, build, control_dependencies, graph_of};
use crate::{Array, DType};

pub(crate) static OPS: &[&OpDef] = &[&ASSERT, &CHECK_NUMERICS];

/// Fails with the data's values unless the condition, its first input, holds.
pub(crate) static ASSERT: OpDef = OpDef::new(
    "Assert",
    |_| Ok(vec![]),
    Kernel::Call(|call| {
        if call.input(0).slice::<bool>().iter().all(|c| *c) {
            return Ok(());
        }
        let limit = call.node.int("summarize").max(0) as usize;
        let data: Vec<String> = (1..call.inputs.len()).map(|i| format!("[{}]", summary(call, i, limit))).collect();
        Err(Error::InvalidArgument(format!("assertion failed: {}", data.join(" "))))
    }),
)
.stateful();

/// Its input, when all of its elements are finite.
pub(crate) static CHECK_NUMERICS: OpDef = OpDef::new(
    "CheckNumerics",
    |infer| {
        infer.allow(0, "tensor", Types::Floats)?;
        Ok(vec![infer.inputs[0].clone()])
    },
    Kernel::Call(|call| {
        let input = call.input(0);
        let (nan, inf) = match input.dtype {
            DType::Float64 => strangers(input.slice::<f64>().iter().copied()),
            _ => strangers(input.slice::<f32>().iter().map(|v| f64::from(*v))),
        };
        let found = match (inf, nan) {
            (false, false) => {
                call.output().copy_from(input);
                return Ok(());
            }
            (true, true) => "Inf and NaN",
            (true, false) => "Inf",
            (false, true) => "NaN",
        };
        Err(Error::InvalidArgument(format!("{} : Tensor had {found} values", call.node.text("message"))))
    }),
)
.gradient(|g| {
    let message = g.node().text("message").to_owned();
    let text = "Not a number (NaN) or infinity (Inf) values detected in gradient.";
    vec![Some(check_numerics(g.dy(), &format!("{text} b{message:?}")))]
})
.samples(&[Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| check_numerics(x[0], "") }])
.stateful();

/// Whether some element is no number, and whether some is infinite.
fn strangers(values: impl Iterator<Item = f64>) -> (bool, bool) {
    values.fold((false, false), |(nan, inf), v| (nan || v.is_nan(), inf || v.is_infinite()))
}

/// The tensor, when all of its elements are finite numbers; else a run fails with the message: `tf.check_numerics`.
///
/// ```
/// use flowbook::v1 as tf;
/// let root = tf::check_numerics(tf::sqrt(-1.0), "the root");
/// let error = tf::Session::new().run(root).unwrap_err().to_string();
/// assert!(error.starts_with("InvalidArgumentError: the root : Tensor had NaN values"), "{error}");
/// ```
#[track_caller]
pub fn check_numerics(tensor: impl IntoTensor, message: &str) -> Tensor {
    let tensor = tensor.into_operand();
    let graph = graph_of(&[&tensor]);
    build(graph, || {
        let scope = Scope::open(graph, "CheckNumerics");
        let tensor = tensor.tensor(&scope, "tensor", None)?;
        let mut attrs = typed("T", tensor.dtype());
        attrs.insert("message", Attr::Str(message.into()));
        Ok(scope.op(&CHECK_NUMERICS, &[tensor], attrs)?.output(0))
    })
}

/// The tensor, when all of its elements are finite numbers; else a run fails with the message:
/// `tf.verify_tensor_all_finite(t, msg)`.
#[track_caller]
pub fn verify_tensor_all_finite(t: impl IntoTensor, msg: &str) -> Tensor {
    let t = convert_to_tensor(t);
    composed(t, "VerifyFinite", || {
        let checked = check_numerics(t, msg);
        control_dependencies([checked.op()], || identity(t)).named("control_dependency")
    })
}

/// An operation that checks every tensor of floats in the default graph, in the order they were added:
/// `tf.add_check_numerics_ops()`.
///
/// ```
/// use flowbook::v1 as tf;
/// # tf::Graph::new().as_default(|| {
/// let ratio = (tf::constant(1.0) / tf::constant(0.0)).named("ratio");
/// let check = tf::add_check_numerics_ops();
/// let error = tf::Session::new().run(check).unwrap_err().to_string();
/// assert!(error.starts_with("InvalidArgumentError: ratio:0 : Tensor had Inf values"), "{error}");
/// # });
/// ```
#[track_caller]
pub fn add_check_numerics_ops() -> Operation {
    let graph = super::here();
    let mut checks: Vec<Operation> = Vec::new();
    for operation in graph.get_operations() {
        for (i, output) in operation.outputs().into_iter().enumerate().filter(|(_, t)| t.dtype().is_floating()) {
            let check = || check_numerics(output, &format!("{}:{i}", operation.name())).op();
            checks.push(control_dependencies(checks.clone(), check));
        }
    }
    super::control::group(&checks)
}

/// The first values of an input as TensorFlow's C++ side prints them.
fn summary(call: &Call, i: usize, limit: usize) -> String {
    let mut words = super::print::words(call.input(i));
    let count = words.len();
    words.truncate(limit);
    if count > limit {
        return format!("{}...", words.join(" "));
    }
    words.join(" ")
}

/// How many values of each tensor an assertion shows.
const SHOWN: i64 = 3;

/// What an assertion that fails shows.
#[derive(Clone)]
enum Shown {
    Text(String),
    Values(Tensor),
}

impl Shown {
    /// As an input of the assertion, the text as a constant of that name.
    fn tensor(&self, scope: &Scope, name: &str) -> Result<Tensor> {
        match self {
            Shown::Text(text) => scope.constant(name, Array::scalar(text.clone())),
            Shown::Values(tensor) => Ok(*tensor),
        }
    }

    /// Whether it is certainly not on a GPU.
    fn is_on_host(&self) -> bool {
        match self {
            Shown::Text(_) => true,
            Shown::Values(tensor) => matches!(tensor.dtype(), DType::String | DType::Int32),
        }
    }
}

/// An operation that fails a run unless `condition` holds, and shows the first values of `data`: `tf.Assert`.
///
/// ```
/// use flowbook::v1 as tf;
/// let x = tf::constant(7).tensor();
/// let check = tf::Assert(x.lt(5), &[x]);
/// let error = tf::Session::new().run(check).unwrap_err().to_string();
/// assert!(error.starts_with("InvalidArgumentError: assertion failed: [7]"), "{error}");
/// ```
#[track_caller]
#[expect(non_snake_case, reason = "TensorFlow's own spelling")]
pub fn Assert(condition: impl IntoTensor, data: &[Tensor]) -> Operation {
    let condition = condition.into_operand();
    let graph = graph_of(&[&condition]);
    let data: Vec<Shown> = data.iter().map(|t| Shown::Values(*t)).collect();
    build(graph, || asserted(condition, &data, SHOWN))
}

/// The nodes of `tf.Assert`. What a GPU may hold is only looked at in a branch that is taken when the condition fails.
fn asserted(condition: Operand, data: &[Shown], summarize: i64) -> Result<Operation> {
    let graph = graph_of(&[&condition]);
    let scope = Scope::open(graph, "Assert");
    scope.enter(|| {
        for text in data.iter().filter(|shown| matches!(shown, Shown::Text(_))) {
            text.tensor(&scope, "Const")?;
        }
        let asserts = |condition: Operand| {
            let scope = Scope::open(graph, "Assert");
            let mut inputs = vec![condition.tensor(&scope, "condition", None)?];
            for (i, shown) in data.iter().enumerate() {
                inputs.push(shown.tensor(&scope, &format!("data_{i}"))?);
            }
            let mut attrs = typed("T", DType::String);
            attrs.insert("summarize", Attr::Int(summarize));
            scope.op(&ASSERT, &inputs, attrs)
        };
        if data.iter().all(Shown::is_on_host) {
            return asserts(condition);
        }
        let condition = condition.tensor(&scope, "Condition", None)?;
        Ok(cond_in("AssertGuard", Operand::Tensor(condition), no_op, || {
            build(graph, || asserts(Operand::Tensor(condition)))
        }))
    })
}

/// Fails when more than one of the conditions holds, as `tf.case(..., exclusive=True)` does.
#[track_caller]
pub(super) fn at_most_one(predicates: &[Tensor]) -> Operation {
    let graph = predicates[0].graph();
    build(graph, || {
        let all = stack_in(&Scope::open(graph, "preds_c"), predicates)?;
        let count = reduced(&SUM, "num_true_conds", cast(all, DType::Int32), None, false);
        let condition = less_equal(count, new_constant(graph, "n_true_conds", Array::scalar(1i32))?);
        let names = predicates.iter().map(|p| p.name()).collect::<Vec<_>>().join(", ");
        let text = format!("Input error: exclusive=True: more than 1 conditions ({names}) evaluated as True:");
        asserted(Operand::Tensor(condition), &[Shown::Text(text), Shown::Values(all)], predicates.len() as i64)
    })
}

/// A relation of two tensors that has to hold for all elements: `x < y`.
struct Relation {
    name: &'static str,
    sign: &'static str,
    holds: fn(Tensor, Tensor) -> Tensor,
}

impl Relation {
    /// Checks the relation now when the values are known, and builds what checks it in a run, as `tf.assert_less` does.
    fn check(&self, x: Operand, y: Operand, data: Option<Vec<Shown>>) -> Result<Operation> {
        let graph = graph_of(&[&x, &y]);
        if self.name == "assert_equal" {
            // A name of its own is spent on whether both are the same tensor.
            let scope = Scope::open(graph, self.name);
            if let (Operand::Tensor(x), Operand::Tensor(y)) = (&x, &y)
                && x == y
            {
                return Ok(scope.enter(no_op));
            }
        }
        let scope = Scope::open(graph, self.name);
        scope.enter(|| {
            let x = x.tensor(&scope, "x", None)?;
            let y = y.tensor(&scope, "y", Some(x.dtype()))?;
            let values = |name: &str, t: Tensor| [Shown::Text(format!("{name} ({}) = ", t.name())), Shown::Values(t)];
            let data = data.unwrap_or_else(|| {
                let text = format!("Condition x {} y did not hold element-wise:", self.sign);
                [vec![Shown::Text(text)], values("x", x).to_vec(), values("y", y).to_vec()].concat()
            });
            let elementwise = (self.holds)(x, y);
            let condition = reduce_all(elementwise).tensor();
            let known = |t: Tensor| graph.data().constant_value(t.output());
            if let (Some(_), Some(_), Some(holds)) = (known(x), known(y), known(elementwise))
                && holds.as_slice::<bool>().is_some_and(|all| !all.iter().all(|holds| *holds))
            {
                let lines = data.iter().map(|shown| match shown {
                    Shown::Text(text) => text.clone(),
                    Shown::Values(t) => known(*t).map_or_else(|| t.to_string(), |value| value.to_string()),
                });
                return Err(Error::InvalidArgument(lines.collect::<Vec<_>>().join("\n")));
            }
            asserted(Operand::Tensor(condition), &data, SHOWN)
        })
    }
}

static EQUAL: Relation = Relation { name: "assert_equal", sign: "==", holds: |x, y| equal(x, y) };
static NONE_EQUAL: Relation = Relation { name: "assert_none_equal", sign: "!=", holds: |x, y| not_equal(x, y) };
static LESS: Relation = Relation { name: "assert_less", sign: "<", holds: |x, y| less(x, y) };
static LESS_EQUAL: Relation = Relation { name: "assert_less_equal", sign: "<=", holds: |x, y| less_equal(x, y) };
static GREATER: Relation = Relation { name: "assert_greater", sign: ">", holds: |x, y| greater(x, y) };
static GREATER_EQUAL: Relation =
    Relation { name: "assert_greater_equal", sign: ">=", holds: |x, y| greater_equal(x, y) };

/// A check of the sign: the relation between `x` and zero, and whether zero comes first.
struct Sign {
    name: &'static str,
    relation: &'static Relation,
    zero_first: bool,
    /// What is shown besides the values; `{}` stands for the name of `x`.
    texts: &'static [&'static str],
}

impl Sign {
    #[track_caller]
    fn check(&self, x: Operand, message: &str) -> Operation {
        let graph = graph_of(&[&x]);
        build(graph, || {
            let scope = Scope::open(graph, self.name);
            scope.enter(|| {
                let x = x.tensor(&scope, "x", None)?;
                let message = if message.is_empty() { String::new() } else { format!("{message}.  ") };
                let mut data = vec![Shown::Text(message)];
                data.extend(self.texts.iter().map(|text| Shown::Text(text.replace("{}", &x.name()))));
                data.push(Shown::Values(x));
                let zero = Operand::Tensor(new_constant(graph, "Const", Array::zeros(x.dtype(), &[]))?);
                let (a, b) = if self.zero_first { (zero, Operand::Tensor(x)) } else { (Operand::Tensor(x), zero) };
                self.relation.check(a, b, Some(data))
            })
        })
    }
}

static POSITIVE: Sign = Sign {
    name: "assert_positive",
    relation: &LESS,
    zero_first: true,
    texts: &["Condition x > 0 did not hold element-wise:", "x ({}) = "],
};
static NEGATIVE: Sign = Sign {
    name: "assert_negative",
    relation: &LESS,
    zero_first: false,
    texts: &["Condition x < 0 did not hold element-wise:", "x ({}) = "],
};
static NON_NEGATIVE: Sign = Sign {
    name: "assert_non_negative",
    relation: &LESS_EQUAL,
    zero_first: true,
    texts: &["Condition x >= 0 did not hold element-wise:", "x ({}) = "],
};
static NON_POSITIVE: Sign = Sign {
    name: "assert_non_positive",
    relation: &LESS_EQUAL,
    zero_first: false,
    // TensorFlow forgot a comma.
    texts: &["Condition x <= 0 did not hold element-wise:x ({}) = "],
};

/// Checks of the sign: each in two forms, without and with a message of one's own.
macro_rules! signs {
    ($($f:ident, $with_message:ident = $sign:ident, $relation:literal;)*) => { $(
        #[doc = concat!("Fails unless `", $relation, "` for every element: `tf.", stringify!($f), "`. Known values are checked at once.")]
        ///
        /// # Panics
        /// `InvalidArgumentError` when the values are known and it does not hold.
        #[track_caller]
        pub fn $f(x: impl IntoTensor) -> Operation {
            $with_message(x, "")
        }

        #[doc = concat!("[`", stringify!($f), "`] with a message that the error begins with, `message=`.")]
        ///
        /// # Panics
        #[doc = concat!("As [`", stringify!($f), "`].")]
        #[track_caller]
        pub fn $with_message(x: impl IntoTensor, message: &str) -> Operation {
            $sign.check(x.into_operand(), message)
        }
    )* };
}
signs! {
    assert_positive, assert_positive_with_message = POSITIVE, "x > 0";
    assert_negative, assert_negative_with_message = NEGATIVE, "x < 0";
    assert_non_negative, assert_non_negative_with_message = NON_NEGATIVE, "x >= 0";
    assert_non_positive, assert_non_positive_with_message = NON_POSITIVE, "x <= 0";
}

macro_rules! comparisons {
    ($($f:ident = $relation:ident, $text:literal;)*) => { $(
        #[doc = concat!("Fails unless `", $text, "` for every element: `tf.", stringify!($f), "`.")]
        ///
        /// # Panics
        /// `InvalidArgumentError` when the values are known and it does not hold.
        #[track_caller]
        pub fn $f(x: impl IntoTensor, y: impl IntoTensor) -> Operation {
            let (x, y) = (x.into_operand(), y.into_operand());
            build(graph_of(&[&x, &y]), || $relation.check(x.clone(), y.clone(), None))
        }
    )* };
}
comparisons! {
    assert_equal = EQUAL, "x == y";
    assert_none_equal = NONE_EQUAL, "x != y";
    assert_less = LESS, "x < y";
    assert_less_equal = LESS_EQUAL, "x <= y";
    assert_greater = GREATER, "x > y";
    assert_greater_equal = GREATER_EQUAL, "x >= y";
}
