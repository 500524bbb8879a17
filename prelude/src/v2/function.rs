//! What is compiled of a function: it runs once on symbols, the graph that comes of it is compiled, and from then on the plan
//! runs. Variables are not copied: a plan works on their own memory. What is called instead of the function is `callable`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::operand::Operand;
use super::variable::lock;
use super::{Tensor, Variable, distribute, random};
use crate::engine::device::{Reduce, all_reduce};
use crate::engine::{Program, Request, State};
use crate::error::{Error, Result, collect};
use crate::graph::{self, Attr, Attrs, Graph, Operation, Output};
use crate::ops::{View, array, state, typed};
use crate::{Array, DType};

/// A variable inside a graph that is being traced.
struct Bound {
    variable: Variable,
    /// The variable itself, as the ops that write to it take it.
    reference: graph::Tensor,
    first_read: graph::Tensor,
    /// Its value after the updates traced so far.
    current: graph::Tensor,
    written: bool,
}

/// A function that is being traced.
pub(crate) struct Trace {
    pub graph: Graph,
    bound: RefCell<Vec<Bound>>,
    updates: RefCell<Vec<Operation>>,
}

thread_local! {
    static STACK: RefCell<Vec<Rc<Trace>>> = const { RefCell::new(Vec::new()) };
    /// Whether the function that was being traced has turned out to be none for one plan.
    static REFUSED: Cell<bool> = const { Cell::new(false) };
}

/// Gives up the function that is being traced, since no plan of one device can hold it: it will run operation by operation,
/// and what it calls that is compiled runs as it is.
#[track_caller]
pub(crate) fn refuse_trace(why: &str) -> ! {
    REFUSED.set(true);
    Error::Unimplemented(why.into()).raise()
}

/// Runs `body`, which traces and runs a function; `None` when it was [given up](refuse_trace).
pub(super) fn unless_refused<R>(body: impl FnOnce() -> Result<R>) -> Option<Result<R>> {
    REFUSED.set(false);
    let result = body();
    if result.is_err() && REFUSED.take() { None } else { Some(result) }
}

impl Trace {
    /// The innermost function that is being traced.
    pub fn active() -> Option<Rc<Trace>> {
        STACK.with_borrow(|stack| stack.last().cloned())
    }

    /// The symbol for a variable's value, inside a trace.
    pub fn read(variable: &Variable) -> Option<graph::Tensor> {
        Some(Trace::active()?.with(variable, |bound| bound.current))
    }

    /// The symbol under which a variable was read first.
    pub fn first_read(variable: &Variable) -> Option<graph::Tensor> {
        let trace = Trace::active()?;
        let bound = trace.bound.borrow();
        bound.iter().find(|b| b.variable.id() == variable.id()).map(|b| b.first_read)
    }

    /// Lets the traced function assign to a variable; `false` outside a trace.
    pub fn write(variable: &Variable, value: &Operand) -> Result<bool> {
        let Some(trace) = Trace::active() else { return Ok(false) };
        let value = trace.symbol(value, variable.dtype());
        trace.update(variable, |reference| {
            let attrs = typed("T", variable.dtype());
            reference.graph().add(&state::ASSIGN, &reference.graph().unique_name("Assign"), &[reference, value], attrs)
        })?;
        Ok(true)
    }

    /// The symbol of a value, which becomes a constant of the graph when it is none yet.
    pub fn symbol(&self, value: &Operand, dtype: DType) -> graph::Tensor {
        if let Operand::Tensor(Tensor(super::tensor::Kind::Symbolic(node))) = value {
            return *node;
        }
        let value = value.value_for(dtype).unwrap_or_else(|| value.tensor().numpy());
        graph::build(self.graph, || array::new_constant(self.graph, "Const", value.clone()))
    }

    /// Adds an operation that writes to a variable, given the variable as such operations take it.
    pub fn update(&self, variable: &Variable, op: impl FnOnce(graph::Tensor) -> Result<Operation>) -> Result<()> {
        let operation = op(self.with(variable, |bound| bound.reference))?;
        let output = operation.output(0);
        let current = graph::build(self.graph, || self.read_node(output));
        self.with(variable, |bound| (bound.reference, bound.current, bound.written) = (output, current, true));
        self.updates.borrow_mut().push(operation);
        Ok(())
    }

    /// Lets an operation without a result take part in every run.
    pub fn run_always(&self, operation: Operation) {
        self.updates.borrow_mut().push(operation);
    }

    fn read_node(&self, reference: graph::Tensor) -> Result<graph::Tensor> {
        let name = self.graph.unique_name("ReadVariableOp");
        Ok(self.graph.add(&array::IDENTITY, &name, &[reference], typed("T", reference.dtype()))?.output(0))
    }

