//! From the order to a plan: where each value lies, for how long, and the steps with their addresses.

use std::collections::{HashMap, HashSet};

use super::State;
use super::analyse::{Analysis, no_kernel};
use super::interpret::owner;
use super::memory::{Memory, Offsets};
use super::plan::{BLOCK, Check, Group, Load, MapOp, Operand, Plan, Step};
use super::schedule::Item;
use crate::error::Result;
use crate::graph::{GraphData, Node, Output};
use crate::ops::shape::broadcast_strides;
use crate::ops::{Call, Kernel, View, size_of_dtype};
use crate::{Array, DType};

/// Where a value lies.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Root {
    Constant(Output),
    Feed(usize),
    Variable(u32),
    Computed(Output),
}

/// Everything lowering looks up.
struct Lowering<'a> {
    graph: &'a GraphData,
    analysis: &'a Analysis,
    items: &'a [Item],
    /// The last item that uses a computed value.
    last: HashMap<Output, usize>,
    /// Values that are needed outside the group that computes them.
    escaping: HashSet<Output>,
    offsets: HashMap<Output, usize>,
    /// For each item, the offsets of its group's registers.
    registers: Vec<Vec<usize>>,
}

/// Makes the plan of a run.
pub(crate) fn lower(
    graph: &GraphData,
    analysis: &Analysis,
    state: &mut State,
    items: &[Item],
    fetches: &[(u32, Option<u32>)],
) -> Result<Plan> {
    let mut lowering = Lowering {
        graph,
        analysis,
        items,
        last: HashMap::new(),
        escaping: HashSet::new(),
        offsets: HashMap::new(),
        registers: vec![Vec::new(); items.len()],
    };
    lowering.find_uses(fetches);
    let mut offsets = Offsets::default();
    let mut fed: Vec<(Output, usize)> = analysis.fed.iter().map(|(o, i)| (*o, *i)).collect();
    fed.sort_by_key(|(_, i)| *i);
    let feed_offsets: Vec<usize> = fed.iter().map(|(o, _)| offsets.take(lowering.bytes(*o))).collect();
    lowering.place(&mut offsets);
    let mut memory = Memory::new(offsets.end);
    let feeds = fed
        .iter()
        .zip(&feed_offsets)
        .map(|((output, _), offset)| lowering.view_at(&mut memory, *output, *offset))
        .collect();
    let mut emitter = Emitter {
        lowering: &lowering,
        state,
        memory,
        feeds,
        blocks: Vec::new(),
        constants: Vec::new(),
        placed: HashMap::new(),
    };
    let mut steps = Vec::new();
    for (i, item) in items.iter().enumerate() {
        match item {
            Item::Node(id) => emitter.node(*id, &mut steps)?,
            Item::Group(nodes) => steps.push(Step::Map(emitter.group(nodes, i)?)),
        }
    }
    let fetches_at: Vec<Option<View>> =
        fetches.iter().map(|(node, index)| index.map(|index| emitter.view(Output { node: *node, index }))).collect();
    let checks = lowering.checks(fetches);
    let Emitter { memory, feeds, blocks, constants, .. } = emitter;
    Ok(Plan { steps, feeds, fetches: fetches_at, checks, _memory: memory, _blocks: blocks, _constants: constants })
}

