//! The steps of a device plan with their addresses, and the transfers between host and device that they need.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use flowbook_cuda::{Address, Buffer, Device, Work, kernels};

use super::batch::Batch;
use super::guards::Guards;
use super::lower::Layout;
use super::plan::{DevicePlan, Feed, Fetched, Generator, Step, Where};
use super::storage::{Newest, Storage};
use super::twin::Twin;
use super::{Side, device_error, text};
use crate::engine::State;
use crate::engine::analyse::{execute, no_kernel};
use crate::engine::interpret::owner;
use crate::engine::lower::Root;
use crate::engine::memory::{Memory, Offsets};
use crate::engine::schedule::Item;
use crate::error::Result;
use crate::graph::Output;
use crate::ops::device::device_type;
use crate::ops::{Call, Kernel, Prepared, View};
use crate::{Array, DType};

/// Emits the steps in order.
pub(super) struct Emitter<'a> {
    layout: Layout<'a>,
    gpus: &'a [Arc<dyn Device>],
    state: &'a mut State,
    inputs: Twin,
    results: Twin,
    arenas: Vec<Option<Buffer>>,
    host: Memory,
    buffers: Vec<Buffer>,
    arrays: Vec<Array>,
    /// Constants, and values fed that other GPUs than the one that is fed want, by the GPU's number.
    constants: HashMap<(Root, usize), Address>,
    strings: HashMap<Output, View>,
    feeds: Vec<View>,
    /// The feeds that are read in their places on the host.
    read_here: HashSet<usize>,
    steps: Vec<Step>,
    /// What has come to the side it was not made on.
    there: HashSet<(Output, Side)>,
    /// The variables met so far: where their value is now, and where it was first.
    variables: HashMap<u32, Newest>,
    starts: Vec<(Arc<Storage>, Where)>,
    read: Vec<Arc<Storage>>,
    generators: Vec<Generator>,
    guards: Guards,
}

