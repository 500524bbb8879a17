//! What a run needs of a graph: the nodes, their sizes under the shapes fed, the values that follow from the graph,
//! and which nodes compute the same. Nothing is ordered or placed here.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::{at_node, branches};
use crate::error::{Error, Result};
use crate::graph::{GraphData, Node, Output};
use crate::ops::shape::broadcast_copy;
use crate::ops::{Call, Infer, Kernel, Signature, View, fits_memory};
use crate::{Array, DType, Shape};

/// The outcome for the nodes of one run.
pub(crate) struct Analysis {
    /// The nodes to run, in graph order.
    pub nodes: Vec<u32>,
    pub signatures: HashMap<Output, Signature>,
    /// Outputs whose value is known before the run.
    pub values: HashMap<Output, Array>,
    /// Outputs that equal an earlier one.
    same: HashMap<Output, Output>,
    pub fed: BTreeMap<Output, usize>,
    /// Whether some size is known only in the run.
    pub dynamic: bool,
    /// The nodes in branches, when both are to be computed.
    both: Option<HashSet<u32>>,
}

/// Values of more elements than this are computed in each run rather than kept.
const FOLD_LIMIT: usize = 1 << 16;

impl Analysis {
    pub fn new(graph: &GraphData, roots: &[u32], feeds: &[(Output, Vec<usize>)]) -> Result<Analysis> {
        let mut analysis = Analysis::empty(graph, feeds);
        let needed = analysis.needed(graph, roots, false);
        if needed.iter().any(|id| graph.nodes[*id as usize].def.name == "Switch")
            && let Some(inside) = branches::harmless(graph, &needed)
        {
            let mut both = Analysis { both: Some(inside), ..Analysis::empty(graph, feeds) };
            if both.visit_all(graph, roots, &needed).is_ok() && !both.dynamic {
                return Ok(both);
            }
        }
        analysis.visit_all(graph, roots, &needed)?;
        Ok(analysis)
    }

    fn empty(graph: &GraphData, feeds: &[(Output, Vec<usize>)]) -> Analysis {
        let fed: BTreeMap<Output, usize> = feeds.iter().enumerate().map(|(i, (o, _))| (*o, i)).collect();
        let mut analysis = Analysis {
            nodes: Vec::new(),
            signatures: HashMap::new(),
            values: HashMap::new(),
            same: HashMap::new(),
            fed,
            dynamic: false,
            both: None,
        };
        for (output, sizes) in feeds {
            let (dtype, _) = graph.signature(*output);
            analysis.signatures.insert(*output, (dtype, Shape::from(&sizes[..])));
        }
        analysis
    }

    fn visit_all(&mut self, graph: &GraphData, roots: &[u32], needed: &[u32]) -> Result<()> {
        let mut seen = HashMap::new();
        for node in needed {
            self.visit(graph, *node, &mut seen)?;
        }
        self.nodes = self.needed(graph, roots, true);
        Ok(())
    }

    /// The output that stands for this one.
    pub fn origin(&self, output: Output) -> Output {
        self.same.get(&output).copied().unwrap_or(output)
    }

    /// The nodes that must have run before this one although it takes nothing from them: its own control inputs, and
    /// those of the known values it takes. A node that was simplified away is waited for where its value comes from.
    pub fn waits(&self, graph: &GraphData, node: &Node) -> Vec<Output> {
        let known = node.inputs.iter().map(|i| self.origin(*i)).filter(|i| self.values.contains_key(i));
        let through = known.flat_map(|i| graph.nodes[i.node as usize].waits_for().iter());
        let controls = node.waits_for().iter().chain(through);
        controls.map(|c| self.origin(Output { node: *c, index: 0 })).collect()
    }

    /// The sizes of an output; only for analyses that are not dynamic.
    pub fn sizes(&self, output: Output) -> Vec<usize> {
        self.signatures.get(&output).and_then(|(_, s)| s.sizes()).unwrap_or_default()
    }

    pub fn dtype(&self, output: Output) -> DType {
        self.signatures.get(&output).map_or(DType::Float32, |(d, _)| *d)
    }

