//! TensorFlow 2's `tf.summary`: plain functions that write at once, to the writer that is the default one.

use std::cell::RefCell;
use std::fmt;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use flowbook_summary::proto::summary::{Value, value};
use flowbook_summary::proto::{
    Event, Summary, SummaryMetadata, TensorProto, event::What, summary_metadata::PluginData,
};
use flowbook_summary::{EventWriter, Naming, histogram as histograms, image as images};

use super::{os_error, tensor_proto};
use crate::error::{Error, Result};
use crate::graph::attr;
use crate::ops::cast_array;
use crate::v2::IntoTensor;
use crate::{Array, DType};

/// TensorFlow's `flush_millis`.
const FLUSH_EVERY: Duration = Duration::from_secs(120);

/// A writer of TensorFlow 2, made by [`create_file_writer`]. Clones write to the same file.
#[derive(Clone)]
pub struct SummaryWriter(EventWriter);

impl fmt::Debug for SummaryWriter {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "<SummaryWriter {}>", self.0.path().display())
    }
}

thread_local! {
    static STACK: RefCell<Vec<SummaryWriter>> = const { RefCell::new(Vec::new()) };
}

static STEP: Mutex<Option<i64>> = Mutex::new(None);

/// Makes a writer of an event file in `logdir`: `tf.summary.create_file_writer(logdir)`.
///
/// ```
/// use flowbook::summary::v2 as summary;
/// # fn main() -> flowbook::Result<()> {
/// # let logdir = std::env::temp_dir().join(format!("flowbook-doc-v2-{}", std::process::id()));
/// let writer = summary::create_file_writer(&logdir)?;
/// writer.as_default(|| -> flowbook::Result<()> {
///     for step in 0..100 {
///         summary::scalar("loss", 1.0 / (step + 1) as f64, step)?;
///     }
///     summary::histogram("weights", &[0.1, 0.2, 0.2], 100)?;
///     Ok(())
/// })?;
/// writer.close()?;
/// # std::fs::remove_dir_all(logdir).unwrap();
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// `OSError` when the directory or the file cannot be made.
pub fn create_file_writer(logdir: impl AsRef<Path>) -> Result<SummaryWriter> {
    create_file_writer_with_suffix(logdir, "")
}

/// As [`create_file_writer`], with an ending for the file's name: `filename_suffix=`.
///
/// # Errors
/// As [`create_file_writer`].
pub fn create_file_writer_with_suffix(logdir: impl AsRef<Path>, suffix: &str) -> Result<SummaryWriter> {
    let logdir = logdir.as_ref();
    let writer = EventWriter::create(logdir, Naming::V2(suffix.into()), FLUSH_EVERY);
    writer.map(SummaryWriter).map_err(|e| os_error(logdir, &e))
}

impl SummaryWriter {
    /// Runs `body` with this writer as the one that summaries go to: `with writer.as_default():`.
    pub fn as_default<R>(&self, body: impl FnOnce() -> R) -> R {
        struct Pop;
        impl Drop for Pop {
            fn drop(&mut self) {
                STACK.with_borrow_mut(|s| s.pop());
            }
        }
        STACK.with_borrow_mut(|s| s.push(self.clone()));
        let _pop = Pop;
        body()
    }

    /// Brings everything to disk: `writer.flush()`.
    ///
    /// # Errors
    /// `OSError` when the file cannot be written.
    pub fn flush(&self) -> Result<()> {
        self.0.flush().map_err(|e| os_error(&self.0.path(), &e))
    }

    /// Brings everything to disk: `writer.close()`. The file is closed when the last clone goes away.
    ///
    /// # Errors
    /// `OSError` when the file cannot be written.
    pub fn close(&self) -> Result<()> {
        self.flush()
    }

    fn write(&self, name: &str, step: i64, plugin: &str, options: &Step, tensor: TensorProto) -> Result<()> {
        let plugin = PluginData { plugin_name: plugin.into(), content: Vec::new() };
        let description = options.description.clone().unwrap_or_default();
        let metadata =
            SummaryMetadata { plugin_data: Some(plugin), summary_description: description, ..Default::default() };
        let (value, metadata) = (Some(value::Value::Tensor(tensor)), Some(metadata));
        let value = Value { tag: name.into(), metadata, value, ..Default::default() };
        let event = Event::now(step, What::Summary(Summary { value: vec![value] }));
        self.0.write(&event).map_err(|e| os_error(&self.0.path(), &e))
    }
}

/// When a summary is made, and how: a plain number is the step; [`Step::at`] takes further options. `None` is the step
/// that [`set_step`] set.
#[derive(Clone, Debug)]
pub struct Step {
    step: Option<i64>,
    description: Option<String>,
    max_outputs: usize,
    buckets: usize,
}

impl Step {
    /// That step, `step=`.
    pub fn at(step: i64) -> Step {
        Step::from(Some(step))
    }

    /// How many pictures of a batch to keep, `max_outputs=`; 3 unless said otherwise.
    #[must_use]
    pub fn max_outputs(self, count: usize) -> Step {
        Step { max_outputs: count, ..self }
    }

    /// How many buckets a histogram has, `buckets=`; 30 unless said otherwise.
    #[must_use]
    pub fn buckets(self, count: usize) -> Step {
        Step { buckets: count, ..self }
    }

    /// Markdown that is shown with the data, `description=`.
    #[must_use]
    pub fn description(self, text: &str) -> Step {
        Step { description: Some(text.into()), ..self }
    }
}

impl From<Option<i64>> for Step {
    fn from(step: Option<i64>) -> Step {
        Step { step, description: None, max_outputs: 3, buckets: 30 }
    }
}

