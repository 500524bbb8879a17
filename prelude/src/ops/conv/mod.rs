//! Convolutions (`conv2d`) and pooling (`pool`) over images `[batch, height, width, channels]`. Here is what windows that
//! slide over two axes have in common.

mod conv2d;
mod loops;
mod pool;

use flowbook_cuda::kernels;

use crate::DType;
use crate::error::{Error, Result};
use crate::graph::{Attr, Attrs, Gradient, Node, Scope, Tensor, build};
use crate::ops::windows::{Slide, Windows};
use crate::ops::{Infer, OpDef, typed};

pub use conv2d::conv2d;
use conv2d::{CONV2D, CONV2D_BACKPROP_FILTER, CONV2D_BACKPROP_INPUT};
use pool::{AVG_POOL, AVG_POOL_GRAD, MAX_POOL, MAX_POOL_GRAD};
pub use pool::{avg_pool, max_pool};

pub(crate) static OPS: &[&OpDef] =
    &[&CONV2D, &CONV2D_BACKPROP_INPUT, &CONV2D_BACKPROP_FILTER, &MAX_POOL, &MAX_POOL_GRAD, &AVG_POOL, &AVG_POOL_GRAD];

/// The windows of an op's attributes on images of these sizes.
pub(super) fn windows_of(node: &Node, images: &[usize], window: (usize, usize)) -> Result<Windows> {
    let strides = node.ints("strides");
    let along = |axis: usize, window: usize| {
        Slide::new(images[axis], window, strides[axis] as usize, node.text("padding")).ok_or_else(|| {
            Error::InvalidArgument(format!("Computed output size would be negative: {} - {window} + 1", images[axis]))
        })
    };
    Ok(Windows { channels: images[3], rows: along(1, window.0)?, columns: along(2, window.1)? })
}

/// An error when windows cannot go so far at a time, or not yet. In a run also for those that no kernel is for.
pub(super) fn check_strides(infer: &Infer) -> Result<()> {
    let strides = infer.node.ints("strides");
    if let Some(stride) = strides[1..3].iter().find(|stride| **stride < 1) {
        let text = format!("Stride must be > 0, but got {stride}");
        return infer.fail(text.clone(), text);
    }
    let pool = infer.node.def.name != "Conv2D";
    let beside = strides[0] != 1 || (strides[3] != 1 && !pool);
    if infer.running && beside {
        return Err(Error::Unimplemented(match pool {
            true => "Pooling is not yet supported on the batch dimension.".into(),
            false => "Current implementation does not yet support strides in the batch and depth dimensions.".into(),
        }));
    }
    Ok(())
}

/// The sizes of the output along the two axes that windows slide over.
pub(super) fn slid(infer: &Infer, images: &[Option<usize>], window: [Option<usize>; 2]) -> Result<[Option<usize>; 2]> {
    let (strides, padding) = (infer.node.ints("strides"), infer.node.text("padding"));
    let mut sizes = [None; 2];
    for (i, size) in sizes.iter_mut().enumerate() {
        let (Some(n), Some(window)) = (images[i + 1], window[i]) else { continue };
        let Some(slide) = Slide::new(n, window, strides[i + 1] as usize, padding) else {
            return infer.fail(
                format!("Negative dimension size caused by subtracting {window} from {n}"),
                format!("Computed output size would be negative: {n} - {window} + 1"),
            );
        };
        *size = Some(slide.count);
    }
    Ok(sizes)
}

/// The shape's four sizes; a shape of unknown rank has four unknown ones.
pub(super) fn four(infer: &Infer, i: usize) -> Result<[Option<usize>; 4]> {
    let Some(dims) = infer.shape(i).dims() else { return Ok([None; 4]) };
    let text = || format!("Shape must be rank 4 but is rank {}", dims.len());
    dims.try_into().or_else(|_| infer.fail(text(), text()))
}

/// The op of a gradient, with the attributes of the op it belongs to.
pub(super) fn backprop(g: &Gradient, def: &'static OpDef, inputs: &[Tensor]) -> Tensor {
    let graph = g.dy().graph();
    build(graph, || Ok(Scope::open(graph, def.name).op(def, inputs, g.node().attrs.clone())?.output(0)))
}

/// The windows as the device's kernels take them.
pub(super) fn device_windows(node: &Node, images: &[usize], window: &[usize]) -> Option<kernels::Windows> {
    let strides = node.ints("strides");
    let images = [images[0], images[1], images[2], images[3]];
    let stride = [strides[1] as usize, strides[2] as usize];
    kernels::Windows::new(images, [window[0], window[1]], stride, node.text("padding") == "SAME")
}

fn padding_attr(op: &str, padding: &str) -> Result<Attr> {
    if matches!(padding, "SAME" | "VALID") {
        return Ok(Attr::Str(padding.into()));
    }
    let explicit = if op == "AvgPool" { "" } else { ", \"EXPLICIT\"" };
    Err(Error::Value(format!(
        "Attr 'padding' of '{op}' Op passed string '{padding}' not in: \"SAME\", \"VALID\"{explicit}."
    )))
}

pub(super) fn sliding_attrs(op: &str, dtype: DType, strides: [i64; 4], padding: &str) -> Result<Attrs> {
    let mut attrs = typed("T", dtype);
    attrs.insert("strides", Attr::Ints(strides.to_vec()));
    attrs.insert("padding", padding_attr(op, padding)?);
    attrs.insert("data_format", Attr::Str("NHWC".into()));
    Ok(attrs)
}
