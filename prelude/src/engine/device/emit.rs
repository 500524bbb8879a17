//! The steps of a device plan with their addresses, and the transfers between host and device that they need.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use flowbook_cuda::{Address, Buffer, Device, Work, kernels};

use super::batch::Batch;
use super::guards::Guards;
use super::lower::Layout;
use super::plan::{DevicePlan, Feed, Fetched, Generator, Step};
use super::storage::{Newest, Storage};
use super::twin::Twin;
use super::{Side, device_error, text};
use crate::engine::State;
use crate::engine::analyse::{execute, no_kernel};
use crate::engine::interpret::owner;
use crate::engine::lower::Root;
use crate::engine::memory::Memory;
use crate::engine::schedule::Item;
use crate::error::Result;
use crate::graph::Output;
use crate::ops::device::device_type;
use crate::ops::{Call, Kernel, Prepared, View};
use crate::{Array, DType};

/// Emits the steps in order.
pub(super) struct Emitter<'a> {
    layout: Layout<'a>,
    gpu: &'a Arc<dyn Device>,
    state: &'a mut State,
    inputs: Twin,
    results: Twin,
    arena: Option<Buffer>,
    host: Memory,
    buffers: Vec<Buffer>,
    arrays: Vec<Array>,
    constants: HashMap<Output, Address>,
    strings: HashMap<Output, View>,
    feeds: Vec<View>,
    /// The feeds that are read in their places on the host.
    read_here: HashSet<usize>,
    steps: Vec<Step>,
    /// What has come to the side it was not made on.
    there: HashSet<(Output, Side)>,
    /// The variables met so far: where their value is now, and where it was first.
    variables: HashMap<u32, Newest>,
    starts: Vec<(Arc<Storage>, Side)>,
    read: Vec<Arc<Storage>>,
    generators: Vec<Generator>,
    guards: Guards,
}

