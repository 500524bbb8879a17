//! Images made larger or smaller: the ops that look up each pixel of the result in the source, and their gradients.

use crate::error::{Error, Result};
use crate::graph::{Attr, Built, Gradient, IntoTensor, Operand, Optional, Options, Scope, Tensor, build, setters};
use crate::ops::array::convert_to_tensor;
use crate::ops::elementwise::cast;
use crate::ops::nn::composed_as;
use crate::ops::shape::{expand_dims, squeeze};
use crate::ops::view::with_number;
use crate::ops::{Call, Infer, Kernel, OpDef, Sample, Signature, Types, typed};
use crate::{Array, DType, Shape};

/// The shape of a batch of images of another size, input `i` being the size.
fn infer_resized(infer: &Infer, dtype: DType) -> Result<Vec<Signature>> {
    infer.allow(0, "images", Types::Numbers)?;
    let images = match infer.shape(0).dims() {
        Some(dims) => <[Option<usize>; 4]>::try_from(dims).or_else(|_| {
            let text = format!("Shape must be rank 4 but is rank {}", dims.len());
            infer.fail(text, format!("input must be 4-dimensional{}", infer.shape(0).to_proto()))
        })?,
        None => [None; 4],
    };
    let [height, width] = match infer.vector(1, "size")? {
        None => [None; 2],
        Some(size) => match size[..] {
            [height, width] if height > 0 && width > 0 => [Some(height as usize), Some(width as usize)],
            [_, _] => {
                let text = "output dimensions must be positive";
                return infer.fail(text, text);
            }
            _ => {
                let text = format!("Dimension must be 2 but is {}", size.len());
                return infer.fail(text, format!("shape_t must have two elements[{}]", size.len()));
            }
        },
    };
    if images[1] == Some(0) || images[2] == Some(0) {
        let text = "input image must be of non-zero size";
        return infer.fail(text, text);
    }
    Ok(vec![(dtype, Shape::from([images[0], height, width, images[3]]))])
}

/// How places of the result are taken to the source.
#[derive(Clone, Copy)]
struct Scaler {
    scale: f32,
    /// Whether a pixel stands for its middle.
    centers: bool,
}

impl Scaler {
    fn new(call: &Call, from: usize, to: usize) -> Scaler {
        let scale = match call.node.bool("align_corners") && to > 1 {
            true => (from - 1) as f32 / (to - 1) as f32,
            false => from as f32 / to as f32,
        };
        Scaler { scale, centers: call.node.bool("half_pixel_centers") }
    }

    fn place(self, i: usize) -> f32 {
        if self.centers { (i as f32 + 0.5) * self.scale - 0.5 } else { i as f32 * self.scale }
    }

    /// The two neighbours of each place and the share of the second.
    fn between(self, from: usize, to: usize) -> Vec<(usize, usize, f32)> {
        let at = |i| {
            let place = self.place(i);
            let upper = (place.ceil().max(0.0) as usize).min(from - 1);
            ((place.floor().max(0.0) as usize).min(upper), upper, place - place.floor())
        };
        (0..to).map(at).collect()
    }

    /// The nearest pixel of each place.
    fn nearest(self, from: usize, to: usize, round: bool) -> Vec<usize> {
        let at = |i: usize| {
            let place = if self.centers { (i as f32 + 0.5) * self.scale } else { i as f32 * self.scale };
            let place = if round { place.round() } else { place.floor() };
            (place.max(0.0) as usize).min(from - 1)
        };
        (0..to).map(at).collect()
    }
}

