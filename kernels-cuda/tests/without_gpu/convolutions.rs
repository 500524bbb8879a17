//! Convolutions by cuDNN, wherever it lies and whatever of it is missing.

use std::fs;

use flowbook_cuda::kernels::{Windows, convolution, convolution_scratch};
use flowbook_cuda::{Buffer, Convolution, Convolved, DType, Device, devices};

use crate::libraries::{compiler, whole};

/// With cuDNN's own parts beside it, of which one needs the other.
#[test]
fn images_are_convolved_by_cudnn_from_where_python_has_it() {
    let Some(libraries) = whole() else { return };
    let packages = "environment/lib/python3.12/site-packages/nvidia/cudnn/lib";
    fs::create_dir_all(libraries.0.join(packages)).unwrap();
    assert!(libraries.add("int fake_part(void) { return 1; }", "libcudnn_ops.so.9", &[]));
    let parts = ["libcudnn_cnn.so.9", "libcudnn.so.9"];
    assert!(libraries.add(
        "int fake_part(void); int fake_two(void) { return fake_part(); }",
        parts[0],
        &["-l:libcudnn_ops.so.9"]
    ));
    assert!(libraries.add(
        include_str!("../libraries/cudnn.c"),
        parts[1],
        &["-l:libcuda.so.1", "-l:libcudnn_cnn.so.9"]
    ));
    for name in ["libcudnn_ops.so.9", parts[0], parts[1]] {
        fs::rename(libraries.0.join(name), libraries.0.join(packages).join(name)).unwrap();
    }
    let (compiler, environment) = (compiler(&libraries), libraries.0.join("environment").display().to_string());
    libraries.run("convolutions::convolve_by_cudnn", &[("FLOWBOOK_NVRTC", &compiler), ("VIRTUAL_ENV", &environment)]);
}

#[test]
fn images_are_convolved_by_cudnn_unless_it_is_switched_off_or_has_no_such_windows() {
    let Some(libraries) = whole() else { return };
    assert!(libraries.add(include_str!("../libraries/cudnn.c"), "libcudnn.so.9", &["-l:libcuda.so.1"]));
    let compiler = compiler(&libraries);
    let library = ("FLOWBOOK_NVRTC", compiler.as_str());
    let out = libraries.run("convolutions::convolve_by_cudnn", &[library]);
    assert!(!out.contains("launch"), "what is left to do, the driver's own kernels do: {out}");
    let out = libraries.run("convolutions::convolve_by_cudnn_only_in_part", &[library]);
    assert_eq!(out.matches("launch unroll").count(), 2, "{out}");
    // What it recommends and then cannot do is done without it, and tried once only.
    let out =
        libraries.run("convolutions::convolve_by_cudnn_only_in_part", &[library, ("FAKE_CUDNN_LACKS_A_PART", "1")]);
    assert_eq!(out.matches("launch unroll").count(), 3, "{out}");
    let out = libraries.run("convolutions::convolve_by_cudnn_only_in_part", &[library, ("FLOWBOOK_CUDNN", "0")]);
    assert_eq!(out.matches("launch unroll").count(), 3, "{out}");
}

/// Images, filter, result and bias on the device, in whole numbers, with a convolution of them.
struct Images {
    convolution: Convolution,
    x: Vec<f32>,
    filter: Vec<f32>,
    y: Vec<f32>,
    bias: Vec<f32>,
    _buffers: Vec<Buffer>,
}

fn images(device: &dyn Device, what: Convolved, stride: usize) -> Images {
    let (windows, filters) = (Windows::new([4, 16, 16, 5], [3, 3], [stride; 2], true).unwrap(), 32);
    let whole = |count: usize, by: usize, of: usize| -> Vec<f32> {
        (0..count).map(|i| (i * by % of) as f32 - (of / 2) as f32).collect()
    };
    let (x, filter) = (whole(windows.batch * windows.image_len(), 7, 11), whole(windows.under() * filters, 5, 13));
    let (y, bias) = (whole(windows.batch * windows.windows() * filters, 3, 7), whole(filters, 9, 31));
    let mut buffers = Vec::new();
    let mut put = |values: &[f32]| {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_ne_bytes()).collect();
        let buffer = device.alloc(bytes.len()).unwrap();
        device.upload(buffer.address(), &bytes).unwrap();
        buffers.push(buffer);
        buffers.last().unwrap().address()
    };
    let (images, at_filter, result, at_bias) = (put(&x), put(&filter), put(&y), put(&bias));
    let bias_at = (what == Convolved::Result).then_some(at_bias);
    let scratch = device.alloc(convolution_scratch(DType::Float32, &windows, filters)).unwrap();
    let convolution = Convolution {
        what,
        dtype: DType::Float32,
        windows,
        filters,
        images,
        filter: at_filter,
        result,
        scratch: scratch.address(),
        bias: bias_at,
        tf32: false,
    };
    buffers.push(scratch);
    Images { convolution, x, filter, y, bias, _buffers: buffers }
}

