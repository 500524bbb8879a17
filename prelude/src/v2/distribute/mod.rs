//! `tf.distribute`: strategies, which say on how many devices a model trains. What is in force on a thread is in `context`,
//! values with one part for each replica in `values`, plans that run side by side in `together`.

mod context;
mod together;
mod values;

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::{Arc, OnceLock};

pub(crate) use super::function::refuse_trace;
pub use context::{ReplicaContext, get_replica_context, get_strategy, has_strategy};
pub(crate) use context::{default_device, in_scope, is_replica, mirrors, replica_index};
pub(crate) use together::{Reduce, Together};
pub(crate) use values::defer;
pub(in crate::v2) use values::under_way;
pub use values::{PerReplica, ReduceOp, Reducible};

use crate::engine::device::gpus;
use crate::error::{Error, Result};
use crate::graph::DeviceSpec;

/// How a computation is spread over devices: `tf.distribute.Strategy`. Clones are the same one.
#[derive(Clone)]
pub struct Strategy(Arc<Inner>);

struct Inner {
    /// Module and class, as Python prints them.
    class: &'static str,
    devices: Vec<Arc<DeviceSpec>>,
}

impl Strategy {
    fn new(class: &'static str, devices: Vec<DeviceSpec>) -> Strategy {
        Strategy(Arc::new(Inner { class, devices: devices.into_iter().map(Arc::new).collect() }))
    }

    /// The number of replicas that train together: `strategy.num_replicas_in_sync`.
    pub fn num_replicas_in_sync(&self) -> usize {
        self.0.devices.len()
    }

    /// What TensorFlow keeps for those who extend strategies: `strategy.extended`.
    pub fn extended(&self) -> Extended {
        Extended(self.clone())
    }

    /// Runs `body` with this strategy in force: `with strategy.scope():`. Variables made there have one copy for each
    /// replica, and models made there train on all of them.
    ///
    /// ```
    /// use flowbook::v2 as tf;
    /// let strategy = tf::distribute::OneDeviceStrategy::new("/cpu:0");
    /// let v = strategy.scope(|| tf::Variable::new(1.0));
    /// assert_eq!(v.numpy().to_string(), "1.0");
    /// ```
    ///
    /// # Panics
    /// `RuntimeError` inside the scope of another strategy.
    #[track_caller]
    pub fn scope<R>(&self, body: impl FnOnce() -> R) -> R {
        if let Some(outer) = context::scope().filter(|outer| !outer.is(self)) {
            Error::Runtime(format!("Mixing different tf.distribute.Strategy objects: {self} is not {outer}")).raise();
        }
        context::with_scope(self, body)
    }

    /// Runs `body` once for each replica, one after the other, and returns what each returned: `strategy.run(fn)`. What a
    /// `tf.function` does there its replica's GPU does while `body` runs for the others, unless it looks at the results. An
    /// optimizer's `apply_gradients` inside adds the replicas' gradients up, when all of them have come so far. With one
    /// replica a `tf.function` around it compiles all of it.
    ///
    /// ```
    /// use flowbook::v2 as tf;
    /// let strategy = tf::distribute::MirroredStrategy::new().devices(["/gpu:0", "/gpu:1"]);
    /// let each = strategy.run(|| {
    ///     let replica = tf::distribute::get_replica_context().unwrap().replica_id_in_sync_group();
    ///     tf::constant(replica as f32 + 1.0)
    /// });
    /// let sum = strategy.reduce(tf::distribute::ReduceOp::Sum, &each);
    /// assert_eq!(sum.numpy().to_string(), "3.0");
    /// ```
    ///
    /// # Panics
    /// As `body` does; `NotImplementedError` for several replicas in what no `tf.function` compiles, such as a model's step.
    #[track_caller]
    pub fn run<R>(&self, mut body: impl FnMut() -> R) -> PerReplica<R> {
        if !super::executing_eagerly() && self.num_replicas_in_sync() > 1 {
            refuse_trace("strategy.run for several replicas inside of what is compiled for one device");
        }
        values::run(self, |_| body())
    }

    /// As [`run`](Self::run), with the replica's part of a value as the argument: `strategy.run(fn, args=(value,))`.
    ///
    /// # Panics
    /// As [`run`](Self::run).
    #[track_caller]
    pub fn run_with<T, R>(&self, args: &PerReplica<T>, mut body: impl FnMut(&T) -> R) -> PerReplica<R> {
        let parts = args.values();
        let mut next = 0;
        self.run(|| {
            next += 1;
            body(&parts[next - 1])
        })
    }

