//! What a model is made of: inputs, layers in places, outputs; and the order in which Keras lists them.

use std::sync::Arc;

use crate::Shape;
use crate::error::{Error, Result};
use crate::keras::layers::{Layer, apply, build_layer};
use crate::keras::tensor::KerasTensor;
use crate::v2::Tensor;

/// An input: its name if it shows as a layer of its own, its shape when it is known.
#[derive(Clone, Default)]
pub(super) struct Entry {
    pub name: Option<String>,
    pub shape: Option<Shape>,
}

/// One layer's place in a model: which of the values so far it takes.
#[derive(Clone)]
pub(super) struct Place {
    pub layer: Arc<dyn Layer>,
    pub inputs: Vec<usize>,
}

/// Layers put together. The values are numbered: first the inputs, then what comes out of each place.
#[derive(Clone)]
pub(super) struct Graph {
    pub inputs: Vec<Entry>,
    pub places: Vec<Place>,
    pub outputs: Vec<usize>,
}

impl Graph {
    /// One input that is handed on as it is.
    pub fn chain() -> Graph {
        Graph { inputs: vec![Entry::default()], places: Vec::new(), outputs: vec![0] }
    }

    /// What leads from some places to others.
    ///
    /// # Errors
    /// `ValueError` when an output does not come from the inputs alone.
    pub fn between(inputs: &[KerasTensor], outputs: &[KerasTensor]) -> Result<Graph> {
        let entry = |input: &KerasTensor| Entry { name: Some(input.name().into()), shape: Some(input.shape()) };
        let mut graph = Graph { inputs: inputs.iter().map(entry).collect(), places: Vec::new(), outputs: Vec::new() };
        let mut known = inputs.to_vec();
        for (path, output) in outputs.iter().enumerate() {
            let Some(at) = graph.collect(output, &mut known) else {
                return Err(Error::Value(format!(
                    "`inputs` not connected to `outputs`: Output with path `{path}` is not connected to `inputs`. It needs \
                     an input that the model was not given."
                )));
            };
            graph.outputs.push(at);
        }
        graph.sort();
        Ok(graph)
    }

    /// Adds what leads to a place and returns its number; nothing when it comes from elsewhere.
    fn collect(&mut self, wanted: &KerasTensor, known: &mut Vec<KerasTensor>) -> Option<usize> {
        if let Some(at) = known.iter().position(|k| k.is(wanted)) {
            return Some(at);
        }
        let (layer, inputs) = wanted.from()?;
        let inputs = inputs.iter().map(|i| self.collect(i, known)).collect::<Option<_>>()?;
        self.places.push(Place { layer: layer.clone(), inputs });
        known.push(wanted.clone());
        Some(known.len() - 1)
    }

    /// The place that a value comes out of; none for an input.
    pub fn place(&self, value: usize) -> Option<&Place> {
        self.places.get(value.checked_sub(self.inputs.len())?)
    }

    /// Whether two values come out of the same layer.
    pub fn same_layer(&self, a: usize, b: usize) -> bool {
        match (self.place(a), self.place(b)) {
            (Some(a), Some(b)) => a.layer.base().is(b.layer.base()),
            _ => a == b,
        }
    }

    /// For each value how far its layer is from the outputs, and when its layer is met on the way from there.
    fn ranks(&self) -> Vec<(usize, usize)> {
        let count = self.inputs.len() + self.places.len();
        let mut met: Vec<usize> = Vec::new();
        self.outputs.iter().for_each(|output| self.meet(*output, &mut met));
        let mut depths = vec![0; count];
        for value in (0..count).rev() {
            let depth = (value..count).filter(|v| self.same_layer(*v, value)).map(|v| depths[v]).max().unwrap_or(0);
            depths[value] = depth;
            for input in self.place(value).into_iter().flat_map(|place| &place.inputs) {
                depths[*input] = depths[*input].max(depth + 1);
            }
        }
        let layer_depth =
            |value| (0..count).filter(|v| self.same_layer(*v, value)).map(|v| depths[v]).max().unwrap_or(0);
        let index = |value| met.iter().position(|m| self.same_layer(*m, value)).unwrap_or(met.len());
        (0..count).map(|value| (layer_depth(value), index(value))).collect()
    }

    fn meet(&self, value: usize, met: &mut Vec<usize>) {
        if met.contains(&value) {
            return;
        }
        met.push(value);
        self.place(value).into_iter().flat_map(|place| &place.inputs).for_each(|input| self.meet(*input, met));
    }

