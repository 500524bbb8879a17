//! Convolutions and pooling over images `[batch, height, width, channels]`: windows that slide over two axes.
//! Convolutions are matrix products of the windows' contents: `gemm::images` multiplies them where they lie; here they
//! are laid out as rows, for what is not for it.

use flowbook_cuda::{Address, Convolution, Convolved, Work, kernels};

use super::device::{DeviceCall, Place, tensor_float_32};
use super::matmul::{Sizes, product};
use super::shape::{shape, shape_n};
use super::windows::{Slide, Windows};
use super::{Call, Infer, Kernel, OpDef, Sample, Signature, Types, View, gemm::images, parallel, typed};
use crate::error::{Error, Result};
use crate::graph::{Attr, Attrs, Gradient, IntoTensor, Node, Scope, Tensor, build, graph_of};
use crate::{DType, Shape};

pub(crate) static OPS: &[&OpDef] =
    &[&CONV2D, &CONV2D_BACKPROP_INPUT, &CONV2D_BACKPROP_FILTER, &MAX_POOL, &MAX_POOL_GRAD, &AVG_POOL, &AVG_POOL_GRAD];

/// The windows of an op's attributes on images of these sizes.
fn windows_of(node: &Node, images: &[usize], window: (usize, usize)) -> Result<Windows> {
    let strides = node.ints("strides");
    let along = |axis: usize, window: usize| {
        Slide::new(images[axis], window, strides[axis] as usize, node.text("padding")).ok_or_else(|| {
            Error::InvalidArgument(format!("Computed output size would be negative: {} - {window} + 1", images[axis]))
        })
    };
    Ok(Windows { channels: images[3], rows: along(1, window.0)?, columns: along(2, window.1)? })
}

/// The loops over one image for one float type.
macro_rules! image_loops {
    ($module:ident, $t:ty) => {
        mod $module {
            use super::Windows;
            use crate::ops::simd::multiversioned;

            multiversioned! {
                /// Lays out what is under each window of an image as a row. Places outside the image stay as they are.
                pub fn unroll(windows: &Windows, image: &[$t], rows: &mut [$t]) {
                    windows.visit_rows(|window, under, at, pixels| {
                        let (to, n) = (window * windows.len() + under, pixels * windows.channels);
                        if n >= 16 {
                            rows[to..to + n].copy_from_slice(&image[at..at + n]);
                        } else {
                            rows[to..to + n].iter_mut().zip(&image[at..at + n]).for_each(|(r, x)| *r = *x);
                        }
                    });
                }
            }

            multiversioned! {
                /// Adds each window's row to the places of the image that are under it.
                pub fn roll(windows: &Windows, rows: &[$t], image: &mut [$t]) {
                    image.fill(0.0);
                    windows.visit_rows(|window, under, at, pixels| {
                        let (from, n) = (window * windows.len() + under, pixels * windows.channels);
                        image[at..at + n].iter_mut().zip(&rows[from..from + n]).for_each(|(x, d)| *x += d);
                    });
                }
            }

            multiversioned! {
                pub fn pool_max(windows: &Windows, image: &[$t], out: &mut [$t]) {
                    let n = windows.channels;
                    out.fill(<$t>::MIN);
                    windows.visit(|window, at| {
                        let cell = out[window * n..][..n].iter_mut();
                        cell.zip(&image[at..at + n]).for_each(|(o, x)| *o = if *x > *o { *x } else { *o });
                    });
                }
            }

            multiversioned! {
                /// Passes the gradient of each window's maximum on. `left` is what a window's gradient has left: nothing
                /// of a channel once a pixel reached its maximum.
                pub fn pass_max(windows: &Windows, image: &[$t], y: &[$t], dy: &[$t], left: &mut [$t], out: &mut [$t]) {
                    let n = windows.channels;
                    let mut current = usize::MAX;
                    out.fill(0.0);
                    windows.visit(|window, at| {
                        let y = &y[window * n..][..n];
                        if window != current {
                            left.copy_from_slice(&dy[window * n..][..n]);
                            current = window;
                        }
                        let (out, x, left) = (&mut out[at..][..n], &image[at..][..n], &mut left[..n]);
                        for c in 0..n {
                            let passed = if x[c] == y[c] { left[c] } else { 0.0 };
                            out[c] += passed;
                            left[c] = if x[c] == y[c] { 0.0 } else { left[c] };
                        }
                    });
                }
            }
        }
    };
}
image_loops!(f32_loops, f32);
image_loops!(f64_loops, f64);

