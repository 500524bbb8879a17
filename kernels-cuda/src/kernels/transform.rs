//! Images seen through a projective transform: what turns, shifts and zooms them.

use super::{counting, flat, size};
use crate::launch::{Address, Arg, Work};

/// Sums and products are rounded one by one, as on a processor without fused ones: where a place lies between pixels
/// decides which pixels are read.
const TEXT: &str = r#"
static __device__ __forceinline__ long long mirrored(float place, long long step, long long size) {
    // What is too far away to count lies anywhere.
    long long at = (place > -1e15f && place < 1e15f ? (long long)place : 0) + step;
    long long period = 2 * size, in = (at % period + period) % period;
    return in < size ? in : period - 1 - in;
}
static __device__ __forceinline__ float along(const float* t, float x, float y, float end) {
    return __fadd_rn(__fadd_rn(__fmul_rn(t[0], x), __fmul_rn(t[1], y)), end);
}
static __device__ __forceinline__ float between(float a, float b, float share) {
    return __fadd_rn(__fmul_rn(a, 1.0f - share), __fmul_rn(b, share));
}

extern "C" __global__ void transform(const float* __restrict__ images, const float* __restrict__ transforms,
                                     float* __restrict__ to, long long height, long long width, long long channels,
                                     long long count) {
    EACH(e, count) {
        long long c = e % (I)channels, x = e / (I)channels % (I)width, y = e / (I)channels / (I)width % (I)height;
        long long image = e / (I)channels / (I)width / (I)height;
        const float* t = transforms + 8 * image;
        float k = along(t + 6, x, y, 1.0f);
        float u = along(t, x, y, t[2]) / k, v = along(t + 3, x, y, t[5]) / k;
        float left = floorf(u), top = floorf(v), right_share = u - left, low_share = v - top;
        float corners[4];
        for (int i = 0; i < 4; i++) {
            long long row = mirrored(top, i / 2, height), column = mirrored(left, i % 2, width);
            corners[i] = images[((image * height + row) * width + column) * channels + c];
        }
        float upper = between(corners[0], corners[1], right_share), lower = between(corners[2], corners[3], right_share);
        to[e] = between(upper, lower, low_share);
    }
}
"#;

/// `float32` images `[batch, height, width, channels]`, each through its transform `a b c d e f g h`: the pixel `(x, y)` of
/// the result is what the image has at `((a x + b y + c) / k, (d x + e y + f) / k)`, `k = g x + h y + 1`, between pixels in
/// proportion, beyond the edge mirrored. `places` are those of the images, the transforms, the result:
/// `ImageProjectiveTransformV3`.
pub fn projective_transform([batch, height, width, channels]: [usize; 4], places: [Address; 3]) -> Vec<Work> {
    let count = batch * height * width * channels;
    let args = places.into_iter().map(Arg::Address).chain([height, width, channels, count].map(size)).collect();
    flat(counting(count, &[], TEXT), "transform", count, args)
}
