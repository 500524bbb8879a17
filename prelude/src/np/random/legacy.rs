//! NumPy's legacy functions: those of `np.random` draw from one generator that all cells share, those of a
//! [`RandomState`] from its own. The numbers themselves are made in `mt19937` and `distributions`.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::distributions::Draws;
use super::mt19937::Mt19937;
use super::table::{check, distributions};
use super::{Normals, concentrations, cumulated, outcomes, picked, population};
use crate::array::Array;
use crate::dtype::Element;
use crate::literal::ArrayLike;
use crate::np::shape_like::ShapeLike;

static SHARED: Mutex<Option<RandomState>> = Mutex::new(None);

/// The state all cells share, seeded from the clock when nobody has seeded it.
struct Shared(MutexGuard<'static, Option<RandomState>>);

fn shared() -> Shared {
    let clock = || std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(5489, |t| t.subsec_nanos() ^ t.as_secs() as u32);
    let mut guard = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    guard.get_or_insert_with(|| RandomState::new(clock()));
    Shared(guard)
}

impl Shared {
    fn state(&mut self) -> &mut RandomState {
        self.0.as_mut().expect("seeded when it was taken")
    }
}

/// `np.random.seed`: the numbers that follow are those NumPy gives after the same seed.
///
/// ```
/// use flowbook::np;
/// np::random::seed(0);
/// assert_eq!(np::random::rand(3).to_string(), "[0.5488135  0.71518937 0.60276338]");
/// ```
pub fn seed(seed: u32) {
    *SHARED.lock().unwrap_or_else(PoisonError::into_inner) = Some(RandomState::new(seed));
}

/// `np.random.RandomState(seed)`: a generator of one's own, with the functions of this module as methods.
///
/// ```
/// use flowbook::np;
/// let mut random = np::random::RandomState::new(0);
/// assert_eq!(random.rand(3).to_string(), "[0.5488135  0.71518937 0.60276338]");
/// ```
pub struct RandomState {
    bits: Mt19937,
}

impl RandomState {
    /// Seeded, as `np.random.seed` does it.
    pub fn new(seed: u32) -> RandomState {
        RandomState { bits: Mt19937::new(seed) }
    }

    fn draw<T: Element>(&mut self, shape: &[usize], mut draw: impl FnMut(&mut Mt19937) -> T) -> Array {
        let n = shape.iter().product();
        Array::new((0..n).map(|_| draw(&mut self.bits)).collect::<Vec<T>>(), shape)
    }
}

/// Distributions: arguments, what must hold of them, and one draw.
macro_rules! functions_and_methods {
    ($($(#[$doc:meta])* $name:ident($($arg:ident),*) $([$condition:expr => $message:literal])* => |$bits:ident| $draw:expr;)*) => {
        $(
            $(#[$doc])*
            ///
            /// # Panics
            /// `ValueError` when an argument is out of its bounds or a size is negative.
            #[track_caller]
            pub fn $name($($arg: impl Into<f64>,)* size: impl ShapeLike) -> Array {
                $(let $arg: f64 = $arg.into();)*
                $(check($condition, $message);)*
                let size = size.shape();
                shared().state().draw(&size, |$bits| $draw)
            }
        )*

        impl RandomState {
            $(
                $(#[$doc])*
                ///
                /// # Panics
                /// `ValueError` when an argument is out of its bounds or a size is negative.
                #[track_caller]
                pub fn $name(&mut self, $($arg: impl Into<f64>,)* size: impl ShapeLike) -> Array {
                    $(let $arg: f64 = $arg.into();)*
                    $(check($condition, $message);)*
                    self.draw(&size.shape(), |$bits| $draw)
                }
            )*
        }
    };
}

distributions!(functions_and_methods);

functions_and_methods! {
    /// `np.random.rand`: uniform in [0, 1); `rand((2, 3))` is Python's `rand(2, 3)`, `rand(())` one number.
    rand() => |bits| bits.uniform();
    /// `np.random.random_sample`: uniform in [0, 1).
    random_sample() => |bits| bits.uniform();
    /// `np.random.randn`: standard normal; `randn((2, 3))` is Python's `randn(2, 3)`.
    randn() => |bits| bits.normal();
}

/// Functions whose arguments are checked and converted by a part of their own, once for both forms.
macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $t:ty),*) -> $result:ty, $ready:ident = $prepare:expr => |$state:ident| $draw:expr;)*) => {
        $(
            $(#[$doc])*
            #[track_caller]
            pub fn $name($($arg: $t),*) -> $result {
                let $ready = $prepare;
                let mut shared = shared();
                let $state = shared.state();
                $draw
            }
        )*

        impl RandomState {
            $(
                $(#[$doc])*
                #[track_caller]
                pub fn $name(&mut self, $($arg: $t),*) -> $result {
                    let $ready = $prepare;
                    let $state = self;
                    $draw
                }
            )*
        }
    };
}

/// The lowest number, the distance to the highest, and the shape.
#[track_caller]
fn bounds(low: i64, high: i64, size: impl ShapeLike) -> (i64, u64, Vec<usize>) {
    check(low < high, "low >= high");
    (low, (high - 1).wrapping_sub(low) as u64, size.shape())
}

#[track_caller]
fn choices(a: impl ArrayLike) -> Array {
    let a = population(a);
    check(!a.is_empty(), "'a' cannot be empty unless no samples are taken");
    a
}

functions! {
    /// `np.random.randint(low, high, size)`: integers from `low` up to, not including, `high`.
    ///
    /// ```
    /// use flowbook::np;
    /// np::random::seed(0);
    /// assert_eq!(np::random::randint(0, 10, 5).to_string(), "[5 0 3 3 7]");
    /// ```
    ///
    /// # Panics
    /// `ValueError` when there is nothing between the bounds.
    randint(low: i64, high: i64, size: impl ShapeLike) -> Array, ready = bounds(low, high, size) => |state| {
        let (low, range, shape) = ready;
        state.draw(&shape, |bits| low.wrapping_add(bits.below_or_equal(range) as i64))
    };
    /// `np.random.permutation`: the entries in random order; a number stands for `0..n`.
    ///
    /// ```
    /// use flowbook::np;
    /// np::random::seed(0);
    /// assert_eq!(np::random::permutation(5).to_string(), "[2 0 1 3 4]");
    /// ```
    permutation(x: impl ArrayLike) -> Array, x = population(x) => |state| x.take(state.bits.permutation(x.shape()[0]));
    /// `np.random.shuffle`: puts the entries along the first axis into random order, in place.
    shuffle(x: &mut Array) -> (), n = x.shape().first().copied().unwrap_or(0) => |state| *x = x.take(state.bits.permutation(n));
    /// `np.random.choice(a, size)`: entries of `a`, each draw from all of them; a number stands for `0..n`.
    ///
    /// # Panics
    /// `ValueError` when there is nothing to choose from.
    choice(a: impl ArrayLike, size: impl ShapeLike) -> Array, ready = (choices(a), size.shape()) => |state| {
        let (a, shape) = ready;
        let last = a.shape()[0] as u64 - 1;
        a.take(state.draw(&shape, |bits| bits.below_or_equal(last) as i64))
    };
    /// `np.random.choice(a, size, replace=False)`: `size` different entries of `a`.
    ///
    /// # Panics
    /// `ValueError` when there are not that many.
    choice_without_replacement(a: impl ArrayLike, size: usize) -> Array, a = enough(a, size) => |state| {
        a.take(&state.bits.permutation(a.shape()[0])[..size])
    };
    /// `np.random.choice(a, size, p=p)`: entries of `a` with the probabilities `p`.
    ///
    /// # Panics
    /// `ValueError` when `p` does not fit `a` or does not sum to 1.
    choice_weighted(a: impl ArrayLike, size: impl ShapeLike, p: impl ArrayLike) -> Array, ready = weighted(a, size, p) => |state| {
        let (a, shape, running) = ready;
        a.take(state.draw(&shape, |bits| picked(&running, bits.uniform())))
    };
    /// `np.random.multinomial(n, p, size)`: how many of `n` trials have each outcome, whose probabilities are `p`; a last
    /// axis goes over the outcomes.
    ///
    /// # Panics
    /// `ValueError` when the probabilities sum to more than 1.
    multinomial(n: i64, p: impl ArrayLike, size: impl ShapeLike) -> Array, ready = outcomes(p, size) => |state| {
        let (p, shape) = ready;
        let times = shape.iter().product::<usize>();
        let counts: Vec<i64> = (0..times).flat_map(|_| state.bits.multinomial(n, &p)).collect();
        Array::new(counts, &[&shape[..], &[p.len()]].concat())
    };
    /// `np.random.dirichlet(alpha, size)`: shares that sum to 1; a last axis goes over them.
    ///
    /// # Panics
    /// `ValueError` when an `alpha` is not positive.
    dirichlet(alpha: impl ArrayLike, size: impl ShapeLike) -> Array, ready = concentrations(alpha, size) => |state| {
        let (alpha, shape) = ready;
        let times = shape.iter().product::<usize>();
        let shares: Vec<f64> = (0..times).flat_map(|_| state.bits.dirichlet(&alpha)).collect();
        Array::new(shares, &[&shape[..], &[alpha.len()]].concat())
    };
    /// `np.random.multivariate_normal(mean, cov, size)`: normal numbers that vary together as `cov` says; a last axis goes
    /// over them. Of more than two variables the draws are NumPy's up to the signs that its decomposition happens to give.
    ///
    /// # Panics
    /// `ValueError` when the shapes do not fit.
    multivariate_normal(mean: impl ArrayLike, cov: impl ArrayLike, size: impl ShapeLike) -> Array, normals = Normals::new(mean, cov, size) => |state| {
        normals.of(|shape| state.draw(shape, |bits| bits.normal()))
    };
}

#[track_caller]
fn enough(a: impl ArrayLike, size: usize) -> Array {
    let a = population(a);
    check(size <= a.shape()[0], "Cannot take a larger sample than population when 'replace=False'");
    a
}

#[track_caller]
fn weighted(a: impl ArrayLike, size: impl ShapeLike, p: impl ArrayLike) -> (Array, Vec<usize>, Vec<f64>) {
    let a = choices(a);
    let running = cumulated(p, a.shape()[0]);
    (a, size.shape(), running)
}
