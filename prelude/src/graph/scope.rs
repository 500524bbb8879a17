//! Building: name scopes, and the bracket around one public call that lets `.named` rename
//! and a setter such as `.axis` replace what the call has just built.

use std::ops::Deref;
use std::sync::Arc;

use super::{Attrs, Graph, Mark, Operand, Operation, Tensor, get_default_graph};
use crate::error::{Error, Result};
use crate::ops::OpDef;
use crate::{Array, graph::Attr};

/// Runs `body` with every new operation named under `name`: `with tf.name_scope("layer1"):`.
///
/// A name that ends in a slash re-enters that scope; an empty one goes back to the top.
///
/// # Panics
/// `ValueError` when it is not a valid name of a scope.
#[track_caller]
pub fn name_scope<R>(name: &str, body: impl FnOnce() -> R) -> R {
    let graph = get_default_graph();
    let top = graph.data().scope.is_empty();
    if let Err(error) = check_scope(name, top) {
        error.raise();
    }
    let inner = match name.strip_suffix('/') {
        Some(again) => again.to_owned(),
        None if name.is_empty() => String::new(),
        None => graph.unique_name(name),
    };
    with_scope(graph, inner, body)
}

/// Undoes a change of the graph's building state, also when the body panics.
pub(super) struct Restore<F: FnMut(Graph)>(pub Graph, pub F);

impl<F: FnMut(Graph)> Drop for Restore<F> {
    fn drop(&mut self) {
        (self.1)(self.0);
    }
}

pub(super) fn with_scope<R>(graph: Graph, scope: String, body: impl FnOnce() -> R) -> R {
    let mut outer = std::mem::replace(&mut graph.data().scope, scope);
    let _restore = Restore(graph, move |g| g.data().scope = std::mem::take(&mut outer));
    body()
}

/// Brackets one public call: what it builds can be renamed or rebuilt as a whole, and is taken back when it fails.
#[track_caller]
pub(crate) fn build<R>(graph: Graph, body: impl FnOnce() -> Result<R>) -> R {
    {
        let mut data = graph.data();
        data.depth += 1;
        if data.depth == 1 {
            data.names.claims.clear();
            data.start = data.mark();
            data.serial += 1;
        }
    }
    let depth = Restore(graph, |g| g.data().depth -= 1);
    let built = body();
    drop(depth);
    match built {
        Ok(value) => value,
        Err(error) => {
            if graph.data().depth == 0 {
                graph.take_back();
            }
            error.raise()
        }
    }
}

impl super::GraphData {
    fn mark(&self) -> Mark {
        Mark {
            nodes: self.nodes.len(),
            seeded_ops: self.seeded_ops,
            variables: self.variables.len(),
            trainable: self.trainable.len(),
            entered: self.variable_scopes.entered.len(),
        }
    }
}

impl Graph {
    /// A unique name in the current scope.
    pub(crate) fn unique_name(self, name: &str) -> String {
        let mut data = self.data();
        let scope = data.scope.clone();
        let wanted = if scope.is_empty() { name.to_owned() } else { format!("{scope}/{name}") };
        data.names.claim(&scope, &wanted)
    }

    /// Whether `node` was built by the last outermost call.
    /// The name scope that operations are built in, `""` at the top: `graph.get_name_scope()`.
    ///
    /// ```
    /// use flowbook::v1 as tf;
    /// let inner = || tf::name_scope("inner", || tf::get_default_graph().get_name_scope());
    /// assert_eq!(tf::name_scope("outer", inner), "outer/inner");
    /// ```
    pub fn get_name_scope(self) -> String {
        self.data().scope.clone()
    }

    pub(crate) fn is_last_built(self, node: u32) -> bool {
        let data = self.data();
        data.depth == 0 && node as usize >= data.start.nodes && !data.names.claims.is_empty()
    }

    /// Lets what was built so far be: it has run, so that no setter may replace it any more.
    pub(crate) fn seal(self) {
        let mut data = self.data();
        data.names.claims.clear();
        data.start = data.mark();
    }

    /// What a call was given for this tensor: a literal, where its constant was built with the call.
    fn as_given(self, tensor: Tensor) -> Operand {
        let node = self.node(tensor.node);
        match node.value() {
            Some(value) if self.is_last_built(tensor.node) => Operand::Literal(value.clone(), value.dtype()),
            _ => Operand::Tensor(tensor),
        }
    }

    /// Takes back what the last outermost call built.
    pub(crate) fn take_back(self) {
        let mut data = self.data();
        let start = data.start;
        for node in data.nodes.split_off(start.nodes) {
            data.by_name.remove(&node.name);
        }
        data.names.roll_back();
        data.control.iter_mut().for_each(|controller| controller.forget(start.nodes));
        data.branches.iter_mut().for_each(|context| context.forget(start.nodes));
        data.seeded_ops = start.seeded_ops;
        data.variables.truncate(start.variables);
        data.trainable.truncate(start.trainable);
        data.variable_scopes.entered.truncate(start.entered);
        data.locals.retain(|v| (v.node as usize) < start.nodes);
        data.slots.retain(|slot| (slot.variable.node as usize) < start.nodes);
        data.by_get_variable.retain(|_, v| (v.node as usize) < start.nodes);
        data.collections.values_mut().for_each(|tensors| tensors.retain(|t| (t.node as usize) < start.nodes));
    }

