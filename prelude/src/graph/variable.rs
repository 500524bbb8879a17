//! Variables: the four nodes each consists of. How they are asked for by name is `get_variable`'s.

use std::fmt;

use super::get_variable::{claim_exactly, finish, full_name};
use super::scope::build;
use super::{Attr, Attrs, Graph, IntoDType, IntoTensor, Operand, Operation, Scope, Tensor, VariableInitializer};
use crate::error::{Error, Result};
use crate::ops::{array, cast_array, state, typed};
use crate::{Array, DType, Shape};

/// A variable: TensorFlow 1's `tf.Variable`, whose value lives in a session. It stands wherever a tensor may.
///
/// ```
/// use flowbook::v1 as tf;
/// let w = tf::Variable::new(0.5).named("w");
/// assert_eq!(w.to_string(), "<tf.Variable 'w:0' shape=() dtype=float32_ref>");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Variable {
    graph: Graph,
    pub(super) node: u32,
    assign: u32,
    read: u32,
    initial: Tensor,
}

impl Variable {
    /// Makes a variable with that initial value: `tf.Variable(value)`.
    ///
    /// # Panics
    /// `ValueError` when the value's shape is not fully known.
    #[track_caller]
    pub fn new(initial: impl IntoTensor) -> Variable {
        let operand = initial.into_operand();
        let graph = super::operand::graph_of(&[&operand]);
        let variable = build(graph, || {
            let scope = Scope::open(graph, "Variable");
            let value = operand.tensor(&scope, "initial_value", None)?;
            make(graph, &scope, value, true)
        });
        if let Operand::Literal(exact, _) = operand {
            graph.data().literal = Some((variable.initial.node, exact));
        }
        variable
    }

    /// Gives it a name: `name=`.
    #[track_caller]
    pub fn named(self, name: &str) -> Variable {
        self.graph.rename(self.node, name);
        self
    }

    /// The element type of a literal's value: `dtype=`.
    ///
    /// # Panics
    /// `ValueError` when the variable is in use already or its value is a tensor of another type.
    #[track_caller]
    pub fn with_dtype(self, dtype: impl IntoDType) -> Variable {
        let dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
        let literal = self.graph.data().literal.clone().filter(|(node, _)| *node == self.initial.node);
        let (Some((_, exact)), true) = (literal, self.graph.is_last_built(self.node)) else {
            Error::Value(format!("{self:?} cannot change its dtype any more; give its initial value that dtype"))
                .raise()
        };
        if !super::operand::converts(exact.dtype(), dtype) {
            Error::Type(format!("Cannot convert the initial value to {}", dtype.name())).raise();
        }
        let name = self.graph.node(self.node).user_name.clone();
        self.graph.take_back();
        let value = cast_array(&exact, dtype);
        let variable = self.graph.as_default(|| Variable::new(value));
        name.map_or(variable, |name| variable.named(&name))
    }

    /// Whether optimizers change it: `trainable=`.
    pub fn trainable(self, yes: bool) -> Variable {
        let mut data = self.graph.data();
        data.trainable.retain(|v| v.node != self.node);
        if yes {
            data.trainable.push(self);
        }
        drop(data);
        self
    }

    /// The collections it is in, in the place of the global variables: `collections=`. Of
    /// `tf::GraphKeys::GLOBAL_VARIABLES` and `LOCAL_VARIABLES` there are lists of variables.
    pub fn collections(self, keys: &[&str]) -> Variable {
        self.graph.list_in(self, keys);
        self
    }

    /// What it starts as, in the place of the one that the shape alone implies: `initializer=`.
    ///
    /// # Panics
    /// `ValueError` when the variable is in use already.
    #[track_caller]
    pub fn initializer(self, initializer: VariableInitializer) -> Variable {
        if !self.graph.is_last_built(self.node) {
            Error::Value(format!("{self:?} is in use already; give its initializer when it is made")).raise();
        }
        let (name, shape) = (self.op().name(), self.shape());
        let dtype = self.element_type();
        self.graph.take_back();
        self.graph.as_default(|| finish(&name, &shape, dtype, initializer))
    }

    /// The name, `"w:0"`.
    pub fn name(self) -> String {
        self.reference().name()
    }

    /// The operation that holds it.
    pub fn op(self) -> Operation {
        Operation { graph: self.graph, node: self.node }
    }

    /// The operation that gives it its initial value: `v.initializer` in Python.
    pub fn initializer_op(self) -> Operation {
        Operation { graph: self.graph, node: self.assign }
    }

    /// The tensor its initial value comes from.
    pub fn initial_value(self) -> Tensor {
        self.initial
    }