    /// The replicas' values as one: `strategy.reduce(op, value, axis=None)`.
    ///
    /// ```
    /// use flowbook::v2 as tf;
    /// let strategy = tf::distribute::MirroredStrategy::new().devices(["/gpu:0", "/gpu:1"]);
    /// let each = strategy.run(|| tf::constant([2.0, 4.0]));
    /// assert_eq!(strategy.reduce("MEAN", &each).numpy().to_string(), "[2. 4.]");
    /// ```
    ///
    /// # Panics
    /// `ValueError` for a name that is no `ReduceOp`.
    #[track_caller]
    pub fn reduce<T: Reducible>(&self, op: impl values::IntoReduceOp, value: &PerReplica<T>) -> super::Tensor {
        let op = op.into_reduce_op().unwrap_or_else(|error| error.raise());
        values::reduce(op, value)
    }

    /// The values of the replicas on this machine, which are all of them: `strategy.experimental_local_results(value)`.
    pub fn experimental_local_results<T: Clone>(&self, value: &PerReplica<T>) -> Vec<T> {
        value.values().to_vec()
    }

    /// The batches of a dataset, each cut into one part for each replica:
    /// `strategy.experimental_distribute_dataset(dataset)`. Of the first parts some may have one example more.
    pub fn experimental_distribute_dataset<E: values::Parts>(
        &self,
        dataset: &super::data::Dataset<E>,
    ) -> impl Iterator<Item = PerReplica<E>> + use<E> {
        let strategy = self.clone();
        dataset.iter().map(move |batch| {
            let ranges = strategy.split(batch.batch());
            PerReplica::new(ranges.into_iter().map(|rows| batch.part(rows)).collect())
        })
    }

    fn is(&self, other: &Strategy) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Runs `body` as one of the replicas.
    pub(crate) fn in_replica<R>(&self, index: usize, body: impl FnOnce() -> R) -> R {
        context::with_replica(self, index, body)
    }

    /// The rows of a batch that each replica takes.
    pub(crate) fn split(&self, batch: usize) -> Vec<Range<usize>> {
        let count = self.num_replicas_in_sync();
        let (least, more) = (batch / count, batch % count);
        let start = |i: usize| i * least + i.min(more);
        (0..count).map(|i| start(i)..start(i + 1)).collect()
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "<tensorflow.python.distribute.{} object at {:p}>", self.0.class, Arc::as_ptr(&self.0))
    }
}

impl fmt::Debug for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What `strategy.extended` gives.
pub struct Extended(Strategy);

impl Extended {
    /// The devices' full names, one for each replica: `strategy.extended.worker_devices`.
    pub fn worker_devices(&self) -> Vec<String> {
        self.0.0.devices.iter().map(ToString::to_string).collect()
    }
}

/// Training on several devices of one machine at once: `tf.distribute.MirroredStrategy`. Every replica has a copy of each
/// variable and learns from its part of each batch; their gradients are added up, and all make the same step.
///
/// A model that is made and compiled in the strategy's scope trains on all replicas. The gradient is that of the mean
/// over the whole batch, whatever its size.
///
/// ```
/// use flowbook::v2 as tf;
/// use flowbook::keras::{Sequential, layers::Dense, optimizers::SGD};
/// let strategy = tf::distribute::MirroredStrategy::new().devices(["/gpu:0", "/gpu:1"]);
/// assert_eq!(strategy.num_replicas_in_sync(), 2);
/// let mut model = strategy.scope(|| {
///     let mut model = Sequential::new();
///     model.add(Dense::new(1).input_shape([1]).kernel_initializer("zeros").use_bias(false));
///     model.compile(SGD::new(0.1), "mse", ()).map(|()| model)
/// })?;
/// // The mean of (w - 2)^2 x^2 over x = 1, 2, 3 has the gradient 2 (w - 2) 14 / 3: from 0 to 28 / 15.
/// model.fit([[1.0], [2.0], [3.0]], [[2.0], [4.0], [6.0]]).batch_size(3).verbose(0).run()?;
/// assert!((model.get_weights()[0].item::<f32>() - 28.0 / 15.0).abs() < 1e-6);
/// # Ok::<(), flowbook::Error>(())
/// ```
pub struct MirroredStrategy {
    asked: Vec<DeviceSpec>,
    strategy: OnceLock<Strategy>,
}

