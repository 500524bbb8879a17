//! Convolutions, pooling, and their gradients, against loops over every pixel under every window.

use flowbook_cuda::kernels::{
    Windows, avg_pool, avg_pool_gradient, convolution, convolution_scratch, max_pool, max_pool_gradient,
    projective_transform,
};
use flowbook_cuda::{Convolution, Convolved};

use crate::bench::{Bench, Element, On, close, floats, some};

fn cases() -> Vec<Windows> {
    let new = |sizes, window, stride, same| Windows::new(sizes, window, stride, same).unwrap();
    vec![
        new([2, 5, 4, 3], [2, 3], [1, 1], false),
        new([2, 5, 4, 3], [2, 3], [1, 1], true),
        new([1, 7, 6, 1], [3, 3], [2, 2], true),
        new([3, 6, 6, 2], [2, 2], [2, 2], false),
        new([1, 5, 5, 2], [1, 1], [1, 1], false),
        new([1, 7, 7, 1], [2, 2], [3, 3], false),
        new([2, 3, 3, 1], [5, 5], [1, 2], true),
        new([0, 4, 4, 2], [2, 2], [1, 1], false),
        // So much that a device may ask a library.
        new([9, 20, 20, 6], [4, 4], [1, 1], true),
    ]
}

/// Every pixel under every window: the window, the place within it, the place among the images.
fn visit(w: &Windows, mut f: impl FnMut(usize, usize, usize)) {
    for b in 0..w.batch {
        for (i, j) in (0..w.count[0]).flat_map(|i| (0..w.count[1]).map(move |j| (i, j))) {
            for (k, l) in (0..w.window[0]).flat_map(|k| (0..w.window[1]).map(move |l| (k, l))) {
                let (y, x) =
                    ((i * w.stride[0] + k).wrapping_sub(w.before[0]), (j * w.stride[1] + l).wrapping_sub(w.before[1]));
                if y < w.image[0] && x < w.image[1] {
                    let window = (b * w.count[0] + i) * w.count[1] + j;
                    f(window, k * w.window[1] + l, (b * w.image[0] + y) * w.image[1] + x);
                }
            }
        }
    }
}

fn numbers<T: Element>(bench: &Bench, on: &On<T>) -> Vec<f64> {
    bench.get(on).iter().map(|x| x.number()).collect()
}

const FILTERS: usize = 4;

fn check_convolution<T: Element>() {
    let Some(bench) = Bench::new() else { return };
    for w in cases() {
        let pooled = w.batch * w.windows();
        let (x, filter) = (some::<T>(w.batch * w.image_len(), 1), some::<T>(w.under() * FILTERS, 2));
        let (dy, bias) = (some::<T>(pooled * FILTERS, 3), some::<T>(FILTERS, 4));
        let (mut y, mut dx, mut df) = (vec![0.0; dy.len()], vec![0.0; x.len()], vec![0.0; filter.len()]);
        visit(&w, |window, place, pixel| {
            for (c, o) in (0..w.channels).flat_map(|c| (0..FILTERS).map(move |o| (c, o))) {
                let (at, weight, result) =
                    (pixel * w.channels + c, (place * w.channels + c) * FILTERS + o, window * FILTERS + o);
                y[result] += x[at].number() * filter[weight].number();
                dx[at] += dy[result].number() * filter[weight].number();
                df[weight] += x[at].number() * dy[result].number();
            }
        });
        y.iter_mut().enumerate().for_each(|(i, y)| *y += bias[i % FILTERS].number());
        let (on_x, on_filter, on_dy, on_bias) = (bench.put(&x), bench.put(&filter), bench.put(&dy), bench.put(&bias));
        let (to_y, to_x, to_f) = (bench.room::<T>(y.len()), bench.room::<T>(dx.len()), bench.room::<T>(df.len()));
        let scratch = bench.device.alloc(convolution_scratch(T::DTYPE, &w, FILTERS)).unwrap();
        let convolve = |what, [images, filter, result]: [u64; 3], bias| {
            let (dtype, scratch) = (T::DTYPE, scratch.address());
            let (windows, filters, tf32) = (w, FILTERS, false);
            let all = Convolution { what, dtype, windows, filters, images, filter, result, scratch, bias, tf32 };
            bench.run(&convolution(all));
        };
        convolve(Convolved::Result, [on_x.at(), on_filter.at(), to_y.at()], Some(on_bias.at()));
        convolve(Convolved::Images, [to_x.at(), on_filter.at(), on_dy.at()], None);
        convolve(Convolved::Filter, [on_x.at(), to_f.at(), on_dy.at()], None);
        // Sums of products of small whole numbers are exact.
        assert_eq!(numbers(&bench, &to_y), y, "{w:?}");
        assert_eq!(numbers(&bench, &to_x), dx, "{w:?}");
        assert_eq!(numbers(&bench, &to_f), df, "{w:?}");
    }
}

