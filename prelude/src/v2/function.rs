//! `tf.function`: runs a function once on symbols, compiles the graph that comes of it, and from then on runs the plan.
//! Variables are not copied: a plan works on their own memory.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::operand::Operand;
use super::tape::recording_now;
use super::variable::lock;
use super::{Gradient, Tensor, Variable, distribute, random};
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
    feeds: Vec<Output>,
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

/// What a traced function may return: tensors, and tuples, vectors and arrays of them, or nothing.
pub trait Outputs: Sized {
    #[doc(hidden)]
    fn flatten(&self, list: &mut Vec<Tensor>);
    #[doc(hidden)]
    fn rebuild(&self, values: &mut std::vec::IntoIter<Tensor>) -> Self;
}

impl Outputs for () {
    fn flatten(&self, _: &mut Vec<Tensor>) {}
    fn rebuild(&self, _: &mut std::vec::IntoIter<Tensor>) {}
}

impl Outputs for Tensor {
    fn flatten(&self, list: &mut Vec<Tensor>) {
        list.push(self.clone());
    }
    fn rebuild(&self, values: &mut std::vec::IntoIter<Tensor>) -> Tensor {
        values.next().unwrap_or_else(|| self.clone())
    }
}

impl Outputs for Gradient {
    fn flatten(&self, list: &mut Vec<Tensor>) {
        list.extend(self.0.clone());
    }
    fn rebuild(&self, values: &mut std::vec::IntoIter<Tensor>) -> Gradient {
        Gradient(self.0.as_ref().and_then(|_| values.next()))
    }
}

impl<T: Outputs> Outputs for Vec<T> {
    fn flatten(&self, list: &mut Vec<Tensor>) {
        self.iter().for_each(|t| t.flatten(list));
    }
    fn rebuild(&self, values: &mut std::vec::IntoIter<Tensor>) -> Vec<T> {
        self.iter().map(|t| t.rebuild(values)).collect()
    }
}

impl<T: Outputs, const N: usize> Outputs for [T; N] {
    fn flatten(&self, list: &mut Vec<Tensor>) {
        self.iter().for_each(|t| t.flatten(list));
    }
    fn rebuild(&self, values: &mut std::vec::IntoIter<Tensor>) -> [T; N] {
        std::array::from_fn(|i| self[i].rebuild(values))
    }
}

macro_rules! tuples {
    ($($($T:ident $i:tt),+;)*) => { $(
        impl<$($T: Outputs),+> Outputs for ($($T,)+) {
            fn flatten(&self, list: &mut Vec<Tensor>) {
                $(self.$i.flatten(list);)+
            }
            fn rebuild(&self, values: &mut std::vec::IntoIter<Tensor>) -> Self {
                ($(self.$i.rebuild(values),)+)
            }
        }
    )* };
}
tuples! { A 0, B 1; A 0, B 1, C 2; A 0, B 1, C 2, D 3; }

/// The replica a form is for, and types and sizes of the arguments.
type Signature = (usize, Vec<(DType, Vec<usize>)>);

/// The compiled forms of one function, by signature.
struct Cache<R> {
    forms: RefCell<Vec<(Signature, Compiled, R)>>,
    /// Whether it is none for a plan and runs operation by operation.
    refused: Cell<bool>,
}

impl<R> Cache<R> {
    fn new() -> Cache<R> {
        Cache { forms: RefCell::default(), refused: Cell::new(false) }
    }
}

impl<R: Outputs> Cache<R> {
    #[track_caller]
    fn call(&self, arguments: &[&Tensor], f: &dyn Fn(&[Tensor]) -> R) -> R {
        let owned: Vec<Tensor> = arguments.iter().map(|t| (*t).clone()).collect();
        // A tape looks into the function, and so does a trace: both see its operations one by one.
        if recording_now() || Trace::active().is_some() || self.refused.get() {
            return f(&owned);
        }
        REFUSED.set(false);
        match self.run(&owned, f) {
            Ok(result) => result,
            Err(_) if REFUSED.take() => {
                self.refused.set(true);
                f(&owned)
            }
            Err(error) => error.raise(),
        }
    }