impl MirroredStrategy {
    /// A replica on each GPU, or one on the CPU where there is none.
    #[expect(clippy::new_without_default, reason = "a strategy is made on purpose")]
    pub fn new() -> MirroredStrategy {
        MirroredStrategy { asked: Vec::new(), strategy: OnceLock::new() }
    }

    /// A replica on each of these devices: `devices=["/gpu:0", "/gpu:1"]`. Where there is no such device its replica works
    /// on another one, unless soft placement is switched off.
    ///
    /// # Panics
    /// `AssertionError` for no device, or the same twice; `ValueError` for what is no name of a device.
    #[must_use]
    #[track_caller]
    pub fn devices<S: AsRef<str>>(self, devices: impl IntoIterator<Item = S>) -> MirroredStrategy {
        let asked = devices.into_iter().map(|name| full(name.as_ref())).collect::<Result<Vec<_>>>();
        let asked = asked.and_then(distinct).unwrap_or_else(|error| error.raise());
        MirroredStrategy { asked, strategy: OnceLock::new() }
    }
}

fn full(name: &str) -> Result<DeviceSpec> {
    Ok(DeviceSpec::parse(name)?.in_full())
}

fn distinct(devices: Vec<DeviceSpec>) -> Result<Vec<DeviceSpec>> {
    if devices.is_empty() {
        return Err(Error::Assertion("Must specify at least one device.".into()));
    }
    if (1..devices.len()).any(|i| devices[..i].contains(&devices[i])) {
        return Err(Error::Assertion(format!("No duplicates allowed in `devices` argument: {}", tuple(&devices))));
    }
    Ok(devices)
}

/// Names as Python prints a tuple of them.
fn tuple(devices: &[DeviceSpec]) -> String {
    let names: Vec<String> = devices.iter().map(|device| format!("'{device}'")).collect();
    format!("({}{})", names.join(", "), if names.len() == 1 { "," } else { "" })
}

impl Deref for MirroredStrategy {
    type Target = Strategy;

    /// The devices are looked for, and named in a line, when the strategy is used first.
    fn deref(&self) -> &Strategy {
        self.strategy.get_or_init(|| {
            let mut devices = self.asked.clone();
            if devices.is_empty() {
                devices = (0..gpus().len() as u32).map(|i| DeviceSpec::of("GPU", i).in_full()).collect();
            }
            if devices.is_empty() {
                devices = vec![DeviceSpec::of("CPU", 0).in_full()];
            }
            if devices.iter().any(|device| device.kind.as_deref() != Some("GPU")) {
                eprintln!(
                    "WARNING:tensorflow:There are non-GPU devices in `tf.distribute.Strategy`, not using nccl allreduce."
                );
            }
            eprintln!("INFO:tensorflow:Using MirroredStrategy with devices {}", tuple(&devices));
            Strategy::new("mirrored_strategy.MirroredStrategy", devices)
        })
    }
}

impl fmt::Display for MirroredStrategy {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl fmt::Debug for MirroredStrategy {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

/// Everything on one device: `tf.distribute.OneDeviceStrategy`.
///
/// ```
/// use flowbook::v2 as tf;
/// let strategy = tf::distribute::OneDeviceStrategy::new("/cpu:0");
/// assert_eq!(strategy.extended().worker_devices(), ["/job:localhost/replica:0/task:0/device:CPU:0"]);
/// ```
pub struct OneDeviceStrategy(Strategy);

impl OneDeviceStrategy {
    /// One replica on that device: `tf.distribute.OneDeviceStrategy(device)`.
    ///
    /// # Panics
    /// `ValueError` for what is no name of a device.
    #[track_caller]
    pub fn new(device: &str) -> OneDeviceStrategy {
        let device = full(device).unwrap_or_else(|error| error.raise());
        OneDeviceStrategy(Strategy::new("one_device_strategy.OneDeviceStrategy", vec![device]))
    }
}

impl Deref for OneDeviceStrategy {
    type Target = Strategy;
    fn deref(&self) -> &Strategy {
        &self.0
    }
}

impl fmt::Display for OneDeviceStrategy {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for OneDeviceStrategy {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
