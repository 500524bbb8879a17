//! The greatest element or the mean under each window, and their gradients.

use flowbook_cuda::kernels;

use super::loops::with_float;
use super::{backprop, check_strides, device_windows, four, slid, sliding_attrs, windows_of};
use crate::Shape;
use crate::error::{Error, Result};
use crate::graph::{Attr, IntoTensor, Node, Scope, Tensor, build, graph_of};
use crate::ops::shape::shape;
use crate::ops::view::with_number;
use crate::ops::windows::Windows;
use crate::ops::{Call, Infer, Kernel, OpDef, Sample, Signature, Types, parallel};

/// Height and width of a pool's window.
fn ksize(node: &Node) -> [usize; 2] {
    let window = node.ints("ksize");
    [window[1] as usize, window[2] as usize]
}

fn infer_pool(infer: &Infer) -> Result<Vec<Signature>> {
    match infer.node.def.name {
        "MaxPool" => infer.allow(0, "input", Types::Numbers)?,
        _ => infer.allow(0, "value", Types::Floats)?,
    };
    let images = four(infer, 0)?;
    check_strides(infer)?;
    let window = infer.node.ints("ksize");
    if window.iter().any(|n| *n < 1) {
        if !infer.running {
            return Ok(vec![(infer.dtype(0), Shape::from([images[0], None, None, images[3]]))]);
        }
        let sizes = window.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        return Err(Error::InvalidArgument(format!(
            "Sliding window ksize must be positive. The specified or inferred ksize is: {sizes}"
        )));
    }
    if infer.running && window[0] != 1 {
        return Err(Error::Unimplemented("Pooling is not yet supported on the batch dimension.".into()));
    }
    if infer.running && (window[3] != 1 || infer.node.ints("strides")[3] != 1) {
        let text = "MaxPooling supports exactly one of pooling across depth or pooling across width/height.";
        return Err(Error::Unimplemented(text.into()));
    }
    let [height, width] = slid(infer, &images, [Some(window[1] as usize), Some(window[2] as usize)])?;
    Ok(vec![(infer.dtype(0), Shape::from([images[0], height, width, images[3]]))])
}

fn pool_windows(call: &Call, images: &[usize]) -> Result<Windows> {
    let window = call.node.ints("ksize");
    windows_of(&call.node, images, (window[1] as usize, window[2] as usize))
}

pub(crate) static MAX_POOL: OpDef = OpDef::new(
    "MaxPool",
    infer_pool,
    Kernel::Call(|call| {
        let windows = pool_windows(call, &call.input(0).shape)?;
        let n = windows.channels;
        if call.output().dtype.is_integer() {
            return greatest_integers(&windows, call);
        }
        with_float!(call, T => {
            let (images, from, to) = (call.input(0).slice::<T>(), windows.image_len(), windows.count() * n);
            parallel::over(call.output().slice_mut::<T>(), to, images.len(), |first, out| {
                for (i, out) in out.chunks_exact_mut(to.max(1)).enumerate() {
                    pool_max(&windows, &images[(first + i) * from..][..from], out);
                }
            });
        });
        Ok(())
    }),
)
.cuda(|call| {
    let (images, output) = (call.input(0), call.output());
    if output.dtype.is_integer() {
        return None;
    }
    let windows = device_windows(call.node, &images.shape, &ksize(call.node))?;
    Some(kernels::max_pool(output.device_type()?, &windows, images.address, output.address))
})
.gradient(|g| vec![Some(backprop(g, &MAX_POOL_GRAD, &[g.input(0), g.output(), g.dy()]))])
.samples(&[Sample {
    inputs: &[(&[2, 4, 5, 2], -1.0, 1.0)],
    build: |x| max_pool(x[0], [1, 2, 2, 1], [1, 2, 2, 1], "SAME"),
}]);

fn greatest_integers(windows: &Windows, call: &Call) -> Result<()> {
    let n = windows.channels.max(1);
    let (from, to) = (windows.image_len().max(1), (windows.count() * n).max(1));
    with_number!(call.output().dtype, T => {
        let results = call.output().slice_mut::<T>().chunks_exact_mut(to);
        for (image, out) in call.input(0).slice::<T>().chunks_exact(from).zip(results) {
            let mut last = usize::MAX;
            windows.visit(|window, at| {
                let (cell, pixel) = (&mut out[window * n..][..n], &image[at..][..n]);
                // A window's first pixel stands for the least number of the type.
                if window != last {
                    cell.copy_from_slice(pixel);
                    last = window;
                }
                cell.iter_mut().zip(pixel).for_each(|(o, x)| *o = if *x > *o { *x } else { *o });
            });
        }
        Ok(())
    })
}

/// Passes the gradient to the first element of each window that reaches its maximum: inputs are images, result, gradient.
pub(crate) static MAX_POOL_GRAD: OpDef = OpDef::new(
    "MaxPoolGrad",
    |infer| Ok(vec![infer.inputs[0].clone()]),
    Kernel::Call(|call| {
        let windows = pool_windows(call, &call.input(0).shape)?;
        with_float!(call, T => {
            let n = windows.channels;
            let (images, whole, pooled) = (call.input(0).slice::<T>(), windows.image_len(), windows.count() * n);
            let (results, gradients) = (call.input(1).slice::<T>(), call.input(2).slice::<T>());
            parallel::over(call.output().slice_mut::<T>(), whole, images.len(), |first, out| {
                let mut left = vec![0.0; n];
                for (i, out) in out.chunks_exact_mut(whole.max(1)).enumerate() {
                    let image = &images[(first + i) * whole..][..whole];
                    let y = &results[(first + i) * pooled..][..pooled];
                    let dy = &gradients[(first + i) * pooled..][..pooled];
                    pass_max(&windows, image, y, dy, &mut left, out);
                }
            });
        });
        Ok(())
    }),
)
.cuda(|call| {
    let (images, output) = (call.input(0), call.output());
    let windows = device_windows(call.node, &images.shape, &ksize(call.node))?;
    let places = [images.address, call.input(1).address, call.input(2).address, output.address];
    Some(kernels::max_pool_gradient(output.device_type()?, &windows, places))
});

