//! Sessions: fetches, feeds, the cache of plans, and the values of variables.

mod callable;
mod config;
mod feed;
mod fetch;

use std::cell::RefCell;
use std::fmt;
use std::sync::{Mutex, MutexGuard};

pub use callable::{Callable, FeedList};
pub use config::ConfigProto;
pub(crate) use feed::python_list;
pub use feed::{FeedKey, FeedValue, Feeds, Key};
pub use fetch::{Fetch, NoneType};

use crate::Array;
use crate::engine::{Program, Request, State};
use crate::error::{Error, Result};
use crate::graph::{Graph, Operation, Output, Tensor, Variable, get_default_graph};

/// The plan of one kind of run: the same fetches, the same feeds, the same shapes.
struct Cached {
    fetches: Vec<(u32, Option<u32>)>,
    /// Each with its shape, and whether it is of strings, which convert to nothing else.
    feeds: Vec<(Output, Box<[usize]>, bool)>,
    plan: Option<Program>,
}

impl Cached {
    fn serves(&self, request: &Request) -> bool {
        self.fetches == request.fetches
            && self.feeds.len() == request.feeds.len()
            && self
                .feeds
                .iter()
                .zip(&request.feeds)
                .all(|((o, s, text), (p, a))| o == p && **s == *a.shape() && *text == is_text(a))
    }

    /// Whether the plan's device exists no more.
    fn is_lost(&self) -> bool {
        self.plan.as_ref().is_some_and(Program::is_lost)
    }
}

fn is_text(array: &Array) -> bool {
    array.dtype() == crate::DType::String
}

struct SessionData {
    graph: Graph,
    plans: Vec<Cached>,
    recent: usize,
    state: State,
    /// The list of the last run's fetches, for its memory.
    fetches: Vec<(u32, Option<u32>)>,
    closed: bool,
}

/// A session: `tf.Session()`. A `Copy` handle, so that it survives from one notebook cell to the next.
///
/// ```
/// use flowbook::v1 as tf;
/// # fn main() -> flowbook::Result<()> {
/// let c = tf::add(2, 3);
/// let sess = tf::Session::new();
/// assert_eq!(sess.run(c)?.as_slice::<i32>(), Some(&[5][..]));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct Session(&'static Mutex<SessionData>);

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "<tensorflow.python.client.session.Session object at {:p}>", self.0)
    }
}

impl Default for Session {
    fn default() -> Session {
        Session::new()
    }
}

thread_local! {
    static DEFAULT: RefCell<Vec<Session>> = const { RefCell::new(Vec::new()) };
}

/// The session of [`InteractiveSession`] in other threads than the one that opened it.
static INTERACTIVE: Mutex<Option<Session>> = Mutex::new(None);