    /// What a variable is in the graph; it comes in when it is met for the first time.
    fn with<R>(&self, variable: &Variable, body: impl FnOnce(&mut Bound) -> R) -> R {
        let mut bound = self.bound.borrow_mut();
        if let Some(known) = bound.iter_mut().find(|b| b.variable.id() == variable.id()) {
            return body(known);
        }
        let (reference, read) = graph::build(self.graph, || {
            let attrs =
                Attrs::from([("shape", Attr::Shape(variable.shape())), ("dtype", Attr::Type(variable.dtype()))]);
            let name = self.graph.unique_name("Variable");
            let reference = self.graph.add(&state::VARIABLE, &name, &[], attrs)?.output(0);
            Ok((reference, self.read_node(reference)?))
        });
        bound.push(Bound { variable: variable.clone(), reference, first_read: read, current: read, written: false });
        body(bound.last_mut().expect("it has just been pushed"))
    }
}

/// The names of a function's arguments inside its graph.
const NAMES: [&str; 4] = ["x", "y", "z", "w"];

/// Runs `body` as if no function were being traced: for the variables that a layer makes when it is called first.
pub(crate) fn outside<R>(body: impl FnOnce() -> R) -> R {
    struct Back(Vec<Rc<Trace>>);
    impl Drop for Back {
        fn drop(&mut self) {
            STACK.set(std::mem::take(&mut self.0));
        }
    }
    let _back = Back(STACK.take());
    body()
}

/// Leaves the innermost trace, also when it panics.
struct Leave;

impl Drop for Leave {
    fn drop(&mut self) {
        STACK.with_borrow_mut(Vec::pop);
    }
}

/// A traced function, compiled for inputs of fixed types and sizes.
pub(crate) struct Compiled {
    graph: Graph,
    /// `None` when some size depends on values: then the graph is interpreted.
    plan: Option<Program>,
    state: State,
    fetches: Vec<(u32, Option<u32>)>,
    pub(super) feeds: Vec<Output>,
    written: Vec<Variable>,
    /// Whether it was traced for one replica, whose copies of variables are its own.
    replica: bool,
    /// Their memory must outlive the plan.
    _read: Vec<Variable>,
}

impl Drop for Compiled {
    fn drop(&mut self) {
        self.graph.clear(false);
    }
}

impl Compiled {
    /// Traces `body` on symbols of these types and sizes and compiles what it returns, together with every assignment
    /// it makes.
    ///
    /// # Errors
    /// Whatever `body` or the compilation finds wrong.
    pub fn trace(
        inputs: &[(DType, Vec<usize>)],
        body: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>,
    ) -> Result<Compiled> {
        let graph = Graph::new();
        let trace = Rc::new(Trace { graph, bound: RefCell::default(), updates: RefCell::default() });
        STACK.with_borrow_mut(|stack| stack.push(trace.clone()));
        let leave = Leave;
        let traced = collect(|| {
            graph.as_default(|| {
                if let Some(seed) = random::global_seed() {
                    graph::set_random_seed(seed.wrapping_add(distribute::replica_index() as i64));
                }
                let placeholder = |((dtype, sizes), name): (&(DType, Vec<usize>), &&str)| {
                    array::placeholder(*dtype, sizes.clone()).named(name)
                };
                let feeds: Vec<graph::Tensor> = inputs.iter().zip(NAMES.iter().cycle()).map(placeholder).collect();
                let symbols: Vec<Tensor> = feeds.iter().map(|f| Tensor::symbolic(*f)).collect();
                let outputs = body(&symbols)?;
                let symbol = |t: &Tensor| trace.symbol(&Operand::Tensor(t.clone()), t.dtype());
                let outputs: Vec<graph::Tensor> = outputs.iter().map(symbol).collect();
                let writes = !trace.updates.borrow().is_empty();
                // A result may be a variable's own memory, which the function goes on to write to.
                let settled = |t: graph::Tensor| if writes { array::snapshot(t) } else { t };
                Ok((feeds, outputs.into_iter().map(settled).collect::<Vec<_>>()))
            })
        });
        drop(leave);
        let (feeds, outputs) = traced.and_then(|inner: Result<_>| inner)?;
        let updates = trace.updates.borrow();
        let mut fetches: Vec<(u32, Option<u32>)> = outputs.iter().map(|t| (t.node, Some(t.index))).collect();
        fetches.extend(updates.iter().map(|op| (op.node, None)));
        let mut state = State { placement: super::config::placement(), ..State::default() };
        let bound = trace.bound.borrow();
        for b in bound.iter() {
            let root = owner(graph, b.first_read);
            state.variables.share(root, b.variable.state());
        }
        let sizes: Vec<(Output, Vec<usize>)> =
            feeds.iter().zip(inputs).map(|(f, (_, sizes))| (f.output(), sizes.clone())).collect();
        let plan = Program::new(&graph.data(), &mut state, &fetches, &sizes)?;
        Ok(Compiled {
            graph,
            plan,
            state,
            fetches,
            feeds: feeds.iter().map(|f| f.output()).collect(),
            replica: distribute::is_replica(),
            written: bound.iter().filter(|b| b.written).map(|b| b.variable.clone()).collect(),
            _read: bound.iter().map(|b| b.variable.clone()).collect(),
        })
    }

