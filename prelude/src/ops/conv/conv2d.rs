//! Convolutions are matrix products of the windows' contents: `gemm::images` multiplies them where they lie; here they are
//! laid out as rows, for what is not for it.

use flowbook_cuda::{Address, Convolution, Convolved, Work, kernels};

use super::loops::with_float;
use super::{backprop, check_strides, device_windows, four, slid, sliding_attrs, windows_of};
use crate::error::{Error, Result};
use crate::graph::{Attr, IntoTensor, Scope, Tensor, build, graph_of};
use crate::ops::device::{DeviceCall, Place, tensor_float_32};
use crate::ops::gemm::images;
use crate::ops::matmul::{Sizes, product};
use crate::ops::shape::shape_n;
use crate::ops::windows::Windows;
use crate::ops::{Call, Infer, Kernel, OpDef, Sample, Signature, Types, View, parallel};
use crate::{DType, Shape};

/// About how many elements the rows of the images that are multiplied at once have, so that they stay in the caches.
const TOGETHER: usize = 1 << 19;

/// How many images are multiplied at once, the elements of one image's rows, and room for the rows of all of them.
fn scratch<T: Default + Clone>(windows: &Windows, images: usize) -> (usize, usize, Vec<T>) {
    let size = windows.count() * windows.len();
    let together = (TOGETHER / size.max(1)).clamp(1, images.max(1));
    (together, size, vec![T::default(); together * size])
}

pub(crate) static CONV2D: OpDef = OpDef::new(
    "Conv2D",
    |infer| {
        infer.same_type(&["input", "filter"])?;
        if infer.dtype(0) != DType::Int32 {
            infer.allow(0, "input", Types::Floats)?;
        }
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
        if call.output().dtype == DType::Int32 {
            convolve_integers(&windows, call);
            return Ok(());
        }
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

/// A convolution of integers, which wraps around as their products and sums do.
fn convolve_integers(windows: &Windows, call: &Call) {
    let (images, filter) = (call.input(0).slice::<i32>(), call.input(1).slice::<i32>());
    let (channels, filters) = (windows.channels, call.input(1).shape[3]);
    let (from, to) = (windows.image_len().max(1), (windows.count() * filters).max(1));
    let results = call.output().slice_mut::<i32>().chunks_exact_mut(to);
    for (image, out) in images.chunks_exact(from).zip(results) {
        out.fill(0);
        windows.visit_rows(|window, under, at, pixels| {
            let out = &mut out[window * filters..][..filters];
            let rows = filter[under * filters..].chunks_exact(filters);
            for (x, weights) in image[at..][..pixels * channels].iter().zip(rows) {
                out.iter_mut().zip(weights).for_each(|(o, w)| *o = o.wrapping_add(x.wrapping_mul(*w)));
            }
        });
    }
}

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
    let floats = call.output().dtype.is_floating();
    let (dtype, filters) = (call.output().device_type().filter(|_| floats)?, filter.shape[3]);
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
