//! The loops over one image.

/// The loops over one image for one float type.
macro_rules! image_loops {
    ($module:ident, $t:ty) => {
        pub(super) mod $module {
            use crate::ops::simd::multiversioned;
            use crate::ops::windows::Windows;

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

/// Runs `$body` with `$t` as the float type of the output.
macro_rules! with_float {
    ($call:ident, $t:ident => $body:block) => {
        match $call.output().dtype {
            $crate::DType::Float64 => {
                #[allow(unused_imports, reason = "each kernel takes some of the loops")]
                use $crate::ops::conv::loops::f64_loops::{pass_max, pool_max, roll, unroll};
                type $t = f64;
                $body
            }
            _ => {
                #[allow(unused_imports, reason = "each kernel takes some of the loops")]
                use $crate::ops::conv::loops::f32_loops::{pass_max, pool_max, roll, unroll};
                type $t = f32;
                $body
            }
        }
    };
}
pub(super) use with_float;
