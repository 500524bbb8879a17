//! What an op's declaration needs to say how it runs on a GPU: a call whose operands are addresses in the device's memory.
//! The kernels themselves are `flowbook_cuda::kernels`'; each op names its own beside its declaration.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};

use flowbook_cuda::{Address, Work};

use crate::graph::Node;
use crate::ops::{ints, size_of_dtype};
use crate::{Array, DType};

/// How an op runs on a device: the works for one call, `None` when the device has no kernel for it.
pub(crate) type DeviceKernel = fn(&DeviceCall) -> Option<Vec<Work>>;

/// An operand on the device.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub dtype: DType,
    pub shape: Box<[usize]>,
    pub address: Address,
    /// The value, when it is known before the run.
    pub value: Option<Array>,
}

impl Place {
    /// The number of elements.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// The size of the elements together, in bytes.
    pub fn bytes(&self) -> usize {
        self.len() * size_of_dtype(self.dtype)
    }

    /// The element type as the device knows it.
    pub fn device_type(&self) -> Option<flowbook_cuda::DType> {
        device_type(self.dtype)
    }
}

/// One execution of an op on a device.
pub(crate) struct DeviceCall<'a> {
    pub node: &'a Node,
    pub inputs: Vec<Place>,
    pub outputs: Vec<Place>,
    /// Where the state of a random op's generator lies.
    pub random: Option<Address>,
    scratch: RefCell<Vec<usize>>,
    given: Vec<Address>,
}

impl<'a> DeviceCall<'a> {
    /// A call, with the addresses of the scratch memory that an earlier trial of it asked for.
    pub fn new(node: &'a Node, inputs: Vec<Place>, outputs: Vec<Place>, given: Vec<Address>) -> DeviceCall<'a> {
        DeviceCall { node, inputs, outputs, random: None, scratch: RefCell::default(), given }
    }

    pub fn input(&self, i: usize) -> &Place {
        &self.inputs[i]
    }

    pub fn output(&self) -> &Place {
        &self.outputs[0]
    }

    /// Memory for the time of the call.
    pub fn scratch(&self, bytes: usize) -> Address {
        let mut asked = self.scratch.borrow_mut();
        asked.push(bytes);
        self.given.get(asked.len() - 1).copied().unwrap_or(0)
    }

    /// What [`scratch`](Self::scratch) was asked for.
    pub fn asked(self) -> Vec<usize> {
        self.scratch.into_inner()
    }

    /// The integers of an input whose value is known before the run.
    pub fn ints(&self, i: usize) -> Option<Vec<i64>> {
        self.inputs.get(i)?.value.clone().map(ints)
    }
}

/// The element type as the device knows it; strings it does not.
pub(crate) fn device_type(dtype: DType) -> Option<flowbook_cuda::DType> {
    Some(match dtype {
        DType::Float32 => flowbook_cuda::DType::Float32,
        DType::Float64 => flowbook_cuda::DType::Float64,
        DType::Int32 => flowbook_cuda::DType::Int32,
        DType::Int64 => flowbook_cuda::DType::Int64,
        DType::UInt8 => flowbook_cuda::DType::UInt8,
        DType::Bool => flowbook_cuda::DType::Bool,
        DType::String => return None,
    })
}

static TENSOR_FLOAT_32: AtomicBool = AtomicBool::new(false);

/// Lets products of `float32` round their factors to TensorFloat-32, or not, which is the default.
pub(crate) fn set_tensor_float_32(enabled: bool) {
    TENSOR_FLOAT_32.store(enabled, Ordering::Relaxed);
}

/// Whether products of `float32` may round their factors to TensorFloat-32.
pub(crate) fn tensor_float_32() -> bool {
    TENSOR_FLOAT_32.load(Ordering::Relaxed)
}
