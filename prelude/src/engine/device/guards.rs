//! Operations of integers that refuse some operands: on a GPU a kernel raises a flag, and a run looks at its flags when
//! it has ended. What comes after the operation in the same run has then been done.

use std::sync::Arc;

use flowbook_cuda::{Address, Buffer, Device};

use super::device_error;
use crate::engine::at_node;
use crate::error::{Error, Result};

/// The flags of a plan.
#[derive(Default)]
pub(super) struct Guards(Vec<Flag>);

struct Flag {
    gpu: Arc<dyn Device>,
    place: Buffer,
    node: String,
    message: &'static str,
}

impl Guards {
    /// A flag that is down, for a node and what is said when it is raised.
    ///
    /// # Errors
    /// What the device says.
    pub fn add(&mut self, gpu: &Arc<dyn Device>, node: &str, message: &'static str) -> Result<Address> {
        let place = gpu.alloc(4).map_err(device_error)?;
        gpu.upload(place.address(), &[0; 4]).map_err(device_error)?;
        let address = place.address();
        self.0.push(Flag { gpu: gpu.clone(), place, node: node.to_string(), message });
        Ok(address)
    }

    /// Takes all flags down.
    ///
    /// # Errors
    /// `InvalidArgumentError` at the first node whose flag was raised.
    pub fn check(&self) -> Result<()> {
        let mut result = Ok(());
        for flag in &self.0 {
            let mut raised = [0; 4];
            flag.gpu.download(flag.place.address(), &mut raised).map_err(device_error)?;
            if raised == [0; 4] {
                continue;
            }
            flag.gpu.upload(flag.place.address(), &[0; 4]).map_err(device_error)?;
            result = result.and_then(|()| Err(at_node(Error::InvalidArgument(flag.message.into()), &flag.node)));
        }
        result
    }
}
