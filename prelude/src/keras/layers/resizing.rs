//! Layers that make images `[batch, height, width, channels]` larger or smaller, and the functions that make one number of
//! each channel.

use std::sync::Arc;

use serde_json::{Value, json};

use super::conv::IntoPair;
use super::core::Config;
use super::{Base, Layer, Weight, common, identity, incompatible};
use crate::Shape;
use crate::error::Result;
use crate::v2::{self, Tensor, shape_v2};

fn four(layer: &dyn Layer, input: &Shape) -> Result<[Option<usize>; 4]> {
    <[Option<usize>; 4]>::try_from(input.dims().unwrap_or_default()).map_err(|_| {
        let rank = input.rank().unwrap_or(0);
        incompatible(layer, format!("expected ndim=4, found ndim={rank}. Full shape received: {}", shape_v2(input)))
    })
}

fn sizes(x: &Tensor) -> [i32; 4] {
    let sizes = x.shape().sizes().unwrap_or_default();
    std::array::from_fn(|i| sizes.get(i).map_or(1, |n| *n as i32))
}

/// Each pixel several times: `keras.layers.UpSampling2D()`.
///
/// ```
/// use flowbook::{keras, v2 as tf};
/// let y = keras::layers::UpSampling2D::new().size((1, 2)).call(&tf::constant([[[[1.0], [2.0]]]]));
/// assert_eq!(tf::reshape(y, [-1]).numpy().to_string(), "[1. 1. 2. 2.]");
/// ```
#[derive(Clone)]
pub struct UpSampling2D {
    base: Base,
    size: (usize, usize),
}
common!(UpSampling2D);

impl Default for UpSampling2D {
    fn default() -> UpSampling2D {
        UpSampling2D::new()
    }
}

impl UpSampling2D {
    /// Twice as high and as wide.
    pub fn new() -> UpSampling2D {
        UpSampling2D { base: Base::new("UpSampling2D"), size: (2, 2) }
    }

    /// How many times as high and as wide: `size=`.
    #[must_use]
    pub fn size(self, size: impl IntoPair) -> UpSampling2D {
        UpSampling2D { size: size.into_pair(), ..self }
    }
}

impl Layer for UpSampling2D {
    identity!(UpSampling2D);

    fn output_shape(&self, inputs: &[Shape]) -> Result<Shape> {
        let [batch, height, width, depth] = four(self, &inputs[0])?;
        Ok(Shape::from([batch, height.map(|n| n * self.size.0), width.map(|n| n * self.size.1), depth]))
    }

    fn forward(&self, _: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
        let [batch, height, width, depth] = sizes(&inputs[0]);
        let (rows, columns) = (self.size.0 as i32, self.size.1 as i32);
        let apart = v2::reshape(&inputs[0], [batch, height, 1, width, 1, depth]);
        let repeated = v2::tile(apart, [1, 1, rows, 1, columns, 1]);
        v2::reshape(repeated, [batch, height * rows, width * columns, depth])
    }

    fn config(&self) -> Value {
        json!({ "size": [self.size.0, self.size.1] })
    }
}

/// Zeros around the image: `keras.layers.ZeroPadding2D()`.
#[derive(Clone)]
pub struct ZeroPadding2D {
    base: Base,
    padding: (usize, usize),
}
common!(ZeroPadding2D);

impl Default for ZeroPadding2D {
    fn default() -> ZeroPadding2D {
        ZeroPadding2D::new()
    }
}

impl ZeroPadding2D {
    /// One row and one column on each side.
    pub fn new() -> ZeroPadding2D {
        ZeroPadding2D { base: Base::new("ZeroPadding2D"), padding: (1, 1) }
    }

    /// How many rows above and below, and columns left and right: `padding=`.
    #[must_use]
    pub fn padding(self, padding: impl IntoPair) -> ZeroPadding2D {
        ZeroPadding2D { padding: padding.into_pair(), ..self }
    }
}

impl Layer for ZeroPadding2D {
    identity!(ZeroPadding2D);

    fn output_shape(&self, inputs: &[Shape]) -> Result<Shape> {
        let [batch, height, width, depth] = four(self, &inputs[0])?;
        let (rows, columns) = self.padding;
        Ok(Shape::from([batch, height.map(|n| n + 2 * rows), width.map(|n| n + 2 * columns), depth]))
    }

    fn forward(&self, _: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
        let (rows, columns) = (self.padding.0 as i32, self.padding.1 as i32);
        v2::pad(&inputs[0], [[0, 0], [rows, rows], [columns, columns], [0, 0]]).into()
    }

    fn config(&self) -> Value {
        json!({ "padding": [self.padding.0, self.padding.1] })
    }
}

macro_rules! global {
    ($($(#[$doc:meta])* $name:ident($rank:literal) = $reduce:path;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone)]
            pub struct $name {
                base: Base,
            }
            common!($name);

            impl Default for $name {
                fn default() -> $name {
                    $name::new()
                }
            }

            impl $name {
                /// The layer.
                pub fn new() -> $name {
                    $name { base: Base::new(stringify!($name)) }
                }
            }

            impl Layer for $name {
                identity!($name);

                fn output_shape(&self, inputs: &[Shape]) -> Result<Shape> {
                    channels(self, &inputs[0], $rank)
                }

                fn forward(&self, _: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
                    match $rank {
                        3 => $reduce(&inputs[0]).axis(1).into(),
                        _ => $reduce(&inputs[0]).axis([1, 2]).into(),
                    }
                }

                fn config(&self) -> Value {
                    json!({})
                }
            }
        )*

        fn global(class: &str) -> Option<Arc<dyn Layer>> {
            match class {
                $(stringify!($name) => Some($name::new().handle()),)*
                _ => None,
            }
        }
    };
}

/// Batch and channels of an input of that rank.
fn channels(layer: &dyn Layer, input: &Shape, rank: usize) -> Result<Shape> {
    let dims = input.dims().unwrap_or_default();
    if dims.len() == rank {
        return Ok(Shape::from([dims[0], dims[rank - 1]]));
    }
    let what = format!("expected ndim={rank}, found ndim={}. Full shape received: {}", dims.len(), shape_v2(input));
    Err(incompatible(layer, what))
}

global! {
    /// The mean of each channel of images: `keras.layers.GlobalAveragePooling2D()`.
    GlobalAveragePooling2D(4) = v2::reduce_mean;
    /// The largest value of each channel of images: `keras.layers.GlobalMaxPooling2D()`.
    GlobalMaxPooling2D(4) = v2::reduce_max;
    /// The mean of each channel of sequences: `keras.layers.GlobalAveragePooling1D()`.
    GlobalAveragePooling1D(3) = v2::reduce_mean;
    /// The largest value of each channel of sequences: `keras.layers.GlobalMaxPooling1D()`.
    GlobalMaxPooling1D(3) = v2::reduce_max;
}

pub(super) fn from_config(class: &str, c: &Config) -> Option<Arc<dyn Layer>> {
    match class {
        "UpSampling2D" => Some(UpSampling2D::new().size(c.pair("size")).handle()),
        "ZeroPadding2D" => Some(ZeroPadding2D::new().padding(c.pair("padding")).handle()),
        _ => global(class),
    }
}