/// Between four pixels in proportion to how near they are. The result is `float32`.
pub(crate) static RESIZE_BILINEAR: OpDef = OpDef::new(
    "ResizeBilinear",
    |infer| infer_resized(infer, DType::Float32),
    Kernel::Call(|call| {
        let images = call.input(0).to_array();
        let images = crate::ops::cast_array(&images, DType::Float32);
        let (Some(from), to) = (images.as_slice::<f32>(), call.output().slice_mut::<f32>()) else { return Ok(()) };
        let (a, b) = (&call.input(0).shape, &call.output().shape);
        let (rows, columns) = (between(call, 1, (a, b)), between(call, 2, (a, b)));
        let depth = b[3];
        for (image, out) in from.chunks((a[1] * a[2] * depth).max(1)).zip(to.chunks_mut((b[1] * b[2] * depth).max(1))) {
            let at = |row: usize, column: usize| &image[(row * a[2] + column) * depth..][..depth];
            for ((top, bottom, dy), line) in rows.iter().zip(out.chunks_mut((b[2] * depth).max(1))) {
                for ((left, right, dx), pixel) in columns.iter().zip(line.chunks_mut(depth.max(1))) {
                    let corners = [at(*top, *left), at(*top, *right), at(*bottom, *left), at(*bottom, *right)];
                    for (c, value) in pixel.iter_mut().enumerate() {
                        let upper = corners[0][c] + (corners[1][c] - corners[0][c]) * dx;
                        let lower = corners[2][c] + (corners[3][c] - corners[2][c]) * dx;
                        *value = upper + (lower - upper) * dy;
                    }
                }
            }
        }
        Ok(())
    }),
)
.gradient(|g| {
    let images = g.input(0);
    vec![images.dtype().is_floating().then(|| back(g, &RESIZE_BILINEAR_GRAD, [g.dy(), images])), None]
});

/// What [`Scaler::between`] says along an axis of images of sizes `from` that become `to`.
fn between(call: &Call, axis: usize, (from, to): (&[usize], &[usize])) -> Vec<(usize, usize, f32)> {
    Scaler::new(call, from[axis], to[axis]).between(from[axis], to[axis])
}

/// Each pixel's gradient to the four it came from. Inputs: the gradient, the images.
pub(crate) static RESIZE_BILINEAR_GRAD: OpDef = OpDef::new(
    "ResizeBilinearGrad",
    |infer| {
        infer.allow(1, "original_image", Types::Floats)?;
        Ok(vec![infer.inputs[1].clone()])
    },
    Kernel::Call(|call| {
        let (grads, out) = (call.input(0), call.output());
        let (a, b) = (&out.shape, &grads.shape);
        let (rows, columns) = (between(call, 1, (a, b)), between(call, 2, (a, b)));
        let depth = a[3];
        macro_rules! scatter {
            ($t:ty) => {{
                let (from, to) = (grads.slice::<f32>(), out.slice_mut::<$t>());
                to.fill(0.0);
                let images = from.chunks((b[1] * b[2] * depth).max(1));
                for (grads, image) in images.zip(to.chunks_mut((a[1] * a[2] * depth).max(1))) {
                    for (line, (top, bottom, dy)) in grads.chunks((b[2] * depth).max(1)).zip(&rows) {
                        for (pixel, (left, right, dx)) in line.chunks(depth.max(1)).zip(&columns) {
                            let shares = [
                                (*top, *left, (1.0 - dy) * (1.0 - dx)),
                                (*top, *right, (1.0 - dy) * dx),
                                (*bottom, *left, dy * (1.0 - dx)),
                                (*bottom, *right, dy * dx),
                            ];
                            for (row, column, share) in shares {
                                let place = &mut image[(row * a[2] + column) * depth..][..depth];
                                place.iter_mut().zip(pixel).for_each(|(x, dy)| *x += <$t>::from(dy * share));
                            }
                        }
                    }
                }
            }};
        }
        match out.dtype {
            DType::Float64 => scatter!(f64),
            _ => scatter!(f32),
        }
        Ok(())
    }),
);

/// The pixel that is nearest.
pub(crate) static RESIZE_NEAREST_NEIGHBOR: OpDef = OpDef::new(
    "ResizeNearestNeighbor",
    |infer| infer_resized(infer, infer.dtype(0)),
    Kernel::Call(|call| {
        let (from, to) = (call.input(0), call.output());
        with_number!(to.dtype, T => {
            let (from_data, to_data) = (from.slice::<T>(), to.slice_mut::<T>());
            each_nearest(call, &from.shape, &to.shape, |source, target, depth| {
                to_data[target..][..depth].copy_from_slice(&from_data[source..][..depth]);
            });
            Ok(())
        })
    }),
)
.gradient(|g| {
    let images = g.input(0);
    let Some([_, height, width, _]) = images.shape().sizes().and_then(|s| <[usize; 4]>::try_from(s).ok()) else {
        let sizes = crate::ops::shape::slice(crate::ops::shape::shape(images), [1], [2]);
        return vec![Some(back(g, &RESIZE_NEAREST_NEIGHBOR_GRAD, [g.dy(), sizes])), None];
    };
    let size = convert_to_tensor([height as i32, width as i32]);
    vec![Some(back(g, &RESIZE_NEAREST_NEIGHBOR_GRAD, [g.dy(), size])), None]
})
.samples(&[
    Sample { inputs: &[(&[1, 2, 3, 2], -1.0, 1.0)], build: |x| resize(x[0], [4, 4]).method("nearest").tensor() },
    Sample { inputs: &[(&[2, 4, 4, 1], -1.0, 1.0)], build: |x| resize(x[0], [3, 2]).method("nearest").tensor() },
]);

