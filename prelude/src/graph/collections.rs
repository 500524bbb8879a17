//! What a graph keeps lists of: tensors in collections, variables, and what optimizers keep for each variable.

use super::{Graph, GraphData, Tensor, Variable, get_default_graph};

/// The names of the collections that the library itself keeps: `tf.GraphKeys`.
pub mod keys {
    /// Variables whose values are saved and that one initializer starts.
    pub const GLOBAL_VARIABLES: &str = "variables";
    /// Variables that are neither saved nor started with the global ones.
    pub const LOCAL_VARIABLES: &str = "local_variables";
    /// Variables that optimizers change.
    pub const TRAINABLE_VARIABLES: &str = "trainable_variables";
    /// Every loss of `tf.losses`.
    pub const LOSSES: &str = "losses";
    /// The penalties of regularizers.
    pub const REGULARIZATION_LOSSES: &str = "regularization_losses";
    /// What a training step is to run besides: the running figures of batch normalization.
    pub const UPDATE_OPS: &str = "update_ops";
    /// What `tf.metrics` have seen.
    pub const METRIC_VARIABLES: &str = "metric_variables";
}

/// Adds a tensor to a collection of the default graph: `tf.add_to_collection(name, value)`.
pub fn add_to_collection(collection: &str, tensor: impl Into<Tensor>) {
    get_default_graph().add_to_collection(collection, tensor.into());
}

/// The tensors of a collection of the default graph, in the order they were added: `tf.get_collection(name)`.
pub fn get_collection(collection: &str) -> Vec<Tensor> {
    get_default_graph().get_collection(collection)
}

impl Graph {
    /// Adds a tensor to the collection of that name: `g.add_to_collection(...)`.
    pub fn add_to_collection(self, collection: &str, tensor: Tensor) {
        self.data().collections.entry(collection.into()).or_default().push(tensor);
    }

    /// The tensors of a collection, in the order they were added. Of the collections of variables it gives the variables
    /// themselves, as tensors.
    pub fn get_collection(self, collection: &str) -> Vec<Tensor> {
        let variables = match collection {
            keys::GLOBAL_VARIABLES => self.global_variables(),
            keys::LOCAL_VARIABLES => self.local_variables(),
            keys::TRAINABLE_VARIABLES => self.trainable_variables(),
            _ => return self.data().collections.get(collection).cloned().unwrap_or_default(),
        };
        variables.into_iter().map(Variable::reference).collect()
    }

    /// Empties a collection: `g.clear_collection(name)`.
    pub fn clear_collection(self, collection: &str) {
        let mut data = self.data();
        match collection {
            keys::GLOBAL_VARIABLES => data.variables.clear(),
            keys::LOCAL_VARIABLES => data.locals.clear(),
            keys::TRAINABLE_VARIABLES => data.trainable.clear(),
            _ => drop(data.collections.remove(collection)),
        }
    }

    /// Every variable, in the order they were made.
    pub fn global_variables(self) -> Vec<Variable> {
        self.data().variables.clone()
    }

    /// The variables that are neither saved nor started with the global ones.
    pub fn local_variables(self) -> Vec<Variable> {
        self.data().locals.clone()
    }

    /// The variables that optimizers change.
    pub fn trainable_variables(self) -> Vec<Variable> {
        self.data().trainable.clone()
    }

    /// Puts a variable into these collections in the place of the global variables.
    pub(super) fn list_in(self, variable: Variable, collections: &[&str]) {
        let mut data = self.data();
        data.variables.retain(|v| *v != variable);
        for key in collections {
            match *key {
                keys::GLOBAL_VARIABLES => data.variables.push(variable),
                keys::LOCAL_VARIABLES => data.locals.push(variable),
                keys::TRAINABLE_VARIABLES if data.trainable.contains(&variable) => {}
                keys::TRAINABLE_VARIABLES => data.trainable.push(variable),
                other => data.collections.entry(other.into()).or_default().push(variable.reference()),
            }
        }
    }

    /// What the optimizer of that number keeps under that name, for one variable or by itself.
    pub(crate) fn slot(self, optimizer: u64, of: Option<Variable>, name: &str) -> Option<Variable> {
        let data = self.data();
        let found = data.slots.iter().find(|slot| slot.optimizer == optimizer && slot.of == of && slot.name == name);
        found.map(|slot| slot.variable)
    }

    /// Remembers what an optimizer keeps.
    pub(crate) fn keep_slot(self, optimizer: u64, of: Option<Variable>, name: &'static str, variable: Variable) {
        self.data().slots.push(Slot { optimizer, of, name, variable });
    }

    /// Whether the optimizer of that number keeps something of that name.
    pub(crate) fn has_slot(self, optimizer: u64, name: &str) -> bool {
        self.data().slots.iter().any(|slot| slot.optimizer == optimizer && slot.name == name)
    }
}

/// What an optimizer keeps besides the variables, and what for.
pub(super) struct Slot {
    optimizer: u64,
    of: Option<Variable>,
    name: &'static str,
    pub(super) variable: Variable,
}

impl GraphData {
    /// Takes a tensor out of every collection.
    pub(crate) fn remove_from_collections(&mut self, tensor: Tensor) {
        self.collections.values_mut().for_each(|tensors| tensors.retain(|t| *t != tensor));
    }
}