    /// Runs it on these inputs and returns its results.
    ///
    /// # Errors
    /// Whatever an operation finds wrong with the values.
    pub fn run(&mut self, inputs: &[Array]) -> Result<Vec<Array>> {
        let feeds = self.feeds.iter().copied().zip(inputs.iter().cloned()).collect();
        self.written.iter().for_each(Variable::touch);
        let _guard = lock();
        self.renew()?;
        let results = match &mut self.plan {
            Some(plan) => {
                let request = Request { fetches: Vec::new(), feeds };
                plan.run(&mut self.state, &request.feeds, 1)
            }
            None => {
                let request = Request { fetches: self.fetches.clone(), feeds };
                crate::engine::interpret(&self.graph.data(), &mut self.state, &request)
            }
        }?;
        if !self.replica {
            // What is written outside of replicas all of them have.
            let copies: Vec<Vec<_>> = self.written.iter().map(|v| v.states().collect()).collect();
            all_reduce(&copies, 1, Reduce::Sum)?;
        }
        Ok(results)
    }

    /// Starts it on these inputs as a replica's work on a device, if it is that: then its results are to be
    /// [waited for](Self::end).
    ///
    /// # Errors
    /// Whatever an operation finds wrong with the values.
    pub(super) fn begin(&mut self, feeds: &[(Output, Array)]) -> Result<bool> {
        if !self.replica {
            return Ok(false);
        }
        self.written.iter().for_each(Variable::touch);
        let _guard = lock();
        self.renew()?;
        self.plan.as_mut().map_or(Ok(false), |plan| plan.begin(&mut self.state, feeds))
    }

    /// # Errors
    /// What the device says.
    pub(super) fn end(&mut self, feeds: &[(Output, Array)]) -> Result<Vec<Array>> {
        let _guard = lock();
        self.plan.as_mut().map_or(Ok(Vec::new()), |plan| plan.end(feeds))
    }

    /// Compiles it anew when its device exists no more.
    fn renew(&mut self) -> Result<()> {
        let Some(plan) = self.plan.as_ref().filter(|plan| plan.is_lost()) else { return Ok(()) };
        let sizes = (0..self.feeds.len()).map(|i| plan.input(i).shape.to_vec());
        let sizes: Vec<(Output, Vec<usize>)> = self.feeds.iter().copied().zip(sizes).collect();
        self.plan = Program::new(&self.graph.data(), &mut self.state, &self.fetches, &sizes)?;
        Ok(())
    }

    /// Where an input's value is to be put before [`start`](Self::start); `None` when there is no plan.
    pub fn input(&mut self, i: usize) -> Option<&View> {
        // What a plan without a device cannot do is said when it is run.
        _ = self.renew();
        self.plan.as_ref().map(|plan| plan.input(i))
    }

    /// Where a result lies after [`finish`](Self::finish).
    pub fn result(&self, i: usize) -> Option<&View> {
        self.plan.as_ref()?.result(i)
    }

    /// The variables that it writes to.
    pub fn written(&self) -> &[Variable] {
        &self.written
    }

    /// Starts the plan on what lies in its inputs; whoever calls holds [`lock`]. Allocates nothing.
    ///
    /// # Errors
    /// Whatever an operation finds wrong with the values.
    pub(super) fn start(&mut self) -> Result<()> {
        self.renew()?;
        self.written.iter().for_each(Variable::touch);
        match &mut self.plan {
            Some(plan) => plan.start(&mut self.state),
            None => Err(Error::Unimplemented("a function whose sizes depend on values has no plan".into())),
        }
    }

    /// Waits for the results of what was started.
    ///
    /// # Errors
    /// What the device says.
    pub(super) fn finish(&mut self) -> Result<()> {
        self.plan.as_mut().map_or(Ok(()), Program::finish)
    }
}

/// The node of the variable that a read goes back to.
fn owner(graph: Graph, read: graph::Tensor) -> u32 {
    graph.node(read.node).inputs[0].node
}