impl Lowering<'_> {
    fn node(&self, id: u32) -> &std::sync::Arc<Node> {
        &self.graph.nodes[id as usize]
    }

    fn root(&self, output: Output) -> Root {
        let output = self.analysis.origin(output);
        if self.analysis.values.contains_key(&output) {
            return Root::Constant(output);
        }
        if let Some(i) = self.analysis.fed.get(&output) {
            return Root::Feed(*i);
        }
        let node = self.node(output.node);
        match node.def.kernel {
            Kernel::Alias => self.root(node.inputs[0]),
            Kernel::Update(_) => Root::Variable(owner(self.graph, output)),
            Kernel::None => Root::Variable(output.node),
            _ => Root::Computed(output),
        }
    }

    fn bytes(&self, output: Output) -> usize {
        let count: usize = self.analysis.sizes(output).iter().product();
        count * size_of_dtype(self.analysis.dtype(output))
    }

    fn find_uses(&mut self, fetches: &[(u32, Option<u32>)]) {
        for (i, item) in self.items.iter().enumerate() {
            for &id in item.nodes() {
                for input in &self.node(id).inputs.clone() {
                    let Root::Computed(root) = self.root(*input) else { continue };
                    let inside = self.analysis.origin(*input) == root && item.nodes().contains(&root.node);
                    if !inside {
                        self.escaping.insert(root);
                        self.last.insert(root, i);
                    }
                }
            }
        }
        for (node, index) in fetches {
            let Some(index) = *index else { continue };
            if let Root::Computed(root) = self.root(Output { node: *node, index }) {
                self.escaping.insert(root);
                self.last.insert(root, usize::MAX);
            }
        }
    }

    /// Gives every computed value its stretch of the arena for as long as it is needed.
    fn place(&mut self, offsets: &mut Offsets) {
        let mut ends: Vec<Vec<(usize, usize)>> = vec![Vec::new(); self.items.len()];
        for (i, item) in self.items.iter().enumerate() {
            let mut temporary = Vec::new();
            for &id in item.nodes() {
                for index in 0..self.node(id).outputs.len() as u32 {
                    let output = Output { node: id, index };
                    let in_register = matches!(item, Item::Group(_)) && !self.escaping.contains(&output);
                    let is_string = self.analysis.dtype(output) == DType::String;
                    if in_register || is_string || self.root(output) != Root::Computed(output) {
                        continue;
                    }
                    let bytes = self.bytes(output);
                    let offset = offsets.take(bytes);
                    self.offsets.insert(output, offset);
                    match self.last.get(&output) {
                        Some(&usize::MAX) => {}
                        Some(&last) => ends[last].push((offset, bytes)),
                        None => temporary.push((offset, bytes)),
                    }
                }
            }
            if let Item::Group(nodes) = item {
                let bytes = self.register_bytes(nodes[0]);
                for _ in 0..self.register_count(nodes) {
                    let offset = offsets.take(bytes);
                    self.registers[i].push(offset);
                    temporary.push((offset, bytes));
                }
            }
            for (offset, bytes) in temporary.into_iter().chain(std::mem::take(&mut ends[i])) {
                offsets.give(offset, bytes);
            }
        }
    }

    /// A register holds one block of the widest elements.
    fn register_bytes(&self, first: u32) -> usize {
        let count: usize = self.analysis.sizes(Output { node: first, index: 0 }).iter().product();
        count.min(BLOCK) * 8
    }

    /// A register for each value that stays inside and for each operand that comes in by broadcasting.
    fn register_count(&self, nodes: &[u32]) -> usize {
        let inside = nodes.iter().filter(|id| !self.escaping.contains(&Output { node: **id, index: 0 })).count();
        let outside: usize = nodes.iter().map(|id| self.node(*id).inputs.len()).sum();
        inside + outside
    }

    fn view_at(&self, memory: &mut Memory, output: Output, offset: usize) -> View {
        let (dtype, sizes) = (self.analysis.dtype(output), self.analysis.sizes(output));
        let ptr = if dtype == DType::String { memory.strings(sizes.iter().product()) } else { memory.at(offset) };
        View { dtype, shape: sizes.into(), ptr }
    }

    /// The variables that must have a value, in the order a run would come across them.
    fn checks(&self, fetches: &[(u32, Option<u32>)]) -> Vec<Check> {
        let mut assigned: HashSet<u32> = HashSet::new();
        let mut checks = Vec::new();
        let mut seen = HashSet::new();
        for id in self.items.iter().flat_map(|item| item.nodes()) {
            let node = self.node(*id);
            for (i, input) in node.inputs.iter().enumerate() {
                let Root::Variable(variable) = self.root(*input) else { continue };
                if node.def.name == "Assign" && i == 0 {
                    assigned.insert(variable);
                } else if !assigned.contains(&variable) && seen.insert(variable) {
                    let reader = if input.node == variable { *id } else { self.reader(variable) };
                    checks.push(self.check(variable, self.node(reader).name.clone(), false));
                }
            }
        }
        for (i, (node, index)) in fetches.iter().enumerate() {
            let Some(index) = *index else { continue };
            let output = Output { node: *node, index };
            let Root::Variable(variable) = self.root(output) else { continue };
            if assigned.contains(&variable) || !seen.insert(variable) {
                continue;
            }
            let name = &self.node(variable).name;
            checks.push(match output.node == variable {
                true => self.check(variable, format!("_retval_{name}_{index}_{i}"), true),
                false => self.check(variable, self.node(self.reader(variable)).name.clone(), false),
            });
        }
        checks
    }

    fn check(&self, variable: u32, node: String, fetched: bool) -> Check {
        Check { variable, name: self.node(variable).name.clone(), node, fetched }
    }

    /// The node that reads a variable for the graph, `w/read`, also where the value went through nodes since simplified
    /// away.
    fn reader(&self, variable: u32) -> u32 {
        let reads = |node: &Node| matches!(node.def.kernel, Kernel::Alias) && node.inputs[0].node == variable;
        self.graph.nodes.iter().position(|node| reads(node)).map_or(variable, |id| id as u32)
    }
}

