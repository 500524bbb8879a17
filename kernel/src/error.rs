//! Everything that can go wrong outside a cell, in words that say what to do next.
//! What goes wrong inside a cell is an `evaluator::CellError`.

use std::io;
use std::path::PathBuf;

/// Why the kernel or one of the `flowbook` commands could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The connection file is missing, unreadable or damaged.
    #[error(
        "connection file {}: {reason}; a Jupyter front end writes this file, so start the kernel from one \
         (`flowbook lab`)",
        path.display()
    )]
    ConnectionFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A socket could not be bound because something already listens there.
    #[error(
        "port {port} ({channel}) is already in use: another kernel runs with this connection file; stop it, or restart \
         the kernel from the front end, which picks fresh ports"
    )]
    PortInUse {
        /// The Jupyter channel.
        channel: &'static str,
        /// The port.
        port: u16,
    },
    /// A socket could not be bound for another reason.
    #[error(
        "cannot bind the {channel} channel to {address}: {reason}; check `ip` and `transport` in the connection file"
    )]
    Bind {
        /// The Jupyter channel.
        channel: &'static str,
        /// The address asked for.
        address: String,
        /// What the system said.
        reason: String,
    },
    /// The evaluator could not start.
    #[error("cells cannot run: {0}; `flowbook doctor` shows what is missing")]
    Evaluator(String),
    /// A notebook is not JSON, or not a notebook.
    #[error("{} is not a notebook: {reason}", path.display())]
    NotANotebook {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A cell failed that was not expected to.
    #[error("cell {cell} failed: {name}: {value}")]
    Cell {
        /// The cell's place among the code cells, from 1.
        cell: usize,
        /// The error's class.
        name: String,
        /// Its message.
        value: String,
    },
    /// Notebooks did not show what they showed when they were saved.
    #[error("{failed} of {total} notebooks failed; when the new outputs are right, --update saves them")]
    Tests {
        /// How many failed.
        failed: usize,
        /// How many were run.
        total: usize,
    },
    /// The kernelspec could not be written or removed.
    #[error(
        "cannot {action} the kernelspec in {}: {source}; choose another place with --prefix DIR, or --user",
        path.display()
    )]
    Kernelspec {
        /// `write` or `remove`.
        action: &'static str,
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program that Python brings is not there and could not be set up.
    #[error("{title} could not be set up: {reason}")]
    SetUp {
        /// `JupyterLab` or `TensorBoard`.
        title: &'static str,
        /// What failed, and the way out.
        reason: String,
    },
    /// A file or directory could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// `read`, `write`, `create`, ...
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A command was asked for something that is not there.
    #[error("{0}")]
    Usage(String),
    /// `flowbook doctor` found that cells cannot run.
    #[error("cells cannot run here: see the lines marked `missing` above")]
    Doctor,
    /// The asynchronous runtime or a thread could not be started.
    #[error("cannot start the kernel's threads: {0}; the system is out of processes or memory")]
    Threads(#[from] io::Error),
}

impl Error {
    /// The error of a failed file operation, for `map_err`.
    pub fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Error {
        let path = path.into();
        move |source| Error::File { action, path, source }
    }
}
