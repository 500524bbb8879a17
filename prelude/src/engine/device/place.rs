//! Which operations of a run go to a GPU: those that a device scope sends there, and all others that have a kernel.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use flowbook_cuda::Device;

use super::{Side, gpus};
use crate::DType;
use crate::engine::analyse::Analysis;
use crate::engine::interpret::owner;
use crate::error::{Error, Result};
use crate::graph::{DeviceSpec, GraphData, Node, Output};
use crate::ops::Kernel;
use crate::ops::device::{DeviceCall, Place, device_type};

/// How a session or a compiled function chooses devices.
#[derive(Clone, Default)]
pub(crate) struct Placement {
    /// Whether what a device cannot do goes to another one without a word.
    pub soft: bool,
    /// Whether choices are printed.
    pub log: bool,
    /// Whether it is a compiled function, which prints no list of devices.
    pub function: bool,
    /// The number of GPUs to use at most.
    pub most: Option<usize>,
    /// The device of operations that no scope sends anywhere.
    pub default: Option<Arc<DeviceSpec>>,
}

/// Where the operations of a run go.
pub(crate) struct Placed {
    /// The GPUs there are.
    pub gpus: Vec<Arc<dyn Device>>,
    /// The first GPU that some operation goes to.
    pub main: Option<usize>,
    pub sides: HashMap<u32, Side>,
}

/// What is said of an operation: by its scope and by what there is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    Host,
    Gpu(usize),
    /// A scope sends it to a GPU, which has no kernel for it.
    Instead(usize),
    /// Some GPU.
    Open,
}

/// The front of a device's full name.
const TASK: &str = "/job:localhost/replica:0/task:0";

/// Places the operations of a run.
///
/// # Errors
/// `InvalidArgumentError` for a device that does not exist or cannot run the operation, unless placement is soft.
pub(crate) fn place(graph: &GraphData, analysis: &Analysis, placement: &Placement) -> Result<Placed> {
    let mut gpus = gpus();
    gpus.truncate(placement.most.unwrap_or(usize::MAX));
    let mut placed = Placed { gpus, main: None, sides: HashMap::new() };
    let asked = |node: &Arc<Node>| node.device.is_some() || placement.default.is_some();
    if placed.gpus.is_empty() && !placement.log && !graph.nodes.iter().any(asked) {
        return Ok(placed);
    }
    let mut choices: Vec<(u32, Choice)> = Vec::new();
    for id in nodes(analysis).into_iter().rev() {
        choices.push((id, choice(graph, analysis, id, &placed.gpus, placement)?));
    }
    let named = |(_, choice): &(u32, Choice)| match choice {
        Choice::Gpu(number) | Choice::Instead(number) => Some(*number),
        Choice::Host | Choice::Open => None,
    };
    let named: BTreeSet<usize> = choices.iter().filter_map(named).collect();
    // A run that names one GPU stays on it; of several the first has what no scope sends anywhere, as in TensorFlow.
    let open = if named.len() == 1 { named.first().copied().unwrap_or(0) } else { 0 };
    for (id, choice) in choices {
        let side = match choice {
            Choice::Host | Choice::Instead(_) => Side::Host,
            Choice::Gpu(number) => Side::Device(number),
            Choice::Open => Side::Device(open),
        };
        placed.sides.insert(id, side);
        let kernel = &graph.nodes[id as usize].def.kernel;
        let runs = !matches!(kernel, Kernel::Alias | Kernel::None) && analysis.nodes.binary_search(&id).is_ok();
        if let (Side::Device(number), true) = (side, runs) {
            placed.main = Some(placed.main.map_or(number, |main| main.min(number)));
        }
    }
    if placement.log {
        if !placement.function {
            log_devices(&placed.gpus);
        }
        log(graph, analysis, &placed);
    }
    Ok(placed)
}

/// The nodes of a run, those included whose values are known before it.
fn nodes(analysis: &Analysis) -> BTreeSet<u32> {
    analysis.nodes.iter().copied().chain(analysis.values.keys().map(|o| o.node)).collect()
}