    /// Renames a node and what is named under it.
    #[track_caller]
    pub(crate) fn rename(self, node: u32, name: &str) {
        let top = self.data().scope.is_empty();
        if let Err(error) = check_name(name, top) {
            error.raise();
        }
        let last = self.is_last_built(node);
        let old = if last { self.call_name(node) } else { self.node(node).name.clone() };
        let mut fresh = if last { self.replay(&old, name) } else { vec![] };
        let given = fresh.iter().find(|(before, _)| *before == old).map(|(_, after)| after.clone());
        if let (Some(given), "MergeSummary") = (given, self.node(node).def.name) {
            // `tf.summary.merge` gives its scope and the op in it one name.
            fresh.push((self.node(node).name.clone(), format!("{given}/{name}")));
        }
        let mut data = self.data();
        let fresh = if fresh.is_empty() {
            let scope = old.rsplit_once('/').map_or("", |(scope, _)| scope).to_owned();
            let wanted = if scope.is_empty() { name.to_owned() } else { format!("{scope}/{name}") };
            let given = data.names.claim(&scope, &wanted);
            vec![(old.clone(), given)]
        } else {
            fresh
        };
        let count = data.nodes.len();
        let first = if data.start.nodes <= node as usize { data.start.nodes } else { 0 };
        for id in first..count {
            let current = data.nodes[id].name.clone();
            let Some(new) = renamed(&current, &fresh) else { continue };
            data.by_name.remove(&current);
            data.by_name.insert(new.clone(), id as u32);
            Arc::make_mut(&mut data.nodes[id]).name = new;
        }
        Arc::make_mut(&mut data.nodes[node as usize]).user_name = Some(name.to_owned());
        let old_class = format!("loc:@{old}");
        let new_class = format!("loc:@{}", data.nodes[node as usize].name);
        for id in first..count {
            let colocated = matches!(data.nodes[id].attrs.get("_class"), Some(Attr::Strs(v)) if v[0] == old_class);
            if colocated {
                Arc::make_mut(&mut data.nodes[id]).attrs.insert("_class", Attr::Strs(vec![new_class.clone()]));
            }
        }
    }

    /// The name of the last call, which built `node`: the node's own, or that of the scope which the call put it in.
    fn call_name(self, node: u32) -> String {
        let data = self.data();
        let own = &data.nodes[node as usize].name;
        let around = |given: &&String| own.strip_prefix(given.as_str()).is_some_and(|rest| rest.starts_with('/'));
        let outermost = data.names.claims.iter().map(|c| &c.given).filter(around).min_by_key(|given| given.len());
        outermost.unwrap_or(own).clone()
    }

    /// Claims the last call's names again with `old` replaced by `name`; returns what became of each.
    fn replay(self, old: &str, name: &str) -> Vec<(String, String)> {
        let mut data = self.data();
        let claims = data.names.roll_back();
        let mut fresh: Vec<(String, String)> = Vec::new();
        for claim in claims {
            let wanted = if claim.given == old {
                if claim.scope.is_empty() { name.to_owned() } else { format!("{}/{name}", claim.scope) }
            } else {
                renamed(&claim.wanted, &fresh).unwrap_or(claim.wanted)
            };
            let scope = renamed(&claim.scope, &fresh).unwrap_or(claim.scope);
            let given = data.names.claim(&scope, &wanted);
            fresh.push((claim.given, given));
        }
        fresh
    }
}