/// Each pixel's gradient to the one it came from. Inputs: the gradient, height and width of the images.
pub(crate) static RESIZE_NEAREST_NEIGHBOR_GRAD: OpDef = OpDef::new(
    "ResizeNearestNeighborGrad",
    |infer| infer_resized(infer, infer.dtype(0)),
    Kernel::Call(|call| {
        let (from, to) = (call.input(0), call.output());
        with_number!(to.dtype, T => {
            let (from_data, to_data) = (from.slice::<T>(), to.slice_mut::<T>());
            to_data.fill(T::default());
            each_nearest(call, &to.shape, &from.shape, |target, source, depth| {
                let places = to_data[target..][..depth].iter_mut();
                places.zip(&from_data[source..][..depth]).for_each(|(x, dy)| *x += *dy);
            });
            Ok(())
        })
    }),
);

/// For each pixel of images of sizes `b` where its nearest one begins in images of sizes `a`, where itself, and how many
/// channels both have.
fn each_nearest(call: &Call, a: &[usize], b: &[usize], mut f: impl FnMut(usize, usize, usize)) {
    let round = call.node.bool("align_corners");
    let along = |axis: usize| Scaler::new(call, a[axis], b[axis]).nearest(a[axis], b[axis], round);
    let (rows, columns, depth) = (along(1), along(2), b[3]);
    let mut target = 0;
    for image in 0..b[0] {
        for row in &rows {
            for column in &columns {
                f(((image * a[1] + row) * a[2] + column) * depth, target, depth);
                target += depth;
            }
        }
    }
}

/// The op of a gradient, with the attributes of the op it belongs to.
fn back(g: &Gradient, def: &'static OpDef, inputs: [Tensor; 2]) -> Tensor {
    let graph = g.dy().graph();
    let mut attrs = g.node().attrs.clone();
    attrs.insert("T", Attr::Type(g.dy().dtype()));
    build(graph, || Ok(Scope::open(graph, def.name).op(def, &inputs, attrs)?.output(0)))
}

/// `tf.image.ResizeMethod`.
#[expect(non_snake_case, reason = "TensorFlow's own spelling")]
pub mod ResizeMethod {
    /// Between four pixels in proportion to how near they are.
    pub const BILINEAR: &str = "bilinear";
    /// The pixel that is nearest.
    pub const NEAREST_NEIGHBOR: &str = "nearest";
}

/// The op of that method.
fn method_named(method: &str) -> &'static OpDef {
    match method {
        "bilinear" => &RESIZE_BILINEAR,
        "nearest" => &RESIZE_NEAREST_NEIGHBOR,
        _ => Error::Value(format!("Resize method is not implemented: {method}")).raise(),
    }
}

/// The optional arguments of [`resize`] and [`resize_images`].
#[derive(Clone, Copy)]
pub struct Resize {
    method: &'static OpDef,
    keeps_ratio: bool,
    align_corners: bool,
    centers: bool,
}

impl Resize {
    /// As TensorFlow 2 resizes: pixels stand for their middles.
    pub(crate) const CENTERED: Resize =
        Resize { method: &RESIZE_BILINEAR, keeps_ratio: false, align_corners: false, centers: true };
    const CORNERED: Resize = Resize { centers: false, ..Resize::CENTERED };
}

/// The larger of the sizes with the image's proportions that fit into the ones asked for.
fn in_proportion([height, width]: [usize; 2], asked: [i64; 2]) -> [i64; 2] {
    let scale = (asked[0] as f32 / height as f32).min(asked[1] as f32 / width as f32);
    [height, width].map(|n| (scale * n as f32).round_ties_even() as i64)
}

