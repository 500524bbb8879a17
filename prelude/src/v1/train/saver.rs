//! `tf.train.Saver`: variables in checkpoints on disk. A checkpoint `model.ckpt-100` is the file
//! `model.ckpt-100.safetensors`; beside it the file `checkpoint`, in TensorFlow's own form, says which are the latest.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::data::safetensors;
use crate::error::{Error, Result};
use crate::graph::{Variable, get_default_graph};
use crate::session::Session;
use crate::{Array, Shape};

/// Saves variables and restores them: `tf.train.Saver()`.
///
/// ```
/// use flowbook::v1 as tf;
/// # fn main() -> flowbook::Result<()> {
/// # let directory = std::env::temp_dir().join(format!("flowbook-doc-saver-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory).unwrap();
/// # let path = directory.join("model.ckpt").to_string_lossy().into_owned();
/// let w = tf::Variable::new([1.0, 2.0]).named("saved_w");
/// let saver = tf::train::Saver::for_variables(&[w]);
/// let sess = tf::Session::new();
/// sess.run(w.initializer_op())?;
/// let saved = saver.save(sess, &path)?;
/// let other = tf::Session::new();
/// saver.restore(other, &saved)?;
/// assert_eq!(other.run(w)?.to_string(), "[1. 2.]");
/// # std::fs::remove_dir_all(directory).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Saver {
    /// Its name scope, which errors name: `save`, `save_1`.
    name: String,
    variables: Vec<(String, Variable)>,
    max_to_keep: usize,
    /// The checkpoints this saver has written and not removed, oldest first.
    kept: Arc<Mutex<Vec<String>>>,
}

impl Saver {
    /// For every variable of the default graph.
    ///
    /// # Panics
    /// `ValueError` when there is none.
    #[track_caller]
    #[expect(clippy::new_without_default, reason = "what it is for depends on the graph of the moment")]
    pub fn new() -> Saver {
        Saver::for_variables(&get_default_graph().global_variables())
    }

    /// For these variables: `tf.train.Saver(var_list)`.
    ///
    /// # Panics
    /// `ValueError` when there is none, or two have one name.
    #[track_caller]
    pub fn for_variables(variables: &[Variable]) -> Saver {
        Saver::with_names(variables.iter().map(|v| (v.op().name(), *v)))
    }

    /// For these variables, under names of their own in the checkpoint: `tf.train.Saver({"name": variable})`.
    ///
    /// # Panics
    /// `ValueError` when there is none, or two have one name.
    #[track_caller]
    pub fn with_names<N: Into<String>>(variables: impl IntoIterator<Item = (N, Variable)>) -> Saver {
        let variables: Vec<(String, Variable)> = variables.into_iter().map(|(n, v)| (n.into(), v)).collect();
        let Some((_, first)) = variables.first() else { Error::Value("No variables to save".into()).raise() };
        if let Some((name, _)) =
            variables.iter().enumerate().find_map(|(i, v)| variables[..i].iter().find(|w| w.0 == v.0))
        {
            Error::Value(format!("At least two variables have the same name: {name}")).raise();
        }
        Saver { name: first.graph().unique_name("save"), variables, max_to_keep: 5, kept: Arc::default() }
    }

    /// How many checkpoints stay, `max_to_keep=`; 5 by itself, 0 keeps all.
    #[must_use]
    pub fn max_to_keep(self, count: usize) -> Saver {
        Saver { max_to_keep: count, ..self }
    }

    /// Writes the variables' values and returns the checkpoint's path: `saver.save(sess, save_path)`.
    ///
    /// # Errors
    /// `FailedPreconditionError` for a variable without a value, `ValueError` when the directory is in one that does not
    /// exist, `OSError` when the file cannot be written.
    pub fn save(&self, session: Session, save_path: impl AsRef<str>) -> Result<String> {
        self.write(session, save_path.as_ref(), save_path.as_ref().to_owned())
    }

    /// The same with the step in the path, `model.ckpt-100`: `saver.save(sess, save_path, global_step=step)`.
    ///
    /// # Errors
    /// As [`save`](Self::save).
    pub fn save_at(&self, session: Session, save_path: impl AsRef<str>, global_step: i64) -> Result<String> {
        self.write(session, save_path.as_ref(), format!("{}-{global_step}", save_path.as_ref()))
    }