/// The new form of `name` when it, or the scope it is in, was renamed: the longest match counts.
fn renamed(name: &str, fresh: &[(String, String)]) -> Option<String> {
    let (old, new) = fresh
        .iter()
        .filter(|(old, _)| name.strip_prefix(old.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
        .max_by_key(|(old, _)| old.len())?;
    Some(format!("{new}{}", &name[old.len()..]))
}

/// Whether a name is made of what TensorFlow takes in names, and begins as names do when that is asked.
fn is_name(name: &str, first: bool) -> bool {
    let begins = |c: char| c.is_ascii_alphanumeric() || c == '.';
    let goes_on = |c: char| begins(c) || matches!(c, '_' | '\\' | '/' | '>' | '-');
    name.chars().all(goes_on) && (!first || name.starts_with(begins))
}

/// What a name of a scope has to be, at the top and in another scope.
fn check_scope(name: &str, top: bool) -> Result<()> {
    if name.is_empty() || is_name(name, top) {
        return Ok(());
    }
    let (a_name, first) = if top { ("root scope name", "[A-Za-z0-9.]") } else { ("scope name", "") };
    Err(Error::Value(format!(
        "'{name}' is not a valid {a_name}. A {a_name} has to match the following pattern: \
         ^{first}[A-Za-z0-9_.\\\\/>-]*$"
    )))
}

/// What a name of a node has to be: at the top it must begin as names do, in a scope the scope's name does.
fn check_name(name: &str, top: bool) -> Result<()> {
    if !name.is_empty() && is_name(name, top) {
        return Ok(());
    }
    Err(Error::Value(format!(
        "`{name}` is not a valid node name. Accepted names conform to Regex \
         /re.compile('^[A-Za-z0-9.][A-Za-z0-9_.\\\\\\\\/>-]*$')/"
    )))
}

/// The names of one op under construction: the op's own, and those of the constants made for it.
pub(crate) struct Scope {
    pub graph: Graph,
    pub name: String,
}

impl Scope {
    pub fn open(graph: Graph, default_name: &str) -> Scope {
        Scope { graph, name: graph.unique_name(default_name) }
    }

    /// Adds the op itself.
    pub fn op(&self, def: &'static OpDef, inputs: &[Tensor], attrs: Attrs) -> Result<Operation> {
        self.graph.add(def, &self.name, inputs, attrs)
    }

    /// Adds an op named under this one.
    pub fn child(&self, def: &'static OpDef, name: &str, inputs: &[Tensor], attrs: Attrs) -> Result<Operation> {
        let name = self.child_name(name);
        self.graph.add(def, &name, inputs, attrs)
    }

    /// Adds a constant named under this op, such as `sub/x`.
    pub fn constant(&self, name: &str, value: Array) -> Result<Tensor> {
        Ok(self.child(&crate::ops::array::CONST, name, &[], crate::ops::array::const_attrs(value))?.output(0))
    }

    pub fn child_name(&self, name: &str) -> String {
        let wanted = format!("{}/{name}", self.name);
        self.graph.data().names.claim(&self.name, &wanted)
    }

    /// Runs `body` with this op's name as the name scope.
    pub fn enter<R>(&self, body: impl FnOnce() -> R) -> R {
        with_scope(self.graph, self.name.clone(), body)
    }
}

/// The arguments of a call whose setters build it anew.
pub(crate) trait Rebuild: Copy {
    fn rebuild(self) -> Tensor;

    /// The tensors among the arguments that may have been built with the call, from literals.
    fn operands(&self) -> Vec<Tensor> {
        Vec::new()
    }

    /// Takes note of what was built: tensors of literals may be others now.
    fn built(&mut self, _: Tensor) {}

    /// The call under a name that decides more than what its nodes are called.
    fn named(self, _: &str) -> Option<Self> {
        None
    }

    /// As [`rebuild`](Self::rebuild), with these in the place of [`operands`](Self::operands).
    fn rebuild_from(self, _: &[Operand]) -> Tensor {
        self.rebuild()
    }
}

/// A tensor just built, with setters for its optional arguments. It is a [`Tensor`] in every other respect.
#[derive(Clone, Copy)]
pub struct Built<K> {
    pub(crate) arguments: K,
    pub(crate) tensor: Tensor,
}

#[expect(private_bounds, reason = "the set of builders is closed")]
impl<K: Rebuild> Built<K> {
    #[track_caller]
    pub(crate) fn new(arguments: K) -> Built<K> {
        Built { arguments, tensor: arguments.rebuild() }
    }

    /// Builds the call anew with other arguments, under the name it was given.
    #[track_caller]
    pub(crate) fn with(self, change: impl FnOnce(&mut K)) -> Built<K> {
        let graph = self.tensor.graph;
        let name = graph.node(self.tensor.node).user_name.clone();
        let mut arguments = self.arguments;
        let operands: Vec<Operand> = arguments.operands().into_iter().map(|x| graph.as_given(x)).collect();
        if graph.is_last_built(self.tensor.node) {
            graph.take_back();
        }
        change(&mut arguments);
        let tensor = graph.as_default(|| arguments.rebuild_from(&operands));
        arguments.built(tensor);
        let built = Built { arguments, tensor };
        match name {
            Some(name) => built.named(&name),
            None => built,
        }
    }

    /// Gives it the name TensorFlow gives it for `name=`.
    #[track_caller]
    pub fn named(self, name: &str) -> Built<K> {
        if let Some(arguments) = self.arguments.named(name) {
            return self.with(|old| *old = arguments);
        }
        self.tensor.graph.rename(self.tensor.node, name);
        self
    }
}

impl<K> Deref for Built<K> {
    type Target = Tensor;
    fn deref(&self) -> &Tensor {
        &self.tensor
    }
}

impl<K> std::fmt::Display for Built<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        self.tensor.fmt(f)
    }
}

impl<K> std::fmt::Debug for Built<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        self.tensor.fmt(f)
    }
}

impl<K> From<Built<K>> for Tensor {
    fn from(built: Built<K>) -> Tensor {
        built.tensor
    }
}
