//! From the order to a plan: where each value lies, for how long, and the steps with their addresses.

use std::collections::{HashMap, HashSet};

use super::State;
use super::analyse::{Analysis, no_kernel};
use super::chain::Chain;
use super::group::{Group, Load, MapOp, Operand, Store, Total, threads};
use super::interpret::owner;
use super::memory::{Memory, Offsets};
use super::plan::{Check, Feed, Fetched, Kept, Plan, Step};
use super::schedule::Item;
use super::sites::Sites;
use crate::error::Result;
use crate::graph::{GraphData, Node, Output};
use crate::ops::elementwise::LANES;
use crate::ops::reduce::BLOCK;
use crate::ops::shape::broadcast_strides;
use crate::ops::{Call, Kernel, Prepared, View, size_of_dtype};
use crate::{Array, DType};

/// Where a value lies.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Root {
    Constant(Output),
    Feed(usize),
    Variable(u32),
    Computed(Output),
}

/// Values of fewer bytes are copied into and out of a plan; larger ones it reads and writes in the caller's arrays.
const LARGE: usize = 1 << 14;

/// Fetched values of as many bytes are written past the caches.
const STREAMED: usize = 1 << 23;

/// Constants of fewer bytes are copied to where whole registers can be read.
const SMALL: usize = 1 << 12;

/// From a value of as many bytes on, a run takes long enough to be interrupted between two steps.
const LONG: usize = 1 << 14;

/// Everything lowering looks up.
pub(super) struct Lowering<'a> {
    pub graph: &'a GraphData,
    pub analysis: &'a Analysis,
    pub items: &'a [Item],
    /// The last item that uses a computed value.
    last: HashMap<Output, usize>,
    /// Values that are needed outside the group that computes them.
    pub escaping: HashSet<Output>,
    offsets: HashMap<Output, usize>,
    /// Where the partial sums of a group's totals lie.
    partials: HashMap<u32, usize>,
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
    let mut lowering = Lowering::new(graph, analysis, items, fetches);
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
        kept: Vec::new(),
    };
    emitter.keep(fetches);
    let mut steps = Vec::new();
    for (i, item) in items.iter().enumerate() {
        match item {
            Item::Node(id) => emitter.node(*id, *id, &[], &mut steps),
            Item::Product([id, bias]) => {
                let other = |o: &&Output| analysis.origin(**o).node != *id;
                let bias_input = lowering.node(*bias).inputs.iter().find(other).copied();
                emitter.node(*id, *bias, bias_input.as_slice(), &mut steps);
            }
            Item::Group(nodes) => steps.push(Step::Map(emitter.group(nodes, i)?)),
        }
    }
    let fetches_at = fetches.iter().filter_map(|(node, index)| Some(Output { node: *node, index: (*index)? }));
    let fetches_at = fetches_at.map(|output| emitter.fetched(output)).collect();
    let checks = lowering.checks(fetches);
    let long = items.iter().flat_map(Item::nodes).any(|id| lowering.bytes(Output { node: *id, index: 0 }) >= LONG);
    let Emitter { memory, feeds, blocks, constants, kept, .. } = emitter;
    let mut steps = Chain::join(steps);
    let mut find = |base: *mut u8, bytes: usize| Sites::find(&mut steps, base, bytes);
    let kept = kept.into_iter().map(|(_, array)| {
        let view = View::of(&array);
        Kept { sites: find(view.ptr, view.bytes()), array, view }
    });
    let kept = kept.collect();
    let fed = feeds.into_iter().map(|view| {
        let large = view.bytes() >= LARGE && view.dtype != DType::String;
        Feed { sites: large.then(|| find(view.ptr, view.bytes())), view }
    });
    let feeds = fed.collect();
    Ok(Plan {
        steps,
        feeds,
        fetches: fetches_at,
        kept,
        checks,
        settled: false,
        long,
        _memory: memory,
        _blocks: blocks,
        _constants: constants,
    })
}