impl<'a> Emitter<'a> {
    pub fn new(
        layout: Layout<'a>,
        gpu: &'a Arc<dyn Device>,
        state: &'a mut State,
        mut inputs: Twin,
        results: Twin,
    ) -> Result<Emitter<'a>> {
        let end = layout.device.end;
        let arena = if end == 0 { None } else { Some(gpu.alloc(end).map_err(device_error)?) };
        let mut host = Memory::new(layout.host.end);
        let mut feeds = Vec::new();
        for (output, i) in layout.feeds() {
            let (dtype, shape) = layout.signature(output);
            let ptr = if dtype == DType::String { host.strings(shape.iter().product()) } else { inputs.host(i) };
            feeds.push(View::new(dtype, shape, ptr));
        }
        Ok(Emitter {
            layout,
            gpu,
            state,
            inputs,
            results,
            arena,
            host,
            buffers: Vec::new(),
            arrays: Vec::new(),
            constants: HashMap::new(),
            strings: HashMap::new(),
            feeds,
            read_here: HashSet::new(),
            steps: Vec::new(),
            there: HashSet::new(),
            variables: HashMap::new(),
            starts: Vec::new(),
            read: Vec::new(),
            generators: Vec::new(),
            guards: Guards::default(),
        })
    }

    pub fn item(&mut self, item: &Item, i: usize) -> Result<()> {
        let is_map = |id: u32| matches!(self.layout.lowering.node(id).def.kernel, Kernel::Map { .. });
        match (item, self.layout.sides[i]) {
            (Item::Group(nodes), Side::Device) => self.group(nodes, i),
            (Item::Node(id), Side::Device) if is_map(*id) => self.group(&[*id], i),
            (item, Side::Device) => self.device_node(item, i),
            (item, Side::Host) => item.nodes().iter().try_for_each(|id| self.host_node(*id)),
        }
    }

    /// What is left when all steps are there.
    pub fn finish(mut self, fetches: &[(u32, Option<u32>)]) -> Result<DevicePlan> {
        self.prepare()?;
        let mut fetched = Vec::new();
        for (node, index) in fetches {
            let Some(index) = *index else { continue };
            fetched.push(self.fetched(Output { node: *node, index })?);
        }
        let checks = self.layout.lowering.checks(fetches);
        let feeds = self.feeds.into_iter().enumerate().map(|(i, view)| {
            let on_device = self.layout.is_used(Root::Feed(i), Side::Device);
            Feed { there: view.clone(), view, on_device, on_host: self.read_here.contains(&i) }
        });
        let feeds = feeds.collect();
        self.buffers.extend(self.arena);
        Ok(DevicePlan {
            gpu: self.gpu.clone(),
            steps: self.steps,
            feeds,
            inputs: self.inputs,
            fetches: fetched,
            results: self.results,
            variables: self.starts,
            read: self.read,
            generators: self.generators,
            guards: self.guards,
            checks,
            runs: 0,
            _buffers: self.buffers,
            _host: self.host,
            _constants: self.arrays,
        })
    }

    fn fetched(&mut self, output: Output) -> Result<Fetched> {
        let root = self.layout.lowering.root(output);
        let (dtype, shape) = self.layout.signature(output);
        Ok(match root {
            Root::Computed(root) => match self.layout.returned.iter().position(|r| *r == root) {
                Some(i) => Fetched::Device(i, View::new(dtype, shape, self.results.host(i))),
                None => Fetched::Host(self.view(output)?),
            },
            Root::Constant(constant) => {
                let view = self.view(output)?;
                let array = &self.layout.lowering.analysis.values[&constant];
                Fetched::Constant(array.reshaped(&shape).unwrap_or_else(|_| array.clone()), view)
            }
            Root::Feed(i) => Fetched::Fed(i, self.view(output)?),
            Root::Variable(variable) => {
                let storage = self.variable(variable, Side::Host, false);
                self.read.push(storage);
                let (declared, sizes) = self.layout.lowering.graph.signature(Output { node: variable, index: 0 });
                let ptr = self.state.variables.state(variable, declared, &sizes).view.ptr;
                Fetched::Host(View::new(dtype, shape, ptr))
            }
        })
    }

    /// The storage of a variable, whose value is then readable on that side, unless it is only to be overwritten.
    fn variable(&mut self, variable: u32, side: Side, read: bool) -> Arc<Storage> {
        let (dtype, shape) = self.layout.lowering.graph.signature(Output { node: variable, index: 0 });
        let storage = self.state.variables.state(variable, dtype, &shape).storage.clone();
        match self.variables.get(&variable) {
            None => {
                self.variables.insert(variable, Newest::written_on(side));
                self.starts.push((storage.clone(), side));
            }
            Some(newest) if read && !newest.is_on(side) => {
                self.variables.insert(variable, Newest::Both);
                self.steps.push(Step::Bring(storage.clone(), side));
            }
            Some(_) => {}
        }
        storage
    }

    /// The variables that an update writes to: those it takes as variables.
    fn written(&self, id: u32) -> Vec<u32> {
        let graph = self.layout.lowering.graph;
        let node = &graph.nodes[id as usize];
        if !node.def.is_update() {
            return Vec::new();
        }
        let mut written: Vec<u32> = node.inputs.iter().map(|i| owner(graph, *i)).collect();
        written.retain(|v| graph.nodes[*v as usize].def.name == "VariableV2");
        written.dedup();
        written
    }

    /// A value on the host, brought there when it is not.
    fn view(&mut self, output: Output) -> Result<View> {
        let (dtype, shape) = self.layout.signature(output);
        let ptr = match self.layout.lowering.root(output) {
            Root::Feed(i) => {
                self.read_here.insert(i);
                self.feeds[i].ptr
            }
            Root::Variable(variable) => {
                self.variable(variable, Side::Host, true);
                let (dtype, shape) = self.layout.lowering.graph.signature(Output { node: variable, index: 0 });
                self.state.variables.state(variable, dtype, &shape).view.ptr
            }
            Root::Constant(constant) => {
                let array = self.layout.lowering.analysis.values[&constant].clone();
                let ptr = View::of(&array).ptr;
                self.arrays.push(array);
                ptr
            }
            Root::Computed(root) if dtype == DType::String => self.string(root),
            Root::Computed(root) => {
                let here = self.own(root, Side::Host);
                if let Some(from) = self.made_on_device(root)
                    && self.there.insert((root, Side::Host))
                {
                    let (dtype, shape) = self.layout.signature(root);
                    self.steps.push(Step::Down(from, View::new(dtype, shape, here)));
                }
                here
            }
        };
        Ok(View::new(dtype, shape, ptr))
    }

    fn string(&mut self, root: Output) -> *mut u8 {
        if let Some(view) = self.strings.get(&root) {
            return view.ptr;
        }
        let (dtype, shape) = self.layout.signature(root);
        let view = View::new(dtype, shape.clone(), self.host.strings(shape.iter().product()));
        self.strings.insert(root, view.clone());
        view.ptr
    }

    /// Where a computed value lies in the host's memory.
    fn own(&mut self, root: Output, side: Side) -> *mut u8 {
        let offset = self.layout.at.get(&(root, side)).copied().unwrap_or(0);
        self.host.at(offset)
    }

    /// The address of a value that a device step gives.
    fn made_on_device(&self, root: Output) -> Option<Address> {
        if let Some(i) = self.layout.returned.iter().position(|r| *r == root) {
            return Some(self.results.address(i));
        }
        let items = self.layout.lowering.items.iter().zip(self.layout.sides);
        let mut on_device = items.filter(|(_, side)| **side == Side::Device);
        on_device.any(|(item, _)| item.nodes().contains(&root.node)).then(|| self.in_arena(root))
    }

    fn in_arena(&self, root: Output) -> Address {
        let offset = self.layout.at.get(&(root, Side::Device)).copied().unwrap_or(0);
        self.arena.as_ref().map_or(0, Buffer::address) + offset as Address
    }

    /// The address of a value on the device, brought there when it is not.
    fn address(&mut self, output: Output, read: bool) -> Result<Address> {
        match self.layout.lowering.root(output) {
            Root::Feed(i) => Ok(self.inputs.address(i)),
            Root::Variable(variable) => self.variable(variable, Side::Device, read).on_device(self.gpu),
            Root::Constant(constant) => self.constant(constant),
            Root::Computed(root) => {
                if let Some(address) = self.made_on_device(root) {
                    return Ok(address);
                }
                let address = self.in_arena(root);
                if self.there.insert((root, Side::Device)) {
                    let (dtype, shape) = self.layout.signature(root);
                    let from = View::new(dtype, shape, self.own(root, Side::Host));
                    self.steps.push(Step::Up(from, address));
                }
                Ok(address)
            }
        }
    }

    /// A constant's place on the device, to which it goes once.
    fn constant(&mut self, constant: Output) -> Result<Address> {
        if let Some(address) = self.constants.get(&constant) {
            return Ok(*address);
        }
        let view = View::of(&self.layout.lowering.analysis.values[&constant]);
        let buffer = self.gpu.alloc(view.bytes().max(1)).map_err(device_error)?;
        // SAFETY: the view is of an array of plain elements that the analysis keeps.
        let from = unsafe { std::slice::from_raw_parts(view.ptr.cast_const(), view.bytes()) };
        self.gpu.upload(buffer.address(), from).map_err(device_error)?;
        let address = buffer.address();
        self.buffers.push(buffer);
        self.constants.insert(constant, address);
        Ok(address)
    }

    /// Adds device works, to the batch before them when there is one.
    fn push(&mut self, plain: Vec<Work>) {
        if let Some(Step::Device(batch)) = self.steps.last_mut() {
            batch.plain.extend(plain);
            return;
        }
        self.steps.push(Step::Device(Batch::new(plain)));
    }

    /// Makes all device works ready, so that their texts are compiled side by side.
    fn prepare(&mut self) -> Result<()> {
        let plain = |step: &Step| if let Step::Device(batch) = step { batch.plain.clone() } else { vec![] };
        let all: Vec<Work> = self.steps.iter().flat_map(plain).collect();
        let mut ready = self.gpu.prepare_all(&all).map_err(device_error)?.into_iter();
        for step in &mut self.steps {
            if let Step::Device(batch) = step {
                batch.works = ready.by_ref().take(batch.plain.len()).collect();
            }
        }
        Ok(())
    }

    /// A node, or a product with its bias, on the device.
    fn device_node(&mut self, item: &Item, i: usize) -> Result<()> {
        let lowering = self.layout.lowering;
        let id = item.nodes()[0];
        let assigns = lowering.node(id).def.name == "Assign";
        let mut addresses: HashMap<Output, Address> = HashMap::new();
        let others = item.nodes().iter().flat_map(|id| lowering.node(*id).inputs.iter());
        let inside = |o: &Output| matches!(lowering.root(*o), Root::Computed(r) if item.nodes().contains(&r.node));
        for (k, input) in others.copied().enumerate().filter(|(_, o)| !inside(o)) {
            let read = !(assigns && k == 0);
            addresses.insert(input, self.address(input, read)?);
        }
        for output in self.layout.results(i) {
            if let Some(address) = self.made_on_device(output) {
                addresses.insert(output, address);
            }
        }
        let base = self.arena.as_ref().map_or(0, Buffer::address);
        let scratch = self.layout.scratch[i].iter().map(|offset| base + *offset as Address).collect();
        let mut call = self.layout.call(item, |o| addresses.get(&o).copied().unwrap_or(0), scratch);
        if call.random.is_some() {
            call.random = Some(self.generator(id, call.output().len())?);
        }
        let works = call.node.def.cuda.and_then(|kernel| kernel(&call));
        let works = works
            .ok_or_else(|| no_kernel(call.node.def.name, call.outputs.first().map_or(DType::Float32, |o| o.dtype)))?;
        drop(call);
        self.push(works);
        for variable in self.written(id) {
            let storage = self.variable(variable, Side::Device, false);
            self.variables.insert(variable, Newest::Device);
            if let Some(Step::Device(batch)) = self.steps.last_mut()
                && !batch.writes.iter().any(|known| Arc::ptr_eq(known, &storage))
            {
                batch.writes.push(storage);
            }
        }
        if let (true, Some(Step::Device(batch))) = (assigns, self.steps.last_mut()) {
            batch.assigned.push(owner(lowering.graph, lowering.node(id).inputs[0]));
        }
        Ok(())
    }

    /// The device's copy of a random op's generator.
    fn generator(&mut self, id: u32, outputs: usize) -> Result<Address> {
        let session = self.state.generator(self.layout.lowering.graph, id);
        let state = self.gpu.alloc(kernels::PHILOX_BYTES).map_err(device_error)?;
        let address = state.address();
        self.generators.push(Generator { session, state, outputs, known: None });
        Ok(address)
    }

    /// Elementwise nodes of one shape, with the sums of what they give, as one kernel.
    fn group(&mut self, nodes: &[u32], i: usize) -> Result<()> {
        let lowering = self.layout.lowering;
        let analysis = lowering.analysis;
        let results = self.layout.results(i);
        let shape: Box<[usize]> = analysis.sizes(Output { node: nodes[0], index: 0 }).into();
        let mut group = text::Group { shape, inputs: Vec::new(), operations: Vec::new(), totals: Vec::new() };
        let mut known: HashMap<Output, text::Operand> = HashMap::new();
        let base = self.arena.as_ref().map_or(0, Buffer::address);
        let mut scratch = self.layout.scratch[i].clone().into_iter();
        for &id in nodes {
            let node = lowering.node(id);
            let output = Output { node: id, index: 0 };
            let dtype = analysis.dtype(output);
            let to = if results.contains(&output) { self.made_on_device(output) } else { None };
            let Kernel::Map { cuda, .. } = node.def.kernel else {
                let Some(text::Operand::Result(of)) = known.get(&analysis.origin(node.inputs[0])).copied() else {
                    continue;
                };
                let partials = base + scratch.next().unwrap_or(0) as Address;
                let mean = node.def.name == "Mean";
                group.totals.push(text::Total { of, partials, to: to.unwrap_or(0), mean });
                continue;
            };
            let mut operands = Vec::new();
            for input in &node.inputs {
                let origin = analysis.origin(*input);
                let operand = match known.get(&origin) {
                    Some(operand) => *operand,
                    None => {
                        let address = self.address(*input, true)?;
                        let (dtype, shape) = self.layout.signature(*input);
                        group.inputs.push(text::Input { dtype, shape, address });
                        text::Operand::Input(group.inputs.len() - 1)
                    }
                };
                known.insert(origin, operand);
                operands.push(operand);
            }
            known.insert(output, text::Operand::Result(group.operations.len()));
            group.operations.push(text::Operation { expression: cuda.to_string(), operands, dtype, to });
        }
        let works = group.works().ok_or_else(|| no_kernel(lowering.node(nodes[0]).def.name, DType::String))?;
        self.push(works);
        nodes.iter().try_for_each(|id| self.guard(*id))
    }

    /// Looks for what an operation of integers refuses, unless it is known not to be there.
    fn guard(&mut self, id: u32) -> Result<()> {
        let node = self.layout.lowering.node(id);
        let Kernel::Map { guard: Some(guard), .. } = node.def.kernel else { return Ok(()) };
        let (dtype, shape) = self.layout.signature(node.inputs[1]);
        let analysis = self.layout.lowering.analysis;
        let known = analysis.values.get(&analysis.origin(node.inputs[1]));
        let Some(kind) = device_type(dtype).filter(|t| !t.is_float()) else { return Ok(()) };
        if known.is_some_and(|value| !(guard.refuses)(&View::of(value))) {
            return Ok(());
        }
        let from = self.address(node.inputs[1], true)?;
        let flag = self.guards.add(self.gpu, &node.name, guard.message)?;
        self.push(kernels::look_for(guard.cuda, kind, from, shape.iter().product(), flag));
        Ok(())
    }

    /// A node without a kernel, or one that was sent to the CPU.
    fn host_node(&mut self, id: u32) -> Result<()> {
        let lowering = self.layout.lowering;
        let node = lowering.node(id).clone();
        let assigns = node.def.name == "Assign";
        let mut inputs = Vec::new();
        for (k, input) in node.inputs.iter().enumerate() {
            if let (Root::Variable(variable), true) = (lowering.root(*input), assigns && k == 0) {
                self.variable(variable, Side::Host, false);
                self.variables.insert(variable, Newest::Both);
            }
            inputs.push(self.view(*input)?);
        }
        let mut outputs = Vec::new();
        if !node.def.is_update() {
            for index in 0..node.outputs.len() as u32 {
                let output = Output { node: id, index };
                let (dtype, shape) = self.layout.signature(output);
                let ptr = if dtype == DType::String { self.string(output) } else { self.own(output, Side::Host) };
                outputs.push(View::new(dtype, shape, ptr));
            }
        }
        let random = node.attrs.contains_key("seed2").then(|| self.state.generator(lowering.graph, id));
        let call = Call { node: node.clone(), inputs, outputs, random };
        let run: Prepared = match (node.def.prepare, node.def.kernel) {
            (Some(prepare), _) => prepare(&call),
            (None, Kernel::Map { .. }) => Box::new(execute),
            (None, Kernel::Call(run) | Kernel::Update(run)) => Box::new(run),
            (None, Kernel::Alias | Kernel::None) => return Ok(()),
        };
        self.steps.push(Step::Host(run, call));
        for variable in self.written(id) {
            let storage = self.variable(variable, Side::Host, false);
            self.variables.insert(variable, Newest::Host);
            self.steps.push(Step::Wrote(storage));
        }
        if assigns {
            self.steps.push(Step::Assigned(owner(lowering.graph, node.inputs[0])));
        }
        Ok(())
    }
}
