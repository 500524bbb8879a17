//! The same value for all replicas' copies of a variable: on the devices, where these can talk to each other, else on the
//! host, in the order of the replicas.

use std::sync::{Arc, Mutex, PoisonError};

use flowbook_cuda::{Address, Collective, Device, Shared};

use super::device_error;
use crate::DType;
use crate::engine::VariableState;
use crate::error::Result;
use crate::ops::View;

/// What becomes of the replicas' values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reduce {
    Sum,
    Mean,
}

/// Gives every copy of each variable the sum or the mean of the first `from` copies; of whole numbers the first one's value.
///
/// # Errors
/// What a device says.
pub(crate) fn all_reduce(variables: &[Vec<&VariableState>], from: usize, how: Reduce) -> Result<()> {
    if variables.is_empty() {
        return Ok(());
    }
    if from > 1 && variables.iter().all(|copies| copies.len() == from) && on_devices(variables, how)? {
        return Ok(());
    }
    for copies in variables.iter().filter(|copies| copies.len() > 1) {
        for copy in copies {
            copy.storage.bring_home()?;
        }
        let views: Vec<&View> = copies.iter().map(|copy| &copy.view).collect();
        on_host(&views, from.clamp(1, views.len()), how);
        copies.iter().for_each(|copy| copy.storage.written_on_host());
    }
    Ok(())
}

/// Adds up where the values lie; `false` when they do not lie on real devices, one on each, that can talk to each other.
fn on_devices(variables: &[Vec<&VariableState>], how: Reduce) -> Result<bool> {
    let mut devices: Vec<Arc<dyn Device>> = Vec::new();
    let mut values = Vec::new();
    for copies in variables {
        let places: Option<Vec<(Arc<dyn Device>, Address)>> = copies.iter().map(|c| c.storage.only_on()).collect();
        let view = &copies[0].view;
        let dtype = match view.dtype {
            DType::Float32 => flowbook_cuda::DType::Float32,
            DType::Float64 => flowbook_cuda::DType::Float64,
            _ => return Ok(false),
        };
        let Some(places) = places else { return Ok(false) };
        let (on, addresses): (Vec<_>, Vec<_>) = places.into_iter().unzip();
        if devices.is_empty() {
            devices = on;
        } else if !same(&devices, &on) {
            return Ok(false);
        }
        values.push(Shared { addresses, dtype, count: view.len(), mean: how == Reduce::Mean });
    }
    let Some(collective) = collective(&devices) else { return Ok(false) };
    collective.all_reduce(&values).map_err(device_error)?;
    for copies in variables {
        copies.iter().zip(&devices).for_each(|(copy, device)| copy.storage.written_on(device));
    }
    Ok(true)
}

fn same(a: &[Arc<dyn Device>], b: &[Arc<dyn Device>]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| Arc::ptr_eq(a, b))
}

/// Groups of devices that were asked to talk to each other, with how they do it, if they can.
type Collectives = Vec<(Vec<Arc<dyn Device>>, Option<Arc<Collective>>)>;

/// How these devices talk to each other, found out once for each process.
fn collective(devices: &[Arc<dyn Device>]) -> Option<Arc<Collective>> {
    static KNOWN: Mutex<Collectives> = Mutex::new(Vec::new());
    if devices.iter().any(|device| device.stream().is_none()) {
        return None;
    }
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, collective)) = known.iter().find(|(of, _)| same(of, devices)) {
        return collective.clone();
    }
    let opened = Collective::open(devices).map(Arc::new);
    if opened.is_none() {
        eprintln!("WARNING:tensorflow:Nccl kernel is not found, not using nccl allreduce.");
    }
    known.push((devices.to_vec(), opened.clone()));
    opened
}

fn on_host(views: &[&View], from: usize, how: Reduce) {
    let (first, others) = (views[0], &views[1..]);
    macro_rules! combine {
        ($t:ty) => {{
            let sum = first.slice_mut::<$t>();
            for other in &others[..from - 1] {
                sum.iter_mut().zip(other.slice::<$t>()).for_each(|(sum, part)| *sum += part);
            }
            if how == Reduce::Mean {
                sum.iter_mut().for_each(|sum| *sum /= from as $t);
            }
        }};
    }
    match first.dtype {
        DType::Float32 => combine!(f32),
        DType::Float64 => combine!(f64),
        _ => {}
    }
    others.iter().for_each(|other| other.copy_from(first));
}
