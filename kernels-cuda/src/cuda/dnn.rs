//! Convolutions by cuDNN 9; version 8 ends the process when one of its parts is missing. It computes with filters
//! `[filters, height, width, channels]`; bringing them there is the caller's, as is adding a bias.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::{Arc, Mutex, PoisonError};

use super::driver::{Context, Stream};
use super::library::{self, functions};
use crate::error::{Error, Result};
use crate::kernels::Windows;
use crate::launch::{Address, Convolution, Convolved, DType};

/// A handle or a descriptor of the library's.
type Thing = *mut c_void;

const VERSION: u32 = 9;
const NHWC: c_int = 1;
const FLOAT: c_int = 0;
const CROSS_CORRELATION: c_int = 1;
const DEFAULT_MATH: c_int = 0;
const TENSOR_OP_MATH: c_int = 1;
const FMA_MATH: c_int = 3;
const DETERMINISTIC: c_int = 1;
/// No kind of convolution has more algorithms.
const ALGORITHMS: usize = 16;

/// What the library says of an algorithm, for every kind of convolution alike.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Algorithm {
    number: c_int,
    status: c_int,
    time: f32,
    room: usize,
    determinism: c_int,
    math: c_int,
    reserved: [c_int; 3],
}

type Status = c_int;
type Answers = *mut [Algorithm; ALGORITHMS];
type Choose = unsafe extern "C" fn(Thing, Thing, Thing, Thing, Thing, c_int, *mut c_int, Answers) -> Status;
#[rustfmt::skip]
type Convolve = unsafe extern "C" fn(
    Thing, *const f32, Thing, Address, Thing, Address, Thing, c_int, Address, usize, *const f32, Thing, Address,
) -> Status;

functions! {
    /// cuDNN's functions, the same in all of version 9.
    Functions {
        create: cudnnCreate(*mut Thing) -> Status;
        set_stream: cudnnSetStream(Thing, Stream) -> Status;
        create_tensor: cudnnCreateTensorDescriptor(*mut Thing) -> Status;
        create_filter: cudnnCreateFilterDescriptor(*mut Thing) -> Status;
        create_convolution: cudnnCreateConvolutionDescriptor(*mut Thing) -> Status;
        set_tensor: cudnnSetTensor4dDescriptor(Thing, c_int, c_int, c_int, c_int, c_int, c_int) -> Status;
        set_filter: cudnnSetFilter4dDescriptor(Thing, c_int, c_int, c_int, c_int, c_int, c_int) -> Status;
        set_convolution:
            cudnnSetConvolution2dDescriptor(Thing, c_int, c_int, c_int, c_int, c_int, c_int, c_int, c_int) -> Status;
        set_math: cudnnSetConvolutionMathType(Thing, c_int) -> Status;
        destroy_tensor: cudnnDestroyTensorDescriptor(Thing) -> Status;
        destroy_filter: cudnnDestroyFilterDescriptor(Thing) -> Status;
        destroy_convolution: cudnnDestroyConvolutionDescriptor(Thing) -> Status;
        choose_result: cudnnGetConvolutionForwardAlgorithm_v7(
            Thing, Thing, Thing, Thing, Thing, c_int, *mut c_int, Answers) -> Status;
        choose_images: cudnnGetConvolutionBackwardDataAlgorithm_v7(
            Thing, Thing, Thing, Thing, Thing, c_int, *mut c_int, Answers) -> Status;
        choose_filter: cudnnGetConvolutionBackwardFilterAlgorithm_v7(
            Thing, Thing, Thing, Thing, Thing, c_int, *mut c_int, Answers) -> Status;
        result: cudnnConvolutionForward(
            Thing, *const f32, Thing, Address, Thing, Address, Thing, c_int, Address, usize, *const f32, Thing, Address,
        ) -> Status;
        images: cudnnConvolutionBackwardData(
            Thing, *const f32, Thing, Address, Thing, Address, Thing, c_int, Address, usize, *const f32, Thing, Address,
        ) -> Status;
        filter: cudnnConvolutionBackwardFilter(
            Thing, *const f32, Thing, Address, Thing, Address, Thing, c_int, Address, usize, *const f32, Thing, Address,
        ) -> Status;
        text: cudnnGetErrorString(Status) -> *const c_char;
    }
}

/// How one kind of convolution is chosen and done, and the name under which it fails.
struct Kind {
    choose: Choose,
    convolve: Convolve,
    name: &'static str,
}

/// An opened cuDNN, working on one stream.
pub(super) struct Dnn {
    handle: Thing,
    functions: Functions,
    /// The convolutions that were tried, and whether they could be done.
    tried: Mutex<Vec<(Trial, bool)>>,
}