/// The session that `eval` uses.
fn default_session() -> Option<Session> {
    let inner = DEFAULT.with_borrow(|s| s.last().copied());
    inner.or_else(|| *INTERACTIVE.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
}

/// Runs with `sess` as the default session and closes it afterwards: `with tf.Session() as sess:`.
pub fn with_session<R>(body: impl FnOnce(Session) -> R) -> R {
    struct Close(Session);
    impl Drop for Close {
        fn drop(&mut self) {
            self.0.close();
        }
    }
    let session = Session::new();
    let _close = Close(session);
    session.as_default(|| body(session))
}

impl Session {
    /// Opens a session on the default graph.
    pub fn new() -> Session {
        Session::with_graph(get_default_graph())
    }

    /// Opens a session on a graph: `tf.Session(graph=g)`.
    pub fn with_graph(graph: Graph) -> Session {
        let data = SessionData {
            graph,
            plans: Vec::new(),
            recent: 0,
            state: State::default(),
            fetches: Vec::new(),
            closed: false,
        };
        Session(Box::leak(Box::new(Mutex::new(data))))
    }

    /// Opens a session on the default graph that chooses devices as `config` says: `tf.Session(config=config)`.
    ///
    /// ```
    /// use flowbook::v1 as tf;
    /// # fn main() -> flowbook::Result<()> {
    /// let c = tf::device("/gpu:0", || tf::add([1.0, 2.0], [3.0, 4.0]));
    /// let sess = tf::Session::with_config(tf::ConfigProto::new().allow_soft_placement(true));
    /// assert_eq!(sess.run(c)?.to_string(), "[4. 6.]");
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_config(config: ConfigProto) -> Session {
        let session = Session::new();
        session.data().state.placement = config.placement();
        session
    }

    fn data(self) -> MutexGuard<'static, SessionData> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The graph it runs.
    pub fn graph(self) -> Graph {
        self.data().graph
    }

    /// Closes it and frees what it holds. A closed session runs nothing any more.
    pub fn close(self) {
        let mut data = self.data();
        data.closed = true;
        data.plans = Vec::new();
        data.state = State { placement: data.state.placement.clone(), ..State::default() };
    }

    /// Runs `body` with this session as the one that `eval` uses: `with sess.as_default():`.
    pub fn as_default<R>(self, body: impl FnOnce() -> R) -> R {
        struct Pop;
        impl Drop for Pop {
            fn drop(&mut self) {
                DEFAULT.with_borrow_mut(|s| s.pop());
            }
        }
        DEFAULT.with_borrow_mut(|s| s.push(self));
        let _pop = Pop;
        body()
    }

    /// Gives a variable a value from outside the graph, which must have its shape and element type.
    pub(crate) fn load(self, variable: Variable, value: &Array) -> Result<()> {
        let (node, dtype, shape) = (variable.op().node, variable.dtype(), variable.shape());
        let mut data = self.data();
        if data.closed {
            return Err(Error::Runtime("Attempted to use a closed Session.".into()));
        }
        if data.graph != variable.graph() {
            return Err(Error::Value(format!("{variable} is not an element of this graph.")));
        }
        let state = data.state.variables.state(node, dtype, &shape);
        state.storage.written_on_host();
        state.view.copy_from(&crate::ops::View::of(value));
        state.initialized = true;
        Ok(())
    }

    /// Computes the fetches: `sess.run(fetches)`. A tensor gives an [`Array`], an operation [`NoneType`], tuples,
    /// vectors, arrays and dictionaries of fetches give the same of their values.
    ///
    /// # Errors
    /// `FailedPreconditionError` for an uninitialised variable, `InvalidArgumentError` for a placeholder without a
    /// value or values that do not fit, `RuntimeError` after `close`.
    pub fn run<F: Fetch>(self, fetches: F) -> Result<F::Value> {
        self.run_with(fetches, Feeds::default())
    }

    /// Computes the fetches with values for placeholders: `sess.run(fetches, feed_dict={...})`.
    ///
    /// ```
    /// use flowbook::{feed, v1 as tf};
    /// # fn main() -> flowbook::Result<()> {
    /// let a = tf::placeholder(tf::float32, None);
    /// let b = tf::placeholder(tf::float32, None);
    /// let y = tf::Session::new().run_with(a * b, feed! { a => 3, b => 3 })?;
    /// assert_eq!(y.as_slice::<f32>(), Some(&[9.0][..]));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`run`](Self::run), and `ValueError` for a value of another shape than the placeholder's.
    pub fn run_with<F: Fetch>(self, fetches: F, feeds: Feeds) -> Result<F::Value> {
        self.run_times(&fetches, feeds, 1)
    }

    /// Runs the same fetches with the same feeds `times` times and returns the values of the last time.
    fn run_times<F: Fetch>(self, fetches: &F, mut feeds: Feeds, times: usize) -> Result<F::Value> {
        let mut guard = self.data();
        let data = &mut *guard;
        if data.closed {
            return Err(Error::Runtime("Attempted to use a closed Session.".into()));
        }
        feeds.resolve(data.graph)?;
        let mut request = Request { fetches: std::mem::take(&mut data.fetches), feeds: feeds.entries };
        request.fetches.clear();
        if let Err(error) = fetches.request(data.graph, &mut request) {
            return Err(data.empty_graph().unwrap_or(error));
        }
        let mut values = data.execute(&request, times)?.into_iter();
        data.fetches = request.fetches;
        Ok(fetches.value(&mut values))
    }
}

impl SessionData {
    /// Runs a request with its cached plan, or makes the plan first. Returns the fetched tensors' values.
    fn execute(&mut self, request: &Request, times: usize) -> Result<Vec<Array>> {
        let found = match self.plans.get(self.recent) {
            Some(cached) if cached.serves(request) => Some(self.recent),
            _ => self.plans.iter().position(|cached| cached.serves(request)),
        };
        self.recent = match found {
            Some(i) if !self.plans[i].is_lost() => i,
            _ => {
                self.plans.retain(|cached| !cached.is_lost());
                self.prepare(request)?
            }
        };
        if let Some(plan) = &mut self.plans[self.recent].plan {
            return plan.run(&mut self.state, &request.feeds, times);
        }
        for _ in 1..times {
            self.interpret(request)?;
        }
        self.interpret(request)
    }

    /// The error of running a graph without operations.
    fn empty_graph(&self) -> Option<Error> {
        let text = "The Session graph is empty. Add operations to the graph before calling run().";
        self.graph.data().nodes.is_empty().then(|| Error::Runtime(text.into()))
    }

    /// Checks a new kind of request and compiles it.
    fn prepare(&mut self, request: &Request) -> Result<usize> {
        self.graph.seal();
        if let Some(error) = self.empty_graph() {
            return Err(error);
        }
        let data = self.graph.data();
        for (output, array) in &request.feeds {
            let (dtype, shape) = data.signature(*output);
            feed::check(&data.fed_name(*output), output.index, dtype, &shape, array)?;
        }
        let feeds: Vec<(Output, Vec<usize>)> = request.feeds.iter().map(|(o, a)| (*o, a.shape().to_vec())).collect();
        if let Some((node, _)) = request.fetches.iter().find(|(node, _)| !data.nodes[*node as usize].fetchable) {
            let name = &data.nodes[*node as usize].name;
            return Err(Error::Value(format!(
                "Operation {name} has been marked as not fetchable. Typically this happens when it is defined in another \
                 function or code block. Use return values, explicit Python locals or TensorFlow collections to access it."
            )));
        }
        let plan = Program::new(&data, &mut self.state, &request.fetches, &feeds)?;
        let texts = request.feeds.iter().map(|(_, a)| is_text(a));
        let shapes = feeds.into_iter().zip(texts).map(|((o, s), text)| (o, s.into(), text)).collect();
        self.plans.push(Cached { fetches: request.fetches.clone(), feeds: shapes, plan });
        Ok(self.plans.len() - 1)
    }

    /// Runs a request whose sizes depend on values.
    fn interpret(&mut self, request: &Request) -> Result<Vec<Array>> {
        let data = self.graph.data();
        crate::engine::interpret(&data, &mut self.state, request)
    }
}

/// A session that is the default one for `eval` as soon as it is opened: `tf.InteractiveSession()`.
#[derive(Clone, Copy, Debug)]
pub struct InteractiveSession(Session);

impl InteractiveSession {
    /// Opens it on the default graph.
    #[expect(clippy::new_without_default, reason = "opening changes what `eval` uses, which a default should not")]
    pub fn new() -> InteractiveSession {
        let session = Session::new();
        DEFAULT.with_borrow_mut(|s| s.push(session));
        *INTERACTIVE.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(session);
        InteractiveSession(session)
    }

    /// Opens it so that it chooses devices as `config` says: `tf.InteractiveSession(config=config)`.
    pub fn with_config(config: ConfigProto) -> InteractiveSession {
        let session = InteractiveSession::new();
        session.0.data().state.placement = config.placement();
        session
    }

    /// Closes it, and it is the default one no more.
    pub fn close(self) {
        self.0.close();
        DEFAULT.with_borrow_mut(|s| s.retain(|d| !std::ptr::eq(d.0, self.0.0)));
        let mut interactive = INTERACTIVE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *interactive = interactive.filter(|s| !std::ptr::eq(s.0, self.0.0));
    }
}

impl std::ops::Deref for InteractiveSession {
    type Target = Session;
    fn deref(&self) -> &Session {
        &self.0
    }
}

impl Tensor {
    /// Its value in the default session: `t.eval()`.
    ///
    /// # Errors
    /// `ValueError` without a default session, else as [`Session::run`].
    pub fn eval(self) -> Result<Array> {
        self.eval_with(Feeds::default())
    }

    /// Its value in the default session, with values for placeholders: `t.eval(feed_dict={...})`.
    ///
    /// # Errors
    /// As [`eval`](Self::eval).
    pub fn eval_with(self, feeds: Feeds) -> Result<Array> {
        let session = default_session().ok_or_else(|| {
            Error::Value(
                "Cannot evaluate tensor using `eval()`: No default session is registered. Use `with \
                 sess.as_default()` or pass an explicit session to `eval(session=sess)`"
                    .into(),
            )
        })?;
        if session.graph() != self.graph {
            return Err(Error::Value(
                "Cannot use the default session to evaluate tensor: the tensor's graph is different from the session's graph. \
                 Pass an explicit session to `eval(session=sess)`."
                    .into(),
            ));
        }
        session.run_with(self, feeds)
    }
}

impl Variable {
    /// Gives it a value in a session, from outside the graph: `v.load(value, session)`.
    ///
    /// # Errors
    /// `ValueError` for a value of another shape, `RuntimeError` when the session is closed.
    pub fn load(self, value: impl FeedValue, session: Session) -> Result<()> {
        let (value, initial) = (value.array(), self.initial_value());
        let value = feed::converted(&value, self.dtype())?.unwrap_or(value);
        feed::check(&initial.name(), 0, self.dtype(), &self.shape(), &value)?;
        session.load(self, &crate::ops::cast_array(&value, self.dtype()))
    }

    /// Its value in the default session: `v.eval()`.
    ///
    /// # Errors
    /// As [`Tensor::eval`].
    pub fn eval(self) -> Result<Array> {
        self.value().eval()
    }
}

impl Operation {
    /// Runs it in the default session: `op.run()`.
    ///
    /// # Errors
    /// `ValueError` without a default session, else as [`Session::run`].
    pub fn run(self) -> Result<NoneType> {
        let session = default_session().ok_or_else(|| {
            Error::Value(
                "Cannot execute operation using `run()`: No default session is registered. Use `with \
                 sess.as_default():` or pass an explicit session to `run(session=sess)`"
                    .into(),
            )
        })?;
        if session.graph() != self.graph {
            return Err(Error::Value(
                "Cannot use the default session to execute operation: the operation's graph is different from the session's \
                 graph. Pass an explicit session to run(session=sess)."
                    .into(),
            ));
        }
        session.run(self)
    }
}