    /// The nodes that `roots` depend on, in graph order: inputs come before what uses them.
    fn needed(&self, graph: &GraphData, roots: &[u32], optimised: bool) -> Vec<u32> {
        let mut needed = HashSet::new();
        let mut stack: Vec<u32> = roots.to_vec();
        while let Some(id) = stack.pop() {
            let node = &graph.nodes[id as usize];
            if optimised && !node.outputs.is_empty() {
                let outputs = || (0..node.outputs.len() as u32).map(|index| Output { node: id, index });
                if outputs().all(|o| self.values.contains_key(&o)) {
                    stack.extend(node.waits_for());
                    continue;
                }
                if outputs().all(|o| self.same.contains_key(&o)) {
                    stack.extend(outputs().map(|o| self.origin(o).node));
                    continue;
                }
            }
            if !needed.insert(id) {
                continue;
            }
            stack.extend(node.waits_for());
            for input in &node.inputs {
                let input = self.origin(*input);
                if self.fed.contains_key(&input) {
                    continue;
                }
                if optimised && self.values.contains_key(&input) {
                    stack.extend(graph.nodes[input.node as usize].waits_for());
                } else {
                    stack.push(input.node);
                }
            }
        }
        let mut nodes: Vec<u32> = needed.into_iter().collect();
        nodes.sort_unstable();
        nodes
    }

    fn visit(&mut self, graph: &GraphData, id: u32, seen: &mut HashMap<Key, u32>) -> Result<()> {
        let node = &graph.nodes[id as usize];
        let outputs = || (0..node.outputs.len() as u32).map(|index| Output { node: id, index });
        let fed = outputs().filter(|o| self.fed.contains_key(o)).count();
        if fed > 0 && fed == node.outputs.len() {
            return Ok(());
        }
        if node.def.name == "Placeholder" {
            return Err(not_fed(node));
        }
        if let Some(value) = node.value() {
            return {
                self.set(id, vec![value.clone()]);
                Ok(())
            };
        }
        let inputs: Vec<Output> = node.inputs.iter().map(|i| self.origin(*i)).collect();
        if self.both.is_some() && matches!(node.def.name, "Switch" | "Merge") {
            self.visit_both(node, id, &inputs);
            return Ok(());
        }
        let signatures: Vec<Signature> = node
            .inputs
            .iter()
            .map(|i| self.signatures.get(i).cloned().unwrap_or_else(|| graph.signature(*i)))
            .collect();
        let value = |i: usize| self.values.get(inputs.get(i)?).cloned();
        let infer = Infer::new(node, &signatures, &value, true);
        let results = (node.def.infer)(&infer).map_err(|e| at_node(e, &node.name))?;
        for (dtype, shape) in &results {
            fits_memory(*dtype, shape).map_err(|e| at_node(e, &node.name))?;
        }
        if let (Kernel::Alias, Some(from), Some(to)) =
            (node.def.kernel, elements(signatures.first()), elements(results.first()))
            && from != to
        {
            let text = format!("{} cannot lay {from} elements out as {to}", node.def.name);
            return Err(at_node(Error::InvalidArgument(text), &node.name));
        }
        // Which of a node's outputs are its own, when others are fed, only the interpreter keeps apart.
        self.dynamic |= fed > 0;
        if let Some(values) = self.fold(graph, node, &inputs, &signatures, &results) {
            self.set(id, values);
            return Ok(());
        }
        for (output, signature) in outputs().zip(results) {
            let in_vain = self.both.as_ref().is_some_and(|inside| inside.contains(&id));
            self.dynamic |= signature.1.sizes().is_none() || (in_vain && !branches::is_small(&signature));
            self.signatures.entry(output).or_insert(signature);
        }
        if fed == 0 {
            self.merge(node, id, inputs, seen);
        }
        Ok(())
    }

