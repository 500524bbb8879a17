//! What is in force on a thread: the strategy of the innermost scope, and which replica is at work.

use std::cell::RefCell;
use std::sync::{Arc, LazyLock};

use super::Strategy;
use crate::graph::DeviceSpec;

thread_local! {
    static SCOPE: RefCell<Option<Strategy>> = const { RefCell::new(None) };
    static REPLICA: RefCell<Option<(Strategy, usize)>> = const { RefCell::new(None) };
}

/// The strategy of everybody who has chosen none.
static DEFAULT: LazyLock<Strategy> = LazyLock::new(|| {
    let cpu = DeviceSpec::of("CPU", 0).in_full();
    Strategy::new("distribute_lib._DefaultDistributionStrategy", vec![cpu])
});

/// The strategy in force: `tf.distribute.get_strategy()`. Outside of all scopes it is one with one replica.
///
/// ```
/// use flowbook::v2 as tf;
/// assert_eq!(tf::distribute::get_strategy().num_replicas_in_sync(), 1);
/// ```
pub fn get_strategy() -> Strategy {
    current().unwrap_or_else(|| DEFAULT.clone())
}

/// Whether some strategy is in force: `tf.distribute.has_strategy()`.
///
/// ```
/// use flowbook::v2 as tf;
/// assert!(!tf::distribute::has_strategy());
/// let strategy = tf::distribute::OneDeviceStrategy::new("/cpu:0");
/// assert!(strategy.scope(tf::distribute::has_strategy));
/// ```
pub fn has_strategy() -> bool {
    current().is_some()
}

/// The replica that is at work, inside `strategy.run`.
pub struct ReplicaContext {
    index: usize,
    count: usize,
}

impl ReplicaContext {
    /// Its number, from 0: `context.replica_id_in_sync_group`.
    pub fn replica_id_in_sync_group(&self) -> usize {
        self.index
    }

    /// The number of replicas: `context.num_replicas_in_sync`.
    pub fn num_replicas_in_sync(&self) -> usize {
        self.count
    }
}

/// The replica at work, `None` inside the scope of a strategy: `tf.distribute.get_replica_context()`. Where there is no
/// strategy it is the only one.
///
/// ```
/// use flowbook::v2 as tf;
/// let strategy = tf::distribute::MirroredStrategy::new().devices(["/gpu:0", "/gpu:1"]);
/// assert!(strategy.scope(tf::distribute::get_replica_context).is_none());
/// let ids = strategy.run(|| tf::distribute::get_replica_context().unwrap().replica_id_in_sync_group());
/// assert_eq!(ids.values(), [0, 1]);
/// ```
pub fn get_replica_context() -> Option<ReplicaContext> {
    match REPLICA.with_borrow(Clone::clone) {
        Some((strategy, index)) => Some(ReplicaContext { index, count: strategy.num_replicas_in_sync() }),
        None => scope().is_none().then_some(ReplicaContext { index: 0, count: 1 }),
    }
}

pub(super) fn scope() -> Option<Strategy> {
    SCOPE.with_borrow(Clone::clone)
}

/// The strategy that new variables and models belong to.
fn current() -> Option<Strategy> {
    REPLICA.with_borrow(|replica| replica.as_ref().map(|(strategy, _)| strategy.clone())).or_else(scope)
}

/// The strategy in force, if there is one.
pub(crate) fn in_scope() -> Option<Strategy> {
    current()
}

/// How many replicas a new variable has a copy for.
pub(crate) fn mirrors() -> usize {
    current().map_or(1, |strategy| strategy.num_replicas_in_sync())
}

/// The number of the replica at work, 0 when none is.
pub(crate) fn replica_index() -> usize {
    REPLICA.with_borrow(|replica| replica.as_ref().map_or(0, |(_, index)| *index))
}

/// Whether a replica is at work, one of several.
pub(crate) fn is_replica() -> bool {
    REPLICA.with_borrow(|replica| replica.as_ref().is_some_and(|(strategy, _)| strategy.num_replicas_in_sync() > 1))
}

/// Where the replica at work computes what no device scope sends elsewhere.
pub(crate) fn default_device() -> Option<Arc<DeviceSpec>> {
    REPLICA.with_borrow(|replica| replica.as_ref().map(|(strategy, index)| strategy.0.devices[*index].clone()))
}

pub(super) fn with_scope<R>(strategy: &Strategy, body: impl FnOnce() -> R) -> R {
    struct Restore(Option<Strategy>);
    impl Drop for Restore {
        fn drop(&mut self) {
            SCOPE.set(self.0.take());
        }
    }
    let _restore = Restore(SCOPE.replace(Some(strategy.clone())));
    body()
}

pub(super) fn with_replica<R>(strategy: &Strategy, index: usize, body: impl FnOnce() -> R) -> R {
    struct Restore(Option<(Strategy, usize)>);
    impl Drop for Restore {
        fn drop(&mut self) {
            REPLICA.set(self.0.take());
        }
    }
    let _restore = Restore(REPLICA.replace(Some((strategy.clone(), index))));
    body()
}