impl Options for Resize {
    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        let images = convert_to_tensor(operands[0].clone());
        let graph = images.graph();
        let size = graph.as_default(|| convert_to_tensor(operands[1].clone()));
        let rank = images.shape().rank();
        let text = match rank {
            Some(3 | 4) => None,
            Some(_) => Some("'images' must have either 3 or 4 dimensions."),
            None => Some("'images' contains no shape."),
        };
        if let Some(text) = text {
            Error::Value(text.into()).raise();
        }
        let wanted = "'size' must be a 1-D Tensor of 2 elements: new_height, new_width";
        if !size.shape().accepts(&[2]) && size.shape().sizes().is_some() {
            Error::Value(wanted.into()).raise();
        }
        composed_as(images, "resize", |scope| {
            let batch = if rank == Some(3) { expand_dims(images, 0) } else { images };
            let known = graph.data().constant_value(size.output()).map(crate::ops::ints);
            let own = batch.shape().dims().and_then(|d| Some([d[1]?, d[2]?]));
            let (size, known) = match (self.keeps_ratio, own, known) {
                (true, Some(own), Some(asked)) => {
                    let fitting = in_proportion(own, [asked[0], asked[1]]);
                    let array = Array::new(fitting.map(|n| n as i32).to_vec(), &[2]);
                    (scope.constant("size", array)?, Some(fitting.to_vec()))
                }
                (true, ..) => {
                    let text = "preserve_aspect_ratio needs images and a size that are known";
                    return Err(Error::Value(text.into()));
                }
                (false, _, known) => (size, known),
            };
            let unchanged = own.zip(known).is_some_and(|(own, n)| own.map(|n| n as i64)[..] == n[..]);
            let resized = match unchanged {
                true if self.method.name == RESIZE_BILINEAR.name => cast(batch, DType::Float32),
                true => batch,
                false => {
                    let mut attrs = typed("T", batch.dtype());
                    attrs.insert("align_corners", Attr::Bool(self.align_corners));
                    attrs.insert("half_pixel_centers", Attr::Bool(self.centers));
                    Scope::open(graph, self.method.name).op(self.method, &[batch, size], attrs)?.output(0)
                }
            };
            Ok(if rank == Some(3) { squeeze(resized, &[0]) } else { resized })
        })
    }
}

setters! { Resize {
    /// How pixels of the result come from those of the source, `method=`: `"bilinear"`, unless given, or `"nearest"`.
    method(method: &str) |options| options.method = method_named(method);
    /// Whether the images keep their proportions, and become no larger than asked for: `preserve_aspect_ratio=`.
    preserve_aspect_ratio(yes: bool) |options| options.keeps_ratio = yes;
} }

impl Built<Optional<Resize>> {
    /// Whether the middles of the corner pixels stay corners, `align_corners=`, which TensorFlow 2 has no longer.
    #[track_caller]
    pub fn align_corners(self, yes: bool) -> Self {
        self.with(|call| call.options.align_corners = yes)
    }
}

/// The images in another size `[height, width]`: TensorFlow 2's `tf.image.resize`. The result is `float32`, unless the
/// method is `"nearest"`.
///
/// # Panics
/// `ValueError` unless the images are `[height, width, channels]` or a batch of such, and the size two numbers.
#[track_caller]
pub fn resize(images: impl IntoTensor, size: impl IntoTensor) -> Built<Optional<Resize>> {
    Built::composed([convert_to_tensor(images), convert_to_tensor(size)], Resize::CENTERED)
}

/// The images in another size `[height, width]`: TensorFlow 1's `tf.image.resize_images`, where pixels stand for their upper
/// left corners.
///
/// ```
/// use flowbook::v1 as tf;
/// let wide = tf::image::resize_images([[[1.0], [3.0]]], [1, 4]);
/// assert_eq!(tf::Session::new().run(tf::reshape(wide, [-1]))?.to_string(), "[1. 2. 3. 3.]");
/// # Ok::<(), flowbook::Error>(())
/// ```
///
/// # Panics
/// As [`resize`].
#[track_caller]
pub fn resize_images(images: impl IntoTensor, size: impl IntoTensor) -> Built<Optional<Resize>> {
    Built::composed([convert_to_tensor(images), convert_to_tensor(size)], Resize::CORNERED)
}
