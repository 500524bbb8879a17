//! On which device an eager operation is meant to run, what its result says of it, and the few operations that are worth
//! the way to a GPU.

use std::cell::RefCell;
use std::sync::Arc;

use super::{Compiled, config, matmul};
use crate::engine::device::gpus;
use crate::error::{Error, Result};
use crate::graph::{DeviceSpec, Node, current_device};
use crate::{Array, DType};

const TASK: &str = "/job:localhost/replica:0/task:0";

/// Products of fewer multiplications stay on the CPU: they take less time than their operands' way to a GPU and back.
/// (Tests have a GPU that is slower than any CPU.)
const LARGE: usize = if cfg!(test) { 64 * 64 * 64 } else { 1024 * 1024 * 1024 };

/// Where a device scope sends an operation. Whether there is such a device is looked up when somebody asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Asked {
    Nothing,
    Cpu,
    Gpu(u8),
}

impl Asked {
    /// What the scopes of this thread say.
    pub fn now() -> Asked {
        current_device(|spec| match spec.map(|spec| (spec.kind.as_deref(), spec.index)) {
            Some((Some("CPU"), _)) => Asked::Cpu,
            Some((Some("GPU"), index)) => Asked::Gpu(index.unwrap_or(0).min(255) as u8),
            _ => Asked::Nothing,
        })
    }

    /// The number of the GPU that a value of that type lies on; `None` for the CPU. Whole numbers of 32 bits and strings
    /// stay in the host's memory, as in TensorFlow.
    fn gpu(self, dtype: DType) -> Option<usize> {
        if self == Asked::Cpu || matches!(dtype, DType::Int32 | DType::String) {
            return None;
        }
        let count = gpus().len();
        match self {
            Asked::Gpu(index) if usize::from(index) < count => Some(index.into()),
            _ => (count > 0).then_some(0),
        }
    }

    /// The full name of the device that a value of that type lies on.
    pub fn device(self, dtype: DType) -> String {
        match self.gpu(dtype) {
            None => format!("{TASK}/device:CPU:0"),
            Some(index) => format!("{TASK}/device:GPU:{index}"),
        }
    }
}

/// Says where an operation runs, when that is asked for.
pub(super) fn log(op: &str, dtype: DType) {
    if config::is_logged() {
        eprintln!("Executing op {op} in device {}", Asked::now().device(dtype));
    }
}

/// # Errors
/// `InvalidArgumentError` when the device that a scope asks for does not exist and placement is not soft.
pub(super) fn check() -> Result<()> {
    let Asked::Gpu(index) = Asked::now() else { return Ok(()) };
    if config::is_soft() || usize::from(index) < gpus().len() {
        return Ok(());
    }
    let count = gpus().len() as u32;
    let types = if count > 0 { "GPU, CPU" } else { "CPU" };
    let all = std::iter::once(DeviceSpec::of("CPU", 0)).chain((0..count).map(|i| DeviceSpec::of("GPU", i)));
    let all: Vec<String> = all.map(|device| device.in_full().to_string()).collect();
    Err(Error::InvalidArgument(format!(
        "Could not satisfy device specification '{TASK}/device:GPU:{index}'. enable_soft_placement=0. Supported device \
         types [{types}]. All available devices [{}].",
        all.join(", ")
    )))
}

/// A product on a GPU: its device, the operands' types and sizes, and which of them are transposed.
type Key = (usize, Vec<(DType, Vec<usize>)>, bool, bool);

thread_local! {
    /// The plans of the last products, each with its memory on the device.
    static PRODUCTS: RefCell<Vec<(Key, Compiled)>> = const { RefCell::new(Vec::new()) };
}

/// How many products keep their plans.
const KEPT: usize = 4;

/// The result of a large product, computed on a GPU; `None` for all else, and when the GPU cannot.
pub(super) fn on_gpu(node: &Arc<Node>, inputs: &[Array]) -> Option<Array> {
    let [a, b] = inputs else { return None };
    if node.def.name != "MatMul" || !a.dtype().is_floating() || a.ndim() != 2 || b.ndim() != 2 {
        return None;
    }
    let (ta, tb) = (node.bool("transpose_a"), node.bool("transpose_b"));
    let columns = b.shape()[usize::from(!tb)];
    if a.shape().iter().product::<usize>().saturating_mul(columns) < LARGE {
        return None;
    }
    let gpu = Asked::now().gpu(a.dtype())?;
    let key: Key = (gpu, inputs.iter().map(|x| (x.dtype(), x.shape().to_vec())).collect(), ta, tb);
    PRODUCTS.with_borrow_mut(|kept| {
        let at = match kept.iter().position(|(known, _)| *known == key) {
            Some(at) => at,
            None => {
                let device = format!("/gpu:{gpu}");
                let trace =
                    |x: &[super::Tensor]| Ok(vec![matmul(&x[0], &x[1]).transpose_a(ta).transpose_b(tb).tensor()]);
                let plan = crate::graph::device(&device, || Compiled::trace(&key.1, trace)).ok()?;
                kept.truncate(KEPT - 1);
                kept.insert(0, (key, plan));
                0
            }
        };
        kept[at].1.run(inputs).ok()?.pop()
    })
}
