//! Histograms as TensorFlow makes them: version 1 with limits that grow by a tenth, version 2 with equal widths.

use std::sync::LazyLock;

use crate::proto::HistogramProto;

/// The upper limits of version 1's buckets: 0, and from 1e-12 on each a tenth more than the one before, both ways.
static LIMITS: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let positive: Vec<f64> = std::iter::successors(Some(1e-12), |v| Some(v * 1.1)).take_while(|v| *v < 1e20).collect();
    let negative = positive.iter().rev().map(|v| -v);
    let ends = |inner: Vec<f64>| [&[-f64::MAX][..], &inner, &[f64::MAX]].concat();
    ends(negative.chain([0.0]).chain(positive.iter().copied()).collect())
});

/// The histogram of `tf.summary.histogram` in TensorFlow 1. Neighbouring empty buckets are one.
///
/// ```
/// let histogram = flowbook_summary::histogram::v1([0.0, 0.0]);
/// assert_eq!(histogram.bucket_limit, [0.0, 1e-12, f64::MAX]);
/// assert_eq!(histogram.bucket, [0.0, 2.0, 0.0]);
/// ```
pub fn v1(values: impl IntoIterator<Item = f64>) -> HistogramProto {
    let limits: &[f64] = &LIMITS;
    let mut counts = vec![0.0; limits.len()];
    let mut proto = HistogramProto { min: f64::MAX, max: -f64::MAX, ..Default::default() };
    for value in values {
        let bucket = limits.partition_point(|limit| *limit <= value);
        counts[bucket.min(limits.len() - 1)] += 1.0;
        proto.min = proto.min.min(value);
        proto.max = proto.max.max(value);
        proto.num += 1.0;
        proto.sum += value;
        proto.sum_squares += value * value;
    }
    let empty = |count: f64| count <= 0.0;
    for run in counts.iter().zip(limits).collect::<Vec<_>>().chunk_by(|a, b| empty(*a.0) && empty(*b.0)) {
        let (count, limit) = run[run.len() - 1];
        proto.bucket.push(*count);
        proto.bucket_limit.push(*limit);
    }
    proto
}

/// The buckets of `tf.summary.histogram` in TensorFlow 2: left edge, right edge and count of each, all of one width.
/// When all values are the same, they are all in the last bucket, which has no width.
///
/// ```
/// let buckets = flowbook_summary::histogram::v2(&[0.0, 1.0, 2.0], 2);
/// assert_eq!(buckets, [[0.0, 1.0, 1.0], [1.0, 2.0, 2.0]]);
/// ```
pub fn v2(values: &[f64], buckets: usize) -> Vec<[f64; 3]> {
    let Some(last) = buckets.checked_sub(1) else { return Vec::new() };
    let min = values.iter().copied().fold(f64::INFINITY, f64::min);
    let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if values.is_empty() {
        return vec![[0.0; 3]; buckets];
    }
    if min == max {
        let mut all = vec![[max, max, 0.0]; buckets];
        all[last][2] = values.len() as f64;
        return all;
    }
    let width = (max - min) / buckets as f64;
    let edge = |i: usize| if i == buckets { max } else { min + width * i as f64 };
    let mut all: Vec<[f64; 3]> = (0..buckets).map(|i| [edge(i), edge(i + 1), 0.0]).collect();
    for value in values {
        let bucket = ((value - min) / width).floor() as usize;
        all[bucket.min(last)][2] += 1.0;
    }
    all
}
