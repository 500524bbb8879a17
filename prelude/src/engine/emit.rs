//! The steps of a plan, with their addresses, once the memory exists. What lies where is decided in `lower`.

use std::collections::HashMap;

use super::State;
use super::analyse::no_kernel;
use super::group::{Group, Load, MapOp, Operand, Store, Total};
use super::interpret::owner;
use super::lower::{Lowering, Root, SMALL};
use super::memory::Memory;
use super::plan::{Fetched, Step};
use crate::error::Result;
use crate::graph::Output;
use crate::ops::elementwise::LANES;
use crate::ops::reduce::BLOCK;
use crate::ops::shape::broadcast_strides;
use crate::ops::{Call, Kernel, Prepared, View, size_of_dtype};
use crate::{Array, DType};

/// Emits steps once the arena exists.
pub(super) struct Emitter<'a> {
    pub lowering: &'a Lowering<'a>,
    pub state: &'a mut State,
    pub memory: Memory,
    pub feeds: Vec<View>,
    pub blocks: Vec<Memory>,
    pub constants: Vec<Array>,
    pub placed: HashMap<Output, View>,
    /// Large values that are fetched, each in an array of its own.
    pub kept: Vec<(Output, Array)>,
}

impl Emitter<'_> {
    /// Where a value lies, under the shape it has as `output`.
    pub fn view(&mut self, output: Output) -> View {
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
    pub fn keep(&mut self, fetches: &[(u32, Option<u32>)]) {
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

    pub fn fetched(&mut self, output: Output) -> Fetched {
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
    pub fn node(&mut self, id: u32, result: u32, more: &[Output], steps: &mut Vec<Step>) {
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

    pub fn group(&mut self, nodes: &[u32], item: usize) -> Result<Group> {
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