    /// A `Switch` lets its input through on both sides; a `Merge` chooses between values of one shape.
    fn visit_both(&mut self, node: &Node, id: u32, inputs: &[Output]) {
        let outputs = [0, 1].map(|index| Output { node: id, index });
        let Some(signature) = node.inputs.first().and_then(|input| self.signatures.get(input).cloned()) else {
            self.dynamic = true;
            return;
        };
        if node.def.name == "Merge" {
            self.dynamic |= signature.1.sizes().is_none() || self.signatures.get(&node.inputs[1]) != Some(&signature);
            self.signatures.insert(outputs[0], signature);
            self.signatures.insert(outputs[1], (DType::Int32, Shape::scalar()));
            return;
        }
        // What decides must be one truth value, which the op's own rule sees to.
        self.dynamic |= self.signatures.get(&node.inputs[1]).is_none_or(|(_, shape)| shape.rank() != Some(0));
        let value = self.values.get(&inputs[0]).cloned();
        for output in outputs {
            self.signatures.insert(output, signature.clone());
            match &value {
                Some(value) => _ = self.values.insert(output, value.clone()),
                None => _ = self.same.insert(output, inputs[0]),
            }
        }
    }

    fn set(&mut self, id: u32, values: Vec<Array>) {
        for (index, value) in values.into_iter().enumerate() {
            let output = Output { node: id, index: index as u32 };
            if self.fed.contains_key(&output) {
                continue;
            }
            self.signatures.insert(output, (value.dtype(), Shape::from(value.shape())));
            self.values.insert(output, value);
        }
    }

    /// The node's values when its inputs' values, or shapes, say it all.
    fn fold(
        &self,
        graph: &GraphData,
        node: &Node,
        inputs: &[Output],
        signatures: &[Signature],
        results: &[Signature],
    ) -> Option<Vec<Array>> {
        if !node.waits_for().is_empty() {
            return None;
        }
        if let Some(of_shape) = node.def.of_shape {
            let of = |(_, shape): &Signature| of_shape(&shape.sizes()?, node);
            if let Some(values) = signatures.iter().map(of).collect() {
                return Some(values);
            }
        }
        let small = results.iter().all(|(_, s)| s.num_elements().is_some_and(|n| n <= FOLD_LIMIT));
        if !node.def.is_foldable() || !small {
            return None;
        }
        // A known value that waits for something must stay where it is seen to wait.
        if inputs.iter().any(|i| !graph.nodes[i.node as usize].waits_for().is_empty()) {
            return None;
        }
        let values: Option<Vec<Array>> = inputs.iter().map(|i| self.values.get(i).cloned()).collect();
        evaluate(node, &values?).ok()
    }

    /// Lets a node stand for an earlier one that computes the same.
    fn merge(&mut self, node: &Node, id: u32, inputs: Vec<Output>, seen: &mut HashMap<Key, u32>) {
        if node.def.stateful || !node.waits_for().is_empty() {
            return;
        }
        let output = Output { node: id, index: 0 };
        if matches!(node.def.kernel, Kernel::Alias) && self.signatures.get(&inputs[0]) == self.signatures.get(&output) {
            let each = (0..node.outputs.len() as u32).zip(inputs);
            each.for_each(|(index, input)| _ = self.same.insert(Output { node: id, index }, input));
            return;
        }
        if let Some(x) = self.neutral(node, &inputs)
            && self.signatures.get(&x) == self.signatures.get(&output)
        {
            self.same.insert(output, x);
            return;
        }
        let key = Key { op: node.def.name, inputs, attrs: format!("{:?}", node.attrs) };
        match seen.get(&key) {
            Some(first) => {
                for index in 0..node.outputs.len() as u32 {
                    self.same.insert(Output { node: id, index }, Output { node: *first, index });
                }
            }
            None => {
                seen.insert(key, id);
            }
        }
    }

    /// The operand that an operation leaves as it is: `x * 1`, `x / 1`, `x + 0`, `x - 0`, a sum along no axis.
    fn neutral(&self, node: &Node, inputs: &[Output]) -> Option<Output> {
        let is = |i: usize, v: f64| {
            self.values.get(&inputs[i]).is_some_and(|a| {
                a.dtype().is_floating()
                    && crate::ops::cast_array(a, DType::Float64)
                        .as_slice::<f64>()
                        .is_some_and(|s| s.iter().all(|x| *x == v))
            })
        };
        match node.def.name {
            "Mul" if is(1, 1.0) => Some(inputs[0]),
            "Mul" if is(0, 1.0) => Some(inputs[1]),
            "RealDiv" if is(1, 1.0) => Some(inputs[0]),
            "AddV2" if is(1, 0.0) => Some(inputs[0]),
            "AddV2" if is(0, 0.0) => Some(inputs[1]),
            "Sub" if is(1, 0.0) => Some(inputs[0]),
            "Sum" | "Mean" if self.values.get(&inputs[1]).is_some_and(Array::is_empty) => Some(inputs[0]),
            _ => None,
        }
    }
}