/// What makes convolutions alike: what is computed, of which sizes, by which algorithm, with rounded factors or not.
type Trial = (Convolved, Windows, usize, c_int, bool);

// SAFETY: the handle is used under the device's lock only.
unsafe impl Send for Dnn {}
// SAFETY: as above.
unsafe impl Sync for Dnn {}

impl Dnn {
    /// Opens cuDNN; `None` without it, or where `FLOWBOOK_CUDNN` is 0. The context must be current.
    pub fn open(stream: Stream) -> Option<Arc<Dnn>> {
        if std::env::var("FLOWBOOK_CUDNN").is_ok_and(|value| value == "0") {
            return None;
        }
        let (library, _) = library::find("cudnn", &[VERSION])?;
        // SAFETY: these are the functions' types in cuDNN 9; the stream lives as long as the handle.
        unsafe {
            let functions = Functions::load(library).ok()?;
            let mut handle = std::ptr::null_mut();
            let ready = (functions.create)(&mut handle) == 0 && (functions.set_stream)(handle, stream) == 0;
            ready.then(|| Arc::new(Dnn { handle, functions, tried: Mutex::default() }))
        }
    }

    fn kind(&self, what: Convolved) -> Kind {
        let f = &self.functions;
        let (choose, convolve, name): (Choose, Convolve, _) = match what {
            Convolved::Result => (f.choose_result, f.result, "cudnnConvolutionForward"),
            Convolved::Images => (f.choose_images, f.images, "cudnnConvolutionBackwardData"),
            Convolved::Filter => (f.choose_filter, f.filter, "cudnnConvolutionBackwardFilter"),
        };
        Kind { choose, convolve, name }
    }

    /// The convolution made ready with `room` bytes to work in, the filter lying at `filter` as the library wants it. `None`
    /// when the library has no algorithm for it that is deterministic and content with the room.
    pub fn prepare(self: &Arc<Dnn>, c: &Convolution, filter: Address, room: (Address, usize)) -> Option<Plan> {
        if !suits(c) {
            return None;
        }
        let things = Things { dnn: self.clone(), images: NONE, filter: NONE, result: NONE, way: NONE };
        let mut plan = Plan { things, convolution: c.clone(), filter, algorithm: 0, room };
        let (w, number) = (&c.windows, |n: usize| n as c_int);
        let [height, width] = w.image.map(number);
        let [down, right] = w.count.map(number);
        let ([y, x], [above, left]) = (w.stride.map(number), w.before.map(number));
        let [batch, channels, filters] = [w.batch, w.channels, c.filters].map(number);
        let things = &mut plan.things;
        // SAFETY: each thing is made before it is used and, if it was made, destroyed when the plan is dropped.
        let ready = unsafe {
            (self.functions.create_tensor)(&mut things.images) == 0
                && (self.functions.create_tensor)(&mut things.result) == 0
                && (self.functions.create_filter)(&mut things.filter) == 0
                && (self.functions.create_convolution)(&mut things.way) == 0
                && (self.functions.set_tensor)(things.images, NHWC, FLOAT, batch, channels, height, width) == 0
                && (self.functions.set_tensor)(things.result, NHWC, FLOAT, batch, filters, down, right) == 0
                && (self.functions.set_filter)(
                    things.filter,
                    FLOAT,
                    NHWC,
                    filters,
                    channels,
                    number(w.window[0]),
                    number(w.window[1]),
                ) == 0
                && (self.functions.set_convolution)(things.way, above, left, y, x, 1, 1, CROSS_CORRELATION, FLOAT) == 0
                && (self.functions.set_math)(things.way, if c.tf32 { DEFAULT_MATH } else { FMA_MATH }) == 0
        };
        let best = if ready { plan.choice()? } else { return None };
        // SAFETY: the descriptor was made above.
        if c.tf32 && unsafe { (self.functions.set_math)(plan.things.way, best.math) } != 0 {
            return None;
        }
        plan.algorithm = best.number;
        Some(plan)
    }

    fn reason(&self, status: c_int) -> String {
        // SAFETY: the function returns a constant text for every number.
        unsafe { CStr::from_ptr((self.functions.text)(status)) }.to_string_lossy().into_owned()
    }
}

/// Whether the library's windows, which begin as far above the image as they end below it, are these.
fn suits(c: &Convolution) -> bool {
    let Windows { image, window, stride, before, count, .. } = &c.windows;
    let whole = |axis: usize| {
        let padded = image[axis] + 2 * before[axis];
        padded >= window[axis] && (padded - window[axis]) / stride[axis] + 1 == count[axis]
    };
    let elements = c.windows.batch * (c.windows.image_len().max(c.windows.windows() * c.filters));
    c.dtype == DType::Float32 && (0..2).all(whole) && (1..1 << 31).contains(&elements)
}