impl Images {
    /// What the convolution has to give, and where: sums over every pixel under every window.
    fn wanted(&self) -> (u64, Vec<f32>) {
        let Convolution { what, windows: w, filters, .. } = &self.convolution;
        let mut to = match what {
            Convolved::Result => self.bias.repeat(w.batch * w.windows()),
            Convolved::Images => vec![0.0; self.x.len()],
            Convolved::Filter => vec![0.0; self.filter.len()],
        };
        let pixels = |b: usize, i: usize, j: usize, k: usize, l: usize| {
            let (row, column) =
                ((i * w.stride[0] + k).wrapping_sub(w.before[0]), (j * w.stride[1] + l).wrapping_sub(w.before[1]));
            (row < w.image[0] && column < w.image[1])
                .then(|| ((b * w.image[0] + row) * w.image[1] + column) * w.channels)
        };
        for window in 0..w.batch * w.windows() {
            let (b, i, j) = (window / w.windows(), window / w.count[1] % w.count[0], window % w.count[1]);
            for (k, l) in (0..w.window[0]).flat_map(|k| (0..w.window[1]).map(move |l| (k, l))) {
                let Some(pixel) = pixels(b, i, j, k, l) else { continue };
                for (c, o) in (0..w.channels).flat_map(|c| (0..*filters).map(move |o| (c, o))) {
                    let weight = ((k * w.window[1] + l) * w.channels + c) * filters + o;
                    let (at_x, at_y) = (pixel + c, window * filters + o);
                    match what {
                        Convolved::Result => to[at_y] += self.x[at_x] * self.filter[weight],
                        Convolved::Images => to[at_x] += self.filter[weight] * self.y[at_y],
                        Convolved::Filter => to[weight] += self.x[at_x] * self.y[at_y],
                    }
                }
            }
        }
        let c = &self.convolution;
        let place = match what {
            Convolved::Result => c.result,
            Convolved::Images => c.images,
            Convolved::Filter => c.filter,
        };
        (place, to)
    }
}

fn convolve(device: &dyn Device, what: Convolved, stride: usize) -> Images {
    let images = images(device, what, stride);
    for work in convolution(images.convolution.clone()) {
        device.run(&device.prepare(&work).unwrap()).unwrap();
    }
    images
}

/// What another test runs as a child process.
#[test]
#[ignore = "a child process of other tests"]
fn convolve_by_cudnn() {
    let device = &*devices()[0];
    for what in [Convolved::Result, Convolved::Images, Convolved::Filter] {
        let images = images(device, what, 1);
        let works: Vec<_> =
            convolution(images.convolution.clone()).iter().map(|w| device.prepare(w).unwrap()).collect();
        let recording = device.capture(&works).unwrap();
        let (place, want) = images.wanted();
        for _ in 0..2 {
            device.replay(&recording).unwrap();
            let mut bytes = vec![0; 4 * want.len()];
            device.download(place, &mut bytes).unwrap();
            let got: Vec<f32> = bytes.chunks_exact(4).map(|b| f32::from_ne_bytes(b.try_into().unwrap())).collect();
            // Sums of products of small whole numbers are exact.
            assert!(got == want, "{what:?}");
        }
    }
}

/// What another test runs as a child process: windows of stride 1, and such as begin nearer to the edge than they end.
#[test]
#[ignore = "a child process of other tests"]
fn convolve_by_cudnn_only_in_part() {
    let device = &*devices()[0];
    convolve(device, Convolved::Result, 1);
    convolve(device, Convolved::Result, 2);
    convolve(device, Convolved::Filter, 2);
}