impl<'a> Lowering<'a> {
    /// What there is to know of a run before anything has a place.
    pub fn new(
        graph: &'a GraphData,
        analysis: &'a Analysis,
        items: &'a [Item],
        fetches: &[(u32, Option<u32>)],
    ) -> Lowering<'a> {
        let mut lowering = Lowering {
            graph,
            analysis,
            items,
            last: HashMap::new(),
            escaping: HashSet::new(),
            offsets: HashMap::new(),
            partials: HashMap::new(),
            registers: vec![Vec::new(); items.len()],
        };
        lowering.find_uses(fetches);
        lowering
    }

    pub fn node(&self, id: u32) -> &std::sync::Arc<Node> {
        &self.graph.nodes[id as usize]
    }

    pub fn root(&self, output: Output) -> Root {
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

    /// The sizes of a value as `output`, unless they are those of a variable.
    pub fn shape(&self, output: Output) -> Option<Box<[usize]>> {
        let candidates = [output, self.analysis.origin(output)];
        let known = candidates.into_iter().find(|o| self.analysis.signatures.contains_key(o))?;
        Some(self.analysis.sizes(known).into())
    }

    pub fn bytes(&self, output: Output) -> usize {
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

    /// Whether a computed value is fetched and large: it gets an array of its own.
    fn is_kept(&self, output: Output) -> bool {
        let string = self.analysis.dtype(output) == DType::String;
        self.last.get(&output) == Some(&usize::MAX) && !string && self.bytes(output) >= LARGE
    }

    /// Whether a group's value goes past the caches: the run does not need it, and it would not fit.
    fn is_streamed(&self, output: Output) -> bool {
        self.is_kept(output) && self.bytes(output) >= STREAMED
    }

    /// Gives every computed value its stretch of the arena for as long as it is needed.
    fn place(&mut self, offsets: &mut Offsets) {
        let mut ends: Vec<Vec<(usize, usize)>> = vec![Vec::new(); self.items.len()];
        for (i, item) in self.items.iter().enumerate() {
            let mut temporary = Vec::new();
            for &id in item.nodes() {
                for index in 0..self.node(id).outputs.len() as u32 {
                    let output = Output { node: id, index };
                    let in_register = match item {
                        Item::Group(_) => !self.escaping.contains(&output) && !self.is_total(id),
                        Item::Product([product, _]) => *product == id,
                        Item::Node(_) => false,
                    };
                    let is_string = self.analysis.dtype(output) == DType::String;
                    if in_register || is_string || self.root(output) != Root::Computed(output) {
                        continue;
                    }
                    if self.is_kept(output) {
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
                let (_, all) = self.register_bytes(nodes);
                for _ in 0..self.register_count(nodes) {
                    let offset = offsets.take(all);
                    self.registers[i].push(offset);
                    temporary.push((offset, all));
                }
                let blocks = self.count(nodes[0]).div_ceil(BLOCK) * size_of::<f32>();
                for &id in nodes {
                    if !self.is_total(id) {
                        continue;
                    }
                    let offset = offsets.take(blocks);
                    self.partials.insert(id, offset);
                    temporary.push((offset, blocks));
                }
            }
            for (offset, bytes) in temporary.into_iter().chain(std::mem::take(&mut ends[i])) {
                offsets.give(offset, bytes);
            }
        }
    }

    /// The number of elements a node's first output has.
    fn count(&self, id: u32) -> usize {
        self.analysis.sizes(Output { node: id, index: 0 }).iter().product()
    }

    /// Whether a node of a group sums up what another one gives.
    fn is_total(&self, id: u32) -> bool {
        !matches!(self.node(id).def.kernel, Kernel::Map { .. })
    }

    /// The bytes of a register, which holds one block of the widest elements, and of one for each thread.
    fn register_bytes(&self, nodes: &[u32]) -> (usize, usize) {
        let count = self.count(nodes[0]);
        let one = count.next_multiple_of(LANES).min(BLOCK) * 8;
        (one, one * threads(count, nodes.len()))
    }

    /// A register for each value that stays inside and for each operand that comes in by broadcasting.
    fn register_count(&self, nodes: &[u32]) -> usize {
        let is_inside = |output: Output| !self.escaping.contains(&output) || self.is_streamed(output);
        let inside = nodes.iter().filter(|id| is_inside(Output { node: **id, index: 0 })).count();
        let outside: usize = nodes.iter().map(|id| self.node(*id).inputs.len()).sum();
        inside + outside
    }

    fn view_at(&self, memory: &mut Memory, output: Output, offset: usize) -> View {
        let (dtype, sizes) = (self.analysis.dtype(output), self.analysis.sizes(output));
        let ptr = if dtype == DType::String { memory.strings(sizes.iter().product()) } else { memory.at(offset) };
        View::new(dtype, sizes.into(), ptr)
    }

    /// The variables that must have a value, in the order a run would come across them.
    pub fn checks(&self, fetches: &[(u32, Option<u32>)]) -> Vec<Check> {
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
    /// Large values that are fetched, each in an array of its own.
    kept: Vec<(Output, Array)>,
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
                let known = self.placed.get(&constant).cloned();
                known.unwrap_or_else(|| self.constant(constant))
            }
            Root::Computed(computed) => self.computed(computed),
        };
        match lowering.shape(output) {
            Some(shape) => base.shaped(shape),
            None => base,
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

    /// Gives large values that are fetched a place of their own outside the arena.
    fn keep(&mut self, fetches: &[(u32, Option<u32>)]) {
        for (node, index) in fetches {
            let Some(index) = *index else { continue };
            let Root::Computed(root) = self.lowering.root(Output { node: *node, index }) else { continue };
            if self.placed.contains_key(&root) || !self.lowering.is_kept(root) {
                continue;
            }
            let array = Array::zeros(self.lowering.analysis.dtype(root), &self.lowering.analysis.sizes(root));
            self.placed.insert(root, View::of(&array));
            self.kept.push((root, array));
        }
    }

    fn fetched(&mut self, output: Output) -> Fetched {
        let view = self.view(output);
        match self.lowering.root(output) {
            Root::Constant(constant) => {
                let array = &self.lowering.analysis.values[&constant];
                Fetched::Constant(array.reshaped(&view.shape).unwrap_or_else(|_| array.clone()), view)
            }
            Root::Computed(root) => match self.kept.iter().position(|(kept, _)| *kept == root) {
                Some(slot) => Fetched::Kept(slot, view.shape),
                None => Fetched::Copy(view),
            },
            Root::Feed(i) => Fetched::Fed(i, view),
            Root::Variable(_) => Fetched::Copy(view),
        }
    }

    /// The step of a node, whose result is that of `result`, with inputs besides its own.
    fn node(&mut self, id: u32, result: u32, more: &[Output], steps: &mut Vec<Step>) {
        let lowering = self.lowering;
        let node = lowering.node(id);
        let inputs: Vec<View> = node.inputs.iter().chain(more).map(|i| self.view(*i)).collect();
        let random = node.attrs.contains_key("seed2").then(|| self.state.generator(lowering.graph, id));
        let outputs: Vec<View> = match node.def.kernel {
            Kernel::Update(_) => Vec::new(),
            _ => {
                let count = lowering.node(result).outputs.len() as u32;
                (0..count).map(|index| self.computed(Output { node: result, index })).collect()
            }
        };
        let call = Call { node: node.clone(), inputs, outputs, random };
        let run: Prepared = match (node.def.prepare, node.def.kernel) {
            (Some(prepare), _) => prepare(&call),
            (None, Kernel::Map { .. }) => Box::new(super::analyse::execute),
            (None, Kernel::Call(run) | Kernel::Update(run)) => Box::new(run),
            (None, Kernel::Alias | Kernel::None) => return,
        };
        steps.push(match node.def.name {
            "Assign" => Step::Assign(run, call, owner(lowering.graph, node.inputs[0])),
            _ => Step::Call(run, call),
        });
    }

    fn group(&mut self, nodes: &[u32], item: usize) -> Result<Group> {
        let lowering = self.lowering;
        let shape = lowering.analysis.sizes(Output { node: nodes[0], index: 0 });
        let count = shape.iter().product();
        let (one, all) = lowering.register_bytes(nodes);
        let mut group = Group {
            count,
            rounded: count.next_multiple_of(LANES),
            splats: Vec::new(),
            loads: Vec::new(),
            ops: Vec::new(),
            totals: Vec::new(),
            stores: Vec::new(),
            streams: Vec::new(),
            threads: all / one.max(1),
        };
        let mut free = Registers { offsets: lowering.registers[item].clone().into_iter(), thread: one };
        let mut inside: HashMap<Output, Operand> = HashMap::new();
        let mut outside: HashMap<Output, Operand> = HashMap::new();
        for &id in nodes {
            let node = lowering.node(id);
            let output = Output { node: id, index: 0 };
            let Kernel::Map { select, .. } = node.def.kernel else {
                let from = inside[&lowering.analysis.origin(node.inputs[0])];
                let partials = self.memory.at(lowering.partials[&id]).cast();
                let to = self.computed(output).ptr.cast();
                group.totals.push(Total { from, partials, to, mean: node.def.name == "Mean" });
                continue;
            };
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
            let target = if lowering.is_streamed(output) {
                let register = free.take(&mut self.memory);
                let to = Operand { ptr: self.computed(output).ptr, step: size_of_dtype(dtype), thread: 0 };
                group.stores.push(Store { from: register, to });
                register
            } else if lowering.escaping.contains(&output) {
                if size_of_dtype(dtype) > 4 {
                    group.rounded = count;
                }
                Operand { ptr: self.computed(output).ptr, step: size_of_dtype(dtype), thread: 0 }
            } else {
                free.take(&mut self.memory)
            };
            inside.insert(output, target);
            let first = operands[0];
            let at = |i: usize| operands.get(i).copied().unwrap_or(first);
            group.ops.push(MapOp { run, inputs: [at(0), at(1), at(2)], output: target });
        }
        group.streams.extend(outside.into_values().filter(|operand| operand.step > 0));
        Ok(group)
    }

    /// An operand from outside the group: read in place when it has the group's shape, else by way of a register.
    fn operand(&mut self, input: Output, shape: &[usize], group: &mut Group, free: &mut Registers) -> Operand {
        let view = self.view(input);
        let size = size_of_dtype(view.dtype);
        let constant = matches!(self.lowering.root(input), Root::Constant(_));
        // What lies behind an array's end is no `bool`; a line of memory holds sixteen elements of four bytes at most.
        if view.dtype == DType::Bool || size > 4 {
            group.rounded = group.count;
        }
        if view.len() == group.count && view.len() != 1 || *view.shape == *shape {
            return Operand { ptr: view.ptr, step: size, thread: 0 };
        }
        if view.len() == 1 {
            let load = |to| Load { from: view.ptr, to, size, shape: vec![], strides: vec![], index: vec![] };
            if constant {
                let mut block = Memory::new(BLOCK * size);
                let register = Operand { ptr: block.at(0), step: 0, thread: 0 };
                self.blocks.push(block);
                load(register).fill(0, BLOCK, BLOCK, 0);
                return register;
            }
            let register = free.take(&mut self.memory);
            group.splats.push(load(register));
            return register;
        }
        let register = free.take(&mut self.memory);
        let strides = broadcast_strides(&view.shape, shape);
        let mut load = Load { from: view.ptr, to: register, size, shape: shape.to_vec(), strides, index: vec![] };
        if group.count <= BLOCK {
            load.index = load.places(group.count);
            group.loads.push(load);
        } else if load.is_periodic() {
            group.splats.push(load);
        } else {
            group.loads.push(load);
        }
        register
    }

    /// Where a constant lies: a small one is copied to where whole registers can be read.
    fn constant(&mut self, constant: Output) -> View {
        let array = self.lowering.analysis.values[&constant].clone();
        let mut view = View::of(&array);
        if view.bytes() > SMALL || view.dtype == DType::String {
            self.constants.push(array);
        } else {
            let mut block = Memory::new(view.bytes());
            let copy = View::new(view.dtype, view.shape.clone(), block.at(0));
            copy.copy_from(&view);
            self.blocks.push(block);
            view = copy;
        }
        self.placed.insert(constant, view.clone());
        view
    }
}

/// The registers that a group has not taken yet.
struct Registers {
    offsets: std::vec::IntoIter<usize>,
    thread: usize,
}

impl Registers {
    fn take(&mut self, memory: &mut Memory) -> Operand {
        let offset = self.offsets.next().expect("a group has a register for each value inside it");
        Operand { ptr: memory.at(offset), step: 0, thread: self.thread }
    }
}
