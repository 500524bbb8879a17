//! Images seen through a projective transform: what turns, shifts and zooms them.

use flowbook_cuda::kernels;

use crate::DType;
use crate::error::Result;
use crate::graph::{Attr, IntoTensor, Scope, Tensor, build, graph_of};
use crate::ops::{Call, Kernel, OpDef, typed};

/// Inputs: images `[batch, height, width, channels]`, and for each eight numbers `a b c d e f g h` that take the pixel
/// `(x, y)` of the result to the place `((a x + b y + c) / k, (d x + e y + f) / k)`, `k = g x + h y + 1`, of the source.
/// Values between pixels are interpolated; beyond the edge the image is mirrored.
pub(crate) static IMAGE_PROJECTIVE_TRANSFORM: OpDef = OpDef::new(
    "ImageProjectiveTransformV3",
    |infer| {
        let ranks = (infer.shape(0).rank(), infer.shape(1).rank());
        if let (Some(images), Some(transforms)) = ranks
            && (images != 4 || transforms != 2)
        {
            let text = format!("images must be of rank 4 and transforms of rank 2, not {images} and {transforms}");
            return infer.fail(text.clone(), text);
        }
        Ok(vec![infer.inputs[0].clone()])
    },
    Kernel::Call(run),
)
.cuda(|call| {
    let (images, output) = (call.input(0), call.output());
    let [batch, height, width, channels] = images.shape[..] else { return None };
    let places = [images.address, call.input(1).address, output.address];
    let is_float = images.dtype == DType::Float32;
    is_float.then(|| kernels::projective_transform([batch, height, width, channels], places))
});

/// A place outside `0..size`, mirrored back into it, edge pixels included.
fn reflect(place: isize, size: usize) -> usize {
    let period = 2 * size as isize;
    let place = place.rem_euclid(period);
    if place < size as isize { place as usize } else { (period - 1 - place) as usize }
}

fn run(call: &Call) -> Result<()> {
    let [_, height, width, channels] = call.input(0).shape[..] else { return Ok(()) };
    let size = height * width * channels;
    let images = call.input(0).slice::<f32>().chunks(size.max(1));
    let results = call.output().slice_mut::<f32>().chunks_mut(size.max(1));
    for ((image, result), t) in images.zip(results).zip(call.input(1).slice::<f32>().chunks(8)) {
        for (i, pixel) in result.chunks_mut(channels.max(1)).enumerate() {
            let (x, y) = ((i % width) as f32, (i / width) as f32);
            let k = t[6] * x + t[7] * y + 1.0;
            let (u, v) = ((t[0] * x + t[1] * y + t[2]) / k, (t[3] * x + t[4] * y + t[5]) / k);
            let (left, top) = (u.floor(), v.floor());
            let (right_share, low_share) = (u - left, v - top);
            let at = |row: isize, column: isize| {
                let place = reflect(top as isize + row, height) * width + reflect(left as isize + column, width);
                &image[place * channels..(place + 1) * channels]
            };
            let corners = [at(0, 0), at(0, 1), at(1, 0), at(1, 1)];
            for (c, value) in pixel.iter_mut().enumerate() {
                let upper = corners[0][c] * (1.0 - right_share) + corners[1][c] * right_share;
                let lower = corners[2][c] * (1.0 - right_share) + corners[3][c] * right_share;
                *value = upper * (1.0 - low_share) + lower * low_share;
            }
        }
    }
    Ok(())
}

/// The images through their transforms.
#[track_caller]
pub(crate) fn transform(images: impl IntoTensor, transforms: impl IntoTensor) -> Tensor {
    let (images, transforms) = (images.into_operand(), transforms.into_operand());
    let graph = graph_of(&[&images, &transforms]);
    build(graph, || {
        let scope = Scope::open(graph, "ImageProjectiveTransformV3");
        let images = images.tensor(&scope, "images", None)?;
        let transforms = transforms.tensor(&scope, "transforms", None)?;
        let mut attrs = typed("dtype", images.dtype());
        attrs.insert("interpolation", Attr::Str("BILINEAR".into()));
        attrs.insert("fill_mode", Attr::Str("REFLECT".into()));
        Ok(scope.op(&IMAGE_PROJECTIVE_TRANSFORM, &[images, transforms], attrs)?.output(0))
    })
}