    fn run(&self, arguments: &[Tensor], f: &dyn Fn(&[Tensor]) -> R) -> Result<R> {
        let values: Vec<Array> = arguments.iter().map(Tensor::numpy).collect();
        let sizes = values.iter().map(|v| (v.dtype(), v.shape().to_vec())).collect();
        let signature: Signature = (distribute::replica_index(), sizes);
        let mut forms = self.forms.borrow_mut();
        let known = forms.iter().position(|(s, ..)| *s == signature);
        let at = match known {
            Some(at) => at,
            None => {
                let mut form = None;
                let compiled = Compiled::trace(&signature.1, |symbols| {
                    let result = f(symbols);
                    let mut list = Vec::new();
                    result.flatten(&mut list);
                    form = Some(result);
                    Ok(list)
                })?;
                let Some(form) = form else { return Err(Error::Runtime("the function was not traced".into())) };
                forms.push((signature, compiled, form));
                forms.len() - 1
            }
        };
        let (_, compiled, form) = &mut forms[at];
        let results: Vec<Tensor> = compiled.run(&values)?.into_iter().map(Tensor::eager).collect();
        Ok(form.rebuild(&mut results.into_iter()))
    }
}

/// Marks a parameter that takes its tensor by value.
#[doc(hidden)]
pub struct ByValue<T>(std::marker::PhantomData<T>);

/// A function that [`function`] can compile: of up to four tensors, all by reference or all by value.
pub trait Traceable<Arguments> {
    /// The compiled function, to be called like the original.
    type Callable;
    #[doc(hidden)]
    fn compile(self) -> Self::Callable;
}

macro_rules! traceable {
    ($(($($argument:ident: $t:ty),*);)*) => { $(
        impl<F, R> Traceable<($($t,)*)> for F
        where
            F: Fn($(&$t),*) -> R + 'static,
            R: Outputs + 'static,
        {
            type Callable = Box<dyn Fn($(&$t),*) -> R>;

            fn compile(self) -> Self::Callable {
                let cache = Cache::new();
                Box::new(move |$($argument: &$t),*| {
                    cache.call(&[$($argument),*], &|arguments| {
                        let mut _arguments = arguments.iter();
                        $(let $argument = _arguments.next().expect("as many arguments as parameters");)*
                        self($($argument),*)
                    })
                })
            }
        }
    )* };
}
macro_rules! traceable_by_value {
    ($(($($argument:ident: $t:ty),*);)*) => { $(
        impl<F, R> Traceable<($(ByValue<$t>,)*)> for F
        where
            F: Fn($($t),*) -> R + 'static,
            R: Outputs + 'static,
        {
            type Callable = Box<dyn Fn($($t),*) -> R>;

            fn compile(self) -> Self::Callable {
                let cache = Cache::new();
                Box::new(move |$($argument: $t),*| {
                    cache.call(&[$(&$argument),*], &|arguments| {
                        let mut arguments = arguments.iter().cloned();
                        $(let $argument = arguments.next().expect("as many arguments as parameters");)*
                        self($($argument),*)
                    })
                })
            }
        }
    )* };
}
traceable! {
    ();
    (a: Tensor);
    (a: Tensor, b: Tensor);
    (a: Tensor, b: Tensor, c: Tensor);
    (a: Tensor, b: Tensor, c: Tensor, d: Tensor);
}
traceable_by_value! {
    (a: Tensor);
    (a: Tensor, b: Tensor);
    (a: Tensor, b: Tensor, c: Tensor);
    (a: Tensor, b: Tensor, c: Tensor, d: Tensor);
}

/// A function that is traced once for each combination of element types and shapes, compiled, and then run as a whole:
/// `@tf.function`. Call what it returns like the function itself.
///
/// What the function does besides computing tensors, such as printing, happens while it is traced only. A function that
/// spreads work over several replicas is no plan of one device: it runs operation by operation, and compiled functions that
/// it calls for each replica run as they are.
///
/// ```
/// use flowbook::v2 as tf;
/// let f = tf::function(|x: &tf::Tensor| x * x + 1.0);
/// assert_eq!(f(&tf::constant([1.0, 2.0])).to_string(), "tf.Tensor([2. 5.], shape=(2,), dtype=float32)");
/// let g = tf::function(|x: tf::Tensor, y: tf::Tensor| x - y);
/// assert_eq!(g(tf::constant(3).into(), tf::constant(1).into()).to_string(), "tf.Tensor(2, shape=(), dtype=int32)");
/// ```
pub fn function<Arguments, F: Traceable<Arguments>>(f: F) -> F::Callable {
    f.compile()
}
