//! Callables: fetches and feeds chosen once, to be run often or many times in a row.

use super::{FeedKey, FeedValue, Feeds, Fetch, Key, Session};
use crate::Array;
use crate::error::{Error, Result};

/// Fetches and a list of tensors to feed, ready to be run with values: what `sess.make_callable` returns.
#[derive(Clone, Debug)]
pub struct Callable<F> {
    session: Session,
    fetches: F,
    feed_list: Vec<Key>,
}

/// The values of a callable's feeds, in their order: `()`, a tuple, an array or a vector of values.
pub trait FeedList {
    /// The values as arrays.
    fn arrays(self) -> Vec<Array>;
}

impl FeedList for () {
    fn arrays(self) -> Vec<Array> {
        Vec::new()
    }
}

impl<V: FeedValue, const N: usize> FeedList for [V; N] {
    fn arrays(self) -> Vec<Array> {
        self.into_iter().map(FeedValue::array).collect()
    }
}

impl<V: FeedValue> FeedList for Vec<V> {
    fn arrays(self) -> Vec<Array> {
        self.into_iter().map(FeedValue::array).collect()
    }
}

macro_rules! tuples {
    ($($name:ident $i:tt),+) => {
        impl<$($name: FeedValue),+> FeedList for ($($name,)+) {
            fn arrays(self) -> Vec<Array> {
                vec![$(self.$i.array()),+]
            }
        }
    };
}
tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);

impl Session {
    /// Chooses fetches and the tensors to feed once and for all: `sess.make_callable(fetches, feed_list)`.
    ///
    /// ```
    /// use flowbook::v1 as tf;
    /// # fn main() -> flowbook::Result<()> {
    /// let x = tf::placeholder(tf::float32, None);
    /// let count = tf::Variable::new(0.0);
    /// let add = tf::assign_add(count, x);
    /// let sess = tf::Session::new();
    /// sess.run(tf::global_variables_initializer())?;
    /// let step = sess.make_callable(add, [x]);
    /// assert_eq!(step.call([2.0])?.to_string(), "2.0");
    /// assert_eq!(step.repeat([0.5], 4)?.to_string(), "4.0");
    /// # Ok(())
    /// # }
    /// ```
    pub fn make_callable<F: Fetch>(self, fetches: F, feed_list: impl IntoIterator<Item: FeedKey>) -> Callable<F> {
        Callable { session: self, fetches, feed_list: feed_list.into_iter().map(|key| key.key()).collect() }
    }
}

impl<F: Fetch> Callable<F> {
    /// Computes the fetches with these values of the feeds.
    ///
    /// # Errors
    /// As [`Session::run_with`], and `TypeError` for more values than feeds. Feeds without a value are not fed.
    pub fn call(&self, values: impl FeedList) -> Result<F::Value> {
        self.repeat(values, 1)
    }

    /// Computes the fetches `times` times in a row with the same values of the feeds, as one compiled loop: a whole
    /// training on one batch. Returns what the last time gave.
    ///
    /// # Errors
    /// As [`call`](Self::call), and `ValueError` for no times at all.
    pub fn repeat(&self, values: impl FeedList, times: usize) -> Result<F::Value> {
        let values = values.arrays();
        if values.len() > self.feed_list.len() {
            return Err(Error::Type(format!(
                "`fetch` callable takes {} feed values, but {} were given",
                self.feed_list.len(),
                values.len()
            )));
        }
        if times == 0 {
            return Err(Error::Value("a callable must be repeated once at least to have values".into()));
        }
        let mut feeds = Feeds::with_capacity(values.len());
        for (key, value) in self.feed_list.iter().zip(values) {
            feeds = feeds.with(key, value);
        }
        self.session.run_times(&self.fetches, feeds, times)
    }
}