impl<'a> Emitter<'a> {
    pub fn new(
        layout: Layout<'a>,
        gpus: &'a [Arc<dyn Device>],
        state: &'a mut State,
        mut inputs: Twin,
        results: Twin,
    ) -> Result<Emitter<'a>> {
        let arena = |(gpu, offsets): (&Arc<dyn Device>, &Offsets)| match offsets.end {
            0 => Ok(None),
            end => gpu.alloc(end).map(Some).map_err(device_error),
        };
        let arenas = gpus.iter().zip(&layout.devices).map(arena).collect::<Result<_>>()?;
        let mut host = Memory::new(layout.host.end);
        let mut feeds = Vec::new();
        for (output, i) in layout.feeds() {
            let (dtype, shape) = layout.signature(output);
            let ptr = if dtype == DType::String { host.strings(shape.iter().product()) } else { inputs.host(i) };
            feeds.push(View::new(dtype, shape, ptr));
        }
        Ok(Emitter {
            layout,
            gpus,
            state,
            inputs,
            results,
            arenas,
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
            (Item::Group(nodes), Side::Device(number)) => self.group(nodes, i, number),
            (Item::Node(id), Side::Device(number)) if is_map(*id) => self.group(&[*id], i, number),
            (item, Side::Device(number)) => self.device_node(item, i, number),
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
        let main = self.layout.main;
        let feeds = self.feeds.into_iter().enumerate().map(|(i, view)| {
            let on_device = self.layout.is_used(Root::Feed(i), Side::Device(main));
            Feed { there: view.clone(), view, on_device, on_host: self.read_here.contains(&i) }
        });
        let feeds = feeds.collect();
        self.buffers.extend(self.arenas.into_iter().flatten());
        Ok(DevicePlan {
            gpu: self.gpus[main].clone(),
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

    /// The device of a side.
    fn device(&self, side: Side) -> Where {
        match side {
            Side::Host => None,
            Side::Device(number) => Some(self.gpus[number].clone()),
        }
    }

    /// The storage of a variable, whose value is then readable on that side, unless it is only to be overwritten.
    fn variable(&mut self, variable: u32, side: Side, read: bool) -> Arc<Storage> {
        let (dtype, shape) = self.layout.lowering.graph.signature(Output { node: variable, index: 0 });
        let storage = self.state.variables.state(variable, dtype, &shape).storage.clone();
        let place = self.device(side);
        match self.variables.get_mut(&variable) {
            None => {
                self.variables.insert(variable, Newest::written_on(side));
                self.starts.push((storage.clone(), place));
            }
            Some(newest) if read && !newest.is_on(side) => {
                newest.brought_to(side);
                self.steps.push(Step::Bring(storage.clone(), place));
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
                if let Some((number, from)) = self.made_on_device(root)
                    && self.there.insert((root, Side::Host))
                {
                    let (dtype, shape) = self.layout.signature(root);
                    self.steps.push(Step::Down(self.gpus[number].clone(), from, View::new(dtype, shape, here)));
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

    /// The GPU and the address of a value that a device step gives.
    fn made_on_device(&self, root: Output) -> Option<(usize, Address)> {
        if let Some(i) = self.layout.returned.iter().position(|r| *r == root) {
            return Some((self.layout.main, self.results.address(i)));
        }
        let mut items = self.layout.lowering.items.iter().zip(self.layout.sides);
        match items.find(|(item, _)| item.nodes().contains(&root.node))?.1 {
            Side::Host => None,
            Side::Device(number) => Some((*number, self.in_arena(root, *number))),
        }
    }

    fn in_arena(&self, root: Output, number: usize) -> Address {
        let offset = self.layout.at.get(&(root, Side::Device(number))).copied().unwrap_or(0);
        self.arenas[number].as_ref().map_or(0, Buffer::address) + offset as Address
    }

    /// The address of a value on a GPU, brought there when it is not.
    fn address(&mut self, output: Output, number: usize, read: bool) -> Result<Address> {
        match self.layout.lowering.root(output) {
            Root::Feed(i) if number == self.layout.main => Ok(self.inputs.address(i)),
            Root::Feed(i) => self.fed_elsewhere(output, i, number),
            Root::Variable(variable) => {
                self.variable(variable, Side::Device(number), read).on_device(&self.gpus[number])
            }
            Root::Constant(constant) => self.constant(constant, number),
            Root::Computed(root) => {
                if let Some((_, address)) = self.made_on_device(root).filter(|(made, _)| *made == number) {
                    return Ok(address);
                }
                let address = self.in_arena(root, number);
                if self.there.insert((root, Side::Device(number))) {
                    let from = self.view(root)?;
                    self.steps.push(Step::Up(from, self.gpus[number].clone(), address));
                }
                Ok(address)
            }
        }
    }

    /// The place of a value fed on a GPU that is not the one that is fed.
    fn fed_elsewhere(&mut self, output: Output, i: usize, number: usize) -> Result<Address> {
        if let Some(address) = self.constants.get(&(Root::Feed(i), number)) {
            return Ok(*address);
        }
        let (from, gpu) = (self.view(output)?, &self.gpus[number]);
        let buffer = gpu.alloc(from.bytes().max(1)).map_err(device_error)?;
        let address = buffer.address();
        self.steps.push(Step::Up(from, gpu.clone(), address));
        self.buffers.push(buffer);
        self.constants.insert((Root::Feed(i), number), address);
        Ok(address)
    }

    /// A constant's place on a GPU, to which it goes once.
    fn constant(&mut self, constant: Output, number: usize) -> Result<Address> {
        let (key, gpu) = ((Root::Constant(constant), number), &self.gpus[number]);
        if let Some(address) = self.constants.get(&key) {
            return Ok(*address);
        }
        let view = View::of(&self.layout.lowering.analysis.values[&constant]);
        let buffer = gpu.alloc(view.bytes().max(1)).map_err(device_error)?;
        // SAFETY: the view is of an array of plain elements that the analysis keeps.
        let from = unsafe { std::slice::from_raw_parts(view.ptr.cast_const(), view.bytes()) };
        gpu.upload(buffer.address(), from).map_err(device_error)?;
        let address = buffer.address();
        self.buffers.push(buffer);
        self.constants.insert(key, address);
        Ok(address)
    }

    /// Adds works of a GPU, to the batch before them when it is one of the same.
    fn push(&mut self, number: usize, plain: Vec<Work>) {
        let gpu = &self.gpus[number];
        match self.steps.last_mut() {
            Some(Step::Device(batch)) if Arc::ptr_eq(&batch.gpu, gpu) => batch.plain.extend(plain),
            _ => self.steps.push(Step::Device(Batch::new(gpu, plain))),
        }
    }

    /// Makes all device works ready, so that their texts are compiled side by side.
    fn prepare(&mut self) -> Result<()> {
        for gpu in self.gpus {
            let mut batches: Vec<&mut Batch> = Vec::new();
            for step in &mut self.steps {
                match step {
                    Step::Device(batch) if Arc::ptr_eq(&batch.gpu, gpu) => batches.push(batch),
                    _ => {}
                }
            }
            let all: Vec<Work> = batches.iter().flat_map(|batch| batch.plain.clone()).collect();
            let mut ready = gpu.prepare_all(&all).map_err(device_error)?.into_iter();
            for batch in batches {
                batch.works = ready.by_ref().take(batch.plain.len()).collect();
            }
        }
        Ok(())
    }

    /// A node, or a product with its bias, on the device.
    fn device_node(&mut self, item: &Item, i: usize, number: usize) -> Result<()> {
        let lowering = self.layout.lowering;
        let id = item.nodes()[0];
        let assigns = lowering.node(id).def.name == "Assign";
        let mut addresses: HashMap<Output, Address> = HashMap::new();
        let others = item.nodes().iter().flat_map(|id| lowering.node(*id).inputs.iter());
        let inside = |o: &Output| matches!(lowering.root(*o), Root::Computed(r) if item.nodes().contains(&r.node));
        for (k, input) in others.copied().enumerate().filter(|(_, o)| !inside(o)) {
            let read = !(assigns && k == 0);
            addresses.insert(input, self.address(input, number, read)?);
        }
        for output in self.layout.results(i) {
            if let Some((_, address)) = self.made_on_device(output) {
                addresses.insert(output, address);
            }
        }
        let base = self.arenas[number].as_ref().map_or(0, Buffer::address);
        let scratch = self.layout.scratch[i].iter().map(|offset| base + *offset as Address).collect();
        let mut call = self.layout.call(item, |o| addresses.get(&o).copied().unwrap_or(0), scratch);
        if call.random.is_some() {
            call.random = Some(self.generator(id, call.output().len(), number)?);
        }
        let works = call.node.def.cuda.and_then(|kernel| kernel(&call));
        let works = works
            .ok_or_else(|| no_kernel(call.node.def.name, call.outputs.first().map_or(DType::Float32, |o| o.dtype)))?;
        drop(call);
        self.push(number, works);
        for variable in self.written(id) {
            let storage = self.variable(variable, Side::Device(number), false);
            self.variables.insert(variable, Newest::written_on(Side::Device(number)));
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
    fn generator(&mut self, id: u32, outputs: usize, number: usize) -> Result<Address> {
        let session = self.state.generator(self.layout.lowering.graph, id);
        let gpu = self.gpus[number].clone();
        let state = gpu.alloc(kernels::PHILOX_BYTES).map_err(device_error)?;
        let address = state.address();
        self.generators.push(Generator { session, gpu, state, outputs, known: None });
        Ok(address)
    }

    /// Elementwise nodes of one shape, with the sums of what they give, as one kernel.
    fn group(&mut self, nodes: &[u32], i: usize, number: usize) -> Result<()> {
        let lowering = self.layout.lowering;
        let analysis = lowering.analysis;
        let results = self.layout.results(i);
        let shape: Box<[usize]> = analysis.sizes(Output { node: nodes[0], index: 0 }).into();
        let mut group = text::Group { shape, inputs: Vec::new(), operations: Vec::new(), totals: Vec::new() };
        let mut known: HashMap<Output, text::Operand> = HashMap::new();
        let base = self.arenas[number].as_ref().map_or(0, Buffer::address);
        let mut scratch = self.layout.scratch[i].clone().into_iter();
        for &id in nodes {
            let node = lowering.node(id);
            let output = Output { node: id, index: 0 };
            let dtype = analysis.dtype(output);
            let to = self.made_on_device(output).filter(|_| results.contains(&output)).map(|(_, address)| address);
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
                        let address = self.address(*input, number, true)?;
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
        self.push(number, works);
        nodes.iter().try_for_each(|id| self.guard(*id, number))
    }

    /// Looks for what an operation of integers refuses, unless it is known not to be there.
    fn guard(&mut self, id: u32, number: usize) -> Result<()> {
        let node = self.layout.lowering.node(id);
        let Kernel::Map { guard: Some(guard), .. } = node.def.kernel else { return Ok(()) };
        let (dtype, shape) = self.layout.signature(node.inputs[1]);
        let analysis = self.layout.lowering.analysis;
        let known = analysis.values.get(&analysis.origin(node.inputs[1]));
        let Some(kind) = device_type(dtype).filter(|t| !t.is_float()) else { return Ok(()) };
        if known.is_some_and(|value| !(guard.refuses)(&View::of(value))) {
            return Ok(());
        }
        let from = self.address(node.inputs[1], number, true)?;
        let flag = self.guards.add(&self.gpus[number], &node.name, guard.message)?;
        self.push(number, kernels::look_for(guard.cuda, kind, from, shape.iter().product(), flag));
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
                self.variables.entry(variable).and_modify(|newest| newest.brought_to(Side::Host));
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
            self.variables.insert(variable, Newest::written_on(Side::Host));
            self.steps.push(Step::Wrote(storage));
        }
        if assigns {
            self.steps.push(Step::Assigned(owner(lowering.graph, node.inputs[0])));
        }
        Ok(())
    }
}