    /// Its value, or its initial value as long as it has none, for variables that start from others:
    /// `w.initialized_value()`.
    #[track_caller]
    pub fn initialized_value(self) -> Tensor {
        self.graph.as_default(|| {
            let ready = state::is_variable_initialized(self);
            // Read in the branch: the read outside would be one of a variable without a value.
            crate::ops::flow::cond(ready, || array::identity(self.reference()), || self.initial)
        })
    }

    /// The tensor of its value when read: `v.value()`.
    pub fn value(self) -> Tensor {
        Operation { graph: self.graph, node: self.read }.output(0)
    }

    /// The variable itself as the ops that write to it take it.
    pub(crate) fn reference(self) -> Tensor {
        self.op().output(0)
    }

    pub(crate) fn element_type(self) -> DType {
        self.reference().dtype()
    }

    /// Its element type: `v.dtype`.
    pub fn dtype(self) -> DType {
        self.value().dtype()
    }

    /// The shape.
    pub fn shape(self) -> Shape {
        self.reference().shape()
    }

    /// The shape, under TensorFlow 1's usual name for it.
    pub fn get_shape(self) -> Shape {
        self.shape()
    }

    /// The graph it belongs to.
    pub fn graph(self) -> Graph {
        self.graph
    }

    /// Gives it a new value when run: `v.assign(value)`.
    #[track_caller]
    pub fn assign(self, value: impl IntoTensor) -> Tensor {
        state::assign_unlocked(self, value)
    }

    /// Adds to it when run: `v.assign_add(value)`.
    #[track_caller]
    pub fn assign_add(self, value: impl IntoTensor) -> Tensor {
        state::assign_add(self, value)
    }

    /// Subtracts from it when run: `v.assign_sub(value)`.
    #[track_caller]
    pub fn assign_sub(self, value: impl IntoTensor) -> Tensor {
        state::assign_sub(self, value)
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "<tf.Variable '{}' shape={} dtype={}_ref>", self.name(), self.shape(), self.element_type().name())
    }
}

impl fmt::Debug for Variable {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Adds the variable's nodes after its initial value: itself, its assignment, its read.
pub(super) fn make(graph: Graph, scope: &Scope, initial: Tensor, trainable: bool) -> Result<Variable> {
    if initial.shape().sizes().is_none() {
        return Err(Error::Value(format!("initial_value must have a shape specified: {initial}")));
    }
    let dtype = initial.dtype();
    let attrs = Attrs::from([
        ("shape", Attr::Shape(initial.shape())),
        ("dtype", Attr::Type(dtype)),
        ("container", Attr::Str(String::new())),
        ("shared_name", Attr::Str(String::new())),
    ]);
    let variable = scope.op(&state::VARIABLE, &[], attrs)?;
    let reference = variable.output(0);
    let class = Attr::Strs(vec![format!("loc:@{}", scope.name)]);
    let mut attrs = typed("T", dtype);
    attrs.insert("_class", class);
    let read_attrs = attrs.clone();
    attrs.insert("use_locking", Attr::Bool(true));
    attrs.insert("validate_shape", Attr::Bool(true));
    let assign = scope.child(&state::ASSIGN, "Assign", &[reference, initial], attrs)?;
    let read = scope.child(&array::IDENTITY, "read", &[reference], read_attrs)?;
    let made = Variable { graph, node: variable.node, assign: assign.node, read: read.node, initial };
    let mut data = graph.data();
    data.variables.push(made);
    if trainable {
        data.trainable.push(made);
    }
    Ok(made)
}

/// A number an optimizer keeps besides the variables, such as a power of beta: named in the current scope.
pub(crate) fn auxiliary(graph: Graph, name: &str, initial: Array) -> Result<Variable> {
    let scope = Scope::open(graph, name);
    let value = scope.constant("initial_value", initial)?;
    make(graph, &scope, value, false)
}

/// What an optimizer keeps for each element of `primary`, such as a moment: named after it in the variable scope.
pub(crate) fn slot(primary: Variable, name: &str, initializer: VariableInitializer) -> Result<Variable> {
    let graph = primary.graph;
    let name = claim_exactly(graph, &full_name(graph, &format!("{}/{name}", primary.op().name())));
    initialized(graph, name, &primary.shape(), primary.element_type(), initializer, false)
}

/// A variable under exactly that name, with its initializer's nodes under `Initializer/`.
pub(super) fn initialized(
    graph: Graph,
    name: String,
    shape: &Shape,
    dtype: DType,
    initializer: VariableInitializer,
    trainable: bool,
) -> Result<Variable> {
    let scope = Scope { graph, name };
    let under = scope.child_name("Initializer");
    let value = super::scope::with_scope(graph, under, || initializer.build(graph, shape, dtype))?;
    make(graph, &scope, value, trainable)
}