fn elements(signature: Option<&Signature>) -> Option<usize> {
    signature.and_then(|(_, shape)| shape.num_elements())
}

/// What makes two nodes compute the same.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    op: &'static str,
    inputs: Vec<Output>,
    attrs: String,
}

fn not_fed(node: &Node) -> Error {
    let (dtype, shape) = &node.outputs[0];
    let shape = match shape.rank() {
        None | Some(0) => String::new(),
        Some(_) => format!(" and shape {}", shape.to_proto()),
    };
    let text =
        format!("You must feed a value for placeholder tensor '{}' with dtype {}{shape}", node.name, dtype.c_name());
    at_node(Error::InvalidArgument(text), &node.name)
}

/// Runs one op on arrays: how constants are folded, and the reference for the compiled way.
///
/// # Errors
/// Whatever the op's shape rule or kernel finds wrong.
pub(crate) fn evaluate(node: &Node, inputs: &[Array]) -> Result<Vec<Array>> {
    let signatures: Vec<Signature> = inputs.iter().map(|a| (a.dtype(), Shape::from(a.shape()))).collect();
    let value = |i: usize| inputs.get(i).cloned();
    let infer = Infer::new(node, &signatures, &value, true);
    let results = (node.def.infer)(&infer)?;
    let mut outputs = Vec::new();
    for (dtype, shape) in &results {
        let sizes = shape.sizes().ok_or_else(|| Error::InvalidArgument(format!("{}: unknown shape", node.def.name)))?;
        fits_memory(*dtype, shape)?;
        outputs.push(Array::zeros(*dtype, &sizes));
    }
    if matches!(node.def.kernel, Kernel::Alias) {
        return inputs.iter().zip(&outputs).map(|(input, output)| input.reshaped(output.shape())).collect();
    }
    let views = |arrays: &[Array]| arrays.iter().map(View::of).collect::<Vec<_>>();
    let call = Call { node: Arc::new(node.clone()), inputs: views(inputs), outputs: views(&outputs), random: None };
    execute(&call)?;
    Ok(outputs)
}

/// Runs a call's kernel at once.
pub(crate) fn execute(call: &Call) -> Result<()> {
    match call.node.def.kernel {
        Kernel::Call(run) | Kernel::Update(run) => run(call),
        Kernel::Map { select, guard, .. } => {
            if let Some(guard) = guard.filter(|guard| (guard.refuses)(call.input(1))) {
                return Err(Error::InvalidArgument(guard.message.into()));
            }
            let types: Vec<DType> = call.inputs.iter().map(|v| v.dtype).collect();
            let run = select(&types, call.output().dtype).ok_or_else(|| no_kernel(call.node.def.name, types[0]))?;
            let wide = call.inputs.iter().map(|v| widened(call, v)).collect::<Result<Vec<Array>>>()?;
            let mut pointers = [std::ptr::null::<u8>(); 3];
            wide.iter().zip(&mut pointers).for_each(|(a, p)| *p = View::of(a).ptr);
            // SAFETY: every input was brought to the output's size, and the output is apart from them.
            unsafe { (run.run)(&pointers, call.output().ptr, call.output().len()) };
            Ok(())
        }
        Kernel::Alias => {
            call.output().copy_from(call.input(0));
            Ok(())
        }
        Kernel::None => Ok(()),
    }
}

pub(crate) fn no_kernel(op: &str, dtype: DType) -> Error {
    Error::Unimplemented(format!("Op type not registered '{op}' for {}", dtype.name()))
}

/// An input repeated to the size of the call's output.
fn widened(call: &Call, view: &View) -> Result<Array> {
    let array = view.to_array();
    if view.shape == call.output().shape {
        return Ok(array);
    }
    let out = Array::zeros(view.dtype, &call.output().shape);
    let inputs = vec![View::of(&array)];
    let copy = Call { node: call.node.clone(), inputs, outputs: vec![View::of(&out)], random: None };
    broadcast_copy(&copy)?;
    Ok(out)
}
