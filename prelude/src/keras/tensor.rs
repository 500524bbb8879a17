//! The placeholders of a functional model: what `keras::Input` gives and layers are called on.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::layers::{Layer, build_layer, unique_name};
use crate::Shape;
use crate::error::Result;
use crate::v2::shape_v2;

/// A place in a model: an input, or a layer's result. Clones are the same place.
#[derive(Clone)]
pub struct KerasTensor(Arc<Place>);

struct Place {
    /// Made up when it is asked for and none was given.
    name: OnceLock<String>,
    shape: Shape,
    /// The layer it comes from and that layer's inputs; nothing for a model's input.
    from: Option<(Arc<dyn Layer>, Vec<KerasTensor>)>,
}

/// The input of a functional model, of one example's shape: `keras.Input(shape)`.
///
/// ```
/// use flowbook::keras::{self, layers::Dense};
/// let x = keras::Input([2]);
/// let y = Dense::new(1).call(&Dense::new(8).activation("relu").call(&x));
/// assert_eq!(keras::Model::new(&x, &y).count_params(), 33);
/// ```
#[expect(non_snake_case, reason = "Keras' own spelling")]
pub fn Input<const N: usize>(shape: [usize; N]) -> KerasTensor {
    let dims: Vec<Option<usize>> = std::iter::once(None).chain(shape.iter().map(|n| Some(*n))).collect();
    KerasTensor(Arc::new(Place { name: OnceLock::new(), shape: Shape::from(dims), from: None }))
}

impl KerasTensor {
    /// Gives an input a name: `keras.Input(shape, name=)`. To be said before it is used.
    ///
    /// ```
    /// use flowbook::keras;
    /// assert_eq!(keras::Input([2]).named("left").name(), "left");
    /// ```
    #[must_use]
    pub fn named(self, name: &str) -> KerasTensor {
        KerasTensor(Arc::new(Place {
            name: name.to_owned().into(),
            shape: self.0.shape.clone(),
            from: self.0.from.clone(),
        }))
    }

    /// The place of a layer's result.
    pub(super) fn of(layer: Arc<dyn Layer>, inputs: Vec<KerasTensor>) -> Result<KerasTensor> {
        let shapes: Vec<Shape> = inputs.iter().map(|i| i.shape()).collect();
        let shape = build_layer(&*layer, &shapes)?;
        let name = layer.base().name().into();
        Ok(KerasTensor(Arc::new(Place { name, shape, from: Some((layer, inputs)) })))
    }

    /// The shape, with the batch in front.
    pub fn shape(&self) -> Shape {
        self.0.shape.clone()
    }

    /// The name of the layer it comes from.
    pub fn name(&self) -> &str {
        self.0.name.get_or_init(|| unique_name("InputLayer"))
    }

    pub(super) fn from(&self) -> Option<&(Arc<dyn Layer>, Vec<KerasTensor>)> {
        self.0.from.as_ref()
    }

    /// Whether both are the same place.
    pub(super) fn is(&self, other: &KerasTensor) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for KerasTensor {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "<KerasTensor shape={}, dtype=float32, sparse=False, ragged=False, name={}>",
            shape_v2(&self.0.shape),
            self.name()
        )
    }
}

impl fmt::Display for KerasTensor {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