/// About how many elements the rows of the images that are multiplied at once have, so that they stay in the caches.
const TOGETHER: usize = 1 << 19;

/// How many images are multiplied at once, the elements of one image's rows, and room for the rows of all of them.
fn scratch<T: Default + Clone>(windows: &Windows, images: usize) -> (usize, usize, Vec<T>) {
    let size = windows.count() * windows.len();
    let together = (TOGETHER / size.max(1)).clamp(1, images.max(1));
    (together, size, vec![T::default(); together * size])
}

/// An error when windows cannot go so far at a time, or not yet. In a run also for those that no kernel is for.
fn check_strides(infer: &Infer) -> Result<()> {
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
fn slid(infer: &Infer, images: &[Option<usize>], window: [Option<usize>; 2]) -> Result<[Option<usize>; 2]> {
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
fn four(infer: &Infer, i: usize) -> Result<[Option<usize>; 4]> {
    let Some(dims) = infer.shape(i).dims() else { return Ok([None; 4]) };
    let text = || format!("Shape must be rank 4 but is rank {}", dims.len());
    dims.try_into().or_else(|_| infer.fail(text(), text()))
}

/// Runs `$body` with `$t` as the float type of the output.
macro_rules! with_float {
    ($call:ident, $t:ident => $body:block) => {
        match $call.output().dtype {
            DType::Float64 => {
                #[allow(unused_imports, reason = "each kernel takes some of the loops")]
                use f64_loops::{pass_max, pool_max, roll, unroll};
                type $t = f64;
                $body
            }
            _ => {
                #[allow(unused_imports, reason = "each kernel takes some of the loops")]
                use f32_loops::{pass_max, pool_max, roll, unroll};
                type $t = f32;
                $body
            }
        }
    };
}

pub(crate) static CONV2D: OpDef = OpDef::new(
    "Conv2D",
    |infer| {
        infer.same_type(&["input", "filter"])?;
        infer.allow(0, "input", Types::Floats)?;
        let (images, filter) = (four(infer, 0)?, four(infer, 1)?);
        check_strides(infer)?;
        if filter[2] == Some(0) {
            return infer.fail("Depth of filter must not be 0", "filter depth must be stricly greater than 0");
        }
        if infer.running && filter.contains(&Some(0)) {
            let text = "filter must not have zero elements (i.e. all dimensions must be non-zero)";
            return Err(Error::InvalidArgument(text.into()));
        }
        if let (Some(m), Some(n)) = (images[3], filter[2])
            && m != n
        {
            return depths(infer, m, n, filter[3]);
        }
        let [height, width] = slid(infer, &images, [filter[0], filter[1]])?;
        Ok(vec![(infer.dtype(0), Shape::from([images[0], height, width, filter[3]]))])
    },
    Kernel::Call(|call| {
        let filter = call.input(1);
        let windows = windows_of(&call.node, &call.input(0).shape, (filter.shape[0], filter.shape[1]))?;
        let sizes = Sizes::new([windows.count(), windows.len(), filter.shape[3]], false, false);
        if call.output().dtype == DType::Float32 {
            let (bias, out) = (call.inputs.get(2).map(View::slice), call.output().slice_mut());
            if images::convolve(&windows, sizes.n, call.input(0).slice(), filter.slice(), bias, out) {
                return Ok(());
            }
        }
        with_float!(call, T => {
            let (images, filter) = (call.input(0).slice::<T>(), filter.slice::<T>());
            let (from, to) = (windows.image_len(), windows.count() * call.input(1).shape[3]);
            let bias = call.inputs.get(2).map(View::slice::<T>);
            let out = call.output().slice_mut::<T>();
            parallel::over(out, to, out.len() * windows.len(), |first, out| {
                let (together, size, mut rows) = scratch(&windows, out.len() / to.max(1));
                for (i, out) in out.chunks_mut((together * to).max(1)).enumerate() {
                    let here = out.len() / to;
                    for (k, rows) in rows.chunks_exact_mut(size.max(1)).take(here).enumerate() {
                        unroll(&windows, &images[(first + i * together + k) * from..][..from], rows);
                    }
                    product(&sizes.times(here), &rows[..here * size], filter, bias, out, false);
                }
            });
        });
        Ok(())
    }),
)
.cuda(|call| {
    let (images, filter, output) = (call.input(0), call.input(1), call.output());
    let windows = device_windows(call.node, &images.shape, &filter.shape)?;
    let bias = call.inputs.get(2).map(|bias| bias.address);
    convolved(call, Convolved::Result, windows, [images, filter, output], bias)
})
.takes_bias()
.gradient(|g| {
    let (input, filter) = (g.input(0), g.input(1));
    let shapes = shape_n(&[input, filter]);
    vec![
        Some(backprop(g, &CONV2D_BACKPROP_INPUT, &[shapes[0], filter, g.dy()])),
        Some(backprop(g, &CONV2D_BACKPROP_FILTER, &[input, shapes[1], g.dy()])),
    ]
})
.samples(&[
    Sample {
        inputs: &[(&[2, 4, 3, 2], -1.0, 1.0), (&[2, 2, 2, 3], -1.0, 1.0)],
        build: |x| conv2d(x[0], x[1], [1, 1, 1, 1], "VALID"),
    },
    Sample {
        inputs: &[(&[1, 5, 4, 1], -1.0, 1.0), (&[3, 2, 1, 2], -1.0, 1.0)],
        build: |x| conv2d(x[0], x[1], [1, 2, 2, 1], "SAME"),
    },
]);

/// Says why images of `m` channels do not go with a filter for `n`: TensorFlow counts groups of channels first.
fn depths(infer: &Infer, m: usize, n: usize, out: Option<usize>) -> Result<Vec<Signature>> {
    if n == 0 || !m.is_multiple_of(n) {
        return infer.fail(
            format!("Depth of input ({m}) is not a multiple of input depth of filter ({n})"),
            format!("input depth must be evenly divisible by filter depth: {m} vs {n}"),
        );
    }
    let groups = m / n;
    if let Some(out) = out.filter(|out| groups == 0 || out % groups != 0) {
        return infer.fail(
            format!("Depth of output ({out}) is not a multiple of the number of groups ({groups})"),
            format!("output depth must be evenly divisible by number of groups: {out} vs {groups}"),
        );
    }
    let text = format!("Convolution in groups is not there: input depth {m}, filter depth {n}");
    infer.fail(text.clone(), text)
}

/// The op of a gradient, with the attributes of the op it belongs to.
fn backprop(g: &Gradient, def: &'static OpDef, inputs: &[Tensor]) -> Tensor {
    let graph = g.dy().graph();
    build(graph, || Ok(Scope::open(graph, def.name).op(def, inputs, g.node().attrs.clone())?.output(0)))
}

/// The gradient of a convolution by its images: inputs are their sizes, the filter, the gradient of the result.
pub(crate) static CONV2D_BACKPROP_INPUT: OpDef = OpDef::new(
    "Conv2DBackpropInput",
    |infer| Ok(vec![(infer.dtype(1), infer.shape_from(0, "input_sizes")?)]),
    Kernel::Call(|call| {
        let filter = call.input(1);
        let windows = windows_of(&call.node, &call.output().shape, (filter.shape[0], filter.shape[1]))?;
        let sizes = Sizes::new([windows.count(), filter.shape[3], windows.len()], false, true);
        if call.output().dtype == DType::Float32 {
            let (filter, gradients, out) = (filter.slice(), call.input(2).slice(), call.output().slice_mut());
            if images::gradient_of_images(&windows, sizes.k, filter, gradients, out) {
                return Ok(());
            }
        }
        with_float!(call, T => {
            let (gradients, filter) = (call.input(2).slice::<T>(), filter.slice::<T>());
            let (from, to) = (windows.count() * call.input(1).shape[3], windows.image_len());
            let out = call.output().slice_mut::<T>();
            parallel::over(out, to, gradients.len() * windows.len(), |first, out| {
                let (together, size, mut rows) = scratch(&windows, out.len() / to.max(1));
                for (i, images) in out.chunks_mut((together * to).max(1)).enumerate() {
                    let here = images.len() / to;
                    let dy = &gradients[(first + i * together) * from..][..here * from];
                    product(&sizes.times(here), dy, filter, None, &mut rows[..here * size], false);
                    for (image, rows) in images.chunks_exact_mut(to).zip(rows.chunks_exact(size.max(1))) {
                        roll(&windows, rows, image);
                    }
                }
            });
        });
        Ok(())
    }),
)
.cuda(|call| {
    let (filter, dy, output) = (call.input(1), call.input(2), call.output());
    let windows = device_windows(call.node, &output.shape, &filter.shape)?;
    convolved(call, Convolved::Images, windows, [output, filter, dy], None)
});

/// The gradient of a convolution by its filter: inputs are the images, the filter's sizes, the gradient of the result.
pub(crate) static CONV2D_BACKPROP_FILTER: OpDef = OpDef::new(
    "Conv2DBackpropFilter",
    |infer| Ok(vec![(infer.dtype(0), infer.shape_from(1, "filter_sizes")?)]),
    Kernel::Call(|call| {
        let filter = &call.output().shape;
        let windows = windows_of(&call.node, &call.input(0).shape, (filter[0], filter[1]))?;
        if call.output().dtype == DType::Float32 {
            let (images, gradients) = (call.input(0).slice(), call.input(2).slice());
            if images::gradient_of_filter(&windows, filter[3], images, gradients, call.output().slice_mut()) {
                return Ok(());
            }
        }
        with_float!(call, T => {
            let (images, gradients) = (call.input(0).slice::<T>(), call.input(2).slice::<T>());
            let (image, pooled) = (windows.image_len(), windows.count() * filter[3]);
            let out = call.output().slice_mut::<T>();
            let count = call.input(0).shape[0];
            // Each piece of the images has a sum of its own; the order of adding them up is always the same.
            let (pieces, each) = parallel::pieces(count, gradients.len() * windows.len());
            let mut sums = vec![0.0; pieces * out.len()];
            parallel::over(&mut sums, out.len(), gradients.len() * windows.len(), |first, sums| {
                let (together, size, mut rows) = scratch(&windows, each);
                let mut part = vec![0.0; out.len()];
                for (piece, sum) in sums.chunks_exact_mut(out.len().max(1)).enumerate() {
                    let start = (first + piece) * each;
                    let end = (start + each).min(count);
                    for i in (start..end).step_by(together) {
                        let here = together.min(end - i);
                        for (k, rows) in rows.chunks_exact_mut(size.max(1)).take(here).enumerate() {
                            unroll(&windows, &images[(i + k) * image..][..image], rows);
                        }
                        let sizes = Sizes::new([windows.len(), here * windows.count(), filter[3]], true, false);
                        let dy = &gradients[i * pooled..][..here * pooled];
                        product(&sizes, &rows[..here * size], dy, None, &mut part, false);
                        sum.iter_mut().zip(&part).for_each(|(s, p)| *s += p);
                    }
                }
            });
            out.fill(0.0);
            for sum in sums.chunks_exact(out.len().max(1)) {
                out.iter_mut().zip(sum).for_each(|(o, s)| *o += s);
            }
        });
        Ok(())
    }),
)
.cuda(|call| {
    let (images, dy, output) = (call.input(0), call.input(2), call.output());
    let windows = device_windows(call.node, &images.shape, &output.shape)?;
    convolved(call, Convolved::Filter, windows, [images, output, dy], None)
});

/// A convolution on the device: its images, filter and result, of which one is computed.
fn convolved(
    call: &DeviceCall,
    what: Convolved,
    windows: kernels::Windows,
    [images, filter, result]: [&Place; 3],
    bias: Option<Address>,
) -> Option<Vec<Work>> {
    let (dtype, filters) = (call.output().device_type()?, filter.shape[3]);
    Some(kernels::convolution(Convolution {
        what,
        dtype,
        windows,
        filters,
        images: images.address,
        filter: filter.address,
        result: result.address,
        scratch: call.scratch(kernels::convolution_scratch(dtype, &windows, filters)),
        bias,
        tf32: tensor_float_32(),
    }))
}

/// The windows as the device's kernels take them.
fn device_windows(node: &Node, images: &[usize], window: &[usize]) -> Option<kernels::Windows> {
    let strides = node.ints("strides");
    let images = [images[0], images[1], images[2], images[3]];
    let stride = [strides[1] as usize, strides[2] as usize];
    kernels::Windows::new(images, [window[0], window[1]], stride, node.text("padding") == "SAME")
}

/// Height and width of a pool's window.
fn ksize(node: &Node) -> [usize; 2] {
    let window = node.ints("ksize");
    [window[1] as usize, window[2] as usize]
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

fn sliding_attrs(op: &str, dtype: DType, strides: [i64; 4], padding: &str) -> Result<Attrs> {
    let mut attrs = typed("T", dtype);
    attrs.insert("strides", Attr::Ints(strides.to_vec()));
    attrs.insert("padding", padding_attr(op, padding)?);
    attrs.insert("data_format", Attr::Str("NHWC".into()));
    Ok(attrs)
}

/// The convolution of images `[batch, height, width, in]` with filters `[height, width, in, out]`:
/// `tf.nn.conv2d(input, filter, strides, padding)`. `padding` is `"SAME"` or `"VALID"`.
///
/// ```
/// use flowbook::v1 as tf;
/// let x = tf::placeholder(tf::float32, flowbook::shape![None, 28, 28, 1]);
/// let h = tf::nn::conv2d(x, tf::ones([5, 5, 1, 32]), [1, 2, 2, 1], "SAME");
/// assert_eq!(h.shape().to_string(), "(?, 14, 14, 32)");
/// ```
///
/// # Panics
/// `ValueError` when ranks or depths do not fit, or no window fits on the image.
#[track_caller]
pub fn conv2d(input: impl IntoTensor, filter: impl IntoTensor, strides: [i64; 4], padding: &str) -> Tensor {
    let (input, filter) = (input.into_operand(), filter.into_operand());
    let graph = graph_of(&[&input, &filter]);
    build(graph, || {
        let scope = Scope::open(graph, "Conv2D");
        let input = input.tensor(&scope, "input", None)?;
        let filter = filter.tensor(&scope, "filter", Some(input.dtype()))?;
        let mut attrs = sliding_attrs("Conv2D", input.dtype(), strides, padding)?;
        attrs.insert("dilations", Attr::Ints(vec![1; 4]));
        attrs.insert("explicit_paddings", Attr::Ints(Vec::new()));
        attrs.insert("use_cudnn_on_gpu", Attr::Bool(true));
        Ok(scope.op(&CONV2D, &[input, filter], attrs)?.output(0))
    })
}

fn infer_pool(infer: &Infer) -> Result<Vec<Signature>> {
    infer.allow(0, "value", Types::Floats)?;
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
    let windows = device_windows(call.node, &images.shape, &ksize(call.node))?;
    Some(kernels::max_pool(output.device_type()?, &windows, images.address, output.address))
})
.gradient(|g| vec![Some(backprop(g, &MAX_POOL_GRAD, &[g.input(0), g.output(), g.dy()]))])
.samples(&[Sample {
    inputs: &[(&[2, 4, 5, 2], -1.0, 1.0)],
    build: |x| max_pool(x[0], [1, 2, 2, 1], [1, 2, 2, 1], "SAME"),
}]);

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
fn pool(def: &'static OpDef, value: impl IntoTensor, ksize: [i64; 4], strides: [i64; 4], padding: &str) -> Tensor {
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
