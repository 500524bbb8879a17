//! From the order to a device plan: on which side each value lies and for how long, and the device's memory. The steps
//! with their addresses are `emit`'s.

use std::collections::HashMap;

use super::emit::Emitter;
use super::place::Placed;
use super::plan::DevicePlan;
use super::twin::Twin;
use super::{Side, text};
use crate::engine::State;
use crate::engine::analyse::Analysis;
use crate::engine::lower::{Lowering, Root};
use crate::engine::memory::Offsets;
use crate::engine::schedule::Item;
use crate::error::Result;
use crate::graph::{GraphData, Output};
use crate::ops::Kernel;
use crate::ops::device::{DeviceCall, Place};
use crate::{DType, ops};

/// What values on the device begin at a multiple of.
const LINE: usize = 256;

/// Makes the plan of a run that is placed on a GPU.
///
/// # Errors
/// `ResourceExhaustedError` when the device's memory does not hold it.
pub(crate) fn lower(
    graph: &GraphData,
    analysis: &Analysis,
    state: &mut State,
    items: &[Item],
    fetches: &[(u32, Option<u32>)],
    (main, placed): (usize, &Placed),
) -> Result<DevicePlan> {
    let gpu = &placed.gpus[main];
    let items = one_sided(items, placed);
    let sides: Vec<Side> = items.iter().map(|item| placed.sides[&item.nodes()[0]]).collect();
    let lowering = Lowering::new(graph, analysis, &items, fetches);
    let mut layout = Layout::new(&lowering, &sides, (main, placed.gpus.len()), fetches);
    layout.place();
    let wanted = |i: usize| layout.is_used(Root::Feed(i), Side::Device(main));
    let fed: Vec<(usize, bool)> =
        layout.feeds().iter().map(|(output, i)| (plain_bytes(&lowering, *output), wanted(*i))).collect();
    let returned: Vec<usize> = layout.returned.iter().map(|output| lowering.bytes(*output)).collect();
    let (inputs, results) = (Twin::feeds(gpu, &fed)?, Twin::results(gpu, returned)?);
    let mut emitter = Emitter::new(layout, &placed.gpus, state, inputs, results)?;
    for (i, item) in items.iter().enumerate() {
        emitter.item(item, i)?;
    }
    emitter.finish(fetches)
}

/// The bytes of a value of plain elements; strings stay on the host.
fn plain_bytes(lowering: &Lowering, output: Output) -> usize {
    if lowering.analysis.dtype(output) == DType::String { 0 } else { lowering.bytes(output) }
}

/// The items with those taken apart that have nodes on several sides, or are groups on the host.
fn one_sided(items: &[Item], placed: &Placed) -> Vec<Item> {
    let side = |id: &u32| placed.sides.get(id).copied().filter(|side| *side != Side::Host);
    let is_device = |nodes: &[u32]| side(&nodes[0]).is_some() && nodes.iter().all(|id| side(id) == side(&nodes[0]));
    let mut result = Vec::new();
    for item in items {
        match item {
            Item::Node(id) => result.push(Item::Node(*id)),
            _ if !is_device(item.nodes()) => {
                result.extend(item.nodes().iter().map(|id| Item::Node(*id)));
            }
            Item::Group(nodes) => result.push(Item::Group(nodes.clone())),
            Item::Product(nodes) => result.push(Item::Product(*nodes)),
        }
    }
    result
}

/// Where the values that the steps give lie, as offsets into the memory of each side.
pub(super) struct Layout<'a> {
    pub lowering: &'a Lowering<'a>,
    pub sides: &'a [Side],
    /// The number of the GPU that is fed and fetched from.
    pub main: usize,
    pub devices: Vec<Offsets>,
    pub host: Offsets,
    pub at: HashMap<(Output, Side), usize>,
    /// The fetched values that steps of that GPU give.
    pub returned: Vec<Output>,
    fetched: Vec<Output>,
    /// The scratch memory of each item.
    pub scratch: Vec<Vec<usize>>,
    uses: HashMap<(Root, Side), (usize, usize)>,
}