    /// One value for each layer, in Keras' order: from the inputs on, and as met from the outputs where that says nothing.
    pub fn in_order(&self) -> Vec<usize> {
        let ranks = self.ranks();
        let mut order: Vec<usize> =
            (0..ranks.len()).filter(|v| !(0..*v).any(|earlier| self.same_layer(earlier, *v))).collect();
        order.sort_by_key(|value| (std::cmp::Reverse(ranks[*value].0), ranks[*value].1));
        order
    }

    /// Brings the places into Keras' order. What a layer takes stays before it.
    fn sort(&mut self) {
        let (inputs, ranks) = (self.inputs.len(), self.ranks());
        let mut order: Vec<usize> = (inputs..ranks.len()).collect();
        let depth = |value: &usize| std::cmp::Reverse(ranks[*value].0);
        order.sort_by_key(|value| (depth(value), ranks[*value].1));
        let stays = |order: &[usize]| {
            let at = |value: &usize| order.iter().position(|v| v == value);
            order.iter().all(|v| self.place(*v).is_none_or(|p| p.inputs.iter().all(|i| *i < inputs || at(i) < at(v))))
        };
        // A layer that takes what it gave has no depth of its own: such models stay as they were built.
        if !stays(&order) {
            return;
        }
        let moved = |value: usize| match order.iter().position(|v| *v == value) {
            Some(at) => inputs + at,
            None => value,
        };
        let place = |value: &usize| {
            let place = &self.places[value - inputs];
            Place { layer: place.layer.clone(), inputs: place.inputs.iter().map(|i| moved(*i)).collect() }
        };
        let places = order.iter().map(place).collect();
        self.outputs = self.outputs.iter().map(|output| moved(*output)).collect();
        self.places = places;
    }

    /// The shapes of the inputs, when all are known.
    pub fn input_shapes(&self) -> Option<Vec<Shape>> {
        self.inputs.iter().map(|entry| entry.shape.clone()).collect()
    }

    /// The names of the outputs: those of the layers they come out of.
    pub fn output_names(&self) -> Vec<String> {
        let name = |output: &usize| match self.place(*output) {
            Some(place) => place.layer.base().name(),
            None => self.inputs[*output].name.clone().unwrap_or_default(),
        };
        self.outputs.iter().map(name).collect()
    }

    /// The shape of every value, the weights made on the way.
    ///
    /// # Errors
    /// `ValueError` when a layer cannot take what comes to it.
    pub fn shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        let mut values = inputs.to_vec();
        for place in &self.places {
            let inputs: Vec<Shape> = place.inputs.iter().map(|i| values[*i].clone()).collect();
            values.push(build_layer(&*place.layer, &inputs)?);
        }
        Ok(values)
    }

    /// The outputs for these inputs.
    ///
    /// # Errors
    /// `ValueError` when a layer cannot take what comes to it.
    pub fn forward(&self, inputs: &[Tensor], training: bool) -> Result<Vec<Tensor>> {
        let mut values = inputs.to_vec();
        for place in &self.places {
            let inputs: Vec<Tensor> = place.inputs.iter().map(|i| values[*i].clone()).collect();
            values.push(apply(&*place.layer, &inputs, training)?);
        }
        Ok(self.outputs.iter().map(|output| values[*output].clone()).collect())
    }

    /// Each layer once, those of models inside it in place of these, and whether it may be trained.
    pub fn leaves(&self) -> Vec<(Arc<dyn Layer>, bool)> {
        let mut found: Vec<(Arc<dyn Layer>, bool)> = Vec::new();
        for leaf in self.places.iter().flat_map(|place| leaves_of(&place.layer)) {
            if !found.iter().any(|(known, _)| known.base().is(leaf.0.base())) {
                found.push(leaf);
            }
        }
        found
    }
}

/// A layer, or the layers inside it, and whether they may be trained.
pub(super) fn leaves_of(layer: &Arc<dyn Layer>) -> Vec<(Arc<dyn Layer>, bool)> {
    let trainable = layer.base().trainable();
    let inside = layer.layers();
    if inside.is_empty() {
        return vec![(layer.clone(), trainable)];
    }
    inside.iter().flat_map(leaves_of).map(|(leaf, inner)| (leaf, inner && trainable)).collect()
}