pub(crate) static AVG_POOL: OpDef = OpDef::new(
    "AvgPool",
    infer_pool,
    Kernel::Call(|call| {
        let windows = pool_windows(call, &call.input(0).shape)?;
        let counts = pixel_counts(&windows);
        with_float!(call, T => {
            let images = call.input(0).slice::<T>().chunks_exact(windows.image_len().max(1));
            let outputs = call.output().slice_mut::<T>().chunks_exact_mut((windows.count() * windows.channels).max(1));
            for (image, out) in images.zip(outputs) {
                out.fill(0.0);
                windows.visit(|window, at| {
                    let cell = out[window * windows.channels..].iter_mut();
                    cell.zip(&image[at..at + windows.channels]).for_each(|(o, x)| *o += x);
                });
                for (cell, n) in out.chunks_mut(windows.channels.max(1)).zip(&counts) {
                    cell.iter_mut().for_each(|o| *o /= *n as T);
                }
            }
        });
        Ok(())
    }),
)
.cuda(|call| {
    let (images, output) = (call.input(0), call.output());
    let windows = device_windows(call.node, &images.shape, &ksize(call.node))?;
    Some(kernels::avg_pool(output.device_type()?, &windows, images.address, output.address))
})
.gradient(|g| vec![Some(backprop(g, &AVG_POOL_GRAD, &[shape(g.input(0)), g.dy()]))])
.samples(&[Sample {
    inputs: &[(&[2, 4, 5, 2], -1.0, 1.0)],
    build: |x| avg_pool(x[0], [1, 3, 2, 1], [1, 2, 2, 1], "SAME"),
}]);

/// How many pixels of the image lie under each window: at the border there are fewer.
fn pixel_counts(windows: &Windows) -> Vec<u32> {
    let mut counts = vec![0; windows.count()];
    windows.visit(|window, _| counts[window] += 1);
    counts
}

/// Shares the gradient among the pixels of each window: inputs are the images' sizes and the gradient.
pub(crate) static AVG_POOL_GRAD: OpDef = OpDef::new(
    "AvgPoolGrad",
    |infer| Ok(vec![(infer.dtype(1), infer.shape_from(0, "input_sizes")?)]),
    Kernel::Call(|call| {
        let windows = pool_windows(call, &call.output().shape)?;
        let counts = pixel_counts(&windows);
        with_float!(call, T => {
            let gradients = call.input(1).slice::<T>().chunks_exact((windows.count() * windows.channels).max(1));
            let outputs = call.output().slice_mut::<T>().chunks_exact_mut(windows.image_len().max(1));
            for (dy, out) in gradients.zip(outputs) {
                out.fill(0.0);
                windows.visit(|window, at| {
                    let share = counts[window] as T;
                    let pixel = out[at..at + windows.channels].iter_mut();
                    pixel.zip(&dy[window * windows.channels..]).for_each(|(o, d)| *o += d / share);
                });
            }
        });
        Ok(())
    }),
)
.cuda(|call| {
    let (dy, output) = (call.input(1), call.output());
    let windows = device_windows(call.node, &output.shape, &ksize(call.node))?;
    Some(kernels::avg_pool_gradient(output.device_type()?, &windows, dy.address, output.address))
});

#[track_caller]
pub(super) fn pool(
    def: &'static OpDef,
    value: impl IntoTensor,
    ksize: [i64; 4],
    strides: [i64; 4],
    padding: &str,
) -> Tensor {
    let value = value.into_operand();
    let graph = graph_of(&[&value]);
    build(graph, || {
        if ksize.contains(&0) && std::ptr::eq(def, &MAX_POOL) {
            return Err(Error::Value(format!("`ksize` cannot be zero. Received: ksize={ksize:?}")));
        }
        let scope = Scope::open(graph, def.name);
        let value = value.tensor(&scope, "input", None)?;
        let mut attrs = sliding_attrs(def.name, value.dtype(), strides, padding)?;
        attrs.insert("ksize", Attr::Ints(ksize.to_vec()));
        if std::ptr::eq(def, &MAX_POOL) {
            attrs.insert("explicit_paddings", Attr::Ints(Vec::new()));
        }
        Ok(scope.op(def, &[value], attrs)?.output(0))
    })
}

/// The greatest element under each window: `tf.nn.max_pool(value, ksize, strides, padding)`.
///
/// # Panics
/// `ValueError` when the value has not rank 4 or no window fits on it.
#[track_caller]
pub fn max_pool(value: impl IntoTensor, ksize: [i64; 4], strides: [i64; 4], padding: &str) -> Tensor {
    pool(&MAX_POOL, value, ksize, strides, padding)
}

/// The mean of the elements under each window: `tf.nn.avg_pool(value, ksize, strides, padding)`. What lies outside the
/// image does not count.
///
/// # Panics
/// As [`max_pool`].
#[track_caller]
pub fn avg_pool(value: impl IntoTensor, ksize: [i64; 4], strides: [i64; 4], padding: &str) -> Tensor {
    pool(&AVG_POOL, value, ksize, strides, padding)
}
