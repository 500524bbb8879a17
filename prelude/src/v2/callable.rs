//! `tf.function`: what is called instead of a function, its compiled forms by the types and sizes of the arguments, and the
//! results of those that run for a replica.

use std::cell::{Cell, RefCell};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use super::function::{Compiled, Trace, unless_refused};
use super::tape::recording_now;
use super::{Gradient, Tensor, distribute};
use crate::error::{Error, Result};
use crate::graph::Output;
use crate::{Array, DType};

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

/// The results of a replica's work on its device: waited for when somebody looks at one, or when all replicas have been
/// given their work.
pub(super) struct Later {
    compiled: Arc<Mutex<Compiled>>,
    feeds: Vec<(Output, Array)>,
    signatures: Vec<(DType, Box<[usize]>)>,
    results: OnceLock<Result<Vec<Array>>>,
}

impl Later {
    /// Waits for them.
    pub fn results(&self) -> &Result<Vec<Array>> {
        self.results.get_or_init(|| of(&self.compiled).end(&self.feeds))
    }

    /// One of them.
    ///
    /// # Panics
    /// With what the device says.
    #[track_caller]
    pub fn value(&self, i: usize) -> &Array {
        match self.results() {
            Ok(results) => &results[i],
            Err(error) => error.clone().raise(),
        }
    }

    /// Element type and shape of one of them, for which nobody waits.
    pub fn signature(&self, i: usize) -> &(DType, Box<[usize]>) {
        &self.signatures[i]
    }
}

fn of(compiled: &Mutex<Compiled>) -> MutexGuard<'_, Compiled> {
    compiled.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A function compiled for one signature, with its result on symbols.
struct Form<R> {
    signature: Signature,
    compiled: Arc<Mutex<Compiled>>,
    result: R,
    /// Results that may not have been waited for yet.
    last: Weak<Later>,
}

impl<R: Outputs> Form<R> {
    fn run(&mut self, values: &[Array]) -> Result<R> {
        // The next run writes where these lie.
        if let Some(last) = self.last.upgrade() {
            _ = last.results();
        }
        let mut compiled = of(&self.compiled);
        let feeds: Vec<(Output, Array)> = compiled.feeds.iter().copied().zip(values.iter().cloned()).collect();
        if !compiled.begin(&feeds)? {
            let results: Vec<Tensor> = compiled.run(values)?.into_iter().map(Tensor::eager).collect();
            return Ok(self.result.rebuild(&mut results.into_iter()));
        }
        let view = |i: usize| compiled.result(i).map(|view| (view.dtype, view.shape.clone()));
        let signatures: Vec<_> = (0..).map_while(view).collect();
        drop(compiled);
        let (compiled, count) = (self.compiled.clone(), signatures.len());
        let later = Arc::new(Later { compiled, feeds, signatures, results: OnceLock::new() });
        self.last = Arc::downgrade(&later);
        distribute::under_way(&later);
        let results: Vec<Tensor> = (0..count).map(|i| Tensor::later(&later, i)).collect();
        Ok(self.result.rebuild(&mut results.into_iter()))
    }
}

/// The compiled forms of one function, by signature.
struct Cache<R> {
    forms: RefCell<Vec<Form<R>>>,
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
        match unless_refused(|| self.run(&owned, f)) {
            Some(result) => result.unwrap_or_else(|error| error.raise()),
            None => {
                self.refused.set(true);
                f(&owned)
            }
        }
    }

    fn run(&self, arguments: &[Tensor], f: &dyn Fn(&[Tensor]) -> R) -> Result<R> {
        let values: Vec<Array> = arguments.iter().map(Tensor::numpy).collect();
        let sizes = values.iter().map(|v| (v.dtype(), v.shape().to_vec())).collect();
        let signature: Signature = (distribute::replica_index(), sizes);
        let mut forms = self.forms.borrow_mut();
        let at = match forms.iter().position(|form| form.signature == signature) {
            Some(at) => at,
            None => {
                let mut traced = None;
                let compiled = Compiled::trace(&signature.1, |symbols| {
                    let result = f(symbols);
                    let mut list = Vec::new();
                    result.flatten(&mut list);
                    traced = Some(result);
                    Ok(list)
                })?;
                let Some(result) = traced else { return Err(Error::Runtime("the function was not traced".into())) };
                let compiled = Arc::new(Mutex::new(compiled));
                forms.push(Form { signature, compiled, result, last: Weak::new() });
                forms.len() - 1
            }
        };
        forms[at].run(&values)
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