#[test]
fn convolutions_and_their_gradients() {
    check_convolution::<f32>();
    check_convolution::<f64>();
}

fn check_pooling<T: Element + PartialOrd>(of: fn(f64) -> T) {
    let Some(bench) = Bench::new() else { return };
    for w in cases() {
        let count = w.batch * w.windows() * w.channels;
        // Few different numbers, so that several pixels share a maximum.
        let (x, dy) = (some::<T>(w.batch * w.image_len(), 1), floats(count, 2).into_iter().map(of).collect::<Vec<_>>());
        let (mut best, mut sums, mut under) = (vec![f64::NEG_INFINITY; count], vec![0.0; count], vec![0.0; count]);
        let mut winner = vec![usize::MAX; count];
        visit(&w, |window, _, pixel| {
            for c in 0..w.channels {
                let (at, to) = (pixel * w.channels + c, window * w.channels + c);
                let v = x[at].number();
                if v > best[to] {
                    (best[to], winner[to]) = (v, at);
                }
                sums[to] += v;
                under[to] += 1.0;
            }
        });
        let (mut by_max, mut by_mean) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        winner.iter().zip(&dy).for_each(|(at, d)| by_max[*at] += d.number());
        visit(&w, |window, _, pixel| {
            for c in 0..w.channels {
                let from = window * w.channels + c;
                by_mean[pixel * w.channels + c] += dy[from].number() / under[from];
            }
        });
        let (on, on_dy) = (bench.put(&x), bench.put(&dy));
        let (to_max, to_mean) = (bench.room::<T>(count), bench.room::<T>(count));
        let (to_by_max, to_by_mean) = (bench.room::<T>(x.len()), bench.room::<T>(x.len()));
        bench.run(&max_pool(T::DTYPE, &w, on.at(), to_max.at()));
        bench.run(&avg_pool(T::DTYPE, &w, on.at(), to_mean.at()));
        bench.run(&max_pool_gradient(T::DTYPE, &w, [on.at(), to_max.at(), on_dy.at(), to_by_max.at()]));
        bench.run(&avg_pool_gradient(T::DTYPE, &w, on_dy.at(), to_by_mean.at()));
        assert_eq!(numbers(&bench, &to_max), best);
        let means: Vec<f64> = sums.iter().zip(&under).map(|(s, n)| s / n).collect();
        close(&numbers(&bench, &to_mean), &means, 1e-6);
        close(&numbers(&bench, &to_by_max), &by_max, 1e-6);
        close(&numbers(&bench, &to_by_mean), &by_mean, 1e-6);
    }
}

#[test]
fn pooling_and_its_gradients() {
    check_pooling::<f32>(|x| x as f32);
    check_pooling::<f64>(|x| x);
}

/// Where a transform takes pixels to pixels: shifted by two, turned by half a turn, and beyond the edge mirrored.
#[test]
fn images_are_shifted_turned_and_mirrored() {
    let Some(bench) = Bench::new() else { return };
    let [batch, height, width, channels] = [4, 3, 5, 2];
    let x: Vec<f32> = (0..batch * height * width * channels).map(|i| (i * i % 101) as f32).collect();
    let transforms: Vec<[f32; 8]> = vec![
        [1.0, 0.0, 2.0, 0.0, 1.0, 0.0, 0.0, 0.0],
        [-1.0, 0.0, 4.0, 0.0, -1.0, 2.0, 0.0, 0.0],
        // Halfway between two columns.
        [1.0, 0.0, 0.5, 0.0, 1.0, 0.0, 0.0, 0.0],
        // Every fourth row and column.
        [4.0, 0.0, 0.0, 0.0, 4.0, -4.0, 0.0, 0.0],
    ];
    let (on, by, to) = (bench.put(&x), bench.put(&transforms.concat()), bench.room::<f32>(x.len()));
    bench.run(&projective_transform([batch, height, width, channels], [on.at(), by.at(), to.at()]));
    let got = bench.get(&to);
    let mirrored = |place: i64, size: usize| {
        let mut all: Vec<usize> = (0..size).collect();
        all.extend((0..size).rev());
        all[place.rem_euclid(2 * size as i64) as usize]
    };
    let at = |b: usize, row: i64, column: i64, c: usize| {
        x[((b * height + mirrored(row, height)) * width + mirrored(column, width)) * channels + c]
    };
    for (e, got) in got.iter().enumerate() {
        let (c, column) = (e % channels, (e / channels % width) as i64);
        let (row, b) = ((e / channels / width % height) as i64, e / channels / width / height);
        let want = match b {
            0 => at(0, row, column + 2, c),
            1 => at(1, 2 - row, 4 - column, c),
            2 => (at(2, row, column, c) + at(2, row, column + 1, c)) / 2.0,
            _ => at(3, 4 * row - 4, 4 * column, c),
        };
        assert_eq!(*got, want, "element {e}");
    }
}
