//! Variables by name: `get_variable`, the scopes whose names they carry, and when those share what exists.

use super::scope::build;
use super::variable::{initialized, make};
use super::{Graph, IntoDType, IntoTensor, Scope, Variable, VariableInitializer, get_default_graph, initializer};
use crate::error::{Error, Result};
use crate::ops::array;
use crate::{DType, Shape};

/// Whether `get_variable` shares what exists.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Reuse {
    #[default]
    No,
    Yes,
    Auto,
    /// Not even where the scopes around it do.
    Never,
}

/// The variable scopes of a graph.
#[derive(Default)]
pub(crate) struct VariableScopes {
    /// The current ones, outermost first: name and whether existing variables are shared.
    stack: Vec<(String, Reuse)>,
    /// The full names of those that have been entered, in order.
    pub(super) entered: Vec<String>,
}

impl VariableScopes {
    /// The current scope's name, and that of `name` in it.
    fn full_name(&self, name: &str) -> String {
        let parts = self.stack.iter().map(|(n, _)| n.as_str()).chain([name]);
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
    }

    /// What counts in the current scope: its own rule, or that of the scopes around it.
    fn reuse(&self) -> Reuse {
        self.stack.iter().map(|(_, reuse)| *reuse).rfind(|reuse| *reuse != Reuse::No).unwrap_or_default()
    }

    /// `name`, or `name_1`, `name_2`, ... when a scope of that name has been entered here.
    fn fresh(&self, name: &str) -> String {
        let numbered = (1..).map(|i| format!("{name}_{i}"));
        let mut candidates = std::iter::once(name.to_owned()).chain(numbered);
        candidates.find(|candidate| !self.entered.contains(&self.full_name(candidate))).expect("numbers go on")
    }

    fn enter(&mut self, name: String, reuse: Reuse) {
        self.stack.push((name, reuse));
        let name = self.full_name("");
        if !self.entered.contains(&name) {
            self.entered.push(name);
        }
    }

    /// Leaves the current scope, in which every name is free again.
    fn leave(&mut self) {
        let inside = format!("{}/", self.full_name(""));
        self.entered.retain(|name| !name.starts_with(&inside));
        self.stack.pop();
    }
}

/// A variable asked for by name, waiting for its shape or its initial value.
#[derive(Clone)]
pub struct GetVariable {
    name: String,
    dtype: DType,
    initializer: Option<VariableInitializer>,
}

impl GetVariable {
    /// What it starts as: as asked for, else evenly distributed floats and zeros of all other types.
    fn start(&self) -> VariableInitializer {
        let own = if self.dtype.is_floating() { VariableInitializer::default() } else { initializer::zeros() };
        self.initializer.unwrap_or(own)
    }
}

/// Makes the variable of that name, or finds it where the scope shares variables: `tf.get_variable`.
///
/// The next call decides: `.shape([2, 3])`, or `.initializer(...)` with a tensor.
///
/// ```
/// use flowbook::v1 as tf;
/// let w = tf::get_variable("doc/W").shape([2, 3]).initializer(tf::zeros_initializer());
/// assert_eq!(w.name(), "doc/W:0");
/// ```
pub fn get_variable(name: &str) -> GetVariable {
    GetVariable { name: name.into(), dtype: DType::Float32, initializer: None }
}

/// What `initializer=` takes: an initializer, after which the shape must follow, or a tensor, which says it all.
pub trait Initial {
    /// What the request becomes.
    type Result;
    /// Applies the initializer to the request.
    fn apply(self, request: GetVariable) -> Self::Result;
}

impl Initial for VariableInitializer {
    type Result = GetVariable;
    fn apply(self, request: GetVariable) -> GetVariable {
        GetVariable { initializer: Some(self), ..request }
    }
}

impl<T: IntoTensor> Initial for T {
    type Result = Variable;
    #[track_caller]
    fn apply(self, request: GetVariable) -> Variable {
        let value = array::convert_to_tensor(self);
        let graph = value.graph();
        let full = full_name(graph, &request.name);
        if let Some(shared) = existing(graph, &full) {
            return shared.unwrap_or_else(|error| error.raise());
        }
        let variable = build(graph, || {
            let scope = Scope { graph, name: claim_exactly(graph, &full) };
            make(graph, &scope, value, true)
        });
        graph.data().by_get_variable.insert(full, variable);
        variable
    }
}

