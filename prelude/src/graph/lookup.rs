//! Operations and tensors by their names.

use super::{Graph, GraphData, Operation, Output, Tensor};
use crate::error::{Error, Result};

impl Graph {
    /// The operation of that name.
    ///
    /// # Errors
    /// `KeyError` when there is none, `ValueError` for the name of a tensor.
    pub fn get_operation_by_name(self, name: &str) -> Result<Operation> {
        if name.contains(':') {
            return Err(Error::Value(format!("Name '{name}' appears to refer to a Tensor, not a Operation.")));
        }
        let node = self.data().by_name.get(name).copied();
        let node =
            node.ok_or_else(|| Error::Key(format!("\"The name '{name}' refers to an Operation not in the graph.\"")))?;
        Ok(Operation { graph: self, node })
    }

    /// The tensor of that name, such as `"Add:0"`.
    ///
    /// # Errors
    /// `ValueError` without an output index, `KeyError` when there is no such tensor.
    pub fn get_tensor_by_name(self, name: &str) -> Result<Tensor> {
        let refused = |what: &str| {
            Error::Value(format!(
                "The name '{name}' {what}. Tensor names must be of the form \"<op_name>:<output_index>\"."
            ))
        };
        let Some((op, index)) = name.split_once(':') else {
            let known = self.data().by_name.contains_key(name);
            let what = if known { "refers to" } else { "looks like" };
            let kind = if known { "an Operation" } else { "an (invalid) Operation name" };
            return Err(refused(&format!("{what} {kind}, not a Tensor")));
        };
        let invalid = || refused("looks a like a Tensor name, but is not a valid one");
        let index: u32 = index.parse().map_err(|_| invalid())?;
        let missing = |what: String| {
            Error::Key(format!(
                "\"The name '{name}' refers to a Tensor which does not exist. The operation, '{op}', {what}\""
            ))
        };
        let operation = self.get_operation_by_name(op).map_err(|_| missing("does not exist in the graph.".into()))?;
        let outputs = operation.outputs();
        let count = outputs.len();
        outputs.get(index as usize).copied().ok_or_else(|| missing(format!("exists but only has {count} outputs.")))
    }
}

impl GraphData {
    /// The form of a NodeDef's inputs: `name`, or `name:1` for a later output.
    pub(crate) fn input_name(&self, output: Output) -> String {
        let name = &self.nodes[output.node as usize].name;
        if output.index == 0 { name.clone() } else { format!("{name}:{}", output.index) }
    }

    /// The name of what a program feeds: that of a variable where it is a variable's value.
    pub(crate) fn fed_name(&self, output: Output) -> String {
        let node = &self.nodes[output.node as usize];
        let owner = node.inputs.first().filter(|_| node.def.name == "Identity" && node.name.ends_with("/read"));
        match owner.filter(|owner| self.nodes[owner.node as usize].def.name == "VariableV2") {
            Some(variable) => self.input_name(*variable),
            None => self.input_name(output),
        }
    }
}
