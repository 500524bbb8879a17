//! NumPy's print options: how many digits, how long the lines, what is left out. What is done with them is elsewhere.

use std::sync::{PoisonError, RwLock};

/// The options of `np.set_printoptions`, with NumPy's defaults.
#[derive(Clone)]
pub(crate) struct Options {
    /// Digits after the point at most.
    pub(crate) precision: usize,
    /// Arrays of more elements than this are printed by their corners.
    pub(crate) threshold: usize,
    /// Elements kept at each end of an axis of a summarised array.
    pub(crate) edgeitems: usize,
    /// Lines are broken so that they stay within this many columns.
    pub(crate) linewidth: usize,
    /// Whether small numbers print as zeros in place of turning the array scientific.
    pub(crate) suppress: bool,
    pub(crate) nanstr: String,
    pub(crate) infstr: String,
    pub(crate) sign: Sign,
    pub(crate) floatmode: FloatMode,
}

/// What stands before numbers that are not negative.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Sign {
    Nothing,
    Plus,
    Blank,
}

/// How the precision is meant.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum FloatMode {
    /// Exactly so many digits.
    Fixed,
    /// As many as tell the number from its neighbours.
    Unique,
    /// As [`FloatMode::Unique`], but no more than so many.
    MaxPrec,
    /// As [`FloatMode::MaxPrec`], the same number of digits for all.
    MaxPrecEqual,
}

impl Options {
    const DEFAULT: Options = Options {
        precision: 8,
        threshold: 1000,
        edgeitems: 3,
        linewidth: 75,
        suppress: false,
        nanstr: String::new(),
        infstr: String::new(),
        sign: Sign::Nothing,
        floatmode: FloatMode::MaxPrec,
    };

    /// The text for NaN.
    pub(super) fn nan(&self) -> &str {
        if self.nanstr.is_empty() { "nan" } else { &self.nanstr }
    }

    /// The text for infinity.
    pub(super) fn inf(&self) -> &str {
        if self.infstr.is_empty() { "inf" } else { &self.infstr }
    }

    /// Digits after the point at most, as the mode has it.
    pub(super) fn digits(&self) -> usize {
        if self.floatmode == FloatMode::Unique { usize::MAX - 1 } else { self.precision }
    }

    pub(super) fn plus(&self) -> &'static str {
        if self.sign == Sign::Plus { "+" } else { "" }
    }
}

static CURRENT: RwLock<Options> = RwLock::new(Options::DEFAULT);

/// The options in force.
pub(crate) fn current() -> Options {
    CURRENT.read().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Changes the options in force.
pub(crate) fn change(change: impl FnOnce(&mut Options)) {
    change(&mut CURRENT.write().unwrap_or_else(PoisonError::into_inner));
}
