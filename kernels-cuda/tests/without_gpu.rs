//! What happens where something is missing, and that the driver is called as it must be: in child processes that find
//! libraries made for it, since a process looks for a device once.

#[path = "support/mod.rs"]
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use flowbook_cuda::kernels::{Windows, convolution, convolution_scratch};
use flowbook_cuda::{
    Activation, Arg, Buffer, Collective, Compiler, Convolution, Convolved, DType, Device, Error, Launch, Probe,
    Product, Shared, Work, device_name, devices, probe,
};

/// A directory with libraries of its own.
struct Libraries(PathBuf);

impl Libraries {
    fn new() -> Libraries {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("flowbook-libraries-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("the temporary directory is writable");
        Libraries(path)
    }

    /// Compiles a library; false, with a visible line, without a C compiler.
    fn add(&self, source: &str, name: &str, flags: &[&str]) -> bool {
        let file = self.0.join("source.c");
        fs::write(&file, source).expect("the directory is writable");
        let mut command = Command::new("cc");
        command.args(["-shared", "-fPIC", "-w", "-o"]).arg(self.0.join(name)).arg(&file);
        command.arg(format!("-Wl,-soname,{name}")).args(flags).arg(format!("-L{}", self.0.display()));
        let Ok(output) = command.stdin(Stdio::null()).output() else {
            support::skipped("the libraries for this test need a C compiler, and there is none");
            return false;
        };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        true
    }

    /// The driver, by both of its names.
    fn add_driver(&self, flags: &[&str]) -> bool {
        let made = self.add(include_str!("libraries/cuda.c"), "libcuda.so.1", flags);
        let _ = std::os::unix::fs::symlink("libcuda.so.1", self.0.join("libcuda.so"));
        made
    }

    /// What the child test of that name prints.
    fn run(&self, child: &str, variables: &[(&str, &str)]) -> String {
        let mut command = Command::new(std::env::current_exe().expect("a running test has a path"));
        command.args(["--exact", child, "--ignored", "--nocapture"]).env("LD_LIBRARY_PATH", &self.0);
        command.env("XDG_CACHE_HOME", self.0.join("cache"));
        for name in ["CUDA_VISIBLE_DEVICES", "FLOWBOOK_CUDA", "FLOWBOOK_NVRTC", "FLOWBOOK_CUDNN"] {
            command.env_remove(name);
        }
        let output =
            command.envs(variables.iter().copied()).stdin(Stdio::null()).output().expect("the test runs again");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{out}\n{err}");
        assert!(!err.contains("panicked"), "{err}");
        out.into_owned()
    }

    fn answer(&self, variables: &[(&str, &str)]) -> String {
        let out = self.run("say_what_is_found", variables);
        let mut lines = out.lines().filter_map(|line| line.split_once("FOUND: ")).map(|(_, text)| text.to_string());
        let answer = lines.next().unwrap_or_else(|| panic!("no answer in {out}"));
        assert!(lines.next().is_none(), "the answer is one line");
        answer
    }
}

impl Drop for Libraries {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What other tests run as a child process.
#[test]
#[ignore = "a child process of other tests"]
fn say_what_is_found() {
    match probe() {
        Probe::Device(device) => println!("FOUND: {device} {:?} {}", device_name(), devices().len()),
        Probe::Unavailable(reason) => {
            assert_eq!((device_name(), devices().len()), (None, 0));
            println!("FOUND: {reason}");
        }
    }
}

#[test]
fn hidden_devices_are_not_looked_for() {
    let libraries = Libraries::new();
    for hidden in ["", "-1"] {
        let answer = libraries.answer(&[("CUDA_VISIBLE_DEVICES", hidden)]);
        assert_eq!(answer, "CUDA_VISIBLE_DEVICES hides every device");
    }
}

#[test]
fn an_old_driver_is_said_to_be_old() {
    let libraries = Libraries::new();
    if !libraries.add_driver(&["-DOLD"]) {
        return;
    }
    let answer = libraries.answer(&[]);
    assert!(answer.starts_with("the NVIDIA driver is too old (it has no cu"), "{answer}");
    assert!(answer.ends_with("CUDA 12 is needed: update the NVIDIA driver"), "{answer}");
    assert!(libraries.add_driver(&[]));
    let answer = libraries.answer(&[("FAKE_VERSION", "11080")]);
    assert_eq!(answer, "the NVIDIA driver is for CUDA 11.8; CUDA 12 is needed: update the NVIDIA driver");
}

#[test]
fn a_driver_without_a_device_or_without_a_compiler_is_not_enough() {
    let libraries = Libraries::new();
    if !libraries.add_driver(&[]) {
        return;
    }
    assert_eq!(libraries.answer(&[("FAKE_DEVICES", "0")]), "the NVIDIA driver sees no device");
    let missing = libraries.0.join("nothing.so").display().to_string();
    assert_eq!(
        libraries.answer(&[("FLOWBOOK_NVRTC", &missing)]),
        format!("{missing} is no library that can be opened")
    );
    let driver = libraries.0.join("libcuda.so.1").display().to_string();
    let answer = libraries.answer(&[("FLOWBOOK_NVRTC", &driver)]);
    assert!(answer.starts_with(&format!("{driver} is no CUDA run-time compiler that can be used")), "{answer}");
    if Compiler::find(12).is_ok() {
        support::skipped("a driver without a compiler: this machine has one");
        return;
    }
    let answer = libraries.answer(&[]);
    assert!(answer.starts_with("the CUDA run-time compiler (libnvrtc) was not found; install"), "{answer}");
}

#[test]
fn emulated_devices_are_used_when_they_are_asked_for() {
    for (asked, found) in [
        ("emulated", "Some(\"/device:GPU:0\") [16384 MiB]"),
        ("emulated:64M", "Some(\"/device:GPU:0\") [64 MiB]"),
        ("emulated:2:64M", "Some(\"/device:GPU:0\") [64 MiB, 64 MiB]"),
    ] {
        let out =
            Libraries::new().run("say_what_is_emulated", &[("FLOWBOOK_CUDA", asked), ("CUDA_VISIBLE_DEVICES", "")]);
        assert!(out.contains(&format!("FOUND: {found}")), "{asked}: {out}");
    }
}

/// What another test runs as a child process.
#[test]
#[ignore = "a child process of other tests"]
fn say_what_is_emulated() {
    let memory = |device: &Arc<dyn Device>| format!("{} MiB", device.info().memory >> 20);
    let memories: Vec<String> = devices().iter().map(memory).collect();
    println!("FOUND: {:?} [{}]", device_name(), memories.join(", "));
    for (i, device) in devices().iter().enumerate() {
        assert_eq!((&*device.info().name, device.info().index), ("emulated on the CPU", i));
    }
}

/// All libraries, with a driver that runs what it is given when it is waited for.
fn whole() -> Option<Libraries> {
    let libraries = Libraries::new();
    let made = libraries.add_driver(&[])
        && libraries.add(include_str!("libraries/nvrtc.c"), "libnvrtc.so.12", &[])
        && libraries.add(include_str!("libraries/cublas.c"), "libcublas.so.12", &["-l:libcuda.so.1"])
        && libraries.add(include_str!("libraries/cublaslt.c"), "libcublasLt.so.12", &["-l:libcuda.so.1"]);
    made.then_some(libraries)
}

fn compiler(libraries: &Libraries) -> String {
    libraries.0.join("libnvrtc.so.12").display().to_string()
}

#[test]
fn a_device_is_described_in_one_line() {
    let Some(libraries) = whole() else { return };
    let answer = libraries.answer(&[("FLOWBOOK_NVRTC", &compiler(&libraries)), ("FAKE_DEVICES", "2")]);
    assert_eq!(answer, "Fake 0, compute capability 9.0, 0.2 GiB Some(\"/device:GPU:0\") 2");
}

#[test]
fn a_compiler_in_pythons_packages_is_found() {
    let libraries = Libraries::new();
    if !libraries.add_driver(&[]) {
        return;
    }
    let packages = "environment/lib/python3.12/site-packages/nvidia/cu13/lib";
    fs::create_dir_all(libraries.0.join(packages)).unwrap();
    assert!(libraries.add(include_str!("libraries/nvrtc.c"), "libnvrtc.so.13", &[]));
    fs::rename(libraries.0.join("libnvrtc.so.13"), libraries.0.join(packages).join("libnvrtc.so.13")).unwrap();
    let environment = libraries.0.join("environment").display().to_string();
    let answer = libraries.answer(&[("VIRTUAL_ENV", &environment), ("FAKE_VERSION", "13000")]);
    assert!(answer.starts_with("Fake 0, compute capability 9.0"), "{answer}");
    if Compiler::find(12).is_err() {
        // A compiler newer than the driver makes code that the driver does not know.
        let answer = libraries.answer(&[("VIRTUAL_ENV", &environment), ("FAKE_VERSION", "12080")]);
        assert!(answer.starts_with("the CUDA run-time compiler (libnvrtc) was not found"), "{answer}");
    }
}

#[test]
fn the_driver_is_called_as_it_must_be() {
    let Some(libraries) = whole() else { return };
    libraries.run("use_the_device", &[("FLOWBOOK_NVRTC", &compiler(&libraries))]);
    let cache: Vec<_> = fs::read_dir(libraries.0.join("cache/flowbook/kernels")).unwrap().flatten().collect();
    assert!(!cache.is_empty(), "compiled kernels are kept");
    // From the cache, and with entries that are damaged.
    libraries.run("use_the_device", &[("FLOWBOOK_NVRTC", &compiler(&libraries))]);
    cache.iter().for_each(|entry| damage(&entry.path()));
    libraries.run("use_the_device", &[("FLOWBOOK_NVRTC", &compiler(&libraries))]);
}

fn damage(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    bytes[0] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// What another test runs as a child process, with a driver of its own.
#[test]
#[ignore = "a child process of other tests"]
fn use_the_device() {
    let device = &*devices()[0];
    upload_and_download(device);
    run_out_of_memory(device);
    create_and_drop(device);
    record_and_replay(device);
    multiply(device);
}

fn upload_and_download(device: &dyn Device) {
    for count in [0, 1, 1000, (2 << 20) + 1, 33 << 20] {
        let buffer = device.alloc(count).unwrap();
        assert_eq!(buffer.address() % 256, 0);
        let bytes: Vec<u8> = (0..count).map(|i| (i % 251) as u8).collect();
        device.upload(buffer.address(), &bytes).unwrap();
        let mut back = vec![0; count];
        device.download(buffer.address(), &mut back).unwrap();
        assert!(back == bytes, "{count} bytes come back as they went");
    }
    // More uploads than there are slots for, all waiting: none may overwrite another.
    let buffers: Vec<_> = (0..40).map(|_| device.alloc(4).unwrap()).collect();
    for (i, buffer) in buffers.iter().enumerate() {
        device.upload(buffer.address(), &(i as u32).to_ne_bytes()).unwrap();
    }
    for (i, buffer) in buffers.iter().enumerate() {
        assert_eq!(int(device, buffer.address()), i as i32);
    }
}

fn int(device: &dyn Device, at: u64) -> i32 {
    let mut bytes = [0; 4];
    device.download(at, &mut bytes).unwrap();
    i32::from_ne_bytes(bytes)
}

fn run_out_of_memory(device: &dyn Device) {
    let before = device.memory().unwrap();
    let held = device.alloc(100 << 20).unwrap();
    let report = device.memory().unwrap();
    assert_eq!(report.held, before.held + (100 << 20));
    let Err(Error::OutOfMemory { asked, free, total, .. }) = device.alloc(200 << 20) else { panic!("it fits") };
    assert_eq!((asked, total), (200 << 20, 256 << 20));
    assert_eq!(free, report.free);
    assert!(matches!(device.alloc(usize::MAX), Err(Error::OutOfMemory { .. })));
    // The device is as useful as before, and what was dropped can be had again in one piece.
    drop(held);
    drop(device.alloc(150 << 20).unwrap());
    assert_eq!(device.memory().unwrap().held, before.held);
}

fn create_and_drop(device: &dyn Device) {
    let before = device.memory().unwrap();
    for i in 0..1000 {
        let buffers = [1000, 50_000, 3 << 20].map(|bytes| device.alloc(bytes + i % 7).unwrap());
        device.upload(buffers[0].address(), &[1; 100]).unwrap();
    }
    let after = device.memory().unwrap();
    assert_eq!((after.held, after.free, after.total), (before.held, before.free, before.total));
}

fn record_and_replay(device: &dyn Device) {
    let text = "extern \"C\" __global__ void twice(int* at, int by) { *at = *at * 2 + by; }";
    let buffer = device.alloc(4).unwrap();
    let args = |by| vec![Arg::Address(buffer.address()), Arg::I32(by)];
    let launch = |by| Launch { source: text.into(), name: "twice".into(), grid: [1; 3], block: [1; 3], args: args(by) };
    let (zero, one, five) = (
        device.prepare(&Work::Zero { to: buffer.address(), bytes: 4 }).unwrap(),
        device.prepare(&Work::Launch(launch(1))).unwrap(),
        device.prepare(&Work::Launch(launch(5))).unwrap(),
    );
    device.upload(buffer.address(), &7i32.to_ne_bytes()).unwrap();
    device.run(&one).unwrap();
    assert_eq!(int(device, buffer.address()), 15);
    let recording = device.capture(&[zero, one.clone(), five]).unwrap();
    assert_eq!(int(device, buffer.address()), 15, "recording runs nothing");
    for _ in 0..3 {
        device.replay(&recording).unwrap();
        // (0 * 2 + 1) * 2 + 5
        assert_eq!(int(device, buffer.address()), 7);
    }
    device.run(&one).unwrap();
    device.synchronize().unwrap();
    assert_eq!(int(device, buffer.address()), 15);
    let wrong = Launch { source: "#error\n".into(), ..launch(1) };
    let Err(Error::Compile { log, .. }) = device.prepare(&Work::Launch(wrong)) else { panic!("it compiles") };
    assert!(log.contains("NVRTC_ERROR_COMPILATION") && log.contains("no!"), "{log}");
}

/// Products of whole numbers with two transposes or none, a batch of two, or one with bias and relu.
fn multiply(device: &dyn Device) {
    for dtype in [DType::Float32, DType::Float64] {
        for (ta, tb) in [(false, false), (true, false), (false, true), (true, true)] {
            multiply_once(device, dtype, [ta, tb], 2, Activation::None, false);
            multiply_once(device, dtype, [ta, tb], 1, Activation::None, true);
            multiply_once(device, dtype, [ta, tb], 1, Activation::Relu, true);
            multiply_once(device, dtype, [ta, tb], 1, Activation::Relu, false);
        }
    }
}

fn multiply_once(
    device: &dyn Device,
    dtype: DType,
    [ta, tb]: [bool; 2],
    batch: usize,
    activation: Activation,
    bias: bool,
) {
    let [m, n, k] = [40, 33, 50];
    let whole = |count: usize, by: usize, of: usize| (0..count).map(|i| (i * by % of) as i64 - of as i64 / 2).collect();
    let (a, b, add): (Vec<i64>, Vec<i64>, Vec<i64>) =
        (whole(batch * m * k, 7, 11), whole(k * n, 5, 13), whole(n, 3, 40));
    let put = |values: &[i64]| {
        let bytes: Vec<u8> = match dtype {
            DType::Float64 => values.iter().flat_map(|v| (*v as f64).to_ne_bytes()).collect(),
            _ => values.iter().flat_map(|v| (*v as f32).to_ne_bytes()).collect(),
        };
        let buffer = device.alloc(bytes.len()).unwrap();
        device.upload(buffer.address(), &bytes).unwrap();
        buffer
    };
    let size = dtype.size();
    let (on_a, on_b, on_add, to) = (put(&a), put(&b), put(&add), device.alloc(batch * m * n * size).unwrap());
    let product = Product::new(dtype, [m, n, k], on_a.address(), on_b.address(), to.address()).transposed(ta, tb);
    let mut product = Product { batch, activation, bias: bias.then(|| on_add.address()), ..product };
    product.a.step = m * k;
    device.run(&device.prepare(&Work::Product(product)).unwrap()).unwrap();
    let mut bytes = vec![0; batch * m * n * size];
    device.download(to.address(), &mut bytes).unwrap();
    let got = bytes.chunks_exact(size).map(|b| match dtype {
        DType::Float64 => f64::from_ne_bytes(b.try_into().unwrap()),
        _ => f32::from_ne_bytes(b.try_into().unwrap()).into(),
    });
    let left = |z: usize, i: usize, p: usize| a[z * m * k + if ta { p * m + i } else { i * k + p }];
    let right = |p: usize, j: usize| b[if tb { j * k + p } else { p * n + j }];
    let cell = |e: usize| {
        let sum = (0..k).map(|p| left(e / n / m, e / n % m, p) * right(p, e % n)).sum::<i64>();
        let sum = if bias { sum + add[e % n] } else { sum };
        (if activation == Activation::Relu { sum.max(0) } else { sum }) as f64
    };
    let (got, want): (Vec<f64>, Vec<f64>) = (got.collect(), (0..batch * m * n).map(cell).collect());
    assert_eq!(got, want, "{dtype:?} {ta} {tb} {batch} {activation:?} {bias}");
}

/// With cuDNN's own parts beside it, of which one needs the other.
#[test]
fn images_are_convolved_by_cudnn_from_where_python_has_it() {
    let Some(libraries) = whole() else { return };
    let packages = "environment/lib/python3.12/site-packages/nvidia/cudnn/lib";
    fs::create_dir_all(libraries.0.join(packages)).unwrap();
    assert!(libraries.add("int fake_part(void) { return 1; }", "libcudnn_ops.so.8", &[]));
    let parts = ["libcudnn_cnn.so.8", "libcudnn.so.8"];
    assert!(libraries.add(
        "int fake_part(void); int fake_two(void) { return fake_part(); }",
        parts[0],
        &["-l:libcudnn_ops.so.8"]
    ));
    assert!(libraries.add(include_str!("libraries/cudnn.c"), parts[1], &["-l:libcuda.so.1", "-l:libcudnn_cnn.so.8"]));
    for name in ["libcudnn_ops.so.8", parts[0], parts[1]] {
        fs::rename(libraries.0.join(name), libraries.0.join(packages).join(name)).unwrap();
    }
    let (compiler, environment) = (compiler(&libraries), libraries.0.join("environment").display().to_string());
    libraries.run("convolve_by_cudnn", &[("FLOWBOOK_NVRTC", &compiler), ("VIRTUAL_ENV", &environment)]);
}

#[test]
fn images_are_convolved_by_cudnn_unless_it_is_switched_off_or_has_no_such_windows() {
    let Some(libraries) = whole() else { return };
    assert!(libraries.add(include_str!("libraries/cudnn.c"), "libcudnn.so.9", &["-l:libcuda.so.1"]));
    let compiler = compiler(&libraries);
    let library = ("FLOWBOOK_NVRTC", compiler.as_str());
    let out = libraries.run("convolve_by_cudnn", &[library]);
    assert!(!out.contains("launch"), "what is left to do, the driver's own kernels do: {out}");
    let out = libraries.run("convolve_by_cudnn_only_in_part", &[library]);
    assert_eq!(out.matches("launch unroll").count(), 2, "{out}");
    let out = libraries.run("convolve_by_cudnn_only_in_part", &[library, ("FLOWBOOK_CUDNN", "0")]);
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

#[test]
fn several_devices_add_up_what_lies_on_them() {
    let Some(libraries) = whole() else { return };
    let variables = [("FLOWBOOK_NVRTC", &*compiler(&libraries)), ("FAKE_DEVICES", "3"), ("NCCL", "no")];
    if find_nccl() {
        support::skipped("devices without NCCL: this machine has it");
    } else {
        libraries.run("add_up", &variables);
    }
    assert!(libraries.add(include_str!("libraries/nccl.c"), "libnccl.so.2", &["-l:libcuda.so.1"]));
    libraries.run("add_up", &[variables[0], variables[1], ("NCCL", "yes")]);
}

/// Whether the loader finds NCCL without any help.
fn find_nccl() -> bool {
    // SAFETY: NCCL's initialisers have no conditions.
    unsafe { libloading::Library::new("libnccl.so.2") }.is_ok()
}

/// What another test runs as a child process, with three devices of its own.
#[test]
#[ignore = "a child process of other tests"]
fn add_up() {
    let devices = devices();
    assert_eq!(devices.len(), 3);
    let Some(collective) = Collective::open(devices) else {
        assert_eq!(std::env::var("NCCL").as_deref(), Ok("no"), "NCCL is there");
        return;
    };
    assert_eq!(std::env::var("NCCL").as_deref(), Ok("yes"), "NCCL is not there");
    // Value `i` of device `d` is 10 d + i: sums 30 + 3 i, means 10 + i.
    let at = |d: usize, i: usize| (10 * d + i) as f64;
    let singles: Vec<_> = devices.iter().map(|device| device.alloc(4 * 5).unwrap()).collect();
    let doubles: Vec<_> = devices.iter().map(|device| device.alloc(8 * 7).unwrap()).collect();
    for (d, device) in devices.iter().enumerate() {
        let single: Vec<u8> = (0..5).flat_map(|i| (at(d, i) as f32).to_ne_bytes()).collect();
        let double: Vec<u8> = (0..7).flat_map(|i| at(d, i).to_ne_bytes()).collect();
        device.upload(singles[d].address(), &single).unwrap();
        device.upload(doubles[d].address(), &double).unwrap();
    }
    let places = |buffers: &[flowbook_cuda::Buffer]| buffers.iter().map(|b| b.address()).collect::<Vec<_>>();
    let sum = Shared { addresses: places(&singles), dtype: DType::Float32, count: 5, mean: false };
    let mean = Shared { addresses: places(&doubles), dtype: DType::Float64, count: 7, mean: true };
    collective.all_reduce(&[sum.clone(), mean]).unwrap();
    for (d, device) in devices.iter().enumerate() {
        let (mut single, mut double) = ([0; 4 * 5], [0; 8 * 7]);
        device.download(singles[d].address(), &mut single).unwrap();
        device.download(doubles[d].address(), &mut double).unwrap();
        for (i, bytes) in single.chunks_exact(4).enumerate() {
            assert_eq!(f32::from_ne_bytes(bytes.try_into().unwrap()), 30.0 + 3.0 * i as f32);
        }
        for (i, bytes) in double.chunks_exact(8).enumerate() {
            assert_eq!(f64::from_ne_bytes(bytes.try_into().unwrap()), 10.0 + i as f64);
        }
    }
    let Err(Error::Invalid(_)) = collective.all_reduce(&[Shared { dtype: DType::Int32, ..sum.clone() }]) else {
        panic!("whole numbers are not added up")
    };
    let Err(Error::Invalid(_)) = collective.all_reduce(&[Shared { addresses: vec![0], ..sum }]) else {
        panic!("an address is missing")
    };
}
