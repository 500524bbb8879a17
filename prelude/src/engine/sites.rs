//! Large values that a run takes from the caller or leaves with it without copying: the plan's addresses follow them.

use super::plan::Step;
use crate::ops::View;

/// Every place in a plan's steps that holds an address within one piece of memory.
pub(crate) struct Sites {
    base: *mut u8,
    places: Vec<(*mut *mut u8, usize)>,
}

impl Sites {
    /// The addresses of `bytes` bytes from `base` on. The steps must stay where they are from now on.
    pub fn find(steps: &mut [Step], base: *mut u8, bytes: usize) -> Sites {
        let mut places = Vec::new();
        let within = base.addr()..base.addr() + bytes;
        let mut look = |place: &mut *mut u8| {
            if within.contains(&place.addr()) {
                places.push((std::ptr::from_mut(place), place.addr() - base.addr()));
            }
        };
        for step in steps {
            match step {
                Step::Map(group) => {
                    group.splats.iter_mut().chain(&mut group.loads).for_each(|load| look(&mut load.from));
                    for op in &mut group.ops {
                        op.inputs.iter_mut().chain([&mut op.output]).for_each(|operand| look(&mut operand.ptr));
                    }
                    group.stores.iter_mut().for_each(|store| look(&mut store.to.ptr));
                    group.streams.iter_mut().for_each(|stream| look(&mut stream.ptr));
                    group.totals.iter_mut().for_each(|total| look(&mut total.from.ptr));
                }
                // Its values are too small to be anyone else's.
                Step::Chain(_) => {}
                Step::Call(_, call) | Step::Assign(_, call, _) => {
                    call.inputs.iter_mut().chain(&mut call.outputs).for_each(|view: &mut View| look(&mut view.ptr));
                }
            }
        }
        Sites { base, places }
    }

    /// Lets the steps work on the memory at `base`.
    pub fn lead_to(&mut self, base: *mut u8) {
        if self.base == base {
            return;
        }
        self.base = base;
        for (place, offset) in &self.places {
            // SAFETY: the places lie in the steps that the plan owns and never moves, and nobody else looks at them now.
            unsafe { **place = base.wrapping_add(*offset) };
        }
    }
}
