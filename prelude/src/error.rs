//! The library's one error type, with TensorFlow's class names. Messages are built where the fault is found.

use std::cell::Cell;

/// What went wrong, under TensorFlow's (and Python's) class names.
///
/// `Display` prints the class and the message as a Python traceback's last line does.
///
/// ```
/// use flowbook::Error;
/// let error = Error::InvalidArgument("Incompatible shapes: [2] vs. [3]".into());
/// assert_eq!(error.to_string(), "InvalidArgumentError: Incompatible shapes: [2] vs. [3]");
/// assert_eq!(error.class(), "InvalidArgumentError");
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}: {}", self.class(), self.message())]
pub enum Error {
    /// `tf.errors.InvalidArgumentError`: the values do not fit the operation.
    InvalidArgument(String),
    /// `tf.errors.FailedPreconditionError`: the system is not in the state the operation needs.
    FailedPrecondition(String),
    /// `tf.errors.NotFoundError`
    NotFound(String),
    /// `tf.errors.AlreadyExistsError`
    AlreadyExists(String),
    /// `tf.errors.OutOfRangeError`
    OutOfRange(String),
    /// `tf.errors.ResourceExhaustedError`: memory, mostly.
    ResourceExhausted(String),
    /// `tf.errors.UnimplementedError`
    Unimplemented(String),
    /// `tf.errors.CancelledError`: interrupted while running.
    Cancelled(String),
    /// Python's `ValueError`, which TensorFlow raises while a graph is built.
    Value(String),
    /// Python's `TypeError`.
    Type(String),
    /// Python's `LookupError`: no gradient is registered for an op.
    Lookup(String),
    /// Python's `RuntimeError`, such as a closed session.
    Runtime(String),
    /// Python's `AttributeError`.
    Attribute(String),
    /// Python's `KeyError`.
    Key(String),
    /// Python's `OSError`, for files.
    Os(String),
    /// Python's `AssertionError`.
    Assertion(String),
}

/// The library's result type.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The class name TensorFlow or Python would print: `InvalidArgumentError`, `ValueError`, ...
    pub const fn class(&self) -> &'static str {
        match self {
            Error::InvalidArgument(_) => "InvalidArgumentError",
            Error::FailedPrecondition(_) => "FailedPreconditionError",
            Error::NotFound(_) => "NotFoundError",
            Error::AlreadyExists(_) => "AlreadyExistsError",
            Error::OutOfRange(_) => "OutOfRangeError",
            Error::ResourceExhausted(_) => "ResourceExhaustedError",
            Error::Unimplemented(_) => "UnimplementedError",
            Error::Cancelled(_) => "CancelledError",
            Error::Value(_) => "ValueError",
            Error::Type(_) => "TypeError",
            Error::Lookup(_) => "LookupError",
            Error::Runtime(_) => "RuntimeError",
            Error::Attribute(_) => "AttributeError",
            Error::Key(_) => "KeyError",
            Error::Os(_) => "OSError",
            Error::Assertion(_) => "AssertionError",
        }
    }

    /// The message without the class.
    pub fn message(&self) -> &str {
        match self {
            Error::InvalidArgument(m)
            | Error::FailedPrecondition(m)
            | Error::NotFound(m)
            | Error::AlreadyExists(m)
            | Error::OutOfRange(m)
            | Error::ResourceExhausted(m)
            | Error::Unimplemented(m)
            | Error::Cancelled(m)
            | Error::Value(m)
            | Error::Type(m)
            | Error::Lookup(m)
            | Error::Runtime(m)
            | Error::Attribute(m)
            | Error::Key(m)
            | Error::Os(m)
            | Error::Assertion(m) => m,
        }
    }

    /// Panics with `CLASS: message` at the caller's line: what operators and builders do, because they cannot
    /// return a `Result` without putting `?` into every formula.
    #[track_caller]
    pub fn raise(self) -> ! {
        if COLLECTING.get() {
            std::panic::resume_unwind(Box::new(self));
        }
        panic!("{self}")
    }
}

thread_local! {
    /// Whether raised errors travel silently to [`collect`].
    static COLLECTING: Cell<bool> = const { Cell::new(false) };
}

/// Runs `body`, in which [`Error::raise`] ends up here in place of panicking: for callers that raise the error at their
/// own caller's line, or return it.
///
/// # Errors
/// What `body` raised.
pub(crate) fn collect<R>(body: impl FnOnce() -> R) -> Result<R> {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            COLLECTING.set(self.0);
        }
    }
    let _restore = Restore(COLLECTING.replace(true));
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).map_err(|payload| match payload.downcast::<Error>() {
        Ok(error) => *error,
        Err(other) => std::panic::resume_unwind(other),
    })
}