const NONE: Thing = std::ptr::null_mut();

/// The descriptors of a convolution.
struct Things {
    dnn: Arc<Dnn>,
    images: Thing,
    filter: Thing,
    result: Thing,
    way: Thing,
}

impl Drop for Things {
    fn drop(&mut self) {
        let functions = &self.dnn.functions;
        let tensors = [self.images, self.result].map(|thing| (functions.destroy_tensor, thing));
        let others = [(functions.destroy_filter, self.filter), (functions.destroy_convolution, self.way)];
        for (destroy, thing) in tensors.into_iter().chain(others).filter(|(_, thing)| !thing.is_null()) {
            // SAFETY: the thing is this value's alone.
            unsafe { destroy(thing) };
        }
    }
}

/// A convolution made ready.
pub(super) struct Plan {
    things: Things,
    convolution: Convolution,
    filter: Address,
    algorithm: c_int,
    room: (Address, usize),
}

// SAFETY: its things are not changed once they are made.
unsafe impl Send for Plan {}
// SAFETY: as above.
unsafe impl Sync for Plan {}

impl Plan {
    /// The three arrays with their descriptors, in the order in which the functions take them; the last is the one computed.
    fn operands(&self) -> [(Thing, Address); 3] {
        let (things, c) = (&self.things, &self.convolution);
        let images = (things.images, c.images);
        let (filter, result) = ((things.filter, self.filter), (things.result, c.result));
        match c.what {
            Convolved::Result => [images, filter, result],
            Convolved::Images => [filter, result, images],
            Convolved::Filter => [images, result, filter],
        }
    }

    /// The algorithm that the library takes for the fastest, of those that give the same every time.
    fn choice(&self) -> Option<Algorithm> {
        let (mut all, mut found) = ([Algorithm::default(); ALGORITHMS], 0);
        let [a, b, to] = self.operands().map(|(thing, _)| thing);
        let (handle, choose) = (self.things.dnn.handle, self.things.dnn.kind(self.convolution.what).choose);
        // SAFETY: the descriptors are complete, and there is room for as many answers as are asked for.
        let status = unsafe { choose(handle, a, b, self.things.way, to, ALGORITHMS as c_int, &mut found, &mut all) };
        let answers = all.into_iter().take(usize::try_from(found).unwrap_or(0));
        let fits = |a: &Algorithm| a.status == 0 && a.determinism == DETERMINISTIC && a.room <= self.room.1;
        // Tensor cores round the factors; yet another kind of mathematics rounds them to half the bits.
        let exact = |a: &Algorithm| match a.math {
            DEFAULT_MATH | FMA_MATH => true,
            math => math == TENSOR_OP_MATH && self.convolution.tf32,
        };
        answers.filter(|_| status == 0).find(|a| fits(a) && exact(a))
    }

    /// Whether it can be done, found out by doing it, once for all that are alike: what the library recommends may need a
    /// part of it that is not installed. What the result's place holds is lost.
    ///
    /// # Safety
    /// As for [`enqueue`](Self::enqueue).
    pub unsafe fn is_possible(&self, context: &Context) -> bool {
        let c = &self.convolution;
        let trial = (c.what, c.windows, c.filters, self.algorithm, c.tf32);
        let mut tried = self.things.dnn.tried.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, possible)) = tried.iter().find(|(known, _)| *known == trial) {
            return *possible;
        }
        // SAFETY: the caller's promise.
        let possible = unsafe { self.enqueue() }.and_then(|()| context.synchronize()).is_ok();
        tried.push((trial, possible));
        possible
    }

    /// Starts it.
    ///
    /// # Safety
    /// The arrays and the room lie in the device's memory, whose context is current.
    pub unsafe fn enqueue(&self) -> Result<()> {
        let (dnn, (room, bytes)) = (&self.things.dnn, self.room);
        let Kind { convolve, name, .. } = dnn.kind(self.convolution.what);
        let [(a, at_a), (b, at_b), (to, at_to)] = self.operands();
        let (one, zero) = (1f32, 0f32);
        // SAFETY: the caller's promise; the factors are read before the call returns.
        let status = unsafe {
            convolve(dnn.handle, &one, a, at_a, b, at_b, self.things.way, self.algorithm, room, bytes, &zero, to, at_to)
        };
        if status == 0 { Ok(()) } else { Err(Error::Library { call: name, reason: dnn.reason(status) }) }
    }
}