macro_rules! steps {
    ($($t:ty),*) => { $(impl From<$t> for Step {
        fn from(step: $t) -> Step {
            Step::at(step as i64)
        }
    })* };
}
steps!(i32, i64, u32, u64, usize);

/// Sets the step of summaries that are given none: `tf.summary.experimental.set_step(step)`.
pub fn set_step(step: impl Into<Option<i64>>) {
    *STEP.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = step.into();
}

/// The step that [`set_step`] set: `tf.summary.experimental.get_step()`.
pub fn get_step() -> Option<i64> {
    *STEP.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The default writer and the step; `None` when there is no writer, and nothing is to be written.
fn target(options: &Step) -> Result<Option<(SummaryWriter, i64)>> {
    let Some(writer) = STACK.with_borrow(|s| s.last().cloned()) else { return Ok(None) };
    let step = options.step.or_else(get_step).ok_or_else(|| {
        Error::Value(
            "No step set. Please specify one either through the `step` argument or through \
             tf.summary.experimental.set_step()"
                .into(),
        )
    })?;
    Ok(Some((writer, step)))
}

/// Writes a number under a tag: `tf.summary.scalar(name, data, step)`. False when there is no default writer.
///
/// # Errors
/// `ValueError` for anything but a scalar and without a step, `OSError` when the file cannot be written.
pub fn scalar(name: &str, data: impl IntoTensor, step: impl Into<Step>) -> Result<bool> {
    let options = step.into();
    let Some((writer, step)) = target(&options)? else { return Ok(false) };
    let data = value(data)?;
    if data.ndim() != 0 {
        let shape = crate::Shape::from(data.shape());
        return Err(Error::Value(format!("Expected scalar shape, saw shape: {shape}.")));
    }
    let number = numbers(&data, DType::Float32)?;
    let tensor = TensorProto { tensor_content: attr::bytes(&number), float_val: Vec::new(), ..tensor_proto(&number) };
    writer.write(name, step, "scalars", &options, tensor)?;
    Ok(true)
}

/// Writes how values are distributed: `tf.summary.histogram(name, data, step)`. False when there is no default writer.
///
/// # Errors
/// `ValueError` without a step, `OSError` when the file cannot be written.
pub fn histogram(name: &str, data: impl IntoTensor, step: impl Into<Step>) -> Result<bool> {
    let options = step.into();
    let Some((writer, step)) = target(&options)? else { return Ok(false) };
    let wide = numbers(&value(data)?, DType::Float64)?;
    let buckets = histograms::v2(wide.as_slice::<f64>().unwrap_or_default(), options.buckets);
    let table = Array::new(buckets.concat(), &[buckets.len(), 3]);
    writer.write(name, step, "histograms", &options, tensor_proto(&table))?;
    Ok(true)
}

/// Writes pictures `[batch, height, width, channels]`: `tf.summary.image(name, data, step)`. Bytes show as they are,
/// real numbers from 0 to 1 as dark to bright. False when there is no default writer.
///
/// # Errors
/// `ValueError` for data of another rank and without a step, `OSError` when the file cannot be written.
pub fn image(name: &str, data: impl IntoTensor, step: impl Into<Step>) -> Result<bool> {
    let options = step.into();
    let Some((writer, step)) = target(&options)? else { return Ok(false) };
    let data = value(data)?;
    let &[batch, height, width, channels] = data.shape() else {
        let shape = crate::Shape::from(data.shape());
        let rank = data.ndim();
        return Err(Error::Value(format!("Tensor  must have rank 4.  Received rank {rank}, shape {shape}")));
    };
    if !matches!(channels, 1 | 3 | 4) {
        return Err(Error::Value(format!("{name}: pictures have 1, 3 or 4 channels, not {channels}")));
    }
    let bytes = match data.as_slice::<u8>() {
        Some(bytes) => bytes.to_vec(),
        None => images::saturate(numbers(&data, DType::Float32)?.as_slice::<f32>().unwrap_or_default()),
    };
    let mut strings = vec![width.to_string().into_bytes(), height.to_string().into_bytes()];
    let size = (height * width * channels).max(1);
    for picture in bytes.chunks_exact(size).take(batch.min(options.max_outputs)) {
        strings.push(images::Pixels { height, width, channels, bytes: picture.to_vec() }.to_png());
    }
    writer.write(name, step, "images", &options, strings_proto(strings))?;
    Ok(true)
}

/// Writes text, shown as Markdown: `tf.summary.text(name, data, step)`. False when there is no default writer.
///
/// # Errors
/// `ValueError` without a step or when the data are no strings, `OSError` when the file cannot be written.
pub fn text(name: &str, data: impl IntoTensor, step: impl Into<Step>) -> Result<bool> {
    let options = step.into();
    let Some((writer, step)) = target(&options)? else { return Ok(false) };
    let data = value(data)?;
    if data.dtype() != DType::String {
        return Err(Error::Value(format!("Expected data to have dtype string, got {}", data.dtype())));
    }
    writer.write(name, step, "text", &options, tensor_proto(&data))?;
    Ok(true)
}

fn value(data: impl IntoTensor) -> Result<Array> {
    data.into_operand().tensor().value().cloned().ok_or_else(|| {
        Error::Unimplemented("a summary inside a tf::function: write it outside, from what the function returns".into())
    })
}

fn strings_proto(strings: Vec<Vec<u8>>) -> TensorProto {
    let like = tensor_proto(&Array::zeros(DType::String, &[strings.len()]));
    TensorProto { string_val: strings, ..like }
}

fn numbers(data: &Array, dtype: DType) -> Result<Array> {
    match data.dtype() {
        DType::String => Err(Error::Unimplemented(format!("Cast string to {} is not supported", dtype.c_name()))),
        _ => Ok(cast_array(data, dtype)),
    }
}