    fn write(&self, session: Session, save_path: &str, path: String) -> Result<String> {
        let variables: Vec<Variable> = self.variables.iter().map(|(_, v)| *v).collect();
        let values = session.run(variables).map_err(|error| match error {
            Error::FailedPrecondition(text) => {
                let core = text.split("\n\t").next().unwrap_or_default();
                let core = core.trim_start_matches("Graph execution error:").trim_start();
                Error::FailedPrecondition(format!("{core}\n\t [[{{{{node {}/SaveV2}}}}]]", self.name))
            }
            other => other,
        })?;
        let named: Vec<(String, Array)> = self.variables.iter().map(|(n, _)| n.clone()).zip(values).collect();
        let directory = directory(&path);
        if !directory.is_dir() && std::fs::create_dir(&directory).is_err() {
            return Err(Error::Value(format!("Parent directory of {save_path} doesn't exist, can't save.")));
        }
        safetensors::write(&file(&path), &named)?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if self.max_to_keep == 0 {
            note(&directory, std::slice::from_ref(&path))?;
            return Ok(path);
        }
        kept.retain(|p| *p != path);
        kept.push(path.clone());
        let surplus = kept.len().saturating_sub(self.max_to_keep);
        for old in kept.drain(..surplus) {
            // Whoever has removed it already has done what was to be done.
            let _ = std::fs::remove_file(file(&old));
        }
        note(&directory, &kept)?;
        Ok(path)
    }

    /// The checkpoints this saver has written and watches over, oldest first: `saver.last_checkpoints`. One that keeps all
    /// watches over none.
    pub fn last_checkpoints(&self) -> Vec<String> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives the variables the values of a checkpoint, all or none: `saver.restore(sess, save_path)`.
    ///
    /// # Errors
    /// `ValueError` when there is no such checkpoint, `NotFoundError` when it lacks a variable, `InvalidArgumentError` when
    /// a variable has another shape or element type there.
    pub fn restore(&self, session: Session, save_path: impl AsRef<str>) -> Result<()> {
        let path = save_path.as_ref();
        if !checkpoint_exists(path) {
            return Err(Error::Value(format!("The passed save_path is not a valid checkpoint: {path}")));
        }
        let saved = safetensors::read(&file(path))?;
        let mut found = Vec::new();
        for (i, (name, variable)) in self.variables.iter().enumerate() {
            let value = saved.iter().find(|(n, _)| n == name).map(|(_, value)| value);
            let value = value.ok_or_else(|| self.missing(name))?;
            self.fits(i, name, *variable, value)?;
            found.push((*variable, value));
        }
        found.into_iter().try_for_each(|(variable, value)| session.load(variable, value))
    }

    fn missing(&self, name: &str) -> Error {
        Error::NotFound(format!(
            "Restoring from checkpoint failed. This is most likely due to a Variable name or other graph key that is missing \
             from the checkpoint. Please ensure that you have not altered the graph expected based on the checkpoint. Original \
             error:\n\nKey {name} not found in checkpoint\n\t [[{{{{node {}/RestoreV2}}}}]]",
            self.name
        ))
    }

    fn fits(&self, i: usize, name: &str, variable: Variable, value: &Array) -> Result<()> {
        let (dtype, shape) = (variable.dtype(), variable.shape());
        let assign = if i == 0 { "Assign".to_owned() } else { format!("Assign_{i}") };
        let fault = if dtype != value.dtype() {
            format!(
                "tensor_name = {name}; expected dtype {} does not equal original dtype {}\n\t [[{{{{node {}/RestoreV2}}}}]]",
                dtype.c_name(),
                value.dtype().c_name(),
                self.name
            )
        } else if !shape.accepts(value.shape()) {
            format!(
                "Assign requires shapes of both tensors to match. lhs shape= {} rhs shape= {}\n\t [[{{{{node {}/{assign}}}}}]]",
                shape.to_proto(),
                Shape::from(value.shape()).to_proto(),
                self.name
            )
        } else {
            return Ok(());
        };
        Err(Error::InvalidArgument(format!(
            "Restoring from checkpoint failed. This is most likely due to a mismatch between the current graph and the graph \
             from the checkpoint. Please ensure that you have not altered the graph expected based on the checkpoint. Original \
             error:\n\n{fault}"
        )))
    }
}

