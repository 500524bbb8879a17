//! `keras.regularizers`: penalties on weights that join the loss.

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::v2::{self, IntoTensor, Tensor};

/// `l1 * sum(|w|) + l2 * sum(w^2)`, of which either part may be 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Regularizer {
    l1: f64,
    l2: f64,
}

impl Regularizer {
    /// The penalty on a weight: `regularizer(w)`.
    pub fn call(&self, weight: impl IntoTensor) -> Tensor {
        let w = weight.into_operand().tensor();
        let l1 = |w: &Tensor| self.l1 * v2::reduce_sum(v2::abs(w));
        let l2 = |w: &Tensor| self.l2 * v2::reduce_sum(v2::square(w));
        match (self.l1 != 0.0, self.l2 != 0.0) {
            (true, true) => l1(&w) + l2(&w),
            (true, false) => l1(&w),
            _ => l2(&w),
        }
    }

    pub(crate) fn config(self) -> Value {
        json!({ "l1": self.l1, "l2": self.l2 })
    }

    pub(crate) fn from_config(config: &Value) -> Option<Regularizer> {
        Some(Regularizer { l1: config.get("l1")?.as_f64()?, l2: config.get("l2")?.as_f64()? })
    }
}

/// `l1 * sum(|w|)`: `keras.regularizers.l1(l1)`.
pub fn l1(l1: f64) -> Regularizer {
    Regularizer { l1, l2: 0.0 }
}

/// `l2 * sum(w^2)`: `keras.regularizers.l2(l2)`.
pub fn l2(l2: f64) -> Regularizer {
    Regularizer { l1: 0.0, l2 }
}

/// Both: `keras.regularizers.l1_l2(l1, l2)`.
pub fn l1_l2(l1: f64, l2: f64) -> Regularizer {
    Regularizer { l1, l2 }
}

macro_rules! classes {
    ($($name:ident($($argument:ident),+) = $f:ident;)*) => { $(
        #[doc = concat!("The class under the name of [`", stringify!($f), "`].")]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl $name {
            #[doc = concat!("As [`", stringify!($f), "`].")]
            #[expect(clippy::new_ret_no_self, reason = "all regularizers are of one type")]
            pub fn new($($argument: f64),+) -> Regularizer {
                self::$f($($argument),+)
            }
        }
    )* };
}
classes! { L1(l1) = l1; L2(l2) = l2; L1L2(a, b) = l1_l2; }

/// What stands for a regularizer: an object of this module, or its name.
pub trait IntoRegularizer {
    /// The regularizer.
    ///
    /// # Errors
    /// `ValueError` for a name that Keras does not know.
    fn into_regularizer(self) -> Result<Regularizer>;
}

impl IntoRegularizer for Regularizer {
    fn into_regularizer(self) -> Result<Regularizer> {
        Ok(self)
    }
}

impl IntoRegularizer for &str {
    fn into_regularizer(self) -> Result<Regularizer> {
        match self {
            "l1" | "L1" => Ok(l1(0.01)),
            "l2" | "L2" => Ok(l2(0.01)),
            "l1_l2" | "l1l2" | "L1L2" => Ok(l1_l2(0.01, 0.01)),
            other => Err(Error::Value(format!("Could not interpret regularizer identifier: {other}"))),
        }
    }
}