/// TensorFlow's text for a variable whose shape has open sizes.
const OPEN_SHAPE: &str = "The initializer passed is not valid. It should be a callable with no arguments and the shape \
    should not be provided or an instance of `tf.keras.initializers.*' and `shape` should be fully defined.";

impl GetVariable {
    /// The element type, `dtype=`.
    #[track_caller]
    pub fn with_dtype(self, dtype: impl IntoDType) -> GetVariable {
        GetVariable { dtype: dtype.into_dtype().unwrap_or_else(|error| error.raise()), ..self }
    }

    /// What it starts as, `initializer=`.
    #[track_caller]
    pub fn initializer<I: Initial>(self, initializer: I) -> I::Result {
        initializer.apply(self)
    }

    /// The shape, `shape=`; this makes the variable.
    ///
    /// # Panics
    /// `ValueError` when it exists and the scope does not share variables, or has another shape.
    #[track_caller]
    pub fn shape(self, shape: impl Into<Shape>) -> Variable {
        let shape = shape.into();
        let graph = get_default_graph();
        let full = full_name(graph, &self.name);
        match existing(graph, &full) {
            None if shape.sizes().is_none() => Error::Value(OPEN_SHAPE.into()).raise(),
            None => finish(&full, &shape, self.dtype, self.start()),
            Some(Err(error)) => error.raise(),
            Some(Ok(found)) if found.shape() != shape => Error::Value(format!(
                "Trying to share variable {full}, but specified shape {shape} and found shape {}.",
                found.shape()
            ))
            .raise(),
            Some(Ok(found)) if found.element_type() != self.dtype => Error::Value(format!(
                "Trying to share variable {full}, but specified dtype {} and found dtype {}_ref.",
                self.dtype.name(),
                found.element_type().name()
            ))
            .raise(),
            Some(Ok(found)) => found,
        }
    }
}

impl GetVariable {
    /// The variable of that name, which must exist where the scope shares variables: `tf.get_variable(name)` without more.
    ///
    /// # Panics
    /// `ValueError` when there is none, or the scope does not share variables.
    #[track_caller]
    pub fn existing(self) -> Variable {
        let graph = get_default_graph();
        let full = full_name(graph, &self.name);
        match existing(graph, &full) {
            Some(found) => found.unwrap_or_else(|error| error.raise()),
            None => Error::Value(format!(
                "Shape of a new variable ({full}) must be fully defined, but instead was <unknown>."
            ))
            .raise(),
        }
    }
}

#[track_caller]
pub(super) fn finish(full: &str, shape: &Shape, dtype: DType, initializer: VariableInitializer) -> Variable {
    let graph = get_default_graph();
    let variable = build(graph, || {
        let name = claim_exactly(graph, full);
        initialized(graph, name, shape, dtype, initializer, true)
    });
    graph.data().by_get_variable.insert(full.into(), variable);
    variable
}

/// `get_variable` names ignore name scopes.
pub(super) fn claim_exactly(graph: Graph, full: &str) -> String {
    graph.data().names.claim("", full)
}

pub(super) fn full_name(graph: Graph, name: &str) -> String {
    graph.data().variable_scopes.full_name(name)
}

/// The variable of that name under the current scope's rule for sharing; `None` means it is to be made.
fn existing(graph: Graph, full: &str) -> Option<Result<Variable>> {
    let data = graph.data();
    match (data.by_get_variable.get(full), data.variable_scopes.reuse()) {
        (Some(found), Reuse::Yes | Reuse::Auto) => Some(Ok(*found)),
        (None, Reuse::No | Reuse::Auto | Reuse::Never) => None,
        (Some(_), Reuse::No | Reuse::Never) => Some(Err(Error::Value(format!(
            "Variable {full} already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in VarScope?"
        )))),
        (None, Reuse::Yes) => Some(Err(Error::Value(format!(
            "Variable {full} does not exist, or was not created with tf.get_variable(). Did you mean to set \
             reuse=tf.AUTO_REUSE in VarScope?"
        )))),
    }
}