fn file(checkpoint: &str) -> PathBuf {
    PathBuf::from(format!("{checkpoint}.safetensors"))
}

fn directory(checkpoint: &str) -> PathBuf {
    match Path::new(checkpoint).parent() {
        Some(parent) if parent != Path::new("") => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// Writes down which checkpoints there are. Paths that are not absolute are given from the directory on.
fn note(directory: &Path, kept: &[String]) -> Result<()> {
    let relative = |path: &String| {
        let inside = Path::new(path).strip_prefix(directory).map(Path::to_path_buf);
        let path = if Path::new(path).is_absolute() { PathBuf::from(path) } else { inside.unwrap_or(path.into()) };
        path.display().to_string()
    };
    let Some(latest) = kept.last() else { return Ok(()) };
    let mut text = format!("model_checkpoint_path: {:?}\n", relative(latest));
    kept.iter().for_each(|path| text += &format!("all_model_checkpoint_paths: {:?}\n", relative(path)));
    let path = directory.join("checkpoint");
    std::fs::write(&path, text).map_err(|error| Error::Os(format!("{}: {error}", path.display())))
}

/// Whether there is a checkpoint of that path: `tf.train.checkpoint_exists(path)`.
pub fn checkpoint_exists(path: impl AsRef<str>) -> bool {
    file(path.as_ref()).is_file()
}

/// What the file `checkpoint` in a directory says: `CheckpointState`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckpointState {
    /// The checkpoint last written.
    pub model_checkpoint_path: String,
    /// All that its saver has kept, oldest first.
    pub all_model_checkpoint_paths: Vec<String>,
}

/// Which checkpoints a directory has, when it has a file that says so: `tf.train.get_checkpoint_state(directory)`.
pub fn get_checkpoint_state(directory: impl AsRef<Path>) -> Option<CheckpointState> {
    let directory = directory.as_ref();
    let text = std::fs::read_to_string(directory.join("checkpoint")).ok()?;
    let paths = |key: &str| -> Vec<String> {
        let quoted = text.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
        // The paths were written quoted; JSON's quotes are the same for all that paths contain.
        let paths = quoted.filter_map(|path| serde_json::from_str::<String>(path).ok());
        paths.map(|path| directory.join(path).display().to_string()).collect()
    };
    Some(CheckpointState {
        model_checkpoint_path: paths("model_checkpoint_path").into_iter().next()?,
        all_model_checkpoint_paths: paths("all_model_checkpoint_paths"),
    })
}

/// The path of the checkpoint last written into a directory, when there is one: `tf.train.latest_checkpoint(directory)`.
pub fn latest_checkpoint(directory: impl AsRef<Path>) -> Option<String> {
    let latest = get_checkpoint_state(directory)?.model_checkpoint_path;
    checkpoint_exists(&latest).then_some(latest)
}

/// The value that a checkpoint holds under a name: `tf.train.load_variable(path, name)`.
///
/// # Errors
/// `NotFoundError` when there is no such checkpoint, or it holds nothing of that name.
pub fn load_variable(path: impl AsRef<str>, name: &str) -> Result<Array> {
    let saved = contents(path.as_ref())?;
    let found = saved.into_iter().find(|(n, _)| n == name).map(|(_, value)| value);
    found.ok_or_else(|| Error::NotFound(format!("Key {name} not found in checkpoint")))
}

/// Names and shapes of what a checkpoint holds, by name: `tf.train.list_variables(path)`.
///
/// # Errors
/// `NotFoundError` when there is no such checkpoint.
pub fn list_variables(path: impl AsRef<str>) -> Result<Vec<(String, Vec<usize>)>> {
    let saved = contents(path.as_ref())?;
    let mut all: Vec<_> = saved.into_iter().map(|(name, value)| (name, value.shape().to_vec())).collect();
    all.sort();
    Ok(all)
}

fn contents(path: &str) -> Result<Vec<(String, Array)>> {
    if !checkpoint_exists(path) {
        return Err(Error::NotFound(format!(
            "Unsuccessful TensorSliceReader constructor: Failed to find any matching files for {path}"
        )));
    }
    safetensors::read(&file(path))
}