fn choice(
    graph: &GraphData,
    analysis: &Analysis,
    id: u32,
    gpus: &[Arc<dyn Device>],
    placement: &Placement,
) -> Result<Choice> {
    let node = &graph.nodes[id as usize];
    // An update runs where its variable is.
    let asked = match node.def.is_update() {
        true => graph.nodes[owner(graph, Output { node: id, index: 0 }) as usize].device.as_ref(),
        false => node.device.as_ref(),
    };
    let asked = asked.or(placement.default.as_ref());
    let supported = !gpus.is_empty() && has_kernel(graph, analysis, id);
    let automatic = || if supported { Choice::Open } else { Choice::Host };
    let Some(asked) = asked else { return Ok(automatic()) };
    let cannot = |why: String| {
        Err(Error::InvalidArgument(format!(
            "Cannot assign a device for operation {}: {why}\n\t [[{}]]",
            node.name, node.name
        )))
    };
    let exists = match (asked.kind.as_deref(), asked.index) {
        (None, _) => return Ok(automatic()),
        (Some("CPU"), None | Some(0)) => return Ok(Choice::Host),
        (Some("GPU"), index) => (index.unwrap_or(0) as usize) < gpus.len(),
        _ => false,
    };
    if !exists && placement.soft {
        return Ok(automatic());
    }
    if !exists {
        let names: Vec<String> = names(gpus.len()).collect();
        let gpu = gpus.is_empty() && asked.kind.as_deref() == Some("GPU");
        let why = if gpu { " The requested device appears to be a GPU, but CUDA is not enabled." } else { "" };
        return cannot(format!(
            "{{{{node {}}}}} was explicitly assigned to {asked} but available devices are [ {} ]. Make sure the device \
             specification refers to a valid device.{why}",
            node.name,
            names.join(", ")
        ));
    }
    let textual = node.outputs.iter().any(|(t, _)| *t == DType::String)
        || node.inputs.iter().any(|i| analysis.dtype(analysis.origin(*i)) == DType::String);
    if textual && !placement.soft {
        return cannot(format!(
            "Could not satisfy explicit device specification '{asked}' because no supported kernel for GPU devices is \
             available."
        ));
    }
    let number = asked.index.unwrap_or(0) as usize;
    Ok(if supported { Choice::Gpu(number) } else { Choice::Instead(number) })
}

/// The full names of the machine's devices.
fn names(gpus: usize) -> impl Iterator<Item = String> {
    std::iter::once(format!("{TASK}/device:CPU:0")).chain((0..gpus).map(|i| format!("{TASK}/device:GPU:{i}")))
}

/// Whether a GPU can run a node: a trial with addresses that lead nowhere.
fn has_kernel(graph: &GraphData, analysis: &Analysis, id: u32) -> bool {
    let node = &graph.nodes[id as usize];
    let types = node.inputs.iter().map(|i| analysis.dtype(analysis.origin(*i)));
    let outputs = (0..node.outputs.len() as u32).map(|index| analysis.dtype(Output { node: id, index }));
    if types.chain(outputs).any(|t| device_type(t).is_none()) {
        return false;
    }
    match node.def.kernel {
        Kernel::Map { .. } | Kernel::Alias | Kernel::None => true,
        Kernel::Call(_) | Kernel::Update(_) => {
            node.def.cuda.is_some_and(|kernel| kernel(&trial(graph, analysis, id)).is_some())
        }
    }
}

fn trial<'a>(graph: &'a GraphData, analysis: &Analysis, id: u32) -> DeviceCall<'a> {
    let node: &Node = &graph.nodes[id as usize];
    let place = |output: Output| {
        let origin = analysis.origin(output);
        let known = if analysis.signatures.contains_key(&output) { output } else { origin };
        Place {
            dtype: analysis.dtype(origin),
            shape: analysis.sizes(known).into(),
            address: 0,
            value: analysis.values.get(&origin).cloned(),
        }
    };
    let inputs = node.inputs.iter().map(|i| place(*i)).collect();
    let outputs = (0..node.outputs.len() as u32).map(|index| place(Output { node: id, index })).collect();
    let mut call = DeviceCall::new(node, inputs, outputs, Vec::new());
    call.random = Some(0);
    call
}

/// Prints the devices, as a session of TensorFlow's does.
fn log_devices(gpus: &[Arc<dyn Device>]) {
    if gpus.is_empty() {
        eprintln!("Device mapping: no known devices.");
    } else {
        eprintln!("Device mapping:");
        for (i, gpu) in gpus.iter().enumerate() {
            let info = gpu.info();
            let (major, minor) = info.compute_capability;
            eprintln!("{TASK}/device:GPU:{i} -> device: {i}, name: {}, compute capability: {major}.{minor}", info.name);
        }
    }
}

/// Prints where each operation goes, as TensorFlow does.
fn log(graph: &GraphData, analysis: &Analysis, placed: &Placed) {
    for id in nodes(analysis) {
        let node = &graph.nodes[id as usize];
        let device = match placed.sides[&id] {
            Side::Host => "CPU:0".to_string(),
            Side::Device(number) => format!("GPU:{number}"),
        };
        eprintln!("{}: ({}): {TASK}/device:{device}", node.name, node.def.name);
    }
}