/// A variable scope about to be entered; see [`variable_scope`].
#[derive(Clone, Copy)]
pub struct VariableScope<'a> {
    name: &'a str,
    default_name: Option<&'a str>,
    reuse: Reuse,
}

/// A scope that prefixes the names of variables and operations: `with tf.variable_scope("s"):` is
/// `tf::variable_scope("s").run(|| ...)`, with `.reuse(true)` or `.auto_reuse()` before `run` to share variables.
pub fn variable_scope(name: &str) -> VariableScope<'_> {
    VariableScope { name, default_name: None, reuse: Reuse::No }
}

impl<'a> VariableScope<'a> {
    /// The name of a scope that has none of its own, numbered where there was one of that name:
    /// `tf.variable_scope(None, default_name="s")` is `tf::variable_scope("").default_name("s")`.
    pub fn default_name(self, name: &'a str) -> Self {
        VariableScope { default_name: Some(name), ..self }
    }

    /// Whether variables must exist already, `reuse=True`.
    pub fn reuse(self, yes: bool) -> Self {
        VariableScope { reuse: if yes { Reuse::Yes } else { Reuse::No }, ..self }
    }

    /// Whether variables are shared when they exist, `reuse=tf.AUTO_REUSE`.
    pub fn auto_reuse(self) -> Self {
        VariableScope { reuse: Reuse::Auto, ..self }
    }

    /// Shares nothing, also where the scopes around it do.
    pub(crate) fn unshared(self) -> Self {
        VariableScope { reuse: Reuse::Never, ..self }
    }

    /// Runs `body` in the scope.
    ///
    /// # Panics
    /// `ValueError` when it is not a valid name of a scope.
    #[track_caller]
    pub fn run<R>(self, body: impl FnOnce() -> R) -> R {
        struct Leave(Graph);
        impl Drop for Leave {
            fn drop(&mut self) {
                self.0.data().variable_scopes.leave();
            }
        }
        let graph = get_default_graph();
        let default_name = self.default_name.filter(|_| self.name.is_empty());
        let name = match default_name {
            Some(name) => graph.data().variable_scopes.fresh(name),
            None => self.name.to_owned(),
        };
        graph.data().variable_scopes.enter(name, self.reuse);
        let _leave = Leave(graph);
        super::name_scope(default_name.unwrap_or(self.name), body)
    }
}

/// The variable scope that a program is in; see [`get_variable_scope`].
#[derive(Clone, Copy, Debug)]
pub struct CurrentScope(Graph);

/// The variable scope that the program is in, the top one outside of all: `tf.get_variable_scope()`.
///
/// ```
/// use flowbook::v1 as tf;
/// let (v, w) = tf::variable_scope("doc_current").run(|| {
///     let v = tf::get_variable("v").shape([2]);
///     tf::get_variable_scope().reuse_variables();
///     (v, tf::get_variable("v").shape([2]))
/// });
/// assert!(v == w);
/// ```
pub fn get_variable_scope() -> CurrentScope {
    CurrentScope(get_default_graph())
}

impl CurrentScope {
    /// Its full name, `"a/b"`; `""` at the top.
    pub fn name(self) -> String {
        self.0.data().variable_scopes.full_name("")
    }

    /// Whether variables are shared in it.
    pub fn reuse(self) -> bool {
        matches!(self.0.data().variable_scopes.reuse(), Reuse::Yes | Reuse::Auto)
    }

    /// Shares variables from here on until the scope is left, which must exist: `scope.reuse_variables()`.
    pub fn reuse_variables(self) {
        let mut data = self.0.data();
        let stack = &mut data.variable_scopes.stack;
        match stack.last_mut() {
            Some((_, reuse)) => *reuse = Reuse::Yes,
            None => stack.push((String::new(), Reuse::Yes)),
        }
    }
}
