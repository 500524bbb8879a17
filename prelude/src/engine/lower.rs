//! From the order to a plan: where each value lies, for how long, and the steps with their addresses.

use std::collections::{HashMap, HashSet};

use super::State;
use super::analyse::Analysis;
use super::chain::Chain;
use super::emit::Emitter;
use super::group::threads;
use super::interpret::owner;
use super::memory::{Memory, Offsets};
use super::plan::{Check, Feed, Kept, Plan, Step};
use super::schedule::Item;
use super::sites::Sites;
use crate::DType;
use crate::error::Result;
use crate::graph::{GraphData, Node, Output};
use crate::ops::elementwise::LANES;
use crate::ops::reduce::BLOCK;
use crate::ops::{Kernel, View, size_of_dtype};

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
pub(super) const SMALL: usize = 1 << 12;

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
    pub offsets: HashMap<Output, usize>,
    /// Where the partial sums of a group's totals lie.
    pub partials: HashMap<u32, usize>,
    /// For each item, the offsets of its group's registers.
    pub registers: Vec<Vec<usize>>,
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
    pub fn is_kept(&self, output: Output) -> bool {
        let string = self.analysis.dtype(output) == DType::String;
        self.last.get(&output) == Some(&usize::MAX) && !string && self.bytes(output) >= LARGE
    }

    /// Whether a group's value goes past the caches: the run does not need it, and it would not fit.
    pub fn is_streamed(&self, output: Output) -> bool {
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
    pub fn register_bytes(&self, nodes: &[u32]) -> (usize, usize) {
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

    pub fn view_at(&self, memory: &mut Memory, output: Output, offset: usize) -> View {
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
