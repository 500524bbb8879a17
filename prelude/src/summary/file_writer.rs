//! TensorFlow 1's `tf.summary.FileWriter`: graphs and summaries to one event file.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use flowbook_summary::proto::{Event, MetaGraphDef, event::What, meta_graph_def::MetaInfoDef};
use flowbook_summary::{EventWriter, Message, Naming};

use super::graph_def::graph_def;
use super::{ToSummary, os_error};
use crate::Array;
use crate::error::Result;
use crate::graph::Graph;
use crate::ops::ints;

/// What TensorFlow flushes after, in seconds, unless told otherwise.
const FLUSH_SECS: u64 = 120;

/// Writes graphs and summaries for TensorBoard: `tf.summary.FileWriter(logdir, graph)`.
///
/// Events reach the disk after two minutes at the latest (with the next event), with [`flush`](Self::flush), at the end
/// of every notebook cell, when the last clone goes away and when the program ends. The file always ends with a whole
/// record, whenever the process dies.
///
/// ```
/// use flowbook::v1 as tf;
/// # fn main() -> flowbook::Result<()> {
/// # let logdir = std::env::temp_dir().join(format!("flowbook-doc-{}", std::process::id()));
/// let cost = tf::summary::scalar("cost", tf::constant(0.25));
/// let sess = tf::Session::new();
/// let writer = tf::summary::FileWriter::new(&logdir, sess.graph())?;
/// for step in 0..10 {
///     writer.add_summary(sess.run(cost)?, step)?;
/// }
/// writer.close()?;
/// # std::fs::remove_dir_all(logdir).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct FileWriter {
    logdir: PathBuf,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    writer: EventWriter,
    /// The tags whose metadata are in the file: they need to be there once.
    seen: HashSet<String>,
    closed: bool,
}

impl FileWriter {
    /// Makes the directory and an event file in it, which holds `graph` when one is given: `sess.graph()` or `None`.
    ///
    /// # Errors
    /// `OSError` when the system refuses either.
    pub fn new(logdir: impl AsRef<Path>, graph: impl Into<Option<Graph>>) -> Result<FileWriter> {
        FileWriter::with_flush_secs(logdir, graph, FLUSH_SECS)
    }

    /// As [`new`](Self::new), flushed when so many seconds have passed: `flush_secs=`.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_flush_secs(
        logdir: impl AsRef<Path>,
        graph: impl Into<Option<Graph>>,
        seconds: u64,
    ) -> Result<FileWriter> {
        let logdir = logdir.as_ref().to_path_buf();
        let writer = EventWriter::create(&logdir, Naming::V1(String::new()), Duration::from_secs(seconds))
            .map_err(|e| os_error(&logdir, &e))?;
        let state = State { writer, seen: HashSet::new(), closed: false };
        let new = FileWriter { logdir, state: Arc::new(Mutex::new(state)) };
        if let Some(graph) = graph.into() {
            new.add_graph(graph)?;
            new.add_meta_graph(graph)?;
        }
        Ok(new)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, event: &Event) -> Result<()> {
        let state = self.lock();
        if state.closed {
            eprintln!(
                "Attempting to use a closed FileWriter. The operation will be a noop unless the FileWriter is \
                 explicitly reopened."
            );
            return Ok(());
        }
        state.writer.write(event).map_err(|e| os_error(&state.writer.path(), &e))
    }

    /// Adds what a run of a summary gave: `writer.add_summary(summary, global_step)`. The step is a number, `None`, or
    /// the value of a step variable.
    ///
    /// # Errors
    /// `ValueError` when it is no summary, `OSError` when the file cannot be written.
    pub fn add_summary(&self, summary: impl ToSummary, global_step: impl GlobalStep) -> Result<()> {
        let mut summary = summary.to_summary()?.0;
        let mut state = self.lock();
        for value in &mut summary.value {
            if value.metadata.is_none() {
                continue;
            }
            if state.seen.contains(&value.tag) {
                value.metadata = None;
            } else {
                state.seen.insert(value.tag.clone());
            }
        }
        drop(state);
        self.add(&Event::now(global_step.to_step(), What::Summary(summary)))
    }

    /// Adds the graph as it is now: `writer.add_graph(graph)`.
    ///
    /// # Errors
    /// `OSError` when the file cannot be written.
    pub fn add_graph(&self, graph: Graph) -> Result<()> {
        self.add(&Event::now(0, What::GraphDef(graph_def(graph).encode_to_vec())))
    }

    /// Adds the graph with its origin: `writer.add_meta_graph(...)`.
    fn add_meta_graph(&self, graph: Graph) -> Result<()> {
        let origin = MetaInfoDef { tensorflow_version: crate::v1::VERSION.into(), ..Default::default() };
        let meta = MetaGraphDef { meta_info_def: Some(origin), graph_def: Some(graph_def(graph)) };
        self.add(&Event::now(0, What::MetaGraphDef(meta.encode_to_vec())))
    }

    /// Brings everything to disk: `writer.flush()`.
    ///
    /// # Errors
    /// `OSError` when the file cannot be written.
    pub fn flush(&self) -> Result<()> {
        let state = self.lock();
        state.writer.flush().map_err(|e| os_error(&state.writer.path(), &e))
    }

    /// Flushes, and takes nothing more until [`reopen`](Self::reopen): `writer.close()`.
    ///
    /// # Errors
    /// `OSError` when the file cannot be written.
    pub fn close(&self) -> Result<()> {
        self.flush()?;
        self.lock().closed = true;
        Ok(())
    }

    /// Goes on in a new file after [`close`](Self::close): `writer.reopen()`.
    ///
    /// # Errors
    /// `OSError` when the file cannot be made.
    pub fn reopen(&self) -> Result<()> {
        let mut state = self.lock();
        if state.closed {
            state.writer.reopen().map_err(|e| os_error(&self.logdir, &e))?;
            state.closed = false;
        }
        Ok(())
    }

    /// The directory it writes to: `writer.get_logdir()`.
    pub fn get_logdir(&self) -> String {
        self.logdir.display().to_string()
    }
}

/// A step: an integer, `None`, or an integer scalar such as a step variable's value.
pub trait GlobalStep {
    /// The step; 0 for `None`.
    fn to_step(self) -> i64;
}

macro_rules! steps {
    ($($t:ty),*) => { $(impl GlobalStep for $t {
        fn to_step(self) -> i64 {
            self as i64
        }
    })* };
}
steps!(i32, i64, u32, u64, usize);

impl GlobalStep for Option<i64> {
    fn to_step(self) -> i64 {
        self.unwrap_or(0)
    }
}

impl GlobalStep for &Array {
    fn to_step(self) -> i64 {
        ints(self.clone()).first().copied().unwrap_or(0)
    }
}

impl GlobalStep for Array {
    fn to_step(self) -> i64 {
        (&self).to_step()
    }
}