impl<'a> Layout<'a> {
    fn new(
        lowering: &'a Lowering<'a>,
        sides: &'a [Side],
        (main, gpus): (usize, usize),
        fetches: &[(u32, Option<u32>)],
    ) -> Layout<'a> {
        let mut layout = Layout {
            lowering,
            sides,
            main,
            devices: (0..gpus).map(|_| Offsets::default()).collect(),
            host: Offsets::default(),
            at: HashMap::new(),
            returned: Vec::new(),
            fetched: Vec::new(),
            scratch: vec![Vec::new(); sides.len()],
            uses: HashMap::new(),
        };
        for (node, index) in fetches {
            let Some(index) = *index else { continue };
            if let Root::Computed(root) = lowering.root(Output { node: *node, index })
                && !layout.fetched.contains(&root)
            {
                layout.fetched.push(root);
            }
        }
        layout.find_uses();
        layout
    }

    /// What each side takes from outside its items, with the first and the last item that does.
    fn find_uses(&mut self) {
        for (i, item) in self.lowering.items.iter().enumerate() {
            for id in item.nodes() {
                for input in &self.lowering.node(*id).inputs {
                    let root = self.lowering.root(*input);
                    if !matches!(root, Root::Computed(o) if item.nodes().contains(&o.node)) {
                        self.uses.entry((root, self.sides[i])).or_insert((i, i)).1 = i;
                    }
                }
            }
        }
    }

    /// Whether some step of that side takes the value.
    pub fn is_used(&self, root: Root, side: Side) -> bool {
        self.uses.contains_key(&(root, side))
    }

    /// The fed values in the order they are given.
    pub fn feeds(&self) -> Vec<(Output, usize)> {
        let mut fed: Vec<(Output, usize)> = self.lowering.analysis.fed.iter().map(|(o, i)| (*o, *i)).collect();
        fed.sort_by_key(|(_, i)| *i);
        fed
    }

    /// The values that an item's steps give.
    pub fn results(&self, i: usize) -> Vec<Output> {
        let all =
            |id: u32| (0..self.lowering.node(id).outputs.len() as u32).map(move |index| Output { node: id, index });
        match &self.lowering.items[i] {
            Item::Group(nodes) => {
                let outputs = nodes.iter().map(|id| Output { node: *id, index: 0 });
                outputs.filter(|o| self.lowering.escaping.contains(o)).collect()
            }
            Item::Product([_, bias]) => all(*bias).collect(),
            Item::Node(id) if self.lowering.node(*id).def.is_update() => Vec::new(),
            Item::Node(id) => all(*id).collect(),
        }
    }

    fn offsets(&mut self, side: Side) -> &mut Offsets {
        match side {
            Side::Host => &mut self.host,
            Side::Device(number) => &mut self.devices[number],
        }
    }

    fn give_place(&mut self, output: Output, side: Side) {
        if self.lowering.analysis.dtype(output) == DType::String {
            return;
        }
        let bytes = self.lowering.bytes(output).next_multiple_of(LINE).max(LINE);
        let offset = self.offsets(side).take(bytes);
        self.at.insert((output, side), offset);
    }

    /// Gives every value memory for as long as it is needed, on each side that needs it.
    fn place(&mut self) {
        let mut ends: Vec<Vec<(Output, Side)>> = vec![Vec::new(); self.sides.len()];
        let mut starts: Vec<Vec<(Output, Side)>> = vec![Vec::new(); self.sides.len()];
        for (i, side) in self.sides.iter().enumerate() {
            for output in self.results(i) {
                if self.is_returned(output, *side) {
                    self.returned.push(output);
                }
                for (place, first, last) in self.spans(output, *side, i) {
                    starts[first].push((output, place));
                    if let Some(last) = last {
                        ends[last].push((output, place));
                    }
                }
            }
        }
        for i in 0..self.sides.len() {
            for (output, side) in std::mem::take(&mut starts[i]) {
                self.give_place(output, side);
            }
            let sizes = self.asked(i);
            let arena = self.offsets(self.sides[i]);
            let scratch: Vec<usize> = sizes.iter().map(|bytes| arena.take((*bytes).next_multiple_of(LINE))).collect();
            for (offset, bytes) in scratch.iter().zip(&sizes) {
                arena.give(*offset, bytes.next_multiple_of(LINE));
            }
            self.scratch[i] = scratch;
            for (output, side) in std::mem::take(&mut ends[i]) {
                let Some(offset) = self.at.get(&(output, side)).copied() else { continue };
                let bytes = self.lowering.bytes(output).next_multiple_of(LINE).max(LINE);
                self.offsets(side).give(offset, bytes);
            }
        }
    }

    /// Whether a value that is made on that side is fetched from the GPU.
    fn is_returned(&self, output: Output, side: Side) -> bool {
        side == Side::Device(self.main) && self.fetched.contains(&output)
    }

    /// Where the value that item `i` makes on `side` lies, with the items from and to which it does; to the end without the
    /// latter. It goes where it is used when it is used there first, from one GPU to another by way of the host.
    fn spans(&self, output: Output, side: Side, i: usize) -> Vec<(Side, usize, Option<usize>)> {
        let used = |on: Side| self.uses.get(&(Root::Computed(output), on)).copied();
        let gpus = (0..self.devices.len()).map(Side::Device).filter(|gpu| *gpu != side);
        let away: Vec<(Side, (usize, usize))> = gpus.filter_map(|gpu| Some((gpu, used(gpu)?))).collect();
        let firsts = || away.iter().map(|(_, span)| span.0);
        let own = used(side).map_or(i, |span| span.1);
        let fetched = self.fetched.contains(&output);
        let mut spans: Vec<_> = away.iter().map(|(gpu, span)| (*gpu, span.0, Some(span.1))).collect();
        if side == Side::Host {
            spans.push((side, i, (!fetched).then(|| firsts().fold(own, usize::max))));
            return spans;
        }
        // The host's copy is made when somebody else first wants it, at the end if nobody but the caller does.
        let returned = self.is_returned(output, side);
        let here = used(Side::Host);
        let first = firsts().chain(here.map(|span| span.0)).min();
        if first.is_some() || fetched && !returned {
            let last = firsts().chain(here.map(|span| span.1)).max();
            spans.push((Side::Host, first.unwrap_or(i), last.filter(|_| !fetched || returned)));
        }
        if !returned {
            spans.push((side, i, (!fetched).then(|| first.map_or(own, |first| own.max(first)))));
        }
        spans
    }

    /// The scratch memory that an item's device steps ask for.
    fn asked(&self, i: usize) -> Vec<usize> {
        if self.sides[i] == Side::Host {
            return Vec::new();
        }
        match &self.lowering.items[i] {
            Item::Group(nodes) => {
                let count = self.lowering.analysis.sizes(Output { node: nodes[0], index: 0 }).iter().product();
                let totals =
                    nodes.iter().filter(|id| !matches!(self.lowering.node(**id).def.kernel, Kernel::Map { .. }));
                totals
                    .map(|id| text::partial_bytes(self.lowering.analysis.dtype(Output { node: *id, index: 0 }), count))
                    .collect()
            }
            item => {
                let call = self.call(item, |_| 0, Vec::new());
                let kernel = call.node.def.cuda;
                kernel.map(|kernel| (kernel(&call), call.asked()).1).unwrap_or_default()
            }
        }
    }

    /// The device call of a node or a product with its bias, with the addresses of its operands and results.
    pub fn call(&self, item: &Item, address: impl Fn(Output) -> u64, scratch: Vec<u64>) -> DeviceCall<'a> {
        let lowering = self.lowering;
        let (id, result, bias) = match item {
            Item::Product([id, bias]) => {
                let other = |o: &&Output| lowering.analysis.origin(**o).node != *id;
                (*id, *bias, lowering.node(*bias).inputs.iter().find(other).copied())
            }
            item => (item.nodes()[0], item.nodes()[0], None),
        };
        let node = &lowering.graph.nodes[id as usize];
        let place = |output: Output| {
            let (dtype, shape) = self.signature(output);
            let value = lowering.analysis.values.get(&lowering.analysis.origin(output)).cloned();
            Place { dtype, shape, address: address(output), value }
        };
        let inputs = node.inputs.iter().copied().chain(bias).map(&place).collect();
        let outputs = match node.def.is_update() {
            true => Vec::new(),
            false => {
                let count = lowering.node(result).outputs.len() as u32;
                (0..count).map(|index| place(Output { node: result, index })).collect()
            }
        };
        let mut call = DeviceCall::new(node, inputs, outputs, scratch);
        call.random = node.attrs.contains_key("seed2").then_some(0);
        call
    }

    /// Element type and shape of a value.
    pub fn signature(&self, output: Output) -> (DType, Box<[usize]>) {
        let lowering = self.lowering;
        let (dtype, declared): ops::Signature = match lowering.root(output) {
            Root::Variable(variable) => lowering.graph.signature(Output { node: variable, index: 0 }),
            Root::Computed(root) => (lowering.analysis.dtype(root), crate::Shape::unknown()),
            Root::Constant(constant) => (lowering.analysis.values[&constant].dtype(), crate::Shape::unknown()),
            Root::Feed(_) => (lowering.analysis.dtype(lowering.analysis.origin(output)), crate::Shape::unknown()),
        };
        let shape = lowering.shape(output).unwrap_or_else(|| declared.sizes().unwrap_or_default().into());
        (dtype, shape)
    }
}