/// Emits steps once the arena exists.
struct Emitter<'a> {
    lowering: &'a Lowering<'a>,
    state: &'a mut State,
    memory: Memory,
    feeds: Vec<View>,
    blocks: Vec<Memory>,
    constants: Vec<Array>,
    placed: HashMap<Output, View>,
}

impl Emitter<'_> {
    /// Where a value lies, under the shape it has as `output`.
    fn view(&mut self, output: Output) -> View {
        let lowering = self.lowering;
        let base = match lowering.root(output) {
            Root::Feed(i) => self.feeds[i].clone(),
            Root::Variable(variable) => {
                let (dtype, shape) = lowering.graph.signature(Output { node: variable, index: 0 });
                self.state.variables.state(variable, dtype, &shape).view.clone()
            }
            Root::Constant(constant) => {
                let array = lowering.analysis.values[&constant].clone();
                let view = View::of(&array);
                self.constants.push(array);
                view
            }
            Root::Computed(computed) => self.computed(computed),
        };
        let shape = lowering.analysis.sizes(lowering.analysis.origin(output));
        match lowering.analysis.signatures.contains_key(&output) {
            true => View { shape: lowering.analysis.sizes(output).into(), ..base },
            false if lowering.analysis.signatures.contains_key(&lowering.analysis.origin(output)) => {
                View { shape: shape.into(), ..base }
            }
            false => base,
        }
    }

    fn computed(&mut self, output: Output) -> View {
        if let Some(view) = self.placed.get(&output) {
            return view.clone();
        }
        let offset = self.lowering.offsets.get(&output).copied().unwrap_or(0);
        let view = self.lowering.view_at(&mut self.memory, output, offset);
        self.placed.insert(output, view.clone());
        view
    }

    fn node(&mut self, id: u32, steps: &mut Vec<Step>) -> Result<()> {
        let lowering = self.lowering;
        let node = lowering.node(id);
        let inputs: Vec<View> = node.inputs.iter().map(|i| self.view(*i)).collect();
        let random = node.attrs.contains_key("seed2").then(|| self.state.generator(lowering.graph, id));
        let outputs: Vec<View> = match node.def.kernel {
            Kernel::Update(_) => Vec::new(),
            _ => (0..node.outputs.len() as u32).map(|index| self.computed(Output { node: id, index })).collect(),
        };
        let call = Call { node: node.clone(), inputs, outputs, random };
        match node.def.kernel {
            Kernel::Update(run) if node.def.name == "Assign" => {
                steps.push(Step::Assign(run, call, owner(lowering.graph, node.inputs[0])));
            }
            Kernel::Map { .. } => steps.push(Step::Call(super::analyse::execute, call)),
            Kernel::Call(run) | Kernel::Update(run) => steps.push(Step::Call(run, call)),
            Kernel::Alias | Kernel::None => {}
        }
        Ok(())
    }

    fn group(&mut self, nodes: &[u32], item: usize) -> Result<Group> {
        let lowering = self.lowering;
        let shape = lowering.analysis.sizes(Output { node: nodes[0], index: 0 });
        let count = shape.iter().product();
        let mut group = Group { count, splats: Vec::new(), loads: Vec::new(), ops: Vec::new() };
        let mut free = lowering.registers[item].clone().into_iter();
        let mut inside: HashMap<Output, Operand> = HashMap::new();
        let mut outside: HashMap<Output, Operand> = HashMap::new();
        for &id in nodes {
            let node = lowering.node(id);
            let Kernel::Map { select, .. } = node.def.kernel else { continue };
            let output = Output { node: id, index: 0 };
            let types: Vec<DType> = node.inputs.iter().map(|i| self.view(*i).dtype).collect();
            let dtype = lowering.analysis.dtype(output);
            let run = select(&types, dtype).ok_or_else(|| no_kernel(node.def.name, types[0]))?;
            let mut operands = Vec::new();
            for input in &node.inputs {
                let origin = lowering.analysis.origin(*input);
                let operand = match (inside.get(&origin), outside.get(&origin)) {
                    (Some(operand), _) | (None, Some(operand)) => *operand,
                    (None, None) => {
                        let operand = self.operand(*input, &shape, &mut group, &mut free);
                        outside.insert(origin, operand);
                        operand
                    }
                };
                operands.push(operand);
            }
            let target = if lowering.escaping.contains(&output) {
                Operand { ptr: self.computed(output).ptr, step: size_of_dtype(dtype) }
            } else {
                self.register(&mut free)
            };
            inside.insert(output, target);
            let first = operands[0];
            let at = |i: usize| operands.get(i).copied().unwrap_or(first);
            group.ops.push(MapOp { run, inputs: [at(0), at(1), at(2)], output: target });
        }
        Ok(group)
    }

    fn register(&mut self, free: &mut impl Iterator<Item = usize>) -> Operand {
        let offset = free.next().expect("a group has a register for each value inside it");
        Operand { ptr: self.memory.at(offset), step: 0 }
    }

    /// An operand from outside the group: read in place when it has the group's shape, else by way of a register.
    fn operand(
        &mut self,
        input: Output,
        shape: &[usize],
        group: &mut Group,
        free: &mut impl Iterator<Item = usize>,
    ) -> Operand {
        let view = self.view(input);
        let size = size_of_dtype(view.dtype);
        if view.len() == group.count && view.len() != 1 || *view.shape == *shape {
            return Operand { ptr: view.ptr, step: size };
        }
        if view.len() == 1 {
            let constant = matches!(self.lowering.root(input), Root::Constant(_));
            let load = |to| Load { from: view.ptr, to, size, shape: vec![], strides: vec![] };
            if constant {
                let mut block = Memory::new(BLOCK * size);
                let ptr = block.at(0);
                self.blocks.push(block);
                load(ptr).fill(0, BLOCK);
                return Operand { ptr, step: 0 };
            }
            let register = self.register(free);
            group.splats.push(load(register.ptr));
            return register;
        }
        let register = self.register(free);
        let strides = broadcast_strides(&view.shape, shape);
        group.loads.push(Load { from: view.ptr, to: register.ptr, size, shape: shape.to_vec(), strides });
        register
    }
}
